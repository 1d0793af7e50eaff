//! Facts: the coded part of events, which is what folds see.
//!
//! An event is a fact plus personal fields (see [`crate::record`]). Folds get facts only, so no fold
//! can depend on what an erasure takes away. The JSON form of each struct is the storage contract:
//! its top-level members are the `d/…` paths of envelope 0. Unknown members are refused; a change of
//! shape is a new schema number, decoded into today's type by [`Fact::decode`].

mod members;

use jiff::civil::Date;
use serde::{Deserialize, Serialize, Serializer};
use serde_json::{Map, Value};

use crate::codes::*;
use crate::command::{Agreement, Attendance, InitialMember, PlannedCourse, TargetCriterion};
use crate::ids::*;
use crate::time::Occurred;
use assessing::*;
use people::*;
use statistics::*;

macro_rules! facts {
    ($($name:ident),* $(,)?) => {
        /// What happened, without the personal fields.
        #[derive(Debug, Clone, PartialEq, Eq)]
        pub enum Fact { $($name($name)),* }

        impl Serialize for Fact {
            /// As its JSON object.
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                match self { $(Fact::$name(it) => it.serialize(serializer)),* }
            }
        }

        impl Fact {
            /// The names of all types, in catalogue order.
            pub const TYPES: &'static [&'static str] = &[$(stringify!($name)),*];

            /// The event's type, such as `ContactRecorded`.
            pub fn type_name(&self) -> &'static str {
                match self { $(Fact::$name(_) => stringify!($name)),* }
            }

            /// The fact's JSON object. Every fact is a struct, so it always is one.
            pub fn to_json(&self) -> Map<String, Value> {
                let value = match self { $(Fact::$name(it) => serde_json::to_value(it)),* };
                match value { Ok(Value::Object(it)) => it, _ => Map::new() }
            }

            /// The fact's members as they stand in the record: names, and values as JSON.
            ///
            /// # Errors
            ///
            /// None with the types that facts are made of.
            pub fn members(&self) -> Result<Vec<(&'static str, Vec<u8>)>, serde_json::Error> {
                match self { $(Fact::$name(it) => members::write(it)),* }
            }

            /// Today's fact of a stored one, its members as they stand in the record: names, and
            /// values as JSON. The same as [`Fact::decode`], without a tree of values between.
            ///
            /// # Errors
            ///
            /// As [`Fact::decode`].
            pub fn read(
                type_name: &str,
                schema: u32,
                members: &[(&str, &[u8])],
            ) -> Result<Fact, UnknownFact> {
                let members = members::Members::new(members);
                match (type_name, schema) {
                    $((stringify!($name), today) if today == schema_of(stringify!($name)) => {
                        $name::deserialize(members).map(Fact::$name).map_err(|_| UnknownFact)
                    })*
                    _ => earlier::decode(type_name, schema, members),
                }
            }

            /// Today's fact of a stored one.
            ///
            /// # Errors
            ///
            /// [`UnknownFact`] when the type and schema are not known or the members do not fit.
            pub fn decode(
                type_name: &str,
                schema: u32,
                members: Map<String, Value>,
            ) -> Result<Fact, UnknownFact> {
                match (type_name, schema) {
                    $((stringify!($name), today) if today == schema_of(stringify!($name)) => {
                        serde_json::from_value(Value::Object(members))
                            .map(Fact::$name)
                            .map_err(|_| UnknownFact)
                    })*
                    _ => earlier::decode(type_name, schema, Value::Object(members)),
                }
            }
        }
    };
}

