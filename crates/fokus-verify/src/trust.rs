//! What the auditor trusts: keys of logs and witnesses, and how many of them must have signed
//! (C2SP tlog-policy). It comes from outside the bundle.

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

use fokus_log::note::{
    Checkpoint, KeyKind, NoteError, VerifierKey, cosignature, open_note, unverified_checkpoint,
};

/// Most bytes of a policy.
pub const POLICY_BYTES_MAX: u64 = 1024 * 1024;

/// A policy: whose signatures make a checkpoint one to believe.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trust {
    logs: Vec<VerifierKey>,
    /// By their names in the policy.
    members: BTreeMap<String, Member>,
    /// `None` = the log's own signature is enough.
    quorum: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Member {
    Witness(VerifierKey),
    Group { least: usize, members: Vec<String> },
}

/// A line of the policy breaks the format.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("policy, line {line}: {rule}")]
pub struct TrustError {
    /// From 1; 0 = the policy as a whole.
    pub line: usize,
    /// What it breaks.
    pub rule: &'static str,
}

/// What the signatures of a checkpoint come to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Witnessed {
    /// The note.
    pub note: String,
    /// What the log signed.
    pub checkpoint: Checkpoint,
    /// The witnesses that cosigned, by their names in the policy, and when (Unix seconds).
    pub witnesses: BTreeMap<String, u64>,
    /// Whether they are enough.
    pub quorum_met: bool,
    /// Whether the policy asks for none.
    pub quorum_none: bool,
}

impl Trust {
    /// Reads a policy.
    ///
    /// # Errors
    ///
    /// [`TrustError`] names the line and the rule.
    pub fn from_text(text: &str) -> Result<Trust, TrustError> {
        let mut trust = Trust { logs: Vec::new(), members: BTreeMap::new(), quorum: None };
        let mut has_quorum = false;
        for (number, line) in (1..).zip(text.split('\n')) {
            let error = |rule| TrustError { line: number, rule };
            let words: Vec<&str> = line.split([' ', '\t']).filter(|it| !it.is_empty()).collect();
            match words.as_slice() {
                [] => {}
                [first, ..] if first.starts_with('#') => {}
                ["log", key] | ["log", key, _] => {
                    let key = key_of(key, KeyKind::Log).ok_or(error("not a log's verifier key"))?;
                    trust.logs.push(key);
                }
                ["witness", name, key] | ["witness", name, key, _] => {
                    let key = key_of(key, KeyKind::Witness)
                        .ok_or(error("not a witness's verifier key"))?;
                    trust.define(name, Member::Witness(key)).map_err(error)?;
                }
                ["group", name, least, members @ ..] if !members.is_empty() => {
                    let group = trust.group(least, members).map_err(error)?;
                    trust.define(name, group).map_err(error)?;
                }
                ["quorum", name] => {
                    if has_quorum {
                        return Err(error("a second quorum"));
                    }
                    has_quorum = true;
                    if *name != "none" {
                        trust.known(name).map_err(error)?;
                        trust.quorum = Some((*name).to_owned());
                    }
                }
                _ => return Err(error("not a line of a policy")),
            }
        }
        let whole = |rule| TrustError { line: 0, rule };
        if trust.logs.is_empty() {
            return Err(whole("names no log: nothing could be believed"));
        }
        if !has_quorum {
            return Err(whole("has no quorum line; `quorum none` says that none is asked for"));
        }
        Ok(trust)
    }

    fn define(&mut self, name: &str, member: Member) -> Result<(), &'static str> {
        if name == "none" {
            return Err("none is not a name");
        }
        match self.members.insert(name.to_owned(), member) {
            None => Ok(()),
            Some(_) => Err("a name that is taken"),
        }
    }

    fn known(&self, name: &str) -> Result<(), &'static str> {
        if self.members.contains_key(name) { Ok(()) } else { Err("a name that no line before has") }
    }

    fn group(&self, least: &str, members: &[&str]) -> Result<Member, &'static str> {
        members.iter().try_for_each(|it| self.known(it))?;
        if members.iter().collect::<BTreeSet<_>>().len() != members.len() {
            return Err("a member named twice");
        }
        let least = match least {
            "any" => 1,
            "all" => members.len(),
            number => number.parse().map_err(|_| "a threshold that is no number")?,
        };
        if !(1..=members.len()).contains(&least) {
            return Err("a threshold that cannot be met, or asks for nothing");
        }
        Ok(Member::Group { least, members: members.iter().map(|it| (*it).to_owned()).collect() })
    }

    /// The checkpoint in a note, if a log of the policy with this origin signed it, and who cosigned.
    ///
    /// # Errors
    ///
    /// [`NoteError`] if none did, or a cosignature of a known witness does not verify.
    pub fn open(&self, note: &str, origin: &str) -> Result<Witnessed, NoteError> {
        self.open_text(note, origin)?;
        let checkpoint = unverified_checkpoint(note)?;
        if checkpoint.origin != origin {
            return Err(NoteError::NotCheckpoint);
        }
        let mut witnesses = BTreeMap::new();
        for (name, member) in &self.members {
            let Member::Witness(key) = member else { continue };
            match cosignature::verify(note, &key.name, &key.public_key) {
                Ok(time_s) => {
                    witnesses.insert(name.clone(), time_s);
                }
                Err(NoteError::NotSigned) => {}
                Err(other) => return Err(other),
            }
        }
        let quorum_met = self.quorum.as_ref().is_none_or(|it| self.has_signed(it, &witnesses));
        let (note, quorum_none) = (note.to_owned(), self.quorum.is_none());
        Ok(Witnessed { note, checkpoint, witnesses, quorum_met, quorum_none })
    }

    /// The text of a note that a log of the policy with this origin signed.
    ///
    /// # Errors
    ///
    /// [`NoteError`] if none did.
    pub fn open_text<'a>(&self, note: &'a str, origin: &str) -> Result<&'a str, NoteError> {
        let keys = self.logs.iter().filter(|it| it.name == origin);
        let mut texts = keys.map(|key| open_note(note, origin, &key.public_key));
        // The first key that signed decides, also where its signature does not verify.
        texts.find(|it| *it != Err(NoteError::NotSigned)).unwrap_or(Err(NoteError::NotSigned))
    }

    /// Groups name members of lines before theirs only, so this ends.
    fn has_signed(&self, name: &str, signed: &BTreeMap<String, u64>) -> bool {
        match self.members.get(name) {
            Some(Member::Witness(_)) => signed.contains_key(name),
            Some(Member::Group { least, members }) => {
                members.iter().filter(|it| self.has_signed(it, signed)).count() >= *least
            }
            None => false,
        }
    }
}

fn key_of(line: &str, kind: KeyKind) -> Option<VerifierKey> {
    line.parse().ok().filter(|it: &VerifierKey| it.kind == kind)
}
