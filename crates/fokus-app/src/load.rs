//! Loads streams: the facts of a whole history, the personal fields of those events that need them.
//!
//! Facts are small, personal fields are not: they are opened for the events named, never for a whole
//! stream. Sealed bodies are let go page by page, so what a history costs in memory is its facts.

use std::collections::{BTreeSet, HashMap};

use fokus_core::command::Command;
use fokus_core::decide;
use fokus_core::ids::{EventId, StreamRef};
use fokus_core::person::Personal;
use fokus_core::record::Recorded;
use fokus_core::world::{Stream, World};
use fokus_store::{Fault, Position, Range, Revision, StoredEvent, StreamId, StreamTag};

use crate::cache::Kept;
use crate::execute::store_id;
use crate::failure::Failure;
use crate::journal::Journal;
use crate::tenants::Tenant;

/// How often a command may name further streams once it has seen the first ones.
const ROUNDS_MAX: usize = 3;
/// The most sealed events of one stream that stand in memory at once while its facts are opened.
const PAGE_EVENTS: u32 = 100;
/// The most events whose personal fields are read and opened at once.
pub(crate) const OPENED_AT_ONCE: usize = 50;
/// Events wanted that stand this close come with one read, and what stands between is read over.
const GAP_MAX: u64 = 8;

/// What was loaded beside the world.
#[derive(Debug, Default)]
pub(crate) struct Loaded {
    pub(crate) tags: HashMap<StreamRef, StreamTag>,
    /// Whether a stream came from memory, so that the log may be further.
    pub(crate) remembered: bool,
}

/// A stream's tag and history, oldest first, facts opened; neither where nobody has written.
pub(crate) async fn history(
    journal: &Journal,
    tenant: &Tenant,
    of: StreamRef,
) -> Result<(Option<StreamTag>, Vec<Recorded>), Failure> {
    history_through(journal, tenant, of, Position(u64::MAX)).await
}

/// The same up to a position of the log. What stands beyond it is not opened.
pub(crate) async fn history_through(
    journal: &Journal,
    tenant: &Tenant,
    of: StreamRef,
    through: Position,
) -> Result<(Option<StreamTag>, Vec<Recorded>), Failure> {
    history_after(journal, tenant, of, Revision(0), through).await
}

/// The same without what stands at `after` and before.
async fn history_after(
    journal: &Journal,
    tenant: &Tenant,
    of: StreamRef,
    mut after: Revision,
    through: Position,
) -> Result<(Option<StreamTag>, Vec<Recorded>), Failure> {
    let (id, events) = (store_id(of), &journal.shared.ports.events);
    let (mut tag, mut history) = (None, Vec::new());
    loop {
        let range = Range::Forward { after, limit: PAGE_EVENTS };
        let mut page = events.read_stream(&tenant.id, &id, range).await?;
        let ended = page.len() < usize::try_from(PAGE_EVENTS).unwrap_or(usize::MAX)
            || page.last().is_some_and(|it| it.position >= through);
        page.retain(|it| it.position <= through);
        let Some(last) = page.last() else { return Ok((tag, history)) };
        (tag, after) = (Some(last.stream_tag), last.revision);
        let opened = tenant.opener.facts(&page).await?;
        history.extend(opened.into_iter().map(|it| it.recorded));
        if ended {
            return Ok((tag, history));
        }
    }
}

/// The opened personal fields of the events of a history that are wanted.
pub(crate) async fn personal(
    journal: &Journal,
    tenant: &Tenant,
    of: StreamRef,
    history: &[Recorded],
    wanted: &BTreeSet<EventId>,
) -> Result<Personal, Failure> {
    let wanted = history.iter().filter(|it| wanted.contains(&it.event_id));
    let revisions: Vec<u64> = wanted.map(|it| it.revision).collect();
    let mut personal = Personal::new();
    for some in revisions.chunks(OPENED_AT_ONCE) {
        let some = some.iter().copied().collect();
        let stored = events_at(journal, tenant, of, &some).await?;
        for (event, fields) in tenant.opener.personal(&stored).await? {
            personal.extend(fields.into_iter().map(|(name, it)| ((event, name), it)));
        }
    }
    Ok(personal)
}

/// The stream's events at these revisions, oldest first. The caller bounds how many it wants.
pub(crate) async fn events_at(
    journal: &Journal,
    tenant: &Tenant,
    stream: StreamRef,
    wanted: &BTreeSet<u64>,
) -> Result<Vec<StoredEvent>, Fault> {
    let (id, mut found) = (store_id(stream), Vec::with_capacity(wanted.len()));
    let mut wanted_on = wanted.iter().copied().peekable();
    while let Some(first) = wanted_on.next() {
        let (mut last, end) = (first, first.saturating_add(u64::from(PAGE_EVENTS)));
        while let Some(it) = wanted_on.next_if(|it| *it - last <= GAP_MAX && *it < end) {
            last = it;
        }
        let limit = u32::try_from(last - first + 1).unwrap_or(PAGE_EVENTS);
        let range = Range::Forward { after: Revision(first.saturating_sub(1)), limit };
        let page = journal.shared.ports.events.read_stream(&tenant.id, &id, range).await?;
        found.extend(page.into_iter().filter(|it| wanted.contains(&it.revision.0)));
    }
    Ok(found)
}

