//! The public probes, positive and negative, and proofs of another implementation.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use ct_merkle::mem_backed_tree::MemoryBackedTree;
use proptest::prelude::*;
use serde_json::Value;
use sha2::Sha256;

use super::*;
use crate::{leaf_hash, tree_hash};

const PROBES: &str = include_str!("../../tests/vectors/rfc6962_proofs.json");

/// A hash of a probe; `None` where a probe has none, which our types cannot express. Words that
/// some probes hold, such as "don't care", are replaced by their own hashes, as (un)equal as they.
fn hash(value: &Value) -> Option<Hash> {
    let bytes = BASE64.decode(value.as_str().unwrap()).unwrap();
    (!bytes.is_empty()).then(|| bytes.try_into().unwrap_or_else(|words: Vec<u8>| leaf_hash(&words)))
}

fn hashes(value: &Value) -> Option<Vec<Hash>> {
    value.as_array().map_or(Some(Vec::new()), |list| list.iter().map(hash).collect())
}

#[track_caller]
fn check_probes(list: &str, verify: fn(&Value) -> Option<()>) {
    let probes: Value = serde_json::from_str(PROBES).unwrap();
    let probes = probes[list].as_array().unwrap();
    assert_eq!(probes.len(), 98);
    for probe in probes {
        let refused = verify(probe).is_none();
        assert_eq!(probe["wantErr"], refused, "{}: {}", probe["name"], probe["desc"]);
    }
}

#[test]
fn inclusion_probes_are_answered_as_published() {
    check_probes("inclusion", |probe| {
        let number = |name: &str| probe[name].as_u64().unwrap();
        let (leaf, root) = (hash(&probe["leafHash"])?, hash(&probe["root"])?);
        let proof = hashes(&probe["proof"])?;
        verify_inclusion(&leaf, number("leafIdx"), number("treeSize"), &proof, &root).ok()
    });
}

#[test]
fn consistency_probes_are_answered_as_published() {
    check_probes("consistency", |probe| {
        let number = |name: &str| probe[name].as_u64().unwrap();
        let (earlier_root, root) = (hash(&probe["root1"])?, hash(&probe["root2"])?);
        let proof = hashes(&probe["proof"])?;
        verify_consistency(number("size1"), number("size2"), &proof, &earlier_root, &root).ok()
    });
}

#[test]
fn refusals_name_their_reason() {
    let (leaf, other) = ([1; 32], [2; 32]);
    let inclusion = |index, size, proof: &[Hash]| {
        verify_inclusion(&leaf, index, size, proof, &leaf).unwrap_err()
    };
    assert_eq!(inclusion(1, 1, &[]), ProofError::OutOfRange { index: 1, size: 1 });
    assert_eq!(inclusion(0, 2, &[]), ProofError::Length);
    assert_eq!(inclusion(0, 1, &[other]), ProofError::Length);
    assert_eq!(inclusion(0, 2, &[other]), ProofError::Root);
    let consistency = |earlier_size, size, proof: &[Hash]| {
        verify_consistency(earlier_size, size, proof, &leaf, &other).unwrap_err()
    };
    assert_eq!(consistency(0, 4, &[]), ProofError::Sizes { earlier_size: 0, size: 4 });
    assert_eq!(consistency(5, 4, &[]), ProofError::Sizes { earlier_size: 5, size: 4 });
    assert_eq!(consistency(4, 4, &[]), ProofError::Root);
    assert_eq!(consistency(4, 4, &[leaf]), ProofError::Length);
    assert_eq!(consistency(3, 4, &[]), ProofError::Length);
    assert_eq!(consistency(2, 4, &[leaf]), ProofError::Root);
}

/// Entry number `index`, in a tree and in the oracle's tree.
fn oracle(size: u64) -> MemoryBackedTree<Sha256, Vec<u8>> {
    let mut tree = MemoryBackedTree::new();
    for index in 0..size {
        tree.push(index.to_be_bytes().to_vec());
    }
    tree
}

fn root(size: u64) -> Hash {
    tree_hash((0..size).map(u64::to_be_bytes))
}

fn to_hashes(proof: &[u8]) -> Vec<Hash> {
    let (hashes, rest) = proof.as_chunks();
    assert!(rest.is_empty());
    hashes.to_vec()
}

/// Each altered form of a proof: one hash changed, removed or added.
fn alterations(proof: &[Hash]) -> Vec<Vec<Hash>> {
    let mut altered = vec![[proof, &[[0; 32]]].concat()];
    for at in 0..proof.len() {
        let mut changed = proof.to_vec();
        changed[at][at % 32] ^= 1;
        altered.push(changed);
        let mut shorter = proof.to_vec();
        shorter.remove(at);
        altered.push(shorter);
    }
    altered
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn proofs_of_another_implementation_verify_and_altered_ones_do_not(
        (size, index, earlier_size) in (1_u64..700)
            .prop_flat_map(|size| (Just(size), 0..size, 1..=size)),
    ) {
        let tree = oracle(size);
        let proof = to_hashes(tree.prove_inclusion(usize::try_from(index).unwrap()).as_bytes());
        let leaf = leaf_hash(&index.to_be_bytes());
        prop_assert_eq!(verify_inclusion(&leaf, index, size, &proof, &root(size)), Ok(()));
        for altered in alterations(&proof) {
            prop_assert!(verify_inclusion(&leaf, index, size, &altered, &root(size)).is_err());
        }

        let added = usize::try_from(size - earlier_size).unwrap();
        let proof = to_hashes(tree.prove_consistency(added).as_bytes());
        let verify = |proof: &[Hash]| {
            verify_consistency(earlier_size, size, proof, &root(earlier_size), &root(size))
        };
        prop_assert_eq!(verify(&proof), Ok(()));
        for altered in alterations(&proof) {
            prop_assert!(verify(&altered).is_err());
        }
    }
}
