//! Tools of others, which know nothing of fokus, verify what it gives out: bundles on disk, tiles over HTTP.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use crate::harness::audited::{Audited, said};
use crate::harness::place::{Place, TENANT, text};
use crate::tidy::root;

/// Runs one of the tools that `./tests/run` installs.
fn tool(program: &str, arguments: &[&str]) -> Output {
    let program = root().join("target/venv/bin").join(program);
    assert!(program.exists(), "{}: ./tests/run installs it", program.display());
    Command::new(program).args(arguments).output().expect("the tool runs")
}

#[track_caller]
fn verified(output: &Output) -> String {
    assert!(output.status.success(), "{}", said(output));
    String::from_utf8_lossy(&output.stdout).into_owned()
}

#[track_caller]
fn refused(output: &Output) {
    assert!(!output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
}

/// The first file below a folder.
fn first_file(folder: &Path) -> std::path::PathBuf {
    let mut path = folder.to_owned();
    while path.is_dir() {
        path = fs::read_dir(&path).unwrap().next().expect("a file").unwrap().path();
    }
    path
}

#[tokio::test(flavor = "multi_thread")]
async fn tools_of_others_verify_checkpoint_inclusion_and_consistency() {
    let on = [("FOKUS_TILES", "127.0.0.1:0")];
    let mut audited = Audited::start_with(Place::new(), "foreign/tools", &on).await;
    let kept = audited.keep_checkpoint("kept.note");
    while audited.add_family().await < 300 {}
    let auditor = age::x25519::Identity::generate();
    let bundle = audited.bundle("bundle", &auditor.to_public().to_string());
    let journal = bundle.join("journal");
    let prefix = audited.server.told("tiles on ").await.replace("TENANT", TENANT);
    let key_file = audited.place.folder().join("log.vkey");
    fs::write(&key_file, format!("{}\n", audited.verifier_key)).unwrap();
    let script = root().join("tests/python/foreign.py");

    for location in [text(&journal), &prefix] {
        // tlog-scales: as a library, for everything; and its command line.
        let arguments = [text(&script), location, &audited.verifier_key, text(&kept)];
        let said = verified(&tool("python", &arguments));
        assert!(said.contains("leaves, continuing"), "{said}");
        let leaf = tool("tlog-tiles", &["get-leaf", "-c", location, "2"]);
        verified(&leaf);
        assert!(leaf.stdout.starts_with(b"FJL1"));
        let proof = verified(&tool("tlog-tiles", &["gen-proof", location, "2"]));
        let ours = String::from_utf8(audited.run(&["proof", "3"]).stdout).unwrap();
        let without_leaf: String =
            ours.split_inclusive('\n').filter(|it| !it.starts_with("extra ")).collect();
        assert_eq!(proof, without_leaf);

        // aics-tlog.
        let trusting = ["--tiles", location, "--vkey-file", text(&key_file)];
        let aics = |arguments: &[&str]| {
            let arguments = [&["-m", "aics_tlog"], arguments, &trusting[..]].concat();
            tool("python", &arguments)
        };
        verified(&aics(&["verify-checkpoint"]));
        verified(&aics(&["verify-inclusion", "--index", "2"]));
        verified(&aics(&["verify-consistency", "--old-checkpoint", text(&kept)]));
    }

    // They are no ornaments: what was altered, they refuse.
    let entries = first_file(&journal.join("tile/entries"));
    let mut bytes = fs::read(&entries).unwrap();
    bytes[40] ^= 1;
    fs::write(&entries, bytes).unwrap();
    let arguments = [text(&script), text(&journal), &audited.verifier_key, text(&kept)];
    refused(&tool("python", &arguments));
    let mut other = audited.verifier_key.clone();
    other.pop();
    refused(&tool("python", &[text(&script), &prefix, &other, text(&kept)]));
}
