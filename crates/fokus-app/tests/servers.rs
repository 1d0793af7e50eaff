//! Several servers on one store: what one remembers never makes its answer wrong, and one at a time runs
//! a view.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "what is not there fails the test, also in its helpers"
)]

mod support;

use std::sync::Arc;
use std::time::Duration;

use fokus_app::failure::Failure;
use fokus_app::guard::Safeguards;
use fokus_app::journal::{Executed, Journal, Options};
use fokus_app::query::{FamilyStatusAnswer, FamilyStatusQuery, RebuildProgress, ViewsQuery};
use fokus_app::session::{Access, Role};
use fokus_core::codes::*;
use fokus_core::command::*;
use fokus_core::effective::Clocks;
use fokus_core::ids::*;
use fokus_core::rejection::Reason;
use fokus_store::ViewStore;
use fokus_store::memory::MemoryStore;
use jiff::civil::date;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use support::*;

const FAMILY: u128 = 200;
const CHILD: u128 = 100;
const MOTHER: u128 = 101;
/// Short, so that no test waits long for a lease to run out.
const TTL: Duration = Duration::from_millis(150);

struct Server {
    journal: Journal,
    shutdown: CancellationToken,
    tasks: TaskTracker,
}

fn server(store: &MemoryStore, number: u64, cached_events: usize) -> Server {
    let (tasks, shutdown) = (TaskTracker::new(), CancellationToken::new());
    let (events, views) = (Arc::new(store.clone()), Arc::new(store.clone()));
    let options = Options { lease_ttl: TTL, cached_events, ..Options::default() };
    let ports = ports(events, views, store, number);
    let journal =
        Journal::start_with(ports, options, Safeguards::default(), &tasks, shutdown.clone());
    Server { journal, shutdown, tasks }
}

impl Server {
    async fn send(
        &self,
        command_id: u128,
        expected: Option<u64>,
        command: Command,
    ) -> Result<Executed, Failure> {
        let mut input = input(command_id, command, "");
        input.canonical = command_id.to_be_bytes().to_vec();
        input.request.expected_revision = expected;
        input.request.basis = Some(LegalBasis { code: "BARNETS_LOV_20".into(), provision: None });
        self.journal.execute(&worker(), input).await
    }

    #[track_caller]
    fn accepted(answer: Result<Executed, Failure>) -> u64 {
        answer.unwrap().position
    }

    #[track_caller]
    fn refused(answer: Result<Executed, Failure>) -> Reason {
        answer.unwrap_err().rejection().reason
    }

    async fn status(&self, min_position: u64) -> Result<FamilyStatusAnswer, Failure> {
        let access = Access { session: worker(), purpose: Purpose::Casework };
        let family_id = FamilyId(id(FAMILY));
        let query = FamilyStatusQuery { family_id, min_position, clocks: Clocks::default() };
        self.journal.read(&access, query).await
    }

    async fn stop(self) {
        self.shutdown.cancel();
        self.tasks.close();
        self.tasks.wait().await;
    }
}

fn operator() -> Access {
    Access { session: session(Role::Operator, "operator-1", "demo"), purpose: Purpose::Operations }
}

fn contact(n: u128, present: &[u128]) -> Command {
    Command::RecordContact(RecordContact {
        family_id: FamilyId(id(FAMILY)),
        contact_id: ContactId(id(n)),
        kind: ContactKind::Visit,
        minutes: 30,
        present: present.iter().map(|it| PersonId(id(*it))).collect(),
        risk_areas: Vec::new(),
        goal_ids: Vec::new(),
        text: None,
        about: Vec::new(),
        from_child: false,
    })
}

fn mother_joins() -> Command {
    Command::AddFamilyMember(AddFamilyMember {
        family_id: FamilyId(id(FAMILY)),
        person_id: PersonId(id(MOTHER)),
        role: FamilyRole::Mother,
        household: Household::Core,
        valid_from: date(2020, 6, 1),
    })
}

