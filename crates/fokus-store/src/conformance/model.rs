//! Any history of calls has the same answers as in memory, which is the specification.
//!
//! Checkpoints are compared by what they sign: another store has another name and another key.

use fokus_log::leaf::LeafKind;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestCaseError, TestRunner};

use super::Fixture;
use super::append::whole_log;
use super::make::*;
use crate::check::check_log;
use crate::memory::MemoryStore;
use crate::ports::{EventStore, Inspect, KeyStore, ViewStore};
use crate::types::*;

/// Histories that are tried.
const CASES: u32 = 24;

/// One call.
#[derive(Debug, Clone)]
enum Call {
    Append { members: Vec<Member>, now_ms: u64 },
    ReadLog { range: Range<u64> },
    ReadStream { family: u8, range: Range<u64> },
    LookUp { number: u8 },
    AddKeys { keys: Vec<(u8, u8, bool)> },
    View(ViewCall),
}

/// One call of [`ViewStore`].
#[derive(Debug, Clone)]
enum ViewCall {
    Begin { revision: u32, live: bool },
    Commit { revision: u32, expected: u64, cleared: Vec<u8>, rows: Vec<(u8, u8, i64)> },
    Halt { revision: u32 },
    Switch { revision: u32 },
    Discard { revision: u32 },
    Page { revision: u32, after: i64, limit: u32, by_change: bool },
}

/// A member of a batch; small numbers, so that calls meet.
#[derive(Debug, Clone)]
struct Member {
    command: u64,
    streams: Vec<(u8, Expectation, usize)>,
    /// Which claim the first stream makes and which it releases; 0 = none.
    claims: (u8, u8),
    /// Leaves of the log's own stream; with some, the rest but what is expected of streams is left out.
    acts: usize,
}

impl Member {
    fn write(&self, next_event: &mut u64) -> Append {
        if self.acts > 0 {
            return self.write_act(next_event);
        }
        let mut draft = draft(self.command);
        for (at, (number, expected, events)) in self.streams.iter().enumerate() {
            draft = draft.on(*number, *expected, 0);
            for _ in 0..*events {
                *next_event += 1;
                draft.0.streams[at].events.push(event_of(*next_event));
            }
            if at == 0 && self.claims.0 > 0 {
                draft = draft.claims(&self.claims.0.to_string());
            }
            if at == 0 && self.claims.1 > 0 {
                draft = draft.releases(&self.claims.1.to_string());
            }
        }
        draft.done()
    }

    fn write_act(&self, next_event: &mut u64) -> Append {
        let expected = self.streams.first().map_or(Expectation::Any, |(_, expected, _)| *expected);
        let mut append = act(expected, &vec![(LeafKind::Control, "act"); self.acts]);
        for control in &mut append.controls {
            *next_event += 1;
            control.event_id = event_of(*next_event).event_id;
        }
        append
    }
}

fn member() -> impl Strategy<Value = Member> {
    let expectation = prop_oneof![
        3 => Just(Expectation::Any),
        1 => Just(Expectation::NoStream),
        1 => Just(Expectation::Exists),
        2 => (0..6_u64).prop_map(|revision| Expectation::Exactly(Revision(revision))),
    ];
    let streams = prop::collection::vec((0..4_u8, expectation, 0..3_usize), 0..3);
    let acts = prop_oneof![5 => Just(0_usize), 1 => 1..3_usize];
    (0..40_u64, streams, (0..4_u8, 0..4_u8), acts)
        .prop_map(|(command, streams, claims, acts)| Member { command, streams, claims, acts })
}

fn range() -> impl Strategy<Value = Range<u64>> {
    prop_oneof![
        (0..9_u64, 0..9_u32).prop_map(|(after, limit)| Range::Forward { after, limit }),
        (prop::option::of(0..9_u64), 0..9_u32)
            .prop_map(|(before, limit)| Range::Backward { before, limit }),
    ]
}

