//! Runs the views: one loop per tenant folds the log into all of them; rows and checkpoint commit
//! together.
//!
//! Several servers may share a store. A view of a tenant is run by the one that holds its lease; the
//! others follow its checkpoint, so that their readers see it move, and one of them takes over when the
//! lease runs out. A server that lost its lease writes nothing: each write carries the lease.
//!
//! An ordinary event is folded on; a correction, a mark or its withdrawal makes the loop refold that one
//! stream. What cannot be folded halts the view there, visibly; nothing is skipped. A rebuild is the
//! same step on a build of its own beside the live one, and a switch at the end ([`rebuild()`]).
//!
//! Read in this order: [`run`] and `turn` here, `lease.rs`, `step.rs`, `folds.rs`, `rebuild.rs`.

mod compare;
mod folds;
mod lease;
mod rebuild;
mod step;

use std::sync::Arc;
use std::time::Duration;

use fokus_core::rejection::{Reason, Rejection};
use fokus_store::{Fault, Position, ViewBuild, ViewCheckpoint};
use tokio::time::Instant;

use crate::failure::Failure;
use crate::folding::{Folding, VIEWS};
use crate::journal::Journal;
use crate::tenants::{LiveState, LiveView, Tenant};
use folds::Folds;
use lease::Held;

pub(crate) use rebuild::{Rebuilds, rebuild};

/// The view of family statuses.
pub(crate) const STATUS: &str = "family_status";
/// The view of timelines.
pub(crate) const TIMELINE: &str = "timeline";
/// The view of risks, scores and incidents.
pub(crate) const TRAJECTORY: &str = "risk_trajectory";
/// The view of interventions.
pub(crate) const INTERVENTIONS: &str = "interventions";
/// The view of cases, from which loads follow.
pub(crate) const CASELOAD: &str = "caseload";
/// The view of families as the programme counts them.
pub(crate) const PROGRAMME: &str = "programme";
/// The view of what was released.
pub(crate) const OUTCOMES: &str = "outcomes";
/// Every view's name.
pub(crate) const VIEW_NAMES: &[&str] =
    &[STATUS, TIMELINE, TRAJECTORY, INTERVENTIONS, CASELOAD, PROGRAMME, OUTCOMES];

/// How long the loop waits before it tries again what the store could not do.
const RETRY_AFTER: Duration = Duration::from_millis(200);
/// The least time between two steps while nobody waits for a position, by the events of the last step:
/// steps are cheaper the more events they fold. Where few people work, what one wrote is there for the
/// next who looks.
const PACES: [(u64, Duration); 3] = [
    (16, Duration::from_millis(5)),
    (64, Duration::from_millis(50)),
    (u64::MAX, Duration::from_millis(200)),
];
/// How long the runner waits for what this server accepted to be handed over. The log tells of it a moment
/// before.
const HANDOVER_MAX: Duration = Duration::from_millis(5);
/// How long the runner reads the log at once after it waited in vain: another server writes.
const READ_LOG_FOR: Duration = Duration::from_secs(1);
/// How long a follower waits before it looks again while the view is behind the log.
const FOLLOW_AFTER: Duration = Duration::from_millis(50);

/// The live builds that the loop folds on or follows.
#[derive(Default)]
pub(crate) struct Running {
    views: Vec<RunningView>,
    /// When leases and checkpoints are to be looked at next; `None` = now.
    look_at: Option<Instant>,
    /// Where the log stood at the last look.
    head: u64,
    /// Until then the log is read at once where it goes on.
    reads_log: Option<Instant>,
}

impl std::fmt::Debug for Running {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Running({})", self.views.len())
    }
}

struct RunningView {
    view: &'static dyn Folding,
    /// The lease, while this server runs the view; without it the view is followed.
    held: Option<Held>,
    /// When the lease was asked for last; `None` = ask at once.
    asked: Option<Instant>,
    /// `None` while another server has not begun a build of this program's revision.
    build: Option<ViewBuild>,
    position: u64,
    halted: bool,
    /// Where the log stood when the server met the tenant: a view that is still on its way there is
    /// behind, and not shown.
    floor: u64,
    folds: Folds,
}

impl RunningView {
    fn tell(&self, tenant: &Tenant) {
        if let Some(it) = tenant.live.get(self.view.name()) {
            let (build, position) = (self.build.clone(), self.position);
            // A halted view shows how far it came: it comes no further.
            let floor = if self.halted { position } else { self.floor };
            it.set(LiveState { build, position, halted: self.halted, floor });
        }
    }

    /// Whether this server folds it on.
    fn runs(&self) -> bool {
        self.held.is_some() && self.build.is_some() && !self.halted
    }

    /// Whether another server is expected to move it.
    fn is_followed(&self) -> bool {
        self.held.is_none() && !self.halted
    }

    /// Stands where the store says, nothing remembered.
    fn stand(&mut self, checkpoint: Option<ViewCheckpoint>) {
        self.position = checkpoint.as_ref().map_or(0, |it| it.position.0);
        self.halted = checkpoint.as_ref().is_some_and(|it| it.halted.is_some());
        self.build = checkpoint.map(|it| it.build);
        self.folds = Folds::at(self.position);
    }
}

