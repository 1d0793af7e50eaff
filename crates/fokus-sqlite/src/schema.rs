//! The databases of a store: their files, settings and migrations.

use std::path::Path;
use std::time::Duration;

use rusqlite::{Connection, OpenFlags, OptionalExtension as _, params};
use sha2::{Digest as _, Sha256};

use crate::folder::OpenError;

/// How long a connection waits for a lock. Only our own connections can hold one.
const BUSY_TIMEOUT: Duration = Duration::from_secs(10);
/// The same for a file that others open too: nobody who only reads holds a lock that a writer needs.
const SHARED_BUSY_TIMEOUT: Duration = Duration::from_millis(500);
/// Statements that a connection keeps prepared: more than there are.
const STATEMENTS_MAX: usize = 64;
/// Memory of a connection that reads, in KiB.
const READER_CACHE_KIB: u32 = 2 << 10;

/// A database of a store.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Database {
    /// Its file in the store's folder.
    pub(crate) file: &'static str,
    synchronous: &'static str,
    /// Deleted content is overwritten: keys that were erased, rows that followed from them.
    secure_delete: bool,
    /// Memory of the connection that writes, in KiB.
    cache_kib: u32,
    busy_timeout: Duration,
    migrations: &'static [Migration],
}

/// Number, name and text of a migration.
type Migration = (i64, &'static str, &'static str);

pub(crate) const JOURNAL: Database = Database {
    file: "journal.db",
    synchronous: "full",
    secure_delete: false,
    cache_kib: 16 << 10,
    busy_timeout: BUSY_TIMEOUT,
    migrations: &[(1, "log", include_str!("../../../migrations/sqlite/journal/0001_log.sql"))],
};

pub(crate) const KEYS: Database = Database {
    file: "keys.db",
    synchronous: "full",
    secure_delete: true,
    cache_kib: 4 << 10,
    busy_timeout: BUSY_TIMEOUT,
    migrations: &[(1, "keys", include_str!("../../../migrations/sqlite/keys/0001_keys.sql"))],
};

pub(crate) const VIEWS: Database = Database {
    file: "views.db",
    synchronous: "normal",
    secure_delete: true,
    cache_kib: 16 << 10,
    busy_timeout: BUSY_TIMEOUT,
    migrations: &[
        (1, "views", include_str!("../../../migrations/sqlite/views/0001_views.sql")),
        (2, "published", include_str!("../../../migrations/sqlite/views/0002_published.sql")),
    ],
};

/// What other programs may read.
pub(crate) const RELEASED: Database = Database {
    file: "released.db",
    synchronous: "normal",
    secure_delete: true,
    cache_kib: 1 << 10,
    busy_timeout: SHARED_BUSY_TIMEOUT,
    migrations: &[(
        1,
        "outcome",
        include_str!("../../../migrations/sqlite/released/0001_outcome.sql"),
    )],
};

/// Remembers which migrations were applied, and in which form.
const MIGRATIONS: &str = "\
    create table if not exists migration ( \
    number integer primary key, name text not null, sha256 blob not null) strict";

impl Database {
    /// The number of its newest migration.
    pub(crate) fn newest(&self) -> u32 {
        let newest = self.migrations.last().map_or(0, |(number, ..)| *number);
        u32::try_from(newest).unwrap_or_default()
    }

    /// A connection that writes.
    pub(crate) fn connect(&self, folder: &Path) -> rusqlite::Result<Connection> {
        self.connect_with(folder, self.cache_kib)
    }

    /// A connection that only reads.
    pub(crate) fn connect_reader(&self, folder: &Path) -> rusqlite::Result<Connection> {
        let connection = self.connect_with(folder, READER_CACHE_KIB)?;
        connection.execute_batch("pragma query_only = on")?;
        Ok(connection)
    }

    fn connect_with(&self, folder: &Path, cache_kib: u32) -> rusqlite::Result<Connection> {
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(folder.join(self.file), flags)?;
        connection.busy_timeout(self.busy_timeout)?;
        connection.set_prepared_statement_cache_capacity(STATEMENTS_MAX);
        let secure_delete = if self.secure_delete { "on" } else { "off" };
        // Checkpoints are made by `Writer`, which looks at what becomes of them. Not mapped into
        // memory: an input error would then be a signal, and what was read would count as ours.
        connection.execute_batch(&format!(
            "pragma journal_mode = wal; pragma synchronous = {}; pragma secure_delete = {}; \
             pragma trusted_schema = off; pragma mmap_size = 0; pragma wal_autocheckpoint = 0; \
             pragma cache_size = -{}",
            self.synchronous, secure_delete, cache_kib
        ))?;
        Ok(connection)
    }

    /// Opens the connection that writes, and brings the tables up to date.
    pub(crate) fn open(&self, folder: &Path) -> Result<Connection, OpenError> {
        let mut connection = self.connect(folder).map_err(|error| self.failed(error))?;
        self.migrate(&mut connection)?;
        Ok(connection)
    }

    /// Runs the migrations that are missing. What is there must be what this program knows.
    fn migrate(&self, connection: &mut Connection) -> Result<(), OpenError> {
        let failed = |error| self.failed(error);
        connection.execute_batch(MIGRATIONS).map_err(failed)?;
        let newest = self.migrations.iter().map(|(number, ..)| *number).max().unwrap_or(0);
        let newer = "select min(number) from migration where number > ?1";
        let newer: Option<i64> =
            connection.query_row(newer, [newest], |row| row.get(0)).map_err(failed)?;
        if let Some(version) = newer {
            return Err(OpenError::Newer { database: self.file, version });
        }
        for (number, name, sql) in self.migrations {
            let sha256 = Sha256::digest(sql);
            let applied = "select name = ?2 and sha256 = ?3 from migration where number = ?1";
            let applied: Option<bool> = connection
                .query_row(applied, params![number, name, &sha256[..]], |row| row.get(0))
                .optional()
                .map_err(failed)?;
            match applied {
                Some(true) => (),
                Some(false) => {
                    return Err(OpenError::OtherSchema { database: self.file, version: *number });
                }
                None => {
                    let transaction = connection.transaction().map_err(failed)?;
                    transaction.execute_batch(sql).map_err(failed)?;
                    let remember =
                        "insert into migration (number, name, sha256) values (?1, ?2, ?3)";
                    let row = params![number, name, &sha256[..]];
                    transaction.execute(remember, row).map_err(failed)?;
                    transaction.commit().map_err(failed)?;
                }
            }
        }
        Ok(())
    }

    pub(crate) fn failed(&self, error: rusqlite::Error) -> OpenError {
        OpenError::Database { database: self.file, error }
    }
}
