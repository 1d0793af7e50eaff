//! One block of the log: the up to 256 leaves of an entry bundle, with their tile and envelopes. What can
//! be said of it alone, so that all cores work at once.

use std::io;
use std::path::Path;

use fokus_bundle::content::{EnvelopeKey, next_envelope};
use fokus_bundle::family::{self, LEAVES_BYTES_MAX};
use fokus_bundle::manifest::Manifest;
use fokus_bundle::{envelopes_path, leaves_path, log_path};
use fokus_log::leaf::{Leaf, LeafError};
use fokus_log::tile::{Resource, TILE_WIDTH, TileId, entries_from_bytes};
use fokus_log::{Hash, leaf_hash, subtree_hash};
use fokus_vault::envelope::{EnvelopeContext, Field, check_field_root, open_with_envelope_key};
use fokus_vault::key::SecretKey;
use sha2::{Digest, Sha256};

use crate::family::InScope;
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
    /// Its hash, as the tree has it.
    pub(crate) hash: Hash,
    /// For each envelope that the leaf names its stored bytes, none where nobody opens them; `None` = not in
    /// the bundle.
    pub(crate) bodies: Vec<Option<Vec<u8>>>,
}

/// A block as read.
#[derive(Debug, Default)]
pub(crate) struct Block {
    /// Hashes of all its leaves, as the tile has them.
    pub(crate) hashes: Vec<Hash>,
    /// Their root, where the tile is full.
    pub(crate) root: Option<Hash>,
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

/// The bundle that blocks are read from.
#[derive(Clone, Copy)]
pub(crate) struct Bundle<'a> {
    pub(crate) folder: &'a Path,
    pub(crate) manifest: &'a Manifest,
    /// Which streams it is of, where it is one family's.
    pub(crate) family: Option<&'a InScope>,
    /// Whether envelopes are opened, so that their bytes are kept until then.
    pub(crate) opens: bool,
}

impl Bundle<'_> {
    /// Whether the content of a leaf belongs into the bundle.
    pub(crate) fn holds(&self, index: u64, leaf: &Leaf) -> bool {
        match self.family {
            Some(family) => family.holds(leaf),
            None => self.manifest.scope.holds(index, self.manifest.size),
        }
    }

    /// Reads block `n`, and checks what can be checked in it alone.
    pub(crate) fn block(&self, n: u64) -> Block {
        let mut block = Block::default();
        let id = TileId { level: 0, n };
        let width = id.width_in(self.manifest.size);
        let tile_path = log_path(Resource::Tile { id, width });
        match files::hashes(&self.folder.join(&tile_path), width) {
            Some(hashes) => block.hashes = hashes,
            None => {
                block.tree.push((Err(tile_path), format!("is not a tile of {width} hashes")));
                return block;
            }
        }
        block.root = (width == TILE_WIDTH).then(|| subtree_hash(&block.hashes));
        let in_scope = |(first, last): (u64, u64)| (first..=last).contains(&n);
        if self.family.is_some() {
            block.read_leaves(self, n);
        } else if self.manifest.scope.bundles(self.manifest.size).is_some_and(in_scope) {
            block.read_entries(self, n, width);
        }
        block
    }
}

impl Block {
    /// All leaves of the block.
    fn read_entries(&mut self, bundle: &Bundle<'_>, n: u64, width: usize) {
        let path = log_path(Resource::Entries { n, width });
        let bytes = files::read(&bundle.folder.join(&path), ENTRIES_BYTES_MAX).unwrap_or_default();
        let Some(entries) = entries_from_bytes(&bytes).filter(|it| it.len() == width) else {
            self.tree.push((Err(path), format!("is not a bundle of {width} leaves")));
            return;
        };
        self.leaves.reserve(width);
        for (place, entry) in entries.into_iter().enumerate() {
            self.read_leaf(n, place, entry);
        }
        self.envelopes_file = self.read_envelopes(bundle, n).err();
    }

    /// The family's leaves in the block, and those that stand after what the map covers.
    fn read_leaves(&mut self, bundle: &Bundle<'_>, n: u64) {
        let path = leaves_path(n);
        let bytes = files::read(&bundle.folder.join(&path), LEAVES_BYTES_MAX).unwrap_or_default();
        match family::leaves(&bytes) {
            Ok(leaves) if !leaves.is_empty() => {
                for (place, leaf) in &leaves {
                    self.read_leaf(n, usize::from(*place), leaf);
                }
            }
            _ => self.tree.push((Err(path), "is not a file of leaves in order".to_owned())),
        }
        self.envelopes_file = self.read_envelopes(bundle, n).err();
    }

    /// The leaf at a place in the block.
    fn read_leaf(&mut self, n: u64, place: usize, bytes: &[u8]) {
        let index = n.saturating_mul(TILE_WIDTH as u64).saturating_add(place as u64);
        let hash = leaf_hash(bytes);
        if self.hashes.get(place) != Some(&hash) {
            self.tree.push((Ok(index), "the leaf is not the one in the tree".to_owned()));
        }
        match Leaf::decode(bytes) {
            Ok(leaf) => self.leaves.push(Read { index, leaf, hash, bodies: Vec::new() }),
            Err(error) => self.malformed.push((index, error)),
        }
    }

    fn read_envelopes(&mut self, bundle: &Bundle<'_>, n: u64) -> Result<(), &'static str> {
        if !self.malformed.is_empty() {
            // Whose envelope is which cannot be said.
            return Ok(());
        }
        let bytes = files::read(&bundle.folder.join(envelopes_path(n)), ENVELOPES_BYTES_MAX)
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
                if let Some(body) = body {
                    if !bundle.holds(read.index, &read.leaf) {
                        self.envelopes.push((read.index, "an envelope from outside the scope"));
                    }
                    let hash: Hash = Sha256::digest(body).into();
                    if hash != reference.ct_hash || body.len() as u64 != u64::from(reference.ct_len)
                    {
                        self.envelopes.push((read.index, "an envelope is not the leaf's"));
                    }
                }
                read.bodies
                    .push(body.map(|it| if bundle.opens { it.to_vec() } else { Vec::new() }));
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
