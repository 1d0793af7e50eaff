//! Who belongs to the family: RegisterFamily, AddFamilyMember, RemoveFamilyMember.

use std::collections::BTreeSet;

use jiff::civil::Date;

use super::state::Membership;
use crate::codes::LeaveReason;
use crate::command::{AddFamilyMember, RegisterFamily, RemoveFamilyMember};
use crate::decide::Rules;
use crate::decide::scene::Scene;
use crate::fact::{Fact, FamilyMemberAdded, FamilyMemberLeft, FamilyRegistered};
use crate::ids::{EventId, PersonId, StreamRef};
use crate::person::{self, born, must_live, not_before_birth};
use crate::record::Record;
use crate::rejection::{Reason, Rejection};
use crate::world::{ClaimKey, World};

impl Rules for RegisterFamily {
    fn name(&self) -> &'static str {
        "register_family"
    }

    fn stream(&self) -> (StreamRef, &'static str) {
        (self.family_id.into(), "family_id")
    }

    fn begins_stream(&self) -> bool {
        true
    }

    fn reads(&self) -> Vec<StreamRef> {
        self.initial_members.iter().map(|it| it.person_id.into()).collect()
    }

    fn opens(&self, world: &World) -> Vec<EventId> {
        births(world, self.initial_members.iter().map(|it| it.person_id))
    }

    fn build(&self, scene: &Scene<'_>) -> Result<Record, Rejection> {
        for (index, member) in self.initial_members.iter().enumerate() {
            let field = format!("initial_members[{index}].person_id");
            scene.must_exist(member.person_id.into(), &field)?;
        }
        let fact = Fact::FamilyRegistered(FamilyRegistered {
            family_id: self.family_id,
            reference: self.reference.clone(),
            initial_members: self.initial_members.clone(),
            source: self.source,
        });
        Ok(Record { fact, personal: Vec::new() })
    }

    fn values(&self, scene: &Scene<'_>) -> Result<(), Rejection> {
        if self.initial_members.is_empty() {
            return Err(would_be_empty().at(scene.path("initial_members")));
        }
        let mut persons = BTreeSet::new();
        for (index, member) in self.initial_members.iter().enumerate() {
            if !persons.insert(member.person_id) {
                let path = scene.path(&format!("initial_members[{index}].person_id"));
                return Err(already_member().at(path));
            }
            born_by(scene, member.person_id, scene.day(), "occurred_at")?;
            let field = format!("initial_members[{index}].person_id");
            must_live(scene, member.person_id, scene.first_day(), &field)?;
        }
        Ok(())
    }

    fn claims(&self) -> Vec<ClaimKey> {
        vec![ClaimKey::Reference(self.reference.clone())]
    }
}

impl Rules for AddFamilyMember {
    fn name(&self) -> &'static str {
        "add_family_member"
    }

    fn stream(&self) -> (StreamRef, &'static str) {
        (self.family_id.into(), "family_id")
    }

    fn reads(&self) -> Vec<StreamRef> {
        vec![self.person_id.into()]
    }

    fn opens(&self, world: &World) -> Vec<EventId> {
        births(world, [self.person_id])
    }

    fn build(&self, scene: &Scene<'_>) -> Result<Record, Rejection> {
        scene.must_exist(self.person_id.into(), "person_id")?;
        let fact = Fact::FamilyMemberAdded(FamilyMemberAdded {
            person_id: self.person_id,
            role: self.role,
            household: self.household,
            valid_from: self.valid_from,
        });
        Ok(Record { fact, personal: Vec::new() })
    }

    fn values(&self, scene: &Scene<'_>) -> Result<(), Rejection> {
        scene.not_future(self.valid_from, "valid_from")?;
        born_by(scene, self.person_id, self.valid_from, "valid_from")?;
        must_live(scene, self.person_id, self.valid_from, "person_id")
    }

    fn rules(&self, scene: &Scene<'_>) -> Result<(), Rejection> {
        let mut before = scene.family.members.iter().filter(|it| it.person_id == self.person_id);
        let overlaps = |it: &Membership| it.to.is_none_or(|to| self.valid_from < to);
        if before.clone().any(overlaps) {
            return Err(already_member().at(scene.path("person_id")));
        }
        if before.any(|it| it.died) {
            return Err(Rejection::new(Reason::AfterDeath, "the person left the family by death")
                .at(scene.path("person_id")));
        }
        Ok(())
    }
}

impl Rules for RemoveFamilyMember {
    fn name(&self) -> &'static str {
        "remove_family_member"
    }

    fn stream(&self) -> (StreamRef, &'static str) {
        (self.family_id.into(), "family_id")
    }

    fn build(&self, scene: &Scene<'_>) -> Result<Record, Rejection> {
        scene.member(self.person_id, "person_id")?;
        let fact = Fact::FamilyMemberLeft(FamilyMemberLeft {
            person_id: self.person_id,
            reason: self.reason,
            valid_to: self.valid_to,
        });
        Ok(Record { fact, personal: Vec::new() })
    }

    fn values(&self, scene: &Scene<'_>) -> Result<(), Rejection> {
        if self.reason == LeaveReason::EnteredInError {
            return Err(Rejection::new(
                Reason::UseCorrection,
                "nobody left: mark the entry that added the person as mistaken, or correct it",
            )
            .at(scene.path("reason")));
        }
        scene.not_future(self.valid_to, "valid_to")?;
        let theirs = scene.family.members.iter().filter(|it| it.person_id == self.person_id);
        match theirs.map(|it| it.from).min() {
            Some(Some(from)) => scene.in_order(from, self.valid_to, "valid_to"),
            Some(None) | None => Ok(()),
        }
    }

    fn rules(&self, scene: &Scene<'_>) -> Result<(), Rejection> {
        let is_open = |it: &&Membership| it.to.is_none();
        let mut open = scene.family.members.iter().filter(is_open);
        let Some(membership) = open.clone().find(|it| it.person_id == self.person_id) else {
            return Err(Rejection::new(Reason::NoChange, "the person has left already")
                .at(scene.path("person_id")));
        };
        if let Some(from) = membership.from {
            scene.in_order(from, self.valid_to, "valid_to")?;
        }
        if !open.any(|it| it.person_id != self.person_id) {
            return Err(would_be_empty().at(scene.path("person_id")));
        }
        Ok(())
    }
}

/// The events that hold the births of the persons.
pub(super) fn births(world: &World, persons: impl IntoIterator<Item = PersonId>) -> Vec<EventId> {
    let identity = |person: PersonId| person::identity_events(world.history(person.into()));
    persons.into_iter().flat_map(identity).collect()
}

/// Refuses a date before an exact birth. An unknown, inexact or erased one refuses nothing: such
/// people join families too.
fn born_by(scene: &Scene<'_>, person: PersonId, day: Date, field: &str) -> Result<(), Rejection> {
    match born(scene.world, person).exact() {
        Some(born) => not_before_birth(scene, born, day, field),
        None => Ok(()),
    }
}

fn already_member() -> Rejection {
    Rejection::new(Reason::AlreadyMember, "the person is a member in that period already")
}

fn would_be_empty() -> Rejection {
    Rejection::new(Reason::FamilyWouldBeEmpty, "a family has at least one member")
}
