//! Decides what a batch of appends becomes: a pure function that touches nothing.
//!
//! A back end calls [`Named::of`], looks those names up inside its transaction, calls [`plan`] with
//! what it [`Known`], and writes what is [`Planned`]. All rules of appending live here, so that
//! every back end has the same ones.
//!
//! Read [`plan`], then `Planner::judge` and `Planner::place`. Deliberately absent: what an event, or an
//! act of the log, means.

pub mod copied;
mod shape;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet, HashMap};

use fokus_log::Hash;
use fokus_log::edge::Edge;
use fokus_log::heads::Commitment;
use fokus_log::leaf::{Leaf, LeafKind};
use fokus_log::leaf_hash;
use fokus_log::lineage::Act;
use fokus_log::note::{Checkpoint, Signer, bundle_text, sign_checkpoint, sign_note};
use fokus_log::tile::Tile;

use crate::types::*;

/// Where the log stands before the batch.
#[derive(Debug, Clone)]
pub struct PlanHead {
    /// `<authority>/<tenant>/journal`.
    pub origin: String,
    /// The tree's right edge; its size is the head's position.
    pub edge: Edge,
    /// Unix milliseconds of the last event; 0 when there is none.
    pub last_ms: u64,
}

/// What a batch names, and a back end must therefore look up. Appends that make no sense in
/// themselves count with their command id only, so that they cannot drive look-ups.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Named {
    /// Streams, written or checked only.
    pub streams: BTreeSet<StreamId>,
    /// Tags of the streams: a new stream may not take another one's.
    pub tags: BTreeSet<StreamTag>,
    /// Commands.
    pub commands: BTreeSet<CommandId>,
    /// Claims, made or released.
    pub claims: BTreeSet<Claim>,
}

impl Named {
    /// Collects what `appends` name.
    #[must_use]
    pub fn of(appends: &[Append]) -> Named {
        let mut named = Named::default();
        for append in appends {
            named.commands.extend(append.command_id);
            if shape::check(append).is_err() {
                continue;
            }
            if !append.controls.is_empty() {
                named.streams.insert(StreamId::of_log());
                named.tags.insert(StreamTag::OF_LOG);
            }
            for part in &append.streams {
                named.streams.insert(part.stream.clone());
                named.tags.insert(part.tag);
            }
            let claims = append.claims.iter().chain(&append.releases);
            named.claims.extend(claims.map(|(_, claim)| claim.clone()));
        }
        named
    }
}

/// What stands in the store of the names in [`Named`]. What is not in here is not in the store.
#[derive(Debug, Clone, Default)]
pub struct Known {
    streams: HashMap<StreamId, StreamHead>,
    tags: HashMap<StreamTag, StreamId>,
    /// Commands that were accepted.
    pub commands: HashMap<CommandId, CommandPlace>,
    /// Claims that are held, with their holders.
    pub claims: HashMap<Claim, StreamTag>,
}

impl Known {
    /// Adds a stream that has events.
    pub fn add_stream(&mut self, stream: StreamId, head: StreamHead) {
        self.tags.insert(head.tag, stream.clone());
        self.streams.insert(stream, head);
    }
}

/// What becomes of a batch.
#[derive(Debug)]
pub struct Plan {
    /// One answer for each append, in their order. True only once `planned` is committed.
    pub answers: Vec<Result<Outcome, Refused>>,
    /// What to write, in one transaction; `None` when everything was refused.
    pub planned: Option<Planned>,
}

/// The rows of a batch and the head after it.
#[derive(Debug)]
pub struct Planned {
    /// In order of position.
    pub events: Vec<StoredEvent>,
    /// The streams written, with their heads afterwards.
    pub streams: BTreeMap<StreamId, StreamHead>,
    /// In order of position.
    pub commands: Vec<(CommandId, CommandPlace)>,
    /// Claims that changed hands, with the holder afterwards; `None` = nobody.
    pub claims: BTreeMap<Claim, Option<StreamTag>>,
    /// Tiles that became full.
    pub tiles: Vec<Tile>,
    /// The right edge afterwards.
    pub edge: Edge,
    /// The head afterwards.
    pub head: Head,
}

