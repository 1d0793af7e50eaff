//! Leaf to bytes and back, field by field in the order of the format.
//!
//! Deliberately absent: rules about values; see `LeafView::read`.

use super::view::{EnvelopeView, LeafHead, LeafView};
use super::{Leaf, LeafError, LeafKind, MAGIC, MAX_ENVELOPES, MAX_LEAF_BYTES};

/// Stands for "no previous leaf in this stream".
const NO_PREVIOUS: u64 = u64::MAX;

pub(super) fn encode(leaf: &Leaf) -> Result<Vec<u8>, LeafError> {
    if leaf.prev_in_stream == Some(NO_PREVIOUS) {
        return Err(LeafError::ImpossibleLink);
    }
    let mut out = Vec::with_capacity(256);
    out.extend_from_slice(&MAGIC);
    out.push(leaf.kind as u8);
    out.extend_from_slice(&leaf.position.to_be_bytes());
    out.extend_from_slice(&leaf.recorded_ms.to_be_bytes());
    out.extend_from_slice(&leaf.event_id);
    out.extend_from_slice(&leaf.stream_tag);
    out.extend_from_slice(&leaf.stream_version.to_be_bytes());
    out.extend_from_slice(&leaf.prev_in_stream.unwrap_or(NO_PREVIOUS).to_be_bytes());
    out.push(u8::try_from(leaf.envelopes.len()).map_err(|_| LeafError::TooManyEnvelopes)?);
    for envelope in &leaf.envelopes {
        let key_bytes = envelope.key_ids.as_flattened();
        out.push(u8::try_from(key_bytes.len()).map_err(|_| LeafError::TooManyKeys)?);
        out.extend_from_slice(key_bytes);
        out.extend_from_slice(&envelope.ct_hash);
        out.extend_from_slice(&envelope.ct_len.to_be_bytes());
        out.extend_from_slice(&envelope.field_root);
    }
    let ext_len = u16::try_from(leaf.ext.len()).map_err(|_| LeafError::TooLarge)?;
    out.extend_from_slice(&ext_len.to_be_bytes());
    out.extend_from_slice(&leaf.ext);
    if out.len() > MAX_LEAF_BYTES { Err(LeafError::TooLarge) } else { Ok(out) }
}

pub(super) fn decode(bytes: &[u8]) -> Result<LeafView<'_>, LeafError> {
    if bytes.len() > MAX_LEAF_BYTES {
        return Err(LeafError::TooLarge);
    }
    let mut input = Input(bytes);
    if input.array()? != MAGIC {
        return Err(LeafError::UnknownMagic);
    }
    let kind = LeafKind::from_byte(input.u8()?);
    // Struct fields are read in the order in which they are written here.
    let head = LeafHead {
        position: input.u64()?,
        recorded_ms: input.u64()?,
        event_id: input.array()?,
        stream_tag: input.array()?,
        stream_version: input.u64()?,
        prev_in_stream: Some(input.u64()?).filter(|prev| *prev != NO_PREVIOUS),
    };
    let count = usize::from(input.u8()?);
    if count > MAX_ENVELOPES {
        return Err(LeafError::TooManyEnvelopes);
    }
    let envelopes = input.0;
    for _ in 0..count {
        envelope(&mut input)?;
    }
    let length = envelopes.len() - input.0.len();
    let envelopes = Input(envelopes).take(length)?;
    let ext_length = u16::from_be_bytes(input.array()?);
    let ext = input.take(usize::from(ext_length))?;
    let leaf = LeafView { kind, head, envelopes, ext };
    if input.0.is_empty() { Ok(leaf) } else { Err(LeafError::TrailingBytes) }
}

pub(super) fn envelope<'a>(input: &mut Input<'a>) -> Result<EnvelopeView<'a>, LeafError> {
    let key_bytes = usize::from(input.u8()?);
    let (key_ids, []) = input.take(key_bytes)?.as_chunks() else {
        return Err(LeafError::NoKeys);
    };
    Ok(EnvelopeView {
        key_ids,
        ct_hash: input.lent()?,
        ct_len: u32::from_be_bytes(input.array()?),
        field_root: input.lent()?,
    })
}

/// The bytes that are still to be read.
#[derive(Debug, Clone)]
pub(super) struct Input<'a>(pub(super) &'a [u8]);

impl<'a> Input<'a> {
    fn take(&mut self, count: usize) -> Result<&'a [u8], LeafError> {
        let (taken, rest) = self.0.split_at_checked(count).ok_or(LeafError::CutShort)?;
        self.0 = rest;
        Ok(taken)
    }

    fn lent<const N: usize>(&mut self) -> Result<&'a [u8; N], LeafError> {
        let (taken, rest) = self.0.split_first_chunk().ok_or(LeafError::CutShort)?;
        self.0 = rest;
        Ok(taken)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], LeafError> {
        self.lent().copied()
    }

    fn u8(&mut self) -> Result<u8, LeafError> {
        Ok(u8::from_be_bytes(self.array()?))
    }

    fn u64(&mut self) -> Result<u64, LeafError> {
        Ok(u64::from_be_bytes(self.array()?))
    }
}
