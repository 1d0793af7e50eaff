//! Which cells to hide: those that must be, and the cheapest others that keep them hidden.
//!
//! What a hidden cell needs is said as bounds that it must be able to reach. Where the network cannot
//! reach one, it names the shown cells of which at least one must be hidden for it; each is tried. The
//! cheapest set is always looked at first, so the first that meets every need is the cheapest of all:
//! first by the sum of the numbers hidden, then by how many they are, then by the earlier cells.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::network::{Network, UNBOUNDED};
use super::sensitive::{is_small, small_changes};
use super::{Cells, Published, Table, Threshold};

/// After so many sets no cheapest one is looked for any more: whatever may help is hidden.
const SETS_MAX: u32 = 4_000;

/// What a hidden cell must be able to be, for all that readers know.
#[derive(Debug, Clone, Copy)]
struct Need {
    cell: usize,
    /// As low as this.
    low: i64,
    /// As high as this.
    high: i64,
    /// No need while this total is hidden and may be larger.
    unless: Option<usize>,
}

impl Need {
    /// Whether the cell may even show its number: what it is to be compared with is hidden.
    fn is_met_by(&self, table: &Table) -> bool {
        (self.high..=self.low).contains(&table.count(self.cell))
    }
}

/// The cells to hide in a table, given its earlier releases; `forced` are hidden whether they must be or
/// not. Total.
pub fn hide(table: &Table, earlier: &[Published], threshold: Threshold, forced: Cells) -> Cells {
    let published = table.published();
    let needs = needs(table, earlier, threshold);
    // Where only hiding the cell itself can help, it is hidden from the start.
    let needed = needs.iter().filter(|it| it.unless.is_none() && !it.is_met_by(table));
    let forced = forced.iter().filter(|it| published.has(*it));
    let first = needed.map(|it| it.cell).chain(forced).collect();
    let search = Search { table, network: Network::new(table), needs: &needs, published };
    search.cheapest(first).unwrap_or_else(|| search.more(first))
}

fn needs(table: &Table, earlier: &[Published], threshold: Threshold) -> Vec<Need> {
    let legend = threshold.legend();
    let small = table.published().iter().filter(|it| is_small(table, *it, threshold));
    let mut needs: Vec<Need> =
        small.map(|cell| Need { cell, low: 1, high: legend, unless: None }).collect();
    for release in earlier {
        let network = Network::new(&release.table);
        for change in small_changes(table, release, threshold) {
            let shown = release.shown();
            let lowest = network.lowest(change.cell, shown, 0).bound;
            let highest = network.highest(change.cell, shown, UNBOUNDED).bound;
            let unchanged = change.beside.is_some();
            // The change is the number now less the number then, each of which may be anything that its
            // own release leaves open.
            let (low, high) = match (change.rises, unchanged) {
                (true, false) => (highest.saturating_add(1), lowest.saturating_add(legend)),
                (false, false) => (highest.saturating_sub(legend), lowest.saturating_sub(1)),
                (true, true) => (UNBOUNDED, lowest.saturating_add(legend)),
                (false, true) => (highest.saturating_sub(legend), 0),
            };
            needs.push(Need { cell: change.cell, low: low.max(0), high, unless: change.beside });
        }
    }
    needs
}

struct Search<'a> {
    table: &'a Table,
    network: Network<'a>,
    needs: &'a [Need],
    published: Cells,
}

impl Search<'_> {
    /// The cheapest set that meets every need; `None` when too many were looked at.
    fn cheapest(&self, first: Cells) -> Option<Cells> {
        let mut waiting = BinaryHeap::from([Reverse((self.price(first), first, Cells::default()))]);
        for _ in 0..SETS_MAX {
            let Reverse((_, hidden, mut barred)) = waiting.pop()?;
            let Some(helping) = self.unmet(hidden) else { return Some(hidden) };
            // A set that hides an earlier one of these is looked at there, not again here.
            for cell in helping.without(barred).iter() {
                let next = hidden.with(cell);
                waiting.push(Reverse((self.price(next), next, barred)));
                barred = barred.with(cell);
            }
        }
        None
    }

    /// A set that meets every need, not the cheapest.
    fn more(&self, first: Cells) -> Cells {
        let mut hidden = first;
        while let Some(helping) = self.unmet(hidden) {
            if helping.is_empty() {
                return self.published;
            }
            hidden = hidden.union(helping);
        }
        hidden
    }

    /// What hiding costs: the numbers hidden, their number, and how early they are.
    fn price(&self, hidden: Cells) -> (i64, u32, u128) {
        let sum = hidden.iter().map(|it| self.table.count(it)).sum();
        (sum, hidden.len(), hidden.rank())
    }

    /// The shown cells of which one must be hidden to come nearer to the first need that is not met;
    /// `None` when all are.
    fn unmet(&self, hidden: Cells) -> Option<Cells> {
        let shown = self.published.without(hidden);
        self.needs.iter().find_map(|need| self.unmet_need(need, hidden, shown))
    }

    fn unmet_need(&self, need: &Need, hidden: Cells, shown: Cells) -> Option<Cells> {
        let Some(total) = need.unless else { return self.unreached(need, shown) };
        if hidden.has(total) {
            let larger = self.table.count(total).saturating_add(1);
            let open = Need { cell: total, low: UNBOUNDED, high: larger, unless: None };
            return self.unreached(&open, shown);
        }
        Some(self.unreached(need, shown)?.with(total))
    }

    fn unreached(&self, need: &Need, shown: Cells) -> Option<Cells> {
        if shown.has(need.cell) {
            return (!need.is_met_by(self.table)).then(|| Cells::default().with(need.cell));
        }
        let low = self.network.lowest(need.cell, shown, need.low);
        if low.bound > need.low {
            return Some(low.holding);
        }
        let high = self.network.highest(need.cell, shown, need.high);
        (high.bound < need.high).then_some(high.holding)
    }
}
