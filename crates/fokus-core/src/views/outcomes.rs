//! Outcomes: one row per release, with what readers get of it and nothing else.
//!
//! Hidden numbers stand in the event alone. A withdrawn release keeps its row, without numbers.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::{Row, View};
use crate::codes::StatisticTable;
use crate::effective::Effective;
use crate::fact::Fact;
use crate::fact::statistics::StatisticReleased;
use crate::ids::*;
use crate::period::Quarter;
use crate::statistics::{FrozenTable, ShownCell};

/// What was released of a programme: one row for each release, keyed by its revision.
#[derive(Debug, Clone, Copy)]
pub struct OutcomesView;

impl View for OutcomesView {
    const NAME: &'static str = "outcomes";
    const REVISION: u16 = 2;
    const STREAM: StreamKind = StreamKind::Programme;
    type State = OutcomesState;

    fn fold(state: &mut OutcomesState, entry: &Effective) -> Vec<Row> {
        if let Fact::ProgrammeOpened(it) = &entry.fact {
            state.programme.clone_from(&it.name);
        } else if let Fact::StatisticReleased(it) = &entry.fact {
            let release = OutcomeRow::of(it, &state.programme, entry);
            let row = release.row();
            state.releases.push(release);
            return row.into_iter().collect();
        } else if let Fact::StatisticWithdrawn(it) = &entry.fact {
            let releases = state.releases.iter_mut();
            let withdrawn = releases.filter(|release| release.release_id == it.release_id);
            return withdrawn.filter_map(OutcomeRow::withdraw).collect();
        }
        Vec::new()
    }

    fn published(row: &Row) -> Option<Vec<PlainCell>> {
        Some(row.read::<OutcomeRow>().map(|it| it.cells()).unwrap_or_default())
    }
}

/// What the view remembers of a programme's stream.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct OutcomesState {
    programme: String,
    releases: Vec<OutcomeRow>,
}

/// The row: one release as readers get it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OutcomeRow {
    pub programme_id: ProgrammeId,
    /// The programme's name when it was released.
    pub programme: String,
    pub release_id: ReleaseId,
    pub quarter: Quarter,
    pub released_on: Date,
    /// Revision of the release in the programme's stream.
    pub revision: u64,
    /// Its position in the log.
    pub position: u64,
    /// When it was recorded, Unix milliseconds.
    pub recorded_ms: u64,
    /// What the sign of hidden numbers stands for: fewer families than this, or a number hidden along.
    pub threshold: u32,
    pub withdrawn: bool,
    /// None once it is withdrawn.
    pub tables: Vec<OutcomeTable>,
}

/// One table as readers get it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OutcomeTable {
    pub table: StatisticTable,
    pub version: u32,
    pub rows: Vec<String>,
    pub columns: Vec<String>,
    pub cells: Vec<ShownCell>,
}

/// One place of one released table, alone: for programs that read tables of cells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlainCell {
    pub programme_id: ProgrammeId,
    /// The programme's name when it was released.
    pub programme: String,
    pub release_id: ReleaseId,
    pub quarter: Quarter,
    /// The code of the table.
    pub table: String,
    /// From 0; the number of rows stands for the row of totals. The same for columns.
    pub row: u32,
    pub column: u32,
    /// The codes of row and column; [`TOTAL`] for totals.
    pub row_code: String,
    pub column_code: String,
    /// `None` = hidden.
    pub number: Option<u32>,
    /// A hidden number rests on fewer families than this, or would give such a number away.
    pub threshold: u32,
    pub released_on: Date,
    /// Of the release in the log.
    pub position: u64,
    /// When the release was recorded, Unix milliseconds.
    pub recorded_ms: u64,
}

/// The code of a row or column of totals.
pub const TOTAL: &str = "TOTAL";

