//! The scores of a series, joined when a read is answered: each with what it shows against the first.

use std::collections::BTreeMap;

use super::{Administration, InstrumentSeries};
use crate::command::assessing::ScaleScore;
use crate::instruments::change::{Change, change};
use crate::instruments::{Hundredths, instrument};
use crate::record::Opened;

/// One administration with its scores.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Point {
    pub administration: Administration,
    /// Empty when erased.
    pub scores: Vec<ScorePoint>,
    pub is_erased: bool,
}

/// One score.
#[derive(Clone, PartialEq, Eq)]
pub struct ScorePoint {
    pub score: ScaleScore,
    /// Against the first known score of its scale in the series; `None` for that one itself, and for a
    /// scale that the table does not know.
    pub change: Option<Change>,
}

impl std::fmt::Debug for ScorePoint {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ScorePoint(…)")
    }
}

/// The series with its scores: `scores` holds the field `scores` of its entries, corrected, by revision.
/// What is missing there counts as erased.
pub fn points(series: &InstrumentSeries, scores: &BTreeMap<u64, Opened>) -> Vec<Point> {
    let mut first: BTreeMap<String, Hundredths> = BTreeMap::new();
    let mut points = Vec::with_capacity(series.administrations.len());
    for administration in &series.administrations {
        let known: Option<Vec<ScaleScore>> = match scores.get(&administration.revision) {
            Some(Opened::Known(value)) => serde_json::from_value(value.clone()).ok(),
            Some(Opened::Erased | Opened::Absent) | None => None,
        };
        let is_erased = known.is_none();
        let mut of_this = Vec::new();
        for score in known.unwrap_or_default() {
            let before = first.get(&score.scale).copied();
            let shows = before.and_then(|before| against(series, &score, before));
            first.entry(score.scale.clone()).or_insert(score.value);
            of_this.push(ScorePoint { score, change: shows });
        }
        points.push(Point { administration: administration.clone(), scores: of_this, is_erased });
    }
    points
}

fn against(series: &InstrumentSeries, score: &ScaleScore, before: Hundredths) -> Option<Change> {
    let scale = instrument(&series.instrument)?.scale(&score.scale)?;
    Some(change(scale, scale.norm(series.respondent), before, score.value))
}
