//! What there is to do, and who does it: pages, days, what was known, who may ask and answer.

use fokus_core::codes::Purpose;
use fokus_proto::v1;
use serde_json::json;
use tonic::Code;

use crate::harness::*;
use crate::town::{ANNE, BO, OPENED_ON, Town, of};

const CASEWORK: i32 = v1::Purpose::Casework as i32;

fn was_at(day: &str) -> Option<v1::Clocks> {
    Some(v1::Clocks { known: None, was: Some(v1::clocks::Was::WasAtDate(day.to_owned())) })
}

fn known_at(position: i64) -> Option<v1::Clocks> {
    Some(v1::Clocks { known: Some(v1::clocks::Known::KnownAtPosition(position)), was: None })
}

fn interventions(town: &Town) -> v1::ListInterventionsRequest {
    v1::ListInterventionsRequest {
        purpose: CASEWORK,
        min_position: town.position,
        ..Default::default()
    }
}

/// Every page's length, and all cards.
async fn all_cards(
    town: &mut Town,
    mut request: v1::ListInterventionsRequest,
) -> (Vec<usize>, Vec<v1::InterventionCard>) {
    let (mut lengths, mut cards) = (Vec::new(), Vec::new());
    loop {
        let page = town.lead.work.list_interventions(request.clone()).await.unwrap().into_inner();
        lengths.push(page.interventions.len());
        cards.extend(page.interventions);
        request.page_token = page.next_page_token;
        if request.page_token.is_empty() {
            return (lengths, cards);
        }
    }
}

#[tokio::test]
async fn a_page_of_interventions_may_end_inside_a_family_and_loses_nothing() {
    let server = Server::start().await;
    let mut town = Town::new(&server).await;
    for (family, count) in [(1, 3), (2, 0), (3, 1), (4, 2)] {
        town.family(family).await;
        town.interventions(family, count).await;
    }
    let known = town.position;
    town.start(1, 1).await;
    let mut expected: Vec<String> = (0..3).map(|it| of(1, 100 + it)).collect();
    expected.extend([of(3, 100), of(4, 100), of(4, 101)]);
    for clocks in [None, known_at(town.position), was_at("2019-06-01")] {
        for (page_size, lengths) in
            [(2, vec![2, 2, 2, 0]), (4, vec![4, 2]), (1000, vec![6]), (0, vec![6])]
        {
            let request = v1::ListInterventionsRequest {
                page_size,
                clocks: clocks.clone(),
                ..interventions(&town)
            };
            let (found, cards) = all_cards(&mut town, request).await;
            assert_eq!(found, lengths, "pages of {page_size}");
            let ids: Vec<&str> = cards.iter().map(|it| it.intervention_id.as_str()).collect();
            assert_eq!(ids, expected, "by family, then by order");
        }
    }
    let started = v1::ListInterventionsRequest {
        states: vec![v1::InterventionState::Started.into()],
        ..interventions(&town)
    };
    let (_, cards) = all_cards(&mut town, started.clone()).await;
    let card = &cards[0];
    assert_eq!((cards.len(), card.provider.as_str()), (1, "Familiehuset 1"));
    assert_eq!((card.reference.as_str(), card.wait_days), ("AA-2019-0001", Some(5)));
    assert!(card.overdue && card.days_since_last_session.is_none());
    // On that day it had only just begun; before, it had not.
    for (clocks, overdue) in [(was_at("2019-03-12"), vec![false]), (known_at(known), vec![])] {
        let request = v1::ListInterventionsRequest { clocks, ..started.clone() };
        let (_, cards) = all_cards(&mut town, request).await;
        assert_eq!(cards.iter().map(|it| it.overdue).collect::<Vec<_>>(), overdue);
    }
    let overdue = v1::ListInterventionsRequest { overdue_only: true, ..interventions(&town) };
    assert_eq!(all_cards(&mut town, overdue).await.1.len(), 1);

    let of_one =
        v1::ListInterventionsRequest { family_id: of(1, 2), page_size: 2, ..interventions(&town) };
    assert_eq!(all_cards(&mut town, of_one.clone()).await.0, [2, 1]);
    let nobodys = v1::ListInterventionsRequest { family_id: of(9, 2), ..of_one.clone() };
    let status = town.lead.work.list_interventions(nobodys).await.unwrap_err();
    check(&status, Code::NotFound, "UNKNOWN_ID");
    let page = town.lead.work.list_interventions(of_one).await.unwrap().into_inner();
    let other =
        v1::ListInterventionsRequest { page_token: page.next_page_token, ..interventions(&town) };
    let status = town.lead.work.list_interventions(other).await.unwrap_err();
    check(&status, Code::InvalidArgument, "PAGE_TOKEN_INVALID");
    server.stop().await;
}

