//! Blind index: finds an identifier, such as a CPR number, without storing it.
//!
//! Identifiers are few, so whoever holds the index key can list them all: the tag protects only
//! while the key is kept apart.
//!
//! Deliberately absent: normal forms of identifiers (the domain's), and the table of tags.

use hmac::Mac as _;

use crate::key::SecretKey;
use crate::primitives;

/// Tag of `value` among the identifiers of `kind`: `HMAC-SHA256(key, kind || 0x00 || value)`.
///
/// Equal values of one kind have equal tags under one key. `kind` is a constant of the program and
/// holds no zero byte.
#[must_use]
pub fn blind_index(index_key: &SecretKey, kind: &str, value: &str) -> [u8; 32] {
    let parts = [kind.as_bytes(), &[0], value.as_bytes()];
    primitives::hmac(index_key.as_bytes(), &parts).finalize().into_bytes().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_is_the_hmac_of_kind_zero_byte_and_value() {
        let key = SecretKey::from_bytes([7; 32]);
        let tag = blind_index(&key, "cpr", "0101010000");
        let joined = primitives::hmac(&[7; 32], &[b"cpr\x000101010000"]);
        assert_eq!(tag, <[u8; 32]>::from(joined.finalize().into_bytes()));
    }

    #[test]
    fn tags_differ_by_key_kind_and_value() {
        let (one, other) = (SecretKey::from_bytes([7; 32]), SecretKey::from_bytes([8; 32]));
        let tag = blind_index(&one, "cpr", "0101010000");
        assert_ne!(tag, blind_index(&other, "cpr", "0101010000"));
        assert_ne!(tag, blind_index(&one, "family-reference", "0101010000"));
        assert_ne!(tag, blind_index(&one, "cpr", "0101010001"));
    }
}
