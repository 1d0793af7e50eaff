//! `fokus check`: log = rows = tree = checkpoint = content, read-only: a folder while no server has it
//! open, a database beside running servers.

use fokus_app::digest::{ContentReport, check_content};
use fokus_app::guard::compare;
use fokus_app::implied::Implied;
use fokus_app::opening::Opener;
use fokus_log::lineage::generation;
use fokus_store::check::{Finding, Problem, Report};
use fokus_store::{Fault, Position, TenantId};

use super::anchor::AnchorFolder;
use super::flags::Check;
use super::store::{Cause, OpenStore, broken};
use crate::failure::Failure;
use crate::output::{Output, Unit};

/// Checks every tenant's log; exit code 1 when something is wrong. What is appended meanwhile is not
/// looked at.
///
/// # Errors
///
/// [`Failure::Reported`] after the findings; [`Failure::CouldNotRun`].
pub(crate) async fn run(flags: Check, output: &mut Output) -> Result<(), Failure> {
    let place = flags.store.place()?;
    place.must_be_there()?;
    let anchors = flags.anchor.map(|it| AnchorFolder::open(&it, &place.kind)).transpose()?;
    let open = match OpenStore::open(place).await {
        Ok(it) => it,
        // What is stored contradicts itself: that is a finding, not an obstacle.
        Err(it) if it.cause == Cause::Contradiction => {
            output.note(&format!("fokus: {}", it.words));
            return Err(Failure::Reported);
        }
        Err(it) => return Err(it.into()),
    };
    let checked = all(&open, flags.digest, output).await;
    let holds = match anchors {
        Some(anchors) => anchored(&open, &anchors, output).await,
        None => Ok(true),
    };
    open.close().await;
    if checked? & holds? { Ok(()) } else { Err(Failure::Reported) }
}

/// Whether every log continues what is anchored of it; says which does not.
async fn anchored(
    open: &OpenStore,
    anchors: &AnchorFolder,
    output: &mut Output,
) -> Result<bool, Failure> {
    let alarms = compare(open.events().as_ref(), anchors).await.map_err(|it| broken(&it))?;
    for (tenant, alarm) in &alarms {
        output.note(&format!("fokus: {tenant}: {alarm}"));
    }
    Ok(alarms.is_empty())
}

async fn all(open: &OpenStore, digest_only: bool, output: &mut Output) -> Result<bool, Failure> {
    let mut sound = true;
    let tenants = open.events().tenants().await.map_err(|it| broken(&it))?;
    if tenants.is_empty() {
        output.note("the store is sound and has no log yet");
    }
    for tenant in tenants {
        let (report, content) = match one(open, &tenant, output).await {
            Ok(it) => it,
            // It was told; the others are checked too.
            Err(Failure::Reported) => {
                sound = false;
                continue;
            }
            Err(failure) => return Err(failure),
        };
        for it in &report.findings {
            let at = it.position.map_or(String::new(), |at| format!(" at position {}", at.0));
            output.note(&format!("fokus: {tenant}{at}: {}", it.problem));
        }
        sound &= report.is_sound();
        match content {
            Ok(content) => tell(output, &tenant, &report, &content, digest_only)?,
            Err(error) => {
                output.note(&format!("fokus: {tenant}: {error}"));
                sound = false;
            }
        }
    }
    Ok(sound)
}

type Content = Result<ContentReport, fokus_app::failure::Failure>;

/// Checks one tenant's log up to where its head is now, with and without keys.
///
/// # Errors
///
/// [`Failure::CouldNotRun`] when the store cannot be read; [`Failure::Reported`] when what is read is no
/// log at all.
pub(crate) async fn one(
    open: &OpenStore,
    tenant: &TenantId,
    output: &mut Output,
) -> Result<(Report, Content), Failure> {
    let events = open.events();
    let head = events.head(tenant).await.map_err(|it| broken(&it))?.position.0;
    output.progress_of(head.saturating_mul(2), Unit::Events);
    let report = open.check_log(tenant, |it| output.progress(it.0)).await;
    let mut report = match report {
        Ok(it) => it,
        Err(fault) => return Err(told(&fault, tenant, output)),
    };
    let (origin, _) = generation(&report.origin);
    let opener =
        Opener { keyring: open.keyring(), tenant: tenant.clone(), origin: origin.to_owned() };
    let until = report.position.0;
    let checked = |it| output.progress(until.saturating_add(it));
    let mut implied = Implied::default();
    let content = check_content(events.as_ref(), &opener, until, &mut implied, checked).await;
    output.progress_ended();
    let compared = match &content {
        Ok(_) => open.compare_tables(implied, &opener, until).await,
        // What the events imply is not known.
        Err(_) => return Ok((report, content)),
    };
    let found = match compared {
        Ok(it) => it,
        Err(fault) => return Err(told(&fault, tenant, output)),
    };
    report.findings_count = report.findings_count.saturating_add(found.count);
    let findings = found.named.into_iter().map(|it| Finding {
        position: it.position.map(Position),
        problem: Problem::Content(it.what),
    });
    report.findings.extend(findings);
    Ok((report, content))
}

/// What is read and makes no sense is a finding; what cannot be read, an obstacle.
fn told(fault: &Fault, tenant: &TenantId, output: &mut Output) -> Failure {
    if !matches!(fault, Fault::Corrupt { .. }) {
        return broken(fault);
    }
    output.note(&format!("fokus: {tenant}: {fault}"));
    Failure::Reported
}

fn tell(
    output: &mut Output,
    tenant: &TenantId,
    report: &Report,
    content: &ContentReport,
    digest_only: bool,
) -> Result<(), Failure> {
    let digest = hex::encode(content.digest);
    if output.json {
        let value = serde_json::json!({
            "tenant": tenant.as_str(),
            "origin": report.origin,
            "position": report.position.0,
            "root": hex::encode(report.root),
            "events": content.events,
            "dark_events": content.dark,
            "envelopes": report.envelopes,
            "streams": report.streams,
            "commands": report.commands,
            "claims": report.claims,
            "tiles": report.tiles,
            "findings": report.findings_count,
            "digest": digest,
        });
        return output.data(&value.to_string());
    }
    if digest_only {
        return output.data(&format!("{tenant} {digest}"));
    }
    let verdict = if report.is_sound() { "sound" } else { "NOT SOUND" };
    output.data(&format!(
        "{tenant}: {verdict}\n  origin    {}\n  events    {} in {} streams, {} commands\n  \
         envelopes {}, {} events not whole\n  claims    {}\n  tiles     {}\n  root      {}\n  digest    {digest}",
        report.origin,
        content.events,
        report.streams,
        report.commands,
        report.envelopes,
        content.dark,
        report.claims,
        report.tiles,
        hex::encode(report.root),
    ))
}
