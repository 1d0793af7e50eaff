//! The right edge of the tree: the least that must be kept in memory to grow it.
//!
//! Two things change with each leaf. The *frontier* holds the roots of the perfect subtrees that
//! make up the tree, largest first, one for each one-bit of its size; the root follows from it. The
//! *pending* hashes of each level are those of its last tile while that is not yet full.
//!
//! An edge is cheap to clone (at most 255 hashes for each level that exists): a planner works on a
//! clone and keeps it only if the batch was committed.
//!
//! Deliberately absent: storage. After a restart the store asks [`Edge::partial_tiles`] what to
//! read and gives it to [`Edge::rebuild`]: at most 255 hashes for each level.

#[cfg(test)]
mod tests;

use crate::tile::{TILE_WIDTH, Tile};
use crate::{Hash, empty_root, node_hash};

/// Base-two logarithm of [`TILE_WIDTH`]: levels of nodes inside one tile.
const TILE_HEIGHT: u32 = TILE_WIDTH.trailing_zeros();

/// The right edge of a tree that grows.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Edge {
    // INVARIANT: frontier.len() == size.count_ones(), and pending[L] holds the last
    // (size >> 8L) % 256 hashes of level L, for every level that has any.
    size: u64,
    frontier: Vec<Hash>,
    pending: Vec<Vec<Hash>>,
}

/// Hashes that the last, partial tile of one level consists of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PartialTile {
    /// Level of the tile.
    pub level: u8,
    /// First hash of the tile, counted from the beginning of its level. On level 0 it is a leaf
    /// index; on level L ≥ 1 the number of a full tile of level L − 1, whose root the hash is.
    pub first: u64,
    /// How many hashes there are, 0–255.
    pub width: u64,
}

/// What was read for the partial tiles does not belong to a tree of this size.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RebuildError {
    /// Not one list for each level of the tree.
    #[error("tree of size {size} has {expected} levels of tiles, not {given}")]
    Levels {
        /// Size of the tree.
        size: u64,
        /// Levels that it has.
        expected: usize,
        /// Lists that were given.
        given: usize,
    },
    /// The list of one level is too long or too short.
    #[error("partial tile of level {level} has {expected} hashes, not {given}")]
    Width {
        /// Level of the tile.
        level: u8,
        /// Hashes that it has.
        expected: u64,
        /// Hashes that were given.
        given: usize,
    },
}

impl Edge {
    /// The edge of a tree without leaves.
    #[must_use]
    pub fn new() -> Self {
        Edge::default()
    }

    /// Number of leaves.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Adds the hash of the next leaf, and gives each tile that it fills, lowest level first.
    ///
    /// Costs one hash on average; fills no tile mostly, and at most one for each level.
    pub fn push(&mut self, leaf_hash: Hash) -> Vec<Tile> {
        let mut full = Vec::new();
        self.size = self.size.saturating_add(1);
        push_pending(&mut self.pending, &mut full, 0, self.size, leaf_hash);
        // Each zero at the end of the new size is a perfect subtree that the leaf completes.
        let merges = self.size.trailing_zeros();
        let kept = self.frontier.len().saturating_sub(merges as usize);
        let mut hash = leaf_hash;
        for (height, left) in (1..).zip(self.frontier.drain(kept..).rev()) {
            hash = node_hash(&left, &hash);
            if height % TILE_HEIGHT == 0 {
                let level = height / TILE_HEIGHT;
                push_pending(&mut self.pending, &mut full, level, self.size >> height, hash);
            }
        }
        self.frontier.push(hash);
        full
    }

    /// Root of the tree (RFC 6962 section 2.1). Costs one hash for each one-bit of the size.
    #[must_use]
    pub fn root(&self) -> Hash {
        let mut smallest_first = self.frontier.iter().rev();
        let Some(last) = smallest_first.next() else { return empty_root() };
        smallest_first.fold(*last, |right, left| node_hash(left, &right))
    }

    /// The frontier as bytes, largest subtree first: the table column `log.edge`.
    #[must_use]
    pub fn frontier_bytes(&self) -> Vec<u8> {
        self.frontier.as_flattened().to_vec()
    }

    /// What [`Edge::rebuild`] needs for a tree of `size`, level 0 first: for each level its partial
    /// tile, which may be empty.
    pub fn partial_tiles(size: u64) -> impl Iterator<Item = PartialTile> {
        (0_u8..8)
            .map(move |level| (level, size >> (TILE_HEIGHT * u32::from(level))))
            .take_while(|(_, hashes)| *hashes > 0)
            .map(|(level, hashes)| {
                let width = hashes % TILE_WIDTH as u64;
                PartialTile { level, first: hashes - width, width }
            })
    }

    /// The edge of a tree of `size`, from the hashes of its partial tiles, level 0 first: leaf
    /// hashes on level 0, [`Tile::root`]s of full tiles one level below on the others, as
    /// [`Edge::partial_tiles`] lists them.
    ///
    /// Says nothing about whether they are the right hashes: compare [`Edge::root`] with the root
    /// that was signed.
    ///
    /// # Errors
    ///
    /// [`RebuildError`] if the counts of hashes are not those of this size.
    pub fn rebuild(size: u64, pending: Vec<Vec<Hash>>) -> Result<Edge, RebuildError> {
        let expected = Edge::partial_tiles(size).count();
        if pending.len() != expected {
            return Err(RebuildError::Levels { size, expected, given: pending.len() });
        }
        for (tile, hashes) in Edge::partial_tiles(size).zip(&pending) {
            if hashes.len() as u64 != tile.width {
                let (level, expected) = (tile.level, tile.width);
                return Err(RebuildError::Width { level, expected, given: hashes.len() });
            }
        }
        let frontier = pending.iter().rev().flat_map(|hashes| frontier_of(hashes)).collect();
        Ok(Edge { size, frontier, pending })
    }
}

/// Adds a hash to the partial tile of `level`; `count` hashes of this level exist with it. A tile
/// that is now full leaves for `full`.
fn push_pending(
    pending: &mut Vec<Vec<Hash>>,
    full: &mut Vec<Tile>,
    level: u32,
    count: u64,
    hash: Hash,
) {
    // 64 bits of size have eight levels of tiles.
    let Ok(level) = u8::try_from(level) else { return };
    let slot = usize::from(level);
    if pending.len() <= slot {
        pending.resize_with(slot + 1, Vec::new);
    }
    let Some(hashes) = pending.get_mut(slot) else { return };
    hashes.push(hash);
    if hashes.len() == TILE_WIDTH {
        let n = count.saturating_sub(1) / TILE_WIDTH as u64;
        full.push(Tile { level, n, hashes: std::mem::take(hashes) });
    }
}

/// Roots of the perfect subtrees of a partial tile, largest first.
fn frontier_of(mut hashes: &[Hash]) -> Vec<Hash> {
    let mut roots = Vec::new();
    while !hashes.is_empty() {
        let largest = 1 << hashes.len().ilog2();
        let (subtree, rest) = hashes.split_at(largest);
        roots.push(crate::subtree_hash(subtree));
        hashes = rest;
    }
    roots
}
