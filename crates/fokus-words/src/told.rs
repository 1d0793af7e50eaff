//! What an entry of a timeline says, for every type of event: coded facts for one line, texts for a line each.
//!
//! `told/entry.rs` gives the fields of an entry, coded facts and personal ones, by name; the other
//! modules put each type of event into words. A type that this program does not know shows its facts as
//! they are.

mod assessing;
mod casework;
mod circle;
mod entry;
mod journal;

use serde_json::{Map, Value};

use self::entry::member;
use crate::labels::{beginning, plain};
use crate::names::Names;
use crate::say;

pub use self::entry::{Entry, Told};

/// The members of facts that name persons: one, a list, a list of objects with `person_id`.
const PERSON: [&str; 5] = ["person_id", "youth_id", "owner", "other_person_id", "as_seen_by"];
const PERSONS: [&str; 3] = ["present", "by", "accepted_by"];
const WITH_PERSON: [&str; 3] = ["initial_members", "attendance", "agreed_by"];
const WORKER: [&str; 4] = ["worker_id", "lead_worker_id", "from_worker_id", "to_worker_id"];

/// The ids of the persons that an entry's facts name.
pub fn persons(facts: &Map<String, Value>) -> Vec<String> {
    let mut ids: Vec<String> = Vec::new();
    for name in PERSON {
        ids.extend(facts.get(name).and_then(|it| it.as_str()).map(plain));
    }
    for name in PERSONS {
        ids.extend(entry::list(facts, name).iter().filter_map(|it| it.as_str()).map(plain));
    }
    for name in WITH_PERSON {
        ids.extend(entry::list(facts, name).iter().filter_map(|it| member(it, "person_id")));
    }
    ids.retain(|id| !id.is_empty());
    ids
}

/// The ids of the workers that an entry's facts name.
pub fn workers(facts: &Map<String, Value>) -> Vec<String> {
    let named = WORKER.map(|name| facts.get(name).and_then(|it| it.as_str()).map(plain));
    named.into_iter().flatten().filter(|id| !id.is_empty()).collect()
}

/// A subject with its role.
pub fn who(actor: &str, role: &str, words: crate::Words) -> String {
    if role.is_empty() {
        return plain(actor);
    }
    format!("{} ({})", plain(actor), words.code("Role", role))
}

fn facts_as_they_are(entry: &Entry<'_>) -> String {
    serde_json::to_string(entry.facts).unwrap_or_default()
}

/// What kind of thing happened.
pub fn kind(entry: &Entry<'_>, names: &Names) -> String {
    let words = entry.words;
    match entry.event_type {
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
pub fn told(entry: &Entry<'_>, names: &Names) -> Told {
    match entry.event_type {
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
            .unwrap_or_else(|| Told::text(beginning(&facts_as_they_are(entry), entry.limit))),
    }
}
