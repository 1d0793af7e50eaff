use std::sync::Arc;

use async_trait::async_trait;
use fokus_store::conformance::Fixture;

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

    fn begin_closing(&self) {
        self.place.shutdown.cancel();
    }
}

fokus_store::conformance!(InFolder);
