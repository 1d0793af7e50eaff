//! What is taken is the dense continuation, whatever order things are offered in.

use std::time::Duration;

use fokus_core::codes::*;
use fokus_core::command::Actor;
use fokus_core::fact::{Fact, FamilyRegistered};
use fokus_core::ids::*;
use fokus_core::record::Recorded;
use fokus_core::time::Occurred;
use fokus_store::StreamTag;
use uuid::Uuid;

use super::*;

fn event(position: u64) -> OpenedEvent {
    let fact = FamilyRegistered {
        family_id: FamilyId(Uuid::nil()),
        reference: String::new(),
        initial_members: Vec::new(),
        source: FamilySource::Agency,
    };
    let actor = Actor { sub: String::new(), role: String::new(), unit: None, on_behalf_of: None };
    let occurred = Occurred { at_ms: 0, offset_min: 0, precision: Precision::Exact };
    OpenedEvent {
        tag: StreamTag([0; 16]),
        stream: FamilyId(Uuid::nil()).into(),
        recorded: Recorded {
            event_id: EventId(Uuid::nil()),
            position,
            revision: position,
            recorded_ms: 0,
            occurred,
            basis: None,
            actor: actor.into(),
            fact: Fact::FamilyRegistered(fact),
        },
    }
}

/// A queue with commands at these positions, all of whose events are for views.
fn holding(commands: &[(u64, u64)]) -> Handover {
    let handover = Handover::default();
    handover.set_open(true);
    for (first, last) in commands {
        handover.offer(*first, *last, 100, (*first..=*last).map(event).collect());
    }
    handover
}

#[track_caller]
fn check(commands: &[(u64, u64)], after: u64, events_max: u64, expected: &[u64]) {
    let handover = holding(commands);
    let taken = handover.take(after, events_max);
    let through = taken.as_ref().map_or(after, |it| it.through);
    let positions: Vec<u64> =
        taken.iter().flat_map(|it| &it.commands).flatten().map(|it| it.recorded.position).collect();
    assert_eq!(positions, expected, "{commands:?} after {after}");
    assert_eq!(through, expected.last().copied().unwrap_or(after), "{commands:?} after {after}");
}

#[test]
fn what_is_taken_goes_on_without_a_gap() {
    check(&[], 0, 10, &[]);
    check(&[(1, 1), (2, 3)], 0, 10, &[1, 2, 3]);
    // Tasks end in any order.
    check(&[(4, 4), (2, 3), (1, 1)], 0, 10, &[1, 2, 3, 4]);
    // Somebody else wrote 2.
    check(&[(1, 1), (3, 4)], 0, 10, &[1]);
    check(&[(3, 4)], 0, 10, &[]);
    check(&[(1, 1), (3, 4)], 2, 10, &[3, 4]);
    // The log was read up to the middle of a command.
    check(&[(1, 4), (5, 5)], 2, 10, &[3, 4, 5]);
    // Commands stay whole.
    check(&[(1, 2), (3, 6), (7, 7)], 0, 3, &[1, 2, 3, 4, 5, 6]);
    // Handed over twice, for whatever reason.
    check(&[(1, 2), (1, 2), (2, 3)], 0, 10, &[1, 2, 3]);
}

#[test]
fn events_without_a_view_count_but_are_not_there() {
    let handover = holding(&[(1, 1)]);
    handover.offer(2, 3, 100, Vec::new());
    let taken = handover.take(0, 10).unwrap();
    assert_eq!((taken.through, taken.commands.concat().len()), (3, 1));
}

#[test]
fn a_closed_or_full_queue_takes_nothing_and_an_emptied_one_takes_again() {
    let closed = holding(&[(1, 1)]);
    closed.set_open(false);
    closed.offer(2, 2, 100, vec![event(2)]);
    closed.set_open(true);
    assert!(closed.take(0, 10).is_none() && closed.take(1, 10).is_none());

    let handover = holding(&[]);
    (1..=EVENTS_MAX + 5).for_each(|it| handover.offer(it, it, 1, Vec::new()));
    assert_eq!(handover.take(0, u64::MAX).unwrap().through, EVENTS_MAX);
    handover.offer(EVENTS_MAX + 6, EVENTS_MAX + 6, BYTES_MAX, Vec::new());
    handover.offer(EVENTS_MAX + 7, EVENTS_MAX + 7, 1, Vec::new());
    assert_eq!(handover.take(EVENTS_MAX + 5, 10).unwrap().through, EVENTS_MAX + 6);
    handover.offer(EVENTS_MAX + 7, EVENTS_MAX + 7, 1, Vec::new());
    assert_eq!(handover.take(EVENTS_MAX + 6, 10).unwrap().through, EVENTS_MAX + 7);
}

#[tokio::test(start_paused = true)]
async fn a_pause_ends_early_for_a_reader_and_for_a_queue_that_fills() {
    let pause = Duration::from_secs(3_600);
    let handover = holding(&[]);
    let begun = Instant::now();
    handover.want(6);
    handover.pause(5, begun + pause).await;
    assert_eq!(begun.elapsed(), Duration::ZERO);
    // What was wanted is there now.
    handover.pause(6, begun + pause).await;
    assert_eq!(begun.elapsed(), pause);

    let begun = Instant::now();
    let fill = async {
        (1..=EVENTS_MAX / 2).for_each(|it| handover.offer(it, it, 1, Vec::new()));
    };
    tokio::join!(handover.pause(6, begun + pause), fill);
    assert_eq!(begun.elapsed(), Duration::ZERO);
    handover.ready(0).await;
}
