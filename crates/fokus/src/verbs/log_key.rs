//! The log's verifier key, as somebody keeps it: from elsewhere than the server that is to be checked.

use std::fs::File;
use std::io::Read as _;
use std::path::Path;

use fokus_log::note::{KeyKind, VerifierKey};

use crate::failure::Failure;

/// A policy with some witnesses has a few kilobytes; what is larger is another file.
const FILE_BYTES_MAX: u64 = 64 * 1024;

/// The key in a file: the first line that holds one, alone or as `log KEY` of a C2SP tlog-policy, so that
/// the policy for `fokus-verify` serves here too.
///
/// # Errors
///
/// [`Failure::CouldNotRun`] when the file cannot be read or holds no key of a log.
pub(crate) fn read(file: &Path) -> Result<VerifierKey, Failure> {
    let refuse = |why: &str| Failure::CouldNotRun(format!("log key {}: {why}", file.display()));
    let text = text(file, FILE_BYTES_MAX).map_err(|error| refuse(&error.to_string()))?;
    find(&text).ok_or_else(|| refuse("holds no verifier key of a log, `name+id+key`"))
}

/// A text file of at most so many bytes.
///
/// # Errors
///
/// The system's; [`std::io::ErrorKind::FileTooLarge`].
pub(crate) fn text(file: &Path, most: u64) -> std::io::Result<String> {
    let mut text = String::new();
    File::open(file)?.take(most.saturating_add(1)).read_to_string(&mut text)?;
    if text.len() as u64 > most {
        return Err(std::io::ErrorKind::FileTooLarge.into());
    }
    Ok(text)
}

fn find(text: &str) -> Option<VerifierKey> {
    let key = |line: &str| {
        let words: Vec<&str> = line.split_whitespace().collect();
        let key: VerifierKey = match words.as_slice() {
            ["log", key, ..] => key.parse().ok()?,
            [key] => key.parse().ok()?,
            _ => return None,
        };
        (key.kind == KeyKind::Log).then_some(key)
    };
    text.lines().find_map(key)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_stands_alone_or_in_a_policy() {
        let log = VerifierKey {
            name: "log.test/demo/journal".to_owned(),
            kind: KeyKind::Log,
            public_key: [7; 32],
        };
        let witness = VerifierKey { kind: KeyKind::Witness, ..log.clone() };
        #[track_caller]
        fn check(text: &str, key: Option<&VerifierKey>) {
            assert_eq!(find(text).as_ref(), key, "{text}");
        }
        check(&format!("{log}\n"), Some(&log));
        check(&format!("# the journal\n\nlog {log}\nquorum none\n"), Some(&log));
        check(&format!("witness w {witness}\nlog {log} http://127.0.0.1:1/\n"), Some(&log));
        check(&witness.to_string(), None);
        check("", None);
        check("log", None);
    }
}
