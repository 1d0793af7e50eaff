//! `fokus-verify`: checks an audit bundle without the server that made it.

use std::fs;
use std::io::{self, IsTerminal as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Parser, ValueEnum};
use fokus_bundle::labels_path;
use fokus_verify::history::{History, LABELS_BYTES_MAX, Labels};
use fokus_verify::trust::{POLICY_BYTES_MAX, Trust};
use fokus_verify::{Contents, verify};
use indicatif::{ProgressBar, ProgressStyle};

/// Exit code for a call that cannot be carried out.
const USAGE: u8 = 3;

/// Checks an audit bundle: signatures, tree, streams, envelopes and contents, one line a step.
///
/// Exit code 0: verified. 1: altered, or contradicting itself. 2: incomplete. 3: the call itself was wrong.
#[derive(Debug, Parser)]
#[command(name = "fokus-verify", version)]
struct Flags {
    /// The bundle's folder.
    bundle: PathBuf,
    /// What is trusted: a C2SP tlog-policy with the log's verifier key, and witnesses where there are any.
    /// It must come from elsewhere than the bundle.
    #[arg(long, value_name = "FILE")]
    policy: PathBuf,
    /// The auditor's age identity (X25519), which the bundle's keys are sealed to.
    #[arg(long, value_name = "FILE")]
    identity: Option<PathBuf>,
    /// Leave contents sealed: checks everything that needs no key.
    #[arg(long, conflicts_with = "identity")]
    sealed: bool,
    /// Also print the history of the stream with this id, such as a family's.
    #[arg(long, value_name = "ID", requires = "identity")]
    history: Option<String>,
    /// The language of a history.
    #[arg(long, value_enum, default_value_t = Language::En)]
    lang: Language,
    /// Print the report as JSON.
    #[arg(long)]
    json: bool,
}

/// A language that a bundle has words in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Language {
    /// Danish.
    Da,
    /// English.
    En,
}

fn main() -> ExitCode {
    let flags = match Flags::try_parse() {
        Ok(it) => it,
        Err(error) => {
            let asked_for_help = !error.use_stderr();
            // Nothing can be said where neither stream takes it.
            let _ = error.print();
            return if asked_for_help { ExitCode::SUCCESS } else { ExitCode::from(USAGE) };
        }
    };
    match run(&flags) {
        Ok(code) => ExitCode::from(code),
        Err(error) => {
            let _ = writeln!(io::stderr(), "fokus-verify: {error}");
            ExitCode::from(USAGE)
        }
    }
}

/// What keeps a call from being carried out.
type Trouble = Box<dyn std::error::Error>;

fn run(flags: &Flags) -> Result<u8, Trouble> {
    outside(&flags.policy, &flags.bundle)?;
    let policy = text(&flags.policy, POLICY_BYTES_MAX)?;
    let trust = Trust::from_text(&policy)?;
    let identity = flags.identity.as_deref().map(identity).transpose()?;
    let contents = match &identity {
        Some(it) => Contents::Opened(it),
        None if flags.sealed => Contents::Sealed,
        None => Contents::NotGiven,
    };
    let mut history = flags.history.as_deref().map(History::of);
    let bar = progress_bar();
    let read = |units: u64| bar.inc(units);
    let report = verify(&flags.bundle, &trust, &contents, history.as_mut(), &read)
        .map_err(|it| format!("the folder holds no bundle: {it}"))?;
    bar.finish_and_clear();
    let mut out = io::stdout().lock();
    if flags.json {
        serde_json::to_writer_pretty(&mut out, &report)?;
        writeln!(out)?;
    } else {
        write!(out, "{}", report.to_text())?;
    }
    // What was not verified is not printed as if it were.
    if let Some(history) = history.filter(|_| report.exit_code() != 1) {
        if history.is_empty() {
            return Err("the bundle holds no stream with that id".into());
        }
        writeln!(out)?;
        write!(out, "{}", history.to_text(&labels(&flags.bundle, flags.lang)))?;
    }
    Ok(report.exit_code())
}

/// A file that says what is trusted must not come with what it judges.
fn outside(file: &Path, folder: &Path) -> Result<(), Trouble> {
    let (file, folder) = (fs::canonicalize(file)?, fs::canonicalize(folder)?);
    if file.starts_with(&folder) {
        return Err(
            "the policy lies in the bundle: what is trusted must come from elsewhere".into()
        );
    }
    Ok(())
}

fn text(path: &Path, most: u64) -> Result<String, Trouble> {
    use std::io::Read as _;
    let mut text = String::new();
    fs::File::open(path)?.take(most.saturating_add(1)).read_to_string(&mut text)?;
    if text.len() as u64 > most {
        return Err(format!("{} is larger than {most} bytes", path.display()).into());
    }
    Ok(text)
}

/// The first X25519 identity of a file as `age-keygen` writes it.
fn identity(path: &Path) -> Result<age::x25519::Identity, Trouble> {
    let text = text(path, POLICY_BYTES_MAX)?;
    let line = text.lines().map(str::trim).find(|it| !it.is_empty() && !it.starts_with('#'));
    let line = line.ok_or("the identity file holds no identity")?;
    line.parse().map_err(|_| "the identity file holds no age identity (X25519)".into())
}

/// The bundle's words; none where it has none, or where they cannot be read.
fn labels(folder: &Path, language: Language) -> Labels {
    let name = match language {
        Language::Da => "da",
        Language::En => "en",
    };
    let read = text(&folder.join(labels_path(name)), LABELS_BYTES_MAX).ok();
    read.and_then(|it| serde_json::from_str(&it).ok()).unwrap_or_default()
}

fn progress_bar() -> ProgressBar {
    if !io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let bar = ProgressBar::new_spinner();
    if let Ok(style) = ProgressStyle::with_template("{spinner} {human_pos} bytes and leaves read") {
        bar.set_style(style);
    }
    bar
}
