//! Properties of folds over random histories: however a history is folded, the outcome is the same.
//!
//! Every test walks the histories of seeds from 0; a failing one names its seed.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test outside the crate, whose functions are not seen as tests"
)]

mod histories {
    pub(crate) mod generator;
}

use std::collections::{BTreeMap, BTreeSet};

use fokus_core::catalogue::{self, Kind};
use fokus_core::codes::ApprovalKind;
use fokus_core::effective::{
    Clocks, Effective, KnownAt, effective, effective_now, effective_with_mistaken, needs_refold,
    ordinary,
};
use fokus_core::fact::{Fact, schema_of};
use fokus_core::family::{self, State};
use fokus_core::ids::{PersonId, StreamKind};
use fokus_core::record::Recorded;
use fokus_core::time::local_date;
use fokus_core::views::caseload::CaseloadView;
use fokus_core::views::interventions::{InterventionsView, cards_of};
use fokus_core::views::programme::ProgrammeView;
use fokus_core::views::status::{FamilyStatusView, PersonCard, StatusRow, present, status_of};
use fokus_core::views::timeline::TimelineView;
use fokus_core::views::trajectory::RiskTrajectoryView;
use fokus_core::views::{Row, View, fold_batch, refold};
use fokus_core::world::Stream;
use histories::generator::{Story, history, mark, withdrawal};
use serde_json::Value;

/// Histories of the main property.
const HISTORIES: u64 = 10_000;
/// Histories of the others.
const FEWER: u64 = 1_000;

/// The most events of a seed's history: every twentieth is long.
fn most(seed: u64) -> usize {
    if seed.is_multiple_of(20) { 40 } else { 11 }
}

type Rows = BTreeMap<String, Value>;

fn by_key(rows: Vec<Row>) -> Rows {
    rows.into_iter().map(|it| (it.key.clone(), it.read().unwrap())).collect()
}

fn refolded<V: View>(history: &[Recorded]) -> (V::State, Rows) {
    let (state, rows) = refold::<V>(history, &Clocks::NOW);
    (state, by_key(rows))
}

/// Folds as a runner does: batch by batch, and the stream anew when something bears on an earlier
/// entry.
fn incremental<V: View>(history: &[Recorded], batch: usize) -> (V::State, Rows) {
    let mut state = V::State::default();
    let mut rows = Rows::new();
    let mut folded = 0;
    for events in history.chunks(batch) {
        folded += events.len();
        if events.iter().any(|it| needs_refold(&it.fact)) {
            (state, rows) = refolded::<V>(&history[..folded]);
        } else {
            let entries: Vec<_> = events.iter().filter_map(ordinary).collect();
            rows.extend(by_key(fold_batch::<V>(&mut state, &entries)));
        }
    }
    (state, rows)
}

/// Folds as a runner does that is far behind: the rows that follow from the state are made at the end.
fn absorbed<V: View>(history: &[Recorded], batch: usize) -> (V::State, Rows) {
    let mut state = V::State::default();
    let mut rows = Rows::new();
    let entries = effective_now(history);
    for some in entries.chunks(batch) {
        rows.extend(by_key(V::absorb(&mut state, some)));
    }
    if !entries.is_empty() {
        rows.extend(by_key(V::rows(&state)));
    }
    (state, rows)
}

/// The view's state and rows do not depend on how the history was folded, nor on a storage of the
/// state in between.
fn check_view<V: View>(seed: u64, events: &[Recorded]) {
    let expected = refolded::<V>(events);
    for batch in [1, 7, 500] {
        let outcome = incremental::<V>(events, batch);
        assert!(outcome == expected, "seed {seed}: {} in batches of {batch}", V::NAME);
    }
    for batch in [1, 7] {
        let outcome = absorbed::<V>(events, batch);
        assert!(outcome == expected, "seed {seed}: {} absorbed in batches of {batch}", V::NAME);
    }
    let stored = serde_json::to_string(&expected.0).unwrap();
    let read: V::State = serde_json::from_str(&stored).unwrap();
    assert!(read == expected.0, "seed {seed}: the stored state of {}", V::NAME);
}

