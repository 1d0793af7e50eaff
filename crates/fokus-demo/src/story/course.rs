//! The course of an open case: family assessment, family plan, then the youth's track and plan,
//! then transition and evaluation. The family comes first.

use fokus_proto::v1;
use fokus_proto::v1::execute_request::Command;
use fokus_proto::v1::{CasePhase, RiskArea};

use super::{Mischief, Story, Task, Twist, entry};
use crate::calendar::after;
use crate::parameters as p;
use crate::people::Member;
use crate::texts;

impl Story<'_> {
    /// The case moves on.
    pub(super) fn enter(&mut self, phase: CasePhase) {
        let entering = v1::EnterCasePhase { family_id: self.id.clone(), phase: phase.into() };
        self.say(Command::EnterCasePhase(entering));
        self.phase = phase;
    }

    /// From the family's work, or the youth's, into what comes after.
    pub(super) fn bridge(&mut self) {
        if matches!(self.phase, CasePhase::FamilyIntervention | CasePhase::YouthTrack) {
            self.enter(CasePhase::Transition);
        }
    }

    /// The last phase, and some weeks later the proposal to close.
    pub(super) fn evaluate(&mut self) {
        self.bridge();
        if self.phase == CasePhase::Transition {
            self.enter(CasePhase::Evaluation);
        }
        let days = self.dice.between(p::DAYS_TO_CLOSURE.0, p::DAYS_TO_CLOSURE.1);
        self.plan_in(days, Task::ProposeClosure);
    }

    pub(super) fn assess(&mut self) {
        self.enter(CasePhase::FamilyAssessment);
        self.assessment_id = self.dice.uuid();
        let start = v1::StartAssessment {
            family_id: self.id.clone(),
            assessment_id: self.assessment_id.clone(),
            kind: v1::AssessmentKind::FamilyAssessment.into(),
            person_id: String::new(),
            trigger: Some(entry(self.referral)),
            regime: v1::Regime::Sel.into(),
            need_known_on: self.case.as_ref().map_or(String::new(), |it| it.opened_on.to_string()),
        };
        let call = self.call(Command::StartAssessment(start));
        let call = if self.dice.chance(500) { call.by_event_id() } else { call };
        self.send(call);
        self.refuse_youth_before_family();
        self.plan_overrides();
        self.plan_in(2, Task::Factors(0));
        let wait = self.dice.pick(&p::DAYS_ASSESSMENT, 45);
        self.plan_in(wait, Task::Conclude);
    }

    pub(super) fn conclude(&mut self) {
        if !self.provisional && self.turns(Twist::Provisional) {
            self.provisional = true;
            self.conclude_provisionally();
            return self.plan_in(38, Task::Conclude);
        }
        let conclusion = v1::ConcludeAssessment {
            family_id: self.id.clone(),
            assessment_id: self.assessment_id.clone(),
            conclusion: texts::conclusion(&mut self.dice),
            proposal: v1::AssessmentProposal::Support.into(),
            shared_with_family_on: self.today.to_string(),
            about: Vec::new(),
        };
        self.assessed = self.say(Command::ConcludeAssessment(conclusion.clone()));
        if self.up_to(Mischief::ConcludedTwice) {
            let call = self.call(Command::ConcludeAssessment(conclusion));
            self.refused(call, "ASSESSMENT_STATE");
        }
        let wait = self.dice.between(1, 3);
        self.plan_in(wait, Task::Plan);
    }

    /// The family's plan: goals for every area of the referral, and sometimes one more.
    pub(super) fn draft_plan(&mut self) {
        self.enter(CasePhase::FamilyPlan);
        self.plan_id = self.dice.uuid();
        self.truth.family_plan_state = "DRAFT".to_owned();
        let draft = v1::DraftPlan {
            family_id: self.id.clone(),
            plan_id: self.plan_id.clone(),
            kind: v1::PlanKind::Family.into(),
            person_id: String::new(),
        };
        self.say(Command::DraftPlan(draft));
        let mut areas = self.areas.clone();
        areas.extend(self.dice.chance(400).then_some(RiskArea::FamilyProblems));
        for (at, area) in areas.into_iter().enumerate() {
            let goal = self.goal(area, self.plan_id.clone(), String::new());
            self.goals.push((area, goal.goal_id.clone()));
            self.truth.goals += 1;
            self.set_goal(goal, at > 0);
            if at == 0 {
                self.refuse_plan_with_gap();
            }
        }
        let wait = self.dice.between(p::DAYS_PLAN.0, p::DAYS_PLAN.1);
        self.plan_in(wait, Task::Agree);
    }

    /// Sets a goal. One family forgets the levels of a goal, and is told when it agrees.
    fn set_goal(&mut self, goal: v1::SetGoal, may_forget: bool) {
        if may_forget && self.up_to(Mischief::LevelsForgotten) {
            let without = v1::SetGoal { levels: None, ..goal.clone() };
            let revision = self.say(Command::SetGoal(without));
            self.incomplete_goal = Some((goal, revision));
        } else {
            self.say(Command::SetGoal(goal));
        }
    }

    /// A goal with five described levels.
    pub(super) fn goal(&mut self, area: RiskArea, plan_id: String, owner: String) -> v1::SetGoal {
        let text = texts::goal(&mut self.dice, area);
        v1::SetGoal {
            family_id: self.id.clone(),
            plan_id,
            goal_id: self.dice.uuid(),
            owner_person_id: owner,
            theme: text.theme.into(),
            risk_area: area.into(),
            statement: text.statement.to_owned(),
            family_words: text.family_words.to_owned(),
            levels: Some(text.levels()),
            weight: self.dice.pick(&[1, 2, 2, 3, 3, 4, 5], 3),
            baseline: self.dice.pick(&[-1, -1, -2], -1),
            target_date: after(self.today, self.dice.between(120, 240)).to_string(),
            about: Vec::new(),
        }
    }

    pub(super) fn agree(&mut self) {
        let agreement = self.agreement(self.plan_id.clone());
        self.refuse_agreement(&agreement);
        self.say(Command::AgreePlan(agreement.clone()));
        self.refuse_after_agreement(agreement);
        self.truth.family_plan_state = "AGREED".to_owned();
        self.truth.family_plan_due_on.clear();
        if self.turns(Twist::CasePaused) {
            let days = self.dice.between(15, 50);
            self.plan_in(days, Task::Pause);
        }
        let wait = self.dice.between(1, 5);
        self.plan_in(wait, Task::Intervene);
        if self.youth_track {
            let wait = self.dice.between(p::DAYS_TO_YOUTH_TRACK.0, p::DAYS_TO_YOUTH_TRACK.1);
            self.plan_in(wait, Task::YouthTrack);
        }
    }

    /// The adults agree; every child was heard, or is too young.
    pub(super) fn agreement(&mut self, plan_id: String) -> v1::AgreePlan {
        let manners = [(v1::AgreementManner::Signed, 3), (v1::AgreementManner::Oral, 1)];
        let adults = self.adults();
        let agreed_by = adults
            .into_iter()
            .map(|it| v1::Agreement {
                person_id: it.person.id,
                manner: self.dice.weighted(&manners, v1::AgreementManner::Signed).into(),
            })
            .collect();
        let children = self.children();
        let children_heard = children.iter().map(|it| self.hearing(it)).collect();
        v1::AgreePlan { family_id: self.id.clone(), plan_id, agreed_by, children_heard }
    }

    fn hearing(&mut self, child: &Member) -> v1::ChildHeard {
        let heard = child.age_on(self.today) >= 3;
        v1::ChildHeard {
            person_id: child.person.id.clone(),
            how: if heard { texts::heard(&mut self.dice) } else { String::new() },
            not_heard_reason: if heard { String::new() } else { texts::not_heard(&mut self.dice) },
        }
    }

    /// The eldest child's track, assessment and plan.
    pub(super) fn open_youth_track(&mut self) {
        let in_turn = self.phase == CasePhase::FamilyIntervention;
        let youth = self.eldest().filter(|it| in_turn && it.age_on(self.today) >= 10);
        let Some(youth) = youth else { return };
        let person_id = youth.person.id.clone();
        self.enter(CasePhase::YouthTrack);
        if self.youth.is_none() {
            let call = self.youth_track_call(&person_id);
            self.send(call);
            self.youth = Some(person_id.clone());
            self.truth.youth_with_track.push(person_id.clone());
        }
        self.measure_youth(&youth);
        let assignment = v1::AssignWorker {
            family_id: self.id.clone(),
            worker_id: self.programme.worker(self.turn + 4),
            role: v1::WorkerRole::YouthMentor.into(),
            valid_from: self.today.to_string(),
            valid_to: String::new(),
            ..Default::default()
        };
        self.say(Command::AssignWorker(assignment));
        let start = v1::StartAssessment {
            family_id: self.id.clone(),
            assessment_id: self.dice.uuid(),
            kind: v1::AssessmentKind::YouthAssessment.into(),
            person_id,
            trigger: (self.assessed > 0).then(|| entry(self.assessed)),
            regime: v1::Regime::Sel.into(),
            need_known_on: String::new(),
        };
        self.say(Command::StartAssessment(start));
        let wait = self.dice.between(8, 20);
        self.plan_in(wait, Task::YouthPlan);
        if youth.person.born.year() <= 2005 {
            let wait = self.dice.between(90, 130);
            self.plan_in(wait, Task::Transition);
        }
    }

    pub(super) fn draft_youth_plan(&mut self) {
        let Some(youth) = self.youth.clone() else { return };
        self.youth_plan_id = self.dice.uuid();
        let draft = v1::DraftPlan {
            family_id: self.id.clone(),
            plan_id: self.youth_plan_id.clone(),
            kind: v1::PlanKind::Youth.into(),
            person_id: youth.clone(),
        };
        self.say(Command::DraftPlan(draft));
        for area in self.areas.clone() {
            let goal = self.goal(area, self.youth_plan_id.clone(), youth.clone());
            self.youth_goals.push(goal.goal_id.clone());
            self.truth.goals += 1;
            self.say(Command::SetGoal(goal));
        }
        let wait = self.dice.between(7, 14);
        self.plan_in(wait, Task::YouthAgreed);
    }

    pub(super) fn agree_youth_plan(&mut self) {
        let agreement = self.agreement(self.youth_plan_id.clone());
        self.say(Command::AgreePlan(agreement));
        self.order_for_youth();
    }
}
