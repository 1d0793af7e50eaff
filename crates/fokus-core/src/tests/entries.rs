//! RecordContact, RecordNote.

use super::crowd::crowd;
use super::journal::{Row, ask, check, no, yes};
use super::story::*;
use crate::codes::*;
use crate::command::*;
use crate::ids::{GoalId, PersonId};
use crate::rejection::Reason;

#[rustfmt::skip] // One row, one rule.
pub(super) fn rows() -> Vec<Row> {
    let (open, known) = (opened(), registered());
    let missed = |minutes| {
        ask(RecordContact { kind: ContactKind::NoShow, minutes, present: vec![], ..contact(1) })
    };
    let number = || ask(RecordContact { text: Some(words("Ring 0101054000")), ..contact(1) });
    let left = open.clone().after(ask(leaving(CHILD)));
    vec![
        yes(&open, ask(contact(1)), "ContactRecorded"),
        no(&people(), ask(contact(1)), Reason::UnknownId, "record_contact.family_id"),
        no(&open.clone().after(ask(contact(1))), ask(contact(1)),
           Reason::IdTaken, "record_contact.contact_id"),
        no(&open, ask(RecordContact { present: vec![MOTHER, UNCLE], ..contact(1) }),
           Reason::NotInFamily, "record_contact.present[1]"),
        no(&open, ask(RecordContact { about: vec![UNCLE], ..contact(1) }),
           Reason::NotInFamily, "record_contact.about[0]"),
        no(&open, ask(RecordContact { about: vec![UNCLE], text: None, ..contact(1) }),
           Reason::NotInFamily, "record_contact.about[0]"),
        yes(&left, ask(RecordContact { present: vec![CHILD], ..contact(1) }), "ContactRecorded"),
        no(&open, ask(RecordContact { goal_ids: vec![GoalId(NOBODY.0)], ..contact(1) }),
           Reason::UnknownId, "record_contact.goal_ids[0]"),
        yes(&open, missed(60), "ContactRecorded"),
        no(&open, missed(61), Reason::Implausible, "record_contact.minutes"),
        yes(&open, missed(61).confirming(Reason::Implausible), "ContactRecorded"),
        no(&open, missed(61).confirming(Reason::CprInText),
           Reason::Implausible, "record_contact.minutes"),
        no(&open, number(), Reason::CprInText, "record_contact.text"),
        yes(&open, number().confirming(Reason::CprInText), "ContactRecorded"),
        no(&known, ask(contact(1)), Reason::NoLegalBasis, "legal_basis"),
        yes(&known, ask(contact(1)).by_law(), "ContactRecorded"),
        no(&open, ask(contact(1)).on(2019, 2, 28), Reason::BeforeCase, "occurred_at"),
        yes(&open, ask(contact(1)).on(2019, 2, 28).by_law(), "ContactRecorded"),

        yes(&open, ask(note(1)), "NoteRecorded"),
        no(&open.clone().after(ask(note(1))), ask(note(1)), Reason::IdTaken, "record_note.note_id"),
        no(&open, ask(RecordNote { nature: NoteNature::Decision, ..note(1) }),
           Reason::UseDecision, "record_note.nature"),
        no(&open, ask(RecordNote { about: vec![UNCLE], ..note(1) }),
           Reason::NotInFamily, "record_note.about[0]"),
        no(&open, ask(RecordNote { source: Some(words("010105-4000")), ..note(1) }),
           Reason::CprInText, "record_note.source"),
        no(&known, ask(note(1)), Reason::NoLegalBasis, "legal_basis"),
        no(&open, ask(note(1)).on(2019, 2, 28), Reason::BeforeCase, "occurred_at"),
        no(&crowd(), ask(note(1)).by_law(), Reason::TooManySubjects, "record_note.about"),
        yes(&crowd(), ask(RecordNote { about: vec![UNCLE], ..note(1) }).by_law(), "NoteRecorded"),
    ]
}

#[test]
fn rules_on_contacts_and_notes() {
    check(rows());
}

#[test]
fn a_contact_is_about_those_named_or_present_or_all() {
    let about = |named: &[PersonId], present: &[PersonId]| {
        let (about, present) = (named.to_vec(), present.to_vec());
        let decided = opened().decide(&ask(RecordContact { about, present, ..contact(1) }));
        decided.unwrap().appends[0].1[0].personal[0].persons.clone()
    };
    assert_eq!(about(&[YOUTH], &[MOTHER]), [YOUTH]);
    assert_eq!(about(&[], &[MOTHER, CHILD, MOTHER]), [MOTHER, CHILD]);
    assert_eq!(about(&[], &[]), [MOTHER, YOUTH, CHILD]);
    let silent = RecordContact { text: None, ..contact(1) };
    let decided = opened().decide(&ask(silent)).unwrap();
    assert!(decided.appends[0].1[0].personal.is_empty(), "no text is about nobody");
}

#[test]
fn the_cases_basis_is_written_down_where_none_is_given() {
    let basis = |ask| opened().decide(&ask).unwrap().basis.unwrap().code;
    assert_eq!(basis(ask(note(1))), "SEL_11");
    let own = opened().after(ask(note(1)).by_law());
    assert_eq!(own.history(FAMILY.into()).last().unwrap().basis.clone().unwrap().code, "SEL_11");
    assert!(registered().decide(&ask(leaving(CHILD))).unwrap().basis.is_none());
}
