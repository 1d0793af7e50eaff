//! What a sealed thing is bound to: a label and public values, joined so that no two contexts give
//! the same bytes.
//!
//! A context is the AAD of what is sealed and the `info` of the key that seals it. Whoever moves a
//! ciphertext to another tenant, stream, row or key gets an error and no text.

/// A name in a context is longer than 65,535 bytes, the most that its length field can say.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("name in a sealing context is longer than 65535 bytes")]
pub struct ContextTooLong;

/// What most contexts have behind their label, in bytes.
const USUAL_BYTES: usize = 120;

/// Collects the bytes of a context, in the order of the format's formulas.
pub(crate) struct ContextBytes(Vec<u8>);

impl ContextBytes {
    /// Begins with the label that tells the uses of keys apart.
    pub(crate) fn new(label: &str) -> Self {
        // Room for the usual ones: growing costs more than the bytes.
        let mut bytes = Vec::with_capacity(label.len() + USUAL_BYTES);
        bytes.extend_from_slice(label.as_bytes());
        ContextBytes(bytes)
    }

    /// Adds a value whose length is fixed by the formula.
    pub(crate) fn fixed(mut self, bytes: &[u8]) -> Self {
        self.0.extend_from_slice(bytes);
        self
    }

    /// Adds a value of any length, behind two bytes that say how long it is.
    pub(crate) fn len16(mut self, text: &str) -> Result<Self, ContextTooLong> {
        let length = u16::try_from(text.len()).map_err(|_| ContextTooLong)?;
        self.0.extend_from_slice(&length.to_be_bytes());
        self.0.extend_from_slice(text.as_bytes());
        Ok(self)
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        &self.0
    }
}
