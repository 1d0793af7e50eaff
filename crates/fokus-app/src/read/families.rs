//! Statuses of families: one, a page, those that changed.

use async_trait::async_trait;
use fokus_core::effective::Clocks;
use fokus_core::ids::{FamilyId, StreamKind, StreamRef};
use fokus_core::rejection::{Reason, Rejection};
use fokus_core::views::refold;
use fokus_core::views::status::{FamilyStatus, FamilyStatusView, StatusRow, present};
use fokus_store::{RowOrder, StreamTag, ViewBuild, ViewRow};

use super::paging::{PageToken, filter_of, page_size};
use super::{cards, check_clocks, check_position, is_present, known, today, wait_for_view};
use crate::execute::store_id;
use crate::failure::Failure;
use crate::journal::Journal;
use crate::load;
use crate::query::*;
use crate::read::Query;
use crate::rows::{self, Stored};
use crate::runner::STATUS;
use crate::session::Action;
use crate::tenants::Tenant;

/// The key of a family's one row.
const ROW_KEY: &str = "status";
/// The most rows that one call looks at while a filter passes over them.
const SCAN_MAX: usize = 5_000;

/// A row with where its family stands.
struct Standing {
    row: StatusRow,
    revision: u64,
    last_position: u64,
    /// Order of registration.
    order: i64,
}

#[async_trait]
impl Query for FamilyStatusQuery {
    type Answer = FamilyStatusAnswer;

    const ACTION: Action = Action::ReadFamily;

    async fn answer(self, journal: &Journal, tenant: &Tenant) -> Result<Self::Answer, Failure> {
        check_position(journal, tenant, self.min_position).await?;
        let stream = StreamRef::from(self.family_id);
        let heads =
            journal.shared.ports.events.stream_heads(&tenant.id, &[store_id(stream)]).await?;
        let head = heads.into_iter().flatten().next().ok_or_else(unknown_family)?;
        let (standing, as_of) = if is_present(&self.clocks) {
            let found = live_row(journal, tenant, head.tag, self.min_position).await?;
            match found {
                Some(it) => it,
                // The family is younger than the view: wait for its newest event.
                None => live_row(journal, tenant, head.tag, head.last.0)
                    .await?
                    .ok_or_else(|| Rejection::new(Reason::ViewBehind, "not in the view yet"))?,
            }
        } else {
            let as_of = check_clocks(journal, tenant, &self.clocks).await?;
            let past = past_row(journal, tenant, self.family_id, &self.clocks).await?;
            (past.ok_or_else(unknown_family)?, as_of)
        };
        let mut families = join(journal, tenant, vec![standing], &self.clocks).await?;
        let status = families.pop().ok_or_else(unknown_family)?;
        Ok(FamilyStatusAnswer { status, as_of })
    }
}

#[async_trait]
impl Query for FamilyListQuery {
    type Answer = FamilyListAnswer;

    const ACTION: Action = Action::ReadFamily;

    async fn answer(self, journal: &Journal, tenant: &Tenant) -> Result<Self::Answer, Failure> {
        let size = page_size(self.page_size)?;
        let filter = filter_of(&[
            "families",
            &format!("{:?}", self.clocks),
            &format!("{:?}", self.with_open_case),
            &format!("{:?}", self.phase),
        ]);
        let token = PageToken::read(&self.page_token, &filter)?;
        check_position(journal, tenant, self.min_position).await?;
        check_clocks(journal, tenant, &self.clocks).await?;
        let build = wait_for_view(journal, tenant, STATUS, self.min_position).await?;
        if let Some(it) = token {
            it.check_build(build.revision)?;
        }
        let mut after = token.map_or(i64::MIN, |it| it.after.0);
        let (mut found, mut scanned) = (Vec::new(), 0);
        let (as_of, more) = loop {
            let views = &journal.shared.ports.views;
            let order = RowOrder::FirstAppearance;
            let (as_of, page) = views.page(&tenant.id, &build, order, after, size).await?;
            let ended = page.len() < usize::try_from(size).unwrap_or(usize::MAX);
            scanned += page.len();
            let mut full = false;
            for it in standings(journal, tenant, &build, page).await? {
                after = it.order;
                if let Some(it) = self.choose(journal, tenant, it).await? {
                    found.push(it);
                }
                full = found.len() >= usize::try_from(size).unwrap_or(usize::MAX);
                if full {
                    break;
                }
            }
            if full || ended || scanned >= SCAN_MAX {
                break (as_of.0, full || !ended);
            }
        };
        let next = PageToken { build: build.revision, after: (after, 0) };
        let next_page_token = if more { next.write(&filter) } else { String::new() };
        let families = join(journal, tenant, found, &self.clocks).await?;
        Ok(FamilyListAnswer { families, next_page_token, as_of })
    }
}

