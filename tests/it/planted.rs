//! Nobody sees what is not for them: for every role and every purpose, every page and every answer over
//! gRPC is searched for everything personal that stands in the journal, and in that of another
//! municipality. So is what the server logs, and what it tells machines and collectors of traces.
//!
//! What is searched comes from the field catalogue ([`strings`]), what is asked from the descriptors of the
//! services ([`asked`]) and from the addresses of the pages ([`looked`]): a field, a method or a page that
//! comes to be fails here until it is known. What a role *may* see must be found, too: else the search
//! would find nothing, ever.

mod asked;
mod looked;
mod strings;

use std::collections::BTreeSet;
use std::net::TcpListener;

use fokus_app::session::{Action, Role, permits};
use fokus_core::codes::Purpose;
use fokus_core::ids::StreamKind;
use fokus_proto::v1::{self, ReadHistoryRequest};

use self::strings::{Found, Strings};
use crate::harness::binary;
use crate::harness::clients::Clients;
use crate::harness::collector::Collector;
use crate::harness::place::{self, Place, TENANT, text};
use crate::harness::seeded::Seeded;
use crate::harness::server::Server;
use crate::harness::world::{World, on, request};

/// Another municipality on the same server.
const OTHER: &str = "naboby";

/// Every purpose that a token can be for.
const PURPOSES: [Purpose; 8] = [
    Purpose::Casework,
    Purpose::ConcernHandling,
    Purpose::CrimePrevention,
    Purpose::Supervision,
    Purpose::Audit,
    Purpose::Grant,
    Purpose::Dsr,
    Purpose::Operations,
];

/// Whether a role sees what is personal at all, in its own municipality. Said here once more, so that a
/// change of the table of permissions is a change of this, too.
const fn sees_families(role: Role) -> bool {
    match role {
        Role::Caseworker | Role::TeamLead | Role::Auditor => true,
        Role::ProgrammeManager | Role::Operator | Role::Dashboard => false,
    }
}

/// What a purpose is called in tokens.
fn purpose_name(purpose: Purpose) -> String {
    let value = serde_json::to_value(purpose).expect("a code");
    value.as_str().expect("a text").to_owned()
}

/// A running server over a demo and one family of another municipality.
struct Stage {
    place: Place,
    server: Server,
    /// Such as `http://127.0.0.1:41234`.
    pages: String,
    /// What there is to ask for, of both municipalities.
    known: Known,
    strings: Strings,
    /// What an operator's collector gets.
    collector: Collector,
}

/// Ids that can be asked for.
#[derive(Debug, Default)]
struct Known {
    families: Vec<String>,
    /// Revisions of the first families, in the same order.
    revisions: Vec<i64>,
    programmes: Vec<String>,
    streams: Vec<v1::StreamRef>,
    command: String,
    tenants: Vec<Positions>,
}

/// How far a municipality's log goes.
#[derive(Debug, Clone, Copy)]
struct Positions {
    tenant: &'static str,
    head: i64,
    /// The last event of a family, and of a release: beyond them, watchers are told nothing. 0 = none.
    last_family: i64,
    last_release: i64,
}

impl Stage {
    async fn set() -> Stage {
        let place = Place::new();
        let store = place.store();
        let flags = ["demo", "--no-serve", "--families", "8", "--listen", "127.0.0.1:0"];
        let made = binary::run(&[&flags[..], &["--data", text(&store)]].concat());
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        let free = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = free.local_addr().expect("an address").to_string();
        drop(free);
        let collector = Collector::start().await;
        let more = [("FOKUS_WEB", address.as_str()), ("FOKUS_LOG", "debug")];
        let environment = [&collector.environment()[..], &more].concat();
        let server = match Server::try_start(&place, &environment).await {
            Ok(it) => it,
            Err(ended) => panic!("the server did not start: {ended:?}"),
        };
        let (known, strings) = (Known::default(), Strings::default());
        let pages = format!("http://{address}");
        let mut stage = Stage { place, server, pages, known, strings, collector };
        stage.add_what_the_demo_lacks().await;
        stage.add_neighbours().await;
        stage.read(TENANT).await;
        stage.read(OTHER).await;
        stage.strings.check_complete();
        stage.strings.be_searched();
        stage
    }

    fn token(&self, tenant: &str, role: &str, purposes: &[Purpose]) -> String {
        let purposes: Vec<String> = purposes.iter().map(|it| purpose_name(*it)).collect();
        let purposes: Vec<&str> = purposes.iter().map(String::as_str).collect();
        self.place.token_for(tenant, role, &purposes)
    }

    async fn clients(&self, tenant: &str, role: &str, purpose: Purpose) -> Clients {
        let token = self.token(tenant, role, &[purpose]);
        let purpose = v1::Purpose::from_str_name(&format!("PURPOSE_{}", purpose_name(purpose)));
        Clients::connect(&self.server.url, &token, purpose.expect("a purpose")).await
    }

    /// Fields that no story of eight families needs, recorded by hand.
    async fn add_what_the_demo_lacks(&self) {
        let mut seeded = Seeded::new("planted/more");
        let lead = self.clients(TENANT, "TEAM_LEAD", Purpose::Casework).await;
        let world = World::new(&mut seeded, 70_001);
        lead.all_accepted(world.commands(&mut seeded)).await;
        for command in strings::lacking(&mut seeded, &world) {
            lead.accepted(request(&mut seeded, command)).await;
        }
    }

