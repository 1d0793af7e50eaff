//! What one batch reads and writes: one statement each, whatever its size, between `begin` and
//! `commit`. Each statement is a message to SQLite's thread and back, which costs as much as many
//! rows do.

use fokus_store::plan::{Known, Named, Plan, PlanHead, Planned, plan};
use fokus_store::{
    Append, Claim, CommandId, CommandPlace, Fault, Head, Position, Revision, StreamHead, StreamId,
    StreamTag, TenantId,
};
use serde_json::json;
use sqlx::SqliteConnection;
use uuid::Uuid;

use super::{Log, Stop, lock};
use crate::fault::corrupt;
use crate::pack::{Rows, array, int, uint, uint32};
use crate::row::row;

/// Plans the batch against what is stored, and writes it; the caller commits.
pub(super) async fn batch(
    connection: &mut SqliteConnection,
    tenant: &TenantId,
    log: &Log,
    appends: Vec<Append>,
    now_ms: u64,
) -> Result<Plan, Stop> {
    let known = look_up(connection, tenant, &Named::of(&appends)).await?;
    let head = PlanHead {
        origin: log.info.origin.clone(),
        edge: lock(&log.edge).clone(),
        last_ms: log.head.borrow().last_ms,
    };
    let plan = plan(head, known, appends, now_ms, &log.signer)?;
    if let Some(planned) = &plan.planned {
        if !log.is_stored() {
            insert_log(connection, tenant, log).await?;
        }
        insert(connection, tenant, log, planned).await?;
    }
    Ok(plan)
}

/// Commands (0), streams by id and by tag (1) and claims (2) in one answer.
const LOOK_UP: &str = "\
    select 0 as what, c.command_id as tag, null as kind, null as id, c.first, c.count \
    from json_each(?2) j cross join command c \
    on c.tenant = ?1 and c.command_id = unhex(j.value) \
    union all \
    select 1, s.tag, s.kind, s.id, s.revision, s.last_position \
    from json_each(?3) j cross join stream s \
    on s.tenant = ?1 and s.kind = j.value ->> 0 and s.id = unhex(j.value ->> 1) \
    union all \
    select 1, s.tag, s.kind, s.id, s.revision, s.last_position \
    from json_each(?4) j cross join stream s on s.tenant = ?1 and s.tag = unhex(j.value) \
    union all \
    select 2, k.stream, k.kind, k.tag, 0, 0 \
    from json_each(?5) j cross join claimed_key k \
    on k.tenant = ?1 and k.kind = j.value ->> 0 and k.tag = unhex(j.value ->> 1)";

/// What the batch names, as far as it is stored.
async fn look_up(
    connection: &mut SqliteConnection,
    tenant: &TenantId,
    named: &Named,
) -> Result<Known, Stop> {
    type FoundRow = (i64, Vec<u8>, Option<String>, Option<Vec<u8>>, i64, i64);
    let commands = named.commands.iter().map(|id| json!(hex::encode(id.0)));
    let streams = named.streams.iter().map(|it| json!([it.kind, hex::encode(it.id)]));
    let tags = named.tags.iter().map(|tag| json!(hex::encode(tag.0)));
    let claims = named.claims.iter().map(|it| json!([it.kind, hex::encode(&it.tag)]));
    let rows: Vec<FoundRow> = sqlx::query_as(LOOK_UP)
        .bind(tenant.as_str())
        .bind(commands.collect::<Rows>().json())
        .bind(streams.collect::<Rows>().json())
        .bind(tags.collect::<Rows>().json())
        .bind(claims.collect::<Rows>().json())
        .fetch_all(connection)
        .await?;
    let mut known = Known::default();
    for row in rows {
        match row {
            (0, id, _, _, first, count) => {
                let place = CommandPlace { first: Position(uint(first)?), count: uint32(count)? };
                known.commands.insert(CommandId(Uuid::from_bytes(array(&id)?)), place);
            }
            (1, tag, Some(kind), Some(id), revision, last_position) => {
                let row = StreamRow { place: 0, tag, kind, id, revision, last_position };
                let (_, stream, head) = row.read()?;
                known.add_stream(stream, head);
            }
            (2, holder, Some(kind), Some(tag), ..) => {
                known.claims.insert(Claim { kind, tag }, StreamTag(array(&holder)?));
            }
            _ => return Err(corrupt("a row without what its table always has").into()),
        }
    }
    Ok(known)
}

