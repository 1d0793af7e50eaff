//! What the database alone can do: the same bytes, inserted into a bare table, for measurements to
//! compare with. It knows nothing of a journal and needs no store.

use std::time::Duration;

use sqlx::Connection as _;
use tokio::time::Instant;

use crate::connect::Target;
use crate::error::OpenError;

/// Inserts `rows` rows, `batch` at a time, each with these bytes, into a table with nothing but a primary
/// key: one statement and one commit for each batch, as durable as an append. The table lives in the schema
/// `bare`, which must not be there before and is not there afterwards. Gives how long the inserting took.
///
/// # Errors
///
/// [`OpenError`] if the database cannot be reached or refuses.
pub async fn insert(url: &str, rows: u64, batch: u64, bytes: &[u8]) -> Result<Duration, OpenError> {
    let target = Target::parse("bare", url)?;
    let refused = |error| OpenError::of(&target, "to insert bare rows", &error);
    let mut connection = target.connect().await?;
    let make = "create schema bare; \
                create table bare.entry (position bigint primary key, body bytea not null); \
                alter table bare.entry alter column body set storage external";
    sqlx::raw_sql(make).execute(&mut connection).await.map_err(refused)?;
    let begun = Instant::now();
    let (mut done, mut result) = (0_u64, Ok(()));
    while done < rows && result.is_ok() {
        let count = batch.max(1).min(rows - done);
        let positions = (done..done + count).map(|it| i64::try_from(it).unwrap_or(i64::MAX));
        let bodies = vec![bytes; usize::try_from(count).unwrap_or(0)];
        result = sqlx::query("insert into bare.entry select * from unnest($1, $2)")
            .bind(positions.collect::<Vec<i64>>())
            .bind(bodies)
            .execute(&mut connection)
            .await
            .map(drop);
        done += count;
    }
    let took = begun.elapsed();
    let dropped = sqlx::raw_sql("drop schema bare cascade").execute(&mut connection).await;
    result.and(dropped.map(drop)).map_err(refused)?;
    let _ = connection.close().await;
    Ok(took)
}
