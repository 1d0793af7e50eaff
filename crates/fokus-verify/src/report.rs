//! What a check came to: one line a step, and an exit code.

use std::collections::BTreeMap;

use fokus_bundle::manifest::Scope;
use serde::Serialize;

/// The steps, in their order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    /// Every file is there, and no other, with the listed length and hash.
    Files,
    /// The log's key signed list and checkpoint; witnesses cosigned as the policy asks.
    Signatures,
    /// The log continues a checkpoint that the auditor kept; only where one was given.
    Kept,
    /// Every tile and the root follow from the leaves.
    Tree,
    /// Every leaf has its place, streams are without gaps, time never falls, ids are unique.
    Leaves,
    /// The maps of stream heads say what the leaves say; nothing of a family's streams is left out.
    Heads,
    /// What the log says of its own key and name fits together, and is signed by those who answer for it.
    Lineage,
    /// Every envelope is the one that its leaf names.
    Envelopes,
    /// Every envelope opens with its key, and holds what its leaf commits to.
    Contents,
    /// Nothing is unreadable without a certificate, no key is from outside the scope.
    Keys,
}

impl Step {
    /// All, in their order, with their names in reports.
    pub const ALL: [(Step, &str); 10] = [
        (Step::Files, "files"),
        (Step::Signatures, "signatures"),
        (Step::Kept, "kept"),
        (Step::Tree, "tree"),
        (Step::Leaves, "leaves"),
        (Step::Heads, "heads"),
        (Step::Lineage, "lineage"),
        (Step::Envelopes, "envelopes"),
        (Step::Contents, "contents"),
        (Step::Keys, "keys"),
    ];
}

/// What one step came to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub enum Outcome {
    /// Verified; what was.
    Verified {
        /// In words.
        what: String,
    },
    /// Altered, or contradicting itself.
    Failed {
        /// How many findings; the first one is told.
        findings: u64,
        /// Zero-based index of the leaf, where there is one.
        #[serde(skip_serializing_if = "Option::is_none")]
        index: Option<u64>,
        /// The file, where there is one.
        #[serde(skip_serializing_if = "Option::is_none")]
        file: Option<String>,
        /// The rule that does not hold.
        what: String,
    },
    /// Nothing contradicts, but something that the auditor asks for is not there.
    Incomplete {
        /// What.
        what: String,
    },
    /// Not looked at, since an earlier step failed.
    Skipped,
}

/// One line of a report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Line {
    /// Which step.
    pub step: Step,
    /// What it came to.
    #[serde(flatten)]
    pub outcome: Outcome,
}

/// The report.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Report {
    /// One for each step.
    pub steps: Vec<Line>,
    /// What the bundle says it is; left out where that could not be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub summary: Option<Summary>,
    /// Leaves in a second, where that was measured.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub leaves_per_s: Option<u64>,
}

/// What was checked.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Summary {
    /// Name of the log.
    pub origin: String,
    /// Leaves of the log.
    pub size: u64,
    /// Which of them the bundle is of.
    pub scope: Scope,
    /// Kind and id of the stream, where it is one family's.
    pub family: Option<String>,
    /// Leaves in the bundle.
    pub leaves: u64,
    /// Streams that they belong to.
    pub streams: u64,
    /// Envelopes whose content belongs into the bundle.
    pub envelopes: u64,
    /// When the first and the last of them were recorded, Unix milliseconds.
    pub recorded_ms: Option<(u64, u64)>,
    /// Root of the tree, lower-case hex.
    pub root: String,
    /// Witnesses that cosigned.
    pub witnesses: Vec<String>,
    /// The policy asks for no witness: another history, signed by the same key, would not be seen.
    pub without_witnesses: bool,
}

/// What the steps came to so far.
#[derive(Debug, Default)]
pub(crate) struct Findings(BTreeMap<Step, Outcome>);

impl Findings {
    /// A finding that belongs to the leaf with this index.
    pub(crate) fn at(&mut self, step: Step, index: u64, what: impl Into<String>) {
        self.add(step, (Some(index), None), what.into());
    }

    /// One that belongs to a file.
    pub(crate) fn in_file(&mut self, step: Step, file: &str, what: impl Into<String>) {
        self.add(step, (None, Some(file.to_owned())), what.into());
    }

    /// One that belongs to the whole.
    pub(crate) fn of_all(&mut self, step: Step, what: impl Into<String>) {
        self.add(step, (None, None), what.into());
    }

    fn add(&mut self, step: Step, (index, file): (Option<u64>, Option<String>), what: String) {
        let outcome = self.0.entry(step).or_insert(Outcome::Skipped);
        if let Outcome::Failed { findings, .. } = outcome {
            *findings = findings.saturating_add(1);
        } else {
            *outcome = Outcome::Failed { findings: 1, index, file, what };
        }
    }

