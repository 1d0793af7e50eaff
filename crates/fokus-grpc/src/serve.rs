//! The server: limits, services, shutdown.
//!
//! [`bind`], then [`serve`]. A shutdown stops accepting, tells clients to go away, ends streams with
//! SHUTTING_DOWN, lets calls under way finish for [`SHUTDOWN_GRACE`], then cuts. Deliberately absent:
//! TLS; so every address that is not loopback is refused.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use fokus_app::guard::Alarms;
use fokus_app::journal::Journal;
use fokus_proto::FILE_DESCRIPTOR_SET;
use fokus_proto::v1::audit_service_server::AuditServiceServer;
use fokus_proto::v1::family_service_server::FamilyServiceServer;
use fokus_proto::v1::journal_service_server::JournalServiceServer;
use fokus_proto::v1::operations_service_server::OperationsServiceServer;
use fokus_proto::v1::work_service_server::WorkServiceServer;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tonic::server::NamedService;
use tonic::service::Routes;
use tonic::transport::Server;
use tonic_health::ServingStatus;
use tonic_health::pb::health_server::HealthServer;
use tonic_health::server::{HealthReporter, HealthService};

use crate::connection::accept;
use crate::feed::Feeds;
use crate::gate::GateLayer;
use crate::limits::*;
use crate::services::audit::Audit;
use crate::services::family::Family;
use crate::services::journal::Commands;
use crate::services::operations::Operations;
use crate::services::work::Work;
use crate::token::TokenVerifier;

