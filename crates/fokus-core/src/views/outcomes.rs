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
    const REVISION: u16 = 1;
    const STREAM: StreamKind = StreamKind::Programme;
    type State = OutcomesState;

    fn fold(state: &mut OutcomesState, entry: &Effective) -> Vec<Row> {
        if let Fact::ProgrammeOpened(it) = &entry.fact {
            state.programme.clone_from(&it.name);
        } else if let Fact::StatisticReleased(it) = &entry.fact {
            let day = entry.occurred.date();
            let release = OutcomeRow::of(it, &state.programme, entry.revision, day);
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

impl OutcomeRow {
    fn of(it: &StatisticReleased, programme: &str, revision: u64, day: Date) -> OutcomeRow {
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
            released_on: day,
            revision,
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
    fn a_withdrawn_release_has_no_numbers() {
        let rows = rows(&["ProgrammeOpened", "StatisticReleased", "StatisticWithdrawn"]);
        assert!(rows[0].withdrawn && rows[0].tables.is_empty());
    }
}
