//! Where PostgreSQL's server programs stand, and under which account they run.

use std::env;
use std::ffi::OsStr;
use std::fs;
use std::os::unix::fs::{MetadataExt as _, chown};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::ClusterError;

/// The oldest version that the journal runs on.
const VERSION_MIN: u32 = 15;
/// What a cluster is made and asked with; all of them stand in one folder.
const NAMES: &[&str] = &["postgres", "initdb", "pg_ctl", "pg_basebackup", "psql"];
/// Where Debian's packages put the programs of each version.
const DEBIAN: &str = "/usr/lib/postgresql";
/// Accounts that servers may run under when root starts them, the best first.
const ACCOUNTS: &[&str] = &["postgres", "nobody"];

/// The programs, and who runs them.
#[derive(Debug, Clone)]
pub(super) struct Programs {
    folder: PathBuf,
    /// User and group; `None` = whoever runs this.
    account: Option<(u32, u32)>,
}

impl Programs {
    /// Looks in `FOKUS_POSTGRES_BIN`, on the `PATH`, and where Debian has them, the newest first.
    /// `owned` is something that this process has made: it shows who that is.
    pub(super) fn find(owned: &Path) -> Result<Programs, ClusterError> {
        let folder = folders().into_iter().find(|it| is_usable(it));
        let folder = folder.ok_or(ClusterError::NoPrograms)?;
        let owner = fs::metadata(owned).map_err(ClusterError::io("the new folder"))?.uid();
        let account = if owner == 0 { Some(unprivileged()?) } else { None };
        Ok(Programs { folder, account })
    }

    /// A call of a program as whoever runs this, with nothing of the environment: `PGHOST` and its
    /// like would lead it elsewhere.
    pub(super) fn client(&self, name: &str) -> Command {
        bare(self.folder.join(name))
    }

    /// A call of a program under the server's account, in a folder that it may enter.
    pub(super) fn server(&self, name: &str, folder: &Path) -> Command {
        let mut command = match self.account {
            None => self.client(name),
            Some((user, group)) => {
                let mut command = bare("setpriv");
                command.args([format!("--reuid={user}"), format!("--regid={group}")]);
                command.args(["--clear-groups", "--"]).arg(self.folder.join(name));
                command
            }
        };
        command.current_dir(folder);
        command
    }

    /// Gives a file or folder to the server's account.
    pub(super) fn give(&self, path: &Path) -> Result<(), ClusterError> {
        let Some((user, group)) = self.account else { return Ok(()) };
        chown(path, Some(user), Some(group)).map_err(ClusterError::io("giving a folder away"))
    }
}

/// A call without the environment, but for where programs are found.
fn bare(program: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new(program);
    command.env_clear().env("LC_ALL", "C").stdin(Stdio::null());
    if let Some(path) = env::var_os("PATH") {
        command.env("PATH", path);
    }
    command
}

/// Every folder that may hold the programs, in the order they are tried.
fn folders() -> Vec<PathBuf> {
    if let Some(named) = env::var_os("FOKUS_POSTGRES_BIN") {
        return vec![PathBuf::from(named)];
    }
    let path = env::var_os("PATH").unwrap_or_default();
    // A link on the PATH leads to where the others are.
    let on_path = env::split_paths(&path).filter_map(|it| it.join("initdb").canonicalize().ok());
    let mut folders: Vec<PathBuf> =
        on_path.filter_map(|it| it.parent().map(Path::to_path_buf)).collect();
    let installed = fs::read_dir(DEBIAN).into_iter().flatten().filter_map(Result::ok);
    let mut installed: Vec<PathBuf> = installed.map(|it| it.path().join("bin")).collect();
    installed.sort_by_key(|it| std::cmp::Reverse(version(it)));
    folders.extend(installed);
    folders
}

/// Whether all programs are here, in a version that is new enough.
fn is_usable(folder: &Path) -> bool {
    NAMES.iter().all(|it| folder.join(it).is_file())
        && version(folder).is_some_and(|it| it >= VERSION_MIN)
}

/// The major version of the server in a folder, as in `postgres (PostgreSQL) 15.4`.
fn version(folder: &Path) -> Option<u32> {
    let output = bare(folder.join("postgres")).arg("--version").output().ok()?;
    let said = String::from_utf8(output.stdout).ok()?;
    let number = said.split_whitespace().find(|it| it.starts_with(|it: char| it.is_ascii_digit()));
    number?.split(|it: char| !it.is_ascii_digit()).next()?.parse().ok()
}

/// User and group of the first account that there is.
fn unprivileged() -> Result<(u32, u32), ClusterError> {
    let users = fs::read_to_string("/etc/passwd").map_err(ClusterError::io("/etc/passwd"))?;
    let ids = |name: &str| {
        let line = users.lines().find(|it| it.split(':').next() == Some(name))?;
        let mut fields = line.split(':').skip(2);
        Some((fields.next()?.parse().ok()?, fields.next()?.parse().ok()?))
    };
    ACCOUNTS.iter().find_map(|it| ids(it)).ok_or(ClusterError::NoAccount)
}
