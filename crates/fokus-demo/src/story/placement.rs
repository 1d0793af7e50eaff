//! What becomes of a referral: questions and answers, no place yet, declined, taken back, a place offered
//! and accepted, refused or left to expire; until the case is opened.

use fokus_proto::v1;
use fokus_proto::v1::RiskArea;
use fokus_proto::v1::execute_request::Command;

use super::{Story, Task, Twist};
use crate::calendar::{after, workday};
use crate::parameters as p;
use crate::programme::{CRITERIA, FIRST_CASE_FROM};
use crate::script::{Call, Role};
use crate::texts;
use crate::texts::casework;

/// Days after which an offer has surely expired: it is open for 30.
const OFFER_DAYS: u32 = 33;

impl Story<'_> {
    /// The first referral also says how those end that come before the one that becomes a case.
    pub(super) fn refer(&mut self) {
        if self.areas.is_empty() {
            let areas =
                [RiskArea::StreetLifestyle, RiskArea::SchoolThriving, RiskArea::FamilyProblems];
            // The showcase has a street to be seen on.
            let left_out = if self.showcase { 1 } else { self.dice.below(5) };
            self.areas =
                (0..).zip(areas).filter(|(at, _)| *at != left_out).map(|(_, area)| area).collect();
            let endings = [Twist::Expired, Twist::Refused, Twist::Declined, Twist::Withdrawn];
            self.endings = endings.into_iter().filter(|it| self.turns(*it)).collect();
        }
        self.referral_id = self.dice.uuid();
        let referral = self.referral_command();
        let call = self.early(Command::SubmitReferral(referral));
        self.referral = self.send(call);
        self.triaged = false;
        "SUBMITTED".clone_into(&mut self.truth.referral_state);
        self.refuse_after_referral();
        self.refuse_before_triage();
        let wait = self.dice.pick(&p::DAYS_TO_TRIAGE, 4);
        if self.turns(Twist::InfoAsked) {
            self.plan_in(1, Task::Ask);
            self.plan_in(wait + 6, Task::Triage);
        } else {
            self.plan_in(wait, Task::Triage);
        }
    }

    /// Questions to who referred; the answer comes within days.
    pub(super) fn ask(&mut self) {
        let request = v1::RequestReferralInfo {
            family_id: self.id.clone(),
            referral_id: self.referral_id.clone(),
            questions: casework::question(&mut self.dice),
            about: Vec::new(),
        };
        let call = self.early(Command::RequestReferralInfo(request));
        self.send(call);
        "INFO_REQUESTED".clone_into(&mut self.truth.referral_state);
        let wait = self.dice.between(1, 3);
        self.plan_in(wait, Task::Answer);
    }

    pub(super) fn answer(&mut self) {
        let supply = v1::SupplyReferralInfo {
            family_id: self.id.clone(),
            referral_id: self.referral_id.clone(),
            answer: casework::answer(&mut self.dice),
            about: Vec::new(),
        };
        let call = self.early(Command::SupplyReferralInfo(supply));
        self.send(call);
        "SUBMITTED".clone_into(&mut self.truth.referral_state);
    }

    /// A new referral some weeks later.
    fn refer_again(&mut self, state: &str) {
        state.clone_into(&mut self.truth.referral_state);
        let wait = self.dice.between(10, 20);
        self.plan_in(wait, Task::Refer);
    }

    pub(super) fn triage(&mut self) {
        if self.endings.last() == Some(&Twist::Withdrawn) {
            self.endings.pop();
            self.refuse_before_case();
            let withdrawal = v1::WithdrawReferral {
                family_id: self.id.clone(),
                referral_id: self.referral_id.clone(),
                reason: casework::withdrawn(&mut self.dice),
                about: Vec::new(),
            };
            let call = self.early(Command::WithdrawReferral(withdrawal));
            self.send(call);
            return self.refer_again("WITHDRAWN");
        }
        let mut triage = self.triage_command();
        self.refuse_triage(&triage);
        let waits = !self.triaged && self.turns(Twist::NoPlaceYet);
        triage.capacity = !waits;
        let call =
            self.early(Command::TriageReferral(triage)).by(Role::TeamLead, v1::Purpose::Casework);
        self.send(call);
        self.triaged = true;
        "TRIAGED".clone_into(&mut self.truth.referral_state);
        self.refuse_before_case();
        if waits {
            return self.plan_in(10, Task::Triage);
        }
        match self.endings.last().copied() {
            Some(Twist::Declined) => self.plan_in(1, Task::Decline),
            Some(_) => self.plan_in(1, Task::Offer),
            None if self.turns(Twist::Offered) => self.plan_in(1, Task::Offer),
            None => self.plan_opening(),
        }
    }

    /// The case opens some days later, once the programme takes cases in.
    fn plan_opening(&mut self) {
        let wait = self.dice.pick(&p::DAYS_TO_OPENING, 8);
        let day = workday(after(self.today, wait)).max(workday(FIRST_CASE_FROM));
        self.plan_for(day, Task::Open);
    }

    pub(super) fn decline(&mut self) {
        self.endings.pop();
        let reasons = [v1::DeclineReason::OtherService, v1::DeclineReason::NoCapacity];
        let decline = v1::DeclineReferral {
            family_id: self.id.clone(),
            referral_id: self.referral_id.clone(),
            reason: self.dice.pick(&reasons, v1::DeclineReason::OtherService).into(),
            redirected_to: v1::Agency::Social.into(),
        };
        let call = self.of_lead(Command::DeclineReferral(decline));
        self.send(call);
        self.refer_again("DECLINED");
    }

    /// A place, which the family answers or lets expire.
    pub(super) fn offer(&mut self) {
        let offer =
            v1::OfferPlace { family_id: self.id.clone(), referral_id: self.referral_id.clone() };
        let call = self.of_lead(Command::OfferPlace(offer));
        self.send(call);
        "OFFERED".clone_into(&mut self.truth.referral_state);
        self.truth.offer_expires_on = after(self.today, 30).to_string();
        if self.endings.last() == Some(&Twist::Expired) {
            self.endings.pop();
            return self.plan_in(OFFER_DAYS, Task::Offer);
        }
        let wait = self.dice.between(p::DAYS_TO_ANSWER.0, p::DAYS_TO_ANSWER.1);
        self.plan_in(wait, Task::Reply);
    }

    /// The family says yes or no.
    pub(super) fn reply(&mut self) {
        self.truth.offer_expires_on.clear();
        let (family_id, referral_id) = (self.id.clone(), self.referral_id.clone());
        if self.endings.last() == Some(&Twist::Refused) {
            self.endings.pop();
            let reason = casework::refused(&mut self.dice);
            let refusal = v1::RefusePlace { family_id, referral_id, reason, about: Vec::new() };
            let call = self.early(Command::RefusePlace(refusal));
            self.send(call);
            return self.refer_again("REFUSED");
        }
        let accepted_by = self.adults().into_iter().map(|it| it.person.id).collect();
        let acceptance = v1::AcceptPlace { family_id, referral_id, accepted_by };
        let call = self.early(Command::AcceptPlace(acceptance));
        self.send(call);
        "ACCEPTED".clone_into(&mut self.truth.referral_state);
        self.plan_opening();
    }

    /// A call of the team's lead before there is a case.
    fn of_lead(&mut self, command: Command) -> Call {
        self.early(command).by(Role::TeamLead, v1::Purpose::Casework)
    }

    pub(super) fn referral_command(&mut self) -> v1::SubmitReferral {
        use v1::Agency;
        let agencies = [Agency::School, Agency::Social, Agency::Ssp, Agency::JobCentre];
        let agency = self.dice.pick(&agencies, Agency::School);
        let named = self.dice.chance(500);
        v1::SubmitReferral {
            family_id: self.id.clone(),
            referral_id: self.referral_id.clone(),
            programme_id: self.programme.id.clone(),
            agency: agency.into(),
            worker_id: if named { self.programme.worker(self.turn + 1) } else { String::new() },
            risk_areas: self.areas.iter().map(|it| i32::from(*it)).collect(),
            grounds: texts::grounds(&self.areas),
            about: self.eldest().map(|it| it.person.id).into_iter().collect(),
            family_knows: true,
        }
    }

    fn triage_command(&mut self) -> v1::TriageReferral {
        use v1::Priority;
        let priorities = [(Priority::Normal, 6), (Priority::High, 3), (Priority::Acute, 1)];
        let criteria = CRITERIA
            .iter()
            .map(|(code, ..)| v1::Criterion {
                code: (*code).to_owned(),
                met: true,
                grounds: texts::criterion(&mut self.dice),
            })
            .collect();
        v1::TriageReferral {
            family_id: self.id.clone(),
            referral_id: self.referral_id.clone(),
            target_group: Some(v1::TargetGroup { met: true, criteria }),
            capacity: true,
            priority: self.dice.weighted(&priorities, Priority::Normal).into(),
        }
    }
}
