//! The two functions in the database that appending calls, and what goes in and out of them.

use std::collections::HashMap;

use fokus_log::Hash;
use fokus_log::edge::Edge;
use fokus_store::plan::{Named, Planned};
use fokus_store::{
    Claim, CommandId, CommandPlace, Fault, LogInfo, Position, Revision, StreamHead, StreamId,
    StreamTag, TenantId,
};
use sqlx::{PgConnection, Postgres};
use uuid::Uuid;

use crate::fault::corrupt;
use crate::row::{array, int, uint, uint32};

/// The most leaves of others that are read one by one to catch up; beyond, the edge is rebuilt.
pub(super) const TAIL_MAX: i64 = 4_096;

const LOOK_UP: &str = "\
    select what, a, t, b, x, y from journal.look_up($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";

/// What was found of a log and of the names asked for.
#[derive(Default)]
pub(super) struct Found {
    /// Root, size and time of the last event; `None` if there is no log.
    pub(super) log: Option<(Hash, u64, u64)>,
    /// Leaves that are not known here, from the first on; empty if they are too many.
    pub(super) leaves: Vec<Vec<u8>>,
    pub(super) streams: Vec<(StreamId, StreamHead)>,
    pub(super) commands: HashMap<CommandId, CommandPlace>,
    pub(super) claims: HashMap<Claim, StreamTag>,
}

type FoundRow = (i16, Option<Vec<u8>>, Option<String>, Option<Vec<u8>>, Option<i64>, Option<i64>);

/// Asks where the log and what `named` names stand; with `lock`, nobody else appends until the
/// transaction ends.
pub(super) async fn look_up(
    connection: &mut PgConnection,
    tenant: &TenantId,
    lock: bool,
    after: u64,
    named: &Named,
) -> Result<Result<Found, Fault>, sqlx::Error> {
    let kinds: Vec<&str> = named.streams.iter().map(|it| it.kind.as_str()).collect();
    let ids: Vec<&[u8]> = named.streams.iter().map(|it| it.id.as_bytes().as_slice()).collect();
    let tags: Vec<&[u8]> = named.tags.iter().map(|it| it.0.as_slice()).collect();
    let commands: Vec<&[u8]> = named.commands.iter().map(|it| it.0.as_bytes().as_slice()).collect();
    let claim_kinds: Vec<&str> = named.claims.iter().map(|it| it.kind.as_str()).collect();
    let claim_tags: Vec<&[u8]> = named.claims.iter().map(|it| it.tag.as_slice()).collect();
    let rows: Vec<FoundRow> = sqlx::query_as(LOOK_UP)
        .bind(tenant.as_str())
        .bind(lock)
        .bind(i64::try_from(after).unwrap_or(i64::MAX))
        .bind(TAIL_MAX)
        .bind(kinds)
        .bind(ids)
        .bind(tags)
        .bind(commands)
        .bind(claim_kinds)
        .bind(claim_tags)
        .fetch_all(connection)
        .await?;
    Ok(found(rows))
}

fn found(rows: Vec<FoundRow>) -> Result<Found, Fault> {
    let mut found = Found::default();
    for row in rows {
        match row {
            (0, Some(root), _, _, Some(size), Some(last_ms)) => {
                found.log = Some((array(&root)?, uint(size)?, uint(last_ms)?));
            }
            (1, Some(leaf), ..) => found.leaves.push(leaf),
            (2, Some(tag), Some(kind), Some(id), Some(revision), Some(last)) => {
                let stream = StreamId { kind, id: Uuid::from_bytes(array(&id)?) };
                let head = StreamHead {
                    tag: StreamTag(array(&tag)?),
                    revision: Revision(uint(revision)?),
                    last: Position(uint(last)?),
                };
                found.streams.push((stream, head));
            }
            (3, Some(id), _, _, Some(first), Some(count)) => {
                let place = CommandPlace { first: Position(uint(first)?), count: uint32(count)? };
                found.commands.insert(CommandId(Uuid::from_bytes(array(&id)?)), place);
            }
            (4, Some(holder), Some(kind), Some(tag), ..) => {
                found.claims.insert(Claim { kind, tag }, StreamTag(array(&holder)?));
            }
            _ => return Err(corrupt("a row without what its table always has")),
        }
    }
    Ok(found)
}

/// What a plan was made with that nobody looked up under a lock, and that is compared when it is written.
#[derive(Default)]
pub(crate) struct Assumed {
    /// Streams that must stand at these revisions; 0 = not be there.
    pub(crate) checked: Vec<(StreamId, Revision)>,
    /// Claims that must not be there.
    pub(crate) absent: Vec<Claim>,
}

const APPEND: &str = "\
    select journal.append($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, \
    $18, $19, $20, $21, $22, $23, $24, $25, $26, $27, $28, $29, $30, $31, $32, $33, $34, $35, $36, \
    $37)";

type Query<'q> = sqlx::query::QueryScalar<'q, Postgres, bool, sqlx::postgres::PgArguments>;

