//! Tests of the whole store, in folders of their own.

mod conformance;
mod copying;
mod faults;
mod opening;
mod rotating;
mod size;
mod tampering;

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Arc, Mutex};

use fokus_store::conformance::make::{NOW_MS, vesterby};
use fokus_store::{Append, EventStore as _, Outcome, Refused};
use rusqlite::Connection;
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::{Entropy, Fatal, OpenError, SqliteOptions, SqliteStore};

/// A store's folder, and what its process would have been told.
struct Place {
    dir: TempDir,
    fatal: Arc<Mutex<Vec<String>>>,
    shutdown: CancellationToken,
}

impl Place {
    fn new() -> Place {
        let dir = TempDir::new().unwrap();
        Place { dir, fatal: Arc::default(), shutdown: CancellationToken::new() }
    }

    /// A place with a store that was closed, after the appends.
    async fn with(appends: Vec<Append>) -> Place {
        let place = Place::new();
        let store = place.open().await.unwrap();
        append(&store, appends).await;
        store.close().await;
        place
    }

    fn store_dir(&self) -> PathBuf {
        self.dir.path().join("store")
    }

    fn file(&self, name: &str) -> PathBuf {
        self.store_dir().join(name)
    }

    fn options(&self) -> SqliteOptions {
        let fatal = Arc::clone(&self.fatal);
        let fatal: Fatal = Arc::new(move |why| fatal.lock().unwrap().push(why.to_owned()));
        SqliteOptions {
            dir: self.store_dir(),
            authority: None,
            synthetic: true,
            root_key: None,
            signing_key: None,
            retiring_signing_key: None,
            entropy: counting(),
            fatal,
            tasks: TaskTracker::new(),
            shutdown: self.shutdown.clone(),
        }
    }

    async fn open(&self) -> Result<SqliteStore, OpenError> {
        SqliteStore::open(self.options()).await
    }

    /// Runs SQL on a database of the closed store, as somebody with the file could.
    fn edit(&self, database: &str, sql: &'static str) {
        let connection = Connection::open(self.file(database)).unwrap();
        connection.execute_batch(sql).unwrap();
        connection.close().unwrap();
    }

    fn names(&self) -> Vec<String> {
        names(&self.store_dir())
    }
}

/// Randomness that differs from call to call, and is the same in each test.
fn counting() -> Entropy {
    let next = AtomicU8::new(1);
    Arc::new(move |buffer: &mut [u8]| {
        buffer.fill(next.fetch_add(1, Ordering::Relaxed));
        Ok(())
    })
}

fn names(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).unwrap();
    let mut names: Vec<String> =
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

async fn append(store: &SqliteStore, appends: Vec<Append>) -> Vec<Result<Outcome, Refused>> {
    store.append(&vesterby(), appends, NOW_MS).await.unwrap()
}
