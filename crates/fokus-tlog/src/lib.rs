#![doc = include_str!("../README.md")]

mod answer;
pub mod tiles;
pub mod witness;
