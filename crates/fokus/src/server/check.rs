//! `fokus check`: log = rows = tree = checkpoint = content, read-only, without a server.

use std::sync::Arc;

use fokus_app::digest::{ContentReport, check_content};
use fokus_app::keyring::Keyring;
use fokus_app::opening::Opener;
use fokus_sqlite::OpenError;
use fokus_store::check::{Report, check_log};
use fokus_store::{EventStore as _, TenantId};

use super::flags::Check;
use super::running::{OpenStore, StorePlace, cannot_open};
use super::system::SystemEntropy;
use crate::failure::Failure;
use crate::output::{Output, Unit};

/// Checks every tenant's log; exit code 1 when something is wrong.
///
/// # Errors
///
/// [`Failure::Reported`] after the findings; [`Failure::CouldNotRun`].
pub(crate) async fn run(flags: Check, output: &mut Output) -> Result<(), Failure> {
    let dir = flags.store.dir()?;
    if !dir.join("journal.db").exists() {
        let text = format!("{}: no store is there to check", dir.display());
        return Err(Failure::CouldNotRun(text));
    }
    let (root_key, signing_key) = (flags.root_key, flags.signing_key);
    let place = StorePlace { dir, authority: None, synthetic: false, root_key, signing_key };
    let open = match OpenStore::open(place).await {
        Ok(it) => it,
        // What is stored contradicts itself: that is a finding, not an obstacle.
        Err(it @ OpenError::Contradiction { .. }) => {
            output.note(&format!("fokus: {it}"));
            return Err(Failure::Reported);
        }
        Err(it) => return Err(cannot_open(&it)),
    };
    let checked = all(&open, flags.digest, output).await;
    open.close().await;
    match checked? {
        true => Ok(()),
        false => Err(Failure::Reported),
    }
}

async fn all(open: &OpenStore, digest_only: bool, output: &mut Output) -> Result<bool, Failure> {
    let mut sound = true;
    let tenants = open.store.tenants().await.map_err(|it| broken(&it))?;
    if tenants.is_empty() {
        output.note("the store is sound and has no log yet");
    }
    for tenant in tenants {
        let (report, content) = one(open, &tenant, output).await?;
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

async fn one(
    open: &OpenStore,
    tenant: &TenantId,
    output: &mut Output,
) -> Result<(Report, Content), Failure> {
    let store = &open.store;
    let head = store.head(tenant).await.map_err(|it| broken(&it))?.position.0;
    output.progress_of(head.saturating_mul(2), Unit::Events);
    let report = check_log(store, tenant, |it| output.progress(it.0)).await;
    let report = report.map_err(|it| broken(&it))?;
    let keys = Arc::new(store.clone());
    let kms = Arc::new(store.root_key());
    let keyring = Arc::new(Keyring::new(keys, kms, Arc::new(SystemEntropy)));
    let origin = report.origin.clone();
    let opener = Opener { keyring, tenant: tenant.clone(), origin };
    let content = check_content(store, &opener, |it| output.progress(head + it)).await;
    output.progress_ended();
    Ok((report, content))
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

fn broken(fault: &fokus_store::Fault) -> Failure {
    match std::error::Error::source(fault) {
        Some(cause) => Failure::CouldNotRun(format!("{fault}: {cause}")),
        None => Failure::CouldNotRun(fault.to_string()),
    }
}
