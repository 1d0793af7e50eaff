mod explanations;

use jiff::civil::date;
use serde_json::{Value, json};
use uuid::Uuid;

use super::*;
use crate::codes::*;
use crate::decide::decide;
use crate::effective::tests::recorded;
use crate::fact::*;
use crate::ids::*;
use crate::record::Opened;
use crate::time::Occurred;

const FAMILY: FamilyId = FamilyId(Uuid::from_u128(1));
const MOTHER: PersonId = PersonId(Uuid::from_u128(11));
const SON: PersonId = PersonId(Uuid::from_u128(12));
/// Revisions of the family's entries.
const REGISTRATION: u64 = 1;
const CONTACT: u64 = 2;
const NOTE: u64 = 3;
const JUDGEMENT: u64 = 4;

const REASONING: &str = "He was absent from school on eleven days of the last month.";
const CPR: &str = "0101054000";
const OTHER_CPR: &str = "0201054000";

/// A world to which what was decided is added.
struct Desk {
    world: World,
    last: Option<Decision>,
}

impl Desk {
    fn new() -> Self {
        let mut desk = Desk { world: World::default(), last: None };
        for person in [MOTHER, SON] {
            desk.record(person.into(), registered(person, false), &[("name", json!("x"))]);
        }
        let family = FAMILY.into();
        let member =
            |person_id, role| InitialMember { person_id, role, household: Household::Core };
        let registration = FamilyRegistered {
            family_id: FAMILY,
            reference: "FF-2019-001".to_owned(),
            initial_members: vec![
                member(MOTHER, FamilyRole::Mother),
                member(SON, FamilyRole::Child),
            ],
            source: FamilySource::Agency,
        };
        desk.record(family, Fact::FamilyRegistered(registration), &[]);
        let contact = build_fact(&desk.world, &Command::RecordContact(contact()));
        desk.record(family, contact, &[("text", json!("met"))]);
        let note = build_fact(&desk.world, &Command::RecordNote(note()));
        desk.record(family, note, &[("text", json!("noted"))]);
        let judgement = build_fact(&desk.world, &Command::JudgeRisk(judgement()));
        desk.record(family, judgement, &[("reasoning", json!(REASONING))]);
        desk
    }

    /// Adds an event with its personal fields, opened.
    fn record(&mut self, stream: StreamRef, fact: Fact, personal: &[(&str, Value)]) {
        let mut history = self.world.history(stream).to_vec();
        let mut event = recorded(history.len() as u64 + 1, fact);
        let number = (stream.id.as_u128() << 64) + u128::from(event.revision);
        event.event_id = EventId(Uuid::from_u128(number));
        for (name, value) in personal {
            let key = (event.event_id, (*name).to_owned());
            self.world.personal.insert(key, Opened::Known(value.clone()));
        }
        history.push(event);
        self.world.add(stream, history);
    }

    /// Decides the command and records what it means.
    fn run(&mut self, command: Command) -> Result<(), Rejection> {
        let decision = decide(&self.world, &command, &circumstances())?;
        for (stream, records) in &decision.appends {
            for record in records {
                let fields: Vec<(&str, Value)> = record
                    .personal
                    .iter()
                    .map(|it| (it.field.as_str(), it.value.clone()))
                    .collect();
                self.record(*stream, record.fact.clone(), &fields);
            }
        }
        self.last = Some(decision);
        Ok(())
    }

    /// The correction decided last, and its personal fields.
    fn correction(&self) -> (EntryCorrected, Vec<PersonalField>) {
        let record = &self.last.as_ref().unwrap().appends[0].1[0];
        let Fact::EntryCorrected(fact) = &record.fact else { panic!("a correction") };
        (fact.clone(), record.personal.clone())
    }

    fn claims(&self) -> (Vec<&'static str>, Vec<&'static str>) {
        let decision = self.last.as_ref().unwrap();
        let names = |claims: &[(StreamRef, ClaimKey)]| {
            claims.iter().map(|(_, key)| name_of(key)).collect::<Vec<_>>()
        };
        (names(&decision.claims), names(&decision.releases))
    }

