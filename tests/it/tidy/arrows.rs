//! Who may depend on whom, by what `cargo metadata` says of the manifests. All kinds of dependency
//! count: a test or a build script that reaches across a boundary crosses it.

use std::process::Command;

use serde_json::Value;

use super::check;

/// Every crate of the workspace, with those of ours that it may name. "May use X" includes what stands
/// below X, and that is written out here; only the demo, a client, gets the contract and no more.
const OURS: &[(&str, &[&str])] = &[
    ("fokus-core", &[]),
    ("fokus-log", &[]),
    ("fokus-vault", &["fokus-log"]),
    ("fokus-bundle", &["fokus-log"]),
    ("fokus-verify", &["fokus-log", "fokus-vault", "fokus-bundle"]),
    ("fokus-store", &["fokus-log", "fokus-vault"]),
    ("fokus-sqlite", &["fokus-log", "fokus-vault", "fokus-store"]),
    ("fokus-postgres", &["fokus-log", "fokus-vault", "fokus-store"]),
    ("fokus-app", &["fokus-core", "fokus-log", "fokus-vault", "fokus-bundle", "fokus-store"]),
    ("fokus-proto", &["fokus-core"]),
    (
        "fokus-grpc",
        &[
            "fokus-core",
            "fokus-log",
            "fokus-vault",
            "fokus-bundle",
            "fokus-store",
            "fokus-app",
            "fokus-proto",
            "fokus-traces",
        ],
    ),
    ("fokus-traces", &[]),
    ("fokus-words", &["fokus-core"]),
    (
        "fokus-web",
        &[
            "fokus-core",
            "fokus-log",
            "fokus-vault",
            "fokus-bundle",
            "fokus-store",
            "fokus-app",
            "fokus-traces",
            "fokus-words",
        ],
    ),
    (
        "fokus-tlog",
        &["fokus-core", "fokus-log", "fokus-vault", "fokus-bundle", "fokus-store", "fokus-app"],
    ),
    ("fokus-demo", &["fokus-proto"]),
    (
        "fokus",
        &[
            "fokus-core",
            "fokus-log",
            "fokus-vault",
            "fokus-bundle",
            "fokus-store",
            "fokus-sqlite",
            "fokus-postgres",
            "fokus-app",
            "fokus-proto",
            "fokus-grpc",
            "fokus-web",
            "fokus-words",
            "fokus-tlog",
            "fokus-traces",
            "fokus-demo",
        ],
    ),
    (
        "fokus-tests",
        &[
            "fokus-core",
            "fokus-log",
            "fokus-vault",
            "fokus-bundle",
            "fokus-store",
            "fokus-sqlite",
            "fokus-postgres",
            "fokus-app",
            "fokus-proto",
            "fokus-grpc",
            "fokus-web",
            "fokus-words",
            "fokus-demo",
            "fokus-verify",
        ],
    ),
];

const WIRE: &[&str] = &["fokus-proto", "fokus-grpc", "fokus-demo", "fokus", "fokus-tests"];
const SQLITE: &[&str] = &["fokus-sqlite"];
const POSTGRES: &[&str] = &["fokus-postgres"];
const TERMINAL: &[&str] = &["fokus", "fokus-verify"];
const HTTP: &[&str] = &["fokus-tlog", "fokus-web"];
// The tests' connection to a browser's driver, too.
const HTTP_CLIENTS: &[&str] = &["fokus-tlog", "fokus-web", "fokus-tests"];
const TESTS: &[&str] = &["fokus-tests"];
const WEB: &[&str] = &["fokus-web"];
const TRACES: &[&str] = &["fokus-traces"];

