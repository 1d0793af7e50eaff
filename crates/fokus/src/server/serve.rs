//! `fokus serve`: the server.

use std::fs;
use std::sync::Arc;

use fokus_grpc::token::{TokenVerifier, key_from_pem};

use super::flags::Serve;
use super::running::{EndSignal, OpenStore, Running, StorePlace, cannot_open};
use super::system::{SystemClock, now_s};
use crate::failure::Failure;
use crate::output::Output;

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
    let place = StorePlace {
        dir: flags.store.dir()?,
        authority: flags.authority,
        synthetic: flags.synthetic,
        root_key: flags.root_key,
        signing_key: flags.signing_key,
    };
    let store = OpenStore::open(place).await.map_err(|it| cannot_open(&it))?;
    let mut end = EndSignal::listen()?;
    let mut running = Running::start(store, Arc::new(SystemClock), verifier, flags.listen).await?;
    let served = tell_and_serve(&mut running, &mut end, output).await;
    let stopped = running.stop(&mut end).await;
    served.and(stopped)
}

async fn tell_and_serve(
    running: &mut Running,
    end: &mut EndSignal,
    output: &mut Output,
) -> Result<(), Failure> {
    output.data(&format!("serving on http://{}", running.address))?;
    output.note("reads are not yet recorded; only this machine is served");
    running.serve_until(end).await
}
