//! A reader who solves for what is hidden: all equations are substituted, then every unknown but one is
//! eliminated from the inequalities (Fourier and Motzkin). Shares nothing with selection and audit but the
//! equations of the tables.

use std::collections::BTreeSet;

use super::super::{Cells, Published};

/// Factors of the unknowns, then the right side.
type Row = Vec<i128>;

/// What the reader has: releases, the later last, and sums that never fall between them.
pub(super) struct Attacker {
    releases: Vec<Published>,
    growing: Vec<Cells>,
}

impl Attacker {
    pub(super) fn new(releases: &[Published], growing: &[Cells]) -> Attacker {
        Attacker { releases: releases.to_vec(), growing: growing.to_vec() }
    }

    /// The lowest and highest value of a sum of cells (release, cell, factor).
    pub(super) fn bounds(&self, sum: &[(usize, usize, i128)]) -> (Option<i128>, Option<i128>) {
        let sizes: Vec<usize> = self.releases.iter().map(|it| it.table.cells().len()).collect();
        let at = |release: usize, cell: usize| sizes[..release].iter().sum::<usize>() + cell;
        let target: usize = sizes.iter().sum();
        let (mut equal, mut least) = (Vec::new(), Vec::new());
        for (index, release) in self.releases.iter().enumerate() {
            let shown = release.table.published().without(release.hidden);
            for equation in release.table.equations() {
                let mut row = vec![0; target + 2];
                equation.plus.iter().for_each(|it| row[at(index, *it)] += 1);
                equation.minus.iter().for_each(|it| row[at(index, *it)] -= 1);
                equal.push(row);
            }
            for cell in 0..release.table.cells().len() {
                let mut row = vec![0; target + 2];
                row[at(index, cell)] = 1;
                if shown.has(cell) {
                    row[target + 1] = release.table.count(cell).into();
                    equal.push(row);
                } else {
                    least.push(row);
                }
            }
        }
        for cells in &self.growing {
            let mut row = vec![0; target + 2];
            for cell in cells.iter() {
                row[at(1, cell)] += 1;
                row[at(0, cell)] -= 1;
            }
            least.push(row);
        }
        let mut row = vec![0; target + 2];
        sum.iter().for_each(|(release, cell, factor)| row[at(*release, *cell)] += factor);
        row[target] = -1;
        equal.push(row);
        solve(target, equal, least)
    }
}

fn solve(target: usize, mut equal: Vec<Row>, mut least: Vec<Row>) -> (Option<i128>, Option<i128>) {
    while let Some(row) = equal.pop() {
        let Some(unknown) = (0..target).find(|it| row[*it] != 0) else {
            if row[target] != 0 {
                let value = row[target + 1] / row[target];
                return (Some(value), Some(value));
            }
            continue;
        };
        equal.iter_mut().chain(&mut least).for_each(|it| substitute(it, &row, unknown));
    }
    for row in &mut least {
        normalise(row);
    }
    let mut least: BTreeSet<Row> = least.into_iter().collect();
    let mut left: Vec<usize> = (0..target).collect();
    while !left.is_empty() {
        let cost = |unknown: usize| {
            let above = least.iter().filter(|it| it[unknown] > 0).count();
            above * least.iter().filter(|it| it[unknown] < 0).count()
        };
        let index = (0..left.len()).min_by_key(|it| cost(left[*it])).unwrap();
        let unknown = left.swap_remove(index);
        least = eliminate(least, unknown);
    }
    let of_target = |sign: i128| least.iter().filter(move |it| it[target] * sign > 0);
    let lowest = of_target(1).map(|it| -(-it[target + 1]).div_euclid(it[target])).max();
    let highest = of_target(-1).map(|it| (-it[target + 1]).div_euclid(-it[target])).min();
    (lowest, highest)
}

fn substitute(row: &mut Row, by: &Row, unknown: usize) {
    let factor = row[unknown];
    if factor == 0 {
        return;
    }
    let (scale, factor) = (by[unknown].abs(), factor * by[unknown].signum());
    for (it, other) in row.iter_mut().zip(by) {
        *it = *it * scale - other * factor;
    }
    normalise(row);
}

fn eliminate(rows: BTreeSet<Row>, unknown: usize) -> BTreeSet<Row> {
    let (without, with): (Vec<Row>, Vec<Row>) = rows.into_iter().partition(|it| it[unknown] == 0);
    let (above, below): (Vec<Row>, Vec<Row>) = with.into_iter().partition(|it| it[unknown] > 0);
    let mut left: BTreeSet<Row> = without.into_iter().collect();
    for one in &above {
        for other in &below {
            let (by, from) = (-other[unknown], one[unknown]);
            let mut row: Row = one.iter().zip(other).map(|(a, b)| a * by + b * from).collect();
            normalise(&mut row);
            if row[..row.len() - 1].iter().any(|it| *it != 0) {
                left.insert(row);
            }
        }
    }
    // Of rows that differ in the right side only, the highest says it all; they stand in order.
    let mut kept: Vec<Row> = Vec::new();
    for row in left {
        match kept.last_mut() {
            Some(it) if it[..it.len() - 1] == row[..row.len() - 1] => *it = row,
            _ => kept.push(row),
        }
    }
    kept.into_iter().collect()
}

fn normalise(row: &mut Row) {
    let divisor = row.iter().fold(0_i128, |divisor, it| gcd(divisor, it.abs()));
    if divisor > 1 {
        row.iter_mut().for_each(|it| *it /= divisor);
    }
}

fn gcd(one: i128, other: i128) -> i128 {
    if other == 0 { one } else { gcd(other, one % other) }
}
