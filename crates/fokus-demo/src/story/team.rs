//! Who works on the case, and when it rests: hand-overs, workers who leave or are not impartial, pauses;
//! and the youth's track that cannot wait for the family's plan.

use fokus_proto::v1;
use fokus_proto::v1::StreamKind;
use fokus_proto::v1::execute_request::Command;

use super::{Mischief, Story, Task, Twist};
use crate::calendar::{after, later};
use crate::script::{Call, Role};
use crate::texts::casework as texts;

impl Story<'_> {
    /// What the open case has in store.
    pub(super) fn plan_the_course(&mut self) {
        self.plan_in(6, Task::Statuses);
        self.plan_in(15, Task::Month);
        for (twist, task, days) in [
            (Twist::Interest, Task::Interest, (5, 20)),
            (Twist::Handover, Task::Handover, (60, 200)),
            (Twist::External, Task::External, (30, 120)),
            (Twist::Abandoned, Task::Screen, (3, 8)),
            (Twist::ChildExamination, Task::Examine, (14, 30)),
            (Twist::EducationChanges, Task::EducationChanges, (120, 240)),
            (Twist::WrongFamily, Task::Misfile, (30, 150)),
        ] {
            if self.turns(twist) {
                let days = self.dice.between(days.0, days.1);
                self.plan_in(days, task);
            }
        }
        if self.therapist.is_some() && self.turns(Twist::TherapistLeaves) {
            let days = self.dice.between(150, 220);
            self.plan_in(days, Task::TherapistLeaves);
        }
    }

    /// A call of the team's lead.
    pub(super) fn lead_call(&mut self, command: Command) -> Call {
        self.call(command).by(Role::TeamLead, v1::Purpose::Casework)
    }

    /// A worker's declaration, written down by the team's lead.
    fn staff_call(&mut self, command: Command) -> Call {
        self.call(command).by(Role::TeamLead, v1::Purpose::Supervision).on_basis("GDPR6_1_E", "")
    }

    /// A worker is not impartial towards the family, and is put on no case of it.
    pub(super) fn declare_interest(&mut self) {
        let worker_id = self.programme.worker(self.turn + 5);
        let kinds = [v1::ConflictKind::Friendship, v1::ConflictKind::Kinship];
        let interest_in =
            v1::InterestIn { who: Some(v1::interest_in::Who::FamilyId(self.id.clone())) };
        let declaration = v1::DeclareConflictOfInterest {
            worker_id: worker_id.clone(),
            interest_in: Some(interest_in),
            kind: self.dice.pick(&kinds, v1::ConflictKind::Friendship).into(),
            valid_from: String::new(),
        };
        let call = self.staff_call(Command::DeclareConflictOfInterest(declaration));
        self.send(call);
        if self.up_to(Mischief::WorkerPartial) {
            let call = self.call(Command::AssignWorker(v1::AssignWorker {
                family_id: self.id.clone(),
                worker_id,
                role: v1::WorkerRole::Deputy.into(),
                valid_from: self.today.to_string(),
                ..Default::default()
            }));
            self.refused(call, "CONFLICT_OF_INTEREST");
        }
        if self.turns(Twist::InterestEnds) {
            let days = self.dice.between(60, 150);
            self.plan_in(days, Task::InterestEnds);
        }
    }

    pub(super) fn end_interest(&mut self) {
        let interest_in =
            v1::InterestIn { who: Some(v1::interest_in::Who::FamilyId(self.id.clone())) };
        let ending = v1::EndConflictOfInterest {
            worker_id: self.programme.worker(self.turn + 5),
            interest_in: Some(interest_in),
            valid_to: String::new(),
        };
        let call = self.staff_call(Command::EndConflictOfInterest(ending));
        self.send(call);
    }

    /// The second worker takes the lead.
    pub(super) fn hand_over(&mut self) {
        let new = self.programme.worker(self.turn + 1);
        let assignment = v1::AssignWorker {
            family_id: self.id.clone(),
            worker_id: new.clone(),
            role: v1::WorkerRole::Lead.into(),
            valid_from: self.today.to_string(),
            replaces_lead: true,
            handover_note: texts::handover_note(&mut self.dice),
            ..Default::default()
        };
        let call = self.lead_call(Command::AssignWorker(assignment));
        let revision = self.send(call);
        let today = self.today;
        if let Some(case) = self.case.as_mut() {
            case.leads.iter_mut().filter(|it| it.2.is_none()).for_each(|it| {
                it.2 = Some(later(today, -1));
            });
            case.leads.push((new.clone(), today, None));
            case.lead = new;
        }
        self.truth.handover_unread = true;
        let days = self.dice.between(2, 18);
        self.plan_in(days, Task::HandedOver(revision));
    }

    /// The new lead has read everything.
    pub(super) fn complete_handover(&mut self, assignment: i64) {
        let completion = v1::CompleteHandover {
            family_id: self.id.clone(),
            assignment: Some(super::entry(assignment)),
            read_up_to: self.script.revision(StreamKind::Family, &self.id),
            family_told_on: self.today.to_string(),
        };
        if self.up_to(Mischief::NotRead) {
            let unread = v1::CompleteHandover { read_up_to: 1, ..completion.clone() };
            let call = self.call(Command::CompleteHandover(unread));
            self.refused(call, "NOT_READ");
        }
        self.say(Command::CompleteHandover(completion));
        self.truth.handover_unread = false;
    }

    /// The therapist is not needed any more.
    pub(super) fn release_therapist(&mut self) {
        let Some(worker_id) = self.therapist.take() else { return };
        self.say(Command::UnassignWorker(v1::UnassignWorker {
            family_id: self.id.clone(),
            worker_id,
            role: v1::WorkerRole::FamilyTherapist.into(),
            valid_to: String::new(),
        }));
    }

    /// The case rests for some weeks.
    pub(super) fn pause(&mut self) {
        if self.is_proposed() {
            return;
        }
        let days = self.dice.between(15, 50);
        let pause = v1::PauseCase {
            family_id: self.id.clone(),
            paused_from: String::new(),
            expected_until: after(self.today, days + 10).to_string(),
            reason: texts::pause_reason(&mut self.dice),
            about: Vec::new(),
        };
        if self.up_to(Mischief::LongPause) {
            let expected_until = after(self.today, 120).to_string();
            let long = v1::PauseCase { expected_until, ..pause.clone() };
            let call = self.call(Command::PauseCase(long));
            self.refused(call, "PAUSE_TOO_LONG");
        }
        self.say(Command::PauseCase(pause));
        if let Some(case) = self.case.as_mut() {
            case.paused_from = Some(self.today);
        }
        self.plan_in(days, Task::Resume);
    }

    pub(super) fn resume(&mut self) {
        let resumption = v1::ResumeCase { family_id: self.id.clone(), on: String::new() };
        self.say(Command::ResumeCase(resumption.clone()));
        if let Some(case) = self.case.as_mut() {
            case.paused_from = None;
        }
        if self.up_to(Mischief::ResumedTwice) {
            let call = self.call(Command::ResumeCase(resumption));
            self.refused(call, "CASE_STATE");
        }
    }

    /// Proposals for the eldest's track, early in the family's assessment.
    pub(super) fn plan_overrides(&mut self) {
        let old_enough = self.eldest().is_some_and(|it| it.age_on(self.today) >= 10);
        if !self.youth_track || !old_enough {
            return;
        }
        if self.turns(Twist::OverrideRejected) {
            self.plan_in(4, Task::ProposeOverride(false));
        }
        if self.turns(Twist::AcuteOverride) {
            self.plan_in(14, Task::ProposeOverride(true));
        }
    }

    pub(super) fn propose_override(&mut self, granted: bool) {
        let Some(youth) = self.eldest() else { return };
        let proposal = v1::ProposeAcuteOverride {
            family_id: self.id.clone(),
            youth_id: youth.person.id,
            reason: texts::override_reason(&mut self.dice),
        };
        self.say(Command::ProposeAcuteOverride(proposal));
        self.truth.approvals.push("ACUTE_OVERRIDE".to_owned());
        let days = self.dice.between(1, 3);
        self.plan_in(days, Task::AnswerOverride(granted));
    }

    /// The team's lead decides; then the track opens the same day.
    pub(super) fn answer_override(&mut self, granted: bool) {
        let (family_id, proposal) = (self.id.clone(), None);
        self.truth.approvals.clear();
        if !granted {
            let reason = texts::override_rejected(&mut self.dice);
            let rejection = v1::RejectAcuteOverride { family_id, proposal, reason };
            let call = self.lead_call(Command::RejectAcuteOverride(rejection));
            self.send(call);
            return;
        }
        let approval = v1::ApproveAcuteOverride { family_id, proposal };
        let call = self.lead_call(Command::ApproveAcuteOverride(approval));
        self.send(call);
        let Some(youth) = self.eldest() else { return };
        let call = self.youth_track_call(&youth.person.id);
        self.send(call);
        self.truth.family_plan_due_on = after(self.today, 30).to_string();
        self.truth.youth_with_track.push(youth.person.id.clone());
        self.youth = Some(youth.person.id);
    }
}
