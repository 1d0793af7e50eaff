//! What people of the family are to each other: ChangeMemberRole, StateRelationship, EndRelationship.

use uuid::Uuid;

use super::circle::{Relationship, with_roles};
use super::membership::births;
use super::pairing::memberships;
use crate::codes::{FamilyRole, RelationshipKind};
use crate::command::people::{ChangeMemberRole, EndRelationship, StateRelationship};
use crate::decide::Rules;
use crate::decide::scene::Scene;
use crate::fact::Fact;
use crate::fact::people::{FamilyMemberRoleChanged, RelationshipEnded, RelationshipStated};
use crate::ids::{EventId, RelationshipId, StreamRef};
use crate::person::born;
use crate::record::Record;
use crate::rejection::{Reason, Rejection};
use crate::world::World;

impl Rules for ChangeMemberRole {
    fn name(&self) -> &'static str {
        "change_member_role"
    }

    fn stream(&self) -> (StreamRef, &'static str) {
        (self.family_id.into(), "family_id")
    }

    fn build(&self, scene: &Scene<'_>) -> Result<Record, Rejection> {
        scene.member(self.person_id, "person_id")?;
        let fact = Fact::FamilyMemberRoleChanged(FamilyMemberRoleChanged {
            person_id: self.person_id,
            role: self.role,
            valid_from: self.valid_from.unwrap_or(scene.day()),
        });
        Ok(Record { fact, personal: Vec::new() })
    }

    fn values(&self, scene: &Scene<'_>) -> Result<(), Rejection> {
        scene.not_future(self.valid_from.unwrap_or(scene.day()), "valid_from")
    }

    fn rules(&self, scene: &Scene<'_>) -> Result<(), Rejection> {
        match self.role_before(scene) {
            None => Err(Rejection::new(Reason::NotInFamily, "not a member on that day")
                .at(scene.path("person_id"))),
            Some(role) if role == self.role => {
                Err(Rejection::new(Reason::NoChange, "the member has that role on that day")
                    .at(scene.path("role")))
            }
            Some(_) => Ok(()),
        }
    }
}

impl ChangeMemberRole {
    /// The member's role on the day of the change, later changes left aside.
    fn role_before(&self, scene: &Scene<'_>) -> Option<FamilyRole> {
        let day = self.valid_from.unwrap_or(scene.day());
        let family = scene.family;
        let mut changes = family.circle.role_changes.clone();
        changes.retain(|it| it.on <= day);
        let members = with_roles(memberships(&family.joins, &family.leaves), &changes);
        let stands = super::state::present_among(&members, day);
        stands.into_iter().find(|it| it.person_id == self.person_id).map(|it| it.role)
    }
}

