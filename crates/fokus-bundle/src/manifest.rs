//! BUNDLE.json: what a bundle is, and every file in it.

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use fokus_log::tile::TILE_WIDTH;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// The format's name.
pub const FORMAT: &str = "fokus-bundle/v1";
/// Most bytes of BUNDLE.json that is read: room for 300,000 files, or 25 million leaves.
pub const MANIFEST_BYTES_MAX: u64 = 64 * 1024 * 1024;
/// Most bytes of a path.
const PATH_BYTES_MAX: usize = 200;

/// What a bundle is, and every file in it but BUNDLE.json and BUNDLE.note.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// [`FORMAT`].
    pub format: String,
    /// Name of the log.
    pub origin: String,
    /// Leaves of the log at the bundle's checkpoint.
    pub size: u64,
    /// Which of them are in the bundle.
    pub scope: Scope,
    /// What it was made for, such as `AUDIT`.
    pub purpose: String,
    /// The `sub` of who asked for it.
    pub requester: String,
    /// When, Unix milliseconds.
    pub created_ms: u64,
    /// By path, ascending.
    pub files: BTreeMap<String, File>,
}

/// Which leaves are in a bundle.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Scope {
    /// All.
    #[default]
    Log,
    /// Those with zero-based index `first` to `last`, both included.
    Period {
        /// Index of the first.
        first: u64,
        /// Index of the last.
        last: u64,
    },
    /// Those of one family's streams, and all from `covers` on. Which streams these are, and where the
    /// map of stream heads says that they stand, says heads.json.
    Family {
        /// How many leaves of the log the map covers.
        covers: u64,
        /// Index of the map's own leaf.
        map: u64,
    },
}

/// One file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct File {
    /// Length in bytes.
    pub size: u64,
    /// SHA-256 of its bytes, lower-case hex.
    pub sha256: String,
}

/// BUNDLE.json is not one, or breaks a rule of the format.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("BUNDLE.json {0}")]
pub struct ManifestError(String);

impl Scope {
    /// Whether the content of the leaf with this zero-based index is in the bundle of a log of `size`.
    /// Never of a family's: there the leaf's stream says it, not its place.
    #[must_use]
    pub fn holds(self, index: u64, size: u64) -> bool {
        match self {
            Scope::Log => index < size,
            Scope::Period { first, last } => (first..=last).contains(&index) && index < size,
            Scope::Family { .. } => false,
        }
    }

    /// Whether a log of `size` can have a bundle of this scope.
    #[must_use]
    pub fn is_possible(self, size: u64) -> bool {
        match self {
            Scope::Log | Scope::Period { .. } => self.bundles(size).is_some(),
            Scope::Family { covers, map } => covers <= map && map < size,
        }
    }

    /// Numbers of the first and last entry bundle that hold any of its leaves; `None` if it has none. A
    /// family's leaves stand in no entry bundles.
    #[must_use]
    pub fn bundles(self, size: u64) -> Option<(u64, u64)> {
        let width = TILE_WIDTH as u64;
        let end = size.checked_sub(1)?;
        match self {
            Scope::Log => Some((0, end / width)),
            Scope::Period { first, last } if first <= last && first <= end => {
                Some((first / width, last.min(end) / width))
            }
            Scope::Period { .. } | Scope::Family { .. } => None,
        }
    }
}

impl File {
    /// What is listed of these bytes.
    #[must_use]
    pub fn of(bytes: &[u8]) -> File {
        File { size: bytes.len() as u64, sha256: hex::encode(Sha256::digest(bytes)) }
    }
}

impl Manifest {
    /// The file's bytes: JSON, one line a file.
    ///
    /// # Errors
    ///
    /// None with these types.
    pub fn to_bytes(&self) -> Result<Vec<u8>, serde_json::Error> {
        let mut bytes = serde_json::to_vec_pretty(self)?;
        bytes.push(b'\n');
        Ok(bytes)
    }

    /// Reads the file's bytes.
    ///
    /// # Errors
    ///
    /// [`ManifestError`] for another format, unknown members, or a path that leads out of the bundle.
    pub fn from_bytes(bytes: &[u8]) -> Result<Manifest, ManifestError> {
        let error = |it: &str| ManifestError(it.to_owned());
        let manifest: Manifest = serde_json::from_slice(bytes)
            .map_err(|it| ManifestError(format!("cannot be read: line {}", it.line())))?;
        if manifest.format != FORMAT {
            return Err(error("is of another format"));
        }
        if !manifest.scope.is_possible(manifest.size) {
            return Err(error("has a scope without leaves"));
        }
        // Whoever reads on walks the tree tile by tile, unless it is a family's: its size must not be a mere
        // claim.
        let is_walked = !matches!(manifest.scope, Scope::Family { .. });
        if is_walked && manifest.size.div_ceil(TILE_WIDTH as u64) > manifest.files.len() as u64 {
            return Err(error("lists fewer files than its tree has tiles"));
        }
        match manifest.files.keys().find(|it| !is_safe(it)) {
            Some(_) => Err(error("lists a path that is not one of a bundle's")),
            None => Ok(manifest),
        }
    }

    /// The text that BUNDLE.note signs, of BUNDLE.json's bytes.
    #[must_use]
    pub fn signed_text(origin: &str, bytes: &[u8]) -> String {
        fokus_log::note::bundle_text(origin, &Sha256::digest(bytes).into())
    }
}

/// Whether a path stays in the bundle and is spelt plainly.
fn is_safe(path: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '/');
    let part = |it: &str| !it.is_empty() && !it.starts_with('.');
    path.len() <= PATH_BYTES_MAX
        && path.chars().all(plain)
        && path.split('/').all(part)
        && path != crate::MANIFEST
        && path != crate::MANIFEST_NOTE
}
