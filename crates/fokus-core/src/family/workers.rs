//! Who works on the case, and rests: AssignWorker, UnassignWorker, CompleteHandover, PauseCase,
//! ResumeCase.
//!
//! A case is never without a lead: the lead is replaced by another in one command (`replaces_lead`), and
//! taken off only where somebody else leads from the next day on.

use jiff::ToSpan;
use jiff::civil::Date;

use super::course::Course;
use super::staffing::{Assignment, Handover};
use crate::codes::{CaseState, WorkerRole};
use crate::command::{AssignWorker, CompleteHandover, PauseCase, ResumeCase, UnassignWorker};
use crate::decide::Rules;
use crate::decide::scene::{Scene, text};
use crate::fact::{
    CasePaused, CaseResumed, Fact, HandoverCompleted, WorkerAssigned, WorkerUnassigned,
};
use crate::ids::StreamRef;
use crate::period::Period;
use crate::record::Record;
use crate::rejection::{Reason, Rejection};
use crate::worker::{may_take_part, must_be_active};

/// How long a pause lasts at most, in days (domain 1.6, D12).
const PAUSE_DAYS_MAX: i32 = 90;

fn no_lead(scene: &Scene<'_>, field: &str) -> Rejection {
    let rule = "nobody would lead the case from the next day on";
    Rejection::new(Reason::NoLead, rule).at(scene.path(field))
}

impl AssignWorker {
    /// What a new lead meets: nobody else leads then, unless replaced; and somebody leads afterwards.
    fn leads_alone(&self, scene: &Scene<'_>, course: &Course) -> Result<(), Rejection> {
        let then = |it: &&Assignment| it.overlaps(self.valid_from, self.valid_to);
        let replaced = |it: &Assignment| self.replaces_lead && it.from < self.valid_from;
        if self.replaces_lead && course.leads().any(|it| it.from == self.valid_from) {
            let rule = "the present lead begins on that day: correct that assignment";
            return Err(Rejection::new(Reason::DateOrder, rule).at(scene.path("valid_from")));
        }
        if course.leads().filter(then).any(|it| !replaced(it)) {
            return Err(Rejection::new(Reason::TwoLeads, "the case has a lead in that period")
                .at(scene.path("role")));
        }
        match self.valid_to.map(|it| it.tomorrow()) {
            Some(Ok(next)) if !course.is_led_from_without(next, &replaced) => {
                Err(no_lead(scene, "valid_to"))
            }
            Some(_) | None => Ok(()),
        }
    }
}

impl Rules for AssignWorker {
    fn name(&self) -> &'static str {
        "assign_worker"
    }

    fn stream(&self) -> (StreamRef, &'static str) {
        (self.family_id.into(), "family_id")
    }

    fn reads(&self) -> Vec<StreamRef> {
        vec![self.worker_id.into()]
    }

    fn build(&self, scene: &Scene<'_>) -> Result<Record, Rejection> {
        scene.must_exist(self.worker_id.into(), "worker_id")?;
        let about = match &self.handover_note {
            Some(_) => scene.about(&self.about, &[], "about")?,
            None => {
                scene.all_known(&self.about, "about")?;
                Vec::new()
            }
        };
        let note = self.handover_note.as_ref().map(|it| text("handover_note", &about, it));
        let fact = Fact::WorkerAssigned(WorkerAssigned {
            worker_id: self.worker_id,
            role: self.role,
            valid_from: self.valid_from,
            valid_to: self.valid_to,
            replaces_lead: self.replaces_lead,
            about,
        });
        Ok(Record { fact, personal: note.into_iter().collect() })
    }

    fn values(&self, scene: &Scene<'_>) -> Result<(), Rejection> {
        if let Some(to) = self.valid_to {
            scene.in_order(self.valid_from, to, "valid_to")?;
        }
        if self.replaces_lead && self.role != WorkerRole::Lead {
            let rule = "only a new LEAD takes the lead's place";
            return Err(Rejection::new(Reason::FieldInvalid, rule).at(scene.path("replaces_lead")));
        }
        must_be_active(scene, self.worker_id, self.valid_from, "worker_id")
    }

    fn rules(&self, scene: &Scene<'_>) -> Result<(), Rejection> {
        scene.open_case()?;
        scene.date_in_case(self.valid_from, "valid_from")?;
        let period = Period { from: self.valid_from, to: self.valid_to };
        let role = (self.role, "role");
        may_take_part(scene, self.worker_id, role, self.family_id, period, "worker_id")?;
        let Some(course) = scene.family.course() else { return Ok(()) };
        let then = |it: &&Assignment| it.overlaps(self.valid_from, self.valid_to);
        let same = |it: &Assignment| it.worker_id == self.worker_id && it.role == self.role;
        if course.assignments.iter().filter(then).any(same) {
            let rule = "the worker has that role in that period already";
            return Err(Rejection::new(Reason::NoChange, rule).at(scene.path("worker_id")));
        }
        if self.role == WorkerRole::Lead { self.leads_alone(scene, course) } else { Ok(()) }
    }

    fn texts(&self) -> Vec<(String, &str)> {
        self.handover_note.iter().map(|it| ("handover_note".to_owned(), it.0.as_str())).collect()
    }
}

