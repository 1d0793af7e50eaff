//! The journal: the handle that transports call.
//!
//! [`Journal::execute`] carries out commands (see `execute.rs`); [`Journal::read`] is the one
//! function through which everything is read (see [`crate::read`]). Both authorise first. Work that
//! touches the store runs on tasks of its own, so a caller that goes away harms nothing.

use std::fmt;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use fokus_core::codes::Purpose;
use fokus_core::command::Request;
use fokus_core::ids::StreamRef;
use fokus_core::rejection::{Reason, Rejection};
use fokus_store::group_commit::GroupCommit;
use fokus_store::{Describe, EventStore, Fault, KeyStore, Position, TenantId, ViewStore};
use fokus_vault::wrap::Kms;
use tokio::sync::Semaphore;
use tokio::task::JoinError;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use uuid::Uuid;

use crate::cache::{EVENTS_MAX, StreamCache};
use crate::clock::{Clock, Entropy};
use crate::execute;
use crate::failure::Failure;
use crate::guard::{Guard, Safeguards};
use crate::keyring::Keyring;
use crate::locks::StripedLocks;
use crate::query::RebuildProgress;
use crate::randomness::Blockwise;
use crate::read::Query;
use crate::read::identities::Identities;
use crate::read::proofs::{Receipt, receipts};
use crate::runner;
use crate::session::{Access, Action, Session, permits};
use crate::tenants::{Tenant, Tenants};

/// The most commands under way at once; more wait for a place.
const WRITES_MAX: usize = 512;
/// The most reads under way at once; more wait for a place.
const READS_MAX: usize = 64;
/// The most resources of logs that are made at once for mirrors.
const PUBLISHING_MAX: usize = 8;
/// The most rebuilds under way at once.
const REBUILDS_MAX: usize = 4;
/// How long a lease runs.
const LEASE_TTL: Duration = Duration::from_secs(3);

/// What the journal stands on.
#[derive(Clone)]
pub struct Ports {
    pub events: Arc<dyn EventStore>,
    pub keys: Arc<dyn KeyStore>,
    pub views: Arc<dyn ViewStore>,
    pub about: Arc<dyn Describe>,
    pub kms: Arc<dyn Kms>,
    pub clock: Arc<dyn Clock>,
    pub entropy: Arc<dyn Entropy>,
}

impl fmt::Debug for Ports {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Ports")
    }
}

/// What may be chosen when the journal is started.
#[derive(Debug, Clone)]
pub struct Options {
    /// How long a server may be silent before another one runs its views.
    pub lease_ttl: Duration,
    /// The most events of streams that are kept folded in memory.
    pub cached_events: usize,
    /// Words for types, fields and codes, by language (such as `da`): the files that come with a bundle.
    pub labels: Vec<(String, Vec<u8>)>,
}

impl Default for Options {
    fn default() -> Self {
        Options { lease_ttl: LEASE_TTL, cached_events: EVENTS_MAX, labels: Vec::new() }
    }
}

/// A handle to the running journal; clones share everything.
#[derive(Debug, Clone)]
pub struct Journal {
    pub(crate) shared: Arc<Shared>,
}

/// What all handles share.
#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) ports: Ports,
    pub(crate) keyring: Arc<Keyring>,
    pub(crate) commits: GroupCommit,
    pub(crate) locks: StripedLocks,
    pub(crate) streams: StreamCache,
    pub(crate) identities: Identities,
    pub(crate) tenants: Tenants,
    pub(crate) rebuilds: runner::Rebuilds,
    pub(crate) guard: Arc<Guard>,
    /// Names this server in leases.
    pub(crate) holder: Uuid,
    /// How long a lease runs; it is renewed after a third of that.
    pub(crate) lease_ttl: Duration,
    /// Words that come with a bundle, by language.
    pub(crate) labels: Vec<(String, Vec<u8>)>,
    /// Places for commands, reads, what mirrors fetch, and rebuilds under way.
    writes: Arc<Semaphore>,
    reads: Arc<Semaphore>,
    pub(crate) publishing: Arc<Semaphore>,
    rebuilding: Arc<Semaphore>,
    pub(crate) tasks: TaskTracker,
    pub(crate) shutdown: CancellationToken,
}

