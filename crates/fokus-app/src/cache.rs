//! Streams in memory between commands: folded once, then kept up by what this server itself accepts
//! and by what it reads when others were faster.
//!
//! Facts only: nothing personal is here. What is kept may be behind the log, for other servers write
//! too: an acceptance is verified by the append, and a refusal is only given after the heads of the
//! streams were looked at (see `execute.rs`).

use std::collections::HashMap;
use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};

use fokus_core::ids::StreamRef;
use fokus_core::record::Recorded;
use fokus_core::world::Stream;
use fokus_store::StreamTag;

/// The most bytes that the events in the cache take, in all streams of all tenants together.
const BYTES_MAX: usize = 40 * 1024 * 1024;
/// What an event holds beside its own size, with what its stream's state remembers of it: texts and lists.
const HELD_BYTES: usize = 400;
/// The most events that stand in the cache.
pub(crate) const EVENTS_MAX: usize = BYTES_MAX / (size_of::<Recorded>() + HELD_BYTES);
/// What a stream weighs beside its events.
const STREAM_EVENTS: usize = 4;

/// A stream of a tenant, which is named by its number in this server.
type Key = (u32, StreamRef);

/// A stream that has events.
#[derive(Debug, Clone)]
pub(crate) struct Kept {
    pub(crate) tag: StreamTag,
    pub(crate) stream: Stream,
}

impl Kept {
    fn weight(&self) -> usize {
        self.stream.history().len() + STREAM_EVENTS
    }
}

/// The streams used last. Two generations: what is used moves into the young one; when that has half
/// of the places, it becomes the old one, and what was old and not used since is forgotten.
pub(crate) struct StreamCache {
    events_max: usize,
    generations: Mutex<Generations>,
}

#[derive(Default)]
struct Generations {
    young: HashMap<Key, Kept>,
    young_weight: usize,
    old: HashMap<Key, Kept>,
}

impl fmt::Debug for StreamCache {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("StreamCache")
    }
}

impl StreamCache {
    /// An empty cache for so many events.
    pub(crate) fn new(events_max: usize) -> Self {
        StreamCache { events_max, generations: Mutex::default() }
    }

    /// The stream as it was kept last.
    pub(crate) fn get(&self, tenant: u32, stream: StreamRef) -> Option<Kept> {
        let key = (tenant, stream);
        let mut generations = self.generations();
        if let Some(it) = generations.young.get(&key) {
            return Some(it.clone());
        }
        let kept = generations.old.remove(&key)?;
        let forgotten = generations.insert(key, kept.clone(), self.events_max);
        drop(generations);
        drop(forgotten);
        Some(kept)
    }

    /// The stream as it was kept last; it is kept no longer.
    pub(crate) fn take(&self, tenant: u32, stream: StreamRef) -> Option<Kept> {
        let key = (tenant, stream);
        let mut generations = self.generations();
        match generations.young.remove(&key) {
            Some(it) => {
                generations.young_weight -= it.weight();
                Some(it)
            }
            None => generations.old.remove(&key),
        }
    }

    /// Keeps the stream, unless a newer one is there, or it is too large.
    pub(crate) fn put(&self, tenant: u32, stream: StreamRef, kept: Kept) {
        if kept.weight() > self.events_max / 2 {
            return;
        }
        let key = (tenant, stream);
        let revision = kept.stream.revision();
        let mut generations = self.generations();
        let newer = |it: Option<&Kept>| it.is_some_and(|it| it.stream.revision() > revision);
        if newer(generations.young.get(&key)) || newer(generations.old.get(&key)) {
            return;
        }
        generations.old.remove(&key);
        let forgotten = generations.insert(key, kept, self.events_max);
        drop(generations);
        // Freed when nobody waits for the lock.
        drop(forgotten);
    }

    fn generations(&self) -> MutexGuard<'_, Generations> {
        self.generations.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Generations {
    /// Inserts into the young generation; gives what is forgotten for it.
    fn insert(&mut self, key: Key, kept: Kept, events_max: usize) -> HashMap<Key, Kept> {
        self.young_weight += kept.weight();
        if let Some(before) = self.young.insert(key, kept) {
            self.young_weight -= before.weight();
        }
        if self.young_weight <= events_max / 2 {
            return HashMap::new();
        }
        self.young_weight = 0;
        std::mem::replace(&mut self.old, std::mem::take(&mut self.young))
    }
}

#[cfg(test)]
mod tests;
