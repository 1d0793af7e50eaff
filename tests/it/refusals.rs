//! What the server says no to, over real gRPC: status, reason, field; nothing written, no value echoed.
//!
//! Read [`commands`] (the table of bad commands), [`reads`] (bad questions), [`callers`] (tokens and
//! rights), [`transport`] (messages that never reach a service).

mod callers;
mod commands;
mod reads;
mod transport;

use fokus_proto::v1::ExecuteRequest;
use tonic::{Code, Status};

use crate::harness::clients::{Clients, Refused};
use crate::harness::place::{Place, Role};
use crate::harness::seeded::Seeded;
use crate::harness::server::Server;
use crate::harness::world::World;

/// Stands in every value of a client's that could be echoed.
const PLANTED: &str = "ekkofri";

/// What is expected of a refusal: code, reason, field.
type Expected = (Code, &'static str, &'static str);

const INVALID: Code = Code::InvalidArgument;
const PRECONDITION: Code = Code::FailedPrecondition;

/// Fails unless the refusal is the one expected, with nothing of the client's in it.
#[track_caller]
fn check(what: &str, status: &Status, expected: Expected) {
    let refused = Refused::of(status);
    let told = (refused.code, refused.reason.as_str(), refused.field.as_str());
    assert_eq!(told, expected, "{what}: {}", status.message());
    assert!(!status.message().contains(PLANTED), "{what}: echoed in the message");
    let details = String::from_utf8_lossy(status.details());
    assert!(!details.contains(PLANTED), "{what}: echoed in the details");
    assert!(!format!("{:?}", status.metadata()).contains(PLANTED), "{what}: echoed in a header");
}

/// A server with a small world, and somebody who may write to it.
struct Stage {
    place: Place,
    server: Server,
    lead: Clients,
    world: World,
    seeded: Seeded,
    /// The commands that made the world.
    made: Vec<ExecuteRequest>,
}

impl Stage {
    async fn new(name: &str) -> Stage {
        let place = Place::new();
        let server = Server::start(&place).await;
        let lead = server.clients(&place, Role::TeamLead, "lead-1").await;
        let mut seeded = Seeded::new(name);
        let world = World::new(&mut seeded, 0);
        let made = world.commands(&mut seeded);
        lead.all_accepted(made.clone()).await;
        Stage { place, server, lead, world, seeded, made }
    }
}
