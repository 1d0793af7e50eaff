//! The bytes of one leaf, format FJL1: what is hashed, and nothing else.
//!
//! Read [`Leaf`] first, then [`Leaf::encode`]; [`LeafView`] is a leaf read where its bytes stand. One leaf
//! has one encoding: what is written is read back first, so a leaf that cannot be read is never written,
//! and bytes that were not written by these rules are not read. Stored bytes are hashed as they are, never
//! encoded anew.
//!
//! All integers are big-endian. Positions and versions are zero-based here and in proofs only.
//!
//! Deliberately absent: what an event means, and how an envelope is sealed.

mod codec;
#[cfg(test)]
pub(crate) mod tests;
mod view;

use crate::Hash;

pub use view::{EnvelopeView, LeafHead, LeafView};

/// First four bytes of every leaf. Another layout, hash, AEAD or key derivation is another magic.
pub const MAGIC: [u8; 4] = *b"FJL1";
/// Most keys that may seal one envelope together.
pub const MAX_KEYS: usize = 15;
/// Most envelopes of one leaf.
pub const MAX_ENVELOPES: usize = 16;
/// Most bytes of an encoded leaf.
pub const MAX_LEAF_BYTES: usize = 60_000;

/// What a leaf records. The numbers are part of the format.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum LeafKind {
    /// A domain event.
    Event = 1,
    /// A read that was allowed.
    Access = 2,
    /// A read that was refused.
    Denied = 3,
    /// A key was made, rotated or retired.
    Key = 4,
    /// An erasure certificate.
    Erasure = 5,
    /// A policy came into force.
    Policy = 6,
    /// The map of all stream heads.
    StreamHeads = 7,
    /// An act of the log itself, such as a checkpoint of another log.
    Control = 8,
    /// A disclosure to somebody outside.
    Disclosure = 9,
}

impl LeafKind {
    /// Whether the content is sealed in envelopes (kinds 1–3), not public in `ext` (kinds 4–9).
    #[must_use]
    pub fn is_sealed(self) -> bool {
        match self {
            LeafKind::Event | LeafKind::Access | LeafKind::Denied => true,
            LeafKind::Key
            | LeafKind::Erasure
            | LeafKind::Policy
            | LeafKind::StreamHeads
            | LeafKind::Control
            | LeafKind::Disclosure => false,
        }
    }

    fn from_byte(byte: u8) -> Option<LeafKind> {
        Some(match byte {
            1 => LeafKind::Event,
            2 => LeafKind::Access,
            3 => LeafKind::Denied,
            4 => LeafKind::Key,
            5 => LeafKind::Erasure,
            6 => LeafKind::Policy,
            7 => LeafKind::StreamHeads,
            8 => LeafKind::Control,
            9 => LeafKind::Disclosure,
            _ => return None,
        })
    }
}

/// What a leaf says about one envelope, which is stored beside it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EnvelopeRef {
    /// Ids of the keys that open the envelope, all of them together: 1–15, ascending, unique.
    pub key_ids: Vec<[u8; 16]>,
    /// SHA-256 of the stored envelope bytes.
    pub ct_hash: Hash,
    /// Number of stored envelope bytes: nonce, ciphertext and tag.
    pub ct_len: u32,
    /// Root over the salted commitments to the envelope's fields.
    pub field_root: Hash,
}

impl EnvelopeRef {
    /// Whether this many keys are too many for one envelope, so that a command about so many
    /// persons must be refused (`TOO_MANY_SUBJECTS`).
    #[must_use]
    pub fn too_many_keys(count: usize) -> bool {
        count > MAX_KEYS
    }
}

/// One entry of the log. It holds ids, times, lengths and hashes: nothing about a person in clear.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Leaf {
    /// What is recorded.
    pub kind: LeafKind,
    /// Index in the tree, zero-based; it keeps a leaf from being replayed at another place.
    pub position: u64,
    /// Server's time of commit, Unix milliseconds; never falls within a log.
    pub recorded_ms: u64,
    /// Random id made by the server.
    pub event_id: [u8; 16],
    /// Random tag made with the stream; zero for kinds 4–9, and only for them.
    pub stream_tag: [u8; 16],
    /// Place in the stream, zero-based, without gaps.
    pub stream_version: u64,
    /// Position of the stream's previous leaf; `None` for its first, and only for that.
    pub prev_in_stream: Option<u64>,
    /// Sealed content of kinds 1–3: at least one, at most [`MAX_ENVELOPES`]; none for kinds 4–9.
    pub envelopes: Vec<EnvelopeRef>,
    /// Public content of kinds 4–9, never empty there; empty for kinds 1–3.
    pub ext: Vec<u8>,
}

/// Which rule of the format a leaf, or bytes that ought to be a leaf, do not keep.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum LeafError {
    /// The bytes end inside a field.
    #[error("leaf is cut short")]
    CutShort,
    /// Bytes follow the last field.
    #[error("leaf has trailing bytes")]
    TrailingBytes,
    /// The first four bytes are not [`MAGIC`].
    #[error("leaf is of another format")]
    UnknownMagic,
    /// The kind is none of 1–9.
    #[error("leaf is of an unknown kind")]
    UnknownKind,
    /// More than [`MAX_LEAF_BYTES`].
    #[error("leaf is larger than {MAX_LEAF_BYTES} bytes")]
    TooLarge,
    /// More than [`MAX_ENVELOPES`].
    #[error("leaf has more than {MAX_ENVELOPES} envelopes")]
    TooManyEnvelopes,
    /// An envelope with more than [`MAX_KEYS`] keys.
    #[error("envelope has more than {MAX_KEYS} keys")]
    TooManyKeys,
    /// An envelope without a key, or a length of its key ids that is no multiple of 16.
    #[error("envelope has no whole list of key ids")]
    NoKeys,
    /// Key ids that are not ascending, or repeated.
    #[error("key ids are not ascending and unique")]
    KeyOrder,
    /// Envelopes, `ext` and stream tag are not those of the leaf's kind.
    #[error("leaf's content does not belong to its kind")]
    ContentOfOtherKind,
    /// Position, version and previous position cannot all be true.
    #[error("leaf's place in its stream is impossible")]
    ImpossibleLink,
}

impl Leaf {
    /// The bytes that are stored and hashed.
    ///
    /// # Errors
    ///
    /// The rule that this leaf does not keep.
    pub fn encode(&self) -> Result<Vec<u8>, LeafError> {
        let bytes = codec::encode(self)?;
        LeafView::read(&bytes)?;
        Ok(bytes)
    }

    /// Reads stored bytes; they encode to themselves again.
    ///
    /// # Errors
    ///
    /// The rule that the bytes do not keep.
    pub fn decode(bytes: &[u8]) -> Result<Leaf, LeafError> {
        LeafView::read(bytes)?.to_leaf()
    }
}
