//! The world that a command is decided in: exactly the streams that it reads, folded.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use uuid::Uuid;

use crate::command::{Actor, LegalBasis};
use crate::decide::scene::made_by;
use crate::effective::{Effective, effective_now, needs_refold, ordinary};
use crate::ids::{EventId, StreamKind, StreamRef};
use crate::record::{Opened, Record, Recorded};
use crate::time::Occurred;
use crate::{family, person, programme, worker};

/// Of a history's length, the part that room is made for when it grows.
const SPARE: usize = 8;

/// One stream: its history and the state folded from it. Cheap to hand around behind an [`Arc`]; a
/// command sees it as it is and never changes it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Loaded<S> {
    /// 0 = the stream has no event.
    pub revision: u64,
    pub history: Vec<Recorded>,
    pub state: S,
    /// The ids of all things that its events made, mistaken ones included.
    made: BTreeSet<Uuid>,
}

/// A state that entries are folded into.
pub trait Evolve: Default {
    /// Folds one entry in. Total.
    fn evolve(self, entry: &Effective) -> Self;
}

macro_rules! evolves {
    ($($module:ident),*) => { $(
        impl Evolve for $module::State {
            fn evolve(self, entry: &Effective) -> Self {
                $module::evolve(self, entry)
            }
        }
    )* };
}

evolves!(family, person, programme, worker);

impl<S: Evolve> Loaded<S> {
    fn new(history: Vec<Recorded>) -> Self {
        let mut loaded = Loaded::<S>::default();
        loaded.keep(history);
        loaded.made = loaded.history.iter().filter_map(|it| made_by(&it.fact)).collect();
        loaded.refold();
        loaded
    }

    /// Adds the stream's next events. An ordinary one is folded on; one that bears on an earlier entry
    /// makes the whole history be folded anew.
    fn extend(&mut self, later: Vec<Recorded>) {
        let refold = later.iter().any(|it| needs_refold(&it.fact));
        self.made.extend(later.iter().filter_map(|it| made_by(&it.fact)));
        if refold {
            self.keep(later);
            self.refold();
            return;
        }
        for event in &later {
            if let Some(entry) = ordinary(event) {
                self.state = std::mem::take(&mut self.state).evolve(&entry);
            }
            self.revision = event.revision;
        }
        self.keep(later);
    }

    /// Adds to the history, in little more memory than it needs.
    fn keep(&mut self, later: Vec<Recorded>) {
        let room = self.history.capacity() - self.history.len();
        if room < later.len() {
            self.history.reserve_exact(later.len() + self.history.len() / SPARE);
        }
        for mut event in later {
            if let Some(before) = self.history.last() {
                event.share(before);
            }
            self.history.push(event);
        }
    }

    fn refold(&mut self) {
        self.revision = self.history.last().map_or(0, |it| it.revision);
        self.state = effective_now(&self.history).iter().fold(S::default(), S::evolve);
    }
}

/// One loaded stream of any kind, as a cache keeps it between commands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stream {
    Family(Arc<Loaded<family::State>>),
    Person(Arc<Loaded<person::State>>),
    Programme(Arc<Loaded<programme::State>>),
    Worker(Arc<Loaded<worker::State>>),
}

/// The same expression for a stream of each kind.
macro_rules! of_each_kind {
    ($stream:expr, $it:ident => $value:expr) => {
        match $stream {
            Stream::Family($it) => $value,
            Stream::Person($it) => $value,
            Stream::Programme($it) => $value,
            Stream::Worker($it) => $value,
        }
    };
}

impl Stream {
    /// The stream with its whole history, oldest first, folded.
    pub fn new(kind: StreamKind, history: Vec<Recorded>) -> Self {
        match kind {
            StreamKind::Family => Stream::Family(Arc::new(Loaded::new(history))),
            StreamKind::Person => Stream::Person(Arc::new(Loaded::new(history))),
            StreamKind::Programme => Stream::Programme(Arc::new(Loaded::new(history))),
            StreamKind::Worker => Stream::Worker(Arc::new(Loaded::new(history))),
        }
    }

    /// 0 = the stream has no event.
    pub fn revision(&self) -> u64 {
        of_each_kind!(self, it => it.revision)
    }

    /// Oldest first.
    pub fn history(&self) -> &[Recorded] {
        of_each_kind!(self, it => &it.history)
    }

    /// Adds the stream's next events, those after its revision, oldest first. Copies what somebody
    /// else holds too.
    pub fn extend(&mut self, later: Vec<Recorded>) {
        of_each_kind!(self, it => Arc::make_mut(it).extend(later));
    }

    /// The same where nobody else holds the stream; else it stays as it is, and the answer is `false`.
    pub fn extend_unshared(&mut self, later: Vec<Recorded>) -> bool {
        of_each_kind!(self, it => match Arc::get_mut(it) {
            Some(it) => {
                it.extend(later);
                true
            }
            None => false,
        })
    }
}

/// The streams that a command reads, and the personal fields that its rules need.
#[derive(Debug, Clone, Default)]
pub struct World {
    /// Whether the store holds invented people only.
    pub synthetic: bool,
    pub families: BTreeMap<Uuid, Arc<Loaded<family::State>>>,
    pub persons: BTreeMap<Uuid, Arc<Loaded<person::State>>>,
    pub programmes: BTreeMap<Uuid, Arc<Loaded<programme::State>>>,
    pub workers: BTreeMap<Uuid, Arc<Loaded<worker::State>>>,
    /// Opened personal fields, by event and member.
    pub personal: BTreeMap<(EventId, String), Opened>,
}

impl World {
    /// Adds a stream with its whole history, oldest first; folds it.
    pub fn add(&mut self, stream: StreamRef, history: Vec<Recorded>) {
        self.insert(stream.id, Stream::new(stream.kind, history));
    }

    /// Adds a stream that is folded already.
    pub fn insert(&mut self, id: Uuid, stream: Stream) {
        match stream {
            Stream::Family(it) => drop(self.families.insert(id, it)),
            Stream::Person(it) => drop(self.persons.insert(id, it)),
            Stream::Programme(it) => drop(self.programmes.insert(id, it)),
            Stream::Worker(it) => drop(self.workers.insert(id, it)),
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

    /// Whether an event of the stream ever made a thing with this id, mistaken ones included.
    pub(crate) fn has_made(&self, stream: StreamRef, id: Uuid) -> bool {
        match stream.kind {
            StreamKind::Family => self.families.get(&stream.id).map(|it| it.made.contains(&id)),
            StreamKind::Person => self.persons.get(&stream.id).map(|it| it.made.contains(&id)),
            StreamKind::Programme => {
                self.programmes.get(&stream.id).map(|it| it.made.contains(&id))
            }
            StreamKind::Worker => self.workers.get(&stream.id).map(|it| it.made.contains(&id)),
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
