//! `fokus copy`: moves house. Logs, commands, claims and keys go from one store to another, byte for
//! byte; then both are checked and compared. Views are not copied: the first server makes them anew.
//!
//! Read [`run`], then `fokus_store::copy`, which does it. Deliberately absent: writing to either store
//! while it is copied; every server has to be ended before.

use fokus_log::lineage::Continuation;
use fokus_store::check::Report;
use fokus_store::copy::{Continuing, CopyError, CopyProgress, CopyReport, CopyStep};
use fokus_store::{Fault, LogInfo, TenantId};

use super::check;
use super::continuation::Statements;
use super::flags::Copy;
use super::running::EndSignal;
use super::store::{CannotOpen, Cause, OpenStore, Place, StoreKind, broken};
use super::system::now_ms;
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
    let statements = Statements::read(&flags.continuation)?;
    let (from, to) = places(flags)?;
    let mut end = EndSignal::listen()?;
    tokio::select! {
        it = between(from, to, &statements, output) => it,
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
        retiring_signing_key: None,
    };
    let to = Place {
        kind: flags.to.kind()?,
        keys: flags.to_keys,
        authority: None,
        synthetic: false,
        root_key: flags.to_root_key,
        signing_key: flags.to_signing_key,
        retiring_signing_key: None,
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

async fn between(
    from: Place,
    to: Place,
    statements: &Statements,
    output: &mut Output,
) -> Result<(), Failure> {
    let source = OpenStore::open(from).await?;
    let copied = from_open(&source, to, statements, output).await;
    source.close().await;
    copied
}

/// A log that is copied.
struct Copied<'a> {
    tenant: TenantId,
    info: LogInfo,
    /// The statement by which the copy continues it, and as a note.
    continues: Option<(&'a Continuation, &'a str)>,
}

async fn logs<'a>(
    source: &OpenStore,
    statements: &'a Statements,
) -> Result<Vec<Copied<'a>>, Failure> {
    let events = source.events();
    let mut logs = Vec::new();
    for tenant in events.tenants().await.map_err(|it| broken(&it))? {
        let info = events.log(&tenant).await.map_err(|it| broken(&it))?;
        let continues = statements.of(&info.origin);
        logs.push(Copied { tenant, info, continues });
    }
    let is_there = |origin: &str| logs.iter().any(|it| it.info.origin == origin);
    match statements.origins().find(|it| !is_there(it)) {
        None => Ok(logs),
        Some(origin) => Err(Failure::CouldNotRun(format!(
            "--continuation: the store has no log {origin}, which a statement is of"
        ))),
    }
}

async fn from_open(
    source: &OpenStore,
    to: Place,
    statements: &Statements,
    output: &mut Output,
) -> Result<(), Failure> {
    let logs = logs(source, statements).await?;
    let Some(Copied { info, .. }) = logs.first() else {
        return Err(Failure::CouldNotRun("the store has no log yet: nothing to copy".to_owned()));
    };
    // An origin begins with the authority (record, Notes).
    let authority = info.origin.split('/').next().map(str::to_owned);
    let to = Place { authority, synthetic: info.synthetic, ..to };
    let target = OpenStore::open_for_copy(to.clone(), source.copy_keys()).await?;
    let copied = all(source, &target, &logs, output).await;
    output.progress_ended();
    target.close().await;
    copied?;
    let target = OpenStore::open(Place { authority: None, ..to }).await?;
    let same = compare(source, &target, &logs, output).await;
    output.progress_ended();
    target.close().await;
    if same? { Ok(()) } else { Err(Failure::Reported) }
}

/// Copies every tenant, but for those whose copy has ended before.
async fn all(
    source: &OpenStore,
    target: &OpenStore,
    logs: &[Copied<'_>],
    output: &mut Output,
) -> Result<(), Failure> {
    for log in logs {
        let tenant = &log.tenant;
        let continuing = log.continues.map(|(_, note)| Continuing { note, now_ms: now_ms() });
        let mut telling = Telling { tenant, output, step: None, lines: 0 };
        match source.copy_tenant(target, tenant, continuing, |it| telling.tell(it)).await {
            Ok(it) => tell(output, tenant, &it),
            Err(CopyError::Target(Fault::Conflict)) if ended(source, target, log).await? => {
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
async fn ended(source: &OpenStore, target: &OpenStore, log: &Copied<'_>) -> Result<bool, Failure> {
    let from = source.events().head(&log.tenant).await.map_err(|it| broken(&it))?;
    let to = target.events().head(&log.tenant).await.map_err(|it| broken(&it))?;
    Ok(match log.continues {
        None => (from.position, from.root) == (to.position, to.root),
        Some(_) => from.position.0.checked_add(1) == Some(to.position.0),
    })
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
    logs: &[Copied<'_>],
    output: &mut Output,
) -> Result<bool, Failure> {
    let mut same = true;
    for log in logs {
        let tenant = &log.tenant;
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
        let equal = is_copy(log, &from, &to) && from_digest == to_digest;
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
        let verdict = match log.continues {
            _ if !equal => "NOT THE SAME".to_owned(),
            None => "the same".to_owned(),
            Some((said, _)) => format!("continued as {}", said.origin),
        };
        let position = to.position.0;
        output.data(&format!(
            "{tenant}: {verdict}\n  events {position}\n  root   {root}\n  digest {digest}"
        ))?;
    }
    Ok(same)
}

/// Whether one store has the log that the other one has; or, where it continues it, that and the leaf that
/// says so. The root before that leaf is part of what the check of it holds against the statement.
fn is_copy(log: &Copied<'_>, from: &Report, to: &Report) -> bool {
    let tables = |it: &Report| (it.commands, it.claims);
    let is_same = match log.continues {
        None => {
            let tree = |it: &Report| (it.origin.clone(), it.position, it.root, it.streams);
            tree(from) == tree(to)
        }
        Some((said, _)) => {
            to.origin == said.origin
                && from.root == said.kept.root
                && from.position.0.checked_add(1) == Some(to.position.0)
        }
    };
    from.is_sound() && to.is_sound() && tables(from) == tables(to) && is_same
}
