//! `ProgrammeService`: the programme's numbers, live ones for named roles, released ones for everybody.

use fokus_app::failure::Failure;
use fokus_app::journal::Journal;
use fokus_app::query::{ChangedOutcomesQuery, OutcomesQuery, ProgrammeQuery};
use fokus_app::session::Access;
use fokus_core::ids::ProgrammeId;
use fokus_proto::v1;
use fokus_proto::v1::programme_service_server::ProgrammeService;
use tokio::time::{Instant, timeout_at};
use tonic::{Request, Response, Status};

use super::{answered, wire};
use crate::feed::{Ended, Feed, Feeds, Outlet};
use crate::gate::Caller;
use crate::limits::{HEARTBEAT_INTERVAL, WATCH_READ_MAX};

/// The service.
#[derive(Debug)]
pub(crate) struct Programme {
    journal: Journal,
    feeds: Feeds,
}

impl Programme {
    /// The service over `journal`.
    pub(crate) fn new(journal: Journal, feeds: Feeds) -> Self {
        Programme { journal, feeds }
    }

    async fn programme(
        &self,
        request: Request<v1::GetProgrammeRequest>,
    ) -> Result<v1::GetProgrammeResponse, Failure> {
        let caller = Caller::of(&request)?;
        let message = request.into_inner();
        let programme_id = fokus_proto::optional_uuid(&message.programme_id, "programme_id")?;
        let query = ProgrammeQuery {
            min_position: fokus_proto::position(message.min_position, "min_position")?,
            clocks: fokus_proto::clocks(message.clocks)?,
            programme_id: programme_id.map(ProgrammeId),
        };
        let access = caller.access(fokus_proto::purpose(message.purpose)?);
        let answer = self.journal.read(&access, query).await?;
        Ok(v1::GetProgrammeResponse {
            programmes: answer.programmes.iter().map(fokus_proto::programme_figures).collect(),
            day: answer.day.to_string(),
            as_of_position: wire(answer.as_of),
        })
    }

    async fn outcomes(
        &self,
        request: Request<v1::GetOutcomesRequest>,
    ) -> Result<v1::GetOutcomesResponse, Failure> {
        let caller = Caller::of(&request)?;
        let message = request.into_inner();
        fokus_proto::no_clocks(message.clocks.as_ref())?;
        let query = OutcomesQuery {
            programme_id: ProgrammeId(fokus_proto::uuid(&message.programme_id, "programme_id")?),
            quarter: fokus_proto::optional_quarter(&message.quarter, "quarter")?,
            min_position: fokus_proto::position(message.min_position, "min_position")?,
        };
        let access = caller.access(fokus_proto::purpose(message.purpose)?);
        let answer = self.journal.read(&access, query).await?;
        let releases = answer.releases.iter().map(fokus_proto::outcomes_without_tables);
        Ok(v1::GetOutcomesResponse {
            outcomes: Some(fokus_proto::outcomes(&answer.release)),
            releases: releases.collect(),
            as_of_position: wire(answer.as_of),
        })
    }

    fn watch(
        &self,
        request: Request<v1::WatchOutcomesRequest>,
    ) -> Result<Feed<v1::WatchOutcomesResponse>, Failure> {
        let caller = Caller::of(&request)?;
        let message = request.into_inner();
        fokus_proto::no_clocks(message.clocks.as_ref())?;
        let after = fokus_proto::position(message.after_position, "after_position")?;
        let access = caller.access(fokus_proto::purpose(message.purpose)?);
        let journal = self.journal.clone();
        Ok(self.feeds.start(&caller, move |outlet| follow(journal, access, after, outlet)))
    }
}

/// Sends each release that came or was withdrawn after `after`, for ever.
async fn follow(
    journal: Journal,
    access: Access,
    mut after: u64,
    outlet: Outlet<v1::WatchOutcomesResponse>,
) -> Result<(), Ended> {
    let mut heartbeat_at = Instant::now() + HEARTBEAT_INTERVAL;
    loop {
        let query = ChangedOutcomesQuery { after, limit: WATCH_READ_MAX };
        let answer = journal.read(&access, query).await?;
        let idle = answer.releases.is_empty();
        for (row, changed) in &answer.releases {
            let release = Some(fokus_proto::outcomes_without_tables(row));
            let as_of_position = wire(*changed);
            outlet.send(v1::WatchOutcomesResponse { release, as_of_position }).await?;
            heartbeat_at = Instant::now() + HEARTBEAT_INTERVAL;
        }
        after = answer.through.max(after);
        if !idle {
            continue;
        }
        match timeout_at(heartbeat_at, journal.wait_for_outcomes(&access, after)).await {
            Ok(moved) => {
                moved?;
            }
            Err(_) => {
                let as_of_position = wire(after);
                outlet.send(v1::WatchOutcomesResponse { release: None, as_of_position }).await?;
                heartbeat_at = Instant::now() + HEARTBEAT_INTERVAL;
            }
        }
    }
}

#[tonic::async_trait]
impl ProgrammeService for Programme {
    async fn get_programme(
        &self,
        request: Request<v1::GetProgrammeRequest>,
    ) -> Result<Response<v1::GetProgrammeResponse>, Status> {
        answered(self.programme(request).await)
    }

    async fn get_outcomes(
        &self,
        request: Request<v1::GetOutcomesRequest>,
    ) -> Result<Response<v1::GetOutcomesResponse>, Status> {
        answered(self.outcomes(request).await)
    }

    type WatchOutcomesStream = Feed<v1::WatchOutcomesResponse>;

    async fn watch_outcomes(
        &self,
        request: Request<v1::WatchOutcomesRequest>,
    ) -> Result<Response<Self::WatchOutcomesStream>, Status> {
        answered(self.watch(request))
    }
}
