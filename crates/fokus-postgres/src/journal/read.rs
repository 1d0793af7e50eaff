//! Reading the log: every method is one statement, so it sees one snapshot. Positions are given under a
//! lock that is held until the commit, so what a snapshot shows of a log is always its beginning, whole.

use std::sync::Arc;

use async_trait::async_trait;
use fokus_log::Hash;
use fokus_log::tile::Tile;
use fokus_store::memory::check_batch;
use fokus_store::plan::{signed_head, vouching_note};
use fokus_store::{
    Append, Claim, CommandId, CommandPlace, EventStore, Fault, Head, LogInfo, Outcome, Position,
    READ_LIMIT_MAX, Range, Refused, Revision, StoredEvent, StreamHead, StreamId, StreamTag,
    TenantId,
};
use uuid::Uuid;

use crate::fault::corrupt;
use crate::row::{array, in_order, int, uint, uint32};
use crate::sessions::fetch;
use crate::store::PostgresStore;

/// Where a leaf says how many envelopes it has: after magic, kind, position, time, event id, stream
/// tag, version and previous position.
const ENVELOPE_COUNT_AT: usize = 4 + 1 + 8 + 8 + 16 + 16 + 8 + 8;

/// An event: position, tag, revision, leaf, and the indexes and bodies of its envelopes.
type EventRow = (i64, Vec<u8>, i64, Vec<u8>, Vec<i16>, Vec<Vec<u8>>);

/// One statement that reads events: which leaves, in which order. (`offset 0` in other statements: see
/// `look_up` in the migration.)
macro_rules! events_sql {
    ($which:literal, $by:literal, $order:literal) => {
        concat!(
            "select l.position, l.stream_tag, l.revision, l.leaf, e.indexes, e.bodies from (",
            "select position, stream_tag, revision, leaf from journal.leaf ",
            "where tenant = $1 and log = 'journal' and position <= ",
            "(select size from journal.log where tenant = $1 and log = 'journal') and ",
            $which,
            " order by ",
            $by,
            " ",
            $order,
            " limit $3) l cross join lateral (",
            "select coalesce(array_agg(idx order by idx), '{}') as indexes, ",
            "coalesce(array_agg(body order by idx), '{}') as bodies from journal.envelope e ",
            "where e.tenant = $1 and e.log = 'journal' and e.position = l.position) e ",
            "order by l.position ",
            $order
        )
    };
}

const LOG_FORWARD: &str = events_sql!("position > $2", "position", "asc");
const LOG_BACKWARD: &str = events_sql!("position < $2", "position", "desc");
const STREAM_FORWARD: &str = events_sql!(
    "stream_tag = (select tag from journal.stream where tenant = $1 and kind = $4 and id = $5) \
     and revision > $2",
    "revision",
    "asc"
);
const STREAM_BACKWARD: &str = events_sql!(
    "stream_tag = (select tag from journal.stream where tenant = $1 and kind = $4 and id = $5) \
     and revision < $2",
    "revision",
    "desc"
);

/// The bound, limit and direction of a range, as parameters.
fn bounds<T>(range: Range<T>, number: impl Fn(T) -> u64) -> (i64, i64, bool) {
    // What is beyond 2^63 is beyond everything stored.
    let bound = |value: T| i64::try_from(number(value)).unwrap_or(i64::MAX);
    match range {
        Range::Forward { after, limit } => (bound(after), limit.min(READ_LIMIT_MAX).into(), true),
        Range::Backward { before, limit } => {
            (before.map_or(i64::MAX, bound), limit.min(READ_LIMIT_MAX).into(), false)
        }
    }
}

fn event((position, tag, revision, leaf, indexes, bodies): EventRow) -> Result<StoredEvent, Fault> {
    // What the leaf's bytes say is for those to judge who read the event.
    let count = leaf.get(ENVELOPE_COUNT_AT).copied().unwrap_or_default();
    let mut envelopes: Vec<Option<Vec<u8>>> = vec![None; usize::from(count)];
    for (index, body) in indexes.into_iter().zip(bodies) {
        match envelopes.get_mut(usize::try_from(index).unwrap_or(usize::MAX)) {
            Some(place) => *place = Some(body),
            None => envelopes.push(Some(body)),
        }
    }
    Ok(StoredEvent {
        position: Position(uint(position)?),
        stream_tag: StreamTag(array(&tag)?),
        revision: Revision(uint(revision)?),
        leaf,
        envelopes,
    })
}

/// A row of the table `stream`, after its place in the question: tag, kind, id, revision, last position.
pub(super) type StreamRow = (i64, Vec<u8>, String, Vec<u8>, i64, i64);

