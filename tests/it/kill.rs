//! What is acknowledged survives: the server is killed fifty times while commands are in flight.

use std::collections::{BTreeMap, BTreeSet};

use fokus_proto::v1::execute_request::Command;
use fokus_proto::v1::*;
use tokio::sync::mpsc;
use tokio::task::JoinSet;

use crate::harness::clients::{Clients, Refused};
use crate::harness::in_time;
use crate::harness::place::{Place, Role};
use crate::harness::seeded::Seeded;
use crate::harness::server::Server;
use crate::harness::world::{Person, child_cpr, register, request};

/// Times that the server is killed.
const KILLS: u32 = 50;
/// Commands in flight at every kill: each lane has one, and sends the next when it is answered.
const LANES: usize = 48;
/// Connections that the lanes share: a connection works at 32 calls at a time.
const CONNECTIONS: usize = 2;
/// The most commands acknowledged in a round before the dice choose the moment.
const ACKNOWLEDGED_MAX: u64 = 120;
/// The most bytes that the journal's write-ahead log grows by after that, before the server is killed.
const WRITTEN_MAX: u64 = 256 * 1024;
/// Kills that must hit a commit: a command of that round is in the log, and nobody was told.
const HITS_MIN: u32 = 11;
/// Acknowledged commands of a round that are sent again after the kill.
const REPEATED: usize = 6;

/// A command that was sent, and the answer if there was one.
struct Sent {
    request: ExecuteRequest,
    answer: Option<ExecuteResponse>,
}

/// What a lane sends: an invented person, then a family of that person, then the next.
struct Lane {
    seeded: Seeded,
    /// Distinguishes the lane's CPR numbers and references from all others.
    numbers: std::ops::Range<u32>,
    person: Option<Person>,
}

impl Lane {
    fn new(round: u32, lane: u32) -> Lane {
        // So many numbers that no lane comes to their end.
        let first = (round * u32::try_from(LANES).unwrap() + lane) * 40;
        let seeded = Seeded::new(format!("kill/{round}/{lane}"));
        Lane { seeded, numbers: first..first + 40, person: None }
    }

    fn next(&mut self) -> ExecuteRequest {
        let command = match self.person.take() {
            Some(person) => self.family(&person),
            None => {
                let number = self.numbers.next().expect("a number is left");
                let (given, family) = ("Emil".to_owned(), format!("Prøvesen-{number}"));
                let person = Person { id: self.seeded.id(), given, family, cpr: child_cpr(number) };
                register(self.person.insert(person))
            }
        };
        request(&mut self.seeded, command)
    }

    fn family(&mut self, person: &Person) -> Command {
        let member = InitialMember {
            person_id: person.id.clone(),
            role: FamilyRole::Child.into(),
            household: Household::Core.into(),
        };
        Command::RegisterFamily(RegisterFamily {
            family_id: self.seeded.id(),
            reference: format!("FF-2020-{:05}", self.numbers.start - 1),
            initial_members: vec![member],
            source: FamilySource::Manual.into(),
        })
    }

    /// Sends until there is no answer.
    async fn run(mut self, clients: Clients, told: mpsc::Sender<()>) -> Vec<Sent> {
        let mut sent = Vec::new();
        loop {
            let request = self.next();
            match clients.execute(request.clone()).await {
                Ok(answer) => {
                    sent.push(Sent { request, answer: Some(answer) });
                    told.send(()).await.unwrap_or_default();
                }
                Err(status) => {
                    let refused = Refused::of(&status);
                    assert_eq!(refused.reason, "", "no command of a lane is refused: {refused:?}");
                    sent.push(Sent { request, answer: None });
                    return sent;
                }
            }
        }
    }
}

/// Waits until so many bytes more have been written to the journal. They come in bursts, one for each
/// commit, so that a number by chance is often reached between a commit and its answers. A log that is
/// begun anew does not grow: then so many more acknowledgements are enough.
async fn written(place: &Place, bytes: u64, acknowledged: &mut mpsc::Receiver<()>) {
    let wal = place.file("journal.db-wal");
    let length = || std::fs::metadata(&wal).map_or(0, |it| it.len());
    let (until, mut left) = (length() + bytes, ACKNOWLEDGED_MAX);
    while length() < until && left > 0 {
        while acknowledged.try_recv().is_ok() {
            left = left.saturating_sub(1);
        }
        tokio::task::yield_now().await;
    }
}

/// Lets all lanes send, and kills the server at a moment of the dice's.
async fn kill_in_flight(place: &Place, mut server: Server, round: u32) -> Vec<Sent> {
    let mut dice = Seeded::new(format!("kill/moment/{round}"));
    let (told, mut acknowledged) = mpsc::channel(LANES);
    let mut lanes = JoinSet::new();
    let mut connections = Vec::new();
    for _ in 0..CONNECTIONS {
        connections.push(server.clients(place, Role::TeamLead, "lead-1").await);
    }
    for (lane, clients) in (0..LANES).zip(connections.iter().cycle()) {
        let lane = Lane::new(round, u32::try_from(lane).unwrap());
        lanes.spawn(lane.run(clients.clone(), told.clone()));
    }
    for _ in 0..dice.below(ACKNOWLEDGED_MAX) {
        in_time("an acknowledgement", acknowledged.recv()).await.expect("lanes send");
    }
    let growth = written(place, dice.below(WRITTEN_MAX), &mut acknowledged);
    in_time("the journal's growth", growth).await;
    server.kill();
    // A lane never waits for somebody to be told.
    acknowledged.close();
    let sent = in_time("the lanes' end", lanes.join_all()).await.into_iter().flatten().collect();
    server.ended().await;
    sent
}

