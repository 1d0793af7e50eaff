//! The services: parse, ask the application, answer. No rule of the domain is here.
//!
//! In every call: who asks is known already ([`crate::gate`]); the request is parsed from its own
//! bytes; then the application authorises, and only then anything that exists is looked at.

pub(crate) mod audit;
pub(crate) mod family;
pub(crate) mod journal;
pub(crate) mod operations;
pub(crate) mod programme;
pub(crate) mod work;

use fokus_app::failure::Failure;
use tonic::{Response, Status};

use crate::limits::ANSWER_BYTES_MAX;
use crate::status::failed;

/// An application's answer as gRPC's.
fn answered<T>(res: Result<T, Failure>) -> Result<Response<T>, Status> {
    res.map(Response::new).map_err(|it| failed(&it))
}

/// A number on the wire. Positions, revisions and counts stay far below the limit.
fn wire(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// How many entries to ask for instead, where a page of `entries` does not fit a message. A client that
/// asks for many long texts gets a shorter page, and the token of the next, instead of an error.
fn smaller_page(entries: usize, bytes: usize) -> Option<u32> {
    if bytes <= ANSWER_BYTES_MAX || entries < 2 {
        return None;
    }
    let fit = entries.saturating_mul(ANSWER_BYTES_MAX) / bytes;
    u32::try_from(fit.clamp(1, entries - 1)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[rustfmt::skip] // One row, one page.
    fn a_page_that_does_not_fit_is_made_smaller() {
        let rows = [
            (1_000, ANSWER_BYTES_MAX,      None),
            (1_000, ANSWER_BYTES_MAX + 1,  Some(999)),
            (1_000, ANSWER_BYTES_MAX * 4,  Some(250)),
            (3,     ANSWER_BYTES_MAX * 90, Some(1)),
            (1,     ANSWER_BYTES_MAX * 2,  None),
            (0,     0,                     None),
        ];
        for (entries, bytes, expected) in rows {
            assert_eq!(smaller_page(entries, bytes), expected, "{entries} entries, {bytes} bytes");
        }
    }
}
