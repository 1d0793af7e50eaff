//! Commands: what may be asked. Parsed and bounded at the edge; here nothing malformed exists.
//!
//! [`Command`] lists them; [`Request`] is a command with the words that go with every command.

pub mod assessing;
mod casework;
pub mod people;
pub mod statistics;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::codes::*;
use crate::ids::*;
use crate::time::Occurred;

pub use casework::*;

/// Free text: at most 64 KiB, NFC, no control characters but tab and newline. Never empty.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Text(pub String);

impl std::fmt::Debug for Text {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Text({} bytes)", self.0.len())
    }
}

/// The most bytes of a free text.
pub const TEXT_BYTES_MAX: usize = 64 * 1024;
/// The most persons that one field may be about: a leaf names at most 15 keys an envelope.
pub const SUBJECTS_MAX: usize = 14;

/// Why the municipality may do this.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LegalBasis {
    pub code: String,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub provision: Option<String>,
}

/// A command with what goes with every command. Who asks is in [`Actor`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    pub expected_revision: Option<u64>,
    pub purpose: Purpose,
    /// `None` = the time of recording.
    pub occurred: Option<Occurred>,
    pub basis: Option<LegalBasis>,
    pub late_reason: Option<Text>,
    /// Warning codes that the user has seen.
    pub confirmations: Vec<String>,
    pub on_behalf_of: Option<WorkerId>,
    pub command: Command,
}

/// Who asks. Comes from the token, never from the request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Actor {
    pub sub: String,
    pub role: String,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub unit: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub on_behalf_of: Option<WorkerId>,
}

