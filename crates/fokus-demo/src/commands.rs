//! What each command is called, which stream it writes and which event it becomes.

use fokus_proto::v1::StreamKind;
use fokus_proto::v1::execute_request::Command;

/// A stream, by kind and id.
pub(crate) type Stream = (StreamKind, String);

/// The command's name, as in the proto.
pub(crate) fn name(command: &Command) -> &'static str {
    words(command).0
}

/// The type of the one event that the command becomes when it is accepted.
pub(crate) fn event_type(command: &Command) -> &'static str {
    words(command).1
}

/// Name and event type.
#[expect(clippy::too_many_lines, reason = "one arm for each command")]
fn words(command: &Command) -> (&'static str, &'static str) {
    match command {
        Command::RegisterPerson(_) => ("RegisterPerson", "PersonRegistered"),
        Command::EstablishPersonIdentity(_) => {
            ("EstablishPersonIdentity", "PersonIdentityEstablished")
        }
        Command::RegisterFamily(_) => ("RegisterFamily", "FamilyRegistered"),
        Command::AddFamilyMember(_) => ("AddFamilyMember", "FamilyMemberAdded"),
        Command::RemoveFamilyMember(_) => ("RemoveFamilyMember", "FamilyMemberLeft"),
        Command::SubmitReferral(_) => ("SubmitReferral", "ReferralSubmitted"),
        Command::TriageReferral(_) => ("TriageReferral", "ReferralTriaged"),
        Command::OpenCase(_) => ("OpenCase", "CaseOpened"),
        Command::AssignWorker(_) => ("AssignWorker", "WorkerAssigned"),
        Command::EnterCasePhase(_) => ("EnterCasePhase", "CasePhaseEntered"),
        Command::OpenYouthTrack(_) => ("OpenYouthTrack", "YouthTrackOpened"),
        Command::RecordContact(_) => ("RecordContact", "ContactRecorded"),
        Command::RecordNote(_) => ("RecordNote", "NoteRecorded"),
        Command::CorrectEntry(_) => ("CorrectEntry", "EntryCorrected"),
        Command::MarkMistaken(_) => ("MarkMistaken", "EntryMarkedMistaken"),
        Command::WithdrawMistakenMark(_) => ("WithdrawMistakenMark", "MistakenMarkWithdrawn"),
        Command::StartAssessment(_) => ("StartAssessment", "AssessmentStarted"),
        Command::JudgeRisk(_) => ("JudgeRisk", "ProfessionalRiskJudged"),
        Command::ConcludeAssessment(_) => ("ConcludeAssessment", "AssessmentConcluded"),
        Command::DraftPlan(_) => ("DraftPlan", "PlanDrafted"),
        Command::SetGoal(_) => ("SetGoal", "GoalSet"),
        Command::AgreePlan(_) => ("AgreePlan", "PlanAgreed"),
        Command::OrderIntervention(_) => ("OrderIntervention", "InterventionOrdered"),
        Command::StartIntervention(_) => ("StartIntervention", "InterventionStarted"),
        Command::HoldSession(_) => ("HoldSession", "SessionHeld"),
        Command::EndIntervention(_) => ("EndIntervention", "InterventionEnded"),
        Command::DescribeAssessmentArea(_) => ("DescribeAssessmentArea", "AssessmentAreaDescribed"),
        Command::StateFactor(_) => ("StateFactor", "FactorStated"),
        Command::AdministerInstrument(_) => ("AdministerInstrument", "InstrumentAdministered"),
        Command::ConcludeAssessmentProvisionally(_) => {
            ("ConcludeAssessmentProvisionally", "AssessmentProvisionallyConcluded")
        }
        Command::AbandonAssessment(_) => ("AbandonAssessment", "AssessmentAbandoned"),
        Command::ReceiveExternalAssessment(_) => {
            ("ReceiveExternalAssessment", "ExternalAssessmentReceived")
        }
        Command::RecordIncident(_) => ("RecordIncident", "IncidentRecorded"),
        Command::ReportAbsence(_) => ("ReportAbsence", "AbsenceReported"),
        Command::ReportEducationStatus(_) => ("ReportEducationStatus", "EducationStatusReported"),
        Command::ReportEmploymentStatus(_) => {
            ("ReportEmploymentStatus", "EmploymentStatusReported")
        }
        Command::AdjustIntervention(_) => ("AdjustIntervention", "InterventionAdjusted"),
        Command::DeclineIntervention(_) => ("DeclineIntervention", "InterventionDeclined"),
        Command::PauseIntervention(_) => ("PauseIntervention", "InterventionPaused"),
        Command::ResumeIntervention(_) => ("ResumeIntervention", "InterventionResumed"),
        Command::OpenProgramme(_) => ("OpenProgramme", "ProgrammeOpened"),
        Command::EmployWorker(_) => ("EmployWorker", "WorkerEmployed"),
        Command::ChangePersonName(_) => ("ChangePersonName", "PersonNameChanged"),
        Command::RecordContactPoint(_) => ("RecordContactPoint", "PersonContactPointRecorded"),
        Command::EndContactPoint(_) => ("EndContactPoint", "PersonContactPointEnded"),
        Command::RecordLanguageNeed(_) => ("RecordLanguageNeed", "LanguageNeedRecorded"),
        Command::RecordDeath(_) => ("RecordDeath", "PersonDied"),
        Command::SetSpecialCareMarker(_) => ("SetSpecialCareMarker", "SpecialCareMarkerSet"),
        Command::ClearSpecialCareMarker(_) => {
            ("ClearSpecialCareMarker", "SpecialCareMarkerCleared")
        }
        Command::ChangeMemberRole(_) => ("ChangeMemberRole", "FamilyMemberRoleChanged"),
        Command::StateRelationship(_) => ("StateRelationship", "RelationshipStated"),
        Command::EndRelationship(_) => ("EndRelationship", "RelationshipEnded"),
        Command::ChoosePrimaryContact(_) => ("ChoosePrimaryContact", "PrimaryContactChosen"),
        Command::AddNetworkPerson(_) => ("AddNetworkPerson", "NetworkPersonAdded"),
        Command::RemoveNetworkPerson(_) => ("RemoveNetworkPerson", "NetworkPersonRemoved"),
        Command::UndoFamilyRegistration(_) => {
            ("UndoFamilyRegistration", "FamilyRegistrationUndone")
        }
        Command::PublishMethodVersion(_) => ("PublishMethodVersion", "MethodVersionPublished"),
        Command::RetireMethodVersion(_) => ("RetireMethodVersion", "MethodVersionRetired"),
        Command::SetDisclosureRules(_) => ("SetDisclosureRules", "DisclosureRulesSet"),
        Command::ReleaseStatistic(_) => ("ReleaseStatistic", "StatisticReleased"),
        Command::WithdrawStatistic(_) => ("WithdrawStatistic", "StatisticWithdrawn"),
        Command::GrantRole(_) => ("GrantRole", "RoleGranted"),
        Command::RevokeRole(_) => ("RevokeRole", "RoleRevoked"),
        Command::DeclareConflictOfInterest(_) => {
            ("DeclareConflictOfInterest", "ConflictOfInterestDeclared")
        }
        Command::EndConflictOfInterest(_) => ("EndConflictOfInterest", "ConflictOfInterestEnded"),
        Command::TrainWorker(_) => ("TrainWorker", "StaffTrained"),
        Command::RequestReferralInfo(_) => ("RequestReferralInfo", "ReferralInfoRequested"),
        Command::SupplyReferralInfo(_) => ("SupplyReferralInfo", "ReferralInfoSupplied"),
        Command::DeclineReferral(_) => ("DeclineReferral", "ReferralDeclined"),
        Command::WithdrawReferral(_) => ("WithdrawReferral", "ReferralWithdrawn"),
        Command::OfferPlace(_) => ("OfferPlace", "PlaceOffered"),
        Command::AcceptPlace(_) => ("AcceptPlace", "PlaceAccepted"),
        Command::RefusePlace(_) => ("RefusePlace", "PlaceRefused"),
        Command::UnassignWorker(_) => ("UnassignWorker", "WorkerUnassigned"),
        Command::CompleteHandover(_) => ("CompleteHandover", "HandoverCompleted"),
        Command::PauseCase(_) => ("PauseCase", "CasePaused"),
        Command::ResumeCase(_) => ("ResumeCase", "CaseResumed"),
        Command::ProposeClosure(_) => ("ProposeClosure", "ClosureProposed"),
        Command::ApproveClosure(_) => ("ApproveClosure", "ClosureApproved"),
        Command::RejectClosure(_) => ("RejectClosure", "ClosureRejected"),
        Command::CloseCase(_) => ("CloseCase", "CaseClosed"),
        Command::ReopenCase(_) => ("ReopenCase", "CaseReopened"),
        Command::RecordPostClosureContact(_) => {
            ("RecordPostClosureContact", "PostClosureContactMade")
        }
        Command::GiveFamilySatisfaction(_) => ("GiveFamilySatisfaction", "FamilySatisfactionGiven"),
        Command::ProposeAcuteOverride(_) => ("ProposeAcuteOverride", "AcuteOverrideProposed"),
        Command::ApproveAcuteOverride(_) => ("ApproveAcuteOverride", "AcuteOverrideApproved"),
        Command::RejectAcuteOverride(_) => ("RejectAcuteOverride", "AcuteOverrideRejected"),
        Command::AddPartyStatement(_) => ("AddPartyStatement", "PartyStatementAdded"),
        Command::RaiseFlag(_) => ("RaiseFlag", "FlagRaised"),
        Command::ResolveFlag(_) => ("ResolveFlag", "FlagResolved"),
        Command::RecordSupervisionNote(_) => ("RecordSupervisionNote", "SupervisionNoteRecorded"),
    }
}

