//! The services: parse, ask the application, answer. No rule of the domain is here.
//!
//! In every call: who asks is known already ([`crate::gate`]); the request is parsed from its own
//! bytes; then the application authorises, and only then anything that exists is looked at.

pub(crate) mod audit;
pub(crate) mod family;
pub(crate) mod journal;
pub(crate) mod operations;

use fokus_app::failure::Failure;
use tonic::{Response, Status};

use crate::status::failed;

/// An application's answer as gRPC's.
fn answered<T>(res: Result<T, Failure>) -> Result<Response<T>, Status> {
    res.map(Response::new).map_err(|it| failed(&it))
}

/// A number on the wire. Positions, revisions and counts stay far below the limit.
fn wire(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}
