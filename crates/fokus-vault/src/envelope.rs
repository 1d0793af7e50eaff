//! Envelopes: the content of an event, sealed under one or more content keys.
//!
//! All keys of an envelope are needed to open it, so erasing any of them darkens it for ever. Each
//! field carries a salted commitment; the root over them stands in the public leaf, so one field
//! can later be shown and checked alone, and nothing can be learned from the leaf without the seed.
//!
//! Read in this order: [`EnvelopeContext`], [`Field`], [`seal`], [`open`].
//!
//! Deliberately absent: which fields an event has and whose they are; nonces and seeds are
//! arguments and must be fresh and random for each envelope.

mod plaintext;
#[cfg(test)]
mod tests;

use std::fmt;

use fokus_log::Hash;
use fokus_log::leaf::{EnvelopeRef, MAX_KEYS};
use sha2::{Digest, Sha256};
use zeroize::{Zeroize, Zeroizing};

use crate::context::{ContextBytes, ContextTooLong};
use crate::key::{ContentKey, KeyId, SecretKey, in_id_order};
use crate::primitives::{self, Expand, NONCE_BYTES, OVERHEAD_BYTES};

/// Most bytes of an envelope's plaintext before padding. Far above what an event holds; it bounds
/// what one command can make the server keep in memory.
pub const MAX_PLAINTEXT_BYTES: usize = 4 * 1024 * 1024;
/// Fewest bytes of an envelope's plaintext after padding.
pub const MIN_PLAINTEXT_BYTES: usize = 256;

/// What an envelope is bound to; the same at sealing and at opening.
#[derive(Debug, Clone, Copy)]
pub struct EnvelopeContext<'a> {
    /// Origin of the log.
    pub origin: &'a str,
    /// Id of the event.
    pub event_id: [u8; 16],
    /// Tag of the event's stream.
    pub stream_tag: [u8; 16],
    /// Number of the envelope in the event, from 0.
    pub index: u8,
}

/// One field of an envelope. The value is zeroised when dropped and never printed.
#[derive(Clone, PartialEq, Eq)]
pub struct Field {
    /// `h` for the header, `d/<member>` for a member of the event's data; 1–255 bytes.
    pub path: String,
    /// JSON as it was written; never serialised anew.
    pub value: Vec<u8>,
}

impl Drop for Field {
    fn drop(&mut self) {
        self.value.zeroize();
    }
}

impl fmt::Debug for Field {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Field({}, {} bytes)", self.path, self.value.len())
    }
}

/// A sealed envelope, and what the leaf says about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SealedEnvelope {
    /// Ids of the keys that open it together, ascending.
    pub key_ids: Vec<KeyId>,
    /// The bytes to store: `nonce || ciphertext || tag`; at most [`MAX_PLAINTEXT_BYTES`], padded,
    /// and 40 more.
    pub body: Vec<u8>,
    /// Root over the commitments to its fields.
    pub field_root: Hash,
}

impl SealedEnvelope {
    /// What the event's leaf says about this envelope.
    #[must_use]
    pub fn reference(&self) -> EnvelopeRef {
        EnvelopeRef {
            key_ids: self.key_ids.iter().map(|id| id.0).collect(),
            ct_hash: Sha256::digest(&self.body).into(),
            // `seal` keeps bodies far below 4 GiB; a body made elsewhere gets a length that no
            // stored envelope has, and verifies nowhere.
            ct_len: u32::try_from(self.body.len()).unwrap_or(u32::MAX),
            field_root: self.field_root,
        }
    }
}

/// An opened envelope.
pub struct Opened {
    /// Random bytes that the salts of the commitments come from.
    pub seed: Zeroizing<[u8; 32]>,
    /// The fields, ascending by path.
    pub fields: Vec<Field>,
}

impl fmt::Debug for Opened {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Opened").field("fields", &self.fields).finish_non_exhaustive()
    }
}

/// Why fields cannot be sealed. No variant tells a value.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SealError {
    /// No key was given.
    #[error("envelope needs a key")]
    NoKeys,
    /// More than 15 keys: the text is about too many persons (`TOO_MANY_SUBJECTS`).
    #[error("envelope has more than {MAX_KEYS} keys")]
    TooManyKeys,
    /// One key was given twice.
    #[error("key `{0}` is given twice")]
    RepeatedKey(KeyId),
    /// Two fields have one path.
    #[error("field `{0}` is given twice")]
    RepeatedPath(String),
    /// A path is empty or longer than 255 bytes.
    #[error("path of a field is empty or longer than 255 bytes")]
    PathLength,
    /// More than [`MAX_PLAINTEXT_BYTES`], or more than 65,535 fields.
    #[error("envelope is larger than {MAX_PLAINTEXT_BYTES} bytes or has more than 65535 fields")]
    TooLarge,
    /// The origin cannot stand in a context.
    #[error(transparent)]
    Context(#[from] ContextTooLong),
}