/// The call that writes `planned` if the log stands at `before` and is as assumed; it answers whether.
pub(crate) fn append<'q>(
    tenant: &'q TenantId,
    info: &'q LogInfo,
    before: &Edge,
    planned: &'q Planned,
    assumed: &'q Assumed,
) -> Result<Query<'q>, Fault> {
    let head = &planned.head;
    let query = sqlx::query_scalar(APPEND)
        .bind(tenant.as_str())
        .bind(info.origin.as_str())
        .bind(info.synthetic)
        .bind(int(before.size())?)
        .bind(before.root().to_vec())
        .bind(int(head.position.0)?)
        .bind(head.root.as_slice())
        .bind(planned.edge.frontier_bytes())
        .bind(int(head.last_ms)?)
        .bind(head.checkpoint.as_str());
    let query = bind_events(query, planned)?;
    let query = bind_streams(query, planned, assumed)?;
    bind_tiles(bind_claims(query, planned, assumed), planned)
}

fn bind_events<'q>(query: Query<'q>, planned: &'q Planned) -> Result<Query<'q>, Fault> {
    let events = &planned.events;
    let leaves: Vec<&[u8]> = events.iter().map(|it| it.leaf.as_slice()).collect();
    let tags: Vec<&[u8]> = events.iter().map(|it| it.stream_tag.0.as_slice()).collect();
    let revisions = events.iter().map(|it| int(it.revision.0));
    let revisions: Vec<i64> = revisions.collect::<Result<_, _>>()?;
    let (mut bodies, mut positions, mut indexes) = (Vec::new(), Vec::new(), Vec::new());
    for event in events {
        let position = int(event.position.0)?;
        for (index, body) in (0_i16..).zip(&event.envelopes) {
            if let Some(body) = body {
                bodies.push(body.as_slice());
                positions.push(position);
                indexes.push(index);
            }
        }
    }
    let commands = &planned.commands;
    let ids: Vec<&[u8]> = commands.iter().map(|(id, _)| id.0.as_bytes().as_slice()).collect();
    let firsts = commands.iter().map(|(_, place)| int(place.first.0));
    let firsts: Vec<i64> = firsts.collect::<Result<_, _>>()?;
    let counts = commands.iter().map(|(_, place)| i32::try_from(place.count));
    let counts: Vec<i32> =
        counts.collect::<Result<_, _>>().map_err(|_| corrupt("a command of 2^31 events"))?;
    let query = query.bind(leaves).bind(tags).bind(revisions);
    let query = query.bind(bodies).bind(positions).bind(indexes);
    Ok(query.bind(ids).bind(firsts).bind(counts))
}

fn bind_streams<'q>(
    query: Query<'q>,
    planned: &'q Planned,
    assumed: &'q Assumed,
) -> Result<Query<'q>, Fault> {
    let streams = &planned.streams;
    let tags: Vec<&[u8]> = streams.values().map(|it| it.tag.0.as_slice()).collect();
    let kinds: Vec<&str> = streams.keys().map(|it| it.kind.as_str()).collect();
    let ids: Vec<&[u8]> = streams.keys().map(|it| it.id.as_bytes().as_slice()).collect();
    let revisions = streams.values().map(|it| int(it.revision.0));
    let revisions: Vec<i64> = revisions.collect::<Result<_, _>>()?;
    let lasts = streams.values().map(|it| int(it.last.0));
    let lasts: Vec<i64> = lasts.collect::<Result<_, _>>()?;
    let query = query.bind(tags).bind(kinds).bind(ids).bind(revisions).bind(lasts);
    let kinds: Vec<&str> = assumed.checked.iter().map(|(it, _)| it.kind.as_str()).collect();
    let ids: Vec<&[u8]> =
        assumed.checked.iter().map(|(it, _)| it.id.as_bytes().as_slice()).collect();
    let checked = assumed.checked.iter().map(|(_, revision)| int(revision.0));
    let checked: Vec<i64> = checked.collect::<Result<_, _>>()?;
    Ok(query.bind(kinds).bind(ids).bind(checked))
}

fn bind_claims<'q>(query: Query<'q>, planned: &'q Planned, assumed: &'q Assumed) -> Query<'q> {
    let (mut freed_kinds, mut freed_tags) = (vec![], vec![]);
    let (mut held_kinds, mut held_tags, mut held_by) = (vec![], vec![], vec![]);
    for (claim, holder) in &planned.claims {
        match holder {
            None => {
                freed_kinds.push(claim.kind.as_str());
                freed_tags.push(claim.tag.as_slice());
            }
            Some(holder) => {
                held_kinds.push(claim.kind.as_str());
                held_tags.push(claim.tag.as_slice());
                held_by.push(holder.0.as_slice());
            }
        }
    }
    let absent_kinds: Vec<&str> = assumed.absent.iter().map(|it| it.kind.as_str()).collect();
    let absent_tags: Vec<&[u8]> = assumed.absent.iter().map(|it| it.tag.as_slice()).collect();
    let query = query.bind(absent_kinds).bind(absent_tags);
    let query = query.bind(freed_kinds).bind(freed_tags);
    query.bind(held_kinds).bind(held_tags).bind(held_by)
}

fn bind_tiles<'q>(query: Query<'q>, planned: &'q Planned) -> Result<Query<'q>, Fault> {
    let tiles: Vec<Vec<u8>> = planned.tiles.iter().map(|it| it.to_bytes()).collect();
    let levels: Vec<i16> = planned.tiles.iter().map(|it| i16::from(it.level)).collect();
    let numbers = planned.tiles.iter().map(|it| int(it.n));
    let numbers: Vec<i64> = numbers.collect::<Result<_, _>>()?;
    Ok(query.bind(tiles).bind(levels).bind(numbers))
}
