//! The log in `journal.db`.
//!
//! A write runs on the writer's thread: look up what the batch names, plan, insert, commit, and only
//! then publish the new head. Readers see nothing beyond that head. The lock on the folder makes it
//! safe to keep in memory where each log ends, and what its newest events mean for tables that are
//! not yet written (`recent`).
//!
//! Read `Journal::append_now`, then `write`, `recent` and `read`. Deliberately absent: the rules of
//! appending, which are in `fokus_store::plan`.

mod copy;
pub(crate) mod find;
mod inspect;
pub(crate) mod read;
pub(crate) mod recent;
pub(crate) mod write;

use std::collections::HashMap;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{
    Arc, Mutex, MutexGuard, OnceLock, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard,
};

use fokus_log::edge::Edge;
use fokus_store::copy::CopyKeys;
use fokus_store::plan::{Plan, PlanHead, Planned, signed_head};
use fokus_store::signing::{LogSigner, SigningSeeds};
use fokus_store::{
    Append, CommandId, CommandPlace, Fault, Head, LogInfo, Outcome, Position, Refused, StreamHead,
    StreamId, StreamTag, TenantId,
};
use rusqlite::Connection;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use self::recent::{Recent, SliceLength};
use crate::fault::{Stop, fault};
use crate::number::uint;
use crate::start::{Identity, Started, first_origin};
use crate::store::Files;
use crate::writer::{Writer, ended};

pub(crate) struct Journal {
    pub(crate) files: Files,
    /// How the logs are called. Open only while a copy has no log yet.
    identity: OnceLock<Identity>,
    /// Whether this is a copy that has not ended, which nobody may append to.
    copying: bool,
    keys: CopyKeys,
    /// Those of `keys`, and of a key that is retiring.
    seeds: SigningSeeds,
    /// Logs by tenant, also such as were only asked for. Tenants come from tokens, so they are few.
    logs: Mutex<HashMap<TenantId, Arc<Log>>>,
    closing: CancellationToken,
}

/// One tenant's log, as far as it is kept in memory.
pub(crate) struct Log {
    pub(crate) info: LogInfo,
    signer: LogSigner,
    /// The number in its row; 0 = it has none. Changed on the writer's thread.
    number: AtomicI64,
    /// Read and changed on the writer's thread.
    edge: Mutex<Edge>,
    recent: RwLock<Recent>,
    /// What readers may see.
    head: watch::Sender<Head>,
}

/// What of a log comes from its rows.
pub(crate) struct StoredLog {
    pub(crate) number: i64,
    pub(crate) edge: Edge,
    pub(crate) recent: Recent,
    pub(crate) head: Head,
}

impl Log {
    pub(crate) fn new(info: LogInfo, signer: LogSigner, stored: StoredLog) -> Log {
        Log {
            info,
            signer,
            number: AtomicI64::new(stored.number),
            edge: Mutex::new(stored.edge),
            recent: RwLock::new(stored.recent),
            head: watch::Sender::new(stored.head),
        }
    }

    /// The number of its row, with which all its keys begin; `None` while it has none.
    fn number(&self) -> Option<i64> {
        Some(self.number.load(Ordering::Acquire)).filter(|number| *number != 0)
    }

    pub(crate) fn position(&self) -> Position {
        self.head.borrow().position
    }

    /// Up to here, the tables say everything.
    pub(crate) fn settled(&self) -> Position {
        self.recent().settled()
    }

    /// Has again in memory what was not settled.
    pub(crate) fn gather(
        &self,
        commands: impl IntoIterator<Item = (CommandId, CommandPlace)>,
        streams: impl IntoIterator<Item = (StreamId, StreamHead)>,
        begun: impl IntoIterator<Item = (StreamId, StreamTag)>,
    ) {
        self.recent_mut().gather(commands, streams, begun);
    }

