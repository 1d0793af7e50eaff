//! What is released of a programme, over the real program: counted, hidden, compared with what was
//! released before, and served to dashboards, which get nothing else.

use fokus_proto::v1::execute_request::Command;
use fokus_proto::v1::*;
use prost::Message as _;
use tonic::{Code, Status};

use crate::harness::clients::{Clients, Refused, next};
use crate::harness::every_store::on_every_store;
use crate::harness::in_time;
use crate::harness::place::{Place, Role};
use crate::harness::seeded::Seeded;
use crate::harness::server::Server;
use crate::harness::world::{World, on, request};

on_every_store!(quarters_are_released_hidden_and_served_to_dashboards);

/// Families of the first quarter, all with an open case.
const FAMILIES: u32 = 12;

/// The release of a quarter of the world's programme.
pub(crate) fn release(seeded: &mut Seeded, world: &World, quarter: &str) -> ExecuteRequest {
    let release = ReleaseStatistic {
        programme_id: world.programme_id.clone(),
        release_id: seeded.id(),
        quarter: quarter.to_owned(),
    };
    request(seeded, Command::ReleaseStatistic(release))
}

fn asked(world: &World, quarter: &str, min_position: i64) -> GetOutcomesRequest {
    GetOutcomesRequest {
        purpose: Purpose::Grant.into(),
        programme_id: world.programme_id.clone(),
        quarter: quarter.to_owned(),
        min_position,
        clocks: None,
    }
}

/// What a reader gets.
pub(crate) async fn outcomes(
    clients: &Clients,
    request: GetOutcomesRequest,
) -> Result<GetOutcomesResponse, Status> {
    let mut service = clients.programme.clone();
    in_time("outcomes", service.get_outcomes(request)).await.map(tonic::Response::into_inner)
}

/// What is shown at a place of a table; `None` where it is hidden.
fn shown(answer: &GetOutcomesResponse, table: StatisticTable, column: &str) -> Option<i32> {
    let tables = &answer.outcomes.as_ref().expect("a release").tables;
    let table = tables.iter().find(|it| it.table() == table).expect("the table");
    let named = table.columns.iter().position(|it| it == column);
    let column = i32::try_from(named.unwrap_or(table.columns.len())).expect("few");
    let cell = table.cells.iter().find(|it| (it.row, it.column) == (0, column));
    cell.expect("a published place").count
}

/// The families' commands, all in the first one's programme.
pub(crate) fn families(seeded: &mut Seeded) -> (Vec<World>, Vec<ExecuteRequest>) {
    let mut worlds: Vec<World> = Vec::new();
    let mut commands = Vec::new();
    for number in 0..=FAMILIES {
        let mut world = World::new(seeded, number);
        if let Some(first) = worlds.first() {
            world.programme_id.clone_from(&first.programme_id);
            world.worker_id.clone_from(&first.worker_id);
        }
        let known = if number == 0 { 0 } else { 2 };
        let own = world.commands(seeded).into_iter().skip(known);
        // The last family is referred in the second quarter, and has no case.
        let own: Vec<ExecuteRequest> = own.collect();
        let without_case = own.len() - 1;
        match number {
            FAMILIES => {
                commands.extend(own.into_iter().take(without_case).map(|it| on("2019-05-10", it)))
            }
            _ => commands.extend(own),
        }
        worlds.push(world);
    }
    (worlds, commands)
}

