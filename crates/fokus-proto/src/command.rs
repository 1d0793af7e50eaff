//! Commands: from the wire into the domain.
//!
//! One function per command, grouped like the proto files: [`person`], [`family`], [`case`],
//! [`casework`], [`journal`] (contacts, notes and corrections), [`assessment`], [`plan`], [`intervention`],
//! [`organisation`]. Fields are checked in the order of the domain's struct; the first fault is told.

mod assessment;
mod case;
mod casework;
mod family;
mod intervention;
mod journal;
mod organisation;
mod person;
mod plan;

use fokus_core::command::Command;
use fokus_core::rejection::Rejection;

use crate::path::Path;
use crate::v1;
use crate::v1::execute_request::Command as Wire;

/// The command. `under` is the path of the message that holds the `oneof`; `None` for the request.
#[expect(clippy::too_many_lines, reason = "one line per command")]
pub(crate) fn command(wire: Option<Wire>, under: Option<Path<'_>>) -> Result<Command, Rejection> {
    macro_rules! at {
        ($name:literal) => {
            match &under {
                Some(path) => path.field($name),
                None => Path::root($name),
            }
        };
    }
    let Some(wire) = wire else {
        return Err(at!("command").invalid("is needed: exactly one command"));
    };
    Ok(match wire {
        Wire::RegisterPerson(it) => {
            Command::RegisterPerson(person::register_person(it, at!("register_person"))?)
        }
        Wire::EstablishPersonIdentity(it) => Command::EstablishPersonIdentity(
            person::establish_identity(it, at!("establish_person_identity"))?,
        ),
        Wire::RegisterFamily(it) => {
            Command::RegisterFamily(family::register_family(it, at!("register_family"))?)
        }
        Wire::AddFamilyMember(it) => {
            Command::AddFamilyMember(family::add_member(&it, at!("add_family_member"))?)
        }
        Wire::RemoveFamilyMember(it) => {
            Command::RemoveFamilyMember(family::remove_member(&it, at!("remove_family_member"))?)
        }
        Wire::SubmitReferral(it) => {
            Command::SubmitReferral(case::submit_referral(it, at!("submit_referral"))?)
        }
        Wire::TriageReferral(it) => {
            Command::TriageReferral(case::triage_referral(it, at!("triage_referral"))?)
        }
        Wire::OpenCase(it) => Command::OpenCase(case::open_case(it, at!("open_case"))?),
        Wire::AssignWorker(it) => {
            Command::AssignWorker(case::assign_worker(it, at!("assign_worker"))?)
        }
        Wire::EnterCasePhase(it) => {
            Command::EnterCasePhase(case::enter_phase(&it, at!("enter_case_phase"))?)
        }
        Wire::OpenYouthTrack(it) => {
            Command::OpenYouthTrack(case::open_youth_track(&it, at!("open_youth_track"))?)
        }
        Wire::RecordContact(it) => {
            Command::RecordContact(journal::record_contact(it, at!("record_contact"))?)
        }
        Wire::RecordNote(it) => Command::RecordNote(journal::record_note(it, at!("record_note"))?),
        Wire::CorrectEntry(it) => {
            Command::CorrectEntry(Box::new(journal::correct_entry(it, at!("correct_entry"))?))
        }
        Wire::MarkMistaken(it) => {
            Command::MarkMistaken(journal::mark_mistaken(it, at!("mark_mistaken"))?)
        }
        Wire::WithdrawMistakenMark(it) => Command::WithdrawMistakenMark(journal::withdraw_mark(
            it,
            at!("withdraw_mistaken_mark"),
        )?),
        Wire::StartAssessment(it) => {
            Command::StartAssessment(assessment::start(it, at!("start_assessment"))?)
        }
        Wire::JudgeRisk(it) => Command::JudgeRisk(assessment::judge_risk(it, at!("judge_risk"))?),
        Wire::ConcludeAssessment(it) => {
            Command::ConcludeAssessment(assessment::conclude(it, at!("conclude_assessment"))?)
        }
        Wire::DraftPlan(it) => Command::DraftPlan(plan::draft(&it, at!("draft_plan"))?),
        Wire::SetGoal(it) => Command::SetGoal(plan::set_goal(it, at!("set_goal"))?),
        Wire::AgreePlan(it) => Command::AgreePlan(plan::agree(it, at!("agree_plan"))?),
        Wire::OrderIntervention(it) => {
            Command::OrderIntervention(intervention::order(it, at!("order_intervention"))?)
        }
        Wire::StartIntervention(it) => {
            Command::StartIntervention(intervention::start(&it, at!("start_intervention"))?)
        }
        Wire::HoldSession(it) => {
            Command::HoldSession(intervention::hold_session(it, at!("hold_session"))?)
        }
        Wire::EndIntervention(it) => {
            Command::EndIntervention(intervention::end(it, at!("end_intervention"))?)
        }
        Wire::OpenProgramme(it) => {
            Command::OpenProgramme(organisation::open_programme(it, at!("open_programme"))?)
        }
        Wire::EmployWorker(it) => {
            Command::EmployWorker(organisation::employ_worker(it, at!("employ_worker"))?)
        }
        Wire::RequestReferralInfo(it) => Command::RequestReferralInfo(
            casework::request_referral_info(it, at!("request_referral_info"))?,
        ),
        Wire::SupplyReferralInfo(it) => Command::SupplyReferralInfo(
            casework::supply_referral_info(it, at!("supply_referral_info"))?,
        ),
        Wire::DeclineReferral(it) => {
            Command::DeclineReferral(casework::decline_referral(&it, at!("decline_referral"))?)
        }
        Wire::WithdrawReferral(it) => {
            Command::WithdrawReferral(casework::withdraw_referral(it, at!("withdraw_referral"))?)
        }
        Wire::OfferPlace(it) => {
            Command::OfferPlace(casework::offer_place(&it, at!("offer_place"))?)
        }
        Wire::AcceptPlace(it) => {
            Command::AcceptPlace(casework::accept_place(it, at!("accept_place"))?)
        }
        Wire::RefusePlace(it) => {
            Command::RefusePlace(casework::refuse_place(it, at!("refuse_place"))?)
        }
        Wire::UnassignWorker(it) => {
            Command::UnassignWorker(casework::unassign_worker(&it, at!("unassign_worker"))?)
        }
        Wire::CompleteHandover(it) => {
            Command::CompleteHandover(casework::complete_handover(&it, at!("complete_handover"))?)
        }
        Wire::PauseCase(it) => Command::PauseCase(casework::pause_case(it, at!("pause_case"))?),
        Wire::ResumeCase(it) => {
            Command::ResumeCase(casework::resume_case(&it, at!("resume_case"))?)
        }
        Wire::ProposeClosure(it) => {
            Command::ProposeClosure(casework::propose_closure(it, at!("propose_closure"))?)
        }
        Wire::ApproveClosure(it) => {
            Command::ApproveClosure(casework::approve_closure(&it, at!("approve_closure"))?)
        }
        Wire::RejectClosure(it) => {
            Command::RejectClosure(casework::reject_closure(it, at!("reject_closure"))?)
        }
        Wire::CloseCase(it) => Command::CloseCase(casework::close_case(it, at!("close_case"))?),
        Wire::ReopenCase(it) => Command::ReopenCase(casework::reopen_case(it, at!("reopen_case"))?),
        Wire::RecordPostClosureContact(it) => Command::RecordPostClosureContact(
            casework::post_closure_contact(it, at!("record_post_closure_contact"))?,
        ),
        Wire::GiveFamilySatisfaction(it) => Command::GiveFamilySatisfaction(
            casework::family_satisfaction(it, at!("give_family_satisfaction"))?,
        ),
        Wire::ProposeAcuteOverride(it) => Command::ProposeAcuteOverride(
            casework::propose_override(it, at!("propose_acute_override"))?,
        ),
        Wire::ApproveAcuteOverride(it) => Command::ApproveAcuteOverride(
            casework::approve_override(&it, at!("approve_acute_override"))?,
        ),
        Wire::RejectAcuteOverride(it) => Command::RejectAcuteOverride(casework::reject_override(
            it,
            at!("reject_acute_override"),
        )?),
        Wire::AddPartyStatement(it) => {
            Command::AddPartyStatement(casework::party_statement(it, at!("add_party_statement"))?)
        }
        Wire::RaiseFlag(it) => Command::RaiseFlag(casework::raise_flag(it, at!("raise_flag"))?),
        Wire::ResolveFlag(it) => {
            Command::ResolveFlag(casework::resolve_flag(it, at!("resolve_flag"))?)
        }
        Wire::RecordSupervisionNote(it) => Command::RecordSupervisionNote(
            casework::supervision_note(it, at!("record_supervision_note"))?,
        ),
    })
}