    fn recent(&self) -> RwLockReadGuard<'_, Recent> {
        self.recent.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// Only the writer's thread changes it.
    fn recent_mut(&self) -> RwLockWriteGuard<'_, Recent> {
        self.recent.write().unwrap_or_else(PoisonError::into_inner)
    }

    fn plan_head(&self) -> PlanHead {
        PlanHead {
            origin: self.info.origin.clone(),
            edge: lock(&self.edge).clone(),
            last_ms: self.head.borrow().last_ms,
        }
    }

    /// Lets readers see what was committed.
    fn publish(&self, planned: Planned, slice: SliceLength) {
        let begun = write::begun(&planned);
        *lock(&self.edge) = planned.edge;
        // Held to the end: whoever sees what is recent sees the head too.
        let mut recent = self.recent_mut();
        recent.gather(planned.commands, planned.streams, begun);
        recent.wrote(slice, planned.head.position);
        self.head.send_replace(planned.head);
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
        (keys, seeds): (CopyKeys, SigningSeeds),
        copying: bool,
        shutdown: &CancellationToken,
    ) -> Journal {
        let logs = started.logs.into_iter().map(|(tenant, log)| (tenant, Arc::new(log)));
        let identity = started.identity.map_or_else(OnceLock::new, OnceLock::from);
        Journal {
            files,
            identity,
            copying,
            keys,
            seeds,
            logs: Mutex::new(logs.collect()),
            closing: shutdown.child_token(),
        }
    }

    pub(crate) fn keys(&self) -> &CopyKeys {
        &self.keys
    }

    /// The tenant's log; an empty one that has no row yet, if there is none.
    fn log(&self, tenant: &TenantId) -> Result<Arc<Log>, Fault> {
        let mut logs = lock(&self.logs);
        if let Some(log) = logs.get(tenant) {
            return Ok(Arc::clone(log));
        }
        let Some(identity) = self.identity.get() else { return Err(copying()) };
        let origin = first_origin(&identity.authority, tenant);
        let log = Arc::new(empty_log(&self.seeds, identity, tenant, origin)?);
        logs.insert(tenant.clone(), Arc::clone(&log));
        Ok(log)
    }

    /// Lets the log that the tenant has in a copy, if none was met, be called as that one.
    fn call(&self, identity: &Identity, tenant: &TenantId, info: &LogInfo) -> Result<(), Fault> {
        if info.first_origin() != first_origin(&identity.authority, tenant) {
            return Err(Fault::Conflict);
        }
        let mut logs = lock(&self.logs);
        if !logs.contains_key(tenant) {
            let log = empty_log(&self.seeds, identity, tenant, info.origin.clone())?;
            logs.insert(tenant.clone(), Arc::new(log));
        }
        Ok(())
    }

    fn tenants(&self) -> Vec<TenantId> {
        let logs = lock(&self.logs);
        let stored = logs.iter().filter(|(_, log)| log.number().is_some());
        let mut tenants: Vec<TenantId> = stored.map(|(tenant, _)| tenant.clone()).collect();
        tenants.sort();
        tenants
    }

    /// Whether this is a copy that has not ended.
    pub(crate) fn is_copying(&self) -> bool {
        self.copying
    }

    fn ensure_served(&self) -> Result<(), Fault> {
        if self.copying { Err(copying()) } else { Ok(()) }
    }

    /// Gives the tenant's log a row, if it has none. Runs on the writer's thread.
    fn make_log_now(&self, writer: &mut Writer, tenant: &TenantId, log: &Log) -> Result<(), Fault> {
        if log.number().is_some() {
            return Ok(());
        }
        let number = writer.write(|connection| write::insert_log(connection, tenant, log))?;
        writer.commit()?;
        log.number.store(number, Ordering::Release);
        Ok(())
    }

    /// Appends a batch. Runs on the writer's thread.
    fn append_now(
        &self,
        writer: &mut Writer,
        tenant: &TenantId,
        appends: Vec<Append>,
        now_ms: u64,
    ) -> Result<Vec<Result<Outcome, Refused>>, Fault> {
        let log = self.log(tenant)?;
        let (answers, written) = writer.write(|connection| {
            let known = write::look_up(connection, &log, &appends)?;
            let plan =
                fokus_store::plan::plan(log.plan_head(), known, appends, now_ms, &log.signer)?;
            let Plan { answers, planned } = plan;
            let Some(planned) = planned else { return Ok((answers, None)) };
            let written = write::insert(connection, tenant, &log, &planned)?;
            Ok((answers, Some((planned, written))))
        })?;
        match written {
            // Nothing was written; this ends the transaction.
            None => writer.commit()?,
            Some((planned, written)) => commit(writer, &log, planned, written)?,
        }
        Ok(answers)
    }

    /// Writes everything that was gathered. Runs on the writer's thread.
    fn settle_now(&self, writer: &mut Writer, log: &Log) -> Result<(), Fault> {
        let Some(number) = log.number() else { return Ok(()) };
        // The old generation, and then the young one.
        for _ in 0..2 {
            let position = log.position();
            if log.settled() == position {
                break;
            }
            let slice = writer.write(|connection| {
                let recent = log.recent();
                let slice = recent.slice(u64::MAX);
                write::settle(connection, number, slice)?;
                Ok(slice.length())
            })?;
            writer.commit()?;
            let mut recent = log.recent_mut();
            recent.wrote(slice, position);
            recent.freeze(position);
        }
        Ok(())
    }

    /// Writes everything that was gathered, so that the tables say it all.
    async fn settle(self: &Arc<Self>, log: &Arc<Log>) -> Result<(), Fault> {
        if log.settled() == log.position() {
            return Ok(());
        }
        let (journal, log) = (Arc::clone(self), Arc::clone(log));
        self.files.writers.run(move |writer| journal.settle_now(writer, &log)).await
    }

    async fn wait_beyond(&self, tenant: &TenantId, after: Position) -> Result<Position, Fault> {
        let mut head = self.log(tenant)?.head.subscribe();
        tokio::select! {
            biased;
            () = self.closing.cancelled() => Err(ended()),
            grown = head.wait_for(|head| head.position > after) => match grown {
                Ok(head) => Ok(head.position),
                Err(_) => Err(ended()),
            },
        }
    }

    /// Settles all logs and closes the files. What cannot be settled now is at the next start.
    pub(crate) async fn close(self: &Arc<Self>) {
        self.closing.cancel();
        let logs: Vec<Arc<Log>> = lock(&self.logs).values().map(Arc::clone).collect();
        for log in logs {
            if self.settle(&log).await.is_err() {
                break;
            }
        }
        self.files.close().await;
    }
}