    /// Adds what was found later.
    pub(crate) fn merge(&mut self, later: Findings) {
        for (step, outcome) in later.0 {
            match (self.0.get_mut(&step), &outcome) {
                (
                    Some(Outcome::Failed { findings, .. }),
                    Outcome::Failed { findings: more, .. },
                ) => *findings = findings.saturating_add(*more),
                _ => drop(self.0.insert(step, outcome)),
            }
        }
    }

    /// Whether something was found.
    pub(crate) fn has_failed(&self, step: Step) -> bool {
        matches!(self.0.get(&step), Some(Outcome::Failed { .. }))
    }

    /// The step is done: what was verified, unless something was found.
    pub(crate) fn verified(&mut self, step: Step, what: impl Into<String>) {
        self.0.entry(step).or_insert(Outcome::Verified { what: what.into() });
    }

    /// The step is done: what is not there, unless something was found.
    pub(crate) fn incomplete(&mut self, step: Step, what: impl Into<String>) {
        self.0.entry(step).or_insert(Outcome::Incomplete { what: what.into() });
    }

    /// The report. Steps that were not done are skipped; a kept checkpoint need not have been given.
    pub(crate) fn report(mut self, summary: Option<Summary>) -> Report {
        let all = Step::ALL.iter().filter(|it| it.0 != Step::Kept || self.0.contains_key(&it.0));
        let steps: Vec<Step> = all.map(|it| it.0).collect();
        let line = |step| Line { step, outcome: self.0.remove(&step).unwrap_or(Outcome::Skipped) };
        Report { steps: steps.into_iter().map(line).collect(), summary, leaves_per_s: None }
    }
}

/// A text without what a terminal would obey: control characters become spaces, and so do the signs that
/// turn the direction of writing.
pub(crate) fn shown(text: &str) -> String {
    let steers = |c: char| {
        c.is_control()
            || matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    text.chars().map(|c| if steers(c) { ' ' } else { c }).collect()
}

impl Report {
    /// 0 verified; 1 altered or contradicting itself; 2 incomplete.
    #[must_use]
    pub fn exit_code(&self) -> u8 {
        let has = |is: fn(&Outcome) -> bool| self.steps.iter().any(|it| is(&it.outcome));
        if has(|it| matches!(it, Outcome::Failed { .. })) {
            1
        } else if has(|it| matches!(it, Outcome::Incomplete { .. } | Outcome::Skipped)) {
            2
        } else {
            0
        }
    }

    /// One line a step, and what it comes to.
    #[must_use]
    pub fn to_text(&self) -> String {
        let mut text = String::new();
        let mut line = |name: &str, word: &str, rest: &str| {
            text.push_str(&format!("{name:<11} {word:<10} {}\n", shown(rest)));
        };
        for Line { step, outcome } in &self.steps {
            let name = Step::ALL.iter().find(|it| it.0 == *step).map_or("", |it| it.1);
            match outcome {
                Outcome::Verified { what } => line(name, "verified", what),
                Outcome::Failed { findings, index, file, what } => {
                    let place = match (index, file) {
                        (Some(index), _) => format!("leaf {index}: "),
                        (None, Some(file)) => format!("{file}: "),
                        (None, None) => String::new(),
                    };
                    let more = match findings.saturating_sub(1) {
                        0 => String::new(),
                        more => format!(" (and {more} more)"),
                    };
                    line(name, "FAILED", &format!("{place}{what}{more}"));
                }
                Outcome::Incomplete { what } => line(name, "INCOMPLETE", what),
                Outcome::Skipped => line(name, "skipped", "an earlier step failed"),
            }
        }
        if let Some(summary) = &self.summary {
            line("scope", "", &summary.scope());
            if summary.without_witnesses {
                text.push_str(
                    "NO WITNESSES WERE ASKED FOR: a second history signed by the same key would not be seen.\n",
                );
            }
        }
        text.push_str(match self.exit_code() {
            0 => "VERIFIED\n",
            1 => "NOT VERIFIED\n",
            _ => "INCOMPLETE\n",
        });
        text
    }
}

impl Summary {
    /// What the bundle is of: whoever was given a part must not take it for the whole.
    fn scope(&self) -> String {
        match (self.scope, &self.family) {
            (Scope::Log, _) => format!("the whole log of {} leaves", self.size),
            (Scope::Period { first, last }, _) => {
                let last = last.min(self.size.saturating_sub(1));
                format!("leaves {first} to {last} of {}", self.size)
            }
            (Scope::Family { .. }, name) => {
                format!("{} in a log of {} leaves", name.as_deref().unwrap_or("?"), self.size)
            }
        }
    }
}
