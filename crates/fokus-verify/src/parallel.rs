//! All cores, without a pool: each core takes the next item when it is done with one.

use std::collections::BTreeMap;
use std::num::NonZero;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;
use std::thread;

/// What `work` makes of each item, in the items' order.
pub(crate) fn map<T: Sync, R: Send>(items: &[T], work: impl Fn(&T) -> R + Sync) -> Vec<R> {
    let mut all = Vec::with_capacity(items.len());
    in_order(items, work, |_, made| all.push(made));
    all
}

/// Gives `take` what `work` makes of each item, in the items' order, while others are still being worked on.
/// What is made before its turn waits, so the caller bounds how many items there are.
pub(crate) fn in_order<T: Sync, R: Send>(
    items: &[T],
    work: impl Fn(&T) -> R + Sync,
    mut take: impl FnMut(&T, R),
) {
    let cores = thread::available_parallelism().map_or(1, NonZero::get).min(items.len());
    if cores <= 1 {
        items.iter().for_each(|it| take(it, work(it)));
        return;
    }
    let next = AtomicUsize::new(0);
    let (done, made) = mpsc::channel();
    let run = |done: mpsc::Sender<(usize, R)>| {
        while let Some((at, item)) = {
            let at = next.fetch_add(1, Ordering::Relaxed);
            items.get(at).map(|item| (at, item))
        } {
            // Nobody takes it only where taking has panicked already.
            let _ = done.send((at, work(item)));
        }
    };
    // A panic of the work is one of the caller's thread too: the scope passes it on.
    thread::scope(|scope| {
        for _ in 0..cores {
            let done = done.clone();
            scope.spawn(|| run(done));
        }
        drop(done);
        let mut waiting = BTreeMap::new();
        let mut turn = 0;
        for (at, result) in made {
            waiting.insert(at, result);
            while let (Some(result), Some(item)) = (waiting.remove(&turn), items.get(turn)) {
                take(item, result);
                turn += 1;
            }
        }
    });
}

#[cfg(test)]
mod tests {
    #[test]
    fn what_comes_back_is_in_the_order_of_the_items() {
        let items: Vec<u64> = (0..10_000).collect();
        let doubled: Vec<u64> = items.iter().map(|it| it * 2).collect();
        assert_eq!(super::map(&items, |it| it * 2), doubled);
        assert!(super::map(&[], |it: &u64| *it).is_empty());
        let mut taken = Vec::new();
        super::in_order(&items, |it| it * 2, |item, made| taken.push((*item, made)));
        assert!(taken.iter().zip(&items).all(|((item, made), it)| item == it && *made == it * 2));
        assert_eq!(taken.len(), items.len());
    }
}
