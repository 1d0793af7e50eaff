//! Proofs: that an event is in the log, and that one state of the log continues another.
//!
//! They are made from tiles: full ones as the store has them, the last one of each level from what is
//! below it (at most 255 leaves or tiles). Receipts are the inclusion proofs of one command's events.

use std::collections::{BTreeSet, HashMap};

use async_trait::async_trait;
use fokus_core::rejection::{Reason, Rejection};
use fokus_log::note::unverified_checkpoint;
use fokus_log::proof::ProofError;
use fokus_log::proving::Plan;
use fokus_log::tile::{TILE_WIDTH, TileId};
use fokus_log::{Hash, leaf_hash};
use fokus_store::{EventStore, Fault, Position, Range, TenantId};

use super::check_position;
use crate::failure::Failure;
use crate::journal::{Executed, Journal};
use crate::read::Query;
use crate::session::Action;
use crate::tenants::Tenant;

/// That the event at a position is in the log, as it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InclusionQuery {
    /// Of the event; 1 is the first.
    pub position: u64,
}

/// The event's leaf, and the way from it to the root that the checkpoint signs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InclusionAnswer {
    /// As hashed.
    pub leaf: Vec<u8>,
    /// Leaves of the tree that the proof is about.
    pub tree_size: u64,
    /// From the leaf's sibling up to the root's child (RFC 6962 section 2.1.1).
    pub hashes: Vec<Hash>,
    /// The signed note of that tree.
    pub checkpoint: String,
}

/// That one event of a command is in the log: its leaf, and the way from it to the root that the command's
/// checkpoint signs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receipt {
    /// As hashed.
    pub leaf: Vec<u8>,
    /// Zero-based.
    pub index: u64,
    /// From the leaf's sibling up to the root's child (RFC 6962 section 2.1.1).
    pub hashes: Vec<Hash>,
}

/// That the log as it stands continues the log as it was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ConsistencyQuery {
    /// Position at which somebody saw it.
    pub earlier: u64,
}

/// The proof between the two states.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConsistencyAnswer {
    /// Leaves of the tree as it stands.
    pub tree_size: u64,
    /// RFC 6962 section 2.1.2; none where the two are one.
    pub hashes: Vec<Hash>,
    /// The signed note of the tree as it stands.
    pub checkpoint: String,
}

#[async_trait]
impl Query for InclusionQuery {
    type Answer = InclusionAnswer;

    const ACTION: Action = Action::ReadHistory;

    async fn answer(self, journal: &Journal, tenant: &Tenant) -> Result<Self::Answer, Failure> {
        let Some(index) = self.position.checked_sub(1) else {
            let rule = "positions begin with 1";
            return Err(Rejection::new(Reason::FieldInvalid, rule).at("position").into());
        };
        check_position(journal, tenant, self.position).await?;
        let events = &journal.shared.ports.events;
        let head = events.head(&tenant.id).await?;
        let range = Range::Forward { after: Position(index), limit: 1 };
        let stored = events.read_log(&tenant.id, range).await?.into_iter().next();
        let stored =
            stored.ok_or_else(|| Fault::Corrupt { what: "no leaf below the head".to_owned() })?;
        let plan = Plan::inclusion(index, head.position.0).map_err(impossible)?;
        let hashes = prove(events.as_ref(), &tenant.id, head.position.0, &plan).await?;
        let (leaf, tree_size) = (stored.leaf, head.position.0);
        Ok(InclusionAnswer { leaf, tree_size, hashes, checkpoint: head.checkpoint })
    }
}

#[async_trait]
impl Query for ConsistencyQuery {
    type Answer = ConsistencyAnswer;

    const ACTION: Action = Action::ReadHistory;

    async fn answer(self, journal: &Journal, tenant: &Tenant) -> Result<Self::Answer, Failure> {
        if self.earlier == 0 {
            let rule = "everything continues a log without events: nothing is proved by that";
            return Err(Rejection::new(Reason::FieldInvalid, rule).at("earlier_position").into());
        }
        check_position(journal, tenant, self.earlier).await?;
        let events = journal.shared.ports.events.as_ref();
        let head = events.head(&tenant.id).await?;
        let hashes = consistency(events, &tenant.id, self.earlier, head.position.0).await?;
        Ok(ConsistencyAnswer { tree_size: head.position.0, hashes, checkpoint: head.checkpoint })
    }
}

