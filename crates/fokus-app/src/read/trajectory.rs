//! One family's trajectory.

use std::collections::BTreeSet;

use async_trait::async_trait;
use fokus_core::ids::PersonId;
use fokus_core::views::interventions::cards_of;
use fokus_core::views::trajectory::{
    EntryFields, SHOWN_MAX, TrajectoryRow, keep_newest, present, trajectory_of, wanted,
};

use super::interventions::live_cards;
use super::scan::{Standing, one_family};
use super::{Which, cards, is_present, live_rows, personal, today};
use crate::failure::Failure;
use crate::journal::Journal;
use crate::query::{TrajectoryAnswer, TrajectoryQuery};
use crate::read::Query;
use crate::rows::{self, Stored};
use crate::runner::TRAJECTORY;
use crate::session::Action;
use crate::tenants::Tenant;

/// The personal fields that a trajectory shows.
const SHOWN_FIELDS: [&str; 3] = ["scores", "bands", "kind"];

#[async_trait]
impl Query for TrajectoryQuery {
    type Answer = TrajectoryAnswer;

    const ACTION: Action = Action::ReadFamily;

    async fn answer(self, journal: &Journal, tenant: &Tenant) -> Result<Self::Answer, Failure> {
        let (standing, as_of) =
            one_family(journal, tenant, self.family_id, &self.clocks, self.min_position).await?;
        let (mut rows, board) = if is_present(&self.clocks) {
            let rows = live_trajectory(journal, tenant, &standing, as_of).await?;
            (rows, live_cards(journal, tenant, &standing, as_of).await?)
        } else {
            let history = &standing.history;
            (trajectory_of(history, &self.clocks), cards_of(history, &self.clocks))
        };
        let left_out = keep_newest(&mut rows, SHOWN_MAX);
        let stream = self.family_id.into();
        let fields =
            personal::fields(journal, tenant, stream, &wanted(&rows), &SHOWN_FIELDS).await?;
        let fields: EntryFields = fields.into_iter().collect();
        let (_, day) = today(journal, &self.clocks);
        let mut trajectory = present(rows, &fields, board, day);
        trajectory.left_out = trajectory.left_out.saturating_add(left_out);
        let persons: BTreeSet<PersonId> = trajectory.persons.keys().copied().collect();
        trajectory.persons = cards::of_persons(journal, tenant, persons, &self.clocks).await?;
        Ok(TrajectoryAnswer { trajectory, as_of, revision: standing.revision })
    }
}

/// The family's rows as the view has them, at `as_of` or later.
async fn live_trajectory(
    journal: &Journal,
    tenant: &Tenant,
    standing: &Standing,
    as_of: u64,
) -> Result<Vec<TrajectoryRow>, Failure> {
    let which = Which::OfStream(standing.tag);
    let (build, _, mut rows) = live_rows(journal, tenant, TRAJECTORY, as_of, which).await?;
    rows.retain(|it| !it.body.is_empty());
    let keyring = &journal.shared.keyring;
    let stored: Vec<Stored<TrajectoryRow>> =
        rows::bodies(keyring, &tenant.id, &build, &rows).await?;
    Ok(stored.into_iter().map(|it| it.content).collect())
}
