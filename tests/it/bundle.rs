//! Audit bundles and proofs, taken out with the real program and checked without a server.

use std::fs;
use std::path::{Path, PathBuf};

use age::secrecy::ExposeSecret as _;
use fokus_bundle::content::{next_envelope, next_key};
use fokus_log::leaf::Leaf;
use fokus_log::tile::entries_from_bytes;
use fokus_vault::envelope::{EnvelopeContext, open_with_envelope_key};
use fokus_vault::key::SecretKey;
use fokus_verify::history::{History, Labels};
use fokus_verify::report::Report;
use fokus_verify::trust::Trust;
use fokus_verify::{Contents, verify};

use crate::harness::binary;
use crate::harness::every_store::on_every_store;
use crate::harness::place::{Place, Role, text};
use crate::harness::seeded::Seeded;
use crate::harness::server::Server;
use crate::harness::world::World;

on_every_store!(
    a_bundle_is_verified_by_whoever_has_the_logs_key,
    a_bundle_of_one_family_is_whole_and_opens_nothing_else,
    a_proof_stands_for_itself,
);

/// A log of one family, an auditor's token, and the log's verifier key.
struct Stage {
    server: Server,
    place: Place,
    world: World,
    verifier_key: String,
}

impl Stage {
    async fn new(place: Place, name: &str) -> Stage {
        let server = Server::start(&place).await;
        let worker = server.clients(&place, Role::TeamLead, "lead-1").await;
        let mut seeded = Seeded::new(name);
        let world = World::new(&mut seeded, 0);
        worker.all_accepted(world.commands(&mut seeded)).await;
        fs::write(place.folder().join("auditor.jwt"), place.token(Role::Auditor, "auditor-1"))
            .unwrap();
        let mut stage = Stage { server, place, world, verifier_key: String::new() };
        let note = stage.output(&["checkpoint"]);
        let told = String::from_utf8(note.stderr).unwrap();
        stage.verifier_key = told.trim().rsplit(' ').next().unwrap().to_owned();
        stage
    }

    fn output(&self, arguments: &[&str]) -> std::process::Output {
        let token = self.place.folder().join("auditor.jwt");
        let connection = ["--server", &self.server.url, "--token-file", text(&token)];
        binary::run(&[arguments, &connection].concat())
    }

    fn trust(&self) -> Trust {
        Trust::from_text(&format!("log {}\nquorum none\n", self.verifier_key)).unwrap()
    }

    /// Takes a bundle out into a folder of this name.
    fn bundled(&self, name: &str, auditor: &age::x25519::Identity, flags: &[&str]) -> PathBuf {
        let folder = self.place.folder().join(name);
        let recipient = auditor.to_public().to_string();
        let call = ["bundle", text(&folder), "--recipient", &recipient];
        let made = self.output(&[&call, flags].concat());
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        folder
    }

    /// No bundle comes out, and the reason names this.
    #[track_caller]
    fn refuses(&self, flags: &[&str], words: &str) {
        let recipient = age::x25519::Identity::generate().to_public().to_string();
        let folder = self.place.folder().join("refused");
        let call = ["bundle", text(&folder), "--recipient", &recipient];
        let refused = self.output(&[&call, flags].concat());
        let told = String::from_utf8_lossy(&refused.stderr).into_owned();
        assert!(!refused.status.success() && told.contains(words), "{told}");
    }

    fn checked(&self, folder: &Path, identity: &age::x25519::Identity) -> Report {
        verify(folder, &self.trust(), &Contents::Opened(identity), None, None, &|_, _| {}).unwrap()
    }
}

