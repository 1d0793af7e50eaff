//! What there is to do, and who does it, over the real program: a family's story sent as one stream of
//! commands, and read as trajectory, board, caseload and approvals: from the views, and folded on the spot.

use fokus_proto::v1::execute_stream_response::Outcome;
use fokus_proto::v1::*;
use serde_json::{Value, json};

use crate::harness::clients::{Clients, next};
use crate::harness::every_store::on_every_store;
use crate::harness::in_time;
use crate::harness::place::{Place, Role};
use crate::harness::seeded::Seeded;
use crate::harness::server::Server;
use crate::harness::world::World;

on_every_store!(
    a_story_sent_as_one_stream_is_read_as_work_on_any_day,
    many_commands_in_one_stream_are_each_answered_in_order_and_replayed,
);

/// A stream's commands that are many.
const MANY: usize = if cfg!(debug_assertions) { 500 } else { 10_000 };

/// Sends the commands as one stream that ends by itself; gives the answers.
async fn stream(clients: &Clients, commands: Vec<ExecuteRequest>) -> Vec<ExecuteStreamResponse> {
    let count = commands.len();
    let mut journal = clients.journal.clone();
    let answers = in_time("a stream", journal.execute_stream(tokio_stream::iter(commands))).await;
    let mut answers = answers.expect("a stream").into_inner();
    let mut all = Vec::new();
    while let Some(it) = next(&mut answers).await {
        assert_eq!(usize::try_from(it.index).ok(), Some(all.len()), "in order");
        all.push(it);
    }
    assert_eq!(all.len(), count, "one answer each");
    all
}

/// What was accepted, or the reason why not.
fn outcome(answer: &ExecuteStreamResponse) -> Result<&ExecuteResponse, &str> {
    match answer.outcome.as_ref().expect("an outcome") {
        Outcome::Executed(it) => Ok(it),
        Outcome::Refused(it) => Err(&it.reason),
    }
}

/// A line of JSON as a command, its act at noon of that day.
fn line(seeded: &mut Seeded, day: &str, name: &str, body: &Value) -> ExecuteRequest {
    let line = json!({
        "command_id": seeded.id(), "purpose": "PURPOSE_CASEWORK", "legal_basis": {"code": "SEL_52"},
        "occurred_at": {"time": format!("{day}T12:00:00Z"), "utc_offset_minutes": 60},
        "late_reason": "Overført fra papirsag.", name: body,
    });
    fokus_proto::execute_request_from_json(&line.to_string()).expect("a request")
}

/// The family's course after its case was opened; the sixth command is refused.
fn course(world: &World, seeded: &mut Seeded) -> Vec<ExecuteRequest> {
    let family = &world.family_id;
    let (plan, goal, intervention) = (seeded.id(), seeded.id(), seeded.id());
    let child = &world.child.id;
    let levels = json!({"minus_two": "a", "minus_one": "b", "zero": "c", "plus_one": "d",
        "plus_two": "e"});
    let commands = [
        ("2019-03-05", "draft_plan", json!({"plan_id": plan, "kind": "PLAN_KIND_FAMILY"})),
        (
            "2019-03-05",
            "set_goal",
            json!({"plan_id": plan, "goal_id": goal,
            "theme": "GOAL_THEME_SCHOOL", "risk_area": "RISK_AREA_SCHOOL_THRIVING",
            "statement": "Emil møder hver dag.", "levels": levels, "weight": 3, "baseline": -1,
            "target_date": "2019-12-31"}),
        ),
        (
            "2019-03-06",
            "order_intervention",
            json!({"intervention_id": intervention,
            "type": "INTERVENTION_TYPE_FAMILY_TREATMENT", "goal_ids": [goal],
            "provider": "Familiehuset",
            "planned": {"start": "2019-03-10", "end": "2019-09-10", "sessions": 20}}),
        ),
        (
            "2019-03-11",
            "start_intervention",
            json!({"intervention_id": intervention, "on": "2019-03-11"}),
        ),
        (
            "2019-03-18",
            "hold_session",
            json!({"intervention_id": intervention, "on": "2019-03-18",
            "minutes": 45, "attendance": [
                {"person_id": child, "state": "ATTENDANCE_STATE_PRESENT"},
                {"person_id": world.mother.id, "state": "ATTENDANCE_STATE_NO_SHOW"}]}),
        ),
        (
            "2019-03-19",
            "start_intervention",
            json!({"intervention_id": intervention, "on": "2019-03-19"}),
        ),
        (
            "2019-03-20",
            "administer_instrument",
            json!({"instrument": "SDQ", "person_id": child,
            "respondent": "RESPONDENT_PARENT", "occasion": "OCCASION_INTAKE",
            "scores": [{"scale": "TOTAL", "value": "22"}]}),
        ),
        (
            "2019-04-02",
            "record_incident",
            json!({"person_id": child,
            "kind": "INCIDENT_KIND_RUNAWAY", "grade": "GRADE_CERTAIN",
            "source_agency": "AGENCY_SCHOOL", "text": "Var væk en nat."}),
        ),
        (
            "2019-05-02",
            "propose_acute_override",
            json!({"youth_id": child, "reason": "Den unge er i akut risiko."}),
        ),
    ];
    let mut requests = Vec::new();
    for (day, name, mut body) in commands {
        body["family_id"] = json!(family);
        requests.push(line(seeded, day, name, &body));
    }
    requests
}

fn known_at(position: i64) -> Option<Clocks> {
    Some(Clocks { known: Some(clocks::Known::KnownAtPosition(position)), was: None })
}

