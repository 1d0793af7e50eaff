//! Promises of [`EventStore::append`](crate::EventStore::append), but for claims.

use super::Fixture;
use super::make::*;
use crate::ports::EventStore;
use crate::types::*;

/// Appends one by one; the answer to each.
pub(super) async fn append(
    store: &impl EventStore,
    appends: impl IntoIterator<Item = Append>,
) -> Vec<Result<Outcome, Refused>> {
    store.append(&vesterby(), appends.into_iter().collect(), NOW_MS).await.unwrap()
}

pub(super) async fn whole_log(store: &impl EventStore) -> Vec<StoredEvent> {
    let mut events: Vec<StoredEvent> = Vec::new();
    loop {
        let after = events.last().map_or(Position(0), |event| event.position);
        let range = Range::Forward { after, limit: READ_LIMIT_MAX };
        let page = store.read_log(&vesterby(), range).await.unwrap();
        let Some(first) = page.first() else { return events };
        assert!(first.position > after, "the range is exclusive");
        events.extend(page);
    }
}

fn is_conflict(answer: &Result<Outcome, Refused>) -> bool {
    matches!(answer, Err(Refused::Conflict { .. }))
}

/// Positions are 1, 2, 3 … without gaps, and revisions are so in each stream.
pub async fn positions_are_dense_and_in_order<F: Fixture>() {
    let fixture = F::open().await;
    let store = fixture.store();
    append(&*store, [draft(1).on(1, Expectation::Any, 3).done(), simple(2, 2)]).await;
    append(&*store, [draft(3).on(2, Expectation::Any, 2).on(1, Expectation::Any, 1).done()]).await;
    let events = whole_log(&*store).await;
    assert_eq!(events.len(), 7);
    for (event, position) in events.iter().zip(events[0].position.0..) {
        assert_eq!(event.position, Position(position));
    }
    for number in [1, 2] {
        let own = events.iter().filter(|event| event.stream_tag == tag(number));
        let revisions: Vec<u64> = own.map(|event| event.revision.0).collect();
        let dense: Vec<u64> = (1..=revisions.len() as u64).collect();
        assert_eq!(revisions, dense, "stream {number}");
    }
    assert_eq!(store.head(&vesterby()).await.unwrap().position, events[6].position);
}

/// An outcome says at which positions and revisions its events stand, and when they were recorded.
pub async fn an_outcome_says_where_the_events_stand<F: Fixture>() {
    let fixture = F::open().await;
    let store = fixture.store();
    append(&*store, [simple(1, 1)]).await;
    let two = draft(2).on(2, Expectation::NoStream, 2).on(1, Expectation::Exists, 1).done();
    let ids: Vec<EventId> =
        two.streams.iter().flat_map(|part| &part.events).map(|event| event.event_id).collect();
    let outcome = append(&*store, [two]).await.remove(0).unwrap();
    assert_eq!((outcome.count, outcome.event_ids), (3, ids));
    assert_eq!(outcome.revisions, [(family(2), Revision(2)), (family(1), Revision(2))]);
    assert_eq!(outcome.recorded_ms, NOW_MS);
    let head = store.head(&vesterby()).await.unwrap();
    assert_eq!(outcome.checkpoint, head.checkpoint);
    assert_eq!(outcome.first.0 + 2, head.position.0);
    let place = store.command(&vesterby(), command(2)).await.unwrap();
    assert_eq!(place, Some(CommandPlace { first: outcome.first, count: 3 }));
}

/// A member whose second stream is refused writes nothing to its first.
pub async fn an_append_is_whole_or_not_at_all<F: Fixture>() {
    let fixture = F::open().await;
    let store = fixture.store();
    append(&*store, [simple(1, 2)]).await;
    let half = draft(2).on(1, Expectation::Any, 2).on(2, Expectation::NoStream, 1).done();
    let before = store.head(&vesterby()).await.unwrap();
    assert!(is_conflict(&append(&*store, [half]).await[0]));
    assert_eq!(store.head(&vesterby()).await.unwrap(), before);
    assert_eq!(store.stream_heads(&vesterby(), &[family(1)]).await.unwrap(), [None]);
}

