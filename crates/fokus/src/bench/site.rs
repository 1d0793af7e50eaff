//! The bench's server: a folder with an issuer of its own, and `fokus serve` as a process of its own.
//!
//! The store's name goes through the environment, since it may hold a password. Dropped, the server is
//! killed and the folder removed.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use fokus_core::codes::Purpose;
use fokus_grpc::token::LIFETIME_MAX_S;
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt as _, BufReader, Lines};
use tokio::process::{Child, ChildStdout, Command};
use tokio::task::JoinSet;
use tokio::time::{Instant, timeout};

use super::failed;
use crate::client::Client;
use crate::failure::Failure;
use crate::flags;
use crate::server::issuer::{Holder, Issuer, write_secret};
use crate::server::store::{StoreKind, StoreName};
use crate::server::system::random;

/// The municipality of the bench.
pub(super) const TENANT: &str = "bench";
const ISSUER: &str = "fokus-bench";
const AUDIENCE: &str = "fokus";
/// What the server prints before its address.
const SERVING_ON: &str = "serving on ";
/// What it tells its operator before, of a store without logs.
const NO_LOGS: &str = "logs: 0,";
/// How long a server may take to start, on a log of millions too.
const START_MAX: Duration = Duration::from_secs(120);
/// How long it may take to end.
const END_MAX: Duration = Duration::from_secs(60);
/// Settings of other servers, which this one must not take over.
const FOREIGN_SETTINGS: [&str; 6] = [
    "FOKUS_LISTEN",
    "FOKUS_WEB",
    "FOKUS_ROOT_KEY",
    "FOKUS_SIGNING_KEY",
    "FOKUS_AUTHORITY",
    "FOKUS_ISSUER_KEY",
];

/// Who asks the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Who {
    TeamLead,
    Caseworker,
    Auditor,
    Operator,
}

impl Who {
    fn holder(self) -> Holder {
        let (role, purpose) = match self {
            Who::TeamLead => ("TEAM_LEAD", Purpose::Casework),
            Who::Caseworker => ("CASEWORKER", Purpose::Casework),
            Who::Auditor => ("AUDITOR", Purpose::Audit),
            Who::Operator => ("OPERATOR", Purpose::Operations),
        };
        Holder {
            tenant: TENANT.to_owned(),
            subject: format!("bench-{}", role.to_lowercase()),
            role: role.to_owned(),
            unit: None,
            purposes: vec![purpose],
        }
    }
}

/// The bench's folder: keys, tokens, and the store where the flags name none.
#[derive(Debug)]
pub(super) struct Site {
    folder: TempDir,
    issuer: Issuer,
    /// The store that is measured.
    pub(super) store: StoreName,
    pub(super) kind: StoreKind,
}

impl Site {
    /// A new folder; `None` measures a SQLite store in it.
    ///
    /// # Errors
    ///
    /// [`Failure::CouldNotRun`] when no folder can be made.
    pub(super) fn new(store: Option<StoreName>) -> Result<Site, Failure> {
        let beside = match store.as_ref().map(StoreName::kind).transpose()? {
            // Beside it: in the same file system.
            Some(StoreKind::Sqlite(dir)) => dir.parent().map(Path::to_owned),
            Some(StoreKind::Postgres(_) | StoreKind::Memory) | None => None,
        };
        let beside = beside.filter(|it| !it.as_os_str().is_empty());
        let named = tempfile::Builder::new().prefix("fokus-bench-").to_owned();
        let folder = match beside {
            Some(it) => named.tempdir_in(it),
            None => named.tempdir(),
        };
        let folder = folder.map_err(|it| failed(&it))?;
        let store = store.unwrap_or_else(|| StoreName::folder(&folder.path().join("store")));
        let kind = store.kind()?;
        let site = Site { folder, issuer: Issuer::new(ISSUER, AUDIENCE, random()), store, kind };
        write_secret(&site.file("issuer.pem"), &site.issuer.public_pem(), true)?;
        for who in [Who::TeamLead, Who::Caseworker, Who::Auditor, Who::Operator] {
            write_secret(&site.token_file(who), &site.token(who)?, true)?;
        }
        Ok(site)
    }

    /// The folder, in the file system of a SQLite store.
    pub(super) fn folder(&self) -> &Path {
        self.folder.path()
    }

    fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn token_file(&self, who: Who) -> PathBuf {
        self.file(&format!("{who:?}.jwt"))
    }

    /// Somebody's token.
    ///
    /// # Errors
    ///
    /// [`Failure::CouldNotRun`] when it cannot be signed.
    pub(super) fn token(&self, who: Who) -> Result<String, Failure> {
        self.issuer.token(&who.holder(), LIFETIME_MAX_S)
    }

