//! What a reader gets: the row, joined with persons' cards and the present.

use std::collections::BTreeMap;

use jiff::civil::Date;

use super::{
    FamilyStatus, InterventionState, MemberRow, MemberStatus, NetworkStatus, PersonCard,
    ReferralState, SpecialCare, StatusRow,
};
use crate::command::Birth;
use crate::family::course::Course;
use crate::family::pairing::{Stay, standing};
use crate::ids::PersonId;
use crate::time::age_years;

/// How long a correction counts as recent.
const RECENT_MS: u64 = 30 * 24 * 60 * 60 * 1000;

/// The status on `today`, at `now_ms` (Unix milliseconds) for what was corrected recently. `people`
/// holds the cards of members and of the network; a member without one shows without name and age. `revision` and
/// `last_position` are those of the family's stream, whose last event may be no entry.
pub fn present(
    row: &StatusRow,
    people: &BTreeMap<PersonId, PersonCard>,
    today: Date,
    now_ms: u64,
    revision: u64,
    last_position: u64,
) -> FamilyStatus {
    let members: Vec<MemberStatus> = row
        .members_on(today)
        .into_iter()
        .map(|it| member_status(it, people.get(&it.person_id), today))
        .collect();
    let count = |wanted: &dyn Fn(Option<i16>) -> bool| {
        tally(members.iter().filter(|it| wanted(it.age_years)).count())
    };
    FamilyStatus {
        referral_state: row.referral_state.map(|it| match (it, row.offer_expires_on) {
            (ReferralState::Offered, Some(last)) if last < today => ReferralState::Expired,
            (it, _) => it,
        }),
        days_open: row.case.as_ref().map(|it| Course::days_open(&it.spans, today)),
        children_under_18: count(&|age| age.is_some_and(|it| it < 18)),
        youth_10_to_25: count(&|age| age.is_some_and(|it| (10..=25).contains(&it))),
        age_unknown: count(&|age| age.is_none()),
        active_interventions: tally(
            row.interventions.iter().filter(|it| it.state == InterventionState::Started).count(),
        ),
        stale: row.risks.iter().map(|it| today > it.valid_until).collect(),
        corrected_recently: tally(
            row.corrections_ms
                .values()
                .filter(|it| **it >= now_ms.saturating_sub(RECENT_MS))
                .count(),
        ),
        row: row.clone(),
        members,
        network: network_on(row, people, today),
        revision,
        last_position,
    }
}

impl StatusRow {
    /// The memberships that stand on `day`, one a person, in order of joining. The day of leaving is
    /// no longer a day of membership.
    pub fn members_on(&self, day: Date) -> Vec<&MemberRow> {
        standing(&self.members, day, |it| Stay {
            person_id: it.person_id,
            from: it.joined_on,
            to: it.left_on,
        })
    }
}

/// Those outside the family who take part on `today`, and are not members then.
fn network_on(
    row: &StatusRow,
    people: &BTreeMap<PersonId, PersonCard>,
    today: Date,
) -> Vec<NetworkStatus> {
    let members: Vec<PersonId> = row.members_on(today).iter().map(|it| it.person_id).collect();
    let network = row.network.iter().filter(|it| it.period.contains(today));
    network
        .filter(|it| !members.contains(&it.person_id))
        .map(|it| {
            let card = people.get(&it.person_id);
            NetworkStatus {
                person_id: it.person_id,
                role: it.role,
                agreed_by_family: it.agreed_by_family,
                name: card.and_then(|it| it.name.clone()),
                erased: card.is_some_and(|it| it.erased),
            }
        })
        .collect()
}

/// Of each kind that holds on `today`, the marker that holds longest.
fn special_care_on(card: &PersonCard, today: Date) -> Vec<SpecialCare> {
    let mut longest = BTreeMap::new();
    for it in card.special_care.iter().filter(|it| it.period.contains(today)) {
        let known = longest.entry(it.kind).or_insert(*it);
        if known.period.to < it.period.to {
            *known = *it;
        }
    }
    longest.into_values().collect()
}

fn member_status(member: &MemberRow, card: Option<&PersonCard>, today: Date) -> MemberStatus {
    let died_on = card.and_then(|it| it.died_on).filter(|it| *it <= today);
    MemberStatus {
        person_id: member.person_id,
        role: member.role,
        household: member.household,
        name: card.and_then(|it| it.name.clone()),
        erased: card.is_some_and(|it| it.erased),
        age_years: card.and_then(|it| it.birth).and_then(|it| age_on(it, died_on.unwrap_or(today))),
        language: card.and_then(|it| it.language.clone()),
        special_care: card.map(|it| special_care_on(it, today)).unwrap_or_default(),
        died_on,
    }
}

/// Completed years; where only the year is known, the years since then.
fn age_on(birth: Birth, today: Date) -> Option<i16> {
    match (birth.date, birth.year) {
        (Some(date), _) => Some(age_years(date, today)),
        (None, Some(year)) => Some(today.year().saturating_sub(year).max(0)),
        (None, None) => None,
    }
}

fn tally(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}
