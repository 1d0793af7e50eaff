//! OrderIntervention, StartIntervention, HoldSession, EndIntervention.

use jiff::civil::date;

use super::journal::{Row, ask, check, no, yes};
use super::story::*;
use crate::codes::*;
use crate::command::*;
use crate::fact::Fact;
use crate::ids::{GoalId, PersonId};
use crate::rejection::Reason;

#[rustfmt::skip] // One row, one rule.
fn ordering_rows() -> Vec<Row> {
    let (agreed, runs) = (planned(), running());
    let tracked = agreed.clone().after(ask(track(YOUTH)));
    let fft = || ordering(1, InterventionType::Fft);
    let mentor = |person_id| {
        ask(OrderIntervention { person_id, ..ordering(2, InterventionType::Mentor) })
    };
    let ordered = agreed.clone().after(ask(fft()));
    let homework = ordering(2, InterventionType::Homework);
    let backwards = PlannedCourse { end: date(2019, 5, 19), ..fft().planned };
    vec![
        yes(&agreed, ask(fft()), "InterventionOrdered"),
        no(&agreed, ask(OrderIntervention { goal_ids: vec![], ..fft() }),
           Reason::NoGoal, "order_intervention.goal_ids"),
        no(&agreed,
           ask(OrderIntervention { goal_ids: vec![fft().goal_ids[0], GoalId(NOBODY.0)], ..fft() }),
           Reason::UnknownId, "order_intervention.goal_ids[1]"),
        no(&agreed, ask(OrderIntervention { person_id: Some(UNCLE), ..fft() }),
           Reason::NotInFamily, "order_intervention.person_id"),
        no(&agreed, ask(OrderIntervention { planned: backwards, ..fft() }),
           Reason::DateOrder, "order_intervention.planned.end"),
        no(&agreed, ask(fft()).on(2019, 2, 28), Reason::BeforeCase, "occurred_at"),
        no(&agreed, ask(OrderIntervention { provider: Some("0101054000".to_owned()), ..fft() }),
           Reason::CprInText, "order_intervention.provider"),
        no(&ordered, ask(fft()), Reason::IdTaken, "order_intervention.intervention_id"),
        no(&agreed, mentor(Some(YOUTH)), Reason::FamilyFirst, "order_intervention.type"),
        no(&agreed, mentor(None), Reason::FamilyFirst, "order_intervention.type"),
        yes(&tracked, mentor(Some(YOUTH)), "InterventionOrdered"),
        yes(&tracked, mentor(None), "InterventionOrdered"),
        no(&tracked, mentor(Some(CHILD)), Reason::FamilyFirst, "order_intervention.type"),
        yes(&agreed,
           ask(OrderIntervention { person_id: Some(CHILD), ..homework }), "InterventionOrdered"),

        yes(&ordered, ask(starting(1)), "InterventionStarted"),
        no(&agreed, ask(starting(1)), Reason::UnknownId, "start_intervention.intervention_id"),
        no(&runs, ask(starting(1)),
           Reason::InterventionState, "start_intervention.intervention_id"),
        no(&ordered, ask(StartIntervention { on: date(2019, 2, 28), ..starting(1) }),
           Reason::BeforeCase, "start_intervention.on"),
        no(&ordered, ask(StartIntervention { on: date(2020, 1, 16), ..starting(1) }),
           Reason::InFuture, "start_intervention.on"),
    ]
}

#[rustfmt::skip] // One row, one rule.
fn running_rows() -> Vec<Row> {
    let runs = running();
    let ordered = planned().after(ask(ordering(1, InterventionType::Fft)));
    let end = EndIntervention { on: date(2019, 6, 10), ..ending(1) };
    let ended = runs.clone().after(ask(end).on(2019, 6, 10));
    let on = |month, day| ask(HoldSession { on: date(2019, month, day), ..session(1) });
    let attended_by = |people: &[_]| {
        let late = |it: &_| Attendance { person_id: *it, state: AttendanceState::Late };
        ask(HoldSession { attendance: people.iter().map(late).collect(), ..session(1) })
    };
    vec![
        yes(&runs, ask(session(1)), "SessionHeld"),
        no(&ordered, ask(session(1)), Reason::NotRunning, "hold_session.on"),
        no(&ordered, ask(session(2)), Reason::UnknownId, "hold_session.intervention_id"),
        no(&runs, on(5, 19), Reason::NotRunning, "hold_session.on"),
        yes(&runs, on(5, 20), "SessionHeld"),
        yes(&ended, on(6, 10), "SessionHeld"),
        no(&ended, on(6, 11), Reason::NotRunning, "hold_session.on"),
        no(&runs, on(2, 28), Reason::BeforeCase, "hold_session.on"),
        no(&runs, ask(HoldSession { on: date(2020, 1, 16), ..session(1) }),
           Reason::InFuture, "hold_session.on"),
        no(&runs, attended_by(&[MOTHER, UNCLE]),
           Reason::NotInFamily, "hold_session.attendance[1].person_id"),
        no(&runs, attended_by(&[]), Reason::FieldInvalid, "hold_session.attendance"),
        no(&runs, ask(HoldSession { note: Some(words("0101054000")), ..session(1) }),
           Reason::CprInText, "hold_session.note"),

        yes(&runs, ask(ending(1)).on(2019, 11, 20), "InterventionEnded"),
        no(&ordered, ask(ending(1)), Reason::InterventionState, "end_intervention.intervention_id"),
        no(&ended, ask(ending(1)), Reason::InterventionState, "end_intervention.intervention_id"),
        no(&ended, ask(starting(1)),
           Reason::InterventionState, "start_intervention.intervention_id"),
        no(&ordered, ask(ending(2)), Reason::UnknownId, "end_intervention.intervention_id"),
        no(&runs, ask(EndIntervention { on: date(2019, 5, 19), ..ending(1) }),
           Reason::DateOrder, "end_intervention.on"),
        no(&runs, ask(EndIntervention { on: date(2020, 1, 16), ..ending(1) }),
           Reason::InFuture, "end_intervention.on"),
        no(&runs, ask(EndIntervention { result: Some(words("0101054000")), ..ending(1) }),
           Reason::CprInText, "end_intervention.result"),
    ]
}

pub(super) fn rows() -> Vec<Row> {
    [ordering_rows(), running_rows()].concat()
}

#[test]
fn rules_on_interventions() {
    check(rows());
}

#[test]
fn a_provider_is_about_whom_the_intervention_is_for() {
    let about = |person_id, provider: Option<&str>| {
        let provider = provider.map(str::to_owned);
        let order =
            OrderIntervention { person_id, provider, ..ordering(1, InterventionType::Homework) };
        let decided = planned().decide(&ask(order)).unwrap();
        let record = decided.appends[0].1[0].clone();
        let Fact::InterventionOrdered(fact) = record.fact else { panic!("other") };
        let fields: Vec<_> = record.personal.into_iter().map(|it| (it.field, it.persons)).collect();
        (fact.about, fields)
    };
    let provider = |persons: &[PersonId]| vec![("provider".to_owned(), persons.to_vec())];
    assert_eq!(about(Some(CHILD), Some("Ida Berg")), (vec![CHILD], provider(&[CHILD])));
    let all = [MOTHER, YOUTH, CHILD];
    assert_eq!(about(None, Some("Ida Berg")), (all.to_vec(), provider(&all)));
    assert_eq!(about(Some(CHILD), None), (vec![], vec![]));
}
