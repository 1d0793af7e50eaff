//! Rows of views in `views.db`. A read sees one snapshot, so rows and checkpoint fit each other.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use fokus_store::leases::Leases;
use fokus_store::{
    Fault, Lease, Position, Published, READ_LIMIT_MAX, RowOrder, StreamTag, TenantId, ViewBatch,
    ViewBuild, ViewCheckpoint, ViewRow, ViewStore,
};
use rusqlite::{Connection, OptionalExtension as _, Params, Row, params};
use tokio::time::Instant;
use uuid::Uuid;

use crate::fault::Stop;
use crate::journal::rows;
use crate::number::{int, uint, uint32};
use crate::store::SqliteStore;
use crate::writer::Writer;

/// Rows named that are looked up where they are asked for. More are read on a thread of their own.
const HERE_MAX: usize = 64;

/// The columns that [`read_row`] reads.
macro_rules! rows_sql {
    ($which:literal) => {
        concat!(
            "select stream_tag, key, sort1, sort2, state, body from view_row where build = ?1 and ",
            $which
        )
    };
}

const ROWS_OF_STREAM: &str = rows_sql!("stream_tag = ?2 order by key");
const ROW_BY_KEY: &str = rows_sql!("stream_tag = ?2 and key = ?3");
const PAGE_BY_FIRST_APPEARANCE: &str =
    rows_sql!("body <> x'' and sort1 > ?2 order by sort1, stream_tag, key");
const PAGE_BY_LAST_CHANGE: &str =
    rows_sql!("body <> x'' and sort2 > ?2 order by sort2, stream_tag, key");

fn read_row(row: &Row<'_>) -> Result<ViewRow, Stop> {
    Ok(ViewRow {
        stream_tag: StreamTag(row.get(0)?),
        key: row.get(1)?,
        sort1: row.get(2)?,
        sort2: row.get(3)?,
        state: row.get(4)?,
        body: row.get(5)?,
    })
}

/// Number of the build, and position of its checkpoint.
fn checkpoint(
    connection: &Connection,
    tenant: &TenantId,
    build: &ViewBuild,
) -> Result<(i64, Position), Stop> {
    let sql = "select build, position from view_build \
               where tenant = ?1 and view = ?2 and revision = ?3";
    let mut statement = connection.prepare_cached(sql)?;
    let mut builds = statement.query(params![tenant.as_str(), build.view, build.revision])?;
    let Some(row) = builds.next()? else { return Err(Fault::Conflict.into()) };
    Ok((row.get(0)?, Position(uint(row.get(1)?)?)))
}

/// Rows of a page, and those that equal the last one.
fn page(
    connection: &Connection,
    number: i64,
    order: RowOrder,
    after: i64,
    limit: usize,
) -> Result<Vec<ViewRow>, Stop> {
    let sql = match order {
        RowOrder::FirstAppearance => PAGE_BY_FIRST_APPEARANCE,
        RowOrder::LastChange => PAGE_BY_LAST_CHANGE,
    };
    let value = |row: &ViewRow| match order {
        RowOrder::FirstAppearance => row.sort1,
        RowOrder::LastChange => row.sort2,
    };
    let mut page: Vec<ViewRow> = Vec::new();
    if limit == 0 {
        return Ok(page);
    }
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query(params![number, after])?;
    while let Some(row) = rows.next()? {
        let row = read_row(row)?;
        if page.len() >= limit && page.last().is_some_and(|last| value(last) != value(&row)) {
            break;
        }
        page.push(row);
    }
    Ok(page)
}

/// The row that a statement finds, which is at most one.
fn row(connection: &Connection, parameters: impl Params) -> Result<Option<ViewRow>, Stop> {
    let mut statement = connection.prepare_cached(ROW_BY_KEY)?;
    let mut rows = statement.query(parameters)?;
    rows.next()?.map(read_row).transpose()
}

fn rows_by_key(
    connection: &Connection,
    tenant: &TenantId,
    build: &ViewBuild,
    keys: &[(StreamTag, String)],
) -> Result<Vec<Option<ViewRow>>, Fault> {
    let (number, _) = checkpoint(connection, tenant, build)?;
    keys.iter().map(|(tag, key)| Ok(row(connection, params![number, tag.0, key])?)).collect()
}

