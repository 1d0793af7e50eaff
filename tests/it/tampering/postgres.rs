//! The same in a database. Tables and columns come from its catalog, so that a new one joins by itself; left
//! out are views, and the tables in which migrations are remembered, which no migration makes.

use std::collections::BTreeMap;

use super::{note_until, small};
use crate::harness::binary;
use crate::harness::database::Database;
use crate::harness::place::Place;
use crate::harness::session::Session;

/// Copies of the database that are changed at a time.
const COPIES: usize = 2;

/// Somebody with all rights is bound by nothing that the database has against changes, but for keys of
/// tables, which are indexes.
const UNGUARD: &str = "
    do $$ declare it record; begin
        for it in select conrelid::regclass as of_table, conname from pg_constraint
                  where contype = 'c' and connamespace::regnamespace::text in ('journal', 'keys') loop
            execute format('alter table %s drop constraint %I', it.of_table, it.conname);
        end loop;
    end $$";

/// Carries out a change; gives how many rows it changed, or -1 where an index does not take it.
const CHANGE: &str = "
    create function pg_temp.change(statement text) returns bigint language plpgsql as $$
    declare changed bigint; begin
        execute statement;
        get diagnostics changed = row_count;
        return changed;
    exception when unique_violation or not_null_violation then
        return -1;
    end $$";

/// Table, column, type.
const COLUMNS: &str = "
    select c.table_schema || '.' || c.table_name, c.column_name, c.data_type
    from information_schema.columns c
    where c.table_schema in ('journal', 'keys') and c.table_name <> 'migration'
    and c.is_generated = 'NEVER' order by 1, c.ordinal_position";

/// A column of each of whose rows one value is changed at a time.
struct Column {
    table: String,
    name: String,
    data_type: String,
}

impl Column {
    async fn all(session: &mut Session) -> Vec<Column> {
        let rows = session.run(COLUMNS).await;
        let column = |row: String| {
            let fields: Vec<&str> = row.split('|').collect();
            let [table, name, data_type] = fields[..] else { panic!("{row}") };
            let [table, name, data_type] = [table, name, data_type].map(str::to_owned);
            Column { table, name, data_type }
        };
        rows.into_iter().map(column).collect()
    }

    /// What a value is changed to: a little, and to what stands in another row.
    fn others(&self) -> Vec<String> {
        let Column { table, name, .. } = self;
        let mut others = match self.data_type.as_str() {
            "bigint" | "integer" | "smallint" => vec![format!("{name} + 1")],
            "boolean" => vec![format!("not {name}")],
            "text" => vec![format!("{name} || 'x'")],
            "bytea" => vec![format!(
                "case when coalesce(length({name}), 0) = 0 then decode(repeat('01', 16), 'hex') \
                 else set_byte({name}, length({name}) / 2, get_byte({name}, length({name}) / 2) # 16) end"
            )],
            other => panic!("{table}.{name}: nobody said how a {other} is changed"),
        };
        others.push(format!(
            "(select o.{name} from {table} o where o.{name} is distinct from t.{name} \
             order by o::text limit 1)"
        ));
        others
    }

    /// Changes the value in the row with this number.
    fn change(&self, row: u64, other: &str) -> String {
        let Column { table, name, .. } = self;
        format!(
            "update {table} t set {name} = {other} where t.ctid = \
             (select r.ctid from {table} r order by r::text offset {row} limit 1) \
             and {other} is distinct from t.{name}"
        )
    }
}

/// How many changes were tried of each column, and those that were not found.
#[derive(Default)]
struct Tried {
    columns: BTreeMap<String, u32>,
    missed: Vec<String>,
}

