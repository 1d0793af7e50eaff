//! The one connection that writes to a database, and the thread that it lives on.
//!
//! Writes queue for the thread; each is a function that runs there from beginning to end, whether or
//! not anybody still waits for its answer. That costs one hop to the thread and one back, whatever
//! the write does.
//!
//! A write that fails leaves no doubt: the connection is dropped, which rolls back, and the next
//! write opens another one. Where doubt is left (an input or output error), the process ends.

use std::fs::File;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

use fokus_store::Fault;
use rusqlite::Connection;
use tokio::sync::{mpsc, oneshot};

use crate::copier::{Copier, Copying};
use crate::fault::{Stop, Verdict, fault, judge};
use crate::schema::Database;
use crate::store::Fatal;

/// When so many pages wait in the write-ahead log, they are copied into the database: 16 MiB.
const CHECKPOINT_PAGES: i64 = 4_096;
/// When so many wait although copying was asked for, the writer copies them itself: 64 MiB.
const WAITING_PAGES_MAX: i64 = 4 * CHECKPOINT_PAGES;
/// Writes that wait for the thread. When they are so many, callers wait for a place.
const QUEUE_MAX: usize = 64;

type Job = Box<dyn FnOnce(&mut Writer) + Send>;

/// The way to the thread.
pub(crate) struct Writers {
    jobs: mpsc::Sender<Job>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

impl Writers {
    /// Starts the thread of a database, which holds the folder's lock as long as it runs.
    pub(crate) fn start(writer: Writer, lock: Arc<File>) -> std::io::Result<Writers> {
        let (jobs, mut queue) = mpsc::channel::<Job>(QUEUE_MAX);
        let mut writer = writer;
        let name = format!("write {}", writer.database.file);
        let thread = std::thread::Builder::new().name(name).spawn(move || {
            while let Some(job) = queue.blocking_recv() {
                job(&mut writer);
                if writer.closed {
                    break;
                }
            }
            drop((writer, lock));
        })?;
        Ok(Writers { jobs, thread: Mutex::new(Some(thread)) })
    }

    /// Runs `write` on the thread, after those that came before. Once it is queued it happens.
    pub(crate) async fn run<T: Send + 'static>(
        &self,
        write: impl FnOnce(&mut Writer) -> Result<T, Fault> + Send + 'static,
    ) -> Result<T, Fault> {
        let (answer, answered) = oneshot::channel();
        let job: Job = Box::new(move |writer| {
            // A caller that has gone away does not read its answer.
            let _ = answer.send(write(writer));
        });
        self.jobs.send(job).await.map_err(|_| ended())?;
        answered.await.map_err(|_| ended())?
    }

    /// Runs `write` on the thread in a transaction of its own.
    pub(crate) async fn transaction<T: Send + 'static>(
        &self,
        write: impl FnOnce(&Connection) -> Result<T, Stop> + Send + 'static,
    ) -> Result<T, Fault> {
        self.run(move |writer| {
            let written = writer.write(write)?;
            writer.commit()?;
            Ok(written)
        })
        .await
    }

    /// Waits for the writes that have queued, then ends the thread and closes the connection.
    pub(crate) async fn close(&self) {
        let closed = self.run(|writer| {
            writer.close();
            Ok(())
        });
        // It is closed already, if nobody is there to do it.
        let _ = closed.await;
        let thread = self.thread.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(thread) = thread {
            // It has done its last job: it ends at once.
            let _ = thread.join();
        }
    }
}

pub(crate) struct Writer {
    database: Database,
    folder: PathBuf,
    connection: Option<Connection>,
    fatal: Fatal,
    /// Nothing is written any more.
    ended: bool,
    /// The thread ends.
    closed: bool,
    /// Pages that were not copied when it was last tried, since somebody still read older ones.
    kept_back: i64,
    /// Copies beside the writes; started when there is something to copy.
    copier: Option<Copier>,
}

impl Writer {
    pub(crate) fn new(
        database: Database,
        folder: PathBuf,
        connection: Connection,
        fatal: Fatal,
    ) -> Writer {
        let connection = Some(connection);
        Writer {
            database,
            folder,
            connection,
            fatal,
            ended: false,
            closed: false,
            kept_back: 0,
            copier: None,
        }
    }

    /// Begins a transaction that holds the write lock, and runs `write` in it. An error undoes it
    /// all; otherwise [`Writer::commit`] must follow.
    pub(crate) fn write<T>(
        &mut self,
        write: impl FnOnce(&Connection) -> Result<T, Stop>,
    ) -> Result<T, Fault> {
        if self.ended {
            return Err(ended());
        }
        self.checkpoint_if_due()?;
        let connection = match self.connection.take() {
            Some(connection) => connection,
            None => self.database.connect(&self.folder).map_err(|error| self.judge(error))?,
        };
        let connection = self.connection.insert(connection);
        let begun = connection.prepare_cached("begin immediate").and_then(|mut it| it.execute([]));
        match begun.map_err(Stop::from).and_then(|_| write(connection)) {
            Ok(written) => Ok(written),
            Err(Stop::Database(error)) => {
                // Whatever SQLite thinks of this transaction, closing the connection ends it.
                self.connection = None;
                Err(self.judge(error))
            }
            Err(Stop::Fault(fault)) => {
                // An error has been judged already, and the caller has nothing to undo.
                let _ = self.statement("rollback");
                Err(fault)
            }
        }
    }

