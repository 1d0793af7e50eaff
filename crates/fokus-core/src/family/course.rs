//! The course of a family's cases: when each was open, paused, about to be closed, closed; and what
//! waits for a second person. The one answer, for deciding and for showing.
//!
//! [`Casework`] keeps what was recorded, [`Course`] follows from it: what happened goes by its day, then
//! by revision, and what does not fit (a correction may leave a resumption without a pause) is passed
//! over. A case has the entries from its opening to the next opening. Who worked on it stands in
//! [`super::staffing`].

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::staffing::{Assigned, Assignment, Unassigned, assignments};
use crate::codes::{CaseOutcome, CaseState, WorkerRole};
use crate::effective::Effective;
use crate::fact::Fact;
use crate::ids::*;

/// What was recorded of the family's cases.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Casework {
    openings: Vec<Opening>,
    steps: Vec<Step>,
    pub(super) assigned: Vec<Assigned>,
    pub(super) unassigned: Vec<Unassigned>,
    /// Proposals to close the case, by revision.
    pub closures: BTreeMap<u64, Closure>,
    /// Proposals to open a youth's track before the family's plan, by revision.
    pub overrides: BTreeMap<u64, Override>,
    /// The hand-overs completed, by revision of the assignment: the day of it.
    pub handed_over: BTreeMap<u64, Date>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Opening {
    revision: u64,
    case_id: CaseId,
    programme_id: ProgrammeId,
    referral_id: ReferralId,
    on: Date,
    lead_worker_id: WorkerId,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Step {
    revision: u64,
    on: Date,
    what: What,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
enum What {
    Paused { expected_until: Date },
    Resumed,
    Closed { outcome: CaseOutcome },
    Reopened { lead_worker_id: WorkerId },
}

/// A proposal to close the case.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Closure {
    pub proposed: Proposed,
    pub outcome: CaseOutcome,
    /// The goals that it disposes of.
    pub goals: Vec<GoalId>,
    pub about: Vec<PersonId>,
}

/// A proposal to open a youth's track before the family's plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Override {
    pub proposed: Proposed,
    pub youth_id: PersonId,
}

/// What waits, or waited, for a second person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Proposed {
    /// The subject of who proposed it.
    pub by: String,
    pub on: Date,
    /// When, in Unix milliseconds.
    pub since_ms: i64,
    /// The latest by (effective time, revision).
    pub reply: Option<Reply>,
}

/// What a second person said.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reply {
    pub approved: bool,
    pub on: Date,
    order: (i64, u64),
}

impl Proposed {
    fn of(entry: &Effective) -> Self {
        Proposed {
            by: entry.actor.sub.clone(),
            on: entry.occurred.date(),
            since_ms: entry.effective_ms(),
            reply: None,
        }
    }

    fn take(&mut self, entry: &Effective, approved: bool) {
        let reply = Reply { approved, on: entry.occurred.date(), order: entry.order() };
        if self.reply.as_ref().is_none_or(|it| it.order < reply.order) {
            self.reply = Some(reply);
        }
    }

    /// The day of its approval, if that is the answer.
    pub fn approved_on(&self) -> Option<Date> {
        self.reply.as_ref().filter(|it| it.approved).map(|it| it.on)
    }

    /// Whether it was turned down.
    pub fn is_rejected(&self) -> bool {
        self.reply.as_ref().is_some_and(|it| !it.approved)
    }
}

/// A time from a day on, until and with the last day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Span {
    pub from: Date,
    pub to: Option<Date>,
}

impl Span {
    /// Whether the day lies in it.
    pub fn holds(&self, day: Date) -> bool {
        self.from <= day && self.to.is_none_or(|to| day <= to)
    }
}

/// A pause.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pause {
    pub span: Span,
    pub expected_until: Date,
}

/// A closing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Closing {
    /// The last day.
    pub on: Date,
    pub outcome: CaseOutcome,
    pub revision: u64,
}

/// One case from its opening on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Course {
    pub case_id: CaseId,
    pub programme_id: ProgrammeId,
    pub referral_id: ReferralId,
    pub opened_on: Date,
    /// Whom it was opened with.
    pub first_lead: WorkerId,
    /// Revision of the opening.
    pub opened: u64,
    /// Revision of the opening or of the reopening that it stands open by.
    pub since: u64,
    /// When it was open, in order.
    pub spans: Vec<Span>,
    pub pauses: Vec<Pause>,
    /// While it is closed.
    pub closed: Option<Closing>,
    /// Who worked on it, by first day, then revision.
    pub assignments: Vec<Assignment>,
}

