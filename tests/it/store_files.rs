//! A store's folder: what may be deleted, what may not, who may open it, and what tampering shows.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::process::Command;

use tokio::task::JoinSet;

use crate::harness::place::{Place, Role, text};
use crate::harness::readings::everything;
use crate::harness::seeded::Seeded;
use crate::harness::server::{Ended, Server};
use crate::harness::world::World;
use crate::harness::{binary, in_time};

/// A store with some families, closed in order.
async fn filled(place: &Place, name: &str, families: u32) -> (Vec<World>, i64) {
    let server = Server::start(place).await;
    let clients = server.clients(place, Role::TeamLead, "lead-1").await;
    let mut seeded = Seeded::new(name);
    let worlds: Vec<World> = (0..families).map(|number| World::new(&mut seeded, number)).collect();
    let mut writing = JoinSet::new();
    for world in &worlds {
        let mut commands = world.commands(&mut seeded);
        commands.push(world.note(&mut seeded, "Aftalt nyt møde."));
        let clients = clients.clone();
        writing.spawn(async move { clients.all_accepted(commands).await });
    }
    let positions = in_time("the families", writing.join_all()).await;
    assert!(server.stop().await.status.success());
    (worlds, positions.into_iter().max().unwrap_or_default())
}

fn ids(worlds: &[World]) -> Vec<String> {
    worlds.iter().map(|it| it.family_id.clone()).collect()
}

/// Fails unless the server refuses to start with words that hold all of these, and changes nothing.
async fn check_refused_start(place: &Place, words: &[&str]) {
    let before = place.digests();
    let ended = match Server::try_start(place, &[]).await {
        Ok(_) => panic!("the server started"),
        Err(it) => it,
    };
    let Ended { status, standard_error, .. } = &ended;
    assert_eq!(status.code(), Some(2), "{ended:?}");
    for word in words {
        assert!(standard_error.contains(word), "{word:?} in {ended:?}");
    }
    assert_eq!(place.digests(), before, "nothing was written");
}