/// Place, stream and head.
pub(super) fn stream(
    (place, tag, kind, id, revision, last): StreamRow,
) -> Result<(i64, StreamId, StreamHead), Fault> {
    let stream = StreamId { kind, id: Uuid::from_bytes(array(&id)?) };
    let head = StreamHead {
        tag: StreamTag(array(&tag)?),
        revision: Revision(uint(revision)?),
        last: Position(uint(last)?),
    };
    Ok((place, stream, head))
}

/// Where a log stands, as its row says.
type HeadRow = (i64, Vec<u8>, i64, String);

#[async_trait]
impl EventStore for PostgresStore {
    async fn log(&self, tenant: &TenantId) -> Result<LogInfo, Fault> {
        let log = self.shared.journal.log(tenant)?;
        let there: Option<i32> = fetch!(self.shared.journal.readers, connection =>
            sqlx::query_scalar(
                "select 1 from journal.log where tenant = $1 and log = 'journal'"
            ).bind(tenant.as_str()).fetch_optional(connection));
        if there.is_none() {
            let (journal, tenant) = (Arc::clone(&self.shared.journal), tenant.clone());
            self.uncancelled(async move { journal.make_log(&tenant, false).await }).await?;
        }
        Ok(log.info.clone())
    }

    async fn append(
        &self,
        tenant: &TenantId,
        appends: Vec<Append>,
        now_ms: u64,
    ) -> Result<Vec<Result<Outcome, Refused>>, Fault> {
        check_batch(&appends)?;
        if appends.is_empty() {
            return Ok(Vec::new());
        }
        let journal = Arc::clone(&self.shared.journal);
        self.uncancelled(journal.append(tenant.clone(), appends, now_ms)).await
    }

    async fn head(&self, tenant: &TenantId) -> Result<Head, Fault> {
        let log = self.shared.journal.log(tenant)?;
        let row: Option<HeadRow> = fetch!(self.shared.journal.readers, connection =>
            sqlx::query_as(
                "select size, root, last_ms, note from journal.log \
                 where tenant = $1 and log = 'journal'"
            ).bind(tenant.as_str()).fetch_optional(connection));
        let Some((size, root, last_ms, checkpoint)) = row else {
            return signed_head(&log.info.origin, &fokus_log::edge::Edge::new(), 0, &log.signer);
        };
        let position = Position(uint(size)?);
        log.has_grown(position);
        Ok(Head { position, root: array(&root)?, last_ms: uint(last_ms)?, checkpoint })
    }

    async fn read_stream(
        &self,
        tenant: &TenantId,
        stream: &StreamId,
        range: Range<Revision>,
    ) -> Result<Vec<StoredEvent>, Fault> {
        let (bound, limit, forward) = bounds(range, |revision| revision.0);
        let rows: Vec<EventRow> = fetch!(self.shared.journal.readers, connection =>
            sqlx::query_as(if forward { STREAM_FORWARD } else { STREAM_BACKWARD })
                .bind(tenant.as_str())
                .bind(bound)
                .bind(limit)
                .bind(stream.kind.as_str())
                .bind(stream.id.as_bytes().as_slice())
                .fetch_all(connection));
        let events: Vec<StoredEvent> = rows.into_iter().map(event).collect::<Result<_, _>>()?;
        let is_end = forward && i64::try_from(events.len()).is_ok_and(|it| it < limit);
        if is_end && let Some(StoredEvent { position, stream_tag, revision, .. }) = events.last() {
            let head = StreamHead { tag: *stream_tag, revision: *revision, last: *position };
            self.shared.journal.log(tenant)?.has_seen(stream, head);
        }
        Ok(events)
    }

    async fn read_log(
        &self,
        tenant: &TenantId,
        range: Range<Position>,
    ) -> Result<Vec<StoredEvent>, Fault> {
        let (bound, limit, forward) = bounds(range, |position| position.0);
        let rows: Vec<EventRow> = fetch!(self.shared.journal.readers, connection =>
            sqlx::query_as(if forward { LOG_FORWARD } else { LOG_BACKWARD })
                .bind(tenant.as_str())
                .bind(bound)
                .bind(limit)
                .fetch_all(connection));
        rows.into_iter().map(event).collect()
    }

