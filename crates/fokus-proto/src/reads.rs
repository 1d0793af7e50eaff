//! The parts that requests to read have in common: from the wire into the domain.
//!
//! Fields that have the same name in every request know their path; for the others the caller names it.

use fokus_core::codes::{CasePhase, CaseState, InterventionType, Purpose};
use fokus_core::effective::{Clocks, KnownAt};
use fokus_core::ids::StreamRef;
use fokus_core::period::Quarter;
use fokus_core::rejection::Rejection;
use fokus_core::time::day_end_ms;
use fokus_core::views::status::InterventionState;
use uuid::Uuid;

use crate::parse;
use crate::path::Path;
use crate::v1;

/// The most rows of a page.
const PAGE_SIZE_MAX: i32 = 1000;

/// Why the caller asks.
///
/// # Errors
///
/// `FIELD_INVALID` at `purpose` when unspecified or unknown.
pub fn purpose(wire: i32) -> Result<Purpose, Rejection> {
    parse::code(wire, Path::root("purpose"))
}

/// The filter by the state of the newest case; `None` = all.
///
/// # Errors
///
/// `FIELD_INVALID` at `case_state` when unknown.
pub fn case_state(wire: i32) -> Result<Option<CaseState>, Rejection> {
    parse::optional_code(wire, Path::root("case_state"))
}

/// The filter by phase; `None` = all.
///
/// # Errors
///
/// `FIELD_INVALID` at `phase` when unknown.
pub fn case_phase(wire: i32) -> Result<Option<CasePhase>, Rejection> {
    parse::optional_code(wire, Path::root("phase"))
}

/// The filter by the state of an intervention: any of these, each once; none = all.
///
/// # Errors
///
/// `FIELD_INVALID` at the element, such as `states[0]`.
pub fn intervention_states(wire: Vec<i32>) -> Result<Vec<InterventionState>, Rejection> {
    parse::codes(wire, 0, Path::root("states"))
}

/// The filter by the type of an intervention: any of these, each once; none = all.
///
/// # Errors
///
/// `FIELD_INVALID` at the element, such as `types[0]`.
pub fn intervention_types(wire: Vec<i32>) -> Result<Vec<InterventionType>, Rejection> {
    parse::codes(wire, 0, Path::root("types"))
}

/// A UUID in its text form, or nothing.
///
/// # Errors
///
/// `FIELD_INVALID` at `path` when malformed.
pub fn optional_uuid(wire: &str, path: &str) -> Result<Option<Uuid>, Rejection> {
    parse::optional_id(wire, Path::root(path))
}

/// A UUID in its text form of 36 characters.
///
/// # Errors
///
/// `FIELD_INVALID` at `path` when missing or malformed.
pub fn uuid(wire: &str, path: &str) -> Result<Uuid, Rejection> {
    parse::id(wire, Path::root(path))
}

/// The stream that is asked for.
///
/// # Errors
///
/// `FIELD_INVALID` at `stream.kind` or `stream.id` when missing or malformed.
pub fn parse_stream_ref(wire: v1::StreamRef) -> Result<StreamRef, Rejection> {
    parse::stream_ref(Some(wire), Path::root("stream"))
}

/// A position, revision or limit: 0 or more.
///
/// # Errors
///
/// `FIELD_INVALID` at `path` when negative.
pub fn position(wire: i64, path: &str) -> Result<u64, Rejection> {
    parse::count(wire, Path::root(path))
}

/// The rows of a page: 0 to 1000. 0 leaves the number to the reader of the pages.
///
/// # Errors
///
/// `FIELD_INVALID` at `page_size` otherwise.
pub fn page_size(wire: i32) -> Result<u32, Rejection> {
    parse::number(wire, 0..=PAGE_SIZE_MAX, Path::root("page_size"))
}

/// The two clocks; all left out: the present. A date is the end of that day in Europe/Copenhagen.
///
/// # Errors
///
/// `FIELD_INVALID` at the clock that is malformed, such as `clocks.was_at_date`.
pub fn clocks(wire: Option<v1::Clocks>) -> Result<Clocks, Rejection> {
    let Some(wire) = wire else { return Ok(Clocks::default()) };
    let at = Path::root("clocks");
    let known_at = match wire.known {
        None => KnownAt::Now,
        Some(v1::clocks::Known::KnownAtPosition(position)) => {
            KnownAt::Position(parse::count(position, at.field("known_at_position"))?)
        }
        Some(v1::clocks::Known::KnownAtTime(time)) => {
            let time_ms = parse::instant_ms(time, at.field("known_at_time"))?;
            // Before 1970 nothing was recorded, at its first millisecond neither.
            KnownAt::Time(u64::try_from(time_ms).unwrap_or(0))
        }
    };
    let was_at_ms = match wire.was {
        None => None,
        Some(v1::clocks::Was::WasAtTime(time)) => {
            Some(parse::instant_ms(time, at.field("was_at_time"))?)
        }
        Some(v1::clocks::Was::WasAtDate(date)) => {
            Some(day_end_ms(parse::date(&date, at.field("was_at_date"))?))
        }
    };
    Ok(Clocks { known_at, was_at_ms })
}

/// A quarter such as `2019-Q3`; empty = none.
///
/// # Errors
///
/// `FIELD_INVALID` at `path` otherwise.
pub fn optional_quarter(wire: &str, path: &str) -> Result<Option<Quarter>, Rejection> {
    if wire.is_empty() {
        return Ok(None);
    }
    quarter_at(wire, Path::root(path)).map(Some)
}

pub(crate) fn quarter_at(wire: &str, at: Path<'_>) -> Result<Quarter, Rejection> {
    wire.parse().map_err(|_| at.invalid("must be a quarter such as 2019-Q3"))
}

/// Refuses clocks where there is no time to choose.
///
/// # Errors
///
/// `FIELD_INVALID` at `clocks`.
pub fn no_clocks(wire: Option<&v1::Clocks>) -> Result<(), Rejection> {
    match wire {
        Some(_) => Err(Path::root("clocks").invalid("must be left out: a release has no time")),
        None => Ok(()),
    }
}
