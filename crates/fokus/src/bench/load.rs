//! Calls, so many under way at once: for a time, or so many of them.

use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use fokus_proto::v1;
use prost::Message as _;
use prost::bytes::Bytes;
use tokio::task::JoinSet;
use tokio::time::Instant;
use tonic::Status;
use tonic::metadata::{Ascii, MetadataValue};
use tonic::transport::Channel;

use super::failed;
use super::figures::percentile;
use super::machine::cpu_s;
use super::site::{Server, Site, Who};
use super::wire::{Caller, Path, bearer, connect, path};
use super::world::{Family, Population};
use crate::failure::{Failure, Refusal};

/// Calls under way on one connection; the server takes 32.
const CALLS_PER_CONNECTION: usize = 16;

const EXECUTE: &str = "/fokus.v1.JournalService/Execute";
const STATUS: &str = "/fokus.v1.FamilyService/GetFamilyStatus";
const CHECK: &str = "/grpc.health.v1.Health/Check";

/// What is called.
#[derive(Debug, Clone)]
pub(super) enum Work {
    /// Nothing is asked and nothing is done: what a call costs by itself.
    Nothing,
    /// Contacts are recorded.
    Contacts(Arc<Mutex<Population>>),
    /// Statuses of these families are read.
    Statuses(Arc<Statuses>),
}

/// Requests for statuses, one after the other.
#[derive(Debug)]
pub(super) struct Statuses {
    requests: Vec<Bytes>,
    next: AtomicUsize,
}

impl Statuses {
    /// Requests for the status of each of these families.
    pub(super) fn new<'a>(families: impl Iterator<Item = &'a str>) -> Statuses {
        let requests = families.map(|family| {
            let request = v1::GetFamilyStatusRequest {
                family_id: family.to_owned(),
                purpose: v1::Purpose::Casework.into(),
                ..Default::default()
            };
            request.encode_to_vec().into()
        });
        Statuses { requests: requests.collect(), next: AtomicUsize::new(0) }
    }
}

impl Work {
    fn next(&self) -> Option<Bytes> {
        match self {
            Work::Nothing => Some(Bytes::new()),
            Work::Contacts(population) => lock(population).contact(),
            Work::Statuses(it) => {
                let next = it.next.fetch_add(1, Ordering::Relaxed);
                it.requests.get(next.checked_rem(it.requests.len())?).cloned()
            }
        }
    }

    fn path(&self) -> Path {
        path(match self {
            Work::Nothing => CHECK,
            Work::Contacts(_) => EXECUTE,
            Work::Statuses(_) => STATUS,
        })
    }
}

/// The population, which nobody leaves half changed.
pub(super) fn lock<T>(it: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    it.lock().unwrap_or_else(PoisonError::into_inner)
}

/// When to stop.
#[derive(Debug, Clone, Copy)]
pub(super) enum Until {
    /// So long.
    Time(Duration),
    /// So many calls.
    Calls(u64),
}

/// What came of it.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Window {
    pub(super) calls: u64,
    pub(super) per_s: f64,
    pub(super) p50_us: f64,
    pub(super) p99_us: f64,
    /// Processors kept busy.
    pub(super) client_cores: f64,
    pub(super) server_cores: f64,
}

impl Window {
    /// A window from what was counted and timed, by the processor time used before and after.
    pub(super) fn of(count: u64, mut times_us: Vec<f64>, clock: &Stopwatch) -> Window {
        let (seconds, client_s, server_s) = clock.read();
        Window {
            calls: count,
            per_s: count as f64 / seconds,
            p50_us: percentile(&mut times_us, 0.5),
            p99_us: percentile(&mut times_us, 0.99),
            client_cores: client_s / seconds,
            server_cores: server_s / seconds,
        }
    }
}

/// Measures time, and what both sides use of the processors.
#[derive(Debug)]
pub(super) struct Stopwatch {
    begun: Instant,
    server: u32,
    client_s: f64,
    server_s: f64,
}

impl Stopwatch {
    /// Runs from now.
    pub(super) fn start(server: &Server) -> Stopwatch {
        let server = server.process;
        let (client_s, server_s) = (cpu_s(std::process::id()), cpu_s(server));
        Stopwatch { begun: Instant::now(), server, client_s, server_s }
    }

    /// Seconds of the clock, and of processor time of client and server.
    pub(super) fn read(&self) -> (f64, f64, f64) {
        let seconds = self.begun.elapsed().as_secs_f64().max(1e-6);
        let client_s = cpu_s(std::process::id()) - self.client_s;
        (seconds, client_s, cpu_s(self.server) - self.server_s)
    }
}

/// The connections of a caseworker and a team lead.
#[derive(Debug)]
pub(super) struct Load {
    channels: Vec<Channel>,
    caseworker: MetadataValue<Ascii>,
    team_lead: MetadataValue<Ascii>,
}

