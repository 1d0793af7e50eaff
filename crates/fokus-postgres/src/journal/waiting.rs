//! Waiting for the log to grow, by this process or another one.
//!
//! Asking the table is the truth: while somebody waits, one statement at least every [`POLL`] asks for all
//! logs that are waited for, so no commit is ever missed. `NOTIFY` is a hint to ask at once; it is sent
//! after the commit, on another connection, many commits at a time, and may be lost.
//!
//! Two tasks, begun with the first one who waits or appends. Read [`Waiting::beyond`].

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex, Once, PoisonError};
use std::time::Duration;

use fokus_store::{Fault, Position, TenantId};
use sqlx::postgres::{PgListener, PgPoolOptions};
use tokio::sync::Notify;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::Log;
use crate::fault::unavailable;
use crate::row::uint;
use crate::sessions::{Sessions, fetch};

/// How long a commit of another process may go unseen while somebody waits.
const POLL: Duration = Duration::from_millis(250);
/// The least time between two questions, and between two hints that are sent.
const GAP: Duration = Duration::from_millis(20);
/// How long to wait before listening again after the connection was lost.
const LISTEN_AGAIN: Duration = Duration::from_secs(1);
/// What hints go through; the payload is the tenant.
const CHANNEL: &str = "fokus_journal";

pub(super) struct Waiting {
    shared: Arc<Shared>,
    tasks: TaskTracker,
    poller: Once,
    notifier: Once,
}

struct Shared {
    sessions: Arc<Sessions>,
    closing: CancellationToken,
    /// Logs that are waited for, with how many wait.
    awaited: Mutex<HashMap<TenantId, (Arc<Log>, usize)>>,
    /// Somebody has begun to wait.
    begun: Notify,
    /// Somebody says that there is something new.
    hinted: Notify,
    /// Logs that have grown here, and whose growth was not told yet.
    untold: Mutex<BTreeSet<TenantId>>,
    told: Notify,
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    // Nothing here panics while it holds a lock; if it did, the data would still be whole.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Counts one who waits, for as long as it lives.
struct Ticket {
    shared: Arc<Shared>,
    tenant: TenantId,
}

impl Ticket {
    fn take(shared: &Arc<Shared>, log: &Arc<Log>) -> Ticket {
        let tenant = log.tenant.clone();
        let mut awaited = lock(&shared.awaited);
        awaited.entry(tenant.clone()).or_insert_with(|| (Arc::clone(log), 0)).1 += 1;
        drop(awaited);
        shared.begun.notify_one();
        Ticket { shared: Arc::clone(shared), tenant }
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        let mut awaited = lock(&self.shared.awaited);
        if let Some((_, count)) = awaited.get_mut(&self.tenant) {
            *count = count.saturating_sub(1);
            if *count == 0 {
                awaited.remove(&self.tenant);
            }
        }
    }
}

impl Waiting {
    pub(super) fn new(
        sessions: Arc<Sessions>,
        tasks: TaskTracker,
        closing: CancellationToken,
    ) -> Waiting {
        let shared = Shared {
            sessions,
            closing,
            awaited: Mutex::default(),
            begun: Notify::new(),
            hinted: Notify::new(),
            untold: Mutex::default(),
            told: Notify::new(),
        };
        let shared = Arc::new(shared);
        Waiting { shared, tasks, poller: Once::new(), notifier: Once::new() }
    }

    /// Waits until the log is beyond `after`.
    pub(super) async fn beyond(&self, log: &Arc<Log>, after: Position) -> Result<Position, Fault> {
        self.poller.call_once(|| {
            self.tasks.spawn(Arc::clone(&self.shared).poll());
            self.tasks.spawn(Arc::clone(&self.shared).listen());
        });
        let mut grown = log.grown.subscribe();
        let _ticket = Ticket::take(&self.shared, log);
        let closing = || unavailable("the store is closing");
        tokio::select! {
            biased;
            () = self.shared.closing.cancelled() => Err(closing()),
            position = grown.wait_for(|position| *position > after) => {
                position.map(|it| *it).map_err(|_| closing())
            }
        }
    }

