//! A log whose key is rotated, and a log that continues one of which a part was lost.

use std::fs;
use std::path::{Path, PathBuf};

use age::x25519::Identity;
use fokus_log::note::{VerifierKey, open_checkpoint};
use fokus_proto::v1::ListFamiliesRequest;
use fokus_verify::trust::Trust;
use fokus_verify::{Contents, verify};
use tonic::Code;
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_check_response::ServingStatus;
use tonic_health::pb::health_client::HealthClient;

use crate::harness::audited::{Audited, copy_folder, said};
use crate::harness::binary;
use crate::harness::clients::channel;
use crate::harness::every_store::on_every_store;
use crate::harness::in_time;
use crate::harness::place::{Place, Role, TENANT, text};
use crate::harness::server::Server;

/// The name of a file of the place, as an argument.
fn file(place: &Place, name: &str) -> String {
    text(&place.folder().join(name)).to_owned()
}

/// Runs the program, which refuses.
#[track_caller]
fn refused(arguments: &[&str], words: &str) {
    let output = binary::run(arguments);
    let told = said(&output);
    assert_eq!((output.status.code(), output.stdout.len()), (Some(2), 0), "{told}");
    assert!(told.contains(words), "{words:?} in {told}");
}

fn signature_lines(note: &str) -> usize {
    note.lines().filter(|it| it.starts_with('—')).count()
}

/// What `fokus checkpoint` prints, and the verifier key that it names.
#[track_caller]
fn checkpoint(audited: &Audited) -> (String, VerifierKey) {
    let printed = audited.run(&["checkpoint"]);
    let told = said(&printed);
    assert!(printed.status.success(), "{told}");
    let key = told.trim().rsplit(' ').next().expect("a key").parse().expect("a verifier key");
    (String::from_utf8(printed.stdout).expect("UTF-8"), key)
}

fn policy(place: &Place, name: &str, keys: &[&VerifierKey]) -> PathBuf {
    let path = place.folder().join(name);
    let lines: String = keys.iter().map(|it| format!("log {it}\n")).collect();
    fs::write(&path, format!("{lines}quorum none\n")).expect("a policy");
    path
}

/// Verifies a bundle under a policy, and against a checkpoint that was kept; gives the exit code and the
/// report.
fn verified(
    bundle: &Path,
    policy: &Path,
    auditor: &Identity,
    since: Option<&Path>,
) -> (u8, String) {
    let trust = Trust::from_text(&fs::read_to_string(policy).expect("a policy")).expect("a policy");
    let opened = Contents::Opened(auditor);
    let kept = since.map(|it| fs::read_to_string(it).expect("a checkpoint"));
    let report = verify(bundle, &trust, &opened, kept.as_deref(), None, &|_, _| {});
    let report = report.expect("a bundle");
    (report.exit_code(), report.to_text())
}

