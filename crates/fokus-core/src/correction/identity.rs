//! What a correction may not change: which entry it is, and which things it names.

use uuid::Uuid;

use crate::command::Command;
use crate::command::people::InterestIn;
use crate::decide::reads;
use crate::fact::Fact;
use crate::ids::*;
use crate::record::Record;
use crate::rejection::{Reason, Rejection};

/// The corrected command means the entry's own stream, type and ids.
///
/// # Errors
///
/// `IMMUTABLE_ENVELOPE`; `NOT_CORRECTABLE` for a command that bears on an entry itself.
pub(super) fn same(stream: StreamRef, entry: &Fact, corrected: &Command) -> Result<(), Rejection> {
    let Some(type_name) = type_named_by(corrected) else {
        return Err(Rejection::new(
            Reason::NotCorrectable,
            "a correction or mark does not stand for an entry of its own",
        )
        .at("correct_entry.corrected"));
    };
    if type_name != entry.type_name() {
        return Err(Rejection::new(Reason::ImmutableEnvelope, "not the entry's command")
            .at("correct_entry.corrected"));
    }
    let facts = entry.to_json();
    let recorded = |id: &str| facts.get(id).and_then(|it| it.as_str()?.parse::<Uuid>().ok());
    let ids = ids_named_by(corrected);
    let changed = ids.iter().find(|(name, id)| recorded(name) != *id).map(|it| it.0);
    let names = names_named_by(corrected);
    let renamed = names
        .iter()
        .find(|(member, name)| facts.get(*member).and_then(|it| it.as_str()) != Some(*name));
    let changed = changed.or(renamed.map(|it| it.0));
    let moved = || (reads(corrected).first() != Some(&stream)).then_some("stream");
    match changed.or_else(moved) {
        Some(name) => {
            let rule = format!("a correction keeps {name}: mark the entry mistaken instead");
            Err(Rejection::new(Reason::ImmutableEnvelope, rule).at("correct_entry.corrected"))
        }
        None => Ok(()),
    }
}

/// Members of facts that name the entry which they answer or complete.
const REFERENCES: [&str; 2] = ["proposal", "assignment"];

/// The corrected entry answers or completes the same entry as before.
///
/// # Errors
///
/// `IMMUTABLE_ENVELOPE`.
pub(super) fn same_references(entry: &Fact, corrected: &Fact) -> Result<(), Rejection> {
    let (before, now) = (entry.to_json(), corrected.to_json());
    // An assessment proposes something, which is no revision.
    let revision = |it: &&&str| before.get(**it).is_some_and(serde_json::Value::is_u64);
    match REFERENCES.iter().filter(revision).find(|it| before.get(**it) != now.get(**it)) {
        Some(name) => {
            let rule = format!("a correction keeps {name}: mark the entry mistaken instead");
            Err(Rejection::new(Reason::ImmutableEnvelope, rule).at("correct_entry.corrected"))
        }
        None => Ok(()),
    }
}

