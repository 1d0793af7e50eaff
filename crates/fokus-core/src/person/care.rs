//! What workers must know before they meet a person: SetSpecialCareMarker, ClearSpecialCareMarker.
//!
//! A marker is about fear and danger, so it runs out by itself: six months at most. It is renewed by
//! another one. Its kind is personal (GDPR art. 10): rules know that there is a marker, not which.

use jiff::ToSpan;
use uuid::Uuid;

use super::must_live;
use crate::command::people::{ClearSpecialCareMarker, SetSpecialCareMarker};
use crate::decide::Rules;
use crate::decide::scene::{Scene, personal, text};
use crate::fact::Fact;
use crate::fact::people::{SpecialCareMarkerCleared, SpecialCareMarkerSet};
use crate::ids::{MarkerId, StreamRef};
use crate::period::Period;
use crate::record::Record;
use crate::rejection::{Reason, Rejection};

/// How long a marker stands at most, in months (domain 1.6, A14).
const MARKER_MONTHS: i32 = 6;

impl Rules for SetSpecialCareMarker {
    fn name(&self) -> &'static str {
        "set_special_care_marker"
    }

    fn stream(&self) -> (StreamRef, &'static str) {
        (self.person_id.into(), "person_id")
    }

    fn makes(&self) -> Option<(Uuid, &'static str)> {
        Some((self.marker_id.0, "marker_id"))
    }

    fn build(&self, _scene: &Scene<'_>) -> Result<Record, Rejection> {
        let whose = [self.person_id];
        let mut fields = vec![personal("kind", &whose, &self.kind)];
        fields.extend(self.grounds.as_ref().map(|it| text("grounds", &whose, it)));
        let fact = Fact::SpecialCareMarkerSet(SpecialCareMarkerSet {
            person_id: self.person_id,
            marker_id: self.marker_id,
            valid_to: self.valid_to,
        });
        Ok(Record { fact, personal: fields })
    }

    fn values(&self, scene: &Scene<'_>) -> Result<(), Rejection> {
        scene.in_order(scene.day(), self.valid_to, "valid_to")?;
        if self.valid_to > scene.day().saturating_add(MARKER_MONTHS.months()) {
            let rule = format!("a marker stands for at most {MARKER_MONTHS} months: renew it then");
            return Err(Rejection::new(Reason::ValidTooLong, rule).at(scene.path("valid_to")));
        }
        must_live(scene, self.person_id, scene.first_day(), "person_id")
    }

    fn texts(&self) -> Vec<(String, &str)> {
        self.grounds.iter().map(|it| ("grounds".to_owned(), it.0.as_str())).collect()
    }
}

impl Rules for ClearSpecialCareMarker {
    fn name(&self) -> &'static str {
        "clear_special_care_marker"
    }

    fn stream(&self) -> (StreamRef, &'static str) {
        (self.person_id.into(), "person_id")
    }

    fn build(&self, scene: &Scene<'_>) -> Result<Record, Rejection> {
        marker(scene, self)?;
        let fact = Fact::SpecialCareMarkerCleared(SpecialCareMarkerCleared {
            person_id: self.person_id,
            marker_id: self.marker_id,
        });
        Ok(Record { fact, personal: Vec::new() })
    }

    fn values(&self, scene: &Scene<'_>) -> Result<(), Rejection> {
        if scene.last_day() < marker(scene, self)?.from {
            return Err(Rejection::new(Reason::DateOrder, "the marker was set after that")
                .at("occurred_at"));
        }
        Ok(())
    }

    fn rules(&self, scene: &Scene<'_>) -> Result<(), Rejection> {
        if marker(scene, self)?.to.is_some_and(|to| to < scene.day()) {
            return Err(Rejection::new(Reason::NoChange, "the marker was cleared or has run out")
                .at(scene.path("marker_id")));
        }
        Ok(())
    }
}

/// The days on which the marker stands.
fn marker<'a>(scene: &Scene<'a>, of: &ClearSpecialCareMarker) -> Result<&'a Period, Rejection> {
    let id: MarkerId = of.marker_id;
    let person = scene.world.persons.get(&of.person_id.0);
    person.and_then(|it| it.state.markers.get(&id)).ok_or_else(|| scene.unknown("marker_id"))
}
