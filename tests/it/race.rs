//! Many writers on one family: with an expected revision one of them wins each revision; without, all
//! succeed.

use std::collections::BTreeSet;

use fokus_proto::v1::{ExecuteRequest, ExecuteResponse};
use tokio::task::JoinSet;
use tonic::{Code, Status};

use crate::harness::clients::{Clients, Refused};
use crate::harness::every_store::on_every_store;
use crate::harness::in_time;
use crate::harness::place::{Place, Role};
use crate::harness::seeded::Seeded;
use crate::harness::server::Server;
use crate::harness::world::World;

on_every_store!(
    of_64_writers_who_expect_a_revision_one_wins_it_and_the_others_learn_the_actual_one,
    of_64_writers_who_expect_nothing_all_succeed,
    of_64_repetitions_of_one_command_one_is_carried_out_and_all_get_its_outcome,
);

/// Writers that write at the same time.
const WRITERS: usize = 64;
/// Connections that they share: a connection works at 32 calls at a time.
const CONNECTIONS: usize = 4;

/// Sends all requests at the same time; gives each with its answer.
async fn at_once(
    connections: &[Clients],
    requests: Vec<ExecuteRequest>,
) -> Vec<(ExecuteRequest, Result<ExecuteResponse, Status>)> {
    let mut writers = JoinSet::new();
    for (request, clients) in requests.into_iter().zip(connections.iter().cycle()) {
        let clients = clients.clone();
        writers.spawn(async move {
            let answer = clients.execute(request.clone()).await;
            (request, answer)
        });
    }
    in_time("all writers", writers.join_all()).await
}

struct Arena {
    _server: Server,
    connections: Vec<Clients>,
    world: World,
    seeded: Seeded,
    /// The family's revision before the race.
    revision: i64,
}

impl Arena {
    async fn new(place: &Place, name: &str) -> Arena {
        let server = Server::start(place).await;
        let mut connections = Vec::new();
        for number in 0..CONNECTIONS {
            let subject = format!("worker-{number}");
            connections.push(server.clients(place, Role::TeamLead, &subject).await);
        }
        let mut seeded = Seeded::new(name);
        let world = World::new(&mut seeded, 0);
        connections[0].all_accepted(world.commands(&mut seeded)).await;
        // Registered, referred, triaged, opened.
        Arena { _server: server, connections, world, seeded, revision: 4 }
    }

    fn notes(&mut self) -> Vec<ExecuteRequest> {
        let note = |number| self.world.note(&mut self.seeded, &format!("Nummer {number}."));
        (0..WRITERS).map(note).collect()
    }
}

fn revision(answer: &ExecuteResponse) -> i64 {
    assert_eq!(answer.streams.len(), 1, "a note writes one stream");
    answer.streams[0].revision
}

async fn of_64_writers_who_expect_a_revision_one_wins_it_and_the_others_learn_the_actual_one(
    place: Place,
) {
    let mut arena = Arena::new(&place, "race/expected").await;
    let mut waiting = arena.notes();
    let mut expected = arena.revision;
    let mut positions = BTreeSet::new();
    while !waiting.is_empty() {
        let all = waiting.len();
        for request in &mut waiting {
            request.expected_revision = Some(expected);
        }
        for (request, answer) in at_once(&arena.connections, std::mem::take(&mut waiting)).await {
            match answer {
                Ok(answer) => {
                    assert_eq!(revision(&answer), expected + 1);
                    assert!(positions.insert(answer.position), "no position twice");
                }
                Err(status) => {
                    let refused = Refused::of(&status);
                    refused.is(Code::Aborted, "REVISION_CONFLICT");
                    // Nobody writes the next revision before all have been answered.
                    assert_eq!(refused.number("expected"), expected);
                    assert_eq!(refused.number("actual"), expected + 1);
                    assert_eq!(refused.field, "expected_revision");
                    waiting.push(request);
                }
            }
        }
        assert_eq!(waiting.len(), all - 1, "one winner of revision {}", expected + 1);
        expected += 1;
    }
    assert_eq!(positions.len(), WRITERS);
    let head = arena.connections[0].head().await;
    let dense: BTreeSet<i64> = (head - i64::try_from(WRITERS).unwrap() + 1..=head).collect();
    assert_eq!(positions, dense, "what was refused used no position up");
}

async fn of_64_writers_who_expect_nothing_all_succeed(place: Place) {
    let mut arena = Arena::new(&place, "race/any").await;
    let before = arena.revision;
    let notes = arena.notes();
    let answers = at_once(&arena.connections, notes).await;
    let mut revisions = BTreeSet::new();
    for (_, answer) in answers {
        let answer = answer.unwrap_or_else(|it| panic!("{:?} {}", it.code(), it.message()));
        assert!(revisions.insert(revision(&answer)), "no revision twice");
    }
    let dense: BTreeSet<i64> = (before + 1..=before + i64::try_from(WRITERS).unwrap()).collect();
    assert_eq!(revisions, dense);
}

async fn of_64_repetitions_of_one_command_one_is_carried_out_and_all_get_its_outcome(place: Place) {
    let mut arena = Arena::new(&place, "race/same").await;
    // Another actor's repetition would be another command: all go out on behalf of one.
    let note = arena.notes().swap_remove(0);
    let one_actor = &arena.connections[..1];
    let head = one_actor[0].head().await;
    let mut outcomes = BTreeSet::new();
    let mut fresh = 0;
    // A connection works at 32 calls at a time.
    for half in [vec![note.clone(); WRITERS / 2], vec![note; WRITERS / 2]] {
        for (_, answer) in at_once(one_actor, half).await {
            let answer = answer.unwrap_or_else(|it| panic!("{:?} {}", it.code(), it.message()));
            fresh += usize::from(!answer.replayed);
            outcomes.insert((
                answer.position,
                answer.event_ids,
                answer.recorded_at.map(|it| it.to_string()),
            ));
        }
    }
    assert_eq!((fresh, outcomes.len()), (1, 1));
    assert_eq!(one_actor[0].head().await, head + 1);
}
