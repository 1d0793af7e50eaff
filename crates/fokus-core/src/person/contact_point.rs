//! How a person is reached: RecordContactPoint, EndContactPoint.

use uuid::Uuid;

use super::must_live;
use crate::codes::{ContactChannel, ContactPointKind, ContactPointUse};
use crate::command::people::{EndContactPoint, RecordContactPoint};
use crate::decide::Rules;
use crate::decide::scene::{Scene, text};
use crate::fact::Fact;
use crate::fact::people::{PersonContactPointEnded, PersonContactPointRecorded};
use crate::ids::{ContactPointId, StreamRef};
use crate::period::Period;
use crate::record::Record;
use crate::rejection::{Reason, Rejection};

/// A way to reach a person, or one that must not be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContactPoint {
    pub kind: ContactPointKind,
    pub r#use: ContactPointUse,
    /// `None` = nobody asked.
    pub safe_to_contact: Option<bool>,
    pub period: Period,
}

impl ContactPoint {
    /// Whether nobody should be called or written to there.
    pub fn is_to_be_avoided(&self) -> bool {
        self.r#use == ContactPointUse::DoNotUse || self.safe_to_contact == Some(false)
    }
}

/// The kind of contact point that the channel goes through; `None` = through none.
pub(crate) fn kind_of(channel: ContactChannel) -> Option<ContactPointKind> {
    match channel {
        ContactChannel::Phone | ContactChannel::Sms => Some(ContactPointKind::Phone),
        ContactChannel::Email => Some(ContactPointKind::Email),
        ContactChannel::DigitalPost => Some(ContactPointKind::DigitalPost),
        ContactChannel::Letter => Some(ContactPointKind::Address),
        ContactChannel::InPerson => None,
    }
}

impl Rules for RecordContactPoint {
    fn name(&self) -> &'static str {
        "record_contact_point"
    }

    fn stream(&self) -> (StreamRef, &'static str) {
        (self.person_id.into(), "person_id")
    }

    fn makes(&self) -> Option<(Uuid, &'static str)> {
        Some((self.contact_point_id.0, "contact_point_id"))
    }

    fn build(&self, scene: &Scene<'_>) -> Result<Record, Rejection> {
        let fact = Fact::PersonContactPointRecorded(PersonContactPointRecorded {
            person_id: self.person_id,
            contact_point_id: self.contact_point_id,
            kind: self.kind,
            r#use: self.r#use,
            safe_to_contact: self.safe_to_contact,
            valid_from: self.valid_from.unwrap_or(scene.day()),
        });
        Ok(Record { fact, personal: vec![text("value", &[self.person_id], &self.value)] })
    }

    fn values(&self, scene: &Scene<'_>) -> Result<(), Rejection> {
        let valid_from = self.valid_from.unwrap_or(scene.day());
        scene.not_future(valid_from, "valid_from")?;
        must_live(scene, self.person_id, valid_from, "valid_from")?;
        // Only a correction finds it: a new one has not ended.
        match point(scene, self.person_id.0, self.contact_point_id).and_then(|it| it.period.to) {
            Some(to) => scene.in_order(valid_from, to, "valid_from"),
            None => Ok(()),
        }
    }

    /// Telephone numbers of ten digits look like CPR numbers and are none.
    fn texts(&self) -> Vec<(String, &str)> {
        match self.kind {
            ContactPointKind::Phone => Vec::new(),
            ContactPointKind::Email | ContactPointKind::DigitalPost | ContactPointKind::Address => {
                vec![("value".to_owned(), self.value.0.as_str())]
            }
        }
    }
}

impl Rules for EndContactPoint {
    fn name(&self) -> &'static str {
        "end_contact_point"
    }

    fn stream(&self) -> (StreamRef, &'static str) {
        (self.person_id.into(), "person_id")
    }

    fn build(&self, scene: &Scene<'_>) -> Result<Record, Rejection> {
        if point(scene, self.person_id.0, self.contact_point_id).is_none() {
            return Err(scene.unknown("contact_point_id"));
        }
        let fact = Fact::PersonContactPointEnded(PersonContactPointEnded {
            person_id: self.person_id,
            contact_point_id: self.contact_point_id,
            valid_to: self.valid_to.unwrap_or(scene.day()),
        });
        Ok(Record { fact, personal: Vec::new() })
    }

    fn values(&self, scene: &Scene<'_>) -> Result<(), Rejection> {
        let valid_to = self.valid_to.unwrap_or(scene.day());
        scene.not_future(valid_to, "valid_to")?;
        match point(scene, self.person_id.0, self.contact_point_id) {
            Some(it) => scene.in_order(it.period.from, valid_to, "valid_to"),
            None => Ok(()),
        }
    }

    fn rules(&self, scene: &Scene<'_>) -> Result<(), Rejection> {
        let point = point(scene, self.person_id.0, self.contact_point_id);
        if point.is_some_and(|it| it.period.to.is_some()) {
            return Err(Rejection::new(Reason::NoChange, "the contact point has ended")
                .at(scene.path("contact_point_id")));
        }
        Ok(())
    }
}

fn point<'a>(scene: &Scene<'a>, person: Uuid, id: ContactPointId) -> Option<&'a ContactPoint> {
    scene.world.persons.get(&person)?.state.contact_points.get(&id)
}
