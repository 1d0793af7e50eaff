//! From stored events back to facts, headers and personal fields.
//!
//! Facts need the stream's key only. Personal fields are opened where a reader gets them; a field whose
//! key was destroyed is `Erased`, never an error and never an empty string.

use std::collections::HashMap;
use std::sync::Arc;

use fokus_core::catalogue::{self, Kind};
use fokus_core::fact::Fact;
use fokus_core::ids::{EventId, StreamRef};
use fokus_core::record::{HistoryEvent, HistoryField, Opened, Recorded};
use fokus_core::rejection::{Reason, Rejection};
use fokus_log::leaf::{EnvelopeRef, Leaf};
use fokus_store::{Fault, StoredEvent, StreamTag, TenantId};
use fokus_vault::envelope::{EnvelopeContext, Field, check_field_root, open, open_with};
use fokus_vault::key::{ContentKey, KeyId};
use uuid::Uuid;

use crate::failure::Failure;
use crate::header::{HEADER_PATH, Header, MEMBER_PREFIX};
use crate::keyring::Keyring;

/// Opens events of one tenant.
#[derive(Debug, Clone)]
pub struct Opener {
    pub keyring: Arc<Keyring>,
    pub tenant: TenantId,
    /// The name that its envelopes are sealed under: that with which the log began.
    pub origin: String,
}

/// An event with its facts opened.
#[derive(Debug, Clone)]
pub struct OpenedEvent {
    pub tag: StreamTag,
    pub stream: StreamRef,
    pub recorded: Recorded,
}

