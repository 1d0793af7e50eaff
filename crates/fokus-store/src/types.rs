//! The words of the store: what goes in and out of the ports.

use std::fmt;

use fokus_log::Hash;
use fokus_log::leaf::LeafKind;
use fokus_log::lineage::generation;
use fokus_log::note::{Checkpoint, NoteError, open_checkpoint};
use fokus_vault::envelope::SealedEnvelope;
use uuid::Uuid;

/// The most events that one read returns.
pub const READ_LIMIT_MAX: u32 = 1_000;
/// The most members of one call of `append`; group commit stays below it.
pub const BATCH_APPENDS_MAX: usize = 512;
/// The most events of one append.
pub const APPEND_EVENTS_MAX: usize = 64;
/// The most streams that one append may name, written or checked only.
pub const APPEND_STREAMS_MAX: usize = 64;
/// The most claims that one append may make, and the most that it may release.
pub const APPEND_CLAIMS_MAX: usize = 64;

/// A municipality: `^[a-z][a-z0-9-]{1,30}$`. Begins every key of every table.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TenantId(String);

impl TenantId {
    /// Parses a tenant's name.
    ///
    /// # Errors
    ///
    /// [`InvalidTenant`] when `text` does not match `^[a-z][a-z0-9-]{1,30}$`.
    pub fn parse(text: &str) -> Result<Self, InvalidTenant> {
        let rest_fits = |it: &u8| it.is_ascii_lowercase() || it.is_ascii_digit() || *it == b'-';
        match text.as_bytes() {
            [first, rest @ ..]
                if first.is_ascii_lowercase()
                    && (1..=30).contains(&rest.len())
                    && rest.iter().all(rest_fits) =>
            {
                Ok(TenantId(text.to_owned()))
            }
            _ => Err(InvalidTenant),
        }
    }

    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for TenantId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The text is not a tenant's name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a tenant's name matches ^[a-z][a-z0-9-]{{1,30}}$")]
pub struct InvalidTenant;

/// Place in a tenant's log: 1, 2, 3 …; 0 = before the first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct Position(pub u64);

/// Place in a stream: 1, 2, 3 …; 0 = before the first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct Revision(pub u64);

/// A stream's public name in leaves: 16 random bytes made with the stream, not its id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct StreamTag(pub [u8; 16]);

impl StreamTag {
    /// The tag of the log's own stream, [`StreamId::of_log`].
    pub const OF_LOG: StreamTag = StreamTag([0; 16]);
}

/// An event's id, UUID v4, made by the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct EventId(pub Uuid);

/// A command's id, UUID v4, chosen by the client.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct CommandId(pub Uuid);

/// A stream: its kind (`family`, `person` …, lower-case ASCII, at most 20 bytes) and its thing's id.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct StreamId {
    pub kind: String,
    pub id: Uuid,
}

impl StreamId {
    /// Kind of the log's own stream; no other stream has it.
    pub const LOG_KIND: &str = "log";

    /// The log's own stream: the leaves that are no events (kinds 4–9), with revisions and links like
    /// those of any other stream. It is in the table of streams, so it can be read and expected to stand
    /// somewhere, as others are.
    #[must_use]
    pub fn of_log() -> StreamId {
        StreamId { kind: Self::LOG_KIND.to_owned(), id: Uuid::nil() }
    }
}

/// What the caller believes of a stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expectation {
    /// It has no event.
    NoStream,
    /// It stands at this revision, which is not 0.
    Exactly(Revision),
    /// It has at least one event.
    Exists,
    /// Nothing.
    Any,
}

