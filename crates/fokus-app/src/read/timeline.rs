//! Timelines: entries by time of happening, corrections applied, personal fields opened for the page.

use std::collections::{BTreeSet, HashMap};

use async_trait::async_trait;
use fokus_core::effective::corrected_personal;
use fokus_core::fact::Fact;
use fokus_core::ids::{EventId, StreamRef};
use fokus_core::record::Opened;
use fokus_core::rejection::{Reason, Rejection};
use fokus_core::views::timeline::{TimelineEntry, TimelineRow, rows_of};
use fokus_store::{READ_LIMIT_MAX, Range, Revision, StoredEvent};

use super::paging::{PageToken, filter_of, page_size};
use super::{check_clocks, check_position, is_present, known, wait_for_view};
use crate::execute::store_id;
use crate::failure::Failure;
use crate::journal::Journal;
use crate::load;
use crate::query::{TimelineAnswer, TimelineQuery};
use crate::read::Query;
use crate::rows::{self, Stored};
use crate::runner::TIMELINE;
use crate::session::Action;
use crate::tenants::Tenant;

#[async_trait]
impl Query for TimelineQuery {
    type Answer = TimelineAnswer;

    const ACTION: Action = Action::ReadFamily;

    async fn answer(self, journal: &Journal, tenant: &Tenant) -> Result<Self::Answer, Failure> {
        let size = usize::try_from(page_size(self.page_size)?).unwrap_or(usize::MAX);
        let filter = filter_of(&[
            "timeline",
            &self.family_id.to_string(),
            &format!("{:?}", self.clocks),
            &format!("{} {}", self.by_recorded, self.include_mistaken),
        ]);
        let token = PageToken::read(&self.page_token, &filter)?;
        check_position(journal, tenant, self.min_position).await?;
        let (rows, build, as_of, revision) = if is_present(&self.clocks) && !self.include_mistaken {
            self.live(journal, tenant).await?
        } else {
            self.folded(journal, tenant).await?
        };
        if let Some(it) = token {
            it.check_build(build)?;
        }
        let mut ordered: Vec<((i64, u64), TimelineRow)> =
            rows.into_iter().map(|it| (it.sort_key(self.by_recorded), it)).collect();
        ordered.sort_by_key(|(order, _)| *order);
        if let Some(it) = token {
            ordered.retain(|(order, _)| *order > it.after);
        }
        let more = ordered.len() > size;
        ordered.truncate(size);
        let next_page_token = match ordered.last() {
            Some((after, _)) if more => PageToken { build, after: *after }.write(&filter),
            _ => String::new(),
        };
        let rows: Vec<TimelineRow> = ordered.into_iter().map(|(_, it)| it).collect();
        let entries = personal(journal, tenant, self.family_id.into(), rows).await?;
        Ok(TimelineAnswer { entries, next_page_token, as_of, revision })
    }
}

/// Rows, the build that they come from (0 = none), where the answer stands, the stream's revision.
type Rows = (Vec<TimelineRow>, u32, u64, u64);

impl TimelineQuery {
    async fn live(&self, journal: &Journal, tenant: &Tenant) -> Result<Rows, Failure> {
        let id = store_id(StreamRef::from(self.family_id));
        let heads = journal.shared.ports.events.stream_heads(&tenant.id, &[id]).await?;
        let head = heads.into_iter().flatten().next().ok_or_else(unknown_family)?;
        let mut min_position = self.min_position;
        loop {
            let build = wait_for_view(journal, tenant, TIMELINE, min_position).await?;
            let views = &journal.shared.ports.views;
            let (as_of, mut rows) = views.rows(&tenant.id, &build, head.tag).await?;
            rows.retain(|it| !it.body.is_empty());
            if rows.is_empty() && as_of < head.last {
                // The family is younger than the view: wait for its newest event.
                min_position = head.last.0;
                continue;
            }
            let keyring = &journal.shared.keyring;
            let stored: Vec<Stored<TimelineRow>> =
                rows::bodies(keyring, &tenant.id, &build, &rows).await?;
            let revision = stored.iter().map(|it| it.revision).max().unwrap_or_default();
            let rows = stored.into_iter().map(|it| it.content).collect();
            return Ok((rows, build.revision, as_of.0, revision));
        }
    }

    async fn folded(&self, journal: &Journal, tenant: &Tenant) -> Result<Rows, Failure> {
        let as_of = check_clocks(journal, tenant, &self.clocks).await?;
        let (_, history) = load::history(journal, tenant, self.family_id.into()).await?;
        let history = known(history, &self.clocks);
        let revision = history.last().map(|it| it.revision).ok_or_else(unknown_family)?;
        let rows = rows_of(&history, &self.clocks, self.include_mistaken);
        Ok((rows, 0, as_of, revision))
    }
}

fn unknown_family() -> Rejection {
    Rejection::new(Reason::UnknownId, "no such family").at("family_id")
}

/// Opens the personal fields of the rows, corrected.
async fn personal(
    journal: &Journal,
    tenant: &Tenant,
    stream: StreamRef,
    rows: Vec<TimelineRow>,
) -> Result<Vec<TimelineEntry>, Failure> {
    let wanted: BTreeSet<u64> =
        rows.iter().flat_map(|it| [it.revision, it.corrected_by]).filter(|it| *it > 0).collect();
    let stored = events_at(journal, tenant, stream, &wanted).await?;
    let opened = tenant.opener.facts(&stored).await?;
    let mut fields = tenant.opener.personal(&stored).await?;
    let by_revision: HashMap<u64, (EventId, Fact)> = opened
        .into_iter()
        .map(|it| (it.recorded.revision, (it.recorded.event_id, it.recorded.fact)))
        .collect();
    let mut take = |revision: u64| -> Vec<(String, Opened)> {
        let event = by_revision.get(&revision).map(|(it, _)| *it);
        event.and_then(|it| fields.remove(&it)).unwrap_or_default()
    };
    let mut entries = Vec::with_capacity(rows.len());
    for row in rows {
        let original = take(row.revision);
        let corrected = take(row.corrected_by);
        let correction = match by_revision.get(&row.corrected_by) {
            Some((_, Fact::EntryCorrected(it))) => Some((it, corrected)),
            _ => None,
        };
        let personal = corrected_personal(original, correction);
        entries.push(TimelineEntry { row, personal });
    }
    Ok(entries)
}

/// The stream's events at these revisions.
async fn events_at(
    journal: &Journal,
    tenant: &Tenant,
    stream: StreamRef,
    wanted: &BTreeSet<u64>,
) -> Result<Vec<StoredEvent>, Failure> {
    let (id, mut found) = (store_id(stream), Vec::with_capacity(wanted.len()));
    let mut rest = wanted.clone();
    while let Some(first) = rest.first().copied() {
        // Neighbours come with one read; a far one begins a read of its own.
        let last = rest.range(..first + u64::from(READ_LIMIT_MAX)).next_back().copied();
        let limit = u32::try_from(last.unwrap_or(first) - first + 1).unwrap_or(READ_LIMIT_MAX);
        let range = Range::Forward { after: Revision(first - 1), limit };
        let page = journal.shared.ports.events.read_stream(&tenant.id, &id, range).await?;
        found.extend(page.into_iter().filter(|it| wanted.contains(&it.revision.0)));
        rest = rest.split_off(&(first + u64::from(limit)));
    }
    Ok(found)
}
