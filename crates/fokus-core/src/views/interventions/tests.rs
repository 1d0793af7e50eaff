use jiff::civil::date;
use uuid::Uuid;

use super::*;
use crate::command::Attendance;
use crate::effective::tests::{mark, recorded};
use crate::fact::assessing::{
    InterventionAdjusted, InterventionDeclined, InterventionPaused, InterventionResumed,
};
use crate::fact::{InterventionEnded, InterventionOrdered, InterventionStarted};
use crate::views::fold_batch;

const THERAPY: InterventionId = InterventionId(Uuid::from_u128(9));
const MOTHER: PersonId = PersonId(Uuid::from_u128(1));

fn ordered() -> Fact {
    Fact::InterventionOrdered(InterventionOrdered {
        intervention_id: THERAPY,
        intervention_type: InterventionType::Fft,
        person_id: None,
        goal_ids: vec![GoalId(Uuid::from_u128(5))],
        method_version: None,
        planned: planned(10),
        cost_estimate_ore: None,
        about: Vec::new(),
    })
}

/// From 1 May, over 100 days.
fn planned(sessions: u16) -> PlannedCourse {
    PlannedCourse {
        start: date(2019, 5, 1),
        end: date(2019, 8, 8),
        sessions: Some(sessions),
        minutes_per_week: None,
    }
}

fn started(on: Date) -> Fact {
    Fact::InterventionStarted(InterventionStarted { intervention_id: THERAPY, on })
}

fn ended(on: Date) -> Fact {
    Fact::InterventionEnded(InterventionEnded {
        intervention_id: THERAPY,
        on,
        reason: InterventionEndReason::Completed,
        about: Vec::new(),
    })
}

fn declined(on: Date) -> Fact {
    let intervention_id = THERAPY;
    Fact::InterventionDeclined(InterventionDeclined { intervention_id, by: vec![MOTHER], on })
}

fn paused(on: Date) -> Fact {
    Fact::InterventionPaused(InterventionPaused {
        intervention_id: THERAPY,
        on,
        expected_until: Some(date(2019, 8, 1)),
        about: vec![MOTHER],
    })
}

fn resumed(on: Date) -> Fact {
    Fact::InterventionResumed(InterventionResumed { intervention_id: THERAPY, on })
}

fn adjusted(on: Date, sessions: u16) -> Fact {
    Fact::InterventionAdjusted(InterventionAdjusted {
        intervention_id: THERAPY,
        on,
        planned: Some(planned(sessions)),
        goal_ids: Vec::new(),
        about: vec![MOTHER],
    })
}

fn session(on: Date, states: &[AttendanceState], fidelity_percent: Option<u8>) -> Fact {
    let came = |(n, state): (u128, &AttendanceState)| Attendance {
        person_id: PersonId(Uuid::from_u128(n)),
        state: *state,
    };
    Fact::SessionHeld(SessionHeld {
        intervention_id: THERAPY,
        on,
        minutes: 60,
        attendance: (1..).zip(states).map(came).collect(),
        fidelity_percent,
    })
}

fn history(facts: &[Fact]) -> Vec<Recorded> {
    (1..).zip(facts).map(|(revision, fact)| recorded(revision, fact.clone())).collect()
}

fn card(facts: &[Fact]) -> Card {
    cards_of(&history(facts), &Clocks::NOW).pop().unwrap()
}

#[test]
fn a_card_stands_where_its_latest_dates_say_whatever_the_order_of_recording() {
    let (may, june, july) = (date(2019, 5, 6), date(2019, 6, 3), date(2019, 7, 1));
    for (facts, expected) in [
        (vec![], InterventionState::Ordered),
        (vec![started(may)], InterventionState::Started),
        (vec![declined(may)], InterventionState::Declined),
        (vec![started(may), paused(june)], InterventionState::Paused),
        (vec![started(may), paused(june), resumed(july)], InterventionState::Started),
        (vec![resumed(july), paused(june), started(may)], InterventionState::Started),
        (vec![started(may), resumed(june), paused(july)], InterventionState::Paused),
        (vec![started(may), paused(june), ended(july)], InterventionState::Ended),
    ] {
        let card = card(&[vec![ordered()], facts.clone()].concat());
        assert_eq!(card.state, expected, "{facts:?}");
        assert_eq!(card.paused_on.is_some(), expected == InterventionState::Paused);
    }
}

#[test]
fn what_has_no_order_has_no_card() {
    let facts = [ordered(), started(date(2019, 5, 6)), mark(1)];
    assert_eq!(cards_of(&history(&facts), &Clocks::NOW), []);
    let later = [started(date(2019, 5, 6)), ordered()];
    assert_eq!(card(&later).started_on, Some(date(2019, 5, 6)), "it shows as soon as it is there");
}

#[test]
fn sessions_count_who_came_of_those_awaited() {
    use AttendanceState::{AbsentNotified, Late, NoShow, Present};
    let facts = [
        ordered(),
        started(date(2019, 5, 6)),
        session(date(2019, 5, 20), &[Present, Late], Some(90)),
        session(date(2019, 5, 13), &[NoShow, AbsentNotified], Some(60)),
        session(date(2019, 5, 27), &[Present, AbsentNotified], None),
    ];
    let card = card(&facts);
    assert_eq!((card.sessions, card.minutes), (3, 180));
    assert_eq!((card.came, card.awaited), (3, 4));
    assert_eq!((card.fidelity_rated, card.fidelity_median_percent), (2, Some(75)));
    assert_eq!(card.last_session_on, Some(date(2019, 5, 27)));
    let seen = card.on(date(2019, 6, 1));
    assert_eq!(seen.attendance_percent, Some(75));
    assert_eq!((seen.wait_days, seen.days_since_last_session), (Some(5), Some(5)));
}

#[test]
fn it_is_overdue_after_twice_the_planned_interval() {
    // Ten sessions in a hundred days: one every ten.
    let facts = [ordered(), started(date(2019, 5, 6))];
    let overdue = |facts: &[Fact], day| card(facts).on(day).is_overdue;
    assert!(!overdue(&facts, date(2019, 5, 26)));
    assert!(overdue(&facts, date(2019, 5, 27)));
    let more = [&facts[..], &[adjusted(date(2019, 5, 10), 20)]].concat();
    assert!(overdue(&more, date(2019, 5, 17)), "the adjusted plan counts");
    let held = [&facts[..], &[session(date(2019, 5, 27), &[], None)]].concat();
    assert!(!overdue(&held, date(2019, 6, 16)));
    let resting = [&facts[..], &[paused(date(2019, 5, 20))]].concat();
    assert!(!overdue(&resting, date(2019, 7, 27)));
    assert!(!overdue(&facts[..1], date(2019, 7, 27)), "not started");
}

#[test]
fn a_session_changes_the_row_of_its_intervention_alone() {
    let mut state = BoardState::default();
    let entries = crate::effective::effective_now(&history(&[
        ordered(),
        session(date(2019, 5, 27), &[], None),
        Fact::CasePhaseEntered(crate::fact::CasePhaseEntered {
            phase: crate::codes::CasePhase::FamilyPlan,
        }),
    ]));
    let rows = |state: &mut BoardState, at: usize| {
        fold_batch::<InterventionsView>(state, &entries[at..=at])
    };
    assert_eq!(rows(&mut state, 0).len(), 1);
    let changed = rows(&mut state, 1);
    assert_eq!(changed[0].key, THERAPY.to_string());
    let card: Card = changed[0].read().unwrap();
    assert_eq!(card.sessions, 1);
    assert_eq!(rows(&mut state, 2), []);
}
