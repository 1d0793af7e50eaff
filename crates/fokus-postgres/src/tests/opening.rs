use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt as _;

use fokus_store::conformance::make::*;
use fokus_store::{
    EventStore as _, Expectation, KeyStore as _, ViewBatch, ViewStore as _, WrappedKek,
};
use sqlx::ConnectOptions as _;

use super::{Place, append, cluster};
use crate::connect::Target;
use crate::{OpenError, PostgresOptions, PostgresStore};

#[track_caller]
fn check(opened: Result<PostgresStore, OpenError>, text: &str) {
    let error = opened.unwrap_err().to_string();
    assert!(error.contains(text), "{error:?} does not say {text:?}");
}

#[tokio::test]
async fn a_new_store_makes_its_keys_once() {
    let place = Place::with(vec![simple(1, 1)]).await;
    for name in ["root.key", "signing.key"] {
        let mode = std::fs::metadata(place.file(name)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{name}");
    }
    let root = std::fs::read(place.file("root.key")).unwrap();
    let store = place.open().await.unwrap();
    assert_eq!(std::fs::read(place.file("root.key")).unwrap(), root);
    assert_eq!(store.head(&vesterby()).await.unwrap().position.0, 1);
    let report = store.start_report();
    assert_eq!((report.leaves_read, report.tiles_read, report.citus), (1, 0, false));
}

#[tokio::test]
async fn a_missing_key_is_not_made_anew() {
    for name in ["root.key", "signing.key"] {
        let place = Place::with(vec![]).await;
        std::fs::remove_file(place.file(name)).unwrap();
        let error = place.open().await.unwrap_err();
        assert!(
            matches!(&error, OpenError::KeyMissing { path } if path.ends_with(name)),
            "{error}"
        );
        assert!(!place.file(name).exists());
        // Nor is half a pair taken for a new store.
        let other = Place::new();
        std::fs::write(other.file(name), "ab".repeat(32)).unwrap();
        let error = other.open().await.unwrap_err();
        assert!(matches!(&error, OpenError::KeyAlone { present, .. } if present.ends_with(name)));
    }
}

#[tokio::test]
async fn two_keys_that_are_there_are_used_for_a_new_store() {
    let place = Place::new();
    for (name, byte) in [("root.key", "ab"), ("signing.key", "cd")] {
        std::fs::write(place.file(name), byte.repeat(32)).unwrap();
        std::fs::set_permissions(place.file(name), Permissions::from_mode(0o600)).unwrap();
    }
    let store = place.open().await.unwrap();
    assert_eq!(store.copy_keys().root_key.as_bytes(), &[0xab; 32]);
    assert_eq!(store.copy_keys().signing_seed.as_bytes(), &[0xcd; 32]);
}

#[tokio::test]
async fn wrong_keys_are_refused_before_anything_is_signed() {
    let place = Place::with(vec![]).await;
    std::fs::write(place.file("signing.key"), "ab".repeat(32)).unwrap();
    check(place.open().await, "another key than the store's");
    std::fs::write(place.file("signing.key"), "no key").unwrap();
    check(place.open().await, "64 hexadecimal digits");
    std::fs::set_permissions(place.file("root.key"), Permissions::from_mode(0o640)).unwrap();
    check(place.open().await, "chmod 600");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_servers_that_make_a_store_at_once_one_does() {
    let place = Place::new();
    let opened = tokio::join!(place.open(), place.open(), place.open(), place.open());
    let stores = [opened.0.unwrap(), opened.1.unwrap(), opened.2.unwrap(), opened.3.unwrap()];
    for (id, store) in (1..).zip(&stores) {
        assert!(append(store, vec![simple(id, 1)]).await[0].is_ok());
    }
    let first = stores[0].log(&vesterby()).await.unwrap();
    assert_eq!(stores[3].log(&vesterby()).await.unwrap(), first);
}

#[tokio::test]
async fn the_authority_is_chosen_once() {
    let place = Place::new();
    let with = |authority: &str| PostgresOptions {
        authority: Some(authority.to_owned()),
        ..place.options()
    };
    for malformed in ["", "a b", "a+b", "a/b", "å", &"a".repeat(101)] {
        check(PostgresStore::open(with(malformed)).await, "authority");
    }
    let store = PostgresStore::open(with("journal.vesterby.dk")).await.unwrap();
    let origin = store.log(&vesterby()).await.unwrap().origin;
    assert_eq!(origin, "journal.vesterby.dk/vesterby/journal");
    check(PostgresStore::open(with("other.dk")).await, "journal.vesterby.dk");
    let again = place.open().await.unwrap();
    assert_eq!(again.log(&vesterby()).await.unwrap().origin, origin);
    let random = Place::with(vec![]).await.open().await.unwrap();
    let origin = random.log(&vesterby()).await.unwrap().origin;
    assert!(origin.ends_with(".fokus.invalid/vesterby/journal") && origin.len() == 47, "{origin}");
}

#[tokio::test]
async fn a_store_of_real_people_is_not_opened_for_invented_ones() {
    let place = Place::new();
    let real = PostgresOptions { synthetic: false, ..place.options() };
    PostgresStore::open(real).await.unwrap();
    check(place.open().await, "invented");
}

#[tokio::test]
async fn a_copy_that_has_not_ended_is_not_served() {
    let keys = fokus_store::conformance::copy::keys;
    let place = Place::new();
    let copying = PostgresStore::open_for_copy(place.options(), keys()).await.unwrap();
    check(place.open().await, "has not ended");
    let info = copying.shared.journal.log(&vesterby()).unwrap().info.clone();
    fokus_store::CopyTarget::begin_copy(&copying, &vesterby(), &info).await.unwrap();
    assert!(copying.finish_copy().await.is_err(), "a tenant's copy has not ended");
    fokus_store::CopyTarget::end_copy(&copying, &vesterby()).await.unwrap();
    copying.finish_copy().await.unwrap();
    place.open().await.unwrap();
    let again = PostgresStore::open_for_copy(place.options(), keys()).await;
    check(again, "holds a store already");
}

#[tokio::test]
async fn tables_of_another_version_are_refused() {
    for (schema, sql) in [
        ("journal", "insert into journal.migration values (99, 'x')"),
        ("keys", "insert into keys.migration values (99, 'x')"),
        ("views", "insert into views.migration values (99, 'x')"),
    ] {
        let place = Place::with(vec![simple(1, 1)]).await;
        place.edit(sql).await;
        let error = place.open().await.unwrap_err();
        assert!(matches!(&error, OpenError::Newer { schema: it, version: 99 } if *it == schema));
        assert!(error.to_string().contains("newer version"), "{error}");
    }
    let place = Place::with(vec![]).await;
    place.edit("update journal.migration set checksum = 'x'").await;
    let error = place.open().await.unwrap_err();
    assert!(matches!(error, OpenError::OtherSchema { schema: "journal", version: 1 }), "{error}");
}

/// Makes a login role, a member of a group; gives the address of the place for it.
fn login(place: &Place, group: &str) -> String {
    let role = format!("{}_{group}", place.database);
    cluster().sql("postgres", &format!("create role {role} login in role {group}")).unwrap();
    cluster().url_as(&role, &place.database)
}

#[tokio::test]
async fn a_role_that_may_not_change_the_tables_needs_somebody_who_may() {
    let place = Place::with(vec![]).await;
    let options = PostgresOptions { url: login(&place, "fokus_app"), ..place.options() };
    place.edit("drop schema views cascade").await;
    let error = PostgresStore::open(options.clone()).await.unwrap_err();
    assert!(matches!(error, OpenError::Older { schema: "views", found: 0, needed: 2 }), "{error}");
    assert!(error.to_string().contains("fokus migrate"), "{error}");
    PostgresStore::migrate(&place.options()).await.unwrap();
    let options = PostgresOptions { keys_url: Some(place.url()), ..options };
    PostgresStore::open(options).await.unwrap();
}

#[tokio::test]
async fn each_role_may_do_its_own_and_nothing_else() {
    let place = Place::with(vec![simple(1, 1)]).await;
    let (app, keys) = (login(&place, "fokus_app"), login(&place, "fokus_keys"));
    let (eraser, reader) = (login(&place, "fokus_eraser"), login(&place, "fokus_reader"));
    let options =
        PostgresOptions { url: app.clone(), keys_url: Some(keys.clone()), ..place.options() };
    let store = PostgresStore::open(options).await.unwrap();
    // Everything that a server does.
    let many = draft(2).on(1, Expectation::Any, 64).claims("a").done();
    assert!(append(&store, vec![many]).await[0].is_ok());
    let more = (3..8).map(|id| draft(id).on(1, Expectation::Any, 60).releases("a").done());
    assert!(append(&store, more.collect()).await.iter().all(Result::is_ok));
    store.log(&tenant("osterby")).await.unwrap();
    store.add_kek(&vesterby(), WrappedKek { epoch: 1, wrapped: vec![1] }).await.unwrap();
    let lease = hold(&store, &vesterby(), "cases").await;
    store.begin(&vesterby(), &lease, &build(1), true).await.unwrap();
    let batch = step(0, 1, &[1], vec![row(1, "a", 1, 1)]);
    let batch = ViewBatch { published: vec![published(1, "a", "2019-Q1", 3)], ..batch };
    store.commit(&vesterby(), &lease, &build(1), batch).await.unwrap();
    store.begin(&vesterby(), &lease, &build(2), false).await.unwrap();
    store.switch(&vesterby(), &lease, &build(2)).await.unwrap();
    store.discard(&vesterby(), &lease, &build(1)).await.unwrap();
    store.release(&vesterby(), &lease).await.unwrap();
    for (url, sql) in [
        (&app, "update journal.leaf set revision = 9"),
        (&app, "delete from journal.leaf"),
        (&app, "truncate journal.leaf"),
        (&app, "update journal.envelope set idx = 3"),
        (&app, "delete from journal.envelope"),
        (&app, "delete from journal.tile"),
        (&app, "update journal.command set first = 9"),
        (&app, "delete from journal.log"),
        (&app, "delete from journal.store"),
        (&app, "select * from keys.key"),
        (&app, "insert into journal.migration values (9, 'x')"),
        (&app, "alter table journal.leaf disable trigger all"),
        (&keys, "select * from journal.leaf"),
        (&keys, "select * from views.view_row"),
        (&eraser, "select body from journal.envelope"),
        (&eraser, "delete from journal.leaf"),
        (&eraser, "select * from keys.key"),
        (&reader, "select * from journal.leaf"),
        (&reader, "select * from journal.store"),
        (&reader, "select * from keys.key"),
        (&reader, "select * from views.view_row"),
        (&reader, "select * from views.published_cell"),
        (&reader, "select * from views.view_checkpoint"),
        (&reader, "select views.switch('vesterby', 'cases', 1, 'cases', 1)"),
        (&app, "select * from released.outcome"),
        (&eraser, "select * from released.outcome"),
    ] {
        let target = Target::parse("journal", url).unwrap();
        let mut connection = target.options.connect().await.unwrap();
        let refused = sqlx::raw_sql(sql).execute(&mut connection).await.unwrap_err();
        let code = refused.as_database_error().and_then(|it| it.code()).unwrap_or_default();
        assert_eq!(code, "42501", "{sql}: {refused}");
    }
    let target = Target::parse("journal", &eraser).unwrap();
    let mut connection = target.options.connect().await.unwrap();
    let erase = "delete from journal.envelope where tenant = 'vesterby' and position = 1";
    let erased = sqlx::raw_sql(erase).execute(&mut connection).await.unwrap();
    assert_eq!(erased.rows_affected(), 2);
}

/// Every primary key and unique index of what tenants share begins with the tenant.
#[tokio::test]
async fn every_key_begins_with_the_tenant() {
    let place = Place::with(vec![]).await;
    let sql = "select i.indrelid::regclass::text, a.attname::text from pg_index i \
               join pg_class c on c.oid = i.indrelid join pg_namespace s on s.oid = c.relnamespace \
               join pg_attribute a on a.attrelid = i.indrelid and a.attnum = i.indkey[0] \
               where i.indisunique and s.nspname in ('journal', 'keys', 'views') order by 1";
    let keys = sqlx::query_as(sql).fetch_all(&mut place.connect().await).await.unwrap();
    let keys: Vec<(String, String)> = keys;
    // The store's own row and the migrations are no tenant's.
    let own = ["journal.store", "journal.migration", "keys.migration", "views.migration"];
    let of_tenants: Vec<_> = keys.iter().filter(|(it, _)| !own.contains(&it.as_str())).collect();
    assert_eq!(of_tenants.len(), 17, "{of_tenants:?}");
    assert!(of_tenants.iter().all(|(_, first)| first == "tenant"), "{of_tenants:?}");
}
