//! Errors of the workers themselves: slips that are corrected, entries that should not exist, marks
//! taken back; and the sum of what stands at the end.

use fokus_proto::v1;
use fokus_proto::v1::ContactKind;
use fokus_proto::v1::corrected_command::Command as Corrected;
use fokus_proto::v1::execute_request::Command;
use jiff::civil::Date;

use super::care::code;
use super::journal::{Body, Entry};
use super::{Story, Task, entry};
use crate::calendar::{instant_ms, later, occurred};
use crate::parameters as p;
use crate::programme::SERVED_ON;
use crate::tally::FamilyTruth;
use crate::texts;

/// How an entry will be corrected.
#[derive(Debug, Clone)]
pub(super) struct Fix {
    stream: v1::StreamRef,
    revision: i64,
    reason: v1::CorrectionReason,
    corrected: Corrected,
    at: Option<v1::OccurredAt>,
    /// For contacts and notes: which entry, and how it then stands.
    stands: Option<(usize, Body, Date)>,
}

impl Fix {
    /// A registration whose name was misspelt.
    pub(super) fn person(right: v1::RegisterPerson, revision: i64) -> Self {
        Fix {
            stream: v1::StreamRef {
                kind: v1::StreamKind::Person.into(),
                id: right.person_id.clone(),
            },
            revision,
            reason: v1::CorrectionReason::Typo,
            corrected: Corrected::RegisterPerson(right),
            at: None,
            stands: None,
        }
    }

    /// The same, of the entry at that revision.
    pub(super) fn of(self, revision: i64) -> Self {
        Fix { revision, ..self }
    }
}

/// A contact or note as a correction carries it.
pub(super) fn corrected(body: &Body) -> Corrected {
    match body {
        Body::Contact(it) => Corrected::RecordContact(it.clone()),
        Body::Note(it) => Corrected::RecordNote(it.clone()),
    }
}

