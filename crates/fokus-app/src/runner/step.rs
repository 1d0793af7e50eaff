//! One step: read on in the log, fold, seal, commit.

use std::collections::BTreeMap;

use fokus_core::effective::{needs_refold, ordinary};
use fokus_core::rejection::{Reason, Rejection};
use fokus_core::views::Row;
use fokus_store::{Fault, Position, Range, StreamTag, ViewBatch, ViewBuild, ViewRow};
use fokus_vault::key::SecretKey;
use serde_json::Value;

use super::{Running, STEP_EVENTS_MAX, Stepped};
use crate::failure::Failure;
use crate::folding::Folding;
use crate::journal::Journal;
use crate::keyring::stream_slot;
use crate::load;
use crate::opening::OpenedEvent;
use crate::rows::{self, Stored};
use crate::tenants::Tenant;

/// Moves the views that are furthest back on by one batch.
pub(super) async fn step(journal: &Journal, tenant: &Tenant) -> Result<Stepped, Failure> {
    let mut running = tenant.running.lock().await;
    let Some(from) = running.views.iter().filter(|it| !it.halted).map(|it| it.position).min()
    else {
        return Ok(Stepped::AllHalted);
    };
    let batch = read(journal, tenant, Position(from), None).await?;
    if batch.through.0 > from {
        fold_into(journal, tenant, &mut running, from, &batch).await?;
    }
    if let Some((position, code)) = batch.halt {
        halt(journal, tenant, &mut running, batch.through.0, position, code).await?;
        return Ok(Stepped::On);
    }
    Ok(if batch.through.0 > from { Stepped::On } else { Stepped::AtHead(batch.through) })
}

/// Events read and opened.
pub(super) struct Batch {
    events: Vec<OpenedEvent>,
    /// How far the reading got; events that could not be opened are beyond it.
    pub(super) through: Position,
    /// What comes next cannot be folded, and why.
    pub(super) halt: Option<(Position, Reason)>,
}

/// The next events after `after`, up to `until`, as far as they can be opened.
pub(super) async fn read(
    journal: &Journal,
    tenant: &Tenant,
    after: Position,
    until: Option<Position>,
) -> Result<Batch, Failure> {
    let left = until.map_or(u64::MAX, |it| it.0.saturating_sub(after.0));
    let limit = u32::try_from(left).unwrap_or(u32::MAX).min(STEP_EVENTS_MAX);
    let range = Range::Forward { after, limit };
    let mut stored = journal.shared.ports.events.read_log(&tenant.id, range).await?;
    let mut halt = None;
    let events = loop {
        match tenant.opener.facts(&stored).await {
            Ok(it) => break it,
            Err(Failure::Rejected(it)) => {
                let at = position_in(&it).unwrap_or(after.0 + 1);
                halt = Some((Position(at), it.reason));
                let before = stored.len();
                stored.retain(|it| it.position.0 < at);
                if stored.len() == before {
                    return Err(Failure::Rejected(it));
                }
            }
            // Which of them it is shows when fewer are tried.
            Err(Failure::Fault(Fault::Corrupt { .. })) if stored.len() > 1 => {
                stored.truncate(stored.len() / 2);
                halt = None;
            }
            Err(Failure::Fault(Fault::Corrupt { what })) => {
                tracing::error!(%what, tenant = %tenant.id, "views halt");
                let at = stored.first().map_or(Position(after.0 + 1), |it| it.position);
                halt = Some((at, Reason::Corrupt));
                stored.clear();
                break Vec::new();
            }
            Err(it) => return Err(it),
        }
    };
    let read_all = stored.last().map_or(after, |it| it.position);
    let through = match halt {
        Some((position, _)) => read_all.min(Position(position.0.saturating_sub(1))).max(after),
        None => read_all,
    };
    Ok(Batch { events, through, halt })
}

fn position_in(rejection: &Rejection) -> Option<u64> {
    let (_, value) = rejection.metadata.iter().find(|(key, _)| *key == "position")?;
    value.parse().ok()
}

async fn fold_into(
    journal: &Journal,
    tenant: &Tenant,
    running: &mut Running,
    from: u64,
    batch: &Batch,
) -> Result<(), Failure> {
    for it in running.views.iter_mut().filter(|it| !it.halted && it.position == from) {
        let halted = match fold(journal, tenant, it.view, &it.build, Position(from), batch).await {
            Ok(()) => {
                it.position = batch.through.0;
                None
            }
            Err(Failure::Fault(Fault::Corrupt { what })) => {
                tracing::error!(%what, view = it.view.name(), "the view halts");
                Some((from + 1, Reason::Corrupt))
            }
            Err(Failure::Rejected(why)) => {
                tracing::error!(%why, view = it.view.name(), "the view halts");
                Some((position_in(&why).unwrap_or(from + 1), why.reason))
            }
            Err(it) => return Err(it),
        };
        if let Some((at, reason)) = halted {
            let views = &journal.shared.ports.views;
            views.halt(&tenant.id, &it.build, Position(at), reason.code()).await?;
            it.halted = true;
        }
        it.tell(tenant);
    }
    Ok(())
}

