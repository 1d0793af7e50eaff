//! Where streams stand, as far as this process has seen them: a bounded memory.
//!
//! What is in here is meant to be true of the log at the size that the process has in memory: every event
//! of the log passes [`Heads::moved`] or [`Heads::set`], or everything is forgotten. It is compared
//! whenever something is written, so if it were not, nothing would be. What is not in here is not known;
//! it may be in the log or not.
//!
//! Two generations: what is used moves to the young one; when that is full, the old one is forgotten.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use fokus_store::{Position, Revision, StreamHead, StreamId, StreamTag};

/// Streams of the young generations of all tenants together; as many again are in the old ones.
const STREAMS_MAX: usize = 40_000;
/// What each tenant has at least.
const SHARE_MIN: usize = 500;

#[derive(Default)]
struct Generation {
    by_id: HashMap<StreamId, StreamHead>,
    by_tag: HashMap<StreamTag, StreamId>,
}

impl Generation {
    fn take(&mut self, stream: &StreamId) -> Option<(StreamId, StreamHead)> {
        let (stream, head) = self.by_id.remove_entry(stream)?;
        self.by_tag.remove(&head.tag);
        Some((stream, head))
    }
}

pub(super) struct Heads {
    young: Generation,
    old: Generation,
    tenants: Arc<AtomicUsize>,
}

impl Heads {
    /// Nothing is known yet. What all tenants may remember is divided by their number.
    pub(super) fn new(tenants: Arc<AtomicUsize>) -> Heads {
        Heads { young: Generation::default(), old: Generation::default(), tenants }
    }

    fn share(&self) -> usize {
        let tenants = self.tenants.load(Ordering::Relaxed).max(1);
        (STREAMS_MAX / tenants).max(SHARE_MIN)
    }

    /// Where the stream stands, if that is known.
    pub(super) fn get(&mut self, stream: &StreamId) -> Option<StreamHead> {
        if let Some(head) = self.young.by_id.get(stream) {
            return Some(*head);
        }
        let (stream, head) = self.old.take(stream)?;
        self.set(stream, head);
        Some(head)
    }

    /// The stream that a tag belongs to, if that is known.
    pub(super) fn owner(&self, tag: StreamTag) -> Option<&StreamId> {
        self.young.by_tag.get(&tag).or_else(|| self.old.by_tag.get(&tag))
    }

    /// The stream stands there now.
    pub(super) fn set(&mut self, stream: StreamId, head: StreamHead) {
        self.old.take(&stream);
        if self.young.by_id.len() >= self.share() && !self.young.by_id.contains_key(&stream) {
            self.old = std::mem::take(&mut self.young);
        }
        self.young.by_tag.insert(head.tag, stream.clone());
        self.young.by_id.insert(stream, head);
    }

    /// The stream stood there when somebody read it; the log is at `size` now. Does nothing if more is
    /// known of it.
    pub(super) fn guess(&mut self, stream: StreamId, head: StreamHead, size: Position) {
        if head.last <= size && self.get(&stream).is_none() {
            self.set(stream, head);
        }
    }

    /// Somebody else has written an event of the stream with this tag.
    pub(super) fn moved(&mut self, tag: StreamTag, revision: Revision, last: Position) {
        for generation in [&mut self.young, &mut self.old] {
            if let Some(stream) = generation.by_tag.get(&tag)
                && let Some(head) = generation.by_id.get_mut(stream)
            {
                *head = StreamHead { tag, revision, last };
            }
        }
    }

    /// Forgets everything.
    pub(super) fn clear(&mut self) {
        (self.young, self.old) = (Generation::default(), Generation::default());
    }
}

#[cfg(test)]
mod tests {
    use fokus_store::conformance::make::{family, tag};
    use uuid::Uuid;

    use super::*;

    fn head(number: u8, revision: u64) -> StreamHead {
        StreamHead { tag: tag(number), revision: Revision(revision), last: Position(revision) }
    }

    #[test]
    fn what_moved_is_known_where_it_stands_now() {
        let mut heads = Heads::new(Arc::new(AtomicUsize::new(1)));
        assert_eq!(heads.get(&family(1)), None);
        heads.set(family(1), head(1, 1));
        heads.moved(tag(1), Revision(2), Position(2));
        heads.moved(tag(2), Revision(7), Position(3));
        assert_eq!(heads.get(&family(1)), Some(head(1, 2)));
        assert_eq!(heads.get(&family(2)), None, "its id is not known");
        assert_eq!(heads.owner(tag(1)), Some(&family(1)));
        assert_eq!(heads.owner(tag(2)), None);
        heads.clear();
        assert_eq!(heads.get(&family(1)), None);
    }

    #[test]
    fn what_was_read_is_remembered_unless_more_is_known() {
        let mut heads = Heads::new(Arc::new(AtomicUsize::new(1)));
        heads.guess(family(1), head(1, 3), Position(2));
        assert_eq!(heads.get(&family(1)), None, "it is beyond what is remembered of the log");
        heads.guess(family(1), head(1, 3), Position(3));
        heads.guess(family(1), head(1, 2), Position(3));
        assert_eq!(heads.get(&family(1)), Some(head(1, 3)));
    }

    #[test]
    fn what_is_used_stays_and_memory_is_bounded() {
        let tenants = STREAMS_MAX / 1_000;
        let mut heads = Heads::new(Arc::new(AtomicUsize::new(tenants)));
        heads.set(family(1), head(1, 1));
        for number in 0..5_000_u128 {
            let stream = StreamId { kind: "person".to_owned(), id: Uuid::from_u128(number) };
            let tag = StreamTag((number + 1).to_be_bytes());
            heads.set(stream, StreamHead { tag, ..head(2, 1) });
            if number % 100 == 0 {
                assert!(heads.get(&family(1)).is_some());
            }
        }
        let (young, old) = (&heads.young, &heads.old);
        assert!(young.by_id.len() <= 1_000 && old.by_id.len() <= 1_000);
        assert_eq!(young.by_id.len(), young.by_tag.len());
        assert_eq!(old.by_id.len(), old.by_tag.len());
        let early = StreamId { kind: "person".to_owned(), id: Uuid::from_u128(0) };
        assert_eq!(heads.get(&early), None);
    }
}
