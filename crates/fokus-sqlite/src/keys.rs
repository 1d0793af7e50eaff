//! Wrapped keys in `keys.db`.

use async_trait::async_trait;
use fokus_store::{Fault, KeySlot, KeyStore, StreamTag, TenantId, WrappedKek, WrappedKey};
use serde_json::{Value, json};
use sqlx::SqliteConnection;
use uuid::Uuid;

use crate::fault::{corrupt, fault, is_unique_violation};
use crate::journal::{Stop, finish, in_order};
use crate::pack::{Rows, array, uint32};
use crate::row::row;
use crate::store::SqliteStore;

row! {
    /// A row of the table `key`, with its place in the question.
    struct KeyRow {
        place: i64,
        key_id: Vec<u8>,
        stream_tag: Vec<u8>,
        person: Option<Vec<u8>>,
        kind: i64,
        epoch: i64,
        wrapped: Vec<u8>,
    }
}

impl KeyRow {
    fn read(self) -> Result<(i64, WrappedKey), Fault> {
        let person = self.person.map(|id| Ok(Uuid::from_bytes(array(&id)?))).transpose()?;
        let key = WrappedKey {
            key_id: array(&self.key_id)?,
            slot: KeySlot { stream_tag: StreamTag(array(&self.stream_tag)?), person },
            kind: u8::try_from(self.kind).map_err(|_| corrupt("a key of unknown kind"))?,
            epoch: uint32(self.epoch)?,
            wrapped: self.wrapped,
        };
        Ok((self.place, key))
    }
}

/// A slot as `[tag, person]`; no person is an empty text, which is an empty blob to `unhex`.
fn slot_json(slot: &KeySlot) -> Value {
    json!([hex::encode(slot.stream_tag.0), slot.person.map(hex::encode).unwrap_or_default()])
}

const KEYS_BY_SLOT: &str = "\
    select j.key as place, k.key_id, k.stream_tag, k.person, k.kind, k.epoch, k.wrapped \
    from json_each(?2) j cross join key k \
    on k.tenant = ?1 and k.stream_tag = unhex(j.value ->> 0) \
    and coalesce(k.person, x'') = unhex(j.value ->> 1)";

const KEYS_BY_ID: &str = "\
    select j.key as place, k.key_id, k.stream_tag, k.person, k.kind, k.epoch, k.wrapped \
    from json_each(?2) j cross join key k on k.tenant = ?1 and k.key_id = unhex(j.value)";

/// The keys that stand in the slots, in their order.
async fn keys_in_slots(
    connection: &mut SqliteConnection,
    tenant: &TenantId,
    slots: &[KeySlot],
) -> Result<Vec<Option<WrappedKey>>, Stop> {
    let rows: Vec<KeyRow> = sqlx::query_as(KEYS_BY_SLOT)
        .bind(tenant.as_str())
        .bind(slots.iter().map(slot_json).collect::<Rows>().json())
        .fetch_all(connection)
        .await?;
    Ok(in_order(slots.len(), rows.into_iter().map(KeyRow::read))?)
}

async fn insert_kek(
    connection: &mut SqliteConnection,
    tenant: &TenantId,
    kek: &WrappedKek,
) -> Result<WrappedKek, Stop> {
    sqlx::query(
        "insert into kek (tenant, epoch, wrapped) values (?1, ?2, ?3) on conflict do nothing",
    )
    .bind(tenant.as_str())
    .bind(kek.epoch)
    .bind(kek.wrapped.as_slice())
    .execute(&mut *connection)
    .await?;
    let wrapped = sqlx::query_scalar("select wrapped from kek where tenant = ?1 and epoch = ?2")
        .bind(tenant.as_str())
        .bind(kek.epoch)
        .fetch_one(connection)
        .await?;
    Ok(WrappedKek { epoch: kek.epoch, wrapped })
}

