use jiff::civil::date;
use serde_json::json;
use uuid::Uuid;

use super::*;
use crate::codes::Precision;
use crate::effective::tests::{mark, recorded};
use crate::fact::assessing::IncidentRecorded;
use crate::instruments::change::Change;
use crate::record::Opened;
use crate::time::{Occurred, day_start_ms};

const SON: PersonId = PersonId(Uuid::from_u128(2));

fn judged(level: RiskLevel, basis: &[u64], valid_until: Date) -> Fact {
    Fact::ProfessionalRiskJudged(ProfessionalRiskJudged {
        person_id: SON,
        risk_area: RiskArea::SchoolThriving,
        level,
        direction: RiskDirection::Better,
        basis: basis.to_vec(),
        valid_until,
    })
}

fn administered(respondent: Respondent) -> Fact {
    Fact::InstrumentAdministered(InstrumentAdministered {
        assessment_id: None,
        instrument: "SDQ".to_owned(),
        version: None,
        person_id: Some(SON),
        respondent,
        occasion: Occasion::Intake,
        norm_set: None,
        about: vec![SON],
    })
}

/// Each fact at noon of its day.
fn history(facts: &[(Date, Fact)]) -> Vec<Recorded> {
    (1..)
        .zip(facts)
        .map(|(revision, (on, fact))| {
            let mut event = recorded(revision, fact.clone());
            let at_ms = day_start_ms(*on) + 12 * 3_600_000;
            event.occurred = Occurred { at_ms, offset_min: 60, precision: Precision::Exact };
            event
        })
        .collect()
}

fn rows(facts: &[(Date, Fact)]) -> Vec<TrajectoryRow> {
    trajectory_of(&history(facts), &Clocks::NOW)
}

#[track_caller]
fn steps(facts: &[(Date, Fact)]) -> RiskSteps {
    match rows(facts).pop() {
        Some(TrajectoryRow::Risk(it)) => it,
        other => panic!("not a risk: {other:?}"),
    }
}

const MARCH: Date = date(2019, 3, 1);
const MAY: Date = date(2019, 5, 1);
const JULY: Date = date(2019, 7, 1);
const AUTUMN: Date = date(2019, 9, 1);

#[test]
fn a_step_stands_until_the_next_one_and_no_longer_than_it_is_valid() {
    let facts = [
        (MARCH, judged(RiskLevel::High, &[1], AUTUMN)),
        (MAY, judged(RiskLevel::Moderate, &[1, 2], date(2019, 6, 1))),
        (JULY, judged(RiskLevel::Low, &[3], AUTUMN)),
    ];
    let orders = [[0, 1, 2], [2, 1, 0], [1, 2, 0]];
    for order in orders {
        let shown = steps(&order.map(|it: usize| facts[it].clone()));
        let until: Vec<_> = shown.steps.iter().map(|it| it.stands_until).collect();
        let expected = [date(2019, 4, 30), date(2019, 6, 1), AUTUMN].map(Some);
        assert_eq!(until, expected);
        let level = |day| shown.on(day).map(|it| it.level);
        assert_eq!(level(date(2019, 2, 28)), None, "nobody had judged: not LOW");
        assert_eq!(level(date(2019, 4, 30)), Some(RiskLevel::High));
        assert_eq!(level(MAY), Some(RiskLevel::Moderate));
        assert_eq!(level(date(2019, 6, 2)), None, "expired, and not carried on");
        assert_eq!(level(AUTUMN), Some(RiskLevel::Low));
        assert!(!shown.is_stale(AUTUMN) && shown.is_stale(date(2019, 9, 2)));
    }
}

#[test]
fn a_judgement_of_the_same_day_leaves_the_one_before_no_day() {
    let shown = steps(&[
        (MAY, judged(RiskLevel::High, &[1], AUTUMN)),
        (MAY, judged(RiskLevel::Acute, &[1], AUTUMN)),
    ]);
    assert_eq!(shown.steps[0].stands_until, None);
    assert_eq!(shown.on(MAY).map(|it| it.level), Some(RiskLevel::Acute));
}

#[test]
fn better_needs_a_lower_level_and_something_new() {
    let change = |level, basis: &[u64]| {
        let before = (MARCH, judged(RiskLevel::High, &[1, 2], AUTUMN));
        steps(&[before, (MAY, judged(level, basis, AUTUMN))]).steps[1].change
    };
    assert_eq!(change(RiskLevel::Moderate, &[2, 3]), RiskDirection::Better);
    assert_eq!(change(RiskLevel::Moderate, &[2, 1]), RiskDirection::Same);
    assert_eq!(change(RiskLevel::High, &[3]), RiskDirection::Same);
    assert_eq!(change(RiskLevel::Acute, &[1]), RiskDirection::Worse);
    let first = steps(&[(MARCH, judged(RiskLevel::Low, &[1], AUTUMN))]);
    assert_eq!(first.steps[0].change, RiskDirection::First);
    assert_eq!(first.steps[0].direction, RiskDirection::Better, "as judged, beside it");
}

