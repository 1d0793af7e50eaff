//! The programme's numbers on a day: the rows of all families, summed.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use jiff::ToSpan;
use jiff::civil::Date;

use super::{CaseWay, ProgrammeRow};
use crate::codes::{CaseOutcome, RiskArea, RiskLevel};
use crate::ids::*;

/// The most months that figures are given for, the newest last.
pub const MONTHS_MAX: usize = 36;

/// Every area, in order.
pub(crate) const AREAS: [RiskArea; 3] =
    [RiskArea::StreetLifestyle, RiskArea::SchoolThriving, RiskArea::FamilyProblems];

/// How far a family has come in the programme. Each stage comes after the one before; of the last three
/// a closed case has one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Stage {
    Referred,
    PlaceOffered,
    PlaceAccepted,
    CaseOpen,
    PlanAgreed,
    ClosedGoalsMet,
    ClosedPartlyMet,
    /// With any other outcome.
    ClosedOtherwise,
}

impl Stage {
    /// Every stage, in order.
    pub const ALL: [Stage; 8] = [
        Stage::Referred,
        Stage::PlaceOffered,
        Stage::PlaceAccepted,
        Stage::CaseOpen,
        Stage::PlanAgreed,
        Stage::ClosedGoalsMet,
        Stage::ClosedPartlyMet,
        Stage::ClosedOtherwise,
    ];

    /// The code, in SCREAMING_SNAKE_CASE.
    pub fn code(self) -> &'static str {
        match self {
            Stage::Referred => "REFERRED",
            Stage::PlaceOffered => "PLACE_OFFERED",
            Stage::PlaceAccepted => "PLACE_ACCEPTED",
            Stage::CaseOpen => "CASE_OPEN",
            Stage::PlanAgreed => "PLAN_AGREED",
            Stage::ClosedGoalsMet => "CLOSED_GOALS_MET",
            Stage::ClosedPartlyMet => "CLOSED_PARTLY_MET",
            Stage::ClosedOtherwise => "CLOSED_OTHERWISE",
        }
    }
}

/// Persons, and the distinct families that they are of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Tally {
    pub persons: u32,
    pub families: u32,
}

/// The numbers of one programme on one day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Figures {
    pub programme_id: ProgrammeId,
    pub day: Date,
    /// Families by how far they have come, each once, in order of the stages.
    pub stages: Vec<(Stage, u32)>,
    /// Families whose case is open on the day.
    pub active: u32,
    /// The months until the day, the day's own up to it; oldest first, at most [`MONTHS_MAX`].
    pub months: Vec<MonthFigures>,
    /// One for each area.
    pub risks: Vec<RiskFigures>,
}

impl Figures {
    /// Families that came at least so far; closed ones came through every stage before.
    pub fn reached(&self, stage: Stage) -> u32 {
        let least = stage.min(Stage::ClosedGoalsMet);
        self.stages.iter().filter(|it| least <= it.0).map(|it| it.1).sum()
    }
}

/// What was done in one calendar month, with families whose case was open on the day that it was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MonthFigures {
    /// Its first day.
    pub month: Date,
    /// Families whose case was open on any day of it.
    pub active: u32,
    pub contacts: Done,
    /// Minutes.
    pub contact_minutes: Done,
    pub sessions: Done,
    /// Minutes.
    pub session_minutes: Done,
}

/// A sum with what it rests on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Done {
    pub sum: u32,
    /// The families with any.
    pub families: u32,
    /// The share of the family with the most.
    pub largest: u32,
    /// And of the next.
    pub second: u32,
}

impl Done {
    fn add(&mut self, share: u32) {
        if share == 0 {
            return;
        }
        self.sum = self.sum.saturating_add(share);
        self.families = self.families.saturating_add(1);
        if self.largest < share {
            self.second = std::mem::replace(&mut self.largest, share);
        } else {
            self.second = self.second.max(share);
        }
    }
}

/// How the risk of persons in one area stands against their first judgement in it: pairs only.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RiskFigures {
    pub area: RiskArea,
    pub better: Tally,
    pub same: Tally,
    pub worse: Tally,
    /// Judged once, so there is nothing to compare.
    pub judged_once: Tally,
    /// The newest judgement is past its date: how it stands is not known.
    pub out_of_date: Tally,
}

