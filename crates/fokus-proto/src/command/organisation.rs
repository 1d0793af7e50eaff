//! Commands about programmes and workers.

use fokus_core::command as core;
use fokus_core::command::people;
use fokus_core::ids::{FamilyId, PersonId, ProgrammeId, WorkerId};
use fokus_core::rejection::Rejection;

use super::case::CRITERIA_MAX;
use super::intervention::method_version;
use crate::parse::{self, NAME_BYTES_MAX};
use crate::path::Path;
use crate::v1;

/// The most families that a programme can have room for.
const CAPACITY_MAX: i32 = 10_000;
/// The most bytes of a criterion's question.
const CRITERION_BYTES_MAX: usize = 2000;

pub(super) fn open_programme(
    wire: v1::OpenProgramme,
    at: Path<'_>,
) -> Result<core::OpenProgramme, Rejection> {
    let capacity = at.field("capacity_families");
    Ok(core::OpenProgramme {
        programme_id: ProgrammeId(parse::new_id(&wire.programme_id, at.field("programme_id"))?),
        name: parse::text(wire.name, NAME_BYTES_MAX, at.field("name"))?,
        first_case_from: parse::date(&wire.first_case_from, at.field("first_case_from"))?,
        intake_until: parse::optional_date(&wire.intake_until, at.field("intake_until"))?,
        capacity_families: parse::number(wire.capacity_families, 1..=CAPACITY_MAX, capacity)?,
        criteria: criteria(wire.criteria, at.field("criteria"))?,
    })
}

fn criteria(
    wire: Vec<v1::TargetCriterion>,
    at: Path<'_>,
) -> Result<Vec<core::TargetCriterion>, Rejection> {
    let criteria = parse::list(wire, 0..=CRITERIA_MAX, at, |it, at| {
        Ok(core::TargetCriterion {
            code: parse::code_word(it.code, at.field("code"))?,
            mandatory: it.mandatory,
            text: parse::text(it.text, CRITERION_BYTES_MAX, at.field("text"))?,
        })
    })?;
    parse::distinct(&criteria, at, |it| &it.code)?;
    Ok(criteria)
}

pub(super) fn employ_worker(
    wire: v1::EmployWorker,
    at: Path<'_>,
) -> Result<core::EmployWorker, Rejection> {
    Ok(core::EmployWorker {
        worker_id: WorkerId(parse::new_id(&wire.worker_id, at.field("worker_id"))?),
        name: parse::free_text(wire.name, at.field("name"))?,
        subject: parse::text(wire.subject, NAME_BYTES_MAX, at.field("subject"))?,
        agency: parse::code(wire.agency, at.field("agency"))?,
        employed_from: parse::date(&wire.employed_from, at.field("employed_from"))?,
        employed_to: parse::optional_date(&wire.employed_to, at.field("employed_to"))?,
    })
}

pub(super) fn publish_method(
    wire: v1::PublishMethodVersion,
    at: Path<'_>,
) -> Result<people::PublishMethodVersion, Rejection> {
    Ok(people::PublishMethodVersion {
        programme_id: ProgrammeId(parse::id(&wire.programme_id, at.field("programme_id"))?),
        method_version: needed_method_version(wire.method_version, at.field("method_version"))?,
        name: parse::text(wire.name, NAME_BYTES_MAX, at.field("name"))?,
        valid_from: parse::optional_date(&wire.valid_from, at.field("valid_from"))?,
    })
}

pub(super) fn retire_method(
    wire: v1::RetireMethodVersion,
    at: Path<'_>,
) -> Result<people::RetireMethodVersion, Rejection> {
    Ok(people::RetireMethodVersion {
        programme_id: ProgrammeId(parse::id(&wire.programme_id, at.field("programme_id"))?),
        method_version: needed_method_version(wire.method_version, at.field("method_version"))?,
        valid_to: parse::optional_date(&wire.valid_to, at.field("valid_to"))?,
    })
}

fn needed_method_version(wire: String, at: Path<'_>) -> Result<String, Rejection> {
    parse::needed(method_version(wire, at)?, at)
}

pub(super) fn grant_role(
    wire: &v1::GrantRole,
    at: Path<'_>,
) -> Result<people::GrantRole, Rejection> {
    Ok(people::GrantRole {
        worker_id: WorkerId(parse::id(&wire.worker_id, at.field("worker_id"))?),
        role: parse::code(wire.role, at.field("role"))?,
        valid_from: parse::optional_date(&wire.valid_from, at.field("valid_from"))?,
        valid_to: parse::optional_date(&wire.valid_to, at.field("valid_to"))?,
    })
}

pub(super) fn revoke_role(
    wire: &v1::RevokeRole,
    at: Path<'_>,
) -> Result<people::RevokeRole, Rejection> {
    Ok(people::RevokeRole {
        worker_id: WorkerId(parse::id(&wire.worker_id, at.field("worker_id"))?),
        role: parse::code(wire.role, at.field("role"))?,
        valid_to: parse::optional_date(&wire.valid_to, at.field("valid_to"))?,
    })
}

fn interest_in(
    wire: Option<&v1::InterestIn>,
    at: Path<'_>,
) -> Result<people::InterestIn, Rejection> {
    match wire.and_then(|it| it.who.as_ref()) {
        Some(v1::interest_in::Who::FamilyId(id)) => {
            parse::id(id, at.field("family_id")).map(|it| people::InterestIn::Family(FamilyId(it)))
        }
        Some(v1::interest_in::Who::PersonId(id)) => {
            parse::id(id, at.field("person_id")).map(|it| people::InterestIn::Person(PersonId(it)))
        }
        None => Err(at.invalid("is needed: a family or a person")),
    }
}

pub(super) fn declare_conflict(
    wire: &v1::DeclareConflictOfInterest,
    at: Path<'_>,
) -> Result<people::DeclareConflictOfInterest, Rejection> {
    Ok(people::DeclareConflictOfInterest {
        worker_id: WorkerId(parse::id(&wire.worker_id, at.field("worker_id"))?),
        interest_in: interest_in(wire.interest_in.as_ref(), at.field("interest_in"))?,
        kind: parse::code(wire.kind, at.field("kind"))?,
        valid_from: parse::optional_date(&wire.valid_from, at.field("valid_from"))?,
    })
}

pub(super) fn end_conflict(
    wire: &v1::EndConflictOfInterest,
    at: Path<'_>,
) -> Result<people::EndConflictOfInterest, Rejection> {
    Ok(people::EndConflictOfInterest {
        worker_id: WorkerId(parse::id(&wire.worker_id, at.field("worker_id"))?),
        interest_in: interest_in(wire.interest_in.as_ref(), at.field("interest_in"))?,
        valid_to: parse::optional_date(&wire.valid_to, at.field("valid_to"))?,
    })
}

pub(super) fn train_worker(
    wire: v1::TrainWorker,
    at: Path<'_>,
) -> Result<people::TrainWorker, Rejection> {
    Ok(people::TrainWorker {
        worker_id: WorkerId(parse::id(&wire.worker_id, at.field("worker_id"))?),
        programme_id: ProgrammeId(parse::id(&wire.programme_id, at.field("programme_id"))?),
        method_version: needed_method_version(wire.method_version, at.field("method_version"))?,
        on: parse::optional_date(&wire.on, at.field("on"))?,
    })
}
