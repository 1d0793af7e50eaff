//! Commands about interventions and their sessions.

use fokus_core::command as core;
use fokus_core::ids::{FamilyId, InterventionId, PersonId};
use fokus_core::rejection::Rejection;

use super::journal::MINUTES_MAX;
use crate::parse::{self, NAME_BYTES_MAX};
use crate::path::Path;
use crate::v1;

/// The most bytes of a method's version, such as `MST@2018-1`.
const METHOD_BYTES_MAX: usize = 100;
/// The most sessions that can be planned.
const SESSIONS_MAX: i32 = 1000;
/// The minutes of a week.
const MINUTES_PER_WEEK_MAX: i32 = 10_080;

/// No goal is the domain's to refuse, with a code of its own.
pub(super) fn order(
    wire: v1::OrderIntervention,
    at: Path<'_>,
) -> Result<core::OrderIntervention, Rejection> {
    let planned = parse::needed(wire.planned, at.field("planned"))?;
    let cost = parse::count(wire.cost_estimate_ore, at.field("cost_estimate_ore"))?;
    let id = parse::new_id(&wire.intervention_id, at.field("intervention_id"))?;
    Ok(core::OrderIntervention {
        family_id: FamilyId(parse::id(&wire.family_id, at.field("family_id"))?),
        intervention_id: InterventionId(id),
        intervention_type: parse::code(wire.r#type, at.field("type"))?,
        person_id: parse::optional_id(&wire.person_id, at.field("person_id"))?.map(PersonId),
        goal_ids: parse::goals(wire.goal_ids, at.field("goal_ids"))?,
        method_version: method_version(wire.method_version, at.field("method_version"))?,
        provider: parse::optional_text(wire.provider, NAME_BYTES_MAX, at.field("provider"))?,
        planned: planned_course(&planned, at.field("planned"))?,
        cost_estimate_ore: (cost != 0).then_some(wire.cost_estimate_ore),
        about: parse::persons(wire.about, at.field("about"))?,
    })
}

/// A name of a method and its version. No free text: it is kept among the coded facts.
pub(super) fn method_version(wire: String, at: Path<'_>) -> Result<Option<String>, Rejection> {
    let Some(first) = wire.bytes().next() else { return Ok(None) };
    let is_known = |it: u8| it.is_ascii_alphanumeric() || b"@._-".contains(&it);
    if wire.len() > METHOD_BYTES_MAX
        || !first.is_ascii_alphanumeric()
        || !wire.bytes().all(is_known)
    {
        let rule = format!(
            "must be at most {METHOD_BYTES_MAX} letters, digits and @ . _ -, the first a letter or \
             digit"
        );
        return Err(at.invalid(rule));
    }
    Ok(Some(wire))
}

pub(super) fn planned_course(
    wire: &v1::PlannedCourse,
    at: Path<'_>,
) -> Result<core::PlannedCourse, Rejection> {
    let start = parse::date(&wire.start, at.field("start"))?;
    let end = parse::date(&wire.end, at.field("end"))?;
    if end < start {
        return Err(at.field("end").invalid("must not be before the start"));
    }
    let sessions: u16 = parse::number(wire.sessions, 0..=SESSIONS_MAX, at.field("sessions"))?;
    let minutes: u16 = parse::number(
        wire.minutes_per_week,
        0..=MINUTES_PER_WEEK_MAX,
        at.field("minutes_per_week"),
    )?;
    Ok(core::PlannedCourse {
        start,
        end,
        sessions: (sessions != 0).then_some(sessions),
        minutes_per_week: (minutes != 0).then_some(minutes),
    })
}

pub(super) fn start(
    wire: &v1::StartIntervention,
    at: Path<'_>,
) -> Result<core::StartIntervention, Rejection> {
    Ok(core::StartIntervention {
        family_id: FamilyId(parse::id(&wire.family_id, at.field("family_id"))?),
        intervention_id: intervention_id(&wire.intervention_id, at)?,
        on: parse::date(&wire.on, at.field("on"))?,
    })
}

pub(super) fn hold_session(
    wire: v1::HoldSession,
    at: Path<'_>,
) -> Result<core::HoldSession, Rejection> {
    let fidelity = at.field("fidelity_percent");
    Ok(core::HoldSession {
        family_id: FamilyId(parse::id(&wire.family_id, at.field("family_id"))?),
        intervention_id: intervention_id(&wire.intervention_id, at)?,
        on: parse::date(&wire.on, at.field("on"))?,
        minutes: parse::number(wire.minutes, 0..=MINUTES_MAX, at.field("minutes"))?,
        attendance: parse::about_persons(
            wire.attendance,
            1,
            at.field("attendance"),
            |it, at| attendance(&it, at),
            |it| it.person_id,
        )?,
        fidelity_percent: wire
            .fidelity_percent
            .map(|it| parse::number(it, 0..=100, fidelity))
            .transpose()?,
        note: parse::optional_free_text(wire.note, at.field("note"))?,
    })
}

fn attendance(wire: &v1::Attendance, at: Path<'_>) -> Result<core::Attendance, Rejection> {
    Ok(core::Attendance {
        person_id: PersonId(parse::id(&wire.person_id, at.field("person_id"))?),
        state: parse::code(wire.state, at.field("state"))?,
    })
}

pub(super) fn end(
    wire: v1::EndIntervention,
    at: Path<'_>,
) -> Result<core::EndIntervention, Rejection> {
    Ok(core::EndIntervention {
        family_id: FamilyId(parse::id(&wire.family_id, at.field("family_id"))?),
        intervention_id: intervention_id(&wire.intervention_id, at)?,
        on: parse::date(&wire.on, at.field("on"))?,
        reason: parse::code(wire.reason, at.field("reason"))?,
        result: parse::optional_free_text(wire.result, at.field("result"))?,
        about: parse::persons(wire.about, at.field("about"))?,
    })
}

pub(super) fn intervention_id(wire: &str, at: Path<'_>) -> Result<InterventionId, Rejection> {
    parse::id(wire, at.field("intervention_id")).map(InterventionId)
}
