//! An audit bundle on its way out: pieces of files, block after block, and at the end the list that the
//! log's key vouches for. A bundle that ends early has no list, so it is none.
//!
//! In memory are one block (256 leaves with their envelopes), one tile for each level, and a line for
//! each file. The reader's purpose and role are asked for before the first piece ([`Journal::export`]).

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::mem;
use std::sync::{Arc, Mutex, PoisonError};

use fokus_bundle::content::{EnvelopeKey, push_envelope};
use fokus_bundle::manifest::{FORMAT, File, Manifest, Scope};
use fokus_bundle::{KEYS, MANIFEST, MANIFEST_NOTE, README, envelopes_path, log_path};
use fokus_core::rejection::{Reason, Rejection};
use fokus_log::edge::Edge;
use fokus_log::leaf::Leaf;
use fokus_log::tile::{Resource, TILE_WIDTH, TileId, entries_to_bytes};
use fokus_log::{Hash, leaf_hash};
use fokus_store::{Fault, Head, Position, Range, StoredEvent};
use fokus_vault::envelope::{EnvelopeContext, envelope_key};
use fokus_vault::key::{ContentKey, KeyId};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use crate::failure::Failure;
use crate::journal::{Journal, authorise, shutting_down};
use crate::session::{Access, Action};
use crate::tenants::Tenant;

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
    tenant: Arc<Tenant>,
    head: Head,
    scope: Scope,
    purpose: String,
    requester: String,
    created_ms: u64,
    files: BTreeMap<String, File>,
    next_block: u64,
    edge: Edge,
    /// The last tile of each level, while it is not full.
    pending: BTreeMap<u8, (u64, Vec<Hash>)>,
    keys: Option<age::stream::StreamWriter<Sealed>>,
    sealed: Sealed,
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
struct Sealed(Arc<Mutex<Vec<u8>>>);

