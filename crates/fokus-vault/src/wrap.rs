//! Keys at rest: content keys wrapped under a key-encryption key (KEK) of their tenant and epoch,
//! and KEKs wrapped by whoever holds the root ([`Kms`]).
//!
//! A wrapped key opens only for the tenant, epoch, id and kind that it was wrapped for, so rows of
//! the key table cannot be swapped.
//!
//! Deliberately absent: where wrapped keys are stored, when epochs change, key servers.

use crate::context::{ContextBytes, ContextTooLong};
use crate::key::{KeyId, SecretKey};
use crate::primitives;

/// What a wrapped key is for. The numbers are part of the format.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum KeyKind {
    /// Key of a stream: envelope 0 of its events, and its view rows.
    Stream = 1,
    /// Key of one person in one stream: what is written there about that person.
    PersonInStream = 2,
    /// Key of the access log.
    Access = 3,
    /// Key of a blind index.
    Index = 4,
}

impl KeyKind {
    /// The kind with this number, if there is one.
    #[must_use]
    pub fn from_byte(byte: u8) -> Option<KeyKind> {
        Some(match byte {
            1 => KeyKind::Stream,
            2 => KeyKind::PersonInStream,
            3 => KeyKind::Access,
            4 => KeyKind::Index,
            _ => return None,
        })
    }
}

/// What a wrapped content key belongs to.
#[derive(Debug, Clone, Copy)]
pub struct WrapContext<'a> {
    /// The municipality.
    pub tenant: &'a str,
    /// Epoch of the KEK.
    pub epoch: u32,
    /// Id of the wrapped key.
    pub key_id: KeyId,
    /// What it is for.
    pub kind: KeyKind,
}

/// Why a key cannot be wrapped or unwrapped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum WrapError {
    /// The wrapped bytes were altered, cut, or made under another key, tenant, epoch, id or kind.
    #[error("wrapped key does not open in this place")]
    Unauthentic,
    /// The tenant's name cannot stand in a context.
    #[error(transparent)]
    Context(#[from] ContextTooLong),
}

/// Wraps a content key: `nonce || ciphertext || tag`, 72 bytes.
///
/// # Errors
///
/// [`WrapError::Context`] if the tenant's name is too long.
pub fn wrap_key(
    kek: &SecretKey,
    context: &WrapContext<'_>,
    nonce: [u8; 24],
    key: &SecretKey,
) -> Result<Vec<u8>, WrapError> {
    let aad = key_context(context)?;
    Ok(primitives::seal(kek, nonce, aad.bytes(), key.as_bytes()))
}

/// The content key that [`wrap_key`] wrapped.
///
/// # Errors
///
/// [`WrapError`] if it was not wrapped under this KEK for this context.
pub fn unwrap_key(
    kek: &SecretKey,
    context: &WrapContext<'_>,
    wrapped: &[u8],
) -> Result<SecretKey, WrapError> {
    unwrap_secret(kek, &key_context(context)?, wrapped)
}

/// Why the holder of the root does not give or take a KEK.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum KmsError {
    /// The wrapped KEK is not of this root, tenant and epoch. Retrying does not help.
    #[error("wrapped key of a tenant does not open under this root")]
    Refused,
    /// The holder of the root cannot be reached now. The same call may work later.
    #[error("holder of the root key is unavailable")]
    Unavailable,
}

/// Holder of the root key: wraps and unwraps the KEKs of tenants, and never gives the root away.
pub trait Kms: Send + Sync {
    /// The KEK in the form in which it is stored. `nonce` is fresh and random.
    ///
    /// # Errors
    ///
    /// [`KmsError`] if the holder refuses or cannot be reached.
    fn wrap_kek(
        &self,
        tenant: &str,
        epoch: u32,
        kek: &SecretKey,
        nonce: [u8; 24],
    ) -> Result<Vec<u8>, KmsError>;

    /// The KEK that [`Kms::wrap_kek`] wrapped for this tenant and epoch.
    ///
    /// # Errors
    ///
    /// [`KmsError`] if it was not, or if the holder cannot be reached.
    fn unwrap_kek(&self, tenant: &str, epoch: u32, wrapped: &[u8]) -> Result<SecretKey, KmsError>;
}

/// A root key in memory: the holder of the root for a server without a key server.
#[derive(Debug)]
pub struct RootKey(SecretKey);

impl RootKey {
    /// The root with this secret.
    #[must_use]
    pub fn new(secret: SecretKey) -> Self {
        RootKey(secret)
    }
}

impl Kms for RootKey {
    fn wrap_kek(
        &self,
        tenant: &str,
        epoch: u32,
        kek: &SecretKey,
        nonce: [u8; 24],
    ) -> Result<Vec<u8>, KmsError> {
        let aad = kek_context(tenant, epoch).map_err(|_| KmsError::Refused)?;
        Ok(primitives::seal(&self.0, nonce, aad.bytes(), kek.as_bytes()))
    }