/// Why the server does not run.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// Others could listen in.
    #[error(
        "{0} is not a loopback address: without TLS, which is not there yet, none other is served"
    )]
    NotLoopback(SocketAddr),
    /// The address cannot be listened on.
    #[error("cannot listen on {address}")]
    Listen {
        address: SocketAddr,
        #[source]
        source: io::Error,
    },
    /// The descriptors of the services make no sense: the build is broken.
    #[error("the services' descriptors make no sense")]
    Descriptors(#[source] tonic_reflection::server::Error),
    /// The transport failed.
    #[error("the transport failed")]
    Transport(#[source] tonic::transport::Error),
}

/// Listens on a loopback address; port 0 takes a free one.
///
/// # Errors
///
/// [`ServeError::NotLoopback`], [`ServeError::Listen`].
pub async fn bind(address: SocketAddr) -> Result<TcpListener, ServeError> {
    if !address.ip().is_loopback() {
        return Err(ServeError::NotLoopback(address));
    }
    TcpListener::bind(address).await.map_err(|source| ServeError::Listen { address, source })
}

/// Serves `journal` on `listener` until `shutdown`, and returns when every connection is closed.
///
/// Streams run on `tasks`. Give the journal a later shutdown than this one, so that calls under way
/// finish.
///
/// # Errors
///
/// See [`ServeError`].
pub async fn serve(
    listener: TcpListener,
    journal: Journal,
    verifier: impl Into<Arc<TokenVerifier>>,
    tasks: &TaskTracker,
    shutdown: CancellationToken,
) -> Result<(), ServeError> {
    let address = listener.local_addr().map_err(|source| ServeError::Listen {
        address: SocketAddr::from(([0, 0, 0, 0], 0)),
        source,
    })?;
    if !address.ip().is_loopback() {
        return Err(ServeError::NotLoopback(address));
    }
    let health = HealthReporter::new();
    let feeds = Feeds::new(tasks.clone(), shutdown.clone());
    let routes = routes(&journal, &feeds, health.clone()).await?;
    tasks.spawn(show_alarms(journal.alarms(), health.clone(), shutdown.clone()));

    let cut = CancellationToken::new();
    let serving = limited_server().layer(GateLayer::new(verifier)).add_routes(routes);
    let serving = serving.serve_with_incoming_shutdown(
        accept(listener, tasks, cut.clone()),
        shutdown.clone().cancelled_owned(),
    );
    let ending = async {
        shutdown.cancelled().await;
        not_serving(health).await;
        sleep(SHUTDOWN_GRACE).await;
        tracing::warn!("calls under way were cut");
        cut.cancel();
    };
    tokio::pin!(serving);
    tokio::select! {
        res = &mut serving => res,
        // Cut connections end at once.
        () = ending => serving.await,
    }
    .map_err(ServeError::Transport)
}

/// A server with every limit set.
fn limited_server() -> Server {
    Server::builder()
        .max_concurrent_streams(STREAMS_PER_CONNECTION_MAX)
        .http2_max_pending_accept_reset_streams(Some(PENDING_ACCEPT_RESETS_MAX))
        .http2_max_local_error_reset_streams(Some(LOCAL_ERROR_RESETS_MAX))
        .http2_max_header_list_size(HEADER_LIST_BYTES_MAX)
        .max_frame_size(FRAME_BYTES_MAX)
        .http2_keepalive_interval(Some(KEEPALIVE_INTERVAL))
        .http2_keepalive_timeout(Some(KEEPALIVE_TIMEOUT))
        .max_connection_age(CONNECTION_AGE_MAX)
        .accept_http1(false)
}

/// A generated service with the limits of its messages.
macro_rules! limited {
    ($service:expr) => {
        $service
            .max_decoding_message_size(REQUEST_BYTES_MAX)
            .max_encoding_message_size(ANSWER_BYTES_MAX)
    };
}

/// The services.
async fn routes(
    journal: &Journal,
    feeds: &Feeds,
    health: HealthReporter,
) -> Result<Routes, ServeError> {
    let reflection = tonic_reflection::server::Builder::configure()
        .register_encoded_file_descriptor_set(FILE_DESCRIPTOR_SET)
        .register_encoded_file_descriptor_set(tonic_health::pb::FILE_DESCRIPTOR_SET)
        .build_v1()
        .map_err(ServeError::Descriptors)?;
    for name in SERVICES {
        health.set_service_status(name, ServingStatus::Serving).await;
    }
    let health = HealthServer::new(HealthService::from_health_reporter(health));
    let commands = Commands::new(journal.clone(), feeds.clone());
    let family = Family::new(journal.clone(), feeds.clone());
    let work = Work::new(journal.clone());
    let audit = Audit::new(journal.clone(), feeds.clone());
    let operations = Operations::new(journal.clone(), feeds.clone());
    Ok(Routes::new(limited!(health))
        .add_service(limited!(reflection))
        .add_service(limited!(JournalServiceServer::new(commands)))
        .add_service(limited!(FamilyServiceServer::new(family)))
        .add_service(limited!(WorkServiceServer::new(work)))
        .add_service(limited!(AuditServiceServer::new(audit)))
        .add_service(limited!(OperationsServiceServer::new(operations))))
}

/// The services whose health can be asked for; the empty name is the server's.
const SERVICES: [&str; 6] = [
    "",
    JournalServiceServer::<Commands>::NAME,
    FamilyServiceServer::<Family>::NAME,
    WorkServiceServer::<Work>::NAME,
    AuditServiceServer::<Audit>::NAME,
    OperationsServiceServer::<Operations>::NAME,
];

/// The health of the logs, under a name of its own: not serving while one of them is only read because an
/// alarm was raised. The services go on.
pub const GUARD_HEALTH: &str = "fokus.v1.Guard";

/// Shows alarms as health until the server goes.
async fn show_alarms(
    mut alarms: watch::Receiver<Alarms>,
    health: HealthReporter,
    shutdown: CancellationToken,
) {
    loop {
        let status = match alarms.borrow_and_update().is_empty() {
            true => ServingStatus::Serving,
            false => ServingStatus::NotServing,
        };
        health.set_service_status(GUARD_HEALTH, status).await;
        tokio::select! {
            () = shutdown.cancelled() => return,
            it = alarms.changed() => if it.is_err() { return },
        }
    }
}

/// Tells who watches that the server is going, and ends their streams.
async fn not_serving(mut health: HealthReporter) {
    for name in SERVICES.into_iter().chain([GUARD_HEALTH]) {
        health.set_service_status(name, ServingStatus::NotServing).await;
        health.clear_service_status(name).await;
    }
}
