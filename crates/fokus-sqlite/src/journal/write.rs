//! What one batch reads and writes, between `begin` and `commit`.
//!
//! Leaves, envelopes and the batch's row in `unsettled` go to the end of their tables; what is found
//! by random keys is written a slice at a time (`recent`).

use std::collections::BTreeSet;

use fokus_store::plan::{Known, Named, Planned};
use fokus_store::{
    Append, Claim, CommandId, CommandPlace, Fault, Head, Position, StreamHead, StreamId, StreamTag,
    TenantId,
};
use rusqlite::{Connection, params};
use uuid::Uuid;

use super::recent::{Slice, SliceLength};
use super::{Log, find, lock};
use crate::fault::{Stop, corrupt};
use crate::number::{array, envelope_place, int, last_place, place};

/// Every so many events of a stream, one can be found without following links.
pub(super) const MARK_EVERY: u64 = 64;
/// Bytes of a command in `unsettled`: id, first position, count.
const COMMAND_BYTES: usize = 16 + 8 + 4;

/// What a batch has written, apart from its events.
pub(super) struct Written {
    /// Of the log's row.
    pub(super) number: i64,
    /// What was settled.
    pub(super) slice: SliceLength,
}

/// What the batch names, as far as the log knows it.
pub(super) fn look_up(
    connection: &Connection,
    log: &Log,
    appends: &[Append],
) -> Result<Known, Fault> {
    let named = Named::of(appends);
    let mut known = Known::default();
    for id in named.commands {
        let place = find::command(connection, log, id)?;
        known.commands.extend(place.map(|place| (id, place)));
    }
    let mut tags = named.tags;
    for stream in named.streams {
        if let Some(head) = find::stream(connection, log, &stream)? {
            tags.remove(&head.tag);
            known.add_stream(stream, head);
        }
    }
    // What is left are tags of streams that begin, or that belong to others.
    for tag in tags {
        if let Some((stream, head)) = find::by_tag(connection, log, tag)? {
            known.add_stream(stream, head);
        }
    }
    for claim in named.claims {
        let holder = find::claim(connection, log, &claim)?;
        known.claims.extend(holder.map(|holder| (claim, holder)));
    }
    Ok(known)
}

/// Gives the log a row that says where memory has it: at its beginning. The row's number.
pub(super) fn insert_log(
    connection: &Connection,
    tenant: &TenantId,
    log: &Log,
) -> Result<i64, Stop> {
    let (head, edge) = (log.head.borrow().clone(), lock(&log.edge).clone());
    let sql = "insert into log \
               (tenant, name, origin, synthetic, size, root, edge, last_ms, note, settled) \
               values (?1, 'journal', ?2, ?3, ?4, ?5, ?6, ?7, ?8, 0)";
    connection.prepare_cached(sql)?.execute(params![
        tenant.as_str(),
        log.info.origin,
        log.info.synthetic,
        int(head.position.0)?,
        head.root,
        edge.frontier_bytes(),
        int(head.last_ms)?,
        head.checkpoint,
    ])?;
    Ok(connection.last_insert_rowid())
}

/// Writes a batch; the caller commits.
pub(super) fn insert(
    connection: &Connection,
    tenant: &TenantId,
    log: &Log,
    planned: &Planned,
) -> Result<Written, Stop> {
    let number = match log.number() {
        Some(number) => number,
        None => insert_log(connection, tenant, log)?,
    };
    insert_events(connection, number, planned)?;
    insert_unsettled(connection, number, planned)?;
    insert_tiles(connection, number, planned)?;
    move_claims(connection, number, planned)?;
    let recent = log.recent();
    let slice = recent.slice(planned.events.len() as u64);
    write_slice(connection, number, slice)?;
    move_head(connection, number, log, planned, slice.settled)?;
    Ok(Written { number, slice: slice.length() })
}

fn move_head(
    connection: &Connection,
    number: i64,
    log: &Log,
    planned: &Planned,
    settled: Position,
) -> Result<(), Stop> {
    let Head { position, root, last_ms, checkpoint } = &planned.head;
    let sql = "update log set size = ?2, root = ?3, edge = ?4, last_ms = ?5, note = ?6, \
               settled = ?7 where log = ?1 and size = ?8";
    let moved = connection.prepare_cached(sql)?.execute(params![
        number,
        int(position.0)?,
        root,
        planned.edge.frontier_bytes(),
        int(*last_ms)?,
        checkpoint,
        int(settled.0)?,
        int(log.position().0)?,
    ])?;
    if moved == 1 {
        return Ok(());
    }
    Err(corrupt("the head of the log is not where it was left").into())
}