/// One command's events, or an act of the log itself, appended whole or not at all.
#[derive(Debug, Clone)]
pub struct Append {
    /// The command that the events are of. `None` for an act of the log itself: no command accounts for
    /// its leaves, so sending it twice writes it twice.
    pub command_id: Option<CommandId>,
    /// Leaves of the log's own stream ([`StreamId::of_log`]). Either there are some, and no command, no
    /// event, no claim and no release; or there are none.
    pub controls: Vec<NewControl>,
    /// At least one with events, unless there are `controls`; those without are checked only. No stream
    /// twice.
    pub streams: Vec<StreamAppend>,
    /// Claimed for the stream named (an index into `streams`, one that has events).
    pub claims: Vec<(usize, Claim)>,
    /// Given up by the stream named; ignored when that stream does not hold it.
    pub releases: Vec<(usize, Claim)>,
}

impl Append {
    /// An act of the log itself, written if its own stream stands as expected.
    #[must_use]
    pub fn of_log(expected: Expectation, controls: Vec<NewControl>) -> Append {
        let (stream, tag) = (StreamId::of_log(), StreamTag::OF_LOG);
        let guard = StreamAppend { stream, tag, expected, events: Vec::new() };
        let (claims, releases) = (Vec::new(), Vec::new());
        Append { command_id: None, controls, streams: vec![guard], claims, releases }
    }
}

/// The part of an append that concerns one stream.
#[derive(Debug, Clone)]
pub struct StreamAppend {
    pub stream: StreamId,
    /// The tag that the envelopes are sealed for: the stream's, or a fresh one where it begins.
    pub tag: StreamTag,
    pub expected: Expectation,
    pub events: Vec<NewEvent>,
}

/// An event ready to be placed: sealed, not yet positioned.
#[derive(Debug, Clone)]
pub struct NewEvent {
    pub event_id: EventId,
    /// 1 to 16; the first holds the header.
    pub envelopes: Vec<SealedEnvelope>,
}

/// A leaf that is no event, ready to be placed: what it says is public.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewControl {
    pub event_id: EventId,
    /// One of the kinds whose content is public.
    pub kind: LeafKind,
    /// Not empty.
    pub ext: Vec<u8>,
}

/// A key that is unique in the tenant: a blind index of a CPR number, a family's reference.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Claim {
    /// `cpr`, `reference` …: lower-case ASCII, at most 20 bytes.
    pub kind: String,
    /// At most 64 bytes.
    pub tag: Vec<u8>,
}

/// What an accepted append became. The same for ever.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// Position of the first event.
    pub first: Position,
    /// How many events, at the positions from `first` on.
    pub count: u32,
    pub event_ids: Vec<EventId>,
    /// The streams written, in the append's order, each with its new revision.
    pub revisions: Vec<(StreamId, Revision)>,
    /// Unix milliseconds.
    pub recorded_ms: u64,
    /// The signed note over the tree at the end of the batch.
    pub checkpoint: String,
}

/// Why an append was not accepted. An answer, not a fault.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refused {
    /// The command id is in the log.
    Repeated(CommandPlace),
    /// A stream is not where it was expected. `actual` 0 = it has no event.
    Conflict { stream: StreamId, expected: Expectation, actual: Revision },
    /// The tag is not the stream's (somebody else began the stream meanwhile).
    TagMismatch { stream: StreamId },
    /// Another stream holds the claim (an index into `claims`).
    ClaimTaken { claim: usize },
    /// The append itself makes no sense.
    Invalid(InvalidAppend),
}

/// What is wrong with an append in itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidAppend {
    #[error("no event")]
    NoEvent,
    #[error("more than {APPEND_EVENTS_MAX} events")]
    TooManyEvents,
    #[error("more than {APPEND_STREAMS_MAX} streams")]
    TooManyStreams,
    #[error("more than {APPEND_CLAIMS_MAX} claims or releases")]
    TooManyClaims,
    #[error("the same stream twice")]
    StreamTwice,
    #[error("the same event id twice")]
    EventIdTwice,
    #[error("a claim or release names no written stream")]
    ClaimWithoutStream,
    #[error("a stream's kind or a claim is malformed")]
    Malformed,
    #[error("events that no command accounts for")]
    NoCommand,
    #[error("an act of the log together with a command, events, claims or releases")]
    ActMixed,
    #[error("events on the log's own stream")]
    EventOfLog,
    #[error("a map of stream heads that does not belong where it would stand")]
    Map,
    #[error("a rotation of the log's key, or a continuation, that is not this log's")]
    Lineage,
    #[error("the leaf cannot be encoded")]
    Leaf,
}

