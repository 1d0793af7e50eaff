//! Commands of a person's stream.

use fokus_core::codes::BirthPrecision;
use fokus_core::command as core;
use fokus_core::ids::PersonId;
use fokus_core::rejection::Rejection;

use crate::parse::{self, NAME_BYTES_MAX, YEAR_MAX, YEAR_MIN};
use crate::path::Path;
use crate::v1;

/// Room for a CPR number however it is written; the rules of the person's stream judge it.
const CPR_BYTES_MAX: usize = 32;

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
