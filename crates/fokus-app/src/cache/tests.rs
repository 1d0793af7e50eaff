use fokus_core::command::Actor;
use fokus_core::fact::{Fact, MistakenMarkWithdrawn};
use fokus_core::ids::{EventId, StreamKind};
use fokus_core::record::Recorded;
use fokus_core::time::Occurred;
use uuid::Uuid;

use super::*;

fn stream(n: u128) -> StreamRef {
    StreamRef { kind: StreamKind::Family, id: Uuid::from_u128(n) }
}

/// A stream of so many events; which ones is all the same here.
fn kept(events: u64) -> Kept {
    let event = |revision| Recorded {
        event_id: EventId(Uuid::from_u128(u128::from(revision))),
        position: revision,
        revision,
        recorded_ms: 0,
        occurred: Occurred {
            at_ms: 0,
            offset_min: 0,
            precision: fokus_core::codes::Precision::Exact,
        },
        basis: None,
        actor: Actor { sub: String::new(), role: String::new(), unit: None, on_behalf_of: None }
            .into(),
        fact: Fact::MistakenMarkWithdrawn(MistakenMarkWithdrawn { target_revision: 1 }),
    };
    let history = (1..=events).map(event).collect();
    Kept { tag: StreamTag([1; 16]), stream: Stream::new(StreamKind::Family, history) }
}

fn revision(cache: &StreamCache, tenant: u32, n: u128) -> Option<u64> {
    cache.get(tenant, stream(n)).map(|it| it.stream.revision())
}

#[test]
fn what_is_kept_is_found_by_its_own_tenant_only() {
    let cache = StreamCache::new(1000);
    cache.put(1, stream(1), kept(3));
    assert_eq!(revision(&cache, 1, 1), Some(3));
    assert_eq!(revision(&cache, 2, 1), None);
    assert_eq!(revision(&cache, 1, 2), None);
}

#[test]
fn an_older_state_never_replaces_a_newer_one() {
    let cache = StreamCache::new(1000);
    cache.put(1, stream(1), kept(3));
    cache.put(1, stream(1), kept(2));
    assert_eq!(revision(&cache, 1, 1), Some(3));
    cache.put(1, stream(1), kept(4));
    assert_eq!(revision(&cache, 1, 1), Some(4));
    assert_eq!(cache.take(1, stream(1)).map(|it| it.stream.revision()), Some(4));
    assert_eq!(revision(&cache, 1, 1), None);
}

#[test]
fn what_is_used_stays_and_what_is_not_used_goes() {
    let cache = StreamCache::new(1000);
    for n in 0..1000 {
        cache.put(1, stream(n), kept(16));
        assert_eq!(revision(&cache, 1, 0), Some(16), "used all the time, at {n}");
    }
    assert_eq!(revision(&cache, 1, 1), None);
    assert_eq!(revision(&cache, 1, 999), Some(16));
}

#[test]
fn the_bound_holds_whatever_is_put_in() {
    let cache = StreamCache::new(1000);
    for n in 0..200 {
        cache.put(1, stream(n % 70), kept(10 + u64::try_from(n).unwrap() % 90));
        let streams = cache.streams();
        let weight: usize = streams.kept.values().map(|it| it.kept.weight()).sum();
        assert_eq!(streams.weight, weight);
        assert!(weight <= 1000, "at {n}");
    }
}

#[test]
fn a_stream_that_would_fill_the_cache_is_not_kept() {
    let cache = StreamCache::new(1000);
    cache.put(1, stream(1), kept(5));
    cache.put(1, stream(2), kept(600));
    assert_eq!(revision(&cache, 1, 2), None);
    assert_eq!(revision(&cache, 1, 1), Some(5));
}

#[test]
fn all_of_the_places_are_used() {
    let cache = StreamCache::new(1000);
    // Written in turn, as a working set that just fits.
    for n in 0..500 {
        cache.put(1, stream(n % 50), kept(16));
    }
    assert!((0..50).all(|n| revision(&cache, 1, n) == Some(16)));
}
