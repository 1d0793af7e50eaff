//! The history as recorded, and the log's signed note.

use async_trait::async_trait;
use fokus_core::record::HistoryEvent;
use fokus_core::rejection::{Reason, Rejection};
use fokus_log::note::vkey;
use fokus_store::{Fault, Position, Range, Revision, StoredEvent};

use super::check_position;
use super::paging::page_size;
use crate::execute::store_id;
use crate::failure::Failure;
use crate::journal::Journal;
use crate::query::{CheckpointAnswer, CheckpointQuery, HistoryAnswer, HistoryQuery};
use crate::read::Query;
use crate::session::Action;
use crate::tenants::Tenant;

/// How many events are read and opened at once: as many first, and at most so many when those before
/// were small.
const READ_FIRST: u32 = 50;
const READ_AT_ONCE: u32 = 500;
/// The most bytes of leaves and opened fields in one answer; one event always fits.
const ANSWER_BYTES_MAX: usize = 1024 * 1024;

#[async_trait]
impl Query for HistoryQuery {
    type Answer = HistoryAnswer;

    const ACTION: Action = Action::ReadHistory;

    async fn answer(self, journal: &Journal, tenant: &Tenant) -> Result<Self::Answer, Failure> {
        let mut left = page_size(self.limit)?;
        self.check(journal, tenant).await?;
        let (mut shown, mut bytes, mut through) = (Vec::new(), 0, self.after);
        let mut whole = false;
        'reading: while left > 0 {
            let limit = left.min(read_next(shown.len(), bytes));
            let stored = self.next(journal, tenant, through, limit).await?;
            for it in tenant.opener.history(&stored).await? {
                bytes += bytes_of(&it);
                if bytes > ANSWER_BYTES_MAX && !shown.is_empty() {
                    break 'reading;
                }
                through = if self.stream.is_some() { it.revision } else { it.position };
                shown.push(it);
            }
            // Control leaves at the end are passed over, but read.
            through = stored.last().map_or(through, |it| self.place(it));
            let read = u32::try_from(stored.len()).unwrap_or(limit);
            whole = read < limit;
            left = if whole { 0 } else { left - limit };
        }
        let head = journal.shared.ports.events.head(&tenant.id).await?.position.0;
        Ok(HistoryAnswer { events: shown, head, through, whole })
    }
}

impl HistoryQuery {
    /// Refuses a stream that is not there, and a place beyond the head.
    async fn check(&self, journal: &Journal, tenant: &Tenant) -> Result<(), Failure> {
        let Some(stream) = self.stream else {
            return check_position(journal, tenant, self.after).await.map(drop);
        };
        let events = &journal.shared.ports.events;
        let heads = events.stream_heads(&tenant.id, &[store_id(stream)]).await?;
        let head =
            heads.into_iter().flatten().next().ok_or_else(|| {
                Rejection::new(Reason::UnknownId, "no such stream").at("stream.id")
            })?;
        if self.after > head.revision.0 {
            let rule = "the revision lies beyond the head of the stream";
            return Err(Rejection::new(Reason::BeyondHead, rule).into());
        }
        Ok(())
    }

    /// At most `limit` events after `after`, a place as in the query.
    async fn next(
        &self,
        journal: &Journal,
        tenant: &Tenant,
        after: u64,
        limit: u32,
    ) -> Result<Vec<StoredEvent>, Fault> {
        let events = &journal.shared.ports.events;
        match self.stream {
            Some(stream) => {
                let range = Range::Forward { after: Revision(after), limit };
                events.read_stream(&tenant.id, &store_id(stream), range).await
            }
            None => {
                let range = Range::Forward { after: Position(after), limit };
                events.read_log(&tenant.id, range).await
            }
        }
    }

    fn place(&self, event: &StoredEvent) -> u64 {
        if self.stream.is_some() { event.revision.0 } else { event.position.0 }
    }
}

/// How many events to read next, where so many came with so many bytes: about as many as still fit.
fn read_next(shown: usize, bytes: usize) -> u32 {
    let Some(each) = bytes.checked_div(shown) else { return READ_FIRST };
    let fit = ANSWER_BYTES_MAX.saturating_sub(bytes) / each.max(1);
    u32::try_from(fit).unwrap_or(u32::MAX).clamp(READ_FIRST, READ_AT_ONCE)
}

/// What an event weighs in an answer.
fn bytes_of(event: &HistoryEvent) -> usize {
    let field = |name: &str, json: Option<&String>| name.len() + json.map_or(0, String::len);
    let fields = event.fields.iter().map(|it| field(&it.name, it.json.as_ref()));
    event.leaf.len() + fields.sum::<usize>()
}

#[async_trait]
impl Query for CheckpointQuery {
    type Answer = CheckpointAnswer;

    const ACTION: Action = Action::ReadCheckpoint;

    async fn answer(self, journal: &Journal, tenant: &Tenant) -> Result<Self::Answer, Failure> {
        let head = journal.shared.ports.events.head(&tenant.id).await?;
        let verifier_key = vkey(&tenant.info.origin, &tenant.info.public_key);
        let note = journal.shared.guard.with_cosignatures(&tenant.id, &head);
        Ok(CheckpointAnswer { note, verifier_key })
    }
}
