//! Signed notes (C2SP signed-note) and checkpoints (C2SP tlog-checkpoint), with Ed25519.
//!
//! A note is text with signature lines beneath. A checkpoint is a note whose text is the origin,
//! the size and the root of a log. The key's name is the origin of its log. Lines of other keys,
//! such as witnesses, are passed over, as the specification demands.
//!
//! Read [`Checkpoint`], [`sign_checkpoint`] and [`open_checkpoint`] first; [`cosignature`] is what
//! witnesses add, [`VerifierKey`] how a key is known to those who check.
//!
//! Deliberately absent: where signing keys live ([`Signer`] is the port), extension lines of
//! checkpoints, other signature types than Ed25519.

pub mod cosignature;
#[cfg(test)]
mod tests;
mod verifier_key;

use std::fmt;
use std::fmt::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use ed25519_dalek::{Signature, Signer as _, SigningKey, VerifyingKey};
use sha2::{Digest, Sha256};

use crate::Hash;

pub use verifier_key::{KeyKind, VerifierKey, VerifierKeyError};

/// Most bytes of a note that is opened. Room for 16 signatures of 5 kB and a long text.
pub const MAX_NOTE_BYTES: usize = 128 * 1024;
/// Signature type of Ed25519 in key ids and verifier keys.
const ED25519: u8 = 0x01;
/// What a signature line begins with: an em dash and a space.
const SIGNATURE_PREFIX: &str = "\u{2014} ";

/// The state of a log at one size: what its key signs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkpoint {
    /// Name of the log; no spaces, control characters or `+`.
    pub origin: String,
    /// Number of leaves.
    pub size: u64,
    /// Root over them.
    pub root: Hash,
}

impl Checkpoint {
    /// The text that is signed.
    #[must_use]
    pub fn text(&self) -> String {
        format!("{}\n{}\n{}\n", self.origin, self.size, BASE64.encode(self.root))
    }

    /// Reads [`Checkpoint::text`]; no other text gives the same checkpoint.
    fn parse(text: &str) -> Option<Checkpoint> {
        let mut lines = text.lines();
        let (origin, size, root) = (lines.next()?, lines.next()?, lines.next()?);
        let root = BASE64.decode(root).ok()?.try_into().ok()?;
        let checkpoint = Checkpoint { origin: origin.to_owned(), size: size.parse().ok()?, root };
        // Leading zeroes, a plus sign, further lines: whatever is not the one encoding.
        (checkpoint.text() == text).then_some(checkpoint)
    }
}

/// Signs for one key. The key itself may live elsewhere.
pub trait Signer: Send + Sync {
    /// Ed25519 signature (RFC 8032) over `message`.
    fn sign(&self, message: &[u8]) -> [u8; 64];
    /// The public key that verifies it.
    fn public_key(&self) -> [u8; 32];
    /// The key before this one, as long as notes are signed by both.
    fn retiring(&self) -> Option<&dyn Signer> {
        None
    }
}

/// A signer whose key is in memory. The key is zeroised when it is dropped.
pub struct Ed25519Signer(SigningKey);

impl Ed25519Signer {
    /// The signer of a 32-byte seed (the private key of RFC 8032).
    #[must_use]
    pub fn from_seed(seed: &[u8; 32]) -> Self {
        Ed25519Signer(SigningKey::from_bytes(seed))
    }
}

impl Signer for Ed25519Signer {
    fn sign(&self, message: &[u8]) -> [u8; 64] {
        self.0.sign(message).to_bytes()
    }

    fn public_key(&self) -> [u8; 32] {
        self.0.verifying_key().to_bytes()
    }
}

impl fmt::Debug for Ed25519Signer {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Ed25519Signer(redacted)")
    }
}

/// Why a note cannot be signed or is not to be believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NoteError {
    /// The key's name is empty or holds a space, a control character or `+`.
    #[error("key name is empty or has a character that key names cannot have")]
    Name,
    /// The text is empty, does not end in a newline, or holds another control character.
    #[error("text cannot stand in a note")]
    Text,
    /// More than [`MAX_NOTE_BYTES`].
    #[error("note is larger than {MAX_NOTE_BYTES} bytes")]
    TooLarge,
    /// Not text, an empty line and signature lines.
    #[error("note is malformed")]
    Malformed,
    /// No signature line is of the expected key.
    #[error("note is not signed by the expected key")]
    NotSigned,
    /// A signature line of the expected key does not verify, or the key is unusable.
    #[error("signature does not verify")]
    BadSignature,
    /// The signed text is no checkpoint of the expected log.
    #[error("signed text is not a checkpoint of the expected log")]
    NotCheckpoint,
}

