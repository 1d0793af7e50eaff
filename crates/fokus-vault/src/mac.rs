//! Command MAC: tells a repeated command from another one under the same id, without storing the
//! request. It is keyed by what the command's envelopes are sealed with, so it dies with them.

use hmac::Mac as _;

use crate::context::{ContextBytes, ContextTooLong};
use crate::key::{ContentKey, in_id_order};
use crate::primitives;

/// Why there is no MAC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum MacError {
    /// No key was given: anybody could make such a MAC.
    #[error("command has no key")]
    NoKeys,
    /// The subject cannot stand in a context.
    #[error(transparent)]
    Context(#[from] ContextTooLong),
}

/// MAC of a request, made by `subject` under `command_id`.
///
/// `keys` are all keys that seal an envelope of the command; their order and repetitions do not
/// matter. `request` is the canonical encoding of the request.
///
/// # Errors
///
/// [`MacError`] if there is no key, or if the subject is longer than 65,535 bytes.
pub fn command_mac(
    keys: &[&ContentKey],
    command_id: [u8; 16],
    subject: &str,
    request: &[u8],
) -> Result<[u8; 32], MacError> {
    Ok(unfinished(keys, command_id, subject, request)?.finalize().into_bytes().into())
}

/// Whether `mac` is the [`command_mac`] of these; takes the same time whatever the answer.
#[must_use]
pub fn verify_command_mac(
    keys: &[&ContentKey],
    command_id: [u8; 16],
    subject: &str,
    request: &[u8],
    mac: &[u8; 32],
) -> bool {
    unfinished(keys, command_id, subject, request)
        .is_ok_and(|expected| expected.verify_slice(mac).is_ok())
}

fn unfinished(
    keys: &[&ContentKey],
    command_id: [u8; 16],
    subject: &str,
    request: &[u8],
) -> Result<hmac::Hmac<sha2::Sha256>, MacError> {
    if keys.is_empty() {
        return Err(MacError::NoKeys);
    }
    let mut keys = in_id_order(keys);
    keys.dedup_by_key(|key| key.id);
    let info = ContextBytes::new("fj/command/v1").fixed(&command_id);
    let key = primitives::derive_key(keys.iter().map(|key| &key.key), &[], info.bytes());
    let subject = ContextBytes::new("").len16(subject)?;
    Ok(primitives::hmac(key.as_bytes(), &[subject.bytes(), request]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::key::{KeyId, SecretKey};

    const COMMAND: [u8; 16] = [0x33; 16];
    const REQUEST: &[u8] = b"canonical request bytes";

    fn key(id: u8, secret: u8) -> ContentKey {
        ContentKey { id: KeyId([id; 16]), key: SecretKey::from_bytes([secret; 32]) }
    }

    #[test]
    fn the_published_mac_comes_out_whatever_the_order_of_the_keys() {
        let (stream, one, other) = (key(0xa0, 1), key(0xb0, 2), key(0xa8, 3));
        for keys in [&[&stream, &other, &one][..], &[&one, &stream, &one, &other, &stream]] {
            let mac = command_mac(keys, COMMAND, "worker-1", REQUEST).unwrap();
            let expected = "054d9a8d271be86797855d9bdcf30377eee079b87977c3c827977bf777874711";
            assert_eq!(hex::encode(mac), expected);
            assert!(verify_command_mac(keys, COMMAND, "worker-1", REQUEST, &mac));
        }
    }

    #[test]
    fn anything_else_than_the_same_request_does_not_verify() {
        let (stream, person) = (key(0xa0, 1), key(0xb0, 2));
        let keys = [&stream, &person];
        let mac = command_mac(&keys, COMMAND, "worker-1", REQUEST).unwrap();
        assert_eq!(command_mac(&[], COMMAND, "worker-1", REQUEST), Err(MacError::NoKeys));
        assert!(!verify_command_mac(&keys[..1], COMMAND, "worker-1", REQUEST, &mac));
        assert!(!verify_command_mac(&keys, [0x34; 16], "worker-1", REQUEST, &mac));
        assert!(!verify_command_mac(&keys, COMMAND, "worker-2", REQUEST, &mac));
        assert!(!verify_command_mac(&keys, COMMAND, "worker-1", &REQUEST[1..], &mac));
        // The same bytes, divided otherwise between subject and request.
        assert!(!verify_command_mac(&keys, COMMAND, "worker-1c", &REQUEST[1..], &mac));
        for at in 0..mac.len() {
            let mut altered = mac;
            altered[at] ^= 1;
            assert!(!verify_command_mac(&keys, COMMAND, "worker-1", REQUEST, &altered));
        }
    }
}
