//! While the signing key is rotated, the key before signs too.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt as _;

use fokus_log::note::open_checkpoint;
use fokus_store::EventStore as _;
use fokus_store::conformance::make::*;

use super::{Place, append};
use crate::{OpenError, SqliteOptions, SqliteStore};

/// Options with the key of this byte, and one before it.
fn with(place: &Place, key: Option<&str>, retiring: Option<&str>) -> SqliteOptions {
    let file = |byte: &str| {
        let path = place.dir.path().join(byte);
        fs::write(&path, byte.repeat(32)).unwrap();
        fs::set_permissions(&path, Permissions::from_mode(0o600)).unwrap();
        path
    };
    let (signing_key, retiring) = (key.map(file), retiring.map(file));
    let retiring_signing_key = retiring.or_else(|| key.map(|_| place.file("signing.key")));
    SqliteOptions { signing_key, retiring_signing_key, ..place.options() }
}

/// The store's own key, and another file as the one before it.
fn with_retiring(place: &Place, file: std::path::PathBuf) -> SqliteOptions {
    SqliteOptions { retiring_signing_key: Some(file), ..place.options() }
}

async fn opens(options: SqliteOptions) -> SqliteStore {
    SqliteStore::open(options).await.unwrap()
}

#[track_caller]
fn check(opened: Result<SqliteStore, OpenError>, text: &str) {
    let error = opened.unwrap_err().to_string();
    assert!(error.contains(text), "{error:?} does not say {text:?}");
}

#[tokio::test]
async fn both_keys_sign_until_the_one_before_is_left_out() {
    let place = Place::with(vec![simple(1, 1)]).await;
    let first = opens(place.options()).await;
    let old = first.log(&vesterby()).await.unwrap();
    assert_eq!(old.retiring_key, None);
    assert_eq!(first.rotation(&vesterby()).await.unwrap(), None);
    first.close().await;

    // A key does not retire itself.
    let itself = with_retiring(&place, place.file("signing.key"));
    check(SqliteStore::open(itself).await, "is the signing key itself");
    // A key that never signed the log has no successor in it.
    check(SqliteStore::open(with(&place, Some("aa"), Some("bb"))).await, "by the retiring key");
    let both = opens(with(&place, Some("aa"), None)).await;
    let log = both.log(&vesterby()).await.unwrap();
    assert_ne!(log.public_key, old.public_key);
    assert_eq!(log.retiring_key, Some(old.public_key));
    assert!(both.rotation(&vesterby()).await.unwrap().is_some());
    // Nothing is signed anew before something is appended.
    let stands = both.head(&vesterby()).await.unwrap();
    assert!(log.open(&stands.checkpoint).is_ok());
    append(&both, vec![simple(2, 1)]).await;
    let head = both.head(&vesterby()).await.unwrap();
    for key in [log.public_key, old.public_key] {
        let signed = open_checkpoint(&head.checkpoint, &log.origin, &key).unwrap();
        assert_eq!((signed.size, signed.root), (2, head.root));
    }
    let vouched = both.vouch(&vesterby(), &[1; 32]).await.unwrap();
    assert_eq!(vouched.lines().filter(|it| it.starts_with('—')).count(), 2, "{vouched}");
    both.close().await;

    let mut alone = with(&place, Some("aa"), None);
    alone.retiring_signing_key = None;
    let new = opens(alone).await;
    append(&new, vec![simple(3, 1)]).await;
    assert_eq!(new.log(&vesterby()).await.unwrap().public_key, log.public_key);
    new.close().await;
    // From now on the key before opens nothing any more, alone or not.
    check(place.open().await, "checkpoint");
    check(SqliteStore::open(with(&place, Some("aa"), None)).await, "by the retiring key");
}