fn insert_events(connection: &Connection, number: i64, planned: &Planned) -> Result<(), Stop> {
    let mut leaf = connection.prepare_cached("insert into leaf (place, leaf) values (?1, ?2)")?;
    let mut envelope =
        connection.prepare_cached("insert into envelope (place, body) values (?1, ?2)")?;
    let mut mark = connection.prepare_cached(
        "insert into stream_mark (log, tag, revision, position) values (?1, ?2, ?3, ?4)",
    )?;
    for event in &planned.events {
        leaf.execute(params![place(number, event.position.0)?, event.leaf])?;
        for (index, body) in event.envelopes.iter().enumerate() {
            let Some(body) = body else { continue };
            envelope.execute(params![envelope_place(number, event.position.0, index)?, body])?;
        }
        if event.revision.0.is_multiple_of(MARK_EVERY) {
            let (revision, position) = (int(event.revision.0)?, int(event.position.0)?);
            mark.execute(params![number, event.stream_tag.0, revision, position])?;
        }
    }
    Ok(())
}

/// The streams that the batch began.
pub(super) fn begun(planned: &Planned) -> Vec<(StreamId, StreamTag)> {
    let first = planned.events.iter().filter(|event| event.revision.0 == 1);
    let tags: BTreeSet<StreamTag> = first.map(|event| event.stream_tag).collect();
    let streams = planned.streams.iter().filter(|(_, head)| tags.contains(&head.tag));
    streams.map(|(stream, head)| (stream.clone(), head.tag)).collect()
}

/// What a start needs to gather again, beside the leaves.
fn insert_unsettled(connection: &Connection, number: i64, planned: &Planned) -> Result<(), Stop> {
    let Some(first) = planned.events.first() else { return Ok(()) };
    let begun = begun(planned);
    if planned.commands.is_empty() && begun.is_empty() {
        return Ok(());
    }
    let mut commands = Vec::with_capacity(planned.commands.len().saturating_mul(COMMAND_BYTES));
    for (id, place) in &planned.commands {
        commands.extend_from_slice(id.0.as_bytes());
        commands.extend_from_slice(&place.first.0.to_be_bytes());
        commands.extend_from_slice(&place.count.to_be_bytes());
    }
    let mut streams = Vec::new();
    for (stream, tag) in begun {
        streams.extend_from_slice(&tag.0);
        streams.extend_from_slice(stream.id.as_bytes());
        let length = u8::try_from(stream.kind.len());
        streams.push(length.map_err(|_| corrupt("a stream's kind is beyond 255 bytes"))?);
        streams.extend_from_slice(stream.kind.as_bytes());
    }
    let sql = "insert into unsettled (place, commands, streams) values (?1, ?2, ?3)";
    let place = place(number, first.position.0)?;
    connection.prepare_cached(sql)?.execute(params![place, commands, streams])?;
    Ok(())
}

/// The commands in a row of `unsettled`.
pub(crate) fn unsettled_commands(bytes: &[u8]) -> Result<Vec<(CommandId, CommandPlace)>, Fault> {
    let (commands, []) = bytes.as_chunks::<COMMAND_BYTES>() else {
        return Err(corrupt("commands that are cut short"));
    };
    let read = |command: &[u8; COMMAND_BYTES]| {
        let cut = || corrupt("a command that is cut short");
        let (id, rest) = command.split_first_chunk().ok_or_else(cut)?;
        let (first, count) = rest.split_first_chunk().ok_or_else(cut)?;
        let (first, count) = (u64::from_be_bytes(*first), u32::from_be_bytes(array(count)?));
        let place = CommandPlace { first: Position(first), count };
        Ok((CommandId(Uuid::from_bytes(*id)), place))
    };
    commands.iter().map(read).collect()
}

