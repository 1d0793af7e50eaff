//! Promises of [`CopyTarget`](crate::CopyTarget): that what was copied to it, with any interruption,
//! gives the same answers.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use async_trait::async_trait;
use fokus_log::leaf::{Leaf, LeafKind};
use fokus_log::lineage::Continuation;
use fokus_log::note::{Checkpoint, Ed25519Signer, KeyKind, Signer as _, VerifierKey};
use fokus_vault::key::SecretKey;
use uuid::Uuid;

use super::Fixture;
use super::append::whole_log;
use super::make::*;
use crate::check::{Problem, check_log};
use crate::copy::{Continuing, CopyError, CopyKeys, CopyReport, copy_tenant};
use crate::group_commit::Closing;
use crate::memory::MemoryStore;
use crate::plan::{Known, PlanHead, Planned, plan};
use crate::ports::{CopyTarget, EventStore, Inspect, InspectKeys, KeyStore};
use crate::signing::SigningSeeds;
use crate::types::*;

/// Begins the names of the logs that are copied in these tests.
pub const AUTHORITY: &str = "source.fokus.invalid";
/// Events of the source: more than two pages.
const EVENTS: u64 = 2_100;

/// The secrets of the source.
pub fn keys() -> CopyKeys {
    CopyKeys {
        root_key: SecretKey::from_bytes([5; 32]),
        signing_seed: SecretKey::from_bytes([6; 32]),
    }
}

/// An empty store in memory that logs may be copied from or to.
pub fn memory() -> MemoryStore {
    MemoryStore::new(AUTHORITY, true, keys().signing_seed)
}

/// Fills `store` with [`EVENTS`] leaves, some of them acts of the log, claims that changed hands, and
/// keys.
pub async fn fill(store: &(impl EventStore + KeyStore)) {
    let members = (0..EVENTS / 3).map(|id| {
        let number = u8::try_from(id % 40).unwrap();
        let draft = draft(id).on(number, Expectation::Any, 2).claims(&format!("c{id}"));
        let draft =
            if id % 7 == 6 && id > 40 { draft.releases(&format!("c{}", id - 40)) } else { draft };
        draft.on(number + 50, Expectation::Any, 1).done()
    });
    let members: Vec<Append> = members.collect();
    for batch in members.chunks(BATCH_APPENDS_MAX) {
        let mut batch = batch.to_vec();
        batch[0] = act(Expectation::Any, &[(LeafKind::Control, "x"); 3]);
        let answers = store.append(&vesterby(), batch, NOW_MS).await.unwrap();
        assert!(answers.iter().all(Result::is_ok));
    }
    store.append(&tenant("osterby"), vec![simple(1, 1)], NOW_MS).await.unwrap();
    for epoch in [1, 2] {
        let kek = WrappedKek { epoch, wrapped: vec![7; 72] };
        store.add_kek(&vesterby(), kek).await.unwrap();
    }
    let keys = (0..1_200_u32).map(|number| {
        let person = (number > 0).then(|| Uuid::from_u128(u128::from(number)));
        let slot = KeySlot { stream_tag: tag(1), person };
        let key_id = (u128::from(number) << 3).to_be_bytes();
        WrappedKey { key_id, slot, kind: 2, epoch: 2, wrapped: number.to_be_bytes().to_vec() }
    });
    store.add_keys(&vesterby(), keys.collect()).await.unwrap();
}

async fn filled() -> MemoryStore {
    let source = memory();
    fill(&source).await;
    source
}

/// Copies every tenant of the source.
pub async fn copy_all(
    source: &(impl Inspect + InspectKeys),
    target: &impl CopyTarget,
) -> Result<Vec<CopyReport>, CopyError> {
    let mut reports = Vec::new();
    for tenant in source.tenants().await.unwrap() {
        let seed = keys().signing_seed;
        reports.push(copy_tenant(source, target, &tenant, &seed, None, |_| ()).await?);
    }
    Ok(reports)
}

