//! The log, or a period of it: every tile of the tree, and the leaves that the period touches.

use std::collections::BTreeMap;
use std::mem;

use fokus_bundle::log_path;
use fokus_bundle::manifest::Scope;
use fokus_log::edge::Edge;
use fokus_log::tile::{Resource, TILE_WIDTH, TileId, entries_to_bytes};
use fokus_log::{Hash, leaf_hash};

use super::files::{Files, corrupt};
use crate::failure::Failure;
use crate::journal::Journal;
use crate::read::bundle::{BlockQuery, Contents};
use crate::session::Access;

/// The way through the log, block by block.
pub(super) struct TreeWalk {
    scope: Scope,
    size: u64,
    next_block: u64,
    edge: Edge,
    /// The last tile of each level, while it is not full.
    pending: BTreeMap<u8, (u64, Vec<Hash>)>,
}

impl TreeWalk {
    pub(super) fn new(scope: Scope, size: u64) -> TreeWalk {
        TreeWalk { scope, size, next_block: 0, edge: Edge::new(), pending: BTreeMap::new() }
    }

    pub(super) fn reached(&self) -> u64 {
        self.edge.size()
    }

    /// Tile, entries, envelopes and keys of the next block; whether that was the last.
    pub(super) async fn step(
        &mut self,
        journal: &Journal,
        access: &Access,
        files: &mut Files,
    ) -> Result<bool, Failure> {
        let (n, size) = (self.next_block, self.size);
        let is_touched = |(from, to): (u64, u64)| (from..=to).contains(&n);
        let is_touched = self.scope.bundles(size).is_some_and(is_touched);
        let contents = is_touched.then_some(Contents::Placed(self.scope));
        let block = journal.read(access, BlockQuery { n, size, contents }).await?;
        self.next_block += 1;
        for event in &block.events {
            let hash = leaf_hash(&event.leaf);
            self.add(files, TileId { level: 0, n }, hash);
            for full in self.edge.push(hash) {
                let above = TileId { level: full.level + 1, n: full.n / TILE_WIDTH as u64 };
                self.add(files, above, full.root());
            }
        }
        if let Some(envelopes) = block.envelopes {
            let entries = entries_to_bytes(block.events.iter().map(|it| it.leaf.as_slice()))
                .ok_or_else(|| corrupt("a leaf is too long"))?;
            let resource = Resource::Entries { n, width: block.events.len() };
            files.add(log_path(resource), entries);
            files.envelopes(n, envelopes.iter().flatten())?;
        }
        Ok(self.next_block >= size.div_ceil(TILE_WIDTH as u64))
    }

    /// Adds a hash to the last tile of its level; a tile that is now full goes out.
    fn add(&mut self, files: &mut Files, id: TileId, hash: Hash) {
        let (_, hashes) = self.pending.entry(id.level).or_insert_with(|| (id.n, Vec::new()));
        hashes.push(hash);
        if hashes.len() == TILE_WIDTH
            && let Some((n, hashes)) = self.pending.remove(&id.level)
        {
            add_tile(files, TileId { n, ..id }, &hashes);
        }
    }

    /// The partial tiles, if the leaves lead to this root.
    pub(super) fn end(&mut self, root: &Hash, files: &mut Files) -> Result<(), Failure> {
        if self.edge.root() != *root {
            return Err(corrupt("the leaves lead to another root").into());
        }
        for (level, (n, hashes)) in mem::take(&mut self.pending) {
            add_tile(files, TileId { level, n }, &hashes);
        }
        Ok(())
    }
}

/// A tile, full or not.
pub(super) fn add_tile(files: &mut Files, id: TileId, hashes: &[Hash]) {
    let resource = Resource::Tile { id, width: hashes.len() };
    files.add(log_path(resource), hashes.as_flattened().to_vec());
}
