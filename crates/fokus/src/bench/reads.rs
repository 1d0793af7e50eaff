//! Reading back: the views' places, the sizes of events, exports and rebuilds.

use std::time::Duration;

use fokus_log::leaf::Leaf;
use fokus_proto::v1;
use prost::Message as _;
use prost::bytes::Bytes;
use tokio::time::Instant;

use super::load::{Stopwatch, Window, refused};
use super::site::{Server, Site, Who};
use super::wire::{Caller, bearer, connect, entries, path};
use crate::failure::Failure;

const READ_LEAVES: &str = "/fokus.v1.AuditService/ReadLeaves";
const READ_HISTORY: &str = "/fokus.v1.AuditService/ReadHistory";
/// `LeafBatch.leaves`.
const LEAVES_FIELD: u32 = 2;
/// `ReadHistoryResponse.events`.
const EVENTS_FIELD: u32 = 1;
/// Events whose sizes are looked at.
const SAMPLE: u64 = 256;

/// Where log and views stand.
#[derive(Debug, Clone, Copy)]
pub(super) struct Places {
    pub(super) head: u64,
    /// How far the slowest view is behind.
    pub(super) behind: u64,
}

/// Where log and views stand.
///
/// # Errors
///
/// [`Failure::CouldNotRun`] when the server refuses, or a view has halted.
pub(super) async fn views(site: &Site, server: &Server) -> Result<Places, Failure> {
    let answer = list_views(site, server).await?;
    if let Some(view) = answer.views.iter().find(|it| it.halted_at > 0) {
        let words = format!("the view {} has halted: {}", view.name, view.halted_code);
        return Err(Failure::CouldNotRun(words));
    }
    let head = answer.head_position;
    let behind = answer.views.iter().map(|it| head.saturating_sub(it.position)).max();
    let number = |it: i64| u64::try_from(it).unwrap_or_default();
    Ok(Places { head: number(head), behind: number(behind.unwrap_or(head)) })
}

async fn list_views(site: &Site, server: &Server) -> Result<v1::ListViewsResponse, Failure> {
    let client = site.client(server, Who::Operator).await?;
    let request = v1::ListViewsRequest { purpose: client.purpose() };
    let answer = client.operations().list_views(request).await;
    Ok(answer.map_err(|it| refused(&it))?.into_inner())
}

/// The bytes of an event in the store: its leaf and its envelopes.
#[derive(Debug, Clone)]
pub(super) struct EventSizes {
    pub(super) leaf: usize,
    pub(super) envelopes: Vec<usize>,
}

/// The sizes of the last events of the log.
///
/// # Errors
///
/// [`Failure::CouldNotRun`] when the server refuses.
pub(super) async fn sizes(
    site: &Site,
    server: &Server,
    head: u64,
) -> Result<Vec<EventSizes>, Failure> {
    let client = site.client(server, Who::Auditor).await?;
    let request = v1::ReadLeavesRequest {
        purpose: client.purpose(),
        after_position: i64::try_from(head.saturating_sub(SAMPLE)).unwrap_or_default(),
        ..Default::default()
    };
    let answers = client.audit().read_leaves(request).await;
    let mut answers = answers.map_err(|it| refused(&it))?.into_inner();
    let mut sizes = Vec::new();
    while let Some(batch) = answers.message().await.map_err(|it| refused(&it))? {
        for bytes in batch.leaves {
            let leaf = Leaf::decode(&bytes).map_err(|it| super::failed(&it))?;
            let lengths = leaf.envelopes.iter().map(|it| usize::try_from(it.ct_len));
            let envelopes = lengths.filter_map(Result::ok).collect();
            sizes.push(EventSizes { leaf: bytes.len(), envelopes });
        }
    }
    Ok(sizes)
}

async fn auditor(site: &Site, server: &Server) -> Result<Caller, Failure> {
    let token = bearer(&site.token(Who::Auditor)?)?;
    let channel = connect(&server.url, 1).await?.pop();
    let channel = channel.ok_or_else(|| Failure::CouldNotRun("no connection".to_owned()))?;
    Ok(Caller::new(channel, Some(token)))
}

