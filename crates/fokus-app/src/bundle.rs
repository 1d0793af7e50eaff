//! An audit bundle on its way out: pieces of files, block after block, and at the end the list that the
//! log's key vouches for. A bundle that ends early has no list, so it is none.
//!
//! In memory are one block (256 leaves with their envelopes), one tile for each level, and a line for
//! each file. Every step is a read of its own (`crate::read::bundle`), asked for like any other.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::mem;
use std::sync::{Arc, Mutex, PoisonError};

use fokus_bundle::content::push_envelope;
use fokus_bundle::manifest::{FORMAT, File, Manifest, Scope};
use fokus_bundle::{KEYS, MANIFEST, MANIFEST_NOTE, README, envelopes_path, log_path};
use fokus_core::rejection::{Reason, Rejection};
use fokus_log::edge::Edge;
use fokus_log::tile::{Resource, TILE_WIDTH, TileId, entries_to_bytes};
use fokus_log::{Hash, leaf_hash};
use fokus_store::{Fault, Head, StoredEvent};
use sha2::{Digest, Sha256};

use crate::failure::Failure;
use crate::journal::Journal;
use crate::read::bundle::{BlockQuery, BundleHeadQuery, Sealed, VouchQuery};
use crate::session::Access;

/// What the bundle says of itself.
const README_TEXT: &str = include_str!("bundle/README.txt");

/// Which bundle.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BundleRequest {
    /// The auditor's age recipient (X25519), `age1…`, whom the keys are sealed to.
    pub recipient: String,
    /// First position of the period; 0 = the whole log.
    pub first: u64,
    /// Last position of the period; 0 = where the log stands.
    pub last: u64,
}

/// Bytes to be added to a file of the bundle.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Piece {
    pub path: String,
    pub bytes: Vec<u8>,
}

/// A bundle on its way out.
pub struct Export {
    journal: Journal,
    access: Access,
    origin: String,
    head: Head,
    scope: Scope,
    created_ms: u64,
    files: BTreeMap<String, File>,
    next_block: u64,
    edge: Edge,
    /// The last tile of each level, while it is not full.
    pending: BTreeMap<u8, (u64, Vec<Hash>)>,
    /// `None` when the bundle is whole.
    keys: Option<age::stream::StreamWriter<Waiting>>,
    waiting: Waiting,
    keys_hash: Sha256,
    keys_bytes: u64,
}

impl std::fmt::Debug for Export {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Export").field("scope", &self.scope).finish_non_exhaustive()
    }
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

impl Export {
    /// Begins a bundle of the log as it stands.
    ///
    /// # Errors
    ///
    /// `NOT_PERMITTED`; `FIELD_INVALID` for a recipient that is none or a period without events;
    /// `BEYOND_HEAD`.
    pub async fn begin(
        journal: &Journal,
        access: &Access,
        request: BundleRequest,
    ) -> Result<Export, Failure> {
        // Permission comes before everything that the request says.
        let log = journal.read(access, BundleHeadQuery).await?;
        let invalid =
            |field: &str, rule: &str| Rejection::new(Reason::FieldInvalid, rule).at(field);
        let recipient: age::x25519::Recipient = request
            .recipient
            .parse()
            .map_err(|_| invalid("recipient", "an age recipient of X25519, age1…"))?;
        let size = log.head.position.0;
        if request.first.max(request.last) > size {
            let rule = "the period ends beyond the head of the log";
            return Err(Rejection::new(Reason::BeyondHead, rule).into());
        }
        let scope = match (request.first, request.last) {
            (0, 0) => Scope::Log,
            (first, last) => Scope::Period {
                first: first.saturating_sub(1),
                last: if last == 0 { size } else { last }.saturating_sub(1),
            },
        };
        if scope.bundles(size).is_none() {
            return Err(invalid("last_position", "the period has no events").into());
        }
        let waiting = Waiting::default();
        let encryptor = age::Encryptor::with_recipients(std::iter::once(&recipient as _))
            .map_err(|_| invalid("recipient", "an age recipient of X25519, age1…"))?;
        let keys = encryptor.wrap_output(waiting.clone()).map_err(|_| not_sealed())?;
        Ok(Export {
            journal: journal.clone(),
            access: access.clone(),
            origin: log.origin,
            head: log.head,
            scope,
            created_ms: journal.clock().now_ms(),
            files: BTreeMap::new(),
            next_block: 0,
            edge: Edge::new(),
            pending: BTreeMap::new(),
            keys: Some(keys),
            waiting,
            keys_hash: Sha256::new(),
            keys_bytes: 0,
        })
    }

    /// How many positions of the log have gone out.
    pub fn reached(&self) -> u64 {
        self.edge.size()
    }

    /// The next pieces, in order; `None` when the bundle is whole.
    ///
    /// # Errors
    ///
    /// A [`Fault`] of the store; `SHUTTING_DOWN`.
    pub async fn next(&mut self) -> Result<Option<Vec<Piece>>, Failure> {
        let size = self.head.position.0;
        let n = self.next_block;
        if n < size.div_ceil(TILE_WIDTH as u64) {
            self.next_block += 1;
            return self.block(n, size).await.map(Some);
        }
        match self.keys.take() {
            Some(keys) => self.end(keys).await.map(Some),
            None => Ok(None),
        }
    }

