//! What is released of a programme: the declared tables of a closed quarter, and how they are frozen.
//!
//! There are three tables ([`StatisticTable`]), and nobody can ask for another, filter one or choose a
//! day: each is made of the rows of [`crate::views::programme`] as they stand on the quarter's last day.
//! [`tables_of`] counts, [`freeze`] hides what [`crate::disclosure`] says, given all that was released
//! before, withdrawn releases included: what was read is not forgotten.
//!
//! * `STANDING`: families by how far they have come by the end of the quarter, each once, and their sum.
//! * `RISK_CHANGE`: by area, persons whose risk is better, the same or worse than when it was first
//!   judged, and their sum; judgements past their dates, and persons judged once, are in none.
//! * `ACTIVITY`: by month of the quarter, contacts and sessions and their minutes. Without sums: a
//!   quarter's numbers stand in one release only. A zero tells nothing of anybody.
//!
//! Deliberately absent: active families by month (beside `STANDING` they would tell of single closings),
//! and money.

use serde::{Deserialize, Serialize};

use crate::codes::StatisticTable;
use crate::disclosure::{self, Cell, Cells, Margins, Published, Table, Threshold, Violation};
use crate::ids::ProgrammeId;
use crate::period::Quarter;
use crate::views::programme::{
    AREAS, Done, ProgrammeRow, Stage, month_figures, risk_figures, stage_on,
};

/// What the tables count, as a number that grows when the meaning changes: releases of different
/// versions are not compared.
const VERSION: u32 = 1;

/// The columns of `RISK_CHANGE`.
const CHANGES: [&str; 3] = ["BETTER", "SAME", "WORSE"];
/// The columns of `ACTIVITY`.
const ACTIVITIES: [&str; 4] = ["CONTACTS", "CONTACT_MINUTES", "SESSIONS", "SESSION_MINUTES"];

/// The codes of all columns of all tables, for the words that people read.
pub fn column_codes() -> impl Iterator<Item = &'static str> {
    Stage::ALL.into_iter().map(Stage::code).chain(CHANGES).chain(ACTIVITIES)
}

/// A table as it is frozen: every number, and which of them are hidden.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FrozenTable {
    pub table: StatisticTable,
    pub version: u32,
    /// Codes of the rows: stages, areas, months (`2019-07`), or the one row `FAMILIES`.
    pub rows: Vec<String>,
    pub columns: Vec<String>,
    pub totals: FrozenTotals,
    /// Row by row, each row's total behind it, the row of totals last; with those not published.
    pub cells: Vec<FrozenCell>,
    /// Places in `cells`.
    pub hidden: Vec<u32>,
}

/// Which totals are published.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FrozenTotals {
    pub rows: bool,
    pub columns: bool,
    pub grand: bool,
}

/// One number, with what it rests on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FrozenCell {
    pub count: u32,
    /// Distinct families.
    pub families: u32,
    /// One or two families make up most of it.
    pub dominated: bool,
}

/// A declared table of one quarter, counted and not yet frozen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Declared {
    pub table: StatisticTable,
    pub rows: Vec<String>,
    pub columns: Vec<String>,
    pub content: Table,
}

/// The declared tables of a programme's quarter, from the rows of all families. `None` when a number is
/// too large to be one.
pub fn tables_of(
    rows: &[ProgrammeRow],
    programme: ProgrammeId,
    quarter: Quarter,
) -> Option<Vec<Declared>> {
    let tables = [
        standing(rows, programme, quarter)?,
        risk_change(rows, programme, quarter)?,
        activity(rows, programme, quarter)?,
    ];
    Some(tables.into())
}

