//! Rebuilds a view beside its live rows, tells the difference, and switches.
//!
//! A rebuild may run on any server, also where another one runs the view: it has a lease of its own,
//! and the server that runs the view notices the switch.

use std::collections::HashSet;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use fokus_core::rejection::{Reason, Rejection};
use fokus_store::{Fault, Position, TenantId, ViewBuild};
use tokio::sync::mpsc;

use super::compare::compare;
use super::folds::{Folds, Place};
use super::lease::Held;
use super::{build_of, step, unknown_view};
use crate::failure::Failure;
use crate::folding::{Folding, VIEWS};
use crate::journal::{Journal, shutting_down};
use crate::query::RebuildProgress;
use crate::tenants::Tenant;

/// How long the last word on a rebuild waits for its listener.
const TELL_MAX: Duration = Duration::from_secs(10);
/// How often a rebuild reads on before it switches while the log grows under it.
const CATCH_UP_MAX: u32 = 20;

/// The rebuilds under way.
#[derive(Debug, Default)]
pub(crate) struct Rebuilds(Mutex<HashSet<(TenantId, &'static str)>>);

/// A rebuild's seat among those under way; given back when dropped.
struct Seat<'a>(&'a Rebuilds, (TenantId, &'static str));

impl Rebuilds {
    fn take(&self, tenant: &TenantId, view: &'static str) -> Result<Seat<'_>, Rejection> {
        let seat = (tenant.clone(), view);
        if !self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(seat.clone()) {
            return Err(under_way());
        }
        Ok(Seat(self, seat))
    }
}

impl Drop for Seat<'_> {
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
    let _seat = journal.shared.rebuilds.take(&tenant.id, view.name())?;
    let held = Held::take(journal, tenant, &format!("{name}/rebuild")).await?;
    let held = held.ok_or_else(under_way)?;
    let mut rebuilding = begin(journal, tenant, view, held).await?;
    let outcome = rebuilding.run(&progress).await;
    let Rebuilding { held, .. } = rebuilding;
    held.release(journal, tenant).await;
    let difference = outcome?;
    let head = journal.shared.ports.events.head(&tenant.id).await?.position;
    let done = RebuildProgress { position: head.0, head: head.0, difference: Some(difference) };
    // Whoever does not listen holds no place here for ever.
    let _ = progress.send_timeout(done, TELL_MAX).await;
    Ok(())
}

fn under_way() -> Rejection {
    Rejection::new(Reason::Busy, "a rebuild of this view is under way")
}

/// A build on its way.
struct Rebuilding<'a> {
    journal: &'a Journal,
    tenant: &'a Tenant,
    view: &'static dyn Folding,
    build: ViewBuild,
    held: Held,
    folds: Folds,
    /// How far it is folded.
    position: Position,
    /// How far it is written: what is between stands in memory.
    written: Position,
}

/// Begins the next build; unfinished ones of before are removed.
async fn begin<'a>(
    journal: &'a Journal,
    tenant: &'a Tenant,
    view: &'static dyn Folding,
    held: Held,
) -> Result<Rebuilding<'a>, Failure> {
    let views = &journal.shared.ports.views;
    let mut newest = 0;
    for it in views.checkpoints(&tenant.id).await? {
        if it.build.view != view.name() {
            continue;
        }
        newest = newest.max(it.build.revision & 0xffff);
        if !it.live {
            views.discard(&tenant.id, &held.lease, &it.build).await?;
        }
    }
    // After 65,535 builds of one revision the numbers begin again: old builds are gone by then.
    let number = u16::try_from(newest + 1).unwrap_or(1);
    let build = build_of(view, number);
    views.begin(&tenant.id, &held.lease, &build, false).await?;
    let (folds, position, written) = (Folds::at(0), Position(0), Position(0));
    Ok(Rebuilding { journal, tenant, view, build, held, folds, position, written })
}

