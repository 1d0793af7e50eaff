//! What `check` reads beside the log.

use async_trait::async_trait;
use fokus_log::tile::Tile;
use fokus_store::{
    Claim, CommandId, CommandPlace, Fault, Inspect, Position, READ_LIMIT_MAX, StreamHead, StreamId,
    StreamTag, TenantId,
};
use uuid::Uuid;

use super::write::StreamRow;
use crate::fault::{corrupt, fault};
use crate::pack::{array, int, uint, uint32};
use crate::store::SqliteStore;

#[async_trait]
impl Inspect for SqliteStore {
    async fn tile(&self, tenant: &TenantId, level: u8, n: u64) -> Result<Option<Tile>, Fault> {
        let hashes: Option<Vec<u8>> = sqlx::query_scalar(
            "select hashes from tile \
             where tenant = ?1 and log = 'journal' and level = ?2 and n = ?3",
        )
        .bind(tenant.as_str())
        .bind(level)
        .bind(int(n)?)
        .fetch_optional(&self.shared.journal.files.readers)
        .await
        .map_err(fault)?;
        let tile = hashes.map(|hashes| Tile::from_bytes(level, n, &hashes));
        tile.transpose().map_err(|_| corrupt("a tile of another length than tiles have"))
    }

    async fn tile_count(&self, tenant: &TenantId) -> Result<u64, Fault> {
        let count: i64 =
            sqlx::query_scalar("select count(*) from tile where tenant = ?1 and log = 'journal'")
                .bind(tenant.as_str())
                .fetch_one(&self.shared.journal.files.readers)
                .await
                .map_err(fault)?;
        uint(count)
    }

    async fn streams(
        &self,
        tenant: &TenantId,
        after: Option<StreamTag>,
    ) -> Result<Vec<(StreamId, StreamHead)>, Fault> {
        let rows: Vec<StreamRow> = sqlx::query_as(
            "select 0 as place, tag, kind, id, revision, last_position from stream \
             where tenant = ?1 and tag > ?2 order by tag limit ?3",
        )
        .bind(tenant.as_str())
        // An empty blob is before every other one.
        .bind(after.map_or_else(Vec::new, |tag| tag.0.to_vec()))
        .bind(READ_LIMIT_MAX)
        .fetch_all(&self.shared.journal.files.readers)
        .await
        .map_err(fault)?;
        let rows = rows.into_iter().map(StreamRow::read);
        rows.map(|row| row.map(|(_, stream, head)| (stream, head))).collect()
    }

    async fn commands(
        &self,
        tenant: &TenantId,
        after: Option<CommandId>,
    ) -> Result<Vec<(CommandId, CommandPlace)>, Fault> {
        let rows: Vec<(Vec<u8>, i64, i64)> = sqlx::query_as(
            "select command_id, first, count from command \
             where tenant = ?1 and command_id > ?2 order by command_id limit ?3",
        )
        .bind(tenant.as_str())
        .bind(after.map_or_else(Vec::new, |id| id.0.as_bytes().to_vec()))
        .bind(READ_LIMIT_MAX)
        .fetch_all(&self.shared.journal.files.readers)
        .await
        .map_err(fault)?;
        let places = rows.into_iter().map(|(id, first, count)| {
            let place = CommandPlace { first: Position(uint(first)?), count: uint32(count)? };
            Ok((CommandId(Uuid::from_bytes(array(&id)?)), place))
        });
        places.collect()
    }

    async fn claims(
        &self,
        tenant: &TenantId,
        after: Option<Claim>,
    ) -> Result<Vec<(Claim, StreamTag)>, Fault> {
        let (kind, tag) = after.map_or_else(Default::default, |it| (it.kind, it.tag));
        let rows: Vec<(String, Vec<u8>, Vec<u8>)> = sqlx::query_as(
            "select kind, tag, stream from claimed_key \
             where tenant = ?1 and (kind, tag) > (?2, ?3) order by kind, tag limit ?4",
        )
        .bind(tenant.as_str())
        .bind(kind)
        .bind(tag)
        .bind(READ_LIMIT_MAX)
        .fetch_all(&self.shared.journal.files.readers)
        .await
        .map_err(fault)?;
        let claims = rows.into_iter();
        claims
            .map(|(kind, tag, stream)| Ok((Claim { kind, tag }, StreamTag(array(&stream)?))))
            .collect()
    }
}
