//! The flags of the verbs that open a store. No secret is a flag; keys and tokens are files.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, Subcommand};
use fokus_core::codes;

use super::store::{Place, StoreName};
use crate::failure::Failure;
use crate::flags::Purpose;

/// Which store, and where the keys are that it needs.
#[derive(Debug, Args)]
#[command(next_help_heading = "Store")]
pub(crate) struct Store {
    /// The store: sqlite:DIR, postgres://USER@HOST/DATABASE, or memory: (for trying only)
    ///
    /// Everybody on the machine sees the flags of a program: put a URL that holds a password into
    /// FOKUS_STORE, or the password into the file that PGPASSFILE names. A folder is made when it is
    /// empty or absent; a database's tables are made when it has none.
    #[arg(long, value_name = "STORE", env = "FOKUS_STORE", hide_env_values = true)]
    pub(crate) store: StoreName,

    /// PostgreSQL: the URL for the schema of keys, whose role is its own [default: the store's]
    #[arg(long, value_name = "URL", env = "FOKUS_KEYS", hide_env_values = true)]
    pub(crate) keys: Option<StoreName>,

    /// Where the root key lies; PostgreSQL needs it [default: in the store's folder]
    #[arg(long, value_name = "FILE", env = "FOKUS_ROOT_KEY", hide_env_values = true)]
    pub(crate) root_key: Option<PathBuf>,

    /// Where the signing key lies; PostgreSQL needs it [default: in the store's folder]
    #[arg(long, value_name = "FILE", env = "FOKUS_SIGNING_KEY", hide_env_values = true)]
    pub(crate) signing_key: Option<PathBuf>,

    /// While the signing key is rotated: where the one before lies; checkpoints are signed by both
    ///
    /// The log then says so itself. Give it until everybody who checks the log has its new verifier key, to
    /// every server of the store at once.
    #[arg(long, value_name = "FILE", env = "FOKUS_RETIRING_SIGNING_KEY", hide_env_values = true)]
    pub(crate) retiring_signing_key: Option<PathBuf>,
}

impl Store {
    /// The place of a store that is there already.
    ///
    /// # Errors
    ///
    /// [`Failure::CouldNotRun`] when the flag names no store.
    pub(crate) fn place(self) -> Result<Place, Failure> {
        Ok(Place {
            kind: self.store.kind()?,
            keys: self.keys,
            authority: None,
            synthetic: false,
            root_key: self.root_key,
            signing_key: self.signing_key,
            retiring_signing_key: self.retiring_signing_key,
        })
    }
}

/// `fokus serve`
#[derive(Debug, Args)]
pub(crate) struct Serve {
    /// Address to listen on; loopback only until TLS is there
    #[arg(
        long,
        value_name = "ADDRESS",
        env = "FOKUS_LISTEN",
        hide_env_values = true,
        default_value = "127.0.0.1:7400"
    )]
    pub(crate) listen: SocketAddr,

    /// Address of the pages; loopback only [default: there are none]
    #[arg(long, value_name = "ADDRESS", env = "FOKUS_WEB", hide_env_values = true)]
    pub(crate) web: Option<SocketAddr>,

    /// Who makes the tokens: their `iss`
    #[arg(long, value_name = "NAME", env = "FOKUS_ISSUER", hide_env_values = true)]
    pub(crate) issuer: String,

    /// Whom the tokens are for: their `aud`
    #[arg(
        long,
        value_name = "NAME",
        env = "FOKUS_AUDIENCE",
        hide_env_values = true,
        default_value = "fokus"
    )]
    pub(crate) audience: String,

    /// The issuer's Ed25519 public key, PEM; several while keys are being changed
    #[arg(
        long,
        value_name = "FILE",
        env = "FOKUS_ISSUER_KEY",
        hide_env_values = true,
        required = true,
        value_delimiter = ','
    )]
    pub(crate) issuer_key: Vec<PathBuf>,

    /// Begins the names of a new store's logs, such as `journal.example.dk` [default: random]
    #[arg(long, value_name = "NAME", env = "FOKUS_AUTHORITY", hide_env_values = true)]
    pub(crate) authority: Option<String>,

    /// A new store holds invented people only, and no others ever
    #[arg(long, env = "FOKUS_SYNTHETIC", hide_env_values = true)]
    pub(crate) synthetic: bool,

    /// How long to try again at the start while the database does not answer
    #[arg(
        long,
        value_name = "SECONDS",
        env = "FOKUS_WAIT",
        hide_env_values = true,
        default_value_t = 30
    )]
    pub(crate) wait: u32,

    /// What guards the logs, and shows them to others.
    #[command(flatten)]
    pub(crate) guarding: Guarding,

    /// Who gets spans.
    #[command(flatten)]
    pub(crate) traces: Traces,

    /// The store.
    #[command(flatten)]
    pub(crate) store: Store,
}

