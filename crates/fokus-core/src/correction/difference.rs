//! What differs between an entry and the record of its corrected command.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use crate::catalogue::{self, Field, Kind};
use crate::effective::{CORRECTED_PREFIX, Effective, corrected_personal};
use crate::fact::Fact;
use crate::ids::{EventId, PersonId};
use crate::record::{Opened, PersonalField, Record, Recorded};
use crate::rejection::{Reason, Rejection};
use crate::world::World;

/// Members of facts that speak of personal fields: they stay as they are while such a field is erased,
/// for a corrected command can no longer give it.
const MEMBERS_ON_PERSONAL: [&str; 5] =
    ["about", "child_heard", "children", "cpr_known", "levels_complete"];

/// An entry as one reads it: its fact, and its personal fields as far as they open.
pub(super) struct Reading {
    pub(super) fact: Fact,
    personal: BTreeMap<String, Opened>,
}

impl Reading {
    /// The entry as recorded.
    pub(super) fn of_original(world: &World, event: &Recorded) -> Self {
        Reading {
            fact: event.fact.clone(),
            personal: opened(world, event.event_id).into_iter().collect(),
        }
    }

    /// The entry as it reads now.
    pub(super) fn of_present(world: &World, history: &[Recorded], entry: &Effective) -> Self {
        let latest = entry.corrected_by.and_then(|mark| {
            let event = history.iter().find(|it| it.event_id == mark.event_id)?;
            let Fact::EntryCorrected(fact) = &event.fact else { return None };
            Some((fact, opened(world, mark.event_id)))
        });
        let personal = corrected_personal(opened(world, entry.event_id), latest);
        Reading { fact: entry.fact.clone(), personal: personal.into_iter().collect() }
    }

    /// A personal field that holds text and opens.
    pub(super) fn text(&self, field: &str) -> Option<&str> {
        match self.personal(field) {
            Opened::Known(value) => value.as_str(),
            Opened::Erased | Opened::Absent => None,
        }
    }

    fn personal(&self, field: &str) -> &Opened {
        self.personal.get(field).unwrap_or(&Opened::Absent)
    }
}

/// The personal fields of an event that were opened for this decision.
fn opened(world: &World, event: EventId) -> Vec<(String, Opened)> {
    let fields = world.personal.range((event, String::new())..);
    fields
        .take_while(|((it, _), _)| *it == event)
        .filter(|(_, value)| **value != Opened::Absent)
        .map(|((_, name), value)| (name.clone(), value.clone()))
        .collect()
}

/// Where facts name persons, whatever personal fields they have.
const PERSONS_IN_FACTS: &[&str] = &[
    "person_id",
    "by",
    "youth_id",
    "owner",
    "about",
    "present",
    "accepted_by",
    "agreed_by.person_id",
    "children.person_id",
    "attendance.person_id",
    "initial_members.person_id",
    "other_person_id",
    "as_seen_by",
];

/// Whom the entry is about: those of its personal fields, and those whom its facts name.
pub(super) fn subjects(fact: &Fact) -> BTreeSet<PersonId> {
    let fields = catalogue::fields(fact.type_name(), fact.schema()).iter();
    let named = PERSONS_IN_FACTS.iter().flat_map(|it| persons_at(fact, it));
    fields.flat_map(|it| subjects_of(fact, it)).chain(named).collect()
}

/// Whom the thing is about that the entry names by its id: an assessment, plan, intervention or
/// referral, by the entry that made it.
pub(super) fn subjects_of_thing(history: &[Recorded], fact: &Fact) -> BTreeSet<PersonId> {
    let facts = fact.to_json();
    let made = |event: &&Recorded| {
        THINGS.iter().any(|(founding, id)| {
            event.fact.type_name() == *founding
                && facts.get(*id).is_some_and(|it| event.fact.to_json().get(*id) == Some(it))
        })
    };
    if matches!(fact, Fact::CaseOpened(_)) {
        // It names the referral that it answers, and is about the family.
        return BTreeSet::new();
    }
    history.iter().filter(made).flat_map(|it| subjects(&it.fact)).collect()
}

/// Types of entries that make a thing of some persons, each with the member that later entries name.
const THINGS: &[(&str, &str)] = &[
    ("ReferralSubmitted", "referral_id"),
    ("AssessmentStarted", "assessment_id"),
    ("PlanDrafted", "plan_id"),
    ("InterventionOrdered", "intervention_id"),
    ("RelationshipStated", "relationship_id"),
    ("FlagRaised", "flag_id"),
];

/// Whom one field of the entry is about, by the catalogue.
fn subjects_of(fact: &Fact, field: &Field) -> BTreeSet<PersonId> {
    match field.kind {
        Kind::Personal { whose } => persons_at(fact, whose),
        Kind::Coded => BTreeSet::new(),
    }
}

