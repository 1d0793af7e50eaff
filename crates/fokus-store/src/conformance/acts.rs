//! Promises about acts of the log itself: leaves that are no events.

use fokus_log::heads::{Commitment, Heads};
use fokus_log::leaf::{Leaf, LeafKind};
use fokus_log::leaf_hash;

use super::Fixture;
use super::append::{append, whole_log};
use super::make::*;
use crate::check::{Finding, Problem, check_log};
use crate::ports::{EventStore, Inspect};
use crate::types::*;

/// The leaf of a stored act: kind, revision, public content.
fn read(stored: &StoredEvent) -> (LeafKind, Revision, Vec<u8>) {
    let leaf = Leaf::decode(&stored.leaf).unwrap();
    assert_eq!((leaf.stream_tag, stored.stream_tag), ([0; 16], StreamTag::OF_LOG));
    assert_eq!(
        (leaf.stream_version + 1, leaf.position + 1),
        (stored.revision.0, stored.position.0)
    );
    assert!(stored.envelopes.is_empty() && leaf.envelopes.is_empty());
    (leaf.kind, stored.revision, leaf.ext)
}

/// An act is a leaf like an event's, at the next position, in a stream that is the log's own; no command
/// accounts for it, and it touches no other stream.
pub async fn acts_of_the_log_are_leaves_of_its_own_stream<F: Fixture>() {
    let fixture = F::open().await;
    let store = fixture.store();
    let nothing = Heads::new().map_at(0).unwrap().commitment();
    let two = act(Expectation::Any, &[(LeafKind::Key, "key"), (LeafKind::Control, "other log")]);
    let mut map = act(Expectation::Any, &[(LeafKind::StreamHeads, "")]);
    map.controls[0].ext = nothing.to_bytes().to_vec();
    let answers = append(&*store, [simple(1, 1), two, simple(2, 1), map]).await;
    let outcome = answers[1].clone().unwrap();
    assert_eq!((outcome.count, &outcome.revisions), (2, &vec![(StreamId::of_log(), Revision(2))]));
    let last = answers[3].clone().unwrap();
    assert_eq!(last.revisions, [(StreamId::of_log(), Revision(3))]);
    assert_eq!(last.first.0, outcome.first.0 + 3);

    let log = whole_log(&*store).await;
    assert_eq!(log.len(), 5);
    assert_eq!(log[1].position, outcome.first);
    assert_eq!(read(&log[1]), (LeafKind::Key, Revision(1), b"key".to_vec()));
    assert_eq!(read(&log[2]), (LeafKind::Control, Revision(2), b"other log".to_vec()));
    let ext = nothing.to_bytes().to_vec();
    assert_eq!(read(&log[4]), (LeafKind::StreamHeads, Revision(3), ext));
    assert_eq!([log[0].revision, log[3].revision], [Revision(1), Revision(2)]);

    let (tenant, stream) = (vesterby(), StreamId::of_log());
    let forward = Range::Forward { after: Revision(1), limit: 9 };
    assert_eq!(store.read_stream(&tenant, &stream, forward).await.unwrap(), log_of(&log, [2, 4]));
    let backward = Range::Backward { before: None, limit: 2 };
    assert_eq!(store.read_stream(&tenant, &stream, backward).await.unwrap(), log_of(&log, [4, 2]));
    let head = StreamHead { tag: StreamTag::OF_LOG, revision: Revision(3), last: log[4].position };
    let heads = store.stream_heads(&tenant, std::slice::from_ref(&stream)).await.unwrap();
    assert_eq!(heads, [Some(head)]);
    let names = store.streams_by_tag(&tenant, &[StreamTag::OF_LOG]).await.unwrap();
    assert_eq!(names, [Some(stream)]);
    assert_eq!(store.commands(&tenant, None).await.unwrap().len(), 2);
    assert_eq!(check_log(&*store, &tenant, |_| ()).await.unwrap().findings, []);
}

fn log_of<const N: usize>(log: &[StoredEvent], at: [usize; N]) -> Vec<StoredEvent> {
    at.into_iter().map(|at| log[at].clone()).collect()
}