    /// Lets other processes know, some time soon.
    pub(super) fn tell_others(&self, tenant: &TenantId) {
        self.notifier.call_once(|| {
            self.tasks.spawn(Arc::clone(&self.shared).tell());
        });
        if lock(&self.shared.untold).insert(tenant.clone()) {
            self.shared.told.notify_one();
        }
    }
}

impl Shared {
    /// Asks where the logs stand that are waited for.
    async fn poll(self: Arc<Self>) {
        let mut asked = Instant::now();
        let mut due = asked;
        loop {
            let hinted = tokio::select! {
                () = self.closing.cancelled() => return,
                () = self.hinted.notified() => true,
                () = tokio::time::sleep_until(due), if !lock(&self.awaited).is_empty() => false,
                // Look again whether anybody waits.
                () = self.begun.notified() => continue,
            };
            if hinted {
                tokio::time::sleep_until(asked + GAP).await;
            }
            asked = Instant::now();
            if let Err(fault) = self.ask().await {
                tracing::debug!(%fault, "asking whether a log has grown failed");
            }
            due = asked + POLL;
        }
    }

    async fn ask(&self) -> Result<(), Fault> {
        let logs: HashMap<TenantId, Arc<Log>> = lock(&self.awaited)
            .iter()
            .map(|(it, (log, _))| (it.clone(), Arc::clone(log)))
            .collect();
        let names: Vec<&str> = logs.keys().map(TenantId::as_str).collect();
        if names.is_empty() {
            return Ok(());
        }
        let rows: Vec<(String, i64)> = fetch!(self.sessions, connection => sqlx::query_as(
            "select tenant, size from journal.log where tenant = any ($1) and log = 'journal'"
        ).bind(&names).fetch_all(connection));
        for (tenant, size) in rows {
            let position = Position(uint(size)?);
            let log = logs.iter().find(|(name, _)| name.as_str() == tenant);
            if let Some((_, log)) = log {
                log.has_grown(position);
            }
        }
        Ok(())
    }

    /// Listens for hints, on a connection of its own.
    async fn listen(self: Arc<Self>) {
        loop {
            tokio::select! {
                () = self.closing.cancelled() => return,
                () = self.listen_once() => (),
            }
            tokio::select! {
                () = self.closing.cancelled() => return,
                () = tokio::time::sleep(LISTEN_AGAIN) => (),
            }
        }
    }

    /// Until the connection is lost.
    async fn listen_once(&self) {
        let options = self.sessions.target.options.clone();
        let pool = PgPoolOptions::new().max_connections(1).connect_lazy_with(options);
        let listener = async {
            let mut listener = PgListener::connect_with(&pool).await?;
            listener.listen(CHANNEL).await?;
            Ok::<_, sqlx::Error>(listener)
        };
        let Ok(mut listener) = listener.await else { return };
        listener.eager_reconnect(false);
        while let Ok(Some(hint)) = listener.try_recv().await {
            let awaited = lock(&self.awaited);
            if awaited.keys().any(|tenant| tenant.as_str() == hint.payload()) {
                self.hinted.notify_one();
            }
        }
    }

    /// Tells other processes which logs have grown here.
    async fn tell(self: Arc<Self>) {
        loop {
            tokio::select! {
                () = self.closing.cancelled() => return,
                () = self.told.notified() => (),
            }
            let tenants: Vec<TenantId> =
                std::mem::take(&mut *lock(&self.untold)).into_iter().collect();
            if let Err(fault) = self.hint(&tenants).await {
                tracing::debug!(%fault, "other servers were not told that a log has grown");
            }
            tokio::time::sleep(GAP).await;
        }
    }

    async fn hint(&self, tenants: &[TenantId]) -> Result<(), Fault> {
        let names: Vec<&str> = tenants.iter().map(TenantId::as_str).collect();
        fetch!(self.sessions, connection => sqlx::query(
            "select pg_notify($1, tenant) from unnest($2) as n (tenant)"
        ).bind(CHANNEL).bind(&names).execute(connection));
        Ok(())
    }
}