/// Counts the entries of a field in all answers of a stream.
async fn count(
    caller: &mut Caller,
    method: &'static str,
    request: Bytes,
    field: u32,
) -> Result<u64, Failure> {
    let answers = caller.streaming(&path(method), request).await;
    let mut answers = answers.map_err(|it| refused(&it))?;
    let mut found: u64 = 0;
    while let Some(message) = answers.message().await.map_err(|it| refused(&it))? {
        found = found.saturating_add(entries(message, field));
    }
    Ok(found)
}

/// Reads all leaves, unopened, again until the time is over.
///
/// # Errors
///
/// [`Failure::CouldNotRun`] when the server refuses.
pub(super) async fn leaves(
    site: &Site,
    server: &Server,
    time: Duration,
) -> Result<Window, Failure> {
    let mut caller = auditor(site, server).await?;
    let request =
        v1::ReadLeavesRequest { purpose: v1::Purpose::Audit.into(), ..Default::default() };
    let request = Bytes::from(request.encode_to_vec());
    let (mut found, mut times, clock) = (0_u64, Vec::new(), Stopwatch::start(server));
    let end = Instant::now() + time;
    while times.is_empty() || Instant::now() < end {
        let begun = Instant::now();
        let leaves = count(&mut caller, READ_LEAVES, request.clone(), LEAVES_FIELD).await?;
        found = found.saturating_add(leaves);
        times.push(begun.elapsed().as_secs_f64() * 1e6);
    }
    Ok(Window::of(found, times, &clock))
}

/// Reads the families' histories, opened, one after the other until the time is over.
///
/// # Errors
///
/// [`Failure::CouldNotRun`] when the server refuses.
pub(super) async fn histories(
    site: &Site,
    server: &Server,
    families: &[String],
    time: Duration,
) -> Result<Window, Failure> {
    let mut caller = auditor(site, server).await?;
    let (mut found, mut times, clock) = (0_u64, Vec::new(), Stopwatch::start(server));
    let end = Instant::now() + time;
    for family in families.iter().cycle() {
        if !times.is_empty() && Instant::now() >= end {
            break;
        }
        let stream = v1::StreamRef { kind: v1::StreamKind::Family.into(), id: family.clone() };
        let request = v1::ReadHistoryRequest {
            purpose: v1::Purpose::Audit.into(),
            stream: Some(stream),
            ..Default::default()
        };
        let begun = Instant::now();
        let request = request.encode_to_vec().into();
        let events = count(&mut caller, READ_HISTORY, request, EVENTS_FIELD).await?;
        found = found.saturating_add(events);
        times.push(begun.elapsed().as_secs_f64() * 1e6);
    }
    Ok(Window::of(found, times, &clock))
}

/// Rebuilds each view, one after the other.
///
/// # Errors
///
/// [`Failure::CouldNotRun`] when the server refuses, or ends a rebuild before it is done.
pub(super) async fn rebuilds(
    site: &Site,
    server: &Server,
) -> Result<Vec<(String, Window)>, Failure> {
    let client = site.client(server, Who::Operator).await?;
    let mut windows = Vec::new();
    for view in list_views(site, server).await?.views {
        let (clock, begun) = (Stopwatch::start(server), Instant::now());
        let request = v1::RebuildViewRequest { purpose: client.purpose(), name: view.name.clone() };
        let answers = client.operations().rebuild_view(request).await;
        let mut answers = answers.map_err(|it| refused(&it))?.into_inner();
        let mut reached = None;
        while let Some(it) = answers.message().await.map_err(|it| refused(&it))? {
            reached = it.done.then_some(it.position).or(reached);
        }
        let reached = reached.and_then(|it| u64::try_from(it).ok()).ok_or_else(|| {
            Failure::CouldNotRun(format!("the rebuild of {} was not done", view.name))
        })?;
        let took_us = begun.elapsed().as_secs_f64() * 1e6;
        windows.push((view.name, Window::of(reached, vec![took_us], &clock)));
    }
    Ok(windows)
}
