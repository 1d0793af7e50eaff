//! What `check` and `copy` read beside the log. What was gathered is settled first, so that the tables
//! say it all, in their order.

use async_trait::async_trait;
use fokus_store::{
    Claim, CommandId, CommandPlace, Fault, Inspect, Position, READ_LIMIT_MAX, StreamHead, StreamId,
    StreamTag, TenantId,
};
use rusqlite::params;
use uuid::Uuid;

use super::{find, rows};
use crate::fault::fault;
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
}
