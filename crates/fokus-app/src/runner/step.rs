//! One step: read on in the log, fold, seal, commit.

use std::collections::HashMap;

use fokus_core::effective::{Effective, into_ordinary, needs_refold};
use fokus_core::ids::{StreamKind, StreamRef};
use fokus_core::rejection::{Reason, Rejection};
use fokus_store::{Fault, Position, READ_LIMIT_MAX, Range, StoredEvent, StreamTag};
use tokio::task::yield_now;
use tokio::time::Instant;

use super::folds::{Folds, Place};
use super::{Running, RunningView, Stepped};
use crate::failure::Failure;
use crate::handover::Taken;
use crate::journal::Journal;
use crate::opening::OpenedEvent;
use crate::tenants::Tenant;

/// The most events of one step.
const STEP_EVENTS_MAX: u32 = 4_000;
/// The most sealed bytes of one step, but for the last page read.
const STEP_BYTES_MAX: usize = 16 * 1024 * 1024;
/// The most events that may be on their way to being handed over: the commands under way.
const EXPECTED_MAX: u64 = 1_024;
/// After so many events opened, others get their turn on this thread.
const OPENED_AT_ONCE: usize = 200;

/// Moves the views that this server runs and that are furthest back on by one batch.
pub(super) async fn step(
    journal: &Journal,
    tenant: &Tenant,
    running: &mut Running,
) -> Result<Stepped, Failure> {
    let Some(from) = running.views.iter().filter(|it| it.runs()).map(|it| it.position).min() else {
        return Ok(Stepped::NothingToRun);
    };
    let (batch, head) = match tenant.handover.take(from, u64::from(STEP_EVENTS_MAX)) {
        Some(taken) => {
            let batch = Batch::of(taken);
            let through = batch.through;
            (batch, through)
        }
        None => {
            let head = journal.shared.ports.events.head(&tenant.id).await?.position;
            if head.0 <= from {
                return Ok(Stepped::AtHead(Position(from)));
            }
            if running.expects(head.0 - from) {
                return Ok(Stepped::Expecting(from));
            }
            (read(journal, tenant, Position(from), None).await?, head)
        }
    };
    if batch.through.0 > from {
        for it in running.views.iter_mut().filter(|it| it.runs() && it.position == from) {
            fold_into(journal, tenant, it, &batch).await?;
        }
    }
    if let Some((position, reason)) = batch.halt {
        let stopped = |it: &&mut RunningView| it.runs() && it.position == batch.through.0;
        for it in running.views.iter_mut().filter(stopped) {
            halt(journal, tenant, it, position, reason).await?;
        }
        return Ok(Stepped::On);
    }
    Ok(match batch.through {
        it if it.0 <= from => Stepped::AtHead(it),
        it if it >= head => Stepped::Through(it.0, it.0 - from),
        _ => Stepped::On,
    })
}

impl Running {
    /// Whether so many events that the views lack may be those that are being handed over.
    fn expects(&self, missing: u64) -> bool {
        let in_vain = self.reads_log.is_some_and(|it| it > Instant::now());
        !in_vain && missing <= EXPECTED_MAX
    }
}

/// Events read, opened and sorted by stream.
pub(super) struct Batch {
    parts: HashMap<StreamTag, Part>,
    /// How far the reading got; events that could not be opened are beyond it.
    pub(super) through: Position,
    /// What comes next cannot be folded, and why.
    pub(super) halt: Option<(Position, Reason)>,
    /// Something behind `through` was left out, and is looked at in the next step.
    cut: bool,
}

/// The events of one stream in a batch.
pub(super) struct Part {
    pub(super) stream: StreamRef,
    /// Those that are entries of their own, in order.
    pub(super) entries: Vec<Effective>,
    /// Whether another one bears on an earlier entry.
    pub(super) refold: bool,
    /// Position of the first.
    pub(super) first: u64,
    /// Position and revision of the last.
    pub(super) last: u64,
    pub(super) revision: u64,
}

impl Batch {
    /// What this server accepted itself.
    fn of(taken: Taken) -> Batch {
        let through = Position(taken.through);
        let mut batch = Batch { parts: HashMap::new(), through, halt: None, cut: false };
        taken.commands.into_iter().for_each(|it| batch.add(it));
        batch
    }

    /// The parts of the streams of a kind.
    pub(super) fn parts(&self, kind: StreamKind) -> impl Iterator<Item = (&StreamTag, &Part)> {
        self.parts.iter().filter(move |(_, it)| it.stream.kind == kind)
    }

    fn goes_on(&self) -> bool {
        self.halt.is_none() && !self.cut
    }

    fn add(&mut self, events: Vec<OpenedEvent>) {
        for OpenedEvent { tag, stream, recorded } in events {
            let part = self.parts.entry(tag).or_insert_with(|| Part {
                stream,
                entries: Vec::new(),
                refold: false,
                first: recorded.position,
                last: 0,
                revision: 0,
            });
            (part.last, part.revision) = (recorded.position, recorded.revision);
            part.refold |= needs_refold(&recorded.fact);
            part.entries.extend(into_ordinary(recorded));
        }
    }
}

