//! Whole-system tests: one binary, so that everything links once.
//!
//! [`harness`] starts the real program and talks to it; every test of the system stands on it:
//! [`race`], [`subscribe`], [`kill`], [`repeat`], [`clocks`], [`work`], [`outcomes`], [`released`], [`store_files`], [`canaries`],
//! [`planted`], [`refusals`], [`bundle`], [`command_line`], [`pages`], [`demo`], [`readme`], [`bench`]; several servers on one database in
//! [`servers`], what
//! happens to that database in [`outages`], stores that are copied in [`moving`], and what a cluster of
//! Citus asks of the tables in [`sharding`]. What outsiders prove to themselves: [`receipts`], [`tiles`],
//! [`forks`], [`guard`], [`lineage`], [`foreign`]; and what an operator finds: [`tampering`], [`traces`]. [`tidy`] holds the rules about the house itself; it reads
//! sources and starts nothing.

// So that clippy sees that all of it is tests, functions between them too.
#![cfg(test)]

mod bench;
mod bundle;
mod canaries;
mod clocks;
mod command_line;
mod demo;
mod foreign;
mod forks;
mod guard;
mod harness;
mod kill;
mod lineage;
mod moving;
mod outages;
mod outcomes;
mod pages;
mod planted;
mod race;
mod readme;
mod receipts;
mod refusals;
mod released;
mod repeat;
mod servers;
mod sharding;
mod store_files;
mod subscribe;
mod tampering;
mod tidy;
mod tiles;
mod traces;
mod work;
