//! Copies the write-ahead log into the database on a thread of its own, while the writer goes on: copying
//! and syncing a full log takes a good part of a second, which commits would wait for.
//!
//! What is written meanwhile stays in the log; the writer copies that little itself, so that the log begins
//! anew ([`crate::writer::Writer`] decides when). An input or output error here ends the process as it does
//! there.

use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

use rusqlite::Connection;

use crate::fault::{Verdict, judge};
use crate::schema::Database;
use crate::store::Fatal;

/// What the copying came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Copying {
    /// None is under way.
    Idle,
    UnderWay,
    /// All that was in the log when it began, and that nobody reads, is in the database.
    Done,
    /// What is on the disk is not known any more.
    Failed,
}

/// The way to the thread.
pub(crate) struct Copier {
    /// `None` once it is to end.
    wanted: Option<SyncSender<()>>,
    state: Arc<Mutex<Copying>>,
    thread: Option<JoinHandle<()>>,
}

impl Copier {
    /// Starts the thread.
    pub(crate) fn start(
        database: Database,
        folder: PathBuf,
        fatal: Fatal,
    ) -> std::io::Result<Copier> {
        let (wanted, wishes) = sync_channel(1);
        let state = Arc::new(Mutex::new(Copying::Idle));
        let told = Arc::clone(&state);
        let name = format!("copy {}", database.file);
        let thread = std::thread::Builder::new()
            .name(name)
            .spawn(move || run(&wishes, database, &folder, &fatal, &told))?;
        Ok(Copier { wanted: Some(wanted), state, thread: Some(thread) })
    }

    /// How far it is.
    pub(crate) fn state(&self) -> Copying {
        *self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Copies once more, if it does not do so already.
    pub(crate) fn copy(&self) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let idle = matches!(*state, Copying::Idle | Copying::Done);
        // The thread takes one wish after the other, and is idle: there is room for this one.
        if idle && self.wanted.as_ref().is_some_and(|it| it.try_send(()).is_ok()) {
            *state = Copying::UnderWay;
        }
    }

    /// Notes that [`Copying::Done`] was seen.
    pub(crate) fn seen(&self) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if *state == Copying::Done {
            *state = Copying::Idle;
        }
    }
}

impl Drop for Copier {
    fn drop(&mut self) {
        self.wanted = None;
        if let Some(thread) = self.thread.take() {
            // It ends after what it does now.
            let _ = thread.join();
        }
    }
}

fn run(
    wishes: &Receiver<()>,
    database: Database,
    folder: &Path,
    fatal: &Fatal,
    state: &Mutex<Copying>,
) {
    let mut connection = None;
    while wishes.recv().is_ok() {
        let next = match copy(&mut connection, database, folder) {
            Ok(()) => Copying::Done,
            Err(error) => {
                connection = None;
                if judge(&error) == Verdict::Fatal {
                    fatal(&format!("{}: input or output error while copying", database.file));
                    Copying::Failed
                } else {
                    // It is tried again, or the writer does it.
                    Copying::Idle
                }
            }
        };
        *state.lock().unwrap_or_else(PoisonError::into_inner) = next;
    }
}

fn copy(
    connection: &mut Option<Connection>,
    database: Database,
    folder: &Path,
) -> rusqlite::Result<()> {
    let connection = match connection {
        Some(it) => it,
        None => connection.insert(database.connect_reader(folder)?),
    };
    let mut statement = connection.prepare_cached("pragma wal_checkpoint(passive)")?;
    statement.query_row([], |_| Ok(()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::folder::make_database;
    use crate::schema::VIEWS;

    /// Pages in the log, and how many of them stand in the database.
    fn pages(connection: &Connection) -> (i64, i64) {
        let noop = "pragma wal_checkpoint(noop)";
        connection.query_row(noop, [], |row| Ok((row.get(1)?, row.get(2)?))).unwrap()
    }

    fn copied(copier: &Copier) -> Copying {
        copier.copy();
        while copier.state() == Copying::UnderWay {
            std::thread::yield_now();
        }
        copier.state()
    }

    #[test]
    fn the_log_is_copied_while_the_writer_is_in_a_transaction() {
        let dir = tempfile::TempDir::new().unwrap();
        make_database(&VIEWS, dir.path()).unwrap();
        let writer = VIEWS.open(dir.path()).unwrap();
        let fatal: Fatal = Arc::new(|why| panic!("{why}"));
        let copier = Copier::start(VIEWS, dir.path().to_owned(), fatal).unwrap();
        assert_eq!(copier.state(), Copying::Idle);
        writer.execute_batch("create table number (n integer) strict").unwrap();
        let (written, before) = pages(&writer);
        assert!(written > before);
        writer.execute_batch("begin immediate; insert into number values (1)").unwrap();
        assert_eq!(copied(&copier), Copying::Done);
        writer.execute_batch("commit").unwrap();
        let (written_later, after) = pages(&writer);
        assert_eq!(after, written, "what was committed when it began");
        assert!(written_later > written);
        copier.seen();
        assert_eq!(copier.state(), Copying::Idle);
        assert_eq!(copied(&copier), Copying::Done);
        assert_eq!(pages(&writer), (written_later, written_later));
    }
}
