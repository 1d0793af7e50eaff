//! The bundle's files: all that are listed, nothing else, each as listed.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::Path;

use fokus_bundle::manifest::{self, Manifest};
use fokus_bundle::{MANIFEST, MANIFEST_NOTE};
use fokus_log::Hash;
use fokus_log::tile::TILE_BYTES;
use sha2::{Digest, Sha256};

use crate::report::Findings;
use crate::{Progress, Work, parallel};

/// Bytes read at once.
const BUFFER_BYTES: usize = 64 * 1024;
/// Folders within folders that a bundle can have.
const DEPTH_MAX: usize = 16;

/// Reads a whole file of at most `most` bytes.
pub(crate) fn read(path: &Path, most: u64) -> io::Result<Vec<u8>> {
    if !fs::symlink_metadata(path)?.is_file() {
        return Err(io::Error::new(io::ErrorKind::InvalidData, "not a regular file"));
    }
    let mut bytes = Vec::new();
    File::open(path)?.take(most.saturating_add(1)).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > most {
        return Err(io::Error::new(io::ErrorKind::InvalidData, "larger than it can be"));
    }
    Ok(bytes)
}

/// The hashes of a tile that has so many; `None` if the file is no such tile.
pub(crate) fn hashes(path: &Path, width: usize) -> Option<Vec<Hash>> {
    match read(path, TILE_BYTES as u64).ok()?.as_chunks() {
        (hashes, []) if hashes.len() == width => Some(hashes.to_vec()),
        _ => None,
    }
}

/// Compares every file with the list, and the list with the folder.
pub(crate) fn check(folder: &Path, manifest: &Manifest, progress: &Progress<'_>) -> Findings {
    let mut findings = Findings::default();
    match present(folder) {
        Ok(present) => {
            for path in present.iter().filter(|it| !manifest.files.contains_key(*it)) {
                findings.in_file(path, "is not listed in BUNDLE.json");
            }
        }
        Err(it) => findings.of_all(format!("the folder cannot be read: {}", it.kind())),
    }
    let files: Vec<(&String, &manifest::File)> = manifest.files.iter().collect();
    let checked = parallel::map(&files, |(path, file)| {
        progress(Work::Done(file.size));
        check_one(&folder.join(path), file)
    });
    for ((path, _), wrong) in files.iter().zip(checked) {
        if let Some(what) = wrong {
            findings.in_file(path, what);
        }
    }
    findings
}

fn check_one(path: &Path, file: &manifest::File) -> Option<String> {
    let Some(found) = fs::symlink_metadata(path).ok().filter(fs::Metadata::is_file) else {
        return Some("is missing".to_owned());
    };
    // A file that is too large is not read to its end first.
    if found.len() != file.size {
        return Some(format!("has {} bytes, {} are listed", found.len(), file.size));
    }
    match digest(path) {
        Ok((size, _)) if size != file.size => {
            Some(format!("has {size} bytes, {} are listed", file.size))
        }
        Ok((_, sha256)) if sha256 != file.sha256 => {
            Some("has another hash than is listed".to_owned())
        }
        Ok(_) => None,
        Err(it) => Some(format!("cannot be read: {}", it.kind())),
    }
}

/// Length and lower-case hex SHA-256 of a file.
fn digest(path: &Path) -> io::Result<(u64, String)> {
    let mut file = File::open(path)?;
    let (mut hash, mut size) = (Sha256::new(), 0_u64);
    let mut buffer = vec![0; BUFFER_BYTES];
    loop {
        let read = file.read(&mut buffer)?;
        let Some(bytes) = buffer.get(..read).filter(|it| !it.is_empty()) else { break };
        hash.update(bytes);
        size = size.saturating_add(read as u64);
    }
    Ok((size, hex::encode(hash.finalize())))
}

/// The paths in the folder, but those of list and note. What is neither file nor folder, and what lies
/// too deep, counts as a path.
fn present(folder: &Path) -> io::Result<BTreeSet<String>> {
    let mut found = BTreeSet::new();
    let mut folders = vec![(folder.to_owned(), String::new(), 0)];
    while let Some((path, prefix, depth)) = folders.pop() {
        for entry in fs::read_dir(path)? {
            let entry = entry?;
            let name = format!("{prefix}{}", entry.file_name().to_string_lossy());
            if entry.file_type()?.is_dir() && depth < DEPTH_MAX {
                folders.push((entry.path(), format!("{name}/"), depth + 1));
            } else if name != MANIFEST && name != MANIFEST_NOTE {
                found.insert(name);
            }
        }
    }
    Ok(found)
}
