#![doc = include_str!("../README.md")]

pub mod bare;
mod copier;
mod fault;
mod folder;
mod journal;
mod keys;
mod number;
mod readers;
mod released;
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