/// Where spans of calls and pages go. Nowhere, unless a collector is named.
#[derive(Debug, Default, Args)]
#[command(next_help_heading = "Traces")]
pub(crate) struct Traces {
    /// Address of an OpenTelemetry collector, http://…, which gets a span of each call and page
    ///
    /// OTLP over gRPC. Sampling follows OTEL_TRACES_SAMPLER. Nothing in a span is about a person.
    #[arg(long, value_name = "URL", env = "OTEL_EXPORTER_OTLP_ENDPOINT", hide_env_values = true)]
    otlp_endpoint: Option<String>,

    /// What the server is called in traces
    #[arg(
        long,
        value_name = "NAME",
        env = "OTEL_SERVICE_NAME",
        hide_env_values = true,
        default_value = "fokus"
    )]
    service_name: String,
}

impl Traces {
    /// The collector's address and the service's name, where a collector is named.
    pub(crate) fn collector(&self) -> Option<(&str, &str)> {
        let endpoint = self.otlp_endpoint.as_deref().filter(|it| !it.is_empty())?;
        Some((endpoint, &self.service_name))
    }
}

/// What guards a server's logs against rollback and forks, and shows them to others. All of it is off
/// unless it is asked for.
#[derive(Debug, Default, Args)]
#[command(next_help_heading = "Guard")]
pub(crate) struct Guarding {
    /// Folder that keeps the last checkpoint of each log; on another volume or host than the store
    ///
    /// A store that stands behind or beside it, as after an older backup was restored, is only read: commands
    /// get STORE_READ_ONLY. The folder must be there.
    #[arg(long, value_name = "DIR", env = "FOKUS_ANCHOR", hide_env_values = true)]
    pub(crate) anchor: Option<PathBuf>,

    /// Submission prefix of a C2SP witness that is asked to cosign checkpoints, http://…; several allowed
    #[arg(
        long,
        value_name = "URL",
        env = "FOKUS_WITNESS",
        hide_env_values = true,
        value_delimiter = ','
    )]
    pub(crate) witness: Vec<String>,

    /// The verifier key of each witness, in the same order
    #[arg(
        long,
        value_name = "KEY",
        env = "FOKUS_WITNESS_KEY",
        hide_env_values = true,
        value_delimiter = ','
    )]
    pub(crate) witness_key: Vec<String>,

    /// Address to serve checkpoints, tiles and leaves on, as C2SP tlog-tiles, to whoever asks
    ///
    /// A log's prefix is http://ADDRESS/TENANT/journal/. Nothing in it is about a person or opens anything.
    #[arg(long, value_name = "ADDRESS", env = "FOKUS_TILES", hide_env_values = true)]
    pub(crate) tiles: Option<SocketAddr>,

    /// Let --tiles be an address that is not loopback
    #[arg(long, env = "FOKUS_TILES_ANYWHERE", hide_env_values = true, requires = "tiles")]
    pub(crate) tiles_anywhere: bool,
}

/// `fokus demo`
#[derive(Debug, Args)]
pub(crate) struct Demo {
    /// Families to invent; 60 is the full programme of about 30,000 events
    #[arg(long, value_name = "COUNT", default_value_t = 8)]
    pub(crate) families: u32,

    /// The same seed makes the same programme
    #[arg(long, value_name = "NUMBER", default_value_t = 1)]
    pub(crate) seed: u64,

    /// Send the families' commands in another order within each day, drawn from this number, the clock
    /// standing at each day's end: what is then read of each family may not depend on it
    #[arg(long, value_name = "NUMBER")]
    pub(crate) order: Option<u64>,

    /// Folder of the demo's store, tokens and tally; made when it is empty or absent
    #[arg(long, value_name = "DIR", default_value = "fokus-demo-data")]
    pub(crate) data: PathBuf,

