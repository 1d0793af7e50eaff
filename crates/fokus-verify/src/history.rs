//! The history of one stream as a person reads it: who, when, what, and corrected by what.
//!
//! What is printed comes from the opened envelopes alone; words for types, fields and codes come from the
//! bundle's labels, and where those have none the code itself is printed.

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::fmt::Write as _;

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
#[serde(default)]
pub struct Labels {
    /// By event type.
    pub types: BTreeMap<String, String>,
    /// By member of an event.
    pub fields: BTreeMap<String, String>,
    /// By code.
    pub codes: BTreeMap<String, String>,
    /// Words of the page itself: `by`, `for`, `recorded`, `see`.
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

    /// Takes the event with this zero-based place in its stream, if that is the one asked for.
    pub(crate) fn add(&mut self, version: u64, recorded_ms: u64, fields: &[Field]) {
        let json = |it: &Field| serde_json::from_slice::<Value>(&it.value).unwrap_or_default();
        let Some(header) = fields.iter().find(|it| it.path == "h").map(json) else { return };
        if text(&header, "/stream/id") != self.stream_id {
            return;
        }
        let member = |it: &Field| Some((it.path.strip_prefix("d/")?.to_owned(), json(it)));
        self.entries.push(Entry {
            revision: version.saturating_add(1),
            recorded_ms,
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
        let page = |name| word(&labels.page, name);
        let header = &entry.header;
        let what = word(&labels.types, text(header, "/type"));
        let occurred_ms = header.pointer("/occurred/at_ms").and_then(Value::as_i64);
        let recorded_ms = i64::try_from(entry.recorded_ms).unwrap_or(i64::MAX);
        let when = local(occurred_ms.unwrap_or(recorded_ms));
        let behalf = match text(header, "/actor/on_behalf_of") {
            "" => String::new(),
            whom => format!(", {} {whom}", page("for")),
        };
        let (by, recorded) = (page("by"), page("recorded"));
        let who = text(header, "/actor/sub");
        let role = word(&labels.codes, text(header, "/actor/role"));
        let mut lines = vec![
            format!("{:>4}  {when}  {what}", entry.revision),
            format!("      {by} {who} ({role}){behalf}; {recorded} {}", local(recorded_ms)),
        ];
        for (name, value) in &entry.members {
            lines.push(format!("      {}: {}", word(&labels.fields, name), plain(value, labels)));
        }
        for later in self.entries.iter().filter(|it| it.target() == Some(entry.revision)) {
            let by = word(&labels.types, text(&later.header, "/type"));
            lines.push(format!("      → {} {}: {by}", page("see"), later.revision));
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
fn text<'a>(value: &'a Value, path: &str) -> &'a str {
    value.pointer(path).and_then(Value::as_str).unwrap_or_default()
}

/// The word for a name; the name itself where there is none.
fn word<'a>(words: &'a BTreeMap<String, String>, name: &'a str) -> &'a str {
    words.get(name).map_or(name, String::as_str)
}

/// A value without the marks of JSON.
fn plain(value: &Value, labels: &Labels) -> String {
    match value {
        Value::Null => "–".to_owned(),
        Value::Bool(it) => word(&labels.codes, if *it { "true" } else { "false" }).to_owned(),
        Value::Number(it) => it.to_string(),
        Value::String(it) => word(&labels.codes, it).to_owned(),
        Value::Array(items) => {
            items.iter().map(|it| plain(it, labels)).collect::<Vec<_>>().join(", ")
        }
        Value::Object(members) => {
            let member = |(name, value): (&String, &Value)| {
                format!("{} {}", word(&labels.fields, name), plain(value, labels))
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
