//! Disclosure control: which numbers of a table are hidden before it leaves the municipality.
//!
//! The population is tiny, so a count of few families speaks of persons who can be found. A reader knows
//! the published table, its margins, every earlier release of it, and that counts are whole and not
//! negative. What [`publish`] lets out is such that this reader cannot bound a hidden small count, nor a
//! small change between two releases, more closely than the legend does: 1 to `threshold - 1`.
//!
//! Read [`Table`], which gives the linear equations that hold between its cells; `sensitive`, what must
//! be hidden for its own sake; `select`, what is hidden along with it, chosen exactly by bounds from a
//! flow network (`network`); then [`mod@audit`], which bounds every such cell again, by linear programming
//! over the same equations (`simplex`), and shares nothing else with the selection.
//!
//! Sources of the rules: domain 2.13 and its corrections, number 8.
//!
//! Deliberately absent: rounding for the public (what is released goes to known readers), and what three
//! releases tell together beyond any two of them where a series is known to grow.

pub mod audit;
mod network;
mod select;
mod sensitive;
mod simplex;
mod table;

pub use audit::{Violation, audit};
pub use select::hide;
pub use table::{Cell, Cells, Margins, Table, TableError};

/// The fewest distinct families that a shown count may rest on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Threshold(u32);

impl Threshold {
    /// What holds where a programme has set nothing.
    pub const DEFAULT: Threshold = Threshold(5);
    /// The least that may be set.
    pub const LEAST: u32 = 3;
    /// The most that may be set.
    pub const MOST: u32 = 10;

    /// `None` outside 3 to 10.
    pub fn new(families: u32) -> Option<Threshold> {
        (Self::LEAST..=Self::MOST).contains(&families).then_some(Threshold(families))
    }

    /// The number of families.
    pub fn families(self) -> u32 {
        self.0
    }

    /// The highest count that the legend's sign may stand for.
    fn legend(self) -> i64 {
        i64::from(self.0) - 1
    }
}

/// A table with its hidden cells, as it was or is to be released.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Published {
    pub table: Table,
    /// Cells that are published, and show a sign instead of a number.
    pub hidden: Cells,
    /// What it was hidden by.
    pub threshold: Threshold,
}

impl Published {
    /// Cells that show their number.
    pub fn shown(&self) -> Cells {
        self.table.published().without(self.hidden)
    }
}

/// Hides what must be hidden, given every earlier release of the same table, and has it audited. Where
/// the audit objects, more is hidden, never less.
///
/// # Errors
///
/// What the audit objects to even where every cell is hidden: then an earlier release and this one
/// cannot both be out.
pub fn publish(
    table: &Table,
    earlier: &[Published],
    threshold: Threshold,
) -> Result<Published, Violation> {
    let earlier: Vec<Published> =
        earlier.iter().filter(|it| it.table.is_like(table)).cloned().collect();
    let mut forced = Cells::default();
    loop {
        let hidden = hide(table, &earlier, threshold, forced);
        let published = Published { table: table.clone(), hidden, threshold };
        let Err(violation) = audit(&published, &earlier) else { return Ok(published) };
        let mut shown: Vec<usize> = published.shown().iter().collect();
        shown.sort_by_key(|it| (table.count(*it), *it));
        let Some(next) = shown.first() else { return Err(violation) };
        forced = hidden.with(*next);
    }
}

#[cfg(test)]
mod tests;
