//! Opening and closing a store.
//!
//! Read [`SqliteStore::open`]. The parts: `folder` (files and keys), `schema` (databases), `start`
//! (what is checked before anything is served), `journal`, `keys`, `views` (the ports), `writer`
//! (the connection that writes).

use std::fmt;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};

use fokus_store::Fault;
use fokus_vault::key::SecretKey;
use fokus_vault::wrap::RootKey;
use sqlx::sqlite::{SqliteConnectOptions, SqlitePoolOptions};
use sqlx::{ConnectOptions as _, Connection as _, SqlitePool};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::folder::{Folder, OpenError, Places, make_database, remove_beside};
use crate::journal::Journal;
use crate::schema::{Database, JOURNAL, KEYS, VIEWS};
use crate::start::{self, StartReport};
use crate::writer::Writer;

/// Connections that read from one database.
const READERS: u32 = 4;
/// The oldest SQLite without the fault by which a write-ahead log could corrupt its database.
const LIBRARY_MINIMUM: (u32, u32, u32) = (3, 51, 3);
const LIBRARY_MINIMUM_TEXT: &str = "3.51.3";

/// Fills a buffer with random bytes from the operating system.
pub type Entropy = Arc<dyn Fn(&mut [u8]) -> io::Result<()> + Send + Sync>;

/// Ends the process, since what is on the disk is not known any more. It may log the reason, which
/// holds no content. If it returns, as in tests, the store only refuses to write from then on.
pub type Fatal = Arc<dyn Fn(&str) + Send + Sync>;

/// Where a store is and what it needs from outside.
#[derive(Clone)]
pub struct SqliteOptions {
    /// The folder; absent or empty = make a new store.
    pub dir: PathBuf,
    /// Begins the names of the logs. `None`: the store's, or a random one while it has no log.
    pub authority: Option<String>,
    /// Whether a new store holds invented people only. A store that was made otherwise is refused.
    pub synthetic: bool,
    /// Where the root key lies, if not in `dir`.
    pub root_key: Option<PathBuf>,
    /// Where the signing key lies, if not in `dir`.
    pub signing_key: Option<PathBuf>,
    /// For the keys and the authority of a new store.
    pub entropy: Entropy,
    /// Called on an input or output error while writing.
    pub fatal: Fatal,
    /// Where writes run, so that a caller that goes away cannot cancel one.
    pub tasks: TaskTracker,
    /// Ends waiting readers. Writing goes on until [`SqliteStore::close`].
    pub shutdown: CancellationToken,
}

impl fmt::Debug for SqliteOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SqliteOptions").field("dir", &self.dir).finish_non_exhaustive()
    }
}

/// A store in a folder. Clones share it.
#[derive(Clone)]
pub struct SqliteStore {
    pub(crate) shared: Arc<Shared>,
}

pub(crate) struct Shared {
    pub(crate) journal: Arc<Journal>,
    pub(crate) keys: Files,
    pub(crate) views: Files,
    pub(crate) tasks: TaskTracker,
    root_key: SecretKey,
    report: StartReport,
    lock: Mutex<Option<File>>,
}

/// One database: a connection that writes, and others that read.
pub(crate) struct Files {
    pub(crate) writer: Arc<tokio::sync::Mutex<Writer>>,
    pub(crate) readers: SqlitePool,
}

impl Files {
    async fn open(database: Database, folder: &Folder, fatal: &Fatal) -> Result<Files, OpenError> {
        let options = database.options(&folder.path);
        let connection = database.open(&options).await?;
        let readers = readers(options.clone());
        let writer = Writer::new(database.file, options, connection, Arc::clone(fatal));
        Ok(Files { writer: Arc::new(tokio::sync::Mutex::new(writer)), readers })
    }

    pub(crate) async fn close(&self) {
        self.writer.lock().await.close().await;
        let closed: Pin<Box<dyn Future<Output = ()> + Send + '_>> = Box::pin(self.readers.close());
        closed.await;
    }
}

fn readers(options: SqliteConnectOptions) -> SqlitePool {
    SqlitePoolOptions::new()
        .max_connections(READERS)
        // Local files: a connection does not go stale.
        .test_before_acquire(false)
        .idle_timeout(None)
        .max_lifetime(None)
        .connect_lazy_with(options.pragma("query_only", "on"))
}

