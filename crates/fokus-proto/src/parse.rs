//! The rules of single fields: texts, ids, codes, numbers, dates, times and lists.
//!
//! Each function takes what is on the wire and the field's path, and gives what the domain takes or
//! the rejection. A rule names its limit, never the value. On the wire an empty text and a number's
//! 0 mean *left out*; functions that begin with `optional` give `None` then.
//!
//! How long a message may be is the transport's limit; work here grows with it and no faster.

use std::ops::RangeInclusive;

use fokus_core::codes::Precision;
use fokus_core::command::{SUBJECTS_MAX, TEXT_BYTES_MAX, Text};
use fokus_core::ids::{GoalId, PersonId, StreamRef};
use fokus_core::rejection::{Reason, Rejection};
use fokus_core::time::Occurred;
use jiff::civil::Date;
use unicode_normalization::{UnicodeNormalization, is_nfc};
use uuid::{Uuid, Variant, Version};

use crate::enums::Code;
use crate::path::Path;
use crate::v1;

/// The most bytes of a name of a person, provider, programme or token subject.
pub(crate) const NAME_BYTES_MAX: usize = 200;
/// The most goals that a command may name.
const GOALS_MAX: usize = 50;
/// The most bytes of a code in words, such as `GDPR6_1_E`.
const CODE_BYTES_MAX: usize = 40;
/// 1900-01-01 in UTC: nothing in a journal happened before it.
const OCCURRED_MIN_MS: i64 = -2_208_988_800_000;
/// The first year of a civil date.
pub(crate) const YEAR_MIN: i32 = 1900;
/// The last year of a civil date, and of a timestamp by its own definition.
pub(crate) const YEAR_MAX: i32 = 9999;
/// The seconds that `google.protobuf.Timestamp` allows: the years 1 to 9999.
const TIMESTAMP_SECONDS: RangeInclusive<i64> = -62_135_596_800..=253_402_300_799;
/// Wider than any local clock has been.
const UTC_OFFSET_MINUTES: RangeInclusive<i32> = -1080..=1080;

/// The message, if it is there.
pub(crate) fn needed<T>(wire: Option<T>, at: Path<'_>) -> Result<T, Rejection> {
    wire.ok_or_else(|| at.invalid("is needed"))
}

// Texts.

/// A text in NFC; `None` = left out. The limit counts bytes after normalisation, which is what is kept.
pub(crate) fn optional_text(
    wire: String,
    bytes_max: usize,
    at: Path<'_>,
) -> Result<Option<String>, Rejection> {
    if wire.is_empty() {
        return Ok(None);
    }
    if wire.chars().any(|it| it.is_control() && it != '\t' && it != '\n') {
        let rule = "must have no control characters but tab and newline";
        return Err(at.reject(Reason::ControlChars, rule));
    }
    let text = if is_nfc(&wire) { wire } else { wire.nfc().collect() };
    if text.len() > bytes_max {
        let rule = format!("must be at most {bytes_max} bytes");
        return Err(at.reject(Reason::FreeTextTooLong, rule));
    }
    if text.trim().is_empty() {
        return Err(at.invalid("must be more than blank space"));
    }
    Ok(Some(text))
}

/// A text that must be there.
pub(crate) fn text(wire: String, bytes_max: usize, at: Path<'_>) -> Result<String, Rejection> {
    needed(optional_text(wire, bytes_max, at)?, at)
}

/// A free text; `None` = left out.
pub(crate) fn optional_free_text(wire: String, at: Path<'_>) -> Result<Option<Text>, Rejection> {
    Ok(optional_text(wire, TEXT_BYTES_MAX, at)?.map(Text))
}

/// A free text that must be there.
pub(crate) fn free_text(wire: String, at: Path<'_>) -> Result<Text, Rejection> {
    text(wire, TEXT_BYTES_MAX, at).map(Text)
}

/// A code in words: upper-case letters, digits and `_`.
pub(crate) fn code_word(wire: String, at: Path<'_>) -> Result<String, Rejection> {
    let ok = |it: u8| it.is_ascii_uppercase() || it.is_ascii_digit() || it == b'_';
    if wire.is_empty() || wire.len() > CODE_BYTES_MAX || !wire.bytes().all(ok) {
        return Err(at.invalid(format!(
            "must be 1 to {CODE_BYTES_MAX} upper-case letters, digits and underscores"
        )));
    }
    Ok(wire)
}

