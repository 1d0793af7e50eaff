//! Reading the log. None of it shows an event beyond the head that was published.
//!
//! The log is read with two cursors, one over leaves and one over envelopes. A
//! stream is read along the links in its leaves, from where it stands or from a mark above.

use async_trait::async_trait;
use fokus_log::Hash;
use fokus_log::tile::Tile;
use fokus_store::memory::check_batch;
use fokus_store::plan::vouching_note;
use fokus_store::{
    Append, Claim, CommandId, CommandPlace, EventStore, Fault, Head, LogInfo, Outcome, Position,
    READ_LIMIT_MAX, Range, Refused, Revision, StoredEvent, StreamHead, StreamId, StreamTag,
    TenantId,
};
use rusqlite::{Connection, OptionalExtension as _, params};

use super::{Log, find};
use crate::fault::{Stop, corrupt, fault};
use crate::number::{int, last_place, place, position_of, uint};
use crate::store::SqliteStore;

/// Where a leaf names its stream: after magic, kind, position, time and event id.
const STREAM_TAG_AT: usize = 4 + 1 + 8 + 8 + 16;
/// Where it says its version in the stream, which counts from 0.
const VERSION_AT: usize = STREAM_TAG_AT + 16;
/// Where it names the stream's leaf before, counted from 0.
const PREVIOUS_AT: usize = VERSION_AT + 8;
/// Where it says how many envelopes it has.
const ENVELOPE_COUNT_AT: usize = PREVIOUS_AT + 8;

/// Events that are read where they are asked for. More are read on a thread of their own.
const HERE_MAX: u32 = 16;

/// Bytes of a leaf; of one that is cut short, zeros. What the bytes say is for those to judge who
/// read the event.
fn field<const N: usize>(leaf: &[u8], at: usize) -> [u8; N] {
    leaf.get(at..).and_then(<[u8]>::first_chunk).copied().unwrap_or([0; N])
}

/// An event without its envelopes.
pub(crate) fn event(position: Position, leaf: &[u8]) -> StoredEvent {
    let version = u64::from_be_bytes(field(leaf, VERSION_AT));
    let [count] = field(leaf, ENVELOPE_COUNT_AT);
    StoredEvent {
        position,
        stream_tag: StreamTag(field(leaf, STREAM_TAG_AT)),
        revision: Revision(version.saturating_add(1)),
        leaf: leaf.to_vec(),
        envelopes: vec![None; usize::from(count)],
    }
}

fn add_envelope(event: &mut StoredEvent, index: usize, body: &[u8]) {
    match event.envelopes.get_mut(index) {
        Some(place) => *place = Some(body.to_vec()),
        None => event.envelopes.push(Some(body.to_vec())),
    }
}

/// First and last number of a range, of numbers 1 to `last`, and whether it goes forward; `None` if
/// nothing can be in it.
fn bounds<T>(range: Range<T>, last: u64, number: impl Fn(T) -> u64) -> Option<(u64, u64, bool)> {
    let (low, high, forward) = match range {
        Range::Forward { after, limit } => {
            let after = number(after).min(last);
            let limit = u64::from(limit.min(READ_LIMIT_MAX));
            (after.saturating_add(1), after.saturating_add(limit).min(last), true)
        }
        Range::Backward { before, limit } => {
            let before = before.map_or(u64::MAX, number).min(last.saturating_add(1));
            let limit = u64::from(limit.min(READ_LIMIT_MAX));
            (before.saturating_sub(limit).max(1), before.saturating_sub(1), false)
        }
    };
    (low <= high).then_some((low, high, forward))
}

const LEAVES: [&str; 2] = [
    "select place, leaf from leaf where place between ?1 and ?2 order by place desc",
    "select place, leaf from leaf where place between ?1 and ?2 order by place",
];
const ENVELOPES: [&str; 2] = [
    "select place, body from envelope where place between ?1 and ?2 order by place desc",
    "select place, body from envelope where place between ?1 and ?2 order by place",
];

