//! Opening and closing a store.
//!
//! Read [`SqliteStore::open`]. The parts: `folder` (files and keys), `schema` (databases), `start`
//! (what is checked before anything is served), `journal`, `keys`, `views` (the ports), `writer`
//! (the thread that writes), `readers` (the connections that read).

use std::fmt;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use fokus_store::copy::CopyKeys;
use fokus_store::leases::Leases;
use fokus_store::{About, Describe, Fault, StorePart};
use fokus_vault::wrap::RootKey;
use rusqlite::Connection;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::folder::{
    Folder, OpenError, Places, Purpose, end_copying, make_database, remove_beside,
};
use crate::journal::Journal;
use crate::readers::Readers;
use crate::released::{self, Behind};
use crate::schema::{Database, JOURNAL, KEYS, RELEASED, VIEWS};
use crate::start::{self, StartReport};
use crate::writer::{Writer, Writers};

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
    /// Where the signing key lies that was in force before, as long as every note is to be signed by both.
    pub retiring_signing_key: Option<PathBuf>,
    /// For the keys and the authority of a new store.
    pub entropy: Entropy,
    /// Called on an input or output error while writing.
    pub fatal: Fatal,
    /// Where long reads run.
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
    pub(crate) released: Files,
    pub(crate) behind: Behind,
    /// Asked and changed on the thread that writes to the views, so in order with what it writes.
    pub(crate) leases: Arc<Mutex<Leases>>,
    folder: PathBuf,
    report: StartReport,
    lock: Mutex<Option<Arc<File>>>,
}

impl Shared {
    /// Where the store's files are.
    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }
}

/// One database: a thread that writes, and connections that read.
pub(crate) struct Files {
    pub(crate) writers: Writers,
    pub(crate) readers: Arc<Readers>,
}

impl Files {
    fn start(
        database: Database,
        connection: Connection,
        folder: &Folder,
        options: &SqliteOptions,
    ) -> Result<Files, OpenError> {
        let path = folder.path.clone();
        let writer = Writer::new(database, path.clone(), connection, Arc::clone(&options.fatal));
        let started = Writers::start(writer, Arc::clone(&folder.lock));
        let writers = started.map_err(|error| OpenError::File {
            path: path.join(database.file),
            doing: "start a thread for the file",
            error,
        })?;
        let readers = Readers::new(database, path, options.tasks.clone());
        Ok(Files { writers, readers: Arc::new(readers) })
    }

    pub(crate) async fn close(&self) {
        self.writers.close().await;
        self.readers.close().await;
    }
}

impl SqliteStore {
    /// Opens the store in `options.dir`, or makes one if the folder is empty or absent.
    ///
    /// Before it returns, the right edge of each log's tree was computed anew from the rows and
    /// compared with what is stored and signed. That reads at most 255 leaves, and 255 tiles for
    /// each level, however large the log; after a crash, also the leaves that were not settled
    /// ([`StartReport::leaves_read`]).
    ///
    /// # Errors
    ///
    /// [`OpenError`], whose text says what to restore. Nothing was changed then.
    pub async fn open(options: SqliteOptions) -> Result<SqliteStore, OpenError> {
        let purpose = Purpose::Serve(Arc::clone(&options.entropy));
        on_a_thread(options, purpose).await
    }

    /// Makes an empty store in `options.dir` with these keys, to be written through
    /// [`CopyTarget`](fokus_store::CopyTarget) only, or goes on with one that was made so. Nobody can
    /// open it for anything else until [`SqliteStore::finish_copy`]. `authority` and `synthetic` of
    /// the options are not looked at: those of the logs that are copied count.
    ///
    /// # Errors
    ///
    /// [`OpenError`]; also if the folder holds a store that is no unfinished copy, or one with other
    /// keys.
    pub async fn open_for_copy(
        options: SqliteOptions,
        keys: CopyKeys,
    ) -> Result<SqliteStore, OpenError> {
        let options = SqliteOptions { authority: None, ..options };
        on_a_thread(options, Purpose::Copy(keys)).await
    }

    /// Says that the copies of all tenants have ended: the store may be opened to be served, once
    /// this one is closed.
    ///
    /// # Errors
    ///
    /// [`OpenError::File`].
    pub async fn finish_copy(&self) -> Result<(), OpenError> {
        end_copying(&self.shared.folder)
    }

    /// The secrets of the store, for another one that becomes its copy.
    #[must_use]
    pub fn copy_keys(&self) -> CopyKeys {
        self.shared.journal.keys().duplicate()
    }

    /// The holder of the root key.
    #[must_use]
    pub fn root_key(&self) -> RootKey {
        RootKey::new(self.shared.journal.keys().root_key.duplicate())
    }

    /// What was read when the store was opened.
    #[must_use]
    pub fn start_report(&self) -> StartReport {
        self.shared.report
    }

