//! The ports of the journal. Every sentence below is a promise; each has a test in the
//! conformance suite, which runs on every back end.
//!
//! Read [`EventStore`] first. Deliberately absent: what an event means, who may read it, and how a
//! back end keeps its promises.

use std::time::Duration;

use async_trait::async_trait;
use fokus_log::Hash;
use fokus_log::tile::Tile;
use uuid::Uuid;

use crate::plan::{PlanHead, Planned};
use crate::types::*;

/// The log of a tenant: one totally ordered, append-only sequence of events, cut into streams.
#[async_trait]
pub trait EventStore: Send + Sync + 'static {
    /// Makes sure that the tenant's log exists and says what it is called. The first append makes
    /// it too; reading does not.
    ///
    /// The origin is chosen when the log is made and never changes.
    async fn log(&self, tenant: &TenantId) -> Result<LogInfo, Fault>;

    /// Appends each member of `appends` (at most [`BATCH_APPENDS_MAX`]) whole or not at all, in the order given, in one durable
    /// transaction.
    ///
    /// When this returns, what was accepted survives a crash. Members are judged one by one: a
    /// refused member writes nothing, uses nothing up and never touches its mates. A member is judged
    /// against the members before it too. Positions are 1, 2, 3 … without gaps, and become visible in
    /// that order: once an event has been read, nothing will ever appear before it. A member whose
    /// `command_id` is in the log is refused with [`Refused::Repeated`], before anything else is
    /// judged, for ever. An act of the log itself ([`Append::controls`]) becomes leaves of the log's own
    /// stream ([`StreamId::of_log`]), which are read, counted and linked like events; no command accounts
    /// for them. `recorded_ms` is `max(now_ms, that of the event before)`. Once begun, it is
    /// finished, even if nobody waits for the answer any more.
    ///
    /// # Errors
    ///
    /// [`Fault::Unavailable`] and [`Fault::Full`]: nothing of `appends` was written, unless the store
    /// failed for good and its process is ending. [`Fault::Corrupt`]: what is stored
    /// contradicts itself; nothing was written.
    async fn append(
        &self,
        tenant: &TenantId,
        appends: Vec<Append>,
        now_ms: u64,
    ) -> Result<Vec<Result<Outcome, Refused>>, Fault>;

    /// Where the log stands. Position 0 is *before the first event*.
    async fn head(&self, tenant: &TenantId) -> Result<Head, Fault>;

    /// At most `limit` (0 to [`READ_LIMIT_MAX`]; more is read as that) events of one stream: after the revision
    /// `after` (exclusive), oldest first; or, backward, before it (exclusive; `None` = from the end),
    /// newest first. A stream that nobody has written is empty.
    async fn read_stream(
        &self,
        tenant: &TenantId,
        stream: &StreamId,
        range: Range<Revision>,
    ) -> Result<Vec<StoredEvent>, Fault>;

    /// The same for the whole log, by position. The answer never shows a part of an append whose
    /// rest is not yet visible at [`EventStore::head`].
    async fn read_log(
        &self,
        tenant: &TenantId,
        range: Range<Position>,
    ) -> Result<Vec<StoredEvent>, Fault>;

    /// The heads of the streams named, in the order given; `None` where nobody has written.
    async fn stream_heads(
        &self,
        tenant: &TenantId,
        streams: &[StreamId],
    ) -> Result<Vec<Option<StreamHead>>, Fault>;

    /// Which streams the tags belong to, in the order given; `None` where the tag is not known.
    async fn streams_by_tag(
        &self,
        tenant: &TenantId,
        tags: &[StreamTag],
    ) -> Result<Vec<Option<StreamId>>, Fault>;

    /// Where the command's events stand, if it was ever accepted.
    async fn command(
        &self,
        tenant: &TenantId,
        command_id: CommandId,
    ) -> Result<Option<CommandPlace>, Fault>;

    /// The stream that holds the claim, if any does.
    async fn claim(&self, tenant: &TenantId, claim: &Claim) -> Result<Option<StreamTag>, Fault>;

    /// The stored tile `n` of `level`; `None` while it is not full. Tiles never change.
    async fn tile(&self, tenant: &TenantId, level: u8, n: u64) -> Result<Option<Tile>, Fault>;

    /// The note by which the log's key vouches for an audit bundle with a list of files of this
    /// SHA-256 ([`fokus_log::note::bundle_text`]).
    async fn vouch(&self, tenant: &TenantId, list_hash: &Hash) -> Result<String, Fault>;

    /// The note by which the log's key and the one that is retiring say that one follows the other
    /// ([`fokus_log::lineage::Rotation`]); `None` when none is retiring. The keys sign nothing else on
    /// request.
    async fn rotation(&self, tenant: &TenantId) -> Result<Option<String>, Fault>;

    /// Waits until the head is beyond `after`, then gives it. Never misses a commit: a commit before
    /// the call counts. Ends with [`Fault::Unavailable`] when the store is closing.
    async fn wait_beyond(&self, tenant: &TenantId, after: Position) -> Result<Position, Fault>;

    /// The tenants that have a log.
    async fn tenants(&self) -> Result<Vec<TenantId>, Fault>;
}

