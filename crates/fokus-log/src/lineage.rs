//! What a log says of its own key and its own name: that its key was rotated, and that it continues a log
//! of which a part was lost.
//!
//! Each is the public content of one leaf: a signed note (C2SP signed-note), so that it says by itself who
//! stands for it. A rotation is signed by the retired and the new key; a continuation by two officers,
//! since a machine cannot know what was lost. Read [`Act`], then [`Lineage`], which follows the acts of a
//! whole log and finds out whether they fit together.
//!
//! A log that begins as `<authority>/<tenant>/journal` goes on as `…/journal/2`, `…/journal/3`: a name is
//! never used again for another history. The continuation has the leaves that were kept, in their places,
//! and then the leaf that says so. Envelopes are sealed under the first name for ever.
//!
//! Deliberately absent: which officers may do so; whoever checks a log compares their keys.

#[cfg(test)]
mod tests;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;

use crate::Hash;
use crate::leaf::LeafKind;
use crate::note::{
    Checkpoint, KeyKind, NoteError, Signer, VerifierKey, open_note, sign_note, unverified_text,
    with_signatures_of,
};

/// First line of a rotation.
const ROTATION: &str = "fokus-log-key/v1";
/// First line of a continuation.
const CONTINUATION: &str = "fokus-continuation/v1";
/// Last part of the name of a log that continues none.
const FIRST_GENERATION: &str = "/journal";
/// Most characters of a continuation's reason.
pub const REASON_MAX: usize = 300;

/// The name under which a log began, and the number of the generation that `origin` names, from 1.
#[must_use]
pub fn generation(origin: &str) -> (&str, u64) {
    let named = origin.rsplit_once('/').and_then(|(first, number)| {
        let parsed: u64 = number.parse().ok()?;
        let is_number = parsed >= 2 && parsed.to_string() == number;
        (is_number && first.ends_with(FIRST_GENERATION)).then_some((first, parsed))
    });
    named.unwrap_or((origin, 1))
}

/// The name of the log that continues the one called `origin`.
#[must_use]
pub fn next_origin(origin: &str) -> String {
    let (first, number) = generation(origin);
    format!("{first}/{}", number.saturating_add(1))
}

/// Why a leaf does not say what it ought to, or not of this log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum LineageError {
    /// The note cannot be read, or a signature is missing or does not verify.
    #[error(transparent)]
    Note(#[from] NoteError),
    /// The text is not the one encoding of a rotation or continuation.
    #[error("the text is not that of a rotation or continuation")]
    Text,
    /// Old and new key, or the two officers' keys, are the same.
    #[error("the same key twice")]
    KeyTwice,
    /// The reason is empty, longer than [`REASON_MAX`] characters, or more than one line.
    #[error("a reason has 1 to {REASON_MAX} characters in one line")]
    Reason,
    /// It is of a log of another name, or of another generation than the leaf's.
    #[error("it is of a log of another name")]
    OtherLog,
    /// The retired key is not the one that was in force.
    #[error("the key that it retires was not in force")]
    OtherKey,
    /// It says that another number of leaves was kept than stand before it.
    #[error("it says that another number of leaves was kept")]
    OtherSize,
}

/// The log's key was replaced.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rotation {
    /// The log's name at the time.
    pub origin: String,
    /// The key until then.
    pub retired: [u8; 32],
    /// The key from then on.
    pub new: [u8; 32],
}

impl Rotation {
    /// The note that says so, signed by both: by `signer`, whose key is the new one, and by the one that
    /// is retiring there. `None` if none is.
    ///
    /// # Errors
    ///
    /// [`NoteError::Name`] if the origin cannot name a key.
    pub fn note(origin: &str, signer: &dyn Signer) -> Result<Option<String>, NoteError> {
        let Some(retiring) = signer.retiring() else { return Ok(None) };
        let (retired, new) = (retiring.public_key(), signer.public_key());
        let rotation = Rotation { origin: origin.to_owned(), retired, new };
        sign_note(&rotation.text(), origin, signer).map(Some)
    }

