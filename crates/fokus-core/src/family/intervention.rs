//! Interventions: OrderIntervention, StartIntervention, HoldSession, EndIntervention.

use super::case::family_first;
use super::intervention_course::InterventionCourse;
use super::membership::births;
use crate::codes::InterventionType;
use crate::command::{EndIntervention, HoldSession, OrderIntervention, StartIntervention};
use crate::decide::Rules;
use crate::decide::scene::{Scene, personal, text};
use crate::fact::{Fact, InterventionEnded, InterventionOrdered, InterventionStarted, SessionHeld};
use crate::ids::{EventId, InterventionId, PersonId, StreamRef};
use crate::person::{must_live, must_live_then};
use crate::programme::{must_be_in_force, must_be_published};
use crate::record::Record;
use crate::rejection::{Reason, Rejection};
use crate::views::status::InterventionState;
use crate::world::World;

impl Rules for OrderIntervention {
    fn name(&self) -> &'static str {
        "order_intervention"
    }

    fn stream(&self) -> (StreamRef, &'static str) {
        (self.family_id.into(), "family_id")
    }

    fn makes(&self) -> Option<(uuid::Uuid, &'static str)> {
        Some((self.intervention_id.0, "intervention_id"))
    }

    fn reads(&self) -> Vec<StreamRef> {
        self.person_id.map(StreamRef::from).into_iter().collect()
    }

    /// The case's programme says which versions of methods there are.
    fn reads_more(&self, world: &World) -> Vec<StreamRef> {
        let family =
            world.families.get(&self.family_id.0).filter(|_| self.method_version.is_some());
        let case = family.and_then(|it| it.state.case.as_ref());
        case.map(|it| it.programme_id.into()).into_iter().collect()
    }

    fn build(&self, scene: &Scene<'_>) -> Result<Record, Rejection> {
        if let Some(person) = self.person_id {
            scene.member(person, "person_id")?;
        }
        scene.goals(&self.goal_ids, "goal_ids")?;
        if let (Some(case), Some(method)) = (&scene.family.case, &self.method_version) {
            must_be_published(scene, case.programme_id, method)?;
        }
        let about = match &self.provider {
            Some(_) => {
                let of: Vec<PersonId> = self.person_id.into_iter().collect();
                scene.about(&self.about, &of, "about")?
            }
            None => Vec::new(),
        };
        let provider = self.provider.as_ref().map(|it| personal("provider", &about, it));
        let fact = Fact::InterventionOrdered(InterventionOrdered {
            intervention_id: self.intervention_id,
            intervention_type: self.intervention_type,
            person_id: self.person_id,
            goal_ids: self.goal_ids.clone(),
            method_version: self.method_version.clone(),
            planned: self.planned,
            cost_estimate_ore: self.cost_estimate_ore,
            about,
        });
        Ok(Record { fact, personal: provider.into_iter().collect() })
    }

    fn values(&self, scene: &Scene<'_>) -> Result<(), Rejection> {
        if self.goal_ids.is_empty() {
            return Err(Rejection::new(Reason::NoGoal, "an intervention serves a goal")
                .at(scene.path("goal_ids")));
        }
        scene.in_order(self.planned.start, self.planned.end, "planned.end")?;
        match self.person_id {
            Some(person) => must_live(scene, person, scene.first_day(), "person_id"),
            None => Ok(()),
        }
    }

    fn rules(&self, scene: &Scene<'_>) -> Result<(), Rejection> {
        let case = scene.in_case()?;
        self.family_first(scene)?;
        match &self.method_version {
            Some(method) => must_be_in_force(scene, case.programme_id, method, self.planned.start),
            None => Ok(()),
        }
    }

    fn family_first(&self, scene: &Scene<'_>) -> Result<(), Rejection> {
        if is_for_youth_only(self.intervention_type) && !scene.family.has_track(self.person_id) {
            family_first(scene, "type")?;
            return Err(Rejection::new(
                Reason::FamilyFirst,
                "this intervention is for youth: first the youth's track is opened",
            )
            .at(scene.path("type")));
        }
        Ok(())
    }

    fn texts(&self) -> Vec<(String, &str)> {
        self.provider.iter().map(|it| ("provider".to_owned(), it.as_str())).collect()
    }
}

impl Rules for StartIntervention {
    fn name(&self) -> &'static str {
        "start_intervention"
    }

    fn stream(&self) -> (StreamRef, &'static str) {
        (self.family_id.into(), "family_id")
    }

    fn build(&self, scene: &Scene<'_>) -> Result<Record, Rejection> {
        intervention(scene, self.intervention_id)?;
        let fact = Fact::InterventionStarted(InterventionStarted {
            intervention_id: self.intervention_id,
            on: self.on,
        });
        Ok(Record { fact, personal: Vec::new() })
    }

    fn values(&self, scene: &Scene<'_>) -> Result<(), Rejection> {
        scene.not_future(self.on, "on")?;
        match intervention(scene, self.intervention_id)?.ended_on() {
            Some(ended_on) if ended_on < self.on => {
                Err(Rejection::new(Reason::DateOrder, "the intervention ended before")
                    .at(scene.path("on")))
            }
            Some(_) | None => Ok(()),
        }
    }

    fn rules(&self, scene: &Scene<'_>) -> Result<(), Rejection> {
        scene.in_case()?;
        scene.date_in_case(self.on, "on")?;
        match intervention(scene, self.intervention_id)?.state() {
            InterventionState::Ordered => Ok(()),
            InterventionState::Started | InterventionState::Paused => {
                Err(state(scene, "the intervention was started"))
            }
            InterventionState::Ended => Err(state(scene, "the intervention has ended")),
            InterventionState::Declined => Err(state(scene, "the intervention was declined")),
        }
    }
}