/// Signs a checkpoint under its origin as key name; the signed note, ready to be published.
///
/// A log must sign only what is committed: what this returns proves the tree to anybody.
///
/// # Errors
///
/// [`NoteError::Name`] if the origin cannot be a key name.
pub fn sign_checkpoint(checkpoint: &Checkpoint, signer: &dyn Signer) -> Result<String, NoteError> {
    sign_note(&checkpoint.text(), &checkpoint.origin, signer)
}

/// The checkpoint in a note, if `public_key` signed it for `origin`.
///
/// # Errors
///
/// [`NoteError`] if the note is not signed so, or holds no checkpoint of `origin`. Checkpoints with
/// extension lines are refused: no log of ours writes them.
pub fn open_checkpoint(
    note: &str,
    origin: &str,
    public_key: &[u8; 32],
) -> Result<Checkpoint, NoteError> {
    let checkpoint = Checkpoint::parse(open_note(note, origin, public_key)?);
    checkpoint.filter(|found| found.origin == origin).ok_or(NoteError::NotCheckpoint)
}

/// What a log's key signs of an audit bundle: the log's origin and the SHA-256 of the bundle's list of
/// files. No checkpoint reads like it, so it never vouches for a tree.
#[must_use]
pub fn bundle_text(origin: &str, list_hash: &Hash) -> String {
    let hex: String = list_hash.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("fokus-bundle/v1\n{origin}\n{hex}\n")
}

/// Signs `text`, which ends in a newline, as the key called `name`; and, on a line beneath, as the key that
/// is retiring, if there is one.
///
/// # Errors
///
/// [`NoteError::Name`] or [`NoteError::Text`] if either cannot stand in a note.
pub fn sign_note(text: &str, name: &str, signer: &dyn Signer) -> Result<String, NoteError> {
    check_name(name)?;
    if !text.ends_with('\n') || text.chars().any(is_forbidden) {
        return Err(NoteError::Text);
    }
    let mut note = format!("{text}\n");
    for key in std::iter::successors(Some(signer), |it| it.retiring()) {
        let mut signature = key_id(name, &key.public_key()).to_vec();
        signature.extend_from_slice(&key.sign(text.as_bytes()));
        let _ = writeln!(note, "{SIGNATURE_PREFIX}{name} {}", BASE64.encode(signature));
    }
    Ok(note)
}

/// The text of a note, if the key called `name` signed it.
///
/// # Errors
///
/// [`NoteError`] if the note is malformed, or not signed by this key, or one signature line of this
/// key does not verify.
pub fn open_note<'a>(
    note: &'a str,
    name: &str,
    public_key: &[u8; 32],
) -> Result<&'a str, NoteError> {
    let signed = split(note)?;
    let expected_id = key_id(name, public_key);
    let mut is_signed = false;
    for line in signed.of(name, expected_id)? {
        verify_signature(public_key, signed.text.as_bytes(), &line)?;
        is_signed = true;
    }
    if is_signed { Ok(signed.text) } else { Err(NoteError::NotSigned) }
}

/// The text of a note, its signatures not looked at.
///
/// # Errors
///
/// [`NoteError::TooLarge`] or [`NoteError::Malformed`].
pub fn unverified_text(note: &str) -> Result<&str, NoteError> {
    split(note).map(|it| it.text)
}

/// The checkpoint in a note, its signatures not looked at: for a note that this program made itself, or
/// to learn what somebody claims.
///
/// # Errors
///
/// [`NoteError::TooLarge`], [`NoteError::Malformed`] or [`NoteError::NotCheckpoint`].
pub fn unverified_checkpoint(note: &str) -> Result<Checkpoint, NoteError> {
    Checkpoint::parse(unverified_text(note)?).ok_or(NoteError::NotCheckpoint)
}