    /// Erases a personal field of an entry.
    fn erase(&mut self, stream: StreamRef, revision: u64, field: &str) {
        let event = self.world.history(stream)[usize::try_from(revision).unwrap() - 1].event_id;
        self.world.personal.insert((event, field.to_owned()), Opened::Erased);
    }

    #[track_caller]
    fn refuses(&mut self, command: Command, reason: Reason, field: &str) {
        let refused = self.run(command).unwrap_err();
        assert_eq!((refused.reason, refused.field.as_deref()), (reason, Some(field)));
    }
}

fn name_of(key: &ClaimKey) -> &'static str {
    match key {
        ClaimKey::Cpr(it) if it == CPR => "CPR",
        ClaimKey::Cpr(it) if it == OTHER_CPR => "OTHER_CPR",
        ClaimKey::Cpr(_) => "another number",
        ClaimKey::Reference(it) if it == "FF-2019-001" => "001",
        ClaimKey::Reference(_) => "another reference",
    }
}

fn build_fact(world: &World, command: &Command) -> Fact {
    build(world, command, &circumstances()).unwrap().fact
}

fn circumstances() -> Circumstances {
    let event = recorded(1, registered(MOTHER, false));
    Circumstances {
        now_ms: event.recorded_ms + 30 * 86_400_000,
        occurred: event.occurred,
        actor: Actor::clone(&event.actor),
        basis: None,
        confirmations: Vec::new(),
    }
}

fn text(words: &str) -> Text {
    Text(words.to_owned())
}

fn registered(person_id: PersonId, cpr_known: bool) -> Fact {
    let source = PersonSource::Manual;
    Fact::PersonRegistered(PersonRegistered { person_id, source, is_synthetic: false, cpr_known })
}

fn contact() -> RecordContact {
    RecordContact {
        family_id: FAMILY,
        contact_id: ContactId(Uuid::from_u128(21)),
        kind: ContactKind::Visit,
        minutes: 30,
        present: vec![SON],
        risk_areas: Vec::new(),
        goal_ids: Vec::new(),
        text: Some(text("met")),
        about: Vec::new(),
        from_child: false,
    }
}

fn note() -> RecordNote {
    RecordNote {
        family_id: FAMILY,
        note_id: NoteId(Uuid::from_u128(22)),
        nature: NoteNature::Fact,
        grade: Grade::Certain,
        source: None,
        about: vec![MOTHER],
        text: text("noted"),
    }
}

fn judgement() -> JudgeRisk {
    JudgeRisk {
        family_id: FAMILY,
        person_id: SON,
        risk_area: RiskArea::SchoolThriving,
        level: RiskLevel::High,
        direction: RiskDirection::First,
        basis: vec![EntryRef::Revision(NOTE)],
        reasoning: text(REASONING),
        valid_until: date(2019, 8, 1),
    }
}

fn register_person(cpr: Option<&str>) -> RegisterPerson {
    RegisterPerson {
        person_id: MOTHER,
        name: PersonName { given: "Inge".to_owned(), family: "Holm".to_owned() },
        cpr: cpr.map(|it| CprText(it.to_owned())),
        birth: None,
        sex: None,
        source: PersonSource::Manual,
        is_synthetic: false,
    }
}

fn correction(stream: impl Into<StreamRef>, revision: u64, corrected: Command) -> Command {
    Command::CorrectEntry(Box::new(CorrectEntry {
        stream: stream.into(),
        entry: EntryRef::Revision(revision),
        reason: CorrectionReason::Typo,
        explanation: text("a slip"),
        corrected,
        corrected_occurred: None,
    }))
}

fn correct_contact(change: impl FnOnce(&mut RecordContact)) -> Command {
    let mut corrected = contact();
    change(&mut corrected);
    correction(FAMILY, CONTACT, Command::RecordContact(corrected))
}

