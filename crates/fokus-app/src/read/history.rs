//! The history as recorded, and the log's signed note.

use async_trait::async_trait;
use fokus_core::rejection::{Reason, Rejection};
use fokus_log::note::vkey;
use fokus_store::{Position, Range, Revision};

use super::check_position;
use super::paging::page_size;
use crate::execute::store_id;
use crate::failure::Failure;
use crate::journal::Journal;
use crate::query::{CheckpointAnswer, CheckpointQuery, HistoryAnswer, HistoryQuery};
use crate::read::Query;
use crate::session::Action;
use crate::tenants::Tenant;

#[async_trait]
impl Query for HistoryQuery {
    type Answer = HistoryAnswer;

    const ACTION: Action = Action::ReadHistory;

    async fn answer(self, journal: &Journal, tenant: &Tenant) -> Result<Self::Answer, Failure> {
        let (events, limit) = (&journal.shared.ports.events, page_size(self.limit)?);
        let (stored, through, head) = match self.stream {
            None => {
                let head = check_position(journal, tenant, self.after).await?;
                let range = Range::Forward { after: Position(self.after), limit };
                let stored = events.read_log(&tenant.id, range).await?;
                let through = stored.last().map_or(self.after, |it| it.position.0);
                (stored, through, head.max(through))
            }
            Some(stream) => {
                let id = store_id(stream);
                let heads = events.stream_heads(&tenant.id, std::slice::from_ref(&id)).await?;
                let head = heads.into_iter().flatten().next().ok_or_else(|| {
                    Rejection::new(Reason::UnknownId, "no such stream").at("stream.id")
                })?;
                if self.after > head.revision.0 {
                    let rule = "the revision lies beyond the head of the stream";
                    return Err(Rejection::new(Reason::BeyondHead, rule).into());
                }
                let range = Range::Forward { after: Revision(self.after), limit };
                let stored = events.read_stream(&tenant.id, &id, range).await?;
                let through = stored.last().map_or(self.after, |it| it.revision.0);
                let head = events.head(&tenant.id).await?.position.0;
                (stored, through, head)
            }
        };
        let events = tenant.opener.history(&stored).await?;
        Ok(HistoryAnswer { events, head, through })
    }
}

#[async_trait]
impl Query for CheckpointQuery {
    type Answer = CheckpointAnswer;

    const ACTION: Action = Action::ReadCheckpoint;

    async fn answer(self, journal: &Journal, tenant: &Tenant) -> Result<Self::Answer, Failure> {
        let head = journal.shared.ports.events.head(&tenant.id).await?;
        let verifier_key = vkey(&tenant.info.origin, &tenant.info.public_key);
        Ok(CheckpointAnswer { note: head.checkpoint, verifier_key })
    }
}
