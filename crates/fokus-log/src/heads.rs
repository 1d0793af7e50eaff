//! The map of stream heads: where every stream stood when the log had so many leaves, as a sorted list
//! under one root. With the root in the log, a few hashes show that a stream ends where it is said to end,
//! or that it does not exist: so nothing can be withheld from the end of one stream's history.
//!
//! The map is a function of the leaves alone. Whoever has all leaves makes it anew ([`Heads`]); whoever has
//! one stream checks its entry ([`Proved::verify`]).
//!
//! Layout, all integers big-endian. Entry: `stream_tag[16] || head_version u64 || head_index u64 ||
//! head_leaf_hash[32]`, in order of tag; the root is that of the RFC 6962 tree over the entries. Public
//! content of a leaf of the kind `StreamHeads`: `covers_size u64 || streams u64 || root[32]`.
//!
//! Deliberately absent: when a map is made, and how its leaf gets into the log.

#[cfg(test)]
mod tests;

use std::collections::{HashMap, VecDeque};

use crate::leaf::{Leaf, LeafKind};
use crate::proof::{ProofError, verify_inclusion};
use crate::proving::Plan;
use crate::tile::{TILE_WIDTH, TileId};
use crate::{Hash, leaf_hash, subtree_hash};

/// The most leaves that a log may have between what a map covers and the map's own leaf. It bounds what
/// must be remembered to check a map, and how many leaves of others come with a bundle of one family.
pub const LAG_MAX: u64 = 16_384;

/// A stream's tag, as in leaves.
pub type Tag = [u8; 16];

/// Bytes of an entry.
const ENTRY_BYTES: usize = 16 + 8 + 8 + 32;
/// Bytes of a map's public content.
const COMMITMENT_BYTES: usize = 8 + 8 + 32;

/// What a leaf of the kind `StreamHeads` says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Commitment {
    /// Leaves of the log that the map is made of: the first so many.
    pub covers_size: u64,
    /// Entries of the map.
    pub streams: u64,
    /// Root over them.
    pub root: Hash,
}

/// The leaf says nothing that the map of a log can say there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CommitmentError {
    /// Not a leaf of that kind, or not as long as its content is.
    #[error("not a map of stream heads")]
    Malformed,
    /// It covers leaves that come after it.
    #[error("the map covers leaves that come after its own")]
    Ahead,
    /// It stands more than [`LAG_MAX`] leaves after what it covers.
    #[error("the map covers less than it must where it stands")]
    Behind,
}

impl Commitment {
    /// As it stands in the leaf.
    #[must_use]
    pub fn to_bytes(&self) -> [u8; COMMITMENT_BYTES] {
        let mut bytes = [0; COMMITMENT_BYTES];
        let (covers, rest) = bytes.split_at_mut(8);
        let (streams, root) = rest.split_at_mut(8);
        covers.copy_from_slice(&self.covers_size.to_be_bytes());
        streams.copy_from_slice(&self.streams.to_be_bytes());
        root.copy_from_slice(&self.root);
        bytes
    }

    /// Reads what a leaf at `index` (zero-based) says.
    ///
    /// # Errors
    ///
    /// [`CommitmentError`].
    pub fn read(kind: LeafKind, index: u64, ext: &[u8]) -> Result<Commitment, CommitmentError> {
        if kind != LeafKind::StreamHeads {
            return Err(CommitmentError::Malformed);
        }
        let commitment = Self::from_bytes(ext).ok_or(CommitmentError::Malformed)?;
        if commitment.covers_size > index {
            return Err(CommitmentError::Ahead);
        }
        if index - commitment.covers_size > LAG_MAX {
            return Err(CommitmentError::Behind);
        }
        Ok(commitment)
    }

    /// The same of a whole leaf.
    ///
    /// # Errors
    ///
    /// [`CommitmentError`].
    pub fn of_leaf(leaf: &Leaf) -> Result<Commitment, CommitmentError> {
        Self::read(leaf.kind, leaf.position, &leaf.ext)
    }

    fn from_bytes(bytes: &[u8]) -> Option<Commitment> {
        let (covers, rest) = bytes.split_first_chunk()?;
        let (streams, rest) = rest.split_first_chunk()?;
        Some(Commitment {
            covers_size: u64::from_be_bytes(*covers),
            streams: u64::from_be_bytes(*streams),
            root: rest.try_into().ok()?,
        })
    }
}

