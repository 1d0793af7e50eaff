//! Who had how much on a day: the rows of all families, joined.

use std::collections::BTreeMap;

use jiff::ToSpan;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::{CaseloadRow, RiskFrom};
use crate::codes::{CasePhase, RiskArea, RiskLevel, WorkerRole};
use crate::family::pairing::{Stay, standing};
use crate::family::staffing::Assignment;
use crate::ids::*;

/// How far back contacts and minutes are counted, in days, the day itself included (domain 2.5).
const RECENT_DAYS: i32 = 14;
/// After how many days without contact a case is counted as such (domain 2.5).
const QUIET_DAYS: i32 = 21;

/// A weight in hundredths: 100 is one.
pub type Weight = u32;

/// What a case weighs: the product of its phase's, its risk's, the role's and, while it is paused, the
/// pause's weight. Proposed, not found: to be shown beside every figure that rests on them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Weights {
    pub phases: BTreeMap<CasePhase, Weight>,
    pub risks: BTreeMap<RiskLevel, Weight>,
    /// Where no judgement stands on the day: none was made, or all are past their dates.
    pub no_risk: Weight,
    pub roles: BTreeMap<WorkerRole, Weight>,
    pub paused: Weight,
}

impl Default for Weights {
    fn default() -> Self {
        Weights {
            phases: BTreeMap::from([
                (CasePhase::Engagement, 120),
                (CasePhase::FamilyAssessment, 150),
                (CasePhase::FamilyPlan, 120),
                (CasePhase::FamilyIntervention, 100),
                (CasePhase::YouthTrack, 120),
                (CasePhase::Transition, 80),
                (CasePhase::Evaluation, 50),
            ]),
            risks: BTreeMap::from([
                (RiskLevel::Low, 80),
                (RiskLevel::Moderate, 100),
                (RiskLevel::High, 150),
                (RiskLevel::Acute, 200),
            ]),
            no_risk: 100,
            roles: BTreeMap::from([
                (WorkerRole::Lead, 100),
                (WorkerRole::Second, 50),
                (WorkerRole::YouthMentor, 50),
                (WorkerRole::FamilyTherapist, 50),
                (WorkerRole::Deputy, 50),
            ]),
            paused: 50,
        }
    }
}

/// One case of a worker's load, with what its weight comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CaseLoad {
    pub family_id: FamilyId,
    pub reference: String,
    pub case_id: CaseId,
    /// The weightiest, where the worker has several.
    pub role: WorkerRole,
    pub phase: CasePhase,
    /// The highest that stands on the day; levels are never summed.
    pub risk: Option<RiskLevel>,
    pub paused: bool,
    pub weight: Weight,
    pub children: u32,
    /// Since the case began, or the day before which nothing is known.
    pub last_contact_on: Option<Date>,
    pub without_contact: bool,
    pub handover_unread: bool,
}

/// One worker's load on a day.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct WorkerLoad {
    /// Cases led.
    pub lead_cases: u32,
    /// Cases in another role.
    pub co_cases: u32,
    /// The sum of the cases' weights, in hundredths.
    pub weighted: u64,
    /// Present children and youths, of cases led.
    pub children: u32,
    /// Of cases led, in the last 14 days, whoever had the contact.
    pub contacts_14_days: u32,
    pub minutes_14_days: u32,
    /// The same with no-shows: minutes with the family are a share of these.
    pub minutes_spent_14_days: u32,
    /// Cases led without a contact for more than 21 days; paused ones are not counted.
    pub without_contact_21_days: u32,
    /// Changes of lead that brought a case and whose hand-over was not completed by the day.
    pub handovers_unread: u32,
    /// In order of reference.
    pub cases: Vec<CaseLoad>,
}

/// The load of everybody who had a case on the day. Pure: the rows of all families, the day, the weights.
pub fn load_on(
    rows: &[CaseloadRow],
    day: Date,
    weights: &Weights,
) -> BTreeMap<WorkerId, WorkerLoad> {
    let mut loads: BTreeMap<WorkerId, WorkerLoad> = BTreeMap::new();
    for row in rows.iter().filter(|it| it.open.iter().any(|span| span.holds(day))) {
        let mut roles: BTreeMap<WorkerId, Vec<WorkerRole>> = BTreeMap::new();
        let then = row.assignments.iter().filter(|it| it.stands_on(day));
        for Assignment { worker_id, role, .. } in then {
            roles.entry(*worker_id).or_default().push(*role);
        }
        for (worker, roles) in roles {
            let load = loads.entry(worker).or_default();
            load.add(row, day, case_load(row, worker, &roles, day, weights));
        }
    }
    for load in loads.values_mut() {
        load.cases.sort_by(|one, other| one.reference.cmp(&other.reference));
    }
    loads
}

impl WorkerLoad {
    /// Minutes with the family, in per cent of those spent, rounded down; `None` when none were spent.
    pub fn direct_time_percent(&self) -> Option<u8> {
        let hundredfold = u64::from(self.minutes_14_days) * 100;
        let share = hundredfold.checked_div(self.minutes_spent_14_days.into())?;
        u8::try_from(share).ok()
    }

