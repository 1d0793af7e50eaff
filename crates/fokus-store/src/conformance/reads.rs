//! Promises of reading.

use super::Fixture;
use super::append::{append, whole_log};
use super::make::*;
use crate::ports::EventStore;
use crate::types::*;

/// Two streams whose events stand between each other: four of family 1, two of family 2.
async fn interleaved<F: Fixture>() -> F {
    let fixture = F::open().await;
    let store = fixture.store();
    for (number, id) in [1, 2, 1, 1, 2, 1].into_iter().zip(1..) {
        append(&*store, [simple(id, number)]).await;
    }
    fixture
}

async fn revisions(store: &impl EventStore, range: Range<Revision>) -> Vec<u64> {
    let events = store.read_stream(&vesterby(), &family(1), range).await.unwrap();
    assert!(events.iter().all(|event| event.stream_tag == tag(1)));
    events.iter().map(|event| event.revision.0).collect()
}

/// After a revision (exclusive) oldest first, before a revision (exclusive) newest first.
pub async fn a_stream_is_read_both_ways<F: Fixture>() {
    let fixture = interleaved::<F>().await;
    let store = fixture.store();
    let forward = |after, limit| Range::Forward { after: Revision(after), limit };
    let backward =
        |before: Option<u64>, limit| Range::Backward { before: before.map(Revision), limit };
    let rows: [(Range<Revision>, &[u64]); 13] = [
        (forward(0, 9), &[1, 2, 3, 4]),
        (forward(0, 2), &[1, 2]),
        (forward(2, 9), &[3, 4]),
        (forward(3, 1), &[4]),
        (forward(4, 9), &[]),
        (forward(u64::MAX, 9), &[]),
        (backward(None, 9), &[4, 3, 2, 1]),
        (backward(None, 1), &[4]),
        (backward(Some(5), 9), &[4, 3, 2, 1]),
        (backward(Some(4), 2), &[3, 2]),
        (backward(Some(1), 9), &[]),
        (backward(Some(0), 9), &[]),
        (backward(Some(u64::MAX), 1), &[4]),
    ];
    for (range, expected) in rows {
        assert_eq!(revisions(&*store, range).await, expected, "{range:?}");
    }
}

/// The same for the whole log.
pub async fn the_log_is_read_both_ways<F: Fixture>() {
    let fixture = interleaved::<F>().await;
    let store = fixture.store();
    let all = whole_log(&*store).await;
    let first = all[0].position.0;
    let forward = |after, limit| Range::Forward { after: Position(after), limit };
    let backward =
        |before: Option<u64>, limit| Range::Backward { before: before.map(Position), limit };
    let rows = [
        (forward(0, 9), vec![0_usize, 1, 2, 3, 4, 5]),
        (forward(first, 2), vec![1, 2]),
        (forward(first + 5, 9), vec![]),
        (forward(u64::MAX, 9), vec![]),
        (backward(None, 2), vec![5, 4]),
        (backward(Some(first + 5), 9), vec![4, 3, 2, 1, 0]),
        (backward(Some(first), 9), vec![]),
        (backward(Some(u64::MAX), 1), vec![5]),
    ];
    for (range, expected) in rows {
        let events = store.read_log(&vesterby(), range).await.unwrap();
        let expected: Vec<StoredEvent> = expected.iter().map(|at| all[*at].clone()).collect();
        assert_eq!(events, expected, "{range:?}");
    }
}

/// A limit of 0 gives nothing; one above the most is taken as the most.
pub async fn the_limit_is_kept_at_its_edges<F: Fixture>() {
    let fixture = F::open().await;
    let store = fixture.store();
    let most = READ_LIMIT_MAX as usize;
    let mut ids = 1_u64..;
    while store.head(&vesterby()).await.unwrap().position.0 < most as u64 + 1 {
        let members = ids.by_ref().take(17);
        append(&*store, members.map(|id| draft(id).on(1, Expectation::Any, 64).done())).await;
    }
    for (limit, expected) in [(0, 0), (1, 1), (READ_LIMIT_MAX, most), (u32::MAX, most)] {
        let forward = Range::Forward { after: Position(0), limit };
        assert_eq!(store.read_log(&vesterby(), forward).await.unwrap().len(), expected);
        let backward = Range::Backward { before: None, limit };
        let events = store.read_stream(&vesterby(), &family(1), backward).await.unwrap();
        assert_eq!(events.len(), expected);
    }
}