    /// Starts a server on the store and waits until it serves.
    ///
    /// # Errors
    ///
    /// [`Failure::CouldNotRun`] with what the server said.
    pub(super) async fn serve(&self) -> Result<Server, Failure> {
        let mut command = Command::new(std::env::current_exe().map_err(|it| failed(&it))?);
        command.args(["serve", "--listen", "127.0.0.1:0", "--synthetic", "--issuer", ISSUER]);
        command.args(["--audience", AUDIENCE, "--issuer-key"]).arg(self.file("issuer.pem"));
        for name in FOREIGN_SETTINGS {
            command.env_remove(name);
        }
        if let StoreKind::Postgres(_) = self.kind {
            command.arg("--root-key").arg(self.file("root.key"));
            command.arg("--signing-key").arg(self.file("signing.key"));
        }
        command.env("FOKUS_STORE", self.store.as_given());
        let told = self.file("server.txt");
        let errors = fs::File::create(&told).map_err(|it| failed(&it))?;
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(errors).kill_on_drop(true);
        let begun = Instant::now();
        let mut child = command.spawn().map_err(|it| failed(&it))?;
        let output = child.stdout.take();
        let mut lines = output.map(|it| BufReader::new(it).lines());
        let first = match &mut lines {
            Some(lines) => timeout(START_MAX, lines.next_line()).await,
            None => Ok(Ok(None)),
        };
        let first = first.ok().and_then(Result::ok).flatten().unwrap_or_default();
        let told = fs::read_to_string(&told).unwrap_or_default();
        let Some(url) = first.strip_prefix(SERVING_ON) else {
            let told = told.lines().last().unwrap_or("it said nothing");
            return Err(Failure::CouldNotRun(format!("the bench's server did not start: {told}")));
        };
        let is_empty = told.contains(NO_LOGS);
        let started_s = begun.elapsed().as_secs_f64();
        let (url, process) = (url.to_owned(), child.id().unwrap_or_default());
        let mut reader = JoinSet::new();
        if let Some(lines) = lines {
            reader.spawn(read_on(lines));
        }
        Ok(Server { child, process, url, begun, started_s, is_empty, _reader: reader })
    }

    /// Ends the server and starts another on what is there.
    ///
    /// # Errors
    ///
    /// As [`Site::serve`] and [`Server::stop`].
    pub(super) async fn serve_again(&self, server: &mut Server) -> Result<Server, Failure> {
        server.stop().await?;
        self.serve().await
    }

    /// Somebody's client with decoded messages.
    ///
    /// # Errors
    ///
    /// [`Failure::CouldNotRun`] when the server does not answer.
    pub(super) async fn client(&self, server: &Server, who: Who) -> Result<Client, Failure> {
        let purpose = match who {
            Who::TeamLead | Who::Caseworker => flags::Purpose::Casework,
            Who::Auditor => flags::Purpose::Audit,
            Who::Operator => flags::Purpose::Operations,
        };
        let connection = flags::Connection {
            server: server.url.clone(),
            token_file: Some(self.token_file(who)),
            purpose: None,
        };
        Client::connect(&connection, purpose).await
    }
}

/// A running server.
#[derive(Debug)]
pub(super) struct Server {
    child: Child,
    pub(super) process: u32,
    pub(super) url: String,
    /// When its process was made.
    pub(super) begun: Instant,
    /// From then until it said that it serves.
    pub(super) started_s: f64,
    /// Whether the store had no log then.
    pub(super) is_empty: bool,
    /// Reads on, so that the server never waits for its reader.
    _reader: JoinSet<()>,
}

impl Server {
    /// Asks the server to end, and waits until it has.
    ///
    /// # Errors
    ///
    /// [`Failure::CouldNotRun`] when it does not, or not well.
    pub(super) async fn stop(&mut self) -> Result<(), Failure> {
        let process = self.process.to_string();
        let asked = Command::new("sh").args(["-c", "kill -TERM \"$0\"", &process]).status().await;
        asked.map_err(|it| failed(&it))?;
        match timeout(END_MAX, self.child.wait()).await {
            Ok(Ok(status)) if status.success() => Ok(()),
            Ok(Ok(status)) => {
                Err(Failure::CouldNotRun(format!("the bench's server ended badly: {status}")))
            }
            Ok(Err(error)) => Err(failed(&error)),
            Err(_) => Err(Failure::CouldNotRun("the bench's server did not end".to_owned())),
        }
    }
}

async fn read_on(mut lines: Lines<BufReader<ChildStdout>>) {
    while let Ok(Some(_)) = lines.next_line().await {}
}