/// One command to carry out.
#[derive(Debug, Clone)]
pub struct ExecuteInput {
    pub command_id: Uuid,
    pub request: Request,
    /// The request re-encoded: what a repetition must equal.
    pub canonical: Vec<u8>,
    /// Whether the answer is to hold receipts.
    pub want_receipt: bool,
}

/// What an accepted command became.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Executed {
    /// Position of its last event.
    pub position: u64,
    /// The streams written, each with its revision after the command.
    pub streams: Vec<(StreamRef, u64)>,
    pub event_ids: Vec<Uuid>,
    /// Unix milliseconds.
    pub recorded_ms: u64,
    /// Signed note over the log; in a replay, the present one.
    pub checkpoint: String,
    pub replayed: bool,
    /// For each event, in their order, that it is in the tree of the checkpoint; empty unless asked for.
    pub receipts: Vec<Receipt>,
}

impl Journal {
    /// Starts the journal: group commit, and the view runners of the tenants that have a log. Its tasks
    /// run on `tasks` until `shutdown`.
    pub fn start(ports: Ports, tasks: &TaskTracker, shutdown: CancellationToken) -> Journal {
        Self::start_with(ports, Options::default(), Safeguards::default(), tasks, shutdown)
    }

    /// The same with other options, and guarded.
    pub fn start_with(
        ports: Ports,
        options: Options,
        safeguards: Safeguards,
        tasks: &TaskTracker,
        shutdown: CancellationToken,
    ) -> Journal {
        let ports = Ports { entropy: Arc::new(Blockwise::new(ports.entropy)), ..ports };
        let mut holder = [0; 16];
        ports.entropy.fill(&mut holder);
        let holder = uuid::Builder::from_random_bytes(holder).into_uuid();
        let keyring = Arc::new(Keyring::new(
            Arc::clone(&ports.keys),
            Arc::clone(&ports.kms),
            Arc::clone(&ports.entropy),
        ));
        let clock = Arc::clone(&ports.clock);
        let commits = GroupCommit::new(
            Arc::clone(&ports.events),
            Arc::new(move || clock.now_ms()),
            tasks.clone(),
            shutdown.clone(),
        );
        let guard = Arc::new(Guard::new(safeguards));
        let (keys, guards) = (Arc::clone(&keyring), Arc::clone(&guard));
        let tenants = Tenants::new(ports.clone(), keys, guards, runner::VIEW_NAMES);
        let shared = Shared {
            ports,
            keyring,
            commits,
            locks: StripedLocks::new(),
            streams: StreamCache::new(options.cached_events),
            identities: Identities::new(),
            tenants,
            rebuilds: runner::Rebuilds::default(),
            guard,
            holder,
            lease_ttl: options.lease_ttl,
            labels: options.labels,
            writes: Arc::new(Semaphore::new(WRITES_MAX)),
            reads: Arc::new(Semaphore::new(READS_MAX)),
            publishing: Arc::new(Semaphore::new(PUBLISHING_MAX)),
            rebuilding: Arc::new(Semaphore::new(REBUILDS_MAX)),
            tasks: tasks.clone(),
            shutdown,
        };
        let journal = Journal { shared: Arc::new(shared) };
        tasks.spawn(runner::meet_tenants(journal.clone()));
        journal
    }

    /// The journal's clock.
    pub fn clock(&self) -> &dyn Clock {
        self.shared.ports.clock.as_ref()
    }

