//! Connections to one database, a bounded number of them.
//!
//! sqlx has a pool of its own, which asks the server after each use whether the connection still works;
//! this one does not: here a statement costs one round trip. A connection that failed is closed, and with
//! it all that idle beside it, since what ended one has mostly ended all. One that has idled for a while
//! is tried before it is used.
//!
//! Read [`Sessions::take`], then the macro `fetch!`. Deliberately absent: what is asked.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use fokus_store::Fault;
use sqlx::{ConnectOptions as _, Connection as _, PgConnection};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::Instant;
use tokio_util::task::TaskTracker;

use crate::connect::Target;
use crate::fault::{Verdict, fault, judge, timed_out, unavailable};

/// How long a call waits for a connection while all are in use.
const TAKE_TIMEOUT: Duration = Duration::from_secs(5);
/// How long making a connection may take.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// A connection that has idled for longer is tried before it is used.
const TRUSTED: Duration = Duration::from_secs(1);
/// How long trying one may take.
const PING_TIMEOUT: Duration = Duration::from_secs(2);
/// How long closing waits for calls that are under way.
const CLOSE_TIMEOUT: Duration = Duration::from_secs(15);

/// Connections to one database.
pub(crate) struct Sessions {
    pub(crate) target: Target,
    idle: Mutex<Vec<Idle>>,
    permits: Arc<Semaphore>,
    most: u32,
    /// How long one call may take.
    limit: Duration,
    tasks: TaskTracker,
}

struct Idle {
    connection: PgConnection,
    since: Instant,
}

/// One connection, taken for a call.
pub(crate) struct Session {
    connection: Option<PgConnection>,
    /// It was made for this call: if it fails, another one would too.
    fresh: bool,
    /// It may be in the middle of a transaction, and must not be used by others.
    in_transaction: bool,
    home: Arc<Sessions>,
    permit: Option<OwnedSemaphorePermit>,
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session").finish_non_exhaustive()
    }
}

impl Sessions {
    /// At most `most` connections, for calls that take at most `limit`; none is made yet.
    pub(crate) fn new(
        target: Target,
        most: u32,
        limit: Duration,
        tasks: TaskTracker,
    ) -> Arc<Sessions> {
        let permits = Arc::new(Semaphore::new(most as usize));
        Arc::new(Sessions { target, idle: Mutex::default(), permits, most, limit, tasks })
    }

    /// A connection that works, as far as anybody knows.
    ///
    /// # Errors
    ///
    /// [`Fault::Unavailable`]: all are in use, the database cannot be reached, or the store is closing.
    pub(crate) async fn take(self: &Arc<Self>) -> Result<Session, Fault> {
        let permit = Arc::clone(&self.permits).acquire_owned();
        let permit = match tokio::time::timeout(TAKE_TIMEOUT, permit).await {
            Err(_) => return Err(unavailable("all connections are in use")),
            Ok(Err(_)) => return Err(unavailable("the store is closing")),
            Ok(Ok(permit)) => permit,
        };
        let mut session = Session {
            connection: None,
            fresh: false,
            in_transaction: false,
            home: Arc::clone(self),
            permit: Some(permit),
        };
        while let Some(Idle { mut connection, since }) = self.pop() {
            let trusted = since.elapsed() < TRUSTED || {
                let answer = tokio::time::timeout(PING_TIMEOUT, connection.ping()).await;
                matches!(answer, Ok(Ok(())))
            };
            if trusted {
                session.connection = Some(connection);
                return Ok(session);
            }
            self.forget();
        }
        session.connection = Some(connect(&self.target).await.map_err(fault)?);
        session.fresh = true;
        Ok(session)
    }

    fn pop(&self) -> Option<Idle> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop()
    }

    fn keep(&self, connection: PgConnection) {
        let idle = Idle { connection, since: Instant::now() };
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).push(idle);
    }

    /// Lets every idle connection go.
    fn forget(&self) {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// Takes nothing new, waits for what is under way, and closes the connections.
    pub(crate) async fn close(&self) {
        // Those that are gone for good were never given back; nobody waits longer than this for them.
        let _ = tokio::time::timeout(CLOSE_TIMEOUT, self.permits.acquire_many(self.most)).await;
        self.permits.close();
        while let Some(idle) = self.pop() {
            let _ = tokio::time::timeout(PING_TIMEOUT, idle.connection.close()).await;
        }
    }
}

