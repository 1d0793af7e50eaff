use std::sync::Arc;

use async_trait::async_trait;
use fokus_store::conformance::Fixture;
use fokus_store::copy::CopyKeys;
use fokus_store::{Position, PublishedCell, TenantId};
use rusqlite::{Connection, OpenFlags};

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

    async fn published(&self, tenant: &TenantId) -> Vec<PublishedCell> {
        let path = self.place.file("released.db");
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY;
        let connection = Connection::open_with_flags(path, flags).unwrap();
        let sql = "select programme_id, programme, release_id, quarter, quarter_end, table_code, \
                   row_number, row_code, column_number, column_code, number, threshold, released_on, \
                   released_at, release_position, hidden from outcome where tenant = ?1";
        let mut statement = connection.prepare(sql).unwrap();
        let rows = statement.query_map([tenant.as_str()], |row| {
            let number: Option<u32> = row.get(10)?;
            assert_eq!(number.is_none(), row.get(15)?, "what is hidden says so");
            Ok(PublishedCell {
                programme_id: row.get(0)?,
                programme: row.get(1)?,
                release_id: row.get(2)?,
                quarter: row.get(3)?,
                quarter_end: row.get(4)?,
                table_code: row.get(5)?,
                row_number: row.get(6)?,
                row_code: row.get(7)?,
                column_number: row.get(8)?,
                column_code: row.get(9)?,
                number,
                threshold: row.get(11)?,
                released_on: row.get(12)?,
                released_at: row.get(13)?,
                release_position: Position(row.get::<_, i64>(14)?.unsigned_abs()),
            })
        });
        rows.unwrap().map(Result::unwrap).collect()
    }
}

fokus_store::conformance!(InFolder);
