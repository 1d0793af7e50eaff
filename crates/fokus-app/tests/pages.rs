//! Pages: bounded in bytes and work, nothing lost between them, and true about where they stand.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "what is not there fails the test, also in its helpers"
)]

mod support;

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use async_trait::async_trait;
use fokus_app::journal::{ExecuteInput, Executed, Journal};
use fokus_app::query::{FamilyListAnswer, FamilyListQuery, HistoryQuery, TimelineQuery};
use fokus_app::session::{Access, Role};
use fokus_core::codes::*;
use fokus_core::command::*;
use fokus_core::effective::{Clocks, KnownAt};
use fokus_core::ids::*;
use fokus_core::record::Opened;
use fokus_core::views::timeline::TimelineEntry;
use fokus_store::memory::MemoryStore;
use fokus_store::{
    Fault, Lease, Position, RowOrder, StreamTag, TenantId, ViewBatch, ViewBuild, ViewCheckpoint,
    ViewRow, ViewStore,
};
use serde_json::Value;
use tokio::sync::{mpsc, watch};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use uuid::Uuid;

use support::*;

const MIB: usize = 1024 * 1024;
const PERSON: u128 = 100;
const FAMILY: u128 = 200;

/// A view store whose views can be held back, and rebuilt in the moment before a read.
struct Views {
    inner: MemoryStore,
    moving: watch::Sender<bool>,
    rebuild_next: AtomicBool,
    journal: OnceLock<Journal>,
}

impl Views {
    /// The view is rebuilt, and switched, while a reader holds the build of before.
    async fn before_read(&self, build: &ViewBuild) {
        if self.rebuild_next.swap(false, Ordering::SeqCst) {
            let session = session(Role::Operator, "operator-1", "demo");
            let access = Access { session, purpose: Purpose::Operations };
            let journal = self.journal.get().unwrap();
            let (progress, _) = mpsc::channel(1);
            journal.rebuild(&access, &build.view, progress).await.unwrap();
        }
    }
}

#[async_trait]
impl ViewStore for Views {
    async fn lease(
        &self,
        tenant: &TenantId,
        name: &str,
        holder: Uuid,
        ttl: Duration,
    ) -> Result<Option<Lease>, Fault> {
        self.inner.lease(tenant, name, holder, ttl).await
    }

    async fn release(&self, tenant: &TenantId, lease: &Lease) -> Result<(), Fault> {
        self.inner.release(tenant, lease).await
    }

    async fn checkpoints(&self, tenant: &TenantId) -> Result<Vec<ViewCheckpoint>, Fault> {
        self.inner.checkpoints(tenant).await
    }

    async fn begin(
        &self,
        tenant: &TenantId,
        lease: &Lease,
        build: &ViewBuild,
        live: bool,
    ) -> Result<(), Fault> {
        self.inner.begin(tenant, lease, build, live).await
    }

    async fn commit(
        &self,
        tenant: &TenantId,
        lease: &Lease,
        build: &ViewBuild,
        batch: ViewBatch,
    ) -> Result<(), Fault> {
        self.moving.subscribe().wait_for(|it| *it).await.unwrap();
        self.inner.commit(tenant, lease, build, batch).await
    }

    async fn halt(
        &self,
        tenant: &TenantId,
        lease: &Lease,
        build: &ViewBuild,
        position: Position,
        code: &str,
    ) -> Result<(), Fault> {
        self.inner.halt(tenant, lease, build, position, code).await
    }

    async fn switch(
        &self,
        tenant: &TenantId,
        lease: &Lease,
        build: &ViewBuild,
    ) -> Result<(), Fault> {
        self.inner.switch(tenant, lease, build).await
    }

    async fn discard(
        &self,
        tenant: &TenantId,
        lease: &Lease,
        build: &ViewBuild,
    ) -> Result<(), Fault> {
        self.inner.discard(tenant, lease, build).await
    }