fn correct_note(change: impl FnOnce(&mut RecordNote)) -> Command {
    let mut corrected = note();
    change(&mut corrected);
    correction(FAMILY, NOTE, Command::RecordNote(corrected))
}

fn correct_judgement(change: impl FnOnce(&mut JudgeRisk)) -> Command {
    let mut corrected = judgement();
    change(&mut corrected);
    correction(FAMILY, JUDGEMENT, Command::JudgeRisk(corrected))
}

fn mark(stream: impl Into<StreamRef>, revision: u64) -> Command {
    Command::MarkMistaken(MarkMistaken {
        stream: stream.into(),
        entry: EntryRef::Revision(revision),
        reason: MistakeReason::DidNotHappen,
        explanation: text("it did not"),
    })
}

fn withdraw(stream: impl Into<StreamRef>, revision: u64) -> Command {
    Command::WithdrawMistakenMark(WithdrawMistakenMark {
        stream: stream.into(),
        entry: EntryRef::Revision(revision),
        explanation: text("it did"),
    })
}

#[test]
fn a_correction_stores_what_differs_from_the_original() {
    let mut desk = Desk::new();
    let both = |it: &mut RecordContact| (it.minutes, it.text) = (45, Some(text("met him")));
    desk.run(correct_contact(both)).unwrap();
    let (fact, personal) = desk.correction();
    assert_eq!(Value::Object(fact.changes), json!({ "minutes": 45 }));
    assert_eq!((fact.target_revision, fact.occurred), (CONTACT, None));
    let names: Vec<_> = personal.iter().map(|it| (it.field.as_str(), it.persons.clone())).collect();
    assert_eq!(names, [("explanation", vec![SON]), ("corrected.text", vec![SON])]);

    // The second one takes the text back and keeps nothing of the first.
    desk.run(correct_contact(|it| it.kind = ContactKind::School)).unwrap();
    let (fact, personal) = desk.correction();
    assert_eq!(Value::Object(fact.changes), json!({ "kind": "SCHOOL" }));
    assert_eq!(personal.len(), 1);

    // The third takes all back.
    desk.run(correct_contact(|_| ())).unwrap();
    assert_eq!(desk.correction().0.changes.len(), 0);
}

#[test]
fn a_text_may_come_and_go_with_those_whom_it_is_about() {
    let mut desk = Desk::new();
    desk.run(correct_contact(|it| it.text = None)).unwrap();
    let (fact, _) = desk.correction();
    assert_eq!(
        (fact.removed, fact.removed_personal),
        (vec!["about".to_owned()], vec!["text".to_owned()])
    );
    desk.run(correct_note(|it| it.source = Some(text("the school")))).unwrap();
    assert_eq!(desk.correction().1[1].field, "corrected.source");
    desk.run(correct_note(|_| ())).unwrap();
    assert_eq!(desk.correction().0.removed_personal.len(), 0, "the original had no source");
}

#[test]
fn a_time_may_be_corrected_alone() {
    let mut desk = Desk::new();
    let at = Occurred { at_ms: 1_556_618_400_000, offset_min: 120, precision: Precision::Day };
    let Command::CorrectEntry(mut command) = correct_contact(|_| ()) else { unreachable!() };
    command.corrected_occurred = Some(at);
    desk.run(Command::CorrectEntry(command.clone())).unwrap();
    assert_eq!(desk.correction().0.occurred, Some(at));
    let again = Command::CorrectEntry(command);
    desk.refuses(again, Reason::NoChange, "correct_entry.corrected");
    desk.run(correct_contact(|it| it.minutes = 5)).unwrap();
    assert_eq!(desk.correction().0.occurred, Some(at), "the corrected time stays");
}

#[test]
fn nothing_to_correct_is_no_correction() {
    let field = "correct_entry.corrected";
    let mut desk = Desk::new();
    desk.refuses(correct_contact(|_| ()), Reason::NoChange, field);
    desk.run(correct_contact(|it| it.minutes = 45)).unwrap();
    desk.refuses(correct_contact(|it| it.minutes = 45), Reason::NoChange, field);
}

