//! Rules about the house itself, as tests: what may depend on what, how large a file may grow, what
//! may stand where. Each test lists every offence that it finds, as `file:line: what`.
//!
//! Read [`arrows`] for the crates, [`sources`] for the text of files. What rustc and clippy can say
//! (unsafe code, unwraps, length of functions) is left to them; here is only checked that they are asked.

mod arrows;
mod sources;

use std::fs;
use std::path::{Path, PathBuf};

/// The repository's top folder.
pub(crate) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .expect("the tests' crate is a top folder's child")
}

/// Fails with the whole list, unless it is empty.
#[track_caller]
fn check(rule: &str, offences: &[String]) {
    assert!(offences.is_empty(), "{rule}:\n  {}\n", offences.join("\n  "));
}

/// Every file below a folder of the repository, sorted, with its path from the top.
fn files_below(folder: &str) -> Vec<(String, PathBuf)> {
    let mut found = Vec::new();
    let mut folders = vec![root().join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).expect("a folder of the repository") {
            let entry = entry.expect("an entry of the repository");
            let path = entry.path();
            let name = entry.file_name().to_string_lossy().into_owned();
            if entry.file_type().expect("a file type").is_dir() {
                if name != "target" && name != "__pycache__" {
                    folders.push(path);
                }
            } else {
                let from_top = path.strip_prefix(root()).expect("below the top");
                found.push((from_top.to_string_lossy().into_owned(), path));
            }
        }
    }
    found.sort();
    found
}

#[test]
fn the_top_level_is_exactly_what_the_design_says() {
    const TOP: &[&str] = &[
        "CHANGELOG.md",
        "Cargo.lock",
        "Cargo.toml",
        "README.md",
        "crates",
        "migrations",
        "proto",
        "tests",
    ];
    let mut found: Vec<String> = fs::read_dir(root())
        .expect("the top folder")
        .map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned())
        .filter(|name| !name.starts_with('.') && name != "target")
        .collect();
    found.sort();
    assert_eq!(found, TOP);
}

#[test]
fn every_folder_of_a_crate_has_a_readme() {
    let mut offences = Vec::new();
    for entry in fs::read_dir(root().join("crates")).expect("crates") {
        let path = entry.expect("an entry").path();
        if path.is_dir() && !path.join("README.md").is_file() {
            offences.push(path.strip_prefix(root()).expect("below the top").display().to_string());
        }
    }
    const OTHERS: &[&str] = &[
        "crates",
        "migrations/citus",
        "migrations/postgres",
        "migrations/sqlite",
        "proto",
        "tests",
    ];
    for folder in OTHERS {
        if !root().join(folder).join("README.md").is_file() {
            offences.push((*folder).to_owned());
        }
    }
    check("folders without README.md", &offences);
}

/// Once released, a migration is history: a store in the field has run it. The list has the SHA-256 of
/// each, as `sha256sum` prints it.
#[test]
fn migrations_are_added_and_never_edited() {
    use sha2::{Digest, Sha256};

    const LIST: &str = "tests/it/tidy/migrations.sha256";
    let list = fs::read_to_string(root().join(LIST)).expect("the list of migrations");
    let listed: Vec<&str> =
        list.lines().filter(|line| !line.is_empty() && !line.starts_with('#')).collect();
    let found: Vec<String> = files_below("migrations")
        .into_iter()
        .filter(|(name, _)| name.ends_with(".sql"))
        .map(|(name, path)| {
            let digest = Sha256::digest(fs::read(path).expect("a migration"));
            format!("{}  {name}", hex::encode(digest))
        })
        .collect();
    let mut offences = Vec::new();
    for line in &listed {
        if !found.iter().any(|it| it == line) {
            offences.push(format!("edited or removed: {line}"));
        }
    }
    for line in &found {
        if !listed.contains(&line.as_str()) {
            offences.push(format!("not listed in {LIST}: {line}"));
        }
    }
    check("a migration differs from the list", &offences);
}
