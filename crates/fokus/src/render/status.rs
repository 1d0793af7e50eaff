//! How a family stands, on one screen: what somebody should do first, then people, plan, interventions,
//! risks and contacts.

mod attention;
mod people;
mod work;

use crate::words::OnTheWire as _;
use fokus_proto::v1;

use crate::render::{Page, Screen};
use fokus_words::labels::plain;
use fokus_words::names::Names;
use fokus_words::{Words, capital, say};

/// The status of one family, as of a position of the log. `overdue`: its interventions that have been
/// without a session for too long.
pub(crate) fn status(
    family: &v1::FamilyStatus,
    overdue: &[v1::InterventionCard],
    as_of_position: i64,
    names: &Names,
    screen: Screen,
) -> String {
    let words = screen.words;
    let mut page = Page::new(screen);
    page.line(&say!(words, "status-family", reference = plain(&family.reference)));
    if family.registration_undone {
        page.line(&say!(words, "status-undone"));
    }
    page.line(&case(family, words));
    if !family.lead_worker_id.is_empty() {
        let worker = names.name(&family.lead_worker_id);
        page.line(&say!(words, "status-lead", worker = worker));
    }
    attention::put(&mut page, family, overdue, names, words);
    people::put(&mut page, family, names, screen);
    work::put(&mut page, family, names, words);
    page.head(&say!(
        words,
        "status-as-of",
        position = as_of_position,
        family = plain(&family.family_id),
        revision = family.revision,
        last = family.last_position
    ));
    page.text
}

/// Where the case stands, in a sentence.
pub(crate) fn case(family: &v1::FamilyStatus, words: Words) -> String {
    let since = || open_since(family, words);
    match family.case_state() {
        v1::CaseState::Open => since(),
        v1::CaseState::Paused => say!(
            words,
            "case-paused",
            case = since(),
            from = words.date(&family.paused_from),
            until = words.date(&family.paused_until)
        ),
        v1::CaseState::ClosureProposed => say!(words, "case-closure-proposed", case = since()),
        v1::CaseState::ClosureApproved => say!(words, "case-closure-approved", case = since()),
        v1::CaseState::Closed => closed(family, words),
        v1::CaseState::None | v1::CaseState::Unspecified => {
            say!(words, "case-none", referral = referral(family, words))
        }
    }
}

fn open_since(family: &v1::FamilyStatus, words: Words) -> String {
    let since = words.date(&family.opened_on);
    let case = match family.days_open {
        Some(days) => say!(words, "case-open-days", since = since, days = i64::from(days)),
        None => say!(words, "case-open", since = since),
    };
    let phase = phase(family, words);
    if phase.is_empty() { case } else { say!(words, "case-phase", case = case, phase = phase) }
}

/// A closed case, what came after it, and a referral that is newer.
fn closed(family: &v1::FamilyStatus, words: Words) -> String {
    let outcome = words.label("CaseOutcome", family.outcome().as_str_name());
    let on = words.date(&family.closed_on);
    let mut parts = vec![match family.days_open {
        Some(days) => {
            say!(words, "case-closed-days", on = on, outcome = outcome, days = i64::from(days))
        }
        None => say!(words, "case-closed", on = on, outcome = outcome),
    }];
    if !family.last_contact_after_closure_on.is_empty() {
        let on = words.date(&family.last_contact_after_closure_on);
        parts.push(say!(words, "case-contact-afterwards", on = on));
    }
    let newer = !matches!(
        family.referral_state(),
        v1::ReferralState::Case | v1::ReferralState::Unspecified
    );
    if newer {
        parts.push(referral(family, words));
    }
    parts.join("; ")
}

/// Where the newest referral stands.
fn referral(family: &v1::FamilyStatus, words: Words) -> String {
    let state = family.referral_state();
    if state == v1::ReferralState::Offered && !family.offer_expires_on.is_empty() {
        let until = words.date(&family.offer_expires_on);
        say!(words, "referral-offered-until", until = until)
    } else if state == v1::ReferralState::Unspecified {
        say!(words, "referral-none")
    } else {
        words.label("ReferralState", state.as_str_name())
    }
}

/// The case's phase in words; empty without one.
pub(crate) fn phase(family: &v1::FamilyStatus, words: Words) -> String {
    words.label("CasePhase", family.phase().as_str_name())
}

/// A plan's state in words.
pub(crate) fn plan(state: v1::PlanState, words: Words) -> String {
    let state = if state == v1::PlanState::Unspecified { v1::PlanState::None } else { state };
    words.label("PlanState", state.as_str_name())
}

/// A changed family on one line.
pub(crate) fn changed(family: &v1::FamilyStatus, as_of_position: i64, words: Words) -> String {
    let mut parts = vec![
        format!("{as_of_position}"),
        plain(&family.reference),
        say!(words, "changed-revision", revision = family.revision),
        case(family, words),
        say!(words, "changed-plan", plan = plan(family.family_plan_state(), words)),
        say!(words, "changed-active", active = i64::from(family.active_interventions)),
    ];
    if family.registration_undone {
        parts.push(say!(words, "changed-undone"));
    }
    if let Some(at) = &family.last_contact_at {
        parts.push(say!(words, "changed-last-contact", on = words.day(at)));
    }
    parts.join("  ")
}

/// The name of a person, or of the family where no person is named.
fn whom(person: &str, names: &Names, words: Words) -> String {
    if person.is_empty() { say!(words, "the-family") } else { names.name(person) }
}

/// An intervention's type, for the beginning of a line.
fn intervention_type(it: v1::InterventionType, words: Words) -> String {
    capital(&words.label("InterventionType", it.as_str_name()))
}
