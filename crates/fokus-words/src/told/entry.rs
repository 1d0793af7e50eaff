//! An entry's fields by name, in words.

use fokus_core::record::Opened;
use serde_json::{Map, Value};

use crate::labels::{beginning, plain};
use crate::names::Names;
use crate::{Words, say};

/// What an entry says: coded facts that share a line, and texts with a line each. Either may hold empty
/// ones, which say nothing.
#[derive(Debug, Default)]
pub struct Told {
    /// Coded facts, for one line.
    pub facts: Vec<String>,
    /// Texts, a line each.
    pub texts: Vec<String>,
}

impl Told {
    /// Facts only.
    pub(super) fn facts(facts: Vec<String>) -> Told {
        Told { facts, texts: Vec::new() }
    }

    /// A text only.
    pub(super) fn text(text: String) -> Told {
        Told { facts: Vec::new(), texts: vec![text] }
    }

    /// And a text.
    pub(super) fn and(mut self, text: String) -> Told {
        self.texts.push(text);
        self
    }
}

/// An entry's fields by name.
#[derive(Clone, Copy)]
pub struct Entry<'a> {
    /// The event's type, such as `ContactRecorded`.
    pub event_type: &'a str,
    /// The coded facts.
    pub facts: &'a Map<String, Value>,
    /// The personal fields.
    pub personal: &'a [(String, Opened)],
    /// The reader's language.
    pub words: Words,
    /// The most characters of a text.
    pub limit: usize,
}

impl std::fmt::Debug for Entry<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Entry({})", self.event_type)
    }
}

/// A list among the facts; empty when there is none.
pub(super) fn list<'a>(facts: &'a Map<String, Value>, name: &str) -> &'a [Value] {
    facts.get(name).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default()
}

/// A text member of an object.
pub(super) fn member(object: &Value, name: &str) -> Option<String> {
    object.get(name).and_then(Value::as_str).map(plain)
}

impl Entry<'_> {
    /// A fact that is a text or code; empty when there is none.
    pub(super) fn text(&self, name: &str) -> String {
        self.facts.get(name).and_then(Value::as_str).map(plain).unwrap_or_default()
    }

    /// A code of an enum in words; empty when there is none.
    pub(super) fn code(&self, of: &str, name: &str) -> String {
        let code = self.text(name);
        if code.is_empty() { code } else { self.words.code(of, &code) }
    }

    /// A day in words; empty when there is none.
    pub(super) fn date(&self, name: &str) -> String {
        self.words.date(&self.text(name))
    }

    pub(super) fn number(&self, name: &str) -> i64 {
        self.facts.get(name).and_then(Value::as_i64).unwrap_or_default()
    }

    pub(super) fn is(&self, name: &str) -> bool {
        self.facts.get(name).and_then(Value::as_bool).unwrap_or_default()
    }

    pub(super) fn list(&self, name: &str) -> &[Value] {
        list(self.facts, name)
    }

    pub(super) fn texts(&self, name: &str) -> impl Iterator<Item = String> {
        self.list(name).iter().filter_map(Value::as_str).map(plain)
    }

    pub(super) fn objects(&self, name: &str) -> impl Iterator<Item = &Value> {
        self.list(name).iter().filter(|it| it.is_object())
    }

    /// How many members a list has.
    pub(super) fn count(&self, name: &str) -> i64 {
        self.list(name).len().try_into().unwrap_or(i64::MAX)
    }

    /// The person that a fact names.
    pub(super) fn person(&self, name: &str, names: &Names) -> String {
        names.name(&self.text(name))
    }

    /// The person that a fact names, or the family.
    pub(super) fn whom(&self, name: &str, names: &Names) -> String {
        let person = self.text(name);
        if person.is_empty() { say!(self.words, "the-family") } else { names.name(&person) }
    }

    /// The persons that a list names.
    pub(super) fn people(&self, name: &str, names: &Names) -> String {
        self.words.list(self.texts(name).map(|id| names.name(&id)).collect())
    }

    fn field(&self, name: &str) -> &Opened {
        self.personal.iter().find(|(it, _)| it == name).map_or(&Opened::Absent, |(_, it)| it)
    }

    /// A personal text, cut to the limit; "(erased)" when it is gone; empty when there is none.
    pub(super) fn personal(&self, name: &str) -> String {
        match self.field(name) {
            Opened::Known(Value::String(text)) => beginning(text, self.limit),
            Opened::Known(other) => beginning(&other.to_string(), self.limit),
            Opened::Erased => say!(self.words, "erased"),
            Opened::Absent => String::new(),
        }
    }

    /// A personal code in words.
    pub(super) fn personal_code(&self, of: &str, name: &str) -> String {
        match self.field(name) {
            Opened::Known(Value::String(code)) => self.words.code(of, code),
            Opened::Known(_) | Opened::Erased | Opened::Absent => self.personal(name),
        }
    }

    /// A personal list; `None` when there is none, or it is erased.
    pub(super) fn personal_list(&self, name: &str) -> Option<&[Value]> {
        match self.field(name) {
            Opened::Known(Value::Array(items)) => Some(items),
            Opened::Known(_) | Opened::Erased | Opened::Absent => None,
        }
    }
}