/// Why an envelope cannot be opened or believed. No variant tells a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum OpenError {
    /// Altered, cut, or sealed under other keys or for another place.
    #[error("envelope does not open with these keys in this place")]
    Unauthentic,
    /// Sealed with the right keys, but not by the rules of the format.
    #[error("opened envelope is malformed")]
    Malformed,
    /// The fields are not those that the leaf commits to.
    #[error("fields of the envelope are not those that the leaf commits to")]
    FieldRoot,
    /// The origin cannot stand in a context.
    #[error(transparent)]
    Context(#[from] ContextTooLong),
}

/// Seals fields under all `keys` together. Neither fields nor keys need be in order.
///
/// `nonce` and `seed` must be random and used for nothing else.
///
/// # Errors
///
/// [`SealError`] names the rule that fields or keys do not keep.
pub fn seal(
    context: &EnvelopeContext<'_>,
    keys: &[&ContentKey],
    nonce: [u8; 24],
    seed: [u8; 32],
    mut fields: Vec<Field>,
) -> Result<SealedEnvelope, SealError> {
    let seed = Zeroizing::new(seed);
    let keys = in_id_order(keys);
    check_keys(&keys)?;
    fields.sort_unstable_by(|left, right| left.path.cmp(&right.path));
    let text = plaintext::encode(&seed, &fields)?;
    let dek = derive_dek(context, &keys, &nonce)?;
    let aad = context_bytes("fj/aad/v1", context)?;
    Ok(SealedEnvelope {
        key_ids: keys.iter().map(|key| key.id).collect(),
        body: primitives::seal(&dek, nonce, aad.bytes(), &text),
        field_root: field_root(&seed, &fields),
    })
}

/// Opens the stored bytes of an envelope with all of its keys, in any order.
///
/// Does not compare the fields with the leaf's commitment: see [`check_field_root`].
///
/// # Errors
///
/// [`OpenError::Unauthentic`] if keys, place or bytes are not the original ones;
/// [`OpenError::Malformed`] if what was sealed breaks the format.
pub fn open(
    context: &EnvelopeContext<'_>,
    keys: &[&ContentKey],
    body: &[u8],
) -> Result<Opened, OpenError> {
    own(&decrypt(context, keys, body)?)
}

/// Opens as [`open`] does and lends the fields (path and value, ascending by path) to `read`: nothing
/// is copied, and the plaintext is zeroised afterwards.
///
/// # Errors
///
/// As [`open`].
pub fn open_with<T>(
    context: &EnvelopeContext<'_>,
    keys: &[&ContentKey],
    body: &[u8],
    read: impl FnOnce(&[(&str, &[u8])]) -> T,
) -> Result<T, OpenError> {
    let text = decrypt(context, keys, body)?;
    let plain = plaintext::parse(&text).ok_or(OpenError::Malformed)?;
    Ok(read(&plain.fields))
}

/// The key of this one envelope: it opens no other, nor any that is sealed later. What an auditor gets
/// instead of the content keys.
///
/// # Errors
///
/// [`OpenError::Unauthentic`] without keys, or if the body is too short to be an envelope.
pub fn envelope_key(
    context: &EnvelopeContext<'_>,
    keys: &[&ContentKey],
    body: &[u8],
) -> Result<SecretKey, OpenError> {
    let (nonce, _) = body.split_first_chunk().ok_or(OpenError::Unauthentic)?;
    // Without a secret anybody could have made the envelope.
    if keys.is_empty() {
        return Err(OpenError::Unauthentic);
    }
    Ok(derive_dek(context, &in_id_order(keys), nonce)?)
}

/// Opens the stored bytes of an envelope with its own key, see [`envelope_key`].
///
/// # Errors
///
/// As [`open`].
pub fn open_with_envelope_key(
    context: &EnvelopeContext<'_>,
    key: &SecretKey,
    body: &[u8],
) -> Result<Opened, OpenError> {
    own(&unseal(context, key, body)?)
}

