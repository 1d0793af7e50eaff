#![doc = include_str!("../README.md")]

use sha2::{Digest, Sha256};

pub mod edge;
pub mod heads;
pub mod leaf;
pub mod lineage;
pub mod note;
pub mod proof;
pub mod proof_file;
pub mod proving;
pub mod tile;

/// A SHA-256 hash: of a leaf, of a node of the tree, of an envelope.
pub type Hash = [u8; 32];

/// Hash of a leaf: `SHA-256(0x00 || leaf)` (RFC 6962 section 2.1).
#[must_use]
pub fn leaf_hash(leaf: &[u8]) -> Hash {
    Sha256::new().chain_update([0x00]).chain_update(leaf).finalize().into()
}

/// Hash of an inner node: `SHA-256(0x01 || left || right)` (RFC 6962 section 2.1).
#[must_use]
pub fn node_hash(left: &Hash, right: &Hash) -> Hash {
    Sha256::new().chain_update([0x01]).chain_update(left).chain_update(right).finalize().into()
}

/// Root of the tree without leaves: SHA-256 of nothing (RFC 6962 section 2.1).
#[must_use]
pub fn empty_root() -> Hash {
    Sha256::new().finalize().into()
}

/// Merkle tree hash over `entries`, in their order (RFC 6962 section 2.1).
///
/// Written as the RFC defines it, from the top down, so that [`edge::Edge`], which works from the
/// bottom up, has something independent to be compared with. Holds 32 bytes for each entry.
pub fn tree_hash(entries: impl Iterator<Item: AsRef<[u8]>>) -> Hash {
    let hashes: Vec<Hash> = entries.map(|entry| leaf_hash(entry.as_ref())).collect();
    subtree_hash(&hashes)
}

/// Root over hashes that are already hashed: leaf hashes, or roots of equally large subtrees.
#[must_use]
pub fn subtree_hash(hashes: &[Hash]) -> Hash {
    match hashes {
        [] => empty_root(),
        [only] => *only,
        _ => {
            // The largest power of two smaller than the count goes to the left.
            let (left, right) = hashes.split_at(hashes.len().next_power_of_two() / 2);
            node_hash(&subtree_hash(left), &subtree_hash(right))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Inputs and roots of the reference tree of Certificate Transparency
    /// (transparency-dev/merkle, `testonly/constants.go`, Apache-2.0).
    const INPUTS: [&str; 8] = [
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    ];

    #[test]
    fn reference_tree_has_the_published_roots() {
        check(0, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
        check(1, "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d");
        check(2, "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125");
        check(3, "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77");
        check(4, "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7");
        check(5, "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4");
        check(6, "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef");
        check(7, "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c");
        check(8, "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328");
    }

    #[track_caller]
    fn check(size: usize, root: &str) {
        let entries = INPUTS.iter().take(size).map(|entry| hex::decode(entry).unwrap());
        assert_eq!(hex::encode(tree_hash(entries)), root);
    }
}
