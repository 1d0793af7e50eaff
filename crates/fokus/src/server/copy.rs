//! `fokus copy`: moves house. Logs, commands, claims and keys go from one store to another, byte for
//! byte; then both are checked and compared. Views are not copied: the first server makes them anew.
//!
//! Read [`run`], then `fokus_store::copy`, which does it. Deliberately absent: writing to either store
//! while it is copied; every server has to be ended before.

use fokus_store::copy::{CopyError, CopyProgress, CopyReport, CopyStep};
use fokus_store::{Fault, Head, TenantId};

use super::check;
use super::flags::Copy;
use super::running::EndSignal;
use super::store::{CannotOpen, Cause, OpenStore, Place, StoreKind, broken};
use crate::failure::Failure;
use crate::output::{Output, Unit};

/// Lines that tell of the events copied where no progress bar shows.
const LINES: u64 = 10;

/// Copies, checks and compares.
///
/// # Errors
///
/// [`Failure::Reported`] when the copy differs; [`Failure::CouldNotRun`], after which the same command
/// goes on with the copy.
pub(crate) async fn run(flags: Copy, output: &mut Output) -> Result<(), Failure> {
    let (from, to) = places(flags)?;
    let mut end = EndSignal::listen()?;
    tokio::select! {
        it = between(from, to, output) => it,
        () = end.wait() => {
            output.progress_ended();
            let words = "interrupted; run the same command again to go on with the copy";
            Err(Failure::CouldNotRun(words.to_owned()))
        }
    }
}

/// Where the copy comes from and where it goes.
fn places(flags: Copy) -> Result<(Place, Place), Failure> {
    let from = Place {
        kind: flags.from.kind()?,
        keys: flags.from_keys,
        authority: None,
        synthetic: false,
        root_key: flags.from_root_key,
        signing_key: flags.from_signing_key,
    };
    let to = Place {
        kind: flags.to.kind()?,
        keys: flags.to_keys,
        authority: None,
        synthetic: false,
        root_key: flags.to_root_key,
        signing_key: flags.to_signing_key,
    };
    let refuse = |words: &str| Err(Failure::CouldNotRun(words.to_owned()));
    if [&from, &to].iter().any(|it| it.kind == StoreKind::Memory) {
        return refuse("a store in memory ends with its server; it cannot be copied from or to");
    }
    if from.kind == to.kind {
        return refuse("--from and --to name the same store");
    }
    from.must_be_there()?;
    Ok((from, to))
}

async fn between(from: Place, to: Place, output: &mut Output) -> Result<(), Failure> {
    let source = OpenStore::open(from).await?;
    let copied = from_open(&source, to, output).await;
    source.close().await;
    copied
}

async fn from_open(source: &OpenStore, to: Place, output: &mut Output) -> Result<(), Failure> {
    let events = source.events();
    let tenants = events.tenants().await.map_err(|it| broken(&it))?;
    let Some(first) = tenants.first() else {
        return Err(Failure::CouldNotRun("the store has no log yet: nothing to copy".to_owned()));
    };
    let info = events.log(first).await.map_err(|it| broken(&it))?;
    // An origin begins with the authority (record, Notes).
    let authority = info.origin.split('/').next().map(str::to_owned);
    let to = Place { authority, synthetic: info.synthetic, ..to };
    let target = OpenStore::open_for_copy(to.clone(), source.copy_keys()).await?;
    let copied = all(source, &target, &tenants, output).await;
    output.progress_ended();
    target.close().await;
    copied?;
    let target = OpenStore::open(Place { authority: None, ..to }).await?;
    let same = compare(source, &target, &tenants, output).await;
    output.progress_ended();
    target.close().await;
    if same? { Ok(()) } else { Err(Failure::Reported) }
}

