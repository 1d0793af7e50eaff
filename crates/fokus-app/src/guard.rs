//! The guard against rollback and forks: what stands outside the store remembers where its logs stood.
//!
//! An [anchor](Anchors) is the last checkpoint of each log, kept in another place than the store. A
//! [witness](Witness) is somebody else who cosigns each checkpoint that continues the one before. A log
//! that stands *behind* what they remember was rolled back, one that stands *beside* it is another history:
//! either raises an [`Alarm`], and no command is accepted from then on, since that would make the log's key
//! sign two histories. What is there is still read.
//!
//! Both follow the log at a bounded rate and never hold an answer up: what was acknowledged within the last
//! second or so before a rollback, they do not know yet. Read `anchor.rs`, then `asking.rs`.

mod anchor;
mod asking;

use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use fokus_core::rejection::{Reason, Rejection};
use fokus_log::Hash;
use fokus_log::note::{VerifierKey, unverified_checkpoint, with_signatures_of};
use fokus_store::{Head, Position, TenantId};
use tokio::sync::{Notify, watch};

use crate::failure::Failure;
use crate::journal::Journal;
use crate::tenants::Tenant;

pub use anchor::compare;

/// How long a bundle waits for witnesses to cosign the checkpoint that it is of.
const COSIGNED_IN: Duration = Duration::from_secs(5);

/// Keeps the last checkpoint of each log in another place than the store.
#[async_trait]
pub trait Anchors: Send + Sync + 'static {
    /// The tenants whose logs are anchored.
    async fn tenants(&self) -> io::Result<Vec<TenantId>>;

    /// The signed note of a tenant's log; `None` if it was never anchored.
    async fn read(&self, tenant: &TenantId) -> io::Result<Option<String>>;

    /// Keeps the note, durably. Several servers may do so: a smaller size never takes the place of a larger
    /// of the same log, and an earlier log never that of one that continues it
    /// ([`fokus_log::lineage::generation`]).
    async fn write(&self, tenant: &TenantId, note: &str) -> io::Result<()>;
}

/// Somebody else who remembers the last checkpoint of the log (C2SP tlog-witness).
#[async_trait]
pub trait Witness: Send + Sync + 'static {
    /// The key that cosigns.
    fn key(&self) -> &VerifierKey;

    /// Asks to cosign `note`, whose log continues, by `proof`, its state at `old_size`, which is the last
    /// that the witness is thought to know; 0 = none.
    async fn add_checkpoint(
        &self,
        old_size: u64,
        proof: &[Hash],
        note: &str,
    ) -> Result<Answer, Unasked>;
}

/// What a witness answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// Signature lines. They are not verified yet.
    Cosigned(String),
    /// It knows the log at another size, or, of the same size, another log.
    Conflict(Option<u64>),
    /// The proof does not hold: the log does not continue what the witness knows.
    Inconsistent,
}

/// The witness could not be asked, or did not say anything that it may.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Unasked(pub String);

/// What guards the logs; nothing by default.
#[derive(Clone, Default)]
pub struct Safeguards {
    pub anchors: Option<Arc<dyn Anchors>>,
    pub witnesses: Vec<Arc<dyn Witness>>,
}

impl fmt::Debug for Safeguards {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (anchored, witnesses) = (self.anchors.is_some(), self.witnesses.len());
        write!(f, "Safeguards(anchors: {anchored}, witnesses: {witnesses})")
    }
}

/// Why no command is accepted for a log.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Alarm {
    /// An older state of the store was restored, or events were cut off.
    #[error("the log stands at {size}, behind {known}, where {by} knows it: it was rolled back")]
    Behind { by: String, known: u64, size: u64 },
    /// History was rewritten, or this is the store of another log.
    #[error(
        "the log does not continue its state at {known} that {by} knows: it is another history"
    )]
    Beside { by: String, known: u64 },
    /// The log itself says that this server's key was retired: signing with it would undo that.
    #[error("the log's key was rotated, and this server has the one that was retired")]
    KeyRetired,
    /// The anchor is not of this log, or not signed by its key.
    #[error("what is anchored is of another log, or not signed by this log's key")]
    OtherLog,
    /// Nobody can say whether the log was rolled back. Ends by itself when the anchor can be read again.
    #[error("the anchor cannot be read")]
    Unread,
}

/// The alarms of all tenants.
pub type Alarms = BTreeMap<TenantId, Alarm>;

/// A checkpoint with what witnesses said of it.
#[derive(Debug, Clone)]
struct Cosigned {
    size: u64,
    root: Hash,
    note: String,
    /// Whether every witness cosigned it.
    whole: bool,
}

/// The guard of all logs of this server.
pub(crate) struct Guard {
    safeguards: Safeguards,
    alarms: watch::Sender<Alarms>,
    /// One for each tenant that is met: tenants are few.
    cosigned: Mutex<HashMap<TenantId, Cosigned>>,
    /// Wakes those who wait for `cosigned` to move.
    moved: Notify,
    /// Asks the witnesses now.
    wanted: Notify,
}

impl fmt::Debug for Guard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Guard({:?})", self.safeguards)
    }
}

impl Guard {
    /// A guard that has seen nothing yet.
    pub(crate) fn new(safeguards: Safeguards) -> Guard {
        let (alarms, _) = watch::channel(Alarms::new());
        Guard {
            safeguards,
            alarms,
            cosigned: Mutex::default(),
            moved: Notify::new(),
            wanted: Notify::new(),
        }
    }

