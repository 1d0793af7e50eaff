//! Entries inside and around assessments, of what others report, and of the course of interventions.

use serde_json::Value;

use super::entry::{Entry, Told, member};
use super::journal::which;
use crate::labels::plain;
use crate::names::Names;
use crate::{capital, say};

pub(super) fn assessment(entry: &Entry<'_>, names: &Names) -> Told {
    let words = entry.words;
    let person = entry.text("person_id");
    let whom = if person.is_empty() { person } else { names.name(&person) };
    match entry.event_type {
        "AssessmentStarted" => Told::facts(vec![entry.code("AssessmentKind", "kind"), whom]),
        "AssessmentConcluded" => {
            let shared = if entry.text("shared_with_family_on").is_empty() {
                String::new()
            } else {
                say!(words, "shared-on", date = entry.date("shared_with_family_on"))
            };
            let proposal = entry.code("AssessmentProposal", "proposal");
            let proposal = if proposal.is_empty() {
                proposal
            } else {
                say!(words, "proposes", what = proposal)
            };
            Told::facts(vec![proposal, shared]).and(entry.personal("conclusion"))
        }
        _ => {
            let area = entry.code("RiskArea", "risk_area");
            let level = entry.code("RiskLevel", "level");
            Told::facts(vec![
                whom,
                say!(words, "area-level", area = area, level = level),
                entry.code("RiskDirection", "direction"),
                say!(words, "valid-until", date = entry.date("valid_until")),
            ])
            .and(entry.personal("reasoning"))
        }
    }
}

/// What the entry says; `None` = of another topic.
pub(super) fn reported(entry: &Entry<'_>, names: &Names) -> Option<Told> {
    described(entry, names).or_else(|| outside(entry, names)).or_else(|| course(entry, names))
}

fn described(entry: &Entry<'_>, names: &Names) -> Option<Told> {
    let words = entry.words;
    Some(match entry.event_type {
        "AssessmentAreaDescribed" => area(entry),
        "FactorStated" => {
            let band = entry.code("WeightBand", "weight_band");
            Told::facts(vec![
                format!("{} ({})", entry.text("factor_code"), entry.code("FactorSide", "side")),
                entry.personal_code("FactorAnswer", "answer"),
                if band.is_empty() { band } else { say!(words, "weight", band = band) },
                entry.code("RiskArea", "risk_area"),
            ])
            .and(entry.personal("grounds"))
        }
        "InstrumentAdministered" => instrument(entry, names),
        "AssessmentProvisionallyConcluded" => {
            Told::facts(vec![say!(words, "to-end-by", date = entry.date("expected_end"))])
                .and(entry.personal("reasons"))
                .and(entry.personal("preliminary"))
        }
        "AssessmentAbandoned" => Told::text(entry.personal("reason")),
        _ => return None,
    })
}

fn outside(entry: &Entry<'_>, names: &Names) -> Option<Told> {
    let words = entry.words;
    let person = || entry.person("person_id", names);
    Some(match entry.event_type {
        "ExternalAssessmentReceived" => {
            let from = say!(words, "from-source", source = entry.code("Agency", "from"));
            let dated = if entry.text("dated").is_empty() {
                String::new()
            } else {
                say!(words, "dated", date = entry.date("dated"))
            };
            Told::facts(vec![from, dated]).and(entry.personal("summary"))
        }
        "IncidentRecorded" => {
            let source = entry.personal_code("Agency", "source_agency");
            Told::facts(vec![
                person(),
                entry.personal_code("IncidentKind", "kind"),
                entry.code("Grade", "grade"),
                if source.is_empty() {
                    source
                } else {
                    say!(words, "from-source", source = source)
                },
            ])
            .and(entry.personal("text"))
        }
        "AbsenceReported" => {
            let per_cent = |name: &str| words.per_cent(entry.number(name));
            Told::facts(vec![
                person(),
                say!(words, "from-to", from = entry.date("from"), to = entry.date("to")),
                say!(words, "unlawful", share = per_cent("unlawful_per_mille")),
                say!(words, "lawful", share = per_cent("lawful_per_mille")),
            ])
        }
        "EducationStatusReported" => reported_since(entry, names, "EducationStatus"),
        "EmploymentStatusReported" => reported_since(entry, names, "EmploymentStatus"),
        _ => return None,
    })
}

