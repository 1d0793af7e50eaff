//! AdjustIntervention, PauseIntervention, ResumeIntervention, DeclineIntervention, and what a pause
//! means to the others.

use jiff::civil::{Date, date};

use super::journal::{Journal, Row, ask, check, no, yes};
use super::story::*;
use crate::codes::*;
use crate::command::assessing::*;
use crate::command::*;
use crate::ids::{GoalId, InterventionId};
use crate::rejection::Reason;

const THERAPY: InterventionId = InterventionId(uuid::Uuid::from_u128(901));

fn adjusting() -> AdjustIntervention {
    let before = ordering(1, InterventionType::Fft).planned;
    AdjustIntervention {
        family_id: FAMILY,
        intervention_id: THERAPY,
        on: None,
        planned: Some(PlannedCourse { sessions: Some(20), ..before }),
        goal_ids: Vec::new(),
        reason: words("More are needed"),
    }
}

fn pausing(on: Option<Date>) -> PauseIntervention {
    PauseIntervention {
        family_id: FAMILY,
        intervention_id: THERAPY,
        on,
        expected_until: None,
        reason: words("Summer"),
    }
}

fn resuming(on: Option<Date>) -> ResumeIntervention {
    ResumeIntervention { family_id: FAMILY, intervention_id: THERAPY, on }
}

fn declining() -> DeclineIntervention {
    DeclineIntervention {
        family_id: FAMILY,
        intervention_id: THERAPY,
        by: vec![MOTHER],
        on: None,
        reason: Some(words("No time")),
    }
}

fn ordered() -> Journal {
    planned().after(ask(ordering(1, InterventionType::Fft)).on(2019, 5, 15))
}

#[rustfmt::skip] // One row, one rule.
fn adjusting_rows() -> Vec<Row> {
    let (runs, waits) = (running(), ordered());
    let ended = runs.clone().after(ask(ending(1)).on(2019, 11, 20));
    let goals = |goal_ids| ask(AdjustIntervention { planned: None, goal_ids, ..adjusting() });
    let goal = |number: u128| GoalId(uuid::Uuid::from_u128(number));
    let backwards = ordering(1, InterventionType::Fft).planned;
    let backwards = PlannedCourse { end: date(2019, 5, 19), ..backwards };
    let on = |on| ask(AdjustIntervention { on: Some(on), ..adjusting() });
    vec![
        yes(&runs, ask(adjusting()), "InterventionAdjusted"),
        yes(&waits, ask(adjusting()), "InterventionAdjusted"),
        yes(&runs.clone().after(ask(pausing(None))), ask(adjusting()), "InterventionAdjusted"),
        yes(&runs, goals(vec![goal(802)]), "InterventionAdjusted"),
        no(&runs, goals(vec![]), Reason::FieldInvalid, "adjust_intervention.planned"),
        no(&runs, goals(vec![goal(802), goal(899)]),
           Reason::UnknownId, "adjust_intervention.goal_ids[1]"),
        no(&runs, goals(vec![goal(801)]), Reason::NoChange, "adjust_intervention.planned"),
        no(&runs.clone().after(ask(adjusting())), ask(adjusting()),
           Reason::NoChange, "adjust_intervention.planned"),
        no(&runs, ask(AdjustIntervention { planned: Some(backwards), ..adjusting() }),
           Reason::DateOrder, "adjust_intervention.planned.end"),
        no(&runs, on(date(2020, 1, 16)), Reason::InFuture, "adjust_intervention.on"),
        no(&runs, on(date(2019, 2, 28)), Reason::BeforeCase, "adjust_intervention.on"),
        no(&ended, ask(adjusting()),
           Reason::InterventionState, "adjust_intervention.intervention_id"),
        no(&planned(), ask(adjusting()), Reason::UnknownId, "adjust_intervention.intervention_id"),
        no(&runs, ask(AdjustIntervention { reason: words("0101054000"), ..adjusting() }),
           Reason::CprInText, "adjust_intervention.reason"),

        yes(&waits, ask(declining()), "InterventionDeclined"),
        no(&runs, ask(declining()),
           Reason::InterventionState, "decline_intervention.intervention_id"),
        no(&waits, ask(DeclineIntervention { by: vec![], ..declining() }),
           Reason::FieldInvalid, "decline_intervention.by"),
        no(&waits, ask(DeclineIntervention { by: vec![MOTHER, UNCLE], ..declining() }),
           Reason::NotInFamily, "decline_intervention.by[1]"),
        no(&waits.clone().after(ask(declining())), ask(declining()),
           Reason::InterventionState, "decline_intervention.intervention_id"),
        no(&waits.clone().after(ask(declining())), ask(starting(1)),
           Reason::InterventionState, "start_intervention.intervention_id"),
        no(&waits.clone().after(ask(declining())), ask(ending(1)),
           Reason::InterventionState, "end_intervention.intervention_id"),
    ]
}