#[test]
fn the_status_does_not_depend_on_how_it_was_folded() {
    for seed in 0..HISTORIES {
        check_view::<FamilyStatusView>(seed, &history(seed, most(seed)).events);
    }
}

#[test]
fn trajectories_do_not_depend_on_how_they_were_folded() {
    for seed in 0..HISTORIES {
        check_view::<RiskTrajectoryView>(seed, &history(seed, most(seed)).events);
    }
}

#[test]
fn the_caseload_does_not_depend_on_how_it_was_folded() {
    for seed in 0..FEWER {
        check_view::<CaseloadView>(seed, &history(seed, most(seed)).events);
    }
}

#[test]
fn the_programme_does_not_depend_on_how_it_was_folded() {
    for seed in 0..FEWER {
        check_view::<ProgrammeView>(seed, &history(seed, most(seed)).events);
    }
}

#[test]
fn the_board_does_not_depend_on_how_it_was_folded() {
    for seed in 0..HISTORIES {
        check_view::<InterventionsView>(seed, &history(seed, most(seed)).events);
    }
}

#[test]
fn deciding_and_showing_agree_on_where_a_case_stands() {
    for seed in 0..HISTORIES {
        let events = history(seed, most(seed)).events;
        let Some(row) = status_of(&events, &Clocks::NOW) else { continue };
        let state = effective_now(&events).iter().fold(State::default(), family::evolve);
        assert!(row.case_state() == state.case_state(), "seed {seed}");
        let shown = row.case.as_ref().map(|it| (it.case_id, it.phase, it.opened_on));
        let decided = state.case.as_ref().map(|it| (it.case_id, it.phase, it.opened_on));
        assert!(shown == decided, "seed {seed}");
        let waiting = state.waiting_overrides().count();
        let shown = row.approvals.iter().filter(|it| it.kind == ApprovalKind::AcuteOverride);
        let open = state.is_case_open();
        assert!(shown.count() == if open { waiting } else { 0 }, "seed {seed}");
    }
}

#[test]
fn the_state_for_deciding_does_not_depend_on_how_it_was_folded() {
    let fold = |state: State, entries: &[Effective]| entries.iter().fold(state, family::evolve);
    for seed in 0..HISTORIES {
        let events = history(seed, most(seed)).events;
        let expected = fold(State::default(), &effective_now(&events));
        for batch in [1, 7, 500] {
            let mut state = State::default();
            let mut folded = 0;
            for events_more in events.chunks(batch) {
                folded += events_more.len();
                state = if events_more.iter().any(|it| needs_refold(&it.fact)) {
                    fold(State::default(), &effective_now(&events[..folded]))
                } else {
                    let entries: Vec<_> = events_more.iter().filter_map(ordinary).collect();
                    fold(state, &entries)
                };
            }
            assert!(state == expected, "seed {seed} in batches of {batch}");
        }
    }
}

#[test]
fn a_stream_kept_in_memory_and_extended_is_the_stream_loaded_anew() {
    for seed in 0..FEWER {
        let events = history(seed, most(seed)).events;
        let expected = Stream::new(StreamKind::Family, events.clone());
        for batch in [1, 3, 7] {
            let mut kept = Stream::new(StreamKind::Family, Vec::new());
            for some in events.chunks(batch) {
                assert!(kept.extend_unshared(some.to_vec()));
            }
            assert!(kept == expected, "seed {seed} in batches of {batch}");
        }
        // What somebody else holds stays as it is.
        let (mut kept, all) = (Stream::new(StreamKind::Family, Vec::new()), events.clone());
        let held = kept.clone();
        assert!(!kept.extend_unshared(all));
        kept.extend(events);
        assert!(kept == expected && held.revision() == 0, "seed {seed}");
    }
}

#[test]
fn the_timeline_does_not_depend_on_how_it_was_folded() {
    for seed in 0..HISTORIES {
        check_view::<TimelineView>(seed, &history(seed, most(seed)).events);
    }
}

