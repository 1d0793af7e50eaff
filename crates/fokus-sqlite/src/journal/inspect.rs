//! What `check` and `copy` read beside the log. What was gathered is settled first, so that the tables
//! say it all, in their order.

use async_trait::async_trait;
use fokus_store::{
    Claim, CommandId, CommandPlace, Fault, Inspect, Position, READ_LIMIT_MAX, StreamHead, StreamId,
    StreamTag, TenantId,
};
use rusqlite::{Connection, params};
use uuid::Uuid;

use super::read::event;
use super::{find, rows};
use crate::fault::{Stop, fault};
use crate::number::{array, uint, uint32};
use crate::store::SqliteStore;

impl SqliteStore {
    /// The number of the tenant's log, with everything settled; `None` while it has none.
    async fn settled_log(&self, tenant: &TenantId) -> Result<Option<i64>, Fault> {
        let log = self.shared.journal.log(tenant)?;
        self.shared.journal.settle(&log).await?;
        Ok(log.number())
    }
}

#[async_trait]
impl Inspect for SqliteStore {
    async fn tile_count(&self, tenant: &TenantId) -> Result<u64, Fault> {
        let number = self.shared.journal.log(tenant)?.number();
        let sql = "select count(*) from tile where log = ?1";
        let readers = &self.shared.journal.files.readers;
        let count =
            readers.read(move |it| it.query_row(sql, [number], |row| row.get(0)).map_err(fault));
        uint(count.await?)
    }

    async fn streams(
        &self,
        tenant: &TenantId,
        after: Option<StreamTag>,
    ) -> Result<Vec<(StreamId, StreamHead)>, Fault> {
        let number = self.settled_log(tenant).await?;
        // An empty blob is before every other one.
        let after = after.map_or_else(Vec::new, |tag| tag.0.to_vec());
        let sql = "select tag, kind, id, revision, last_position from stream \
                   where log = ?1 and tag > ?2 order by tag limit ?3";
        let readers = &self.shared.journal.files.readers;
        readers
            .read(move |it| {
                rows(it, sql, params![number, after, READ_LIMIT_MAX], find::read_stream)
            })
            .await
    }

    async fn commands(
        &self,
        tenant: &TenantId,
        after: Option<CommandId>,
    ) -> Result<Vec<(CommandId, CommandPlace)>, Fault> {
        let number = self.settled_log(tenant).await?;
        let after = after.map_or_else(Vec::new, |id| id.0.as_bytes().to_vec());
        let sql = "select command_id, first, count from command \
                   where log = ?1 and command_id > ?2 order by command_id limit ?3";
        let readers = &self.shared.journal.files.readers;
        let read = move |it: &rusqlite::Connection| {
            rows(it, sql, params![number, after, READ_LIMIT_MAX], |row| {
                let (first, count) = (uint(row.get(1)?)?, uint32(row.get(2)?)?);
                let place = CommandPlace { first: Position(first), count };
                Ok((CommandId(Uuid::from_bytes(row.get(0)?)), place))
            })
        };
        readers.read(read).await
    }

    async fn claims(
        &self,
        tenant: &TenantId,
        after: Option<Claim>,
    ) -> Result<Vec<(Claim, StreamTag)>, Fault> {
        let number = self.shared.journal.log(tenant)?.number();
        let (kind, tag) = after.map_or_else(Default::default, |it| (it.kind, it.tag));
        let sql = "select kind, tag, stream from claimed_key \
                   where log = ?1 and (kind, tag) > (?2, ?3) order by kind, tag limit ?4";
        let readers = &self.shared.journal.files.readers;
        let read = move |it: &rusqlite::Connection| {
            rows(it, sql, params![number, kind, tag, READ_LIMIT_MAX], |row| {
                let holder: Vec<u8> = row.get(2)?;
                let claim = Claim { kind: row.get(0)?, tag: row.get(1)? };
                Ok((claim, StreamTag(array(&holder)?)))
            })
        };
        readers.read(read).await
    }

    async fn own_tables(&self, tenant: &TenantId) -> Result<Vec<&'static str>, Fault> {
        let Some(number) = self.settled_log(tenant).await? else { return Ok(Vec::new()) };
        let readers = &self.shared.journal.files.readers;
        readers.read(move |it| Ok(own_tables(it, number)?)).await
    }
}

/// Each of these finds a row where something is wrong; `?1` is the log.
const WRONG_ROWS: [(&str, &str); 5] = [
    (
        "a name stands for another stream, or is missing",
        "select 1 from stream it where log = ?1 and not exists (select 1 from stream_name name \
         where name.log = it.log and name.kind = it.kind and name.id = it.id and name.tag = it.tag)",
    ),
    (
        "there are names of streams that are not there",
        "select 1 where (select count(*) from stream_name where log = ?1) \
         <> (select count(*) from stream where log = ?1)",
    ),
    (
        "there are more or fewer marks in streams than their events make",
        "select 1 where (select count(*) from stream_mark where log = ?1) \
         <> (select coalesce(sum(revision / 64), 0) from stream where log = ?1)",
    ),
    (
        "there are rows of a log that is not there",
        "select 1 from (select log from tile union all select log from stream \
         union all select log from stream_name union all select log from stream_mark \
         union all select log from command union all select log from claimed_key) \
         where ?1 > 0 and log not in (select log from log)",
    ),
    (
        "there are events, envelopes or commands of a log that is not there",
        "select 1 from (select min(place) >> 44 as log from leaf union all select max(place) >> 44 from leaf \
         union all select min(place) >> 44 from envelope union all select max(place) >> 44 from envelope \
         union all select place >> 44 from unsettled) where ?1 > 0 and log not in (select log from log)",
    ),
];

fn own_tables(connection: &Connection, number: i64) -> Result<Vec<&'static str>, Stop> {
    let mut wrong = Vec::new();
    for (what, sql) in WRONG_ROWS {
        let sql = format!("select exists ({sql})");
        if connection.query_row(&sql, [number], |row| row.get(0))? {
            wrong.push(what);
        }
    }
    let sql = "select mark.tag, mark.revision, leaf.position, leaf.leaf from stream_mark mark \
               left join leaf on leaf.place = (?1 << 44) | (mark.position << 4) where mark.log = ?1";
    let mut statement = connection.prepare(sql)?;
    let mut marks = statement.query([number])?;
    while let Some(row) = marks.next()? {
        let (tag, revision): (Vec<u8>, i64) = (row.get(0)?, row.get(1)?);
        let (position, leaf): (Option<i64>, Option<Vec<u8>>) = (row.get(2)?, row.get(3)?);
        let event = match (position, leaf) {
            (Some(position), Some(leaf)) => Some(event(Position(uint(position)?), &leaf)),
            (_, _) => None,
        };
        let is_it = event.is_some_and(|it| {
            it.stream_tag.0 == *tag && i64::try_from(it.revision.0) == Ok(revision)
        });
        if !is_it {
            wrong.push("a mark in a stream is not where its event is");
            break;
        }
    }
    Ok(wrong)
}
