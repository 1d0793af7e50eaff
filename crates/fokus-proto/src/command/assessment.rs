//! Commands about assessments and judged risks.

use fokus_core::command as core;
use fokus_core::ids::{AssessmentId, FamilyId, PersonId};
use fokus_core::rejection::Rejection;

use super::journal::entry_ref;
use crate::parse;
use crate::path::Path;
use crate::v1;

/// The most events that a judgement may name as its basis.
const BASIS_MAX: usize = 50;

pub(super) fn start(
    wire: v1::StartAssessment,
    at: Path<'_>,
) -> Result<core::StartAssessment, Rejection> {
    let need_known_on = parse::optional_date(&wire.need_known_on, at.field("need_known_on"))?;
    Ok(core::StartAssessment {
        family_id: FamilyId(parse::id(&wire.family_id, at.field("family_id"))?),
        assessment_id: AssessmentId(parse::new_id(&wire.assessment_id, at.field("assessment_id"))?),
        kind: parse::code(wire.kind, at.field("kind"))?,
        person_id: parse::optional_id(&wire.person_id, at.field("person_id"))?.map(PersonId),
        trigger: wire.trigger.map(|it| entry_ref(&it, at.field("trigger"))).transpose()?,
        regime: parse::code(wire.regime, at.field("regime"))?,
        need_known_on,
    })
}

/// An empty basis and a short reasoning are the domain's to refuse, with codes of their own.
pub(super) fn judge_risk(wire: v1::JudgeRisk, at: Path<'_>) -> Result<core::JudgeRisk, Rejection> {
    let basis =
        parse::list(wire.basis, 0..=BASIS_MAX, at.field("basis"), |it, at| entry_ref(&it, at))?;
    parse::distinct(&basis, at.field("basis"), |it| *it)?;
    Ok(core::JudgeRisk {
        family_id: FamilyId(parse::id(&wire.family_id, at.field("family_id"))?),
        person_id: PersonId(parse::id(&wire.person_id, at.field("person_id"))?),
        risk_area: parse::code(wire.risk_area, at.field("risk_area"))?,
        level: parse::code(wire.level, at.field("level"))?,
        direction: parse::code(wire.direction, at.field("direction"))?,
        basis,
        reasoning: parse::free_text(wire.reasoning, at.field("reasoning"))?,
        valid_until: parse::date(&wire.valid_until, at.field("valid_until"))?,
    })
}

pub(super) fn conclude(
    wire: v1::ConcludeAssessment,
    at: Path<'_>,
) -> Result<core::ConcludeAssessment, Rejection> {
    Ok(core::ConcludeAssessment {
        family_id: FamilyId(parse::id(&wire.family_id, at.field("family_id"))?),
        assessment_id: AssessmentId(parse::id(&wire.assessment_id, at.field("assessment_id"))?),
        conclusion: parse::free_text(wire.conclusion, at.field("conclusion"))?,
        proposal: parse::code(wire.proposal, at.field("proposal"))?,
        shared_with_family_on: parse::optional_date(
            &wire.shared_with_family_on,
            at.field("shared_with_family_on"),
        )?,
        about: parse::persons(wire.about, at.field("about"))?,
    })
}
