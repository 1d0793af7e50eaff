//! Interventions: ordered, declined, started, adjusted, sessions held, resting, ended; and how they must
//! stand at the end.

use fokus_proto::v1;
use fokus_proto::v1::CasePhase;
use fokus_proto::v1::InterventionType as Kind;
use fokus_proto::v1::execute_request::Command;
use jiff::civil::Date;

use super::{Mischief, Story, Task, Twist, names_of};
use crate::calendar::after;
use crate::parameters as p;
use crate::people::Member;
use crate::programme::{self, LAST_DAY, method};
use crate::tally::InterventionTruth;
use crate::texts::assessing;

/// An intervention, as the family's own course knows it.
#[derive(Debug, Clone)]
pub(super) struct Intervention {
    pub(super) id: String,
    kind: Kind,
    /// The youth; none = the family.
    person: Option<String>,
    /// Planned last day.
    until: Date,
    sessions: u32,
    minutes: u32,
    started_on: Option<Date>,
    ended_on: Option<Date>,
    paused: bool,
    declined: bool,
    /// As it was ordered or changed last.
    planned: v1::PlannedCourse,
}

impl Intervention {
    /// How it must stand at the end.
    pub(super) fn truth(&self) -> InterventionTruth {
        let state = match (self.started_on, self.ended_on) {
            (_, Some(_)) => "ENDED",
            (None, None) if self.declined => "DECLINED",
            (None, None) => "ORDERED",
            (Some(_), None) if self.paused => "PAUSED",
            (Some(_), None) => "STARTED",
        };
        let day = |it: Option<Date>| it.map_or(String::new(), |it| it.to_string());
        InterventionTruth {
            ended_on: day(self.ended_on),
            intervention_id: self.id.clone(),
            minutes: self.minutes,
            sessions: self.sessions,
            started_on: day(self.started_on),
            state: state.to_owned(),
            intervention_type: code(self.kind.as_str_name(), "INTERVENTION_TYPE_"),
        }
    }
}

/// An enum's value without its prefix.
pub(super) fn code(name: &str, prefix: &str) -> String {
    name.strip_prefix(prefix).unwrap_or(name).to_owned()
}

