//! Commands about programmes and workers.

use fokus_core::command as core;
use fokus_core::ids::{ProgrammeId, WorkerId};
use fokus_core::rejection::Rejection;

use super::case::CRITERIA_MAX;
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
