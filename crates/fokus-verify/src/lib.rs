#![doc = include_str!("../README.md")]

mod block;
mod family;
mod files;
pub mod history;
pub mod kept;
mod parallel;
mod pass;
pub mod report;
mod streams;
mod tree;
pub mod trust;

use std::io;
use std::path::Path;

use fokus_bundle::manifest::{MANIFEST_BYTES_MAX, Manifest, Scope};
use fokus_bundle::{HEADS, KEYS, MANIFEST, MANIFEST_NOTE, log_path};
use fokus_log::note::MAX_NOTE_BYTES;
use fokus_log::tile::Resource;

use block::Bundle;
use family::InScope;
use history::History;
use pass::{Keys, Pass};
use report::{Findings, Line, Outcome, Report, Step, Summary};
use trust::{Trust, Witnessed};

/// Told of the work, so that somebody can show how far it is.
pub type Progress<'a> = dyn Fn(Work) + Sync + 'a;

/// Work, in bytes of files and leaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Work {
    /// So much there is, as BUNDLE.json says.
    All(u64),
    /// So much more is done.
    Done(u64),
}

/// Whether contents are looked at.
pub enum Contents<'a> {
    /// Left sealed, as the auditor asked.
    Sealed,
    /// No identity was given: it is said that they were not looked at.
    NotGiven,
    /// Opened with this identity.
    Opened(&'a dyn age::Identity),
}

impl std::fmt::Debug for Contents<'_> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(match self {
            Contents::Sealed => "Sealed",
            Contents::NotGiven => "NotGiven",
            Contents::Opened(_) => "Opened(redacted)",
        })
    }
}

/// Checks the bundle in `folder`. `history` collects the entries of one stream on the way.
///
/// # Errors
///
/// Only when the folder is no bundle at all: BUNDLE.json is not there. Whatever else is wrong is a
/// finding of the report.
pub fn verify(
    folder: &Path,
    trust: &Trust,
    contents: &Contents<'_>,
    history: Option<&mut History>,
    progress: &Progress<'_>,
) -> io::Result<Report> {
    let listed = files::read(&folder.join(MANIFEST), MANIFEST_BYTES_MAX)?;
    let manifest = match Manifest::from_bytes(&listed) {
        Ok(it) => it,
        Err(error) => {
            let mut findings = Findings::default();
            findings.in_file(MANIFEST, error.to_string());
            let mut report = Report::default();
            report.push(Step::Files, findings.outcome(String::new()));
            report.skip_rest();
            return Ok(report);
        }
    };
    let mut report = Report::default();
    let bytes = manifest.files.values().fold(0_u64, |sum, it| sum.saturating_add(it.size));
    progress(Work::All(bytes.saturating_add(manifest.size)));
    let findings = files::check(folder, &manifest, progress);
    let files_are_good = findings.is_empty();
    let verified = format!("{} files, as BUNDLE.json lists them", manifest.files.len());
    report.push(Step::Files, findings.outcome(verified));
    let (outcome, witnessed) = signatures(folder, &manifest, &listed, trust);
    report.push(Step::Signatures, outcome);
    // Without sound files, or something signed to compare with, what follows says nothing.
    let Some(witnessed) = witnessed.filter(|_| files_are_good) else {
        report.skip_rest();
        return Ok(report);
    };
    let family = match manifest.scope {
        Scope::Log | Scope::Period { .. } => None,
        Scope::Family { covers, map } => match InScope::read(folder, covers, map) {
            Ok(it) => Some(it),
            Err(what) => {
                let mut findings = Findings::default();
                findings.in_file(HEADS, what);
                report.push(Step::Heads, findings.outcome(String::new()));
                report.skip_rest();
                return Ok(report);
            }
        },
    };
    let keys = match contents {
        Contents::Opened(identity) => Keys::open(&folder.join(KEYS), *identity),
        Contents::Sealed => Ok(Keys::Sealed),
        Contents::NotGiven => Ok(Keys::NotGiven),
    };
    let opens = matches!(contents, Contents::Opened(_));
    let bundle = Bundle { folder, manifest: &manifest, family: family.as_ref(), opens };
    let pass = Pass::new(bundle, keys, progress);
    let passed = pass.run(&witnessed.checkpoint, history);
    for (step, outcome) in passed.outcomes {
        report.push(step, outcome);
    }
    report.summary = Some(Summary {
        origin: manifest.origin.clone(),
        size: manifest.size,
        leaves: passed.leaves,
        streams: passed.streams,
        recorded_ms: passed.recorded_ms,
        root: hex::encode(witnessed.checkpoint.root),
        witnesses: witnessed.witnesses.into_keys().collect(),
        without_witnesses: witnessed.quorum_none,
    });
    Ok(report)
}

impl Report {
    fn push(&mut self, step: Step, outcome: Outcome) {
        self.steps.push(Line { step, outcome });
    }

    /// The steps that have no outcome were not looked at.
    fn skip_rest(&mut self) {
        for step in Step::ALL {
            if self.steps.iter().all(|it| it.step != step) {
                self.push(step, Outcome::Skipped);
            }
        }
        self.steps.sort_by_key(|it| it.step);
    }
}

/// What list and checkpoint are signed with.
fn signatures(
    folder: &Path,
    manifest: &Manifest,
    listed: &[u8],
    trust: &Trust,
) -> (Outcome, Option<Witnessed>) {
    let mut findings = Findings::default();
    let note = |path: &str| {
        let bytes = files::read(&folder.join(path), MAX_NOTE_BYTES as u64).ok()?;
        String::from_utf8(bytes).ok()
    };
    let list_note = note(MANIFEST_NOTE).unwrap_or_default();
    match trust.open_text(&list_note, &manifest.origin) {
        Ok(text) if text == Manifest::signed_text(&manifest.origin, listed) => {}
        Ok(_) => findings.in_file(MANIFEST_NOTE, "signs another BUNDLE.json"),
        Err(error) => findings.in_file(MANIFEST_NOTE, error.to_string()),
    }
    let path = log_path(Resource::Checkpoint);
    let witnessed = match trust.open(&note(&path).unwrap_or_default(), &manifest.origin) {
        Ok(it) => Some(it),
        Err(error) => {
            findings.in_file(&path, error.to_string());
            None
        }
    };
    if witnessed.as_ref().is_some_and(|it| it.checkpoint.size != manifest.size) {
        findings.in_file(&path, "is of another size than BUNDLE.json says");
    }
    match witnessed {
        Some(it) if findings.is_empty() && !it.quorum_met => {
            let what =
                format!("{} witnesses cosigned, fewer than the policy asks", it.witnesses.len());
            (Outcome::Incomplete { what }, Some(it))
        }
        Some(it) if findings.is_empty() => {
            let what = format!("list and checkpoint of size {}", it.checkpoint.size);
            (findings.outcome(what), Some(it))
        }
        _ => (findings.outcome(String::new()), None),
    }
}
