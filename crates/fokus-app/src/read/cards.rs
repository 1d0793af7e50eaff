//! What is known of persons, joined when a read is answered.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use fokus_core::effective::Clocks;
use fokus_core::ids::{PersonId, StreamRef};
use fokus_core::person::{self, Personal};
use fokus_core::record::Recorded;
use fokus_core::views::status::{PersonCard, StatusRow};
use fokus_store::StreamTag;

use super::identities::Identity;
use super::{is_present, known};
use crate::failure::Failure;
use crate::journal::Journal;
use crate::load;
use crate::tenants::Tenant;

/// The cards of the persons who are or were members in the rows, or of the network.
pub(super) async fn of_rows<'a>(
    journal: &Journal,
    tenant: &Tenant,
    rows: impl Iterator<Item = &'a StatusRow>,
    clocks: &Clocks,
) -> Result<BTreeMap<PersonId, PersonCard>, Failure> {
    let members = |it: &'a StatusRow| it.members.iter().map(|it| it.person_id);
    let network = |it: &'a StatusRow| it.network.iter().map(|it| it.person_id);
    let persons = rows.flat_map(|it| members(it).chain(network(it))).collect();
    of_persons(journal, tenant, persons, clocks).await
}

/// The cards of the persons.
pub(super) async fn of_persons(
    journal: &Journal,
    tenant: &Tenant,
    persons: BTreeSet<PersonId>,
    clocks: &Clocks,
) -> Result<BTreeMap<PersonId, PersonCard>, Failure> {
    let streams: Vec<StreamRef> = persons.iter().map(|it| StreamRef::from(*it)).collect();
    let mut cards = BTreeMap::new();
    // A page of families may have many members: a few at a time stand in memory.
    let mut persons = persons.into_iter();
    for some in streams.chunks(load::OPENED_AT_ONCE) {
        let loaded = load::current(journal, tenant, some).await?;
        for ((tag, stream), person) in loaded.iter().zip(persons.by_ref()) {
            let history = if is_present(clocks) {
                Cow::Borrowed(stream.history())
            } else {
                Cow::Owned(known(stream.history().to_vec(), clocks))
            };
            let personal = identity(journal, tenant, person, *tag, &history).await?;
            cards.insert(person, person::card(&history, &personal));
        }
    }
    Ok(cards)
}

/// What says who the person is, opened.
async fn identity(
    journal: &Journal,
    tenant: &Tenant,
    person: PersonId,
    tag: Option<StreamTag>,
    history: &[Recorded],
) -> Result<Personal, Failure> {
    let wanted: BTreeSet<_> = person::card_events(history).into_iter().collect();
    let Some(tag) = tag.filter(|_| wanted.len() <= load::OPENED_AT_ONCE) else {
        return load::personal(journal, tenant, person.into(), history, &wanted).await;
    };
    let revisions: Vec<u64> =
        history.iter().filter(|it| wanted.contains(&it.event_id)).map(|it| it.revision).collect();
    let identities = &journal.shared.identities;
    let found = match identities.get(tenant.number, person, tag, &revisions) {
        Some(it) => it,
        None => {
            let of = revisions.iter().copied().collect();
            let events = load::events_at(journal, tenant, person.into(), &of).await?;
            let read = Arc::new(Identity { tag, revisions, events });
            identities.put(tenant.number, person, Arc::clone(&read));
            read
        }
    };
    let opened = tenant.opener.personal(&found.events).await?.into_iter();
    let fields = |(event, fields): (_, Vec<(String, _)>)| {
        fields.into_iter().map(move |(name, it)| ((event, name), it))
    };
    Ok(opened.flat_map(fields).collect())
}
