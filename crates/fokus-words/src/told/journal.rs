//! Contacts, notes, plans, interventions and corrections in a timeline.

use serde_json::Value;

use super::entry::{Entry, Told, member};
use crate::names::Names;
use crate::{capital, say};

pub(super) fn written(entry: &Entry<'_>, names: &Names) -> Told {
    let words = entry.words;
    if entry.event_type == "NoteRecorded" {
        let source = entry.personal("source");
        let source =
            if source.is_empty() { source } else { say!(words, "from-source", source = source) };
        return Told::facts(vec![entry.code("Grade", "grade"), source]).and(entry.personal("text"));
    }
    let minutes = entry.number("minutes");
    let present = entry.people("present", names);
    let areas = entry.texts("risk_areas").map(|it| words.code("RiskArea", &it)).collect();
    let about = words.list(areas);
    let goals = entry.count("goal_ids");
    Told::facts(vec![
        if minutes == 0 { String::new() } else { words.duration(minutes) },
        if present.is_empty() { present } else { say!(words, "with", people = present) },
        if about.is_empty() { about } else { say!(words, "about-areas", areas = about) },
        if goals == 0 { String::new() } else { say!(words, "served-goals", goals = goals) },
        if entry.is("from_child") { say!(words, "child-words") } else { String::new() },
    ])
    .and(entry.personal("text"))
}

pub(super) fn plan(entry: &Entry<'_>, names: &Names) -> Told {
    let words = entry.words;
    match entry.event_type {
        "PlanDrafted" => Told::facts(vec![entry.code("PlanKind", "kind")]),
        "GoalSet" => Told::facts(vec![
            say!(words, "for-whom", whom = entry.whom("owner", names)),
            entry.code("GoalTheme", "theme"),
            say!(words, "by-date", date = entry.date("target_date")),
        ])
        .and(entry.personal("statement")),
        _ => {
            Told::facts(entry.objects("agreed_by").map(|it| agreement(entry, it, names)).collect())
        }
    }
}

fn agreement(entry: &Entry<'_>, it: &Value, names: &Names) -> String {
    let manner = member(it, "manner").unwrap_or_default();
    let manner = entry.words.code("AgreementManner", &manner);
    let person = names.name(&member(it, "person_id").unwrap_or_default());
    say!(entry.words, "person-is", person = person, what = manner)
}

pub(super) fn intervention(entry: &Entry<'_>, names: &Names) -> Told {
    let words = entry.words;
    match entry.event_type {
        "InterventionOrdered" => {
            let what = capital(&entry.code("InterventionType", "intervention_type"));
            let whom = entry.whom("person_id", names);
            let goals = entry.count("goal_ids");
            let provider = entry.personal("provider");
            Told::facts(vec![
                say!(words, "intervention-for", what = what, whom = whom),
                say!(words, "plan-goals", goals = goals),
                if provider.is_empty() {
                    provider
                } else {
                    say!(words, "provided-by", provider = provider)
                },
            ])
        }
        "SessionHeld" => {
            let came = entry.objects("attendance").map(|it| {
                let state = member(it, "state").unwrap_or_default();
                let state = words.code("AttendanceState", &state);
                let person = names.name(&member(it, "person_id").unwrap_or_default());
                say!(words, "person-is", person = person, what = state)
            });
            let mut facts = vec![words.duration(entry.number("minutes"))];
            facts.extend(came);
            Told::facts(facts).and(entry.personal("note"))
        }
        "InterventionEnded" => Told::facts(vec![
            which(entry, names),
            entry.code("InterventionEndReason", "reason"),
            say!(words, "on-date", date = entry.date("on")),
        ])
        .and(entry.personal("result")),
        _ => {
            Told::facts(vec![which(entry, names), say!(words, "on-date", date = entry.date("on"))])
        }
    }
}

/// The type of the intervention that an entry is about; empty when it is not known.
pub(super) fn which(entry: &Entry<'_>, names: &Names) -> String {
    let code = names.intervention(&entry.text("intervention_id"));
    code.map(|it| entry.words.code("InterventionType", it)).unwrap_or_default()
}

pub(super) fn correction(entry: &Entry<'_>) -> Told {
    let words = entry.words;
    let reason = match entry.event_type {
        "EntryCorrected" => entry.code("CorrectionReason", "reason"),
        _ => entry.code("MistakeReason", "reason"),
    };
    let target = entry.number("target_revision");
    Told::facts(vec![say!(words, "entry-of", revision = target), reason])
        .and(entry.personal("explanation"))
}
