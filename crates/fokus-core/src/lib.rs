#![doc = include_str!("../README.md")]

pub mod calendar;
pub mod catalogue;
pub mod codes;
pub mod command;
pub mod correction;
pub mod cpr;
pub mod decide;
pub mod disclosure;
pub mod effective;
pub mod fact;
pub mod family;
pub mod ids;
pub mod instruments;
pub mod period;
pub mod person;
pub mod programme;
pub mod record;
pub mod rejection;
pub mod statistics;
pub mod time;
pub mod views;
pub mod worker;
pub mod world;

#[cfg(test)]
mod tests;