/// The type of the entry that the command stands for; `None` for one that bears on an entry itself.
#[expect(clippy::too_many_lines, reason = "one arm for each command")]
fn type_named_by(command: &Command) -> Option<&'static str> {
    Some(match command {
        Command::RegisterPerson(_) => "PersonRegistered",
        Command::EstablishPersonIdentity(_) => "PersonIdentityEstablished",
        Command::ChangePersonName(_) => "PersonNameChanged",
        Command::RecordContactPoint(_) => "PersonContactPointRecorded",
        Command::EndContactPoint(_) => "PersonContactPointEnded",
        Command::RecordLanguageNeed(_) => "LanguageNeedRecorded",
        Command::RecordDeath(_) => "PersonDied",
        Command::SetSpecialCareMarker(_) => "SpecialCareMarkerSet",
        Command::ClearSpecialCareMarker(_) => "SpecialCareMarkerCleared",
        Command::RegisterFamily(_) => "FamilyRegistered",
        Command::AddFamilyMember(_) => "FamilyMemberAdded",
        Command::RemoveFamilyMember(_) => "FamilyMemberLeft",
        Command::ChangeMemberRole(_) => "FamilyMemberRoleChanged",
        Command::StateRelationship(_) => "RelationshipStated",
        Command::EndRelationship(_) => "RelationshipEnded",
        Command::ChoosePrimaryContact(_) => "PrimaryContactChosen",
        Command::AddNetworkPerson(_) => "NetworkPersonAdded",
        Command::RemoveNetworkPerson(_) => "NetworkPersonRemoved",
        Command::UndoFamilyRegistration(_) => "FamilyRegistrationUndone",
        Command::SubmitReferral(_) => "ReferralSubmitted",
        Command::TriageReferral(_) => "ReferralTriaged",
        Command::OpenCase(_) => "CaseOpened",
        Command::AssignWorker(_) => "WorkerAssigned",
        Command::EnterCasePhase(_) => "CasePhaseEntered",
        Command::OpenYouthTrack(_) => "YouthTrackOpened",
        Command::RecordContact(_) => "ContactRecorded",
        Command::RecordNote(_) => "NoteRecorded",
        Command::CorrectEntry(_) | Command::MarkMistaken(_) | Command::WithdrawMistakenMark(_) => {
            return None;
        }
        Command::StartAssessment(_) => "AssessmentStarted",
        Command::JudgeRisk(_) => "ProfessionalRiskJudged",
        Command::ConcludeAssessment(_) => "AssessmentConcluded",
        Command::DraftPlan(_) => "PlanDrafted",
        Command::SetGoal(_) => "GoalSet",
        Command::AgreePlan(_) => "PlanAgreed",
        Command::OrderIntervention(_) => "InterventionOrdered",
        Command::StartIntervention(_) => "InterventionStarted",
        Command::HoldSession(_) => "SessionHeld",
        Command::EndIntervention(_) => "InterventionEnded",
        Command::DescribeAssessmentArea(_) => "AssessmentAreaDescribed",
        Command::StateFactor(_) => "FactorStated",
        Command::AdministerInstrument(_) => "InstrumentAdministered",
        Command::ConcludeAssessmentProvisionally(_) => "AssessmentProvisionallyConcluded",
        Command::AbandonAssessment(_) => "AssessmentAbandoned",
        Command::ReceiveExternalAssessment(_) => "ExternalAssessmentReceived",
        Command::RecordIncident(_) => "IncidentRecorded",
        Command::ReportAbsence(_) => "AbsenceReported",
        Command::ReportEducationStatus(_) => "EducationStatusReported",
        Command::ReportEmploymentStatus(_) => "EmploymentStatusReported",
        Command::AdjustIntervention(_) => "InterventionAdjusted",
        Command::DeclineIntervention(_) => "InterventionDeclined",
        Command::PauseIntervention(_) => "InterventionPaused",
        Command::ResumeIntervention(_) => "InterventionResumed",
        Command::OpenProgramme(_) => "ProgrammeOpened",
        Command::PublishMethodVersion(_) => "MethodVersionPublished",
        Command::RetireMethodVersion(_) => "MethodVersionRetired",
        Command::SetDisclosureRules(_) => "DisclosureRulesSet",
        Command::ReleaseStatistic(_) => "StatisticReleased",
        Command::WithdrawStatistic(_) => "StatisticWithdrawn",
        Command::EmployWorker(_) => "WorkerEmployed",
        Command::GrantRole(_) => "RoleGranted",
        Command::RevokeRole(_) => "RoleRevoked",
        Command::DeclareConflictOfInterest(_) => "ConflictOfInterestDeclared",
        Command::EndConflictOfInterest(_) => "ConflictOfInterestEnded",
        Command::TrainWorker(_) => "StaffTrained",
        Command::RequestReferralInfo(_) => "ReferralInfoRequested",
        Command::SupplyReferralInfo(_) => "ReferralInfoSupplied",
        Command::DeclineReferral(_) => "ReferralDeclined",
        Command::WithdrawReferral(_) => "ReferralWithdrawn",
        Command::OfferPlace(_) => "PlaceOffered",
        Command::AcceptPlace(_) => "PlaceAccepted",
        Command::RefusePlace(_) => "PlaceRefused",
        Command::UnassignWorker(_) => "WorkerUnassigned",
        Command::CompleteHandover(_) => "HandoverCompleted",
        Command::PauseCase(_) => "CasePaused",
        Command::ResumeCase(_) => "CaseResumed",
        Command::ProposeClosure(_) => "ClosureProposed",
        Command::ApproveClosure(_) => "ClosureApproved",
        Command::RejectClosure(_) => "ClosureRejected",
        Command::CloseCase(_) => "CaseClosed",
        Command::ReopenCase(_) => "CaseReopened",
        Command::RecordPostClosureContact(_) => "PostClosureContactMade",
        Command::GiveFamilySatisfaction(_) => "FamilySatisfactionGiven",
        Command::ProposeAcuteOverride(_) => "AcuteOverrideProposed",
        Command::ApproveAcuteOverride(_) => "AcuteOverrideApproved",
        Command::RejectAcuteOverride(_) => "AcuteOverrideRejected",
        Command::AddPartyStatement(_) => "PartyStatementAdded",
        Command::RaiseFlag(_) => "FlagRaised",
        Command::ResolveFlag(_) => "FlagResolved",
        Command::RecordSupervisionNote(_) => "SupervisionNoteRecorded",
    })
}

