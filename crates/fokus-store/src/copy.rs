//! Copies a tenant from one store to another: keys, events, commands, claims.
//!
//! Leaves and envelopes are copied byte for byte. Tree, tiles and note are made anew from the leaves,
//! and must come out as in the source; what contradicts itself stops the copy. Keys go first, so that
//! no event is ever without them. It holds a page of each table in memory, and as many heads of streams
//! as [`HEADS_MAX`], whatever the size of the log.
//!
//! Cut anywhere, it goes on where it was: call it again. Nobody may write to the source from the first
//! call until the last. Views are not copied: they follow from the log. Read [`copy_tenant`].
//! Deliberately absent: opening the stores.

mod heads;
#[cfg(test)]
mod tests;

use std::collections::{BTreeSet, HashMap};

use fokus_log::Hash;
use fokus_log::edge::Edge;
use fokus_log::leaf::LeafKind;
use fokus_log::lineage::Continuation;
use fokus_log::note::{Checkpoint, Signer as _};
use fokus_vault::key::SecretKey;
use sha2::{Digest as _, Sha256};

use crate::check::{Finding, Problem};
use crate::plan::copied::{CopiedFrom, PlanCopiedError, plan_copied};
use crate::plan::{Known, Plan, PlanHead, plan};
use crate::ports::{CopyTarget, Inspect, InspectKeys};
use crate::signing::{LogSigner, SigningSeeds};
use crate::types::*;

pub use heads::HEADS_MAX;

/// The secrets of a store, for the store that becomes its copy.
#[derive(Debug)]
pub struct CopyKeys {
    /// Unwraps the key-encryption keys.
    pub root_key: SecretKey,
    /// The keys that sign the tenants' checkpoints come from it.
    pub signing_seed: SecretKey,
}

impl CopyKeys {
    /// A second copy of the secrets.
    #[must_use]
    pub fn duplicate(&self) -> CopyKeys {
        let CopyKeys { root_key, signing_seed } = self;
        CopyKeys { root_key: root_key.duplicate(), signing_seed: signing_seed.duplicate() }
    }
}

/// What a copy is at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CopyStep {
    /// Wrapped keys.
    Keys,
    /// Leaves and envelopes.
    Events,
    /// Accepted commands.
    Commands,
    /// Claims.
    Claims,
}

/// How far a copy has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CopyProgress {
    /// The step.
    pub step: CopyStep,
    /// How many of its things are copied. Events count from the beginning of the log, other things
    /// from that of this call.
    pub done: u64,
    /// How many there are; `None` where nobody has counted them.
    pub total: Option<u64>,
}

/// What was copied.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CopyReport {
    /// The log's name.
    pub origin: String,
    /// Where both logs end.
    pub position: Position,
    /// The root of both trees.
    pub root: Hash,
    /// Events that this call copied; earlier ones were there.
    pub events: u64,
    /// Accepted commands.
    pub commands: u64,
    /// Claims.
    pub claims: u64,
    /// Key-encryption keys.
    pub keks: u64,
    /// Content keys.
    pub keys: u64,
}

