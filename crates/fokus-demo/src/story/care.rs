//! Interventions: ordered, started, sessions held, ended; and how they must stand at the end.

use fokus_proto::v1;
use fokus_proto::v1::CasePhase;
use fokus_proto::v1::InterventionType as Kind;
use fokus_proto::v1::execute_request::Command;
use jiff::civil::Date;

use super::{Mischief, Story, Task, names_of};
use crate::calendar::after;
use crate::parameters as p;
use crate::people::Member;
use crate::programme::LAST_DAY;
use crate::tally::InterventionTruth;

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
}

impl Intervention {
    /// How it must stand at the end.
    pub(super) fn truth(&self) -> InterventionTruth {
        let state = match (self.started_on, self.ended_on) {
            (_, Some(_)) => "ENDED",
            (Some(_), None) => "STARTED",
            (None, None) => "ORDERED",
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

    fn order(&mut self, kind: Kind, person: Option<String>, goal_ids: Vec<String>) {
        let start = after(self.today, self.dice.between(5, 14));
        let days = self.dice.between(p::DAYS_FAMILY_PHASE.0, p::DAYS_FAMILY_PHASE.1);
        let until = after(start, days);
        let id = self.dice.uuid();
        let providers = ["Familiehuset Eksempelvej", "Ungeenheden", "Kommunens eget team"];
        let methods =
            [(Kind::Mst, "MST@2018-1"), (Kind::Fft, "FFT@2017-3"), (Kind::Pmto, "PMTO@2016-2")];
        let method = methods.iter().find(|(it, _)| *it == kind).map_or("", |(_, name)| name);
        let order = v1::OrderIntervention {
            family_id: self.id.clone(),
            intervention_id: id.clone(),
            r#type: kind.into(),
            person_id: person.clone().unwrap_or_default(),
            goal_ids,
            method_version: method.to_owned(),
            provider: self.dice.word(&providers).to_owned(),
            planned: Some(v1::PlannedCourse {
                start: start.to_string(),
                end: until.to_string(),
                sessions: i32::try_from(days / p::SESSION_EVERY_DAYS).unwrap_or(0),
                minutes_per_week: self.dice.pick(&[60, 60, 90, 120], 60),
            }),
            cost_estimate_ore: i64::from(self.dice.between(8, 40)) * 250_000,
            about: Vec::new(),
        };
        self.refuse_order_without_goal(&order);
        self.say(Command::OrderIntervention(order));
        let at = self.interventions.len();
        self.interventions.push(Intervention {
            id,
            kind,
            person,
            until,
            sessions: 0,
            minutes: 0,
            started_on: None,
            ended_on: None,
        });
        self.refuse_session_before_start(at);
        self.plan_for(start, Task::Begin(at));
    }

    pub(super) fn begin(&mut self, at: usize) {
        let Some(it) = self.interventions.get_mut(at) else { return };
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
        self.plan_in(p::SESSION_EVERY_DAYS, Task::Session(at));
        self.plan_for(until, Task::End(at));
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
        if !self.dice.chance(p::SESSION_HELD) {
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
        let end = v1::EndIntervention {
            family_id: self.id.clone(),
            intervention_id: it.id.clone(),
            on: self.today.to_string(),
            reason: reason.into(),
            result,
            about: Vec::new(),
        };
        let for_family = it.person.is_none();
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