facts!(
    PersonRegistered,
    PersonIdentityEstablished,
    PersonNameChanged,
    PersonContactPointRecorded,
    PersonContactPointEnded,
    LanguageNeedRecorded,
    PersonDied,
    SpecialCareMarkerSet,
    SpecialCareMarkerCleared,
    FamilyRegistered,
    FamilyMemberAdded,
    FamilyMemberLeft,
    FamilyMemberRoleChanged,
    RelationshipStated,
    RelationshipEnded,
    PrimaryContactChosen,
    NetworkPersonAdded,
    NetworkPersonRemoved,
    FamilyRegistrationUndone,
    ReferralSubmitted,
    ReferralTriaged,
    CaseOpened,
    WorkerAssigned,
    CasePhaseEntered,
    YouthTrackOpened,
    ContactRecorded,
    NoteRecorded,
    EntryCorrected,
    EntryMarkedMistaken,
    MistakenMarkWithdrawn,
    AssessmentStarted,
    ProfessionalRiskJudged,
    AssessmentConcluded,
    PlanDrafted,
    GoalSet,
    PlanAgreed,
    InterventionOrdered,
    InterventionStarted,
    SessionHeld,
    InterventionEnded,
    // Assessing.
    AssessmentAreaDescribed,
    FactorStated,
    InstrumentAdministered,
    AssessmentProvisionallyConcluded,
    AssessmentAbandoned,
    ExternalAssessmentReceived,
    IncidentRecorded,
    AbsenceReported,
    EducationStatusReported,
    EmploymentStatusReported,
    // The course of interventions.
    InterventionAdjusted,
    InterventionDeclined,
    InterventionPaused,
    InterventionResumed,
    ProgrammeOpened,
    MethodVersionPublished,
    MethodVersionRetired,
    DisclosureRulesSet,
    StatisticReleased,
    StatisticWithdrawn,
    WorkerEmployed,
    RoleGranted,
    RoleRevoked,
    ConflictOfInterestDeclared,
    ConflictOfInterestEnded,
    StaffTrained,
    // The case's course.
    ReferralInfoRequested,
    ReferralInfoSupplied,
    ReferralDeclined,
    ReferralWithdrawn,
    PlaceOffered,
    PlaceAccepted,
    PlaceRefused,
    WorkerUnassigned,
    HandoverCompleted,
    CasePaused,
    CaseResumed,
    ClosureProposed,
    ClosureApproved,
    ClosureRejected,
    CaseClosed,
    CaseReopened,
    PostClosureContactMade,
    FamilySatisfactionGiven,
    AcuteOverrideProposed,
    AcuteOverrideApproved,
    AcuteOverrideRejected,
    PartyStatementAdded,
    FlagRaised,
    FlagResolved,
    SupervisionNoteRecorded,
);

impl Fact {
    /// The schema number that facts are written with today.
    pub fn schema(&self) -> u32 {
        schema_of(self.type_name())
    }
}

/// The schema number that facts of the type are written with today. Earlier ones are read by
/// `fact/earlier.rs`.
pub fn schema_of(type_name: &str) -> u32 {
    match type_name {
        "WorkerAssigned" | "YouthTrackOpened" => 2,
        _ => 1,
    }
}

/// The pair (type, schema), or the shape, is not one that this program knows. The reader halts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("unknown type, schema or shape of an event")]
pub struct UnknownFact;

