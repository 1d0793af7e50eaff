//! Reading the log: every method is one statement, so it sees one snapshot, and none sees an event
//! beyond the head that was published.

use async_trait::async_trait;
use fokus_store::memory::check_batch;
use fokus_store::{
    Append, Claim, CommandId, CommandPlace, EventStore, Fault, Head, LogInfo, Outcome, Position,
    READ_LIMIT_MAX, Range, Refused, Revision, StoredEvent, StreamHead, StreamId, StreamTag,
    TenantId,
};
use serde_json::json;

use super::write::StreamRow;
use crate::fault::fault;
use crate::pack::{Rows, array, int, uint, uint32};
use crate::store::SqliteStore;

/// Where a leaf says how many envelopes it has: after magic, kind, position, time, event id, stream
/// tag, version and previous position.
const ENVELOPE_COUNT_AT: usize = 4 + 1 + 8 + 8 + 16 + 16 + 8 + 8;

/// A leaf with one of its envelopes, or with none.
type EventRow = (i64, Vec<u8>, i64, Vec<u8>, Option<i64>, Option<Vec<u8>>);

/// One statement that reads events: which leaves, in which order.
macro_rules! events_sql {
    ($which:literal, $by:literal, $order:literal) => {
        concat!(
            "select l.position, l.stream_tag, l.revision, l.leaf, e.idx, e.body from (",
            "select position, stream_tag, revision, leaf from leaf ",
            "where tenant = ?1 and log = 'journal' and position <= ?2 and ",
            $which,
            " order by ",
            $by,
            " ",
            $order,
            " limit ?4) l left join envelope e on e.tenant = ?1 and e.log = 'journal' ",
            "and e.position = l.position order by l.position ",
            $order,
            ", e.idx"
        )
    };
}

const LOG_FORWARD: &str = events_sql!("position > ?3", "position", "asc");
const LOG_BACKWARD: &str = events_sql!("position < ?3", "position", "desc");
const STREAM_FORWARD: &str = events_sql!(
    "stream_tag = (select tag from stream where tenant = ?1 and kind = ?5 and id = ?6) \
     and revision > ?3",
    "revision",
    "asc"
);
const STREAM_BACKWARD: &str = events_sql!(
    "stream_tag = (select tag from stream where tenant = ?1 and kind = ?5 and id = ?6) \
     and revision < ?3",
    "revision",
    "desc"
);

/// The bound, limit and direction of a range, as parameters; `None` if nothing can be in it.
fn bounds<T>(range: Range<T>, number: impl Fn(T) -> u64) -> (i64, u32, bool) {
    // What is beyond 2^63 is beyond everything stored.
    let bound = |value: T| i64::try_from(number(value)).unwrap_or(i64::MAX);
    match range {
        Range::Forward { after, limit } => (bound(after), limit.min(READ_LIMIT_MAX), true),
        Range::Backward { before, limit } => {
            (before.map_or(i64::MAX, bound), limit.min(READ_LIMIT_MAX), false)
        }
    }
}

/// Puts the envelopes of each event together. Rows come event by event.
fn events(rows: Vec<EventRow>) -> Result<Vec<StoredEvent>, Fault> {
    let mut events: Vec<StoredEvent> = Vec::new();
    for (position, tag, revision, leaf, index, body) in rows {
        let position = Position(uint(position)?);
        if events.last().is_none_or(|event| event.position != position) {
            // What the leaf's bytes say is for those to judge who read the event.
            let count = leaf.get(ENVELOPE_COUNT_AT).copied().unwrap_or_default();
            events.push(StoredEvent {
                position,
                stream_tag: StreamTag(array(&tag)?),
                revision: Revision(uint(revision)?),
                leaf,
                envelopes: vec![None; usize::from(count)],
            });
        }
        let (Some(event), Some(index)) = (events.last_mut(), index) else { continue };
        let index = usize::try_from(uint(index)?).unwrap_or(usize::MAX);
        match event.envelopes.get_mut(index) {
            Some(place) => *place = body,
            None => event.envelopes.push(body),
        }
    }
    Ok(events)
}

#[async_trait]
impl EventStore for SqliteStore {
    async fn log(&self, tenant: &TenantId) -> Result<LogInfo, Fault> {
        let log = self.shared.journal.log(tenant)?;
        if log.is_stored() {
            return Ok(log.info.clone());
        }
        self.uncancelled(self.shared.journal.clone().make_log(tenant.clone())).await
    }

    async fn append(
        &self,
        tenant: &TenantId,
        appends: Vec<Append>,
        now_ms: u64,
    ) -> Result<Vec<Result<Outcome, Refused>>, Fault> {
        check_batch(&appends)?;
        let journal = self.shared.journal.clone();
        self.uncancelled(journal.append(tenant.clone(), appends, now_ms)).await
    }

    async fn head(&self, tenant: &TenantId) -> Result<Head, Fault> {
        Ok(self.shared.journal.log(tenant)?.head.borrow().clone())
    }

    async fn read_stream(
        &self,
        tenant: &TenantId,
        stream: &StreamId,
        range: Range<Revision>,
    ) -> Result<Vec<StoredEvent>, Fault> {
        let journal = &self.shared.journal;
        let (bound, limit, forward) = bounds(range, |revision| revision.0);
        let rows = sqlx::query_as(if forward { STREAM_FORWARD } else { STREAM_BACKWARD })
            .bind(tenant.as_str())
            .bind(int(journal.log(tenant)?.position().0)?)
            .bind(bound)
            .bind(limit)
            .bind(stream.kind.as_str())
            .bind(stream.id.as_bytes().as_slice())
            .fetch_all(&journal.files.readers)
            .await;
        events(rows.map_err(fault)?)
    }

