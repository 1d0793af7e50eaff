//! The tables beside the log, held against what the log implies once its envelopes are open: which stream a
//! tag is, which events a command became, which keys seal what, who claims what.
//!
//! [`crate::digest::check_content`] gathers what the events say ([`Implied`]), page by page; then
//! [`Implied::compare`] walks through the tables. `fokus_store::check` does what can be said without keys.
//! Memory: some bytes for each stream, command, key, and thing that a stream names.

mod claims;
mod keys;

use std::collections::{HashMap, HashSet};

use fokus_core::ids::StreamKind;
use fokus_log::leaf::Leaf;
use fokus_store::{
    CommandId, CommandPlace, EventStore, Fault, Inspect, InspectKeys, Position, READ_LIMIT_MAX,
    StoredEvent, StreamHead, StreamId, StreamTag,
};
use fokus_vault::envelope::Field;
use uuid::Uuid;

use crate::execute::store_id;
use crate::failure::Failure;
use crate::header::{HEADER_PATH, Header};
use crate::opening::Opener;

/// The most findings that are named; the rest is only counted.
const FINDINGS_MAX: usize = 100;
/// Characters of a UUID as text.
const UUID_CHARS: usize = 36;

/// One contradiction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Contradiction {
    /// Where in the log, if it is in one place.
    pub position: Option<u64>,
    /// What is wrong.
    pub what: &'static str,
}

/// Contradictions: the first of them, and how many there are.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Contradictions {
    pub named: Vec<Contradiction>,
    pub count: u64,
}

impl Contradictions {
    fn find(&mut self, position: Option<u64>, what: &'static str) {
        self.count = self.count.saturating_add(1);
        if self.named.len() < FINDINGS_MAX {
            self.named.push(Contradiction { position, what });
        }
    }
}

/// What the events say of the tables.
#[derive(Debug, Default)]
pub struct Implied {
    found: Contradictions,
    streams: HashMap<StreamTag, StreamId>,
    commands: HashMap<CommandId, CommandPlace>,
    keys: HashMap<[u8; 16], keys::Use>,
    /// Those who have a stream of their own.
    persons: HashSet<Uuid>,
    /// The ids that the events of a stream name, its own thing among them.
    named: HashMap<StreamTag, HashSet<Uuid>>,
    claims: claims::Claims,
}

impl Implied {
    /// Takes in one opened event; `whole` if all its envelopes opened.
    pub(crate) fn event(&mut self, leaf: &Leaf, fields: &[Field], whole: bool) {
        let at = leaf.position.checked_add(1);
        if !whole {
            self.found.find(at, "an envelope or its key is gone, and no certificate says why");
        }
        let tag = StreamTag(leaf.stream_tag);
        self.sealed(leaf);
        let header = fields.iter().find(|it| it.path == HEADER_PATH);
        let header = header.and_then(|it| serde_json::from_slice::<Header>(&it.value).ok());
        let Some(header) = header else {
            if whole {
                self.found.find(at, "the event has no header that can be read");
            }
            return;
        };
        let stream = store_id(header.stream);
        if header.stream.kind == StreamKind::Person {
            self.persons.insert(stream.id);
        }
        let named = self.named.entry(tag).or_default();
        named.insert(stream.id);
        for field in fields {
            named.extend(uuids_in(&field.value));
        }
        if *self.streams.entry(tag).or_insert_with(|| stream.clone()) != stream {
            self.found.find(at, "the header names another stream than those before it");
        }
        self.in_command(leaf, &header);
    }

    /// One command's events stand together, in its order.
    fn in_command(&mut self, leaf: &Leaf, header: &Header) {
        let position = leaf.position.saturating_add(1);
        let first = position.checked_sub(u64::from(header.index)).filter(|it| *it > 0);
        let Some(first) = first.filter(|_| header.index < header.count) else {
            return self
                .found
                .find(Some(position), "the event's place in its command is impossible");
        };
        let place = CommandPlace { first: Position(first), count: header.count };
        let id = CommandId(header.command_id);
        if *self.commands.entry(id).or_insert(place) != place {
            self.found.find(Some(position), "the event is not in one piece with its command");
        }
    }

    /// Takes in what the same events say of claims.
    ///
    /// # Errors
    ///
    /// As [`Opener::facts`].
    pub(crate) async fn claims(
        &mut self,
        opener: &Opener,
        stored: &[StoredEvent],
        types: &[(Position, String)],
    ) -> Result<(), Failure> {
        self.claims.take(opener, stored, types).await
    }