    /// Adds the same worker's load of other families on the same day.
    pub fn join(&mut self, other: WorkerLoad) {
        let add = |sum: &mut u32, more: u32| *sum = sum.saturating_add(more);
        add(&mut self.lead_cases, other.lead_cases);
        add(&mut self.co_cases, other.co_cases);
        self.weighted = self.weighted.saturating_add(other.weighted);
        add(&mut self.children, other.children);
        add(&mut self.contacts_14_days, other.contacts_14_days);
        add(&mut self.minutes_14_days, other.minutes_14_days);
        add(&mut self.minutes_spent_14_days, other.minutes_spent_14_days);
        add(&mut self.without_contact_21_days, other.without_contact_21_days);
        add(&mut self.handovers_unread, other.handovers_unread);
        self.cases.extend(other.cases);
        self.cases.sort_by(|one, other| one.reference.cmp(&other.reference));
    }

    fn add(&mut self, row: &CaseloadRow, day: Date, case: CaseLoad) {
        self.weighted = self.weighted.saturating_add(case.weight.into());
        if case.role == WorkerRole::Lead {
            self.lead_cases += 1;
            self.children += case.children;
            self.without_contact_21_days += u32::from(case.without_contact);
            self.handovers_unread += u32::from(case.handover_unread);
            let since = day.saturating_sub((RECENT_DAYS - 1).days());
            for it in row.days.iter().filter(|it| since <= it.day && it.day <= day) {
                self.contacts_14_days = self.contacts_14_days.saturating_add(it.contacts);
                self.minutes_14_days = self.minutes_14_days.saturating_add(it.minutes);
                self.minutes_spent_14_days =
                    self.minutes_spent_14_days.saturating_add(it.minutes_spent);
            }
        } else {
            self.co_cases += 1;
        }
        self.cases.push(case);
    }
}

fn case_load(
    row: &CaseloadRow,
    worker: WorkerId,
    roles: &[WorkerRole],
    day: Date,
    weights: &Weights,
) -> CaseLoad {
    let weight_of = |it: &WorkerRole| weights.roles.get(it).copied().unwrap_or(100);
    // Who leads, leads, whatever else they do.
    let leads = roles.iter().find(|it| **it == WorkerRole::Lead);
    let role = leads.or_else(|| roles.iter().max_by_key(|it| weight_of(it)));
    let role = role.copied().unwrap_or(WorkerRole::Second);
    let phase = phase_on(row, day);
    let risk = risk_on(row, day);
    let paused = row.pauses.iter().any(|it| it.span.holds(day));
    let last_contact_on = last_contact(row, day);
    let quiet_since = day.saturating_sub(QUIET_DAYS.days());
    // A case that has just begun is not without contact yet.
    let since = last_contact_on.or_else(|| opened_by(row, day)).unwrap_or(day);
    CaseLoad {
        family_id: row.family_id,
        reference: row.reference.clone(),
        case_id: row.case_id,
        role,
        phase,
        risk,
        paused,
        weight: product(&[
            weights.phases.get(&phase).copied().unwrap_or(100),
            risk.map_or(weights.no_risk, |it| weights.risks.get(&it).copied().unwrap_or(100)),
            weight_of(&role),
            if paused { weights.paused } else { 100 },
        ]),
        children: children_on(row, day),
        last_contact_on,
        without_contact: !paused && since < quiet_since,
        handover_unread: role == WorkerRole::Lead && unread_on(row, worker, day),
    }
}

/// The product of weights, in hundredths, rounded down at the end.
fn product(weights: &[Weight]) -> Weight {
    let all = weights.iter().fold(100_u64, |all, it| all.saturating_mul(u64::from(*it)));
    let scale = weights.iter().fold(1_u64, |scale, _| scale.saturating_mul(100));
    Weight::try_from(all / scale).unwrap_or(Weight::MAX)
}

fn phase_on(row: &CaseloadRow, day: Date) -> CasePhase {
    let entered = row.phases.iter().rev().find(|it| it.from <= day);
    entered.map_or(CasePhase::Engagement, |it| it.phase)
}

/// The highest level that stands: of each person and area the newest judgement by the day, unless it is
/// past its date.
fn risk_on(row: &CaseloadRow, day: Date) -> Option<RiskLevel> {
    let mut newest: BTreeMap<(PersonId, RiskArea), &RiskFrom> = BTreeMap::new();
    for judged in row.risks.iter().filter(|it| it.from <= day) {
        newest.insert((judged.person_id, judged.risk_area), judged);
    }
    newest.values().filter(|it| day <= it.valid_until).map(|it| it.level).max()
}

fn children_on(row: &CaseloadRow, day: Date) -> u32 {
    let stay = |it: &super::ChildStay| Stay { person_id: it.person_id, from: it.from, to: it.to };
    u32::try_from(standing(&row.children, day, stay).len()).unwrap_or(u32::MAX)
}

fn last_contact(row: &CaseloadRow, day: Date) -> Option<Date> {
    let met = row.days.iter().rev().find(|it| it.day <= day && it.minutes + it.contacts > 0);
    met.map(|it| it.day)
}

fn opened_by(row: &CaseloadRow, day: Date) -> Option<Date> {
    row.open.iter().rev().map(|it| it.from).find(|it| *it <= day)
}

/// Whether the worker's last taking over of the lead, by the day, was not completed by then.
fn unread_on(row: &CaseloadRow, worker: WorkerId, day: Date) -> bool {
    let mut changes = row.handovers.iter().rev();
    let last = changes.find(|it| it.since <= day);
    last.is_some_and(|it| {
        it.to_worker_id == worker && it.completed_on.is_none_or(|done| day < done)
    })
}
