//! A person's stream: a human is known, and later perhaps the CPR number.
//!
//! Read [`State`] and [`evolve`], then the rules of the two commands, then what others need to know
//! of a person: [`born`] for rules on age, [`current_cpr`] for corrections, [`card`] for answers.
//!
//! Name, CPR number and birth are personal fields: they reach these functions opened, or `Erased`,
//! and the state never depends on them.

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::codes::BirthPrecision;
use crate::command::{Birth, CprText, EstablishPersonIdentity, RegisterPerson};
use crate::cpr;
use crate::decide::Rules;
use crate::decide::scene::{Scene, personal};
use crate::effective::{CORRECTED_PREFIX, Effective, effective_now};
use crate::fact::{Fact, PersonIdentityEstablished, PersonRegistered};
use crate::ids::{EventId, PersonId, StreamRef};
use crate::record::{Opened, Record, Recorded};
use crate::rejection::{Reason, Rejection};
use crate::time::age_years;
use crate::views::status::PersonCard;
use crate::world::{ClaimKey, World};

/// Opened personal fields, by event and member.
pub type Personal = BTreeMap<(EventId, String), Opened>;

/// What must be remembered of a person in order to decide.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct State {
    /// Whether a CPR number was recorded.
    pub cpr_known: bool,
}

/// Folds one entry in. Total.
pub fn evolve(mut state: State, entry: &Effective) -> State {
    if let Fact::PersonRegistered(it) = &entry.fact {
        state.cpr_known |= it.cpr_known;
    } else if let Fact::PersonIdentityEstablished(_) = &entry.fact {
        state.cpr_known = true;
    }
    state
}

impl Rules for RegisterPerson {
    fn name(&self) -> &'static str {
        "register_person"
    }

    fn stream(&self) -> (StreamRef, &'static str) {
        (self.person_id.into(), "person_id")
    }

    fn begins_stream(&self) -> bool {
        true
    }

    fn build(&self, _scene: &Scene<'_>) -> Result<Record, Rejection> {
        let whose = [self.person_id];
        let mut fields = vec![personal("name", &whose, &self.name)];
        fields.extend(self.cpr.as_ref().map(|it| personal("cpr", &whose, &it.0)));
        fields.extend(self.birth.as_ref().map(|it| personal("birth", &whose, it)));
        fields.extend(self.sex.as_ref().map(|it| personal("sex", &whose, it)));
        let fact = Fact::PersonRegistered(PersonRegistered {
            person_id: self.person_id,
            source: self.source,
            is_synthetic: self.is_synthetic,
            cpr_known: self.cpr.is_some(),
        });
        Ok(Record { fact, personal: fields })
    }

    fn values(&self, scene: &Scene<'_>) -> Result<(), Rejection> {
        match (self.is_synthetic, scene.world.synthetic) {
            (true, false) => {
                return Err(Rejection::new(
                    Reason::SyntheticInReal,
                    "this store is for real people",
                )
                .at(scene.path("is_synthetic")));
            }
            (false, true) => {
                let rule = "this store is for invented people";
                return Err(
                    Rejection::new(Reason::RealInSynthetic, rule).at(scene.path("is_synthetic"))
                );
            }
            (true, true) | (false, false) => {}
        }
        let from_cpr = match &self.cpr {
            Some(cpr) => judge(scene, cpr)?,
            None => None,
        };
        let exact = |birth: &Birth| birth.date.filter(|_| birth.precision == BirthPrecision::Exact);
        match self.birth.as_ref().and_then(exact).or(from_cpr) {
            Some(born) => not_before_birth(scene, born, scene.day(), "occurred_at"),
            None => Ok(()),
        }
    }

    fn claims(&self) -> Vec<ClaimKey> {
        self.cpr.iter().map(|it| ClaimKey::Cpr(it.0.clone())).collect()
    }

    fn texts(&self) -> Vec<(String, &str)> {
        vec![
            ("name.given".to_owned(), self.name.given.as_str()),
            ("name.family".to_owned(), self.name.family.as_str()),
        ]
    }
}

impl Rules for EstablishPersonIdentity {
    fn name(&self) -> &'static str {
        "establish_person_identity"
    }

    fn stream(&self) -> (StreamRef, &'static str) {
        (self.person_id.into(), "person_id")
    }

    fn build(&self, _scene: &Scene<'_>) -> Result<Record, Rejection> {
        let fact = Fact::PersonIdentityEstablished(PersonIdentityEstablished {
            person_id: self.person_id,
            method: self.method,
        });
        Ok(Record { fact, personal: vec![personal("cpr", &[self.person_id], &self.cpr.0)] })
    }

    fn values(&self, scene: &Scene<'_>) -> Result<(), Rejection> {
        match judge(scene, &self.cpr)? {
            Some(born) => not_before_birth(scene, born, scene.day(), "occurred_at"),
            None => Ok(()),
        }
    }

    fn rules(&self, scene: &Scene<'_>) -> Result<(), Rejection> {
        match scene.world.persons.get(&self.person_id.0) {
            Some(person) if person.state.cpr_known => Err(Rejection::new(
                Reason::IdentityKnown,
                "the CPR number is recorded: a wrong one is corrected",
            )
            .at(scene.path("cpr"))),
            Some(_) | None => Ok(()),
        }
    }

    fn claims(&self) -> Vec<ClaimKey> {
        vec![ClaimKey::Cpr(self.cpr.0.clone())]
    }
}

