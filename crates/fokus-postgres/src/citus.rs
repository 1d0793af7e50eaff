//! What is otherwise on a cluster of Citus. What such a cluster is made of stands in `migrations/citus`.
//!
//! Deliberately absent: nodes and shards. Citus finds a statement's node by the tenant that it names.

use sqlx::PgConnection;

use crate::connect::Target;

/// Citus chooses the shard when it plans: it must know the tenant's name by then. A plan that is made once for
/// any tenant, which is what a single PostgreSQL is asked for, it refuses for all but the simplest
/// statements.
const PLANNED_EACH_TIME: (&str, &str) = ("plan_cache_mode", "force_custom_plan");

/// Whether the log's tables are distributed over a cluster.
pub(crate) async fn is_distributed(connection: &mut PgConnection) -> Result<bool, sqlx::Error> {
    let there = "select exists (select from pg_extension where extname = 'citus')";
    if !sqlx::query_scalar::<_, bool>(there).fetch_one(&mut *connection).await? {
        return Ok(false);
    }
    let log = "select exists (select from pg_catalog.pg_dist_partition \
               where logicalrelid = 'journal.log'::regclass)";
    sqlx::query_scalar(log).fetch_one(connection).await
}

/// Has statements on this connection planned for a cluster.
pub(crate) async fn plan_here(connection: &mut PgConnection) -> Result<(), sqlx::Error> {
    let (name, value) = PLANNED_EACH_TIME;
    let set = sqlx::query("select set_config($1, $2, false)").bind(name).bind(value);
    set.execute(connection).await.map(drop)
}

/// The target, with statements on its connections planned for a cluster.
pub(crate) fn planned(target: &Target) -> Target {
    // Of settings given twice the later one holds.
    let options = target.options.clone().options([PLANNED_EACH_TIME]);
    Target { what: target.what, options }
}

#[cfg(test)]
mod tests {
    use sqlx::ConnectOptions as _;

    use super::*;
    use crate::cluster::Cluster;

    async fn plan_mode(connection: &mut PgConnection) -> String {
        let shown = sqlx::query_scalar("show plan_cache_mode").fetch_one(connection);
        shown.await.unwrap()
    }

    #[tokio::test]
    async fn a_cluster_plans_each_statement_for_its_tenant() {
        let url = Cluster::shared().unwrap().url("postgres");
        let target = Target::parse("journal", &url).unwrap();
        let mut connection = target.options.connect().await.unwrap();
        assert_eq!(plan_mode(&mut connection).await, "force_generic_plan");
        plan_here(&mut connection).await.unwrap();
        assert_eq!(plan_mode(&mut connection).await, "force_custom_plan");
        let mut connection = planned(&target).options.connect().await.unwrap();
        assert_eq!(plan_mode(&mut connection).await, "force_custom_plan");
    }
}