/// Two servers; both remember the family, which has two contacts.
async fn two(store: &MemoryStore) -> (Server, Server) {
    let (one, other) = (server(store, 1, 1000), server(store, 2, 1000));
    for it in [register(1, CHILD, "Anna"), register(2, MOTHER, "Mette")] {
        Server::accepted(one.journal.execute(&worker(), it).await);
    }
    Server::accepted(one.journal.execute(&worker(), register_family(3, FAMILY, CHILD)).await);
    Server::accepted(other.send(4, None, contact(301, &[CHILD])).await);
    Server::accepted(one.send(5, None, contact(302, &[CHILD])).await);
    (one, other)
}

#[tokio::test]
async fn a_refusal_on_what_was_remembered_is_not_given_when_the_log_says_otherwise() {
    let store = memory();
    let (one, other) = two(&store).await;
    // The other server remembers the family without its mother.
    Server::accepted(one.send(6, None, mother_joins()).await);
    Server::accepted(other.send(7, None, contact(303, &[MOTHER])).await);
    // What was true all the time is still refused.
    let answer = one.send(8, None, contact(304, &[999])).await;
    assert_eq!(Server::refused(answer), Reason::NotInFamily);
}

#[tokio::test]
async fn what_the_log_knows_is_refused_though_it_was_not_remembered() {
    let store = memory();
    let (one, other) = two(&store).await;
    Server::accepted(one.send(6, None, contact(303, &[CHILD])).await);
    assert_eq!(Server::refused(other.send(7, None, contact(303, &[])).await), Reason::IdTaken);
    Server::accepted(one.send(8, None, mother_joins()).await);
    let answer = other.send(9, None, mother_joins()).await;
    assert_eq!(Server::refused(answer), Reason::AlreadyMember);
}

#[tokio::test]
async fn an_expected_revision_is_judged_by_the_log() {
    let store = memory();
    let (one, other) = two(&store).await;
    let written = one.send(6, None, contact(303, &[])).await.unwrap();
    let (_, revision) = written.streams.into_iter().next().unwrap();
    // The other server remembers an older revision.
    Server::accepted(other.send(7, Some(revision), contact(304, &[])).await);
    let stale = one.send(8, Some(revision), contact(305, &[])).await.unwrap_err().rejection();
    assert_eq!(stale.reason, Reason::RevisionConflict);
    let actual = stale.metadata.iter().find(|it| it.0 == "actual").map(|it| it.1.clone());
    assert_eq!(actual, Some((revision + 1).to_string()));
}

#[tokio::test]
async fn servers_that_take_turns_lose_nothing_whatever_they_remember() {
    for cached_events in [0, 12, 10_000] {
        let store = memory();
        let servers = [server(&store, 1, cached_events), server(&store, 2, cached_events)];
        let [one, other] = &servers;
        Server::accepted(one.journal.execute(&worker(), register(1, CHILD, "Anna")).await);
        let family = register_family(2, FAMILY, CHILD);
        Server::accepted(other.journal.execute(&worker(), family).await);
        for n in 0..40 {
            let sender = if n % 3 == 0 { one } else { other };
            Server::accepted(sender.send(10 + n, None, contact(300 + n, &[CHILD])).await);
        }
        for n in 0..10 {
            let (left, right) = (contact(400 + n, &[]), contact(500 + n, &[]));
            let (left, right) =
                tokio::join!(one.send(60 + n, None, left), other.send(80 + n, None, right));
            Server::accepted(left);
            Server::accepted(right);
        }
        let status = one.status(62).await.unwrap();
        assert_eq!((status.as_of, status.status.revision), (62, 61), "{cached_events} kept");
        assert_eq!(status.status.row.contacts, 60);
    }
}

#[tokio::test]
async fn a_follower_sees_the_views_move() {
    let store = memory();
    let (one, other) = two(&store).await;
    for n in 0..5 {
        let position = Server::accepted(one.send(20 + n, None, contact(310 + n, &[CHILD])).await);
        assert_eq!(other.status(position).await.unwrap().as_of, position);
        assert_eq!(one.status(position).await.unwrap().as_of, position);
    }
}

