//! Somebody else's session in the database, which holds on to what it has locked until it lets go.

use std::process::Stdio;

use fokus_postgres::cluster::Cluster;
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader, Lines};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};

use super::in_time;

/// What is printed after each statement's rows.
const DONE: &str = "-- done";

/// A session of the superuser. Dropped, it ends, and what it had not committed is undone.
pub(crate) struct Session {
    _child: Child,
    input: ChildStdin,
    output: Lines<BufReader<ChildStdout>>,
}

impl Session {
    /// A new session in a database.
    pub(crate) fn open(cluster: &Cluster, database: &str) -> Session {
        let mut command = Command::from(cluster.psql(database));
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).kill_on_drop(true);
        let mut child = command.spawn().expect("psql runs");
        let input = child.stdin.take().expect("a pipe");
        let output = BufReader::new(child.stdout.take().expect("a pipe")).lines();
        Session { _child: child, input, output }
    }

    /// Carries out a statement, without the semicolon; gives its rows.
    pub(crate) async fn run(&mut self, statement: &str) -> Vec<String> {
        let text = format!("{statement};\n\\echo {DONE}\n");
        self.input.write_all(text.as_bytes()).await.expect("psql reads");
        let mut rows = Vec::new();
        loop {
            let line = in_time("a row", self.output.next_line()).await.expect("UTF-8");
            let line = line.unwrap_or_else(|| panic!("psql ended at: {statement}"));
            if line == DONE {
                return rows;
            }
            rows.push(line);
        }
    }
}