/// What `check` needs beside the log: the stored tree, and the tables that the log implies.
#[async_trait]
pub trait Inspect: EventStore {
    /// How many tiles are stored.
    async fn tile_count(&self, tenant: &TenantId) -> Result<u64, Fault>;

    /// At most [`READ_LIMIT_MAX`] streams with their heads, by tag, after `after` (exclusive).
    async fn streams(
        &self,
        tenant: &TenantId,
        after: Option<StreamTag>,
    ) -> Result<Vec<(StreamId, StreamHead)>, Fault>;

    /// At most [`READ_LIMIT_MAX`] accepted commands, by id, after `after` (exclusive).
    async fn commands(
        &self,
        tenant: &TenantId,
        after: Option<CommandId>,
    ) -> Result<Vec<(CommandId, CommandPlace)>, Fault>;

    /// At most [`READ_LIMIT_MAX`] claims with their holders, by kind and tag, after `after`
    /// (exclusive).
    async fn claims(
        &self,
        tenant: &TenantId,
        after: Option<Claim>,
    ) -> Result<Vec<(Claim, StreamTag)>, Fault>;

    /// What contradicts what in tables that only this back end has, such as indexes of its own; once the
    /// other tables were found sound. Nothing where it has none.
    async fn own_tables(&self, _tenant: &TenantId) -> Result<Vec<&'static str>, Fault> {
        Ok(Vec::new())
    }
}

/// What operators ask of a store.
#[async_trait]
pub trait Describe: Send + Sync + 'static {
    /// Which program keeps it, in which version of its tables, and how much room each part takes, with what
    /// was written beside it and is not yet copied in. What was appended counts at once, or nearly so.
    async fn about(&self) -> Result<About, Fault>;
}

/// Wrapped keys. Nothing here can open anything: unwrapping is the vault's business.
#[async_trait]
pub trait KeyStore: Send + Sync + 'static {
    /// The wrapped key-encryption key of an epoch; `None` = the newest.
    async fn kek(&self, tenant: &TenantId, epoch: Option<u32>)
    -> Result<Option<WrappedKek>, Fault>;

    /// Adds the first or next key-encryption key, durably. If the epoch has one already, that one
    /// stays and is returned.
    async fn add_kek(&self, tenant: &TenantId, kek: WrappedKek) -> Result<WrappedKek, Fault>;

    /// The keys of the slots named, in the order given; `None` where there is none.
    async fn keys(
        &self,
        tenant: &TenantId,
        slots: &[KeySlot],
    ) -> Result<Vec<Option<WrappedKey>>, Fault>;

    /// The keys with these ids, in the order given; `None` where there is none (or no more).
    async fn keys_by_id(
        &self,
        tenant: &TenantId,
        ids: &[[u8; 16]],
    ) -> Result<Vec<Option<WrappedKey>>, Fault>;

    /// Adds keys durably, all in one transaction. Where a slot has a key already, that one stays.
    /// Returns the key now standing in each slot, in the order given.
    async fn add_keys(
        &self,
        tenant: &TenantId,
        keys: Vec<WrappedKey>,
    ) -> Result<Vec<WrappedKey>, Fault>;
}

