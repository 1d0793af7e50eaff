//! Content keys in memory: fetched, unwrapped, made when they are missing; forgotten after five
//! minutes.
//!
//! Keys first: a new key is durable in the key store before anything sealed with it is appended. A key
//! that is never used after all is harmless.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use fokus_store::{Fault, KeySlot, KeyStore, StreamTag, TenantId, WrappedKek, WrappedKey};
use fokus_vault::key::{ContentKey, KeyId, SecretKey};
use fokus_vault::wrap::{KeyKind, Kms, WrapContext, unwrap_key, wrap_key};
use tokio::time::Instant;
use uuid::Uuid;

use crate::clock::Entropy;

/// How long an unwrapped key stays in memory at most.
const KEEP: Duration = Duration::from_secs(300);
/// How many unwrapped keys stay in memory at most.
const KEYS_MAX: usize = 50_000;
/// The first epoch of a tenant's key-encryption keys.
const FIRST_EPOCH: u32 = 1;

/// Unwrapped keys, by what they are for and by id.
pub struct Keyring {
    keys: Arc<dyn KeyStore>,
    kms: Arc<dyn Kms>,
    entropy: Arc<dyn Entropy>,
    cache: Mutex<Cache>,
}

struct Cache {
    since: Instant,
    /// Content keys of all tenants together.
    count: usize,
    tenants: HashMap<TenantId, TenantKeys>,
}

/// The keys of one tenant.
#[derive(Default)]
struct TenantKeys {
    keks: HashMap<u32, Arc<SecretKey>>,
    newest_kek: Option<u32>,
    by_slot: HashMap<KeySlot, Arc<ContentKey>>,
    by_id: HashMap<KeyId, Arc<ContentKey>>,
}

impl Cache {
    fn empty() -> Self {
        Cache { since: Instant::now(), count: 0, tenants: HashMap::new() }
    }

    /// The tenant's keys, to add to.
    fn of(&mut self, tenant: &TenantId) -> &mut TenantKeys {
        self.tenants.entry(tenant.clone()).or_default()
    }
}

impl fmt::Debug for Keyring {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Keyring(redacted)")
    }
}

/// The slot of a stream's own key.
pub fn stream_slot(stream_tag: StreamTag) -> KeySlot {
    KeySlot { stream_tag, person: None }
}

/// The slot of a person's key in a stream.
pub fn person_slot(stream_tag: StreamTag, person: Uuid) -> KeySlot {
    KeySlot { stream_tag, person: Some(person) }
}

/// The slot of the tenant's key for blind indexes.
pub(crate) fn index_slot() -> KeySlot {
    KeySlot { stream_tag: StreamTag([0; 16]), person: None }
}

impl Keyring {
    /// An empty keyring over the store.
    pub fn new(keys: Arc<dyn KeyStore>, kms: Arc<dyn Kms>, entropy: Arc<dyn Entropy>) -> Self {
        Keyring { keys, kms, entropy, cache: Mutex::new(Cache::empty()) }
    }

    /// The keys of the slots, made where they are missing, durably.
    pub async fn ensure(
        &self,
        tenant: &TenantId,
        slots: &[KeySlot],
    ) -> Result<Vec<Arc<ContentKey>>, Fault> {
        let found = self.get(tenant, slots).await?;
        let missing: Vec<KeySlot> =
            slots.iter().zip(&found).filter(|(_, it)| it.is_none()).map(|(it, _)| *it).collect();
        if missing.is_empty() {
            return Ok(found.into_iter().flatten().collect());
        }
        let (epoch, kek) = self.newest_kek(tenant).await?;
        let wrapped = missing
            .iter()
            .map(|slot| self.make(tenant, epoch, &kek, *slot))
            .collect::<Result<Vec<_>, _>>()?;
        // The key now standing in a slot may be somebody else's, made at the same moment.
        let standing = self.keys.add_keys(tenant, wrapped).await?;
        for it in standing {
            self.unwrap(tenant, &it).await?;
        }
        let all = self.get(tenant, slots).await?;
        if all.iter().any(Option::is_none) {
            return Err(corrupt("a key just made cannot be found"));
        }
        Ok(all.into_iter().flatten().collect())
    }