    /// Another store than the folder's: sqlite:DIR, postgres://… or memory:
    #[arg(long, value_name = "STORE", env = "FOKUS_STORE", hide_env_values = true)]
    pub(crate) store: Option<StoreName>,

    /// PostgreSQL: the URL for the schema of keys [default: the store's]
    #[arg(long, value_name = "URL", env = "FOKUS_KEYS", hide_env_values = true)]
    pub(crate) keys: Option<StoreName>,

    /// Where the root key lies [default: in the folder]
    #[arg(long, value_name = "FILE", env = "FOKUS_ROOT_KEY", hide_env_values = true)]
    pub(crate) root_key: Option<PathBuf>,

    /// Where the signing key lies [default: in the folder]
    #[arg(long, value_name = "FILE", env = "FOKUS_SIGNING_KEY", hide_env_values = true)]
    pub(crate) signing_key: Option<PathBuf>,

    /// Print what the generator assumes
    #[arg(long)]
    pub(crate) parameters: bool,

    /// Make it, compare it, and end
    #[arg(long)]
    pub(crate) no_serve: bool,

    /// Address to listen on; loopback only
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:7400")]
    pub(crate) listen: SocketAddr,

    /// Address of the pages, where one chooses a role; loopback only
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:7480")]
    pub(crate) web: SocketAddr,

    /// Who gets spans.
    #[command(flatten)]
    pub(crate) traces: Traces,
}

/// `fokus check`
#[derive(Debug, Args)]
pub(crate) struct Check {
    /// Print the digest of each log only
    #[arg(long)]
    pub(crate) digest: bool,

    /// Also hold each log against the checkpoint that a server keeps in this folder (`serve --anchor`)
    ///
    /// Finds a store that was rolled back or replaced by another history. Nothing is written there.
    #[arg(long, value_name = "DIR", env = "FOKUS_ANCHOR", hide_env_values = true)]
    pub(crate) anchor: Option<PathBuf>,

    /// The store.
    #[command(flatten)]
    pub(crate) store: Store,
}

/// `fokus migrate`
#[derive(Debug, Args)]
pub(crate) struct Migrate {
    /// The store.
    #[command(flatten)]
    pub(crate) store: Store,
}

/// `fokus copy`
#[derive(Debug, Args)]
pub(crate) struct Copy {
    /// The store to copy: sqlite:DIR or postgres://…; no server may have it open
    #[arg(long, value_name = "STORE", env = "FOKUS_FROM", hide_env_values = true)]
    pub(crate) from: StoreName,

    /// The store to copy to: empty, or an unfinished copy of the other, which goes on
    #[arg(long, value_name = "STORE", env = "FOKUS_TO", hide_env_values = true)]
    pub(crate) to: StoreName,

    /// Of the store to copy: as --keys of serve
    #[arg(long, value_name = "URL", env = "FOKUS_FROM_KEYS", hide_env_values = true)]
    pub(crate) from_keys: Option<StoreName>,

    /// Of the store to copy: where its root key lies
    #[arg(long, value_name = "FILE")]
    pub(crate) from_root_key: Option<PathBuf>,

    /// Of the store to copy: where its signing key lies
    #[arg(long, value_name = "FILE")]
    pub(crate) from_signing_key: Option<PathBuf>,

    /// Of the copy: as --keys of serve
    #[arg(long, value_name = "URL", env = "FOKUS_TO_KEYS", hide_env_values = true)]
    pub(crate) to_keys: Option<StoreName>,

    /// Of the copy: where its root key is to lie
    #[arg(long, value_name = "FILE")]
    pub(crate) to_root_key: Option<PathBuf>,

    /// Of the copy: where its signing key is to lie
    #[arg(long, value_name = "FILE")]
    pub(crate) to_signing_key: Option<PathBuf>,

    /// After a restore with loss: the statement that both officers signed (`fokus log`); one for each log
    ///
    /// The copy of that log has its next name, and a leaf that says what was lost.
    #[arg(long, value_name = "FILE")]
    pub(crate) continuation: Vec<PathBuf>,
}

