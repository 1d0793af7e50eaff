//! The listener: `/TENANT/journal/checkpoint`, `…/tile/L/N`, `…/tile/entries/N`.
//!
//! [`bind`], then [`serve`]. The limits are here, with their reasons; what a request gets is in `answer.rs`.

use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use fokus_app::journal::Journal;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::answer::answer;

/// The most open connections; more wait in the system's queue, which is short too.
pub const CONNECTIONS_MAX: usize = 64;
/// How long a client may take to say what it wants, from its connection or its last answer on.
pub const REQUEST_TIMEOUT: Duration = Duration::from_secs(10);
/// How old a connection gets before it is closed after the answer under way: nobody keeps a place for ever.
pub const CONNECTION_AGE_MAX: Duration = Duration::from_secs(60);
/// How long the answer under way may then still take: the largest is 15 MiB of leaves.
pub const LAST_ANSWER_MAX: Duration = Duration::from_secs(30);
/// The most bytes of a request's head. Paths are short, and no header matters.
pub const HEAD_BYTES_MAX: usize = 8 * 1024;
/// How long the server waits after it could not accept a connection (no file descriptors, say).
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// Why there is no listener.
#[derive(Debug, thiserror::Error)]
pub enum TilesError {
    /// Others could read along.
    #[error(
        "{0} is not a loopback address: say so, if everybody who reaches it may mirror the logs"
    )]
    NotLoopback(SocketAddr),
    /// The address cannot be listened on.
    #[error("cannot listen on {address}")]
    Listen {
        address: SocketAddr,
        #[source]
        source: io::Error,
    },
}

/// Listens on an address, on one that is not loopback only if `anywhere`; port 0 takes a free one.
///
/// # Errors
///
/// [`TilesError`].
pub async fn bind(address: SocketAddr, anywhere: bool) -> Result<TcpListener, TilesError> {
    if !anywhere && !address.ip().is_loopback() {
        return Err(TilesError::NotLoopback(address));
    }
    TcpListener::bind(address).await.map_err(|source| TilesError::Listen { address, source })
}

/// Serves what the logs of `journal` publish on `listener` until `shutdown`; connections run on `tasks`.
pub async fn serve(
    listener: TcpListener,
    journal: Journal,
    tasks: TaskTracker,
    shutdown: CancellationToken,
) {
    let places = Arc::new(Semaphore::new(CONNECTIONS_MAX));
    loop {
        let place = tokio::select! {
            () = shutdown.cancelled() => return,
            it = Arc::clone(&places).acquire_owned() => it,
        };
        // The semaphore is never closed.
        let Ok(place) = place else { return };
        let accepted = tokio::select! {
            () = shutdown.cancelled() => return,
            it = listener.accept() => it,
        };
        match accepted {
            Ok((stream, _)) => {
                let (journal, shutdown) = (journal.clone(), shutdown.clone());
                tasks.spawn(async move {
                    let _place = place;
                    converse(stream, journal, shutdown).await;
                });
            }
            Err(error) => {
                tracing::warn!(%error, "a connection for tiles could not be accepted");
                sleep(ACCEPT_PAUSE).await;
            }
        }
    }
}

/// One connection, to its end.
async fn converse(stream: TcpStream, journal: Journal, shutdown: CancellationToken) {
    let service = service_fn(|request| {
        let journal = journal.clone();
        async move { Ok::<_, Infallible>(answer(&journal, &request).await) }
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(REQUEST_TIMEOUT)
        .max_buf_size(HEAD_BYTES_MAX)
        .serve_connection(TokioIo::new(stream), service);
    let mut connection = pin!(connection);
    let ended = tokio::select! {
        it = connection.as_mut() => Some(it),
        () = shutdown.cancelled() => None,
        () = sleep(CONNECTION_AGE_MAX) => None,
    };
    let ended = match ended {
        Some(it) => it,
        None => {
            connection.as_mut().graceful_shutdown();
            let Ok(it) = timeout(LAST_ANSWER_MAX, connection).await else { return };
            it
        }
    };
    // A client that goes away or says nonsense is its own affair.
    if let Err(error) = ended {
        tracing::debug!(%error, "a connection for tiles ended");
    }
}
