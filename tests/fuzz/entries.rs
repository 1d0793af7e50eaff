//! What reads bytes that somebody else wrote, an entry for each format. An entry never panics, whatever the
//! bytes; what it accepts must be read back the same.
//!
//! The fuzz targets beside this file call these, and so does a short run in the tests of `fokus-verify`.

use fokus_bundle::content::{envelopes, next_envelope, next_key, push_envelope};
use fokus_bundle::family::{FamilyHeads, leaves, push_leaf};
use fokus_bundle::manifest::Manifest;
use fokus_bundle::{leaves_number, leaves_path};
use fokus_log::heads::{Absent, Commitment, Head, Proved};
use fokus_log::leaf::{Leaf, LeafKind, LeafView};
use fokus_log::note::{VerifierKey, cosignature, open_checkpoint, open_note, unverified_text};
use fokus_log::proof::{verify_consistency, verify_inclusion};
use fokus_log::proof_file::ProofFile;
use fokus_log::tile::{Resource, Tile, entries_from_bytes, entries_to_bytes};
use fokus_vault::envelope::{EnvelopeContext, field_root, open_with_envelope_key, read_plaintext};
use fokus_vault::key::SecretKey;
use fokus_verify::history::Labels;
use fokus_verify::trust::Trust;

/// Reads bytes.
type Entry = fn(&[u8]);

/// Name of each target, and its entry.
pub(crate) const ALL: [(&str, Entry); 6] = [
    ("leaf", leaf),
    ("note", note),
    ("tile", tile),
    ("proof", proof),
    ("bundle_index", bundle_index),
    ("envelope", envelope),
];

/// Name and key of the log in the seeds.
pub(crate) const ORIGIN: &str = "log.example/town/journal";
/// Seed of that key.
pub(crate) const SIGNING_SEED: [u8; 32] = [1; 32];

/// A leaf, and what its public content may be.
pub(crate) fn leaf(data: &[u8]) {
    if let Ok(leaf) = Leaf::decode(data) {
        assert_eq!(leaf.encode().as_deref(), Ok(data), "a leaf has one encoding");
        let _ = Commitment::of_leaf(&leaf);
    }
    if let Ok(leaf) = LeafView::read(data) {
        let named = leaf.envelopes().map(|it| it.key_ids.len() * 16 + 69).sum::<usize>();
        assert_eq!(72 + named + leaf.ext.len(), data.len(), "every byte of a leaf is somebody's");
    }
    if let Ok(map) = Commitment::read(LeafKind::StreamHeads, 20_000, data) {
        assert_eq!(map.to_bytes().as_slice(), data);
    }
}

/// A signed note: a checkpoint, a list's, a cosigned one; a verifier key; a policy.
pub(crate) fn note(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let key = public_key();
    if let Ok(checkpoint) = open_checkpoint(text, ORIGIN, &key) {
        assert!(text.starts_with(&checkpoint.text()), "a checkpoint has one text");
    }
    let _ = open_note(text, ORIGIN, &key);
    let _ = unverified_text(text);
    let _ = cosignature::verify(text, "witness.example/w1", &key);
    if let Ok(key) = text.parse::<VerifierKey>() {
        assert_eq!(key.to_string(), text, "a verifier key has one spelling");
    }
    if let Ok(trust) = Trust::from_text(text) {
        let _ = trust.open(text, ORIGIN);
    }
}

fn public_key() -> [u8; 32] {
    use fokus_log::note::{Ed25519Signer, Signer as _};
    Ed25519Signer::from_seed(&SIGNING_SEED).public_key()
}

/// A path of a tiled log, an entry bundle, a stored tile.
pub(crate) fn tile(data: &[u8]) {
    if let Ok(path) = std::str::from_utf8(data) {
        if let Ok(resource) = path.parse::<Resource>() {
            assert_eq!(resource.to_string(), path, "a resource has one path");
        }
        if let Some(n) = leaves_number(path) {
            assert_eq!(leaves_path(n), path);
        }
    }
    if let Some(entries) = entries_from_bytes(data) {
        assert_eq!(entries_to_bytes(entries).as_deref(), Some(data));
    }
    if let Ok(tile) = Tile::from_bytes(0, 0, data) {
        assert_eq!(tile.to_bytes(), data);
        let _ = tile.root();
    }
}

/// A proof file; and proofs of any sizes from numbers and hashes.
pub(crate) fn proof(data: &[u8]) {
    if let Some(file) = std::str::from_utf8(data).ok().and_then(|it| ProofFile::from_text(it).ok())
    {
        assert_eq!(file.to_text().as_bytes(), data, "a proof has one text");
    }
    let Some((numbers, rest)) = data.split_first_chunk::<24>() else { return };
    let (hashes, _) = rest.as_chunks::<32>();
    let [index, size, other] = [0, 8, 16].map(|at| {
        let bytes: Option<&[u8; 8]> = numbers.get(at..).and_then(<[u8]>::first_chunk);
        u64::from_be_bytes(bytes.copied().unwrap_or_default())
    });
    let root = hashes.first().copied().unwrap_or_default();
    let _ = verify_inclusion(&root, index, size, hashes, &root);
    let _ = verify_consistency(index, size, hashes, &root, &root);
    let tag: [u8; 16] = numbers.first_chunk().copied().unwrap_or_default();
    let head = Head { version: other, index, leaf_hash: root };
    let proved = Proved { tag, head, index, hashes: hashes.to_vec() };
    let commitment = Commitment { covers_size: size, streams: other, root };
    let _ = proved.verify(&commitment);
    let absent = Absent { before: Some(proved.clone()), after: Some(proved) };
    let _ = absent.verify(&tag, &commitment);
}

/// BUNDLE.json, heads.json, leaves that stand alone, words.
pub(crate) fn bundle_index(data: &[u8]) {
    if let Ok(manifest) = Manifest::from_bytes(data) {
        let written = manifest.to_bytes().unwrap_or_default();
        assert_eq!(Manifest::from_bytes(&written), Ok(manifest));
    }
    if let Ok(heads) = FamilyHeads::from_bytes(data) {
        heads.streams.iter().for_each(|it| drop(it.proved()));
    }
    if let Ok(leaves) = leaves(data) {
        let mut file = Vec::new();
        let are_written = leaves.iter().all(|(place, leaf)| push_leaf(&mut file, *place, leaf));
        assert!(are_written && file == data);
    }
    let _ = serde_json::from_slice::<Labels>(data);
}

/// A file of envelopes, one of keys, a sealed envelope, an opened one.
pub(crate) fn envelope(data: &[u8]) {
    let mut file = data;
    while let Ok(Some(body)) = next_envelope(&mut file) {
        assert!(body.len() <= data.len(), "what is read was there");
    }
    if let Ok(all) = envelopes(data) {
        let mut file = Vec::new();
        let are_written = all.iter().all(|it| push_envelope(&mut file, Some(it)));
        assert!(are_written && file == data, "a file of envelopes is read one way");
    }
    let mut file = data;
    while let Ok(Some(_)) = next_key(&mut file) {}
    let (event_id, stream_tag) = ([2; 16], [3; 16]);
    let context = EnvelopeContext { origin: ORIGIN, event_id, stream_tag, index: 0 };
    let _ = open_with_envelope_key(&context, &SecretKey::from_bytes([4; 32]), data);
    if let Ok(opened) = read_plaintext(data) {
        let _ = field_root(&opened.seed, &opened.fields);
    }
}
