//! What every test of the whole system stands on: the real program, started on a folder of its own
//! and asked over real gRPC.
//!
//! Read [`binary`] (the program is built once), [`place`] (a folder with a store, an issuer and its
//! tokens), [`server`] (start, stop, kill), [`clients`] (typed calls and refusals), [`world`] (a small
//! family as commands), [`seeded`] (ids and dice). Nothing here sleeps: it waits for a line, a
//! position or an end, each with a limit, so that a fault fails instead of hanging.

pub(crate) mod binary;
pub(crate) mod clients;
pub(crate) mod place;
pub(crate) mod seeded;
pub(crate) mod server;
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
