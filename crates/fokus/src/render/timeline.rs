//! What happened in a family, month by month: for each entry when and what, under it what was recorded.
//!
//! `timeline/entry.rs` gives the fields of an entry, coded facts and personal ones, by name; the other
//! modules put each type of event into words. A type that this program does not know shows its facts as
//! they are.

mod assessing;
mod casework;
mod circle;
mod entry;
mod journal;

use fokus_proto::v1;

use self::entry::{Entry, Told, member};
use crate::labels::{beginning, plain};
use crate::names::Names;
use crate::render::history::who;
use crate::render::{Page, Screen};
use crate::words::{Words, capital, say};

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
    let entry = Entry::of(it, words, limit);
    let mut head = vec![format!(
        "{}  {}",
        it.occurred_at.as_ref().map(|at| words.occurred(at)).unwrap_or_default(),
        capital(&kind(&entry, names))
    )];
    head.push(say!(words, "entry-revision", revision = it.revision));
    head.push(who(&it.actor, &it.actor_role, words));
    head.extend(marks(it, words));
    page.item(&head.join(" · "));
    let told = told(&entry, names);
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
    let of_entry = |it: &v1::TimelineEntry| {
        let facts = entry::facts(it);
        let mut ids: Vec<String> = Vec::new();
        for name in ["person_id", "youth_id", "owner", "other_person_id", "as_seen_by"] {
            ids.extend(facts.get(name).and_then(|it| it.as_str()).map(plain));
        }
        for name in ["present", "by", "accepted_by"] {
            ids.extend(entry::list(&facts, name).iter().filter_map(|it| it.as_str()).map(plain));
        }
        for name in ["initial_members", "attendance", "agreed_by"] {
            let list = entry::list(&facts, name);
            ids.extend(list.iter().filter_map(|it| member(it, "person_id")));
        }
        ids
    };
    entries.iter().flat_map(of_entry).filter(|id| !id.is_empty()).collect()
}

/// The ids of the workers that the entries name.
pub(crate) fn workers(entries: &[v1::TimelineEntry]) -> Vec<String> {
    let of_entry = |it: &v1::TimelineEntry| {
        let facts = entry::facts(it);
        ["worker_id", "lead_worker_id", "from_worker_id", "to_worker_id"]
            .map(|name| facts.get(name).and_then(|it| it.as_str()).map(plain))
    };
    entries.iter().flat_map(of_entry).flatten().filter(|id| !id.is_empty()).collect()
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

/// What kind of thing happened.
fn kind(entry: &Entry<'_>, names: &Names) -> String {
    let words = entry.words;
    match entry.event_type() {
        "ContactRecorded" => entry.code("ContactKind", "kind"),
        "NoteRecorded" => say!(words, "kind-note", nature = entry.code("NoteNature", "nature")),
        "SessionHeld" => match names.intervention(&entry.text("intervention_id")) {
            Some(code) => {
                say!(words, "kind-session", what = words.code("InterventionType", code))
            }
            None => words.event("SessionHeld"),
        },
        other => words.event(other),
    }
}

/// What was recorded: coded facts for one line, texts for a line each.
fn told(entry: &Entry<'_>, names: &Names) -> Told {
    match entry.event_type() {
        "FamilyRegistered" | "FamilyMemberAdded" | "FamilyMemberLeft" => {
            circle::membership(entry, names)
        }
        "ReferralSubmitted" | "ReferralTriaged" => casework::referral(entry),
        "CaseOpened" | "CasePhaseEntered" | "YouthTrackOpened" => casework::case(entry, names),
        "ContactRecorded" | "NoteRecorded" => journal::written(entry, names),
        "AssessmentStarted" | "AssessmentConcluded" | "ProfessionalRiskJudged" => {
            assessing::assessment(entry, names)
        }
        "PlanDrafted" | "GoalSet" | "PlanAgreed" => journal::plan(entry, names),
        "InterventionOrdered" | "InterventionStarted" | "SessionHeld" | "InterventionEnded" => {
            journal::intervention(entry, names)
        }
        "EntryCorrected" | "EntryMarkedMistaken" | "MistakenMarkWithdrawn" => {
            journal::correction(entry)
        }
        _ => circle::circle(entry, names)
            .or_else(|| casework::course(entry, names))
            .or_else(|| assessing::reported(entry, names))
            .unwrap_or_else(|| Told::text(beginning(&entry.entry.facts_json, entry.limit))),
    }
}
