//! The one module that writes to the terminal: data to standard output, all else to standard error.
//!
//! In a pipe there is no progress bar; colours there are none. A reader that has had enough ends the
//! program quietly.

use std::io::{self, IsTerminal, Write};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use prost::Name;

use crate::failure::{Failure, Refusal};
use crate::render::Screen;
use fokus_words::labels::plain;
use fokus_words::{Language, Words};

/// Where everything that a verb says goes.
#[derive(Debug)]
pub(crate) struct Output {
    /// Whether data are printed as JSON.
    pub(crate) json: bool,
    /// What people read: their language, and the columns of a line.
    pub(crate) screen: Screen,
    progress: ProgressBar,
}

/// Whether a terminal shows what goes to standard error; colours are for it only.
pub(crate) fn is_watched() -> bool {
    io::stderr().is_terminal()
}

impl Output {
    /// An output in JSON or for people. Without a width given, the terminal's is taken if there is one.
    pub(crate) fn new(json: bool, width: Option<u16>, language: Language) -> Output {
        let width = width.or_else(|| {
            io::stdout().is_terminal().then(|| comfy_table::Table::new().width()).flatten()
        });
        Output { json, screen: Screen::new(language, width), progress: ProgressBar::hidden() }
    }

    /// The words of the reader's language.
    pub(crate) fn words(&self) -> Words {
        self.screen.words
    }

    /// Prints data: whole lines, the last line end added.
    ///
    /// # Errors
    ///
    /// [`Failure::OutputClosed`] when nobody reads any more.
    pub(crate) fn data(&mut self, text: &str) -> Result<(), Failure> {
        self.progress
            .suspend(|| {
                let mut out = io::stdout().lock();
                out.write_all(text.as_bytes())?;
                if !text.ends_with('\n') {
                    out.write_all(b"\n")?;
                }
                out.flush()
            })
            .map_err(|error| Failure::of_output(&error))
    }

    /// Prints a message as one line of JSON, in the JSON form of its proto file.
    ///
    /// # Errors
    ///
    /// As [`Output::data`].
    pub(crate) fn message(&mut self, message: &impl Name) -> Result<(), Failure> {
        let value = fokus_proto::to_json(message);
        self.data(&value.to_string())
    }

    /// Says something about the work, on standard error, on one line. That it cannot be said hinders nothing.
    pub(crate) fn note(&mut self, text: &str) {
        let text = plain(text);
        self.progress.suspend(|| {
            let _unheard = writeln!(io::stderr().lock(), "{text}");
        });
    }

    /// Says why the verb ended early.
    pub(crate) fn failure(&mut self, failure: &Failure) {
        match failure {
            Failure::Refused(refusal) => {
                self.note(&format!("fokus: {refusal}"));
                if let Some(hint) = hint(refusal) {
                    self.note(&format!("fokus: {hint}"));
                }
            }
            Failure::NotFound(words) | Failure::CouldNotRun(words) => {
                self.note(&format!("fokus: {words}"))
            }
            Failure::Reported | Failure::OutputClosed => {}
        }
    }

    /// Begins a progress bar of `total` units, on a terminal; elsewhere nothing shows.
    pub(crate) fn progress_of(&mut self, total: u64, unit: Unit) {
        let template = match unit {
            Unit::Bytes => "{wide_bar} {bytes}/{total_bytes} {eta} left",
            Unit::Events => "{wide_bar} {human_pos}/{human_len} events {eta} left",
            Unit::Commands => "{wide_bar} {human_pos}/{human_len} commands {eta} left",
        };
        let style =
            ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar());
        let bar = ProgressBar::with_draw_target(Some(total), ProgressDrawTarget::stderr());
        bar.set_style(style);
        self.progress = bar;
    }

    /// Moves the progress bar.
    pub(crate) fn progress(&mut self, done: u64) {
        self.progress.set_position(done);
    }

    /// Whether a progress bar can be seen.
    pub(crate) fn shows_progress(&self) -> bool {
        !self.progress.is_hidden()
    }

    /// Takes the progress bar away.
    pub(crate) fn progress_ended(&mut self) {
        self.progress.finish_and_clear();
        self.progress = ProgressBar::hidden();
    }
}

/// What a progress bar counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unit {
    /// Bytes of an input.
    Bytes,
    /// Events of the log.
    Events,
    /// Commands sent.
    Commands,
}

/// What helps, for refusals that a person at the terminal can do something about.
fn hint(refusal: &Refusal) -> Option<&'static str> {
    match refusal.reason.as_str() {
        "TOKEN_INVALID" => Some("give a valid token with --token-file or FOKUS_TOKEN_FILE"),
        "VIEW_BEHIND" => Some("the view is still catching up, or has halted: see fokus views list"),
        _ => None,
    }
}
