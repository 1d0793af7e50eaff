#![doc = include_str!("../README.md")]

pub mod context;
pub mod envelope;
pub mod index;
pub mod key;
pub mod mac;
mod primitives;
pub mod row;
pub mod signing;
pub mod wrap;
