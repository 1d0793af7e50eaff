//! Holds a log against its anchor when it is met, and moves the anchor with it.

use std::sync::Arc;
use std::time::Duration;

use fokus_log::lineage::Continuation;
use fokus_log::note::{Checkpoint, unverified_checkpoint};
use fokus_log::proof::verify_consistency;
use fokus_store::{EventStore, Fault, Head, LogInfo, Position, TenantId};

use super::{Alarm, Alarms, Anchors, Guard};
use crate::journal::Journal;
use crate::lineage::continuation_of;
use crate::read::proofs::consistency;
use crate::tenants::Tenant;

/// What knows, in alarms.
pub(super) const NAME: &str = "the anchor";
/// How often the anchor is looked at, and moved if the log has moved: so much a rollback may hide.
const EVERY: Duration = Duration::from_secs(1);

impl Guard {
    /// Holds a log that is met for the first time against its anchor: an alarm is raised before anybody can
    /// write.
    ///
    /// # Errors
    ///
    /// The store's own.
    pub(crate) async fn meet(
        &self,
        events: &dyn EventStore,
        tenant: &TenantId,
        log: &LogInfo,
    ) -> Result<(), Fault> {
        let Some(anchors) = &self.safeguards.anchors else { return Ok(()) };
        match look(anchors.as_ref(), events, tenant, log, &mut None).await? {
            Look::Alarm(alarm) => self.raise(tenant, alarm),
            Look::Holds { .. } => (),
        }
        Ok(())
    }
}

/// Holds every log of a store against its anchor, once, and moves no anchor: what a server would be alarmed
/// by if it started now. Logs that are anchored and not in the store are among them.
///
/// # Errors
///
/// The store's own. An anchor that cannot be read is an alarm; a folder of them that cannot, is none.
pub async fn compare(events: &dyn EventStore, anchors: &dyn Anchors) -> Result<Alarms, Fault> {
    let stored = events.tenants().await?;
    let mut alarms = of_absent(anchors, &stored).await?;
    for tenant in stored {
        let log = events.log(&tenant).await?;
        match look(anchors, events, &tenant, &log, &mut None).await? {
            Look::Alarm(alarm) => drop(alarms.insert(tenant, alarm)),
            Look::Holds { .. } => (),
        }
    }
    Ok(alarms)
}

/// An alarm for each log that is anchored and not stored.
pub(super) async fn of_absent(anchors: &dyn Anchors, stored: &[TenantId]) -> Result<Alarms, Fault> {
    let anchored = anchors.tenants().await.map_err(|it| Fault::Unavailable(Box::new(it)))?;
    let mut alarms = Alarms::new();
    for tenant in anchored.into_iter().filter(|it| !stored.contains(it)) {
        let note = anchors.read(&tenant).await.ok().flatten();
        let known = note.and_then(|it| unverified_checkpoint(&it).ok()).map_or(0, |it| it.size);
        alarms.insert(tenant, Alarm::Behind { by: NAME.to_owned(), known, size: 0 });
    }
    Ok(alarms)
}

/// What a look at an anchor came to.
enum Look {
    /// The log at `head` continues what is anchored, which has this size; `None` = nothing is.
    Holds {
        anchored: Option<u64>,
        head: Head,
    },
    Alarm(Alarm),
}

/// What was anchored, and where the log stood, when the two were last found to agree.
type Agreed = Option<(Checkpoint, Head)>;

async fn look(
    anchors: &dyn Anchors,
    events: &dyn EventStore,
    tenant: &TenantId,
    log: &LogInfo,
    agreed: &mut Agreed,
) -> Result<Look, Fault> {
    // First the anchor, then the log: another server may move both meanwhile.
    let note = match anchors.read(tenant).await {
        Ok(it) => it,
        Err(error) => {
            tracing::warn!(%tenant, %error, "the anchor cannot be read");
            return Ok(Look::Alarm(Alarm::Unread));
        }
    };
    let head = events.head(tenant).await?;
    let Some(note) = note else { return Ok(Look::Holds { anchored: None, head }) };
    let claimed = unverified_checkpoint(&note).map(|it| it.origin).unwrap_or_default();
    let named = LogInfo { origin: claimed, ..log.clone() };
    let anchored = match named.open(&note) {
        Ok(it) if named.first_origin() == log.first_origin() => it,
        _ => return Ok(Look::Alarm(Alarm::OtherLog)),
    };
    if anchored.origin != log.origin {
        let accounted = is_accounted_for(events, tenant, &anchored).await?;
        let alarm = || Alarm::Beside { by: NAME.to_owned(), known: anchored.size };
        // The anchor knew another log, which this one continues: it starts anew.
        let holds = Look::Holds { anchored: None, head };
        return Ok(if accounted { holds } else { Look::Alarm(alarm()) });
    }
    let size = anchored.size;
    if agreed.as_ref().is_some_and(|it| it.0 == anchored && it.1.root == head.root) {
        return Ok(Look::Holds { anchored: Some(size), head });
    }
    Ok(match held_against(events, tenant, &head, &anchored, NAME).await? {
        Some(alarm) => Look::Alarm(alarm),
        None => {
            *agreed = Some((anchored, head.clone()));
            Look::Holds { anchored: Some(size), head }
        }
    })
}

