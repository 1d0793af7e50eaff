//! A full tile: 256 hashes of one level, the unit in which inner hashes of the tree are stored.
//!
//! Level 0 holds leaf hashes, level L ≥ 1 the roots of full tiles of level L − 1 (C2SP tlog-tiles).
//!
//! Deliberately absent: partial tiles (the store derives them) and tile paths.

use crate::{Hash, subtree_hash};

/// Hashes in a full tile.
pub const TILE_WIDTH: usize = 256;
/// Bytes of a stored tile.
pub const TILE_BYTES: usize = TILE_WIDTH * size_of::<Hash>();

/// A full tile. It is complete once, and never changes afterwards.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tile {
    /// 0 for leaf hashes; one more for each factor of 256.
    pub level: u8,
    /// Number of the tile in its level, zero-based: hash `i` of the level is in tile `i / 256`.
    pub n: u64,
    /// The hashes, exactly [`TILE_WIDTH`] of them, in the order of the tree.
    pub hashes: Vec<Hash>,
}

/// Stored bytes of a tile are not [`TILE_BYTES`] long.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("tile {n} of level {level} is not {TILE_BYTES} bytes long")]
pub struct TileError {
    /// Level of the tile that was asked for.
    pub level: u8,
    /// Its number in the level.
    pub n: u64,
}

impl Tile {
    /// Root of the tile's hashes: what the next level holds for this tile.
    #[must_use]
    pub fn root(&self) -> Hash {
        subtree_hash(&self.hashes)
    }

    /// The stored form: all hashes, one after the other.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        self.hashes.as_flattened().to_vec()
    }

    /// Reads the stored form of tile `n` of `level`.
    ///
    /// # Errors
    ///
    /// [`TileError`] if the length is not [`TILE_BYTES`].
    pub fn from_bytes(level: u8, n: u64, bytes: &[u8]) -> Result<Tile, TileError> {
        match bytes.as_chunks() {
            (hashes, []) if hashes.len() == TILE_WIDTH => {
                Ok(Tile { level, n, hashes: hashes.to_vec() })
            }
            _ => Err(TileError { level, n }),
        }
    }
}
