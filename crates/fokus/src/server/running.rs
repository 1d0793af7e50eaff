//! A running server: store, journal, gRPC, pages and the guard of the logs, wired; and its orderly end.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use fokus_app::clock::{Clock, Entropy};
use fokus_app::guard::{Alarms, Safeguards};
use fokus_app::journal::{Journal, Options, Ports};
use fokus_app::session::Session;
use fokus_grpc::serve::{ServeError, bind, serve};
use fokus_grpc::token::TokenVerifier;
use fokus_web::site::{DemoRole, Site, Verifier};
use tokio::net::TcpListener;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::store::OpenStore;
use super::system::SystemEntropy;
use crate::failure::Failure;
use fokus_words::bundled::labels;

/// The exit code when machinery broke under a running server (`EX_IOERR` of sysexits).
pub(crate) const EXIT_BROKEN: i32 = 74;
/// The exit code when a signal cut the stopping short; shells say 128 + 2 (SIGINT)
/// of a program that Ctrl-C ended.
const EXIT_INTERRUPTED: i32 = 130;

/// Whether there are pages, and where.
#[derive(Debug, Default)]
pub(crate) struct Pages {
    /// `None` = there are none.
    pub(crate) listen: Option<SocketAddr>,
    /// Roles to choose from; a demo's only.
    pub(crate) roles: Vec<DemoRole>,
}

/// Tokens of the pages are those of gRPC.
struct OfTokens(Arc<TokenVerifier>);

impl Verifier for OfTokens {
    fn verify(&self, token: &str) -> Option<(Arc<Session>, Duration)> {
        let verified = self.0.verify(token).ok()?;
        Some((verified.session, verified.remaining))
    }
}

/// A running server.
#[derive(Debug)]
pub(crate) struct Running {
    pub(crate) address: SocketAddr,
    /// Where the pages are, if there are any.
    pub(crate) pages: Option<SocketAddr>,
    /// Why some logs are only read.
    pub(crate) alarms: Alarms,
    store: OpenStore,
    tasks: TaskTracker,
    journal_shutdown: CancellationToken,
    grpc_shutdown: CancellationToken,
    /// `None` once its end was seen: a task's end can be awaited once.
    grpc: Option<JoinHandle<Result<(), ServeError>>>,
}

impl Running {
    /// Starts a server over an open store; closes the store when it cannot.
    ///
    /// # Errors
    ///
    /// [`Failure::CouldNotRun`] when an address is not loopback or cannot be listened on.
    pub(crate) async fn start(
        store: OpenStore,
        clock: Arc<dyn Clock>,
        verifier: TokenVerifier,
        listen: SocketAddr,
        guarded: Guarded,
    ) -> Result<Running, Failure> {
        let (listener, address, pages_listener) = match listen_on_both(listen, &guarded.pages).await
        {
            Ok(it) => it,
            Err(failure) => {
                store.close().await;
                return Err(failure);
            }
        };
        let (tasks, journal_shutdown) = (TaskTracker::new(), CancellationToken::new());
        let entropy: Arc<dyn Entropy> = Arc::new(SystemEntropy);
        let ports = Ports {
            events: store.events(),
            keys: store.keys(),
            views: store.views(),
            about: store.about(),
            kms: store.kms(),
            clock,
            entropy,
        };
        let Guarded { safeguards, tiles, pages } = guarded;
        let (options, shutdown) =
            (Options { labels: labels(), ..Options::default() }, journal_shutdown.clone());
        let journal = Journal::start_with(ports, options, safeguards, &tasks, shutdown);
        let alarms = match journal.hold_against_anchors().await {
            Ok(it) => it,
            Err(failure) => {
                end(&tasks, &journal_shutdown, store).await;
                return Err(could_not_run(&failure));
            }
        };
        let grpc_shutdown = CancellationToken::new();
        if let Some(listener) = tiles {
            let (under, until) = (tasks.clone(), grpc_shutdown.clone());
            tasks.spawn(fokus_tlog::tiles::serve(listener, journal.clone(), under, until));
        }
        let verifier = Arc::new(verifier);
        let pages_address = pages_listener.as_ref().map(|(_, address)| *address);
        if let Some((listener, _)) = pages_listener {
            let verifier = Arc::new(OfTokens(Arc::clone(&verifier)));
            let site = Site { journal: journal.clone(), verifier, demo: pages.roles };
            let (under, until) = (tasks.clone(), grpc_shutdown.clone());
            tasks.spawn(fokus_web::serve::serve(listener, site, under, until));
        }
        let (under, until) = (tasks.clone(), grpc_shutdown.clone());
        let grpc =
            tasks.spawn(async move { serve(listener, journal, verifier, &under, until).await });
        let (pages, grpc) = (pages_address, Some(grpc));
        Ok(Running { address, pages, alarms, store, tasks, journal_shutdown, grpc_shutdown, grpc })
    }