fn place<T>(range: Range<u64>, wrap: impl Fn(u64) -> T) -> Range<T> {
    match range {
        Range::Forward { after, limit } => Range::Forward { after: wrap(after), limit },
        Range::Backward { before, limit } => Range::Backward { before: before.map(wrap), limit },
    }
}

fn call() -> impl Strategy<Value = Call> {
    let members = prop::collection::vec(member(), 0..5);
    let keys = prop::collection::vec((0..9_u8, 0..3_u8, any::<bool>()), 0..3);
    prop_oneof![
        6 => (members, 0..9_u64).prop_map(|(members, now_ms)| Call::Append { members, now_ms }),
        1 => range().prop_map(|range| Call::ReadLog { range }),
        1 => (0..4_u8, range()).prop_map(|(family, range)| Call::ReadStream { family, range }),
        1 => (0..4_u8).prop_map(|number| Call::LookUp { number }),
        1 => keys.prop_map(|keys| Call::AddKeys { keys }),
        9 => view_call().prop_map(Call::View),
    ]
}

fn view_call() -> impl Strategy<Value = ViewCall> {
    use ViewCall::*;
    let revision = || 0..3_u32;
    let rows = prop::collection::vec((0..3_u8, 0..3_u8, 0..9_i64), 0..4);
    let cleared = prop::collection::vec(0..3_u8, 0..2);
    let page = (revision(), 0..9_i64, 0..4_u32, any::<bool>());
    prop_oneof![
        1 => (revision(), any::<bool>()).prop_map(|(revision, live)| Begin { revision, live }),
        3 => (revision(), 0..3_u64, cleared, rows).prop_map(
            |(revision, expected, cleared, rows)| Commit { revision, expected, cleared, rows }
        ),
        1 => revision().prop_map(|revision| Halt { revision }),
        1 => revision().prop_map(|revision| Switch { revision }),
        1 => revision().prop_map(|revision| Discard { revision }),
        2 => page.prop_map(
            |(revision, after, limit, by_change)| Page { revision, after, limit, by_change }
        ),
    ]
}

/// What a call answers, without what differs between stores on purpose.
async fn answer<S>(store: &S, call: &Call, next_event: &mut u64) -> String
where
    S: EventStore + KeyStore + ViewStore,
{
    let tenant = vesterby();
    match call {
        Call::Append { members, now_ms } => {
            let members = members.iter().map(|member| member.write(next_event)).collect();
            let mut answers = store.append(&tenant, members, *now_ms).await.unwrap();
            answers.iter_mut().flatten().for_each(|outcome| outcome.checkpoint.clear());
            format!("{answers:?}")
        }
        Call::ReadLog { range } => {
            format!("{:?}", store.read_log(&tenant, place(*range, Position)).await)
        }
        Call::ReadStream { family: number, range } => {
            let range = place(*range, Revision);
            let stream = if *number == 0 { StreamId::of_log() } else { family(*number) };
            format!("{:?}", store.read_stream(&tenant, &stream, range).await)
        }
        Call::LookUp { number } => {
            let asked = [family(*number), StreamId::of_log()];
            let heads = store.stream_heads(&tenant, &asked).await;
            let place = store.command(&tenant, command(u64::from(*number))).await;
            let holder = store.claim(&tenant, &claim(&number.to_string())).await;
            format!("{heads:?} {place:?} {holder:?}")
        }
        Call::AddKeys { keys } => {
            let keys = keys.iter().map(|(id, stream, person)| WrappedKey {
                key_id: [*id; 16],
                slot: KeySlot {
                    stream_tag: tag(*stream),
                    person: person.then(|| uuid::Uuid::from_u128(1)),
                },
                kind: 1,
                epoch: 1,
                wrapped: vec![*id],
            });
            format!("{:?}", store.add_keys(&tenant, keys.collect()).await)
        }
        Call::View(view) => view_answer(store, view).await,
    }
}