/// The events of each command in the log after a position.
async fn commands_after(
    auditor: &Clients,
    after_position: i64,
) -> BTreeMap<String, Vec<HistoryEvent>> {
    let request = ReadHistoryRequest { after_position, ..Default::default() };
    let mut commands = BTreeMap::<String, Vec<HistoryEvent>>::new();
    for (event, position) in auditor.history(request).await.into_iter().zip(after_position + 1..) {
        assert_eq!(event.position, position, "positions are dense");
        commands.entry(event.command_id.clone()).or_default().push(event);
    }
    commands
}

/// What makes an outcome: the checkpoint is always the present one.
fn outcome(answer: &ExecuteResponse) -> (i64, &[String], &[StreamRevision], Option<String>) {
    let recorded_at = answer.recorded_at.as_ref().map(ToString::to_string);
    (answer.position, &answer.event_ids, &answer.streams, recorded_at)
}

/// Checks that these events of the log are this outcome.
fn check_in_log(events: &[HistoryEvent], answer: &ExecuteResponse) {
    let ids: Vec<&str> = events.iter().map(|it| it.event_id.as_str()).collect();
    assert_eq!(ids, answer.event_ids);
    assert_eq!(events.last().expect("at least one event").position, answer.position);
    assert!(events.iter().all(|it| it.recorded_at == answer.recorded_at));
}

/// Compares a round with the log after it, and repeats what was not acknowledged. Gives how many
/// commands were in the log though nobody was told.
async fn settle(
    place: &Place,
    server: &Server,
    sent: Vec<Sent>,
    before: i64,
    dice: &mut Seeded,
) -> usize {
    let auditor = server.clients(place, Role::Auditor, "auditor-1").await;
    let clients = server.clients(place, Role::TeamLead, "lead-1").await;
    let mut log = commands_after(&auditor, before).await;
    let (mut untold, mut told, mut waiting) = (0, Vec::new(), JoinSet::new());
    let slots = std::sync::Arc::new(tokio::sync::Semaphore::new(LANES / CONNECTIONS));
    for Sent { request, answer } in sent {
        let events = log.remove(&request.command_id);
        if let Some(answer) = answer {
            check_in_log(&events.expect("what is acknowledged is in the log"), &answer);
            told.push((request, answer));
            continue;
        }
        untold += usize::from(events.is_some());
        let (clients, slots) = (clients.clone(), slots.clone());
        waiting.spawn(async move {
            let _slot = slots.acquire().await;
            let first = clients.accepted(request.clone()).await;
            assert_eq!(first.replayed, events.is_some(), "carried out if it is not in the log");
            if let Some(events) = events {
                check_in_log(&events, &first);
            }
            let again = clients.accepted(request).await;
            assert!(again.replayed);
            assert_eq!(outcome(&again), outcome(&first), "one outcome for ever");
        });
    }
    in_time("the repetitions", waiting.join_all()).await;
    assert!(log.is_empty(), "nothing is in the log that nobody sent");
    for _ in 0..REPEATED.min(told.len()) {
        let chosen = usize::try_from(dice.below(u64::try_from(told.len()).unwrap())).unwrap();
        let (request, answer) = told.swap_remove(chosen);
        let again = clients.accepted(request).await;
        assert!(again.replayed);
        assert_eq!(outcome(&again), outcome(&answer));
    }
    untold
}

#[tokio::test(flavor = "multi_thread")]
async fn fifty_kills_with_commands_in_flight_lose_and_double_nothing_that_was_acknowledged() {
    let place = Place::new();
    let mut dice = Seeded::new("kill/repeated");
    let (mut hits, mut acknowledged, mut ids) = (0, 0, BTreeSet::new());
    let mut before = 0;
    let mut server = Server::start(&place).await;
    for round in 0..KILLS {
        let sent = kill_in_flight(&place, server, round).await;
        let in_flight = sent.iter().filter(|it| it.answer.is_none()).count();
        assert_eq!(in_flight, LANES, "every lane had a command in flight");
        acknowledged += sent.len() - in_flight;
        for it in &sent {
            assert!(ids.insert(it.request.command_id.clone()), "each command is sent once");
        }

        server = Server::start(&place).await;
        let untold = settle(&place, &server, sent, before, &mut dice).await;
        hits += u32::from(untold > 0);
        before = server.clients(&place, Role::Auditor, "auditor-1").await.head().await;
    }
    assert!(hits >= HITS_MIN, "only {hits} of {KILLS} kills hit a commit");
    assert!(acknowledged > 0);

    let auditor = server.clients(&place, Role::Auditor, "auditor-1").await;
    let log = commands_after(&auditor, 0).await;
    // Every command of this test makes one event.
    assert!(log.values().all(|events| events.len() == 1), "every command is in the log once");
    assert_eq!(log.into_keys().collect::<BTreeSet<_>>(), ids, "and no other");
    server.stop().await;
    place.check_sound();
}