#[test]
fn an_entry_keeps_its_type_its_ids_and_its_stream() {
    let (field, reason) = ("correct_entry.corrected", Reason::ImmutableEnvelope);
    let mut desk = Desk::new();
    desk.refuses(correction(FAMILY, CONTACT, Command::RecordNote(note())), reason, field);
    desk.refuses(correct_contact(|it| it.contact_id.0 = Uuid::from_u128(99)), reason, field);
    desk.refuses(correct_contact(|it| it.family_id.0 = Uuid::from_u128(99)), reason, field);
    desk.refuses(correct_judgement(|it| it.person_id = MOTHER), reason, field);
    let inner = correction(FAMILY, CONTACT, mark(FAMILY, CONTACT));
    desk.refuses(inner, Reason::NotCorrectable, field);
}

#[test]
fn only_entries_can_be_corrected_marked_and_unmarked() {
    let mut desk = Desk::new();
    desk.run(correct_contact(|it| it.minutes = 45)).unwrap();
    let correction_itself = 5;
    let corrected = correction(FAMILY, correction_itself, Command::RecordContact(contact()));
    desk.refuses(corrected, Reason::NotCorrectable, "correct_entry.entry");
    desk.refuses(mark(FAMILY, correction_itself), Reason::NotCorrectable, "mark_mistaken.entry");
    desk.refuses(
        withdraw(FAMILY, correction_itself),
        Reason::NotCorrectable,
        "withdraw_mistaken_mark.entry",
    );
    let missing = correction(FAMILY, 99, Command::RecordContact(contact()));
    desk.refuses(missing, Reason::UnknownId, "correct_entry.entry");
    let elsewhere = mark(FamilyId(Uuid::from_u128(99)), 1);
    desk.refuses(elsewhere, Reason::UnknownId, "mark_mistaken.entry");
}

#[test]
fn a_text_stays_about_the_same_persons() {
    let mut desk = Desk::new();
    let field = "correct_entry.corrected.text";
    desk.refuses(correct_note(|it| it.about = vec![SON]), Reason::UseMistaken, field);
    desk.refuses(correct_contact(|it| it.about = vec![MOTHER, SON]), Reason::UseMistaken, field);
    // Nobody named means whom it was about, also when others were present.
    desk.run(correct_contact(|it| it.present = vec![MOTHER])).unwrap();
    assert_eq!(Value::Object(desk.correction().0.changes), json!({ "present": [MOTHER] }));
    // A field that the original lacks can be about nobody else either, once it is there.
    let sourced = |it: &mut RecordNote| it.source = Some(text("the school"));
    desk.run(correct_note(sourced)).unwrap();
    let others = |it: &mut RecordNote| (it.source, it.about) = (Some(text("kin")), vec![SON]);
    desk.refuses(correct_note(others), Reason::UseMistaken, field);
}

#[test]
fn a_judgement_is_not_corrected_into_another() {
    let mut desk = Desk::new();
    let path = |it| format!("correct_entry.corrected.judge_risk.{it}");
    let lower = correct_judgement(|it| it.level = RiskLevel::Low);
    desk.refuses(lower, Reason::UseNewAssessment, &path("level"));
    let better = correct_judgement(|it| it.direction = RiskDirection::Better);
    desk.refuses(better, Reason::UseNewAssessment, &path("direction"));
    desk.run(correct_judgement(|it| it.valid_until = date(2019, 9, 1))).unwrap();
}

#[test]
fn a_corrected_judgement_still_rests_on_something() {
    let nothing = correct_judgement(|it| it.basis = Vec::new());
    let field = "correct_entry.corrected.judge_risk.basis";
    Desk::new().refuses(nothing, Reason::NoBasis, field);
}

#[test]
fn corrected_values_are_checked_where_they_stand() {
    let mut desk = Desk::new();
    let stranger = PersonId(Uuid::from_u128(98));
    desk.refuses(
        correct_contact(|it| it.present = vec![stranger]),
        Reason::NotInFamily,
        "correct_entry.corrected.record_contact.present[0]",
    );
    let decision = correct_note(|it| it.nature = NoteNature::Decision);
    desk.refuses(decision, Reason::UseDecision, "correct_entry.corrected.record_note.nature");
}

