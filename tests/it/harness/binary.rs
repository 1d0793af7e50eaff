//! The program under test: built once, run as it is.

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::OnceLock;

use serde_json::Value;

/// The program's path: what `FOKUS_TEST_PROGRAM` names, to try one that was built elsewhere; else it is
/// built when it is first asked for.
pub(crate) fn path() -> &'static Path {
    static PATH: OnceLock<PathBuf> = OnceLock::new();
    PATH.get_or_init(|| std::env::var_os("FOKUS_TEST_PROGRAM").map_or_else(build, PathBuf::from))
}

/// Builds the program with the selection of packages and targets that `cargo test --workspace` has.
/// That chooses the same features of the dependencies, so that nothing is compiled a second time:
/// after the whole suite was built, only the program itself is left to link.
fn build() -> PathBuf {
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args(["build", "--locked", "--offline", "--workspace", "--bin", "fokus", "--test", "it"]);
    // What the README calls beside it.
    cargo.args(["--bin", "fokus-verify"]);
    cargo.args(["--message-format", "json-render-diagnostics"]);
    if !cfg!(debug_assertions) {
        cargo.arg("--release");
    }
    cargo.current_dir(env!("CARGO_MANIFEST_DIR")).stderr(Stdio::inherit());
    // What cargo tells a test of its package would be news to the build scripts of dependencies.
    let told = std::env::vars_os().map(|(name, _)| name);
    for name in told.filter(|it| it.to_string_lossy().starts_with("CARGO_PKG_")) {
        cargo.env_remove(name);
    }
    for name in ["CARGO_MANIFEST_DIR", "CARGO_MANIFEST_PATH", "CARGO_MANIFEST_LINKS"] {
        cargo.env_remove(name);
    }
    let built = cargo.output().expect("cargo runs");
    assert!(built.status.success(), "the program does not build");
    let messages = String::from_utf8(built.stdout).expect("cargo speaks UTF-8");
    let mut executables = messages.lines().filter_map(|line| {
        let message: Value = serde_json::from_str(line).ok()?;
        let is_ours = message["target"]["name"] == "fokus" && message["target"]["kind"][0] == "bin";
        is_ours.then(|| message["executable"].as_str().map(PathBuf::from)).flatten()
    });
    executables.next_back().expect("cargo names the executable")
}

/// A call of the program with nothing of this process's environment: every flag can be set there.
pub(crate) fn command() -> Command {
    let mut command = Command::new(path());
    command.env_clear();
    command
}

/// Runs the program to its end.
pub(crate) fn run(arguments: &[&str]) -> Output {
    command().args(arguments).output().expect("the program runs")
}

/// Runs the program, which succeeds, and gives what it prints, without the last line end.
#[track_caller]
pub(crate) fn print(arguments: &[&str]) -> String {
    let output = run(arguments);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "fokus {arguments:?}: {}: {errors}", output.status);
    String::from_utf8(output.stdout).expect("UTF-8").trim_end().to_owned()
}
