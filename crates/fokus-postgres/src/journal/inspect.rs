//! What `check` and a copy read beside the log.

use async_trait::async_trait;
use fokus_store::{
    Claim, CommandId, CommandPlace, Fault, Inspect, Position, READ_LIMIT_MAX, StreamHead, StreamId,
    StreamTag, TenantId,
};
use uuid::Uuid;

use super::read::StreamRow;
use crate::row::{array, uint, uint32};
use crate::sessions::fetch;
use crate::store::PostgresStore;

/// Rows of one page.
const PAGE: i64 = READ_LIMIT_MAX as i64;

#[async_trait]
impl Inspect for PostgresStore {
    async fn tile_count(&self, tenant: &TenantId) -> Result<u64, Fault> {
        let count: i64 = fetch!(self.shared.journal.readers, connection => sqlx::query_scalar(
            "select count(*) from journal.tile where tenant = $1 and log = 'journal'"
        ).bind(tenant.as_str()).fetch_one(connection));
        uint(count)
    }

    async fn streams(
        &self,
        tenant: &TenantId,
        after: Option<StreamTag>,
    ) -> Result<Vec<(StreamId, StreamHead)>, Fault> {
        // No bytes at all are before any others.
        let after = after.map_or_else(Vec::new, |tag| tag.0.to_vec());
        let rows: Vec<StreamRow> = fetch!(self.shared.journal.readers, connection =>
            sqlx::query_as(
                "select 0::bigint, tag, kind, id, revision, last_position from journal.stream \
                 where tenant = $1 and tag > $2 order by tag limit $3"
            )
            .bind(tenant.as_str())
            .bind(&after)
            .bind(PAGE)
            .fetch_all(connection));
        let rows = rows.into_iter().map(super::read::stream);
        rows.map(|row| row.map(|(_, stream, head)| (stream, head))).collect()
    }

    async fn commands(
        &self,
        tenant: &TenantId,
        after: Option<CommandId>,
    ) -> Result<Vec<(CommandId, CommandPlace)>, Fault> {
        let after = after.map_or_else(Vec::new, |id| id.0.as_bytes().to_vec());
        let rows: Vec<(Vec<u8>, i64, i32)> = fetch!(self.shared.journal.readers, connection =>
            sqlx::query_as(
                "select command_id, first, count from journal.command \
                 where tenant = $1 and command_id > $2 order by command_id limit $3"
            )
            .bind(tenant.as_str())
            .bind(&after)
            .bind(PAGE)
            .fetch_all(connection));
        let places = rows.into_iter().map(|(id, first, count)| {
            let count = uint32(i64::from(count))?;
            let place = CommandPlace { first: Position(uint(first)?), count };
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
        let rows: Vec<(String, Vec<u8>, Vec<u8>)> = fetch!(self.shared.journal.readers,
            connection => sqlx::query_as(
                "select kind, tag, stream from journal.claimed_key \
                 where tenant = $1 and (kind, tag) > ($2, $3) order by kind, tag limit $4"
            )
            .bind(tenant.as_str())
            .bind(&kind)
            .bind(&tag)
            .bind(PAGE)
            .fetch_all(connection));
        let claims = rows.into_iter();
        claims
            .map(|(kind, tag, stream)| Ok((Claim { kind, tag }, StreamTag(array(&stream)?))))
            .collect()
    }
}
