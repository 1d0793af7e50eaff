//! A running server: started until it says where it serves, asked to end, or killed.

use std::ffi::OsString;
use std::fs;
use std::path::PathBuf;
use std::process::{ExitStatus, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use tokio::io::{AsyncBufReadExt as _, BufReader, Lines};
use tokio::process::{Child, ChildStdout, Command};
use tokio::task::JoinSet;

use super::clients::Clients;
use super::place::{AUDIENCE, ISSUER, Place, Role, text};
use super::{binary, in_time};

/// What the server prints before its address.
const SERVING_ON: &str = "serving on ";
/// How often a file is read while something is awaited in it.
const BEAT: Duration = Duration::from_millis(20);

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

/// A server that was started, and does not serve yet.
pub(crate) struct Starting {
    child: Child,
    standard_error: PathBuf,
}

impl Starting {
    /// Waits until the server serves, or has ended.
    pub(crate) async fn serves(mut self) -> Result<Server, Ended> {
        let Starting { child, standard_error } = &mut self;
        let output = child.stdout.take().expect("a pipe");
        let mut lines = BufReader::new(output).lines();
        let first = in_time("the server's first line", lines.next_line()).await.expect("UTF-8");
        let Some(first) = first else {
            let status = in_time("a server that did not start", child.wait()).await;
            return Err(Ended {
                status: status.expect("an exit status"),
                standard_output: String::new(),
                standard_error: fs::read_to_string(standard_error).expect("UTF-8"),
            });
        };
        let url = first.strip_prefix(SERVING_ON).map(str::to_owned);
        let mut standard_output = JoinSet::new();
        standard_output.spawn(rest(first, lines));
        let url = url.expect("the first line says where it serves");
        let Starting { child, standard_error } = self;
        Ok(Server { child, url, standard_output, standard_error })
    }

    /// Waits until the server has told its operator this.
    pub(crate) async fn tells(&self, words: &str) {
        let mut beat = tokio::time::interval(BEAT);
        let told = async {
            while !fs::read_to_string(&self.standard_error).expect("UTF-8").contains(words) {
                beat.tick().await;
            }
        };
        in_time("a word to the operator", told).await;
    }
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
        Server::begin(place, environment).serves().await
    }

    /// Starts a server and does not wait until it serves.
    pub(crate) fn begin(place: &Place, environment: &[(&str, &str)]) -> Starting {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let standard_error = place.new_error_file(NUMBER.fetch_add(1, Ordering::Relaxed));
        let errors = fs::File::create(&standard_error).expect("a file for the standard error");
        let public = place.issuer_public();
        let mut command = Command::from(binary::command());
        let mut flags = place.store_flags();
        // A flag would win.
        if environment.iter().any(|(key, _)| *key == "FOKUS_STORE") {
            flags.drain(..2);
        }
        if environment.iter().any(|(key, _)| *key == "FOKUS_SIGNING_KEY") {
            let at = flags.iter().position(|it| it == "--signing-key");
            flags.drain(at.map_or(0..0, |at| at..at + 2));
        }
        command.arg("serve").args(flags);
        command.args(["--listen", "127.0.0.1:0", "--synthetic"]);
        command.args(["--issuer", ISSUER, "--audience", AUDIENCE, "--issuer-key", text(&public)]);
        command.envs(environment.iter().map(|(key, value)| (OsString::from(key), value)));
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(errors).kill_on_drop(true);
        Starting { child: command.spawn().expect("the server's process"), standard_error }
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
        self.signal("TERM").await;
    }

    /// Stops the server's clocks and hands (SIGSTOP), in the middle of whatever it does.
    pub(crate) async fn pause(&self) {
        self.signal("STOP").await;
    }

    /// Lets a paused server go on (SIGCONT), as if no time had passed.
    pub(crate) async fn wake(&self) {
        self.signal("CONT").await;
    }

    async fn signal(&self, name: &str) {
        let (flag, process) = (format!("-{name}"), self.process_id().to_string());
        let sent = Command::new("sh").args(["-c", "kill \"$0\" \"$1\"", &flag, &process]).status();
        assert!(sent.await.expect("sh runs").success(), "the signal is sent");
    }

    /// Kills the server (SIGKILL), at once.
    pub(crate) fn kill(&mut self) {
        self.child.start_kill().expect("the signal is sent");
    }

    /// Whether its end was not seen yet.
    pub(crate) fn is_running(&self) -> bool {
        self.child.id().is_some()
    }

    /// Waits until the server's process is gone.
    pub(crate) async fn wait(&mut self) {
        in_time("the server's end", self.child.wait()).await.expect("an exit status");
    }

    /// Waits until the server tells its operator something that begins so; gives the rest of the line.
    pub(crate) async fn told(&self, beginning: &str) -> String {
        let mut beat = tokio::time::interval(BEAT);
        let told = async {
            loop {
                let text = fs::read_to_string(&self.standard_error).expect("UTF-8");
                // A line that is still being written has no end.
                let mut lines = text.split_inclusive('\n').filter_map(|it| it.strip_suffix('\n'));
                if let Some(rest) = lines.find_map(|it| it.strip_prefix(beginning)) {
                    return rest.to_owned();
                }
                beat.tick().await;
            }
        };
        in_time(beginning, told).await
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