/// Adds the keys whose slots are free, and gives what stands in each slot then.
async fn insert_keys(
    connection: &mut SqliteConnection,
    tenant: &TenantId,
    keys: &[WrappedKey],
) -> Result<Vec<WrappedKey>, Stop> {
    let rows = keys.iter().map(|key| {
        let (id, wrapped) = (hex::encode(key.key_id), hex::encode(&key.wrapped));
        let tag = hex::encode(key.slot.stream_tag.0);
        json!([id, tag, key.slot.person.map(hex::encode), key.kind, key.epoch, wrapped])
    });
    let inserted = sqlx::query(
        "insert into key (tenant, key_id, stream_tag, person, kind, epoch, wrapped) \
         select ?1, unhex(value ->> 0), unhex(value ->> 1), unhex(value ->> 2), value ->> 3, \
         value ->> 4, unhex(value ->> 5) from json_each(?2) where true \
         on conflict (tenant, stream_tag, coalesce(person, x'')) do nothing",
    )
    .bind(tenant.as_str())
    .bind(rows.collect::<Rows>().json())
    .execute(&mut *connection)
    .await;
    match inserted {
        // The id stands in another slot.
        Err(error) if is_unique_violation(&error) => return Err(Fault::Conflict.into()),
        other => other?,
    };
    let slots: Vec<KeySlot> = keys.iter().map(|key| key.slot).collect();
    let standing = keys_in_slots(connection, tenant, &slots).await?;
    let standing: Option<Vec<WrappedKey>> = standing.into_iter().collect();
    Ok(standing.ok_or_else(|| corrupt("a key that was added is not there"))?)
}

#[async_trait]
impl KeyStore for SqliteStore {
    async fn kek(
        &self,
        tenant: &TenantId,
        epoch: Option<u32>,
    ) -> Result<Option<WrappedKek>, Fault> {
        let row: Option<(i64, Vec<u8>)> = sqlx::query_as(
            "select epoch, wrapped from kek where tenant = ?1 and (?2 is null or epoch = ?2) \
             order by epoch desc limit 1",
        )
        .bind(tenant.as_str())
        .bind(epoch)
        .fetch_optional(&self.shared.keys.readers)
        .await
        .map_err(fault)?;
        row.map(|(epoch, wrapped)| Ok(WrappedKek { epoch: uint32(epoch)?, wrapped })).transpose()
    }

    async fn add_kek(&self, tenant: &TenantId, kek: WrappedKek) -> Result<WrappedKek, Fault> {
        let (tenant, writer) = (tenant.clone(), self.shared.keys.writer.clone());
        self.uncancelled(async move {
            let mut writer = writer.lock().await;
            let added = insert_kek(writer.begin().await?, &tenant, &kek).await;
            let standing = finish(&mut writer, added).await?;
            writer.commit(kek.wrapped.len()).await?;
            Ok(standing)
        })
        .await
    }

    async fn keys(
        &self,
        tenant: &TenantId,
        slots: &[KeySlot],
    ) -> Result<Vec<Option<WrappedKey>>, Fault> {
        let rows: Vec<KeyRow> = sqlx::query_as(KEYS_BY_SLOT)
            .bind(tenant.as_str())
            .bind(slots.iter().map(slot_json).collect::<Rows>().json())
            .fetch_all(&self.shared.keys.readers)
            .await
            .map_err(fault)?;
        in_order(slots.len(), rows.into_iter().map(KeyRow::read))
    }

    async fn keys_by_id(
        &self,
        tenant: &TenantId,
        ids: &[[u8; 16]],
    ) -> Result<Vec<Option<WrappedKey>>, Fault> {
        let rows: Vec<KeyRow> = sqlx::query_as(KEYS_BY_ID)
            .bind(tenant.as_str())
            .bind(ids.iter().map(|id| json!(hex::encode(id))).collect::<Rows>().json())
            .fetch_all(&self.shared.keys.readers)
            .await
            .map_err(fault)?;
        in_order(ids.len(), rows.into_iter().map(KeyRow::read))
    }

    async fn add_keys(
        &self,
        tenant: &TenantId,
        keys: Vec<WrappedKey>,
    ) -> Result<Vec<WrappedKey>, Fault> {
        let (tenant, writer) = (tenant.clone(), self.shared.keys.writer.clone());
        self.uncancelled(async move {
            let mut writer = writer.lock().await;
            let added = insert_keys(writer.begin().await?, &tenant, &keys).await;
            let standing = finish(&mut writer, added).await?;
            writer.commit(keys.iter().map(|key| key.wrapped.len()).sum()).await?;
            Ok(standing)
        })
        .await
    }
}