/// What may be asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    RegisterPerson(RegisterPerson),
    EstablishPersonIdentity(EstablishPersonIdentity),
    ChangePersonName(people::ChangePersonName),
    RecordContactPoint(people::RecordContactPoint),
    EndContactPoint(people::EndContactPoint),
    RecordLanguageNeed(people::RecordLanguageNeed),
    RecordDeath(people::RecordDeath),
    SetSpecialCareMarker(people::SetSpecialCareMarker),
    ClearSpecialCareMarker(people::ClearSpecialCareMarker),
    RegisterFamily(RegisterFamily),
    AddFamilyMember(AddFamilyMember),
    RemoveFamilyMember(RemoveFamilyMember),
    ChangeMemberRole(people::ChangeMemberRole),
    StateRelationship(people::StateRelationship),
    EndRelationship(people::EndRelationship),
    ChoosePrimaryContact(people::ChoosePrimaryContact),
    AddNetworkPerson(people::AddNetworkPerson),
    RemoveNetworkPerson(people::RemoveNetworkPerson),
    UndoFamilyRegistration(people::UndoFamilyRegistration),
    SubmitReferral(SubmitReferral),
    TriageReferral(TriageReferral),
    OpenCase(OpenCase),
    AssignWorker(AssignWorker),
    EnterCasePhase(EnterCasePhase),
    OpenYouthTrack(OpenYouthTrack),
    RecordContact(RecordContact),
    RecordNote(RecordNote),
    CorrectEntry(Box<CorrectEntry>),
    MarkMistaken(MarkMistaken),
    WithdrawMistakenMark(WithdrawMistakenMark),
    StartAssessment(StartAssessment),
    JudgeRisk(JudgeRisk),
    ConcludeAssessment(ConcludeAssessment),
    DraftPlan(DraftPlan),
    SetGoal(SetGoal),
    AgreePlan(AgreePlan),
    OrderIntervention(OrderIntervention),
    StartIntervention(StartIntervention),
    HoldSession(HoldSession),
    EndIntervention(EndIntervention),
    // Assessing.
    DescribeAssessmentArea(assessing::DescribeAssessmentArea),
    StateFactor(assessing::StateFactor),
    AdministerInstrument(assessing::AdministerInstrument),
    ConcludeAssessmentProvisionally(assessing::ConcludeAssessmentProvisionally),
    AbandonAssessment(assessing::AbandonAssessment),
    ReceiveExternalAssessment(assessing::ReceiveExternalAssessment),
    RecordIncident(assessing::RecordIncident),
    ReportAbsence(assessing::ReportAbsence),
    ReportEducationStatus(assessing::ReportEducationStatus),
    ReportEmploymentStatus(assessing::ReportEmploymentStatus),
    // The course of interventions.
    AdjustIntervention(assessing::AdjustIntervention),
    DeclineIntervention(assessing::DeclineIntervention),
    PauseIntervention(assessing::PauseIntervention),
    ResumeIntervention(assessing::ResumeIntervention),
    OpenProgramme(OpenProgramme),
    PublishMethodVersion(people::PublishMethodVersion),
    RetireMethodVersion(people::RetireMethodVersion),
    SetDisclosureRules(statistics::SetDisclosureRules),
    ReleaseStatistic(statistics::ReleaseStatistic),
    WithdrawStatistic(statistics::WithdrawStatistic),
    EmployWorker(EmployWorker),
    GrantRole(people::GrantRole),
    RevokeRole(people::RevokeRole),
    DeclareConflictOfInterest(people::DeclareConflictOfInterest),
    EndConflictOfInterest(people::EndConflictOfInterest),
    TrainWorker(people::TrainWorker),
    // The case's course.
    RequestReferralInfo(RequestReferralInfo),
    SupplyReferralInfo(SupplyReferralInfo),
    DeclineReferral(DeclineReferral),
    WithdrawReferral(WithdrawReferral),
    OfferPlace(OfferPlace),
    AcceptPlace(AcceptPlace),
    RefusePlace(RefusePlace),
    UnassignWorker(UnassignWorker),
    CompleteHandover(CompleteHandover),
    PauseCase(PauseCase),
    ResumeCase(ResumeCase),
    ProposeClosure(ProposeClosure),
    ApproveClosure(ApproveClosure),
    RejectClosure(RejectClosure),
    CloseCase(CloseCase),
    ReopenCase(ReopenCase),
    RecordPostClosureContact(RecordPostClosureContact),
    GiveFamilySatisfaction(GiveFamilySatisfaction),
    ProposeAcuteOverride(ProposeAcuteOverride),
    ApproveAcuteOverride(ApproveAcuteOverride),
    RejectAcuteOverride(RejectAcuteOverride),
    AddPartyStatement(AddPartyStatement),
    RaiseFlag(RaiseFlag),
    ResolveFlag(ResolveFlag),
    RecordSupervisionNote(RecordSupervisionNote),
}

/// A person's name.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PersonName {
    pub given: String,
    pub family: String,
}

impl std::fmt::Debug for PersonName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("PersonName(…)")
    }
}

/// When a person was born: a date (EXACT, ESTIMATED) or a year (YEAR, ESTIMATED); exactly one of them.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Birth {
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub date: Option<Date>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub year: Option<i16>,
    pub precision: BirthPrecision,
}

impl std::fmt::Debug for Birth {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Birth(…)")
    }
}

/// A CPR number as the client wrote it; judged by the rules of the person's stream.
#[derive(Clone, PartialEq, Eq)]
pub struct CprText(pub String);

impl std::fmt::Debug for CprText {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("CprText(…)")
    }
}

/// See [`crate::fact::PersonRegistered`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RegisterPerson {
    pub person_id: PersonId,
    pub name: PersonName,
    pub cpr: Option<CprText>,
    pub birth: Option<Birth>,
    pub sex: Option<Sex>,
    pub source: PersonSource,
    pub is_synthetic: bool,
}

/// See [`crate::fact::PersonIdentityEstablished`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EstablishPersonIdentity {
    pub person_id: PersonId,
    pub cpr: CprText,
    pub method: IdentityMethod,
}

/// A member at the family's registration.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InitialMember {
    pub person_id: PersonId,
    pub role: FamilyRole,
    pub household: Household,
}