/// The events of the log from position `low` to `high`.
fn read_range(
    connection: &Connection,
    number: i64,
    (low, high, forward): (u64, u64, bool),
) -> Result<Vec<StoredEvent>, Stop> {
    let [backward_leaves, forward_leaves] = LEAVES;
    let [backward_envelopes, forward_envelopes] = ENVELOPES;
    let mut leaves =
        connection.prepare_cached(if forward { forward_leaves } else { backward_leaves })?;
    let mut envelopes =
        connection.prepare_cached(if forward { forward_envelopes } else { backward_envelopes })?;
    let bounds = [place(number, low)?, last_place(number, high)?];
    let (mut leaves, mut envelopes) = (leaves.query(bounds)?, envelopes.query(bounds)?);
    let count = usize::try_from(high.saturating_sub(low)).unwrap_or_default().saturating_add(1);
    let mut events = Vec::with_capacity(count);
    let mut leaf = leaves.next()?;
    let mut envelope = envelopes.next()?;
    while let Some(row) = leaf {
        let (position, index) = position_of(row.get(0)?);
        if index != 0 {
            return Err(corrupt("a leaf stands where an envelope would").into());
        }
        let mut read = event(Position(position), blob(row, 1)?);
        while let Some(row) = envelope {
            let (of, index) = position_of(row.get(0)?);
            if of == position {
                add_envelope(&mut read, index, blob(row, 1)?);
            } else if (of > position) == forward {
                break;
            }
            envelope = envelopes.next()?;
        }
        events.push(read);
        leaf = leaves.next()?;
    }
    Ok(events)
}

/// The bytes of a column, without copying them.
fn blob<'a>(row: &'a rusqlite::Row<'_>, column: usize) -> Result<&'a [u8], Stop> {
    let bytes = row.get_ref(column)?.as_blob();
    bytes.map_err(|_| corrupt("a value of another type than its column has").into())
}

/// Reads the events of one stream along the links of its leaves.
fn read_along(
    connection: &Connection,
    number: i64,
    head: StreamHead,
    (low, high, forward): (u64, u64, bool),
) -> Result<Vec<StoredEvent>, Stop> {
    let broken = || corrupt("the links of a stream's events do not lead to where it began");
    let mut at = start(connection, number, head, high)?;
    let mut leaves = connection.prepare_cached("select leaf from leaf where place = ?1")?;
    let mut envelopes = connection.prepare_cached(ENVELOPES.last().copied().unwrap_or_default())?;
    let mut events = Vec::new();
    while at.revision.0 >= low {
        let key = place(number, at.last.0)?;
        let mut rows = leaves.query([key])?;
        let Some(row) = rows.next()? else { return Err(broken().into()) };
        let leaf = blob(row, 0)?;
        let mut read = event(at.last, leaf);
        if (read.stream_tag, read.revision) != (at.tag, at.revision) {
            return Err(broken().into());
        }
        // The link counts from 0: it is the position before.
        let previous = u64::from_be_bytes(field(leaf, PREVIOUS_AT)).wrapping_add(1);
        if at.revision.0 <= high {
            let mut rows = envelopes.query([key, last_place(number, at.last.0)?])?;
            while let Some(row) = rows.next()? {
                let (_, index) = position_of(row.get(0)?);
                add_envelope(&mut read, index, blob(row, 1)?);
            }
            events.push(read);
        }
        if at.revision.0 <= 1 {
            break;
        }
        at = StreamHead {
            revision: Revision(at.revision.0.saturating_sub(1)),
            last: Position(previous),
            ..at
        };
    }
    if forward {
        events.reverse();
    }
    Ok(events)
}