    fn unwrap_kek(&self, tenant: &str, epoch: u32, wrapped: &[u8]) -> Result<SecretKey, KmsError> {
        let aad = kek_context(tenant, epoch).map_err(|_| KmsError::Refused)?;
        unwrap_secret(&self.0, &aad, wrapped).map_err(|_| KmsError::Refused)
    }
}

fn unwrap_secret(
    wrapping: &SecretKey,
    aad: &ContextBytes,
    wrapped: &[u8],
) -> Result<SecretKey, WrapError> {
    let secret = primitives::open(wrapping, aad.bytes(), wrapped)
        .map_err(|primitives::Unauthentic| WrapError::Unauthentic)?;
    let secret = secret.as_slice().try_into().map_err(|_| WrapError::Unauthentic)?;
    Ok(SecretKey::from_bytes(secret))
}

fn key_context(context: &WrapContext<'_>) -> Result<ContextBytes, ContextTooLong> {
    Ok(ContextBytes::new("fj/wrap/v1")
        .len16(context.tenant)?
        .fixed(&context.epoch.to_be_bytes())
        .fixed(&context.key_id.0)
        .fixed(&[context.kind as u8]))
}

fn kek_context(tenant: &str, epoch: u32) -> Result<ContextBytes, ContextTooLong> {
    Ok(ContextBytes::new("fj/kek/v1").len16(tenant)?.fixed(&epoch.to_be_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NONCE: [u8; 24] = [9; 24];

    fn secret(byte: u8) -> SecretKey {
        SecretKey::from_bytes([byte; 32])
    }

    fn context() -> WrapContext<'static> {
        let (key_id, kind) = (KeyId([3; 16]), KeyKind::Stream);
        WrapContext { tenant: "vesterby", epoch: 7, key_id, kind }
    }

    #[test]
    fn a_wrapped_key_opens_in_its_own_place_only() {
        let wrapped = wrap_key(&secret(1), &context(), NONCE, &secret(2)).unwrap();
        assert_eq!(wrapped.len(), 72);
        let opened = unwrap_key(&secret(1), &context(), &wrapped).unwrap();
        assert_eq!(opened.as_bytes(), &[2; 32]);

        check_refused(&secret(3), context(), &wrapped);
        check_refused(&secret(1), WrapContext { tenant: "vesterb", ..context() }, &wrapped);
        check_refused(&secret(1), WrapContext { tenant: "osterby", ..context() }, &wrapped);
        check_refused(&secret(1), WrapContext { epoch: 8, ..context() }, &wrapped);
        check_refused(&secret(1), WrapContext { key_id: KeyId([4; 16]), ..context() }, &wrapped);
        check_refused(&secret(1), WrapContext { kind: KeyKind::Index, ..context() }, &wrapped);
        for at in 0..wrapped.len() {
            let mut altered = wrapped.clone();
            altered[at] ^= 1;
            check_refused(&secret(1), context(), &altered);
            check_refused(&secret(1), context(), &wrapped[..at]);
        }
    }

    #[track_caller]
    fn check_refused(kek: &SecretKey, context: WrapContext<'_>, wrapped: &[u8]) {
        assert_eq!(unwrap_key(kek, &context, wrapped).unwrap_err(), WrapError::Unauthentic);
    }

    #[test]
    fn a_kek_opens_under_its_own_root_tenant_and_epoch_only() {
        let root = RootKey::new(secret(1));
        let wrapped = root.wrap_kek("vesterby", 1, &secret(2), NONCE).unwrap();
        assert_eq!(root.unwrap_kek("vesterby", 1, &wrapped).unwrap().as_bytes(), &[2; 32]);
        let refused = [
            root.unwrap_kek("osterby", 1, &wrapped),
            root.unwrap_kek("vesterby", 2, &wrapped),
            root.unwrap_kek("vesterby", 1, &wrapped[1..]),
            RootKey::new(secret(3)).unwrap_kek("vesterby", 1, &wrapped),
        ];
        for answer in refused {
            assert_eq!(answer.unwrap_err(), KmsError::Refused);
        }
    }

    #[test]
    fn a_wrapped_kek_is_no_wrapped_content_key() {
        let wrapped = RootKey::new(secret(1)).wrap_kek("vesterby", 7, &secret(2), NONCE).unwrap();
        check_refused(&secret(1), context(), &wrapped);
    }

    #[test]
    fn kinds_have_the_numbers_of_the_format() {
        for kind in [KeyKind::Stream, KeyKind::PersonInStream, KeyKind::Access, KeyKind::Index] {
            assert_eq!(KeyKind::from_byte(kind as u8), Some(kind));
        }
        assert_eq!(KeyKind::from_byte(0), None);
        assert_eq!(KeyKind::from_byte(5), None);
    }
}
