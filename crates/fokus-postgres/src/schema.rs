//! The schemas of a store, their migrations, and the group roles that may use them.
//!
//! Read [`bring_up`]. Migrations go up only, all that are missing of one schema in one transaction, under
//! an advisory lock, and each is remembered with its checksum. Deliberately absent: a way down.

use std::collections::BTreeMap;

use sqlx::{Connection as _, PgConnection, SqlSafeStr as _};

use crate::connect::Target;
use crate::error::OpenError;

/// The oldest version of PostgreSQL that has what the migrations use (`nulls not distinct`).
const OLDEST: i32 = 150_000;
/// The advisory lock that one migration at a time holds: "fokus" in ASCII.
const LOCK: i64 = 0x66_6f_6b_75_73;

/// A schema with its migrations, the first of which has the number 1.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Schema {
    pub(crate) name: &'static str,
    migrations: &'static [&'static str],
    make: &'static str,
    applied: &'static str,
    remember: &'static str,
}

/// The statements that name a schema.
macro_rules! schema {
    ($name:literal, [$($file:literal),*]) => {
        Schema {
            name: $name,
            migrations: &[$(include_str!(concat!("../../../migrations/postgres/", $name, "/", $file))),*],
            make: concat!(
                "create schema if not exists ", $name, "; create table if not exists ", $name,
                ".migration (version integer primary key, checksum bytea not null, ",
                "applied_at timestamptz not null default now())"
            ),
            applied: concat!("select version, checksum from ", $name, ".migration"),
            remember: concat!(
                "insert into ", $name, ".migration (version, checksum) ",
                "values ($1, sha256(convert_to($2, 'UTF8')))"
            ),
        }
    };
}

pub(crate) const JOURNAL: Schema = schema!("journal", ["0001_log.sql"]);
pub(crate) const KEYS: Schema = schema!("keys", ["0001_keys.sql"]);
pub(crate) const VIEWS: Schema = schema!("views", ["0001_views.sql", "0002_published.sql"]);

/// What each migration needs.
const ROLES: &str = "\
    do $$ declare wanted text; begin \
        foreach wanted in array array['fokus_app', 'fokus_eraser', 'fokus_keys', 'fokus_reader'] loop \
            if not exists (select from pg_roles where rolname = wanted) then \
                begin \
                    execute format('create role %I nologin', wanted); \
                exception when duplicate_object or unique_violation then \
                    null; \
                end; \
            end if; \
        end loop; \
    end $$";

/// Brings the schemas of one database up to date where this role may; else makes sure that they are.
///
/// # Errors
///
/// [`OpenError`], in words that say who must do what. Then nothing was changed.
pub(crate) async fn bring_up(
    target: &Target,
    connection: &mut PgConnection,
    schemas: &[Schema],
) -> Result<(), OpenError> {
    check_server(target, connection).await?;
    for schema in schemas {
        let newest = schema.newest(target, connection).await?;
        if newest >= schema.needed() {
            continue;
        }
        if !schema.may_change(target, connection).await? {
            let needed = schema.needed();
            return Err(OpenError::Older { schema: schema.name, found: newest, needed });
        }
        make_roles(target, connection).await?;
        schema.migrate(target, connection).await?;
    }
    Ok(())
}

fn refused<'a>(target: &'a Target, doing: &'static str) -> impl Fn(sqlx::Error) -> OpenError + 'a {
    move |error| OpenError::of(target, doing, &error)
}

async fn check_server(target: &Target, connection: &mut PgConnection) -> Result<(), OpenError> {
    let sql = "select current_setting('server_version_num')::integer, \
               current_setting('server_version'), pg_is_in_recovery()";
    let row: Result<(i32, String, bool), _> = sqlx::query_as(sql).fetch_one(connection).await;
    let (version, found, standby) = row.map_err(refused(target, "to say its version"))?;
    if version < OLDEST {
        return Err(OpenError::TooOld { found });
    }
    if standby {
        return Err(OpenError::Standby { what: target.what });
    }
    Ok(())
}

async fn make_roles(target: &Target, connection: &mut PgConnection) -> Result<(), OpenError> {
    match sqlx::raw_sql(ROLES).execute(connection).await {
        Ok(_) => Ok(()),
        Err(error) if is_code(&error, "42501") => Err(OpenError::NoRoles),
        Err(error) => Err(refused(target, "making the group roles")(error)),
    }
}

