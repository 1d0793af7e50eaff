//! Commands on the course of an intervention that was ordered.

use fokus_core::command::assessing as core;
use fokus_core::ids::{FamilyId, PersonId};
use fokus_core::rejection::Rejection;

use super::intervention::{intervention_id, planned_course};
use crate::parse;
use crate::path::Path;
use crate::v1;

/// That something changes is the domain's to ask.
pub(super) fn adjust(
    wire: v1::AdjustIntervention,
    at: Path<'_>,
) -> Result<core::AdjustIntervention, Rejection> {
    let planned = wire.planned.map(|it| planned_course(&it, at.field("planned")));
    Ok(core::AdjustIntervention {
        family_id: FamilyId(parse::id(&wire.family_id, at.field("family_id"))?),
        intervention_id: intervention_id(&wire.intervention_id, at)?,
        on: parse::optional_date(&wire.on, at.field("on"))?,
        planned: planned.transpose()?,
        goal_ids: parse::goals(wire.goal_ids, at.field("goal_ids"))?,
        reason: parse::free_text(wire.reason, at.field("reason"))?,
    })
}

pub(super) fn decline(
    wire: v1::DeclineIntervention,
    at: Path<'_>,
) -> Result<core::DeclineIntervention, Rejection> {
    Ok(core::DeclineIntervention {
        family_id: FamilyId(parse::id(&wire.family_id, at.field("family_id"))?),
        intervention_id: intervention_id(&wire.intervention_id, at)?,
        by: parse::about_persons(
            wire.by,
            1,
            at.field("by"),
            |it, at| parse::id(&it, at).map(PersonId),
            |it| *it,
        )?,
        on: parse::optional_date(&wire.on, at.field("on"))?,
        reason: parse::optional_free_text(wire.reason, at.field("reason"))?,
    })
}

pub(super) fn pause(
    wire: v1::PauseIntervention,
    at: Path<'_>,
) -> Result<core::PauseIntervention, Rejection> {
    Ok(core::PauseIntervention {
        family_id: FamilyId(parse::id(&wire.family_id, at.field("family_id"))?),
        intervention_id: intervention_id(&wire.intervention_id, at)?,
        on: parse::optional_date(&wire.on, at.field("on"))?,
        expected_until: parse::optional_date(&wire.expected_until, at.field("expected_until"))?,
        reason: parse::free_text(wire.reason, at.field("reason"))?,
    })
}

pub(super) fn resume(
    wire: &v1::ResumeIntervention,
    at: Path<'_>,
) -> Result<core::ResumeIntervention, Rejection> {
    Ok(core::ResumeIntervention {
        family_id: FamilyId(parse::id(&wire.family_id, at.field("family_id"))?),
        intervention_id: intervention_id(&wire.intervention_id, at)?,
        on: parse::optional_date(&wire.on, at.field("on"))?,
    })
}
