//! Whether the log of a bundle continues a checkpoint that the auditor kept: what finds a second history,
//! though the log's own key signed it.
//!
//! The proof is made from the bundle's tiles and checked against the two signed roots, so it rests on
//! nothing that only the bundle says.

use std::collections::HashMap;

use fokus_log::lineage::generation;
use fokus_log::note::{Checkpoint, unverified_checkpoint};
use fokus_log::proof::verify_consistency;
use fokus_log::proving::Plan;

use crate::block::Bundle;
use crate::lineage::Acts;
use crate::report::{Findings, Step};
use crate::trust::Trust;

/// Compares the bundle's checkpoint with the note that was kept: of this log, or of one that it continues.
pub(crate) fn compare(
    (bundle, acts): (&Bundle<'_>, &Acts),
    now: &Checkpoint,
    trust: &Trust,
    kept: &str,
    found: &mut Findings,
) {
    let claimed = unverified_checkpoint(kept).map(|it| it.origin).unwrap_or_default();
    let (first, number) = generation(&claimed);
    let is_kin = first == generation(&now.origin).0;
    let earlier = match trust.open(kept, if is_kin { &claimed } else { &now.origin }) {
        Ok(it) => it.checkpoint,
        Err(error) => {
            return found.of_all(Step::Kept, format!("the checkpoint kept earlier: {error}"));
        }
    };
    if number > generation(&now.origin).1 {
        let what = format!("the log was given up: {claimed} continues it, as was kept");
        return found.of_all(Step::Kept, what);
    }
    if earlier.origin != now.origin {
        let lost = match acts.continuation_of(&earlier.origin) {
            None => {
                Some(format!("the bundle has not the leaf by which the log continues {claimed}"))
            }
            Some((index, said)) if earlier.size > said.kept.size => Some(format!(
                "of the {} leaves of {claimed} that were kept, those from {} on were lost, as leaf {index} says",
                earlier.size, said.kept.size
            )),
            Some(_) => None,
        };
        if let Some(what) = lost {
            return found.incomplete(Step::Kept, what);
        }
    }
    let (before, size) = (earlier.size, now.size);
    match continues(bundle, &earlier, now) {
        Some(true) => {
            let what = format!("{size} leaves continue the {before} that were kept");
            found.verified(Step::Kept, what);
        }
        Some(false) => {
            let what = format!(
                "the log was forked: its state of {size} leaves does not continue the one of {before} that was \
                 kept, both signed by its key"
            );
            found.of_all(Step::Kept, what);
        }
        None if (1..=size).contains(&before) => {
            let what = "the bundle has not the tiles that compare it with the checkpoint kept";
            found.incomplete(Step::Kept, what);
        }
        None => {
            let what = format!(
                "the bundle is of {size} leaves, the checkpoint kept of {before}: nothing here compares them"
            );
            found.incomplete(Step::Kept, what);
        }
    }
}

/// Whether the log continues the earlier state; `None` where the bundle has not the tiles that say so.
pub(crate) fn continues(
    bundle: &Bundle<'_>,
    earlier: &Checkpoint,
    now: &Checkpoint,
) -> Option<bool> {
    let plan = Plan::consistency(earlier.size, now.size).ok()?;
    let tiles = plan.tiles().into_iter().map(|id| Some((id, bundle.hashes(id)?)));
    let tiles = tiles.collect::<Option<HashMap<_, _>>>()?;
    let proof = plan.prove(|id| tiles.get(&id).map(Vec::as_slice)).ok()?;
    let verified = verify_consistency(earlier.size, now.size, &proof, &earlier.root, &now.root);
    Some(verified.is_ok())
}
