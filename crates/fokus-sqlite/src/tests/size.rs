use fokus_store::conformance::make::*;
use fokus_store::{Append, EventStore as _, Expectation, Position};

use super::Place;
use crate::StartReport;

/// 70,000 events have full tiles on level 1 and a part of one on level 2.
const EVENTS: u64 = 70_000;

#[tokio::test]
async fn a_start_reads_the_partial_tiles_only_whatever_the_size() {
    let place = Place::new();
    let store = place.open().await.unwrap();
    let mut id = 0;
    let mut left = EVENTS;
    while left > 0 {
        let batch: Vec<Append> = std::iter::from_fn(|| {
            let events = left.min(64);
            id += 1;
            left -= events;
            (events > 0).then(|| draft(id).on(1, Expectation::Any, events as usize).done())
        })
        .take(300)
        .collect();
        let answers = store.append(&vesterby(), batch, NOW_MS).await.unwrap();
        assert!(answers.iter().all(Result::is_ok));
    }
    let head = store.head(&vesterby()).await.unwrap();
    assert_eq!(head.position, Position(EVENTS));
    let grown = std::fs::metadata(place.file("journal.db")).unwrap().len();
    assert!(grown > 16 << 20, "the write-ahead log was never copied: {grown} bytes");
    store.close().await;

    let store = place.open().await.unwrap();
    assert_eq!(store.head(&vesterby()).await.unwrap(), head);
    // 70,000 = 1 × 65,536 + 17 × 256 + 112.
    assert_eq!(store.start_report(), StartReport { leaves_read: 112, tiles_read: 17 + 1 });
}
