//! Loads the streams that a command reads, and the personal fields that its rules need.

use std::collections::{BTreeSet, HashMap};

use fokus_core::command::Command;
use fokus_core::decide;
use fokus_core::ids::{EventId, StreamRef};
use fokus_core::record::Recorded;
use fokus_core::world::World;
use fokus_store::{EventStore, Fault, READ_LIMIT_MAX, Range, Revision, StoredEvent, StreamTag};

use crate::execute::store_id;
use crate::failure::Failure;
use crate::journal::Journal;
use crate::tenants::Tenant;

/// How often a command may name further streams once it has seen the first ones.
const ROUNDS_MAX: usize = 3;

/// What was loaded beside the world.
#[derive(Debug, Default)]
pub(crate) struct Loaded {
    pub(crate) tags: HashMap<StreamRef, StreamTag>,
    stored: HashMap<EventId, StoredEvent>,
}

/// A stream's events, oldest first, as stored.
pub(crate) async fn stream(
    events: &dyn EventStore,
    tenant: &Tenant,
    stream: StreamRef,
) -> Result<Vec<StoredEvent>, Fault> {
    let (id, mut all, mut after) = (store_id(stream), Vec::new(), Revision(0));
    loop {
        let range = Range::Forward { after, limit: READ_LIMIT_MAX };
        let page = events.read_stream(&tenant.id, &id, range).await?;
        let full = page.len() >= usize::try_from(READ_LIMIT_MAX).unwrap_or(usize::MAX);
        match page.last() {
            Some(it) => after = it.revision,
            None => return Ok(all),
        }
        all.extend(page);
        if !full {
            return Ok(all);
        }
    }
}

/// A stream's history, oldest first, facts opened.
pub(crate) async fn history(
    journal: &Journal,
    tenant: &Tenant,
    of: StreamRef,
) -> Result<(Vec<StoredEvent>, Vec<Recorded>), Failure> {
    let stored = stream(journal.shared.ports.events.as_ref(), tenant, of).await?;
    let opened = tenant.opener.facts(&stored).await?;
    Ok((stored, opened.into_iter().map(|it| it.recorded).collect()))
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
            let (stored, recorded) = history(journal, tenant, it).await?;
            if let Some(first) = stored.first() {
                loaded.tags.insert(it, first.stream_tag);
            }
            let ids = recorded.iter().map(|it| it.event_id);
            loaded.stored.extend(ids.zip(stored));
            world.add(it, recorded);
        }
        wanted = decide::reads_more(command, &world);
    }
    let opens: BTreeSet<EventId> = decide::opens(command, &world).into_iter().collect();
    let stored: Vec<StoredEvent> =
        opens.iter().filter_map(|it| loaded.stored.get(it).cloned()).collect();
    for (event, fields) in tenant.opener.personal(&stored).await? {
        world.personal.extend(fields.into_iter().map(|(name, it)| ((event, name), it)));
    }
    Ok((world, loaded))
}
