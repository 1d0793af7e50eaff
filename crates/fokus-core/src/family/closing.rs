//! The end of a case, and what comes after: ProposeClosure, ApproveClosure, RejectClosure, CloseCase,
//! ReopenCase, RecordPostClosureContact, GiveFamilySatisfaction.
//!
//! One proposes, with outcome, summary and what becomes of every goal; another approves; then the case is
//! closed, once every intervention has ended. An approved closure that is not wanted any more is rejected.

use jiff::ToSpan;
use jiff::civil::Date;

use super::approval::{four_eyes, not_before, proposal_state};
use super::case::family_first;
use super::course::{Closure, Course};
use crate::codes::{CasePhase, CaseState, WorkerRole};
use crate::command::*;
use crate::decide::Rules;
use crate::decide::scene::{Scene, personal, text};
use crate::fact::*;
use crate::ids::{GoalId, StreamRef, WorkerId};
use crate::period::Period;
use crate::record::Record;
use crate::rejection::{Reason, Rejection};
use crate::worker::{may_take_part, must_be_active};
use crate::world::World;

/// How long after its closing a case can be reopened, in months (domain 1.7, ReopenCase).
const REOPEN_MONTHS: i32 = 12;

/// The proposal that the command answers or follows, with its revision: the one named, or the one that
/// was not turned down.
fn proposal<'a>(
    scene: &Scene<'a>,
    named: Option<EntryRef>,
) -> Result<(u64, &'a Closure), Rejection> {
    let all = &scene.family.casework.closures;
    if let Some(entry) = named {
        let revision = scene.entry(entry, "proposal")?;
        return all
            .get(&revision)
            .map(|it| (revision, it))
            .ok_or_else(|| scene.unknown("proposal"));
    }
    scene.family.live_closure().ok_or_else(|| proposal_state(scene, "no proposal waits"))
}

/// The same, as long as it is the one that was not turned down.
fn live<'a>(scene: &Scene<'a>, named: Option<EntryRef>) -> Result<(u64, &'a Closure), Rejection> {
    let found = proposal(scene, named)?;
    if scene.family.live_closure().is_some_and(|(revision, _)| revision == found.0) {
        return Ok(found);
    }
    Err(proposal_state(scene, "the proposal was turned down, or the case was closed since"))
}

/// Every goal of the case is among those disposed of.
fn all_disposed(scene: &Scene<'_>, goals: &[GoalId], field: &str) -> Result<(), Rejection> {
    if scene.family.goals_of_case().all(|it| goals.contains(&it)) {
        return Ok(());
    }
    Err(Rejection::new(Reason::GoalsOpen, "every goal of the case is disposed of")
        .at(scene.path(field)))
}

/// The closed case.
fn closed<'a>(scene: &Scene<'a>) -> Result<(&'a Course, super::Closing), Rejection> {
    let refused = |reason, rule| Err(Rejection::new(reason, rule));
    match scene.family.course() {
        None => refused(Reason::CaseState, "the family has had no case"),
        Some(it) => match it.closed {
            Some(closed) => Ok((it, closed)),
            None => refused(Reason::CaseState, "the case is open"),
        },
    }
}

impl Rules for ProposeClosure {
    fn name(&self) -> &'static str {
        "propose_closure"
    }

    fn stream(&self) -> (StreamRef, &'static str) {
        (self.family_id.into(), "family_id")
    }

    fn build(&self, scene: &Scene<'_>) -> Result<Record, Rejection> {
        for (index, it) in self.goals.iter().enumerate() {
            if !scene.family.goals.contains_key(&it.goal_id) {
                return Err(scene.unknown(&format!("goals[{index}].goal_id")));
            }
        }
        let about = scene.about(&self.about, &[], "about")?;
        let mut fields = vec![text("summary", &about, &self.summary)];
        fields.extend(self.follow_up_plan.as_ref().map(|it| text("follow_up_plan", &about, it)));
        let fact = Fact::ClosureProposed(ClosureProposed {
            outcome: self.outcome,
            goals: self.goals.clone(),
            about,
        });
        Ok(Record { fact, personal: fields })
    }

    fn rules(&self, scene: &Scene<'_>) -> Result<(), Rejection> {
        scene.in_case()?;
        match scene.family.case_state() {
            CaseState::ClosureProposed | CaseState::ClosureApproved => {
                let rule = "a proposal waits, or is approved";
                return Err(Rejection::new(Reason::ProposalState, rule));
            }
            CaseState::Paused => {
                let rule = "the case is paused: resume it first";
                return Err(Rejection::new(Reason::CaseState, rule));
            }
            CaseState::Open | CaseState::Closed | CaseState::None => {}
        }
        let goals: Vec<GoalId> = self.goals.iter().map(|it| it.goal_id).collect();
        all_disposed(scene, &goals, "goals")
    }

    fn texts(&self) -> Vec<(String, &str)> {
        let mut texts = vec![("summary".to_owned(), self.summary.0.as_str())];
        let plan = self.follow_up_plan.iter();
        texts.extend(plan.map(|it| ("follow_up_plan".to_owned(), it.0.as_str())));
        texts
    }
}

