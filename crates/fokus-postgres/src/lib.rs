#![doc = include_str!("../README.md")]

pub mod bare;
mod citus;
#[cfg(feature = "cluster")]
pub mod cluster;
mod connect;
mod copy;
mod describe;
mod error;
mod fault;
mod identity;
mod journal;
mod keyfile;
mod keys;
mod row;
mod schema;
mod sessions;
mod start;
mod store;
#[cfg(test)]
mod tests;
mod views;

pub use error::OpenError;
pub use start::StartReport;
pub use store::{Entropy, PostgresOptions, PostgresStore};
