//! Leases on the writing of views, for stores that one process has to itself.
//!
//! Such a store keeps them in memory: nobody but this process can hold one, so none outlives it. A
//! store that several servers share keeps them in a table, by its own clock, with the same rules.
//! Deliberately absent: asking what time it is.

use std::collections::HashMap;
use std::time::Duration;

use tokio::time::Instant;
use uuid::Uuid;

use crate::types::*;

/// The longest that a lease runs without being renewed.
pub const LEASE_TTL_MAX: Duration = Duration::from_secs(24 * 60 * 60);

/// All leases of a store. There are as many as tenants and names, which come from code.
#[derive(Debug, Default)]
pub struct Leases {
    handed_out: HashMap<(TenantId, String), HandedOut>,
}

/// The newest lease of a name.
#[derive(Debug)]
struct HandedOut {
    /// `None` = it was given up.
    holder: Option<Uuid>,
    fence: u64,
    until: Instant,
}

impl Leases {
    /// [`ViewStore::lease`](crate::ViewStore::lease) at the moment `now`.
    pub fn take(
        &mut self,
        tenant: &TenantId,
        name: &str,
        holder: Uuid,
        ttl: Duration,
        now: Instant,
    ) -> Option<Lease> {
        let until = now.checked_add(ttl.min(LEASE_TTL_MAX)).unwrap_or(now);
        let newest = self
            .handed_out
            .entry((tenant.clone(), name.to_owned()))
            .or_insert(HandedOut { holder: None, fence: 0, until: now });
        if newest.holder != Some(holder) {
            if newest.holder.is_some() && newest.until > now {
                return None;
            }
            newest.fence = newest.fence.saturating_add(1);
            newest.holder = Some(holder);
        }
        newest.until = until;
        Some(Lease { name: name.to_owned(), fence: newest.fence })
    }

    /// [`ViewStore::release`](crate::ViewStore::release).
    pub fn release(&mut self, tenant: &TenantId, lease: &Lease) {
        if let Some(newest) = self.handed_out.get_mut(&(tenant.clone(), lease.name.clone()))
            && newest.fence == lease.fence
        {
            newest.holder = None;
        }
    }

    /// Says whether the lease is the newest of its name.
    ///
    /// # Errors
    ///
    /// [`Fault::Conflict`] if somebody else has taken it since, or nobody ever did.
    pub fn check(&self, tenant: &TenantId, lease: &Lease) -> Result<(), Fault> {
        let newest = self.handed_out.get(&(tenant.clone(), lease.name.clone()));
        if newest.is_some_and(|newest| newest.fence == lease.fence) {
            return Ok(());
        }
        Err(Fault::Conflict)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::conformance::make::vesterby;

    #[test]
    fn a_lease_runs_as_long_as_it_was_taken_for() {
        let begun = Instant::now();
        let at = |seconds| begun + Duration::from_secs(seconds);
        let (one, other) = (Uuid::from_u128(1), Uuid::from_u128(2));
        let ttl = Duration::from_secs(10);
        let rows = [
            (0, one, Some(1)),
            (9, other, None),
            (9, one, Some(1)), // Renewed until 19.
            (18, other, None),
            (19, other, Some(2)),
            (20, one, None),
            (40, other, Some(2)), // It had run out, and nobody took it.
            (50, one, Some(3)),
        ];
        let mut leases = Leases::default();
        for (seconds, holder, fence) in rows {
            let lease = leases.take(&vesterby(), "cases", holder, ttl, at(seconds));
            assert_eq!(lease.map(|it| it.fence), fence, "at {seconds}");
        }
    }

    #[test]
    fn no_lease_runs_for_ever() {
        let (begun, mut leases) = (Instant::now(), Leases::default());
        let forever = Duration::MAX;
        assert!(leases.take(&vesterby(), "cases", Uuid::from_u128(1), forever, begun).is_some());
        let end = begun + LEASE_TTL_MAX;
        let taken = leases.take(&vesterby(), "cases", Uuid::from_u128(2), forever, end);
        assert_eq!(taken.unwrap().fence, 2);
    }
}
