//! Words for types, fields and codes, as they go into every bundle, so that a history can be read where
//! there is no fokus.
//!
//! The files are made from the words that the program itself prints; a test of the program compares them.

/// Path in the bundle, and content.
pub const ALL: &[(&str, &str)] = &[];