impl Sealed {
    fn take(&self) -> Vec<u8> {
        // Nothing here panics while it holds the lock; if it did, the bytes would still be whole.
        mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Write for Sealed {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Journal {
    /// Begins a bundle of the log as it stands.
    ///
    /// # Errors
    ///
    /// `NOT_PERMITTED`; `FIELD_INVALID` for a recipient that is none or a period without events;
    /// `BEYOND_HEAD`.
    pub async fn export(&self, access: &Access, request: BundleRequest) -> Result<Export, Failure> {
        authorise(&access.session, Action::ExportBundle, access.purpose)?;
        let invalid = |field: &str, rule: &str| {
            Failure::from(Rejection::new(Reason::FieldInvalid, rule).at(field))
        };
        let recipient: age::x25519::Recipient = request
            .recipient
            .parse()
            .map_err(|_| invalid("recipient", "an age recipient of X25519, age1…"))?;
        let tenant = self.tenant(&access.session.tenant).await?;
        let head = self.shared.ports.events.head(&tenant.id).await?;
        let size = head.position.0;
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
            return Err(invalid("last_position", "the period has no events"));
        }
        let sealed = Sealed::default();
        let encryptor = age::Encryptor::with_recipients(std::iter::once(&recipient as _))
            .map_err(|_| invalid("recipient", "an age recipient of X25519, age1…"))?;
        let keys = encryptor.wrap_output(sealed.clone()).map_err(|_| not_sealed())?;
        let purpose = serde_json::to_value(access.purpose).ok();
        Ok(Export {
            journal: self.clone(),
            tenant,
            head,
            scope,
            purpose: purpose.and_then(|it| it.as_str().map(str::to_owned)).unwrap_or_default(),
            requester: access.session.actor.sub.clone(),
            created_ms: self.shared.ports.clock.now_ms(),
            files: BTreeMap::new(),
            next_block: 0,
            edge: Edge::new(),
            pending: BTreeMap::new(),
            keys: Some(keys),
            sealed,
            keys_hash: Sha256::new(),
            keys_bytes: 0,
        })
    }
}

impl Export {
    /// The next pieces, in order; `None` when the bundle is whole.
    ///
    /// # Errors
    ///
    /// A [`Fault`] of the store; `SHUTTING_DOWN`.
    pub async fn next(&mut self) -> Result<Option<Vec<Piece>>, Failure> {
        if self.journal.shared.shutdown.is_cancelled() {
            return Err(shutting_down());
        }
        let blocks = self.head.position.0.div_ceil(TILE_WIDTH as u64);
        if self.next_block < blocks {
            let n = self.next_block;
            self.next_block += 1;
            return self.block(n).await.map(Some);
        }
        if self.keys.is_none() {
            return Ok(None);
        }
        self.end().await.map(Some)
    }

    /// Tile, entries, envelopes and keys of one block.
    async fn block(&mut self, n: u64) -> Result<Vec<Piece>, Failure> {
        let first = n.saturating_mul(TILE_WIDTH as u64);
        let width = TileId { level: 0, n }.width_in(self.head.position.0);
        let limit = u32::try_from(width).unwrap_or(u32::MAX);
        let range = Range::Forward { after: Position(first), limit };
        let stored = self.journal.shared.ports.events.read_log(&self.tenant.id, range).await?;
        if stored.len() != width {
            return Err(
                Fault::Corrupt { what: "leaves are missing below the head".to_owned() }.into()
            );
        }
        let mut pieces = Vec::new();
        for event in &stored {
            let hash = leaf_hash(&event.leaf);
            self.add(&mut pieces, 0, n, hash);
            for full in self.edge.push(hash) {
                let above = full.n / TILE_WIDTH as u64;
                self.add(&mut pieces, full.level + 1, above, full.root());
            }
        }
        let in_scope = |(from, to): (u64, u64)| (from..=to).contains(&n);
        if self.scope.bundles(self.head.position.0).is_some_and(in_scope) {
            self.contents(&mut pieces, n, first, &stored).await?;
        }
        Ok(pieces)
    }

    /// Adds a hash to the last tile of its level; a tile that is now full goes out.
    fn add(&mut self, pieces: &mut Vec<Piece>, level: u8, n: u64, hash: Hash) {
        let (_, hashes) = self.pending.entry(level).or_insert_with(|| (n, Vec::new()));
        hashes.push(hash);
        if hashes.len() == TILE_WIDTH
            && let Some((n, hashes)) = self.pending.remove(&level)
        {
            self.tile(pieces, level, n, &hashes);
        }
    }

    fn tile(&mut self, pieces: &mut Vec<Piece>, level: u8, n: u64, hashes: &[Hash]) {
        let resource = Resource::Tile { id: TileId { level, n }, width: hashes.len() };
        self.file(pieces, log_path(resource), hashes.as_flattened().to_vec());
    }

    /// A whole file.
    fn file(&mut self, pieces: &mut Vec<Piece>, path: String, bytes: Vec<u8>) {
        self.files.insert(path.clone(), File::of(&bytes));
        pieces.push(Piece { path, bytes });
    }

    async fn contents(
        &mut self,
        pieces: &mut Vec<Piece>,
        n: u64,
        first: u64,
        stored: &[StoredEvent],
    ) -> Result<(), Failure> {
        let entries = entries_to_bytes(stored.iter().map(|it| it.leaf.as_slice()))
            .ok_or_else(|| Fault::Corrupt { what: "a leaf is too long".to_owned() })?;
        let resource = Resource::Entries { n, width: stored.len() };
        self.file(pieces, log_path(resource), entries);
        let size = self.head.position.0;
        let mut leaves = Vec::with_capacity(stored.len());
        for event in stored {
            let leaf = Leaf::decode(&event.leaf).map_err(|error| Fault::Corrupt {
                what: format!("the leaf at position {}: {error}", event.position.0),
            })?;
            leaves.push(leaf);
        }
        let mut ids: Vec<KeyId> = (first..)
            .zip(&leaves)
            .filter(|(index, _)| self.scope.holds(*index, size))
            .flat_map(|(_, leaf)| leaf.envelopes.iter())
            .flat_map(|it| it.key_ids.iter().map(|id| KeyId(*id)))
            .collect();
        ids.sort_unstable();
        ids.dedup();
        let content_keys = self.tenant.opener.keyring.by_id(&self.tenant.id, &ids).await?;
        let mut file = Vec::new();
        for ((index, leaf), event) in (first..).zip(&leaves).zip(stored) {
            let is_in = self.scope.holds(index, size);
            for (number, reference) in (0_u8..).zip(&leaf.envelopes) {
                let body = event.envelopes.get(usize::from(number)).and_then(Option::as_deref);
                let body = body.filter(|_| is_in);
                if !push_envelope(&mut file, body) {
                    return Err(
                        Fault::Corrupt { what: "an envelope is too large".to_owned() }.into()
                    );
                }
                let key = |id: &[u8; 16]| content_keys.get(&KeyId(*id)).map(Arc::as_ref);
                let found = reference.key_ids.iter().map(key).collect::<Option<Vec<&ContentKey>>>();
                let (Some(body), Some(found)) = (body, found) else { continue };
                let context = EnvelopeContext {
                    origin: &self.tenant.opener.origin,
                    event_id: leaf.event_id,
                    stream_tag: leaf.stream_tag,
                    index: number,
                };
                let key = envelope_key(&context, &found, body).map_err(|_| not_sealed())?;
                let own = EnvelopeKey {
                    ct_hash: reference.ct_hash,
                    key: Zeroizing::new(*key.as_bytes()),
                };
                if let Some(keys) = &mut self.keys {
                    keys.write_all(&*own.to_bytes()).map_err(|_| not_sealed())?;
                }
            }
        }
        self.file(pieces, envelopes_path(n), file);
        self.sealed_keys(pieces);
        Ok(())
    }

    /// What is sealed by now of the keys' file.
    fn sealed_keys(&mut self, pieces: &mut Vec<Piece>) {
        let bytes = self.sealed.take();
        if !bytes.is_empty() {
            self.keys_hash.update(&bytes);
            self.keys_bytes = self.keys_bytes.saturating_add(bytes.len() as u64);
            pieces.push(Piece { path: KEYS.to_owned(), bytes });
        }
    }

    /// The partial tiles, the rest of the keys, checkpoint, README, and the list of all.
    async fn end(&mut self) -> Result<Vec<Piece>, Failure> {
        let mut pieces = Vec::new();
        for (level, (n, hashes)) in mem::take(&mut self.pending) {
            self.tile(&mut pieces, level, n, &hashes);
        }
        if self.edge.root() != self.head.root {
            return Err(
                Fault::Corrupt { what: "the leaves lead to another root".to_owned() }.into()
            );
        }
        if let Some(keys) = self.keys.take() {
            keys.finish().map_err(|_| not_sealed())?;
        }
        self.sealed_keys(&mut pieces);
        let sha256 = fokus_bundle::hex(&Hash::from(mem::take(&mut self.keys_hash).finalize()));
        self.files.insert(KEYS.to_owned(), File { size: self.keys_bytes, sha256 });
        let note = self.head.checkpoint.clone().into_bytes();
        self.file(&mut pieces, log_path(Resource::Checkpoint), note);
        self.file(&mut pieces, README.to_owned(), README_TEXT.as_bytes().to_vec());
        let manifest = Manifest {
            format: FORMAT.to_owned(),
            origin: self.tenant.opener.origin.clone(),
            size: self.head.position.0,
            scope: self.scope,
            purpose: mem::take(&mut self.purpose),
            requester: mem::take(&mut self.requester),
            created_ms: self.created_ms,
            files: mem::take(&mut self.files),
        };
        let listed = manifest
            .to_bytes()
            .map_err(|_| Fault::Corrupt { what: "a bundle's list cannot be written".to_owned() })?;
        let events = &self.journal.shared.ports.events;
        let note = events.vouch(&self.tenant.id, &Sha256::digest(&listed).into()).await?;
        pieces.push(Piece { path: MANIFEST_NOTE.to_owned(), bytes: note.into_bytes() });
        pieces.push(Piece { path: MANIFEST.to_owned(), bytes: listed });
        Ok(pieces)
    }
}

fn not_sealed() -> Failure {
    Fault::Corrupt { what: "keys cannot be sealed to the auditor".to_owned() }.into()
}
