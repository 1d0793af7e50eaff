//! The client verbs as somebody at a terminal, or a script, meets them: what is printed where, and
//! which exit code says how it went. And somebody who has no client of ours at all.

use std::fs;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use serde_json::{Value, json};

use crate::harness::binary;
use crate::harness::every_store::on_every_store;
use crate::harness::place::{Place, Role, text};
use crate::harness::seeded::Seeded;
use crate::harness::server::Server;

on_every_store!(
    send_tells_of_each_bad_line_and_goes_on,
    a_python_client_made_from_reflection_alone_walks_the_whole_story,
);

/// A server, and a folder with a token of each role in `tokens/`.
struct Terminal {
    server: Server,
    place: Place,
}

impl Terminal {
    async fn new() -> Terminal {
        Terminal::at(Place::new()).await
    }

    async fn at(place: Place) -> Terminal {
        let server = Server::start(&place).await;
        let tokens = place.folder().join("tokens");
        fs::create_dir(&tokens).expect("a folder for tokens");
        for (role, name) in [
            (Role::Caseworker, "caseworker"),
            (Role::TeamLead, "team-lead"),
            (Role::Auditor, "auditor"),
            (Role::Operator, "operator"),
        ] {
            let file = tokens.join(format!("{name}.jwt"));
            fs::write(file, place.token(role, name)).expect("a token file");
        }
        Terminal { server, place }
    }

    /// Runs a verb as the caseworker.
    fn run(&self, arguments: &[&str]) -> Output {
        let token = self.place.folder().join("tokens/caseworker.jwt");
        let mut command = binary::command();
        command.args(arguments).env("FOKUS_SERVER", &self.server.url);
        command.env("FOKUS_TOKEN_FILE", token).stdin(Stdio::null());
        command.output().expect("the program runs")
    }

    /// Writes lines into a file and sends it.
    fn send(&self, lines: &[String], more: &[&str]) -> Output {
        let file = self.place.folder().join("lines.jsonl");
        fs::write(&file, lines.join("\n")).expect("a file of lines");
        self.run(&[&["send", text(&file)], more].concat())
    }
}

#[track_caller]
fn check(output: &Output, code: i32, said: &[&str], told: &[&str]) {
    let lines = |bytes: &[u8]| -> Vec<String> {
        String::from_utf8_lossy(bytes).lines().map(str::to_owned).collect()
    };
    assert_eq!(lines(&output.stdout), said, "standard output");
    assert_eq!(lines(&output.stderr), told, "standard error");
    assert_eq!(output.status.code(), Some(code), "exit code");
}

/// A line that registers a person; the purpose is left to the verb.
fn person(seeded: &mut Seeded) -> Value {
    json!({ "command_id": seeded.id(), "register_person": {
        "person_id": seeded.id(),
        "name": { "given": "Amina", "family": "Haddad" },
        "source": "PERSON_SOURCE_MANUAL",
        "is_synthetic": true,
    }})
}

async fn send_tells_of_each_bad_line_and_goes_on(place: Place) {
    let terminal = Terminal::at(place).await;
    tells_of_each_bad_line_and_goes_on(&terminal, "send", 0, &[]);
    tells_of_each_bad_line_and_goes_on(&terminal, "send in a stream", 2, &["--stream"]);
}

/// `before`: how many positions the log has; `more`: further flags.
#[track_caller]
fn tells_of_each_bad_line_and_goes_on(
    terminal: &Terminal,
    name: &'static str,
    before: u64,
    more: &[&str],
) {
    let mut seeded = Seeded::new(name);
    let first = person(&mut seeded);
    let mut other = person(&mut seeded);
    other["register_person"]["nickname"] = json!("Mina");
    let mut taken = person(&mut seeded);
    taken["register_person"]["person_id"] = first["register_person"]["person_id"].clone();
    let last = person(&mut seeded);
    let good = [first.to_string(), last.to_string()];
    let lines = [
        first.to_string(),
        String::new(),
        "Dear journal".to_owned(),
        other.to_string(),
        taken.to_string(),
        last.to_string(),
    ];

    let at = |line: u64, what: &str, offset: u64| {
        format!("line {line}: {what} at position {}", before + offset)
    };
    check(
        &terminal.send(&lines, more),
        1,
        &[&at(1, "accepted", 1), &at(6, "accepted", 2)],
        &[
            "line 3: FIELD_INVALID: is not JSON at byte 1",
            "line 4: FIELD_INVALID: register_person.nickname: is not a field",
            "line 5: ID_TAKEN: register_person.person_id: this id is taken",
            "5 commands: 2 accepted, 0 replayed, 1 refused, 2 not understood",
        ],
    );
    check(
        &terminal.send(&good, more),
        0,
        &[&at(1, "replayed", 1), &at(2, "replayed", 2)],
        &["2 commands: 0 accepted, 2 replayed, 0 refused, 0 not understood"],
    );
    let position = format!("linje 1: allerede modtaget på position {}", before + 1);
    check(
        &terminal.send(&good[..1], &[more, &["--lang", "da"]].concat()),
        0,
        &[&position],
        &["1 kommando: 0 modtaget, 1 allerede modtaget, 0 afvist, 0 ikke forstået"],
    );
}

