//! The databases of a store: their files, settings and migrations.

use std::path::Path;
use std::time::Duration;

use sqlx::migrate::{Migration, MigrationType, Migrator};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous};
use sqlx::{ConnectOptions as _, SqlSafeStr as _, SqliteConnection};

use crate::folder::OpenError;

/// How long a connection waits for a lock. Only our own connections can hold one.
const BUSY_TIMEOUT: Duration = Duration::from_secs(10);
/// Rows that wait between SQLite's thread and the reader.
const ROW_BUFFER: usize = 512;

/// A database of a store.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Database {
    /// Its file in the store's folder.
    pub(crate) file: &'static str,
    synchronous: SqliteSynchronous,
    /// Deleted content is overwritten: keys that were erased, rows that followed from them.
    secure_delete: bool,
    migrations: &'static [(i64, &'static str, &'static str)],
}

pub(crate) const JOURNAL: Database = Database {
    file: "journal.db",
    synchronous: SqliteSynchronous::Full,
    secure_delete: false,
    migrations: &[(1, "log", include_str!("../../../migrations/sqlite/journal/0001_log.sql"))],
};

pub(crate) const KEYS: Database = Database {
    file: "keys.db",
    synchronous: SqliteSynchronous::Full,
    secure_delete: true,
    migrations: &[(1, "keys", include_str!("../../../migrations/sqlite/keys/0001_keys.sql"))],
};

pub(crate) const VIEWS: Database = Database {
    file: "views.db",
    synchronous: SqliteSynchronous::Normal,
    secure_delete: true,
    migrations: &[(1, "views", include_str!("../../../migrations/sqlite/views/0001_views.sql"))],
};

impl Database {
    /// How to open the database in `folder`.
    pub(crate) fn options(&self, folder: &Path) -> SqliteConnectOptions {
        SqliteConnectOptions::new()
            .filename(folder.join(self.file))
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(self.synchronous)
            .foreign_keys(true)
            .busy_timeout(BUSY_TIMEOUT)
            .pragma("trusted_schema", "off")
            .pragma("mmap_size", "0")
            .pragma("secure_delete", if self.secure_delete { "on" } else { "off" })
            // Checkpoints are made by `Writer`, which looks at what becomes of them.
            .pragma("wal_autocheckpoint", "0")
            .row_buffer_size(ROW_BUFFER)
            .disable_statement_logging()
    }

    /// Opens the connection that writes, and brings the tables up to date.
    pub(crate) async fn open(
        &self,
        options: &SqliteConnectOptions,
    ) -> Result<SqliteConnection, OpenError> {
        let failed = |error| OpenError::Database { database: self.file, error };
        let mut connection = options.connect().await.map_err(failed)?;
        // `run` does the same, but its future is not `Send` for every lifetime.
        let migrated = self.migrator().run_direct(None, &mut connection, false).await;
        migrated.map_err(|error| self.refusal(error))?;
        Ok(connection)
    }

    fn migrator(&self) -> Migrator {
        let migrations = self.migrations.iter().map(|(version, description, sql)| {
            let kind = MigrationType::Simple;
            Migration::new(*version, (*description).into(), kind, sql.into_sql_str(), false)
        });
        Migrator::with_migrations(migrations.collect())
    }

    #[expect(clippy::wildcard_enum_match_arm, reason = "the enum is non-exhaustive")]
    fn refusal(&self, error: sqlx::migrate::MigrateError) -> OpenError {
        use sqlx::migrate::MigrateError;
        match error {
            MigrateError::VersionMissing(version) => {
                OpenError::Newer { database: self.file, version }
            }
            MigrateError::VersionMismatch(version) => {
                OpenError::OtherSchema { database: self.file, version }
            }
            MigrateError::Execute(error) | MigrateError::ExecuteMigration(error, _) => {
                OpenError::Database { database: self.file, error }
            }
            other => OpenError::Database {
                database: self.file,
                error: sqlx::Error::Migrate(Box::new(other)),
            },
        }
    }
}
