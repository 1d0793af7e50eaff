//! `AuditService`: the history itself.

use fokus_app::bundle::{BundleRequest, Export};
use fokus_app::failure::Failure;
use fokus_app::journal::Journal;
use fokus_app::query::{CheckpointQuery, HistoryAnswer, HistoryQuery};
use fokus_app::read::leaves::LeavesQuery;
use fokus_app::read::proofs::{ConsistencyQuery, InclusionQuery};
use fokus_app::session::Access;
use fokus_core::ids::StreamRef;
use fokus_core::rejection::{Reason, Rejection};
use fokus_log::proof_file::ProofFile;
use fokus_proto::v1;
use fokus_proto::v1::audit_service_server::AuditService;
use prost::Message as _;
use tonic::{Request, Response, Status};

use super::{answered, wire};
use crate::feed::{Ended, Feed, Feeds, Outlet};
use crate::gate::Caller;
use crate::limits::{BUNDLE_PIECE_BYTES, HISTORY_MESSAGE_BYTES, HISTORY_READ_MAX, LEAVES_READ_MAX};

/// The service.
#[derive(Debug)]
pub(crate) struct Audit {
    journal: Journal,
    feeds: Feeds,
}

impl Audit {
    /// The service over `journal`.
    pub(crate) fn new(journal: Journal, feeds: Feeds) -> Self {
        Audit { journal, feeds }
    }

    fn history(
        &self,
        request: Request<v1::ReadHistoryRequest>,
    ) -> Result<Feed<v1::ReadHistoryResponse>, Failure> {
        let caller = Caller::of(&request)?;
        let message = request.into_inner();
        let access = caller.access(fokus_proto::purpose(message.purpose)?);
        let reading = Reading::parse(message)?;
        let journal = self.journal.clone();
        Ok(self.feeds.start(&caller, move |outlet| reading.run(journal, access, outlet)))
    }

    fn leaves(
        &self,
        request: Request<v1::ReadLeavesRequest>,
    ) -> Result<Feed<v1::LeafBatch>, Failure> {
        let caller = Caller::of(&request)?;
        let message = request.into_inner();
        let access = caller.access(fokus_proto::purpose(message.purpose)?);
        let after = fokus_proto::position(message.after_position, "after_position")?;
        let until = fokus_proto::position(message.until_position, "until_position")?;
        let limit = fokus_proto::position(message.limit, "limit")?;
        if until > 0 && until < after {
            let rule = "not before after_position";
            return Err(Rejection::new(Reason::FieldInvalid, rule).at("until_position").into());
        }
        let left = if limit == 0 { u64::MAX } else { limit };
        let journal = self.journal.clone();
        let mirror = Mirroring { after, until, left };
        Ok(self.feeds.start(&caller, move |outlet| mirror.run(journal, access, outlet)))
    }

    async fn checkpoint(
        &self,
        request: Request<v1::GetCheckpointRequest>,
    ) -> Result<v1::GetCheckpointResponse, Failure> {
        let caller = Caller::of(&request)?;
        let access = caller.access(fokus_proto::purpose(request.into_inner().purpose)?);
        let answer = self.journal.read(&access, CheckpointQuery).await?;
        Ok(v1::GetCheckpointResponse {
            checkpoint: answer.note.into_bytes(),
            verifier_key: answer.verifier_key,
        })
    }
}

impl Audit {
    async fn inclusion(
        &self,
        request: Request<v1::GetInclusionProofRequest>,
    ) -> Result<v1::GetInclusionProofResponse, Failure> {
        let caller = Caller::of(&request)?;
        let message = request.into_inner();
        let access = caller.access(fokus_proto::purpose(message.purpose)?);
        let position = fokus_proto::position(message.position, "position")?;
        let answer = self.journal.read(&access, InclusionQuery { position }).await?;
        let index = position.saturating_sub(1);
        let file = ProofFile {
            extra: Some(answer.leaf.clone()),
            index,
            hashes: answer.hashes,
            checkpoint: answer.checkpoint,
        };
        Ok(v1::GetInclusionProofResponse {
            leaf: answer.leaf,
            leaf_index: wire(index),
            tree_size: wire(answer.tree_size),
            tlog_proof: file.to_text(),
            hashes: file.hashes.iter().map(|it| it.to_vec()).collect(),
            checkpoint: file.checkpoint.into_bytes(),
        })
    }