impl Rules for ApproveClosure {
    fn name(&self) -> &'static str {
        "approve_closure"
    }

    fn stream(&self) -> (StreamRef, &'static str) {
        (self.family_id.into(), "family_id")
    }

    fn build(&self, scene: &Scene<'_>) -> Result<Record, Rejection> {
        let (proposal, _) = proposal(scene, self.proposal)?;
        Ok(Record {
            fact: Fact::ClosureApproved(ClosureApproved { proposal }),
            personal: Vec::new(),
        })
    }

    fn rules(&self, scene: &Scene<'_>) -> Result<(), Rejection> {
        scene.in_case()?;
        let (revision, it) = live(scene, self.proposal)?;
        if it.proposed.reply.is_some() {
            return Err(proposal_state(scene, "the proposal is approved"));
        }
        not_before(scene, it.proposed.on)?;
        four_eyes(scene, revision, &it.proposed.by)
    }
}

impl Rules for RejectClosure {
    fn name(&self) -> &'static str {
        "reject_closure"
    }

    fn stream(&self) -> (StreamRef, &'static str) {
        (self.family_id.into(), "family_id")
    }

    fn build(&self, scene: &Scene<'_>) -> Result<Record, Rejection> {
        let (proposal, it) = proposal(scene, self.proposal)?;
        let about = scene.about(&self.about, &it.about, "about")?;
        let reason = text("reason", &about, &self.reason);
        let fact = Fact::ClosureRejected(ClosureRejected { proposal, about });
        Ok(Record { fact, personal: vec![reason] })
    }

    fn rules(&self, scene: &Scene<'_>) -> Result<(), Rejection> {
        scene.in_case()?;
        let (_, it) = live(scene, self.proposal)?;
        let answered_on = it.proposed.reply.as_ref().map(|it| it.on);
        not_before(scene, answered_on.unwrap_or(it.proposed.on))
    }

    fn texts(&self) -> Vec<(String, &str)> {
        vec![("reason".to_owned(), self.reason.0.as_str())]
    }
}

impl CloseCase {
    fn last_day(&self, scene: &Scene<'_>) -> Date {
        self.closed_on.unwrap_or(scene.day())
    }
}

impl Rules for CloseCase {
    fn name(&self) -> &'static str {
        "close_case"
    }

    fn stream(&self) -> (StreamRef, &'static str) {
        (self.family_id.into(), "family_id")
    }

    fn build(&self, scene: &Scene<'_>) -> Result<Record, Rejection> {
        let (proposal, it) = proposal(scene, self.proposal)?;
        let about = match &self.not_told_reason {
            Some(_) => it.about.clone(),
            None => Vec::new(),
        };
        let reason = self.not_told_reason.as_ref().map(|it| text("not_told_reason", &about, it));
        let fact = Fact::CaseClosed(CaseClosed {
            proposal,
            outcome: it.outcome,
            closed_on: self.last_day(scene),
            family_told_on: self.family_told_on,
            about,
        });
        Ok(Record { fact, personal: reason.into_iter().collect() })
    }

    fn values(&self, scene: &Scene<'_>) -> Result<(), Rejection> {
        scene.not_future(self.last_day(scene), "closed_on")?;
        if self.family_told_on.is_some() == self.not_told_reason.is_some() {
            let rule = "either the day on which the family was told, or why it was not";
            let field = scene.path("family_told_on");
            return Err(Rejection::new(Reason::FieldInvalid, rule).at(field));
        }
        match self.family_told_on {
            Some(day) => scene.not_future(day, "family_told_on"),
            None => Ok(()),
        }
    }

    fn rules(&self, scene: &Scene<'_>) -> Result<(), Rejection> {
        scene.in_case()?;
        let (_, it) = live(scene, self.proposal)?;
        let Some(approved_on) = it.proposed.approved_on() else {
            return Err(proposal_state(scene, "nobody has approved the proposal"));
        };
        if self.last_day(scene) < approved_on {
            return Err(Rejection::new(Reason::DateOrder, "the closure was approved after that")
                .at(scene.path("closed_on")));
        }
        all_disposed(scene, &it.goals, "proposal")?;
        let open = scene.family.interventions.values().any(|it| !it.is_over(self.last_day(scene)));
        if open {
            let rule = "every intervention has ended, by the last day of the case";
            return Err(Rejection::new(Reason::InterventionsOpen, rule));
        }
        Ok(())
    }

    fn texts(&self) -> Vec<(String, &str)> {
        let reason = self.not_told_reason.iter();
        reason.map(|it| ("not_told_reason".to_owned(), it.0.as_str())).collect()
    }
}

