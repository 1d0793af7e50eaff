//! From stored events back to facts, headers and personal fields.
//!
//! Facts need the stream's key only. Personal fields are opened where a reader gets them; a field whose
//! key was destroyed is `Erased`, never an error and never an empty string.

use std::collections::HashMap;
use std::sync::Arc;

use fokus_core::catalogue::{self, Kind};
use fokus_core::fact::Fact;
use fokus_core::ids::EventId;
use fokus_core::record::{HistoryEvent, HistoryField, Opened, Recorded};
use fokus_core::rejection::{Reason, Rejection};
use fokus_log::leaf::{EnvelopeRef, Leaf};
use fokus_store::{Fault, StoredEvent, StreamTag, TenantId};
use fokus_vault::envelope::{EnvelopeContext, Field, check_field_root, open};
use fokus_vault::key::{ContentKey, KeyId};
use serde_json::{Map, Value};
use uuid::Uuid;

use crate::failure::Failure;
use crate::header::{HEADER_PATH, Header, MEMBER_PREFIX};
use crate::keyring::Keyring;

/// Opens events of one tenant.
#[derive(Debug, Clone)]
pub struct Opener {
    pub keyring: Arc<Keyring>,
    pub tenant: TenantId,
    pub origin: String,
}

/// An event with its header and facts opened.
#[derive(Debug, Clone)]
pub struct OpenedEvent {
    pub tag: StreamTag,
    pub header: Header,
    pub recorded: Recorded,
}

/// Which envelopes of an event to open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Depth {
    Facts,
    All,
}

/// A stored event with its leaf parsed.
struct Parsed<'a> {
    stored: &'a StoredEvent,
    leaf: Leaf,
}

impl Opener {
    /// Opens headers and facts. Control leaves are passed over.
    ///
    /// # Errors
    ///
    /// `UPGRADE_NEEDED` for a type, schema or shape that this program does not know;
    /// `UNREADABLE_UNCERTIFIED` where the stream's key is gone; [`Fault::Corrupt`].
    pub async fn facts(&self, events: &[StoredEvent]) -> Result<Vec<OpenedEvent>, Failure> {
        let parsed = parse(events)?;
        let keys = self.keys(&parsed, Depth::Facts).await?;
        parsed.iter().map(|it| self.open_facts(it, &keys)).collect()
    }

    /// Opens everything that can be opened, as it was recorded.
    ///
    /// # Errors
    ///
    /// As [`Opener::facts`], but an unknown type is shown with its fields.
    pub async fn history(&self, events: &[StoredEvent]) -> Result<Vec<HistoryEvent>, Failure> {
        let parsed = parse(events)?;
        let keys = self.keys(&parsed, Depth::All).await?;
        parsed.iter().map(|it| self.open_history(it, &keys)).collect()
    }

    /// Opens the personal fields of the events, by event and name. What the catalogue names and no
    /// envelope gives is `Erased` where an envelope cannot be opened, `Absent` else.
    ///
    /// # Errors
    ///
    /// As [`Opener::facts`].
    pub async fn personal(
        &self,
        events: &[StoredEvent],
    ) -> Result<HashMap<EventId, Vec<(String, Opened)>>, Failure> {
        let history = self.history(events).await?;
        let fields = |it: HistoryEvent| {
            let personal = it.fields.into_iter().filter(|it| it.personal);
            let opened = personal.map(|it| (it.name, value_of(it.json))).collect();
            (it.event_id, opened)
        };
        Ok(history.into_iter().map(fields).collect())
    }

    /// The header of the event and every field of every envelope that opens, in path order, its
    /// commitments checked against the leaf; `false` when an envelope does not open.
    ///
    /// # Errors
    ///
    /// [`Fault::Corrupt`] when content and leaf disagree.
    pub async fn checked_fields(
        &self,
        events: &[StoredEvent],
    ) -> Result<Vec<(Leaf, Vec<Field>, bool)>, Failure> {
        let parsed = parse(events)?;
        let keys = self.keys(&parsed, Depth::All).await?;
        let mut checked = Vec::with_capacity(parsed.len());
        for it in parsed {
            let mut fields = Vec::new();
            let mut whole = true;
            for (index, reference) in it.leaf.envelopes.iter().enumerate() {
                match self.open_envelope(&it, index, reference, &keys)? {
                    Some(opened) => {
                        check_field_root(&opened, &reference.field_root)
                            .map_err(|_| corrupt(&it, "content contradicts its commitments"))?;
                        fields.extend(opened.fields.iter().cloned());
                    }
                    None => whole = false,
                }
            }
            fields.sort_by(|a, b| a.path.cmp(&b.path));
            checked.push((it.leaf, fields, whole));
        }
        Ok(checked)
    }