fn caseload(town: &Town, clocks: Option<v1::Clocks>) -> v1::GetCaseloadRequest {
    v1::GetCaseloadRequest {
        purpose: CASEWORK,
        min_position: town.position,
        clocks,
        ..Default::default()
    }
}

async fn load(town: &mut Town, request: v1::GetCaseloadRequest) -> v1::GetCaseloadResponse {
    town.lead.work.get_caseload(request).await.unwrap().into_inner()
}

/// By name: cases led, other cases, weight.
fn figures(answer: &v1::GetCaseloadResponse) -> Vec<(&str, i32, i32, i64)> {
    let figures = |it: &'_ v1::WorkerCaseload| (it.lead_cases, it.co_cases, it.weighted);
    let workers = answer.workers.iter().map(|it| (it.name.as_str(), figures(it)));
    let mut all: Vec<_> = workers.map(|(name, it)| (name, it.0, it.1, it.2)).collect();
    all.sort_unstable();
    all
}

#[tokio::test]
async fn who_has_how_much_is_told_of_any_day_and_as_it_was_known() {
    let server = Server::start().await;
    let mut town = Town::new(&server).await;
    town.family(1).await;
    town.family(2).await;
    let known = town.position;
    let change = json!({
        "family_id": of(2, 2), "worker_id": id(BO).to_string(), "role": "WORKER_ROLE_LEAD",
        "valid_from": "2019-05-01", "replaces_lead": true,
    });
    town.send("2019-05-01", "assign_worker", change).await;
    let second = json!({
        "family_id": of(1, 2), "worker_id": id(BO).to_string(), "role": "WORKER_ROLE_SECOND",
        "valid_from": "2019-05-20",
    });
    town.send("2019-05-20", "assign_worker", second).await;
    for (day, kind, minutes) in
        [("2019-05-25", "CONTACT_KIND_VISIT", 60), ("2019-05-28", "CONTACT_KIND_NO_SHOW", 20)]
    {
        let contact = json!({
            "family_id": of(1, 2), "contact_id": id(7_000 + minutes).to_string(), "kind": kind,
            "minutes": minutes, "present": [of(1, 1)],
        });
        town.send(day, "record_contact", contact).await;
    }

    // A case of the first phase without a judgement weighs 1.2, for a second worker half of it.
    let (anne, bo) = ("Anne Prøve", "Bo Prøve");
    let rows = [
        (None, vec![(anne, 1, 0, 120), (bo, 1, 1, 180)], "2019-06-03"),
        (was_at("2019-05-10"), vec![(anne, 1, 0, 120), (bo, 1, 0, 120)], "2019-05-10"),
        (was_at("2019-04-30"), vec![(anne, 2, 0, 240)], "2019-04-30"),
        (was_at("2019-03-03"), vec![], "2019-03-03"),
        (known_at(known), vec![(anne, 2, 0, 240)], "2019-06-03"),
        (known_at(town.position), vec![(anne, 1, 0, 120), (bo, 1, 1, 180)], "2019-06-03"),
        (was_at("2030-01-01"), vec![(anne, 1, 0, 120), (bo, 1, 1, 180)], "2019-06-03"),
    ];
    for (clocks, expected, day) in rows {
        let request = caseload(&town, clocks);
        let answer = load(&mut town, request).await;
        assert_eq!((figures(&answer), answer.day.as_str()), (expected, day));
        assert!(answer.next_page_token.is_empty() && answer.as_of_position == town.position);
    }

    let of_anne =
        v1::GetCaseloadRequest { worker_id: id(ANNE).to_string(), ..caseload(&town, None) };
    let answer = load(&mut town, of_anne).await;
    let [worker] = &answer.workers[..] else { panic!("one worker") };
    assert_eq!((worker.contacts_14_days, worker.minutes_14_days), (1, 60));
    assert_eq!((worker.minutes_spent_14_days, worker.direct_time_percent), (80, Some(75)));
    let case = &worker.cases[0];
    assert_eq!((case.reference.as_str(), case.weight), ("AA-2019-0001", 120));
    assert_eq!((case.children, case.last_contact_on.as_str()), (1, "2019-05-25"));
    let weights = answer.weights.unwrap();
    assert_eq!((weights.phases.len(), weights.risks.len(), weights.roles.len()), (7, 4, 5));
    assert_eq!((weights.no_risk, weights.paused), (100, 50));
    server.stop().await;
}

