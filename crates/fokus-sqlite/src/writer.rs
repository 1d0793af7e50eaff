//! The one connection that writes to a database.
//!
//! A write that fails leaves no doubt: the connection is dropped, which rolls back, and the next
//! write opens another one. Where doubt is left (an input or output error), the process ends.
//!
//! Transactions are plain statements and not sqlx's: those count nesting by themselves, and count
//! wrong once SQLite has rolled back of its own accord. The caller runs on a task that is never
//! cancelled, so nothing is ever left half-way.

use fokus_store::Fault;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions as _, Connection as _, SqliteConnection};

use crate::fault::{Verdict, fault, judge};
use crate::store::Fatal;

/// When so much has been written, estimated, the write-ahead log is copied into the database.
const CHECKPOINT_BYTES: u64 = 16 << 20;
/// What a small transaction adds to the write-ahead log: the pages that it touches.
const TRANSACTION_BYTES: u64 = 64 << 10;

pub(crate) struct Writer {
    /// The database's name, for messages.
    name: &'static str,
    options: SqliteConnectOptions,
    connection: Option<SqliteConnection>,
    unchecked_bytes: u64,
    fatal: Fatal,
    ended: bool,
}

impl Writer {
    pub(crate) fn new(
        name: &'static str,
        options: SqliteConnectOptions,
        connection: SqliteConnection,
        fatal: Fatal,
    ) -> Writer {
        let connection = Some(connection);
        Writer { name, options, connection, unchecked_bytes: 0, fatal, ended: false }
    }

    /// Begins a transaction that holds the write lock.
    pub(crate) async fn begin(&mut self) -> Result<&mut SqliteConnection, Fault> {
        if self.ended {
            return Err(Fault::Unavailable(Box::new(Ended)));
        }
        self.checkpoint_if_due().await?;
        let mut connection = match self.connection.take() {
            Some(connection) => connection,
            None => self.options.connect().await.map_err(fault)?,
        };
        match sqlx::query("begin immediate").execute(&mut connection).await {
            Ok(_) => Ok(self.connection.insert(connection)),
            Err(error) => Err(self.judge(error)),
        }
    }

    /// Ends the transaction and makes it durable; `bytes` is about how much it wrote.
    pub(crate) async fn commit(&mut self, bytes: usize) -> Result<(), Fault> {
        self.statement("commit").await?;
        let bytes = (bytes as u64).saturating_mul(2).saturating_add(TRANSACTION_BYTES);
        self.unchecked_bytes = self.unchecked_bytes.saturating_add(bytes);
        Ok(())
    }

    /// Copies the write-ahead log into the database, if it has grown large.
    ///
    /// SQLite would do it by itself in a commit, but would then keep quiet about a failed fsync.
    async fn checkpoint_if_due(&mut self) -> Result<(), Fault> {
        if self.unchecked_bytes < CHECKPOINT_BYTES {
            return Ok(());
        }
        self.unchecked_bytes = 0;
        self.statement("pragma wal_checkpoint(passive)").await
    }

    /// Ends the transaction as if it had not been. Nothing is left to doubt if this fails: the
    /// connection is dropped then.
    pub(crate) async fn roll_back(&mut self) {
        // An error has been judged already, and the caller has nothing to undo.
        let _ = self.statement("rollback").await;
    }

    /// Gives up the transaction after an error in it.
    pub(crate) async fn give_up(&mut self, error: sqlx::Error) -> Fault {
        self.roll_back().await;
        // Whatever SQLite thinks of this transaction, closing the connection ends it.
        self.connection = None;
        self.judge(error)
    }

    async fn statement(&mut self, sql: &'static str) -> Result<(), Fault> {
        let Some(connection) = self.connection.as_mut() else { return Ok(()) };
        match sqlx::query(sql).execute(connection).await {
            Ok(_) => Ok(()),
            Err(error) => {
                self.connection = None;
                Err(self.judge(error))
            }
        }
    }

    fn judge(&mut self, error: sqlx::Error) -> Fault {
        if judge(&error) == Verdict::Fatal {
            self.end("input or output error while writing");
        }
        fault(error)
    }

    /// Ends the process, and until then everything that would write.
    pub(crate) fn end(&mut self, why: &str) {
        self.ended = true;
        self.connection = None;
        (self.fatal)(&format!("{}: {why}", self.name));
    }

    /// Closes the connection; nothing can be written afterwards.
    pub(crate) async fn close(&mut self) {
        self.ended = true;
        if let Some(connection) = self.connection.take() {
            // Everything acknowledged is durable already; what fails here is only tidying.
            let _ = connection.close().await;
        }
    }
}

/// The store writes no more.
#[derive(Debug, thiserror::Error)]
#[error("the store is closing")]
pub(crate) struct Ended;