impl Rules for StateRelationship {
    fn name(&self) -> &'static str {
        "state_relationship"
    }

    fn stream(&self) -> (StreamRef, &'static str) {
        (self.family_id.into(), "family_id")
    }

    fn makes(&self) -> Option<(Uuid, &'static str)> {
        Some((self.relationship_id.0, "relationship_id"))
    }

    fn reads(&self) -> Vec<StreamRef> {
        vec![self.person_id.into(), self.other_person_id.into()]
    }

    fn opens(&self, world: &World) -> Vec<EventId> {
        match self.kind {
            RelationshipKind::ParentOf => births(world, [self.person_id, self.other_person_id]),
            RelationshipKind::Partner
            | RelationshipKind::ExPartner
            | RelationshipKind::Sibling
            | RelationshipKind::HalfSibling
            | RelationshipKind::Friend
            | RelationshipKind::PeerAtRisk
            | RelationshipKind::Mentor => Vec::new(),
        }
    }

    fn build(&self, scene: &Scene<'_>) -> Result<Record, Rejection> {
        scene.must_exist(self.person_id.into(), "person_id")?;
        scene.must_exist(self.other_person_id.into(), "other_person_id")?;
        // One end of it is of the family; the other may be anybody: a friend, a peer.
        if !scene.family.was_member(self.other_person_id) {
            scene.member(self.person_id, "person_id")?;
        }
        if let Some(viewer) = self.as_seen_by {
            scene.known(viewer, "as_seen_by")?;
        }
        let fact = Fact::RelationshipStated(RelationshipStated {
            relationship_id: self.relationship_id,
            person_id: self.person_id,
            other_person_id: self.other_person_id,
            kind: self.kind,
            quality: self.quality,
            valid_from: self.valid_from.unwrap_or(scene.day()),
            as_seen_by: self.as_seen_by,
        });
        Ok(Record { fact, personal: Vec::new() })
    }

    fn values(&self, scene: &Scene<'_>) -> Result<(), Rejection> {
        if self.person_id == self.other_person_id {
            return Err(Rejection::new(Reason::FieldInvalid, "two persons, not one twice")
                .at(scene.path("other_person_id")));
        }
        let valid_from = self.valid_from.unwrap_or(scene.day());
        scene.not_future(valid_from, "valid_from")?;
        // Only a correction finds it: a new one has not ended.
        let itself = scene.family.circle.relationship(self.relationship_id);
        if let Some(to) = itself.and_then(|it| it.period.to) {
            scene.in_order(valid_from, to, "valid_from")?;
        }
        if self.kind == RelationshipKind::ParentOf {
            let exact = |it| born(scene.world, it).exact();
            let births = exact(self.person_id).zip(exact(self.other_person_id));
            if births.is_some_and(|(parent, child)| parent >= child) {
                let rule = "the parent was not born before the child: person_id is the parent";
                return Err(
                    Rejection::new(Reason::DateOrder, rule).at(scene.path("other_person_id"))
                );
            }
        }
        Ok(())
    }

    fn rules(&self, scene: &Scene<'_>) -> Result<(), Rejection> {
        let day = self.valid_from.unwrap_or(scene.day());
        let said = |it: &Relationship| it.period.contains(day) && self.says_the_same_as(it);
        if scene.family.circle.relationships().any(|it| said(&it)) {
            return Err(
                Rejection::new(Reason::NoChange, "this is stated already").at(scene.path("kind"))
            );
        }
        Ok(())
    }
}

impl StateRelationship {
    fn says_the_same_as(&self, it: &Relationship) -> bool {
        let (there, back) =
            ((it.person_id, it.other_person_id), (it.other_person_id, it.person_id));
        let mine = (self.person_id, self.other_person_id);
        it.kind == self.kind
            && it.quality == self.quality
            && it.as_seen_by == self.as_seen_by
            && (there == mine || back == mine && is_mutual(self.kind))
    }
}

/// Whether it holds from both sides.
fn is_mutual(kind: RelationshipKind) -> bool {
    match kind {
        RelationshipKind::Partner
        | RelationshipKind::ExPartner
        | RelationshipKind::Sibling
        | RelationshipKind::HalfSibling
        | RelationshipKind::Friend => true,
        RelationshipKind::ParentOf | RelationshipKind::PeerAtRisk | RelationshipKind::Mentor => {
            false
        }
    }
}

impl Rules for EndRelationship {
    fn name(&self) -> &'static str {
        "end_relationship"
    }

    fn stream(&self) -> (StreamRef, &'static str) {
        (self.family_id.into(), "family_id")
    }

    fn build(&self, scene: &Scene<'_>) -> Result<Record, Rejection> {
        let stated = relationship(scene, self.relationship_id)?;
        let fact = Fact::RelationshipEnded(RelationshipEnded {
            relationship_id: self.relationship_id,
            person_id: stated.person_id,
            other_person_id: stated.other_person_id,
            valid_to: self.valid_to.unwrap_or(scene.day()),
        });
        Ok(Record { fact, personal: Vec::new() })
    }

    fn values(&self, scene: &Scene<'_>) -> Result<(), Rejection> {
        let valid_to = self.valid_to.unwrap_or(scene.day());
        scene.not_future(valid_to, "valid_to")?;
        let begun = relationship(scene, self.relationship_id)?.period.from;
        scene.in_order(begun, valid_to, "valid_to")
    }

    fn rules(&self, scene: &Scene<'_>) -> Result<(), Rejection> {
        if relationship(scene, self.relationship_id)?.period.to.is_some() {
            return Err(Rejection::new(Reason::NoChange, "the relationship has ended")
                .at(scene.path("relationship_id")));
        }
        Ok(())
    }
}

fn relationship(scene: &Scene<'_>, id: RelationshipId) -> Result<Relationship, Rejection> {
    scene.family.circle.relationship(id).ok_or_else(|| scene.unknown("relationship_id"))
}