#[tokio::test]
async fn what_was_known_of_many_families_comes_in_parts_that_add_up() {
    let server = Server::start().await;
    let mut town = Town::new(&server).await;
    for family in 1..=110 {
        town.family(family).await;
    }
    let whole = {
        let request = caseload(&town, None);
        load(&mut town, request).await
    };
    assert_eq!((whole.workers[0].lead_cases, whole.workers[0].cases.len()), (110, 110));
    assert_eq!(whole.next_page_token, "");

    let mut request = caseload(&town, known_at(town.position));
    let (mut parts, mut cases) = (Vec::new(), Vec::new());
    loop {
        let part = load(&mut town, request.clone()).await;
        parts.push(part.workers[0].lead_cases);
        cases.extend(part.workers[0].cases.clone());
        request.page_token = part.next_page_token;
        if request.page_token.is_empty() {
            break;
        }
    }
    assert_eq!(parts, [100, 10], "families that are folded on the spot");
    assert_eq!(cases, whole.workers[0].cases);
    server.stop().await;
}

fn approvals(town: &Town) -> v1::ListApprovalsRequest {
    v1::ListApprovalsRequest {
        purpose: CASEWORK,
        min_position: town.position,
        ..Default::default()
    }
}

/// What waits, for this client: kind, and whether the client may answer.
async fn waiting(client: &mut Client, request: v1::ListApprovalsRequest) -> Vec<(i32, bool)> {
    let page = client.work.list_approvals(request).await.unwrap().into_inner();
    page.approvals.iter().map(|it| (it.kind, it.may_answer)).collect()
}

#[tokio::test]
async fn who_proposed_something_or_changed_it_may_not_approve_it() {
    let server = Server::start().await;
    let mut town = Town::new(&server).await;
    town.family(1).await;
    town.family(2).await;
    let nothing = approvals(&town);
    let youth = json!({
        "family_id": of(1, 2), "youth_id": of(1, 1), "reason": "Den unge er i akut risiko.",
    });
    let proposal = town.send("2019-05-02", "propose_acute_override", youth).await;
    let closure = json!({
        "family_id": of(2, 2), "outcome": "CASE_OUTCOME_MOVED", "summary": "Familien er flyttet.",
    });
    town.send("2019-05-03", "propose_closure", closure).await;

    let (override_, closure) =
        (v1::ApprovalKind::AcuteOverride.into(), v1::ApprovalKind::Closure.into());
    let request = approvals(&town);
    let page = town.lead.work.list_approvals(request.clone()).await.unwrap().into_inner();
    let first = &page.approvals[0];
    assert_eq!((first.proposed_by.as_str(), first.revision), ("lead-1", proposal));
    assert_eq!((first.reference.as_str(), &first.person_id), ("AA-2019-0001", &of(1, 1)));
    assert_eq!(first.person_name.clone().unwrap().given, "Ida");
    assert_eq!(
        waiting(&mut town.lead, request.clone()).await,
        [(override_, false), (closure, false)]
    );

    let mut worker = server.caseworker().await;
    let both = [(override_, true), (closure, true)];
    assert_eq!(waiting(&mut worker, request.clone()).await, both);
    let mut auditor = server.auditor().await;
    let audit = v1::ListApprovalsRequest { purpose: v1::Purpose::Audit.into(), ..request.clone() };
    assert_eq!(waiting(&mut auditor, audit).await, [(override_, false), (closure, false)]);

    // One proposal a page; what was not known then does not wait.
    let one = v1::ListApprovalsRequest { page_size: 1, ..request.clone() };
    let page = worker.work.list_approvals(one.clone()).await.unwrap().into_inner();
    let next = v1::ListApprovalsRequest { page_token: page.next_page_token, ..one };
    assert_eq!(waiting(&mut worker, next).await, [(closure, true)]);
    let before = v1::ListApprovalsRequest { clocks: known_at(nothing.min_position), ..nothing };
    assert_eq!(waiting(&mut worker, before).await, []);

    // Who corrects a proposal has a hand in it.
    let correction = json!({
        "entry": {"revision": proposal}, "stream": {"kind": "STREAM_KIND_FAMILY", "id": of(1, 2)},
        "reason": "CORRECTION_REASON_TYPO", "explanation": "En stavefejl.",
        "corrected": {"propose_acute_override": {
            "family_id": of(1, 2), "youth_id": of(1, 1), "reason": "Den unge er i akut fare.",
        }},
    });
    let correction = town.request("2019-05-04", "correct_entry", correction);
    town.position = worker.journal.execute(correction).await.unwrap().into_inner().position;
    let request = approvals(&town);
    assert_eq!(waiting(&mut worker, request.clone()).await, [(override_, false), (closure, true)]);
    let mine = v1::ListApprovalsRequest { mine_to_answer: true, ..request };
    assert_eq!(waiting(&mut worker, mine.clone()).await, [(closure, true)]);
    assert_eq!(waiting(&mut town.lead, mine).await, []);
    let approve = town.request(
        "2019-05-04",
        "approve_acute_override",
        json!({"family_id": of(1, 2), "proposal": {"revision": proposal}}),
    );
    let status = worker.journal.execute(approve).await.unwrap_err();
    check(&status, Code::FailedPrecondition, "FOUR_EYES");
    server.stop().await;
}

