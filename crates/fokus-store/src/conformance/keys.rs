//! Promises of [`KeyStore`](crate::KeyStore).

use uuid::Uuid;

use super::Fixture;
use super::make::*;
use crate::ports::{InspectKeys, KeyStore};
use crate::types::*;

fn slot(stream: u8, person: Option<u8>) -> KeySlot {
    let person = person.map(|number| Uuid::from_u128(u128::from(number)));
    KeySlot { stream_tag: tag(stream), person }
}

fn key(id: u8, slot: KeySlot) -> WrappedKey {
    let kind = if slot.person.is_some() { 2 } else { 1 };
    WrappedKey { key_id: [id; 16], slot, kind, epoch: 1, wrapped: vec![id; 72] }
}

/// Where a slot has a key already, that one stays and is returned, also within one call.
pub async fn the_first_key_of_a_slot_stays<F: Fixture>() {
    let fixture = F::open().await;
    let store = fixture.store();
    let (stream, person) = (slot(1, None), slot(1, Some(1)));
    let added = store.add_keys(&vesterby(), vec![key(1, stream), key(2, person)]).await.unwrap();
    assert_eq!(added, [key(1, stream), key(2, person)]);
    let other = slot(2, Some(1));
    let keys = vec![key(3, person), key(4, other), key(5, other), key(6, stream)];
    let standing = store.add_keys(&vesterby(), keys).await.unwrap();
    assert_eq!(standing, [key(2, person), key(4, other), key(4, other), key(1, stream)]);
    let found = store.keys(&vesterby(), &[other, slot(2, None), stream]).await.unwrap();
    assert_eq!(found, [Some(key(4, other)), None, Some(key(1, stream))]);
    let by_id = store.keys_by_id(&vesterby(), &[[6; 16], [2; 16], [4; 16]]).await.unwrap();
    assert_eq!(by_id, [None, Some(key(2, person)), Some(key(4, other))]);
}

/// An id that stands in another slot is a conflict, and then nothing is added.
pub async fn keys_are_added_together_or_not_at_all<F: Fixture>() {
    let fixture = F::open().await;
    let store = fixture.store();
    store.add_keys(&vesterby(), vec![key(1, slot(1, None))]).await.unwrap();
    let keys = vec![key(2, slot(2, None)), key(1, slot(3, None))];
    let fault = store.add_keys(&vesterby(), keys).await;
    assert!(matches!(fault, Err(Fault::Conflict)), "{fault:?}");
    assert_eq!(store.keys(&vesterby(), &[slot(2, None)]).await.unwrap(), [None]);
    assert_eq!(store.add_keys(&vesterby(), Vec::new()).await.unwrap(), []);
}

/// Key-encryption keys are found by epoch; the newest without one; the first of an epoch stays.
pub async fn key_encryption_keys_stand_by_epoch<F: Fixture>() {
    let fixture = F::open().await;
    let store = fixture.store();
    let kek = |epoch, byte| WrappedKek { epoch, wrapped: vec![byte; 72] };
    assert_eq!(store.kek(&vesterby(), None).await.unwrap(), None);
    assert_eq!(store.add_kek(&vesterby(), kek(1, 1)).await.unwrap(), kek(1, 1));
    assert_eq!(store.add_kek(&vesterby(), kek(2, 2)).await.unwrap(), kek(2, 2));
    assert_eq!(store.add_kek(&vesterby(), kek(1, 9)).await.unwrap(), kek(1, 1));
    assert_eq!(store.kek(&vesterby(), None).await.unwrap(), Some(kek(2, 2)));
    assert_eq!(store.kek(&vesterby(), Some(1)).await.unwrap(), Some(kek(1, 1)));
    assert_eq!(store.kek(&vesterby(), Some(3)).await.unwrap(), None);
}

/// Keys are durable.
pub async fn keys_survive_a_reopen<F: Fixture>() {
    let fixture = F::open().await;
    let store = fixture.store();
    let kek = WrappedKek { epoch: 1, wrapped: vec![1] };
    store.add_kek(&vesterby(), kek.clone()).await.unwrap();
    store.add_keys(&vesterby(), vec![key(1, slot(1, None))]).await.unwrap();
    drop(store);
    let fixture = fixture.reopen().await;
    let store = fixture.store();
    assert_eq!(store.kek(&vesterby(), Some(1)).await.unwrap(), Some(kek));
    let found = store.keys(&vesterby(), &[slot(1, None)]).await.unwrap();
    assert_eq!(found, [Some(key(1, slot(1, None)))]);
}

/// All keys of the tenant come page by page, each once, by id; key-encryption keys by epoch.
pub async fn all_keys_come_by_id<F: Fixture>() {
    let fixture = F::open().await;
    let store = fixture.store();
    assert_eq!(store.keys_after(&vesterby(), None).await.unwrap(), []);
    assert_eq!(store.keks(&vesterby()).await.unwrap(), []);
    let keys: Vec<WrappedKey> = (0..=READ_LIMIT_MAX)
        .map(|number| {
            // Scattered, so that they are not added in their order.
            let number = u128::from(number) + 1;
            let person = Some(Uuid::from_u128(number));
            let key_id = (number << 64).wrapping_mul(0x9e37_79b9_7f4a_7c15).to_be_bytes();
            WrappedKey { key_id, ..key(1, KeySlot { stream_tag: tag(1), person }) }
        })
        .collect();
    store.add_keys(&vesterby(), keys.clone()).await.unwrap();
    let mut expected = keys;
    expected.sort_by_key(|key| key.key_id);
    let first = store.keys_after(&vesterby(), None).await.unwrap();
    assert_eq!(first, expected[..READ_LIMIT_MAX as usize]);
    let after = first.last().map(|key| key.key_id);
    let rest = store.keys_after(&vesterby(), after).await.unwrap();
    assert_eq!(rest, expected[READ_LIMIT_MAX as usize..]);
    assert_eq!(store.keys_after(&vesterby(), Some(rest[0].key_id)).await.unwrap(), []);

    let kek = |epoch| WrappedKek { epoch, wrapped: vec![7; 72] };
    store.add_kek(&vesterby(), kek(2)).await.unwrap();
    store.add_kek(&vesterby(), kek(1)).await.unwrap();
    assert_eq!(store.keks(&vesterby()).await.unwrap(), [kek(1), kek(2)]);
}
