//! What becomes of an intervention on its way: AdjustIntervention, PauseIntervention,
//! ResumeIntervention, DeclineIntervention.

use jiff::civil::Date;

use super::intervention::{intervention, state};
use super::intervention_course::InterventionCourse;
use crate::command::assessing::{
    AdjustIntervention, DeclineIntervention, PauseIntervention, ResumeIntervention,
};
use crate::decide::Rules;
use crate::decide::scene::{Scene, text};
use crate::fact::Fact;
use crate::fact::assessing::{
    InterventionAdjusted, InterventionDeclined, InterventionPaused, InterventionResumed,
};
use crate::ids::{InterventionId, PersonId, StreamRef};
use crate::record::Record;
use crate::rejection::{Reason, Rejection};
use crate::views::status::InterventionState;

/// Whom a reason is about: the person that the intervention is for, or all present members.
fn about(scene: &Scene<'_>, id: InterventionId) -> Result<Vec<PersonId>, Rejection> {
    let ordered = intervention(scene, id)?.ordered.as_ref();
    let of: Vec<PersonId> = ordered.and_then(|it| it.person_id).into_iter().collect();
    scene.about(&[], &of, "reason")
}

/// A pause or its end lies within the course.
fn within(scene: &Scene<'_>, course: &InterventionCourse, on: Date) -> Result<(), Rejection> {
    let before = course.started_on().is_some_and(|from| on < from);
    let after = course.ended_on().is_some_and(|to| to < on);
    if before || after {
        return Err(Rejection::new(
            Reason::DateOrder,
            "not before the intervention started, not after it ended",
        )
        .at(scene.path("on")));
    }
    Ok(())
}

/// A pause or its end comes after the one before it.
fn after_last_rest(
    scene: &Scene<'_>,
    course: &InterventionCourse,
    on: Date,
) -> Result<(), Rejection> {
    if course.last_rest_on().is_some_and(|last| on < last) {
        return Err(Rejection::new(
            Reason::DateOrder,
            "the intervention was paused or resumed after that day",
        )
        .at(scene.path("on")));
    }
    Ok(())
}

impl Rules for AdjustIntervention {
    fn name(&self) -> &'static str {
        "adjust_intervention"
    }

    fn stream(&self) -> (StreamRef, &'static str) {
        (self.family_id.into(), "family_id")
    }

    fn build(&self, scene: &Scene<'_>) -> Result<Record, Rejection> {
        let about = about(scene, self.intervention_id)?;
        scene.goals(&self.goal_ids, "goal_ids")?;
        let reason = text("reason", &about, &self.reason);
        let fact = Fact::InterventionAdjusted(InterventionAdjusted {
            intervention_id: self.intervention_id,
            on: self.on.unwrap_or(scene.day()),
            planned: self.planned,
            goal_ids: self.goal_ids.clone(),
            about,
        });
        Ok(Record { fact, personal: vec![reason] })
    }

    fn values(&self, scene: &Scene<'_>) -> Result<(), Rejection> {
        scene.not_future(self.on.unwrap_or(scene.day()), "on")?;
        match self.planned {
            Some(planned) => scene.in_order(planned.start, planned.end, "planned.end"),
            None if self.goal_ids.is_empty() => {
                let rule = "another plan, other goals, or both";
                Err(Rejection::new(Reason::FieldInvalid, rule).at(scene.path("planned")))
            }
            None => Ok(()),
        }
    }

    fn rules(&self, scene: &Scene<'_>) -> Result<(), Rejection> {
        scene.in_case()?;
        scene.date_in_case(self.on.unwrap_or(scene.day()), "on")?;
        let course = intervention(scene, self.intervention_id)?;
        match course.state() {
            InterventionState::Ordered | InterventionState::Started | InterventionState::Paused => {
            }
            InterventionState::Ended | InterventionState::Declined => {
                return Err(state(scene, "the intervention has ended or was declined"));
            }
        }
        let same_plan = self.planned.is_none() || self.planned == course.planned();
        let same_goals = self.goal_ids.is_empty() || self.goal_ids == course.goal_ids();
        if same_plan && same_goals {
            return Err(Rejection::new(Reason::NoChange, "that is planned already")
                .at(scene.path("planned")));
        }
        Ok(())
    }

    fn texts(&self) -> Vec<(String, &str)> {
        vec![("reason".to_owned(), self.reason.0.as_str())]
    }
}

