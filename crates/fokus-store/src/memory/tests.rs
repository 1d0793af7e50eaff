use std::sync::Arc;

use async_trait::async_trait;

use super::*;
use crate::conformance::Fixture;
use crate::conformance::copy::AUTHORITY;
use crate::copy::CopyKeys;

struct InMemory(Arc<MemoryStore>);

#[async_trait]
impl Fixture for InMemory {
    type Store = MemoryStore;

    async fn open() -> Self {
        let seed = SecretKey::from_bytes([3; 32]);
        InMemory(Arc::new(MemoryStore::new("test.fokus.invalid", true, seed)))
    }

    fn store(&self) -> Arc<MemoryStore> {
        Arc::clone(&self.0)
    }

    async fn reopen(self) -> Self {
        InMemory(Arc::new(self.0.reopened()))
    }

    async fn open_for_copy(keys: CopyKeys) -> Self {
        InMemory(Arc::new(MemoryStore::new(AUTHORITY, true, keys.signing_seed)))
    }

    async fn reopen_for_copy(self, _keys: CopyKeys) -> Self {
        self.reopen().await
    }

    async fn finish_copy(self) -> Self {
        self.reopen().await
    }

    fn begin_closing(&self) {
        self.0.close();
    }

    async fn published(&self, tenant: &TenantId) -> Vec<PublishedCell> {
        self.0.published(tenant)
    }
}

crate::conformance!(InMemory);
