//! The store in memory: the executable specification of the ports, and the model that other back
//! ends are compared with. Leaves, tree, tiles and notes are real.
//!
//! Read `MemoryLog::append` first. Deliberately absent: durability; a handle cloned from another
//! one sees the same data, which is what "reopening" means here.

mod copy;
mod describe;
mod keys;
#[cfg(test)]
mod tests;
mod views;

use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::ops::Bound;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use fokus_log::Hash;
use fokus_log::edge::Edge;
use fokus_log::tile::Tile;
use fokus_vault::key::SecretKey;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use crate::group_commit::Closing;
use crate::plan::{Known, Named, Plan, PlanHead, Planned, plan, signed_head, vouching_note};
use crate::ports::{EventStore, Inspect};
use crate::signing::{LogSigner, SigningSeeds};
use crate::types::*;

/// A store without a disk.
#[derive(Clone)]
pub struct MemoryStore {
    data: Arc<Data>,
    closing: CancellationToken,
}

/// What would be on the disk.
struct Data {
    authority: String,
    synthetic: bool,
    seeds: SigningSeeds,
    logs: Mutex<HashMap<TenantId, MemoryLog>>,
    keys: Mutex<keys::Keys>,
    views: Mutex<views::Views>,
}

impl MemoryStore {
    /// An empty store. `authority` begins the origins of its logs; from `signing_seed` come the keys
    /// that sign their checkpoints.
    #[must_use]
    pub fn new(authority: &str, synthetic: bool, signing_seed: SecretKey) -> MemoryStore {
        let data = Data {
            authority: authority.to_owned(),
            synthetic,
            seeds: SigningSeeds::only(signing_seed),
            logs: Mutex::default(),
            keys: Mutex::default(),
            views: Mutex::default(),
        };
        MemoryStore { data: Arc::new(data), closing: CancellationToken::new() }
    }

    /// Ends every wait on this handle.
    pub fn close(&self) {
        self.closing.cancel();
    }

    /// Another handle on the same data, as if the store had been closed and opened again.
    #[must_use]
    pub fn reopened(&self) -> MemoryStore {
        MemoryStore { data: Arc::clone(&self.data), closing: CancellationToken::new() }
    }

    /// Runs `read` on the tenant's log; on an empty one if there is none.
    fn with_log<T>(
        &self,
        tenant: &TenantId,
        run: impl FnOnce(&mut MemoryLog) -> Result<T, Fault>,
    ) -> Result<T, Fault> {
        self.with_log_called(tenant, &self.data.first_origin(tenant), run)
    }

    /// The same; an empty one is called so.
    fn with_log_called<T>(
        &self,
        tenant: &TenantId,
        origin: &str,
        run: impl FnOnce(&mut MemoryLog) -> Result<T, Fault>,
    ) -> Result<T, Fault> {
        let mut logs = lock(&self.data.logs);
        match logs.get_mut(tenant) {
            Some(log) => run(log),
            None => {
                let log = self.data.empty_log(tenant, origin.to_owned())?;
                run(logs.entry(tenant.clone()).or_insert(log))
            }
        }
    }
}

impl Data {
    fn first_origin(&self, tenant: &TenantId) -> String {
        format!("{}/{tenant}/journal", self.authority)
    }

    fn empty_log(&self, tenant: &TenantId, origin: String) -> Result<MemoryLog, Fault> {
        let edge = Edge::new();
        let signer = self.seeds.signer(tenant)?;
        let head = signed_head(&origin, &edge, 0, &signer)?;
        Ok(MemoryLog {
            info: signer.info(origin, self.synthetic),
            signer,
            made: false,
            edge,
            head,
            events: Vec::new(),
            by_stream: HashMap::new(),
            streams: BTreeMap::new(),
            tags: BTreeMap::new(),
            commands: BTreeMap::new(),
            claims: BTreeMap::new(),
            tiles: BTreeMap::new(),
            grown: watch::Sender::new(Position(0)),
        })
    }
}

impl fmt::Debug for MemoryStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemoryStore").finish_non_exhaustive()
    }
}

/// Nothing here panics while it holds a lock; if it did, the data would still be whole.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

struct MemoryLog {
    info: LogInfo,
    signer: LogSigner,
    /// Whether it exists for [`EventStore::tenants`]; reading alone does not make a log.
    made: bool,
    edge: Edge,
    head: Head,
    events: Vec<StoredEvent>,
    /// Indexes into `events`, by stream.
    by_stream: HashMap<StreamTag, Vec<usize>>,
    streams: BTreeMap<StreamId, StreamHead>,
    tags: BTreeMap<StreamTag, StreamId>,
    commands: BTreeMap<CommandId, CommandPlace>,
    claims: BTreeMap<Claim, StreamTag>,
    tiles: BTreeMap<(u8, u64), Tile>,
    grown: watch::Sender<Position>,
}

