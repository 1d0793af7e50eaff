//! What the log says of its own key and name: rotations, and by which leaf it continues another after a
//! loss. Each is signed by those who answer for it; whether they may, the auditor knows.

use fokus_bundle::manifest::Scope;
use fokus_log::empty_root;
use fokus_log::lineage::{Act, Continuation, Lineage};
use fokus_log::note::{Checkpoint, open_checkpoint, vkey};

use crate::block::{Bundle, Read};
use crate::kept::continues;
use crate::report::{Findings, Step};
use crate::trust::Witnessed;

/// The acts that were met, each with the index of its leaf.
#[derive(Debug, Default)]
pub(crate) struct Acts(Vec<(u64, Act)>);

impl Acts {
    /// Takes the next leaf.
    pub(crate) fn follow(&mut self, read: &Read, found: &mut Findings) {
        let Some(kind) = read.kind else { return };
        match Act::of_leaf(kind, &read.ext) {
            Ok(act) => self.0.extend(act.map(|act| (read.index, act))),
            Err(error) => found.at(Step::Lineage, read.index, error.to_string()),
        }
    }

    /// The leaf by which the log continues the one called `origin`.
    pub(crate) fn continuation_of(&self, origin: &str) -> Option<(u64, &Continuation)> {
        self.0.iter().find_map(|(index, act)| match act {
            Act::Continuation(it) if it.kept.origin == origin => Some((*index, it)),
            Act::Continuation(_) | Act::Rotation(_) => None,
        })
    }

    /// The acts fit together, and lead to the log as it is signed: of a part of the log each by itself.
    pub(crate) fn check(&self, bundle: &Bundle<'_>, now: &Witnessed, found: &mut Findings) {
        let (step, Checkpoint { origin, .. }) = (Step::Lineage, &now.checkpoint);
        let mut lineage = Lineage::of(origin);
        let is_whole = bundle.manifest.scope == Scope::Log;
        for (index, act) in &self.0 {
            if is_whole && let Err(error) = lineage.follow(*index, act) {
                found.at(step, *index, error.to_string());
            }
            if let Act::Continuation(it) = act
                && !kept_is_here(bundle, &it.kept, &now.checkpoint)
            {
                found.at(step, *index, "names another root than that over the leaves before it");
            }
        }
        if is_whole && lineage.origin() != origin {
            found.of_all(step, "the log has another name than its leaves say");
        }
        let signs = |key: [u8; 32]| open_checkpoint(&now.note, origin, &key).is_ok();
        if is_whole && !lineage.key().is_none_or(signs) {
            found.of_all(step, "the checkpoint is not signed by the key that the log says it has");
        }
        let said: Vec<String> = self.0.iter().map(|(index, act)| words(*index, act)).collect();
        let said = match said.as_slice() {
            [] if is_whole => "one key and one name from the first leaf on".to_owned(),
            [] => "nothing is said of key or name in this part".to_owned(),
            some => some.join("; "),
        };
        found.verified(step, said);
    }
}

/// Whether the tree begins with what was kept. A bundle of one family may not have the tiles that say so.
fn kept_is_here(bundle: &Bundle<'_>, kept: &Checkpoint, now: &Checkpoint) -> bool {
    match kept.size {
        0 => kept.root == empty_root(),
        _ => continues(bundle, kept, now).unwrap_or(bundle.family.is_some()),
    }
}

fn words(index: u64, act: &Act) -> String {
    match act {
        Act::Rotation(it) => {
            let (retired, new) = (vkey(&it.origin, &it.retired), vkey(&it.origin, &it.new));
            format!("key rotated at leaf {index}, from {retired} to {new}")
        }
        Act::Continuation(it) => {
            let Continuation { kept, known, officers: [one, other], reason, .. } = it;
            format!(
                "leaf {index} continues {}, of which {} leaves were kept and which is known to have had {} \
                 leaves, as {} and {} signed: {reason}",
                kept.origin, kept.size, known.0, one.name, other.name
            )
        }
    }
}
