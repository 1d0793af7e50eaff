//! RiskTrajectory: how one person's risk in one area was judged over time, which instruments were
//! administered, and when there were incidents. Rows of three kinds: [`TrajectoryRow`].
//!
//! Never summed: not over areas, instruments or persons, and levels are not averaged. No judgement is
//! not LOW. A judgement stands until the next one of that person and area, and no longer than it is
//! valid: then the step is cut, and the present is [`RiskSteps::is_stale`]. Scores are personal fields:
//! rows refer to them, and `trajectory/present.rs` and `scores.rs` join them when a read is answered.

mod present;
mod scores;

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::codes::{Grade, Occasion, Respondent, RiskArea, RiskDirection, RiskLevel};
use crate::effective::{Clocks, Effective};
use crate::fact::assessing::InstrumentAdministered;
use crate::fact::{Fact, ProfessionalRiskJudged};
use crate::ids::{PersonId, StreamKind};
use crate::record::{Opened, Recorded};
use crate::views::{Row, View, refold};

pub use present::{
    SHOWN_BANDS_MAX, SHOWN_MAX, ShownIncident, ShownIncidents, ShownSeries, Trajectory,
    keep_newest, present, wanted,
};
pub use scores::{Point, ScorePoint, points};

/// The personal fields of entries, corrected, by the entry's revision.
pub type EntryFields = BTreeMap<u64, Vec<(String, Opened)>>;

/// The content of an entry's field; `None` when it is erased, missing or of another type.
fn field<T: DeserializeOwned>(fields: &EntryFields, revision: u64, name: &str) -> Option<T> {
    match fields.get(&revision)?.iter().find(|it| it.0 == name)? {
        (_, Opened::Known(value)) => serde_json::from_value(value.clone()).ok(),
        (_, Opened::Erased | Opened::Absent) => None,
    }
}

/// Time of effect in Unix milliseconds, then revision.
type Order = (i64, u64);

/// One row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "row", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum TrajectoryRow {
    Risk(RiskSteps),
    Instrument(InstrumentSeries),
    Incidents(Incidents),
}

/// One person's risk in one area, in order of effect. Never empty.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RiskSteps {
    pub person_id: PersonId,
    pub risk_area: RiskArea,
    pub steps: Vec<RiskStep>,
}

/// One judgement, from its day until the next one or its own end.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RiskStep {
    /// Of the judgement, whose `reasoning` is a personal field.
    pub revision: u64,
    pub level: RiskLevel,
    /// As judged.
    pub direction: RiskDirection,
    /// As the levels show: BETTER only where the level is lower and something new stands in the basis.
    pub change: RiskDirection,
    pub judged_on: Date,
    pub valid_until: Date,
    /// The last day that it stands; `None` when another judgement of its day replaced it.
    pub stands_until: Option<Date>,
    /// Revisions of the entries that it rests on.
    pub basis: Vec<u64>,
    /// The `sub` of who recorded it.
    pub judge: String,
}

/// One instrument's administrations about one person, or the family, with one respondent, in order of
/// effect. Never empty.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InstrumentSeries {
    /// `None` = the family.
    pub person_id: Option<PersonId>,
    pub instrument: String,
    pub respondent: Respondent,
    pub administrations: Vec<Administration>,
}

/// One administration.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Administration {
    /// Of the entry, whose `scores` and `bands` are personal fields.
    pub revision: u64,
    /// Of its latest correction; 0 = none.
    pub corrected_by: u64,
    pub on: Date,
    pub occasion: Occasion,
}

/// One person's incidents, in order of effect. Never empty.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Incidents {
    pub person_id: PersonId,
    pub incidents: Vec<Incident>,
}

/// One incident.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Incident {
    /// Of the entry, whose `kind` and text are personal fields.
    pub revision: u64,
    /// Of its latest correction; 0 = none.
    pub corrected_by: u64,
    pub on: Date,
    pub grade: Grade,
}

/// The trajectories of each family. Keys: `risk/<person>/<area>`, `instrument/<person or
/// family>/<instrument>/<respondent>`, `incidents/<person>`.
#[derive(Debug, Clone, Copy)]
pub struct RiskTrajectoryView;

impl View for RiskTrajectoryView {
    const NAME: &'static str = "risk_trajectory";
    const REVISION: u16 = 1;
    const STREAM: StreamKind = StreamKind::Family;
    type State = TrajectoryState;

    fn fold(state: &mut TrajectoryState, entry: &Effective) -> Vec<Row> {
        let row = if let Fact::ProfessionalRiskJudged(it) = &entry.fact {
            Some(state.judge(it, entry))
        } else if let Fact::InstrumentAdministered(it) = &entry.fact {
            Some(state.administer(it, entry))
        } else if let Fact::IncidentRecorded(it) = &entry.fact {
            let known = state.incidents.entry(it.person_id).or_default();
            let incident = Incident {
                revision: entry.revision,
                corrected_by: entry.correction(),
                on: entry.effective_day(),
                grade: it.grade,
            };
            insert(known, entry, incident);
            Some(incidents(it.person_id, known))
        } else {
            None
        };
        row.and_then(|it| Row::new(it.key(), &it)).into_iter().collect()
    }
}

/// The rows as the clocks have them, folded on the spot, by key.
pub fn trajectory_of(history: &[Recorded], clocks: &Clocks) -> Vec<TrajectoryRow> {
    let (_, rows) = refold::<RiskTrajectoryView>(history, clocks);
    rows.into_iter().filter_map(|it| it.read()).collect()
}

