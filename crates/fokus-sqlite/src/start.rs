//! What is checked before a store serves anything: that the right edge of each log's tree, computed
//! anew from its rows, is the one that is stored and signed.
//!
//! It reads the partial tiles, and what was not settled when the store was last closed, so it takes
//! the same time whatever the size of the log. It finds a restored or edited head, a cut or forged
//! end, another signing key. Deliberately absent: leaves and tiles further back;
//! `fokus_store::check` reads those.

use std::collections::{HashMap, HashSet};

use fokus_log::edge::{Edge, PartialTile};
use fokus_log::leaf::Leaf;
use fokus_log::lineage::generation;
use fokus_log::tile::{TILE_WIDTH, Tile};
use fokus_log::{Hash, leaf_hash};
use fokus_store::edge_check::open_stored;
use fokus_store::signing::SigningSeeds;
use fokus_store::{Fault, Head, LogInfo, Position, StreamHead, StreamId, StreamTag, TenantId};
use rusqlite::{Connection, OptionalExtension as _, params};

use crate::fault::Stop;
use crate::folder::OpenError;
use crate::journal::read::event;
use crate::journal::recent::Recent;
use crate::journal::write::{unsettled_commands, unsettled_streams};
use crate::journal::{Log, StoredLog, find, rows};
use crate::number::{array, int, last_place, place, position_of, uint};
use crate::schema::JOURNAL;
use crate::store::Entropy;

/// Most characters of an authority.
const AUTHORITY_MAX: usize = 100;
/// Random bytes of an authority that nobody chose.
const AUTHORITY_RANDOM_BYTES: usize = 8;

/// What was read to check the right edges of all logs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct StartReport {
    /// Leaves: at most 255 for each log, and those that were not settled when the store was last
    /// closed: none, or, after a crash, at most two generations of 32,768 and a batch.
    pub leaves_read: u64,
    /// Tiles: at most 255 for each log and level.
    pub tiles_read: u64,
}

/// What the one who opens the store wants of it.
pub(crate) struct Wanted {
    pub(crate) authority: Option<String>,
    pub(crate) synthetic: bool,
    pub(crate) entropy: Entropy,
    /// A copy is called as the logs that are copied to it.
    pub(crate) copying: bool,
}

/// How the logs of a store are called, and whom they are about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Identity {
    pub(crate) authority: String,
    pub(crate) synthetic: bool,
}

impl Identity {
    /// That of the store that has this log.
    pub(crate) fn of(log: &LogInfo) -> Identity {
        let authority = log.origin.split('/').next().unwrap_or_default();
        Identity { authority: authority.to_owned(), synthetic: log.synthetic }
    }
}

/// What a store is, as its rows say.
pub(crate) struct Started {
    /// `None` in a copy that has no log yet.
    pub(crate) identity: Option<Identity>,
    pub(crate) logs: Vec<(TenantId, Log)>,
    pub(crate) report: StartReport,
}

/// A row of the table `log`.
struct LogRow {
    number: i64,
    tenant: String,
    origin: String,
    size: i64,
    root: Vec<u8>,
    edge: Vec<u8>,
    last_ms: i64,
    note: String,
    synthetic: bool,
    settled: i64,
    /// Whether it is one that this program knows.
    is_journal: bool,
}

pub(crate) fn check(
    journal: &Connection,
    seeds: &SigningSeeds,
    wanted: &Wanted,
) -> Result<Started, OpenError> {
    let stored = stored_logs(journal).map_err(|error| JOURNAL.failed(error))?;
    let identity = identity(stored.first(), wanted)?;
    let mut report = StartReport::default();
    let mut logs = Vec::new();
    for row in stored {
        let name = row.tenant.clone();
        let Some(identity) = &identity else { break };
        let checked = check_log(journal, seeds, identity, row, &mut report);
        logs.push(checked.map_err(|untrue| untrue.named(name))?);
    }
    Ok(Started { identity, logs, report })
}