/// A text of digits, upper-case letters and signs: in `shape` `9` stands for a digit, `A` for an
/// upper-case letter, and every other character for itself.
fn has_shape(text: &str, shape: &str) -> bool {
    text.len() == shape.len()
        && text.bytes().zip(shape.bytes()).all(|(it, shape)| match shape {
            b'9' => it.is_ascii_digit(),
            b'A' => it.is_ascii_uppercase(),
            sign => it == sign,
        })
}

/// A KLE number, such as 27.27.09.
pub(crate) fn kle(wire: String, at: Path<'_>) -> Result<String, Rejection> {
    if !has_shape(&wire, "99.99.99") {
        return Err(at.invalid("must be three pairs of digits with dots between"));
    }
    Ok(wire)
}

/// A family's reference.
pub(crate) fn reference(wire: String, at: Path<'_>) -> Result<String, Rejection> {
    let shapes = ["AA-9999-999", "AA-9999-9999", "AA-9999-99999"];
    if !shapes.iter().any(|shape| has_shape(&wire, shape)) {
        return Err(at.invalid("must match ^[A-Z]{2}-[0-9]{4}-[0-9]{3,5}$"));
    }
    Ok(wire)
}

// Ids.

/// A UUID in its text form of 36 characters, in either case (RFC 9562, 4).
pub(crate) fn id(wire: &str, at: Path<'_>) -> Result<Uuid, Rejection> {
    optional_id(wire, at).and_then(|it| needed(it, at))
}

/// A UUID; `None` = left out.
pub(crate) fn optional_id(wire: &str, at: Path<'_>) -> Result<Option<Uuid>, Rejection> {
    if wire.is_empty() {
        return Ok(None);
    }
    let hyphenated = wire.len() == uuid::fmt::Hyphenated::LENGTH;
    match Uuid::try_parse(wire) {
        Ok(id) if hyphenated => Ok(Some(id)),
        Ok(_) | Err(_) => Err(at.invalid("must be a UUID of 36 characters")),
    }
}

/// A UUID that the client made: version 4.
pub(crate) fn new_id(wire: &str, at: Path<'_>) -> Result<Uuid, Rejection> {
    let id = id(wire, at)?;
    let random = id.get_version() == Some(Version::Random);
    if !random || id.get_variant() != Variant::RFC4122 {
        return Err(at.invalid("must be a UUID of version 4"));
    }
    Ok(id)
}

/// A stream.
pub(crate) fn stream_ref(
    wire: Option<v1::StreamRef>,
    at: Path<'_>,
) -> Result<StreamRef, Rejection> {
    let wire = needed(wire, at)?;
    Ok(StreamRef { kind: code(wire.kind, at.field("kind"))?, id: id(&wire.id, at.field("id"))? })
}

// Codes and numbers.

/// A code that must be given.
pub(crate) fn code<T: Code>(wire: i32, at: Path<'_>) -> Result<T, Rejection> {
    optional_code(wire, at).and_then(|it| needed(it, at))
}

/// A code; `None` = unspecified.
pub(crate) fn optional_code<T: Code>(wire: i32, at: Path<'_>) -> Result<Option<T>, Rejection> {
    match T::from_wire(wire) {
        Some(code) => Ok(Some(code)),
        None if wire == 0 => Ok(None),
        None => Err(at.invalid(format!("must be a value of {}", T::PROTO_NAME))),
    }
}

