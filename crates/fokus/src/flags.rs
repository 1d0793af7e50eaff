//! The command line as types: every verb and flag, once. Flags are also read from `FOKUS_*`.
//!
//! No secret is a flag: a token is named by the file that holds it. What a flag means to the server
//! is decided where it is used; here only its shape is.

pub(crate) mod programme;
pub(crate) mod work;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use fokus_proto::v1;
use jiff::Timestamp;
use jiff::civil::Date;

use crate::server::flags as server;
use fokus_words::Language;

/// The journal of family interventions: server and client in one.
#[derive(Debug, Parser)]
#[command(name = "fokus", version, max_term_width = 100)]
pub(crate) struct Flags {
    /// Print JSON: one object a line, fields and codes as in the proto files
    #[arg(long, global = true, help_heading = "Output")]
    pub(crate) json: bool,

    /// Wrap tables at this many columns [default: the terminal's, or none in a pipe]
    #[arg(
        long,
        global = true,
        help_heading = "Output",
        value_name = "COLUMNS",
        env = "FOKUS_WIDTH",
        hide_env_values = true
    )]
    pub(crate) width: Option<u16>,

    /// Language of what people read: da, en [default: that of LC_ALL, LC_MESSAGES or LANG if it is Danish,
    /// else en]. JSON, help and errors are never translated
    #[arg(
        long = "lang",
        global = true,
        help_heading = "Output",
        value_name = "LANGUAGE",
        value_enum,
        hide_possible_values = true,
        env = "FOKUS_LANG",
        hide_env_values = true
    )]
    pub(crate) lang: Option<Lang>,

    /// What to do.
    #[command(subcommand)]
    pub(crate) verb: Verb,
}

impl Flags {
    /// The language asked for, or that of the environment: the first locale named there counts.
    #[expect(
        clippy::disallowed_methods,
        reason = "a locale is one of several variables, which a flag cannot name; this is the module of flags"
    )]
    pub(crate) fn language(&self) -> Language {
        let locale = || {
            let names = ["LC_ALL", "LC_MESSAGES", "LANG"];
            names.iter().filter_map(|it| std::env::var(it).ok()).find(|it| !it.is_empty())
        };
        match self.lang {
            Some(Lang::Danish) => Language::Danish,
            Some(Lang::English) => Language::English,
            None => Language::of_locale(&locale().unwrap_or_default()),
        }
    }
}

/// The languages that can be asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Lang {
    /// Danish
    #[value(name = "da")]
    Danish,
    /// English
    #[value(name = "en")]
    English,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Verb {
    /// Serve a store over gRPC
    Serve(server::Serve),
    /// Make a synthetic programme, compare it with its own tally, and serve it
    Demo(server::Demo),
    /// Send commands from a file of JSON lines, one after another
    ///
    /// A line that is refused or not understood is reported with its number, field and reason, and the
    /// rest goes on. Sending a file again is safe: a command that was accepted is answered as before.
    ///
    /// Exit code: 0 all accepted, 1 some were not, 2 could not go on.
    Send(Send),
    /// Read what the journal says of families
    #[command(subcommand)]
    Family(Family),
    /// Show who has how much on a day, and what the figures rest on
    Caseload(work::Caseload),
    /// List the interventions of all families, or of one
    Interventions(work::Interventions),
    /// List what waits for a second person
    Approvals(work::Approvals),
    /// Show the programme's live numbers on a day: funnel, months, risks
    Programme(programme::Programme),
    /// Show what was released of the programme for a quarter, small numbers hidden
    Outcomes(programme::Outcomes),
    /// Follow the families: a line for each one that changes, until Ctrl-C
    Watch(Watch),
    /// See and rebuild the views
    #[command(subcommand)]
    Views(Views),
    /// Print the log's signed checkpoint
    Checkpoint(Checkpoint),
    /// Print the proof that an event is in the log, as a file of C2SP tlog-proof
    Proof(Proof),
    /// Take out an audit bundle: the log, a period of it or one family, its keys sealed to the auditor
    ///
    /// `fokus-verify` checks it without a server. Only an auditor may, for the purpose AUDIT.
    Bundle(Bundle),
    /// Check a store: log = rows = tree = checkpoint = content
    ///
    /// A folder is checked while no server has it open; a database beside running servers, as far as its
    /// log goes when the check begins.
    ///
    /// Exit code: 0 sound, 1 not, 2 could not check.
    Check(server::Check),
    /// Make or update the tables of a PostgreSQL database, as the role that owns it
    Migrate(server::Migrate),
    /// Copy a store to another kind or place: logs and keys, while no server has either open
    ///
    /// Views are not copied: the first server makes them anew. A copy that was interrupted goes on when
    /// the same command is run again. In the end both stores are checked and compared.
    ///
    /// Exit code: 0 the same, 1 not, 2 could not copy.
    Copy(server::Copy),
    /// Rotate a log's key, or continue a log of which a part was lost
    #[command(subcommand)]
    Log(server::Log),
    /// Measure how fast the journal is on this machine, with a server and a store of its own
    Bench(crate::bench::flags::Bench),
    /// Make an issuer's key and tokens, where there is no identity provider yet
    #[command(subcommand)]
    Token(server::Token),
}