impl Story<'_> {
    /// The family's intervention.
    pub(super) fn intervene(&mut self) {
        if self.phase == CasePhase::FamilyPlan {
            self.enter(CasePhase::FamilyIntervention);
        }
        let kinds = [
            (Kind::FamilyTreatment, 4),
            (Kind::Mst, 2),
            (Kind::Fft, 2),
            (Kind::Pmto, 1),
            (Kind::ParentProgramme, 2),
        ];
        let kind = self.dice.weighted(&kinds, Kind::FamilyTreatment);
        let goal_ids = self.goals.iter().map(|(_, id)| id.clone()).collect();
        self.order(kind, None, goal_ids);
    }

    /// The youth's intervention.
    pub(super) fn order_for_youth(&mut self) {
        let kinds =
            [(Kind::Mentor, 3), (Kind::LeisureJob, 2), (Kind::Homework, 2), (Kind::UuCourse, 1)];
        let kind = self.dice.weighted(&kinds, Kind::Mentor);
        let goal_ids = self.youth_goals.clone();
        let youth = self.youth.clone();
        self.order(kind, youth, goal_ids);
    }

    /// Home support where a case is reopened.
    pub(super) fn support(&mut self) {
        let goal_ids = self.goals.iter().map(|(_, id)| id.clone()).collect();
        self.order(Kind::HomeSupport, None, goal_ids);
    }

    /// An intervention ordered when the case is about to close: it stands in the way.
    pub(super) fn order_late(&mut self) {
        let goal_ids = self.goals.iter().map(|(_, id)| id.clone()).collect();
        let order = self.order_command(Kind::LeisurePass, None, goal_ids);
        self.send_order(order, Kind::LeisurePass);
    }

    fn order(&mut self, kind: Kind, person: Option<String>, goal_ids: Vec<String>) {
        let order = self.order_command(kind, person, goal_ids);
        self.refuse_order(&order);
        let declined = self.turns(Twist::InterventionDeclined);
        if declined {
            // The family says no to this one, and yes to the next.
            let at = self.send_order(order.clone(), kind);
            self.decline_intervention(at);
        }
        let intervention_id = self.dice.uuid();
        let order = v1::OrderIntervention { intervention_id, ..order };
        let start = order.planned.as_ref().and_then(|it| it.start.parse().ok());
        let at = self.send_order(order, kind);
        self.refuse_session_before_start(at);
        self.plan_for(start.unwrap_or(self.today), Task::Begin(at));
    }

    fn order_command(
        &mut self,
        kind: Kind,
        person: Option<String>,
        goal_ids: Vec<String>,
    ) -> v1::OrderIntervention {
        let start = after(self.today, self.dice.between(5, 14));
        let days = self.dice.between(p::DAYS_FAMILY_PHASE.0, p::DAYS_FAMILY_PHASE.1);
        let until = after(start, days);
        let intervention_id = self.dice.uuid();
        let providers = [
            "Familiehuset Eksempelvej",
            "Ungeenheden",
            "Kommunens eget team",
            "Foreningen Nabohjælp (opfundet)",
        ];
        v1::OrderIntervention {
            family_id: self.id.clone(),
            intervention_id,
            r#type: kind.into(),
            person_id: person.unwrap_or_default(),
            goal_ids,
            method_version: method(kind, start).to_owned(),
            provider: self.dice.word(&providers).to_owned(),
            planned: Some(v1::PlannedCourse {
                start: start.to_string(),
                end: until.to_string(),
                sessions: i32::try_from(days / p::SESSION_EVERY_DAYS).unwrap_or(0),
                minutes_per_week: self.dice.pick(&[60, 60, 90, 120], 60),
            }),
            cost_estimate_ore: i64::from(self.dice.between(8, 40)) * 250_000,
            about: Vec::new(),
        }
    }

    /// Sends the order; gives the intervention's place among those of the family.
    fn send_order(&mut self, order: v1::OrderIntervention, kind: Kind) -> usize {
        let planned = order.planned.clone().unwrap_or_default();
        let person = Some(order.person_id.clone()).filter(|it| !it.is_empty());
        self.interventions.push(Intervention {
            id: order.intervention_id.clone(),
            kind,
            person,
            until: planned.end.parse().unwrap_or(self.today),
            sessions: 0,
            minutes: 0,
            started_on: None,
            ended_on: None,
            paused: false,
            declined: false,
            planned,
        });
        self.say(Command::OrderIntervention(order));
        self.interventions.len() - 1
    }

    fn refuse_order(&mut self, order: &v1::OrderIntervention) {
        for (mischief, wrong, code) in [
            (
                Mischief::OrderWithoutGoal,
                v1::OrderIntervention { goal_ids: Vec::new(), ..order.clone() },
                "NO_GOAL",
            ),
            (
                Mischief::MethodRetired,
                v1::OrderIntervention {
                    method_version: programme::RETIRED_EARLY.to_owned(),
                    ..order.clone()
                },
                "METHOD_NOT_IN_FORCE",
            ),
        ] {
            if self.up_to(mischief) {
                let call = self.call(Command::OrderIntervention(wrong));
                self.refused(call, code);
            }
        }
    }

    fn decline_intervention(&mut self, at: usize) {
        let by = self.adults().into_iter().map(|it| it.person.id).collect();
        let reason = assessing::declined(&mut self.dice);
        let Some(it) = self.interventions.get_mut(at) else { return };
        it.declined = true;
        let decline = v1::DeclineIntervention {
            family_id: self.id.clone(),
            intervention_id: it.id.clone(),
            by,
            on: String::new(),
            reason,
        };
        self.say(Command::DeclineIntervention(decline));
    }

    /// Another end, more sessions.
    pub(super) fn adjust(&mut self, at: usize) {
        let Some(it) = self.interventions.get_mut(at).filter(|it| it.ended_on.is_none()) else {
            return;
        };
        it.planned.end = after(it.until, 28).to_string();
        it.planned.sessions += 4;
        let (intervention_id, planned) = (it.id.clone(), it.planned.clone());
        let command = Command::AdjustIntervention(v1::AdjustIntervention {
            family_id: self.id.clone(),
            intervention_id,
            on: String::new(),
            planned: Some(planned),
            goal_ids: Vec::new(),
            reason: assessing::adjusted(&mut self.dice),
        });
        self.say(command);
    }

    /// Some weeks without it.
    pub(super) fn rest(&mut self, at: usize) {
        let Some(it) = self.interventions.get_mut(at).filter(|it| it.ended_on.is_none()) else {
            return;
        };
        it.paused = true;
        let intervention_id = it.id.clone();
        let days = self.dice.between(10, 24);
        let command = Command::PauseIntervention(v1::PauseIntervention {
            family_id: self.id.clone(),
            intervention_id,
            on: String::new(),
            expected_until: after(self.today, days).to_string(),
            reason: assessing::rested(&mut self.dice),
        });
        self.say(command);
        self.plan_in(days, Task::GoOn(at));
    }

    pub(super) fn go_on(&mut self, at: usize) {
        let Some(it) = self.interventions.get_mut(at).filter(|it| it.ended_on.is_none()) else {
            return;
        };
        it.paused = false;
        let intervention_id = it.id.clone();
        self.say(Command::ResumeIntervention(v1::ResumeIntervention {
            family_id: self.id.clone(),
            intervention_id,
            on: String::new(),
        }));
    }

    /// Everything that runs ends, everything that waits is declined.
    pub(super) fn end_interventions(&mut self) {
        for at in 0..self.interventions.len() {
            let Some(it) = self.interventions.get(at) else { continue };
            match (it.started_on, it.ended_on, it.declined) {
                (Some(_), None, _) => self.end(at),
                (None, None, false) => self.decline_intervention(at),
                (_, _, _) => {}
            }
        }
    }

    pub(super) fn begin(&mut self, at: usize) {
        let Some(it) = self.interventions.get_mut(at).filter(|it| !it.declined) else { return };
        it.started_on = Some(self.today);
        let start = v1::StartIntervention {
            family_id: self.id.clone(),
            intervention_id: it.id.clone(),
            on: self.today.to_string(),
        };
        let until = it.until;
        self.say(Command::StartIntervention(start.clone()));
        if self.up_to(Mischief::StartedTwice) {
            let call = self.call(Command::StartIntervention(start));
            self.refused(call, "INTERVENTION_STATE");
        }
        self.latent.help_begins(self.today);
        self.plan_in(p::SESSION_EVERY_DAYS, Task::Session(at));
        self.plan_for(until, Task::End(at));
        if self.turns(Twist::InterventionAdjusted) {
            let days = self.dice.between(20, 50);
            self.plan_in(days, Task::Adjust(at));
        }
        if self.turns(Twist::InterventionPaused) {
            let days = self.dice.between(20, 50);
            self.plan_in(days, Task::Rest(at));
        }
    }

    /// A planned session: most are held.
    pub(super) fn session(&mut self, at: usize) {
        let Some(it) = self.interventions.get(at).cloned() else { return };
        match it.ended_on {
            Some(ended_on) if ended_on < self.today => {
                self.refuse_session_after_end(&it);
                return;
            }
            // The last session and the end fell on one day: look again next week.
            Some(_) => return self.plan_in(p::SESSION_EVERY_DAYS, Task::Session(at)),
            None => {}
        }
        self.plan_in(p::SESSION_EVERY_DAYS, Task::Session(at));
        if it.paused || !self.dice.chance(p::SESSION_HELD) {
            return;
        }
        let session = self.session_command(&it);
        if let Some(it) = self.interventions.get_mut(at) {
            it.sessions += 1;
            it.minutes += u32::try_from(session.minutes).unwrap_or(0);
        }
        self.say(Command::HoldSession(session));
    }

    pub(super) fn session_command(&mut self, of: &Intervention) -> v1::HoldSession {
        let states = [
            (v1::AttendanceState::Present, 85),
            (v1::AttendanceState::Late, 6),
            (v1::AttendanceState::AbsentNotified, 6),
            (v1::AttendanceState::NoShow, 3),
        ];
        let (child, adult) = self.cast();
        let invited: Vec<Member> = match &of.person {
            Some(person) => {
                self.members.iter().filter(|it| it.person.id == *person).cloned().collect()
            }
            None => self.adults().into_iter().chain(child.clone()).collect(),
        };
        let attendance = invited
            .iter()
            .map(|it| v1::Attendance {
                person_id: it.person.id.clone(),
                state: self.dice.weighted(&states, v1::AttendanceState::Present).into(),
            })
            .collect();
        let rated = self.dice.chance(300);
        v1::HoldSession {
            family_id: self.id.clone(),
            intervention_id: of.id.clone(),
            on: self.today.to_string(),
            minutes: self.dice.pick(&[45, 60, 60, 75, 90], 60),
            attendance,
            fidelity_percent: rated.then(|| self.dice.pick(&[70, 80, 85, 90, 95], 80)),
            note: if self.dice.chance(600) {
                names_of(child.as_ref(), adult.as_ref()).session(&mut self.dice)
            } else {
                String::new()
            },
        }
    }

    pub(super) fn end(&mut self, at: usize) {
        if self.interventions.get(at).is_none_or(|it| it.ended_on.is_some()) {
            return;
        }
        let (_, adult) = self.cast();
        let reasons = [
            (v1::InterventionEndReason::Completed, 7),
            (v1::InterventionEndReason::Dropout, 2),
            (v1::InterventionEndReason::NoEffect, 1),
        ];
        let reason = self.dice.weighted(&reasons, v1::InterventionEndReason::Completed);
        let completed = reason == v1::InterventionEndReason::Completed;
        let result = if completed {
            names_of(None, adult.as_ref()).result(&mut self.dice)
        } else {
            String::new()
        };
        let Some(it) = self.interventions.get_mut(at) else { return };
        it.ended_on = Some(self.today);
        it.paused = false;
        let end = v1::EndIntervention {
            family_id: self.id.clone(),
            intervention_id: it.id.clone(),
            on: self.today.to_string(),
            reason: reason.into(),
            result,
            about: Vec::new(),
        };
        let for_family = it.person.is_none() && it.kind != Kind::LeisurePass;
        self.say(Command::EndIntervention(end));
        let gap = self.dice.between(10, 25);
        // Home support follows while the case is far from its evaluation.
        let goes_on = self.case.as_ref().is_some_and(|it| after(self.today, 90) < it.evaluated_on);
        if for_family && goes_on && after(self.today, gap) < LAST_DAY {
            let goal_ids = self.goals.iter().map(|(_, id)| id.clone()).collect();
            self.order(Kind::HomeSupport, None, goal_ids);
        }
    }
}
