use std::sync::Arc;

use async_trait::async_trait;
use fokus_store::conformance::Fixture;
use fokus_store::copy::CopyKeys;

use super::Place;
use crate::SqliteStore;

struct InFolder {
    place: Place,
    store: Arc<SqliteStore>,
}

impl InFolder {
    async fn at(place: Place) -> Self {
        let store = Arc::new(place.open().await.unwrap());
        InFolder { place, store }
    }

    async fn copy_at(place: Place, keys: CopyKeys) -> Self {
        let store = SqliteStore::open_for_copy(place.options(), keys).await.unwrap();
        InFolder { place, store: Arc::new(store) }
    }
}

#[async_trait]
impl Fixture for InFolder {
    type Store = SqliteStore;

    async fn open() -> Self {
        InFolder::at(Place::new()).await
    }

    fn store(&self) -> Arc<SqliteStore> {
        Arc::clone(&self.store)
    }

    async fn reopen(self) -> Self {
        self.store.close().await;
        InFolder::at(self.place).await
    }

    async fn open_for_copy(keys: CopyKeys) -> Self {
        InFolder::copy_at(Place::new(), keys).await
    }

    async fn reopen_for_copy(self, keys: CopyKeys) -> Self {
        self.store.close().await;
        InFolder::copy_at(self.place, keys).await
    }

    async fn finish_copy(self) -> Self {
        self.store.finish_copy().await.unwrap();
        self.reopen().await
    }

    fn begin_closing(&self) {
        self.place.shutdown.cancel();
    }
}

fokus_store::conformance!(InFolder);
