//! Throw-away PostgreSQL clusters for tests: made in a temporary folder, reached only through a socket in
//! it, gone when dropped, and also when whoever started them is killed.
//!
//! Read [`Cluster::start`], then what can happen to one: [`Cluster::stop`], [`Cluster::kill`],
//! [`Cluster::promote`]. `cluster/programs.rs` finds the programs; `cluster/keep.sh` tidies up. Nothing
//! here knows the journal. Everything blocks: it is for tests. Deliberately absent: a network address (who needs
//! one names it in the settings).

mod programs;

use std::fs;
use std::io;
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

use programs::Programs;

/// The longest that a start, a stop or a promotion may take, in seconds.
const PATIENCE_S: &str = "60";
/// The longest path of a folder for sockets: a socket's path has 107 bytes, and its name takes some.
const SOCKET_FOLDER_MAX: usize = 90;
/// What tidies up, and kills.
const KEEP: &str = include_str!("cluster/keep.sh");
/// Who asks, when nobody else is named: the superuser.
pub const SUPERUSER: &str = "postgres";

/// Why a cluster could not be made or told something.
#[derive(Debug, thiserror::Error)]
pub enum ClusterError {
    /// No usable server programs.
    #[error(
        "no PostgreSQL 15 or later: set FOKUS_POSTGRES_BIN to the folder that holds postgres, initdb, \
         pg_ctl, pg_basebackup and psql, or install the server (Debian: postgresql)"
    )]
    NoPrograms,
    /// Run by root, with nobody else to run the server as.
    #[error("PostgreSQL does not run as root, and there is no account `postgres` or `nobody`")]
    NoAccount,
    /// The folder's path does not fit into a socket's.
    #[error(
        "the path of the temporary folder is longer than {SOCKET_FOLDER_MAX} bytes: set TMPDIR"
    )]
    PathTooLong,
    /// The file system, or starting a program.
    #[error("{what}: {source}")]
    Io { what: &'static str, source: io::Error },
    /// A program ended badly.
    #[error("{program} ended with {status}: {said}")]
    Program { program: String, status: ExitStatus, said: String },
}

impl ClusterError {
    fn io(what: &'static str) -> impl FnOnce(io::Error) -> ClusterError {
        move |source| ClusterError::Io { what, source }
    }
}

/// Whether a commit is on the disk before it is answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Durability {
    /// As in the field.
    Kept,
    /// Faster, for tests that pull no plug.
    Ignored,
}

/// How a cluster ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StopMode {
    /// Connections are cut, everything is written: a shutdown in order.
    Fast,
    /// Everything is dropped; the next start recovers.
    Immediate,
}

/// A running PostgreSQL, stopped and removed when dropped.
#[derive(Debug)]
pub struct Cluster {
    programs: Programs,
    folder: PathBuf,
    databases: AtomicU32,
    /// Last, so that the folder goes last.
    _keeper: Keeper,
}

impl Cluster {
    /// Makes and starts a cluster.
    ///
    /// # Errors
    ///
    /// [`ClusterError`], in words that say what to do where something can be done.
    pub fn start(durability: Durability) -> Result<Cluster, ClusterError> {
        Cluster::start_with(durability, &[])
    }

    /// Makes and starts a cluster with these settings too, names and values as in `postgresql.conf`.
    ///
    /// # Errors
    ///
    /// [`ClusterError`].
    pub fn start_with(
        durability: Durability,
        settings: &[(&str, &str)],
    ) -> Result<Cluster, ClusterError> {
        let cluster = Cluster::unmade()?;
        let mut initdb = cluster.programs.server("initdb", &cluster.folder);
        initdb.args(["--no-sync", "--encoding=UTF8", "--locale=C", "--username", SUPERUSER]);
        initdb.args(["--auth-local=trust", "--auth-host=scram-sha-256", "--pgdata"]);
        run(initdb.arg(cluster.data_folder()))?;
        cluster.configure(durability, settings)?;
        cluster.start_again()?;
        Ok(cluster)
    }

    /// One cluster for all tests of this process, not durable; it goes when the process goes.
    ///
    /// # Errors
    ///
    /// [`ClusterError`], the same for every caller.
    pub fn shared() -> Result<&'static Cluster, &'static ClusterError> {
        static SHARED: OnceLock<Result<Cluster, ClusterError>> = OnceLock::new();
        SHARED.get_or_init(|| Cluster::start(Durability::Ignored)).as_ref()
    }

