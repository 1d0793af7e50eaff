//! The real journal on a store in memory, served on a free port of loopback, and clients of it.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use fokus_app::clock::{Clock, Entropy};
use fokus_app::journal::{Journal, Ports};
use fokus_core::codes::Purpose;
use fokus_grpc::serve::{ServeError, bind, serve};
use fokus_grpc::token::{Claims, TokenVerifier};
use fokus_proto::v1;
use fokus_proto::v1::audit_service_client::AuditServiceClient;
use fokus_proto::v1::execute_request::Command;
use fokus_proto::v1::family_service_client::FamilyServiceClient;
use fokus_proto::v1::journal_service_client::JournalServiceClient;
use fokus_proto::v1::operations_service_client::OperationsServiceClient;
use fokus_proto::v1::work_service_client::WorkServiceClient;
use fokus_store::memory::MemoryStore;
use fokus_vault::key::SecretKey;
use fokus_vault::wrap::RootKey;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use sha2::{Digest as _, Sha256};
use tokio::sync::oneshot;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tonic::metadata::AsciiMetadataValue;
use tonic::service::Interceptor;
use tonic::service::interceptor::InterceptedService;
use tonic::transport::{Channel, Endpoint};
use tonic::{Code, Request, Status};
use tonic_types::{ErrorDetails, StatusExt as _};
use uuid::Uuid;

/// 2019-06-03 10:00 UTC, where the journal's clock stands.
pub(crate) const JOURNAL_NOW_MS: u64 = 1_559_556_000_000;
/// Real time, as tokens see it.
pub(crate) const TOKEN_NOW_S: u64 = 1_700_000_000;
/// The seed of the issuer's key.
const ISSUER_SEED: [u8; 32] = [7; 32];

struct Stopped;

impl Clock for Stopped {
    fn now_ms(&self) -> u64 {
        JOURNAL_NOW_MS
    }
}

/// Different bytes each time, the same in every run.
struct Counted(AtomicU64);

impl Entropy for Counted {
    fn fill(&self, bytes: &mut [u8]) {
        for chunk in bytes.chunks_mut(32) {
            let number = self.0.fetch_add(1, Ordering::Relaxed);
            let hash = Sha256::digest(number.to_be_bytes());
            chunk.copy_from_slice(&hash[..chunk.len()]);
        }
    }
}

/// A running server.
pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    pub(crate) shutdown: CancellationToken,
    served: oneshot::Receiver<Result<(), ServeError>>,
    journal_shutdown: CancellationToken,
    tasks: TaskTracker,
}

impl Server {
    /// A server with an empty journal of invented people.
    pub(crate) async fn start() -> Self {
        let store = Arc::new(MemoryStore::new("test", true, SecretKey::from_bytes([1; 32])));
        let ports = Ports {
            events: store.clone(),
            keys: store.clone(),
            views: store.clone(),
            about: store,
            kms: Arc::new(RootKey::new(SecretKey::from_bytes([2; 32]))),
            clock: Arc::new(Stopped),
            entropy: Arc::new(Counted(AtomicU64::new(0))),
        };
        let tasks = TaskTracker::new();
        let (shutdown, journal_shutdown) = (CancellationToken::new(), CancellationToken::new());
        let journal = Journal::start(ports, &tasks, journal_shutdown.clone());
        let listener = bind(SocketAddr::from((Ipv4Addr::LOCALHOST, 0))).await.unwrap();
        let address = listener.local_addr().unwrap();
        let public = ed25519_dalek::SigningKey::from_bytes(&ISSUER_SEED).verifying_key();
        let verifier = TokenVerifier::new("issuer", "fokus", &[public.to_bytes()], || TOKEN_NOW_S);
        let (ended, served) = oneshot::channel();
        let (on, stop) = (tasks.clone(), shutdown.clone());
        tasks.spawn(async move {
            // Nobody may be waiting for the end.
            let _ = ended.send(serve(listener, journal, verifier, &on, stop).await);
        });
        Server { address, shutdown, served, journal_shutdown, tasks }
    }

    /// Shuts down, the server first, and waits until nothing runs any more.
    pub(crate) async fn stop(self) {
        self.shutdown.cancel();
        self.served.await.unwrap().unwrap();
        self.journal_shutdown.cancel();
        self.tasks.close();
        self.tasks.wait().await;
    }

    /// A connection without a token.
    pub(crate) async fn connect(&self) -> Channel {
        self.endpoint().connect().await.unwrap()
    }

    pub(crate) fn endpoint(&self) -> Endpoint {
        Endpoint::from_shared(format!("http://{}", self.address)).unwrap()
    }

    /// A client with this role and purpose, in the tenant `aarhus`.
    pub(crate) async fn client(&self, sub: &str, role: &str, purpose: Purpose) -> Client {
        Client::new(self.connect().await, &token(&claims(sub, role, purpose)))
    }

    pub(crate) async fn caseworker(&self) -> Client {
        self.client("worker-1", "CASEWORKER", Purpose::Casework).await
    }

    pub(crate) async fn auditor(&self) -> Client {
        self.client("auditor-1", "AUDITOR", Purpose::Audit).await
    }

    pub(crate) async fn operator(&self) -> Client {
        self.client("operator-1", "OPERATOR", Purpose::Operations).await
    }
}