/// The live view of that name.
pub(crate) fn live_view<'a>(tenant: &'a Tenant, name: &str) -> Result<&'a LiveView, Failure> {
    tenant.live.get(name).ok_or_else(|| unknown_view().into())
}

fn unknown_view() -> Rejection {
    Rejection::new(Reason::UnknownId, "no such view").at("name")
}

/// Meets the tenants that have a log, now and as other servers make them, so that their views run
/// without anybody asking.
pub(crate) async fn meet_tenants(journal: Journal) {
    loop {
        match journal.shared.ports.events.tenants().await {
            Ok(tenants) => {
                for it in tenants {
                    if let Err(error) = journal.tenant(&it).await {
                        tracing::error!(%error, "a tenant's views do not start");
                    }
                }
                if pause(&journal, journal.shared.lease_ttl).await {
                    return;
                }
            }
            Err(error) => {
                tracing::warn!(%error, "the tenants cannot be listed; trying again");
                if pause(&journal, RETRY_AFTER).await {
                    return;
                }
            }
        }
    }
}

/// Waits a moment; whether the server is shutting down.
async fn pause(journal: &Journal, moment: Duration) -> bool {
    tokio::select! {
        () = journal.shared.shutdown.cancelled() => true,
        () = tokio::time::sleep(moment) => false,
    }
}

/// The loop of one tenant; ends with the server, and gives its leases up then.
pub(crate) async fn run(journal: Journal, tenant: Arc<Tenant>) {
    // Where the views stood after the last step, and when the next one should be.
    let mut pace = None;
    while !journal.shared.shutdown.is_cancelled() {
        if let Some((position, until)) = pace.take() {
            tenant.handover.pause(position, until).await;
        }
        let begun = Instant::now();
        match turn(&journal, &tenant).await {
            Ok(Turn::On) => tokio::task::yield_now().await,
            Ok(Turn::Stepped { through, events }) => {
                let least = PACES.iter().find(|(below, _)| events < *below).map(|it| it.1);
                pace = least.map(|it| (through, begun + it));
            }
            Ok(Turn::Expect(after)) => expect(&tenant, after).await,
            Ok(Turn::Wait { beyond, look_at }) => wait(&journal, &tenant, beyond, look_at).await,
            Err(error) => {
                tracing::warn!(%error, tenant = %tenant.id, "views do not move; trying again");
                tenant.running.lock().await.forget();
                // What nobody folds does not pile up.
                tenant.handover.set_open(false);
                if pause(&journal, RETRY_AFTER).await {
                    break;
                }
            }
        }
    }
    let views = std::mem::take(&mut tenant.running.lock().await.views);
    for held in views.into_iter().filter_map(|it| it.held) {
        held.release(&journal, &tenant).await;
    }
}

/// What a turn of the loop came to.
enum Turn {
    /// There is more to do.
    On,
    /// The views reached this position with so many events, and what comes next is new.
    Stepped { through: u64, events: u64 },
    /// What comes after this position should be handed over at any moment.
    Expect(u64),
    /// Nothing to do until the log is beyond a position (where that matters), or until then.
    Wait { beyond: Option<Position>, look_at: Instant },
}

/// What a step came to.
enum Stepped {
    /// There may be more.
    On,
    /// What had been accepted when the step began is folded, up to here; so many events.
    Through(u64, u64),
    /// The log goes on after this position; what comes was not handed over yet.
    Expecting(u64),
    AtHead(Position),
    NothingToRun,
}

/// Looks at leases and checkpoints where that is due, then folds one batch on.
async fn turn(journal: &Journal, tenant: &Tenant) -> Result<Turn, Failure> {
    let mut running = tenant.running.lock().await;
    if running.look_at.is_none_or(|it| it <= Instant::now()) {
        look(journal, tenant, &mut running).await?;
    }
    let look_at = running.look_at.unwrap_or_else(Instant::now);
    match step::step(journal, tenant, &mut running).await? {
        Stepped::On => Ok(Turn::On),
        Stepped::Through(through, events) => Ok(Turn::Stepped { through, events }),
        Stepped::Expecting(it) => Ok(Turn::Expect(it)),
        Stepped::AtHead(head) => Ok(Turn::Wait { beyond: Some(head), look_at }),
        Stepped::NothingToRun => {
            let follows = running.views.iter().any(RunningView::is_followed);
            let behind = running.is_behind();
            let beyond = (follows && !behind).then_some(Position(running.head));
            Ok(Turn::Wait { beyond, look_at })
        }
    }
}

/// Waits for what comes after a position to be handed over.
async fn expect(tenant: &Tenant, after: u64) {
    if tokio::time::timeout(HANDOVER_MAX, tenant.handover.ready(after)).await.is_err() {
        tenant.running.lock().await.reads_log = Some(Instant::now() + READ_LOG_FOR);
    }
}

