//! The same bytes in a table with nothing but a key: what the disk and the library take by
//! themselves, for the benchmark to compare the store with.
//!
//! Deliberately absent: everything that makes it a journal.

use std::path::Path;
use std::time::Duration;

use rusqlite::{Connection, params};
use tokio::time::Instant;

/// A leaf with its envelopes.
pub type BareRow = (Vec<u8>, Vec<Vec<u8>>);

/// A database with two bare tables, in a folder of its own. Removed by whoever made the folder.
#[derive(Debug)]
pub struct Bare {
    connection: Connection,
    /// Rows so far.
    written: u64,
}

/// The database cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("the bare table cannot be used")]
pub struct BareError(#[from] rusqlite::Error);

impl Bare {
    /// Makes `bare.db` in the folder, or goes on with it.
    ///
    /// # Errors
    ///
    /// [`BareError`] if SQLite refuses.
    pub fn open(dir: &Path) -> Result<Bare, BareError> {
        let connection = Connection::open(dir.join("bare.db"))?;
        connection.execute_batch(
            "pragma journal_mode = wal; pragma synchronous = full; \
             create table if not exists leaf (position integer primary key, leaf blob not null) strict; \
             create table if not exists envelope (place integer primary key, body blob not null) strict",
        )?;
        let last = "select coalesce(max(position), 0) from leaf";
        let written: i64 = connection.query_row(last, [], |row| row.get(0))?;
        Ok(Bare { connection, written: written.unsigned_abs() })
    }

    /// Writes the rows in one durable transaction.
    ///
    /// # Errors
    ///
    /// [`BareError`] if SQLite refuses.
    pub fn commit(&mut self, rows: &[BareRow]) -> Result<(), BareError> {
        let transaction = self.connection.unchecked_transaction()?;
        let mut written = self.written;
        {
            let mut leaf = transaction.prepare_cached("insert into leaf values (?1, ?2)")?;
            let mut envelope =
                transaction.prepare_cached("insert into envelope values (?1, ?2)")?;
            for (bytes, envelopes) in rows {
                written = written.saturating_add(1);
                let position = i64::try_from(written).unwrap_or(i64::MAX);
                leaf.execute(params![position, bytes])?;
                for (index, body) in (0_i64..).zip(envelopes) {
                    envelope.execute(params![position.saturating_mul(16) + index, body])?;
                }
            }
        }
        transaction.commit()?;
        self.written = written;
        Ok(())
    }
}

/// Inserts the rows into a bare table in `dir`, `batch` of them in each transaction, one after the
/// other; how long that took, without making the table.
///
/// # Errors
///
/// [`BareError`] if SQLite refuses.
pub fn insert(dir: &Path, rows: &[BareRow], batch: usize) -> Result<Duration, BareError> {
    let mut bare = Bare::open(dir)?;
    let begun = Instant::now();
    for rows in rows.chunks(batch.max(1)) {
        bare.commit(rows)?;
    }
    Ok(begun.elapsed())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_is_there_afterwards() {
        let dir = tempfile::TempDir::new().unwrap();
        let rows: Vec<BareRow> = vec![(vec![1; 242], vec![vec![2; 296], vec![3; 41]]); 25];
        for _ in 0..2 {
            assert!(insert(dir.path(), &rows, 10).unwrap() > Duration::ZERO);
        }
        let bare = Bare::open(dir.path()).unwrap();
        let count = |sql| bare.connection.query_row(sql, [], |row| row.get::<_, i64>(0)).unwrap();
        assert_eq!(bare.written, 50);
        assert_eq!(count("select sum(length(leaf)) from leaf"), 50 * 242);
        assert_eq!(count("select sum(length(body)) from envelope"), 50 * (296 + 41));
    }
}
