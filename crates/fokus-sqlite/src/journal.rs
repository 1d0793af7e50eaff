//! The log in `journal.db`.
//!
//! A write runs on a task of its own under the writer's lock: look up what the batch names, plan,
//! insert, commit, and only then publish the new head. Readers see nothing beyond that head. The
//! lock on the folder makes it safe to keep head and edge of each log in memory.
//!
//! Read `Journal::append`, then `write` and `read`. Deliberately absent: the rules of appending,
//! which are in `fokus_store::plan`.

mod inspect;
mod read;
mod write;

pub(crate) use read::in_order;

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use fokus_log::edge::Edge;
use fokus_log::note::{Ed25519Signer, Signer as _};
use fokus_store::plan::{Plan, Planned, signed_head, tenant_signer};
use fokus_store::{Append, Fault, Head, LogInfo, Outcome, Position, Refused, TenantId};
use fokus_vault::key::SecretKey;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use crate::pack::int;
use crate::start::{Started, origin};
use crate::store::Files;
use crate::writer::{Ended, Writer};

pub(crate) struct Journal {
    pub(crate) files: Files,
    authority: String,
    synthetic: bool,
    signing_seed: SecretKey,
    /// Logs by tenant, also such as were only asked for. Tenants come from tokens, so they are few.
    logs: Mutex<HashMap<TenantId, Arc<Log>>>,
    closing: CancellationToken,
}

/// One tenant's log, as far as it is kept in memory.
pub(crate) struct Log {
    info: LogInfo,
    signer: Ed25519Signer,
    /// Whether it has a row. Changed under the writer's lock.
    stored: AtomicBool,
    /// Read and changed under the writer's lock.
    edge: Mutex<Edge>,
    /// What readers may see.
    head: watch::Sender<Head>,
}

impl Log {
    pub(crate) fn new(
        info: LogInfo,
        signer: Ed25519Signer,
        edge: Edge,
        head: Head,
        stored: bool,
    ) -> Log {
        Log {
            info,
            signer,
            stored: AtomicBool::new(stored),
            edge: Mutex::new(edge),
            head: watch::Sender::new(head),
        }
    }

    fn is_stored(&self) -> bool {
        self.stored.load(Ordering::Acquire)
    }

    fn position(&self) -> Position {
        self.head.borrow().position
    }

    /// Lets readers see what was committed.
    fn publish(&self, edge: Edge, head: Head) {
        *lock(&self.edge) = edge;
        self.stored.store(true, Ordering::Release);
        self.head.send_replace(head);
    }
}

