//! Everything that the views say, to compare: before and after, here and there.

use std::time::Duration;

use fokus_proto::v1::*;
use prost::Message as _;

use super::clients::{Clients, next};
use super::in_time;

/// How often the views are asked how far they are.
const BEAT: Duration = Duration::from_millis(50);

/// What the views say at this position: every page of the list, and of these families the status and the
/// timeline, to the byte.
pub(crate) async fn everything(
    clients: &Clients,
    families: &[String],
    position: i64,
) -> Vec<Vec<u8>> {
    let mut readings = Vec::new();
    let mut page_token = String::new();
    loop {
        let request = ListFamiliesRequest {
            min_position: position,
            page_token: std::mem::take(&mut page_token),
            ..Default::default()
        };
        let page = clients.list(request).await;
        page_token.clone_from(&page.next_page_token);
        // Page tokens are sealed anew each time.
        readings
            .push(ListFamiliesResponse { next_page_token: String::new(), ..page }.encode_to_vec());
        if page_token.is_empty() {
            break;
        }
    }
    for family_id in families {
        let status = clients.status(family_id, position, None).await.expect("a status");
        readings.push(status.encode_to_vec());
        let request = GetTimelineRequest {
            family_id: family_id.clone(),
            min_position: position,
            page_size: 1000,
            ..Default::default()
        };
        let page = clients.timeline(request).await;
        readings
            .push(GetTimelineResponse { next_page_token: String::new(), ..page }.encode_to_vec());
    }
    readings
}

/// The views and how far they are.
pub(crate) async fn views(operator: &Clients) -> ListViewsResponse {
    let request = ListViewsRequest { purpose: operator.purpose };
    let answer = in_time("the views", operator.operations.clone().list_views(request)).await;
    answer.expect("the views").into_inner()
}

/// Waits until all views have come so far.
pub(crate) async fn views_have_reached(operator: &Clients, position: i64) {
    let mut beat = tokio::time::interval(BEAT);
    let reached = async {
        loop {
            let views = views(operator).await.views;
            assert!(views.iter().all(|it| it.halted_at == 0), "a view has halted: {views:?}");
            if !views.is_empty() && views.iter().all(|it| it.position >= position) {
                return;
            }
            beat.tick().await;
        }
    };
    in_time("the views", reached).await;
}

/// Rebuilds every view, and fails unless each rebuild has exactly the rows that were there.
pub(crate) async fn check_rebuilds_are_equal(operator: &Clients) {
    for view in views(operator).await.views {
        let (name, purpose) = (view.name.clone(), operator.purpose);
        let request = RebuildViewRequest { purpose, name };
        let mut operations = operator.operations.clone();
        let stream = in_time("a rebuild", operations.rebuild_view(request)).await;
        let mut stream = stream.expect("a rebuild").into_inner();
        let mut last = None;
        while let Some(answer) = next(&mut stream).await {
            last = Some(answer);
        }
        let last = last.expect("a rebuild says how it went");
        let difference = (last.rows_changed, last.rows_added, last.rows_removed);
        assert!(last.done && difference == (0, 0, 0), "{}: {difference:?}", view.name);
    }
}