    /// Ends the transaction and makes it durable.
    pub(crate) fn commit(&mut self) -> Result<(), Fault> {
        self.statement("commit")
    }

    /// Copies the write-ahead log into the database, as far as no reader needs the older pages.
    pub(crate) fn copy_here(&mut self) -> Result<(), Fault> {
        self.waiting("pragma wal_checkpoint(passive)").map(|_| ())
    }

    /// Ends the use of a write-ahead log, if nobody else has the file open.
    pub(crate) fn leave_plain(&mut self) {
        let Some(connection) = self.connection.as_ref() else { return };
        // Refused while others read; the next who opens the file asks for a write-ahead log again.
        let _ = connection.query_row("pragma journal_mode = delete", [], |_| Ok(()));
    }

    /// Sees to it that the write-ahead log is copied into the database, if it has grown large: most of it
    /// beside the writes, and what was written meanwhile here, so that the log begins anew.
    ///
    /// SQLite would do it by itself in a commit, but would then keep quiet about a failed fsync.
    fn checkpoint_if_due(&mut self) -> Result<(), Fault> {
        let copying = self.copier.as_ref().map_or(Copying::Idle, Copier::state);
        if copying == Copying::Failed {
            self.ended = true;
            self.connection = None;
            return Err(ended());
        }
        let waiting = self.waiting("pragma wal_checkpoint(noop)")?;
        let due = waiting >= CHECKPOINT_PAGES + self.kept_back;
        if copying == Copying::Done || waiting >= WAITING_PAGES_MAX + self.kept_back {
            self.kept_back = self.waiting("pragma wal_checkpoint(passive)")?;
            self.copier.iter().for_each(Copier::seen);
        } else if due && copying == Copying::Idle {
            self.copy_beside()?;
        }
        Ok(())
    }

    /// Has the write-ahead log copied while writes go on.
    fn copy_beside(&mut self) -> Result<(), Fault> {
        let copier = match self.copier.take() {
            Some(it) => it,
            None => Copier::start(self.database, self.folder.clone(), Arc::clone(&self.fatal))
                .map_err(|error| Fault::Unavailable(Box::new(error)))?,
        };
        copier.copy();
        self.copier = Some(copier);
        Ok(())
    }

    /// How many pages wait to be copied after this statement.
    fn waiting(&mut self, checkpoint: &'static str) -> Result<i64, Fault> {
        let Some(connection) = self.connection.as_ref() else { return Ok(0) };
        let pages = connection.prepare_cached(checkpoint).and_then(|mut statement| {
            statement.query_row([], |row| Ok((row.get::<_, i64>(1)?, row.get::<_, i64>(2)?)))
        });
        match pages {
            Ok((pages, copied)) => Ok(pages.saturating_sub(copied)),
            Err(error) => {
                self.connection = None;
                Err(self.judge(error))
            }
        }
    }

    fn statement(&mut self, sql: &'static str) -> Result<(), Fault> {
        let Some(connection) = self.connection.as_ref() else { return Ok(()) };
        let done = connection.prepare_cached(sql).and_then(|mut statement| statement.execute([]));
        match done {
            Ok(_) => Ok(()),
            Err(error) => {
                self.connection = None;
                Err(self.judge(error))
            }
        }
    }

    fn judge(&mut self, error: rusqlite::Error) -> Fault {
        if judge(&error) == Verdict::Fatal {
            self.end("input or output error while writing");
        }
        fault(error)
    }

    /// Another connection to the database, to see what was committed.
    pub(crate) fn reader(&self) -> rusqlite::Result<Connection> {
        self.database.connect_reader(&self.folder)
    }

    /// Ends the process, and until then everything that would write.
    pub(crate) fn end(&mut self, why: &str) {
        self.ended = true;
        self.connection = None;
        (self.fatal)(&format!("{}: {why}", self.database.file));
    }

    /// Closes the connection; nothing can be written afterwards.
    fn close(&mut self) {
        self.ended = true;
        self.closed = true;
        // Everything acknowledged is durable already; what fails here is only tidying. Waits for a copy
        // that is under way.
        self.copier = None;
        self.connection = None;
    }
}

/// The store writes no more.
#[derive(Debug, thiserror::Error)]
#[error("the store is closing")]
pub(crate) struct Ended;

pub(crate) fn ended() -> Fault {
    Fault::Unavailable(Box::new(Ended))
}
