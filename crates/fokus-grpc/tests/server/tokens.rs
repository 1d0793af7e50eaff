//! Who gets in.

use fokus_core::codes::Purpose;
use fokus_grpc::token::Claims;
use fokus_proto::v1;
use tonic::{Code, Request, Status};
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_client::HealthClient;
use tonic_reflection::pb::v1::ServerReflectionRequest;
use tonic_reflection::pb::v1::server_reflection_client::ServerReflectionClient;
use tonic_reflection::pb::v1::server_reflection_request::MessageRequest;
use tonic_reflection::pb::v1::server_reflection_response::MessageResponse;

use crate::harness::*;

/// Calls one RPC of every service with this token.
async fn statuses(server: &Server, token: &str) -> Vec<Status> {
    let mut client = Client::new(server.connect().await, token);
    let mut reflection =
        ServerReflectionClient::with_interceptor(server.connect().await, Bearer::new(token));
    let request = request(1, register_person(100));
    vec![
        client.journal.execute(request).await.unwrap_err(),
        client.journal.get_command(v1::GetCommandRequest::default()).await.unwrap_err(),
        client.family.get_family_status(v1::GetFamilyStatusRequest::default()).await.unwrap_err(),
        client.family.list_families(v1::ListFamiliesRequest::default()).await.unwrap_err(),
        client.family.get_timeline(v1::GetTimelineRequest::default()).await.unwrap_err(),
        client.family.watch_families(v1::WatchFamiliesRequest::default()).await.unwrap_err(),
        client.audit.read_history(v1::ReadHistoryRequest::default()).await.unwrap_err(),
        client.audit.get_checkpoint(v1::GetCheckpointRequest::default()).await.unwrap_err(),
        client.operations.list_views(v1::ListViewsRequest::default()).await.unwrap_err(),
        client.operations.rebuild_view(v1::RebuildViewRequest::default()).await.unwrap_err(),
        reflection.server_reflection_info(tokio_stream::pending()).await.unwrap_err(),
    ]
}

#[tokio::test]
async fn nothing_but_health_is_open() {
    let server = Server::start().await;
    let expired = Claims { exp: TOKEN_NOW_S - 60, iat: TOKEN_NOW_S - 90, ..good() };
    let other = Claims { aud: "other".into(), ..good() };
    for token in ["".to_owned(), "nonsense".to_owned(), token(&expired), token(&other)] {
        for status in statuses(&server, &token).await {
            check(&status, Code::Unauthenticated, "TOKEN_INVALID");
            assert_eq!(status.message(), "TOKEN_INVALID: the token is not accepted");
        }
    }
    let mut health = HealthClient::new(server.connect().await);
    assert!(health.check(HealthCheckRequest { service: String::new() }).await.is_ok());
    server.stop().await;
}

fn good() -> Claims {
    claims("worker-1", "CASEWORKER", Purpose::Casework)
}

#[tokio::test]
async fn a_request_without_the_header_is_refused() {
    let server = Server::start().await;
    let mut client = v1::journal_service_client::JournalServiceClient::new(server.connect().await);
    let status = client.execute(request(1, register_person(100))).await.unwrap_err();
    check(&status, Code::Unauthenticated, "TOKEN_INVALID");

    let mut twice = Request::new(request(1, register_person(100)));
    let value: tonic::metadata::AsciiMetadataValue =
        format!("Bearer {}", token(&good())).parse().unwrap();
    twice.metadata_mut().append("authorization", value.clone());
    twice.metadata_mut().append("authorization", value);
    let status = client.execute(twice).await.unwrap_err();
    check(&status, Code::Unauthenticated, "TOKEN_INVALID");
    server.stop().await;
}

#[tokio::test]
async fn reflection_with_a_token_names_the_services() {
    let server = Server::start().await;
    let bearer = Bearer::new(&token(&good()));
    let mut reflection = ServerReflectionClient::with_interceptor(server.connect().await, bearer);
    let list = ServerReflectionRequest {
        host: String::new(),
        message_request: Some(MessageRequest::ListServices(String::new())),
    };
    let mut answers =
        reflection.server_reflection_info(tokio_stream::once(list)).await.unwrap().into_inner();
    let answer = answers.message().await.unwrap().unwrap();
    let Some(MessageResponse::ListServicesResponse(list)) = answer.message_response else {
        panic!("a list of services");
    };
    let names: Vec<_> = list.service.into_iter().map(|it| it.name).collect();
    for name in ["Journal", "Family", "Work", "Audit", "Operations"] {
        assert!(names.contains(&format!("fokus.v1.{name}Service")), "{names:?}");
    }
    drop(answers);
    server.stop().await;
}

#[tokio::test]
async fn a_purpose_that_the_token_was_not_given_for_is_refused_before_anything_is_looked_at() {
    let server = Server::start().await;
    let mut worker = server.caseworker().await;
    let family = worker.family(1).await;
    for family_id in [family, id(999)] {
        let request = v1::GetFamilyStatusRequest {
            family_id: family_id.to_string(),
            purpose: v1::Purpose::Supervision.into(),
            ..Default::default()
        };
        let status = worker.family.get_family_status(request).await.unwrap_err();
        check(&status, Code::PermissionDenied, "NOT_PERMITTED");
    }
    let mut operator = server.operator().await;
    let request =
        v1::ReadHistoryRequest { purpose: v1::Purpose::Operations.into(), ..Default::default() };
    let mut events = operator.audit.read_history(request).await.unwrap().into_inner();
    let status = events.message().await.unwrap_err();
    check(&status, Code::PermissionDenied, "NOT_PERMITTED");
    server.stop().await;
}

#[tokio::test]
async fn a_tenant_does_not_see_another() {
    let server = Server::start().await;
    let mut worker = server.caseworker().await;
    let family = worker.family(1).await;
    let elsewhere = Claims { tenant: "odense".into(), ..good() };
    let mut stranger = Client::new(server.connect().await, &token(&elsewhere));
    let request = v1::GetFamilyStatusRequest {
        family_id: family.to_string(),
        purpose: v1::Purpose::Casework.into(),
        ..Default::default()
    };
    let status = stranger.family.get_family_status(request).await.unwrap_err();
    check(&status, Code::NotFound, "UNKNOWN_ID");
    server.stop().await;
}