/// The rows without the words on corrections, which stay when a correction is taken back.
fn without_corrections(events: &[Recorded]) -> Rows {
    let mut rows = refolded::<FamilyStatusView>(events).1;
    rows.append(&mut refolded::<TimelineView>(events).1);
    rows.append(&mut refolded::<RiskTrajectoryView>(events).1);
    rows.append(&mut refolded::<InterventionsView>(events).1);
    let caseload = refolded::<CaseloadView>(events).1;
    rows.extend(caseload.into_iter().map(|(key, body)| (format!("case {key}"), body)));
    rows.append(&mut refolded::<ProgrammeView>(events).1);
    rows.values_mut().for_each(strip);
    rows
}

/// Takes the words on corrections out, however deep they stand.
fn strip(body: &mut Value) {
    match body {
        Value::Object(members) => {
            members.remove("corrections_ms");
            members.remove("corrected_by");
            members.remove("order_corrected_by");
            members.values_mut().for_each(strip);
        }
        Value::Array(items) => items.iter_mut().for_each(strip),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// What the entry's latest correction says; what it would say if it took all back, without one.
fn present_correction(story: &Story, target: &Recorded) -> Fact {
    let corrections = story.events.iter().rev().filter_map(|it| {
        let Fact::EntryCorrected(fact) = &it.fact else { return None };
        (fact.target_revision == target.revision).then_some(fact)
    });
    let nothing = fokus_core::fact::EntryCorrected {
        target_revision: target.revision,
        reason: fokus_core::codes::CorrectionReason::Typo,
        changes: serde_json::Map::new(),
        removed: Vec::new(),
        removed_personal: Vec::new(),
        corrected_personal: Vec::new(),
        occurred: None,
    };
    Fact::EntryCorrected(corrections.into_iter().next().cloned().unwrap_or(nothing))
}

#[test]
fn a_correction_corrected_back_and_a_mark_withdrawn_leave_no_trace_in_rows() {
    for seed in 0..FEWER {
        let mut story = history(seed, 25);
        let before = without_corrections(&story.events);
        let target = story.random_entry().unwrap();
        let back = present_correction(&story, &target);
        let there = story.correction(&target);
        story.push(there);
        story.push(back);
        assert!(without_corrections(&story.events) == before, "seed {seed}: corrected back");

        let before = refolded::<TimelineView>(&story.events);
        let shown = before.1.contains_key(&format!("{:010}", target.revision));
        story.push(if shown { mark(&target) } else { withdrawal(&target) });
        let other = refolded::<TimelineView>(&story.events);
        assert_eq!(other.1.len() + usize::from(shown), before.1.len() + usize::from(!shown));
        story.push(if shown { withdrawal(&target) } else { mark(&target) });
        assert!(refolded::<TimelineView>(&story.events) == before, "seed {seed}: withdrawn");
    }
}

#[test]
fn deciding_and_showing_agree_on_who_is_a_member() {
    let mut days = BTreeSet::new();
    for seed in 0..HISTORIES {
        let events = history(seed, most(seed)).events;
        let Some(row) = status_of(&events, &Clocks::NOW) else { continue };
        let entries = effective_now(&events);
        let state = entries.iter().fold(State::default(), family::evolve);
        days.clear();
        for membership in &row.members {
            for day in [membership.joined_on, membership.left_on].into_iter().flatten() {
                days.extend([day.yesterday().unwrap(), day, day.tomorrow().unwrap()]);
            }
        }
        for day in &days {
            let present: Vec<_> = state.present(*day).map(|it| it.person_id).collect();
            let shown: Vec<_> = row.members_on(*day).iter().map(|it| it.person_id).collect();
            assert!(present == shown, "seed {seed} on {day}");
        }
    }
}

#[test]
fn deciding_and_showing_agree_on_when_an_intervention_ran() {
    for seed in 0..HISTORIES {
        let events = history(seed, most(seed)).events;
        let entries = effective_now(&events);
        let state = entries.iter().fold(State::default(), family::evolve);
        let cards = cards_of(&events, &Clocks::NOW);
        for shown in &cards {
            let decided = state.intervention(shown.intervention_id).unwrap();
            assert_eq!(shown.state, decided.state(), "seed {seed}");
            let dates = (decided.started_on(), decided.ended_on(), decided.declined_on());
            assert!(dates == (shown.started_on, shown.ended_on, shown.declined_on), "seed {seed}");
        }
        let Some(row) = status_of(&events, &Clocks::NOW) else { continue };
        let in_status: Vec<_> =
            row.interventions.iter().map(|it| (it.intervention_id, it.state)).collect();
        let on_board: Vec<_> = cards.iter().map(|it| (it.intervention_id, it.state)).collect();
        assert_eq!(in_status, on_board, "seed {seed}");
    }
}

#[test]
fn what_was_known_then_is_what_was_recorded_then() {
    for seed in 0..FEWER {
        let events = history(seed, 25).events;
        for (index, event) in events.iter().enumerate() {
            let expected = effective_now(&events[..=index]);
            // The position itself, and any up to the stream's next event.
            let next = events.get(index + 1).map_or(event.position + 5, |it| it.position);
            for position in event.position..next {
                let clocks = Clocks { known_at: KnownAt::Position(position), was_at_ms: None };
                assert_eq!(effective(&events, &clocks), expected, "seed {seed}");
            }
            let recorded_then = events.iter().filter(|it| it.recorded_ms <= event.recorded_ms);
            let clocks = Clocks { known_at: KnownAt::Time(event.recorded_ms), was_at_ms: None };
            let expected = effective_now(&events[..recorded_then.count()]);
            assert_eq!(effective(&events, &clocks), expected, "seed {seed}");
        }
    }
}

#[test]
fn what_has_happened_only_grows_with_time() {
    for seed in 0..FEWER {
        let events = history(seed, 25).events;
        let all = effective_now(&events);
        let mut times: Vec<i64> = all.iter().map(|it| it.effective_ms()).collect();
        times.sort_unstable();
        let mut before = BTreeSet::new();
        for at_ms in times {
            let clocks = Clocks { known_at: KnownAt::Now, was_at_ms: Some(at_ms) };
            let happened: BTreeSet<u64> =
                effective(&events, &clocks).iter().map(|it| it.revision).collect();
            assert!(happened.is_superset(&before), "seed {seed} at {at_ms}");
            before = happened;
        }
        assert_eq!(before.len(), all.len(), "seed {seed}: at the last time, all has happened");
    }
}

#[test]
fn an_entry_marked_mistaken_is_the_only_difference_between_the_two_lists() {
    for seed in 0..FEWER {
        let events = history(seed, 25).events;
        let mut entries = effective_with_mistaken(&events, &Clocks::NOW);
        let corrections = events.iter().filter(|it| needs_refold(&it.fact)).count();
        assert_eq!(entries.len() + corrections, events.len(), "seed {seed}");
        entries.retain(|it| it.mistaken_by.is_none());
        assert_eq!(entries, effective_now(&events), "seed {seed}");
    }
}

/// The names of personal fields of any type that no type has as a coded one.
fn personal_names() -> BTreeSet<&'static str> {
    let names = |coded: bool| {
        let all = Fact::TYPES.iter().flat_map(|it| catalogue::fields(it, schema_of(it)));
        all.filter(move |it| (it.kind == Kind::Coded) == coded).map(|it| it.name)
    };
    let coded: BTreeSet<_> = names(true).collect();
    names(false).filter(|it| !coded.contains(it)).collect()
}

fn check_no_member(seed: u64, value: &Value, names: &BTreeSet<&str>) {
    if let Value::Object(members) = value {
        for (name, value) in members {
            assert!(!names.contains(name.as_str()), "seed {seed}: {name} is personal");
            check_no_member(seed, value, names);
        }
    } else if let Value::Array(items) = value {
        items.iter().for_each(|it| check_no_member(seed, it, names));
    }
}

#[test]
fn what_is_folded_and_what_is_stored_holds_no_personal_field() {
    let names = personal_names();
    let mut types = BTreeSet::new();
    for seed in 0..FEWER {
        let events = history(seed, 25).events;
        for event in &events {
            let name = event.fact.type_name();
            types.insert(name);
            for member in event.fact.to_json().keys() {
                let is_personal = catalogue::is_personal(name, event.fact.schema(), member);
                assert!(!is_personal, "seed {seed}: {name}.{member} is personal");
            }
        }
        for entry in effective_now(&events) {
            let schema = entry.fact.schema();
            let coded = |it: &String| !catalogue::is_personal(entry.fact.type_name(), schema, it);
            assert!(entry.fact.to_json().keys().all(coded), "seed {seed}: corrected");
        }
        let (status, rows) = refolded::<FamilyStatusView>(&events);
        check_no_member(seed, &serde_json::to_value(status).unwrap(), &names);
        rows.values().for_each(|it| check_no_member(seed, it, &names));
        let (_, rows) = refolded::<TimelineView>(&events);
        rows.values().for_each(|it| check_no_member(seed, it, &names));
        let (trajectories, rows) = refolded::<RiskTrajectoryView>(&events);
        check_no_member(seed, &serde_json::to_value(trajectories).unwrap(), &names);
        rows.values().for_each(|it| check_no_member(seed, it, &names));
        let (board, rows) = refolded::<InterventionsView>(&events);
        check_no_member(seed, &serde_json::to_value(board).unwrap(), &names);
        rows.values().for_each(|it| check_no_member(seed, it, &names));
        let (caseload, rows) = refolded::<CaseloadView>(&events);
        check_no_member(seed, &serde_json::to_value(caseload).unwrap(), &names);
        rows.values().for_each(|it| check_no_member(seed, it, &names));
        let (programme, rows) = refolded::<ProgrammeView>(&events);
        check_no_member(seed, &serde_json::to_value(programme).unwrap(), &names);
        rows.values().for_each(|it| check_no_member(seed, it, &names));
    }
    let elsewhere = [
        "PersonRegistered",
        "PersonIdentityEstablished",
        "PersonNameChanged",
        "PersonContactPointRecorded",
        "PersonContactPointEnded",
        "LanguageNeedRecorded",
        "PersonDied",
        "SpecialCareMarkerSet",
        "SpecialCareMarkerCleared",
        "ProgrammeOpened",
        "MethodVersionPublished",
        "MethodVersionRetired",
        "DisclosureRulesSet",
        "StatisticReleased",
        "StatisticWithdrawn",
        "WorkerEmployed",
        "RoleGranted",
        "RoleRevoked",
        "ConflictOfInterestDeclared",
        "ConflictOfInterestEnded",
        "StaffTrained",
    ];
    let family: BTreeSet<_> =
        Fact::TYPES.iter().copied().filter(|it| !elsewhere.contains(it)).collect();
    assert_eq!(types, family, "the histories hold every type of a family's stream");
}

#[test]
fn the_row_is_the_same_for_erased_persons() {
    for seed in 0..FEWER {
        let events = history(seed, 25).events;
        // Without its registration, which no command can mark, a family has no row.
        let Some(row) = status_of(&events, &Clocks::NOW) else { continue };
        let card = |erased: bool| PersonCard {
            name: (!erased).then(|| fokus_core::command::PersonName {
                given: "Canary".to_owned(),
                family: "Canary".to_owned(),
            }),
            erased,
            ..PersonCard::default()
        };
        let people = |erased: bool| -> BTreeMap<PersonId, PersonCard> {
            row.members.iter().map(|it| (it.person_id, card(erased))).collect()
        };
        let today = local_date(row.last_contact_ms.unwrap_or_default());
        let status = |erased| present(&row, &people(erased), today, 0, 1, 1);
        let (known, erased) = (status(false), status(true));
        assert_eq!((&known.row, known.members.len()), (&row, erased.members.len()));
        assert_eq!(known.row, erased.row);
        assert!(erased.members.iter().all(|it| it.erased && it.name.is_none()));
        let stored: StatusRow =
            serde_json::from_value(serde_json::to_value(&row).unwrap()).unwrap();
        assert_eq!(stored, row, "seed {seed}: the row survives storage");
    }
}
