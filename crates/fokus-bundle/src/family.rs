//! What a bundle of one family has of its own: leaves that stand alone, and heads.json, which says what
//! streams the bundle has and where the map of stream heads has them.
//!
//! Leaves under one tile of level 0: each as one byte (its place in the tile), two bytes of length
//! (big-endian) and the leaf, ascending by place.

#[cfg(test)]
mod tests;

use std::io;

use fokus_log::heads::{Head, Proved};
use fokus_log::leaf::MAX_LEAF_BYTES;
use fokus_log::tile::TILE_WIDTH;
use serde::{Deserialize, Serialize};

/// Most bytes of heads.json that are read.
pub const HEADS_BYTES_MAX: u64 = 8 * 1024 * 1024;
/// Most streams of a bundle of one family.
pub const STREAMS_MAX: usize = 1_000;
/// Most bytes of the leaves under one tile.
pub const LEAVES_BYTES_MAX: u64 = (TILE_WIDTH * (MAX_LEAF_BYTES + 3)) as u64;

/// heads.json.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FamilyHeads {
    /// The family's stream first, then the persons' whom its events name.
    pub streams: Vec<ScopedStream>,
}

/// A stream of the bundle, and its entry in the map of stream heads. Hashes are lower-case hex.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ScopedStream {
    /// Such as `family`.
    pub kind: String,
    /// The thing's id.
    pub id: String,
    /// The stream's name in leaves.
    pub stream_tag: String,
    /// Version of its last leaf that the map covers, zero-based.
    pub head_version: u64,
    /// Index of that leaf in the log.
    pub head_index: u64,
    /// Hash of that leaf.
    pub head_leaf_hash: String,
    /// Place of the entry in the map, zero-based.
    pub map_index: u64,
    /// From the entry's sibling up to the child of the map's root.
    pub hashes: Vec<String>,
}

/// heads.json is not one, or breaks a rule of the format.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("heads.json {0}")]
pub struct HeadsError(&'static str);

impl ScopedStream {
    /// A stream with its entry.
    #[must_use]
    pub fn new(kind: &str, id: &str, proved: &Proved) -> ScopedStream {
        ScopedStream {
            kind: kind.to_owned(),
            id: id.to_owned(),
            stream_tag: hex::encode(proved.tag),
            head_version: proved.head.version,
            head_index: proved.head.index,
            head_leaf_hash: hex::encode(proved.head.leaf_hash),
            map_index: proved.index,
            hashes: proved.hashes.iter().map(hex::encode).collect(),
        }
    }

    /// The entry; `None` if a hash is none.
    #[must_use]
    pub fn proved(&self) -> Option<Proved> {
        let hashes = self.hashes.iter().map(|it| bytes(it)).collect::<Option<Vec<_>>>()?;
        let (version, index) = (self.head_version, self.head_index);
        let head = Head { version, index, leaf_hash: bytes(&self.head_leaf_hash)? };
        Some(Proved { tag: bytes(&self.stream_tag)?, head, index: self.map_index, hashes })
    }
}

fn bytes<const N: usize>(text: &str) -> Option<[u8; N]> {
    let is_lower = !text.bytes().any(|it| it.is_ascii_uppercase());
    let mut bytes = [0; N];
    hex::decode_to_slice(text, &mut bytes).ok().filter(|()| is_lower)?;
    Some(bytes)
}

impl FamilyHeads {
    /// The file's bytes.
    ///
    /// # Errors
    ///
    /// None with these types.
    pub fn to_bytes(&self) -> Result<Vec<u8>, serde_json::Error> {
        let mut bytes = serde_json::to_vec_pretty(self)?;
        bytes.push(b'\n');
        Ok(bytes)
    }

    /// Reads the file's bytes; no others say the same.
    ///
    /// # Errors
    ///
    /// [`HeadsError`] for unknown members, no or too many streams, another spelling.
    pub fn from_bytes(bytes: &[u8]) -> Result<FamilyHeads, HeadsError> {
        let heads: FamilyHeads =
            serde_json::from_slice(bytes).map_err(|_| HeadsError("cannot be read"))?;
        match heads.streams.len() {
            0 => Err(HeadsError("names no stream")),
            1..=STREAMS_MAX if heads.to_bytes().is_ok_and(|it| it == bytes) => Ok(heads),
            1..=STREAMS_MAX => Err(HeadsError("is spelt otherwise than it is written")),
            _ => Err(HeadsError("names more streams than a bundle of one family has")),
        }
    }
}

/// Adds a leaf to a file; `place` is that in its tile. Returns whether it could be added.
#[must_use]
pub fn push_leaf(file: &mut Vec<u8>, place: u8, leaf: &[u8]) -> bool {
    let Ok(length) = u16::try_from(leaf.len()) else { return false };
    file.push(place);
    file.extend_from_slice(&length.to_be_bytes());
    file.extend_from_slice(leaf);
    true
}

/// All leaves of a file, with their places.
///
/// # Errors
///
/// `UnexpectedEof` for a file that ends inside a leaf, `InvalidData` for places that do not ascend.
pub fn leaves(mut file: &[u8]) -> io::Result<Vec<(u8, &[u8])>> {
    let mut leaves: Vec<(u8, &[u8])> = Vec::new();
    while !file.is_empty() {
        let (&[place, high, low], rest) =
            file.split_first_chunk().ok_or(io::ErrorKind::UnexpectedEof)?;
        if leaves.last().is_some_and(|(before, _)| *before >= place) {
            return Err(io::ErrorKind::InvalidData.into());
        }
        let length = usize::from(u16::from_be_bytes([high, low]));
        let (leaf, rest) = rest.split_at_checked(length).ok_or(io::ErrorKind::UnexpectedEof)?;
        leaves.push((place, leaf));
        file = rest;
    }
    Ok(leaves)
}
