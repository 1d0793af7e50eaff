//! Gathers appends that arrive at the same time into one transaction.
//!
//! Each tenant has one sequencer task. While it commits one batch, the next one queues; when the
//! commit is done, whatever has queued is the next batch. There is no timer: alone, an append waits
//! for nobody; under load, batches grow by themselves. Tenants do not wait for each other here.
//!
//! A caller that goes away harms nobody: its append has either not begun, then it does not happen,
//! or it happens whole. Deliberately absent: deciding, retrying.

#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::{mpsc, oneshot};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::ports::EventStore;
use crate::types::*;

/// The most appends of one tenant that wait for the next batch. When they are so many, callers wait
/// for a place: memory stays bounded and the pressure reaches the client.
pub const QUEUE_APPENDS_MAX: usize = 1_024;

/// Says what time it is: Unix milliseconds.
pub type Clock = Arc<dyn Fn() -> u64 + Send + Sync>;

type Answer = Result<Result<Outcome, Refused>, Fault>;

/// A handle to append through; clones share the queues.
#[derive(Clone)]
pub struct GroupCommit {
    shared: Arc<Shared>,
}

struct Shared {
    store: Arc<dyn EventStore>,
    clock: Clock,
    tasks: TaskTracker,
    shutdown: CancellationToken,
    /// One queue for each tenant that has appended. Tenants come from tokens, so they are few.
    queues: Mutex<HashMap<TenantId, mpsc::Sender<Queued>>>,
}

struct Queued {
    append: Append,
    answer: oneshot::Sender<Answer>,
}

impl GroupCommit {
    /// A group commit in front of `store`. Sequencers run on `tasks`; after `shutdown` they take
    /// nothing new, commit what is queued, and end.
    ///
    /// `clock` is asked once for each batch, when it begins.
    #[must_use]
    pub fn new(
        store: Arc<dyn EventStore>,
        clock: Clock,
        tasks: TaskTracker,
        shutdown: CancellationToken,
    ) -> GroupCommit {
        let queues = Mutex::new(HashMap::new());
        GroupCommit { shared: Arc::new(Shared { store, clock, tasks, shutdown, queues }) }
    }

    /// Appends as [`EventStore::append`] does, together with what others append at the same time.
    ///
    /// # Errors
    ///
    /// As [`EventStore::append`]; and [`Fault::Unavailable`] after shutdown.
    pub async fn append(
        &self,
        tenant: &TenantId,
        append: Append,
    ) -> Result<Result<Outcome, Refused>, Fault> {
        let (answer, answered) = oneshot::channel();
        let queue = self.shared.queue(tenant)?;
        queue.send(Queued { append, answer }).await.map_err(|_| closing())?;
        answered.await.map_err(|_| closing())?
    }
}

impl fmt::Debug for GroupCommit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GroupCommit").finish_non_exhaustive()
    }
}

impl Shared {
    fn queue(self: &Arc<Self>, tenant: &TenantId) -> Result<mpsc::Sender<Queued>, Fault> {
        if self.shutdown.is_cancelled() {
            return Err(closing());
        }
        let mut queues = self.queues.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(queue) = queues.get(tenant) {
            return Ok(queue.clone());
        }
        let (queue, queued) = mpsc::channel(QUEUE_APPENDS_MAX);
        queues.insert(tenant.clone(), queue.clone());
        let sequencer = Sequencer {
            store: Arc::clone(&self.store),
            clock: Arc::clone(&self.clock),
            tenant: tenant.clone(),
        };
        self.tasks.spawn(sequencer.run(queued, self.shutdown.clone()));
        Ok(queue)
    }
}

/// Commits the batches of one tenant, one after the other.
struct Sequencer {
    store: Arc<dyn EventStore>,
    clock: Clock,
    tenant: TenantId,
}

impl Sequencer {
    async fn run(self, mut queued: mpsc::Receiver<Queued>, shutdown: CancellationToken) {
        let mut batch = Vec::with_capacity(BATCH_APPENDS_MAX);
        loop {
            tokio::select! {
                biased;
                () = shutdown.cancelled(), if !queued.is_closed() => queued.close(),
                received = queued.recv_many(&mut batch, BATCH_APPENDS_MAX) => {
                    if received == 0 {
                        return;
                    }
                    self.commit(&mut batch).await;
                }
            }
        }
    }

    async fn commit(&self, batch: &mut Vec<Queued>) {
        // Whoever has gone away already gets nothing written.
        let live = batch.drain(..).filter(|it| !it.answer.is_closed());
        let (appends, answers): (Vec<_>, Vec<_>) = live.map(|it| (it.append, it.answer)).unzip();
        if appends.is_empty() {
            return;
        }
        // A caller that has gone away meanwhile does not read its answer: that is its business.
        match self.store.append(&self.tenant, appends, (self.clock)()).await {
            Ok(outcomes) => {
                for (answer, outcome) in answers.into_iter().zip(outcomes) {
                    let _ = answer.send(Ok(outcome));
                }
            }
            Err(fault) => {
                tracing::error!(tenant = %self.tenant, %fault, "a batch was not appended");
                let fault = Arc::new(fault);
                for answer in answers {
                    let _ = answer.send(Err(share(&fault)));
                }
            }
        }
    }
}

/// The fault of a batch, for each of its members.
fn share(fault: &Arc<Fault>) -> Fault {
    match fault.as_ref() {
        Fault::Unavailable(_) => Fault::Unavailable(Box::new(SharedFault(Arc::clone(fault)))),
        Fault::Full(_) => Fault::Full(Box::new(SharedFault(Arc::clone(fault)))),
        Fault::Conflict => Fault::Conflict,
        Fault::Corrupt { what } => Fault::Corrupt { what: what.clone() },
    }
}

/// The fault that all members of a batch have in common.
#[derive(Debug, thiserror::Error)]
#[error("the batch was not appended")]
struct SharedFault(#[source] Arc<Fault>);

/// The store, or what stands in front of it, takes nothing new.
#[derive(Debug, thiserror::Error)]
#[error("closing")]
pub struct Closing;

fn closing() -> Fault {
    Fault::Unavailable(Box::new(Closing))
}