async fn a_bundle_is_verified_by_whoever_has_the_logs_key(place: Place) {
    let stage = Stage::new(place, "bundle/whole").await;
    let auditor = age::x25519::Identity::generate();
    let recipient = auditor.to_public().to_string();
    let folder = stage.place.folder().join("bundle");
    let made = stage.output(&["bundle", text(&folder), "--recipient", &recipient]);
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let report = stage.checked(&folder, &auditor);
    assert_eq!(report.exit_code(), 0, "{}", report.to_text());

    // It holds the family's history, and no key of it is in clear.
    let mut history = History::of(&stage.world.family_id);
    let contents = Contents::Opened(&auditor);
    verify(&folder, &stage.trust(), &contents, None, Some(&mut history), &|_, _| {}).unwrap();
    assert!(history.to_text(&Labels::default()).contains("FamilyRegistered"));
    assert!(!auditor.to_string().expose_secret().is_empty());

    // A folder that is in use is left alone.
    let again = stage.output(&["bundle", text(&folder), "--recipient", &recipient]);
    assert_eq!(again.status.code(), Some(2), "{}", String::from_utf8_lossy(&again.stderr));
    // A period is verified within the whole tree, and holds no more keys than it should.
    let part = stage.place.folder().join("part");
    let period = ["bundle", text(&part), "--recipient", &recipient, "--first", "3", "--last", "5"];
    let made = stage.output(&period);
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let report = stage.checked(&part, &auditor);
    assert_eq!(report.exit_code(), 0, "{}", report.to_text());
    let size = |folder: &Path| fs::metadata(folder.join("keys.age")).unwrap().len();
    assert!(size(&part) < size(&folder));

    // A byte changed in a leaf, though list and length stay.
    let file = file_below(&folder.join("journal/tile/entries"));
    let mut bytes = fs::read(&file).unwrap();
    bytes[40] ^= 1;
    fs::write(&file, bytes).unwrap();
    assert_eq!(stage.checked(&folder, &auditor).exit_code(), 1);
    for recipient in ["nobody", "age1qqqq"] {
        let folder = stage.place.folder().join("no");
        let refused = stage.output(&["bundle", text(&folder), "--recipient", recipient]);
        let told = String::from_utf8_lossy(&refused.stderr).into_owned();
        assert!(!refused.status.success() && told.contains("recipient"), "{told}");
    }
}

async fn a_bundle_of_one_family_is_whole_and_opens_nothing_else(place: Place) {
    let stage = Stage::new(place, "bundle/family").await;
    let worker = stage.server.clients(&stage.place, Role::TeamLead, "lead-1").await;
    let mut seeded = Seeded::new("bundle/family/others");
    let other = World::new(&mut seeded, 1);
    worker.all_accepted(other.commands(&mut seeded)).await;
    let auditor = age::x25519::Identity::generate();
    let family = stage.world.family_id.clone();
    let folder = stage.bundled("family", &auditor, &["--family", &stage.world.reference]);
    let report = stage.checked(&folder, &auditor);
    assert_eq!(report.exit_code(), 0, "{}", report.to_text());
    let summary = report.summary.unwrap();
    // Four events of the family, two of persons; the map of stream heads is the log's last leaf.
    assert_eq!((summary.leaves, summary.size), (4 + 2 + 1, 8 + 8 + 1), "{summary:?}");
    let mut history = History::of(&family);
    let contents = Contents::Opened(&auditor);
    verify(&folder, &stage.trust(), &contents, None, Some(&mut history), &|_, _| {}).unwrap();
    let labels: Labels =
        serde_json::from_slice(&fs::read(folder.join("labels.da.json")).unwrap()).unwrap();
    assert!(history.to_text(&labels).contains("Familie oprettet"), "{}", history.to_text(&labels));

    // Nothing happened since: the map that is there will do.
    let again = stage.bundled("again", &auditor, &["--family", &family]);
    assert_eq!(stage.checked(&again, &auditor).summary.unwrap().size, summary.size);
    // One event later there is another map, and the one before is a leaf like any other.
    worker.accepted(stage.world.note(&mut seeded, "Senere.")).await;
    worker.accepted(other.note(&mut seeded, "Hos andre.")).await;
    let later = stage.bundled("later", &auditor, &["--family", &family]);
    let report = stage.checked(&later, &auditor);
    assert_eq!(report.exit_code(), 0, "{}", report.to_text());
    assert_eq!(report.summary.unwrap().size, summary.size + 3);

    // The keys open what is in the bundle, and nothing else: not other families', not what came later.
    let whole = stage.bundled("whole", &auditor, &[]);
    let report = stage.checked(&whole, &auditor);
    assert_eq!(report.exit_code(), 0, "{}", report.to_text());
    assert!(report.to_text().contains("2 maps, made anew"), "{}", report.to_text());
    opens_only_its_own(&folder, &whole, &auditor);
    opens_only_its_own(&later, &whole, &auditor);
    stage.refuses(&["--family", "FF-2019-99999"], "FF-2019-99999");
    stage.refuses(&["--family", &stage.world.child.id], "UNKNOWN_ID");
    let Stage { server, place, .. } = stage;
    server.stop().await;
    if place.outlives_its_server() {
        place.check_sound();
    }
}

