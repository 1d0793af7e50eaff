//! What there is to do over all families, and how it went with one.

use super::*;

fn card() -> v1::InterventionCard {
    v1::InterventionCard {
        reference: "FF-2019-017".to_owned(),
        r#type: v1::InterventionType::ContactPerson.into(),
        person_id: YUSUF.to_owned(),
        person_name: Some(v1::PersonName {
            given: "Yusuf".to_owned(),
            family: "Haddad".to_owned(),
        }),
        state: v1::InterventionState::Started.into(),
        started_on: "2019-04-01".to_owned(),
        last_session_on: "2019-08-30".to_owned(),
        days_since_last_session: Some(42),
        sessions: 7,
        minutes: 570,
        attendance_percent: Some(83),
        provider: "Team Syd".to_owned(),
        overdue: true,
        ..Default::default()
    }
}

pub(super) fn overdue() -> Vec<v1::InterventionCard> {
    let other = v1::InterventionCard {
        person_id: String::new(),
        r#type: v1::InterventionType::Mst.into(),
        days_since_last_session: None,
        ..card()
    };
    vec![card(), other]
}

fn load(reference: &str, weighted: i64) -> v1::WorkerCaseload {
    v1::WorkerCaseload {
        worker_id: WORKER.to_owned(),
        name: "Mette Holm".to_owned(),
        lead_cases: 1,
        weighted,
        children: 2,
        contacts_14_days: 3,
        minutes_14_days: 150,
        minutes_spent_14_days: 200,
        direct_time_percent: Some(75),
        without_contact_21_days: 1,
        cases: vec![v1::CaseOfLoad {
            reference: reference.to_owned(),
            role: v1::WorkerRole::Lead.into(),
            phase: v1::CasePhase::FamilyIntervention.into(),
            risk: v1::RiskLevel::High.into(),
            weight: 150,
            children: 2,
            last_contact_on: "2019-09-20".to_owned(),
            without_contact: true,
            ..Default::default()
        }],
        ..Default::default()
    }
}

fn caseload_page(load: v1::WorkerCaseload) -> v1::GetCaseloadResponse {
    let weights = v1::CaseloadWeights {
        phases: vec![v1::PhaseWeight {
            phase: v1::CasePhase::FamilyIntervention.into(),
            weight: 100,
        }],
        risks: vec![v1::RiskWeight { level: v1::RiskLevel::High.into(), weight: 150 }],
        no_risk: 100,
        roles: vec![v1::RoleWeight { role: v1::WorkerRole::Lead.into(), weight: 100 }],
        paused: 50,
    };
    v1::GetCaseloadResponse {
        workers: vec![load],
        weights: Some(weights),
        day: "2019-10-11".to_owned(),
        as_of_position: 1_207,
        ..Default::default()
    }
}

#[test]
fn a_caseload_joins_its_pages_and_shows_what_it_rests_on() {
    let mut whole = v1::GetCaseloadResponse::default();
    work::join(&mut whole, caseload_page(load("FF-2019-018", 150)));
    work::join(&mut whole, caseload_page(load("FF-2019-017", 120)));
    assert_eq!(whole.workers.len(), 1);
    let sum = &whole.workers[0];
    assert_eq!((sum.lead_cases, sum.weighted, sum.direct_time_percent), (2, 270, Some(75)));
    assert_eq!(sum.cases[0].reference, "FF-2019-017");
    insta::assert_snapshot!("caseload", work::caseload(&whole, true, ENGLISH));
    insta::assert_snapshot!("caseload_da", work::caseload(&whole, true, DANISH));
}