async fn a_rotated_key_overlaps_with_the_one_before(place: Place) {
    if !place.outlives_its_server() {
        return;
    }
    let mut audited = Audited::start(place, "lineage/rotated").await;
    let auditor = Identity::generate();
    let recipient = auditor.to_public().to_string();
    let kept = audited.keep_checkpoint("kept.note");
    let (_, old) = checkpoint(&audited);
    let size = audited.worker.head().await;
    let new_key = file(&audited.place, "new.key");
    let old_key = audited.place.signing_key();
    let make = ["log", "new-key", "--key-file", new_key.as_str()];
    binary::print(&make);
    refused(&make, "File exists");

    // Both keys sign, and the log says so, once.
    let both =
        [("FOKUS_SIGNING_KEY", new_key.as_str()), ("FOKUS_RETIRING_SIGNING_KEY", text(&old_key))];
    for _ in 0..2 {
        audited.restart_with(&both).await;
        assert_eq!(audited.worker.head().await, size + 1);
    }
    let (note, new) = checkpoint(&audited);
    assert_ne!(new, old);
    assert_eq!(signature_lines(&note), 2, "{note}");
    for key in [&old, &new] {
        open_checkpoint(&note, &key.name, &key.public_key).expect("each opens it");
    }
    let log_key = audited.key_file();
    let since = |audited: &Audited, keys: &Path| {
        let since = audited.run(&["checkpoint", "--since", text(&kept), "--log-key", text(keys)]);
        (since.status.code(), said(&since))
    };
    assert_eq!(since(&audited, &log_key).0, Some(0), "{}", since(&audited, &log_key).1);
    audited.add_family().await;
    // A bundle of the overlap is believed under either key, and shows the rotation.
    let only_old = policy(&audited.place, "old.policy", &[&old]);
    let only_new = policy(&audited.place, "new.policy", &[&new]);
    let trusting_both = policy(&audited.place, "both.policy", &[&old, &new]);
    let overlap = audited.bundle("overlap", &recipient);
    for policy in [&only_old, &only_new] {
        let (code, told) = verified(&overlap, policy, &auditor, None);
        assert_eq!(code, 0, "{told}");
        assert!(told.contains(&format!("key rotated at leaf {size}")), "{told}");
    }

    signs_nothing_with_a_retired_key(&mut audited).await;

    // From then on the new key alone.
    audited.restart_with(&both[..1]).await;
    audited.add_family().await;
    let (note, still) = checkpoint(&audited);
    assert_eq!((signature_lines(&note), &still), (1, &new));
    for (keys, code) in [(&log_key, 1), (&only_new, 1), (&trusting_both, 0)] {
        let (found, told) = since(&audited, keys);
        assert_eq!(found, Some(code), "{keys:?}: {told}");
    }
    let after = audited.bundle("after", &recipient);
    assert_eq!(verified(&after, &only_old, &auditor, None).0, 1);
    let (code, told) = verified(&after, &only_new, &auditor, None);
    assert_eq!(code, 0, "{told}");
    let (code, told) = verified(&after, &trusting_both, &auditor, Some(&kept));
    assert_eq!(code, 0, "{told}");
    audited.stop().await;
    let mut flags = audited.place.store_flags();
    flags.retain(|it| it != "--signing-key" && *it != text(&old_key));
    flags.extend(["--signing-key".to_owned(), new_key]);
    let flags: Vec<&str> = flags.iter().map(String::as_str).collect();
    binary::print(&[&["check"][..], &flags].concat());
}

/// A server that has the retired key alone signs nothing any more; a database does not let it start.
async fn signs_nothing_with_a_retired_key(audited: &mut Audited) {
    audited.stop().await;
    match Server::try_start(&audited.place, &[]).await {
        Err(ended) => assert!(ended.standard_error.contains("another key"), "{ended:?}"),
        Ok(server) => {
            audited.server = server;
            let told = audited.server.told(&format!("ALARM: {TENANT} is only read: ")).await;
            assert!(told.contains("the one that was retired"), "{told}");
            audited.worker = audited.server.clients(&audited.place, Role::TeamLead, "lead-1").await;
            audited.refused_note().await.is(Code::Unavailable, "STORE_READ_ONLY");
        }
    }
}

on_every_store! {
    a_rotated_key_overlaps_with_the_one_before,
}

/// Makes an officer's key; gives the file and the verifier key.
fn officer(place: &Place, name: &str) -> (String, String) {
    let key = file(place, &format!("{name}.key"));
    let verifier_key = binary::print(&["log", "new-key", "--key-file", &key, "--officer", name]);
    (key, verifier_key)
}

async fn health(server: &Server) -> i32 {
    let mut health = HealthClient::new(channel(&server.url).await);
    let request = HealthCheckRequest { service: "fokus.v1.Guard".to_owned() };
    in_time("health", health.check(request)).await.unwrap().into_inner().status
}

