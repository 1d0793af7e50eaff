//! Several servers on one PostgreSQL: any of them takes any command, one at a time runs a view, and what
//! happens to one of them is nobody else's concern.

use std::time::Duration;

use fokus_proto::v1::{ReadHistoryRequest, WatchFamiliesRequest};
use tokio::time::{Instant, interval};
use tonic::Code;

use crate::harness::clients::{Clients, Refused, next};
use crate::harness::database::{Database, role, until_it_waits};
use crate::harness::fleet::Fleet;
use crate::harness::in_time;
use crate::harness::load::Load;
use crate::harness::place::{Place, Role};
use crate::harness::readings::{check_rebuilds_are_equal, everything, views_have_reached};
use crate::harness::seeded::Seeded;
use crate::harness::server::Server;
use crate::harness::world::World;

/// Writers that write at the same time.
const WRITERS: usize = 64;
/// Servers that they write to.
const SERVERS: usize = 3;
/// How often a server is killed, and how many seconds pass between.
const KILLS: usize = 6;
const KILL_EVERY: Duration = Duration::from_secs(10);
/// Families whose every reading is compared.
const COMPARED: usize = 40;
/// The longest that views stand still after the server that ran them has stopped.
const TAKEN_OVER_MAX: Duration = Duration::from_secs(20);

