//! One family, so that nothing of it can have been left out: every leaf of its streams, the tiles by which
//! they hang on the signed root, and the family's entries in the map of stream heads, which says how many
//! leaves there must be. From where the map ends, all leaves come along.
//!
//! The steps: follow the log to its end (only what was not followed before), put a map into it, find the
//! family's leaves, then block by block.

use std::collections::{BTreeSet, HashSet, VecDeque};
use std::sync::Arc;

use fokus_bundle::family::{FamilyHeads, ScopedStream, push_leaf};
use fokus_bundle::manifest::Scope;
use fokus_bundle::{HEADS, leaves_path};
use fokus_core::ids::StreamRef;
use fokus_log::leaf_hash;
use fokus_log::proving::{Plan, spine};
use fokus_log::tile::{TILE_WIDTH, TileId};
use fokus_store::{Head, Revision, StreamTag};

use super::files::{Files, corrupt};
use super::tree::add_tile;
use crate::failure::Failure;
use crate::journal::Journal;
use crate::read::bundle::{BlockQuery, Contents, TileQuery};
use crate::read::heads::{FollowQuery, MapAnswer, MapQuery, PlacesQuery};
use crate::session::Access;

/// Where the making of the bundle stands.
pub(super) struct FamilyWalk {
    streams: Vec<(StreamRef, StreamTag)>,
    tags: Arc<HashSet<StreamTag>>,
    state: State,
    /// Indexes of the leaves that are to come, those of the blocks done left out.
    places: BTreeSet<u64>,
    /// Blocks that are done, and tiles above them that are not.
    done: Vec<u64>,
    /// Leaves of a checkpoint that the log must be shown to continue; 0 = none.
    kept: u64,
}

enum State {
    Following,
    Mapping,
    Finding { at: usize, after: Revision },
    Blocks,
    Spine(VecDeque<TileId>),
}

/// What became of a step.
pub(super) enum Stepped {
    On,
    /// The map is in the log: what the bundle is of, and the log's head.
    Mapped(Scope, Head),
    Ended,
}

impl FamilyWalk {
    /// Of these streams, the family's first.
    pub(super) fn new(streams: Vec<(StreamRef, StreamTag)>, kept: u64) -> FamilyWalk {
        let tags = Arc::new(streams.iter().map(|(_, tag)| *tag).collect());
        let (places, done) = (BTreeSet::new(), Vec::new());
        FamilyWalk { streams, tags, state: State::Following, places, done, kept }
    }

    /// The position that is being worked on.
    pub(super) fn reached(&self) -> u64 {
        self.done.last().map_or(0, |n| n.saturating_add(1).saturating_mul(TILE_WIDTH as u64))
    }

    pub(super) async fn step(
        &mut self,
        journal: &Journal,
        access: &Access,
        head: &Head,
        files: &mut Files,
    ) -> Result<Stepped, Failure> {
        match &mut self.state {
            State::Following => {
                if journal.read(access, FollowQuery).await? {
                    self.state = State::Mapping;
                }
                Ok(Stepped::On)
            }
            State::Mapping => self.map(journal, access, files).await,
            State::Finding { at, after } => {
                let (at, after) = (*at, *after);
                self.find(journal, access, head, at, after).await
            }
            State::Blocks => match self.places.first() {
                Some(index) => {
                    let n = index / TILE_WIDTH as u64;
                    self.block(journal, access, head, files, n).await
                }
                None => {
                    self.state = State::Spine(self.tiles_left(head.position.0).into());
                    Ok(Stepped::On)
                }
            },
            State::Spine(tiles) => {
                let Some(id) = tiles.pop_front() else { return Ok(Stepped::Ended) };
                let query = TileQuery { id, size: head.position.0 };
                add_tile(files, id, &journal.read(access, query).await?);
                Ok(Stepped::On)
            }
        }
    }