/// The number of a build, if it is there.
fn number(
    connection: &Connection,
    tenant: &TenantId,
    build: &ViewBuild,
) -> Result<Option<(i64, bool)>, Stop> {
    let sql = "select build, live from view_build \
               where tenant = ?1 and view = ?2 and revision = ?3";
    let name = params![tenant.as_str(), build.view, build.revision];
    let mut statement = connection.prepare_cached(sql)?;
    Ok(statement.query_row(name, |row| Ok((row.get(0)?, row.get(1)?))).optional()?)
}

fn begin(
    connection: &Connection,
    tenant: &TenantId,
    build: &ViewBuild,
    live: bool,
) -> Result<(), Stop> {
    // Another live build leaves no row to add; the build itself does not matter if it is there.
    let sql = "insert into view_build (tenant, view, revision, position, live) \
               values (?1, ?2, ?3, 0, ?4) on conflict do nothing";
    let row = params![tenant.as_str(), build.view, build.revision, live];
    connection.prepare_cached(sql)?.execute(row)?;
    let there = number(connection, tenant, build)?;
    there.map(|_| ()).ok_or(Stop::Fault(Fault::Conflict))
}

/// Whether it changed what is published.
fn commit(
    connection: &Connection,
    tenant: &TenantId,
    build: &ViewBuild,
    batch: &ViewBatch,
) -> Result<bool, Stop> {
    let sql = "update view_build set position = ?4 where tenant = ?1 and view = ?2 \
               and revision = ?3 and position = ?5 and halted_position is null returning build";
    let (position, expected) = (int(batch.position.0)?, int(batch.expected.0)?);
    let name = params![tenant.as_str(), build.view, build.revision, position, expected];
    let moved: Option<i64> =
        connection.prepare_cached(sql)?.query_row(name, |row| row.get(0)).optional()?;
    let Some(number) = moved else { return Err(Fault::Conflict.into()) };
    let sql = "delete from view_row where build = ?1 and stream_tag = ?2";
    let mut statement = connection.prepare_cached(sql)?;
    for tag in &batch.cleared {
        statement.execute(params![number, tag.0])?;
    }
    let mut publishes = !batch.published.is_empty();
    let sql = "delete from published_cell where build = ?1 and stream_tag = ?2";
    let mut statement = connection.prepare_cached(sql)?;
    for tag in &batch.cleared {
        publishes |= statement.execute(params![number, tag.0])? > 0;
    }
    let sql = "insert into view_row (build, stream_tag, key, sort1, sort2, state, body) \
               values (?1, ?2, ?3, ?4, ?5, ?6, ?7) \
               on conflict (build, stream_tag, key) do update \
               set sort1 = excluded.sort1, sort2 = excluded.sort2, \
               state = excluded.state, body = excluded.body";
    let mut statement = connection.prepare_cached(sql)?;
    // In the order of the index: rows beside each other are written while their page is at hand. Of
    // rows with the same key, the last one counts, as given.
    let mut rows: Vec<&ViewRow> = batch.rows.iter().collect();
    rows.sort_by(|one, other| (one.stream_tag, &one.key).cmp(&(other.stream_tag, &other.key)));
    for row in rows {
        let ViewRow { stream_tag, key, sort1, sort2, state, body } = row;
        statement.execute(params![number, stream_tag.0, key, sort1, sort2, state, body])?;
    }
    batch.published.iter().try_for_each(|it| publish(connection, number, it))?;
    Ok(publishes)
}

fn publish(connection: &Connection, number: i64, it: &Published) -> Result<(), Stop> {
    let sql = "delete from published_cell where build = ?1 and stream_tag = ?2 and key = ?3";
    connection.prepare_cached(sql)?.execute(params![number, it.stream_tag.0, it.key])?;
    let sql = "insert into published_cell (build, stream_tag, key, table_code, row_number, column_number, \
               row_code, column_code, number, threshold, programme_id, programme, quarter, quarter_end, \
               release_id, release_position, released_on, released_at) \
               values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18)";
    let mut statement = connection.prepare_cached(sql)?;
    for cell in &it.cells {
        statement.execute(params![
            number,
            it.stream_tag.0,
            it.key,
            cell.table_code,
            cell.row_number,
            cell.column_number,
            cell.row_code,
            cell.column_code,
            cell.number,
            cell.threshold,
            cell.programme_id,
            cell.programme,
            cell.quarter,
            cell.quarter_end,
            cell.release_id,
            int(cell.release_position.0)?,
            cell.released_on,
            cell.released_at,
        ])?;
    }
    Ok(())
}

