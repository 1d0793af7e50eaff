//! What a glance at a family adds to its case: incidents, education and work, goals worked on, and
//! whether contacts were written down in time.

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::{EducationRow, EmploymentRow, NoteDutyRow, StatusRow};
use crate::codes::{ContactKind, EducationStatus, EmploymentStatus};
use crate::effective::Effective;
use crate::fact::{ContactRecorded, Fact};
use crate::family::intervention_course::Turn;
use crate::ids::{GoalId, PersonId};
use crate::views::timeline::recorded_late;

/// What the view remembers for it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(super) struct Glance {
    incidents: u32,
    last_incident_on: Option<Date>,
    education: BTreeMap<PersonId, (Turn, EducationStatus)>,
    employment: BTreeMap<PersonId, (Turn, EmploymentStatus)>,
    /// When a goal was last worked on, in Unix milliseconds. A goal may be set later than recorded so.
    goals_ms: BTreeMap<GoalId, i64>,
    note_duty: NoteDutyRow,
}

/// Keeps the latest.
fn keep<S>(known: &mut BTreeMap<PersonId, (Turn, S)>, person: PersonId, turn: Turn, status: S) {
    if known.get(&person).is_none_or(|it| it.0 < turn) {
        known.insert(person, (turn, status));
    }
}

impl Glance {
    /// Folds one entry in.
    pub(super) fn absorb(&mut self, entry: &Effective) {
        if let Fact::ContactRecorded(it) = &entry.fact {
            self.contact(it, entry);
        } else if let Fact::NoteRecorded(_) = &entry.fact {
            self.written(entry);
        } else if let Fact::IncidentRecorded(_) = &entry.fact {
            self.incidents = self.incidents.saturating_add(1);
            self.last_incident_on = self.last_incident_on.max(Some(entry.effective_day()));
        } else if let Fact::EducationStatusReported(it) = &entry.fact {
            keep(&mut self.education, it.person_id, (it.from, entry.revision), it.status);
        } else if let Fact::EmploymentStatusReported(it) = &entry.fact {
            keep(&mut self.employment, it.person_id, (it.from, entry.revision), it.status);
        }
    }

    fn contact(&mut self, fact: &ContactRecorded, entry: &Effective) {
        // Whom its text is about stands in the fact, so that a fold knows of the text and not the text.
        if fact.about.is_empty() {
            self.note_duty.unwritten = self.note_duty.unwritten.saturating_add(1);
        } else {
            self.written(entry);
        }
        if fact.kind == ContactKind::NoShow {
            return;
        }
        for goal in &fact.goal_ids {
            let last = self.goals_ms.entry(*goal).or_insert(i64::MIN);
            *last = entry.effective_ms().max(*last);
        }
    }

    fn written(&mut self, entry: &Effective) {
        let duty = &mut self.note_duty;
        let count = if recorded_late(&entry.occurred, entry.recorded_ms) {
            &mut duty.late
        } else {
            &mut duty.in_time
        };
        *count = count.saturating_add(1);
    }

    /// Writes its part of the row. `is_set` says which goals there are.
    pub(super) fn show(&self, row: &mut StatusRow, is_set: impl Fn(&GoalId) -> bool) {
        row.incidents = self.incidents;
        row.last_incident_on = self.last_incident_on;
        let education = self.education.iter().map(|(person_id, (turn, status))| EducationRow {
            person_id: *person_id,
            status: *status,
            from: turn.0,
        });
        row.education = education.collect();
        let employment = self.employment.iter().map(|(person_id, (turn, status))| EmploymentRow {
            person_id: *person_id,
            status: *status,
            from: turn.0,
        });
        row.employment = employment.collect();
        let worked_on: Vec<i64> =
            self.goals_ms.iter().filter(|it| is_set(it.0)).map(|it| *it.1).collect();
        row.goals_worked_on = u32::try_from(worked_on.len()).unwrap_or(u32::MAX);
        row.last_goal_contact_ms = worked_on.into_iter().max();
        row.note_duty = self.note_duty;
    }
}