    async fn stream_heads(
        &self,
        tenant: &TenantId,
        streams: &[StreamId],
    ) -> Result<Vec<Option<StreamHead>>, Fault> {
        let kinds: Vec<&str> = streams.iter().map(|it| it.kind.as_str()).collect();
        let ids: Vec<&[u8]> = streams.iter().map(|it| it.id.as_bytes().as_slice()).collect();
        let rows: Vec<StreamRow> = fetch!(self.shared.journal.readers, connection =>
            sqlx::query_as(
                "select n.at, s.tag, s.kind, s.id, s.revision, s.last_position \
                 from unnest($2, $3) with ordinality as n (kind, id, at) cross join lateral (\
                 select * from journal.stream i \
                 where i.tenant = $1 and i.kind = n.kind and i.id = n.id offset 0) s"
            )
            .bind(tenant.as_str())
            .bind(&kinds)
            .bind(&ids)
            .fetch_all(connection));
        let heads = rows.into_iter().map(|row| self::stream(row).map(|(at, _, head)| (at, head)));
        in_order(streams.len(), heads)
    }

    async fn streams_by_tag(
        &self,
        tenant: &TenantId,
        tags: &[StreamTag],
    ) -> Result<Vec<Option<StreamId>>, Fault> {
        let names: Vec<&[u8]> = tags.iter().map(|tag| tag.0.as_slice()).collect();
        let rows: Vec<StreamRow> = fetch!(self.shared.journal.readers, connection =>
            sqlx::query_as(
                "select n.at, s.tag, s.kind, s.id, s.revision, s.last_position \
                 from unnest($2) with ordinality as n (tag, at) cross join lateral (\
                 select * from journal.stream i where i.tenant = $1 and i.tag = n.tag offset 0) s"
            )
            .bind(tenant.as_str())
            .bind(&names)
            .fetch_all(connection));
        let streams = rows.into_iter().map(|row| self::stream(row).map(|(at, id, _)| (at, id)));
        in_order(tags.len(), streams)
    }

    async fn command(
        &self,
        tenant: &TenantId,
        command_id: CommandId,
    ) -> Result<Option<CommandPlace>, Fault> {
        let row: Option<(i64, i32)> = fetch!(self.shared.journal.readers, connection =>
            sqlx::query_as(
                "select first, count from journal.command where tenant = $1 and command_id = $2"
            )
            .bind(tenant.as_str())
            .bind(command_id.0.as_bytes().as_slice())
            .fetch_optional(connection));
        let place = row.map(|(first, count)| {
            let count = uint32(i64::from(count))?;
            Ok(CommandPlace { first: Position(uint(first)?), count })
        });
        place.transpose()
    }

    async fn claim(&self, tenant: &TenantId, claim: &Claim) -> Result<Option<StreamTag>, Fault> {
        let row: Option<Vec<u8>> = fetch!(self.shared.journal.readers, connection =>
            sqlx::query_scalar(
                "select stream from journal.claimed_key \
                 where tenant = $1 and kind = $2 and tag = $3"
            )
            .bind(tenant.as_str())
            .bind(claim.kind.as_str())
            .bind(claim.tag.as_slice())
            .fetch_optional(connection));
        row.map(|tag| Ok(StreamTag(array(&tag)?))).transpose()
    }

    async fn tile(&self, tenant: &TenantId, level: u8, n: u64) -> Result<Option<Tile>, Fault> {
        let number = int(n)?;
        let hashes: Option<Vec<u8>> = fetch!(self.shared.journal.readers, connection =>
            sqlx::query_scalar(
                "select hashes from journal.tile \
                 where tenant = $1 and log = 'journal' and level = $2 and n = $3"
            )
            .bind(tenant.as_str())
            .bind(i16::from(level))
            .bind(number)
            .fetch_optional(connection));
        let tile = hashes.map(|hashes| Tile::from_bytes(level, n, &hashes));
        tile.transpose().map_err(|_| corrupt("a tile of another length than tiles have"))
    }

    async fn vouch(&self, tenant: &TenantId, list_hash: &Hash) -> Result<String, Fault> {
        let log = self.shared.journal.log(tenant)?;
        vouching_note(&log.info.origin, list_hash, &log.signer)
    }

    async fn rotation(&self, tenant: &TenantId) -> Result<Option<String>, Fault> {
        let log = self.shared.journal.log(tenant)?;
        log.signer.rotation(&log.info.origin)
    }

    async fn wait_beyond(&self, tenant: &TenantId, after: Position) -> Result<Position, Fault> {
        let log = self.shared.journal.log(tenant)?;
        self.shared.journal.waiting.beyond(&log, after).await
    }

    async fn tenants(&self) -> Result<Vec<TenantId>, Fault> {
        let names: Vec<String> = fetch!(self.shared.journal.readers, connection =>
            sqlx::query_scalar("select tenant from journal.log where log = 'journal' order by tenant")
                .fetch_all(connection));
        let tenants = names.iter().map(|name| TenantId::parse(name));
        tenants.collect::<Result<_, _>>().map_err(|_| corrupt("a tenant's name"))
    }
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
