//! What a check came to: one line a step, and an exit code.

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
    /// Every envelope is the one that its leaf names.
    Envelopes,
    /// Every envelope opens with its key, and holds what its leaf commits to.
    Contents,
    /// Nothing is unreadable without a certificate, no key is from outside the scope.
    Keys,
}

impl Step {
    /// All that every bundle is put to, in their order.
    pub const ALL: [Step; 8] = [
        Step::Files,
        Step::Signatures,
        Step::Tree,
        Step::Leaves,
        Step::Heads,
        Step::Envelopes,
        Step::Contents,
        Step::Keys,
    ];

    /// The step's name in reports.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Step::Files => "files",
            Step::Signatures => "signatures",
            Step::Kept => "kept",
            Step::Tree => "tree",
            Step::Leaves => "leaves",
            Step::Heads => "heads",
            Step::Envelopes => "envelopes",
            Step::Contents => "contents",
            Step::Keys => "keys",
        }
    }
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
}

/// What was checked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Summary {
    /// Name of the log.
    pub origin: String,
    /// Leaves of the log.
    pub size: u64,
    /// Leaves in the bundle.
    pub leaves: u64,
    /// Streams that they belong to.
    pub streams: u64,
    /// When the first and the last of them were recorded, Unix milliseconds.
    pub recorded_ms: Option<(u64, u64)>,
    /// Root of the tree, lower-case hex.
    pub root: String,
    /// Witnesses that cosigned.
    pub witnesses: Vec<String>,
    /// The policy asks for no witness: another history, signed by the same key, would not be seen.
    pub without_witnesses: bool,
}

/// Findings of one step.
#[derive(Debug, Default)]
pub(crate) struct Findings {
    count: u64,
    first: Option<(Option<u64>, Option<String>, String)>,
}

impl Findings {
    /// One that belongs to the leaf with this index.
    pub(crate) fn at(&mut self, index: u64, what: impl Into<String>) {
        self.add(Some(index), None, what.into());
    }

    /// One that belongs to a file.
    pub(crate) fn in_file(&mut self, file: &str, what: impl Into<String>) {
        self.add(None, Some(file.to_owned()), what.into());
    }

    /// One that belongs to the whole.
    pub(crate) fn of_all(&mut self, what: impl Into<String>) {
        self.add(None, None, what.into());
    }

    fn add(&mut self, index: Option<u64>, file: Option<String>, what: String) {
        self.count = self.count.saturating_add(1);
        self.first.get_or_insert((index, file, what));
    }

    /// Whether there are none.
    pub(crate) fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// The step's outcome; `verified` where there are no findings.
    pub(crate) fn outcome(self, verified: String) -> Outcome {
        match self.first {
            None => Outcome::Verified { what: verified },
            Some((index, file, what)) => {
                Outcome::Failed { findings: self.count, index, file, what }
            }
        }
    }
}

/// A text without what a terminal would obey: control characters become spaces, and so do the signs that
/// turn the direction of writing.
pub(crate) fn shown(text: &str) -> String {
    let steers =
        |c: char| c.is_control() || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
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
        for line in &self.steps {
            let (word, rest) = match &line.outcome {
                Outcome::Verified { what } => ("verified", what.clone()),
                Outcome::Failed { findings, index, file, what } => {
                    let place = match (index, file) {
                        (Some(index), _) => format!("leaf {index}: "),
                        (None, Some(file)) => format!("{file}: "),
                        (None, None) => String::new(),
                    };
                    let more = match findings {
                        0 | 1 => String::new(),
                        many => format!(" (and {} more)", many - 1),
                    };
                    ("FAILED", format!("{place}{what}{more}"))
                }
                Outcome::Incomplete { what } => ("INCOMPLETE", what.clone()),
                Outcome::Skipped => ("skipped", "an earlier step failed".to_owned()),
            };
            let rest = shown(&rest);
            text.push_str(&format!("{:<11} {word:<10} {rest}\n", line.step.name()));
        }
        if self.summary.as_ref().is_some_and(|it| it.without_witnesses) {
            text.push_str(
                "NO WITNESSES WERE ASKED FOR: a second history signed by the same key would not be seen.\n",
            );
        }
        text.push_str(match self.exit_code() {
            0 => "VERIFIED\n",
            1 => "NOT VERIFIED\n",
            _ => "INCOMPLETE\n",
        });
        text
    }
}