fn is_code(error: &sqlx::Error, code: &str) -> bool {
    error.as_database_error().and_then(|it| it.code()).as_deref() == Some(code)
}

impl Schema {
    /// The number of its newest migration, which an open store has.
    pub(crate) fn needed(&self) -> i32 {
        i32::try_from(self.migrations.len()).unwrap_or(i32::MAX)
    }

    /// The newest migration that was applied; 0 = none.
    async fn newest(
        &self,
        target: &Target,
        connection: &mut PgConnection,
    ) -> Result<i32, OpenError> {
        let there = sqlx::query_scalar("select to_regclass($1) is not null")
            .bind(format!("{}.migration", self.name))
            .fetch_one(&mut *connection)
            .await;
        // A schema that this role may not look into is not there for it.
        match there {
            Ok(true) => (),
            Ok(false) => return Ok(0),
            Err(error) if is_code(&error, "42501") => return Ok(0),
            Err(error) => return Err(refused(target, "to look for its tables")(error)),
        }
        let rows = sqlx::query_as(self.applied).fetch_all(&mut *connection).await;
        let rows: Vec<(i32, Vec<u8>)> =
            rows.map_err(refused(target, "to say which migrations were applied"))?;
        self.compare(target, connection, rows.into_iter().collect()).await
    }

    /// Compares what was applied with what this program has.
    async fn compare(
        &self,
        target: &Target,
        connection: &mut PgConnection,
        applied: BTreeMap<i32, Vec<u8>>,
    ) -> Result<i32, OpenError> {
        let newest = applied.keys().last().copied().unwrap_or(0);
        if newest > self.needed() {
            return Err(OpenError::Newer { schema: self.name, version: newest });
        }
        for (version, sql) in (1..=newest).zip(self.migrations) {
            let checksum = sqlx::query_scalar("select sha256(convert_to($1, 'UTF8'))")
                .bind(*sql)
                .fetch_one(&mut *connection)
                .await;
            let checksum: Vec<u8> = checksum.map_err(refused(target, "to compare migrations"))?;
            if applied.get(&version) != Some(&checksum) {
                return Err(OpenError::OtherSchema { schema: self.name, version });
            }
        }
        Ok(newest)
    }

    /// Whether this role may make or change the schema.
    async fn may_change(
        &self,
        target: &Target,
        connection: &mut PgConnection,
    ) -> Result<bool, OpenError> {
        let sql = "select coalesce( \
                   (select pg_has_role(nspowner, 'usage') from pg_namespace where nspname = $1), \
                   has_database_privilege(current_database(), 'create'))";
        let may = sqlx::query_scalar(sql).bind(self.name).fetch_one(connection).await;
        may.map_err(refused(target, "to say what this role may do"))
    }

    /// Applies what is missing.
    async fn migrate(
        &self,
        target: &Target,
        connection: &mut PgConnection,
    ) -> Result<(), OpenError> {
        let failed = refused(target, "a migration");
        // The connection is used for nothing else: its settings and the lock go when it is closed.
        let settings = "set statement_timeout = 0; set lock_timeout = 0";
        sqlx::raw_sql(settings).execute(&mut *connection).await.map_err(&failed)?;
        let lock = sqlx::query("select pg_advisory_lock($1)").bind(LOCK);
        lock.execute(&mut *connection).await.map_err(&failed)?;
        // Begun under the lock: so it sees what the one before has made.
        let mut transaction = connection.begin().await.map_err(&failed)?;
        sqlx::raw_sql(self.make).execute(&mut *transaction).await.map_err(&failed)?;
        // Somebody else may have been faster.
        let newest = self.newest(target, &mut transaction).await?;
        for (version, sql) in (1..).zip(self.migrations) {
            if version <= newest {
                continue;
            }
            let applied = sqlx::raw_sql(sql.into_sql_str()).execute(&mut *transaction).await;
            applied.map_err(&failed)?;
            let remember = sqlx::query(self.remember).bind(version).bind(*sql);
            remember.execute(&mut *transaction).await.map_err(&failed)?;
        }
        transaction.commit().await.map_err(&failed)
    }
}
