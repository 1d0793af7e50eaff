#![doc = include_str!("../README.md")]

pub mod content;
pub mod family;
pub mod manifest;

use fokus_log::tile::{Resource, TILE_WIDTH};

/// The list of all files.
pub const MANIFEST: &str = "BUNDLE.json";
/// The log's signature over it.
pub const MANIFEST_NOTE: &str = "BUNDLE.note";
/// How to check the bundle.
pub const README: &str = "README.txt";
/// The envelopes' keys, sealed to the auditor.
pub const KEYS: &str = "keys.age";
/// Folder of the tiled log.
pub const LOG_FOLDER: &str = "journal/";
/// Folder of the envelopes.
pub const ENVELOPES_FOLDER: &str = "envelopes/";
/// Folder of the leaves of a family's bundle.
pub const LEAVES_FOLDER: &str = "leaves/";
/// What the map of stream heads says of a family's streams.
pub const HEADS: &str = "heads.json";

/// Path of a resource of the tiled log in the bundle.
#[must_use]
pub fn log_path(resource: Resource) -> String {
    format!("{LOG_FOLDER}{resource}")
}

/// Path of the envelopes of the leaves in entry bundle `n`: numbered like it, without a width.
#[must_use]
pub fn envelopes_path(n: u64) -> String {
    numbered(ENVELOPES_FOLDER, n)
}

/// Path of the leaves under tile `n` of level 0 in a family's bundle.
#[must_use]
pub fn leaves_path(n: u64) -> String {
    numbered(LEAVES_FOLDER, n)
}

/// The number in such a path; `None` if it is another path.
#[must_use]
pub fn leaves_number(path: &str) -> Option<u64> {
    let entries = format!("{ENTRIES}{}", path.strip_prefix(LEAVES_FOLDER)?);
    match entries.parse() {
        Ok(Resource::Entries { n, width: TILE_WIDTH }) => Some(n),
        Ok(Resource::Entries { .. } | Resource::Tile { .. } | Resource::Checkpoint) | Err(_) => {
            None
        }
    }
}

/// How a tiled log's paths of entry bundles begin.
const ENTRIES: &str = "tile/entries/";

fn numbered(folder: &str, n: u64) -> String {
    Resource::Entries { n, width: TILE_WIDTH }.to_string().replace(ENTRIES, folder)
}

/// A hash as it is written in lists: lower-case hex.
#[must_use]
pub fn hex(hash: &fokus_log::Hash) -> String {
    hex::encode(hash)
}

/// Path of the words in a language, such as `da`.
#[must_use]
pub fn labels_path(language: &str) -> String {
    format!("labels.{language}.json")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_back_from_paths() {
        for n in [0, 7, 999, 1_000, 1_234_067] {
            assert_eq!(leaves_number(&leaves_path(n)), Some(n));
            assert_eq!(leaves_number(&envelopes_path(n)), None);
        }
        for path in ["leaves/", "leaves/7", "leaves/000.p/3", "leaves/x000/001", "leaves/../000"] {
            assert_eq!(leaves_number(path), None, "{path}");
        }
        assert_eq!(envelopes_path(1_234_067), "envelopes/x001/x234/067");
    }
}
