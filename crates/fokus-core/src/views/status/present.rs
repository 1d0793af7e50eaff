//! What a reader gets: the row, joined with persons' cards and the present.

use std::collections::BTreeMap;

use jiff::civil::Date;

use super::{
    FamilyStatus, InterventionState, MemberRow, MemberStatus, PersonCard, ReferralState, StatusRow,
};
use crate::command::Birth;
use crate::family::course::Course;
use crate::family::pairing::{Stay, standing};
use crate::ids::PersonId;
use crate::time::age_years;

/// How long a correction counts as recent.
const RECENT_MS: u64 = 30 * 24 * 60 * 60 * 1000;

/// The status on `today`, at `now_ms` (Unix milliseconds) for what was corrected recently. `people`
/// holds the cards of members; a member without one shows without name and age. `revision` and
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

fn member_status(member: &MemberRow, card: Option<&PersonCard>, today: Date) -> MemberStatus {
    MemberStatus {
        person_id: member.person_id,
        role: member.role,
        household: member.household,
        name: card.and_then(|it| it.name.clone()),
        erased: card.is_some_and(|it| it.erased),
        age_years: card.and_then(|it| it.birth).and_then(|it| age_on(it, today)),
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
