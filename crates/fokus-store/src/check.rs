//! Checks a whole log against everything that it implies: leaves, envelopes, tree, tiles, note, and
//! the tables of streams, commands and claims. Reads only, a page at a time.
//!
//! Keys are not needed, so what is inside an envelope is not looked at. Read [`check_log`], then
//! `Checker::event`. Deliberately absent: repairing anything, and the content's digest, which needs
//! keys (`fokus-app`).

mod tables;
#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::fmt;

use fokus_log::edge::Edge;
use fokus_log::heads::{Commitment, Heads};
use fokus_log::leaf::{EnvelopeRef, Leaf, LeafKind};
use fokus_log::lineage::{Act, Lineage};
use fokus_log::tile::Tile;
use fokus_log::{Hash, leaf_hash};
use sha2::{Digest, Sha256};

use crate::ports::Inspect;
use crate::types::*;

/// The most findings that a report names; the rest is only counted.
pub const FINDINGS_MAX: usize = 100;

/// What a check has seen and found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// The log's name.
    pub origin: String,
    /// The head that the check began with; later events are not looked at.
    pub position: Position,
    /// The root over the leaves read.
    pub root: Hash,
    /// Envelopes present.
    pub envelopes: u64,
    /// Envelopes that leaves name and that are gone, as after an erasure.
    pub removed_envelopes: u64,
    /// Full tiles.
    pub tiles: u64,
    /// Streams.
    pub streams: u64,
    /// Commands.
    pub commands: u64,
    /// Claims held.
    pub claims: u64,
    /// Maps of stream heads that were made anew.
    pub maps: u64,
    /// The first [`FINDINGS_MAX`] contradictions.
    pub findings: Vec<Finding>,
    /// How many contradictions there are.
    pub findings_count: u64,
}

impl Report {
    /// Whether nothing contradicts anything.
    #[must_use]
    pub fn is_sound(&self) -> bool {
        self.findings_count == 0
    }
}

/// One contradiction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Where in the log, if it is in one place.
    pub position: Option<Position>,
    /// What is wrong.
    pub problem: Problem,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.position {
            Some(position) => write!(f, "position {}: {}", position.0, self.problem),
            None => write!(f, "{}", self.problem),
        }
    }
}

