//! What a command reads and opens, and what its record comes to without the rules.

use super::journal::{Journal, ask, check, yes};
use super::story::*;
use crate::command::*;
use crate::decide::{build, opens, reads, reads_more};
use crate::effective::effective_now;
use crate::family;
use crate::ids::{PersonId, StreamRef};
use crate::rejection::Reason;
use crate::world::World;

fn stream(id: impl Into<StreamRef>) -> StreamRef {
    id.into()
}

fn loaded(journal: &Journal, streams: &[StreamRef]) -> World {
    let mut world = World::default();
    for it in streams {
        world.add(*it, journal.history(*it));
    }
    world
}

#[test]
fn the_stream_that_is_written_is_named_first() {
    let persons = [MOTHER, YOUTH, CHILD].map(stream);
    let family_first = [vec![stream(FAMILY)], persons.to_vec()].concat();
    assert_eq!(reads(&family().into()), family_first);
    assert_eq!(reads(&person(MOTHER).into()), [stream(MOTHER)]);
    assert_eq!(reads(&case().into()), [stream(FAMILY), stream(PROGRAMME), stream(ANNE)]);
    assert_eq!(reads(&contact(1).into()), [stream(FAMILY), stream(MOTHER)]);
    assert_eq!(reads(&note(1).into()), [stream(FAMILY)]);
    assert_eq!(reads(&track(YOUTH).into()), [stream(FAMILY), stream(YOUTH)]);
    assert_eq!(reads(&correction(joining(UNCLE)).into()), [stream(FAMILY), stream(UNCLE)]);
}

fn correction(corrected: impl Into<Command>) -> CorrectEntry {
    CorrectEntry {
        stream: FAMILY.into(),
        entry: EntryRef::Revision(1),
        reason: crate::codes::CorrectionReason::Typo,
        explanation: words("Misread"),
        corrected: corrected.into(),
        corrected_occurred: None,
    }
}

#[test]
fn a_referral_reads_those_who_have_not_left_and_a_triage_its_programme() {
    let journal = registered().after(ask(leaving(CHILD))).after(ask(referral(1)));
    let world = loaded(&journal, &[stream(FAMILY), stream(MOTHER)]);
    assert_eq!(reads_more(&referral(2).into(), &world), [stream(YOUTH)], "the mother is there");
    assert_eq!(reads_more(&triage(1).into(), &world), [stream(PROGRAMME)]);
    assert_eq!(reads_more(&triage(2).into(), &world), []);
    assert_eq!(reads_more(&contact(1).into(), &world), []);
}

#[test]
fn only_what_a_rule_needs_is_opened() {
    let journal = registered().after(ask(note(1)).by_law());
    let world = loaded(&journal, &[FAMILY.into(), MOTHER.into(), YOUTH.into()]);
    let event = |id: StreamRef, index: usize| journal.history(id)[index].event_id;
    assert_eq!(opens(&track(YOUTH).into(), &world), [event(YOUTH.into(), 0)]);
    let births = [event(MOTHER.into(), 0), event(YOUTH.into(), 0)];
    assert_eq!(opens(&referral(1).into(), &world), births);
    assert_eq!(opens(&contact(1).into(), &world), [event(MOTHER.into(), 0)]);
    assert_eq!(opens(&note(1).into(), &world), []);
    let of_note = CorrectEntry { entry: EntryRef::Revision(2), ..correction(note(1)) };
    assert_eq!(opens(&of_note.clone().into(), &world), [event(FAMILY.into(), 1)]);
    let unknown = CorrectEntry { entry: EntryRef::Revision(9), ..of_note };
    assert_eq!(opens(&unknown.into(), &world), []);
}

#[test]
fn a_record_is_built_without_the_rules_of_the_state() {
    let journal = opened();
    let built = |command: Command| {
        let world = journal.world(&command);
        build(&world, &command, &ask(command.clone()).circumstances())
    };
    assert!(built(case().into()).is_ok(), "neither the taken id nor the open case counts");
    let unresolved = built(judging(YOUTH, &[99]).into()).unwrap_err();
    assert_eq!(unresolved.reason, Reason::UnknownId);
    let impossible = built(JudgeRisk { reasoning: words("Short"), ..judging(YOUTH, &[1]) }.into());
    assert_eq!(impossible.unwrap_err().reason, Reason::ReasoningTooShort);
    assert_eq!(built(correction(case()).into()).unwrap_err().reason, Reason::NotCorrectable);
}

#[test]
fn a_text_with_a_number_is_warned_of_inside_a_correction_too() {
    let corrected = RecordNote { text: words("0101054000"), ..note(1) };
    let correction = CorrectEntry { entry: EntryRef::Revision(2), ..correction(corrected) };
    let journal = registered().after(ask(note(1)).by_law());
    let rejection = journal.decide(&ask(correction.clone())).unwrap_err();
    assert_eq!(rejection.reason, Reason::CprInText);
    assert!(rejection.confirmable);
    let path = rejection.field.unwrap_or_default();
    assert_eq!(path, "correct_entry.corrected.record_note.text");
    let confirmed = ask(correction).confirming(Reason::CprInText);
    check(vec![yes(&journal, confirmed, "EntryCorrected")]);
}

#[test]
fn every_part_of_a_familys_history_folds_to_the_same_state_alone() {
    let journal = running().after(ask(session(1))).after(ask(ending(1)).on(2019, 11, 20));
    let history = journal.history(FAMILY.into());
    for end in 0..=history.len() {
        let part = effective_now(&history[..end]);
        let state = part.iter().fold(family::State::default(), family::evolve);
        assert_eq!(state.entries.len(), end);
    }
    // Total: an end without its beginning changes nothing but what is remembered of entries.
    for entry in effective_now(&history).iter().skip(1) {
        let state = family::evolve(family::State::default(), entry);
        assert_eq!(state.entries.len(), 1);
    }
}

#[test]
fn a_member_is_one_until_the_day_of_leaving() {
    let journal = registered().after(ask(leaving(CHILD)));
    let world = journal.world(&contact(1).into());
    let state = &world.families.get(&FAMILY.0).unwrap().state;
    let present = |day| -> Vec<PersonId> { state.present(day).map(|it| it.person_id).collect() };
    assert_eq!(present(jiff::civil::date(2019, 5, 31)), [MOTHER, YOUTH, CHILD]);
    assert_eq!(present(jiff::civil::date(2019, 6, 1)), [MOTHER, YOUTH]);
}