fn standing(rows: &[ProgrammeRow], programme: ProgrammeId, quarter: Quarter) -> Option<Declared> {
    let day = quarter.last_day();
    let stages: Vec<Stage> = rows.iter().filter_map(|it| stage_on(it, programme, day)).collect();
    let count = |stage: Stage| {
        let number = stages.iter().filter(|it| **it == stage).count();
        u32::try_from(number).ok().map(Cell::families)
    };
    let cells: Option<Vec<Cell>> = Stage::ALL.into_iter().map(count).collect();
    Some(Declared {
        table: StatisticTable::Standing,
        rows: vec!["FAMILIES".to_owned()],
        columns: Stage::ALL.into_iter().map(|it| it.code().to_owned()).collect(),
        content: with_growth(StatisticTable::Standing, Table::line(&cells?).ok()?),
    })
}

/// What readers know to grow from quarter to quarter: families come to a programme, and none is taken
/// out of its count but by a correction.
fn with_growth(table: StatisticTable, content: Table) -> Table {
    match table {
        StatisticTable::Standing => {
            let total = content.at(0, content.columns());
            content.with_growing(Cells::default().with(total))
        }
        StatisticTable::RiskChange => content,
        StatisticTable::Activity => content.with_zeros_safe(),
    }
}

fn risk_change(
    rows: &[ProgrammeRow],
    programme: ProgrammeId,
    quarter: Quarter,
) -> Option<Declared> {
    let day = quarter.last_day();
    let (height, width) = (AREAS.len() + 1, CHANGES.len() + 1);
    let mut families = vec![0_u32; height * width];
    let mut inner = vec![Cell::default(); AREAS.len() * CHANGES.len()];
    for row in rows {
        let mut seen = vec![false; height * width];
        for (at, area) in AREAS.into_iter().enumerate() {
            let of_family = risk_figures(std::slice::from_ref(row), programme, area, day);
            let persons = [of_family.better, of_family.same, of_family.worse];
            for (column, it) in persons.into_iter().enumerate().filter(|it| it.1.persons > 0) {
                let cell = inner.get_mut(at * CHANGES.len() + column)?;
                cell.count = cell.count.checked_add(it.persons)?;
                cell.families += 1;
                let last = width - 1;
                for (row, column) in [(at, last), (AREAS.len(), column), (AREAS.len(), last)] {
                    *seen.get_mut(row * width + column)? = true;
                }
            }
        }
        families.iter_mut().zip(seen).for_each(|(it, seen)| *it += u32::from(seen));
    }
    let margins = Margins { rows: true, ..Margins::default() };
    let mut content = Table::new(AREAS.len(), CHANGES.len(), &inner, margins).ok()?;
    for (cell, it) in families.into_iter().enumerate() {
        let (row, column) = (cell / width, cell % width);
        if row == AREAS.len() || column == CHANGES.len() {
            content = content.with_families(cell, it);
        }
    }
    Some(Declared {
        table: StatisticTable::RiskChange,
        rows: AREAS.into_iter().map(code).collect(),
        columns: CHANGES.map(str::to_owned).into(),
        content,
    })
}

fn code(area: crate::codes::RiskArea) -> String {
    let json = serde_json::to_value(area).unwrap_or_default();
    json.as_str().unwrap_or_default().to_owned()
}

fn activity(rows: &[ProgrammeRow], programme: ProgrammeId, quarter: Quarter) -> Option<Declared> {
    let (months, last) = (quarter.months(), quarter.last_day());
    let mut cells = Vec::new();
    for month in months {
        let it = month_figures(rows, programme, month, last);
        cells.extend([it.contacts, it.contact_minutes, it.sessions, it.session_minutes].map(cell));
    }
    let content = Table::new(months.len(), ACTIVITIES.len(), &cells, Margins::default()).ok()?;
    Some(Declared {
        table: StatisticTable::Activity,
        rows: months.map(|it| format!("{:04}-{:02}", it.year(), it.month())).into(),
        columns: ACTIVITIES.map(str::to_owned).into(),
        content: with_growth(StatisticTable::Activity, content),
    })
}

