//! The three primitives under everything here: XChaCha20-Poly1305, HKDF-SHA256 and HMAC-SHA256.
//!
//! Every ciphertext, derived key and MAC of the crate goes through these functions, and so do the
//! public test vectors.

#[cfg(test)]
mod tests;

use chacha20poly1305::aead::AeadInOut as _;
use chacha20poly1305::{KeyInit as _, Tag, XChaCha20Poly1305, XNonce};
use hkdf::{HkdfExtract, InvalidLength};
use hmac::{Hmac, Mac as _};
use sha2::Sha256;
use zeroize::Zeroizing;

use crate::key::SecretKey;

/// Bytes of a nonce. Long enough to be random without fear of repetition.
pub(crate) const NONCE_BYTES: usize = 24;
/// Bytes of an authentication tag.
const TAG_BYTES: usize = 16;
/// Bytes that a stored ciphertext has more than its plaintext.
pub(crate) const OVERHEAD_BYTES: usize = NONCE_BYTES + TAG_BYTES;

/// The tag does not fit key, nonce, context and ciphertext: something of them is not the original.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Unauthentic;

/// Encrypts; the stored form is `nonce || ciphertext || tag`.
pub(crate) fn seal(
    key: &SecretKey,
    nonce: [u8; NONCE_BYTES],
    aad: &[u8],
    plaintext: &[u8],
) -> Vec<u8> {
    // Room for everything at once: growing would leave copies of the plaintext behind.
    let mut stored = Vec::with_capacity(plaintext.len() + OVERHEAD_BYTES);
    stored.extend_from_slice(&nonce);
    stored.extend_from_slice(plaintext);
    let (_, text) = stored.split_at_mut(NONCE_BYTES);
    #[expect(clippy::expect_used, reason = "the cipher refuses only texts beyond 256 GiB")]
    let tag = XChaCha20Poly1305::new(key.as_bytes().into())
        .encrypt_inout_detached(&XNonce::from(nonce), aad, text.into())
        .expect("plaintext is shorter than 256 GiB");
    stored.extend_from_slice(&tag);
    stored
}

/// Decrypts what [`seal`] stored.
pub(crate) fn open(
    key: &SecretKey,
    aad: &[u8],
    stored: &[u8],
) -> Result<Zeroizing<Vec<u8>>, Unauthentic> {
    let (nonce, rest) = stored.split_first_chunk::<NONCE_BYTES>().ok_or(Unauthentic)?;
    let (text, tag) = rest.split_last_chunk::<TAG_BYTES>().ok_or(Unauthentic)?;
    let mut text = Zeroizing::new(text.to_vec());
    XChaCha20Poly1305::new(key.as_bytes().into())
        .decrypt_inout_detached(
            &XNonce::from(*nonce),
            aad,
            text.as_mut_slice().into(),
            &Tag::from(*tag),
        )
        .map_err(|_| Unauthentic)?;
    Ok(text)
}

/// HKDF-SHA256 (RFC 5869) over the joined parts of the key material; no salt is the empty one.
pub(crate) fn hkdf<'a>(
    key_material: impl Iterator<Item = &'a [u8]>,
    salt: &[u8],
    info: &[u8],
    output: &mut [u8],
) -> Result<(), InvalidLength> {
    let mut extract = HkdfExtract::<Sha256>::new(Some(salt));
    for part in key_material {
        extract.input_ikm(part);
    }
    let (mut pseudorandom_key, expand) = extract.finalize();
    zeroize::Zeroize::zeroize(pseudorandom_key.as_mut_slice());
    expand.expand(info, output)
}

/// One key by [`hkdf()`], from one or more secrets together.
pub(crate) fn derive_key<'a>(
    secrets: impl Iterator<Item = &'a SecretKey>,
    salt: &[u8],
    info: &[u8],
) -> SecretKey {
    let mut output = Zeroizing::new([0; 32]);
    #[expect(clippy::expect_used, reason = "HKDF refuses only more than 8160 bytes")]
    hkdf(secrets.map(|secret| secret.as_bytes().as_slice()), salt, info, output.as_mut())
        .expect("32 bytes are within HKDF's limit");
    SecretKey::from_bytes(*output)
}

/// HKDF-Expand (RFC 5869 section 2.3) from 32 random bytes, for as many outputs as are wanted.
pub(crate) struct Expand(hkdf::Hkdf<Sha256>);

impl Expand {
    pub(crate) fn new(random: &[u8; 32]) -> Self {
        #[expect(clippy::expect_used, reason = "32 bytes are long enough as key")]
        Expand(hkdf::Hkdf::<Sha256>::from_prk(random).expect("the length is that of the hash"))
    }

    /// 32 bytes for this info, whose parts are joined.
    pub(crate) fn bytes(&self, info: &[&[u8]]) -> Zeroizing<[u8; 32]> {
        let mut output = Zeroizing::new([0; 32]);
        #[expect(clippy::expect_used, reason = "32 bytes are short enough as output")]
        self.0.expand_multi_info(info, output.as_mut()).expect("the length is that of the hash");
        output
    }
}

/// HMAC-SHA256 (RFC 2104) over the joined parts, not yet finished: to be read or to be compared.
pub(crate) fn hmac(key: &[u8], parts: &[&[u8]]) -> Hmac<Sha256> {
    #[expect(clippy::expect_used, reason = "HMAC takes keys of every length")]
    let mut hmac = Hmac::<Sha256>::new_from_slice(key).expect("every length is allowed");
    for part in parts {
        hmac.update(part);
    }
    hmac
}
