//! Ten thousand random small tables of all shapes.

use super::super::*;
use super::attacker::Attacker;

/// Numbers that look random, the same in every run.
pub(super) struct Dice(u64);

impl Dice {
    pub(super) fn new(seed: u64) -> Dice {
        Dice(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1)
    }

    /// Below `end`.
    pub(super) fn below(&mut self, end: u32) -> u32 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        u32::try_from((self.0 >> 20) % u64::from(end)).unwrap()
    }

    fn coin(&mut self) -> bool {
        self.below(2) == 0
    }

    /// A table, its margins in any combination, mostly of small numbers.
    pub(super) fn table(&mut self, most: u32) -> Table {
        let rows = usize::try_from(1 + self.below(most)).unwrap();
        let columns = usize::try_from(1 + self.below(most)).unwrap();
        let inner: Vec<Cell> = (0..rows * columns).map(|_| self.cell()).collect();
        let margins = Margins { rows: self.coin(), columns: self.coin(), grand: self.coin() };
        let table = Table::new(rows, columns, &inner, margins).unwrap();
        if self.coin() { table.with_zeros_safe() } else { table }
    }

    fn cell(&mut self) -> Cell {
        match self.below(4) {
            0 => Cell::families(0),
            1 => Cell::families(self.below(5)),
            2 => Cell::families(self.below(12)),
            _ => Cell::families(5 + self.below(30)),
        }
    }

    pub(super) fn threshold(&mut self) -> Threshold {
        Threshold::new(3 + self.below(5)).unwrap()
    }
}

/// Whether the rule says so, written down once more.
fn must_be_hidden(table: &Table, row: usize, column: usize, threshold: u32) -> bool {
    let families = |row, column| table.cell(table.at(row, column)).families;
    let few = |total: u32| 0 < total && total < 2 * threshold;
    let it = families(row, column);
    if it > 0 {
        return it < threshold;
    }
    let safe = table.clone().with_zeros_safe() == *table;
    !safe
        && (column < table.columns() && few(families(row, table.columns()))
            || row < table.rows() && few(families(table.rows(), column)))
}

#[test]
fn no_reader_of_ten_thousand_random_tables_narrows_a_hidden_cell_below_the_legend() {
    let mut dice = Dice::new(1);
    let (mut hidden, mut along) = (0, 0);
    for number in 0..10_000 {
        let (table, threshold) = (dice.table(3), dice.threshold());
        let published = publish(&table, &[], threshold).unwrap();
        let attacker = Attacker::new(std::slice::from_ref(&published), &[]);
        for row in 0..=table.rows() {
            for column in 0..=table.columns() {
                let cell = table.at(row, column);
                if !table.published().has(cell) {
                    continue;
                }
                let must = must_be_hidden(&table, row, column, threshold.families());
                along += u32::from(published.hidden.has(cell) && !must);
                if !must {
                    continue;
                }
                hidden += 1;
                assert!(published.hidden.has(cell), "{number}: {published:?} shows {cell}");
                let (lowest, highest) = attacker.bounds(&[(0, cell, 1)]);
                let legend = i128::from(threshold.families()) - 1;
                assert!(
                    lowest.is_some_and(|it| it <= 1) && highest.is_none_or(|it| it >= legend),
                    "{number}: {published:?}: {cell} lies between {lowest:?} and {highest:?}",
                );
            }
        }
    }
    assert!(hidden > 10_000 && along > 1_000, "{hidden} for their own sake, {along} along");
}

#[test]
fn audit_and_attacker_find_the_same_bounds() {
    let mut dice = Dice::new(2);
    for number in 0..1_000 {
        let (table, threshold) = (dice.table(3), dice.threshold());
        let published = publish(&table, &[], threshold).unwrap();
        let attacker = Attacker::new(std::slice::from_ref(&published), &[]);
        for cell in table.published().iter() {
            let found = audit::bounds(&published, cell).unwrap();
            let found = (Some(i128::from(found.lowest)), found.highest.map(i128::from));
            assert_eq!(attacker.bounds(&[(0, cell, 1)]), found, "{number}: {published:?}, {cell}");
        }
    }
}

#[test]
fn nothing_cheaper_would_do() {
    let mut dice = Dice::new(3);
    let mut seen = 0;
    for number in 0..600 {
        let (table, threshold) = (dice.table(2), dice.threshold());
        let published = publish(&table, &[], threshold).unwrap();
        let price = |hidden: Cells| {
            let sum: i64 = hidden.iter().map(|it| table.count(it)).sum();
            (sum, hidden.len(), hidden.iter().collect::<Vec<_>>())
        };
        let cells: Vec<usize> = table.published().iter().collect();
        for choice in 0..1_u32 << cells.len() {
            let chosen = cells.iter().enumerate().filter(|(n, _)| choice >> n & 1 == 1);
            let hidden: Cells = chosen.map(|(_, it)| *it).collect();
            if price(hidden) >= price(published.hidden) {
                continue;
            }
            let cheaper = Published { hidden, ..published.clone() };
            assert!(audit(&cheaper, &[]).is_err(), "{number}: {published:?}, but {hidden:?}");
            seen += 1;
        }
    }
    assert!(seen > 5_000, "{seen}");
}