    async fn consistency(
        &self,
        request: Request<v1::GetConsistencyProofRequest>,
    ) -> Result<v1::GetConsistencyProofResponse, Failure> {
        let caller = Caller::of(&request)?;
        let message = request.into_inner();
        let access = caller.access(fokus_proto::purpose(message.purpose)?);
        let earlier = fokus_proto::position(message.earlier_position, "earlier_position")?;
        let answer = self.journal.read(&access, ConsistencyQuery { earlier }).await?;
        Ok(v1::GetConsistencyProofResponse {
            tree_size: wire(answer.tree_size),
            hashes: answer.hashes.iter().map(|it| it.to_vec()).collect(),
            checkpoint: answer.checkpoint.into_bytes(),
        })
    }

    async fn bundle(
        &self,
        request: Request<v1::ExportBundleRequest>,
    ) -> Result<Feed<v1::BundlePiece>, Failure> {
        let caller = Caller::of(&request)?;
        let message = request.into_inner();
        let access = caller.access(fokus_proto::purpose(message.purpose)?);
        let request = BundleRequest {
            first: fokus_proto::position(message.first_position, "first_position")?,
            last: fokus_proto::position(message.last_position, "last_position")?,
            family: match message.family_id.as_str() {
                "" => None,
                id => Some(fokus_proto::uuid(id, "family_id")?),
            },
            recipient: message.recipient,
            kept: fokus_proto::position(message.kept_position, "kept_position")?,
        };
        let mut export = Export::begin(&self.journal, &access, request).await?;
        Ok(self.feeds.start(&caller, move |outlet| async move {
            while let Some(pieces) = export.next().await? {
                for piece in pieces {
                    // An empty file is a file too.
                    let empty = piece.bytes.is_empty().then_some(&[][..]);
                    for bytes in piece.bytes.chunks(BUNDLE_PIECE_BYTES).chain(empty) {
                        let (path, bytes) = (piece.path.clone(), bytes.to_vec());
                        let piece = v1::BundlePiece { path, bytes };
                        outlet.send_exact(piece, "position", export.reached()).await?;
                    }
                }
            }
            Ok(())
        }))
    }
}

#[tonic::async_trait]
impl AuditService for Audit {
    type ReadHistoryStream = Feed<v1::ReadHistoryResponse>;

    async fn read_history(
        &self,
        request: Request<v1::ReadHistoryRequest>,
    ) -> Result<Response<Self::ReadHistoryStream>, Status> {
        answered(self.history(request))
    }

    type ReadLeavesStream = Feed<v1::LeafBatch>;

    async fn read_leaves(
        &self,
        request: Request<v1::ReadLeavesRequest>,
    ) -> Result<Response<Self::ReadLeavesStream>, Status> {
        answered(self.leaves(request))
    }

    async fn get_checkpoint(
        &self,
        request: Request<v1::GetCheckpointRequest>,
    ) -> Result<Response<v1::GetCheckpointResponse>, Status> {
        answered(self.checkpoint(request).await)
    }

    async fn get_inclusion_proof(
        &self,
        request: Request<v1::GetInclusionProofRequest>,
    ) -> Result<Response<v1::GetInclusionProofResponse>, Status> {
        answered(self.inclusion(request).await)
    }

    async fn get_consistency_proof(
        &self,
        request: Request<v1::GetConsistencyProofRequest>,
    ) -> Result<Response<v1::GetConsistencyProofResponse>, Status> {
        answered(self.consistency(request).await)
    }

    type ExportBundleStream = Feed<v1::BundlePiece>;

    async fn export_bundle(
        &self,
        request: Request<v1::ExportBundleRequest>,
    ) -> Result<Response<Self::ExportBundleStream>, Status> {
        answered(self.bundle(request).await)
    }
}

/// A reading of history, and how far it has come.
#[derive(Debug)]
struct Reading {
    stream: Option<StreamRef>,
    /// Revision in the stream, or position in the log: read up to here.
    after: u64,
    /// How many events may still be sent.
    left: u64,
    follow: bool,
}

impl Reading {
    fn parse(message: v1::ReadHistoryRequest) -> Result<Self, Rejection> {
        let stream = message.stream.map(fokus_proto::parse_stream_ref).transpose()?;
        let after_revision = fokus_proto::position(message.after_revision, "after_revision")?;
        let after_position = fokus_proto::position(message.after_position, "after_position")?;
        let limit = fokus_proto::position(message.limit, "limit")?;
        let misplaced =
            |field: &str, rule: &str| Err(Rejection::new(Reason::FieldInvalid, rule).at(field));
        if stream.is_some() && after_position > 0 {
            return misplaced("after_position", "only without stream");
        }
        if stream.is_none() && after_revision > 0 {
            return misplaced("after_revision", "only with stream");
        }
        if stream.is_some() && message.follow {
            return misplaced("follow", "only without stream");
        }
        Ok(Reading {
            stream,
            after: if stream.is_some() { after_revision } else { after_position },
            left: if limit == 0 { u64::MAX } else { limit },
            follow: message.follow,
        })
    }

