//! What a cluster of Citus asks of the tables, found out without one: everything that is unique begins with
//! the tenant, every table and function is distributed by `migrations/citus`, and every statement says which
//! tenant it is about, so that it touches one shard.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use crate::harness::database::Database;

mod statements;

/// Tables that are not any tenant's: what all logs have in common, which each node has a copy of, and what
/// migrations write down.
const REFERENCE: &[&str] = &["journal.store"];
const LOCAL: &[&str] = &["journal.migration", "keys.migration", "views.migration"];

fn top() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the top folder")
}

/// Every table of the journal's schemas.
fn tables(database: &Database<'_>) -> BTreeSet<String> {
    let rows = database.sql(
        "select n.nspname || '.' || c.relname from pg_class c
         join pg_namespace n on n.oid = c.relnamespace
         where n.nspname in ('journal', 'keys', 'views') and c.relkind in ('r', 'p')",
    );
    rows.lines().map(str::to_owned).collect()
}

/// The tables that belong to tenants.
fn distributed(database: &Database<'_>) -> BTreeSet<String> {
    let others = |it: &String| !REFERENCE.contains(&it.as_str()) && !LOCAL.contains(&it.as_str());
    tables(database).into_iter().filter(others).collect()
}

#[test]
fn everything_that_is_unique_begins_with_the_tenant() {
    let database = Database::shared();
    // Table, index, its first column; a column of no table has no number.
    let rows = database.sql(
        "select n.nspname || '.' || c.relname, i.indexrelid::regclass,
                coalesce(a.attname, 'an expression')
         from pg_index i join pg_class c on c.oid = i.indrelid
         join pg_namespace n on n.oid = c.relnamespace
         left join pg_attribute a on a.attrelid = c.oid and a.attnum = i.indkey[0]
         where n.nspname in ('journal', 'keys', 'views') and i.indisunique",
    );
    let wanted = distributed(&database);
    let mut with_key = BTreeSet::new();
    for row in rows.lines() {
        let [table, index, first] = row.split('|').collect::<Vec<_>>()[..] else {
            panic!("three columns: {row}")
        };
        if wanted.contains(table) {
            assert_eq!(first, "tenant", "{index} of {table} begins with something else");
            with_key.insert(table.to_owned());
        }
    }
    assert_eq!(with_key, wanted, "every table of tenants has a key");
    // One type and one collation, or the tables could not lie side by side.
    let kinds = database.sql(
        "select distinct format_type(a.atttypid, a.atttypmod) || ' ' || l.collname || ' ' || a.attnotnull
         from pg_attribute a join pg_class c on c.oid = a.attrelid
         join pg_namespace n on n.oid = c.relnamespace join pg_collation l on l.oid = a.attcollation
         where n.nspname in ('journal', 'keys', 'views') and c.relkind = 'r' and a.attname = 'tenant'",
    );
    assert_eq!(kinds, "text C true");
}

/// Functions that stand where those of Citus would, and write down what they were asked.
const STAND_INS: &str = "
    create table public.asked (what text, name text, by text, beside text);
    create function public.create_reference_table(it regclass) returns void language sql as
        $$ insert into public.asked values ('reference', it::text, '', '') $$;
    create function public.create_distributed_table(it regclass, by text, colocate_with text)
        returns void language sql as
        $$ insert into public.asked values ('table', it::text, by, colocate_with) $$;
    create function public.create_distributed_function(it regprocedure, by text, colocate_with text)
        returns void language sql as
        $$ insert into public.asked values ('function', it::oid::text, by, colocate_with) $$;";

#[test]
fn every_table_and_every_function_with_a_tenant_is_distributed_by_it() {
    let database = Database::shared();
    database.sql(STAND_INS);
    for script in ["0001_distribute.sql", "0002_published.sql"] {
        let script = top().join("migrations/citus").join(script);
        let mut psql = database.psql();
        let output = psql.arg("--single-transaction").arg("--file").arg(script).output();
        let output = output.expect("psql runs");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }

    let asked = |what: &str| -> BTreeMap<String, String> {
        let rows = database.sql(&format!(
            "select name, by || ' beside ' || beside from public.asked where what = '{what}'"
        ));
        let pairs = rows.lines().filter_map(|it| it.split_once('|'));
        pairs.map(|(name, how)| (name.to_owned(), how.to_owned())).collect()
    };
    let found = asked("table");
    assert_eq!(found.keys().cloned().collect::<BTreeSet<_>>(), distributed(&database));
    for (table, how) in &found {
        let beside = if table == "journal.log" { "none" } else { "journal.log" };
        assert_eq!(*how, format!("tenant beside {beside}"), "{table}");
    }
    let reference: Vec<String> = asked("reference").into_keys().collect();
    assert_eq!(reference, REFERENCE);

    let functions = database.sql(
        "select p.oid from pg_proc p join pg_namespace n on n.oid = p.pronamespace
         where n.nspname in ('journal', 'keys', 'views') and 'p_tenant' = any (p.proargnames)",
    );
    let functions: BTreeSet<String> = functions.lines().map(str::to_owned).collect();
    assert!(functions.len() > 1);
    let found = asked("function");
    assert_eq!(found.keys().cloned().collect::<BTreeSet<_>>(), functions);
    assert!(found.values().all(|it| it == "p_tenant beside journal.log"));

    let triggers = database.sql(
        "select t.tgname from pg_trigger t join pg_class c on c.oid = t.tgrelid
         join pg_namespace n on n.oid = c.relnamespace
         where n.nspname in ('journal', 'keys', 'views') and not t.tgisinternal",
    );
    assert_eq!(triggers, "", "Citus refuses triggers on distributed tables");
}

#[test]
fn every_statement_says_which_tenant_it_is_about() {
    let database = Database::shared();
    let tables = distributed(&database);
    let mut texts = statements::of_the_program(&top().join("crates/fokus-postgres/src"));
    let bodies = database.sql(
        "select replace(p.prosrc, chr(10), ' ') from pg_proc p
         join pg_namespace n on n.oid = p.pronamespace
         where n.nspname in ('journal', 'keys', 'views') and p.prorettype <> 'trigger'::regtype",
    );
    texts.extend(bodies.lines().flat_map(statements::of_a_function));
    let mut touched = BTreeSet::new();
    let mut offences = Vec::new();
    for text in &texts {
        for reference in statements::references(text, &tables) {
            touched.insert(reference.table.clone());
            if !reference.names_the_tenant && !statements::asks_every_tenant(text) {
                offences.push(format!("{}: {}", reference.table, text.join(" ")));
            }
        }
    }
    assert!(offences.is_empty(), "statements for no tenant:\n  {}", offences.join("\n  "));
    assert_eq!(touched, tables, "some table is read by nobody: is this test blind?");
}
