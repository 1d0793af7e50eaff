//! What happened in a family, month by month: for each entry when and what, under it what was recorded.

use fokus_core::record::Opened;
use fokus_proto::v1;
use fokus_words::names::Names;
use fokus_words::told::{self, Entry, who};
use fokus_words::{Words, capital, say};
use serde_json::{Map, Value};

use crate::render::{Page, Screen};
use crate::words::OnTheWire as _;

/// The most characters of a text, unless texts are wanted whole.
const TEXT_CHARS_MAX: usize = 160;

/// How entries are shown.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Manner {
    /// Texts whole instead of their beginnings.
    pub(crate) full: bool,
    /// The months are those of recording.
    pub(crate) by_recorded: bool,
}

/// The entries under the months in which they happened, or were recorded.
pub(crate) fn timeline(
    entries: &[v1::TimelineEntry],
    names: &Names,
    manner: Manner,
    screen: Screen,
) -> String {
    let words = screen.words;
    let mut page = Page::new(screen);
    let mut month = String::new();
    for it in entries {
        let at = if manner.by_recorded {
            it.recorded_at
        } else {
            it.occurred_at.as_ref().and_then(|at| at.time)
        };
        let of_entry = at.as_ref().map(|at| words.month_head(at)).unwrap_or_default();
        if of_entry != month {
            if month.is_empty() {
                page.line(&of_entry)
            } else {
                page.head(&of_entry)
            }
            month = of_entry;
        }
        put(&mut page, it, names, manner, words);
    }
    page.text
}

fn put(page: &mut Page, it: &v1::TimelineEntry, names: &Names, manner: Manner, words: Words) {
    let limit = if manner.full { usize::MAX } else { TEXT_CHARS_MAX };
    let (facts, personal) = (facts(it), personal(it));
    let entry = Entry { event_type: &it.r#type, facts: &facts, personal: &personal, words, limit };
    let mut head = vec![format!(
        "{}  {}",
        it.occurred_at.as_ref().map(|at| words.occurred(at)).unwrap_or_default(),
        capital(&told::kind(&entry, names))
    )];
    head.push(say!(words, "entry-revision", revision = it.revision));
    head.push(who(&it.actor, &it.actor_role, words));
    head.extend(marks(it, words));
    page.item(&head.join(" · "));
    let told = told::told(&entry, names);
    let facts: Vec<String> = told.facts.into_iter().filter(|it| !it.is_empty()).collect();
    if !facts.is_empty() {
        page.detail(&capital(&facts.join("; ")));
    }
    for text in told.texts.iter().filter(|it| !it.is_empty()) {
        page.detail(text);
    }
}

/// The ids of the persons that the entries name.
pub(crate) fn persons(entries: &[v1::TimelineEntry]) -> Vec<String> {
    entries.iter().flat_map(|it| told::persons(&facts(it))).collect()
}

/// The ids of the workers that the entries name.
pub(crate) fn workers(entries: &[v1::TimelineEntry]) -> Vec<String> {
    entries.iter().flat_map(|it| told::workers(&facts(it))).collect()
}

/// The coded facts of an entry.
fn facts(entry: &v1::TimelineEntry) -> Map<String, Value> {
    serde_json::from_str(&entry.facts_json).unwrap_or_default()
}

/// The personal fields of an entry.
fn personal(entry: &v1::TimelineEntry) -> Vec<(String, Opened)> {
    let opened = |it: &v1::EntryField| match serde_json::from_str(&it.json) {
        _ if it.erased => Opened::Erased,
        Ok(value) => Opened::Known(value),
        Err(_) => Opened::Absent,
    };
    entry.personal.iter().map(|it| (it.name.clone(), opened(it))).collect()
}

/// Late, corrected, mistaken.
fn marks(entry: &v1::TimelineEntry, words: Words) -> Vec<String> {
    let mut marks = Vec::new();
    if entry.mistaken_by > 0 {
        marks.push(say!(words, "mark-mistaken", revision = entry.mistaken_by));
    }
    if entry.corrected_by > 0 {
        marks.push(say!(words, "mark-corrected", revision = entry.corrected_by));
    }
    if entry.recorded_late {
        let on = entry.recorded_at.as_ref().map(|at| words.day(at)).unwrap_or_default();
        marks.push(say!(words, "mark-late", on = on));
    }
    marks
}