impl Verb {
    /// Where spans go, of what serves.
    pub(crate) fn traces(&self) -> Option<&server::Traces> {
        match self {
            Verb::Serve(it) => Some(&it.traces),
            Verb::Demo(it) => Some(&it.traces),
            Verb::Send(_)
            | Verb::Family(_)
            | Verb::Caseload(_)
            | Verb::Interventions(_)
            | Verb::Approvals(_)
            | Verb::Programme(_)
            | Verb::Outcomes(_)
            | Verb::Watch(_)
            | Verb::Views(_)
            | Verb::Checkpoint(_)
            | Verb::Proof(_)
            | Verb::Bundle(_)
            | Verb::Check(_)
            | Verb::Migrate(_)
            | Verb::Copy(_)
            | Verb::Log(_)
            | Verb::Bench(_)
            | Verb::Token(_) => None,
        }
    }
}

/// Where the server is and who asks why.
#[derive(Debug, Args)]
#[command(next_help_heading = "Server")]
pub(crate) struct Connection {
    /// Address of the server
    #[arg(
        long,
        value_name = "URL",
        env = "FOKUS_SERVER",
        hide_env_values = true,
        default_value = "http://127.0.0.1:7400"
    )]
    pub(crate) server: String,

    /// File that holds the bearer token
    #[arg(long, value_name = "FILE", env = "FOKUS_TOKEN_FILE", hide_env_values = true)]
    pub(crate) token_file: Option<PathBuf>,

    /// Why you ask; it is recorded [default: the verb's own]
    #[arg(long, value_name = "PURPOSE", env = "FOKUS_PURPOSE", hide_env_values = true)]
    pub(crate) purpose: Option<Purpose>,
}

/// Why something is read or written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Purpose {
    /// The family's own case
    Casework,
    /// A notification of concern
    ConcernHandling,
    /// Prevention of crime, with the agencies that may share for it
    CrimePrevention,
    /// Supervision of the work
    Supervision,
    /// Audit
    Audit,
    /// The grant and its report
    Grant,
    /// A data subject's request
    Dsr,
    /// Running the system
    Operations,
}

impl Purpose {
    /// The purpose on the wire.
    pub(crate) fn to_wire(self) -> v1::Purpose {
        match self {
            Purpose::Casework => v1::Purpose::Casework,
            Purpose::ConcernHandling => v1::Purpose::ConcernHandling,
            Purpose::CrimePrevention => v1::Purpose::CrimePrevention,
            Purpose::Supervision => v1::Purpose::Supervision,
            Purpose::Audit => v1::Purpose::Audit,
            Purpose::Grant => v1::Purpose::Grant,
            Purpose::Dsr => v1::Purpose::Dsr,
            Purpose::Operations => v1::Purpose::Operations,
        }
    }
}