    /// The tiles above the blocks, and those that lead from the checkpoint kept to the log of `size`.
    fn tiles_left(&self, size: u64) -> Vec<TileId> {
        let mut tiles = spine(self.done.iter().copied(), size);
        if let Ok(plan) = Plan::consistency(self.kept, size) {
            tiles.extend(plan.tiles());
        }
        tiles.retain(|it| it.level > 0 || !self.done.contains(&it.n));
        tiles.into_iter().collect()
    }

    /// Puts a map into the log, unless its end is one already, and writes down what it says.
    async fn map(
        &mut self,
        journal: &Journal,
        access: &Access,
        files: &mut Files,
    ) -> Result<Stepped, Failure> {
        let tags: Vec<StreamTag> = self.streams.iter().map(|(_, tag)| *tag).collect();
        let MapAnswer { covers, map, proved, head } =
            match journal.read(access, MapQuery { tags }).await? {
                Some(it) => it,
                // The log has grown too far meanwhile.
                None => {
                    self.state = State::Following;
                    return Ok(Stepped::On);
                }
            };
        let scoped = self.streams.iter().zip(&proved).map(|((stream, _), proved)| {
            let id = stream.id.hyphenated().to_string();
            ScopedStream::new(stream.kind.name(), &id, proved)
        });
        let heads = FamilyHeads { streams: scoped.collect() };
        let bytes = heads.to_bytes().map_err(|_| corrupt("stream heads cannot be written"))?;
        files.add(HEADS.to_owned(), bytes);
        self.places.extend(covers..head.position.0);
        self.state = State::Finding { at: 0, after: Revision(0) };
        Ok(Stepped::Mapped(Scope::Family { covers, map }, head))
    }

    /// Finds the next leaves of the stream `at`.
    async fn find(
        &mut self,
        journal: &Journal,
        access: &Access,
        head: &Head,
        at: usize,
        after: Revision,
    ) -> Result<Stepped, Failure> {
        let Some((stream, _)) = self.streams.get(at) else {
            self.state = State::Blocks;
            return Ok(Stepped::On);
        };
        let query = PlacesQuery { stream: *stream, after };
        let (places, next) = journal.read(access, query).await?;
        // What came after the head that the bundle is of is not in it.
        self.places.extend(places.into_iter().filter(|index| *index < head.position.0));
        self.state = match next {
            Some(after) => State::Finding { at, after },
            None => State::Finding { at: at + 1, after: Revision(0) },
        };
        Ok(Stepped::On)
    }

    /// Tile, leaves, envelopes and keys of one block.
    async fn block(
        &mut self,
        journal: &Journal,
        access: &Access,
        head: &Head,
        files: &mut Files,
        n: u64,
    ) -> Result<Stepped, Failure> {
        let contents = Some(Contents::OfStreams(Arc::clone(&self.tags)));
        let query = BlockQuery { n, size: head.position.0, contents };
        let block = journal.read(access, query).await?;
        let hashes: Vec<_> = block.events.iter().map(|it| leaf_hash(&it.leaf)).collect();
        add_tile(files, TileId { level: 0, n }, &hashes);
        let later = self.places.split_off(&n.saturating_add(1).saturating_mul(TILE_WIDTH as u64));
        let places = std::mem::replace(&mut self.places, later);
        let mut leaves = Vec::new();
        let mut sealed = Vec::new();
        let envelopes = block.envelopes.unwrap_or_default();
        for ((place, event), envelopes) in (0_u8..=u8::MAX).zip(&block.events).zip(&envelopes) {
            if !places.contains(&event.position.0.saturating_sub(1)) {
                continue;
            }
            if !push_leaf(&mut leaves, place, &event.leaf) {
                return Err(corrupt("a leaf is too long").into());
            }
            sealed.extend(envelopes);
        }
        files.add(leaves_path(n), leaves);
        files.envelopes(n, sealed.into_iter())?;
        self.done.push(n);
        Ok(Stepped::On)
    }
}
