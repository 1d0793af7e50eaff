//! Beginning and end.

use std::net::SocketAddr;
use std::time::Duration;

use fokus_core::codes::Purpose;
use fokus_grpc::limits::{PREFACE_TIMEOUT, SHUTDOWN_GRACE};
use fokus_grpc::serve::{ServeError, bind};
use fokus_proto::v1;
use tokio::io::AsyncReadExt as _;
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout};
use tonic::Code;
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_check_response::ServingStatus;
use tonic_health::pb::health_client::HealthClient;
use tonic_reflection::pb::v1::server_reflection_client::ServerReflectionClient;

use crate::harness::*;

#[tokio::test]
async fn only_loopback_is_served() {
    for address in ["0.0.0.0:0", "192.0.2.1:0", "[::]:0", "[::ffff:127.0.0.1]:0"] {
        let address: SocketAddr = address.parse().unwrap();
        let error = bind(address).await.unwrap_err();
        assert!(matches!(error, ServeError::NotLoopback(it) if it == address));
        assert!(error.to_string().contains("TLS"), "{error}");
    }
}

#[tokio::test]
async fn health_tells_who_watches_that_the_server_goes() {
    let server = Server::start().await;
    let mut health = HealthClient::new(server.connect().await);
    let asked = HealthCheckRequest { service: "fokus.v1.JournalService".into() };
    let mut statuses = health.watch(asked.clone()).await.unwrap().into_inner();
    let serving = statuses.message().await.unwrap().unwrap();
    assert_eq!(serving.status(), ServingStatus::Serving);
    server.shutdown.cancel();
    let going = statuses.message().await.unwrap().unwrap();
    assert_eq!(going.status(), ServingStatus::NotServing);
    assert!(statuses.message().await.unwrap().is_none(), "and keeps nobody");
    server.stop().await;
}

#[tokio::test(start_paused = true)]
async fn a_shutdown_ends_streams_and_does_not_wait_for_them() {
    let server = Server::start().await;
    let mut worker = server.caseworker().await;
    worker.family(1).await;
    let watch =
        v1::WatchFamiliesRequest { purpose: v1::Purpose::Casework.into(), after_position: 2 };
    let mut changes = worker.family.watch_families(watch).await.unwrap().into_inner();
    let begun = Instant::now();
    server.shutdown.cancel();
    check(&changes.message().await.unwrap_err(), Code::Unavailable, "SHUTTING_DOWN");
    let address = server.address;
    server.stop().await;
    assert!(begun.elapsed() < Duration::from_secs(1), "{:?}", begun.elapsed());
    assert!(TcpStream::connect(address).await.is_err(), "nobody listens any more");
}

#[tokio::test(start_paused = true)]
async fn a_shutdown_cuts_who_does_not_go() {
    let server = Server::start().await;
    // Reflection answers as long as its client asks: it knows of no shutdown.
    let token = token(&claims("worker-1", "CASEWORKER", Purpose::Casework));
    let bearer = Bearer::new(&token);
    let mut reflection = ServerReflectionClient::with_interceptor(server.connect().await, bearer);
    let open = reflection.server_reflection_info(tokio_stream::pending()).await.unwrap();
    let begun = Instant::now();
    server.stop().await;
    let took = begun.elapsed();
    assert!(took >= SHUTDOWN_GRACE && took < SHUTDOWN_GRACE * 2, "{took:?}");
    drop(open);
}

#[tokio::test(start_paused = true)]
async fn a_peer_that_says_nothing_is_dropped() {
    let server = Server::start().await;
    let mut silent = TcpStream::connect(server.address).await.unwrap();
    let begun = Instant::now();
    // The server's settings, then the end.
    let res = timeout(PREFACE_TIMEOUT * 3, silent.read_to_end(&mut Vec::new())).await;
    assert!(res.is_ok(), "dropped");
    assert!(begun.elapsed() >= PREFACE_TIMEOUT, "{:?}", begun.elapsed());
    server.stop().await;
}
