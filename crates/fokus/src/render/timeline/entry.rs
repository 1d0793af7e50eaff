//! An entry's fields by name, in words.

use fokus_proto::v1;
use serde_json::{Map, Value};

use crate::labels::{beginning, plain};
use crate::names::Names;
use crate::words::{Words, say};

/// What an entry says: coded facts that share a line, and texts with a line each. Empty ones are left out.
#[derive(Debug, Default)]
pub(super) struct Told {
    pub(super) facts: Vec<String>,
    pub(super) texts: Vec<String>,
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
pub(super) struct Entry<'a> {
    pub(super) entry: &'a v1::TimelineEntry,
    pub(super) words: Words,
    /// The most characters of a text.
    pub(super) limit: usize,
    pub(super) facts: Map<String, Value>,
}

/// The coded facts of an entry.
pub(super) fn facts(entry: &v1::TimelineEntry) -> Map<String, Value> {
    serde_json::from_str(&entry.facts_json).unwrap_or_default()
}

/// A list among the facts; empty when there is none.
pub(super) fn list<'a>(facts: &'a Map<String, Value>, name: &str) -> &'a [Value] {
    facts.get(name).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default()
}

/// A text member of an object.
pub(super) fn member(object: &Value, name: &str) -> Option<String> {
    object.get(name).and_then(Value::as_str).map(plain)
}

impl<'a> Entry<'a> {
    pub(super) fn of(entry: &'a v1::TimelineEntry, words: Words, limit: usize) -> Entry<'a> {
        Entry { entry, words, limit, facts: facts(entry) }
    }

    pub(super) fn event_type(&self) -> &str {
        &self.entry.r#type
    }

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
        list(&self.facts, name)
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

    /// A personal text, cut to the limit; "(erased)" when it is gone; empty when there is none.
    pub(super) fn personal(&self, name: &str) -> String {
        let Some(field) = self.entry.personal.iter().find(|field| field.name == name) else {
            return String::new();
        };
        if field.erased {
            return say!(self.words, "erased");
        }
        match serde_json::from_str(&field.json) {
            Ok(Value::String(text)) => beginning(&text, self.limit),
            Ok(other) => beginning(&other.to_string(), self.limit),
            Err(_) => String::new(),
        }
    }

    /// A personal code in words.
    pub(super) fn personal_code(&self, of: &str, name: &str) -> String {
        let field = self.entry.personal.iter().find(|field| field.name == name && !field.erased);
        match field.and_then(|it| serde_json::from_str(&it.json).ok()) {
            Some(Value::String(code)) => self.words.code(of, &code),
            Some(_) | None => self.personal(name),
        }
    }

    /// A personal list; `None` when there is none, or it is erased.
    pub(super) fn personal_list(&self, name: &str) -> Option<Vec<Value>> {
        let field = self.entry.personal.iter().find(|field| field.name == name)?;
        match serde_json::from_str(&field.json) {
            Ok(Value::Array(items)) => Some(items),
            Ok(_) | Err(_) => None,
        }
    }
}
