//! Promises of the leases on writing a view.
//!
//! Nothing here waits: a lease taken for no time at all has run out at once.

use std::time::Duration;

use uuid::Uuid;

use super::Fixture;
use super::make::*;
use crate::leases::LEASE_TTL_MAX;
use crate::ports::ViewStore;
use crate::types::*;

async fn take(store: &impl ViewStore, holder: u128, ttl: Duration) -> Option<Lease> {
    store.lease(&vesterby(), "cases", Uuid::from_u128(holder), ttl).await.unwrap()
}

fn is_conflict<T>(result: Result<T, Fault>) -> bool {
    matches!(result, Err(Fault::Conflict))
}

/// While a lease runs, its holder renews it with the same fence, and nobody else gets it.
pub async fn a_lease_is_held_by_one<F: Fixture>() {
    let fixture = F::open().await;
    let store = fixture.store();
    let first = take(&*store, 1, LEASE_TTL_MAX).await.unwrap();
    assert_eq!(first.name, "cases");
    assert_eq!(take(&*store, 2, LEASE_TTL_MAX).await, None);
    assert_eq!(take(&*store, 1, LEASE_TTL_MAX).await, Some(first));
    assert_eq!(take(&*store, 2, Duration::ZERO).await, None);
}

/// A lease that has run out is taken over with a higher fence; one that nobody took stays.
pub async fn a_lease_that_ran_out_is_taken_over<F: Fixture>() {
    let fixture = F::open().await;
    let store = fixture.store();
    let first = take(&*store, 1, Duration::ZERO).await.unwrap();
    assert_eq!(take(&*store, 1, Duration::ZERO).await.as_ref(), Some(&first), "nobody took it");
    let second = take(&*store, 2, LEASE_TTL_MAX).await.unwrap();
    assert!(second.fence > first.fence, "{first:?}, then {second:?}");
    assert_eq!(take(&*store, 1, LEASE_TTL_MAX).await, None);
    assert_eq!(take(&*store, 2, Duration::ZERO).await.as_ref(), Some(&second));
    let third = take(&*store, 1, LEASE_TTL_MAX).await.unwrap();
    assert!(third.fence > second.fence, "{second:?}, then {third:?}");
}

/// Whoever gives a lease up makes room at once; who has lost it already gives up nothing.
pub async fn a_lease_that_was_given_up_is_free<F: Fixture>() {
    let fixture = F::open().await;
    let store = fixture.store();
    let first = take(&*store, 1, LEASE_TTL_MAX).await.unwrap();
    store.release(&vesterby(), &first).await.unwrap();
    let second = take(&*store, 2, LEASE_TTL_MAX).await.unwrap();
    assert!(second.fence > first.fence, "{first:?}, then {second:?}");
    store.release(&vesterby(), &first).await.unwrap();
    assert_eq!(take(&*store, 1, LEASE_TTL_MAX).await, None, "the second one still holds it");
    store.release(&vesterby(), &second).await.unwrap();
    let third = take(&*store, 2, LEASE_TTL_MAX).await.unwrap();
    assert!(third.fence > second.fence, "given up is given up, also for who held it");
    let never = Lease { name: "never".to_owned(), fence: 1 };
    store.release(&vesterby(), &never).await.unwrap();
}

/// Every writing call with a lease that somebody else has taken since, or that nobody was ever
/// given, is refused and writes nothing.
pub async fn a_lost_lease_writes_nothing<F: Fixture>() {
    let fixture = F::open().await;
    let store = fixture.store();
    let lost = take(&*store, 1, Duration::ZERO).await.unwrap();
    store.begin(&vesterby(), &lost, &build(1), true).await.unwrap();
    let rows = vec![row(1, "a", 1, 1)];
    store.commit(&vesterby(), &lost, &build(1), step(0, 3, &[], rows.clone())).await.unwrap();
    store.begin(&vesterby(), &lost, &build(2), false).await.unwrap();
    let standing = store.checkpoints(&vesterby()).await.unwrap();

    let newest = take(&*store, 2, LEASE_TTL_MAX).await.unwrap();
    let never = Lease { name: "never".to_owned(), fence: 1 };
    let future = Lease { fence: newest.fence + 1, ..newest.clone() };
    for stale in [&lost, &never, &future] {
        let calls = [
            store.begin(&vesterby(), stale, &build(3), false).await,
            // Also where there would be nothing to do.
            store.begin(&vesterby(), stale, &build(1), true).await,
            store.commit(&vesterby(), stale, &build(1), step(3, 4, &[1], vec![])).await,
            store.halt(&vesterby(), stale, &build(1), Position(4), "CODE").await,
            store.switch(&vesterby(), stale, &build(2)).await,
            store.discard(&vesterby(), stale, &build(2)).await,
        ];
        let names = ["begin", "begin", "commit", "halt", "switch", "discard"];
        for (call, name) in calls.into_iter().zip(names) {
            assert!(is_conflict(call), "{name} under {stale:?}");
        }
    }
    assert_eq!(store.checkpoints(&vesterby()).await.unwrap(), standing);
    let found = store.rows(&vesterby(), &build(1), tag(1)).await.unwrap();
    assert_eq!(found, (Position(3), rows));
    store.commit(&vesterby(), &newest, &build(1), step(3, 4, &[1], vec![])).await.unwrap();
}

/// Leases of other names and of other tenants are others.
pub async fn leases_of_other_names_and_tenants_are_others<F: Fixture>() {
    let fixture = F::open().await;
    let store = fixture.store();
    let (one, other) = (Uuid::from_u128(1), Uuid::from_u128(2));
    let osterby = tenant("osterby");
    let cases = take(&*store, 1, LEASE_TTL_MAX).await.unwrap();
    let beside = store.lease(&vesterby(), "cases/rebuild", other, LEASE_TTL_MAX).await.unwrap();
    let elsewhere = store.lease(&osterby, "cases", other, LEASE_TTL_MAX).await.unwrap();
    assert!(beside.is_some() && elsewhere.is_some());
    // Each of them moves on without the others.
    for _ in 0..3 {
        let lease = store.lease(&osterby, "cases", other, LEASE_TTL_MAX).await.unwrap().unwrap();
        store.release(&osterby, &lease).await.unwrap();
    }
    store.release(&vesterby(), &beside.unwrap()).await.unwrap();
    assert_eq!(take(&*store, 1, LEASE_TTL_MAX).await.as_ref(), Some(&cases));
    assert_eq!(take(&*store, 2, LEASE_TTL_MAX).await, None);
    store.begin(&vesterby(), &cases, &build(1), true).await.unwrap();
    let free = store.lease(&osterby, "cases", one, LEASE_TTL_MAX).await.unwrap();
    assert!(free.is_some(), "it was given up there");
}
