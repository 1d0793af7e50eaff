//! The log in the schema `journal`.
//!
//! What a process remembers of a log (its right edge, where streams stand) is a guess, since others
//! append too; every write compares it with the tables in the same statement. Read `append`, then
//! `write` (the two functions in the database), `read` and `waiting`. Deliberately absent: the rules of
//! appending, which are in `fokus_store::plan`.

mod append;
mod heads;
mod inspect;
mod read;
mod waiting;
mod write;

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use fokus_log::edge::Edge;
use fokus_store::plan::signed_head;
use fokus_store::signing::{LogSigner, SigningSeeds};
use fokus_store::{Fault, LogInfo, Position, StreamHead, StreamId, TenantId};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::identity::Identity;
use crate::row::int;
use crate::sessions::{Sessions, tell};
use crate::start::{Checked, first_origin};
use heads::Heads;
use waiting::Waiting;
pub(crate) use write::{Assumed, append as append_call};

pub(crate) struct Journal {
    pub(crate) writers: Arc<Sessions>,
    pub(crate) readers: Arc<Sessions>,
    authority: String,
    synthetic: bool,
    seeds: SigningSeeds,
    /// Logs by tenant, also such as were only asked for. Tenants come from tokens, so they are few.
    logs: Mutex<HashMap<TenantId, Arc<Log>>>,
    /// How many logs there are: they share what may be remembered.
    tenants: Arc<AtomicUsize>,
    waiting: Waiting,
    /// Batches that took one round trip, and such as took a lock.
    quick: AtomicU64,
    locked: AtomicU64,
    closing: CancellationToken,
}

/// One tenant's log, as far as it is known here.
pub(crate) struct Log {
    tenant: TenantId,
    pub(crate) info: LogInfo,
    signer: LogSigner,
    /// One batch at a time.
    memory: tokio::sync::Mutex<Memory>,
    /// The highest position that this process has seen committed.
    grown: watch::Sender<Position>,
    /// Where streams stood when they were read: whoever reads one mostly writes it next.
    seen: Mutex<Vec<(StreamId, StreamHead)>>,
}

/// The most streams that are remembered from reads until the next batch.
const SEEN_MAX: usize = 1_024;

/// What is remembered of a log. True of the log at the edge's size, if that is still the log's.
struct Memory {
    edge: Edge,
    last_ms: u64,
    heads: Heads,
    /// For so many batches more others are expected to append at the same time.
    crowded: u32,
}

impl Log {
    /// Lets those know who wait that the log has come so far.
    fn has_grown(&self, position: Position) {
        self.grown.send_if_modified(|seen| {
            let more = position > *seen;
            *seen = position.max(*seen);
            more
        });
    }

    /// Keeps where a stream stood when it was read.
    fn has_seen(&self, stream: &StreamId, head: StreamHead) {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        if seen.len() < SEEN_MAX {
            seen.push((stream.clone(), head));
        }
    }

    fn take_seen(&self) -> Vec<(StreamId, StreamHead)> {
        std::mem::take(&mut *self.seen.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Journal {
    pub(crate) fn new(
        (writers, readers): (Arc<Sessions>, Arc<Sessions>),
        identity: &Identity,
        checked: Vec<Checked>,
        tasks: TaskTracker,
        closing: CancellationToken,
    ) -> Journal {
        let waiting = Waiting::new(Arc::clone(&readers), tasks, closing.clone());
        let journal = Journal {
            writers,
            readers,
            authority: identity.authority.clone(),
            synthetic: identity.synthetic,
            seeds: identity.seeds(),
            logs: Mutex::default(),
            tenants: Arc::new(AtomicUsize::new(0)),
            waiting,
            quick: AtomicU64::new(0),
            locked: AtomicU64::new(0),
            closing,
        };
        for Checked { tenant, origin, edge, head } in checked {
            // The tenant's name was parsed, so its keys can be derived.
            if let Ok(log) = journal.new_log(&tenant, origin, edge, head.last_ms) {
                journal.logs().insert(tenant, Arc::new(log));
            }
        }
        journal
    }

    fn logs(&self) -> std::sync::MutexGuard<'_, HashMap<TenantId, Arc<Log>>> {
        // Nothing here panics while it holds the lock; if it did, the map would still be whole.
        self.logs.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn new_log(
        &self,
        tenant: &TenantId,
        origin: String,
        edge: Edge,
        last_ms: u64,
    ) -> Result<Log, Fault> {
        let signer = self.seeds.signer(tenant)?;
        let grown = watch::Sender::new(Position(edge.size()));
        self.tenants.fetch_add(1, Ordering::Relaxed);
        Ok(Log {
            tenant: tenant.clone(),
            info: signer.info(origin, self.synthetic),
            signer,
            memory: tokio::sync::Mutex::new(Memory {
                edge,
                last_ms,
                heads: Heads::new(Arc::clone(&self.tenants)),
                crowded: 0,
            }),
            grown,
            seen: Mutex::default(),
        })
    }

    /// The tenant's log as it is known here; an empty one, if it is not.
    pub(crate) fn log(&self, tenant: &TenantId) -> Result<Arc<Log>, Fault> {
        let mut logs = self.logs();
        if let Some(log) = logs.get(tenant) {
            return Ok(Arc::clone(log));
        }
        let origin = first_origin(&self.authority, tenant);
        let log = Arc::new(self.new_log(tenant, origin, Edge::new(), 0)?);
        logs.insert(tenant.clone(), Arc::clone(&log));
        Ok(log)
    }

    /// Lets the log that the tenant has in a copy, if none was met, be called as that one.
    pub(crate) fn call(&self, tenant: &TenantId, info: &LogInfo) -> Result<(), Fault> {
        if info.first_origin() != first_origin(&self.authority, tenant) {
            return Err(Fault::Conflict);
        }
        let mut logs = self.logs();
        if !logs.contains_key(tenant) {
            let log = self.new_log(tenant, info.origin.clone(), Edge::new(), 0)?;
            logs.insert(tenant.clone(), Arc::new(log));
        }
        Ok(())
    }

    /// Gives the tenant's log a row, if it has none.
    pub(crate) async fn make_log(&self, tenant: &TenantId, copying: bool) -> Result<(), Fault> {
        let log = self.log(tenant)?;
        let edge = Edge::new();
        let head = signed_head(&log.info.origin, &edge, 0, &log.signer)?;
        // Said twice, it does nothing the second time.
        tell!(self.writers, connection => sqlx::query(
            "insert into journal.log \
             (tenant, log, origin, size, root, edge, last_ms, note, synthetic, copying) \
             values ($1, 'journal', $2, $3, $4, $5, 0, $6, $7, $8) on conflict do nothing"
        )
            .bind(tenant.as_str())
            .bind(log.info.origin.as_str())
            .bind(int(head.position.0)?)
            .bind(head.root.as_slice())
            .bind(edge.frontier_bytes())
            .bind(head.checkpoint.as_str())
            .bind(log.info.synthetic)
            .bind(copying)
            .execute(connection));
        Ok(())
    }

    pub(crate) fn batches(&self) -> (u64, u64) {
        (self.quick.load(Ordering::Relaxed), self.locked.load(Ordering::Relaxed))
    }

    pub(crate) async fn close(&self) {
        self.closing.cancel();
        self.writers.close().await;
        self.readers.close().await;
    }
}