/// What can be wrong with a log.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[expect(missing_docs, reason = "each message says what its variant means")]
pub enum Problem {
    #[error("an event is missing")]
    EventMissing,
    #[error("the leaf cannot be read")]
    LeafUnreadable,
    #[error("the leaf names another position")]
    LeafPosition,
    #[error("the row names another stream or revision than the leaf")]
    RowDiffers,
    #[error("the recorded time is before that of the event before")]
    TimeFalls,
    #[error("the revision does not follow that of the stream's event before")]
    RevisionGap,
    #[error("the leaf links to another event than the stream's one before")]
    PreviousLink,
    #[error("the map of stream heads is not that of the leaves before it")]
    MapDiffers,
    #[error("what the leaf says of the log's key or name does not hold")]
    LineageDiffers,
    #[error("the log's name or key is not the one that its leaves say")]
    LineageEndsElsewhere,
    #[error("envelope {index} is not the one that the leaf names")]
    EnvelopeDiffers { index: usize },
    #[error("there are more or fewer envelopes than the leaf names")]
    EnvelopeCount,
    #[error("tile {n} of level {level} is missing")]
    TileMissing { level: u8, n: u64 },
    #[error("tile {n} of level {level} is not that of the leaves")]
    TileDiffers { level: u8, n: u64 },
    #[error("there are tiles that no leaves fill")]
    TileStray,
    #[error("the stored root is not that of the leaves")]
    RootDiffers,
    #[error("the last recorded time stored is not that of the last event")]
    LastTimeDiffers,
    #[error("the checkpoint is not signed by the log's key, or is of another log")]
    NoteUnsigned,
    #[error("the checkpoint is of another size or root")]
    NoteDiffers,
    #[error("a stream of the log is not in the table of streams")]
    StreamMissing,
    #[error("a stream in the table is not in the log, or stands elsewhere")]
    StreamDiffers,
    #[error("the events of a command overlap those of another")]
    CommandOverlaps,
    #[error("no command accounts for the event")]
    CommandMissing,
    #[error("a command's events are beyond the head")]
    CommandBeyond,
    #[error("a claim is held by a stream that is not in the log")]
    ClaimStray,
    /// Found by somebody who has the keys.
    #[error("{0}")]
    Content(&'static str),
}

/// Checks the tenant's log up to where its head is now; `progress` is told the position reached.
///
/// # Errors
///
/// The store's own, when it cannot be read; what is read and wrong is a [`Finding`].
pub async fn check_log(
    store: &impl Inspect,
    tenant: &TenantId,
    mut progress: impl FnMut(Position) + Send,
) -> Result<Report, Fault> {
    let info = store.log(tenant).await?;
    let head = store.head(tenant).await?;
    let mut checker = Checker::new(info.origin.clone(), head.position);
    let mut after = Position(0);
    while after < head.position {
        let range = Range::Forward { after, limit: READ_LIMIT_MAX };
        let events = store.read_log(tenant, range).await?;
        let events = events.into_iter().filter(|event| event.position <= head.position);
        let mut last = after;
        for event in events {
            last = event.position;
            for tile in checker.event(&event) {
                let stored = store.tile(tenant, tile.level, tile.n).await?;
                checker.tile(&tile, stored.as_ref());
            }
        }
        if last <= after {
            checker.find(Some(Position(after.0.saturating_add(1))), Problem::EventMissing);
            break;
        }
        after = last;
        progress(after);
    }
    checker.head(&head, &info);
    tables::check(store, tenant, &mut checker).await?;
    Ok(checker.report)
}

/// What the log has implied so far.
struct Checker {
    report: Report,
    edge: Edge,
    next: Position,
    last_ms: u64,
    streams: HashMap<StreamTag, StreamHead>,
    /// What maps of stream heads must say.
    heads: Heads,
    /// What rotations and continuations have said.
    lineage: Lineage,
    /// Positions of leaves that no command accounts for, since they are not events.
    controls: Vec<Position>,
}

impl Checker {
    fn new(origin: String, position: Position) -> Checker {
        let lineage = Lineage::of(&origin);
        let report = Report {
            origin,
            position,
            root: fokus_log::empty_root(),
            envelopes: 0,
            removed_envelopes: 0,
            tiles: 0,
            streams: 0,
            commands: 0,
            claims: 0,
            maps: 0,
            findings: Vec::new(),
            findings_count: 0,
        };
        Checker {
            report,
            edge: Edge::new(),
            next: Position(1),
            last_ms: 0,
            streams: HashMap::new(),
            heads: Heads::new(),
            lineage,
            controls: Vec::new(),
        }
    }

    fn find(&mut self, position: Option<Position>, problem: Problem) {
        self.report.findings_count = self.report.findings_count.saturating_add(1);
        if self.report.findings.len() < FINDINGS_MAX {
            self.report.findings.push(Finding { position, problem });
        }
    }

    /// Checks one event and gives the tiles that it fills.
    fn event(&mut self, event: &StoredEvent) -> Vec<Tile> {
        let at = Some(event.position);
        if event.position != self.next {
            self.find(Some(self.next), Problem::EventMissing);
        }
        self.next = Position(event.position.0.saturating_add(1));
        let hash = leaf_hash(&event.leaf);
        let decoded = Leaf::decode(&event.leaf);
        if decoded.as_ref().is_ok_and(|leaf| !self.says_lineage(leaf)) {
            self.find(at, Problem::LineageDiffers);
        }
        let tiles = self.edge.push(hash);
        let Ok(leaf) = decoded else {
            self.find(at, Problem::LeafUnreadable);
            return tiles;
        };
        if leaf.kind == LeafKind::StreamHeads && !self.says_map(&leaf) {
            self.find(at, Problem::MapDiffers);
        }
        self.heads.push(leaf.stream_tag, leaf.stream_version, hash);
        if leaf.position.checked_add(1) != Some(event.position.0) {
            self.find(at, Problem::LeafPosition);
        }
        if leaf.recorded_ms < self.last_ms {
            self.find(at, Problem::TimeFalls);
        }
        self.last_ms = self.last_ms.max(leaf.recorded_ms);
        self.stream(event, &leaf);
        self.envelopes(event, &leaf.envelopes);
        tiles
    }

