//! Who has how much on a day.
//!
//! A row of the view has everything dated, so that any day follows from the live rows: `was_at` chooses
//! the day, and only `known_at` asks for families to be folded on the spot. A family whose registration
//! was undone never had a case.

use std::collections::BTreeMap;

use async_trait::async_trait;
use fokus_core::effective::{Clocks, KnownAt, effective};
use fokus_core::fact::Fact;
use fokus_core::ids::WorkerId;
use fokus_core::record::Opened;
use fokus_core::views::caseload::{CaseloadRow, Weights, WorkerLoad, load_on, rows_of};
use fokus_store::{RowOrder, ViewBuild, ViewRow};
use jiff::civil::Date;

use super::paging::{PageToken, filter_of};
use super::scan::Scan;
use super::{Which, check_position, known, live_rows, personal, today};
use crate::failure::Failure;
use crate::journal::Journal;
use crate::load;
use crate::query::{CaseloadAnswer, CaseloadQuery, NamedLoad};
use crate::read::Query;
use crate::rows::{self, Stored};
use crate::runner::CASELOAD;
use crate::session::Action;
use crate::tenants::Tenant;

/// The rows, one for each case, that are read at once.
const ROWS_AT_ONCE: u32 = 200;
/// The most rows that one call looks at.
const ROWS_MAX: u32 = 5_000;
/// From so many cases in the answer, each counted for everybody who works on it, a page ends.
const CASES_MAX: usize = 10_000;

#[async_trait]
impl Query for CaseloadQuery {
    type Answer = CaseloadAnswer;

    const ACTION: Action = Action::ReadWork;

    async fn answer(self, journal: &Journal, tenant: &Tenant) -> Result<Self::Answer, Failure> {
        let filter = filter_of(&[
            "caseload",
            &format!("{:?}", self.clocks),
            &format!("{:?}", self.worker_id),
        ]);
        let token = PageToken::read(&self.page_token, &filter)?;
        check_position(journal, tenant, self.min_position).await?;
        let (_, day) = today(journal, &self.clocks);
        let weights = Weights::default();
        let loads = Loads { day, weights: &weights, only: self.worker_id, of: BTreeMap::new() };
        let (loads, next, as_of) = match self.clocks.known_at {
            KnownAt::Now => self.live(journal, tenant, token, loads).await?,
            KnownAt::Position(_) | KnownAt::Time(_) => {
                self.folded(journal, tenant, token, loads).await?
            }
        };
        let mut workers = BTreeMap::new();
        for (worker, load) in loads.of {
            let name = name_of(journal, tenant, worker, &self.clocks).await?;
            workers.insert(worker, NamedLoad { load, name });
        }
        let next_page_token = next.map(|it| it.write(&filter)).unwrap_or_default();
        Ok(CaseloadAnswer { workers, weights, day, next_page_token, as_of })
    }
}

/// What the rows so far came to.
struct Loads<'a> {
    day: Date,
    weights: &'a Weights,
    only: Option<WorkerId>,
    of: BTreeMap<WorkerId, WorkerLoad>,
}

impl Loads<'_> {
    fn add(&mut self, rows: &[CaseloadRow]) {
        for (worker, load) in load_on(rows, self.day, self.weights) {
            if self.only.is_none_or(|it| it == worker) {
                self.of.entry(worker).or_default().join(load);
            }
        }
    }

    fn is_full(&self) -> bool {
        self.of.values().map(|it| it.cases.len()).sum::<usize>() >= CASES_MAX
    }
}

/// The loads, where the list goes on, where the answer stands.
type Part<'a> = (Loads<'a>, Option<PageToken>, u64);

impl CaseloadQuery {
    async fn live<'a>(
        &self,
        journal: &Journal,
        tenant: &Tenant,
        token: Option<PageToken>,
        mut loads: Loads<'a>,
    ) -> Result<Part<'a>, Failure> {
        let mut min_position = self.min_position;
        let mut after = token.map_or(i64::MIN, |it| it.after.0);
        let (mut scanned, mut first_as_of) = (0_u32, None);
        loop {
            // Rows of one family have one place in the order and are never cut apart.
            let which = Which::Page(RowOrder::FirstAppearance, after, ROWS_AT_ONCE);
            let (build, as_of, page) =
                live_rows(journal, tenant, CASELOAD, min_position, which).await?;
            if let (Some(it), None) = (token, first_as_of) {
                it.check_build(build.revision)?;
            }
            first_as_of.get_or_insert(as_of);
            min_position = min_position.max(as_of);
            let read = u32::try_from(page.len()).unwrap_or(u32::MAX);
            scanned = scanned.saturating_add(read);
            after = page.last().map_or(after, |it| it.sort1);
            loads.add(&contents(journal, tenant, &build, &page).await?);
            let ended = read < ROWS_AT_ONCE;
            if ended || scanned >= ROWS_MAX || loads.is_full() {
                let next = PageToken { build: build.revision, after: (after, 0) };
                let as_of = first_as_of.unwrap_or_default();
                return Ok((loads, (!ended).then_some(next), as_of));
            }
        }
    }

    /// Each family as it was known then.
    async fn folded<'a>(
        &self,
        journal: &Journal,
        tenant: &Tenant,
        token: Option<PageToken>,
        mut loads: Loads<'a>,
    ) -> Result<Part<'a>, Failure> {
        // The day is chosen among the dates of the rows, as in the present.
        let clocks = Clocks { was_at_ms: None, ..self.clocks };
        let rows = Scan::rows_for(0);
        let mut scan =
            Scan::begin(journal, tenant, &clocks, self.min_position, token, rows).await?;
        while !loads.is_full() {
            let Some(it) = scan.next().await? else { break };
            loads.add(&rows_of(&it.history, &clocks));
        }
        let next = (!scan.is_over()).then(|| scan.goes_on(None));
        Ok((loads, next, scan.as_of()))
    }
}

async fn contents(
    journal: &Journal,
    tenant: &Tenant,
    build: &ViewBuild,
    rows: &[ViewRow],
) -> Result<Vec<CaseloadRow>, Failure> {
    let keyring = &journal.shared.keyring;
    let stored: Vec<Stored<CaseloadRow>> = rows::bodies(keyring, &tenant.id, build, rows).await?;
    Ok(stored.into_iter().map(|it| it.content).collect())
}

/// The worker's name as known then; `None` when erased.
pub(super) async fn name_of(
    journal: &Journal,
    tenant: &Tenant,
    worker: WorkerId,
    clocks: &Clocks,
) -> Result<Option<String>, Failure> {
    let clocks = Clocks { was_at_ms: None, ..*clocks };
    let (_, history) = load::history(journal, tenant, worker.into()).await?;
    let entries = effective(&known(history, &clocks), &clocks);
    let employed = entries.iter().rfind(|it| matches!(it.fact, Fact::WorkerEmployed(_)));
    let Some(employed) = employed else { return Ok(None) };
    let at = (employed.revision, employed.correction());
    let fields = personal::fields(journal, tenant, worker.into(), &[at], &["name"]).await?;
    let name = fields.into_values().flatten().next();
    Ok(name.and_then(|(_, it)| match it {
        Opened::Known(value) => value.as_str().map(str::to_owned),
        Opened::Erased | Opened::Absent => None,
    }))
}
