//! `FamilyService`: what the journal says of families.

use fokus_app::failure::Failure;
use fokus_app::journal::Journal;
use fokus_app::query::{
    ChangedFamiliesQuery, FamilyListQuery, FamilyStatusQuery, TimelineQuery, TrajectoryQuery,
};
use fokus_app::session::Access;
use fokus_core::codes::Purpose;
use fokus_core::ids::FamilyId;
use fokus_proto::v1;
use fokus_proto::v1::family_service_server::FamilyService;
use prost::Message as _;
use tokio::time::{Instant, timeout_at};
use tonic::{Request, Response, Status};

use super::{answered, smaller_page, wire};
use crate::feed::{Ended, Feed, Feeds, Outlet};
use crate::gate::Caller;
use crate::limits::{HEARTBEAT_INTERVAL, WATCH_READ_MAX};

/// The service.
#[derive(Debug)]
pub(crate) struct Family {
    journal: Journal,
    feeds: Feeds,
}

impl Family {
    /// The service over `journal`.
    pub(crate) fn new(journal: Journal, feeds: Feeds) -> Self {
        Family { journal, feeds }
    }

    async fn status(
        &self,
        request: Request<v1::GetFamilyStatusRequest>,
    ) -> Result<v1::GetFamilyStatusResponse, Failure> {
        let caller = Caller::of(&request)?;
        let message = request.into_inner();
        let query = FamilyStatusQuery {
            family_id: FamilyId(fokus_proto::uuid(&message.family_id, "family_id")?),
            min_position: fokus_proto::position(message.min_position, "min_position")?,
            clocks: fokus_proto::clocks(message.clocks)?,
        };
        let access = caller.access(fokus_proto::purpose(message.purpose)?);
        let answer = self.journal.read(&access, query).await?;
        Ok(v1::GetFamilyStatusResponse {
            status: Some(fokus_proto::family_status(&answer.status)),
            as_of_position: wire(answer.as_of),
        })
    }

    async fn list(
        &self,
        request: Request<v1::ListFamiliesRequest>,
    ) -> Result<v1::ListFamiliesResponse, Failure> {
        let caller = Caller::of(&request)?;
        let message = request.into_inner();
        let mut query = FamilyListQuery {
            page_size: fokus_proto::page_size(message.page_size)?,
            page_token: message.page_token,
            min_position: fokus_proto::position(message.min_position, "min_position")?,
            clocks: fokus_proto::clocks(message.clocks)?,
            case_state: fokus_proto::case_state(message.case_state)?,
            phase: fokus_proto::case_phase(message.phase)?,
        };
        let access = caller.access(fokus_proto::purpose(message.purpose)?);
        loop {
            let answer = self.journal.read(&access, query.clone()).await?;
            let page = v1::ListFamiliesResponse {
                families: answer.families.iter().map(fokus_proto::family_status).collect(),
                next_page_token: answer.next_page_token,
                as_of_position: wire(answer.as_of),
            };
            match smaller_page(page.families.len(), page.encoded_len()) {
                Some(size) => query.page_size = size,
                None => return Ok(page),
            }
        }
    }

    async fn timeline(
        &self,
        request: Request<v1::GetTimelineRequest>,
    ) -> Result<v1::GetTimelineResponse, Failure> {
        let caller = Caller::of(&request)?;
        let message = request.into_inner();
        let purpose = fokus_proto::purpose(message.purpose)?;
        let mut query = TimelineQuery {
            family_id: FamilyId(fokus_proto::uuid(&message.family_id, "family_id")?),
            page_size: fokus_proto::page_size(message.page_size)?,
            page_token: message.page_token,
            min_position: fokus_proto::position(message.min_position, "min_position")?,
            clocks: fokus_proto::clocks(message.clocks)?,
            by_recorded: message.by_recorded,
            include_mistaken: message.include_mistaken,
            include_supervision: message.include_supervision
                || matches!(purpose, Purpose::Supervision | Purpose::Audit),
        };
        let access = caller.access(purpose);
        loop {
            let answer = self.journal.read(&access, query.clone()).await?;
            let page = v1::GetTimelineResponse {
                entries: answer.entries.iter().map(fokus_proto::timeline_entry).collect(),
                next_page_token: answer.next_page_token,
                as_of_position: wire(answer.as_of),
                revision: wire(answer.revision),
            };
            match smaller_page(page.entries.len(), page.encoded_len()) {
                Some(size) => query.page_size = size,
                None => return Ok(page),
            }
        }
    }