fn decrypt(
    context: &EnvelopeContext<'_>,
    keys: &[&ContentKey],
    body: &[u8],
) -> Result<Zeroizing<Vec<u8>>, OpenError> {
    unseal(context, &envelope_key(context, keys, body)?, body)
}

fn unseal(
    context: &EnvelopeContext<'_>,
    key: &SecretKey,
    body: &[u8],
) -> Result<Zeroizing<Vec<u8>>, OpenError> {
    if body.len() > plaintext::padded(MAX_PLAINTEXT_BYTES) + OVERHEAD_BYTES {
        return Err(OpenError::Malformed);
    }
    let aad = context_bytes("fj/aad/v1", context)?;
    primitives::open(key, aad.bytes(), body)
        .map_err(|primitives::Unauthentic| OpenError::Unauthentic)
}

/// Reads what an envelope holds, for whoever has opened it otherwise: fuzzers, and checks of the format.
///
/// # Errors
///
/// [`OpenError::Malformed`] for anything but what [`seal`] writes.
pub fn read_plaintext(text: &[u8]) -> Result<Opened, OpenError> {
    own(text)
}

/// The fields of a plaintext, copied out of it.
fn own(text: &[u8]) -> Result<Opened, OpenError> {
    let plain = plaintext::parse(text).ok_or(OpenError::Malformed)?;
    let own =
        |(path, value): &(&str, &[u8])| Field { path: (*path).to_owned(), value: value.to_vec() };
    Ok(Opened { seed: Zeroizing::new(*plain.seed), fields: plain.fields.iter().map(own).collect() })
}

/// Root over the commitments to `fields`, which are in the order of their paths.
#[must_use]
pub fn field_root(seed: &[u8; 32], fields: &[Field]) -> Hash {
    let salts = Expand::new(seed);
    fokus_log::tree_hash(fields.iter().map(|field| commitment(&salts, field)))
}

/// Checks that opened fields are those that the leaf commits to with `field_root`.
///
/// # Errors
///
/// [`OpenError::FieldRoot`] if they are not.
pub fn check_field_root(opened: &Opened, expected: &Hash) -> Result<(), OpenError> {
    if field_root(&opened.seed, &opened.fields) == *expected {
        Ok(())
    } else {
        Err(OpenError::FieldRoot)
    }
}

fn check_keys(keys: &[&ContentKey]) -> Result<(), SealError> {
    if keys.is_empty() {
        return Err(SealError::NoKeys);
    }
    if EnvelopeRef::too_many_keys(keys.len()) {
        return Err(SealError::TooManyKeys);
    }
    let mut pairs = keys.iter().zip(keys.iter().skip(1));
    match pairs.find(|(left, right)| left.id == right.id) {
        Some((repeated, _)) => Err(SealError::RepeatedKey(repeated.id)),
        None => Ok(()),
    }
}

/// Binding because the salt is fixed by the seed; hiding because the seed is in the ciphertext.
fn commitment(salts: &Expand, field: &Field) -> Hash {
    let path = field.path.as_bytes();
    let salt = salts.bytes(&[b"fj/salt/v1", path]);
    // Lengths fit: `plaintext` refuses longer paths and values both ways.
    let path_len = u16::try_from(path.len()).unwrap_or(u16::MAX);
    let value_len = u32::try_from(field.value.len()).unwrap_or(u32::MAX);
    Sha256::new()
        .chain_update(b"fj/field/v1\x00")
        .chain_update(salt)
        .chain_update(path_len.to_be_bytes())
        .chain_update(path)
        .chain_update(value_len.to_be_bytes())
        .chain_update(&field.value)
        .finalize()
        .into()
}

/// The key that encrypts one envelope, from content keys in the order of their ids.
fn derive_dek(
    context: &EnvelopeContext<'_>,
    keys: &[&ContentKey],
    nonce: &[u8; NONCE_BYTES],
) -> Result<SecretKey, ContextTooLong> {
    let info = context_bytes("fj/dek/v1", context)?;
    Ok(primitives::derive_key(keys.iter().map(|key| &key.key), nonce, info.bytes()))
}

fn context_bytes(
    label: &str,
    context: &EnvelopeContext<'_>,
) -> Result<ContextBytes, ContextTooLong> {
    Ok(ContextBytes::new(label)
        .len16(context.origin)?
        .fixed(&context.event_id)
        .fixed(&context.stream_tag)
        .fixed(&[context.index]))
}
