//! Rules about the text of files: size, words that may not stay, doc comments, where printing happens.

use std::fs;

use super::{check, files_below};

/// A file is read on a few screens.
const LINES_MAX: usize = 600;

/// A text file of the repository.
struct Source {
    /// Path from the top.
    name: String,
    text: String,
}

/// Every text file that somebody wrote, by the endings given; all of them without any.
fn sources(endings: &[&str]) -> Vec<Source> {
    ["crates", "migrations", "proto", "tests", ".ci", ".cargo"]
        .iter()
        .flat_map(|folder| files_below(folder))
        .filter(|(name, _)| {
            endings.is_empty() || endings.iter().any(|ending| name.ends_with(ending))
        })
        .filter_map(|(name, path)| {
            let text = String::from_utf8(fs::read(path).expect("a readable file")).ok()?;
            Some(Source { name, text })
        })
        .collect()
}

/// Finds each line that a needle stands on.
fn lines_with(sources: &[Source], needles: &[&str]) -> Vec<String> {
    let mut offences = Vec::new();
    for source in sources {
        for (index, line) in source.text.lines().enumerate() {
            for needle in needles {
                if line.contains(needle) {
                    offences.push(format!("{}:{}: {needle}", source.name, index + 1));
                }
            }
        }
    }
    offences
}

#[test]
fn no_file_is_longer_than_the_limit() {
    let mut offences = Vec::new();
    for source in sources(&[".rs", ".proto", ".sql", ".py", ".sh", "/run"]) {
        let lines = source.text.lines().count();
        if lines > LINES_MAX {
            offences.push(format!("{}: {lines} lines", source.name));
        }
    }
    check("files over 600 lines", &offences);
}

/// An auditor who does not believe the verifier reads it. Its tests count too; blank lines and comments do
/// not.
#[test]
fn the_verifier_can_be_read_in_a_day() {
    const CODE_LINES_MAX: usize = 2_000;
    let is_code = |line: &&str| !line.trim().is_empty() && !line.trim().starts_with("//");
    let of_verifier = |it: &Source| it.name.starts_with("crates/fokus-verify/src/");
    let files: Vec<Source> = sources(&[".rs"]).into_iter().filter(of_verifier).collect();
    assert!(files.len() > 10, "the verifier lies elsewhere");
    let lines: usize = files.iter().map(|it| it.text.lines().filter(is_code).count()).sum();
    assert!(lines <= CODE_LINES_MAX, "fokus-verify has {lines} lines of code");
}

#[test]
fn nothing_unfinished_skipped_or_unsafe_stays() {
    // In pieces, so that this file does not find itself.
    const BANNED: &[&str] = &[
        concat!("to", "do!("),
        concat!("unim", "plemented!("),
        concat!("db", "g!("),
        concat!("#[ig", "nore"),
        concat!("un", "safe {"),
        concat!("un", "safe fn"),
        concat!("un", "safe impl"),
    ];
    check("unfinished, skipped or unsafe", &lines_with(&sources(&[".rs"]), BANNED));
}

#[test]
fn no_path_of_a_machine_stands_in_a_file() {
    const BANNED: &[&str] = &[
        concat!("/wo", "rk/"),
        concat!("/tm", "p/"),
        concat!("/ho", "me/"),
        concat!("/ro", "ot/"),
    ];
    check("machine paths", &lines_with(&sources(&[]), BANNED));
}

#[test]
fn only_the_output_module_writes_to_the_terminal() {
    const WRITERS: &[&str] = &["println!(", "print!(", "io::stdout(", "io::stderr("];
    let programs: Vec<Source> = sources(&[".rs"])
        .into_iter()
        .filter(|source| source.name.starts_with("crates/"))
        // A build script talks to cargo.
        .filter(|source| !source.name.ends_with("/build.rs"))
        .filter(|source| source.name != "crates/fokus/src/output.rs")
        // A measurement is read by who starts it.
        .filter(|source| !source.name.contains("/benches/"))
        // A program of its own.
        .filter(|source| source.name != "crates/fokus-verify/src/main.rs")
        .collect();
    check("writes outside crates/fokus/src/output.rs", &lines_with(&programs, WRITERS));
}

#[test]
fn every_public_type_trait_and_function_has_a_doc_comment() {
    let mut offences = Vec::new();
    for source in sources(&[".rs"]) {
        if !source.name.contains("/src/") {
            continue;
        }
        let lines: Vec<&str> = source.text.lines().map(str::trim).collect();
        for (index, line) in lines.iter().enumerate() {
            if is_public_item(line) && !is_documented(&lines[..index]) {
                offences.push(format!("{}:{}: {line}", source.name, index + 1));
            }
        }
    }
    check("public items without a doc comment", &offences);
}

#[test]
fn every_module_says_what_it_is_for() {
    let mut offences = Vec::new();
    for source in sources(&[".rs"]) {
        let first = source.text.lines().next().unwrap_or_default();
        let is_crate_doc = first.starts_with("#![doc = include_str!");
        // A module of tests is what it is for: its name says what it tests.
        let is_tests = source.name.ends_with("/tests.rs")
            || (source.name.contains("/src/") && source.name.contains("/tests/"));
        if !first.starts_with("//!") && !is_crate_doc && !is_tests {
            offences.push(source.name);
        }
    }
    check("files without a `//!` header", &offences);
}

/// Whether a trimmed line begins a public function, type or trait.
fn is_public_item(line: &str) -> bool {
    let Some(rest) = line.strip_prefix("pub ") else { return false };
    let rest = rest.strip_prefix("const ").unwrap_or(rest);
    let rest = rest.strip_prefix("async ").unwrap_or(rest);
    ["fn ", "struct ", "enum ", "trait "].iter().any(|word| rest.starts_with(word))
}

/// Whether a doc comment stands above, with nothing but attributes between. A macro's repetition
/// (`$(#[$doc])*`) hands the comment on.
fn is_documented(above: &[&str]) -> bool {
    let mut in_attribute = false;
    for line in above.iter().rev() {
        if line.starts_with("///") || line.starts_with("#[doc") || line.starts_with("$(#[") {
            return true;
        }
        let ends = line.ends_with(']');
        let begins = line.starts_with("#[");
        if begins {
            in_attribute = false;
        } else if ends {
            in_attribute = true;
        } else if !in_attribute {
            return false;
        }
    }
    false
}

#[test]
fn the_doc_check_sees_through_attributes() {
    #[track_caller]
    fn row(above: &[&str], documented: bool) {
        assert_eq!(is_documented(above), documented, "{above:?}");
    }
    row(&["/// Says what.", "#[derive(Debug)]"], true);
    row(&["/// Says what.", "#[expect(", "lint,", "reason = \"…\"", ")]"], true);
    row(&["$(#[$doc])*", "#[derive(Debug)]"], true);
    row(&["}", "", "#[derive(Debug)]"], false);
    row(&["}", ""], false);
    row(&[], false);
    assert!(is_public_item("pub async fn run() {"));
    assert!(!is_public_item("pub(crate) fn run() {"));
    assert!(!is_public_item("pub mod run;"));
}
