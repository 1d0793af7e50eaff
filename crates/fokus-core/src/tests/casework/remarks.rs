use jiff::civil::date;

use super::*;
use crate::effective::Clocks;
use crate::rejection::Reason;
use crate::tests::journal::{check, no, yes};
use crate::views::status::status_of;
use crate::views::timeline::rows_of;

#[rustfmt::skip] // One row, one rule.
pub(super) fn rows() -> Vec<Row> {
    let (open, known) = (opened(), registered());
    let raised = open.clone().after(ask(flagging()));
    vec![
        yes(&open, ask(stating()), "PartyStatementAdded"),
        yes(&known, ask(AddPartyStatement { entry: None, ..stating() }), "PartyStatementAdded"),
        yes(&closed(), ask(stating()).on(2019, 8, 1), "PartyStatementAdded"),
        no(&open, ask(AddPartyStatement { person_id: UNCLE, ..stating() }),
           Reason::NotInFamily, "add_party_statement.person_id"),
        no(&open, ask(AddPartyStatement { entry: Some(EntryRef::Revision(9)), ..stating() }),
           Reason::UnknownId, "add_party_statement.entry"),
        no(&open, ask(AddPartyStatement { text: words("0101054000"), ..stating() }),
           Reason::CprInText, "add_party_statement.text"),

        yes(&open, ask(flagging()), "FlagRaised"),
        no(&raised, ask(flagging()), Reason::IdTaken, "raise_flag.flag_id"),
        no(&open, ask(RaiseFlag { due: Some(date(2019, 5, 31)), ..flagging() }),
           Reason::DateOrder, "raise_flag.due"),
        no(&known, ask(flagging()), Reason::NoLegalBasis, "legal_basis"),
        no(&open, ask(RaiseFlag { about: vec![UNCLE], ..flagging() }),
           Reason::NotInFamily, "raise_flag.about[0]"),
        yes(&raised, ask(resolving()), "FlagResolved"),
        no(&raised, ask(resolving()).on(2019, 5, 31), Reason::DateOrder, "occurred_at"),
        no(&open, ask(resolving()), Reason::UnknownId, "resolve_flag.flag_id"),
        no(&raised.clone().after(ask(resolving())), ask(resolving()),
           Reason::FlagState, "resolve_flag.flag_id"),

        yes(&open, ask(supervising()), "SupervisionNoteRecorded"),
        no(&open.clone().after(ask(supervising())), ask(supervising()),
           Reason::IdTaken, "record_supervision_note.note_id"),
        no(&known, ask(supervising()), Reason::NoLegalBasis, "legal_basis"),
        no(&open, ask(RecordSupervisionNote { about: vec![UNCLE], ..supervising() }),
           Reason::NotInFamily, "record_supervision_note.about[0]"),
    ]
}

#[test]
fn rules_on_what_stands_beside_the_journal() {
    check(rows());
}

#[test]
fn a_statement_is_about_who_makes_it_unless_others_are_named() {
    let about = |named: &[PersonId]| {
        let command = AddPartyStatement { about: named.to_vec(), ..stating() };
        let decided = opened().decide(&ask(command)).unwrap();
        decided.appends[0].1[0].personal[0].persons.clone()
    };
    assert_eq!(about(&[]), [MOTHER]);
    assert_eq!(about(&[MOTHER, YOUTH]), [MOTHER, YOUTH]);
}

#[test]
fn flags_show_until_they_are_resolved() {
    let flags = |journal: &Journal| {
        let row = status_of(&journal.history(FAMILY.into()), &Clocks::NOW).unwrap();
        row.flags.iter().map(|it| (it.kind, it.due)).collect::<Vec<_>>()
    };
    let raised = opened().after(ask(flagging()));
    assert_eq!(flags(&raised), [(FlagKind::Safety, Some(date(2019, 6, 15)))]);
    assert!(flags(&raised.after(ask(resolving()))).is_empty());
}

#[test]
fn notes_of_a_supervision_are_marked_and_no_notes_of_the_family() {
    let journal = opened().after(ask(note(1))).after(ask(supervising()));
    let history = journal.history(FAMILY.into());
    let rows = rows_of(&history, &Clocks::NOW, false);
    let marked: Vec<_> = rows.iter().filter(|it| it.of_supervision).map(|it| it.revision).collect();
    assert_eq!(marked, [6]);
    assert_eq!(status_of(&history, &Clocks::NOW).unwrap().notes, 1);
}
