use jiff::civil::date;
use uuid::Uuid;

use super::*;
use crate::codes::{RiskArea, RiskLevel};
use crate::family::course::Span;
use crate::ids::*;
use crate::views::caseload::RiskFrom;
use crate::views::programme::{CaseWay, DayDone, ReferralWay};

const HERE: ProgrammeId = ProgrammeId(Uuid::from_u128(1));

/// A family referred on that day, with a case from two weeks later on and a son who is judged twice.
fn family(number: u128, month: i8, minutes: u32) -> ProgrammeRow {
    let opened = date(2019, month, 15);
    let judged = |level, from| RiskFrom {
        from,
        valid_until: date(2020, 12, 31),
        person_id: PersonId(Uuid::from_u128(number)),
        risk_area: RiskArea::SchoolThriving,
        level,
    };
    ProgrammeRow {
        family_id: FamilyId(Uuid::from_u128(number)),
        undone: false,
        referrals: vec![ReferralWay {
            programme_id: HERE,
            referral_id: ReferralId(Uuid::from_u128(number)),
            on: date(2019, month, 1),
            offered_on: None,
            accepted_on: None,
        }],
        cases: vec![CaseWay {
            case_id: CaseId(Uuid::from_u128(number)),
            programme_id: HERE,
            open: vec![Span { from: opened, to: None }],
            closings: Vec::new(),
        }],
        plans: Vec::new(),
        risks: vec![judged(RiskLevel::High, opened), judged(RiskLevel::Low, date(2019, month, 20))],
        days: vec![DayDone {
            day: date(2019, month, 20),
            contacts: 1,
            contact_minutes: minutes,
            sessions: 0,
            session_minutes: 0,
        }],
    }
}

fn quarter(text: &str) -> Quarter {
    text.parse().unwrap()
}

fn shown(table: &FrozenTable, row: u32, column: u32) -> Option<Option<u32>> {
    let cells = table.shown();
    cells.into_iter().find(|it| (it.row, it.column) == (row, column)).map(|it| it.count)
}

#[test]
fn a_quarter_is_counted_and_small_numbers_are_hidden() {
    let mut rows: Vec<ProgrammeRow> = (0..12).map(|n| family(10 + n, 1, 60)).collect();
    rows.extend((0..3).map(|n| family(50 + n, 2, 60)));
    rows.push(ProgrammeRow { cases: Vec::new(), ..family(60, 2, 60) });
    let tables = tables_of(&rows, HERE, quarter("2019-Q1")).unwrap();
    let frozen = freeze(&tables, &[], Threshold::DEFAULT).unwrap();
    let [standing, risks, activity] = frozen.as_slice() else { panic!("{frozen:?}") };
    // One family is only referred; 15 have a case.
    assert_eq!(standing.columns[0], "REFERRED");
    assert_eq!(shown(standing, 0, 0), Some(None));
    assert_eq!(standing.cells[3].count, 15);
    assert_eq!(shown(risks, 1, 0), Some(Some(15)), "{risks:?}");
    assert_eq!(shown(risks, 1, 3), Some(Some(15)));
    assert_eq!(shown(risks, 3, 0), None, "totals of columns are not published");
    assert_eq!(activity.rows, ["2019-01", "2019-02", "2019-03"]);
    assert_eq!(shown(activity, 0, 0), Some(Some(12)));
    assert_eq!(shown(activity, 0, 1), Some(Some(720)));
    assert_eq!(shown(activity, 1, 0), Some(None), "three families");
    assert_eq!(shown(activity, 2, 0), Some(Some(0)));
}

#[test]
fn minutes_of_mostly_one_or_two_families_are_hidden() {
    #[rustfmt::skip] // One row, one case.
    let cases = [
        ([100, 100, 100, 100, 100, 100], false),
        ([1600, 100, 100, 100, 100, 100], true),
        ([1500, 100, 100, 100, 100, 100], false),
        ([1500, 1500, 130, 130, 130, 130], true),
    ];
    for (minutes, hidden) in cases {
        let rows: Vec<ProgrammeRow> = (10..).zip(minutes).map(|(n, it)| family(n, 1, it)).collect();
        let tables = tables_of(&rows, HERE, quarter("2019-Q1")).unwrap();
        let frozen = freeze(&tables, &[], Threshold::DEFAULT).unwrap();
        assert_eq!(
            shown(&frozen[2], 0, 1),
            Some(if hidden { None } else { Some(minutes.iter().sum()) })
        );
    }
}

#[test]
fn one_family_more_in_the_next_quarter_is_hidden() {
    let mut rows: Vec<ProgrammeRow> = (0..12).map(|n| family(10 + n, 1, 60)).collect();
    let first = tables_of(&rows, HERE, quarter("2019-Q1")).unwrap();
    let first = freeze(&first, &[], Threshold::DEFAULT).unwrap();
    assert_eq!(shown(&first[0], 0, 8), Some(Some(12)));
    rows.push(family(60, 5, 60));
    let second = tables_of(&rows, HERE, quarter("2019-Q2")).unwrap();
    let earlier = [Earlier { tables: &first, threshold: Threshold::DEFAULT }];
    let second = freeze(&second, &earlier, Threshold::DEFAULT).unwrap();
    assert_eq!(second[0].cells[8].count, 13);
    assert_eq!(shown(&second[0], 0, 8), Some(None), "12, then 13");
    assert_eq!(shown(&second[0], 0, 3), Some(None));
}

#[test]
fn a_frozen_table_survives_storage() {
    let rows: Vec<ProgrammeRow> = (0..12).map(|n| family(10 + n, 1, 60)).collect();
    let frozen =
        freeze(&tables_of(&rows, HERE, quarter("2019-Q1")).unwrap(), &[], Threshold::DEFAULT);
    for table in frozen.unwrap() {
        let json = serde_json::to_value(&table).unwrap();
        assert_eq!(serde_json::from_value::<FrozenTable>(json).unwrap(), table);
    }
}