#[test]
fn an_erased_text_cannot_come_back_but_the_rest_can_be_corrected() {
    let mut desk = Desk::new();
    desk.erase(FAMILY.into(), CONTACT, "text");
    let with_text = correct_contact(|it| it.minutes = 45);
    desk.refuses(with_text, Reason::Erased, "correct_entry.corrected.text");
    let without = |it: &mut RecordContact| (it.minutes, it.text) = (45, None);
    desk.run(correct_contact(without)).unwrap();
    let (fact, _) = desk.correction();
    assert_eq!(Value::Object(fact.changes), json!({ "minutes": 45 }), "it stays about whom it was");
    assert_eq!((fact.removed.len(), fact.removed_personal.len()), (0, 0), "it stays erased");
    desk.refuses(correct_contact(without), Reason::NoChange, "correct_entry.corrected");
}

#[test]
fn marks_alternate_with_withdrawals() {
    let mut desk = Desk::new();
    let field = "withdraw_mistaken_mark.entry";
    desk.refuses(withdraw(FAMILY, NOTE), Reason::MarkState, field);
    desk.run(mark(FAMILY, NOTE)).unwrap();
    desk.refuses(mark(FAMILY, NOTE), Reason::MarkState, "mark_mistaken.entry");
    desk.run(correct_note(|it| it.grade = Grade::Probable)).unwrap();
    desk.run(withdraw(FAMILY, NOTE)).unwrap();
    desk.refuses(withdraw(FAMILY, NOTE), Reason::MarkState, field);
}

#[test]
fn what_others_rest_on_is_corrected_not_marked() {
    let mut desk = Desk::new();
    let field = "mark_mistaken.entry";
    desk.refuses(mark(FAMILY, REGISTRATION), Reason::NotCorrectable, field);
    desk.refuses(mark(MOTHER, 1), Reason::NotCorrectable, field);
}

#[test]
fn what_an_erased_correction_gave_is_erased_and_what_it_replaced_stays_away() {
    let mut desk = Desk::new();
    desk.run(correct_contact(|it| it.text = Some(text("met him")))).unwrap();
    let (fact, _) = desk.correction();
    assert_eq!(fact.corrected_personal, ["text"]);
    desk.erase(FAMILY.into(), 5, "corrected.text");
    let again = correct_contact(|it| (it.minutes, it.text) = (5, Some(text("met"))));
    desk.refuses(again, Reason::Erased, "correct_entry.corrected.text");
    // Also where the field did not open at all.
    let event = desk.world.history(FAMILY.into())[4].event_id;
    desk.world.personal.remove(&(event, "corrected.text".to_owned()));
    let again = correct_contact(|it| (it.minutes, it.text) = (5, Some(text("met"))));
    desk.refuses(again, Reason::Erased, "correct_entry.corrected.text");

    let born = |year| Birth { date: None, year: Some(year), precision: BirthPrecision::Year };
    let person = |year| {
        let command = RegisterPerson { birth: Some(born(year)), ..register_person(None) };
        correction(MOTHER, 1, Command::RegisterPerson(command))
    };
    desk.run(person(1980)).unwrap();
    let known = crate::person::card(desk.world.history(MOTHER.into()), &desk.world.personal);
    assert_eq!((known.birth, known.erased), (Some(born(1980)), false));
    desk.erase(MOTHER.into(), 2, "corrected.name");
    let card = crate::person::card(desk.world.history(MOTHER.into()), &desk.world.personal);
    assert_eq!((card.name, card.erased), (None, true), "not the name that was corrected");
}

