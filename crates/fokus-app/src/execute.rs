//! Carries out one command: clock rules, load, decide, seal, append; and gives first outcomes again.
//!
//! Before any refusal that depends on more than the request's own bytes, the command's id is looked
//! up: what was accepted once stays accepted. On the happy path nobody looks; `append` does.
//!
//! Streams come from memory where they are there, and may be behind the log when another server wrote.
//! An acceptance names the revisions that it was decided on, and `append` verifies them. A refusal
//! stands only when the heads of these streams say that they were current; else the streams are
//! brought up and the command is decided anew.

use std::collections::HashMap;
use std::sync::Arc;

use fokus_core::codes::Precision;
use fokus_core::command::{Actor, Command, CorrectEntry};
use fokus_core::decide;
use fokus_core::decide::texts::no_cpr_unconfirmed;
use fokus_core::ids::{EventId, StreamKind, StreamRef};
use fokus_core::record::Recorded;
use fokus_core::rejection::{Reason, Rejection};
use fokus_core::time::{Occurred, local_offset_min};
use fokus_core::world::{Circumstances, ClaimKey, Decision, World};
use fokus_store::{
    Append, Claim, CommandId, CommandPlace, Expectation, Fault, Outcome, Position, Range, Refused,
    Revision, StreamAppend, StreamId, StreamTag,
};
use fokus_vault::index::blind_index;
use fokus_vault::key::KeyId;
use fokus_vault::mac::verify_command_mac;
use uuid::Uuid;

use crate::failure::Failure;
use crate::folding::is_viewed;
use crate::header::Header;
use crate::journal::{ExecuteInput, Executed, Journal, authorise, shutting_down};
use crate::load::{self, Loaded};
use crate::opening::OpenedEvent;
use crate::read::programme;
use crate::sealing::{Content, Draft, seal_command};
use crate::session::{Action, Session};
use crate::tenants::Tenant;

/// How often a command is decided anew when others were faster.
const ATTEMPTS_MAX: u32 = 5;
/// How far in the future an act may lie: clocks differ. Milliseconds.
const SKEW_MS: i64 = 2 * 60 * 1000;
/// How far back an act may lie without a reason. Milliseconds.
const LATE_MS: i64 = 30 * 24 * 60 * 60 * 1000;

/// See [`Journal::execute`].
pub(crate) async fn execute(
    journal: &Journal,
    session: &Session,
    input: &ExecuteInput,
) -> Result<Executed, Failure> {
    if journal.shared.shutdown.is_cancelled() {
        return Err(shutting_down());
    }
    let tenant = journal.tenant(&session.tenant).await?;
    match attempts(journal, &tenant, session, input).await {
        Err(Failure::Rejected(rejection)) => {
            let id = CommandId(input.command_id);
            match journal.shared.ports.events.command(&tenant.id, id).await? {
                Some(place) => replay(journal, &tenant, session, input, place).await,
                None => Err(Failure::Rejected(rejection)),
            }
        }
        it => it,
    }
}

/// What one attempt came to.
enum Attempt {
    Done(Executed),
    Repeated(CommandPlace),
    /// The store refused, which knows better than any memory.
    Refused(Rejection),
    /// Somebody else was faster; nothing was written.
    Overtaken,
}

async fn attempts(
    journal: &Journal,
    tenant: &Tenant,
    session: &Session,
    input: &ExecuteInput,
) -> Result<Executed, Failure> {
    let command = &input.request.command;
    let written = written_stream(command)?;
    authorise(session, Action::Write(written.kind), input.request.purpose)?;
    journal.shared.guard.check_writable(&tenant.id)?;
    let _queued = journal.shared.locks.lock(&tenant.id, written).await;
    if journal.shared.shutdown.is_cancelled() {
        return Err(shutting_down());
    }
    for _ in 0..ATTEMPTS_MAX {
        let circumstances = circumstances(journal, session, input)?;
        let (mut world, loaded) = load::world(journal, tenant, command).await?;
        if let Some((id, quarter)) = decide::counts(command) {
            world.quarter = Some(programme::quarter(journal, tenant, id, quarter).await?);
        }
        let (streams, remembered) = (world.streams(), loaded.remembered);
        match attempt(journal, tenant, session, input, circumstances, world, loaded).await {
            Ok(Attempt::Done(it)) => return Ok(it),
            Ok(Attempt::Repeated(place)) => {
                return replay(journal, tenant, session, input, place).await;
            }
            Ok(Attempt::Refused(rejection)) => return Err(rejection.into()),
            Ok(Attempt::Overtaken) => drop(load::refresh(journal, tenant, &streams).await?),
            Err(Failure::Rejected(rejection)) => {
                if !remembered || !load::refresh(journal, tenant, &streams).await? {
                    return Err(Failure::Rejected(rejection));
                }
            }
            Err(fault) => return Err(fault),
        }
    }
    Err(Rejection::new(Reason::Busy, "others kept winning; send again").into())
}