/// The streams in a row of `unsettled`.
pub(crate) fn unsettled_streams(mut bytes: &[u8]) -> Result<Vec<(StreamId, StreamTag)>, Fault> {
    let cut = || corrupt("streams that are cut short");
    let mut streams = Vec::new();
    while !bytes.is_empty() {
        let (tag, rest) = bytes.split_first_chunk().ok_or_else(cut)?;
        let (id, rest) = rest.split_first_chunk().ok_or_else(cut)?;
        let (length, rest) = rest.split_first().ok_or_else(cut)?;
        let (kind, rest) = rest.split_at_checked(usize::from(*length)).ok_or_else(cut)?;
        let kind =
            String::from_utf8(kind.to_vec()).map_err(|_| corrupt("a kind that is no text"))?;
        streams.push((StreamId { kind, id: Uuid::from_bytes(*id) }, StreamTag(*tag)));
        bytes = rest;
    }
    Ok(streams)
}

fn insert_tiles(connection: &Connection, number: i64, planned: &Planned) -> Result<(), Stop> {
    let sql = "insert into tile (log, level, n, hashes) values (?1, ?2, ?3, ?4)";
    for tile in &planned.tiles {
        let row = params![number, tile.level, int(tile.n)?, tile.to_bytes()];
        connection.prepare_cached(sql)?.execute(row)?;
    }
    Ok(())
}

fn move_claims(connection: &Connection, number: i64, planned: &Planned) -> Result<(), Stop> {
    for (claim, holder) in &planned.claims {
        match holder {
            None => {
                let sql = "delete from claimed_key where log = ?1 and kind = ?2 and tag = ?3";
                connection.prepare_cached(sql)?.execute(params![number, claim.kind, claim.tag])?;
            }
            Some(holder) => hold_claim(connection, number, claim, *holder)?,
        }
    }
    Ok(())
}

fn hold_claim(
    connection: &Connection,
    number: i64,
    claim: &Claim,
    holder: StreamTag,
) -> Result<(), Stop> {
    let sql = "insert into claimed_key (log, kind, tag, stream) values (?1, ?2, ?3, ?4) \
               on conflict do update set stream = excluded.stream";
    connection.prepare_cached(sql)?.execute(params![number, claim.kind, claim.tag, holder.0])?;
    Ok(())
}

/// Writes rows that were gathered, and says how far everything is settled; the caller commits.
pub(super) fn settle(connection: &Connection, number: i64, slice: Slice<'_>) -> Result<(), Stop> {
    write_slice(connection, number, slice)?;
    let sql = "update log set settled = ?2 where log = ?1";
    connection.prepare_cached(sql)?.execute(params![number, int(slice.settled.0)?])?;
    Ok(())
}

fn write_slice(connection: &Connection, number: i64, slice: Slice<'_>) -> Result<(), Stop> {
    insert_commands(connection, number, slice.commands)?;
    let sql = "insert into stream (log, tag, kind, id, revision, last_position) \
               values (?1, ?2, ?3, ?4, ?5, ?6) on conflict do update \
               set revision = excluded.revision, last_position = excluded.last_position";
    let mut statement = connection.prepare_cached(sql)?;
    for (tag, (stream, head)) in slice.streams {
        let StreamHead { revision, last, .. } = head;
        let (revision, last) = (int(revision.0)?, int(last.0)?);
        let id = stream.id.as_bytes();
        statement.execute(params![number, tag.0, stream.kind, id, revision, last])?;
    }
    let sql = "insert into stream_name (log, kind, id, tag) values (?1, ?2, ?3, ?4) \
               on conflict do nothing";
    let mut statement = connection.prepare_cached(sql)?;
    for (stream, tag) in slice.names {
        statement.execute(params![number, stream.kind, stream.id.as_bytes(), tag.0])?;
    }
    if slice.settles {
        let sql = "delete from unsettled where place between ?1 and ?2";
        let settled = params![place(number, 0)?, last_place(number, slice.settled.0)?];
        connection.prepare_cached(sql)?.execute(settled)?;
    }
    Ok(())
}

/// Writes commands; one that is there stays.
pub(super) fn insert_commands(
    connection: &Connection,
    number: i64,
    commands: &[(CommandId, CommandPlace)],
) -> Result<(), Stop> {
    let sql = "insert into command (log, command_id, first, count) values (?1, ?2, ?3, ?4) \
               on conflict do nothing";
    let mut statement = connection.prepare_cached(sql)?;
    for (id, place) in commands {
        let first = int(place.first.0)?;
        statement.execute(params![number, id.0.as_bytes(), first, place.count])?;
    }
    Ok(())
}
