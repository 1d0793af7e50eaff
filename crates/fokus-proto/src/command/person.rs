//! Commands of a person's stream.

use fokus_core::codes::{BirthPrecision, ContactPointUse};
use fokus_core::command as core;
use fokus_core::command::people;
use fokus_core::ids::{ContactPointId, MarkerId, PersonId};
use fokus_core::rejection::Rejection;

use crate::parse::{self, NAME_BYTES_MAX, YEAR_MAX, YEAR_MIN};
use crate::path::Path;
use crate::v1;

/// Room for a CPR number however it is written; the rules of the person's stream judge it.
const CPR_BYTES_MAX: usize = 32;
/// The most bytes of a telephone number, address or name of a mailbox.
const CONTACT_BYTES_MAX: usize = 500;
/// The most bytes of a language tag (RFC 5646, 4.4.1).
const LANGUAGE_BYTES_MAX: usize = 35;

pub(super) fn register_person(
    wire: v1::RegisterPerson,
    at: Path<'_>,
) -> Result<core::RegisterPerson, Rejection> {
    let name = parse::needed(wire.name, at.field("name"))?;
    Ok(core::RegisterPerson {
        person_id: PersonId(parse::new_id(&wire.person_id, at.field("person_id"))?),
        name: person_name(name, at.field("name"))?,
        cpr: optional_cpr(wire.cpr, at.field("cpr"))?,
        birth: wire.birth.map(|it| birth(&it, at.field("birth"))).transpose()?,
        sex: parse::optional_code(wire.sex, at.field("sex"))?,
        source: parse::code(wire.source, at.field("source"))?,
        is_synthetic: wire.is_synthetic,
    })
}

pub(super) fn establish_identity(
    wire: v1::EstablishPersonIdentity,
    at: Path<'_>,
) -> Result<core::EstablishPersonIdentity, Rejection> {
    let cpr = optional_cpr(wire.cpr, at.field("cpr"))?;
    Ok(core::EstablishPersonIdentity {
        person_id: PersonId(parse::id(&wire.person_id, at.field("person_id"))?),
        cpr: parse::needed(cpr, at.field("cpr"))?,
        method: parse::code(wire.method, at.field("method"))?,
    })
}

/// Either part may be unknown, not both.
fn person_name(wire: v1::PersonName, at: Path<'_>) -> Result<core::PersonName, Rejection> {
    let given = parse::optional_text(wire.given, NAME_BYTES_MAX, at.field("given"))?;
    let family = parse::optional_text(wire.family, NAME_BYTES_MAX, at.field("family"))?;
    if given.is_none() && family.is_none() {
        return Err(at.invalid("needs a given name or a family name"));
    }
    Ok(core::PersonName { given: given.unwrap_or_default(), family: family.unwrap_or_default() })
}

fn optional_cpr(wire: String, at: Path<'_>) -> Result<Option<core::CprText>, Rejection> {
    if wire.len() > CPR_BYTES_MAX {
        return Err(at.invalid(format!("must be at most {CPR_BYTES_MAX} bytes")));
    }
    Ok((!wire.is_empty()).then_some(core::CprText(wire)))
}

fn birth(wire: &v1::Birth, at: Path<'_>) -> Result<core::Birth, Rejection> {
    let precision = parse::code(wire.precision, at.field("precision"))?;
    let date = parse::optional_date(&wire.date, at.field("date"))?;
    let year = match wire.year {
        0 => None,
        year => Some(parse::number(year, YEAR_MIN..=YEAR_MAX, at.field("year"))?),
    };
    match (precision, date, year) {
        (BirthPrecision::Exact | BirthPrecision::Estimated, Some(_), None)
        | (BirthPrecision::Year | BirthPrecision::Estimated, None, Some(_)) => {
            Ok(core::Birth { date, year, precision })
        }
        (BirthPrecision::Exact, _, _) => Err(at.invalid("EXACT needs a date and no year")),
        (BirthPrecision::Year, _, _) => Err(at.invalid("YEAR needs a year and no date")),
        (BirthPrecision::Estimated, _, _) => {
            Err(at.invalid("ESTIMATED needs a date or a year, not both"))
        }
    }
}

pub(super) fn change_name(
    wire: v1::ChangePersonName,
    at: Path<'_>,
) -> Result<people::ChangePersonName, Rejection> {
    let name = parse::needed(wire.name, at.field("name"))?;
    Ok(people::ChangePersonName {
        person_id: PersonId(parse::id(&wire.person_id, at.field("person_id"))?),
        name: person_name(name, at.field("name"))?,
        valid_from: parse::optional_date(&wire.valid_from, at.field("valid_from"))?,
    })
}

