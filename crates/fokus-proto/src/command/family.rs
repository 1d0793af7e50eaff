//! Commands about a family's registration and members, and those around them.

use fokus_core::codes::Household;
use fokus_core::command as core;
use fokus_core::command::people;
use fokus_core::ids::{FamilyId, PersonId, RelationshipId};
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

pub(super) fn change_role(
    wire: &v1::ChangeMemberRole,
    at: Path<'_>,
) -> Result<people::ChangeMemberRole, Rejection> {
    Ok(people::ChangeMemberRole {
        family_id: FamilyId(parse::id(&wire.family_id, at.field("family_id"))?),
        person_id: PersonId(parse::id(&wire.person_id, at.field("person_id"))?),
        role: parse::code(wire.role, at.field("role"))?,
        valid_from: parse::optional_date(&wire.valid_from, at.field("valid_from"))?,
    })
}

pub(super) fn state_relationship(
    wire: &v1::StateRelationship,
    at: Path<'_>,
) -> Result<people::StateRelationship, Rejection> {
    let id = parse::new_id(&wire.relationship_id, at.field("relationship_id"))?;
    let viewer = at.field("as_seen_by_person_id");
    Ok(people::StateRelationship {
        family_id: FamilyId(parse::id(&wire.family_id, at.field("family_id"))?),
        relationship_id: RelationshipId(id),
        person_id: PersonId(parse::id(&wire.person_id, at.field("person_id"))?),
        other_person_id: PersonId(parse::id(&wire.other_person_id, at.field("other_person_id"))?),
        kind: parse::code(wire.kind, at.field("kind"))?,
        quality: parse::optional_code(wire.quality, at.field("quality"))?,
        valid_from: parse::optional_date(&wire.valid_from, at.field("valid_from"))?,
        as_seen_by: parse::optional_id(&wire.as_seen_by_person_id, viewer)?.map(PersonId),
    })
}

pub(super) fn end_relationship(
    wire: &v1::EndRelationship,
    at: Path<'_>,
) -> Result<people::EndRelationship, Rejection> {
    let id = parse::id(&wire.relationship_id, at.field("relationship_id"))?;
    Ok(people::EndRelationship {
        family_id: FamilyId(parse::id(&wire.family_id, at.field("family_id"))?),
        relationship_id: RelationshipId(id),
        valid_to: parse::optional_date(&wire.valid_to, at.field("valid_to"))?,
    })
}

pub(super) fn primary_contact(
    wire: &v1::ChoosePrimaryContact,
    at: Path<'_>,
) -> Result<people::ChoosePrimaryContact, Rejection> {
    Ok(people::ChoosePrimaryContact {
        family_id: FamilyId(parse::id(&wire.family_id, at.field("family_id"))?),
        person_id: PersonId(parse::id(&wire.person_id, at.field("person_id"))?),
        channel: parse::code(wire.channel, at.field("channel"))?,
        interpreter: wire.interpreter,
    })
}

pub(super) fn add_network_person(
    wire: &v1::AddNetworkPerson,
    at: Path<'_>,
) -> Result<people::AddNetworkPerson, Rejection> {
    Ok(people::AddNetworkPerson {
        family_id: FamilyId(parse::id(&wire.family_id, at.field("family_id"))?),
        person_id: PersonId(parse::id(&wire.person_id, at.field("person_id"))?),
        role: parse::code(wire.role, at.field("role"))?,
        agreed_by_family: wire.agreed_by_family,
        valid_from: parse::optional_date(&wire.valid_from, at.field("valid_from"))?,
    })
}

pub(super) fn remove_network_person(
    wire: &v1::RemoveNetworkPerson,
    at: Path<'_>,
) -> Result<people::RemoveNetworkPerson, Rejection> {
    Ok(people::RemoveNetworkPerson {
        family_id: FamilyId(parse::id(&wire.family_id, at.field("family_id"))?),
        person_id: PersonId(parse::id(&wire.person_id, at.field("person_id"))?),
        valid_to: parse::optional_date(&wire.valid_to, at.field("valid_to"))?,
    })
}

pub(super) fn undo_registration(
    wire: &v1::UndoFamilyRegistration,
    at: Path<'_>,
) -> Result<people::UndoFamilyRegistration, Rejection> {
    Ok(people::UndoFamilyRegistration {
        family_id: FamilyId(parse::id(&wire.family_id, at.field("family_id"))?),
        reason: parse::code(wire.reason, at.field("reason"))?,
    })
}
