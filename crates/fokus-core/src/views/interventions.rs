//! InterventionBoard: one row per intervention, and the card that a reader gets.
//!
//! The row says what was ordered, where it stands and what its sessions came to. Attendance in per cent,
//! days and what is overdue depend on the reader's day or on others' rows: [`Card::on`] works them out.
//! An intervention whose order is missing (marked mistaken, or not given yet at the time asked for) has
//! no row.

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::status::{InterventionState, PersonCard};
use crate::codes::{AttendanceState, InterventionEndReason, InterventionType};
use crate::command::PlannedCourse;
use crate::effective::{Clocks, Effective};
use crate::fact::{Fact, SessionHeld};
use crate::family::intervention_course::{self, InterventionCourse};
use crate::ids::{FamilyId, GoalId, InterventionId, PersonId, StreamKind};
use crate::record::{Opened, Recorded};
use crate::views::{Row, View, refold};

/// The row: coded facts and references only.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Card {
    pub intervention_id: InterventionId,
    /// Revision of the order, whose `provider` is a personal field.
    pub ordered_revision: u64,
    /// Of the order's latest correction; 0 = none.
    pub order_corrected_by: u64,
    pub intervention_type: InterventionType,
    /// `None` = the family.
    pub person_id: Option<PersonId>,
    pub state: InterventionState,
    /// As last adjusted.
    pub goal_ids: Vec<GoalId>,
    /// As last adjusted.
    pub planned: PlannedCourse,
    pub method_version: Option<String>,
    pub cost_estimate_ore: Option<i64>,
    pub ordered_on: Date,
    pub started_on: Option<Date>,
    /// The first day of the pause that lasts.
    pub paused_on: Option<Date>,
    pub paused_until: Option<Date>,
    pub ended_on: Option<Date>,
    pub end_reason: Option<InterventionEndReason>,
    pub declined_on: Option<Date>,
    pub sessions: u32,
    pub minutes: u32,
    pub last_session_on: Option<Date>,
    /// Persons who came, late ones too, over all sessions.
    pub came: u32,
    /// Persons who were awaited: those who came, and no-shows; not those who gave notice.
    pub awaited: u32,
    /// Sessions whose fidelity was rated.
    pub fidelity_rated: u32,
    /// The median; of two in the middle, their mean, rounded down.
    pub fidelity_median_percent: Option<u8>,
}

/// The card as a reader sees it on a day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CardOn {
    pub card: Card,
    /// Rounded down; `None` when nobody was awaited.
    pub attendance_percent: Option<u8>,
    /// From the order to the start.
    pub wait_days: Option<i32>,
    pub days_since_last_session: Option<i32>,
    /// Running, and for more than twice the planned interval without a session.
    pub is_overdue: bool,
}

/// An intervention of one of many families, as a reader sees it.
#[derive(Clone, PartialEq, Eq)]
pub struct ShownCard {
    pub family_id: FamilyId,
    pub reference: String,
    pub card: CardOn,
    /// Whom it is for; `None` = the family.
    pub person: Option<PersonCard>,
    /// Who gives it: the field `provider` of the order.
    pub provider: Opened,
}

impl std::fmt::Debug for ShownCard {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ShownCard(…)")
    }
}

/// Every intervention of a family: one row each, keyed by its id.
#[derive(Debug, Clone, Copy)]
pub struct InterventionsView;

impl View for InterventionsView {
    const NAME: &'static str = "interventions";
    const REVISION: u16 = 1;
    const STREAM: StreamKind = StreamKind::Family;
    type State = BoardState;

    fn fold(state: &mut BoardState, entry: &Effective) -> Vec<Row> {
        let changed = if let Fact::SessionHeld(it) = &entry.fact {
            state.sessions.entry(it.intervention_id).or_default().hold(it);
            Some(it.intervention_id)
        } else {
            intervention_course::absorb(&mut state.courses, entry)
        };
        let card = changed.and_then(|id| state.card(id));
        card.and_then(|it| Row::new(it.intervention_id.to_string(), &it)).into_iter().collect()
    }
}

/// The cards as the clocks have them, folded on the spot, in order of ordering.
pub fn cards_of(history: &[Recorded], clocks: &Clocks) -> Vec<Card> {
    let (state, _) = refold::<InterventionsView>(history, clocks);
    let mut cards: Vec<Card> = state.courses.keys().filter_map(|id| state.card(*id)).collect();
    cards.sort_by_key(|it| it.ordered_revision);
    cards
}

