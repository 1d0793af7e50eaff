//! A copy of another store's logs in memory. There is nothing to open, so nothing is refused while a
//! copy goes on.

use async_trait::async_trait;

use super::{MemoryStore, lock};
use crate::plan::{PlanHead, Planned};
use crate::ports::CopyTarget;
use crate::types::*;

#[async_trait]
impl CopyTarget for MemoryStore {
    async fn begin_copy(&self, tenant: &TenantId, info: &LogInfo) -> Result<PlanHead, Fault> {
        if info.first_origin() != self.data.first_origin(tenant) {
            return Err(Fault::Conflict);
        }
        self.with_log_called(tenant, &info.origin, |log| {
            if log.info != *info {
                return Err(Fault::Conflict);
            }
            log.made = true;
            Ok(log.plan_head())
        })
    }

    async fn copy_events(
        &self,
        tenant: &TenantId,
        expected: Position,
        planned: Planned,
    ) -> Result<(), Fault> {
        self.with_log(tenant, |log| {
            if log.head.position != expected {
                return Err(Fault::Conflict);
            }
            log.write(planned);
            Ok(())
        })
    }

    async fn copy_commands(
        &self,
        tenant: &TenantId,
        commands: &[(CommandId, CommandPlace)],
    ) -> Result<(), Fault> {
        self.with_log(tenant, |log| {
            for (id, place) in commands {
                log.commands.entry(*id).or_insert(*place);
            }
            Ok(())
        })
    }

    async fn copy_claims(
        &self,
        tenant: &TenantId,
        claims: &[(Claim, StreamTag)],
    ) -> Result<(), Fault> {
        self.with_log(tenant, |log| {
            for (claim, holder) in claims {
                log.claims.entry(claim.clone()).or_insert(*holder);
            }
            Ok(())
        })
    }

    async fn copy_keys(
        &self,
        tenant: &TenantId,
        keks: &[WrappedKek],
        keys: &[WrappedKey],
    ) -> Result<(), Fault> {
        let mut stored = lock(&self.data.keys);
        for kek in keks {
            stored.add_kek(tenant, kek.clone());
        }
        for key in keys {
            stored.add(tenant, key.clone());
        }
        Ok(())
    }

    async fn end_copy(&self, _tenant: &TenantId) -> Result<(), Fault> {
        Ok(())
    }
}