async fn halt(
    journal: &Journal,
    tenant: &Tenant,
    running: &mut Running,
    through: u64,
    position: Position,
    reason: Reason,
) -> Result<(), Failure> {
    for it in running.views.iter_mut().filter(|it| !it.halted && it.position == through) {
        tracing::error!(
            view = it.view.name(),
            position = position.0,
            code = reason.code(),
            "halted"
        );
        let views = &journal.shared.ports.views;
        views.halt(&tenant.id, &it.build, position, reason.code()).await?;
        it.halted = true;
        it.tell(tenant);
    }
    Ok(())
}

/// The events of one stream in a batch.
struct Part<'a> {
    events: Vec<&'a OpenedEvent>,
    refold: bool,
}

/// Folds a batch into one build and commits rows and checkpoint together.
pub(super) async fn fold(
    journal: &Journal,
    tenant: &Tenant,
    view: &dyn Folding,
    build: &ViewBuild,
    from: Position,
    batch: &Batch,
) -> Result<(), Failure> {
    let mut parts: BTreeMap<StreamTag, Part<'_>> = BTreeMap::new();
    for it in batch.events.iter().filter(|it| it.header.stream.kind == view.stream()) {
        let part = parts.entry(it.tag).or_insert(Part { events: Vec::new(), refold: false });
        part.refold |= needs_refold(&it.recorded.fact);
        part.events.push(it);
    }
    let slots: Vec<_> = parts.keys().map(|it| stream_slot(*it)).collect();
    let keys = journal.shared.keyring.get(&tenant.id, &slots).await?;
    let state_keys: Vec<_> = parts.keys().map(|it| (*it, String::new())).collect();
    let views = &journal.shared.ports.views;
    let states = views.rows_by_key(&tenant.id, build, &state_keys).await?;
    let mut writing = ViewBatch {
        expected: from,
        position: batch.through,
        cleared: Vec::new(),
        rows: Vec::new(),
    };
    for (((tag, part), key), old) in parts.into_iter().zip(keys).zip(states) {
        let key = key.ok_or_else(|| corrupt(view, "a stream's key is missing"))?;
        let sealer = Sealer { journal, tenant, build, key: &key.key };
        let rows = match part.refold {
            true => {
                writing.cleared.push(tag);
                sealer.refolded(view, tag, &part, batch.through).await?
            }
            false => sealer.folded(view, tag, &part, old)?,
        };
        writing.rows.extend(rows);
    }
    Ok(views.commit(&tenant.id, build, writing).await?)
}

/// Folds the parts of one stream and seals their rows.
struct Sealer<'a> {
    journal: &'a Journal,
    tenant: &'a Tenant,
    build: &'a ViewBuild,
    key: &'a SecretKey,
}

impl Sealer<'_> {
    fn folded(
        &self,
        view: &dyn Folding,
        tag: StreamTag,
        part: &Part<'_>,
        old: Option<ViewRow>,
    ) -> Result<Vec<ViewRow>, Failure> {
        let first = part.events.first().map_or(0, |it| it.recorded.position);
        let entries: Vec<_> = part.events.iter().filter_map(|it| ordinary(&it.recorded)).collect();
        let (state, first) = match old {
            Some(it) => {
                let (tenant, build) = (&self.tenant.id, self.build);
                let state: Stored<Value> = rows::open(self.key, tenant, build, "", &it.state)?;
                (Some(state.content), it.sort1)
            }
            None => (None, i64::try_from(first).unwrap_or(i64::MAX)),
        };
        let folded = view.fold(state, &entries).ok_or_else(|| corrupt(view, "a state"))?;
        self.seal(tag, first, part, folded)
    }

    async fn refolded(
        &self,
        view: &dyn Folding,
        tag: StreamTag,
        part: &Part<'_>,
        through: Position,
    ) -> Result<Vec<ViewRow>, Failure> {
        let Some(stream) = part.events.first().map(|it| it.header.stream) else {
            return Ok(Vec::new());
        };
        let (_, history) =
            load::history_through(self.journal, self.tenant, stream, through).await?;
        let first = history.first().map_or(0, |it| it.position);
        let folded = view.refold(&history).ok_or_else(|| corrupt(view, "a state"))?;
        self.seal(tag, i64::try_from(first).unwrap_or(i64::MAX), part, folded)
    }

    /// The state and the rows, sealed.
    fn seal(
        &self,
        tag: StreamTag,
        first: i64,
        part: &Part<'_>,
        (state, folded): (Value, Vec<Row>),
    ) -> Result<Vec<ViewRow>, Failure> {
        let last = part.events.last().map(|it| &it.recorded);
        let revision = last.map_or(0, |it| it.revision);
        let last = i64::try_from(last.map_or(0, |it| it.position)).unwrap_or(i64::MAX);
        let entropy = self.journal.shared.ports.entropy.as_ref();
        let seal = |key: &str, content: Value| {
            let content = Stored { revision, content };
            rows::seal(self.key, entropy, &self.tenant.id, self.build, key, &content)
        };
        let row = |key: String, state, body| ViewRow {
            stream_tag: tag,
            key,
            sort1: first,
            sort2: last,
            state,
            body,
        };
        let mut sealed = vec![row(String::new(), seal("", state)?, Vec::new())];
        for it in folded {
            let body = seal(&it.key, it.body)?;
            sealed.push(row(it.key, Vec::new(), body));
        }
        Ok(sealed)
    }
}

fn corrupt(view: &dyn Folding, what: &str) -> Fault {
    Fault::Corrupt { what: format!("view {}: {what}", view.name()) }
}
