//! Rows of views at rest: sealed under a key derived from the key of the stream that they tell of.
//!
//! When a stream's key is gone, its rows cannot be opened either, in every copy and backup.
//!
//! Deliberately absent: what a row holds. Nonces are random, so equal rows have different bytes:
//! compare rows after opening them.

use zeroize::Zeroizing;

use crate::context::{ContextBytes, ContextTooLong};
use crate::key::SecretKey;
use crate::primitives;

/// Where a row stands.
#[derive(Debug, Clone, Copy)]
pub struct RowContext<'a> {
    /// The municipality.
    pub tenant: &'a str,
    /// Name of the view.
    pub view: &'a str,
    /// Revision of the view's definition.
    pub revision: u32,
    /// Key of the row in the view.
    pub key: &'a str,
}

/// Why a row cannot be sealed or opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RowError {
    /// The stored bytes were altered, cut, or sealed under another key or for another place.
    #[error("row does not open in this place")]
    Unauthentic,
    /// A name cannot stand in a context.
    #[error(transparent)]
    Context(#[from] ContextTooLong),
}

/// Seals a row; the stored form is `nonce || ciphertext || tag`. `nonce` is fresh and random.
///
/// # Errors
///
/// [`RowError::Context`] if a name of the context is too long.
pub fn seal_row(
    stream_key: &SecretKey,
    context: &RowContext<'_>,
    nonce: [u8; 24],
    plaintext: &[u8],
) -> Result<Vec<u8>, RowError> {
    let aad = context_bytes(context)?;
    let key = row_key(stream_key, &nonce, &aad);
    Ok(primitives::seal(&key, nonce, aad.bytes(), plaintext))
}

/// The plaintext that [`seal_row`] sealed; zeroised when dropped.
///
/// # Errors
///
/// [`RowError`] if it was not sealed under this key for this place.
pub fn open_row(
    stream_key: &SecretKey,
    context: &RowContext<'_>,
    stored: &[u8],
) -> Result<Zeroizing<Vec<u8>>, RowError> {
    let aad = context_bytes(context)?;
    let (nonce, _) = stored.split_first_chunk().ok_or(RowError::Unauthentic)?;
    primitives::open(&row_key(stream_key, nonce, &aad), aad.bytes(), stored)
        .map_err(|primitives::Unauthentic| RowError::Unauthentic)
}

fn row_key(
    stream_key: &SecretKey,
    nonce: &[u8; primitives::NONCE_BYTES],
    context: &ContextBytes,
) -> SecretKey {
    primitives::derive_key([stream_key].into_iter(), nonce, context.bytes())
}

fn context_bytes(context: &RowContext<'_>) -> Result<ContextBytes, ContextTooLong> {
    ContextBytes::new("fj/row/v1")
        .len16(context.tenant)?
        .len16(context.view)?
        .fixed(&context.revision.to_be_bytes())
        .len16(context.key)
}

#[cfg(test)]
mod tests {
    use super::*;

    const CONTEXT: RowContext<'static> =
        RowContext { tenant: "vesterby", view: "caseload", revision: 2, key: "family-1" };

    fn key(byte: u8) -> SecretKey {
        SecretKey::from_bytes([byte; 32])
    }

    #[test]
    fn a_row_opens_in_its_own_place_only() {
        let stored = seal_row(&key(1), &CONTEXT, [5; 24], b"{\"phase\":2}").unwrap();
        assert_eq!(open_row(&key(1), &CONTEXT, &stored).unwrap().as_slice(), b"{\"phase\":2}");

        check_refused(&key(2), CONTEXT, &stored);
        check_refused(&key(1), RowContext { tenant: "osterby", ..CONTEXT }, &stored);
        check_refused(&key(1), RowContext { view: "timeline", ..CONTEXT }, &stored);
        check_refused(&key(1), RowContext { revision: 3, ..CONTEXT }, &stored);
        check_refused(&key(1), RowContext { key: "family-2", ..CONTEXT }, &stored);
        // The same letters, divided otherwise between tenant and view.
        let shifted = RowContext { tenant: "vesterbyc", view: "aseload", ..CONTEXT };
        check_refused(&key(1), shifted, &stored);
        for at in 0..stored.len() {
            let mut altered = stored.clone();
            altered[at] ^= 0x80;
            check_refused(&key(1), CONTEXT, &altered);
            check_refused(&key(1), CONTEXT, &stored[..at]);
        }
    }

    #[track_caller]
    fn check_refused(key: &SecretKey, context: RowContext<'_>, stored: &[u8]) {
        assert_eq!(open_row(key, &context, stored).unwrap_err(), RowError::Unauthentic);
    }

    #[test]
    fn a_name_beyond_its_length_field_is_refused() {
        let long = "x".repeat(65_536);
        let context = RowContext { key: &long, ..CONTEXT };
        let answer = seal_row(&key(1), &context, [5; 24], b"");
        assert_eq!(answer.unwrap_err(), RowError::Context(ContextTooLong));
    }
}
