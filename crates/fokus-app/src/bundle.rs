//! An audit bundle on its way out: pieces of files, step after step, and at the end the list that the
//! log's key vouches for. A bundle that ends early has no list, so it is none.
//!
//! In memory are one block (256 leaves with their envelopes), one tile for each level, and a line for
//! each file; of a family also eight bytes for each of its leaves. Every step is a read of its own
//! (`crate::read::bundle`, `crate::read::heads`), asked for like any other.

mod family;
mod files;
mod tree;

use fokus_bundle::manifest::{FORMAT, Manifest, Scope};
use fokus_bundle::{MANIFEST, MANIFEST_NOTE, README, labels_path, log_path};
use fokus_core::ids::{StreamKind, StreamRef};
use fokus_core::rejection::{Reason, Rejection};
use fokus_log::tile::Resource;
use fokus_store::Head;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::failure::Failure;
use crate::journal::Journal;
use crate::read::bundle::{BundleHeadQuery, VouchQuery};
use crate::read::heads::FamilyStreamsQuery;
use crate::session::Access;
use family::{FamilyWalk, Stepped};
use files::{Files, corrupt};
use tree::TreeWalk;

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
    /// One family instead, and the persons whom its events name.
    pub family: Option<Uuid>,
    /// How many events a checkpoint has that the auditor kept; 0 = none. What proves that the log continues it
    /// is in the bundle.
    pub kept: u64,
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
    /// `None` while it is not known yet what a family's bundle is of.
    scope: Option<Scope>,
    created_ms: u64,
    files: Files,
    walk: Walk,
}

enum Walk {
    Tree(TreeWalk),
    Family(FamilyWalk),
    Closing,
    Closed,
}

impl std::fmt::Debug for Export {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Export").field("scope", &self.scope).finish_non_exhaustive()
    }
}

impl Export {
    /// Begins a bundle of the log as it stands.
    ///
    /// # Errors
    ///
    /// `NOT_PERMITTED`; `FIELD_INVALID` for a recipient that is none, a period without events, or a period
    /// of a family; `UNKNOWN_ID`; `BEYOND_HEAD`, also for a checkpoint kept.
    pub async fn begin(
        journal: &Journal,
        access: &Access,
        request: BundleRequest,
    ) -> Result<Export, Failure> {
        // Permission comes before everything that the request says.
        let log = journal.read(access, BundleHeadQuery).await?;
        let files = Files::new(&request.recipient)?;
        if request.kept > log.head.position.0 {
            let rule = "the checkpoint kept is beyond the head of the log: it was rolled back, or is another";
            return Err(Rejection::new(Reason::BeyondHead, rule).at("kept_position").into());
        }
        let (scope, walk) = match request.family {
            Some(id) => {
                if request.first.max(request.last) > 0 {
                    let rule = "a family's bundle is of its whole history: leave the period out";
                    let rejection = Rejection::new(Reason::FieldInvalid, rule);
                    return Err(rejection.at("first_position").into());
                }
                let family = StreamRef { kind: StreamKind::Family, id };
                let streams = journal.read(access, FamilyStreamsQuery { family }).await?;
                (None, Walk::Family(FamilyWalk::new(streams, request.kept)))
            }
            None => {
                let scope = period(&request, log.head.position.0)?;
                (Some(scope), Walk::Tree(TreeWalk::new(scope, log.head.position.0)))
            }
        };
        Ok(Export {
            journal: journal.clone(),
            access: access.clone(),
            origin: log.origin,
            head: log.head,
            scope,
            created_ms: journal.clock().now_ms(),
            files,
            walk,
        })
    }

    /// How many positions of the log have gone out, or were passed over.
    pub fn reached(&self) -> u64 {
        match &self.walk {
            Walk::Tree(walk) => walk.reached(),
            Walk::Family(walk) => walk.reached(),
            Walk::Closing | Walk::Closed => self.head.position.0,
        }
    }

    /// Leaves of the log that the bundle is of.
    pub fn size(&self) -> u64 {
        self.head.position.0
    }

    /// The next pieces, in order, which may be none yet; `None` when the bundle is whole.
    ///
    /// # Errors
    ///
    /// A fault of the store; `BUSY` where the log grows too fast for a map of its streams; `SHUTTING_DOWN`.
    pub async fn next(&mut self) -> Result<Option<Vec<Piece>>, Failure> {
        let (journal, access, files) = (&self.journal, &self.access, &mut self.files);
        match &mut self.walk {
            Walk::Tree(walk) => {
                if walk.step(journal, access, files).await? {
                    walk.end(&self.head.root, files)?;
                    self.walk = Walk::Closing;
                }
            }
            Walk::Family(walk) => match walk.step(journal, access, &self.head, files).await? {
                Stepped::On => {}
                Stepped::Mapped(scope, head) => {
                    (self.scope, self.head) = (Some(scope), head);
                }
                Stepped::Ended => self.walk = Walk::Closing,
            },
            Walk::Closing => {
                self.close().await?;
                self.walk = Walk::Closed;
            }
            Walk::Closed => return Ok(None),
        }
        Ok(Some(self.files.take()))
    }

    /// The rest of the keys, checkpoint, words, README, and the list of all.
    async fn close(&mut self) -> Result<(), Failure> {
        self.files.finish_keys()?;
        let note = self.head.checkpoint.clone().into_bytes();
        self.files.add(log_path(Resource::Checkpoint), note);
        for (language, labels) in self.journal.shared.labels.iter() {
            self.files.add(labels_path(language), labels.clone());
        }
        self.files.add(README.to_owned(), README_TEXT.as_bytes().to_vec());
        let purpose = serde_json::to_value(self.access.purpose).ok();
        let scope = self.scope.ok_or_else(|| corrupt("a bundle of nothing"))?;
        let manifest = Manifest {
            format: FORMAT.to_owned(),
            origin: self.origin.clone(),
            size: self.head.position.0,
            scope,
            purpose: purpose.and_then(|it| it.as_str().map(str::to_owned)).unwrap_or_default(),
            requester: self.access.session.actor.sub.clone(),
            created_ms: self.created_ms,
            files: self.files.take_list(),
        };
        let listed =
            manifest.to_bytes().map_err(|_| corrupt("a bundle's list cannot be written"))?;
        let query = VouchQuery { list_hash: Sha256::digest(&listed).into() };
        let note = self.journal.read(&self.access, query).await?;
        self.files.add(MANIFEST_NOTE.to_owned(), note.into_bytes());
        self.files.add(MANIFEST.to_owned(), listed);
        Ok(())
    }
}

/// The scope that a request without a family names, of a log of `size`.
fn period(request: &BundleRequest, size: u64) -> Result<Scope, Failure> {
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
        let rule = "the period has no events";
        return Err(Rejection::new(Reason::FieldInvalid, rule).at("last_position").into());
    }
    Ok(scope)
}
