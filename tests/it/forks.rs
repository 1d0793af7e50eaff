//! Forks: a history that was rewritten, by somebody who has the log's key and by somebody who has not, and
//! who finds it: `fokus-verify`, a client that kept a checkpoint, a witness.

use std::fs;
use std::path::Path;

use fokus_bundle::manifest::{File, Manifest};
use fokus_log::leaf_hash;
use fokus_log::note::{Checkpoint, Ed25519Signer, open_checkpoint, sign_checkpoint, sign_note};
use fokus_log::tile::{entries_from_bytes, entries_to_bytes};
use fokus_log::tree_hash;
use fokus_verify::report::{Outcome, Step};
use fokus_verify::trust::Trust;
use fokus_verify::{Contents, verify};
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_check_response::ServingStatus;
use tonic_health::pb::health_client::HealthClient;

use crate::harness::audited::{Audited, copy_folder, said};
use crate::harness::clients::channel;
use crate::harness::in_time;
use crate::harness::place::{Place, TENANT, text};
use crate::harness::server::Server;
use crate::harness::witness::{Mood, TestWitness};

/// Two histories of one log, signed by its own key: they part at `parted`. The first was seen at `seen`;
/// then the folder was replaced by a copy made at `parted`, and written on differently.
struct Forked {
    audited: Audited,
    parted: i64,
    seen: i64,
    /// The checkpoint of the first history at `seen`.
    kept: std::path::PathBuf,
}