/// Plans a batch: judges each append against the store and the appends before it, and places those
/// that are accepted.
///
/// A refused append changes nothing for the others. The order of judging is: repeated command,
/// malformed append, expectations, tags, claims. What it signs must not leave the process before it
/// is committed.
///
/// # Errors
///
/// [`Fault::Corrupt`] if the origin cannot name a key.
pub fn plan(
    head: PlanHead,
    known: Known,
    appends: Vec<Append>,
    now_ms: u64,
    signer: &dyn Signer,
) -> Result<Plan, Fault> {
    let mut planner = Planner::new(head, known, now_ms);
    let placed: Vec<Result<Placed, Refused>> = appends
        .into_iter()
        .map(|append| planner.judge(&append).and_then(|()| planner.place(append)))
        .collect();
    let planned = planner.finish(signer)?;
    let checkpoint = planned.as_ref().map_or("", |it| it.head.checkpoint.as_str());
    let answers =
        placed.into_iter().map(|placed| placed.map(|it| it.outcome(checkpoint))).collect();
    Ok(Plan { answers, planned })
}

/// Where an accepted append stands; an outcome that waits for its checkpoint.
struct Placed {
    place: CommandPlace,
    event_ids: Vec<EventId>,
    revisions: Vec<(StreamId, Revision)>,
    recorded_ms: u64,
}

impl Placed {
    fn outcome(self, checkpoint: &str) -> Outcome {
        Outcome {
            first: self.place.first,
            count: self.place.count,
            event_ids: self.event_ids,
            revisions: self.revisions,
            recorded_ms: self.recorded_ms,
            checkpoint: checkpoint.to_owned(),
        }
    }
}

/// The batch as planned so far: `known` holds what the store would hold after it.
struct Planner {
    origin: String,
    recorded_ms: u64,
    known: Known,
    edge: Edge,
    events: Vec<StoredEvent>,
    streams: BTreeMap<StreamId, StreamHead>,
    commands: Vec<(CommandId, CommandPlace)>,
    claims: BTreeMap<Claim, Option<StreamTag>>,
    tiles: Vec<Tile>,
}

impl Planner {
    fn new(head: PlanHead, known: Known, now_ms: u64) -> Planner {
        Planner {
            origin: head.origin,
            recorded_ms: now_ms.max(head.last_ms),
            known,
            edge: head.edge,
            events: Vec::new(),
            streams: BTreeMap::new(),
            commands: Vec::new(),
            claims: BTreeMap::new(),
            tiles: Vec::new(),
        }
    }

    fn judge(&self, append: &Append) -> Result<(), Refused> {
        let place = append.command_id.and_then(|id| self.known.commands.get(&id));
        if let Some(place) = place {
            return Err(Refused::Repeated(*place));
        }
        shape::check(append).map_err(Refused::Invalid)?;
        append.streams.iter().try_for_each(|part| self.judge_expectation(part))?;
        append.streams.iter().try_for_each(|part| self.judge_tag(part))?;
        self.judge_claims(append)
    }

    fn judge_expectation(&self, part: &StreamAppend) -> Result<(), Refused> {
        let head = self.known.streams.get(&part.stream);
        let actual = head.map_or(Revision(0), |head| head.revision);
        let met = match part.expected {
            Expectation::NoStream => actual == Revision(0),
            Expectation::Exactly(revision) => actual == revision && revision != Revision(0),
            Expectation::Exists => actual != Revision(0),
            Expectation::Any => true,
        };
        if met {
            return Ok(());
        }
        Err(Refused::Conflict { stream: part.stream.clone(), expected: part.expected, actual })
    }

    /// The tag must be the stream's, or nobody's where the stream begins.
    fn judge_tag(&self, part: &StreamAppend) -> Result<(), Refused> {
        let fits = part.events.is_empty()
            || match self.known.streams.get(&part.stream) {
                Some(head) => head.tag == part.tag,
                None => !self.known.tags.contains_key(&part.tag),
            };
        if fits { Ok(()) } else { Err(Refused::TagMismatch { stream: part.stream.clone() }) }
    }

    fn judge_claims(&self, append: &Append) -> Result<(), Refused> {
        let mut freed: BTreeSet<&Claim> = BTreeSet::new();
        for (holder, claim) in tagged(append, &append.releases) {
            if self.known.claims.get(claim) == Some(&holder) {
                freed.insert(claim);
            }
        }
        let mut taken: BTreeMap<&Claim, StreamTag> = BTreeMap::new();
        for (index, (claimant, claim)) in tagged(append, &append.claims).enumerate() {
            let held = self.known.claims.get(claim).filter(|_| !freed.contains(claim));
            let holder = taken.get(claim).or(held);
            if holder.is_some_and(|holder| *holder != claimant) {
                return Err(Refused::ClaimTaken { claim: index });
            }
            taken.insert(claim, claimant);
        }
        Ok(())
    }

