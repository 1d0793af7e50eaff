//! Promises about what other programs read in clear.

use super::Fixture;
use super::make::*;
use crate::ports::ViewStore;
use crate::types::*;

/// A store with a live build, and the lease to write it.
async fn live<F: Fixture>() -> (F, Lease) {
    let fixture = F::open().await;
    let lease = hold(&*fixture.store(), &vesterby(), "cases").await;
    fixture.store().begin(&vesterby(), &lease, &build(1), true).await.unwrap();
    (fixture, lease)
}

/// A step that publishes.
fn publishing(expected: u64, position: u64, cleared: &[u8], of: &[&Published]) -> ViewBatch {
    let rows = of.iter().map(|it| row(it.stream_tag.0[15], &it.key, 1, 1)).collect();
    ViewBatch {
        published: of.iter().copied().cloned().collect(),
        ..step(expected, position, cleared, rows)
    }
}

/// The cells in one order, since tables have none.
fn sorted(mut cells: Vec<PublishedCell>) -> Vec<PublishedCell> {
    cells.sort_by_key(|it| (it.release_id.clone(), it.quarter.clone(), it.column_number));
    cells
}

#[track_caller]
fn same(found: Vec<PublishedCell>, expected: &[&Published]) {
    let expected = expected.iter().flat_map(|it| it.cells.clone()).collect();
    assert_eq!(sorted(found), sorted(expected));
}

async fn commit<F: Fixture>(fixture: &F, lease: &Lease, revision: u32, batch: ViewBatch) {
    fixture.store().commit(&vesterby(), lease, &build(revision), batch).await.unwrap();
}

/// What is published of a row is replaced with it, goes where nothing is published of it any more or its
/// stream is cleared, and is not touched by a step that is refused.
pub async fn what_is_published_moves_with_its_rows<F: Fixture>() {
    let (fixture, lease) = live::<F>().await;
    let (first, other) = (published(1, "a", "2019-Q1", 3), published(2, "a", "2019-Q1", 2));
    commit(&fixture, &lease, 1, publishing(0, 3, &[], &[&first, &other])).await;
    same(fixture.published(&vesterby()).await, &[&first, &other]);
    // Another release of the stream stands beside it; a step without anything changes nothing.
    let second = published(1, "b", "2019-Q2", 2);
    commit(&fixture, &lease, 1, publishing(3, 4, &[], &[&second])).await;
    commit(&fixture, &lease, 1, step(4, 5, &[], vec![row(3, "a", 5, 5)])).await;
    same(fixture.published(&vesterby()).await, &[&first, &second, &other]);
    // Withdrawn.
    let withdrawn = Published { cells: Vec::new(), ..first.clone() };
    commit(&fixture, &lease, 1, publishing(5, 6, &[], &[&withdrawn])).await;
    same(fixture.published(&vesterby()).await, &[&second, &other]);
    let stale = publishing(5, 7, &[2], &[&first]);
    let refused = fixture.store().commit(&vesterby(), &lease, &build(1), stale).await;
    assert!(matches!(refused, Err(Fault::Conflict)));
    same(fixture.published(&vesterby()).await, &[&second, &other]);
    // Folded anew.
    commit(&fixture, &lease, 1, publishing(6, 8, &[1], &[&first])).await;
    same(fixture.published(&vesterby()).await, &[&first, &other]);
}

/// A build beside the live one shows nothing before it is switched to, and nothing of the old one is left
/// then; a build that is discarded leaves nothing.
pub async fn what_is_published_is_that_of_the_live_build<F: Fixture>() {
    let (fixture, lease) = live::<F>().await;
    let (old, new) = (published(1, "a", "2019-Q1", 3), published(1, "a", "2019-Q1", 2));
    commit(&fixture, &lease, 1, publishing(0, 3, &[], &[&old])).await;
    for revision in [2, 3] {
        fixture.store().begin(&vesterby(), &lease, &build(revision), false).await.unwrap();
        commit(&fixture, &lease, revision, publishing(0, 3, &[], &[&new])).await;
    }
    same(fixture.published(&vesterby()).await, &[&old]);
    fixture.store().discard(&vesterby(), &lease, &build(3)).await.unwrap();
    same(fixture.published(&vesterby()).await, &[&old]);
    fixture.store().switch(&vesterby(), &lease, &build(2)).await.unwrap();
    same(fixture.published(&vesterby()).await, &[&new]);
    // The discarded and the old build's cells are gone, not merely out of sight.
    for revision in [1, 3] {
        fixture.store().begin(&vesterby(), &lease, &build(revision), false).await.unwrap();
    }
    fixture.store().switch(&vesterby(), &lease, &build(1)).await.unwrap();
    same(fixture.published(&vesterby()).await, &[]);
}

/// What was published is there again after the store was opened anew.
pub async fn what_is_published_survives_a_reopen<F: Fixture>() {
    let (fixture, lease) = live::<F>().await;
    let first = published(1, "a", "2019-Q1", 3);
    commit(&fixture, &lease, 1, publishing(0, 3, &[], &[&first])).await;
    let fixture = fixture.reopen().await;
    same(fixture.published(&vesterby()).await, &[&first]);
}

/// What is published of one tenant is nothing of another's.
pub async fn what_is_published_of_a_tenant_is_its_own<F: Fixture>() {
    let (fixture, lease) = live::<F>().await;
    let (own, others) = (published(1, "a", "2019-Q1", 3), published(2, "a", "2019-Q1", 2));
    commit(&fixture, &lease, 1, publishing(0, 3, &[], &[&own])).await;
    let other = tenant("osterby");
    let store = fixture.store();
    let lease_of_other = hold(&*store, &other, "cases").await;
    store.begin(&other, &lease_of_other, &build(1), true).await.unwrap();
    let batch = publishing(0, 3, &[], &[&others]);
    store.commit(&other, &lease_of_other, &build(1), batch).await.unwrap();
    same(fixture.published(&vesterby()).await, &[&own]);
    same(fixture.published(&other).await, &[&others]);
}