/// See [`crate::fact::FamilyRegistered`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RegisterFamily {
    pub family_id: FamilyId,
    pub reference: String,
    pub initial_members: Vec<InitialMember>,
    pub source: FamilySource,
}

/// See [`crate::fact::FamilyMemberAdded`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AddFamilyMember {
    pub family_id: FamilyId,
    pub person_id: PersonId,
    pub role: FamilyRole,
    pub household: Household,
    pub valid_from: Date,
}

/// See [`crate::fact::FamilyMemberLeft`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RemoveFamilyMember {
    pub family_id: FamilyId,
    pub person_id: PersonId,
    pub reason: LeaveReason,
    pub valid_to: Date,
}

/// See [`crate::fact::ContactRecorded`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordContact {
    pub family_id: FamilyId,
    pub contact_id: ContactId,
    pub kind: ContactKind,
    /// 0 to 1440.
    pub minutes: u16,
    pub present: Vec<PersonId>,
    pub risk_areas: Vec<RiskArea>,
    pub goal_ids: Vec<GoalId>,
    pub text: Option<Text>,
    /// Empty = those present, or all present members of the family if nobody was.
    pub about: Vec<PersonId>,
    pub from_child: bool,
}

/// See [`crate::fact::NoteRecorded`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordNote {
    pub family_id: FamilyId,
    pub note_id: NoteId,
    pub nature: NoteNature,
    pub grade: Grade,
    pub source: Option<Text>,
    /// Empty = all present members.
    pub about: Vec<PersonId>,
    pub text: Text,
}

/// Names an earlier event of the same stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EntryRef {
    Event(EventId),
    /// From 1.
    Revision(u64),
}

/// See [`crate::fact::EntryCorrected`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CorrectEntry {
    pub stream: StreamRef,
    pub entry: EntryRef,
    pub reason: CorrectionReason,
    pub explanation: Text,
    /// The command as it should have been.
    pub corrected: Command,
    /// `None` = the time was right.
    pub corrected_occurred: Option<Occurred>,
}

/// See [`crate::fact::EntryMarkedMistaken`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MarkMistaken {
    pub stream: StreamRef,
    pub entry: EntryRef,
    pub reason: MistakeReason,
    pub explanation: Text,
}

/// See [`crate::fact::MistakenMarkWithdrawn`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WithdrawMistakenMark {
    pub stream: StreamRef,
    pub entry: EntryRef,
    pub explanation: Text,
}

/// See [`crate::fact::AssessmentStarted`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StartAssessment {
    pub family_id: FamilyId,
    pub assessment_id: AssessmentId,
    pub kind: AssessmentKind,
    /// `None` = the family.
    pub person_id: Option<PersonId>,
    pub trigger: Option<EntryRef>,
    pub regime: Regime,
    pub need_known_on: Option<Date>,
}

/// See [`crate::fact::ProfessionalRiskJudged`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JudgeRisk {
    pub family_id: FamilyId,
    pub person_id: PersonId,
    pub risk_area: RiskArea,
    pub level: RiskLevel,
    pub direction: RiskDirection,
    pub basis: Vec<EntryRef>,
    pub reasoning: Text,
    pub valid_until: Date,
}

/// See [`crate::fact::AssessmentConcluded`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConcludeAssessment {
    pub family_id: FamilyId,
    pub assessment_id: AssessmentId,
    pub conclusion: Text,
    pub proposal: AssessmentProposal,
    pub shared_with_family_on: Option<Date>,
    /// Empty = the person assessed, or all present members.
    pub about: Vec<PersonId>,
}

/// See [`crate::fact::PlanDrafted`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DraftPlan {
    pub family_id: FamilyId,
    pub plan_id: PlanId,
    pub kind: PlanKind,
    /// `None` for the family's plan only.
    pub person_id: Option<PersonId>,
}

