//! Readers who begin in the middle of writing: a history gives every position once; a watch ends with
//! the newest state.

use fokus_proto::v1::{
    ExecuteRequest, ReadHistoryRequest, WatchFamiliesRequest, WatchFamiliesResponse,
};
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tonic::{Code, Streaming};

use crate::harness::clients::{Clients, Refused, next};
use crate::harness::every_store::on_every_store;
use crate::harness::in_time;
use crate::harness::place::{Place, Role};
use crate::harness::seeded::Seeded;
use crate::harness::server::Server;
use crate::harness::world::World;

on_every_store!(
    a_history_begun_in_the_middle_of_writing_gives_every_position_once,
    a_watch_begun_in_the_middle_of_writing_ends_with_the_newest_state_of_each_family,
    a_server_that_is_asked_to_end_tells_its_readers_and_ends_in_order,
);

/// Commands that are written while somebody reads.
const COMMANDS: usize = 120;
/// Writers; together with the readers below the 32 calls that a connection works at.
const WRITERS: usize = 16;

/// Writers at work. They wait for each other's news to be heard, until nobody listens any more.
struct Writing {
    writers: JoinSet<()>,
    news: mpsc::Receiver<()>,
}

impl Writing {
    /// Begins to write notes about the families, and returns when a third of them is written. Not many
    /// more are before [`Writing::finish`].
    async fn begun(clients: &Clients, worlds: &[World], seeded: &mut Seeded) -> Writing {
        let worlds = worlds.iter().cycle().take(COMMANDS);
        let notes: Vec<ExecuteRequest> =
            worlds.map(|world| world.note(seeded, "Skrevet imens.")).collect();
        let (told, mut news) = mpsc::channel(1);
        let mut writers = JoinSet::new();
        for lane in notes.chunks(COMMANDS.div_ceil(WRITERS)) {
            let (clients, lane, told) = (clients.clone(), lane.to_vec(), told.clone());
            writers.spawn(async move {
                for note in lane {
                    clients.accepted(note).await;
                    told.send(()).await.unwrap_or_default();
                }
            });
        }
        for _ in 0..COMMANDS / 3 {
            in_time("a third of the writing", news.recv()).await.expect("writers write");
        }
        Writing { writers, news }
    }

    /// Lets the writers write on, and waits for them.
    async fn finish(mut self) {
        self.news.close();
        in_time("all writers", self.writers.join_all()).await;
    }
}

async fn families(clients: &Clients, seeded: &mut Seeded) -> Vec<World> {
    let worlds: Vec<World> = (0..3).map(|number| World::new(seeded, number)).collect();
    for world in &worlds {
        clients.all_accepted(world.commands(seeded)).await;
    }
    worlds
}

/// Follows the log from a position to another, and checks that every position comes once, in order.
async fn follow(clients: Clients, after_position: i64, until: i64) {
    let request = ReadHistoryRequest { after_position, follow: true, ..Default::default() };
    let mut stream = clients.follow(request).await;
    let mut reached = after_position;
    while reached < until {
        let answer = next(&mut stream).await.expect("a followed log does not end");
        assert!(!answer.events.is_empty());
        for event in answer.events {
            assert_eq!(event.position, reached + 1, "every position once, in order");
            reached = event.position;
        }
        assert!(answer.as_of_position >= reached);
    }
}

async fn a_history_begun_in_the_middle_of_writing_gives_every_position_once(place: Place) {
    let server = Server::start(&place).await;
    let clients = server.clients(&place, Role::TeamLead, "lead-1").await;
    let auditor = server.clients(&place, Role::Auditor, "auditor-1").await;
    let mut seeded = Seeded::new("subscribe/history");
    let worlds = families(&clients, &mut seeded).await;
    let before = clients.head().await;
    let writing = Writing::begun(&clients, &worlds, &mut seeded).await;
    let middle = auditor.head().await;
    let until = before + i64::try_from(COMMANDS).unwrap();
    assert!(middle < until, "begun in the middle of writing");
    let mut readers = JoinSet::new();
    for after in [0, before, middle, middle - 1] {
        readers.spawn(follow(auditor.clone(), after, until));
    }
    writing.finish().await;
    in_time("all readers", readers.join_all()).await;
    assert_eq!(clients.head().await, until);
}

async fn watch(clients: &Clients, after_position: i64) -> Streaming<WatchFamiliesResponse> {
    let request = WatchFamiliesRequest { purpose: clients.purpose, after_position };
    let stream = in_time("a watch", clients.family.clone().watch_families(request)).await;
    stream.expect("a watch").into_inner()
}

async fn a_watch_begun_in_the_middle_of_writing_ends_with_the_newest_state_of_each_family(
    place: Place,
) {
    let server = Server::start(&place).await;
    let clients = server.clients(&place, Role::TeamLead, "lead-1").await;
    let mut seeded = Seeded::new("subscribe/watch");
    let worlds = families(&clients, &mut seeded).await;
    let writing = Writing::begun(&clients, &worlds, &mut seeded).await;
    let mut stream = watch(&clients, 0).await;
    writing.finish().await;
    let head = clients.head().await;

    let mut revisions = std::collections::BTreeMap::<String, i64>::new();
    let mut reached = 0;
    while reached < head {
        let answer = next(&mut stream).await.expect("a watch does not end");
        assert!(answer.as_of_position >= reached, "what is said to be sent never shrinks");
        reached = answer.as_of_position;
        let Some(family) = answer.family else { continue };
        assert!(family.last_position <= reached);
        let before = revisions.insert(family.family_id, family.revision);
        assert!(before.is_none_or(|it| it < family.revision), "a family comes when it has changed");
    }
    assert_eq!(revisions.len(), worlds.len(), "every family once at least");
    for world in &worlds {
        let status = clients.status(&world.family_id, head, None).await.expect("a status");
        let newest = status.status.expect("a status").revision;
        assert_eq!(revisions.get(&world.family_id), Some(&newest));
    }
}

async fn a_server_that_is_asked_to_end_tells_its_readers_and_ends_in_order(place: Place) {
    let server = Server::start(&place).await;
    let clients = server.clients(&place, Role::TeamLead, "lead-1").await;
    let mut seeded = Seeded::new("subscribe/end");
    let worlds = families(&clients, &mut seeded).await;
    let head = clients.head().await;
    let request = ReadHistoryRequest { after_position: head, follow: true, ..Default::default() };
    let mut history = clients.follow(request).await;
    let mut families = watch(&clients, head).await;
    // Both have begun: a note comes through.
    clients.accepted(worlds[0].note(&mut seeded, "Den sidste.")).await;
    next(&mut history).await.expect("a followed log does not end");
    next(&mut families).await.expect("a watch does not end");

    server.ask_to_end().await;
    let told = in_time("the history's end", history.message()).await;
    let told = Refused::of(&told.expect_err("a followed log ends with a status"));
    told.is(Code::Unavailable, "SHUTTING_DOWN");
    let told = in_time("the watch's end", families.message()).await;
    let told = Refused::of(&told.expect_err("a watch ends with a status"));
    told.is(Code::Unavailable, "SHUTTING_DOWN");
    let ended = server.ended().await;
    assert!(ended.status.success(), "{ended:?}");
    assert_eq!(ended.standard_output.lines().count(), 1, "{ended:?}");

    if place.outlives_its_server() {
        let server = Server::start(&place).await;
        let clients = server.clients(&place, Role::TeamLead, "lead-1").await;
        assert_eq!(clients.head().await, head + 1);
    }
}
