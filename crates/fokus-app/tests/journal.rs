//! The journal over the in-memory store: outcomes that last, whatever the store does with its answers.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "what is not there fails the test, also in its helpers"
)]

mod support;

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};

use async_trait::async_trait;
use fokus_app::clock::Entropy;
use fokus_app::failure::Failure;
use fokus_app::journal::{Executed, Journal};
use fokus_app::keyring::Keyring;
use fokus_app::opening::Opener;
use fokus_app::query::{CheckpointQuery, FamilyStatusQuery, HistoryQuery};
use fokus_app::session::{Access, Action, Role, permits};
use fokus_core::codes::*;
use fokus_core::effective::Clocks;
use fokus_core::ids::*;
use fokus_core::rejection::Reason;
use fokus_log::Hash;
use fokus_log::tile::Tile;
use fokus_store::memory::MemoryStore;
use fokus_store::{
    Append, Claim, CommandId, CommandPlace, EventStore, Fault, Head, LogInfo, Outcome, Position,
    Range, Refused, Revision, StoredEvent, StreamHead, StreamId, StreamTag, TenantId,
};
use fokus_vault::key::SecretKey;
use fokus_vault::wrap::RootKey;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use support::*;

/// Opening makes nothing, so it needs no randomness.
struct NoEntropy;

impl Entropy for NoEntropy {
    fn fill(&self, _: &mut [u8]) {
        unreachable!("a key was made while opening");
    }
}

/// What becomes of the next append.
const PASS: u8 = 0;
const LOST_BEFORE: u8 = 1;
const LOST_AFTER: u8 = 2;

/// A store that loses an append, or its answer, on demand.
struct FaultyStore {
    inner: MemoryStore,
    next: AtomicU8,
}

fn lost() -> Fault {
    Fault::Unavailable("lost".into())
}

#[async_trait]
impl EventStore for FaultyStore {
    async fn log(&self, tenant: &TenantId) -> Result<LogInfo, Fault> {
        self.inner.log(tenant).await
    }

    async fn append(
        &self,
        tenant: &TenantId,
        appends: Vec<Append>,
        now_ms: u64,
    ) -> Result<Vec<Result<Outcome, Refused>>, Fault> {
        match self.next.swap(PASS, Ordering::SeqCst) {
            LOST_BEFORE => Err(lost()),
            LOST_AFTER => {
                self.inner.append(tenant, appends, now_ms).await?;
                Err(lost())
            }
            _ => self.inner.append(tenant, appends, now_ms).await,
        }
    }

    async fn rotation(&self, tenant: &TenantId) -> Result<Option<String>, Fault> {
        self.inner.rotation(tenant).await
    }

    async fn head(&self, tenant: &TenantId) -> Result<Head, Fault> {
        self.inner.head(tenant).await
    }

    async fn read_stream(
        &self,
        tenant: &TenantId,
        stream: &StreamId,
        range: Range<Revision>,
    ) -> Result<Vec<StoredEvent>, Fault> {
        self.inner.read_stream(tenant, stream, range).await
    }

    async fn read_log(
        &self,
        tenant: &TenantId,
        range: Range<Position>,
    ) -> Result<Vec<StoredEvent>, Fault> {
        self.inner.read_log(tenant, range).await
    }

    async fn stream_heads(
        &self,
        tenant: &TenantId,
        streams: &[StreamId],
    ) -> Result<Vec<Option<StreamHead>>, Fault> {
        self.inner.stream_heads(tenant, streams).await
    }

    async fn streams_by_tag(
        &self,
        tenant: &TenantId,
        tags: &[StreamTag],
    ) -> Result<Vec<Option<StreamId>>, Fault> {
        self.inner.streams_by_tag(tenant, tags).await
    }

    async fn command(
        &self,
        tenant: &TenantId,
        command_id: CommandId,
    ) -> Result<Option<CommandPlace>, Fault> {
        self.inner.command(tenant, command_id).await
    }

    async fn claim(&self, tenant: &TenantId, claim: &Claim) -> Result<Option<StreamTag>, Fault> {
        self.inner.claim(tenant, claim).await
    }

    async fn tile(&self, tenant: &TenantId, level: u8, n: u64) -> Result<Option<Tile>, Fault> {
        self.inner.tile(tenant, level, n).await
    }

    async fn vouch(&self, tenant: &TenantId, list_hash: &Hash) -> Result<String, Fault> {
        self.inner.vouch(tenant, list_hash).await
    }

    async fn wait_beyond(&self, tenant: &TenantId, after: Position) -> Result<Position, Fault> {
        self.inner.wait_beyond(tenant, after).await
    }

    async fn tenants(&self) -> Result<Vec<TenantId>, Fault> {
        self.inner.tenants().await
    }
}

struct Bench {
    journal: Journal,
    store: Arc<FaultyStore>,
}