    /// One family of another municipality.
    async fn add_neighbours(&self) {
        let mut seeded = Seeded::new("planted/neighbours");
        let mut world = World::new(&mut seeded, 70_002);
        world.mother.given = "Gulspurvelil".to_owned();
        world.mother.family = "Naboskovlund".to_owned();
        world.child.given = "Bogfinkeson".to_owned();
        world.worker_name = "Stillids Ternegård".to_owned();
        world.reference = "NB-2019-70002".to_owned();
        world.grounds = "Zebrafinken sang i nabokommunen hele natten.".to_owned();
        let lead = self.clients(OTHER, "TEAM_LEAD", Purpose::Casework).await;
        lead.all_accepted(world.commands(&mut seeded)).await;
        let note = world.note(&mut seeded, "Dompappen bor ikke i denne kommune.");
        lead.accepted(on("2019-05-01", note)).await;
    }

    /// Takes in what a municipality's journal has: its strings, and what can be asked for.
    async fn read(&mut self, tenant: &'static str) {
        let auditor = self.clients(tenant, "AUDITOR", Purpose::Audit).await;
        let events = auditor.history(ReadHistoryRequest::default()).await;
        assert!(!events.is_empty(), "{tenant} has a history");
        let mut seen = BTreeSet::new();
        for event in &events {
            self.strings.take(tenant, event);
            let Some(stream) = event.stream.clone() else { continue };
            if !seen.insert((stream.kind, stream.id.clone())) {
                continue;
            }
            match stream.kind() {
                v1::StreamKind::Family => {
                    let revisions = events.iter().filter(|it| it.stream.as_ref() == Some(&stream));
                    let revision = revisions.map(|it| it.revision).max();
                    self.known.families.push(stream.id.clone());
                    self.known.revisions.push(revision.expect("an event"));
                }
                v1::StreamKind::Programme => self.known.programmes.push(stream.id.clone()),
                v1::StreamKind::Person | v1::StreamKind::Worker | v1::StreamKind::Unspecified => {}
            }
            let of_kind = self.known.streams.iter().filter(|it| it.kind == stream.kind);
            if of_kind.count() < 12 {
                self.known.streams.push(stream);
            }
        }
        self.known.command.clone_from(&events[0].command_id);
        let last = |is_it: &dyn Fn(&v1::HistoryEvent) -> bool| {
            let positions = events.iter().filter(|it| is_it(it)).map(|it| it.position);
            positions.max().unwrap_or(0)
        };
        let of_family = |it: &v1::HistoryEvent| {
            it.stream.as_ref().is_some_and(|it| it.kind() == v1::StreamKind::Family)
        };
        self.known.tenants.push(Positions {
            tenant,
            head: auditor.head().await,
            last_family: last(&of_family),
            last_release: last(&|it| it.r#type.starts_with("Statistic")),
        });
    }

    /// What of the strings must not be in an answer to somebody: all of another municipality's, and those
    /// of their own unless they may see them.
    fn leaks(&self, tenant: &str, role: Role, found: &Found) -> Vec<String> {
        let strange = |of: &str| of != tenant || !sees_families(role);
        found.iter().filter(|(of, _)| strange(of)).map(|(of, it)| format!("{it} of {of}")).collect()
    }
}

/// Whether an action shows what is personal. (A new one does not compile until it is judged.)
const fn shows_persons(action: Action) -> bool {
    match action {
        Action::ReadFamily | Action::ReadWork | Action::ReadHistory | Action::ExportBundle => true,
        // The answer to one's own command has ids only; the rest are numbers, hashes and notes.
        Action::Write(_)
        | Action::ReadCommand
        | Action::ReadProgramme
        | Action::ReadOutcomes
        | Action::ReadCheckpoint
        | Action::OperateViews => false,
    }
}

#[test]
fn roles_that_see_no_family_are_permitted_nothing_that_shows_persons() {
    let actions = [
        Action::Write(StreamKind::Family),
        Action::ReadCommand,
        Action::ReadFamily,
        Action::ReadWork,
        Action::ReadProgramme,
        Action::ReadOutcomes,
        Action::ReadHistory,
        Action::ExportBundle,
        Action::ReadCheckpoint,
        Action::OperateViews,
    ];
    for role in Role::ALL {
        let may = |action: &Action| PURPOSES.iter().any(|it| permits(role, *action, *it));
        let shows = actions.iter().any(|it| shows_persons(*it) && may(it));
        assert_eq!(shows, sees_families(role), "{}", role.name());
        assert!(place::Role::of(role).is_some(), "the tests know the role {}", role.name());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_sees_on_any_page_or_in_any_answer_what_is_not_for_them() {
    let stage = Stage::set().await;
    let mut leaks = Vec::new();
    asked::everything(&stage, &mut leaks).await;
    looked::at_everything(&stage, &mut leaks).await;
    assert!(leaks.is_empty(), "seen by who may not:\n  {}", leaks.join("\n  "));
    asked::no_dashboard_asks_for_a_time(&stage).await;

    // What machines are told, and what is written down for operators, is about nobody.
    let Stage { server, strings, collector, .. } = stage;
    let ended = server.stop().await;
    assert!(ended.status.success(), "{ended:?}");
    assert!(ended.standard_error.contains("DEBUG"), "the server logs what it is asked to");
    for (what, said) in [("output", ended.standard_output), ("log", ended.standard_error)] {
        let found = strings.found_in(said.as_bytes());
        assert!(found.is_empty(), "in the server's {what}: {found:?}");
    }
    let spans = collector.spans();
    assert!(spans.len() > 100, "there are spans: {}", spans.len());
    let found = strings.found_in(&collector.bytes());
    assert!(found.is_empty(), "in a span: {found:?}");
}
