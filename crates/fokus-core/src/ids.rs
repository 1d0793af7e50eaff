//! Ids of things, streams and events. All are UUIDs; version 4 where a client makes them.

use serde::{Deserialize, Serialize};
use std::fmt;
use uuid::Uuid;

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident),* $(,)?) => { $(
        $(#[$doc])*
        #[derive(
            Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize,
        )]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    )* };
}

ids! {
    /// A human, known to the municipality or not.
    PersonId,
    /// A family; also names its stream.
    FamilyId,
    /// A referral of a family to a programme.
    ReferralId,
    /// A family's case in a programme.
    CaseId,
    /// A programme; also names its stream.
    ProgrammeId,
    /// A worker; also names its stream, and is the person in it.
    WorkerId,
    /// A contact with a family.
    ContactId,
    /// A note about a family.
    NoteId,
    /// An assessment.
    AssessmentId,
    /// A plan.
    PlanId,
    /// A goal of a plan.
    GoalId,
    /// An intervention.
    InterventionId,
    /// A youth's track.
    TrackId,
    /// A way to reach a person.
    ContactPointId,
    /// A special-care marker of a person.
    MarkerId,
    /// A relationship of two persons, as stated.
    RelationshipId,
    /// A flag: attention called to something.
    FlagId,
    /// An event, made by the server.
    EventId,
    /// What was released of a programme for one quarter.
    ReleaseId,
}

/// The kinds of streams. The family is the unit of consistency and of history.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum StreamKind {
    Family,
    Person,
    Programme,
    Worker,
}

impl StreamKind {
    /// Every kind.
    pub const ALL: [StreamKind; 4] =
        [StreamKind::Family, StreamKind::Person, StreamKind::Programme, StreamKind::Worker];

    /// The kind's name in stream ids and headers.
    pub fn name(self) -> &'static str {
        match self {
            StreamKind::Family => "family",
            StreamKind::Person => "person",
            StreamKind::Programme => "programme",
            StreamKind::Worker => "worker",
        }
    }

    /// The kind with this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|it| it.name() == name)
    }
}

/// A stream: all events of one thing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct StreamRef {
    pub kind: StreamKind,
    pub id: Uuid,
}

impl From<FamilyId> for StreamRef {
    fn from(id: FamilyId) -> Self {
        StreamRef { kind: StreamKind::Family, id: id.0 }
    }
}

impl From<PersonId> for StreamRef {
    fn from(id: PersonId) -> Self {
        StreamRef { kind: StreamKind::Person, id: id.0 }
    }
}

impl From<ProgrammeId> for StreamRef {
    fn from(id: ProgrammeId) -> Self {
        StreamRef { kind: StreamKind::Programme, id: id.0 }
    }
}

impl From<WorkerId> for StreamRef {
    fn from(id: WorkerId) -> Self {
        StreamRef { kind: StreamKind::Worker, id: id.0 }
    }
}