/// The address of the store for each server, each in a role of its own.
fn addresses(database: &Database<'_>, servers: usize) -> Vec<Option<String>> {
    (0..servers).map(|number| Some(database.url(number))).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn while_servers_are_killed_in_turn_every_acknowledged_command_is_carried_out_once() {
    let database = Database::shared();
    let place = Place::at(database.url(0));
    let mut fleet = Fleet::start_at(&place, addresses(&database, SERVERS)).await;
    let mut load = Load::begin(&fleet.doors(), "servers/killed", WRITERS).await;
    let mut beat = interval(KILL_EVERY);
    beat.tick().await;
    for kill in 0..KILLS {
        beat.tick().await;
        fleet.kill(kill % SERVERS).await;
        // The others go on.
        load.more(1000).await;
        fleet.start_again(&place, kill % SERVERS).await;
    }
    load.more(1000).await;
    let ledger = load.finish().await;
    assert!(!ledger.refusals().is_empty(), "nobody noticed that servers were killed");

    // Whichever server is asked.
    let auditor = fleet.server(1).clients(&place, Role::Auditor, "auditor-1").await;
    ledger.check_log(&auditor).await;
    let lead = fleet.server(2).clients(&place, Role::TeamLead, "lead-1").await;
    ledger.check_repetitions(&lead).await;

    let head = auditor.head().await;
    let operator = fleet.server(0).clients(&place, Role::Operator, "operator-1").await;
    views_have_reached(&operator, head).await;
    let families: Vec<String> = ledger.families.iter().take(COMPARED).cloned().collect();
    let before = everything(&lead, &families, head).await;
    check_rebuilds_are_equal(&operator).await;
    let lead = fleet.server(0).clients(&place, Role::TeamLead, "lead-1").await;
    assert!(everything(&lead, &families, head).await == before, "a rebuild reads otherwise");
    fleet.stop().await;
    place.check_sound();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_written_at_one_server_is_followed_and_watched_at_another() {
    let database = Database::shared();
    let place = Place::at(database.url(0));
    let fleet = Fleet::start_at(&place, addresses(&database, 2)).await;
    let writer = fleet.server(0).clients(&place, Role::TeamLead, "lead-1").await;
    let mut seeded = Seeded::new("servers/news");
    let world = World::new(&mut seeded, 0);
    let mut position = writer.all_accepted(world.commands(&mut seeded)).await;

    let auditor = fleet.server(1).clients(&place, Role::Auditor, "auditor-1").await;
    let request =
        ReadHistoryRequest { after_position: position, follow: true, ..Default::default() };
    let mut history = auditor.follow(request).await;
    let reader = fleet.server(1).clients(&place, Role::TeamLead, "lead-2").await;
    let request = WatchFamiliesRequest { purpose: reader.purpose, after_position: position };
    let mut family_service = reader.family.clone();
    let watch = in_time("a watch", family_service.watch_families(request)).await;
    let mut watch = watch.expect("a watch").into_inner();
    for number in 0..20 {
        let note = world.note(&mut seeded, &format!("Nyhed {number}."));
        let expected = position + 1;
        position = writer.accepted(note).await.position;
        assert_eq!(position, expected);
        let news = next(&mut history).await.expect("a followed log does not end");
        assert_eq!(news.events.iter().map(|it| it.position).collect::<Vec<_>>(), [position]);
        let mut reached = 0;
        while reached < position {
            reached = next(&mut watch).await.expect("a watch does not end").as_of_position;
        }
    }
    fleet.stop().await;
}

/// Notes in the database which server has written rows of a view, and what the fence of its lease was
/// when it did.
const WATCH_WRITERS: &str = "
    create table public.written (who text, name text, fence bigint);
    create function public.note_writer() returns trigger language plpgsql security definer as $$ begin
        insert into public.written
        select session_user, l.name, l.fence from views.lease l
        where l.tenant = new.tenant and l.name = new.view;
        return null;
    end $$;
    create trigger note_writer after insert or update on views.view_checkpoint
        for each row execute function public.note_writer();
    create trigger note_writer after insert or update on views.view_row
        for each row execute function public.note_writer();";

/// Reads a family's status at this position as soon as the views have come so far.
async fn status_at(clients: &Clients, family_id: &str, position: i64) {
    loop {
        match clients.status(family_id, position, None).await {
            Ok(_) => return,
            Err(status) => Refused::of(&status).is(Code::Unavailable, "VIEW_BEHIND"),
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_paused_past_its_lease_writes_nothing_after_waking() {
    let database = Database::shared();
    let place = Place::at(database.url(0));
    let sleeper = Server::start(&place).await;
    let at_sleeper = sleeper.clients(&place, Role::TeamLead, "lead-1").await;
    let mut seeded = Seeded::new("servers/paused");
    let world = World::new(&mut seeded, 0);
    let position = at_sleeper.all_accepted(world.commands(&mut seeded)).await;
    let sleepers_operator = sleeper.clients(&place, Role::Operator, "operator-1").await;
    views_have_reached(&sleepers_operator, position).await;
    database.sql(WATCH_WRITERS);
    // Nobody else was there: it has every lease.
    let url = database.url(1);
    let other = Server::try_start(&place, &[("FOKUS_STORE", &url)]).await.expect("a server");
    let at_other = other.clients(&place, Role::TeamLead, "lead-1").await;

    // It is paused in the middle of writing rows.
    let mut session = database.session();
    session.run("begin").await;
    session.run("select from views.view_checkpoint for update").await;
    at_sleeper.accepted(world.note(&mut seeded, "Lige før pausen.")).await;
    session.run(&until_it_waits(&role(0))).await;
    sleeper.pause().await;
    session.run("commit").await;
    let leases = "select name, fence from views.lease order by name";
    let before = database.sql(leases);

    let paused = Instant::now();
    let operator = other.clients(&place, Role::Operator, "operator-1").await;
    for _ in 0..10 {
        let position = at_other.accepted(world.note(&mut seeded, "Imens.")).await.position;
        // Each view has a lease of its own, and each is taken over.
        views_have_reached(&operator, position).await;
    }
    let taken = paused.elapsed();
    assert!(taken < TAKEN_OVER_MAX, "the views were taken over after {taken:?}");
    let after = database.sql(leases);
    let pairs = before.lines().zip(after.lines());
    assert!(pairs.clone().count() > 0 && pairs.clone().all(|(old, new)| old != new), "{after}");

    sleeper.wake().await;
    for _ in 0..10 {
        let note = world.note(&mut seeded, "Efter pausen.");
        let position = at_sleeper.accepted(note).await.position;
        status_at(&at_sleeper, &world.family_id, position).await;
    }
    // What was awaited may have been written before what is written last.
    let head = at_other.head().await;
    views_have_reached(&operator, head).await;
    let writers = database.sql(
        "select name, fence, string_agg(distinct who, '+'), count(*) > 0
         from public.written group by name, fence order by name, fence",
    );
    assert!(writers.contains(&role(0)) && writers.contains(&role(1)), "{writers}");
    assert!(!writers.contains('+'), "two servers have written under one fence: {writers}");
    check_rebuilds_are_equal(&operator).await;
    for server in [sleeper, other] {
        let ended = server.stop().await;
        assert!(ended.status.success(), "{ended:?}");
    }
    place.check_sound();
}