async fn quarters_are_released_hidden_and_served_to_dashboards(place: Place) {
    let server = Server::start(&place).await;
    let lead = server.clients(&place, Role::TeamLead, "lead-1").await;
    let dashboard = server.clients(&place, Role::Dashboard, "dashboard-1").await;
    let mut seeded = Seeded::new("outcomes");
    let (worlds, commands) = families(&mut seeded);
    let world = &worlds[0];
    lead.all_accepted(commands).await;

    let first = release(&mut seeded, world, "2019-Q1");
    let position = lead.accepted(first.clone()).await.position;
    assert!(lead.accepted(first).await.replayed, "a repetition gets the first outcome");
    let open = lead.refused(release(&mut seeded, world, "2999-Q1")).await;
    assert_eq!(
        (open.reason.as_str(), open.field.as_str()),
        ("PERIOD_OPEN", "release_statistic.quarter")
    );
    let answer = outcomes(&dashboard, asked(world, "", position)).await.expect("a release");
    assert_eq!(shown(&answer, StatisticTable::Standing, "CASE_OPEN"), Some(12));
    assert_eq!(shown(&answer, StatisticTable::Standing, ""), Some(12), "the total");

    // One family more in the next quarter: what changed by one is hidden, there and in the total.
    let second = release(&mut seeded, world, "2019-Q2");
    let position = lead.accepted(second.clone()).await.position;
    let answer = outcomes(&dashboard, asked(world, "2019-Q2", position)).await.expect("a release");
    assert_eq!(shown(&answer, StatisticTable::Standing, "REFERRED"), None);
    assert_eq!(shown(&answer, StatisticTable::Standing, ""), None, "12, then 13");
    assert_eq!(answer.releases.len(), 2);

    nothing_else_is_said(&dashboard, &worlds, &answer).await;
    no_time_is_asked_for(&dashboard, world).await;
    live_numbers_are_for_named_roles(&lead, &dashboard, world, position).await;

    let Some(Command::ReleaseStatistic(second)) = second.command else { panic!("a release") };
    let withdrawal = WithdrawStatistic {
        programme_id: world.programme_id.clone(),
        release_id: second.release_id,
        reason: WithdrawalReason::Corrected.into(),
    };
    let withdrawal = request(&mut seeded, Command::WithdrawStatistic(withdrawal));
    let position = lead.accepted(withdrawal).await.position;
    let answer = outcomes(&dashboard, asked(world, "2019-Q2", position)).await.expect("a release");
    let withdrawn = answer.outcomes.expect("the release");
    assert!(withdrawn.withdrawn && withdrawn.tables.is_empty());
    let newest = outcomes(&dashboard, asked(world, "", position)).await.expect("a release");
    assert_eq!(newest.outcomes.expect("the release").quarter, "2019-Q1");
    watchers_are_told(&dashboard).await;
}

/// The answer has nothing of anybody, and every other call is denied.
async fn nothing_else_is_said(dashboard: &Clients, worlds: &[World], answer: &GetOutcomesResponse) {
    let bytes = answer.encode_to_vec();
    for world in worlds {
        let planted = [
            &world.family_id,
            &world.reference,
            &world.mother.id,
            &world.mother.family,
            &world.child.given,
            &world.worker_name,
            &world.grounds,
            &world.case_id,
        ];
        for it in planted {
            assert!(!bytes.windows(it.len()).any(|part| part == it.as_bytes()), "{it}");
        }
    }
    let denied = |what: &str, status: Option<Status>| {
        let status = status.unwrap_or_else(|| panic!("{what} was answered"));
        assert_eq!(status.code(), Code::PermissionDenied, "{what}");
    };
    let purpose = dashboard.purpose;
    let (mut family, mut work) = (dashboard.family.clone(), dashboard.work.clone());
    let (mut audit, mut operations) = (dashboard.audit.clone(), dashboard.operations.clone());
    let family_id = worlds[0].family_id.clone();
    let status = GetFamilyStatusRequest { family_id, purpose, ..Default::default() };
    denied("a status", family.get_family_status(status).await.err());
    let list = ListFamiliesRequest { purpose, ..Default::default() };
    denied("families", family.list_families(list).await.err());
    let load = GetCaseloadRequest { purpose, ..Default::default() };
    denied("a caseload", work.get_caseload(load).await.err());
    let checkpoint = GetCheckpointRequest { purpose };
    denied("a checkpoint", audit.get_checkpoint(checkpoint).await.err());
    let views = ListViewsRequest { purpose };
    denied("views", operations.list_views(views).await.err());
    let command = GetCommandRequest { command_id: worlds[0].case_id.clone(), purpose };
    denied("a command", dashboard.journal.clone().get_command(command).await.err());
    let mut seeded = Seeded::new("outcomes/denied");
    let written = ExecuteRequest { purpose, ..release(&mut seeded, &worlds[0], "2019-Q3") };
    denied("a release of its own", dashboard.execute(written).await.err());
}

