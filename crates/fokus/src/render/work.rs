//! What there is to do, over all families: who has how much, the interventions, what waits.

use crate::words::OnTheWire as _;
use std::collections::BTreeMap;

use fokus_proto::v1;

use crate::render::{Page, Screen, table};
use fokus_words::labels::plain;
use fokus_words::{Words, capital, heads, say};

/// Adds a page of a caseload to what was read before: the figures of pages add up.
pub(crate) fn join(whole: &mut v1::GetCaseloadResponse, page: v1::GetCaseloadResponse) {
    let mut workers: BTreeMap<String, v1::WorkerCaseload> =
        whole.workers.drain(..).map(|it| (it.worker_id.clone(), it)).collect();
    for it in page.workers {
        let Some(sum) = workers.get_mut(&it.worker_id) else {
            workers.insert(it.worker_id.clone(), it);
            continue;
        };
        sum.lead_cases += it.lead_cases;
        sum.co_cases += it.co_cases;
        sum.weighted += it.weighted;
        sum.children += it.children;
        sum.contacts_14_days += it.contacts_14_days;
        sum.minutes_14_days += it.minutes_14_days;
        sum.minutes_spent_14_days += it.minutes_spent_14_days;
        sum.direct_time_percent =
            (sum.minutes_14_days * 100).checked_div(sum.minutes_spent_14_days);
        sum.without_contact_21_days += it.without_contact_21_days;
        sum.handovers_unread += it.handovers_unread;
        sum.cases.extend(it.cases);
        sum.cases.sort_by(|one, other| one.reference.cmp(&other.reference));
    }
    *whole = v1::GetCaseloadResponse {
        workers: workers.into_values().collect(),
        next_page_token: String::new(),
        ..page
    };
}

/// A row for each worker, the heaviest load first; with the cases where they are wanted; then what the
/// figures rest on.
pub(crate) fn caseload(
    answer: &v1::GetCaseloadResponse,
    with_cases: bool,
    screen: Screen,
) -> String {
    let words = screen.words;
    let mut page = Page::new(screen);
    page.line(&say!(words, "caseload-on", day = words.date(&answer.day)));
    page.text.push('\n');
    let mut workers: Vec<&v1::WorkerCaseload> = answer.workers.iter().collect();
    workers.sort_by_key(|it| std::cmp::Reverse(it.weighted));
    let head = heads!(
        words,
        "head-worker",
        "head-weighted",
        "head-leads",
        "head-helps",
        "head-children",
        "head-contacts-14",
        "head-time-14",
        "head-direct",
        "head-quiet",
        "head-unread",
    );
    let rows = workers.iter().map(|it| worker(it, words)).collect();
    page.text.push_str(&table(head, rows, screen.width));
    page.text.push('\n');
    if with_cases {
        for it in workers {
            page.text.push('\n');
            page.text.push_str(&cases(&it.cases, screen));
            page.text.push('\n');
        }
    }
    page.head(&say!(words, "weights-head"));
    for line in weights(answer.weights.clone().unwrap_or_default(), words) {
        page.item(&line);
    }
    page.head(&say!(words, "as-of", position = answer.as_of_position));
    page.text
}

fn worker(it: &v1::WorkerCaseload, words: Words) -> Vec<String> {
    let name = if it.name.is_empty() { say!(words, "erased") } else { plain(&it.name) };
    vec![
        name,
        words.hundredths(it.weighted),
        it.lead_cases.to_string(),
        it.co_cases.to_string(),
        it.children.to_string(),
        it.contacts_14_days.to_string(),
        words.duration(it.minutes_14_days.into()),
        it.direct_time_percent
            .map(|share| words.per_cent(i64::from(share) * 10))
            .unwrap_or_default(),
        it.without_contact_21_days.to_string(),
        it.handovers_unread.to_string(),
    ]
}

