//! The common parts of requests to read.

use fokus_core::codes::{CasePhase, CaseState, Purpose};
use fokus_core::effective::{Clocks, KnownAt};
use fokus_core::rejection::{Reason, Rejection};
use prost_types::Timestamp;

use super::samples::id;
use crate::v1;
use crate::v1::clocks::{Known, Was};

#[track_caller]
fn refused<T: std::fmt::Debug>(result: Result<T, Rejection>, at: &str) {
    let rejection = result.expect_err("refused");
    assert_eq!((rejection.reason, rejection.field.as_deref()), (Reason::FieldInvalid, Some(at)));
}

#[track_caller]
fn clocks(known: Option<Known>, was: Option<Was>) -> Result<Clocks, Rejection> {
    crate::clocks(Some(v1::Clocks { known, was }))
}

#[test]
fn purposes_and_filters() {
    assert_eq!(crate::purpose(5), Ok(Purpose::Audit));
    refused(crate::purpose(0), "purpose");
    refused(crate::purpose(99), "purpose");
    let states = [Ok(None), Ok(Some(CaseState::None)), Ok(Some(CaseState::Open))];
    assert_eq!([0, 1, 2].map(crate::case_state), states);
    assert_eq!(crate::case_state(6), Ok(Some(CaseState::Closed)));
    refused(crate::case_state(7), "case_state");
    assert_eq!(crate::case_phase(0), Ok(None));
    assert_eq!(crate::case_phase(7), Ok(Some(CasePhase::Evaluation)));
    refused(crate::case_phase(8), "phase");
}

#[test]
fn pages_and_positions() {
    assert_eq!([0, 1, 1000].map(crate::page_size), [Ok(0), Ok(1), Ok(1000)]);
    refused(crate::page_size(1001), "page_size");
    refused(crate::page_size(-1), "page_size");
    assert_eq!(crate::position(i64::MAX, "limit"), Ok(9_223_372_036_854_775_807));
    refused(crate::position(-1, "min_position"), "min_position");
}

#[test]
fn ids_and_streams() {
    assert_eq!(crate::uuid(&id(1), "family_id").unwrap().to_string(), id(1));
    refused(crate::uuid("", "family_id"), "family_id");
    let wire = v1::StreamRef { kind: 2, id: id(1) };
    let stream = crate::parse_stream_ref(wire.clone()).unwrap();
    assert_eq!(crate::stream_ref(stream), wire);
    refused(crate::parse_stream_ref(v1::StreamRef { kind: 0, id: id(1) }), "stream.kind");
    refused(crate::parse_stream_ref(v1::StreamRef { kind: 1, id: String::new() }), "stream.id");
}

#[test]
fn the_clocks_of_a_read() {
    assert_eq!(crate::clocks(None), Ok(Clocks::default()));
    assert_eq!(clocks(None, None), Ok(Clocks::default()));
    let known = |it| clocks(Some(it), None).unwrap().known_at;
    assert_eq!(known(Known::KnownAtPosition(7)), KnownAt::Position(7));
    let time = Timestamp { seconds: 1, nanos: 1_999_999 };
    assert_eq!(known(Known::KnownAtTime(time)), KnownAt::Time(1001));
    let before_1970 = Timestamp { seconds: -1, nanos: 0 };
    assert_eq!(known(Known::KnownAtTime(before_1970)), KnownAt::Time(0));

    let was = |it| clocks(None, Some(it)).unwrap().was_at_ms;
    assert_eq!(was(Was::WasAtTime(before_1970)), Some(-1000));
    // A summer's day ends at 22:00 UTC.
    assert_eq!(was(Was::WasAtDate("2019-07-01".to_owned())), Some(1_562_018_399_999));
}

#[test]
fn malformed_clocks_are_named() {
    let nanos = Timestamp { seconds: 0, nanos: -1 };
    refused(clocks(Some(Known::KnownAtPosition(-1)), None), "clocks.known_at_position");
    refused(clocks(Some(Known::KnownAtTime(nanos)), None), "clocks.known_at_time");
    refused(clocks(None, Some(Was::WasAtTime(nanos))), "clocks.was_at_time");
    refused(clocks(None, Some(Was::WasAtDate("1 May".to_owned()))), "clocks.was_at_date");
    refused(clocks(None, Some(Was::WasAtDate(String::new()))), "clocks.was_at_date");
}
