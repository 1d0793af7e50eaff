//! A table of counts with its totals, and the equations that hold between them.

use thiserror::Error;

/// The most cells, totals included.
const CELLS_MAX: usize = 128;

/// One number of a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Cell {
    /// What is shown: families, persons, sessions, minutes.
    pub count: u32,
    /// The distinct families that it rests on; siblings count once.
    pub families: u32,
    /// Whether one or two families make up most of it.
    pub dominated: bool,
}

impl Cell {
    /// A count of families.
    pub fn families(count: u32) -> Cell {
        Cell { count, families: count, dominated: false }
    }
}

/// Which totals are published beside the cells themselves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Margins {
    pub rows: bool,
    pub columns: bool,
    pub grand: bool,
}

/// A set of cells of one table, by number. Cells are numbered row by row, each row's total behind it and
/// the row of totals last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, PartialOrd, Ord)]
pub struct Cells(u128);

impl Cells {
    /// The set with one more.
    #[must_use]
    pub fn with(self, cell: usize) -> Cells {
        let bit = u32::try_from(cell).ok().and_then(|it| 1_u128.checked_shl(it));
        Cells(self.0 | bit.unwrap_or_default())
    }

    /// Those of either.
    #[must_use]
    pub fn union(self, other: Cells) -> Cells {
        Cells(self.0 | other.0)
    }

    /// Those of the first that are not in the other.
    #[must_use]
    pub fn without(self, other: Cells) -> Cells {
        Cells(self.0 & !other.0)
    }

    /// Whether the cell is in it.
    pub fn has(self, cell: usize) -> bool {
        let shifted = u32::try_from(cell).ok().and_then(|it| self.0.checked_shr(it));
        shifted.is_some_and(|it| it & 1 == 1)
    }

    /// Their number.
    pub fn len(self) -> u32 {
        self.0.count_ones()
    }

    /// Whether there is none.
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// In order.
    pub fn iter(self) -> impl Iterator<Item = usize> {
        (0..CELLS_MAX).filter(move |it| self.has(*it))
    }

    /// Of two sets of one size, the one with the earlier cells has the smaller rank.
    pub(super) fn rank(self) -> u128 {
        !self.0.reverse_bits()
    }
}

impl FromIterator<usize> for Cells {
    fn from_iter<T: IntoIterator<Item = usize>>(cells: T) -> Self {
        cells.into_iter().fold(Cells::default(), Cells::with)
    }
}

/// Why numbers are no table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum TableError {
    #[error("the number of cells is not rows times columns, or too large")]
    Size,
    #[error("a total is not the sum of its cells, or too large")]
    Sum,
}

/// Counts by row and column, with totals.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    rows: usize,
    columns: usize,
    /// With totals, which are there whether they are published or not.
    cells: Vec<Cell>,
    margins: Margins,
    zeros_safe: bool,
    growing: Vec<Cells>,
}

/// One equation: the cells that are added, and those that are subtracted, come to nothing. Each cell is
/// added in one equation of its table and subtracted in one.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Equation {
    pub(super) plus: Vec<usize>,
    pub(super) minus: Vec<usize>,
}

impl Table {
    /// A table of these cells, row by row. Its totals are sums.
    ///
    /// # Errors
    ///
    /// The cells are not rows times columns, or too many; a sum is too large.
    pub fn new(
        rows: usize,
        columns: usize,
        inner: &[Cell],
        margins: Margins,
    ) -> Result<Table, TableError> {
        let all = (rows + 1).checked_mul(columns + 1).filter(|it| *it <= CELLS_MAX);
        if all.is_none() || rows == 0 || columns == 0 || inner.len() != rows * columns {
            return Err(TableError::Size);
        }
        let mut cells = Vec::new();
        let mut last = vec![Cell::default(); columns + 1];
        for row in inner.chunks(columns) {
            let total = row.iter().try_fold(Cell::default(), |sum, it| added(sum, *it))?;
            let row: Vec<Cell> = row.iter().copied().chain([total]).collect();
            for (sum, it) in last.iter_mut().zip(&row) {
                *sum = added(*sum, *it)?;
            }
            cells.extend(row);
        }
        cells.extend(last);
        let growing = Vec::new();
        Ok(Table { rows, columns, cells, margins, zeros_safe: false, growing })
    }

    /// A table as it was released: every cell, totals included.
    ///
    /// # Errors
    ///
    /// The cells are not those of so many rows and columns and their totals, or the sums are wrong.
    pub fn restored(
        rows: usize,
        columns: usize,
        cells: &[Cell],
        margins: Margins,
    ) -> Result<Table, TableError> {
        let width = columns.checked_add(1).ok_or(TableError::Size)?;
        let inner = cells.chunks(width).take(rows).flat_map(|it| it.iter().take(columns));
        let inner: Vec<Cell> = inner.copied().collect();
        let mut table = Table::new(rows, columns, &inner, margins)?;
        if table.cells.len() != cells.len() {
            return Err(TableError::Size);
        }
        if table.cells.iter().zip(cells).any(|(sum, it)| sum.count != it.count) {
            return Err(TableError::Sum);
        }
        table.cells = cells.to_vec();
        Ok(table)
    }