/// Waits until the anchor is of the log of this key.
async fn anchored(note: &Path, key: &VerifierKey) {
    let mut beat = tokio::time::interval(std::time::Duration::from_millis(20));
    let there = async {
        loop {
            let note = fs::read_to_string(note).unwrap_or_default();
            if open_checkpoint(&note, &key.name, &key.public_key).is_ok() {
                return;
            }
            beat.tick().await;
        }
    };
    in_time("the anchor", there).await;
}

/// A store that was restored from a backup, without what came after that.
struct Loss {
    audited: Audited,
    anchor: PathBuf,
    /// The store as restored, and as it was.
    restored: PathBuf,
    lost: PathBuf,
    /// Checkpoints kept before and after the backup.
    early: PathBuf,
    late: PathBuf,
    kept_size: i64,
    lost_size: i64,
    key: VerifierKey,
}

impl Loss {
    async fn happens() -> Loss {
        let place = Place::new();
        let anchor = place.folder().join("anchor");
        fs::create_dir_all(&anchor).unwrap();
        let environment = [("FOKUS_ANCHOR", text(&anchor))];
        let mut audited = Audited::start_with(place, "lineage/loss", &environment).await;
        let early = audited.keep_checkpoint("early.note");
        let (_, key) = checkpoint(&audited);
        let kept_size = audited.worker.head().await;
        let restored = audited.place.folder().join("restored");
        audited.stop().await;
        copy_folder(&audited.place.store(), &restored);
        // What comes now is lost.
        audited.restart_with(&environment).await;
        let lost_size = audited.add_family().await;
        let late = audited.keep_checkpoint("late.note");
        // A server that ends in order has anchored where its log stands.
        audited.stop().await;
        let lost = audited.place.folder().join("lost");
        fs::rename(audited.place.store(), &lost).unwrap();
        Loss { audited, anchor, restored, lost, early, late, kept_size, lost_size, key }
    }

    /// What the anchor knows.
    fn known(&self) -> PathBuf {
        self.anchor.join(format!("{TENANT}.note"))
    }

    /// The arguments that make a statement.
    fn stating(&self, known: &Path, officers: &[&str]) -> Vec<String> {
        let store = format!("sqlite:{}", text(&self.restored));
        let mut flags = vec!["log", "statement", "--store", &store, "--tenant", TENANT];
        flags.extend(["--known", text(known), "--reason", "The disk failed."]);
        flags.extend(officers.iter().flat_map(|it| ["--officer", it]));
        flags.into_iter().map(str::to_owned).collect()
    }

    /// The arguments that copy a folder to where the store belongs, continued.
    fn copying(&self, from: &Path, statement: &str) -> Vec<String> {
        let from = format!("sqlite:{}", text(from));
        let to = format!("sqlite:{}", text(&self.audited.place.store()));
        ["copy", "--from", &from, "--to", &to, "--continuation", statement]
            .map(str::to_owned)
            .to_vec()
    }