/// The names that say what the entry is about, where a thing has a name instead of an id.
fn names_named_by(command: &Command) -> Vec<(&'static str, &str)> {
    let version = if let Command::PublishMethodVersion(it) = command {
        Some(it.method_version.as_str())
    } else if let Command::RetireMethodVersion(it) = command {
        Some(it.method_version.as_str())
    } else {
        None
    };
    version.map(|it| ("method_version", it)).into_iter().collect()
}

/// The ids that say what the entry is about, by their member in its fact. Workers and goals that an
/// entry merely mentions may be corrected.
#[expect(clippy::too_many_lines, reason = "one arm for each command")]
fn ids_named_by(command: &Command) -> Vec<(&'static str, Option<Uuid>)> {
    let person = |id: PersonId| ("person_id", Some(id.0));
    let perhaps = |id: Option<PersonId>| ("person_id", id.map(|it| it.0));
    let plan = |id: PlanId| ("plan_id", Some(id.0));
    let intervention = |id: InterventionId| ("intervention_id", Some(id.0));
    let assessment = |id: AssessmentId| ("assessment_id", Some(id.0));
    let referral = |id: ReferralId| ("referral_id", Some(id.0));
    let programme = |id: ProgrammeId| ("programme_id", Some(id.0));
    let worker = |id: WorkerId| ("worker_id", Some(id.0));
    let interest = |id: WorkerId, it: InterestIn| {
        let family = ("family_id", it.family().map(|it| it.0));
        vec![worker(id), family, perhaps(it.person())]
    };
    match command {
        Command::RegisterPerson(it) => vec![person(it.person_id)],
        Command::EstablishPersonIdentity(it) => vec![person(it.person_id)],
        Command::RegisterFamily(it) => vec![("family_id", Some(it.family_id.0))],
        Command::AddFamilyMember(it) => vec![person(it.person_id)],
        Command::RemoveFamilyMember(it) => vec![person(it.person_id)],
        Command::SubmitReferral(it) => vec![referral(it.referral_id), programme(it.programme_id)],
        Command::TriageReferral(it) => vec![referral(it.referral_id)],
        Command::OpenCase(it) => vec![
            ("case_id", Some(it.case_id.0)),
            programme(it.programme_id),
            referral(it.referral_id),
        ],
        Command::OpenYouthTrack(it) => {
            vec![("track_id", Some(it.track_id.0)), ("youth_id", Some(it.youth_id.0))]
        }
        Command::RecordContact(it) => vec![("contact_id", Some(it.contact_id.0))],
        Command::RecordNote(it) => vec![("note_id", Some(it.note_id.0))],
        Command::StartAssessment(it) => vec![assessment(it.assessment_id), perhaps(it.person_id)],
        Command::JudgeRisk(it) => vec![person(it.person_id)],
        Command::ConcludeAssessment(it) => vec![assessment(it.assessment_id)],
        Command::DraftPlan(it) => vec![plan(it.plan_id), perhaps(it.person_id)],
        Command::SetGoal(it) => vec![plan(it.plan_id), ("goal_id", Some(it.goal_id.0))],
        Command::AgreePlan(it) => vec![plan(it.plan_id)],
        Command::OrderIntervention(it) => {
            vec![intervention(it.intervention_id), perhaps(it.person_id)]
        }
        Command::StartIntervention(it) => vec![intervention(it.intervention_id)],
        Command::HoldSession(it) => vec![intervention(it.intervention_id)],
        Command::EndIntervention(it) => vec![intervention(it.intervention_id)],
        Command::DescribeAssessmentArea(it) => vec![assessment(it.assessment_id)],
        Command::StateFactor(it) => vec![assessment(it.assessment_id)],
        Command::AdministerInstrument(it) => {
            vec![perhaps(it.person_id), ("assessment_id", it.assessment_id.map(|it| it.0))]
        }
        Command::ConcludeAssessmentProvisionally(it) => vec![assessment(it.assessment_id)],
        Command::AbandonAssessment(it) => vec![assessment(it.assessment_id)],
        Command::RecordIncident(it) => vec![person(it.person_id)],
        Command::ReportAbsence(it) => vec![person(it.person_id)],
        Command::ReportEducationStatus(it) => vec![person(it.person_id)],
        Command::ReportEmploymentStatus(it) => vec![person(it.person_id)],
        Command::AdjustIntervention(it) => vec![intervention(it.intervention_id)],
        Command::DeclineIntervention(it) => vec![intervention(it.intervention_id)],
        Command::PauseIntervention(it) => vec![intervention(it.intervention_id)],
        Command::ResumeIntervention(it) => vec![intervention(it.intervention_id)],
        Command::OpenProgramme(it) => vec![programme(it.programme_id)],
        Command::EmployWorker(it) => vec![worker(it.worker_id)],
        Command::ChangePersonName(it) => vec![person(it.person_id)],
        Command::RecordContactPoint(it) => {
            vec![person(it.person_id), ("contact_point_id", Some(it.contact_point_id.0))]
        }
        Command::EndContactPoint(it) => {
            vec![person(it.person_id), ("contact_point_id", Some(it.contact_point_id.0))]
        }
        Command::RecordLanguageNeed(it) => vec![person(it.person_id)],
        Command::RecordDeath(it) => vec![person(it.person_id)],
        Command::SetSpecialCareMarker(it) => {
            vec![person(it.person_id), ("marker_id", Some(it.marker_id.0))]
        }
        Command::ClearSpecialCareMarker(it) => {
            vec![person(it.person_id), ("marker_id", Some(it.marker_id.0))]
        }
        Command::ChangeMemberRole(it) => vec![person(it.person_id)],
        Command::StateRelationship(it) => vec![
            ("relationship_id", Some(it.relationship_id.0)),
            person(it.person_id),
            ("other_person_id", Some(it.other_person_id.0)),
        ],
        Command::EndRelationship(it) => vec![("relationship_id", Some(it.relationship_id.0))],
        Command::ChoosePrimaryContact(it) => vec![person(it.person_id)],
        Command::AddNetworkPerson(it) => vec![person(it.person_id)],
        Command::RemoveNetworkPerson(it) => vec![person(it.person_id)],
        Command::PublishMethodVersion(it) => vec![programme(it.programme_id)],
        Command::RetireMethodVersion(it) => vec![programme(it.programme_id)],
        Command::SetDisclosureRules(it) => vec![programme(it.programme_id)],
        Command::ReleaseStatistic(it) => vec![programme(it.programme_id)],
        Command::WithdrawStatistic(it) => vec![programme(it.programme_id)],
        Command::GrantRole(it) => vec![worker(it.worker_id)],
        Command::RevokeRole(it) => vec![worker(it.worker_id)],
        Command::DeclareConflictOfInterest(it) => interest(it.worker_id, it.interest_in),
        Command::EndConflictOfInterest(it) => interest(it.worker_id, it.interest_in),
        Command::TrainWorker(it) => vec![worker(it.worker_id), programme(it.programme_id)],
        Command::RequestReferralInfo(it) => vec![referral(it.referral_id)],
        Command::SupplyReferralInfo(it) => vec![referral(it.referral_id)],
        Command::DeclineReferral(it) => vec![referral(it.referral_id)],
        Command::WithdrawReferral(it) => vec![referral(it.referral_id)],
        Command::OfferPlace(it) => vec![referral(it.referral_id)],
        Command::AcceptPlace(it) => vec![referral(it.referral_id)],
        Command::RefusePlace(it) => vec![referral(it.referral_id)],
        Command::RecordPostClosureContact(it) => vec![("contact_id", Some(it.contact_id.0))],
        Command::GiveFamilySatisfaction(it) => vec![perhaps(it.person_id)],
        Command::ProposeAcuteOverride(it) => vec![("youth_id", Some(it.youth_id.0))],
        Command::AddPartyStatement(it) => vec![person(it.person_id)],
        Command::RaiseFlag(it) => vec![("flag_id", Some(it.flag_id.0))],
        Command::ResolveFlag(it) => vec![("flag_id", Some(it.flag_id.0))],
        Command::RecordSupervisionNote(it) => vec![("note_id", Some(it.note_id.0))],
        // These name no things, or entries, which `same_references` asks about.
        Command::UnassignWorker(_)
        | Command::CompleteHandover(_)
        | Command::PauseCase(_)
        | Command::ResumeCase(_)
        | Command::ProposeClosure(_)
        | Command::ApproveClosure(_)
        | Command::RejectClosure(_)
        | Command::CloseCase(_)
        | Command::ReopenCase(_)
        | Command::ApproveAcuteOverride(_)
        | Command::RejectAcuteOverride(_) => Vec::new(),
        Command::UndoFamilyRegistration(_)
        | Command::AssignWorker(_)
        | Command::EnterCasePhase(_)
        | Command::ReceiveExternalAssessment(_)
        | Command::CorrectEntry(_)
        | Command::MarkMistaken(_)
        | Command::WithdrawMistakenMark(_) => Vec::new(),
    }
}