    async fn read_log(
        &self,
        tenant: &TenantId,
        range: Range<Position>,
    ) -> Result<Vec<StoredEvent>, Fault> {
        let journal = &self.shared.journal;
        let (bound, limit, forward) = bounds(range, |position| position.0);
        let rows = sqlx::query_as(if forward { LOG_FORWARD } else { LOG_BACKWARD })
            .bind(tenant.as_str())
            .bind(int(journal.log(tenant)?.position().0)?)
            .bind(bound)
            .bind(limit)
            .fetch_all(&journal.files.readers)
            .await;
        events(rows.map_err(fault)?)
    }

    async fn stream_heads(
        &self,
        tenant: &TenantId,
        streams: &[StreamId],
    ) -> Result<Vec<Option<StreamHead>>, Fault> {
        let names: Rows = streams.iter().map(|it| json!([it.kind, hex::encode(it.id)])).collect();
        let rows: Vec<StreamRow> = sqlx::query_as(
            "select j.key as place, s.tag, s.kind, s.id, s.revision, s.last_position \
             from json_each(?2) j cross join stream s \
             on s.tenant = ?1 and s.kind = j.value ->> 0 and s.id = unhex(j.value ->> 1)",
        )
        .bind(tenant.as_str())
        .bind(names.json())
        .fetch_all(&self.shared.journal.files.readers)
        .await
        .map_err(fault)?;
        let heads = rows.into_iter().map(|row| {
            let (place, _, head) = row.read()?;
            Ok((place, head))
        });
        in_order(streams.len(), heads)
    }

    async fn streams_by_tag(
        &self,
        tenant: &TenantId,
        tags: &[StreamTag],
    ) -> Result<Vec<Option<StreamId>>, Fault> {
        let names: Rows = tags.iter().map(|tag| json!(hex::encode(tag.0))).collect();
        let rows: Vec<StreamRow> = sqlx::query_as(
            "select j.key as place, s.tag, s.kind, s.id, s.revision, s.last_position \
             from json_each(?2) j cross join stream s \
             on s.tenant = ?1 and s.tag = unhex(j.value)",
        )
        .bind(tenant.as_str())
        .bind(names.json())
        .fetch_all(&self.shared.journal.files.readers)
        .await
        .map_err(fault)?;
        let streams = rows.into_iter().map(|row| {
            let (place, stream, _) = row.read()?;
            Ok((place, stream))
        });
        in_order(tags.len(), streams)
    }

    async fn command(
        &self,
        tenant: &TenantId,
        command_id: CommandId,
    ) -> Result<Option<CommandPlace>, Fault> {
        let row: Option<(i64, i64)> = sqlx::query_as(
            "select first, count from command where tenant = ?1 and command_id = ?2",
        )
        .bind(tenant.as_str())
        .bind(command_id.0.as_bytes().as_slice())
        .fetch_optional(&self.shared.journal.files.readers)
        .await
        .map_err(fault)?;
        let place = row.map(|(first, count)| {
            Ok(CommandPlace { first: Position(uint(first)?), count: uint32(count)? })
        });
        place.transpose()
    }

    async fn claim(&self, tenant: &TenantId, claim: &Claim) -> Result<Option<StreamTag>, Fault> {
        let row: Option<Vec<u8>> = sqlx::query_scalar(
            "select stream from claimed_key where tenant = ?1 and kind = ?2 and tag = ?3",
        )
        .bind(tenant.as_str())
        .bind(claim.kind.as_str())
        .bind(claim.tag.as_slice())
        .fetch_optional(&self.shared.journal.files.readers)
        .await
        .map_err(fault)?;
        row.map(|tag| Ok(StreamTag(array(&tag)?))).transpose()
    }

    async fn wait_beyond(&self, tenant: &TenantId, after: Position) -> Result<Position, Fault> {
        self.shared.journal.wait_beyond(tenant, after).await
    }

    async fn tenants(&self) -> Result<Vec<TenantId>, Fault> {
        Ok(self.shared.journal.tenants())
    }
}

/// Answers by their place in the question; `None` where there is none.
pub(crate) fn in_order<T>(
    count: usize,
    found: impl Iterator<Item = Result<(i64, T), Fault>>,
) -> Result<Vec<Option<T>>, Fault> {
    let mut answers: Vec<Option<T>> = std::iter::repeat_with(|| None).take(count).collect();
    for answer in found {
        let (place, value) = answer?;
        let place = usize::try_from(place).unwrap_or(usize::MAX);
        if let Some(slot) = answers.get_mut(place) {
            *slot = Some(value);
        }
    }
    Ok(answers)
}

#[cfg(test)]
mod tests {
    use fokus_log::leaf::{EnvelopeRef, Leaf, LeafKind};

    use super::*;

    #[test]
    fn a_leaf_tells_how_many_envelopes_it_has() {
        let envelope = EnvelopeRef {
            key_ids: vec![[1; 16]],
            ct_hash: [2; 32],
            ct_len: 256,
            field_root: [3; 32],
        };
        let leaf = Leaf {
            kind: LeafKind::Event,
            position: 0,
            recorded_ms: 4,
            event_id: [5; 16],
            stream_tag: [6; 16],
            stream_version: 0,
            prev_in_stream: None,
            envelopes: vec![envelope; 7],
            ext: Vec::new(),
        };
        assert_eq!(leaf.encode().unwrap()[ENVELOPE_COUNT_AT], 7);
    }
}
