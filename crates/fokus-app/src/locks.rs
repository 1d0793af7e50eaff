//! Striped locks: commands of one server that write the same stream queue instead of colliding.

use std::hash::{BuildHasher, RandomState};

use fokus_core::ids::StreamRef;
use fokus_store::TenantId;
use tokio::sync::{Mutex, MutexGuard};

const STRIPES: usize = 256;

/// A fixed number of locks; a stream always maps to the same one.
#[derive(Debug)]
pub(crate) struct StripedLocks {
    hasher: RandomState,
    first: Mutex<()>,
    others: Vec<Mutex<()>>,
}

impl StripedLocks {
    /// All unlocked.
    pub(crate) fn new() -> Self {
        let others = (1..STRIPES).map(|_| Mutex::new(())).collect();
        StripedLocks { hasher: RandomState::new(), first: Mutex::new(()), others }
    }

    /// Waits for the stream's lock; held until the guard is dropped.
    pub(crate) async fn lock(&self, tenant: &TenantId, stream: StreamRef) -> MutexGuard<'_, ()> {
        let hash = self.hasher.hash_one((tenant, stream));
        let stripe = usize::try_from(hash % STRIPES as u64).unwrap_or_default();
        self.others.get(stripe).unwrap_or(&self.first).lock().await
    }
}