/// An act goes with no command, event, claim or release; events go with a command; nobody but the log
/// writes to its stream, and nothing that is no act.
pub async fn an_act_stands_alone<F: Fixture>() {
    let fixture = F::open().await;
    let store = fixture.store();
    let any = Expectation::Any;
    let whole = || act(any, &[(LeafKind::Control, "x")]);
    let with = |change: fn(&mut Append)| {
        let mut append = whole();
        change(&mut append);
        append
    };
    let mut no_command = simple(1, 1);
    no_command.command_id = None;
    let mut of_log = draft(1).tagged(1, StreamTag::OF_LOG, any, 1).done();
    of_log.streams[0].stream = StreamId::of_log();
    let mut like_log = simple(1, 1);
    like_log.streams[0].stream.kind = StreamId::LOG_KIND.to_owned();
    let ahead = Commitment { covers_size: 1, streams: 0, root: [0; 32] };
    let mut early = act(any, &[(LeafKind::StreamHeads, "")]);
    early.controls[0].ext = ahead.to_bytes().to_vec();
    let many = vec![(LeafKind::Control, "x"); APPEND_EVENTS_MAX + 1];
    let rows = [
        (with(|it| it.command_id = Some(command(1))), InvalidAppend::ActMixed),
        (with(|it| it.streams.extend(simple(1, 1).streams)), InvalidAppend::ActMixed),
        (with(|it| it.claims.push((0, claim("a")))), InvalidAppend::ActMixed),
        (with(|it| it.releases.push((0, claim("a")))), InvalidAppend::ActMixed),
        (no_command, InvalidAppend::NoCommand),
        (early, InvalidAppend::Map),
        (act(any, &[(LeafKind::StreamHeads, "map")]), InvalidAppend::Map),
        (of_log, InvalidAppend::EventOfLog),
        (like_log, InvalidAppend::Malformed),
        (act(any, &[]), InvalidAppend::NoEvent),
        (act(any, &many), InvalidAppend::TooManyEvents),
        (act(any, &[(LeafKind::Control, "")]), InvalidAppend::Leaf),
        (act(any, &[(LeafKind::Event, "x")]), InvalidAppend::Leaf),
        (with(|it| it.controls[0].ext = vec![0; 60_000]), InvalidAppend::Leaf),
        (with(|it| it.controls.extend(it.controls.clone())), InvalidAppend::EventIdTwice),
    ];
    for (append_, why) in rows {
        let answer = append(&*store, [append_]).await.remove(0);
        assert_eq!(answer, Err(Refused::Invalid(why)), "{why}");
    }
    assert!(append(&*store, [whole()]).await[0].is_ok());
    assert_eq!(whole_log(&*store).await.len(), 1);
}

/// The log's stream has revisions like any other: an act may be expected to be its first, or to follow
/// one that was seen; others are then in its way.
pub async fn an_act_is_written_where_the_logs_stream_stands<F: Fixture>() {
    let fixture = F::open().await;
    let store = fixture.store();
    let rows = [
        (Expectation::Exists, Err(0)),
        (Expectation::NoStream, Ok(1)),
        (Expectation::NoStream, Err(1)),
        (Expectation::Exactly(Revision(2)), Err(1)),
        (Expectation::Exactly(Revision(1)), Ok(2)),
        (Expectation::Any, Ok(3)),
    ];
    for (expected, becomes) in rows {
        let answer = append(&*store, [act(expected, &[(LeafKind::Control, "x")])]).await.remove(0);
        let stream = StreamId::of_log();
        match becomes {
            Ok(revision) => {
                assert_eq!(answer.unwrap().revisions, [(stream, Revision(revision))]);
            }
            Err(actual) => {
                let actual = Revision(actual);
                assert_eq!(answer, Err(Refused::Conflict { stream, expected, actual }));
            }
        }
    }
}

/// A map of stream heads that is not that of the leaves is found, wherever it stands.
pub async fn a_map_that_lies_is_found<F: Fixture>() {
    let fixture = F::open().await;
    let store = fixture.store();
    append(&*store, [simple(1, 1), simple(2, 2), simple(3, 1)]).await;
    let mut heads = Heads::new();
    for event in whole_log(&*store).await {
        let version = event.revision.0 - 1;
        heads.push(event.stream_tag.0, version, leaf_hash(&event.leaf));
    }
    let map_at = |size| heads.map_at(size).unwrap().commitment();
    let lie = Commitment { root: [7; 32], ..map_at(3) };
    for map in [map_at(3), map_at(2), lie] {
        let mut append_ = act(Expectation::Any, &[(LeafKind::StreamHeads, "")]);
        append_.controls[0].ext = map.to_bytes().to_vec();
        assert!(append(&*store, [append_]).await[0].is_ok());
    }
    let report = check_log(&*store, &vesterby(), |_| ()).await.unwrap();
    assert_eq!(report.maps, 3);
    let at = store.head(&vesterby()).await.unwrap().position;
    assert_eq!(report.findings, [Finding { position: Some(at), problem: Problem::MapDiffers }]);
}

/// After a reopen the log's stream goes on where it stood.
pub async fn acts_survive_a_reopen<F: Fixture>() {
    let fixture = F::open().await;
    let store = fixture.store();
    let control = || act(Expectation::Any, &[(LeafKind::Control, "x")]);
    append(&*store, [simple(1, 1), control(), control()]).await;
    let log = whole_log(&*store).await;
    drop(store);
    let fixture = fixture.reopen().await;
    let store = fixture.store();
    assert_eq!(whole_log(&*store).await, log);
    let goes_on = act(Expectation::Exactly(Revision(2)), &[(LeafKind::Key, "y")]);
    let outcome = append(&*store, [goes_on, simple(2, 1)]).await.remove(0).unwrap();
    assert_eq!(outcome.first.0, log[2].position.0 + 1);
    assert_eq!(check_log(&*store, &vesterby(), |_| ()).await.unwrap().findings, []);
}
