//! Wrapped keys in the schema `keys`, by a pool of its own, which may be of another role and another
//! database.

use std::sync::Arc;

use async_trait::async_trait;
use fokus_store::{
    Fault, InspectKeys, KeySlot, KeyStore, READ_LIMIT_MAX, StreamTag, TenantId, WrappedKek,
    WrappedKey,
};
use uuid::Uuid;

use crate::fault::{Verdict, corrupt, fault, judge};
use crate::row::{array, in_order, uint32};
use crate::sessions::{Sessions, fetch, within};
use crate::store::PostgresStore;

/// A key with its place in the question: place, key id, tag, person, kind, epoch, wrapped.
type KeyRow = (i64, Vec<u8>, Vec<u8>, Option<Vec<u8>>, i16, i64, Vec<u8>);

fn key(
    (place, key_id, tag, person, kind, epoch, wrapped): KeyRow,
) -> Result<(i64, WrappedKey), Fault> {
    let person = person.map(|id| Ok(Uuid::from_bytes(array(&id)?))).transpose()?;
    let key = WrappedKey {
        key_id: array(&key_id)?,
        slot: KeySlot { stream_tag: StreamTag(array(&tag)?), person },
        kind: u8::try_from(kind).map_err(|_| corrupt("a key of unknown kind"))?,
        epoch: uint32(epoch)?,
        wrapped,
    };
    Ok((place, key))
}

/// Bytes of the columns that many keys have in common.
struct Slots<'a> {
    tags: Vec<&'a [u8]>,
    persons: Vec<Option<&'a [u8]>>,
}

impl<'a> Slots<'a> {
    fn of(slots: impl Iterator<Item = &'a KeySlot> + Clone) -> Slots<'a> {
        let persons = slots.clone().map(|it| it.person.as_ref().map(|id| id.as_bytes().as_slice()));
        Slots {
            tags: slots.map(|it| it.stream_tag.0.as_slice()).collect(),
            persons: persons.collect(),
        }
    }
}

async fn keys_in_slots(
    sessions: &Arc<Sessions>,
    tenant: &TenantId,
    slots: &[KeySlot],
) -> Result<Vec<Option<WrappedKey>>, Fault> {
    let Slots { tags, persons } = Slots::of(slots.iter());
    let rows: Vec<KeyRow> = fetch!(sessions, connection => sqlx::query_as(
        "select n.at, k.key_id, k.stream_tag, k.person, k.kind, k.epoch, k.wrapped \
         from unnest($2, $3) with ordinality as n (tag, person, at) cross join lateral (\
         select * from keys.key i where i.tenant = $1 and i.stream_tag = n.tag \
         and i.person = n.person union all \
         select * from keys.key i where i.tenant = $1 and i.stream_tag = n.tag \
         and i.person is null and n.person is null offset 0) k"
    )
        .bind(tenant.as_str())
        .bind(&tags)
        .bind(&persons)
        .fetch_all(connection));
    in_order(slots.len(), rows.into_iter().map(key))
}

/// Adds the keys whose slots are free; `false` if an id stands in another slot, then none is added.
async fn insert_keys(
    sessions: &Arc<Sessions>,
    tenant: &TenantId,
    keys: &[WrappedKey],
) -> Result<bool, Fault> {
    let ids: Vec<&[u8]> = keys.iter().map(|it| it.key_id.as_slice()).collect();
    let Slots { tags, persons } = Slots::of(keys.iter().map(|it| &it.slot));
    let kinds: Vec<i16> = keys.iter().map(|it| i16::from(it.kind)).collect();
    let epochs: Vec<i64> = keys.iter().map(|it| i64::from(it.epoch)).collect();
    let wrapped: Vec<&[u8]> = keys.iter().map(|it| it.wrapped.as_slice()).collect();
    let mut session = sessions.take().await?;
    let limit = session.limit();
    let added = match session.connection() {
        // In the order of slots: two who add the same ones do not wait for each other in a circle. Equal
        // slots stay in the order given, the first one wins.
        Ok(connection) => {
            let insert = sqlx::query(
                "insert into keys.key (tenant, key_id, stream_tag, person, kind, epoch, wrapped) \
                 select $1, n.id, n.tag, n.person, n.kind, n.epoch, n.wrapped \
                 from unnest($2, $3, $4, $5, $6, $7) with ordinality \
                 as n (id, tag, person, kind, epoch, wrapped, at) \
                 order by n.tag, n.person, n.at \
                 on conflict (tenant, stream_tag, person) do nothing",
            )
            .bind(tenant.as_str())
            .bind(ids)
            .bind(tags)
            .bind(persons)
            .bind(kinds)
            .bind(epochs)
            .bind(wrapped);
            within(limit, insert.execute(connection)).await
        }
        Err(error) => Err(error),
    };
    match session.finish(added) {
        Ok(_) => Ok(true),
        Err(error) if judge(&error) == Verdict::Differs => Ok(false),
        Err(error) => Err(fault(error)),
    }
}

async fn add_keys(
    sessions: Arc<Sessions>,
    tenant: TenantId,
    keys: Vec<WrappedKey>,
) -> Result<Vec<WrappedKey>, Fault> {
    if !insert_keys(&sessions, &tenant, &keys).await? {
        return Err(Fault::Conflict);
    }
    let slots: Vec<KeySlot> = keys.iter().map(|key| key.slot).collect();
    let standing = keys_in_slots(&sessions, &tenant, &slots).await?;
    let standing: Option<Vec<WrappedKey>> = standing.into_iter().collect();
    standing.ok_or_else(|| corrupt("a key that was added is not there"))
}

async fn insert_keks(
    sessions: &Arc<Sessions>,
    tenant: &TenantId,
    keks: &[WrappedKek],
) -> Result<(), Fault> {
    let epochs: Vec<i64> = keks.iter().map(|it| i64::from(it.epoch)).collect();
    let wrapped: Vec<&[u8]> = keks.iter().map(|it| it.wrapped.as_slice()).collect();
    fetch!(sessions, connection => sqlx::query(
        "insert into keys.kek (tenant, epoch, wrapped) \
         select $1, n.epoch, n.wrapped from unnest($2, $3) as n (epoch, wrapped) \
         order by n.epoch on conflict do nothing"
    )
        .bind(tenant.as_str())
        .bind(&epochs)
        .bind(&wrapped)
        .execute(connection));
    Ok(())
}

/// Writes keys of another store; does nothing for such as are there.
pub(crate) async fn copy(
    sessions: Arc<Sessions>,
    tenant: TenantId,
    keks: Vec<WrappedKek>,
    keys: Vec<WrappedKey>,
) -> Result<(), Fault> {
    insert_keks(&sessions, &tenant, &keks).await?;
    if insert_keys(&sessions, &tenant, &keys).await? { Ok(()) } else { Err(Fault::Conflict) }
}

#[async_trait]
impl KeyStore for PostgresStore {
    async fn kek(
        &self,
        tenant: &TenantId,
        epoch: Option<u32>,
    ) -> Result<Option<WrappedKek>, Fault> {
        let row: Option<(i64, Vec<u8>)> = fetch!(self.shared.keys, connection => sqlx::query_as(
            "select epoch, wrapped from keys.kek where tenant = $1 and ($2 is null or epoch = $2) \
             order by epoch desc limit 1"
        )
            .bind(tenant.as_str())
            .bind(epoch.map(i64::from))
            .fetch_optional(connection));
        row.map(|(epoch, wrapped)| Ok(WrappedKek { epoch: uint32(epoch)?, wrapped })).transpose()
    }

