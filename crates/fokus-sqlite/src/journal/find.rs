//! Finding what the log knows by name: first among what is recent, then in the tables.

use fokus_store::{
    Claim, CommandId, CommandPlace, Fault, Position, Revision, StreamHead, StreamId, StreamTag,
};
use rusqlite::{Connection, OptionalExtension as _, Row, params};
use uuid::Uuid;

use super::Log;
use crate::fault::{Stop, fault};
use crate::number::{array, uint, uint32};

/// Where the command's events stand.
pub(super) fn command(
    connection: &Connection,
    log: &Log,
    id: CommandId,
) -> Result<Option<CommandPlace>, Fault> {
    let recent = log.recent().command(&id);
    let (None, Some(number)) = (recent, log.number()) else { return Ok(recent) };
    let sql = "select first, count from command where log = ?1 and command_id = ?2";
    let stored: Option<(i64, i64)> = connection
        .prepare_cached(sql)
        .and_then(|mut statement| {
            let row = statement
                .query_row(params![number, id.0.as_bytes()], |row| Ok((row.get(0)?, row.get(1)?)));
            row.optional()
        })
        .map_err(fault)?;
    let place = stored.map(|(first, count)| {
        Ok(CommandPlace { first: Position(uint(first)?), count: uint32(count)? })
    });
    place.transpose()
}

/// The stream with its head.
pub(super) fn stream(
    connection: &Connection,
    log: &Log,
    stream: &StreamId,
) -> Result<Option<StreamHead>, Fault> {
    let tag = log.recent().tag(stream);
    let tag = match (tag, log.number()) {
        (Some(tag), _) => tag,
        (None, None) => return Ok(None),
        (None, Some(number)) => match stored_tag(connection, number, stream)? {
            Some(tag) => tag,
            None => return Ok(None),
        },
    };
    Ok(by_tag(connection, log, tag)?.map(|(_, head)| head))
}

/// The heads of the streams, if all of them are among what is recent: then no table is looked at.
pub(super) fn recent_heads(log: &Log, streams: &[StreamId]) -> Option<Vec<Option<StreamHead>>> {
    let recent = log.recent();
    let head = |stream: &StreamId| {
        let (_, head) = recent.stream(&recent.tag(stream)?)?;
        Some(Some(*head))
    };
    streams.iter().map(head).collect()
}

fn stored_tag(
    connection: &Connection,
    number: i64,
    stream: &StreamId,
) -> Result<Option<StreamTag>, Fault> {
    let sql = "select tag from stream_name where log = ?1 and kind = ?2 and id = ?3";
    let tag = connection.prepare_cached(sql).and_then(|mut statement| {
        let name = params![number, stream.kind, stream.id.as_bytes()];
        statement.query_row(name, |row| row.get(0)).optional()
    });
    Ok(tag.map_err(fault)?.map(StreamTag))
}

/// The stream that has the tag, with its head.
pub(crate) fn by_tag(
    connection: &Connection,
    log: &Log,
    tag: StreamTag,
) -> Result<Option<(StreamId, StreamHead)>, Fault> {
    let recent = log.recent().stream(&tag).cloned();
    let (None, Some(number)) = (&recent, log.number()) else { return Ok(recent) };
    let sql = "select tag, kind, id, revision, last_position from stream \
               where log = ?1 and tag = ?2";
    let find = || -> Result<_, Stop> {
        let mut statement = connection.prepare_cached(sql)?;
        let mut rows = statement.query(params![number, tag.0])?;
        rows.next()?.map(read_stream).transpose()
    };
    Ok(find()?)
}

/// A row of tag, kind, id, revision and last position.
pub(super) fn read_stream(row: &Row<'_>) -> Result<(StreamId, StreamHead), Stop> {
    let stream = StreamId { kind: row.get(1)?, id: Uuid::from_bytes(row.get(2)?) };
    let head = StreamHead {
        tag: StreamTag(row.get(0)?),
        revision: Revision(uint(row.get(3)?)?),
        last: Position(uint(row.get(4)?)?),
    };
    Ok((stream, head))
}

/// The stream that holds the claim.
pub(super) fn claim(
    connection: &Connection,
    log: &Log,
    claim: &Claim,
) -> Result<Option<StreamTag>, Fault> {
    let Some(number) = log.number() else { return Ok(None) };
    let sql = "select stream from claimed_key where log = ?1 and kind = ?2 and tag = ?3";
    let holder: Option<Vec<u8>> = connection
        .prepare_cached(sql)
        .and_then(|mut statement| {
            let name = params![number, claim.kind, claim.tag];
            statement.query_row(name, |row| row.get(0)).optional()
        })
        .map_err(fault)?;
    holder.map(|tag| Ok(StreamTag(array(&tag)?))).transpose()
}
