//! Rows of views in `views.db`. Each read is one statement, so rows and checkpoint are of one
//! snapshot; a read that gets no row at all asked for a build that is not there.

use async_trait::async_trait;
use fokus_store::{
    Fault, Position, READ_LIMIT_MAX, RowOrder, StreamTag, TenantId, ViewBatch, ViewBuild,
    ViewCheckpoint, ViewRow, ViewStore,
};
use serde_json::json;
use sqlx::SqliteConnection;

use crate::fault::fault;
use crate::journal::{Stop, finish, in_order};
use crate::pack::{Rows, array, int, uint, uint32};
use crate::row::row;
use crate::store::SqliteStore;

row! {
    /// A row of a view beside the checkpoint of its build, or the checkpoint alone.
    struct Row {
        position: i64,
        place: i64,
        stream_tag: Option<Vec<u8>>,
        key: Option<String>,
        sort1: Option<i64>,
        sort2: Option<i64>,
        state: Option<Vec<u8>>,
        body: Option<Vec<u8>>,
    }
}

impl Row {
    fn read(self) -> Result<Option<ViewRow>, Fault> {
        let Row { stream_tag, key, sort1, sort2, state, body, .. } = self;
        let (Some(tag), Some(key), Some(sort1), Some(sort2), Some(state), Some(body)) =
            (stream_tag, key, sort1, sort2, state, body)
        else {
            return Ok(None);
        };
        Ok(Some(ViewRow { stream_tag: StreamTag(array(&tag)?), key, sort1, sort2, state, body }))
    }
}

/// The rows that `$rows` takes beside the checkpoint of their build.
macro_rules! rows_sql {
    ($rows:literal) => {
        concat!(
            "select c.position, 0 as place, ",
            "r.stream_tag, r.key, r.sort1, r.sort2, r.state, r.body ",
            "from view_checkpoint c left join view_row r ",
            "on r.tenant = ?1 and r.view = ?2 and r.revision = ?3 and ",
            $rows,
            " where c.tenant = ?1 and c.view = ?2 and c.revision = ?3 ",
        )
    };
}

const ROWS_OF_STREAM: &str = concat!(rows_sql!("r.stream_tag = ?4"), "order by r.key");

const ROWS_BY_KEY: &str = "\
    select c.position, j.key as place, \
    r.stream_tag, r.key, r.sort1, r.sort2, r.state, r.body \
    from view_checkpoint c cross join json_each(?4) j left join view_row r \
    on r.tenant = ?1 and r.view = ?2 and r.revision = ?3 \
    and r.stream_tag = unhex(j.value ->> 0) and r.key = j.value ->> 1 \
    where c.tenant = ?1 and c.view = ?2 and c.revision = ?3";

// Rows that equal the last one of a page belong to it.
const PAGE_BY_FIRST_APPEARANCE: &str = concat!(
    rows_sql!(
        "r.body <> x'' and r.sort1 > ?4 and r.sort1 <= (select max(sort1) from (\
         select sort1 from view_row where tenant = ?1 and view = ?2 and revision = ?3 \
         and body <> x'' and sort1 > ?4 order by sort1 limit ?5))"
    ),
    "order by r.sort1, r.stream_tag, r.key"
);
const PAGE_BY_LAST_CHANGE: &str = concat!(
    rows_sql!(
        "r.body <> x'' and r.sort2 > ?4 and r.sort2 <= (select max(sort2) from (\
         select sort2 from view_row where tenant = ?1 and view = ?2 and revision = ?3 \
         and body <> x'' and sort2 > ?4 order by sort2 limit ?5))"
    ),
    "order by r.sort2, r.stream_tag, r.key"
);

/// The checkpoint's position and the rows; no row at all means that there is no such build.
fn snapshot(rows: Vec<Row>) -> Result<(Position, Vec<ViewRow>), Fault> {
    let position = rows.first().ok_or(Fault::Conflict)?.position;
    let rows: Result<Vec<Option<ViewRow>>, Fault> = rows.into_iter().map(Row::read).collect();
    Ok((Position(uint(position)?), rows?.into_iter().flatten().collect()))
}

async fn begin(
    connection: &mut SqliteConnection,
    tenant: &TenantId,
    build: &ViewBuild,
    live: bool,
) -> Result<(), Stop> {
    // Another live build leaves no row to add; the build itself does not matter if it is there.
    sqlx::query(
        "insert into view_checkpoint (tenant, view, revision, position, live) \
         values (?1, ?2, ?3, 0, ?4) on conflict do nothing",
    )
    .bind(tenant.as_str())
    .bind(build.view.as_str())
    .bind(build.revision)
    .bind(live)
    .execute(&mut *connection)
    .await?;
    let there = sqlx::query(
        "select 1 from view_checkpoint where tenant = ?1 and view = ?2 and revision = ?3",
    )
    .bind(tenant.as_str())
    .bind(build.view.as_str())
    .bind(build.revision)
    .fetch_optional(connection)
    .await?;
    there.map(|_| ()).ok_or(Stop::Fault(Fault::Conflict))
}

