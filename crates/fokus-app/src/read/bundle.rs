//! What an audit bundle is made of: where the log stands, its blocks with the keys of their envelopes, and
//! the log's word for the list of files. [`crate::bundle`] asks for them one after another.

use std::collections::HashSet;
use std::sync::Arc;

use async_trait::async_trait;
use fokus_bundle::content::EnvelopeKey;
use fokus_bundle::manifest::Scope;
use fokus_log::Hash;
use fokus_log::leaf::Leaf;
use fokus_log::tile::{TILE_WIDTH, TileId};
use fokus_store::{Fault, Head, Position, Range, StoredEvent, StreamTag};
use fokus_vault::envelope::{EnvelopeContext, envelope_key};
use fokus_vault::key::{ContentKey, KeyId};
use zeroize::Zeroizing;

use crate::failure::Failure;
use crate::journal::Journal;
use crate::read::Query;
use crate::read::proofs::hashes_of;
use crate::session::Action;
use crate::tenants::Tenant;

/// Where the log stands, for a bundle of it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct BundleHeadQuery;

/// The log's name and head.
#[derive(Debug)]
pub(crate) struct BundleHeadAnswer {
    pub(crate) origin: String,
    pub(crate) head: Head,
}

/// One block: up to 256 leaves with what is in scope of their envelopes.
#[derive(Debug, Clone)]
pub(crate) struct BlockQuery {
    pub(crate) n: u64,
    /// Leaves of the log that the bundle is of.
    pub(crate) size: u64,
    /// Whose envelopes are wanted; `None` = of no leaf here.
    pub(crate) contents: Option<Contents>,
}

/// Which leaves' envelopes are in a bundle.
#[derive(Debug, Clone)]
pub(crate) enum Contents {
    /// Those at the places that the scope names.
    Placed(Scope),
    /// Those of these streams.
    OfStreams(Arc<HashSet<StreamTag>>),
}

impl Contents {
    fn holds(&self, leaf: &Leaf, size: u64) -> bool {
        match self {
            Contents::Placed(scope) => scope.holds(leaf.position, size),
            Contents::OfStreams(tags) => tags.contains(&StreamTag(leaf.stream_tag)),
        }
    }
}

/// The hashes of a tile in the tree of `size`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct TileQuery {
    pub(crate) id: TileId,
    pub(crate) size: u64,
}

/// A block.
#[derive(Debug)]
pub(crate) struct BlockAnswer {
    /// All its leaves.
    pub(crate) events: Vec<StoredEvent>,
    /// For each leaf its envelopes, if any are wanted: the stored bytes and their key, both left out where
    /// they are outside the scope or gone.
    pub(crate) envelopes: Option<Vec<Vec<Sealed>>>,
}

/// An envelope on its way into a bundle.
#[derive(Debug)]
pub(crate) struct Sealed {
    pub(crate) body: Option<Vec<u8>>,
    pub(crate) key: Option<EnvelopeKey>,
}

/// The log's note over a bundle's list of files.
#[derive(Debug, Clone, Copy)]
pub(crate) struct VouchQuery {
    pub(crate) list_hash: Hash,
}

#[async_trait]
impl Query for BundleHeadQuery {
    type Answer = BundleHeadAnswer;

    const ACTION: Action = Action::ExportBundle;

    async fn answer(self, journal: &Journal, tenant: &Tenant) -> Result<Self::Answer, Failure> {
        let head = journal.shared.ports.events.head(&tenant.id).await?;
        let head = journal.shared.guard.head_for_bundle(&tenant.id, head).await;
        Ok(BundleHeadAnswer { origin: tenant.info.origin.clone(), head })
    }
}

#[async_trait]
impl Query for VouchQuery {
    type Answer = String;

    const ACTION: Action = Action::ExportBundle;

    async fn answer(self, journal: &Journal, tenant: &Tenant) -> Result<Self::Answer, Failure> {
        Ok(journal.shared.ports.events.vouch(&tenant.id, &self.list_hash).await?)
    }
}

