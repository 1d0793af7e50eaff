//! How two builds of a view differ, over their opened content.

use std::collections::{BTreeMap, BTreeSet};

use fokus_store::{Fault, RowOrder, StreamTag, ViewBuild, ViewRow};
use serde_json::Value;

use super::lease::Held;
use crate::failure::Failure;
use crate::journal::Journal;
use crate::rows;
use crate::tenants::Tenant;

/// Rows of one page.
const PAGE_ROWS: u32 = 1_000;

/// Streams by first position and tag: both builds have them in this order.
type Streams = BTreeMap<(i64, StreamTag), Vec<ViewRow>>;

/// The rows of a build, stream by stream.
struct Pages<'a> {
    journal: &'a Journal,
    tenant: &'a Tenant,
    build: &'a ViewBuild,
    after: i64,
    /// Read and not yet compared.
    streams: Streams,
    ended: bool,
}

impl<'a> Pages<'a> {
    fn new(journal: &'a Journal, tenant: &'a Tenant, build: &'a ViewBuild) -> Self {
        let (after, streams) = (i64::MIN, Streams::new());
        Pages { journal, tenant, build, after, streams, ended: false }
    }

    /// Reads on when nothing is left; gives the first position of the last stream that is read
    /// whole.
    async fn read_on(&mut self) -> Result<i64, Fault> {
        while self.streams.is_empty() && !self.ended {
            let views = &self.journal.shared.ports.views;
            let order = RowOrder::FirstAppearance;
            // A stream's rows have one first position, and such rows come together.
            let page = views.page(&self.tenant.id, self.build, order, self.after, PAGE_ROWS);
            let (_, rows) = page.await?;
            match rows.last() {
                Some(it) => self.after = it.sort1,
                None => self.ended = true,
            }
            for row in rows {
                self.streams.entry((row.sort1, row.stream_tag)).or_default().push(row);
            }
        }
        Ok(if self.ended { i64::MAX } else { self.after })
    }

    /// The streams up to this first position.
    fn take(&mut self, through: i64) -> Streams {
        let rest = match through.checked_add(1) {
            Some(it) => self.streams.split_off(&(it, StreamTag([0; 16]))),
            None => Streams::new(),
        };
        std::mem::replace(&mut self.streams, rest)
    }
}

/// Rows changed, added and removed in `new` against `old`. A stream that moved beyond `at` in one of
/// them, while others wrote, is passed over: it says nothing about the builds.
pub(super) async fn compare(
    journal: &Journal,
    tenant: &Tenant,
    old: &ViewBuild,
    new: &ViewBuild,
    at: u64,
    held: &mut Held,
) -> Result<(u64, u64, u64), Failure> {
    let at = i64::try_from(at).unwrap_or(i64::MAX);
    let mut pages = [Pages::new(journal, tenant, old), Pages::new(journal, tenant, new)];
    let (mut changed, mut added, mut removed) = (0, 0, 0);
    loop {
        held.renew(journal, tenant).await?;
        let [before, after] = &mut pages;
        let through = before.read_on().await?.min(after.read_on().await?);
        let (before, mut after) = (before.take(through), after.take(through));
        let streams: BTreeSet<_> = before.keys().chain(after.keys()).copied().collect();
        if streams.is_empty() && pages.iter().all(|it| it.ended) {
            return Ok((changed, added, removed));
        }
        let mut before = before;
        for stream in streams {
            let rows = [&mut before, &mut after].map(|it| it.remove(&stream).unwrap_or_default());
            if rows.iter().flatten().any(|it| it.sort2 > at) {
                continue;
            }
            let [old_rows, new_rows] = rows;
            let old_rows = opened(journal, tenant, old, &old_rows).await?;
            let new_rows = opened(journal, tenant, new, &new_rows).await?;
            for (key, row) in &new_rows {
                match old_rows.get(key) {
                    Some(it) if it.is_same(row) => {}
                    Some(_) => changed += 1,
                    None => added += 1,
                }
            }
            let gone = old_rows.keys().filter(|it| !new_rows.contains_key(*it)).count();
            removed += u64::try_from(gone).unwrap_or_default();
        }
        tokio::task::yield_now().await;
    }
}

/// A row's content as text; `None` where it does not open.
struct Content(Option<Vec<u8>>);

impl Content {
    /// Members may stand in another order.
    fn is_same(&self, other: &Content) -> bool {
        let value = |it: &[u8]| serde_json::from_slice::<Value>(it).ok();
        match (&self.0, &other.0) {
            (Some(one), Some(other)) => one == other || value(one) == value(other),
            (None, _) | (_, None) => false,
        }
    }
}

async fn opened<'a>(
    journal: &Journal,
    tenant: &Tenant,
    build: &ViewBuild,
    rows: &'a [ViewRow],
) -> Result<BTreeMap<&'a str, Content>, Failure> {
    let content = |text: &[u8]| Ok(rows::content_of(text).to_vec());
    let texts = rows::texts(&journal.shared.keyring, &tenant.id, build, rows, content);
    let contents = match texts.await {
        Ok(it) => it.into_iter().map(|it| Content(Some(it))).collect(),
        // An old row that does not open is one more thing that the rebuild changes.
        Err(Failure::Fault(Fault::Corrupt { .. })) => {
            rows.iter().map(|_| Content(None)).collect::<Vec<_>>()
        }
        Err(it) => return Err(it),
    };
    Ok(rows.iter().map(|it| it.key.as_str()).zip(contents).collect())
}