async fn commit(
    connection: &mut SqliteConnection,
    tenant: &TenantId,
    build: &ViewBuild,
    batch: ViewBatch,
) -> Result<(), Stop> {
    let moved = sqlx::query(
        "update view_checkpoint set position = ?4 where tenant = ?1 and view = ?2 \
         and revision = ?3 and position = ?5 and halted_position is null",
    )
    .bind(tenant.as_str())
    .bind(build.view.as_str())
    .bind(build.revision)
    .bind(int(batch.position.0)?)
    .bind(int(batch.expected.0)?)
    .execute(&mut *connection)
    .await?;
    if moved.rows_affected() != 1 {
        return Err(Fault::Conflict.into());
    }
    if !batch.cleared.is_empty() {
        let cleared: Rows = batch.cleared.iter().map(|tag| json!(hex::encode(tag.0))).collect();
        sqlx::query(
            "delete from view_row where tenant = ?1 and view = ?2 and revision = ?3 \
             and stream_tag in (select unhex(value) from json_each(?4))",
        )
        .bind(tenant.as_str())
        .bind(build.view.as_str())
        .bind(build.revision)
        .bind(cleared.json())
        .execute(&mut *connection)
        .await?;
    }
    write_rows(connection, tenant, build, &batch.rows).await
}

async fn write_rows(
    connection: &mut SqliteConnection,
    tenant: &TenantId,
    build: &ViewBuild,
    rows: &[ViewRow],
) -> Result<(), Stop> {
    if rows.is_empty() {
        return Ok(());
    }
    let mut packed = Rows::default();
    for row in rows {
        let tag = hex::encode(row.stream_tag.0);
        let ((state, state_length), (body, body_length)) =
            (packed.part(&row.state), packed.part(&row.body));
        let [sort1, sort2] = [row.sort1, row.sort2];
        packed.push(json!([tag, row.key, sort1, sort2, state, state_length, body, body_length]));
    }
    let (packed, blob) = packed.json_and_blob();
    // `substr` of nothing is null when the blob itself is empty.
    sqlx::query(
        "insert into view_row \
         (tenant, view, revision, stream_tag, key, sort1, sort2, state, body) \
         select ?1, ?2, ?3, unhex(value ->> 0), value ->> 1, value ->> 2, value ->> 3, \
         coalesce(substr(?5, value ->> 4, value ->> 5), x''), \
         coalesce(substr(?5, value ->> 6, value ->> 7), x'') \
         from json_each(?4) where true \
         on conflict (tenant, view, revision, stream_tag, key) do update \
         set sort1 = excluded.sort1, sort2 = excluded.sort2, \
         state = excluded.state, body = excluded.body",
    )
    .bind(tenant.as_str())
    .bind(build.view.as_str())
    .bind(build.revision)
    .bind(packed)
    .bind(blob)
    .execute(connection)
    .await?;
    Ok(())
}

async fn halt(
    connection: &mut SqliteConnection,
    tenant: &TenantId,
    build: &ViewBuild,
    position: Position,
    code: &str,
) -> Result<(), Stop> {
    let halted = sqlx::query(
        "update view_checkpoint set halted_code = coalesce(halted_code, ?5), \
         halted_position = coalesce(halted_position, ?4) \
         where tenant = ?1 and view = ?2 and revision = ?3",
    )
    .bind(tenant.as_str())
    .bind(build.view.as_str())
    .bind(build.revision)
    .bind(int(position.0)?)
    .bind(code)
    .execute(connection)
    .await?;
    if halted.rows_affected() == 1 { Ok(()) } else { Err(Fault::Conflict.into()) }
}

/// Removes the other builds before the build becomes the live one: there is one live build only.
async fn switch(
    connection: &mut SqliteConnection,
    tenant: &TenantId,
    build: &ViewBuild,
) -> Result<(), Stop> {
    for sql in [
        "delete from view_row where tenant = ?1 and view = ?2 and revision <> ?3",
        "delete from view_checkpoint where tenant = ?1 and view = ?2 and revision <> ?3",
    ] {
        sqlx::query(sql)
            .bind(tenant.as_str())
            .bind(build.view.as_str())
            .bind(build.revision)
            .execute(&mut *connection)
            .await?;
    }
    let switched = sqlx::query(
        "update view_checkpoint set live = 1 where tenant = ?1 and view = ?2 and revision = ?3",
    )
    .bind(tenant.as_str())
    .bind(build.view.as_str())
    .bind(build.revision)
    .execute(connection)
    .await?;
    if switched.rows_affected() == 1 { Ok(()) } else { Err(Fault::Conflict.into()) }
}

