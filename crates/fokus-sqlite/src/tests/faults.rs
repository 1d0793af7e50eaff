use std::sync::Arc;

use fokus_store::check::check_log;
use fokus_store::conformance::make::*;
use fokus_store::group_commit::GroupCommit;
use fokus_store::{EventStore as _, Fault, KeyStore as _, Position, ViewStore as _};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::{Place, append};
use crate::SqliteStore;
use crate::fault::Stop;
use crate::writer::Writer;

/// Lets the journal grow no further than it is.
async fn limit_pages(store: &SqliteStore) {
    let limit = |it: &rusqlite::Connection| {
        it.query_row("pragma max_page_count = 1", [], |_| Ok(())).map_err(Stop::from)
    };
    store.shared.journal.files.writers.transaction(limit).await.unwrap();
}

#[tokio::test]
async fn a_full_disk_refuses_the_batch_and_ends_nothing() {
    let place = Place::new();
    let store = place.open().await.unwrap();
    append(&store, vec![simple(1, 1)]).await;
    let head = store.head(&vesterby()).await.unwrap();
    limit_pages(&store).await;
    let batch = (2..400).map(|id| simple(id, 1)).collect();
    let fault = store.append(&vesterby(), batch, NOW_MS).await;
    assert!(matches!(fault, Err(Fault::Full(_))), "{fault:?}");
    assert_eq!(store.head(&vesterby()).await.unwrap(), head);
    assert!(place.fatal.lock().unwrap().is_empty());
    // The limit went with the connection, as space comes back.
    assert!(append(&store, vec![simple(2, 1)]).await[0].is_ok());
    assert!(check_log(&store, &vesterby(), |_| ()).await.unwrap().is_sound());
}

#[tokio::test]
async fn a_store_that_cannot_know_what_is_on_the_disk_says_so_and_writes_no_more() {
    let place = Place::new();
    let store = place.open().await.unwrap();
    append(&store, vec![simple(1, 1)]).await;
    let end = |writer: &mut Writer| {
        writer.end("a test");
        Ok(())
    };
    store.shared.journal.files.writers.run(end).await.unwrap();
    assert_eq!(*place.fatal.lock().unwrap(), ["journal.db: a test"]);
    let fault = store.append(&vesterby(), vec![simple(2, 1)], NOW_MS).await;
    assert!(matches!(fault, Err(Fault::Unavailable(_))), "{fault:?}");
    assert_eq!(store.head(&vesterby()).await.unwrap().position, Position(1));
}

#[tokio::test]
async fn a_head_that_somebody_else_moved_stops_appending() {
    let place = Place::new();
    let store = place.open().await.unwrap();
    append(&store, vec![simple(1, 1)]).await;
    place.edit("journal.db", "update log set size = 7");
    let fault = store.append(&vesterby(), vec![simple(2, 1)], NOW_MS).await;
    assert!(matches!(fault, Err(Fault::Corrupt { .. })), "{fault:?}");
    place.edit("journal.db", "update log set size = 1");
    assert!(append(&store, vec![simple(2, 1)]).await[0].is_ok());
}

#[tokio::test]
async fn everything_is_unavailable_after_closing() {
    let place = Place::new();
    let store = place.open().await.unwrap();
    append(&store, vec![simple(1, 1)]).await;
    let lease = hold(&store, &vesterby(), "cases").await;
    store.close().await;
    let head = Position(1);
    let faults = [
        store.append(&vesterby(), vec![simple(2, 1)], NOW_MS).await.err(),
        store.command(&vesterby(), command(1)).await.err(),
        store.wait_beyond(&vesterby(), head).await.err(),
        store.add_keys(&vesterby(), vec![]).await.err(),
        store.begin(&vesterby(), &lease, &build(1), true).await.err(),
    ];
    for (fault, call) in faults.into_iter().zip(["append", "command", "wait", "keys", "begin"]) {
        assert!(matches!(fault, Some(Fault::Unavailable(_))), "{call}: {fault:?}");
    }
}

#[tokio::test]
async fn every_member_of_a_batch_learns_that_it_was_not_appended() {
    let place = Place::new();
    let store = place.open().await.unwrap();
    store.close().await;
    let clock = Arc::new(|| NOW_MS);
    let commit =
        GroupCommit::new(Arc::new(store), clock, TaskTracker::new(), CancellationToken::new());
    let tenant = vesterby();
    let (one, other) =
        tokio::join!(commit.append(&tenant, simple(1, 1)), commit.append(&tenant, simple(2, 1)),);
    assert!(matches!(one, Err(Fault::Unavailable(_))), "{one:?}");
    assert!(matches!(other, Err(Fault::Unavailable(_))), "{other:?}");
}
