#![doc = include_str!("../README.md")]

mod bench;
mod client;
mod failure;
mod flags;
mod input;
mod names;
mod output;
mod render;
mod server;
mod verbs;
mod words;

use std::process::ExitCode;

use clap::Parser;
use tracing_subscriber::EnvFilter;

use crate::failure::Failure;
use crate::flags::{Flags, Verb};
use crate::output::Output;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

#[tokio::main]
async fn main() -> ExitCode {
    let flags = Flags::parse();
    start_logging();
    let language = flags.language();
    let mut output = Output::new(flags.json, flags.width, language);
    match run(flags.verb, &mut output).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            output.failure(&failure);
            failure.exit_code()
        }
    }
}

/// Log lines go to standard error; `FOKUS_LOG` says which (such as `info`, `fokus_app=debug`).
fn start_logging() {
    let filter = EnvFilter::try_from_env("FOKUS_LOG").unwrap_or_else(|_| EnvFilter::new("warn"));
    let log = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    log.with_ansi(output::is_watched()).init();
}

async fn run(verb: Verb, output: &mut Output) -> Result<(), Failure> {
    match verb {
        Verb::Serve(it) => server::serve::run(it, output).await,
        Verb::Demo(it) => server::demo::run(it, output).await,
        Verb::Check(it) => server::check::run(it, output).await,
        Verb::Migrate(it) => server::migrate::run(it, output).await,
        Verb::Copy(it) => server::copy::run(it, output).await,
        Verb::Log(it) => server::continuation::run(it, output).await,
        Verb::Bench(it) => bench::run(it, output).await,
        Verb::Token(it) => server::issuer::run(it, output),
        Verb::Send(it) => verbs::send::run(it, output).await,
        Verb::Family(it) => verbs::family::run(it, output).await,
        Verb::Caseload(it) => verbs::work::caseload(it, output).await,
        Verb::Interventions(it) => verbs::work::interventions(it, output).await,
        Verb::Approvals(it) => verbs::work::approvals(it, output).await,
        Verb::Programme(it) => verbs::programme::programme(it, output).await,
        Verb::Outcomes(it) => verbs::programme::outcomes(it, output).await,
        Verb::Watch(it) => verbs::watch::run(it, output).await,
        Verb::Views(it) => verbs::views::run(it, output).await,
        Verb::Checkpoint(it) => verbs::checkpoint::run(it, output).await,
        Verb::Proof(it) => verbs::checkpoint::proof(it, output).await,
        Verb::Bundle(it) => verbs::bundle::run(it, output).await,
    }
}
