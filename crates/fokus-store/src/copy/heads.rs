//! Where streams stand at the place that a copy has reached: kept for those written lately, read from
//! the source for others.

use std::collections::HashMap;

use fokus_log::leaf::Leaf;

use super::{CopyError, damaged};
use crate::check::Problem;
use crate::ports::EventStore;
use crate::types::*;

/// The most heads of streams that a copy keeps in memory.
pub const HEADS_MAX: usize = 65_536;

/// Heads by how lately they were used: what is in neither half is read again.
#[derive(Default)]
pub(super) struct Heads {
    lately: HashMap<StreamTag, StreamHead>,
    earlier: HashMap<StreamTag, StreamHead>,
}

impl Heads {
    /// Where the streams of the next events stand before them.
    pub(super) async fn before(
        &self,
        source: &impl EventStore,
        tenant: &TenantId,
        events: &[StoredEvent],
    ) -> Result<HashMap<StreamTag, StreamHead>, CopyError> {
        let mut before: HashMap<StreamTag, StreamHead> = HashMap::new();
        let mut begun: HashMap<StreamTag, ()> = HashMap::new();
        for event in events {
            if begun.insert(event.stream_tag, ()).is_some() {
                continue;
            }
            let head = match self.kept(event.stream_tag) {
                Some(head) => Some(head),
                None => previous(source, tenant, event).await?,
            };
            before.extend(head.map(|head| (event.stream_tag, head)));
        }
        Ok(before)
    }

    fn kept(&self, tag: StreamTag) -> Option<StreamHead> {
        self.lately.get(&tag).or_else(|| self.earlier.get(&tag)).copied()
    }

    pub(super) fn keep(&mut self, heads: impl Iterator<Item = StreamHead>) {
        for head in heads {
            if self.lately.len() >= HEADS_MAX / 2 {
                self.earlier = std::mem::take(&mut self.lately);
            }
            self.lately.insert(head.tag, head);
        }
    }
}

/// Where the stream stood before the event, as the event's own link says; `None` if it links to
/// nothing. Whether it should is for the plan to judge.
async fn previous(
    source: &impl EventStore,
    tenant: &TenantId,
    event: &StoredEvent,
) -> Result<Option<StreamHead>, CopyError> {
    let leaf = Leaf::decode(&event.leaf)
        .map_err(|_| damaged(Some(event.position), Problem::LeafUnreadable))?;
    let Some(link) = leaf.prev_in_stream else { return Ok(None) };
    // A link counts from 0: as a position, it is that of the event before.
    let range = Range::Forward { after: Position(link), limit: 1 };
    let linked = source.read_log(tenant, range).await.map_err(CopyError::Source)?;
    match linked.first() {
        Some(linked)
            if linked.stream_tag == event.stream_tag && linked.position < event.position =>
        {
            let StoredEvent { stream_tag: tag, revision, position: last, .. } = *linked;
            Ok(Some(StreamHead { tag, revision, last }))
        }
        _ => Err(damaged(Some(event.position), Problem::PreviousLink)),
    }
}
