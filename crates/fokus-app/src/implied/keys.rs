//! Which key seals what: by the leaves, and by the table of keys.

use fokus_log::leaf::Leaf;
use fokus_store::{Fault, InspectKeys, KeySlot, StreamTag, WrappedKey};
use fokus_vault::wrap::KeyKind;
use uuid::Uuid;

use super::Implied;
use crate::opening::Opener;

/// What a key seals, by the leaves that name it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Use {
    tag: StreamTag,
    /// Whether it seals headers and facts; else personal fields.
    of_stream: bool,
    /// Of the first event.
    position: u64,
}

impl Implied {
    /// Envelope 0 is sealed under the stream's key, the others under keys of persons in that stream.
    pub(super) fn sealed(&mut self, leaf: &Leaf) {
        let position = leaf.position.saturating_add(1);
        for (index, envelope) in leaf.envelopes.iter().enumerate() {
            let of_stream = index == 0;
            let used = Use { tag: StreamTag(leaf.stream_tag), of_stream, position };
            for id in &envelope.key_ids {
                let before = *self.keys.entry(*id).or_insert(used);
                if (before.tag, before.of_stream) != (used.tag, used.of_stream) {
                    self.found
                        .find(Some(position), "a key seals in two streams or for two purposes");
                }
            }
        }
    }

    pub(super) async fn compare_keys(
        &mut self,
        store: &impl InspectKeys,
        opener: &Opener,
    ) -> Result<(), Fault> {
        for kek in store.keks(&opener.tenant).await? {
            if !opener.keyring.opens_kek(&opener.tenant, &kek) {
                self.found.find(None, "a key-encryption key does not open under the root key");
            }
        }
        let mut after = None;
        loop {
            let page = store.keys_after(&opener.tenant, after).await?;
            let Some(last) = page.last() else { return Ok(()) };
            after = Some(last.key_id);
            for key in &page {
                self.compare_key(opener, key).await?;
            }
        }
    }

    async fn compare_key(&mut self, opener: &Opener, key: &WrappedKey) -> Result<(), Fault> {
        let used = self.keys.get(&key.key_id).copied();
        let at = used.map(|it| it.position);
        if !opener.keyring.opens(&opener.tenant, key).await? {
            self.found.find(at, "a key does not open under its key-encryption key");
        }
        if KeyKind::from_byte(key.kind) != Some(kind_of(key.slot)) {
            self.found.find(at, "a key is of another kind than its slot");
        }
        // A key that seals nothing was made for a command that was refused in the end.
        let Some(used) = used else { return Ok(()) };
        if (used.tag, used.of_stream) != (key.slot.stream_tag, key.slot.person.is_none()) {
            self.found.find(at, "a key's slot is not that of what it seals");
        }
        if key.slot.person.is_some_and(|it| !self.is_person_of(used.tag, it)) {
            self.found.find(at, "a key is of a person whom its stream does not name");
        }
        Ok(())
    }

    /// Whether the stream is the person's own, or names somebody who has a stream as a person.
    fn is_person_of(&self, tag: StreamTag, id: Uuid) -> bool {
        let is_own = self.streams.get(&tag).is_some_and(|it| it.id == id);
        let is_named = || self.named.get(&tag).is_some_and(|it| it.contains(&id));
        is_own || (self.persons.contains(&id) && is_named())
    }
}

fn kind_of(slot: KeySlot) -> KeyKind {
    crate::keyring::kind_of(slot)
}
