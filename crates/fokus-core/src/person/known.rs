//! What becomes known of a person: ChangePersonName, RecordLanguageNeed, RecordDeath.

use serde_json::Value;

use super::{must_live, name_of, newest, not_before_birth};
use crate::command::people::{ChangePersonName, RecordDeath, RecordLanguageNeed};
use crate::decide::Rules;
use crate::decide::scene::{Scene, personal, text};
use crate::fact::Fact;
use crate::fact::people::{LanguageNeedRecorded, PersonDied, PersonNameChanged};
use crate::ids::{EventId, PersonId, StreamRef};
use crate::person::{born, card_events, identity_events};
use crate::record::{Opened, Record};
use crate::rejection::{Reason, Rejection};
use crate::world::World;

impl Rules for ChangePersonName {
    fn name(&self) -> &'static str {
        "change_person_name"
    }

    fn stream(&self) -> (StreamRef, &'static str) {
        (self.person_id.into(), "person_id")
    }

    fn opens(&self, world: &World) -> Vec<EventId> {
        card_events(world.history(self.person_id.into()))
    }

    fn build(&self, scene: &Scene<'_>) -> Result<Record, Rejection> {
        let fact = Fact::PersonNameChanged(PersonNameChanged {
            person_id: self.person_id,
            valid_from: self.valid_from.unwrap_or(scene.day()),
        });
        Ok(Record { fact, personal: vec![personal("name", &[self.person_id], &self.name)] })
    }

    fn values(&self, scene: &Scene<'_>) -> Result<(), Rejection> {
        let valid_from = self.valid_from.unwrap_or(scene.day());
        scene.not_future(valid_from, "valid_from")?;
        if let Some(born) = born(scene.world, self.person_id).exact() {
            not_before_birth(scene, born, valid_from, "valid_from")?;
        }
        must_live(scene, self.person_id, valid_from, "valid_from")
    }

    fn rules(&self, scene: &Scene<'_>) -> Result<(), Rejection> {
        let known = name_of(scene.history, &scene.world.personal);
        let now = serde_json::to_value(&self.name).unwrap_or(Value::Null);
        not_already(scene, &known, &now, "name")
    }

    fn texts(&self) -> Vec<(String, &str)> {
        vec![
            ("name.given".to_owned(), self.name.given.as_str()),
            ("name.family".to_owned(), self.name.family.as_str()),
        ]
    }
}

impl Rules for RecordLanguageNeed {
    fn name(&self) -> &'static str {
        "record_language_need"
    }

    fn stream(&self) -> (StreamRef, &'static str) {
        (self.person_id.into(), "person_id")
    }

    fn opens(&self, world: &World) -> Vec<EventId> {
        card_events(world.history(self.person_id.into()))
    }

    fn build(&self, _scene: &Scene<'_>) -> Result<Record, Rejection> {
        let fact = Fact::LanguageNeedRecorded(LanguageNeedRecorded {
            person_id: self.person_id,
            interpreter: self.interpreter,
            kinship_interpreter_refused: self.kinship_interpreter_refused,
        });
        Ok(Record { fact, personal: vec![text("language", &[self.person_id], &self.language)] })
    }

    fn values(&self, scene: &Scene<'_>) -> Result<(), Rejection> {
        must_live(scene, self.person_id, scene.first_day(), "person_id")
    }

    fn rules(&self, scene: &Scene<'_>) -> Result<(), Rejection> {
        let known = newest(scene.history, &scene.world.personal, "language");
        let needs = (self.interpreter, self.kinship_interpreter_refused);
        let stands = scene.world.persons.get(&self.person_id.0).and_then(|it| it.state.interpreter);
        if stands == Some(needs) || known == Opened::Erased {
            return not_already(scene, &known, &Value::String(self.language.0.clone()), "language");
        }
        Ok(())
    }
}

impl Rules for RecordDeath {
    fn name(&self) -> &'static str {
        "record_death"
    }

    fn stream(&self) -> (StreamRef, &'static str) {
        (self.person_id.into(), "person_id")
    }

    fn opens(&self, world: &World) -> Vec<EventId> {
        identity_events(world.history(self.person_id.into()))
    }

    fn build(&self, scene: &Scene<'_>) -> Result<Record, Rejection> {
        let fact = Fact::PersonDied(PersonDied {
            person_id: self.person_id,
            died_on: self.died_on.unwrap_or(scene.day()),
            source: self.source,
        });
        Ok(Record { fact, personal: Vec::new() })
    }

    fn values(&self, scene: &Scene<'_>) -> Result<(), Rejection> {
        let died_on = self.died_on.unwrap_or(scene.day());
        scene.not_future(died_on, "died_on")?;
        match born(scene.world, self.person_id).exact() {
            Some(born) => not_before_birth(scene, born, died_on, "died_on"),
            None => Ok(()),
        }
    }

    fn rules(&self, scene: &Scene<'_>) -> Result<(), Rejection> {
        match died_on(scene.world, self.person_id) {
            Some(_) => Err(Rejection::new(
                Reason::NoChange,
                "the death is recorded: a wrong date is corrected",
            )
            .at(scene.path("person_id"))),
            None => Ok(()),
        }
    }
}

/// The day of the person's death, where the person's stream is in the world and says so.
pub(super) fn died_on(world: &World, person: PersonId) -> Option<jiff::civil::Date> {
    world.persons.get(&person.0)?.state.died_on
}

/// Something new is said of the person, and it is not erased what stood before.
fn not_already(
    scene: &Scene<'_>,
    known: &Opened,
    now: &Value,
    field: &str,
) -> Result<(), Rejection> {
    match known {
        Opened::Known(value) if value == now => {
            Err(Rejection::new(Reason::NoChange, "this is recorded already").at(scene.path(field)))
        }
        Opened::Erased => Err(Rejection::new(Reason::Erased, "the person's data were erased")
            .at(scene.path("person_id"))),
        Opened::Known(_) | Opened::Absent => Ok(()),
    }
}
