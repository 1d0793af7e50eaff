//! The tree above the leaves: in a bundle of the log every tile, in one of a family those by which its
//! leaves hang on the root.

use std::collections::BTreeMap;

use fokus_bundle::log_path;
use fokus_log::edge::Edge;
use fokus_log::proving::spine;
use fokus_log::tile::{Resource, TILE_WIDTH, TileId};
use fokus_log::{Hash, subtree_hash};

use crate::block::Bundle;
use crate::files;
use crate::report::Findings;

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
    /// A block; in a bundle of the log they come in order, and each.
    pub(crate) fn block(&mut self, n: u64, hashes: &[Hash], root: Option<Hash>) {
        match root {
            Some(root) => drop(self.roots.insert(n, root)),
            None => self.last = hashes.to_vec(),
        }
    }

    /// Every tile above the blocks follows from those below, and they lead to this root.
    pub(crate) fn check_whole(&mut self, bundle: &Bundle<'_>, root: &Hash, of_tree: &mut Findings) {
        let size = bundle.manifest.size;
        self.grow();
        for resource in Resource::all(size) {
            let Resource::Tile { id, .. } = resource else { continue };
            if id.level == 0 {
                continue;
            }
            let path = log_path(resource);
            let read = files::hashes(&bundle.folder.join(&path), id.width_in(size));
            if read.is_none() || read.as_ref() != self.tiles.get(&id) {
                of_tree.in_file(&path, "does not follow from the tiles below it");
            }
        }
        self.check_root(size, root, of_tree);
    }

    /// The tiles above all blocks, which are all there.
    fn grow(&mut self) {
        let mut below: Vec<Hash> = std::mem::take(&mut self.roots).into_values().collect();
        let mut level = 1;
        while !below.is_empty() {
            let tiles = below.chunks(TILE_WIDTH).zip(0..);
            self.tiles.extend(tiles.map(|(hashes, n)| (TileId { level, n }, hashes.to_vec())));
            below = below.chunks_exact(TILE_WIDTH).map(subtree_hash).collect();
            level = level.saturating_add(1);
        }
    }

    /// The blocks hang on this root by the tiles that the bundle has.
    pub(crate) fn check_spine(&mut self, bundle: &Bundle<'_>, root: &Hash, of_tree: &mut Findings) {
        let size = bundle.manifest.size;
        for id in spine(self.roots.keys().copied(), size) {
            let width = id.width_in(size);
            let path = log_path(Resource::Tile { id, width });
            match files::hashes(&bundle.folder.join(&path), width) {
                Some(hashes) => drop(self.tiles.insert(id, hashes)),
                None => of_tree.in_file(&path, format!("is not a tile of {width} hashes")),
            }
        }
        let blocks = self.roots.iter().map(|(n, root)| (TileId { level: 0, n: *n }, *root));
        let full = self.tiles.iter().filter(|(_, hashes)| hashes.len() == TILE_WIDTH);
        let full = full.map(|(id, hashes)| (*id, subtree_hash(hashes)));
        for (id, own) in blocks.chain(full) {
            let place = usize::try_from(id.n % TILE_WIDTH as u64).unwrap_or_default();
            let above = id.above().and_then(|it| self.tiles.get(&it));
            if above.and_then(|it| it.get(place)) != Some(&own) {
                let path = log_path(Resource::Tile { id, width: TILE_WIDTH });
                of_tree.in_file(&path, "is not the one that the tile above it has");
            }
        }
        self.check_root(size, root, of_tree);
    }

    /// The tiles that are not full lead to the root.
    fn check_root(&self, size: u64, root: &Hash, of_tree: &mut Findings) {
        let pending =
            Edge::partial_tiles(size).map(|partial| match (partial.level, partial.width) {
                (_, 0) => Vec::new(),
                (0, _) => self.last.clone(),
                (level, _) => {
                    let id = TileId { level, n: partial.first / TILE_WIDTH as u64 };
                    self.tiles.get(&id).cloned().unwrap_or_default()
                }
            });
        match Edge::rebuild(size, pending.collect()) {
            Ok(edge) if edge.root() == *root => {}
            _ => of_tree.of_all("the leaves lead to another root than the one that was signed"),
        }
    }
}