    async fn trajectory(
        &self,
        request: Request<v1::GetRiskTrajectoryRequest>,
    ) -> Result<v1::GetRiskTrajectoryResponse, Failure> {
        let caller = Caller::of(&request)?;
        let message = request.into_inner();
        let query = TrajectoryQuery {
            family_id: FamilyId(fokus_proto::uuid(&message.family_id, "family_id")?),
            min_position: fokus_proto::position(message.min_position, "min_position")?,
            clocks: fokus_proto::clocks(message.clocks)?,
        };
        let access = caller.access(fokus_proto::purpose(message.purpose)?);
        let answer = self.journal.read(&access, query).await?;
        Ok(v1::GetRiskTrajectoryResponse {
            as_of_position: wire(answer.as_of),
            revision: wire(answer.revision),
            ..fokus_proto::risk_trajectory(&answer.trajectory)
        })
    }

    fn watch(
        &self,
        request: Request<v1::WatchFamiliesRequest>,
    ) -> Result<Feed<v1::WatchFamiliesResponse>, Failure> {
        let caller = Caller::of(&request)?;
        let message = request.into_inner();
        let after = fokus_proto::position(message.after_position, "after_position")?;
        let access = caller.access(fokus_proto::purpose(message.purpose)?);
        let journal = self.journal.clone();
        Ok(self.feeds.start(&caller, move |outlet| follow(journal, access, after, outlet)))
    }
}

/// Sends each family changed after `after`, once with its latest status, for ever. A slow reader gets
/// what is newest when it reads again, not what it missed.
async fn follow(
    journal: Journal,
    access: Access,
    mut after: u64,
    outlet: Outlet<v1::WatchFamiliesResponse>,
) -> Result<(), Ended> {
    let mut heartbeat_at = Instant::now() + HEARTBEAT_INTERVAL;
    loop {
        let query = ChangedFamiliesQuery { after, limit: WATCH_READ_MAX };
        let answer = journal.read(&access, query).await?;
        let idle = answer.families.is_empty();
        for status in &answer.families {
            // They come by their last change, so that a reader may go on from any of them.
            let family = Some(fokus_proto::family_status(status));
            let as_of_position = wire(status.last_position);
            outlet.send(v1::WatchFamiliesResponse { family, as_of_position }).await?;
            heartbeat_at = Instant::now() + HEARTBEAT_INTERVAL;
        }
        after = answer.through.max(after);
        if !idle {
            continue;
        }
        // Changes below what a heartbeat says have been sent: it says the last read's position.
        match timeout_at(heartbeat_at, journal.wait_for_families(&access, after)).await {
            Ok(moved) => {
                moved?;
            }
            Err(_) => {
                let as_of_position = wire(after);
                outlet.send(v1::WatchFamiliesResponse { family: None, as_of_position }).await?;
                heartbeat_at = Instant::now() + HEARTBEAT_INTERVAL;
            }
        }
    }
}

#[tonic::async_trait]
impl FamilyService for Family {
    async fn get_family_status(
        &self,
        request: Request<v1::GetFamilyStatusRequest>,
    ) -> Result<Response<v1::GetFamilyStatusResponse>, Status> {
        answered(self.status(request).await)
    }

    async fn list_families(
        &self,
        request: Request<v1::ListFamiliesRequest>,
    ) -> Result<Response<v1::ListFamiliesResponse>, Status> {
        answered(self.list(request).await)
    }

    async fn get_timeline(
        &self,
        request: Request<v1::GetTimelineRequest>,
    ) -> Result<Response<v1::GetTimelineResponse>, Status> {
        answered(self.timeline(request).await)
    }

    async fn get_risk_trajectory(
        &self,
        request: Request<v1::GetRiskTrajectoryRequest>,
    ) -> Result<Response<v1::GetRiskTrajectoryResponse>, Status> {
        answered(self.trajectory(request).await)
    }

    type WatchFamiliesStream = Feed<v1::WatchFamiliesResponse>;

    async fn watch_families(
        &self,
        request: Request<v1::WatchFamiliesRequest>,
    ) -> Result<Response<Self::WatchFamiliesStream>, Status> {
        answered(self.watch(request))
    }
}
