//! A running server: started until it says where it serves, asked to end, or killed.

use std::ffi::OsString;
use std::fs;
use std::path::PathBuf;
use std::process::{ExitStatus, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};

use tokio::io::{AsyncBufReadExt as _, BufReader, Lines};
use tokio::process::{Child, ChildStdout, Command};
use tokio::task::JoinSet;

use super::clients::Clients;
use super::place::{AUDIENCE, ISSUER, Place, Role, text};
use super::{binary, in_time};

/// What the server prints before its address.
const SERVING_ON: &str = "serving on ";

/// A running server. Dropped, it is killed.
pub(crate) struct Server {
    child: Child,
    /// Such as `http://127.0.0.1:41234`.
    pub(crate) url: String,
    /// Reads on, so that the server never waits for its reader; ends with what it read.
    standard_output: JoinSet<String>,
    standard_error: PathBuf,
}

/// A server that has ended.
#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) status: ExitStatus,
    pub(crate) standard_output: String,
    pub(crate) standard_error: String,
}

impl Server {
    /// Starts a server that comes up.
    pub(crate) async fn start(place: &Place) -> Server {
        match Server::try_start(place, &[]).await {
            Ok(it) => it,
            Err(ended) => panic!("the server did not start: {ended:?}"),
        }
    }

    /// Starts a server with these variables in its environment; it serves, or it has ended.
    pub(crate) async fn try_start(
        place: &Place,
        environment: &[(&str, &str)],
    ) -> Result<Server, Ended> {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let standard_error = place.new_error_file(NUMBER.fetch_add(1, Ordering::Relaxed));
        let errors = fs::File::create(&standard_error).expect("a file for the standard error");
        let store = place.store_flag();
        let public = place.issuer_public();
        let mut command = Command::from(binary::command());
        command.args(["serve", "--store", &store, "--listen", "127.0.0.1:0", "--synthetic"]);
        command.args(["--issuer", ISSUER, "--audience", AUDIENCE, "--issuer-key", text(&public)]);
        command.envs(environment.iter().map(|(key, value)| (OsString::from(key), value)));
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(errors).kill_on_drop(true);
        let mut child = command.spawn().expect("the server's process");
        let output = child.stdout.take().expect("a pipe");
        let mut lines = BufReader::new(output).lines();
        let first = in_time("the server's first line", lines.next_line()).await.expect("UTF-8");
        let Some(first) = first else {
            let status = in_time("a server that did not start", child.wait()).await;
            return Err(Ended {
                status: status.expect("an exit status"),
                standard_output: String::new(),
                standard_error: fs::read_to_string(&standard_error).expect("UTF-8"),
            });
        };
        let url = first.strip_prefix(SERVING_ON).map(str::to_owned);
        let mut standard_output = JoinSet::new();
        standard_output.spawn(rest(first, lines));
        let url = url.expect("the first line says where it serves");
        Ok(Server { child, url, standard_output, standard_error })
    }

    /// Calls by somebody, on a connection of their own.
    pub(crate) async fn clients(&self, place: &Place, role: Role, subject: &str) -> Clients {
        Clients::connect(&self.url, &place.token(role, subject), role.purpose()).await
    }

    /// The server's process, for those who send it a signal themselves.
    pub(crate) fn process_id(&self) -> u32 {
        self.child.id().expect("a running server")
    }

    /// Asks the server to end (SIGTERM) and waits until it has.
    pub(crate) async fn stop(self) -> Ended {
        self.ask_to_end().await;
        self.ended().await
    }

    /// Asks the server to end (SIGTERM) and does not wait.
    pub(crate) async fn ask_to_end(&self) {
        let process = self.process_id().to_string();
        let sent = Command::new("sh").args(["-c", "kill -TERM \"$0\"", &process]).status().await;
        assert!(sent.expect("sh runs").success(), "the signal is sent");
    }

    /// Kills the server (SIGKILL), at once.
    pub(crate) fn kill(&mut self) {
        self.child.start_kill().expect("the signal is sent");
    }

    /// Waits until the server has ended.
    pub(crate) async fn ended(mut self) -> Ended {
        let status = in_time("the server's end", self.child.wait()).await.expect("an exit status");
        let said = in_time("the server's last words", self.standard_output.join_next()).await;
        Ended {
            status,
            standard_output: said.expect("one reader").expect("it reads to the end"),
            standard_error: fs::read_to_string(&self.standard_error).expect("UTF-8"),
        }
    }
}

/// Reads to the end; gives everything, the first line too.
async fn rest(mut said: String, mut lines: Lines<BufReader<ChildStdout>>) -> String {
    while let Ok(Some(line)) = lines.next_line().await {
        said.push('\n');
        said.push_str(&line);
    }
    said
}