fn written_stream(command: &Command) -> Result<StreamRef, Failure> {
    decide::reads(command)
        .into_iter()
        .next()
        .ok_or_else(|| Fault::Corrupt { what: "a command that reads no stream".to_owned() }.into())
}

/// The clock rules: nothing in the future, nothing long ago without a reason.
fn circumstances(
    journal: &Journal,
    session: &Session,
    input: &ExecuteInput,
) -> Result<Circumstances, Rejection> {
    let now_ms = journal.shared.ports.clock.now_ms();
    let now = i64::try_from(now_ms).unwrap_or(i64::MAX);
    let occurred = input.request.occurred.unwrap_or_else(|| Occurred {
        at_ms: now,
        offset_min: local_offset_min(now),
        precision: Precision::Exact,
    });
    let check_future = |it: &Occurred, field: &str| {
        if it.effective_ms() > now + SKEW_MS {
            let rule = "an act lies at most two minutes in the future";
            return Err(Rejection::new(Reason::InFuture, rule).at(field));
        }
        Ok(())
    };
    check_future(&occurred, "occurred_at")?;
    if let Command::CorrectEntry(it) = &input.request.command {
        let CorrectEntry { corrected_occurred, .. } = it.as_ref();
        if let Some(it) = corrected_occurred {
            check_future(it, "correct_entry.corrected_occurred_at")?;
        }
    }
    if occurred.effective_ms() < now - LATE_MS && input.request.late_reason.is_none() {
        let rule = "an act more than 30 days back needs late_reason";
        return Err(Rejection::new(Reason::TooOldNeedsReason, rule).at("late_reason"));
    }
    Ok(Circumstances {
        now_ms,
        occurred,
        actor: actor(session, input),
        basis: input.request.basis.clone(),
        confirmations: input.request.confirmations.clone(),
    })
}

async fn attempt(
    journal: &Journal,
    tenant: &Tenant,
    session: &Session,
    input: &ExecuteInput,
    circumstances: Circumstances,
    world: World,
    loaded: Loaded,
) -> Result<Attempt, Failure> {
    let command = &input.request.command;
    let written = written_stream(command)?;
    if let Some(expected) = input.request.expected_revision {
        let actual = world.revision(written).unwrap_or_default();
        if actual != expected {
            return Err(conflict(written, expected, actual).into());
        }
    }
    let decision = decide::decide(&world, command, &circumstances)?;
    // It stands in the header, under the stream's key: a CPR number there would outlive its person.
    let late_reason = input.request.late_reason.iter().map(|it| ("late_reason".to_owned(), &*it.0));
    no_cpr_unconfirmed(&late_reason.collect::<Vec<_>>(), &circumstances)?;
    let (append, drafts) =
        sealed(journal, tenant, session, input, &circumstances, &world, &loaded, decision).await?;
    let bytes = sealed_bytes(&append);
    // The streams in memory can be added to once nobody looks at them.
    drop((world, loaded));
    let claims: Vec<Claim> = append.claims.iter().map(|(_, it)| it.clone()).collect();
    match journal.shared.commits.append(&tenant.id, append).await? {
        Ok(outcome) => {
            let executed = executed(outcome)?;
            remember(journal, tenant, &executed, drafts, bytes);
            Ok(Attempt::Done(executed))
        }
        Err(Refused::Repeated(place)) => Ok(Attempt::Repeated(place)),
        Err(Refused::Conflict { stream, actual, .. }) => match input.request.expected_revision {
            Some(expected) if stream == store_id(written) => {
                Ok(Attempt::Refused(conflict(written, expected, actual.0)))
            }
            _ => Ok(Attempt::Overtaken),
        },
        Err(Refused::TagMismatch { .. }) => Ok(Attempt::Overtaken),
        Err(Refused::ClaimTaken { claim }) => Ok(Attempt::Refused(claim_taken(claims.get(claim)))),
        Err(Refused::Invalid(what)) => {
            Err(Fault::Corrupt { what: format!("an append was not valid: {what}") }.into())
        }
    }
}

/// What the facts of an append take, sealed.
fn sealed_bytes(append: &Append) -> usize {
    let events = append.streams.iter().flat_map(|it| &it.events);
    events.filter_map(|it| it.envelopes.first()).map(|it| it.body.len()).sum()
}

