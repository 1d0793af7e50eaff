//! Beside the journal: AddPartyStatement, RaiseFlag, ResolveFlag, RecordSupervisionNote.

use crate::command::{AddPartyStatement, RaiseFlag, RecordSupervisionNote, ResolveFlag};
use crate::decide::Rules;
use crate::decide::scene::{Scene, text};
use crate::fact::{Fact, FlagRaised, FlagResolved, PartyStatementAdded, SupervisionNoteRecorded};
use crate::ids::StreamRef;
use crate::record::Record;
use crate::rejection::{Reason, Rejection};

/// A statement is never refused for want of a case or a legal basis: it is the party's right (GDPR art.
/// 16).
impl Rules for AddPartyStatement {
    fn name(&self) -> &'static str {
        "add_party_statement"
    }

    fn stream(&self) -> (StreamRef, &'static str) {
        (self.family_id.into(), "family_id")
    }

    fn build(&self, scene: &Scene<'_>) -> Result<Record, Rejection> {
        scene.member(self.person_id, "person_id")?;
        let entry = self.entry.map(|it| scene.entry(it, "entry")).transpose()?;
        let about = scene.about(&self.about, &[self.person_id], "about")?;
        let words = text("text", &about, &self.text);
        let fact = Fact::PartyStatementAdded(PartyStatementAdded {
            person_id: self.person_id,
            entry,
            about,
        });
        Ok(Record { fact, personal: vec![words] })
    }

    fn texts(&self) -> Vec<(String, &str)> {
        vec![("text".to_owned(), self.text.0.as_str())]
    }
}

impl Rules for RaiseFlag {
    fn name(&self) -> &'static str {
        "raise_flag"
    }

    fn stream(&self) -> (StreamRef, &'static str) {
        (self.family_id.into(), "family_id")
    }

    fn makes(&self) -> Option<(uuid::Uuid, &'static str)> {
        Some((self.flag_id.0, "flag_id"))
    }

    fn build(&self, scene: &Scene<'_>) -> Result<Record, Rejection> {
        let about = scene.about(&self.about, &[], "about")?;
        let words = text("text", &about, &self.text);
        let fact = Fact::FlagRaised(FlagRaised {
            flag_id: self.flag_id,
            kind: self.kind,
            due: self.due,
            about,
        });
        Ok(Record { fact, personal: vec![words] })
    }

    fn values(&self, scene: &Scene<'_>) -> Result<(), Rejection> {
        match self.due {
            Some(due) => scene.in_order(scene.day(), due, "due"),
            None => Ok(()),
        }
    }

    fn rules(&self, scene: &Scene<'_>) -> Result<(), Rejection> {
        scene.has_basis()
    }

    fn texts(&self) -> Vec<(String, &str)> {
        vec![("text".to_owned(), self.text.0.as_str())]
    }
}

impl Rules for ResolveFlag {
    fn name(&self) -> &'static str {
        "resolve_flag"
    }

    fn stream(&self) -> (StreamRef, &'static str) {
        (self.family_id.into(), "family_id")
    }

    fn build(&self, scene: &Scene<'_>) -> Result<Record, Rejection> {
        let flag = scene.family.flags.get(&self.flag_id);
        let about = flag.ok_or_else(|| scene.unknown("flag_id"))?.about.clone();
        let resolution = text("resolution", &about, &self.resolution);
        let fact = Fact::FlagResolved(FlagResolved { flag_id: self.flag_id, about });
        Ok(Record { fact, personal: vec![resolution] })
    }

    fn rules(&self, scene: &Scene<'_>) -> Result<(), Rejection> {
        let Some(flag) = scene.family.flags.get(&self.flag_id) else { return Ok(()) };
        if flag.resolved {
            return Err(
                Rejection::new(Reason::FlagState, "the flag is resolved").at(scene.path("flag_id"))
            );
        }
        if scene.last_day() < flag.raised_on {
            return Err(Rejection::new(Reason::DateOrder, "the flag was raised after that")
                .at("occurred_at"));
        }
        Ok(())
    }

    fn texts(&self) -> Vec<(String, &str)> {
        vec![("resolution".to_owned(), self.resolution.0.as_str())]
    }
}

impl Rules for RecordSupervisionNote {
    fn name(&self) -> &'static str {
        "record_supervision_note"
    }

    fn stream(&self) -> (StreamRef, &'static str) {
        (self.family_id.into(), "family_id")
    }

    fn makes(&self) -> Option<(uuid::Uuid, &'static str)> {
        Some((self.note_id.0, "note_id"))
    }

    fn build(&self, scene: &Scene<'_>) -> Result<Record, Rejection> {
        let about = scene.about(&self.about, &[], "about")?;
        let words = text("text", &about, &self.text);
        let note_id = self.note_id;
        let fact = Fact::SupervisionNoteRecorded(SupervisionNoteRecorded { note_id, about });
        Ok(Record { fact, personal: vec![words] })
    }

    fn rules(&self, scene: &Scene<'_>) -> Result<(), Rejection> {
        scene.has_basis()
    }

    fn texts(&self) -> Vec<(String, &str)> {
        vec![("text".to_owned(), self.text.0.as_str())]
    }
}
