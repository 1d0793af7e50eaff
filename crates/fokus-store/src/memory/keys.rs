//! Wrapped keys in memory.

use std::collections::BTreeMap;
use std::ops::Bound;

use async_trait::async_trait;

use super::{MemoryStore, lock};
use crate::ports::{InspectKeys, KeyStore};
use crate::types::*;

#[derive(Default)]
pub(super) struct Keys {
    keks: BTreeMap<(TenantId, u32), WrappedKek>,
    slots: BTreeMap<(TenantId, KeySlot), [u8; 16]>,
    keys: BTreeMap<(TenantId, [u8; 16]), WrappedKey>,
}

impl Keys {
    /// What the wrapped keys take.
    pub(super) fn bytes(&self) -> u64 {
        let keys = self.keys.values().map(|it| it.wrapped.len());
        keys.chain(self.keks.values().map(|it| it.wrapped.len())).sum::<usize>() as u64
    }

    fn in_slot(&self, tenant: &TenantId, slot: KeySlot) -> Option<&WrappedKey> {
        let key_id = self.slots.get(&(tenant.clone(), slot))?;
        self.keys.get(&(tenant.clone(), *key_id))
    }

    pub(super) fn add_kek(&mut self, tenant: &TenantId, kek: WrappedKek) -> &WrappedKek {
        self.keks.entry((tenant.clone(), kek.epoch)).or_insert(kek)
    }

    /// Does nothing if the slot has a key.
    pub(super) fn add(&mut self, tenant: &TenantId, key: WrappedKey) {
        if self.in_slot(tenant, key.slot).is_some() {
            return;
        }
        self.slots.insert((tenant.clone(), key.slot), key.key_id);
        self.keys.insert((tenant.clone(), key.key_id), key);
    }
}

#[async_trait]
impl KeyStore for MemoryStore {
    async fn kek(
        &self,
        tenant: &TenantId,
        epoch: Option<u32>,
    ) -> Result<Option<WrappedKek>, Fault> {
        let keys = lock(&self.data.keys);
        let epochs = match epoch {
            Some(epoch) => (tenant.clone(), epoch)..=(tenant.clone(), epoch),
            None => (tenant.clone(), 0)..=(tenant.clone(), u32::MAX),
        };
        Ok(keys.keks.range(epochs).next_back().map(|(_, kek)| kek.clone()))
    }

    async fn add_kek(&self, tenant: &TenantId, kek: WrappedKek) -> Result<WrappedKek, Fault> {
        let mut keys = lock(&self.data.keys);
        Ok(keys.add_kek(tenant, kek).clone())
    }

    async fn keys(
        &self,
        tenant: &TenantId,
        slots: &[KeySlot],
    ) -> Result<Vec<Option<WrappedKey>>, Fault> {
        let keys = lock(&self.data.keys);
        Ok(slots.iter().map(|slot| keys.in_slot(tenant, *slot).cloned()).collect())
    }

    async fn keys_by_id(
        &self,
        tenant: &TenantId,
        ids: &[[u8; 16]],
    ) -> Result<Vec<Option<WrappedKey>>, Fault> {
        let keys = lock(&self.data.keys);
        Ok(ids.iter().map(|id| keys.keys.get(&(tenant.clone(), *id)).cloned()).collect())
    }

    async fn add_keys(
        &self,
        tenant: &TenantId,
        added: Vec<WrappedKey>,
    ) -> Result<Vec<WrappedKey>, Fault> {
        let mut keys = lock(&self.data.keys);
        // All or nothing: an id that stands in another slot already stops everything.
        let mut planned: BTreeMap<[u8; 16], KeySlot> = BTreeMap::new();
        let mut filled: BTreeMap<KeySlot, [u8; 16]> = BTreeMap::new();
        for key in &added {
            if keys.in_slot(tenant, key.slot).is_some() || filled.contains_key(&key.slot) {
                continue;
            }
            let id = (tenant.clone(), key.key_id);
            if keys.keys.contains_key(&id) || planned.insert(key.key_id, key.slot).is_some() {
                return Err(Fault::Conflict);
            }
            filled.insert(key.slot, key.key_id);
        }
        let slots: Vec<KeySlot> = added.iter().map(|key| key.slot).collect();
        for key in added {
            keys.add(tenant, key);
        }
        Ok(slots.iter().filter_map(|slot| keys.in_slot(tenant, *slot).cloned()).collect())
    }
}

#[async_trait]
impl InspectKeys for MemoryStore {
    async fn keks(&self, tenant: &TenantId) -> Result<Vec<WrappedKek>, Fault> {
        let keys = lock(&self.data.keys);
        let epochs = (tenant.clone(), 0)..=(tenant.clone(), u32::MAX);
        Ok(keys.keks.range(epochs).map(|(_, kek)| kek.clone()).collect())
    }

    async fn keys_after(
        &self,
        tenant: &TenantId,
        after: Option<[u8; 16]>,
    ) -> Result<Vec<WrappedKey>, Fault> {
        let keys = lock(&self.data.keys);
        let from = match after {
            Some(after) => Bound::Excluded((tenant.clone(), after)),
            None => Bound::Included((tenant.clone(), [0; 16])),
        };
        let to = Bound::Included((tenant.clone(), [0xff; 16]));
        let found = keys.keys.range((from, to)).map(|(_, key)| key.clone());
        Ok(found.take(READ_LIMIT_MAX as usize).collect())
    }
}