/// Waits for the log to grow, for the time to look, or for somebody who asks to look now.
async fn wait(journal: &Journal, tenant: &Tenant, beyond: Option<Position>, look_at: Instant) {
    let grown = async {
        match beyond {
            Some(it) => journal.shared.ports.events.wait_beyond(&tenant.id, it).await,
            None => std::future::pending().await,
        }
    };
    let head = tokio::select! {
        () = journal.shared.shutdown.cancelled() => return,
        () = tokio::time::sleep_until(look_at) => return,
        () = tenant.look.notified() => None,
        it = grown => match it {
            Ok(head) => Some(head.0),
            Err(_) if pause(journal, RETRY_AFTER).await => return,
            Err(_) => None,
        },
    };
    let mut running = tenant.running.lock().await;
    match head {
        None => running.look_at = None,
        Some(head) if running.views.iter().any(RunningView::is_followed) => {
            running.head = running.head.max(head);
            // Whoever runs the view needs a moment.
            running.look_at = Some(look_at.min(Instant::now() + FOLLOW_AFTER));
        }
        Some(_) => {}
    }
}

impl Running {
    /// Forgets what may be out of date, leases included: they are asked for again at once.
    fn forget(&mut self) {
        self.look_at = None;
        for it in &mut self.views {
            (it.held, it.asked) = (None, None);
            it.folds = Folds::default();
        }
    }

    /// Whether a view that another server moves is behind the log.
    fn is_behind(&self) -> bool {
        self.views.iter().any(|it| it.is_followed() && it.position < self.head)
    }
}

/// Takes or renews the leases, and finds where the live build of each view stands. A view that this
/// server runs and that has no build, or one of other code, gets a new one, which becomes the live one
/// at once: its rows are made from the log, the old ones removed.
async fn look(journal: &Journal, tenant: &Tenant, running: &mut Running) -> Result<(), Fault> {
    let head = journal.shared.ports.events.head(&tenant.id).await?.position.0;
    running.head = head;
    if running.views.is_empty() {
        let begin = |view| RunningView {
            view,
            held: None,
            asked: None,
            build: None,
            position: 0,
            halted: false,
            floor: head,
            folds: Folds::default(),
        };
        running.views = VIEWS.into_iter().map(begin).collect();
    }
    for it in &mut running.views {
        ask(journal, tenant, it).await?;
    }
    let checkpoints = journal.shared.ports.views.checkpoints(&tenant.id).await?;
    for it in &mut running.views {
        stand(journal, tenant, it, &checkpoints).await?;
        it.tell(tenant);
    }
    tenant.handover.set_open(running.views.iter().any(RunningView::runs));
    let pause = if running.is_behind() { FOLLOW_AFTER } else { journal.shared.lease_ttl / 3 };
    running.look_at = Some(Instant::now() + pause);
    Ok(())
}

/// Renews the view's lease, or asks for it, where that is due.
async fn ask(journal: &Journal, tenant: &Tenant, it: &mut RunningView) -> Result<(), Fault> {
    let due = match &it.held {
        Some(held) => held.is_due(journal),
        None => it.asked.is_none_or(|at| at.elapsed() >= journal.shared.lease_ttl / 3),
    };
    if !due {
        return Ok(());
    }
    it.asked = Some(Instant::now());
    let before = it.held.take();
    let held = Held::take(journal, tenant, it.view.name()).await?;
    let same = |held: &Held| before.as_ref().is_some_and(|it| it.lease == held.lease);
    if held.as_ref().is_some_and(|it| !same(it)) {
        tracing::info!(view = it.view.name(), tenant = %tenant.id, "this server runs the view");
        // What is remembered may be out of date.
        it.build = None;
    }
    it.held = held;
    Ok(())
}

/// Brings the view to where its live build stands.
async fn stand(
    journal: &Journal,
    tenant: &Tenant,
    it: &mut RunningView,
    checkpoints: &[ViewCheckpoint],
) -> Result<(), Fault> {
    let (view, views) = (it.view, &journal.shared.ports.views);
    let live = checkpoints.iter().find(|it| it.build.view == view.name() && it.live);
    let fits = |it: &&ViewCheckpoint| it.build.revision >> 16 == u32::from(view.revision());
    match (live.filter(fits), &it.held) {
        // What this server did itself it knows better.
        (Some(live), Some(_)) if it.build.as_ref() == Some(&live.build) => {}
        (Some(live), _) => it.stand(Some(live.clone())),
        (None, None) => it.stand(None),
        (None, Some(held)) => {
            let build = build_of(view, 1);
            views.begin(&tenant.id, &held.lease, &build, live.is_none()).await?;
            if live.is_some() {
                views.switch(&tenant.id, &held.lease, &build).await?;
            }
            let position = Position(0);
            it.stand(Some(ViewCheckpoint { build, position, live: true, halted: None }));
        }
    }
    Ok(())
}

/// The build of a view with this number.
fn build_of(view: &dyn Folding, number: u16) -> ViewBuild {
    let revision = u32::from(view.revision()) << 16 | u32::from(number);
    ViewBuild { view: view.name().to_owned(), revision }
}