impl Story<'_> {
    /// How an entry of that day comes to be typed wrongly, and its correction. None where the entry
    /// does not say whom it is about: a correction may not change that.
    pub(super) fn slip(&mut self, right: &Body, day: Date, index: usize) -> Option<(Body, Fix)> {
        if !right.names_its_people() {
            return None;
        }
        let mut typed = right.clone();
        let mut reason = v1::CorrectionReason::Typo;
        let mut at = None;
        let mut right_day = day;
        let opened_on = self.case.as_ref().map(|it| it.opened_on)?;
        let earlier = later(day, -i32::try_from(self.dice.between(1, 3)).unwrap_or(1));
        match (&mut typed, self.dice.below(3)) {
            (Body::Contact(it), 0) if it.minutes > 0 => it.minutes += 30,
            (_, 1) if day == self.today && opened_on < earlier => {
                reason = v1::CorrectionReason::WrongDate;
                at = Some(occurred(instant_ms(earlier, 0), v1::Precision::Day));
                right_day = earlier;
            }
            (body, _) => {
                let text = body.text_mut();
                *text = texts::with_slip(text);
            }
        }
        let fix = Fix {
            stream: self.stream(),
            revision: 0,
            reason,
            corrected: corrected(right),
            at,
            stands: Some((index, right.clone(), right_day)),
        };
        Some((typed, fix))
    }

    pub(super) fn correct(&mut self, fix: Fix) {
        let Fix { stream, revision, reason, corrected, at, stands } = fix;
        let is_family = stream.kind() == v1::StreamKind::Family;
        let correction = v1::CorrectEntry {
            stream: Some(stream),
            entry: Some(entry(revision)),
            reason: reason.into(),
            explanation: "Rettet efter gennemlæsning af egne noter.".to_owned(),
            corrected: Some(v1::CorrectedCommand { command: Some(corrected) }),
            corrected_occurred_at: at,
        };
        let call = if is_family {
            self.call(Command::CorrectEntry(correction))
        } else {
            self.early(Command::CorrectEntry(correction))
        };
        let call = if self.dice.chance(300) { call.by_event_id() } else { call };
        self.send(call);
        if let Some((index, body, day)) = stands
            && let Some(it) = self.entries.get_mut(index)
        {
            it.body = body;
            it.day = day;
        }
    }

    pub(super) fn mark_mistaken(&mut self, index: usize) {
        let reasons = [
            v1::MistakeReason::Duplicate,
            v1::MistakeReason::WrongPerson,
            v1::MistakeReason::DidNotHappen,
        ];
        let reason = self.dice.pick(&reasons, v1::MistakeReason::Duplicate);
        self.mark(index, reason);
        if self.happens(p::MARK_WITHDRAWN) {
            let days = self.dice.between(1, 6);
            self.plan_in(days, Task::Withdraw(index));
        }
    }

    /// Marks an entry; it does not stand any more.
    pub(super) fn mark(&mut self, index: usize, reason: v1::MistakeReason) {
        let Some(it) = self.entries.get_mut(index) else { return };
        it.marked = true;
        let revision = it.revision;
        self.say(Command::MarkMistaken(v1::MarkMistaken {
            stream: Some(self.stream()),
            entry: Some(entry(revision)),
            reason: reason.into(),
            explanation: "Notatet hører ikke til i denne sag.".to_owned(),
        }));
    }

    pub(super) fn withdraw_mark(&mut self, index: usize) {
        let Some(it) = self.entries.get_mut(index) else { return };
        it.marked = false;
        let revision = it.revision;
        let withdrawal = v1::WithdrawMistakenMark {
            stream: Some(self.stream()),
            entry: Some(entry(revision)),
            explanation: "Notatet hørte til i sagen alligevel.".to_owned(),
        };
        self.say(Command::WithdrawMistakenMark(withdrawal));
    }

    /// How the family must stand at the end.
    pub(super) fn sum_up(&mut self) -> FamilyTruth {
        let mut truth = std::mem::take(&mut self.truth);
        let standing: Vec<&Entry> = self.entries.iter().filter(|it| !it.marked).collect();
        let contacts: Vec<(&v1::RecordContact, Date)> = standing
            .iter()
            .filter_map(|it| match &it.body {
                Body::Contact(contact) => Some((contact, it.day)),
                Body::Note(_) => None,
            })
            .filter(|(it, _)| it.kind() != ContactKind::NoShow)
            .collect();
        let tally = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
        let children: Vec<String> = self.children().into_iter().map(|it| it.person.id).collect();
        let last = |wanted: &dyn Fn(&v1::RecordContact) -> bool| {
            let days = contacts.iter().filter(|(it, _)| wanted(it)).map(|(_, day)| *day);
            days.max().map_or(String::new(), |it| it.to_string())
        };
        truth.last_contact_on = last(&|_| true);
        truth.last_contact_at_home_on = last(&|it| it.kind() == ContactKind::Visit);
        truth.last_contact_with_child_on =
            last(&|it| it.present.iter().any(|person| children.contains(person)));
        truth.contacts = tally(contacts.len());
        truth.contact_minutes =
            contacts.iter().map(|(it, _)| u32::try_from(it.minutes).unwrap_or(0)).sum();
        truth.notes = tally(standing.iter().filter(|it| matches!(it.body, Body::Note(_))).count());
        truth.family_id.clone_from(&self.id);
        truth.reference.clone_from(&self.reference);
        truth.members = self
            .members
            .iter()
            .map(|it| (it.person.id.clone(), code(it.role.as_str_name(), "FAMILY_ROLE_")))
            .collect();
        truth.interventions = self.interventions.iter().map(|it| it.truth()).collect();
        truth.risks = self
            .risks
            .iter()
            .map(|((person, area), level)| {
                let area = code(area.as_str_name(), "RISK_AREA_");
                (format!("{person}/{area}"), code(level.as_str_name(), "RISK_LEVEL_"))
            })
            .collect();
        truth.revision =
            u64::try_from(self.script.revision(v1::StreamKind::Family, &self.id)).unwrap_or(0);
        self.sum_up_case(&mut truth);
        truth
    }

    fn sum_up_case(&self, truth: &mut FamilyTruth) {
        if self.case.is_some() {
            "CASE".clone_into(&mut truth.referral_state);
        }
        let expired = truth.offer_expires_on.parse::<Date>().is_ok_and(|it| it < SERVED_ON);
        if expired {
            "EXPIRED".clone_into(&mut truth.referral_state);
        }
        let plan = if truth.family_plan_state.is_empty() { "NONE" } else { "" };
        truth.family_plan_state.push_str(plan);
        self.case_state().clone_into(&mut truth.case_state);
        truth.network = self.network_truth();
        let Some(case) = &self.case else { return };
        truth.lead_worker_id.clone_from(&case.lead);
        truth.opened_on = case.opened_on.to_string();
        truth.phase = code(self.phase.as_str_name(), "CASE_PHASE_");
        let day = |it: Option<Date>| it.map_or(String::new(), |it| it.to_string());
        truth.paused_from = day(case.paused_from.filter(|_| case.closed.is_none()));
        truth.closed_on = day(case.closed.as_ref().map(|it| it.on));
        truth.outcome = self.outcome();
    }
}
