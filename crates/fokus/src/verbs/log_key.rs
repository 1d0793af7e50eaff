//! The log's verifier keys, as somebody keeps them: from elsewhere than the server that is to be checked.

use std::fs::File;
use std::io::Read as _;
use std::path::Path;

use fokus_log::note::{Checkpoint, KeyKind, NoteError, VerifierKey, open_checkpoint};

use crate::failure::Failure;

/// A policy with some witnesses has a few kilobytes; what is larger is another file.
const FILE_BYTES_MAX: u64 = 64 * 1024;

/// Keys that are trusted: several of one log while its key is rotated, or after it was.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct LogKeys {
    first: VerifierKey,
    more: Vec<VerifierKey>,
}

impl From<VerifierKey> for LogKeys {
    fn from(first: VerifierKey) -> LogKeys {
        LogKeys { first, more: Vec::new() }
    }
}

impl LogKeys {
    /// The keys in a file: each line that holds one, alone or as `log KEY` of a C2SP tlog-policy, so that the
    /// policy for `fokus-verify` serves here too.
    ///
    /// # Errors
    ///
    /// [`Failure::CouldNotRun`] when the file cannot be read or holds no key of a log.
    pub(crate) fn read(file: &Path) -> Result<LogKeys, Failure> {
        let refuse = |why: &str| Failure::CouldNotRun(format!("log key {}: {why}", file.display()));
        let text = text(file, FILE_BYTES_MAX).map_err(|error| refuse(&error.to_string()))?;
        find(&text).ok_or_else(|| refuse("holds no verifier key of a log, `name+id+key`"))
    }

    /// The name of the log that the first key is of.
    pub(crate) fn name(&self) -> &str {
        &self.first.name
    }

    /// The checkpoint in a note that one of the keys signed.
    ///
    /// # Errors
    ///
    /// [`NoteError`] as the first key has it.
    pub(crate) fn open(&self, note: &str) -> Result<Checkpoint, NoteError> {
        let open = |key: &VerifierKey| open_checkpoint(note, &key.name, &key.public_key);
        let first = open(&self.first);
        match &first {
            Err(NoteError::NotSigned) => {
                self.more.iter().find_map(|it| open(it).ok()).map_or(first, Ok)
            }
            _ => first,
        }
    }
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

fn find(text: &str) -> Option<LogKeys> {
    let key = |line: &str| {
        let words: Vec<&str> = line.split_whitespace().collect();
        let key: VerifierKey = match words.as_slice() {
            ["log", key, ..] => key.parse().ok()?,
            [key] => key.parse().ok()?,
            _ => return None,
        };
        (key.kind == KeyKind::Log).then_some(key)
    };
    let mut keys = text.lines().filter_map(key);
    Some(LogKeys { first: keys.next()?, more: keys.collect() })
}

#[cfg(test)]
mod tests {
    use fokus_log::note::{Ed25519Signer, Signer as _, sign_checkpoint};

    use super::*;

    #[test]
    fn a_key_stands_alone_or_in_a_policy() {
        let log = VerifierKey {
            name: "log.test/demo/journal".to_owned(),
            kind: KeyKind::Log,
            public_key: [7; 32],
        };
        let witness = VerifierKey { kind: KeyKind::Witness, ..log.clone() };
        let next = VerifierKey { public_key: [8; 32], ..log.clone() };
        #[track_caller]
        fn check(text: &str, keys: &[&VerifierKey]) {
            let found = find(text).map(|it| [vec![it.first], it.more].concat()).unwrap_or_default();
            assert_eq!(found.iter().collect::<Vec<_>>(), keys, "{text}");
        }
        check(&format!("{log}\n"), &[&log]);
        check(&format!("# the journal\n\nlog {log}\nquorum none\n"), &[&log]);
        check(&format!("witness w {witness}\nlog {log} http://127.0.0.1:1/\n"), &[&log]);
        check(&format!("log {log}\n{next}\n"), &[&log, &next]);
        check(&witness.to_string(), &[]);
        check("", &[]);
        check("log", &[]);
    }

    #[test]
    fn each_of_the_keys_opens_what_it_signed() {
        let signed = |seed: u8| {
            let signer = Ed25519Signer::from_seed(&[seed; 32]);
            let name = "log.test/demo/journal".to_owned();
            let checkpoint = Checkpoint { origin: name.clone(), size: 3, root: [seed; 32] };
            let key = VerifierKey { name, kind: KeyKind::Log, public_key: signer.public_key() };
            (key, sign_checkpoint(&checkpoint, &signer).unwrap())
        };
        let (one, note_of_one) = signed(1);
        let (other, note_of_other) = signed(2);
        let keys = find(&format!("{one}\n{other}\n")).unwrap();
        assert_eq!(keys.open(&note_of_one).unwrap().root, [1; 32]);
        assert_eq!(keys.open(&note_of_other).unwrap().root, [2; 32]);
        assert_eq!(keys.open(&signed(3).1), Err(NoteError::NotSigned));
        assert_eq!(LogKeys::from(one).open(&note_of_other), Err(NoteError::NotSigned));
    }
}
