//! The entry of every day: a visit with a mother and a son, school thriving, one goal. One command, five
//! fields beyond who, when and text; what it moves is read off the views.

use super::journal::{Journal, ask};
use super::story::*;
use crate::codes::*;
use crate::command::RecordContact;
use crate::effective::Clocks;
use crate::ids::GoalId;
use crate::views::status::{StatusRow, status_of};
use crate::views::timeline::rows_of;

fn visit() -> RecordContact {
    RecordContact {
        kind: ContactKind::Visit,
        minutes: 50,
        present: vec![MOTHER, YOUTH],
        risk_areas: vec![RiskArea::SchoolThriving],
        goal_ids: vec![GoalId(uuid::Uuid::from_u128(802))],
        ..contact(1)
    }
}

fn status(journal: &Journal) -> StatusRow {
    status_of(&journal.history(FAMILY.into()), &Clocks::NOW).unwrap()
}

#[test]
fn one_entry_moves_last_contact_note_duty_plan_progress_and_minutes() {
    let before = planned();
    // Two days before the day on which it is written down.
    let after = before.clone().after(ask(visit()).on(2020, 1, 13));
    let at_ms = ask(visit()).on(2020, 1, 13).circumstances().occurred.effective_ms();
    let (then, now) = (status(&before), status(&after));

    assert_eq!(then.last_contact_ms, None);
    let last = [now.last_contact_ms, now.last_contact_with_child_ms, now.last_contact_at_home_ms];
    assert_eq!(last, [Some(at_ms); 3]);
    let note_duty = |row: &StatusRow| (row.note_duty.in_time, row.note_duty.late);
    assert_eq!((note_duty(&then), note_duty(&now)), ((0, 0), (1, 0)));
    let progress = |row: &StatusRow| (row.goals_worked_on, row.goals, row.last_goal_contact_ms);
    assert_eq!((progress(&then), progress(&now)), ((0, 2, None), (1, 2, Some(at_ms))));
    let minutes = |row: &StatusRow| (row.contacts, row.contact_minutes);
    assert_eq!((minutes(&then), minutes(&now)), ((0, 0), (1, 50)));

    let timeline = rows_of(&after.history(FAMILY.into()), &Clocks::NOW, false);
    let entry = timeline.last().unwrap();
    assert_eq!(entry.event_type, "ContactRecorded");
    assert!(!entry.recorded_late);
    assert_eq!(entry.facts["risk_areas"], serde_json::json!(["SCHOOL_THRIVING"]));
}

#[test]
fn a_late_entry_one_without_words_and_a_missed_visit_do_not_move_the_same() {
    let late = planned().after(ask(visit()).on(2020, 1, 2));
    assert_eq!(status(&late).note_duty.late, 1);
    let silent = planned().after(ask(RecordContact { text: None, ..visit() }).on(2020, 1, 13));
    let duty = status(&silent).note_duty;
    assert_eq!((duty.in_time, duty.late, duty.unwritten), (0, 0, 1));
    let missed = RecordContact { kind: ContactKind::NoShow, ..visit() };
    let missed = status(&planned().after(ask(missed).on(2020, 1, 13)));
    assert_eq!((missed.goals_worked_on, missed.contact_minutes), (0, 0));
    assert_eq!(missed.note_duty.in_time, 1, "it was written down");
}
