//! The world that a command is decided in: exactly the streams that it reads, folded.

use std::collections::BTreeMap;

use uuid::Uuid;

use crate::command::{Actor, LegalBasis};
use crate::effective::effective_now;
use crate::ids::{EventId, StreamKind, StreamRef};
use crate::record::{Opened, Record, Recorded};
use crate::time::Occurred;
use crate::{family, person, programme, worker};

/// One stream: its history and the state folded from it.
#[derive(Debug, Clone, Default)]
pub struct Loaded<S> {
    /// 0 = the stream has no event.
    pub revision: u64,
    pub history: Vec<Recorded>,
    pub state: S,
}

/// The streams that a command reads, and the personal fields that its rules need.
#[derive(Debug, Clone, Default)]
pub struct World {
    /// Whether the store holds invented people only.
    pub synthetic: bool,
    pub families: BTreeMap<Uuid, Loaded<family::State>>,
    pub persons: BTreeMap<Uuid, Loaded<person::State>>,
    pub programmes: BTreeMap<Uuid, Loaded<programme::State>>,
    pub workers: BTreeMap<Uuid, Loaded<worker::State>>,
    /// Opened personal fields, by event and member.
    pub personal: BTreeMap<(EventId, String), Opened>,
}

impl World {
    /// Adds a stream with its whole history, oldest first; folds it.
    pub fn add(&mut self, stream: StreamRef, history: Vec<Recorded>) {
        let revision = history.last().map_or(0, |it| it.revision);
        let items = effective_now(&history);
        match stream.kind {
            StreamKind::Family => {
                let state = items.iter().fold(family::State::default(), family::evolve);
                self.families.insert(stream.id, Loaded { revision, history, state });
            }
            StreamKind::Person => {
                let state = items.iter().fold(person::State::default(), person::evolve);
                self.persons.insert(stream.id, Loaded { revision, history, state });
            }
            StreamKind::Programme => {
                let state = items.iter().fold(programme::State::default(), programme::evolve);
                self.programmes.insert(stream.id, Loaded { revision, history, state });
            }
            StreamKind::Worker => {
                let state = items.iter().fold(worker::State::default(), worker::evolve);
                self.workers.insert(stream.id, Loaded { revision, history, state });
            }
        }
    }

    /// Whether the stream is loaded.
    pub fn has(&self, stream: StreamRef) -> bool {
        self.revision(stream).is_some()
    }

    /// The revision of a loaded stream.
    pub fn revision(&self, stream: StreamRef) -> Option<u64> {
        match stream.kind {
            StreamKind::Family => self.families.get(&stream.id).map(|it| it.revision),
            StreamKind::Person => self.persons.get(&stream.id).map(|it| it.revision),
            StreamKind::Programme => self.programmes.get(&stream.id).map(|it| it.revision),
            StreamKind::Worker => self.workers.get(&stream.id).map(|it| it.revision),
        }
    }

    /// The history of a loaded stream, oldest first; empty when it is not loaded.
    pub fn history(&self, stream: StreamRef) -> &[Recorded] {
        match stream.kind {
            StreamKind::Family => self.families.get(&stream.id).map(|it| it.history.as_slice()),
            StreamKind::Person => self.persons.get(&stream.id).map(|it| it.history.as_slice()),
            StreamKind::Programme => {
                self.programmes.get(&stream.id).map(|it| it.history.as_slice())
            }
            StreamKind::Worker => self.workers.get(&stream.id).map(|it| it.history.as_slice()),
        }
        .unwrap_or_default()
    }

    /// The streams loaded, each with its revision.
    pub fn streams(&self) -> Vec<(StreamRef, u64)> {
        let of = |kind| move |(id, revision): (&Uuid, u64)| (StreamRef { kind, id: *id }, revision);
        let families = self.families.iter().map(|(id, it)| (id, it.revision));
        let persons = self.persons.iter().map(|(id, it)| (id, it.revision));
        let programmes = self.programmes.iter().map(|(id, it)| (id, it.revision));
        let workers = self.workers.iter().map(|(id, it)| (id, it.revision));
        families
            .map(of(StreamKind::Family))
            .chain(persons.map(of(StreamKind::Person)))
            .chain(programmes.map(of(StreamKind::Programme)))
            .chain(workers.map(of(StreamKind::Worker)))
            .collect()
    }

    /// A personal field that was opened for this decision.
    pub fn personal(&self, event: EventId, field: &str) -> &Opened {
        self.personal.get(&(event, field.to_owned())).unwrap_or(&Opened::Absent)
    }
}

/// What goes with a command into its decision.
#[derive(Debug, Clone)]
pub struct Circumstances {
    /// Unix milliseconds.
    pub now_ms: u64,
    /// When the act happened; the present time where the client left it out.
    pub occurred: Occurred,
    /// Who asks: what needs a second person compares subjects.
    pub actor: Actor,
    pub basis: Option<LegalBasis>,
    /// Warning codes that the user has seen.
    pub confirmations: Vec<String>,
}

/// What a command means: events, and the claims that go with them. Never empty.
#[derive(Debug, Clone)]
pub struct Decision {
    /// At least one stream, each with at least one record.
    pub appends: Vec<(StreamRef, Vec<Record>)>,
    pub claims: Vec<(StreamRef, ClaimKey)>,
    pub releases: Vec<(StreamRef, ClaimKey)>,
    /// The legal basis to write down: the request's, or the case's where it was left out.
    pub basis: Option<LegalBasis>,
}

/// What must be unique in the tenant.
#[derive(Clone, PartialEq, Eq)]
pub enum ClaimKey {
    /// Ten digits; stored as a blind index only.
    Cpr(String),
    /// A family's reference; claims its own text.
    Reference(String),
}

impl std::fmt::Debug for ClaimKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            ClaimKey::Cpr(_) => "Cpr(…)",
            ClaimKey::Reference(_) => "Reference(…)",
        })
    }
}
