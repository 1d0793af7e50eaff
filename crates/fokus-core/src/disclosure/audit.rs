//! Bounds every cell that must be hidden again, and says whether a release may go out.
//!
//! The reader's knowledge is written down as linear equations, of the release alone and of the release
//! beside each earlier one, and what can be known of a cell or of a change is the least and the greatest
//! value that they leave. Nothing of the selection is used.

use super::sensitive::{is_small, small_changes};
use super::simplex::{Least, System};
use super::{Cells, Published};

/// What readers could find out of a release.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Violation {
    /// A cell that must be hidden is shown, or its number can be bounded more closely than the legend
    /// does.
    Cell(usize),
    /// The change of a cell since an earlier release, given by its place in the list.
    Change { earlier: usize, cell: usize },
    /// A cell that an earlier release hides.
    EarlierCell { earlier: usize, cell: usize },
}

/// Audits a release beside the earlier ones of the same table. `Ok` means: a reader who solves the
/// equations exactly, over whole numbers, learns no more of what must be hidden than the legend says.
///
/// # Errors
///
/// The first thing that such a reader could find out.
pub fn audit(release: &Published, earlier: &[Published]) -> Result<(), Violation> {
    let mut alone = Knowledge::of(&[release], &[]);
    if let Some(cell) = alone.first_known(0, release) {
        return Err(Violation::Cell(cell));
    }
    for (index, other) in earlier.iter().enumerate() {
        let together = [other, release];
        let mut known = Knowledge::of(&together, release.table.growing());
        if let Some(cell) = known.first_known(1, release) {
            return Err(Violation::Cell(cell));
        }
        if let Some(cell) = known.first_known(0, other) {
            return Err(Violation::EarlierCell { earlier: index, cell });
        }
        if let Some(cell) = known.first_change(other, release) {
            return Err(Violation::Change { earlier: index, cell });
        }
    }
    Ok(())
}

/// The lowest and the highest value that a reader must take for possible; `None` = without bound.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bounds {
    pub lowest: i64,
    pub highest: Option<i64>,
}

/// What a reader of one release knows of a cell. `None` where that could not be computed.
pub fn bounds(release: &Published, cell: usize) -> Option<Bounds> {
    let mut known = Knowledge::of(&[release], &[]);
    let (lowest, highest) = known.range(&[(0, cell, 1)])?;
    Some(Bounds { lowest: lowest?, highest })
}

/// What a reader knows of one release or of two.
struct Knowledge<'a> {
    releases: Vec<&'a Published>,
    /// By release and cell: the variable; shown cells are constants.
    variables: Vec<Vec<Option<usize>>>,
    count: usize,
    /// `None`: the equations could not be solved, so nothing may be claimed.
    system: Option<System>,
}

/// A sum of cells: release, cell, factor.
type Sum = [(usize, usize, i64)];