#[test]
fn a_corrected_reference_moves_its_claim() {
    let mut desk = Desk::new();
    let member = |person_id, role| InitialMember { person_id, role, household: Household::Core };
    let corrected = |reference: &str, source| {
        let command = RegisterFamily {
            family_id: FAMILY,
            reference: reference.to_owned(),
            initial_members: vec![
                member(MOTHER, FamilyRole::Mother),
                member(SON, FamilyRole::Child),
            ],
            source,
        };
        correction(FAMILY, REGISTRATION, Command::RegisterFamily(command))
    };
    desk.run(corrected("FF-2019-002", FamilySource::Agency)).unwrap();
    assert_eq!(desk.claims(), (vec!["another reference"], vec!["001"]));
    desk.run(corrected("FF-2019-002", FamilySource::Concern)).unwrap();
    assert_eq!(desk.claims(), (vec![], vec![]));
    desk.run(corrected("FF-2019-001", FamilySource::Concern)).unwrap();
    assert_eq!(desk.claims(), (vec!["001"], vec!["another reference"]));
}

#[test]
fn a_corrected_cpr_number_moves_its_claim() {
    let mut desk = Desk::new();
    let corrected = |cpr| correction(MOTHER, 1, Command::RegisterPerson(register_person(cpr)));
    desk.run(corrected(Some(CPR))).unwrap();
    assert_eq!(desk.claims(), (vec!["CPR"], vec![]));
    desk.run(corrected(Some(OTHER_CPR))).unwrap();
    assert_eq!(desk.claims(), (vec!["OTHER_CPR"], vec!["CPR"]));
    let impossible = corrected(Some("3102054000"));
    let field = "correct_entry.corrected.register_person.cpr";
    desk.refuses(impossible, Reason::CprInvalid, field);
    desk.run(corrected(None)).unwrap();
    assert_eq!(desk.claims(), (vec![], vec!["OTHER_CPR"]));
}

fn established(desk: &mut Desk) {
    let method = IdentityMethod::Document;
    let fact =
        Fact::PersonIdentityEstablished(PersonIdentityEstablished { person_id: MOTHER, method });
    desk.record(MOTHER.into(), fact, &[("cpr", json!(CPR))]);
}

fn establish(cpr: &str) -> Command {
    Command::EstablishPersonIdentity(EstablishPersonIdentity {
        person_id: MOTHER,
        cpr: CprText(cpr.to_owned()),
        method: IdentityMethod::Document,
    })
}

#[test]
fn a_mistaken_identity_frees_its_number_until_the_mark_is_withdrawn() {
    let mut desk = Desk::new();
    established(&mut desk);
    desk.run(mark(MOTHER, 2)).unwrap();
    assert_eq!(desk.claims(), (vec![], vec!["CPR"]));
    // While marked, a correction moves no claim.
    desk.run(correction(MOTHER, 2, establish(OTHER_CPR))).unwrap();
    assert_eq!(desk.claims(), (vec![], vec![]));
    desk.run(withdraw(MOTHER, 2)).unwrap();
    assert_eq!(desk.claims(), (vec!["OTHER_CPR"], vec![]));
}

#[test]
fn a_person_has_one_number_from_one_entry() {
    let mut desk = Desk::new();
    established(&mut desk);
    let with_number = || {
        let command = Command::RegisterPerson(register_person(Some(OTHER_CPR)));
        correction(MOTHER, 1, command)
    };
    let field = "correct_entry.corrected.register_person.cpr";
    desk.refuses(with_number(), Reason::IdentityKnown, field);
    desk.run(mark(MOTHER, 2)).unwrap();
    desk.run(with_number()).unwrap();
    desk.refuses(withdraw(MOTHER, 2), Reason::IdentityKnown, "withdraw_mistaken_mark.entry");
}

#[test]
fn an_erased_number_claims_nothing() {
    let mut desk = Desk::new();
    established(&mut desk);
    desk.erase(MOTHER.into(), 2, "cpr");
    let restored = correction(MOTHER, 2, establish(CPR));
    desk.refuses(restored, Reason::Erased, "correct_entry.corrected.cpr");
    desk.run(mark(MOTHER, 2)).unwrap();
    assert_eq!(desk.claims(), (vec![], vec![]));
}
