//! What the code asks for, read from its own text.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// One message that is said somewhere.
#[derive(Debug)]
pub(super) struct Said {
    /// File of the source.
    pub(super) place: String,
    pub(super) key: String,
    pub(super) arguments: BTreeSet<String>,
}

/// Everything said through `say!` and `heads!`.
pub(super) fn of_messages() -> Vec<Said> {
    let mut found = Vec::new();
    for (place, text) in sources() {
        for inside in calls(&text, "say!(") {
            let parts = parts(&inside);
            let key = literal(&parts[1]);
            let key = key.unwrap_or_else(|| panic!("{place}: no literal key: {inside}"));
            let name = |it: &String| it.split_once(" = ").map(|(name, _)| name.trim().to_owned());
            let arguments = parts[2..].iter().filter_map(name).collect();
            found.push(Said { place: place.clone(), key, arguments });
        }
        for inside in calls(&text, "heads!(") {
            found.extend(parts(&inside)[1..].iter().filter_map(|it| literal(it)).map(|key| Said {
                place: place.clone(),
                key,
                arguments: BTreeSet::new(),
            }));
        }
    }
    found
}

/// The names of all enums that words are asked for.
pub(super) fn of_codes() -> BTreeSet<String> {
    let calls_of = |text: &str| {
        let code = [".code(", ".label(", ".personal_code(", ".of("].map(|it| calls(text, it));
        code.concat()
    };
    let all = sources().into_iter().flat_map(|(_, text)| calls_of(&text));
    all.filter_map(|inside| literal(&parts(&inside)[0])).collect()
}

/// The files of all that speaks, templates too, without tests and comments.
fn sources() -> Vec<(String, String)> {
    let mut found = Vec::new();
    let crates = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut folders: Vec<PathBuf> =
        ["fokus/src", "fokus-words/src", "fokus-web/src", "fokus-web/templates"]
            .map(|it| crates.join(it))
            .into();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).expect("a folder of the source") {
            let path: PathBuf = entry.expect("an entry").path();
            if path.ends_with("tests") || path.ends_with("tests.rs") {
                continue;
            }
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|it| it == "rs" || it == "html") {
                let text = fs::read_to_string(&path).expect("a source");
                let text = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
                let code = text.lines().filter(|it| !it.trim_start().starts_with("//"));
                let code: Vec<&str> = code.collect();
                found.push((path.display().to_string(), code.join("\n")));
            }
        }
    }
    found
}

/// What stands between the parentheses of each call.
fn calls(text: &str, name: &str) -> Vec<String> {
    let begins = text.match_indices(name).map(|(at, _)| at + name.len());
    begins.map(|begin| upto_close(&text[begin..]).to_owned()).collect()
}

fn upto_close(text: &str) -> &str {
    let (mut depth, mut quoted) = (0, false);
    for (at, letter) in text.char_indices() {
        match letter {
            '"' => quoted = !quoted,
            '(' | '[' | '{' if !quoted => depth += 1,
            ')' | ']' | '}' if !quoted && depth == 0 => return &text[..at],
            ')' | ']' | '}' if !quoted => depth -= 1,
            _ => {}
        }
    }
    text
}

/// Split at the commas of the call itself.
fn parts(inside: &str) -> Vec<String> {
    let (mut depth, mut quoted) = (0, false);
    let mut parts = vec![String::new()];
    for letter in inside.chars() {
        match letter {
            '"' => quoted = !quoted,
            '(' | '[' | '{' if !quoted => depth += 1,
            ')' | ']' | '}' if !quoted => depth -= 1,
            ',' if !quoted && depth == 0 => {
                parts.push(String::new());
                continue;
            }
            _ => {}
        }
        parts.last_mut().expect("there is always one").push(letter);
    }
    parts
}

fn literal(part: &str) -> Option<String> {
    let part = part.trim();
    Some(part.strip_prefix('"')?.strip_suffix('"')?.to_owned())
}