    /// Places an append that was judged. The leaves come first: they are all that can still fail.
    fn place(&mut self, append: Append) -> Result<Placed, Refused> {
        let released = owned(tagged(&append, &append.releases));
        let claimed = owned(tagged(&append, &append.claims));
        let mut events = Vec::new();
        let mut heads = Vec::new();
        let mut event_ids = Vec::new();
        for (stream, tag, contents) in parts(append.streams, append.controls) {
            let mut head = self.known.streams.get(&stream).copied();
            for content in contents {
                let index = self.edge.size().saturating_add(events.len() as u64);
                event_ids.push(content.event_id());
                content.check_at(index, &self.origin, &self.edge).map_err(Refused::Invalid)?;
                let stored = stored_event(tag, head, index, self.recorded_ms, content)
                    .ok_or(Refused::Invalid(InvalidAppend::Leaf))?;
                let (revision, last) = (stored.revision, stored.position);
                head = Some(StreamHead { tag, revision, last });
                events.push(stored);
            }
            heads.extend(head.map(|head| (stream, head)));
        }
        let count = u32::try_from(events.len()).unwrap_or(u32::MAX);
        let place = CommandPlace { first: Position(self.edge.size().saturating_add(1)), count };
        if let Some(command_id) = append.command_id {
            self.keep_command(command_id, place);
        }
        self.keep_events(events);
        self.keep_claims(released, claimed);
        let revisions =
            heads.iter().map(|(stream, head)| (stream.clone(), head.revision)).collect();
        self.keep_heads(heads);
        Ok(Placed { place, event_ids, revisions, recorded_ms: self.recorded_ms })
    }

    fn keep_command(&mut self, command_id: CommandId, place: CommandPlace) {
        self.known.commands.insert(command_id, place);
        self.commands.push((command_id, place));
    }

    fn keep_events(&mut self, events: Vec<StoredEvent>) {
        for event in &events {
            self.tiles.extend(self.edge.push(leaf_hash(&event.leaf)));
        }
        self.events.extend(events);
    }

    /// Releases first: a claim may move from one stream to another in one append.
    fn keep_claims(&mut self, released: Vec<TaggedClaim>, claimed: Vec<TaggedClaim>) {
        for (holder, claim) in released {
            if self.known.claims.get(&claim) == Some(&holder) {
                self.known.claims.remove(&claim);
                self.claims.insert(claim, None);
            }
        }
        for (claimant, claim) in claimed {
            if self.known.claims.insert(claim.clone(), claimant) != Some(claimant) {
                self.claims.insert(claim, Some(claimant));
            }
        }
    }

    fn keep_heads(&mut self, heads: Vec<(StreamId, StreamHead)>) {
        for (stream, head) in heads {
            self.known.add_stream(stream.clone(), head);
            self.streams.insert(stream, head);
        }
    }

    fn finish(self, signer: &dyn Signer) -> Result<Option<Planned>, Fault> {
        if self.events.is_empty() {
            return Ok(None);
        }
        let head = signed_head(&self.origin, &self.edge, self.recorded_ms, signer)?;
        Ok(Some(Planned {
            events: self.events,
            streams: self.streams,
            commands: self.commands,
            claims: self.claims,
            tiles: self.tiles,
            edge: self.edge,
            head,
        }))
    }
}

/// The head of a tree, signed. Only a tree that is committed, or is about to be, may be signed.
///
/// # Errors
///
/// [`Fault::Corrupt`] if the origin cannot name a key.
pub fn signed_head(
    origin: &str,
    edge: &Edge,
    last_ms: u64,
    signer: &dyn Signer,
) -> Result<Head, Fault> {
    let root = edge.root();
    let checkpoint = Checkpoint { origin: origin.to_owned(), size: edge.size(), root };
    let checkpoint = sign_checkpoint(&checkpoint, signer)
        .map_err(|error| Fault::Corrupt { what: format!("origin of the log: {error}") })?;
    Ok(Head { position: Position(edge.size()), root, last_ms, checkpoint })
}

/// What [`crate::EventStore::vouch`] answers.
///
/// # Errors
///
/// [`Fault::Corrupt`] if the origin cannot name a key.
pub fn vouching_note(origin: &str, list_hash: &Hash, signer: &dyn Signer) -> Result<String, Fault> {
    sign_note(&bundle_text(origin, list_hash), origin, signer)
        .map_err(|error| Fault::Corrupt { what: format!("origin of the log: {error}") })
}

