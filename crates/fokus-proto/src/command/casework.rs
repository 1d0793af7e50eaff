//! Commands on the case's course: the referral's answers, the workers, pauses, closing and after, the
//! acute override, and remarks beside the journal.

use fokus_core::command as core;
use fokus_core::ids::{
    ContactId, FamilyId, FlagId, GoalId, NoteId, PersonId, ReferralId, WorkerId,
};
use fokus_core::rejection::Rejection;

use super::journal::entry_ref;
use crate::parse;
use crate::path::Path;
use crate::v1;

/// The most goals of a case, and the most answers about satisfaction.
const ITEMS_MAX: usize = 50;
/// The most bytes of an answer about satisfaction.
const ANSWER_BYTES_MAX: usize = 2000;

fn family(wire: &str, at: Path<'_>) -> Result<FamilyId, Rejection> {
    parse::id(wire, at.field("family_id")).map(FamilyId)
}

fn referral(wire: &str, at: Path<'_>) -> Result<ReferralId, Rejection> {
    parse::id(wire, at.field("referral_id")).map(ReferralId)
}

fn about(wire: Vec<String>, at: Path<'_>) -> Result<Vec<PersonId>, Rejection> {
    parse::persons(wire, at.field("about"))
}

/// An entry that may be left out.
fn optional_entry(
    wire: Option<&v1::EntryRef>,
    at: Path<'_>,
) -> Result<Option<core::EntryRef>, Rejection> {
    wire.map(|it| entry_ref(it, at)).transpose()
}

pub(super) fn request_referral_info(
    wire: v1::RequestReferralInfo,
    at: Path<'_>,
) -> Result<core::RequestReferralInfo, Rejection> {
    Ok(core::RequestReferralInfo {
        family_id: family(&wire.family_id, at)?,
        referral_id: referral(&wire.referral_id, at)?,
        questions: parse::free_text(wire.questions, at.field("questions"))?,
        about: about(wire.about, at)?,
    })
}

pub(super) fn supply_referral_info(
    wire: v1::SupplyReferralInfo,
    at: Path<'_>,
) -> Result<core::SupplyReferralInfo, Rejection> {
    Ok(core::SupplyReferralInfo {
        family_id: family(&wire.family_id, at)?,
        referral_id: referral(&wire.referral_id, at)?,
        answer: parse::free_text(wire.answer, at.field("answer"))?,
        about: about(wire.about, at)?,
    })
}

pub(super) fn decline_referral(
    wire: &v1::DeclineReferral,
    at: Path<'_>,
) -> Result<core::DeclineReferral, Rejection> {
    Ok(core::DeclineReferral {
        family_id: family(&wire.family_id, at)?,
        referral_id: referral(&wire.referral_id, at)?,
        reason: parse::code(wire.reason, at.field("reason"))?,
        redirected_to: parse::optional_code(wire.redirected_to, at.field("redirected_to"))?,
    })
}

pub(super) fn withdraw_referral(
    wire: v1::WithdrawReferral,
    at: Path<'_>,
) -> Result<core::WithdrawReferral, Rejection> {
    Ok(core::WithdrawReferral {
        family_id: family(&wire.family_id, at)?,
        referral_id: referral(&wire.referral_id, at)?,
        reason: parse::optional_free_text(wire.reason, at.field("reason"))?,
        about: about(wire.about, at)?,
    })
}

pub(super) fn offer_place(
    wire: &v1::OfferPlace,
    at: Path<'_>,
) -> Result<core::OfferPlace, Rejection> {
    Ok(core::OfferPlace {
        family_id: family(&wire.family_id, at)?,
        referral_id: referral(&wire.referral_id, at)?,
    })
}

pub(super) fn accept_place(
    wire: v1::AcceptPlace,
    at: Path<'_>,
) -> Result<core::AcceptPlace, Rejection> {
    let accepted = at.field("accepted_by");
    Ok(core::AcceptPlace {
        family_id: family(&wire.family_id, at)?,
        referral_id: referral(&wire.referral_id, at)?,
        accepted_by: parse::about_persons(
            wire.accepted_by,
            1,
            accepted,
            |it, at| parse::id(&it, at).map(PersonId),
            |it| *it,
        )?,
    })
}

pub(super) fn refuse_place(
    wire: v1::RefusePlace,
    at: Path<'_>,
) -> Result<core::RefusePlace, Rejection> {
    Ok(core::RefusePlace {
        family_id: family(&wire.family_id, at)?,
        referral_id: referral(&wire.referral_id, at)?,
        reason: parse::optional_free_text(wire.reason, at.field("reason"))?,
        about: about(wire.about, at)?,
    })
}

pub(super) fn unassign_worker(
    wire: &v1::UnassignWorker,
    at: Path<'_>,
) -> Result<core::UnassignWorker, Rejection> {
    Ok(core::UnassignWorker {
        family_id: family(&wire.family_id, at)?,
        worker_id: WorkerId(parse::id(&wire.worker_id, at.field("worker_id"))?),
        role: parse::optional_code(wire.role, at.field("role"))?,
        valid_to: parse::optional_date(&wire.valid_to, at.field("valid_to"))?,
    })
}