impl fmt::Debug for Sessions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sessions").field("target", &self.target).finish_non_exhaustive()
    }
}

async fn connect(target: &Target) -> Result<PgConnection, sqlx::Error> {
    match tokio::time::timeout(CONNECT_TIMEOUT, target.options.connect()).await {
        Ok(connection) => connection,
        Err(_) => Err(timed_out()),
    }
}

/// A call that took too long counts as a lost connection.
pub(crate) async fn within<T>(
    limit: Duration,
    call: impl Future<Output = Result<T, sqlx::Error>>,
) -> Result<T, sqlx::Error> {
    tokio::time::timeout(limit, call).await.unwrap_or_else(|_| Err(timed_out()))
}

impl Session {
    /// The connection.
    ///
    /// # Errors
    ///
    /// None: a session that is not finished has one. The type says so, not the compiler.
    pub(crate) fn connection(&mut self) -> Result<&mut PgConnection, sqlx::Error> {
        self.connection.as_mut().ok_or(sqlx::Error::PoolClosed)
    }

    /// From here until [`Session::finish`] the connection is nobody else's, whatever happens: dropped, it
    /// is closed, which ends its transaction.
    pub(crate) fn enter_transaction(&mut self) {
        self.in_transaction = true;
    }

    /// The transaction has ended.
    pub(crate) fn leave_transaction(&mut self) {
        self.in_transaction = false;
    }

    /// How long one call may take.
    pub(crate) fn limit(&self) -> Duration {
        self.home.limit
    }

    /// Whether it was made for this call.
    pub(crate) fn is_fresh(&self) -> bool {
        self.fresh
    }

    /// Gives the connection back, or closes it if the error says that it is of no more use.
    pub(crate) fn finish<T>(mut self, result: Result<T, sqlx::Error>) -> Result<T, sqlx::Error> {
        let lost = result.as_ref().is_err_and(|error| judge(error) == Verdict::Lost);
        let connection = self.connection.take();
        if lost {
            self.home.forget();
        } else if let Some(connection) = connection
            && !self.in_transaction
        {
            self.home.keep(connection);
        }
        result
    }
}

impl Drop for Session {
    /// Whoever waited for an answer has gone away. The connection is used again once it has come.
    fn drop(&mut self) {
        let Some(mut connection) = self.connection.take() else { return };
        let Ok(runtime) = tokio::runtime::Handle::try_current() else { return };
        if self.in_transaction {
            return;
        }
        let (home, permit) = (Arc::clone(&self.home), self.permit.take());
        let tasks = self.home.tasks.clone();
        tasks.spawn_on(
            async move {
                if let Ok(Ok(())) = tokio::time::timeout(home.limit, connection.ping()).await {
                    home.keep(connection);
                }
                drop(permit);
            },
            &runtime,
        );
    }
}

/// Asks something that may be asked twice. If a connection that idled turns out to be lost, asks again on
/// a new one. Leaves the function with the fault if that fails too.
macro_rules! fetch {
    ($sessions:expr, $connection:ident => $call:expr) => {{
        let sessions: &std::sync::Arc<$crate::sessions::Sessions> = &$sessions;
        let mut session = sessions.take().await?;
        loop {
            let (limit, may_repeat) = (session.limit(), !session.is_fresh());
            let result = match session.connection() {
                Ok($connection) => $crate::sessions::within(limit, $call).await,
                Err(error) => Err(error),
            };
            match session.finish(result) {
                Ok(answer) => break answer,
                Err(error)
                    if may_repeat
                        && $crate::fault::judge(&error) == $crate::fault::Verdict::Lost =>
                {
                    session = sessions.take().await?;
                }
                Err(error) => return Err($crate::fault::fault(error)),
            }
        }
    }};
}

/// Says something that must not be said twice. Leaves the function with the fault if it fails: whether it
/// was carried out is then not known, unless the database says so.
macro_rules! tell {
    ($sessions:expr, $connection:ident => $call:expr) => {{
        let mut session = $sessions.take().await?;
        let limit = session.limit();
        let result = match session.connection() {
            Ok($connection) => $crate::sessions::within(limit, $call).await,
            Err(error) => Err(error),
        };
        match session.finish(result) {
            Ok(answer) => answer,
            Err(error) => return Err($crate::fault::fault(error)),
        }
    }};
}

pub(crate) use {fetch, tell};
