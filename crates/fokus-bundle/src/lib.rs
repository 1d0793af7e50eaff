#![doc = include_str!("../README.md")]

pub mod content;
pub mod manifest;

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

/// Path of a resource of the tiled log in the bundle.
#[must_use]
pub fn log_path(resource: fokus_log::tile::Resource) -> String {
    format!("{LOG_FOLDER}{resource}")
}

/// Path of the envelopes of the leaves in entry bundle `n`: numbered like it, without a width.
#[must_use]
pub fn envelopes_path(n: u64) -> String {
    let entries = fokus_log::tile::Resource::Entries { n, width: fokus_log::tile::TILE_WIDTH };
    entries.to_string().replace("tile/entries/", ENVELOPES_FOLDER)
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
