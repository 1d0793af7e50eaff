//! Commands inside an assessment, and on its other ends.

use fokus_core::command::assessing as core;
use fokus_core::ids::{AssessmentId, FamilyId, PersonId};
use fokus_core::instruments::Hundredths;
use fokus_core::rejection::Rejection;

use super::intervention::method_version;
use crate::parse;
use crate::path::Path;
use crate::v1;

/// The most scores of one administration.
const SCORES_MAX: usize = 50;
/// The most items that a client may say are missing; each scale has its own limit.
const MISSING_ITEMS_MAX: i32 = 100;

/// Which texts it needs is the domain's to say.
pub(super) fn area(
    wire: v1::DescribeAssessmentArea,
    at: Path<'_>,
) -> Result<core::DescribeAssessmentArea, Rejection> {
    let reason = at.field("child_not_heard_reason");
    Ok(core::DescribeAssessmentArea {
        family_id: FamilyId(parse::id(&wire.family_id, at.field("family_id"))?),
        assessment_id: assessment_id(&wire.assessment_id, at)?,
        dimension: parse::code(wire.dimension, at.field("dimension"))?,
        resources: parse::optional_free_text(wire.resources, at.field("resources"))?,
        problems: parse::optional_free_text(wire.problems, at.field("problems"))?,
        child_view: parse::optional_free_text(wire.child_view, at.field("child_view"))?,
        child_not_heard_reason: parse::optional_free_text(wire.child_not_heard_reason, reason)?,
        parent_view: parse::optional_free_text(wire.parent_view, at.field("parent_view"))?,
        about: parse::persons(wire.about, at.field("about"))?,
    })
}

pub(super) fn factor(wire: v1::StateFactor, at: Path<'_>) -> Result<core::StateFactor, Rejection> {
    Ok(core::StateFactor {
        family_id: FamilyId(parse::id(&wire.family_id, at.field("family_id"))?),
        assessment_id: assessment_id(&wire.assessment_id, at)?,
        factor_code: parse::code_word(wire.factor_code, at.field("factor_code"))?,
        side: parse::code(wire.side, at.field("side"))?,
        weight_band: parse::optional_code(wire.weight_band, at.field("weight_band"))?,
        answer: parse::code(wire.answer, at.field("answer"))?,
        risk_area: parse::optional_code(wire.risk_area, at.field("risk_area"))?,
        grounds: parse::optional_free_text(wire.grounds, at.field("grounds"))?,
        about: parse::persons(wire.about, at.field("about"))?,
    })
}

/// No score, and scores that cannot be, are the domain's to refuse. The words of items end here.
pub(super) fn instrument(
    wire: v1::AdministerInstrument,
    at: Path<'_>,
) -> Result<core::AdministerInstrument, Rejection> {
    let assessment = parse::optional_id(&wire.assessment_id, at.field("assessment_id"))?;
    let scores = parse::list(wire.scores, 0..=SCORES_MAX, at.field("scores"), scale_score)?;
    parse::distinct(&scores, at.field("scores"), |it| &it.scale)?;
    Ok(core::AdministerInstrument {
        family_id: FamilyId(parse::id(&wire.family_id, at.field("family_id"))?),
        assessment_id: assessment.map(AssessmentId),
        instrument: parse::code_word(wire.instrument, at.field("instrument"))?,
        version: method_version(wire.version, at.field("version"))?,
        person_id: parse::optional_id(&wire.person_id, at.field("person_id"))?.map(PersonId),
        respondent: parse::code(wire.respondent, at.field("respondent"))?,
        occasion: parse::code(wire.occasion, at.field("occasion"))?,
        norm_set: method_version(wire.norm_set, at.field("norm_set"))?,
        scores,
        gives_item_texts: !wire.item_texts.is_empty(),
    })
}

fn scale_score(wire: v1::ScaleScore, at: Path<'_>) -> Result<core::ScaleScore, Rejection> {
    let missing = at.field("missing_items");
    Ok(core::ScaleScore {
        scale: parse::code_word(wire.scale, at.field("scale"))?,
        value: decimal(&wire.value, at.field("value"))?,
        missing_items: parse::number(wire.missing_items, 0..=MISSING_ITEMS_MAX, missing)?,
    })
}

/// A decimal in hundredths.
pub(super) fn decimal(wire: &str, at: Path<'_>) -> Result<Hundredths, Rejection> {
    let rule = "must be a decimal with at most four digits before the point and two after it";
    Hundredths::parse(wire).ok_or_else(|| at.invalid(rule))
}

pub(super) fn provisional(
    wire: v1::ConcludeAssessmentProvisionally,
    at: Path<'_>,
) -> Result<core::ConcludeAssessmentProvisionally, Rejection> {
    Ok(core::ConcludeAssessmentProvisionally {
        family_id: FamilyId(parse::id(&wire.family_id, at.field("family_id"))?),
        assessment_id: assessment_id(&wire.assessment_id, at)?,
        reasons: parse::free_text(wire.reasons, at.field("reasons"))?,
        preliminary: parse::free_text(wire.preliminary, at.field("preliminary"))?,
        expected_end: parse::date(&wire.expected_end, at.field("expected_end"))?,
    })
}

pub(super) fn abandon(
    wire: v1::AbandonAssessment,
    at: Path<'_>,
) -> Result<core::AbandonAssessment, Rejection> {
    Ok(core::AbandonAssessment {
        family_id: FamilyId(parse::id(&wire.family_id, at.field("family_id"))?),
        assessment_id: assessment_id(&wire.assessment_id, at)?,
        reason: parse::free_text(wire.reason, at.field("reason"))?,
    })
}

fn assessment_id(wire: &str, at: Path<'_>) -> Result<AssessmentId, Rejection> {
    parse::id(wire, at.field("assessment_id")).map(AssessmentId)
}
