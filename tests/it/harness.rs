//! What every test of the whole system stands on: the real program, started on a folder of its own
//! and asked over real gRPC.
//!
//! Read [`binary`] (the program is built once), [`place`] (a folder with a store, an issuer and its
//! tokens), [`every_store`] (one story on every kind of store), [`server`] (start, stop, pause, kill),
//! [`clients`] (typed calls and refusals), [`browser`] (a real one, for pages), [`readings`] (everything that the views say), [`world`] (a small
//! family as commands), [`seeded`] (ids and dice).
//!
//! For several servers on one database: [`database`] (in a throw-away cluster), [`fleet`] (servers and the
//! doors to them), [`load`] (writers that go on whatever happens, and their ledger), [`session`] (somebody
//! else in the database), [`wire`] (a socket to the database that can be cut).
//!
//! For those who do not trust the server: [`audited`] (a log, and who audits it), [`witness`] (somebody who
//! remembers the log), [`http`] (messages by hand). For operators: [`collector`] (of traces).
//!
//! Nothing here sleeps: it waits for a line, a position or an end, each with a limit, so that a fault fails
//! instead of hanging. Where it must ask again and again, it does so to a beat.

pub(crate) mod audited;
pub(crate) mod binary;
pub(crate) mod browser;
pub(crate) mod clients;
pub(crate) mod collector;
pub(crate) mod database;
pub(crate) mod every_store;
pub(crate) mod fleet;
pub(crate) mod http;
pub(crate) mod load;
pub(crate) mod place;
pub(crate) mod readings;
pub(crate) mod seeded;
pub(crate) mod server;
pub(crate) mod session;
pub(crate) mod wire;
pub(crate) mod witness;
pub(crate) mod world;

use std::future::Future;
use std::time::Duration;

/// The longest that anything may take before the test fails. Far more than it ever does.
const PATIENCE: Duration = Duration::from_secs(60);

/// Waits for it, or fails naming what was waited for.
#[track_caller]
pub(crate) fn in_time<T>(what: &str, it: impl Future<Output = T>) -> impl Future<Output = T> {
    let (what, at) = (what.to_owned(), std::panic::Location::caller());
    async move {
        match tokio::time::timeout(PATIENCE, it).await {
            Ok(it) => it,
            Err(_) => panic!("{at}: {what}: not within {} s", PATIENCE.as_secs()),
        }
    }
}
