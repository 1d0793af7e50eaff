//! Key files: 32 bytes as 64 hexadecimal digits, readable by their owner only.

use std::fs::{File, OpenOptions};
use std::io::{Read as _, Write as _};
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::Path;

use fokus_vault::key::SecretKey;
use zeroize::Zeroizing;

use crate::error::OpenError;
use crate::store::Entropy;

/// Hexadecimal digits of a key file.
const KEY_DIGITS: usize = 64;

fn failed<'a>(path: &'a Path, doing: &'static str) -> impl Fn(std::io::Error) -> OpenError + 'a {
    move |error| OpenError::File { path: path.to_owned(), doing, error }
}

/// A new random key.
pub(crate) fn random(path: &Path, entropy: &Entropy) -> Result<SecretKey, OpenError> {
    let mut key = Zeroizing::new([0_u8; 32]);
    entropy(key.as_mut_slice()).map_err(failed(path, "get random bytes for the key"))?;
    Ok(SecretKey::from_bytes(*key))
}

/// Writes a key to a file that is not there, durably.
pub(crate) fn write(path: &Path, key: &SecretKey) -> Result<(), OpenError> {
    let text = Zeroizing::new(hex::encode(key.as_bytes()));
    let mut options = OpenOptions::new();
    let opened = options.write(true).create_new(true).mode(0o600).open(path);
    let mut file = opened.map_err(failed(path, "make the file"))?;
    let written = file.write_all(text.as_bytes()).and_then(|()| file.write_all(b"\n"));
    written.and_then(|()| file.sync_all()).map_err(failed(path, "write the key"))?;
    let folder = path.parent().filter(|it| !it.as_os_str().is_empty());
    let folder = folder.unwrap_or_else(|| Path::new("."));
    let synced = File::open(folder).and_then(|folder| folder.sync_all());
    synced.map_err(failed(folder, "make the folder durable"))
}

/// Reads a key that nobody but the owner may read.
pub(crate) fn read(path: &Path) -> Result<SecretKey, OpenError> {
    let mut file = File::open(path).map_err(failed(path, "open the key"))?;
    let metadata = file.metadata().map_err(failed(path, "look at the key's permissions"))?;
    let mode = metadata.permissions().mode() & 0o777;
    if mode & 0o077 != 0 {
        return Err(OpenError::Exposed { path: path.to_owned(), mode });
    }
    // Room for the end of a line, and for one byte more: then the file is no key.
    let mut text = Zeroizing::new([0_u8; KEY_DIGITS + 3]);
    let mut length = 0;
    while let Some(rest) = text.get_mut(length..).filter(|rest| !rest.is_empty()) {
        match file.read(rest).map_err(failed(path, "read the key"))? {
            0 => break,
            read => length += read,
        }
    }
    let mut key = Zeroizing::new([0_u8; 32]);
    // A file that fills the room gives no digits.
    let digits = if length < text.len() { text.get(..length) } else { None };
    let digits = digits.unwrap_or_default().trim_ascii_end();
    hex::decode_to_slice(digits, key.as_mut_slice())
        .map_err(|_| OpenError::NotKey { path: path.to_owned() })?;
    Ok(SecretKey::from_bytes(*key))
}
