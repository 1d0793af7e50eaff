//! Where each stream stands on the way through the leaves: without gaps, each leaf after the one that it
//! names; and what the maps of stream heads in the log must say.

use std::collections::HashMap;

use fokus_bundle::manifest::Scope;
use fokus_log::Hash;
use fokus_log::heads::{Commitment, Heads, Tag};
use fokus_log::leaf::{Leaf, LeafKind};
use fokus_log::tile::TILE_WIDTH;

use crate::report::Findings;

/// Where streams stand.
#[derive(Debug)]
pub(crate) enum Streams {
    /// Of the whole log, so that maps can be made anew.
    All { heads: Heads, maps: u64 },
    /// From `begin` on, in whose middle streams stand already.
    From { begin: u64, at: HashMap<Tag, (u64, u64)> },
}

impl Streams {
    /// None was seen yet.
    pub(crate) fn of(scope: Scope, size: u64) -> Streams {
        let begin = match scope {
            Scope::Log => return Streams::All { heads: Heads::new(), maps: 0 },
            Scope::Family { covers, .. } => covers,
            Scope::Period { .. } => {
                let (first, _) = scope.bundles(size).unwrap_or_default();
                first.saturating_mul(TILE_WIDTH as u64)
            }
        };
        Streams::From { begin, at: HashMap::new() }
    }

    /// How many streams were seen.
    pub(crate) fn count(&self) -> u64 {
        match self {
            Streams::All { heads, .. } => heads.streams() as u64,
            Streams::From { at, .. } => at.len() as u64,
        }
    }

    /// Maps that were made anew.
    pub(crate) fn maps(&self) -> u64 {
        match self {
            Streams::All { maps, .. } => *maps,
            Streams::From { .. } => 0,
        }
    }

    /// Takes the next leaf; whether it is the next of its stream. Of a stream that `is_whole` the first leaf
    /// must be here.
    pub(crate) fn follow(
        &mut self,
        index: u64,
        leaf: &Leaf,
        hash: Hash,
        is_whole: bool,
        of_heads: &mut Findings,
    ) -> bool {
        let (before, begin) = match self {
            Streams::All { heads, maps } => {
                if leaf.kind == LeafKind::StreamHeads {
                    *maps = maps.saturating_add(1);
                    check_map(heads, index, leaf, of_heads);
                }
                let before = heads.push(leaf.stream_tag, leaf.stream_version, hash);
                (before.map(|it| (it.version, it.index)), 0)
            }
            Streams::From { begin, at } => {
                let before = at.insert(leaf.stream_tag, (leaf.stream_version, index));
                (before, if is_whole { 0 } else { *begin })
            }
        };
        match before {
            Some((version, place)) => {
                leaf.stream_version == version.saturating_add(1)
                    && leaf.prev_in_stream == Some(place)
            }
            None => leaf.prev_in_stream.is_none_or(|it| it < begin),
        }
    }
}

/// The map says what the leaves before it say.
fn check_map(heads: &Heads, index: u64, leaf: &Leaf, of_heads: &mut Findings) {
    match Commitment::of_leaf(leaf) {
        Ok(said) if heads.map_at(said.covers_size).map(|it| it.commitment()) == Some(said) => {}
        Ok(_) => of_heads.at(index, "the map of stream heads is not that of the leaves"),
        Err(error) => of_heads.at(index, error.to_string()),
    }
}