impl Casework {
    /// Folds one entry in; whether it bears on cases. Total.
    pub fn absorb(&mut self, entry: &Effective) -> bool {
        let revision = entry.revision;
        let mut step = |on, what| self.steps.push(Step { revision, on, what });
        if let Fact::CaseOpened(it) = &entry.fact {
            self.openings.push(Opening {
                revision,
                case_id: it.case_id,
                programme_id: it.programme_id,
                referral_id: it.referral_id,
                on: it.opened_on,
                lead_worker_id: it.lead_worker_id,
            });
        } else if let Fact::CasePaused(it) = &entry.fact {
            step(it.from, What::Paused { expected_until: it.expected_until });
        } else if let Fact::CaseResumed(it) = &entry.fact {
            step(it.on, What::Resumed);
        } else if let Fact::CaseClosed(it) = &entry.fact {
            step(it.closed_on, What::Closed { outcome: it.outcome });
        } else if let Fact::CaseReopened(it) = &entry.fact {
            step(it.reopened_on, What::Reopened { lead_worker_id: it.lead_worker_id });
        } else {
            return self.absorb_proposal(entry) || self.absorb_staffing(entry);
        }
        true
    }

    fn absorb_proposal(&mut self, entry: &Effective) -> bool {
        let proposed = Proposed::of(entry);
        if let Fact::ClosureProposed(it) = &entry.fact {
            let closure = Closure {
                proposed,
                outcome: it.outcome,
                goals: it.goals.iter().map(|it| it.goal_id).collect(),
                about: it.about.clone(),
            };
            self.closures.insert(entry.revision, closure);
        } else if let Fact::ClosureApproved(it) = &entry.fact {
            reply(self.closures.get_mut(&it.proposal).map(|it| &mut it.proposed), entry, true);
        } else if let Fact::ClosureRejected(it) = &entry.fact {
            reply(self.closures.get_mut(&it.proposal).map(|it| &mut it.proposed), entry, false);
        } else if let Fact::AcuteOverrideProposed(it) = &entry.fact {
            self.overrides.insert(entry.revision, Override { proposed, youth_id: it.youth_id });
        } else if let Fact::AcuteOverrideApproved(it) = &entry.fact {
            reply(self.overrides.get_mut(&it.proposal).map(|it| &mut it.proposed), entry, true);
        } else if let Fact::AcuteOverrideRejected(it) = &entry.fact {
            reply(self.overrides.get_mut(&it.proposal).map(|it| &mut it.proposed), entry, false);
        } else {
            return false;
        }
        true
    }

    fn absorb_staffing(&mut self, entry: &Effective) -> bool {
        if let Fact::WorkerAssigned(it) = &entry.fact {
            self.assigned.push(Assigned {
                revision: entry.revision,
                worker_id: it.worker_id,
                role: it.role,
                from: it.valid_from,
                to: it.valid_to,
                replaces_lead: it.replaces_lead,
            });
        } else if let Fact::WorkerUnassigned(it) = &entry.fact {
            self.unassigned.push(Unassigned {
                revision: entry.revision,
                worker_id: it.worker_id,
                role: it.role,
                to: it.valid_to,
            });
        } else if let Fact::HandoverCompleted(it) = &entry.fact {
            let day = entry.occurred.date();
            let known = self.handed_over.entry(it.assignment).or_insert(day);
            *known = day.min(*known);
        } else {
            return false;
        }
        true
    }

    /// The cases, in order of opening.
    pub fn courses(&self) -> Vec<Course> {
        let next = self.openings.iter().skip(1).map(|it| it.revision).chain([u64::MAX]);
        self.openings.iter().zip(next).map(|(it, next)| self.course(it, next)).collect()
    }

    fn course(&self, opening: &Opening, next: u64) -> Course {
        let own = |revision: u64| opening.revision < revision && revision < next;
        let mut steps: Vec<&Step> = self.steps.iter().filter(|it| own(it.revision)).collect();
        steps.sort_by_key(|it| (it.on, it.revision));
        let mut course = Course {
            case_id: opening.case_id,
            programme_id: opening.programme_id,
            referral_id: opening.referral_id,
            opened_on: opening.on,
            first_lead: opening.lead_worker_id,
            opened: opening.revision,
            since: opening.revision,
            spans: vec![Span { from: opening.on, to: None }],
            pauses: Vec::new(),
            closed: None,
            assignments: Vec::new(),
        };
        let lead = |revision, worker_id, from| Assigned {
            revision,
            worker_id,
            role: WorkerRole::Lead,
            from,
            to: None,
            replaces_lead: false,
        };
        let mut begun = vec![lead(opening.revision, opening.lead_worker_id, opening.on)];
        begun.extend(self.assigned.iter().filter(|it| own(it.revision)).cloned());
        let mut closings = Vec::new();
        for step in steps {
            if !course.take(step) {
                continue;
            }
            closings.extend(course.closed);
            if let What::Reopened { lead_worker_id } = step.what {
                begun.push(lead(step.revision, lead_worker_id, step.on));
            }
        }
        let left: Vec<&Unassigned> = self.unassigned.iter().filter(|it| own(it.revision)).collect();
        course.assignments = assignments(begun, left, &closings);
        course
    }

