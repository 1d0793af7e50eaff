//! Commands: from the wire into the domain.
//!
//! One function per command, grouped like the proto files: [`person`], [`family`], [`case`],
//! [`casework`], [`journal`] (contacts, notes and corrections), [`assessment`], [`assessing`],
//! [`reports`], [`plan`], [`intervention`], [`adjusting`], [`organisation`], [`statistics`]. Fields are checked in the
//! order of the domain's struct; the first fault is told.

mod adjusting;
mod assessing;
mod assessment;
mod case;
mod casework;
mod family;
mod intervention;
mod journal;
mod organisation;
mod person;
mod plan;
mod reports;
mod statistics;

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
        Wire::ChangePersonName(it) => {
            Command::ChangePersonName(person::change_name(it, at!("change_person_name"))?)
        }
        Wire::RecordContactPoint(it) => Command::RecordContactPoint(person::record_contact_point(
            it,
            at!("record_contact_point"),
        )?),
        Wire::EndContactPoint(it) => {
            Command::EndContactPoint(person::end_contact_point(&it, at!("end_contact_point"))?)
        }
        Wire::RecordLanguageNeed(it) => {
            Command::RecordLanguageNeed(person::language_need(it, at!("record_language_need"))?)
        }
        Wire::RecordDeath(it) => Command::RecordDeath(person::death(&it, at!("record_death"))?),
        Wire::SetSpecialCareMarker(it) => {
            Command::SetSpecialCareMarker(person::set_marker(it, at!("set_special_care_marker"))?)
        }
        Wire::ClearSpecialCareMarker(it) => Command::ClearSpecialCareMarker(person::clear_marker(
            &it,
            at!("clear_special_care_marker"),
        )?),
        Wire::RegisterFamily(it) => {
            Command::RegisterFamily(family::register_family(it, at!("register_family"))?)
        }
        Wire::AddFamilyMember(it) => {
            Command::AddFamilyMember(family::add_member(&it, at!("add_family_member"))?)
        }
        Wire::RemoveFamilyMember(it) => {
            Command::RemoveFamilyMember(family::remove_member(&it, at!("remove_family_member"))?)
        }
        Wire::ChangeMemberRole(it) => {
            Command::ChangeMemberRole(family::change_role(&it, at!("change_member_role"))?)
        }
        Wire::StateRelationship(it) => {
            Command::StateRelationship(family::state_relationship(&it, at!("state_relationship"))?)
        }
        Wire::EndRelationship(it) => {
            Command::EndRelationship(family::end_relationship(&it, at!("end_relationship"))?)
        }
        Wire::ChoosePrimaryContact(it) => Command::ChoosePrimaryContact(family::primary_contact(
            &it,
            at!("choose_primary_contact"),
        )?),
        Wire::AddNetworkPerson(it) => {
            Command::AddNetworkPerson(family::add_network_person(&it, at!("add_network_person"))?)
        }
        Wire::RemoveNetworkPerson(it) => Command::RemoveNetworkPerson(
            family::remove_network_person(&it, at!("remove_network_person"))?,
        ),
        Wire::UndoFamilyRegistration(it) => Command::UndoFamilyRegistration(
            family::undo_registration(&it, at!("undo_family_registration"))?,
        ),
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
        Wire::DescribeAssessmentArea(it) => {
            Command::DescribeAssessmentArea(assessing::area(it, at!("describe_assessment_area"))?)
        }
        Wire::StateFactor(it) => Command::StateFactor(assessing::factor(it, at!("state_factor"))?),
        Wire::AdministerInstrument(it) => {
            Command::AdministerInstrument(assessing::instrument(it, at!("administer_instrument"))?)
        }
        Wire::ConcludeAssessmentProvisionally(it) => Command::ConcludeAssessmentProvisionally(
            assessing::provisional(it, at!("conclude_assessment_provisionally"))?,
        ),
        Wire::AbandonAssessment(it) => {
            Command::AbandonAssessment(assessing::abandon(it, at!("abandon_assessment"))?)
        }
        Wire::ReceiveExternalAssessment(it) => Command::ReceiveExternalAssessment(
            reports::external(it, at!("receive_external_assessment"))?,
        ),
        Wire::RecordIncident(it) => {
            Command::RecordIncident(reports::incident(it, at!("record_incident"))?)
        }
        Wire::ReportAbsence(it) => {
            Command::ReportAbsence(reports::absence(&it, at!("report_absence"))?)
        }
        Wire::ReportEducationStatus(it) => {
            Command::ReportEducationStatus(reports::education(&it, at!("report_education_status"))?)
        }
        Wire::ReportEmploymentStatus(it) => Command::ReportEmploymentStatus(reports::employment(
            &it,
            at!("report_employment_status"),
        )?),
        Wire::AdjustIntervention(it) => {
            Command::AdjustIntervention(adjusting::adjust(it, at!("adjust_intervention"))?)
        }
        Wire::DeclineIntervention(it) => {
            Command::DeclineIntervention(adjusting::decline(it, at!("decline_intervention"))?)
        }
        Wire::PauseIntervention(it) => {
            Command::PauseIntervention(adjusting::pause(it, at!("pause_intervention"))?)
        }
        Wire::ResumeIntervention(it) => {
            Command::ResumeIntervention(adjusting::resume(&it, at!("resume_intervention"))?)
        }
        Wire::OpenProgramme(it) => {
            Command::OpenProgramme(organisation::open_programme(it, at!("open_programme"))?)
        }
        Wire::PublishMethodVersion(it) => Command::PublishMethodVersion(
            organisation::publish_method(it, at!("publish_method_version"))?,
        ),
        Wire::RetireMethodVersion(it) => Command::RetireMethodVersion(organisation::retire_method(
            it,
            at!("retire_method_version"),
        )?),
        Wire::SetDisclosureRules(it) => Command::SetDisclosureRules(
            statistics::set_disclosure_rules(&it, at!("set_disclosure_rules"))?,
        ),
        Wire::ReleaseStatistic(it) => {
            Command::ReleaseStatistic(statistics::release(&it, at!("release_statistic"))?)
        }
        Wire::WithdrawStatistic(it) => {
            Command::WithdrawStatistic(statistics::withdraw(&it, at!("withdraw_statistic"))?)
        }
        Wire::EmployWorker(it) => {
            Command::EmployWorker(organisation::employ_worker(it, at!("employ_worker"))?)
        }
        Wire::GrantRole(it) => {
            Command::GrantRole(organisation::grant_role(&it, at!("grant_role"))?)
        }
        Wire::RevokeRole(it) => {
            Command::RevokeRole(organisation::revoke_role(&it, at!("revoke_role"))?)
        }
        Wire::DeclareConflictOfInterest(it) => Command::DeclareConflictOfInterest(
            organisation::declare_conflict(&it, at!("declare_conflict_of_interest"))?,
        ),
        Wire::EndConflictOfInterest(it) => Command::EndConflictOfInterest(
            organisation::end_conflict(&it, at!("end_conflict_of_interest"))?,
        ),
        Wire::TrainWorker(it) => {
            Command::TrainWorker(organisation::train_worker(it, at!("train_worker"))?)
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
    ChangePersonName,
    RecordContactPoint,
    EndContactPoint,
    RecordLanguageNeed,
    RecordDeath,
    SetSpecialCareMarker,
    ClearSpecialCareMarker,
    RegisterFamily,
    AddFamilyMember,
    RemoveFamilyMember,
    ChangeMemberRole,
    StateRelationship,
    EndRelationship,
    ChoosePrimaryContact,
    AddNetworkPerson,
    RemoveNetworkPerson,
    UndoFamilyRegistration,
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
    DescribeAssessmentArea,
    StateFactor,
    AdministerInstrument,
    ConcludeAssessmentProvisionally,
    AbandonAssessment,
    ReceiveExternalAssessment,
    RecordIncident,
    ReportAbsence,
    ReportEducationStatus,
    ReportEmploymentStatus,
    AdjustIntervention,
    DeclineIntervention,
    PauseIntervention,
    ResumeIntervention,
    OpenProgramme,
    PublishMethodVersion,
    RetireMethodVersion,
    ReleaseStatistic,
    WithdrawStatistic,
    SetDisclosureRules,
    EmployWorker,
    GrantRole,
    RevokeRole,
    DeclareConflictOfInterest,
    EndConflictOfInterest,
    TrainWorker,
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