fn halt(
    connection: &Connection,
    tenant: &TenantId,
    build: &ViewBuild,
    position: Position,
    code: &str,
) -> Result<(), Stop> {
    let sql = "update view_build set halted_code = coalesce(halted_code, ?5), \
               halted_position = coalesce(halted_position, ?4) \
               where tenant = ?1 and view = ?2 and revision = ?3";
    let row = params![tenant.as_str(), build.view, build.revision, int(position.0)?, code];
    let halted = connection.prepare_cached(sql)?.execute(row)?;
    if halted == 1 { Ok(()) } else { Err(Fault::Conflict.into()) }
}

/// Removes the other builds before the build becomes the live one: there is one live build only.
fn switch(connection: &Connection, tenant: &TenantId, build: &ViewBuild) -> Result<(), Stop> {
    let Some((kept, _)) = number(connection, tenant, build)? else {
        return Err(Fault::Conflict.into());
    };
    let sql = "select build from view_build where tenant = ?1 and view = ?2 and build <> ?3";
    let name = params![tenant.as_str(), build.view, kept];
    let others: Vec<i64> = rows::<_, Stop>(connection, sql, name, |row| Ok(row.get(0)?))?;
    for other in others {
        remove(connection, other)?;
    }
    connection
        .prepare_cached("update view_build set live = 1 where build = ?1")?
        .execute([kept])?;
    Ok(())
}

fn discard(connection: &Connection, tenant: &TenantId, build: &ViewBuild) -> Result<(), Stop> {
    match number(connection, tenant, build)? {
        None => Ok(()),
        Some((_, true)) => Err(Fault::Conflict.into()),
        Some((number, false)) => remove(connection, number),
    }
}

fn remove(connection: &Connection, number: i64) -> Result<(), Stop> {
    for sql in [
        "delete from view_row where build = ?1",
        "delete from published_cell where build = ?1",
        "delete from view_build where build = ?1",
    ] {
        connection.prepare_cached(sql)?.execute([number])?;
    }
    Ok(())
}

impl SqliteStore {
    /// Runs `write` in a transaction, if the lease is still the newest one.
    async fn write_view<T: Send + 'static>(
        &self,
        tenant: &TenantId,
        lease: &Lease,
        build: &ViewBuild,
        write: impl FnOnce(&Connection, &TenantId, &ViewBuild) -> Result<T, Stop> + Send + 'static,
    ) -> Result<T, Fault> {
        let (tenant, lease, build) = (tenant.clone(), lease.clone(), build.clone());
        let leases = Arc::clone(&self.shared.leases);
        // Leases change on the same thread, so this one stays the newest until the commit.
        let write = move |it: &Connection| {
            with(&leases, |leases| leases.check(&tenant, &lease))?;
            write(it, &tenant, &build)
        };
        self.shared.views.writers.transaction(write).await
    }
}

/// Nothing here panics while it holds the lock; if it did, the data would still be whole.
fn with<T>(leases: &Mutex<Leases>, run: impl FnOnce(&mut Leases) -> T) -> T {
    run(&mut leases.lock().unwrap_or_else(PoisonError::into_inner))
}

#[async_trait]
impl ViewStore for SqliteStore {
    async fn lease(
        &self,
        tenant: &TenantId,
        name: &str,
        holder: Uuid,
        ttl: Duration,
    ) -> Result<Option<Lease>, Fault> {
        let (tenant, name, leases) =
            (tenant.clone(), name.to_owned(), Arc::clone(&self.shared.leases));
        let take =
            move |leases: &mut Leases| leases.take(&tenant, &name, holder, ttl, Instant::now());
        self.shared.views.writers.run(move |_| Ok(with(&leases, take))).await
    }

    async fn release(&self, tenant: &TenantId, lease: &Lease) -> Result<(), Fault> {
        let (tenant, lease, leases) =
            (tenant.clone(), lease.clone(), Arc::clone(&self.shared.leases));
        let release = move |leases: &mut Leases| leases.release(&tenant, &lease);
        let release = move |_: &mut Writer| {
            with(&leases, release);
            Ok(())
        };
        self.shared.views.writers.run(release).await
    }

