//! The list of families.

use fokus_proto::v1;

use crate::labels::{day, plain};
use crate::render::status::{phase, plan};
use crate::render::table;

/// A row for each family.
pub(crate) fn families(families: &[v1::FamilyStatus], width: Option<u16>) -> String {
    let rows = families.iter().map(|family| {
        let stale = family.risks.iter().filter(|risk| risk.stale).count();
        vec![
            plain(&family.reference),
            match family.case_state() {
                v1::CaseState::Open
                | v1::CaseState::ClosureProposed
                | v1::CaseState::ClosureApproved => phase(family),
                v1::CaseState::Paused => format!("{} (paused)", phase(family)),
                v1::CaseState::Closed => "closed".to_owned(),
                v1::CaseState::None | v1::CaseState::Unspecified => "no case".to_owned(),
            },
            family.days_open.map(|days| days.to_string()).unwrap_or_default(),
            family.members.len().to_string(),
            family.children_under_18.to_string(),
            plan(family.family_plan_state()).to_owned(),
            family.goals.to_string(),
            family.active_interventions.to_string(),
            highest_risk(family),
            if stale == 0 { String::new() } else { format!("{stale} STALE") },
            family.last_contact_at.as_ref().map(day).unwrap_or_default(),
        ]
    });
    let head = [
        "Reference",
        "Phase",
        "Days",
        "Members",
        "Under 18",
        "Plan",
        "Goals",
        "Active",
        "Highest risk",
        "",
        "Last contact",
    ];
    table(&head, rows.collect(), width)
}

/// The highest level of the judgements that still hold.
fn highest_risk(family: &v1::FamilyStatus) -> String {
    let fresh = family.risks.iter().filter(|risk| !risk.stale);
    match fresh.max_by_key(|risk| risk.level) {
        Some(risk) => crate::labels::label(risk.level().as_str_name(), "RISK_LEVEL"),
        None => String::new(),
    }
}
