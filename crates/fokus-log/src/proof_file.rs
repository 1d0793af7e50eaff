//! Proof files (C2SP tlog-proof): one leaf's inclusion proof and the checkpoint that it leads to, as
//! text that any tool for transparency logs reads offline.
//!
//! Deliberately absent: what is trusted. The checkpoint is text here; [`crate::note`] opens it with a
//! key that the verifier has from elsewhere.

#[cfg(test)]
mod tests;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;

use crate::Hash;
use crate::note::MAX_NOTE_BYTES;

/// The first line.
const MAGIC: &str = "c2sp.org/tlog-proof@v1";
/// More hashes than any tree of 2⁶³ leaves needs.
const HASHES_MAX: usize = 63;

/// A proof file's content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProofFile {
    /// What helps to make the leaf again; nobody vouches for it.
    pub extra: Option<Vec<u8>>,
    /// Zero-based index of the leaf.
    pub index: u64,
    /// From the leaf's sibling up to the root's child.
    pub hashes: Vec<Hash>,
    /// The signed note, verbatim.
    pub checkpoint: String,
}

/// The text is not a proof file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a proof file")]
pub struct ProofFileError;

impl ProofFile {
    /// The file.
    #[must_use]
    pub fn to_text(&self) -> String {
        let mut text = format!("{MAGIC}\n");
        if let Some(extra) = &self.extra {
            text.push_str(&format!("extra {}\n", BASE64.encode(extra)));
        }
        text.push_str(&format!("index {}\n", self.index));
        for hash in &self.hashes {
            text.push_str(&BASE64.encode(hash));
            text.push('\n');
        }
        text.push('\n');
        text.push_str(&self.checkpoint);
        text
    }

    /// Reads [`ProofFile::to_text`]; no other text gives the same content.
    ///
    /// # Errors
    ///
    /// [`ProofFileError`].
    pub fn from_text(text: &str) -> Result<ProofFile, ProofFileError> {
        Self::read(text).filter(|it| it.to_text() == text).ok_or(ProofFileError)
    }

    fn read(text: &str) -> Option<ProofFile> {
        // A kilobyte of extra data is more than any leaf of ours needs.
        if text.len() > 2 * MAX_NOTE_BYTES {
            return None;
        }
        let (proof, checkpoint) = text.split_once("\n\n")?;
        let mut lines = proof.strip_prefix(MAGIC)?.strip_prefix('\n')?.split('\n').peekable();
        let extra = match lines.peek()?.strip_prefix("extra ") {
            Some(encoded) => {
                lines.next();
                Some(BASE64.decode(encoded).ok()?)
            }
            None => None,
        };
        let index = lines.next()?.strip_prefix("index ")?.parse().ok()?;
        let hash = |line: &str| BASE64.decode(line).ok()?.try_into().ok();
        let hashes = lines.map(hash).collect::<Option<Vec<Hash>>>()?;
        let file = ProofFile { extra, index, hashes, checkpoint: checkpoint.to_owned() };
        (file.hashes.len() <= HASHES_MAX).then_some(file)
    }
}
