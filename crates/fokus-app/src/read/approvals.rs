//! What waits for a second person, in all families.

use std::collections::{BTreeMap, BTreeSet};

use async_trait::async_trait;
use fokus_core::fact::Fact;
use fokus_core::ids::{PersonId, StreamKind};
use fokus_core::record::Recorded;
use fokus_core::views::status::{ApprovalRow, CORRECTIONS_MAX, PersonCard, WaitingApproval};

use super::paging::{PageToken, filter_of, page_size};
use super::scan::{Scan, Standing};
use super::{cards, is_present};
use crate::failure::Failure;
use crate::journal::Journal;
use crate::load;
use crate::query::{ApprovalListAnswer, ApprovalListQuery};
use crate::read::Query;
use crate::session::{Action, permits};
use crate::tenants::Tenant;

#[async_trait]
impl Query for ApprovalListQuery {
    type Answer = ApprovalListAnswer;

    const ACTION: Action = Action::ReadWork;

    async fn answer(self, journal: &Journal, tenant: &Tenant) -> Result<Self::Answer, Failure> {
        let size = usize::try_from(page_size(self.page_size)?).unwrap_or(usize::MAX);
        let own = &self.asking.session.actor.sub;
        let filter = filter_of(&[
            "approvals",
            &format!("{:?}", self.clocks),
            if self.mine_to_answer { own } else { "" },
        ]);
        let token = PageToken::read(&self.page_token, &filter)?;
        let rows = Scan::rows_for(size);
        let mut scan =
            Scan::begin(journal, tenant, &self.clocks, self.min_position, token, rows).await?;
        let mut approvals = Vec::new();
        // A family's stand together: a page may have a few more than asked for, never without end.
        while approvals.len() < size {
            let Some(it) = scan.next().await? else { break };
            for row in &it.row.approvals {
                let may_answer = self.may_answer(journal, tenant, &it, row).await?;
                if may_answer || !self.mine_to_answer {
                    approvals.push(WaitingApproval {
                        family_id: it.row.family_id,
                        reference: it.row.reference.clone(),
                        row: row.clone(),
                        person: None,
                        may_answer,
                    });
                }
            }
        }
        let more = approvals.len() >= size || !scan.is_over();
        let next_page_token = if more { scan.goes_on(None).write(&filter) } else { String::new() };
        let as_of = scan.as_of();
        let persons = self.persons(journal, tenant, &approvals).await?;
        for it in &mut approvals {
            it.person = it.row.person_id.and_then(|it| persons.get(&it).cloned());
        }
        Ok(ApprovalListAnswer { approvals, next_page_token, as_of })
    }
}

impl ApprovalListQuery {
    /// As the command that approves asks: the role may, and four eyes look.
    async fn may_answer(
        &self,
        journal: &Journal,
        tenant: &Tenant,
        standing: &Standing,
        row: &ApprovalRow,
    ) -> Result<bool, Failure> {
        let session = &self.asking.session;
        let write = Action::Write(StreamKind::Family);
        if !permits(session.role, write, self.asking.purpose)
            || row.proposed_by == session.actor.sub
        {
            return Ok(false);
        }
        let corrected = &standing.row.corrections_ms;
        if !corrected.contains_key(&row.revision) && corrected.len() < CORRECTIONS_MAX {
            return Ok(true);
        }
        if !is_present(&self.clocks) {
            return Ok(!has_changed(&standing.history, row.revision, &session.actor.sub));
        }
        let stream = standing.row.family_id.into();
        let (_, history) = load::history(journal, tenant, stream).await?;
        Ok(!has_changed(&history, row.revision, &session.actor.sub))
    }

    async fn persons(
        &self,
        journal: &Journal,
        tenant: &Tenant,
        approvals: &[WaitingApproval],
    ) -> Result<BTreeMap<PersonId, PersonCard>, Failure> {
        let persons: BTreeSet<PersonId> =
            approvals.iter().filter_map(|it| it.row.person_id).collect();
        cards::of_persons(journal, tenant, persons, &self.clocks).await
    }
}

/// Whether the subject corrected the proposal.
fn has_changed(history: &[Recorded], proposal: u64, subject: &str) -> bool {
    history.iter().any(|event| {
        let Fact::EntryCorrected(it) = &event.fact else { return false };
        it.target_revision == proposal && event.actor.sub == subject
    })
}
