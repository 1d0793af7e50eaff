//! The bundle's files: all that are listed, nothing else, each as listed.

use std::collections::HashSet;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::Path;

use fokus_bundle::manifest::{self, Manifest};
use fokus_bundle::{MANIFEST, MANIFEST_NOTE};
use fokus_log::Hash;
use sha2::{Digest, Sha256};

use crate::block::Bundle;
use crate::parallel;
use crate::report::{Findings, Step};

/// Bytes read at once.
const BUFFER_BYTES: usize = 64 * 1024;
/// Folders within folders that a bundle can have.
const DEPTH_MAX: usize = 16;

/// Opens a regular file: a pipe would be waited for, a link leads elsewhere.
pub(crate) fn open(path: &Path) -> io::Result<File> {
    if !fs::symlink_metadata(path)?.is_file() {
        return Err(io::Error::new(io::ErrorKind::InvalidData, "is not a regular file"));
    }
    File::open(path)
}

/// Reads a whole regular file of at most `most` bytes.
///
/// # Errors
///
/// What the system answers; `InvalidData` for anything but a regular file, or a larger one.
pub fn read(path: &Path, most: u64) -> io::Result<Vec<u8>> {
    let file = open(path)?;
    let length = file.metadata()?.len();
    if length > most {
        return Err(io::Error::new(io::ErrorKind::InvalidData, "is larger than it can be"));
    }
    let mut bytes = Vec::with_capacity(usize::try_from(length).unwrap_or_default());
    file.take(most).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Compares every file with the list, and the list with the folder, but for the contents of those that are
/// read `later`.
pub(crate) fn check(bundle: &Bundle<'_>, later: &HashSet<String>, found: &mut Findings) {
    let listed = &bundle.manifest.files;
    if let Err(it) = find_unlisted(bundle.folder, bundle.manifest, found) {
        found.of_all(Step::Files, format!("the folder cannot be read: {}", it.kind()));
    }
    let files: Vec<(&String, &manifest::File)> =
        listed.iter().filter(|it| !later.contains(it.0)).collect();
    let checked = parallel::map(&files, |(path, file)| {
        (bundle.progress)(file.size);
        difference(file, digest(&bundle.folder.join(path), file.size).as_ref().copied())
    });
    for ((path, _), wrong) in files.iter().zip(checked) {
        if let Some(what) = wrong {
            found.in_file(Step::Files, path, what);
        }
    }
}

/// In what a file of this length and hash, or one that cannot be read, differs from what is listed.
pub(crate) fn difference(
    listed: &manifest::File,
    read: Result<(u64, Hash), &io::Error>,
) -> Option<String> {
    match read {
        Err(it) if it.kind() == io::ErrorKind::NotFound => Some("is missing".to_owned()),
        Err(it) => Some(format!("cannot be read: {it}")),
        Ok((size, _)) if size != listed.size => {
            Some(format!("has not the {} bytes that are listed", listed.size))
        }
        Ok((_, hash)) if hex::encode(hash) != listed.sha256 => {
            Some("has another hash than is listed".to_owned())
        }
        Ok(_) => None,
    }
}

/// Length and hash of a file, which is read to one byte beyond `size` at most.
fn digest(path: &Path, size: u64) -> io::Result<(u64, Hash)> {
    let mut file = open(path)?.take(size.saturating_add(1));
    let (mut hash, mut length) = (Sha256::new(), 0_u64);
    let mut buffer = vec![0; BUFFER_BYTES];
    loop {
        let read = file.read(&mut buffer)?;
        let Some(bytes) = buffer.get(..read).filter(|it| !it.is_empty()) else { break };
        hash.update(bytes);
        length = length.saturating_add(read as u64);
    }
    Ok((length, hash.finalize().into()))
}

/// Finds what is in the folder and not in the list. What is neither file nor folder, and what lies too deep,
/// counts as a file.
fn find_unlisted(folder: &Path, manifest: &Manifest, found: &mut Findings) -> io::Result<()> {
    let mut folders = vec![(folder.to_owned(), String::new(), 0)];
    while let Some((path, prefix, depth)) = folders.pop() {
        for entry in fs::read_dir(path)? {
            let entry = entry?;
            let name = format!("{prefix}{}", entry.file_name().to_string_lossy());
            if entry.file_type()?.is_dir() && depth < DEPTH_MAX {
                folders.push((entry.path(), format!("{name}/"), depth + 1));
            } else if ![MANIFEST, MANIFEST_NOTE].contains(&name.as_str())
                && !manifest.files.contains_key(&name)
            {
                found.in_file(Step::Files, &name, "is not listed in BUNDLE.json");
            }
        }
    }
    Ok(())
}