impl MemoryLog {
    /// What leaves and envelopes take.
    fn bytes(&self) -> u64 {
        let envelopes =
            |it: &StoredEvent| it.envelopes.iter().flatten().map(Vec::len).sum::<usize>();
        self.events.iter().map(|it| it.leaf.len() + envelopes(it)).sum::<usize>() as u64
    }

    fn append(
        &mut self,
        appends: Vec<Append>,
        now_ms: u64,
    ) -> Result<Vec<Result<Outcome, Refused>>, Fault> {
        let known = self.known(&Named::of(&appends));
        let Plan { answers, planned } =
            plan(self.plan_head(), known, appends, now_ms, &self.signer)?;
        if let Some(planned) = planned {
            self.made = true;
            self.write(planned);
        }
        Ok(answers)
    }

    fn plan_head(&self) -> PlanHead {
        PlanHead {
            origin: self.info.origin.clone(),
            edge: self.edge.clone(),
            last_ms: self.head.last_ms,
        }
    }

    fn known(&self, named: &Named) -> Known {
        let mut known = Known::default();
        let by_tag = named.tags.iter().filter_map(|tag| self.tags.get(tag));
        for stream in named.streams.iter().chain(by_tag) {
            if let Some(head) = self.streams.get(stream) {
                known.add_stream(stream.clone(), *head);
            }
        }
        for id in &named.commands {
            known.commands.extend(self.commands.get(id).map(|place| (*id, *place)));
        }
        for claim in &named.claims {
            known.claims.extend(self.claims.get(claim).map(|holder| (claim.clone(), *holder)));
        }
        known
    }

    fn write(&mut self, planned: Planned) {
        for event in planned.events {
            self.by_stream.entry(event.stream_tag).or_default().push(self.events.len());
            self.events.push(event);
        }
        for (stream, head) in planned.streams {
            self.tags.insert(head.tag, stream.clone());
            self.streams.insert(stream, head);
        }
        self.commands.extend(planned.commands);
        for (claim, holder) in planned.claims {
            match holder {
                Some(holder) => self.claims.insert(claim, holder),
                None => self.claims.remove(&claim),
            };
        }
        self.tiles.extend(planned.tiles.into_iter().map(|tile| ((tile.level, tile.n), tile)));
        self.edge = planned.edge;
        self.grown.send_replace(planned.head.position);
        self.head = planned.head;
    }
}

/// The events of `range`, where `number` counts the events in `order` from 1.
fn read<'a, T: Copy + PartialOrd>(
    events: impl DoubleEndedIterator<Item = &'a StoredEvent>,
    range: Range<T>,
    number: impl Fn(&StoredEvent) -> T,
) -> Vec<StoredEvent> {
    let limit = |limit: u32| usize::try_from(limit.min(READ_LIMIT_MAX)).unwrap_or(0);
    match range {
        Range::Forward { after, limit: most } => {
            let later = events.filter(|event| number(event) > after);
            later.take(limit(most)).cloned().collect()
        }
        Range::Backward { before, limit: most } => {
            let earlier =
                events.rev().filter(|event| before.is_none_or(|before| number(event) < before));
            earlier.take(limit(most)).cloned().collect()
        }
    }
}

#[async_trait]
impl EventStore for MemoryStore {
    async fn log(&self, tenant: &TenantId) -> Result<LogInfo, Fault> {
        self.with_log(tenant, |log| {
            log.made = true;
            Ok(log.info.clone())
        })
    }

    async fn append(
        &self,
        tenant: &TenantId,
        appends: Vec<Append>,
        now_ms: u64,
    ) -> Result<Vec<Result<Outcome, Refused>>, Fault> {
        check_batch(&appends)?;
        self.with_log(tenant, |log| log.append(appends, now_ms))
    }

    async fn head(&self, tenant: &TenantId) -> Result<Head, Fault> {
        self.with_log(tenant, |log| Ok(log.head.clone()))
    }

    async fn read_stream(
        &self,
        tenant: &TenantId,
        stream: &StreamId,
        range: Range<Revision>,
    ) -> Result<Vec<StoredEvent>, Fault> {
        self.with_log(tenant, |log| {
            let head = log.streams.get(stream);
            let indexes = head.and_then(|head| log.by_stream.get(&head.tag));
            let indexes = indexes.map_or(&[][..], Vec::as_slice);
            let events = indexes.iter().filter_map(|index| log.events.get(*index));
            Ok(read(events, range, |event| event.revision))
        })
    }

    async fn read_log(
        &self,
        tenant: &TenantId,
        range: Range<Position>,
    ) -> Result<Vec<StoredEvent>, Fault> {
        self.with_log(tenant, |log| Ok(read(log.events.iter(), range, |event| event.position)))
    }

