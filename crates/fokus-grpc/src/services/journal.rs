//! `JournalService`: takes commands, one at a time or a stream of them.

use std::sync::Arc;

use fokus_app::failure::Failure;
use fokus_app::journal::{ExecuteInput, Executed, Journal};
use fokus_app::read::proofs::Receipt;
use fokus_app::session::Session;
use fokus_core::rejection::Reason;
use fokus_proto::v1;
use fokus_proto::v1::execute_stream_response::Outcome;
use fokus_proto::v1::journal_service_server::JournalService;
use tokio::time::timeout;
use tonic::{Request, Response, Status, Streaming};

use super::{answered, wire};
use crate::feed::{Ended, Feed, Feeds, Outlet};
use crate::gate::Caller;
use crate::limits::CALL_TIMEOUT;
use crate::status::{no_answer, refusal};

/// The service.
#[derive(Debug)]
pub(crate) struct Commands {
    journal: Journal,
    feeds: Feeds,
}

impl Commands {
    /// The service over `journal`.
    pub(crate) fn new(journal: Journal, feeds: Feeds) -> Self {
        Commands { journal, feeds }
    }

    async fn carry_out(
        &self,
        request: Request<v1::ExecuteRequest>,
    ) -> Result<v1::ExecuteResponse, Failure> {
        let caller = Caller::of(&request)?;
        execute(&self.journal, &caller.session, request.into_inner()).await
    }

    fn carry_out_all(
        &self,
        request: Request<Streaming<v1::ExecuteRequest>>,
    ) -> Result<Feed<v1::ExecuteStreamResponse>, Failure> {
        let caller = Caller::of(&request)?;
        let commands = request.into_inner();
        let (journal, session) = (self.journal.clone(), Arc::clone(&caller.session));
        Ok(self.feeds.start(&caller, move |outlet| answer_each(journal, session, commands, outlet)))
    }

    async fn look_up(
        &self,
        request: Request<v1::GetCommandRequest>,
    ) -> Result<v1::GetCommandResponse, Failure> {
        let caller = Caller::of(&request)?;
        let message = request.into_inner();
        let command_id = fokus_proto::uuid(&message.command_id, "command_id")?;
        let purpose = fokus_proto::purpose(message.purpose)?;
        let executed = self.journal.command(&caller.session, purpose, command_id).await?;
        Ok(v1::GetCommandResponse { outcome: Some(outcome(executed)) })
    }
}

async fn execute(
    journal: &Journal,
    session: &Session,
    message: v1::ExecuteRequest,
) -> Result<v1::ExecuteResponse, Failure> {
    let canonical = fokus_proto::canonical(&message);
    let want_receipt = message.want_receipt;
    let (command_id, request) = fokus_proto::request(message)?;
    fokus_traces::command(fokus_core::decide::name(&request.command));
    let input = ExecuteInput { command_id, request, canonical, want_receipt };
    let executed = journal.execute(session, input).await?;
    fokus_traces::position(executed.position);
    Ok(outcome(executed))
}

/// Carries the commands out, one after another. The next is read when the answer of the one before has
/// room, so that neither commands nor answers pile up.
async fn answer_each(
    journal: Journal,
    session: Arc<Session>,
    mut commands: Streaming<v1::ExecuteRequest>,
    outlet: Outlet<v1::ExecuteStreamResponse>,
) -> Result<(), Ended> {
    let mut index = 0;
    while let Some(message) = commands.message().await.map_err(Ended::Told)? {
        // What is no id is not repeated to anybody.
        let is_id = fokus_proto::uuid(&message.command_id, "command_id").is_ok();
        let command_id = if is_id { message.command_id.clone() } else { String::new() };
        let Ok(executed) = timeout(CALL_TIMEOUT, execute(&journal, &session, message)).await else {
            return Err(Ended::from(no_answer(CALL_TIMEOUT)));
        };
        let outcome = match executed {
            Ok(it) => Outcome::Executed(it),
            Err(Failure::Rejected(it)) if it.reason != Reason::ShuttingDown => {
                Outcome::Refused(refusal(&it))
            }
            Err(ends) => return Err(Ended::Failed(ends)),
        };
        let answer = v1::ExecuteStreamResponse { index, command_id, outcome: Some(outcome) };
        outlet.send(answer).await?;
        index += 1;
    }
    Ok(())
}

#[tonic::async_trait]
impl JournalService for Commands {
    async fn execute(
        &self,
        request: Request<v1::ExecuteRequest>,
    ) -> Result<Response<v1::ExecuteResponse>, Status> {
        answered(self.carry_out(request).await)
    }

    type ExecuteStreamStream = Feed<v1::ExecuteStreamResponse>;

    async fn execute_stream(
        &self,
        request: Request<Streaming<v1::ExecuteRequest>>,
    ) -> Result<Response<Self::ExecuteStreamStream>, Status> {
        answered(self.carry_out_all(request))
    }

    async fn get_command(
        &self,
        request: Request<v1::GetCommandRequest>,
    ) -> Result<Response<v1::GetCommandResponse>, Status> {
        answered(self.look_up(request).await)
    }
}

/// What a command became, on the wire.
fn outcome(executed: Executed) -> v1::ExecuteResponse {
    let streams = executed.streams.into_iter().map(|(stream, revision)| {
        let stream = fokus_proto::stream_ref(stream);
        v1::StreamRevision { kind: stream.kind, id: stream.id, revision: wire(revision) }
    });
    v1::ExecuteResponse {
        position: wire(executed.position),
        streams: streams.collect(),
        event_ids: executed.event_ids.iter().map(ToString::to_string).collect(),
        recorded_at: Some(fokus_proto::timestamp(executed.recorded_ms)),
        checkpoint: executed.checkpoint.into_bytes(),
        replayed: executed.replayed,
        receipts: executed.receipts.into_iter().map(receipt).collect(),
    }
}

fn receipt(receipt: Receipt) -> v1::Receipt {
    v1::Receipt {
        leaf: receipt.leaf,
        leaf_index: wire(receipt.index),
        hashes: receipt.hashes.iter().map(|it| it.to_vec()).collect(),
    }
}
