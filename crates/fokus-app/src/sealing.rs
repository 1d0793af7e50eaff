//! From records to sealed events: which field goes into which envelope, under which keys.
//!
//! Envelope 0 has the header and the coded facts, under the stream's key. Each set of persons that
//! personal fields are about has an envelope of its own, under the keys of all of them in that stream.

use std::collections::BTreeMap;
use std::sync::Arc;

use fokus_core::ids::{EventId, StreamRef};
use fokus_core::record::Record;
use fokus_core::rejection::{Reason, Rejection};
use fokus_store::{Fault, KeySlot, NewEvent, StreamTag, TenantId};
use fokus_vault::envelope::{EnvelopeContext, Field, SealError, SealedEnvelope, seal};
use fokus_vault::key::ContentKey;
use fokus_vault::mac::command_mac;
use uuid::Uuid;

use crate::clock::Entropy;
use crate::failure::Failure;
use crate::header::{HEADER_PATH, Header, MEMBER_PREFIX};
use crate::keyring::{Keyring, person_slot, stream_slot};

/// A record with its place: ready to be sealed.
#[derive(Debug)]
pub(crate) struct Draft {
    pub stream: StreamRef,
    pub tag: StreamTag,
    pub event_id: EventId,
    pub record: Record,
    /// Without `mac`; the first draft of a command gets it here.
    pub header: Header,
}

/// What a command's content digest is made of.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Content<'a> {
    pub command_id: Uuid,
    pub subject: &'a str,
    /// The request, re-encoded.
    pub canonical: &'a [u8],
}

/// Seals the drafts of one command; gives their events in the same order.
///
/// # Errors
///
/// `TOO_MANY_SUBJECTS` where a field is about more persons than an envelope can name.
pub(crate) async fn seal_command(
    keyring: &Keyring,
    entropy: &dyn Entropy,
    tenant: &TenantId,
    origin: &str,
    drafts: &mut [Draft],
    content: Content<'_>,
) -> Result<Vec<NewEvent>, Failure> {
    let keys = keys_of(keyring, tenant, drafts).await?;
    let all: Vec<&ContentKey> = keys.0.iter().map(|(_, it)| it.as_ref()).collect();
    let mac = command_mac(&all, *content.command_id.as_bytes(), content.subject, content.canonical)
        .map_err(|_| Fault::Corrupt { what: "a command's digest cannot be made".to_owned() })?;
    if let Some(first) = drafts.first_mut() {
        first.header.mac = Some(hex(&mac));
    }
    drafts.iter().map(|it| seal_event(entropy, origin, &keys, it)).collect()
}

/// The keys of a command, by slot in ascending order.
struct Keys(Vec<(KeySlot, Arc<ContentKey>)>);

impl Keys {
    fn get(&self, slot: &KeySlot) -> Option<&ContentKey> {
        let index = self.0.binary_search_by_key(slot, |it| it.0).ok()?;
        self.0.get(index).map(|it| it.1.as_ref())
    }
}

/// The keys that seal the drafts, each slot once.
async fn keys_of(keyring: &Keyring, tenant: &TenantId, drafts: &[Draft]) -> Result<Keys, Fault> {
    let mut slots = Vec::new();
    for draft in drafts {
        slots.push(stream_slot(draft.tag));
        for field in &draft.record.personal {
            slots.extend(field.persons.iter().map(|it| person_slot(draft.tag, it.0)));
        }
    }
    slots.sort_unstable();
    slots.dedup();
    let keys = keyring.ensure(tenant, &slots).await?;
    Ok(Keys(slots.into_iter().zip(keys).collect()))
}

fn seal_event(
    entropy: &dyn Entropy,
    origin: &str,
    keys: &Keys,
    draft: &Draft,
) -> Result<NewEvent, Failure> {
    let parts = envelopes_of(draft)?;
    let mut envelopes: Vec<SealedEnvelope> = Vec::with_capacity(parts.len());
    for (index, (slots, fields)) in parts.into_iter().enumerate() {
        let index = u8::try_from(index).map_err(|_| too_many())?;
        let context = EnvelopeContext {
            origin,
            event_id: *draft.event_id.0.as_bytes(),
            stream_tag: draft.tag.0,
            index,
        };
        let sealing: Vec<&ContentKey> = slots.iter().filter_map(|it| keys.get(it)).collect();
        let (mut nonce, mut seed) = ([0; 24], [0; 32]);
        entropy.fill(&mut nonce);
        entropy.fill(&mut seed);
        envelopes.push(seal(&context, &sealing, nonce, seed, fields).map_err(refused)?);
    }
    Ok(NewEvent { event_id: fokus_store::EventId(draft.event_id.0), envelopes })
}

/// What one envelope holds: the keys that seal it, and its fields.
type Part = (Vec<KeySlot>, Vec<Field>);

/// The fields of each envelope with the slots that seal it; envelope 0 first.
fn envelopes_of(draft: &Draft) -> Result<Vec<Part>, Failure> {
    let field = |member: &str, value| Field { path: format!("{MEMBER_PREFIX}{member}"), value };
    let mut first = vec![Field { path: HEADER_PATH.to_owned(), value: json(&draft.header)? }];
    let members = draft.record.fact.members().map_err(|_| not_json())?;
    first.extend(members.into_iter().map(|(member, value)| field(member, value)));
    let mut personal: BTreeMap<Vec<KeySlot>, Vec<Field>> = BTreeMap::new();
    for it in &draft.record.personal {
        let field = field(&it.field, json(&it.value)?);
        if it.persons.is_empty() {
            first.push(field);
            continue;
        }
        let mut slots: Vec<KeySlot> =
            it.persons.iter().map(|person| person_slot(draft.tag, person.0)).collect();
        slots.sort_unstable();
        slots.dedup();
        personal.entry(slots).or_default().push(field);
    }
    let mut parts = vec![(vec![stream_slot(draft.tag)], first)];
    parts.extend(personal);
    Ok(parts)
}

fn json(value: &impl serde::Serialize) -> Result<Vec<u8>, Failure> {
    serde_json::to_vec(value).map_err(|_| not_json())
}

fn not_json() -> Failure {
    Fault::Corrupt { what: "a value cannot be written as JSON".to_owned() }.into()
}

fn refused(error: SealError) -> Failure {
    match error {
        SealError::TooManyKeys => too_many(),
        SealError::NoKeys
        | SealError::RepeatedKey(_)
        | SealError::RepeatedPath(_)
        | SealError::PathLength
        | SealError::TooLarge
        | SealError::Context(_) => {
            Fault::Corrupt { what: format!("an event cannot be sealed: {error}") }.into()
        }
    }
}

fn too_many() -> Failure {
    Rejection::new(Reason::TooManySubjects, "a field is about more persons than can be named")
        .into()
}

/// Lower-case hex.
pub(crate) fn hex(bytes: &[u8]) -> String {
    let digit = |it: u8| char::from(if it < 10 { b'0' + it } else { b'a' + it - 10 });
    let mut text = String::with_capacity(bytes.len() * 2);
    for it in bytes {
        text.extend([digit(it >> 4), digit(it & 15)]);
    }
    text
}