/// Adds what was just recorded to the streams in memory, and hands it to the views.
fn remember(
    journal: &Journal,
    tenant: &Tenant,
    executed: &Executed,
    drafts: Vec<Draft>,
    bytes: usize,
) {
    let first = executed.position + 1 - u64::try_from(executed.event_ids.len()).unwrap_or_default();
    let mut written: HashMap<StreamRef, (StreamTag, Vec<Recorded>)> = HashMap::new();
    let count = drafts.len();
    for draft in drafts {
        let index = executed.event_ids.iter().position(|it| *it == draft.event_id.0);
        let Some(index) = index.and_then(|it| u64::try_from(it).ok()) else { return };
        let recorded = Recorded {
            event_id: draft.event_id,
            position: first + index,
            // Known when all of the stream's are counted.
            revision: 0,
            recorded_ms: executed.recorded_ms,
            occurred: draft.header.occurred,
            basis: draft.header.basis.map(Arc::new),
            actor: Arc::new(draft.header.actor),
            fact: draft.record.fact,
        };
        let of =
            written.entry(draft.stream).or_insert_with(|| (draft.tag, Vec::with_capacity(count)));
        of.1.push(recorded);
    }
    let (open, mut viewed) = (tenant.handover.is_open(), Vec::with_capacity(count));
    for (stream, after) in &executed.streams {
        let Some((tag, mut events)) = written.remove(stream) else { continue };
        events.sort_by_key(|it| it.position);
        let before = after - u64::try_from(events.len()).unwrap_or_default();
        (before + 1..).zip(&mut events).for_each(|(revision, it)| it.revision = revision);
        if open && is_viewed(stream.kind) {
            let opened = |it: &Recorded| OpenedEvent { tag, stream: *stream, recorded: it.clone() };
            viewed.extend(events.iter().map(opened));
        }
        load::remember(journal, tenant, *stream, tag, before, events);
    }
    if open && written.is_empty() {
        viewed.sort_by_key(|it| it.recorded.position);
        tenant.handover.offer(first, executed.position, bytes, viewed);
    }
}

fn conflict(stream: StreamRef, expected: u64, actual: u64) -> Rejection {
    Rejection::new(Reason::RevisionConflict, "the stream is at another revision")
        .at("expected_revision")
        .with("stream", format!("{}/{}", stream.kind.name(), stream.id))
        .with("expected", expected.to_string())
        .with("actual", actual.to_string())
}

fn claim_taken(claim: Option<&Claim>) -> Rejection {
    match claim.map(|it| it.kind.as_str()) {
        Some("cpr") => Rejection::new(Reason::CprExists, "another person has this CPR number"),
        _ => Rejection::new(Reason::ReferenceTaken, "another family has this reference"),
    }
}

/// The decision as an append: every stream of the world is named with its revision, written or not.
#[expect(clippy::too_many_arguments, reason = "one call site; each is used once")]
async fn sealed(
    journal: &Journal,
    tenant: &Tenant,
    session: &Session,
    input: &ExecuteInput,
    circumstances: &Circumstances,
    world: &World,
    loaded: &Loaded,
    decision: Decision,
) -> Result<(Append, Vec<Draft>), Failure> {
    let mut streams = Vec::new();
    let mut indices = HashMap::new();
    for (stream, revision) in world.streams() {
        let expected = match revision {
            0 => Expectation::NoStream,
            it => Expectation::Exactly(Revision(it)),
        };
        let tag = loaded.tags.get(&stream).copied().unwrap_or_else(|| StreamTag(random(journal)));
        indices.insert(stream, streams.len());
        let stream = store_id(stream);
        streams.push(StreamAppend { stream, tag, expected, events: Vec::new() });
    }
    let claims = claims_of(journal, tenant, &indices, &decision.claims).await?;
    let releases = claims_of(journal, tenant, &indices, &decision.releases).await?;
    check_claims(journal, tenant, &streams, &claims, &releases).await?;
    let mut drafts = drafts(journal, session, input, circumstances, decision, |stream| {
        indices.get(&stream).and_then(|it| streams.get(*it)).map(|it| it.tag)
    })?;
    let content = Content {
        command_id: input.command_id,
        subject: &session.actor.sub,
        canonical: &input.canonical,
    };
    let (keyring, entropy) = (&journal.shared.keyring, journal.shared.ports.entropy.as_ref());
    let origin = &tenant.opener.origin;
    let events = seal_command(keyring, entropy, &tenant.id, origin, &mut drafts, content).await?;
    for (draft, event) in drafts.iter().zip(events) {
        if let Some(it) = indices.get(&draft.stream).and_then(|it| streams.get_mut(*it)) {
            it.events.push(event);
        }
    }
    let command_id = Some(CommandId(input.command_id));
    let append = Append { command_id, controls: Vec::new(), streams, claims, releases };
    Ok((append, drafts))
}

