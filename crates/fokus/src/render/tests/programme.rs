//! The programme's numbers, on a narrow and on a wide screen.

use super::*;
use crate::render::programme::{outcomes, programme};
use fokus_words::Language;

const PROGRAMME: &str = "71c78566-9b28-4498-a56e-47c074ffbe3d";

/// Names of snapshots, and the screens that they show.
fn screens() -> impl Iterator<Item = (String, Screen)> {
    let of = [(Language::English, "en"), (Language::Danish, "da")].into_iter();
    of.flat_map(|(language, tag)| {
        [60, 100].map(|width| (format!("{tag}_{width}"), Screen::new(language, Some(width))))
    })
}

fn stage(code: &str, families: i32, reached: i32) -> v1::StageFigures {
    v1::StageFigures { stage: code.to_owned(), families, reached }
}

fn month(month: &str, active_families: i32, contact_minutes: i32) -> v1::MonthFigures {
    v1::MonthFigures {
        month: month.to_owned(),
        active_families,
        contacts: active_families * 5,
        contact_minutes,
        sessions: active_families * 3,
        session_minutes: active_families * 205,
    }
}

fn risk(area: v1::RiskArea, persons: [i32; 5]) -> v1::RiskFigures {
    let of = |persons: i32| Some(v1::PersonsOfFamilies { persons, families: persons });
    let [better, same, worse, once, stale] = persons;
    v1::RiskFigures {
        area: area.into(),
        paired: better + same + worse,
        better: of(better),
        same: of(same),
        worse: of(worse),
        judged_once: of(once),
        out_of_date: of(stale),
    }
}

fn live() -> v1::GetProgrammeResponse {
    v1::GetProgrammeResponse {
        programmes: vec![v1::ProgrammeFigures {
            programme_id: PROGRAMME.to_owned(),
            active_families: 24,
            stages: vec![
                stage("REFERRED", 2, 60),
                stage("PLACE_OFFERED", 0, 58),
                stage("PLACE_ACCEPTED", 1, 58),
                stage("CASE_OPEN", 3, 57),
                stage("PLAN_AGREED", 17, 54),
                stage("CLOSED_GOALS_MET", 13, 37),
                stage("CLOSED_PARTLY_MET", 11, 37),
                stage("CLOSED_OTHERWISE", 13, 37),
            ],
            months: vec![month("2020-10-01", 32, 7_579), month("2020-11-01", 26, 5_045)],
            risks: vec![
                risk(v1::RiskArea::StreetLifestyle, [2, 2, 2, 11, 57]),
                risk(v1::RiskArea::SchoolThriving, [1, 3, 4, 5, 54]),
                risk(v1::RiskArea::FamilyProblems, [0, 0, 0, 0, 0]),
            ],
        }],
        day: "2020-12-15".to_owned(),
        as_of_position: 29_277,
    }
}

fn table(
    table: v1::StatisticTable,
    rows: &[&str],
    columns: &[&str],
    cells: &[(i32, i32, Option<i32>)],
) -> v1::OutcomeTable {
    let codes = |of: &[&str]| of.iter().map(|it| (*it).to_owned()).collect();
    let cell = |(row, column, count): &(i32, i32, Option<i32>)| v1::OutcomeCell {
        row: *row,
        column: *column,
        count: *count,
    };
    v1::OutcomeTable {
        table: table.into(),
        rows: codes(rows),
        columns: codes(columns),
        cells: cells.iter().map(cell).collect(),
        ..Default::default()
    }
}

fn released() -> v1::GetOutcomesResponse {
    let standing = table(
        v1::StatisticTable::Standing,
        &["FAMILIES"],
        &["REFERRED", "PLAN_AGREED", "CLOSED_PARTLY_MET"],
        &[(0, 0, None), (0, 1, Some(29)), (0, 2, None), (0, 3, Some(60))],
    );
    let risks = table(
        v1::StatisticTable::RiskChange,
        &["STREET_LIFESTYLE", "SCHOOL_THRIVING"],
        &["BETTER", "SAME", "WORSE"],
        &[
            (0, 0, None),
            (0, 1, Some(9)),
            (0, 2, None),
            (0, 3, Some(14)),
            (1, 0, Some(0)),
            (1, 1, None),
            (1, 2, None),
            (1, 3, None),
        ],
    );
    let activity = table(
        v1::StatisticTable::Activity,
        &["2020-07", "2020-08"],
        &["CONTACTS", "CONTACT_MINUTES", "SESSIONS", "SESSION_MINUTES"],
        &[
            (0, 0, Some(266)),
            (0, 1, Some(10_321)),
            (0, 2, None),
            (0, 3, Some(8_220)),
            (1, 0, None),
            (1, 1, Some(9_086)),
            (1, 2, Some(120)),
            (1, 3, Some(7_905)),
        ],
    );
    let release = |quarter: &str, withdrawn: bool| v1::Outcomes {
        programme_id: PROGRAMME.to_owned(),
        programme: "Familien først".to_owned(),
        quarter: quarter.to_owned(),
        released_on: "2020-10-25".to_owned(),
        threshold: 5,
        withdrawn,
        ..Default::default()
    };
    let tables = vec![standing, risks, activity];
    v1::GetOutcomesResponse {
        outcomes: Some(v1::Outcomes { tables, ..release("2020-Q3", false) }),
        releases: vec![
            release("2020-Q2", false),
            release("2020-Q3", true),
            release("2020-Q3", false),
        ],
        as_of_position: 29_277,
    }
}

#[track_caller]
fn check_fits(page: &str, screen: Screen) {
    let width = screen.width.map_or(usize::MAX, usize::from);
    let long: Vec<&str> = page.lines().filter(|it| it.chars().count() > width).collect();
    assert!(long.is_empty(), "{long:#?}");
}

#[test]
fn live_numbers_fit_the_screen_and_no_number_is_broken() {
    for (name, screen) in screens() {
        let page = programme(&live(), screen);
        check_fits(&page, screen);
        insta::assert_snapshot!(format!("programme_{name}"), page);
    }
}

#[test]
fn released_numbers_fit_the_screen_and_hidden_ones_are_a_point() {
    for (name, screen) in screens() {
        let page = outcomes(&released(), screen);
        check_fits(&page, screen);
        insta::assert_snapshot!(format!("outcomes_{name}"), page);
    }
}

#[test]
fn what_is_not_there_says_what_would_bring_it() {
    let screen = Screen::new(Language::English, Some(60));
    let nothing = v1::GetProgrammeResponse { programmes: Vec::new(), ..live() };
    let page = programme(&nothing, screen);
    assert!(page.contains("No family has been referred to a programme yet."), "{page}");
    let mut withdrawn = released();
    let release = withdrawn.outcomes.as_mut().unwrap();
    release.withdrawn = true;
    release.tables.clear();
    insta::assert_snapshot!("outcomes_withdrawn", outcomes(&withdrawn, screen));
}