    /// The keys of the slots; `None` where there is none.
    pub async fn get(
        &self,
        tenant: &TenantId,
        slots: &[KeySlot],
    ) -> Result<Vec<Option<Arc<ContentKey>>>, Fault> {
        let mut found: Vec<Option<Arc<ContentKey>>> = {
            let cache = self.cache();
            let keys = cache.tenants.get(tenant);
            slots.iter().map(|it| keys.and_then(|keys| keys.by_slot.get(it)).cloned()).collect()
        };
        let missing: Vec<KeySlot> =
            slots.iter().zip(&found).filter(|(_, it)| it.is_none()).map(|(it, _)| *it).collect();
        if missing.is_empty() {
            return Ok(found);
        }
        let mut fetched = self.keys.keys(tenant, &missing).await?.into_iter();
        for place in found.iter_mut().filter(|it| it.is_none()) {
            if let Some(wrapped) = fetched.next().flatten() {
                *place = Some(self.unwrap(tenant, &wrapped).await?);
            }
        }
        Ok(found)
    }

    /// The keys with these ids; `None` where there is none, or no more.
    pub async fn by_id(
        &self,
        tenant: &TenantId,
        ids: &[KeyId],
    ) -> Result<HashMap<KeyId, Arc<ContentKey>>, Fault> {
        let mut found = HashMap::with_capacity(ids.len());
        let mut missing = Vec::new();
        {
            let cache = self.cache();
            let keys = cache.tenants.get(tenant);
            for id in ids {
                match keys.and_then(|keys| keys.by_id.get(id)) {
                    Some(it) => {
                        found.insert(*id, Arc::clone(it));
                    }
                    None => missing.push(id.0),
                }
            }
        }
        if !missing.is_empty() {
            missing.sort_unstable();
            missing.dedup();
            for wrapped in self.keys.keys_by_id(tenant, &missing).await?.into_iter().flatten() {
                let key = self.unwrap(tenant, &wrapped).await?;
                found.insert(key.id, key);
            }
        }
        Ok(found)
    }

    /// The tenant's key for blind indexes.
    pub async fn index_key(&self, tenant: &TenantId) -> Result<Arc<ContentKey>, Fault> {
        let keys = self.ensure(tenant, &[index_slot()]).await?;
        keys.into_iter().next().ok_or_else(|| corrupt("no index key"))
    }

    /// Whether the root key opens a key-encryption key.
    pub(crate) fn opens_kek(&self, tenant: &TenantId, kek: &WrappedKek) -> bool {
        self.kms.unwrap_kek(tenant.as_str(), kek.epoch, &kek.wrapped).is_ok()
    }

    /// Whether a wrapped key opens, as it stands in the store.
    pub(crate) async fn opens(&self, tenant: &TenantId, key: &WrappedKey) -> Result<bool, Fault> {
        match self.unwrap(tenant, key).await {
            Ok(_) => Ok(true),
            Err(Fault::Corrupt { .. } | Fault::Unavailable(_)) => Ok(false),
            Err(fault) => Err(fault),
        }
    }

