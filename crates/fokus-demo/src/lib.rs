#![doc = include_str!("../README.md")]

mod calendar;
mod commands;
mod dice;
pub mod first_steps;
mod names;
pub mod parameters;
mod people;
pub mod plan;
mod programme;
pub mod run;
pub mod script;
mod story;
pub mod tally;
mod texts;
pub mod verify;
mod wire;
