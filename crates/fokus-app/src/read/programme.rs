//! The programme's numbers: the live rows of all families, or families folded as they were known.

use std::collections::BTreeSet;

use async_trait::async_trait;
use fokus_core::effective::{Clocks, KnownAt};
use fokus_core::ids::ProgrammeId;
use fokus_core::period::Quarter;
use fokus_core::rejection::{Reason, Rejection};
use fokus_core::statistics::tables_of;
use fokus_core::views::programme::{ProgrammeRow, figures_on, row_of};
use fokus_core::world::QuarterTables;
use fokus_store::{Fault, RowOrder};

use super::scan::Scan;
use super::{Which, check_position, live_rows, today};
use crate::failure::Failure;
use crate::journal::Journal;
use crate::query::{ProgrammeAnswer, ProgrammeQuery};
use crate::read::Query;
use crate::rows::{self, Stored};
use crate::runner::PROGRAMME;
use crate::session::Action;
use crate::tenants::Tenant;

/// The rows, one for each family, that are read at once.
const ROWS_AT_ONCE: u32 = 200;
/// The most families that are counted.
const FAMILIES_MAX: usize = 20_000;
/// The same where each is folded on the spot.
const PAST_FAMILIES_MAX: usize = 1_000;

#[async_trait]
impl Query for ProgrammeQuery {
    type Answer = ProgrammeAnswer;

    const ACTION: Action = Action::ReadProgramme;

    async fn answer(self, journal: &Journal, tenant: &Tenant) -> Result<Self::Answer, Failure> {
        check_position(journal, tenant, self.min_position).await?;
        let (_, day) = today(journal, &self.clocks);
        let (rows, as_of) = match self.clocks.known_at {
            KnownAt::Now => live(journal, tenant, self.min_position).await?,
            KnownAt::Position(_) | KnownAt::Time(_) => self.folded(journal, tenant).await?,
        };
        let named = rows.iter().filter(|it| !it.undone).flat_map(|row| {
            let referrals = row.referrals.iter().map(|it| it.programme_id);
            referrals.chain(row.cases.iter().map(|it| it.programme_id))
        });
        let programmes: BTreeSet<ProgrammeId> = match self.programme_id {
            Some(it) => BTreeSet::from([it]),
            None => named.collect(),
        };
        let figures = programmes.into_iter().map(|it| figures_on(&rows, it, day));
        Ok(ProgrammeAnswer { programmes: figures.collect(), day, as_of })
    }
}

impl ProgrammeQuery {
    /// Each family as it was known then.
    async fn folded(
        &self,
        journal: &Journal,
        tenant: &Tenant,
    ) -> Result<(Vec<ProgrammeRow>, u64), Failure> {
        // The day is chosen among the dates of the rows, as in the present.
        let clocks = Clocks { was_at_ms: None, ..self.clocks };
        let (mut rows, mut token, mut first_as_of) = (Vec::new(), None, None);
        loop {
            let at_once = Scan::rows_for(0);
            let mut scan =
                Scan::begin(journal, tenant, &clocks, self.min_position, token, at_once).await?;
            while let Some(it) = scan.next().await? {
                rows.extend(row_of(&it.history, &clocks));
            }
            let as_of = *first_as_of.get_or_insert(scan.as_of());
            if scan.is_over() {
                return Ok((rows, as_of));
            }
            if rows.len() >= PAST_FAMILIES_MAX {
                return Err(too_many(PAST_FAMILIES_MAX).into());
            }
            token = Some(scan.goes_on(None));
        }
    }
}

fn too_many(most: usize) -> Rejection {
    Rejection::new(
        Reason::RateLimited,
        format!("more than {most} families are not counted at once"),
    )
}

/// The rows of all families, and where they stand.
async fn live(
    journal: &Journal,
    tenant: &Tenant,
    mut min_position: u64,
) -> Result<(Vec<ProgrammeRow>, u64), Failure> {
    let (mut rows, mut after, mut first_as_of) = (Vec::new(), i64::MIN, None);
    loop {
        let which = Which::Page(RowOrder::FirstAppearance, after, ROWS_AT_ONCE);
        let (build, as_of, page) =
            live_rows(journal, tenant, PROGRAMME, min_position, which).await?;
        first_as_of.get_or_insert(as_of);
        min_position = min_position.max(as_of);
        let keyring = &journal.shared.keyring;
        let stored: Vec<Stored<ProgrammeRow>> =
            rows::bodies(keyring, &tenant.id, &build, &page).await?;
        rows.extend(stored.into_iter().map(|it| it.content));
        after = page.last().map_or(after, |it| it.sort1);
        if page.len() < usize::try_from(ROWS_AT_ONCE).unwrap_or(usize::MAX) {
            return Ok((rows, first_as_of.unwrap_or_default()));
        }
        if rows.len() >= FAMILIES_MAX {
            return Err(too_many(FAMILIES_MAX).into());
        }
    }
}

/// The declared tables of a quarter, counted up to the head of the log as it is now.
pub(crate) async fn quarter(
    journal: &Journal,
    tenant: &Tenant,
    programme: ProgrammeId,
    quarter: Quarter,
) -> Result<QuarterTables, Failure> {
    let head = check_position(journal, tenant, 0).await?;
    let (rows, as_of_position) = live(journal, tenant, head).await?;
    let tables = tables_of(&rows, programme, quarter)
        .ok_or_else(|| Fault::Corrupt { what: "a number too large to be counted".to_owned() })?;
    Ok(QuarterTables { as_of_position, tables })
}
