#![doc = include_str!("../README.md")]

mod fault;
mod folder;
mod journal;
mod keys;
mod pack;
mod row;
mod schema;
mod start;
mod store;
#[cfg(test)]
mod tests;
mod views;
mod writer;

pub use folder::OpenError;
pub use start::StartReport;
pub use store::{Entropy, Fatal, SqliteOptions, SqliteStore};
