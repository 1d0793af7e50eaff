//! Several servers over one store. Each has a door: connections that writers use while it is open, and
//! leave for the next door when it is shut.

use std::time::Duration;

use fokus_proto::v1::{ExecuteRequest, ExecuteResponse};
use tokio::sync::watch;
use tokio::time::{MissedTickBehavior, interval, timeout};
use tonic::{Code, Status};

use super::clients::{Clients, Refused};
use super::place::{Place, Role};
use super::server::{Ended, Server};

/// Connections to each server: a connection works at 32 calls at a time.
const CONNECTIONS: usize = 4;
/// The longest that a writer waits for one answer before it asks at another door.
const ANSWER_MAX: Duration = Duration::from_secs(10);
/// The same while the database is away: longer than a server looks for a batch whose outcome it does not
/// know (20 s), for what queues behind that waits as long.
const ANSWER_MAX_AWAY: Duration = Duration::from_secs(30);
/// Between a writer's attempts at one command.
const PAUSE: Duration = Duration::from_millis(50);

/// Servers over one store.
pub(crate) struct Fleet {
    /// Where each finds the store, where that is not where the place says.
    stores: Vec<Option<String>>,
    servers: Vec<Option<Server>>,
    doors: Vec<watch::Sender<Vec<Clients>>>,
}

impl Fleet {
    /// Starts so many servers.
    pub(crate) async fn start(place: &Place, count: usize) -> Fleet {
        Fleet::start_at(place, vec![None; count]).await
    }

    /// Starts a server for each of these addresses of the place's store. One after another: the first one
    /// makes the store.
    pub(crate) async fn start_at(place: &Place, stores: Vec<Option<String>>) -> Fleet {
        let doors = stores.iter().map(|_| watch::Sender::new(Vec::new())).collect();
        let mut fleet = Fleet { stores, servers: Vec::new(), doors };
        for number in 0..fleet.stores.len() {
            fleet.servers.push(None);
            fleet.start_again(place, number).await;
        }
        fleet
    }

    /// Starts a server that was killed, and opens its door.
    pub(crate) async fn start_again(&mut self, place: &Place, number: usize) {
        let store = self.stores[number].as_deref().map(|it| ("FOKUS_STORE", it));
        let server = Server::try_start(place, store.as_slice()).await;
        let server = server.unwrap_or_else(|it| panic!("server {number} did not start: {it:?}"));
        let mut connections = Vec::new();
        for _ in 0..CONNECTIONS {
            // One actor, so that a command may be repeated at any door.
            connections.push(server.clients(place, Role::TeamLead, "lead-1").await);
        }
        self.servers[number] = Some(server);
        self.doors[number].send_replace(connections);
    }

    /// Kills a server (SIGKILL). Its door stays open for those who have not noticed.
    pub(crate) async fn kill(&mut self, number: usize) {
        let mut server = self.servers[number].take().expect("a running server");
        server.kill();
        server.ended().await;
    }

    /// A running server.
    pub(crate) fn server(&self, number: usize) -> &Server {
        self.servers[number].as_ref().expect("a running server")
    }

    /// The way in.
    pub(crate) fn doors(&self) -> Doors {
        let doors = self.doors.iter().map(watch::Sender::subscribe).collect();
        Doors { doors, answer_max: ANSWER_MAX }
    }

    /// Asks every server to end, all at the same time, and checks that each ends well.
    pub(crate) async fn stop(self) {
        for server in self.servers.iter().flatten() {
            server.ask_to_end().await;
        }
        for server in self.servers.into_iter().flatten() {
            let ended: Ended = server.ended().await;
            assert!(ended.status.success(), "{ended:?}");
        }
    }
}

/// The doors of a fleet.
#[derive(Clone)]
pub(crate) struct Doors {
    doors: Vec<watch::Receiver<Vec<Clients>>>,
    answer_max: Duration,
}

/// A command that was acknowledged, with what was said before.
pub(crate) struct Acknowledged {
    pub(crate) answer: ExecuteResponse,
    /// Why it was not acknowledged at once, in the order of the attempts.
    pub(crate) refusals: Vec<Refused>,
}

impl Doors {
    /// The same for writers who write on while the database is away.
    pub(crate) fn while_it_is_away(self) -> Doors {
        Doors { answer_max: ANSWER_MAX_AWAY, ..self }
    }

    /// Sends one command until it is acknowledged, always with the same id: first at the writer's own
    /// door, then at the next.
    pub(crate) async fn send(&self, writer: usize, request: &ExecuteRequest) -> Acknowledged {
        let mut beat = interval(PAUSE);
        beat.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut refusals = Vec::new();
        for door in (0..self.doors.len()).cycle().skip(writer % self.doors.len()) {
            beat.tick().await;
            let connections = self.doors[door].borrow().clone();
            let Some(clients) = connections.get(writer % CONNECTIONS) else { continue };
            let mut journal = clients.journal.clone();
            match timeout(self.answer_max, journal.execute(request.clone())).await {
                Ok(Ok(answer)) => {
                    return Acknowledged { answer: answer.into_inner(), refusals };
                }
                Ok(Err(status)) => refusals.push(repeatable(&status)),
                Err(_) => refusals.push(Refused::of(&Status::deadline_exceeded("no answer"))),
            }
        }
        unreachable!("doors are tried without end")
    }
}

/// Takes a refusal apart, which must be one of those after which a client repeats the command.
fn repeatable(status: &Status) -> Refused {
    let refused = Refused::of(status);
    let by_the_journal = [(Code::Unavailable, "STORE_UNAVAILABLE"), (Code::Aborted, "BUSY")];
    // The server is gone: the transport says so in several ways.
    let by_the_transport = [Code::Unavailable, Code::Unknown, Code::Cancelled, Code::Internal];
    let may_be_repeated = by_the_journal.contains(&(refused.code, refused.reason.as_str()))
        || refused.reason.is_empty() && by_the_transport.contains(&refused.code);
    assert!(may_be_repeated, "{refused:?} {}", status.message());
    refused
}