pub(super) fn complete_handover(
    wire: &v1::CompleteHandover,
    at: Path<'_>,
) -> Result<core::CompleteHandover, Rejection> {
    Ok(core::CompleteHandover {
        family_id: family(&wire.family_id, at)?,
        assignment: optional_entry(wire.assignment.as_ref(), at.field("assignment"))?,
        read_up_to: parse::number(wire.read_up_to, 1..=i64::MAX, at.field("read_up_to"))?,
        family_told_on: parse::date(&wire.family_told_on, at.field("family_told_on"))?,
    })
}

pub(super) fn pause_case(wire: v1::PauseCase, at: Path<'_>) -> Result<core::PauseCase, Rejection> {
    Ok(core::PauseCase {
        family_id: family(&wire.family_id, at)?,
        paused_from: parse::optional_date(&wire.paused_from, at.field("paused_from"))?,
        expected_until: parse::date(&wire.expected_until, at.field("expected_until"))?,
        reason: parse::free_text(wire.reason, at.field("reason"))?,
        about: about(wire.about, at)?,
    })
}

pub(super) fn resume_case(
    wire: &v1::ResumeCase,
    at: Path<'_>,
) -> Result<core::ResumeCase, Rejection> {
    Ok(core::ResumeCase {
        family_id: family(&wire.family_id, at)?,
        on: parse::optional_date(&wire.on, at.field("on"))?,
    })
}

pub(super) fn propose_closure(
    wire: v1::ProposeClosure,
    at: Path<'_>,
) -> Result<core::ProposeClosure, Rejection> {
    let disposed = |it: v1::GoalDisposed, at: Path<'_>| {
        Ok(core::GoalDisposed {
            goal_id: GoalId(parse::id(&it.goal_id, at.field("goal_id"))?),
            disposition: parse::code(it.disposition, at.field("disposition"))?,
        })
    };
    let family_id = family(&wire.family_id, at)?;
    let outcome = parse::code(wire.outcome, at.field("outcome"))?;
    let summary = parse::free_text(wire.summary, at.field("summary"))?;
    let goals = parse::list(wire.goals, 0..=ITEMS_MAX, at.field("goals"), disposed)?;
    parse::distinct(&goals, at.field("goals"), |it| it.goal_id)?;
    let plan = at.field("follow_up_plan");
    Ok(core::ProposeClosure {
        family_id,
        outcome,
        summary,
        goals,
        follow_up_plan: parse::optional_free_text(wire.follow_up_plan, plan)?,
        about: about(wire.about, at)?,
    })
}

pub(super) fn approve_closure(
    wire: &v1::ApproveClosure,
    at: Path<'_>,
) -> Result<core::ApproveClosure, Rejection> {
    Ok(core::ApproveClosure {
        family_id: family(&wire.family_id, at)?,
        proposal: optional_entry(wire.proposal.as_ref(), at.field("proposal"))?,
    })
}

pub(super) fn reject_closure(
    wire: v1::RejectClosure,
    at: Path<'_>,
) -> Result<core::RejectClosure, Rejection> {
    Ok(core::RejectClosure {
        family_id: family(&wire.family_id, at)?,
        proposal: optional_entry(wire.proposal.as_ref(), at.field("proposal"))?,
        reason: parse::free_text(wire.reason, at.field("reason"))?,
        about: about(wire.about, at)?,
    })
}

/// Whether the family was told is the domain's to ask.
pub(super) fn close_case(wire: v1::CloseCase, at: Path<'_>) -> Result<core::CloseCase, Rejection> {
    let why = at.field("not_told_reason");
    Ok(core::CloseCase {
        family_id: family(&wire.family_id, at)?,
        proposal: optional_entry(wire.proposal.as_ref(), at.field("proposal"))?,
        closed_on: parse::optional_date(&wire.closed_on, at.field("closed_on"))?,
        family_told_on: parse::optional_date(&wire.family_told_on, at.field("family_told_on"))?,
        not_told_reason: parse::optional_free_text(wire.not_told_reason, why)?,
    })
}

pub(super) fn reopen_case(
    wire: v1::ReopenCase,
    at: Path<'_>,
) -> Result<core::ReopenCase, Rejection> {
    let lead = at.field("lead_worker_id");
    Ok(core::ReopenCase {
        family_id: family(&wire.family_id, at)?,
        reason: parse::code(wire.reason, at.field("reason"))?,
        grounds: parse::free_text(wire.grounds, at.field("grounds"))?,
        reopened_on: parse::optional_date(&wire.reopened_on, at.field("reopened_on"))?,
        lead_worker_id: parse::optional_id(&wire.lead_worker_id, lead)?.map(WorkerId),
        phase: parse::optional_code(wire.phase, at.field("phase"))?,
        about: about(wire.about, at)?,
    })
}

