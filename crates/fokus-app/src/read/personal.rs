//! Personal fields of entries of one stream, opened and corrected, for those who show them.

use std::collections::{BTreeSet, HashMap};

use fokus_core::effective::corrected_personal;
use fokus_core::fact::Fact;
use fokus_core::ids::{EventId, StreamRef};
use fokus_core::record::Opened;

use crate::failure::Failure;
use crate::journal::Journal;
use crate::load::{self, OPENED_AT_ONCE};
use crate::tenants::Tenant;

/// An entry: its revision, and that of its latest correction as the reader's clocks know it; 0 = none.
pub(super) type EntryAt = (u64, u64);

/// The fields of the entries, by revision; only those that `keep` names, where it names some. Opened a
/// few entries at a time: what is not kept is let go.
pub(super) async fn fields(
    journal: &Journal,
    tenant: &Tenant,
    stream: StreamRef,
    entries: &[EntryAt],
    keep: &[&str],
) -> Result<HashMap<u64, Vec<(String, Opened)>>, Failure> {
    let mut found = HashMap::with_capacity(entries.len());
    for some in entries.chunks(OPENED_AT_ONCE) {
        for (revision, mut fields) in opened(journal, tenant, stream, some).await? {
            fields.retain(|(name, _)| keep.is_empty() || keep.contains(&name.as_str()));
            found.insert(revision, fields);
        }
    }
    Ok(found)
}

async fn opened(
    journal: &Journal,
    tenant: &Tenant,
    stream: StreamRef,
    entries: &[EntryAt],
) -> Result<Vec<(u64, Vec<(String, Opened)>)>, Failure> {
    let revisions = entries.iter().flat_map(|it| [it.0, it.1]);
    let wanted: BTreeSet<u64> = revisions.filter(|it| *it > 0).collect();
    let stored = load::events_at(journal, tenant, stream, &wanted).await?;
    let facts = tenant.opener.facts(&stored).await?;
    let mut fields = tenant.opener.personal(&stored).await?;
    let by_revision: HashMap<u64, (EventId, Fact)> = facts
        .into_iter()
        .map(|it| (it.recorded.revision, (it.recorded.event_id, it.recorded.fact)))
        .collect();
    let mut take = |revision: u64| -> Vec<(String, Opened)> {
        let event = by_revision.get(&revision).map(|(it, _)| *it);
        event.and_then(|it| fields.remove(&it)).unwrap_or_default()
    };
    let mut of_entries = Vec::with_capacity(entries.len());
    for (revision, corrected_by) in entries {
        let original = take(*revision);
        let corrected = take(*corrected_by);
        let correction = match by_revision.get(corrected_by) {
            Some((_, Fact::EntryCorrected(it))) => Some((it, corrected)),
            _ => None,
        };
        of_entries.push((*revision, corrected_personal(original, correction)));
    }
    Ok(of_entries)
}
