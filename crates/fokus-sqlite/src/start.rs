//! What is checked before a store serves anything: that the right edge of each log's tree, computed
//! anew from its rows, is the one that is stored and signed.
//!
//! It reads the partial tiles only, so it takes the same time whatever the size of the log. It finds
//! a restored or edited head, a cut or forged end, another signing key. Deliberately absent: leaves
//! and tiles further back; `fokus_store::check` reads those.

use fokus_log::edge::{Edge, PartialTile};
use fokus_log::leaf::Leaf;
use fokus_log::note::{Signer as _, open_checkpoint};
use fokus_log::tile::{TILE_WIDTH, Tile};
use fokus_log::{Hash, leaf_hash};
use fokus_store::plan::tenant_signer;
use fokus_store::{Fault, Head, LogInfo, Position, TenantId};
use fokus_vault::key::SecretKey;
use sqlx::SqlitePool;

use crate::folder::OpenError;
use crate::journal::Log;
use crate::pack::{array, int, uint};
use crate::row::row;
use crate::schema::JOURNAL;
use crate::store::Entropy;

/// Most characters of an authority.
const AUTHORITY_MAX: usize = 100;
/// Random bytes of an authority that nobody chose.
const AUTHORITY_RANDOM_BYTES: usize = 8;

/// What was read to check the right edges of all logs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct StartReport {
    /// Leaves: at most 255 for each log.
    pub leaves_read: u64,
    /// Tiles: at most 255 for each log and level.
    pub tiles_read: u64,
}

/// What the one who opens the store wants of it.
pub(crate) struct Wanted {
    pub(crate) authority: Option<String>,
    pub(crate) synthetic: bool,
    pub(crate) entropy: Entropy,
}

/// What a store is, as its rows say.
pub(crate) struct Started {
    pub(crate) authority: String,
    pub(crate) synthetic: bool,
    pub(crate) logs: Vec<(TenantId, Log)>,
    pub(crate) report: StartReport,
}

row! {
    /// A row of the table `log`.
    struct LogRow {
        tenant: String,
        origin: String,
        size: i64,
        root: Vec<u8>,
        edge: Vec<u8>,
        last_ms: i64,
        note: String,
        synthetic: bool,
    }
}

pub(crate) async fn check(
    journal: &SqlitePool,
    signing_seed: &SecretKey,
    wanted: Wanted,
) -> Result<Started, OpenError> {
    let rows: Vec<LogRow> = sqlx::query_as(
        "select tenant, origin, size, root, edge, last_ms, note, synthetic \
         from log where log = 'journal' order by tenant",
    )
    .fetch_all(journal)
    .await
    .map_err(|error| OpenError::Database { database: JOURNAL.file, error })?;
    let (authority, synthetic) = identity(rows.first(), &wanted)?;
    let mut report = StartReport::default();
    let mut logs = Vec::new();
    for row in rows {
        let name = row.tenant.clone();
        let checked = check_log(journal, signing_seed, &authority, synthetic, row, &mut report);
        logs.push(checked.await.map_err(|untrue| untrue.named(name))?);
    }
    Ok(Started { authority, synthetic, logs, report })
}

/// The store's authority, and whether it holds invented people only: as its first log says, or,
/// while it has none, as wanted.
fn identity(first: Option<&LogRow>, wanted: &Wanted) -> Result<(String, bool), OpenError> {
    if let Some(authority) = &wanted.authority {
        let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
        if !(1..=AUTHORITY_MAX).contains(&authority.len()) || !authority.chars().all(fits) {
            return Err(OpenError::AuthorityMalformed);
        }
    }
    let Some(row) = first else {
        let authority = wanted.authority.clone().map_or_else(|| random_authority(wanted), Ok)?;
        return Ok((authority, wanted.synthetic));
    };
    let stored = row.origin.split('/').next().unwrap_or_default();
    if wanted.authority.as_ref().is_some_and(|authority| authority != stored) {
        return Err(OpenError::AuthorityDiffers { stored: stored.to_owned() });
    }
    if wanted.synthetic && !row.synthetic {
        return Err(OpenError::NotSynthetic);
    }
    Ok((stored.to_owned(), row.synthetic))
}

fn random_authority(wanted: &Wanted) -> Result<String, OpenError> {
    let mut bytes = [0_u8; AUTHORITY_RANDOM_BYTES];
    (wanted.entropy)(&mut bytes).map_err(|error| OpenError::File {
        path: JOURNAL.file.into(),
        doing: "get random bytes for the authority",
        error,
    })?;
    Ok(format!("{}.fokus.invalid", hex::encode(bytes)))
}

/// The name of a tenant's journal.
pub(crate) fn origin(authority: &str, tenant: &TenantId) -> String {
    format!("{authority}/{tenant}/journal")
}

/// Why a log does not start.
enum Untrue {
    Contradiction(String),
    Database(sqlx::Error),
}

impl Untrue {
    fn named(self, tenant: String) -> OpenError {
        match self {
            Untrue::Contradiction(what) => OpenError::Contradiction { tenant, what },
            Untrue::Database(error) => OpenError::Database { database: JOURNAL.file, error },
        }
    }
}

impl From<sqlx::Error> for Untrue {
    fn from(error: sqlx::Error) -> Self {
        Untrue::Database(error)
    }
}

/// Values that cannot be what their column holds.
impl From<Fault> for Untrue {
    fn from(fault: Fault) -> Self {
        Untrue::Contradiction(fault.to_string())
    }
}

