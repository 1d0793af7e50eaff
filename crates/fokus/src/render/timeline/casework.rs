//! The case's course in a timeline: the referral's answers, the workers, pauses, closing and after.

use super::{Entry, member, period, small};
use crate::labels::{count, words};
use crate::names::Names;

/// The types that this module puts into words.
pub(super) const TYPES: &[&str] = &[
    "ReferralInfoRequested",
    "ReferralInfoSupplied",
    "ReferralDeclined",
    "ReferralWithdrawn",
    "PlaceOffered",
    "PlaceAccepted",
    "PlaceRefused",
    "WorkerAssigned",
    "WorkerUnassigned",
    "HandoverCompleted",
    "CasePaused",
    "CaseResumed",
    "ClosureProposed",
    "ClosureApproved",
    "ClosureRejected",
    "CaseClosed",
    "CaseReopened",
    "PostClosureContactMade",
    "FamilySatisfactionGiven",
    "AcuteOverrideProposed",
    "AcuteOverrideApproved",
    "AcuteOverrideRejected",
    "PartyStatementAdded",
    "FlagRaised",
    "FlagResolved",
    "SupervisionNoteRecorded",
];

/// The entry's parts.
pub(super) fn parts(entry: &Entry<'_>, names: &Names, limit: usize) -> Vec<String> {
    let event_type = entry.entry.r#type.as_str();
    match event_type {
        "WorkerAssigned" | "WorkerUnassigned" | "HandoverCompleted" => {
            staffing(entry, names, limit)
        }
        "ClosureProposed" | "CaseClosed" | "CaseReopened" | "PostClosureContactMade" => {
            closing(entry, names, limit)
        }
        "ReferralInfoRequested" => vec![entry.personal("questions", limit)],
        "ReferralInfoSupplied" => vec![entry.personal("answer", limit)],
        "ReferralDeclined" => {
            let to = entry.small("redirected_to");
            let to = if to.is_empty() { to } else { format!("shown to {to}") };
            vec![entry.code("reason"), to]
        }
        "PlaceOffered" => vec![format!("open until {}", entry.text("expires_on"))],
        "PlaceAccepted" => vec![format!("by {}", people(entry, names, "accepted_by"))],
        "CasePaused" => vec![
            format!("from {}", entry.text("from")),
            format!("expected until {}", entry.text("expected_until")),
            entry.personal("reason", limit),
        ],
        "CaseResumed" => vec![format!("on {}", entry.text("on"))],
        "ClosureApproved" => vec![of_proposal(entry)],
        "ClosureRejected" => vec![of_proposal(entry), entry.personal("reason", limit)],
        "FamilySatisfactionGiven" => {
            let person = entry.text("person_id");
            let who = match (entry.is("anonymous"), person.is_empty()) {
                (true, _) => "anonymous".to_owned(),
                (false, true) => "the family".to_owned(),
                (false, false) => names.name(&person),
            };
            vec![who, entry.text("instrument"), answers(entry, limit)]
        }
        "AcuteOverrideProposed" => {
            vec![names.name(&entry.text("youth_id")), entry.personal("reason", limit)]
        }
        "AcuteOverrideApproved" | "AcuteOverrideRejected" => vec![
            names.name(&entry.text("youth_id")),
            of_proposal(entry),
            entry.personal("reason", limit),
        ],
        "PartyStatementAdded" => {
            let on = entry.number("entry");
            let on = if on == 0 { String::new() } else { format!("on entry rev. {on}") };
            vec![names.name(&entry.text("person_id")), on, entry.personal("text", limit)]
        }
        "FlagRaised" => {
            let due = entry.text("due");
            let due = if due.is_empty() { due } else { format!("due {due}") };
            vec![entry.code("kind"), due, entry.personal("text", limit)]
        }
        "FlagResolved" => vec![entry.personal("resolution", limit)],
        "SupervisionNoteRecorded" => vec![entry.personal("text", limit)],
        // ReferralWithdrawn, PlaceRefused.
        _ => vec![entry.personal("reason", limit)],
    }
}

fn staffing(entry: &Entry<'_>, names: &Names, limit: usize) -> Vec<String> {
    let as_role = || format!("{} as {}", names.name(&entry.text("worker_id")), entry.small("role"));
    match entry.entry.r#type.as_str() {
        "WorkerAssigned" => {
            let instead = if entry.is("replaces_lead") { "instead of the lead before" } else { "" };
            let note = entry.personal("handover_note", limit);
            vec![as_role(), period(entry), instead.to_owned(), note]
        }
        "WorkerUnassigned" => vec![as_role(), format!("until {}", entry.text("valid_to"))],
        _ => vec![
            format!(
                "from {} to {}",
                names.name(&entry.text("from_worker_id")),
                names.name(&entry.text("to_worker_id"))
            ),
            format!("read up to rev. {}", entry.number("read_up_to")),
            format!("the family was told {}", entry.text("family_told_on")),
        ],
    }
}

fn closing(entry: &Entry<'_>, names: &Names, limit: usize) -> Vec<String> {
    match entry.entry.r#type.as_str() {
        "ClosureProposed" => {
            let goals = entry.objects("goals").filter_map(|it| member(it, "disposition"));
            let goals: Vec<String> = goals.map(|it| small(&it)).collect();
            let many = count(goals.len().try_into().unwrap_or(i64::MAX), "goal", "goals");
            let goals = format!("{many}: {}", goals.join(", "));
            vec![
                entry.code("outcome"),
                if entry.list("goals").is_empty() { String::new() } else { goals },
                entry.personal("summary", limit),
                entry.personal("follow_up_plan", limit),
            ]
        }
        "CaseClosed" => {
            let told = entry.text("family_told_on");
            let told = if told.is_empty() { told } else { format!("the family was told {told}") };
            vec![
                format!("closed {}", entry.text("closed_on")),
                entry.small("outcome"),
                told,
                entry.personal("not_told_reason", limit),
            ]
        }
        "CaseReopened" => vec![
            format!("reopened {}", entry.text("reopened_on")),
            entry.small("reason"),
            format!("lead worker {}", names.name(&entry.text("lead_worker_id"))),
            format!("phase: {}", entry.small("phase")),
            entry.personal("grounds", limit),
        ],
        _ => {
            let answered = if entry.is("answered") { "answered" } else { "nobody answered" };
            let on = format!("on {}", entry.text("on"));
            vec![on, answered.to_owned(), entry.personal("findings", limit)]
        }
    }
}

fn of_proposal(entry: &Entry<'_>) -> String {
    format!("proposal rev. {}", entry.number("proposal"))
}

fn people(entry: &Entry<'_>, names: &Names, list: &str) -> String {
    entry.texts(list).map(|id| names.name(&id)).collect::<Vec<_>>().join(", ")
}

/// The answers as "Q1: 4".
fn answers(entry: &Entry<'_>, limit: usize) -> String {
    let Some(list) = entry.personal_list("answers") else {
        return entry.personal("answers", limit);
    };
    let one = |it: &serde_json::Value| {
        let question = words(&member(it, "question").unwrap_or_default());
        format!("{question}: {}", member(it, "answer").unwrap_or_default())
    };
    let all: Vec<String> = list.iter().map(one).collect();
    crate::labels::beginning(&all.join(", "), limit)
}