/// Asserts that two stores give the same answers to everything that is copied.
pub async fn assert_same<A, B>(store: &A, other: &B)
where
    A: Inspect + InspectKeys,
    B: Inspect + InspectKeys,
{
    assert_eq!(store.tenants().await.unwrap(), other.tenants().await.unwrap());
    for tenant in store.tenants().await.unwrap() {
        assert_eq!(store.log(&tenant).await.unwrap(), other.log(&tenant).await.unwrap());
        assert_eq!(store.head(&tenant).await.unwrap(), other.head(&tenant).await.unwrap());
        let tiles = store.tile_count(&tenant).await.unwrap();
        assert_eq!(tiles, other.tile_count(&tenant).await.unwrap());
        let tile = other.tile(&tenant, 0, 1).await.unwrap();
        assert_eq!(store.tile(&tenant, 0, 1).await.unwrap(), tile);
        let streams = other.streams(&tenant, None).await.unwrap();
        assert_eq!(store.streams(&tenant, None).await.unwrap(), streams);
        let commands = other.commands(&tenant, None).await.unwrap();
        assert_eq!(store.commands(&tenant, None).await.unwrap(), commands);
        let claims = other.claims(&tenant, None).await.unwrap();
        assert_eq!(store.claims(&tenant, None).await.unwrap(), claims);
        assert_eq!(store.keks(&tenant).await.unwrap(), other.keks(&tenant).await.unwrap());
        let mut after = None;
        loop {
            let keys = store.keys_after(&tenant, after).await.unwrap();
            assert_eq!(keys, other.keys_after(&tenant, after).await.unwrap());
            let Some(last) = keys.last() else { break };
            after = Some(last.key_id);
        }
    }
    assert_eq!(whole_log(store).await, whole_log(other).await);
}

/// A target that fails once: when so many calls were made.
#[derive(Debug)]
pub struct Cut<T> {
    /// Where the calls go.
    pub target: Arc<T>,
    /// Calls until the one that fails.
    pub left: AtomicUsize,
    /// Whether that one still does what it should, and only the answer is lost.
    pub answer_lost: bool,
}

impl<T> Cut<T> {
    async fn call<A>(&self, call: impl Future<Output = Result<A, Fault>>) -> Result<A, Fault> {
        let cut = || Fault::Unavailable(Box::new(Closing));
        let fails = self.left.fetch_sub(1, Ordering::Relaxed) == 0;
        if fails && !self.answer_lost {
            return Err(cut());
        }
        let answer = call.await;
        if fails { Err(cut()) } else { answer }
    }
}

#[async_trait]
impl<T: CopyTarget> CopyTarget for Cut<T> {
    async fn begin_copy(&self, tenant: &TenantId, log: &LogInfo) -> Result<PlanHead, Fault> {
        self.call(self.target.begin_copy(tenant, log)).await
    }

    async fn copy_events(
        &self,
        tenant: &TenantId,
        expected: Position,
        planned: Planned,
    ) -> Result<(), Fault> {
        self.call(self.target.copy_events(tenant, expected, planned)).await
    }

    async fn copy_commands(
        &self,
        tenant: &TenantId,
        commands: &[(CommandId, CommandPlace)],
    ) -> Result<(), Fault> {
        self.call(self.target.copy_commands(tenant, commands)).await
    }

    async fn copy_claims(
        &self,
        tenant: &TenantId,
        claims: &[(Claim, StreamTag)],
    ) -> Result<(), Fault> {
        self.call(self.target.copy_claims(tenant, claims)).await
    }

    async fn copy_keys(
        &self,
        tenant: &TenantId,
        keks: &[WrappedKek],
        keys: &[WrappedKey],
    ) -> Result<(), Fault> {
        self.call(self.target.copy_keys(tenant, keks, keys)).await
    }

    async fn end_copy(&self, tenant: &TenantId) -> Result<(), Fault> {
        self.call(self.target.end_copy(tenant)).await
    }
}

