//! Which leave ends which membership, and who is a member on a day: the one answer, for deciding and
//! for showing.

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::state::Membership;
use crate::codes::{FamilyRole, Household, LeaveReason};
use crate::fact::{FamilyMemberAdded, FamilyMemberLeft, FamilyRegistered};
use crate::ids::PersonId;

/// A person became a member.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Join {
    pub person_id: PersonId,
    pub role: FamilyRole,
    pub household: Household,
    /// `None` = with the family's registration.
    pub on: Option<Date>,
    /// Of the entry.
    pub revision: u64,
}

/// A person left.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Leave {
    pub person_id: PersonId,
    pub on: Date,
    pub died: bool,
    /// Of the entry.
    pub revision: u64,
}

impl Join {
    /// Those of a family's first members.
    pub fn of_registration(fact: &FamilyRegistered, revision: u64) -> impl Iterator<Item = Join> {
        fact.initial_members.iter().map(move |it| Join {
            person_id: it.person_id,
            role: it.role,
            household: it.household,
            on: None,
            revision,
        })
    }

    /// That of a later member.
    pub fn of_addition(fact: &FamilyMemberAdded, revision: u64) -> Join {
        Join {
            person_id: fact.person_id,
            role: fact.role,
            household: fact.household,
            on: Some(fact.valid_from),
            revision,
        }
    }
}

impl Leave {
    /// That of the entry.
    pub fn of(fact: &FamilyMemberLeft, revision: u64) -> Leave {
        Leave {
            person_id: fact.person_id,
            on: fact.valid_to,
            died: fact.reason == LeaveReason::Died,
            revision,
        }
    }
}

/// The memberships, in order of joining. By date, then revision: each leave ends the person's newest
/// membership begun before it and not ended yet; one begun on that very day only where there is none
/// from before. A leave that finds none ends none.
pub fn memberships(joins: &[Join], leaves: &[Leave]) -> Vec<Membership> {
    let mut joins: Vec<&Join> = joins.iter().collect();
    joins.sort_by_key(|it| (it.on, it.revision));
    let mut memberships: Vec<Membership> = joins
        .into_iter()
        .map(|it| Membership {
            person_id: it.person_id,
            role: it.role,
            household: it.household,
            from: it.on,
            to: None,
            died: false,
        })
        .collect();
    let mut leaves: Vec<&Leave> = leaves.iter().collect();
    leaves.sort_by_key(|it| (it.on, it.revision));
    for leave in leaves {
        let mut open: Vec<&mut Membership> = memberships
            .iter_mut()
            .filter(|it| it.person_id == leave.person_id && it.to.is_none())
            .filter(|it| it.from.is_none_or(|from| from <= leave.on))
            .collect();
        let before = open.iter().rposition(|it| it.from.is_none_or(|from| from < leave.on));
        let ended = before.or_else(|| open.len().checked_sub(1));
        if let Some(membership) = ended.and_then(|it| open.get_mut(it)) {
            membership.to = Some(leave.on);
            membership.died = leave.died;
        }
    }
    memberships
}

/// Whom a membership is of, from when until when (no longer on that day).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stay {
    pub person_id: PersonId,
    pub from: Option<Date>,
    pub to: Option<Date>,
}

/// Those of the memberships, in order of joining, that stand on `day`: a person's newest one begun by
/// then decides, so that who left is gone, also where the person had joined twice.
pub fn standing<T>(memberships: &[T], day: Date, stay: impl Fn(&T) -> Stay) -> Vec<&T> {
    let begun = |it: &&T| stay(it).from.is_none_or(|from| from <= day);
    let mut newest: BTreeMap<PersonId, &T> = BTreeMap::new();
    for membership in memberships.iter().filter(begun) {
        newest.insert(stay(membership).person_id, membership);
    }
    let stands = |it: &&T| {
        let Stay { person_id, to, .. } = stay(it);
        to.is_none_or(|to| day < to)
            && newest.get(&person_id).is_some_and(|newest| std::ptr::eq(*newest, *it))
    };
    memberships.iter().filter(begun).filter(stands).collect()
}