fn bench() -> Bench {
    let inner = memory();
    let store = Arc::new(FaultyStore { inner: inner.clone(), next: AtomicU8::new(PASS) });
    let views = Arc::new(inner.clone());
    let ports = ports(Arc::<FaultyStore>::clone(&store), views, &inner, 0);
    let journal = Journal::start(ports, &TaskTracker::new(), CancellationToken::new());
    Bench { journal, store }
}

fn reason(answer: Result<Executed, Failure>) -> Reason {
    answer.unwrap_err().rejection().reason
}

#[tokio::test]
async fn a_lost_answer_costs_nothing() {
    for fault in [LOST_BEFORE, LOST_AFTER] {
        let bench = bench();
        bench.store.next.store(fault, Ordering::SeqCst);
        let first = bench.journal.execute(&worker(), register(1, 100, "Ane")).await;
        assert_eq!(reason(first), Reason::StoreUnavailable);
        let again = bench.journal.execute(&worker(), register(1, 100, "Ane")).await.unwrap();
        assert_eq!(again.replayed, fault == LOST_AFTER);
        assert_eq!(again.position, 1, "the command stands in the log once");
        let third = bench.journal.execute(&worker(), register(1, 100, "Ane")).await.unwrap();
        assert_eq!(Executed { replayed: again.replayed, ..third.clone() }, again);
    }
}

#[tokio::test]
async fn a_command_id_belongs_to_its_actor_and_content() {
    let bench = bench();
    let first = bench.journal.execute(&worker(), register(1, 100, "Ane")).await.unwrap();
    let other_content = bench.journal.execute(&worker(), register(1, 100, "Anf")).await;
    assert_eq!(reason(other_content), Reason::CommandIdReused);
    let other_actor = session(Role::Caseworker, "worker-2", "demo");
    let by_other = bench.journal.execute(&other_actor, register(1, 100, "Ane")).await;
    assert_eq!(reason(by_other), Reason::CommandIdReused);
    let purpose = Purpose::Casework;
    let mine = bench.journal.command(&worker(), purpose, id(1)).await.unwrap();
    assert_eq!(mine.event_ids, first.event_ids);
    let not_mine = bench.journal.command(&other_actor, purpose, id(1)).await;
    assert_eq!(reason(not_mine), Reason::UnknownId);
}

#[tokio::test]
async fn another_tenant_sees_nothing_and_collides_with_nothing() {
    let bench = bench();
    bench.journal.execute(&worker(), register(1, 100, "Ane")).await.unwrap();
    let decoy = session(Role::Caseworker, "worker-1", "decoy");
    let same_ids = bench.journal.execute(&decoy, register(1, 100, "Bo")).await.unwrap();
    assert_eq!((same_ids.position, same_ids.replayed), (1, false));
    let unknown = bench.journal.execute(&decoy, register_family(2, 200, 101)).await;
    assert_eq!(reason(unknown), Reason::UnknownId);
}

#[tokio::test]
async fn a_status_waits_for_what_was_just_written() {
    let bench = bench();
    bench.journal.execute(&worker(), register(1, 100, "Ane")).await.unwrap();
    let done = bench.journal.execute(&worker(), register_family(2, 200, 100)).await.unwrap();
    let access = Access { session: worker(), purpose: Purpose::Casework };
    let query = FamilyStatusQuery {
        family_id: FamilyId(id(200)),
        min_position: done.position,
        clocks: Clocks::default(),
    };
    let answer = bench.journal.read(&access, query.clone()).await.unwrap();
    assert_eq!(answer.status.row.reference, "FF-2020-200");
    assert_eq!(answer.status.members[0].name.as_ref().map(|it| it.given.as_str()), Some("Ane"));
    assert_eq!(answer.status.members[0].age_years, Some(12));
    assert_eq!((answer.as_of, answer.status.revision), (2, 1));
    let beyond = FamilyStatusQuery { min_position: 3, ..query };
    let failure = bench.journal.read(&access, beyond).await.unwrap_err();
    assert_eq!(failure.rejection().reason, Reason::BeyondHead);
}

