//! The guard against rollback: a store that stands behind or beside its anchor is only read.

use std::fs;

use fokus_log::note::{VerifierKey, open_checkpoint};
use fokus_proto::v1::ReadHistoryRequest;
use tonic::Code;
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_check_response::ServingStatus;
use tonic_health::pb::health_client::HealthClient;

use crate::harness::audited::{Audited, copy_folder};
use crate::harness::clients::channel;
use crate::harness::in_time;
use crate::harness::place::{Place, Role, TENANT, text};
use crate::harness::server::Server;
use crate::harness::world::World;

/// A folder for anchors, beside the store.
fn anchor(place: &Place) -> std::path::PathBuf {
    let folder = place.folder().join("anchor");
    fs::create_dir_all(&folder).unwrap();
    folder
}

/// Waits until the log is anchored at this size.
async fn anchored(folder: &std::path::Path, key: &VerifierKey, size: i64) {
    let file = folder.join(format!("{TENANT}.note"));
    let mut beat = tokio::time::interval(std::time::Duration::from_millis(20));
    let there = async {
        loop {
            let note = fs::read_to_string(&file).unwrap_or_default();
            let signed = open_checkpoint(&note, &key.name, &key.public_key);
            if signed.is_ok_and(|it| i64::try_from(it.size) == Ok(size)) {
                return;
            }
            beat.tick().await;
        }
    };
    in_time("the anchor", there).await;
}

async fn health(server: &Server) -> i32 {
    let mut health = HealthClient::new(channel(&server.url).await);
    let request = HealthCheckRequest { service: "fokus.v1.Guard".to_owned() };
    in_time("health", health.check(request)).await.unwrap().into_inner().status
}

/// Fails unless the server says that the log is only read, refuses commands, and still reads.
async fn check_read_only(audited: &mut Audited, words: &str) {
    let told = audited.server.told(&format!("ALARM: {TENANT} is only read: ")).await;
    assert!(told.contains(words), "{told}");
    assert_eq!(health(&audited.server).await, i32::from(ServingStatus::NotServing));
    audited.refused_note().await.is(Code::Unavailable, "STORE_READ_ONLY");
    let auditor = audited.server.clients(&audited.place, Role::Auditor, "auditor-1").await;
    let log = auditor.whole_log().await;
    assert!(!log.is_empty());
    assert_eq!(auditor.head().await, i64::try_from(log.len()).unwrap(), "nothing was written");
}

/// What `fokus check --anchor` finds; nothing is wrong with the store alone.
#[track_caller]
fn check_against(place: &Place, folder: &std::path::Path, words: Option<&str>) {
    place.check_sound();
    let output = place.check(&["--anchor", text(folder)]);
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(i32::from(words.is_some())), "{told}");
    assert!(told.contains(words.unwrap_or_default()), "{told}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_older_copy_of_the_folder_is_only_read() {
    let place = Place::new();
    let folder = anchor(&place);
    let environment = [("FOKUS_ANCHOR", text(&folder))];
    let mut audited = Audited::start_with(place, "guard/older", &environment).await;
    let key: VerifierKey = audited.verifier_key.parse().unwrap();
    let early = audited.add_family().await;
    // A backup, of a server that has ended in order.
    audited.restart_with(&environment).await;
    let backup = audited.place.folder().join("backup");
    audited.stop().await;
    copy_folder(&audited.place.store(), &backup);
    anchored(&folder, &key, early).await;
    audited.restart_with(&environment).await;
    assert_eq!(health(&audited.server).await, i32::from(ServingStatus::Serving));
    let late = audited.add_family().await;
    anchored(&folder, &key, late).await;
    let command = {
        let world = World::new(&mut audited.seeded, 70);
        world.commands(&mut audited.seeded)[0].clone()
    };
    let answer = audited.worker.accepted(command.clone()).await;
    anchored(&folder, &key, answer.position).await;

    // The backup comes back.
    audited.stop().await;
    check_against(&audited.place, &folder, None);
    fs::remove_dir_all(audited.place.store()).unwrap();
    copy_folder(&backup, &audited.place.store());
    let words = format!("the log stands at {early}, behind {}", answer.position);
    check_against(&audited.place, &folder, Some(&words));
    audited.restart_with(&environment).await;
    check_read_only(&mut audited, &words).await;
    // What was accepted and lost is not accepted a second time, at another position.
    audited.worker.refused(command).await.is(Code::Unavailable, "STORE_READ_ONLY");
    anchored(&folder, &key, answer.position).await;

    // Without the anchor nobody would have noticed: that is what it is for.
    audited.restart_with(&[]).await;
    audited.add_family().await;
    // And now it stands beside the anchor, at a size that the anchor does not reach.
    audited.add_family().await;
    audited.stop().await;
    check_against(&audited.place, &folder, Some("another history"));
    audited.restart_with(&environment).await;
    check_read_only(&mut audited, "another history").await;
    // A repeated command of the history that is there still gets its answer.
    let history = ReadHistoryRequest { limit: 1, ..ReadHistoryRequest::default() };
    let auditor = audited.server.clients(&audited.place, Role::Auditor, "auditor-1").await;
    assert_eq!(auditor.history(history).await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_anchor_of_another_log_or_none_that_can_be_read_stops_the_writing() {
    let place = Place::new();
    let folder = anchor(&place);
    let environment = [("FOKUS_ANCHOR", text(&folder))];
    let mut audited = Audited::start_with(place, "guard/other", &environment).await;
    let key: VerifierKey = audited.verifier_key.parse().unwrap();
    let size = audited.add_family().await;
    anchored(&folder, &key, size).await;
    let file = folder.join(format!("{TENANT}.note"));
    let note = fs::read_to_string(&file).unwrap();

    // A running server notices that its anchor cannot be read, and when it can be again.
    fs::remove_file(&file).unwrap();
    fs::create_dir(&file).unwrap();
    wait_for_health(&audited.server, ServingStatus::NotServing).await;
    fs::remove_dir(&file).unwrap();
    fs::write(&file, &note).unwrap();
    wait_for_health(&audited.server, ServingStatus::Serving).await;
    let size = audited.add_family().await;
    anchored(&folder, &key, size).await;

    fs::write(&file, note.replace(&key.name, "other.test/demo/journal")).unwrap();
    audited.restart_with(&environment).await;
    check_read_only(&mut audited, "another log").await;

    // A log that is anchored and gone.
    fs::remove_file(&file).unwrap();
    fs::write(folder.join("roskilde.note"), &note).unwrap();
    audited.restart_with(&environment).await;
    let told = audited.server.told("ALARM: roskilde is only read: ").await;
    assert!(told.contains("the log stands at 0"), "{told}");
}

async fn wait_for_health(server: &Server, status: ServingStatus) {
    let mut beat = tokio::time::interval(std::time::Duration::from_millis(50));
    let reached = async {
        while health(server).await != i32::from(status) {
            beat.tick().await;
        }
    };
    in_time("the guard's health", reached).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_anchor_that_is_not_there_is_not_made() {
    let place = Place::new();
    let absent = place.folder().join("absent");
    let ended = match Server::try_start(&place, &[("FOKUS_ANCHOR", text(&absent))]).await {
        Ok(_) => panic!("the server started"),
        Err(it) => it,
    };
    assert_eq!(ended.status.code(), Some(2));
    assert!(ended.standard_error.contains("make the folder"), "{ended:?}");
    assert!(!absent.exists());
}
