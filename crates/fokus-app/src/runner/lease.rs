//! Leases: one server at a time writes a view of a tenant.

use fokus_store::{Fault, Lease};
use tokio::time::Instant;

use crate::journal::Journal;
use crate::tenants::Tenant;

/// A lease that this server holds.
#[derive(Debug, Clone)]
pub(super) struct Held {
    pub(super) lease: Lease,
    /// When it was asked for: it runs out a ttl later at the earliest.
    asked: Instant,
}

impl Held {
    /// Takes or renews the lease of that name; `None` while another server holds it.
    pub(super) async fn take(
        journal: &Journal,
        tenant: &Tenant,
        name: &str,
    ) -> Result<Option<Held>, Fault> {
        let (holder, ttl) = (journal.shared.holder, journal.shared.lease_ttl);
        let asked = Instant::now();
        let lease = journal.shared.ports.views.lease(&tenant.id, name, holder, ttl).await?;
        Ok(lease.map(|lease| Held { lease, asked }))
    }

    /// Whether it should be renewed before it is relied on.
    pub(super) fn is_due(&self, journal: &Journal) -> bool {
        self.asked.elapsed() >= journal.shared.lease_ttl / 3
    }

    /// Renews the lease when it is due.
    ///
    /// # Errors
    ///
    /// [`Fault::Conflict`] if somebody else held it since: what is known of the view is out of date.
    pub(super) async fn renew(&mut self, journal: &Journal, tenant: &Tenant) -> Result<(), Fault> {
        if !self.is_due(journal) {
            return Ok(());
        }
        match Held::take(journal, tenant, &self.lease.name).await? {
            Some(it) if it.lease == self.lease => {
                *self = it;
                Ok(())
            }
            Some(_) | None => Err(Fault::Conflict),
        }
    }

    /// Gives the lease up, so that nobody need wait for it. A fault is nobody's worry: it runs out.
    pub(super) async fn release(self, journal: &Journal, tenant: &Tenant) {
        let views = &journal.shared.ports.views;
        if let Err(error) = views.release(&tenant.id, &self.lease).await {
            tracing::debug!(%error, tenant = %tenant.id, "a lease is not given up");
        }
    }
}