impl OutcomeRow {
    /// The published places of all tables; none once it is withdrawn.
    pub fn cells(&self) -> Vec<PlainCell> {
        let of_table = |it: &OutcomeTable| {
            let named = |codes: &[String], at: u32| {
                let code = usize::try_from(at).ok().and_then(|it| codes.get(it));
                code.map_or(TOTAL, String::as_str).to_owned()
            };
            let table = serde_json::to_value(it.table).unwrap_or_default();
            let cell = |shown: &ShownCell| PlainCell {
                programme_id: self.programme_id,
                programme: self.programme.clone(),
                release_id: self.release_id,
                quarter: self.quarter,
                table: table.as_str().unwrap_or_default().to_owned(),
                row: shown.row,
                column: shown.column,
                row_code: named(&it.rows, shown.row),
                column_code: named(&it.columns, shown.column),
                number: shown.count,
                threshold: self.threshold,
                released_on: self.released_on,
                position: self.position,
                recorded_ms: self.recorded_ms,
            };
            it.cells.iter().map(cell).collect::<Vec<_>>()
        };
        self.tables.iter().flat_map(of_table).collect()
    }

    fn of(it: &StatisticReleased, programme: &str, entry: &Effective) -> OutcomeRow {
        let table = |it: &FrozenTable| OutcomeTable {
            table: it.table,
            version: it.version,
            rows: it.rows.clone(),
            columns: it.columns.clone(),
            cells: it.shown(),
        };
        OutcomeRow {
            programme_id: it.programme_id,
            programme: programme.to_owned(),
            release_id: it.release_id,
            quarter: it.quarter,
            released_on: entry.occurred.date(),
            revision: entry.revision,
            position: entry.position,
            recorded_ms: entry.recorded_ms,
            threshold: it.threshold,
            withdrawn: false,
            tables: it.tables.iter().map(table).collect(),
        }
    }

    fn withdraw(&mut self) -> Option<Row> {
        self.withdrawn = true;
        self.tables.clear();
        self.row()
    }

    fn row(&self) -> Option<Row> {
        Row::new(format!("{:010}", self.revision), self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::effective::Clocks;
    use crate::effective::tests::recorded;
    use crate::record::Recorded;
    use crate::views::refold;

    fn golden(event: &str) -> Fact {
        let path = format!("{}/golden/{event}.v1.json", env!("CARGO_MANIFEST_DIR"));
        let json: serde_json::Value =
            serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
        Fact::decode(event, 1, json["facts"].as_object().unwrap().clone()).unwrap()
    }

    fn rows(events: &[&str]) -> Vec<OutcomeRow> {
        let events = (1..).zip(events);
        let history: Vec<Recorded> = events.map(|(n, it)| recorded(n, golden(it))).collect();
        let (_, rows) = refold::<OutcomesView>(&history, &Clocks::NOW);
        rows.iter().map(|it| it.read().unwrap()).collect()
    }

    #[test]
    fn a_row_has_no_hidden_number() {
        let rows = rows(&["ProgrammeOpened", "StatisticReleased"]);
        assert_eq!(rows.len(), 1);
        let cells: Vec<_> =
            rows[0].tables[0].cells.iter().map(|it| (it.column, it.count)).collect();
        assert_eq!(cells, [(0, None), (1, None), (2, Some(12))]);
        assert!(!rows[0].programme.is_empty());
    }

    #[test]
    fn cells_have_no_hidden_number_and_say_what_they_are_of() {
        let row = rows(&["ProgrammeOpened", "StatisticReleased"]).remove(0);
        let cells = row.cells();
        let said =
            cells.iter().map(|it| (it.row_code.as_str(), it.column_code.as_str(), it.number));
        let table = &row.tables[0];
        let expected = [
            (table.rows[0].as_str(), table.columns[0].as_str(), None),
            (table.rows[0].as_str(), table.columns[1].as_str(), None),
            (table.rows[0].as_str(), TOTAL, Some(12)),
        ];
        assert_eq!(said.collect::<Vec<_>>(), expected);
        assert!(
            cells.iter().all(|it| it.position == row.position && it.threshold == row.threshold)
        );
    }

    #[test]
    fn a_withdrawn_release_has_no_numbers() {
        let rows = rows(&["ProgrammeOpened", "StatisticReleased", "StatisticWithdrawn"]);
        assert!(rows[0].withdrawn && rows[0].tables.is_empty());
        assert_eq!(rows[0].cells(), []);
    }
}