impl FamilyListQuery {
    /// The family as the clocks ask for it, if it is one that the filter wants.
    async fn choose(
        &self,
        journal: &Journal,
        tenant: &Tenant,
        live: Standing,
    ) -> Result<Option<Standing>, Failure> {
        let standing = if is_present(&self.clocks) {
            live
        } else {
            match past_row(journal, tenant, live.row.family_id, &self.clocks).await? {
                Some(it) => Standing { order: live.order, ..it },
                None => return Ok(None),
            }
        };
        let case = standing.row.case.as_ref();
        let fits = self.with_open_case.is_none_or(|it| it == case.is_some())
            && self.phase.is_none_or(|it| case.is_some_and(|case| case.phase == it));
        Ok(fits.then_some(standing))
    }
}

#[async_trait]
impl Query for ChangedFamiliesQuery {
    type Answer = ChangedFamiliesAnswer;

    const ACTION: Action = Action::ReadFamily;

    async fn answer(self, journal: &Journal, tenant: &Tenant) -> Result<Self::Answer, Failure> {
        check_position(journal, tenant, self.after).await?;
        let limit = page_size(self.limit)?;
        let build = wait_for_view(journal, tenant, STATUS, 0).await?;
        let after = i64::try_from(self.after).unwrap_or(i64::MAX);
        let views = &journal.shared.ports.views;
        let (as_of, page) =
            views.page(&tenant.id, &build, RowOrder::LastChange, after, limit).await?;
        let full = page.len() >= usize::try_from(limit).unwrap_or(usize::MAX);
        let last = page.last().map_or(0, |it| u64::try_from(it.sort2).unwrap_or_default());
        let through = if full { last } else { as_of.0.max(self.after) };
        let standings = standings(journal, tenant, &build, page).await?;
        let families = join(journal, tenant, standings, &Clocks::default()).await?;
        Ok(ChangedFamiliesAnswer { families, through })
    }
}

fn unknown_family() -> Rejection {
    Rejection::new(Reason::UnknownId, "no such family").at("family_id")
}

async fn live_row(
    journal: &Journal,
    tenant: &Tenant,
    tag: StreamTag,
    min_position: u64,
) -> Result<Option<(Standing, u64)>, Failure> {
    let build = wait_for_view(journal, tenant, STATUS, min_position).await?;
    let (as_of, mut rows) = journal.shared.ports.views.rows(&tenant.id, &build, tag).await?;
    rows.retain(|it| it.key == ROW_KEY);
    let standing = standings(journal, tenant, &build, rows).await?.pop();
    Ok(standing.map(|it| (it, as_of.0)))
}

async fn standings(
    journal: &Journal,
    tenant: &Tenant,
    build: &ViewBuild,
    rows: Vec<ViewRow>,
) -> Result<Vec<Standing>, Failure> {
    let keyring = &journal.shared.keyring;
    let stored: Vec<Stored<StatusRow>> = rows::bodies(keyring, &tenant.id, build, &rows).await?;
    let standing = |(row, stored): (ViewRow, Stored<StatusRow>)| Standing {
        row: stored.content,
        revision: stored.revision,
        last_position: u64::try_from(row.sort2).unwrap_or_default(),
        order: row.sort1,
    };
    Ok(rows.into_iter().zip(stored).map(standing).collect())
}

/// The family's row folded on the spot; `None` where nothing of it was known then.
async fn past_row(
    journal: &Journal,
    tenant: &Tenant,
    family: FamilyId,
    clocks: &Clocks,
) -> Result<Option<Standing>, Failure> {
    let stream = StreamRef { kind: StreamKind::Family, id: family.0 };
    let (_, history) = load::history(journal, tenant, stream).await?;
    let history = known(history, clocks);
    let (_, rows) = refold::<FamilyStatusView>(&history, clocks);
    let row = rows.into_iter().find(|it| it.key == ROW_KEY);
    let (Some(row), Some(last)) = (row, history.last()) else { return Ok(None) };
    let row = serde_json::from_value(row.body).map_err(|_| fokus_store::Fault::Corrupt {
        what: "a row just folded does not fit".to_owned(),
    })?;
    Ok(Some(Standing { row, revision: last.revision, last_position: last.position, order: 0 }))
}

/// Joins names and ages, and what depends on now.
async fn join(
    journal: &Journal,
    tenant: &Tenant,
    standings: Vec<Standing>,
    clocks: &Clocks,
) -> Result<Vec<FamilyStatus>, Failure> {
    let rows = standings.iter().map(|it| &it.row);
    let cards = cards::of_rows(journal, tenant, rows, clocks).await?;
    let (now_ms, today) = today(journal, clocks);
    let join =
        |it: &Standing| present(&it.row, &cards, today, now_ms, it.revision, it.last_position);
    Ok(standings.iter().map(join).collect())
}
