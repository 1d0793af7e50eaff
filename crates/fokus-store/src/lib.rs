#![doc = include_str!("../README.md")]

pub mod check;
#[cfg(feature = "conformance")]
pub mod conformance;
pub mod group_commit;
pub mod memory;
pub mod plan;
mod ports;
mod types;

pub use ports::*;
pub use types::*;
