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
const HELD_BYTES: usize = 250;
/// The most events that stand in the cache.
pub(crate) const EVENTS_MAX: usize = BYTES_MAX / (size_of::<Recorded>() + HELD_BYTES);
/// What a stream weighs beside its events.
const STREAM_EVENTS: usize = 4;
/// The part of a full cache that is forgotten at once, so that looking for what was used longest ago is
/// seldom.
const FORGOTTEN: usize = 8;

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

/// The streams used last, in all of the places: when they are full, those go that were used longest ago.
pub(crate) struct StreamCache {
    events_max: usize,
    streams: Mutex<Streams>,
}

#[derive(Default)]
struct Streams {
    kept: HashMap<Key, Used>,
    weight: usize,
    /// Counts uses.
    clock: u64,
}

/// A stream, and when it was used last.
struct Used {
    at: u64,
    kept: Kept,
}

impl fmt::Debug for StreamCache {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("StreamCache")
    }
}

impl StreamCache {
    /// An empty cache for so many events.
    pub(crate) fn new(events_max: usize) -> Self {
        StreamCache { events_max, streams: Mutex::default() }
    }

    /// The stream as it was kept last.
    pub(crate) fn get(&self, tenant: u32, stream: StreamRef) -> Option<Kept> {
        let mut streams = self.streams();
        let at = streams.tick();
        let used = streams.kept.get_mut(&(tenant, stream))?;
        used.at = at;
        Some(used.kept.clone())
    }

    /// The stream as it was kept last; it is kept no longer.
    pub(crate) fn take(&self, tenant: u32, stream: StreamRef) -> Option<Kept> {
        self.streams().remove(&(tenant, stream))
    }

    /// Keeps the stream, unless a newer one is there, or it is too large.
    pub(crate) fn put(&self, tenant: u32, stream: StreamRef, kept: Kept) {
        let weight = kept.weight();
        if weight > self.events_max / 2 {
            return;
        }
        let key = (tenant, stream);
        let revision = kept.stream.revision();
        let mut streams = self.streams();
        if streams.kept.get(&key).is_some_and(|it| it.kept.stream.revision() > revision) {
            return;
        }
        let before = streams.remove(&key);
        let full = streams.weight + weight > self.events_max;
        let leave = self.events_max - (self.events_max / FORGOTTEN).max(weight);
        let forgotten = if full { streams.shrink(leave) } else { Vec::new() };
        let at = streams.tick();
        streams.weight += weight;
        streams.kept.insert(key, Used { at, kept });
        drop(streams);
        // Freed when nobody waits for the lock.
        drop((before, forgotten));
    }

    fn streams(&self) -> MutexGuard<'_, Streams> {
        self.streams.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Streams {
    fn tick(&mut self) -> u64 {
        self.clock += 1;
        self.clock
    }

    fn remove(&mut self, key: &Key) -> Option<Kept> {
        let used = self.kept.remove(key)?;
        self.weight -= used.kept.weight();
        Some(used.kept)
    }

    /// Forgets those used longest ago until what is left weighs no more than `weight_max`.
    fn shrink(&mut self, weight_max: usize) -> Vec<Kept> {
        let mut by_use: Vec<(u64, Key)> = self.kept.iter().map(|(key, it)| (it.at, *key)).collect();
        by_use.sort_unstable_by_key(|it| it.0);
        let mut forgotten = Vec::new();
        for (_, key) in by_use {
            if self.weight <= weight_max {
                break;
            }
            forgotten.extend(self.remove(&key));
        }
        forgotten
    }
}

#[cfg(test)]
mod tests;