    /// Copies a running cluster and starts the copy, which follows it by streaming under this name
    /// (lower-case letters). With `synchronous`, the primary answers a commit only when it is on the
    /// standby's disk too; that holds when this returns.
    ///
    /// # Errors
    ///
    /// [`ClusterError`].
    pub fn standby_of(
        primary: &Cluster,
        name: &str,
        synchronous: bool,
    ) -> Result<Cluster, ClusterError> {
        let standby = Cluster::unmade()?;
        let socket = primary.socket_folder();
        let mut backup = standby.programs.server("pg_basebackup", &standby.folder);
        backup.args(["--no-sync", "--checkpoint=fast", "--write-recovery-conf", "--dbname"]);
        let socket = quoted(&socket.to_string_lossy());
        backup.arg(format!("host={socket} user={SUPERUSER} application_name={name}"));
        run(backup.arg("--pgdata").arg(standby.data_folder()))?;
        standby.configure(Durability::Kept, &[])?;
        standby.start_again()?;
        if synchronous {
            let names = format!("alter system set synchronous_standby_names = '{name}'");
            primary.sql(SUPERUSER, &names)?;
            primary.sql(SUPERUSER, "select pg_reload_conf()")?;
        }
        let state = if synchronous { "sync" } else { "async" };
        primary.sql(SUPERUSER, &wait_for_standby(name, state))?;
        Ok(standby)
    }

    /// The folder, its keeper, and nothing in it.
    fn unmade() -> Result<Cluster, ClusterError> {
        let folder = tempfile::Builder::new()
            .prefix("fokus-pg-")
            .permissions(fs::Permissions::from_mode(0o700))
            .tempdir();
        let folder = folder.map_err(ClusterError::io("a temporary folder"))?;
        let programs = Programs::find(folder.path())?;
        let keeper = Keeper::of(folder.path())?;
        // From here on the keeper removes it.
        let folder = folder.keep();
        let cluster = Cluster { programs, folder, databases: AtomicU32::new(0), _keeper: keeper };
        if cluster.socket_folder().as_os_str().len() > SOCKET_FOLDER_MAX {
            return Err(ClusterError::PathTooLong);
        }
        fs::create_dir(cluster.socket_folder())
            .map_err(ClusterError::io("a folder for sockets"))?;
        cluster.programs.give(&cluster.folder)?;
        cluster.programs.give(&cluster.socket_folder())?;
        Ok(cluster)
    }

    /// Writes the whole configuration. What is not named is as PostgreSQL has it.
    fn configure(
        &self,
        durability: Durability,
        settings: &[(&str, &str)],
    ) -> Result<(), ClusterError> {
        let fsync = if durability == Durability::Kept { "on" } else { "off" };
        let socket_folder = self.socket_folder();
        let socket_folder = socket_folder.to_string_lossy();
        let ours = [
            // Nobody reaches it but through the folder, which nobody else may enter.
            ("listen_addresses", ""),
            ("unix_socket_directories", &socket_folder),
            ("unix_socket_permissions", "0700"),
            ("fsync", fsync),
            ("full_page_writes", fsync),
            ("max_connections", "300"),
            ("shared_buffers", "32MB"),
            // In the folder, so that nothing stays elsewhere when it is killed.
            ("dynamic_shared_memory_type", "mmap"),
            ("timezone", "UTC"),
        ];
        let lines =
            ours.iter().chain(settings).map(|(key, it)| format!("{key} = {}\n", quoted(it)));
        let path = self.data_folder().join("postgresql.conf");
        // It belongs to the server's account already, and stays so.
        fs::write(path, lines.collect::<String>()).map_err(ClusterError::io("postgresql.conf"))
    }

    /// Starts a cluster that was stopped or killed, and returns when it answers.
    ///
    /// # Errors
    ///
    /// [`ClusterError::Program`], with the end of the server's log.
    pub fn start_again(&self) -> Result<(), ClusterError> {
        let log = self.folder.join("log");
        let mut start = self.programs.server("pg_ctl", &self.folder);
        start.args(["start", "--silent", "--wait", "--timeout", PATIENCE_S, "--log"]).arg(&log);
        run(start.arg("--pgdata").arg(self.data_folder())).map_err(|error| match error {
            ClusterError::Program { program, status, .. } => {
                let said = fs::read_to_string(&log).unwrap_or_default();
                ClusterError::Program { program, status, said: last_lines(&said) }
            }
            other @ (ClusterError::NoPrograms
            | ClusterError::NoAccount
            | ClusterError::PathTooLong
            | ClusterError::Io { .. }) => other,
        })
    }

    /// Stops the cluster and returns when it has ended.
    ///
    /// # Errors
    ///
    /// [`ClusterError`].
    pub fn stop(&self, mode: StopMode) -> Result<(), ClusterError> {
        let mode = match mode {
            StopMode::Fast => "fast",
            StopMode::Immediate => "immediate",
        };
        let mut stop = self.programs.server("pg_ctl", &self.folder);
        stop.args(["stop", "--silent", "--wait", "--timeout", PATIENCE_S, "--mode", mode]);
        run(stop.arg("--pgdata").arg(self.data_folder()))
    }

    /// Kills every process of the cluster (SIGKILL), and returns when none is left.
    ///
    /// # Errors
    ///
    /// [`ClusterError`].
    pub fn kill(&self) -> Result<(), ClusterError> {
        run(&mut shell("kill", &self.folder))
    }

    /// Makes a standby a primary, and returns when it takes writes.
    ///
    /// # Errors
    ///
    /// [`ClusterError`].
    pub fn promote(&self) -> Result<(), ClusterError> {
        let mut promote = self.programs.server("pg_ctl", &self.folder);
        promote.args(["promote", "--silent", "--wait", "--timeout", PATIENCE_S, "--pgdata"]);
        run(promote.arg(self.data_folder()))
    }