    /// The cache, forgotten first where it is too old or too large.
    fn cache(&self) -> std::sync::MutexGuard<'_, Cache> {
        let mut cache = self.cache.lock().unwrap_or_else(PoisonError::into_inner);
        if cache.since.elapsed() > KEEP || cache.count > KEYS_MAX {
            *cache = Cache::empty();
        }
        cache
    }

    fn make(
        &self,
        tenant: &TenantId,
        epoch: u32,
        kek: &SecretKey,
        slot: KeySlot,
    ) -> Result<WrappedKey, Fault> {
        let (mut key_id, mut secret, mut nonce) = ([0; 16], [0; 32], [0; 24]);
        self.entropy.fill(&mut key_id);
        self.entropy.fill(&mut secret);
        self.entropy.fill(&mut nonce);
        let kind = kind_of(slot);
        let context = WrapContext { tenant: tenant.as_str(), epoch, key_id: KeyId(key_id), kind };
        let wrapped = wrap_key(kek, &context, nonce, &SecretKey::from_bytes(secret))
            .map_err(|_| corrupt("a key cannot be wrapped"))?;
        Ok(WrappedKey { key_id, slot, kind: kind as u8, epoch, wrapped })
    }

    async fn unwrap(
        &self,
        tenant: &TenantId,
        wrapped: &WrappedKey,
    ) -> Result<Arc<ContentKey>, Fault> {
        let kek = self.kek(tenant, wrapped.epoch).await?;
        let kind = KeyKind::from_byte(wrapped.kind).ok_or_else(|| corrupt("a key's kind"))?;
        let id = KeyId(wrapped.key_id);
        let context =
            WrapContext { tenant: tenant.as_str(), epoch: wrapped.epoch, key_id: id, kind };
        let key = unwrap_key(&kek, &context, &wrapped.wrapped)
            .map_err(|_| corrupt("a wrapped key does not open under its key-encryption key"))?;
        let key = Arc::new(ContentKey { id, key });
        let mut cache = self.cache();
        let keys = cache.of(tenant);
        keys.by_slot.insert(wrapped.slot, Arc::clone(&key));
        let new = keys.by_id.insert(id, Arc::clone(&key)).is_none();
        cache.count += usize::from(new);
        Ok(key)
    }

    async fn kek(&self, tenant: &TenantId, epoch: u32) -> Result<Arc<SecretKey>, Fault> {
        let known = |it: &TenantKeys| it.keks.get(&epoch).cloned();
        if let Some(it) = self.cache().tenants.get(tenant).and_then(known) {
            return Ok(it);
        }
        let wrapped = self
            .keys
            .kek(tenant, Some(epoch))
            .await?
            .ok_or_else(|| corrupt("a key-encryption key is missing"))?;
        self.unwrap_kek(tenant, &wrapped)
    }

    async fn newest_kek(&self, tenant: &TenantId) -> Result<(u32, Arc<SecretKey>), Fault> {
        let newest = self.cache().tenants.get(tenant).and_then(|it| it.newest_kek);
        if let Some(epoch) = newest {
            return Ok((epoch, self.kek(tenant, epoch).await?));
        }
        let wrapped = match self.keys.kek(tenant, None).await? {
            Some(it) => it,
            None => {
                let (mut secret, mut nonce) = ([0; 32], [0; 24]);
                self.entropy.fill(&mut secret);
                self.entropy.fill(&mut nonce);
                let kek = SecretKey::from_bytes(secret);
                let wrapped = self
                    .kms
                    .wrap_kek(tenant.as_str(), FIRST_EPOCH, &kek, nonce)
                    .map_err(|error| Fault::Unavailable(Box::new(error)))?;
                let first = WrappedKek { epoch: FIRST_EPOCH, wrapped };
                self.keys.add_kek(tenant, first).await?
            }
        };
        let kek = self.unwrap_kek(tenant, &wrapped)?;
        self.cache().of(tenant).newest_kek = Some(wrapped.epoch);
        Ok((wrapped.epoch, kek))
    }

    fn unwrap_kek(&self, tenant: &TenantId, kek: &WrappedKek) -> Result<Arc<SecretKey>, Fault> {
        let secret = self
            .kms
            .unwrap_kek(tenant.as_str(), kek.epoch, &kek.wrapped)
            .map_err(|error| Fault::Unavailable(Box::new(error)))?;
        let secret = Arc::new(secret);
        self.cache().of(tenant).keks.insert(kek.epoch, Arc::clone(&secret));
        Ok(secret)
    }
}

/// What a key in the slot is for.
pub(crate) fn kind_of(slot: KeySlot) -> KeyKind {
    match slot {
        KeySlot { person: Some(_), .. } => KeyKind::PersonInStream,
        it if it == index_slot() => KeyKind::Index,
        KeySlot { person: None, .. } => KeyKind::Stream,
    }
}

fn corrupt(what: &str) -> Fault {
    Fault::Corrupt { what: what.to_owned() }
}
