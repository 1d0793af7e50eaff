use fokus_store::conformance::copy::{copy_all, keys, memory};
use fokus_store::conformance::make::*;
use fokus_store::copy::CopyKeys;
use fokus_store::{CopyTarget as _, EventStore as _, Fault};
use fokus_vault::key::SecretKey;

use super::{Place, append};
use crate::{OpenError, SqliteStore};

async fn open_for_copy(place: &Place) -> Result<SqliteStore, OpenError> {
    SqliteStore::open_for_copy(place.options(), keys()).await
}

#[tokio::test]
async fn a_copy_that_has_not_ended_is_not_opened_to_be_served() {
    let place = Place::new();
    let source = memory();
    source.append(&vesterby(), vec![simple(1, 1)], NOW_MS).await.unwrap();
    let copy = open_for_copy(&place).await.unwrap();
    copy_all(&source, &copy).await.unwrap();
    let refused = copy.append(&vesterby(), vec![simple(2, 1)], NOW_MS).await;
    assert!(matches!(refused, Err(Fault::Unavailable(_))), "{refused:?}");
    copy.close().await;
    let refused = place.open().await.unwrap_err();
    assert!(matches!(refused, OpenError::Copying { .. }), "{refused}");
    assert!(refused.to_string().contains("did not come to its end"), "{refused}");

    let copy = open_for_copy(&place).await.unwrap();
    copy.finish_copy().await.unwrap();
    copy.close().await;
    let store = place.open().await.unwrap();
    assert_eq!(store.head(&vesterby()).await.unwrap(), source.head(&vesterby()).await.unwrap());
    let CopyKeys { root_key, signing_seed } = store.copy_keys();
    assert_eq!(root_key.as_bytes(), keys().root_key.as_bytes());
    assert_eq!(signing_seed.as_bytes(), keys().signing_seed.as_bytes());
    assert!(append(&store, vec![simple(2, 1)]).await[0].is_ok());
}

#[tokio::test]
async fn a_store_that_is_no_unfinished_copy_is_not_copied_over() {
    let place = Place::with(vec![simple(1, 1)]).await;
    let refused = open_for_copy(&place).await.unwrap_err();
    assert!(matches!(refused, OpenError::NotCopying { .. }), "{refused}");
    let store = place.open().await.unwrap();
    let info = store.log(&vesterby()).await.unwrap();
    let refused = store.begin_copy(&vesterby(), &info).await;
    assert!(matches!(refused, Err(Fault::Conflict)), "{:?}", refused.err());
}

#[tokio::test]
async fn a_copy_goes_on_with_the_keys_that_it_was_begun_with() {
    let place = Place::new();
    open_for_copy(&place).await.unwrap().close().await;
    let other = CopyKeys { signing_seed: SecretKey::from_bytes([9; 32]), ..keys() };
    let refused = SqliteStore::open_for_copy(place.options(), other).await.unwrap_err();
    assert!(matches!(refused, OpenError::OtherKeys { .. }), "{refused}");
    open_for_copy(&place).await.unwrap();
}

#[tokio::test]
async fn a_copy_that_was_half_made_stays_a_copy() {
    let place = Place::new();
    open_for_copy(&place).await.unwrap().close().await;
    std::fs::create_dir(place.file("ready")).unwrap();
    for name in ["copying", "root.key"] {
        std::fs::rename(place.file(name), place.file("ready").join(name)).unwrap();
    }
    let refused = place.open().await.unwrap_err();
    assert!(matches!(refused, OpenError::Copying { .. }), "{refused}");
}
