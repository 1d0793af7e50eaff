//! Typed clients that carry a bearer token, the calls that many tests make, and refusals taken apart.

use std::collections::HashMap;

use fokus_proto::v1::audit_service_client::AuditServiceClient;
use fokus_proto::v1::family_service_client::FamilyServiceClient;
use fokus_proto::v1::journal_service_client::JournalServiceClient;
use fokus_proto::v1::operations_service_client::OperationsServiceClient;
use fokus_proto::v1::programme_service_client::ProgrammeServiceClient;
use fokus_proto::v1::work_service_client::WorkServiceClient;
use fokus_proto::v1::*;
use tonic::metadata::{Ascii, MetadataValue};
use tonic::service::Interceptor;
use tonic::service::interceptor::InterceptedService;
use tonic::transport::{Channel, Endpoint};
use tonic::{Code, Request, Status, Streaming};
use tonic_types::StatusExt as _;

use super::in_time;

/// Puts the token on each call.
#[derive(Clone)]
pub(crate) struct Bearer(MetadataValue<Ascii>);

impl Interceptor for Bearer {
    fn call(&mut self, mut request: Request<()>) -> Result<Request<()>, Status> {
        request.metadata_mut().insert("authorization", self.0.clone());
        Ok(request)
    }
}

type Authorised = InterceptedService<Channel, Bearer>;

/// Somebody's clients, all on one connection; clones share it.
#[derive(Clone)]
pub(crate) struct Clients {
    pub(crate) journal: JournalServiceClient<Authorised>,
    pub(crate) family: FamilyServiceClient<Authorised>,
    pub(crate) audit: AuditServiceClient<Authorised>,
    pub(crate) operations: OperationsServiceClient<Authorised>,
    pub(crate) work: WorkServiceClient<Authorised>,
    pub(crate) programme: ProgrammeServiceClient<Authorised>,
    /// What reads are for.
    pub(crate) purpose: i32,
}

/// A new connection.
pub(crate) async fn channel(url: &str) -> Channel {
    let endpoint = Endpoint::from_shared(url.to_owned()).expect("an address");
    in_time("a connection", endpoint.connect()).await.expect("the server takes connections")
}

impl Clients {
    /// Clients with this token, on a connection of their own.
    pub(crate) async fn connect(url: &str, token: &str, purpose: Purpose) -> Clients {
        let bearer = format!("Bearer {token}").parse().expect("a header's value");
        let service = InterceptedService::new(channel(url).await, Bearer(bearer));
        Clients {
            journal: JournalServiceClient::new(service.clone()),
            family: FamilyServiceClient::new(service.clone()),
            audit: AuditServiceClient::new(service.clone()),
            operations: OperationsServiceClient::new(service.clone()),
            work: WorkServiceClient::new(service.clone()),
            programme: ProgrammeServiceClient::new(service),
            purpose: purpose.into(),
        }
    }

    /// Carries out a command.
    pub(crate) async fn execute(&self, request: ExecuteRequest) -> Result<ExecuteResponse, Status> {
        let answer = in_time("an answer to a command", self.journal.clone().execute(request)).await;
        answer.map(tonic::Response::into_inner)
    }

    /// Carries out a command that is accepted.
    pub(crate) async fn accepted(&self, request: ExecuteRequest) -> ExecuteResponse {
        let id = request.command_id.clone();
        match self.execute(request).await {
            Ok(it) => it,
            Err(status) => panic!("command {id}: {:?} {}", status.code(), status.message()),
        }
    }

    /// Carries out commands that are accepted, one after another; gives the last position.
    pub(crate) async fn all_accepted(&self, requests: Vec<ExecuteRequest>) -> i64 {
        let mut position = 0;
        for request in requests {
            position = self.accepted(request).await.position;
        }
        position
    }

    /// Carries out a command that is refused.
    pub(crate) async fn refused(&self, request: ExecuteRequest) -> Refused {
        match self.execute(request).await {
            Ok(_) => panic!("a command that should be refused was accepted"),
            Err(status) => Refused::of(&status),
        }
    }

    /// Reads history until it ends.
    pub(crate) async fn history(&self, request: ReadHistoryRequest) -> Vec<HistoryEvent> {
        let mut events = Vec::new();
        let mut stream = self.follow(request).await;
        while let Some(it) = next(&mut stream).await {
            events.extend(it.events);
        }
        events
    }

