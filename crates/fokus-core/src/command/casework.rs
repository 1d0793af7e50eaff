//! Commands on the case: the referral and its answers, the case with its phases and tracks, workers,
//! pauses, closing and after, the acute override of "family first", and remarks beside the journal.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::{EntryRef, Text};
use crate::codes::*;
use crate::ids::*;

/// See [`crate::fact::ReferralSubmitted`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SubmitReferral {
    pub family_id: FamilyId,
    pub referral_id: ReferralId,
    pub programme_id: ProgrammeId,
    pub agency: Agency,
    pub worker_id: Option<WorkerId>,
    pub risk_areas: Vec<RiskArea>,
    pub grounds: Text,
    /// Empty = all present members.
    pub about: Vec<PersonId>,
    pub family_knows: bool,
}

/// One criterion, answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Criterion {
    pub code: String,
    pub met: bool,
    pub grounds: Option<Text>,
}

/// See [`crate::fact::ReferralTriaged`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TriageReferral {
    pub family_id: FamilyId,
    pub referral_id: ReferralId,
    pub met: bool,
    pub criteria: Vec<Criterion>,
    pub capacity: bool,
    pub priority: Priority,
}

/// See [`crate::fact::CaseOpened`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenCase {
    pub family_id: FamilyId,
    pub case_id: CaseId,
    pub programme_id: ProgrammeId,
    pub referral_id: ReferralId,
    pub opened_on: Date,
    pub kle: String,
    pub lead_worker_id: WorkerId,
    pub regime: Regime,
}

/// See [`crate::fact::WorkerAssigned`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AssignWorker {
    pub family_id: FamilyId,
    pub worker_id: WorkerId,
    pub role: WorkerRole,
    pub valid_from: Date,
    pub valid_to: Option<Date>,
    /// Whether a new LEAD takes the place of the present one, whose last day is the day before.
    pub replaces_lead: bool,
    /// What the next one should know.
    pub handover_note: Option<Text>,
    /// Whom the note is about; empty = all present members.
    pub about: Vec<PersonId>,
}

/// See [`crate::fact::CasePhaseEntered`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EnterCasePhase {
    pub family_id: FamilyId,
    pub phase: CasePhase,
}

/// See [`crate::fact::YouthTrackOpened`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenYouthTrack {
    pub family_id: FamilyId,
    pub youth_id: PersonId,
    pub track_id: TrackId,
}

/// See [`crate::fact::ReferralInfoRequested`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestReferralInfo {
    pub family_id: FamilyId,
    pub referral_id: ReferralId,
    pub questions: Text,
    /// Empty = whom the referral is about.
    pub about: Vec<PersonId>,
}

/// See [`crate::fact::ReferralInfoSupplied`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SupplyReferralInfo {
    pub family_id: FamilyId,
    pub referral_id: ReferralId,
    pub answer: Text,
    /// Empty = whom the referral is about.
    pub about: Vec<PersonId>,
}

/// See [`crate::fact::ReferralDeclined`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeclineReferral {
    pub family_id: FamilyId,
    pub referral_id: ReferralId,
    pub reason: DeclineReason,
    pub redirected_to: Option<Agency>,
}

/// See [`crate::fact::ReferralWithdrawn`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WithdrawReferral {
    pub family_id: FamilyId,
    pub referral_id: ReferralId,
    pub reason: Option<Text>,
    /// Empty = whom the referral is about.
    pub about: Vec<PersonId>,
}

/// See [`crate::fact::PlaceOffered`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OfferPlace {
    pub family_id: FamilyId,
    pub referral_id: ReferralId,
}

/// See [`crate::fact::PlaceAccepted`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AcceptPlace {
    pub family_id: FamilyId,
    pub referral_id: ReferralId,
    /// At least one.
    pub accepted_by: Vec<PersonId>,
}

/// See [`crate::fact::PlaceRefused`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefusePlace {
    pub family_id: FamilyId,
    pub referral_id: ReferralId,
    pub reason: Option<Text>,
    /// Empty = whom the referral is about.
    pub about: Vec<PersonId>,
}

/// See [`crate::fact::WorkerUnassigned`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnassignWorker {
    pub family_id: FamilyId,
    pub worker_id: WorkerId,
    /// `None` = the one role that the worker has then.
    pub role: Option<WorkerRole>,
    /// The last day; `None` = the day of the act.
    pub valid_to: Option<Date>,
}

/// See [`crate::fact::HandoverCompleted`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CompleteHandover {
    pub family_id: FamilyId,
    /// The assignment that made the new lead; `None` = that of the present lead.
    pub assignment: Option<EntryRef>,
    /// A revision of the family's stream.
    pub read_up_to: u64,
    pub family_told_on: Date,
}

/// See [`crate::fact::CasePaused`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PauseCase {
    pub family_id: FamilyId,
    /// The first day; `None` = the day of the act.
    pub paused_from: Option<Date>,
    pub expected_until: Date,
    pub reason: Text,
    /// Empty = all present members.
    pub about: Vec<PersonId>,
}

