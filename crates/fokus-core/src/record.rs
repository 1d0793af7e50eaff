//! Records and histories: events on their way into the log, and out of it.
//!
//! [`Record`] goes in: a fact with its personal fields, each with the persons that it is about.
//! [`Recorded`] comes out: the fact with its place and header, personal fields left unopened.

use std::sync::Arc;

use serde_json::Value;

use crate::command::{Actor, LegalBasis};
use crate::fact::Fact;
use crate::ids::{EventId, PersonId};
use crate::time::Occurred;

/// An event on its way into the log.
#[derive(Clone, PartialEq, Eq)]
pub struct Record {
    pub fact: Fact,
    pub personal: Vec<PersonalField>,
}

/// A personal field of an event: sealed under the keys of all persons that it is about.
#[derive(Clone, PartialEq, Eq)]
pub struct PersonalField {
    /// The member's name, such as `text`.
    pub field: String,
    /// At most [`crate::command::SUBJECTS_MAX`]; none only where nobody is named (a programme's
    /// correction): then the stream's key alone seals it.
    pub persons: Vec<PersonId>,
    pub value: Value,
}

impl std::fmt::Debug for Record {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Record({}, {} personal)", self.fact.type_name(), self.personal.len())
    }
}

impl std::fmt::Debug for PersonalField {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "PersonalField({})", self.field)
    }
}

/// An event as recorded, its facts opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recorded {
    pub event_id: EventId,
    /// In the log, from 1.
    pub position: u64,
    /// In the stream, from 1.
    pub revision: u64,
    /// Unix milliseconds.
    pub recorded_ms: u64,
    pub occurred: Occurred,
    /// Shared with the events around it, as is the actor: few people write most of a history.
    pub basis: Option<Arc<LegalBasis>>,
    pub actor: Arc<Actor>,
    pub fact: Fact,
}

impl Recorded {
    /// Holds what it has in common with the event before it in one place.
    pub(crate) fn share(&mut self, before: &Recorded) {
        if self.actor == before.actor {
            self.actor = Arc::clone(&before.actor);
        }
        if self.basis == before.basis {
            self.basis.clone_from(&before.basis);
        }
    }
}

/// What became of a personal field.
#[derive(Clone, PartialEq, Eq)]
pub enum Opened {
    Known(Value),
    /// A key that it needs was destroyed.
    Erased,
    /// The event has no such field.
    Absent,
}

impl std::fmt::Debug for Opened {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Opened::Known(_) => "Known(…)",
            Opened::Erased => "Erased",
            Opened::Absent => "Absent",
        })
    }
}

/// One field of an event as recorded.
#[derive(Clone, PartialEq, Eq)]
pub struct HistoryField {
    /// The member's name.
    pub name: String,
    /// The JSON as written; `None` = erased.
    pub json: Option<String>,
    /// Whether it is about persons, by the field catalogue.
    pub personal: bool,
}

impl std::fmt::Debug for HistoryField {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "HistoryField({})", self.name)
    }
}

/// One event as recorded, all that can be opened opened; never overlaid.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HistoryEvent {
    pub stream: crate::ids::StreamRef,
    pub event_id: EventId,
    pub position: u64,
    pub revision: u64,
    pub event_type: String,
    pub schema: u32,
    pub recorded_ms: u64,
    pub occurred: Occurred,
    pub actor: Actor,
    /// As in the header, such as `CASEWORK`.
    pub purpose: String,
    pub basis: Option<LegalBasis>,
    pub late_reason: Option<String>,
    pub command_id: uuid::Uuid,
    pub fields: Vec<HistoryField>,
    /// The leaf as hashed.
    pub leaf: Vec<u8>,
    /// Lower-case hex, each once.
    pub key_ids: Vec<String>,
}