/// Whether the log says by which leaf it continues the one that is anchored, and that it knew of what is
/// anchored: it was kept, or is counted among what was lost.
///
/// # Errors
///
/// The store's own; what is missing in it is not accounted for.
async fn is_accounted_for(
    events: &dyn EventStore,
    tenant: &TenantId,
    anchored: &Checkpoint,
) -> Result<bool, Fault> {
    let continuation = continuation_of(events, tenant, &anchored.origin).await?;
    let Some(Continuation { kept, known, .. }) = continuation else { return Ok(false) };
    if known == (anchored.size, anchored.root) {
        return Ok(true);
    }
    let kept = Head {
        position: Position(kept.size),
        root: kept.root,
        last_ms: 0,
        checkpoint: String::new(),
    };
    let alarm = held_against(events, tenant, &kept, anchored, NAME).await?;
    Ok(alarm.is_none())
}

/// What is wrong with a log at `head` that somebody knows in an earlier state.
///
/// # Errors
///
/// The store's own; what is missing in it is an alarm.
async fn held_against(
    events: &dyn EventStore,
    tenant: &TenantId,
    head: &Head,
    known: &Checkpoint,
    by: &str,
) -> Result<Option<Alarm>, Fault> {
    let size = head.position.0;
    if size < known.size {
        return Ok(Some(Alarm::Behind { by: by.to_owned(), known: known.size, size }));
    }
    if known.size == 0 {
        return Ok(None);
    }
    let proof = match consistency(events, tenant, known.size, size).await {
        Ok(it) => it,
        // Without its tiles it proves nothing, whatever else it is.
        Err(Fault::Corrupt { what }) => {
            tracing::error!(%tenant, what, "the log cannot be proved");
            return Ok(Some(Alarm::Beside { by: by.to_owned(), known: known.size }));
        }
        Err(fault) => return Err(fault),
    };
    let holds = verify_consistency(known.size, size, &proof, &known.root, &head.root).is_ok();
    Ok((!holds).then(|| Alarm::Beside { by: by.to_owned(), known: known.size }))
}

/// Moves the anchor with the log until the server ends, and once more then.
pub(super) async fn follow(journal: Journal, tenant: Arc<Tenant>) {
    let guard = &journal.shared.guard;
    let Some(anchors) = guard.safeguards.anchors.clone() else { return };
    let mut agreed = None;
    let mut is_told = false;
    loop {
        let ends = tokio::select! {
            () = journal.shared.shutdown.cancelled() => true,
            () = tokio::time::sleep(EVERY) => false,
        };
        match step(&journal, &tenant, anchors.as_ref(), &mut agreed).await {
            Ok(()) => is_told = false,
            // Once for each trouble, not for each second of it.
            Err(error) if !is_told => {
                tracing::warn!(tenant = %tenant.id, error, "the anchor does not move; trying again");
                is_told = true;
            }
            Err(_) => (),
        }
        if ends {
            return;
        }
    }
}

async fn step(
    journal: &Journal,
    tenant: &Tenant,
    anchors: &dyn Anchors,
    agreed: &mut Agreed,
) -> Result<(), String> {
    let guard = &journal.shared.guard;
    let events = journal.shared.ports.events.as_ref();
    let looked = look(anchors, events, &tenant.id, &tenant.info, agreed).await;
    let (anchored, head) = match looked.map_err(|it| it.to_string())? {
        Look::Alarm(alarm) => {
            guard.raise(&tenant.id, alarm);
            return Ok(());
        }
        Look::Holds { anchored, head } => (anchored, head),
    };
    guard.calm(&tenant.id);
    // What was found may have gone again, by another rollback: the anchor stays where it was.
    let moves = anchored.is_none_or(|it| it < head.position.0);
    if !moves || guard.alarm(&tenant.id).is_some() {
        return Ok(());
    }
    anchors.write(&tenant.id, &head.checkpoint).await.map_err(|it| it.to_string())
}