/// What the view remembers of a family's stream.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct TrajectoryState {
    risks: BTreeMap<PersonId, BTreeMap<RiskArea, Vec<(Order, Judged)>>>,
    /// By the key of the row.
    series: BTreeMap<String, Vec<(Order, Administration)>>,
    incidents: BTreeMap<PersonId, Vec<(Order, Incident)>>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Judged {
    revision: u64,
    level: RiskLevel,
    direction: RiskDirection,
    on: Date,
    valid_until: Date,
    basis: Vec<u64>,
    judge: String,
}

/// Puts an element where its order says.
fn insert<T>(known: &mut Vec<(Order, T)>, entry: &Effective, element: T) {
    let order = entry.order();
    let at = known.partition_point(|it| it.0 <= order);
    known.insert(at, (order, element));
}

fn incidents(person_id: PersonId, known: &[(Order, Incident)]) -> TrajectoryRow {
    let incidents = known.iter().map(|it| it.1.clone()).collect();
    TrajectoryRow::Incidents(Incidents { person_id, incidents })
}

impl TrajectoryState {
    fn judge(&mut self, fact: &ProfessionalRiskJudged, entry: &Effective) -> TrajectoryRow {
        let areas = self.risks.entry(fact.person_id).or_default();
        let known = areas.entry(fact.risk_area).or_default();
        insert(
            known,
            entry,
            Judged {
                revision: entry.revision,
                level: fact.level,
                direction: fact.direction,
                on: entry.effective_day(),
                valid_until: fact.valid_until,
                basis: fact.basis.clone(),
                judge: entry.actor.sub.clone(),
            },
        );
        let judged: Vec<&Judged> = known.iter().map(|it| &it.1).collect();
        let before = std::iter::once(None).chain(judged.iter().map(|it| Some(*it)));
        let after = judged.iter().skip(1).map(|it| Some(*it)).chain([None]);
        let steps = judged.iter().zip(before).zip(after);
        TrajectoryRow::Risk(RiskSteps {
            person_id: fact.person_id,
            risk_area: fact.risk_area,
            steps: steps.map(|((it, before), after)| it.step(before, after)).collect(),
        })
    }

    fn administer(&mut self, fact: &InstrumentAdministered, entry: &Effective) -> TrajectoryRow {
        let key = series_key(fact.person_id, &fact.instrument, fact.respondent);
        let known = &mut self.series.entry(key).or_default();
        let administration = Administration {
            revision: entry.revision,
            corrected_by: entry.correction(),
            on: entry.effective_day(),
            occasion: fact.occasion,
        };
        insert(known, entry, administration);
        TrajectoryRow::Instrument(InstrumentSeries {
            person_id: fact.person_id,
            instrument: fact.instrument.clone(),
            respondent: fact.respondent,
            administrations: known.iter().map(|it| it.1.clone()).collect(),
        })
    }
}

fn series_key(person: Option<PersonId>, instrument: &str, respondent: Respondent) -> String {
    let whom = person.map_or_else(|| "family".to_owned(), |it| it.to_string());
    format!("instrument/{whom}/{instrument}/{}", code(&respondent))
}

/// The code as in JSON. Codes are unit variants, which always have one.
fn code(code: &impl Serialize) -> String {
    let json = serde_json::to_value(code).ok();
    json.as_ref().and_then(|it| it.as_str()).unwrap_or_default().to_owned()
}

impl Judged {
    fn step(&self, before: Option<&Judged>, after: Option<&Judged>) -> RiskStep {
        let change = match before {
            None => RiskDirection::First,
            Some(before) if self.level > before.level => RiskDirection::Worse,
            Some(before) if self.level < before.level && self.rests_on_more_than(before) => {
                RiskDirection::Better
            }
            Some(_) => RiskDirection::Same,
        };
        let replaced = after.and_then(|it| it.on.yesterday().ok());
        let until = replaced.map_or(self.valid_until, |it| it.min(self.valid_until));
        RiskStep {
            revision: self.revision,
            level: self.level,
            direction: self.direction,
            change,
            judged_on: self.on,
            valid_until: self.valid_until,
            stands_until: (self.on <= until).then_some(until),
            basis: self.basis.clone(),
            judge: self.judge.clone(),
        }
    }

    fn rests_on_more_than(&self, before: &Judged) -> bool {
        self.basis.iter().any(|it| !before.basis.contains(it))
    }
}

impl TrajectoryRow {
    /// The row's key.
    pub fn key(&self) -> String {
        match self {
            TrajectoryRow::Risk(it) => format!("risk/{}/{}", it.person_id, code(&it.risk_area)),
            TrajectoryRow::Instrument(it) => {
                series_key(it.person_id, &it.instrument, it.respondent)
            }
            TrajectoryRow::Incidents(it) => format!("incidents/{}", it.person_id),
        }
    }
}

impl RiskSteps {
    /// The judgement that stands on `day`; `None` = none was made yet, or the last one had expired.
    pub fn on(&self, day: Date) -> Option<&RiskStep> {
        let stands = |it: &&RiskStep| {
            it.judged_on <= day && it.stands_until.is_some_and(|until| day <= until)
        };
        self.steps.iter().find(stands)
    }

    /// Whether the newest judgement has expired on `today`: its level is history then.
    pub fn is_stale(&self, today: Date) -> bool {
        self.steps.last().is_none_or(|it| it.valid_until < today)
    }
}

#[cfg(test)]
mod tests;
