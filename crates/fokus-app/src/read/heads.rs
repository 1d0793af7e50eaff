//! What a bundle of one family is made of beside its blocks: which streams belong to it, where their leaves
//! stand, and the map of stream heads, which is followed leaf by leaf and put into the log.
//!
//! A map is made when a bundle asks for one, never on the way of a command: the log is read on from where
//! the last one ended, some pages a step.

use std::collections::BTreeSet;

use async_trait::async_trait;
use fokus_bundle::family::STREAMS_MAX;
use fokus_core::ids::{StreamKind, StreamRef};
use fokus_core::rejection::{Reason, Rejection};
use fokus_log::heads::{Commitment, Heads, HeadsMap, LAG_MAX, Proved};
use fokus_log::leaf::LeafKind;
use fokus_log::leaf_hash;
use fokus_store::{
    Append, EventId, Expectation, Fault, Head, InvalidAppend, NewControl, Position, READ_LIMIT_MAX,
    Range, Refused, Revision, StreamTag,
};
use serde_json::Value;
use uuid::Uuid;

use crate::execute::store_id;
use crate::failure::Failure;
use crate::journal::Journal;
use crate::load;
use crate::read::Query;
use crate::session::Action;
use crate::tenants::Tenant;

/// Pages of the log that one step follows.
const PAGES_AT_ONCE: usize = 8;
/// Ids that are looked up at once.
const LOOKED_UP_AT_ONCE: usize = 200;

/// What is known of the heads of a tenant's streams, followed as far as somebody has asked.
#[derive(Debug, Default)]
pub(crate) struct Followed {
    heads: Heads,
    /// The map that the last leaf followed is, with its index.
    map: Option<(u64, Commitment)>,
}

impl Followed {
    /// The map that ends the log, if nothing came between what it covers and itself.
    fn at_end(&self) -> Option<(u64, HeadsMap)> {
        let (index, said) = self.map?;
        let is_end = said.covers_size == index && index.checked_add(1) == Some(self.heads.size());
        if !is_end {
            return None;
        }
        Some((index, self.heads.map_at(index).filter(|it| it.commitment() == said)?))
    }

