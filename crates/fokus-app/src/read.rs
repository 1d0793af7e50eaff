//! How queries are answered. Only [`crate::journal::Journal::read`] calls this, after authorising.

mod approvals;
pub(crate) mod bundle;
mod cards;
mod caseload;
mod families;
pub(crate) mod heads;
mod history;
pub(crate) mod identities;
mod interventions;
pub mod leaves;
pub mod moment;
mod names;
mod paging;
mod personal;
pub mod proofs;
mod scan;
mod timeline;
mod trajectory;
mod views;

use std::time::Duration;

use async_trait::async_trait;
use fokus_core::effective::{Clocks, KnownAt};
use fokus_core::record::Recorded;
use fokus_core::rejection::{Reason, Rejection};
use fokus_core::time::local_date;
use fokus_store::{Fault, Position, RowOrder, StreamTag, ViewBuild, ViewRow};
use jiff::civil::Date;

use crate::failure::Failure;
use crate::journal::{Journal, shutting_down};
use crate::runner::live_view;
use crate::session::Action;
use crate::tenants::Tenant;

/// How long a read waits for a view at most.
const WAIT_MAX: Duration = Duration::from_secs(5);

/// Something that can be read.
#[async_trait]
pub trait Query: Send + 'static {
    /// What comes back.
    type Answer: Send + 'static;

    /// What the caller must be permitted.
    const ACTION: Action;

    /// The answer. For [`Journal::read`] alone.
    async fn answer(self, journal: &Journal, tenant: &Tenant) -> Result<Self::Answer, Failure>;
}

/// Refuses a position beyond the head of the log.
async fn check_position(journal: &Journal, tenant: &Tenant, at: u64) -> Result<u64, Failure> {
    let head = journal.shared.ports.events.head(&tenant.id).await?.position.0;
    if at > head {
        let rule = "the position lies beyond the head of the log";
        return Err(Rejection::new(Reason::BeyondHead, rule).with("head", head.to_string()).into());
    }
    Ok(head)
}

/// Waits until the live build of a view has reached the position; gives the build, and where it stands.
async fn wait_for_view(
    journal: &Journal,
    tenant: &Tenant,
    view: &str,
    min_position: u64,
) -> Result<(ViewBuild, u64), Failure> {
    let mut live = live_view(tenant, view)?.subscribe();
    if live.borrow().position < min_position {
        tenant.handover.want(min_position);
    }
    let ready = live.wait_for(|it| it.build.is_some() && it.position >= min_position.max(it.floor));
    let behind = || Rejection::new(Reason::ViewBehind, "the view has not reached the position");
    let state = tokio::select! {
        () = journal.shared.shutdown.cancelled() => return Err(shutting_down()),
        it = tokio::time::timeout(WAIT_MAX, ready) => match it {
            Ok(Ok(it)) => it.clone(),
            Ok(Err(_)) | Err(_) => return Err(behind().into()),
        },
    };
    Ok((state.build.ok_or_else(behind)?, state.position))
}

/// Which rows of a view.
#[derive(Debug, Clone, Copy)]
pub(super) enum Which {
    OfStream(StreamTag),
    /// The one row of that key.
    Row(StreamTag, &'static str),
    /// Those above a value of the order, at most so many.
    Page(RowOrder, i64, u32),
}

/// Rows of a view's live build, once it stands at `min_position`: the build, where the rows stand, the
/// rows. A rebuild may switch between the waiting and the reading: then the new build is read.
pub(super) async fn live_rows(
    journal: &Journal,
    tenant: &Tenant,
    view: &str,
    min_position: u64,
    which: Which,
) -> Result<(ViewBuild, u64, Vec<ViewRow>), Failure> {
    let (mut build, position) = wait_for_view(journal, tenant, view, min_position).await?;
    let mut read = read_rows(journal, tenant, &build, position, which).await;
    if matches!(read, Err(Fault::Conflict)) {
        let mut live = live_view(tenant, view)?.subscribe();
        // The store switches a moment before the runner tells, and on another server it must be asked.
        tenant.look.notify_one();
        let other = live.wait_for(|it| it.build.as_ref().is_some_and(|it| *it != build));
        let told = tokio::select! {
            () = journal.shared.shutdown.cancelled() => return Err(shutting_down()),
            it = tokio::time::timeout(WAIT_MAX, other) => it.is_ok_and(|it| it.is_ok()),
        };
        if told {
            let position;
            (build, position) = wait_for_view(journal, tenant, view, min_position).await?;
            read = read_rows(journal, tenant, &build, position, which).await;
        }
    }
    let (as_of, rows) = read?;
    Ok((build, as_of.0, rows))
}

async fn read_rows(
    journal: &Journal,
    tenant: &Tenant,
    build: &ViewBuild,
    position: u64,
    which: Which,
) -> Result<(Position, Vec<ViewRow>), Fault> {
    let views = &journal.shared.ports.views;
    match which {
        Which::OfStream(tag) => views.rows(&tenant.id, build, tag).await,
        Which::Row(tag, key) => {
            let rows = views.rows_by_key(&tenant.id, build, &[(tag, key.to_owned())]).await?;
            let rows: Vec<ViewRow> = rows.into_iter().flatten().collect();
            // The build may have moved on since its position was told. Whatever the row knows then stands
            // at its last change.
            let changed = rows.first().map_or(0, |it| u64::try_from(it.sort2).unwrap_or_default());
            Ok((Position(position.max(changed)), rows))
        }
        Which::Page(order, after, limit) => {
            views.page(&tenant.id, build, order, after, limit).await
        }
    }
}

/// The part of a stream's history that was known.
fn known(mut history: Vec<Recorded>, clocks: &Clocks) -> Vec<Recorded> {
    match clocks.known_at {
        KnownAt::Now => {}
        KnownAt::Position(at) => history.retain(|it| it.position <= at),
        KnownAt::Time(at) => history.retain(|it| it.recorded_ms <= at),
    }
    history
}

/// Whether the clocks ask for the present.
fn is_present(clocks: &Clocks) -> bool {
    *clocks == Clocks::default()
}

/// Refuses clocks beyond the head; gives the head.
async fn check_clocks(journal: &Journal, tenant: &Tenant, clocks: &Clocks) -> Result<u64, Failure> {
    match clocks.known_at {
        KnownAt::Position(it) => check_position(journal, tenant, it).await,
        KnownAt::Now | KnownAt::Time(_) => check_position(journal, tenant, 0).await,
    }
}

/// The instant that an answer speaks of, in Unix milliseconds, and its local date.
fn today(journal: &Journal, clocks: &Clocks) -> (u64, Date) {
    let now = journal.clock().now_ms();
    let known = match clocks.known_at {
        KnownAt::Time(it) => it.min(now),
        KnownAt::Now | KnownAt::Position(_) => now,
    };
    let at = match clocks.was_at_ms {
        Some(it) => u64::try_from(it).unwrap_or_default().min(known),
        None => known,
    };
    (at, local_date(i64::try_from(at).unwrap_or(i64::MAX)))
}
