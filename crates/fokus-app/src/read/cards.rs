//! What is known of persons, joined when a read is answered.

use std::collections::{BTreeMap, BTreeSet};

use fokus_core::effective::Clocks;
use fokus_core::ids::PersonId;
use fokus_core::person;
use fokus_core::views::status::{PersonCard, StatusRow};

use super::known;
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
    let mut cards = BTreeMap::new();
    for it in persons {
        cards.insert(it, card(journal, tenant, it, clocks).await?);
    }
    Ok(cards)
}

/// One person's card, as known then.
async fn card(
    journal: &Journal,
    tenant: &Tenant,
    person: PersonId,
    clocks: &Clocks,
) -> Result<PersonCard, Failure> {
    let (_, history) = load::history(journal, tenant, person.into()).await?;
    let history = known(history, clocks);
    let wanted = person::card_events(&history).into_iter().collect();
    let personal = load::personal(journal, tenant, person.into(), &history, &wanted).await?;
    Ok(person::card(&history, &personal))
}
