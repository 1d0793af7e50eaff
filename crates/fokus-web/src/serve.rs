//! Connections: accepted on loopback, bounded in number and in how long they dawdle, ended in order.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::limits::{CONNECTIONS_MAX, HEAD_TIMEOUT, SHUTDOWN_GRACE};
use crate::site::Site;

/// How long the server waits after it could not accept a connection.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// Why there are no pages.
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
        /// Where.
        address: SocketAddr,
        /// Why.
        #[source]
        source: io::Error,
    },
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

/// Serves pages on `listener` until `shutdown`; connections end with it, at the latest after
/// [`SHUTDOWN_GRACE`]. Everything runs on `tasks`.
pub async fn serve(
    listener: TcpListener,
    site: Site,
    tasks: TaskTracker,
    shutdown: CancellationToken,
) {
    let router = site.router(tasks.clone(), shutdown.clone());
    let places = Arc::new(Semaphore::new(CONNECTIONS_MAX));
    loop {
        let accepted = tokio::select! {
            () = shutdown.cancelled() => return,
            it = accept(&listener, &places) => it,
        };
        let Some((stream, place)) = accepted else { continue };
        let (router, shutdown) = (router.clone(), shutdown.clone());
        tasks.spawn(async move {
            let _place = place;
            converse(stream, router, shutdown).await;
        });
    }
}

async fn accept(
    listener: &TcpListener,
    places: &Arc<Semaphore>,
) -> Option<(TcpStream, tokio::sync::OwnedSemaphorePermit)> {
    let place = Arc::clone(places).acquire_owned().await.ok()?;
    match listener.accept().await {
        Ok((stream, _)) => Some((stream, place)),
        Err(error) => {
            tracing::warn!(%error, "no connection was accepted");
            tokio::time::sleep(ACCEPT_PAUSE).await;
            None
        }
    }
}

/// One connection, to its end.
async fn converse(stream: TcpStream, router: Router, shutdown: CancellationToken) {
    let service = TowerToHyperService::new(router);
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_TIMEOUT)
        .serve_connection(TokioIo::new(stream), service);
    tokio::pin!(connection);
    tokio::select! {
        // That a browser goes away is no event.
        _ended = connection.as_mut() => return,
        () = shutdown.cancelled() => connection.as_mut().graceful_shutdown(),
    }
    let _cut = tokio::time::timeout(SHUTDOWN_GRACE, connection).await;
}
