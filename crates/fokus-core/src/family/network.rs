//! Whom one turns to: AddNetworkPerson, RemoveNetworkPerson, ChoosePrimaryContact; and what undoes
//! it all: UndoFamilyRegistration.

use super::circle::NetworkPerson;
use super::membership::births;
use super::state::Membership;
use crate::command::people::{
    AddNetworkPerson, ChoosePrimaryContact, RemoveNetworkPerson, UndoFamilyRegistration,
};
use crate::decide::Rules;
use crate::decide::scene::Scene;
use crate::effective::effective_now;
use crate::fact::Fact;
use crate::fact::people::{
    FamilyRegistrationUndone, NetworkPersonAdded, NetworkPersonRemoved, PrimaryContactChosen,
};
use crate::ids::{EventId, StreamRef};
use crate::person::{Born, born, kind_of, must_live, must_live_then};
use crate::record::{Record, Recorded};
use crate::rejection::{Reason, Rejection};
use crate::world::World;

/// The least age of a primary contact, in completed years (domain 1.7, ChangePrimaryContact).
const PRIMARY_CONTACT_YEARS: i16 = 15;

impl Rules for AddNetworkPerson {
    fn name(&self) -> &'static str {
        "add_network_person"
    }

    fn stream(&self) -> (StreamRef, &'static str) {
        (self.family_id.into(), "family_id")
    }

    fn reads(&self) -> Vec<StreamRef> {
        vec![self.person_id.into()]
    }

    fn build(&self, scene: &Scene<'_>) -> Result<Record, Rejection> {
        scene.must_exist(self.person_id.into(), "person_id")?;
        let fact = Fact::NetworkPersonAdded(NetworkPersonAdded {
            person_id: self.person_id,
            role: self.role,
            agreed_by_family: self.agreed_by_family,
            valid_from: self.valid_from.unwrap_or(scene.day()),
        });
        Ok(Record { fact, personal: Vec::new() })
    }

    fn values(&self, scene: &Scene<'_>) -> Result<(), Rejection> {
        let valid_from = self.valid_from.unwrap_or(scene.day());
        scene.not_future(valid_from, "valid_from")?;
        must_live(scene, self.person_id, valid_from, "person_id")
    }

    fn rules(&self, scene: &Scene<'_>) -> Result<(), Rejection> {
        let day = self.valid_from.unwrap_or(scene.day());
        if scene.family.present(day).any(|it| it.person_id == self.person_id) {
            return Err(Rejection::new(Reason::AlreadyMember, "a member of the family itself")
                .at(scene.path("person_id")));
        }
        let overlaps =
            |it: &NetworkPerson| it.person_id == self.person_id && it.period.overlaps(day, None);
        if scene.family.circle.network().any(|it| overlaps(&it)) {
            return Err(Rejection::new(Reason::NoChange, "of the network in that period already")
                .at(scene.path("person_id")));
        }
        Ok(())
    }
}

impl Rules for RemoveNetworkPerson {
    fn name(&self) -> &'static str {
        "remove_network_person"
    }

    fn stream(&self) -> (StreamRef, &'static str) {
        (self.family_id.into(), "family_id")
    }

    fn build(&self, scene: &Scene<'_>) -> Result<Record, Rejection> {
        if !scene.family.circle.was_of_network(self.person_id) {
            return Err(Rejection::new(Reason::NotInFamily, "not of the family's network")
                .at(scene.path("person_id")));
        }
        let fact = Fact::NetworkPersonRemoved(NetworkPersonRemoved {
            person_id: self.person_id,
            valid_to: self.valid_to.unwrap_or(scene.day()),
        });
        Ok(Record { fact, personal: Vec::new() })
    }

    fn values(&self, scene: &Scene<'_>) -> Result<(), Rejection> {
        let valid_to = self.valid_to.unwrap_or(scene.day());
        scene.not_future(valid_to, "valid_to")?;
        let theirs = scene.family.circle.network().filter(|it| it.person_id == self.person_id);
        match theirs.map(|it| it.period.from).min() {
            Some(from) => scene.in_order(from, valid_to, "valid_to"),
            None => Ok(()),
        }
    }

    fn rules(&self, scene: &Scene<'_>) -> Result<(), Rejection> {
        let open = |it: &NetworkPerson| it.person_id == self.person_id && it.period.to.is_none();
        let Some(open) = scene.family.circle.network().find(open) else {
            return Err(Rejection::new(Reason::NoChange, "has left the network already")
                .at(scene.path("person_id")));
        };
        scene.in_order(open.period.from, self.valid_to.unwrap_or(scene.day()), "valid_to")
    }
}

