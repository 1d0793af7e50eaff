//! Opening and closing a store.
//!
//! Read [`PostgresStore::open`]. The parts: `connect` and `sessions` (connections), `schema` (tables),
//! `identity` (what store it is, and its keys), `start` (what is checked before anything is served),
//! `journal`, `keys`, `views`, `copy` (the ports).

use std::fmt;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use fokus_store::Fault;
use fokus_store::copy::CopyKeys;
use fokus_vault::wrap::RootKey;
use sqlx::Connection as _;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::citus;
use crate::connect::Target;
use crate::error::OpenError;
use crate::fault::unavailable;
use crate::identity::{Identity, Purpose, settle};
use crate::journal::Journal;
use crate::schema::{JOURNAL, KEYS, VIEWS, bring_up};
use crate::sessions::{Sessions, tell};
use crate::start::{self, Checked, StartReport};

/// Connections of one process that append. Each tenant has one batch under way at a time.
const WRITERS: u32 = 4;
/// Connections of one process that read the log.
const READERS: u32 = 8;
/// Connections of one process for views, and for keys.
const VIEWERS: u32 = 6;
const KEYRINGS: u32 = 4;
/// How long one call may take. Longer than the server's own limit (30 s): that one ends most of them.
const CALL: Duration = Duration::from_secs(40);
/// For views: all rows of a large one go in one statement.
const VIEW_STATEMENT: &str = "10min";
const VIEW_CALL: Duration = Duration::from_secs(610);

/// Fills a buffer with random bytes from the operating system.
pub type Entropy = Arc<dyn Fn(&mut [u8]) -> io::Result<()> + Send + Sync>;

/// Where a store is and what it needs from outside.
#[derive(Clone)]
pub struct PostgresOptions {
    /// The database with the log and the views. A host that is not this machine must prove itself:
    /// `sslmode=verify-full`, or `verify-ca`.
    pub url: String,
    /// The database with the keys, or the same under a role of its own. `None`: as `url`.
    pub keys_url: Option<String>,
    /// Begins the names of the logs. `None`: the store's, or a random one for a new store.
    pub authority: Option<String>,
    /// Whether a new store holds invented people only. A store that was made otherwise is refused.
    pub synthetic: bool,
    /// The file with the root key. Made with the store, if neither key file is there.
    pub root_key: PathBuf,
    /// The file with the seed of the signing keys. Likewise.
    pub signing_key: PathBuf,
    /// The file with the seed of the signing keys that were in force before, as long as every note is to be
    /// signed by both.
    pub retiring_signing_key: Option<PathBuf>,
    /// For the keys and the authority of a new store.
    pub entropy: Entropy,
    /// Where writes run, so that a caller that goes away cannot cancel one, and what listens for others'.
    pub tasks: TaskTracker,
    /// Ends waiting readers. Writing goes on until [`PostgresStore::close`].
    pub shutdown: CancellationToken,
}

impl fmt::Debug for PostgresOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PostgresOptions")
            .field("root_key", &self.root_key)
            .field("signing_key", &self.signing_key)
            .finish_non_exhaustive()
    }
}

/// A store in a database. Clones share it; any number of processes may have the same one open.
#[derive(Clone)]
pub struct PostgresStore {
    pub(crate) shared: Arc<Shared>,
}

pub(crate) struct Shared {
    pub(crate) journal: Arc<Journal>,
    pub(crate) keys: Arc<Sessions>,
    pub(crate) views: Arc<Sessions>,
    tasks: TaskTracker,
    identity: Identity,
    report: StartReport,
}

impl PostgresStore {
    /// Opens the store in the database, or makes one if the database has none.
    ///
    /// Missing migrations are applied where the role may. Before it returns, the right edge of each
    /// log's tree was computed anew from the rows and compared with what is stored and signed.
    ///
    /// # Errors
    ///
    /// [`OpenError`], whose text says what to do.
    pub async fn open(options: PostgresOptions) -> Result<PostgresStore, OpenError> {
        PostgresStore::open_for(options, Purpose::Serve).await
    }

    /// Makes an empty store with these keys, which another store's logs are copied to, or goes on with
    /// such a copy. `options` name the source's authority, and whether it is synthetic.
    ///
    /// # Errors
    ///
    /// [`OpenError`]; [`OpenError::NotEmpty`] if the database has a store that is no unfinished copy.
    pub async fn open_for_copy(
        options: PostgresOptions,
        keys: CopyKeys,
    ) -> Result<PostgresStore, OpenError> {
        PostgresStore::open_for(options, Purpose::Copy(keys)).await
    }

    /// Applies missing migrations, and does nothing else.
    ///
    /// # Errors
    ///
    /// [`OpenError`].
    pub async fn migrate(options: &PostgresOptions) -> Result<(), OpenError> {
        let (journal, keys) = targets(options)?;
        migrate(&journal, &keys).await
    }