    /// One row of cells that part a whole, with its total.
    ///
    /// # Errors
    ///
    /// As [`Table::new`].
    pub fn line(inner: &[Cell]) -> Result<Table, TableError> {
        Table::new(1, inner.len(), inner, Margins { rows: true, ..Margins::default() })
    }

    /// The same, where a zero tells nothing of anybody.
    #[must_use]
    pub fn with_zeros_safe(self) -> Table {
        Table { zeros_safe: true, ..self }
    }

    /// The same, with the distinct families of a cell that are fewer than the sum of its parts.
    #[must_use]
    pub fn with_families(mut self, cell: usize, families: u32) -> Table {
        if let Some(it) = self.cells.get_mut(cell) {
            it.families = families;
        }
        self
    }

    /// The same, where readers know that the sum of these cells never falls from release to release.
    #[must_use]
    pub fn with_growing(mut self, cells: Cells) -> Table {
        self.growing.push(cells);
        self
    }

    /// Which totals are published.
    pub fn margins(&self) -> Margins {
        self.margins
    }

    /// The number of rows, totals aside.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// The number of columns, totals aside.
    pub fn columns(&self) -> usize {
        self.columns
    }

    /// The number of a cell; `row` may be [`Table::rows`] and `column` [`Table::columns`] for totals.
    pub fn at(&self, row: usize, column: usize) -> usize {
        row * (self.columns + 1) + column
    }

    /// Every cell, totals included, in order.
    pub fn cells(&self) -> &[Cell] {
        &self.cells
    }

    /// The cell's content.
    pub fn cell(&self, cell: usize) -> Cell {
        self.cells.get(cell).copied().unwrap_or_default()
    }

    /// The cell's number.
    pub fn count(&self, cell: usize) -> i64 {
        self.cell(cell).count.into()
    }

    /// The cells that readers get, as a number or as a sign.
    pub fn published(&self) -> Cells {
        let is_published = |cell: &usize| {
            let (row, column) = self.place(*cell);
            match (row == self.rows, column == self.columns) {
                (false, false) => true,
                (false, true) => self.margins.rows,
                (true, false) => self.margins.columns,
                (true, true) => self.margins.grand,
            }
        };
        (0..self.cells.len()).filter(is_published).collect()
    }

    /// Whether the two are releases of one table: of one shape, published alike.
    pub fn is_like(&self, other: &Table) -> bool {
        (self.rows, self.columns, self.margins) == (other.rows, other.columns, other.margins)
    }

    pub(super) fn zeros_safe(&self) -> bool {
        self.zeros_safe
    }

    pub(super) fn growing(&self) -> &[Cells] {
        &self.growing
    }

    fn place(&self, cell: usize) -> (usize, usize) {
        (cell / (self.columns + 1), cell % (self.columns + 1))
    }

    /// The totals of the row and of the column that the cell is a part of.
    pub(super) fn totals_of(&self, cell: usize) -> Vec<usize> {
        let (row, column) = self.place(cell);
        let of_row = (column < self.columns).then(|| self.at(row, self.columns));
        let of_column = (row < self.rows).then(|| self.at(self.rows, column));
        of_row.into_iter().chain(of_column).collect()
    }

    /// What holds between the cells: each row comes to its total, each column to its, the totals of the
    /// rows to the grand total and those of the columns too.
    pub(super) fn equations(&self) -> Vec<Equation> {
        let (rows, columns) = (self.rows, self.columns);
        let row = |row: usize| Equation {
            plus: (0..columns).map(|it| self.at(row, it)).collect(),
            minus: vec![self.at(row, columns)],
        };
        let column = |column: usize| Equation {
            plus: vec![self.at(rows, column)],
            minus: (0..rows).map(|it| self.at(it, column)).collect(),
        };
        let of_rows = Equation {
            plus: (0..rows).map(|it| self.at(it, columns)).collect(),
            minus: vec![self.at(rows, columns)],
        };
        let of_columns = Equation {
            plus: vec![self.at(rows, columns)],
            minus: (0..columns).map(|it| self.at(rows, it)).collect(),
        };
        (0..rows).map(row).chain((0..columns).map(column)).chain([of_rows, of_columns]).collect()
    }
}

fn added(one: Cell, other: Cell) -> Result<Cell, TableError> {
    Ok(Cell {
        count: one.count.checked_add(other.count).ok_or(TableError::Sum)?,
        families: one.families.checked_add(other.families).ok_or(TableError::Sum)?,
        // A total of dominated parts is asked for itself.
        dominated: false,
    })
}
