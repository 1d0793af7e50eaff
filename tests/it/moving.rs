//! Moving house: a store is copied from a folder to a database and back, and is the same.

use std::path::Path;
use std::process::{Child, Output, Stdio};

use serde_json::Value;
use tempfile::TempDir;

use crate::harness::binary;
use crate::harness::database::{Database, role, until_it_waits};
use crate::harness::place::{Place, Role, text};
use crate::harness::server::Server;

/// Where a copy is cut: in the middle of the demo's log.
const CUT_AT: u64 = 150;

/// A store, with the flags that name it and its keys, after a prefix: ``, `from-` or `to-`.
struct Store {
    name: String,
    keys: Option<(String, String)>,
}

impl Store {
    fn folder(path: &Path) -> Store {
        Store { name: format!("sqlite:{}", text(path)), keys: None }
    }

    /// The store that a place has in a database.
    fn of(place: &Place) -> Store {
        let flags = place.store_flags();
        Store { name: flags[1].clone(), keys: Some((flags[3].clone(), flags[5].clone())) }
    }

    fn flags(&self, name: &str, prefix: &str) -> Vec<String> {
        let mut flags = vec![name.to_owned(), self.name.clone()];
        if let Some((root, signing)) = &self.keys {
            flags.extend([format!("--{prefix}root-key"), root.clone()]);
            flags.extend([format!("--{prefix}signing-key"), signing.clone()]);
        }
        flags
    }

    /// Everything that `check` says of the only log: origin, position, root, digest and counts.
    #[track_caller]
    fn checked(&self) -> Value {
        let flags = [vec!["check".to_owned(), "--json".to_owned()], self.flags("--store", "")];
        let flags = flags.concat();
        let said = binary::print(&flags.iter().map(String::as_str).collect::<Vec<_>>());
        assert_eq!(said.lines().count(), 1, "one log: {said}");
        serde_json::from_str(&said).expect("JSON")
    }
}

fn copy_flags(from: &Store, to: &Store) -> Vec<String> {
    [vec!["copy".to_owned()], from.flags("--from", "from-"), to.flags("--to", "to-")].concat()
}

fn copy(from: &Store, to: &Store) -> Output {
    binary::command().args(copy_flags(from, to)).output().expect("the program runs")
}

/// Copies, which succeeds; gives what was told.
#[track_caller]
fn copied(from: &Store, to: &Store) -> String {
    let output = copy(from, to);
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{told}");
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(said.contains("demo: the same"), "{said}{told}");
    told
}

/// A small demo's folder.
fn demo(temp: &TempDir) -> Store {
    let folder = temp.path().join("demo");
    let flags = ["demo", "--no-serve", "--families", "3", "--listen", "127.0.0.1:0", "--data"];
    binary::print(&[&flags[..], &[text(&folder)]].concat());
    Store::folder(&folder)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_demo_is_copied_to_a_database_and_back_and_is_the_same() {
    let temp = TempDir::new().expect("a folder");
    let original = demo(&temp);
    let expected = original.checked();
    assert_eq!(expected["findings"], 0);

    let database = Database::shared();
    let place = Place::at(database.url(0));
    copied(&original, &Store::of(&place));
    assert_eq!(Store::of(&place).checked(), expected);
    let back = Store::folder(&temp.path().join("back"));
    copied(&Store::of(&place), &back);
    assert_eq!(back.checked(), expected);

    // A place where a store is takes no copy.
    let again = copy(&original, &back);
    assert_eq!(again.status.code(), Some(2), "{}", String::from_utf8_lossy(&again.stderr));
    assert_eq!(back.checked(), expected);

    // The copy is a store: its families are read, and it goes on where the other stopped.
    let server = Server::start(&place).await;
    let lead = server.clients(&place, Role::TeamLead, "lead-1").await;
    let head = lead.head().await;
    assert_eq!(Value::from(head), expected["position"]);
    let families = lead
        .list(fokus_proto::v1::ListFamiliesRequest { min_position: head, ..Default::default() })
        .await
        .families;
    assert_eq!(families.len(), 3);
    let mut seeded = crate::harness::seeded::Seeded::new("moving/on");
    let world = crate::harness::world::World::new(&mut seeded, 77);
    let position = lead.all_accepted(world.commands(&mut seeded)).await;
    assert_eq!(position, head + 8);
    assert!(server.stop().await.status.success());
    place.check_sound();
}

/// Makes a statement in the middle of the copy wait for a lock that somebody else has.
const HOLD_UP: &str = "
    create function public.hold_up() returns trigger language plpgsql as $$ begin
        perform pg_advisory_xact_lock(4711);
        return new;
    end $$;
    create trigger hold_up before insert on journal.leaf
        for each row when (new.position >= CUT_AT) execute function public.hold_up();";

/// Begins a copy, and does not wait for its end.
fn begin(from: &Store, to: &Store) -> Child {
    let mut command = binary::command();
    command.args(copy_flags(from, to)).stdout(Stdio::null()).stderr(Stdio::null());
    command.spawn().expect("the program runs")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_copy_that_is_killed_is_no_store_and_goes_on_where_it_was() {
    let temp = TempDir::new().expect("a folder");
    let original = demo(&temp);
    let expected = original.checked();
    assert!(expected["position"].as_u64() > Some(CUT_AT));

    let database = Database::shared();
    let place = Place::at(database.url(0));
    let half = Store::of(&place);
    database.sql(&HOLD_UP.replace("CUT_AT", &CUT_AT.to_string()));
    let mut session = database.session();
    session.run("select pg_advisory_lock(4711)").await;
    let mut copying = begin(&original, &half);
    database.sql(&until_it_waits(&role(0)));
    copying.kill().expect("it is killed");
    copying.wait().expect("it has ended");
    session.run("select pg_advisory_unlock(4711)").await;
    database.sql("drop trigger hold_up on journal.leaf");

    // What is half there is not served.
    let ended = match Server::try_start(&place, &[]).await {
        Ok(_) => panic!("the server started on half a copy"),
        Err(it) => it,
    };
    assert_eq!(ended.status.code(), Some(2), "{ended:?}");
    assert!(ended.standard_error.contains("a copy to this store has not ended"), "{ended:?}");

    copied(&original, &half);
    assert_eq!(half.checked(), expected);
    let server = Server::start(&place).await;
    assert!(server.stop().await.status.success());
}