#[tokio::test]
async fn send_prints_an_object_a_line_for_programs() {
    let terminal = Terminal::new().await;
    let mut seeded = Seeded::new("send for programs");
    let output = terminal.send(&[person(&mut seeded).to_string(), "{}".to_owned()], &["--json"]);
    let said = String::from_utf8(output.stdout).expect("UTF-8");
    let lines: Vec<Value> =
        said.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    assert_eq!(lines.len(), 2);
    assert_eq!(lines[0]["line"], 1);
    assert_eq!(lines[0]["outcome"]["position"], 1);
    assert_eq!(lines[0]["outcome"]["replayed"], false);
    assert_eq!(lines[1]["line"], 2);
    assert_eq!(lines[1]["error"]["status"], "INVALID_ARGUMENT");
    assert_eq!(lines[1]["error"]["reason"], "FIELD_INVALID");
    assert_eq!(output.status.code(), Some(1));
}

#[tokio::test]
async fn what_cannot_run_says_why_and_ends_with_2() {
    let terminal = Terminal::new().await;
    let absent = terminal.run(&["send", "absent.jsonl"]);
    let told = ["fokus: cannot read absent.jsonl: No such file or directory (os error 2)"];
    check(&absent, 2, &[], &told);

    let nobody = terminal.run(&["family", "list", "--server", "http://127.0.0.1:1"]);
    let told = ["fokus: no answer from http://127.0.0.1:1: Connection refused (os error 111)"];
    check(&nobody, 2, &[], &told);

    let far = terminal.run(&["family", "list", "--server", "http://192.0.2.1:7400"]);
    let told = "the token would cross a network in clear; only loopback is served yet";
    check(&far, 2, &[], &[&format!("fokus: http://192.0.2.1:7400: {told}")]);

    let nonsense = terminal.run(&["family", "status", "the Haddads"]);
    let told = "fokus: want a family's id or reference, such as FF-2019-017";
    check(&nonsense, 2, &[], &[told]);
}

#[tokio::test]
async fn what_the_server_refuses_ends_with_1() {
    let terminal = Terminal::new().await;
    let absent = terminal.run(&["family", "status", "FF-2019-017"]);
    check(&absent, 1, &[], &["fokus: no family has the reference FF-2019-017"]);

    let foreign = terminal.run(&["views", "list"]);
    check(&foreign, 1, &[], &["fokus: NOT_PERMITTED: not permitted"]);

    let mut stranger = binary::command();
    stranger.args(["family", "list", "--server", &terminal.server.url]);
    let output = stranger.output().expect("the program runs");
    let told = String::from_utf8(output.stderr).expect("UTF-8");
    assert!(told.starts_with("fokus: TOKEN_INVALID"), "{told}");
    assert!(told.contains("give a valid token with --token-file or FOKUS_TOKEN_FILE"), "{told}");
    assert_eq!(output.status.code(), Some(1));
}

#[tokio::test]
async fn a_reader_that_has_had_enough_is_left_in_peace() {
    let terminal = Terminal::new().await;
    let mut seeded = Seeded::new("closed pipe");
    assert!(terminal.send(&[person(&mut seeded).to_string()], &[]).status.success());
    let mut command = binary::command();
    command.args(["views", "list", "--server", &terminal.server.url, "--token-file"]);
    command.arg(terminal.place.folder().join("tokens/operator.jwt"));
    let mut child =
        command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the program runs");
    drop(child.stdout.take());
    let output = child.wait_with_output().expect("it ends");
    check(&output, 0, &[], &[]);
}

/// The walk judges by itself, step by step; see `python/walk.py`.
async fn a_python_client_made_from_reflection_alone_walks_the_whole_story(place: Place) {
    let terminal = Terminal::at(place).await;
    let top = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the top folder");
    let python = top.join("target/venv/bin/python");
    assert!(python.is_file(), "./tests/run installs the Python client's packages");
    let address = terminal.server.url.trim_start_matches("http://");
    let output = Command::new(python)
        .arg("-B")
        .arg(top.join("tests/python/walk.py"))
        .arg(address)
        .arg(terminal.place.folder().join("tokens"))
        .arg(terminal.server.process_id().to_string())
        .output()
        .expect("Python runs");
    let said = String::from_utf8_lossy(&output.stdout);
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}{told}");
    assert!(said.contains("ok  refused: UNAVAILABLE SHUTTING_DOWN"), "{said}");
    assert!(said.ends_with("ok  the whole walk\n"), "{said}");
    assert!(terminal.server.ended().await.status.success(), "the server ended well");
}
