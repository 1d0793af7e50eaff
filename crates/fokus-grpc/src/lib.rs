#![doc = include_str!("../README.md")]

mod connection;
mod feed;
mod gate;
pub mod limits;
pub mod serve;
mod services;
pub mod status;
pub mod token;
