//! Instruments administered: AdministerInstrument.
//!
//! Scores are personal fields. The bands that the table has for everybody are worked out when the
//! scores are recorded, and kept with them: a later table does not rewrite what was known.

use serde::Serialize;

use super::assessment::{assessment, is_running};
use super::membership::births;
use crate::command::assessing::AdministerInstrument;
use crate::decide::Rules;
use crate::decide::scene::{Scene, personal};
use crate::fact::Fact;
use crate::fact::assessing::InstrumentAdministered;
use crate::ids::{EventId, PersonId, StreamRef};
use crate::instruments::{Instrument, Subject, instrument, judge};
use crate::person::{born, must_live};
use crate::record::Record;
use crate::rejection::{Reason, Rejection};
use crate::world::World;

/// The band of one scale's score.
#[derive(Serialize)]
struct ScaleBand<'a> {
    scale: &'a str,
    band: &'static str,
}

impl AdministerInstrument {
    fn instrument(&self, scene: &Scene<'_>) -> Result<&'static Instrument, Rejection> {
        let unknown = || {
            let codes: Vec<_> = crate::instruments::all().iter().map(|it| it.code).collect();
            Rejection::new(Reason::FieldInvalid, format!("must be one of {}", codes.join(", ")))
                .at(scene.path("instrument"))
        };
        instrument(&self.instrument).ok_or_else(unknown)
    }

    /// Of whom the instrument is.
    fn of_its_subject(&self, scene: &Scene<'_>, of: Subject) -> Result<(), Rejection> {
        let rule = match (of, self.person_id) {
            (Subject::Person, None) => "this instrument is about one person",
            (Subject::Family, Some(_)) => "this instrument is about the family as a whole",
            (Subject::Person | Subject::PersonOrFamily, Some(_))
            | (Subject::Family | Subject::PersonOrFamily, None) => return Ok(()),
        };
        Err(Rejection::new(Reason::FieldInvalid, rule).at(scene.path("person_id")))
    }

    /// Answered by somebody who may, about somebody of an age that it is for. An inexact birth passes
    /// when it may fit; an unknown or erased one passes: the answers were given, and nothing shows that
    /// they could not be.
    fn of_valid_age(&self, scene: &Scene<'_>, instrument: &Instrument) -> Result<(), Rejection> {
        let Some(answering) = instrument.answering(self.respondent) else {
            let rule = format!("{} has no form for this respondent", instrument.code);
            return Err(Rejection::new(Reason::FieldInvalid, rule).at(scene.path("respondent")));
        };
        let (Some((from, to)), Some(person)) = (answering.years, self.person_id) else {
            return Ok(());
        };
        match born(scene.world, person).ages(scene.day()) {
            Some((youngest, oldest)) if youngest > to || oldest < from => {
                let rule = format!("from {from} to {to} years old with this respondent");
                Err(Rejection::new(Reason::AgeNotValid, rule).at(scene.path("person_id")))
            }
            Some(_) | None => Ok(()),
        }
    }
}

impl Rules for AdministerInstrument {
    fn name(&self) -> &'static str {
        "administer_instrument"
    }

    fn stream(&self) -> (StreamRef, &'static str) {
        (self.family_id.into(), "family_id")
    }

    fn reads(&self) -> Vec<StreamRef> {
        self.person_id.into_iter().map(StreamRef::from).collect()
    }

    fn opens(&self, world: &World) -> Vec<EventId> {
        births(world, self.person_id)
    }

    fn build(&self, scene: &Scene<'_>) -> Result<Record, Rejection> {
        let instrument = self.instrument(scene)?;
        if let Some(person) = self.person_id {
            scene.member(person, "person_id")?;
        }
        if let Some(id) = self.assessment_id {
            assessment(scene, id)?;
        }
        let of: Vec<PersonId> = self.person_id.into_iter().collect();
        let about = scene.about(&[], &of, "person_id")?;
        let bands = self.scores.iter().filter_map(|it| {
            let band = instrument.scale(&it.scale)?.band(it.value)?;
            Some(ScaleBand { scale: &it.scale, band })
        });
        let bands: Vec<ScaleBand<'_>> = bands.collect();
        let mut fields = vec![personal("scores", &about, &self.scores)];
        if !bands.is_empty() {
            fields.push(personal("bands", &about, &bands));
        }
        let fact = Fact::InstrumentAdministered(InstrumentAdministered {
            assessment_id: self.assessment_id,
            instrument: self.instrument.clone(),
            version: self.version.clone(),
            person_id: self.person_id,
            respondent: self.respondent,
            occasion: self.occasion,
            norm_set: self.norm_set.clone(),
            about,
        });
        Ok(Record { fact, personal: fields })
    }

    fn values(&self, scene: &Scene<'_>) -> Result<(), Rejection> {
        let instrument = self.instrument(scene)?;
        if self.gives_item_texts {
            let rule = "the words of an instrument are licensed: give its scores only";
            return Err(Rejection::new(Reason::LicensedText, rule).at(scene.path("item_texts")));
        }
        self.of_its_subject(scene, instrument.subject)?;
        if let Some(person) = self.person_id {
            must_live(scene, person, scene.first_day(), "person_id")?;
        }
        self.of_valid_age(scene, instrument)?;
        judge(instrument, &self.scores).map_err(|mut it| {
            it.field = it.field.map(|field| scene.path(&field));
            it
        })
    }

    fn rules(&self, scene: &Scene<'_>) -> Result<(), Rejection> {
        scene.has_basis()?;
        match self.assessment_id {
            Some(id) => is_running(scene, id),
            None => Ok(()),
        }
    }
}