    /// Reads on in the log, at most so many pages; whether that was all.
    async fn read_on(
        &mut self,
        journal: &Journal,
        tenant: &Tenant,
        pages: usize,
    ) -> Result<bool, Fault> {
        for _ in 0..pages {
            let after = Position(self.heads.size());
            let range = Range::Forward { after, limit: READ_LIMIT_MAX };
            let events = journal.shared.ports.events.read_log(&tenant.id, range).await?;
            let is_last = events.len() < READ_LIMIT_MAX as usize;
            for event in events {
                let index = self.heads.size();
                self.map = map_in(&event.leaf, index);
                let version = event.revision.0.saturating_sub(1);
                self.heads.push(event.stream_tag.0, version, leaf_hash(&event.leaf));
            }
            if is_last {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

/// What the leaf says, if it is a map.
fn map_in(leaf: &[u8], index: u64) -> Option<(u64, Commitment)> {
    let leaf = fokus_log::leaf::Leaf::decode(leaf).ok()?;
    Some((index, Commitment::of_leaf(&leaf).ok()?))
}

/// Reads on in the log; whether its end is reached.
#[derive(Debug, Clone, Copy)]
pub(crate) struct FollowQuery;

#[async_trait]
impl Query for FollowQuery {
    type Answer = bool;

    const ACTION: Action = Action::ExportBundle;

    async fn answer(self, journal: &Journal, tenant: &Tenant) -> Result<Self::Answer, Failure> {
        let mut followed = tenant.followed.lock().await;
        Ok(followed.read_on(journal, tenant, PAGES_AT_ONCE).await?)
    }
}

/// Puts the map as of now into the log, unless the log ends with one, and gives what it says of streams.
/// `None`: the log is further than was followed by more than a step.
#[derive(Debug, Clone)]
pub(crate) struct MapQuery {
    pub(crate) tags: Vec<StreamTag>,
}

/// A map in the log.
#[derive(Debug)]
pub(crate) struct MapAnswer {
    /// Leaves that it covers.
    pub(crate) covers: u64,
    /// Index of its leaf.
    pub(crate) map: u64,
    /// The entries, in the order asked.
    pub(crate) proved: Vec<Proved>,
    /// A head of the log that has the map.
    pub(crate) head: Head,
}

#[async_trait]
impl Query for MapQuery {
    type Answer = Option<MapAnswer>;

    const ACTION: Action = Action::ExportBundle;

    async fn answer(self, journal: &Journal, tenant: &Tenant) -> Result<Self::Answer, Failure> {
        let mut followed = tenant.followed.lock().await;
        if !followed.read_on(journal, tenant, PAGES_AT_ONCE).await? {
            return Ok(None);
        }
        let (index, map) = match followed.at_end() {
            Some(it) => it,
            None => {
                let size = followed.heads.size();
                let map = followed.heads.map_at(size).ok_or_else(|| corrupt("no map of now"))?;
                let Some(index) = put(journal, tenant, map.commitment()).await? else {
                    return Ok(None);
                };
                (index, map)
            }
        };
        let proved = self.tags.iter().map(|tag| map.prove(&tag.0));
        let proved = proved.collect::<Option<Vec<Proved>>>();
        let head = journal.shared.ports.events.head(&tenant.id).await?;
        let head = journal.shared.guard.head_for_bundle(&tenant.id, head).await;
        Ok(Some(MapAnswer {
            covers: map.commitment().covers_size,
            map: index,
            proved: proved.ok_or_else(|| corrupt("a stream without leaves"))?,
            head,
        }))
    }
}

/// Puts a map into the log; its index there. `None` if the log has grown too far since.
async fn put(
    journal: &Journal,
    tenant: &Tenant,
    commitment: Commitment,
) -> Result<Option<u64>, Failure> {
    let mut id = [0; 16];
    journal.shared.ports.entropy.fill(&mut id);
    let control = NewControl {
        event_id: EventId(uuid::Builder::from_random_bytes(id).into_uuid()),
        kind: LeafKind::StreamHeads,
        ext: commitment.to_bytes().to_vec(),
    };
    journal.shared.guard.check_writable(&tenant.id)?;
    let append = Append::of_log(Expectation::Any, vec![control]);
    match journal.shared.commits.append(&tenant.id, append).await? {
        Ok(outcome) => {
            // Nothing in it for the views, but they need not ask the log for it.
            tenant.handover.offer(outcome.first.0, outcome.first.0, 0, Vec::new());
            Ok(outcome.first.0.checked_sub(1))
        }
        Err(Refused::Invalid(InvalidAppend::Map)) => {
            tracing::info!(tenant = %tenant.id, lag = LAG_MAX, "a map of stream heads came too late");
            Ok(None)
        }
        Err(other) => Err(corrupt(&format!("a map of stream heads was refused: {other:?}")).into()),
    }
}

/// The streams that a bundle of the family is of, the family's first: then those of all persons whom its
/// events name, as recorded.
#[derive(Debug, Clone, Copy)]
pub(crate) struct FamilyStreamsQuery {
    pub(crate) family: StreamRef,
}

#[async_trait]
impl Query for FamilyStreamsQuery {
    type Answer = Vec<(StreamRef, StreamTag)>;

    const ACTION: Action = Action::ExportBundle;

    async fn answer(self, journal: &Journal, tenant: &Tenant) -> Result<Self::Answer, Failure> {
        let (tag, history) = load::history(journal, tenant, self.family).await?;
        let tag =
            tag.ok_or_else(|| Rejection::new(Reason::UnknownId, "no such family").at("family_id"))?;
        let mut ids: BTreeSet<Uuid> = BTreeSet::new();
        for recorded in &history {
            recorded.fact.to_json().values().for_each(|it| collect_ids(it, &mut ids));
        }
        let ids: Vec<Uuid> = ids.into_iter().collect();
        let mut streams = vec![(self.family, tag)];
        for some in ids.chunks(LOOKED_UP_AT_ONCE) {
            let persons: Vec<StreamRef> =
                some.iter().map(|id| StreamRef { kind: StreamKind::Person, id: *id }).collect();
            let names: Vec<_> = persons.iter().map(|it| store_id(*it)).collect();
            let heads = journal.shared.ports.events.stream_heads(&tenant.id, &names).await?;
            let found = persons.into_iter().zip(heads);
            streams.extend(found.filter_map(|(stream, head)| Some((stream, head?.tag))));
        }
        if streams.len() > STREAMS_MAX {
            let rule = format!("the family's events name more than {} persons", STREAMS_MAX - 1);
            return Err(Rejection::new(Reason::FieldInvalid, rule).at("family_id").into());
        }
        Ok(streams)
    }
}

/// Every id in a value. Which of them are persons', the log knows.
fn collect_ids(value: &Value, ids: &mut BTreeSet<Uuid>) {
    match value {
        Value::String(text) => ids.extend(Uuid::try_parse(text)),
        Value::Array(items) => items.iter().for_each(|it| collect_ids(it, ids)),
        Value::Object(members) => members.values().for_each(|it| collect_ids(it, ids)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// Where leaves of a stream stand: zero-based indexes in the log of those after a revision, and the
/// revision to go on from, if there may be more.
#[derive(Debug, Clone, Copy)]
pub(crate) struct PlacesQuery {
    pub(crate) stream: StreamRef,
    pub(crate) after: Revision,
}

#[async_trait]
impl Query for PlacesQuery {
    type Answer = (Vec<u64>, Option<Revision>);

    const ACTION: Action = Action::ExportBundle;

    async fn answer(self, journal: &Journal, tenant: &Tenant) -> Result<Self::Answer, Failure> {
        let range = Range::Forward { after: self.after, limit: READ_LIMIT_MAX };
        let events = &journal.shared.ports.events;
        let page = events.read_stream(&tenant.id, &store_id(self.stream), range).await?;
        let is_last = page.len() < READ_LIMIT_MAX as usize;
        let next = page.last().map(|it| it.revision).filter(|_| !is_last);
        let places = page.iter().map(|it| it.position.0.saturating_sub(1)).collect();
        Ok((places, next))
    }
}

fn corrupt(what: &str) -> Fault {
    Fault::Corrupt { what: what.to_owned() }
}
