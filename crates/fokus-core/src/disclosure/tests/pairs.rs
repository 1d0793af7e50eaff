//! Two and more releases of one table: what their differences tell.

use super::super::*;
use super::attacker::Attacker;
use super::random::Dice;
use super::{line, t, table};

/// The next release's table: some cells have changed a little.
fn later(dice: &mut Dice, table: &Table, margins: Margins) -> Table {
    let mut inner = Vec::new();
    for row in 0..table.rows() {
        for column in 0..table.columns() {
            let count = table.cell(table.at(row, column)).families;
            inner.push(Cell::families(match dice.below(6) {
                0 | 1 => count + dice.below(4),
                2 => count + dice.below(15),
                3 => count.saturating_sub(dice.below(3)),
                _ => count,
            }));
        }
    }
    Table::new(table.rows(), table.columns(), &inner, margins).unwrap()
}

fn margins(dice: &mut Dice) -> Margins {
    let [rows, columns, grand] = [(); 3].map(|()| dice.below(2) == 0);
    Margins { rows, columns, grand }
}

fn check(number: u32, earlier: &Published, release: &Published, growing: &[Cells]) {
    let (then, now) = (&earlier.table, &release.table);
    let attacker = Attacker::new(&[earlier.clone(), release.clone()], growing);
    let legend = i128::from(release.threshold.families()) - 1;
    let wide = |(lowest, highest): (Option<i128>, Option<i128>), least: i128, most: i128| {
        lowest.is_none_or(|it| it <= least) && highest.is_none_or(|it| it >= most)
    };
    for cell in now.published().iter() {
        let change = i128::from(now.count(cell)) - i128::from(then.count(cell));
        if change != 0 && change.abs() <= legend {
            let found = attacker.bounds(&[(1, cell, 1), (0, cell, -1)]);
            let before = attacker.bounds(&[(0, cell, 1)]).1;
            let safe = if change > 0 {
                wide(found, 1, legend)
            } else {
                wide(found, -before.map_or(legend, |it| it.min(legend)), -1)
            };
            assert!(safe, "{number}: {earlier:?}, then {release:?}: {cell} changed by {found:?}");
        }
        for (index, it) in [earlier, release].into_iter().enumerate() {
            let families = i128::from(it.table.cell(cell).families);
            let legend = i128::from(it.threshold.families()) - 1;
            if 0 < families && families <= legend {
                let found = attacker.bounds(&[(index, cell, 1)]);
                assert!(
                    wide(found, 1, legend),
                    "{number}: {earlier:?}, then {release:?}: {cell} of {index} is {found:?}",
                );
            }
        }
    }
}

#[test]
fn no_reader_of_two_releases_finds_a_small_change() {
    let mut dice = Dice::new(4);
    for number in 0..1_500 {
        let (first, threshold) = (dice.table(3), dice.threshold());
        let margins = margins(&mut dice);
        let first = later(&mut dice, &first, margins);
        let earlier = publish(&first, &[], threshold).unwrap();
        let second = later(&mut dice, &first, margins);
        let release = publish(&second, std::slice::from_ref(&earlier), threshold).unwrap();
        check(number, &earlier, &release, &[]);
    }
}

#[test]
fn nor_does_one_who_knows_what_never_falls() {
    let mut dice = Dice::new(5);
    for number in 0..500 {
        let (first, threshold) = (dice.table(2), dice.threshold());
        let margins = margins(&mut dice);
        let first = later(&mut dice, &first, margins);
        let earlier = publish(&first, &[], threshold).unwrap();
        let mut second = later(&mut dice, &first, margins);
        let mut growing = Vec::new();
        for cell in first.published().iter() {
            if first.count(cell) <= second.count(cell) && dice.below(2) == 0 {
                growing.push(Cells::default().with(cell));
                second = second.with_growing(Cells::default().with(cell));
            }
        }
        let release = publish(&second, std::slice::from_ref(&earlier), threshold).unwrap();
        check(number, &earlier, &release, &growing);
    }
}

#[test]
fn releases_that_differ_by_one_family_are_hidden_alike() {
    // Nine at school, then ten: both are shown numbers, their difference is one family.
    let first = table(&[&[9, 20], &[15, 30]]);
    let earlier = publish(&first, &[], t(5)).unwrap();
    assert!(earlier.hidden.is_empty());
    let second = table(&[&[10, 20], &[15, 30]]);
    let release = publish(&second, std::slice::from_ref(&earlier), t(5)).unwrap();
    let changed = [(0, 0), (0, 2), (2, 0), (2, 2)].map(|(row, column)| second.at(row, column));
    assert!(changed.iter().all(|it| release.hidden.has(*it)), "{:?}", release.hidden);

    // What the second release must not say on its own, the audit refuses.
    let open = Published { hidden: Cells::default(), ..release };
    let found = Violation::Change { earlier: 0, cell: second.at(0, 0) };
    assert_eq!(audit(&open, std::slice::from_ref(&earlier)), Err(found));
}

#[test]
fn a_cell_comes_back_when_enough_has_changed() {
    let threshold = t(5);
    let mut releases = vec![publish(&line(&[6, 20, 30]), &[], threshold).unwrap()];
    let shown = |it: &Published| it.shown().has(0);
    assert!(shown(&releases[0]));
    for (count, expected) in [(8, false), (10, false), (11, true), (11, true), (12, false)] {
        let next = publish(&line(&[count, 20, 30]), &releases, threshold).unwrap();
        assert_eq!(shown(&next), expected, "{count}");
        releases.push(next);
    }
}

#[test]
fn a_grown_total_does_not_give_away_what_is_hidden_under_it() {
    // The total was 22 and only grows. With 20 shown beside it, the small cell would be at least 2.
    let grows = |counts: &[u32]| line(counts).with_growing(Cells::default().with(counts.len()));
    let earlier = publish(&grows(&[20, 2, 0]).with_zeros_safe(), &[], t(5)).unwrap();
    let second = grows(&[20, 3, 0]).with_zeros_safe();
    let release = publish(&second, std::slice::from_ref(&earlier), t(5)).unwrap();
    check(0, &earlier, &release, second.growing());
}

#[test]
fn a_release_of_another_shape_is_no_earlier_one() {
    let earlier = publish(&line(&[6, 20, 30]), &[], t(5)).unwrap();
    let release = publish(&line(&[6, 21]), &[earlier], t(5)).unwrap();
    assert!(release.hidden.is_empty());
}
