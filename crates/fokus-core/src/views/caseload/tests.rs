use jiff::civil::date;
use uuid::Uuid;

use super::*;
use crate::family::course::{Pause, Span};

const ANNE: WorkerId = WorkerId(Uuid::from_u128(1));
const BO: WorkerId = WorkerId(Uuid::from_u128(2));
const SON: PersonId = PersonId(Uuid::from_u128(3));
const DAUGHTER: PersonId = PersonId(Uuid::from_u128(4));

fn span(from: Date, to: Option<Date>) -> Span {
    Span { from, to }
}

fn assigned(worker_id: WorkerId, role: WorkerRole, from: Date, to: Option<Date>) -> Assignment {
    Assignment { worker_id, role, from, to, revision: 5 }
}

fn risk(person_id: PersonId, level: RiskLevel, from: Date, valid_until: Date) -> RiskFrom {
    RiskFrom { from, valid_until, person_id, risk_area: RiskArea::SchoolThriving, level }
}

fn tally(day: Date, contacts: u32, minutes: u32, minutes_spent: u32) -> DayTally {
    DayTally { day, contacts, minutes, minutes_spent }
}

/// Led by ANNE from 1 March to 30 April, then by BO; closed on 30 June, reopened from August on.
fn row(reference: &str) -> CaseloadRow {
    let (march, may) = (date(2019, 3, 1), date(2019, 5, 1));
    CaseloadRow {
        family_id: FamilyId(Uuid::from_u128(10)),
        reference: reference.to_owned(),
        case_id: CaseId(Uuid::from_u128(11)),
        programme_id: ProgrammeId(Uuid::from_u128(12)),
        open: vec![span(march, Some(date(2019, 6, 30))), span(date(2019, 8, 1), None)],
        pauses: vec![Pause {
            span: span(date(2019, 6, 1), Some(date(2019, 6, 10))),
            expected_until: date(2019, 6, 30),
        }],
        assignments: vec![
            assigned(ANNE, WorkerRole::Lead, march, Some(date(2019, 4, 30))),
            assigned(BO, WorkerRole::Second, date(2019, 4, 1), Some(date(2019, 4, 30))),
            assigned(BO, WorkerRole::Lead, may, Some(date(2019, 6, 30))),
            assigned(BO, WorkerRole::Lead, date(2019, 8, 1), None),
        ],
        handovers: vec![Handover {
            assignment: 5,
            from_worker_id: ANNE,
            to_worker_id: BO,
            since: may,
            completed_on: Some(date(2019, 5, 8)),
        }],
        phases: vec![
            PhaseFrom { from: march, phase: CasePhase::Engagement },
            PhaseFrom { from: date(2019, 3, 15), phase: CasePhase::FamilyAssessment },
            PhaseFrom { from: may, phase: CasePhase::FamilyIntervention },
        ],
        risks: vec![
            risk(SON, RiskLevel::High, date(2019, 4, 1), date(2019, 5, 31)),
            risk(DAUGHTER, RiskLevel::Low, date(2019, 4, 2), date(2019, 9, 30)),
            risk(SON, RiskLevel::Moderate, date(2019, 5, 20), date(2019, 8, 31)),
        ],
        children: vec![
            ChildStay { person_id: SON, from: None, to: None },
            ChildStay { person_id: DAUGHTER, from: None, to: Some(date(2019, 5, 1)) },
        ],
        days: vec![
            tally(date(2019, 4, 1), 1, 60, 60),
            tally(date(2019, 4, 14), 2, 90, 105),
            tally(date(2019, 4, 20), 0, 0, 20),
        ],
    }
}

fn on(day: Date) -> std::collections::BTreeMap<WorkerId, WorkerLoad> {
    load_on(&[row("FF-2019-001")], day, &Weights::default())
}

#[test]
fn who_has_the_case_on_a_day() {
    for (day, expected) in [
        (date(2019, 2, 28), vec![]),
        (date(2019, 3, 1), vec![(ANNE, 1, 0)]),
        (date(2019, 4, 1), vec![(ANNE, 1, 0), (BO, 0, 1)]),
        (date(2019, 4, 30), vec![(ANNE, 1, 0), (BO, 0, 1)]),
        (date(2019, 5, 1), vec![(BO, 1, 0)]),
        (date(2019, 6, 30), vec![(BO, 1, 0)]),
        (date(2019, 7, 1), vec![]),
        (date(2019, 8, 1), vec![(BO, 1, 0)]),
    ] {
        let loads = on(day);
        let shown: Vec<_> =
            loads.iter().map(|(worker, it)| (*worker, it.lead_cases, it.co_cases)).collect();
        assert_eq!(shown, expected, "{day}");
    }
}

