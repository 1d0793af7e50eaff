use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use ct_merkle::mem_backed_tree::MemoryBackedTree;
use proptest::prelude::*;
use sha2::Sha256;
use tlog_tiles::{TileHashReader, TileReader};

use super::*;
use crate::edge::Edge;
use crate::leaf_hash;
use crate::proof::{verify_consistency, verify_inclusion};

/// The tiles of a tree as a log publishes them, partial ones too.
struct Published {
    size: u64,
    root: Hash,
    tiles: BTreeMap<TileId, Vec<Hash>>,
}

fn leaf(index: u64) -> [u8; 8] {
    index.to_be_bytes()
}

/// The tree over the leaves 0 to `size`, its tiles taken from an edge that grows.
fn published(size: u64) -> Published {
    let mut edge = Edge::new();
    let mut tiles: BTreeMap<TileId, Vec<Hash>> = BTreeMap::new();
    for index in 0..size {
        let hash = leaf_hash(&leaf(index));
        let id = TileId { level: 0, n: index / 256 };
        tiles.entry(id).or_default().push(hash);
        for full in edge.push(hash) {
            let above = TileId { level: full.level + 1, n: full.n / 256 };
            tiles.entry(above).or_default().push(full.root());
            assert_eq!(tiles[&TileId { level: full.level, n: full.n }], full.hashes);
        }
    }
    Published { size, root: edge.root(), tiles }
}

impl Published {
    fn tile(&self, id: TileId) -> Option<&[Hash]> {
        self.tiles.get(&id).map(Vec::as_slice)
    }

    fn inclusion(&self, index: u64, size: u64) -> Vec<Hash> {
        Plan::inclusion(index, size).unwrap().prove(|id| self.tile(id)).unwrap()
    }

    fn consistency(&self, earlier_size: u64, size: u64) -> Vec<Hash> {
        Plan::consistency(earlier_size, size).unwrap().prove(|id| self.tile(id)).unwrap()
    }
}

/// Another implementation reads our tiles by what it calls their level, number and width.
impl TileReader for Published {
    fn height(&self) -> u8 {
        8
    }

    fn read_tiles(&self, tiles: &[tlog_tiles::Tile]) -> Result<Vec<Vec<u8>>, tlog_tiles::Error> {
        let bytes = |it: &tlog_tiles::Tile| {
            let id = TileId { level: it.level(), n: it.level_index() };
            let width = usize::try_from(it.width()).unwrap();
            self.tiles[&id][..width].as_flattened().to_vec()
        };
        Ok(tiles.iter().map(bytes).collect())
    }

    fn save_tiles(&self, _: &[tlog_tiles::Tile], _: &[Vec<u8>]) {}
}

fn theirs(hashes: Vec<tlog_tiles::Hash>) -> Vec<Hash> {
    hashes.into_iter().map(|it| it.0).collect()
}

#[test]
fn proofs_of_every_small_tree_are_those_of_another_implementation() {
    let largest = published(40);
    for size in 1..=40 {
        let mut oracle: MemoryBackedTree<Sha256, Vec<u8>> = MemoryBackedTree::new();
        (0..size).for_each(|index| oracle.push(leaf(index).to_vec()));
        let root = published(size).root;
        for index in 0..size {
            let proof = largest.inclusion(index, size);
            let theirs = oracle.prove_inclusion(usize::try_from(index).unwrap());
            assert_eq!(proof.as_flattened(), theirs.as_bytes(), "{index} of {size}");
            assert_eq!(
                verify_inclusion(&leaf_hash(&leaf(index)), index, size, &proof, &root),
                Ok(())
            );
        }
        for earlier in 1..=size {
            let proof = largest.consistency(earlier, size);
            let theirs = oracle.prove_consistency(usize::try_from(size - earlier).unwrap());
            assert_eq!(proof.as_flattened(), theirs.as_bytes(), "{earlier} to {size}");
            let earlier_root = published(earlier).root;
            assert_eq!(verify_consistency(earlier, size, &proof, &earlier_root, &root), Ok(()));
        }
    }
}

#[test]
fn a_client_of_tiled_logs_makes_the_same_proofs_of_our_tiles() {
    for size in [1, 255, 256, 257, 600, 65_536, 70_000] {
        let log = published(size);
        let reader = TileHashReader::new(size, tlog_tiles::Hash(log.root), &log);
        for index in [0, size / 3, size / 2, size - 1] {
            let proof = tlog_tiles::prove_record(size, index, &reader).unwrap();
            assert_eq!(log.inclusion(index, size), theirs(proof), "{index} of {size}");
        }
        for earlier in [1, size / 3 + 1, size / 2 + 1, size] {
            let proof = tlog_tiles::prove_tree(size, earlier, &reader).unwrap();
            assert_eq!(log.consistency(earlier, size), theirs(proof), "{earlier} to {size}");
        }
    }
}

#[test]
fn what_cannot_be_proved_is_refused() {
    assert_eq!(Plan::inclusion(5, 5), Err(ProofError::OutOfRange { index: 5, size: 5 }));
    assert_eq!(Plan::consistency(0, 5), Err(ProofError::Sizes { earlier_size: 0, size: 5 }));
    assert_eq!(Plan::consistency(6, 5), Err(ProofError::Sizes { earlier_size: 6, size: 5 }));
    let plan = Plan::inclusion(0, 300).unwrap();
    let missing = plan.prove(|_| None).unwrap_err();
    assert_eq!(missing, MissingTile(TileId { level: 0, n: 0 }));
    let log = published(299);
    let too_short = plan.prove(|id| log.tile(id)).unwrap_err();
    assert_eq!(too_short, MissingTile(TileId { level: 0, n: 1 }));
    assert!(Plan::inclusion(u64::MAX - 1, u64::MAX).is_ok_and(|it| it.hashes.len() <= 64));
}

#[test]
fn a_published_checkpoint_opens_with_another_implementation() {
    use crate::note::{Checkpoint, Ed25519Signer, Signer as _, sign_checkpoint, vkey};
    let signer = Ed25519Signer::from_seed(&[7; 32]);
    let origin = "log.example/municipality/journal";
    let log = published(300);
    let checkpoint = Checkpoint { origin: origin.to_owned(), size: log.size, root: log.root };
    let note = sign_checkpoint(&checkpoint, &signer).unwrap();
    let verifier = signed_note::StandardVerifier::new(&vkey(origin, &signer.public_key())).unwrap();
    let opened = signed_note::Note::from_bytes(note.as_bytes()).unwrap();
    let known = signed_note::VerifierList::new(vec![Box::new(verifier)]);
    let (verified, _) = opened.verify(&known).unwrap();
    assert_eq!(verified.len(), 1);
    let read = tlog_tiles::Checkpoint::from_bytes(opened.text()).unwrap();
    assert_eq!((read.origin(), read.size(), read.hash().0), (origin, 300, log.root));
    assert!(note.contains(&BASE64.encode(log.root)));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn a_plan_names_the_tiles_that_it_reads_and_no_others(
        (size, index, earlier_size) in (1_u64..70_000)
            .prop_flat_map(|size| (Just(size), 0..size, 1..=size)),
    ) {
        for plan in [Plan::inclusion(index, size)?, Plan::consistency(earlier_size, size)?] {
            let asked = std::cell::RefCell::new(BTreeSet::new());
            let zeroes = vec![[0; 32]; TILE_WIDTH];
            let made = plan.prove(|id| {
                asked.borrow_mut().insert(id);
                Some(&zeroes[..id.width_in(size)])
            });
            prop_assert!(made.is_ok());
            prop_assert_eq!(asked.into_inner(), plan.tiles());
        }
    }
}