/// What the view remembers of a family's stream.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct BoardState {
    courses: BTreeMap<InterventionId, InterventionCourse>,
    sessions: BTreeMap<InterventionId, Sessions>,
}

#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
struct Sessions {
    held: u32,
    minutes: u32,
    last_on: Option<Date>,
    came: u32,
    awaited: u32,
    /// Rising.
    fidelity: Vec<u8>,
}

impl Sessions {
    fn hold(&mut self, fact: &SessionHeld) {
        self.held = self.held.saturating_add(1);
        self.minutes = self.minutes.saturating_add(u32::from(fact.minutes));
        self.last_on = self.last_on.max(Some(fact.on));
        for it in &fact.attendance {
            let (came, awaited) = match it.state {
                AttendanceState::Present | AttendanceState::Late => (1, 1),
                AttendanceState::NoShow => (0, 1),
                AttendanceState::AbsentNotified => (0, 0),
            };
            self.came = self.came.saturating_add(came);
            self.awaited = self.awaited.saturating_add(awaited);
        }
        if let Some(percent) = fact.fidelity_percent {
            let at = self.fidelity.partition_point(|it| *it <= percent);
            self.fidelity.insert(at, percent);
        }
    }

    fn fidelity_median(&self) -> Option<u8> {
        let upper = *self.fidelity.get(self.fidelity.len() / 2)?;
        if !self.fidelity.len().is_multiple_of(2) {
            return Some(upper);
        }
        let lower = self.fidelity.get(self.fidelity.len() / 2 - 1)?;
        Some(lower.midpoint(upper))
    }
}

impl BoardState {
    fn card(&self, id: InterventionId) -> Option<Card> {
        let course = self.courses.get(&id)?;
        let ordered = course.ordered.as_ref()?;
        let sessions = self.sessions.get(&id).cloned().unwrap_or_default();
        let state = course.state();
        let pause = course.paused().filter(|_| state == InterventionState::Paused);
        Some(Card {
            intervention_id: id,
            ordered_revision: ordered.revision,
            order_corrected_by: ordered.corrected_by,
            intervention_type: ordered.intervention_type,
            person_id: ordered.person_id,
            state,
            goal_ids: course.goal_ids().to_vec(),
            planned: course.planned().unwrap_or(ordered.planned),
            method_version: ordered.method_version.clone(),
            cost_estimate_ore: ordered.cost_estimate_ore,
            ordered_on: ordered.on,
            started_on: course.started_on(),
            paused_on: pause.map(|it| it.turn.0),
            paused_until: pause.and_then(|it| it.expected_until),
            ended_on: course.ended_on(),
            end_reason: course.end_reason(),
            declined_on: course.declined_on(),
            sessions: sessions.held,
            minutes: sessions.minutes,
            last_session_on: sessions.last_on,
            came: sessions.came,
            awaited: sessions.awaited,
            fidelity_rated: u32::try_from(sessions.fidelity.len()).unwrap_or(u32::MAX),
            fidelity_median_percent: sessions.fidelity_median(),
        })
    }
}

impl Card {
    /// The card on `today`.
    pub fn on(&self, today: Date) -> CardOn {
        let attendance = self.came.saturating_mul(100).checked_div(self.awaited);
        CardOn {
            attendance_percent: attendance.and_then(|it| u8::try_from(it).ok()),
            wait_days: self.started_on.and_then(|it| days_between(self.ordered_on, it)),
            days_since_last_session: self.last_session_on.and_then(|it| days_between(it, today)),
            is_overdue: self.is_overdue(today),
            card: self.clone(),
        }
    }

    /// Days without a session × planned sessions > 2 × planned days: without fractions.
    fn is_overdue(&self, today: Date) -> bool {
        let waiting_since = self.last_session_on.max(self.started_on);
        let waited = waiting_since.and_then(|it| days_between(it, today));
        let length = days_between(self.planned.start, self.planned.end);
        match (self.state, self.planned.sessions, waited, length) {
            (InterventionState::Started, Some(sessions), Some(waited), Some(length)) => {
                i64::from(waited) * i64::from(sessions) > 2 * (i64::from(length) + 1)
            }
            (_, _, _, _) => false,
        }
    }
}

/// Calendar days; negative where `to` lies before.
fn days_between(from: Date, to: Date) -> Option<i32> {
    from.until(to).ok().map(|it| it.get_days())
}

#[cfg(test)]
mod tests;
