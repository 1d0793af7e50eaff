//! How much room the store in memory takes: the bytes of its rows, without what holds them together.

use async_trait::async_trait;

use super::{MemoryStore, lock};
use crate::ports::Describe;
use crate::types::*;

#[async_trait]
impl Describe for MemoryStore {
    async fn about(&self) -> Result<About, Fault> {
        let journal = lock(&self.data.logs).values().map(super::MemoryLog::bytes).sum();
        let keys = lock(&self.data.keys).bytes();
        let views = lock(&self.data.views).bytes();
        let part = |name, bytes| StorePart { name, schema: 0, bytes };
        Ok(About {
            engine: "memory".to_owned(),
            parts: vec![part("journal", journal), part("keys", keys), part("views", views)],
        })
    }
}
