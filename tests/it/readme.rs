//! The README's commands, run as they stand there against the demo that it speaks of: what it shows is
//! what they print. With `FOKUS_UPDATE_README` set, the README is written anew instead.

use std::fmt::Write as _;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::Command;

use tempfile::TempDir;

use crate::demo::Serving;
use crate::harness::binary;
use crate::harness::place::text;
use crate::tidy::root;

/// A fenced part of the README.
#[derive(Debug)]
struct Block {
    language: String,
    text: String,
}

/// The README: what stands before each block, the blocks, and the rest.
fn blocks(readme: &str) -> (Vec<(String, Block)>, String) {
    let mut parts = readme.split("```");
    let mut found = Vec::new();
    let mut before = parts.next().unwrap_or_default().to_owned();
    while let Some(block) = parts.next() {
        let (language, text) = block.split_once('\n').expect("a language, or none, and a line end");
        let block = Block { language: language.to_owned(), text: text.to_owned() };
        found.push((before, block));
        before = parts.next().expect("what comes after a block").to_owned();
    }
    (found, before)
}

/// Runs lines of a shell where the README's reader would: beside the demo's folder.
fn shell(folder: &Path, url: &str, script: &str) -> String {
    let programs = binary::path().parent().expect("a folder of programs");
    let output = Command::new("sh")
        .args(["-eu", "-c", script])
        .current_dir(folder)
        .env_clear()
        .env("PATH", format!("{}:/usr/bin:/bin", text(programs)))
        .env("FOKUS_SERVER", url)
        .output()
        .expect("a shell");
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{script}\n{told}");
    String::from_utf8(output.stdout).expect("text")
}

/// What the README would say if it were written now.
fn written_now(readme: &str, folder: &Path, url: &str) -> String {
    let (found, rest) = blocks(readme);
    let mut written = String::new();
    // What the script before printed.
    let mut printed = None;
    for (before, Block { language, text }) in found {
        let text = match (language.as_str(), printed.take()) {
            ("sh", _) => {
                printed = Some(shell(folder, url, &text));
                text
            }
            ("text", _) if text.starts_with("$ ") => {
                let command = text.lines().next().unwrap_or_default();
                format!("{command}\n{}", shell(folder, url, &command[2..]))
            }
            ("text", Some(printed)) => printed,
            (_, _) => text,
        };
        let lines: Vec<&str> = text.lines().map(str::trim_end).collect();
        let lines = lines.join("\n");
        write!(written, "{before}```{language}\n{}\n```", lines.trim_end()).expect("a text grows");
    }
    written + &rest
}

#[test]
fn what_the_readme_shows_is_what_its_commands_print() {
    let temp = TempDir::new().expect("a folder");
    let data = temp.path().join("fokus-demo-data");
    let flags = ["demo", "--no-serve", "--families", "8", "--listen", "127.0.0.1:0", "--data"];
    let made = binary::run(&[&flags[..], &[text(&data)]].concat());
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    symlink(root().join("crates"), temp.path().join("crates")).expect("the crates beside it");
    let serving = Serving::start(&data);
    let file = root().join("README.md");
    let readme = fs::read_to_string(&file).expect("a README");
    let now = written_now(&readme, temp.path(), &serving.url());
    if std::env::var_os("FOKUS_UPDATE_README").is_some() {
        fs::write(&file, now).expect("the README is written");
        return;
    }
    for (is, should) in readme.lines().zip(now.lines()) {
        assert_eq!(is, should, "FOKUS_UPDATE_README=1 writes it anew");
    }
    assert_eq!(readme, now, "FOKUS_UPDATE_README=1 writes it anew");
}