/// The folder goes back to where it was; `between` looks at the first history before that.
async fn forked(
    name: &str,
    environment: &[(&str, &str)],
    between: impl AsyncFnOnce(&Audited),
) -> Forked {
    let mut audited = Audited::start_with(Place::new(), name, environment).await;
    let parted = audited.add_family().await;
    let copy = audited.place.folder().join("copy");
    audited.stop().await;
    copy_folder(&audited.place.store(), &copy);
    audited.restart_with(environment).await;
    let seen = audited.add_family().await;
    between(&audited).await;
    let kept = audited.keep_checkpoint("kept.note");
    audited.stop().await;
    fs::remove_dir_all(audited.place.store()).unwrap();
    copy_folder(&copy, &audited.place.store());
    audited.restart_with(environment).await;
    Forked { audited, parted, seen, kept }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_kept_a_checkpoint_finds_a_fork_signed_by_the_logs_own_key() {
    let Forked { mut audited, parted, seen, kept } = forked("forks/client", &[], async |it| {
        // Before the fork: what is kept is continued, and what continues it is printed.
        let kept = it.keep_checkpoint("first.note");
        let same = it.run(&["checkpoint", "--since", text(&kept)]);
        assert!(same.status.success(), "{}", said(&same));
        assert_eq!(same.stdout, fs::read(&kept).unwrap());
    })
    .await;
    let key_file = audited.key_file();
    let since = |audited: &Audited, more: &[&str]| {
        let looked = audited.run(&[&["checkpoint", "--since", text(&kept)], more].concat());
        (looked.status.code(), said(&looked), looked.stdout)
    };
    // Shorter than it was.
    for more in [&[][..], &["--log-key", text(&key_file)]] {
        let (code, told, printed) = since(&audited, more);
        assert_eq!((code, printed), (Some(1), Vec::new()), "{told}");
        assert!(
            told.contains(&format!("{seen} events")) && told.contains(&format!("{parted} now")),
            "{told}"
        );
    }
    // Longer than it was, with another past.
    let mut now = parted;
    while now <= seen {
        now = audited.add_family().await;
    }
    for more in [&[][..], &["--log-key", text(&key_file)], &["--json"]] {
        let (code, told, printed) = since(&audited, more);
        assert_eq!((code, printed), (Some(1), Vec::new()), "{told}");
        let names =
            told.contains(&format!("{now} events")) && told.contains(&format!("{seen} events"));
        assert!(names && told.contains("forked"), "{told}");
    }
    // A bundle of the second history is in order, but for whoever kept the checkpoint.
    let auditor = age::x25519::Identity::generate();
    let folder = audited.bundle("bundle", &auditor.to_public().to_string());
    let trust = Trust::from_text(&fs::read_to_string(&key_file).unwrap()).unwrap();
    let contents = Contents::Opened(&auditor);
    let report = verify(&folder, &trust, &contents, None, None, &|_, _| {}).unwrap();
    assert_eq!(report.exit_code(), 0, "{}", report.to_text());
    let kept = fs::read_to_string(&kept).unwrap();
    let report = verify(&folder, &trust, &contents, Some(&kept), None, &|_, _| {}).unwrap();
    let told = report.to_text();
    assert_eq!(report.exit_code(), 1, "{told}");
    let names = told.contains(&format!("of {seen} that was kept")) && told.contains("forked");
    assert!(names, "{told}");
    // The server's own word alone says nothing: it is signed by the log's key.
    let printed = audited.run(&["checkpoint", "--log-key", text(&key_file)]);
    assert!(printed.status.success(), "{}", said(&printed));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_checkpoint_is_believed_under_the_key_that_signed_it_alone() {
    let audited = Audited::start(Place::new(), "forks/keys").await;
    let kept = audited.keep_checkpoint("kept.note");
    let other = Audited::start(Place::new(), "forks/other").await;
    let check = |arguments: &[&str], code: i32, words: &str| {
        let looked = audited.run(&[&["checkpoint"], arguments].concat());
        assert_eq!(looked.status.code(), Some(code), "{}", said(&looked));
        assert!(said(&looked).contains(words), "{words:?} in {}", said(&looked));
    };
    check(&["--log-key", text(&other.key_file())], 1, "the server's checkpoint");
    let foreign = other.keep_checkpoint("kept.note");
    check(&["--since", text(&foreign)], 1, "the checkpoint kept earlier");
    let altered = audited.place.folder().join("altered.note");
    let note = fs::read_to_string(&kept).unwrap();
    let size = note.lines().nth(1).unwrap().to_owned();
    fs::write(&altered, note.replacen(&size, "7", 1)).unwrap();
    check(&["--since", text(&altered)], 1, "the checkpoint kept earlier");
    fs::write(&altered, "no note").unwrap();
    check(&["--since", text(&altered)], 2, "altered.note");
    check(&["--since", "absent.note"], 2, "absent.note");
    check(&["--since", text(&kept)], 0, "Continues the checkpoint kept");
}

async fn health(server: &Server) -> i32 {
    let mut health = HealthClient::new(channel(&server.url).await);
    let request = HealthCheckRequest { service: "fokus.v1.Guard".to_owned() };
    in_time("health", health.check(request)).await.unwrap().into_inner().status
}

/// Waits until something is so.
async fn until(what: &str, mut is: impl AsyncFnMut() -> bool) {
    let mut beat = tokio::time::interval(std::time::Duration::from_millis(50));
    let reached = async {
        while !is().await {
            beat.tick().await;
        }
    };
    in_time(what, reached).await;
}

/// The key that a log of this place will have is known only when it has one: a first server tells it.
async fn log_key(name: &str) -> (Place, String) {
    let audited = Audited::start(Place::new(), name).await;
    let Audited { place, server, verifier_key, .. } = audited;
    assert!(server.stop().await.status.success());
    (place, verifier_key)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_witness_finds_a_fork_signed_by_the_logs_own_key() {
    let (place, key) = log_key("forks/key").await;
    let witness = TestWitness::start(&key).await;
    let environment = witness.environment();
    let mut audited = Audited::start_on(place, "forks/witness", 1, &environment).await;
    let parted = audited.add_family().await;
    let copy = audited.place.folder().join("copy");
    audited.stop().await;
    copy_folder(&audited.place.store(), &copy);
    audited.restart_with(&environment).await;
    let seen = audited.add_family().await;
    until("the witness's memory", async || i64::try_from(witness.knows()) == Ok(seen)).await;
    assert_eq!(health(&audited.server).await, i32::from(ServingStatus::Serving));
    until("a cosigned checkpoint", async || {
        let printed = audited.run(&["checkpoint"]);
        String::from_utf8(printed.stdout).unwrap().contains("\u{2014} witness.test/w ")
    })
    .await;

    // Rolled back: the witness knows more than the store. Nobody needs to write for that to be found.
    audited.stop().await;
    fs::remove_dir_all(audited.place.store()).unwrap();
    copy_folder(&copy, &audited.place.store());
    audited.restart_with(&environment).await;
    until("the alarm", async || {
        health(&audited.server).await == i32::from(ServingStatus::NotServing)
    })
    .await;
    let refused = audited.refused_note().await;
    refused.is(tonic::Code::Unavailable, "STORE_READ_ONLY");

    // Written on without the witness, past what it knows, and then shown to it.
    audited.restart_with(&[]).await;
    let mut now = parted;
    while now <= seen {
        now = audited.add_family().await;
    }
    witness.answers();
    audited.restart_with(&environment).await;
    until("the alarm", async || {
        health(&audited.server).await == i32::from(ServingStatus::NotServing)
    })
    .await;
    assert!(witness.answers().contains(&422));
    audited.refused_note().await.is(tonic::Code::Unavailable, "STORE_READ_ONLY");
    assert_eq!(i64::try_from(witness.knows()), Ok(seen), "it has cosigned nothing of the fork");
}

#[tokio::test(flavor = "multi_thread")]
async fn commands_never_wait_for_a_witness_and_only_its_own_word_is_believed() {
    let (place, key) = log_key("forks/mood-key").await;
    let witness = TestWitness::start(&key).await;
    witness.is(Mood::Babbling);
    let mut audited = Audited::start_on(place, "forks/moods", 1, &witness.environment()).await;
    for mood in [Mood::Babbling, Mood::Lying, Mood::Silent] {
        witness.is(mood);
        audited.add_family().await;
        let printed = audited.run(&["checkpoint"]);
        assert!(!String::from_utf8(printed.stdout).unwrap().contains("witness.test"));
        assert_eq!(health(&audited.server).await, i32::from(ServingStatus::Serving));
    }
    // A silent witness does not keep the server from ending.
    audited.stop().await;
    witness.is(Mood::Honest);
    audited.restart_with(&witness.environment()).await;
    let size = audited.add_family().await;
    until("the witness's memory", async || i64::try_from(witness.knows()) == Ok(size)).await;

    // A bundle waits for the witness, and satisfies a policy that demands it.
    let size = audited.add_family().await;
    let auditor = age::x25519::Identity::generate();
    let folder = audited.bundle("bundle", &auditor.to_public().to_string());
    let policy = format!("log {key}\nwitness w {}\nquorum w\n", witness.key);
    let trust = Trust::from_text(&policy).unwrap();
    let report =
        verify(&folder, &trust, &Contents::Opened(&auditor), None, None, &|_, _| {}).unwrap();
    assert_eq!(report.exit_code(), 0, "{}", report.to_text());
    assert_eq!(report.summary.unwrap().size, u64::try_from(size).unwrap());
}

/// The file of a small bundle whose path begins so.
fn file_of(manifest: &Manifest, beginning: &str) -> String {
    let path = manifest.files.keys().find(|it| it.starts_with(beginning));
    path.unwrap_or_else(|| panic!("no {beginning}")).clone()
}

/// Moves the last event to an hour later, in the bundle of a log of less than 256 events, and everything that
/// follows from it: tile, root, list. Gives the checkpoint and the list's text as they are then.
fn rewrite_history(folder: &Path) -> (Checkpoint, String) {
    let list = folder.join("BUNDLE.json");
    let mut manifest = Manifest::from_bytes(&fs::read(&list).unwrap()).unwrap();
    let entries = file_of(&manifest, "journal/tile/entries/");
    let bytes = fs::read(folder.join(&entries)).unwrap();
    let mut leaves: Vec<Vec<u8>> =
        entries_from_bytes(&bytes).unwrap().into_iter().map(<[u8]>::to_vec).collect();
    // Magic, kind and position stand before the time.
    let time = leaves.last_mut().unwrap()[13..21].as_mut_array::<8>().unwrap();
    *time = (u64::from_be_bytes(*time) + 3_600_000).to_be_bytes();
    let hashes: Vec<u8> = leaves.iter().flat_map(|it| leaf_hash(it)).collect();
    let (origin, size) = (manifest.origin.clone(), manifest.size);
    let checkpoint = Checkpoint { origin, size, root: tree_hash(leaves.iter()) };
    let tile = file_of(&manifest, "journal/tile/0/");
    let entries_bytes = entries_to_bytes(leaves.iter().map(Vec::as_slice)).unwrap();
    for (path, bytes) in [(entries, entries_bytes), (tile, hashes)] {
        fs::write(folder.join(&path), &bytes).unwrap();
        manifest.files.insert(path, File::of(&bytes));
    }
    let note = fs::read_to_string(folder.join("journal/checkpoint")).unwrap();
    let signatures = note.split_once("\n\n").unwrap().1;
    let note = format!("{}\n{signatures}", checkpoint.text());
    fs::write(folder.join("journal/checkpoint"), &note).unwrap();
    manifest.files.insert("journal/checkpoint".to_owned(), File::of(note.as_bytes()));
    let bytes = manifest.to_bytes().unwrap();
    fs::write(&list, &bytes).unwrap();
    (checkpoint, Manifest::signed_text(&manifest.origin, &bytes))
}

#[tokio::test(flavor = "multi_thread")]
async fn rewritten_history_without_the_logs_key_is_found_by_the_verifier() {
    let mut audited = Audited::start(Place::new(), "forks/keyless").await;
    let early = audited.keep_checkpoint("early.note");
    audited.add_family().await;
    let auditor = age::x25519::Identity::generate();
    let folder = audited.bundle("bundle", &auditor.to_public().to_string());
    audited.add_family().await;
    let later = audited.keep_checkpoint("later.note");
    let trust = Trust::from_text(&fs::read_to_string(audited.key_file()).unwrap()).unwrap();
    let check = |signatures: bool| {
        let report =
            verify(&folder, &trust, &Contents::Opened(&auditor), None, None, &|_, _| {}).unwrap();
        assert_eq!(report.exit_code(), u8::from(!signatures), "{}", report.to_text());
        let line = report.steps.iter().find(|it| it.step == Step::Signatures).unwrap();
        assert_eq!(matches!(line.outcome, Outcome::Verified { .. }), signatures);
        // The list is consistent: it is the signature that tells.
        let files = report.steps.iter().find(|it| it.step == Step::Files).unwrap();
        assert!(matches!(files.outcome, Outcome::Verified { .. }));
    };
    check(true);
    // What was kept is continued, and what is not yet there is not said to be.
    let compared = |note: &str| {
        let contents = Contents::Opened(&auditor);
        let report = verify(&folder, &trust, &contents, Some(note), None, &|_, _| {}).unwrap();
        (report.exit_code(), report.to_text())
    };
    let early = fs::read_to_string(&early).unwrap();
    let (code, text) = compared(&early);
    assert!(code == 0 && text.contains("leaves continue the"), "{text}");
    let later = fs::read_to_string(&later).unwrap();
    let (code, text) = compared(&later);
    assert!(code == 2 && text.contains("nothing here compares them"), "{text}");
    assert_eq!(compared(&early.replace("demo", "other")).0, 1);
    assert_eq!(compared("no note").0, 1);
    let (checkpoint, list) = rewrite_history(&folder);
    assert_eq!(compared(&early).0, 1);
    // With the old signatures.
    check(false);
    // With signatures of another key in the log's name.
    let forger = Ed25519Signer::from_seed(&[6; 32]);
    let note = sign_checkpoint(&checkpoint, &forger).unwrap();
    fs::write(folder.join("journal/checkpoint"), &note).unwrap();
    let mut manifest =
        Manifest::from_bytes(&fs::read(folder.join("BUNDLE.json")).unwrap()).unwrap();
    manifest.files.insert("journal/checkpoint".to_owned(), File::of(note.as_bytes()));
    let bytes = manifest.to_bytes().unwrap();
    fs::write(folder.join("BUNDLE.json"), &bytes).unwrap();
    let text = Manifest::signed_text(&manifest.origin, &bytes);
    assert_ne!(text, list);
    let note = sign_note(&text, &manifest.origin, &forger).unwrap();
    fs::write(folder.join("BUNDLE.note"), note).unwrap();
    check(false);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_does_not_start_on_rewritten_rows_without_the_logs_key() {
    let audited = Audited::start(Place::new(), "forks/rows").await;
    let kept = audited.keep_checkpoint("kept.note");
    let Audited { place, server, verifier_key, .. } = audited;
    assert!(server.stop().await.status.success());
    // The administrator moves the checkpoint to a root of their own: nothing signs it.
    let path = place.file("journal.db");
    let note = fs::read_to_string(kept).unwrap();
    let root = note.lines().nth(2).unwrap();
    let mut bytes = fs::read(&path).unwrap();
    let at =
        bytes.windows(root.len()).position(|it| it == root.as_bytes()).expect("the note's root");
    bytes[at] = if bytes[at] == b'A' { b'B' } else { b'A' };
    fs::write(&path, bytes).unwrap();
    let ended = match Server::try_start(&place, &[]).await {
        Ok(_) => panic!("the server started"),
        Err(it) => it,
    };
    assert!(ended.standard_error.contains("checkpoint"), "{ended:?}");
    let key: fokus_log::note::VerifierKey = verifier_key.parse().unwrap();
    assert!(open_checkpoint(&note, &key.name, &key.public_key).is_ok());
    assert!(note.contains(TENANT));
}
