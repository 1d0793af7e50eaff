//! Whether the right edge of a log's tree, computed anew from rows, is the one that is stored and
//! signed: what a back end asks before it serves a log.
//!
//! Pure: the back end reads the partial tiles ([`Edge::partial_tiles`]) and the last leaf, however large
//! the log, and gives them to [`check_edge`]. It finds a restored or edited head, a cut or forged end,
//! another signing key. Deliberately absent: leaves and tiles further back; [`crate::check`] reads those.

use fokus_log::Hash;
use fokus_log::edge::Edge;
use fokus_log::leaf::Leaf;
use fokus_log::lineage::generation;
use fokus_log::note::{Checkpoint, open_checkpoint};

use crate::types::{Head, LogInfo, Position};

/// A log's row, as stored.
#[derive(Debug, Clone)]
pub struct StoredLog {
    /// What the row says of it, and whose keys sign it.
    pub info: LogInfo,
    /// Where it stands, as the row says.
    pub head: Head,
    /// The frontier of the tree ([`Edge::frontier_bytes`]).
    pub edge: Vec<u8>,
}

/// What contradicts what, in words for an operator.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Contradiction(pub String);

fn ensure(holds: bool, otherwise: &str) -> Result<(), Contradiction> {
    if holds { Ok(()) } else { Err(Contradiction(otherwise.to_owned())) }
}

/// Checks a stored log and gives its edge. `expected_origin` is the name with which logs of the tenant begin,
/// `pending` holds the hashes of the partial tiles as
/// [`Edge::rebuild`] takes them, `last` the leaf with the highest position that is stored.
///
/// # Errors
///
/// The first [`Contradiction`].
pub fn check_edge(
    stored: &StoredLog,
    expected_origin: &str,
    pending: Vec<Vec<Hash>>,
    last: Option<(Position, &[u8])>,
) -> Result<Edge, Contradiction> {
    let head = &stored.head;
    let (first, _) = generation(&stored.info.origin);
    ensure(first == expected_origin, "its name is not that of the store's logs")?;
    let signed = open_stored(&stored.info, &head.checkpoint)?;
    ensure(signed.size == head.position.0, "the signed size is not the stored one")?;
    ensure(signed.root == head.root, "the signed root is not the stored one")?;
    let edge = Edge::rebuild(head.position.0, pending)
        .map_err(|error| Contradiction(error.to_string()))?;
    ensure(edge.root() == head.root, "the root over the events is not the stored one")?;
    ensure(edge.frontier_bytes() == stored.edge, "the right edge is not the stored one")?;
    check_end(head, last)?;
    Ok(edge)
}

/// The checkpoint of a stored head. A key that is said to be retiring must have signed it: another one
/// would come into the log as its predecessor.
///
/// # Errors
///
/// [`Contradiction`], also where only the other key signed.
pub fn open_stored(info: &LogInfo, note: &str) -> Result<Checkpoint, Contradiction> {
    let key = info.retiring_key.as_ref().unwrap_or(&info.public_key);
    open_checkpoint(note, &info.origin, key).map_err(|error| {
        let whose = if info.retiring_key.is_some() { " by the retiring key" } else { "" };
        Contradiction(format!("checkpoint{whose}: {error}"))
    })
}

/// The last event is the one that the head speaks of.
fn check_end(head: &Head, last: Option<(Position, &[u8])>) -> Result<(), Contradiction> {
    let Some((position, leaf)) = last else {
        let empty = head.position.0 == 0 && head.last_ms == 0;
        return ensure(empty, "there is no event, but a head");
    };
    ensure(position == head.position, "the last event is not at the stored size")?;
    let leaf =
        Leaf::decode(leaf).map_err(|error| Contradiction(format!("the last event: {error}")))?;
    ensure(leaf.recorded_ms == head.last_ms, "the last event's time is not the stored one")
}