/// Why a copy did not come to its end. It can be gone on with.
#[derive(Debug, thiserror::Error)]
pub enum CopyError {
    /// The source cannot be read.
    #[error("the source: {0}")]
    Source(#[source] Fault),
    /// The target cannot be written.
    #[error("the target: {0}")]
    Target(#[source] Fault),
    /// The source contradicts itself.
    #[error("the source is damaged: {0}; run a check on it")]
    Damaged(Finding),
    /// The checkpoints of the source are signed by another key.
    #[error("the source's checkpoints are not signed by the key that the copy would sign with")]
    OtherKey,
    /// The continuation is of another log, or of another state of it.
    #[error("the continuation is not of the source as it stands: {0}")]
    OtherContinuation(&'static str),
    /// Somebody wrote to the source meanwhile.
    #[error("somebody wrote to the source during the copy; end every server, then go on with it")]
    SourceMoved,
    /// The target holds something else than the source.
    #[error("the copy does not stand where the source does; begin it anew in an empty place")]
    Differs,
}

/// What makes of a copy the log that continues the one copied: it has another name, and one leaf more.
#[derive(Debug, Clone, Copy)]
pub struct Continuing<'a> {
    /// The statement, signed by both officers.
    pub note: &'a str,
    /// Unix milliseconds.
    pub now_ms: u64,
}

/// Copies the tenant's keys, events, commands and claims from `source` to `target`, and compares where
/// both stand in the end; where it is `continuing`, then adds the leaf that says so. `signing_seed` is the
/// source's; `progress` is told after each page.
///
/// # Errors
///
/// [`CopyError`]. Whatever was copied until then stays, and the next call goes on with it.
pub async fn copy_tenant<S: Inspect + InspectKeys, T: CopyTarget>(
    source: &S,
    target: &T,
    tenant: &TenantId,
    signing_seed: &SecretKey,
    continuing: Option<Continuing<'_>>,
    mut progress: impl FnMut(CopyProgress) + Send,
) -> Result<CopyReport, CopyError> {
    let info = source.log(tenant).await.map_err(CopyError::Source)?;
    let signer = SigningSeeds::only(signing_seed.duplicate()).signer(tenant);
    let signer = signer.map_err(CopyError::Source)?;
    if signer.public_key() != info.public_key {
        return Err(CopyError::OtherKey);
    }
    let head = source.head(tenant).await.map_err(CopyError::Source)?;
    let origin = continuing.map_or(Ok(info.origin.clone()), |it| continued(&it, &info, &head))?;
    // The copy is signed by one key, whatever the source is.
    let info = signer.info(origin, info.synthetic);
    let begun = target.begin_copy(tenant, &info).await.map_err(CopyError::Target)?;
    let before = begun.edge.size();
    let copy = Copy { source, target, tenant, signer, head };
    let (keks, keys) = copy.keys(&mut progress).await?;
    copy.events(begun, &mut progress).await?;
    let commands = copy.commands(&mut progress).await?;
    let claims = copy.claims(&mut progress).await?;
    copy.end(&info, continuing).await?;
    target.end_copy(tenant).await.map_err(CopyError::Target)?;
    Ok(CopyReport {
        origin: info.origin,
        position: copy.head.position,
        root: copy.head.root,
        events: copy.head.position.0.saturating_sub(before),
        commands,
        claims,
        keks,
        keys,
    })
}

/// One call of [`copy_tenant`].
struct Copy<'a, S, T> {
    source: &'a S,
    target: &'a T,
    tenant: &'a TenantId,
    signer: LogSigner,
    /// Where the source stood when the call began.
    head: Head,
}

impl<S: Inspect + InspectKeys, T: CopyTarget> Copy<'_, S, T> {
    async fn keys(
        &self,
        progress: &mut (impl FnMut(CopyProgress) + Send),
    ) -> Result<(u64, u64), CopyError> {
        let keks = self.source.keks(self.tenant).await.map_err(CopyError::Source)?;
        let copied = self.target.copy_keys(self.tenant, &keks, &[]).await;
        copied.map_err(CopyError::Target)?;
        let mut done: u64 = 0;
        let mut after = None;
        loop {
            let keys = self.source.keys_after(self.tenant, after).await;
            let keys = keys.map_err(CopyError::Source)?;
            let Some(last) = keys.last() else { return Ok((keks.len() as u64, done)) };
            after = Some(last.key_id);
            let copied = self.target.copy_keys(self.tenant, &[], &keys).await;
            copied.map_err(CopyError::Target)?;
            done = done.saturating_add(keys.len() as u64);
            progress(CopyProgress { step: CopyStep::Keys, done, total: None });
        }
    }

    async fn events(
        &self,
        mut at: PlanHead,
        progress: &mut (impl FnMut(CopyProgress) + Send),
    ) -> Result<(), CopyError> {
        let total = Some(self.head.position.0);
        let mut heads = heads::Heads::default();
        while at.edge.size() < self.head.position.0 {
            let expected = Position(at.edge.size());
            let events = self.page(expected).await?;
            let before = heads.before(self.source, self.tenant, &events).await?;
            let names = self.names(&events).await?;
            let from = CopiedFrom { before: &before, names: &names };
            let origin = at.origin.clone();
            let planned = plan_copied(at, from, events, &self.signer).map_err(|it| match it {
                PlanCopiedError::Damaged(finding) => CopyError::Damaged(finding),
                PlanCopiedError::Fault(fault) => CopyError::Source(fault),
            })?;
            heads.keep(planned.streams.values().copied());
            at = PlanHead { origin, edge: planned.edge.clone(), last_ms: planned.head.last_ms };
            let copied = self.target.copy_events(self.tenant, expected, planned).await;
            copied.map_err(CopyError::Target)?;
            progress(CopyProgress { step: CopyStep::Events, done: at.edge.size(), total });
        }
        Ok(())
    }

    /// The events after a position, none beyond the head that the copy began with.
    async fn page(&self, after: Position) -> Result<Vec<StoredEvent>, CopyError> {
        let range = Range::Forward { after, limit: READ_LIMIT_MAX };
        let mut events =
            self.source.read_log(self.tenant, range).await.map_err(CopyError::Source)?;
        events.retain(|event| event.position <= self.head.position);
        if events.is_empty() {
            let missing = Some(Position(after.0.saturating_add(1)));
            return Err(damaged(missing, Problem::EventMissing));
        }
        Ok(events)
    }

    /// What the streams of the events are called.
    async fn names(
        &self,
        events: &[StoredEvent],
    ) -> Result<HashMap<StreamTag, StreamId>, CopyError> {
        let tags: BTreeSet<StreamTag> = events.iter().map(|event| event.stream_tag).collect();
        let tags: Vec<StreamTag> = tags.into_iter().collect();
        let names = self.source.streams_by_tag(self.tenant, &tags).await;
        let names = names.map_err(CopyError::Source)?;
        Ok(tags.into_iter().zip(names).filter_map(|(tag, name)| Some((tag, name?))).collect())
    }

