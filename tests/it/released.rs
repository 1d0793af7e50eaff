//! What was released, as a BI tool reads it: plain tables, by SQL alone, while the server runs. They say what
//! a dashboard gets over gRPC and nothing else; no hidden number is in them.

use std::collections::BTreeMap;
use std::fs;
use std::process::Command as Process;

use fokus_proto::v1::execute_request::Command;
use fokus_proto::v1::*;

use crate::harness::binary;
use crate::harness::clients::{Clients, next};
use crate::harness::database::Database;
use crate::harness::place::{Place, Role, text};
use crate::harness::readings::views_have_reached;
use crate::harness::seeded::Seeded;
use crate::harness::server::Server;
use crate::harness::world::{World, on, request};
use crate::outcomes::{families, outcomes, release};

/// Minutes of contact in March, of one family: hidden. In April, of all of them: shown. Numbers that are in
/// no file by chance.
const HIDDEN: u32 = 30 * 1_237;
const SHOWN: u32 = 12 * 7 * 1_111;

/// The statement of the README, with every column.
const COLUMNS: &str = "programme_id, programme, quarter, quarter_end, table_code, row_number, row_code, \
    column_number, column_code, number, hidden, threshold, release_id, release_position, released_on";

/// Cells by quarter, table, row and column; `None` = hidden.
type Cells = BTreeMap<(String, String, String, String), Option<i64>>;

/// How a store's plain tables are read.
enum Reader {
    /// The file of a folder, by Python's SQLite.
    File(Place),
    /// A database, by psql as somebody who may read what was released.
    Database(Database<'static>, Place),
}

/// A role that may read what was released. Roles belong to the whole cluster.
const ROLE: &str = "bi_reader";

impl Reader {
    fn in_folder() -> Reader {
        Reader::File(Place::new())
    }

    fn in_database() -> Reader {
        let database = Database::shared();
        database.sql(&format!(
            "do $$ begin
               create role {ROLE} login in role fokus_reader;
             exception when duplicate_object or unique_violation then
               null;
             end $$"
        ));
        let place = Place::at(database.url(0));
        Reader::Database(database, place)
    }

    fn place(&self) -> &Place {
        match self {
            Reader::File(it) | Reader::Database(_, it) => it,
        }
    }

    /// Rows, a line each, columns between `|`.
    fn rows(&self, sql: &str) -> String {
        let output = match self {
            Reader::File(place) => {
                const SCRIPT: &str = "import sqlite3, sys\n\
                    it = sqlite3.connect('file:' + sys.argv[1] + '?mode=ro', uri=True)\n\
                    for row in it.execute(sys.argv[2]):\n    \
                    print('|'.join('' if value is None else str(value) for value in row))\n";
                let file = place.file("released.db");
                Process::new("python3").args(["-c", SCRIPT, text(&file), sql]).output()
            }
            Reader::Database(database, _) => {
                database.psql().args(["--username", ROLE, "--command", sql]).output()
            }
        };
        let output = output.expect("it runs");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).expect("UTF-8")
    }

    /// Every cell that a BI tool finds.
    fn cells(&self) -> Cells {
        let table = match self {
            Reader::File(_) => "outcome",
            Reader::Database(..) => "released.outcome",
        };
        let rows = self.rows(&format!("select {COLUMNS} from {table} where tenant = 'demo'"));
        let mut cells = Cells::new();
        for line in rows.lines() {
            let of: Vec<&str> = line.split('|').collect();
            let [.., number, hidden, threshold, _release, position, _day] = of[..] else {
                panic!("{line}")
            };
            assert_eq!(number.is_empty(), matches!(hidden, "1" | "t"), "{line}");
            assert_eq!((threshold, of[1]), ("5", "Familien først"), "{line}");
            assert!(position.parse::<u64>().expect("a position") > 0, "{line}");
            let key = (of[2].to_owned(), of[4].to_owned(), of[6].to_owned(), of[8].to_owned());
            let before = cells.insert(key, number.parse().ok());
            assert_eq!(before, None, "twice: {line}");
        }
        cells
    }
}

