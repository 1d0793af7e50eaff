//! A store of any kind, opened by what the flags say, and closed in order.
//!
//! Read [`StoreName`], then [`OpenStore::open`]. What a kind of store can do is in its own crate; here is
//! only which one is meant. A URL may hold a password: nothing here shows one.

use std::convert::Infallible;
use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;
use std::sync::Arc;

use fokus_app::implied::{Contradictions, Implied};
use fokus_app::keyring::Keyring;
use fokus_app::opening::Opener;
use fokus_postgres::{PostgresOptions, PostgresStore};
use fokus_sqlite::{SqliteOptions, SqliteStore};
use fokus_store::check::{Report, check_log};
use fokus_store::copy::{Continuing, CopyError, CopyKeys, CopyProgress, CopyReport, copy_tenant};
use fokus_store::memory::MemoryStore;
use fokus_store::{Describe, EventStore, Fault, KeyStore, Position, TenantId, ViewStore};
use fokus_vault::key::SecretKey;
use fokus_vault::wrap::{Kms, RootKey};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::running::EXIT_BROKEN;
use super::system::{SystemEntropy, random};
use crate::failure::Failure;

/// Which store, as the flags name it. It is never shown: a URL may hold a password.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct StoreName(String);

/// A store's kind, and where it is.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum StoreKind {
    /// A folder.
    Sqlite(PathBuf),
    /// A URL.
    Postgres(String),
    /// Nowhere: gone when the program ends.
    Memory,
}

impl FromStr for StoreName {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<StoreName, Infallible> {
        Ok(StoreName(text.to_owned()))
    }
}

impl StoreName {
    /// The folder of a SQLite store, named.
    pub(crate) fn folder(dir: &std::path::Path) -> StoreName {
        StoreName(format!("sqlite:{}", dir.display()))
    }

    /// What is named.
    ///
    /// # Errors
    ///
    /// [`Failure::CouldNotRun`] for what names no store.
    pub(crate) fn kind(&self) -> Result<StoreKind, Failure> {
        let url = self.0.starts_with("postgres://") || self.0.starts_with("postgresql://");
        match self.0.strip_prefix("sqlite:") {
            Some(dir) if !dir.is_empty() => Ok(StoreKind::Sqlite(PathBuf::from(dir))),
            None if url => Ok(StoreKind::Postgres(self.0.clone())),
            None if self.0 == "memory:" => Ok(StoreKind::Memory),
            Some(_) | None => {
                let words = "a store is named sqlite:DIR, postgres://… or memory:";
                Err(Failure::CouldNotRun(words.to_owned()))
            }
        }
    }

    /// The text as given, for a child process's environment alone.
    pub(crate) fn as_given(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for StoreName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.kind() {
            Ok(it) => write!(f, "{it:?}"),
            Err(_) => f.write_str("StoreName(…)"),
        }
    }
}

impl fmt::Debug for StoreKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            StoreKind::Sqlite(_) => "sqlite:…",
            StoreKind::Postgres(_) => "postgres://…",
            StoreKind::Memory => "memory:",
        })
    }
}

/// Where a store is and how it is made.
#[derive(Debug, Clone)]
pub(crate) struct Place {
    pub(crate) kind: StoreKind,
    /// Where PostgreSQL's key schema is reached with a role of its own.
    pub(crate) keys: Option<StoreName>,
    pub(crate) authority: Option<String>,
    /// Whether a new store is to hold invented people only; a store of real people is refused then.
    pub(crate) synthetic: bool,
    pub(crate) root_key: Option<PathBuf>,
    pub(crate) signing_key: Option<PathBuf>,
    /// The key before, as long as notes are to be signed by both.
    pub(crate) retiring_signing_key: Option<PathBuf>,
}