impl Load {
    /// Connects for at most so many calls under way.
    ///
    /// # Errors
    ///
    /// [`Failure::CouldNotRun`] when the server does not answer.
    pub(super) async fn connect(
        site: &Site,
        server: &Server,
        in_flight: usize,
    ) -> Result<Load, Failure> {
        let channels = connect(&server.url, in_flight.div_ceil(CALLS_PER_CONNECTION).max(1));
        Ok(Load {
            channels: channels.await?,
            caseworker: bearer(&site.token(Who::Caseworker)?)?,
            team_lead: bearer(&site.token(Who::TeamLead)?)?,
        })
    }

    /// A caller for each call under way, on as few connections as carry them.
    fn callers(&self, in_flight: usize, token: Option<&MetadataValue<Ascii>>) -> Vec<Caller> {
        let connections = in_flight.div_ceil(CALLS_PER_CONNECTION);
        let channels = self.channels.iter().take(connections).cycle().take(in_flight);
        channels.map(|it| Caller::new(it.clone(), token.cloned())).collect()
    }

    /// Calls with so many under way.
    ///
    /// # Errors
    ///
    /// [`Failure::CouldNotRun`] with the first refusal.
    pub(super) async fn run(
        &self,
        server: &Server,
        work: &Work,
        in_flight: usize,
        until: Until,
    ) -> Result<Window, Failure> {
        let token = match work {
            Work::Nothing => None,
            Work::Contacts(_) | Work::Statuses(_) => Some(&self.caseworker),
        };
        let (end, left) = match until {
            Until::Time(time) => (Some(Instant::now() + time), u64::MAX),
            Until::Calls(calls) => (None, calls),
        };
        let left = Arc::new(AtomicU64::new(left));
        let clock = Stopwatch::start(server);
        let mut callers = JoinSet::new();
        for caller in self.callers(in_flight, token) {
            callers.spawn(call_on(caller, work.clone(), end, Arc::clone(&left)));
        }
        let mut times = Vec::new();
        while let Some(it) = callers.join_next().await {
            times.extend(it.map_err(|it| failed(&it))?.map_err(|it| refused(&it))?);
        }
        Ok(Window::of(u64::try_from(times.len()).unwrap_or(u64::MAX), times, &clock))
    }

    /// Sends commands one after the other.
    ///
    /// # Errors
    ///
    /// [`Failure::CouldNotRun`] with the first refusal.
    pub(super) async fn send(&self, commands: Vec<Bytes>) -> Result<(), Failure> {
        let execute = path(EXECUTE);
        for mut caller in self.callers(1, Some(&self.team_lead)) {
            for command in &commands {
                caller.unary(&execute, command.clone()).await.map_err(|it| refused(&it))?;
            }
        }
        Ok(())
    }

    /// Founds so many families, several at once.
    ///
    /// # Errors
    ///
    /// [`Failure::CouldNotRun`] with the first refusal.
    pub(super) async fn found(
        &self,
        population: &Arc<Mutex<Population>>,
        families: u64,
    ) -> Result<(), Failure> {
        let left = Arc::new(AtomicU64::new(families));
        let mut founders = JoinSet::new();
        let at_once = self.channels.len().saturating_mul(CALLS_PER_CONNECTION);
        for caller in self.callers(at_once, Some(&self.team_lead)) {
            founders.spawn(found_on(caller, Arc::clone(population), Arc::clone(&left)));
        }
        while let Some(it) = founders.join_next().await {
            for family in it.map_err(|it| failed(&it))?.map_err(|it| refused(&it))? {
                lock(population).join(family);
            }
        }
        Ok(())
    }
}

/// Whether one of those that are left may be taken.
fn takes_one(left: &AtomicU64) -> bool {
    left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |it| it.checked_sub(1)).is_ok()
}

/// Calls one after the other; gives the microseconds that each took.
async fn call_on(
    mut caller: Caller,
    work: Work,
    end: Option<Instant>,
    left: Arc<AtomicU64>,
) -> Result<Vec<f64>, Status> {
    let method = work.path();
    let mut times = Vec::new();
    let mut now = Instant::now();
    while end.is_none_or(|it| now < it) && takes_one(&left) {
        let Some(message) = work.next() else { break };
        caller.unary(&method, message).await?;
        let then = Instant::now();
        times.push((then - now).as_secs_f64() * 1e6);
        now = then;
    }
    Ok(times)
}

async fn found_on(
    mut caller: Caller,
    population: Arc<Mutex<Population>>,
    left: Arc<AtomicU64>,
) -> Result<Vec<Family>, Status> {
    let execute = path(EXECUTE);
    let mut families = Vec::new();
    while takes_one(&left) {
        let founding = lock(&population).found();
        for command in founding.commands {
            caller.unary(&execute, command).await?;
        }
        families.push(founding.family);
    }
    Ok(families)
}

/// A refusal of something that the bench needs.
pub(super) fn refused(status: &Status) -> Failure {
    Failure::CouldNotRun(format!("the bench's server refused: {}", Refusal::of(status)))
}