/// What a dashboard gets over gRPC, as cells.
async fn over_grpc(dashboard: &Clients, world: &World, position: i64) -> Cells {
    let asked = |quarter: &str| GetOutcomesRequest {
        purpose: Purpose::Grant.into(),
        programme_id: world.programme_id.clone(),
        quarter: quarter.to_owned(),
        min_position: position,
        clocks: None,
    };
    let all = outcomes(dashboard, asked("")).await.expect("a release").releases;
    let mut cells = Cells::new();
    for it in all.into_iter().filter(|it| !it.withdrawn) {
        let answer = outcomes(dashboard, asked(&it.quarter)).await.expect("a release");
        for table in answer.outcomes.expect("a release").tables {
            let code = |codes: &[String], at: i32| {
                let at = usize::try_from(at).expect("a place");
                codes.get(at).map_or("TOTAL", String::as_str).to_owned()
            };
            let name =
                table.table().as_str_name().trim_start_matches("STATISTIC_TABLE_").to_owned();
            for cell in &table.cells {
                let (row, column) =
                    (code(&table.rows, cell.row), code(&table.columns, cell.column));
                let key = (it.quarter.clone(), name.clone(), row, column);
                cells.insert(key, cell.count.map(i64::from));
            }
        }
    }
    cells
}

