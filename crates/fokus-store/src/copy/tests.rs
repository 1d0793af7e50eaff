use std::sync::Arc;
use std::sync::atomic::AtomicUsize;

use fokus_log::leaf::Leaf;

use super::*;
use crate::conformance::copy::{Cut, assert_same, copy_all, fill, keys, memory};
use crate::conformance::make::*;
use crate::memory::MemoryStore;
use crate::plan::signed_head;
use crate::ports::EventStore;

#[tokio::test]
async fn a_copy_that_is_cut_once_at_any_call_goes_on_to_the_same_end() {
    let source = memory();
    fill(&source).await;
    let mut cuts = 0;
    for left in 0.. {
        for answer_lost in [false, true] {
            let target = Arc::new(memory());
            let left = AtomicUsize::new(left);
            let cut = Cut { target: Arc::clone(&target), left, answer_lost };
            if copy_all(&source, &cut).await.is_ok() {
                assert!(cuts > 20, "only {cuts} calls were cut");
                return;
            }
            cuts += 1;
            copy_all(&source, &*target).await.unwrap();
            assert_same(&*target, &source).await;
        }
    }
}

#[tokio::test]
async fn progress_counts_to_the_end_and_a_second_copy_writes_no_event() {
    let source = memory();
    fill(&source).await;
    let target = memory();
    let seed = keys().signing_seed;
    let mut steps = Vec::new();
    let progress = |it: CopyProgress| steps.push((it.step, it.done));
    copy_tenant(&source, &target, &vesterby(), &seed, None, progress).await.unwrap();
    let events = |done| (CopyStep::Events, done);
    let counted = [
        (CopyStep::Keys, 1_000),
        (CopyStep::Keys, 1_200),
        events(1_000),
        events(2_000),
        events(2_100),
        (CopyStep::Commands, 698),
    ];
    assert_eq!(steps[..6], counted);
    let again = copy_tenant(&source, &target, &vesterby(), &seed, None, |_| ()).await.unwrap();
    assert_eq!((again.events, again.position), (0, Position(2_100)));
}

#[tokio::test]
async fn another_signing_key_is_not_copied_under() {
    let source = memory();
    source.append(&vesterby(), vec![simple(1, 1)], NOW_MS).await.unwrap();
    let seed = SecretKey::from_bytes([9; 32]);
    let refused = copy_tenant(&source, &memory(), &vesterby(), &seed, None, |_| ()).await;
    assert!(matches!(refused, Err(CopyError::OtherKey)), "{refused:?}");
}

#[tokio::test]
async fn a_target_that_went_its_own_way_is_no_copy() {
    let (source, target) = (memory(), memory());
    source.append(&vesterby(), vec![simple(1, 1)], NOW_MS).await.unwrap();
    target.append(&vesterby(), vec![simple(1, 1)], NOW_MS).await.unwrap();
    let seed = keys().signing_seed;
    let refused = copy_tenant(&source, &target, &vesterby(), &seed, None, |_| ()).await;
    assert!(matches!(refused, Err(CopyError::Differs)), "{refused:?}");
}

#[tokio::test]
async fn a_source_that_moves_meanwhile_is_noticed_and_gone_on_with() {
    let (source, target) = (memory(), memory());
    source.append(&vesterby(), vec![simple(1, 1)], NOW_MS).await.unwrap();
    let seed = keys().signing_seed;
    let (moving, tenant, runtime) = (source.clone(), vesterby(), tokio::runtime::Handle::current());
    let copy = copy_tenant(&source, &target, &tenant, &seed, None, |it| {
        if it.step == CopyStep::Events {
            let (moving, runtime) = (moving.clone(), runtime.clone());
            std::thread::spawn(move || {
                runtime.block_on(moving.append(&vesterby(), vec![simple(2, 2)], NOW_MS)).unwrap();
            })
            .join()
            .unwrap();
        }
    });
    let refused = copy.await;
    assert!(matches!(refused, Err(CopyError::SourceMoved)), "{refused:?}");
    copy_tenant(&source, &target, &vesterby(), &seed, None, |_| ()).await.unwrap();
    assert_same(&target, &source).await;
}

