//! Who stands around the family and how: changed roles, relationships, the network, the primary
//! contact. Folded in one place, for deciding and for showing; the rules stand in `kin` and `network`.

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::state::Membership;
use crate::codes::{
    ContactChannel, FamilyRole, NetworkRole, RelationshipKind, RelationshipQuality,
};
use crate::effective::Effective;
use crate::fact::Fact;
use crate::fact::people::{FamilyMemberRoleChanged, NetworkPersonAdded, RelationshipStated};
use crate::ids::{PersonId, RelationshipId};
use crate::period::Period;

/// As recorded; what stands follows from all of it, in whatever order it came.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Circle {
    pub role_changes: Vec<RoleChange>,
    /// As stated; what ended them stands beside.
    relationships: BTreeMap<RelationshipId, Relationship>,
    relationship_ends: Vec<(RelationshipId, Date)>,
    network: Vec<NetworkPerson>,
    network_ends: Vec<(PersonId, Date)>,
    primary_contact: Option<((i64, u64), PrimaryContact)>,
    /// Whether the family's registration was undone.
    pub undone: bool,
}

/// A member became something else.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoleChange {
    pub person_id: PersonId,
    pub role: FamilyRole,
    pub on: Date,
    /// Of the entry.
    pub revision: u64,
}

/// How two persons stand to each other.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Relationship {
    pub person_id: PersonId,
    pub other_person_id: PersonId,
    pub kind: RelationshipKind,
    pub quality: Option<RelationshipQuality>,
    pub as_seen_by: Option<PersonId>,
    pub period: Period,
}

/// Somebody outside the family who takes part in helping it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NetworkPerson {
    pub person_id: PersonId,
    pub role: NetworkRole,
    pub agreed_by_family: bool,
    pub period: Period,
}

/// Whom the municipality turns to first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct PrimaryContact {
    pub person_id: PersonId,
    pub channel: ContactChannel,
    pub interpreter: bool,
    pub chosen_on: Date,
}

impl RoleChange {
    /// That of the entry.
    pub fn of(fact: &FamilyMemberRoleChanged, revision: u64) -> RoleChange {
        RoleChange { person_id: fact.person_id, role: fact.role, on: fact.valid_from, revision }
    }
}

impl Circle {
    /// Folds one entry in; entries of other topics change nothing. Total.
    pub fn absorb(&mut self, entry: &Effective) {
        if let Fact::FamilyMemberRoleChanged(it) = &entry.fact {
            self.role_changes.push(RoleChange::of(it, entry.revision));
        } else if let Fact::RelationshipStated(it) = &entry.fact {
            self.relationships.insert(it.relationship_id, stated(it));
        } else if let Fact::RelationshipEnded(it) = &entry.fact {
            self.relationship_ends.push((it.relationship_id, it.valid_to));
        } else if let Fact::NetworkPersonAdded(it) = &entry.fact {
            self.network.push(added(it));
        } else if let Fact::NetworkPersonRemoved(it) = &entry.fact {
            self.network_ends.push((it.person_id, it.valid_to));
        } else if let Fact::PrimaryContactChosen(it) = &entry.fact {
            let chosen = PrimaryContact {
                person_id: it.person_id,
                channel: it.channel,
                interpreter: it.interpreter,
                chosen_on: entry.effective_day(),
            };
            let order = entry.order();
            if self.primary_contact.as_ref().is_none_or(|it| it.0 <= order) {
                self.primary_contact = Some((order, chosen));
            }
        } else if matches!(entry.fact, Fact::FamilyRegistrationUndone(_)) {
            self.undone = true;
        }
    }

    /// The relationship with this id, with its end.
    pub fn relationship(&self, id: RelationshipId) -> Option<Relationship> {
        let stated = self.relationships.get(&id)?;
        let ends = self.relationship_ends.iter().filter(|it| it.0 == id).map(|it| it.1);
        Some(Relationship { period: stated.period.ended_by(ends), ..stated.clone() })
    }

    /// Every relationship ever stated, with its end.
    pub fn relationships(&self) -> impl Iterator<Item = Relationship> {
        self.relationships.keys().filter_map(|it| self.relationship(*it))
    }

    /// Everybody who ever was of the network, each time with its end, in order of recording.
    pub fn network(&self) -> impl Iterator<Item = NetworkPerson> {
        self.network.iter().map(|it| {
            let ends = self.network_ends.iter().filter(|end| end.0 == it.person_id);
            NetworkPerson { period: it.period.ended_by(ends.map(|it| it.1)), ..it.clone() }
        })
    }

    /// Whether the person is or was of the network.
    pub fn was_of_network(&self, person: PersonId) -> bool {
        self.network.iter().any(|it| it.person_id == person)
    }

    /// The latest choice by (time of effect, revision).
    pub fn primary_contact(&self) -> Option<PrimaryContact> {
        self.primary_contact.map(|it| it.1)
    }
}

/// The memberships with the roles that they have now: each change, by date, then revision, bears on
/// the person's newest membership that stands on its day. One that finds none changes nothing.
pub fn with_roles(mut members: Vec<Membership>, changes: &[RoleChange]) -> Vec<Membership> {
    let mut changes: Vec<&RoleChange> = changes.iter().collect();
    changes.sort_by_key(|it| (it.on, it.revision));
    for change in changes {
        let stands = |it: &&mut Membership| {
            it.person_id == change.person_id
                && it.from.is_none_or(|from| from <= change.on)
                && it.to.is_none_or(|to| change.on < to)
        };
        if let Some(membership) = members.iter_mut().rev().find(stands) {
            membership.role = change.role;
        }
    }
    members
}

fn stated(it: &RelationshipStated) -> Relationship {
    Relationship {
        person_id: it.person_id,
        other_person_id: it.other_person_id,
        kind: it.kind,
        quality: it.quality,
        as_seen_by: it.as_seen_by,
        period: Period { from: it.valid_from, to: None },
    }
}

fn added(it: &NetworkPersonAdded) -> NetworkPerson {
    NetworkPerson {
        person_id: it.person_id,
        role: it.role,
        agreed_by_family: it.agreed_by_family,
        period: Period { from: it.valid_from, to: None },
    }
}