    /// The statement that both officers signed, in a file; on the way everything that is no such
    /// statement moves nothing.
    fn stated(&self) -> String {
        let place = &self.audited.place;
        let (key_one, one) = officer(place, "officer-1");
        let (key_other, other) = officer(place, "officer-2");
        let refuse = |known: &Path, officers: &[&str], words: &str| {
            let flags = self.stating(known, officers);
            refused(&flags.iter().map(String::as_str).collect::<Vec<_>>(), words);
        };
        refuse(&self.early, &[&one, &other], "nothing was lost");
        refuse(&self.known(), &[&one], "two different officers");
        refuse(&self.known(), &[&one, &one], "same key twice");
        refuse(&self.audited.key_file(), &[&one, &other], "--known");
        let flags = self.stating(&self.known(), &[&one, &other]);
        let said = binary::print(&flags.iter().map(String::as_str).collect::<Vec<_>>());
        for size in [self.kept_size, self.lost_size] {
            assert!(said.contains(&format!("\n{size}\n")), "{said}");
        }
        let path = file(place, "statement.txt");
        fs::write(&path, format!("{said}\n")).unwrap();
        let copying = self.copying(&self.restored, &path);
        let copying: Vec<&str> = copying.iter().map(String::as_str).collect();
        let (stranger, _) = officer(place, "officer-3");
        refused(&["log", "sign", &path, "--key-file", &stranger], "none of the statement's two");
        for key in [&key_one, &key_other] {
            refused(&copying, "both officers");
            let signed = binary::print(&["log", "sign", &path, "--key-file", key]);
            fs::write(&path, format!("{signed}\n")).unwrap();
        }
        // It is of the store as restored, and of no other.
        let elsewhere = self.copying(&self.lost, &path);
        let elsewhere: Vec<&str> = elsewhere.iter().map(String::as_str).collect();
        refused(&elsewhere, "another log, size or root");
        fs::remove_dir_all(place.store()).unwrap();
        path
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restore_with_loss_goes_on_as_the_log_that_two_officers_signed_for() {
    let mut loss = Loss::happens().await;
    let statement = loss.stated();
    let copying = loss.copying(&loss.restored, &statement);
    let told = binary::print(&copying.iter().map(String::as_str).collect::<Vec<_>>());
    let origin = format!("{}/2", loss.key.name);
    assert!(told.contains(&format!("continued as {origin}")), "{told}");

    // It is served under the anchor, which then follows it.
    let known = loss.known();
    let anchor = text(&loss.anchor).to_owned();
    let environment = [("FOKUS_ANCHOR", anchor.as_str())];
    let audited = &mut loss.audited;
    audited.restart_with(&environment).await;
    assert_eq!(health(&audited.server).await, i32::from(ServingStatus::Serving));
    let (_, key) = checkpoint(audited);
    assert_eq!((&key.name, key.public_key), (&origin, loss.key.public_key));
    assert_eq!(audited.worker.head().await, loss.kept_size + 1);
    let head = audited.add_family().await;
    anchored(&known, &key).await;
    let families = ListFamiliesRequest { min_position: head, ..ListFamiliesRequest::default() };
    assert_eq!(audited.worker.list(families).await.families.len(), 2);
    let since = audited.run(&["checkpoint", "--since", text(&loss.late)]);
    assert_eq!(since.status.code(), Some(1));
    assert!(said(&since).contains("fokus-verify --since"), "{}", said(&since));

    // An auditor sees what was lost, and whether what they kept is in it.
    let auditor = Identity::generate();
    let bundle = audited.bundle("bundle", &auditor.to_public().to_string());
    let trusting = policy(&audited.place, "both.policy", &[&loss.key, &key]);
    let (code, told) = verified(&bundle, &trusting, &auditor, None);
    assert_eq!(code, 0, "{told}");
    for words in [
        format!("leaf {} continues {}", loss.kept_size, loss.key.name),
        format!("known to have had {} leaves", loss.lost_size),
        "officer-1 and officer-2".to_owned(),
        "The disk failed.".to_owned(),
    ] {
        assert!(told.contains(&words), "{words:?} in {told}");
    }
    let (code, told) = verified(&bundle, &trusting, &auditor, Some(&loss.early));
    assert_eq!(code, 0, "{told}");
    let (code, told) = verified(&bundle, &trusting, &auditor, Some(&loss.late));
    assert_eq!(code, 2, "{told}");
    assert!(told.contains("lost"), "{told}");
    audited.stop().await;
    audited.place.check_sound();

    // The older store comes back once more: the anchor knows that it was continued.
    fs::remove_dir_all(audited.place.store()).unwrap();
    copy_folder(&loss.restored, &audited.place.store());
    audited.restart_with(&environment).await;
    audited.refused_note().await.is(Code::Unavailable, "STORE_READ_ONLY");
}
