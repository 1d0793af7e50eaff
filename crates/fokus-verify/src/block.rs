//! One block of the log: the up to 256 leaves of an entry bundle, with their tile and envelopes. What can
//! be said of it alone, so that all cores work at once. Every file is read once: what was compared with the
//! list is what is looked into.

use std::path::Path;

use fokus_bundle::content::envelopes;
use fokus_bundle::family::{self, LEAVES_BYTES_MAX};
use fokus_bundle::manifest::Manifest;
use fokus_bundle::{envelopes_path, leaves_path, log_path};
use fokus_log::heads::Tag;
use fokus_log::leaf::{EnvelopeView, LeafHead, LeafKind, LeafView, MAX_LEAF_BYTES};
use fokus_log::tile::{Resource, TILE_BYTES, TILE_WIDTH, TileId, entries_from_bytes};
use fokus_log::{Hash, leaf_hash, subtree_hash};
use sha2::{Digest, Sha256};

use crate::family::InScope;
use crate::files;
use crate::report::{Findings, Step};

/// Most bytes of one entry bundle.
const ENTRIES_BYTES_MAX: u64 = (TILE_WIDTH * (MAX_LEAF_BYTES + 2)) as u64;
/// Most bytes of the envelopes of one block that are read.
pub(crate) const ENVELOPES_BYTES_MAX: u64 = 512 * 1024 * 1024;

/// The bundle that blocks are read from.
#[derive(Clone, Copy)]
pub(crate) struct Bundle<'a> {
    pub(crate) folder: &'a Path,
    pub(crate) manifest: &'a Manifest,
    /// Which streams it is of, where it is one family's.
    pub(crate) family: Option<&'a InScope>,
    /// Whether envelopes are opened, so that their bytes are kept until then.
    pub(crate) opens: bool,
    pub(crate) progress: &'a (dyn Fn(u64) + Sync),
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
    /// How many envelopes they have that belong into the bundle.
    pub(crate) envelopes: u64,
    /// These envelopes, where they are opened.
    pub(crate) sealed: Vec<Sealed>,
    pub(crate) found: Findings,
}

/// One leaf of a block.
#[derive(Debug)]
pub(crate) struct Read {
    /// Zero-based index in the log.
    pub(crate) index: u64,
    /// Its hash, as the tree has it.
    pub(crate) hash: Hash,
    /// `None` = one that this program does not know.
    pub(crate) kind: Option<LeafKind>,
    pub(crate) head: LeafHead,
    /// Public content.
    pub(crate) ext: Vec<u8>,
}

/// An envelope that is to be opened.
#[derive(Debug)]
pub(crate) struct Sealed {
    /// Place of its leaf among those of the block.
    pub(crate) of: usize,
    /// Its number in the event.
    pub(crate) number: u8,
    pub(crate) ct_hash: Hash,
    pub(crate) field_root: Hash,
    /// Its stored bytes; empty = it is not in the bundle.
    pub(crate) body: Vec<u8>,
}