#[tokio::test(flavor = "multi_thread")]
async fn deleted_views_come_back_with_the_same_rows() {
    let place = Place::new();
    let (worlds, position) = filled(&place, "store_files/views", 3).await;
    let server = Server::start(&place).await;
    let clients = server.clients(&place, Role::TeamLead, "lead-1").await;
    let before = everything(&clients, &ids(&worlds), position).await;
    assert!(server.stop().await.status.success());

    fs::remove_file(place.file("views.db")).expect("the views are deleted");
    let server = Server::start(&place).await;
    let clients = server.clients(&place, Role::TeamLead, "lead-1").await;
    let after = everything(&clients, &ids(&worlds), position).await;
    assert!(before == after, "status, list and timeline are equal to the byte");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_without_one_of_its_parts_is_refused_and_left_alone() {
    let place = Place::new();
    filled(&place, "store_files/parts", 1).await;
    for part in ["keys.db", "root.key", "signing.key", "journal.db"] {
        let (path, aside) = (place.file(part), place.store().with_extension("aside"));
        fs::rename(&path, &aside).expect("the part is taken away");
        check_refused_start(&place, &[part, "restore"]).await;
        assert!(!path.exists(), "{part} was made anew");
        fs::rename(&aside, &path).expect("the part is restored");
    }
    let server = Server::start(&place).await;
    assert!(server.stop().await.status.success());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_others_may_read_is_refused() {
    let place = Place::new();
    filled(&place, "store_files/modes", 1).await;
    for name in
        ["journal.db", "keys.db", "views.db", "released.db", "root.key", "signing.key", "lock"]
    {
        let mode = fs::metadata(place.file(name)).expect("a file").permissions().mode() & 0o777;
        assert_eq!(mode, 0o600, "{name}");
    }
    for (key, mode) in [("root.key", 0o644), ("root.key", 0o640), ("signing.key", 0o604)] {
        fs::set_permissions(place.file(key), fs::Permissions::from_mode(mode)).expect("chmod");
        check_refused_start(&place, &[key, "chmod 600"]).await;
        fs::set_permissions(place.file(key), fs::Permissions::from_mode(0o600)).expect("chmod");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_has_one_server_at_a_time() {
    let place = Place::new();
    let server = Server::start(&place).await;
    let ended = match Server::try_start(&place, &[]).await {
        Ok(_) => panic!("a second server started"),
        Err(it) => it,
    };
    assert_eq!(ended.status.code(), Some(2));
    assert!(ended.standard_error.contains("another process"), "{ended:?}");
    let checked = binary::run(&["check", "--store", &place.store_flag()]);
    assert_eq!(checked.status.code(), Some(2), "nobody checks a store that is being written");
    // The first one goes on.
    let clients = server.clients(&place, Role::TeamLead, "lead-1").await;
    let mut seeded = Seeded::new("store_files/one");
    clients.all_accepted(World::new(&mut seeded, 0).commands(&mut seeded)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_with_something_else_in_it_is_no_store() {
    let place = Place::new();
    fs::create_dir(place.store()).expect("a folder");
    fs::write(place.file("notes.txt"), "not a store").expect("a file");
    let ended = match Server::try_start(&place, &[]).await {
        Ok(_) => panic!("the server started"),
        Err(it) => it,
    };
    assert_eq!(ended.status.code(), Some(2));
    assert!(ended.standard_error.contains("notes.txt"), "{ended:?}");
    let names: Vec<String> = place.digests().into_keys().filter(|it| it != "lock").collect();
    assert_eq!(names, ["notes.txt"]);
}

/// Changes a database as a newer version of the program would. Python's own library does it: this crate
/// must not know SQL, and the whole suite needs Python anyway.
fn migrated_further(place: &Place, database: &str) {
    const SCRIPT: &str = "import sqlite3, sys\n\
        with sqlite3.connect(sys.argv[1]) as it:\n    \
        it.execute(\"insert into migration (number, name, sha256) \
        select 9001, 'later', sha256 from migration limit 1\")\n";
    let path = place.file(database);
    let output = Command::new("python3").args(["-c", SCRIPT, text(&path)]).output();
    let output = output.expect("python3 runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_of_a_newer_version_is_refused() {
    for database in ["journal.db", "keys.db"] {
        let place = Place::new();
        filled(&place, "store_files/newer", 1).await;
        migrated_further(&place, database);
        check_refused_start(&place, &[database, "newer version"]).await;
        let checked = binary::run(&["check", "--store", &place.store_flag()]);
        assert_eq!(checked.status.code(), Some(2));
    }
}

/// Flips one bit of the leaf, wherever its row stands in the file.
fn tamper(place: &Place, leaf: &[u8]) {
    let path = place.file("journal.db");
    let mut bytes = fs::read(&path).expect("the journal");
    let rows: Vec<usize> = bytes
        .windows(leaf.len())
        .enumerate()
        .filter(|(_, it)| *it == leaf)
        .map(|(at, _)| at)
        .collect();
    assert_eq!(rows.len(), 1, "one row holds the leaf");
    bytes[rows[0] + leaf.len() / 2] ^= 1;
    fs::write(&path, bytes).expect("the journal is written");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_changed_leaf_is_found() {
    // More than a tile, so that the first leaf lies behind what a start reads again.
    const FAMILIES: u32 = 30;
    let place = Place::new();
    filled(&place, "store_files/leaf", FAMILIES).await;
    let flag = place.store_flag();
    let checked = binary::run(&["check", "--store", &flag]);
    assert_eq!(checked.status.code(), Some(0), "{}", String::from_utf8_lossy(&checked.stderr));

    let server = Server::start(&place).await;
    let log = server.clients(&place, Role::Auditor, "auditor-1").await.whole_log().await;
    assert!(log.len() > 256);
    assert!(server.stop().await.status.success());
    let (first, last) = (&log[0], log.last().expect("a leaf"));

    tamper(&place, &first.leaf);
    let checked = binary::run(&["check", "--store", &flag]);
    let said = String::from_utf8_lossy(&checked.stderr);
    assert_eq!(checked.status.code(), Some(1), "{said}");
    assert!(said.contains("tile 0 of level 0 is not that of the leaves"), "{said}");

    // At the right edge of the tree, a start finds it.
    tamper(&place, &last.leaf);
    check_refused_start(&place, &["journal.db", "restore"]).await;
    let checked = binary::run(&["check", "--store", &flag]);
    assert_eq!(checked.status.code(), Some(1));
}