/// The number's date of birth, when it is a possible number here and today.
fn judge(scene: &Scene<'_>, cpr: &CprText) -> Result<Option<Date>, Rejection> {
    cpr::judge(&cpr.0, scene.today(), scene.world.synthetic)
        .map(|it| it.birth)
        .map_err(|it| it.at(scene.path("cpr")))
}

/// An act on `day`, the date of the field at `path`, concerns somebody born by then.
pub(crate) fn not_before_birth(
    scene: &Scene<'_>,
    born: Date,
    day: Date,
    path: &str,
) -> Result<(), Rejection> {
    if day >= born {
        return Ok(());
    }
    let path = if path == "occurred_at" { path.to_owned() } else { scene.path(path) };
    Err(Rejection::new(Reason::BeforeBirth, "the person was not born yet").at(path))
}

/// The events of a person's history that hold name, CPR number or birth.
pub fn identity_events(history: &[Recorded]) -> Vec<EventId> {
    let holds_identity = |event: &&Recorded| {
        matches!(
            event.fact,
            Fact::PersonRegistered(_)
                | Fact::PersonIdentityEstablished(_)
                | Fact::EntryCorrected(_)
        )
    };
    history.iter().filter(holds_identity).map(|event| event.event_id).collect()
}

/// When somebody was born, as far as it is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Born {
    Known(Birth),
    Unknown,
    /// The key of a field that says it was destroyed.
    Erased,
}

impl Born {
    /// The youngest and the oldest age that the person may have on that day, in completed years. A
    /// date that is not exact counts as its year, a year as any of its days.
    pub fn ages(&self, on: Date) -> Option<(i16, i16)> {
        let Born::Known(birth) = self else { return None };
        if let Some(born) = self.exact() {
            let age = age_years(born, on);
            return Some((age, age));
        }
        let year = birth.year.or(birth.date.map(Date::year))?;
        let oldest = on.year() - year;
        Some(((oldest - 1).max(0), oldest.max(0)))
    }

    /// The date of birth, when it is exact.
    pub fn exact(&self) -> Option<Date> {
        let Born::Known(birth) = self else { return None };
        birth.date.filter(|_| birth.precision == BirthPrecision::Exact)
    }
}

/// When a person of the world was born: the birth as recorded and corrected when it is exact, else
/// the date in the CPR number where there is one, else the inexact birth. Not in the world counts as
/// unknown.
pub fn born(world: &World, person: PersonId) -> Born {
    born_of(world.history(person.into()), &world.personal)
}

fn born_of(history: &[Recorded], personal: &Personal) -> Born {
    let from_cpr = || match newest(history, personal, "cpr") {
        Opened::Known(Value::String(text)) => match cpr::read(&text).and_then(|it| it.birth) {
            Some(date) => Born::Known(Birth {
                date: Some(date),
                year: None,
                precision: BirthPrecision::Exact,
            }),
            None => Born::Unknown,
        },
        Opened::Erased => Born::Erased,
        Opened::Known(_) | Opened::Absent => Born::Unknown,
    };
    let recorded = match newest(history, personal, "birth") {
        Opened::Known(value) => decoded(value).map_or(Born::Unknown, Born::Known),
        Opened::Erased => Born::Erased,
        Opened::Absent => return from_cpr(),
    };
    if recorded == Born::Erased || recorded.exact().is_some() {
        return recorded;
    }
    let exact = from_cpr();
    if exact.exact().is_some() { exact } else { recorded }
}

/// The CPR number that stands for the person, as JSON text, corrections applied, marked entries
/// left out. What a correction or mark of it releases.
pub fn current_cpr(world: &World, person: PersonId) -> Opened {
    newest(world.history(person.into()), &world.personal, "cpr")
}

/// What is known of a person, from the stream's history and the opened fields of its
/// [`identity_events`].
pub fn card(history: &[Recorded], personal: &Personal) -> PersonCard {
    let name = newest(history, personal, "name");
    let born = born_of(history, personal);
    let erased = name == Opened::Erased || born == Born::Erased;
    PersonCard {
        name: if let Opened::Known(value) = name { decoded(value) } else { None },
        birth: if let Born::Known(birth) = born { Some(birth) } else { None },
        erased,
    }
}

/// The field in the newest entry that has it.
fn newest(history: &[Recorded], personal: &Personal, field: &str) -> Opened {
    let entries = effective_now(history);
    let found = entries.iter().rev().map(|entry| corrected(history, personal, entry, field));
    found.into_iter().find(|it| *it != Opened::Absent).unwrap_or(Opened::Absent)
}

/// The field of one entry, as its latest correction left it.
fn corrected(history: &[Recorded], personal: &Personal, entry: &Effective, field: &str) -> Opened {
    let opened = |event: EventId, name: String| personal.get(&(event, name)).cloned();
    if let Some(mark) = &entry.corrected_by {
        let correction = history.iter().find(|event| event.event_id == mark.event_id);
        if let Some(Fact::EntryCorrected(it)) = correction.map(|event| &event.fact) {
            if it.removed_personal.iter().any(|removed| removed == field) {
                return Opened::Absent;
            }
            if it.corrected_personal.iter().any(|given| given == field) {
                let given = opened(mark.event_id, format!("{CORRECTED_PREFIX}{field}"));
                return given.unwrap_or(Opened::Erased);
            }
        }
    }
    opened(entry.event_id, field.to_owned()).unwrap_or(Opened::Absent)
}

fn decoded<T: DeserializeOwned>(value: Value) -> Option<T> {
    serde_json::from_value(value).ok()
}