/// A copy gives the same answers as its source, contradicts nothing, and goes on where that ended.
pub async fn a_copy_gives_the_same_answers<F: Fixture>() {
    let source = filled().await;
    let copied = F::open_for_copy(keys()).await;
    let reports = copy_all(&source, &*copied.store()).await.unwrap();
    let head = source.head(&vesterby()).await.unwrap();
    let report = reports.last().unwrap();
    assert_eq!((report.position, report.root, report.events), (head.position, head.root, EVENTS));
    // The first of each batch was an act of the log.
    let commands = EVENTS / 3 - (EVENTS / 3).div_ceil(BATCH_APPENDS_MAX as u64);
    assert_eq!((report.commands, report.keks, report.keys), (commands, 2, 1_200));
    let served = copied.finish_copy().await;
    let store = served.store();
    assert_same(&*store, &source).await;
    let report = check_log(&*store, &vesterby(), |_| ()).await.unwrap();
    assert_eq!(report.findings, []);
    for store in [&*store as &dyn EventStore, &source as &dyn EventStore] {
        let next = draft(9_000).on(1, Expectation::Exists, 1).claims("c0").done();
        let refused = store.append(&vesterby(), vec![next], NOW_MS).await.unwrap().remove(0);
        assert!(matches!(refused, Err(Refused::ClaimTaken { .. }) | Ok(_)), "{refused:?}");
        let repeated = store.append(&vesterby(), vec![simple(3, 3)], NOW_MS).await.unwrap();
        assert!(matches!(repeated[0], Err(Refused::Repeated(_))), "{repeated:?}");
    }
    let position = store.head(&vesterby()).await.unwrap().position;
    assert_eq!(position, source.head(&vesterby()).await.unwrap().position);
}

/// A store that was copied to can be copied from.
pub async fn a_copy_goes_back<F: Fixture>() {
    let source = filled().await;
    let there = F::open_for_copy(keys()).await;
    copy_all(&source, &*there.store()).await.unwrap();
    let there = there.finish_copy().await;
    let back = memory();
    copy_all(&*there.store(), &back).await.unwrap();
    assert_same(&back, &source).await;
}

/// Cut at any call, before it or after it, a copy goes on to the same end.
pub async fn a_copy_that_is_cut_anywhere_goes_on<F: Fixture>() {
    let source = filled().await;
    let mut copied = F::open_for_copy(keys()).await;
    for cut in 0.. {
        let (target, left, answer_lost) = (copied.store(), cut / 2, cut % 2 == 1);
        let cutting = Cut { target, left: AtomicUsize::new(left), answer_lost };
        match copy_all(&source, &cutting).await {
            Ok(_) => break,
            Err(error) => assert!(matches!(error, CopyError::Target(_)), "{error}"),
        }
        drop(cutting);
        if cut % 5 == 0 {
            copied = copied.reopen_for_copy(keys()).await;
        }
    }
    assert_same(&*copied.finish_copy().await.store(), &source).await;
}

/// Events that do not follow what is there are refused, whole; what is there is said when a copy goes
/// on.
pub async fn copied_events_are_written_where_the_log_stands_or_not_at_all<F: Fixture>() {
    let source = memory();
    let copied = F::open_for_copy(keys()).await;
    let store = copied.store();
    let info = source.log(&vesterby()).await.unwrap();
    let signer = SigningSeeds::only(keys().signing_seed).signer(&vesterby()).unwrap();
    assert_eq!(signer.public_key(), info.public_key);
    let begun = store.begin_copy(&vesterby(), &info).await.unwrap();
    assert_eq!((begun.edge.size(), begun.last_ms, &begun.origin), (0, 0, &info.origin));
    let planned = |head: PlanHead, id| {
        let append = draft(id).on(1, Expectation::Any, 2).claims(&format!("c{id}")).done();
        plan(head, Known::default(), vec![append], NOW_MS, &signer).unwrap().planned.unwrap()
    };
    let first = planned(begun.clone(), 1);
    let head = first.head.clone();
    store.copy_events(&vesterby(), Position(0), first).await.unwrap();
    for expected in [0, 1, 3] {
        let again = planned(begun.clone(), 2);
        let answer = store.copy_events(&vesterby(), Position(expected), again).await;
        assert!(matches!(answer, Err(Fault::Conflict)), "at {expected}: {answer:?}");
    }
    drop(store);
    let copied = copied.reopen_for_copy(keys()).await;
    let goes_on = copied.store().begin_copy(&vesterby(), &info).await.unwrap();
    assert_eq!((goes_on.edge.size(), goes_on.last_ms), (2, NOW_MS));
    assert_eq!(goes_on.edge.root(), head.root);
    copied.store().end_copy(&vesterby()).await.unwrap();
    let served = copied.finish_copy().await;
    let store = served.store();
    assert_eq!(store.head(&vesterby()).await.unwrap(), head);
    let places =
        [command(1), command(2)].map(|id| (id, CommandPlace { first: Position(1), count: 2 }));
    assert_eq!(store.commands(&vesterby(), None).await.unwrap(), places[..1]);
    assert_eq!(store.claims(&vesterby(), None).await.unwrap(), [(claim("c1"), tag(1))]);
}

