//! A leaf read where its bytes stand: nothing is copied but the fields of fixed length, nothing allocated.
//! Every rule about values is here.

use super::codec::{self, Input};
use super::{EnvelopeRef, Leaf, LeafError, LeafKind};
use crate::Hash;

/// The fields that every leaf has; see [`Leaf`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LeafHead {
    /// Index in the tree, zero-based.
    pub position: u64,
    /// Server's time of commit, Unix milliseconds.
    pub recorded_ms: u64,
    /// Random id made by the server.
    pub event_id: [u8; 16],
    /// Random tag made with the stream; zero for kinds 4–9.
    pub stream_tag: [u8; 16],
    /// Place in the stream, zero-based.
    pub stream_version: u64,
    /// Position of the stream's previous leaf; `None` for its first.
    pub prev_in_stream: Option<u64>,
}

/// A leaf that keeps every rule of the format, in its bytes.
#[derive(Debug, Clone, Copy)]
pub struct LeafView<'a> {
    /// What is recorded; `None` = a kind that only later versions know, whose content may be any.
    pub kind: Option<LeafKind>,
    /// The fields of fixed length.
    pub head: LeafHead,
    /// As they stand in the leaf.
    pub(super) envelopes: &'a [u8],
    /// Public content of kinds 4–9, never empty there; empty for kinds 1–3.
    pub ext: &'a [u8],
}

/// What a leaf says about one envelope; see [`EnvelopeRef`].
#[derive(Debug, Clone, Copy)]
pub struct EnvelopeView<'a> {
    /// Ids of the keys that open the envelope.
    pub key_ids: &'a [[u8; 16]],
    /// SHA-256 of the stored envelope bytes.
    pub ct_hash: &'a Hash,
    /// Number of stored envelope bytes.
    pub ct_len: u32,
    /// Root over the salted commitments to the envelope's fields.
    pub field_root: &'a Hash,
}

impl<'a> LeafView<'a> {
    /// Reads stored bytes.
    ///
    /// # Errors
    ///
    /// The rule that the bytes do not keep.
    pub fn read(bytes: &'a [u8]) -> Result<LeafView<'a>, LeafError> {
        let leaf = codec::decode(bytes)?;
        if let Some(sealed) = leaf.kind.map(LeafKind::is_sealed)
            && (sealed == leaf.envelopes.is_empty()
                || sealed != leaf.ext.is_empty()
                || sealed == (leaf.head.stream_tag == [0; 16]))
        {
            return Err(LeafError::ContentOfOtherKind);
        }
        check_link(&leaf.head)?;
        leaf.envelopes().try_for_each(|it| check_keys(it.key_ids))?;
        Ok(leaf)
    }

    /// What it says about its envelopes, in their order.
    pub fn envelopes(&self) -> impl Iterator<Item = EnvelopeView<'a>> + use<'a> {
        let mut input = Input(self.envelopes);
        std::iter::from_fn(move || codec::envelope(&mut input).ok())
    }

    /// The leaf, copied out of its bytes.
    pub(super) fn to_leaf(self) -> Result<Leaf, LeafError> {
        let LeafHead { position, recorded_ms, event_id, stream_tag, .. } = self.head;
        let LeafHead { stream_version, prev_in_stream, .. } = self.head;
        Ok(Leaf {
            kind: self.kind.ok_or(LeafError::UnknownKind)?,
            position,
            recorded_ms,
            event_id,
            stream_tag,
            stream_version,
            prev_in_stream,
            envelopes: self.envelopes().map(EnvelopeView::to_ref).collect(),
            ext: self.ext.to_vec(),
        })
    }
}

impl EnvelopeView<'_> {
    fn to_ref(self) -> EnvelopeRef {
        EnvelopeRef {
            key_ids: self.key_ids.to_vec(),
            ct_hash: *self.ct_hash,
            ct_len: self.ct_len,
            field_root: *self.field_root,
        }
    }
}

fn check_link(head: &LeafHead) -> Result<(), LeafError> {
    let possible = match head.prev_in_stream {
        None => head.stream_version == 0,
        // A stream of v earlier events has its last one at index v − 1 or later.
        Some(prev) => {
            prev < head.position && (1..=prev.saturating_add(1)).contains(&head.stream_version)
        }
    };
    if possible { Ok(()) } else { Err(LeafError::ImpossibleLink) }
}

fn check_keys(key_ids: &[[u8; 16]]) -> Result<(), LeafError> {
    if key_ids.is_empty() {
        return Err(LeafError::NoKeys);
    }
    if EnvelopeRef::too_many_keys(key_ids.len()) {
        return Err(LeafError::TooManyKeys);
    }
    if !key_ids.is_sorted_by(|left, right| left < right) {
        return Err(LeafError::KeyOrder);
    }
    Ok(())
}
