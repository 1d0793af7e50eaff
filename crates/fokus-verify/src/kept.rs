//! Whether the log of a bundle continues a checkpoint that the auditor kept: what finds a second history,
//! though the log's own key signed it.
//!
//! The proof is made from the bundle's tiles and checked against the two signed roots, so it rests on
//! nothing that only the bundle says.

use std::collections::HashMap;
use std::path::Path;

use fokus_bundle::manifest::{MANIFEST_BYTES_MAX, Manifest};
use fokus_bundle::{MANIFEST, log_path};
use fokus_log::Hash;
use fokus_log::note::{Checkpoint, MAX_NOTE_BYTES};
use fokus_log::proof::verify_consistency;
use fokus_log::proving::Plan;
use fokus_log::tile::{Resource, TILE_BYTES, TileId};

use crate::files;
use crate::report::{Findings, Line, Outcome, Report, Step};
use crate::trust::Trust;

/// Adds to a report of the bundle in `folder` whether it continues the note that was kept.
pub fn compare(report: &mut Report, folder: &Path, trust: &Trust, kept: &str) {
    let signed = |it: &Line| {
        it.step == Step::Signatures
            && matches!(it.outcome, Outcome::Verified { .. } | Outcome::Incomplete { .. })
    };
    let outcome = if report.steps.iter().any(signed) {
        outcome(folder, trust, kept)
    } else {
        Outcome::Skipped
    };
    let after = report.steps.iter().position(|it| it.step == Step::Signatures);
    let at = after.map_or(report.steps.len(), |it| it.saturating_add(1));
    report.steps.insert(at, Line { step: Step::Kept, outcome });
}

fn outcome(folder: &Path, trust: &Trust, kept: &str) -> Outcome {
    let mut findings = Findings::default();
    let Some((now, origin)) = signed_now(folder, trust) else { return Outcome::Skipped };
    let earlier = match trust.open(kept, &origin) {
        Ok(it) => it.checkpoint,
        Err(error) => {
            findings.of_all(format!("the checkpoint kept earlier: {error}"));
            return findings.outcome(String::new());
        }
    };
    if earlier.size == 0 {
        let what = "the checkpoint kept is of an empty log: everything continues that".to_owned();
        return Outcome::Incomplete { what };
    }
    if earlier.size > now.size {
        let what = format!(
            "the bundle is of {} leaves, the checkpoint kept of {}: nothing here compares them",
            now.size, earlier.size
        );
        return Outcome::Incomplete { what };
    }
    let Some(proof) = proof(folder, earlier.size, now.size) else {
        let what =
            "the bundle has not the tiles that compare it with the checkpoint kept".to_owned();
        return Outcome::Incomplete { what };
    };
    if verify_consistency(earlier.size, now.size, &proof, &earlier.root, &now.root).is_err() {
        findings.of_all(format!(
            "the log was forked: its state of {} leaves does not continue the one of {} that was kept, both \
             signed by its key",
            now.size, earlier.size
        ));
    }
    findings.outcome(format!("{} leaves continue the {} that were kept", now.size, earlier.size))
}

/// The bundle's checkpoint, and the name of its log.
fn signed_now(folder: &Path, trust: &Trust) -> Option<(Checkpoint, String)> {
    let listed = files::read(&folder.join(MANIFEST), MANIFEST_BYTES_MAX).ok()?;
    let origin = Manifest::from_bytes(&listed).ok()?.origin;
    let path = folder.join(log_path(Resource::Checkpoint));
    let note = String::from_utf8(files::read(&path, MAX_NOTE_BYTES as u64).ok()?).ok()?;
    Some((trust.open(&note, &origin).ok()?.checkpoint, origin))
}

/// The consistency proof, from the bundle's tiles; `None` where one is not there.
fn proof(folder: &Path, earlier: u64, size: u64) -> Option<Vec<Hash>> {
    let plan = Plan::consistency(earlier, size).ok()?;
    let mut tiles: HashMap<TileId, Vec<Hash>> = HashMap::new();
    for id in plan.tiles() {
        let path = log_path(Resource::Tile { id, width: id.width_in(size) });
        let bytes = files::read(&folder.join(path), TILE_BYTES as u64).ok()?;
        let (hashes, []) = bytes.as_chunks() else { return None };
        tiles.insert(id, hashes.to_vec());
    }
    plan.prove(|id| tiles.get(&id).map(Vec::as_slice)).ok()
}