/// Refuses a claim that another stream holds, before keys are made for what would be refused. `append`
/// judges again: this look may be overtaken.
async fn check_claims(
    journal: &Journal,
    tenant: &Tenant,
    streams: &[StreamAppend],
    claims: &[(usize, Claim)],
    releases: &[(usize, Claim)],
) -> Result<(), Failure> {
    for (index, claim) in claims {
        let holder = journal.shared.ports.events.claim(&tenant.id, claim).await?;
        let own = streams.get(*index).map(|it| it.tag);
        let released = releases.iter().any(|(_, it)| it == claim);
        if holder.is_some() && holder != own && !released {
            return Err(claim_taken(Some(claim)).into());
        }
    }
    Ok(())
}

/// Who asks, and for whom.
fn actor(session: &Session, input: &ExecuteInput) -> Actor {
    Actor { on_behalf_of: input.request.on_behalf_of, ..session.actor.clone() }
}

/// The decision's records with header, id and tag.
fn drafts(
    journal: &Journal,
    session: &Session,
    input: &ExecuteInput,
    circumstances: &Circumstances,
    decision: Decision,
    tag_of: impl Fn(StreamRef) -> Option<StreamTag>,
) -> Result<Vec<Draft>, Failure> {
    let count = decision.appends.iter().map(|(_, it)| it.len()).sum::<usize>();
    let count = u32::try_from(count).unwrap_or(u32::MAX);
    let actor = actor(session, input);
    let purpose = match serde_json::to_value(input.request.purpose) {
        Ok(serde_json::Value::String(it)) => it,
        _ => String::new(),
    };
    let mut drafts = Vec::new();
    for (stream, records) in decision.appends {
        let tag = tag_of(stream).ok_or_else(|| Fault::Corrupt {
            what: "a decision about a stream that was not read".to_owned(),
        })?;
        for record in records {
            let index = u32::try_from(drafts.len()).unwrap_or(u32::MAX);
            let header = Header {
                event_type: record.fact.type_name().to_owned(),
                schema: record.fact.schema(),
                stream,
                command_id: input.command_id,
                index,
                count,
                mac: None,
                actor: actor.clone(),
                purpose: purpose.clone(),
                basis: decision.basis.clone(),
                occurred: circumstances.occurred,
                late_reason: input.request.late_reason.as_ref().map(|it| it.0.clone()),
                confirmed: circumstances.confirmations.clone(),
            };
            let event_id = EventId(uuid::Builder::from_random_bytes(random(journal)).into_uuid());
            drafts.push(Draft { stream, tag, event_id, record, header });
        }
    }
    Ok(drafts)
}

async fn claims_of(
    journal: &Journal,
    tenant: &Tenant,
    indices: &HashMap<StreamRef, usize>,
    keys: &[(StreamRef, ClaimKey)],
) -> Result<Vec<(usize, Claim)>, Failure> {
    let mut claims = Vec::with_capacity(keys.len());
    for (stream, key) in keys {
        let Some(index) = indices.get(stream) else { continue };
        let claim = match key {
            ClaimKey::Cpr(cpr) => {
                let key = journal.shared.keyring.index_key(&tenant.id).await?;
                let tag = blind_index(&key.key, "cpr", cpr).to_vec();
                Claim { kind: "cpr".to_owned(), tag }
            }
            ClaimKey::Reference(text) => {
                Claim { kind: "reference".to_owned(), tag: text.clone().into_bytes() }
            }
        };
        claims.push((*index, claim));
    }
    Ok(claims)
}

fn executed(outcome: Outcome) -> Result<Executed, Failure> {
    let last = outcome.first.0 + u64::from(outcome.count) - 1;
    let mut streams = Vec::with_capacity(outcome.revisions.len());
    for (stream, revision) in outcome.revisions {
        streams.push((stream_ref(&stream)?, revision.0));
    }
    Ok(Executed {
        position: last,
        streams,
        event_ids: outcome.event_ids.into_iter().map(|it| it.0).collect(),
        recorded_ms: outcome.recorded_ms,
        checkpoint: outcome.checkpoint,
        replayed: false,
        receipts: Vec::new(),
    })
}