#[async_trait]
impl Query for TileQuery {
    type Answer = Vec<Hash>;

    const ACTION: Action = Action::ExportBundle;

    async fn answer(self, journal: &Journal, tenant: &Tenant) -> Result<Self::Answer, Failure> {
        let events = journal.shared.ports.events.as_ref();
        Ok(hashes_of(events, &tenant.id, self.id, self.id.width_in(self.size)).await?)
    }
}

#[async_trait]
impl Query for BlockQuery {
    type Answer = BlockAnswer;

    const ACTION: Action = Action::ExportBundle;

    async fn answer(self, journal: &Journal, tenant: &Tenant) -> Result<Self::Answer, Failure> {
        let first = self.n.saturating_mul(TILE_WIDTH as u64);
        let width = TileId { level: 0, n: self.n }.width_in(self.size);
        let limit = u32::try_from(width).unwrap_or(u32::MAX);
        let range = Range::Forward { after: Position(first), limit };
        let events = journal.shared.ports.events.read_log(&tenant.id, range).await?;
        if events.len() != width {
            return Err(corrupt("leaves are missing below the head").into());
        }
        let envelopes = match &self.contents {
            Some(contents) => Some(envelopes(tenant, contents, self.size, &events).await?),
            None => None,
        };
        Ok(BlockAnswer { events, envelopes })
    }
}

/// For each leaf its envelopes, with those keys and bytes that are in scope.
async fn envelopes(
    tenant: &Tenant,
    contents: &Contents,
    size: u64,
    events: &[StoredEvent],
) -> Result<Vec<Vec<Sealed>>, Failure> {
    let mut leaves = Vec::with_capacity(events.len());
    for event in events {
        let leaf = Leaf::decode(&event.leaf).map_err(|error| {
            corrupt(&format!("the leaf at position {}: {error}", event.position.0))
        })?;
        leaves.push(leaf);
    }
    let in_scope = leaves.iter().filter(|leaf| contents.holds(leaf, size));
    let mut ids: Vec<KeyId> = in_scope
        .flat_map(|leaf| leaf.envelopes.iter())
        .flat_map(|it| it.key_ids.iter().map(|id| KeyId(*id)))
        .collect();
    ids.sort_unstable();
    ids.dedup();
    let keys = tenant.opener.keyring.by_id(&tenant.id, &ids).await?;
    let mut all = Vec::with_capacity(leaves.len());
    for (leaf, event) in leaves.iter().zip(events) {
        let is_in = contents.holds(leaf, size);
        let mut sealed = Vec::with_capacity(leaf.envelopes.len());
        for (number, reference) in (0_u8..).zip(&leaf.envelopes) {
            let body = event.envelopes.get(usize::from(number)).and_then(Option::as_deref);
            let body = body.filter(|_| is_in);
            let key = |id: &[u8; 16]| keys.get(&KeyId(*id)).map(Arc::as_ref);
            let found = reference.key_ids.iter().map(key).collect::<Option<Vec<&ContentKey>>>();
            let key = match (body, found) {
                (Some(body), Some(found)) => {
                    let context = EnvelopeContext {
                        origin: &tenant.opener.origin,
                        event_id: leaf.event_id,
                        stream_tag: leaf.stream_tag,
                        index: number,
                    };
                    let key = envelope_key(&context, &found, body)
                        .map_err(|_| corrupt("an envelope is cut short"))?;
                    let key = Zeroizing::new(*key.as_bytes());
                    Some(EnvelopeKey { ct_hash: reference.ct_hash, key })
                }
                (_, _) => None,
            };
            sealed.push(Sealed { body: body.map(<[u8]>::to_vec), key });
        }
        all.push(sealed);
    }
    Ok(all)
}

fn corrupt(what: &str) -> Fault {
    Fault::Corrupt { what: what.to_owned() }
}