/// The note with signature lines of other notes of the same text beneath its own, each line once.
///
/// # Errors
///
/// [`NoteError`] if one of the two is malformed or they have different texts.
pub fn with_signatures_of(note: &str, other: &str) -> Result<String, NoteError> {
    let (own, others) = (split(note)?, split(other)?);
    if own.text != others.text {
        return Err(NoteError::Text);
    }
    let mut all = note.to_owned();
    for line in others.lines.iter().filter(|it| !own.lines.contains(it)) {
        all.push_str(line);
        all.push('\n');
    }
    split(&all)?;
    Ok(all)
}

/// A note cut into text and signature lines.
struct Signed<'a> {
    text: &'a str,
    lines: Vec<&'a str>,
}

impl Signed<'_> {
    /// The signatures under this name and key id.
    fn of(&self, name: &str, id: [u8; 4]) -> Result<Vec<Vec<u8>>, NoteError> {
        check_name(name)?;
        let mut signatures = Vec::new();
        for line in &self.lines {
            let (line_name, line_id, signature) =
                parse_signature(line).ok_or(NoteError::Malformed)?;
            if line_name == name && line_id == id {
                signatures.push(signature);
            }
        }
        Ok(signatures)
    }
}

fn split(note: &str) -> Result<Signed<'_>, NoteError> {
    if note.len() > MAX_NOTE_BYTES {
        return Err(NoteError::TooLarge);
    }
    if note.chars().any(is_forbidden) {
        return Err(NoteError::Malformed);
    }
    // The last empty line divides text and signatures; the text keeps its final newline.
    let divide = note.rfind("\n\n").ok_or(NoteError::Malformed)?;
    let (text, signatures) = note.split_at_checked(divide + 1).ok_or(NoteError::Malformed)?;
    let lines = signatures.strip_prefix('\n').and_then(|lines| lines.strip_suffix('\n'));
    let lines = lines.ok_or(NoteError::Malformed)?.split('\n').collect();
    Ok(Signed { text, lines })
}

/// Id of an Ed25519 key: a hint which key signed, not a proof (C2SP signed-note).
#[must_use]
pub fn key_id(name: &str, public_key: &[u8; 32]) -> [u8; 4] {
    typed_key_id(name, ED25519, public_key)
}

/// The verifier key: the line by which auditors and witnesses know the key, `name+id+key`.
#[must_use]
pub fn vkey(name: &str, public_key: &[u8; 32]) -> String {
    let kind = KeyKind::Log;
    VerifierKey { name: name.to_owned(), kind, public_key: *public_key }.to_string()
}

fn typed_key_id(name: &str, kind: u8, public_key: &[u8; 32]) -> [u8; 4] {
    let hash = Sha256::new()
        .chain_update(name)
        .chain_update([b'\n', kind])
        .chain_update(public_key)
        .finalize();
    let [first, second, third, fourth, ..] = Hash::from(hash);
    [first, second, third, fourth]
}

/// Checks an Ed25519 signature strictly: canonical encodings only, no weak keys.
///
/// # Errors
///
/// [`NoteError::BadSignature`] if it does not verify, or if key or signature are no such things.
pub fn verify_signature(
    public_key: &[u8; 32],
    message: &[u8],
    signature: &[u8],
) -> Result<(), NoteError> {
    let key = VerifyingKey::from_bytes(public_key).map_err(|_| NoteError::BadSignature)?;
    let signature = Signature::from_slice(signature).map_err(|_| NoteError::BadSignature)?;
    key.verify_strict(message, &signature).map_err(|_| NoteError::BadSignature)
}

/// Key name, key id and signature of one signature line.
fn parse_signature(line: &str) -> Option<(&str, [u8; 4], Vec<u8>)> {
    let (name, encoded) = line.strip_prefix(SIGNATURE_PREFIX)?.split_once(' ')?;
    check_name(name).ok()?;
    let bytes = BASE64.decode(encoded).ok()?;
    let (id, signature) = bytes.split_first_chunk()?;
    (!signature.is_empty()).then(|| (name, *id, signature.to_vec()))
}

fn check_name(name: &str) -> Result<(), NoteError> {
    let forbidden = |c: char| c.is_whitespace() || c.is_control() || c == '+';
    if name.is_empty() || name.contains(forbidden) { Err(NoteError::Name) } else { Ok(()) }
}

/// Control characters of ASCII other than newline (C2SP signed-note).
fn is_forbidden(c: char) -> bool {
    c < ' ' && c != '\n'
}