pub(crate) fn claims(sub: &str, role: &str, purpose: Purpose) -> Claims {
    Claims {
        iss: "issuer".into(),
        sub: sub.into(),
        aud: "fokus".into(),
        exp: TOKEN_NOW_S + 3_600,
        nbf: TOKEN_NOW_S,
        iat: TOKEN_NOW_S,
        tenant: "aarhus".into(),
        role: role.into(),
        unit: None,
        purposes: vec![purpose],
    }
}

/// A token signed by the issuer.
pub(crate) fn token(claims: &Claims) -> String {
    // PKCS #8 of an Ed25519 seed (RFC 8410, 7).
    let mut der = b"\x30\x2e\x02\x01\x00\x30\x05\x06\x03\x2b\x65\x70\x04\x22\x04\x20".to_vec();
    der.extend(ISSUER_SEED);
    let header = Header { typ: Some("at+jwt".into()), ..Header::new(Algorithm::EdDSA) };
    jsonwebtoken::encode(&header, claims, &EncodingKey::from_ed_der(&der)).unwrap()
}

/// Puts a token on every request.
#[derive(Clone)]
pub(crate) struct Bearer(AsciiMetadataValue);

impl Bearer {
    pub(crate) fn new(token: &str) -> Self {
        Bearer(format!("Bearer {token}").parse().unwrap())
    }
}

impl Interceptor for Bearer {
    fn call(&mut self, mut request: Request<()>) -> Result<Request<()>, Status> {
        request.metadata_mut().insert("authorization", self.0.clone());
        Ok(request)
    }
}

type Authenticated = InterceptedService<Channel, Bearer>;

/// The clients of one caller.
#[derive(Clone)]
pub(crate) struct Client {
    pub(crate) journal: JournalServiceClient<Authenticated>,
    pub(crate) family: FamilyServiceClient<Authenticated>,
    pub(crate) audit: AuditServiceClient<Authenticated>,
    pub(crate) operations: OperationsServiceClient<Authenticated>,
    pub(crate) work: WorkServiceClient<Authenticated>,
}

impl Client {
    pub(crate) fn new(channel: Channel, token: &str) -> Self {
        let bearer = Bearer::new(token);
        Client {
            journal: JournalServiceClient::with_interceptor(channel.clone(), bearer.clone()),
            family: FamilyServiceClient::with_interceptor(channel.clone(), bearer.clone()),
            audit: AuditServiceClient::with_interceptor(channel.clone(), bearer.clone()),
            operations: OperationsServiceClient::with_interceptor(channel.clone(), bearer.clone()),
            work: WorkServiceClient::with_interceptor(channel, bearer),
        }
    }

    pub(crate) async fn execute(&mut self, id: u128, command: Command) -> v1::ExecuteResponse {
        self.journal.execute(request(id, command)).await.unwrap().into_inner()
    }

    /// Registers one person and the family of that person: positions `n + 1` and `n + 2`.
    pub(crate) async fn family(&mut self, number: u128) -> Uuid {
        self.execute(number * 100 + 1, register_person(number * 100)).await;
        self.execute(number * 100 + 2, register_family(number)).await;
        id(number * 100 + 50)
    }
}

/// A UUID of version 4 with a number in it.
pub(crate) fn id(number: u128) -> Uuid {
    uuid::Builder::from_random_bytes(number.to_be_bytes()).into_uuid()
}

pub(crate) fn request(command_id: u128, command: Command) -> v1::ExecuteRequest {
    v1::ExecuteRequest {
        command_id: id(command_id).to_string(),
        purpose: v1::Purpose::Casework.into(),
        legal_basis: Some(v1::LegalBasis { code: "SEL_11".into(), provision: String::new() }),
        command: Some(command),
        ..Default::default()
    }
}

pub(crate) fn register_person(person: u128) -> Command {
    Command::RegisterPerson(v1::RegisterPerson {
        person_id: id(person).to_string(),
        name: Some(v1::PersonName { given: "Ida".into(), family: "Prøve".into() }),
        birth: Some(v1::Birth {
            date: "2005-03-01".into(),
            precision: v1::BirthPrecision::Exact.into(),
            ..Default::default()
        }),
        sex: v1::Sex::F.into(),
        source: v1::PersonSource::Manual.into(),
        is_synthetic: true,
        ..Default::default()
    })
}

/// Registers family `number` with the person that [`Client::family`] registers.
pub(crate) fn register_family(number: u128) -> Command {
    Command::RegisterFamily(v1::RegisterFamily {
        family_id: id(number * 100 + 50).to_string(),
        reference: format!("AA-2019-{:04}", number),
        initial_members: vec![v1::InitialMember {
            person_id: id(number * 100).to_string(),
            role: v1::FamilyRole::Child.into(),
            ..Default::default()
        }],
        source: v1::FamilySource::Manual.into(),
    })
}

/// A note of 60,000 bytes that are twice as many in JSON.
pub(crate) fn long_note(family: Uuid, note: u128) -> Command {
    Command::RecordNote(v1::RecordNote {
        family_id: family.to_string(),
        note_id: id(note).to_string(),
        nature: v1::NoteNature::Fact.into(),
        grade: v1::Grade::Certain.into(),
        source: "school".into(),
        about: Vec::new(),
        text: "\"".repeat(60_000),
    })
}

/// Code, reason and metadata of a status of ours.
#[track_caller]
pub(crate) fn check(status: &Status, code: Code, reason: &str) -> ErrorDetails {
    assert_eq!(status.code(), code, "{status:?}");
    let details = status.get_error_details();
    let info = details.error_info().expect("ErrorInfo");
    assert_eq!((info.domain.as_str(), info.reason.as_str()), ("fokus", reason));
    details
}