fn reported_since(entry: &Entry<'_>, names: &Names, of: &str) -> Told {
    let from = say!(entry.words, "from-date", date = entry.date("from"));
    Told::facts(vec![entry.person("person_id", names), entry.code(of, "status"), from])
}

fn area(entry: &Entry<'_>) -> Told {
    let words = entry.words;
    let text = |name: &str| Some(entry.personal(name)).filter(|it| !it.is_empty());
    let texts = [
        text("resources").map(|it| say!(words, "area-resources", text = it)),
        text("problems").map(|it| say!(words, "area-problems", text = it)),
        text("child_view").map(|it| say!(words, "area-child", text = it)),
        text("child_not_heard_reason").map(|it| say!(words, "area-child-not-heard", text = it)),
        text("parent_view").map(|it| say!(words, "area-parents", text = it)),
    ];
    let mut told = Told::facts(vec![entry.code("IcsDimension", "dimension")]);
    told.texts.extend(texts.into_iter().flatten());
    told
}

fn instrument(entry: &Entry<'_>, names: &Names) -> Told {
    let words = entry.words;
    let what = entry.code("Instrument", "instrument");
    let respondent = entry.code("Respondent", "respondent");
    Told::facts(vec![
        say!(words, "instrument-about", what = what, whom = entry.whom("person_id", names)),
        entry.code("Occasion", "occasion"),
        say!(words, "answered-by", respondent = respondent),
    ])
    .and(capital(&scores(entry)))
}

/// Scales with their scores and, where there are any, bands; "(erased)" when they are gone.
fn scores(entry: &Entry<'_>) -> String {
    let Some(scores) = entry.personal_list("scores") else { return entry.personal("scores") };
    let bands = entry.personal_list("bands").unwrap_or_default();
    let one = |it: &Value| {
        let scale = member(it, "scale")?;
        let of_scale = bands.iter().find(|it| member(it, "scale").as_ref() == Some(&scale));
        let band = of_scale.and_then(|it| member(it, "band"));
        let band = band.map(|it| format!(" ({})", entry.words.code("Band", &it)));
        let value = plain(&member(it, "value")?);
        let scale = entry.words.code("Scale", &scale);
        Some(format!("{scale} {value}{}", band.unwrap_or_default()))
    };
    scores.iter().filter_map(one).collect::<Vec<_>>().join(", ")
}

fn course(entry: &Entry<'_>, names: &Names) -> Option<Told> {
    let words = entry.words;
    let on = || say!(words, "on-date", date = entry.date("on"));
    let facts = match entry.event_type {
        "InterventionAdjusted" => {
            let planned = entry.facts.get("planned");
            let end = planned.and_then(|it| member(it, "end")).unwrap_or_default();
            let until = if end.is_empty() {
                end
            } else {
                say!(words, "until-date", date = words.date(&end))
            };
            let other_goals = !entry.list("goal_ids").is_empty();
            let goals = if other_goals { say!(words, "other-goals") } else { String::new() };
            vec![which(entry, names), on(), until, goals]
        }
        "InterventionDeclined" => {
            let by = say!(words, "by-people", people = entry.people("by", names));
            vec![which(entry, names), by, on()]
        }
        "InterventionPaused" => {
            let until = if entry.text("expected_until").is_empty() {
                String::new()
            } else {
                say!(words, "expected-until", date = entry.date("expected_until"))
            };
            vec![which(entry, names), on(), until]
        }
        "InterventionResumed" => vec![which(entry, names), on()],
        _ => return None,
    };
    Some(Told::facts(facts).and(entry.personal("reason")))
}
