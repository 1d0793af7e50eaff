#![doc = include_str!("../README.md")]

mod export;

use std::collections::HashMap;

use http::{HeaderMap, Method};
use opentelemetry::Context;
use opentelemetry::propagation::{Extractor, TextMapPropagator as _};
use opentelemetry::trace::TraceContextExt as _;
use opentelemetry_sdk::propagation::TraceContextPropagator;
use tracing::field::Empty;
use tracing::{Level, Span};
use tracing_opentelemetry::OpenTelemetrySpanExt as _;

pub use crate::export::{Export, ExportError, STOP_MAX};

/// The target of every span here: by it, and by nothing else, spans are collected.
pub const TARGET: &str = "fokus::call";

/// The header of W3C Trace Context that is listened to. What vendors add beside it is not: it is free text.
const TRACEPARENT: &str = "traceparent";

/// Whether anybody collects spans.
pub fn are_collected() -> bool {
    tracing::enabled!(target: TARGET, Level::DEBUG)
}

/// The span of a gRPC call. `method` is a method of ours as its path names it, without the first stroke, such
/// as `fokus.v1.JournalService/Execute`; what is none of ours is never named.
pub fn of_grpc(headers: &HeaderMap, method: &str) -> Span {
    let (service, name) = method.split_once('/').unwrap_or((method, ""));
    let span = tracing::debug_span!(
        target: TARGET,
        "call",
        otel.name = method,
        otel.kind = "server",
        otel.status_code = Empty,
        rpc.system = "grpc",
        rpc.service = service,
        rpc.method = name,
        rpc.grpc.status_code = Empty,
        fokus.tenant = Empty,
        fokus.command = Empty,
        fokus.position = Empty,
    );
    continue_trace(&span, headers);
    span
}

/// The span of a page. `route` is an address as the program names it, such as `/family/{id}`.
pub fn of_page(headers: &HeaderMap, method: &Method, route: &str) -> Span {
    let method = if *method == Method::POST { "POST" } else { "GET" };
    let span = tracing::debug_span!(
        target: TARGET,
        "page",
        otel.name = format!("{method} {route}"),
        otel.kind = "server",
        otel.status_code = Empty,
        http.request.method = method,
        http.route = route,
        http.response.status_code = Empty,
        fokus.tenant = Empty,
    );
    continue_trace(&span, headers);
    span
}

/// The municipality of the call under way.
pub fn tenant(span: &Span, tenant: &str) {
    span.record("fokus.tenant", tenant);
}

/// The type of the command that the call under way carries, such as `record_contact`.
pub fn command(name: &'static str) {
    Span::current().record("fokus.command", name);
}

/// Where the events of the command under way stand.
pub fn position(position: u64) {
    Span::current().record("fokus.position", i64::try_from(position).unwrap_or(i64::MAX));
}

/// How a gRPC call was answered. Broken machinery and what was not answered in time is an error; what was
/// refused is not.
pub fn grpc_outcome(span: &Span, code: i32) {
    span.record("rpc.grpc.status_code", code);
    // UNKNOWN, DEADLINE_EXCEEDED, UNIMPLEMENTED, INTERNAL, UNAVAILABLE, DATA_LOSS: the conventions' list.
    if matches!(code, 2 | 4 | 12..=15) {
        span.record("otel.status_code", "ERROR");
    }
}

/// How a page was answered.
pub fn page_outcome(span: &Span, status: u16) {
    span.record("http.response.status_code", i64::from(status));
    if status >= 500 {
        span.record("otel.status_code", "ERROR");
    }
}

/// Makes the span a part of the caller's trace, if the caller has one.
fn continue_trace(span: &Span, headers: &HeaderMap) {
    if let Some(parent) = parent_of(headers) {
        // Refused only where nobody collects the span.
        let _ = span.set_parent(parent);
    }
}

/// The caller's trace; `None` where there is none that makes sense.
fn parent_of(headers: &HeaderMap) -> Option<Context> {
    let parent = headers.get(TRACEPARENT)?.to_str().ok()?;
    let heard = Heard(HashMap::from([(TRACEPARENT, parent)]));
    let context = TraceContextPropagator::new().extract_with_context(&Context::new(), &heard);
    context.span().span_context().is_valid().then_some(context)
}

/// What a caller says of its trace.
struct Heard<'a>(HashMap<&'static str, &'a str>);

impl Extractor for Heard<'_> {
    fn get(&self, key: &str) -> Option<&str> {
        self.0.get(key).copied()
    }

    fn keys(&self) -> Vec<&str> {
        self.0.keys().copied().collect()
    }
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    #[test]
    fn nobody_collects_unless_told_to() {
        assert!(!are_collected());
        assert!(of_grpc(&HeaderMap::new(), "fokus.v1.JournalService/Execute").is_disabled());
    }

    #[test]
    fn a_callers_trace_is_continued_where_it_makes_sense() {
        #[track_caller]
        fn check(header: &str, expected: Option<&str>) {
            let mut headers = HeaderMap::new();
            headers.insert(TRACEPARENT, HeaderValue::from_str(header).unwrap());
            let trace = |it: Context| it.span().span_context().trace_id().to_string();
            assert_eq!(parent_of(&headers).map(trace).as_deref(), expected, "{header}");
        }
        let trace = "4bf92f3577b34da6a3ce929d0e0e4736";
        check(&format!("00-{trace}-00f067aa0ba902b7-01"), Some(trace));
        check("", None);
        check("00-0-0-0", None);
        check(&format!("ff-{trace}-00f067aa0ba902b7-01"), None);
        check(&format!("00-{trace}-0000000000000000-01"), None);
        check(&format!("00-{}-00f067aa0ba902b7-01", "0".repeat(32)), None);
        assert!(parent_of(&HeaderMap::new()).is_none());
    }
}
