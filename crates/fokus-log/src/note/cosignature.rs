//! Cosignatures (C2SP tlog-cosignature): a witness says that, at a time, this was the newest checkpoint of
//! the log that it had seen, and that it continues all that it had seen before.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;

use super::{
    NoteError, SIGNATURE_PREFIX, Signer, check_name, split, typed_key_id, verify_signature,
};

/// Signature type of an Ed25519 cosignature in key ids and verifier keys.
pub(super) const ED25519_COSIGNATURE: u8 = 0x04;

/// The time, in Unix seconds, at which the witness called `name` cosigned the note: the newest, where it
/// did so more than once.
///
/// # Errors
///
/// [`NoteError::NotSigned`] without a cosignature of this key; [`NoteError::BadSignature`] if one of them
/// does not verify; [`NoteError`] if the note is malformed.
pub fn verify(note: &str, name: &str, public_key: &[u8; 32]) -> Result<u64, NoteError> {
    let signed = split(note)?;
    let id = typed_key_id(name, ED25519_COSIGNATURE, public_key);
    let mut newest = None;
    for signature in signed.of(name, id)? {
        let (time, signature) = signature.split_first_chunk().ok_or(NoteError::BadSignature)?;
        let time_s = u64::from_be_bytes(*time);
        verify_signature(public_key, message(signed.text, time_s).as_bytes(), signature)?;
        newest = newest.max(Some(time_s));
    }
    newest.ok_or(NoteError::NotSigned)
}

/// The signature line by which the witness called `name` cosigns the note at `time_s`, Unix seconds.
///
/// A witness must have checked the log's signature and that the checkpoint continues the one before.
///
/// # Errors
///
/// [`NoteError`] if the note is malformed or the name cannot be a key's.
pub fn cosign(
    note: &str,
    name: &str,
    signer: &dyn Signer,
    time_s: u64,
) -> Result<String, NoteError> {
    check_name(name)?;
    let text = split(note)?.text;
    let id = typed_key_id(name, ED25519_COSIGNATURE, &signer.public_key());
    let mut bytes = id.to_vec();
    bytes.extend_from_slice(&time_s.to_be_bytes());
    bytes.extend_from_slice(&signer.sign(message(text, time_s).as_bytes()));
    Ok(format!("{SIGNATURE_PREFIX}{name} {}\n", BASE64.encode(bytes)))
}

fn message(text: &str, time_s: u64) -> String {
    format!("cosignature/v1\ntime {time_s}\n{text}")
}
