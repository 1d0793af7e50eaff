//! Promises of [`ViewStore`](crate::ViewStore).

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

async fn checkpoint(store: &impl ViewStore, revision: u32) -> Option<ViewCheckpoint> {
    let checkpoints = store.checkpoints(&vesterby()).await.unwrap();
    checkpoints.into_iter().find(|checkpoint| checkpoint.build == build(revision))
}

fn is_conflict<T>(result: Result<T, Fault>) -> bool {
    matches!(result, Err(Fault::Conflict))
}

/// Rows are written over what has the same stream and key, and the checkpoint moves with them.
pub async fn rows_and_checkpoint_move_together<F: Fixture>() {
    let (fixture, lease) = live::<F>().await;
    let store = fixture.store();
    let first = vec![state_row(1, 1), row(1, "b", 1, 1), row(1, "a", 2, 2), row(2, "a", 3, 3)];
    store.commit(&vesterby(), &lease, &build(1), step(0, 3, &[], first)).await.unwrap();
    let second = vec![row(1, "b", 1, 7)];
    store.commit(&vesterby(), &lease, &build(1), step(3, 7, &[], second)).await.unwrap();
    let (position, rows) = store.rows(&vesterby(), &build(1), tag(1)).await.unwrap();
    assert_eq!(position, Position(7));
    assert_eq!(rows, [state_row(1, 1), row(1, "a", 2, 2), row(1, "b", 1, 7)]);
    store.commit(&vesterby(), &lease, &build(1), step(7, 9, &[], vec![])).await.unwrap();
    assert_eq!(checkpoint(&*store, 1).await.unwrap().position, Position(9));
    drop(store);
    let fixture = fixture.reopen().await;
    let (position, rows) = fixture.store().rows(&vesterby(), &build(1), tag(2)).await.unwrap();
    assert_eq!((position, rows), (Position(9), vec![row(2, "a", 3, 3)]));
}

/// A runner whose checkpoint is not where it thinks writes nothing.
pub async fn a_stale_runner_is_refused<F: Fixture>() {
    let (fixture, lease) = live::<F>().await;
    let store = fixture.store();
    store
        .commit(&vesterby(), &lease, &build(1), step(0, 3, &[], vec![row(1, "a", 1, 1)]))
        .await
        .unwrap();
    let stale = step(0, 4, &[1], vec![row(1, "b", 2, 2)]);
    assert!(is_conflict(store.commit(&vesterby(), &lease, &build(1), stale).await));
    assert!(is_conflict(
        store.commit(&vesterby(), &lease, &build(9), step(0, 4, &[], vec![])).await
    ));
    let (position, rows) = store.rows(&vesterby(), &build(1), tag(1)).await.unwrap();
    assert_eq!((position, rows), (Position(3), vec![row(1, "a", 1, 1)]));
}

/// A stream that is folded anew loses all its rows first; others keep theirs.
pub async fn cleared_streams_lose_their_rows<F: Fixture>() {
    let (fixture, lease) = live::<F>().await;
    let store = fixture.store();
    let first = vec![row(1, "a", 1, 1), row(1, "b", 2, 2), row(2, "a", 3, 3)];
    store.commit(&vesterby(), &lease, &build(1), step(0, 3, &[], first)).await.unwrap();
    let again = step(3, 4, &[1, 5], vec![row(1, "b", 2, 4)]);
    store.commit(&vesterby(), &lease, &build(1), again).await.unwrap();
    let (_, rows) = store.rows(&vesterby(), &build(1), tag(1)).await.unwrap();
    assert_eq!(rows, [row(1, "b", 2, 4)]);
    assert_eq!(store.rows(&vesterby(), &build(1), tag(2)).await.unwrap().1.len(), 1);
}