    async fn checkpoints(&self, tenant: &TenantId) -> Result<Vec<ViewCheckpoint>, Fault> {
        let sql = "select view, revision, position, live, halted_position, halted_code \
                   from view_build where tenant = ?1 order by view, revision";
        let read = |row: &Row<'_>| {
            let halted_at: Option<i64> = row.get(4)?;
            let halted_at = halted_at.map(uint).transpose()?.map(Position);
            let code: Option<String> = row.get(5)?;
            Ok(ViewCheckpoint {
                build: ViewBuild { view: row.get(0)?, revision: uint32(row.get(1)?)? },
                position: Position(uint(row.get(2)?)?),
                live: row.get(3)?,
                halted: halted_at.zip(code),
            })
        };
        let readers = &self.shared.views.readers;
        readers.look_up(|it| rows(it, sql, params![tenant.as_str()], read)).await
    }

    async fn begin(
        &self,
        tenant: &TenantId,
        lease: &Lease,
        build: &ViewBuild,
        live: bool,
    ) -> Result<(), Fault> {
        let write = move |it: &Connection, tenant: &TenantId, build: &ViewBuild| {
            begin(it, tenant, build, live)
        };
        self.write_view(tenant, lease, build, write).await
    }

    async fn commit(
        &self,
        tenant: &TenantId,
        lease: &Lease,
        build: &ViewBuild,
        batch: ViewBatch,
    ) -> Result<(), Fault> {
        let write = move |it: &Connection, tenant: &TenantId, build: &ViewBuild| {
            commit(it, tenant, build, &batch)
        };
        let publishes = self.write_view(tenant, lease, build, write).await?;
        self.copy_released(tenant, publishes).await
    }

    async fn halt(
        &self,
        tenant: &TenantId,
        lease: &Lease,
        build: &ViewBuild,
        position: Position,
        code: &str,
    ) -> Result<(), Fault> {
        let code = code.to_owned();
        let write = move |it: &Connection, tenant: &TenantId, build: &ViewBuild| {
            halt(it, tenant, build, position, &code)
        };
        self.write_view(tenant, lease, build, write).await
    }

    async fn switch(
        &self,
        tenant: &TenantId,
        lease: &Lease,
        build: &ViewBuild,
    ) -> Result<(), Fault> {
        self.write_view(tenant, lease, build, switch).await?;
        self.copy_released(tenant, true).await
    }

    async fn discard(
        &self,
        tenant: &TenantId,
        lease: &Lease,
        build: &ViewBuild,
    ) -> Result<(), Fault> {
        self.write_view(tenant, lease, build, discard).await
    }

    async fn rows(
        &self,
        tenant: &TenantId,
        build: &ViewBuild,
        stream: StreamTag,
    ) -> Result<(Position, Vec<ViewRow>), Fault> {
        let (tenant, build) = (tenant.clone(), build.clone());
        let read = move |it: &Connection| {
            let (number, position) = checkpoint(it, &tenant, &build)?;
            let rows = rows::<_, Fault>(it, ROWS_OF_STREAM, params![number, stream.0], read_row)?;
            Ok((position, rows))
        };
        self.shared.views.readers.read(read).await
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
        let readers = &self.shared.views.readers;
        if keys.len() <= HERE_MAX {
            return readers.look_up(|it| rows_by_key(it, tenant, build, keys)).await;
        }
        let (tenant, build, keys) = (tenant.clone(), build.clone(), keys.to_vec());
        readers.read(move |it| rows_by_key(it, &tenant, &build, &keys)).await
    }

    async fn page(
        &self,
        tenant: &TenantId,
        build: &ViewBuild,
        order: RowOrder,
        after: i64,
        limit: u32,
    ) -> Result<(Position, Vec<ViewRow>), Fault> {
        let limit = usize::try_from(limit.min(READ_LIMIT_MAX)).unwrap_or(0);
        let (tenant, build) = (tenant.clone(), build.clone());
        let read = move |it: &Connection| {
            let (number, position) = checkpoint(it, &tenant, &build)?;
            Ok((position, page(it, number, order, after, limit)?))
        };
        self.shared.views.readers.read(read).await
    }
}