#[tokio::test]
async fn a_server_that_stops_hands_its_views_over_at_once() {
    let store = memory();
    let (one, other) = two(&store).await;
    one.status(5).await.unwrap();
    one.stop().await;
    let position = Server::accepted(other.send(6, None, contact(303, &[])).await);
    let before = tokio::time::Instant::now();
    assert_eq!(other.status(position).await.unwrap().as_of, position);
    assert!(before.elapsed() < TTL * 4);
}

#[test]
fn a_server_that_was_paused_past_its_lease_writes_nothing_and_follows_then() {
    let store = memory();
    let runtime = || {
        let mut builder = tokio::runtime::Builder::new_current_thread();
        builder.enable_all().build().unwrap()
    };
    // Whatever runs on a runtime that nobody drives is paused.
    let (first, second) = (runtime(), runtime());
    let one = first.block_on(async {
        let one = server(&store, 1, 1000);
        Server::accepted(one.journal.execute(&worker(), register(1, CHILD, "Anna")).await);
        Server::accepted(one.journal.execute(&worker(), register_family(2, FAMILY, CHILD)).await);
        one.status(2).await.unwrap();
        one
    });
    let (other, reached) = second.block_on(async {
        let other = server(&store, 2, 1000);
        let position = Server::accepted(other.send(3, None, contact(301, &[CHILD])).await);
        assert_eq!(other.status(position).await.unwrap().as_of, position);
        (other, position)
    });
    first.block_on(async {
        assert_eq!(one.status(reached).await.unwrap().status.row.contacts, 1);
        Server::accepted(one.send(4, None, contact(302, &[CHILD])).await);
    });
    second.block_on(async {
        assert_eq!(other.status(4).await.unwrap().status.row.contacts, 2);
        check_rebuild(&other, (0, 0, 0)).await;
    });
}

/// Rebuilds every view on this server.
async fn check_rebuild(server: &Server, difference: (u64, u64, u64)) {
    for view in [
        "family_status",
        "timeline",
        "risk_trajectory",
        "interventions",
        "caseload",
        "programme",
        "outcomes",
    ] {
        let (progress, mut told) = mpsc::channel::<RebuildProgress>(100);
        server.journal.rebuild(&operator(), view, progress).await.unwrap();
        let mut last = None;
        while let Some(it) = told.recv().await {
            last = it.difference;
        }
        assert_eq!(last, Some(difference), "{view}");
    }
}

#[tokio::test]
async fn a_view_may_be_rebuilt_on_a_server_that_does_not_run_it() {
    let store = memory();
    let (one, other) = two(&store).await;
    assert_eq!(one.status(5).await.unwrap().as_of, 5);
    assert_eq!(other.status(5).await.unwrap().as_of, 5);
    check_rebuild(&other, (0, 0, 0)).await;
    for server in [&one, &other] {
        let views = server.journal.read(&operator(), ViewsQuery).await.unwrap();
        assert!(views.views.iter().all(|it| it.build == 2 && it.position == 5));
        assert_eq!(server.status(5).await.unwrap().status.row.contacts, 2);
    }
    // Both go on with the new build.
    let position = Server::accepted(other.send(6, None, contact(303, &[])).await);
    assert_eq!(one.status(position).await.unwrap().as_of, position);
    assert_eq!(other.status(position).await.unwrap().as_of, position);
    check_rebuild(&one, (0, 0, 0)).await;
}

#[tokio::test]
async fn a_tenant_that_another_server_made_is_met_without_being_asked_for() {
    let store = memory();
    let _idle = server(&store, 3, 1000);
    let (one, other) = two(&store).await;
    one.status(5).await.unwrap();
    one.stop().await;
    other.stop().await;
    // The one that nobody ever asked holds the lease now: nobody else gets it.
    let stranger = id(77);
    let taken = async {
        while let Some(it) = store.lease(&worker().tenant, "timeline", stranger, TTL).await.unwrap()
        {
            store.release(&worker().tenant, &it).await.unwrap();
            tokio::time::sleep(TTL / 10).await;
        }
    };
    tokio::time::timeout(TTL * 20, taken).await.unwrap();
}