impl Place {
    /// Refuses a place where nothing is: opening would make a store there.
    ///
    /// # Errors
    ///
    /// [`Failure::CouldNotRun`] naming what is missing.
    pub(crate) fn must_be_there(&self) -> Result<(), Failure> {
        let needed = match &self.kind {
            StoreKind::Sqlite(dir) => vec![dir.join("journal.db")],
            StoreKind::Postgres(_) => {
                self.root_key.iter().chain(&self.signing_key).cloned().collect()
            }
            StoreKind::Memory => {
                let words = "a store in memory ends with its server; nothing is there";
                return Err(Failure::CouldNotRun(words.to_owned()));
            }
        };
        match needed.iter().find(|it| !it.exists()) {
            Some(missing) => {
                let words = format!("no store is there: {} is missing", missing.display());
                Err(Failure::CouldNotRun(words))
            }
            None => Ok(()),
        }
    }
}

/// Why a store was not opened, in words that say what to do.
#[derive(Debug)]
pub(crate) struct CannotOpen {
    pub(crate) words: String,
    pub(crate) cause: Cause,
}

/// What kind of obstacle it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Cause {
    /// The database does not answer; it may later.
    Unreachable,
    /// What is stored contradicts itself.
    Contradiction,
    /// Somebody must change something first.
    Other,
}

impl CannotOpen {
    /// An error with all its causes.
    pub(crate) fn of(error: &dyn std::error::Error, cause: Cause) -> CannotOpen {
        let mut words = error.to_string();
        let mut inner = error.source();
        while let Some(it) = inner {
            words = format!("{words}: {it}");
            inner = it.source();
        }
        CannotOpen { words, cause }
    }
}

impl From<CannotOpen> for Failure {
    fn from(it: CannotOpen) -> Failure {
        Failure::CouldNotRun(it.words)
    }
}

impl From<fokus_sqlite::OpenError> for CannotOpen {
    fn from(error: fokus_sqlite::OpenError) -> CannotOpen {
        let contradiction = matches!(error, fokus_sqlite::OpenError::Contradiction { .. });
        CannotOpen::of(&error, if contradiction { Cause::Contradiction } else { Cause::Other })
    }
}

impl From<fokus_postgres::OpenError> for CannotOpen {
    fn from(error: fokus_postgres::OpenError) -> CannotOpen {
        let contradiction = matches!(error, fokus_postgres::OpenError::Contradiction { .. });
        let cause = match contradiction {
            true => Cause::Contradiction,
            false if error.is_unreachable() => Cause::Unreachable,
            false => Cause::Other,
        };
        CannotOpen::of(&error, cause)
    }
}

/// An open store with what runs under it.
#[derive(Debug)]
pub(crate) struct OpenStore {
    backend: Backend,
    tasks: TaskTracker,
    shutdown: CancellationToken,
}

#[derive(Debug)]
enum Backend {
    Sqlite(SqliteStore),
    Postgres(PostgresStore),
    Memory(MemoryStore, CopyKeys),
}

impl OpenStore {
    /// Opens the store, or makes it where nothing is.
    ///
    /// # Errors
    ///
    /// [`CannotOpen`], whose words say what to restore or to change.
    pub(crate) async fn open(place: Place) -> Result<OpenStore, CannotOpen> {
        let (tasks, shutdown) = (TaskTracker::new(), CancellationToken::new());
        let backend = match place.kind.clone() {
            StoreKind::Sqlite(dir) => {
                let options = sqlite(dir, place, &tasks, &shutdown);
                Backend::Sqlite(SqliteStore::open(options).await?)
            }
            StoreKind::Postgres(url) => {
                let options = postgres(url, place, &tasks, &shutdown)?;
                Backend::Postgres(PostgresStore::open(options).await?)
            }
            StoreKind::Memory => memory(&place),
        };
        Ok(OpenStore { backend, tasks, shutdown })
    }

