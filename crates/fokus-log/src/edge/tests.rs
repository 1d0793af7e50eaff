//! Published roots, the definition of RFC 6962, another implementation, and rebuilding.

use ct_merkle::mem_backed_tree::MemoryBackedTree;
use proptest::prelude::*;
use sha2::Sha256;

use super::*;
use crate::leaf::tests::published_leaf;
use crate::{leaf_hash, tree_hash};

/// Everything that a store would hold of a tree, beside its edge.
struct Grown {
    leaves: Vec<Hash>,
    tiles: Vec<Tile>,
    edge: Edge,
}

impl Grown {
    fn new() -> Self {
        Grown { leaves: Vec::new(), tiles: Vec::new(), edge: Edge::new() }
    }

    fn push(&mut self, hash: Hash) {
        self.leaves.push(hash);
        self.tiles.extend(self.edge.push(hash));
    }

    /// Reads back what a store reads at start.
    fn stored(&self, tile: PartialTile) -> Vec<Hash> {
        let numbers = tile.first..tile.first + tile.width;
        if tile.level == 0 {
            return numbers.map(|index| self.leaves[usize::try_from(index).unwrap()]).collect();
        }
        let below = |n| self.tiles.iter().find(|full| full.level == tile.level - 1 && full.n == n);
        numbers.map(|n| below(n).unwrap().root()).collect()
    }

    fn rebuilt(&self) -> Result<Edge, RebuildError> {
        let size = self.edge.size();
        Edge::rebuild(size, Edge::partial_tiles(size).map(|tile| self.stored(tile)).collect())
    }
}

#[test]
fn published_leaves_have_the_published_roots_and_rebuild_at_every_boundary() {
    let roots = [
        (1, "18e2652f70890c4c3cb2dfb4912d3dd0a53ba941e75c60a4ee08ddb8ce4bafee"),
        (2, "66c1cd339d79c420d8600ea37773241c31f5713acc501eecee2592856515a941"),
        (3, "8e962efe5e28f395c964af0b9e8ff948201992e7c4fc73c8aaa9872fb67dfb07"),
        (256, "8ce0215889016eb275914cac51fb9c0674c9ae9e5042995522dddc1a8123dafd"),
        (257, "b3585d6f3c5336cdb11d1ac9e4b60155b390ec1f8a22ab766f3e65135a7d9450"),
        (600, "3ec1535cecbd07ae797aed019e897b578b1110fdf3c77ee08fcd5d9c1c501c7c"),
        (65_536, "f703dad207c0ed3cc7a8e30fb9b3fb06390f29df0b43e7c3aae735d1ce95b25f"),
        (70_000, "d04f1f961c1ec0cf56c256314cfaac720167c4f4fe68082ac4d343870bf601dc"),
    ];
    let mut roots = roots.into_iter().peekable();
    let mut grown = Grown::new();
    for position in 0..70_000 {
        grown.push(leaf_hash(&published_leaf(position).encode().unwrap()));
        let size = position + 1;
        if let Some((_, root)) = roots.next_if(|(at, _)| *at == size) {
            assert_eq!(hex::encode(grown.edge.root()), root, "{size}");
            assert_eq!(crate::subtree_hash(&grown.leaves), grown.edge.root(), "{size}");
        }
        if matches!(size % 256, 0 | 1 | 255) && !(1024..65_000).contains(&size) {
            assert_eq!(grown.rebuilt().as_ref(), Ok(&grown.edge), "{size}");
        }
    }
    assert_eq!(roots.next(), None);
    let of_level = |level| grown.tiles.iter().filter(|tile| tile.level == level).count();
    assert_eq!((of_level(0), of_level(1), of_level(2)), (273, 1, 0));
}

