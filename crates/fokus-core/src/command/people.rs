//! Commands about persons, those around a family, workers and methods. What each becomes stands in
//! [`crate::fact::people`]. A date left out is the day of the act.

use jiff::civil::Date;

use super::{PersonName, Text};
use crate::codes::*;
use crate::ids::*;

/// See [`crate::fact::people::PersonNameChanged`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChangePersonName {
    pub person_id: PersonId,
    pub name: PersonName,
    pub valid_from: Option<Date>,
}

/// See [`crate::fact::people::PersonContactPointRecorded`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordContactPoint {
    pub person_id: PersonId,
    pub contact_point_id: ContactPointId,
    pub kind: ContactPointKind,
    /// At most 500 bytes.
    pub value: Text,
    pub r#use: ContactPointUse,
    /// `None` = nobody asked.
    pub safe_to_contact: Option<bool>,
    pub valid_from: Option<Date>,
}

/// See [`crate::fact::people::PersonContactPointEnded`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EndContactPoint {
    pub person_id: PersonId,
    pub contact_point_id: ContactPointId,
    pub valid_to: Option<Date>,
}

/// See [`crate::fact::people::LanguageNeedRecorded`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordLanguageNeed {
    pub person_id: PersonId,
    /// A tag of BCP 47, such as `so` or `ku-Arab`.
    pub language: Text,
    pub interpreter: bool,
    pub kinship_interpreter_refused: bool,
}

/// See [`crate::fact::people::PersonDied`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordDeath {
    pub person_id: PersonId,
    pub died_on: Option<Date>,
    pub source: DeathSource,
}

/// See [`crate::fact::people::SpecialCareMarkerSet`].
#[derive(Clone, PartialEq, Eq)]
pub struct SetSpecialCareMarker {
    pub person_id: PersonId,
    pub marker_id: MarkerId,
    pub kind: SpecialCareKind,
    pub grounds: Option<Text>,
    /// The last day; at most six months after the act.
    pub valid_to: Date,
}

impl std::fmt::Debug for SetSpecialCareMarker {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SetSpecialCareMarker(…)")
    }
}

/// See [`crate::fact::people::SpecialCareMarkerCleared`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClearSpecialCareMarker {
    pub person_id: PersonId,
    pub marker_id: MarkerId,
}

/// See [`crate::fact::people::FamilyMemberRoleChanged`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChangeMemberRole {
    pub family_id: FamilyId,
    pub person_id: PersonId,
    pub role: FamilyRole,
    pub valid_from: Option<Date>,
}

/// See [`crate::fact::people::RelationshipStated`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StateRelationship {
    pub family_id: FamilyId,
    pub relationship_id: RelationshipId,
    /// With PARENT_OF, the parent.
    pub person_id: PersonId,
    pub other_person_id: PersonId,
    pub kind: RelationshipKind,
    pub quality: Option<RelationshipQuality>,
    pub valid_from: Option<Date>,
    /// `None` = the worker who records it.
    pub as_seen_by: Option<PersonId>,
}

/// See [`crate::fact::people::RelationshipEnded`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EndRelationship {
    pub family_id: FamilyId,
    pub relationship_id: RelationshipId,
    pub valid_to: Option<Date>,
}

/// See [`crate::fact::people::PrimaryContactChosen`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChoosePrimaryContact {
    pub family_id: FamilyId,
    pub person_id: PersonId,
    pub channel: ContactChannel,
    pub interpreter: bool,
}

/// See [`crate::fact::people::NetworkPersonAdded`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AddNetworkPerson {
    pub family_id: FamilyId,
    pub person_id: PersonId,
    pub role: NetworkRole,
    pub agreed_by_family: bool,
    pub valid_from: Option<Date>,
}

/// See [`crate::fact::people::NetworkPersonRemoved`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RemoveNetworkPerson {
    pub family_id: FamilyId,
    pub person_id: PersonId,
    pub valid_to: Option<Date>,
}

/// See [`crate::fact::people::FamilyRegistrationUndone`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UndoFamilyRegistration {
    pub family_id: FamilyId,
    pub reason: UndoReason,
}

/// See [`crate::fact::people::RoleGranted`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GrantRole {
    pub worker_id: WorkerId,
    pub role: WorkerRole,
    pub valid_from: Option<Date>,
    pub valid_to: Option<Date>,
}

/// See [`crate::fact::people::RoleRevoked`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RevokeRole {
    pub worker_id: WorkerId,
    pub role: WorkerRole,
    pub valid_to: Option<Date>,
}

/// In whom a worker has an interest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InterestIn {
    Family(FamilyId),
    Person(PersonId),
}

impl InterestIn {
    /// The family, if it is one.
    pub fn family(self) -> Option<FamilyId> {
        match self {
            InterestIn::Family(it) => Some(it),
            InterestIn::Person(_) => None,
        }
    }

    /// The person, if it is one.
    pub fn person(self) -> Option<PersonId> {
        match self {
            InterestIn::Person(it) => Some(it),
            InterestIn::Family(_) => None,
        }
    }

    /// Its stream, and the field that names it.
    pub fn stream(self) -> (StreamRef, &'static str) {
        match self {
            InterestIn::Family(it) => (it.into(), "interest_in.family_id"),
            InterestIn::Person(it) => (it.into(), "interest_in.person_id"),
        }
    }
}

/// See [`crate::fact::people::ConflictOfInterestDeclared`].
#[derive(Clone, PartialEq, Eq)]
pub struct DeclareConflictOfInterest {
    pub worker_id: WorkerId,
    pub interest_in: InterestIn,
    pub kind: ConflictKind,
    pub valid_from: Option<Date>,
}

impl std::fmt::Debug for DeclareConflictOfInterest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("DeclareConflictOfInterest(…)")
    }
}

/// See [`crate::fact::people::ConflictOfInterestEnded`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EndConflictOfInterest {
    pub worker_id: WorkerId,
    pub interest_in: InterestIn,
    pub valid_to: Option<Date>,
}

/// See [`crate::fact::people::StaffTrained`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrainWorker {
    pub worker_id: WorkerId,
    pub programme_id: ProgrammeId,
    pub method_version: String,
    pub on: Option<Date>,
}

/// See [`crate::fact::people::MethodVersionPublished`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublishMethodVersion {
    pub programme_id: ProgrammeId,
    pub method_version: String,
    pub name: String,
    pub valid_from: Option<Date>,
}

/// See [`crate::fact::people::MethodVersionRetired`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RetireMethodVersion {
    pub programme_id: ProgrammeId,
    pub method_version: String,
    pub valid_to: Option<Date>,
}