    async fn stream_heads(
        &self,
        tenant: &TenantId,
        streams: &[StreamId],
    ) -> Result<Vec<Option<StreamHead>>, Fault> {
        self.with_log(tenant, |log| {
            Ok(streams.iter().map(|stream| log.streams.get(stream).copied()).collect())
        })
    }

    async fn streams_by_tag(
        &self,
        tenant: &TenantId,
        tags: &[StreamTag],
    ) -> Result<Vec<Option<StreamId>>, Fault> {
        self.with_log(tenant, |log| Ok(tags.iter().map(|tag| log.tags.get(tag).cloned()).collect()))
    }

    async fn command(
        &self,
        tenant: &TenantId,
        command_id: CommandId,
    ) -> Result<Option<CommandPlace>, Fault> {
        self.with_log(tenant, |log| Ok(log.commands.get(&command_id).copied()))
    }

    async fn claim(&self, tenant: &TenantId, claim: &Claim) -> Result<Option<StreamTag>, Fault> {
        self.with_log(tenant, |log| Ok(log.claims.get(claim).copied()))
    }

    async fn tile(&self, tenant: &TenantId, level: u8, n: u64) -> Result<Option<Tile>, Fault> {
        self.with_log(tenant, |log| Ok(log.tiles.get(&(level, n)).cloned()))
    }

    async fn vouch(&self, tenant: &TenantId, list_hash: &Hash) -> Result<String, Fault> {
        self.with_log(tenant, |log| vouching_note(&log.info.origin, list_hash, &log.signer))
    }

    async fn rotation(&self, tenant: &TenantId) -> Result<Option<String>, Fault> {
        self.with_log(tenant, |log| log.signer.rotation(&log.info.origin))
    }

    async fn wait_beyond(&self, tenant: &TenantId, after: Position) -> Result<Position, Fault> {
        let mut grown = self.with_log(tenant, |log| Ok(log.grown.subscribe()))?;
        tokio::select! {
            biased;
            () = self.closing.cancelled() => Err(Fault::Unavailable(Box::new(Closing))),
            position = grown.wait_for(|position| *position > after) => match position {
                Ok(position) => Ok(*position),
                Err(_) => Err(Fault::Unavailable(Box::new(Closing))),
            },
        }
    }

    async fn tenants(&self) -> Result<Vec<TenantId>, Fault> {
        let logs = lock(&self.data.logs);
        let made = logs.iter().filter(|(_, log)| log.made);
        let mut tenants: Vec<TenantId> = made.map(|(tenant, _)| tenant.clone()).collect();
        tenants.sort();
        Ok(tenants)
    }
}

/// Refuses a batch that no caller in its right mind sends.
///
/// # Errors
///
/// [`Fault::Unavailable`] if there are more than [`BATCH_APPENDS_MAX`] appends.
pub fn check_batch(appends: &[Append]) -> Result<(), Fault> {
    if appends.len() > BATCH_APPENDS_MAX {
        return Err(Fault::Unavailable(Box::new(BatchTooLarge)));
    }
    Ok(())
}

#[derive(Debug, thiserror::Error)]
#[error("more than {BATCH_APPENDS_MAX} appends in one call")]
struct BatchTooLarge;

/// One page of a table, in the order of its keys.
fn page<K: Ord + Clone, V, T>(
    table: &BTreeMap<K, V>,
    after: Option<K>,
    row: impl Fn(&K, &V) -> T,
) -> Vec<T> {
    let from = after.map_or(Bound::Unbounded, Bound::Excluded);
    let rows = table.range((from, Bound::Unbounded));
    rows.take(READ_LIMIT_MAX as usize).map(|(key, value)| row(key, value)).collect()
}

#[async_trait]
impl Inspect for MemoryStore {
    async fn tile_count(&self, tenant: &TenantId) -> Result<u64, Fault> {
        self.with_log(tenant, |log| Ok(log.tiles.len() as u64))
    }

    async fn streams(
        &self,
        tenant: &TenantId,
        after: Option<StreamTag>,
    ) -> Result<Vec<(StreamId, StreamHead)>, Fault> {
        self.with_log(tenant, |log| {
            let ids = page(&log.tags, after, |_, stream| stream.clone());
            let heads = ids.into_iter().filter_map(|id| log.streams.get(&id).map(|it| (id, *it)));
            Ok(heads.collect())
        })
    }

    async fn commands(
        &self,
        tenant: &TenantId,
        after: Option<CommandId>,
    ) -> Result<Vec<(CommandId, CommandPlace)>, Fault> {
        self.with_log(tenant, |log| Ok(page(&log.commands, after, |id, place| (*id, *place))))
    }

    async fn claims(
        &self,
        tenant: &TenantId,
        after: Option<Claim>,
    ) -> Result<Vec<(Claim, StreamTag)>, Fault> {
        self.with_log(tenant, |log| Ok(page(&log.claims, after, |it, tag| (it.clone(), *tag))))
    }
}