/// The event of the stream, at revision `high` or little above, that can be found without its links.
fn start(
    connection: &Connection,
    number: i64,
    head: StreamHead,
    high: u64,
) -> Result<StreamHead, Stop> {
    let sql = "select revision, position from stream_mark \
               where log = ?1 and tag = ?2 and revision >= ?3 order by revision limit 1";
    let mark: Option<(i64, i64)> = connection
        .prepare_cached(sql)?
        .query_row(params![number, head.tag.0, int(high)?], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    let Some((revision, position)) = mark else { return Ok(head) };
    let (revision, last) = (Revision(uint(revision)?), Position(uint(position)?));
    // A mark that was committed just now may be beyond what was published.
    if revision > head.revision {
        return Ok(head);
    }
    Ok(StreamHead { revision, last, ..head })
}

fn read_stream(
    connection: &Connection,
    log: &Log,
    stream: &StreamId,
    range: Range<Revision>,
) -> Result<Vec<StoredEvent>, Fault> {
    let (Some(number), Some(head)) = (log.number(), find::stream(connection, log, stream)?) else {
        return Ok(Vec::new());
    };
    let Some(bounds) = bounds(range, head.revision.0, |revision| revision.0) else {
        return Ok(Vec::new());
    };
    Ok(read_along(connection, number, head, bounds)?)
}

fn limit<T>(range: &Range<T>) -> u32 {
    match range {
        Range::Forward { limit, .. } | Range::Backward { limit, .. } => *limit,
    }
}

#[async_trait]
impl EventStore for SqliteStore {
    async fn log(&self, tenant: &TenantId) -> Result<LogInfo, Fault> {
        let log = self.shared.journal.log(tenant)?;
        if log.number().is_none() {
            self.shared.journal.ensure_served()?;
            let (journal, tenant) = (self.shared.journal.clone(), tenant.clone());
            let writers = &self.shared.journal.files.writers;
            let log = log.clone();
            writers.run(move |writer| journal.make_log_now(writer, &tenant, &log)).await?;
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
        self.shared.journal.ensure_served()?;
        let (journal, tenant) = (self.shared.journal.clone(), tenant.clone());
        let writers = &self.shared.journal.files.writers;
        writers.run(move |writer| journal.append_now(writer, &tenant, appends, now_ms)).await
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
        let log = self.shared.journal.log(tenant)?;
        let readers = &self.shared.journal.files.readers;
        if limit(&range) <= HERE_MAX {
            return readers.look_up(|it| read_stream(it, &log, stream, range)).await;
        }
        let stream = stream.clone();
        readers.read(move |it| read_stream(it, &log, &stream, range)).await
    }

    async fn read_log(
        &self,
        tenant: &TenantId,
        range: Range<Position>,
    ) -> Result<Vec<StoredEvent>, Fault> {
        let log = self.shared.journal.log(tenant)?;
        let bounds = bounds(range, log.position().0, |position| position.0);
        let (Some(number), Some(bounds)) = (log.number(), bounds) else { return Ok(Vec::new()) };
        let readers = &self.shared.journal.files.readers;
        if limit(&range) <= HERE_MAX {
            return readers.look_up(|it| Ok(read_range(it, number, bounds)?)).await;
        }
        readers.read(move |it| Ok(read_range(it, number, bounds)?)).await
    }

    async fn stream_heads(
        &self,
        tenant: &TenantId,
        streams: &[StreamId],
    ) -> Result<Vec<Option<StreamHead>>, Fault> {
        let log = self.shared.journal.log(tenant)?;
        if let Some(heads) = find::recent_heads(&log, streams) {
            return Ok(heads);
        }
        let find = |it: &Connection| {
            let heads = streams.iter().map(|stream| find::stream(it, &log, stream));
            heads.collect()
        };
        self.shared.journal.files.readers.look_up(find).await
    }

    async fn streams_by_tag(
        &self,
        tenant: &TenantId,
        tags: &[StreamTag],
    ) -> Result<Vec<Option<StreamId>>, Fault> {
        let log = self.shared.journal.log(tenant)?;
        let find = |it: &Connection| {
            let found = tags.iter().map(|tag| find::by_tag(it, &log, *tag));
            found.map(|found| Ok(found?.map(|(stream, _)| stream))).collect()
        };
        self.shared.journal.files.readers.look_up(find).await
    }

    async fn command(
        &self,
        tenant: &TenantId,
        command_id: CommandId,
    ) -> Result<Option<CommandPlace>, Fault> {
        let log = self.shared.journal.log(tenant)?;
        let readers = &self.shared.journal.files.readers;
        readers.look_up(|it| find::command(it, &log, command_id)).await
    }

    async fn claim(&self, tenant: &TenantId, claim: &Claim) -> Result<Option<StreamTag>, Fault> {
        let log = self.shared.journal.log(tenant)?;
        self.shared.journal.files.readers.look_up(|it| find::claim(it, &log, claim)).await
    }

    async fn tile(&self, tenant: &TenantId, level: u8, n: u64) -> Result<Option<Tile>, Fault> {
        let Some(number) = self.shared.journal.log(tenant)?.number() else { return Ok(None) };
        let sql = "select hashes from tile where log = ?1 and level = ?2 and n = ?3";
        let place = int(n)?;
        let hashes: Option<Vec<u8>> = self
            .shared
            .journal
            .files
            .readers
            .look_up(|it| {
                let found = it.prepare_cached(sql).and_then(|mut statement| {
                    statement.query_row(params![number, level, place], |row| row.get(0)).optional()
                });
                found.map_err(fault)
            })
            .await?;
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
        self.shared.journal.wait_beyond(tenant, after).await
    }

    async fn tenants(&self) -> Result<Vec<TenantId>, Fault> {
        Ok(self.shared.journal.tenants())
    }
}

#[cfg(test)]
mod tests {
    use fokus_log::leaf::{EnvelopeRef, Leaf, LeafKind};

    use super::*;

    #[test]
    fn a_leaf_tells_its_stream_and_how_many_envelopes_it_has() {
        let envelope = EnvelopeRef {
            key_ids: vec![[1; 16]],
            ct_hash: [2; 32],
            ct_len: 256,
            field_root: [3; 32],
        };
        let leaf = Leaf {
            kind: LeafKind::Event,
            position: 70,
            recorded_ms: 4,
            event_id: [5; 16],
            stream_tag: [6; 16],
            stream_version: 8,
            prev_in_stream: Some(9),
            envelopes: vec![envelope; 7],
            ext: Vec::new(),
        };
        let bytes = leaf.encode().unwrap();
        let read = event(Position(71), &bytes);
        assert_eq!((read.stream_tag, read.revision), (StreamTag([6; 16]), Revision(9)));
        assert_eq!(read.envelopes, vec![None; 7]);
        assert_eq!(u64::from_be_bytes(field(&bytes, PREVIOUS_AT)), 9);
    }

    #[test]
    fn a_leaf_that_is_cut_short_tells_nothing() {
        let read = event(Position(1), &[7; 20]);
        assert_eq!((read.stream_tag, read.revision), (StreamTag([0; 16]), Revision(1)));
        assert_eq!(read.envelopes, vec![]);
    }

    #[track_caller]
    fn check(range: Range<u64>, last: u64, expected: Option<(u64, u64, bool)>) {
        assert_eq!(bounds(range, last, |it| it), expected, "{range:?} of {last}");
    }

    #[test]
    #[rustfmt::skip]
    fn a_range_is_cut_to_what_there_is() {
        check(Range::Forward { after: 0, limit: 2 }, 5, Some((1, 2, true)));
        check(Range::Forward { after: 3, limit: 9 }, 5, Some((4, 5, true)));
        check(Range::Forward { after: 5, limit: 9 }, 5, None);
        check(Range::Forward { after: u64::MAX, limit: u32::MAX }, 5, None);
        check(Range::Forward { after: 0, limit: 0 }, 5, None);
        check(Range::Forward { after: 0, limit: u32::MAX }, 5_000, Some((1, 1_000, true)));
        check(Range::Backward { before: None, limit: 2 }, 5, Some((4, 5, false)));
        check(Range::Backward { before: Some(2), limit: 9 }, 5, Some((1, 1, false)));
        check(Range::Backward { before: Some(0), limit: 9 }, 5, None);
        check(Range::Backward { before: None, limit: 0 }, 5, None);
        check(Range::Backward { before: Some(u64::MAX), limit: 1 }, 5, Some((5, 5, false)));
        check(Range::Backward { before: None, limit: 9 }, 0, None);
    }
}