/// Where an accepted command's events stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CommandPlace {
    pub first: Position,
    pub count: u32,
}

/// What a log is called.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogInfo {
    /// `<authority>/<tenant>/journal`, or what continues that ([`fokus_log::lineage`]).
    pub origin: String,
    /// Whether the store holds invented people only.
    pub synthetic: bool,
    /// The Ed25519 key that signs the checkpoints.
    pub public_key: [u8; 32],
    /// The key before it, as long as it signs them too.
    pub retiring_key: Option<[u8; 32]>,
}

impl LogInfo {
    /// The name that the log's envelopes are sealed under: that with which it began.
    #[must_use]
    pub fn first_origin(&self) -> &str {
        generation(&self.origin).0
    }

    /// The checkpoint in a note that the log's key, or the one that is retiring, signed.
    ///
    /// # Errors
    ///
    /// [`NoteError`] as [`open_checkpoint`] has it.
    pub fn open(&self, note: &str) -> Result<Checkpoint, NoteError> {
        let opened = open_checkpoint(note, &self.origin, &self.public_key);
        match (&opened, &self.retiring_key) {
            (Err(NoteError::NotSigned), Some(key)) => open_checkpoint(note, &self.origin, key),
            _ => opened,
        }
    }
}

/// Where a log stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    /// Position of the last event, the size of the tree.
    pub position: Position,
    pub root: Hash,
    /// Unix milliseconds of the last event; 0 when there is none.
    pub last_ms: u64,
    /// The signed note over `position` and `root`. An empty tree has one too.
    pub checkpoint: String,
}

/// A stream's head.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StreamHead {
    pub tag: StreamTag,
    pub revision: Revision,
    pub last: Position,
}

/// A leaf as stored: its bytes and its envelopes, unopened. An event, or, without envelopes and with the
/// tag [`StreamTag::OF_LOG`], an act of the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredEvent {
    pub position: Position,
    pub stream_tag: StreamTag,
    pub revision: Revision,
    /// The leaf as hashed.
    pub leaf: Vec<u8>,
    /// By index; `None` = removed under an erasure certificate.
    pub envelopes: Vec<Option<Vec<u8>>>,
}

/// Which part of a stream or log to read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Range<T> {
    /// Those after `after`, oldest first.
    Forward { after: T, limit: u32 },
    /// Those before `before` (`None` = from the end), newest first.
    Backward { before: Option<T>, limit: u32 },
}

/// A wrapped key-encryption key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WrappedKek {
    /// From 1.
    pub epoch: u32,
    pub wrapped: Vec<u8>,
}

/// What a content key is for. At most one key stands in a slot.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct KeySlot {
    /// The stream; 16 zero bytes for keys of the tenant (blind index).
    pub stream_tag: StreamTag,
    /// The person, where the key is of a person in a stream.
    pub person: Option<Uuid>,
}

/// A wrapped content key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WrappedKey {
    pub key_id: [u8; 16],
    pub slot: KeySlot,
    /// 1 stream, 2 person in stream, 3 access, 4 index.
    pub kind: u8,
    /// The key-encryption key's epoch.
    pub epoch: u32,
    pub wrapped: Vec<u8>,
}

/// One making of a view.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ViewBuild {
    /// The view's name, lower-case ASCII, at most 40 bytes.
    pub view: String,
    /// The code's revision of the view in the upper 16 bits, the build's number in the lower.
    pub revision: u32,
}

