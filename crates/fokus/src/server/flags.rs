//! The flags of the verbs that open a store. No secret is a flag; keys and tokens are files.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, Subcommand};
use fokus_core::codes;

use crate::failure::Failure;
use crate::flags::Purpose;

/// Which store: `sqlite:DIR`.
#[derive(Debug, Args)]
pub(crate) struct Store {
    /// The store: a folder of SQLite databases, made when it is empty or absent
    #[arg(long, value_name = "sqlite:DIR", env = "FOKUS_STORE")]
    pub(crate) store: String,
}

impl Store {
    /// The folder.
    ///
    /// # Errors
    ///
    /// [`Failure::CouldNotRun`] for another kind of store.
    pub(crate) fn dir(&self) -> Result<PathBuf, Failure> {
        match self.store.strip_prefix("sqlite:") {
            Some(dir) if !dir.is_empty() => Ok(PathBuf::from(dir)),
            _ => Err(Failure::CouldNotRun("--store wants sqlite:DIR".to_owned())),
        }
    }
}

/// `fokus serve`
#[derive(Debug, Args)]
pub(crate) struct Serve {
    /// The store.
    #[command(flatten)]
    pub(crate) store: Store,

    /// Address to listen on; loopback only until TLS is there
    #[arg(long, value_name = "ADDRESS", env = "FOKUS_LISTEN", default_value = "127.0.0.1:7400")]
    pub(crate) listen: SocketAddr,

    /// Who makes the tokens: their `iss`
    #[arg(long, value_name = "NAME", env = "FOKUS_ISSUER")]
    pub(crate) issuer: String,

    /// Whom the tokens are for: their `aud`
    #[arg(long, value_name = "NAME", env = "FOKUS_AUDIENCE", default_value = "fokus")]
    pub(crate) audience: String,

    /// The issuer's Ed25519 public key, PEM; several while keys are being changed
    #[arg(
        long,
        value_name = "FILE",
        env = "FOKUS_ISSUER_KEY",
        required = true,
        value_delimiter = ','
    )]
    pub(crate) issuer_key: Vec<PathBuf>,

    /// Begins the names of a new store's logs, such as `journal.example.dk` [default: random]
    #[arg(long, value_name = "NAME", env = "FOKUS_AUTHORITY")]
    pub(crate) authority: Option<String>,

    /// A new store holds invented people only, and no others ever
    #[arg(long, env = "FOKUS_SYNTHETIC")]
    pub(crate) synthetic: bool,

    /// Where the root key lies [default: in the store's folder]
    #[arg(long, value_name = "FILE", env = "FOKUS_ROOT_KEY")]
    pub(crate) root_key: Option<PathBuf>,

    /// Where the signing key lies [default: in the store's folder]
    #[arg(long, value_name = "FILE", env = "FOKUS_SIGNING_KEY")]
    pub(crate) signing_key: Option<PathBuf>,
}

/// `fokus demo`
#[derive(Debug, Args)]
pub(crate) struct Demo {
    /// Families to invent
    #[arg(long, value_name = "COUNT", default_value_t = 8)]
    pub(crate) families: u32,

    /// The same seed makes the same programme
    #[arg(long, value_name = "NUMBER", default_value_t = 1)]
    pub(crate) seed: u64,

    /// Folder of the demo's store, tokens and tally; made when it is empty or absent
    #[arg(long, value_name = "DIR", default_value = "fokus-demo-data")]
    pub(crate) data: PathBuf,

    /// Print what the generator assumes
    #[arg(long)]
    pub(crate) parameters: bool,

    /// Make it, compare it, and end
    #[arg(long)]
    pub(crate) no_serve: bool,

    /// Address to listen on; loopback only
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:7400")]
    pub(crate) listen: SocketAddr,
}

/// `fokus check`
#[derive(Debug, Args)]
pub(crate) struct Check {
    /// The store.
    #[command(flatten)]
    pub(crate) store: Store,

    /// Print the digest of each log only
    #[arg(long)]
    pub(crate) digest: bool,

    /// Where the root key lies [default: in the store's folder]
    #[arg(long, value_name = "FILE", env = "FOKUS_ROOT_KEY")]
    pub(crate) root_key: Option<PathBuf>,

    /// Where the signing key lies [default: in the store's folder]
    #[arg(long, value_name = "FILE", env = "FOKUS_SIGNING_KEY")]
    pub(crate) signing_key: Option<PathBuf>,
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

    /// caseworker, team-lead, programme-manager, auditor or operator
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