    async fn open_for(
        options: PostgresOptions,
        purpose: Purpose,
    ) -> Result<PostgresStore, OpenError> {
        let (target, keys_target) = targets(&options)?;
        migrate(&target, &keys_target).await?;
        let mut connection = target.connect().await?;
        let refused = |error| OpenError::of(&target, "to be read", &error);
        let identity = settle(&target, &mut connection, &options, purpose).await?;
        log_durability(&mut connection).await;
        // One snapshot: other servers may be appending.
        let begin = sqlx::raw_sql("begin isolation level repeatable read read only");
        begin.execute(&mut connection).await.map_err(refused)?;
        let (logs, report) = start::check(&target, &mut connection, &identity).await?;
        sqlx::raw_sql("commit").execute(&mut connection).await.map_err(refused)?;
        connection.close().await.map_err(refused)?;
        let targets = match report.citus {
            true => (citus::planned(&target), citus::planned(&keys_target)),
            false => (target, keys_target),
        };
        Ok(PostgresStore::assemble(options, targets, identity, (logs, report)))
    }

    fn assemble(
        options: PostgresOptions,
        (target, keys_target): (Target, Target),
        identity: Identity,
        (logs, report): (Vec<Checked>, StartReport),
    ) -> PostgresStore {
        let PostgresOptions { tasks, shutdown, .. } = options;
        let sessions =
            |target: &Target, most| Sessions::new(target.clone(), most, CALL, tasks.clone());
        let journal = Journal::new(
            (sessions(&target, WRITERS), sessions(&target, READERS)),
            &identity,
            logs,
            tasks.clone(),
            shutdown.child_token(),
        );
        let target = target.with_statement_timeout(VIEW_STATEMENT);
        let views = Sessions::new(target, VIEWERS, VIEW_CALL, tasks.clone());
        let shared = Shared {
            journal: Arc::new(journal),
            keys: sessions(&keys_target, KEYRINGS),
            views,
            tasks,
            identity,
            report,
        };
        PostgresStore { shared: Arc::new(shared) }
    }

    /// The holder of the root key.
    #[must_use]
    pub fn root_key(&self) -> RootKey {
        RootKey::new(self.shared.identity.keys.root_key.duplicate())
    }

    /// The secrets of this store, for a store that becomes its copy.
    #[must_use]
    pub fn copy_keys(&self) -> CopyKeys {
        self.shared.identity.keys.duplicate()
    }

    /// What was read when the store was opened.
    #[must_use]
    pub fn start_report(&self) -> StartReport {
        self.shared.report
    }

    /// Says that the copies of all tenants have ended: from the next opening on, the store is served.
    ///
    /// # Errors
    ///
    /// [`Fault::Conflict`] if a tenant's copy has not ended.
    pub async fn finish_copy(&self) -> Result<(), Fault> {
        let writers = &self.shared.journal.writers;
        let done = tell!(writers, connection => sqlx::query(
            "update journal.store set copying = false \
             where not exists (select from journal.log where copying)"
        ).execute(connection));
        if done.rows_affected() == 1 { Ok(()) } else { Err(Fault::Conflict) }
    }

    /// How many batches were appended with one round trip, and how many under a lock; for tests and
    /// measurements.
    #[must_use]
    pub fn batches(&self) -> (u64, u64) {
        self.shared.journal.batches()
    }

    /// Waits for the writes that have begun and closes the connections. Calls after that fail with
    /// [`Fault::Unavailable`].
    pub async fn close(&self) {
        self.shared.journal.close().await;
        self.shared.keys.close().await;
        self.shared.views.close().await;
    }

    /// Runs a write on a task of its own: it ends even if the caller does not wait for it.
    pub(crate) async fn uncancelled<T: Send + 'static>(
        &self,
        write: impl Future<Output = Result<T, Fault>> + Send + 'static,
    ) -> Result<T, Fault> {
        let task = self.shared.tasks.spawn(write);
        task.await.map_err(|_| unavailable("a write was given up"))?
    }
}

impl fmt::Debug for PostgresStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PostgresStore").finish_non_exhaustive()
    }
}

/// The databases of the journal and of the keys.
fn targets(options: &PostgresOptions) -> Result<(Target, Target), OpenError> {
    let journal = Target::parse("journal", &options.url)?;
    let keys = Target::parse("keys", options.keys_url.as_ref().unwrap_or(&options.url))?;
    Ok((journal, keys))
}

async fn migrate(journal: &Target, keys: &Target) -> Result<(), OpenError> {
    for (target, schemas) in [(journal, &[JOURNAL, VIEWS][..]), (keys, &[KEYS][..])] {
        let mut connection = target.connect().await?;
        bring_up(target, &mut connection, schemas).await?;
        // What was done is done; a connection that does not close well does not matter.
        let _ = connection.close().await;
    }
    Ok(())
}

/// Says in the log how durable an acknowledged command is.
async fn log_durability(connection: &mut sqlx::PgConnection) {
    let standbys = "select current_setting('synchronous_standby_names')";
    let standbys = sqlx::query_scalar::<_, String>(standbys).fetch_one(connection).await;
    if standbys.is_ok_and(|it| it.is_empty()) {
        tracing::info!("no synchronous standby: what is acknowledged is on one machine's disk");
    }
}