macro_rules! fact {
    ($(#[$doc:meta])* $name:ident { $($(#[$attr:meta])* $field:ident : $ty:ty),* $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(deny_unknown_fields)]
        pub struct $name { $($(#[$attr])* pub $field: $ty),* }
    };
}

pub mod assessing;
mod casework;
mod earlier;
pub mod people;
pub mod statistics;

pub use casework::*;

fact! {
    /// A human is known. Personal: `name`, `cpr`, `birth`, `sex`.
    PersonRegistered {
        person_id: PersonId,
        source: PersonSource,
        is_synthetic: bool,
        /// Whether a CPR number was given: the number itself is personal.
        cpr_known: bool,
    }
}
fact! {
    /// The CPR number was found later. Personal: `cpr`.
    PersonIdentityEstablished { person_id: PersonId, method: IdentityMethod }
}
fact! {
    /// A family is known.
    FamilyRegistered {
        family_id: FamilyId,
        reference: String,
        initial_members: Vec<InitialMember>,
        source: FamilySource,
    }
}
fact! {
    /// A person became a member.
    FamilyMemberAdded {
        person_id: PersonId,
        role: FamilyRole,
        household: Household,
        valid_from: Date,
    }
}
fact! {
    /// A person left, in the world.
    FamilyMemberLeft { person_id: PersonId, reason: LeaveReason, valid_to: Date }
}
fact! {
    /// The family was proposed for a programme. Personal: `grounds`.
    ReferralSubmitted {
        referral_id: ReferralId,
        programme_id: ProgrammeId,
        agency: Agency,
        #[serde(skip_serializing_if = "Option::is_none", default)]
        worker_id: Option<WorkerId>,
        risk_areas: Vec<RiskArea>,
        family_knows: bool,
        /// Whom the grounds are about.
        about: Vec<PersonId>,
    }
}
fact! {
    /// One answered criterion, without its grounds.
    CriterionMet { code: String, met: bool }
}
fact! {
    /// The referral was judged. Personal: `criteria_grounds`.
    ReferralTriaged {
        referral_id: ReferralId,
        met: bool,
        criteria: Vec<CriterionMet>,
        capacity: bool,
        priority: Priority,
        /// Whom the grounds are about.
        #[serde(skip_serializing_if = "Vec::is_empty", default)]
        about: Vec<PersonId>,
    }
}
fact! {
    /// The family's case began. Its legal basis is in the header.
    CaseOpened {
        case_id: CaseId,
        programme_id: ProgrammeId,
        referral_id: ReferralId,
        opened_on: Date,
        kle: String,
        lead_worker_id: WorkerId,
        regime: Regime,
    }
}
fact! {
    /// A worker came on the case. Personal: `handover_note`.
    WorkerAssigned {
        worker_id: WorkerId,
        role: WorkerRole,
        valid_from: Date,
        #[serde(skip_serializing_if = "Option::is_none", default)]
        valid_to: Option<Date>,
        /// Whether the lead until then was so until the day before.
        replaces_lead: bool,
        /// Whom the note is about; empty without one.
        #[serde(skip_serializing_if = "Vec::is_empty", default)]
        about: Vec<PersonId>,
    }
}
fact! {
    /// The case moved on.
    CasePhaseEntered { phase: CasePhase }
}
fact! {
    /// A youth's track began, after the family, or before it by an acute override.
    YouthTrackOpened {
        youth_id: PersonId,
        track_id: TrackId,
        /// The last day for the family's plan; only where an override stood in for it.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        family_plan_due_on: Option<Date>,
    }
}
fact! {
    /// Somebody met, called or missed the family. Personal: `text`.
    ContactRecorded {
        contact_id: ContactId,
        kind: ContactKind,
        minutes: u16,
        #[serde(skip_serializing_if = "Vec::is_empty", default)]
        present: Vec<PersonId>,
        #[serde(skip_serializing_if = "Vec::is_empty", default)]
        risk_areas: Vec<RiskArea>,
        #[serde(skip_serializing_if = "Vec::is_empty", default)]
        goal_ids: Vec<GoalId>,
        /// Whom the text is about; empty without one.
        #[serde(skip_serializing_if = "Vec::is_empty", default)]
        about: Vec<PersonId>,
        from_child: bool,
    }
}
fact! {
    /// A fact or professional assessment was noted. Personal: `source`, `text`.
    NoteRecorded { note_id: NoteId, nature: NoteNature, grade: Grade, about: Vec<PersonId> }
}
fact! {
    /// An earlier event was corrected. Personal: `explanation`, and `corrected.<field>` for each
    /// personal field that differs from the original.
    EntryCorrected {
        /// Revision of the corrected event in this stream. Entries are named by revision in facts, never
        /// by event id: event ids are random, and the same commands must give the same facts.
        target_revision: u64,
        reason: CorrectionReason,
        /// Members of the target's facts that differ from the original, with their new values.
        #[serde(skip_serializing_if = "Map::is_empty", default)]
        changes: Map<String, Value>,
        /// Members of the target's facts that the corrected entry does not have.
        #[serde(skip_serializing_if = "Vec::is_empty", default)]
        removed: Vec<String>,
        /// Personal fields of the target that the corrected entry does not have.
        #[serde(skip_serializing_if = "Vec::is_empty", default)]
        removed_personal: Vec<String>,
        /// Personal fields of the target that this correction gives: which ones stays known when they
        /// are erased.
        #[serde(skip_serializing_if = "Vec::is_empty", default)]
        corrected_personal: Vec<String>,
        /// The corrected time, when it differs.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        occurred: Option<Occurred>,
    }
}
fact! {
    /// An earlier event should not exist. Personal: `explanation`.
    EntryMarkedMistaken { target_revision: u64, reason: MistakeReason }
}
fact! {
    /// The mark was wrong. Personal: `explanation`.
    MistakenMarkWithdrawn { target_revision: u64 }
}
fact! {
    /// An assessment began.
    AssessmentStarted {
        assessment_id: AssessmentId,
        kind: AssessmentKind,
        #[serde(skip_serializing_if = "Option::is_none", default)]
        person_id: Option<PersonId>,
        #[serde(skip_serializing_if = "Option::is_none", default)]
        /// Revision of the event that gave rise to it.
        trigger: Option<u64>,
        regime: Regime,
        need_known_on: Date,
    }
}
fact! {
    /// One person's risk in one area was judged. Personal: `reasoning`.
    ProfessionalRiskJudged {
        person_id: PersonId,
        risk_area: RiskArea,
        level: RiskLevel,
        direction: RiskDirection,
        /// Revisions of the events that it rests on.
        basis: Vec<u64>,
        valid_until: Date,
    }
}
fact! {
    /// An assessment ended. Personal: `conclusion`.
    AssessmentConcluded {
        assessment_id: AssessmentId,
        proposal: AssessmentProposal,
        #[serde(skip_serializing_if = "Option::is_none", default)]
        shared_with_family_on: Option<Date>,
        about: Vec<PersonId>,
    }
}
fact! {
    /// A plan was begun.
    PlanDrafted {
        plan_id: PlanId,
        kind: PlanKind,
        #[serde(skip_serializing_if = "Option::is_none", default)]
        person_id: Option<PersonId>,
    }
}
fact! {
    /// A goal was set. Personal: `statement`, `family_words`, `levels`.
    GoalSet {
        plan_id: PlanId,
        goal_id: GoalId,
        #[serde(skip_serializing_if = "Option::is_none", default)]
        owner: Option<PersonId>,
        theme: GoalTheme,
        risk_area: RiskArea,
        weight: u8,
        baseline: i8,
        target_date: Date,
        /// Whether all five levels of attainment are described.
        levels_complete: bool,
        /// Whom the texts are about.
        about: Vec<PersonId>,
    }
}
fact! {
    /// Whether one child was heard.
    ChildHeardFlag { person_id: PersonId, heard: bool }
}
fact! {
    /// A plan was agreed. Personal: `children_heard`.
    PlanAgreed {
        plan_id: PlanId,
        agreed_by: Vec<Agreement>,
        #[serde(skip_serializing_if = "Vec::is_empty", default)]
        children: Vec<ChildHeardFlag>,
    }
}
fact! {
    /// An intervention was decided. Personal: `provider`, a text that may name anybody.
    InterventionOrdered {
        intervention_id: InterventionId,
        intervention_type: InterventionType,
        #[serde(skip_serializing_if = "Option::is_none", default)]
        person_id: Option<PersonId>,
        goal_ids: Vec<GoalId>,
        #[serde(skip_serializing_if = "Option::is_none", default)]
        method_version: Option<String>,
        planned: PlannedCourse,
        #[serde(skip_serializing_if = "Option::is_none", default)]
        cost_estimate_ore: Option<i64>,
        /// Whom the provider's text is about; empty without one.
        #[serde(skip_serializing_if = "Vec::is_empty", default)]
        about: Vec<PersonId>,
    }
}
fact! {
    /// An intervention began.
    InterventionStarted { intervention_id: InterventionId, on: Date }
}
fact! {
    /// A session took place. Personal: `note`.
    SessionHeld {
        intervention_id: InterventionId,
        on: Date,
        minutes: u16,
        attendance: Vec<Attendance>,
        #[serde(skip_serializing_if = "Option::is_none", default)]
        fidelity_percent: Option<u8>,
    }
}
fact! {
    /// An intervention ended. Personal: `result`.
    InterventionEnded {
        intervention_id: InterventionId,
        on: Date,
        reason: InterventionEndReason,
        /// Whom the result is about; empty without a text.
        #[serde(skip_serializing_if = "Vec::is_empty", default)]
        about: Vec<PersonId>,
    }
}
fact! {
    /// A programme began. Nothing in it is about a person.
    ProgrammeOpened {
        programme_id: ProgrammeId,
        name: String,
        first_case_from: Date,
        #[serde(skip_serializing_if = "Option::is_none", default)]
        intake_until: Option<Date>,
        capacity_families: u16,
        criteria: Vec<TargetCriterion>,
    }
}
fact! {
    /// A worker is employed. Personal: `name`, about the worker.
    WorkerEmployed {
        worker_id: WorkerId,
        subject: String,
        agency: Agency,
        employed_from: Date,
        #[serde(skip_serializing_if = "Option::is_none", default)]
        employed_to: Option<Date>,
    }
}

impl PlanAgreed {
    /// Whether anybody agreed: a plan that all refused is written down, and is not agreed.
    pub fn is_agreement(&self) -> bool {
        self.agreed_by.iter().any(|it| agrees(it.manner))
    }
}

/// Whether it is agreement at all.
pub fn agrees(manner: AgreementManner) -> bool {
    match manner {
        AgreementManner::Signed | AgreementManner::Oral => true,
        AgreementManner::NotAgreed => false,
    }
}