    /// Serves until the end is wished for.
    ///
    /// # Errors
    ///
    /// [`Failure::CouldNotRun`] when the transport ends by itself, which it only does when it breaks.
    pub(crate) async fn serve_until(&mut self, end: &mut EndSignal) -> Result<(), Failure> {
        tokio::select! {
            () = end.wait() => Ok(()),
            it = transport_ended(&mut self.grpc) => {
                it.and(Err(Failure::CouldNotRun("the transport ended".to_owned())))
            }
        }
    }

    /// Ends in order: no new calls, calls under way finish, what is decided is committed, files close.
    /// Another signal meanwhile ends the program at once, as if it were killed.
    ///
    /// # Errors
    ///
    /// [`Failure::CouldNotRun`] when the transport broke.
    pub(crate) async fn stop(self, end: &mut EndSignal) -> Result<(), Failure> {
        tokio::select! {
            it = self.stop_in_order() => it,
            () = end.wait() => {
                tracing::warn!("a signal while stopping; ending at once");
                std::process::exit(EXIT_INTERRUPTED)
            }
        }
    }

    async fn stop_in_order(mut self) -> Result<(), Failure> {
        self.grpc_shutdown.cancel();
        let served = transport_ended(&mut self.grpc).await;
        end(&self.tasks, &self.journal_shutdown, self.store).await;
        served
    }
}

/// Listens for gRPC, and for the pages where there are any.
async fn listen_on_both(
    listen: SocketAddr,
    pages: &Pages,
) -> Result<(TcpListener, SocketAddr, Option<(TcpListener, SocketAddr)>), Failure> {
    let (listener, address) = listen_on(listen).await?;
    let Some(listen) = pages.listen else { return Ok((listener, address, None)) };
    let pages = fokus_web::serve::bind(listen).await.map_err(|it| could_not_run(&it))?;
    let at = pages.local_addr().map_err(|it| could_not_run(&it))?;
    Ok((listener, address, Some((pages, at))))
}

/// What guards a server's logs and shows them to others.
#[derive(Debug, Default)]
pub(crate) struct Guarded {
    pub(crate) safeguards: Safeguards,
    /// Where tiles are served.
    pub(crate) tiles: Option<TcpListener>,
    pub(crate) pages: Pages,
}

/// Commits what is queued, waits for everything that runs, and closes the files.
async fn end(tasks: &TaskTracker, journal_shutdown: &CancellationToken, store: OpenStore) {
    journal_shutdown.cancel();
    tasks.close();
    tasks.wait().await;
    store.close().await;
}

async fn listen_on(address: SocketAddr) -> Result<(TcpListener, SocketAddr), Failure> {
    let listener = bind(address).await.map_err(|it| could_not_run(&it))?;
    let address = listener.local_addr().map_err(|it| could_not_run(&it))?;
    Ok((listener, address))
}

/// Waits for the transport's end, unless it was seen before.
async fn transport_ended(
    grpc: &mut Option<JoinHandle<Result<(), ServeError>>>,
) -> Result<(), Failure> {
    let Some(task) = grpc.as_mut() else { return Ok(()) };
    let ended = task.await;
    *grpc = None;
    match ended {
        Ok(it) => it.map_err(|it| could_not_run(&it)),
        Err(it) => Err(could_not_run(&it)),
    }
}

fn could_not_run(error: &dyn std::error::Error) -> Failure {
    match error.source() {
        Some(cause) => Failure::CouldNotRun(format!("{error}: {cause}")),
        None => Failure::CouldNotRun(error.to_string()),
    }
}

/// The person's or the system's wish that the server ends: Ctrl-C or SIGTERM.
#[derive(Debug)]
pub(crate) struct EndSignal {
    interrupted: Signal,
    terminated: Signal,
}

impl EndSignal {
    /// Listens from now on: before anybody is told that the server runs, so that none is missed.
    ///
    /// # Errors
    ///
    /// [`Failure::CouldNotRun`] when the system gives no signals.
    pub(crate) fn listen() -> Result<EndSignal, Failure> {
        let on = |kind| signal(kind).map_err(|it| could_not_run(&it));
        let (interrupted, terminated) =
            (on(SignalKind::interrupt())?, on(SignalKind::terminate())?);
        Ok(EndSignal { interrupted, terminated })
    }

    /// Waits for either.
    pub(crate) async fn wait(&mut self) {
        tokio::select! {
            _ = self.interrupted.recv() => {}
            _ = self.terminated.recv() => {}
        }
    }
}
