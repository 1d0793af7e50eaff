//! The history of one stream as a person reads it: who, when, what, and corrected by what.
//!
//! What is printed comes from the opened envelopes alone; words for types, fields and codes come from the
//! bundle's labels, and where those have none the code itself is printed.

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::fmt::Write as _;

use fokus_log::leaf::Leaf;
use fokus_vault::envelope::Field;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::Deserialize;
use serde_json::Value;

use crate::report::shown;

/// Most bytes of a file of labels.
pub const LABELS_BYTES_MAX: u64 = 4 * 1024 * 1024;
/// Members that say which entry another one bears on.
const TARGET: &str = "target_revision";

/// Words in one language.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
pub struct Labels {
    /// By event type.
    #[serde(default)]
    pub types: BTreeMap<String, String>,
    /// By member of an event.
    #[serde(default)]
    pub fields: BTreeMap<String, String>,
    /// By code.
    #[serde(default)]
    pub codes: BTreeMap<String, String>,
    /// Words of the page itself: `by`, `for`, `recorded`, `see`.
    #[serde(default)]
    pub page: BTreeMap<String, String>,
}

/// Collects the entries of one stream.
#[derive(Debug, Clone)]
pub struct History {
    stream_id: String,
    entries: Vec<Entry>,
}

#[derive(Debug, Clone)]
struct Entry {
    revision: u64,
    recorded_ms: u64,
    header: Value,
    members: Vec<(String, Value)>,
}

impl History {
    /// Of the stream with this id, as headers name it.
    #[must_use]
    pub fn of(stream_id: &str) -> History {
        History { stream_id: stream_id.to_owned(), entries: Vec::new() }
    }

    /// Whether nothing of the stream was found.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Takes an event, if it is of the stream.
    pub(crate) fn add(&mut self, leaf: &Leaf, fields: &[Field]) {
        let json = |it: &Field| serde_json::from_slice::<Value>(&it.value).unwrap_or_default();
        let Some(header) = fields.iter().find(|it| it.path == "h").map(json) else { return };
        if text(&header, &["stream", "id"]) != self.stream_id {
            return;
        }
        let member = |it: &Field| Some((it.path.strip_prefix("d/")?.to_owned(), json(it)));
        self.entries.push(Entry {
            revision: leaf.stream_version.saturating_add(1),
            recorded_ms: leaf.recorded_ms,
            header,
            members: fields.iter().filter_map(member).collect(),
        });
    }

    /// The page: an entry after the other, as recorded, in order of recording.
    #[must_use]
    pub fn to_text(&self, labels: &Labels) -> String {
        let mut page = String::new();
        for entry in &self.entries {
            // Writing to a string does not fail.
            for line in self.entry(entry, labels) {
                let _ = writeln!(page, "{}", shown(&line));
            }
            page.push('\n');
        }
        page
    }

    /// The lines of an entry. A line end in what was written never makes another line.
    fn entry(&self, entry: &Entry, labels: &Labels) -> Vec<String> {
        let word = |key: &str| labels.page.get(key).map_or(key, String::as_str).to_owned();
        let header = &entry.header;
        let event_type = text(header, &["type"]);
        let what = labels.types.get(event_type).map_or(event_type, String::as_str);
        let occurred_ms = header.pointer("/occurred/at_ms").and_then(Value::as_i64);
        let recorded_ms = i64::try_from(entry.recorded_ms).unwrap_or(i64::MAX);
        let when = local(occurred_ms.unwrap_or(recorded_ms));
        let behalf = match text(header, &["actor", "on_behalf_of"]) {
            "" => String::new(),
            whom => format!(", {} {whom}", word("for")),
        };
        let mut lines = vec![
            format!("{:>4}  {when}  {what}", entry.revision),
            format!(
                "      {} {} ({}){behalf}; {} {}",
                word("by"),
                text(header, &["actor", "sub"]),
                code(text(header, &["actor", "role"]), labels),
                word("recorded"),
                local(recorded_ms),
            ),
        ];
        for (name, value) in &entry.members {
            let field = labels.fields.get(name).map_or(name.as_str(), String::as_str);
            lines.push(format!("      {field}: {}", plain(value, labels)));
        }
        for later in self.entries.iter().filter(|it| it.target() == Some(entry.revision)) {
            let by = text(&later.header, &["type"]);
            let by = labels.types.get(by).map_or(by, String::as_str);
            lines.push(format!("      → {} {}: {by}", word("see"), later.revision));
        }
        lines
    }
}

impl Entry {
    fn target(&self) -> Option<u64> {
        self.members.iter().find(|it| it.0 == TARGET).and_then(|it| it.1.as_u64())
    }
}

/// The text at a path of members; empty where there is none.
fn text<'a>(value: &'a Value, path: &[&str]) -> &'a str {
    let found = path.iter().try_fold(value, |value, name| value.get(name));
    found.and_then(Value::as_str).unwrap_or_default()
}

fn code(code: &str, labels: &Labels) -> String {
    labels.codes.get(code).map_or(code, String::as_str).to_owned()
}

/// A value without the marks of JSON.
fn plain(value: &Value, labels: &Labels) -> String {
    match value {
        Value::Null => "–".to_owned(),
        Value::Bool(it) => code(if *it { "true" } else { "false" }, labels),
        Value::Number(it) => it.to_string(),
        Value::String(it) => code(it, labels),
        Value::Array(items) => {
            items.iter().map(|it| plain(it, labels)).collect::<Vec<_>>().join(", ")
        }
        Value::Object(members) => {
            let member = |(name, value): (&String, &Value)| {
                let field = labels.fields.get(name).map_or(name.as_str(), String::as_str);
                format!("{field} {}", plain(value, labels))
            };
            format!("({})", members.iter().map(member).collect::<Vec<_>>().join("; "))
        }
    }
}

/// Local time of Denmark, to the minute.
fn local(at_ms: i64) -> String {
    let zone = TimeZone::get("Europe/Copenhagen").unwrap_or(TimeZone::UTC);
    match Timestamp::from_millisecond(at_ms) {
        Ok(it) => it.to_zoned(zone).strftime("%Y-%m-%d %H:%M").to_string(),
        Err(_) => at_ms.to_string(),
    }
}