/// Where a stream stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Head {
    /// Version of its last leaf, zero-based: one less than it has leaves.
    pub version: u64,
    /// Index of that leaf in the log, zero-based.
    pub index: u64,
    /// Hash of that leaf.
    pub leaf_hash: Hash,
}

/// An entry as hashed.
fn entry_hash(tag: &Tag, head: &Head) -> Hash {
    let mut bytes = Vec::with_capacity(ENTRY_BYTES);
    bytes.extend_from_slice(tag);
    bytes.extend_from_slice(&head.version.to_be_bytes());
    bytes.extend_from_slice(&head.index.to_be_bytes());
    bytes.extend_from_slice(&head.leaf_hash);
    leaf_hash(&bytes)
}

/// Follows a log leaf by leaf, and knows where every stream stands, now and at each size up to [`LAG_MAX`]
/// leaves before. In memory are about 100 bytes a stream, and as many for each of the last leaves.
#[derive(Debug, Clone, Default)]
pub struct Heads {
    size: u64,
    heads: HashMap<Tag, Head>,
    /// What the newest leaves replaced, oldest first.
    replaced: VecDeque<(Tag, Option<Head>)>,
}

impl Heads {
    /// Of a log without leaves.
    #[must_use]
    pub fn new() -> Heads {
        Heads::default()
    }

    /// How many leaves it has followed.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.size
    }

    /// How many streams there are.
    #[must_use]
    pub fn streams(&self) -> usize {
        self.heads.len()
    }

    /// Where a stream stands now.
    #[must_use]
    pub fn get(&self, tag: &Tag) -> Option<&Head> {
        self.heads.get(tag)
    }

    /// Takes the next leaf of the log: `version` and `tag` as it says, and its hash. Gives where its stream
    /// stood before.
    pub fn push(&mut self, tag: Tag, version: u64, leaf_hash: Hash) -> Option<Head> {
        self.push_at(tag, Head { version, index: self.size, leaf_hash })
    }

    /// The same of a leaf that may stand anywhere: for whoever sees a part of the log's leaves, of which no
    /// map can be made.
    pub fn push_at(&mut self, tag: Tag, head: Head) -> Option<Head> {
        let before = self.heads.insert(tag, head);
        self.size = head.index.saturating_add(1);
        if self.replaced.len() as u64 >= LAG_MAX {
            self.replaced.pop_front();
        }
        self.replaced.push_back((tag, before));
        before
    }

    /// Where a stream stood when the log had `size` leaves; `None` if it had none then, or if [`LAG_MAX`] leaves
    /// came since.
    #[must_use]
    pub fn head_at(&self, tag: &Tag, size: u64) -> Option<&Head> {
        let replaced = self.replaced.iter().rev().filter(|(of, _)| of == tag);
        let earlier = replaced.filter_map(|(_, before)| before.as_ref());
        self.heads.get(tag).into_iter().chain(earlier).find(|it| it.index < size)
    }

    /// The map as it was when the log had `size` leaves; `None` if that is ahead, or more than [`LAG_MAX`]
    /// leaves ago.
    #[must_use]
    pub fn map_at(&self, size: u64) -> Option<HeadsMap> {
        let back = usize::try_from(self.size.checked_sub(size)?).ok()?;
        if back > self.replaced.len() {
            return None;
        }
        let mut earlier: HashMap<Tag, Option<Head>> = HashMap::new();
        for (tag, before) in self.replaced.iter().rev().take(back) {
            earlier.insert(*tag, *before);
        }
        let now = self.heads.iter().filter(|(tag, _)| !earlier.contains_key(*tag));
        let mut entries: Vec<(Tag, Head)> = now.map(|(tag, head)| (*tag, *head)).collect();
        entries.extend(earlier.into_iter().filter_map(|(tag, head)| Some((tag, head?))));
        entries.sort_unstable_by_key(|(tag, _)| *tag);
        Some(HeadsMap::new(size, entries))
    }
}

/// A map, with everything that proofs about it need.
#[derive(Debug, Clone)]
pub struct HeadsMap {
    commitment: Commitment,
    /// By tag, ascending.
    entries: Vec<(Tag, Head)>,
    /// Hashes of the entries, then the roots of full tiles of the level before.
    levels: Vec<Vec<Hash>>,
}

