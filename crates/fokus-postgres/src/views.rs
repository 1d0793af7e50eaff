//! Rows of views, and the leases on writing them, in the schema `views`.
//!
//! A write is one call of a function in the database, which compares lease and checkpoint and gives false
//! where they do not stand as they should. A read is one statement, so rows and checkpoint are of one
//! snapshot; a read that gets no row at all asked for a build that is not there.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use fokus_store::leases::LEASE_TTL_MAX;
use fokus_store::{
    Fault, Lease, Position, Published, PublishedCell, READ_LIMIT_MAX, RowOrder, StreamTag,
    TenantId, ViewBatch, ViewBuild, ViewCheckpoint, ViewRow, ViewStore,
};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::row::{array, in_order, int, uint, uint32};
use crate::sessions::{Sessions, fetch, tell};
use crate::store::PostgresStore;

/// The checkpoint of a build beside one of its rows, or alone: position, place, tag, key, sort1, sort2,
/// state, body.
type Row = (
    i64,
    i64,
    Option<Vec<u8>>,
    Option<String>,
    Option<i64>,
    Option<i64>,
    Option<Vec<u8>>,
    Option<Vec<u8>>,
);

fn row((.., tag, key, sort1, sort2, state, body): Row) -> Result<Option<ViewRow>, Fault> {
    let (Some(tag), Some(key), Some(sort1), Some(sort2), Some(state), Some(body)) =
        (tag, key, sort1, sort2, state, body)
    else {
        return Ok(None);
    };
    Ok(Some(ViewRow { stream_tag: StreamTag(array(&tag)?), key, sort1, sort2, state, body }))
}

/// The rows that `$rows` takes beside the checkpoint of their build.
macro_rules! rows_sql {
    ($rows:literal) => {
        concat!(
            "select c.position, 0::bigint, ",
            "r.stream_tag, r.key, r.sort1, r.sort2, r.state, r.body ",
            "from views.view_checkpoint c left join views.view_row r ",
            "on r.tenant = $1 and r.view = $2 and r.revision = $3 and ",
            $rows,
            " where c.tenant = $1 and c.view = $2 and c.revision = $3 ",
        )
    };
}

const ROWS_OF_STREAM: &str = concat!(rows_sql!("r.stream_tag = $4"), "order by r.key");

const ROWS_BY_KEY: &str = "\
    select c.position, n.at, r.stream_tag, r.key, r.sort1, r.sort2, r.state, r.body \
    from views.view_checkpoint c \
    cross join unnest($4, $5) with ordinality as n (tag, key, at) \
    left join lateral (select * from views.view_row i \
    where i.tenant = $1 and i.view = $2 and i.revision = $3 \
    and i.stream_tag = n.tag and i.key = n.key offset 0) r on true \
    where c.tenant = $1 and c.view = $2 and c.revision = $3";

// Rows that equal the last one of a page belong to it.
const PAGE_BY_FIRST_APPEARANCE: &str = concat!(
    rows_sql!(
        "r.body <> ''::bytea and r.sort1 > $4 and r.sort1 <= (select max(sort1) from (\
         select sort1 from views.view_row where tenant = $1 and view = $2 and revision = $3 \
         and body <> ''::bytea and sort1 > $4 order by sort1 limit $5) p)"
    ),
    "order by r.sort1, r.stream_tag, r.key"
);
const PAGE_BY_LAST_CHANGE: &str = concat!(
    rows_sql!(
        "r.body <> ''::bytea and r.sort2 > $4 and r.sort2 <= (select max(sort2) from (\
         select sort2 from views.view_row where tenant = $1 and view = $2 and revision = $3 \
         and body <> ''::bytea and sort2 > $4 order by sort2 limit $5) p)"
    ),
    "order by r.sort2, r.stream_tag, r.key"
);

