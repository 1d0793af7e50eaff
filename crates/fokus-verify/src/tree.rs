//! The tree above the leaves: in a bundle of the log every tile, in one of a family those by which its
//! leaves hang on the root.

use std::collections::BTreeMap;

use fokus_bundle::log_path;
use fokus_log::edge::Edge;
use fokus_log::proving::spine;
use fokus_log::tile::{Resource, TILE_WIDTH, TileId};
use fokus_log::{Hash, subtree_hash};

use crate::block::{Block, Bundle};
use crate::report::{Findings, Step};

/// What the blocks that were read make of the tree.
#[derive(Debug, Default)]
pub(crate) struct Tree {
    /// Roots of the full blocks, by number.
    roots: BTreeMap<u64, Hash>,
    /// Tiles from level 1 on.
    tiles: BTreeMap<TileId, Vec<Hash>>,
    /// Hashes of the block that is not full.
    last: Vec<Hash>,
}

impl Tree {
    /// Takes block `n`.
    pub(crate) fn follow(&mut self, n: u64, block: &Block) {
        match block.root {
            Some(root) => drop(self.roots.insert(n, root)),
            None => self.last.clone_from(&block.hashes),
        }
    }

    /// The blocks hang on this root by the tiles that the bundle has. Every full tile has its place in the
    /// one above it: where all blocks are here, every hash of every tile is compared.
    pub(crate) fn check(&mut self, bundle: &Bundle<'_>, root: &Hash, found: &mut Findings) {
        let size = bundle.manifest.size;
        let path = |id: TileId| log_path(Resource::Tile { id, width: id.width_in(size) });
        for id in spine(self.roots.keys().copied(), size) {
            match bundle.hashes(id) {
                Some(hashes) => drop(self.tiles.insert(id, hashes)),
                None => found.in_file(Step::Tree, &path(id), "is not here, or not such a tile"),
            }
        }
        let blocks = self.roots.iter().map(|(n, root)| (TileId { level: 0, n: *n }, *root));
        let full = self.tiles.iter().filter(|(_, hashes)| hashes.len() == TILE_WIDTH);
        let full = full.map(|(id, hashes)| (*id, subtree_hash(hashes)));
        for (id, own) in blocks.chain(full) {
            let place = usize::try_from(id.n % TILE_WIDTH as u64).unwrap_or_default();
            let above = id.above().and_then(|it| self.tiles.get(&it));
            if above.and_then(|it| it.get(place)) != Some(&own) {
                let what = "is not the one that the tile above it has";
                found.in_file(Step::Tree, &path(id), what);
            }
        }
        // The tiles that are not full lead to the root.
        let pending = Edge::partial_tiles(size).map(|it| match (it.level, it.width) {
            (_, 0) => Vec::new(),
            (0, _) => std::mem::take(&mut self.last),
            (level, _) => {
                let id = TileId { level, n: it.first / TILE_WIDTH as u64 };
                self.tiles.remove(&id).unwrap_or_default()
            }
        });
        match Edge::rebuild(size, pending.collect()) {
            Ok(edge) if edge.root() == *root => {}
            _ => {
                let what = "the leaves lead to another root than the one that was signed";
                found.of_all(Step::Tree, what);
            }
        }
    }
}