/// Tries each key of a bundle on each envelope of the whole log.
fn opens_only_its_own(part: &Path, whole: &Path, auditor: &age::x25519::Identity) {
    let origin = {
        let list: serde_json::Value =
            serde_json::from_slice(&fs::read(whole.join("BUNDLE.json")).unwrap()).unwrap();
        list["origin"].as_str().unwrap().to_owned()
    };
    let sealed = fs::read(part.join("keys.age")).unwrap();
    let opened = age::decrypt(auditor, &sealed).unwrap();
    let (mut keys, mut file) = (Vec::new(), opened.as_slice());
    while let Some(key) = next_key(&mut file).unwrap() {
        keys.push(key);
    }
    let entries = file_below(&whole.join("journal/tile/entries"));
    let entries = fs::read(entries).unwrap();
    let envelopes = fs::read(whole.join("envelopes/000")).unwrap();
    let (mut envelopes, mut tried) = (envelopes.as_slice(), 0);
    for entry in entries_from_bytes(&entries).unwrap() {
        let leaf = Leaf::decode(entry).unwrap();
        for (index, reference) in (0_u8..).zip(&leaf.envelopes) {
            let body = next_envelope(&mut envelopes).unwrap().unwrap();
            let Leaf { event_id, stream_tag, .. } = leaf;
            let context = EnvelopeContext { origin: &origin, event_id, stream_tag, index };
            for key in &keys {
                let secret = SecretKey::from_bytes(*key.key);
                let opens = open_with_envelope_key(&context, &secret, body).is_ok();
                assert_eq!(opens, key.ct_hash == reference.ct_hash, "leaf {}", leaf.position);
                tried += 1;
            }
        }
    }
    assert!(tried > keys.len() * keys.len(), "there are more envelopes than keys");
}

/// The one file in a folder, or below it.
fn file_below(folder: &Path) -> PathBuf {
    let path = fs::read_dir(folder).unwrap().next().unwrap().unwrap().path();
    if path.is_dir() { file_below(&path) } else { path }
}

async fn a_proof_stands_for_itself(place: Place) {
    use fokus_log::leaf_hash;
    use fokus_log::note::{VerifierKey, open_checkpoint};
    use fokus_log::proof::verify_inclusion;
    use fokus_log::proof_file::ProofFile;
    let stage = Stage::new(place, "bundle/proof").await;
    let printed = stage.output(&["proof", "3"]);
    assert!(printed.status.success(), "{}", String::from_utf8_lossy(&printed.stderr));
    let proof = ProofFile::from_text(&String::from_utf8(printed.stdout).unwrap()).unwrap();
    let key: VerifierKey = stage.verifier_key.parse().unwrap();
    let checkpoint = open_checkpoint(&proof.checkpoint, &key.name, &key.public_key).unwrap();
    let leaf = leaf_hash(&proof.extra.unwrap());
    let (index, size) = (proof.index, checkpoint.size);
    assert_eq!(verify_inclusion(&leaf, index, size, &proof.hashes, &checkpoint.root), Ok(()));
    assert_eq!(index, 2);
    let beyond = stage.output(&["proof", "1000000"]);
    assert!(String::from_utf8_lossy(&beyond.stderr).contains("BEYOND_HEAD"));
}