fn stored_logs(journal: &Connection) -> rusqlite::Result<Vec<LogRow>> {
    let mut statement = journal.prepare(
        "select log, tenant, origin, size, root, edge, last_ms, note, synthetic, settled, \
         name = 'journal' and synthetic in (0, 1) from log order by tenant",
    )?;
    let rows = statement.query_map([], |row| {
        Ok(LogRow {
            number: row.get(0)?,
            tenant: row.get(1)?,
            origin: row.get(2)?,
            size: row.get(3)?,
            root: row.get(4)?,
            edge: row.get(5)?,
            last_ms: row.get(6)?,
            note: row.get(7)?,
            synthetic: row.get(8)?,
            settled: row.get(9)?,
            is_journal: row.get(10)?,
        })
    })?;
    rows.collect()
}

/// The store's authority, and whether it holds invented people only: as its first log says, or,
/// while it has none, as wanted.
fn identity(first: Option<&LogRow>, wanted: &Wanted) -> Result<Option<Identity>, OpenError> {
    if let Some(authority) = &wanted.authority {
        let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
        if !(1..=AUTHORITY_MAX).contains(&authority.len()) || !authority.chars().all(fits) {
            return Err(OpenError::AuthorityMalformed);
        }
    }
    let Some(row) = first else {
        if wanted.copying {
            return Ok(None);
        }
        let authority = wanted.authority.clone().map_or_else(|| random_authority(wanted), Ok)?;
        return Ok(Some(Identity { authority, synthetic: wanted.synthetic }));
    };
    let stored = row.origin.split('/').next().unwrap_or_default();
    if wanted.authority.as_ref().is_some_and(|authority| authority != stored) {
        return Err(OpenError::AuthorityDiffers { stored: stored.to_owned() });
    }
    if wanted.synthetic && !row.synthetic && !wanted.copying {
        return Err(OpenError::NotSynthetic);
    }
    Ok(Some(Identity { authority: stored.to_owned(), synthetic: row.synthetic }))
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

/// The name with which a tenant's journal begins.
pub(crate) fn first_origin(authority: &str, tenant: &TenantId) -> String {
    format!("{authority}/{tenant}/journal")
}

/// Why a log does not start.
enum Untrue {
    Contradiction(String),
    Database(rusqlite::Error),
}

impl Untrue {
    fn named(self, tenant: String) -> OpenError {
        match self {
            Untrue::Contradiction(what) => OpenError::Contradiction { tenant, what },
            Untrue::Database(error) => JOURNAL.failed(error),
        }
    }
}

impl From<rusqlite::Error> for Untrue {
    fn from(error: rusqlite::Error) -> Self {
        Untrue::Database(error)
    }
}

/// Values that cannot be what their column holds.
impl From<Fault> for Untrue {
    fn from(fault: Fault) -> Self {
        Untrue::Contradiction(fault.to_string())
    }
}

impl From<Stop> for Untrue {
    fn from(stop: Stop) -> Self {
        match stop {
            Stop::Database(error) => error.into(),
            Stop::Fault(fault) => fault.into(),
        }
    }
}

fn ensure(holds: bool, otherwise: &str) -> Result<(), Untrue> {
    if holds { Ok(()) } else { Err(Untrue::Contradiction(otherwise.to_owned())) }
}

fn check_log(
    journal: &Connection,
    seeds: &SigningSeeds,
    identity: &Identity,
    row: LogRow,
    report: &mut StartReport,
) -> Result<(TenantId, Log), Untrue> {
    let tenant = TenantId::parse(&row.tenant)
        .map_err(|invalid| Untrue::Contradiction(invalid.to_string()))?;
    let (number, synthetic) = (row.number, identity.synthetic);
    ensure(row.is_journal, "it is no journal that this program knows")?;
    ensure((0..=row.size).contains(&row.settled), "more is settled than there is")?;
    ensure(
        generation(&row.origin).0 == first_origin(&identity.authority, &tenant),
        "its name is not that of the store's logs",
    )?;
    ensure(row.synthetic == synthetic, "it holds invented people, and other logs real ones")?;
    let signer = seeds.signer(&tenant)?;
    let info = signer.info(row.origin, synthetic);
    let size = uint(row.size)?;
    let root: Hash = array(&row.root)?;

    let signed =
        open_stored(&info, &row.note).map_err(|error| Untrue::Contradiction(error.to_string()))?;
    ensure(signed.size == size, "the signed size is not the stored one")?;
    ensure(signed.root == root, "the signed root is not the stored one")?;
    let edge = rebuild(journal, number, size, report)?;
    ensure(edge.root() == root, "the root over the events is not the stored one")?;
    ensure(edge.frontier_bytes() == row.edge, "the right edge is not the stored one")?;
    let last_ms = uint(row.last_ms)?;
    check_end(journal, number, size, last_ms, report)?;

    let head = Head { position: Position(size), root, last_ms, checkpoint: row.note };
    let settled = Recent::new(Position(uint(row.settled)?));
    let stored = StoredLog { number, edge, recent: settled, head };
    let log = Log::new(info, signer, stored);
    gather(journal, number, &log, report)?;
    Ok((tenant, log))
}

/// Gathers again what was not settled: the heads of streams from the leaves, and what no leaf says
/// from `unsettled`.
fn gather(
    journal: &Connection,
    number: i64,
    log: &Log,
    report: &mut StartReport,
) -> Result<(), Untrue> {
    let (settled, size) = (log.settled(), log.position());
    if settled == size {
        return Ok(());
    }
    let sql = "select place, commands, streams from unsettled where place between ?1 and ?2";
    let range = [place(number, settled.0.saturating_add(1))?, last_place(number, size.0)?];
    let found = rows(journal, sql, range, |row| {
        let (commands, streams): (Vec<u8>, Vec<u8>) = (row.get(1)?, row.get(2)?);
        Ok((row.get(0)?, unsettled_commands(&commands)?, unsettled_streams(&streams)?))
    });
    let found: Result<Vec<(i64, Vec<_>, Vec<_>)>, Untrue> = found;
    let (mut commands, mut begun) = (Vec::new(), Vec::new());
    for (stands_at, of_batch, begun_there) in found? {
        if let Some((_, first)) = of_batch.first() {
            let stands = stands_at == place(number, first.first.0)?;
            ensure(stands, "what is not settled does not stand at its first event")?;
        }
        commands.push(of_batch);
        begun.push(begun_there);
    }
    let begun: Vec<(StreamId, StreamTag)> = begun.into_iter().flatten().collect();
    let tags: HashSet<StreamTag> = begun.iter().map(|(_, tag)| *tag).collect();
    ensure(tags.len() == begun.len(), "a stream that is not settled begins twice")?;
    let names: HashMap<StreamTag, &StreamId> =
        begun.iter().map(|(stream, tag)| (*tag, stream)).collect();
    let mut streams = Vec::new();
    let (heads, events) = unsettled_heads(journal, range, report)?;
    let counted: u64 = commands.iter().flatten().map(|(_, it)| u64::from(it.count)).sum();
    ensure(counted == events, "what is not settled does not account for the events that are not")?;
    for (tag, head) in heads {
        let stream = match names.get(&tag) {
            Some(stream) => Some((*stream).clone()),
            None => find::by_tag(journal, log, tag)?.map(|(stream, _)| stream),
        };
        ensure(stream.is_some(), "a stream has no name")?;
        streams.extend(stream.map(|stream| (stream, head)));
    }
    log.gather(commands.into_iter().flatten(), streams, begun.clone());
    Ok(())
}

/// Where the streams of the unsettled leaves stand, as they say, and how many of them are events.
fn unsettled_heads(
    journal: &Connection,
    range: [i64; 2],
    report: &mut StartReport,
) -> Result<(HashMap<StreamTag, StreamHead>, u64), Untrue> {
    let mut statement = journal
        .prepare("select place, leaf from leaf where place between ?1 and ?2 order by place")?;
    let mut leaves = statement.query(range)?;
    let (mut heads, mut events) = (HashMap::new(), 0_u64);
    while let Some(row) = leaves.next()? {
        let (position, _) = position_of(row.get(0)?);
        let leaf: Vec<u8> = row.get(1)?;
        let event = event(Position(position), &leaf);
        let (tag, revision, last) = (event.stream_tag, event.revision, event.position);
        heads.insert(tag, StreamHead { tag, revision, last });
        events = events.saturating_add(u64::from(!event.envelopes.is_empty()));
        report.leaves_read = report.leaves_read.saturating_add(1);
    }
    Ok((heads, events))
}

/// The right edge, from the leaves and tiles that are in no full tile of their level.
fn rebuild(
    journal: &Connection,
    number: i64,
    size: u64,
    report: &mut StartReport,
) -> Result<Edge, Untrue> {
    let mut pending = Vec::new();
    for partial in Edge::partial_tiles(size) {
        let hashes = match partial.level.checked_sub(1) {
            None => leaf_hashes(journal, number, partial)?,
            Some(below) => tile_roots(journal, number, below, partial)?,
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

fn leaf_hashes(
    journal: &Connection,
    number: i64,
    partial: PartialTile,
) -> Result<Vec<Hash>, Untrue> {
    if partial.width == 0 {
        return Ok(Vec::new());
    }
    // Leaf indexes count from 0, positions from 1.
    let first = place(number, partial.first.saturating_add(1))?;
    let last = last_place(number, partial.first.saturating_add(partial.width))?;
    let sql = "select leaf from leaf where place between ?1 and ?2 order by place";
    rows(journal, sql, [first, last], |row| {
        let leaf: Vec<u8> = row.get(0)?;
        Ok(leaf_hash(&leaf))
    })
}

fn tile_roots(
    journal: &Connection,
    number: i64,
    level: u8,
    partial: PartialTile,
) -> Result<Vec<Hash>, Untrue> {
    let sql = "select n, hashes from tile where log = ?1 and level = ?2 and n >= ?3 and n < ?4 \
               order by n";
    let (first, end) = (int(partial.first)?, int(partial.first.saturating_add(partial.width))?);
    let tiles: Vec<(u64, Vec<u8>)> =
        rows::<_, Untrue>(journal, sql, params![number, level, first, end], |row| {
            Ok((uint(row.get(0)?)?, row.get(1)?))
        })?;
    let roots = tiles.into_iter().map(|(n, hashes)| {
        let tile = Tile::from_bytes(level, n, &hashes);
        tile.map(|tile| tile.root()).map_err(|error| Untrue::Contradiction(error.to_string()))
    });
    roots.collect()
}

/// The last event is the one that the head speaks of.
fn check_end(
    journal: &Connection,
    number: i64,
    size: u64,
    last_ms: u64,
    report: &mut StartReport,
) -> Result<(), Untrue> {
    let sql =
        "select place, leaf from leaf where place between ?1 and ?2 order by place desc limit 1";
    let bounds = [place(number, 0)?, place(number.saturating_add(1), 0)?.saturating_sub(1)];
    let last: Option<(i64, Vec<u8>)> =
        journal.query_row(sql, bounds, |row| Ok((row.get(0)?, row.get(1)?))).optional()?;
    let Some((place, leaf)) = last else {
        return ensure(size == 0 && last_ms == 0, "there is no event, but a head");
    };
    // Where the last tile is full, this leaf was not read with the partial one.
    if size.is_multiple_of(TILE_WIDTH as u64) {
        report.leaves_read = report.leaves_read.saturating_add(1);
    }
    let (position, _) = position_of(place);
    ensure(position == size, "the last event is not at the stored size")?;
    let leaf = Leaf::decode(&leaf)
        .map_err(|error| Untrue::Contradiction(format!("the last event: {error}")))?;
    ensure(leaf.recorded_ms == last_ms, "the last event's time is not the stored one")
}
