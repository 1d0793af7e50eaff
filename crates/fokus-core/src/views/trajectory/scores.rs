//! The scores of a series, joined when a read is answered: each with what it shows against the first.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::{Administration, EntryFields, InstrumentSeries, field};
use crate::command::assessing::ScaleScore;
use crate::instruments::change::{Change, change};
use crate::instruments::{Hundredths, instrument};

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
    /// The band that it was recorded in; `None` where the instrument has none, and when erased.
    pub band: Option<String>,
    /// Against the first known score of its scale in the series; `None` for that one itself, and for a
    /// scale that the table does not know.
    pub change: Option<Change>,
}

impl std::fmt::Debug for ScorePoint {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ScorePoint(…)")
    }
}

/// As the field `bands` holds it.
#[derive(Deserialize)]
struct ScaleBand {
    scale: String,
    band: String,
}

/// The series with its scores: `fields` holds the fields `scores` and `bands` of its entries, corrected.
/// What is missing there counts as erased.
pub fn points(series: &InstrumentSeries, fields: &EntryFields) -> Vec<Point> {
    let mut first: BTreeMap<String, Hundredths> = BTreeMap::new();
    let mut points = Vec::with_capacity(series.administrations.len());
    for administration in &series.administrations {
        let known: Option<Vec<ScaleScore>> = field(fields, administration.revision, "scores");
        let bands: Option<Vec<ScaleBand>> = field(fields, administration.revision, "bands");
        let is_erased = known.is_none();
        let bands = bands.unwrap_or_default();
        let mut of_this = Vec::new();
        for score in known.unwrap_or_default() {
            let before = first.get(&score.scale).copied();
            let shows = before.and_then(|before| against(series, &score, before));
            first.entry(score.scale.clone()).or_insert(score.value);
            let band = bands.iter().find(|it| it.scale == score.scale).map(|it| it.band.clone());
            of_this.push(ScorePoint { score, band, change: shows });
        }
        points.push(Point { administration: administration.clone(), scores: of_this, is_erased });
    }
    points
}

fn against(series: &InstrumentSeries, score: &ScaleScore, before: Hundredths) -> Option<Change> {
    let scale = instrument(&series.instrument)?.scale(&score.scale)?;
    Some(change(scale, scale.norm(series.respondent), before, score.value))
}
