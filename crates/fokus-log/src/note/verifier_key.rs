//! How those who check know a key: one line of text, `name+id+key` (C2SP signed-note, vkeys).

use std::fmt;
use std::str::FromStr;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;

use super::{ED25519, check_name, cosignature, typed_key_id};

/// What a key signs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyKind {
    /// The notes of a log.
    Log,
    /// Checkpoints of others' logs, with the time (C2SP tlog-cosignature).
    Witness,
}

impl KeyKind {
    /// The byte by which key ids and verifier keys name the kind.
    fn byte(self) -> u8 {
        match self {
            KeyKind::Log => ED25519,
            KeyKind::Witness => cosignature::ED25519_COSIGNATURE,
        }
    }
}

/// A key that signatures are checked with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifierKey {
    /// Of a log its origin.
    pub name: String,
    /// What it signs.
    pub kind: KeyKind,
    /// Ed25519.
    pub public_key: [u8; 32],
}

/// The line is no verifier key of Ed25519.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a verifier key `name+id+key` of Ed25519")]
pub struct VerifierKeyError;

impl fmt::Display for VerifierKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}+", self.name)?;
        for byte in typed_key_id(&self.name, self.kind.byte(), &self.public_key) {
            write!(formatter, "{byte:02x}")?;
        }
        let mut typed = vec![self.kind.byte()];
        typed.extend_from_slice(&self.public_key);
        write!(formatter, "+{}", BASE64.encode(typed))
    }
}

impl FromStr for VerifierKey {
    type Err = VerifierKeyError;

    /// Reads the line; no other text gives the same key.
    fn from_str(line: &str) -> Result<VerifierKey, VerifierKeyError> {
        let read = || {
            // The key itself may hold a plus sign.
            let mut parts = line.splitn(3, '+');
            let (name, _id, encoded) = (parts.next()?, parts.next()?, parts.next()?);
            check_name(name).ok()?;
            let typed = BASE64.decode(encoded).ok()?;
            let (kind, key) = typed.split_first()?;
            let kind =
                [KeyKind::Log, KeyKind::Witness].into_iter().find(|it| it.byte() == *kind)?;
            Some(VerifierKey { name: name.to_owned(), kind, public_key: key.try_into().ok()? })
        };
        read().filter(|it| it.to_string() == line).ok_or(VerifierKeyError)
    }
}