#[test]
fn a_case_weighs_by_phase_risk_role_and_pause() {
    let (engagement, assessment, intervention) = (120, 150, 100);
    for (day, worker, risk, weight, why) in [
        (date(2019, 3, 1), ANNE, None, engagement, "nothing judged"),
        (date(2019, 3, 15), ANNE, None, assessment, "assessed from that day on"),
        (date(2019, 4, 1), ANNE, Some(RiskLevel::High), assessment * 150 / 100, "high"),
        (date(2019, 4, 1), BO, Some(RiskLevel::High), assessment * 75 / 100, "half the weight"),
        (date(2019, 5, 1), BO, Some(RiskLevel::High), intervention * 150 / 100, "leads now"),
        (date(2019, 5, 20), BO, Some(RiskLevel::Moderate), intervention, "judged anew"),
        (date(2019, 6, 1), BO, Some(RiskLevel::Moderate), intervention / 2, "paused"),
        (date(2019, 6, 11), BO, Some(RiskLevel::Moderate), intervention, "resumed"),
        (date(2019, 9, 1), BO, Some(RiskLevel::Low), intervention * 80 / 100, "the highest left"),
        (date(2019, 10, 1), BO, None, intervention, "all past their dates"),
    ] {
        let loads = on(day);
        let case = &loads[&worker].cases[0];
        assert_eq!((case.risk, case.weight), (risk, weight), "{day}: {why}");
        assert_eq!(loads[&worker].weighted, u64::from(weight), "{day}");
    }
}

#[test]
fn weights_are_data() {
    let weights = Weights {
        phases: std::collections::BTreeMap::from([(CasePhase::Engagement, 300)]),
        ..Weights::default()
    };
    let loads = load_on(&[row("FF-2019-001")], date(2019, 3, 1), &weights);
    assert_eq!(loads[&ANNE].weighted, 300);
}

#[test]
fn contacts_and_minutes_count_for_fourteen_days() {
    for (day, contacts, minutes, spent) in [
        (date(2019, 3, 31), 0, 0, 0),
        (date(2019, 4, 1), 1, 60, 60),
        (date(2019, 4, 14), 3, 150, 165),
        (date(2019, 4, 15), 2, 90, 105),
        (date(2019, 4, 20), 2, 90, 125),
        (date(2019, 4, 28), 0, 0, 20),
    ] {
        let load = &on(day)[&ANNE];
        let shown = (load.contacts_14_days, load.minutes_14_days, load.minutes_spent_14_days);
        assert_eq!(shown, (contacts, minutes, spent), "{day}");
    }
}

#[test]
fn a_case_is_without_contact_after_three_weeks() {
    for (day, worker, quiet, why) in [
        (date(2019, 3, 22), ANNE, 0, "the 21st day after the opening"),
        (date(2019, 3, 23), ANNE, 1, "nobody met since the opening"),
        (date(2019, 4, 1), ANNE, 0, "met"),
        (date(2019, 5, 5), BO, 0, "21 days after the last time"),
        (date(2019, 5, 6), BO, 1, "a family that did not come was not met"),
        (date(2019, 6, 1), BO, 0, "paused"),
        (date(2019, 6, 11), BO, 1, "resumed"),
    ] {
        assert_eq!(on(day)[&worker].without_contact_21_days, quiet, "{day}: {why}");
    }
}

#[test]
fn children_and_unread_handovers_are_those_of_the_day() {
    let shown = |day, worker: WorkerId| {
        let load = &on(day)[&worker];
        (load.children, load.handovers_unread)
    };
    assert_eq!(shown(date(2019, 4, 30), ANNE), (2, 0));
    assert_eq!(shown(date(2019, 4, 30), BO), (0, 0), "not led");
    assert_eq!(shown(date(2019, 5, 1), BO), (1, 1));
    assert_eq!(shown(date(2019, 5, 7), BO), (1, 1));
    assert_eq!(shown(date(2019, 5, 8), BO), (1, 0));
}

#[test]
fn rows_of_many_families_add_up_and_stand_in_order() {
    let rows = [row("FF-2019-002"), row("FF-2019-001")];
    let load = &load_on(&rows, date(2019, 3, 1), &Weights::default())[&ANNE];
    assert_eq!((load.lead_cases, load.weighted, load.children), (2, 240, 4));
    let references: Vec<_> = load.cases.iter().map(|it| it.reference.as_str()).collect();
    assert_eq!(references, ["FF-2019-001", "FF-2019-002"]);
    assert_eq!(load_on(&[], date(2019, 3, 1), &Weights::default()).len(), 0);
}
