//! The way through the log, once, from the first leaf to the last.
//!
//! Blocks are read on all cores; what spans blocks (the tree, streams, keys) is followed here, in order,
//! while the next ones are read. In memory are a few blocks, 16 bytes for each leaf (its id), and about 100
//! bytes for each stream.

use std::collections::BTreeSet;

use fokus_bundle::manifest::{Manifest, Scope};
use fokus_bundle::{envelopes_path, leaves_number};
use fokus_log::Hash;
use fokus_log::tile::TILE_WIDTH;

use crate::block::{Bundle, ENVELOPES_BYTES_MAX, Read};
use crate::contents::Opening;
use crate::lineage::Acts;
use crate::parallel;
use crate::report::{Findings, Step, Summary};
use crate::streams::Streams;
use crate::tree::Tree;

/// Blocks that are read at a time, where their envelopes are small.
const BLOCKS_AT_ONCE: usize = 128;

/// The way through the log.
struct Pass<'a> {
    bundle: Bundle<'a>,
    streams: Streams,
    /// Leaves after those that a family's map covers.
    later: u64,
    event_ids: Vec<u128>,
    unknown_kinds: u64,
    acts: Acts,
    summary: &'a mut Summary,
}

/// The numbers of the blocks that a bundle has.
pub(crate) fn blocks(manifest: &Manifest) -> Vec<u64> {
    match manifest.scope {
        Scope::Log | Scope::Period { .. } => {
            (0..manifest.size.div_ceil(TILE_WIDTH as u64)).collect()
        }
        // A family's are those that it has leaves of. Paths do not sort as their numbers do.
        Scope::Family { .. } => {
            let numbers = manifest.files.keys().filter_map(|it| leaves_number(it));
            numbers.collect::<BTreeSet<u64>>().into_iter().collect()
        }
    }
}

/// The blocks in runs whose envelopes fit into memory together.
fn runs<'a>(manifest: &Manifest, blocks: &'a [u64]) -> Vec<&'a [u64]> {
    let size_of = |n: &u64| manifest.files.get(&envelopes_path(*n)).map_or(0, |it| it.size);
    let (mut count, mut bytes) = (1, blocks.first().map_or(0, size_of));
    let fits = |_: &u64, next: &u64| {
        let own = size_of(next);
        (count, bytes) = (count + 1, bytes.saturating_add(own));
        let fits = count <= BLOCKS_AT_ONCE && bytes <= ENVELOPES_BYTES_MAX;
        if !fits {
            (count, bytes) = (1, own);
        }
        fits
    };
    blocks.chunk_by(fits).collect()
}

/// Goes through the blocks, and compares the log with the signed root. Adds to the summary what there was;
/// gives what the log said of itself.
pub(crate) fn run(
    bundle: Bundle<'_>,
    blocks: &[u64],
    root: &Hash,
    mut opening: Option<Opening<'_>>,
    summary: &mut Summary,
    found: &mut Findings,
) -> Acts {
    let size = bundle.manifest.size;
    let mut pass = Pass {
        bundle,
        streams: Streams::of(bundle.manifest.scope, size),
        later: 0,
        event_ids: Vec::new(),
        unknown_kinds: 0,
        acts: Acts::default(),
        summary,
    };
    let mut tree = Tree::default();
    for run in runs(bundle.manifest, blocks) {
        parallel::in_order(
            run,
            |n| bundle.block(*n),
            |n, mut block| {
                found.merge(std::mem::take(&mut block.found));
                tree.follow(*n, &block);
                pass.summary.envelopes += block.envelopes;
                block.leaves.iter().for_each(|it| pass.follow(it, found));
                if let Some(opening) = &mut opening {
                    opening.follow(&block, found);
                }
            },
        );
    }
    tree.check(&bundle, root, found);
    // Indexes ascend, so as many as there can be are all, and the map is one of them.
    if bundle.family.is_some_and(|it| size.checked_sub(it.covers) != Some(pass.later)) {
        found.of_all(Step::Heads, "a leaf after what the map covers is missing");
    }
    if let Some(opening) = &mut opening {
        opening.end(found);
    }
    pass.end(found)
}

impl Pass<'_> {
    /// The place of a leaf among all others.
    fn follow(&mut self, read: &Read, found: &mut Findings) {
        let Read { index, head, .. } = read;
        self.summary.leaves += 1;
        self.event_ids.push(u128::from_be_bytes(head.event_id));
        self.unknown_kinds += u64::from(read.kind.is_none());
        if head.position != *index {
            found.at(Step::Leaves, *index, "says that it stands elsewhere");
        }
        let (first, last) =
            self.summary.recorded_ms.unwrap_or((head.recorded_ms, head.recorded_ms));
        if head.recorded_ms < last {
            found.at(Step::Leaves, *index, "was recorded before the one before it");
        }
        self.summary.recorded_ms = Some((first, head.recorded_ms.max(last)));
        if let Some(scope) = self.bundle.family {
            self.later += u64::from(scope.follow(read, &self.streams.heads, found));
        }
        self.acts.follow(read, found);
        let is_whole = self.bundle.family.is_some_and(|it| it.holds(&head.stream_tag));
        self.streams.follow(read, is_whole, found);
    }

    /// Looks at what all leaves come to, and says what was verified.
    fn end(mut self, found: &mut Findings) -> Acts {
        self.event_ids.sort_unstable();
        if !self.event_ids.is_sorted_by(|one, other| one < other) {
            found.of_all(Step::Leaves, "two leaves have one event id");
        }
        self.summary.streams = self.streams.heads.streams() as u64;
        let Summary { leaves, streams, envelopes, size, .. } = *self.summary;
        match self.bundle.family {
            Some(scope) => {
                let what = format!("{leaves} leaves under the root over {size}");
                found.verified(Step::Tree, what);
                let (streams, covers) = (scope.streams(), scope.covers);
                let what = format!(
                    "{streams} streams, whole up to leaf {covers} by the map, and beyond it"
                );
                found.verified(Step::Heads, what);
            }
            None => found.verified(Step::Tree, format!("root over {size} leaves, every tile")),
        }
        match self.streams.maps {
            Some(maps) => {
                found.verified(Step::Heads, format!("{maps} maps, made anew from the leaves"))
            }
            None => found.verified(Step::Heads, "no map of a part can be made"),
        }
        match self.unknown_kinds {
            0 => found.verified(Step::Leaves, format!("{leaves} in {streams} streams")),
            some => found.incomplete(Step::Leaves, format!("{some} of kinds not known here")),
        }
        found.verified(Step::Envelopes, format!("{envelopes}, each its leaf's"));
        self.acts
    }
}
