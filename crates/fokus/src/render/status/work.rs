//! The plan, the interventions, the risks as judged, and the contacts.

use crate::words::OnTheWire as _;
use fokus_proto::v1;

use super::{intervention_type, plan, whom};
use crate::render::Page;
use fokus_words::names::Names;
use fokus_words::{Words, capital, say};

/// The sections, as far as there is something to say.
pub(super) fn put(page: &mut Page, family: &v1::FamilyStatus, names: &Names, words: Words) {
    plans(page, family, names, words);
    interventions(page, family, names, words);
    risks(page, family, names, words);
    contacts(page, family, words);
}

fn plans(page: &mut Page, family: &v1::FamilyStatus, names: &Names, words: Words) {
    page.head(&say!(words, "plan-head"));
    let state = plan(family.family_plan_state(), words);
    let goals = say!(words, "plan-goals", goals = i64::from(family.goals));
    let mut parts = vec![say!(words, "plan-family", state = state), goals];
    if family.goals_worked_on > 0 {
        let worked_on = i64::from(family.goals_worked_on);
        parts.push(match &family.last_goal_contact_at {
            Some(at) => {
                say!(words, "plan-worked-on-last", goals = worked_on, last = words.day(at))
            }
            None => say!(words, "plan-worked-on", goals = worked_on),
        });
    }
    page.item(&parts.join(", "));
    if !family.youth_with_track.is_empty() {
        let youths: Vec<String> = family.youth_with_track.iter().map(|id| names.name(id)).collect();
        page.item(&say!(words, "plan-youth-track", youths = words.list(youths)));
    }
}

fn interventions(page: &mut Page, family: &v1::FamilyStatus, names: &Names, words: Words) {
    if family.interventions.is_empty() {
        return;
    }
    let active = i64::from(family.active_interventions);
    page.head(&say!(words, "interventions-head", active = active));
    // What runs first, what is over last.
    let over = |it: &&v1::InterventionStatus| {
        use v1::InterventionState as State;
        matches!(it.state(), State::Ended | State::Declined)
    };
    let (past, present): (Vec<_>, Vec<_>) = family.interventions.iter().partition(over);
    for it in present.into_iter().chain(past) {
        page.item(&intervention(it, names, words));
    }
}

fn intervention(it: &v1::InterventionStatus, names: &Names, words: Words) -> String {
    let what = say!(
        words,
        "intervention-for",
        what = intervention_type(it.r#type(), words),
        whom = whom(&it.person_id, names, words)
    );
    let (started, ended) = (words.date(&it.started_on), words.date(&it.ended_on));
    let line = match it.state() {
        v1::InterventionState::Started => {
            say!(words, "intervention-running", what = what, started = started)
        }
        v1::InterventionState::Paused => {
            say!(words, "intervention-paused", what = what, started = started)
        }
        v1::InterventionState::Ended => {
            say!(words, "intervention-ended", what = what, started = started, ended = ended)
        }
        v1::InterventionState::Ordered => say!(words, "intervention-ordered", what = what),
        v1::InterventionState::Declined => say!(words, "intervention-declined", what = what),
        v1::InterventionState::Unspecified => what,
    };
    if it.sessions == 0 {
        return line;
    }
    let time = words.duration(it.minutes.into());
    let sessions = say!(words, "sessions", sessions = i64::from(it.sessions), time = time);
    format!("{line}; {sessions}")
}

/// A person a line, an area a line under it: the ones that hold first, the highest first.
fn risks(page: &mut Page, family: &v1::FamilyStatus, names: &Names, words: Words) {
    if family.risks.is_empty() {
        return;
    }
    page.head(&say!(words, "risks-head"));
    let mut persons: Vec<&str> = Vec::new();
    for risk in &family.risks {
        if !persons.contains(&risk.person_id.as_str()) {
            persons.push(&risk.person_id);
        }
    }
    for person in persons {
        page.item(&names.name(person));
        let mut of_person: Vec<_> =
            family.risks.iter().filter(|it| it.person_id == person).collect();
        of_person.sort_by_key(|it| (it.stale, std::cmp::Reverse(it.level)));
        for risk in of_person {
            page.detail(&judgement(risk, words));
        }
    }
}

fn judgement(it: &v1::RiskStatus, words: Words) -> String {
    let area = capital(&words.label("RiskArea", it.risk_area().as_str_name()));
    let level = words.label("RiskLevel", it.level().as_str_name());
    let (on, until) = (words.date(&it.judged_on), words.date(&it.valid_until));
    if it.stale {
        return say!(words, "risk-stale", area = area, level = level, on = on, until = until);
    }
    let direction = words.label("RiskDirection", it.direction().as_str_name());
    say!(
        words,
        "risk-holds",
        area = area,
        level = level,
        direction = direction,
        on = on,
        until = until
    )
}

fn contacts(page: &mut Page, family: &v1::FamilyStatus, words: Words) {
    page.head(&say!(words, "contacts-head"));
    let at = |at: &Option<prost_types::Timestamp>| {
        at.as_ref().map_or_else(|| say!(words, "never"), |at| words.time(at))
    };
    page.item(&say!(words, "contact-last", at = at(&family.last_contact_at)));
    page.item(&say!(words, "contact-child", at = at(&family.last_contact_with_child_at)));
    page.item(&say!(words, "contact-home", at = at(&family.last_contact_at_home_at)));
    page.item(&say!(
        words,
        "contacts-all",
        contacts = i64::from(family.contacts),
        time = words.duration(family.contact_minutes.into()),
        notes = i64::from(family.notes)
    ));
    if let Some(line) = written_down(family, words) {
        page.item(&line);
    }
    if family.incidents > 0 {
        let last = words.date(&family.last_incident_on);
        page.item(&say!(words, "incidents", count = i64::from(family.incidents), last = last));
    }
    if family.corrected_recently > 0 {
        page.item(&say!(words, "corrected", count = i64::from(family.corrected_recently)));
    }
}

fn written_down(family: &v1::FamilyStatus, words: Words) -> Option<String> {
    let duty = family.note_duty?;
    let mut parts = Vec::new();
    if duty.in_time + duty.late > 0 {
        parts.push(say!(words, "written", in_time = duty.in_time, late = duty.late));
    }
    if duty.unwritten > 0 {
        parts.push(say!(words, "unwritten", contacts = i64::from(duty.unwritten)));
    }
    (!parts.is_empty()).then(|| say!(words, "written-down", parts = parts.join("; ")))
}
