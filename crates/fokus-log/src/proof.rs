//! Verifies that a leaf is in a tree, and that one tree is the beginning of another.
//!
//! The procedures are those of RFC 9162 sections 2.1.3.2 and 2.1.4.2, for the trees of RFC 6962.
//! One rule more, shared with other verifiers: consistency with the empty tree proves nothing, so
//! it is refused.
//!
//! Deliberately absent: making proofs, see [`crate::proving`].

#[cfg(test)]
mod tests;

use crate::{Hash, node_hash};

/// Why a proof does not prove what it should.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ProofError {
    /// The index is not in a tree of this size.
    #[error("leaf {index} is not in a tree of size {size}")]
    OutOfRange {
        /// Zero-based index of the leaf.
        index: u64,
        /// Size of the tree.
        size: u64,
    },
    /// The first tree is empty or larger than the second: there is nothing to prove.
    #[error("a tree of size {size} cannot continue one of size {earlier_size}")]
    Sizes {
        /// Size of the tree that should be the beginning.
        earlier_size: u64,
        /// Size of the tree that should continue it.
        size: u64,
    },
    /// The proof has too many or too few hashes for these sizes.
    #[error("proof has a wrong number of hashes")]
    Length,
    /// The hashes do not lead to the root.
    #[error("proof does not lead to the root")]
    Root,
}

/// Checks that the leaf with `leaf_hash` has zero-based `index` in the tree of `size` and `root`.
///
/// # Errors
///
/// [`ProofError`] if it has not, or if the proof does not show it.
pub fn verify_inclusion(
    leaf_hash: &Hash,
    index: u64,
    size: u64,
    proof: &[Hash],
    root: &Hash,
) -> Result<(), ProofError> {
    if index >= size {
        return Err(ProofError::OutOfRange { index, size });
    }
    let mut path = Path { node: index, last: size - 1 };
    let mut hash = *leaf_hash;
    for sibling in proof {
        hash = match path.climb()? {
            Side::Left => node_hash(sibling, &hash),
            Side::Right => node_hash(&hash, sibling),
        };
    }
    path.finish()?;
    if hash == *root { Ok(()) } else { Err(ProofError::Root) }
}

/// Checks that the tree of `earlier_size` and `earlier_root` is the beginning of the tree of `size`
/// and `root`.
///
/// # Errors
///
/// [`ProofError`] if it is not, if the proof does not show it, or if the earlier tree is empty.
pub fn verify_consistency(
    earlier_size: u64,
    size: u64,
    proof: &[Hash],
    earlier_root: &Hash,
    root: &Hash,
) -> Result<(), ProofError> {
    if earlier_size == 0 || earlier_size > size {
        return Err(ProofError::Sizes { earlier_size, size });
    }
    if earlier_size == size {
        return match proof {
            [] if earlier_root == root => Ok(()),
            [] => Err(ProofError::Root),
            _ => Err(ProofError::Length),
        };
    }
    // A perfect earlier tree is a node of the later one; its root is then left out of the proof.
    let (first, proof) = if earlier_size.is_power_of_two() {
        (earlier_root, proof)
    } else {
        proof.split_first().ok_or(ProofError::Length)?
    };
    if proof.is_empty() {
        return Err(ProofError::Length);
    }
    let mut path = Path { node: earlier_size - 1, last: size - 1 };
    path.skip_right_children();
    let (mut earlier_hash, mut hash) = (*first, *first);
    for sibling in proof {
        match path.climb()? {
            Side::Left => {
                earlier_hash = node_hash(sibling, &earlier_hash);
                hash = node_hash(sibling, &hash);
            }
            Side::Right => hash = node_hash(&hash, sibling),
        }
    }
    path.finish()?;
    if earlier_hash == *earlier_root && hash == *root { Ok(()) } else { Err(ProofError::Root) }
}

/// On which side of the path the next hash of a proof stands.
enum Side {
    Left,
    Right,
}

/// A way from a node up to the root: indices of the node and of the last node in the present level.
struct Path {
    node: u64,
    last: u64,
}

impl Path {
    /// One hash of the proof up, and past the levels in which the node has no sibling.
    fn climb(&mut self) -> Result<Side, ProofError> {
        if self.last == 0 {
            return Err(ProofError::Length);
        }
        let side = if self.node & 1 == 1 {
            Side::Left
        } else if self.node == self.last {
            while self.node & 1 == 0 && self.node != 0 {
                self.up();
            }
            Side::Left
        } else {
            Side::Right
        };
        self.up();
        Ok(side)
    }

    /// Up to the highest node whose subtree ends where the node ends.
    fn skip_right_children(&mut self) {
        while self.node & 1 == 1 {
            self.up();
        }
    }

    fn up(&mut self) {
        self.node >>= 1;
        self.last >>= 1;
    }

    fn finish(&self) -> Result<(), ProofError> {
        if self.last == 0 { Ok(()) } else { Err(ProofError::Length) }
    }
}