/// A contact of so many minutes at noon of a day.
fn contact(
    seeded: &mut Seeded,
    world: &World,
    day: &str,
    minutes: i32,
    number: u32,
) -> ExecuteRequest {
    let contact = world.visit(seeded, minutes, &format!("Besøg nummer {number}."));
    on(day, request(seeded, Command::RecordContact(contact)))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bi_tool_reads_the_file_beside_a_running_server() {
    let reader = Reader::in_folder();
    the_plain_tables_say_what_dashboards_get(&reader).await;
    let path = reader.place().file("released.db");
    let mut bytes = fs::read(&path).expect("the file");
    if let Ok(log) = fs::read(path.with_extension("db-wal")) {
        bytes.extend(log);
    }
    // As SQLite writes a number of three bytes, and as text.
    let is_in = |number: u32| {
        let digits = number.to_string().into_bytes();
        let stored = number.to_be_bytes()[1..].to_vec();
        [digits, stored].iter().any(|it| bytes.windows(it.len()).any(|part| part == &it[..]))
    };
    assert!(is_in(SHOWN), "the search finds what is there");
    assert!(!is_in(HIDDEN), "a hidden number is in the file");
    // Gone with the rows of views, and made again.
    let place = reader.place();
    let before = reader.cells();
    for name in ["views.db", "released.db"] {
        fs::remove_file(place.file(name)).expect("it is derived");
    }
    let server = Server::start(place).await;
    let operator = server.clients(place, Role::Operator, "operator-1").await;
    let auditor = server.clients(place, Role::Auditor, "auditor-1").await;
    views_have_reached(&operator, auditor.head().await).await;
    assert_eq!(reader.cells(), before);
    // Whoever has the file open keeps nobody from writing it, nor from closing it.
    assert!(server.stop().await.status.success());
    assert_eq!(reader.cells(), before, "also while no server runs");
    place.check_sound();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bi_tool_reads_the_database_in_a_role_that_sees_nothing_else() {
    let reader = Reader::in_database();
    the_plain_tables_say_what_dashboards_get(&reader).await;
    let Reader::Database(database, place) = &reader else { unreachable!("a database") };
    let numbers = reader.rows("select * from released.outcome where tenant = 'demo'");
    assert!(numbers.contains(&SHOWN.to_string()) && !numbers.contains(&HIDDEN.to_string()));
    // Every other relation of the database's own is refused.
    let others = database.sql(
        "select n.nspname || '.' || c.relname from pg_class c
         join pg_namespace n on n.oid = c.relnamespace
         where n.nspname in ('journal', 'keys', 'views', 'released')
         and c.relkind in ('r', 'v', 'p', 'm')",
    );
    let mut refused = 0;
    for other in others.lines().filter(|it| *it != "released.outcome") {
        let asked = format!("select * from {other} limit 1");
        let output = database.psql().args(["--username", ROLE, "--command", &asked]).output();
        let output = output.expect("psql runs");
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(!output.status.success() && said.contains("permission denied"), "{other}: {said}");
        refused += 1;
    }
    assert!(refused > 10, "{others}");
    for forbidden in [
        "delete from released.outcome",
        "update released.outcome set number = 1",
        "select views.switch('demo', 'outcomes', 1, 'outcomes', 1)",
    ] {
        let output = database.psql().args(["--username", ROLE, "--command", forbidden]).output();
        assert!(!output.expect("psql runs").status.success(), "{forbidden}");
    }
    place.check_sound();
}

/// The story: two quarters are released, read, rebuilt, one is withdrawn; the server is killed in between.
async fn the_plain_tables_say_what_dashboards_get(reader: &Reader) {
    let place = reader.place();
    let mut server = Server::start(place).await;
    let lead = server.clients(place, Role::TeamLead, "lead-1").await;
    let dashboard = server.clients(place, Role::Dashboard, "dashboard-1").await;
    let mut seeded = Seeded::new("plain tables");
    let (worlds, commands) = families(&mut seeded);
    let world = &worlds[0];
    lead.all_accepted(commands).await;
    let mut contacts: Vec<ExecuteRequest> =
        (0..30).map(|it| contact(&mut seeded, world, "2019-03-12", 1_237, it)).collect();
    for world in worlds.iter().take(12) {
        contacts.extend((0..7).map(|it| contact(&mut seeded, world, "2019-04-09", 1_111, it)));
    }
    lead.all_accepted(contacts).await;
    assert_eq!(reader.cells(), Cells::new(), "nothing was released");

    let mut position = lead.accepted(release(&mut seeded, world, "2019-Q1")).await.position;
    let second = release(&mut seeded, world, "2019-Q2");
    position = position.max(lead.accepted(second.clone()).await.position);
    let expected = over_grpc(&dashboard, world, position).await;
    assert_eq!(reader.cells(), expected);
    let activity = |cells: &Cells, quarter: &str, month: &str| {
        let key = [quarter, "ACTIVITY", month, "CONTACT_MINUTES"].map(str::to_owned);
        let [quarter, table, row, column] = key;
        *cells.get(&(quarter, table, row, column)).expect("a cell")
    };
    assert_eq!(activity(&expected, "2019-Q1", "2019-03"), None, "one family's");
    assert_eq!(activity(&expected, "2019-Q2", "2019-04"), Some(SHOWN.into()), "all families'");

    // A rebuild makes the same; nothing is missing while it runs.
    let operator = server.clients(place, Role::Operator, "operator-1").await;
    let rebuild = RebuildViewRequest { purpose: operator.purpose, name: "outcomes".to_owned() };
    let rebuilt = operator.operations.clone().rebuild_view(rebuild).await;
    let mut rebuilt = rebuilt.expect("a rebuild").into_inner();
    while next(&mut rebuilt).await.is_some() {
        assert_eq!(reader.cells(), expected);
    }
    assert_eq!(reader.cells(), expected);

    // Killed and started anew.
    server.kill();
    server.ended().await;
    let server = Server::start(place).await;
    assert_eq!(reader.cells(), expected);
    let lead = server.clients(place, Role::TeamLead, "lead-1").await;
    let dashboard = server.clients(place, Role::Dashboard, "dashboard-1").await;
    let Some(Command::ReleaseStatistic(second)) = second.command else { panic!("a release") };
    let withdrawal = WithdrawStatistic {
        programme_id: world.programme_id.clone(),
        release_id: second.release_id,
        reason: WithdrawalReason::Corrected.into(),
    };
    let withdrawal = request(&mut seeded, Command::WithdrawStatistic(withdrawal));
    let position = lead.accepted(withdrawal).await.position;
    let remaining = over_grpc(&dashboard, world, position).await;
    assert_eq!(reader.cells(), remaining);
    assert!(remaining.keys().all(|it| it.0 == "2019-Q1"), "{remaining:?}");
    let again = lead.accepted(release(&mut seeded, world, "2019-Q2")).await.position;
    assert_eq!(reader.cells(), over_grpc(&dashboard, world, again).await);
    assert!(server.stop().await.status.success());
}

/// A copy to another store has no views; the server that opens it makes them, and what is plain with them.
#[tokio::test(flavor = "multi_thread")]
async fn a_copied_store_has_the_plain_tables_of_its_log() {
    let from = Reader::in_folder();
    let place = from.place();
    let server = Server::start(place).await;
    let lead = server.clients(place, Role::TeamLead, "lead-1").await;
    let mut seeded = Seeded::new("plain tables, copied");
    let (worlds, commands) = families(&mut seeded);
    lead.all_accepted(commands).await;
    let position = lead.accepted(release(&mut seeded, &worlds[0], "2019-Q1")).await.position;
    let dashboard = server.clients(place, Role::Dashboard, "dashboard-1").await;
    let expected = over_grpc(&dashboard, &worlds[0], position).await;
    assert!(server.stop().await.status.success());
    let copy = place.folder().join("copy");
    let to = format!("sqlite:{}", text(&copy));
    binary::print(&["copy", "--from", &place.store_flag(), "--to", &to]);
    binary::print(&["check", "--store", &to]);
    let moved = Place::new();
    fs::rename(&copy, moved.store()).expect("the copy is moved");
    let server = Server::start(&moved).await;
    let operator = server.clients(&moved, Role::Operator, "operator-1").await;
    views_have_reached(&operator, position).await;
    let reader = Reader::File(moved);
    assert_eq!(reader.cells(), expected);
    assert!(server.stop().await.status.success());
}