/// See [`crate::fact::CaseResumed`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResumeCase {
    pub family_id: FamilyId,
    /// The first day that is not paused; `None` = the day of the act.
    pub on: Option<Date>,
}

/// What becomes of one goal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GoalDisposed {
    pub goal_id: GoalId,
    pub disposition: GoalDisposition,
}

/// See [`crate::fact::ClosureProposed`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProposeClosure {
    pub family_id: FamilyId,
    pub outcome: CaseOutcome,
    pub summary: Text,
    /// Every goal of the case.
    pub goals: Vec<GoalDisposed>,
    pub follow_up_plan: Option<Text>,
    /// Empty = all present members.
    pub about: Vec<PersonId>,
}

/// See [`crate::fact::ClosureApproved`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApproveClosure {
    pub family_id: FamilyId,
    /// `None` = the one that waits.
    pub proposal: Option<EntryRef>,
}

/// See [`crate::fact::ClosureRejected`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RejectClosure {
    pub family_id: FamilyId,
    /// `None` = the one that waits, or was approved and not followed yet.
    pub proposal: Option<EntryRef>,
    pub reason: Text,
    /// Empty = whom the proposal is about.
    pub about: Vec<PersonId>,
}

/// See [`crate::fact::CaseClosed`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CloseCase {
    pub family_id: FamilyId,
    /// `None` = the one approved.
    pub proposal: Option<EntryRef>,
    /// The last day; `None` = the day of the act.
    pub closed_on: Option<Date>,
    pub family_told_on: Option<Date>,
    /// Exactly one of the two: when the family was told, or why not.
    pub not_told_reason: Option<Text>,
}

/// See [`crate::fact::CaseReopened`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReopenCase {
    pub family_id: FamilyId,
    pub reason: ReopenReason,
    pub grounds: Text,
    /// `None` = the day of the act.
    pub reopened_on: Option<Date>,
    /// `None` = the lead at the closing.
    pub lead_worker_id: Option<WorkerId>,
    /// `None` = the phase at the closing.
    pub phase: Option<CasePhase>,
    /// Empty = all present members.
    pub about: Vec<PersonId>,
}

/// See [`crate::fact::PostClosureContactMade`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordPostClosureContact {
    pub family_id: FamilyId,
    pub contact_id: ContactId,
    /// `None` = the day of the act.
    pub on: Option<Date>,
    pub answered: bool,
    pub findings: Option<Text>,
    /// Empty = all present members.
    pub about: Vec<PersonId>,
}

/// One answer to a question about satisfaction.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SatisfactionAnswer {
    /// The question's code in its instrument.
    pub question: String,
    pub answer: String,
}

impl std::fmt::Debug for SatisfactionAnswer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SatisfactionAnswer(…)")
    }
}

/// See [`crate::fact::FamilySatisfactionGiven`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GiveFamilySatisfaction {
    pub family_id: FamilyId,
    /// Who answered; `None` when anonymous, or together.
    pub person_id: Option<PersonId>,
    /// Its code and version in words, such as `TILFREDS_2019`.
    pub instrument: String,
    /// At least one.
    pub answers: Vec<SatisfactionAnswer>,
    pub anonymous: bool,
}

/// See [`crate::fact::AcuteOverrideProposed`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProposeAcuteOverride {
    pub family_id: FamilyId,
    pub youth_id: PersonId,
    pub reason: Text,
}

/// See [`crate::fact::AcuteOverrideApproved`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApproveAcuteOverride {
    pub family_id: FamilyId,
    /// `None` = the only one that waits.
    pub proposal: Option<EntryRef>,
}

/// See [`crate::fact::AcuteOverrideRejected`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RejectAcuteOverride {
    pub family_id: FamilyId,
    /// `None` = the only one that waits.
    pub proposal: Option<EntryRef>,
    pub reason: Text,
}

/// See [`crate::fact::PartyStatementAdded`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AddPartyStatement {
    pub family_id: FamilyId,
    /// Whose statement it is.
    pub person_id: PersonId,
    /// The entry that it is on.
    pub entry: Option<EntryRef>,
    pub text: Text,
    /// Empty = the person whose statement it is.
    pub about: Vec<PersonId>,
}

/// See [`crate::fact::FlagRaised`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RaiseFlag {
    pub family_id: FamilyId,
    pub flag_id: FlagId,
    pub kind: FlagKind,
    pub due: Option<Date>,
    pub text: Text,
    /// Empty = all present members.
    pub about: Vec<PersonId>,
}

/// See [`crate::fact::FlagResolved`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResolveFlag {
    pub family_id: FamilyId,
    pub flag_id: FlagId,
    pub resolution: Text,
}

/// See [`crate::fact::SupervisionNoteRecorded`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordSupervisionNote {
    pub family_id: FamilyId,
    pub note_id: NoteId,
    pub text: Text,
    /// Empty = all present members.
    pub about: Vec<PersonId>,
}