#[tokio::test]
async fn the_history_opens_what_was_sealed_and_the_note_verifies() {
    let bench = bench();
    bench.journal.execute(&worker(), register(1, 100, "Ane")).await.unwrap();
    let auditor = session(Role::Auditor, "auditor-1", "demo");
    let access = Access { session: auditor, purpose: Purpose::Audit };
    let query = HistoryQuery { stream: None, after: 0, limit: 10 };
    let history = bench.journal.read(&access, query).await.unwrap();
    let name = history.events[0].fields.iter().find(|it| it.name == "name").unwrap();
    assert!(name.personal);
    assert_eq!(name.json.as_deref(), Some(r#"{"family":"Prøve","given":"Ane"}"#));
    let checkpoint = bench.journal.read(&access, CheckpointQuery).await.unwrap();
    assert!(checkpoint.note.starts_with(checkpoint.verifier_key.split('+').next().unwrap()));
}

#[tokio::test]
async fn what_is_sealed_shows_nothing_and_opened_it_shows_everything() {
    let bench = bench();
    bench.journal.execute(&worker(), register(1, 100, "Kanariane")).await.unwrap();
    let tenant = TenantId::parse("demo").unwrap();
    let range = Range::Forward { after: Position(0), limit: 10 };
    let stored = bench.store.inner.read_log(&tenant, range).await.unwrap();
    let holds = |bytes: &[u8]| bytes.windows(9).any(|it| it == b"Kanariane");
    for event in &stored {
        assert!(!holds(&event.leaf));
        assert!(event.envelopes.iter().flatten().all(|it| !holds(it)));
    }
    let keys = Arc::new(bench.store.inner.clone());
    let root = RootKey::new(SecretKey::from_bytes([7; 32]));
    let keyring = Arc::new(Keyring::new(keys, Arc::new(root), Arc::new(NoEntropy)));
    let origin = bench.store.log(&tenant).await.unwrap().origin;
    let opener = Opener { keyring, tenant, origin };
    let opened = opener.checked_fields(&stored).await.unwrap();
    assert!(
        opened.iter().any(|(_, fields, whole)| *whole && fields.iter().any(|it| holds(&it.value)))
    );
}

#[tokio::test]
async fn who_is_not_permitted_learns_nothing_else() {
    let bench = bench();
    let auditor = session(Role::Auditor, "auditor-1", "demo");
    let refused = bench.journal.execute(&auditor, register(1, 100, "Ane")).await;
    assert_eq!(reason(refused), Reason::NotPermitted);
    let access = Access { session: worker(), purpose: Purpose::Grant };
    let query = HistoryQuery { stream: None, after: 99, limit: 10 };
    let failure = bench.journal.read(&access, query).await.unwrap_err();
    assert_eq!(failure.rejection().reason, Reason::NotPermitted, "before BEYOND_HEAD");
}

#[test]
#[rustfmt::skip] // One row, one permission.
fn what_is_not_listed_is_denied() {
    use StreamKind::{Family, Programme, Worker};
    let check = |role, action, purpose, expected| {
        assert_eq!(permits(role, action, purpose), expected, "{role:?} {action:?} {purpose:?}");
    };
    check(Role::Caseworker,       Action::Write(Family),    Purpose::Casework,    true);
    check(Role::Caseworker,       Action::Write(Family),    Purpose::Audit,       false);
    check(Role::Caseworker,       Action::Write(Programme), Purpose::Casework,    false);
    check(Role::Caseworker,       Action::OperateViews,     Purpose::Operations,  false);
    check(Role::TeamLead,         Action::Write(Worker),    Purpose::Supervision, true);
    check(Role::TeamLead,         Action::ReadFamily,       Purpose::Supervision, true);
    check(Role::TeamLead,         Action::ReadFamily,       Purpose::Grant,       false);
    check(Role::Caseworker,       Action::ReadWork,         Purpose::Casework,    true);
    check(Role::Caseworker,       Action::ReadWork,         Purpose::Supervision, false);
    check(Role::TeamLead,         Action::ReadWork,         Purpose::Supervision, true);
    check(Role::TeamLead,         Action::ReadWork,         Purpose::Audit,       false);
    check(Role::Auditor,          Action::ReadWork,         Purpose::Audit,       true);
    check(Role::ProgrammeManager, Action::ReadWork,         Purpose::Grant,       false);
    check(Role::Operator,         Action::ReadWork,         Purpose::Operations,  false);
    check(Role::ProgrammeManager, Action::Write(Programme), Purpose::Grant,       true);
    check(Role::ProgrammeManager, Action::ReadFamily,       Purpose::Casework,    false);
    check(Role::Auditor,          Action::ReadHistory,      Purpose::Audit,       true);
    check(Role::Auditor,          Action::ReadHistory,      Purpose::Casework,    false);
    check(Role::Auditor,          Action::Write(Family),    Purpose::Audit,       false);
    check(Role::Operator,         Action::OperateViews,     Purpose::Operations,  true);
    check(Role::Operator,         Action::ReadFamily,       Purpose::Operations,  false);
    check(Role::Operator,         Action::ReadCheckpoint,   Purpose::Operations,  true);
    check(Role::Dashboard,        Action::ReadOutcomes,     Purpose::Grant,       true);
    check(Role::Dashboard,        Action::ReadOutcomes,     Purpose::Audit,       false);
    check(Role::Dashboard,        Action::ReadProgramme,    Purpose::Grant,       false);
    check(Role::Dashboard,        Action::ReadCheckpoint,   Purpose::Grant,       false);
    check(Role::Dashboard,        Action::ReadCommand,      Purpose::Grant,       false);
    check(Role::Dashboard,        Action::Write(Programme), Purpose::Grant,       false);
    check(Role::Dashboard,        Action::ReadFamily,       Purpose::Casework,    false);
    check(Role::ProgrammeManager, Action::ReadProgramme,    Purpose::Grant,       true);
    check(Role::Caseworker,       Action::ReadProgramme,    Purpose::Casework,    false);
    check(Role::Caseworker,       Action::ReadOutcomes,     Purpose::Casework,    true);
    check(Role::Auditor,          Action::ReadProgramme,    Purpose::Audit,       true);
}
