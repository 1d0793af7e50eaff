//! Commands on what others report: assessments, incidents, absence, education and work.

use fokus_core::command::assessing as core;
use fokus_core::ids::{FamilyId, PersonId};
use fokus_core::rejection::Rejection;

use super::assessing::decimal;
use crate::parse;
use crate::path::Path;
use crate::v1;

/// 100 per cent, in hundredths of one.
const PERCENT_MAX: i32 = 10_000;

pub(super) fn external(
    wire: v1::ReceiveExternalAssessment,
    at: Path<'_>,
) -> Result<core::ReceiveExternalAssessment, Rejection> {
    Ok(core::ReceiveExternalAssessment {
        family_id: FamilyId(parse::id(&wire.family_id, at.field("family_id"))?),
        from: parse::code(wire.from, at.field("from"))?,
        dated: parse::optional_date(&wire.dated, at.field("dated"))?,
        summary: parse::free_text(wire.summary, at.field("summary"))?,
        about: parse::persons(wire.about, at.field("about"))?,
    })
}

pub(super) fn incident(
    wire: v1::RecordIncident,
    at: Path<'_>,
) -> Result<core::RecordIncident, Rejection> {
    Ok(core::RecordIncident {
        family_id: FamilyId(parse::id(&wire.family_id, at.field("family_id"))?),
        person_id: PersonId(parse::id(&wire.person_id, at.field("person_id"))?),
        kind: parse::code(wire.kind, at.field("kind"))?,
        grade: parse::code(wire.grade, at.field("grade"))?,
        source_agency: parse::code(wire.source_agency, at.field("source_agency"))?,
        text: parse::optional_free_text(wire.text, at.field("text"))?,
    })
}

pub(super) fn absence(
    wire: &v1::ReportAbsence,
    at: Path<'_>,
) -> Result<core::ReportAbsence, Rejection> {
    Ok(core::ReportAbsence {
        family_id: FamilyId(parse::id(&wire.family_id, at.field("family_id"))?),
        person_id: PersonId(parse::id(&wire.person_id, at.field("person_id"))?),
        from: parse::date(&wire.from, at.field("from"))?,
        to: parse::date(&wire.to, at.field("to"))?,
        lawful_per_mille: per_mille(&wire.lawful_percent, at.field("lawful_percent"))?,
        unlawful_per_mille: per_mille(&wire.unlawful_percent, at.field("unlawful_percent"))?,
    })
}

/// A share in per cent with at most one decimal, as tenths of a per cent; left out = 0.
fn per_mille(wire: &str, at: Path<'_>) -> Result<u16, Rejection> {
    if wire.is_empty() {
        return Ok(0);
    }
    let rule = || at.invalid("must be a decimal from 0 to 100 with at most one place");
    let percent = decimal(wire, at)?.0;
    if !(0..=PERCENT_MAX).contains(&percent) || percent % 10 != 0 {
        return Err(rule());
    }
    u16::try_from(percent / 10).map_err(|_| rule())
}

pub(super) fn education(
    wire: &v1::ReportEducationStatus,
    at: Path<'_>,
) -> Result<core::ReportEducationStatus, Rejection> {
    Ok(core::ReportEducationStatus {
        family_id: FamilyId(parse::id(&wire.family_id, at.field("family_id"))?),
        person_id: PersonId(parse::id(&wire.person_id, at.field("person_id"))?),
        status: parse::code(wire.status, at.field("status"))?,
        from: parse::optional_date(&wire.from, at.field("from"))?,
    })
}

pub(super) fn employment(
    wire: &v1::ReportEmploymentStatus,
    at: Path<'_>,
) -> Result<core::ReportEmploymentStatus, Rejection> {
    Ok(core::ReportEmploymentStatus {
        family_id: FamilyId(parse::id(&wire.family_id, at.field("family_id"))?),
        person_id: PersonId(parse::id(&wire.person_id, at.field("person_id"))?),
        status: parse::code(wire.status, at.field("status"))?,
        from: parse::optional_date(&wire.from, at.field("from"))?,
    })
}