    fn text(&self) -> String {
        let key = |public_key: [u8; 32]| {
            VerifierKey { name: self.origin.clone(), kind: KeyKind::Log, public_key }.to_string()
        };
        format!("{ROTATION}\n{}\n{}\n{}\n", self.origin, key(self.retired), key(self.new))
    }

    /// Reads the note and verifies both signatures.
    fn of_note(note: &str) -> Result<Rotation, LineageError> {
        let text = unverified_text(note)?;
        let read = || {
            let mut lines = text.lines().skip(1);
            let origin = lines.next()?.to_owned();
            let retired = lines.next()?.parse::<VerifierKey>().ok()?.public_key;
            let new = lines.next()?.parse::<VerifierKey>().ok()?.public_key;
            Some(Rotation { origin, retired, new })
        };
        let rotation = read().filter(|it| it.text() == text).ok_or(LineageError::Text)?;
        if rotation.retired == rotation.new {
            return Err(LineageError::KeyTwice);
        }
        open_note(note, &rotation.origin, &rotation.retired)?;
        open_note(note, &rotation.origin, &rotation.new)?;
        Ok(rotation)
    }
}

/// A log continues another one, of which only the beginning is left.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Continuation {
    /// The name of the log that has this leaf.
    pub origin: String,
    /// What was kept of the log before it: its name, the number of leaves, the root over them.
    pub kept: Checkpoint,
    /// Size and root of the last state of that log that is known from elsewhere: leaves between `kept` and
    /// this are lost, or, if it is not larger, are others.
    pub known: (u64, Hash),
    /// Who answers for it.
    pub officers: [VerifierKey; 2],
    /// Why, in words. Public: nothing about a person belongs here.
    pub reason: String,
}

impl Continuation {
    /// What the officers sign.
    ///
    /// # Errors
    ///
    /// [`LineageError`] naming what cannot be said so.
    pub fn draft(
        kept: Checkpoint,
        known: (u64, Hash),
        officers: [VerifierKey; 2],
        reason: &str,
    ) -> Result<Continuation, LineageError> {
        let origin = next_origin(&kept.origin);
        let it = Continuation { origin, kept, known, officers, reason: reason.to_owned() };
        it.check().map(|()| it)
    }

    fn check(&self) -> Result<(), LineageError> {
        let [one, other] = &self.officers;
        if [one, other].iter().any(|it| it.kind != KeyKind::Log) {
            return Err(LineageError::Text);
        }
        if one.public_key == other.public_key || one.name == other.name {
            return Err(LineageError::KeyTwice);
        }
        let length = self.reason.chars().count();
        if !(1..=REASON_MAX).contains(&length) || self.reason.chars().any(char::is_control) {
            return Err(LineageError::Reason);
        }
        if self.origin != next_origin(&self.kept.origin) {
            return Err(LineageError::OtherLog);
        }
        Ok(())
    }

    /// The text that is signed.
    #[must_use]
    pub fn text(&self) -> String {
        let Continuation { origin, kept, known: (size, root), officers: [one, other], reason } =
            self;
        let root = BASE64.encode(root);
        // The kept state reads as the checkpoint that it is.
        format!(
            "{CONTINUATION}\n{origin}\n{}{size}\n{root}\n{one}\n{other}\n{reason}\n",
            kept.text()
        )
    }

    /// Reads [`Continuation::text`].
    ///
    /// # Errors
    ///
    /// [`LineageError`] if it is another text.
    pub fn parse(text: &str) -> Result<Continuation, LineageError> {
        let read = || {
            let mut lines = text.lines().skip(1);
            let mut line = || lines.next();
            let origin = line()?.to_owned();
            let hash = |it: &str| -> Option<Hash> { BASE64.decode(it).ok()?.try_into().ok() };
            let (name, size, root) = (line()?.to_owned(), line()?.parse().ok()?, hash(line()?)?);
            let kept = Checkpoint { origin: name, size, root };
            let known = (line()?.parse().ok()?, hash(line()?)?);
            let officers = [line()?.parse().ok()?, line()?.parse().ok()?];
            Some(Continuation { origin, kept, known, officers, reason: line()?.to_owned() })
        };
        let read = read().filter(|it| it.text() == text).ok_or(LineageError::Text)?;
        read.check().map(|()| read)
    }