/// The position was compared with the head before.
fn impossible(error: ProofError) -> Fault {
    Fault::Corrupt { what: format!("a proof of the log: {error}") }
}

/// The consistency proof between two sizes that the log has or had; `earlier` is not 0.
///
/// # Errors
///
/// The store's own; [`Fault::Corrupt`] for what is missing in it.
pub async fn consistency(
    events: &dyn EventStore,
    tenant: &TenantId,
    earlier: u64,
    size: u64,
) -> Result<Vec<Hash>, Fault> {
    let plan = Plan::consistency(earlier, size).map_err(impossible)?;
    prove(events, tenant, size, &plan).await
}

/// The receipts of an accepted command's events, in the tree that its checkpoint signs.
///
/// # Errors
///
/// The store's own.
pub(crate) async fn receipts(
    journal: &Journal,
    tenant: &TenantId,
    executed: &Executed,
) -> Result<Vec<Receipt>, Failure> {
    let events = journal.shared.ports.events.as_ref();
    let signed = unverified_checkpoint(&executed.checkpoint).map_err(|error| Fault::Corrupt {
        what: format!("the checkpoint of a command: {error}"),
    })?;
    let count = executed.event_ids.len() as u64;
    let first = executed.position.saturating_sub(count);
    let limit = u32::try_from(count).unwrap_or(u32::MAX);
    let range = Range::Forward { after: Position(first), limit };
    let stored = events.read_log(tenant, range).await?;
    let mut plans = Vec::with_capacity(stored.len());
    for (index, event) in (first..).zip(stored) {
        plans.push((index, event.leaf, Plan::inclusion(index, signed.size).map_err(impossible)?));
    }
    // Neighbours share nearly all of their tiles.
    let named = plans.iter().flat_map(|(_, _, plan)| plan.tiles()).collect();
    let tiles = tiles(events, tenant, signed.size, named).await?;
    let receipt = |(index, leaf, plan): (u64, Vec<u8>, Plan)| {
        Ok(Receipt { leaf, index, hashes: from_tiles(&plan, &tiles)? })
    };
    plans.into_iter().map(receipt).collect()
}

type Tiles = HashMap<TileId, Vec<Hash>>;

async fn prove(
    events: &dyn EventStore,
    tenant: &TenantId,
    size: u64,
    plan: &Plan,
) -> Result<Vec<Hash>, Fault> {
    from_tiles(plan, &tiles(events, tenant, size, plan.tiles()).await?)
}

fn from_tiles(plan: &Plan, tiles: &Tiles) -> Result<Vec<Hash>, Fault> {
    let proved = plan.prove(|id| tiles.get(&id).map(Vec::as_slice));
    proved.map_err(|it| Fault::Corrupt { what: it.to_string() })
}

async fn tiles(
    events: &dyn EventStore,
    tenant: &TenantId,
    size: u64,
    named: BTreeSet<TileId>,
) -> Result<Tiles, Fault> {
    let mut tiles = Tiles::with_capacity(named.len());
    for id in named {
        tiles.insert(id, hashes_of(events, tenant, id, id.width_in(size)).await?);
    }
    Ok(tiles)
}

/// The first `width` hashes of a tile. The log has them.
pub(crate) async fn hashes_of(
    events: &dyn EventStore,
    tenant: &TenantId,
    id: TileId,
    width: usize,
) -> Result<Vec<Hash>, Fault> {
    let missing = || Fault::Corrupt { what: "a full tile is missing".to_owned() };
    if width == TILE_WIDTH {
        let tile = events.tile(tenant, id.level, id.n).await?;
        return tile.map(|it| it.hashes).ok_or_else(missing);
    }
    let first = id.n.saturating_mul(TILE_WIDTH as u64);
    let limit = u32::try_from(width).unwrap_or(u32::MAX);
    let Some(below) = id.level.checked_sub(1) else {
        let range = Range::Forward { after: Position(first), limit };
        let stored = events.read_log(tenant, range).await?;
        return Ok(stored.iter().map(|it| leaf_hash(&it.leaf)).collect());
    };
    let mut hashes = Vec::with_capacity(width);
    for n in first..first.saturating_add(width as u64) {
        let tile = events.tile(tenant, below, n).await?;
        hashes.push(tile.map(|it| it.root()).ok_or_else(missing)?);
    }
    Ok(hashes)
}
