//! `JournalService`: takes commands.

use fokus_app::failure::Failure;
use fokus_app::journal::{ExecuteInput, Executed, Journal};
use fokus_proto::v1;
use fokus_proto::v1::journal_service_server::JournalService;
use tonic::{Request, Response, Status};

use super::{answered, wire};
use crate::gate::Caller;

/// The service.
#[derive(Debug)]
pub(crate) struct Commands {
    journal: Journal,
}

impl Commands {
    /// The service over `journal`.
    pub(crate) fn new(journal: Journal) -> Self {
        Commands { journal }
    }

    async fn carry_out(
        &self,
        request: Request<v1::ExecuteRequest>,
    ) -> Result<v1::ExecuteResponse, Failure> {
        let caller = Caller::of(&request)?;
        let message = request.into_inner();
        let canonical = fokus_proto::canonical(&message);
        let (command_id, request) = fokus_proto::request(message)?;
        let input = ExecuteInput { command_id, request, canonical };
        Ok(outcome(self.journal.execute(&caller.session, input).await?))
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

#[tonic::async_trait]
impl JournalService for Commands {
    async fn execute(
        &self,
        request: Request<v1::ExecuteRequest>,
    ) -> Result<Response<v1::ExecuteResponse>, Status> {
        answered(self.carry_out(request).await)
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
    }
}