#[test]
fn interventions_and_approvals_are_lists() {
    insta::assert_snapshot!("interventions", work::interventions(&overdue(), ENGLISH));
    insta::assert_snapshot!("interventions_da", work::interventions(&overdue(), DANISH));
    let waiting = [v1::WaitingApproval {
        reference: "FF-2019-017".to_owned(),
        kind: v1::ApprovalKind::AcuteOverride.into(),
        proposed_by: "mette.holm".to_owned(),
        since: at(1_562_279_400),
        revision: 41,
        person_id: YUSUF.to_owned(),
        may_answer: true,
        ..Default::default()
    }];
    insta::assert_snapshot!("approvals", work::approvals(&waiting, ENGLISH));
    insta::assert_snapshot!("approvals_da", work::approvals(&waiting, DANISH));
}

fn steps() -> v1::RiskSteps {
    let first = v1::RiskStep {
        revision: 8,
        level: v1::RiskLevel::High.into(),
        direction: v1::RiskDirection::First.into(),
        change: v1::RiskDirection::First.into(),
        judged_on: "2019-03-01".to_owned(),
        stands_until: "2019-06-10".to_owned(),
        ..Default::default()
    };
    let replaced = v1::RiskStep {
        revision: 30,
        level: v1::RiskLevel::Low.into(),
        judged_on: "2019-06-11".to_owned(),
        stands_until: String::new(),
        ..first.clone()
    };
    let second = v1::RiskStep {
        revision: 31,
        level: v1::RiskLevel::Moderate.into(),
        change: v1::RiskDirection::Better.into(),
        judged_on: "2019-06-11".to_owned(),
        stands_until: "2019-09-30".to_owned(),
        ..first.clone()
    };
    v1::RiskSteps {
        person_id: YUSUF.to_owned(),
        risk_area: v1::RiskArea::StreetLifestyle.into(),
        steps: vec![first, replaced, second],
        stale: true,
    }
}

fn series() -> v1::InstrumentSeries {
    let score = |value: &str, change: v1::ReliableChange| v1::ScorePoint {
        scale: "TOTAL".to_owned(),
        value: value.to_owned(),
        band: "HIGH".to_owned(),
        change: change.into(),
        ..Default::default()
    };
    let point = |on: &str, score: v1::ScorePoint, occasion: v1::Occasion| v1::InstrumentPoint {
        on: on.to_owned(),
        occasion: occasion.into(),
        scores: vec![score],
        ..Default::default()
    };
    use v1::{Occasion, ReliableChange};
    let again = v1::ScorePoint { missing_items: 2, ..score("24", ReliableChange::Better) };
    v1::InstrumentSeries {
        person_id: YUSUF.to_owned(),
        instrument: "YLS_CMI_2".to_owned(),
        respondent: v1::Respondent::Worker.into(),
        points: vec![
            point("2019-03-04", score("31", ReliableChange::Unspecified), Occasion::Intake),
            point("2019-09-02", again, Occasion::FollowUp),
        ],
    }
}

#[test]
fn a_trajectory_goes_person_by_person() {
    let answer = v1::GetRiskTrajectoryResponse {
        risks: vec![steps()],
        instruments: vec![series()],
        incidents: vec![v1::IncidentSeries {
            person_id: YUSUF.to_owned(),
            incidents: vec![v1::IncidentPoint {
                revision: 50,
                on: "2019-07-14".to_owned(),
                kind: v1::IncidentKind::Runaway.into(),
                grade: v1::Grade::Probable.into(),
                erased: false,
            }],
        }],
        interventions: vec![v1::InterventionBand {
            r#type: v1::InterventionType::Mst.into(),
            started_on: "2019-04-01".to_owned(),
            ended_on: "2019-09-30".to_owned(),
            ..Default::default()
        }],
        persons: vec![v1::TrajectoryPerson {
            person_id: YUSUF.to_owned(),
            name: card().person_name,
            erased: false,
        }],
        day: "2019-10-11".to_owned(),
        left_out: 0,
        as_of_position: 1_207,
        revision: 87,
    };
    insta::assert_snapshot!("trajectory", trajectory::trajectory(&answer, ENGLISH));
    insta::assert_snapshot!("trajectory_da", trajectory::trajectory(&answer, DANISH));
}