/// A claim with the tag of the stream that makes or releases it.
type TaggedClaim = (StreamTag, Claim);

/// Claims with the tags of their streams; the indexes were checked with the append's shape.
fn tagged<'a>(
    append: &'a Append,
    claims: &'a [(usize, Claim)],
) -> impl Iterator<Item = (StreamTag, &'a Claim)> {
    claims
        .iter()
        .filter_map(|(index, claim)| append.streams.get(*index).map(|part| (part.tag, claim)))
}

fn owned<'a>(claims: impl Iterator<Item = (StreamTag, &'a Claim)>) -> Vec<TaggedClaim> {
    claims.map(|(tag, claim)| (tag, claim.clone())).collect()
}

/// What is written to one stream.
enum NewLeaf {
    Event(NewEvent),
    Control(NewControl),
}

impl NewLeaf {
    fn event_id(&self) -> EventId {
        match self {
            NewLeaf::Event(it) => it.event_id,
            NewLeaf::Control(it) => it.event_id,
        }
    }

    /// What must hold where the leaf comes to stand: a map of stream heads covers what is just before it, and
    /// what speaks of the log's key or name speaks of this log. The root of a map is the caller's word;
    /// `check` and every auditor make it anew. `edge` is that of the leaves before the append.
    fn check_at(&self, index: u64, origin: &str, edge: &Edge) -> Result<(), InvalidAppend> {
        let NewLeaf::Control(it) = self else { return Ok(()) };
        if it.kind == LeafKind::StreamHeads {
            let map = Commitment::read(it.kind, index, &it.ext);
            return map.map_or(Err(InvalidAppend::Map), |_| Ok(()));
        }
        let fits = match Act::of_leaf(it.kind, &it.ext).map_err(|_| InvalidAppend::Lineage)? {
            None => true,
            Some(Act::Rotation(it)) => it.origin == origin,
            // The first leaf of its append, so that the edge is that of all leaves before it. A root is
            // some twenty hashes: only this leaf pays for it.
            Some(Act::Continuation(it)) => {
                let kept = (it.kept.size, it.kept.root);
                it.origin == origin && index == edge.size() && kept == (index, edge.root())
            }
        };
        if fits { Ok(()) } else { Err(InvalidAppend::Lineage) }
    }
}

/// The streams that are written, with what is written to each.
fn parts(
    streams: Vec<StreamAppend>,
    controls: Vec<NewControl>,
) -> impl Iterator<Item = (StreamId, StreamTag, Vec<NewLeaf>)> {
    let of_log: Vec<NewLeaf> = controls.into_iter().map(NewLeaf::Control).collect();
    streams
        .into_iter()
        .map(|it| (it.stream, it.tag, it.events.into_iter().map(NewLeaf::Event).collect()))
        .chain([(StreamId::of_log(), StreamTag::OF_LOG, of_log)])
        .filter(|(_, _, leaves)| !leaves.is_empty())
}

/// The leaf at `index` (zero-based) after the stream's head, with its envelopes; `None` if no leaf can
/// say so.
fn stored_event(
    tag: StreamTag,
    head: Option<StreamHead>,
    index: u64,
    recorded_ms: u64,
    new: NewLeaf,
) -> Option<StoredEvent> {
    let version = head.map_or(0, |head| head.revision.0);
    let event_id = new.event_id().0.into_bytes();
    let (kind, sealed, ext) = match new {
        NewLeaf::Event(it) => (LeafKind::Event, it.envelopes, Vec::new()),
        NewLeaf::Control(it) => (it.kind, Vec::new(), it.ext),
    };
    let leaf = Leaf {
        kind,
        position: index,
        recorded_ms,
        event_id,
        stream_tag: tag.0,
        // Revisions count from 1, versions from 0: the version is the revision before.
        stream_version: version,
        prev_in_stream: head.map(|head| head.last.0.saturating_sub(1)),
        envelopes: sealed.iter().map(|envelope| envelope.reference()).collect(),
        ext,
    };
    Some(StoredEvent {
        position: Position(index.checked_add(1)?),
        stream_tag: tag,
        revision: Revision(version.checked_add(1)?),
        leaf: leaf.encode().ok()?,
        envelopes: sealed.into_iter().map(|envelope| Some(envelope.body)).collect(),
    })
}
