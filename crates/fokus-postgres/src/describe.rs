//! What the store says of itself: the server's version, and the room that its schemas take, tables with
//! their indexes and long values. In a cluster of Citus it is what this node has.

use std::sync::Arc;

use async_trait::async_trait;
use fokus_store::{About, Describe, Fault, StorePart};

use crate::row::uint;
use crate::schema::{JOURNAL, KEYS, Schema, VIEWS};
use crate::sessions::{Sessions, fetch};
use crate::store::PostgresStore;

const BYTES: &str = "\
    select coalesce(sum(pg_total_relation_size(c.oid)), 0)::bigint, \
    current_setting('server_version') \
    from pg_class c join pg_namespace n on n.oid = c.relnamespace \
    where n.nspname = $1 and c.relkind in ('r', 'm')";

#[async_trait]
impl Describe for PostgresStore {
    async fn about(&self) -> Result<About, Fault> {
        let (journal, version) = part(&self.shared.journal.readers, JOURNAL).await?;
        // The keys may lie in a database of their own.
        let (keys, _) = part(&self.shared.keys, KEYS).await?;
        let (views, _) = part(&self.shared.views, VIEWS).await?;
        Ok(About { engine: format!("PostgreSQL {version}"), parts: vec![journal, keys, views] })
    }
}

async fn part(sessions: &Arc<Sessions>, schema: Schema) -> Result<(StorePart, String), Fault> {
    let (bytes, version): (i64, String) = fetch!(*sessions, connection =>
        sqlx::query_as(BYTES).bind(schema.name).fetch_one(connection));
    let number = u32::try_from(schema.needed()).unwrap_or_default();
    Ok((StorePart { name: schema.name, schema: number, bytes: uint(bytes)? }, version))
}
