//! Where the log stood at an instant, for those who ask what changed since. Times never fall within a log,
//! so the place is found by halving; leaves say when they were recorded, and nothing is opened.

use async_trait::async_trait;
use fokus_log::leaf::Leaf;
use fokus_store::{Fault, Position, Range};

use crate::failure::Failure;
use crate::journal::Journal;
use crate::read::Query;
use crate::session::Action;
use crate::tenants::Tenant;

/// Where the log stood at an instant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MomentQuery {
    /// Unix milliseconds.
    pub at_ms: u64,
}

#[async_trait]
impl Query for MomentQuery {
    /// The position of the last event recorded until then; 0 = none was.
    type Answer = u64;

    const ACTION: Action = Action::ReadCheckpoint;

    async fn answer(self, journal: &Journal, tenant: &Tenant) -> Result<Self::Answer, Failure> {
        let events = &journal.shared.ports.events;
        let (mut known, mut beyond) = (0, events.head(&tenant.id).await?.position.0 + 1);
        while known + 1 < beyond {
            let middle = known.midpoint(beyond);
            let range = Range::Forward { after: Position(middle - 1), limit: 1 };
            let stored = events.read_log(&tenant.id, range).await?.into_iter().next();
            let corrupt = |what: &str| Fault::Corrupt { what: what.to_owned() };
            let stored = stored.ok_or_else(|| corrupt("no leaf below the head"))?;
            let leaf = Leaf::decode(&stored.leaf).map_err(|_| corrupt("a leaf is not readable"))?;
            if leaf.recorded_ms <= self.at_ms {
                known = middle;
            } else {
                beyond = middle;
            }
        }
        Ok(known)
    }
}
