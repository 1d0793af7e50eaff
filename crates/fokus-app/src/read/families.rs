//! Statuses of families: one, a page, those that changed.

use async_trait::async_trait;
use fokus_core::effective::{Clocks, KnownAt};
use fokus_core::ids::{FamilyId, StreamKind, StreamRef};
use fokus_core::rejection::{Reason, Rejection};
use fokus_core::views::status::{FamilyStatus, StatusRow, present, status_of};
use fokus_store::{RowOrder, StreamTag, ViewBuild, ViewRow};

use super::paging::{PageToken, filter_of, page_size};
use super::{Which, cards, check_clocks, check_position, is_present, known, live_rows, today};
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
const SCAN_MAX: u32 = 5_000;
/// The same where each family is folded on the spot: a page of the past is never longer.
const PAST_SCAN_MAX: u32 = 100;
/// The least rows that are read at once where some may be passed over.
const SCAN_ROWS: u32 = 100;

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
            &format!("{:?}", self.case_state),
            &format!("{:?}", self.phase),
        ]);
        let token = PageToken::read(&self.page_token, &filter)?;
        check_position(journal, tenant, self.min_position).await?;
        let mut min_position = self.must_reach(journal, tenant).await?;
        let size = usize::try_from(size).unwrap_or(usize::MAX);
        let (rows, scan_max) = self.scanning(size);
        let mut after = token.map_or(i64::MIN, |it| it.after.0);
        let (mut found, mut scanned, mut first_as_of) = (Vec::new(), 0, None);
        let (build, more) = loop {
            let which = Which::Page(RowOrder::FirstAppearance, after, rows);
            let (build, as_of, page) =
                live_rows(journal, tenant, STATUS, min_position, which).await?;
            if let (Some(it), None) = (token, first_as_of) {
                it.check_build(build.revision)?;
            }
            // What later pages know beyond the first is not promised for the whole answer.
            first_as_of.get_or_insert(as_of);
            min_position = min_position.max(as_of);
            let read = u32::try_from(page.len()).unwrap_or(u32::MAX);
            scanned = read.saturating_add(scanned);
            for it in standings(journal, tenant, &build, page).await? {
                after = it.order;
                found.extend(self.choose(journal, tenant, it).await?);
                if found.len() >= size {
                    break;
                }
            }
            let (full, ended) = (found.len() >= size, read < rows);
            if full || ended || scanned >= scan_max {
                break (build, full || !ended);
            }
        };
        let next = PageToken { build: build.revision, after: (after, 0) };
        let next_page_token = if more { next.write(&filter) } else { String::new() };
        let as_of = first_as_of.unwrap_or_default();
        let families = join(journal, tenant, found, &self.clocks).await?;
        Ok(FamilyListAnswer { families, next_page_token, as_of })
    }
}

impl FamilyListQuery {
    /// Where the view must stand so that no family known then is missing.
    async fn must_reach(&self, journal: &Journal, tenant: &Tenant) -> Result<u64, Failure> {
        let head = check_clocks(journal, tenant, &self.clocks).await?;
        Ok(match self.clocks.known_at {
            KnownAt::Now => self.min_position,
            KnownAt::Position(it) => self.min_position.max(it),
            // Whatever stands in the log may have been recorded by then.
            KnownAt::Time(_) => self.min_position.max(head),
        })
    }

    /// How many rows to read at once, and after how many to stop looking.
    fn scanning(&self, size: usize) -> (u32, u32) {
        let size = u32::try_from(size).unwrap_or(u32::MAX);
        match (is_present(&self.clocks), self.case_state.is_some() || self.phase.is_some()) {
            (true, false) => (size, SCAN_MAX),
            (true, true) => (size.max(SCAN_ROWS), SCAN_MAX),
            (false, _) => (PAST_SCAN_MAX, PAST_SCAN_MAX),
        }
    }

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
        let fits = !standing.row.undone
            && self.case_state.is_none_or(|it| it == standing.row.case_state())
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
        let after = i64::try_from(self.after).unwrap_or(i64::MAX);
        let which = Which::Page(RowOrder::LastChange, after, limit);
        let (build, as_of, page) = live_rows(journal, tenant, STATUS, 0, which).await?;
        let full = page.len() >= usize::try_from(limit).unwrap_or(usize::MAX);
        let last = page.last().map_or(0, |it| u64::try_from(it.sort2).unwrap_or_default());
        let through = if full { last } else { as_of.max(self.after) };
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
    let which = Which::Row(tag, ROW_KEY);
    let (build, as_of, rows) = live_rows(journal, tenant, STATUS, min_position, which).await?;
    let standing = standings(journal, tenant, &build, rows).await?.pop();
    Ok(standing.map(|it| (it, as_of)))
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
    let (Some(row), Some(last)) = (status_of(&history, clocks), history.last()) else {
        return Ok(None);
    };
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