    /// Makes an empty store with the keys of another one, or goes on with an unfinished copy of it.
    ///
    /// # Errors
    ///
    /// [`CannotOpen`], also where another store is.
    pub(crate) async fn open_for_copy(
        place: Place,
        keys: CopyKeys,
    ) -> Result<OpenStore, CannotOpen> {
        let (tasks, shutdown) = (TaskTracker::new(), CancellationToken::new());
        let backend = match place.kind.clone() {
            StoreKind::Sqlite(dir) => {
                let options = sqlite(dir, place, &tasks, &shutdown);
                Backend::Sqlite(SqliteStore::open_for_copy(options, keys).await?)
            }
            StoreKind::Postgres(url) => {
                let options = postgres(url, place, &tasks, &shutdown)?;
                Backend::Postgres(PostgresStore::open_for_copy(options, keys).await?)
            }
            StoreKind::Memory => memory(&place),
        };
        Ok(OpenStore { backend, tasks, shutdown })
    }

    /// Makes or updates the tables of a database, and does nothing else.
    ///
    /// # Errors
    ///
    /// [`CannotOpen`], also for a store that is no database.
    pub(crate) async fn migrate(place: Place) -> Result<(), CannotOpen> {
        let StoreKind::Postgres(url) = place.kind.clone() else {
            let words = "only a database is migrated: name postgres://…".to_owned();
            return Err(CannotOpen { words, cause: Cause::Other });
        };
        // Tables hold no key: the files need not be there.
        let unused = || Some(PathBuf::new());
        let place = Place { root_key: unused(), signing_key: unused(), ..place };
        let options = postgres(url, place, &TaskTracker::new(), &CancellationToken::new())?;
        Ok(PostgresStore::migrate(&options).await?)
    }

    /// The secrets of the store, for the store that becomes its copy.
    pub(crate) fn copy_keys(&self) -> CopyKeys {
        match &self.backend {
            Backend::Sqlite(it) => it.copy_keys(),
            Backend::Postgres(it) => it.copy_keys(),
            Backend::Memory(_, keys) => keys.duplicate(),
        }
    }

    /// Copies a tenant's log and keys to a store that was opened for it, as they are or as the log that
    /// continues it.
    ///
    /// # Errors
    ///
    /// [`CopyError`]; the next call goes on.
    pub(crate) async fn copy_tenant(
        &self,
        target: &OpenStore,
        tenant: &TenantId,
        continuing: Option<Continuing<'_>>,
        progress: impl FnMut(CopyProgress) + Send,
    ) -> Result<CopyReport, CopyError> {
        let seed = self.copy_keys().signing_seed;
        match (&self.backend, &target.backend) {
            (Backend::Sqlite(from), Backend::Sqlite(to)) => {
                copy_tenant(from, to, tenant, &seed, continuing, progress).await
            }
            (Backend::Sqlite(from), Backend::Postgres(to)) => {
                copy_tenant(from, to, tenant, &seed, continuing, progress).await
            }
            (Backend::Postgres(from), Backend::Sqlite(to)) => {
                copy_tenant(from, to, tenant, &seed, continuing, progress).await
            }
            (Backend::Postgres(from), Backend::Postgres(to)) => {
                copy_tenant(from, to, tenant, &seed, continuing, progress).await
            }
            (Backend::Memory(..), _) | (_, Backend::Memory(..)) => Err(CopyError::Differs),
        }
    }

    /// Says that the copies of all tenants have ended: from now on the store may be served.
    ///
    /// # Errors
    ///
    /// [`CannotOpen`] when one has not, or it cannot be said.
    pub(crate) async fn finish_copy(&self) -> Result<(), CannotOpen> {
        match &self.backend {
            Backend::Sqlite(it) => Ok(it.finish_copy().await?),
            Backend::Postgres(it) => {
                it.finish_copy().await.map_err(|it| CannotOpen::of(&it, Cause::Other))
            }
            Backend::Memory(..) => Ok(()),
        }
    }

    /// The log.
    pub(crate) fn events(&self) -> Arc<dyn EventStore> {
        match &self.backend {
            Backend::Sqlite(it) => Arc::new(it.clone()),
            Backend::Postgres(it) => Arc::new(it.clone()),
            Backend::Memory(it, _) => Arc::new(it.clone()),
        }
    }

