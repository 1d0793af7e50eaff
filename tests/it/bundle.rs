//! Audit bundles and proofs, taken out with the real program and checked without a server.

use std::fs;
use std::path::Path;

use age::secrecy::ExposeSecret as _;
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

on_every_store!(a_bundle_is_verified_by_whoever_has_the_logs_key, a_proof_stands_for_itself,);

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

    fn checked(&self, folder: &Path, identity: &age::x25519::Identity) -> Report {
        verify(folder, &self.trust(), &Contents::Opened(identity), None, &|_| {}).unwrap()
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
    verify(&folder, &stage.trust(), &contents, Some(&mut history), &|_| {}).unwrap();
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
    let entries = folder.join("journal/tile/entries");
    let file = fs::read_dir(&entries).unwrap().next().unwrap().unwrap().path();
    let file = if file.is_dir() {
        fs::read_dir(file).unwrap().next().unwrap().unwrap().path()
    } else {
        file
    };
    let mut bytes = fs::read(&file).unwrap();
    bytes[40] ^= 1;
    fs::write(&file, bytes).unwrap();
    assert_eq!(stage.checked(&folder, &auditor).exit_code(), 1);
    for (flags, words) in
        [(["--recipient", "nobody"], "recipient"), (["--recipient", "age1qqqq"], "recipient")]
    {
        let refused = stage
            .output(&[&["bundle", text(&stage.place.folder().join("no"))][..], &flags].concat());
        let told = String::from_utf8_lossy(&refused.stderr).into_owned();
        assert!(!refused.status.success() && told.contains(words), "{told}");
    }
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
