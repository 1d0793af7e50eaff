//! A person's stream: a human is known, and later perhaps the CPR number, another name, how to reach
//! and speak with the person, what to take care of, the death.
//!
//! Read [`State`] and [`evolve`], then the rules of the two commands of identity, then what others
//! need to know of a person: [`born`] for rules on age, [`current_cpr`] for corrections, [`card`] for
//! answers. The rules of the other commands stand in `known`, `contact_point` and `care`.
//!
//! Name, CPR number and birth are personal fields: they reach these functions opened, or `Erased`,
//! and the state never depends on them.

mod care;
mod contact_point;
mod known;

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
use crate::ids::{ContactPointId, EventId, MarkerId, PersonId, StreamRef};
use crate::period::Period;
use crate::record::{Opened, Record, Recorded};
use crate::rejection::{Reason, Rejection};
use crate::time::age_years;
use crate::views::status::{LanguageNeed, PersonCard, SpecialCare};
use crate::world::{ClaimKey, World};

pub use contact_point::ContactPoint;
pub(crate) use contact_point::kind_of;

/// Opened personal fields, by event and member.
pub type Personal = BTreeMap<(EventId, String), Opened>;

/// What must be remembered of a person in order to decide.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct State {
    /// Whether a CPR number was recorded.
    pub cpr_known: bool,
    pub died_on: Option<Date>,
    /// Whether an interpreter is needed, and relatives are refused as such, as last recorded.
    pub interpreter: Option<(bool, bool)>,
    pub contact_points: BTreeMap<ContactPointId, ContactPoint>,
    /// The days on which each special-care marker stands.
    pub markers: BTreeMap<MarkerId, Period>,
}

/// Folds one entry in. Total.
pub fn evolve(mut state: State, entry: &Effective) -> State {
    if let Fact::PersonRegistered(it) = &entry.fact {
        state.cpr_known |= it.cpr_known;
    } else if let Fact::PersonIdentityEstablished(_) = &entry.fact {
        state.cpr_known = true;
    } else if let Fact::PersonDied(it) = &entry.fact {
        state.died_on = Some(state.died_on.map_or(it.died_on, |known| known.min(it.died_on)));
    } else if let Fact::LanguageNeedRecorded(it) = &entry.fact {
        state.interpreter = Some((it.interpreter, it.kinship_interpreter_refused));
    } else if let Fact::PersonContactPointRecorded(it) = &entry.fact {
        let point = ContactPoint {
            kind: it.kind,
            r#use: it.r#use,
            safe_to_contact: it.safe_to_contact,
            period: Period { from: it.valid_from, to: None },
        };
        state.contact_points.insert(it.contact_point_id, point);
    } else if let Fact::PersonContactPointEnded(it) = &entry.fact {
        if let Some(point) = state.contact_points.get_mut(&it.contact_point_id) {
            point.period = point.period.ended_by([it.valid_to]);
        }
    } else if let Fact::SpecialCareMarkerSet(it) = &entry.fact {
        let period = Period { from: entry.occurred.date(), to: Some(it.valid_to) };
        state.markers.insert(it.marker_id, period);
    } else if let Fact::SpecialCareMarkerCleared(it) = &entry.fact
        && let Some(period) = state.markers.get_mut(&it.marker_id)
    {
        *period = cleared(*period, entry.occurred.date());
    }
    state
}