impl ReopenCase {
    fn first_day(&self, scene: &Scene<'_>) -> Date {
        self.reopened_on.unwrap_or(scene.day())
    }

    /// The worker named, or the lead at the closing.
    fn lead(&self, family: &super::State) -> Option<WorkerId> {
        let before = |it: &Course| it.lead().map_or(it.first_lead, |lead| lead.worker_id);
        self.lead_worker_id.or_else(|| family.course().map(before))
    }

    fn phase(&self, scene: &Scene<'_>) -> CasePhase {
        let before = || scene.family.case.as_ref().map(|it| it.phase);
        self.phase.or_else(before).unwrap_or(CasePhase::Engagement)
    }
}

impl Rules for ReopenCase {
    fn name(&self) -> &'static str {
        "reopen_case"
    }

    fn stream(&self) -> (StreamRef, &'static str) {
        (self.family_id.into(), "family_id")
    }

    fn reads(&self) -> Vec<StreamRef> {
        self.lead_worker_id.map(StreamRef::from).into_iter().collect()
    }

    /// All who led: a correction may leave out the one whom the case was reopened with.
    fn reads_more(&self, world: &World) -> Vec<StreamRef> {
        let Some(family) = world.families.get(&self.family_id.0) else { return Vec::new() };
        let courses = family.state.courses.iter();
        let led = |it: &Course| it.leads().map(|lead| lead.worker_id.into()).collect::<Vec<_>>();
        courses.flat_map(|it| [vec![it.first_lead.into()], led(it)].concat()).collect()
    }

    fn build(&self, scene: &Scene<'_>) -> Result<Record, Rejection> {
        let Some(lead_worker_id) = self.lead(scene.family) else {
            return Err(Rejection::new(Reason::CaseState, "the family has had no case"));
        };
        scene.must_exist(lead_worker_id.into(), "lead_worker_id")?;
        let about = scene.about(&self.about, &[], "about")?;
        let grounds = text("grounds", &about, &self.grounds);
        let fact = Fact::CaseReopened(CaseReopened {
            reason: self.reason,
            reopened_on: self.first_day(scene),
            lead_worker_id,
            phase: self.phase(scene),
            about,
        });
        Ok(Record { fact, personal: vec![grounds] })
    }

    fn values(&self, scene: &Scene<'_>) -> Result<(), Rejection> {
        scene.not_future(self.first_day(scene), "reopened_on")?;
        match self.lead(scene.family) {
            Some(lead) => must_be_active(scene, lead, self.first_day(scene), "lead_worker_id"),
            None => Ok(()),
        }
    }

    fn rules(&self, scene: &Scene<'_>) -> Result<(), Rejection> {
        if scene.family.is_case_open() {
            return Err(Rejection::new(Reason::CaseAlreadyOpen, "the family has an open case"));
        }
        let (_, closed) = closed(scene)?;
        scene.in_order(closed.on, self.first_day(scene), "reopened_on")?;
        if self.first_day(scene) > closed.on.saturating_add(REOPEN_MONTHS.months()) {
            let rule =
                format!("more than {REOPEN_MONTHS} months after the closing: open a new case");
            return Err(Rejection::new(Reason::NewEpisode, rule).at(scene.path("reopened_on")));
        }
        if let Some(lead) = self.lead(scene.family) {
            let period = Period { from: self.first_day(scene), to: None };
            let role = (WorkerRole::Lead, "lead_worker_id");
            may_take_part(scene, lead, role, self.family_id, period, "lead_worker_id")?;
        }
        self.family_first(scene)
    }

    fn family_first(&self, scene: &Scene<'_>) -> Result<(), Rejection> {
        match self.phase(scene) {
            CasePhase::YouthTrack => family_first(scene, "phase"),
            CasePhase::Engagement
            | CasePhase::FamilyAssessment
            | CasePhase::FamilyPlan
            | CasePhase::FamilyIntervention
            | CasePhase::Transition
            | CasePhase::Evaluation => Ok(()),
        }
    }

    fn rests_on_closed_case(&self) -> bool {
        true
    }

    fn texts(&self) -> Vec<(String, &str)> {
        vec![("grounds".to_owned(), self.grounds.0.as_str())]
    }
}

