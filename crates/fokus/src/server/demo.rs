//! `fokus demo`: makes the synthetic programme as a client of the real server, reads it back, compares it
//! with the generator's own tally, and serves it.

use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use fokus_app::session::Role;
use fokus_core::codes::Purpose;
use fokus_demo::plan::Plan;
use fokus_demo::run::Tokens;
use fokus_demo::script::Interleaving;
use fokus_demo::tally::Truth;
use fokus_demo::verify::Reader;
use fokus_grpc::token::{LIFETIME_MAX_S, TokenVerifier};
use fokus_proto::v1;
use fokus_store::TenantId;
use fokus_web::site::DemoRole;
use tonic::transport::{Channel, Endpoint};

use super::flags::Demo;
use super::issuer::{Holder, Issuer, write_secret};
use super::running::{EndSignal, Guarded, Pages, Running};
use super::serve::open_in_time;
use super::store::{OpenStore, Place, StoreKind, StoreName, broken};
use super::system::{StandingClock, now_s, random};
use crate::failure::Failure;
use crate::output::{Output, Unit};

const ISSUER: &str = "fokus-demo";
const AUDIENCE: &str = "fokus";
const TENANT: &str = "demo";
const TRUTH: &str = "truth.json";
/// 2020-12-15 12:00 in Copenhagen: where the demo's clock stands while it is served. Unix milliseconds.
const SERVED_AT_MS: u64 = 1_608_030_000_000;
/// Families of the full programme.
const FULL_FAMILIES: u32 = 60;
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// How long a database that does not answer is asked again.
const WAIT: Duration = Duration::from_secs(30);

/// The demo's people: role, subject, and what their tokens are good for.
const HOLDERS: [(&str, &str, &[Purpose]); 6] = [
    (
        "CASEWORKER",
        "demo-caseworker",
        &[Purpose::Casework, Purpose::ConcernHandling, Purpose::CrimePrevention],
    ),
    ("TEAM_LEAD", "demo-team-lead", &[Purpose::Casework, Purpose::Supervision, Purpose::Grant]),
    ("PROGRAMME_MANAGER", "demo-programme-manager", &[Purpose::Grant, Purpose::Supervision]),
    ("AUDITOR", "demo-auditor", &[Purpose::Audit]),
    ("OPERATOR", "demo-operator", &[Purpose::Operations]),
    ("DASHBOARD", "demo-dashboard", &[Purpose::Grant]),
];

/// Makes the programme where it is not there yet, reads it back, and serves it unless told otherwise.
///
/// # Errors
///
/// [`Failure::Reported`] when the journal says otherwise than the tally; [`Failure::CouldNotRun`].
pub(crate) async fn run(flags: Demo, output: &mut Output) -> Result<(), Failure> {
    let seed = random();
    let issuer = Issuer::new(ISSUER, AUDIENCE, seed);
    let verifier = TokenVerifier::new(ISSUER, AUDIENCE, &[issuer.public_key()], now_s);
    let clock = Arc::new(StandingClock::default());
    clock.set(SERVED_AT_MS);
    let mut end = EndSignal::listen()?;
    let Some(store) = open_in_time(place(&flags)?, WAIT, &mut end, output).await? else {
        return Ok(());
    };
    let begun = events_in(&store).await;
    let begun = begun.and_then(|it| Ok((it, write_tokens(&issuer, &flags.data)?)));
    let (before, (tokens, roles)) = match begun {
        Ok(it) => it,
        Err(failure) => {
            store.close().await;
            return Err(failure);
        }
    };
    let pages = Pages { listen: (!flags.no_serve).then_some(flags.web), roles };
    let programme = Programme { flags, before, tokens, clock };
    let clock = Arc::<StandingClock>::clone(&programme.clock);
    let (listen, guarded) = (programme.flags.listen, Guarded { pages, ..Guarded::default() });
    let mut running = Running::start(store, clock, verifier, listen, guarded).await?;
    let served = make_and_serve(&programme, &mut running, &mut end, output).await;
    let stopped = running.stop(&mut end).await;
    served.and(stopped)
}

/// The demo's store: in its folder, unless the flags name another one.
fn place(flags: &Demo) -> Result<Place, Failure> {
    let store = flags.store.clone().unwrap_or_else(|| StoreName::folder(&flags.data));
    let kind = store.kind()?;
    let key_file = |given: &Option<PathBuf>, name: &str| match kind {
        StoreKind::Postgres(_) => Some(given.clone().unwrap_or_else(|| flags.data.join(name))),
        StoreKind::Sqlite(_) | StoreKind::Memory => given.clone(),
    };
    let root_key = key_file(&flags.root_key, "root.key");
    let signing_key = key_file(&flags.signing_key, "signing.key");
    if matches!(kind, StoreKind::Postgres(_)) {
        let failed = |it| Failure::CouldNotRun(format!("{}: {it}", flags.data.display()));
        fs::create_dir_all(&flags.data).map_err(failed)?;
    }
    let keys = flags.keys.clone();
    Ok(Place {
        kind,
        keys,
        authority: None,
        synthetic: true,
        root_key,
        signing_key,
        retiring_signing_key: None,
    })
}

