//! What the transport refuses before a service sees it; and who may ask what lies beside the services.

use http::uri::PathAndQuery;
use prost::Message as _;
use prost::bytes::{Buf as _, BufMut as _};
use tonic::client::Grpc;
use tonic::codec::{Codec, DecodeBuf, Decoder, EncodeBuf, Encoder};
use tonic::{Code, Request, Status};
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_check_response::ServingStatus;
use tonic_health::pb::health_client::HealthClient;
use tonic_reflection::pb::v1::server_reflection_client::ServerReflectionClient;
use tonic_reflection::pb::v1::server_reflection_request::MessageRequest;
use tonic_reflection::pb::v1::server_reflection_response::MessageResponse;
use tonic_reflection::pb::v1::{ServerReflectionRequest, ServerReflectionResponse};

use super::{INVALID, PLANTED, Stage, check};
use crate::harness::clients::{Refused, channel, next};
use crate::harness::place::{AUDIENCE, ISSUER, Place, Role, text};
use crate::harness::{binary, in_time};

/// Sends and takes bytes as they are.
#[derive(Clone, Copy, Default)]
struct Bytes;

impl Codec for Bytes {
    type Encode = Vec<u8>;
    type Decode = Vec<u8>;
    type Encoder = Bytes;
    type Decoder = Bytes;

    fn encoder(&mut self) -> Bytes {
        Bytes
    }

    fn decoder(&mut self) -> Bytes {
        Bytes
    }
}

impl Encoder for Bytes {
    type Item = Vec<u8>;
    type Error = Status;

    fn encode(&mut self, item: Vec<u8>, into: &mut EncodeBuf<'_>) -> Result<(), Status> {
        into.put_slice(&item);
        Ok(())
    }
}

impl Decoder for Bytes {
    type Item = Vec<u8>;
    type Error = Status;

    fn decode(&mut self, from: &mut DecodeBuf<'_>) -> Result<Option<Vec<u8>>, Status> {
        let mut bytes = vec![0; from.remaining()];
        from.copy_to_slice(&mut bytes);
        Ok(Some(bytes))
    }
}

const EXECUTE: &str = "/fokus.v1.JournalService/Execute";

/// Sends bytes to a method; gives the status of the refusal.
async fn refused(
    stage: &Stage,
    token: Option<&str>,
    method: &'static str,
    bytes: Vec<u8>,
) -> Status {
    let mut client = Grpc::new(channel(&stage.server.url).await);
    in_time("readiness", client.ready()).await.expect("the connection is ready");
    let mut request = Request::new(bytes);
    if let Some(token) = token {
        let value = format!("Bearer {token}").parse().expect("a header's value");
        request.metadata_mut().insert("authorization", value);
    }
    let answer = client.unary(request, PathAndQuery::from_static(method), Bytes);
    in_time("an answer", answer).await.expect_err("a refusal")
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_message_of_ours_is_refused_by_the_transport() {
    let mut stage = Stage::new("refusals/transport").await;
    let token = stage.place.token(Role::TeamLead, "lead-1");
    let head = stage.lead.head().await;
    let note = stage.world.note(&mut stage.seeded, PLANTED);
    let long = stage.world.note(&mut stage.seeded, &PLANTED.repeat(200_000)).encode_to_vec();
    assert!(long.len() > 1024 * 1024);
    let cut_short = note.encode_to_vec().split_off(3);
    // A group in a group in a group, of a number that nobody knows.
    let deep = [[0xc3, 0x3e].repeat(200), [0xc4, 0x3e].repeat(200)].concat();
    let no_utf8 = [&[0x0a, 4][..], &[0xff; 4]].concat();
    let bare = |code| (code, "", "");
    let rows = [
        ("over 1 MiB", EXECUTE, long, bare(Code::OutOfRange)),
        ("cut short", EXECUTE, cut_short, bare(Code::Internal)),
        ("too deep", EXECUTE, deep, bare(Code::Internal)),
        ("not UTF-8", EXECUTE, no_utf8, bare(Code::Internal)),
        ("no such method", "/fokus.v1.JournalService/Erase", Vec::new(), bare(Code::Unimplemented)),
        (
            "no such service",
            "/fokus.v9.JournalService/Execute",
            Vec::new(),
            bare(Code::Unimplemented),
        ),
    ];
    for (what, method, bytes, expected) in rows {
        check(what, &refused(&stage, Some(&token), method, bytes).await, expected);
        assert_eq!(stage.lead.head().await, head, "{what}: something was written");
    }

    // A command of a number that this server does not know: another server might.
    let mut unknown = fokus_proto::v1::ExecuteRequest { command: None, ..note }.encode_to_vec();
    unknown.extend([0xa2, 0xf7, 0x01, 2, 0x0a, 0]);
    let status = refused(&stage, Some(&token), EXECUTE, unknown).await;
    check("unknown command", &status, (INVALID, "FIELD_INVALID", "command"));

    for method in [EXECUTE, "/fokus.v1.JournalService/Erase", "/fokus.v9.JournalService/Execute"] {
        let status = refused(&stage, None, method, Vec::new()).await;
        check("no token", &status, (Code::Unauthenticated, "TOKEN_INVALID", ""));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn health_is_open_and_reflection_needs_a_token() {
    let stage = Stage::new("refusals/standard").await;
    let mut health = HealthClient::new(channel(&stage.server.url).await);
    for service in ["", "fokus.v1.JournalService", "fokus.v1.FamilyService"] {
        let service = service.to_owned();
        let answer = health.check(HealthCheckRequest { service }).await.expect("an answer");
        assert_eq!(answer.into_inner().status(), ServingStatus::Serving);
    }

    let ask = async |token: Option<String>| {
        let mut client = ServerReflectionClient::new(channel(&stage.server.url).await);
        let message_request = Some(MessageRequest::ListServices(String::new()));
        let question = ServerReflectionRequest { message_request, ..Default::default() };
        let mut request = Request::new(tokio_stream::iter([question]));
        if let Some(token) = token {
            let value = format!("Bearer {token}").parse().expect("a header's value");
            request.metadata_mut().insert("authorization", value);
        }
        client.server_reflection_info(request).await
    };
    let status = ask(None).await.expect_err("a refusal");
    Refused::of(&status).is(Code::Unauthenticated, "TOKEN_INVALID");
    let token = stage.place.token(Role::Operator, "operator-1");
    let mut answers = ask(Some(token)).await.expect("an answer").into_inner();
    let ServerReflectionResponse { message_response, .. } =
        next(&mut answers).await.expect("an answer");
    let Some(MessageResponse::ListServicesResponse(list)) = message_response else {
        panic!("a list of services")
    };
    let names: Vec<String> = list.service.into_iter().map(|it| it.name).collect();
    for name in ["JournalService", "FamilyService", "AuditService", "OperationsService"] {
        let name = format!("fokus.v1.{name}");
        assert!(names.contains(&name), "{name} in {names:?}");
    }
}

#[test]
fn an_address_that_others_can_reach_is_refused() {
    let place = Place::new();
    let (store, public) = (place.store_flag(), place.issuer_public());
    let mut arguments = vec!["serve", "--store", &store, "--listen", "0.0.0.0:0"];
    arguments.extend(["--issuer", ISSUER, "--audience", AUDIENCE, "--issuer-key", text(&public)]);
    let output = binary::run(&arguments);
    assert_eq!(output.status.code(), Some(2));
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(said.contains("loopback"), "{said}");
}