impl SqliteStore {
    /// Opens the store in `options.dir`, or makes one if the folder is empty or absent.
    ///
    /// Before it returns, the right edge of each log's tree was computed anew from the rows and
    /// compared with what is stored and signed. That reads at most 255 leaves, and 255 tiles for
    /// each level, however large the log.
    ///
    /// # Errors
    ///
    /// [`OpenError`], whose text says what to restore. Nothing was changed then.
    pub async fn open(options: SqliteOptions) -> Result<SqliteStore, OpenError> {
        check_library().await?;
        let places = Places::new(options.dir, options.root_key, options.signing_key);
        let folder = Folder::enter(&places, &options.entropy).await?;
        make_missing_views(&folder.path).await?;
        let journal = Files::open(JOURNAL, &folder, &options.fatal).await?;
        let keys = Files::open(KEYS, &folder, &options.fatal).await?;
        let views = Files::open(VIEWS, &folder, &options.fatal).await?;
        let (authority, synthetic) = (options.authority, options.synthetic);
        let wanted = start::Wanted { authority, synthetic, entropy: options.entropy };
        let started = match start::check(&journal.readers, &folder.signing_seed, wanted).await {
            Ok(it) => it,
            Err(error) => {
                for it in [&journal, &keys, &views] {
                    it.close().await;
                }
                return Err(error);
            }
        };
        let report = started.report;
        let journal = Journal::new(journal, started, folder.signing_seed, options.shutdown);
        let shared = Shared {
            journal: Arc::new(journal),
            keys,
            views,
            tasks: options.tasks,
            root_key: folder.root_key,
            report,
            lock: Mutex::new(Some(folder.lock)),
        };
        Ok(SqliteStore { shared: Arc::new(shared) })
    }

    /// The holder of the root key.
    #[must_use]
    pub fn root_key(&self) -> RootKey {
        RootKey::new(self.shared.root_key.duplicate())
    }

    /// What was read when the store was opened.
    #[must_use]
    pub fn start_report(&self) -> StartReport {
        self.shared.report
    }

    /// Waits for the writes that have begun, closes the files and gives up the lock. Calls after
    /// that fail with [`Fault::Unavailable`].
    pub async fn close(&self) {
        self.shared.journal.close().await;
        self.shared.keys.close().await;
        self.shared.views.close().await;
        drop(self.shared.lock.lock().unwrap_or_else(PoisonError::into_inner).take());
    }

    /// Runs a write on a task of its own: it ends even if the caller does not wait for it.
    pub(crate) async fn uncancelled<T: Send + 'static>(
        &self,
        write: impl Future<Output = Result<T, Fault>> + Send + 'static,
    ) -> Result<T, Fault> {
        let task = self.shared.tasks.spawn(write);
        task.await.map_err(|error| Fault::Unavailable(Box::new(error)))?
    }
}

impl fmt::Debug for SqliteStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SqliteStore").finish_non_exhaustive()
    }
}

/// Views follow from the log: their database may be deleted at any time while nobody has it open.
async fn make_missing_views(folder: &Path) -> Result<(), OpenError> {
    if folder.join(VIEWS.file).exists() {
        return Ok(());
    }
    remove_beside(folder, VIEWS)?;
    make_database(&VIEWS, folder).await
}

async fn check_library() -> Result<(), OpenError> {
    let failed = |error| OpenError::Database { database: "SQLite", error };
    let mut connection = SqliteConnectOptions::new().connect().await.map_err(failed)?;
    let version = sqlx::query_scalar("select sqlite_version()").fetch_one(&mut connection).await;
    let found: String = version.map_err(failed)?;
    connection.close().await.map_err(failed)?;
    if is_new_enough(&found) {
        return Ok(());
    }
    Err(OpenError::LibraryTooOld { found, minimum: LIBRARY_MINIMUM_TEXT })
}

fn is_new_enough(version: &str) -> bool {
    let mut numbers = version.split('.').map(str::parse::<u32>);
    let mut next = || numbers.next().and_then(Result::ok).unwrap_or(0);
    (next(), next(), next()) >= LIBRARY_MINIMUM
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_library_that_can_corrupt_its_log_is_refused() {
        let rows = [
            ("3.51.3", true),
            ("3.52.0", true),
            ("4.0", true),
            ("3.51.2", false),
            ("3.40.1", false),
            ("", false),
        ];
        for (version, accepted) in rows {
            assert_eq!(is_new_enough(version), accepted, "SQLite {version}");
        }
    }
}
