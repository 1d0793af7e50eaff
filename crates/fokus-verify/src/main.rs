//! `fokus-verify`: checks an audit bundle without the server that made it.

use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;

use age::secrecy::ExposeSecret as _;
use clap::Parser;
use fokus_bundle::labels_path;
use fokus_verify::history::{History, LABELS_BYTES_MAX, Labels};
use fokus_verify::trust::{POLICY_BYTES_MAX, Trust};
use fokus_verify::{Contents, read, verify};
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
    #[arg(required_unless_present = "new_identity")]
    bundle: Option<PathBuf>,
    /// What is trusted: a C2SP tlog-policy with the log's verifier key, and witnesses where there are any.
    /// It must come from elsewhere than the bundle.
    #[arg(long, value_name = "FILE", required_unless_present = "new_identity")]
    policy: Option<PathBuf>,
    /// The auditor's age identity (X25519), which the bundle's keys are sealed to.
    #[arg(long, value_name = "FILE")]
    identity: Option<PathBuf>,
    /// A checkpoint that was kept earlier: also check that the log continues it. With the key alone one does
    /// not see that the log signed two histories.
    #[arg(long, value_name = "FILE")]
    since: Option<PathBuf>,
    /// Leave contents sealed: checks everything that needs no key.
    #[arg(long, conflicts_with = "identity")]
    sealed: bool,
    /// Also print the history of the stream with this id, such as a family's.
    #[arg(long, value_name = "ID", requires = "identity")]
    history: Option<String>,
    /// The language of a history.
    #[arg(long, value_parser = ["da", "en"], default_value = "en")]
    lang: String,
    /// Print the report as JSON.
    #[arg(long)]
    json: bool,
    /// Also say on standard error how long it took.
    #[arg(long)]
    timing: bool,
    /// Check nothing: make an age identity in a new file, and print the recipient that belongs to it.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["bundle", "policy", "identity"])]
    new_identity: Option<PathBuf>,
}

fn main() -> ExitCode {
    let flags = match Flags::try_parse() {
        Ok(it) => it,
        Err(error) => {
            // Nothing can be said where neither stream takes it.
            let _ = error.print();
            return ExitCode::from(if error.use_stderr() { USAGE } else { 0 });
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

#[expect(
    clippy::disallowed_methods,
    reason = "a program without a runtime, whose time no test turns"
)]
fn run(flags: &Flags) -> Result<u8, Trouble> {
    if let Some(path) = &flags.new_identity {
        return new_identity(path);
    }
    let (Some(bundle), Some(policy)) = (&flags.bundle, &flags.policy) else {
        return Err("a bundle and a policy are needed".into());
    };
    let kept = flags.since.as_deref().map(|it| outside(it, bundle)).transpose()?;
    let trust = Trust::from_text(&outside(policy, bundle)?)?;
    let identity = flags.identity.as_deref().map(identity).transpose()?;
    let contents = match &identity {
        Some(it) => Contents::Opened(it),
        None if flags.sealed => Contents::Sealed,
        None => Contents::NotGiven,
    };
    let mut history = flags.history.as_deref().map(History::of);
    // It shows itself on a terminal only.
    let bar = ProgressBar::no_length();
    bar.set_style(ProgressStyle::with_template("{wide_bar} {percent:>3} % {eta:>6}")?);
    let told = |more, all| {
        bar.set_length(all);
        bar.inc(more);
    };
    let begun = Instant::now();
    let mut report = verify(bundle, &trust, &contents, kept.as_deref(), history.as_mut(), &told)
        .map_err(|it| format!("the folder holds no bundle: {it}"))?;
    bar.finish_and_clear();
    let leaves = report.summary.as_ref().map_or(0, |it| it.leaves);
    let took_ms = u64::try_from(begun.elapsed().as_millis())?.max(1);
    let each_second = leaves.saturating_mul(1_000) / took_ms;
    report.leaves_per_s = Some(each_second);
    if flags.timing {
        writeln!(io::stderr(), "{leaves} leaves in {took_ms} ms, {each_second} a second")?;
    }
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
        write!(out, "{}", history.to_text(&labels(bundle, &flags.lang)))?;
    }
    Ok(report.exit_code())
}

/// The text of a file that says what is trusted: it must not come with what it judges.
fn outside(file: &Path, folder: &Path) -> Result<String, Trouble> {
    let (file, folder) = (fs::canonicalize(file)?, fs::canonicalize(folder)?);
    if file.starts_with(&folder) {
        return Err("it lies in the bundle: what is trusted must come from elsewhere".into());
    }
    text(&file, POLICY_BYTES_MAX)
}

fn text(path: &Path, most: u64) -> Result<String, Trouble> {
    let bytes = read(path, most).map_err(|it| format!("{}: {it}", path.display()))?;
    Ok(String::from_utf8(bytes).map_err(|_| format!("{}: is not text", path.display()))?)
}

/// The first X25519 identity of a file as `age-keygen` writes it.
fn identity(path: &Path) -> Result<age::x25519::Identity, Trouble> {
    let text = text(&fs::canonicalize(path)?, POLICY_BYTES_MAX)?;
    let line = text.lines().map(str::trim).find(|it| !it.is_empty() && !it.starts_with('#'));
    let line = line.ok_or("the identity file holds no identity")?;
    line.parse().map_err(|_| "the identity file holds no age identity (X25519)".into())
}

/// The bundle's words; none where it has none, or where they cannot be read.
fn labels(folder: &Path, language: &str) -> Labels {
    let read = text(&folder.join(labels_path(language)), LABELS_BYTES_MAX).ok();
    read.and_then(|it| serde_json::from_str(&it).ok()).unwrap_or_default()
}

/// Makes an age identity in a new file, and prints its recipient.
fn new_identity(path: &Path) -> Result<u8, Trouble> {
    let identity = age::x25519::Identity::generate();
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path).map_err(|it| format!("{}: {it}", path.display()))?;
    writeln!(file, "# public key: {}", identity.to_public())?;
    writeln!(file, "{}", identity.to_string().expose_secret())?;
    file.sync_all()?;
    writeln!(io::stdout(), "{}", identity.to_public())?;
    Ok(0)
}