/// The world that the command is decided in. Streams that are in memory are taken as they are there:
/// see [`refresh`].
pub(crate) async fn world(
    journal: &Journal,
    tenant: &Tenant,
    command: &Command,
) -> Result<(World, Loaded), Failure> {
    let mut world = World { synthetic: tenant.info.synthetic, ..World::default() };
    let mut loaded = Loaded::default();
    let mut wanted = decide::reads(command);
    for _ in 0..ROUNDS_MAX {
        wanted.retain(|it| !world.has(*it));
        if wanted.is_empty() {
            break;
        }
        for it in wanted {
            let stream = stream(journal, tenant, it, &mut loaded).await?;
            world.insert(it.id, stream);
        }
        wanted = decide::reads_more(command, &world);
    }
    let mut opens: BTreeSet<EventId> = decide::opens(command, &world).into_iter().collect();
    if opens.is_empty() {
        return Ok((world, loaded));
    }
    // Short histories first: most that is opened is a person's.
    let mut streams = world.streams();
    streams.sort_by_key(|(_, revision)| *revision);
    for (stream, _) in streams {
        let history = world.history(stream);
        let here: BTreeSet<EventId> =
            history.iter().map(|it| it.event_id).filter(|it| opens.contains(it)).collect();
        opens.retain(|it| !here.contains(it));
        let fields = personal(journal, tenant, stream, history, &here).await?;
        world.personal.extend(fields);
        if opens.is_empty() {
            break;
        }
    }
    Ok((world, loaded))
}

/// The stream from memory, else from the store.
async fn stream(
    journal: &Journal,
    tenant: &Tenant,
    of: StreamRef,
    loaded: &mut Loaded,
) -> Result<Stream, Failure> {
    if let Some(kept) = journal.shared.streams.get(tenant.number, of) {
        loaded.tags.insert(of, kept.tag);
        loaded.remembered = true;
        return Ok(kept.stream);
    }
    let (tag, history) = history(journal, tenant, of).await?;
    let stream = Stream::new(of.kind, history);
    if let Some(tag) = tag {
        loaded.tags.insert(of, tag);
        journal.shared.streams.put(tenant.number, of, Kept { tag, stream: stream.clone() });
    }
    Ok(stream)
}

/// Streams as they stand in the log, with their tags: from memory where that is up to it.
pub(crate) async fn current(
    journal: &Journal,
    tenant: &Tenant,
    of: &[StreamRef],
) -> Result<Vec<(Option<StreamTag>, Stream)>, Failure> {
    let ids: Vec<StreamId> = of.iter().map(|it| store_id(*it)).collect();
    let heads = journal.shared.ports.events.stream_heads(&tenant.id, &ids).await?;
    let (streams, mut found) = (&journal.shared.streams, Vec::with_capacity(of.len()));
    for (stream, head) in of.iter().zip(heads) {
        let Some(head) = head else {
            found.push((None, Stream::new(stream.kind, Vec::new())));
            continue;
        };
        let kept = streams.get(tenant.number, *stream).filter(|it| it.tag == head.tag);
        if let Some(it) = kept.filter(|it| it.stream.revision() >= head.revision.0) {
            found.push((Some(it.tag), it.stream));
            continue;
        }
        let (tag, history) = history(journal, tenant, *stream).await?;
        let loaded = Stream::new(stream.kind, history);
        if let Some(tag) = tag {
            streams.put(tenant.number, *stream, Kept { tag, stream: loaded.clone() });
        }
        found.push((tag, loaded));
    }
    Ok(found)
}

/// Brings the streams in memory up to the log; whether any of them stood further in the log than at
/// the revision given, so that what was decided on those is to be decided anew.
pub(crate) async fn refresh(
    journal: &Journal,
    tenant: &Tenant,
    streams: &[(StreamRef, u64)],
) -> Result<bool, Failure> {
    let ids: Vec<StreamId> = streams.iter().map(|(it, _)| store_id(*it)).collect();
    let heads = journal.shared.ports.events.stream_heads(&tenant.id, &ids).await?;
    let mut any = false;
    for ((stream, revision), head) in streams.iter().zip(heads) {
        let Some(head) = head.filter(|it| it.revision.0 > *revision) else { continue };
        any = true;
        let Some(mut kept) = journal.shared.streams.take(tenant.number, *stream) else { continue };
        if kept.tag != head.tag {
            continue;
        }
        let after = Revision(kept.stream.revision());
        let through = Position(u64::MAX);
        let (_, later) = history_after(journal, tenant, *stream, after, through).await?;
        kept.stream.extend(later);
        journal.shared.streams.put(tenant.number, *stream, kept);
    }
    Ok(any)
}

/// Adds what this server wrote after `before`, the stream's revision until then, to the stream in
/// memory. Does nothing where another revision is there.
pub(crate) fn remember(
    journal: &Journal,
    tenant: &Tenant,
    stream: StreamRef,
    tag: StreamTag,
    before: u64,
    written: Vec<Recorded>,
) {
    let streams = &journal.shared.streams;
    let kept = match streams.take(tenant.number, stream) {
        Some(mut kept) => {
            if kept.tag == tag && kept.stream.revision() == before {
                // What another command still looks at stays as it is, and is brought up later.
                kept.stream.extend_unshared(written);
            }
            kept
        }
        None if before == 0 => Kept { tag, stream: Stream::new(stream.kind, written) },
        None => return,
    };
    streams.put(tenant.number, stream, kept);
}

#[cfg(test)]
mod tests;
