use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt as _;

use fokus_store::conformance::make::*;
use fokus_store::{
    EventStore as _, Expectation, Fault, KeyStore as _, Position, Published, ViewBatch,
    ViewStore as _, WrappedKek,
};
use fokus_vault::key::SecretKey;
use fokus_vault::wrap::{Kms as _, RootKey};

use super::{Place, append, names};
use crate::{OpenError, SqliteStore};

const ESSENTIAL: [&str; 4] = ["journal.db", "keys.db", "root.key", "signing.key"];

#[track_caller]
fn check(opened: Result<SqliteStore, OpenError>, text: &str) {
    let error = opened.unwrap_err().to_string();
    assert!(error.contains(text), "{error:?} does not say {text:?}");
}

fn mode(path: &std::path::Path) -> u32 {
    std::fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[tokio::test]
async fn a_new_store_is_made_whole_and_private() {
    let place = Place::new();
    let store = place.open().await.unwrap();
    assert_eq!(mode(&place.store_dir()), 0o700);
    for name in ESSENTIAL.into_iter().chain(["views.db", "released.db", "lock"]) {
        assert_eq!(mode(&place.file(name)), 0o600, "{name}");
    }
    append(&store, vec![simple(1, 1)]).await;
    assert_eq!(mode(&place.file("journal.db-wal")), 0o600);
    store.close().await;
    let expected =
        ["journal.db", "keys.db", "lock", "released.db", "root.key", "signing.key", "views.db"];
    assert_eq!(place.names(), expected);
}

#[tokio::test]
async fn an_incomplete_store_is_refused_and_nothing_is_made_anew() {
    for missing in 1..0b1111_u8 {
        let place = Place::with(vec![simple(1, 1)]).await;
        let is_missing = |at: &usize| missing & (1 << at) != 0;
        for at in (0..4).filter(is_missing) {
            std::fs::remove_file(place.file(ESSENTIAL[at])).unwrap();
        }
        let before = place.names();
        let error = place.open().await.unwrap_err();
        let expected: Vec<_> =
            (0..4).filter(is_missing).map(|at| place.file(ESSENTIAL[at])).collect();
        let text = error.to_string();
        assert!(expected.iter().all(|path| text.contains(&path.display().to_string())), "{text}");
        assert!(matches!(error, OpenError::Incomplete { missing } if missing == expected));
        assert_eq!(place.names(), before);
    }
}

#[tokio::test]
async fn a_folder_with_something_else_in_it_is_refused() {
    for (name, then) in [("views.db", ["lock", "views.db"]), ("letter.txt", ["letter.txt", "lock"])]
    {
        let place = Place::new();
        std::fs::create_dir(place.store_dir()).unwrap();
        std::fs::write(place.file(name), "").unwrap();
        check(place.open().await, name);
        assert_eq!(place.names(), then);
    }
}

#[tokio::test]
async fn a_key_that_others_may_read_is_refused() {
    for (name, wide) in
        [("root.key", 0o640), ("root.key", 0o604), ("signing.key", 0o644), ("signing.key", 0o620)]
    {
        let place = Place::with(vec![]).await;
        std::fs::set_permissions(place.file(name), Permissions::from_mode(wide)).unwrap();
        let error = place.open().await.unwrap_err();
        assert!(matches!(error, OpenError::Exposed { mode, .. } if mode == wide), "{error}");
        check(place.open().await, name);
    }
}

#[tokio::test]
async fn a_file_that_holds_no_key_is_refused() {
    let digits = "ab".repeat(32);
    for (text, accepted) in [
        (digits.clone(), true),
        (format!("{digits}\r\n"), true),
        (String::new(), false),
        (format!("{digits}ab"), false),
        (format!("{digits}\n\n\n"), false),
        (digits.replace('a', "x"), false),
    ] {
        let place = Place::with(vec![]).await;
        std::fs::write(place.file("root.key"), &text).unwrap();
        let opened = place.open().await;
        assert_eq!(opened.is_ok(), accepted, "{text:?}");
        if !accepted {
            check(opened, "root.key");
        }
    }
}

#[tokio::test]
async fn the_root_key_is_the_one_in_the_file() {
    let place = Place::new();
    let store = place.open().await.unwrap();
    let text = std::fs::read_to_string(place.file("root.key")).unwrap();
    let secret: [u8; 32] = hex::decode(text.trim()).unwrap().try_into().unwrap();
    let kek = SecretKey::from_bytes([9; 32]);
    let wrapped = store.root_key().wrap_kek("vesterby", 1, &kek, [1; 24]).unwrap();
    let root = RootKey::new(SecretKey::from_bytes(secret));
    let opened = root.unwrap_kek("vesterby", 1, &wrapped).unwrap();
    assert_eq!(opened.as_bytes(), kek.as_bytes());
    assert_ne!(text, std::fs::read_to_string(place.file("signing.key")).unwrap());
}

#[tokio::test]
async fn a_second_process_is_refused_until_the_first_ends() {
    let place = Place::new();
    let store = place.open().await.unwrap();
    assert!(matches!(place.open().await, Err(OpenError::Locked { .. })));
    check(place.open().await, "another process");
    append(&store, vec![simple(1, 1)]).await;
    store.close().await;
    place.open().await.unwrap();
}

#[tokio::test]
async fn tables_of_another_version_are_refused() {
    for database in ["journal.db", "keys.db", "views.db", "released.db"] {
        let place = Place::with(vec![simple(1, 1)]).await;
        place.edit(database, "insert into migration values (99, 'x', x'00')");
        let error = place.open().await.unwrap_err();
        assert!(matches!(error, OpenError::Newer { version: 99, .. }), "{error}");
        check(place.open().await, "newer version");
    }
    let place = Place::with(vec![]).await;
    place.edit("journal.db", "update migration set sha256 = x'00'");
    assert!(matches!(place.open().await, Err(OpenError::OtherSchema { version: 1, .. })));
}

#[tokio::test]
async fn deleted_views_begin_empty_and_nothing_else_is_lost() {
    let place = Place::new();
    let store = place.open().await.unwrap();
    append(&store, vec![simple(1, 1)]).await;
    let kek = WrappedKek { epoch: 1, wrapped: vec![1] };
    store.add_kek(&vesterby(), kek.clone()).await.unwrap();
    let lease = hold(&store, &vesterby(), "cases").await;
    store.begin(&vesterby(), &lease, &build(1), true).await.unwrap();
    let head = store.head(&vesterby()).await.unwrap();
    store.close().await;
    std::fs::remove_file(place.file("views.db")).unwrap();
    // As after a crash: what SQLite kept beside the database is still there.
    std::fs::write(place.file("views.db-wal"), "stale").unwrap();
    let store = place.open().await.unwrap();
    assert_eq!(store.checkpoints(&vesterby()).await.unwrap(), []);
    assert_eq!(store.head(&vesterby()).await.unwrap(), head);
    assert_eq!(store.kek(&vesterby(), None).await.unwrap(), Some(kek));
    assert_eq!(mode(&place.file("views.db")), 0o600);
}

/// A step that publishes something, on a build that begins with it.
async fn publish(store: &SqliteStore) -> Published {
    let lease = hold(store, &vesterby(), "cases").await;
    store.begin(&vesterby(), &lease, &build(1), true).await.unwrap();
    let published = published(1, "a", "2019-Q1", 3);
    let batch = ViewBatch {
        published: vec![published.clone()],
        ..step(0, 3, &[], vec![row(1, "a", 1, 1)])
    };
    store.commit(&vesterby(), &lease, &build(1), batch).await.unwrap();
    published
}

/// The columns that other programs find in `released.db`.
fn released(place: &Place) -> Vec<(String, Option<u32>)> {
    let connection = rusqlite::Connection::open(place.file("released.db")).unwrap();
    let sql = "select column_code, number from outcome order by column_number";
    let mut statement = connection.prepare(sql).unwrap();
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
    rows.map(Result::unwrap).collect()
}

#[tokio::test]
async fn what_is_released_follows_from_the_views_whenever_a_store_is_opened() {
    let place = Place::new();
    let store = place.open().await.unwrap();
    let published = publish(&store).await;
    store.close().await;
    let expected: Vec<(String, Option<u32>)> =
        published.cells.iter().map(|it| (it.column_code.clone(), it.number)).collect();
    assert_eq!(released(&place), expected);
    // It needs no other file beside it: no write-ahead log (the file format's bytes 18 and 19).
    let bytes = std::fs::read(place.file("released.db")).unwrap();
    assert_eq!((&bytes[18..20], place.file("released.db-wal").exists()), (&[1, 1][..], false));
    // As after a crash between the two files; changed by somebody; and gone.
    place.edit("released.db", "delete from outcome");
    place.open().await.unwrap().close().await;
    assert_eq!(released(&place), expected);
    place.edit("released.db", "update outcome set number = 99, hidden = 0");
    place.open().await.unwrap().close().await;
    assert_eq!(released(&place), expected);
    std::fs::remove_file(place.file("released.db")).unwrap();
    std::fs::write(place.file("released.db-wal"), "stale").unwrap();
    place.open().await.unwrap().close().await;
    assert_eq!(released(&place), expected);
    // What follows from views that are gone is gone.
    std::fs::remove_file(place.file("views.db")).unwrap();
    place.open().await.unwrap().close().await;
    assert_eq!(released(&place), []);
}

#[tokio::test]
async fn who_locks_the_released_file_holds_up_no_view_and_it_catches_up() {
    let place = Place::new();
    let store = place.open().await.unwrap();
    let published = publish(&store).await;
    let lease = hold(&store, &vesterby(), "cases").await;
    let withdrawn = Published { cells: Vec::new(), ..published };
    let other = rusqlite::Connection::open(place.file("released.db")).unwrap();
    other.execute_batch("begin immediate").unwrap();
    let batch = ViewBatch { published: vec![withdrawn], ..step(3, 4, &[], vec![]) };
    let told = store.commit(&vesterby(), &lease, &build(1), batch).await;
    assert!(matches!(told, Err(Fault::Unavailable(_))), "the caller is told: {told:?}");
    let position = store.checkpoints(&vesterby()).await.unwrap()[0].position;
    assert_eq!(position, Position(4), "the view has moved");
    other.execute_batch("rollback").unwrap();
    assert_eq!(released(&place).len(), 3);
    store.commit(&vesterby(), &lease, &build(1), step(4, 5, &[], vec![])).await.unwrap();
    assert_eq!(released(&place), [], "the next step of any view makes up for it");
    store.close().await;
}

#[tokio::test]
async fn a_reader_of_the_released_file_keeps_nobody_from_writing() {
    let place = Place::new();
    let store = place.open().await.unwrap();
    let published = publish(&store).await;
    let reader = rusqlite::Connection::open(place.file("released.db")).unwrap();
    reader.execute_batch("begin; select count(*) from outcome").unwrap();
    let lease = hold(&store, &vesterby(), "cases").await;
    let withdrawn = Published { cells: Vec::new(), ..published };
    let batch = ViewBatch { published: vec![withdrawn], ..step(3, 4, &[], vec![]) };
    store.commit(&vesterby(), &lease, &build(1), batch).await.unwrap();
    let count = |it: &rusqlite::Connection| {
        let sql = "select count(*) from outcome";
        it.query_row(sql, [], |row| row.get::<_, i64>(0)).unwrap()
    };
    assert_eq!(count(&reader), 3, "it sees what it began with");
    reader.execute_batch("commit").unwrap();
    assert_eq!(count(&reader), 0);
    store.close().await;
}

#[tokio::test]
async fn a_store_that_was_half_made_is_made_afresh() {
    let place = Place::new();
    std::fs::create_dir_all(place.file("new")).unwrap();
    std::fs::write(place.file("new/root.key"), "half").unwrap();
    let store = place.open().await.unwrap();
    append(&store, vec![simple(1, 1)]).await;
    store.close().await;
    assert!(!place.file("new").exists());
}

#[tokio::test]
async fn a_store_that_was_half_moved_is_moved_on() {
    let place = Place::with(vec![]).await;
    let key = std::fs::read(place.file("root.key")).unwrap();
    std::fs::create_dir(place.file("ready")).unwrap();
    for name in ["root.key", "keys.db"] {
        std::fs::rename(place.file(name), place.file("ready").join(name)).unwrap();
    }
    place.open().await.unwrap().close().await;
    assert_eq!(std::fs::read(place.file("root.key")).unwrap(), key);
    assert!(!place.file("ready").exists());
}

#[tokio::test]
async fn keys_may_lie_elsewhere() {
    let place = Place::new();
    let elsewhere = place.dir.path().join("elsewhere");
    std::fs::create_dir(&elsewhere).unwrap();
    let mut options = place.options();
    options.root_key = Some(elsewhere.join("root"));
    options.signing_key = Some(elsewhere.join("signing"));
    for _ in 0..2 {
        SqliteStore::open(options.clone()).await.unwrap().close().await;
        assert_eq!(names(&elsewhere), ["root", "signing"]);
        assert_eq!(mode(&elsewhere.join("root")), 0o600);
    }
    check(place.open().await, "root.key");
    // A key without a journal: the folder was perhaps not mounted. Nothing is made in its place.
    let other = Place::new();
    options.dir = other.store_dir();
    check(SqliteStore::open(options).await, "journal.db");
    assert_eq!(other.names(), ["lock"]);
}

#[tokio::test]
async fn the_authority_is_chosen_once() {
    let place = Place::new();
    let with = |authority: &str| {
        let authority = Some(authority.to_owned());
        crate::SqliteOptions { authority, ..place.options() }
    };
    for malformed in ["", "a b", "a+b", "a/b", "å", &"a".repeat(101)] {
        check(SqliteStore::open(with(malformed)).await, "authority");
    }
    let store = SqliteStore::open(with("journal.vesterby.dk")).await.unwrap();
    let info = store.log(&vesterby()).await.unwrap();
    assert_eq!(info.origin, "journal.vesterby.dk/vesterby/journal");
    store.close().await;
    check(SqliteStore::open(with("other.dk")).await, "journal.vesterby.dk");
    for options in [with("journal.vesterby.dk"), place.options()] {
        let store = SqliteStore::open(options).await.unwrap();
        assert_eq!(store.log(&vesterby()).await.unwrap(), info);
        let other = store.log(&tenant("osterby")).await.unwrap();
        assert_eq!(other.origin, "journal.vesterby.dk/osterby/journal");
        store.close().await;
    }
}

#[tokio::test]
async fn an_authority_that_nobody_chose_is_random() {
    let place = Place::with(vec![simple(1, 1)]).await;
    let store = place.open().await.unwrap();
    let origin = store.log(&vesterby()).await.unwrap().origin;
    let (random, rest) = origin.split_at(16);
    assert!(random.bytes().all(|byte| byte.is_ascii_hexdigit()), "{origin}");
    assert_eq!(rest, ".fokus.invalid/vesterby/journal");
}

#[tokio::test]
async fn a_store_of_real_people_is_not_opened_for_invented_ones() {
    let place = Place::new();
    let options = |synthetic| crate::SqliteOptions { synthetic, ..place.options() };
    let store = SqliteStore::open(options(false)).await.unwrap();
    append(&store, vec![draft(1).on(1, Expectation::Any, 1).done()]).await;
    store.close().await;
    check(SqliteStore::open(options(true)).await, "invented");
    let synthetic = Place::with(vec![simple(1, 1)]).await;
    let options = crate::SqliteOptions { synthetic: false, ..synthetic.options() };
    let store = SqliteStore::open(options).await.unwrap();
    assert!(store.log(&vesterby()).await.unwrap().synthetic, "it stays what it was");
    assert!(store.log(&tenant("osterby")).await.unwrap().synthetic);
}

#[tokio::test]
async fn each_database_has_its_settings() {
    let place = Place::new();
    let store = place.open().await.unwrap();
    let shared = &store.shared;
    for (files, synchronous, secure_delete) in
        [(&shared.journal.files, 2, 0), (&shared.keys, 2, 1), (&shared.views, 1, 1)]
    {
        let settings = |it: &rusqlite::Connection| {
            let pragmas = ["synchronous", "secure_delete", "trusted_schema", "wal_autocheckpoint"];
            let mode: String = it.pragma_query_value(None, "journal_mode", |row| row.get(0))?;
            let settings = pragmas
                .map(|pragma| it.pragma_query_value(None, pragma, |row| row.get::<_, i64>(0)));
            Ok((mode, settings.into_iter().collect::<rusqlite::Result<Vec<i64>>>()?))
        };
        let (mode, settings) = files.writers.transaction(settings).await.unwrap();
        assert_eq!((mode.as_str(), settings), ("wal", vec![synchronous, secure_delete, 0, 0]));
    }
}
