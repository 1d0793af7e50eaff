//! `fokus bench`, small: every figure is there, and none is nothing. And no flag that names a database
//! shows its password.

use serde_json::Value;

use crate::harness::binary;

/// What is measured with several calls under way.
const AT_ONCE: [&str; 4] = ["ceiling", "command", "bare_insert", "status_read"];
/// What is measured once.
const ALONE: [&str; 9] = [
    "export_leaves",
    "export_events",
    "rebuild",
    "rebuild",
    "rebuild",
    "rebuild",
    "rebuild",
    "rebuild",
    "rebuild",
];

#[track_caller]
fn check_above_nothing(of: &Value, names: &[&str]) {
    for name in names {
        assert!(of[*name].as_f64().is_some_and(|it| it > 0.0), "{name} of {of}");
    }
}

#[track_caller]
fn check_store(figures: &Value, store: &str) {
    assert_eq!(figures["store"], store);
    let runs = figures["runs"].as_array().expect("runs");
    let measured: Vec<(&str, u64)> = runs
        .iter()
        .map(|it| {
            (it["name"].as_str().expect("a name"), it["in_flight"].as_u64().expect("a count"))
        })
        .collect();
    let expected: Vec<(&str, u64)> = [1, 8]
        .into_iter()
        .flat_map(|in_flight| AT_ONCE.map(|name| (name, in_flight)))
        .chain(ALONE.map(|name| (name, 1)))
        .collect();
    assert_eq!(measured, expected);
    for run in runs {
        let figures = ["events", "per_s", "p50_us", "p99_us", "ratio_to_ceiling"];
        check_above_nothing(run, &figures);
        match run["name"].as_str() {
            Some("command") => check_above_nothing(run, &["ratio_to_bare_insert", "server_cores"]),
            Some("rebuild") => assert!(run["view"].is_string()),
            _ => {}
        }
    }
    let sizes = figures["growth"].as_array().expect("sizes");
    assert_eq!(sizes.len(), 1);
    let growth = ["families", "fill_per_s", "command_per_s", "ratio_to_first", "start_s"];
    check_above_nothing(&sizes[0], &growth);
    check_above_nothing(&sizes[0], &["events", "resident_kib", "peak_kib"]);
    check_above_nothing(figures, &["sync_us"]);
    if store == "sqlite" {
        check_above_nothing(&sizes[0], &["first_read_s", "resident_after_start_kib"]);
        check_above_nothing(&runs[1], &["p50_to_call_and_sync"]);
    }
}

#[test]
fn every_figure_is_there_and_none_is_nothing() {
    let temp = tempfile::TempDir::new().expect("a folder");
    let folder = format!("sqlite:{}", temp.path().join("store").display());
    let said = binary::print(&[
        "bench",
        "--json",
        "--store",
        "memory:",
        "--store",
        &folder,
        "--events",
        "300",
        "--seconds",
        "0.2",
        "--in-flight",
        "1,8",
    ]);
    let figures: Value = serde_json::from_str(&said).expect("exactly one object");
    check_above_nothing(&figures, &["processors"]);
    let stores = figures["stores"].as_array().expect("stores");
    assert_eq!(stores.len(), 2);
    check_store(&stores[0], "memory");
    check_store(&stores[1], "sqlite");
}

#[test]
fn a_store_that_somebody_uses_is_left_alone() {
    let temp = tempfile::TempDir::new().expect("a folder");
    let folder = temp.path().join("demo");
    let folder = folder.to_str().expect("a path in UTF-8");
    binary::print(&[
        "demo",
        "--no-serve",
        "--families",
        "1",
        "--listen",
        "127.0.0.1:0",
        "--data",
        folder,
    ]);
    let store = format!("sqlite:{folder}");
    let before = binary::print(&["check", "--digest", "--store", &store]);
    let output = binary::run(&["bench", "--store", &store]);
    let told = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{told}");
    assert!(told.contains("the store is not empty"), "{told}");
    assert_eq!(binary::print(&["check", "--digest", "--store", &store]), before);
}

#[test]
fn a_password_in_a_url_is_never_shown() {
    // Nobody listens on port 1.
    let url = "postgres://fokus:hemmelig@127.0.0.1:1/fokus";
    let keys = ["--root-key", "absent/root.key", "--signing-key", "absent/signing.key"];
    let serve = ["serve", "--issuer", "i", "--issuer-key", "absent.pem", "--store", url];
    let rows: [(&[&str], Option<&str>); 5] = [
        (&["check", "--store", url], Some("absent/root.key is missing")),
        (&["migrate", "--store", url], Some("cannot be reached")),
        (&["bench", "--store", url], Some("did not start")),
        (&["check", "--store", "postgrse://fokus:hemmelig@127.0.0.1/fokus"], Some("is named")),
        (&["copy", "--from", url, "--to", url], Some("the same store")),
    ];
    for (arguments, expected) in rows {
        let more: &[&str] = if arguments[0] == "check" { &keys } else { &[] };
        let mut command = binary::command();
        command.args(arguments).args(more).env("FOKUS_WAIT", "0");
        check_told(&mut command, expected);
    }
    let mut command = binary::command();
    check_told(command.args(serve).env("FOKUS_STORE", url), None);
    let mut command = binary::command();
    command.arg("--help").env("FOKUS_STORE", url).env("FOKUS_KEYS", url);
    let help = command.output().expect("the program runs");
    assert!(!String::from_utf8_lossy(&help.stdout).contains("hemmelig"));
    for verb in ["serve", "check", "bench", "demo", "copy", "migrate"] {
        let mut command = binary::command();
        command.args([verb, "--help"]);
        for name in ["FOKUS_STORE", "FOKUS_KEYS", "FOKUS_FROM", "FOKUS_TO"] {
            command.env(name, url);
        }
        let help = command.output().expect("the program runs");
        assert!(!String::from_utf8_lossy(&help.stdout).contains("hemmelig"), "{verb} --help");
    }
}

#[track_caller]
fn check_told(command: &mut std::process::Command, expected: Option<&str>) {
    let output = command.output().expect("the program runs");
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert_eq!(output.status.code(), Some(2), "{told}");
    assert!(expected.is_none_or(|it| told.contains(it)), "{told}");
    assert!(!told.contains("hemmelig") && !said.contains("hemmelig"), "{told}");
}