/// Members are judged one by one.
pub async fn a_refused_member_never_touches_its_mates<F: Fixture>() {
    let fixture = F::open().await;
    let store = fixture.store();
    let missing = draft(2).on(2, Expectation::Exists, 1).done();
    let empty = draft(3).on(3, Expectation::Any, 0).done();
    let answers = append(&*store, [simple(1, 1), missing, empty, simple(4, 4)]).await;
    let accepted: Vec<bool> = answers.iter().map(Result::is_ok).collect();
    assert_eq!(accepted, [true, false, false, true]);
    assert_eq!(whole_log(&*store).await.len(), 2);
}

/// A member is judged against the members before it.
pub async fn a_member_is_judged_against_the_members_before_it<F: Fixture>() {
    let fixture = F::open().await;
    let store = fixture.store();
    let answers = append(
        &*store,
        [
            draft(1).on(1, Expectation::NoStream, 1).done(),
            draft(2).on(1, Expectation::NoStream, 1).done(),
            draft(3).on(1, Expectation::Exactly(Revision(1)), 1).done(),
            draft(4).on(1, Expectation::Exactly(Revision(1)), 1).done(),
        ],
    )
    .await;
    let accepted: Vec<bool> = answers.iter().map(Result::is_ok).collect();
    assert_eq!(accepted, [true, false, true, false]);
}

/// Each expectation, against a stream at revision 2 and against one that nobody has written.
pub async fn expectations_are_kept<F: Fixture>() {
    let fixture = F::open().await;
    let store = fixture.store();
    append(&*store, [draft(1).on(1, Expectation::Any, 2).done()]).await;
    let rows = [
        (1, Expectation::NoStream, false),
        (1, Expectation::Exactly(Revision(2)), true),
        (1, Expectation::Exactly(Revision(2)), false), // It moved with the row above.
        (1, Expectation::Exactly(Revision(4)), false),
        (1, Expectation::Exists, true),
        (1, Expectation::Any, true),
        (2, Expectation::Exists, false),
        (2, Expectation::Exactly(Revision(1)), false),
        (2, Expectation::Exactly(Revision(0)), false),
        (2, Expectation::NoStream, true),
        (3, Expectation::Any, true),
    ];
    for ((number, expected, accepted), id) in rows.into_iter().zip(2..) {
        let actual = store.stream_heads(&vesterby(), &[family(number)]).await.unwrap()[0]
            .map_or(Revision(0), |head| head.revision);
        let answer = append(&*store, [draft(id).on(number, expected, 1).done()]).await.remove(0);
        match answer {
            Ok(outcome) => {
                assert!(accepted, "{expected:?} of stream {number} was accepted");
                assert_eq!(outcome.revisions, [(family(number), Revision(actual.0 + 1))]);
            }
            Err(refused) => {
                assert!(!accepted, "{expected:?} of stream {number} was refused");
                let stream = family(number);
                assert_eq!(refused, Refused::Conflict { stream, expected, actual });
            }
        }
    }
}

/// Several streams in one append; those without events are checked only.
pub async fn a_stream_that_is_only_checked_guards_the_append<F: Fixture>() {
    let fixture = F::open().await;
    let store = fixture.store();
    append(&*store, [simple(1, 1)]).await;
    let guarded = |id, expected| draft(id).on(1, expected, 0).on(2, Expectation::Any, 1).done();
    let answers = append(
        &*store,
        [
            guarded(2, Expectation::Exactly(Revision(2))),
            guarded(3, Expectation::Exactly(Revision(1))),
        ],
    )
    .await;
    assert!(is_conflict(&answers[0]));
    assert_eq!(answers[1].as_ref().unwrap().revisions, [(family(2), Revision(1))]);
    let heads = store.stream_heads(&vesterby(), &[family(1)]).await.unwrap();
    assert_eq!(heads[0].unwrap().revision, Revision(1), "a check writes nothing");
}

