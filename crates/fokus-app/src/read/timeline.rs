//! Timelines: entries by time of happening, corrections applied, personal fields opened for the page.
//!
//! Rows are coded facts, so a family's stand in memory; what was written freely is opened for a page,
//! which ends early where it would become too large.

use async_trait::async_trait;
use fokus_core::ids::StreamRef;
use fokus_core::record::Opened;
use fokus_core::rejection::{Reason, Rejection};
use fokus_core::views::timeline::{TimelineEntry, TimelineRow, rows_of};

use super::paging::{PageToken, filter_of, page_size};
use super::{Which, check_clocks, check_position, is_present, known, live_rows, personal};
use crate::execute::store_id;
use crate::failure::Failure;
use crate::journal::Journal;
use crate::load::{self, OPENED_AT_ONCE};
use crate::query::{TimelineAnswer, TimelineQuery};
use crate::read::Query;
use crate::rows::{self, Stored};
use crate::runner::TIMELINE;
use crate::session::Action;
use crate::tenants::Tenant;

/// The most bytes of a page's entries as JSON; a page may end before it has the entries asked for.
const PAGE_BYTES_MAX: usize = 3 * 1024 * 1024;
/// What a row weighs without its content: ids, times, the actor.
const ROW_BYTES: usize = 256;

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
            &format!("{}", self.include_supervision),
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
        let shown = rows.into_iter().filter(|it| self.include_supervision || !it.of_supervision);
        let mut ordered: Vec<((i64, u64), TimelineRow)> =
            shown.map(|it| (it.sort_key(self.by_recorded), it)).collect();
        ordered.sort_by_key(|(order, _)| *order);
        if let Some(it) = token {
            ordered.retain(|(order, _)| *order > it.after);
        }
        let left = ordered.len();
        ordered.truncate(size);
        let rows: Vec<TimelineRow> = ordered.into_iter().map(|(_, it)| it).collect();
        let entries = entries_of(journal, tenant, self.family_id.into(), rows).await?;
        let next_page_token = match entries.last() {
            Some(it) if entries.len() < left => {
                PageToken { build, after: it.row.sort_key(self.by_recorded) }.write(&filter)
            }
            _ => String::new(),
        };
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
            let which = Which::OfStream(head.tag);
            let (build, as_of, mut rows) =
                live_rows(journal, tenant, TIMELINE, min_position, which).await?;
            rows.retain(|it| !it.body.is_empty());
            if rows.is_empty() && as_of < head.last.0 {
                // The family is younger than the view: wait for its newest event.
                min_position = head.last.0;
                continue;
            }
            let keyring = &journal.shared.keyring;
            let stored: Vec<Stored<TimelineRow>> =
                rows::bodies(keyring, &tenant.id, &build, &rows).await?;
            let revision = stored.iter().map(|it| it.revision).max().unwrap_or_default();
            let rows = stored.into_iter().map(|it| it.content).collect();
            return Ok((rows, build.revision, as_of, revision));
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

/// The entries of the rows: personal fields opened and corrected, a few rows at a time. Ends early
/// where the page is full by bytes; the first entry always fits.
async fn entries_of(
    journal: &Journal,
    tenant: &Tenant,
    stream: StreamRef,
    rows: Vec<TimelineRow>,
) -> Result<Vec<TimelineEntry>, Failure> {
    let (mut entries, mut bytes) = (Vec::with_capacity(rows.len()), 0);
    let mut rows = rows.into_iter();
    loop {
        let some: Vec<TimelineRow> = rows.by_ref().take(OPENED_AT_ONCE).collect();
        if some.is_empty() {
            return Ok(entries);
        }
        for it in opened(journal, tenant, stream, some).await? {
            bytes += bytes_of(&it);
            if bytes > PAGE_BYTES_MAX && !entries.is_empty() {
                return Ok(entries);
            }
            entries.push(it);
        }
    }
}

/// What an entry weighs in a page: its content as JSON.
fn bytes_of(entry: &TimelineEntry) -> usize {
    let field = |(name, it): &(String, Opened)| match it {
        Opened::Known(value) => name.len() + value.to_string().len(),
        Opened::Erased | Opened::Absent => name.len(),
    };
    let facts = entry.row.facts.iter().map(|(name, it)| name.len() + it.to_string().len());
    ROW_BYTES + facts.sum::<usize>() + entry.personal.iter().map(field).sum::<usize>()
}

/// The entries of a few rows.
async fn opened(
    journal: &Journal,
    tenant: &Tenant,
    stream: StreamRef,
    rows: Vec<TimelineRow>,
) -> Result<Vec<TimelineEntry>, Failure> {
    let entries: Vec<_> = rows.iter().map(|it| (it.revision, it.corrected_by)).collect();
    let mut fields = personal::fields(journal, tenant, stream, &entries, &[]).await?;
    let entry = |row: TimelineRow| {
        let personal = fields.remove(&row.revision).unwrap_or_default();
        TimelineEntry { row, personal }
    };
    Ok(rows.into_iter().map(entry).collect())
}