impl Rules for ChoosePrimaryContact {
    fn name(&self) -> &'static str {
        "choose_primary_contact"
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
        scene.member(self.person_id, "person_id")?;
        let fact = Fact::PrimaryContactChosen(PrimaryContactChosen {
            person_id: self.person_id,
            channel: self.channel,
            interpreter: self.interpreter,
        });
        Ok(Record { fact, personal: Vec::new() })
    }

    fn values(&self, scene: &Scene<'_>) -> Result<(), Rejection> {
        must_live_then(scene, self.person_id, scene.days(), "person_id")
    }

    fn rules(&self, scene: &Scene<'_>) -> Result<(), Rejection> {
        let mut present = scene.family.present(scene.day());
        let Some(member) = present.find(|it| it.person_id == self.person_id) else {
            return Err(Rejection::new(Reason::NotInFamily, "not a member on that day")
                .at(scene.path("person_id")));
        };
        old_enough(scene, member)?;
        let stands = scene.family.circle.primary_contact();
        let chosen = |it: super::circle::PrimaryContact| {
            (it.person_id, it.channel, it.interpreter)
                == (self.person_id, self.channel, self.interpreter)
        };
        if stands.is_some_and(chosen) {
            return Err(Rejection::new(Reason::NoChange, "this is the primary contact already")
                .at(scene.path("person_id")));
        }
        Ok(())
    }

    /// A letter that the wrong person opens is not undone: somebody looks twice where nothing that
    /// the channel goes through may be used.
    fn warnings(&self, scene: &Scene<'_>) -> Result<(), Rejection> {
        let kind = kind_of(self.channel);
        let person = scene.world.persons.get(&self.person_id.0);
        let points = person.into_iter().flat_map(|it| it.state.contact_points.values());
        let points: Vec<_> =
            points.filter(|it| Some(it.kind) == kind && it.period.contains(scene.day())).collect();
        if !points.is_empty() && points.iter().all(|it| it.is_to_be_avoided()) {
            let rule = "the person is not to be reached like that, or it is not safe";
            return scene.confirmed(Reason::UnsafeContact, rule, "channel");
        }
        Ok(())
    }
}

/// Old enough to speak for the family. An unknown or erased birth refuses those whom their role calls
/// a child: of others it is taken as grown up.
fn old_enough(scene: &Scene<'_>, member: &Membership) -> Result<(), Rejection> {
    let born = born(scene.world, member.person_id);
    let refused =
        |reason, rule: String| Err(Rejection::new(reason, rule).at(scene.path("person_id")));
    match (born, born.ages(scene.day())) {
        (_, Some((_, oldest))) if oldest >= PRIMARY_CONTACT_YEARS => Ok(()),
        (_, None) if !member.is_child() => Ok(()),
        (Born::Erased, _) => refused(Reason::Erased, "the person's birth was erased".to_owned()),
        (_, _) => {
            refused(Reason::AgeNotValid, format!("at least {PRIMARY_CONTACT_YEARS} years old"))
        }
    }
}

impl Rules for UndoFamilyRegistration {
    fn name(&self) -> &'static str {
        "undo_family_registration"
    }

    fn stream(&self) -> (StreamRef, &'static str) {
        (self.family_id.into(), "family_id")
    }

    fn build(&self, _scene: &Scene<'_>) -> Result<Record, Rejection> {
        let fact = Fact::FamilyRegistrationUndone(FamilyRegistrationUndone { reason: self.reason });
        Ok(Record { fact, personal: Vec::new() })
    }

    fn rules(&self, scene: &Scene<'_>) -> Result<(), Rejection> {
        not_in_use(scene.history).map_err(|it| it.at(scene.path("family_id")))
    }
}

/// Nothing was done with the family, so that its registration can be undone.
///
/// # Errors
///
/// `FAMILY_IN_USE`, without a field.
pub(crate) fn not_in_use(history: &[Recorded]) -> Result<(), Rejection> {
    if effective_now(history).iter().all(|it| only_describes(&it.fact)) {
        return Ok(());
    }
    Err(Rejection::new(
        Reason::FamilyInUse,
        "something was done with the family: a referral, contact, note or more",
    ))
}

/// Whether the fact says who the family is, and nothing that was done with it.
fn only_describes(fact: &Fact) -> bool {
    matches!(
        fact,
        Fact::FamilyRegistered(_)
            | Fact::FamilyMemberAdded(_)
            | Fact::FamilyMemberLeft(_)
            | Fact::FamilyMemberRoleChanged(_)
            | Fact::RelationshipStated(_)
            | Fact::RelationshipEnded(_)
            | Fact::PrimaryContactChosen(_)
            | Fact::NetworkPersonAdded(_)
            | Fact::NetworkPersonRemoved(_)
    )
}