    /// Waits for the writes that have begun, closes the files and gives up the lock. Calls after
    /// that fail with [`fokus_store::Fault::Unavailable`].
    pub async fn close(&self) {
        self.shared.journal.close().await;
        self.shared.keys.close().await;
        self.shared.views.close().await;
        self.leave_released().await;
        self.shared.released.close().await;
        drop(self.shared.lock.lock().unwrap_or_else(PoisonError::into_inner).take());
    }
}

#[async_trait]
impl Describe for SqliteStore {
    async fn about(&self) -> Result<About, Fault> {
        let folder = self.shared.folder.clone();
        let unavailable = |error: io::Error| Fault::Unavailable(Box::new(error));
        let parts = tokio::task::spawn_blocking(move || {
            let part = |name, database: Database| {
                let bytes = bytes_of(&folder, database)?;
                io::Result::Ok(StorePart { name, schema: database.newest(), bytes })
            };
            let (journal, keys) = (part("journal", JOURNAL)?, part("keys", KEYS)?);
            Ok(vec![journal, keys, part("views", VIEWS)?, part("released", RELEASED)?])
        });
        let parts = parts.await.map_err(|it| unavailable(io::Error::other(it)))?;
        let engine = format!("SQLite {}", rusqlite::version());
        Ok(About { engine, parts: parts.map_err(unavailable)? })
    }
}

/// What a database takes with its write-ahead log, which comes and goes.
fn bytes_of(folder: &Path, database: Database) -> io::Result<u64> {
    let log = folder.join(format!("{}-wal", database.file));
    let log = match std::fs::metadata(log) {
        Ok(it) => it.len(),
        Err(error) if error.kind() == io::ErrorKind::NotFound => 0,
        Err(error) => return Err(error),
    };
    Ok(std::fs::metadata(folder.join(database.file))?.len() + log)
}

impl fmt::Debug for SqliteStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SqliteStore").finish_non_exhaustive()
    }
}

/// Opening reads and writes files, which may take a while.
async fn on_a_thread(options: SqliteOptions, purpose: Purpose) -> Result<SqliteStore, OpenError> {
    let dir = options.dir.clone();
    let opened = tokio::task::spawn_blocking(move || open(options, purpose)).await;
    opened.map_err(|error| OpenError::File {
        path: dir,
        doing: "open the store",
        error: io::Error::other(error),
    })?
}

fn open(options: SqliteOptions, purpose: Purpose) -> Result<SqliteStore, OpenError> {
    check_library()?;
    let places = Places::new(&options);
    let folder = Folder::enter(&places, &purpose)?;
    let copying = matches!(purpose, Purpose::Copy(_));
    make_missing(VIEWS, &folder.path)?;
    // All files are opened and checked before any thread is started: an error leaves nothing running.
    let journal = JOURNAL.open(&folder.path)?;
    let keys = KEYS.open(&folder.path)?;
    let views = VIEWS.open(&folder.path)?;
    let wanted = start::Wanted {
        authority: options.authority.clone(),
        synthetic: options.synthetic,
        entropy: Arc::clone(&options.entropy),
        copying,
    };
    let seeds = folder.seeds();
    let started = start::check(&journal, &seeds, &wanted)?;
    let report = started.report;
    // Written at once, so not before the store has been found sound.
    make_missing(RELEASED, &folder.path)?;
    let released = RELEASED.open(&folder.path)?;
    released::copy_all(&views, &released).map_err(|error| RELEASED.failed(error))?;
    let journal = Files::start(JOURNAL, journal, &folder, &options)?;
    let keys = Files::start(KEYS, keys, &folder, &options)?;
    let views = Files::start(VIEWS, views, &folder, &options)?;
    let released = Files::start(RELEASED, released, &folder, &options)?;
    let Folder { path, keys: secrets, lock, .. } = folder;
    let journal = Journal::new(journal, started, (secrets, seeds), copying, &options.shutdown);
    let shared = Shared {
        journal: Arc::new(journal),
        keys,
        views,
        released,
        behind: Behind::default(),
        leases: Arc::default(),
        folder: path,
        report,
        lock: Mutex::new(Some(lock)),
    };
    Ok(SqliteStore { shared: Arc::new(shared) })
}

/// Views follow from the log, and what is released from them: these databases may be deleted at any time
/// while nobody has them open.
fn make_missing(database: Database, folder: &Path) -> Result<(), OpenError> {
    if folder.join(database.file).exists() {
        return Ok(());
    }
    remove_beside(folder, database)?;
    make_database(&database, folder)
}

fn check_library() -> Result<(), OpenError> {
    let found = rusqlite::version();
    if is_new_enough(found) {
        return Ok(());
    }
    Err(OpenError::LibraryTooOld { found: found.to_owned(), minimum: LIBRARY_MINIMUM_TEXT })
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