pub(super) fn post_closure_contact(
    wire: v1::RecordPostClosureContact,
    at: Path<'_>,
) -> Result<core::RecordPostClosureContact, Rejection> {
    Ok(core::RecordPostClosureContact {
        family_id: family(&wire.family_id, at)?,
        contact_id: ContactId(parse::new_id(&wire.contact_id, at.field("contact_id"))?),
        on: parse::optional_date(&wire.on, at.field("on"))?,
        answered: wire.answered,
        findings: parse::optional_free_text(wire.findings, at.field("findings"))?,
        about: about(wire.about, at)?,
    })
}

pub(super) fn family_satisfaction(
    wire: v1::GiveFamilySatisfaction,
    at: Path<'_>,
) -> Result<core::GiveFamilySatisfaction, Rejection> {
    let answer = |it: v1::SatisfactionAnswer, at: Path<'_>| {
        Ok(core::SatisfactionAnswer {
            question: parse::code_word(it.question, at.field("question"))?,
            answer: parse::text(it.answer, ANSWER_BYTES_MAX, at.field("answer"))?,
        })
    };
    let family_id = family(&wire.family_id, at)?;
    let person_id = parse::optional_id(&wire.person_id, at.field("person_id"))?.map(PersonId);
    let instrument = parse::code_word(wire.instrument, at.field("instrument"))?;
    let answers = parse::list(wire.answers, 1..=ITEMS_MAX, at.field("answers"), answer)?;
    parse::distinct(&answers, at.field("answers"), |it| &it.question)?;
    let anonymous = wire.anonymous;
    Ok(core::GiveFamilySatisfaction { family_id, person_id, instrument, answers, anonymous })
}

pub(super) fn propose_override(
    wire: v1::ProposeAcuteOverride,
    at: Path<'_>,
) -> Result<core::ProposeAcuteOverride, Rejection> {
    Ok(core::ProposeAcuteOverride {
        family_id: family(&wire.family_id, at)?,
        youth_id: PersonId(parse::id(&wire.youth_id, at.field("youth_id"))?),
        reason: parse::free_text(wire.reason, at.field("reason"))?,
    })
}

pub(super) fn approve_override(
    wire: &v1::ApproveAcuteOverride,
    at: Path<'_>,
) -> Result<core::ApproveAcuteOverride, Rejection> {
    Ok(core::ApproveAcuteOverride {
        family_id: family(&wire.family_id, at)?,
        proposal: optional_entry(wire.proposal.as_ref(), at.field("proposal"))?,
    })
}

pub(super) fn reject_override(
    wire: v1::RejectAcuteOverride,
    at: Path<'_>,
) -> Result<core::RejectAcuteOverride, Rejection> {
    Ok(core::RejectAcuteOverride {
        family_id: family(&wire.family_id, at)?,
        proposal: optional_entry(wire.proposal.as_ref(), at.field("proposal"))?,
        reason: parse::free_text(wire.reason, at.field("reason"))?,
    })
}

pub(super) fn party_statement(
    wire: v1::AddPartyStatement,
    at: Path<'_>,
) -> Result<core::AddPartyStatement, Rejection> {
    Ok(core::AddPartyStatement {
        family_id: family(&wire.family_id, at)?,
        person_id: PersonId(parse::id(&wire.person_id, at.field("person_id"))?),
        entry: optional_entry(wire.entry.as_ref(), at.field("entry"))?,
        text: parse::free_text(wire.text, at.field("text"))?,
        about: about(wire.about, at)?,
    })
}

pub(super) fn raise_flag(wire: v1::RaiseFlag, at: Path<'_>) -> Result<core::RaiseFlag, Rejection> {
    Ok(core::RaiseFlag {
        family_id: family(&wire.family_id, at)?,
        flag_id: FlagId(parse::new_id(&wire.flag_id, at.field("flag_id"))?),
        kind: parse::code(wire.kind, at.field("kind"))?,
        due: parse::optional_date(&wire.due, at.field("due"))?,
        text: parse::free_text(wire.text, at.field("text"))?,
        about: about(wire.about, at)?,
    })
}

pub(super) fn resolve_flag(
    wire: v1::ResolveFlag,
    at: Path<'_>,
) -> Result<core::ResolveFlag, Rejection> {
    Ok(core::ResolveFlag {
        family_id: family(&wire.family_id, at)?,
        flag_id: FlagId(parse::id(&wire.flag_id, at.field("flag_id"))?),
        resolution: parse::free_text(wire.resolution, at.field("resolution"))?,
    })
}

pub(super) fn supervision_note(
    wire: v1::RecordSupervisionNote,
    at: Path<'_>,
) -> Result<core::RecordSupervisionNote, Rejection> {
    Ok(core::RecordSupervisionNote {
        family_id: family(&wire.family_id, at)?,
        note_id: NoteId(parse::new_id(&wire.note_id, at.field("note_id"))?),
        text: parse::free_text(wire.text, at.field("text"))?,
        about: about(wire.about, at)?,
    })
}
