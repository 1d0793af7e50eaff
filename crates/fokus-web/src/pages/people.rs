//! How a family stands, in words that several pages say.

use fokus_core::codes::{CaseState, RiskLevel};
use fokus_core::command::PersonName;
use fokus_core::ids::PersonId;
use fokus_core::views::status::{FamilyStatus, ReferralState};
use fokus_words::labels::plain;
use fokus_words::names::{Names, full_name};
use fokus_words::{Words, capital, say};

/// A person's name for the reader.
pub(crate) fn person(name: Option<&PersonName>, erased: bool, id: PersonId, w: Words) -> String {
    match name {
        _ if erased => say!(w, "erased"),
        Some(it) => plain(&full_name(&it.given, &it.family)),
        None => id.to_string().chars().take(8).collect(),
    }
}

/// The names of a family's present members and network, and the types of its interventions.
pub(crate) fn names_of(family: &FamilyStatus, w: Words) -> Names {
    let mut names = Names::new();
    let members = family.members.iter().map(|it| (it.person_id, it.name.as_ref(), it.erased));
    let network = family.network.iter().map(|it| (it.person_id, it.name.as_ref(), it.erased));
    for (id, name, erased) in members.chain(network) {
        let name = name.map(|it| full_name(&it.given, &it.family)).unwrap_or_default();
        names.insert_person(&id.to_string(), name, erased, w);
    }
    for it in &family.row.interventions {
        if let Ok(serde_json::Value::String(code)) = serde_json::to_value(it.intervention_type) {
            names.insert_intervention(it.intervention_id.to_string(), code);
        }
    }
    names
}

/// Where the case stands, in a sentence.
pub(crate) fn case(family: &FamilyStatus, w: Words) -> String {
    let Some(case) = &family.row.case else {
        return say!(w, "case-none", referral = referral(family, w));
    };
    let since = || open_since(family, w);
    match (case.state, case.paused, case.closed) {
        (CaseState::Paused, Some(pause), _) => say!(
            w,
            "case-paused",
            case = since(),
            from = w.civil(pause.from),
            until = w.civil(pause.expected_until)
        ),
        (CaseState::ClosureProposed, _, _) => say!(w, "case-closure-proposed", case = since()),
        (CaseState::ClosureApproved, _, _) => say!(w, "case-closure-approved", case = since()),
        (CaseState::Closed, _, Some(closed)) => {
            let (on, outcome) = (w.civil(closed.on), w.of("CaseOutcome", &closed.outcome));
            match family.days_open {
                Some(days) => {
                    say!(w, "case-closed-days", on = on, outcome = outcome, days = i64::from(days))
                }
                None => say!(w, "case-closed", on = on, outcome = outcome),
            }
        }
        (CaseState::None, _, _) => say!(w, "case-none", referral = referral(family, w)),
        (CaseState::Open | CaseState::Paused | CaseState::Closed, _, _) => since(),
    }
}

fn open_since(family: &FamilyStatus, w: Words) -> String {
    let Some(case) = &family.row.case else { return String::new() };
    let since = w.civil(case.opened_on);
    let open = match family.days_open {
        Some(days) => say!(w, "case-open-days", since = since, days = i64::from(days)),
        None => say!(w, "case-open", since = since),
    };
    say!(w, "case-phase", case = open, phase = w.of("CasePhase", &case.phase))
}

/// Where the newest referral stands.
fn referral(family: &FamilyStatus, w: Words) -> String {
    match (family.referral_state, family.row.offer_expires_on) {
        (Some(ReferralState::Offered), Some(until)) => {
            say!(w, "referral-offered-until", until = w.civil(until))
        }
        (Some(state), _) => w.of("ReferralState", &state),
        (None, _) => say!(w, "referral-none"),
    }
}

/// The case's phase, or what there is instead.
pub(crate) fn phase(family: &FamilyStatus, w: Words) -> String {
    let Some(case) = &family.row.case else { return capital(&w.code("CaseState", "NONE")) };
    let phase = w.of("CasePhase", &case.phase);
    capital(&match case.state {
        CaseState::Closed => w.of("CaseState", &case.state),
        CaseState::Paused => say!(w, "phase-paused", phase = phase),
        CaseState::None
        | CaseState::Open
        | CaseState::ClosureProposed
        | CaseState::ClosureApproved => phase,
    })
}

/// The highest level of the judgements that still hold, and how many do not.
pub(crate) fn highest_risk(family: &FamilyStatus) -> (Option<RiskLevel>, usize) {
    let risks = family.row.risks.iter().zip(&family.stale);
    let fresh = risks.filter(|(_, stale)| !**stale).map(|(it, _)| it.level).max();
    (fresh, family.stale.iter().filter(|it| **it).count())
}

/// The class that colours a level.
pub(crate) fn level_class(level: RiskLevel) -> &'static str {
    match level {
        RiskLevel::Low => "low",
        RiskLevel::Moderate => "moderate",
        RiskLevel::High => "high",
        RiskLevel::Acute => "acute",
    }
}