    /// Begins to read history.
    pub(crate) async fn follow(
        &self,
        request: ReadHistoryRequest,
    ) -> Streaming<ReadHistoryResponse> {
        let request = ReadHistoryRequest { purpose: self.purpose, ..request };
        let stream = in_time("a history", self.audit.clone().read_history(request)).await;
        stream.expect("a history").into_inner()
    }

    /// The whole log.
    pub(crate) async fn whole_log(&self) -> Vec<HistoryEvent> {
        self.history(ReadHistoryRequest::default()).await
    }

    /// The head of the log, asked with the signed note. (The views are for operators alone.)
    pub(crate) async fn head(&self) -> i64 {
        let request = GetCheckpointRequest { purpose: self.purpose };
        let answer = in_time("a checkpoint", self.audit.clone().get_checkpoint(request)).await;
        let note = answer.expect("a checkpoint").into_inner().checkpoint;
        let note = String::from_utf8(note).expect("a note is text");
        // C2SP tlog-checkpoint: origin, size, root.
        note.lines().nth(1).and_then(|it| it.parse().ok()).expect("the tree's size")
    }

    /// A family's status.
    pub(crate) async fn status(
        &self,
        family_id: &str,
        min_position: i64,
        clocks: Option<Clocks>,
    ) -> Result<GetFamilyStatusResponse, Status> {
        let request = GetFamilyStatusRequest {
            family_id: family_id.to_owned(),
            purpose: self.purpose,
            min_position,
            clocks,
        };
        let answer = in_time("a status", self.family.clone().get_family_status(request)).await;
        answer.map(tonic::Response::into_inner)
    }

    /// A page of a family's timeline.
    pub(crate) async fn timeline(&self, request: GetTimelineRequest) -> GetTimelineResponse {
        let request = GetTimelineRequest { purpose: self.purpose, ..request };
        let answer = in_time("a timeline", self.family.clone().get_timeline(request)).await;
        answer.expect("a timeline").into_inner()
    }

    /// A page of families.
    pub(crate) async fn list(&self, request: ListFamiliesRequest) -> ListFamiliesResponse {
        let request = ListFamiliesRequest { purpose: self.purpose, ..request };
        let answer = in_time("a list", self.family.clone().list_families(request)).await;
        answer.expect("a list of families").into_inner()
    }
}

/// The next message of a stream that does not fail; `None` at its end.
pub(crate) async fn next<T>(stream: &mut Streaming<T>) -> Option<T> {
    match in_time("a stream's next message", stream.message()).await {
        Ok(it) => it,
        Err(status) => panic!("a stream ended with {:?} {}", status.code(), status.message()),
    }
}

/// A refusal: what clients branch on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Refused {
    pub(crate) code: Code,
    /// `ErrorInfo.reason`; empty where the transport refused.
    pub(crate) reason: String,
    /// `BadRequest.field`; empty where no field is at fault.
    pub(crate) field: String,
    pub(crate) metadata: HashMap<String, String>,
}

impl Refused {
    /// A status taken apart.
    pub(crate) fn of(status: &Status) -> Refused {
        let info = status.get_details_error_info();
        let violations = status.get_details_bad_request().map(|it| it.field_violations);
        let field = violations.unwrap_or_default().into_iter().next().map(|it| it.field);
        let (reason, metadata) = match info {
            Some(it) => {
                assert_eq!(it.domain, "fokus");
                (it.reason, it.metadata)
            }
            None => Default::default(),
        };
        Refused { code: status.code(), reason, field: field.unwrap_or_default(), metadata }
    }

    /// Fails unless it is this status with this reason.
    #[track_caller]
    pub(crate) fn is(&self, code: Code, reason: &str) {
        assert_eq!((self.code, self.reason.as_str()), (code, reason), "{self:?}");
    }

    /// A number in the metadata.
    #[track_caller]
    pub(crate) fn number(&self, key: &str) -> i64 {
        let value = self.metadata.get(key).and_then(|it| it.parse().ok());
        value.unwrap_or_else(|| panic!("no number {key} in {self:?}"))
    }
}
