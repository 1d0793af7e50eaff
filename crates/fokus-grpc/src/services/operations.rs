//! `OperationsService`: the views, and rebuilding them.

use std::pin::pin;

use fokus_app::failure::Failure;
use fokus_app::journal::Journal;
use fokus_app::query::{RebuildProgress, ViewState, ViewsQuery};
use fokus_app::session::Access;
use fokus_proto::v1;
use fokus_proto::v1::operations_service_server::OperationsService;
use tokio::sync::mpsc;
use tonic::{Request, Response, Status};

use super::{answered, wire};
use crate::feed::{Ended, Feed, Feeds, Outlet};
use crate::gate::Caller;

/// The service.
#[derive(Debug)]
pub(crate) struct Operations {
    journal: Journal,
    feeds: Feeds,
}

impl Operations {
    /// The service over `journal`.
    pub(crate) fn new(journal: Journal, feeds: Feeds) -> Self {
        Operations { journal, feeds }
    }

    async fn views(
        &self,
        request: Request<v1::ListViewsRequest>,
    ) -> Result<v1::ListViewsResponse, Failure> {
        let caller = Caller::of(&request)?;
        let access = caller.access(fokus_proto::purpose(request.into_inner().purpose)?);
        let answer = self.journal.read(&access, ViewsQuery).await?;
        Ok(v1::ListViewsResponse {
            views: answer.views.into_iter().map(view_state).collect(),
            head_position: wire(answer.head),
        })
    }

    fn rebuild(
        &self,
        request: Request<v1::RebuildViewRequest>,
    ) -> Result<Feed<v1::RebuildViewResponse>, Failure> {
        let caller = Caller::of(&request)?;
        let message = request.into_inner();
        let access = caller.access(fokus_proto::purpose(message.purpose)?);
        let journal = self.journal.clone();
        Ok(self.feeds.start(&caller, move |outlet| report(journal, access, message.name, outlet)))
    }
}

/// Rebuilds and reports. A slow reader never slows the rebuilding: it gets the newest progress, and
/// the last one always.
async fn report(
    journal: Journal,
    access: Access,
    view: String,
    outlet: Outlet<v1::RebuildViewResponse>,
) -> Result<(), Ended> {
    let (sender, mut progress) = mpsc::channel(1);
    let mut rebuilding = pin!(journal.rebuild(&access, &view, sender));
    let mut rebuilt = None;
    let mut newest: Option<RebuildProgress> = None;
    let mut more = true;
    loop {
        tokio::select! {
            res = &mut rebuilding, if rebuilt.is_none() => rebuilt = Some(res),
            next = progress.recv(), if more => match next {
                Some(it) => newest = Some(it),
                None => more = false,
            },
            room = outlet.room(), if newest.is_some() => {
                if let Some(it) = newest.take() {
                    room?.send(rebuild_response(it));
                }
            }
            else => break,
        }
    }
    match rebuilt {
        Some(Err(failure)) => Err(Ended::from(failure)),
        Some(Ok(())) | None => Ok(()),
    }
}

#[tonic::async_trait]
impl OperationsService for Operations {
    async fn list_views(
        &self,
        request: Request<v1::ListViewsRequest>,
    ) -> Result<Response<v1::ListViewsResponse>, Status> {
        answered(self.views(request).await)
    }

    type RebuildViewStream = Feed<v1::RebuildViewResponse>;

    async fn rebuild_view(
        &self,
        request: Request<v1::RebuildViewRequest>,
    ) -> Result<Response<Self::RebuildViewStream>, Status> {
        answered(self.rebuild(request))
    }
}

fn view_state(view: ViewState) -> v1::ViewState {
    let (halted_at, halted_code) = view.halted.unwrap_or_default();
    v1::ViewState {
        name: view.name,
        revision: i32::from(view.revision),
        build: i32::from(view.build),
        position: wire(view.position),
        halted_at: wire(halted_at),
        halted_code,
    }
}

fn rebuild_response(progress: RebuildProgress) -> v1::RebuildViewResponse {
    let (changed, added, removed) = progress.difference.unwrap_or_default();
    v1::RebuildViewResponse {
        position: wire(progress.position),
        head_position: wire(progress.head),
        done: progress.difference.is_some(),
        rows_changed: wire(changed),
        rows_added: wire(added),
        rows_removed: wire(removed),
    }
}
