//! Contacts, notes and judgements of risk: the daily work. Some entries come late, some are wrong
//! and corrected later, some should not exist and are marked.

use fokus_proto::v1;
use fokus_proto::v1::execute_request::Command;
use fokus_proto::v1::{CasePhase, ContactKind as Kind};
use jiff::civil::Date;

use super::{Mischief, Story, Task, entry, names_of};
use crate::calendar::{after, instant_ms, later, next_workday, occurred, workday};
use crate::parameters as p;
use crate::people::Member;
use crate::programme::LAST_DAY;
use crate::texts;

/// Judgements rest on entries of at most so many days, well within the rule's six months.
const BASIS_DAYS: i32 = 120;
/// The most entries that a judgement of the demo rests on.
const BASIS_MAX: usize = 4;

/// A contact or note as it stands, corrections applied.
#[derive(Debug, Clone)]
pub(super) struct Entry {
    pub(super) revision: i64,
    pub(super) body: Body,
    /// Local day of the act.
    pub(super) day: Date,
    /// Recorded by mistake: a judgement should not rest on it.
    pub(super) by_mistake: bool,
    /// Marked as a mistake now.
    pub(super) marked: bool,
}

/// What was recorded.
#[derive(Debug, Clone)]
pub(super) enum Body {
    Contact(v1::RecordContact),
    Note(v1::RecordNote),
}

impl Body {
    pub(super) fn command(&self) -> Command {
        match self {
            Body::Contact(it) => Command::RecordContact(it.clone()),
            Body::Note(it) => Command::RecordNote(it.clone()),
        }
    }

    pub(super) fn text_mut(&mut self) -> &mut String {
        match self {
            Body::Contact(it) => &mut it.text,
            Body::Note(it) => &mut it.text,
        }
    }

    /// Whether it names whom it is about, so that a later change of members changes nothing.
    pub(super) fn names_its_people(&self) -> bool {
        match self {
            Body::Contact(it) => !it.present.is_empty() || !it.about.is_empty(),
            Body::Note(it) => !it.about.is_empty(),
        }
    }
}

/// An entry that waits to be recorded.
#[derive(Debug, Clone)]
pub(super) struct Late {
    body: Body,
    happened_on: Date,
}

