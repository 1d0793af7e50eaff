//! The methods that a programme works by: PublishMethodVersion, RetireMethodVersion.
//!
//! A version is never published twice: what was ordered by it must keep its meaning.

use crate::command::people::{PublishMethodVersion, RetireMethodVersion};
use crate::decide::Rules;
use crate::decide::scene::Scene;
use crate::fact::Fact;
use crate::fact::people::{MethodVersionPublished, MethodVersionRetired};
use crate::ids::{ProgrammeId, StreamRef};
use crate::period::Period;
use crate::record::{Record, Recorded};
use crate::rejection::{Reason, Rejection};

impl Rules for PublishMethodVersion {
    fn name(&self) -> &'static str {
        "publish_method_version"
    }

    fn stream(&self) -> (StreamRef, &'static str) {
        (self.programme_id.into(), "programme_id")
    }

    fn build(&self, scene: &Scene<'_>) -> Result<Record, Rejection> {
        let fact = Fact::MethodVersionPublished(MethodVersionPublished {
            programme_id: self.programme_id,
            method_version: self.method_version.clone(),
            name: self.name.clone(),
            valid_from: self.valid_from.unwrap_or(scene.day()),
        });
        Ok(Record { fact, personal: Vec::new() })
    }

    fn values(&self, scene: &Scene<'_>) -> Result<(), Rejection> {
        // Only a correction finds it: a new one is not retired.
        let itself = scene.world.programmes.get(&self.programme_id.0);
        let itself = itself.and_then(|it| it.state.methods.get(&self.method_version));
        match itself.and_then(|it| it.to) {
            Some(to) => scene.in_order(self.valid_from.unwrap_or(scene.day()), to, "valid_from"),
            None => Ok(()),
        }
    }

    fn rules(&self, scene: &Scene<'_>) -> Result<(), Rejection> {
        // Mistaken ones included: a mark may be withdrawn.
        let same = |event: &Recorded| {
            if let Fact::MethodVersionPublished(it) = &event.fact {
                it.method_version == self.method_version
            } else {
                false
            }
        };
        if scene.history.iter().any(same) {
            return Err(Rejection::new(Reason::IdTaken, "this version was published")
                .at(scene.path("method_version")));
        }
        Ok(())
    }

    fn texts(&self) -> Vec<(String, &str)> {
        vec![("name".to_owned(), self.name.as_str())]
    }
}

impl Rules for RetireMethodVersion {
    fn name(&self) -> &'static str {
        "retire_method_version"
    }

    fn stream(&self) -> (StreamRef, &'static str) {
        (self.programme_id.into(), "programme_id")
    }

    fn build(&self, scene: &Scene<'_>) -> Result<Record, Rejection> {
        method(scene, self.programme_id, &self.method_version)?;
        let fact = Fact::MethodVersionRetired(MethodVersionRetired {
            programme_id: self.programme_id,
            method_version: self.method_version.clone(),
            valid_to: self.valid_to.unwrap_or(scene.day()),
        });
        Ok(Record { fact, personal: Vec::new() })
    }

    fn values(&self, scene: &Scene<'_>) -> Result<(), Rejection> {
        let published = method(scene, self.programme_id, &self.method_version)?;
        scene.in_order(published.from, self.valid_to.unwrap_or(scene.day()), "valid_to")
    }

    fn rules(&self, scene: &Scene<'_>) -> Result<(), Rejection> {
        if method(scene, self.programme_id, &self.method_version)?.to.is_some() {
            return Err(Rejection::new(Reason::NoChange, "the version is retired already")
                .at(scene.path("method_version")));
        }
        Ok(())
    }
}

/// When the version is in force; it was published.
fn method(
    scene: &Scene<'_>,
    programme: ProgrammeId,
    method_version: &str,
) -> Result<Period, Rejection> {
    let programme = scene.world.programmes.get(&programme.0);
    let method = programme.and_then(|it| it.state.methods.get(method_version).copied());
    method.ok_or_else(|| scene.unknown("method_version"))
}

/// What an order that names a version must meet: in a programme that publishes its methods, the
/// version is one of them.
pub(crate) fn must_be_published(
    scene: &Scene<'_>,
    programme: ProgrammeId,
    method_version: &str,
) -> Result<(), Rejection> {
    let state = scene.world.programmes.get(&programme.0).map(|it| &it.state);
    match state {
        Some(it) if !it.methods.is_empty() && !it.methods.contains_key(method_version) => {
            Err(scene.unknown("method_version"))
        }
        Some(_) | None => Ok(()),
    }
}

/// And the version is in force on that day.
pub(crate) fn must_be_in_force(
    scene: &Scene<'_>,
    programme: ProgrammeId,
    method_version: &str,
    day: jiff::civil::Date,
) -> Result<(), Rejection> {
    let state = scene.world.programmes.get(&programme.0).map(|it| &it.state);
    let method = state.and_then(|it| it.methods.get(method_version));
    if method.is_some_and(|it| !it.contains(day)) {
        return Err(Rejection::new(
            Reason::MethodNotInForce,
            "the version is not in force when the intervention is planned to start",
        )
        .at(scene.path("method_version")));
    }
    Ok(())
}
