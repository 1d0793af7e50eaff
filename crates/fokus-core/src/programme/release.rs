//! What is released of a programme: SetDisclosureRules, ReleaseStatistic, WithdrawStatistic.
//!
//! A quarter is released when it is over, and in order: readers would compare an earlier one released
//! later all the same. It is counted up to a position of the log, hidden given everything released
//! before, and frozen. A withdrawn quarter may be released anew as long as no later one is out.

use uuid::Uuid;

use super::State;
use crate::codes::StatisticTable;
use crate::command::statistics::{ReleaseStatistic, SetDisclosureRules, WithdrawStatistic};
use crate::decide::Rules;
use crate::decide::scene::Scene;
use crate::disclosure::Threshold;
use crate::fact::Fact;
use crate::fact::statistics::{DisclosureRulesSet, StatisticReleased, StatisticWithdrawn};
use crate::ids::{ProgrammeId, ReleaseId, StreamRef};
use crate::period::Quarter;
use crate::record::Record;
use crate::rejection::{Reason, Rejection};
use crate::statistics::{Earlier, FrozenTable, freeze};

/// A release as it was frozen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Release {
    pub release_id: ReleaseId,
    pub quarter: Quarter,
    pub threshold: Threshold,
    pub tables: Vec<FrozenTable>,
    pub withdrawn: bool,
}

/// Folds one fact in. Total.
pub(super) fn evolve(state: &mut State, fact: &Fact) {
    if let Fact::DisclosureRulesSet(it) = fact {
        state.threshold = Threshold::new(it.threshold);
    } else if let Fact::StatisticReleased(it) = fact {
        state.releases.push(Release {
            release_id: it.release_id,
            quarter: it.quarter,
            threshold: Threshold::new(it.threshold).unwrap_or(Threshold::DEFAULT),
            tables: it.tables.clone(),
            withdrawn: false,
        });
    } else if let Fact::StatisticWithdrawn(it) = fact {
        for release in
            state.releases.iter_mut().filter(|release| release.release_id == it.release_id)
        {
            release.withdrawn = true;
        }
    }
}

fn state<'a>(scene: &Scene<'a>, programme: ProgrammeId) -> Result<&'a State, Rejection> {
    let programme = scene.world.programmes.get(&programme.0).map(|it| &it.state);
    programme.ok_or_else(|| scene.unknown("programme_id"))
}

impl Rules for SetDisclosureRules {
    fn name(&self) -> &'static str {
        "set_disclosure_rules"
    }

    fn stream(&self) -> (StreamRef, &'static str) {
        (self.programme_id.into(), "programme_id")
    }

    fn build(&self, _scene: &Scene<'_>) -> Result<Record, Rejection> {
        let fact = Fact::DisclosureRulesSet(DisclosureRulesSet {
            programme_id: self.programme_id,
            threshold: self.threshold.families(),
        });
        Ok(Record { fact, personal: Vec::new() })
    }

    fn rules(&self, scene: &Scene<'_>) -> Result<(), Rejection> {
        if state(scene, self.programme_id)?.threshold == Some(self.threshold) {
            return Err(Rejection::new(Reason::NoChange, "the threshold is this already")
                .at(scene.path("threshold")));
        }
        Ok(())
    }
}

impl Rules for ReleaseStatistic {
    fn name(&self) -> &'static str {
        "release_statistic"
    }

    fn stream(&self) -> (StreamRef, &'static str) {
        (self.programme_id.into(), "programme_id")
    }

    fn makes(&self) -> Option<(Uuid, &'static str)> {
        Some((self.release_id.0, "release_id"))
    }

    fn build(&self, scene: &Scene<'_>) -> Result<Record, Rejection> {
        let state = state(scene, self.programme_id)?;
        self.may_be_released(scene, state)?;
        let counted = scene.world.quarter.as_ref().ok_or_else(|| {
            Rejection::new(Reason::ViewBehind, "the numbers of the quarter are not counted yet")
        })?;
        let threshold = state.threshold.unwrap_or(Threshold::DEFAULT);
        let earlier = state.releases.iter();
        let earlier: Vec<Earlier<'_>> =
            earlier.map(|it| Earlier { tables: &it.tables, threshold: it.threshold }).collect();
        let tables = freeze(&counted.tables, &earlier, threshold)
            .map_err(|(table, _)| unsafe_table(table).at(scene.path("quarter")))?;
        let fact = Fact::StatisticReleased(StatisticReleased {
            programme_id: self.programme_id,
            release_id: self.release_id,
            quarter: self.quarter,
            as_of_position: counted.as_of_position,
            threshold: threshold.families(),
            tables,
        });
        Ok(Record { fact, personal: Vec::new() })
    }
}

impl ReleaseStatistic {
    fn may_be_released(&self, scene: &Scene<'_>, state: &State) -> Result<(), Rejection> {
        if scene.today() <= self.quarter.last_day() {
            let rule = "a quarter is released when it is over";
            return Err(Rejection::new(Reason::PeriodOpen, rule).at(scene.path("quarter")));
        }
        if state.releases.iter().any(|it| it.quarter == self.quarter && !it.withdrawn) {
            return Err(Rejection::new(Reason::NoChange, "the quarter is released already")
                .at(scene.path("quarter")));
        }
        if state.releases.iter().any(|it| self.quarter < it.quarter) {
            return Err(Rejection::new(Reason::DateOrder, "a later quarter is released already")
                .at(scene.path("quarter")));
        }
        Ok(())
    }
}

/// Met beside an earlier release that hid too little, which no sound program records.
fn unsafe_table(table: StatisticTable) -> Rejection {
    let code = serde_json::to_value(table).unwrap_or_default();
    Rejection::new(Reason::SdcFailed, "the audit of the table objects to the release")
        .with("table", code.as_str().unwrap_or_default().to_owned())
}

impl Rules for WithdrawStatistic {
    fn name(&self) -> &'static str {
        "withdraw_statistic"
    }

    fn stream(&self) -> (StreamRef, &'static str) {
        (self.programme_id.into(), "programme_id")
    }

    fn build(&self, scene: &Scene<'_>) -> Result<Record, Rejection> {
        let releases = &state(scene, self.programme_id)?.releases;
        if !releases.iter().any(|it| it.release_id == self.release_id) {
            return Err(scene.unknown("release_id"));
        }
        let fact = Fact::StatisticWithdrawn(StatisticWithdrawn {
            programme_id: self.programme_id,
            release_id: self.release_id,
            reason: self.reason,
        });
        Ok(Record { fact, personal: Vec::new() })
    }

    fn rules(&self, scene: &Scene<'_>) -> Result<(), Rejection> {
        let releases = &state(scene, self.programme_id)?.releases;
        if releases.iter().any(|it| it.release_id == self.release_id && it.withdrawn) {
            return Err(Rejection::new(Reason::NoChange, "the release is withdrawn already")
                .at(scene.path("release_id")));
        }
        Ok(())
    }
}
