//! The case's course in a timeline: the referral and its answers, the workers, pauses, closing and after.

use super::entry::{Entry, Told, member};
use crate::labels::beginning;
use crate::names::Names;
use crate::say;

pub(super) fn referral(entry: &Entry<'_>) -> Told {
    let words = entry.words;
    if entry.event_type == "ReferralSubmitted" {
        let areas = entry.texts("risk_areas").map(|it| words.code("RiskArea", &it)).collect();
        let knows = if entry.is("family_knows") {
            say!(words, "family-knows")
        } else {
            say!(words, "family-does-not-know")
        };
        let agency = say!(words, "from-source", source = entry.code("Agency", "agency"));
        return Told::facts(vec![agency, words.list(areas), knows]).and(entry.personal("grounds"));
    }
    let met = if entry.is("met") {
        say!(words, "target-group-met")
    } else {
        say!(words, "target-group-not-met")
    };
    let place =
        if entry.is("capacity") { say!(words, "place-free") } else { say!(words, "place-none") };
    let priority = say!(words, "priority", priority = entry.code("Priority", "priority"));
    Told::facts(vec![met, place, priority])
}

pub(super) fn case(entry: &Entry<'_>, names: &Names) -> Told {
    let words = entry.words;
    Told::facts(match entry.event_type {
        "CaseOpened" => vec![
            say!(words, "from-date", date = entry.date("opened_on")),
            say!(words, "lead-worker", worker = entry.person("lead_worker_id", names)),
            say!(words, "kle", code = entry.text("kle")),
        ],
        "CasePhaseEntered" => vec![entry.code("CasePhase", "phase")],
        _ => {
            let youth = entry.person("youth_id", names);
            if entry.text("family_plan_due_on").is_empty() {
                vec![youth]
            } else {
                vec![youth, say!(words, "before-plan", due = entry.date("family_plan_due_on"))]
            }
        }
    })
}

/// What the entry says; `None` for entries of other topics.
pub(super) fn course(entry: &Entry<'_>, names: &Names) -> Option<Told> {
    intake(entry, names)
        .or_else(|| staffing(entry, names))
        .or_else(|| closing(entry, names))
        .or_else(|| remarks(entry, names))
}

fn intake(entry: &Entry<'_>, names: &Names) -> Option<Told> {
    let words = entry.words;
    Some(match entry.event_type {
        "ReferralInfoRequested" => Told::text(entry.personal("questions")),
        "ReferralInfoSupplied" => Told::text(entry.personal("answer")),
        "ReferralWithdrawn" | "PlaceRefused" => Told::text(entry.personal("reason")),
        "ReferralDeclined" => {
            let to = entry.code("Agency", "redirected_to");
            Told::facts(vec![
                entry.code("DeclineReason", "reason"),
                if to.is_empty() { to } else { say!(words, "shown-to", agency = to) },
            ])
        }
        "PlaceOffered" => {
            Told::facts(vec![say!(words, "open-until", date = entry.date("expires_on"))])
        }
        "PlaceAccepted" => {
            let people = entry.people("accepted_by", names);
            Told::facts(vec![say!(words, "by-people", people = people)])
        }
        _ => return None,
    })
}

fn staffing(entry: &Entry<'_>, names: &Names) -> Option<Told> {
    let words = entry.words;
    let as_role = || {
        let role = entry.code("WorkerRole", "role");
        say!(words, "as-role", worker = entry.person("worker_id", names), role = role)
    };
    Some(match entry.event_type {
        "WorkerAssigned" => Told::facts(vec![
            as_role(),
            period(entry),
            if entry.is("replaces_lead") { say!(words, "replaces-lead") } else { String::new() },
        ])
        .and(entry.personal("handover_note")),
        "WorkerUnassigned" => {
            Told::facts(vec![as_role(), say!(words, "until-date", date = entry.date("valid_to"))])
        }
        "HandoverCompleted" => {
            let (from, to) =
                (entry.person("from_worker_id", names), entry.person("to_worker_id", names));
            Told::facts(vec![
                say!(words, "from-to-worker", from = from, to = to),
                say!(words, "read-up-to", revision = entry.number("read_up_to")),
                say!(words, "family-told", date = entry.date("family_told_on")),
            ])
        }
        "CasePaused" => Told::facts(vec![
            say!(words, "from-date", date = entry.date("from")),
            say!(words, "expected-until", date = entry.date("expected_until")),
        ])
        .and(entry.personal("reason")),
        "CaseResumed" => Told::facts(vec![say!(words, "from-date", date = entry.date("on"))]),
        _ => return None,
    })
}