/// Copies every tenant, but for those whose copy has ended before.
async fn all(
    source: &OpenStore,
    target: &OpenStore,
    tenants: &[TenantId],
    output: &mut Output,
) -> Result<(), Failure> {
    for tenant in tenants {
        let mut telling = Telling { tenant, output, step: None, lines: 0 };
        match source.copy_tenant(target, tenant, |it| telling.tell(it)).await {
            Ok(it) => tell(output, tenant, &it),
            Err(CopyError::Target(Fault::Conflict)) if ended(source, target, tenant).await? => {
                output.note(&format!("{tenant}: was copied before"));
            }
            Err(error) => return Err(CannotOpen::of(&error, Cause::Other).into()),
        }
    }
    Ok(target.finish_copy().await?)
}

fn tell(output: &mut Output, tenant: &TenantId, report: &CopyReport) {
    output.progress_ended();
    output.note(&format!(
        "{tenant}: {} events copied, log at {}; {} commands, {} claims, {} keys",
        report.events,
        report.position.0,
        report.commands,
        report.claims,
        report.keys.saturating_add(report.keks),
    ));
}

/// Whether the tenant's log is in the target, whole.
async fn ended(source: &OpenStore, target: &OpenStore, tenant: &TenantId) -> Result<bool, Failure> {
    let stands = |it: Head| (it.position, it.root);
    let from = source.events().head(tenant).await.map_err(|it| broken(&it))?;
    let to = target.events().head(tenant).await.map_err(|it| broken(&it))?;
    Ok(stands(from) == stands(to))
}

/// Tells how far a tenant's copy has come.
struct Telling<'a> {
    tenant: &'a TenantId,
    output: &'a mut Output,
    step: Option<CopyStep>,
    lines: u64,
}

impl Telling<'_> {
    fn tell(&mut self, progress: CopyProgress) {
        if self.step != Some(progress.step) {
            self.step = Some(progress.step);
            self.output.progress_ended();
            if let Some(total) = progress.total {
                self.output.progress_of(total, Unit::Events);
            }
        }
        self.output.progress(progress.done);
        let Some(total) = progress.total else { return };
        let line = progress.done.saturating_mul(LINES).checked_div(total).unwrap_or_default();
        if !self.output.shows_progress() && line > self.lines {
            self.lines = line;
            let (tenant, done) = (self.tenant, progress.done);
            self.output.note(&format!("{tenant}: {done} of {total} events copied"));
        }
    }
}

/// Checks both stores and compares them; whether they are the same.
async fn compare(
    source: &OpenStore,
    target: &OpenStore,
    tenants: &[TenantId],
    output: &mut Output,
) -> Result<bool, Failure> {
    let mut same = true;
    for tenant in tenants {
        let (from, from_content) = check::one(source, tenant, output).await?;
        let (to, to_content) = check::one(target, tenant, output).await?;
        for (which, report) in [("the store copied", &from), ("the copy", &to)] {
            for it in &report.findings {
                output.note(&format!("fokus: {tenant}: {which}: {it}"));
            }
        }
        let (from_digest, to_digest) = match (from_content, to_content) {
            (Ok(from), Ok(to)) => (from.digest, to.digest),
            (Err(error), _) | (_, Err(error)) => {
                output.note(&format!("fokus: {tenant}: {error}"));
                same = false;
                continue;
            }
        };
        let counts = |it: &fokus_store::check::Report| {
            (it.position, it.root, it.streams, it.commands, it.claims)
        };
        let equal = from.is_sound()
            && to.is_sound()
            && counts(&from) == counts(&to)
            && from_digest == to_digest;
        same &= equal;
        let (root, digest) = (hex::encode(to.root), hex::encode(to_digest));
        if output.json {
            let value = serde_json::json!({
                "tenant": tenant.as_str(),
                "origin": to.origin,
                "position": to.position.0,
                "root": root,
                "digest": digest,
                "same": equal,
            });
            output.data(&value.to_string())?;
            continue;
        }
        let verdict = if equal { "the same" } else { "NOT THE SAME" };
        let position = to.position.0;
        output.data(&format!(
            "{tenant}: {verdict}\n  events {position}\n  root   {root}\n  digest {digest}"
        ))?;
    }
    Ok(same)
}
