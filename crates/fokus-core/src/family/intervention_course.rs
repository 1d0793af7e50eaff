//! The course of an intervention: ordered, started, paused and resumed, ended or declined. One place for
//! deciding and for showing.
//!
//! What is latest goes by its own date, then by revision, whatever order the entries come in. A pause
//! begins on its day, on which nothing runs any more; on the day of resuming it runs again. An
//! intervention ends with its last day.

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::codes::{InterventionEndReason, InterventionType};
use crate::command::PlannedCourse;
use crate::effective::Effective;
use crate::fact::assessing::InterventionAdjusted;
use crate::fact::{Fact, InterventionOrdered};
use crate::ids::{GoalId, InterventionId, PersonId};
use crate::views::status::InterventionState;

/// A date, then the revision of the entry that gives it.
pub type Turn = (Date, u64);

/// What was ordered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ordered {
    pub revision: u64,
    /// Revision of the order's latest correction; 0 = none.
    pub corrected_by: u64,
    /// The local date of the order.
    pub on: Date,
    pub intervention_type: InterventionType,
    /// `None` = the family.
    pub person_id: Option<PersonId>,
    pub goal_ids: Vec<GoalId>,
    pub planned: PlannedCourse,
    pub method_version: Option<String>,
    pub cost_estimate_ore: Option<i64>,
}

/// A pause, or its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Rest {
    pub turn: Turn,
    /// Whether it rests from then on; `false` = it goes on.
    pub begins: bool,
    pub expected_until: Option<Date>,
}

/// The course of one intervention. Without its order, which may be marked mistaken, it is none yet.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct InterventionCourse {
    pub ordered: Option<Ordered>,
    started: Option<Turn>,
    ended: Option<(Turn, InterventionEndReason)>,
    declined: Option<Turn>,
    planned: Option<(Turn, PlannedCourse)>,
    goals: Option<(Turn, Vec<GoalId>)>,
    /// In order of their turns.
    rests: Vec<Rest>,
}

/// Folds an entry into the courses; gives the intervention that it bears on.
pub fn absorb(
    courses: &mut BTreeMap<InterventionId, InterventionCourse>,
    entry: &Effective,
) -> Option<InterventionId> {
    let revision = entry.revision;
    if let Fact::InterventionOrdered(it) = &entry.fact {
        courses.entry(it.intervention_id).or_default().order(it, entry);
        Some(it.intervention_id)
    } else if let Fact::InterventionStarted(it) = &entry.fact {
        let course = courses.entry(it.intervention_id).or_default();
        course.started = course.started.max(Some((it.on, revision)));
        Some(it.intervention_id)
    } else if let Fact::InterventionEnded(it) = &entry.fact {
        let course = courses.entry(it.intervention_id).or_default();
        latest(&mut course.ended, (it.on, revision), it.reason);
        Some(it.intervention_id)
    } else if let Fact::InterventionDeclined(it) = &entry.fact {
        let course = courses.entry(it.intervention_id).or_default();
        course.declined = course.declined.max(Some((it.on, revision)));
        Some(it.intervention_id)
    } else if let Fact::InterventionAdjusted(it) = &entry.fact {
        courses.entry(it.intervention_id).or_default().adjust(it, revision);
        Some(it.intervention_id)
    } else if let Fact::InterventionPaused(it) = &entry.fact {
        let course = courses.entry(it.intervention_id).or_default();
        let expected_until = it.expected_until;
        course.rest(Rest { turn: (it.on, revision), begins: true, expected_until });
        Some(it.intervention_id)
    } else if let Fact::InterventionResumed(it) = &entry.fact {
        let course = courses.entry(it.intervention_id).or_default();
        course.rest(Rest { turn: (it.on, revision), begins: false, expected_until: None });
        Some(it.intervention_id)
    } else {
        None
    }
}

/// Keeps the later of what is there and what comes.
fn latest<T>(slot: &mut Option<(Turn, T)>, turn: Turn, value: T) {
    if slot.as_ref().is_none_or(|it| it.0 < turn) {
        *slot = Some((turn, value));
    }
}

impl InterventionCourse {
    fn order(&mut self, fact: &InterventionOrdered, entry: &Effective) {
        self.ordered = Some(Ordered {
            revision: entry.revision,
            corrected_by: entry.correction(),
            on: entry.occurred.date(),
            intervention_type: fact.intervention_type,
            person_id: fact.person_id,
            goal_ids: fact.goal_ids.clone(),
            planned: fact.planned,
            method_version: fact.method_version.clone(),
            cost_estimate_ore: fact.cost_estimate_ore,
        });
    }

    fn adjust(&mut self, fact: &InterventionAdjusted, revision: u64) {
        let turn = (fact.on, revision);
        if let Some(planned) = fact.planned {
            latest(&mut self.planned, turn, planned);
        }
        if !fact.goal_ids.is_empty() {
            latest(&mut self.goals, turn, fact.goal_ids.clone());
        }
    }

    fn rest(&mut self, rest: Rest) {
        self.rests.push(rest);
        self.rests.sort_unstable();
    }

    /// Where it stands.
    pub fn state(&self) -> InterventionState {
        if self.ended.is_some() {
            InterventionState::Ended
        } else if self.declined.is_some() {
            InterventionState::Declined
        } else if self.started.is_none() {
            InterventionState::Ordered
        } else if self.paused().is_some() {
            InterventionState::Paused
        } else {
            InterventionState::Started
        }
    }

    /// Whether nothing of it is left to do by that day: ended, declined, or without an order.
    pub fn is_over(&self, day: Date) -> bool {
        let by_then = |it: Option<Date>| it.is_some_and(|it| it <= day);
        self.ordered.is_none() || by_then(self.ended_on()) || by_then(self.declined_on())
    }

    /// Whether it runs on that day.
    pub fn runs_on(&self, day: Date) -> bool {
        let rests = self.rests.iter().rev().find(|it| it.turn.0 <= day).is_some_and(|it| it.begins);
        self.started_on().is_some_and(|from| from <= day)
            && self.ended_on().is_none_or(|to| day <= to)
            && self.declined.is_none()
            && !rests
    }

    /// The first day.
    pub fn started_on(&self) -> Option<Date> {
        self.started.map(|it| it.0)
    }

    /// The last day.
    pub fn ended_on(&self) -> Option<Date> {
        self.ended.map(|it| it.0.0)
    }

    /// Why it ended.
    pub fn end_reason(&self) -> Option<InterventionEndReason> {
        self.ended.map(|it| it.1)
    }

    /// The day on which the family said no.
    pub fn declined_on(&self) -> Option<Date> {
        self.declined.map(|it| it.0)
    }

    /// The pause that lasts.
    pub fn paused(&self) -> Option<Rest> {
        self.rests.last().copied().filter(|it| it.begins)
    }

    /// The day of the latest pause or resumption.
    pub fn last_rest_on(&self) -> Option<Date> {
        self.rests.last().map(|it| it.turn.0)
    }

    /// What is planned, as last adjusted; `None` without an order.
    pub fn planned(&self) -> Option<PlannedCourse> {
        let ordered = self.ordered.as_ref().map(|it| it.planned)?;
        Some(self.planned.map_or(ordered, |it| it.1))
    }

    /// The goals that it serves, as last adjusted; none without an order.
    pub fn goal_ids(&self) -> &[GoalId] {
        match (&self.goals, &self.ordered) {
            (Some((_, goals)), Some(_)) => goals,
            (None, Some(ordered)) => &ordered.goal_ids,
            (_, None) => &[],
        }
    }
}
