//! Commands about what is released of a programme.

use fokus_core::command::statistics::{ReleaseStatistic, SetDisclosureRules, WithdrawStatistic};
use fokus_core::disclosure::Threshold;
use fokus_core::ids::{ProgrammeId, ReleaseId};
use fokus_core::rejection::Rejection;

use crate::parse;
use crate::path::Path;
use crate::reads;
use crate::v1;

pub(super) fn set_disclosure_rules(
    wire: &v1::SetDisclosureRules,
    at: Path<'_>,
) -> Result<SetDisclosureRules, Rejection> {
    let threshold = at.field("threshold");
    let families = u32::try_from(wire.threshold).ok().and_then(Threshold::new);
    let (least, most) = (Threshold::LEAST, Threshold::MOST);
    Ok(SetDisclosureRules {
        programme_id: ProgrammeId(parse::id(&wire.programme_id, at.field("programme_id"))?),
        threshold: families
            .ok_or_else(|| threshold.invalid(format!("must be from {least} to {most}")))?,
    })
}

pub(super) fn release(
    wire: &v1::ReleaseStatistic,
    at: Path<'_>,
) -> Result<ReleaseStatistic, Rejection> {
    Ok(ReleaseStatistic {
        programme_id: ProgrammeId(parse::id(&wire.programme_id, at.field("programme_id"))?),
        release_id: ReleaseId(parse::new_id(&wire.release_id, at.field("release_id"))?),
        quarter: reads::quarter_at(&wire.quarter, at.field("quarter"))?,
    })
}

pub(super) fn withdraw(
    wire: &v1::WithdrawStatistic,
    at: Path<'_>,
) -> Result<WithdrawStatistic, Rejection> {
    Ok(WithdrawStatistic {
        programme_id: ProgrammeId(parse::id(&wire.programme_id, at.field("programme_id"))?),
        release_id: ReleaseId(parse::id(&wire.release_id, at.field("release_id"))?),
        reason: parse::code(wire.reason, at.field("reason"))?,
    })
}