/// Changes every value of the columns, every so-manieth change in this copy.
async fn tampered(place: &Place, copy: Database<'_>, of: usize, tables: &[&str]) -> Tried {
    let mut session = copy.session();
    session.run("set session_replication_role = replica; set client_min_messages = warning").await;
    session.run(UNGUARD).await;
    session.run(CHANGE).await;
    session.run("create schema saved").await;
    let (mut tried, mut number) = (Tried::default(), 0);
    for column in Column::all(&mut session).await {
        let Column { table, name, .. } = &column;
        if !tables.is_empty() && !tables.contains(&table.as_str()) {
            continue;
        }
        let saved = format!("saved.{}", table.replace('.', "_"));
        session.run(&format!("create table if not exists {saved} as table {table}")).await;
        let count = session.run(&format!("select count(*) from {table}")).await;
        let count: u64 = count[0].parse().unwrap();
        for (row, other) in
            (0..count).flat_map(|row| column.others().into_iter().map(move |it| (row, it)))
        {
            number += 1;
            if number % COPIES != of {
                continue;
            }
            let change = column.change(row, &other);
            let changed =
                session.run(&format!("select pg_temp.change($change${change}$change$)")).await;
            if changed[0] == "1" {
                *tried.columns.entry(format!("{table}.{name}")).or_default() += 1;
                if !is_found(place, &copy).await {
                    tried.missed.push(change);
                }
            }
            let undo = format!("delete from {table}; insert into {table} table {saved}");
            session.run(&undo).await;
        }
    }
    assert!(!is_found(place, &copy).await, "the copy is not as it was");
    tried
}

/// Whether `fokus check` finds something in the copy.
async fn is_found(place: &Place, copy: &Database<'_>) -> bool {
    let (store, url) = (place.store_flag(), copy.url(0));
    let flags =
        place.store_flags().into_iter().map(|it| if it == store { url.clone() } else { it });
    let arguments: Vec<String> = ["check".to_owned()].into_iter().chain(flags).collect();
    let check = move || binary::run(&arguments.iter().map(String::as_str).collect::<Vec<_>>());
    let output = tokio::task::spawn_blocking(check).await.unwrap();
    let said = !output.stderr.is_empty();
    match output.status.code() {
        Some(0) => false,
        Some(1 | 2) if said => true,
        other => panic!("{other:?}: {}", String::from_utf8_lossy(&output.stderr)),
    }
}

/// Changes everything in these tables, or in all; fails unless every change is found.
async fn check_all(place: &Place, database: &Database<'_>, tables: &[&str]) -> Vec<String> {
    let [first, second] = [0, 1].map(|number| database.copied(number));
    let (first, second) =
        tokio::join!(tampered(place, first, 0, tables), tampered(place, second, 1, tables));
    let mut tried = first.columns;
    for (column, count) in second.columns {
        *tried.entry(column).or_default() += count;
    }
    let missed = [first.missed, second.missed].concat();
    assert!(missed.is_empty(), "not found:\n  {}\nof {tried:?}", missed.join("\n  "));
    tried.into_keys().collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_column_of_a_database_is_checked() {
    let database = Database::shared();
    let place = Place::at(database.url(0));
    let (server, ..) = small(&place, "tampering/postgres").await;
    assert!(server.stop().await.status.success());
    let tried = check_all(&place, &database, &[]).await;
    let all = Column::all(&mut database.session()).await;
    let all = all.iter().map(|it| format!("{}.{}", it.table, it.name));
    // A log of this size has no full tile.
    let expected: Vec<String> = all.filter(|it| !it.starts_with("journal.tile.")).collect();
    let untried: Vec<&String> = expected.iter().filter(|it| !tried.contains(it)).collect();
    assert!(expected.len() > 30 && untried.is_empty(), "{untried:?} of {expected:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_column_of_a_databases_tiles_is_checked() {
    let database = Database::shared();
    let place = Place::at(database.url(0));
    let (server, world, mut seeded) = small(&place, "tampering/postgres-tiles").await;
    note_until(&server, &place, &world, &mut seeded, 260).await;
    assert!(server.stop().await.status.success());
    let tried = check_all(&place, &database, &["journal.tile", "journal.log"]).await;
    assert_eq!(tried.iter().filter(|it| it.starts_with("journal.tile.")).count(), 5, "{tried:?}");
}