impl Story<'_> {
    /// A working day of an open case.
    pub(super) fn routine(&mut self) {
        let load = self.load();
        if self.dice.chance(p::CONTACTS_PER_1000_DAYS * load / 1_000) {
            let contact = self.contact();
            self.record(Body::Contact(contact));
        }
        if self.dice.chance(p::NOTES_PER_1000_DAYS * load / 1_000) {
            let note = self.note();
            self.record(Body::Note(note));
        }
        self.refuse_in_routine();
        // Six weeks into the evaluation the daily work ends, if the case has not.
        let until = self.case.as_ref().map_or(self.today, |it| after(it.evaluated_on, 42));
        if self.today < until {
            self.plan_for(next_workday(self.today), Task::Routine);
        }
    }

    pub(super) fn contact(&mut self) -> v1::RecordContact {
        let number = self.dice.weighted(&p::CONTACT_KINDS, 0);
        let (child, adult) = self.cast();
        let (kind, minutes, with_child, with_adult) = match number {
            0 => (Kind::Visit, self.dice.between(9, 20) * 5, self.dice.chance(750), true),
            1 => (Kind::Call, self.dice.between(1, 6) * 5, false, true),
            2 => (Kind::Sms, self.dice.between(1, 4), false, true),
            3 => (Kind::NoShow, 0, false, false),
            4 => (Kind::Meeting, self.dice.between(9, 18) * 5, self.dice.chance(300), true),
            5 => (Kind::School, self.dice.between(6, 12) * 5, true, self.dice.chance(600)),
            6 => (Kind::Office, self.dice.between(6, 12) * 5, false, true),
            _ => (Kind::Street, self.dice.between(2, 6) * 5, true, false),
        };
        let mut present: Vec<String> = [(&child, with_child), (&adult, with_adult)]
            .into_iter()
            .filter(|(_, there)| *there)
            .filter_map(|(member, _)| member.as_ref().map(|it| it.person.id.clone()))
            .collect();
        if kind == Kind::Meeting {
            present.extend(self.helpers.iter().take(1).map(|it| it.person.id.clone()));
        }
        let area = self.dice.pick(&self.areas, v1::RiskArea::FamilyProblems);
        let goal = self.goals.iter().find(|(it, _)| *it == area).map(|(_, id)| id.clone());
        let serves = self.dice.chance(500);
        v1::RecordContact {
            family_id: self.id.clone(),
            contact_id: self.dice.uuid(),
            kind: kind.into(),
            minutes: i32::try_from(minutes).unwrap_or(0),
            from_child: with_child && !with_adult && self.dice.chance(300),
            present,
            risk_areas: if self.dice.chance(700) { vec![area.into()] } else { Vec::new() },
            goal_ids: goal.filter(|_| serves).into_iter().collect(),
            text: names_of(child.as_ref(), adult.as_ref()).contact(&mut self.dice, kind),
            about: Vec::new(),
        }
    }

    pub(super) fn note(&mut self) -> v1::RecordNote {
        use v1::{Grade, NoteNature as Nature};
        let (child, adult) = self.cast();
        let natures = [
            (Nature::Fact, 4),
            (Nature::Assessment, 3),
            (Nature::PartyStatement, 2),
            (Nature::Procedural, 1),
        ];
        let nature = self.dice.weighted(&natures, Nature::Fact);
        let grade = match nature {
            Nature::PartyStatement => Grade::Claimed,
            Nature::Procedural => Grade::Certain,
            Nature::Unspecified | Nature::Fact | Nature::Assessment | Nature::Decision => {
                self.dice.pick(&[Grade::Certain, Grade::Probable], Grade::Certain)
            }
        };
        let all = self.dice.chance(300);
        let about = [&child, &adult].into_iter().flatten().map(|it| it.person.id.clone());
        v1::RecordNote {
            family_id: self.id.clone(),
            note_id: self.dice.uuid(),
            nature: nature.into(),
            grade: grade.into(),
            source: if nature == Nature::Fact {
                texts::who_said(&mut self.dice)
            } else {
                String::new()
            },
            about: if all { Vec::new() } else { about.collect() },
            text: names_of(child.as_ref(), adult.as_ref()).note(&mut self.dice, nature),
        }
    }

    /// Records what happened today: now, or some days later.
    fn record(&mut self, body: Body) {
        if self.dice.chance(p::LATE) {
            let days = if self.dice.chance(p::VERY_LATE) {
                self.dice.between(33, 60)
            } else {
                self.dice.between(8, 25)
            };
            let day = workday(after(self.today, days));
            if day <= LAST_DAY {
                self.dirt.late_entries += 1;
                let late = Late { body, happened_on: self.today };
                self.plan_for(day, Task::Late(Box::new(late)));
                return;
            }
        }
        let (at, day) = self.time_of_act();
        self.enter_entry(body, at, day, "");
    }

    pub(super) fn record_late(&mut self, late: Late) {
        let Late { body, happened_on } = late;
        let at = occurred(instant_ms(happened_on, 0), v1::Precision::Day);
        let very_late = later(happened_on, 30) <= self.today;
        let reason = if very_late {
            "Noterne lå i en anden mappe og blev fundet ved oprydning."
        } else {
            ""
        };
        self.enter_entry(body, Some(at), happened_on, reason);
    }

    /// When today's act happened: left out, to the minute, or only the day.
    fn time_of_act(&mut self) -> (Option<v1::OccurredAt>, Date) {
        if self.dice.chance(p::TIME_LEFT_OUT) {
            return (None, self.today);
        }
        if self.dice.chance(p::DAY_PRECISION) {
            let yesterday = later(self.today, -1);
            let after_opening =
                self.case.as_ref().is_some_and(|it| it.opened_on < later(yesterday, -1));
            let day = if after_opening && self.dice.chance(500) { yesterday } else { self.today };
            return (Some(occurred(instant_ms(day, 0), v1::Precision::Day)), day);
        }
        let minute = self.minute.saturating_sub(self.dice.between(5, 60));
        (Some(occurred(instant_ms(self.today, minute), v1::Precision::Exact)), self.today)
    }

    /// Records an entry as the worker types it, with or without a slip.
    fn enter_entry(
        &mut self,
        right: Body,
        at: Option<v1::OccurredAt>,
        day: Date,
        late_reason: &str,
    ) {
        let slip = self.dice.chance(p::CORRECTED);
        let index = self.entries.len();
        let by_mistake = !slip && (self.dice.chance(p::MISTAKEN) || self.is_shown(index));
        let fix = if slip { self.slip(&right, day, index) } else { None };
        let typed = fix.as_ref().map_or(right, |it| it.0.clone());
        let call = self.call(typed.command()).occurred(at).because(late_reason);
        let revision = self.send(call);
        self.entries.push(Entry { revision, body: typed, day, by_mistake, marked: false });
        if let Some((_, fix)) = fix {
            let days = self.dice.between(1, 20);
            self.plan_in(days, Task::Correct(Box::new(fix.of(revision))));
        }
        if by_mistake {
            let days = self.dice.between(1, 10);
            self.plan_in(days, Task::Mistaken(index));
        }
    }

    /// Whether this entry of the showcase is the one recorded by mistake whatever the dice say.
    fn is_shown(&self, index: usize) -> bool {
        self.showcase && (8..20).contains(&index) && !self.entries.iter().any(|it| it.by_mistake)
    }

    /// A judgement of one child's risk in one area.
    pub(super) fn judge(&mut self) {
        let wait = self.dice.between(p::RISK_EVERY_DAYS.0, p::RISK_EVERY_DAYS.1);
        if self.phase != CasePhase::Evaluation {
            self.plan_in(wait, Task::Judge);
        }
        let children = self.children();
        let Some(child) = self.one_of(&children).cloned() else { return };
        let Some(judgement) = self.judgement(&child) else { return };
        if self.up_to(Mischief::ShortReasoning) {
            let mut short = judgement.clone();
            "Går fint.".clone_into(&mut short.reasoning);
            let call = self.call(Command::JudgeRisk(short));
            self.refused(call, "REASONING_TOO_SHORT");
        }
        if self.up_to(Mischief::NoBasis) {
            let call = self
                .call(Command::JudgeRisk(v1::JudgeRisk { basis: Vec::new(), ..judgement.clone() }));
            self.refused(call, "NO_BASIS");
        }
        self.refuse_judgement(&judgement);
        let area = judgement.risk_area();
        self.risks.insert((child.person.id, area), judgement.level());
        self.judgements += 1;
        let call = self.call(Command::JudgeRisk(judgement.clone()));
        let call = if self.dice.chance(500) { call.by_event_id() } else { call };
        let revision = self.send(call);
        self.refuse_second_thought(&judgement, revision);
    }

    /// A judgement that rests on recent contacts and notes; none without them.
    fn judgement(&mut self, child: &Member) -> Option<v1::JudgeRisk> {
        let oldest = later(self.today, -BASIS_DAYS);
        let recent: Vec<&Entry> = self
            .entries
            .iter()
            .filter(|it| it.day >= oldest && !it.by_mistake)
            .rev()
            .take(BASIS_MAX)
            .collect();
        let basis: Vec<v1::EntryRef> = recent.iter().map(|it| entry(it.revision)).collect();
        let sure = recent.iter().any(|it| matches!(it.body, Body::Contact(_)));
        if !sure {
            return None;
        }
        let area = self.dice.pick(&self.areas, v1::RiskArea::FamilyProblems);
        let today = self.today;
        let severity = self.latent.of_child(&mut self.dice, &child.person.id, today);
        let level = super::latent::level(&mut self.dice, severity);
        let before = self.risks.get(&(child.person.id.clone(), area)).copied();
        let direction = match before {
            None => v1::RiskDirection::First,
            Some(it) if i32::from(level) < i32::from(it) => v1::RiskDirection::Better,
            Some(it) if i32::from(level) > i32::from(it) => v1::RiskDirection::Worse,
            Some(_) => v1::RiskDirection::Same,
        };
        Some(v1::JudgeRisk {
            family_id: self.id.clone(),
            person_id: child.person.id.clone(),
            risk_area: area.into(),
            level: level.into(),
            direction: direction.into(),
            basis,
            reasoning: texts::reasoning(&mut self.dice),
            valid_until: after(self.today, self.dice.between(80, 150)).to_string(),
        })
    }
}