/// What each of the five levels of goal attainment looks like. A level left out is empty.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GoalLevels {
    pub minus_two: String,
    pub minus_one: String,
    pub zero: String,
    pub plus_one: String,
    pub plus_two: String,
}

impl std::fmt::Debug for GoalLevels {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("GoalLevels(…)")
    }
}

/// See [`crate::fact::GoalSet`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SetGoal {
    pub family_id: FamilyId,
    pub plan_id: PlanId,
    pub goal_id: GoalId,
    /// `None` = the family.
    pub owner: Option<PersonId>,
    pub theme: GoalTheme,
    pub risk_area: RiskArea,
    pub statement: Text,
    pub family_words: Option<Text>,
    pub levels: Option<GoalLevels>,
    /// 1 to 5.
    pub weight: u8,
    /// −2 to 2.
    pub baseline: i8,
    pub target_date: Date,
    /// Empty = the owner, the plan's person, or all present members.
    pub about: Vec<PersonId>,
}

/// How one person stands to a plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Agreement {
    pub person_id: PersonId,
    pub manner: AgreementManner,
}

/// How a child was heard, or why not: exactly one of the two.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChildHeard {
    pub person_id: PersonId,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub how: Option<Text>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub not_heard_reason: Option<Text>,
}

/// See [`crate::fact::PlanAgreed`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AgreePlan {
    pub family_id: FamilyId,
    pub plan_id: PlanId,
    pub agreed_by: Vec<Agreement>,
    pub children_heard: Vec<ChildHeard>,
}

/// What is planned for an intervention.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlannedCourse {
    pub start: Date,
    pub end: Date,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub sessions: Option<u16>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub minutes_per_week: Option<u16>,
}

/// See [`crate::fact::InterventionOrdered`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrderIntervention {
    pub family_id: FamilyId,
    pub intervention_id: InterventionId,
    pub intervention_type: InterventionType,
    /// `None` = the family.
    pub person_id: Option<PersonId>,
    pub goal_ids: Vec<GoalId>,
    pub method_version: Option<String>,
    pub provider: Option<String>,
    pub planned: PlannedCourse,
    pub cost_estimate_ore: Option<i64>,
    /// Whom the provider's text is about; empty = the person, or all present members.
    pub about: Vec<PersonId>,
}

/// See [`crate::fact::InterventionStarted`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StartIntervention {
    pub family_id: FamilyId,
    pub intervention_id: InterventionId,
    pub on: Date,
}

/// Whether one person came.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Attendance {
    pub person_id: PersonId,
    pub state: AttendanceState,
}

/// See [`crate::fact::SessionHeld`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HoldSession {
    pub family_id: FamilyId,
    pub intervention_id: InterventionId,
    pub on: Date,
    /// 0 to 1440.
    pub minutes: u16,
    pub attendance: Vec<Attendance>,
    /// 0 to 100.
    pub fidelity_percent: Option<u8>,
    pub note: Option<Text>,
}

/// See [`crate::fact::InterventionEnded`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EndIntervention {
    pub family_id: FamilyId,
    pub intervention_id: InterventionId,
    pub on: Date,
    pub reason: InterventionEndReason,
    pub result: Option<Text>,
    /// Whom the result is about; empty = the person, or all present members.
    pub about: Vec<PersonId>,
}

/// A criterion of a programme's target group.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TargetCriterion {
    pub code: String,
    pub mandatory: bool,
    pub text: String,
}

/// See [`crate::fact::ProgrammeOpened`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenProgramme {
    pub programme_id: ProgrammeId,
    pub name: String,
    pub first_case_from: Date,
    pub intake_until: Option<Date>,
    pub capacity_families: u16,
    pub criteria: Vec<TargetCriterion>,
}

/// See [`crate::fact::WorkerEmployed`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EmployWorker {
    pub worker_id: WorkerId,
    pub name: Text,
    pub subject: String,
    pub agency: Agency,
    pub employed_from: Date,
    pub employed_to: Option<Date>,
}
