//! The programme's numbers: the funnel, the months, the risks; and what was released.

use fokus_proto::v1;
use fokus_words::labels::plain;
use fokus_words::released::{Place, layout};
use fokus_words::{Words, capital, heads, say};

use crate::render::{Page, Screen, numbers};

/// The live numbers of each programme.
pub(crate) fn programme(answer: &v1::GetProgrammeResponse, screen: Screen) -> String {
    let words = screen.words;
    let mut page = Page::new(screen);
    page.line(&say!(words, "programme-on", day = words.date(&answer.day)));
    if answer.programmes.is_empty() {
        page.line(&say!(words, "page-programme-none"));
    }
    for it in &answer.programmes {
        page.head(&say!(words, "programme-id", id = plain(&it.programme_id)));
        page.line(&say!(words, "programme-active", count = it.active_families));
        page.text.push('\n');
        let head = heads!(words, "head-stage", "head-families", "head-reached");
        let rows = it.stages.iter().map(|it| {
            let stage = capital(&words.code("Stage", &it.stage));
            vec![stage, it.families.to_string(), it.reached.to_string()]
        });
        page.text.push_str(&numbers(head, rows.collect(), screen.width));
        page.text.push_str("\n\n");
        let head = heads!(
            words,
            "head-month",
            "head-active-families",
            "head-contacts",
            "head-contact-time",
            "head-sessions",
            "head-session-time",
        );
        let rows = it.months.iter().map(|it| month(it, words)).collect();
        page.text.push_str(&numbers(head, rows, screen.width));
        page.text.push_str("\n\n");
        let head = heads!(
            words,
            "head-change-of-risk",
            "head-paired",
            "head-better",
            "head-same",
            "head-worse",
            "head-once",
            "head-stale",
        );
        let rows = it.risks.iter().map(|it| risk(it, words)).collect();
        page.text.push_str(&numbers(head, rows, screen.width));
        page.text.push_str("\n\n");
        page.line(&say!(words, "no-control-group"));
    }
    page.head(&say!(words, "as-of", position = answer.as_of_position));
    page.text
}

fn month(it: &v1::MonthFigures, words: Words) -> Vec<String> {
    vec![
        it.month.chars().take(7).collect(),
        it.active_families.to_string(),
        it.contacts.to_string(),
        words.duration(it.contact_minutes.into()),
        it.sessions.to_string(),
        words.duration(it.session_minutes.into()),
    ]
}

fn risk(it: &v1::RiskFigures, words: Words) -> Vec<String> {
    let persons =
        |it: &Option<v1::PersonsOfFamilies>| it.as_ref().map_or(0, |it| it.persons).to_string();
    vec![
        capital(&words.label("RiskArea", it.area().as_str_name())),
        it.paired.to_string(),
        persons(&it.better),
        persons(&it.same),
        persons(&it.worse),
        persons(&it.judged_once),
        persons(&it.out_of_date),
    ]
}

/// One release, and which others there are.
pub(crate) fn outcomes(answer: &v1::GetOutcomesResponse, screen: Screen) -> String {
    let words = screen.words;
    let mut page = Page::new(screen);
    let release = answer.outcomes.clone().unwrap_or_default();
    let (quarter, on) = (plain(&release.quarter), words.date(&release.released_on));
    let programme = plain(&release.programme);
    page.line(&say!(words, "outcomes-of", programme = programme, quarter = quarter, on = on));
    if release.withdrawn {
        page.line(&say!(words, "outcomes-withdrawn"));
    }
    for it in &release.tables {
        page.head(&capital(&words.label("StatisticTable", it.table().as_str_name())));
        page.text.push_str(&released(it, screen));
        page.text.push('\n');
    }
    page.text.push('\n');
    if !release.tables.is_empty() {
        page.line(&say!(words, "outcomes-hidden", count = release.threshold));
    }
    page.line(&say!(words, "no-control-group"));
    let others = answer.releases.iter().map(|it| {
        let quarter = plain(&it.quarter);
        if it.withdrawn {
            say!(words, "outcomes-other-withdrawn", quarter = quarter)
        } else {
            quarter
        }
    });
    let others: Vec<String> = others.collect();
    page.line(&say!(words, "outcomes-others", quarters = others.join(", ")));
    page.line(&say!(words, "as-of", position = answer.as_of_position));
    page.text
}

/// A table with a row for each code; one that has a single row stands on its side.
fn released(it: &v1::OutcomeTable, screen: Screen) -> String {
    let place = |row: usize, column: usize| {
        let wanted = (i32::try_from(row).ok(), i32::try_from(column).ok());
        let found = it.cells.iter().find(|it| (Some(it.row), Some(it.column)) == wanted);
        match found.map(|it| it.count.map(u32::try_from)) {
            Some(Some(Ok(count))) => Place::Number(count),
            Some(Some(Err(_)) | None) => Place::Hidden,
            None => Place::Empty,
        }
    };
    let laid = layout(&it.rows, &it.columns, place, screen.words);
    let head = std::iter::once(String::new()).chain(laid.heads).collect();
    let rows = laid.lines.into_iter().map(|it| {
        let places = it.places.into_iter().map(Place::said);
        std::iter::once(it.head).chain(places).collect()
    });
    numbers(head, rows.collect(), screen.width)
}