impl UnassignWorker {
    fn last_day(&self, scene: &Scene<'_>) -> Date {
        self.valid_to.unwrap_or(scene.day())
    }

    /// The role named, or the one that the worker has on the last day.
    fn role(&self, scene: &Scene<'_>) -> Result<WorkerRole, Rejection> {
        let day = self.last_day(scene);
        let theirs = |it: &&Assignment| it.worker_id == self.worker_id && it.stands_on(day);
        let mut roles = scene.family.workers().iter().filter(theirs).map(|it| it.role);
        match (self.role, roles.next(), roles.next()) {
            (Some(role), _, _) | (None, Some(role), None) => Ok(role),
            (None, Some(_), Some(_)) => Err(Rejection::new(
                Reason::FieldInvalid,
                "the worker has several roles then: name the one that ends",
            )
            .at(scene.path("role"))),
            (None, None, _) => Err(self.has_none(scene)),
        }
    }

    fn has_none(&self, scene: &Scene<'_>) -> Rejection {
        let rule = "the worker has no such role then, or it ends by that day already";
        Rejection::new(Reason::NoChange, rule).at(scene.path("worker_id"))
    }
}

impl Rules for UnassignWorker {
    fn name(&self) -> &'static str {
        "unassign_worker"
    }

    fn stream(&self) -> (StreamRef, &'static str) {
        (self.family_id.into(), "family_id")
    }

    fn build(&self, scene: &Scene<'_>) -> Result<Record, Rejection> {
        if self.role.is_none() {
            scene.open_case()?;
        }
        let fact = Fact::WorkerUnassigned(WorkerUnassigned {
            worker_id: self.worker_id,
            role: self.role(scene)?,
            valid_to: self.last_day(scene),
        });
        Ok(Record { fact, personal: Vec::new() })
    }

    fn rules(&self, scene: &Scene<'_>) -> Result<(), Rejection> {
        scene.open_case()?;
        let (role, last_day) = (self.role(scene)?, self.last_day(scene));
        scene.date_in_case(last_day, "valid_to")?;
        let Some(course) = scene.family.course() else { return Ok(()) };
        let ends = |it: &&Assignment| {
            it.worker_id == self.worker_id
                && it.role == role
                && it.stands_on(last_day)
                && it.to != Some(last_day)
        };
        let Some(ended) = course.assignments.iter().rev().find(ends) else {
            return Err(self.has_none(scene));
        };
        let is_it = |it: &Assignment| it.revision == ended.revision;
        match last_day.tomorrow() {
            Ok(next) if role == WorkerRole::Lead && !course.is_led_from_without(next, &is_it) => {
                Err(no_lead(scene, "worker_id"))
            }
            Ok(_) | Err(_) => Ok(()),
        }
    }
}

impl CompleteHandover {
    /// The change of lead that it completes.
    fn handover(&self, scene: &Scene<'_>) -> Result<Handover, Rejection> {
        let (casework, none) = (&scene.family.casework, || {
            let rule = "the lead has not changed";
            Rejection::new(Reason::NoChange, rule).at(scene.path("assignment"))
        });
        let course = scene.family.course().ok_or_else(none)?;
        let wanted = match self.assignment {
            Some(entry) => scene.entry(entry, "assignment")?,
            None => course.lead().ok_or_else(none)?.revision,
        };
        let changes = scene.family.courses.iter().flat_map(|it| casework.handovers(it));
        changes.into_iter().find(|it| it.assignment == wanted).ok_or_else(none)
    }
}