/// The persons at a path of the facts, through lists.
fn persons_at(fact: &Fact, path: &str) -> BTreeSet<PersonId> {
    let facts = Value::Object(fact.to_json());
    let found = path.split('.').fold(vec![&facts], |found, member| {
        found.into_iter().filter_map(|it| it.get(member)).flat_map(elements).collect()
    });
    found.into_iter().filter_map(|it| Some(PersonId(it.as_str()?.parse().ok()?))).collect()
}

/// The elements of a list; anything else is the one element of its own.
fn elements(value: &Value) -> &[Value] {
    match value {
        Value::Array(items) => items,
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Object(_) => {
            std::slice::from_ref(value)
        }
    }
}

/// What the correction stores, all of it relative to the original.
pub(super) struct Difference {
    pub(super) changes: Map<String, Value>,
    pub(super) removed: Vec<String>,
    pub(super) removed_personal: Vec<String>,
    /// The names of `personal`, without their prefix.
    pub(super) given_personal: Vec<String>,
    /// Named `corrected.<field>`.
    pub(super) personal: Vec<PersonalField>,
    /// The entry as it will read.
    corrected_facts: Map<String, Value>,
    corrected_personal: BTreeMap<String, Opened>,
}

impl Difference {
    /// Compares the original with the record of the corrected command.
    ///
    /// # Errors
    ///
    /// `ERASED` where the record gives an erased field, `USE_MISTAKEN` where a field would be about
    /// others than it was.
    pub(super) fn between(
        original: &Reading,
        present: &Reading,
        record: Record,
    ) -> Result<Self, Rejection> {
        let mut corrected_personal = BTreeMap::new();
        let mut personal = Vec::new();
        let mut given_personal = Vec::new();
        for mut field in record.personal {
            let path = || format!("correct_entry.corrected.{}", field.field);
            same_persons(original, &field).map_err(|it| it.at(path()))?;
            same_persons(present, &field).map_err(|it| it.at(path()))?;
            let known = Opened::Known(field.value.clone());
            let differs = *original.personal(&field.field) != known;
            corrected_personal.insert(field.field.clone(), known);
            if differs {
                given_personal.push(field.field.clone());
                field.field = format!("{CORRECTED_PREFIX}{}", field.field);
                personal.push(field);
            }
        }
        let mut facts = record.fact.to_json();
        let left_out = |reading: &Reading| {
            let missing = |it: &&String| !corrected_personal.contains_key(*it);
            reading.personal.keys().filter(missing).cloned().collect::<Vec<_>>()
        };
        let erased: Vec<String> = left_out(present)
            .into_iter()
            .filter(|it| *present.personal(it) == Opened::Erased)
            .collect();
        if !erased.is_empty() {
            keep_members(&present.fact.to_json(), &mut facts);
        }
        let removed_personal =
            left_out(original).into_iter().filter(|it| !erased.contains(it)).collect();
        corrected_personal.extend(erased.into_iter().map(|it| (it, Opened::Erased)));
        let before = original.fact.to_json();
        Ok(Difference {
            changes: facts
                .iter()
                .filter(|(member, value)| before.get(*member) != Some(*value))
                .map(|(member, value)| (member.clone(), value.clone()))
                .collect(),
            removed: before.keys().filter(|it| !facts.contains_key(*it)).cloned().collect(),
            removed_personal,
            given_personal,
            personal,
            corrected_facts: facts,
            corrected_personal,
        })
    }

    /// Whether the entry reads like this already, its time left aside.
    pub(super) fn is_none_from(&self, present: &Reading) -> bool {
        self.corrected_facts == present.fact.to_json()
            && self.corrected_personal == present.personal
    }
}

/// Where the entry has the field, it opens and is about the same persons.
fn same_persons(reading: &Reading, field: &PersonalField) -> Result<(), Rejection> {
    let fact = &reading.fact;
    let before = catalogue::field(fact.type_name(), fact.schema(), &field.field);
    let before = before.map(|it| subjects_of(fact, it)).unwrap_or_default();
    let now: BTreeSet<PersonId> = field.persons.iter().copied().collect();
    match reading.personal(&field.field) {
        Opened::Absent => Ok(()),
        Opened::Erased => Err(Rejection::new(
            Reason::Erased,
            "the field was erased and cannot come back by a correction: leave it out, or mark the \
             entry mistaken and record it anew",
        )),
        Opened::Known(_) if now == before => Ok(()),
        Opened::Known(_) => Err(Rejection::new(
            Reason::UseMistaken,
            "a correction may not change whom the field is about: mark the entry mistaken and \
             record it anew",
        )),
    }
}

/// Keeps what the facts say of personal fields.
fn keep_members(before: &Map<String, Value>, facts: &mut Map<String, Value>) {
    for member in MEMBERS_ON_PERSONAL {
        match before.get(member) {
            Some(value) => facts.insert(member.to_owned(), value.clone()),
            None => facts.remove(member),
        };
    }
}
