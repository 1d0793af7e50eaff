use std::sync::atomic::{AtomicU64, Ordering};

use fokus_vault::key::SecretKey;
use tokio::task::JoinSet;

use super::*;
use crate::conformance::make::*;
use crate::memory::MemoryStore;

struct Bench {
    store: MemoryStore,
    commit: GroupCommit,
    tasks: TaskTracker,
    shutdown: CancellationToken,
}

fn bench() -> Bench {
    let store = MemoryStore::new("a.invalid", true, SecretKey::from_bytes([1; 32]));
    let (tasks, shutdown) = (TaskTracker::new(), CancellationToken::new());
    let now = AtomicU64::new(NOW_MS);
    let clock: Clock = Arc::new(move || now.fetch_add(1, Ordering::Relaxed));
    let commit = GroupCommit::new(Arc::new(store.clone()), clock, tasks.clone(), shutdown.clone());
    Bench { store, commit, tasks, shutdown }
}

impl Bench {
    /// Appends all at once; the answers in no order.
    async fn append_all(&self, appends: impl IntoIterator<Item = Append>) -> Vec<Answer> {
        let mut calls = JoinSet::new();
        for append in appends {
            let commit = self.commit.clone();
            calls.spawn(async move { commit.append(&vesterby(), append).await });
        }
        calls.join_all().await
    }

    async fn position(&self) -> u64 {
        self.store.head(&vesterby()).await.unwrap().position.0
    }
}

/// Lets a call go as far as it gets without waiting.
async fn poll_once<T>(call: &mut (impl Future<Output = T> + Unpin)) -> Option<T> {
    tokio::select! {
        biased;
        answer = call => Some(answer),
        () = std::future::ready(()) => None,
    }
}

fn distinct<T: Ord>(values: impl Iterator<Item = T>) -> usize {
    values.collect::<std::collections::BTreeSet<T>>().len()
}

#[tokio::test]
async fn what_has_queued_is_one_batch_with_one_time_and_one_note() {
    let bench = bench();
    let answers = bench.append_all((1..=100).map(|id| simple(id, 1))).await;
    let outcomes: Vec<Outcome> = answers.into_iter().map(|it| it.unwrap().unwrap()).collect();
    assert_eq!(distinct(outcomes.iter().map(|it| it.first)), 100);
    assert_eq!(distinct(outcomes.iter().map(|it| &it.checkpoint)), 1);
    assert_eq!(distinct(outcomes.iter().map(|it| it.recorded_ms)), 1);
}

#[tokio::test]
async fn a_lone_append_waits_for_nobody() {
    let bench = bench();
    for id in 1..=3 {
        let outcome = bench.commit.append(&vesterby(), simple(id, 1)).await.unwrap().unwrap();
        assert_eq!((outcome.first.0, outcome.recorded_ms), (id, NOW_MS + id - 1));
    }
}

#[tokio::test]
async fn more_than_the_queue_holds_are_all_answered_in_several_batches() {
    let bench = bench();
    let count = 2 * QUEUE_APPENDS_MAX as u64 + 1;
    let answers = bench.append_all((1..=count).map(|id| simple(id, 1))).await;
    let outcomes: Vec<Outcome> = answers.into_iter().map(|it| it.unwrap().unwrap()).collect();
    assert_eq!(bench.position().await, count);
    let batches = distinct(outcomes.iter().map(|it| &it.checkpoint));
    assert!(batches as u64 >= count / BATCH_APPENDS_MAX as u64, "{batches} batches");
}

#[tokio::test]
async fn each_member_gets_its_own_answer() {
    let bench = bench();
    let contender = |id| draft(id).on(1, Expectation::NoStream, 1).done();
    let answers = bench.append_all((1..=10).map(contender)).await;
    let won = answers.iter().filter(|it| matches!(it, Ok(Ok(_)))).count();
    let lost = answers.iter().filter(|it| matches!(it, Ok(Err(Refused::Conflict { .. })))).count();
    assert_eq!((won, lost), (1, 9));
}

#[tokio::test]
async fn a_caller_that_goes_away_harms_nobody() {
    let bench = bench();
    let tenant = vesterby();
    let mut gone = Box::pin(bench.commit.append(&tenant, simple(1, 1)));
    assert!(poll_once(&mut gone).await.is_none());
    drop(gone);
    let answers = bench.append_all((2..=5).map(|id| simple(id, 1))).await;
    assert!(answers.iter().all(|it| matches!(it, Ok(Ok(_)))));
    // It went away before its batch began, so it did not happen, and may be sent again.
    assert_eq!(bench.position().await, 4);
    assert!(bench.commit.append(&tenant, simple(1, 1)).await.unwrap().is_ok());
}

#[tokio::test]
async fn shutdown_commits_what_is_queued_and_takes_nothing_new() {
    let bench = bench();
    let tenant = vesterby();
    let mut queued = Box::pin(bench.commit.append(&tenant, simple(1, 1)));
    assert!(poll_once(&mut queued).await.is_none());
    bench.shutdown.cancel();
    let late = bench.commit.append(&tenant, simple(2, 1)).await;
    assert!(matches!(late, Err(Fault::Unavailable(_))));
    assert!(queued.await.unwrap().is_ok());
    bench.tasks.close();
    bench.tasks.wait().await;
    assert_eq!(bench.position().await, 1);
}

#[tokio::test]
async fn tenants_have_their_own_queues() {
    let bench = bench();
    let (own, other) = (vesterby(), tenant("osterby"));
    let (own, others) = tokio::join!(
        bench.commit.append(&own, simple(1, 1)),
        bench.commit.append(&other, simple(1, 1)),
    );
    assert_eq!(own.unwrap().unwrap().first, Position(1));
    assert_eq!(others.unwrap().unwrap().first, Position(1));
}

#[test]
fn every_member_of_a_failed_batch_learns_what_it_can_do_about_it() {
    let rows = [
        (Fault::Unavailable(Box::new(Closing)), "the store is unavailable"),
        (Fault::Full(Box::new(Closing)), "the store is full"),
        (Fault::Conflict, "somebody else moved first"),
        (Fault::Corrupt { what: "x".to_owned() }, "the store contradicts itself: x"),
    ];
    for (fault, text) in rows {
        let fault = Arc::new(fault);
        assert_eq!(share(&fault).to_string(), text);
        assert_eq!(std::mem::discriminant(&share(&fault)), std::mem::discriminant(&*fault));
    }
}
