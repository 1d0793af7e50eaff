//! What is checked before a store serves anything: that the right edge of each log's tree, computed
//! anew from its rows, is the one that is stored and signed (`fokus_store::edge_check`).
//!
//! It reads the partial tiles only, so it takes the same time whatever the size of the log.

use fokus_log::edge::{Edge, PartialTile};
use fokus_log::tile::{TILE_WIDTH, Tile};
use fokus_log::{Hash, leaf_hash};
use fokus_store::edge_check::{Contradiction, StoredLog, check_edge};
use fokus_store::{Fault, Head, Position, TenantId};
use sqlx::PgConnection;

use crate::citus;
use crate::connect::Target;
use crate::error::OpenError;
use crate::identity::Identity;
use crate::row::{array, int, uint};

/// What was read to check the right edges of all logs, and what the database is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct StartReport {
    /// Leaves: at most 256 for each log.
    pub leaves_read: u64,
    /// Tiles: at most 255 for each log and level.
    pub tiles_read: u64,
    /// Whether the log's tables are distributed over a cluster of Citus.
    pub citus: bool,
}

/// A log that was checked.
pub(crate) struct Checked {
    pub(crate) tenant: TenantId,
    pub(crate) origin: String,
    pub(crate) edge: Edge,
    pub(crate) head: Head,
}

/// Why a log does not start.
enum Untrue {
    Contradiction(String),
    Database(sqlx::Error),
}

impl From<sqlx::Error> for Untrue {
    fn from(error: sqlx::Error) -> Self {
        Untrue::Database(error)
    }
}

impl From<Fault> for Untrue {
    fn from(fault: Fault) -> Self {
        Untrue::Contradiction(fault.to_string())
    }
}

impl From<Contradiction> for Untrue {
    fn from(contradiction: Contradiction) -> Self {
        Untrue::Contradiction(contradiction.0)
    }
}

/// A row of the table `log`: tenant, origin, size, root, edge, last_ms, note, synthetic.
type LogRow = (String, String, i64, Vec<u8>, Vec<u8>, i64, String, bool, String, bool);

/// Checks every log of the store.
pub(crate) async fn check(
    target: &Target,
    connection: &mut PgConnection,
    identity: &Identity,
) -> Result<(Vec<Checked>, StartReport), OpenError> {
    let refused =
        |error: &sqlx::Error| OpenError::of(target, "to read the heads of the logs", error);
    let mut report = StartReport {
        citus: citus::is_distributed(connection).await.map_err(|error| refused(&error))?,
        ..StartReport::default()
    };
    if report.citus {
        citus::plan_here(connection).await.map_err(|error| refused(&error))?;
    }
    let rows: Vec<LogRow> = sqlx::query_as(
        "select tenant, origin, size, root, edge, last_ms, note, synthetic, log, copying \
         from journal.log order by tenant, log",
    )
    .fetch_all(&mut *connection)
    .await
    .map_err(|error| refused(&error))?;
    let is_copy: bool =
        sqlx::query_scalar("select coalesce(bool_or(copying), false) from journal.store")
            .fetch_one(&mut *connection)
            .await
            .map_err(|error| refused(&error))?;
    let mut logs = Vec::new();
    for row in rows {
        let name = row.0.clone();
        if let Err(what) = is_usable(&row, is_copy) {
            return Err(OpenError::Contradiction { tenant: name, what: what.to_owned() });
        }
        match check_log(connection, identity, row, &mut report).await {
            Ok(checked) => logs.push(checked),
            Err(Untrue::Database(error)) => return Err(refused(&error)),
            Err(Untrue::Contradiction(what)) => {
                return Err(OpenError::Contradiction { tenant: name, what });
            }
        }
    }
    Ok((logs, report))
}

/// Whether the row is of a log that this program reads. Fails with what it is instead.
fn is_usable((.., log, copying): &LogRow, is_copy: bool) -> Result<(), &'static str> {
    if log != "journal" {
        return Err("its log has a name that no log of this store has");
    }
    // Of a store that is served every copy has ended.
    if *copying && !is_copy { Err("its copy has not ended, but the store's has") } else { Ok(()) }
}