#[rustfmt::skip] // One row, one rule.
fn pause_rows() -> Vec<Row> {
    let runs = running();
    let (june, july, august) = (date(2019, 6, 3), date(2019, 7, 1), date(2019, 8, 12));
    let paused = runs.clone().after(ask(pausing(Some(july))).on(2019, 7, 1));
    let resumed = paused.clone().after(ask(resuming(Some(august))).on(2019, 8, 12));
    let held = |on| ask(HoldSession { on, ..session(1) }).on(2019, 9, 1);
    let end = |on| ask(EndIntervention { on, ..ending(1) }).on(2019, 11, 20);
    let until = |until| PauseIntervention { expected_until: Some(until), ..pausing(Some(july)) };
    vec![
        yes(&runs, ask(pausing(None)), "InterventionPaused"),
        yes(&runs, ask(until(july)), "InterventionPaused"),
        no(&runs, ask(until(june)), Reason::DateOrder, "pause_intervention.expected_until"),
        no(&runs, ask(pausing(Some(date(2019, 5, 19)))),
           Reason::DateOrder, "pause_intervention.on"),
        no(&runs, ask(pausing(Some(date(2020, 1, 16)))),
           Reason::InFuture, "pause_intervention.on"),
        no(&ordered(), ask(pausing(None)),
           Reason::InterventionState, "pause_intervention.intervention_id"),
        no(&paused, ask(pausing(Some(august))),
           Reason::InterventionState, "pause_intervention.intervention_id"),
        no(&resumed, ask(pausing(Some(july))), Reason::DateOrder, "pause_intervention.on"),
        yes(&resumed, ask(pausing(Some(august))), "InterventionPaused"),

        yes(&paused, ask(resuming(Some(july))), "InterventionResumed"),
        no(&paused, ask(resuming(Some(june))), Reason::DateOrder, "resume_intervention.on"),
        no(&runs, ask(resuming(Some(june))),
           Reason::InterventionState, "resume_intervention.intervention_id"),
        no(&resumed, ask(resuming(Some(august))),
           Reason::InterventionState, "resume_intervention.intervention_id"),
        no(&paused, ask(resuming(Some(date(2020, 1, 16)))),
           Reason::InFuture, "resume_intervention.on"),

        yes(&paused, held(date(2019, 6, 30)), "SessionHeld"),
        no(&paused, held(july), Reason::NotRunning, "hold_session.on"),
        no(&resumed, held(date(2019, 8, 11)), Reason::NotRunning, "hold_session.on"),
        yes(&resumed, held(august), "SessionHeld"),
        yes(&paused, end(july), "InterventionEnded"),
        no(&paused, end(date(2019, 6, 30)), Reason::DateOrder, "end_intervention.on"),
    ]
}

pub(super) fn rows() -> Vec<Row> {
    [adjusting_rows(), pause_rows()].concat()
}

/// One of each command, in a journal that accepts it.
pub(super) fn cases() -> Vec<(Journal, Command)> {
    let on = Some(date(2019, 7, 1));
    let paused = running().after(ask(pausing(Some(date(2019, 6, 3)))));
    vec![
        (running(), AdjustIntervention { on, ..adjusting() }.into()),
        (ordered(), DeclineIntervention { on, ..declining() }.into()),
        (running(), pausing(on).into()),
        (paused, resuming(on).into()),
    ]
}

#[test]
fn rules_on_the_course_of_interventions() {
    check(rows());
}

#[test]
fn the_last_adjustment_by_its_day_is_the_plan() {
    let more = |sessions, on| {
        let planned = adjusting().planned.map(|it| PlannedCourse { sessions, ..it });
        ask(AdjustIntervention { planned, on: Some(on), ..adjusting() })
    };
    let journal =
        running().after(more(Some(20), date(2019, 7, 1))).after(more(Some(16), date(2019, 6, 1)));
    let world = journal.world(&session(1).into());
    let family = &world.families[&FAMILY.0].state;
    let planned = family.intervention(THERAPY).unwrap().planned().unwrap();
    assert_eq!(planned.sessions, Some(20));
}
