//! What events of another store become in a copy: the same bytes, with tree, tiles and note made anew.
//! Nothing that contradicts itself is copied.

use std::collections::{BTreeMap, HashMap};

use fokus_log::leaf::Leaf;
use fokus_log::leaf_hash;
use fokus_log::note::Signer;

use super::{PlanHead, Planned, signed_head};
use crate::check::{Finding, Problem, envelope_problem};
use crate::types::*;

/// What the source says beside its events.
#[derive(Debug, Clone, Copy)]
pub struct CopiedFrom<'a> {
    /// Where the streams of the events stood before them. A stream that begins is not in here.
    pub before: &'a HashMap<StreamTag, StreamHead>,
    /// What the streams of the events are called.
    pub names: &'a HashMap<StreamTag, StreamId>,
}

/// Why events are not copied.
#[derive(Debug, thiserror::Error)]
pub enum PlanCopiedError {
    /// They contradict themselves, or what is before them.
    #[error("{0}")]
    Damaged(Finding),
    /// The new head cannot be signed.
    #[error(transparent)]
    Fault(Fault),
}

/// Plans the next events of a copy, as they stand in the source: positions, times, versions, links
/// and hashes must follow from `head` and from each other. Commands and claims are not planned.
///
/// # Errors
///
/// [`PlanCopiedError::Damaged`] with the first contradiction.
pub fn plan_copied(
    head: PlanHead,
    from: CopiedFrom<'_>,
    events: Vec<StoredEvent>,
    signer: &dyn Signer,
) -> Result<Planned, PlanCopiedError> {
    let PlanHead { origin, mut edge, mut last_ms } = head;
    let mut heads: HashMap<StreamTag, StreamHead> = HashMap::new();
    let mut streams = BTreeMap::new();
    let mut tiles = Vec::new();
    for event in &events {
        let leaf = Leaf::decode(&event.leaf)
            .map_err(|_| damaged(Some(event.position), Problem::LeafUnreadable))?;
        let tag = StreamTag(leaf.stream_tag);
        let before = heads.get(&tag).or_else(|| from.before.get(&tag)).copied();
        if let Some(problem) = problem(event, &leaf, edge.size(), last_ms, before) {
            return Err(damaged(Some(event.position), problem));
        }
        let after = StreamHead { tag, revision: event.revision, last: event.position };
        heads.insert(tag, after);
        let stream = from.names.get(&tag);
        let stream = stream.ok_or_else(|| damaged(Some(event.position), Problem::StreamMissing))?;
        streams.insert(stream.clone(), after);
        tiles.extend(edge.push(leaf_hash(&event.leaf)));
        last_ms = leaf.recorded_ms;
    }
    let head = signed_head(&origin, &edge, last_ms, signer).map_err(PlanCopiedError::Fault)?;
    let (commands, claims) = (Vec::new(), BTreeMap::new());
    Ok(Planned { events, streams, commands, claims, tiles, edge, head })
}

/// What is wrong with the event that should be the leaf at `index`.
fn problem(
    event: &StoredEvent,
    leaf: &Leaf,
    index: u64,
    last_ms: u64,
    before: Option<StreamHead>,
) -> Option<Problem> {
    let revision = Revision(leaf.stream_version.saturating_add(1));
    if event.position.0 != index.saturating_add(1) {
        return Some(Problem::EventMissing);
    }
    if leaf.position != index {
        return Some(Problem::LeafPosition);
    }
    if leaf.recorded_ms < last_ms {
        return Some(Problem::TimeFalls);
    }
    if (event.stream_tag, event.revision) != (StreamTag(leaf.stream_tag), revision) {
        return Some(Problem::RowDiffers);
    }
    if leaf.stream_version != before.map_or(0, |head| head.revision.0) {
        return Some(Problem::RevisionGap);
    }
    if leaf.prev_in_stream != before.map(|head| head.last.0.saturating_sub(1)) {
        return Some(Problem::PreviousLink);
    }
    envelope_problem(event, &leaf.envelopes)
}

fn damaged(position: Option<Position>, problem: Problem) -> PlanCopiedError {
    PlanCopiedError::Damaged(Finding { position, problem })
}