row! {
    /// A row of the table `stream`, with its place in the question.
    pub(super) struct StreamRow {
        place: i64,
        tag: Vec<u8>,
        kind: String,
        id: Vec<u8>,
        revision: i64,
        last_position: i64,
    }
}

impl StreamRow {
    /// Place, stream and head.
    pub(super) fn read(self) -> Result<(i64, StreamId, StreamHead), Fault> {
        let stream = StreamId { kind: self.kind, id: Uuid::from_bytes(array(&self.id)?) };
        let head = StreamHead {
            tag: StreamTag(array(&self.tag)?),
            revision: Revision(uint(self.revision)?),
            last: Position(uint(self.last_position)?),
        };
        Ok((self.place, stream, head))
    }
}

/// Gives the log a row that says where memory has it: at its beginning.
pub(super) async fn insert_log(
    connection: &mut SqliteConnection,
    tenant: &TenantId,
    log: &Log,
) -> Result<(), Stop> {
    let (head, edge) = (log.head.borrow().clone(), lock(&log.edge).clone());
    sqlx::query(
        "insert into log (tenant, log, origin, synthetic, size, root, edge, last_ms, note) \
         values (?1, 'journal', ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
    )
    .bind(tenant.as_str())
    .bind(log.info.origin.as_str())
    .bind(log.info.synthetic)
    .bind(int(head.position.0)?)
    .bind(head.root.as_slice())
    .bind(edge.frontier_bytes())
    .bind(int(head.last_ms)?)
    .bind(head.checkpoint)
    .execute(connection)
    .await?;
    Ok(())
}

/// The rows of a batch. `substr` of an empty blob is null, hence `coalesce`. `$n` and not `?n`: sqlx numbers the gaps between those that a statement
/// leaves out, and loses count over several statements.
const INSERT: &str = "\
    update log set size = $2, root = $3, edge = $4, last_ms = $5, note = $6 \
    where tenant = $1 and log = 'journal' and size = $7; \
    insert into leaf (tenant, log, position, stream_tag, revision, leaf) \
    select $1, 'journal', value ->> 0, unhex(value ->> 1), value ->> 2, \
    substr($9, value ->> 3, value ->> 4) from json_each($8); \
    insert into envelope (tenant, log, position, idx, body) \
    select $1, 'journal', value ->> 0, value ->> 1, \
    coalesce(substr($11, value ->> 2, value ->> 3), x'') from json_each($10); \
    insert into stream (tenant, tag, kind, id, revision, last_position) \
    select $1, unhex(value ->> 0), value ->> 1, unhex(value ->> 2), value ->> 3, value ->> 4 \
    from json_each($12) where true \
    on conflict (tenant, tag) do update \
    set revision = excluded.revision, last_position = excluded.last_position; \
    insert into command (tenant, command_id, first, count) \
    select $1, unhex(value ->> 0), value ->> 1, value ->> 2 from json_each($13)";