/// Events of two streams: positions 1, 2 and 4 of the first, 3 of the second.
async fn sound() -> MemoryStore {
    let store = memory();
    let appends = vec![draft(1).on(1, Expectation::Any, 2).done(), simple(2, 2), simple(3, 1)];
    store.append(&vesterby(), appends, NOW_MS).await.unwrap();
    store
}

/// What is said of the events when they are planned in two parts, cut after `at`.
async fn planned(
    store: &MemoryStore,
    at: usize,
    tamper: impl FnOnce(&mut Vec<StoredEvent>),
) -> Result<Head, Problem> {
    let range = Range::Forward { after: Position(0), limit: 9 };
    let mut events = store.read_log(&vesterby(), range).await.unwrap();
    tamper(&mut events);
    let signer = SigningSeeds::only(keys().signing_seed).signer(&vesterby()).unwrap();
    let names = HashMap::from([(tag(1), family(1)), (tag(2), family(2))]);
    let origin = store.log(&vesterby()).await.unwrap().origin;
    let edge = Edge::new();
    let mut head = signed_head(&origin, &edge, 0, &signer).unwrap();
    let mut at_head = PlanHead { origin: origin.clone(), edge, last_ms: 0 };
    let mut before = HashMap::new();
    let rest = events.split_off(at);
    for part in [events, rest] {
        let from = CopiedFrom { before: &before, names: &names };
        let planned = match plan_copied(at_head, from, part, &signer) {
            Ok(planned) => planned,
            Err(PlanCopiedError::Damaged(finding)) => return Err(finding.problem),
            Err(PlanCopiedError::Fault(fault)) => panic!("{fault}"),
        };
        before.extend(planned.streams.values().map(|head| (head.tag, *head)));
        let last_ms = planned.head.last_ms;
        at_head = PlanHead { origin: origin.clone(), edge: planned.edge, last_ms };
        head = planned.head;
    }
    Ok(head)
}

fn edit_leaf(event: &mut StoredEvent, edit: impl FnOnce(&mut Leaf)) {
    let mut leaf = Leaf::decode(&event.leaf).unwrap();
    edit(&mut leaf);
    event.leaf = leaf.encode().unwrap();
}

type Tamper = fn(&mut Vec<StoredEvent>);

#[tokio::test]
#[rustfmt::skip] // One row, one kind of damage.
async fn a_damaged_event_is_never_copied() {
    use Problem::*;
    let rows: [(Tamper, Problem); 13] = [
        (|it| { it.remove(2); }, EventMissing),
        (|it| { it.remove(0); }, EventMissing),
        (|it| it[1].leaf.truncate(100), LeafUnreadable),
        (|it| edit_leaf(&mut it[2], |leaf| leaf.position = 7), LeafPosition),
        (|it| edit_leaf(&mut it[2], |leaf| leaf.recorded_ms -= 1), TimeFalls),
        (|it| it[2].revision = Revision(2), RowDiffers),
        (|it| it[2].stream_tag = tag(1), RowDiffers),
        (|it| { edit_leaf(&mut it[3], |leaf| leaf.stream_version = 1); it[3].revision = Revision(2); }, RevisionGap),
        (|it| edit_leaf(&mut it[3], |leaf| leaf.prev_in_stream = Some(2)), PreviousLink),
        (|it| it[1].envelopes[1] = Some(vec![0; 41]), EnvelopeDiffers { index: 1 }),
        (|it| it[1].envelopes.swap(0, 1), EnvelopeDiffers { index: 0 }),
        (|it| it[1].envelopes.push(None), EnvelopeCount),
        (|it| { edit_leaf(&mut it[2], |leaf| leaf.stream_tag = tag(3).0); it[2].stream_tag = tag(3); }, StreamMissing),
    ];
    let store = sound().await;
    let head = store.head(&vesterby()).await.unwrap();
    for at in 0..=4 {
        assert_eq!(planned(&store, at, |_| ()).await, Ok(head.clone()), "cut after {at}");
        let removed = planned(&store, at, |it| it[1].envelopes[1] = None).await;
        assert_eq!(removed, Ok(head.clone()), "as after an erasure");
    }
    for at in [0, 2, 3] {
        for (tamper, problem) in &rows {
            assert_eq!(planned(&store, at, tamper).await.as_ref(), Err(problem), "cut after {at}");
        }
    }
}
