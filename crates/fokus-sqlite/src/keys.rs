//! Wrapped keys in `keys.db`.

use async_trait::async_trait;
use fokus_store::{
    Fault, InspectKeys, KeySlot, KeyStore, READ_LIMIT_MAX, StreamTag, TenantId, WrappedKek,
    WrappedKey,
};
use rusqlite::{Connection, OptionalExtension as _, Params, Row, params};
use uuid::Uuid;

use crate::fault::{Stop, corrupt, is_unique_violation};
use crate::journal::rows;
use crate::number::uint32;
use crate::store::SqliteStore;

/// The columns that [`read_key`] reads.
macro_rules! keys_sql {
    ($which:literal) => {
        concat!(
            "select key_id, stream_tag, person, kind, epoch, wrapped from key where tenant = ?1 and ",
            $which
        )
    };
}

/// `coalesce` as in the index, which has no nulls.
const BY_SLOT: &str = keys_sql!("stream_tag = ?2 and coalesce(person, x'') = ?3");
const BY_ID: &str = keys_sql!("key_id = ?2");
const AFTER: &str = keys_sql!("key_id > ?2 order by key_id limit ?3");

fn read_key(row: &Row<'_>) -> Result<WrappedKey, Stop> {
    let person: Option<[u8; 16]> = row.get(2)?;
    let kind: i64 = row.get(3)?;
    Ok(WrappedKey {
        key_id: row.get(0)?,
        slot: KeySlot { stream_tag: StreamTag(row.get(1)?), person: person.map(Uuid::from_bytes) },
        kind: u8::try_from(kind).map_err(|_| corrupt("a key of unknown kind"))?,
        epoch: uint32(row.get(4)?)?,
        wrapped: row.get(5)?,
    })
}

/// The key that a statement finds, which is at most one.
fn key(
    connection: &Connection,
    sql: &'static str,
    parameters: impl Params,
) -> Result<Option<WrappedKey>, Stop> {
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query(parameters)?;
    rows.next()?.map(read_key).transpose()
}

/// The key that stands in the slot.
fn in_slot(
    connection: &Connection,
    tenant: &TenantId,
    slot: &KeySlot,
) -> Result<Option<WrappedKey>, Stop> {
    let person = slot.person.map(Uuid::into_bytes);
    let person: &[u8] = person.as_ref().map_or(&[], |person| person.as_slice());
    key(connection, BY_SLOT, params![tenant.as_str(), slot.stream_tag.0, person])
}