/// What is made, and with what.
#[derive(Debug)]
struct Programme {
    flags: Demo,
    /// Events that were there before; 0 = it is still to be made.
    before: u64,
    tokens: Tokens,
    clock: Arc<StandingClock>,
}

/// Everything that is done while the server runs. The caller stops it, however this ends.
async fn make_and_serve(
    programme: &Programme,
    running: &mut Running,
    end: &mut EndSignal,
    output: &mut Output,
) -> Result<(), Failure> {
    let flags = &programme.flags;
    let server = format!("http://{}", running.address);
    let made = tokio::select! {
        it = make_and_verify(programme, &server, output) => Some(it?),
        () = end.wait() => None,
    };
    let Some(truth) = made else {
        output.progress_ended();
        return Err(interrupted(&flags.data));
    };
    if flags.no_serve {
        return Ok(());
    }
    let reference = truth.family_statuses.keys().next_back().cloned().unwrap_or_default();
    tell_what_to_try(&flags.data, &reference, &server, running.pages, output)?;
    running.serve_until(end).await
}

/// An end before the demo was made and read back.
fn interrupted(dir: &Path) -> Failure {
    let dir_text = dir.display();
    // The tally is written when the last command is answered.
    let words = if dir.join(TRUTH).exists() {
        format!("interrupted; the demo in {dir_text} is made, but was not read back to its end")
    } else {
        format!("interrupted; the half-made demo is in {dir_text}, name an empty folder next time")
    };
    Failure::CouldNotRun(words)
}

async fn make_and_verify(
    programme: &Programme,
    server: &str,
    output: &mut Output,
) -> Result<Truth, Failure> {
    let Programme { flags, before, tokens, clock } = programme;
    let channel = connect(server).await?;
    if *before == 0 {
        make(flags, &channel, tokens, clock, output).await?;
        clock.set(SERVED_AT_MS);
    }
    // The last thing that is written: without it the demo is unfinished.
    let truth = read_truth(&flags.data)?;
    if *before > 0 {
        output.note(&format!(
            "{}: the demo is made already; it is read as it is",
            flags.data.display()
        ));
    }
    let reader = Reader { token: tokens.caseworker.clone(), purpose: v1::Purpose::Casework };
    match before.checked_sub(truth.positions) {
        None | Some(0) => verify(flags, channel, &reader, &truth, output).await?,
        Some(added) => output.note(&format!("{added} events were added to the demo since")),
    }
    Ok(truth)
}

/// How many events the folder's demo has; 0 = it is still to be made.
async fn events_in(store: &OpenStore) -> Result<u64, Failure> {
    let tenant = TenantId::parse(TENANT).map_err(|it| Failure::CouldNotRun(it.to_string()))?;
    let events = store.events();
    if !events.tenants().await.map_err(|it| broken(&it))?.contains(&tenant) {
        return Ok(0);
    }
    Ok(events.head(&tenant).await.map_err(|it| broken(&it))?.position.0)
}

/// Writes a token per role into `DIR/tokens`, good for twelve hours; gives those that make the programme,
/// and all of them, to choose from on the first page.
fn write_tokens(issuer: &Issuer, dir: &Path) -> Result<(Tokens, Vec<DemoRole>), Failure> {
    let folder = dir.join("tokens");
    fs::create_dir_all(&folder)
        .map_err(|error| Failure::CouldNotRun(format!("{}: {error}", folder.display())))?;
    let mut written = Vec::new();
    for (role, subject, purposes) in HOLDERS {
        let holder = Holder {
            tenant: TENANT.to_owned(),
            subject: subject.to_owned(),
            role: role.to_owned(),
            unit: None,
            purposes: purposes.to_vec(),
        };
        let token = issuer.token(&holder, LIFETIME_MAX_S)?;
        write_secret(&token_file(dir, role), &token, false)?;
        written.push((role, token));
    }
    let of = |role: &str| {
        let found = written.iter().find(|(it, _)| *it == role);
        found.map(|(_, it)| it.clone()).unwrap_or_default()
    };
    let tokens = Tokens {
        caseworker: of("CASEWORKER"),
        team_lead: of("TEAM_LEAD"),
        programme_manager: of("PROGRAMME_MANAGER"),
    };
    let roles = written
        .into_iter()
        .filter_map(|(role, token)| Role::from_name(role).map(|role| DemoRole { role, token }));
    Ok((tokens, roles.collect()))
}

fn token_file(dir: &Path, role: &str) -> PathBuf {
    dir.join("tokens").join(format!("{}.jwt", role.to_lowercase()))
}

