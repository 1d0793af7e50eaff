//! How fast a bundle of a million leaves is verified, contents left sealed: hashing and parsing of leaves,
//! tiles and envelopes, and the hash of every file as it is listed. `cargo bench --workspace --bench million`;
//! `LEAVES=N` for another number.

#![expect(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a program for whoever measures, without a runtime"
)]

use std::collections::BTreeMap;
use std::fs;
use std::io::Write as _;
use std::time::Instant;

use fokus_bundle::content::push_envelope;
use fokus_bundle::manifest::{FORMAT, File, Manifest, Scope};
use fokus_bundle::{KEYS, MANIFEST, MANIFEST_NOTE, envelopes_path, log_path};
use fokus_log::edge::Edge;
use fokus_log::leaf::{EnvelopeRef, Leaf, LeafKind};
use fokus_log::leaf_hash;
use fokus_log::note::{Checkpoint, Ed25519Signer, Signer as _, sign_checkpoint, sign_note, vkey};
use fokus_log::tile::{Resource, TileId, entries_to_bytes};
use fokus_verify::trust::Trust;
use fokus_verify::{Contents, verify};
use sha2::{Digest, Sha256};
use tempfile::TempDir;

const ORIGIN: &str = "log.example/town/journal";
/// Streams that the leaves are dealt to in turn: families with some hundred events each.
const STREAMS: u64 = 4_000;

/// The leaf at an index, with two envelopes as an event of one person has, and their stored bytes.
fn leaf(index: u64) -> (Vec<u8>, [Vec<u8>; 2]) {
    let body = |fill: u8| {
        let mut body = vec![fill; 296];
        body.splice(..8, index.to_be_bytes());
        body
    };
    let bodies = [body(1), body(2)];
    let reference = |body: &Vec<u8>| EnvelopeRef {
        key_ids: vec![[7; 16]],
        ct_hash: Sha256::digest(body).into(),
        ct_len: 296,
        field_root: [9; 32],
    };
    let stream = index % STREAMS;
    let leaf = Leaf {
        kind: LeafKind::Event,
        position: index,
        recorded_ms: 1_767_225_600_000 + index,
        event_id: u128::from(index + 1)
            .wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835)
            .to_be_bytes(),
        stream_tag: u128::from(stream + 1)
            .wrapping_mul(0xda94_2042_e4dd_58b5_9e37_79b9_7f4a_7c15)
            .to_be_bytes(),
        stream_version: index / STREAMS,
        prev_in_stream: index.checked_sub(STREAMS),
        envelopes: bodies.iter().map(reference).collect(),
        ext: Vec::new(),
    };
    (leaf.encode().unwrap(), bodies)
}

/// Writes a bundle of so many leaves into the folder, block by block.
fn write(folder: &TempDir, size: u64, signer: &Ed25519Signer) {
    let mut files = BTreeMap::new();
    let mut put = |path: String, bytes: &[u8]| {
        let whole = folder.path().join(&path);
        fs::create_dir_all(whole.parent().unwrap()).unwrap();
        fs::write(whole, bytes).unwrap();
        files.insert(path, File::of(bytes));
    };
    let (mut edge, mut tiles) = (Edge::new(), BTreeMap::<TileId, Vec<u8>>::new());
    for n in 0..size.div_ceil(256) {
        let (mut leaves, mut envelopes) = (Vec::new(), Vec::new());
        for index in n * 256..size.min((n + 1) * 256) {
            let (leaf, bodies) = leaf(index);
            let hash = leaf_hash(&leaf);
            tiles.entry(TileId { level: 0, n }).or_default().extend(hash);
            for full in edge.push(hash) {
                let above = TileId { level: full.level + 1, n: full.n / 256 };
                tiles.entry(above).or_default().extend(full.root());
            }
            assert!(bodies.iter().all(|it| push_envelope(&mut envelopes, Some(it))));
            leaves.push(leaf);
        }
        let entries = entries_to_bytes(leaves.iter().map(Vec::as_slice)).unwrap();
        put(log_path(Resource::Entries { n, width: leaves.len() }), &entries);
        put(envelopes_path(n), &envelopes);
    }
    for (id, hashes) in &tiles {
        let resource = Resource::Tile { id: *id, width: id.width_in(size) };
        put(log_path(resource), hashes);
    }
    let checkpoint = Checkpoint { origin: ORIGIN.to_owned(), size, root: edge.root() };
    let note = sign_checkpoint(&checkpoint, signer).unwrap();
    put(log_path(Resource::Checkpoint), note.as_bytes());
    // As long as the keys of all envelopes.
    put(KEYS.to_owned(), &vec![7; usize::try_from(size * 2 * 64).unwrap()]);
    let manifest = Manifest {
        format: FORMAT.to_owned(),
        origin: ORIGIN.to_owned(),
        size,
        scope: Scope::Log,
        purpose: "AUDIT".to_owned(),
        requester: "auditor".to_owned(),
        created_ms: 1_767_225_600_000,
        files,
    };
    let listed = manifest.to_bytes().unwrap();
    let note = sign_note(&Manifest::signed_text(ORIGIN, &listed), ORIGIN, signer).unwrap();
    fs::write(folder.path().join(MANIFEST), listed).unwrap();
    fs::write(folder.path().join(MANIFEST_NOTE), note).unwrap();
}

fn main() -> std::io::Result<()> {
    let leaves = std::env::var("LEAVES").ok().and_then(|it| it.parse().ok()).unwrap_or(1_000_000);
    let (folder, signer) = (TempDir::new().unwrap(), Ed25519Signer::from_seed(&[1; 32]));
    write(&folder, leaves, &signer);
    let key = vkey(ORIGIN, &signer.public_key());
    let trust = Trust::from_text(&format!("log {key}\nquorum none\n")).unwrap();
    for round in 1..=5 {
        let (begun, worked_ms) = (Instant::now(), processor_ms());
        let report =
            verify(folder.path(), &trust, &Contents::Sealed, None, None, &|_, _| {}).unwrap();
        let took = begun.elapsed();
        assert_eq!(report.exit_code(), 0, "{}", report.to_text());
        let each_second = u128::from(leaves) * 1_000_000 / took.as_micros().max(1);
        let worked_ns = (processor_ms() - worked_ms) * 1_000_000 / leaves;
        let told = format!(
            "round {round}: {leaves} leaves in {} ms, {each_second} a second; {worked_ns} ns of processor a leaf",
            took.as_millis()
        );
        writeln!(std::io::stdout(), "{told}")?;
    }
    Ok(())
}

/// Time of all processors that this program had so far, on Linux; elsewhere 0.
fn processor_ms() -> u64 {
    let stat = fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let after_name = stat.rsplit_once(')').map_or("", |it| it.1);
    // User and system time are fields 14 and 15, in hundredths of a second; the name is field 2.
    let ticks = after_name.split_whitespace().skip(11).take(2);
    ticks.filter_map(|it| it.parse::<u64>().ok()).sum::<u64>() * 10
}
