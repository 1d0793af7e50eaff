//! The files of a bundle as they go out: what is listed of them, and the one file that grows on the way,
//! the keys.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::mem;
use std::sync::{Arc, Mutex, PoisonError};

use fokus_bundle::content::push_envelope;
use fokus_bundle::manifest::File;
use fokus_bundle::{KEYS, envelopes_path};
use fokus_core::rejection::{Reason, Rejection};
use fokus_store::Fault;
use sha2::{Digest, Sha256};

use super::Piece;
use crate::failure::Failure;
use crate::read::bundle::Sealed;

/// What went out, and what waits to.
pub(super) struct Files {
    listed: BTreeMap<String, File>,
    pieces: Vec<Piece>,
    /// `None` once all keys are sealed.
    keys: Option<age::stream::StreamWriter<Waiting>>,
    waiting: Waiting,
    keys_hash: Sha256,
    keys_bytes: u64,
}

/// Sealed bytes of the keys' file that were not sent yet.
#[derive(Debug, Clone, Default)]
struct Waiting(Arc<Mutex<Vec<u8>>>);

impl Waiting {
    fn take(&self) -> Vec<u8> {
        // Nothing here panics while it holds the lock; if it did, the bytes would still be whole.
        mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Write for Waiting {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Files {
    /// None yet; keys will be sealed to this age recipient (X25519).
    pub(super) fn new(recipient: &str) -> Result<Files, Failure> {
        let rule = "an age recipient of X25519, age1…";
        let invalid = || Rejection::new(Reason::FieldInvalid, rule).at("recipient");
        let recipient: age::x25519::Recipient = recipient.parse().map_err(|_| invalid())?;
        let waiting = Waiting::default();
        let encryptor = age::Encryptor::with_recipients(std::iter::once(&recipient as _))
            .map_err(|_| invalid())?;
        let keys = encryptor.wrap_output(waiting.clone()).map_err(|_| not_sealed())?;
        Ok(Files {
            listed: BTreeMap::new(),
            pieces: Vec::new(),
            keys: Some(keys),
            waiting,
            keys_hash: Sha256::new(),
            keys_bytes: 0,
        })
    }

    /// A whole file.
    pub(super) fn add(&mut self, path: String, bytes: Vec<u8>) {
        self.listed.insert(path.clone(), File::of(&bytes));
        self.pieces.push(Piece { path, bytes });
    }

    /// The envelopes of block `n`, in their order, with what keys they have.
    pub(super) fn envelopes<'a>(
        &mut self,
        n: u64,
        envelopes: impl Iterator<Item = &'a Sealed>,
    ) -> Result<(), Failure> {
        let mut file = Vec::new();
        for sealed in envelopes {
            if !push_envelope(&mut file, sealed.body.as_deref()) {
                return Err(corrupt("an envelope is too large").into());
            }
            if let (Some(keys), Some(key)) = (&mut self.keys, &sealed.key) {
                keys.write_all(&*key.to_bytes()).map_err(|_| not_sealed())?;
            }
        }
        self.add(envelopes_path(n), file);
        self.sealed_keys();
        Ok(())
    }

    /// What is sealed by now of the keys' file.
    fn sealed_keys(&mut self) {
        let bytes = self.waiting.take();
        if !bytes.is_empty() {
            self.keys_hash.update(&bytes);
            self.keys_bytes = self.keys_bytes.saturating_add(bytes.len() as u64);
            self.pieces.push(Piece { path: KEYS.to_owned(), bytes });
        }
    }

    /// The rest of the keys: none comes after.
    pub(super) fn finish_keys(&mut self) -> Result<(), Failure> {
        if let Some(keys) = self.keys.take() {
            keys.finish().map_err(|_| not_sealed())?;
        }
        self.sealed_keys();
        let sha256 = fokus_bundle::hex(&mem::take(&mut self.keys_hash).finalize().into());
        self.listed.insert(KEYS.to_owned(), File { size: self.keys_bytes, sha256 });
        Ok(())
    }

    /// What is listed so far; for the list that comes last.
    pub(super) fn take_list(&mut self) -> BTreeMap<String, File> {
        mem::take(&mut self.listed)
    }

    /// The pieces that wait to go out.
    pub(super) fn take(&mut self) -> Vec<Piece> {
        mem::take(&mut self.pieces)
    }
}

pub(super) fn corrupt(what: &str) -> Fault {
    Fault::Corrupt { what: what.to_owned() }
}

fn not_sealed() -> Failure {
    corrupt("keys cannot be sealed to the auditor").into()
}
