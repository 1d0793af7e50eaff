//! Families in order of registration, as the clocks of a read ask for them, one after another.
//!
//! The view of statuses says which families there are. Of the past each is folded on the spot, so such a
//! scan looks at fewer. Families whose registration was undone, or that were not known then, are passed
//! over.

use std::collections::VecDeque;
use std::sync::Arc;

use fokus_core::effective::{Clocks, KnownAt};
use fokus_core::ids::{FamilyId, StreamKind, StreamRef};
use fokus_core::record::Recorded;
use fokus_core::rejection::{Reason, Rejection};
use fokus_core::views::status::{StatusRow, status_of};
use fokus_store::{RowOrder, StreamTag, ViewBuild, ViewRow};

use super::paging::PageToken;
use super::{Which, check_clocks, check_position, is_present, known, live_rows};
use crate::execute::store_id;
use crate::failure::Failure;
use crate::journal::{Journal, joined};
use crate::load;
use crate::rows::{self, Stored};
use crate::runner::STATUS;
use crate::tenants::Tenant;

/// The key of a family's one row.
const ROW_KEY: &str = "status";
/// The most families that one call looks at.
const SCAN_MAX: u32 = 5_000;
/// The same where each family is folded on the spot: a page of the past is never longer.
const PAST_SCAN_MAX: u32 = 100;
/// How many of them are folded at a time, on as many cores as there are: more only hold more histories.
const FOLDED_AT_ONCE: usize = 4;
/// The least rows that are read at once where some may be passed over.
const SCAN_ROWS: u32 = 100;

/// A row with where its family stands.
pub(super) struct Standing {
    pub(super) row: StatusRow,
    pub(super) revision: u64,
    pub(super) last_position: u64,
    /// Order of registration.
    pub(super) order: i64,
    pub(super) tag: StreamTag,
    /// What was known then, where the clocks ask for the past.
    pub(super) history: Vec<Recorded>,
}

/// A walk over families.
pub(super) struct Scan<'a> {
    journal: &'a Journal,
    tenant: &'a Tenant,
    clocks: &'a Clocks,
    /// The build that the token named.
    token_build: Option<u32>,
    build: Option<ViewBuild>,
    min_position: u64,
    first_as_of: Option<u64>,
    /// How many rows to read at once, and after how many to stop looking.
    rows: u32,
    most: u32,
    scanned: u32,
    /// The order of the last family given or passed over.
    after: i64,
    /// Rows read that are still to be given, or, of the past, to be folded.
    waiting: VecDeque<Standing>,
    /// What was folded and is still to be given, by order of registration; `None` = not known then.
    folded: VecDeque<(i64, Option<Standing>)>,
    ended: bool,
}

impl<'a> Scan<'a> {
    /// A scan that begins after `token`. `rows` is how many families are likely to be wanted.
    ///
    /// # Errors
    ///
    /// BEYOND_HEAD for a position or clock beyond the head.
    pub(super) async fn begin(
        journal: &'a Journal,
        tenant: &'a Tenant,
        clocks: &'a Clocks,
        min_position: u64,
        token: Option<PageToken>,
        rows: u32,
    ) -> Result<Scan<'a>, Failure> {
        check_position(journal, tenant, min_position).await?;
        let min_position = must_reach(journal, tenant, clocks, min_position).await?;
        let present = is_present(clocks);
        Ok(Scan {
            journal,
            tenant,
            clocks,
            token_build: token.map(|it| it.build),
            build: None,
            min_position,
            first_as_of: None,
            rows: if present { rows } else { PAST_SCAN_MAX },
            most: if present { SCAN_MAX } else { PAST_SCAN_MAX },
            scanned: 0,
            after: token.map_or(i64::MIN, |it| it.after.0),
            waiting: VecDeque::new(),
            folded: VecDeque::new(),
            ended: false,
        })
    }

    /// How many rows to read at once for a list of `size`, some of whose families may be passed over.
    pub(super) fn rows_for(size: usize) -> u32 {
        u32::try_from(size).unwrap_or(u32::MAX).max(SCAN_ROWS)
    }

    /// The next family; `None` at the end, and where the scan has looked at enough.
    pub(super) async fn next(&mut self) -> Result<Option<Standing>, Failure> {
        loop {
            let next = match self.folded.pop_front() {
                Some(it) => Some(it),
                None if is_present(self.clocks) => {
                    self.waiting.pop_front().map(|it| (it.order, Some(it)))
                }
                None => {
                    self.fold().await?;
                    self.folded.pop_front()
                }
            };
            let Some((order, standing)) = next else {
                if self.ended || self.scanned >= self.most {
                    return Ok(None);
                }
                self.read_on().await?;
                continue;
            };
            self.after = order;
            if let Some(it) = standing.filter(|it| !it.row.undone) {
                return Ok(Some(it));
            }
        }
    }

    /// Folds the next families that wait, at the same time.
    async fn fold(&mut self) -> Result<(), Failure> {
        let count = self.waiting.len().min(FOLDED_AT_ONCE);
        let tenant = self.journal.tenant(&self.tenant.id).await?;
        let tasks = &self.journal.shared.tasks;
        let begin = |live: Standing| {
            let (journal, tenant, clocks) =
                (self.journal.clone(), Arc::clone(&tenant), *self.clocks);
            let family = live.row.family_id;
            let folding = async move { past_standing(&journal, &tenant, family, &clocks).await };
            (live.order, live.tag, tasks.spawn(folding))
        };
        let begun: Vec<_> = self.waiting.drain(..count).map(begin).collect();
        for (order, tag, folding) in begun {
            let past = joined(folding.await)?;
            self.folded.push_back((order, past.map(|it| Standing { order, tag, ..it })));
        }
        Ok(())
    }

    async fn read_on(&mut self) -> Result<(), Failure> {
        let Scan { journal, tenant, .. } = *self;
        let which = Which::Page(RowOrder::FirstAppearance, self.after, self.rows);
        let (build, as_of, page) =
            live_rows(journal, tenant, STATUS, self.min_position, which).await?;
        if let (Some(it), None) = (self.token_build, self.first_as_of) {
            PageToken { build: it, after: (0, 0) }.check_build(build.revision)?;
        }
        // What later pages know beyond the first is not promised for the whole answer.
        self.first_as_of.get_or_insert(as_of);
        self.min_position = self.min_position.max(as_of);
        let read = u32::try_from(page.len()).unwrap_or(u32::MAX);
        self.scanned = self.scanned.saturating_add(read);
        self.ended = read < self.rows;
        self.waiting.extend(standings(journal, tenant, &build, page).await?);
        self.build = Some(build);
        Ok(())
    }

    /// Where the answer stands.
    pub(super) fn as_of(&self) -> u64 {
        self.first_as_of.unwrap_or_default()
    }

    /// Whether every family was given or passed over.
    pub(super) fn is_over(&self) -> bool {
        self.ended && self.waiting.is_empty() && self.folded.is_empty()
    }

    /// Where a list goes on behind the last family given, or, with the place of an entry in it, within
    /// that family.
    pub(super) fn goes_on(&self, within: Option<u64>) -> PageToken {
        let build = self.build.as_ref().map_or(0, |it| it.revision);
        match within {
            // The family is read again, and what stands up to that entry passed over.
            Some(entry) => PageToken { build, after: (self.after.saturating_sub(1), entry) },
            None => PageToken { build, after: (self.after, 0) },
        }
    }
}

