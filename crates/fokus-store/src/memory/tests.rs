use std::sync::Arc;

use async_trait::async_trait;

use super::*;
use crate::conformance::Fixture;

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

    fn begin_closing(&self) {
        self.0.close();
    }
}

crate::conformance!(InMemory);
