//! Rebuilds a view beside its live rows, tells the difference, and switches.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use fokus_core::rejection::{Reason, Rejection};
use fokus_store::{Fault, Position, RowOrder, StreamTag, TenantId, ViewBuild};
use serde_json::Value;
use tokio::sync::mpsc;

use super::{build_of, step, unknown_view};
use crate::failure::Failure;
use crate::folding::{Folding, VIEWS};
use crate::journal::{Journal, shutting_down};
use crate::query::RebuildProgress;
use crate::rows;
use crate::tenants::Tenant;

/// How long the last word on a rebuild waits for its listener.
const TELL_MAX: Duration = Duration::from_secs(10);
/// Rows of one page while two builds are compared.
const PAGE_ROWS: u32 = 500;

/// The rebuilds under way.
#[derive(Debug, Default)]
pub(crate) struct Rebuilds(Mutex<HashSet<(TenantId, &'static str)>>);

/// A rebuild's place among those under way; given back when dropped.
struct Place<'a>(&'a Rebuilds, (TenantId, &'static str));

impl Rebuilds {
    fn take(&self, tenant: &TenantId, view: &'static str) -> Result<Place<'_>, Rejection> {
        let place = (tenant.clone(), view);
        if !self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(place.clone()) {
            return Err(Rejection::new(Reason::Busy, "a rebuild of this view is under way"));
        }
        Ok(Place(self, place))
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.0.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.1);
    }
}

/// See [`Journal::rebuild`].
pub(crate) async fn rebuild(
    journal: &Journal,
    tenant: &Tenant,
    name: &str,
    progress: mpsc::Sender<RebuildProgress>,
) -> Result<(), Failure> {
    let view = VIEWS.into_iter().find(|it| it.name() == name).ok_or_else(unknown_view)?;
    let _place = journal.shared.rebuilds.take(&tenant.id, view.name())?;
    let build = begin(journal, tenant, view).await?;
    let mut position = Position(0);
    loop {
        if journal.shared.shutdown.is_cancelled() {
            return Err(shutting_down());
        }
        let head = journal.shared.ports.events.head(&tenant.id).await?.position;
        let told = RebuildProgress { position: position.0, head: head.0, difference: None };
        // A caller who went away does not stop the rebuild.
        let _ = progress.try_send(told);
        if position >= head {
            break;
        }
        position = advance(journal, tenant, view, &build, position, None).await?;
    }
    let difference = switch(journal, tenant, view, &build, position).await?;
    let head = journal.shared.ports.events.head(&tenant.id).await?.position;
    let done = RebuildProgress { position: head.0, head: head.0, difference: Some(difference) };
    // Whoever does not listen holds no place here for ever.
    let _ = progress.send_timeout(done, TELL_MAX).await;
    Ok(())
}

/// Begins the next build; unfinished ones of before are removed.
async fn begin(
    journal: &Journal,
    tenant: &Tenant,
    view: &dyn Folding,
) -> Result<ViewBuild, Failure> {
    let views = &journal.shared.ports.views;
    let mut newest = 0;
    for it in views.checkpoints(&tenant.id).await? {
        if it.build.view != view.name() {
            continue;
        }
        newest = newest.max(it.build.revision & 0xffff);
        if !it.live {
            views.discard(&tenant.id, &it.build).await?;
        }
    }
    // After 65,535 builds of one revision the numbers begin again: old builds are gone by then.
    let number = u16::try_from(newest + 1).unwrap_or(1);
    let build = build_of(view, number);
    views.begin(&tenant.id, &build, false).await?;
    Ok(build)
}

async fn advance(
    journal: &Journal,
    tenant: &Tenant,
    view: &dyn Folding,
    build: &ViewBuild,
    from: Position,
    until: Option<Position>,
) -> Result<Position, Failure> {
    let batch = step::read(journal, tenant, from, until).await?;
    if batch.through > from {
        step::fold(journal, tenant, view, build, from, &batch).await?;
    }
    match batch.halt {
        Some((position, reason)) => Err(Rejection::new(reason, "the rebuild cannot go on there")
            .with("position", position.0.to_string())
            .into()),
        None => Ok(batch.through),
    }
}

/// Catches up while the live view stands still, compares, and makes the build the live one.
async fn switch(
    journal: &Journal,
    tenant: &Tenant,
    view: &dyn Folding,
    build: &ViewBuild,
    mut position: Position,
) -> Result<(u64, u64, u64), Failure> {
    let mut running = tenant.running.lock().await;
    let live = running.views.iter_mut().find(|it| it.view.name() == view.name());
    let live = live.ok_or_else(|| Fault::Corrupt { what: "no live view".to_owned() })?;
    // Both are brought to the same position: the further of the two. Others write on meanwhile.
    let target = Position(position.0.max(live.position));
    while position < target {
        position = advance(journal, tenant, view, build, position, Some(target)).await?;
    }
    while !live.halted && live.position < target.0 {
        let from = Position(live.position);
        live.position = advance(journal, tenant, view, &live.build, from, Some(target)).await?.0;
        live.tell(tenant);
    }
    let difference = compare(journal, tenant, &live.build, build).await?;
    journal.shared.ports.views.switch(&tenant.id, build).await?;
    live.build = build.clone();
    live.position = position.0;
    live.halted = false;
    live.tell(tenant);
    tenant.switched.notify_one();
    Ok(difference)
}

/// Rows changed, added, removed in `new` against `old`, over their opened content.
async fn compare(
    journal: &Journal,
    tenant: &Tenant,
    old: &ViewBuild,
    new: &ViewBuild,
) -> Result<(u64, u64, u64), Failure> {
    let mut tags = BTreeSet::new();
    for build in [old, new] {
        tags.extend(streams_of(journal, tenant, build).await?);
    }
    let (mut changed, mut added, mut removed) = (0, 0, 0);
    for tag in tags {
        let before = opened(journal, tenant, old, tag).await?;
        let after = opened(journal, tenant, new, tag).await?;
        for (key, row) in &after {
            match before.get(key) {
                Some(it) if it == row => {}
                Some(_) => changed += 1,
                None => added += 1,
            }
        }
        removed += before.keys().filter(|it| !after.contains_key(*it)).map(|_| 1_u64).sum::<u64>();
    }
    Ok((changed, added, removed))
}

async fn streams_of(
    journal: &Journal,
    tenant: &Tenant,
    build: &ViewBuild,
) -> Result<BTreeSet<StreamTag>, Failure> {
    let (mut tags, mut after) = (BTreeSet::new(), i64::MIN);
    loop {
        let views = &journal.shared.ports.views;
        let order = RowOrder::FirstAppearance;
        let (_, page) = views.page(&tenant.id, build, order, after, PAGE_ROWS).await?;
        match page.last() {
            Some(it) => after = it.sort1,
            None => return Ok(tags),
        }
        tags.extend(page.iter().map(|it| it.stream_tag));
    }
}

async fn opened(
    journal: &Journal,
    tenant: &Tenant,
    build: &ViewBuild,
    tag: StreamTag,
) -> Result<BTreeMap<String, Value>, Failure> {
    let (_, mut all) = journal.shared.ports.views.rows(&tenant.id, build, tag).await?;
    all.retain(|it| !it.body.is_empty());
    // An old row that does not open is one more thing that the rebuild changes.
    let bodies = rows::bodies::<Value>(&journal.shared.keyring, &tenant.id, build, &all).await;
    let contents: Vec<Value> = match bodies {
        Ok(it) => it.into_iter().map(|it| it.content).collect(),
        Err(Failure::Fault(Fault::Corrupt { .. })) => vec![Value::Null; all.len()],
        Err(it) => return Err(it),
    };
    Ok(all.into_iter().map(|it| it.key).zip(contents).collect())
}