/// Where the view must stand so that no family known then is missing.
pub(super) async fn must_reach(
    journal: &Journal,
    tenant: &Tenant,
    clocks: &Clocks,
    min_position: u64,
) -> Result<u64, Failure> {
    let head = check_clocks(journal, tenant, clocks).await?;
    Ok(match clocks.known_at {
        KnownAt::Now => min_position,
        KnownAt::Position(it) => min_position.max(it),
        // Whatever stands in the log may have been recorded by then.
        KnownAt::Time(_) => min_position.max(head),
    })
}

/// One family, whether its registration was undone or not, and where the answer stands.
///
/// # Errors
///
/// UNKNOWN_ID where nothing of it was known then.
pub(super) async fn one_family(
    journal: &Journal,
    tenant: &Tenant,
    family: FamilyId,
    clocks: &Clocks,
    min_position: u64,
) -> Result<(Standing, u64), Failure> {
    check_position(journal, tenant, min_position).await?;
    let stream = StreamRef::from(family);
    let heads = journal.shared.ports.events.stream_heads(&tenant.id, &[store_id(stream)]).await?;
    let head = heads.into_iter().flatten().next().ok_or_else(unknown_family)?;
    if !is_present(clocks) {
        let as_of = check_clocks(journal, tenant, clocks).await?;
        let past = past_standing(journal, tenant, family, clocks).await?;
        let past = past.ok_or_else(unknown_family)?;
        return Ok((Standing { tag: head.tag, ..past }, as_of));
    }
    if let Some(found) = live_standing(journal, tenant, head.tag, min_position).await? {
        return Ok(found);
    }
    // The family is younger than the view: wait for its newest event.
    let found = live_standing(journal, tenant, head.tag, head.last.0).await?;
    Ok(found.ok_or_else(|| Rejection::new(Reason::ViewBehind, "not in the view yet"))?)
}

/// The answer where there is no such family.
pub(super) fn unknown_family() -> Rejection {
    Rejection::new(Reason::UnknownId, "no such family").at("family_id")
}

async fn live_standing(
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

/// The families of rows.
pub(super) async fn standings(
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
        tag: row.stream_tag,
        history: Vec::new(),
    };
    Ok(rows.into_iter().zip(stored).map(standing).collect())
}

/// The family folded on the spot; `None` where nothing of it was known then.
async fn past_standing(
    journal: &Journal,
    tenant: &Tenant,
    family: FamilyId,
    clocks: &Clocks,
) -> Result<Option<Standing>, Failure> {
    let stream = StreamRef { kind: StreamKind::Family, id: family.0 };
    let (tag, history) = load::history(journal, tenant, stream).await?;
    let history = known(history, clocks);
    let (Some(tag), Some(row), Some(last)) = (tag, status_of(&history, clocks), history.last())
    else {
        return Ok(None);
    };
    let (revision, last_position) = (last.revision, last.position);
    Ok(Some(Standing { row, revision, last_position, order: 0, tag, history }))
}