/// `fokus send`
#[derive(Debug, Args)]
pub(crate) struct Send {
    /// File with one command a line, or `-` for standard input
    #[arg(value_name = "FILE.jsonl")]
    pub(crate) file: PathBuf,

    /// Through one stream instead of a call for each command: faster where the server is far
    #[arg(long)]
    pub(crate) stream: bool,

    /// Folder for receipts: the proof that each event stands in the log, verified when it comes
    ///
    /// A file of C2SP tlog-proof for each event, named by its position. A receipt that does not verify, or
    /// is of another event than one kept earlier, ends sending with exit code 1.
    #[arg(long, value_name = "DIR", requires = "log_key")]
    pub(crate) receipts: Option<PathBuf>,

    /// File with the log's verifier key, or a C2SP tlog-policy that names it; from elsewhere than the server
    #[arg(long, value_name = "FILE", env = "FOKUS_LOG_KEY", hide_env_values = true)]
    pub(crate) log_key: Option<PathBuf>,

    /// Where and who. The purpose is for lines that state none.
    #[command(flatten)]
    pub(crate) connection: Connection,
}

/// `fokus family …`
#[derive(Debug, Subcommand)]
pub(crate) enum Family {
    /// List the families in order of registration
    List(FamilyList),
    /// Show how a family stands
    Status(FamilyStatus),
    /// Show what happened in a family, corrections applied
    Timeline(FamilyTimeline),
    /// Show how a family's risks, scores and incidents went
    Trajectory(FamilyTrajectory),
    /// Show a family's events as recorded, never overlaid
    History(FamilyHistory),
}

/// The two clocks of a read, and how far the view must have come.
#[derive(Debug, Args)]
#[command(next_help_heading = "Clocks")]
pub(crate) struct Clocks {
    /// As known at: what was recorded up to this position of the log, or until this time (RFC 3339)
    #[arg(long, value_name = "POSITION|TIME", value_parser = known_at)]
    pub(crate) known_at: Option<KnownAt>,

    /// As it was at: what had happened by the end of this day, or until this time (RFC 3339)
    #[arg(long, value_name = "DATE|TIME", value_parser = was_at)]
    pub(crate) was_at: Option<WasAt>,

    /// Wait until the view has reached this position, such as that of your own write
    #[arg(long, value_name = "POSITION", default_value_t = 0, hide_default_value = true)]
    pub(crate) min_position: i64,
}

/// A point on the clock of recording.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum KnownAt {
    /// Position of the log, 1 or more.
    Position(i64),
    /// Inclusive.
    Time(Timestamp),
}

/// A point on the clock of happening.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum WasAt {
    /// Until the end of the day, Europe/Copenhagen.
    Date(Date),
    /// Inclusive.
    Time(Timestamp),
}

fn known_at(text: &str) -> Result<KnownAt, &'static str> {
    match text.parse() {
        Ok(position) if position > 0 => Ok(KnownAt::Position(position)),
        Ok(_) => Err("positions count from 1"),
        Err(_) => text
            .parse()
            .map(KnownAt::Time)
            .map_err(|_| "want a position such as 1207, or a time such as 2020-06-30T12:00:00Z"),
    }
}

fn was_at(text: &str) -> Result<WasAt, &'static str> {
    // A time begins with a date; the length tells them apart.
    if text.len() == "2020-06-30".len()
        && let Ok(date) = text.parse()
    {
        return Ok(WasAt::Date(date));
    }
    text.parse()
        .map(WasAt::Time)
        .map_err(|_| "want a day such as 2020-06-30, or a time such as 2020-06-30T12:00:00Z")
}

/// `fokus family list`
#[derive(Debug, Args)]
pub(crate) struct FamilyList {
    /// At most so many families [default: all]
    #[arg(long, value_name = "COUNT")]
    pub(crate) limit: Option<usize>,

