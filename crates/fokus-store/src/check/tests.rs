use fokus_vault::key::SecretKey;

use super::*;
use crate::conformance::make::*;
use crate::memory::MemoryStore;
use crate::ports::EventStore;

/// Events of two streams: positions 1, 2 and 4 of the first, 3 of the second.
async fn sound() -> Vec<StoredEvent> {
    let store = MemoryStore::new("a.invalid", true, SecretKey::from_bytes([1; 32]));
    let appends = vec![draft(1).on(1, Expectation::Any, 2).done(), simple(2, 2), simple(3, 1)];
    store.append(&vesterby(), appends, NOW_MS).await.unwrap();
    let range = Range::Forward { after: Position(0), limit: 9 };
    store.read_log(&vesterby(), range).await.unwrap()
}

fn edit_leaf(event: &mut StoredEvent, edit: impl FnOnce(&mut Leaf)) {
    let mut leaf = Leaf::decode(&event.leaf).unwrap();
    edit(&mut leaf);
    event.leaf = leaf.encode().unwrap();
}

#[track_caller]
fn check(events: &[StoredEvent], tamper: impl FnOnce(&mut Vec<StoredEvent>), problems: &[Problem]) {
    let mut events = events.to_vec();
    tamper(&mut events);
    let mut checker = Checker::new(String::new(), Position(4));
    for event in &events {
        checker.event(event);
    }
    let found: Vec<Problem> = checker.report.findings.into_iter().map(|it| it.problem).collect();
    assert_eq!(found, problems);
}

#[tokio::test]
#[rustfmt::skip] // One row, one kind of tampering.
async fn each_kind_of_tampering_with_events_is_found() {
    use Problem::*;
    let events = sound().await;
    check(&events, |_| (), &[]);
    check(&events, |it| { it.remove(2); }, &[EventMissing]);
    check(&events, |it| { it.remove(0); }, &[EventMissing, RevisionGap, PreviousLink]);
    check(&events, |it| it[1].leaf.truncate(100), &[LeafUnreadable, RevisionGap, PreviousLink]);
    check(&events, |it| edit_leaf(&mut it[2], |leaf| leaf.position = 7), &[LeafPosition]);
    check(&events, |it| edit_leaf(&mut it[2], |leaf| leaf.recorded_ms -= 1), &[TimeFalls]);
    check(&events, |it| it[2].revision = Revision(2), &[RowDiffers]);
    check(&events, |it| it[2].stream_tag = tag(1), &[RowDiffers]);
    check(&events, |it| edit_leaf(&mut it[3], |leaf| leaf.prev_in_stream = Some(2)), &[PreviousLink]);
    check(&events, |it| it[1].envelopes[1] = Some(vec![0; 41]), &[EnvelopeDiffers { index: 1 }]);
    check(&events, |it| it[1].envelopes.swap(0, 1), &[EnvelopeDiffers { index: 0 }, EnvelopeDiffers { index: 1 }]);
    check(&events, |it| it[1].envelopes.push(None), &[EnvelopeCount]);
    check(&events, |it| it[1].envelopes[1] = None, &[]); // As after an erasure.
}

#[test]
fn findings_beyond_the_most_are_counted_only() {
    let mut checker = Checker::new(String::new(), Position(0));
    for _ in 0..=FINDINGS_MAX {
        checker.find(None, Problem::TimeFalls);
    }
    assert_eq!(checker.report.findings.len(), FINDINGS_MAX);
    assert_eq!(checker.report.findings_count, FINDINGS_MAX as u64 + 1);
    assert!(!checker.report.is_sound());
}