fn cases(cases: &[v1::CaseOfLoad], screen: Screen) -> String {
    let words = screen.words;
    let rows = cases.iter().map(|it| {
        let phase = words.label("CasePhase", it.phase().as_str_name());
        let mut marks = Vec::new();
        if it.without_contact {
            marks.push(say!(words, "case-quiet"));
        }
        if it.handover_unread {
            marks.push(say!(words, "case-unread"));
        }
        vec![
            plain(&it.reference),
            capital(&words.label("WorkerRole", it.role().as_str_name())),
            if it.paused { say!(words, "phase-paused", phase = phase) } else { phase },
            words.label("RiskLevel", it.risk().as_str_name()),
            words.hundredths(it.weight.into()),
            it.children.to_string(),
            words.date(&it.last_contact_on),
            marks.join(", "),
        ]
    });
    let head = heads!(
        words,
        "head-family",
        "head-role",
        "head-phase",
        "head-risk",
        "head-weight",
        "head-children",
        "head-last-contact",
        "head-marks",
    );
    table(head, rows.collect(), screen.width)
}

fn weights(weights: v1::CaseloadWeights, words: Words) -> Vec<String> {
    let one = |what: String, weight: i32| format!("{what} {}", words.hundredths(weight.into()));
    let phases = weights
        .phases
        .iter()
        .map(|it| one(words.label("CasePhase", it.phase().as_str_name()), it.weight));
    let risks = weights
        .risks
        .iter()
        .map(|it| one(words.label("RiskLevel", it.level().as_str_name()), it.weight));
    let none = one(say!(words, "weight-no-risk"), weights.no_risk);
    let roles = weights
        .roles
        .iter()
        .map(|it| one(words.label("WorkerRole", it.role().as_str_name()), it.weight));
    let text = |parts: Vec<String>| parts.join(", ");
    vec![
        say!(words, "weights-phases", weights = text(phases.collect())),
        say!(words, "weights-risks", weights = text(risks.chain([none]).collect())),
        say!(words, "weights-roles", weights = text(roles.collect())),
        say!(words, "weight-paused", weight = words.hundredths(weights.paused.into())),
    ]
}

/// A row for each intervention.
pub(crate) fn interventions(cards: &[v1::InterventionCard], screen: Screen) -> String {
    let words = screen.words;
    let rows = cards.iter().map(|it| {
        let state = words.label("InterventionState", it.state().as_str_name());
        let sessions = i64::from(it.sessions);
        let time = words.duration(it.minutes.into());
        let attendance = it.attendance_percent.map(|share| words.per_cent(i64::from(share) * 10));
        vec![
            plain(&it.reference),
            capital(&words.label("InterventionType", it.r#type().as_str_name())),
            whom(it, words),
            if it.overdue { say!(words, "state-overdue", state = state) } else { state },
            words.date(if it.started_on.is_empty() { &it.ordered_on } else { &it.started_on }),
            words.date(&it.last_session_on),
            if sessions == 0 { String::new() } else { format!("{sessions} ({time})") },
            attendance.unwrap_or_default(),
            if it.provider_erased { say!(words, "erased") } else { plain(&it.provider) },
        ]
    });
    let head = heads!(
        words,
        "head-family",
        "head-intervention",
        "head-for",
        "head-state",
        "head-since",
        "head-last-session",
        "head-sessions",
        "head-attendance",
        "head-provider",
    );
    table(head, rows.collect(), screen.width)
}

/// Whom an intervention is for.
pub(crate) fn whom(it: &v1::InterventionCard, words: Words) -> String {
    if it.person_id.is_empty() {
        return say!(words, "the-family");
    }
    person(it.person_name.as_ref(), words)
}

fn person(name: Option<&v1::PersonName>, words: Words) -> String {
    match name {
        Some(name) => plain(format!("{} {}", name.given, name.family).trim()),
        None => say!(words, "erased"),
    }
}

/// A row for each thing that waits.
pub(crate) fn approvals(approvals: &[v1::WaitingApproval], screen: Screen) -> String {
    let words = screen.words;
    let rows = approvals.iter().map(|it| {
        let what = words.label("ApprovalKind", it.kind().as_str_name());
        let what = if it.person_id.is_empty() {
            what
        } else {
            let person = person(it.person_name.as_ref(), words);
            say!(words, "attention-for", what = what, person = person)
        };
        vec![
            plain(&it.reference),
            capital(&what),
            plain(&it.proposed_by),
            it.since.as_ref().map(|at| words.time(at)).unwrap_or_default(),
            it.revision.to_string(),
            if it.may_answer { say!(words, "answer-yes") } else { say!(words, "answer-no") },
        ]
    });
    let head = heads!(
        words,
        "head-family",
        "head-waits",
        "head-proposed-by",
        "head-since",
        "head-revision",
        "head-may-answer",
    );
    table(head, rows.collect(), screen.width)
}
