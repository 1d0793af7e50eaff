//! Server-sent events: one word each time that the views have moved, with the position that all of them
//! have reached. What is slow to read gets the newest, not what it missed.

use std::collections::HashMap;
use std::convert::Infallible;
use std::sync::{Arc, Mutex, PoisonError};

use axum::extract::{Query, State};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use fokus_app::journal::Journal;
use fokus_app::query::ChangedOutcomesQuery;
use fokus_app::session::Action;
use http::{HeaderMap, StatusCode};
use serde::Deserialize;
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep, sleep_until};
use tokio_stream::wrappers::ReceiverStream;

use crate::limits::{FEED_PAUSE, FEEDS_MAX, FEEDS_PER_TOKEN_MAX, HEARTBEAT_INTERVAL};
use crate::site::Shared;
use crate::visitor::Visitor;

/// The changed releases that are looked at to see whether there are any.
const RELEASES_AT_ONCE: u32 = 1;

/// Open streams by the digest of their token.
#[derive(Debug, Default)]
pub(crate) struct Feeds {
    open: Mutex<HashMap<[u8; 32], usize>>,
}

impl Feeds {
    /// A place for one more stream; `None` when there is none.
    pub(crate) fn enter(self: &Arc<Self>, token: [u8; 32]) -> Option<Place> {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        if open.values().sum::<usize>() >= FEEDS_MAX {
            return None;
        }
        let of_token = open.entry(token).or_default();
        if *of_token >= FEEDS_PER_TOKEN_MAX {
            return None;
        }
        *of_token += 1;
        Some(Place { feeds: Arc::clone(self), token })
    }
}

/// A place among the open streams, given back when it is dropped.
#[derive(Debug)]
pub(crate) struct Place {
    feeds: Arc<Feeds>,
    token: [u8; 32],
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut open = self.feeds.open.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(it) = open.get_mut(&self.token) {
            *it = it.saturating_sub(1);
            if *it == 0 {
                open.remove(&self.token);
            }
        }
    }
}

/// Where the page stands.
#[derive(Debug, Deserialize)]
pub(crate) struct After {
    #[serde(default)]
    after: u64,
}

/// `GET /events?after=POSITION`
pub(crate) async fn events(
    State(shared): State<Arc<Shared>>,
    Query(after): Query<After>,
    headers: HeaderMap,
) -> Response {
    let Some(visitor) = Visitor::of(&headers, shared.verifier.as_ref()) else {
        return StatusCode::UNAUTHORIZED.into_response();
    };
    let Some(place) = shared.feeds.enter(visitor.digest) else {
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    };
    // A browser that reconnects says what it heard last.
    let heard = headers.get("last-event-id").and_then(|it| it.to_str().ok()?.parse().ok());
    let after = heard.unwrap_or(0).max(after.after);
    let (sender, receiver) = mpsc::channel(1);
    let (journal, shutdown) = (shared.journal.clone(), shared.shutdown.clone());
    shared.tasks.spawn(async move {
        let _place = place;
        let until = Instant::now() + visitor.remaining;
        tokio::select! {
            () = sender.closed() => {}
            () = sleep_until(until) => {}
            () = shutdown.cancelled() => {}
            () = tell(&journal, &visitor, after, &sender) => {}
        }
    });
    let alive = KeepAlive::new().interval(HEARTBEAT_INTERVAL);
    Sse::new(ReceiverStream::new(receiver)).keep_alive(alive).into_response()
}

type Word = Result<Event, Infallible>;

/// Tells of every move, until nobody listens or nothing can be told.
async fn tell(journal: &Journal, visitor: &Visitor, mut after: u64, sender: &mpsc::Sender<Word>) {
    while let Some(position) = moved(journal, visitor, after).await {
        let word = Event::default().event("moved").id(position.to_string());
        if sender.send(Ok(word.data(position.to_string()))).await.is_err() {
            return;
        }
        after = position;
        sleep(FEED_PAUSE).await;
    }
}

/// Where what the visitor may look at stands when it has moved beyond `after`; `None` when nothing can be
/// told.
async fn moved(journal: &Journal, visitor: &Visitor, after: u64) -> Option<u64> {
    if visitor.may(Action::ReadCheckpoint) {
        return journal.wait_for_views(&visitor.access, after).await.ok();
    }
    // A dashboard hears of releases, and not of how much else is recorded.
    let access = visitor.access_for(Action::ReadOutcomes)?;
    let mut seen = after;
    loop {
        let query = ChangedOutcomesQuery { after: seen, limit: RELEASES_AT_ONCE };
        let changed = journal.read(&access, query).await.ok()?;
        seen = changed.through.max(seen);
        if !changed.releases.is_empty() {
            return Some(seen);
        }
        journal.wait_for_outcomes(&access, seen).await.ok()?;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_has_so_many_streams_and_gets_places_back() {
        let feeds = Arc::new(Feeds::default());
        let mut places: Vec<Place> =
            (0..FEEDS_PER_TOKEN_MAX).filter_map(|_| feeds.enter([1; 32])).collect();
        assert_eq!(places.len(), FEEDS_PER_TOKEN_MAX);
        assert!(feeds.enter([1; 32]).is_none());
        assert!(feeds.enter([2; 32]).is_some());
        places.pop();
        assert!(feeds.enter([1; 32]).is_some());
        drop(places);
        assert!(feeds.open.lock().unwrap().is_empty());
    }
}