/// A family with two scores, an incident, a judgement, an intervention, and the second score corrected from
/// 12 to 23; gives the position before the correction.
async fn followed_family(town: &mut Town) -> i64 {
    town.family(1).await;
    town.interventions(1, 2).await;
    town.start(1, 1).await;
    let mut scores = Vec::new();
    for (day, total) in [("2019-03-20", "24"), ("2019-05-20", "12")] {
        let sdq = json!({
            "family_id": of(1, 2), "instrument": "SDQ", "person_id": of(1, 1),
            "respondent": "RESPONDENT_PARENT", "occasion": "OCCASION_INTAKE",
            "scores": [{"scale": "TOTAL", "value": total}],
        });
        scores.push(town.send(day, "administer_instrument", sdq).await);
    }
    let incident = json!({
        "family_id": of(1, 2), "person_id": of(1, 1), "kind": "INCIDENT_KIND_RUNAWAY",
        "grade": "GRADE_CERTAIN", "source_agency": "AGENCY_SCHOOL", "text": "Var væk en nat.",
    });
    town.send("2019-04-02", "record_incident", incident).await;
    let judged = json!({
        "family_id": of(1, 2), "person_id": of(1, 1), "risk_area": "RISK_AREA_SCHOOL_THRIVING",
        "level": "RISK_LEVEL_HIGH", "direction": "RISK_DIRECTION_FIRST",
        "basis": [{"revision": scores[0]}], "valid_until": "2019-05-31",
        "reasoning": "Skolen og moderen beskriver samme billede over flere måneder nu.",
    });
    town.send("2019-04-03", "judge_risk", judged).await;
    let before = town.position;
    let correction = json!({
        "entry": {"revision": scores[1]}, "stream": {"kind": "STREAM_KIND_FAMILY", "id": of(1, 2)},
        "reason": "CORRECTION_REASON_TYPO", "explanation": "Læst forkert af skemaet.",
        "corrected": {"administer_instrument": {
            "family_id": of(1, 2), "instrument": "SDQ", "person_id": of(1, 1),
            "respondent": "RESPONDENT_PARENT", "occasion": "OCCASION_INTAKE",
            "scores": [{"scale": "TOTAL", "value": "23"}],
        }},
    });
    town.send("2019-05-21", "correct_entry", correction).await;
    before
}

