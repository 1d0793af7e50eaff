#![doc = include_str!("../README.md")]

mod block;
mod contents;
mod family;
mod files;
pub mod history;
mod kept;
mod lineage;
mod parallel;
mod pass;
pub mod report;
mod streams;
mod tree;
pub mod trust;

use std::collections::HashSet;
use std::io;
use std::path::Path;

use fokus_bundle::manifest::{MANIFEST_BYTES_MAX, Manifest, Scope};
use fokus_bundle::{HEADS, KEYS, MANIFEST, MANIFEST_NOTE, log_path};
use fokus_log::note::MAX_NOTE_BYTES;
use fokus_log::tile::Resource;

use block::Bundle;
use contents::Opening;
use family::InScope;
use history::History;
use report::{Findings, Report, Step, Summary};
use trust::{Trust, Witnessed};

pub use files::read;

/// Told how many bytes more are read, and how many there are in all.
pub type Progress<'a> = dyn Fn(u64, u64) + Sync + 'a;

/// Whether contents are looked at.
#[expect(missing_debug_implementations, reason = "it holds the secret of an identity")]
pub enum Contents<'a> {
    /// Left sealed, as the auditor asked.
    Sealed,
    /// No identity was given: it is said that they were not looked at.
    NotGiven,
    /// Opened with this identity.
    Opened(&'a dyn age::Identity),
}

/// Checks the bundle in `folder`: with `kept` also whether its log continues that earlier checkpoint.
/// `history` collects the entries of one stream on the way.
///
/// # Errors
///
/// Only when the folder is no bundle at all: BUNDLE.json is not there. Whatever else is wrong is a
/// finding of the report.
pub fn verify(
    folder: &Path,
    trust: &Trust,
    contents: &Contents<'_>,
    kept: Option<&str>,
    history: Option<&mut History>,
    progress: &Progress<'_>,
) -> io::Result<Report> {
    let listed = files::read(&folder.join(MANIFEST), MANIFEST_BYTES_MAX)?;
    let mut found = Findings::default();
    let manifest = match Manifest::from_bytes(&listed) {
        Ok(it) => it,
        Err(error) => {
            found.in_file(Step::Files, MANIFEST, error.to_string());
            return Ok(found.report(None));
        }
    };
    let bytes = manifest.files.values().fold(0_u64, |sum, it| sum.saturating_add(it.size));
    let progress = |more| progress(more, bytes);
    let witnessed = signatures(folder, &manifest, &listed, trust, &mut found);
    let family = match manifest.scope {
        Scope::Log | Scope::Period { .. } => Ok(None),
        Scope::Family { covers, map } => InScope::read(folder, covers, map)
            .map(Some)
            .map_err(|what| found.in_file(Step::Heads, HEADS, what)),
    };
    let opens = matches!(contents, Contents::Opened(_));
    let in_scope = family.as_ref().ok().and_then(Option::as_ref);
    let bundle =
        Bundle { folder, manifest: &manifest, family: in_scope, opens, progress: &progress };
    // Without something signed to compare with, what follows would say nothing.
    let witnessed = witnessed.filter(|_| family.is_ok());
    let blocks = if witnessed.is_some() { pass::blocks(&manifest) } else { Vec::new() };
    let read_later: HashSet<String> = blocks.iter().flat_map(|n| bundle.files(*n)).collect();
    files::check(&bundle, &read_later, &mut found);
    let summary = witnessed.map(|witnessed| {
        let mut summary = summary(&bundle, &witnessed);
        let opening = match contents {
            Contents::Opened(identity) => Opening::new(bundle, *identity, history)
                .map_err(|what| found.in_file(Step::Keys, KEYS, what))
                .ok(),
            Contents::Sealed | Contents::NotGiven => None,
        };
        let is_open = opening.is_some();
        let root = &witnessed.checkpoint.root;
        let acts = pass::run(bundle, &blocks, root, opening, &mut summary, &mut found);
        acts.check(&bundle, &witnessed, &mut found);
        if let Some(kept) = kept {
            kept::compare((&bundle, &acts), &witnessed.checkpoint, trust, kept, &mut found);
        }
        let envelopes = summary.envelopes;
        let said = [
            (Step::Contents, " opened, as committed"),
            (Step::Keys, ", none missing, none beyond"),
        ];
        for (step, what) in said {
            match contents {
                Contents::NotGiven => found.incomplete(step, "no identity was given: not opened"),
                Contents::Sealed => found.verified(step, "left sealed, as asked"),
                Contents::Opened(_) if is_open => {
                    found.verified(step, format!("{envelopes}{what}"))
                }
                Contents::Opened(_) => {}
            }
        }
        summary
    });
    let what = format!("{} files, as BUNDLE.json lists them", manifest.files.len());
    found.verified(Step::Files, what);
    Ok(found.report(summary))
}

/// Of a bundle that nothing was read of.
fn summary(bundle: &Bundle<'_>, witnessed: &Witnessed) -> Summary {
    Summary {
        origin: bundle.manifest.origin.clone(),
        size: bundle.manifest.size,
        scope: bundle.manifest.scope,
        family: bundle.family.and_then(InScope::family).map(str::to_owned),
        root: hex::encode(witnessed.checkpoint.root),
        witnesses: witnessed.witnesses.keys().cloned().collect(),
        without_witnesses: witnessed.quorum_none,
        ..Summary::default()
    }
}

/// What list and checkpoint are signed with; `None` where not as the policy says.
fn signatures(
    folder: &Path,
    manifest: &Manifest,
    listed: &[u8],
    trust: &Trust,
    found: &mut Findings,
) -> Option<Witnessed> {
    let step = Step::Signatures;
    let note = |path: &str| {
        let bytes = files::read(&folder.join(path), MAX_NOTE_BYTES as u64).unwrap_or_default();
        String::from_utf8(bytes).unwrap_or_default()
    };
    let path = log_path(Resource::Checkpoint);
    let list = trust.open_text(&note(MANIFEST_NOTE), &manifest.origin).map(str::to_owned);
    let checkpoint = trust.open(&note(&path), &manifest.origin);
    match list {
        Ok(text) if text == Manifest::signed_text(&manifest.origin, listed) => {}
        Ok(_) => found.in_file(step, MANIFEST_NOTE, "signs another BUNDLE.json"),
        Err(error) => found.in_file(step, MANIFEST_NOTE, error.to_string()),
    }
    match checkpoint {
        Ok(it) if it.checkpoint.size != manifest.size => {
            found.in_file(step, &path, "is of another size than BUNDLE.json says");
            None
        }
        Ok(it) => {
            let cosigned = it.witnesses.len();
            if it.quorum_met {
                let what = format!("list and checkpoint of size {}", it.checkpoint.size);
                found.verified(step, what);
            } else {
                let what = format!("{cosigned} witnesses cosigned, fewer than the policy asks");
                found.incomplete(step, what);
            }
            Some(it).filter(|_| !found.has_failed(step))
        }
        Err(error) => {
            found.in_file(step, &path, error.to_string());
            None
        }
    }
}
