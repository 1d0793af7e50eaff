//! Who is called what in one family, for those who show its entries: they name people by id.

use std::collections::BTreeMap;

use async_trait::async_trait;

use super::cards;
use super::caseload::name_of;
use super::scan::one_family;
use crate::failure::Failure;
use crate::journal::Journal;
use crate::query::{FamilyNamesAnswer, FamilyNamesQuery, NAMED_WORKERS_MAX};
use crate::read::Query;
use crate::session::Action;
use crate::tenants::Tenant;

#[async_trait]
impl Query for FamilyNamesQuery {
    type Answer = FamilyNamesAnswer;

    const ACTION: Action = Action::ReadFamily;

    async fn answer(self, journal: &Journal, tenant: &Tenant) -> Result<Self::Answer, Failure> {
        let (standing, _) = one_family(journal, tenant, self.family_id, &self.clocks, 0).await?;
        let rows = std::iter::once(&standing.row);
        let persons = cards::of_rows(journal, tenant, rows, &self.clocks).await?;
        let mut workers = BTreeMap::new();
        for worker in self.workers.into_iter().take(NAMED_WORKERS_MAX) {
            if let Some(name) = name_of(journal, tenant, worker, &self.clocks).await? {
                workers.insert(worker, name);
            }
        }
        Ok(FamilyNamesAnswer { persons, workers })
    }
}
