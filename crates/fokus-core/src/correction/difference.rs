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
const MEMBERS_ON_PERSONAL: [&str; 4] = ["about", "children", "cpr_known", "levels_complete"];

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

/// Whom the personal fields of the entry are about; nobody where it has none.
pub(super) fn subjects(fact: &Fact) -> BTreeSet<PersonId> {
    let fields = catalogue::fields(fact.type_name(), fact.schema()).iter();
    fields.flat_map(|it| subjects_of(fact, it)).collect()
}

/// Whom one field of the entry is about, by the catalogue.
fn subjects_of(fact: &Fact, field: &Field) -> BTreeSet<PersonId> {
    let Kind::Personal { whose } = field.kind else { return BTreeSet::new() };
    let facts = Value::Object(fact.to_json());
    let found = whose.split('.').fold(vec![&facts], |found, member| {
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
        for mut field in record.personal {
            let path = || format!("correct_entry.corrected.{}", field.field);
            same_persons(original, &field).map_err(|it| it.at(path()))?;
            same_persons(present, &field).map_err(|it| it.at(path()))?;
            let known = Opened::Known(field.value.clone());
            let differs = *original.personal(&field.field) != known;
            corrected_personal.insert(field.field.clone(), known);
            if differs {
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
