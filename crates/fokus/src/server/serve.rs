//! `fokus serve`: the server.

use std::fs;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use fokus_grpc::token::{TokenVerifier, key_from_pem};
use tokio::time::{Instant, sleep};

use super::flags::{Guarding, Serve};
use super::guarding;
use super::running::{EndSignal, Guarded, Pages, Running};
use super::store::{Cause, OpenStore, Place, StoreKind};
use super::system::{SystemClock, now_s};
use crate::failure::Failure;
use crate::output::Output;

/// Before the database is asked again; doubled each time, up to the longest.
const PAUSE_FIRST: Duration = Duration::from_millis(250);
const PAUSE_LONGEST: Duration = Duration::from_secs(4);

/// Serves until Ctrl-C or SIGTERM.
///
/// # Errors
///
/// [`Failure::CouldNotRun`] with what to restore or to change.
pub(crate) async fn run(flags: Serve, output: &mut Output) -> Result<(), Failure> {
    let mut keys = Vec::new();
    for path in &flags.issuer_key {
        let failed = |what: String| Failure::CouldNotRun(format!("{}: {what}", path.display()));
        let pem = fs::read(path).map_err(|it| failed(it.to_string()))?;
        keys.push(key_from_pem(&pem).map_err(|it| failed(it.to_string()))?);
    }
    let verifier = TokenVerifier::new(&flags.issuer, &flags.audience, &keys, now_s);
    let (authority, synthetic) = (flags.authority, flags.synthetic);
    let place = Place { authority, synthetic, ..flags.store.place()? };
    let kind = place.kind.clone();
    let mut end = EndSignal::listen()?;
    let wait = Duration::from_secs(flags.wait.into());
    let Some(store) = open_in_time(place, wait, &mut end, output).await? else {
        return Ok(());
    };
    if let Err(failure) = store.describe().await.map(|it| output.note(&it)) {
        store.close().await;
        return Err(failure);
    }
    let (guarded, tiles_at) = match guarded(&flags.guarding, &kind).await {
        Ok(it) => it,
        Err(failure) => {
            store.close().await;
            return Err(failure);
        }
    };
    let clock = Arc::new(SystemClock);
    let pages = Pages { listen: flags.web, roles: Vec::new() };
    let guarded = Guarded { pages, ..guarded };
    let mut running = Running::start(store, clock, verifier, flags.listen, guarded).await?;
    if let Some(address) = tiles_at {
        output.note(&format!("tiles on http://{address}/TENANT/journal/"));
    }
    for (tenant, alarm) in &running.alarms {
        output.note(&format!("ALARM: {tenant} is only read: {alarm}"));
    }
    let served = tell_and_serve(&mut running, &mut end, output).await;
    let stopped = running.stop(&mut end).await;
    served.and(stopped)
}

/// What guards the logs, and where tiles are served. The store is there by now: an anchor must not lie in it.
async fn guarded(
    flags: &Guarding,
    store: &StoreKind,
) -> Result<(Guarded, Option<SocketAddr>), Failure> {
    let safeguards = guarding::safeguards(flags, store)?;
    let (tiles, address) = guarding::tiles_listener(flags).await?.unzip();
    Ok((Guarded { safeguards, tiles, pages: Pages::default() }, address))
}

/// Opens the store; while its database does not answer, tries again until `wait` is over. `None` when
/// the end is wished for meanwhile.
///
/// # Errors
///
/// [`Failure::CouldNotRun`] with the last obstacle.
pub(crate) async fn open_in_time(
    place: Place,
    wait: Duration,
    end: &mut EndSignal,
    output: &mut Output,
) -> Result<Option<OpenStore>, Failure> {
    let give_up_at = Instant::now() + wait;
    let mut pause = PAUSE_FIRST;
    loop {
        let opened = tokio::select! {
            it = OpenStore::open(place.clone()) => it,
            () = end.wait() => return Ok(None),
        };
        let obstacle = match opened {
            Ok(store) => return Ok(Some(store)),
            Err(it) => it,
        };
        let left = give_up_at.saturating_duration_since(Instant::now());
        if obstacle.cause != Cause::Unreachable {
            return Err(obstacle.into());
        }
        if left.is_zero() {
            let words = format!("{}; gave up after {} s", obstacle.words, wait.as_secs());
            return Err(Failure::CouldNotRun(words));
        }
        let seconds = left.as_secs_f32().ceil();
        output.note(&format!("{}; trying again for {seconds} s", obstacle.words));
        tokio::select! {
            () = sleep(pause.min(left)) => {}
            () = end.wait() => return Ok(None),
        }
        pause = pause.saturating_mul(2).min(PAUSE_LONGEST);
    }
}

async fn tell_and_serve(
    running: &mut Running,
    end: &mut EndSignal,
    output: &mut Output,
) -> Result<(), Failure> {
    output.data(&format!("serving on http://{}", running.address))?;
    if let Some(pages) = running.pages {
        output.data(&format!("pages on http://{pages}"))?;
    }
    output.note("reads are not yet recorded; only this machine is served");
    running.serve_until(end).await
}