/// The marker's days without the day of its clearing and those after it.
fn cleared(marker: Period, on: Date) -> Period {
    let last = on.yesterday().unwrap_or(on);
    Period { to: Some(marker.to.map_or(last, |to| to.min(last))), ..marker }
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

/// A person takes part on `day`, the date of `field`, not after the death, as the person's own stream
/// says, or the leaving of this family by death. A person whose stream is not in the world counts as
/// living there.
pub(crate) fn must_live(
    scene: &Scene<'_>,
    person: PersonId,
    day: Date,
    field: &str,
) -> Result<(), Rejection> {
    let left_dead = scene.family.members.iter().filter(|it| it.person_id == person && it.died);
    let mut deaths = known::died_on(scene.world, person).into_iter();
    if deaths.any(|it| it < day) || left_dead.filter_map(|it| it.to).any(|it| it < day) {
        return Err(Rejection::new(Reason::AfterDeath, "the person had died").at(scene.path(field)));
    }
    Ok(())
}

/// The person takes part in the act, whose possible days lie neither all before the birth, where it
/// is exact and opened, nor all after the death.
pub(crate) fn must_live_then(
    scene: &Scene<'_>,
    person: PersonId,
    days: (Date, Date),
    field: &str,
) -> Result<(), Rejection> {
    let (first, last) = days;
    if let Some(born) = born(scene.world, person).exact() {
        not_before_birth(scene, born, last, field)?;
    }
    must_live(scene, person, first, field)
}

/// The events of a person's history that hold what a card shows.
pub fn card_events(history: &[Recorded]) -> Vec<EventId> {
    let is_shown = |event: &&Recorded| {
        matches!(
            event.fact,
            Fact::PersonRegistered(_)
                | Fact::PersonIdentityEstablished(_)
                | Fact::PersonNameChanged(_)
                | Fact::LanguageNeedRecorded(_)
                | Fact::SpecialCareMarkerSet(_)
                | Fact::EntryCorrected(_)
        )
    };
    history.iter().filter(is_shown).map(|event| event.event_id).collect()
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
/// [`card_events`].
pub fn card(history: &[Recorded], personal: &Personal) -> PersonCard {
    let name = name_of(history, personal);
    let born = born_of(history, personal);
    let erased = name == Opened::Erased || born == Born::Erased;
    let state = effective_now(history).iter().fold(State::default(), evolve);
    PersonCard {
        name: if let Opened::Known(value) = name { decoded(value) } else { None },
        birth: if let Born::Known(birth) = born { Some(birth) } else { None },
        erased,
        language: language_of(history, personal),
        special_care: special_care_of(history, personal, &state),
        died_on: state.died_on,
    }
}

/// The name that the person bears: the latest change by (time of effect, revision), or else the name
/// at the registration, whatever their dates: whoever learns of a change made before the
/// registration knows the newer name.
fn name_of(history: &[Recorded], personal: &Personal) -> Opened {
    let entries = effective_now(history);
    let changes = entries.iter().filter(|it| matches!(it.fact, Fact::PersonNameChanged(_)));
    let entry = changes.max_by_key(|it| it.order()).or(entries.first());
    entry.map_or(Opened::Absent, |it| corrected(history, personal, it, "name"))
}

fn language_of(history: &[Recorded], personal: &Personal) -> Option<LanguageNeed> {
    let entries = effective_now(history);
    let needs = entries.iter().filter_map(|it| {
        let Fact::LanguageNeedRecorded(fact) = &it.fact else { return None };
        Some((it, fact))
    });
    let (entry, fact) = needs.max_by_key(|(it, _)| it.order())?;
    let language = match corrected(history, personal, entry, "language") {
        Opened::Known(value) => decoded(value),
        Opened::Erased | Opened::Absent => None,
    };
    Some(LanguageNeed {
        language,
        interpreter: fact.interpreter,
        kinship_interpreter_refused: fact.kinship_interpreter_refused,
    })
}

/// The markers whose kind is known, in order of setting.
fn special_care_of(history: &[Recorded], personal: &Personal, state: &State) -> Vec<SpecialCare> {
    let entries = effective_now(history);
    let markers = entries.iter().filter_map(|it| {
        let Fact::SpecialCareMarkerSet(fact) = &it.fact else { return None };
        let period = *state.markers.get(&fact.marker_id)?;
        let Opened::Known(kind) = corrected(history, personal, it, "kind") else { return None };
        Some(SpecialCare { kind: decoded(kind)?, period })
    });
    markers.collect()
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