/// What a copy to another store reads beside [`Inspect`].
#[async_trait]
pub trait InspectKeys: KeyStore {
    /// All key-encryption keys of the tenant, by epoch.
    async fn keks(&self, tenant: &TenantId) -> Result<Vec<WrappedKek>, Fault>;

    /// At most [`READ_LIMIT_MAX`] content keys, by id, after `after` (exclusive).
    async fn keys_after(
        &self,
        tenant: &TenantId,
        after: Option<[u8; 16]>,
    ) -> Result<Vec<WrappedKey>, Fault>;
}

/// A store that a copy of another one is written to. Until [`CopyTarget::end_copy`] it is not served:
/// opening it for anything but going on with the copy is refused.
#[async_trait]
pub trait CopyTarget: Send + Sync + 'static {
    /// Begins the copy of a tenant's log, or goes on with it, durably: where the log stands here. Also
    /// where the copy of this tenant ended already, while those of others go on: then nothing is left
    /// to write, and writing it again does nothing.
    ///
    /// # Errors
    ///
    /// [`Fault::Conflict`] if the log cannot be a copy of that one: origin, `synthetic` or public key
    /// differ from those of the log or store that is here.
    async fn begin_copy(&self, tenant: &TenantId, log: &LogInfo) -> Result<PlanHead, Fault>;

    /// Writes planned rows and moves the log from `expected`, all in one durable transaction.
    /// `planned.commands` and `planned.claims` are written too. An envelope that is `None` has no row.
    ///
    /// # Errors
    ///
    /// [`Fault::Conflict`] if the log is not at `expected`.
    async fn copy_events(
        &self,
        tenant: &TenantId,
        expected: Position,
        planned: Planned,
    ) -> Result<(), Fault>;

    /// Writes accepted commands; does nothing for one that is there.
    async fn copy_commands(
        &self,
        tenant: &TenantId,
        commands: &[(CommandId, CommandPlace)],
    ) -> Result<(), Fault>;

    /// Writes claims; does nothing for one that is there.
    async fn copy_claims(
        &self,
        tenant: &TenantId,
        claims: &[(Claim, StreamTag)],
    ) -> Result<(), Fault>;

    /// Writes key-encryption keys and content keys; does nothing for one that is there.
    async fn copy_keys(
        &self,
        tenant: &TenantId,
        keks: &[WrappedKek],
        keys: &[WrappedKey],
    ) -> Result<(), Fault>;

    /// The copy of this tenant is whole: its log may be served once those of all tenants are and the
    /// store is opened anew. May be said again.
    async fn end_copy(&self, tenant: &TenantId) -> Result<(), Fault>;
}