    /// Tile, entries, envelopes and keys of one block.
    async fn block(&mut self, n: u64, size: u64) -> Result<Vec<Piece>, Failure> {
        let query = BlockQuery { n, size, scope: self.scope };
        let block = self.journal.read(&self.access, query).await?;
        let mut pieces = Vec::new();
        for event in &block.events {
            let hash = leaf_hash(&event.leaf);
            self.add(&mut pieces, TileId { level: 0, n }, hash);
            for full in self.edge.push(hash) {
                let above = TileId { level: full.level + 1, n: full.n / TILE_WIDTH as u64 };
                self.add(&mut pieces, above, full.root());
            }
        }
        if let Some(envelopes) = block.envelopes {
            self.contents(&mut pieces, n, &block.events, &envelopes)?;
        }
        Ok(pieces)
    }

    /// Adds a hash to the last tile of its level; a tile that is now full goes out.
    fn add(&mut self, pieces: &mut Vec<Piece>, id: TileId, hash: Hash) {
        let (_, hashes) = self.pending.entry(id.level).or_insert_with(|| (id.n, Vec::new()));
        hashes.push(hash);
        if hashes.len() == TILE_WIDTH
            && let Some((n, hashes)) = self.pending.remove(&id.level)
        {
            self.tile(pieces, TileId { n, ..id }, &hashes);
        }
    }

    fn tile(&mut self, pieces: &mut Vec<Piece>, id: TileId, hashes: &[Hash]) {
        let resource = Resource::Tile { id, width: hashes.len() };
        self.file(pieces, log_path(resource), hashes.as_flattened().to_vec());
    }

    /// A whole file.
    fn file(&mut self, pieces: &mut Vec<Piece>, path: String, bytes: Vec<u8>) {
        self.files.insert(path.clone(), File::of(&bytes));
        pieces.push(Piece { path, bytes });
    }

    fn contents(
        &mut self,
        pieces: &mut Vec<Piece>,
        n: u64,
        events: &[StoredEvent],
        envelopes: &[Vec<Sealed>],
    ) -> Result<(), Failure> {
        let entries = entries_to_bytes(events.iter().map(|it| it.leaf.as_slice()))
            .ok_or_else(|| corrupt("a leaf is too long"))?;
        let resource = Resource::Entries { n, width: events.len() };
        self.file(pieces, log_path(resource), entries);
        let mut file = Vec::new();
        for sealed in envelopes.iter().flatten() {
            if !push_envelope(&mut file, sealed.body.as_deref()) {
                return Err(corrupt("an envelope is too large").into());
            }
            if let (Some(keys), Some(key)) = (&mut self.keys, &sealed.key) {
                keys.write_all(&*key.to_bytes()).map_err(|_| not_sealed())?;
            }
        }
        self.file(pieces, envelopes_path(n), file);
        self.sealed_keys(pieces);
        Ok(())
    }

    /// What is sealed by now of the keys' file.
    fn sealed_keys(&mut self, pieces: &mut Vec<Piece>) {
        let bytes = self.waiting.take();
        if !bytes.is_empty() {
            self.keys_hash.update(&bytes);
            self.keys_bytes = self.keys_bytes.saturating_add(bytes.len() as u64);
            pieces.push(Piece { path: KEYS.to_owned(), bytes });
        }
    }

    /// The partial tiles, the rest of the keys, checkpoint, README, and the list of all.
    async fn end(
        &mut self,
        keys: age::stream::StreamWriter<Waiting>,
    ) -> Result<Vec<Piece>, Failure> {
        if self.edge.root() != self.head.root {
            return Err(corrupt("the leaves lead to another root").into());
        }
        let mut pieces = Vec::new();
        for (level, (n, hashes)) in mem::take(&mut self.pending) {
            self.tile(&mut pieces, TileId { level, n }, &hashes);
        }
        keys.finish().map_err(|_| not_sealed())?;
        self.sealed_keys(&mut pieces);
        let sha256 = fokus_bundle::hex(&mem::take(&mut self.keys_hash).finalize().into());
        self.files.insert(KEYS.to_owned(), File { size: self.keys_bytes, sha256 });
        let note = self.head.checkpoint.clone().into_bytes();
        self.file(&mut pieces, log_path(Resource::Checkpoint), note);
        self.file(&mut pieces, README.to_owned(), README_TEXT.as_bytes().to_vec());
        let purpose = serde_json::to_value(self.access.purpose).ok();
        let manifest = Manifest {
            format: FORMAT.to_owned(),
            origin: self.origin.clone(),
            size: self.head.position.0,
            scope: self.scope,
            purpose: purpose.and_then(|it| it.as_str().map(str::to_owned)).unwrap_or_default(),
            requester: self.access.session.actor.sub.clone(),
            created_ms: self.created_ms,
            files: mem::take(&mut self.files),
        };
        let listed =
            manifest.to_bytes().map_err(|_| corrupt("a bundle's list cannot be written"))?;
        let query = VouchQuery { list_hash: Sha256::digest(&listed).into() };
        let note = self.journal.read(&self.access, query).await?;
        pieces.push(Piece { path: MANIFEST_NOTE.to_owned(), bytes: note.into_bytes() });
        pieces.push(Piece { path: MANIFEST.to_owned(), bytes: listed });
        Ok(pieces)
    }
}

fn corrupt(what: &str) -> Fault {
    Fault::Corrupt { what: what.to_owned() }
}

fn not_sealed() -> Failure {
    corrupt("keys cannot be sealed to the auditor").into()
}