impl<'a> Knowledge<'a> {
    /// Of releases, the later last; `growing` are sums of cells that never fall from one to the next.
    fn of(releases: &[&'a Published], growing: &[Cells]) -> Knowledge<'a> {
        let mut count = 0;
        let mut variables = Vec::new();
        for release in releases {
            let shown = release.shown();
            let number = |cell: usize| {
                (!shown.has(cell)).then(|| {
                    count += 1;
                    count - 1
                })
            };
            variables.push((0..release.table.cells().len()).map(number).collect());
        }
        let mut known = Knowledge { releases: releases.to_vec(), variables, count, system: None };
        let slacks: Vec<&Cells> = growing.iter().filter(|it| known.has_grown(**it)).collect();
        let all = count + slacks.len();
        let mut equations = Vec::new();
        for (index, release) in releases.iter().enumerate() {
            for equation in release.table.equations() {
                let plus = equation.plus.iter().map(|it| (index, *it, 1));
                let minus = equation.minus.iter().map(|it| (index, *it, -1));
                let sum: Vec<_> = plus.chain(minus).collect();
                equations.push(known.equation(&sum, all, None));
            }
        }
        for (number, cells) in slacks.into_iter().enumerate() {
            let sum = known.growth(*cells);
            equations.push(known.equation(&sum, all, Some(count + number)));
        }
        known.count = all;
        // An equation without a variable says nothing.
        equations.retain(|it| it.iter().take(all).any(|factor| *factor != 0));
        known.system = System::new(all, equations);
        known
    }

    /// The later sum less the earlier one.
    fn growth(&self, cells: Cells) -> Vec<(usize, usize, i64)> {
        cells.iter().flat_map(|it| [(1, it, 1), (0, it, -1)]).collect()
    }

    /// Corrections can break a growth; then nobody can rely on it.
    fn has_grown(&self, cells: Cells) -> bool {
        self.releases.len() == 2 && self.true_value(&self.growth(cells)) >= 0
    }

    fn true_value(&self, sum: &Sum) -> i64 {
        let count = |it: &(usize, usize, i64)| {
            self.releases.get(it.0).map_or(0, |release| release.table.count(it.1)) * it.2
        };
        sum.iter().map(count).sum()
    }

    fn variable(&self, release: usize, cell: usize) -> Option<usize> {
        self.variables.get(release)?.get(cell).copied().flatten()
    }

    /// The sum comes to 0, or to the slack: factors of the variables, then the right side.
    fn equation(&self, sum: &Sum, all: usize, slack: Option<usize>) -> Vec<i64> {
        let mut factors = vec![0; all + 1];
        let mut right = 0;
        for (release, cell, factor) in sum {
            match self.variable(*release, *cell) {
                Some(it) => add(&mut factors, it, *factor),
                None => right -= self.true_value(&[(*release, *cell, *factor)]),
            }
        }
        if let Some(it) = slack {
            add(&mut factors, it, -1);
        }
        add(&mut factors, all, right);
        factors
    }

    /// The least and the greatest value of a sum; `None` inside = without bound, outside = not computed.
    fn range(&mut self, sum: &Sum) -> Option<(Option<i64>, Option<i64>)> {
        let mut cost = vec![0; self.count];
        let mut constant = 0;
        for (release, cell, factor) in sum {
            match self.variable(*release, *cell) {
                Some(it) => add(&mut cost, it, *factor),
                None => constant += self.true_value(&[(*release, *cell, *factor)]),
            }
        }
        if cost.iter().all(|it| *it == 0) {
            return Some((Some(constant), Some(constant)));
        }
        let system = self.system.as_mut()?;
        let lowest = match system.least(&cost) {
            Least::Whole(it) => Some(constant + it),
            Least::Unbounded => None,
            Least::Unsolved => return None,
        };
        cost.iter_mut().for_each(|it| *it = -*it);
        let highest = match system.least(&cost) {
            Least::Whole(it) => Some(constant - it),
            Least::Unbounded => None,
            Least::Unsolved => return None,
        };
        Some((lowest, highest))
    }

    /// The first cell of a release that must be hidden and is not hidden well enough.
    fn first_known(&mut self, index: usize, release: &Published) -> Option<usize> {
        let small = |it: &usize| is_small(&release.table, *it, release.threshold);
        let cells: Vec<usize> = release.table.published().iter().filter(small).collect();
        cells.into_iter().find(|cell| {
            let range = self.range(&[(index, *cell, 1)]);
            !range.is_some_and(|it| is_wide(it, 1, release.threshold.legend()))
        })
    }

    /// The first cell whose change is small and not hidden well enough.
    fn first_change(&mut self, earlier: &Published, release: &Published) -> Option<usize> {
        let legend = release.threshold.legend();
        let changes = small_changes(&release.table, earlier, release.threshold);
        let known = changes.into_iter().find(|change| {
            if let Some(total) = change.beside
                && self.range(&[(1, total, 1)]).is_some_and(|it| it.0 != it.1)
            {
                return false;
            }
            let Some(change_of) = self.range(&[(1, change.cell, 1), (0, change.cell, -1)]) else {
                return true;
            };
            let nearest = i64::from(change.beside.is_none());
            if change.rises {
                return !is_wide(change_of, nearest, legend);
            }
            // A number cannot fall by more than it can have been.
            let before = self.range(&[(0, change.cell, 1)]).and_then(|it| it.1);
            let legend = before.map_or(legend, |it| legend.min(it));
            let mirrored = (change_of.1.map(|it| -it), change_of.0.map(|it| -it));
            !is_wide(mirrored, nearest, legend)
        });
        known.map(|it| it.cell)
    }
}

/// Whether all from `nearest` to `legend` are possible.
fn is_wide(range: (Option<i64>, Option<i64>), nearest: i64, legend: i64) -> bool {
    range.0.is_none_or(|it| it <= nearest) && range.1.is_none_or(|it| it >= legend)
}

fn add(factors: &mut [i64], at: usize, factor: i64) {
    if let Some(it) = factors.get_mut(at) {
        *it += factor;
    }
}
