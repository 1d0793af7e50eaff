//! Traces: what an operator's collector gets of calls and pages, and that nobody waits for it.

use std::net::TcpListener;

use opentelemetry_proto::tonic::trace::v1::span::SpanKind;
use opentelemetry_proto::tonic::trace::v1::status::StatusCode;
use tonic::Request;

use crate::harness::collector::{Collector, attribute};
use crate::harness::http::ask_as;
use crate::harness::place::{Place, Role, TENANT};
use crate::harness::seeded::Seeded;
use crate::harness::server::{Ended, Server};
use crate::harness::world::World;

/// A caller's trace, and its span (the example of W3C Trace Context).
const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
const PARENT: &str = "00f067aa0ba902b7";

async fn server(place: &Place, environment: &[(&str, &str)]) -> Server {
    match Server::try_start(place, environment).await {
        Ok(it) => it,
        Err(ended) => panic!("the server did not start: {ended:?}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_collector_gets_a_span_of_each_call_and_page() {
    let (place, collector) = (Place::new(), Collector::start().await);
    let free = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let pages = free.local_addr().expect("an address").to_string();
    drop(free);
    let more = [("FOKUS_WEB", pages.as_str()), ("OTEL_SERVICE_NAME", "fokus-of-a-test")];
    let environment = [&collector.environment()[..], &more].concat();
    let server = server(&place, &environment).await;
    let lead = server.clients(&place, Role::TeamLead, "lead-1").await;
    let mut seeded = Seeded::new("traces");
    let world = World::new(&mut seeded, 1);
    let commands = world.commands(&mut seeded);

    // A command, in the trace of its caller.
    let mut request = Request::new(commands[0].clone());
    let parent = format!("00-{TRACE}-{PARENT}-01").parse().expect("a header's value");
    request.metadata_mut().insert("traceparent", parent);
    let answer = lead.journal.clone().execute(request).await.expect("it is accepted").into_inner();
    let is_execute = |it: &_| -> bool {
        let it: &opentelemetry_proto::tonic::trace::v1::Span = it;
        it.name == "fokus.v1.JournalService/Execute"
    };
    let span = collector.span("the command's span", is_execute).await;
    assert_eq!(hex::encode(&span.trace_id), TRACE);
    assert_eq!(hex::encode(&span.parent_span_id), PARENT);
    assert_eq!(span.kind(), SpanKind::Server);
    let position = answer.position.to_string();
    for (key, value) in [
        ("rpc.system", "grpc"),
        ("rpc.service", "fokus.v1.JournalService"),
        ("rpc.method", "Execute"),
        ("rpc.grpc.status_code", "0"),
        ("fokus.tenant", TENANT),
        ("fokus.command", "open_programme"),
        ("fokus.position", position.as_str()),
    ] {
        assert_eq!(attribute(&span, key).as_deref(), Some(value), "{key}: {span:?}");
    }
    assert_eq!(collector.resource("service.name").as_deref(), Some("fokus-of-a-test"));

    // What is refused is told by its number, and is no error of the server's; it begins a trace of its own.
    lead.execute(commands[7].clone()).await.expect_err("there is no family yet");
    let refused =
        |it: &_| is_execute(it) && attribute(it, "rpc.grpc.status_code").as_deref() != Some("0");
    let span = collector.span("a refusal", refused).await;
    assert_ne!(hex::encode(&span.trace_id), TRACE);
    assert_eq!(attribute(&span, "fokus.command").as_deref(), Some("open_case"));
    assert_eq!(attribute(&span, "fokus.position"), None);
    assert!(span.status.is_none_or(|it| it.code() == StatusCode::Unset), "a refusal is no error");

    // A page is named by its route, never by its address; a method that is none of ours not at all.
    let token = place.token(Role::Caseworker, "worker-1");
    let page = format!("http://{pages}/family/{}?was=2020-01-01", world.family_id);
    assert_eq!(ask_as("GET", &page, Some(&token)).await.status(), 404);
    let span = collector.span("a page", |it| it.name == "GET /family/{id}").await;
    assert_eq!(attribute(&span, "http.response.status_code").as_deref(), Some("404"));
    assert_eq!(attribute(&span, "fokus.tenant").as_deref(), Some(TENANT));
    ask_as("GET", &format!("http://{pages}/Karin/Hemmelig"), Some(&token)).await;
    collector.span("no page of ours", |it| it.name == "GET other").await;

    let ended = server.stop().await;
    assert!(ended.status.success(), "{ended:?}");
    let found = collector.bytes();
    for never in [world.family_id.as_str(), "Hemmelig", "lead-1", "worker-1", &token] {
        let seen = found.windows(never.len()).any(|it| it == never.as_bytes());
        assert!(!seen, "{never} is in a span");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_waits_for_a_collector() {
    // One that is not there, and one that takes the connection and never answers.
    let mute = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let mute_at = format!("http://{}", mute.local_addr().expect("an address"));
    for endpoint in ["http://127.0.0.1:9", mute_at.as_str()] {
        let place = Place::new();
        // Fewer places in the queue than there are calls.
        let environment = [
            ("OTEL_EXPORTER_OTLP_ENDPOINT", endpoint),
            ("OTEL_BSP_MAX_QUEUE_SIZE", "4"),
            ("OTEL_BSP_MAX_EXPORT_BATCH_SIZE", "2"),
            ("OTEL_BSP_SCHEDULE_DELAY", "10"),
        ];
        let server = server(&place, &environment).await;
        let lead = server.clients(&place, Role::TeamLead, "lead-1").await;
        let mut seeded = Seeded::new("traces/nobody");
        let world = World::new(&mut seeded, 2);
        lead.all_accepted(world.commands(&mut seeded)).await;
        for number in 0..20 {
            lead.accepted(world.note(&mut seeded, &format!("Nummer {number}."))).await;
        }
        let ended = server.stop().await;
        assert!(ended.status.success(), "{endpoint}: {ended:?}");
        place.check_sound();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_endpoint_that_makes_no_sense_is_named() {
    let place = Place::new();
    let environment = [("OTEL_EXPORTER_OTLP_ENDPOINT", "https://collector.example:4317")];
    let Err(Ended { status, standard_error, .. }) = Server::try_start(&place, &environment).await
    else {
        panic!("it started")
    };
    assert_eq!(status.code(), Some(2), "{standard_error}");
    assert!(standard_error.contains("OTEL_EXPORTER_OTLP_ENDPOINT"), "{standard_error}");
}
