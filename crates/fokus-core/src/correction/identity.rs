//! What a correction may not change: which entry it is, and which things it names.

use uuid::Uuid;

use crate::command::Command;
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
fn type_named_by(command: &Command) -> Option<&'static str> {
    Some(match command {
        Command::RegisterPerson(_) => "PersonRegistered",
        Command::EstablishPersonIdentity(_) => "PersonIdentityEstablished",
        Command::RegisterFamily(_) => "FamilyRegistered",
        Command::AddFamilyMember(_) => "FamilyMemberAdded",
        Command::RemoveFamilyMember(_) => "FamilyMemberLeft",
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
        Command::OpenProgramme(_) => "ProgrammeOpened",
        Command::EmployWorker(_) => "WorkerEmployed",
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

/// The ids that say what the entry is about, by their member in its fact. Workers and goals that an
/// entry merely mentions may be corrected.
fn ids_named_by(command: &Command) -> Vec<(&'static str, Option<Uuid>)> {
    let person = |id: PersonId| ("person_id", Some(id.0));
    let perhaps = |id: Option<PersonId>| ("person_id", id.map(|it| it.0));
    let plan = |id: PlanId| ("plan_id", Some(id.0));
    let intervention = |id: InterventionId| ("intervention_id", Some(id.0));
    let assessment = |id: AssessmentId| ("assessment_id", Some(id.0));
    let referral = |id: ReferralId| ("referral_id", Some(id.0));
    let programme = |id: ProgrammeId| ("programme_id", Some(id.0));
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
        Command::OpenProgramme(it) => vec![programme(it.programme_id)],
        Command::EmployWorker(it) => vec![("worker_id", Some(it.worker_id.0))],
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
        Command::AssignWorker(_)
        | Command::EnterCasePhase(_)
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

/// The same for texts whose command never says whom they are about, as long as what that is derived
/// from stays: the family may have got members since, who joined earlier.
pub(super) fn derived_whom_as_before(record: &mut Record, entry: &Fact) {
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
