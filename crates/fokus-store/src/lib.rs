#![doc = include_str!("../README.md")]

pub mod check;
#[cfg(feature = "conformance")]
pub mod conformance;
pub mod copy;
pub mod edge_check;
pub mod group_commit;
pub mod leases;
pub mod memory;
pub mod plan;
mod ports;
pub mod signing;
mod types;

pub use ports::*;
pub use types::*;
