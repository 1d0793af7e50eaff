//! One block of the log: the up to 256 leaves of an entry bundle, with their tile and envelopes. What can
//! be said of it alone, so that all cores work at once.

use std::io;
use std::path::Path;

use fokus_bundle::content::{EnvelopeKey, next_envelope};
use fokus_bundle::manifest::Manifest;
use fokus_bundle::{envelopes_path, log_path};
use fokus_log::leaf::{Leaf, LeafError};
use fokus_log::tile::{Resource, TILE_BYTES, TILE_WIDTH, TileId, entries_from_bytes};
use fokus_log::{Hash, leaf_hash};
use fokus_vault::envelope::{EnvelopeContext, Field, check_field_root, open_with_envelope_key};
use fokus_vault::key::SecretKey;
use sha2::{Digest, Sha256};

use crate::files;

/// Most bytes of one entry bundle: 256 leaves of the greatest length.
const ENTRIES_BYTES_MAX: u64 = 256 * (60_000 + 2);
/// Most bytes of the envelopes of one block that are read.
pub(crate) const ENVELOPES_BYTES_MAX: u64 = 512 * 1024 * 1024;

/// One leaf of a block.
#[derive(Debug)]
pub(crate) struct Read {
    /// Zero-based index in the log.
    pub(crate) index: u64,
    pub(crate) leaf: Leaf,
    /// For each envelope that the leaf names its stored bytes; `None` = not in the bundle.
    pub(crate) bodies: Vec<Option<Vec<u8>>>,
}

/// A block as read.
#[derive(Debug, Default)]
pub(crate) struct Block {
    /// Hashes of all its leaves, as the tile has them.
    pub(crate) hashes: Vec<Hash>,
    /// Its leaves, where the scope touches it.
    pub(crate) leaves: Vec<Read>,
    /// What is wrong with the tile or the entry bundle: a file, or the index of a leaf.
    pub(crate) tree: Vec<(Result<u64, String>, String)>,
    /// What is wrong with leaves, by index.
    pub(crate) malformed: Vec<(u64, LeafError)>,
    /// What is wrong with envelopes, by index of the leaf.
    pub(crate) envelopes: Vec<(u64, &'static str)>,
    /// The envelopes' file is too short, too long or unreadable.
    pub(crate) envelopes_file: Option<&'static str>,
}

/// An opened event.
#[derive(Debug)]
pub(crate) struct Content {
    pub(crate) index: u64,
    /// Of all envelopes that opened.
    pub(crate) fields: Vec<Field>,
    pub(crate) wrong: Option<&'static str>,
}

/// Reads block `n`, and checks what can be checked in it alone.
pub(crate) fn read(folder: &Path, manifest: &Manifest, n: u64) -> Block {
    let mut block = Block::default();
    let id = TileId { level: 0, n };
    let width = id.width_in(manifest.size);
    let tile_path = log_path(Resource::Tile { id, width });
    let bytes = files::read(&folder.join(&tile_path), TILE_BYTES as u64).unwrap_or_default();
    match bytes.as_chunks() {
        (hashes, []) if hashes.len() == width => block.hashes = hashes.to_vec(),
        _ => {
            block.tree.push((Err(tile_path), format!("is not a tile of {width} hashes")));
            return block;
        }
    }
    let in_scope = |(first, last): (u64, u64)| (first..=last).contains(&n);
    if manifest.scope.bundles(manifest.size).is_some_and(in_scope) {
        block.read_entries(folder, manifest, n, width);
    }
    block
}

impl Block {
    fn read_entries(&mut self, folder: &Path, manifest: &Manifest, n: u64, width: usize) {
        let path = log_path(Resource::Entries { n, width });
        let bytes = files::read(&folder.join(&path), ENTRIES_BYTES_MAX).unwrap_or_default();
        let Some(entries) = entries_from_bytes(&bytes).filter(|it| it.len() == width) else {
            self.tree.push((Err(path), format!("is not a bundle of {width} leaves")));
            return;
        };
        let first = n.saturating_mul(TILE_WIDTH as u64);
        for ((index, entry), hash) in (first..).zip(entries).zip(&self.hashes) {
            if leaf_hash(entry) != *hash {
                self.tree.push((Ok(index), "the leaf is not the one in the tree".to_owned()));
            }
            match Leaf::decode(entry) {
                Ok(leaf) => self.leaves.push(Read { index, leaf, bodies: Vec::new() }),
                Err(error) => self.malformed.push((index, error)),
            }
        }
        if let Err(what) = self.read_envelopes(folder, manifest, n) {
            self.envelopes_file = Some(what);
        }
    }

    fn read_envelopes(
        &mut self,
        folder: &Path,
        manifest: &Manifest,
        n: u64,
    ) -> Result<(), &'static str> {
        if !self.malformed.is_empty() {
            // Whose envelope is which cannot be said.
            return Ok(());
        }
        let bytes = files::read(&folder.join(envelopes_path(n)), ENVELOPES_BYTES_MAX)
            .map_err(|_| "cannot be read, or is larger than it can be")?;
        let mut file = bytes.as_slice();
        for read in &mut self.leaves {
            for reference in &read.leaf.envelopes {
                let body = next_envelope(&mut file).map_err(|it: io::Error| {
                    if it.kind() == io::ErrorKind::UnexpectedEof {
                        "ends before its last envelope"
                    } else {
                        "has an envelope that is too large"
                    }
                })?;
                if let Some(body) = &body {
                    if !manifest.scope.holds(read.index, manifest.size) {
                        self.envelopes.push((read.index, "an envelope from outside the scope"));
                    }
                    let hash: Hash = Sha256::digest(body).into();
                    if hash != reference.ct_hash || body.len() as u64 != u64::from(reference.ct_len)
                    {
                        self.envelopes.push((read.index, "an envelope is not the leaf's"));
                    }
                }
                read.bodies.push(body);
            }
        }
        if file.is_empty() { Ok(()) } else { Err("has more envelopes than its leaves name") }
    }
}

/// Opens the envelopes of one event with their keys, and checks what they hold. A missing key or
/// envelope is not looked at here.
pub(crate) fn open(origin: &str, read: &Read, keys: &[Option<EnvelopeKey>]) -> Content {
    let mut content = Content { index: read.index, fields: Vec::new(), wrong: None };
    let envelopes = (0_u8..).zip(read.leaf.envelopes.iter()).zip(read.bodies.iter().zip(keys));
    for ((index, reference), (body, key)) in envelopes {
        let (Some(body), Some(key)) = (body, key) else { continue };
        let context = EnvelopeContext {
            origin,
            event_id: read.leaf.event_id,
            stream_tag: read.leaf.stream_tag,
            index,
        };
        let opened = open_with_envelope_key(&context, &SecretKey::from_bytes(*key.key), body);
        let Ok(opened) = opened else {
            content.wrong = Some("an envelope does not open with its key, at its place");
            continue;
        };
        if check_field_root(&opened, &reference.field_root).is_err() {
            content.wrong = Some("an envelope holds other fields than its leaf commits to");
        }
        if index != 0 && opened.fields.iter().any(|it| it.path == "h") {
            content.wrong = Some("a header stands where none belongs");
        }
        content.fields.extend(opened.fields);
    }
    content
}