/// The right to write the builds of a view, as long as nobody else has taken it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lease {
    /// What it is a lease of, lower-case ASCII and `/`, at most 60 bytes: the view's name, or that and
    /// `/rebuild` for the build that is made beside the live one.
    pub name: String,
    /// Higher than that of every earlier holder of this name.
    pub fence: u64,
}

/// How far a build has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ViewCheckpoint {
    pub build: ViewBuild,
    /// The last position folded in.
    pub position: Position,
    pub live: bool,
    /// Where it halted and with what code, if it did.
    pub halted: Option<(Position, String)>,
}

/// What one step of a runner writes.
#[derive(Debug, Clone)]
pub struct ViewBatch {
    /// Where the checkpoint must stand before.
    pub expected: Position,
    /// Where it stands afterwards.
    pub position: Position,
    /// Streams whose rows are all removed first.
    pub cleared: Vec<StreamTag>,
    /// Written over what has the same stream and key.
    pub rows: Vec<ViewRow>,
    /// What other programs may read of rows in clear, for each row that has any such content or had it:
    /// it replaces what was published of the row before. What was published of `cleared` streams goes.
    pub published: Vec<Published>,
}

/// What is published of one row of a view.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Published {
    pub stream_tag: StreamTag,
    pub key: String,
    /// At most one for each table, row and column.
    pub cells: Vec<PublishedCell>,
}

/// One cell of a published table, in clear: the one shape that other programs read, with SQL alone. A
/// store keeps it as it is; what may stand in it is decided elsewhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublishedCell {
    /// A UUID as text.
    pub programme_id: String,
    pub programme: String,
    /// A UUID as text.
    pub release_id: String,
    /// Such as `2019-Q3`.
    pub quarter: String,
    /// Its last day, such as `2019-09-30`.
    pub quarter_end: String,
    pub table_code: String,
    /// From 0, in the order that people read them in.
    pub row_number: u32,
    pub row_code: String,
    pub column_number: u32,
    pub column_code: String,
    /// `None` = hidden.
    pub number: Option<u32>,
    /// A hidden number rests on fewer families than this, or would give such a number away.
    pub threshold: u32,
    /// A day, such as `2019-10-27`.
    pub released_on: String,
    /// When the release was recorded, in UTC: such as `2019-10-27T11:05:00Z`.
    pub released_at: String,
    pub release_position: Position,
}

/// One row of a view, sealed. The row with the empty key holds the fold's state and no body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ViewRow {
    pub stream_tag: StreamTag,
    pub key: String,
    /// Order of first appearance; public, so a position.
    pub sort1: i64,
    /// Order of last change; public, so a position.
    pub sort2: i64,
    /// Sealed state of the fold; empty in rows with a body.
    pub state: Vec<u8>,
    /// Sealed content; empty in the row that holds the state.
    pub body: Vec<u8>,
}

/// By which value a page of rows is ordered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RowOrder {
    FirstAppearance,
    LastChange,
}

/// Broken machinery. One variant per thing that a caller can do about it.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// The same call may work later; nothing was written.
    #[error("the store is unavailable")]
    Unavailable(#[source] BoxError),
    /// The disk or the store is full; nothing was written.
    #[error("the store is full")]
    Full(#[source] BoxError),
    /// Somebody else moved first.
    #[error("somebody else moved first")]
    Conflict,
    /// What is stored cannot be read back or contradicts itself. An operator must look.
    #[error("the store contradicts itself: {what}")]
    Corrupt { what: String },
}

/// The cause of a fault, for the log.
pub type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// What a store says of itself to operators: nothing of what it holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct About {
    /// The database program and its version, such as `SQLite 3.51.3`.
    pub engine: String,
    /// Its parts: `journal`, `keys`, `views`, and others that only this back end has.
    pub parts: Vec<StorePart>,
}

/// A part of a store: a file with what lies beside it, or a schema with its indexes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StorePart {
    pub name: &'static str,
    /// The number of its newest migration; 0 = it has none.
    pub schema: u32,
    /// What it takes, of all tenants together.
    pub bytes: u64,
}
