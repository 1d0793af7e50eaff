//! Runs the views: one loop per tenant folds the log into all of them; rows and checkpoint commit
//! together.
//!
//! An ordinary event is folded on; a correction, a mark or its withdrawal makes the loop refold that one
//! stream. What cannot be folded halts the view there, visibly; nothing is skipped. A rebuild is the
//! same step on a build of its own beside the live one, and a switch at the end ([`rebuild()`]).

mod rebuild;
mod step;

use std::sync::Arc;
use std::time::Duration;

use fokus_core::rejection::{Reason, Rejection};
use fokus_store::{Fault, Position, ViewBuild, ViewCheckpoint};

use crate::failure::Failure;
use crate::folding::{Folding, VIEWS};
use crate::journal::Journal;
use crate::tenants::{LiveState, LiveView, Tenant};

pub(crate) use rebuild::{Rebuilds, rebuild};

/// The view of family statuses.
pub(crate) const STATUS: &str = "family_status";
/// The view of timelines.
pub(crate) const TIMELINE: &str = "timeline";
/// Every view's name.
pub(crate) const VIEW_NAMES: &[&str] = &[STATUS, TIMELINE];

/// The most events of one step.
const STEP_EVENTS_MAX: u32 = 500;
/// How long the loop waits before it tries again what the store could not do.
const RETRY_AFTER: Duration = Duration::from_millis(200);

/// The live builds that the loop folds on.
#[derive(Default)]
pub(crate) struct Running {
    views: Vec<RunningView>,
}

impl std::fmt::Debug for Running {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Running({})", self.views.len())
    }
}

struct RunningView {
    view: &'static dyn Folding,
    build: ViewBuild,
    position: u64,
    halted: bool,
    /// Where the log stood when the server met the tenant: a view that is still on its way there is
    /// behind, and not shown.
    floor: u64,
}

impl RunningView {
    fn tell(&self, tenant: &Tenant) {
        if let Some(it) = tenant.live.get(self.view.name()) {
            let (build, position) = (Some(self.build.clone()), self.position);
            it.set(LiveState { build, position, halted: self.halted, floor: self.floor });
        }
    }
}

/// The live view of that name.
pub(crate) fn live_view<'a>(tenant: &'a Tenant, name: &str) -> Result<&'a LiveView, Failure> {
    tenant.live.get(name).ok_or_else(|| unknown_view().into())
}

fn unknown_view() -> Rejection {
    Rejection::new(Reason::UnknownId, "no such view").at("name")
}

/// Meets the tenants that have a log, so that their views run from the start.
pub(crate) async fn start_known(journal: Journal) {
    loop {
        match journal.shared.ports.events.tenants().await {
            Ok(tenants) => {
                for it in tenants {
                    if let Err(error) = journal.tenant(&it).await {
                        tracing::error!(%error, "a tenant's views do not start");
                    }
                }
                return;
            }
            Err(error) => {
                tracing::warn!(%error, "the tenants cannot be listed; trying again");
                if pause(&journal).await {
                    return;
                }
            }
        }
    }
}

/// Waits a moment; whether the server is shutting down.
async fn pause(journal: &Journal) -> bool {
    tokio::select! {
        () = journal.shared.shutdown.cancelled() => true,
        () = tokio::time::sleep(RETRY_AFTER) => false,
    }
}

/// The loop of one tenant; ends with the server.
pub(crate) async fn run(journal: Journal, tenant: Arc<Tenant>) {
    while let Err(error) = open(&journal, &tenant).await {
        tracing::warn!(%error, tenant = %tenant.id, "views cannot be opened; trying again");
        if pause(&journal).await {
            return;
        }
    }
    loop {
        let stepped = step::step(&journal, &tenant).await;
        if journal.shared.shutdown.is_cancelled() {
            return;
        }
        match stepped {
            Ok(Stepped::On) => {}
            Ok(Stepped::AtHead(head)) => {
                tokio::select! {
                    () = journal.shared.shutdown.cancelled() => return,
                    () = tenant.switched.notified() => {}
                    it = journal.shared.ports.events.wait_beyond(&tenant.id, head) => {
                        if it.is_err() && pause(&journal).await {
                            return;
                        }
                    }
                }
            }
            Ok(Stepped::AllHalted) => tokio::select! {
                () = journal.shared.shutdown.cancelled() => return,
                () = tenant.switched.notified() => {}
            },
            Err(error) => {
                tracing::warn!(%error, tenant = %tenant.id, "views do not move; trying again");
                if pause(&journal).await {
                    return;
                }
                let _ = open(&journal, &tenant).await;
            }
        }
    }
}

/// What a step came to.
enum Stepped {
    On,
    AtHead(Position),
    AllHalted,
}

/// Finds the live build of each view, or begins it. A view whose code has changed begins a new build,
/// which becomes the live one at once: its rows are made from the log, the old ones removed.
async fn open(journal: &Journal, tenant: &Tenant) -> Result<(), Fault> {
    let views = &journal.shared.ports.views;
    let mut running = tenant.running.lock().await;
    let checkpoints = views.checkpoints(&tenant.id).await?;
    let head = journal.shared.ports.events.head(&tenant.id).await?.position.0;
    let before = std::mem::take(&mut running.views);
    for view in VIEWS {
        let ours = |it: &&ViewCheckpoint| it.build.view == view.name() && it.live;
        let live = checkpoints.iter().find(ours);
        let checkpoint = match live {
            Some(it) if it.build.revision >> 16 == u32::from(view.revision()) => it.clone(),
            _ => {
                let build = build_of(view, 1);
                views.begin(&tenant.id, &build, live.is_none()).await?;
                if live.is_some() {
                    views.switch(&tenant.id, &build).await?;
                }
                ViewCheckpoint { build, position: Position(0), live: true, halted: None }
            }
        };
        let (position, halted) = (checkpoint.position.0, checkpoint.halted.is_some());
        let known = before.iter().find(|it| it.view.name() == view.name());
        let floor = known.map_or(head, |it| it.floor);
        // A halted view shows how far it came: it comes no further.
        let floor = if halted { position } else { floor };
        let it = RunningView { view, build: checkpoint.build, position, halted, floor };
        it.tell(tenant);
        running.views.push(it);
    }
    Ok(())
}

/// The build of a view with this number.
fn build_of(view: &dyn Folding, number: u16) -> ViewBuild {
    let revision = u32::from(view.revision()) << 16 | u32::from(number);
    ViewBuild { view: view.name().to_owned(), revision }
}