    /// A new, empty database; gives its name.
    ///
    /// # Errors
    ///
    /// [`ClusterError`].
    pub fn fresh_database(&self) -> Result<String, ClusterError> {
        let name = format!("fokus_{}", self.databases.fetch_add(1, Ordering::Relaxed));
        self.sql(SUPERUSER, &format!("create database {name}"))?;
        Ok(name)
    }

    /// The address of a database, for the superuser.
    pub fn url(&self, database: &str) -> String {
        self.url_as(SUPERUSER, database)
    }

    /// The address of a database, for a role. The socket asks for no password.
    pub fn url_as(&self, role: &str, database: &str) -> String {
        url_through(&self.socket_folder(), role, database)
    }

    /// Where the socket is.
    pub fn socket_folder(&self) -> PathBuf {
        self.folder.join("s")
    }

    /// The data folder.
    pub fn data_folder(&self) -> PathBuf {
        self.folder.join("data")
    }

    /// Carries out one statement as the superuser; gives its rows, a line each, columns between `|`.
    ///
    /// # Errors
    ///
    /// [`ClusterError::Program`], with what PostgreSQL says.
    pub fn sql(&self, database: &str, statement: &str) -> Result<String, ClusterError> {
        let output = capture(self.psql(database).args(["--command", statement]))?;
        Ok(output.trim_end().to_owned())
    }

    /// A call of `psql` as the superuser, which ends at the first error and prints rows and nothing
    /// else. For sessions that stay open.
    pub fn psql(&self, database: &str) -> Command {
        let mut psql = self.programs.client("psql");
        psql.args(["--no-psqlrc", "--no-align", "--tuples-only", "--quiet"]);
        psql.args(["--set", "ON_ERROR_STOP=1", "--username", SUPERUSER, "--dbname", database]);
        psql.arg("--host").arg(self.socket_folder());
        psql
    }
}

/// The address of a database behind the socket in a folder, which may be a link to the real one.
pub fn url_through(socket_folder: &Path, role: &str, database: &str) -> String {
    let host: String = socket_folder.to_string_lossy().bytes().map(percent_encoded).collect();
    format!("postgres:///{database}?host={host}&user={role}")
}

/// A byte as it may stand in the query of an address.
fn percent_encoded(byte: u8) -> String {
    if byte.is_ascii_alphanumeric() || b"/-._".contains(&byte) {
        char::from(byte).to_string()
    } else {
        format!("%{byte:02X}")
    }
}

/// Between quotes, as `postgresql.conf` and connection strings take it. Neither's escapes are in a path
/// that somebody wrote on purpose; a backslash stays one in both.
fn quoted(value: &str) -> String {
    format!("'{}'", value.replace('\\', "\\\\").replace('\'', "\\'"))
}

/// A statement that returns when the standby follows in this state, and fails if it does not.
fn wait_for_standby(name: &str, state: &str) -> String {
    format!(
        "do $$ begin
           for tenth in 1..10 * {PATIENCE_S} loop
             perform pg_stat_clear_snapshot();
             if exists (select from pg_stat_replication
                        where application_name = '{name}' and sync_state = '{state}'
                          and state = 'streaming') then
               return;
             end if;
             perform pg_sleep(0.1);
           end loop;
           raise exception 'the standby does not follow';
         end $$"
    )
}

/// Stops the server and removes the folder when dropped, or when this process is gone.
#[derive(Debug)]
struct Keeper(Child);

impl Keeper {
    fn of(folder: &Path) -> Result<Keeper, ClusterError> {
        let mut keep = shell("keep", folder);
        // In a group of its own: what ends the tests must not end what tidies up after them.
        keep.process_group(0).stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
        keep.spawn().map(Keeper).map_err(ClusterError::io("sh"))
    }
}

impl Drop for Keeper {
    fn drop(&mut self) {
        drop(self.0.stdin.take());
        let _ = self.0.wait();
    }
}

/// A call of `cluster/keep.sh`.
fn shell(what: &str, folder: &Path) -> Command {
    let mut command = Command::new("sh");
    command.args(["-c", KEEP, "sh", what]).arg(folder).current_dir("/").stdin(Stdio::null());
    command
}

/// Runs a program that succeeds.
fn run(command: &mut Command) -> Result<(), ClusterError> {
    capture(command).map(drop)
}

/// Runs a program that succeeds, and gives what it prints.
fn capture(command: &mut Command) -> Result<String, ClusterError> {
    let output = command.output().map_err(ClusterError::io("starting a program"))?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    Err(ClusterError::Program {
        program: command.get_program().to_string_lossy().into_owned(),
        status: output.status,
        said: last_lines(&String::from_utf8_lossy(&output.stderr)),
    })
}

/// The last lines of what a program said.
fn last_lines(said: &str) -> String {
    const LINES: usize = 8;
    let lines: Vec<&str> = said.lines().collect();
    let from = lines.len().saturating_sub(LINES);
    lines.get(from..).unwrap_or_default().join("\n")
}

#[cfg(test)]
mod tests;
