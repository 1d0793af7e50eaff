//! Every promise, beside decoys: tenants whose names sort before and after the others', and which hold the
//! same tags, streams, command ids, claims, keys, leases and rows. They have no row in `log`, so that
//! nobody lists them.

use std::sync::Arc;

use async_trait::async_trait;
use fokus_store::conformance::Fixture;
use fokus_store::conformance::copy::AUTHORITY;
use fokus_store::copy::CopyKeys;
use fokus_store::{Position, PublishedCell, TenantId};
use sqlx::Row as _;
use sqlx::postgres::PgRow;

use super::Place;
use crate::{PostgresOptions, PostgresStore};

/// As `fokus_store::conformance::make` makes ids of small numbers.
const DECOYS: &str = "\
    create temporary view n as select tenant, n, \
        decode(repeat('f0', 15) || lpad(to_hex(n), 2, '0'), 'hex') as tag, \
        decode(lpad(to_hex(n), 32, '0'), 'hex') as id, \
        decode(repeat(lpad(to_hex(n), 2, '0'), 16), 'hex') as key_id \
        from generate_series(0, 255) n, (values ('aadecoy'), ('zzdecoy')) t (tenant); \
    insert into journal.leaf select tenant, 'journal', n + 1, tag, 1, '\\x00' from n; \
    insert into journal.envelope select tenant, 'journal', n + 1, 0, '\\xff' from n; \
    insert into journal.stream select tenant, tag, 'family', id, 7, n + 1 from n; \
    insert into journal.command select tenant, id, n + 1, 1 from n; \
    insert into journal.tile select tenant, 'journal', 0, n, decode(repeat('ee', 8192), 'hex') from n; \
    insert into journal.claimed_key \
        select tenant, 'reference', convert_to(text, 'UTF8'), tag from n, \
        lateral (values (n::text), ('c' || n), (chr(97 + n % 26))) c (text) on conflict do nothing; \
    insert into keys.kek select tenant, n + 1, '\\xdd' from n; \
    insert into keys.key select tenant, key_id, tag, null, 1, 1, '\\xdd' from n; \
    insert into views.lease \
        select distinct tenant, 'cases', decode(repeat('cc', 16), 'hex'), 9, timestamptz 'infinity' from n; \
    insert into views.view_checkpoint select tenant, 'cases', n, 9, n = 1, null, null from n; \
    insert into views.view_row \
        select tenant, 'cases', r, tag, key, n, n, '', '\\xbb' from n, generate_series(0, 3) r, \
        (values (''), ('a'), ('b'), ('1')) k (key) where n < 20; \
    insert into views.published_cell \
        select tenant, 'cases', r, tag, key, 'STANDING', 0, 0, 'FAMILIES', 'DECOY', n, 5, 'p', 'p', \
        '2019-Q1', '2019-03-31', 'r', n, '2019-04-28', timestamptz 'epoch' from n, \
        generate_series(0, 3) r, (values ('a'), ('b')) k (key) where n < 20";

struct InDatabase {
    place: Place,
    store: Arc<PostgresStore>,
}

impl InDatabase {
    async fn at(place: Place) -> Self {
        let store = Arc::new(place.open().await.unwrap());
        InDatabase { place, store }
    }

    async fn copy_at(place: Place, keys: CopyKeys) -> Self {
        let authority = Some(AUTHORITY.to_owned());
        let options = PostgresOptions { authority, ..place.options() };
        let store = Arc::new(PostgresStore::open_for_copy(options, keys).await.unwrap());
        InDatabase { place, store }
    }
}

#[async_trait]
impl Fixture for InDatabase {
    type Store = PostgresStore;

    async fn open() -> Self {
        let fixture = InDatabase::at(Place::new()).await;
        fixture.place.edit(DECOYS).await;
        fixture
    }

    fn store(&self) -> Arc<PostgresStore> {
        Arc::clone(&self.store)
    }

    async fn reopen(self) -> Self {
        self.store.close().await;
        InDatabase::at(self.place).await
    }

    async fn open_for_copy(keys: CopyKeys) -> Self {
        let fixture = InDatabase::copy_at(Place::new(), keys).await;
        fixture.place.edit(DECOYS).await;
        fixture
    }

    async fn reopen_for_copy(self, keys: CopyKeys) -> Self {
        self.store.close().await;
        InDatabase::copy_at(self.place, keys).await
    }

    async fn finish_copy(self) -> Self {
        self.store.finish_copy().await.unwrap();
        self.store.close().await;
        InDatabase::at(self.place).await
    }

    fn begin_closing(&self) {
        self.place.shutdown.cancel();
    }

    async fn published(&self, tenant: &TenantId) -> Vec<PublishedCell> {
        let sql = "select programme_id, programme, release_id, quarter, quarter_end::text, table_code, \
                   row_number, row_code, column_number, column_code, number, threshold, released_on::text, \
                   to_char(released_at at time zone 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"'), \
                   release_position, hidden from released.outcome where tenant = $1";
        let mut connection = self.place.connect().await;
        let rows = sqlx::query(sql).bind(tenant.as_str()).fetch_all(&mut connection).await;
        let cell = |row: PgRow| {
            let small = |column: usize| u32::try_from(row.get::<i32, _>(column)).unwrap();
            let number: Option<i64> = row.get(10);
            assert_eq!(number.is_none(), row.get::<bool, _>(15), "what is hidden says so");
            PublishedCell {
                programme_id: row.get(0),
                programme: row.get(1),
                release_id: row.get(2),
                quarter: row.get(3),
                quarter_end: row.get(4),
                table_code: row.get(5),
                row_number: small(6),
                row_code: row.get(7),
                column_number: small(8),
                column_code: row.get(9),
                number: number.map(|it| u32::try_from(it).unwrap()),
                threshold: small(11),
                released_on: row.get(12),
                released_at: row.get(13),
                release_position: Position(row.get::<i64, _>(14).unsigned_abs()),
            }
        };
        rows.unwrap().into_iter().map(cell).collect()
    }
}

fokus_store::conformance!(InDatabase);
