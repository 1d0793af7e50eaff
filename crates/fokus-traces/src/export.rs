//! The way of spans to a collector: OTLP over gRPC, in batches, from a bounded queue.
//!
//! Sampling and the sizes of queue and batches follow the standard variables (`OTEL_TRACES_SAMPLER`,
//! `OTEL_BSP_…`), which the SDK reads.

use std::time::Duration;

use opentelemetry::trace::TracerProvider as _;
use opentelemetry_otlp::{SpanExporter, WithExportConfig as _};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::trace::{SdkTracer, SdkTracerProvider};
use tracing::{Level, Subscriber};
use tracing_opentelemetry::OpenTelemetryLayer;
use tracing_subscriber::Layer;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::registry::LookupSpan;

use crate::TARGET;

/// How long a stop waits for what was not sent yet.
pub const STOP_MAX: Duration = Duration::from_secs(2);
/// How long one sending may take.
const SEND_MAX: Duration = Duration::from_secs(5);

/// Why spans cannot be sent.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// There is no TLS yet.
    #[error("OTEL_EXPORTER_OTLP_ENDPOINT: an address that begins with http:// (gRPC, without TLS)")]
    Endpoint,
    /// The exporter cannot be made.
    #[error("traces cannot be sent")]
    Exporter(#[source] opentelemetry_otlp::ExporterBuildError),
}

/// Sends spans until it is stopped.
#[derive(Debug)]
pub struct Export {
    provider: SdkTracerProvider,
}

impl Export {
    /// To the collector at `endpoint` (such as `http://127.0.0.1:4317`), in the name of `service`. Needs a
    /// runtime of tokio around it. A collector that is not there is no error.
    ///
    /// # Errors
    ///
    /// See [`ExportError`].
    pub fn start(
        endpoint: &str,
        service: &str,
        version: &'static str,
    ) -> Result<Export, ExportError> {
        let has_host = endpoint.strip_prefix("http://").is_some_and(|it| !it.is_empty());
        if !has_host || endpoint.parse::<http::Uri>().is_err() {
            return Err(ExportError::Endpoint);
        }
        let exporter =
            SpanExporter::builder().with_tonic().with_endpoint(endpoint).with_timeout(SEND_MAX);
        let exporter = exporter.build().map_err(ExportError::Exporter)?;
        let version = opentelemetry::KeyValue::new("service.version", version);
        let resource = Resource::builder().with_service_name(service.to_owned());
        let provider = SdkTracerProvider::builder()
            .with_resource(resource.with_attribute(version).build())
            .with_batch_exporter(exporter)
            .build();
        Ok(Export { provider })
    }

    /// Collects the spans of this crate, and nothing else: no log line, nothing of other libraries.
    pub fn layer<S>(&self) -> impl Layer<S> + use<S>
    where
        S: Subscriber + for<'span> LookupSpan<'span>,
    {
        let layer: OpenTelemetryLayer<S, SdkTracer> =
            tracing_opentelemetry::layer().with_tracer(self.provider.tracer("fokus"));
        layer
            .with_location(false)
            .with_threads(false)
            .with_tracked_inactivity(false)
            .with_level(false)
            .with_target(false)
            .with_filter(Targets::new().with_target(TARGET, Level::DEBUG))
    }

    /// Sends the rest, for at most [`STOP_MAX`], and ends.
    pub async fn stop(self) {
        let provider = self.provider;
        // Whatever was not taken by then is lost: it says how the server ran, not what the journal has.
        let stopped = tokio::task::spawn_blocking(move || provider.shutdown_with_timeout(STOP_MAX));
        if let Ok(Err(error)) = stopped.await {
            tracing::warn!(%error, "the last spans were not sent");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn an_endpoint_is_plain_http() {
        for bad in ["", "http://", "https://collector.example:4317", "127.0.0.1:4317", "http://a b"]
        {
            let refused = Export::start(bad, "fokus", "0").unwrap_err();
            assert!(matches!(refused, ExportError::Endpoint), "{bad}");
        }
    }

    #[tokio::test]
    async fn a_collector_that_is_away_holds_nobody_up() {
        let export = Export::start("http://127.0.0.1:9", "fokus", "0").unwrap();
        export.stop().await;
    }
}