    async fn rows(
        &self,
        tenant: &TenantId,
        build: &ViewBuild,
        stream: StreamTag,
    ) -> Result<(Position, Vec<ViewRow>), Fault> {
        self.before_read(build).await;
        self.inner.rows(tenant, build, stream).await
    }

    async fn rows_by_key(
        &self,
        tenant: &TenantId,
        build: &ViewBuild,
        keys: &[(StreamTag, String)],
    ) -> Result<Vec<Option<ViewRow>>, Fault> {
        self.inner.rows_by_key(tenant, build, keys).await
    }

    async fn page(
        &self,
        tenant: &TenantId,
        build: &ViewBuild,
        order: RowOrder,
        after: i64,
        limit: u32,
    ) -> Result<(Position, Vec<ViewRow>), Fault> {
        self.before_read(build).await;
        self.inner.page(tenant, build, order, after, limit).await
    }
}

struct Bench {
    journal: Journal,
    views: Arc<Views>,
    commands: AtomicU64,
}

fn bench() -> Bench {
    let inner = memory();
    let views = Arc::new(Views {
        inner: inner.clone(),
        moving: watch::Sender::new(true),
        rebuild_next: AtomicBool::new(false),
        journal: OnceLock::new(),
    });
    let ports = ports(Arc::new(inner.clone()), Arc::<Views>::clone(&views), &inner, 0);
    let journal = Journal::start(ports, &TaskTracker::new(), CancellationToken::new());
    assert!(views.journal.set(journal.clone()).is_ok());
    Bench { journal, views, commands: AtomicU64::new(0) }
}

impl Bench {
    fn next_id(&self) -> u128 {
        u128::from(self.commands.fetch_add(1, Ordering::SeqCst)) + 1
    }

    async fn execute(&self, input: ExecuteInput) -> Executed {
        self.journal.execute(&worker(), input).await.unwrap()
    }

    async fn person(&self) -> Executed {
        self.execute(register(self.next_id(), PERSON, "Ane")).await
    }

    async fn family(&self, family: u128) -> Executed {
        self.execute(register_family(self.next_id(), family, PERSON)).await
    }

    /// Carries the command out; gives the revision that its stream has then.
    async fn carry_out(&self, command: Command) -> u64 {
        let mut input = register(self.next_id(), PERSON, "any");
        input.request.basis =
            Some(LegalBasis { code: "BL_32".to_owned(), provision: Some("§ 32".to_owned()) });
        input.request.command = command;
        self.execute(input).await.streams[0].1
    }

    async fn correct(&self, stream: StreamRef, revision: u64, corrected: Command) -> u64 {
        let command = CorrectEntry {
            stream,
            entry: EntryRef::Revision(revision),
            reason: CorrectionReason::Typo,
            explanation: Text("misheard".to_owned()),
            corrected,
            corrected_occurred: None,
        };
        self.carry_out(Command::CorrectEntry(Box::new(command))).await
    }

    async fn list(&self, query: &FamilyListQuery) -> FamilyListAnswer {
        self.journal.read(&casework(), query.clone()).await.unwrap()
    }

    /// Every page of a list; each leads on.
    async fn all_of(&self, mut query: FamilyListQuery) -> Vec<FamilyListAnswer> {
        let mut pages = Vec::new();
        loop {
            let page = self.list(&query).await;
            query.page_token = page.next_page_token.clone();
            pages.push(page);
            if query.page_token.is_empty() {
                return pages;
            }
        }
    }
}

fn casework() -> Access {
    Access { session: worker(), purpose: Purpose::Casework }
}

fn note(n: u64, text: String) -> Command {
    Command::RecordNote(RecordNote {
        family_id: FamilyId(id(FAMILY)),
        note_id: NoteId(id(1_000 + u128::from(n))),
        nature: NoteNature::Fact,
        grade: Grade::Certain,
        source: None,
        about: Vec::new(),
        text: Text(text),
    })
}

/// Nearly as long as a text may be.
fn long_text(n: u64) -> String {
    format!("{n} {}", "å".repeat(30_000))
}

