//! Whether the log of a bundle continues a checkpoint that the auditor kept: what finds a second history,
//! though the log's own key signed it.
//!
//! The proof is made from the bundle's tiles and checked against the two signed roots, so it rests on
//! nothing that only the bundle says.

use std::collections::HashMap;

use fokus_log::note::Checkpoint;
use fokus_log::proof::verify_consistency;
use fokus_log::proving::Plan;

use crate::block::Bundle;
use crate::report::{Findings, Step};
use crate::trust::Trust;

/// Compares the bundle's checkpoint with the note that was kept.
pub(crate) fn compare(
    bundle: &Bundle<'_>,
    now: &Checkpoint,
    trust: &Trust,
    kept: &str,
    found: &mut Findings,
) {
    let earlier = match trust.open(kept, &now.origin) {
        Ok(it) => it.checkpoint,
        Err(error) => {
            return found.of_all(Step::Kept, format!("the checkpoint kept earlier: {error}"));
        }
    };
    let sizes = (earlier.size, now.size);
    let Ok(plan) = Plan::consistency(sizes.0, sizes.1) else {
        let what = format!(
            "the bundle is of {} leaves, the checkpoint kept of {}: nothing here compares them",
            sizes.1, sizes.0
        );
        return found.incomplete(Step::Kept, what);
    };
    let tiles = plan.tiles().into_iter().map(|id| Some((id, bundle.hashes(id)?)));
    let tiles = tiles.collect::<Option<HashMap<_, _>>>();
    let Some(proof) = tiles.and_then(|it| plan.prove(|id| it.get(&id).map(Vec::as_slice)).ok())
    else {
        let what = "the bundle has not the tiles that compare it with the checkpoint kept";
        return found.incomplete(Step::Kept, what);
    };
    if verify_consistency(sizes.0, sizes.1, &proof, &earlier.root, &now.root).is_err() {
        let what = format!(
            "the log was forked: its state of {} leaves does not continue the one of {} that was kept, both \
             signed by its key",
            sizes.1, sizes.0
        );
        found.of_all(Step::Kept, what);
    }
    found.verified(
        Step::Kept,
        format!("{} leaves continue the {} that were kept", sizes.1, sizes.0),
    );
}