impl Rules for PauseIntervention {
    fn name(&self) -> &'static str {
        "pause_intervention"
    }

    fn stream(&self) -> (StreamRef, &'static str) {
        (self.family_id.into(), "family_id")
    }

    fn build(&self, scene: &Scene<'_>) -> Result<Record, Rejection> {
        let about = about(scene, self.intervention_id)?;
        let reason = text("reason", &about, &self.reason);
        let fact = Fact::InterventionPaused(InterventionPaused {
            intervention_id: self.intervention_id,
            on: self.on.unwrap_or(scene.day()),
            expected_until: self.expected_until,
            about,
        });
        Ok(Record { fact, personal: vec![reason] })
    }

    fn values(&self, scene: &Scene<'_>) -> Result<(), Rejection> {
        let on = self.on.unwrap_or(scene.day());
        scene.not_future(on, "on")?;
        if let Some(until) = self.expected_until {
            scene.in_order(on, until, "expected_until")?;
        }
        within(scene, intervention(scene, self.intervention_id)?, on)
    }

    fn rules(&self, scene: &Scene<'_>) -> Result<(), Rejection> {
        scene.in_case()?;
        let course = intervention(scene, self.intervention_id)?;
        match course.state() {
            InterventionState::Started => {}
            InterventionState::Ordered
            | InterventionState::Paused
            | InterventionState::Ended
            | InterventionState::Declined => {
                return Err(state(scene, "only what runs can be paused"));
            }
        }
        after_last_rest(scene, course, self.on.unwrap_or(scene.day()))
    }

    fn texts(&self) -> Vec<(String, &str)> {
        vec![("reason".to_owned(), self.reason.0.as_str())]
    }
}

impl Rules for ResumeIntervention {
    fn name(&self) -> &'static str {
        "resume_intervention"
    }

    fn stream(&self) -> (StreamRef, &'static str) {
        (self.family_id.into(), "family_id")
    }

    fn build(&self, scene: &Scene<'_>) -> Result<Record, Rejection> {
        intervention(scene, self.intervention_id)?;
        let fact = Fact::InterventionResumed(InterventionResumed {
            intervention_id: self.intervention_id,
            on: self.on.unwrap_or(scene.day()),
        });
        Ok(Record { fact, personal: Vec::new() })
    }

    fn values(&self, scene: &Scene<'_>) -> Result<(), Rejection> {
        let on = self.on.unwrap_or(scene.day());
        scene.not_future(on, "on")?;
        within(scene, intervention(scene, self.intervention_id)?, on)
    }

    fn rules(&self, scene: &Scene<'_>) -> Result<(), Rejection> {
        scene.in_case()?;
        let course = intervention(scene, self.intervention_id)?;
        match course.state() {
            InterventionState::Paused => {}
            InterventionState::Ordered
            | InterventionState::Started
            | InterventionState::Ended
            | InterventionState::Declined => {
                return Err(state(scene, "only what is paused can be resumed"));
            }
        }
        after_last_rest(scene, course, self.on.unwrap_or(scene.day()))
    }
}

impl Rules for DeclineIntervention {
    fn name(&self) -> &'static str {
        "decline_intervention"
    }

    fn stream(&self) -> (StreamRef, &'static str) {
        (self.family_id.into(), "family_id")
    }

    fn build(&self, scene: &Scene<'_>) -> Result<Record, Rejection> {
        intervention(scene, self.intervention_id)?;
        scene.all_known(&self.by, "by")?;
        let by = scene.subjects(self.by.clone(), "by")?;
        let reason = self.reason.as_ref().map(|it| text("reason", &by, it));
        let fact = Fact::InterventionDeclined(InterventionDeclined {
            intervention_id: self.intervention_id,
            by,
            on: self.on.unwrap_or(scene.day()),
        });
        Ok(Record { fact, personal: reason.into_iter().collect() })
    }

    fn values(&self, scene: &Scene<'_>) -> Result<(), Rejection> {
        if self.by.is_empty() {
            return Err(
                Rejection::new(Reason::FieldInvalid, "at least one person").at(scene.path("by"))
            );
        }
        scene.not_future(self.on.unwrap_or(scene.day()), "on")
    }

    fn rules(&self, scene: &Scene<'_>) -> Result<(), Rejection> {
        scene.in_case()?;
        scene.date_in_case(self.on.unwrap_or(scene.day()), "on")?;
        match intervention(scene, self.intervention_id)?.state() {
            InterventionState::Ordered => Ok(()),
            InterventionState::Started
            | InterventionState::Paused
            | InterventionState::Ended
            | InterventionState::Declined => {
                Err(state(scene, "only what has not started is declined; what runs is ended"))
            }
        }
    }

    fn texts(&self) -> Vec<(String, &str)> {
        self.reason.iter().map(|it| ("reason".to_owned(), it.0.as_str())).collect()
    }
}