#[tokio::test]
async fn a_trajectory_shows_each_area_and_instrument_by_itself() {
    let server = Server::start().await;
    let mut town = Town::new(&server).await;
    let before = followed_family(&mut town).await;
    let request = v1::GetRiskTrajectoryRequest {
        family_id: of(1, 2),
        purpose: CASEWORK,
        min_position: town.position,
        clocks: None,
    };
    let shown = town.lead.family.get_risk_trajectory(request.clone()).await.unwrap().into_inner();
    assert_eq!((shown.as_of_position, shown.day.as_str()), (town.position, "2019-06-03"));
    let [risk] = &shown.risks[..] else { panic!("one area") };
    assert!(risk.stale && risk.steps[0].stands_until == "2019-05-31");
    assert_eq!(risk.steps[0].judge, "lead-1");
    let change = |shown: &v1::GetRiskTrajectoryResponse| {
        let points = shown.instruments[0].points.iter().map(|it| &it.scores[0]);
        points.map(|it| (it.value.clone(), it.change())).collect::<Vec<_>>()
    };
    let (none, better) = (v1::ReliableChange::Unspecified, v1::ReliableChange::Better);
    let noise = v1::ReliableChange::NotReliable;
    assert_eq!(change(&shown), [("24".to_owned(), none), ("23".to_owned(), noise)]);
    let incident = &shown.incidents[0].incidents[0];
    assert_eq!((incident.kind(), incident.erased), (v1::IncidentKind::Runaway, false));
    let bands: Vec<_> = shown.interventions.iter().map(|it| it.intervention_id.clone()).collect();
    assert_eq!(bands, [of(1, 101)], "what was started");
    assert_eq!(shown.persons[0].name.clone().unwrap().given, "Ida");

    let past = v1::GetRiskTrajectoryRequest { clocks: known_at(before), ..request.clone() };
    let past = town.lead.family.get_risk_trajectory(past).await.unwrap().into_inner();
    assert_eq!(change(&past), [("24".to_owned(), none), ("12".to_owned(), better)]);
    let early = v1::GetRiskTrajectoryRequest { clocks: was_at("2019-04-02"), ..request.clone() };
    let early = town.lead.family.get_risk_trajectory(early).await.unwrap().into_inner();
    assert!(early.risks.is_empty() && early.incidents.len() == 1);
    assert_eq!(change(&early).len(), 1);
    let present = v1::GetRiskTrajectoryRequest { clocks: known_at(town.position), ..request };
    let present = town.lead.family.get_risk_trajectory(present).await.unwrap().into_inner();
    assert_eq!(present, shown, "folded on the spot as the view has it");
    server.stop().await;
}

#[tokio::test]
async fn work_is_read_by_who_may_and_on_no_day_beyond_the_log() {
    let server = Server::start().await;
    let mut town = Town::new(&server).await;
    town.family(1).await;
    let case = v1::GetCaseloadRequest { clocks: known_at(town.position), ..caseload(&town, None) };
    for (role, purpose, wire) in [
        ("PROGRAMME_MANAGER", Purpose::Grant, v1::Purpose::Grant),
        ("OPERATOR", Purpose::Operations, v1::Purpose::Operations),
    ] {
        let mut client = server.client("somebody", role, purpose).await;
        let request = v1::GetCaseloadRequest { purpose: wire.into(), ..case.clone() };
        let status = client.work.get_caseload(request).await.unwrap_err();
        check(&status, Code::PermissionDenied, "NOT_PERMITTED");
    }
    let opened = v1::GetCaseloadRequest { clocks: was_at(OPENED_ON), ..case.clone() };
    assert_eq!(load(&mut town, opened).await.workers.len(), 1);
    for request in [
        v1::GetCaseloadRequest { min_position: town.position + 1, ..case.clone() },
        v1::GetCaseloadRequest { clocks: known_at(town.position + 1), ..case.clone() },
    ] {
        let status = town.lead.work.get_caseload(request).await.unwrap_err();
        check(&status, Code::OutOfRange, "BEYOND_HEAD");
    }
    let nobody = v1::GetCaseloadRequest { worker_id: "Anne".to_owned(), ..case };
    let status = town.lead.work.get_caseload(nobody).await.unwrap_err();
    let details = check(&status, Code::InvalidArgument, "FIELD_INVALID");
    assert_eq!(details.bad_request().unwrap().field_violations[0].field, "worker_id");
    server.stop().await;
}
