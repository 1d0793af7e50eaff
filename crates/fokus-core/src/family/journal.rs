//! The journal's daily entries: RecordContact, RecordNote.

use super::membership::births;
use crate::codes::{ContactKind, NoteNature};
use crate::command::{RecordContact, RecordNote};
use crate::decide::Rules;
use crate::decide::scene::{Scene, text};
use crate::fact::{ContactRecorded, Fact, NoteRecorded};
use crate::ids::{EventId, StreamRef};
use crate::person::must_live_then;
use crate::record::Record;
use crate::rejection::{Reason, Rejection};
use crate::world::World;

/// The longest that somebody waits for a family that does not come without a second look (domain
/// 1.7, RecordContact).
const NO_SHOW_MINUTES_MAX: u16 = 60;

impl Rules for RecordContact {
    fn name(&self) -> &'static str {
        "record_contact"
    }

    fn stream(&self) -> (StreamRef, &'static str) {
        (self.family_id.into(), "family_id")
    }

    fn makes(&self) -> Option<(uuid::Uuid, &'static str)> {
        Some((self.contact_id.0, "contact_id"))
    }

    fn reads(&self) -> Vec<StreamRef> {
        self.present.iter().map(|it| (*it).into()).collect()
    }

    fn opens(&self, world: &World) -> Vec<EventId> {
        births(world, self.present.iter().copied())
    }

    fn build(&self, scene: &Scene<'_>) -> Result<Record, Rejection> {
        scene.all_known(&self.present, "present")?;
        scene.goals(&self.goal_ids, "goal_ids")?;
        let about = match &self.text {
            Some(_) => scene.about(&self.about, &self.present, "about")?,
            None => {
                scene.all_known(&self.about, "about")?;
                Vec::new()
            }
        };
        let words = self.text.as_ref().map(|it| text("text", &about, it));
        let fact = Fact::ContactRecorded(ContactRecorded {
            contact_id: self.contact_id,
            kind: self.kind,
            minutes: self.minutes,
            present: self.present.clone(),
            risk_areas: self.risk_areas.clone(),
            goal_ids: self.goal_ids.clone(),
            about,
            from_child: self.from_child,
        });
        Ok(Record { fact, personal: words.into_iter().collect() })
    }

    fn values(&self, scene: &Scene<'_>) -> Result<(), Rejection> {
        for (index, person) in self.present.iter().enumerate() {
            must_live_then(scene, *person, scene.days(), &format!("present[{index}]"))?;
        }
        Ok(())
    }

    fn rules(&self, scene: &Scene<'_>) -> Result<(), Rejection> {
        scene.has_basis()
    }

    fn warnings(&self, scene: &Scene<'_>) -> Result<(), Rejection> {
        if self.kind == ContactKind::NoShow && self.minutes > NO_SHOW_MINUTES_MAX {
            let rule = format!("a NO_SHOW of more than {NO_SHOW_MINUTES_MAX} minutes");
            return scene.confirmed(Reason::Implausible, &rule, "minutes");
        }
        Ok(())
    }

    fn texts(&self) -> Vec<(String, &str)> {
        self.text.iter().map(|it| ("text".to_owned(), it.0.as_str())).collect()
    }
}

impl Rules for RecordNote {
    fn name(&self) -> &'static str {
        "record_note"
    }

    fn stream(&self) -> (StreamRef, &'static str) {
        (self.family_id.into(), "family_id")
    }

    fn makes(&self) -> Option<(uuid::Uuid, &'static str)> {
        Some((self.note_id.0, "note_id"))
    }

    fn build(&self, scene: &Scene<'_>) -> Result<Record, Rejection> {
        let about = scene.about(&self.about, &[], "about")?;
        let mut fields = vec![text("text", &about, &self.text)];
        fields.extend(self.source.as_ref().map(|it| text("source", &about, it)));
        let fact = Fact::NoteRecorded(NoteRecorded {
            note_id: self.note_id,
            nature: self.nature,
            grade: self.grade,
            about,
        });
        Ok(Record { fact, personal: fields })
    }

    fn values(&self, scene: &Scene<'_>) -> Result<(), Rejection> {
        if self.nature == NoteNature::Decision {
            let rule = "a decision is an event of its own, with a reasoning, not a note";
            return Err(Rejection::new(Reason::UseDecision, rule).at(scene.path("nature")));
        }
        Ok(())
    }

    fn rules(&self, scene: &Scene<'_>) -> Result<(), Rejection> {
        scene.has_basis()
    }

    fn texts(&self) -> Vec<(String, &str)> {
        let mut texts = vec![("text".to_owned(), self.text.0.as_str())];
        texts.extend(self.source.iter().map(|it| ("source".to_owned(), it.0.as_str())));
        texts
    }
}