/// A sum in which one family has more than three quarters, or two have more than 85 %, speaks of them
/// (domain 2.13, 2).
fn cell(done: Done) -> Cell {
    let (sum, largest) = (u64::from(done.sum), u64::from(done.largest));
    let two = largest + u64::from(done.second);
    let dominated = 4 * largest > 3 * sum || 100 * two > 85 * sum;
    Cell { count: done.sum, families: done.families, dominated }
}

/// What was released before, whether it was withdrawn since or not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Earlier<'a> {
    pub tables: &'a [FrozenTable],
    pub threshold: Threshold,
}

/// Freezes the tables of a quarter.
///
/// # Errors
///
/// The first table that cannot be released, and why.
pub fn freeze(
    tables: &[Declared],
    earlier: &[Earlier<'_>],
    threshold: Threshold,
) -> Result<Vec<FrozenTable>, (StatisticTable, Violation)> {
    let frozen = |declared: &Declared| {
        let before: Vec<Published> =
            earlier.iter().filter_map(|it| declared.in_release(it)).collect();
        let released = disclosure::publish(&declared.content, &before, threshold);
        released.map(|it| declared.frozen(&it)).map_err(|it| (declared.table, it))
    };
    tables.iter().map(frozen).collect()
}

impl Declared {
    /// The same table in an earlier release, if it was there with the same rows, columns and meaning.
    fn in_release(&self, release: &Earlier<'_>) -> Option<Published> {
        let same = |it: &&FrozenTable| {
            it.table == self.table
                && it.version == VERSION
                && it.rows == self.rows
                && it.columns == self.columns
        };
        let frozen = release.tables.iter().find(same)?;
        let cells: Vec<Cell> = frozen.cells.iter().map(|it| it.thawed()).collect();
        let margins = self.content.margins();
        let table = Table::restored(self.rows.len(), self.columns.len(), &cells, margins).ok()?;
        let hidden = frozen.hidden.iter().filter_map(|it| usize::try_from(*it).ok()).collect();
        let table = with_growth(self.table, table);
        Some(Published { table, hidden, threshold: release.threshold })
    }

    fn frozen(&self, released: &Published) -> FrozenTable {
        let Margins { rows, columns, grand } = released.table.margins();
        FrozenTable {
            table: self.table,
            version: VERSION,
            rows: self.rows.clone(),
            columns: self.columns.clone(),
            totals: FrozenTotals { rows, columns, grand },
            cells: released.table.cells().iter().copied().map(FrozenCell::of).collect(),
            hidden: released.hidden.iter().filter_map(|it| u32::try_from(it).ok()).collect(),
        }
    }
}

impl FrozenCell {
    fn of(cell: Cell) -> FrozenCell {
        let Cell { count, families, dominated } = cell;
        FrozenCell { count, families, dominated }
    }

    fn thawed(self) -> Cell {
        let FrozenCell { count, families, dominated } = self;
        Cell { count, families, dominated }
    }
}

/// What a reader gets of one place of a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShownCell {
    /// The number of rows stands for the row of totals.
    pub row: u32,
    /// The number of columns stands for the column of totals.
    pub column: u32,
    /// `None` = hidden.
    pub count: Option<u32>,
}

impl FrozenTable {
    /// The published cells, in order.
    pub fn shown(&self) -> Vec<ShownCell> {
        let (height, width) = (self.rows.len(), self.columns.len());
        let mut shown = Vec::new();
        for (at, cell) in self.cells.iter().enumerate() {
            let (row, column) = (at / (width + 1), at % (width + 1));
            let published = match (row == height, column == width) {
                (false, false) => true,
                (false, true) => self.totals.rows,
                (true, false) => self.totals.columns,
                (true, true) => self.totals.grand,
            };
            let place = (u32::try_from(at), u32::try_from(row), u32::try_from(column));
            if let (true, (Ok(at), Ok(row), Ok(column))) = (published, place) {
                let count = (!self.hidden.contains(&at)).then_some(cell.count);
                shown.push(ShownCell { row, column, count });
            }
        }
        shown
    }
}

#[cfg(test)]
mod tests;