async fn insert(
    connection: &mut SqliteConnection,
    tenant: &TenantId,
    log: &Log,
    planned: &Planned,
) -> Result<(), Stop> {
    let Head { position, root, last_ms, checkpoint } = &planned.head;
    let ((leaves, leaf_bytes), (envelopes, bodies)) = event_rows(planned);
    let streams = planned.streams.iter().map(|(stream, head)| {
        let (tag, id) = (hex::encode(head.tag.0), hex::encode(stream.id));
        json!([tag, stream.kind, id, head.revision.0, head.last.0])
    });
    let commands = planned.commands.iter();
    let commands =
        commands.map(|(id, place)| json!([hex::encode(id.0), place.first.0, place.count]));
    let written = sqlx::query(INSERT)
        .bind(tenant.as_str())
        .bind(int(position.0)?)
        .bind(root.as_slice())
        .bind(planned.edge.frontier_bytes())
        .bind(int(*last_ms)?)
        .bind(checkpoint.as_str())
        .bind(int(log.position().0)?)
        .bind(leaves)
        .bind(leaf_bytes)
        .bind(envelopes)
        .bind(bodies)
        .bind(streams.collect::<Rows>().json())
        .bind(commands.collect::<Rows>().json())
        .execute(&mut *connection)
        .await?;
    let envelopes: usize = planned.events.iter().map(|event| event.envelopes.len()).sum();
    let expected =
        1 + planned.events.len() + envelopes + planned.streams.len() + planned.commands.len();
    // One row less, and the head was not where memory has it: somebody else wrote.
    if written.rows_affected() != expected as u64 {
        return Err(corrupt("the head of the log is not where it was left").into());
    }
    insert_tiles(connection, tenant, planned).await?;
    move_claims(connection, tenant, planned).await
}

/// Rows as text, and the bytes that they refer to.
type Packed = (String, Vec<u8>);

/// Leaves and envelopes.
fn event_rows(planned: &Planned) -> (Packed, Packed) {
    let (mut leaves, mut envelopes) = (Rows::default(), Rows::default());
    for event in &planned.events {
        let (position, tag) = (event.position.0, hex::encode(event.stream_tag.0));
        let (offset, length) = leaves.part(&event.leaf);
        leaves.push(json!([position, tag, event.revision.0, offset, length]));
        for (index, body) in event.envelopes.iter().enumerate() {
            let (offset, length) = envelopes.part(body.as_deref().unwrap_or_default());
            envelopes.push(json!([position, index, offset, length]));
        }
    }
    (leaves.json_and_blob(), envelopes.json_and_blob())
}

async fn insert_tiles(
    connection: &mut SqliteConnection,
    tenant: &TenantId,
    planned: &Planned,
) -> Result<(), Stop> {
    if planned.tiles.is_empty() {
        return Ok(());
    }
    let mut rows = Rows::default();
    for tile in &planned.tiles {
        let (offset, length) = rows.part(&tile.to_bytes());
        rows.push(json!([tile.level, tile.n, offset, length]));
    }
    let (rows, hashes) = rows.json_and_blob();
    sqlx::query(
        "insert into tile (tenant, log, level, n, hashes) \
         select ?1, 'journal', value ->> 0, value ->> 1, \
         substr(?3, value ->> 2, value ->> 3) from json_each(?2)",
    )
    .bind(tenant.as_str())
    .bind(rows)
    .bind(hashes)
    .execute(connection)
    .await?;
    Ok(())
}

/// `$n` as in [`INSERT`].
const MOVE_CLAIMS: &str = "\
    delete from claimed_key where tenant = $1 and (kind, tag) in \
    (select value ->> 0, unhex(value ->> 1) from json_each($2)); \
    insert into claimed_key (tenant, kind, tag, stream) \
    select $1, value ->> 0, unhex(value ->> 1), unhex(value ->> 2) \
    from json_each($3) where true \
    on conflict (tenant, kind, tag) do update set stream = excluded.stream";

async fn move_claims(
    connection: &mut SqliteConnection,
    tenant: &TenantId,
    planned: &Planned,
) -> Result<(), Stop> {
    if planned.claims.is_empty() {
        return Ok(());
    }
    let (mut freed, mut held) = (Rows::default(), Rows::default());
    for (claim, holder) in &planned.claims {
        let tag = hex::encode(&claim.tag);
        match holder {
            None => freed.push(json!([claim.kind, tag])),
            Some(holder) => held.push(json!([claim.kind, tag, hex::encode(holder.0)])),
        }
    }
    sqlx::query(MOVE_CLAIMS)
        .bind(tenant.as_str())
        .bind(freed.json())
        .bind(held.json())
        .execute(connection)
        .await?;
    Ok(())
}