/// The command with its texts about whom the entry's are about, where it leaves that open: what
/// "nobody named" means may have changed since.
pub(super) fn whom_as_before(command: &Command, entry: &Fact) -> Command {
    let mut command = command.clone();
    let about = match (&mut command, entry) {
        (Command::RecordContact(it), Fact::ContactRecorded(before)) if it.text.is_some() => {
            Some((&mut it.about, &before.about))
        }
        (Command::RecordNote(it), Fact::NoteRecorded(before)) => {
            Some((&mut it.about, &before.about))
        }
        (Command::SubmitReferral(it), Fact::ReferralSubmitted(before)) => {
            Some((&mut it.about, &before.about))
        }
        (Command::DescribeAssessmentArea(it), Fact::AssessmentAreaDescribed(before)) => {
            Some((&mut it.about, &before.about))
        }
        (Command::StateFactor(it), Fact::FactorStated(before)) => {
            Some((&mut it.about, &before.about))
        }
        (Command::ReceiveExternalAssessment(it), Fact::ExternalAssessmentReceived(before)) => {
            Some((&mut it.about, &before.about))
        }
        (_, _) => None,
    };
    if let Some((about, before)) = about
        && about.is_empty()
    {
        about.clone_from(before);
    }
    super::left_out::as_before(&mut command, entry);
    command
}

