//! Commands about plans and goals.

use fokus_core::command as core;
use fokus_core::ids::{FamilyId, GoalId, PersonId, PlanId};
use fokus_core::rejection::Rejection;

use crate::parse;
use crate::path::Path;
use crate::v1;

/// The most bytes of one level of a goal's attainment.
const LEVEL_BYTES_MAX: usize = 2000;
/// The weights of goals (goal attainment scaling).
const WEIGHT: std::ops::RangeInclusive<i32> = 1..=5;
/// The levels of a goal's attainment.
const LEVEL: std::ops::RangeInclusive<i32> = -2..=2;

pub(super) fn draft(wire: &v1::DraftPlan, at: Path<'_>) -> Result<core::DraftPlan, Rejection> {
    Ok(core::DraftPlan {
        family_id: FamilyId(parse::id(&wire.family_id, at.field("family_id"))?),
        plan_id: PlanId(parse::new_id(&wire.plan_id, at.field("plan_id"))?),
        kind: parse::code(wire.kind, at.field("kind"))?,
        person_id: parse::optional_id(&wire.person_id, at.field("person_id"))?.map(PersonId),
    })
}

pub(super) fn set_goal(wire: v1::SetGoal, at: Path<'_>) -> Result<core::SetGoal, Rejection> {
    let owner = parse::optional_id(&wire.owner_person_id, at.field("owner_person_id"))?;
    Ok(core::SetGoal {
        family_id: FamilyId(parse::id(&wire.family_id, at.field("family_id"))?),
        plan_id: PlanId(parse::id(&wire.plan_id, at.field("plan_id"))?),
        goal_id: GoalId(parse::new_id(&wire.goal_id, at.field("goal_id"))?),
        owner: owner.map(PersonId),
        theme: parse::code(wire.theme, at.field("theme"))?,
        risk_area: parse::code(wire.risk_area, at.field("risk_area"))?,
        statement: parse::free_text(wire.statement, at.field("statement"))?,
        family_words: parse::optional_free_text(wire.family_words, at.field("family_words"))?,
        levels: wire.levels.map(|it| levels(it, at.field("levels"))).transpose()?,
        weight: parse::number(wire.weight, WEIGHT, at.field("weight"))?,
        baseline: parse::number(wire.baseline, LEVEL, at.field("baseline"))?,
        target_date: parse::date(&wire.target_date, at.field("target_date"))?,
        about: parse::persons(wire.about, at.field("about"))?,
    })
}

/// A level left out stays empty; the domain says when all five are needed.
fn levels(wire: v1::GoalLevels, at: Path<'_>) -> Result<core::GoalLevels, Rejection> {
    let level = |wire, at| Ok(parse::optional_text(wire, LEVEL_BYTES_MAX, at)?.unwrap_or_default());
    Ok(core::GoalLevels {
        minus_two: level(wire.minus_two, at.field("minus_two"))?,
        minus_one: level(wire.minus_one, at.field("minus_one"))?,
        zero: level(wire.zero, at.field("zero"))?,
        plus_one: level(wire.plus_one, at.field("plus_one"))?,
        plus_two: level(wire.plus_two, at.field("plus_two"))?,
    })
}

pub(super) fn agree(wire: v1::AgreePlan, at: Path<'_>) -> Result<core::AgreePlan, Rejection> {
    Ok(core::AgreePlan {
        family_id: FamilyId(parse::id(&wire.family_id, at.field("family_id"))?),
        plan_id: PlanId(parse::id(&wire.plan_id, at.field("plan_id"))?),
        agreed_by: parse::about_persons(
            wire.agreed_by,
            1,
            at.field("agreed_by"),
            |it, at| agreement(&it, at),
            |it| it.person_id,
        )?,
        children_heard: parse::about_persons(
            wire.children_heard,
            0,
            at.field("children_heard"),
            child_heard,
            |it| it.person_id,
        )?,
    })
}

fn agreement(wire: &v1::Agreement, at: Path<'_>) -> Result<core::Agreement, Rejection> {
    Ok(core::Agreement {
        person_id: PersonId(parse::id(&wire.person_id, at.field("person_id"))?),
        manner: parse::code(wire.manner, at.field("manner"))?,
    })
}

fn child_heard(wire: v1::ChildHeard, at: Path<'_>) -> Result<core::ChildHeard, Rejection> {
    let how = parse::optional_free_text(wire.how, at.field("how"))?;
    let reason = at.field("not_heard_reason");
    let not_heard_reason = parse::optional_free_text(wire.not_heard_reason, reason)?;
    if how.is_some() == not_heard_reason.is_some() {
        return Err(at.invalid("needs how the child was heard or why not, not both"));
    }
    let person_id = PersonId(parse::id(&wire.person_id, at.field("person_id"))?);
    Ok(core::ChildHeard { person_id, how, not_heard_reason })
}