async fn no_time_is_asked_for(dashboard: &Clients, world: &World) {
    let times = [
        Clocks { known: Some(clocks::Known::KnownAtPosition(3)), was: None },
        Clocks { known: None, was: Some(clocks::Was::WasAtDate("2019-02-01".to_owned())) },
        Clocks::default(),
    ];
    for clocks in times {
        let request = GetOutcomesRequest { clocks: Some(clocks.clone()), ..asked(world, "", 0) };
        let refused = outcomes(dashboard, request).await.expect_err("a time was taken");
        let refused = Refused::of(&refused);
        assert_eq!((refused.code, refused.field.as_str()), (Code::InvalidArgument, "clocks"));
        let request = WatchOutcomesRequest {
            purpose: Purpose::Grant.into(),
            after_position: 0,
            clocks: Some(clocks),
        };
        let refused = dashboard.programme.clone().watch_outcomes(request).await;
        assert_eq!(refused.expect_err("a time was taken").code(), Code::InvalidArgument);
    }
}

async fn live_numbers_are_for_named_roles(
    lead: &Clients,
    dashboard: &Clients,
    world: &World,
    min_position: i64,
) {
    let request = GetProgrammeRequest {
        purpose: Purpose::Grant.into(),
        min_position,
        clocks: None,
        programme_id: String::new(),
    };
    let mut service = dashboard.programme.clone();
    let denied = service.get_programme(request.clone()).await.expect_err("live numbers");
    assert_eq!(denied.code(), Code::PermissionDenied);
    let mut service = lead.programme.clone();
    let live = in_time("live numbers", service.get_programme(request.clone())).await;
    let live = live.expect("live numbers").into_inner();
    assert_eq!(live.programmes.len(), 1);
    let figures = &live.programmes[0];
    assert_eq!((&figures.programme_id, figures.active_families), (&world.programme_id, 12));
    let reached: Vec<i32> = figures.stages.iter().take(4).map(|it| it.reached).collect();
    assert_eq!(reached, [13, 12, 12, 12]);

    // Folded on the spot it is the same; by the end of January nobody had a case.
    let known = clocks::Known::KnownAtPosition(min_position);
    let clocks = Some(Clocks { known: Some(known), was: None });
    let folded = service.get_programme(GetProgrammeRequest { clocks, ..request.clone() }).await;
    assert_eq!(folded.expect("folded").into_inner().programmes, live.programmes);
    let was = clocks::Was::WasAtDate("2019-01-31".to_owned());
    let clocks = Some(Clocks { known: None, was: Some(was) });
    let early = service.get_programme(GetProgrammeRequest { clocks, ..request }).await;
    let early = early.expect("early").into_inner();
    assert_eq!((early.programmes[0].active_families, early.day.as_str()), (0, "2019-01-31"));
    assert_eq!(early.programmes[0].stages[0].families, 12);
}

async fn watchers_are_told(dashboard: &Clients) {
    let request =
        WatchOutcomesRequest { purpose: Purpose::Grant.into(), after_position: 0, clocks: None };
    let mut service = dashboard.programme.clone();
    let mut told = service.watch_outcomes(request).await.expect("a watch").into_inner();
    let mut seen = Vec::new();
    while seen.len() < 2 {
        let it = next(&mut told).await.expect("it goes on");
        let Some(release) = it.release else { continue };
        assert!(release.tables.is_empty(), "an announcement has no numbers");
        seen.push((release.quarter, release.withdrawn));
    }
    seen.sort();
    assert_eq!(seen, [("2019-Q1".to_owned(), false), ("2019-Q2".to_owned(), true)]);
}