/// A log of another name, of other people or under another key is not mixed into one that is there.
pub async fn a_log_of_another_name_is_not_copied_over<F: Fixture>() {
    let copied = F::open_for_copy(keys()).await;
    let store = copied.store();
    let info = memory().log(&vesterby()).await.unwrap();
    store.begin_copy(&vesterby(), &info).await.unwrap();
    let others = [
        LogInfo { origin: "other.fokus.invalid/vesterby/journal".to_owned(), ..info.clone() },
        LogInfo { synthetic: false, ..info.clone() },
        LogInfo { public_key: [1; 32], ..info.clone() },
    ];
    for other in others {
        let answer = store.begin_copy(&vesterby(), &other).await;
        assert!(matches!(answer, Err(Fault::Conflict)), "{other:?}: {answer:?}");
    }
    assert_eq!(store.begin_copy(&vesterby(), &info).await.unwrap().edge.size(), 0);
}

/// What two officers signed of where the source stands.
async fn statement(source: &impl EventStore) -> String {
    let (log, head) =
        (source.log(&vesterby()).await.unwrap(), source.head(&vesterby()).await.unwrap());
    let signers = [21, 22].map(|seed| Ed25519Signer::from_seed(&[seed; 32]));
    let officers = signers.each_ref().map(|signer| VerifierKey {
        name: format!("officer-{}", signer.public_key()[0]),
        kind: KeyKind::Log,
        public_key: signer.public_key(),
    });
    let kept = Checkpoint { origin: log.origin, size: head.position.0, root: head.root };
    let known = (head.position.0 + 40, [9; 32]);
    let said = Continuation::draft(kept, known, officers, "The disk failed.").unwrap();
    let note =
        signers.iter().fold(said.text(), |note, it| Continuation::signed(&note, it).unwrap());
    Continuation::of_note(&note).unwrap();
    note
}

