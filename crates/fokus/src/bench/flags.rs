//! The flags of `fokus bench`.

use std::time::Duration;

use clap::Args;

use crate::server::store::StoreName;

/// `fokus bench`
#[derive(Debug, Args)]
pub(crate) struct Bench {
    /// What to measure: sqlite:DIR, postgres://… or memory:, empty; several allowed [default: a SQLite
    /// store in a temporary folder]
    // Not FOKUS_STORE: that may name the store of a server.
    #[arg(long, value_name = "STORE", env = "FOKUS_BENCH_STORE", hide_env_values = true)]
    pub(crate) store: Vec<StoreName>,

    /// Sizes of the log to measure at
    #[arg(
        long,
        value_name = "COUNT",
        value_delimiter = ',',
        default_value = "10000",
        value_parser = clap::value_parser!(u64).range(100..=100_000_000)
    )]
    pub(crate) events: Vec<u64>,

    /// How long each thing is measured
    #[arg(long, default_value = "3", value_parser = seconds)]
    pub(crate) seconds: Duration,

    /// Calls under way at once
    #[arg(
        long,
        value_name = "COUNT",
        value_delimiter = ',',
        default_value = "1,32,256",
        value_parser = in_flight
    )]
    pub(crate) in_flight: Vec<usize>,
}

/// The most calls under way: the server takes 256 connections from one address, 16 calls on each.
const IN_FLIGHT_MAX: usize = 2_048;

fn in_flight(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(count @ 1..=IN_FLIGHT_MAX) => Ok(count),
        Ok(_) | Err(_) => Err(format!("want 1 to {IN_FLIGHT_MAX}")),
    }
}

fn seconds(text: &str) -> Result<Duration, String> {
    match text.parse() {
        Ok(it) if (0.1..=3_600.0).contains(&it) => Ok(Duration::from_secs_f64(it)),
        Ok(_) | Err(_) => Err("want 0.1 to 3600".to_owned()),
    }
}
