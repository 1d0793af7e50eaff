use serde_json::json;

use super::*;
use crate::effective::tests::{contact, correction, history, mark, recorded};
use crate::views::refold;

const NOW: Clocks = Clocks::NOW;

/// A row of a contact that occurred and was recorded at these times.
fn row(occurred: &str, precision: Precision, recorded_at: &str) -> TimelineRow {
    let ms = |text: &str| text.parse::<jiff::Timestamp>().unwrap().as_millisecond();
    let mut event = recorded(1, contact(10));
    event.occurred = Occurred { at_ms: ms(occurred), offset_min: 60, precision };
    event.recorded_ms = u64::try_from(ms(recorded_at)).unwrap();
    rows_of(&[event], &NOW, false).remove(0)
}

#[test]
fn an_entry_is_late_after_five_working_days() {
    for (occurred, precision, recorded_at, late, why) in [
        ("2019-05-01T10:00:00Z", Precision::Exact, "2019-05-08T21:59:59Z", false, "fifth day"),
        ("2019-05-01T10:00:00Z", Precision::Exact, "2019-05-08T22:00:00Z", true, "local midnight"),
        ("2019-05-03T10:00:00Z", Precision::Day, "2019-05-12T10:00:00Z", false, "a weekend"),
        ("2019-05-15T10:00:00Z", Precision::Day, "2019-05-23T10:00:00Z", false, "Prayer Day"),
        ("2019-05-15T10:00:00Z", Precision::Day, "2019-05-24T10:00:00Z", true, "Prayer Day"),
        ("2019-04-11T10:00:00Z", Precision::Exact, "2019-04-23T10:00:00Z", false, "Easter"),
        ("2019-02-04T10:00:00Z", Precision::Month, "2019-03-07T10:00:00Z", false, "month's end"),
        ("2019-02-04T10:00:00Z", Precision::Month, "2019-03-08T10:00:00Z", true, "month's end"),
        ("2019-05-09T10:00:00Z", Precision::Exact, "2019-05-01T10:00:00Z", false, "foreseen"),
    ] {
        let row = row(occurred, precision, recorded_at);
        assert_eq!(row.recorded_late, late, "{occurred} {recorded_at}: {why}");
    }
}

#[test]
fn an_entry_shows_corrected_and_says_by_what() {
    let history = history(vec![contact(10), contact(5), correction(1, json!({ "minutes": 20 }))]);
    let ((), rows) = refold::<TimelineView>(&history, &NOW);
    let keys: Vec<&str> = rows.iter().map(|it| it.key.as_str()).collect();
    assert_eq!(keys, ["0000000001", "0000000002"]);
    let first: TimelineRow = rows[0].read().unwrap();
    assert_eq!(first.facts["minutes"], json!(20));
    assert_eq!((first.corrected_by, first.mistaken_by), (3, 0));
    assert_eq!(first.event_type, "ContactRecorded");
}

#[test]
fn a_written_row_is_read_back_as_the_row_of_its_entry() {
    let history = history(vec![contact(10), contact(5), correction(1, json!({ "minutes": 20 }))]);
    let ((), rows) = refold::<TimelineView>(&history, &NOW);
    let read: Vec<TimelineRow> = rows.iter().map(|it| it.read().unwrap()).collect();
    assert_eq!(read, rows_of(&history, &NOW, false));
}

#[test]
fn mistaken_entries_show_only_where_asked_for() {
    let history = history(vec![contact(10), contact(5), mark(1)]);
    let shown = |mistaken| -> Vec<(u64, u64)> {
        let rows = rows_of(&history, &NOW, mistaken);
        rows.iter().map(|it| (it.revision, it.mistaken_by)).collect()
    };
    assert_eq!(shown(false), [(2, 0)]);
    assert_eq!(shown(true), [(1, 3), (2, 0)]);
}

#[test]
fn a_page_is_sorted_by_happening_or_by_recording() {
    let mut rows = [
        row("2019-05-03T10:00:00Z", Precision::Exact, "2019-05-04T10:00:00Z"),
        row("2019-05-03T09:00:00Z", Precision::Exact, "2019-05-05T10:00:00Z"),
        row("2019-05-03T12:00:00Z", Precision::Day, "2019-05-06T10:00:00Z"),
        row("2019-05-20T12:00:00Z", Precision::Month, "2019-05-07T10:00:00Z"),
    ];
    (1..).zip(&mut rows).for_each(|(revision, it)| it.revision = revision);
    let sorted = |by_recorded| {
        let mut sorted = rows.to_vec();
        sorted.sort_by_key(|it| it.sort_key(by_recorded));
        sorted.iter().map(|it| it.revision).collect::<Vec<_>>()
    };
    assert_eq!(sorted(false), [4, 3, 2, 1]);
    assert_eq!(sorted(true), [1, 2, 3, 4]);
}
