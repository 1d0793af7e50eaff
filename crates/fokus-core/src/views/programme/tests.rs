use jiff::civil::{Date, date};
use uuid::Uuid;

use super::figures::Done;
use super::*;
use crate::codes::{CaseOutcome, RiskArea, RiskLevel};

const HERE: ProgrammeId = ProgrammeId(Uuid::from_u128(1));
const THERE: ProgrammeId = ProgrammeId(Uuid::from_u128(2));

fn family(number: u128) -> ProgrammeRow {
    ProgrammeRow {
        family_id: FamilyId(Uuid::from_u128(number)),
        undone: false,
        referrals: vec![ReferralWay {
            programme_id: HERE,
            referral_id: ReferralId(Uuid::from_u128(number)),
            on: date(2019, 2, 1),
            offered_on: Some(date(2019, 2, 10)),
            accepted_on: Some(date(2019, 2, 20)),
        }],
        cases: vec![CaseWay {
            case_id: CaseId(Uuid::from_u128(number)),
            programme_id: HERE,
            open: vec![
                Span { from: date(2019, 3, 1), to: Some(date(2019, 9, 30)) },
                Span { from: date(2019, 11, 15), to: None },
            ],
            closings: vec![ClosingOn { on: date(2019, 9, 30), outcome: CaseOutcome::PartlyMet }],
        }],
        plans: vec![date(2019, 5, 2)],
        risks: Vec::new(),
        days: Vec::new(),
    }
}

fn done(day: Date, contacts: u32, contact_minutes: u32, sessions: u32) -> DayDone {
    DayDone { day, contacts, contact_minutes, sessions, session_minutes: sessions * 45 }
}

#[test]
fn a_family_is_at_one_stage_on_each_day() {
    let row = family(1);
    #[rustfmt::skip] // One row, one day.
    let days = [
        (date(2019, 1, 31),  None),
        (date(2019, 2, 1),   Some(Stage::Referred)),
        (date(2019, 2, 10),  Some(Stage::PlaceOffered)),
        (date(2019, 2, 28),  Some(Stage::PlaceAccepted)),
        (date(2019, 3, 1),   Some(Stage::CaseOpen)),
        (date(2019, 5, 2),   Some(Stage::PlanAgreed)),
        (date(2019, 9, 29),  Some(Stage::PlanAgreed)),
        (date(2019, 9, 30),  Some(Stage::ClosedPartlyMet)),
        (date(2019, 11, 14), Some(Stage::ClosedPartlyMet)),
        (date(2019, 11, 15), Some(Stage::PlanAgreed)),
    ];
    for (day, expected) in days {
        assert_eq!(stage_on(&row, HERE, day), expected, "{day}");
        assert_eq!(stage_on(&row, THERE, day), None, "{day}");
    }
    let undone = ProgrammeRow { undone: true, ..row };
    assert_eq!(stage_on(&undone, HERE, date(2019, 5, 2)), None);
}

#[test]
fn a_plan_of_an_earlier_case_is_none_of_a_later_one() {
    let mut row = family(1);
    let mut later = row.cases[0].clone();
    later.open = vec![Span { from: date(2020, 6, 1), to: None }];
    row.cases[0].open.truncate(1);
    row.cases.push(later);
    assert_eq!(stage_on(&row, HERE, date(2020, 5, 31)), Some(Stage::ClosedPartlyMet));
    assert_eq!(stage_on(&row, HERE, date(2020, 6, 1)), Some(Stage::CaseOpen));
}

#[test]
fn what_families_reached_adds_up() {
    let rows = [family(1), family(2), ProgrammeRow { cases: Vec::new(), ..family(3) }];
    let figures = figures_on(&rows, HERE, date(2019, 10, 1));
    assert_eq!(figures.active, 0);
    let reached = Stage::ALL.map(|it| figures.reached(it));
    assert_eq!(reached, [3, 3, 3, 2, 2, 2, 2, 2]);
    assert_eq!(figures_on(&rows, HERE, date(2019, 4, 1)).active, 2);
    assert_eq!(figures_on(&rows, THERE, date(2019, 4, 1)).reached(Stage::Referred), 0);
}

#[test]
fn months_count_what_was_done_while_the_case_was_open() {
    let mut one = family(1);
    one.days = vec![
        done(date(2019, 2, 27), 5, 300, 0),
        done(date(2019, 3, 4), 2, 90, 1),
        done(date(2019, 3, 29), 1, 30, 0),
        done(date(2019, 10, 1), 1, 60, 0),
    ];
    let mut other = family(2);
    other.days = vec![done(date(2019, 3, 5), 1, 40, 0)];
    let figures = figures_on(&[one, other], HERE, date(2019, 11, 20));
    let months: Vec<(Date, u32)> = figures.months.iter().map(|it| (it.month, it.active)).collect();
    assert_eq!(months.len(), 9, "{months:?}");
    assert_eq!(months[0], (date(2019, 3, 1), 2));
    assert_eq!(months[7], (date(2019, 10, 1), 0));
    let march = &figures.months[0];
    assert_eq!(march.contacts, Done { sum: 4, families: 2, largest: 3, second: 1 });
    assert_eq!(march.contact_minutes, Done { sum: 160, families: 2, largest: 120, second: 40 });
    assert_eq!(march.sessions, Done { sum: 1, families: 1, largest: 1, second: 0 });
    assert_eq!(march.session_minutes.sum, 45);
    assert_eq!(figures.months[7].contacts, Done::default(), "the case was closed");
    // The day's own month goes up to the day.
    let early = figures_on(&[family(1)], HERE, date(2019, 3, 1));
    assert_eq!(early.months.len(), 1);
}

#[test]
fn risks_are_compared_person_by_person_with_the_first_judgement() {
    use RiskLevel::*;
    let judged = |person: u128, level, from, valid_until| RiskFrom {
        from,
        valid_until,
        person_id: PersonId(Uuid::from_u128(person)),
        risk_area: RiskArea::SchoolThriving,
        level,
    };
    let (march, june) = (date(2019, 3, 10), date(2019, 6, 10));
    let far = date(2020, 3, 1);
    let mut one = family(1);
    one.risks = vec![
        judged(11, High, march, far),
        judged(12, Moderate, march, far),
        judged(13, Acute, march, date(2019, 4, 1)),
        judged(14, Low, march, far),
        judged(11, Low, june, far),
        judged(12, Low, june, far),
    ];
    let mut other = family(2);
    other.risks = vec![
        judged(21, Low, march, far),
        judged(22, High, march, far),
        judged(21, Acute, june, far),
        judged(22, Acute, date(2019, 6, 9), far),
        judged(22, High, june, far),
    ];
    let never_opened = ProgrammeRow { cases: Vec::new(), risks: one.risks.clone(), ..family(3) };
    let rows = [one, other, never_opened];
    let figures = risk_figures(&rows, HERE, RiskArea::SchoolThriving, date(2019, 7, 1));
    let tally = |persons, families| Tally { persons, families };
    assert_eq!(figures.better, tally(2, 1));
    assert_eq!(figures.same, tally(1, 1));
    assert_eq!(figures.worse, tally(1, 1));
    assert_eq!(figures.judged_once, tally(1, 1));
    assert_eq!(figures.out_of_date, tally(1, 1));
    assert_eq!(figures.paired(), 4);
    let elsewhere = risk_figures(&rows, HERE, RiskArea::StreetLifestyle, date(2019, 7, 1));
    assert_eq!(elsewhere.paired(), 0);
}