/// The next events after `after`, up to `until`, as far as they can be opened.
pub(super) async fn read(
    journal: &Journal,
    tenant: &Tenant,
    after: Position,
    until: Option<Position>,
) -> Result<Batch, Failure> {
    let mut batch = Batch { parts: HashMap::new(), through: after, halt: None, cut: false };
    let (mut bytes, mut left) = (0, STEP_EVENTS_MAX);
    while left > 0 && bytes < STEP_BYTES_MAX && batch.goes_on() {
        let beyond = until.map_or(u64::MAX, |it| it.0.saturating_sub(batch.through.0));
        let limit = u32::try_from(beyond).unwrap_or(u32::MAX).min(READ_LIMIT_MAX).min(left);
        if limit == 0 {
            break;
        }
        let range = Range::Forward { after: batch.through, limit };
        let stored = journal.shared.ports.events.read_log(&tenant.id, range).await?;
        bytes += stored.iter().map(sealed_bytes).sum::<usize>();
        let count = u32::try_from(stored.len()).unwrap_or(limit);
        for some in stored.chunks(OPENED_AT_ONCE) {
            if batch.goes_on() {
                open(tenant, &mut batch, some).await?;
                yield_now().await;
            }
        }
        if count < limit {
            break;
        }
        left -= count.min(left);
    }
    Ok(batch)
}

fn sealed_bytes(event: &StoredEvent) -> usize {
    event.leaf.len() + event.envelopes.iter().flatten().map(Vec::len).sum::<usize>()
}

/// Opens the next events and adds them to the batch, as far as that goes.
async fn open(
    tenant: &Tenant,
    batch: &mut Batch,
    mut stored: &[StoredEvent],
) -> Result<(), Failure> {
    let after = batch.through.0;
    let events = loop {
        match tenant.opener.facts(stored).await {
            Ok(it) => break it,
            Err(Failure::Rejected(it)) => {
                let at = position_in(&it).unwrap_or(after + 1);
                batch.halt = Some((Position(at), it.reason));
                let before = stored.len();
                let readable = stored.partition_point(|it| it.position.0 < at);
                stored = stored.get(..readable).unwrap_or_default();
                if stored.len() == before {
                    return Err(Failure::Rejected(it));
                }
            }
            // Which of them it is shows when fewer are tried.
            Err(Failure::Fault(Fault::Corrupt { .. })) if stored.len() > 1 => {
                stored = stored.get(..stored.len() / 2).unwrap_or_default();
                batch.halt = None;
                batch.cut = true;
            }
            Err(Failure::Fault(Fault::Corrupt { what })) => {
                tracing::error!(%what, tenant = %tenant.id, "views halt");
                let at = stored.first().map_or(Position(after + 1), |it| it.position);
                batch.halt = Some((at, Reason::Corrupt));
                stored = &[];
                break Vec::new();
            }
            Err(it) => return Err(it),
        }
    };
    let read_all = stored.last().map_or(batch.through, |it| it.position);
    batch.through = match batch.halt {
        Some((position, _)) => {
            read_all.min(Position(position.0.saturating_sub(1))).max(batch.through)
        }
        None => read_all,
    };
    batch.add(events);
    Ok(())
}

/// Where a refusal says that it is.
pub(super) fn position_in(rejection: &Rejection) -> Option<u64> {
    let (_, value) = rejection.metadata.iter().find(|(key, _)| *key == "position")?;
    value.parse().ok()
}

/// Folds a batch into one view and commits rows and checkpoint together. What cannot be folded halts
/// the view.
async fn fold_into(
    journal: &Journal,
    tenant: &Tenant,
    running: &mut RunningView,
    batch: &Batch,
) -> Result<(), Failure> {
    let from = running.position;
    let (at, reason) = match commit(journal, tenant, running, batch).await {
        Ok(()) => {
            running.position = batch.through.0;
            running.tell(tenant);
            return Ok(());
        }
        Err(Failure::Fault(Fault::Corrupt { what })) => {
            tracing::error!(%what, view = running.view.name(), "the view halts");
            (from + 1, Reason::Corrupt)
        }
        Err(Failure::Rejected(why)) => {
            tracing::error!(%why, view = running.view.name(), "the view halts");
            (position_in(&why).unwrap_or(from + 1), why.reason)
        }
        Err(it) => return Err(it),
    };
    halt(journal, tenant, running, Position(at), reason).await
}

async fn commit(
    journal: &Journal,
    tenant: &Tenant,
    running: &mut RunningView,
    batch: &Batch,
) -> Result<(), Failure> {
    let RunningView { view, held, build, position, folds, .. } = running;
    let (Some(build), Some(held)) = (build.as_ref(), held.as_mut()) else {
        return Err(Fault::Conflict.into());
    };
    let place = Place { journal, tenant, view: *view, build };
    folds.absorb(place, batch).await?;
    let writing = folds.write(place, Position(*position), batch.through).await?;
    held.renew(journal, tenant).await?;
    journal.shared.ports.views.commit(&tenant.id, &held.lease, build, writing).await?;
    folds.written();
    Ok(())
}

async fn halt(
    journal: &Journal,
    tenant: &Tenant,
    running: &mut RunningView,
    position: Position,
    reason: Reason,
) -> Result<(), Failure> {
    let code = reason.code();
    tracing::error!(view = running.view.name(), position = position.0, code, "halted");
    let (Some(build), Some(held)) = (&running.build, &running.held) else {
        return Err(Fault::Conflict.into());
    };
    let views = &journal.shared.ports.views;
    views.halt(&tenant.id, &held.lease, build, position, code).await?;
    running.halted = true;
    running.folds = Folds::default();
    running.tell(tenant);
    Ok(())
}