async fn discard(
    connection: &mut SqliteConnection,
    tenant: &TenantId,
    build: &ViewBuild,
) -> Result<(), Stop> {
    let live: Option<bool> = sqlx::query_scalar(
        "select live from view_checkpoint where tenant = ?1 and view = ?2 and revision = ?3",
    )
    .bind(tenant.as_str())
    .bind(build.view.as_str())
    .bind(build.revision)
    .fetch_optional(&mut *connection)
    .await?;
    if live == Some(true) {
        return Err(Fault::Conflict.into());
    }
    for sql in [
        "delete from view_row where tenant = ?1 and view = ?2 and revision = ?3",
        "delete from view_checkpoint where tenant = ?1 and view = ?2 and revision = ?3",
    ] {
        sqlx::query(sql)
            .bind(tenant.as_str())
            .bind(build.view.as_str())
            .bind(build.revision)
            .execute(&mut *connection)
            .await?;
    }
    Ok(())
}

/// Runs one of the functions above in a transaction, on a task that nobody cancels.
macro_rules! write {
    ($self:ident, $bytes:expr, $tenant:ident, $build:ident, $write:ident($($argument:expr),*)) => {{
        let (tenant, build) = ($tenant.clone(), $build.clone());
        let writer = $self.shared.views.writer.clone();
        let bytes: usize = $bytes;
        $self
            .uncancelled(async move {
                let mut writer = writer.lock().await;
                let connection = writer.begin().await?;
                let written = $write(connection, &tenant, &build $(, $argument)*).await;
                finish(&mut writer, written).await?;
                writer.commit(bytes).await
            })
            .await
    }};
}

#[async_trait]
impl ViewStore for SqliteStore {
    async fn checkpoints(&self, tenant: &TenantId) -> Result<Vec<ViewCheckpoint>, Fault> {
        type CheckpointRow = (String, i64, i64, bool, Option<i64>, Option<String>);
        let rows: Vec<CheckpointRow> = sqlx::query_as(
            "select view, revision, position, live, halted_position, halted_code \
             from view_checkpoint where tenant = ?1 order by view, revision",
        )
        .bind(tenant.as_str())
        .fetch_all(&self.shared.views.readers)
        .await
        .map_err(fault)?;
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

    async fn begin(&self, tenant: &TenantId, build: &ViewBuild, live: bool) -> Result<(), Fault> {
        write!(self, 0, tenant, build, begin(live))
    }

    async fn commit(
        &self,
        tenant: &TenantId,
        build: &ViewBuild,
        batch: ViewBatch,
    ) -> Result<(), Fault> {
        let bytes = batch.rows.iter().map(|row| row.state.len() + row.body.len()).sum();
        write!(self, bytes, tenant, build, commit(batch))
    }

    async fn halt(
        &self,
        tenant: &TenantId,
        build: &ViewBuild,
        position: Position,
        code: &str,
    ) -> Result<(), Fault> {
        let code = code.to_owned();
        write!(self, 0, tenant, build, halt(position, &code))
    }

    async fn switch(&self, tenant: &TenantId, build: &ViewBuild) -> Result<(), Fault> {
        write!(self, 0, tenant, build, switch())
    }

    async fn discard(&self, tenant: &TenantId, build: &ViewBuild) -> Result<(), Fault> {
        write!(self, 0, tenant, build, discard())
    }

    async fn rows(
        &self,
        tenant: &TenantId,
        build: &ViewBuild,
        stream: StreamTag,
    ) -> Result<(Position, Vec<ViewRow>), Fault> {
        let rows = sqlx::query_as(ROWS_OF_STREAM)
            .bind(tenant.as_str())
            .bind(build.view.as_str())
            .bind(build.revision)
            .bind(stream.0.as_slice())
            .fetch_all(&self.shared.views.readers)
            .await;
        snapshot(rows.map_err(fault)?)
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
        let names: Rows = keys.iter().map(|(tag, key)| json!([hex::encode(tag.0), key])).collect();
        let rows: Vec<Row> = sqlx::query_as(ROWS_BY_KEY)
            .bind(tenant.as_str())
            .bind(build.view.as_str())
            .bind(build.revision)
            .bind(names.json())
            .fetch_all(&self.shared.views.readers)
            .await
            .map_err(fault)?;
        if rows.is_empty() {
            return Err(Fault::Conflict);
        }
        let rows = rows.into_iter().map(|row| Ok((row.place, row.read()?)));
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
        let rows = sqlx::query_as(sql)
            .bind(tenant.as_str())
            .bind(build.view.as_str())
            .bind(build.revision)
            .bind(after)
            .bind(limit.min(READ_LIMIT_MAX))
            .fetch_all(&self.shared.views.readers)
            .await;
        snapshot(rows.map_err(fault)?)
    }
}
