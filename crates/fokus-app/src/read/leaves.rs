//! The leaves as hashed, unopened: what a mirror of the log keeps.

use async_trait::async_trait;
use fokus_store::{Fault, Position, READ_LIMIT_MAX, Range};

use super::check_position;
use crate::failure::Failure;
use crate::journal::Journal;
use crate::read::Query;
use crate::session::Action;
use crate::tenants::Tenant;

/// The most bytes of leaves in one answer; one leaf always fits.
const ANSWER_BYTES_MAX: usize = 1024 * 1024;

/// Leaves of the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LeavesQuery {
    /// Position, exclusive.
    pub after: u64,
    /// Position, inclusive; 0 = the head.
    pub until: u64,
    /// 1 to 1000; more is read as that.
    pub limit: u32,
}

/// Leaves of the log, and where the answer stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeavesAnswer {
    /// At the positions that follow `after`.
    pub leaves: Vec<Vec<u8>>,
    /// The head of the log.
    pub head: u64,
}

#[async_trait]
impl Query for LeavesQuery {
    type Answer = LeavesAnswer;

    /// Leaves show less than the history does: who may have that may have them.
    const ACTION: Action = Action::ReadHistory;

    async fn answer(self, journal: &Journal, tenant: &Tenant) -> Result<Self::Answer, Failure> {
        let head = check_position(journal, tenant, self.after.max(self.until)).await?;
        let until = if self.until == 0 { head } else { self.until };
        let wanted = until.saturating_sub(self.after).min(u64::from(self.limit));
        let limit = u32::try_from(wanted).unwrap_or(READ_LIMIT_MAX).min(READ_LIMIT_MAX);
        let range = Range::Forward { after: Position(self.after), limit };
        let stored = journal.shared.ports.events.read_log(&tenant.id, range).await?;
        let (mut leaves, mut bytes) = (Vec::with_capacity(stored.len()), 0_usize);
        for event in stored {
            bytes = bytes.saturating_add(event.leaf.len());
            if bytes > ANSWER_BYTES_MAX && !leaves.is_empty() {
                break;
            }
            leaves.push(event.leaf);
        }
        if leaves.is_empty() && limit > 0 {
            return Err(
                Fault::Corrupt { what: "no leaf where the head says one is".to_owned() }.into()
            );
        }
        Ok(LeavesAnswer { leaves, head })
    }
}