    /// The note with an officer's signature added. `note` is the text alone, or a note of it.
    ///
    /// # Errors
    ///
    /// [`LineageError::OtherKey`] if the key is none of the officers'; else that of the text or note.
    pub fn signed(note: &str, signer: &dyn Signer) -> Result<String, LineageError> {
        let text = if note.contains("\n\n") { unverified_text(note)? } else { note };
        let said = Continuation::parse(text)?;
        let key = signer.public_key();
        let officer = said.officers.iter().find(|it| it.public_key == key);
        let name = &officer.ok_or(LineageError::OtherKey)?.name;
        let own = sign_note(text, name, signer)?;
        Ok(if text == note { own } else { with_signatures_of(note, &own)? })
    }

    /// Reads the note and verifies both officers' signatures.
    ///
    /// # Errors
    ///
    /// [`LineageError`] if it is no continuation, or is not signed by both.
    pub fn of_note(note: &str) -> Result<Continuation, LineageError> {
        let said = Continuation::parse(unverified_text(note)?)?;
        for officer in &said.officers {
            open_note(note, &officer.name, &officer.public_key)?;
        }
        Ok(said)
    }
}

/// What a leaf says of the log's key or name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Act {
    /// The key was rotated.
    Rotation(Rotation),
    /// The log continues another one.
    Continuation(Continuation),
}

impl Act {
    /// What a leaf of this kind and public content says; `None` if it speaks of something else.
    ///
    /// # Errors
    ///
    /// [`LineageError`] if it speaks of this and is not what it ought to be.
    pub fn of_leaf(kind: LeafKind, ext: &[u8]) -> Result<Option<Act>, LineageError> {
        let Ok(note) = std::str::from_utf8(ext) else { return Ok(None) };
        match (kind, note.lines().next()) {
            (LeafKind::Key, Some(ROTATION)) => Rotation::of_note(note).map(Act::Rotation).map(Some),
            (LeafKind::Control, Some(CONTINUATION)) => {
                Continuation::of_note(note).map(Act::Continuation).map(Some)
            }
            _ => Ok(None),
        }
    }
}

/// Follows the acts of a log from its first leaf on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lineage {
    origin: String,
    key: Option<[u8; 32]>,
}

impl Lineage {
    /// Of the log that is called `origin` in the end.
    #[must_use]
    pub fn of(origin: &str) -> Lineage {
        Lineage { origin: generation(origin).0.to_owned(), key: None }
    }

    /// Follows what the leaf at `index` (zero-based) says. Whether the root that a continuation names is
    /// the one over the leaves before it, the caller compares.
    ///
    /// # Errors
    ///
    /// [`LineageError`] if it does not follow from what the log said before.
    pub fn follow(&mut self, index: u64, act: &Act) -> Result<(), LineageError> {
        match act {
            Act::Rotation(it) if it.origin != self.origin => Err(LineageError::OtherLog),
            Act::Rotation(it) if self.key.is_some_and(|key| key != it.retired) => {
                Err(LineageError::OtherKey)
            }
            Act::Rotation(it) => {
                self.key = Some(it.new);
                Ok(())
            }
            Act::Continuation(it) if it.kept.origin != self.origin => Err(LineageError::OtherLog),
            Act::Continuation(it) if it.kept.size != index => Err(LineageError::OtherSize),
            Act::Continuation(it) => {
                self.origin.clone_from(&it.origin);
                Ok(())
            }
        }
    }

    /// The log's name as its leaves say.
    #[must_use]
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// The log's key as its leaves say; `None` if it was never rotated.
    #[must_use]
    pub fn key(&self) -> Option<[u8; 32]> {
        self.key
    }
}