/// Nothing here panics while it holds a lock; if it did, the data would still be whole.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Journal {
    pub(crate) fn new(
        files: Files,
        started: Started,
        signing_seed: SecretKey,
        shutdown: CancellationToken,
    ) -> Journal {
        let logs = started.logs.into_iter().map(|(tenant, log)| (tenant, Arc::new(log)));
        Journal {
            files,
            authority: started.authority,
            synthetic: started.synthetic,
            signing_seed,
            logs: Mutex::new(logs.collect()),
            closing: shutdown.child_token(),
        }
    }

    /// The tenant's log; an empty one that has no row yet, if there is none.
    fn log(&self, tenant: &TenantId) -> Result<Arc<Log>, Fault> {
        let mut logs = lock(&self.logs);
        if let Some(log) = logs.get(tenant) {
            return Ok(Arc::clone(log));
        }
        let signer = tenant_signer(&self.signing_seed, tenant)?;
        let origin = origin(&self.authority, tenant);
        let edge = Edge::new();
        let head = signed_head(&origin, &edge, 0, &signer)?;
        let info = LogInfo { origin, synthetic: self.synthetic, public_key: signer.public_key() };
        let log = Arc::new(Log::new(info, signer, edge, head, false));
        logs.insert(tenant.clone(), Arc::clone(&log));
        Ok(log)
    }

    fn tenants(&self) -> Vec<TenantId> {
        let logs = lock(&self.logs);
        let stored = logs.iter().filter(|(_, log)| log.is_stored());
        let mut tenants: Vec<TenantId> = stored.map(|(tenant, _)| tenant.clone()).collect();
        tenants.sort();
        tenants
    }

    /// Gives the tenant's log a row, if it has none.
    async fn make_log(self: Arc<Self>, tenant: TenantId) -> Result<LogInfo, Fault> {
        let log = self.log(&tenant)?;
        let mut writer = self.files.writer.lock().await;
        if !log.is_stored() {
            let connection = writer.begin().await?;
            let written = write::insert_log(connection, &tenant, &log).await;
            finish(&mut writer, written).await?;
            writer.commit(0).await?;
            log.stored.store(true, Ordering::Release);
        }
        Ok(log.info.clone())
    }

    /// Appends a batch; must run on a task that nobody cancels.
    async fn append(
        self: Arc<Self>,
        tenant: TenantId,
        appends: Vec<Append>,
        now_ms: u64,
    ) -> Result<Vec<Result<Outcome, Refused>>, Fault> {
        let log = self.log(&tenant)?;
        let mut writer = self.files.writer.lock().await;
        let connection = writer.begin().await?;
        let written = write::batch(connection, &tenant, &log, appends, now_ms).await;
        let Plan { answers, planned } = finish(&mut writer, written).await?;
        match planned {
            None => writer.roll_back().await,
            Some(planned) => self.commit(&mut writer, &tenant, &log, planned).await?,
        }
        Ok(answers)
    }

    async fn commit(
        &self,
        writer: &mut Writer,
        tenant: &TenantId,
        log: &Log,
        planned: Planned,
    ) -> Result<(), Fault> {
        let envelopes = planned.events.iter().flat_map(|event| &event.envelopes).flatten();
        let bytes: usize = envelopes.map(Vec::len).sum();
        if let Err(fault) = writer.commit(bytes).await {
            // The transaction was rolled back, or nobody knows: then no answer may be given.
            if !self.stands_at(tenant, log.position()).await {
                writer.end("a commit of unknown outcome");
            }
            return Err(fault);
        }
        log.publish(planned.edge, planned.head);
        Ok(())
    }

    /// Whether the stored log ends at `position`.
    async fn stands_at(&self, tenant: &TenantId, position: Position) -> bool {
        let size = sqlx::query_scalar::<_, i64>(
            "select coalesce(max(size), 0) from log where tenant = ?1 and log = 'journal'",
        )
        .bind(tenant.as_str())
        .fetch_one(&self.files.readers)
        .await;
        matches!((size, int(position.0)), (Ok(size), Ok(position)) if size == position)
    }

    async fn wait_beyond(&self, tenant: &TenantId, after: Position) -> Result<Position, Fault> {
        let mut head = self.log(tenant)?.head.subscribe();
        let ended = || Fault::Unavailable(Box::new(Ended));
        tokio::select! {
            biased;
            () = self.closing.cancelled() => Err(ended()),
            grown = head.wait_for(|head| head.position > after) => match grown {
                Ok(head) => Ok(head.position),
                Err(_) => Err(ended()),
            },
        }
    }

    pub(crate) async fn close(&self) {
        self.closing.cancel();
        self.files.close().await;
    }
}

/// What may stop a transaction.
pub(crate) enum Stop {
    Database(sqlx::Error),
    Fault(Fault),
}

impl From<sqlx::Error> for Stop {
    fn from(error: sqlx::Error) -> Self {
        Stop::Database(error)
    }
}

impl From<Fault> for Stop {
    fn from(fault: Fault) -> Self {
        Stop::Fault(fault)
    }
}

/// Ends a transaction that was stopped.
pub(crate) async fn finish<T>(writer: &mut Writer, done: Result<T, Stop>) -> Result<T, Fault> {
    match done {
        Ok(done) => Ok(done),
        Err(Stop::Database(error)) => Err(writer.give_up(error).await),
        Err(Stop::Fault(fault)) => {
            writer.roll_back().await;
            Err(fault)
        }
    }
}
