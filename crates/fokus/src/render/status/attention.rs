//! What somebody should do something about: what waits for a second person, unread hand-overs, the
//! family's plan, risks out of date, flags, interventions without sessions.

use crate::words::OnTheWire as _;
use fokus_proto::v1;

use crate::render::{Page, work};
use fokus_words::labels::plain;
use fokus_words::names::Names;
use fokus_words::{Words, capital, say};

/// The section; it says so when there is nothing.
pub(super) fn put(
    page: &mut Page,
    family: &v1::FamilyStatus,
    overdue: &[v1::InterventionCard],
    names: &Names,
    words: Words,
) {
    let mut lines = Vec::new();
    lines.extend(family.approvals.iter().map(|it| approval(it, names, words)));
    lines.extend(family.handover_unread.iter().map(|it| {
        say!(
            words,
            "attention-handover",
            worker = names.name(&it.to_worker_id),
            since = words.date(&it.since),
            revision = it.must_have_read
        )
    }));
    if family.case_state() != v1::CaseState::Closed {
        if !family.family_plan_due_on.is_empty() {
            let due = words.date(&family.family_plan_due_on);
            lines.push(say!(words, "attention-plan-due", due = due));
        }
        let stale = family.risks.iter().filter(|it| it.stale);
        lines.extend(stale.map(|it| risk(it, names, words)));
    }
    lines.extend(family.flags.iter().map(|it| flag(it, words)));
    lines.extend(overdue.iter().map(|it| session(it, words)));
    if lines.is_empty() {
        page.head(&say!(words, "attention-nothing"));
        return;
    }
    page.head(&say!(words, "attention-head"));
    for line in lines {
        page.item(&format!("• {line}"));
    }
}

fn approval(it: &v1::AwaitedApproval, names: &Names, words: Words) -> String {
    let what = words.label("ApprovalKind", it.kind().as_str_name());
    let what = if it.person_id.is_empty() {
        what
    } else {
        say!(words, "attention-for", what = what, person = names.name(&it.person_id))
    };
    say!(
        words,
        "attention-approval",
        what = what,
        by = plain(&it.proposed_by),
        since = it.since.as_ref().map(|at| words.day(at)).unwrap_or_default(),
        revision = it.revision
    )
}

fn risk(it: &v1::RiskStatus, names: &Names, words: Words) -> String {
    say!(
        words,
        "attention-stale",
        person = names.name(&it.person_id),
        area = words.label("RiskArea", it.risk_area().as_str_name()),
        level = words.label("RiskLevel", it.level().as_str_name()),
        until = words.date(&it.valid_until)
    )
}

fn session(it: &v1::InterventionCard, words: Words) -> String {
    let what = capital(&words.label("InterventionType", it.r#type().as_str_name()));
    let whom = work::whom(it, words);
    let what = say!(words, "intervention-for", what = what, whom = whom);
    match it.days_since_last_session {
        Some(days) => say!(words, "attention-overdue", what = what, days = i64::from(days)),
        None => say!(words, "attention-no-session", what = what),
    }
}

fn flag(it: &v1::OpenFlag, words: Words) -> String {
    let kind = words.label("FlagKind", it.kind().as_str_name());
    let (since, due) = (words.date(&it.raised_on), words.date(&it.due));
    if it.due.is_empty() {
        return say!(words, "attention-flag", kind = kind, since = since, revision = it.revision);
    }
    let revision = it.revision;
    say!(words, "attention-flag-due", kind = kind, since = since, due = due, revision = revision)
}