/// A copy may be the log that continues its source: under the next name, with the same leaves and then the
/// one that says so, cut anywhere or not. It is gone on with, copied and continued like any other.
pub async fn a_copy_may_continue_what_it_is_of<F: Fixture>() {
    let source = memory();
    let mut act = Append::of_log(Expectation::Any, vec![]);
    act.controls.push(NewControl {
        event_id: event().event_id,
        kind: LeafKind::Control,
        ext: vec![1],
    });
    let appends = vec![simple(1, 1), act, draft(2).on(2, Expectation::Any, 3).claims("c").done()];
    source.append(&vesterby(), appends, NOW_MS).await.unwrap();
    let note = statement(&source).await;
    let continuing = Some(Continuing { note: &note, now_ms: NOW_MS + 5 });
    let (seed, tenant) = (keys().signing_seed, vesterby());
    let mut copied = F::open_for_copy(keys()).await;
    for cut in 0.. {
        let (target, left, answer_lost) = (copied.store(), cut / 2, cut % 2 == 1);
        let cutting = Cut { target, left: AtomicUsize::new(left), answer_lost };
        match copy_tenant(&source, &cutting, &tenant, &seed, continuing, |_| ()).await {
            Ok(_) => break,
            Err(error) => assert!(matches!(error, CopyError::Target(_)), "{error}"),
        }
        drop(cutting);
        copied = copied.reopen_for_copy(keys()).await;
    }
    let served = copied.finish_copy().await;
    let store = served.store();
    let origin = format!("{AUTHORITY}/vesterby/journal/2");
    let log = store.log(&tenant).await.unwrap();
    assert_eq!(
        (log.origin.as_str(), log.first_origin()),
        (origin.as_str(), &origin[..origin.len() - 2])
    );
    let leaves = whole_log(&*store).await;
    assert_eq!(leaves[..5], whole_log(&source).await[..]);
    let leaf = Leaf::decode(&leaves[5].leaf).unwrap();
    assert_eq!((leaf.kind, leaf.ext), (LeafKind::Control, note.clone().into_bytes()));
    assert_eq!((leaf.recorded_ms, leaves[5].revision), (NOW_MS + 5, Revision(2)));
    store.append(&tenant, vec![simple(3, 1)], NOW_MS + 9).await.unwrap();
    let report = check_log(&*store, &tenant, |_| ()).await.unwrap();
    assert_eq!((report.findings, report.origin, report.position), (vec![], origin, Position(7)));

    let back = memory();
    copy_tenant(&*store, &back, &tenant, &seed, None, |_| ()).await.unwrap();
    assert_eq!(back.head(&tenant).await.unwrap(), store.head(&tenant).await.unwrap());
    let again = statement(&*store).await;
    let third = memory();
    let continuing = Some(Continuing { note: &again, now_ms: NOW_MS });
    copy_tenant(&*store, &third, &tenant, &seed, continuing, |_| ()).await.unwrap();
    let report = check_log(&third, &tenant, |_| ()).await.unwrap();
    assert_eq!((report.findings, report.position), (vec![], Position(8)));
    assert!(report.origin.ends_with("/journal/3"), "{}", report.origin);
    // A log goes on from where it is, once.
    let stale = Some(Continuing { note: &note, now_ms: NOW_MS });
    let refused = copy_tenant(&*store, &memory(), &tenant, &seed, stale, |_| ()).await;
    assert!(matches!(refused, Err(CopyError::OtherContinuation(_))), "{refused:?}");
}

/// What speaks of the log's key or name is put into the log only where it speaks of that log, as it stands.
pub async fn what_speaks_of_another_log_is_refused<F: Fixture>() {
    let fixture = F::open().await;
    let store = fixture.store();
    store.append(&vesterby(), vec![simple(1, 1)], NOW_MS).await.unwrap();
    let other = memory();
    other.append(&vesterby(), vec![simple(1, 1)], NOW_MS).await.unwrap();
    let own = statement(&*store).await;
    let others = statement(&other).await;
    let origin = store.log(&vesterby()).await.unwrap().origin;
    let seeds = SigningSeeds {
        current: SecretKey::from_bytes([1; 32]),
        retiring: Some(SecretKey::from_bytes([2; 32])),
    };
    let signer = seeds.signer(&vesterby()).unwrap();
    let rotation = |origin: &str| signer.rotation(origin).unwrap().unwrap();
    let put = async |kind, ext: &str| {
        let mut act = Append::of_log(Expectation::Any, vec![]);
        let ext = ext.as_bytes().to_vec();
        act.controls.push(NewControl { event_id: event().event_id, kind, ext });
        store.append(&vesterby(), vec![act], NOW_MS).await.unwrap().remove(0)
    };
    let lineage = Err(Refused::Invalid(InvalidAppend::Lineage));
    // The log that has the leaf has the next name.
    assert_eq!(put(LeafKind::Control, &own).await, lineage);
    assert_eq!(put(LeafKind::Control, &others).await, lineage);
    assert_eq!(put(LeafKind::Key, &rotation("other.test/vesterby/journal")).await, lineage);
    let unsigned = rotation(&origin).lines().take(6).fold(String::new(), |all, it| all + it + "\n");
    assert_eq!(put(LeafKind::Key, &unsigned).await, lineage);
    // A rotation to a key that does not sign the log is found by whoever checks it.
    assert!(put(LeafKind::Key, &rotation(&origin)).await.is_ok());
    let report = check_log(&*store, &vesterby(), |_| ()).await.unwrap();
    let findings: Vec<Problem> = report.findings.into_iter().map(|it| it.problem).collect();
    assert_eq!(findings, [Problem::LineageEndsElsewhere]);
}
