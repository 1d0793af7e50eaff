//! A released table as people read it: which words stand over its columns and before its rows, and what
//! stands at each place.

use crate::{Words, capital, say};

/// What stands for a hidden number.
pub const HIDDEN: &str = "·";

/// What stands at a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// A number.
    Number(u32),
    /// A number that is hidden.
    Hidden,
    /// Nothing: that total is not published.
    Empty,
}

impl Place {
    /// As it is written.
    pub fn said(self) -> String {
        match self {
            Place::Number(it) => it.to_string(),
            Place::Hidden => HIDDEN.to_owned(),
            Place::Empty => String::new(),
        }
    }
}

/// A row with its word.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// What the row is about.
    pub head: String,
    /// A place for each of [`Layout::heads`].
    pub places: Vec<Place>,
    /// Whether it is the row of totals.
    pub is_total: bool,
}

/// A table laid out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Layout {
    /// Of the columns with numbers.
    pub heads: Vec<String>,
    /// Whether the last column has totals.
    pub ends_in_totals: bool,
    /// From top to bottom.
    pub lines: Vec<Line>,
}

/// Lays a table out: `at` gives what stands at a row and a column, their numbers standing for the totals. A
/// table with a single row stands on its side; rows and columns of totals that are not published are left
/// out.
pub fn layout(
    rows: &[String],
    columns: &[String],
    at: impl Fn(usize, usize) -> Place,
    w: Words,
) -> Layout {
    let (height, width) = (rows.len(), columns.len());
    let of_column = |column: usize| match columns.get(column) {
        Some(code) => capital(&w.code("Column", code)),
        None => say!(w, "outcomes-total"),
    };
    let of_row = |row: usize| match rows.get(row) {
        Some(code) if code == "FAMILIES" => say!(w, "head-families"),
        Some(code) => capital(&w.code("RiskArea", code)),
        None => say!(w, "outcomes-total"),
    };
    if height == 1 {
        let line = |column| Line {
            head: of_column(column),
            places: vec![at(0, column)],
            is_total: column == width,
        };
        let lines = (0..=width).map(line).filter(|it| it.places != [Place::Empty]);
        return Layout { heads: vec![of_row(0)], ends_in_totals: false, lines: lines.collect() };
    }
    let is_published = |column: &usize| (0..=height).any(|row| at(row, *column) != Place::Empty);
    let shown: Vec<usize> = (0..=width).filter(is_published).collect();
    let line = |row: usize| Line {
        head: of_row(row),
        places: shown.iter().map(|it| at(row, *it)).collect(),
        is_total: row == height,
    };
    let lines = (0..=height).map(line);
    let lines = lines.filter(|it| it.places.iter().any(|it| *it != Place::Empty));
    Layout {
        heads: shown.iter().map(|it| of_column(*it)).collect(),
        ends_in_totals: shown.last() == Some(&width),
        lines: lines.collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn codes(of: &[&str]) -> Vec<String> {
        of.iter().map(|it| (*it).to_owned()).collect()
    }

    #[test]
    fn a_single_row_stands_on_its_side_with_its_total_last() {
        let columns = codes(&["REFERRED", "CASE_OPEN"]);
        let places = [Place::Hidden, Place::Number(12), Place::Number(14)];
        let at = |row: usize, column: usize| match row {
            0 => places[column],
            _ => Place::Empty,
        };
        let it = layout(&codes(&["FAMILIES"]), &columns, at, Words::ENGLISH);
        assert_eq!(it.heads, ["Families"]);
        let lines: Vec<_> = it.lines.iter().map(|it| (it.head.as_str(), it.is_total)).collect();
        assert_eq!(lines, [("Referred", false), ("Case open", false), ("Total", true)]);
        assert_eq!(it.lines[0].places[0].said(), "·");
    }

    #[test]
    fn totals_that_are_not_published_have_no_row_and_no_column() {
        let (rows, columns) = (codes(&["2019-07", "2019-08"]), codes(&["CONTACTS", "SESSIONS"]));
        let inside = |row: usize, column: usize| row < 2 && column < 2;
        let at = |row, column| if inside(row, column) { Place::Number(5) } else { Place::Empty };
        let it = layout(&rows, &columns, at, Words::ENGLISH);
        assert_eq!((it.heads.len(), it.lines.len(), it.ends_in_totals), (2, 2, false));
        let of_rows = |row, _: usize| if row < 2 { Place::Number(7) } else { Place::Empty };
        let it = layout(&rows, &columns, of_rows, Words::ENGLISH);
        assert_eq!((it.heads.len(), it.lines.len(), it.ends_in_totals), (3, 2, true));
    }
}
