//! Tests of the whole store, each in a database of its own on one throw-away PostgreSQL.

mod conformance;
mod faults;
mod opening;
mod rotating;
mod servers;
mod tampering;
mod tls;

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};

use fokus_store::conformance::make::{NOW_MS, vesterby};
use fokus_store::{Append, EventStore as _, Outcome, Refused};
use sqlx::{ConnectOptions as _, PgConnection};
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::cluster::Cluster;
use crate::connect::Target;
use crate::{Entropy, OpenError, PostgresOptions, PostgresStore};

/// A database and the key files that go with it.
struct Place {
    dir: TempDir,
    database: String,
    shutdown: CancellationToken,
}

impl Place {
    fn new() -> Place {
        let database = cluster().fresh_database().unwrap();
        Place { dir: TempDir::new().unwrap(), database, shutdown: CancellationToken::new() }
    }

    /// A place with a store that was closed, after the appends.
    async fn with(appends: Vec<Append>) -> Place {
        let place = Place::new();
        let store = place.open().await.unwrap();
        append(&store, appends).await;
        store.close().await;
        place
    }

    fn file(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    fn url(&self) -> String {
        cluster().url(&self.database)
    }

    fn options(&self) -> PostgresOptions {
        PostgresOptions {
            url: self.url(),
            keys_url: None,
            authority: None,
            synthetic: true,
            root_key: self.file("root.key"),
            signing_key: self.file("signing.key"),
            retiring_signing_key: None,
            entropy: counting(),
            tasks: TaskTracker::new(),
            shutdown: self.shutdown.clone(),
        }
    }

    async fn open(&self) -> Result<PostgresStore, OpenError> {
        PostgresStore::open(self.options()).await
    }

    /// A connection of somebody with all rights.
    async fn connect(&self) -> PgConnection {
        Target::parse("journal", &self.url()).unwrap().options.connect().await.unwrap()
    }

    /// Runs SQL as somebody with all rights could.
    async fn edit(&self, sql: &'static str) {
        sqlx::raw_sql(sql).execute(&mut self.connect().await).await.unwrap();
    }
}

fn cluster() -> &'static Cluster {
    Cluster::shared().unwrap()
}

/// Randomness that differs from call to call, and is the same in each test.
fn counting() -> Entropy {
    let next = AtomicU8::new(1);
    Arc::new(move |buffer: &mut [u8]| {
        buffer.fill(next.fetch_add(1, Ordering::Relaxed));
        Ok(())
    })
}

async fn append(store: &PostgresStore, appends: Vec<Append>) -> Vec<Result<Outcome, Refused>> {
    store.append(&vesterby(), appends, NOW_MS).await.unwrap()
}
