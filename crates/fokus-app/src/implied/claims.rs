//! Who claims what: a function of the events that give a person's CPR number or a family's reference, and
//! of what corrects them or marks them mistaken.

use std::collections::HashMap;

use fokus_core::effective::{corrected_personal, effective_now, target_of};
use fokus_core::fact::Fact;
use fokus_core::record::{Opened, Recorded};
use fokus_store::{Claim, Fault, Inspect, Position, StoredEvent, StreamTag};
use fokus_vault::index::blind_index;

use super::Implied;
use crate::failure::Failure;
use crate::keyring::index_slot;
use crate::opening::Opener;

/// The personal field that claims.
const CPR: &str = "cpr";
/// The types of events that claims depend on.
const TYPES: [&str; 6] = [
    "PersonRegistered",
    "PersonIdentityEstablished",
    "FamilyRegistered",
    "EntryCorrected",
    "EntryMarkedMistaken",
    "MistakenMarkWithdrawn",
];

/// An event with its personal fields.
type Entry = (Recorded, Vec<(String, Opened)>);

/// The events that claims depend on.
#[derive(Debug, Default)]
pub(super) struct Claims {
    /// By stream, in order.
    entries: HashMap<StreamTag, Vec<Entry>>,
    /// Whether there are invented persons, and whether there are real ones.
    invented: bool,
    real: bool,
}

impl Claims {
    pub(super) async fn take(
        &mut self,
        opener: &Opener,
        stored: &[StoredEvent],
        types: &[(Position, String)],
    ) -> Result<(), Failure> {
        let is_wanted = |event: &&StoredEvent| {
            let found = types.binary_search_by_key(&event.position, |it| it.0).ok();
            let name = found.and_then(|it| types.get(it)).map(|it| it.1.as_str());
            name.is_some_and(|it| TYPES.contains(&it))
        };
        let wanted: Vec<StoredEvent> = stored.iter().filter(is_wanted).cloned().collect();
        let facts = opener.facts(&wanted).await?;
        let mut personal = opener.personal(&wanted).await?;
        for opened in facts {
            let fields = personal.remove(&opened.recorded.event_id).unwrap_or_default();
            if let Fact::PersonRegistered(it) = &opened.recorded.fact {
                self.invented |= it.is_synthetic;
                self.real |= !it.is_synthetic;
            }
            self.entries.entry(opened.tag).or_default().push((opened.recorded, fields));
        }
        Ok(())
    }

    /// The CPR numbers and references that a stream's events claim.
    fn of_stream(entries: Vec<Entry>) -> (Vec<String>, Vec<String>) {
        let (mut numbers, mut references) = (Vec::new(), Vec::new());
        let history: Vec<Recorded> = entries.iter().map(|(it, _)| it.clone()).collect();
        let mut fields: HashMap<u64, Vec<(String, Opened)>> =
            entries.into_iter().map(|(it, fields)| (it.revision, fields)).collect();
        let corrections: HashMap<u64, &Fact> = history
            .iter()
            .filter(|it| target_of(&it.fact).is_some())
            .map(|it| (it.revision, &it.fact))
            .collect();
        for entry in effective_now(&history) {
            if let Fact::FamilyRegistered(it) = &entry.fact {
                references.push(it.reference.clone());
            }
            let original = fields.remove(&entry.revision).unwrap_or_default();
            let correction = match corrections.get(&entry.correction()) {
                Some(Fact::EntryCorrected(fact)) => {
                    Some((fact, fields.remove(&entry.correction()).unwrap_or_default()))
                }
                Some(_) | None => None,
            };
            let correction = correction.as_ref().map(|(fact, it)| (&**fact, it.clone()));
            let read = corrected_personal(original, correction);
            let number = read.into_iter().find(|(name, _)| name == CPR);
            if let Some((_, Opened::Known(serde_json::Value::String(number)))) = number {
                numbers.push(number);
            }
        }
        (numbers, references)
    }
}

impl Implied {
    pub(super) async fn compare_claims(
        &mut self,
        store: &impl Inspect,
        opener: &Opener,
    ) -> Result<(), Fault> {
        let mut implied: HashMap<Claim, StreamTag> = HashMap::new();
        let is_marked = store.log(&opener.tenant).await?.synthetic;
        if (is_marked && self.claims.real) || (!is_marked && self.claims.invented) {
            self.found.find(None, "whether the log holds invented people is marked wrong");
        }
        let key = opener.keyring.get(&opener.tenant, &[index_slot()]).await?;
        let key = key.into_iter().next().flatten();
        for (tag, entries) in std::mem::take(&mut self.claims.entries) {
            let (numbers, references) = Claims::of_stream(entries);
            for number in numbers {
                match &key {
                    Some(key) => {
                        let claimed = blind_index(&key.key, CPR, &number).to_vec();
                        implied.insert(Claim { kind: CPR.to_owned(), tag: claimed }, tag);
                    }
                    None => self.found.find(None, "the key of the blind index is gone"),
                }
            }
            for reference in references {
                let (kind, claimed) = ("reference".to_owned(), reference.into_bytes());
                implied.insert(Claim { kind, tag: claimed }, tag);
            }
        }
        let mut after = None;
        loop {
            let page = store.claims(&opener.tenant, after).await?;
            let Some((last, _)) = page.last() else { break };
            after = Some(last.clone());
            for (claim, holder) in page {
                if implied.remove(&claim) != Some(holder) {
                    self.found.find(None, "a claim in the table is not that of the events");
                }
            }
        }
        for _ in implied {
            self.found.find(None, "a claim of the events is not in the table");
        }
        Ok(())
    }
}
