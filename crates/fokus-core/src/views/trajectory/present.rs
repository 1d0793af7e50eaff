//! The trajectory as a reader sees it: rows joined with what was opened for them, and with the family's
//! interventions.

use std::collections::BTreeMap;

use jiff::civil::Date;

use super::{
    EntryFields, Incident, InstrumentSeries, Point, RiskSteps, TrajectoryRow, field, points,
};
use crate::codes::IncidentKind;
use crate::ids::PersonId;
use crate::views::interventions::Card;
use crate::views::status::PersonCard;

/// The most judgements, administrations or incidents that an answer shows, of each.
pub const SHOWN_MAX: usize = 1_000;
/// The most interventions that it shows.
pub const SHOWN_BANDS_MAX: usize = 500;

/// A family's trajectory, as a reader sees it on a day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trajectory {
    pub risks: Vec<RiskSteps>,
    pub instruments: Vec<ShownSeries>,
    pub incidents: Vec<ShownIncidents>,
    /// Those that were started, in order of ordering.
    pub interventions: Vec<Card>,
    /// Whom the others speak of.
    pub persons: BTreeMap<PersonId, PersonCard>,
    pub today: Date,
    /// What is older than the newest that an answer has room for.
    pub left_out: u32,
}

/// A series with its scores.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShownSeries {
    pub series: InstrumentSeries,
    pub points: Vec<Point>,
}

/// One person's incidents.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShownIncidents {
    pub person_id: PersonId,
    pub incidents: Vec<ShownIncident>,
}

/// One incident with its kind.
#[derive(Clone, PartialEq, Eq)]
pub struct ShownIncident {
    pub incident: Incident,
    /// `None` = erased.
    pub kind: Option<IncidentKind>,
}

impl std::fmt::Debug for ShownIncident {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ShownIncident(…)")
    }
}

/// Leaves out what is older than the newest `most` judgements, administrations and incidents, each kind
/// by itself; gives how many. The first administration of a series stays: the others are compared with it.
pub fn keep_newest(rows: &mut Vec<TrajectoryRow>, most: usize) -> u32 {
    let risks = |row: &TrajectoryRow| match row {
        TrajectoryRow::Risk(it) => it.steps.iter().map(|it| (it.judged_on, it.revision)).collect(),
        TrajectoryRow::Instrument(_) | TrajectoryRow::Incidents(_) => Vec::new(),
    };
    let scores = |row: &TrajectoryRow| match row {
        TrajectoryRow::Instrument(it) => {
            it.administrations.iter().map(|it| (it.on, it.revision)).collect()
        }
        TrajectoryRow::Risk(_) | TrajectoryRow::Incidents(_) => Vec::new(),
    };
    let incidents = |row: &TrajectoryRow| match row {
        TrajectoryRow::Incidents(it) => {
            it.incidents.iter().map(|it| (it.on, it.revision)).collect()
        }
        TrajectoryRow::Risk(_) | TrajectoryRow::Instrument(_) => Vec::new(),
    };
    let before = size_of_all(rows);
    let (risks, scores, incidents) =
        (oldest(rows, risks, most), oldest(rows, scores, most), oldest(rows, incidents, most));
    for row in rows.iter_mut() {
        match row {
            TrajectoryRow::Risk(it) => {
                it.steps.retain(|it| risks.is_none_or(|old| old <= (it.judged_on, it.revision)));
            }
            TrajectoryRow::Instrument(it) => {
                let first = it.administrations.first().map(|it| it.revision);
                it.administrations.retain(|it| {
                    Some(it.revision) == first
                        || scores.is_none_or(|old| old <= (it.on, it.revision))
                });
            }
            TrajectoryRow::Incidents(it) => {
                it.incidents.retain(|it| incidents.is_none_or(|old| old <= (it.on, it.revision)));
            }
        }
    }
    rows.retain(|it| size(it) > 0);
    u32::try_from(before - size_of_all(rows)).unwrap_or(u32::MAX)
}

fn size(row: &TrajectoryRow) -> usize {
    match row {
        TrajectoryRow::Risk(it) => it.steps.len(),
        TrajectoryRow::Instrument(it) => it.administrations.len(),
        TrajectoryRow::Incidents(it) => it.incidents.len(),
    }
}

fn size_of_all(rows: &[TrajectoryRow]) -> usize {
    rows.iter().map(size).sum()
}

/// The oldest of the newest `most`; `None` = there are no more than that.
fn oldest(
    rows: &[TrajectoryRow],
    turns: impl Fn(&TrajectoryRow) -> Vec<(Date, u64)>,
    most: usize,
) -> Option<(Date, u64)> {
    let mut turns: Vec<(Date, u64)> = rows.iter().flat_map(turns).collect();
    turns.sort_unstable();
    let at = turns.len().checked_sub(most).filter(|it| *it > 0)?;
    turns.get(at).copied()
}

/// The entries whose personal fields `scores`, `bands` or `kind` are to be opened: revision, and that of
/// the latest correction (0 = none).
pub fn wanted(rows: &[TrajectoryRow]) -> Vec<(u64, u64)> {
    let mut wanted = Vec::new();
    for row in rows {
        match row {
            TrajectoryRow::Risk(_) => {}
            TrajectoryRow::Instrument(it) => {
                wanted.extend(it.administrations.iter().map(|it| (it.revision, it.corrected_by)));
            }
            TrajectoryRow::Incidents(it) => {
                wanted.extend(it.incidents.iter().map(|it| (it.revision, it.corrected_by)));
            }
        }
    }
    wanted
}

/// Joins rows, their personal fields and the family's interventions; persons are still to be joined.
/// Rows are in order of their keys, and so is what is shown.
pub fn present(
    rows: Vec<TrajectoryRow>,
    fields: &EntryFields,
    mut cards: Vec<Card>,
    today: Date,
) -> Trajectory {
    cards.retain(|it| it.started_on.is_some());
    cards.sort_by_key(|it| it.ordered_revision);
    let older = cards.len().saturating_sub(SHOWN_BANDS_MAX);
    cards.drain(..older);
    let mut shown = Trajectory {
        risks: Vec::new(),
        instruments: Vec::new(),
        incidents: Vec::new(),
        interventions: cards,
        persons: BTreeMap::new(),
        today,
        left_out: u32::try_from(older).unwrap_or(u32::MAX),
    };
    for row in rows {
        match row {
            TrajectoryRow::Risk(it) => shown.risks.push(it),
            TrajectoryRow::Instrument(series) => {
                let points = points(&series, fields);
                shown.instruments.push(ShownSeries { series, points });
            }
            TrajectoryRow::Incidents(it) => {
                let kind = |it: &Incident| field(fields, it.revision, "kind");
                let incident = |it: Incident| ShownIncident { kind: kind(&it), incident: it };
                shown.incidents.push(ShownIncidents {
                    person_id: it.person_id,
                    incidents: it.incidents.into_iter().map(incident).collect(),
                });
            }
        }
    }
    for person in shown.speaks_of() {
        shown.persons.insert(person, PersonCard::default());
    }
    shown
}

impl Trajectory {
    fn speaks_of(&self) -> Vec<PersonId> {
        let risks = self.risks.iter().map(|it| it.person_id);
        let series = self.instruments.iter().filter_map(|it| it.series.person_id);
        let incidents = self.incidents.iter().map(|it| it.person_id);
        let bands = self.interventions.iter().filter_map(|it| it.person_id);
        risks.chain(series).chain(incidents).chain(bands).collect()
    }
}