    /// The two clocks.
    #[command(flatten)]
    pub(crate) clocks: Clocks,

    /// Where and who.
    #[command(flatten)]
    pub(crate) connection: Connection,
}

/// `fokus family status`
#[derive(Debug, Args)]
pub(crate) struct FamilyStatus {
    /// The family's id or reference, such as FF-2019-017
    pub(crate) family: String,

    /// The two clocks.
    #[command(flatten)]
    pub(crate) clocks: Clocks,

    /// Where and who.
    #[command(flatten)]
    pub(crate) connection: Connection,
}

/// `fokus family timeline`
#[derive(Debug, Args)]
pub(crate) struct FamilyTimeline {
    /// The family's id or reference, such as FF-2019-017
    pub(crate) family: String,

    /// At most so many entries [default: all]
    #[arg(long, value_name = "COUNT")]
    pub(crate) limit: Option<usize>,

    /// Order by time of recording instead of time of happening
    #[arg(long)]
    pub(crate) by_recorded: bool,

    /// Also show entries that are marked mistaken
    #[arg(long)]
    pub(crate) include_mistaken: bool,

    /// Also show notes of supervisions
    #[arg(long)]
    pub(crate) include_supervision: bool,

    /// Show texts whole instead of their beginnings
    #[arg(long)]
    pub(crate) full: bool,

    /// The two clocks.
    #[command(flatten)]
    pub(crate) clocks: Clocks,

    /// Where and who.
    #[command(flatten)]
    pub(crate) connection: Connection,
}

/// `fokus family trajectory`
#[derive(Debug, Args)]
pub(crate) struct FamilyTrajectory {
    /// The family's id or reference, such as FF-2019-017
    pub(crate) family: String,

    /// The two clocks.
    #[command(flatten)]
    pub(crate) clocks: Clocks,

    /// Where and who.
    #[command(flatten)]
    pub(crate) connection: Connection,
}

/// `fokus family history`
#[derive(Debug, Args)]
pub(crate) struct FamilyHistory {
    /// The family's id or reference, such as FF-2019-017
    pub(crate) family: String,

    /// Only events after this revision of the family
    #[arg(long, value_name = "REVISION", default_value_t = 0, hide_default_value = true)]
    pub(crate) after_revision: i64,

    /// At most so many events [default: all]
    #[arg(long, value_name = "COUNT")]
    pub(crate) limit: Option<usize>,

    /// Where and who.
    #[command(flatten)]
    pub(crate) connection: Connection,
}

/// `fokus watch`
#[derive(Debug, Args)]
pub(crate) struct Watch {
    /// Families that changed after this position; 0 shows each family once, then the changes
    #[arg(long, value_name = "POSITION", default_value_t = 0)]
    pub(crate) after_position: i64,

    /// Where and who.
    #[command(flatten)]
    pub(crate) connection: Connection,
}

/// `fokus views …`
#[derive(Debug, Subcommand)]
pub(crate) enum Views {
    /// List the views and how far each has come
    List(ViewsList),
    /// Rebuild a view beside the live rows, and switch when it is done
    Rebuild(ViewsRebuild),
}

/// `fokus views list`
#[derive(Debug, Args)]
pub(crate) struct ViewsList {
    /// Where and who.
    #[command(flatten)]
    pub(crate) connection: Connection,
}

/// `fokus views rebuild`
#[derive(Debug, Args)]
pub(crate) struct ViewsRebuild {
    /// The view's name, as `fokus views list` prints it
    pub(crate) name: String,

    /// Where and who.
    #[command(flatten)]
    pub(crate) connection: Connection,
}

/// `fokus proof`
#[derive(Debug, Args)]
pub(crate) struct Proof {
    /// Where and who.
    #[command(flatten)]
    pub(crate) connection: Connection,
    /// Position of the event; 1 is the first.
    #[arg(value_parser = clap::value_parser!(i64).range(1..))]
    pub(crate) position: i64,
}