pub(super) fn record_contact_point(
    wire: v1::RecordContactPoint,
    at: Path<'_>,
) -> Result<people::RecordContactPoint, Rejection> {
    let id = parse::new_id(&wire.contact_point_id, at.field("contact_point_id"))?;
    Ok(people::RecordContactPoint {
        person_id: PersonId(parse::id(&wire.person_id, at.field("person_id"))?),
        contact_point_id: ContactPointId(id),
        kind: parse::code(wire.kind, at.field("kind"))?,
        value: parse::text(wire.value, CONTACT_BYTES_MAX, at.field("value")).map(core::Text)?,
        r#use: parse::optional_code(wire.r#use, at.field("use"))?
            .unwrap_or(ContactPointUse::Primary),
        safe_to_contact: wire.safe_to_contact,
        valid_from: parse::optional_date(&wire.valid_from, at.field("valid_from"))?,
    })
}

pub(super) fn end_contact_point(
    wire: &v1::EndContactPoint,
    at: Path<'_>,
) -> Result<people::EndContactPoint, Rejection> {
    let id = parse::id(&wire.contact_point_id, at.field("contact_point_id"))?;
    Ok(people::EndContactPoint {
        person_id: PersonId(parse::id(&wire.person_id, at.field("person_id"))?),
        contact_point_id: ContactPointId(id),
        valid_to: parse::optional_date(&wire.valid_to, at.field("valid_to"))?,
    })
}

pub(super) fn language_need(
    wire: v1::RecordLanguageNeed,
    at: Path<'_>,
) -> Result<people::RecordLanguageNeed, Rejection> {
    Ok(people::RecordLanguageNeed {
        person_id: PersonId(parse::id(&wire.person_id, at.field("person_id"))?),
        language: language_tag(wire.language, at.field("language"))?,
        interpreter: wire.interpreter,
        kinship_interpreter_refused: wire.kinship_interpreter_refused,
    })
}

/// The form of a tag of BCP 47 (RFC 5646, 2.1): a language of two or three letters, then subtags of
/// one to eight letters and digits. Which tags are registered is not asked.
fn language_tag(wire: String, at: Path<'_>) -> Result<core::Text, Rejection> {
    let wire = parse::text(wire, LANGUAGE_BYTES_MAX, at)?;
    let mut subtags = wire.split('-');
    let language = subtags.next().unwrap_or_default();
    let is_language =
        (2..=3).contains(&language.len()) && language.bytes().all(|it| it.is_ascii_alphabetic());
    let is_subtag = |it: &str| {
        (1..=8).contains(&it.len()) && it.bytes().all(|byte| byte.is_ascii_alphanumeric())
    };
    if !is_language || !subtags.all(is_subtag) {
        return Err(at.invalid("must be a language tag, such as so or ku-Arab"));
    }
    Ok(core::Text(wire))
}

pub(super) fn death(
    wire: &v1::RecordDeath,
    at: Path<'_>,
) -> Result<people::RecordDeath, Rejection> {
    Ok(people::RecordDeath {
        person_id: PersonId(parse::id(&wire.person_id, at.field("person_id"))?),
        died_on: parse::optional_date(&wire.died_on, at.field("died_on"))?,
        source: parse::code(wire.source, at.field("source"))?,
    })
}

pub(super) fn set_marker(
    wire: v1::SetSpecialCareMarker,
    at: Path<'_>,
) -> Result<people::SetSpecialCareMarker, Rejection> {
    Ok(people::SetSpecialCareMarker {
        person_id: PersonId(parse::id(&wire.person_id, at.field("person_id"))?),
        marker_id: MarkerId(parse::new_id(&wire.marker_id, at.field("marker_id"))?),
        kind: parse::code(wire.kind, at.field("kind"))?,
        grounds: parse::optional_free_text(wire.grounds, at.field("grounds"))?,
        valid_to: parse::date(&wire.valid_to, at.field("valid_to"))?,
    })
}

pub(super) fn clear_marker(
    wire: &v1::ClearSpecialCareMarker,
    at: Path<'_>,
) -> Result<people::ClearSpecialCareMarker, Rejection> {
    Ok(people::ClearSpecialCareMarker {
        person_id: PersonId(parse::id(&wire.person_id, at.field("person_id"))?),
        marker_id: MarkerId(parse::id(&wire.marker_id, at.field("marker_id"))?),
    })
}
