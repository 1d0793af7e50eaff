//! `fokus bench`: what the journal does a second, in one run, as ratios to what the machine can do at all.
//!
//! The server is a process of its own, made from this program; the client is this process. Read `measure`
//! (what is measured, in which order), `load` (calls, so many at once), `world` (what is written), `reads`
//! (exports and rebuilds), `bare` (the same bytes in a bare table), `figures` (the answer). Deliberately
//! absent: judging the figures.

mod bare;
mod figures;
pub(crate) mod flags;
mod load;
mod machine;
mod measure;
mod reads;
mod site;
mod wire;
mod world;

use self::figures::Figures;
use self::flags::Bench;
use self::measure::Plan;
use crate::failure::Failure;
use crate::output::Output;
use crate::server::running::EndSignal;

/// Measures each store named, one after the other.
///
/// # Errors
///
/// [`Failure::CouldNotRun`] when a store cannot be measured, or when it is interrupted.
pub(crate) async fn run(flags: Bench, output: &mut Output) -> Result<(), Failure> {
    let mut end = EndSignal::listen()?;
    tokio::select! {
        it = all(flags, output) => it,
        () = end.wait() => Err(Failure::CouldNotRun("interrupted".to_owned())),
    }
}

async fn all(flags: Bench, output: &mut Output) -> Result<(), Failure> {
    let plan = Plan {
        events: ascending(flags.events),
        time: flags.seconds,
        in_flight: ascending(flags.in_flight),
    };
    let stores = match flags.store {
        none if none.is_empty() => vec![None],
        some => some.into_iter().map(Some).collect(),
    };
    let processors = std::thread::available_parallelism().map_or(1, usize::from);
    let version = env!("CARGO_PKG_VERSION");
    let mut figures = Figures { version, processors, stores: Vec::new() };
    for store in stores {
        let measured = measure::store(store, &plan, output).await?;
        if !output.json {
            output.data(&measured.render(output.screen.width))?;
        }
        figures.stores.push(measured);
    }
    if output.json {
        return output.data(&serde_json::to_string(&figures).map_err(|it| failed(&it))?);
    }
    Ok(())
}

fn ascending<T: Ord>(mut values: Vec<T>) -> Vec<T> {
    values.sort();
    values.dedup();
    values
}

/// Trouble with the machine, in words.
fn failed(error: &dyn std::error::Error) -> Failure {
    match error.source() {
        Some(cause) => Failure::CouldNotRun(format!("{error}: {cause}")),
        None => Failure::CouldNotRun(error.to_string()),
    }
}