impl Rules for HoldSession {
    fn name(&self) -> &'static str {
        "hold_session"
    }

    fn stream(&self) -> (StreamRef, &'static str) {
        (self.family_id.into(), "family_id")
    }

    fn reads(&self) -> Vec<StreamRef> {
        self.attendance.iter().map(|it| it.person_id.into()).collect()
    }

    fn opens(&self, world: &World) -> Vec<EventId> {
        births(world, self.attendance.iter().map(|it| it.person_id))
    }

    fn build(&self, scene: &Scene<'_>) -> Result<Record, Rejection> {
        intervention(scene, self.intervention_id)?;
        for (index, it) in self.attendance.iter().enumerate() {
            scene.known(it.person_id, &format!("attendance[{index}].person_id"))?;
        }
        let attended = self.attendance.iter().map(|it| it.person_id).collect();
        let about = scene.subjects(attended, "attendance")?;
        let fact = Fact::SessionHeld(SessionHeld {
            intervention_id: self.intervention_id,
            on: self.on,
            minutes: self.minutes,
            attendance: self.attendance.clone(),
            fidelity_percent: self.fidelity_percent,
        });
        let note = self.note.as_ref().map(|it| text("note", &about, it));
        Ok(Record { fact, personal: note.into_iter().collect() })
    }

    fn values(&self, scene: &Scene<'_>) -> Result<(), Rejection> {
        if self.attendance.is_empty() {
            return Err(Rejection::new(Reason::FieldInvalid, "at least one person")
                .at(scene.path("attendance")));
        }
        scene.not_future(self.on, "on")?;
        for (index, it) in self.attendance.iter().enumerate() {
            let field = format!("attendance[{index}].person_id");
            must_live_then(scene, it.person_id, (self.on, self.on), &field)?;
        }
        Ok(())
    }

    fn rules(&self, scene: &Scene<'_>) -> Result<(), Rejection> {
        scene.was_in_case(self.on, "on")?;
        if intervention(scene, self.intervention_id)?.runs_on(self.on) {
            return Ok(());
        }
        Err(Rejection::new(Reason::NotRunning, "the intervention does not run on that day")
            .at(scene.path("on")))
    }

    fn texts(&self) -> Vec<(String, &str)> {
        self.note.iter().map(|it| ("note".to_owned(), it.0.as_str())).collect()
    }
}

impl Rules for EndIntervention {
    fn name(&self) -> &'static str {
        "end_intervention"
    }

    fn stream(&self) -> (StreamRef, &'static str) {
        (self.family_id.into(), "family_id")
    }

    fn build(&self, scene: &Scene<'_>) -> Result<Record, Rejection> {
        let intervention = intervention(scene, self.intervention_id)?;
        let about = match &self.result {
            Some(_) => {
                let ordered = intervention.ordered.as_ref();
                let of: Vec<PersonId> = ordered.and_then(|it| it.person_id).into_iter().collect();
                scene.about(&self.about, &of, "about")?
            }
            None => Vec::new(),
        };
        let result = self.result.as_ref().map(|it| text("result", &about, it));
        let fact = Fact::InterventionEnded(InterventionEnded {
            intervention_id: self.intervention_id,
            on: self.on,
            reason: self.reason,
            about,
        });
        Ok(Record { fact, personal: result.into_iter().collect() })
    }

    fn values(&self, scene: &Scene<'_>) -> Result<(), Rejection> {
        scene.not_future(self.on, "on")?;
        match intervention(scene, self.intervention_id)?.started_on() {
            Some(started_on) => scene.in_order(started_on, self.on, "on"),
            None => Ok(()),
        }
    }

    fn rules(&self, scene: &Scene<'_>) -> Result<(), Rejection> {
        scene.in_case()?;
        let intervention = intervention(scene, self.intervention_id)?;
        match intervention.state() {
            InterventionState::Started | InterventionState::Paused => {}
            InterventionState::Ended => return Err(state(scene, "the intervention has ended")),
            InterventionState::Ordered | InterventionState::Declined => {
                return Err(state(scene, "the intervention was not started"));
            }
        }
        match intervention.last_rest_on() {
            Some(last) => scene.in_order(last, self.on, "on"),
            None => Ok(()),
        }
    }

    fn texts(&self) -> Vec<(String, &str)> {
        self.result.iter().map(|it| ("result".to_owned(), it.0.as_str())).collect()
    }
}

pub(super) fn intervention<'a>(
    scene: &Scene<'a>,
    id: InterventionId,
) -> Result<&'a InterventionCourse, Rejection> {
    scene.family.intervention(id).ok_or_else(|| scene.unknown("intervention_id"))
}

pub(super) fn state(scene: &Scene<'_>, rule: &str) -> Rejection {
    Rejection::new(Reason::InterventionState, rule).at(scene.path("intervention_id"))
}

/// Interventions for young people only, which wait for the youth's track. Homework help and leisure
/// passes are not among them: children too young for a track have them too.
pub(super) fn is_for_youth_only(it: InterventionType) -> bool {
    match it {
        InterventionType::Mentor
        | InterventionType::ContactPerson
        | InterventionType::LeisureJob
        | InterventionType::UuCourse
        | InterventionType::TransitionMentor
        | InterventionType::ExitTalk => true,
        InterventionType::Mst
        | InterventionType::Fft
        | InterventionType::Pmto
        | InterventionType::ParentProgramme
        | InterventionType::FamilyTreatment
        | InterventionType::HomeSupport
        | InterventionType::LeisurePass
        | InterventionType::Homework
        | InterventionType::NetworkMeeting
        | InterventionType::FamilyGroupConference
        | InterventionType::JobCourseParent
        | InterventionType::ConcernTalk
        | InterventionType::Other => false,
    }
}