/// A family with notes of 5 MB together, the first of them corrected last; the revisions of the notes.
async fn talkative_family(bench: &Bench) -> Vec<u64> {
    bench.person().await;
    bench.family(FAMILY).await;
    let mut revisions = Vec::new();
    for n in 0..85 {
        revisions.push(bench.carry_out(note(n, long_text(n))).await);
    }
    bench.correct(FamilyId(id(FAMILY)).into(), revisions[0], note(0, "corrected".to_owned())).await;
    revisions
}

fn text_of(entry: &TimelineEntry) -> Option<&str> {
    match entry.personal.iter().find(|(name, _)| name == "text") {
        Some((_, Opened::Known(Value::String(it)))) => Some(it),
        Some(_) | None => None,
    }
}

#[tokio::test]
async fn a_timeline_of_long_notes_comes_in_pages_that_fit_and_loses_nothing() {
    let bench = bench();
    let revisions = talkative_family(&bench).await;
    let position = bench.family(FAMILY + 1).await.position;
    for include_mistaken in [false, true] {
        let mut query = TimelineQuery {
            family_id: FamilyId(id(FAMILY)),
            page_size: 1_000,
            page_token: String::new(),
            min_position: position,
            clocks: Clocks::default(),
            by_recorded: false,
            include_mistaken,
            include_supervision: false,
        };
        let (mut entries, mut pages) = (Vec::new(), 0);
        loop {
            let page = bench.journal.read(&casework(), query.clone()).await.unwrap();
            let bytes: usize = page.entries.iter().filter_map(text_of).map(str::len).sum();
            assert!(!page.entries.is_empty() && bytes <= 3 * MIB, "{bytes} bytes");
            (entries, pages) = ([entries, page.entries].concat(), pages + 1);
            query.page_token = page.next_page_token;
            if query.page_token.is_empty() {
                break;
            }
        }
        assert_eq!(pages, 2, "5 MB in pages of 3 MiB");
        let notes: Vec<_> = entries.iter().filter(|it| it.row.revision >= revisions[0]).collect();
        let found: Vec<u64> = notes.iter().map(|it| it.row.revision).collect();
        assert_eq!(found, revisions, "each note once, in order");
        assert_eq!(text_of(notes[0]), Some("corrected"));
        for (n, it) in (0..).zip(&notes).skip(1) {
            assert!(text_of(it) == Some(&long_text(n)), "note {n}");
        }
    }
}

#[tokio::test]
async fn a_history_of_long_notes_comes_in_answers_that_fit_and_loses_nothing() {
    let bench = bench();
    talkative_family(&bench).await;
    let auditor = session(Role::Auditor, "auditor-1", "demo");
    let access = Access { session: auditor, purpose: Purpose::Audit };
    for stream in [None, Some(StreamRef::from(FamilyId(id(FAMILY))))] {
        let (mut after, mut places) = (0, Vec::new());
        loop {
            let query = HistoryQuery { stream, after, limit: 1_000 };
            let answer = bench.journal.read(&access, query).await.unwrap();
            let fields = answer.events.iter().flat_map(|it| &it.fields);
            let bytes: usize = fields.filter_map(|it| it.json.as_ref()).map(String::len).sum();
            assert!(bytes <= MIB, "{bytes} bytes");
            let place = |revision, position| if stream.is_some() { revision } else { position };
            places.extend(answer.events.iter().map(|it| place(it.revision, it.position)));
            if answer.through == after {
                break;
            }
            assert_eq!(places.last(), Some(&answer.through));
            after = answer.through;
        }
        assert!(after > 85, "the notes are among them");
        assert_eq!(places, (1..=after).collect::<Vec<u64>>(), "each event once, in order");
    }
}

fn families(clocks: Clocks) -> FamilyListQuery {
    FamilyListQuery {
        page_size: 0,
        page_token: String::new(),
        min_position: 0,
        clocks,
        case_state: None,
        phase: None,
    }
}

fn known_at(known_at: KnownAt) -> Clocks {
    Clocks { known_at, was_at_ms: None }
}

