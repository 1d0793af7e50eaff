//! The end of a case by two people, and what comes after: contacts, satisfaction, reopening.

use fokus_proto::v1;
use fokus_proto::v1::execute_request::Command;
use fokus_proto::v1::{CaseOutcome, CasePhase, GoalDisposition, Occasion};

use super::care::code;
use super::{Mischief, Story, Task, Twist, entry};
use crate::calendar::{after, workday};
use crate::parameters as p;
use crate::script::Role;
use crate::texts::casework as texts;

/// What satisfied families are asked.
const QUESTIONS: [&str; 4] = ["HOERT", "HJAELP", "FREMTID", "ANBEFALE"];

/// The end of a case, as the story knows it.
#[derive(Debug, Clone)]
pub(super) struct Closed {
    pub(super) on: jiff::civil::Date,
    pub(super) outcome: CaseOutcome,
}

impl Story<'_> {
    /// Everything is brought to its end, then the closure proposed.
    pub(super) fn propose_closure(&mut self) {
        self.end_interventions();
        if self.proposal.is_none() {
            self.measure_closure();
        }
        let outcome = match self.dice.weighted(&p::OUTCOMES, 0) {
            0 => CaseOutcome::GoalsMet,
            1 => CaseOutcome::PartlyMet,
            2 => CaseOutcome::Withdrew,
            3 => CaseOutcome::Moved,
            4 => CaseOutcome::Transferred,
            _ => CaseOutcome::NoEffect,
        };
        let proposal = v1::ProposeClosure {
            family_id: self.id.clone(),
            outcome: outcome.into(),
            summary: texts::closing_summary(&mut self.dice),
            goals: self.disposed(outcome),
            follow_up_plan: texts::follow_up(&mut self.dice),
            about: Vec::new(),
        };
        self.refuse_closure(&proposal);
        let revision = self.say(Command::ProposeClosure(proposal));
        self.proposal = Some((revision, outcome));
        self.closure_waits = true;
        self.truth.approvals.push("CLOSURE".to_owned());
        let days = self.dice.between(2, 6);
        self.plan_in(days, Task::AnswerClosure);
    }

    /// Whether a closure waits or is approved.
    pub(super) fn is_proposed(&self) -> bool {
        self.closure_approved || self.closure_waits
    }

    fn refuse_closure(&mut self, proposal: &v1::ProposeClosure) {
        if self.up_to(Mischief::NothingProposed) {
            let approval = v1::ApproveClosure { family_id: self.id.clone(), proposal: None };
            let call = self.lead_call(Command::ApproveClosure(approval));
            self.refused(call, "PROPOSAL_STATE");
        }
        if self.up_to(Mischief::GoalLeftOpen) {
            let mut goals = proposal.goals.clone();
            goals.truncate(1);
            let short = v1::ProposeClosure { goals, ..proposal.clone() };
            let call = self.call(Command::ProposeClosure(short));
            self.refused(call, "GOALS_OPEN");
        }
    }

    /// What becomes of every goal.
    fn disposed(&mut self, outcome: CaseOutcome) -> Vec<v1::GoalDisposed> {
        use GoalDisposition::{Attained, Dropped, HandedOver, NotAttained, PartlyAttained};
        let weights = match outcome {
            CaseOutcome::GoalsMet => [(Attained, 8), (PartlyAttained, 2)],
            CaseOutcome::Transferred => [(HandedOver, 6), (PartlyAttained, 4)],
            CaseOutcome::Withdrew | CaseOutcome::Moved => [(Dropped, 5), (PartlyAttained, 5)],
            CaseOutcome::NoEffect | CaseOutcome::Error | CaseOutcome::Died => {
                [(NotAttained, 8), (PartlyAttained, 2)]
            }
            CaseOutcome::Unspecified | CaseOutcome::PartlyMet => {
                [(PartlyAttained, 7), (Attained, 3)]
            }
        };
        let family = self.goals.iter().map(|(_, id)| id.clone());
        let goals: Vec<String> = family.chain(self.youth_goals.clone()).collect();
        goals
            .into_iter()
            .map(|goal_id| v1::GoalDisposed {
                goal_id,
                disposition: self.dice.weighted(&weights, PartlyAttained).into(),
            })
            .collect()
    }

    /// The team's lead approves, or turns it down once.
    pub(super) fn answer_closure(&mut self) {
        let Some((revision, _)) = self.proposal else { return };
        let proposal = Some(entry(revision));
        let approval = v1::ApproveClosure { family_id: self.id.clone(), proposal };
        if self.up_to(Mischief::OwnProposal) {
            let call = self.call(Command::ApproveClosure(approval.clone()));
            self.refused(call, "FOUR_EYES");
        }
        self.truth.approvals.clear();
        self.closure_waits = false;
        if self.turns(Twist::ClosureRejected) {
            let rejection = v1::RejectClosure {
                family_id: self.id.clone(),
                proposal: None,
                reason: texts::closure_rejected(&mut self.dice),
                about: Vec::new(),
            };
            let call = self.lead_call(Command::RejectClosure(rejection));
            self.send(call);
            let days = self.dice.between(6, 12);
            return self.plan_in(days, Task::ProposeClosure);
        }
        let call = self.lead_call(Command::ApproveClosure(approval));
        self.send(call);
        self.closure_approved = true;
        let days = self.dice.between(1, 4);
        self.plan_in(days, Task::Close);
    }

    pub(super) fn close(&mut self) {
        let Some((_, outcome)) = self.proposal else { return };
        let untold = self.turns(Twist::FamilyNotTold);
        let closing = v1::CloseCase {
            family_id: self.id.clone(),
            proposal: None,
            closed_on: String::new(),
            family_told_on: if untold { String::new() } else { self.today.to_string() },
            not_told_reason: if untold { texts::not_told(&mut self.dice) } else { String::new() },
        };
        if self.up_to(Mischief::InterventionLeft) {
            self.order_late();
            let call = self.call(Command::CloseCase(closing.clone()));
            self.refused(call, "INTERVENTIONS_OPEN");
            self.end_interventions();
        }
        self.end_interventions();
        self.say(Command::CloseCase(closing));
        self.closure_approved = false;
        if let Some(case) = self.case.as_mut() {
            let today = self.today;
            case.leads.iter_mut().filter(|it| it.2.is_none()).for_each(|it| it.2 = Some(today));
            case.closed = Some(Closed { on: self.today, outcome });
        }
        self.truth.handover_unread = false;
        self.plan_afterwards();
    }

    fn plan_afterwards(&mut self) {
        if self.turns(Twist::Satisfaction) {
            let days = self.dice.between(3, 20);
            self.plan_in(days, Task::Satisfaction);
        }
        if self.turns(Twist::AfterClosure) {
            for around in [25, 85] {
                let days = around + self.dice.below(12);
                self.plan_in(days, Task::AfterClosure(around > 50));
            }
        }
        if !self.reopened && self.turns(Twist::Reopened) {
            let days = self.dice.between(45, 120);
            self.plan_in(days, Task::Reopen);
        }
    }

    pub(super) fn give_satisfaction(&mut self) {
        let anonymous = self.dice.chance(p::ANONYMOUS);
        let who = self.adults().into_iter().next().filter(|_| !anonymous);
        let answers = QUESTIONS
            .iter()
            .map(|question| v1::SatisfactionAnswer {
                question: (*question).to_owned(),
                answer: texts::satisfied(&mut self.dice),
            })
            .collect();
        self.say(Command::GiveFamilySatisfaction(v1::GiveFamilySatisfaction {
            family_id: self.id.clone(),
            person_id: who.map_or_else(String::new, |it| it.person.id),
            instrument: "TILFREDS_2019".to_owned(),
            answers,
            anonymous,
        }));
    }

    /// How the family does, some time after.
    pub(super) fn follow_up(&mut self, is_last: bool) {
        if self.is_open() {
            return;
        }
        let answered = self.dice.chance(p::ANSWERED);
        let findings = if answered { texts::after_closure(&mut self.dice) } else { String::new() };
        let contact_id = self.dice.uuid();
        self.say(Command::RecordPostClosureContact(v1::RecordPostClosureContact {
            family_id: self.id.clone(),
            contact_id,
            on: String::new(),
            answered,
            findings,
            about: Vec::new(),
        }));
        self.truth.last_contact_after_closure_on = self.today.to_string();
        if is_last && answered && !self.dice.chance(p::MISSING_AT_FOLLOW_UP) {
            self.measure_children(Occasion::FollowUp);
        }
    }

    /// The case goes on where families work.
    pub(super) fn reopen(&mut self) {
        let reasons = [v1::ReopenReason::FamilyRequest, v1::ReopenReason::Relapse];
        let reopening = v1::ReopenCase {
            family_id: self.id.clone(),
            reason: self.dice.pick(&reasons, v1::ReopenReason::FamilyRequest).into(),
            grounds: texts::reopen_grounds(&mut self.dice),
            phase: CasePhase::FamilyIntervention.into(),
            ..Default::default()
        };
        let call =
            self.early(Command::ReopenCase(reopening)).by(Role::TeamLead, v1::Purpose::Casework);
        self.send(call);
        self.reopened = true;
        self.proposal = None;
        self.phase = CasePhase::FamilyIntervention;
        let evaluated_on = workday(after(self.today, 90 + self.dice.below(30)));
        if let Some(case) = self.case.as_mut() {
            case.closed = None;
            case.leads.push((case.lead.clone(), self.today, None));
            case.evaluated_on = evaluated_on;
        }
        self.plan_in(1, Task::Routine);
        self.plan_in(10, Task::Judge);
        self.plan_in(20, Task::Month);
        self.plan_in(2, Task::Support);
        self.plan_for(evaluated_on, Task::Evaluate);
    }

    /// How the case stands: state, last day, outcome.
    pub(super) fn case_state(&self) -> &'static str {
        match &self.case {
            None => "NONE",
            Some(it) if it.closed.is_some() => "CLOSED",
            Some(it) if it.paused_from.is_some() => "PAUSED",
            Some(_) if self.closure_approved => "CLOSURE_APPROVED",
            Some(_) if self.is_proposed() => "CLOSURE_PROPOSED",
            Some(_) => "OPEN",
        }
    }

    /// The outcome's code; empty while the case is open.
    pub(super) fn outcome(&self) -> String {
        let closed = self.case.as_ref().and_then(|it| it.closed.as_ref());
        closed.map_or_else(String::new, |it| code(it.outcome.as_str_name(), "CASE_OUTCOME_"))
    }
}