/// Rows of views. Everything here can be rebuilt from the log. A *build* is one
/// making of a view: the live one, or one being rebuilt beside it.
///
/// Several servers may share a store, but one at a time writes a view. Whoever writes holds a lease;
/// every writing call carries it, and is refused with [`Fault::Conflict`], and nothing written, when
/// its fence is not the highest that was handed out under its name: somebody else has taken the lease
/// since. So a server that was paused past its lease writes nothing after waking.
#[async_trait]
pub trait ViewStore: Send + Sync + 'static {
    /// Takes or renews the lease `name` for `ttl` (0 = it has run out at once; more than
    /// [`LEASE_TTL_MAX`](crate::leases::LEASE_TTL_MAX) is that), counted by the store's own clock, which
    /// is the same for all servers. `None` while another holder's lease runs. Renewed by its holder it
    /// keeps its fence, also after it ran out, if nobody took it meanwhile; taken over by another
    /// holder, or after it was given up, it has a higher fence than any before.
    async fn lease(
        &self,
        tenant: &TenantId,
        name: &str,
        holder: Uuid,
        ttl: Duration,
    ) -> Result<Option<Lease>, Fault>;

    /// Gives up the lease, so that another holder need not wait until it runs out. Does nothing if it
    /// was taken over already.
    async fn release(&self, tenant: &TenantId, lease: &Lease) -> Result<(), Fault>;

    /// The checkpoints of all builds of all views of the tenant.
    async fn checkpoints(&self, tenant: &TenantId) -> Result<Vec<ViewCheckpoint>, Fault>;

    /// Adds a build at position 0, live or not; does nothing if it is there.
    ///
    /// # Errors
    ///
    /// [`Fault::Conflict`] if it were to be live and another build of the view is.
    async fn begin(
        &self,
        tenant: &TenantId,
        lease: &Lease,
        build: &ViewBuild,
        live: bool,
    ) -> Result<(), Fault>;

    /// Clears the streams named, writes the rows and moves the checkpoint from `expected` to
    /// `position`: all in one transaction, or nothing.
    ///
    /// What is published of the rows of the live build is there for other programs when this returns; a
    /// store that keeps it in another file than the rows makes up at its next opening for what a crash
    /// in between left undone.
    ///
    /// # Errors
    ///
    /// [`Fault::Conflict`] if the checkpoint is not at `expected`: somebody else runs this view. Also
    /// if there is no such build, or it is halted.
    async fn commit(
        &self,
        tenant: &TenantId,
        lease: &Lease,
        build: &ViewBuild,
        batch: ViewBatch,
    ) -> Result<(), Fault>;

    /// Marks the build halted at `position` with a code; it stays so, with the first code, until
    /// rebuilt. Rows stay.
    ///
    /// # Errors
    ///
    /// [`Fault::Conflict`] if there is no such build.
    async fn halt(
        &self,
        tenant: &TenantId,
        lease: &Lease,
        build: &ViewBuild,
        position: Position,
        code: &str,
    ) -> Result<(), Fault>;

    /// Makes the build the live one and removes every other build of its view, with their rows, in
    /// one transaction.
    ///
    /// # Errors
    ///
    /// [`Fault::Conflict`] if there is no such build.
    async fn switch(
        &self,
        tenant: &TenantId,
        lease: &Lease,
        build: &ViewBuild,
    ) -> Result<(), Fault>;

    /// Removes a build and its rows, if it is there. The live one is refused with
    /// [`Fault::Conflict`].
    async fn discard(
        &self,
        tenant: &TenantId,
        lease: &Lease,
        build: &ViewBuild,
    ) -> Result<(), Fault>;

    /// All rows of one stream, by key, and the checkpoint that they stand at, from one snapshot.
    ///
    /// # Errors
    ///
    /// Here, and in the other reads: [`Fault::Conflict`] if there is no such build (any more), so
    /// that nobody takes a build that was switched away for an empty one.
    async fn rows(
        &self,
        tenant: &TenantId,
        build: &ViewBuild,
        stream: StreamTag,
    ) -> Result<(Position, Vec<ViewRow>), Fault>;

    /// The rows named (stream, key), in the order given, from one snapshot.
    async fn rows_by_key(
        &self,
        tenant: &TenantId,
        build: &ViewBuild,
        keys: &[(StreamTag, String)],
    ) -> Result<Vec<Option<ViewRow>>, Fault>;

    /// At most `limit` rows with a body whose `order` value is above `after`, ascending, and the
    /// checkpoint that they stand at, from one snapshot. Rows with equal values are never cut apart
    /// from each other by `limit`; values are unique per view where a view promises it.
    async fn page(
        &self,
        tenant: &TenantId,
        build: &ViewBuild,
        order: RowOrder,
        after: i64,
        limit: u32,
    ) -> Result<(Position, Vec<ViewRow>), Fault>;
}