    /// Refuses to write to a log that an alarm was raised for.
    ///
    /// # Errors
    ///
    /// `STORE_READ_ONLY`.
    pub(crate) fn check_writable(&self, tenant: &TenantId) -> Result<(), Rejection> {
        if !self.alarms.borrow().contains_key(tenant) {
            return Ok(());
        }
        let rule = "the store does not continue what is known of it elsewhere; it is only read until an \
                    operator has looked";
        Err(Rejection::new(Reason::StoreReadOnly, rule))
    }

    fn alarm(&self, tenant: &TenantId) -> Option<Alarm> {
        self.alarms.borrow().get(tenant).cloned()
    }

    /// Stops the writing. What was found stays until the server is started anew; only that nothing could be
    /// found gives way.
    pub(crate) fn raise(&self, tenant: &TenantId, alarm: Alarm) {
        self.alarms.send_if_modified(|alarms| {
            if alarms.get(tenant).is_some_and(|it| *it != Alarm::Unread || *it == alarm) {
                return false;
            }
            tracing::error!(%tenant, %alarm, "ALARM: the log is served read-only");
            alarms.insert(tenant.clone(), alarm);
            true
        });
    }

    /// Takes back that nothing could be found.
    fn calm(&self, tenant: &TenantId) {
        self.alarms.send_if_modified(|alarms| {
            let calmed = alarms.get(tenant) == Some(&Alarm::Unread);
            if calmed {
                tracing::warn!(%tenant, "the anchor can be read again; commands are accepted");
                alarms.remove(tenant);
            }
            calmed
        });
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<TenantId, Cosigned>> {
        // The map is whole between any two statements: a panic elsewhere does not spoil it.
        self.cosigned.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The note of a head with the cosignatures that there are of it.
    pub(crate) fn with_cosignatures(&self, tenant: &TenantId, head: &Head) -> String {
        let cosigned = self.lock();
        let of_head =
            cosigned.get(tenant).filter(|it| it.size == head.position.0 && it.root == head.root);
        of_head
            .and_then(|it| with_signatures_of(&head.checkpoint, &it.note).ok())
            .unwrap_or_else(|| head.checkpoint.clone())
    }

    /// The note to publish of a log that stands at `head`: where there are witnesses, the newest that they
    /// cosigned, so that whoever demands them is a moment behind instead of left out.
    pub(crate) fn published(&self, tenant: &TenantId, head: Head) -> String {
        let cosigned = self.lock();
        // Beyond the head it would be of a history that is gone: the tiles do not reach so far.
        let cosigned = cosigned.get(tenant).filter(|it| it.size <= head.position.0);
        cosigned.map_or(head.checkpoint, |it| it.note.clone())
    }

    /// A head for a bundle: cosigned by all witnesses, if they do so in a few seconds, and then perhaps a
    /// little further on; else as it is, with the cosignatures that there are.
    pub(crate) async fn head_for_bundle(&self, tenant: &TenantId, head: Head) -> Head {
        if self.safeguards.witnesses.is_empty() || self.alarm(tenant).is_some() {
            return head;
        }
        let reached = tokio::time::timeout(COSIGNED_IN, async {
            loop {
                let moved = self.moved.notified();
                let found = self.lock().get(tenant).cloned();
                if let Some(it) = found.filter(|it| it.whole && it.size >= head.position.0) {
                    return it;
                }
                self.wanted.notify_waiters();
                moved.await;
            }
        });
        match reached.await {
            Ok(it) => {
                Head { position: Position(it.size), root: it.root, checkpoint: it.note, ..head }
            }
            Err(_late) => Head { checkpoint: self.with_cosignatures(tenant, &head), ..head },
        }
    }

    /// Keeps a note that witnesses cosigned.
    fn keep(&self, tenant: &TenantId, note: String, whole: bool) {
        let Ok(signed) = unverified_checkpoint(&note) else { return };
        let cosigned = Cosigned { size: signed.size, root: signed.root, note, whole };
        self.lock().insert(tenant.clone(), cosigned);
        self.moved.notify_waiters();
    }
}

impl Journal {
    /// The alarms, and those to come.
    pub fn alarms(&self) -> watch::Receiver<Alarms> {
        self.shared.guard.alarms.subscribe()
    }

    /// Holds every log against its anchor, before anything is served; logs that are anchored and not in
    /// the store raise the alarm too. Gives the alarms.
    ///
    /// # Errors
    ///
    /// The store's own. Anchors that cannot be read are an alarm.
    pub async fn hold_against_anchors(&self) -> Result<Alarms, Failure> {
        let guard = &self.shared.guard;
        let stored = self.shared.ports.events.tenants().await?;
        for tenant in &stored {
            self.tenant(tenant).await?;
        }
        if let Some(anchors) = &guard.safeguards.anchors {
            for (tenant, alarm) in anchor::of_absent(anchors.as_ref(), &stored).await? {
                guard.raise(&tenant, alarm);
            }
        }
        Ok(guard.alarms.borrow().clone())
    }

    /// Starts what follows a tenant's log.
    pub(crate) fn follow(&self, tenant: &Arc<Tenant>) {
        let safeguards = &self.shared.guard.safeguards;
        if safeguards.anchors.is_some() {
            self.shared.tasks.spawn(anchor::follow(self.clone(), Arc::clone(tenant)));
        }
        if !safeguards.witnesses.is_empty() {
            self.shared.tasks.spawn(asking::follow(self.clone(), Arc::clone(tenant)));
        }
    }
}