impl Rules for CompleteHandover {
    fn name(&self) -> &'static str {
        "complete_handover"
    }

    fn stream(&self) -> (StreamRef, &'static str) {
        (self.family_id.into(), "family_id")
    }

    fn build(&self, scene: &Scene<'_>) -> Result<Record, Rejection> {
        if self.assignment.is_none() {
            scene.open_case()?;
        }
        let handover = self.handover(scene)?;
        if !scene.history.iter().any(|it| it.revision == self.read_up_to) {
            return Err(scene.unknown("read_up_to"));
        }
        let fact = Fact::HandoverCompleted(HandoverCompleted {
            assignment: handover.assignment,
            from_worker_id: handover.from_worker_id,
            to_worker_id: handover.to_worker_id,
            read_up_to: self.read_up_to,
            family_told_on: self.family_told_on,
        });
        Ok(Record { fact, personal: Vec::new() })
    }

    fn values(&self, scene: &Scene<'_>) -> Result<(), Rejection> {
        scene.not_future(self.family_told_on, "family_told_on")?;
        let must_have_read = self.handover(scene)?.must_have_read();
        if self.read_up_to < must_have_read {
            let rule = "the new lead reads up to the last entry before the change";
            return Err(Rejection::new(Reason::NotRead, rule)
                .at(scene.path("read_up_to"))
                .with("expected", must_have_read.to_string()));
        }
        Ok(())
    }

    fn rules(&self, scene: &Scene<'_>) -> Result<(), Rejection> {
        scene.in_case()?;
        if self.handover(scene)?.completed_on.is_some() {
            let rule = "the hand-over is completed";
            return Err(Rejection::new(Reason::NoChange, rule).at(scene.path("assignment")));
        }
        Ok(())
    }
}

impl PauseCase {
    fn first_day(&self, scene: &Scene<'_>) -> Date {
        self.paused_from.unwrap_or(scene.day())
    }
}

impl Rules for PauseCase {
    fn name(&self) -> &'static str {
        "pause_case"
    }

    fn stream(&self) -> (StreamRef, &'static str) {
        (self.family_id.into(), "family_id")
    }

    fn build(&self, scene: &Scene<'_>) -> Result<Record, Rejection> {
        let about = scene.about(&self.about, &[], "about")?;
        let reason = text("reason", &about, &self.reason);
        let fact = Fact::CasePaused(CasePaused {
            from: self.first_day(scene),
            expected_until: self.expected_until,
            about,
        });
        Ok(Record { fact, personal: vec![reason] })
    }

    fn values(&self, scene: &Scene<'_>) -> Result<(), Rejection> {
        let from = self.first_day(scene);
        scene.not_future(from, "paused_from")?;
        scene.in_order(from, self.expected_until, "expected_until")?;
        if self.expected_until > from.saturating_add(PAUSE_DAYS_MAX.days()) {
            let rule = format!("a pause lasts at most {PAUSE_DAYS_MAX} days");
            let field = scene.path("expected_until");
            return Err(Rejection::new(Reason::PauseTooLong, rule).at(field));
        }
        Ok(())
    }

    fn rules(&self, scene: &Scene<'_>) -> Result<(), Rejection> {
        scene.in_case()?;
        scene.date_in_case(self.first_day(scene), "paused_from")?;
        if scene.family.case_state() != CaseState::Open {
            let rule = "the case is paused, or about to be closed";
            return Err(Rejection::new(Reason::CaseState, rule));
        }
        let last = scene.family.course().and_then(|it| it.pauses.last());
        if last.and_then(|it| it.span.to).is_some_and(|to| self.first_day(scene) <= to) {
            let rule = "the case was paused then already";
            return Err(Rejection::new(Reason::DateOrder, rule).at(scene.path("paused_from")));
        }
        Ok(())
    }

    fn texts(&self) -> Vec<(String, &str)> {
        vec![("reason".to_owned(), self.reason.0.as_str())]
    }
}

impl Rules for ResumeCase {
    fn name(&self) -> &'static str {
        "resume_case"
    }

    fn stream(&self) -> (StreamRef, &'static str) {
        (self.family_id.into(), "family_id")
    }

    fn build(&self, scene: &Scene<'_>) -> Result<Record, Rejection> {
        let fact = Fact::CaseResumed(CaseResumed { on: self.on.unwrap_or(scene.day()) });
        Ok(Record { fact, personal: Vec::new() })
    }

    fn values(&self, scene: &Scene<'_>) -> Result<(), Rejection> {
        scene.not_future(self.on.unwrap_or(scene.day()), "on")
    }

    fn rules(&self, scene: &Scene<'_>) -> Result<(), Rejection> {
        scene.in_case()?;
        match scene.family.course().and_then(Course::running_pause) {
            Some(it) => scene.in_order(it.span.from, self.on.unwrap_or(scene.day()), "on"),
            None => Err(Rejection::new(Reason::CaseState, "the case is not paused")),
        }
    }
}
