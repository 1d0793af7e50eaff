//! What a glance at a family adds: goals worked on, what was written down in time, education and work,
//! incidents. A line each, as far as there is something to say.

use fokus_proto::v1;

use crate::labels::{count, day, label, plain};
use crate::names::Names;

/// How far the plan's goals were worked on; empty without any.
pub(crate) fn goals(family: &v1::FamilyStatus) -> String {
    let last = family.last_goal_contact_at.as_ref().map(day);
    match (family.goals_worked_on, last) {
        (0, _) => String::new(),
        (worked_on, Some(last)) => format!(", {worked_on} worked on, last {last}"),
        (worked_on, None) => format!(", {worked_on} worked on"),
    }
}

/// The lines below the contacts.
pub(crate) fn lines(family: &v1::FamilyStatus, names: &Names) -> Vec<String> {
    let lines = [written_down(family), education_and_work(family, names), incidents(family)];
    lines.into_iter().flatten().collect()
}

fn written_down(family: &v1::FamilyStatus) -> Option<String> {
    let duty = family.note_duty?;
    let mut parts = Vec::new();
    if duty.in_time + duty.late > 0 {
        parts.push(format!("{} in time, {} late", duty.in_time, duty.late));
    }
    if duty.unwritten > 0 {
        let contacts = count(duty.unwritten.into(), "contact", "contacts");
        parts.push(format!("{contacts} without a text"));
    }
    (!parts.is_empty()).then(|| format!("Written down: {}.", parts.join("; ")))
}

fn education_and_work(family: &v1::FamilyStatus, names: &Names) -> Option<String> {
    let since = |person: &str, words: String, from: &str| {
        format!("{}: {} since {}", names.name(person), words.to_lowercase(), plain(from))
    };
    let education = family.education.iter().map(|it| {
        since(&it.person_id, label(it.status().as_str_name(), "EDUCATION_STATUS"), &it.from)
    });
    let employment = family.employment.iter().map(|it| {
        since(&it.person_id, label(it.status().as_str_name(), "EMPLOYMENT_STATUS"), &it.from)
    });
    let all: Vec<String> = education.chain(employment).collect();
    (!all.is_empty()).then(|| format!("Education and work: {}.", all.join("; ")))
}

fn incidents(family: &v1::FamilyStatus) -> Option<String> {
    (family.incidents > 0).then(|| {
        let incidents = count(family.incidents.into(), "incident", "incidents");
        format!("{incidents}, last {}.", plain(&family.last_incident_on))
    })
}