/// The checkpoint's position and the rows; no row at all means that there is no such build.
fn snapshot(rows: Vec<Row>) -> Result<(Position, Vec<ViewRow>), Fault> {
    let position = rows.first().ok_or(Fault::Conflict)?.0;
    let rows: Result<Vec<Option<ViewRow>>, Fault> = rows.into_iter().map(row).collect();
    Ok((Position(uint(position)?), rows?.into_iter().flatten().collect()))
}

/// A lease and a build, as the functions take them.
struct Written {
    sessions: Arc<Sessions>,
    tenant: TenantId,
    name: String,
    fence: i64,
    view: String,
    revision: i64,
}

impl Written {
    fn new(
        store: &PostgresStore,
        tenant: &TenantId,
        lease: &Lease,
        build: &ViewBuild,
    ) -> Result<Written, Fault> {
        Ok(Written {
            sessions: Arc::clone(&store.shared.views),
            tenant: tenant.clone(),
            name: lease.name.clone(),
            fence: int(lease.fence)?,
            view: build.view.clone(),
            revision: i64::from(build.revision),
        })
    }
}

/// Calls a function in the database; false is a conflict.
macro_rules! call {
    ($written:ident, $sql:literal $(, $argument:expr)*) => {{
        let sessions = Arc::clone(&$written.sessions);
        let done: bool = tell!(sessions, connection => sqlx::query_scalar($sql)
            .bind($written.tenant.as_str())
            .bind($written.name.as_str())
            .bind($written.fence)
            .bind($written.view.as_str())
            .bind($written.revision)
            $(.bind($argument))*
            .fetch_one(connection));
        if done { Ok(()) } else { Err(Fault::Conflict) }
    }};
}

async fn commit(written: Written, batch: ViewBatch) -> Result<(), Fault> {
    // The last one of rows with the same stream and key is meant.
    let mut seen = HashSet::new();
    let rows = batch.rows.iter().rev();
    let rows: Vec<&ViewRow> =
        rows.filter(|it| seen.insert((it.stream_tag, it.key.as_str()))).collect();
    let (expected, position) = (int(batch.expected.0)?, int(batch.position.0)?);
    let cleared: Vec<&[u8]> = batch.cleared.iter().map(|it| it.0.as_slice()).collect();
    let tags: Vec<&[u8]> = rows.iter().map(|it| it.stream_tag.0.as_slice()).collect();
    let keys: Vec<&str> = rows.iter().map(|it| it.key.as_str()).collect();
    let sort1: Vec<i64> = rows.iter().map(|it| it.sort1).collect();
    let sort2: Vec<i64> = rows.iter().map(|it| it.sort2).collect();
    let states: Vec<&[u8]> = rows.iter().map(|it| it.state.as_slice()).collect();
    let bodies: Vec<&[u8]> = rows.iter().map(|it| it.body.as_slice()).collect();
    if !batch.published.is_empty() || !batch.cleared.is_empty() {
        let published = published(&batch.published)?;
        return call!(
            written,
            "select views.commit_published(\
             $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15::text::jsonb)",
            expected,
            position,
            &cleared,
            &tags,
            &keys,
            &sort1,
            &sort2,
            &states,
            &bodies,
            published.as_str()
        );
    }
    call!(
        written,
        "select views.commit_rows($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)",
        expected,
        position,
        &cleared,
        &tags,
        &keys,
        &sort1,
        &sort2,
        &states,
        &bodies
    )
}

/// What is published, as the function in the database takes it.
fn published(of: &[Published]) -> Result<String, Fault> {
    let cell = |it: &PublishedCell| {
        Ok(json!({
            "table_code": it.table_code,
            "row_number": it.row_number,
            "column_number": it.column_number,
            "row_code": it.row_code,
            "column_code": it.column_code,
            "number": it.number,
            "threshold": it.threshold,
            "programme_id": it.programme_id,
            "programme": it.programme,
            "quarter": it.quarter,
            "quarter_end": it.quarter_end,
            "release_id": it.release_id,
            "release_position": int(it.release_position.0)?,
            "released_on": it.released_on,
            "released_at": it.released_at,
        }))
    };
    let one = |it: &Published| {
        let cells = it.cells.iter().map(cell).collect::<Result<Vec<_>, Fault>>()?;
        Ok(json!({ "tag": hex::encode(it.stream_tag.0), "key": it.key, "cells": cells }))
    };
    let all = of.iter().map(one).collect::<Result<Vec<_>, Fault>>()?;
    Ok(Value::from(all).to_string())
}

