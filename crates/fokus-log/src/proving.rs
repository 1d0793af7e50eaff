//! Makes inclusion and consistency proofs from tiles (RFC 6962 sections 2.1.1 and 2.1.2).
//!
//! Two steps, so that nothing here reads: a [`Plan`] says which tiles a proof needs; whoever has them
//! gives them to [`Plan::prove`]. A tile of a larger tree serves as well as one of the tree that is
//! proved: a tile only ever grows.

#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use crate::edge::Edge;
use crate::proof::ProofError;
use crate::tile::{TILE_WIDTH, TileId};
use crate::{Hash, node_hash, subtree_hash};

/// Base-two logarithm of [`TILE_WIDTH`].
const TILE_HEIGHT: u32 = TILE_WIDTH.trailing_zeros();

/// What a proof consists of, before any hash is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// For each hash of the proof the perfect subtrees that it is made of, largest first.
    hashes: Vec<Vec<Node>>,
}

/// The root of a perfect subtree: leaves `index << height` to `(index + 1) << height`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Node {
    height: u32,
    index: u64,
}

/// A tile that a proof needs was not given, or is too short.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("tile {} of level {} is missing or too short for the proof", .0.n, .0.level)]
pub struct MissingTile(pub TileId);

impl Plan {
    /// The proof that the leaf of zero-based `index` is in the tree of `size`.
    ///
    /// # Errors
    ///
    /// [`ProofError::OutOfRange`] if there is no such leaf.
    pub fn inclusion(index: u64, size: u64) -> Result<Plan, ProofError> {
        if index >= size {
            return Err(ProofError::OutOfRange { index, size });
        }
        let (mut from, mut to) = (0, size);
        let mut hashes = Vec::new();
        while to - from > 1 {
            let middle = from + left_leaves(to - from);
            if index < middle {
                hashes.push(subtrees(middle, to));
                to = middle;
            } else {
                hashes.push(subtrees(from, middle));
                from = middle;
            }
        }
        hashes.reverse();
        Ok(Plan { hashes })
    }

    /// The proof that the tree of `earlier_size` is the beginning of the tree of `size`; without any
    /// hash when the two are one.
    ///
    /// # Errors
    ///
    /// [`ProofError::Sizes`] if the earlier tree is empty, or larger.
    pub fn consistency(earlier_size: u64, size: u64) -> Result<Plan, ProofError> {
        if earlier_size == 0 || earlier_size > size {
            return Err(ProofError::Sizes { earlier_size, size });
        }
        let (mut from, mut to) = (0, size);
        let mut hashes = Vec::new();
        while earlier_size != to {
            let middle = from + left_leaves(to - from);
            if earlier_size <= middle {
                hashes.push(subtrees(middle, to));
                to = middle;
            } else {
                hashes.push(subtrees(from, middle));
                from = middle;
            }
        }
        // The earlier tree's own root is known to whoever checks, unless it is only a part of it.
        if from != 0 {
            hashes.push(subtrees(from, to));
        }
        hashes.reverse();
        Ok(Plan { hashes })
    }

    /// The tiles that are needed: at most two for each level and hash.
    #[must_use]
    pub fn tiles(&self) -> BTreeSet<TileId> {
        self.hashes.iter().flatten().map(|it| it.place().0).collect()
    }

    /// The proof's hashes, from the leaf's sibling up to the root's child. `tile` gives the hashes of
    /// a tile, all or as many as there are.
    ///
    /// # Errors
    ///
    /// [`MissingTile`] if it does not give what [`Plan::tiles`] lists.
    pub fn prove<'a>(
        &self,
        tile: impl Fn(TileId) -> Option<&'a [Hash]>,
    ) -> Result<Vec<Hash>, MissingTile> {
        let root = |node: &Node| {
            let (id, at) = node.place();
            let hashes = tile(id).and_then(|it| it.get(at)).ok_or(MissingTile(id))?;
            Ok(subtree_hash(hashes))
        };
        let joined = |nodes: &Vec<Node>| {
            let roots = nodes.iter().map(root).collect::<Result<Vec<Hash>, MissingTile>>()?;
            let joined = roots.into_iter().rev().reduce(|right, left| node_hash(&left, &right));
            Ok(joined.unwrap_or_else(crate::empty_root))
        };
        self.hashes.iter().map(joined).collect()
    }
}

impl Node {
    /// The tile that holds what the subtree's root is made of, and where in it.
    fn place(self) -> (TileId, std::ops::Range<usize>) {
        let level = self.height / TILE_HEIGHT;
        let inside = self.height % TILE_HEIGHT;
        let first = self.index << inside;
        let n = first / TILE_WIDTH as u64;
        // Less than the width of a tile: both fit.
        let at = usize::try_from(first % TILE_WIDTH as u64).unwrap_or_default();
        (TileId { level: u8::try_from(level).unwrap_or(u8::MAX), n }, at..at + (1 << inside))
    }
}

/// The tiles from level 1 on by which the tiles of level 0 with these numbers hang on the root of the tree
/// of `size`: those above them, and the last tile of each level, where it is not full.
pub fn spine(blocks: impl IntoIterator<Item = u64>, size: u64) -> BTreeSet<TileId> {
    let last = Edge::partial_tiles(size)
        .filter(|it| it.level > 0 && it.width > 0)
        .map(|it| TileId { level: it.level, n: it.first / TILE_WIDTH as u64 });
    let mut tiles: BTreeSet<TileId> = last.collect();
    for n in blocks {
        let mut below = TileId { level: 0, n };
        // A tile that is not full has no place in the one above.
        while let Some(above) = below.above().filter(|_| below.width_in(size) == TILE_WIDTH) {
            if !tiles.insert(above) {
                break;
            }
            below = above;
        }
    }
    tiles
}

/// Leaves of the left part of a tree of `size` > 1: the largest power of two that is smaller.
fn left_leaves(size: u64) -> u64 {
    1 << (size - 1).ilog2()
}

/// The perfect subtrees of the leaves `from..to`, largest first. `from` is a place at which the tree
/// itself is divided.
fn subtrees(mut from: u64, to: u64) -> Vec<Node> {
    let mut nodes = Vec::new();
    while from < to {
        let height = (to - from).ilog2();
        nodes.push(Node { height, index: from >> height });
        from += 1 << height;
    }
    nodes
}
