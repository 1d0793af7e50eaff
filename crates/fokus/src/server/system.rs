//! The system's clock and randomness: the only place that asks for them.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use fokus_app::clock::{Clock, Entropy};

/// The system's clock.
#[derive(Debug, Clone, Copy)]
pub(crate) struct SystemClock;

impl Clock for SystemClock {
    fn now_ms(&self) -> u64 {
        now_ms()
    }
}

/// Real time, Unix milliseconds.
#[expect(clippy::disallowed_methods, reason = "the one place that asks the system for the time")]
pub(crate) fn now_ms() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}

/// Real time, Unix seconds.
pub(crate) fn now_s() -> u64 {
    now_ms() / 1000
}

/// A clock that stands where it was put: the demo's journal lives from 2018 to 2020.
#[derive(Debug, Default)]
pub(crate) struct StandingClock(AtomicU64);

impl StandingClock {
    /// Puts the clock there, Unix milliseconds.
    pub(crate) fn set(&self, now_ms: u64) {
        self.0.store(now_ms, Ordering::SeqCst);
    }
}

impl Clock for StandingClock {
    fn now_ms(&self) -> u64 {
        self.0.load(Ordering::SeqCst)
    }
}

/// Random bytes fit for keys.
pub(crate) fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    SystemEntropy.fill(&mut bytes);
    bytes
}

/// The system's randomness. Without it nothing secret can be made, so the process ends.
#[derive(Debug, Clone, Copy)]
pub(crate) struct SystemEntropy;

impl Entropy for SystemEntropy {
    fn fill(&self, bytes: &mut [u8]) {
        if let Err(error) = getrandom::fill(bytes) {
            tracing::error!(%error, "the system gives no randomness");
            std::process::exit(super::running::EXIT_BROKEN);
        }
    }
}
