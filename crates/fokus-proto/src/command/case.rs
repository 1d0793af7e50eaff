//! Commands about referrals, the case, its workers, phases and youth tracks.

use fokus_core::command as core;
use fokus_core::ids::{CaseId, FamilyId, PersonId, ProgrammeId, ReferralId, TrackId, WorkerId};
use fokus_core::rejection::Rejection;

use crate::parse;
use crate::path::Path;
use crate::v1;

/// The most criteria of a programme's target group.
pub(super) const CRITERIA_MAX: usize = 50;

pub(super) fn submit_referral(
    wire: v1::SubmitReferral,
    at: Path<'_>,
) -> Result<core::SubmitReferral, Rejection> {
    Ok(core::SubmitReferral {
        family_id: FamilyId(parse::id(&wire.family_id, at.field("family_id"))?),
        referral_id: ReferralId(parse::new_id(&wire.referral_id, at.field("referral_id"))?),
        programme_id: ProgrammeId(parse::id(&wire.programme_id, at.field("programme_id"))?),
        agency: parse::code(wire.agency, at.field("agency"))?,
        worker_id: parse::optional_id(&wire.worker_id, at.field("worker_id"))?.map(WorkerId),
        risk_areas: parse::codes(wire.risk_areas, 1, at.field("risk_areas"))?,
        grounds: parse::free_text(wire.grounds, at.field("grounds"))?,
        about: parse::persons(wire.about, at.field("about"))?,
        family_knows: wire.family_knows,
    })
}

pub(super) fn triage_referral(
    wire: v1::TriageReferral,
    at: Path<'_>,
) -> Result<core::TriageReferral, Rejection> {
    let target_group = parse::needed(wire.target_group, at.field("target_group"))?;
    Ok(core::TriageReferral {
        family_id: FamilyId(parse::id(&wire.family_id, at.field("family_id"))?),
        referral_id: ReferralId(parse::id(&wire.referral_id, at.field("referral_id"))?),
        met: target_group.met,
        criteria: criteria(target_group.criteria, at.field("target_group").field("criteria"))?,
        capacity: wire.capacity,
        priority: parse::code(wire.priority, at.field("priority"))?,
    })
}

fn criteria(wire: Vec<v1::Criterion>, at: Path<'_>) -> Result<Vec<core::Criterion>, Rejection> {
    let criteria = parse::list(wire, 0..=CRITERIA_MAX, at, |it, at| {
        Ok(core::Criterion {
            code: parse::code_word(it.code, at.field("code"))?,
            met: it.met,
            grounds: parse::optional_free_text(it.grounds, at.field("grounds"))?,
        })
    })?;
    parse::distinct(&criteria, at, |it| &it.code)?;
    Ok(criteria)
}

pub(super) fn open_case(wire: v1::OpenCase, at: Path<'_>) -> Result<core::OpenCase, Rejection> {
    Ok(core::OpenCase {
        family_id: FamilyId(parse::id(&wire.family_id, at.field("family_id"))?),
        case_id: CaseId(parse::new_id(&wire.case_id, at.field("case_id"))?),
        programme_id: ProgrammeId(parse::id(&wire.programme_id, at.field("programme_id"))?),
        referral_id: ReferralId(parse::id(&wire.referral_id, at.field("referral_id"))?),
        opened_on: parse::date(&wire.opened_on, at.field("opened_on"))?,
        kle: parse::kle(wire.kle, at.field("kle"))?,
        lead_worker_id: WorkerId(parse::id(&wire.lead_worker_id, at.field("lead_worker_id"))?),
        regime: parse::code(wire.regime, at.field("regime"))?,
    })
}

pub(super) fn assign_worker(
    wire: v1::AssignWorker,
    at: Path<'_>,
) -> Result<core::AssignWorker, Rejection> {
    Ok(core::AssignWorker {
        family_id: FamilyId(parse::id(&wire.family_id, at.field("family_id"))?),
        worker_id: WorkerId(parse::id(&wire.worker_id, at.field("worker_id"))?),
        role: parse::code(wire.role, at.field("role"))?,
        valid_from: parse::date(&wire.valid_from, at.field("valid_from"))?,
        valid_to: parse::optional_date(&wire.valid_to, at.field("valid_to"))?,
        replaces_lead: wire.replaces_lead,
        handover_note: parse::optional_free_text(wire.handover_note, at.field("handover_note"))?,
        about: parse::persons(wire.about, at.field("about"))?,
    })
}

pub(super) fn enter_phase(
    wire: &v1::EnterCasePhase,
    at: Path<'_>,
) -> Result<core::EnterCasePhase, Rejection> {
    Ok(core::EnterCasePhase {
        family_id: FamilyId(parse::id(&wire.family_id, at.field("family_id"))?),
        phase: parse::code(wire.phase, at.field("phase"))?,
    })
}

pub(super) fn open_youth_track(
    wire: &v1::OpenYouthTrack,
    at: Path<'_>,
) -> Result<core::OpenYouthTrack, Rejection> {
    Ok(core::OpenYouthTrack {
        family_id: FamilyId(parse::id(&wire.family_id, at.field("family_id"))?),
        youth_id: PersonId(parse::id(&wire.youth_id, at.field("youth_id"))?),
        track_id: TrackId(parse::new_id(&wire.track_id, at.field("track_id"))?),
    })
}