#[tokio::test]
async fn a_list_of_what_was_known_waits_for_the_view() {
    let bench = bench();
    bench.person().await;
    let first = bench.family(200).await.position;
    bench.list(&FamilyListQuery { min_position: first, ..families(Clocks::default()) }).await;
    bench.views.moving.send_replace(false);
    let second = bench.family(201).await.position;
    let third = bench.family(202).await.position;
    let later = families(known_at(KnownAt::Position(second)));
    let end_of_time = families(known_at(KnownAt::Time(u64::MAX)));
    let release = async {
        // Whoever does not wait has answered by then.
        for _ in 0..1_000 {
            tokio::task::yield_now().await;
        }
        bench.views.moving.send_replace(true);
    };
    let (later, all, ()) = tokio::join!(bench.list(&later), bench.list(&end_of_time), release);
    assert_eq!(later.families.len(), 2, "the third was not known yet");
    assert!(later.as_of >= second);
    assert_eq!(all.families.len(), 3);
    assert!(all.as_of >= third);
}

#[tokio::test]
async fn a_list_shows_persons_as_they_were_known() {
    let bench = bench();
    bench.person().await;
    let then = bench.family(200).await.position;
    bench.correct(PersonId(id(PERSON)).into(), 1, person(PERSON, "Anne")).await;
    let given = |page: FamilyListAnswer| {
        let name = page.families[0].members[0].name.clone();
        name.map(|it| it.given).unwrap_or_default()
    };
    let past = bench.list(&families(known_at(KnownAt::Position(then)))).await;
    assert_eq!(given(past), "Ane");
    let present = FamilyListQuery { min_position: then, ..families(Clocks::default()) };
    assert_eq!(given(bench.list(&present).await), "Anne");
}

#[tokio::test]
async fn a_list_of_the_past_goes_on_in_short_pages() {
    let bench = bench();
    bench.person().await;
    let mut position = 0;
    for n in 0..130 {
        position = bench.family(200 + n).await.position;
    }
    let all =
        FamilyListQuery { page_size: 1_000, ..families(known_at(KnownAt::Position(position))) };
    let pages = bench.all_of(all.clone()).await;
    assert_eq!(pages.iter().map(|it| it.families.len()).collect::<Vec<_>>(), [100, 30]);
    let found = pages.iter().flat_map(|it| &it.families).map(|it| it.row.family_id);
    assert!(found.eq((0..130).map(|n| FamilyId(id(200 + n)))), "each once, by registration");

    let few = FamilyListQuery { page_size: 1, phase: Some(CasePhase::Evaluation), ..all };
    let pages = bench.all_of(few).await;
    assert_eq!(pages.iter().map(|it| it.families.len()).collect::<Vec<_>>(), [0, 0]);

    let three = FamilyListQuery { page_size: 3, ..families(known_at(KnownAt::Position(8))) };
    let pages = bench.all_of(three).await;
    let found: usize = pages.iter().map(|it| it.families.len()).sum();
    assert!((4..8).contains(&found), "those of the first eight positions");
}

#[tokio::test]
async fn a_read_that_crosses_a_rebuild_reads_the_new_build() {
    let bench = bench();
    bench.person().await;
    let min_position = bench.family(FAMILY).await.position;
    let crossing = || bench.views.rebuild_next.store(true, Ordering::SeqCst);
    let crossed = || !bench.views.rebuild_next.load(Ordering::SeqCst);

    crossing();
    let query = FamilyListQuery { min_position, ..families(Clocks::default()) };
    assert_eq!(bench.list(&query).await.families.len(), 1);
    assert!(crossed());

    crossing();
    let query = TimelineQuery {
        family_id: FamilyId(id(FAMILY)),
        page_size: 0,
        page_token: String::new(),
        min_position,
        clocks: Clocks::default(),
        by_recorded: false,
        include_mistaken: false,
        include_supervision: false,
    };
    let timeline = bench.journal.read(&casework(), query).await.unwrap();
    assert!(!timeline.entries.is_empty() && crossed());
}