    /// Whether a leaf says what the map of the leaves before it is.
    fn says_map(&mut self, leaf: &Leaf) -> bool {
        let Ok(said) = Commitment::of_leaf(leaf) else { return false };
        let map = self.heads.map_at(said.covers_size);
        let is_same = map.is_some_and(|it| it.commitment() == said);
        self.report.maps = self.report.maps.saturating_add(1);
        is_same
    }

    /// Whether what a leaf says of the log's key or name, if it does, follows from the leaves before it, which
    /// are in the tree.
    fn says_lineage(&mut self, leaf: &Leaf) -> bool {
        let act = match Act::of_leaf(leaf.kind, &leaf.ext) {
            Ok(None) => return true,
            Ok(Some(act)) => act,
            Err(_) => return false,
        };
        let root_differs =
            matches!(&act, Act::Continuation(it) if it.kept.root != self.edge.root());
        self.lineage.follow(leaf.position, &act).is_ok() && !root_differs
    }

    fn stream(&mut self, event: &StoredEvent, leaf: &Leaf) {
        let at = Some(event.position);
        let tag = StreamTag(leaf.stream_tag);
        let revision = Revision(leaf.stream_version.saturating_add(1));
        if (event.stream_tag, event.revision) != (tag, revision) {
            self.find(at, Problem::RowDiffers);
        }
        let before = self.streams.insert(tag, StreamHead { tag, revision, last: event.position });
        if leaf.stream_version != before.map_or(0, |head| head.revision.0) {
            self.find(at, Problem::RevisionGap);
        }
        if leaf.prev_in_stream != before.map(|head| head.last.0.saturating_sub(1)) {
            self.find(at, Problem::PreviousLink);
        }
        if !leaf.kind.is_sealed() {
            self.controls.push(event.position);
        }
    }

    fn envelopes(&mut self, event: &StoredEvent, named: &[EnvelopeRef]) {
        for body in &event.envelopes {
            let count = match body {
                Some(_) => &mut self.report.envelopes,
                None => &mut self.report.removed_envelopes,
            };
            *count = count.saturating_add(1);
        }
        for problem in envelope_problems(event, named) {
            self.find(Some(event.position), problem);
        }
    }

    fn tile(&mut self, expected: &Tile, stored: Option<&Tile>) {
        let Tile { level, n, .. } = *expected;
        self.report.tiles = self.report.tiles.saturating_add(1);
        match stored {
            None => self.find(None, Problem::TileMissing { level, n }),
            Some(stored) if stored != expected => {
                self.find(None, Problem::TileDiffers { level, n });
            }
            Some(_) => (),
        }
    }

    fn head(&mut self, head: &Head, info: &LogInfo) {
        self.report.root = self.edge.root();
        if head.root != self.report.root {
            self.find(None, Problem::RootDiffers);
        }
        if head.last_ms != self.last_ms {
            self.find(None, Problem::LastTimeDiffers);
        }
        let key = self.lineage.key().unwrap_or(info.public_key);
        if self.lineage.origin() != info.origin || key != info.public_key {
            self.find(None, Problem::LineageEndsElsewhere);
        }
        match info.open(&head.checkpoint) {
            Err(_) => self.find(None, Problem::NoteUnsigned),
            Ok(signed) if signed.size != head.position.0 || signed.root != self.report.root => {
                self.find(None, Problem::NoteDiffers);
            }
            Ok(_) => (),
        }
    }
}

/// What the envelopes of an event, as far as they are present, have against what its leaf says of them.
fn envelope_problems<'a>(
    event: &'a StoredEvent,
    named: &'a [EnvelopeRef],
) -> impl Iterator<Item = Problem> + 'a {
    let counted = event.envelopes.len() == named.len();
    let differing = event.envelopes.iter().zip(named).enumerate().filter_map(|(index, it)| {
        let (Some(body), named) = it else { return None };
        let hash: Hash = Sha256::digest(body).into();
        let same = hash == named.ct_hash && usize::try_from(named.ct_len) == Ok(body.len());
        (!same).then_some(Problem::EnvelopeDiffers { index })
    });
    (!counted).then_some(Problem::EnvelopeCount).into_iter().chain(differing)
}

/// The first of them.
pub(crate) fn envelope_problem(event: &StoredEvent, named: &[EnvelopeRef]) -> Option<Problem> {
    envelope_problems(event, named).next()
}