async fn check_log(
    connection: &mut PgConnection,
    identity: &Identity,
    (tenant, origin, size, root, edge, last_ms, note, synthetic, ..): LogRow,
    report: &mut StartReport,
) -> Result<Checked, Untrue> {
    let tenant =
        TenantId::parse(&tenant).map_err(|invalid| Untrue::Contradiction(invalid.to_string()))?;
    if synthetic != identity.synthetic {
        let what = "it holds invented people, and the store real ones, or the reverse";
        return Err(Untrue::Contradiction(what.to_owned()));
    }
    let info = identity.seeds().signer(&tenant)?.info(origin, synthetic);
    let position = Position(uint(size)?);
    let head = Head { position, root: array(&root)?, last_ms: uint(last_ms)?, checkpoint: note };
    let stored = StoredLog { info, head, edge };
    let pending = partial_tiles(connection, &tenant, position.0, report).await?;
    let last = last_leaf(connection, &tenant).await?;
    // Where the last tile is full, this leaf was not read with the partial one.
    if last.is_some() && position.0.is_multiple_of(TILE_WIDTH as u64) {
        report.leaves_read = report.leaves_read.saturating_add(1);
    }
    let last = last.as_ref().map(|(position, leaf)| (*position, leaf.as_slice()));
    let expected = first_origin(&identity.authority, &tenant);
    let edge = check_edge(&stored, &expected, pending, last)?;
    Ok(Checked { tenant, origin: stored.info.origin, edge, head: stored.head })
}

/// The name with which a tenant's journal begins.
pub(crate) fn first_origin(authority: &str, tenant: &TenantId) -> String {
    format!("{authority}/{tenant}/journal")
}

/// The right edge of a tree of this size, from the rows. Whether they are the right ones, the caller
/// finds by comparing the root.
pub(crate) async fn rebuild_edge(
    connection: &mut PgConnection,
    tenant: &TenantId,
    size: u64,
) -> Result<Option<Edge>, sqlx::Error> {
    let mut report = StartReport::default();
    match partial_tiles(connection, tenant, size, &mut report).await {
        Ok(pending) => Ok(Edge::rebuild(size, pending).ok()),
        Err(Untrue::Database(error)) => Err(error),
        Err(Untrue::Contradiction(_)) => Ok(None),
    }
}

/// The hashes that are in no full tile of their level.
async fn partial_tiles(
    connection: &mut PgConnection,
    tenant: &TenantId,
    size: u64,
    report: &mut StartReport,
) -> Result<Vec<Vec<Hash>>, Untrue> {
    let mut pending = Vec::new();
    for partial in Edge::partial_tiles(size) {
        let hashes = match partial.level.checked_sub(1) {
            None => leaf_hashes(connection, tenant, partial).await?,
            Some(below) => tile_roots(connection, tenant, below, partial).await?,
        };
        let read = hashes.len() as u64;
        if partial.level == 0 {
            report.leaves_read = report.leaves_read.saturating_add(read);
        } else {
            report.tiles_read = report.tiles_read.saturating_add(read);
        }
        pending.push(hashes);
    }
    Ok(pending)
}

async fn leaf_hashes(
    connection: &mut PgConnection,
    tenant: &TenantId,
    partial: PartialTile,
) -> Result<Vec<Hash>, Untrue> {
    // Leaf indexes count from 0, positions from 1.
    let leaves: Vec<Vec<u8>> = sqlx::query_scalar(
        "select leaf from journal.leaf where tenant = $1 and log = 'journal' \
         and position > $2 and position <= $3 order by position",
    )
    .bind(tenant.as_str())
    .bind(int(partial.first)?)
    .bind(int(partial.first.saturating_add(partial.width))?)
    .fetch_all(connection)
    .await?;
    Ok(leaves.iter().map(|leaf| leaf_hash(leaf)).collect())
}

async fn tile_roots(
    connection: &mut PgConnection,
    tenant: &TenantId,
    level: u8,
    partial: PartialTile,
) -> Result<Vec<Hash>, Untrue> {
    let tiles: Vec<(i64, Vec<u8>)> = sqlx::query_as(
        "select n, hashes from journal.tile where tenant = $1 and log = 'journal' \
         and level = $2 and n >= $3 and n < $4 order by n",
    )
    .bind(tenant.as_str())
    .bind(i16::from(level))
    .bind(int(partial.first)?)
    .bind(int(partial.first.saturating_add(partial.width))?)
    .fetch_all(connection)
    .await?;
    let roots = tiles.into_iter().map(|(n, hashes)| {
        let tile = Tile::from_bytes(level, uint(n)?, &hashes);
        tile.map(|tile| tile.root()).map_err(|error| Untrue::Contradiction(error.to_string()))
    });
    roots.collect()
}

async fn last_leaf(
    connection: &mut PgConnection,
    tenant: &TenantId,
) -> Result<Option<(Position, Vec<u8>)>, Untrue> {
    let last: Option<(i64, Vec<u8>)> = sqlx::query_as(
        "select position, leaf from journal.leaf where tenant = $1 and log = 'journal' \
         order by position desc limit 1",
    )
    .bind(tenant.as_str())
    .fetch_optional(connection)
    .await?;
    Ok(last
        .map(|(position, leaf)| Ok::<_, Fault>((Position(uint(position)?), leaf)))
        .transpose()?)
}