    async fn add_kek(&self, tenant: &TenantId, kek: WrappedKek) -> Result<WrappedKek, Fault> {
        let (sessions, owner, epoch) = (self.shared.keys.clone(), tenant.clone(), kek.epoch);
        self.uncancelled(async move { insert_keks(&sessions, &owner, &[kek]).await }).await?;
        let standing = self.kek(tenant, Some(epoch)).await?;
        standing.ok_or_else(|| corrupt("a key that was added is not there"))
    }

    async fn keys(
        &self,
        tenant: &TenantId,
        slots: &[KeySlot],
    ) -> Result<Vec<Option<WrappedKey>>, Fault> {
        keys_in_slots(&self.shared.keys, tenant, slots).await
    }

    async fn keys_by_id(
        &self,
        tenant: &TenantId,
        ids: &[[u8; 16]],
    ) -> Result<Vec<Option<WrappedKey>>, Fault> {
        let names: Vec<&[u8]> = ids.iter().map(<[u8; 16]>::as_slice).collect();
        let rows: Vec<KeyRow> = fetch!(self.shared.keys, connection => sqlx::query_as(
            "select n.at, k.key_id, k.stream_tag, k.person, k.kind, k.epoch, k.wrapped \
             from unnest($2) with ordinality as n (id, at) cross join lateral (\
             select * from keys.key i where i.tenant = $1 and i.key_id = n.id offset 0) k"
        )
            .bind(tenant.as_str())
            .bind(&names)
            .fetch_all(connection));
        in_order(ids.len(), rows.into_iter().map(key))
    }

    async fn add_keys(
        &self,
        tenant: &TenantId,
        keys: Vec<WrappedKey>,
    ) -> Result<Vec<WrappedKey>, Fault> {
        self.uncancelled(add_keys(self.shared.keys.clone(), tenant.clone(), keys)).await
    }
}

#[async_trait]
impl InspectKeys for PostgresStore {
    async fn keks(&self, tenant: &TenantId) -> Result<Vec<WrappedKek>, Fault> {
        let rows: Vec<(i64, Vec<u8>)> = fetch!(self.shared.keys, connection => sqlx::query_as(
            "select epoch, wrapped from keys.kek where tenant = $1 order by epoch"
        ).bind(tenant.as_str()).fetch_all(connection));
        let keks = rows.into_iter();
        keks.map(|(epoch, wrapped)| Ok(WrappedKek { epoch: uint32(epoch)?, wrapped })).collect()
    }

    async fn keys_after(
        &self,
        tenant: &TenantId,
        after: Option<[u8; 16]>,
    ) -> Result<Vec<WrappedKey>, Fault> {
        // No bytes at all are before any others.
        let after = after.map_or_else(Vec::new, |id| id.to_vec());
        let rows: Vec<KeyRow> = fetch!(self.shared.keys, connection => sqlx::query_as(
            "select 0::bigint, key_id, stream_tag, person, kind, epoch, wrapped from keys.key \
             where tenant = $1 and key_id > $2 order by key_id limit $3"
        )
            .bind(tenant.as_str())
            .bind(&after)
            .bind(i64::from(READ_LIMIT_MAX))
            .fetch_all(connection));
        rows.into_iter().map(|row| Ok(key(row)?.1)).collect()
    }
}
