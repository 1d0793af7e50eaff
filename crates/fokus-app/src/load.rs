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
use fokus_core::world::World;
use fokus_store::{Fault, Position, Range, Revision, StoredEvent, StreamTag};

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
    let (id, events) = (store_id(of), &journal.shared.ports.events);
    let (mut tag, mut history, mut after) = (None, Vec::new(), Revision(0));
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

/// The world that the command is decided in.
pub(crate) async fn world(
    journal: &Journal,
    tenant: &Tenant,
    command: &Command,
) -> Result<(World, Loaded), Failure> {
    let mut world = World { synthetic: tenant.info.synthetic, ..World::default() };
    let mut loaded = Loaded::default();
    let mut wanted = decide::reads(command);
    for _ in 0..ROUNDS_MAX {
        let missing: BTreeSet<StreamRef> =
            wanted.into_iter().filter(|it| !world.has(*it)).collect();
        if missing.is_empty() {
            break;
        }
        for it in missing {
            let (tag, recorded) = history(journal, tenant, it).await?;
            loaded.tags.extend(tag.map(|tag| (it, tag)));
            world.add(it, recorded);
        }
        wanted = decide::reads_more(command, &world);
    }
    let opens: BTreeSet<EventId> = decide::opens(command, &world).into_iter().collect();
    if opens.is_empty() {
        return Ok((world, loaded));
    }
    for (stream, _) in world.streams() {
        let fields = personal(journal, tenant, stream, world.history(stream), &opens).await?;
        world.personal.extend(fields);
    }
    Ok((world, loaded))
}