impl RiskFigures {
    /// Persons that are compared.
    pub fn paired(&self) -> u32 {
        self.better.persons + self.same.persons + self.worse.persons
    }
}

/// The numbers of a programme on `day`, from the rows of all families.
pub fn figures_on(rows: &[ProgrammeRow], programme: ProgrammeId, day: Date) -> Figures {
    let stages: Vec<Option<Stage>> = rows.iter().map(|it| stage_on(it, programme, day)).collect();
    let count = |stage: Stage| count(stages.iter().filter(|it| **it == Some(stage)).count());
    let cases = |row: &&ProgrammeRow| of_programme(row, programme).any(|it| is_open_on(it, day));
    Figures {
        programme_id: programme,
        day,
        stages: Stage::ALL.into_iter().map(|it| (it, count(it))).collect(),
        active: self::count(counted(rows).filter(cases).count()),
        months: months_until(rows, programme, day),
        risks: AREAS.into_iter().map(|it| risk_figures(rows, programme, it, day)).collect(),
    }
}

fn count(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

fn counted(rows: &[ProgrammeRow]) -> impl Iterator<Item = &ProgrammeRow> {
    rows.iter().filter(|it| !it.undone)
}

fn of_programme(row: &ProgrammeRow, programme: ProgrammeId) -> impl Iterator<Item = &CaseWay> {
    row.cases.iter().filter(move |it| it.programme_id == programme)
}

fn is_open_on(case: &CaseWay, day: Date) -> bool {
    case.open.iter().any(|it| it.holds(day))
}

/// How far the family has come in the programme by the end of `day`; `None` where it was never
/// referred to it. Its newest case says it, without one its referral that came farthest.
pub fn stage_on(row: &ProgrammeRow, programme: ProgrammeId, day: Date) -> Option<Stage> {
    if row.undone {
        return None;
    }
    let begun = |it: &&CaseWay| it.open.first().is_some_and(|span| span.from <= day);
    if let Some(case) = of_programme(row, programme).filter(begun).last() {
        return Some(stage_of_case(row, case, day));
    }
    let referred = row.referrals.iter().filter(|it| it.programme_id == programme && it.on <= day);
    let stage = |it: &super::ReferralWay| {
        if it.accepted_on.is_some_and(|it| it <= day) {
            Stage::PlaceAccepted
        } else if it.offered_on.is_some_and(|it| it <= day) {
            Stage::PlaceOffered
        } else {
            Stage::Referred
        }
    };
    referred.map(stage).max()
}

/// A case is closed from its last day on.
fn stage_of_case(row: &ProgrammeRow, case: &CaseWay, day: Date) -> Stage {
    let latest = case.open.iter().rfind(|it| it.from <= day);
    if let Some(last) = latest.and_then(|it| it.to).filter(|it| *it <= day) {
        let closing = case.closings.iter().find(|it| it.on == last);
        return match closing.map(|it| it.outcome) {
            Some(CaseOutcome::GoalsMet) => Stage::ClosedGoalsMet,
            Some(CaseOutcome::PartlyMet) => Stage::ClosedPartlyMet,
            Some(
                CaseOutcome::Withdrew
                | CaseOutcome::Moved
                | CaseOutcome::Transferred
                | CaseOutcome::NoEffect
                | CaseOutcome::Died
                | CaseOutcome::Error,
            )
            | None => Stage::ClosedOtherwise,
        };
    }
    let since = case.open.first().map(|it| it.from);
    let agreed = row.plans.iter().any(|it| Some(*it) >= since && *it <= day);
    if agreed { Stage::PlanAgreed } else { Stage::CaseOpen }
}

/// From the first month in which a case was open, at most [`MONTHS_MAX`] of them.
fn months_until(rows: &[ProgrammeRow], programme: ProgrammeId, day: Date) -> Vec<MonthFigures> {
    let cases = counted(rows).flat_map(|it| of_programme(it, programme));
    let first = cases.filter_map(|it| it.open.first()).map(|it| it.from).min();
    let mut month = day.first_of_month();
    let mut months = Vec::new();
    while first.is_some_and(|it| it.first_of_month() <= month) && months.len() < MONTHS_MAX {
        months.push(month_figures(rows, programme, month, day));
        month = month.saturating_sub(1.month());
    }
    months.reverse();
    months
}

/// What was done in the month that begins with that day, up to `until`.
pub fn month_figures(
    rows: &[ProgrammeRow],
    programme: ProgrammeId,
    month: Date,
    until: Date,
) -> MonthFigures {
    let last = month.last_of_month().min(until);
    let mut figures = MonthFigures {
        month,
        active: 0,
        contacts: Done::default(),
        contact_minutes: Done::default(),
        sessions: Done::default(),
        session_minutes: Done::default(),
    };
    for row in counted(rows) {
        let cases: Vec<&CaseWay> = of_programme(row, programme).collect();
        let spans = || cases.iter().flat_map(|it| &it.open);
        let open = spans().any(|it| it.from <= last && it.to.is_none_or(|to| month <= to));
        figures.active += u32::from(open);
        let within = row.days.iter().filter(|it| month <= it.day && it.day <= last);
        let [mut contacts, mut minutes, mut sessions, mut session_minutes] = [0_u32; 4];
        for it in within.filter(|it| spans().any(|span| span.holds(it.day))) {
            contacts = contacts.saturating_add(it.contacts);
            minutes = minutes.saturating_add(it.contact_minutes);
            sessions = sessions.saturating_add(it.sessions);
            session_minutes = session_minutes.saturating_add(it.session_minutes);
        }
        figures.contacts.add(contacts);
        figures.contact_minutes.add(minutes);
        figures.sessions.add(sessions);
        figures.session_minutes.add(session_minutes);
    }
    figures
}

/// How the persons of the programme's families stand in one area on `day`, against their first
/// judgement in it.
pub fn risk_figures(
    rows: &[ProgrammeRow],
    programme: ProgrammeId,
    area: RiskArea,
    day: Date,
) -> RiskFigures {
    let none = Tally::default();
    let mut figures = RiskFigures {
        area,
        better: none,
        same: none,
        worse: none,
        judged_once: none,
        out_of_date: none,
    };
    let begun = |row: &&ProgrammeRow| {
        let opened = |it: &CaseWay| it.open.first().is_some_and(|span| span.from <= day);
        of_programme(row, programme).any(opened)
    };
    for row in counted(rows).filter(begun) {
        let mut of_family: [u32; 5] = [0; 5];
        for (first, newest, judgements) in pairs(row, area, day) {
            let [better, same, worse, once, stale] = &mut of_family;
            let tally = if newest.1 < day {
                stale
            } else if judgements == 1 {
                once
            } else {
                match newest.0.cmp(&first) {
                    Ordering::Less => better,
                    Ordering::Equal => same,
                    Ordering::Greater => worse,
                }
            };
            *tally += 1;
        }
        let tallies = [
            &mut figures.better,
            &mut figures.same,
            &mut figures.worse,
            &mut figures.judged_once,
            &mut figures.out_of_date,
        ];
        for (tally, persons) in tallies.into_iter().zip(of_family) {
            tally.persons += persons;
            tally.families += u32::from(persons > 0);
        }
    }
    figures
}

/// Of each person judged in the area by `day`: the first level; the newest with its last day; how many.
fn pairs(
    row: &ProgrammeRow,
    area: RiskArea,
    day: Date,
) -> impl Iterator<Item = (RiskLevel, (RiskLevel, Date), u32)> {
    let mut persons: BTreeMap<PersonId, (RiskLevel, (RiskLevel, Date), u32)> = BTreeMap::new();
    for it in row.risks.iter().filter(|it| it.risk_area == area && it.from <= day) {
        let newest = (it.level, it.valid_until);
        let known = persons.entry(it.person_id).or_insert((it.level, newest, 0));
        known.1 = newest;
        known.2 += 1;
    }
    persons.into_values()
}
