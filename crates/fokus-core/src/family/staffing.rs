//! Who works on a case, in which role, from when to when: which leave ends which assignment, who takes
//! over from whom. The one answer, for deciding and for showing.
//!
//! An assignment ends with its last day: its own, the one said when the worker was taken off, the day
//! before a new lead that replaces it, or the last day of the case.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::course::{Casework, Closing, Course};
use crate::codes::WorkerRole;
use crate::ids::WorkerId;
use crate::period::Period;

/// A worker came on the case.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Assigned {
    pub(super) revision: u64,
    pub(super) worker_id: WorkerId,
    pub(super) role: WorkerRole,
    pub(super) from: Date,
    pub(super) to: Option<Date>,
    pub(super) replaces_lead: bool,
}

/// A worker was taken off the case.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Unassigned {
    pub(super) revision: u64,
    pub(super) worker_id: WorkerId,
    pub(super) role: WorkerRole,
    pub(super) to: Date,
}

/// A worker on the case, from a day on, until and with the last day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Assignment {
    pub worker_id: WorkerId,
    pub role: WorkerRole,
    pub from: Date,
    pub to: Option<Date>,
    /// Of the entry that began it.
    pub revision: u64,
}

/// A change of lead.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Handover {
    /// Revision of the assignment that made the new lead.
    pub assignment: u64,
    pub from_worker_id: WorkerId,
    pub to_worker_id: WorkerId,
    /// The new lead's first day.
    pub since: Date,
    /// When the new lead had read what there was.
    pub completed_on: Option<Date>,
}

impl Handover {
    /// The last revision before the assignment: what must have been read.
    pub fn must_have_read(&self) -> u64 {
        self.assignment.saturating_sub(1)
    }
}

impl Assignment {
    /// Whether the two share a day; `None` as an end is never.
    pub fn overlaps(&self, from: Date, to: Option<Date>) -> bool {
        Period { from: self.from, to: self.to }.overlaps(from, to)
    }

    /// Whether the worker has the role on that day.
    pub fn stands_on(&self, day: Date) -> bool {
        self.overlaps(day, Some(day))
    }

    fn end(&mut self, to: Date) {
        self.to = Some(self.to.map_or(to, |it| it.min(to)));
    }
}

/// The assignments, by first day, then revision. By day, then revision: each leave ends the worker's
/// newest assignment in that role that stands then; one that finds none ends none.
pub(super) fn assignments(
    mut begun: Vec<Assigned>,
    mut left: Vec<&Unassigned>,
    closings: &[Closing],
) -> Vec<Assignment> {
    begun.sort_by_key(|it| (it.from, it.revision));
    let assignment = |it: &Assigned| Assignment {
        worker_id: it.worker_id,
        role: it.role,
        from: it.from,
        to: it.to,
        revision: it.revision,
    };
    let mut all: Vec<Assignment> = begun.iter().map(assignment).collect();
    for new in begun.iter().filter(|it| it.replaces_lead) {
        let Ok(last) = new.from.yesterday() else { continue };
        let before = |it: &&mut Assignment| {
            it.role == WorkerRole::Lead && it.revision != new.revision && it.from <= last
        };
        all.iter_mut().filter(before).for_each(|it| it.end(last));
    }
    left.sort_by_key(|it| (it.to, it.revision));
    for leave in left {
        let whose = |it: &&mut Assignment| {
            it.worker_id == leave.worker_id && it.role == leave.role && it.stands_on(leave.to)
        };
        if let Some(it) = all.iter_mut().rev().find(whose) {
            it.end(leave.to);
        }
    }
    for closing in closings {
        let until_then = |it: &Assignment| it.revision < closing.revision;
        all.retain(|it| !until_then(it) || it.from <= closing.on);
        all.iter_mut().filter(|it| until_then(it)).for_each(|it| it.end(closing.on));
    }
    all
}

impl Course {
    /// The lead: of the assignments as LEAD the one that ends last, then begins last.
    pub fn lead(&self) -> Option<&Assignment> {
        self.leads().max_by_key(|it| (it.to.is_none(), it.to, it.from, it.revision))
    }

    /// The assignments as LEAD, in order.
    pub fn leads(&self) -> impl Iterator<Item = &Assignment> {
        self.assignments.iter().filter(|it| it.role == WorkerRole::Lead)
    }

    /// Whether there is a lead on every day from `day` on, without those that `gone` says.
    pub(super) fn is_led_from_without(
        &self,
        day: Date,
        gone: &dyn Fn(&Assignment) -> bool,
    ) -> bool {
        let mut open_from = day;
        // In order of their first days.
        for lead in self.leads().filter(|it| !gone(it)) {
            if lead.from > open_from {
                return false;
            }
            match lead.to.map(|it| it.tomorrow()) {
                None | Some(Err(_)) => return true,
                Some(Ok(next)) => open_from = open_from.max(next),
            }
        }
        false
    }
}

impl Casework {
    /// The changes of lead of a case, in order.
    pub fn handovers(&self, course: &Course) -> Vec<Handover> {
        let mut before: Option<WorkerId> = None;
        let mut changes = Vec::new();
        for lead in course.leads() {
            if let Some(from_worker_id) = before.filter(|it| *it != lead.worker_id) {
                changes.push(Handover {
                    assignment: lead.revision,
                    from_worker_id,
                    to_worker_id: lead.worker_id,
                    since: lead.from,
                    completed_on: self.handed_over.get(&lead.revision).copied(),
                });
            }
            before = Some(lead.worker_id);
        }
        changes
    }

    /// The change that made the present lead, if the lead has not read yet.
    pub fn unread_handover(&self, course: &Course) -> Option<Handover> {
        let lead = course.lead().filter(|_| course.closed.is_none())?.revision;
        let mut changes = self.handovers(course).into_iter();
        changes.find(|it| it.assignment == lead && it.completed_on.is_none())
    }
}