impl HeadsMap {
    /// `entries` ascend by tag.
    fn new(covers_size: u64, entries: Vec<(Tag, Head)>) -> HeadsMap {
        let mut levels: Vec<Vec<Hash>> =
            vec![entries.iter().map(|(tag, head)| entry_hash(tag, head)).collect()];
        let root = subtree_hash(levels.first().map_or(&[], Vec::as_slice));
        while let Some(last) = levels.last().filter(|it| it.len() >= TILE_WIDTH) {
            let full = last.chunks_exact(TILE_WIDTH).map(subtree_hash).collect();
            levels.push(full);
        }
        let commitment = Commitment { covers_size, streams: entries.len() as u64, root };
        HeadsMap { commitment, entries, levels }
    }

    /// What its leaf says.
    #[must_use]
    pub fn commitment(&self) -> Commitment {
        self.commitment
    }

    /// That the stream stands where it does; `None` if it has no leaf that the map covers.
    #[must_use]
    pub fn prove(&self, tag: &Tag) -> Option<Proved> {
        self.proved(self.entries.binary_search_by(|(at, _)| at.cmp(tag)).ok()?)
    }

    /// That there is no such stream; `None` if there is.
    #[must_use]
    pub fn prove_absent(&self, tag: &Tag) -> Option<Absent> {
        let at = self.entries.binary_search_by(|(at, _)| at.cmp(tag)).err()?;
        let before = at.checked_sub(1).and_then(|it| self.proved(it));
        Some(Absent { before, after: self.proved(at) })
    }

    fn proved(&self, at: usize) -> Option<Proved> {
        let (tag, head) = *self.entries.get(at)?;
        let index = at as u64;
        let tile = |id: TileId| {
            let level = self.levels.get(usize::from(id.level))?;
            let from = usize::try_from(id.n).ok()?.checked_mul(TILE_WIDTH)?;
            level.get(from..level.len().min(from.saturating_add(TILE_WIDTH)))
        };
        let hashes = Plan::inclusion(index, self.commitment.streams).ok()?.prove(tile).ok()?;
        Some(Proved { tag, head, index, hashes })
    }
}

/// An entry, and the way from it to the map's root.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proved {
    /// Which stream.
    pub tag: Tag,
    /// Where it stood.
    pub head: Head,
    /// Place of the entry in the map, zero-based.
    pub index: u64,
    /// RFC 6962 section 2.1.1, from the entry's sibling up to the root's child.
    pub hashes: Vec<Hash>,
}

impl Proved {
    /// Whether the map says so.
    ///
    /// # Errors
    ///
    /// [`ProofError`] if it does not.
    pub fn verify(&self, commitment: &Commitment) -> Result<(), ProofError> {
        let hash = entry_hash(&self.tag, &self.head);
        let Commitment { streams, root, .. } = commitment;
        verify_inclusion(&hash, self.index, *streams, &self.hashes, root)
    }
}

/// The two neighbours between which a stream's entry would stand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Absent {
    /// The last entry with a lower tag; `None` if there is none.
    pub before: Option<Proved>,
    /// The first entry with a higher tag; `None` if there is none.
    pub after: Option<Proved>,
}

/// The neighbours do not show that there is no such stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AbsentError {
    /// One of them is not in the map.
    #[error(transparent)]
    Proof(#[from] ProofError),
    /// The stream's entry does not belong between them, or another one does.
    #[error("the entries are not those between which the stream's would stand")]
    NotNeighbours,
}

impl Absent {
    /// Whether the map shows that there is no stream with this tag.
    ///
    /// # Errors
    ///
    /// [`AbsentError`] if it does not.
    pub fn verify(&self, tag: &Tag, commitment: &Commitment) -> Result<(), AbsentError> {
        for neighbour in self.before.iter().chain(&self.after) {
            neighbour.verify(commitment)?;
        }
        let is_between = self.before.as_ref().is_none_or(|it| it.tag < *tag)
            && self.after.as_ref().is_none_or(|it| *tag < it.tag);
        // Where the entry would stand.
        let place = self.before.as_ref().map_or(Some(0), |it| it.index.checked_add(1));
        let follows = match &self.after {
            Some(after) => Some(after.index) == place,
            None => Some(commitment.streams) == place,
        };
        if is_between && follows { Ok(()) } else { Err(AbsentError::NotNeighbours) }
    }
}
