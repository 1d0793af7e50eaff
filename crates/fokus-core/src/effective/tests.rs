use jiff::civil::date;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::*;
use crate::codes::*;
use crate::fact::*;
use crate::ids::*;

/// 2019-05-01T10:00:00Z, in summer time.
const NOON_MS: i64 = 1_556_704_800_000;
const HOUR_MS: i64 = 3_600_000;
const DAY_MS: i64 = 24 * HOUR_MS;

/// An event at position 10 × revision, recorded `revision` days after it happened.
pub(crate) fn recorded(revision: u64, fact: Fact) -> Recorded {
    Recorded {
        event_id: EventId(Uuid::from_u128(u128::from(revision))),
        position: revision * 10,
        revision,
        recorded_ms: u64::try_from(NOON_MS).unwrap() + revision * u64::try_from(DAY_MS).unwrap(),
        occurred: Occurred { at_ms: NOON_MS, offset_min: 120, precision: Precision::Exact },
        basis: None,
        actor: Actor {
            sub: "worker-1".to_owned(),
            role: "CASEWORKER".to_owned(),
            unit: None,
            on_behalf_of: None,
        }
        .into(),
        fact,
    }
}

pub(crate) fn contact(minutes: u16) -> Fact {
    Fact::ContactRecorded(ContactRecorded {
        contact_id: ContactId(Uuid::from_u128(1)),
        kind: ContactKind::Visit,
        minutes,
        present: vec![PersonId(Uuid::from_u128(2))],
        risk_areas: Vec::new(),
        goal_ids: Vec::new(),
        about: Vec::new(),
        from_child: false,
    })
}

pub(crate) fn correction(target_revision: u64, changes: Value) -> Fact {
    let Value::Object(changes) = changes else { panic!("changes are an object") };
    Fact::EntryCorrected(EntryCorrected {
        target_revision,
        reason: CorrectionReason::Typo,
        changes,
        removed: Vec::new(),
        removed_personal: Vec::new(),
        corrected_personal: Vec::new(),
        occurred: None,
    })
}

pub(crate) fn mark(target_revision: u64) -> Fact {
    let reason = MistakeReason::Duplicate;
    Fact::EntryMarkedMistaken(EntryMarkedMistaken { target_revision, reason })
}

pub(crate) fn withdrawal(target_revision: u64) -> Fact {
    Fact::MistakenMarkWithdrawn(MistakenMarkWithdrawn { target_revision })
}

/// A history of facts, revisions from 1.
pub(crate) fn history(facts: Vec<Fact>) -> Vec<Recorded> {
    (1..).zip(facts).map(|(revision, fact)| recorded(revision, fact)).collect()
}

#[track_caller]
fn check_minutes(facts: Vec<Fact>, clocks: Clocks, expected: &[u16]) {
    let entries = effective(&history(facts), &clocks);
    let minutes: Vec<u16> = entries
        .iter()
        .map(|it| {
            let Fact::ContactRecorded(fact) = &it.fact else { panic!("a contact") };
            fact.minutes
        })
        .collect();
    assert_eq!(minutes, expected);
}

#[test]
fn the_latest_correction_says_all_that_differs_from_the_original() {
    let visit_to_call = json!({ "kind": "CALL" });
    let facts =
        vec![contact(10), correction(1, json!({ "minutes": 20 })), correction(1, visit_to_call)];
    let entries = effective_now(&history(facts));
    let Fact::ContactRecorded(it) = &entries[0].fact else { panic!("a contact") };
    assert_eq!((it.minutes, it.kind), (10, ContactKind::Call));
    assert_eq!(entries[0].corrected_by.map(|it| it.revision), Some(3));
}

#[test]
fn a_correction_may_take_members_away_and_move_the_time() {
    let moved = Occurred { at_ms: NOON_MS - DAY_MS, offset_min: 120, precision: Precision::Day };
    let correction = Fact::EntryCorrected(EntryCorrected {
        target_revision: 1,
        reason: CorrectionReason::WrongDate,
        changes: Map::new(),
        removed: vec!["present".to_owned()],
        removed_personal: Vec::new(),
        corrected_personal: Vec::new(),
        occurred: Some(moved),
    });
    let entries = effective_now(&history(vec![contact(10), correction]));
    let Fact::ContactRecorded(it) = &entries[0].fact else { panic!("a contact") };
    assert!(it.present.is_empty());
    assert_eq!(entries[0].occurred, moved);
}

#[test]
fn a_correction_that_makes_no_fact_leaves_the_original() {
    for changes in [json!({ "minutes": "many" }), json!({ "unheard_of": 1 })] {
        check_minutes(vec![contact(10), correction(1, changes)], Clocks::NOW, &[10]);
    }
}

#[test]
fn a_marked_entry_is_left_out_until_the_mark_is_withdrawn_and_stays_corrected() {
    let corrected = || vec![contact(10), contact(5), correction(1, json!({ "minutes": 20 }))];
    let with = |more: Vec<Fact>| [corrected(), more].concat();
    check_minutes(with(vec![]), Clocks::NOW, &[20, 5]);
    check_minutes(with(vec![mark(1)]), Clocks::NOW, &[5]);
    check_minutes(with(vec![mark(1), withdrawal(1)]), Clocks::NOW, &[20, 5]);
    check_minutes(with(vec![mark(1), withdrawal(1), mark(1)]), Clocks::NOW, &[5]);
    let late = vec![mark(1), correction(1, json!({ "minutes": 30 })), withdrawal(1)];
    check_minutes(with(late), Clocks::NOW, &[30, 5]);
}