/// Takes or renews, in one statement: two who want it at once wait for each other.
const LEASE: &str = "\
    insert into views.lease as l (tenant, name, holder, fence, until) \
    values ($1, $2, $3, 1, clock_timestamp() + $4 * interval '1 microsecond') \
    on conflict (tenant, name) do update set holder = excluded.holder, \
    fence = case when l.holder = excluded.holder then l.fence else l.fence + 1 end, \
    until = clock_timestamp() + $4 * interval '1 microsecond' \
    where l.holder is null or l.holder = excluded.holder or l.until <= clock_timestamp() \
    returning fence";

#[async_trait]
impl ViewStore for PostgresStore {
    async fn lease(
        &self,
        tenant: &TenantId,
        name: &str,
        holder: Uuid,
        ttl: Duration,
    ) -> Result<Option<Lease>, Fault> {
        let ttl_us = i64::try_from(ttl.min(LEASE_TTL_MAX).as_micros()).unwrap_or(i64::MAX);
        let (sessions, tenant, name) =
            (Arc::clone(&self.shared.views), tenant.clone(), name.to_owned());
        // Taken twice by the same holder it is renewed.
        self.uncancelled(async move {
            let fence: Option<i64> = fetch!(sessions, connection => sqlx::query_scalar(LEASE)
                .bind(tenant.as_str())
                .bind(name.as_str())
                .bind(holder.as_bytes().as_slice())
                .bind(ttl_us as f64)
                .fetch_optional(connection));
            fence.map(|fence| Ok(Lease { name, fence: uint(fence)? })).transpose()
        })
        .await
    }

    async fn release(&self, tenant: &TenantId, lease: &Lease) -> Result<(), Fault> {
        let (sessions, tenant) = (Arc::clone(&self.shared.views), tenant.clone());
        let (name, fence) = (lease.name.clone(), int(lease.fence)?);
        self.uncancelled(async move {
            fetch!(sessions, connection => sqlx::query(
                "update views.lease set holder = null \
                 where tenant = $1 and name = $2 and fence = $3"
            )
                .bind(tenant.as_str())
                .bind(name.as_str())
                .bind(fence)
                .execute(connection));
            Ok(())
        })
        .await
    }

    async fn checkpoints(&self, tenant: &TenantId) -> Result<Vec<ViewCheckpoint>, Fault> {
        type CheckpointRow = (String, i64, i64, bool, Option<i64>, Option<String>);
        let rows: Vec<CheckpointRow> = fetch!(self.shared.views, connection => sqlx::query_as(
            "select view, revision, position, live, halted_position, halted_code \
             from views.view_checkpoint where tenant = $1 order by view, revision"
        ).bind(tenant.as_str()).fetch_all(connection));
        let checkpoints = rows.into_iter().map(|(view, revision, position, live, at, code)| {
            let at = at.map(uint).transpose()?.map(Position);
            Ok(ViewCheckpoint {
                build: ViewBuild { view, revision: uint32(revision)? },
                position: Position(uint(position)?),
                live,
                halted: at.zip(code),
            })
        });
        checkpoints.collect()
    }

    async fn begin(
        &self,
        tenant: &TenantId,
        lease: &Lease,
        build: &ViewBuild,
        live: bool,
    ) -> Result<(), Fault> {
        let it = Written::new(self, tenant, lease, build)?;
        self.uncancelled(async move {
            call!(it, "select views.begin_build($1, $2, $3, $4, $5, $6)", live)
        })
        .await
    }