/// A number within `range`, which must lie within `T`.
pub(crate) fn number<W, T>(wire: W, range: RangeInclusive<W>, at: Path<'_>) -> Result<T, Rejection>
where
    W: PartialOrd + std::fmt::Display,
    T: TryFrom<W>,
{
    let rule = || at.invalid(format!("must be from {} to {}", range.start(), range.end()));
    if !range.contains(&wire) {
        return Err(rule());
    }
    T::try_from(wire).map_err(|_| rule())
}

/// A position, revision or other count from 0.
pub(crate) fn count(wire: i64, at: Path<'_>) -> Result<u64, Rejection> {
    u64::try_from(wire).map_err(|_| at.invalid("must be 0 or more"))
}

// Dates and times.

/// A civil date.
pub(crate) fn date(wire: &str, at: Path<'_>) -> Result<Date, Rejection> {
    optional_date(wire, at).and_then(|it| needed(it, at))
}

/// A civil date; `None` = left out.
pub(crate) fn optional_date(wire: &str, at: Path<'_>) -> Result<Option<Date>, Rejection> {
    if wire.is_empty() {
        return Ok(None);
    }
    let rule = || at.invalid(format!("must be a date YYYY-MM-DD from the year {YEAR_MIN}"));
    // The shape first: the library reads other ways of writing a date, too.
    if !has_shape(wire, "9999-99-99") {
        return Err(rule());
    }
    let date: Date = wire.parse().map_err(|_| rule())?;
    if i32::from(date.year()) < YEAR_MIN { Err(rule()) } else { Ok(Some(date)) }
}

/// An instant in Unix milliseconds; what is finer is cut off.
pub(crate) fn instant_ms(wire: prost_types::Timestamp, at: Path<'_>) -> Result<i64, Rejection> {
    let nanos_ok = (0..=999_999_999).contains(&wire.nanos);
    if !nanos_ok || !TIMESTAMP_SECONDS.contains(&wire.seconds) {
        return Err(at.invalid("must be a time in the years 1 to 9999"));
    }
    Ok(wire.seconds * 1000 + i64::from(wire.nanos / 1_000_000))
}

/// When something happened; `None` = left out. Whether it lies in the future is judged by the clock.
pub(crate) fn occurred(
    wire: Option<v1::OccurredAt>,
    at: Path<'_>,
) -> Result<Option<Occurred>, Rejection> {
    let Some(wire) = wire else { return Ok(None) };
    let at_ms = instant_ms(needed(wire.time, at.field("time"))?, at.field("time"))?;
    if at_ms < OCCURRED_MIN_MS {
        return Err(at.field("time").invalid(format!("must be in the year {YEAR_MIN} or later")));
    }
    let offset = at.field("utc_offset_minutes");
    Ok(Some(Occurred {
        at_ms,
        offset_min: number(wire.utc_offset_minutes, UTC_OFFSET_MINUTES, offset)?,
        precision: optional_code(wire.precision, at.field("precision"))?
            .unwrap_or(Precision::Exact),
    }))
}

// Lists.

/// A list of `lengths`, each element read by `element`.
pub(crate) fn list<W, T>(
    wire: Vec<W>,
    lengths: RangeInclusive<usize>,
    at: Path<'_>,
    element: impl Fn(W, Path<'_>) -> Result<T, Rejection>,
) -> Result<Vec<T>, Rejection> {
    if wire.len() < *lengths.start() {
        return Err(at.invalid(format!("needs at least {}", lengths.start())));
    }
    if wire.len() > *lengths.end() {
        return Err(at.invalid(format!("must be at most {}", lengths.end())));
    }
    wire.into_iter().enumerate().map(|(i, it)| element(it, at.index(i))).collect()
}

/// A list about persons: no longer than an envelope can name, and `person` at most once each.
pub(crate) fn about_persons<W, T>(
    wire: Vec<W>,
    at_least: usize,
    at: Path<'_>,
    element: impl Fn(W, Path<'_>) -> Result<T, Rejection>,
    person: impl Fn(&T) -> PersonId,
) -> Result<Vec<T>, Rejection> {
    if wire.len() > SUBJECTS_MAX {
        let rule = format!("must name at most {SUBJECTS_MAX} persons");
        return Err(at.reject(Reason::TooManySubjects, rule));
    }
    let list = list(wire, at_least..=SUBJECTS_MAX, at, element)?;
    distinct(&list, at, person)?;
    Ok(list)
}

/// Persons by id, each once.
pub(crate) fn persons(wire: Vec<String>, at: Path<'_>) -> Result<Vec<PersonId>, Rejection> {
    about_persons(wire, 0, at, |it, at| id(&it, at).map(PersonId), |it| *it)
}

/// Goals by id, each once.
pub(crate) fn goals(wire: Vec<String>, at: Path<'_>) -> Result<Vec<GoalId>, Rejection> {
    let goals = list(wire, 0..=GOALS_MAX, at, |it, at| id(&it, at).map(GoalId))?;
    distinct(&goals, at, |it| *it)?;
    Ok(goals)
}

/// Codes, each once.
pub(crate) fn codes<T: Code + PartialEq>(
    wire: Vec<i32>,
    at_least: usize,
    at: Path<'_>,
) -> Result<Vec<T>, Rejection> {
    let codes = list(wire, at_least..=T::ALL.len(), at, code)?;
    distinct(&codes, at, |it: &T| *it)?;
    Ok(codes)
}

/// Refuses the second of two elements with the same key. Lists are short: see the limits above.
pub(crate) fn distinct<'l, T, K: PartialEq>(
    list: &'l [T],
    at: Path<'_>,
    key: impl Fn(&'l T) -> K,
) -> Result<(), Rejection> {
    for (i, later) in list.iter().enumerate() {
        if list.iter().take(i).any(|it| key(it) == key(later)) {
            return Err(at.index(i).invalid("must not be given twice"));
        }
    }
    Ok(())
}