    /// The wrapped keys.
    pub(crate) fn keys(&self) -> Arc<dyn KeyStore> {
        match &self.backend {
            Backend::Sqlite(it) => Arc::new(it.clone()),
            Backend::Postgres(it) => Arc::new(it.clone()),
            Backend::Memory(it, _) => Arc::new(it.clone()),
        }
    }

    /// The rows of views.
    pub(crate) fn views(&self) -> Arc<dyn ViewStore> {
        match &self.backend {
            Backend::Sqlite(it) => Arc::new(it.clone()),
            Backend::Postgres(it) => Arc::new(it.clone()),
            Backend::Memory(it, _) => Arc::new(it.clone()),
        }
    }

    /// What the store says of itself.
    pub(crate) fn about(&self) -> Arc<dyn Describe> {
        match &self.backend {
            Backend::Sqlite(it) => Arc::new(it.clone()),
            Backend::Postgres(it) => Arc::new(it.clone()),
            Backend::Memory(it, _) => Arc::new(it.clone()),
        }
    }

    /// The holder of the root key.
    pub(crate) fn kms(&self) -> Arc<dyn Kms> {
        Arc::new(match &self.backend {
            Backend::Sqlite(it) => it.root_key(),
            Backend::Postgres(it) => it.root_key(),
            Backend::Memory(_, keys) => RootKey::new(keys.root_key.duplicate()),
        })
    }

    /// A keyring of its own over the store.
    pub(crate) fn keyring(&self) -> Arc<Keyring> {
        Arc::new(Keyring::new(self.keys(), self.kms(), Arc::new(SystemEntropy)))
    }

    /// Checks a tenant's log against everything that it implies.
    ///
    /// # Errors
    ///
    /// The store's own.
    pub(crate) async fn check_log(
        &self,
        tenant: &TenantId,
        progress: impl FnMut(Position) + Send,
    ) -> Result<Report, Fault> {
        match &self.backend {
            Backend::Sqlite(it) => check_log(it, tenant, progress).await,
            Backend::Postgres(it) => check_log(it, tenant, progress).await,
            Backend::Memory(it, _) => check_log(it, tenant, progress).await,
        }
    }

    /// Holds the tables against what the events imply.
    ///
    /// # Errors
    ///
    /// The store's own.
    pub(crate) async fn compare_tables(
        &self,
        implied: Implied,
        opener: &Opener,
        until: u64,
    ) -> Result<Contradictions, Fault> {
        match &self.backend {
            Backend::Sqlite(it) => implied.compare(it, opener, until).await,
            Backend::Postgres(it) => implied.compare(it, opener, until).await,
            Backend::Memory(it, _) => implied.compare(it, opener, until).await,
        }
    }

    /// What was opened, in one line, without saying where.
    ///
    /// # Errors
    ///
    /// [`Failure::CouldNotRun`] when the store cannot be read.
    pub(crate) async fn describe(&self) -> Result<String, Failure> {
        let kind = match &self.backend {
            Backend::Sqlite(_) => "a SQLite store",
            Backend::Postgres(it) if it.start_report().citus => "a PostgreSQL store, Citus: yes",
            Backend::Postgres(_) => "a PostgreSQL store, Citus: no",
            Backend::Memory(..) => "a store in memory, gone when the program ends",
        };
        let events = self.events();
        let tenants = events.tenants().await.map_err(|it| broken(&it))?;
        let mut positions = 0_u64;
        for tenant in &tenants {
            let head = events.head(tenant).await.map_err(|it| broken(&it))?;
            positions = positions.saturating_add(head.position.0);
        }
        Ok(format!("opened {kind}; logs: {}, positions: {positions}", tenants.len()))
    }

    /// Waits for what is under way and closes the files or connections.
    pub(crate) async fn close(self) {
        self.shutdown.cancel();
        self.tasks.close();
        self.tasks.wait().await;
        match &self.backend {
            Backend::Sqlite(it) => it.close().await,
            Backend::Postgres(it) => it.close().await,
            Backend::Memory(it, _) => it.close(),
        }
    }
}

