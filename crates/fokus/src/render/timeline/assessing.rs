//! Entries inside and around assessments, of what others report, and of the course of interventions.

use serde_json::Value;

use super::{Entry, member, small};
use crate::labels::{plain, words};
use crate::names::Names;

/// What kind of thing happened; `None` = the type's name says it.
pub(super) fn kind(entry: &Entry<'_>) -> Option<String> {
    let kind = match entry.entry.r#type.as_str() {
        "AssessmentAreaDescribed" => "Area described",
        "FactorStated" => "Factor",
        "InstrumentAdministered" => "Instrument",
        "AssessmentProvisionallyConcluded" => "Assessment not finished",
        "ExternalAssessmentReceived" => "Assessment from outside",
        "IncidentRecorded" => "Incident",
        "AbsenceReported" => "Absence",
        "EducationStatusReported" => "Education",
        "EmploymentStatusReported" => "Work",
        _ => return None,
    };
    Some(kind.to_owned())
}

/// The parts of an entry; `None` = of another topic.
pub(super) fn parts(entry: &Entry<'_>, names: &Names, limit: usize) -> Option<Vec<String>> {
    Some(match entry.entry.r#type.as_str() {
        "AssessmentAreaDescribed" => area(entry, limit),
        "FactorStated" => vec![
            format!("{} ({})", entry.text("factor_code"), entry.small("side")),
            prefixed("weight", &entry.small("weight_band")),
            small(&entry.personal("answer", limit)),
            entry.small("risk_area"),
            entry.personal("grounds", limit),
        ],
        "InstrumentAdministered" => instrument(entry, names),
        "AssessmentProvisionallyConcluded" => vec![
            format!("to end by {}", entry.text("expected_end")),
            entry.personal("reasons", limit),
            entry.personal("preliminary", limit),
        ],
        "AssessmentAbandoned" => vec![entry.personal("reason", limit)],
        "ExternalAssessmentReceived" => vec![
            format!("from {}", entry.small("from")),
            prefixed("dated", &entry.text("dated")),
            entry.personal("summary", limit),
        ],
        "IncidentRecorded" => vec![
            names.name(&entry.text("person_id")),
            small(&entry.personal("kind", limit)),
            entry.small("grade"),
            prefixed("from", &small(&entry.personal("source_agency", limit))),
            entry.personal("text", limit),
        ],
        "AbsenceReported" => vec![
            names.name(&entry.text("person_id")),
            format!("{} to {}", entry.text("from"), entry.text("to")),
            format!("{} unlawful", percent(entry.number("unlawful_per_mille"))),
            format!("{} lawful", percent(entry.number("lawful_per_mille"))),
        ],
        "EducationStatusReported" | "EmploymentStatusReported" => vec![
            names.name(&entry.text("person_id")),
            entry.small("status"),
            format!("from {}", entry.text("from")),
        ],
        _ => return course(entry, names, limit),
    })
}

/// A word before something, if there is something.
fn prefixed(word: &str, something: &str) -> String {
    if something.is_empty() { String::new() } else { format!("{word} {something}") }
}

fn percent(per_mille: i64) -> String {
    match (per_mille / 10, per_mille % 10) {
        (whole, 0) => format!("{whole} %"),
        (whole, tenths) => format!("{whole}.{tenths} %"),
    }
}

fn area(entry: &Entry<'_>, limit: usize) -> Vec<String> {
    let text = |name: &str, label: &str| prefixed(label, &entry.personal(name, limit));
    vec![
        entry.code("dimension"),
        text("resources", "resources:"),
        text("problems", "problems:"),
        text("child_view", "the child:"),
        text("child_not_heard_reason", "the child was not heard:"),
        text("parent_view", "the parents:"),
    ]
}

fn instrument(entry: &Entry<'_>, names: &Names) -> Vec<String> {
    let person = entry.text("person_id");
    let whom = if person.is_empty() { "the family".to_owned() } else { names.name(&person) };
    vec![
        format!("{} about {whom}", entry.code("instrument")),
        format!("by {}", entry.small("respondent")),
        entry.small("occasion"),
        pairs(entry, "scores", "value"),
        pairs(entry, "bands", "band"),
    ]
}

/// Scales with their scores or bands; "(erased)" when they are gone.
fn pairs(entry: &Entry<'_>, name: &str, of: &str) -> String {
    let Some(field) = entry.entry.personal.iter().find(|field| field.name == name) else {
        return String::new();
    };
    if field.erased {
        return "(erased)".to_owned();
    }
    let list: Vec<Value> = serde_json::from_str(&field.json).unwrap_or_default();
    let pair = |it: &Value| {
        let scale = member(it, "scale").map(|scale| words(&scale).to_lowercase())?;
        Some(format!("{scale} {}", member(it, of).map(|it| plain(&small(&it)))?))
    };
    list.iter().filter_map(pair).collect::<Vec<_>>().join(", ")
}

fn course(entry: &Entry<'_>, names: &Names, limit: usize) -> Option<Vec<String>> {
    let on = format!("on {}", entry.text("on"));
    Some(match entry.entry.r#type.as_str() {
        "InterventionAdjusted" => {
            let planned = entry.facts.get("planned");
            let end = planned.and_then(|it| member(it, "end")).unwrap_or_default();
            let goals = if entry.list("goal_ids").is_empty() { "" } else { "other goals" };
            vec![on, prefixed("until", &end), goals.to_owned(), entry.personal("reason", limit)]
        }
        "InterventionDeclined" => {
            let by: Vec<String> = entry.texts("by").map(|id| names.name(&id)).collect();
            vec![format!("by {}", by.join(", ")), on, entry.personal("reason", limit)]
        }
        "InterventionPaused" => vec![
            on,
            prefixed("expected until", &entry.text("expected_until")),
            entry.personal("reason", limit),
        ],
        "InterventionResumed" => vec![on],
        _ => return None,
    })
}