/// Whether the command names those whom its texts are about.
fn says_whom(command: &Command) -> bool {
    if let Command::ConcludeAssessment(it) = command {
        !it.about.is_empty()
    } else if let Command::SetGoal(it) = command {
        !it.about.is_empty()
    } else if let Command::OrderIntervention(it) = command {
        !it.about.is_empty()
    } else if let Command::EndIntervention(it) = command {
        !it.about.is_empty()
    } else {
        false
    }
}

/// The same for texts whose command seldom says whom they are about, as long as it does not and what
/// that is derived from stays: the family may have got members since, who joined earlier.
pub(super) fn derived_whom_as_before(record: &mut Record, command: &Command, entry: &Fact) {
    if says_whom(command) {
        return;
    }
    let about = match (&mut record.fact, entry) {
        (Fact::ReferralTriaged(it), Fact::ReferralTriaged(before)) => {
            Some((&mut it.about, &before.about))
        }
        (Fact::AssessmentConcluded(it), Fact::AssessmentConcluded(before)) => {
            Some((&mut it.about, &before.about))
        }
        (Fact::GoalSet(it), Fact::GoalSet(before)) if it.owner == before.owner => {
            Some((&mut it.about, &before.about))
        }
        (Fact::InterventionOrdered(it), Fact::InterventionOrdered(before)) => {
            Some((&mut it.about, &before.about))
        }
        (Fact::InterventionEnded(it), Fact::InterventionEnded(before)) => {
            Some((&mut it.about, &before.about))
        }
        (Fact::InstrumentAdministered(it), Fact::InstrumentAdministered(before)) => {
            Some((&mut it.about, &before.about))
        }
        (
            Fact::AssessmentProvisionallyConcluded(it),
            Fact::AssessmentProvisionallyConcluded(before),
        ) => Some((&mut it.about, &before.about)),
        (Fact::AssessmentAbandoned(it), Fact::AssessmentAbandoned(before)) => {
            Some((&mut it.about, &before.about))
        }
        (Fact::InterventionAdjusted(it), Fact::InterventionAdjusted(before)) => {
            Some((&mut it.about, &before.about))
        }
        (Fact::InterventionPaused(it), Fact::InterventionPaused(before)) => {
            Some((&mut it.about, &before.about))
        }
        (Fact::FamilySatisfactionGiven(it), Fact::FamilySatisfactionGiven(before)) => {
            Some((&mut it.about, &before.about))
        }
        (_, _) => None,
    };
    if let Some((about, before)) = about
        && !about.is_empty()
        && !before.is_empty()
    {
        about.clone_from(before);
        record.personal.iter_mut().for_each(|it| it.persons.clone_from(before));
    }
}