fn epoch(
    connection: &Connection,
    tenant: &TenantId,
    epoch: Option<u32>,
) -> Result<Option<WrappedKek>, Stop> {
    let sql = "select epoch, wrapped from kek where tenant = ?1 and (?2 is null or epoch = ?2) \
               order by epoch desc limit 1";
    let mut statement = connection.prepare_cached(sql)?;
    let found: Option<(i64, Vec<u8>)> = statement
        .query_row(params![tenant.as_str(), epoch], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    let kek = found.map(|(epoch, wrapped)| Ok(WrappedKek { epoch: uint32(epoch)?, wrapped }));
    Ok(kek.transpose().map_err(|fault: Fault| fault)?)
}

/// Adds the key-encryption key, if its epoch has none.
pub(crate) fn copy_kek(
    connection: &Connection,
    tenant: &TenantId,
    kek: &WrappedKek,
) -> Result<(), Stop> {
    let sql = "insert into kek (tenant, epoch, wrapped) values (?1, ?2, ?3) on conflict do nothing";
    let row = params![tenant.as_str(), kek.epoch, kek.wrapped];
    connection.prepare_cached(sql)?.execute(row)?;
    Ok(())
}

/// Adds the key, if its slot has none.
pub(crate) fn copy_key(
    connection: &Connection,
    tenant: &TenantId,
    key: &WrappedKey,
) -> Result<(), Stop> {
    let sql = "insert into key (tenant, key_id, stream_tag, person, kind, epoch, wrapped) \
               values (?1, ?2, ?3, ?4, ?5, ?6, ?7) \
               on conflict (tenant, stream_tag, coalesce(person, x'')) do nothing";
    let WrappedKey { key_id, slot, kind, epoch, wrapped } = key;
    let person = slot.person.map(Uuid::into_bytes);
    let (tenant, tag) = (tenant.as_str(), slot.stream_tag.0);
    let row = params![tenant, key_id, tag, person, kind, epoch, wrapped];
    match connection.prepare_cached(sql)?.execute(row) {
        // The id stands in another slot.
        Err(error) if is_unique_violation(&error) => Err(Fault::Conflict.into()),
        other => Ok(other.map(|_| ())?),
    }
}

/// Adds the keys whose slots are free, and gives what stands in each slot then.
fn insert_keys(
    connection: &Connection,
    tenant: &TenantId,
    keys: &[WrappedKey],
) -> Result<Vec<WrappedKey>, Stop> {
    keys.iter().try_for_each(|key| copy_key(connection, tenant, key))?;
    let standing = keys.iter().map(|key| in_slot(connection, tenant, &key.slot));
    let standing: Option<Vec<WrappedKey>> = standing.collect::<Result<_, Stop>>()?;
    standing.ok_or_else(|| corrupt("a key that was added is not there").into())
}

#[async_trait]
impl KeyStore for SqliteStore {
    async fn kek(
        &self,
        tenant: &TenantId,
        wanted: Option<u32>,
    ) -> Result<Option<WrappedKek>, Fault> {
        self.shared.keys.readers.look_up(|it| Ok(epoch(it, tenant, wanted)?)).await
    }

    async fn add_kek(&self, tenant: &TenantId, kek: WrappedKek) -> Result<WrappedKek, Fault> {
        let tenant = tenant.clone();
        let write = move |it: &Connection| {
            copy_kek(it, &tenant, &kek)?;
            let standing = epoch(it, &tenant, Some(kek.epoch))?;
            standing.ok_or_else(|| corrupt("a key that was added is not there").into())
        };
        self.shared.keys.writers.transaction(write).await
    }

    async fn keys(
        &self,
        tenant: &TenantId,
        slots: &[KeySlot],
    ) -> Result<Vec<Option<WrappedKey>>, Fault> {
        let find =
            |it: &Connection| slots.iter().map(|slot| Ok(in_slot(it, tenant, slot)?)).collect();
        self.shared.keys.readers.look_up(find).await
    }

    async fn keys_by_id(
        &self,
        tenant: &TenantId,
        ids: &[[u8; 16]],
    ) -> Result<Vec<Option<WrappedKey>>, Fault> {
        let find = |it: &Connection| {
            ids.iter().map(|id| Ok(key(it, BY_ID, params![tenant.as_str(), id])?)).collect()
        };
        self.shared.keys.readers.look_up(find).await
    }

    async fn add_keys(
        &self,
        tenant: &TenantId,
        keys: Vec<WrappedKey>,
    ) -> Result<Vec<WrappedKey>, Fault> {
        let tenant = tenant.clone();
        let write = move |it: &Connection| insert_keys(it, &tenant, &keys);
        self.shared.keys.writers.transaction(write).await
    }
}

#[async_trait]
impl InspectKeys for SqliteStore {
    async fn keks(&self, tenant: &TenantId) -> Result<Vec<WrappedKek>, Fault> {
        let sql = "select epoch, wrapped from kek where tenant = ?1 order by epoch";
        let read = |it: &Connection| {
            rows(it, sql, params![tenant.as_str()], |row| {
                Ok(WrappedKek { epoch: uint32(row.get(0)?)?, wrapped: row.get(1)? })
            })
        };
        self.shared.keys.readers.look_up(read).await
    }

    async fn keys_after(
        &self,
        tenant: &TenantId,
        after: Option<[u8; 16]>,
    ) -> Result<Vec<WrappedKey>, Fault> {
        // An empty blob is before every other one.
        let after = after.map_or_else(Vec::new, |id| id.to_vec());
        let tenant = tenant.clone();
        let readers = &self.shared.keys.readers;
        let read = move |it: &Connection| {
            rows(it, AFTER, params![tenant.as_str(), after, READ_LIMIT_MAX], read_key)
        };
        readers.read(read).await
    }
}