macro_rules! correctable {
    ($($name:ident),* $(,)?) => {
        /// The request's form of a corrected command: the same messages, without corrections.
        fn as_requested(wire: v1::corrected_command::Command) -> Wire {
            match wire {
                $(v1::corrected_command::Command::$name(it) => Wire::$name(it),)*
            }
        }
    };
}

correctable!(
    RegisterPerson,
    EstablishPersonIdentity,
    RegisterFamily,
    AddFamilyMember,
    RemoveFamilyMember,
    SubmitReferral,
    TriageReferral,
    OpenCase,
    AssignWorker,
    EnterCasePhase,
    OpenYouthTrack,
    RecordContact,
    RecordNote,
    StartAssessment,
    JudgeRisk,
    ConcludeAssessment,
    DraftPlan,
    SetGoal,
    AgreePlan,
    OrderIntervention,
    StartIntervention,
    HoldSession,
    EndIntervention,
    OpenProgramme,
    EmployWorker,
    RequestReferralInfo,
    SupplyReferralInfo,
    DeclineReferral,
    WithdrawReferral,
    OfferPlace,
    AcceptPlace,
    RefusePlace,
    UnassignWorker,
    CompleteHandover,
    PauseCase,
    ResumeCase,
    ProposeClosure,
    ApproveClosure,
    RejectClosure,
    CloseCase,
    ReopenCase,
    RecordPostClosureContact,
    GiveFamilySatisfaction,
    ProposeAcuteOverride,
    ApproveAcuteOverride,
    RejectAcuteOverride,
    AddPartyStatement,
    RaiseFlag,
    ResolveFlag,
    RecordSupervisionNote,
);
