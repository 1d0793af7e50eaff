//! Tiles: 256 hashes of one level, the unit in which inner hashes of the tree are stored and published.
//!
//! Level 0 holds leaf hashes, level L ≥ 1 the roots of full tiles of level L − 1 (C2SP tlog-tiles).
//! [`Resource`] names what a tiled log publishes; [`entries_to_bytes`] and [`entries_from_bytes`] are
//! the form in which leaves travel.
//!
//! Deliberately absent: where tiles are stored, and how they are served.

#[cfg(test)]
mod tests;

use std::fmt;
use std::str::FromStr;

use crate::{Hash, subtree_hash};

/// Hashes in a full tile.
pub const TILE_WIDTH: usize = 256;
/// Bytes of a stored tile.
pub const TILE_BYTES: usize = TILE_WIDTH * size_of::<Hash>();
/// Levels that a tree of 2⁶⁴ leaves can have.
const LEVELS: u8 = 8;

/// Which tile.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TileId {
    /// 0 for leaf hashes; one more for each factor of 256.
    pub level: u8,
    /// Number of the tile in its level, zero-based: hash `i` of the level is in tile `i / 256`.
    pub n: u64,
}

impl TileId {
    /// The tile one level up that holds this one's root once it is full; `None` beyond the last level.
    #[must_use]
    pub fn above(self) -> Option<TileId> {
        let level = self.level.checked_add(1).filter(|it| *it < LEVELS)?;
        Some(TileId { level, n: self.n / TILE_WIDTH as u64 })
    }

    /// How many hashes the tile has in the tree of `size`: 0 to 256.
    #[must_use]
    pub fn width_in(self, size: u64) -> usize {
        let hashes = size.checked_shr(8 * u32::from(self.level)).unwrap_or_default();
        let before = self.n.saturating_mul(TILE_WIDTH as u64);
        let width = hashes.saturating_sub(before).min(TILE_WIDTH as u64);
        usize::try_from(width).unwrap_or(TILE_WIDTH)
    }
}

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

/// What a tiled log publishes, by its path below the log's prefix.
///
/// `width` is 1 to 256; 256 is a full tile, whose path says nothing of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Resource {
    /// The newest signed checkpoint.
    Checkpoint,
    /// Hashes of one level.
    Tile {
        /// Which tile.
        id: TileId,
        /// How many hashes of it.
        width: usize,
    },
    /// The leaves under a tile of level 0.
    Entries {
        /// Number of that tile.
        n: u64,
        /// How many leaves of it.
        width: usize,
    },
}

/// The path names nothing that a tiled log publishes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a path of a tiled log")]
pub struct PathError;

impl Resource {
    /// Every tile and entry bundle of the tree of `size`, level by level, and the checkpoint at the end.
    pub fn all(size: u64) -> impl Iterator<Item = Resource> {
        let tiles_of = move |level: u8| {
            let hashes = size.checked_shr(8 * u32::from(level)).unwrap_or_default();
            (0..hashes.div_ceil(TILE_WIDTH as u64)).map(move |n| TileId { level, n })
        };
        let tile = move |id: TileId| Resource::Tile { id, width: id.width_in(size) };
        let entries = move |id: TileId| Resource::Entries { n: id.n, width: id.width_in(size) };
        (0..LEVELS)
            .flat_map(tiles_of)
            .map(tile)
            .chain(tiles_of(0).map(entries))
            .chain([Resource::Checkpoint])
    }
}

impl fmt::Display for Resource {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (n, width) = match self {
            Resource::Checkpoint => return formatter.write_str("checkpoint"),
            Resource::Tile { id, width } => {
                write!(formatter, "tile/{}", id.level)?;
                (id.n, *width)
            }
            Resource::Entries { n, width } => {
                formatter.write_str("tile/entries")?;
                (*n, *width)
            }
        };
        // Groups of three digits; all but the last begin with an x.
        let digits = n.to_string();
        let padded = format!("{digits:0>width$}", width = digits.len().next_multiple_of(3));
        let last = padded.len() - 3;
        for (at, digit) in padded.char_indices() {
            if at % 3 == 0 {
                formatter.write_str(if at < last { "/x" } else { "/" })?;
            }
            write!(formatter, "{digit}")?;
        }
        if width < TILE_WIDTH { write!(formatter, ".p/{width}") } else { Ok(()) }
    }
}

impl FromStr for Resource {
    type Err = PathError;

    /// Reads a path; no other text gives the same resource.
    fn from_str(path: &str) -> Result<Resource, PathError> {
        let read = || {
            if path == "checkpoint" {
                return Some(Resource::Checkpoint);
            }
            let (kind, rest) = path.strip_prefix("tile/")?.split_once('/')?;
            let (number, width) = match rest.split_once(".p/") {
                Some((number, width)) => (number, width.parse().ok()?),
                None => (rest, TILE_WIDTH),
            };
            let digits: String = number.split('/').map(|it| it.trim_start_matches('x')).collect();
            let n = digits.parse().ok()?;
            if !(1..=TILE_WIDTH).contains(&width) {
                return None;
            }
            match kind {
                "entries" => Some(Resource::Entries { n, width }),
                level => {
                    let level = level.parse().ok().filter(|it| *it < LEVELS)?;
                    Some(Resource::Tile { id: TileId { level, n }, width })
                }
            }
        };
        // Whatever is not the one spelling is refused.
        read().filter(|it| it.to_string() == path).ok_or(PathError)
    }
}

/// Leaves as an entry bundle: each after its length in two bytes. `None` if a leaf is longer than that
/// can say.
#[must_use]
pub fn entries_to_bytes<'a>(leaves: impl IntoIterator<Item = &'a [u8]>) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    for leaf in leaves {
        bytes.extend_from_slice(&u16::try_from(leaf.len()).ok()?.to_be_bytes());
        bytes.extend_from_slice(leaf);
    }
    Some(bytes)
}

/// The leaves of an entry bundle; `None` if it is cut off or holds more than [`TILE_WIDTH`].
#[must_use]
pub fn entries_from_bytes(mut bytes: &[u8]) -> Option<Vec<&[u8]>> {
    let mut leaves = Vec::new();
    while !bytes.is_empty() {
        if leaves.len() == TILE_WIDTH {
            return None;
        }
        let (length, rest) = bytes.split_first_chunk::<2>()?;
        let (leaf, rest) = rest.split_at_checked(usize::from(u16::from_be_bytes(*length)))?;
        leaves.push(leaf);
        bytes = rest;
    }
    Some(leaves)
}