async fn connect(server: &str) -> Result<Channel, Failure> {
    let endpoint = Endpoint::from_shared(server.to_owned())
        .map_err(|error| Failure::CouldNotRun(error.to_string()))?
        .connect_timeout(CONNECT_TIMEOUT);
    let connected = endpoint.connect().await;
    connected.map_err(|error| Failure::CouldNotRun(format!("no answer from {server}: {error}")))
}

async fn make(
    flags: &Demo,
    channel: &Channel,
    tokens: &Tokens,
    clock: &Arc<StandingClock>,
    output: &mut Output,
) -> Result<(), Failure> {
    let interleaving = flags.order.map_or(Interleaving::ByTime, Interleaving::ByDay);
    let plan = Plan::interleaved(flags.seed, flags.families, interleaving);
    output.note("everything is invented, and rests on assumptions: --parameters prints them");
    if flags.families < FULL_FAMILIES {
        output
            .note(&format!("--families {FULL_FAMILIES} makes the full one of about 30,000 events"));
    }
    if flags.parameters {
        for it in fokus_demo::parameters::all() {
            output.note(&format!("  {} = {}: {} ({})", it.name, it.value, it.meaning, it.source));
        }
    }
    let total = u64::try_from(plan.steps.len()).unwrap_or(u64::MAX);
    output.progress_of(total, Unit::Commands);
    let clock = Arc::clone(clock);
    let set_clock = move |at_ms| clock.set(at_ms);
    let ran = fokus_demo::run::run(channel.clone(), tokens, &plan, set_clock, |done, _| {
        output.progress(done);
    })
    .await;
    output.progress_ended();
    let report = ran.map_err(|error| Failure::CouldNotRun(error.to_string()))?;
    let text = plan.truth.to_json().map_err(|error| Failure::CouldNotRun(error.to_string()))?;
    let path = flags.data.join(TRUTH);
    fs::write(&path, text)
        .map_err(|error| Failure::CouldNotRun(format!("{}: {error}", path.display())))?;
    output.note(&format!(
        "seed {}, {} families: {} commands accepted, {} refused as expected, {} repeated",
        flags.seed, plan.families, report.accepted, report.refused, report.replayed
    ));
    Ok(())
}

/// The generator's tally, as it was written when the demo was made.
fn read_truth(dir: &Path) -> Result<Truth, Failure> {
    let path = dir.join(TRUTH);
    let text = fs::read_to_string(&path).map_err(|error| {
        let help = "an unfinished demo; name an empty folder with --data";
        Failure::CouldNotRun(format!("{}: {error}: {help}", path.display()))
    })?;
    Truth::from_json(&text)
        .map_err(|error| Failure::CouldNotRun(format!("{}: {error}", path.display())))
}

/// Reads everything back over gRPC and compares it with the tally.
async fn verify(
    flags: &Demo,
    channel: Channel,
    reader: &Reader,
    truth: &Truth,
    output: &mut Output,
) -> Result<(), Failure> {
    let report = fokus_demo::verify::verify(channel, reader, truth)
        .await
        .map_err(|error| Failure::CouldNotRun(error.to_string()))?;
    for it in &report.differences {
        let (what, expected, got) = (&it.what, &it.expected, &it.got);
        output.note(&format!("fokus: {what}: the tally says {expected}, the journal {got}"));
    }
    if !report.differences.is_empty() {
        return Err(Failure::Reported);
    }
    if output.json {
        let value = serde_json::json!({
            "data": flags.data.display().to_string(),
            "events": report.positions,
            "families": report.families,
            "equal_to_truth": true,
        });
        return output.data(&value.to_string());
    }
    output.data(&format!(
        "{} events of {} families, read back over gRPC and equal to {}",
        report.positions,
        report.families,
        flags.data.join(TRUTH).display()
    ))
}

/// The address, where the tokens lie, and three whole commands.
fn tell_what_to_try(
    dir: &Path,
    reference: &str,
    server: &str,
    pages: Option<SocketAddr>,
    output: &mut Output,
) -> Result<(), Failure> {
    let pages = pages.map(|it| format!("pages, for a browser: http://{it}\n")).unwrap_or_default();
    let program = std::env::args().next().unwrap_or_else(|| "fokus".to_owned());
    let caseworker = token_file(dir, "CASEWORKER");
    let common = format!("--server {server} --token-file {}", caseworker.display());
    output.data(&format!(
        "serving on {server} with the journal's clock at 2020-12-15; reads are not yet recorded, and \
         only this machine is served\n{pages}tokens, good for 12 hours: {}\n\ntry:\n  \
         {program} family list {common}\n  \
         {program} family status {reference} {common}\n  \
         {program} family timeline {reference} --limit 20 {common}\n\nCtrl-C ends it",
        dir.join("tokens").display(),
    ))
}
