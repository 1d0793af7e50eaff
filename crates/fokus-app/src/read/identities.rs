//! The events that say who somebody is, as stored: sealed, so that a name is nowhere in clear, and at hand
//! for the next read. They are forgotten after five minutes, as keys are.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use fokus_core::ids::PersonId;
use fokus_store::{StoredEvent, StreamTag};
use tokio::time::Instant;

/// How long an event stays in memory at most.
const KEEP: Duration = Duration::from_secs(300);
/// The most bytes of sealed events in memory.
const BYTES_MAX: usize = 8 * 1024 * 1024;
/// What an event weighs beside its bytes.
const EVENT_BYTES: usize = 128;

/// The identity events of persons, sealed, by tenant (its number in this server) and person.
pub(crate) struct Identities(Mutex<Kept>);

/// Some events of a person's stream.
pub(crate) struct Identity {
    pub(super) tag: StreamTag,
    /// Which ones they are, ascending.
    pub(super) revisions: Vec<u64>,
    pub(super) events: Vec<StoredEvent>,
}

struct Kept {
    since: Instant,
    bytes: usize,
    persons: HashMap<(u32, PersonId), Arc<Identity>>,
}

impl fmt::Debug for Identities {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Identities")
    }
}

impl Identities {
    /// None kept.
    pub(crate) fn new() -> Self {
        Identities(Mutex::new(Kept::empty()))
    }

    /// Exactly these events of the person, if they are here.
    pub(super) fn get(
        &self,
        tenant: u32,
        person: PersonId,
        tag: StreamTag,
        revisions: &[u64],
    ) -> Option<Arc<Identity>> {
        let kept = self.kept();
        let found = kept.persons.get(&(tenant, person))?;
        (found.tag == tag && found.revisions == revisions).then(|| Arc::clone(found))
    }

    /// Keeps what was read.
    pub(super) fn put(&self, tenant: u32, person: PersonId, identity: Arc<Identity>) {
        let mut kept = self.kept();
        kept.bytes += identity.bytes();
        if let Some(before) = kept.persons.insert((tenant, person), identity) {
            kept.bytes -= before.bytes();
        }
    }

    /// What is kept, forgotten first where it is too old or too large.
    fn kept(&self) -> MutexGuard<'_, Kept> {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.since.elapsed() > KEEP || kept.bytes > BYTES_MAX {
            *kept = Kept::empty();
        }
        kept
    }
}

impl Kept {
    fn empty() -> Self {
        Kept { since: Instant::now(), bytes: 0, persons: HashMap::new() }
    }
}

impl Identity {
    fn bytes(&self) -> usize {
        let of = |it: &StoredEvent| {
            it.leaf.len() + it.envelopes.iter().flatten().map(Vec::len).sum::<usize>() + EVENT_BYTES
        };
        self.events.iter().map(of).sum()
    }
}

#[cfg(test)]
mod tests {
    use fokus_store::{Position, Revision};
    use uuid::Uuid;

    use super::*;

    const PERSON: PersonId = PersonId(Uuid::from_u128(1));
    const TAG: StreamTag = StreamTag([7; 16]);

    fn identity(revisions: &[u64], bytes: usize) -> Arc<Identity> {
        let event = |revision: &u64| StoredEvent {
            position: Position(*revision),
            stream_tag: TAG,
            revision: Revision(*revision),
            leaf: Vec::new(),
            envelopes: vec![Some(vec![0; bytes])],
        };
        let events = revisions.iter().map(event).collect();
        Arc::new(Identity { tag: TAG, revisions: revisions.to_vec(), events })
    }

    #[tokio::test(start_paused = true)]
    async fn only_what_is_asked_for_exactly_is_given_and_not_for_long() {
        let kept = Identities::new();
        kept.put(1, PERSON, identity(&[1, 4], 10));
        assert!(kept.get(1, PERSON, TAG, &[1, 4]).is_some());
        assert!(kept.get(1, PERSON, TAG, &[1]).is_none());
        assert!(kept.get(1, PERSON, StreamTag([8; 16]), &[1, 4]).is_none());
        assert!(kept.get(2, PERSON, TAG, &[1, 4]).is_none());
        tokio::time::advance(KEEP + Duration::from_secs(1)).await;
        assert!(kept.get(1, PERSON, TAG, &[1, 4]).is_none());
    }

    #[test]
    fn what_is_kept_has_a_maximum() {
        let kept = Identities::new();
        let person = |n: u128| PersonId(Uuid::from_u128(n));
        for n in 0..20 {
            kept.put(1, person(n), identity(&[1], BYTES_MAX / 10));
        }
        assert!(kept.kept().bytes <= BYTES_MAX);
        assert!(kept.get(1, person(0), TAG, &[1]).is_none());
        // The same again is counted once.
        (0..20).for_each(|_| kept.put(1, person(50), identity(&[1], 1_000)));
        assert!(kept.get(1, person(50), TAG, &[1]).is_some());
    }
}
