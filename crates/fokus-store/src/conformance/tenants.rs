//! Promises between tenants: a decoy that has the same ids for everything.

use super::Fixture;
use super::make::*;
use crate::ports::{EventStore, Inspect, InspectKeys, KeyStore, ViewStore};
use crate::types::*;

/// Same stream ids, command ids, tags and claims: each tenant has its own.
pub async fn a_tenant_sees_nothing_of_another<F: Fixture>() {
    let fixture = F::open().await;
    let store = fixture.store();
    let decoy = tenant("osterby");
    let first = draft(1).on(1, Expectation::NoStream, 3).claims("a").done();
    let second = draft(2).on(2, Expectation::NoStream, 1).claims("b").done();
    store.append(&decoy, vec![first, second], NOW_MS + 9).await.unwrap();
    let before = store.head(&decoy).await.unwrap();

    assert_eq!(store.head(&vesterby()).await.unwrap().position, Position(0));
    assert_eq!(store.command(&vesterby(), command(1)).await.unwrap(), None);
    assert_eq!(store.claim(&vesterby(), &claim("a")).await.unwrap(), None);
    assert_eq!(store.stream_heads(&vesterby(), &[family(1)]).await.unwrap(), [None]);
    assert_eq!(store.streams_by_tag(&vesterby(), &[tag(1)]).await.unwrap(), [None]);

    let own = draft(1).on(1, Expectation::NoStream, 1).claims("b").done();
    let outcome = store.append(&vesterby(), vec![own], NOW_MS).await.unwrap().remove(0).unwrap();
    assert_eq!((outcome.first, outcome.recorded_ms), (Position(1), NOW_MS));
    let range = Range::Forward { after: Position(0), limit: 9 };
    assert_eq!(store.read_log(&vesterby(), range).await.unwrap().len(), 1);
    let stream = Range::Backward { before: None, limit: 9 };
    assert_eq!(store.read_stream(&vesterby(), &family(1), stream).await.unwrap().len(), 1);
    assert_eq!(store.streams(&vesterby(), None).await.unwrap().len(), 1);
    assert_eq!(store.commands(&vesterby(), None).await.unwrap().len(), 1);
    assert_eq!(store.claims(&vesterby(), None).await.unwrap().len(), 1);

    assert_eq!(store.head(&decoy).await.unwrap(), before, "the other one did not move");
    assert_eq!(store.claim(&decoy, &claim("b")).await.unwrap(), Some(tag(2)));
    let (own, other) = (store.log(&vesterby()).await.unwrap(), store.log(&decoy).await.unwrap());
    assert_ne!(own.origin, other.origin);
    assert_ne!(own.public_key, other.public_key);
}

/// Rows, checkpoints and keys too.
pub async fn views_and_keys_of_a_tenant_are_its_own<F: Fixture>() {
    let fixture = F::open().await;
    let store = fixture.store();
    let decoy = tenant("osterby");
    let decoys = hold(&*store, &decoy, "cases").await;
    let lease = hold(&*store, &vesterby(), "cases").await;
    store.begin(&decoy, &decoys, &build(1), true).await.unwrap();
    store
        .commit(&decoy, &decoys, &build(1), step(0, 5, &[], vec![row(1, "k", 1, 1)]))
        .await
        .unwrap();
    assert_eq!(store.checkpoints(&vesterby()).await.unwrap(), []);
    store.begin(&vesterby(), &lease, &build(1), true).await.unwrap();
    let (position, rows) = store.rows(&vesterby(), &build(1), tag(1)).await.unwrap();
    assert_eq!((position, rows), (Position(0), vec![]));
    store.begin(&vesterby(), &lease, &build(2), false).await.unwrap();
    store.commit(&vesterby(), &lease, &build(2), step(0, 1, &[1], vec![])).await.unwrap();
    store.switch(&vesterby(), &lease, &build(2)).await.unwrap();
    let (position, rows) = store.rows(&decoy, &build(1), tag(1)).await.unwrap();
    assert_eq!((position, rows.len()), (Position(5), 1));

    let slot = KeySlot { stream_tag: tag(1), person: None };
    let key = |byte| WrappedKey { key_id: [7; 16], slot, kind: 1, epoch: 1, wrapped: vec![byte] };
    store.add_keys(&decoy, vec![key(1)]).await.unwrap();
    store.add_kek(&decoy, WrappedKek { epoch: 1, wrapped: vec![1] }).await.unwrap();
    assert_eq!(store.keys(&vesterby(), &[slot]).await.unwrap(), [None]);
    assert_eq!(store.keys_by_id(&vesterby(), &[[7; 16]]).await.unwrap(), [None]);
    assert_eq!(store.kek(&vesterby(), None).await.unwrap(), None);
    assert_eq!(store.add_keys(&vesterby(), vec![key(2)]).await.unwrap(), [key(2)]);
    assert_eq!(store.keys_after(&vesterby(), None).await.unwrap(), [key(2)]);
    assert_eq!(store.keys_after(&decoy, None).await.unwrap(), [key(1)]);
    assert_eq!(store.keks(&vesterby()).await.unwrap(), []);
}