/// A halted build says where and why; it stays so, keeps its rows, and moves no more.
pub async fn a_halted_build_stays_halted<F: Fixture>() {
    let (fixture, lease) = live::<F>().await;
    let store = fixture.store();
    store
        .commit(&vesterby(), &lease, &build(1), step(0, 3, &[], vec![row(1, "a", 1, 1)]))
        .await
        .unwrap();
    store.halt(&vesterby(), &lease, &build(1), Position(4), "UNKNOWN_EVENT").await.unwrap();
    store.halt(&vesterby(), &lease, &build(1), Position(5), "OTHER").await.unwrap();
    assert!(is_conflict(
        store.commit(&vesterby(), &lease, &build(1), step(3, 4, &[], vec![])).await
    ));
    assert!(is_conflict(store.halt(&vesterby(), &lease, &build(9), Position(1), "X").await));
    drop(store);
    let fixture = fixture.reopen().await;
    let store = fixture.store();
    let found = checkpoint(&*store, 1).await.unwrap();
    assert_eq!(found.halted, Some((Position(4), "UNKNOWN_EVENT".to_owned())));
    assert_eq!((found.position, found.live), (Position(3), true));
    assert_eq!(store.rows(&vesterby(), &build(1), tag(1)).await.unwrap().1.len(), 1);
}

/// A switch leaves one build, live, and no rows of the others; other views are not touched.
pub async fn a_switch_leaves_one_build<F: Fixture>() {
    let (fixture, lease) = live::<F>().await;
    let store = fixture.store();
    let other = ViewBuild { view: "deadlines".to_owned(), revision: 1 };
    let lease_of_other = hold(&*store, &vesterby(), "deadlines").await;
    store.begin(&vesterby(), &lease_of_other, &other, true).await.unwrap();
    store
        .commit(&vesterby(), &lease_of_other, &other, step(0, 1, &[], vec![row(1, "a", 1, 1)]))
        .await
        .unwrap();
    store.begin(&vesterby(), &lease, &build(2), false).await.unwrap();
    for revision in [1, 2] {
        let rows = vec![row(1, "a", 1, 1)];
        store.commit(&vesterby(), &lease, &build(revision), step(0, 1, &[], rows)).await.unwrap();
    }
    assert!(is_conflict(store.switch(&vesterby(), &lease, &build(9)).await));
    assert!(checkpoint(&*store, 1).await.unwrap().live, "a switch to nothing changes nothing");
    store.switch(&vesterby(), &lease, &build(2)).await.unwrap();
    assert_eq!(checkpoint(&*store, 1).await, None);
    assert!(checkpoint(&*store, 2).await.unwrap().live);
    assert!(is_conflict(store.rows(&vesterby(), &build(1), tag(1)).await));
    assert_eq!(store.rows(&vesterby(), &build(2), tag(1)).await.unwrap().1.len(), 1);
    assert_eq!(store.rows(&vesterby(), &other, tag(1)).await.unwrap().1.len(), 1);
    // The old build's rows are gone, not merely out of sight.
    store.begin(&vesterby(), &lease, &build(1), false).await.unwrap();
    assert_eq!(store.rows(&vesterby(), &build(1), tag(1)).await.unwrap().1, []);
}

/// A build beside the live one can be discarded, the live one not.
pub async fn the_live_build_is_not_discarded<F: Fixture>() {
    let (fixture, lease) = live::<F>().await;
    let store = fixture.store();
    store.begin(&vesterby(), &lease, &build(2), false).await.unwrap();
    store
        .commit(&vesterby(), &lease, &build(2), step(0, 1, &[], vec![row(1, "a", 1, 1)]))
        .await
        .unwrap();
    assert!(is_conflict(store.discard(&vesterby(), &lease, &build(1)).await));
    store.discard(&vesterby(), &lease, &build(2)).await.unwrap();
    store.discard(&vesterby(), &lease, &build(2)).await.unwrap();
    assert_eq!(checkpoint(&*store, 2).await, None);
    store.begin(&vesterby(), &lease, &build(2), false).await.unwrap();
    let (position, rows) = store.rows(&vesterby(), &build(2), tag(1)).await.unwrap();
    assert_eq!((position, rows), (Position(0), vec![]));
}