async fn view_answer(store: &impl ViewStore, call: &ViewCall) -> String {
    let tenant = vesterby();
    let lease = hold(store, &tenant, "cases").await;
    let done = match call {
        ViewCall::Begin { revision, live } => {
            store.begin(&tenant, &lease, &build(*revision), *live).await
        }
        ViewCall::Commit { revision, expected, cleared, rows } => {
            let rows = rows.iter().map(|(number, key, sort)| match key {
                0 => state_row(*number, *sort),
                key => row(*number, &key.to_string(), *sort, 9 - *sort),
            });
            let batch = step(*expected, *expected + 1, cleared, rows.collect());
            store.commit(&tenant, &lease, &build(*revision), batch).await
        }
        ViewCall::Halt { revision } => {
            store.halt(&tenant, &lease, &build(*revision), Position(1), "CODE").await
        }
        ViewCall::Switch { revision } => store.switch(&tenant, &lease, &build(*revision)).await,
        ViewCall::Discard { revision } => store.discard(&tenant, &lease, &build(*revision)).await,
        ViewCall::Page { revision, after, limit, by_change } => {
            let order = if *by_change { RowOrder::LastChange } else { RowOrder::FirstAppearance };
            let page = store.page(&tenant, &build(*revision), order, *after, *limit).await;
            let rows = store.rows(&tenant, &build(*revision), tag(1)).await;
            let checkpoints = store.checkpoints(&tenant).await;
            return format!("{page:?} {rows:?} {checkpoints:?}");
        }
    };
    format!("{done:?}")
}

/// Both stores, after the same calls.
async fn compare<S>(store: &S, model: &MemoryStore) -> Result<(), TestCaseError>
where
    S: EventStore + Inspect,
{
    let tenant = vesterby();
    let (head, expected) = (store.head(&tenant).await.unwrap(), model.head(&tenant).await.unwrap());
    prop_assert_eq!(head.position, expected.position);
    prop_assert_eq!(head.root, expected.root);
    prop_assert_eq!(head.last_ms, expected.last_ms);
    prop_assert_eq!(whole_log(store).await, whole_log(model).await);
    prop_assert_eq!(
        store.streams(&tenant, None).await.unwrap(),
        model.streams(&tenant, None).await.unwrap()
    );
    prop_assert_eq!(
        store.claims(&tenant, None).await.unwrap(),
        model.claims(&tenant, None).await.unwrap()
    );
    prop_assert_eq!(
        store.commands(&tenant, None).await.unwrap(),
        model.commands(&tenant, None).await.unwrap()
    );
    let report = check_log(store, &tenant, |_| ()).await.unwrap();
    prop_assert_eq!(report.findings, vec![]);
    Ok(())
}

async fn run<F: Fixture>(calls: Vec<Call>) -> Result<(), TestCaseError> {
    let fixture = F::open().await;
    let store = fixture.store();
    let seed = fokus_vault::key::SecretKey::from_bytes([1; 32]);
    let model = MemoryStore::new("model.fokus.invalid", true, seed);
    let (mut events, mut model_events) = (0, 0);
    for call in &calls {
        let found = answer(&*store, call, &mut events).await;
        let expected = answer(&model, call, &mut model_events).await;
        prop_assert_eq!(found, expected, "{:?}", call);
    }
    compare(&*store, &model).await?;
    drop(store);
    let fixture = fixture.reopen().await;
    compare(&*fixture.store(), &model).await
}

/// Random histories of calls, with a reopen at the end.
pub async fn any_history_has_the_same_answers_as_in_memory<F: Fixture>() {
    let runtime = tokio::runtime::Handle::current();
    let tested = tokio::task::spawn_blocking(move || {
        let config = Config { cases: CASES, failure_persistence: None, ..Config::default() };
        let calls = prop::collection::vec(call(), 1..30);
        TestRunner::new(config).run(&calls, |calls| runtime.block_on(run::<F>(calls)))
    });
    if let Err(failure) = tested.await.unwrap() {
        assert_eq!(failure.to_string(), "");
    }
}
