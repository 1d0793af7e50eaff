//! Where each stream stands on the way through the leaves: without gaps, each leaf after the one that it
//! names; and what the maps of stream heads in the log must say.

use fokus_bundle::manifest::Scope;
use fokus_log::heads::{Commitment, Head, Heads};
use fokus_log::leaf::LeafKind;
use fokus_log::tile::TILE_WIDTH;

use crate::block::Read;
use crate::report::{Findings, Step};

/// Where streams stand.
#[derive(Debug)]
pub(crate) struct Streams {
    pub(crate) heads: Heads,
    /// Maps that were made anew; `None` where not all leaves are here that they are made of.
    pub(crate) maps: Option<u64>,
    /// Index of the first leaf from which on all are here.
    begin: u64,
}

impl Streams {
    /// None was seen yet.
    pub(crate) fn of(scope: Scope, size: u64) -> Streams {
        let begin = match scope {
            Scope::Log => 0,
            Scope::Family { covers, .. } => covers,
            Scope::Period { .. } => {
                let (first, _) = scope.bundles(size).unwrap_or_default();
                first.saturating_mul(TILE_WIDTH as u64)
            }
        };
        Streams { heads: Heads::new(), maps: matches!(scope, Scope::Log).then_some(0), begin }
    }

    /// Takes the next leaf. Of a stream that `is_whole` the first leaf must be here.
    pub(crate) fn follow(&mut self, read: &Read, is_whole: bool, found: &mut Findings) {
        let Read { index, hash, head, .. } = read;
        if read.kind == Some(LeafKind::StreamHeads)
            && let Some(maps) = &mut self.maps
        {
            *maps = maps.saturating_add(1);
            check_map(&self.heads, read, found);
        }
        let now = Head { version: head.stream_version, index: *index, leaf_hash: *hash };
        let is_next = match self.heads.push_at(head.stream_tag, now) {
            Some(before) => {
                Some(head.stream_version) == before.version.checked_add(1)
                    && head.prev_in_stream == Some(before.index)
            }
            None => {
                let begin = if is_whole { 0 } else { self.begin };
                head.prev_in_stream.is_none_or(|it| it < begin)
            }
        };
        if !is_next {
            found.at(Step::Leaves, *index, "is not the next of its stream");
        }
    }
}

/// The map says what the leaves before it say.
fn check_map(heads: &Heads, read: &Read, found: &mut Findings) {
    match Commitment::read(LeafKind::StreamHeads, read.index, &read.ext) {
        Ok(said) if heads.map_at(said.covers_size).map(|it| it.commitment()) == Some(said) => {}
        Ok(_) => {
            let what = "the map of stream heads is not that of the leaves";
            found.at(Step::Heads, read.index, what);
        }
        Err(error) => found.at(Step::Heads, read.index, error.to_string()),
    }
}