/// Commits what was inserted and publishes it. Runs on the writer's thread.
fn commit(
    writer: &mut Writer,
    log: &Log,
    planned: Planned,
    written: write::Written,
) -> Result<(), Fault> {
    if let Err(fault) = writer.commit() {
        // The transaction was rolled back, or nobody knows: then no answer may be given.
        if !stands_at(writer, written.number, log.position()) {
            writer.end("a commit of unknown outcome");
        }
        return Err(fault);
    }
    log.number.store(written.number, Ordering::Release);
    log.publish(planned, written.slice);
    Ok(())
}

/// Whether the stored log ends at `position`.
fn stands_at(writer: &Writer, number: i64, position: Position) -> bool {
    let size =
        writer.reader().map_err(fault).and_then(|connection| stored_size(&connection, number));
    size.is_ok_and(|size| size == position.0)
}

fn stored_size(connection: &Connection, number: i64) -> Result<u64, Fault> {
    let sql = "select coalesce(max(size), 0) from log where log = ?1";
    uint(connection.query_row(sql, [number], |row| row.get(0)).map_err(fault)?)
}

/// A log that has no row yet.
fn empty_log(
    seeds: &SigningSeeds,
    identity: &Identity,
    tenant: &TenantId,
    origin: String,
) -> Result<Log, Fault> {
    let signer = seeds.signer(tenant)?;
    let edge = Edge::new();
    let head = signed_head(&origin, &edge, 0, &signer)?;
    let info = signer.info(origin, identity.synthetic);
    let stored = StoredLog { number: 0, edge, recent: Recent::new(Position(0)), head };
    Ok(Log::new(info, signer, stored))
}

/// The store is a copy that has not ended.
#[derive(Debug, thiserror::Error)]
#[error("a copy that has not ended is not served")]
struct Copying;

fn copying() -> Fault {
    Fault::Unavailable(Box::new(Copying))
}

/// Rows of the statement, each read by `read`.
pub(crate) fn rows<T, E: From<Stop>>(
    connection: &Connection,
    sql: &'static str,
    parameters: impl rusqlite::Params,
    mut read: impl FnMut(&rusqlite::Row<'_>) -> Result<T, Stop>,
) -> Result<Vec<T>, E> {
    let collect = || -> Result<Vec<T>, Stop> {
        let mut statement = connection.prepare_cached(sql)?;
        let mut rows = statement.query(parameters)?;
        let mut found = Vec::new();
        while let Some(row) = rows.next()? {
            found.push(read(row)?);
        }
        Ok(found)
    };
    Ok(collect()?)
}
