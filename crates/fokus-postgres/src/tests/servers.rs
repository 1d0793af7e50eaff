//! Several servers on one database: two stores that know nothing of each other.

use std::sync::Arc;
use std::time::Duration;

use fokus_store::check::check_log;
use fokus_store::conformance::make::*;
use fokus_store::{
    EventStore as _, Expectation, Fault, Position, Range, Refused, Revision, ViewStore as _,
};
use tokio::task::JoinSet;
use tokio_util::task::TaskTracker;
use uuid::Uuid;

use super::{Place, append};
use crate::PostgresStore;

async fn two() -> (Place, PostgresStore, PostgresStore) {
    let place = Place::new();
    let (one, other) = (place.open().await.unwrap(), place.open().await.unwrap());
    (place, one, other)
}

/// The log is dense, and everything in it follows from everything else.
async fn assert_sound(store: &PostgresStore, events: u64) {
    let report = check_log(store, &vesterby(), |_| ()).await.unwrap();
    assert_eq!(report.findings, []);
    assert_eq!(report.position, Position(events));
}

#[tokio::test]
async fn a_server_alone_appends_with_one_round_trip() {
    let (_place, one, _other) = two().await;
    for id in 1..=20 {
        let expected = match id {
            1 => Expectation::NoStream,
            _ => Expectation::Exactly(Revision(id - 1)),
        };
        let answers = append(&one, vec![draft(id).on(1, expected, 1).done()]).await;
        assert!(answers[0].is_ok());
    }
    assert_eq!(one.batches(), (20, 0));
    // What is refused is refused by what stands, under the lock.
    let answers = append(&one, vec![simple(1, 1), simple(21, 1)]).await;
    assert!(matches!(answers[0], Err(Refused::Repeated(_))));
    assert!(answers[1].is_ok());
    assert_eq!(one.batches(), (20, 1));
    assert_sound(&one, 21).await;
}

#[tokio::test]
async fn what_another_server_appended_is_found_and_built_on() {
    let (_place, one, other) = two().await;
    append(&one, vec![simple(1, 1)]).await;
    // It remembers an empty log: the stream's begin, the command and the claim are assumed wrongly.
    let begins = draft(2).on(1, Expectation::NoStream, 1).done();
    let again = simple(1, 2);
    let answers = append(&other, vec![begins, again, simple(3, 1)]).await;
    assert!(matches!(answers[0], Err(Refused::Conflict { actual: Revision(1), .. })));
    assert!(matches!(answers[1], Err(Refused::Repeated(_))));
    assert_eq!(answers[2].as_ref().unwrap().revisions, [(family(1), Revision(2))]);
    append(&other, vec![draft(4).on(2, Expectation::NoStream, 1).claims("a").done()]).await;
    let taken = draft(5).on(3, Expectation::NoStream, 1).claims("a").done();
    let answers = append(&one, vec![taken, simple(6, 1)]).await;
    assert_eq!(answers[0], Err(Refused::ClaimTaken { claim: 0 }));
    assert_eq!(answers[1].as_ref().unwrap().revisions, [(family(1), Revision(3))]);
    assert_sound(&one, 4).await;
    assert_eq!(one.head(&vesterby()).await.unwrap(), other.head(&vesterby()).await.unwrap());
}

#[tokio::test]
async fn who_has_read_a_stream_appends_to_it_with_one_round_trip() {
    let (place, one, _other) = two().await;
    append(&one, vec![simple(1, 1)]).await;
    let other = place.open().await.unwrap();
    let whole = Range::Forward { after: Revision(0), limit: 9 };
    other.read_stream(&vesterby(), &family(1), whole).await.unwrap();
    let next = draft(2).on(1, Expectation::Exactly(Revision(1)), 1).done();
    assert!(append(&other, vec![next.clone()]).await[0].is_ok());
    // A command that was accepted before is found out, and costs those behind it nothing.
    assert!(matches!(append(&other, vec![next]).await[0], Err(Refused::Repeated(_))));
    assert!(append(&other, vec![simple(3, 1)]).await[0].is_ok());
    assert_eq!(other.batches(), (2, 1));
    assert_sound(&other, 3).await;
}