fn period(entry: &Entry<'_>) -> String {
    let (from, to) = (entry.date("valid_from"), entry.date("valid_to"));
    if entry.text("valid_to").is_empty() {
        return say!(entry.words, "from-date", date = from);
    }
    say!(entry.words, "from-to", from = from, to = to)
}

fn closing(entry: &Entry<'_>, names: &Names) -> Option<Told> {
    let words = entry.words;
    Some(match entry.event_type {
        "ClosureProposed" => {
            let goals = entry.objects("goals").filter_map(|it| member(it, "disposition"));
            let goals: Vec<String> = goals.map(|it| words.code("GoalDisposition", &it)).collect();
            let many = say!(words, "plan-goals", goals = entry.count("goals"));
            let goals = if goals.is_empty() {
                String::new()
            } else {
                format!("{many}: {}", goals.join(", "))
            };
            Told::facts(vec![entry.code("CaseOutcome", "outcome"), goals])
                .and(entry.personal("summary"))
                .and(entry.personal("follow_up_plan"))
        }
        "ClosureApproved" => Told::facts(vec![of_proposal(entry)]),
        "ClosureRejected" => Told::facts(vec![of_proposal(entry)]).and(entry.personal("reason")),
        "CaseClosed" => {
            let told = if entry.text("family_told_on").is_empty() {
                String::new()
            } else {
                say!(words, "family-told", date = entry.date("family_told_on"))
            };
            Told::facts(vec![
                say!(words, "on-date", date = entry.date("closed_on")),
                entry.code("CaseOutcome", "outcome"),
                told,
            ])
            .and(entry.personal("not_told_reason"))
        }
        "CaseReopened" => Told::facts(vec![
            say!(words, "from-date", date = entry.date("reopened_on")),
            entry.code("ReopenReason", "reason"),
            say!(words, "lead-worker", worker = entry.person("lead_worker_id", names)),
            say!(words, "phase-is", phase = entry.code("CasePhase", "phase")),
        ])
        .and(entry.personal("grounds")),
        "PostClosureContactMade" => {
            let answered = if entry.is("answered") {
                say!(words, "answered")
            } else {
                say!(words, "nobody-answered")
            };
            let on = say!(words, "on-date", date = entry.date("on"));
            Told::facts(vec![on, answered]).and(entry.personal("findings"))
        }
        _ => return None,
    })
}

fn remarks(entry: &Entry<'_>, names: &Names) -> Option<Told> {
    let words = entry.words;
    Some(match entry.event_type {
        "FamilySatisfactionGiven" => {
            let who = if entry.is("anonymous") {
                say!(words, "anonymous")
            } else {
                entry.whom("person_id", names)
            };
            Told::facts(vec![who, entry.text("instrument")]).and(answers(entry))
        }
        "AcuteOverrideProposed" => {
            Told::facts(vec![entry.person("youth_id", names)]).and(entry.personal("reason"))
        }
        "AcuteOverrideApproved" | "AcuteOverrideRejected" => {
            Told::facts(vec![entry.person("youth_id", names), of_proposal(entry)])
                .and(entry.personal("reason"))
        }
        "PartyStatementAdded" => {
            let on = entry.number("entry");
            let on = if on == 0 { String::new() } else { say!(words, "entry-of", revision = on) };
            Told::facts(vec![entry.person("person_id", names), on]).and(entry.personal("text"))
        }
        "FlagRaised" => {
            let due = if entry.text("due").is_empty() {
                String::new()
            } else {
                say!(words, "due-date", date = entry.date("due"))
            };
            Told::facts(vec![entry.code("FlagKind", "kind"), due]).and(entry.personal("text"))
        }
        "FlagResolved" => Told::text(entry.personal("resolution")),
        "SupervisionNoteRecorded" => Told::text(entry.personal("text")),
        _ => return None,
    })
}

fn of_proposal(entry: &Entry<'_>) -> String {
    say!(entry.words, "of-proposal", revision = entry.number("proposal"))
}

/// The answers as "Q1: 4".
fn answers(entry: &Entry<'_>) -> String {
    let Some(list) = entry.personal_list("answers") else {
        return entry.personal("answers");
    };
    let one = |it: &serde_json::Value| {
        let question = member(it, "question").unwrap_or_default();
        format!("{question}: {}", member(it, "answer").unwrap_or_default())
    };
    let all: Vec<String> = list.iter().map(one).collect();
    beginning(&all.join(", "), entry.limit)
}
