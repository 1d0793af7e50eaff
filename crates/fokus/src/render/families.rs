//! The list of families.

use crate::words::OnTheWire as _;
use fokus_proto::v1;

use crate::render::status::{phase, plan};
use crate::render::{Screen, table};
use fokus_words::labels::plain;
use fokus_words::{Words, capital, heads, say};

/// A row for each family.
pub(crate) fn families(families: &[v1::FamilyStatus], screen: Screen) -> String {
    let words = screen.words;
    let rows = families.iter().map(|family| {
        vec![
            plain(&family.reference),
            capital(&case(family, words)),
            family.days_open.map(|days| days.to_string()).unwrap_or_default(),
            family.members.len().to_string(),
            family.children_under_18.to_string(),
            plan(family.family_plan_state(), words),
            family.active_interventions.to_string(),
            risk(family, words),
            family.last_contact_at.as_ref().map(|at| words.day(at)).unwrap_or_default(),
        ]
    });
    let head = heads!(
        words,
        "head-family",
        "head-case",
        "head-days",
        "head-members",
        "head-under-18",
        "head-plan",
        "head-active",
        "head-risk",
        "head-last-contact",
    );
    table(head, rows.collect(), screen.width)
}

fn case(family: &v1::FamilyStatus, words: Words) -> String {
    match family.case_state() {
        v1::CaseState::Open | v1::CaseState::ClosureProposed | v1::CaseState::ClosureApproved => {
            phase(family, words)
        }
        v1::CaseState::Paused => say!(words, "phase-paused", phase = phase(family, words)),
        v1::CaseState::Closed => words.label("CaseState", family.case_state().as_str_name()),
        v1::CaseState::None | v1::CaseState::Unspecified => words.code("CaseState", "NONE"),
    }
}

/// The highest level of the judgements that still hold, and how many do not.
fn risk(family: &v1::FamilyStatus, words: Words) -> String {
    let fresh = family.risks.iter().filter(|risk| !risk.stale);
    let highest = fresh.max_by_key(|risk| risk.level);
    let highest = highest.map(|risk| words.label("RiskLevel", risk.level().as_str_name()));
    let stale = family.risks.iter().filter(|risk| risk.stale).count();
    let stale = (stale > 0).then(|| say!(words, "risks-stale", count = stale));
    capital(&highest.into_iter().chain(stale).collect::<Vec<_>>().join(", "))
}
