//! `WorkService`: what there is to do, and who does it.

use fokus_app::failure::Failure;
use fokus_app::journal::Journal;
use fokus_app::query::{ApprovalListQuery, CaseloadQuery, InterventionListQuery};
use fokus_core::ids::{FamilyId, WorkerId};
use fokus_proto::v1;
use fokus_proto::v1::work_service_server::WorkService;
use prost::Message as _;
use tonic::{Request, Response, Status};

use super::{answered, smaller_page, wire};
use crate::gate::Caller;

/// The service.
#[derive(Debug)]
pub(crate) struct Work {
    journal: Journal,
}

impl Work {
    /// The service over `journal`.
    pub(crate) fn new(journal: Journal) -> Self {
        Work { journal }
    }

    async fn caseload(
        &self,
        request: Request<v1::GetCaseloadRequest>,
    ) -> Result<v1::GetCaseloadResponse, Failure> {
        let caller = Caller::of(&request)?;
        let message = request.into_inner();
        let worker_id = fokus_proto::optional_uuid(&message.worker_id, "worker_id")?;
        let query = CaseloadQuery {
            page_token: message.page_token,
            min_position: fokus_proto::position(message.min_position, "min_position")?,
            clocks: fokus_proto::clocks(message.clocks)?,
            worker_id: worker_id.map(WorkerId),
        };
        let access = caller.access(fokus_proto::purpose(message.purpose)?);
        let answer = self.journal.read(&access, query).await?;
        let workers = answer.workers.iter().map(|(worker, it)| {
            fokus_proto::worker_caseload(*worker, it.name.as_deref(), &it.load)
        });
        Ok(v1::GetCaseloadResponse {
            workers: workers.collect(),
            weights: Some(fokus_proto::caseload_weights(&answer.weights)),
            day: answer.day.to_string(),
            as_of_position: wire(answer.as_of),
            next_page_token: answer.next_page_token,
        })
    }

    async fn interventions(
        &self,
        request: Request<v1::ListInterventionsRequest>,
    ) -> Result<v1::ListInterventionsResponse, Failure> {
        let caller = Caller::of(&request)?;
        let message = request.into_inner();
        let family_id = fokus_proto::optional_uuid(&message.family_id, "family_id")?;
        let mut query = InterventionListQuery {
            page_size: fokus_proto::page_size(message.page_size)?,
            page_token: message.page_token,
            min_position: fokus_proto::position(message.min_position, "min_position")?,
            clocks: fokus_proto::clocks(message.clocks)?,
            family_id: family_id.map(FamilyId),
            states: fokus_proto::intervention_states(message.states)?,
            types: fokus_proto::intervention_types(message.types)?,
            overdue_only: message.overdue_only,
        };
        let access = caller.access(fokus_proto::purpose(message.purpose)?);
        loop {
            let answer = self.journal.read(&access, query.clone()).await?;
            let cards = answer.interventions.iter().map(fokus_proto::intervention_card);
            let page = v1::ListInterventionsResponse {
                interventions: cards.collect(),
                next_page_token: answer.next_page_token,
                day: answer.day.to_string(),
                as_of_position: wire(answer.as_of),
            };
            match smaller_page(page.interventions.len(), page.encoded_len()) {
                Some(size) => query.page_size = size,
                None => return Ok(page),
            }
        }
    }

    async fn approvals(
        &self,
        request: Request<v1::ListApprovalsRequest>,
    ) -> Result<v1::ListApprovalsResponse, Failure> {
        let caller = Caller::of(&request)?;
        let message = request.into_inner();
        let access = caller.access(fokus_proto::purpose(message.purpose)?);
        let query = ApprovalListQuery {
            page_size: fokus_proto::page_size(message.page_size)?,
            page_token: message.page_token,
            min_position: fokus_proto::position(message.min_position, "min_position")?,
            clocks: fokus_proto::clocks(message.clocks)?,
            asking: access.clone(),
            mine_to_answer: message.mine_to_answer,
        };
        let answer = self.journal.read(&access, query).await?;
        Ok(v1::ListApprovalsResponse {
            approvals: answer.approvals.iter().map(fokus_proto::waiting_approval).collect(),
            next_page_token: answer.next_page_token,
            as_of_position: wire(answer.as_of),
        })
    }
}

#[tonic::async_trait]
impl WorkService for Work {
    async fn get_caseload(
        &self,
        request: Request<v1::GetCaseloadRequest>,
    ) -> Result<Response<v1::GetCaseloadResponse>, Status> {
        answered(self.caseload(request).await)
    }

    async fn list_interventions(
        &self,
        request: Request<v1::ListInterventionsRequest>,
    ) -> Result<Response<v1::ListInterventionsResponse>, Status> {
        answered(self.interventions(request).await)
    }

    async fn list_approvals(
        &self,
        request: Request<v1::ListApprovalsRequest>,
    ) -> Result<Response<v1::ListApprovalsResponse>, Status> {
        answered(self.approvals(request).await)
    }
}
