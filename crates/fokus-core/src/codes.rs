//! Codes: the closed sets of words that events are written in. In JSON each is SCREAMING_SNAKE_CASE.

mod casework;
mod statistics;

use serde::{Deserialize, Serialize};

pub use casework::*;
pub use statistics::*;

/// Why something is written or read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Purpose {
    Casework,
    ConcernHandling,
    CrimePrevention,
    Supervision,
    Audit,
    Grant,
    Dsr,
    Operations,
}

/// How exactly a time is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Precision {
    Exact,
    Day,
    Month,
    UnknownEstimated,
}

/// How exactly a birth is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum BirthPrecision {
    Exact,
    Year,
    Estimated,
}

/// Sex as registered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Sex {
    F,
    M,
    X,
}

/// Where the municipality knows a person from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum PersonSource {
    CprLookup,
    #[serde(rename = "SELF")]
    OneSelf,
    Agency,
    Concern,
    Manual,
}

/// How an identity was established.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum IdentityMethod {
    CprLookup,
    Document,
    Agency,
}

/// Where the municipality knows a family from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum FamilySource {
    Referral,
    Concern,
    #[serde(rename = "SELF")]
    OneSelf,
    Agency,
    Manual,
}

/// What a person is in a family.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum FamilyRole {
    Mother,
    Father,
    Stepparent,
    Child,
    Sibling,
    HalfSibling,
    Grandparent,
    Foster,
    Partner,
    Other,
}

/// Whether a member lives there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Household {
    Core,
    PartTime,
    Outside,
}

/// Why a member left, in the world.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum LeaveReason {
    MovedOut,
    Died,
    Placed,
    Split,
    Adult,
    CustodyChange,
    EnteredInError,
}

/// An agency that takes part.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Agency {
    Social,
    School,
    Daycare,
    JobCentre,
    Uu,
    Ssp,
    Police,
    GangTaskForce,
    HealthVisitor,
    Psychiatry,
    Housing,
    CivilSociety,
    OtherMunicipality,
    Probation,
}

/// The programme's three risk areas.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum RiskArea {
    StreetLifestyle,
    SchoolThriving,
    FamilyProblems,
}

/// How urgent a referral is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Priority {
    Acute,
    High,
    Normal,
}

/// The law that a case or assessment runs under.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Regime {
    Sel,
    Bl,
}

/// What a worker is on a case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum WorkerRole {
    Lead,
    Second,
    YouthMentor,
    FamilyTherapist,
    Deputy,
}

/// The phases of a case, in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum CasePhase {
    Engagement,
    FamilyAssessment,
    FamilyPlan,
    FamilyIntervention,
    YouthTrack,
    Transition,
    Evaluation,
}

/// What kind of assessment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum AssessmentKind {
    Screening,
    Mapping,
    ChildExamination,
    FamilyAssessment,
    YouthAssessment,
    Instrument,
}

/// What an assessment proposes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum AssessmentProposal {
    NoSupport,
    Support,
    Placement,
    Refer,
}

/// The level of a judged risk. Ordinal: never summed or averaged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum RiskLevel {
    Low,
    Moderate,
    High,
    Acute,
}

/// How a risk moved since it was last judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum RiskDirection {
    Better,
    Same,
    Worse,
    First,
}

/// Whose plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum PlanKind {
    Family,
    Child,
    Youth,
}

/// What a goal is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum GoalTheme {
    ParentalRole,
    Transition,
    School,
    Leisure,
    Employment,
    Housing,
    Health,
    Network,
    Crime,
    Economy,
    Language,
}

/// How a person agreed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum AgreementManner {
    Signed,
    Oral,
    NotAgreed,
}

/// What kind of intervention.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum InterventionType {
    Mst,
    Fft,
    Pmto,
    ParentProgramme,
    FamilyTreatment,
    HomeSupport,
    Mentor,
    ContactPerson,
    LeisureJob,
    LeisurePass,
    Homework,
    NetworkMeeting,
    FamilyGroupConference,
    UuCourse,
    TransitionMentor,
    JobCourseParent,
    ExitTalk,
    ConcernTalk,
    Other,
}

/// Whether a person came.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum AttendanceState {
    Present,
    Late,
    AbsentNotified,
    NoShow,
}