    async fn commit(
        &self,
        tenant: &TenantId,
        lease: &Lease,
        build: &ViewBuild,
        batch: ViewBatch,
    ) -> Result<(), Fault> {
        let it = Written::new(self, tenant, lease, build)?;
        self.uncancelled(commit(it, batch)).await
    }

    async fn halt(
        &self,
        tenant: &TenantId,
        lease: &Lease,
        build: &ViewBuild,
        position: Position,
        code: &str,
    ) -> Result<(), Fault> {
        let it = Written::new(self, tenant, lease, build)?;
        let (position, code) = (int(position.0)?, code.to_owned());
        self.uncancelled(async move {
            call!(it, "select views.halt($1, $2, $3, $4, $5, $6, $7)", position, code.as_str())
        })
        .await
    }

    async fn switch(
        &self,
        tenant: &TenantId,
        lease: &Lease,
        build: &ViewBuild,
    ) -> Result<(), Fault> {
        let it = Written::new(self, tenant, lease, build)?;
        self.uncancelled(async move { call!(it, "select views.switch($1, $2, $3, $4, $5)") }).await
    }

    async fn discard(
        &self,
        tenant: &TenantId,
        lease: &Lease,
        build: &ViewBuild,
    ) -> Result<(), Fault> {
        let it = Written::new(self, tenant, lease, build)?;
        self.uncancelled(async move { call!(it, "select views.discard($1, $2, $3, $4, $5)") }).await
    }

    async fn rows(
        &self,
        tenant: &TenantId,
        build: &ViewBuild,
        stream: StreamTag,
    ) -> Result<(Position, Vec<ViewRow>), Fault> {
        let rows = fetch!(self.shared.views, connection => sqlx::query_as(ROWS_OF_STREAM)
            .bind(tenant.as_str())
            .bind(build.view.as_str())
            .bind(i64::from(build.revision))
            .bind(stream.0.as_slice())
            .fetch_all(connection));
        snapshot(rows)
    }

    async fn rows_by_key(
        &self,
        tenant: &TenantId,
        build: &ViewBuild,
        keys: &[(StreamTag, String)],
    ) -> Result<Vec<Option<ViewRow>>, Fault> {
        if keys.is_empty() {
            return Ok(Vec::new());
        }
        let tags: Vec<&[u8]> = keys.iter().map(|(tag, _)| tag.0.as_slice()).collect();
        let names: Vec<&str> = keys.iter().map(|(_, key)| key.as_str()).collect();
        let rows: Vec<Row> = fetch!(self.shared.views, connection => sqlx::query_as(ROWS_BY_KEY)
            .bind(tenant.as_str())
            .bind(build.view.as_str())
            .bind(i64::from(build.revision))
            .bind(&tags)
            .bind(&names)
            .fetch_all(connection));
        if rows.is_empty() {
            return Err(Fault::Conflict);
        }
        let rows = rows.into_iter().map(|it| Ok((it.1, row(it)?)));
        let rows = in_order(keys.len(), rows)?;
        Ok(rows.into_iter().map(Option::flatten).collect())
    }

    async fn page(
        &self,
        tenant: &TenantId,
        build: &ViewBuild,
        order: RowOrder,
        after: i64,
        limit: u32,
    ) -> Result<(Position, Vec<ViewRow>), Fault> {
        let sql = match order {
            RowOrder::FirstAppearance => PAGE_BY_FIRST_APPEARANCE,
            RowOrder::LastChange => PAGE_BY_LAST_CHANGE,
        };
        let rows = fetch!(self.shared.views, connection => sqlx::query_as(sql)
            .bind(tenant.as_str())
            .bind(build.view.as_str())
            .bind(i64::from(build.revision))
            .bind(after)
            .bind(i64::from(limit.min(READ_LIMIT_MAX)))
            .fetch_all(connection));
        snapshot(rows)
    }
}