/// Beginning again does nothing; a second live build of a view is refused.
pub async fn there_is_one_live_build_of_a_view<F: Fixture>() {
    let (fixture, lease) = live::<F>().await;
    let store = fixture.store();
    store.commit(&vesterby(), &lease, &build(1), step(0, 3, &[], vec![])).await.unwrap();
    store.begin(&vesterby(), &lease, &build(1), false).await.unwrap();
    let found = checkpoint(&*store, 1).await.unwrap();
    assert_eq!((found.position, found.live), (Position(3), true));
    assert!(is_conflict(store.begin(&vesterby(), &lease, &build(2), true).await));
    assert_eq!(store.checkpoints(&vesterby()).await.unwrap().len(), 1);
}

/// Pages go by either value, hold rows with a body only, and never cut equal values apart.
pub async fn pages_neither_skip_nor_repeat<F: Fixture>() {
    let (fixture, lease) = live::<F>().await;
    let store = fixture.store();
    let rows = vec![
        state_row(1, 1),
        row(1, "a", 1, 9),
        row(1, "b", 2, 8),
        row(2, "a", 2, 3),
        row(3, "a", 5, 5),
        row(3, "b", 6, 7),
    ];
    store.commit(&vesterby(), &lease, &build(1), step(0, 9, &[], rows)).await.unwrap();
    use RowOrder::{FirstAppearance, LastChange};
    let cases: [(RowOrder, i64, u32, &[i64]); 9] = [
        (FirstAppearance, 0, 10, &[1, 2, 2, 5, 6]),
        (FirstAppearance, 0, 1, &[1]),
        (FirstAppearance, 0, 2, &[1, 2, 2]), // Equal values are not cut apart.
        (FirstAppearance, 2, 2, &[5, 6]),
        (FirstAppearance, 6, 2, &[]),
        (FirstAppearance, i64::MIN, 0, &[]),
        (LastChange, i64::MIN, 3, &[3, 5, 7]),
        (LastChange, 7, 3, &[8, 9]),
        (LastChange, i64::MAX, 3, &[]),
    ];
    for (order, after, limit, expected) in cases {
        let (position, page) =
            store.page(&vesterby(), &build(1), order, after, limit).await.unwrap();
        let values: Vec<i64> = page
            .iter()
            .map(|row| if order == FirstAppearance { row.sort1 } else { row.sort2 })
            .collect();
        assert_eq!((position, &values[..]), (Position(9), expected), "{order:?} {after} {limit}");
        assert!(page.iter().all(|row| !row.body.is_empty()));
    }
    assert!(is_conflict(store.page(&vesterby(), &build(9), LastChange, 0, 1).await));
}

/// Rows named by stream and key come in the order asked.
pub async fn rows_are_found_by_key<F: Fixture>() {
    let (fixture, lease) = live::<F>().await;
    let store = fixture.store();
    let rows = vec![state_row(1, 1), row(1, "é\"", 1, 9), row(2, "a", 2, 3)];
    store.commit(&vesterby(), &lease, &build(1), step(0, 9, &[], rows)).await.unwrap();
    let names = [(2, "a"), (1, "a"), (1, ""), (1, "é\""), (2, "a")];
    let names = names.map(|(number, key)| (tag(number), key.to_owned()));
    let found = store.rows_by_key(&vesterby(), &build(1), &names).await.unwrap();
    let expected = [
        Some(row(2, "a", 2, 3)),
        None,
        Some(state_row(1, 1)),
        Some(row(1, "é\"", 1, 9)),
        Some(row(2, "a", 2, 3)),
    ];
    assert_eq!(found, expected);
    assert!(is_conflict(store.rows_by_key(&vesterby(), &build(9), &names).await));
    assert_eq!(store.rows_by_key(&vesterby(), &build(1), &[]).await.unwrap(), []);
}