impl Bundle<'_> {
    /// Whether the content of a leaf belongs into the bundle.
    pub(crate) fn holds(&self, index: u64, tag: &Tag) -> bool {
        match self.family {
            Some(family) => family.holds(tag),
            None => self.manifest.scope.holds(index, self.manifest.size),
        }
    }

    /// The files of block `n`: its tile; where the scope touches it its leaves, and their envelopes.
    pub(crate) fn files(&self, n: u64) -> Vec<String> {
        let id = TileId { level: 0, n };
        let width = id.width_in(self.manifest.size);
        let in_scope = |(first, last): (u64, u64)| (first..=last).contains(&n);
        let tile = log_path(Resource::Tile { id, width });
        if self.family.is_some() {
            vec![tile, leaves_path(n), envelopes_path(n)]
        } else if self.manifest.scope.bundles(self.manifest.size).is_some_and(in_scope) {
            vec![tile, log_path(Resource::Entries { n, width }), envelopes_path(n)]
        } else {
            vec![tile]
        }
    }

    /// The bytes of a listed file; none where they cannot be had. Compares them with the list.
    fn read(&self, path: &str, most: u64, found: &mut Findings) -> Vec<u8> {
        let Some(listed) = self.manifest.files.get(path) else { return Vec::new() };
        (self.progress)(listed.size);
        let read = files::read(&self.folder.join(path), most);
        let digest = read.as_ref().map(|it| (it.len() as u64, Sha256::digest(it).into()));
        if let Some(what) = files::difference(listed, digest) {
            found.in_file(Step::Files, path, what);
        }
        read.unwrap_or_default()
    }

    /// The hashes of a tile; `None` if there is no such tile.
    pub(crate) fn hashes(&self, id: TileId) -> Option<Vec<Hash>> {
        let width = id.width_in(self.manifest.size);
        let path = log_path(Resource::Tile { id, width });
        let bytes = files::read(&self.folder.join(path), TILE_BYTES as u64).ok()?;
        hashes(&bytes, width)
    }

    /// Reads block `n`, and checks what can be checked in it alone.
    pub(crate) fn block(&self, n: u64) -> Block {
        let mut block = Block::default();
        let width = TileId { level: 0, n }.width_in(self.manifest.size);
        let mut files = self.files(n).into_iter();
        let tile = files.next().unwrap_or_default();
        let bytes = self.read(&tile, TILE_BYTES as u64, &mut block.found);
        let Some(hashes) = hashes(&bytes, width) else {
            block.found.in_file(Step::Tree, &tile, format!("is not a tile of {width} hashes"));
            return block;
        };
        block.hashes = hashes;
        block.root = (width == TILE_WIDTH).then(|| subtree_hash(&block.hashes));
        let (Some(path), Some(envelopes_file)) = (files.next(), files.next()) else {
            return block;
        };
        let most = ENTRIES_BYTES_MAX.max(LEAVES_BYTES_MAX);
        let bytes = self.read(&path, most, &mut block.found);
        let leaves = if self.family.is_some() {
            family::leaves(&bytes).ok().filter(|it| !it.is_empty())
        } else {
            let entries = entries_from_bytes(&bytes).filter(|it| it.len() == width);
            entries.map(|it| (0..=u8::MAX).zip(it).collect())
        };
        let Some(leaves) = leaves else {
            block.found.in_file(Step::Tree, &path, "is not a file of the block's leaves in order");
            return block;
        };
        let bytes = self.read(&envelopes_file, ENVELOPES_BYTES_MAX, &mut block.found);
        let bodies = envelopes(&bytes);
        if let Err(it) = &bodies {
            let what = format!("cannot be read to its end: {it}");
            block.found.in_file(Step::Envelopes, &envelopes_file, what);
        }
        let mut bodies = bodies.unwrap_or_default().into_iter();
        block.leaves.reserve(leaves.len());
        for (place, leaf) in leaves {
            block.read_leaf(self, (n, place), leaf, &mut bodies);
        }
        if bodies.next().is_some() {
            let what = "has more envelopes than its leaves name";
            block.found.in_file(Step::Envelopes, &envelopes_file, what);
        }
        block
    }
}

fn hashes(tile: &[u8], width: usize) -> Option<Vec<Hash>> {
    match tile.as_chunks() {
        (hashes, []) if hashes.len() == width => Some(hashes.to_vec()),
        _ => None,
    }
}

impl Block {
    /// The leaf at a place of block `n`, whose envelopes are the next of `bodies`.
    fn read_leaf<'a>(
        &mut self,
        bundle: &Bundle<'_>,
        (n, place): (u64, u8),
        bytes: &[u8],
        bodies: &mut impl Iterator<Item = &'a [u8]>,
    ) {
        let index = n.saturating_mul(TILE_WIDTH as u64).saturating_add(u64::from(place));
        let hash = leaf_hash(bytes);
        if self.hashes.get(usize::from(place)) != Some(&hash) {
            self.found.at(Step::Tree, index, "the leaf is not the one in the tree");
        }
        let leaf = match LeafView::read(bytes) {
            Ok(it) => it,
            Err(error) => return self.found.at(Step::Leaves, index, error.to_string()),
        };
        let LeafView { kind, head, ext, .. } = leaf;
        let is_held = bundle.holds(index, &head.stream_tag);
        for (number, reference) in (0..).zip(leaf.envelopes()) {
            let body = bodies.next();
            self.check_envelope((index, is_held), &reference, body);
            if is_held && bundle.opens {
                let EnvelopeView { ct_hash, field_root, .. } = reference;
                self.sealed.push(Sealed {
                    of: self.leaves.len(),
                    number,
                    ct_hash: *ct_hash,
                    field_root: *field_root,
                    body: body.unwrap_or_default().to_vec(),
                });
            }
        }
        self.leaves.push(Read { index, hash, kind, head, ext: ext.to_vec() });
    }

    fn check_envelope(
        &mut self,
        (index, is_held): (u64, bool),
        reference: &EnvelopeView<'_>,
        body: Option<&[u8]>,
    ) {
        self.envelopes += u64::from(is_held);
        let is_its = |body: &[u8]| {
            body.len() as u64 == u64::from(reference.ct_len)
                && Hash::from(Sha256::digest(body)) == *reference.ct_hash
        };
        let (step, what) = match body {
            None => (Step::Envelopes, "the file ends before the leaf's envelope"),
            Some([]) if is_held => (Step::Keys, "an envelope is gone, and no certificate says why"),
            Some([]) => return,
            Some(_) if !is_held => (Step::Envelopes, "an envelope from outside the scope"),
            Some(body) if is_its(body) => return,
            Some(_) => (Step::Envelopes, "an envelope is not the leaf's"),
        };
        self.found.at(step, index, what);
    }
}