/// Keys by id.
type Keys = HashMap<KeyId, Arc<ContentKey>>;

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

    /// Opens the headers of events, and the places of those. Control leaves are passed over.
    ///
    /// # Errors
    ///
    /// As [`Opener::facts`].
    pub async fn headers(&self, events: &[StoredEvent]) -> Result<Vec<(Header, Leaf)>, Failure> {
        let parsed = parse(events)?;
        let keys = self.keys(&parsed, Depth::Facts).await?;
        let header = |it: Parsed<'_>| {
            let (header, ()) = self.read_first(&it, &keys, |_, _| Ok(()))?;
            Ok((header, it.leaf))
        };
        parsed.into_iter().map(header).collect()
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

    async fn keys(&self, parsed: &[Parsed<'_>], depth: Depth) -> Result<Keys, Fault> {
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
        keys: &Keys,
    ) -> Result<Option<fokus_vault::envelope::Opened>, Failure> {
        let Some((context, found, body)) = self.sealed(event, index, reference, keys) else {
            return Ok(None);
        };
        open(&context, &found, body).map(Some).map_err(|_| does_not_open(event).into())
    }

    /// The same, its fields lent to `read`.
    fn read_envelope<T>(
        &self,
        event: &Parsed<'_>,
        index: usize,
        reference: &EnvelopeRef,
        keys: &Keys,
        read: impl FnOnce(&[(&str, &[u8])]) -> T,
    ) -> Result<Option<T>, Failure> {
        let Some((context, found, body)) = self.sealed(event, index, reference, keys) else {
            return Ok(None);
        };
        open_with(&context, &found, body, read).map(Some).map_err(|_| does_not_open(event).into())
    }

    /// What opens the envelope; `None` where it or one of its keys is gone.
    fn sealed<'a>(
        &'a self,
        event: &Parsed<'a>,
        index: usize,
        reference: &EnvelopeRef,
        keys: &'a Keys,
    ) -> Option<(EnvelopeContext<'a>, Vec<&'a ContentKey>, &'a [u8])> {
        let body = event.stored.envelopes.get(index)?.as_deref()?;
        let key = |it: &[u8; 16]| keys.get(&KeyId(*it)).map(Arc::as_ref);
        let found = reference.key_ids.iter().map(key).collect::<Option<Vec<_>>>()?;
        let context = EnvelopeContext {
            origin: &self.origin,
            event_id: event.leaf.event_id,
            stream_tag: event.leaf.stream_tag,
            index: u8::try_from(index).unwrap_or(u8::MAX),
        };
        Some((context, found, body))
    }

    /// The header, and what `read` makes of it and of the fields of envelope 0.
    fn read_first<T>(
        &self,
        event: &Parsed<'_>,
        keys: &Keys,
        read: impl FnOnce(&Header, &[(&str, &[u8])]) -> Result<T, Failure>,
    ) -> Result<(Header, T), Failure> {
        let reference =
            event.leaf.envelopes.first().ok_or_else(|| corrupt(event, "no envelope"))?;
        let opened = self.read_envelope(event, 0, reference, keys, |fields| {
            let header = fields.iter().find(|it| it.0 == HEADER_PATH);
            let (_, header) = header.ok_or_else(|| corrupt(event, "no header"))?;
            let header: Header =
                serde_json::from_slice(header).map_err(|_| upgrade_needed(event))?;
            let content = read(&header, fields)?;
            Ok((header, content))
        })?;
        opened.unwrap_or_else(|| {
            let rule = "an event cannot be opened any more";
            Err(Rejection::new(Reason::UnreadableUncertified, rule)
                .with("position", event.stored.position.0.to_string())
                .into())
        })
    }

    fn open_facts(&self, event: &Parsed<'_>, keys: &Keys) -> Result<OpenedEvent, Failure> {
        let (header, fact) = self.read_first(event, keys, |header, fields| {
            let rows = catalogue::fields(&header.event_type, header.schema);
            // A personal field about nobody is sealed here too; what the catalogue does not know goes
            // on to be refused.
            let personal = |member: &str| {
                catalogue::row(rows, member).is_some_and(|it| it.kind != Kind::Coded)
            };
            let members: Vec<(&str, &[u8])> = fields
                .iter()
                .filter_map(|(path, value)| Some((path.strip_prefix(MEMBER_PREFIX)?, *value)))
                .filter(|(member, _)| !personal(member))
                .collect();
            Fact::read(&header.event_type, header.schema, &members)
                .map_err(|_| upgrade_needed(event))
        })?;
        let recorded = Recorded {
            event_id: EventId(Uuid::from_bytes(event.leaf.event_id)),
            position: event.stored.position.0,
            revision: event.stored.revision.0,
            recorded_ms: event.leaf.recorded_ms,
            occurred: header.occurred,
            basis: header.basis.map(Arc::new),
            actor: Arc::new(header.actor),
            fact,
        };
        Ok(OpenedEvent { tag: event.stored.stream_tag, stream: header.stream, recorded })
    }

    fn open_history(&self, event: &Parsed<'_>, keys: &Keys) -> Result<HistoryEvent, Failure> {
        let (header, mut fields) =
            self.read_first(event, keys, |header, fields| Ok(shown(header, fields)))?;
        let mut dark = false;
        for (index, reference) in event.leaf.envelopes.iter().enumerate().skip(1) {
            let more =
                self.read_envelope(event, index, reference, keys, |it| shown(&header, it))?;
            match more {
                Some(more) => fields.extend(more),
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
fn shown(header: &Header, fields: &[(&str, &[u8])]) -> Vec<HistoryField> {
    let rows = catalogue::fields(&header.event_type, header.schema);
    let show = |(path, value): &(&str, &[u8])| {
        let name = path.strip_prefix(MEMBER_PREFIX)?;
        Some(HistoryField {
            name: name.to_owned(),
            json: Some(String::from_utf8_lossy(value).into_owned()),
            personal: catalogue::row(rows, name).is_none_or(|it| it.kind != Kind::Coded),
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

fn does_not_open(event: &Parsed<'_>) -> Fault {
    corrupt(event, "an envelope does not open with its keys")
}

fn corrupt(event: &Parsed<'_>, what: &str) -> Fault {
    Fault::Corrupt { what: format!("position {}: {what}", event.stored.position.0) }
}

fn upgrade_needed(event: &Parsed<'_>) -> Failure {
    Rejection::new(Reason::UpgradeNeeded, "an event that this program does not know")
        .with("position", event.stored.position.0.to_string())
        .into()
}
