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
use fokus_traces::Export;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;
use tracing_subscriber::{EnvFilter, Layer as _};

use crate::failure::Failure;
use crate::flags::{Flags, Verb};
use crate::output::Output;
use crate::server::flags::Traces;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

#[tokio::main]
async fn main() -> ExitCode {
    let flags = Flags::parse();
    let language = flags.language();
    let mut output = Output::new(flags.json, flags.width, language);
    let ended = match start_logging(flags.verb.traces()) {
        Ok(export) => {
            let ended = run(flags.verb, &mut output).await;
            if let Some(it) = export {
                it.stop().await;
            }
            ended
        }
        Err(failure) => Err(failure),
    };
    match ended {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            output.failure(&failure);
            failure.exit_code()
        }
    }
}

/// Log lines go to standard error; `FOKUS_LOG` says which (such as `info`, `fokus_app=debug`). Spans go to
/// a collector, where one is named.
fn start_logging(traces: Option<&Traces>) -> Result<Option<Export>, Failure> {
    let filter = EnvFilter::try_from_env("FOKUS_LOG").unwrap_or_else(|_| EnvFilter::new("warn"));
    let ansi = output::is_watched();
    let Some((endpoint, service)) = traces.and_then(Traces::collector) else {
        let log = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
        log.with_ansi(ansi).init();
        return Ok(None);
    };
    let export = Export::start(endpoint, service, env!("CARGO_PKG_VERSION"))
        .map_err(|it| Failure::CouldNotRun(it.to_string()))?;
    let log = tracing_subscriber::fmt::layer().with_writer(std::io::stderr).with_ansi(ansi);
    tracing_subscriber::registry().with(log.with_filter(filter)).with(export.layer()).init();
    Ok(Some(export))
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