/// What makes no sense in itself is refused, whatever the store holds.
pub async fn a_malformed_append_is_refused<F: Fixture>() {
    let fixture = F::open().await;
    let store = fixture.store();
    let any = Expectation::Any;
    let mut twice = draft(1).on(1, any, 1).on(2, any, 1);
    twice.0.streams[1].events[0] = twice.0.streams[0].events[0].clone();
    let mut no_envelope = draft(1).on(1, any, 1);
    no_envelope.0.streams[0].events[0].envelopes.clear();
    let mut kind = draft(1).on(1, any, 1);
    kind.0.streams[0].stream.kind = "Family".to_owned();
    let mut nowhere = draft(1).on(1, any, 1).claims("a");
    nowhere.0.claims[0].0 = 1;
    let many = (1..=65).fold(draft(1), |draft, number| draft.on(number, any, 1));
    let long = "x".repeat(65);
    let claiming = (0..65).fold(draft(1).on(1, any, 1), |it, n| it.claims(&format!("c{n}")));
    let zero = draft(1).tagged(1, StreamTag([0; 16]), any, 1);
    let rows = [
        (draft(1), InvalidAppend::NoEvent),
        (draft(1).on(1, any, 0), InvalidAppend::NoEvent),
        (draft(1).on(1, any, APPEND_EVENTS_MAX + 1), InvalidAppend::TooManyEvents),
        (many, InvalidAppend::TooManyStreams),
        (claiming, InvalidAppend::TooManyClaims),
        (draft(1).on(1, any, 1).on(1, any, 0), InvalidAppend::StreamTwice),
        (draft(1).on(1, any, 1).tagged(2, tag(1), any, 1), InvalidAppend::StreamTwice),
        (twice, InvalidAppend::EventIdTwice),
        (nowhere, InvalidAppend::ClaimWithoutStream),
        (draft(1).on(2, any, 1).on(1, any, 0).releases("a"), InvalidAppend::ClaimWithoutStream),
        (kind, InvalidAppend::Malformed),
        (draft(1).on(1, any, 1).claims(""), InvalidAppend::Malformed),
        (draft(1).on(1, any, 1).claims(&long), InvalidAppend::Malformed),
        (no_envelope, InvalidAppend::Leaf),
        (zero, InvalidAppend::Leaf),
    ];
    for (draft, why) in rows {
        let answer = append(&*store, [draft.done()]).await.remove(0);
        assert_eq!(answer, Err(Refused::Invalid(why)), "{why}");
    }
    assert!(append(&*store, [draft(1).on(1, any, APPEND_EVENTS_MAX).done()]).await[0].is_ok());
}

/// A stream keeps the tag that it began with, and no other stream may have it.
pub async fn a_stream_keeps_its_tag<F: Fixture>() {
    let fixture = F::open().await;
    let store = fixture.store();
    append(&*store, [simple(1, 1)]).await;
    let other = draft(2).tagged(1, tag(9), Expectation::Any, 1).done();
    let stolen = draft(3).tagged(2, tag(1), Expectation::Any, 1).done();
    let begins = draft(4).tagged(3, tag(7), Expectation::NoStream, 1).done();
    let stolen_from_mate = draft(5).tagged(4, tag(7), Expectation::NoStream, 1).done();
    let checked = draft(6).tagged(1, tag(9), Expectation::Exists, 0).on(5, Expectation::Any, 1);
    let answers = append(&*store, [other, stolen, begins, stolen_from_mate, checked.done()]).await;
    let mismatch = |number| Err(Refused::TagMismatch { stream: family(number) });
    assert_eq!(answers[0], mismatch(1));
    assert_eq!(answers[1], mismatch(2));
    assert!(answers[2].is_ok());
    assert_eq!(answers[3], mismatch(4));
    assert!(answers[4].is_ok(), "nothing is sealed for a stream that is only checked");
}