    /// What a place in this history is called.
    fn place(&self) -> &'static str {
        if self.stream.is_some() { "revision" } else { "position" }
    }

    /// Sends every event, in order, none twice and none left out.
    async fn run(
        mut self,
        journal: Journal,
        access: Access,
        outlet: Outlet<v1::ReadHistoryResponse>,
    ) -> Result<(), Ended> {
        // A log that grows while it is read does not make the reading endless.
        let mut end = None;
        let mut sent_any = false;
        loop {
            let limit = self.left.min(u64::from(HISTORY_READ_MAX));
            let query = HistoryQuery {
                stream: self.stream,
                after: self.after,
                limit: u32::try_from(limit).unwrap_or(HISTORY_READ_MAX),
            };
            let answer = journal.read(&access, query).await?;
            let (head, through) = (answer.head, answer.through);
            let last = *end.get_or_insert(head);
            let stands = answer.whole || through <= self.after;
            sent_any |= !answer.events.is_empty();
            self.send(answer, &outlet).await?;
            self.after = self.after.max(through);

            let whole = stands || (self.stream.is_none() && self.after >= last);
            if self.left == 0 || (whole && !self.follow) {
                if !sent_any {
                    // Even of an empty history the reader learns where the log stands.
                    let none =
                        v1::ReadHistoryResponse { events: Vec::new(), as_of_position: wire(head) };
                    outlet.send_exact(none, self.place(), self.after).await?;
                }
                return Ok(());
            }
            if stands {
                journal.wait_for_head(&access, self.after).await?;
            }
        }
    }

    /// Sends the events in messages of bounded size.
    async fn send(
        &mut self,
        answer: HistoryAnswer,
        outlet: &Outlet<v1::ReadHistoryResponse>,
    ) -> Result<(), Ended> {
        let as_of_position = wire(answer.head);
        let place = self.place();
        let mut reached = self.after;
        let mut waiting = Waiting::default();
        for event in &answer.events {
            let next = if self.stream.is_some() { event.revision } else { event.position };
            let event = fokus_proto::history_event(event);
            let bytes = event.encoded_len();
            if waiting.is_full(bytes) {
                let events = std::mem::take(&mut waiting).events;
                let message = v1::ReadHistoryResponse { events, as_of_position };
                outlet.send_exact(message, place, reached).await?;
                reached = self.after;
            }
            waiting.push(event, bytes);
            self.after = next;
            self.left = self.left.saturating_sub(1);
        }
        if !waiting.events.is_empty() {
            let message = v1::ReadHistoryResponse { events: waiting.events, as_of_position };
            outlet.send_exact(message, place, reached).await?;
        }
        Ok(())
    }
}

/// The events of the next message.
#[derive(Default)]
struct Waiting {
    events: Vec<v1::HistoryEvent>,
    bytes: usize,
}

impl Waiting {
    /// Whether an event of so many bytes belongs in the next message.
    fn is_full(&self, bytes: usize) -> bool {
        !self.events.is_empty() && self.bytes.saturating_add(bytes) > HISTORY_MESSAGE_BYTES
    }

    fn push(&mut self, event: v1::HistoryEvent, bytes: usize) {
        self.events.push(event);
        self.bytes = self.bytes.saturating_add(bytes);
    }
}

/// A reading of leaves, and how far it has come.
#[derive(Debug)]
struct Mirroring {
    /// Position in the log: read up to here.
    after: u64,
    /// The last position wanted; 0 until the first read has told the head.
    until: u64,
    /// How many leaves may still be sent.
    left: u64,
}

impl Mirroring {
    /// Sends every leaf, in order, none twice and none left out.
    async fn run(
        mut self,
        journal: Journal,
        access: Access,
        outlet: Outlet<v1::LeafBatch>,
    ) -> Result<(), Ended> {
        let mut sent_any = false;
        loop {
            let limit = u32::try_from(self.left).unwrap_or(u32::MAX).min(LEAVES_READ_MAX);
            let query = LeavesQuery { after: self.after, until: self.until, limit };
            let answer = journal.read(&access, query).await?;
            if self.until == 0 {
                self.until = answer.head;
            }
            let count = u64::try_from(answer.leaves.len()).unwrap_or(u64::MAX);
            if count > 0 || !sent_any {
                let batch = v1::LeafBatch {
                    first_position: wire(self.after.saturating_add(1)),
                    leaves: answer.leaves,
                    as_of_position: wire(answer.head),
                };
                outlet.send_exact(batch, "position", self.after).await?;
                sent_any = true;
            }
            self.after = self.after.saturating_add(count);
            self.left = self.left.saturating_sub(count);
            if count == 0 || self.left == 0 || self.after >= self.until {
                return Ok(());
            }
        }
    }
}
