//! Envelopes and their keys as files.
//!
//! Envelopes: each as four bytes of length (big-endian) and the stored bytes; length 0 = it is not here.
//! Keys, before they are sealed to the auditor: 64 bytes each, the SHA-256 of the envelope's stored bytes
//! and its key. Both stand in the order of the leaves, and of the envelopes within a leaf.

#[cfg(test)]
mod tests;

use std::io::{self, Read};

use fokus_log::Hash;
use fokus_log::leaf::MAX_ENVELOPES;
use fokus_log::tile::TILE_WIDTH;
use zeroize::Zeroizing;

/// Most stored bytes of an envelope: 4 MiB of plaintext, padded, with nonce and tag.
pub const ENVELOPE_BYTES_MAX: usize = 5 * 1024 * 1024;
/// Bytes of one key with the hash of its envelope.
pub const KEY_BYTES: usize = 64;

/// Adds an envelope to a file; `None` = it is not here. Returns whether it could be added.
#[must_use]
pub fn push_envelope(file: &mut Vec<u8>, body: Option<&[u8]>) -> bool {
    let body = body.unwrap_or_default();
    let Ok(length) = u32::try_from(body.len()) else { return false };
    if body.len() > ENVELOPE_BYTES_MAX {
        return false;
    }
    file.extend_from_slice(&length.to_be_bytes());
    file.extend_from_slice(body);
    true
}

/// The next envelope of a file, where it stands there; `None` = it is not here.
///
/// # Errors
///
/// `InvalidData` for one that is larger than any can be; `UnexpectedEof` where the file ends.
pub fn next_envelope<'a>(file: &mut &'a [u8]) -> io::Result<Option<&'a [u8]>> {
    let (length, rest) = file.split_first_chunk().ok_or(io::ErrorKind::UnexpectedEof)?;
    let length = usize::try_from(u32::from_be_bytes(*length)).unwrap_or(usize::MAX);
    if length > ENVELOPE_BYTES_MAX {
        return Err(io::Error::new(io::ErrorKind::InvalidData, "an envelope is too large"));
    }
    let (body, rest) = rest.split_at_checked(length).ok_or(io::ErrorKind::UnexpectedEof)?;
    *file = rest;
    Ok(Some(body).filter(|it| !it.is_empty()))
}

/// All envelopes of a file, where they stand there; an empty one is not here.
///
/// # Errors
///
/// As [`next_envelope`]; `InvalidData` for more than the leaves of one tile can have.
pub fn envelopes(mut file: &[u8]) -> io::Result<Vec<&[u8]>> {
    let mut envelopes = Vec::new();
    while !file.is_empty() {
        if envelopes.len() >= TILE_WIDTH * MAX_ENVELOPES {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "too many envelopes"));
        }
        envelopes.push(next_envelope(&mut file)?.unwrap_or_default());
    }
    Ok(envelopes)
}

/// An envelope's key.
pub struct EnvelopeKey {
    /// SHA-256 of the stored bytes that it opens.
    pub ct_hash: Hash,
    /// The key.
    pub key: Zeroizing<[u8; 32]>,
}

impl std::fmt::Debug for EnvelopeKey {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "EnvelopeKey({}, redacted)", hex::encode(self.ct_hash))
    }
}

impl EnvelopeKey {
    /// As it stands in the file.
    #[must_use]
    pub fn to_bytes(&self) -> Zeroizing<[u8; KEY_BYTES]> {
        let mut bytes = Zeroizing::new([0; KEY_BYTES]);
        let (hash, key) = bytes.split_at_mut(KEY_BYTES / 2);
        hash.copy_from_slice(&self.ct_hash);
        key.copy_from_slice(&*self.key);
        bytes
    }
}

/// The next key; `None` at the end.
///
/// # Errors
///
/// What the reader answers; `UnexpectedEof` inside a key.
pub fn next_key(file: &mut impl Read) -> io::Result<Option<EnvelopeKey>> {
    let mut bytes = Zeroizing::new([0; KEY_BYTES]);
    let mut read = 0;
    while let Some(rest) = bytes.get_mut(read..).filter(|it| !it.is_empty()) {
        match file.read(rest) {
            Ok(0) if read == 0 => return Ok(None),
            Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
            Ok(more) => read += more,
            Err(it) if it.kind() == io::ErrorKind::Interrupted => {}
            Err(it) => return Err(it),
        }
    }
    let (mut ct_hash, mut key) = ([0; 32], Zeroizing::new([0; 32]));
    let (hash_bytes, key_bytes) = bytes.split_at(KEY_BYTES / 2);
    ct_hash.copy_from_slice(hash_bytes);
    key.copy_from_slice(key_bytes);
    Ok(Some(EnvelopeKey { ct_hash, key }))
}
