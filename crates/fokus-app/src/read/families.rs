//! Statuses of families: one, a page, those that changed.

use async_trait::async_trait;
use fokus_core::effective::Clocks;
use fokus_core::views::status::{FamilyStatus, present};
use fokus_store::RowOrder;

use super::paging::{PageToken, filter_of, page_size};
use super::scan::{Scan, Standing, one_family, standings, unknown_family};
use super::{Which, cards, check_position, live_rows, today};
use crate::failure::Failure;
use crate::journal::Journal;
use crate::query::*;
use crate::read::Query;
use crate::runner::STATUS;
use crate::session::Action;
use crate::tenants::Tenant;

#[async_trait]
impl Query for FamilyStatusQuery {
    type Answer = FamilyStatusAnswer;

    const ACTION: Action = Action::ReadFamily;

    async fn answer(self, journal: &Journal, tenant: &Tenant) -> Result<Self::Answer, Failure> {
        let (standing, as_of) =
            one_family(journal, tenant, self.family_id, &self.clocks, self.min_position).await?;
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
        let size = usize::try_from(size).unwrap_or(usize::MAX);
        let rows = if self.passes_all() {
            u32::try_from(size).unwrap_or(u32::MAX)
        } else {
            Scan::rows_for(size)
        };
        let mut scan =
            Scan::begin(journal, tenant, &self.clocks, self.min_position, token, rows).await?;
        let mut found = Vec::new();
        while found.len() < size {
            let Some(it) = scan.next().await? else { break };
            // What is not shown is not kept: a history is long.
            found.extend(self.wants(&it).then_some(Standing { history: Vec::new(), ..it }));
        }
        let more = found.len() >= size || !scan.is_over();
        let next_page_token = if more { scan.goes_on(None).write(&filter) } else { String::new() };
        let as_of = scan.as_of();
        let families = join(journal, tenant, found, &self.clocks).await?;
        Ok(FamilyListAnswer { families, next_page_token, as_of })
    }
}

impl FamilyListQuery {
    /// Whether the filter lets every family pass.
    fn passes_all(&self) -> bool {
        self.case_state.is_none() && self.phase.is_none()
    }

    fn wants(&self, standing: &Standing) -> bool {
        let case = standing.row.case.as_ref();
        self.case_state.is_none_or(|it| it == standing.row.case_state())
            && self.phase.is_none_or(|it| case.is_some_and(|case| case.phase == it))
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