/// Outside crates that only some of ours may name.
const OUTSIDE: &[(&str, &[&str])] = &[
    ("rusqlite", SQLITE),
    ("libsqlite3-sys", SQLITE),
    ("sqlx", POSTGRES),
    ("tonic", WIRE),
    ("tonic-types", WIRE),
    ("tonic-prost", WIRE),
    ("tonic-prost-build", WIRE),
    ("tonic-health", WIRE),
    ("tonic-reflection", WIRE),
    ("axum", WEB),
    ("askama", WEB),
    ("plotters", WEB),
    ("hyper", HTTP),
    ("hyper-util", HTTP_CLIENTS),
    ("http-body-util", HTTP),
    ("opentelemetry", TRACES),
    ("opentelemetry_sdk", TRACES),
    ("opentelemetry-otlp", TRACES),
    ("tracing-opentelemetry", TRACES),
    ("opentelemetry-proto", TESTS),
    ("fantoccini", TESTS),
    ("clap", TERMINAL),
    ("comfy-table", TERMINAL),
    ("indicatif", TERMINAL),
];

/// Crates that are pure and synchronous, with what would make them otherwise.
const PURE: &[&str] = &["fokus-core", "fokus-log"];
const IMPURE: &[&str] =
    &["tokio", "tokio-util", "tokio-stream", "async-trait", "getrandom", "tracing"];

/// The packages of the workspace as `cargo metadata` gives them, each with its dependencies.
fn packages() -> Vec<Value> {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--no-deps", "--offline"])
        .current_dir(super::root())
        .output()
        .expect("cargo metadata runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let metadata: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    metadata["packages"].as_array().expect("packages").clone()
}

/// Calls `judge(package, dependency)` for each arrow, and gathers what it objects to.
fn judged(judge: impl Fn(&str, &str) -> bool) -> Vec<String> {
    let mut offences = Vec::new();
    for package in packages() {
        let name = package["name"].as_str().expect("a name");
        for dependency in package["dependencies"].as_array().expect("dependencies") {
            let on = dependency["name"].as_str().expect("a name");
            // A crate's own tests may switch a feature of it on.
            if on != name && !judge(name, on) {
                offences.push(format!("{name} -> {on}"));
            }
        }
    }
    offences
}

#[test]
fn crates_depend_downwards_only() {
    let offences = judged(|name, on| {
        let is_ours = OURS.iter().any(|(ours, _)| *ours == on);
        let allowed = OURS.iter().find(|(ours, _)| *ours == name);
        !is_ours || allowed.is_some_and(|(_, on_whom)| on_whom.contains(&on))
    });
    check("arrows that are not in the table", &offences);
}

#[test]
fn the_table_names_exactly_the_crates_that_exist() {
    let mut found: Vec<String> = packages()
        .iter()
        .map(|package| package["name"].as_str().expect("a name").to_owned())
        .collect();
    found.sort();
    let mut table: Vec<&str> = OURS.iter().map(|(name, _)| *name).collect();
    table.sort_unstable();
    assert_eq!(found, table);
}

#[test]
fn outside_crates_stay_where_they_belong() {
    let offences = judged(|name, on| {
        let rule = OUTSIDE.iter().find(|(outside, _)| *outside == on);
        rule.is_none_or(|(_, only_in)| only_in.contains(&name))
    });
    check("outside crates where they do not belong", &offences);
}

#[test]
fn pure_crates_stay_pure() {
    let offences = judged(|name, on| !(PURE.contains(&name) && IMPURE.contains(&on)));
    check("pure crates with clocks, tasks or randomness", &offences);
}

#[test]
fn every_crate_takes_the_workspaces_lints_licence_and_edition() {
    let mut offences = Vec::new();
    for package in packages() {
        let path = package["manifest_path"].as_str().expect("a path");
        let text = std::fs::read_to_string(path).expect("a manifest");
        for line in ["edition.workspace", "rust-version.workspace", "license.workspace"] {
            if !text.contains(line) {
                offences.push(format!("{}: no {line}", package["name"]));
            }
        }
        if !text.contains("[lints]\nworkspace = true") {
            offences.push(format!("{}: no [lints] workspace", package["name"]));
        }
    }
    check("manifests that go their own way", &offences);
}