impl RecordPostClosureContact {
    fn day(&self, scene: &Scene<'_>) -> Date {
        self.on.unwrap_or(scene.day())
    }
}

impl Rules for RecordPostClosureContact {
    fn name(&self) -> &'static str {
        "record_post_closure_contact"
    }

    fn stream(&self) -> (StreamRef, &'static str) {
        (self.family_id.into(), "family_id")
    }

    fn makes(&self) -> Option<(uuid::Uuid, &'static str)> {
        Some((self.contact_id.0, "contact_id"))
    }

    fn build(&self, scene: &Scene<'_>) -> Result<Record, Rejection> {
        let about = match &self.findings {
            Some(_) => scene.about(&self.about, &[], "about")?,
            None => {
                scene.all_known(&self.about, "about")?;
                Vec::new()
            }
        };
        let findings = self.findings.as_ref().map(|it| text("findings", &about, it));
        let fact = Fact::PostClosureContactMade(PostClosureContactMade {
            contact_id: self.contact_id,
            on: self.day(scene),
            answered: self.answered,
            about,
        });
        Ok(Record { fact, personal: findings.into_iter().collect() })
    }

    fn values(&self, scene: &Scene<'_>) -> Result<(), Rejection> {
        scene.not_future(self.day(scene), "on")
    }

    fn rules(&self, scene: &Scene<'_>) -> Result<(), Rejection> {
        let (_, closed) = closed(scene)?;
        scene.in_order(closed.on, self.day(scene), "on")
    }

    fn rests_on_closed_case(&self) -> bool {
        true
    }

    fn texts(&self) -> Vec<(String, &str)> {
        self.findings.iter().map(|it| ("findings".to_owned(), it.0.as_str())).collect()
    }
}

impl Rules for GiveFamilySatisfaction {
    fn name(&self) -> &'static str {
        "give_family_satisfaction"
    }

    fn stream(&self) -> (StreamRef, &'static str) {
        (self.family_id.into(), "family_id")
    }

    fn build(&self, scene: &Scene<'_>) -> Result<Record, Rejection> {
        if let Some(person) = self.person_id {
            scene.member(person, "person_id")?;
        }
        let of: Vec<_> = self.person_id.into_iter().collect();
        let about = scene.about(&[], &of, "answers")?;
        let answers = personal("answers", &about, &self.answers);
        let fact = Fact::FamilySatisfactionGiven(FamilySatisfactionGiven {
            person_id: self.person_id,
            instrument: self.instrument.clone(),
            anonymous: self.anonymous,
            about,
        });
        Ok(Record { fact, personal: vec![answers] })
    }

    fn values(&self, scene: &Scene<'_>) -> Result<(), Rejection> {
        if self.anonymous && self.person_id.is_some() {
            let rule = "an anonymous answer names nobody";
            return Err(Rejection::new(Reason::FieldInvalid, rule).at(scene.path("person_id")));
        }
        Ok(())
    }

    fn rules(&self, scene: &Scene<'_>) -> Result<(), Rejection> {
        match scene.family.course() {
            None => Err(Rejection::new(Reason::NoOpenCase, "the family has had no case")),
            Some(it) if scene.last_day() < it.opened_on => {
                Err(Rejection::new(Reason::BeforeCase, "the case was not open yet")
                    .at("occurred_at"))
            }
            Some(_) => Ok(()),
        }
    }

    fn rests_on_closed_case(&self) -> bool {
        true
    }

    fn texts(&self) -> Vec<(String, &str)> {
        let answers = self.answers.iter().enumerate();
        answers
            .map(|(index, it)| (format!("answers[{index}].answer"), it.answer.as_str()))
            .collect()
    }
}