    /// Where the case stands.
    pub fn state_of(&self, course: &Course) -> CaseState {
        if course.closed.is_some() {
            CaseState::Closed
        } else if course.running_pause().is_some() {
            CaseState::Paused
        } else {
            match self.live_closure(course) {
                Some((_, it)) if it.proposed.approved_on().is_some() => CaseState::ClosureApproved,
                Some(_) => CaseState::ClosureProposed,
                None => CaseState::Open,
            }
        }
    }

    /// The proposal to close the case as it stands open now, unless it was turned down: the newest.
    pub fn live_closure(&self, course: &Course) -> Option<(u64, &Closure)> {
        let made = self.closures.range(course.since..).next_back();
        made.filter(|(_, it)| course.closed.is_none() && !it.proposed.is_rejected())
            .map(|(revision, it)| (*revision, it))
    }

    /// Whether an override for the youth's track, approved by then, holds on `day`: one of the newest
    /// case since it was last opened, or one of a time that has ended, on the days of that time. What
    /// happened then may be corrected later.
    pub fn is_overridden(&self, courses: &[Course], youth: PersonId, day: Date) -> bool {
        let nexts = courses.iter().skip(1).map(|it| Some(it.opened)).chain([None]);
        courses.iter().zip(nexts).any(|(course, next)| {
            let made = self.overrides.range(course.opened..next.unwrap_or(u64::MAX));
            made.filter(|(_, it)| it.youth_id == youth).any(|(revision, it)| {
                let Some(approved) = it.proposed.approved_on().filter(|it| *it <= day) else {
                    return false;
                };
                let ended = |it: &&Span| it.to.is_some() && it.holds(approved);
                let is_live = next.is_none() && *revision >= course.since;
                is_live || course.spans.iter().filter(ended).any(|it| it.holds(day))
            })
        })
    }

    /// The overrides of the case that were not turned down.
    pub fn live_overrides(&self, course: &Course) -> impl Iterator<Item = (u64, &Override)> {
        let made = self.overrides.range(course.since..);
        made.filter(|(_, it)| !it.proposed.is_rejected()).map(|(revision, it)| (*revision, it))
    }
}

fn reply(proposed: Option<&mut Proposed>, entry: &Effective, approved: bool) {
    if let Some(it) = proposed {
        it.take(entry, approved);
    }
}

impl Course {
    /// Whether the case is open on that day.
    pub fn is_open_on(&self, day: Date) -> bool {
        self.spans.iter().any(|it| it.holds(day))
    }

    /// The pause that has not ended.
    pub fn running_pause(&self) -> Option<&Pause> {
        self.pauses.last().filter(|it| it.span.to.is_none())
    }

    /// The days that it has been open, until `today`; calendar days, pauses not taken off.
    pub fn days_open(spans: &[Span], today: Date) -> i32 {
        let days = |it: &Span| {
            let to = it.to.unwrap_or(today).min(today);
            it.from.until(to).map_or(0, |it| it.get_days().max(0))
        };
        spans.iter().map(days).sum()
    }

    /// Goes one step; whether it fits.
    fn take(&mut self, step: &Step) -> bool {
        match step.what {
            What::Paused { expected_until } => {
                if self.closed.is_some() || self.running_pause().is_some() {
                    return false;
                }
                let span = Span { from: step.on, to: None };
                self.pauses.push(Pause { span, expected_until });
            }
            What::Resumed => {
                if self.running_pause().is_none() {
                    return false;
                }
                self.end_pause(step.on.yesterday().unwrap_or(step.on));
            }
            What::Closed { outcome } => {
                if self.closed.is_some() {
                    return false;
                }
                self.end_pause(step.on);
                if let Some(span) = self.spans.last_mut() {
                    span.to = Some(step.on.max(span.from));
                }
                self.closed = Some(Closing { on: step.on, outcome, revision: step.revision });
            }
            What::Reopened { .. } => {
                if self.closed.is_none() {
                    return false;
                }
                self.closed = None;
                self.since = step.revision;
                self.spans.push(Span { from: step.on, to: None });
            }
        }
        true
    }

    /// Ends the running pause with its last day; one that would have no day is none.
    fn end_pause(&mut self, to: Date) {
        match self.pauses.last_mut() {
            Some(it) if it.span.to.is_none() && it.span.from <= to => it.span.to = Some(to),
            Some(it) if it.span.to.is_none() => drop(self.pauses.pop()),
            Some(_) | None => {}
        }
    }
}
