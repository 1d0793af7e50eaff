//! The same bytes in a bare table: what the disk and the database take by themselves.
//!
//! Rows of leaf and envelopes as long as those of real events, so many in a transaction as calls are
//! under way, one transaction after the other. No tree, no note, no index but the position.

use std::time::Duration;

use fokus_sqlite::bare::BareRow;
use tokio::task::block_in_place;
use tokio::time::Instant;

use super::failed;
use super::figures::percentile;
use super::load::Window;
use super::reads::EventSizes;
use super::site::Site;
use crate::failure::Failure;
use crate::server::store::{CannotOpen, StoreKind};

/// Rows that are written again and again, at least as many as one transaction takes.
const ROWS: usize = 2_048;
/// Transactions of the first try, which says how many fit into a window.
const TRIED: u64 = 8;

/// A bare table.
#[derive(Debug)]
pub(super) struct Bare {
    table: Table,
    rows: Vec<BareRow>,
}

#[derive(Debug)]
enum Table {
    Sqlite(fokus_sqlite::bare::Bare),
    /// Made and removed for each window.
    Postgres(String),
    /// A store in memory is compared with memory.
    Memory(Vec<BareRow>),
}

impl Bare {
    /// A table of its own beside the store.
    ///
    /// # Errors
    ///
    /// [`Failure::CouldNotRun`] when none can be made.
    pub(super) fn open(site: &Site) -> Result<Bare, Failure> {
        let table = match &site.kind {
            StoreKind::Sqlite(_) => {
                let bare = fokus_sqlite::bare::Bare::open(site.folder());
                Table::Sqlite(bare.map_err(|it| failed(&it))?)
            }
            StoreKind::Postgres(url) => Table::Postgres(url.clone()),
            StoreKind::Memory => Table::Memory(Vec::new()),
        };
        Ok(Bare { table, rows: Vec::new() })
    }

    /// Makes rows as long as these events.
    pub(super) fn fill_with(&mut self, sizes: &[EventSizes]) {
        let bytes = |length: &usize| vec![0xa5; *length];
        let row = |it: &EventSizes| (bytes(&it.leaf), it.envelopes.iter().map(bytes).collect());
        self.rows = sizes.iter().cycle().take(ROWS).map(row).collect();
    }

    /// Transactions of so many rows, for a time.
    ///
    /// # Errors
    ///
    /// [`Failure::CouldNotRun`] when the table cannot be written.
    pub(super) async fn window(&mut self, rows: usize, time: Duration) -> Result<Window, Failure> {
        let batch = self.rows.get(..rows.min(self.rows.len())).unwrap_or_default();
        match &mut self.table {
            Table::Sqlite(bare) => {
                timed(batch.len(), time, || bare.commit(batch).map_err(|it| failed(&it)))
            }
            Table::Memory(table) => timed(batch.len(), time, || {
                table.clear();
                table.extend_from_slice(batch);
                Ok(())
            }),
            Table::Postgres(url) => in_database(url, batch, time).await,
        }
    }
}

/// Commits again and again for a time.
fn timed(
    rows: usize,
    time: Duration,
    mut commit: impl FnMut() -> Result<(), Failure>,
) -> Result<Window, Failure> {
    block_in_place(|| {
        let (begun, mut times_us) = (Instant::now(), Vec::new());
        while begun.elapsed() < time {
            let before = Instant::now();
            commit()?;
            times_us.push(before.elapsed().as_secs_f64() * 1e6);
        }
        let calls = (times_us.len() * rows) as u64;
        Ok(window(calls, begun.elapsed(), &mut times_us))
    })
}

/// A few transactions, then as many as fit into the time.
async fn in_database(url: &str, batch: &[BareRow], time: Duration) -> Result<Window, Failure> {
    let rows = batch.len() as u64;
    let Some((leaf, envelopes)) = batch.first() else { return Ok(Window::default()) };
    let bytes = [&leaf[..], &envelopes.concat()].concat();
    let insert = async |transactions: u64| {
        let wanted = transactions.saturating_mul(rows);
        let took = fokus_postgres::bare::insert(url, wanted, rows, &bytes).await;
        took.map_err(|it| Failure::from(CannotOpen::from(it)))
    };
    let tried = insert(TRIED).await?;
    let fit = (1..).take_while(|it| tried * *it < time).count() as u64;
    let transactions = TRIED.saturating_mul(fit.max(1));
    let took = insert(transactions).await?;
    let each_us = took.as_secs_f64() * 1e6 / transactions as f64;
    Ok(window(transactions.saturating_mul(rows), took, &mut [each_us]))
}

fn window(calls: u64, took: Duration, times_us: &mut [f64]) -> Window {
    Window {
        calls,
        per_s: calls as f64 / took.as_secs_f64().max(1e-6),
        p50_us: percentile(times_us, 0.5),
        p99_us: percentile(times_us, 0.99),
        ..Window::default()
    }
}