/// `fokus log …`
#[derive(Debug, Subcommand)]
pub(crate) enum Log {
    /// Make a key that signs: a new signing key of the store, or an officer's
    NewKey(LogNewKey),
    /// Print what two officers are to sign after a restore with loss
    ///
    /// The store holds what was restored, and is not changed. `fokus copy --continuation` makes of it the log
    /// that continues it, with a leaf that holds what both have signed.
    Statement(LogStatement),
    /// Sign such a statement as one of its officers, and print it with the signature
    Sign(LogSign),
}

/// `fokus log new-key`
#[derive(Debug, Args)]
pub(crate) struct LogNewKey {
    /// File to write the key to; it must not be there
    #[arg(long, value_name = "FILE")]
    pub(crate) key_file: PathBuf,

    /// Print the verifier key of an officer of this name: a reference to a member of staff
    #[arg(long, value_name = "NAME")]
    pub(crate) officer: Option<String>,
}

/// `fokus log statement`
#[derive(Debug, Args)]
pub(crate) struct LogStatement {
    /// The municipality
    #[arg(long, value_name = "NAME")]
    pub(crate) tenant: String,

    /// The last checkpoint of the log that is known from elsewhere: the anchor's, or one that was kept
    #[arg(long, value_name = "FILE")]
    pub(crate) known: PathBuf,

    /// The verifier key of an officer; two are needed
    #[arg(long, value_name = "KEY", required = true)]
    pub(crate) officer: Vec<String>,

    /// Why, in at most 300 characters; it is public, so nothing about a person belongs into it
    #[arg(long, value_name = "TEXT")]
    pub(crate) reason: String,

    /// The store.
    #[command(flatten)]
    pub(crate) store: Store,
}

/// `fokus log sign`
#[derive(Debug, Args)]
pub(crate) struct LogSign {
    /// The statement, or what the other officer made of it
    #[arg(value_name = "FILE")]
    pub(crate) statement: PathBuf,

    /// The officer's key
    #[arg(long, value_name = "FILE")]
    pub(crate) key_file: PathBuf,
}

/// `fokus token …`
#[derive(Debug, Subcommand)]
pub(crate) enum Token {
    /// Make an issuer's key and print its public half, for `serve --issuer-key`
    Key(TokenKey),
    /// Print a bearer token
    Mint(TokenMint),
}

/// `fokus token key`
#[derive(Debug, Args)]
pub(crate) struct TokenKey {
    /// File to write the key to; it must not be there
    #[arg(long, value_name = "FILE")]
    pub(crate) key_file: PathBuf,
}

/// `fokus token mint`
#[derive(Debug, Args)]
pub(crate) struct TokenMint {
    /// The issuer's key
    #[arg(long, value_name = "FILE")]
    pub(crate) key_file: PathBuf,

    /// The token's `iss`
    #[arg(long, value_name = "NAME")]
    pub(crate) issuer: String,

    /// The token's `aud`
    #[arg(long, value_name = "NAME", default_value = "fokus")]
    pub(crate) audience: String,

    /// The municipality
    #[arg(long, value_name = "NAME")]
    pub(crate) tenant: String,

    /// Who acts: a reference to a member of staff, never a name or CPR number
    #[arg(long, value_name = "NAME")]
    pub(crate) subject: String,

    /// caseworker, team-lead, programme-manager, auditor, operator or dashboard
    #[arg(long, value_name = "ROLE")]
    pub(crate) role: String,

    /// The organisational unit
    #[arg(long, value_name = "NAME")]
    pub(crate) unit: Option<String>,

    /// What the token may be used for; several allowed
    #[arg(long, value_name = "PURPOSE", required = true)]
    pub(crate) purpose: Vec<Purpose>,

    /// How long it is good, at most 720
    #[arg(long, value_name = "MINUTES", default_value_t = 60)]
    pub(crate) minutes: u64,
}

/// The purpose as tokens hold it.
pub(crate) fn to_core(purpose: Purpose) -> codes::Purpose {
    match purpose {
        Purpose::Casework => codes::Purpose::Casework,
        Purpose::ConcernHandling => codes::Purpose::ConcernHandling,
        Purpose::CrimePrevention => codes::Purpose::CrimePrevention,
        Purpose::Supervision => codes::Purpose::Supervision,
        Purpose::Audit => codes::Purpose::Audit,
        Purpose::Grant => codes::Purpose::Grant,
        Purpose::Dsr => codes::Purpose::Dsr,
        Purpose::Operations => codes::Purpose::Operations,
    }
}
