//! What happens to the database under running servers: it is down, goes away and comes back, is cut off in
//! the middle of a commit, is replaced by its standby. No acknowledged command is lost and none is carried
//! out twice, refusals say why, and nobody has to lend a hand.

use std::time::Duration;

use fokus_postgres::cluster::{Cluster, Durability, StopMode};
use tokio::task::JoinSet;
use tonic::{Code, Request};

use crate::harness::clients::Refused;
use crate::harness::database::Database;
use crate::harness::fleet::Fleet;
use crate::harness::in_time;
use crate::harness::load::{Ledger, Load};
use crate::harness::place::{Place, Role};
use crate::harness::seeded::Seeded;
use crate::harness::server::Server;
use crate::harness::wire::Wire;
use crate::harness::world::World;

/// Writers that write at the same time.
const WRITERS: usize = 32;
/// Commands between one blow and the next.
const BETWEEN: u64 = 300;

fn cluster() -> Cluster {
    Cluster::start(Durability::Kept).unwrap_or_else(|it| panic!("{it}"))
}

/// Checks what is left when the writers have ended: the log over gRPC, and the store by itself.
async fn settle(place: &Place, fleet: Fleet, ledger: &Ledger) {
    let auditor = fleet.server(0).clients(place, Role::Auditor, "auditor-1").await;
    ledger.check_log(&auditor).await;
    let lead = fleet.server(0).clients(place, Role::TeamLead, "lead-1").await;
    ledger.check_repetitions(&lead).await;
    fleet.stop().await;
    place.check_sound();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_starts_before_its_database_waits_for_it_but_not_for_ever() {
    let cluster = cluster();
    let database = Database::of(&cluster);
    let place = Place::at(database.url(0));
    cluster.stop(StopMode::Fast).expect("it stops");

    let ended = match Server::try_start(&place, &[("FOKUS_WAIT", "1")]).await {
        Ok(_) => panic!("the server started without a database"),
        Err(it) => it,
    };
    assert_eq!(ended.status.code(), Some(2), "{ended:?}");
    assert!(ended.standard_error.contains("cannot be reached"), "{ended:?}");
    assert!(ended.standard_error.contains("gave up after 1 s"), "{ended:?}");

    let starting = Server::begin(&place, &[("FOKUS_WAIT", "60")]);
    starting.tells("trying again").await;
    cluster.start_again().expect("it starts");
    let server = starting.serves().await.unwrap_or_else(|it| panic!("{it:?}"));
    let lead = server.clients(&place, Role::TeamLead, "lead-1").await;
    let mut seeded = Seeded::new("outages/start");
    lead.all_accepted(World::new(&mut seeded, 0).commands(&mut seeded)).await;
    assert!(server.stop().await.status.success());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_goes_away_and_comes_back_loses_nothing_and_needs_nobody() {
    let cluster = cluster();
    let database = Database::of(&cluster);
    let place = Place::at(database.url(0));
    let fleet = Fleet::start(&place, 2).await;
    let mut seeded = Seeded::new("outages/probe");
    let probe = World::new(&mut seeded, 90_000);
    let doors = fleet.doors().while_it_is_away();
    let mut load = Load::begin(&doors, "outages/away", WRITERS).await;
    load.more(BETWEEN).await;
    for blow in [StopMode::Fast, StopMode::Immediate] {
        cluster.stop(blow).expect("it stops");
        for number in 0..2 {
            let lead = fleet.server(number).clients(&place, Role::TeamLead, "lead-2").await;
            let refused = lead.refused(probe.note(&mut seeded, "Hvor er basen?")).await;
            refused.is(Code::Unavailable, "STORE_UNAVAILABLE");
        }
        cluster.start_again().expect("it starts");
        load.more(BETWEEN).await;
    }
    cluster.kill().expect("it is killed");
    cluster.start_again().expect("it starts");
    load.more(BETWEEN).await;
    let ledger = load.finish().await;
    ledger.check_every_refusal_had_a_reason();
    settle(&place, fleet, &ledger).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn with_every_connection_killed_again_and_again_nothing_is_lost_or_doubled() {
    let cluster = cluster();
    let database = Database::of(&cluster);
    let place = Place::at(database.url(0));
    let fleet = Fleet::start(&place, 2).await;
    let mut load = Load::begin(&fleet.doors(), "outages/killed", WRITERS).await;
    let kill = "select count(pg_terminate_backend(pid)) from pg_stat_activity
                where datname = current_database() and pid <> pg_backend_pid()";
    let mut killed = 0;
    for _ in 0..30 {
        load.more(BETWEEN / 10).await;
        killed += database.sql(kill).parse::<u32>().expect("a number");
    }
    assert!(killed >= 60, "only {killed} connections were killed");
    load.more(BETWEEN).await;
    let ledger = load.finish().await;
    ledger.check_every_refusal_had_a_reason();
    settle(&place, fleet, &ledger).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_append_whose_connection_is_cut_after_its_commit_is_acknowledged_all_the_same() {
    let cluster = cluster();
    let database = Database::of(&cluster);
    let wire = Wire::to(&cluster);
    let place = Place::at(database.url_through(wire.socket_folder(), 0));
    let server = Server::start(&place).await;
    let lead = server.clients(&place, Role::TeamLead, "lead-1").await;
    let mut seeded = Seeded::new("outages/cut");
    let world = World::new(&mut seeded, 0);
    let mut position = lead.all_accepted(world.commands(&mut seeded)).await;
    for _ in 0..20 {
        let note = world.note(&mut seeded, "Ingen fik det at vide.");
        wire.cut_after_commit(1);
        let answer = lead.accepted(note.clone()).await;
        assert_eq!(wire.cuts_left(), 0, "the answer was cut off");
        assert_eq!(answer.position, position + 1, "carried out once");
        position = answer.position;
        let again = lead.accepted(note).await;
        assert!(again.replayed);
        assert_eq!((again.position, &again.event_ids), (answer.position, &answer.event_ids));
    }
    assert_eq!(lead.head().await, position);
    assert!(server.stop().await.status.success());
    place.check_sound();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deadline_that_passes_while_the_log_is_locked_leaves_nothing_half_done() {
    /// More than a server has connections.
    const CALLS: usize = 48;
    let database = Database::shared();
    let place = Place::at(database.url(0));
    let server = Server::start(&place).await;
    let mut connections = Vec::new();
    for _ in 0..2 {
        connections.push(server.clients(&place, Role::TeamLead, "lead-1").await);
    }
    let mut seeded = Seeded::new("outages/deadline");
    let world = World::new(&mut seeded, 0);
    connections[0].all_accepted(world.commands(&mut seeded)).await;
    let notes: Vec<_> = (0..CALLS).map(|_| world.note(&mut seeded, "Fristen løber.")).collect();

    let mut session = database.session();
    for round in 0..3 {
        session.run("begin").await;
        session.run("select from journal.log for update").await;
        let mut calls = JoinSet::new();
        for (note, clients) in notes.iter().zip(connections.iter().cycle()) {
            let mut call = Request::new(note.clone());
            call.set_timeout(Duration::from_millis(400));
            let mut journal = clients.journal.clone();
            calls.spawn(async move { journal.execute(call).await.map(|it| it.into_inner()) });
        }
        for answer in in_time("the deadlines", calls.join_all()).await {
            // In a later round the first may be known already.
            match answer {
                Ok(it) => assert!(it.replayed && round > 0),
                Err(status) => {
                    let code = Refused::of(&status).code;
                    let passed = [Code::DeadlineExceeded, Code::Cancelled].contains(&code);
                    assert!(passed, "{:?} {}", code, status.message());
                }
            }
        }
        session.run("rollback").await;
    }
    // Whether they were carried out after all or not, repeated they are, once.
    let mut positions = std::collections::BTreeSet::new();
    for (note, clients) in notes.iter().zip(connections.iter().cycle()) {
        positions.insert(clients.accepted(note.clone()).await.position);
    }
    assert_eq!(positions.len(), CALLS);
    let auditor = server.clients(&place, Role::Auditor, "auditor-1").await;
    let log = auditor.whole_log().await;
    for note in &notes {
        let events = log.iter().filter(|it| it.command_id == note.command_id).count();
        assert_eq!(events, 1, "each command is in the log once");
    }
    let open = "select count(*) from pg_stat_activity
                where datname = current_database() and state like 'idle in transaction%'";
    assert_eq!(database.sql(open), "0", "no connection was left in a transaction");
    assert!(server.stop().await.status.success());
    place.check_sound();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_synchronous_standby_that_is_promoted_has_every_acknowledged_command() {
    let primary = cluster();
    let database = Database::of(&primary);
    let standby = Cluster::standby_of(&primary, "second", true).expect("a standby");
    let wire = Wire::to(&primary);
    let place = Place::at(database.url_through(wire.socket_folder(), 0));
    let other = database.url_through(wire.socket_folder(), 1);
    let fleet = Fleet::start_at(&place, vec![None, Some(other)]).await;
    let mut load = Load::begin(&fleet.doors(), "outages/promoted", WRITERS).await;
    load.more(2 * BETWEEN).await;
    primary.kill().expect("it is killed");
    let told = load.acknowledged();
    standby.promote().expect("it is promoted");
    wire.point_at(&standby);
    load.more(2 * BETWEEN).await;
    let ledger = load.finish().await;
    assert!(told >= 2 * BETWEEN && ledger.len() as u64 > told);
    ledger.check_every_refusal_had_a_reason();
    settle(&place, fleet, &ledger).await;
    let last = database.sql_at(&standby, "select max(position) from journal.leaf");
    assert!(last.parse::<u64>().expect("a position") > told);
}
