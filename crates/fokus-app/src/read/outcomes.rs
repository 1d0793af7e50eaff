//! What was released of a programme: the rows of the view as they are, numbers that are hidden not in
//! them.

use async_trait::async_trait;
use fokus_core::ids::StreamRef;
use fokus_core::rejection::{Reason, Rejection};
use fokus_core::views::outcomes::OutcomeRow;
use fokus_store::{RowOrder, ViewBuild, ViewRow};

use super::paging::page_size;
use super::{Which, check_position, live_rows};
use crate::execute::store_id;
use crate::failure::Failure;
use crate::journal::Journal;
use crate::query::{
    ChangedOutcomesAnswer, ChangedOutcomesQuery, OutcomesAnswer, OutcomesQuery, ReleasesAnswer,
    ReleasesQuery,
};
use crate::read::Query;
use crate::rows::{self, Stored};
use crate::runner::OUTCOMES;
use crate::session::Action;
use crate::tenants::Tenant;

/// The rows that are read at once.
const ROWS_AT_ONCE: u32 = 200;
/// The most releases that are listed: twenty programmes for twenty-five years.
const RELEASES_MAX: usize = 2_000;

#[async_trait]
impl Query for OutcomesQuery {
    type Answer = OutcomesAnswer;

    const ACTION: Action = Action::ReadOutcomes;

    async fn answer(self, journal: &Journal, tenant: &Tenant) -> Result<Self::Answer, Failure> {
        check_position(journal, tenant, self.min_position).await?;
        let ids = [store_id(StreamRef::from(self.programme_id))];
        let heads = journal.shared.ports.events.stream_heads(&tenant.id, &ids).await?;
        let unknown = |field| Rejection::new(Reason::UnknownId, "nothing was released").at(field);
        let head = heads.into_iter().flatten().next().ok_or_else(|| unknown("programme_id"))?;
        let which = Which::OfStream(head.tag);
        let (build, as_of, mut page) =
            live_rows(journal, tenant, OUTCOMES, self.min_position, which).await?;
        // Without the state that the fold goes on from.
        page.retain(|it| !it.body.is_empty());
        let mut releases = contents(journal, tenant, &build, &page).await?;
        releases.sort_by_key(|it| it.revision);
        // Of a quarter that was withdrawn and released anew, what stands; else what was withdrawn last.
        let wanted = releases.iter().filter(|it| match self.quarter {
            Some(quarter) => it.quarter == quarter,
            None => !it.withdrawn,
        });
        let newest = wanted.max_by_key(|it| (!it.withdrawn, it.quarter, it.revision)).cloned();
        let release = newest.ok_or_else(|| unknown("quarter"))?;
        Ok(OutcomesAnswer { release, releases, as_of })
    }
}

#[async_trait]
impl Query for ReleasesQuery {
    type Answer = ReleasesAnswer;

    const ACTION: Action = Action::ReadOutcomes;

    async fn answer(self, journal: &Journal, tenant: &Tenant) -> Result<Self::Answer, Failure> {
        check_position(journal, tenant, self.min_position).await?;
        let (mut releases, mut after, mut first_as_of) = (Vec::new(), i64::MIN, None);
        let mut min_position = self.min_position;
        loop {
            let which = Which::Page(RowOrder::FirstAppearance, after, ROWS_AT_ONCE);
            let (build, as_of, page) =
                live_rows(journal, tenant, OUTCOMES, min_position, which).await?;
            first_as_of.get_or_insert(as_of);
            min_position = min_position.max(as_of);
            releases.extend(contents(journal, tenant, &build, &page).await?);
            after = page.last().map_or(after, |it| it.sort1);
            if page.len() < usize::try_from(ROWS_AT_ONCE).unwrap_or(usize::MAX) {
                break;
            }
            if releases.len() >= RELEASES_MAX {
                let rule = format!("more than {RELEASES_MAX} releases are not listed at once");
                return Err(Rejection::new(Reason::RateLimited, rule).into());
            }
        }
        releases.sort_by_key(|it| (it.programme_id, it.revision));
        Ok(ReleasesAnswer { releases, as_of: first_as_of.unwrap_or_default() })
    }
}

#[async_trait]
impl Query for ChangedOutcomesQuery {
    type Answer = ChangedOutcomesAnswer;

    const ACTION: Action = Action::ReadOutcomes;

    async fn answer(self, journal: &Journal, tenant: &Tenant) -> Result<Self::Answer, Failure> {
        check_position(journal, tenant, self.after).await?;
        let limit = page_size(self.limit)?;
        let after = i64::try_from(self.after).unwrap_or(i64::MAX);
        let which = Which::Page(RowOrder::LastChange, after, limit);
        let (build, as_of, page) = live_rows(journal, tenant, OUTCOMES, 0, which).await?;
        let full = page.len() >= usize::try_from(limit).unwrap_or(usize::MAX);
        let changed = |it: &ViewRow| u64::try_from(it.sort2).unwrap_or_default();
        let through = match page.last() {
            Some(last) if full => changed(last),
            Some(_) | None => as_of.max(self.after),
        };
        let rows = contents(journal, tenant, &build, &page).await?;
        let releases = rows.into_iter().zip(page.iter().map(changed)).collect();
        Ok(ChangedOutcomesAnswer { releases, through })
    }
}

async fn contents(
    journal: &Journal,
    tenant: &Tenant,
    build: &ViewBuild,
    rows: &[ViewRow],
) -> Result<Vec<OutcomeRow>, Failure> {
    let keyring = &journal.shared.keyring;
    let stored: Vec<Stored<OutcomeRow>> = rows::bodies(keyring, &tenant.id, build, rows).await?;
    Ok(stored.into_iter().map(|it| it.content).collect())
}