/// Why an intervention ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum InterventionEndReason {
    Completed,
    Dropout,
    Replaced,
    NoEffect,
    Moved,
    Declined,
}

/// What kind of contact.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ContactKind {
    Visit,
    Call,
    Sms,
    Meeting,
    Street,
    School,
    Office,
    NoShow,
}

/// What a note is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum NoteNature {
    Fact,
    Assessment,
    Decision,
    PartyStatement,
    Procedural,
}

/// How sure a statement is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Grade {
    Certain,
    Probable,
    Claimed,
    Uncertain,
}

/// Why an entry is corrected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum CorrectionReason {
    Typo,
    WrongPerson,
    WrongDate,
    NewEvidence,
    RectificationDecision,
}

/// Why an entry should not exist.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum MistakeReason {
    WrongFamily,
    WrongPerson,
    Duplicate,
    DidNotHappen,
}

// People, those around a family, and workers.

/// How a person is reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ContactPointKind {
    Phone,
    Email,
    DigitalPost,
    Address,
}

/// What a contact point is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ContactPointUse {
    Primary,
    Alt,
    DoNotUse,
}

/// Where the municipality knows a death from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum DeathSource {
    CprRegister,
    Relative,
    Agency,
    Document,
}

/// What a worker must know before meeting a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum SpecialCareKind {
    ViolenceRisk,
    DoNotJoinMeeting,
    NoContactOrder,
}

/// How the one person stands to the other, who need not be a member.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum RelationshipKind {
    ParentOf,
    Partner,
    ExPartner,
    Sibling,
    HalfSibling,
    Friend,
    PeerAtRisk,
    Mentor,
}

/// How close two persons are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum RelationshipQuality {
    Close,
    Distant,
    Conflict,
    CutOff,
    Unknown,
}

/// What somebody outside the family is to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum NetworkRole {
    Relative,
    Friend,
    Neighbour,
    School,
    Coach,
    Mentor,
    Employer,
    Other,
}

/// How the family's primary contact is reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ContactChannel {
    Phone,
    Sms,
    Email,
    DigitalPost,
    Letter,
    InPerson,
}

/// Why a family should not have been registered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum UndoReason {
    Duplicate,
    WrongPeople,
    NotAFamily,
}

/// Why a worker is not impartial (forvaltningsloven § 3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ConflictKind {
    Kinship,
    Friendship,
    PersonalInterest,
    EarlierInvolvement,
    Other,
}

// Assessments and interventions.

/// A dimension of a child's life that an examination describes (Integrated Children's System).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum IcsDimension {
    DevelopmentBehaviour,
    Family,
    School,
    Health,
    LeisureFriends,
    Other,
}

impl IcsDimension {
    /// The six dimensions.
    pub const ALL: [IcsDimension; 6] = [
        IcsDimension::DevelopmentBehaviour,
        IcsDimension::Family,
        IcsDimension::School,
        IcsDimension::Health,
        IcsDimension::LeisureFriends,
        IcsDimension::Other,
    ];
}

/// Whether a factor speaks for or against somebody.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum FactorSide {
    Risk,
    Resource,
}

/// How heavy a risk factor is by its form, whatever the answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum WeightBand {
    Slight,
    Some,
    Substantial,
}

/// Whether a factor is there. Personal: it may be about health or crime.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum FactorAnswer {
    Yes,
    No,
    DontKnow,
    Irrelevant,
}

/// Who answered an instrument.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Respondent {
    #[serde(rename = "SELF")]
    OneSelf,
    Parent,
    Teacher,
    Worker,
}

/// When in a course an instrument was administered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Occasion {
    Intake,
    Interim,
    Closure,
    FollowUp,
}

/// What kind of incident. Personal: it is about crime (GDPR art. 10).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum IncidentKind {
    PoliceContact,
    Charge,
    Conviction,
    SchoolExclusion,
    Violence,
    StreetObservation,
    Runaway,
}

/// Where somebody stands in education, as the youth guidance (UU) reports it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum EducationStatus {
    Primary,
    TenthGrade,
    Fgu,
    YouthEdu,
    Apprentice,
    Neet,
    Work,
}

/// Where somebody stands in working life, as the job centre reports it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum EmploymentStatus {
    Employed,
    PartTime,
    Benefit,
    Edu,
    Leave,
}
