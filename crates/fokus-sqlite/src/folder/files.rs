//! Files and their permissions. Everything here is durable when it returns.

use std::fs::{DirBuilder, File, OpenOptions, Permissions, TryLockError};
use std::io::{ErrorKind, Read as _, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::Path;

use fokus_vault::key::SecretKey;
use zeroize::Zeroizing;

use super::OpenError;

/// Hexadecimal digits of a key file.
const KEY_DIGITS: usize = 64;

pub(super) fn failed<'a>(
    path: &'a Path,
    doing: &'static str,
) -> impl Fn(std::io::Error) -> OpenError + 'a {
    move |error| OpenError::File { path: path.to_owned(), doing, error }
}

/// Makes a folder that only its owner may enter, unless it is there.
pub(super) fn make_folder(path: &Path) -> Result<(), OpenError> {
    let made = DirBuilder::new().recursive(true).mode(0o700).create(path);
    made.map_err(failed(path, "make the folder"))
}

pub(super) fn remove_folder(path: &Path) -> Result<(), OpenError> {
    removed(std::fs::remove_dir_all(path)).map_err(failed(path, "remove the folder"))
}

pub(super) fn remove_file(path: &Path) -> Result<(), OpenError> {
    removed(std::fs::remove_file(path)).map_err(failed(path, "remove the file"))
}

/// What is not there is as good as removed.
fn removed(result: std::io::Result<()>) -> std::io::Result<()> {
    match result {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
        other => other,
    }
}

pub(super) fn sync_folder(path: &Path) -> Result<(), OpenError> {
    let synced = File::open(path).and_then(|folder| folder.sync_all());
    synced.map_err(failed(path, "make the folder durable"))
}

pub(super) fn names(folder: &Path) -> Result<Vec<String>, OpenError> {
    let failed = failed(folder, "list the folder");
    let mut names = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(&failed)? {
        names.push(entry.map_err(&failed)?.file_name().to_string_lossy().into_owned());
    }
    Ok(names)
}

/// Locks the file against other processes (flock), for as long as it stays open.
pub(super) fn lock(path: &Path) -> Result<File, OpenError> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(false).mode(0o600);
    let file = options.open(path).map_err(failed(path, "open the lock"))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(OpenError::Locked { lock: path.to_owned() }),
        Err(TryLockError::Error(error)) => Err(failed(path, "lock")(error)),
    }
}

/// An empty file that only its owner may read.
pub(super) fn make_private(path: &Path) -> Result<(), OpenError> {
    private_file(path).map(|_| ())
}

fn private_file(path: &Path) -> Result<File, OpenError> {
    let mut options = OpenOptions::new();
    let opened = options.write(true).create_new(true).mode(0o600).open(path);
    opened.map_err(failed(path, "make the file"))
}

pub(super) fn write_key(path: &Path, key: &SecretKey) -> Result<(), OpenError> {
    let text = Zeroizing::new(hex::encode(key.as_bytes()));
    let mut file = private_file(path)?;
    let written = file.write_all(text.as_bytes()).and_then(|()| file.write_all(b"\n"));
    written.and_then(|()| file.sync_all()).map_err(failed(path, "write the key"))
}

/// Reads a key that nobody but the owner may read.
pub(super) fn read_key(path: &Path) -> Result<SecretKey, OpenError> {
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

pub(super) fn rename(from: &Path, to: &Path) -> Result<(), OpenError> {
    std::fs::rename(from, to).map_err(failed(to, "move the file here"))
}

/// Moves a file, to another file system too. What is there already is never overwritten.
pub(super) fn place(from: &Path, to: &Path) -> Result<(), OpenError> {
    let failed = failed(to, "move the file here");
    if to.exists() {
        return Err(failed(ErrorKind::AlreadyExists.into()));
    }
    match std::fs::rename(from, to) {
        Err(error) if error.kind() == ErrorKind::CrossesDevices => {
            let mut part = to.as_os_str().to_owned();
            part.push(".part");
            std::fs::copy(from, &part).map_err(&failed)?;
            std::fs::set_permissions(&part, Permissions::from_mode(0o600)).map_err(&failed)?;
            File::open(&part).and_then(|file| file.sync_all()).map_err(&failed)?;
            std::fs::rename(&part, to).map_err(&failed)?;
            std::fs::remove_file(from).map_err(&failed)?;
        }
        moved => moved.map_err(&failed)?,
    }
    match to.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => sync_folder(parent),
        _ => Ok(()),
    }
}
