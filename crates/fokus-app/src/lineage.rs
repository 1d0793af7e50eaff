//! What a log says of its own key and name ([`fokus_log::lineage`]): puts a rotation into the log when it is
//! met with a key that is retiring, and finds the leaf by which it continues another.

use fokus_log::leaf::{Leaf, LeafKind};
use fokus_log::lineage::{Act, Continuation, Rotation};
use fokus_store::{
    Append, EventId, EventStore, Expectation, Fault, LogInfo, NewControl, READ_LIMIT_MAX, Range,
    Refused, Revision, StreamId, TenantId,
};

use crate::guard::{Alarm, Guard};
use crate::journal::Ports;

/// How often a rotation is tried while other servers put acts of their own into the log.
const ATTEMPTS: u32 = 8;

/// Makes the log say that its key was rotated, if it was and the log does not say so yet. Where the log says
/// that this server's key was retired, the alarm is raised: nothing may be signed with it any more.
///
/// # Errors
///
/// The store's own.
pub(crate) async fn rotate(
    ports: &Ports,
    guard: &Guard,
    tenant: &TenantId,
    log: &LogInfo,
) -> Result<(), Fault> {
    let events = ports.events.as_ref();
    for _ in 0..ATTEMPTS {
        let of_log = StreamId::of_log();
        let heads = events.stream_heads(tenant, std::slice::from_ref(&of_log)).await?;
        let stands = heads.into_iter().flatten().next();
        let said = newest(events, tenant, rotation).await?.map(|it| it.new);
        if said.is_some_and(|key| key != log.public_key && Some(key) != log.retiring_key) {
            guard.raise(tenant, Alarm::KeyRetired);
            return Ok(());
        }
        // A log without leaves has no earlier key that anybody could know.
        let is_new = events.head(tenant).await?.position.0 == 0;
        let is_said = said == Some(log.public_key) || log.retiring_key.is_none();
        if is_said || is_new || guard.check_writable(tenant).is_err() {
            return Ok(());
        }
        let Some(note) = events.rotation(tenant).await? else { return Ok(()) };
        let expected = stands.map_or(Expectation::NoStream, |it| Expectation::Exactly(it.revision));
        let mut id = [0; 16];
        ports.entropy.fill(&mut id);
        let control = NewControl {
            event_id: EventId(uuid::Builder::from_random_bytes(id).into_uuid()),
            kind: LeafKind::Key,
            ext: note.into_bytes(),
        };
        let append = Append::of_log(expected, vec![control]);
        let answers = events.append(tenant, vec![append], ports.clock.now_ms()).await?;
        match answers.into_iter().next() {
            Some(Ok(outcome)) => {
                let position = outcome.first.0;
                tracing::warn!(%tenant, position, "the log's key was rotated; both keys sign");
                return Ok(());
            }
            Some(Err(Refused::Conflict { .. })) => (),
            other => {
                return Err(Fault::Corrupt { what: format!("a rotation was refused: {other:?}") });
            }
        }
    }
    Err(Fault::Conflict)
}

/// The leaf by which the log continues the one called `earlier`; `None` if it does not.
///
/// # Errors
///
/// The store's own.
pub(crate) async fn continuation_of(
    events: &dyn EventStore,
    tenant: &TenantId,
    earlier: &str,
) -> Result<Option<Continuation>, Fault> {
    newest(events, tenant, |act| match act {
        Act::Continuation(it) if it.kept.origin == earlier => Some(it),
        Act::Continuation(_) | Act::Rotation(_) => None,
    })
    .await
}

fn rotation(act: Act) -> Option<Rotation> {
    match act {
        Act::Rotation(it) => Some(it),
        Act::Continuation(_) => None,
    }
}

/// The newest act of the log that `pick` takes; its stream is read from the end.
async fn newest<T>(
    events: &dyn EventStore,
    tenant: &TenantId,
    pick: impl Fn(Act) -> Option<T>,
) -> Result<Option<T>, Fault> {
    let mut before: Option<Revision> = None;
    loop {
        let range = Range::Backward { before, limit: READ_LIMIT_MAX };
        let page = events.read_stream(tenant, &StreamId::of_log(), range).await?;
        let Some(last) = page.last() else { return Ok(None) };
        before = Some(last.revision);
        let picked = page.iter().find_map(|stored| {
            let leaf = Leaf::decode(&stored.leaf).ok()?;
            // What does not hold was never planned: `check` finds it.
            pick(Act::of_leaf(leaf.kind, &leaf.ext).ok()??)
        });
        if picked.is_some() {
            return Ok(picked);
        }
    }
}