    /// Carries out one command: authorise → clock rules → decide → append. A repetition by the same
    /// actor with the same content gets the first outcome.
    ///
    /// # Errors
    ///
    /// [`Failure::Rejected`] with the reason; [`Failure::Fault`]: safe to repeat.
    pub async fn execute(
        &self,
        session: &Session,
        input: ExecuteInput,
    ) -> Result<Executed, Failure> {
        let (journal, session) = (self.clone(), session.clone());
        let places = &self.shared.writes;
        self.on_task(places, async move {
            let mut executed = execute::execute(&journal, &session, &input).await?;
            if input.want_receipt {
                // The command stands, whatever comes of this: repeated, it is asked for again.
                executed.receipts = receipts(&journal, &session.tenant, &executed).await?;
            }
            Ok(executed)
        })
        .await
    }

    /// The outcome of a command of the caller's own.
    ///
    /// # Errors
    ///
    /// `UNKNOWN_ID` when it was never accepted, and when another actor sent it.
    pub async fn command(
        &self,
        session: &Session,
        purpose: Purpose,
        command_id: Uuid,
    ) -> Result<Executed, Failure> {
        authorise(session, Action::ReadCommand, purpose)?;
        let (journal, session) = (self.clone(), session.clone());
        let found = self.on_task(&self.shared.reads, async move {
            let tenant = journal.tenant(&session.tenant).await?;
            execute::outcome_of(&journal, &tenant, &session.actor.sub, command_id).await
        });
        let found = found.await?;
        found.ok_or_else(|| {
            Rejection::new(Reason::UnknownId, "no such command of yours").at("command_id").into()
        })
    }

    /// The one function of reads: authorise → record → read. (Recording comes with the access log.)
    ///
    /// # Errors
    ///
    /// `NOT_PERMITTED`, before anything of what exists is known; what the query says; faults.
    pub async fn read<Q: Query>(&self, access: &Access, query: Q) -> Result<Q::Answer, Failure> {
        authorise(&access.session, Q::ACTION, access.purpose)?;
        let (journal, tenant) = (self.clone(), self.tenant(&access.session.tenant).await?);
        self.on_task(&self.shared.reads, async move { query.answer(&journal, &tenant).await }).await
    }

    /// Waits until the log is beyond `after`; gives its head.
    ///
    /// # Errors
    ///
    /// `NOT_PERMITTED`; `SHUTTING_DOWN`.
    pub async fn wait_for_head(&self, access: &Access, after: u64) -> Result<u64, Failure> {
        authorise(&access.session, Action::ReadHistory, access.purpose)?;
        let head = self.shared.ports.events.wait_beyond(&access.session.tenant, Position(after));
        tokio::select! {
            () = self.shared.shutdown.cancelled() => Err(shutting_down()),
            it = head => Ok(it?.0),
        }
    }

    /// Waits until the view of family statuses is beyond `after`; gives its position.
    ///
    /// # Errors
    ///
    /// `NOT_PERMITTED`; `SHUTTING_DOWN`.
    pub async fn wait_for_families(&self, access: &Access, after: u64) -> Result<u64, Failure> {
        authorise(&access.session, Action::ReadFamily, access.purpose)?;
        let tenant = self.tenant(&access.session.tenant).await?;
        let mut live = runner::live_view(&tenant, runner::STATUS)?.subscribe();
        tokio::select! {
            () = self.shared.shutdown.cancelled() => Err(shutting_down()),
            it = live.wait_for(|it| it.position > after) => {
                Ok(it.map_err(|_| shutting_down())?.position)
            }
        }
    }

    /// Waits until the view of releases is beyond `after`; gives its position.
    ///
    /// # Errors
    ///
    /// `NOT_PERMITTED`; `SHUTTING_DOWN`.
    pub async fn wait_for_outcomes(&self, access: &Access, after: u64) -> Result<u64, Failure> {
        authorise(&access.session, Action::ReadOutcomes, access.purpose)?;
        let tenant = self.tenant(&access.session.tenant).await?;
        let mut live = runner::live_view(&tenant, runner::OUTCOMES)?.subscribe();
        tokio::select! {
            () = self.shared.shutdown.cancelled() => Err(shutting_down()),
            it = live.wait_for(|it| it.position > after) => {
                Ok(it.map_err(|_| shutting_down())?.position)
            }
        }
    }

