#![doc = include_str!("../README.md")]

pub mod bundle;
mod cache;
pub mod clock;
pub mod digest;
mod execute;
pub mod failure;
mod folding;
pub mod guard;
mod handover;
pub mod header;
pub mod implied;
pub mod journal;
pub mod keyring;
mod lineage;
mod load;
mod locks;
pub mod opening;
mod publish;
pub mod query;
mod randomness;
pub mod read;
mod rows;
mod runner;
mod sealing;
pub mod session;
mod tenants;