/// The first outcome again, to the same actor with the same content.
async fn replay(
    journal: &Journal,
    tenant: &Tenant,
    session: &Session,
    input: &ExecuteInput,
    place: CommandPlace,
) -> Result<Executed, Failure> {
    let found = accepted(journal, tenant, place).await?;
    let keys: Vec<KeyId> = found.key_ids.iter().map(|it| KeyId(*it)).collect();
    let keys = journal.shared.keyring.by_id(&tenant.id, &keys).await?;
    let keys: Vec<_> = keys.values().map(AsRef::as_ref).collect();
    let command_id = *input.command_id.as_bytes();
    let (subject, mac) = (&session.actor.sub, &found.mac);
    let same = found.subject == *subject
        && mac.as_ref().is_some_and(|mac| {
            verify_command_mac(&keys, command_id, subject, &input.canonical, mac)
        });
    if !same {
        let rule = "this command id was used with other content or by another actor";
        return Err(Rejection::new(Reason::CommandIdReused, rule).at("command_id").into());
    }
    Ok(found.outcome)
}

/// The outcome of a command that `subject` sent; `None` else.
pub(crate) async fn outcome_of(
    journal: &Journal,
    tenant: &Tenant,
    subject: &str,
    command_id: Uuid,
) -> Result<Option<Executed>, Failure> {
    let id = CommandId(command_id);
    let Some(place) = journal.shared.ports.events.command(&tenant.id, id).await? else {
        return Ok(None);
    };
    let found = accepted(journal, tenant, place).await?;
    Ok((found.subject == subject).then_some(found.outcome))
}

/// An accepted command, read back from the log.
struct Accepted {
    subject: String,
    mac: Option<[u8; 32]>,
    key_ids: Vec<[u8; 16]>,
    outcome: Executed,
}

async fn accepted(
    journal: &Journal,
    tenant: &Tenant,
    place: CommandPlace,
) -> Result<Accepted, Failure> {
    let events = &journal.shared.ports.events;
    let after = Position(place.first.0.saturating_sub(1));
    let stored = events.read_log(&tenant.id, Range::Forward { after, limit: place.count }).await?;
    let opened = tenant.opener.headers(&stored).await?;
    let gone = || Fault::Corrupt { what: "an accepted command has no events".to_owned() };
    let (first, first_leaf) = opened.first().ok_or_else(gone)?;
    let (_, last_leaf) = opened.last().ok_or_else(gone)?;
    let mut streams: Vec<(StreamRef, u64)> = Vec::new();
    for (header, leaf) in &opened {
        // Leaves count from 0.
        let revision = leaf.stream_version + 1;
        match streams.iter_mut().find(|(stream, _)| *stream == header.stream) {
            Some((_, it)) => *it = revision,
            None => streams.push((header.stream, revision)),
        }
    }
    let key_ids = opened.iter().flat_map(|(_, leaf)| &leaf.envelopes);
    let mut key_ids: Vec<[u8; 16]> = key_ids.flat_map(|it| it.key_ids.iter().copied()).collect();
    key_ids.sort_unstable();
    key_ids.dedup();
    let head = events.head(&tenant.id).await?;
    Ok(Accepted {
        subject: first.actor.sub.clone(),
        mac: first.mac.as_deref().and_then(unhex),
        key_ids,
        outcome: Executed {
            position: last_leaf.position + 1,
            streams,
            event_ids: opened.iter().map(|(_, it)| Uuid::from_bytes(it.event_id)).collect(),
            recorded_ms: first_leaf.recorded_ms,
            checkpoint: head.checkpoint,
            replayed: true,
            receipts: Vec::new(),
        },
    })
}

fn unhex(text: &str) -> Option<[u8; 32]> {
    let digits = text.as_bytes().as_chunks::<2>().0;
    let mut bytes = [0; 32];
    if digits.len() != bytes.len() {
        return None;
    }
    for (byte, pair) in bytes.iter_mut().zip(digits) {
        *byte = u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()?;
    }
    Some(bytes)
}

fn random<const N: usize>(journal: &Journal) -> [u8; N] {
    let mut bytes = [0; N];
    journal.shared.ports.entropy.fill(&mut bytes);
    bytes
}

/// The store's name of a stream.
pub(crate) fn store_id(stream: StreamRef) -> StreamId {
    StreamId { kind: stream.kind.name().to_owned(), id: stream.id }
}

fn stream_ref(stream: &StreamId) -> Result<StreamRef, Failure> {
    let kind = StreamKind::from_name(&stream.kind)
        .ok_or_else(|| Fault::Corrupt { what: "an unknown kind of stream".to_owned() })?;
    Ok(StreamRef { kind, id: stream.id })
}
