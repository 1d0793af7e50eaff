mod attacker;
mod pairs;
mod random;

use super::audit::{Bounds, bounds};
use super::*;

/// A table of families with all its totals.
fn table(rows: &[&[u32]]) -> Table {
    let columns = rows[0].len();
    let inner: Vec<Cell> =
        rows.iter().flat_map(|it| it.iter()).map(|it| Cell::families(*it)).collect();
    let margins = Margins { rows: true, columns: true, grand: true };
    Table::new(rows.len(), columns, &inner, margins).unwrap()
}

fn line(counts: &[u32]) -> Table {
    let inner: Vec<Cell> = counts.iter().map(|it| Cell::families(*it)).collect();
    Table::line(&inner).unwrap()
}

fn t(families: u32) -> Threshold {
    Threshold::new(families).unwrap()
}

fn hidden_of(table: &Table, threshold: Threshold) -> Vec<usize> {
    publish(table, &[], threshold).unwrap().hidden.iter().collect()
}

#[test]
fn the_worked_example_hides_these_cells_and_leaves_these_bounds() {
    let table = table(&[&[12, 3, 9], &[8, 11, 6], &[7, 6, 14]]);
    let published = publish(&table, &[], t(5)).unwrap();

    let expected = [(0, 0), (0, 1), (2, 0), (2, 1)].map(|(row, column)| table.at(row, column));
    assert_eq!(published.hidden.iter().collect::<Vec<_>>(), expected);
    let hidden: i64 = published.hidden.iter().map(|it| table.count(it)).sum();
    assert_eq!(hidden - 3, 25, "beside the small cell itself");

    let known = [((0, 1), 0, 9), ((0, 0), 6, 15), ((2, 0), 4, 13), ((2, 1), 0, 9)];
    for ((row, column), lowest, highest) in known {
        let bounds = bounds(&published, table.at(row, column));
        assert_eq!(bounds, Some(Bounds { lowest, highest: Some(highest) }), "{row}, {column}");
    }
}

#[test]
fn what_is_hidden_in_a_line() {
    // Counts, whether zeros are safe, cells hidden; the last number is the total's.
    let cases: [(&[u32], bool, &[usize]); 12] = [
        (&[12, 9, 7], false, &[]),
        (&[12, 9, 4], false, &[1, 2]),
        (&[12, 9, 4, 3], false, &[2, 3]),
        // The two together are known to be 3: neither can be 4.
        (&[12, 9, 2, 1], false, &[1, 2, 3]),
        (&[2, 1], false, &[0, 1, 2]),
        // Nobody at all is no secret.
        (&[0, 0, 0], false, &[]),
        (&[12, 0, 9], false, &[]),
        // Of 9 families, all in one cell: the zeros say so.
        (&[9, 0, 0], false, &[0, 1, 2]),
        (&[9, 0, 0], true, &[]),
        (&[4, 0, 0], true, &[0, 3]),
        (&[5, 5], false, &[]),
        (&[1, 50], false, &[0, 1]),
    ];
    for (counts, zeros_safe, expected) in cases {
        let table = line(counts);
        let table = if zeros_safe { table.with_zeros_safe() } else { table };
        assert_eq!(hidden_of(&table, t(5)), expected, "{counts:?}, zeros safe: {zeros_safe}");
    }
}

#[test]
fn the_threshold_counts_families_not_persons_and_looks_at_who_dominates() {
    // Twelve persons of four families; nine of nine; five hundred minutes, most of them of one family.
    let inner = [
        Cell { count: 12, families: 4, dominated: false },
        Cell { count: 9, families: 9, dominated: false },
        Cell { count: 500, families: 30, dominated: true },
    ];
    let table = Table::new(1, 3, &inner, Margins::default()).unwrap();
    assert_eq!(hidden_of(&table, t(5)), [0, 2]);
    assert_eq!(hidden_of(&table, t(4)), [2]);
    assert_eq!(hidden_of(&table, t(10)), [0, 1, 2]);
}

#[test]
fn a_threshold_lies_between_three_and_ten() {
    for families in [0, 1, 2, 11, u32::MAX] {
        assert_eq!(Threshold::new(families), None, "{families}");
    }
    assert_eq!(Threshold::new(5), Some(Threshold::DEFAULT));
}

#[test]
fn cells_that_are_no_table_are_refused() {
    let one = [Cell::families(u32::MAX), Cell::families(1)];
    assert_eq!(Table::line(&one), Err(TableError::Sum));
    assert_eq!(Table::line(&[]), Err(TableError::Size));
    assert_eq!(Table::new(2, 2, &one, Margins::default()), Err(TableError::Size));
    assert_eq!(
        Table::new(16, 16, &[Cell::default(); 256], Margins::default()),
        Err(TableError::Size)
    );
}

#[test]
fn a_shown_small_cell_and_one_that_can_be_computed_are_found_by_the_audit() {
    let table = line(&[12, 9, 4]);
    let with = |cells: &[usize]| Published {
        table: table.clone(),
        hidden: cells.iter().copied().collect(),
        threshold: t(5),
    };
    assert_eq!(audit(&with(&[]), &[]), Err(Violation::Cell(2)));
    assert_eq!(audit(&with(&[2]), &[]), Err(Violation::Cell(2)));
    assert_eq!(audit(&with(&[1, 2]), &[]), Ok(()));
    assert_eq!(audit(&with(&[2, 3]), &[]), Ok(()));
}

#[test]
fn too_many_sets_hide_more_never_less() {
    // Many small cells with many cheap ways to hide them.
    let rows: Vec<Vec<u32>> =
        (0..9).map(|n| (0..9).map(|m| u32::from((n * m) % 4 == 1)).collect()).collect();
    let rows: Vec<&[u32]> = rows.iter().map(Vec::as_slice).collect();
    let published = publish(&table(&rows), &[], t(10)).unwrap();
    assert_eq!(audit(&published, &[]), Ok(()));
}