/// A fault of a store in words.
pub(crate) fn broken(fault: &Fault) -> Failure {
    CannotOpen::of(fault, Cause::Other).into()
}

fn sqlite(
    dir: PathBuf,
    place: Place,
    tasks: &TaskTracker,
    shutdown: &CancellationToken,
) -> SqliteOptions {
    SqliteOptions {
        dir,
        authority: place.authority,
        synthetic: place.synthetic,
        root_key: place.root_key,
        signing_key: place.signing_key,
        retiring_signing_key: place.retiring_signing_key,
        entropy: Arc::new(|bytes| getrandom::fill(bytes).map_err(std::io::Error::other)),
        fatal: Arc::new(|what| {
            tracing::error!(what, "the disk failed under a write; ending at once");
            std::process::exit(EXIT_BROKEN);
        }),
        tasks: tasks.clone(),
        shutdown: shutdown.clone(),
    }
}

fn postgres(
    url: String,
    place: Place,
    tasks: &TaskTracker,
    shutdown: &CancellationToken,
) -> Result<PostgresOptions, CannotOpen> {
    let key_file = |flag: &str, path: Option<PathBuf>| {
        path.ok_or_else(|| CannotOpen {
            words: format!(
                "a PostgreSQL store needs {flag} FILE: its keys lie outside the database"
            ),
            cause: Cause::Other,
        })
    };
    Ok(PostgresOptions {
        url,
        keys_url: place.keys.map(|it| it.0),
        authority: place.authority,
        synthetic: place.synthetic,
        root_key: key_file("--root-key", place.root_key)?,
        signing_key: key_file("--signing-key", place.signing_key)?,
        retiring_signing_key: place.retiring_signing_key,
        entropy: Arc::new(|bytes| getrandom::fill(bytes).map_err(std::io::Error::other)),
        tasks: tasks.clone(),
        shutdown: shutdown.clone(),
    })
}

fn memory(place: &Place) -> Backend {
    let authority = match &place.authority {
        Some(it) => it.clone(),
        None => format!("{}.fokus.invalid", hex::encode(random::<8>())),
    };
    let new_key = || SecretKey::from_bytes(random());
    let keys = CopyKeys { root_key: new_key(), signing_seed: new_key() };
    let signing_seed = keys.signing_seed.duplicate();
    Backend::Memory(MemoryStore::new(&authority, place.synthetic, signing_seed), keys)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_says_which_kind_of_store_it_is() {
        #[track_caller]
        fn check(name: &str, kind: Option<StoreKind>) {
            let Ok(named) = StoreName::from_str(name);
            assert_eq!(named.kind().ok(), kind, "{name}");
        }
        let postgres = |url: &str| Some(StoreKind::Postgres(url.to_owned()));
        check("sqlite:data", Some(StoreKind::Sqlite(PathBuf::from("data"))));
        check("sqlite:/srv/fokus", Some(StoreKind::Sqlite(PathBuf::from("/srv/fokus"))));
        check("postgres://db/fokus", postgres("postgres://db/fokus"));
        check("postgresql://db/fokus", postgres("postgresql://db/fokus"));
        check("memory:", Some(StoreKind::Memory));
        check("sqlite:", None);
        check("memory:x", None);
        check("mysql://db/fokus", None);
        check("data", None);
        check("", None);
    }

    #[test]
    fn a_password_in_a_url_does_not_show() {
        for name in ["postgres://fokus:secret@db/fokus", "postgrse://fokus:secret@db/fokus"] {
            let Ok(named) = StoreName::from_str(name);
            let mut shown = format!("{named:?}");
            if let Err(Failure::CouldNotRun(words)) = named.kind() {
                shown.push_str(&words);
            }
            assert!(!shown.contains("secret"), "{shown}");
        }
    }
}