/// A stream, tag, command, claim or tenant that is not known is no error.
pub async fn what_nobody_has_written_is_empty<F: Fixture>() {
    let fixture = F::open().await;
    let store = fixture.store();
    let tenant = vesterby();
    for round in 0..2 {
        let stream = StreamId { kind: "person".to_owned(), ..family(1) };
        let forward = Range::Forward { after: Revision(0), limit: 9 };
        assert_eq!(store.read_stream(&tenant, &stream, forward).await.unwrap(), []);
        let backward = Range::Backward { before: None, limit: 9 };
        assert_eq!(store.read_stream(&tenant, &stream, backward).await.unwrap(), []);
        assert_eq!(store.stream_heads(&tenant, &[stream]).await.unwrap(), [None]);
        assert_eq!(store.streams_by_tag(&tenant, &[tag(9)]).await.unwrap(), [None]);
        assert_eq!(store.command(&tenant, command(9)).await.unwrap(), None);
        assert_eq!(store.claim(&tenant, &claim("a")).await.unwrap(), None);
        if round == 0 {
            append(&*store, [simple(1, 1)]).await;
        }
    }
}

/// Envelopes come back byte for byte, empty or large, in their order, beside a leaf that names them.
pub async fn bytes_come_back_as_they_were<F: Fixture>() {
    let fixture = F::open().await;
    let store = fixture.store();
    let mut empty = draft(1).on(1, Expectation::Any, 1).done();
    empty.streams[0].events[0].envelopes = vec![envelope(1, 0); 16];
    let mut large = draft(2).on(1, Expectation::Any, 2).on(2, Expectation::Any, 1).done();
    large.streams[1].events[0].envelopes = vec![envelope(2, 300_000), envelope(3, 0)];
    let events = [&empty, &large].into_iter().flat_map(|append| &append.streams);
    let mut sent: Vec<NewEvent> = events.flat_map(|part| part.events.clone()).collect();
    append(&*store, [empty]).await;
    append(&*store, [large]).await;
    let events = whole_log(&*store).await;
    assert_eq!(events.len(), sent.len());
    for (event, sent) in events.iter().zip(sent.drain(..)) {
        let leaf = fokus_log::leaf::Leaf::decode(&event.leaf).unwrap();
        assert_eq!(leaf.event_id, sent.event_id.0.into_bytes());
        assert_eq!(leaf.position + 1, event.position.0);
        assert_eq!(leaf.stream_version + 1, event.revision.0);
        assert_eq!(StreamTag(leaf.stream_tag), event.stream_tag);
        for (index, envelope) in sent.envelopes.into_iter().enumerate() {
            assert_eq!(leaf.envelopes[index], envelope.reference());
            assert_eq!(event.envelopes[index], Some(envelope.body));
        }
        assert_eq!(leaf.envelopes.len(), event.envelopes.len());
    }
}

/// Look-ups of many answer in the order asked, also for what is asked twice.
pub async fn look_ups_answer_in_the_order_asked<F: Fixture>() {
    let fixture = interleaved::<F>().await;
    let store = fixture.store();
    let asked = [family(2), family(9), family(1), family(2)];
    let heads = store.stream_heads(&vesterby(), &asked).await.unwrap();
    let revisions: Vec<Option<u64>> =
        heads.iter().map(|head| head.map(|head| head.revision.0)).collect();
    assert_eq!(revisions, [Some(2), None, Some(4), Some(2)]);
    let last = whole_log(&*store).await.pop().unwrap();
    assert_eq!(heads[2].unwrap().last, last.position);
    let streams = store.streams_by_tag(&vesterby(), &[tag(9), tag(1), tag(2)]).await.unwrap();
    assert_eq!(streams, [None, Some(family(1)), Some(family(2))]);
}
