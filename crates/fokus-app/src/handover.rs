//! What this server accepted, on its way to the views that it runs: in memory, so that nobody reads and
//! opens again what was just sealed.
//!
//! The log stays the truth. What is here may have gaps (another server wrote, a command's task ended
//! early, the queue was full); the runner then reads the log. So nothing here may block, and nothing
//! waits for a place.
//!
//! Also here: how the runner is hurried. Steps are cheaper the more events they fold, so it takes its
//! time while nobody waits for a position.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;
use tokio::time::{Instant, sleep_until};

use crate::opening::OpenedEvent;

/// The most events that wait for the views; what comes then is read from the log.
const EVENTS_MAX: u64 = 8_192;
/// The most sealed bytes that these events may have, which is about what they take opened.
const BYTES_MAX: usize = 4 * 1024 * 1024;

/// The queue of one tenant.
#[derive(Default)]
pub(crate) struct Handover {
    queue: Mutex<Queue>,
    /// Something was added.
    grown: Notify,
    /// The furthest position that a reader waited for.
    wanted: AtomicU64,
    /// The runner should not wait any longer.
    hurried: Notify,
}

#[derive(Default)]
struct Queue {
    /// Whether this server runs a view.
    open: bool,
    /// Commands by the position of their first event.
    commands: BTreeMap<u64, Accepted>,
    events: u64,
    bytes: usize,
}

/// The events of one command.
struct Accepted {
    last: u64,
    bytes: usize,
    /// Those that views are made of, in order of position.
    events: Vec<OpenedEvent>,
}

/// Events that go on from where the views stand, without a gap.
pub(crate) struct Taken {
    pub(crate) through: u64,
    /// Command by command.
    pub(crate) commands: Vec<Vec<OpenedEvent>>,
}

impl fmt::Debug for Handover {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Handover")
    }
}

impl Handover {
    /// Whether anybody takes what is offered.
    pub(crate) fn is_open(&self) -> bool {
        self.queue().open
    }

    /// Opens it while this server runs a view; closed, it holds nothing.
    pub(crate) fn set_open(&self, open: bool) {
        let mut queue = self.queue();
        if open {
            queue.open = true;
        } else {
            *queue = Queue::default();
        }
    }

    /// The events of a command at positions `first` to `last`, of which `events` are those that views
    /// are made of. What does not fit is left to the log.
    pub(crate) fn offer(&self, first: u64, last: u64, bytes: usize, events: Vec<OpenedEvent>) {
        let mut queue = self.queue();
        let count = (last + 1).saturating_sub(first);
        let full = queue.events + count > EVENTS_MAX || queue.bytes + bytes > BYTES_MAX;
        if !queue.open || full {
            return;
        }
        queue.add(first, Accepted { last, bytes, events });
        let hurry = queue.is_half_full();
        drop(queue);
        self.grown.notify_one();
        if hurry {
            self.hurried.notify_one();
        }
    }

    /// At most about so many events that come right after this position; `None` if the next one is not
    /// here. What lies before is dropped.
    pub(crate) fn take(&self, after: u64, events_max: u64) -> Option<Taken> {
        let mut queue = self.queue();
        let mut taken = Taken { through: after, commands: Vec::new() };
        while let Some(entry) = queue.commands.first_entry() {
            let goes_on = *entry.key() <= taken.through + 1;
            if !goes_on || taken.through.saturating_sub(after) >= events_max {
                break;
            }
            let (first, mut accepted) = entry.remove_entry();
            queue.events -= (accepted.last + 1).saturating_sub(first);
            queue.bytes -= accepted.bytes;
            if first <= taken.through {
                accepted.events.retain(|it| it.recorded.position > taken.through);
            }
            taken.commands.push(accepted.events);
            taken.through = taken.through.max(accepted.last);
        }
        (taken.through > after).then_some(taken)
    }

    /// Waits until the event after this position is here.
    pub(crate) async fn ready(&self, after: u64) {
        loop {
            let grown = self.grown.notified();
            if self.queue().goes_on_from(after) {
                return;
            }
            grown.await;
        }
    }

    /// A reader waits for the views to reach this position.
    pub(crate) fn want(&self, position: u64) {
        self.wanted.fetch_max(position, Ordering::AcqRel);
        self.hurried.notify_one();
    }

    /// Waits until then, unless a reader wants more than this position, or much waits here.
    pub(crate) async fn pause(&self, position: u64, until: Instant) {
        loop {
            let hurried = self.hurried.notified();
            let wanted = self.wanted.load(Ordering::Acquire) > position;
            if wanted || self.queue().is_half_full() {
                return;
            }
            tokio::select! {
                () = sleep_until(until) => return,
                () = hurried => {}
            }
        }
    }

    fn queue(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Queue {
    fn add(&mut self, first: u64, accepted: Accepted) {
        self.events += (accepted.last + 1).saturating_sub(first);
        self.bytes += accepted.bytes;
        if let Some(before) = self.commands.insert(first, accepted) {
            self.events -= (before.last + 1).saturating_sub(first);
            self.bytes -= before.bytes;
        }
    }

    fn goes_on_from(&self, after: u64) -> bool {
        let newest = self.commands.range(..=after + 1).next_back();
        newest.is_some_and(|(_, it)| it.last > after)
    }

    fn is_half_full(&self) -> bool {
        self.events >= EVENTS_MAX / 2 || self.bytes >= BYTES_MAX / 2
    }
}

#[cfg(test)]
mod tests;