/// Everything that the family's work is read as.
#[derive(PartialEq)]
struct Work {
    trajectory: GetRiskTrajectoryResponse,
    board: ListInterventionsResponse,
    caseload: GetCaseloadResponse,
    approvals: ListApprovalsResponse,
}

async fn work(clients: &Clients, world: &World, min_position: i64, clocks: Option<Clocks>) -> Work {
    let purpose = clients.purpose;
    let family_id = world.family_id.clone();
    let request =
        GetRiskTrajectoryRequest { family_id, purpose, min_position, clocks: clocks.clone() };
    let mut family = clients.family.clone();
    let trajectory = in_time("a trajectory", family.get_risk_trajectory(request)).await;
    let mut service = clients.work.clone();
    let request = ListInterventionsRequest {
        purpose,
        min_position,
        clocks: clocks.clone(),
        ..Default::default()
    };
    let board = in_time("a board", service.list_interventions(request)).await;
    let request =
        GetCaseloadRequest { purpose, min_position, clocks: clocks.clone(), ..Default::default() };
    let caseload = in_time("a caseload", service.get_caseload(request)).await;
    let request = ListApprovalsRequest { purpose, min_position, clocks, ..Default::default() };
    let approvals = in_time("approvals", service.list_approvals(request)).await;
    Work {
        trajectory: trajectory.expect("a trajectory").into_inner(),
        board: board.expect("a board").into_inner(),
        caseload: caseload.expect("a caseload").into_inner(),
        approvals: approvals.expect("approvals").into_inner(),
    }
}

async fn a_story_sent_as_one_stream_is_read_as_work_on_any_day(place: Place) {
    let server = Server::start(&place).await;
    let lead = server.clients(&place, Role::TeamLead, "lead-1").await;
    let mut seeded = Seeded::new("work/story");
    let world = World::new(&mut seeded, 0);
    let mut commands = world.commands(&mut seeded);
    let before = commands.len();
    commands.extend(course(&world, &mut seeded));
    let answers = stream(&lead, commands.clone()).await;
    let refused: Vec<_> =
        answers.iter().filter_map(|it| Some((it.index, outcome(it).err()?))).collect();
    let started_twice = i64::try_from(before + 5).expect("few");
    assert_eq!(refused.len(), 1, "{refused:?}");
    assert_eq!(refused[0].0, started_twice, "{refused:?}");
    let position = lead.head().await;

    let now = work(&lead, &world, position, None).await;
    let card = &now.board.interventions[0];
    assert_eq!((card.provider.as_str(), card.attendance_percent), ("Familiehuset", Some(50)));
    assert!(card.overdue && card.reference == world.reference);
    let load = &now.caseload.workers[0];
    assert_eq!((load.name.as_str(), load.lead_cases), (world.worker_name.as_str(), 1));
    assert_eq!(load.without_contact_21_days, 1, "nobody was there for years");
    assert_eq!(now.trajectory.instruments[0].points[0].scores[0].value, "22");
    assert_eq!(now.trajectory.incidents[0].incidents[0].kind(), IncidentKind::Runaway);
    let waiting = &now.approvals.approvals[0];
    assert_eq!((waiting.proposed_by.as_str(), waiting.may_answer), ("lead-1", false));
    let other = server.clients(&place, Role::Caseworker, "worker-1").await;
    let others = work(&other, &world, position, None).await;
    assert!(others.approvals.approvals[0].may_answer);

    // Folded on the spot it is the same; as known before the course, there was none.
    let folded = work(&lead, &world, position, known_at(position)).await;
    assert!(folded == now, "as known at the head");
    let opened = outcome(&answers[before - 1]).expect("the case").position;
    let early = work(&lead, &world, position, known_at(opened)).await;
    assert!(early.board.interventions.is_empty() && early.approvals.approvals.is_empty());
    assert!(early.trajectory.instruments.is_empty() && early.caseload.workers.len() == 1);
    let day = Some(Clocks { known: None, was: Some(clocks::Was::WasAtDate("2019-03-15".into())) });
    let then = work(&lead, &world, position, day).await;
    assert_eq!(
        (then.board.interventions[0].sessions, then.caseload.day.as_str()),
        (0, "2019-03-15")
    );
    assert_eq!(then.caseload.workers[0].without_contact_21_days, 0);

    if place.outlives_its_server() {
        server.stop().await;
        let server = Server::start(&place).await;
        let lead = server.clients(&place, Role::TeamLead, "lead-1").await;
        let again = stream(&lead, commands).await;
        let replayed = again.iter().filter(|it| outcome(it).is_ok_and(|it| it.replayed)).count();
        assert_eq!(replayed, answers.len() - 1, "all that was accepted");
        assert!(work(&lead, &world, position, None).await == now, "after a restart");
    }
}

async fn many_commands_in_one_stream_are_each_answered_in_order_and_replayed(place: Place) {
    let server = Server::start(&place).await;
    let lead = server.clients(&place, Role::TeamLead, "lead-1").await;
    let mut seeded = Seeded::new("work/many");
    let world = World::new(&mut seeded, 0);
    let first = lead.all_accepted(world.commands(&mut seeded)).await;
    let notes: Vec<ExecuteRequest> =
        (0..MANY).map(|number| world.note(&mut seeded, &format!("Nummer {number}."))).collect();
    let answers = stream(&lead, notes.clone()).await;
    let positions = answers.iter().map(|it| outcome(it).expect("accepted").position);
    let last = first + i64::try_from(MANY).expect("few");
    assert!(positions.eq(first + 1..=last), "one after another");
    let again = stream(&lead, notes).await;
    assert!(again.iter().all(|it| outcome(it).is_ok_and(|it| it.replayed)));
    assert_eq!(lead.head().await, last, "a repetition writes nothing");
}
