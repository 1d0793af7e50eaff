//! The programme's numbers, live and released.

use fokus_core::views::outcomes::{OutcomeRow, OutcomeTable};
use fokus_core::views::programme::{Figures, MonthFigures, RiskFigures, Tally};

use super::number;
use crate::enums::Code;
use crate::v1;

/// The live numbers of one programme.
pub fn programme_figures(figures: &Figures) -> v1::ProgrammeFigures {
    let stage = |it: &(_, u32)| {
        let (stage, families): (fokus_core::views::programme::Stage, u32) = *it;
        v1::StageFigures {
            stage: stage.code().to_owned(),
            families: number(families),
            reached: number(figures.reached(stage)),
        }
    };
    v1::ProgrammeFigures {
        programme_id: figures.programme_id.to_string(),
        stages: figures.stages.iter().map(stage).collect(),
        active_families: number(figures.active),
        months: figures.months.iter().map(month).collect(),
        risks: figures.risks.iter().map(risk).collect(),
    }
}

fn month(it: &MonthFigures) -> v1::MonthFigures {
    v1::MonthFigures {
        month: it.month.to_string(),
        active_families: number(it.active),
        contacts: number(it.contacts.sum),
        contact_minutes: number(it.contact_minutes.sum),
        sessions: number(it.sessions.sum),
        session_minutes: number(it.session_minutes.sum),
    }
}

fn risk(it: &RiskFigures) -> v1::RiskFigures {
    let tally = |it: Tally| {
        let (persons, families) = (number(it.persons), number(it.families));
        Some(v1::PersonsOfFamilies { persons, families })
    };
    v1::RiskFigures {
        area: it.area.to_wire(),
        paired: number(it.paired()),
        better: tally(it.better),
        same: tally(it.same),
        worse: tally(it.worse),
        judged_once: tally(it.judged_once),
        out_of_date: tally(it.out_of_date),
    }
}

/// A release.
pub fn outcomes(row: &OutcomeRow) -> v1::Outcomes {
    let tables = row.tables.iter().map(table).collect();
    v1::Outcomes { tables, ..outcomes_without_tables(row) }
}

/// A release as it is announced.
pub fn outcomes_without_tables(row: &OutcomeRow) -> v1::Outcomes {
    v1::Outcomes {
        programme_id: row.programme_id.to_string(),
        programme: row.programme.clone(),
        release_id: row.release_id.to_string(),
        quarter: row.quarter.to_string(),
        released_on: row.released_on.to_string(),
        withdrawn: row.withdrawn,
        threshold: number(row.threshold),
        tables: Vec::new(),
    }
}

fn table(it: &OutcomeTable) -> v1::OutcomeTable {
    let cells = it.cells.iter().map(|it| v1::OutcomeCell {
        row: number(it.row),
        column: number(it.column),
        count: it.count.map(number),
    });
    v1::OutcomeTable {
        table: it.table.to_wire(),
        version: number(it.version),
        rows: it.rows.clone(),
        columns: it.columns.clone(),
        cells: cells.collect(),
    }
}
