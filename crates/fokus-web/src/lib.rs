#![doc = include_str!("../README.md")]

mod assets;
mod charts;
mod clocks;
mod exports;
pub mod limits;
mod live;
mod pages;
mod problem;
pub mod serve;
pub mod site;
mod visitor;
