//! Each column of each row of each table of a store, changed one at a time: `fokus check` finds all of it.
//! The tables and columns are read from the databases themselves (`python/tamper.py`, [`postgres`]), so that a
//! new one is covered by itself. Views are left out: they are derived.

mod postgres;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::harness::audited::copy_folder;
use crate::harness::binary;
use crate::harness::place::{Place, Role, text};
use crate::harness::seeded::Seeded;
use crate::harness::server::Server;
use crate::harness::world::World;
use crate::tidy::root;

/// Changes everything in a copy of the store; gives how many changes were tried of each column. Fails if one
/// was not found.
#[track_caller]
fn tampered(place: &Place, tables: &[&str]) -> BTreeMap<String, u32> {
    let work = place.folder().join("work");
    fs::create_dir_all(&work).unwrap();
    let script = root().join("tests/python/tamper.py");
    let found = copied(place);
    let arguments = [text(&script), text(binary::path()), text(&found), text(&work)];
    let output = Command::new("python3").args([&arguments[..], tables].concat()).output();
    let output = output.expect("python3 runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let printed = String::from_utf8(output.stdout).unwrap();
    assert!(!printed.contains("MISSED"), "{printed}");
    let count = |line: &str| {
        let (column, count) = line.rsplit_once(": ").expect("a column and a count");
        (column.to_owned(), count.parse().expect("a count"))
    };
    printed.lines().map(count).collect()
}

/// The store as it is found, write-ahead logs and all.
fn copied(place: &Place) -> PathBuf {
    let copy = place.folder().join("found");
    copy_folder(&place.store(), &copy);
    copy
}

/// The columns of a table, as the migrations say it has them; computed ones left out.
fn columns(migration: &Path, table: &str) -> Vec<String> {
    let sql = fs::read_to_string(migration).unwrap();
    let begin = format!("create table {table} (\n");
    let body = sql.split_once(&begin).expect("the table").1.split_once("\n)").unwrap().0;
    let lines = body.lines().filter(|it| !it.contains(" virtual"));
    let names = lines.filter_map(|it| it.split_whitespace().next());
    let is_name = |it: &&str| !matches!(*it, "unique" | "primary" | "check");
    names.filter(is_name).map(str::to_owned).collect()
}

#[track_caller]
fn check_covered(tried: &BTreeMap<String, u32>, database: &str, migration: &str, tables: &[&str]) {
    let migration = root().join("migrations/sqlite").join(migration);
    for table in tables {
        for column in columns(&migration, table) {
            let name = format!("{database} {table}.{column}");
            assert!(
                tried.get(&name).is_some_and(|it| *it > 0),
                "{name} was not changed: {tried:?}"
            );
        }
    }
}

async fn small(place: &Place, name: &str) -> (Server, World, Seeded) {
    let server = Server::start(place).await;
    let clients = server.clients(place, Role::TeamLead, "lead-1").await;
    let mut seeded = Seeded::new(name);
    let world = World::new(&mut seeded, 0);
    clients.all_accepted(world.commands(&mut seeded)).await;
    (server, world, seeded)
}

async fn note_until(
    server: &Server,
    place: &Place,
    world: &World,
    seeded: &mut Seeded,
    position: i64,
) {
    let clients = server.clients(place, Role::TeamLead, "lead-1").await;
    while clients.accepted(world.note(seeded, "Aftalt nyt møde.")).await.position < position {}
}

const KEYS: (&str, &str) = ("keys.db", "keys/0001_keys.sql");
const JOURNAL: (&str, &str) = ("journal.db", "journal/0001_log.sql");

#[tokio::test(flavor = "multi_thread")]
async fn every_column_of_a_store_that_was_closed_in_order_is_checked() {
    let place = Place::new();
    let (server, ..) = small(&place, "tampering/closed").await;
    assert!(server.stop().await.status.success());
    let tried = tampered(&place, &[]);
    let tables = ["log", "leaf", "envelope", "stream", "stream_name", "command", "claimed_key"];
    check_covered(&tried, JOURNAL.0, JOURNAL.1, &tables);
    check_covered(&tried, KEYS.0, KEYS.1, &["kek", "key"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_column_of_a_store_whose_server_was_killed_is_checked() {
    let place = Place::new();
    let (mut server, ..) = small(&place, "tampering/killed").await;
    server.kill();
    server.ended().await;
    let tried = tampered(&place, &["log", "leaf", "envelope", "unsettled", "claimed_key"]);
    check_covered(&tried, JOURNAL.0, JOURNAL.1, &["log", "leaf", "envelope", "unsettled"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_column_of_tiles_and_marks_is_checked() {
    let place = Place::new();
    let (server, world, mut seeded) = small(&place, "tampering/tiles").await;
    note_until(&server, &place, &world, &mut seeded, 260).await;
    assert!(server.stop().await.status.success());
    let tried = tampered(&place, &["log", "tile", "stream_mark"]);
    check_covered(&tried, JOURNAL.0, JOURNAL.1, &["tile", "stream_mark"]);
}
