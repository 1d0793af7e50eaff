//! Carries out one command: clock rules, load, decide, seal, append; and gives first outcomes again.
//!
//! Before any refusal that depends on more than the request's own bytes, the command's id is looked
//! up: what was accepted once stays accepted. On the happy path nobody looks; `append` does.

use std::collections::HashMap;

use fokus_core::codes::Precision;
use fokus_core::command::{Actor, Command, CorrectEntry};
use fokus_core::decide;
use fokus_core::decide::texts::no_cpr_unconfirmed;
use fokus_core::ids::{EventId, StreamKind, StreamRef};
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
use crate::header::Header;
use crate::journal::{ExecuteInput, Executed, Journal, authorise, shutting_down};
use crate::load::{self, Loaded};
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
    let _queued = journal.shared.locks.lock(&tenant.id, written).await;
    if journal.shared.shutdown.is_cancelled() {
        return Err(shutting_down());
    }
    for _ in 0..ATTEMPTS_MAX {
        let circumstances = circumstances(journal, session, input)?;
        match attempt(journal, tenant, session, input, circumstances).await? {
            Attempt::Done(it) => return Ok(it),
            Attempt::Repeated(place) => {
                return replay(journal, tenant, session, input, place).await;
            }
            Attempt::Overtaken => {}
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
) -> Result<Attempt, Failure> {
    let command = &input.request.command;
    let (world, loaded) = load::world(journal, tenant, command).await?;
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
    let append =
        sealed(journal, tenant, session, input, &circumstances, &world, &loaded, decision).await?;
    let claims: Vec<Claim> = append.claims.iter().map(|(_, it)| it.clone()).collect();
    match journal.shared.commits.append(&tenant.id, append).await? {
        Ok(outcome) => Ok(Attempt::Done(executed(outcome)?)),
        Err(Refused::Repeated(place)) => Ok(Attempt::Repeated(place)),
        Err(Refused::Conflict { stream, actual, .. }) => match input.request.expected_revision {
            Some(expected) if stream == store_id(written) => {
                Err(conflict(written, expected, actual.0).into())
            }
            _ => Ok(Attempt::Overtaken),
        },
        Err(Refused::TagMismatch { .. }) => Ok(Attempt::Overtaken),
        Err(Refused::ClaimTaken { claim }) => Err(claim_taken(claims.get(claim)).into()),
        Err(Refused::Invalid(what)) => {
            Err(Fault::Corrupt { what: format!("an append was not valid: {what}") }.into())
        }
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
) -> Result<Append, Failure> {
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
    let drafts = drafts(journal, session, input, circumstances, decision, |stream| {
        indices.get(&stream).and_then(|it| streams.get(*it)).map(|it| it.tag)
    })?;
    let content = Content {
        command_id: input.command_id,
        subject: &session.actor.sub,
        canonical: &input.canonical,
    };
    let (keyring, entropy) = (&journal.shared.keyring, journal.shared.ports.entropy.as_ref());
    let origin = &tenant.info.origin;
    let events = seal_command(keyring, entropy, &tenant.id, origin, drafts, content).await?;
    for (stream, event) in events {
        if let Some(it) = indices.get(&stream).and_then(|it| streams.get_mut(*it)) {
            it.events.push(event);
        }
    }
    Ok(Append { command_id: CommandId(input.command_id), streams, claims, releases })
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
    let opened = tenant.opener.facts(&stored).await?;
    let gone = || Fault::Corrupt { what: "an accepted command has no events".to_owned() };
    let first = opened.first().ok_or_else(gone)?;
    let last = opened.last().ok_or_else(gone)?;
    let mut streams: Vec<(StreamRef, u64)> = Vec::new();
    for it in &opened {
        match streams.iter_mut().find(|(stream, _)| *stream == it.header.stream) {
            Some((_, revision)) => *revision = it.recorded.revision,
            None => streams.push((it.header.stream, it.recorded.revision)),
        }
    }
    let mut key_ids = Vec::new();
    for it in &stored {
        if let Ok(leaf) = fokus_log::leaf::Leaf::decode(&it.leaf) {
            key_ids.extend(leaf.envelopes.into_iter().flat_map(|it| it.key_ids));
        }
    }
    key_ids.sort_unstable();
    key_ids.dedup();
    let head = events.head(&tenant.id).await?;
    Ok(Accepted {
        subject: first.header.actor.sub.clone(),
        mac: first.header.mac.as_deref().and_then(unhex),
        key_ids,
        outcome: Executed {
            position: last.recorded.position,
            streams,
            event_ids: opened.iter().map(|it| it.recorded.event_id.0).collect(),
            recorded_ms: first.recorded.recorded_ms,
            checkpoint: head.checkpoint,
            replayed: true,
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
