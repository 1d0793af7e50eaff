//! What a log publishes to whoever mirrors or checks it: its checkpoint, its tiles, its leaves.
//!
//! Nothing of it opens anything or is about a person, so there is no session here, and a place of its own
//! for the work: mirrors do not stand in the way of people who read.

use fokus_log::tile::{Resource, TILE_WIDTH, TileId, entries_to_bytes};
use fokus_store::{Fault, Position, Range, TenantId};

use crate::failure::Failure;
use crate::journal::Journal;
use crate::read::proofs::hashes_of;

impl Journal {
    /// The bytes of a resource of the tenant's log (C2SP tlog-tiles); `None` where there is no such log, or
    /// it does not reach so far. A tenant that has no log gets none by being asked for.
    ///
    /// # Errors
    ///
    /// The store's own.
    pub async fn published(
        &self,
        tenant: &TenantId,
        resource: Resource,
    ) -> Result<Option<Vec<u8>>, Failure> {
        let (journal, tenant) = (self.clone(), tenant.clone());
        let published = async move { publish(&journal, &tenant, resource).await };
        self.on_task(&self.shared.publishing, published).await
    }
}

async fn publish(
    journal: &Journal,
    tenant: &TenantId,
    resource: Resource,
) -> Result<Option<Vec<u8>>, Failure> {
    let events = journal.shared.ports.events.as_ref();
    if !journal.shared.tenants.has(tenant) && !events.tenants().await?.contains(tenant) {
        return Ok(None);
    }
    let head = events.head(tenant).await?;
    let has = |id: TileId, width: usize| width <= id.width_in(head.position.0);
    let bytes = match resource {
        Resource::Checkpoint => journal.shared.guard.published(tenant, head).into_bytes(),
        Resource::Tile { id, width } if has(id, width) => {
            hashes_of(events, tenant, id, width).await?.as_flattened().to_vec()
        }
        Resource::Entries { n, width } if has(TileId { level: 0, n }, width) => {
            let after = Position(n.saturating_mul(TILE_WIDTH as u64));
            let limit = u32::try_from(width).unwrap_or(u32::MAX);
            let stored = events.read_log(tenant, Range::Forward { after, limit }).await?;
            let entries = entries_to_bytes(stored.iter().map(|it| it.leaf.as_slice()));
            entries.filter(|_| stored.len() == width).ok_or_else(|| Fault::Corrupt {
                what: "leaves below the head are missing or too long".to_owned(),
            })?
        }
        Resource::Tile { .. } | Resource::Entries { .. } => return Ok(None),
    };
    Ok(Some(bytes))
}