/// `fokus bundle`
#[derive(Debug, Args)]
pub(crate) struct Bundle {
    /// Where and who.
    #[command(flatten)]
    pub(crate) connection: Connection,
    /// The folder to write; it must not exist, or be empty.
    pub(crate) folder: PathBuf,
    /// The auditor's age recipient (X25519), whom the keys are sealed to.
    #[arg(long, value_name = "age1...")]
    pub(crate) recipient: String,
    /// First position of a period; the beginning if left out.
    #[arg(long, value_name = "POSITION", default_value_t = 0, hide_default_value = true,
        value_parser = clap::value_parser!(i64).range(0..))]
    pub(crate) first: i64,
    /// Last position of a period; where the log stands if left out.
    #[arg(long, value_name = "POSITION", default_value_t = 0, hide_default_value = true,
        value_parser = clap::value_parser!(i64).range(0..))]
    pub(crate) last: i64,
    /// One family instead: every event of it and of the persons whom its events name, with the proof that
    /// none is left out.
    #[arg(long, value_name = "ID|REFERENCE", conflicts_with_all = ["first", "last"])]
    pub(crate) family: Option<String>,
}

/// `fokus checkpoint`
#[derive(Debug, Args)]
pub(crate) struct Checkpoint {
    /// A checkpoint kept earlier: verify that the log as it stands continues it, before anything is printed
    ///
    /// Exit code 1 when it does not, with both sizes: history was rewritten, or an older state restored.
    #[arg(long, value_name = "FILE")]
    pub(crate) since: Option<PathBuf>,

    /// File with the log's verifier key, or a C2SP tlog-policy that names it [default: the key that the
    /// server names, which then must have signed the kept checkpoint]
    #[arg(long, value_name = "FILE", env = "FOKUS_LOG_KEY", hide_env_values = true)]
    pub(crate) log_key: Option<PathBuf>,

    /// Where and who.
    #[command(flatten)]
    pub(crate) connection: Connection,
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_flags_contradict_nothing() {
        Flags::command().debug_assert();
    }

    #[test]
    fn known_at_is_a_position_or_a_time() {
        assert_eq!(known_at("7"), Ok(KnownAt::Position(7)));
        let noon = "2020-06-30T10:00:00Z".parse().unwrap();
        assert_eq!(known_at("2020-06-30T12:00:00+02:00"), Ok(KnownAt::Time(noon)));
        assert!(known_at("0").is_err());
        assert!(known_at("2020-06-30").is_err());
        assert!(known_at("yesterday").is_err());
    }

    #[test]
    fn was_at_is_a_day_or_a_time() {
        let day = "2020-06-30".parse().unwrap();
        assert_eq!(was_at("2020-06-30"), Ok(WasAt::Date(day)));
        let noon = "2020-06-30T10:00:00Z".parse().unwrap();
        assert_eq!(was_at("2020-06-30T10:00:00Z"), Ok(WasAt::Time(noon)));
        assert!(was_at("2020-13-01").is_err());
        assert!(was_at("2020-06-30T10:00:00").is_err());
    }

    fn help(path: &[&str]) -> String {
        let mut command = Flags::command();
        command.build();
        let mut command = &mut command;
        for name in path {
            command = command.find_subcommand_mut(name).expect("a verb");
        }
        command.clone().term_width(100).render_long_help().to_string()
    }

    #[test]
    fn the_help_is_what_it_was() {
        insta::assert_snapshot!("help", help(&[]));
        insta::assert_snapshot!("help_serve", help(&["serve"]));
        insta::assert_snapshot!("help_copy", help(&["copy"]));
        insta::assert_snapshot!("help_log_statement", help(&["log", "statement"]));
        insta::assert_snapshot!("help_bench", help(&["bench"]));
        insta::assert_snapshot!("help_send", help(&["send"]));
        insta::assert_snapshot!("help_family", help(&["family"]));
        insta::assert_snapshot!("help_family_timeline", help(&["family", "timeline"]));
    }
}