    /// Holds the tables against it. What was appended after `until` is not looked at.
    ///
    /// # Errors
    ///
    /// The store's own, when it cannot be read.
    pub async fn compare(
        mut self,
        store: &(impl Inspect + InspectKeys),
        opener: &Opener,
        until: u64,
    ) -> Result<Contradictions, Fault> {
        let grown = store.head(&opener.tenant).await?.position.0 > until;
        self.compare_streams(store, opener).await?;
        self.compare_commands(store, opener, until).await?;
        self.compare_keys(store, opener).await?;
        if !grown {
            self.compare_claims(store, opener).await?;
            for what in store.own_tables(&opener.tenant).await? {
                self.found.find(None, what);
            }
        }
        Ok(self.found)
    }

    async fn compare_streams(
        &mut self,
        store: &impl Inspect,
        opener: &Opener,
    ) -> Result<(), Fault> {
        let mut after = None;
        loop {
            let page = store.streams(&opener.tenant, after).await?;
            let Some((_, last)) = page.last() else { return Ok(()) };
            after = Some(last.tag);
            for (stream, head) in &page {
                let implied = self.streams.get(&head.tag);
                let is_other = match head.tag {
                    StreamTag::OF_LOG => *stream != StreamId::of_log(),
                    _ => implied.is_some_and(|it| it != stream),
                };
                if is_other {
                    let at = Some(head.last.0);
                    self.found
                        .find(at, "a tag stands for another stream in the table than in events");
                }
            }
            self.compare_names(store, opener, &page).await?;
        }
    }

    /// Each stream is found by its name, too.
    async fn compare_names(
        &mut self,
        store: &dyn EventStore,
        opener: &Opener,
        page: &[(StreamId, StreamHead)],
    ) -> Result<(), Fault> {
        let implied: Vec<StreamId> =
            page.iter().filter_map(|(_, it)| self.streams.get(&it.tag)).cloned().collect();
        let heads = store.stream_heads(&opener.tenant, &implied).await?;
        for (stream, head) in implied.iter().zip(heads) {
            let is_it = head.is_some_and(|it| self.streams.get(&it.tag) == Some(stream));
            if !is_it {
                self.found.find(None, "a stream is not found by its name");
            }
        }
        Ok(())
    }

    async fn compare_commands(
        &mut self,
        store: &impl Inspect,
        opener: &Opener,
        until: u64,
    ) -> Result<(), Fault> {
        let mut seen = 0_u64;
        let mut after = None;
        loop {
            let page = store.commands(&opener.tenant, after).await?;
            let Some((last, _)) = page.last() else { break };
            after = Some(*last);
            for (id, place) in page.iter().filter(|(_, it)| it.first.0 <= until) {
                match self.commands.get(id) {
                    Some(implied) if implied == place => seen = seen.saturating_add(1),
                    Some(_) | None => {
                        let at = Some(place.first.0);
                        self.found.find(at, "a command in the table is not that of the events");
                    }
                }
            }
        }
        if seen < self.commands.len() as u64 {
            self.found.find(None, "a command of the events is not in the table");
        }
        Ok(())
    }
}

/// The ids in a field's JSON: whatever is written like one.
fn uuids_in(json: &[u8]) -> impl Iterator<Item = Uuid> + '_ {
    let strings = json.split(|it| *it == b'"').filter(|it| it.len() == UUID_CHARS);
    strings.filter_map(|it| Uuid::try_parse_ascii(it).ok())
}

/// A page of events is at most this long.
const _: () = assert!(READ_LIMIT_MAX <= 1_000, "what is gathered for a page stays small");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_found_wherever_they_stand_in_json() {
        let one = "6f1f3a50-0000-4000-8000-000000000001";
        let other = "6f1f3a50-0000-4000-8000-000000000002";
        #[track_caller]
        fn check(json: &str, found: &[&str]) {
            let ids: Vec<String> = uuids_in(json.as_bytes()).map(|it| it.to_string()).collect();
            assert_eq!(ids, found, "{json}");
        }
        check(&format!("\"{one}\""), &[one]);
        check(
            &format!("[{{\"person_id\":\"{one}\",\"role\":\"MOTHER\"}},\"{other}\"]"),
            &[one, other],
        );
        check("\"no id, but exactly thirty-six signs..\"", &[]);
        check("{}", &[]);
        check("", &[]);
    }
}