#[test]
fn areas_persons_and_instruments_are_rows_of_their_own() {
    let incident = |grade| Fact::IncidentRecorded(IncidentRecorded { person_id: SON, grade });
    let facts = [
        (MARCH, judged(RiskLevel::High, &[1], AUTUMN)),
        (MARCH, administered(Respondent::Parent)),
        (MARCH, administered(Respondent::Teacher)),
        (JULY, administered(Respondent::Parent)),
        (JULY, incident(Grade::Certain)),
        (MAY, incident(Grade::Claimed)),
    ];
    let keys: Vec<String> = rows(&facts).iter().map(TrajectoryRow::key).collect();
    let expected = [
        format!("incidents/{SON}"),
        format!("instrument/{SON}/SDQ/PARENT"),
        format!("instrument/{SON}/SDQ/TEACHER"),
        format!("risk/{SON}/SCHOOL_THRIVING"),
    ];
    assert_eq!(keys, expected);
    let Some(TrajectoryRow::Incidents(incidents)) = rows(&facts).into_iter().next() else {
        panic!("no incidents");
    };
    let days: Vec<_> = incidents.incidents.iter().map(|it| (it.revision, it.on)).collect();
    assert_eq!(days, [(6, MAY), (5, JULY)]);
}

#[test]
fn a_judgement_marked_mistaken_leaves_no_step() {
    let facts = [(MARCH, judged(RiskLevel::High, &[1], AUTUMN)), (MAY, mark(1))];
    assert_eq!(rows(&facts), []);
}

#[test]
fn scores_are_joined_with_what_they_show_against_the_first() {
    let facts = [
        (MARCH, administered(Respondent::Parent)),
        (MAY, administered(Respondent::Parent)),
        (JULY, administered(Respondent::Parent)),
    ];
    let Some(TrajectoryRow::Instrument(series)) = rows(&facts).pop() else { panic!("no series") };
    let scores = |total: &str, prosocial: &str| {
        let scores = json!([
            {"scale": "TOTAL", "value": total, "missing_items": 0},
            {"scale": "PROSOCIAL", "value": prosocial, "missing_items": 1},
        ]);
        vec![("scores".to_owned(), Opened::Known(scores))]
    };
    let mut first = scores("20", "4");
    let bands = json!([{"scale": "TOTAL", "band": "HIGH"}]);
    first.push(("bands".to_owned(), Opened::Known(bands)));
    let erased = vec![("scores".to_owned(), Opened::Erased)];
    let opened = BTreeMap::from([(1, first), (2, erased), (3, scores("13", "9"))]);
    let shown = points(&series, &opened);
    let bands: Vec<_> = shown[0].scores.iter().map(|it| it.band.as_deref()).collect();
    assert_eq!(bands, [Some("HIGH"), None]);
    let changes = |at: usize| shown[at].scores.iter().map(|it| it.change).collect::<Vec<_>>();
    assert_eq!(changes(0), [None, None]);
    assert!(shown[1].is_erased && shown[1].scores.is_empty());
    assert_eq!(changes(2), [Some(Change::Better), Some(Change::ReliabilityUnknown)]);
    let nothing = points(&series, &BTreeMap::new());
    assert!(nothing.iter().all(|it| it.is_erased), "the row needs no score");
}

#[test]
fn an_answer_has_room_for_the_newest_and_for_what_they_are_compared_with() {
    let incident =
        Fact::IncidentRecorded(IncidentRecorded { person_id: SON, grade: Grade::Certain });
    let facts = [
        (MARCH, judged(RiskLevel::High, &[1], AUTUMN)),
        (MAY, judged(RiskLevel::Low, &[1, 2], AUTUMN)),
        (MARCH, administered(Respondent::Parent)),
        (MAY, administered(Respondent::Parent)),
        (JULY, administered(Respondent::Parent)),
        (MAY, incident),
    ];
    let mut all = rows(&facts);
    assert_eq!((keep_newest(&mut all, 3), &all), (0, &rows(&facts)));
    assert_eq!(keep_newest(&mut all, 1), 2, "a judgement, and the score in the middle");
    assert_eq!(wanted(&all), [(6, 0), (3, 0), (5, 0)]);
    let shown = present(all, &EntryFields::new(), Vec::new(), AUTUMN);
    assert_eq!(shown.risks[0].steps.len(), 1);
    assert_eq!(shown.incidents[0].incidents[0].kind, None, "nothing was opened");
    assert_eq!(shown.persons.into_keys().collect::<Vec<_>>(), [SON]);
}
