//! A few connections that read from a database.
//!
//! Each read sees one snapshot. A look-up of few rows runs where it was asked: it takes less time than passing it on would. What
//! may take longer runs on a thread for that.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use fokus_store::Fault;
use rusqlite::Connection;
use tokio::sync::Semaphore;
use tokio_util::task::TaskTracker;

use crate::fault::fault;
use crate::schema::Database;
use crate::writer::ended;

/// Connections that read from one database.
const READERS: u32 = 4;

pub(crate) struct Readers {
    database: Database,
    folder: PathBuf,
    idle: Mutex<Vec<Connection>>,
    permits: Arc<Semaphore>,
    tasks: TaskTracker,
}

impl Readers {
    /// None is opened yet. Long reads run on `tasks`.
    pub(crate) fn new(database: Database, folder: PathBuf, tasks: TaskTracker) -> Readers {
        let permits = Arc::new(Semaphore::new(READERS as usize));
        Readers { database, folder, idle: Mutex::default(), permits, tasks }
    }

    /// Runs a read of few rows here and now.
    pub(crate) async fn look_up<T>(
        &self,
        read: impl FnOnce(&Connection) -> Result<T, Fault>,
    ) -> Result<T, Fault> {
        let _permit = self.permits.acquire().await.map_err(|_| ended())?;
        self.run(read)
    }

    /// Runs a read of many rows on a thread of its own.
    pub(crate) async fn read<T: Send + 'static>(
        self: &Arc<Self>,
        read: impl FnOnce(&Connection) -> Result<T, Fault> + Send + 'static,
    ) -> Result<T, Fault> {
        let permit = Arc::clone(&self.permits).acquire_owned().await.map_err(|_| ended())?;
        let readers = Arc::clone(self);
        let done = self.tasks.spawn_blocking(move || {
            let _permit = permit;
            readers.run(read)
        });
        done.await.map_err(|error| Fault::Unavailable(Box::new(error)))?
    }

    fn run<T>(&self, read: impl FnOnce(&Connection) -> Result<T, Fault>) -> Result<T, Fault> {
        let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let connection = match idle {
            Some(connection) => connection,
            None => self.database.connect_reader(&self.folder).map_err(fault)?,
        };
        let answer = read_snapshot(&connection, read);
        // One that failed is not used again.
        if !matches!(answer, Err(Fault::Unavailable(_))) {
            self.idle.lock().unwrap_or_else(PoisonError::into_inner).push(connection);
        }
        answer
    }

    /// Waits for the reads that have begun, and closes all connections.
    pub(crate) async fn close(&self) {
        if let Ok(all) = self.permits.acquire_many(READERS).await {
            self.permits.close();
            drop(all);
        }
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }
}

/// Runs the read in one transaction: what it reads is of one snapshot, and the locks are taken once.
fn read_snapshot<T>(
    connection: &Connection,
    read: impl FnOnce(&Connection) -> Result<T, Fault>,
) -> Result<T, Fault> {
    let run = |sql| connection.prepare_cached(sql).and_then(|mut it| it.execute([])).map_err(fault);
    run("begin")?;
    let answer = read(connection);
    // Nothing was written: either way ends it.
    run("rollback")?;
    answer
}