    /// Waits until every view that runs is beyond `after`; gives where the slowest of them stands. What a
    /// reader looks at may have changed then.
    ///
    /// # Errors
    ///
    /// `NOT_PERMITTED`; `SHUTTING_DOWN`.
    pub async fn wait_for_views(&self, access: &Access, after: u64) -> Result<u64, Failure> {
        // Positions are no more than the signed note says.
        authorise(&access.session, Action::ReadCheckpoint, access.purpose)?;
        let tenant = self.tenant(&access.session.tenant).await?;
        let mut slowest = None;
        for view in tenant.live.values() {
            let mut live = view.subscribe();
            let position = tokio::select! {
                () = self.shared.shutdown.cancelled() => return Err(shutting_down()),
                it = live.wait_for(|it| it.halted || it.position > after) => {
                    let it = it.map_err(|_| shutting_down())?;
                    (!it.halted).then_some(it.position)
                }
            };
            slowest = slowest.into_iter().chain(position).min();
        }
        match slowest {
            Some(it) => Ok(it),
            // Every view has halted: nothing will move.
            None => {
                self.shared.shutdown.cancelled().await;
                Err(shutting_down())
            }
        }
    }

    /// Rebuilds a view beside its live rows and switches, telling the progress.
    ///
    /// # Errors
    ///
    /// `NOT_PERMITTED`; `UNKNOWN_ID` for an unknown view; `BUSY` while one is under way.
    pub async fn rebuild(
        &self,
        access: &Access,
        view: &str,
        progress: tokio::sync::mpsc::Sender<RebuildProgress>,
    ) -> Result<(), Failure> {
        authorise(&access.session, Action::OperateViews, access.purpose)?;
        let tenant = self.tenant(&access.session.tenant).await?;
        let (journal, view) = (self.clone(), view.to_owned());
        let rebuilt = async move { runner::rebuild(&journal, &tenant, &view, progress).await };
        self.on_task(&self.shared.rebuilding, rebuilt).await
    }

    /// The tenant; its view runner is started when it is met for the first time.
    pub(crate) async fn tenant(&self, id: &TenantId) -> Result<Arc<Tenant>, Failure> {
        let (tenant, first) = self.shared.tenants.meet(id).await?;
        if first {
            self.shared.tasks.spawn(runner::run(self.clone(), Arc::clone(&tenant)));
            self.follow(&tenant);
        }
        Ok(tenant)
    }

    /// Runs the work on a task that outlives a caller who goes away. The place that it takes goes with
    /// it: a caller who asks and goes away, again and again, cannot pile up work.
    pub(crate) async fn on_task<T: Send + 'static>(
        &self,
        places: &Arc<Semaphore>,
        work: impl Future<Output = Result<T, Failure>> + Send + 'static,
    ) -> Result<T, Failure> {
        let place = Arc::clone(places).acquire_owned().await.map_err(|_| shutting_down())?;
        // Boxed: a task moves what it runs several times.
        let work = Box::pin(work);
        let task = self.shared.tasks.spawn(async move {
            let _place = place;
            work.await
        });
        joined(task.await)
    }
}

/// What a task came to.
pub(crate) fn joined<T>(task: Result<Result<T, Failure>, JoinError>) -> Result<T, Failure> {
    match task {
        Ok(it) => it,
        Err(error) if error.is_panic() => {
            tracing::error!("a task panicked");
            Err(Fault::Corrupt { what: "a task panicked".to_owned() }.into())
        }
        Err(_) => Err(shutting_down()),
    }
}

/// Refuses what the caller's token and role do not permit.
pub(crate) fn authorise(
    session: &Session,
    action: Action,
    purpose: Purpose,
) -> Result<(), Rejection> {
    if session.purposes.contains(&purpose) && permits(session.role, action, purpose) {
        return Ok(());
    }
    Err(Rejection::new(Reason::NotPermitted, "not permitted"))
}

/// The answer after shutdown has begun.
pub(crate) fn shutting_down() -> Failure {
    Rejection::new(Reason::ShuttingDown, "the server is shutting down; repeat safely").into()
}
