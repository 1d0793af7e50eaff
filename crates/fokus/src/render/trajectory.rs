//! How a family's risks, scores and incidents went: person by person, then the interventions meanwhile.
//! Nothing is summed.

use fokus_proto::v1;

use fokus_words::labels::plain;
use fokus_words::names::Names;

use crate::names::insert_person;
use crate::render::{Page, Screen};
use fokus_words::{Words, capital, say};

/// One family's trajectory.
pub(crate) fn trajectory(answer: &v1::GetRiskTrajectoryResponse, screen: Screen) -> String {
    let words = screen.words;
    let mut names = Names::new();
    for it in &answer.persons {
        insert_person(&mut names, &it.person_id, it.name.as_ref(), it.erased, words);
    }
    let mut page = Page::new(screen);
    page.line(&say!(words, "trajectory-on", day = words.date(&answer.day)));
    let persons = answer.persons.iter().map(|it| it.person_id.as_str());
    // Instruments about the family as such name nobody.
    for person in persons.chain([""]) {
        put_person(&mut page, answer, person, &names, words);
    }
    if !answer.interventions.is_empty() {
        page.head(&say!(words, "trajectory-interventions"));
        for it in &answer.interventions {
            page.item(&band(it, &names, words));
        }
    }
    page.text.push('\n');
    if answer.left_out > 0 {
        page.line(&say!(words, "trajectory-left-out", count = i64::from(answer.left_out)));
    }
    let (position, revision) = (answer.as_of_position, answer.revision);
    page.line(&say!(words, "timeline-as-of", position = position, revision = revision));
    page.text
}

fn put_person(
    page: &mut Page,
    answer: &v1::GetRiskTrajectoryResponse,
    person: &str,
    names: &Names,
    words: Words,
) {
    let risks: Vec<_> = answer.risks.iter().filter(|it| it.person_id == person).collect();
    let series: Vec<_> = answer.instruments.iter().filter(|it| it.person_id == person).collect();
    let incidents = answer.incidents.iter().filter(|it| it.person_id == person);
    let incidents: Vec<_> = incidents.flat_map(|it| &it.incidents).collect();
    if risks.is_empty() && series.is_empty() && incidents.is_empty() {
        return;
    }
    let whom =
        if person.is_empty() { capital(&say!(words, "the-family")) } else { names.name(person) };
    page.head(&whom);
    for it in risks {
        let area = capital(&words.label("RiskArea", it.risk_area().as_str_name()));
        page.item(&if it.stale { say!(words, "steps-stale", area = area) } else { area });
        for step in &it.steps {
            page.detail(&judged(step, words));
        }
    }
    for it in series {
        let instrument = words.code("Instrument", &it.instrument);
        let respondent = words.label("Respondent", it.respondent().as_str_name());
        page.item(&say!(words, "series", instrument = instrument, respondent = respondent));
        for point in &it.points {
            page.detail(&administered(point, words));
        }
    }
    if !incidents.is_empty() {
        page.item(&say!(words, "incidents-head"));
        for it in incidents {
            page.detail(&incident(it, words));
        }
    }
}

/// A judgement; one that another of its day replaced stood on no day.
fn judged(it: &v1::RiskStep, words: Words) -> String {
    let level = words.label("RiskLevel", it.level().as_str_name());
    let change = words.label("RiskDirection", it.change().as_str_name());
    let (on, until) = (words.date(&it.judged_on), words.date(&it.stands_until));
    let revision = it.revision;
    if it.stands_until.is_empty() {
        return say!(words, "step-replaced", on = on, level = level, revision = revision);
    }
    let what = if change.is_empty() { level } else { format!("{level} ({change})") };
    say!(words, "step", on = on, until = until, what = what, revision = revision)
}

fn administered(it: &v1::InstrumentPoint, words: Words) -> String {
    let on = words.date(&it.on);
    let occasion = words.label("Occasion", it.occasion().as_str_name());
    let scores = if it.erased {
        say!(words, "erased")
    } else {
        it.scores.iter().map(|it| score(it, words)).collect::<Vec<_>>().join(", ")
    };
    say!(words, "point", on = on, occasion = occasion, scores = scores)
}

fn score(it: &v1::ScorePoint, words: Words) -> String {
    let scale = words.code("Scale", &it.scale);
    let mut marks = Vec::new();
    if !it.band.is_empty() {
        marks.push(words.code("Band", &it.band));
    }
    if it.missing_items > 0 {
        marks.push(say!(words, "score-missing", count = i64::from(it.missing_items)));
    }
    // That there is no way to tell is said by saying nothing.
    if matches!(it.change(), v1::ReliableChange::Better | v1::ReliableChange::Worse) {
        marks.push(words.label("ReliableChange", it.change().as_str_name()));
    }
    let score = format!("{scale} {}", plain(&it.value));
    if marks.is_empty() { score } else { format!("{score} ({})", marks.join(", ")) }
}

fn incident(it: &v1::IncidentPoint, words: Words) -> String {
    let kind = if it.erased {
        say!(words, "erased")
    } else {
        words.label("IncidentKind", it.kind().as_str_name())
    };
    let grade = words.label("Grade", it.grade().as_str_name());
    say!(words, "incident", on = words.date(&it.on), kind = kind, grade = grade)
}

fn band(it: &v1::InterventionBand, names: &Names, words: Words) -> String {
    let what = capital(&words.label("InterventionType", it.r#type().as_str_name()));
    let whom =
        if it.person_id.is_empty() { say!(words, "the-family") } else { names.name(&it.person_id) };
    let what = say!(words, "intervention-for", what = what, whom = whom);
    let started = words.date(&it.started_on);
    if it.ended_on.is_empty() && it.paused_on.is_empty() {
        say!(words, "intervention-running", what = what, started = started)
    } else if it.ended_on.is_empty() {
        say!(words, "intervention-paused", what = what, started = started)
    } else {
        let ended = words.date(&it.ended_on);
        say!(words, "intervention-ended", what = what, started = started, ended = ended)
    }
}