#[test]
fn mistaken_entries_come_with_their_mark_where_asked_for() {
    let history = history(vec![contact(10), mark(1)]);
    let entries = effective_with_mistaken(&history, &Clocks::NOW);
    assert_eq!(entries[0].mistaken_by.map(|it| (it.revision, it.position)), Some((2, 20)));
}

#[test]
fn what_is_recorded_later_is_not_known() {
    let facts = || {
        vec![
            contact(10),
            correction(1, json!({ "minutes": 20 })),
            contact(5),
            mark(1),
            withdrawal(1),
        ]
    };
    let at_revision = [&[][..], &[10], &[20], &[20, 5], &[5], &[20, 5]];
    for (revision, expected) in (0..).zip(at_revision) {
        let position = KnownAt::Position(revision * 10 + 9);
        check_minutes(facts(), Clocks { known_at: position, was_at_ms: None }, expected);
        let time = KnownAt::Time(recorded(revision, contact(0)).recorded_ms);
        check_minutes(facts(), Clocks { known_at: time, was_at_ms: None }, expected);
    }
}

/// Whether the entry has happened at `was_at_ms`, to the millisecond.
#[track_caller]
fn check_happens_at(event: &Recorded, at_ms: i64) {
    let happened = |was_at_ms| {
        let clocks = Clocks { known_at: KnownAt::Now, was_at_ms: Some(was_at_ms) };
        effective(std::slice::from_ref(event), &clocks).len()
    };
    assert_eq!((happened(at_ms - 1), happened(at_ms)), (0, 1), "{}", event.fact.type_name());
}

#[test]
fn an_entry_happens_when_it_occurred_to_its_precision() {
    let may_first = NOON_MS - 12 * HOUR_MS;
    for (precision, at_ms) in [
        (Precision::Exact, NOON_MS + DAY_MS),
        (Precision::UnknownEstimated, NOON_MS + DAY_MS),
        (Precision::Day, may_first + DAY_MS),
        (Precision::Month, may_first),
    ] {
        let mut event = recorded(1, contact(10));
        event.occurred = Occurred { at_ms: NOON_MS + DAY_MS, offset_min: 120, precision };
        check_happens_at(&event, at_ms);
    }
}

#[test]
fn a_date_in_the_payload_goes_before_the_time_of_the_act() {
    let person_id = PersonId(Uuid::from_u128(2));
    let intervention_id = InterventionId(Uuid::from_u128(3));
    let on = date(2019, 3, 31);
    let facts = [
        Fact::FamilyMemberAdded(FamilyMemberAdded {
            person_id,
            role: FamilyRole::Child,
            household: Household::Core,
            valid_from: on,
        }),
        Fact::FamilyMemberLeft(FamilyMemberLeft {
            person_id,
            reason: LeaveReason::MovedOut,
            valid_to: on,
        }),
        Fact::WorkerAssigned(WorkerAssigned {
            worker_id: WorkerId(Uuid::from_u128(4)),
            role: WorkerRole::Second,
            valid_from: on,
            valid_to: None,
            replaces_lead: false,
            about: Vec::new(),
        }),
        Fact::WorkerUnassigned(WorkerUnassigned {
            worker_id: WorkerId(Uuid::from_u128(4)),
            role: WorkerRole::Second,
            valid_to: on,
        }),
        Fact::CasePaused(CasePaused { from: on, expected_until: on, about: Vec::new() }),
        Fact::CaseResumed(CaseResumed { on }),
        Fact::CaseClosed(CaseClosed {
            proposal: 1,
            outcome: CaseOutcome::Moved,
            closed_on: on,
            family_told_on: None,
            about: Vec::new(),
        }),
        Fact::CaseReopened(CaseReopened {
            reason: ReopenReason::Relapse,
            reopened_on: on,
            lead_worker_id: WorkerId(Uuid::from_u128(4)),
            phase: CasePhase::Evaluation,
            about: Vec::new(),
        }),
        Fact::PostClosureContactMade(PostClosureContactMade {
            contact_id: ContactId(Uuid::from_u128(5)),
            on,
            answered: true,
            about: Vec::new(),
        }),
        Fact::InterventionStarted(InterventionStarted { intervention_id, on }),
        Fact::InterventionEnded(InterventionEnded {
            intervention_id,
            on,
            reason: InterventionEndReason::Completed,
            about: Vec::new(),
        }),
    ];
    for fact in facts {
        // Local midnight is still winter time on the day of the change.
        check_happens_at(&recorded(1, fact), 1_553_986_800_000);
    }
}

#[test]
fn personal_fields_are_overlaid_by_name() {
    let known = |text: &str| Opened::Known(json!(text));
    let field = |name: &str, value: Opened| (name.to_owned(), value);
    let original = || vec![field("text", known("before")), field("source", known("school"))];
    let Fact::EntryCorrected(mut fact) = correction(1, json!({})) else { unreachable!() };
    fact.removed_personal = vec!["source".to_owned()];
    fact.corrected_personal = vec!["text".to_owned(), "note".to_owned()];
    let corrected = || {
        vec![
            field("explanation", known("why")),
            field("corrected.text", known("after")),
            field("corrected.note", Opened::Erased),
        ]
    };
    let overlaid = corrected_personal(original(), Some((&fact, corrected())));
    assert_eq!(overlaid, [field("text", known("after")), field("note", Opened::Erased)]);
    let dark = corrected_personal(original(), Some((&fact, Vec::new())));
    assert_eq!(dark, [field("text", Opened::Erased), field("note", Opened::Erased)]);
    assert_eq!(corrected_personal(original(), None), original());
}
