#![doc = include_str!("../README.md")]

pub mod bundle;
mod cache;
pub mod clock;
pub mod digest;
mod execute;
pub mod failure;
mod folding;
mod handover;
pub mod header;
pub mod journal;
pub mod keyring;
mod load;
mod locks;
pub mod opening;
pub mod query;
mod randomness;
pub mod read;
mod rows;
mod runner;
mod sealing;
pub mod session;
mod tenants;
