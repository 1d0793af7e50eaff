//! Promises that only show when many act at once.

use std::sync::Arc;

use tokio::task::JoinSet;

use super::Fixture;
use super::append::{append, whole_log};
use super::make::*;
use crate::ports::EventStore;
use crate::types::*;

/// Appends that are in flight at once.
const CONTENDERS: u64 = 64;
/// Events of each append where readers look for parts.
const EVENTS: usize = 3;

/// Starts writers whose appends have [`EVENTS`] events each.
fn writers<S: EventStore>(store: &Arc<S>, writers: u8, appends: u64) -> JoinSet<()> {
    let mut tasks = JoinSet::new();
    for writer in 1..=writers {
        let store = Arc::clone(store);
        tasks.spawn(async move {
            for number in 0..appends {
                let id = u64::from(writer) * 1_000 + number;
                let one = draft(id).on(writer, Expectation::Any, EVENTS).done();
                assert!(append(&*store, [one]).await[0].is_ok());
            }
        });
    }
    tasks
}

/// Of 64 contenders for each revision one wins, and the others learn where the stream stands.
pub async fn of_contenders_for_a_revision_one_wins<F: Fixture>() {
    let fixture = F::open().await;
    let store = fixture.store();
    for revision in 0..3_u64 {
        let mut contenders = JoinSet::new();
        for contender in 0..CONTENDERS {
            let store = store.clone();
            contenders.spawn(async move {
                let expected = match revision {
                    0 => Expectation::NoStream,
                    _ => Expectation::Exactly(Revision(revision)),
                };
                let id = revision * CONTENDERS + contender;
                append(&*store, [draft(id).on(1, expected, 1).done()]).await.remove(0)
            });
        }
        let mut won = 0;
        for answer in contenders.join_all().await {
            match answer {
                Ok(outcome) => {
                    won += 1;
                    assert_eq!(outcome.revisions, [(family(1), Revision(revision + 1))]);
                }
                Err(Refused::Conflict { actual, .. }) => assert_eq!(actual.0, revision + 1),
                Err(other) => assert_eq!(format!("{other:?}"), "a conflict"),
            }
        }
        assert_eq!(won, 1, "revision {revision}");
    }
    assert_eq!(whole_log(&*store).await.len(), 3);
}

/// Whoever reads up to the head has read everything up to there, whole appends, for ever.
pub async fn nothing_appears_below_a_position_that_was_read<F: Fixture>() {
    let fixture = F::open().await;
    let store = fixture.store();
    let mut writers = writers(&store, 6, 20);
    let mut seen: Vec<StoredEvent> = Vec::new();
    loop {
        let done = writers.try_join_next().is_none() && writers.is_empty();
        let events = whole_log(&*store).await;
        assert!(events.starts_with(&seen), "what was read has changed");
        assert_eq!(events.len() % EVENTS, 0, "a part of an append was shown");
        let head = store.head(&vesterby()).await.unwrap().position.0;
        assert!(head >= events.len() as u64, "the head is behind what was read");
        seen = events;
        if done {
            break;
        }
        tokio::task::yield_now().await;
    }
    assert_eq!(seen.len(), 6 * 20 * EVENTS);
}

/// A reader that reads, waits and reads on sees each event once, though writers write meanwhile.
pub async fn a_reader_that_waits_sees_each_event_once<F: Fixture>() {
    let fixture = F::open().await;
    let store = fixture.store();
    append(&*store, [simple(1, 9)]).await;
    let mut writers = writers(&store, 4, 25);
    let expected = 1 + 4 * 25 * EVENTS as u64;
    let mut seen: Vec<u64> = Vec::new();
    while (seen.len() as u64) < expected {
        let after = Position(seen.last().copied().unwrap_or(0));
        let head = store.wait_beyond(&vesterby(), after).await.unwrap();
        assert!(head > after);
        let range = Range::Forward { after, limit: 7 };
        let events = store.read_log(&vesterby(), range).await.unwrap();
        assert!(!events.is_empty(), "the head was beyond, but there was nothing to read");
        seen.extend(events.iter().map(|event| event.position.0));
    }
    while writers.join_next().await.transpose().unwrap().is_some() {}
    let first = seen[0];
    let dense: Vec<u64> = (first..first + expected).collect();
    assert_eq!(seen, dense);
}

/// Waiting for what never comes ends when the store closes.
pub async fn waiting_ends_when_the_store_closes<F: Fixture>() {
    let fixture = F::open().await;
    let store = fixture.store();
    append(&*store, [simple(1, 1)]).await;
    let head = store.head(&vesterby()).await.unwrap().position;
    let mut waiting = JoinSet::new();
    waiting.spawn({
        let store = store.clone();
        async move { store.wait_beyond(&vesterby(), head).await }
    });
    tokio::task::yield_now().await;
    fixture.begin_closing();
    let ended = waiting.join_next().await.unwrap().unwrap();
    assert!(matches!(ended, Err(Fault::Unavailable(_))), "{ended:?}");
}

/// A caller that goes away in the middle leaves the whole append behind or nothing, and its mates
/// untouched.
pub async fn a_caller_that_goes_away_leaves_no_part_behind<F: Fixture>() {
    let fixture = F::open().await;
    let store = fixture.store();
    for round in 0..20_u64 {
        let given_up = draft(2 * round).on(1, Expectation::Any, EVENTS).done();
        let tenant = vesterby();
        let mut call = store.append(&tenant, vec![given_up.clone()], NOW_MS);
        tokio::select! {
            biased;
            _ = &mut call => (),
            () = tokio::task::yield_now() => (),
        }
        drop(call);
        let mate = simple(2 * round + 1, 2);
        assert!(append(&*store, [mate]).await[0].is_ok());
        let again = append(&*store, [given_up]).await.remove(0);
        assert!(matches!(again, Ok(_) | Err(Refused::Repeated(_))), "{again:?}");
        let expected = (round + 1) * (EVENTS as u64 + 1);
        assert_eq!(whole_log(&*store).await.len() as u64, expected);
    }
}
