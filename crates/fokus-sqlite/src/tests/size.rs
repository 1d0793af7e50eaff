use fokus_store::check::check_log;
use fokus_store::conformance::make::*;
use fokus_store::{Append, EventStore as _, Expectation, Position, Range, Refused, Revision};

use super::{Place, append};
use crate::{SqliteStore, StartReport};

/// 70,000 events have full tiles on level 1 and a part of one on level 2, and are more than two
/// generations of what is gathered before it is settled.
const EVENTS: u64 = 70_000;

/// Appends of one stream mostly, up to [`EVENTS`]; how many there were.
async fn fill(store: &SqliteStore) -> u64 {
    let mut id = 0;
    let mut left = EVENTS;
    while left > 0 {
        let batch: Vec<Append> = std::iter::from_fn(|| {
            let events = left.min(64);
            id += u64::from(events > 0);
            left -= events;
            let family = if id % 8 == 0 { u8::try_from(id / 8).unwrap_or(2) } else { 1 };
            (events > 0).then(|| draft(id).on(family, Expectation::Any, events as usize).done())
        })
        .take(100)
        .collect();
        let answers = store.append(&vesterby(), batch, NOW_MS).await.unwrap();
        assert!(answers.iter().all(Result::is_ok));
    }
    id
}

#[tokio::test]
async fn a_start_reads_the_partial_tiles_only_whatever_the_size() {
    let place = Place::new();
    let store = place.open().await.unwrap();
    fill(&store).await;
    let head = store.head(&vesterby()).await.unwrap();
    assert_eq!(head.position, Position(EVENTS));
    let grown = std::fs::metadata(place.file("journal.db")).unwrap().len();
    assert!(grown > 16 << 20, "the write-ahead log was never copied: {grown} bytes");
    store.close().await;

    let store = place.open().await.unwrap();
    assert_eq!(store.head(&vesterby()).await.unwrap(), head);
    // 70,000 = 1 × 65,536 + 17 × 256 + 112.
    assert_eq!(store.start_report(), StartReport { leaves_read: 112, tiles_read: 17 + 1 });
    check_stream(&store).await;
}

/// A long stream is read from any place, both ways.
async fn check_stream(store: &SqliteStore) {
    let heads = store.stream_heads(&vesterby(), &[family(1)]).await.unwrap();
    let last = heads[0].unwrap().revision.0;
    for at in [0, 1, 63, 64, 65, 5_000, last - 65, last - 64, last - 1, last] {
        let forward = Range::Forward { after: Revision(at), limit: 100 };
        let backward = Range::Backward { before: Some(Revision(at)), limit: 3 };
        let events = store.read_stream(&vesterby(), &family(1), forward).await.unwrap();
        let expected: Vec<u64> = (at + 1..=last.min(at + 100)).collect();
        let read: Vec<u64> = events.iter().map(|event| event.revision.0).collect();
        assert_eq!(read, expected, "after {at}");
        assert!(events.iter().all(|event| event.envelopes.iter().all(Option::is_some)));
        let events = store.read_stream(&vesterby(), &family(1), backward).await.unwrap();
        let read: Vec<u64> = events.iter().map(|event| event.revision.0).collect();
        let expected: Vec<u64> = (at.saturating_sub(3).max(1)..at.max(1)).rev().collect();
        assert_eq!(read, expected, "before {at}");
    }
}

/// The place as a crash leaves it: the files as they are; the index of the write-ahead log is made
/// anew.
fn crashed(place: &Place) -> Place {
    let crashed = Place::new();
    std::fs::create_dir(crashed.store_dir()).unwrap();
    for name in place.names().into_iter().filter(|name| !name.ends_with("-shm")) {
        std::fs::copy(place.file(&name), crashed.file(&name)).unwrap();
    }
    crashed
}

#[tokio::test]
async fn after_a_crash_what_was_not_settled_is_gathered_again() {
    let place = Place::new();
    let store = place.open().await.unwrap();
    let last = fill(&store).await;
    let copy = crashed(&place);
    let checked = copy.open().await.unwrap();
    let report = check_log(&checked, &vesterby(), |_| ()).await.unwrap();
    assert_eq!(report.findings, []);
    let copy = crashed(&place);
    let after = copy.open().await.unwrap();
    assert_eq!(after.head(&vesterby()).await.unwrap(), store.head(&vesterby()).await.unwrap());
    let StartReport { leaves_read, .. } = after.start_report();
    assert!((1_000..=2 * 32_768 + 6_400 + 255).contains(&leaves_read), "{leaves_read} leaves");
    for id in [1, last / 2, last - 1, last] {
        let place = store.command(&vesterby(), command(id)).await.unwrap();
        assert_eq!(after.command(&vesterby(), command(id)).await.unwrap(), place);
        assert!(place.is_some(), "command {id}");
    }
    let repeated = append(&after, vec![simple(last, 1)]).await.remove(0);
    assert!(matches!(repeated, Err(Refused::Repeated(_))), "{repeated:?}");
    for number in 0..=u8::MAX {
        let stream = [family(number)];
        let head = store.stream_heads(&vesterby(), &stream).await.unwrap();
        assert_eq!(after.stream_heads(&vesterby(), &stream).await.unwrap(), head, "{number}");
        let name = [tag(number)];
        let named = store.streams_by_tag(&vesterby(), &name).await.unwrap();
        assert_eq!(after.streams_by_tag(&vesterby(), &name).await.unwrap(), named);
    }
    check_stream(&after).await;
    assert!(append(&after, vec![simple(last + 1, 1), simple(last + 2, 250)]).await[1].is_ok());
    let report = check_log(&after, &vesterby(), |_| ()).await.unwrap();
    assert_eq!((report.findings, report.position), (vec![], Position(EVENTS + 2)));
}
