//! Commands about a family's registration and members.

use fokus_core::codes::Household;
use fokus_core::command as core;
use fokus_core::ids::{FamilyId, PersonId};
use fokus_core::rejection::Rejection;

use crate::parse;
use crate::path::Path;
use crate::v1;

pub(super) fn register_family(
    wire: v1::RegisterFamily,
    at: Path<'_>,
) -> Result<core::RegisterFamily, Rejection> {
    Ok(core::RegisterFamily {
        family_id: FamilyId(parse::new_id(&wire.family_id, at.field("family_id"))?),
        reference: parse::reference(wire.reference, at.field("reference"))?,
        initial_members: parse::about_persons(
            wire.initial_members,
            1,
            at.field("initial_members"),
            |it, at| initial_member(&it, at),
            |it| it.person_id,
        )?,
        source: parse::code(wire.source, at.field("source"))?,
    })
}

fn initial_member(
    wire: &v1::InitialMember,
    at: Path<'_>,
) -> Result<core::InitialMember, Rejection> {
    Ok(core::InitialMember {
        person_id: PersonId(parse::id(&wire.person_id, at.field("person_id"))?),
        role: parse::code(wire.role, at.field("role"))?,
        household: parse::optional_code(wire.household, at.field("household"))?
            .unwrap_or(Household::Core),
    })
}

pub(super) fn add_member(
    wire: &v1::AddFamilyMember,
    at: Path<'_>,
) -> Result<core::AddFamilyMember, Rejection> {
    Ok(core::AddFamilyMember {
        family_id: FamilyId(parse::id(&wire.family_id, at.field("family_id"))?),
        person_id: PersonId(parse::id(&wire.person_id, at.field("person_id"))?),
        role: parse::code(wire.role, at.field("role"))?,
        household: parse::code(wire.household, at.field("household"))?,
        valid_from: parse::date(&wire.valid_from, at.field("valid_from"))?,
    })
}

pub(super) fn remove_member(
    wire: &v1::RemoveFamilyMember,
    at: Path<'_>,
) -> Result<core::RemoveFamilyMember, Rejection> {
    Ok(core::RemoveFamilyMember {
        family_id: FamilyId(parse::id(&wire.family_id, at.field("family_id"))?),
        person_id: PersonId(parse::id(&wire.person_id, at.field("person_id"))?),
        reason: parse::code(wire.reason, at.field("reason"))?,
        valid_to: parse::date(&wire.valid_to, at.field("valid_to"))?,
    })
}