#[tokio::test]
async fn a_server_left_far_behind_catches_up_and_is_quick_again() {
    let (_place, one, other) = two().await;
    append(&other, vec![simple(1, 1)]).await;
    let batch = |first: u64| -> Vec<_> {
        (first..first + 40).map(|id| draft(id).on(2, Expectation::Any, 64).done()).collect()
    };
    append(&one, batch(100)).await;
    append(&one, batch(200)).await;
    let mut events = 1 + 2 * 40 * 64;
    for id in 2..=30 {
        append(&other, vec![simple(id, 1)]).await;
        events += 1;
    }
    let (quick, locked) = other.batches();
    assert!(quick >= 10 && locked >= 8, "quick {quick}, locked {locked}");
    assert_sound(&other, events).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_servers_at_once_write_one_dense_log() {
    let (_place, one, other) = two().await;
    let mut tasks = JoinSet::new();
    for (number, store) in (0..).zip([one.clone(), other.clone()]) {
        for writer in 0..4_u64 {
            let store = store.clone();
            tasks.spawn(async move {
                for turn in 0..15 {
                    let id = 1 + turn + 100 * writer + 1_000 * number;
                    let shared = draft(id).on(1, Expectation::Any, 1);
                    let own = shared.on(u8::try_from(10 + writer).unwrap(), Expectation::Any, 2);
                    let answers = append(&store, vec![own.claims(&id.to_string()).done()]).await;
                    assert!(answers[0].is_ok(), "{answers:?}");
                }
            });
        }
    }
    while let Some(done) = tasks.join_next().await {
        done.unwrap();
    }
    assert!(one.batches().1 > 0 && other.batches().1 > 0);
    assert_sound(&one, 2 * 4 * 15 * 3).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_contenders_on_two_servers_one_wins() {
    let (_place, one, other) = two().await;
    for revision in 0..6_u64 {
        let mut tasks = JoinSet::new();
        for contender in 0..16_u64 {
            let store = if contender % 2 == 0 { one.clone() } else { other.clone() };
            let expected = match revision {
                0 => Expectation::NoStream,
                it => Expectation::Exactly(Revision(it)),
            };
            let id = 1 + 100 * revision + contender;
            tasks.spawn(async move {
                append(&store, vec![draft(id).on(1, expected, 1).done()]).await.remove(0)
            });
        }
        let answers = tasks.join_all().await;
        let won = answers.iter().filter(|it| it.is_ok()).count();
        let lost = |it: &Result<_, _>| matches!(it, Err(Refused::Conflict { actual, .. }) if actual.0 == revision + 1);
        assert_eq!(won, 1, "{answers:?}");
        assert_eq!(answers.iter().filter(|it| lost(it)).count(), 15, "{answers:?}");
    }
    assert_sound(&one, 6).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_waits_on_one_server_sees_what_another_appends() {
    let (place, one, other) = two().await;
    let other = Arc::new(other);
    for at in 0..10_u64 {
        let waiting = TaskTracker::new().spawn({
            let other = Arc::clone(&other);
            async move { other.wait_beyond(&vesterby(), Position(at)).await }
        });
        if at == 5 {
            // The hints are gone for a while. Asking is the truth.
            place.edit("select pg_terminate_backend(pid) from pg_stat_activity where query like 'LISTEN%' and datname = current_database()").await;
        }
        append(&one, vec![simple(at + 1, 1)]).await;
        let seen = tokio::time::timeout(Duration::from_secs(10), waiting).await;
        assert_eq!(seen.unwrap().unwrap().unwrap(), Position(at + 1));
        let range = Range::Forward { after: Position(at), limit: 9 };
        assert_eq!(other.read_log(&vesterby(), range).await.unwrap().len(), 1);
    }
}

#[tokio::test]
async fn a_server_that_lost_its_lease_writes_nothing() {
    let (place, one, other) = two().await;
    let (me, you) = (Uuid::from_u128(1), Uuid::from_u128(2));
    let minute = Duration::from_secs(60);
    let mine = one.lease(&vesterby(), "cases", me, minute).await.unwrap().unwrap();
    one.begin(&vesterby(), &mine, &build(1), true).await.unwrap();
    one.commit(&vesterby(), &mine, &build(1), step(0, 1, &[], vec![])).await.unwrap();
    assert_eq!(other.lease(&vesterby(), "cases", you, minute).await.unwrap(), None);
    // The first one sleeps for a minute by the database's clock, the only one that counts.
    place.edit("update views.lease set until = until - interval '1 minute'").await;
    let yours = other.lease(&vesterby(), "cases", you, minute).await.unwrap().unwrap();
    assert!(yours.fence > mine.fence);
    let rows = vec![row(1, "a", 1, 1)];
    let late = one.commit(&vesterby(), &mine, &build(1), step(1, 2, &[], rows)).await;
    assert!(matches!(late, Err(Fault::Conflict)));
    one.release(&vesterby(), &mine).await.unwrap();
    assert_eq!(one.lease(&vesterby(), "cases", me, minute).await.unwrap(), None);
    other.commit(&vesterby(), &yours, &build(1), step(1, 2, &[], vec![])).await.unwrap();
    let (position, rows) = one.rows(&vesterby(), &build(1), tag(1)).await.unwrap();
    assert_eq!((position, rows), (Position(2), vec![]));
}

#[tokio::test]
async fn a_commit_under_a_lease_holds_up_who_would_take_it() {
    let (place, one, other) = two().await;
    let mine = hold(&one, &vesterby(), "cases").await;
    one.begin(&vesterby(), &mine, &build(1), true).await.unwrap();
    place.edit("update views.lease set until = now()").await;
    // A commit of the first server, caught between looking at the lease and its end.
    let mut commit = place.connect().await;
    let begin = "begin; select views.holds('vesterby', 'cases', 1)";
    sqlx::raw_sql(begin).execute(&mut commit).await.unwrap();
    let taken = TaskTracker::new().spawn({
        let other = other.clone();
        async move {
            let you = Uuid::from_u128(2);
            other.lease(&vesterby(), "cases", you, Duration::from_secs(9)).await
        }
    });
    let blocked = "select count(*) from pg_stat_activity where wait_event_type = 'Lock' \
                   and datname = current_database()";
    let mut looking = place.connect().await;
    while sqlx::query_scalar::<_, i64>(blocked).fetch_one(&mut looking).await.unwrap() == 0 {
        assert!(!taken.is_finished(), "it did not wait");
        tokio::task::yield_now().await;
    }
    sqlx::raw_sql("commit").execute(&mut commit).await.unwrap();
    assert_eq!(taken.await.unwrap().unwrap().unwrap().fence, mine.fence + 1);
}
