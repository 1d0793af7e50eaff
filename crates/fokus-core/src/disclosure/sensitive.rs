//! What must be hidden for its own sake: small counts, telling zeros, small changes.

use super::{Published, Table, Threshold};

/// Whether the cell's own number must be hidden: it rests on 1 to `threshold - 1` families, or on few of
/// them for the most part, or it is a zero that says "none of those few".
pub(super) fn is_small(table: &Table, cell: usize, threshold: Threshold) -> bool {
    let it = table.cell(cell);
    if it.count == 0 && it.families == 0 {
        let few = |total: usize| is_few(table.cell(total).families, threshold);
        return !table.zeros_safe() && table.totals_of(cell).into_iter().any(few);
    }
    it.families < threshold.families() || it.dominated
}

/// A total of which nothing may be said of the whole group: neither nobody nor 2 × `threshold`.
fn is_few(families: u32, threshold: Threshold) -> bool {
    0 < families && families < 2 * threshold.families()
}

/// A change of one cell since an earlier release that readers must not find.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Change {
    pub(super) cell: usize,
    /// The direction to hide: what changed, or for an unchanged cell the direction of its total.
    pub(super) rises: bool,
    /// Set for an unchanged cell: it tells something only beside this total's change.
    pub(super) beside: Option<usize>,
}

/// The changes since an earlier release that must be hidden: those that rest on 1 to `threshold - 1`
/// families, and the unchanged cells beside a total that changed by few.
pub(super) fn small_changes(
    table: &Table,
    earlier: &Published,
    threshold: Threshold,
) -> Vec<Change> {
    let delta = |cell: usize| {
        let (now, then) = (table.cell(cell), earlier.table.cell(cell));
        let families = now.families.abs_diff(then.families);
        (i64::from(now.count) - i64::from(then.count), families)
    };
    let mut changes = Vec::new();
    for cell in table.published().iter() {
        let (count, families) = delta(cell);
        if count != 0 || families != 0 {
            if families < threshold.families() {
                changes.push(Change { cell, rises: count >= 0, beside: None });
            }
            continue;
        }
        if table.zeros_safe() {
            continue;
        }
        for total in table.totals_of(cell) {
            let (count, families) = delta(total);
            if count != 0 && is_few(families, threshold) && earlier.shown().has(total) {
                changes.push(Change { cell, rises: count > 0, beside: Some(total) });
            }
        }
    }
    changes
}