#[test]
fn each_tile_holds_the_hashes_of_its_place() {
    let mut grown = Grown::new();
    for index in 0..65_600_u64 {
        grown.push(leaf_hash(&index.to_be_bytes()));
    }
    for tile in &grown.tiles {
        let from = usize::try_from(tile.n).unwrap() * TILE_WIDTH;
        match tile.level {
            0 => assert_eq!(tile.hashes, grown.leaves[from..from + TILE_WIDTH]),
            _ => {
                let below: Vec<Hash> =
                    grown.leaves[..65_536].chunks(TILE_WIDTH).map(crate::subtree_hash).collect();
                assert_eq!(tile.hashes, below);
                assert_eq!(tile.root(), crate::subtree_hash(&grown.leaves[..65_536]));
            }
        }
        let stored = tile.to_bytes();
        assert_eq!(Tile::from_bytes(tile.level, tile.n, &stored).as_ref(), Ok(tile));
        assert!(Tile::from_bytes(tile.level, tile.n, &stored[32..]).is_err());
        assert!(Tile::from_bytes(tile.level, tile.n, &stored[1..]).is_err());
    }
}

#[test]
fn a_push_on_a_clone_leaves_the_original_as_it_was() {
    let mut grown = Grown::new();
    for index in 0..255_u64 {
        grown.push(leaf_hash(&index.to_be_bytes()));
    }
    let before = grown.edge.clone();
    let mut planned = grown.edge.clone();
    assert_eq!(planned.push([1; 32]).len(), 1);
    assert_eq!(grown.edge, before);
    assert_ne!(planned.root(), before.root());
}

#[test]
fn an_empty_tree_has_the_empty_root_and_nothing_to_read() {
    assert_eq!(Edge::new().root(), empty_root());
    assert_eq!(Edge::partial_tiles(0).count(), 0);
    assert_eq!(Edge::rebuild(0, Vec::new()), Ok(Edge::new()));
    assert!(Edge::new().frontier_bytes().is_empty());
}

#[test]
fn the_frontier_holds_the_largest_subtree_first() {
    let hashes: Vec<Hash> = (0..7_u8).map(|byte| leaf_hash(&[byte])).collect();
    let mut edge = Edge::new();
    for hash in &hashes {
        edge.push(*hash);
    }
    let roots = [&hashes[..4], &hashes[4..6], &hashes[6..]].map(crate::subtree_hash);
    assert_eq!(edge.frontier_bytes(), roots.as_flattened());
}

#[test]
fn sizes_tell_what_must_be_read() {
    let tile = |level, first, width| PartialTile { level, first, width };
    check_reads(1, &[tile(0, 0, 1)]);
    check_reads(255, &[tile(0, 0, 255)]);
    check_reads(256, &[tile(0, 256, 0), tile(1, 0, 1)]);
    check_reads(70_000, &[tile(0, 69_888, 112), tile(1, 256, 17), tile(2, 0, 1)]);
    assert_eq!(Edge::partial_tiles(u64::MAX).count(), 8);
}

#[track_caller]
fn check_reads(size: u64, expected: &[PartialTile]) {
    assert_eq!(Edge::partial_tiles(size).collect::<Vec<_>>(), expected);
}

#[test]
fn hashes_of_another_size_do_not_rebuild() {
    let levels = |given| RebuildError::Levels { size: 257, expected: 2, given };
    let width = |level, given| RebuildError::Width { level, expected: 1, given };
    check_not_rebuilt(&[], levels(0));
    check_not_rebuilt(&[1], levels(1));
    check_not_rebuilt(&[1, 1, 0], levels(3));
    check_not_rebuilt(&[0, 1], width(0, 0));
    check_not_rebuilt(&[1, 2], width(1, 2));
}

#[track_caller]
fn check_not_rebuilt(widths: &[usize], expected: RebuildError) {
    let pending = widths.iter().map(|width| vec![[0; 32]; *width]).collect();
    assert_eq!(Edge::rebuild(257, pending), Err(expected));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn the_edge_agrees_with_the_definition_and_with_another_implementation(
        entries in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..40), 0..900),
    ) {
        let mut grown = Grown::new();
        let mut oracle = MemoryBackedTree::<Sha256, Vec<u8>>::new();
        for entry in &entries {
            grown.push(leaf_hash(entry));
            oracle.push(entry.clone());
        }
        let (root, oracle_root) = (grown.edge.root(), oracle.root());
        prop_assert_eq!(tree_hash(entries.iter()), root);
        prop_assert_eq!(&oracle_root.as_bytes()[..], &root[..]);
        prop_assert_eq!(grown.edge.size(), entries.len() as u64);
        prop_assert_eq!(grown.rebuilt(), Ok(grown.edge));
    }
}
