//! What an answer is when it is not the one asked for: a rejection, or a fault.

use fokus_core::rejection::{Reason, Rejection};
use fokus_store::Fault;

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// An answer of its own, for the client.
    #[error("{0}")]
    Rejected(Box<Rejection>),
    /// Broken machinery; the cause is for the log, not for the client.
    #[error("{0}")]
    Fault(#[from] Fault),
}

impl From<Rejection> for Failure {
    fn from(it: Rejection) -> Self {
        Failure::Rejected(Box::new(it))
    }
}

impl Failure {
    /// What a client is told, whichever it is. A fault's cause is not in it.
    pub fn rejection(&self) -> Rejection {
        match self {
            Failure::Rejected(it) => (**it).clone(),
            Failure::Fault(Fault::Unavailable(_)) => {
                Rejection::new(Reason::StoreUnavailable, "the store does not answer; repeat safely")
            }
            Failure::Fault(Fault::Full(_)) => {
                Rejection::new(Reason::StoreFull, "the store is full")
            }
            Failure::Fault(Fault::Conflict) => Rejection::new(Reason::Busy, "others kept winning"),
            Failure::Fault(Fault::Corrupt { .. }) => {
                Rejection::new(Reason::Corrupt, "what is stored contradicts itself")
            }
        }
    }
}