impl Rebuilding<'_> {
    /// Folds the log, compares, switches; gives the rows changed, added and removed.
    async fn run(
        &mut self,
        progress: &mpsc::Sender<RebuildProgress>,
    ) -> Result<(u64, u64, u64), Failure> {
        loop {
            if self.journal.shared.shutdown.is_cancelled() {
                return Err(shutting_down());
            }
            let head = self.head().await?;
            let told =
                RebuildProgress { position: self.position.0, head: head.0, difference: None };
            // A caller who went away does not stop the rebuild.
            let _ = progress.try_send(told);
            if self.position >= head {
                break;
            }
            self.advance(None).await?;
            if self.folds.is_full() {
                self.write().await?;
            }
        }
        self.write().await?;
        let difference = self.difference().await?;
        self.switch().await?;
        Ok(difference)
    }

    async fn head(&self) -> Result<Position, Fault> {
        Ok(self.journal.shared.ports.events.head(&self.tenant.id).await?.position)
    }

    /// Folds the next batch in memory.
    async fn advance(&mut self, until: Option<Position>) -> Result<(), Failure> {
        let batch = step::read(self.journal, self.tenant, self.position, until).await?;
        if batch.through > self.position {
            let Rebuilding { journal, tenant, view, build, .. } = self;
            let place = Place { journal, tenant, view: *view, build };
            self.folds.absorb(place, &batch).await?;
            self.position = batch.through;
        }
        self.held.renew(self.journal, self.tenant).await?;
        match batch.halt {
            Some((position, reason)) => {
                Err(Rejection::new(reason, "the rebuild cannot go on there")
                    .with("position", position.0.to_string())
                    .into())
            }
            None => Ok(()),
        }
    }

    /// Writes what stands in memory.
    async fn write(&mut self) -> Result<(), Failure> {
        if self.written == self.position {
            return Ok(());
        }
        let Rebuilding { journal, tenant, view, build, .. } = self;
        let place = Place { journal, tenant, view: *view, build };
        let batch = self.folds.write(place, self.written, self.position).await?;
        self.held.renew(journal, tenant).await?;
        let views = &self.journal.shared.ports.views;
        views.commit(&self.tenant.id, &self.held.lease, &self.build, batch).await?;
        self.folds.written();
        self.written = self.position;
        Ok(())
    }

    /// What the build changes against the live one.
    async fn difference(&mut self) -> Result<(u64, u64, u64), Failure> {
        let live = self.live().await?;
        // Both are brought to one position where that can be: the live one is on its way there too.
        while self.position < live.1 {
            self.advance(Some(live.1)).await?;
        }
        self.write().await?;
        let at = self.position.min(live.1);
        let (journal, tenant) = (self.journal, self.tenant);
        compare(journal, tenant, &live.0, &self.build, at.0, &mut self.held).await
    }

    /// The live build of the view, and where it stands.
    async fn live(&self) -> Result<(ViewBuild, Position), Failure> {
        let checkpoints = self.journal.shared.ports.views.checkpoints(&self.tenant.id).await?;
        let mut live = checkpoints.into_iter();
        let live = live.find(|it| it.live && it.build.view == self.view.name());
        let live = live.ok_or_else(|| Fault::Corrupt { what: "no live view".to_owned() })?;
        Ok((live.build, live.position))
    }

    /// Makes the build the live one, as far on as the one before.
    async fn switch(&mut self) -> Result<(), Failure> {
        for _ in 0..CATCH_UP_MAX {
            let head = self.head().await?;
            if self.position >= head {
                break;
            }
            self.advance(Some(head)).await?;
            self.write().await?;
        }
        let tenant = self.tenant;
        // The view stands still, if it is run here.
        let mut running = tenant.running.lock().await;
        let (_, target) = self.live().await?;
        while self.position < target {
            self.advance(Some(target)).await?;
        }
        self.write().await?;
        self.held.renew(self.journal, tenant).await?;
        let views = &self.journal.shared.ports.views;
        views.switch(&tenant.id, &self.held.lease, &self.build).await?;
        if let Some(it) = running.views.iter_mut().find(|it| it.view.name() == self.view.name()) {
            it.build = Some(self.build.clone());
            it.position = self.position.0;
            it.halted = false;
            it.folds = std::mem::take(&mut self.folds);
            it.tell(tenant);
        }
        running.look_at = None;
        tenant.look.notify_one();
        Ok(())
    }
}
