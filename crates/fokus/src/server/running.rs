//! A running server: store, journal and gRPC, wired; and its orderly end.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use fokus_app::clock::{Clock, Entropy};
use fokus_app::journal::{Journal, Ports};
use fokus_grpc::serve::{bind, serve};
use fokus_grpc::token::TokenVerifier;
use fokus_sqlite::{OpenError, SqliteOptions, SqliteStore};
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::system::SystemEntropy;
use crate::failure::Failure;

/// The exit code when machinery broke under a running server (`EX_IOERR` of sysexits).
pub(crate) const EXIT_BROKEN: i32 = 74;

/// Where a folder store is and how it is made.
#[derive(Debug, Clone)]
pub(crate) struct StorePlace {
    pub(crate) dir: PathBuf,
    pub(crate) authority: Option<String>,
    /// Whether a new store is to hold invented people only; a store of real people is refused then.
    pub(crate) synthetic: bool,
    pub(crate) root_key: Option<PathBuf>,
    pub(crate) signing_key: Option<PathBuf>,
}

/// An open store with what runs under it.
#[derive(Debug)]
pub(crate) struct OpenStore {
    pub(crate) store: SqliteStore,
    tasks: TaskTracker,
    shutdown: CancellationToken,
}

impl OpenStore {
    /// Opens the store, or makes it in an empty or absent folder.
    ///
    /// # Errors
    ///
    /// [`OpenError`], whose words say what to restore.
    pub(crate) async fn open(place: StorePlace) -> Result<OpenStore, OpenError> {
        let (tasks, shutdown) = (TaskTracker::new(), CancellationToken::new());
        let options = SqliteOptions {
            dir: place.dir,
            authority: place.authority,
            synthetic: place.synthetic,
            root_key: place.root_key,
            signing_key: place.signing_key,
            entropy: Arc::new(|bytes| getrandom::fill(bytes).map_err(std::io::Error::other)),
            fatal: Arc::new(|what| {
                tracing::error!(what, "the disk failed under a write; ending at once");
                std::process::exit(EXIT_BROKEN);
            }),
            tasks: tasks.clone(),
            shutdown: shutdown.clone(),
        };
        let store = SqliteStore::open(options).await?;
        Ok(OpenStore { store, tasks, shutdown })
    }

    /// Waits for what is under way and closes the files.
    pub(crate) async fn close(self) {
        self.shutdown.cancel();
        self.tasks.close();
        self.tasks.wait().await;
        self.store.close().await;
    }
}

/// A store that cannot be opened, in words, with all its causes.
pub(crate) fn cannot_open(error: &OpenError) -> Failure {
    let mut text = error.to_string();
    let mut cause = std::error::Error::source(error);
    while let Some(it) = cause {
        text = format!("{text}: {it}");
        cause = it.source();
    }
    Failure::CouldNotRun(text)
}

/// A running server.
#[derive(Debug)]
pub(crate) struct Running {
    pub(crate) address: SocketAddr,
    store: OpenStore,
    tasks: TaskTracker,
    journal_shutdown: CancellationToken,
    grpc_shutdown: CancellationToken,
    grpc: JoinHandle<Result<(), fokus_grpc::serve::ServeError>>,
}

impl Running {
    /// Starts a server over an open store.
    ///
    /// # Errors
    ///
    /// [`Failure::CouldNotRun`] when the address is not loopback or cannot be listened on.
    pub(crate) async fn start(
        store: OpenStore,
        clock: Arc<dyn Clock>,
        verifier: TokenVerifier,
        listen: SocketAddr,
    ) -> Result<Running, Failure> {
        let listener = bind(listen).await.map_err(|it| could_not_run(&it))?;
        let address = listener.local_addr().map_err(|it| could_not_run(&it))?;
        let (tasks, journal_shutdown) = (TaskTracker::new(), CancellationToken::new());
        let entropy: Arc<dyn Entropy> = Arc::new(SystemEntropy);
        let ports = Ports {
            events: Arc::new(store.store.clone()),
            keys: Arc::new(store.store.clone()),
            views: Arc::new(store.store.clone()),
            kms: Arc::new(store.store.root_key()),
            clock,
            entropy,
        };
        let journal = Journal::start(ports, &tasks, journal_shutdown.clone());
        let grpc_shutdown = CancellationToken::new();
        let (under, until) = (tasks.clone(), grpc_shutdown.clone());
        let grpc =
            tasks.spawn(async move { serve(listener, journal, verifier, &under, until).await });
        Ok(Running { address, store, tasks, journal_shutdown, grpc_shutdown, grpc })
    }

    /// Waits until the transport ends by itself, which it only does when it breaks.
    pub(crate) async fn broken(&mut self) -> Failure {
        match (&mut self.grpc).await {
            Ok(Err(error)) => could_not_run(&error),
            Ok(Ok(())) => Failure::CouldNotRun("the transport ended".to_owned()),
            Err(error) => could_not_run(&error),
        }
    }

    /// Ends in order: no new calls, calls under way finish, what is decided is committed, files close.
    ///
    /// # Errors
    ///
    /// [`Failure::CouldNotRun`] when the transport broke.
    pub(crate) async fn stop(self) -> Result<(), Failure> {
        self.grpc_shutdown.cancel();
        let served = self.grpc.await;
        self.journal_shutdown.cancel();
        self.tasks.close();
        self.tasks.wait().await;
        self.store.close().await;
        match served {
            Ok(it) => it.map_err(|it| could_not_run(&it)),
            Err(it) => Err(could_not_run(&it)),
        }
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