    async fn commands(
        &self,
        progress: &mut (impl FnMut(CopyProgress) + Send),
    ) -> Result<u64, CopyError> {
        let mut done: u64 = 0;
        let mut after = None;
        loop {
            let commands = self.source.commands(self.tenant, after).await;
            let commands = commands.map_err(CopyError::Source)?;
            let Some((last, _)) = commands.last() else { return Ok(done) };
            after = Some(*last);
            for (_, place) in &commands {
                let next = place.first.0.saturating_add(u64::from(place.count));
                if place.first.0 == 0 || next > self.head.position.0.saturating_add(1) {
                    // Or it is beyond because the log has grown.
                    self.ensure_source_stands().await?;
                    return Err(damaged(Some(place.first), Problem::CommandBeyond));
                }
            }
            let copied = self.target.copy_commands(self.tenant, &commands).await;
            copied.map_err(CopyError::Target)?;
            done = done.saturating_add(commands.len() as u64);
            progress(CopyProgress { step: CopyStep::Commands, done, total: None });
        }
    }

    async fn claims(
        &self,
        progress: &mut (impl FnMut(CopyProgress) + Send),
    ) -> Result<u64, CopyError> {
        let mut done: u64 = 0;
        let mut after = None;
        loop {
            let claims = self.source.claims(self.tenant, after).await;
            let claims = claims.map_err(CopyError::Source)?;
            let Some((last, _)) = claims.last() else { return Ok(done) };
            after = Some(last.clone());
            let copied = self.target.copy_claims(self.tenant, &claims).await;
            copied.map_err(CopyError::Target)?;
            done = done.saturating_add(claims.len() as u64);
            progress(CopyProgress { step: CopyStep::Claims, done, total: None });
        }
    }

    async fn ensure_source_stands(&self) -> Result<(), CopyError> {
        if self.source.head(self.tenant).await.map_err(CopyError::Source)? == self.head {
            return Ok(());
        }
        Err(CopyError::SourceMoved)
    }

    /// Both logs end at the same place with the same root, and the source has not moved. Then the leaf
    /// comes by which one continues the other, if it is not there from an earlier call.
    async fn end(
        &self,
        info: &LogInfo,
        continuing: Option<Continuing<'_>>,
    ) -> Result<(), CopyError> {
        self.ensure_source_stands().await?;
        let stands = self.target.begin_copy(self.tenant, info).await;
        let at = stands.map_err(CopyError::Target)?;
        let position = self.head.position;
        if continuing.is_some() && at.edge.size() == position.0.saturating_add(1) {
            return Ok(());
        }
        let reached = |edge: &Edge| (Position(edge.size()), edge.root());
        let is_same = reached(&at.edge) == (position, self.head.root);
        if !is_same || at.last_ms != self.head.last_ms {
            return Err(CopyError::Differs);
        }
        let Some(continuing) = continuing else { return Ok(()) };
        let mut known = Known::default();
        let of_log = StreamId::of_log();
        let heads = self.source.stream_heads(self.tenant, std::slice::from_ref(&of_log)).await;
        for head in heads.map_err(CopyError::Source)?.into_iter().flatten() {
            known.add_stream(of_log.clone(), head);
        }
        let control = NewControl {
            // The same for the same statement, so that a copy that goes on writes the same leaf.
            event_id: event_id_of(continuing.note),
            kind: LeafKind::Control,
            ext: continuing.note.as_bytes().to_vec(),
        };
        let append = Append::of_log(Expectation::Any, vec![control]);
        let planned = plan(at, known, vec![append], continuing.now_ms, &self.signer);
        let Plan { planned, .. } = planned.map_err(CopyError::Target)?;
        let planned = planned.ok_or(CopyError::OtherContinuation("it does not fit its place"))?;
        self.target.copy_events(self.tenant, position, planned).await.map_err(CopyError::Target)
    }
}

/// The name of the log that continues the source, which stands where the officers saw it.
fn continued(
    continuing: &Continuing<'_>,
    info: &LogInfo,
    head: &Head,
) -> Result<String, CopyError> {
    let said = Continuation::of_note(continuing.note)
        .map_err(|_| CopyError::OtherContinuation("both officers must have signed it"))?;
    let stands = (info.origin.as_str(), head.position.0, head.root);
    let Checkpoint { origin, size, root } = &said.kept;
    if (origin.as_str(), *size, *root) != stands {
        return Err(CopyError::OtherContinuation("it names another log, size or root"));
    }
    Ok(said.origin)
}

fn event_id_of(note: &str) -> EventId {
    let hash: Hash = Sha256::digest(note).into();
    let mut id = [0; 16];
    id.iter_mut().zip(hash).for_each(|(to, from)| *to = from);
    EventId(uuid::Builder::from_random_bytes(id).into_uuid())
}

fn damaged(position: Option<Position>, problem: Problem) -> CopyError {
    CopyError::Damaged(Finding { position, problem })
}
