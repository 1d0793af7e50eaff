//! The people and the family, the open case, members who come and go. The referral between stands in
//! [`super::placement`].

use fokus_proto::v1;
use fokus_proto::v1::CasePhase;
use fokus_proto::v1::execute_request::Command;

use super::{Case, Mischief, Story, Task, Twist};
use crate::calendar::{after, later, workday};
use crate::names;
use crate::parameters as p;
use crate::people::Member;
use crate::programme::LAST_DAY;
use crate::script::{Call, Role};

/// The legal basis of everything before the case, and of the case: Serviceloven.
const BASIS: (&str, &str) = ("SEL_49A", "§ 49 a");

impl Story<'_> {
    /// A call before there is a case: with a legal basis of its own.
    pub(super) fn early(&mut self, command: Command) -> Call {
        self.call(command).on_basis(BASIS.0, BASIS.1)
    }

    /// The members, then the family.
    pub(super) fn register(&mut self) {
        for member in self.members.clone() {
            let sent = self.register_person(&member);
            self.refuse_people(&sent);
        }
        let registration = self.family_registration();
        self.refuse_before_family(&registration);
        let call = self.early(Command::RegisterFamily(registration.clone()));
        self.send(call);
        if self.up_to(Mischief::Repeated) {
            let at_ms = self.tick();
            self.script.repeat_last(at_ms);
        }
        self.refuse_after_family(&registration);
        let wait = self.dice.between(1, 20);
        self.plan_in(wait, Task::Refer);
        if self.turns(Twist::DuplicatePerson) {
            self.plan_in(wait + 3, Task::RegisterTwice);
        }
        if self.turns(Twist::DuplicateFamily) {
            self.plan_in(wait + 5, Task::Duplicate);
        }
    }

    /// One person, as sent. Now and then a name is misspelt, and corrected some days later.
    fn register_person(&mut self, member: &Member) -> v1::RegisterPerson {
        let right = member.person.registration();
        self.dirt.without_cpr += u32::from(member.person.cpr_missing);
        self.dirt.half_known_births += u32::from(member.person.half_known);
        let slip = self.dice.chance(p::CORRECTED);
        let mut first = right.clone();
        if let (true, Some(name)) = (slip, first.name.as_mut()) {
            name.given = names::misspelt(&name.given);
        }
        let call = self.early(Command::RegisterPerson(first.clone()));
        let revision = self.send(call);
        if slip {
            let days = self.dice.between(2, 15);
            let fix = super::slips::Fix::person(right, revision);
            self.plan_in(days, Task::Correct(Box::new(fix)));
        }
        if member.person.cpr_missing && self.happens(p::CPR_FOUND) {
            let days = self.dice.between(20, 120);
            self.plan_in(days, Task::Identity(Box::new(member.clone())));
        }
        first
    }

    fn family_registration(&mut self) -> v1::RegisterFamily {
        use v1::FamilySource as Source;
        let sources = [Source::Referral, Source::Concern, Source::Agency];
        v1::RegisterFamily {
            family_id: self.id.clone(),
            reference: self.reference.clone(),
            initial_members: self
                .members
                .iter()
                .map(|it| v1::InitialMember {
                    person_id: it.person.id.clone(),
                    role: it.role.into(),
                    household: it.household.into(),
                })
                .collect(),
            source: self.dice.pick(&sources, Source::Referral).into(),
        }
    }

    /// The CPR number of a member is found.
    pub(super) fn identify(&mut self, member: Member) {
        let call = self.early(Command::EstablishPersonIdentity(v1::EstablishPersonIdentity {
            person_id: member.person.id,
            cpr: member.person.cpr,
            method: v1::IdentityMethod::CprLookup.into(),
        }));
        self.send(call);
    }

    pub(super) fn open_command(&mut self, opened_on: jiff::civil::Date) -> v1::OpenCase {
        v1::OpenCase {
            family_id: self.id.clone(),
            case_id: self.dice.uuid(),
            programme_id: self.programme.id.clone(),
            referral_id: self.referral_id.clone(),
            opened_on: opened_on.to_string(),
            kle: "27.27.09".to_owned(),
            lead_worker_id: self.programme.worker(self.turn),
            regime: v1::Regime::Sel.into(),
        }
    }

    pub(super) fn open(&mut self) {
        let opening = self.open_command(self.today);
        if self.up_to(Mischief::LeadUntrained) {
            let lead_worker_id = self.programme.untrained.clone();
            let wrong = v1::OpenCase { lead_worker_id, ..opening.clone() };
            let call =
                self.early(Command::OpenCase(wrong)).by(Role::TeamLead, v1::Purpose::Casework);
            self.refused(call, "NOT_TRAINED");
        }
        let call = self
            .early(Command::OpenCase(opening.clone()))
            .by(Role::TeamLead, v1::Purpose::Casework);
        self.send(call);
        self.phase = CasePhase::Engagement;
        let mean = p::DURATION_DAYS.iter().cycle().nth(self.turn).copied().unwrap_or(330);
        let evaluated_on = workday(after(self.today, mean - 15 + self.dice.below(31)));
        self.case = Some(Case {
            opened_on: self.today,
            evaluated_on,
            leads: vec![(opening.lead_worker_id.clone(), self.today, None)],
            lead: opening.lead_worker_id,
            paused_from: None,
            closed: None,
        });
        self.truth.case_id = opening.case_id;
        self.staff();
        self.refuse_in_engagement();

        let wait = self.dice.between(p::DAYS_ENGAGEMENT.0, p::DAYS_ENGAGEMENT.1);
        self.plan_in(wait, Task::Assess);
        self.plan_for(evaluated_on, Task::Evaluate);
        self.plan_in(1, Task::Routine);
        self.plan_in(2, Task::Meet);
        let wait = self.dice.between(20, 35);
        self.plan_in(wait, Task::Judge);
        self.plan_the_course();
        if self.happens(p::MEMBER_JOINS) || self.will(Twist::RoleChanges) {
            let days = self.dice.between(40, 200);
            self.plan_in(days, Task::Join);
        }
        if self.happens(p::MEMBER_LEAVES) {
            let days = self.dice.between(60, 240);
            self.plan_in(days, Task::Leave);
        }
        let summer = jiff::civil::date(self.today.year(), 7, 1);
        let summer = if summer > self.today { summer } else { later(summer, 365) };
        if summer < evaluated_on.min(LAST_DAY) {
            self.plan_for(later(summer, -6), Task::Deputy);
        }
    }

    /// The second worker and a therapist.
    fn staff(&mut self) {
        let assign = |story: &mut Self, turn: usize, role: v1::WorkerRole| {
            let assignment = v1::AssignWorker {
                family_id: story.id.clone(),
                worker_id: story.programme.worker(story.turn + turn),
                role: role.into(),
                valid_from: story.today.to_string(),
                valid_to: String::new(),
                ..Default::default()
            };
            story.say(Command::AssignWorker(assignment));
        };
        assign(self, 1, v1::WorkerRole::Second);
        if self.dice.chance(500) || self.will(Twist::TherapistLeaves) {
            assign(self, 2, v1::WorkerRole::FamilyTherapist);
            self.therapist = Some(self.programme.worker(self.turn + 2));
        }
    }

    /// Somebody stands in for the lead worker during July's holidays.
    pub(super) fn deputise(&mut self) {
        let first = later(self.today, 14);
        let assignment = v1::AssignWorker {
            family_id: self.id.clone(),
            worker_id: self.programme.worker(self.turn + 3),
            role: v1::WorkerRole::Deputy.into(),
            valid_from: first.to_string(),
            valid_to: later(first, 20).to_string(),
            ..Default::default()
        };
        self.say(Command::AssignWorker(assignment));
    }

    /// A grandparent or partner becomes a member.
    pub(super) fn join(&mut self) {
        let Some(joiner) = self.joiner.take() else { return };
        self.register_person(&joiner);
        let from = later(self.today, -i32::try_from(self.dice.below(10)).unwrap_or(0));
        let addition = v1::AddFamilyMember {
            family_id: self.id.clone(),
            person_id: joiner.person.id.clone(),
            role: joiner.role.into(),
            household: joiner.household.into(),
            valid_from: from.to_string(),
        };
        self.say(Command::AddFamilyMember(addition.clone()));
        if self.up_to(Mischief::MemberTwice) {
            let call = self.early(Command::AddFamilyMember(addition));
            self.refused(call, "ALREADY_MEMBER");
        }
        if self.turns(Twist::RoleChanges) {
            let days = self.dice.between(20, 60);
            self.plan_in(days, Task::RoleChanges(joiner.person.id.clone()));
        }
        self.members.push(joiner);
    }

    /// The second adult moves out; a parent alone stays.
    pub(super) fn leave(&mut self) {
        let may_leave =
            |it: &Member| matches!(it.role, v1::FamilyRole::Father | v1::FamilyRole::Stepparent);
        let Some(member) = self.adults().into_iter().skip(1).find(may_leave) else { return };
        let leaving = v1::RemoveFamilyMember {
            family_id: self.id.clone(),
            person_id: member.person.id.clone(),
            reason: v1::LeaveReason::MovedOut.into(),
            valid_to: later(self.today, -i32::try_from(self.dice.below(3)).unwrap_or(0))
                .to_string(),
        };
        self.say(Command::RemoveFamilyMember(leaving));
        self.members.retain(|it| it.person.id != member.person.id);
    }
}