/// The stream that the command writes. A stream reference of no known kind counts as a family's.
#[expect(clippy::too_many_lines, reason = "one arm for each command")]
pub(crate) fn stream(command: &Command) -> Stream {
    let family = |id: &String| (StreamKind::Family, id.clone());
    let named = |it: &Option<fokus_proto::v1::StreamRef>| {
        it.as_ref().map_or((StreamKind::Family, String::new()), |it| (it.kind(), it.id.clone()))
    };
    match command {
        Command::RegisterPerson(it) => (StreamKind::Person, it.person_id.clone()),
        Command::EstablishPersonIdentity(it) => (StreamKind::Person, it.person_id.clone()),
        Command::OpenProgramme(it) => (StreamKind::Programme, it.programme_id.clone()),
        Command::EmployWorker(it) => (StreamKind::Worker, it.worker_id.clone()),
        Command::CorrectEntry(it) => named(&it.stream),
        Command::MarkMistaken(it) => named(&it.stream),
        Command::WithdrawMistakenMark(it) => named(&it.stream),
        Command::RegisterFamily(it) => family(&it.family_id),
        Command::AddFamilyMember(it) => family(&it.family_id),
        Command::RemoveFamilyMember(it) => family(&it.family_id),
        Command::SubmitReferral(it) => family(&it.family_id),
        Command::TriageReferral(it) => family(&it.family_id),
        Command::OpenCase(it) => family(&it.family_id),
        Command::AssignWorker(it) => family(&it.family_id),
        Command::EnterCasePhase(it) => family(&it.family_id),
        Command::OpenYouthTrack(it) => family(&it.family_id),
        Command::RecordContact(it) => family(&it.family_id),
        Command::RecordNote(it) => family(&it.family_id),
        Command::StartAssessment(it) => family(&it.family_id),
        Command::JudgeRisk(it) => family(&it.family_id),
        Command::ConcludeAssessment(it) => family(&it.family_id),
        Command::DraftPlan(it) => family(&it.family_id),
        Command::SetGoal(it) => family(&it.family_id),
        Command::AgreePlan(it) => family(&it.family_id),
        Command::OrderIntervention(it) => family(&it.family_id),
        Command::StartIntervention(it) => family(&it.family_id),
        Command::HoldSession(it) => family(&it.family_id),
        Command::EndIntervention(it) => family(&it.family_id),
        Command::ChangePersonName(it) => (StreamKind::Person, it.person_id.clone()),
        Command::RecordContactPoint(it) => (StreamKind::Person, it.person_id.clone()),
        Command::EndContactPoint(it) => (StreamKind::Person, it.person_id.clone()),
        Command::RecordLanguageNeed(it) => (StreamKind::Person, it.person_id.clone()),
        Command::RecordDeath(it) => (StreamKind::Person, it.person_id.clone()),
        Command::SetSpecialCareMarker(it) => (StreamKind::Person, it.person_id.clone()),
        Command::ClearSpecialCareMarker(it) => (StreamKind::Person, it.person_id.clone()),
        Command::ChangeMemberRole(it) => family(&it.family_id),
        Command::StateRelationship(it) => family(&it.family_id),
        Command::EndRelationship(it) => family(&it.family_id),
        Command::ChoosePrimaryContact(it) => family(&it.family_id),
        Command::AddNetworkPerson(it) => family(&it.family_id),
        Command::RemoveNetworkPerson(it) => family(&it.family_id),
        Command::UndoFamilyRegistration(it) => family(&it.family_id),
        Command::PublishMethodVersion(it) => (StreamKind::Programme, it.programme_id.clone()),
        Command::RetireMethodVersion(it) => (StreamKind::Programme, it.programme_id.clone()),
        Command::SetDisclosureRules(it) => (StreamKind::Programme, it.programme_id.clone()),
        Command::ReleaseStatistic(it) => (StreamKind::Programme, it.programme_id.clone()),
        Command::WithdrawStatistic(it) => (StreamKind::Programme, it.programme_id.clone()),
        Command::GrantRole(it) => (StreamKind::Worker, it.worker_id.clone()),
        Command::RevokeRole(it) => (StreamKind::Worker, it.worker_id.clone()),
        Command::DeclareConflictOfInterest(it) => (StreamKind::Worker, it.worker_id.clone()),
        Command::EndConflictOfInterest(it) => (StreamKind::Worker, it.worker_id.clone()),
        Command::TrainWorker(it) => (StreamKind::Worker, it.worker_id.clone()),
        Command::DescribeAssessmentArea(it) => family(&it.family_id),
        Command::StateFactor(it) => family(&it.family_id),
        Command::AdministerInstrument(it) => family(&it.family_id),
        Command::ConcludeAssessmentProvisionally(it) => family(&it.family_id),
        Command::AbandonAssessment(it) => family(&it.family_id),
        Command::ReceiveExternalAssessment(it) => family(&it.family_id),
        Command::RecordIncident(it) => family(&it.family_id),
        Command::ReportAbsence(it) => family(&it.family_id),
        Command::ReportEducationStatus(it) => family(&it.family_id),
        Command::ReportEmploymentStatus(it) => family(&it.family_id),
        Command::AdjustIntervention(it) => family(&it.family_id),
        Command::DeclineIntervention(it) => family(&it.family_id),
        Command::PauseIntervention(it) => family(&it.family_id),
        Command::ResumeIntervention(it) => family(&it.family_id),
        Command::RequestReferralInfo(it) => family(&it.family_id),
        Command::SupplyReferralInfo(it) => family(&it.family_id),
        Command::DeclineReferral(it) => family(&it.family_id),
        Command::WithdrawReferral(it) => family(&it.family_id),
        Command::OfferPlace(it) => family(&it.family_id),
        Command::AcceptPlace(it) => family(&it.family_id),
        Command::RefusePlace(it) => family(&it.family_id),
        Command::UnassignWorker(it) => family(&it.family_id),
        Command::CompleteHandover(it) => family(&it.family_id),
        Command::PauseCase(it) => family(&it.family_id),
        Command::ResumeCase(it) => family(&it.family_id),
        Command::ProposeClosure(it) => family(&it.family_id),
        Command::ApproveClosure(it) => family(&it.family_id),
        Command::RejectClosure(it) => family(&it.family_id),
        Command::CloseCase(it) => family(&it.family_id),
        Command::ReopenCase(it) => family(&it.family_id),
        Command::RecordPostClosureContact(it) => family(&it.family_id),
        Command::GiveFamilySatisfaction(it) => family(&it.family_id),
        Command::ProposeAcuteOverride(it) => family(&it.family_id),
        Command::ApproveAcuteOverride(it) => family(&it.family_id),
        Command::RejectAcuteOverride(it) => family(&it.family_id),
        Command::AddPartyStatement(it) => family(&it.family_id),
        Command::RaiseFlag(it) => family(&it.family_id),
        Command::ResolveFlag(it) => family(&it.family_id),
        Command::RecordSupervisionNote(it) => family(&it.family_id),
    }
}
