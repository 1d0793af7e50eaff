//! A collector of traces: takes what it is sent (OTLP over gRPC) and keeps it.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use opentelemetry_proto::tonic::collector::trace::v1::trace_service_server::{
    TraceService, TraceServiceServer,
};
use opentelemetry_proto::tonic::collector::trace::v1::{
    ExportTraceServiceRequest, ExportTraceServiceResponse,
};
use opentelemetry_proto::tonic::common::v1::any_value::Value;
use opentelemetry_proto::tonic::trace::v1::Span;
use tokio::net::TcpListener;
use tokio::task::JoinSet;
use tokio_stream::wrappers::TcpListenerStream;
use tonic::transport::Server;
use tonic::{Request, Response, Status};

use super::in_time;

/// How often it is looked whether more has come.
const BEAT: Duration = Duration::from_millis(20);

/// A collector. Dropped, it ends.
pub(crate) struct Collector {
    /// Such as `http://127.0.0.1:41234`.
    pub(crate) url: String,
    kept: Kept,
    _serving: JoinSet<()>,
}

#[derive(Clone, Default)]
struct Kept(Arc<Mutex<Vec<ExportTraceServiceRequest>>>);

#[tonic::async_trait]
impl TraceService for Kept {
    async fn export(
        &self,
        request: Request<ExportTraceServiceRequest>,
    ) -> Result<Response<ExportTraceServiceResponse>, Status> {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.push(request.into_inner());
        Ok(Response::new(ExportTraceServiceResponse::default()))
    }
}

impl Collector {
    /// A collector on a free port.
    pub(crate) async fn start() -> Collector {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let kept = Kept::default();
        let service = TraceServiceServer::new(kept.clone());
        let mut serving = JoinSet::new();
        serving.spawn(async move {
            let incoming = TcpListenerStream::new(listener);
            let served = Server::builder().add_service(service).serve_with_incoming(incoming);
            served.await.expect("it serves until it is dropped");
        });
        Collector { url, kept, _serving: serving }
    }

    /// What a server needs in its environment to send here, soon.
    pub(crate) fn environment(&self) -> [(&'static str, &str); 2] {
        [("OTEL_EXPORTER_OTLP_ENDPOINT", &self.url), ("OTEL_BSP_SCHEDULE_DELAY", "50")]
    }

    fn requests(&self) -> Vec<ExportTraceServiceRequest> {
        self.kept.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Every span that has come.
    pub(crate) fn spans(&self) -> Vec<Span> {
        let resources = self.requests().into_iter().flat_map(|it| it.resource_spans);
        resources.flat_map(|it| it.scope_spans).flat_map(|it| it.spans).collect()
    }

    /// Everything that has come, as it came.
    pub(crate) fn bytes(&self) -> Vec<u8> {
        self.requests().iter().flat_map(prost::Message::encode_to_vec).collect()
    }

    /// What the sender says of itself.
    pub(crate) fn resource(&self, key: &str) -> Option<String> {
        let first = self.requests().into_iter().next()?;
        let resource = first.resource_spans.into_iter().next()?.resource?;
        resource.attributes.into_iter().find(|it| it.key == key).and_then(|it| text(it.value))
    }

    /// Waits for a span.
    pub(crate) async fn span(&self, what: &str, is_it: impl Fn(&Span) -> bool) -> Span {
        let mut beat = tokio::time::interval(BEAT);
        let came = async {
            loop {
                if let Some(it) = self.spans().into_iter().find(|it| is_it(it)) {
                    return it;
                }
                beat.tick().await;
            }
        };
        in_time(what, came).await
    }
}

/// A span's attribute, as text.
pub(crate) fn attribute(span: &Span, key: &str) -> Option<String> {
    let found = span.attributes.iter().find(|it| it.key == key)?;
    text(found.value.clone())
}

fn text(value: Option<opentelemetry_proto::tonic::common::v1::AnyValue>) -> Option<String> {
    match value?.value? {
        Value::StringValue(it) => Some(it),
        Value::IntValue(it) => Some(it.to_string()),
        Value::BoolValue(_)
        | Value::DoubleValue(_)
        | Value::ArrayValue(_)
        | Value::KvlistValue(_)
        | Value::BytesValue(_)
        | Value::StringValueStrindex(_) => panic!("no attribute of ours is of this type"),
    }
}
