//! The least value of a sum over the whole numbers, not negative, that meet linear equations.
//!
//! The simplex method on a tableau of integers with one common denominator (Edmonds: every division is
//! exact), by Bland's rule, so that it ends. Nothing is rounded; what overflows is said not to be solved.

#![expect(clippy::indexing_slicing, reason = "rows and columns have the sizes they were made with")]

/// The most pivots for one question.
const PIVOTS_MAX: u32 = 10_000;

/// The least value of a sum.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Least {
    /// Reached by whole numbers.
    Whole(i64),
    /// There is none.
    Unbounded,
    /// Reached only between whole numbers, or the work was too much: nothing is claimed.
    Unsolved,
}

/// Equations in standard form, at a solution.
pub(super) struct System {
    /// By equation: a coefficient for each variable, then the right side; all over `common`.
    rows: Vec<Vec<i128>>,
    common: i128,
    /// By equation: the variable that is its right side; all others are 0.
    basis: Vec<usize>,
    variables: usize,
}

impl System {
    /// Equations over so many variables: coefficients, then the right side. `None` when they have no
    /// solution that is not negative, or the work was too much.
    pub(super) fn new(variables: usize, equations: Vec<Vec<i64>>) -> Option<System> {
        let count = equations.len();
        let mut rows = Vec::with_capacity(count);
        for (index, equation) in equations.into_iter().enumerate() {
            let sign = if equation[variables] < 0 { -1 } else { 1 };
            let artificial = (0..count).map(|it| i128::from(it == index));
            let own = equation[..variables].iter().map(|it| sign * i128::from(*it));
            let right = sign * i128::from(equation[variables]);
            rows.push(own.chain(artificial).chain([right]).collect());
        }
        let basis = (variables..variables + count).collect();
        let mut system = System { rows, common: 1, basis, variables: variables + count };
        let cost: Vec<i64> = (0..variables + count).map(|it| i64::from(it >= variables)).collect();
        if system.least(&cost) != Least::Whole(0) {
            return None;
        }
        system.drop_artificial(variables)?;
        Some(system)
    }

    /// Makes every artificial variable leave, and the equations that say nothing new.
    fn drop_artificial(&mut self, variables: usize) -> Option<()> {
        let mut index = 0;
        while index < self.rows.len() {
            if self.basis[index] >= variables {
                let entering = (0..variables).find(|it| self.rows[index][*it] != 0);
                match entering {
                    Some(it) => self.pivot(index, it, None)?,
                    None => {
                        self.rows.remove(index);
                        self.basis.remove(index);
                        continue;
                    }
                }
            }
            index += 1;
        }
        for row in &mut self.rows {
            row.drain(variables..self.variables);
        }
        self.variables = variables;
        Some(())
    }

    /// The least value of the sum.
    pub(super) fn least(&mut self, cost: &[i64]) -> Least {
        self.solve(cost).unwrap_or(Least::Unsolved)
    }

    fn solve(&mut self, cost: &[i64]) -> Option<Least> {
        let mut reduced = self.reduced(cost)?;
        for _ in 0..PIVOTS_MAX {
            let Some(entering) = (0..self.variables).find(|it| reduced[*it] < 0) else {
                return self.value(cost);
            };
            let Some(leaving) = self.leaving(entering)? else { return Some(Least::Unbounded) };
            self.pivot(leaving, entering, Some(&mut reduced))?;
        }
        None
    }

    /// What a step of each variable would change, over the common denominator.
    fn reduced(&self, cost: &[i64]) -> Option<Vec<i128>> {
        let mut reduced: Vec<i128> = Vec::with_capacity(self.variables + 1);
        for column in 0..=self.variables {
            let own = cost.get(column).copied().filter(|_| column < self.variables);
            let mut value = i128::from(own.unwrap_or_default()).checked_mul(self.common)?;
            for (row, basic) in self.rows.iter().zip(&self.basis) {
                let share = i128::from(cost[*basic]).checked_mul(row[column])?;
                value = value.checked_sub(share)?;
            }
            reduced.push(value);
        }
        Some(reduced)
    }

    /// The equation that bounds the entering variable first; of equals, that of the first variable.
    /// Outer `None`: overflow; inner: nothing bounds it.
    fn leaving(&self, entering: usize) -> Option<Option<usize>> {
        let mut best: Option<usize> = None;
        for (index, row) in self.rows.iter().enumerate() {
            if row[entering] <= 0 {
                continue;
            }
            let Some(other) = best else {
                best = Some(index);
                continue;
            };
            let mine = row[self.variables].checked_mul(self.rows[other][entering])?;
            let theirs = self.rows[other][self.variables].checked_mul(row[entering])?;
            if (mine, self.basis[index]) < (theirs, self.basis[other]) {
                best = Some(index);
            }
        }
        Some(best)
    }

    fn pivot(
        &mut self,
        leaving: usize,
        entering: usize,
        reduced: Option<&mut Vec<i128>>,
    ) -> Option<()> {
        if self.rows[leaving][entering] < 0 {
            // Only where the right side is 0: an artificial variable leaves.
            self.rows[leaving].iter_mut().for_each(|it| *it = -*it);
        }
        let own = self.rows[leaving].clone();
        let pivot = own[entering];
        let common = self.common;
        let others = self.rows.iter_mut().enumerate().filter(|it| it.0 != leaving);
        for row in others.map(|it| it.1).chain(reduced) {
            let factor = row[entering];
            for (it, mine) in row.iter_mut().zip(&own) {
                let kept = it.checked_mul(pivot)?;
                *it = kept.checked_sub(factor.checked_mul(*mine)?)? / common;
            }
        }
        self.common = pivot;
        self.basis[leaving] = entering;
        Some(())
    }

    fn value(&self, cost: &[i64]) -> Option<Least> {
        let mut sum = 0_i128;
        for (row, basic) in self.rows.iter().zip(&self.basis) {
            let right = row[self.variables];
            if right % self.common != 0 {
                return None;
            }
            let share = i128::from(cost[*basic]).checked_mul(right / self.common)?;
            sum = sum.checked_add(share)?;
        }
        Some(Least::Whole(i64::try_from(sum).ok()?))
    }
}
