//! Secret keys and their ids.
//!
//! Deliberately absent: making keys (randomness is the caller's) and storing them (`fokus-store`).

use std::fmt;

use zeroize::Zeroizing;

/// 256 secret bits. Zeroised when dropped; never printed; copied only by [`SecretKey::duplicate`].
pub struct SecretKey(Zeroizing<[u8; 32]>);

impl SecretKey {
    /// A key of these bytes, which must be random or derived from random ones.
    #[must_use]
    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        SecretKey(Zeroizing::new(bytes))
    }

    /// The secret itself.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// A second copy of the secret. Not `Clone`, so that copies are made on purpose only.
    #[must_use]
    pub fn duplicate(&self) -> Self {
        SecretKey(self.0.clone())
    }
}

impl fmt::Debug for SecretKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("SecretKey(redacted)")
    }
}

/// Id of a content key: 16 random bytes, public, and part of every leaf that the key protects.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KeyId(pub [u8; 16]);

impl fmt::Display for KeyId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digit = |it: u8| char::from(if it < 10 { b'0' + it } else { b'a' + it - 10 });
        let mut text = String::with_capacity(32);
        self.0.iter().for_each(|it| text.extend([digit(it >> 4), digit(it & 15)]));
        formatter.write_str(&text)
    }
}

impl fmt::Debug for KeyId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "KeyId({self})")
    }
}

/// A content key: of a stream, or of a person in a stream.
#[derive(Debug)]
pub struct ContentKey {
    /// Its public id.
    pub id: KeyId,
    /// Its secret.
    pub key: SecretKey,
}

impl ContentKey {
    /// A second copy, secret included.
    #[must_use]
    pub fn duplicate(&self) -> Self {
        ContentKey { id: self.id, key: self.key.duplicate() }
    }
}

/// Content keys in the order of their ids.
pub(crate) fn in_id_order<'a>(keys: &[&'a ContentKey]) -> Vec<&'a ContentKey> {
    let mut keys = keys.to_vec();
    keys.sort_unstable_by_key(|key| key.id);
    keys
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_output_names_the_key_and_hides_the_secret() {
        let key = ContentKey { id: KeyId([0xa0; 16]), key: SecretKey::from_bytes([0x7f; 32]) };
        let id = "a0".repeat(16);
        let expected = format!("ContentKey {{ id: KeyId({id}), key: SecretKey(redacted) }}");
        assert_eq!(format!("{key:?}"), expected);
    }
}