    async fn keys(
        &self,
        parsed: &[Parsed<'_>],
        depth: Depth,
    ) -> Result<HashMap<KeyId, Arc<ContentKey>>, Fault> {
        let envelopes_max = match depth {
            Depth::Facts => 1,
            Depth::All => usize::MAX,
        };
        let mut ids: Vec<KeyId> = parsed
            .iter()
            .flat_map(|it| it.leaf.envelopes.iter().take(envelopes_max))
            .flat_map(|it| it.key_ids.iter().map(|id| KeyId(*id)))
            .collect();
        ids.sort_unstable();
        ids.dedup();
        self.keyring.by_id(&self.tenant, &ids).await
    }

    /// The opened envelope; `None` where it or one of its keys is gone.
    fn open_envelope(
        &self,
        event: &Parsed<'_>,
        index: usize,
        reference: &EnvelopeRef,
        keys: &HashMap<KeyId, Arc<ContentKey>>,
    ) -> Result<Option<fokus_vault::envelope::Opened>, Failure> {
        let Some(Some(body)) = event.stored.envelopes.get(index) else { return Ok(None) };
        let found: Option<Vec<&ContentKey>> =
            reference.key_ids.iter().map(|it| keys.get(&KeyId(*it)).map(Arc::as_ref)).collect();
        let Some(found) = found else { return Ok(None) };
        let context = EnvelopeContext {
            origin: &self.origin,
            event_id: event.leaf.event_id,
            stream_tag: event.leaf.stream_tag,
            index: u8::try_from(index).unwrap_or(u8::MAX),
        };
        open(&context, &found, body)
            .map(Some)
            .map_err(|_| corrupt(event, "an envelope does not open with its keys").into())
    }

    fn open_first(
        &self,
        event: &Parsed<'_>,
        keys: &HashMap<KeyId, Arc<ContentKey>>,
    ) -> Result<(Header, fokus_vault::envelope::Opened), Failure> {
        let reference =
            event.leaf.envelopes.first().ok_or_else(|| corrupt(event, "no envelope"))?;
        let opened = self.open_envelope(event, 0, reference, keys)?.ok_or_else(|| {
            Rejection::new(Reason::UnreadableUncertified, "an event cannot be opened any more")
                .with("position", event.stored.position.0.to_string())
        })?;
        let header = opened.fields.iter().find(|it| it.path == HEADER_PATH);
        let header = header.ok_or_else(|| corrupt(event, "no header"))?;
        let header: Header =
            serde_json::from_slice(&header.value).map_err(|_| upgrade_needed(event))?;
        Ok((header, opened))
    }

    fn open_facts(
        &self,
        event: &Parsed<'_>,
        keys: &HashMap<KeyId, Arc<ContentKey>>,
    ) -> Result<OpenedEvent, Failure> {
        let (header, opened) = self.open_first(event, keys)?;
        let mut members = Map::new();
        for field in &opened.fields {
            let Some(member) = field.path.strip_prefix(MEMBER_PREFIX) else { continue };
            // A personal field about nobody is sealed here too; what the catalogue does not know goes
            // on to be refused.
            let known = catalogue::field(&header.event_type, header.schema, member);
            if known.is_some_and(|it| it.kind != Kind::Coded) {
                continue;
            }
            let value: Value =
                serde_json::from_slice(&field.value).map_err(|_| corrupt(event, "no JSON"))?;
            members.insert(member.to_owned(), value);
        }
        let fact = Fact::decode(&header.event_type, header.schema, members)
            .map_err(|_| upgrade_needed(event))?;
        let recorded = Recorded {
            event_id: EventId(Uuid::from_bytes(event.leaf.event_id)),
            position: event.stored.position.0,
            revision: event.stored.revision.0,
            recorded_ms: event.leaf.recorded_ms,
            occurred: header.occurred,
            basis: header.basis.clone(),
            actor: header.actor.clone(),
            fact,
        };
        Ok(OpenedEvent { tag: event.stored.stream_tag, header, recorded })
    }

    fn open_history(
        &self,
        event: &Parsed<'_>,
        keys: &HashMap<KeyId, Arc<ContentKey>>,
    ) -> Result<HistoryEvent, Failure> {
        let (header, first) = self.open_first(event, keys)?;
        let mut fields = shown(&header, &first.fields);
        let mut dark = false;
        for (index, reference) in event.leaf.envelopes.iter().enumerate().skip(1) {
            match self.open_envelope(event, index, reference, keys)? {
                Some(opened) => fields.extend(shown(&header, &opened.fields)),
                None => dark = true,
            }
        }
        if dark {
            for name in dark_names(&header, &fields) {
                fields.push(HistoryField { name, json: None, personal: true });
            }
        }
        let mut key_ids: Vec<String> = event
            .leaf
            .envelopes
            .iter()
            .flat_map(|it| it.key_ids.iter().map(|id| KeyId(*id).to_string()))
            .collect();
        key_ids.sort_unstable();
        key_ids.dedup();
        Ok(HistoryEvent {
            stream: header.stream,
            event_id: EventId(Uuid::from_bytes(event.leaf.event_id)),
            position: event.stored.position.0,
            revision: event.stored.revision.0,
            event_type: header.event_type,
            schema: header.schema,
            recorded_ms: event.leaf.recorded_ms,
            occurred: header.occurred,
            actor: header.actor,
            purpose: header.purpose,
            basis: header.basis,
            late_reason: header.late_reason,
            command_id: header.command_id,
            fields,
            leaf: event.stored.leaf.clone(),
            key_ids,
        })
    }
}

/// The personal fields that the event may have and that did not open. Which ones a correction holds
/// stands in its facts.
fn dark_names(header: &Header, fields: &[HistoryField]) -> Vec<String> {
    let corrected = fields.iter().find(|it| it.name == "corrected_personal");
    let corrected: Vec<String> =
        corrected.and_then(|it| serde_json::from_str(it.json.as_deref()?).ok()).unwrap_or_default();
    let mut names = catalogue::personal_names(&header.event_type, header.schema, &corrected);
    names.retain(|name| !fields.iter().any(|it| it.name == *name));
    names
}

/// The members among the fields, as a reader sees them.
fn shown(header: &Header, fields: &[Field]) -> Vec<HistoryField> {
    let show = |field: &Field| {
        let name = field.path.strip_prefix(MEMBER_PREFIX)?;
        Some(HistoryField {
            name: name.to_owned(),
            json: Some(String::from_utf8_lossy(&field.value).into_owned()),
            personal: catalogue::is_personal(&header.event_type, header.schema, name),
        })
    };
    fields.iter().filter_map(show).collect()
}

fn value_of(json: Option<String>) -> Opened {
    match json.map(|it| serde_json::from_str(&it)) {
        Some(Ok(it)) => Opened::Known(it),
        Some(Err(_)) => Opened::Absent,
        None => Opened::Erased,
    }
}

/// The events among the leaves.
fn parse(events: &[StoredEvent]) -> Result<Vec<Parsed<'_>>, Fault> {
    let mut parsed = Vec::with_capacity(events.len());
    for stored in events {
        let leaf = Leaf::decode(&stored.leaf).map_err(|error| Fault::Corrupt {
            what: format!("the leaf at position {}: {error}", stored.position.0),
        })?;
        if !leaf.envelopes.is_empty() {
            parsed.push(Parsed { stored, leaf });
        }
    }
    Ok(parsed)
}

fn corrupt(event: &Parsed<'_>, what: &str) -> Fault {
    Fault::Corrupt { what: format!("position {}: {what}", event.stored.position.0) }
}

fn upgrade_needed(event: &Parsed<'_>) -> Failure {
    Rejection::new(Reason::UpgradeNeeded, "an event that this program does not know")
        .with("position", event.stored.position.0.to_string())
        .into()
}
