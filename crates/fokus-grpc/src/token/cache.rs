//! Tokens that were accepted, by their SHA-256 digest, so that a signature is checked once.
//!
//! Bounded: when it is full, what has run out goes, and if nothing has, the token that runs out
//! first. Refused tokens are not remembered: nobody but the issuer can fill it.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use fokus_app::session::Session;

/// The most tokens remembered. One is about 300 bytes; a municipality has some hundred users.
pub(crate) const CACHED_TOKENS_MAX: usize = 4_096;

/// An accepted token.
#[derive(Debug, Clone)]
pub(super) struct Accepted {
    pub(super) session: Arc<Session>,
    /// Unix seconds: refused from then on.
    pub(super) until_s: u64,
}

/// Accepted tokens.
#[derive(Default)]
pub(super) struct Cache {
    tokens: Mutex<HashMap<[u8; 32], Accepted>>,
}

impl Cache {
    /// The token with this digest, if it was accepted; it may have run out since.
    pub(super) fn get(&self, digest: &[u8; 32]) -> Option<Accepted> {
        self.lock().get(digest).cloned()
    }

    /// Remembers an accepted token.
    pub(super) fn put(&self, digest: [u8; 32], accepted: Accepted, now_s: u64) {
        let mut tokens = self.lock();
        if tokens.len() >= CACHED_TOKENS_MAX {
            tokens.retain(|_, it| it.until_s > now_s);
        }
        if tokens.len() >= CACHED_TOKENS_MAX {
            let first = tokens.iter().min_by_key(|(_, it)| it.until_s).map(|(digest, _)| *digest);
            if let Some(first) = first {
                tokens.remove(&first);
            }
        }
        tokens.insert(digest, accepted);
    }

    /// How many tokens are remembered.
    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.lock().len()
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<[u8; 32], Accepted>> {
        // The map is whole between any two statements: a panic elsewhere does not spoil it.
        self.tokens.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