/// A command id is accepted once: not again in the same batch, later, or after a reopen.
pub async fn a_command_is_accepted_once_for_ever<F: Fixture>() {
    let fixture = F::open().await;
    let store = fixture.store();
    let answers = append(&*store, [simple(9, 3), simple(1, 1), simple(1, 2)]).await;
    let outcome = answers[1].clone().unwrap();
    let repeated =
        Err(Refused::Repeated(CommandPlace { first: outcome.first, count: outcome.count }));
    assert_eq!(answers[2], repeated);
    append(&*store, [simple(2, 1)]).await;
    assert_eq!(append(&*store, [simple(1, 1)]).await, std::slice::from_ref(&repeated));
    drop(store);
    let fixture = fixture.reopen().await;
    let store = fixture.store();
    assert_eq!(append(&*store, [simple(1, 1)]).await, [repeated]);
    assert_eq!(whole_log(&*store).await.len(), 3);
}

/// Whatever else is wrong with it: who repeats a command learns where it stands.
pub async fn a_repeated_command_is_refused_before_anything_else<F: Fixture>() {
    let fixture = F::open().await;
    let store = fixture.store();
    append(&*store, [draft(1).on(1, Expectation::NoStream, 1).claims("a").done()]).await;
    let again = [
        draft(1).on(1, Expectation::NoStream, 1).done(),
        draft(1).on(2, Expectation::Any, 1).claims("a").done(),
        draft(1).done(),
    ];
    for answer in append(&*store, again).await {
        assert!(matches!(answer, Err(Refused::Repeated(_))), "{answer:?}");
    }
}

/// A refused command may be sent again, and is judged afresh.
pub async fn a_refused_command_uses_nothing_up<F: Fixture>() {
    let fixture = F::open().await;
    let store = fixture.store();
    let command_1 = || draft(1).on(1, Expectation::Exists, 1).done();
    assert!(is_conflict(&append(&*store, [command_1()]).await[0]));
    assert_eq!(store.command(&vesterby(), command(1)).await.unwrap(), None);
    let answers = append(&*store, [command_1(), simple(2, 1), command_1()]).await;
    assert!(is_conflict(&answers[0]));
    assert_eq!(answers[2].as_ref().unwrap().first.0, answers[1].as_ref().unwrap().first.0 + 1);
}

/// Recorded time never falls, whatever the clock does, also after a reopen.
pub async fn recorded_time_never_falls<F: Fixture>() {
    let fixture = F::open().await;
    let store = fixture.store();
    let rows = [(1, NOW_MS, NOW_MS), (2, NOW_MS - 1, NOW_MS), (3, NOW_MS + 5, NOW_MS + 5)];
    for (id, now, recorded) in rows {
        let answers = store.append(&vesterby(), vec![simple(id, 1)], now).await.unwrap();
        assert_eq!(answers[0].as_ref().unwrap().recorded_ms, recorded);
        assert_eq!(store.head(&vesterby()).await.unwrap().last_ms, recorded);
    }
    drop(store);
    let fixture = fixture.reopen().await;
    let answers = fixture.store().append(&vesterby(), vec![simple(4, 1)], 0).await.unwrap();
    assert_eq!(answers[0].as_ref().unwrap().recorded_ms, NOW_MS + 5);
}

/// No members, no answers.
pub async fn a_batch_of_none_is_answered_with_none<F: Fixture>() {
    let fixture = F::open().await;
    assert_eq!(append(&*fixture.store(), []).await, []);
}

/// More than [`BATCH_APPENDS_MAX`] members are a fault, and nothing is written.
pub async fn a_batch_beyond_the_limit_writes_nothing<F: Fixture>() {
    let fixture = F::open().await;
    let store = fixture.store();
    let batch = |first: u64, count: usize| (first..).take(count).map(|id| simple(id, 1)).collect();
    let fault = store.append(&vesterby(), batch(1, BATCH_APPENDS_MAX + 1), NOW_MS).await;
    assert!(matches!(fault, Err(Fault::Unavailable(_))));
    assert_eq!(store.head(&vesterby()).await.unwrap().position, Position(0));
    let answers = store.append(&vesterby(), batch(1, BATCH_APPENDS_MAX), NOW_MS).await.unwrap();
    assert!(answers.iter().all(Result::is_ok));
}
