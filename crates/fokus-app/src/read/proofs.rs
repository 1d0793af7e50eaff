//! Proofs: that an event is in the log, and that one state of the log continues another.
//!
//! They are made from tiles: full ones as the store has them, the last one of each level from what is
//! below it (at most 255 leaves or tiles).

use std::collections::HashMap;

use async_trait::async_trait;
use fokus_core::rejection::{Reason, Rejection};
use fokus_log::proof::ProofError;
use fokus_log::proving::Plan;
use fokus_log::tile::{TILE_WIDTH, TileId};
use fokus_log::{Hash, leaf_hash};
use fokus_store::{Fault, Head, Position, Range};

use super::check_position;
use crate::failure::Failure;
use crate::journal::Journal;
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
        let hashes = prove(journal, tenant, &head, &plan).await?;
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
        let head = journal.shared.ports.events.head(&tenant.id).await?;
        let plan = Plan::consistency(self.earlier, head.position.0).map_err(impossible)?;
        let hashes = prove(journal, tenant, &head, &plan).await?;
        Ok(ConsistencyAnswer { tree_size: head.position.0, hashes, checkpoint: head.checkpoint })
    }
}

/// The position was compared with the head before.
fn impossible(error: ProofError) -> Failure {
    Fault::Corrupt { what: format!("a proof of the log: {error}") }.into()
}

async fn prove(
    journal: &Journal,
    tenant: &Tenant,
    head: &Head,
    plan: &Plan,
) -> Result<Vec<Hash>, Failure> {
    let mut tiles: HashMap<TileId, Vec<Hash>> = HashMap::new();
    for id in plan.tiles() {
        tiles.insert(id, hashes_of(journal, tenant, head.position.0, id).await?);
    }
    let proved = plan.prove(|id| tiles.get(&id).map(Vec::as_slice));
    Ok(proved.map_err(|it| Fault::Corrupt { what: it.to_string() })?)
}

/// The hashes of a tile in the tree of `size`, which is not larger than the log.
pub(crate) async fn hashes_of(
    journal: &Journal,
    tenant: &Tenant,
    size: u64,
    id: TileId,
) -> Result<Vec<Hash>, Fault> {
    let events = &journal.shared.ports.events;
    let width = id.width_in(size);
    if width == TILE_WIDTH {
        let tile = events.tile(&tenant.id, id.level, id.n).await?;
        return tile
            .map(|it| it.hashes)
            .ok_or_else(|| Fault::Corrupt { what: "a full tile is missing".to_owned() });
    }
    let first = id.n.saturating_mul(TILE_WIDTH as u64);
    let limit = u32::try_from(width).unwrap_or(u32::MAX);
    let Some(below) = id.level.checked_sub(1) else {
        let range = Range::Forward { after: Position(first), limit };
        let stored = events.read_log(&tenant.id, range).await?;
        return Ok(stored.iter().map(|it| leaf_hash(&it.leaf)).collect());
    };
    let mut hashes = Vec::with_capacity(width);
    for n in first..first.saturating_add(width as u64) {
        let tile = events.tile(&tenant.id, below, n).await?;
        let root = tile.map(|it| it.root());
        hashes.push(
            root.ok_or_else(|| Fault::Corrupt { what: "a full tile is missing".to_owned() })?,
        );
    }
    Ok(hashes)
}