fn ensure(holds: bool, otherwise: &str) -> Result<(), Untrue> {
    if holds { Ok(()) } else { Err(Untrue::Contradiction(otherwise.to_owned())) }
}

async fn check_log(
    journal: &SqlitePool,
    signing_seed: &SecretKey,
    authority: &str,
    synthetic: bool,
    row: LogRow,
    report: &mut StartReport,
) -> Result<(TenantId, Log), Untrue> {
    let tenant = TenantId::parse(&row.tenant)
        .map_err(|invalid| Untrue::Contradiction(invalid.to_string()))?;
    ensure(row.origin == origin(authority, &tenant), "its name is not that of the store's logs")?;
    ensure(row.synthetic == synthetic, "it holds invented people, and other logs real ones")?;
    let signer = tenant_signer(signing_seed, &tenant)?;
    let public_key = signer.public_key();
    let size = uint(row.size)?;
    let root: Hash = array(&row.root)?;

    let signed = open_checkpoint(&row.note, &row.origin, &public_key)
        .map_err(|error| Untrue::Contradiction(format!("checkpoint: {error}")))?;
    ensure(signed.size == size, "the signed size is not the stored one")?;
    ensure(signed.root == root, "the signed root is not the stored one")?;
    let edge = rebuild(journal, &tenant, size, report).await?;
    ensure(edge.root() == root, "the root over the events is not the stored one")?;
    ensure(edge.frontier_bytes() == row.edge, "the right edge is not the stored one")?;
    let last_ms = uint(row.last_ms)?;
    check_end(journal, &tenant, row.size, last_ms, report).await?;

    let head = Head { position: Position(size), root, last_ms, checkpoint: row.note };
    let info = LogInfo { origin: row.origin, synthetic, public_key };
    Ok((tenant, Log::new(info, signer, edge, head, true)))
}

/// The right edge, from the leaves and tiles that are in no full tile of their level.
async fn rebuild(
    journal: &SqlitePool,
    tenant: &TenantId,
    size: u64,
    report: &mut StartReport,
) -> Result<Edge, Untrue> {
    let mut pending = Vec::new();
    for partial in Edge::partial_tiles(size) {
        let hashes = match partial.level.checked_sub(1) {
            None => leaf_hashes(journal, tenant, partial).await?,
            Some(below) => tile_roots(journal, tenant, below, partial).await?,
        };
        let read = hashes.len() as u64;
        if partial.level == 0 {
            report.leaves_read = report.leaves_read.saturating_add(read);
        } else {
            report.tiles_read = report.tiles_read.saturating_add(read);
        }
        pending.push(hashes);
    }
    Edge::rebuild(size, pending).map_err(|error| Untrue::Contradiction(error.to_string()))
}

async fn leaf_hashes(
    journal: &SqlitePool,
    tenant: &TenantId,
    partial: PartialTile,
) -> Result<Vec<Hash>, Untrue> {
    // Leaf indexes count from 0, positions from 1.
    let leaves: Vec<Vec<u8>> = sqlx::query_scalar(
        "select leaf from leaf where tenant = ?1 and log = 'journal' \
         and position > ?2 and position <= ?3 order by position",
    )
    .bind(tenant.as_str())
    .bind(int(partial.first)?)
    .bind(int(partial.first.saturating_add(partial.width))?)
    .fetch_all(journal)
    .await?;
    Ok(leaves.iter().map(|leaf| leaf_hash(leaf)).collect())
}

async fn tile_roots(
    journal: &SqlitePool,
    tenant: &TenantId,
    level: u8,
    partial: PartialTile,
) -> Result<Vec<Hash>, Untrue> {
    let tiles: Vec<(i64, Vec<u8>)> = sqlx::query_as(
        "select n, hashes from tile where tenant = ?1 and log = 'journal' \
         and level = ?2 and n >= ?3 and n < ?4 order by n",
    )
    .bind(tenant.as_str())
    .bind(i64::from(level))
    .bind(int(partial.first)?)
    .bind(int(partial.first.saturating_add(partial.width))?)
    .fetch_all(journal)
    .await?;
    let roots = tiles.into_iter().map(|(n, hashes)| {
        let tile = Tile::from_bytes(level, uint(n)?, &hashes);
        tile.map(|tile| tile.root()).map_err(|error| Untrue::Contradiction(error.to_string()))
    });
    roots.collect()
}

/// The last event is the one that the head speaks of.
async fn check_end(
    journal: &SqlitePool,
    tenant: &TenantId,
    size: i64,
    last_ms: u64,
    report: &mut StartReport,
) -> Result<(), Untrue> {
    let last: Option<(i64, Vec<u8>)> = sqlx::query_as(
        "select position, leaf from leaf where tenant = ?1 and log = 'journal' \
         order by position desc limit 1",
    )
    .bind(tenant.as_str())
    .fetch_optional(journal)
    .await?;
    let Some((position, leaf)) = last else {
        return ensure(size == 0 && last_ms == 0, "there is no event, but a head");
    };
    // Where the last tile is full, this leaf was not read with the partial one.
    if size % TILE_WIDTH as i64 == 0 {
        report.leaves_read = report.leaves_read.saturating_add(1);
    }
    ensure(position == size, "the last event is not at the stored size")?;
    let leaf = Leaf::decode(&leaf)
        .map_err(|error| Untrue::Contradiction(format!("the last event: {error}")))?;
    ensure(leaf.recorded_ms == last_ms, "the last event's time is not the stored one")
}
