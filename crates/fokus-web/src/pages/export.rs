//! An audit bundle: which one, for whom; and how far it has come while the browser takes it in.

use std::convert::Infallible;

use askama::Template;
use axum::extract::Form;
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use fokus_app::bundle::{BundleRequest, Export};
use fokus_app::failure::Failure;
use fokus_app::query::{CheckpointQuery, FamilyListQuery, PAGE_SIZE_MAX};
use fokus_app::session::Action;
use fokus_core::effective::Clocks;
use fokus_core::rejection::{Reason, Rejection};
use fokus_words::say;
use http::StatusCode;
use http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use jiff::Timestamp;
use serde::Deserialize;
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep_until};
use tokio_stream::wrappers::ReceiverStream;
use uuid::Uuid;

use super::{Frame, Visit, html};
use crate::exports::{self, Ended, Folder, Progress, Told};
use crate::limits::{HEARTBEAT_INTERVAL, READS_MAX};
use crate::problem;

#[derive(Template)]
#[template(path = "export.html")]
struct ExportPage {
    frame: Frame,
    asked: Asked,
    /// The field at fault, and what is expected; empty where nothing is.
    wrong: String,
    rule: String,
    /// Of the log as it stands.
    size: u64,
    /// The log's verifier key.
    key: String,
}

/// Which bundle, as it was asked for.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Asked {
    /// An age recipient.
    #[serde(default)]
    recipient: String,
    /// A reference or an id; empty = the log, or a period.
    #[serde(default)]
    family: String,
    #[serde(default)]
    first_position: String,
    #[serde(default)]
    last_position: String,
    /// The number under which the page follows it; empty where no script runs.
    #[serde(default)]
    follow: String,
}

/// `GET /export?family=…`
pub(crate) async fn page(visit: Visit) -> Response {
    let asked = Asked { family: visit.asked("family").to_owned(), ..Asked::default() };
    let made = form(&visit, asked, None).await;
    visit.answer(made)
}

async fn form(
    visit: &Visit,
    asked: Asked,
    wrong: Option<&Rejection>,
) -> Result<ExportPage, Failure> {
    if !visit.visitor.may(Action::ExportBundle) {
        return Err(Rejection::new(Reason::NotPermitted, "not permitted").into());
    }
    let checkpoint = visit.read(CheckpointQuery).await?;
    // C2SP tlog-checkpoint: origin, size, root.
    let size = checkpoint.note.lines().nth(1).and_then(|it| it.parse().ok()).unwrap_or_default();
    Ok(ExportPage {
        frame: Frame { as_of: Some(size), ..visit.frame(say!(visit.w, "page-export")) },
        asked,
        wrong: wrong.map(field_of).unwrap_or_default().to_owned(),
        rule: wrong.map(|it| format!("{} · {}", field_of(it), it.rule)).unwrap_or_default(),
        size,
        key: checkpoint.verifier_key,
    })
}

/// The field of the form at fault.
fn field_of(it: &Rejection) -> &'static str {
    match it.field.as_deref() {
        Some("recipient") => "recipient",
        Some("family" | "family_id") => "family",
        Some("last_position") => "last_position",
        Some("first_position") => "first_position",
        // Of a period, the end may lie beyond the log's.
        Some(_) | None => "last_position",
    }
}

/// `POST /export`: the bundle as one file.
pub(crate) async fn bundle(visit: Visit, Form(asked): Form<Asked>) -> Response {
    match begin(&visit, &asked).await {
        Ok(answer) => answer,
        Err(Failure::Rejected(it)) if is_of_the_form(&it) => {
            match form(&visit, asked, Some(&it)).await {
                Ok(page) => (StatusCode::BAD_REQUEST, html(&page)).into_response(),
                Err(failure) => problem::page(visit.frame(String::new()), &failure),
            }
        }
        Err(failure) => problem::page(visit.frame(String::new()), &failure),
    }
}

fn is_of_the_form(it: &Rejection) -> bool {
    matches!(it.reason, Reason::FieldInvalid | Reason::UnknownId | Reason::BeyondHead)
}

async fn begin(visit: &Visit, asked: &Asked) -> Result<Response, Failure> {
    let request = BundleRequest {
        recipient: asked.recipient.trim().to_owned(),
        first: position(&asked.first_position, "first_position")?,
        last: position(&asked.last_position, "last_position")?,
        family: family(visit, asked.family.trim()).await?,
        kept: 0,
    };
    let exports = &visit.shared.exports;
    let busy = || Rejection::new(Reason::RateLimited, "too many bundles at once; try again");
    let place = exports.place().ok_or_else(busy)?;
    let told = match asked.follow.parse::<Uuid>() {
        Ok(id) => exports.followed((visit.visitor.digest, id)).ok_or_else(busy)?,
        Err(_) => Told::new(tokio::sync::watch::Sender::new(Progress::default())),
    };
    let journal = &visit.shared.journal;
    let export = Export::begin(journal, &visit.visitor.access, request).await?;
    let at_s = journal.clock().now_ms() / 1_000;
    let folder = Folder { name: name(visit, at_s), at_s };
    let disposition = format!("attachment; filename=\"{}.tar\"", folder.name);
    let body = exports::body(&visit.shared, &visit.visitor, place, export, told, folder);
    let headers =
        [(CONTENT_TYPE, "application/x-tar".to_owned()), (CONTENT_DISPOSITION, disposition)];
    Ok((headers, body).into_response())
}

/// The folder's name: the municipality, which has letters, digits and hyphens only, and the time in UTC.
fn name(visit: &Visit, at_s: u64) -> String {
    let tenant = &visit.visitor.access.session.tenant;
    let at = Timestamp::from_second(i64::try_from(at_s).unwrap_or_default()).unwrap_or_default();
    format!("fokus-{tenant}-{}", at.strftime("%Y%m%dT%H%M%SZ"))
}

/// A position; 0 where the field is empty.
fn position(text: &str, field: &'static str) -> Result<u64, Rejection> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(0);
    }
    let rule = "a position of the log, 1 or more; or nothing";
    let wrong = || Rejection::new(Reason::FieldInvalid, rule).at(field);
    text.parse().ok().filter(|it| *it > 0).ok_or_else(wrong)
}

/// The family of that reference or id.
async fn family(visit: &Visit, text: &str) -> Result<Option<Uuid>, Failure> {
    if text.is_empty() {
        return Ok(None);
    }
    if let Ok(id) = text.parse::<Uuid>() {
        return Ok(Some(id));
    }
    let mut query = FamilyListQuery {
        page_size: PAGE_SIZE_MAX,
        page_token: String::new(),
        min_position: visit.min_position,
        clocks: Clocks::NOW,
        case_state: None,
        phase: None,
    };
    for _ in 0..READS_MAX {
        let answer = visit.read(query.clone()).await?;
        if let Some(it) = answer.families.iter().find(|it| it.row.reference == text) {
            return Ok(Some(it.row.family_id.0));
        }
        if answer.next_page_token.is_empty() {
            break;
        }
        query.page_token = answer.next_page_token;
    }
    let rule = "a family's reference, such as FF-2019-017, or its id";
    Err(Rejection::new(Reason::UnknownId, rule).at("family").into())
}

/// `GET /export/progress?id=UUID`: how far the bundle of that number has come, until it has ended.
pub(crate) async fn progress(visit: Visit) -> Response {
    let Ok(id) = visit.asked("id").parse::<Uuid>() else {
        return StatusCode::NOT_FOUND.into_response();
    };
    if !visit.visitor.may(Action::ExportBundle) {
        return StatusCode::FORBIDDEN.into_response();
    }
    let place = visit.shared.feeds.enter(visit.visitor.digest);
    let told = visit.shared.exports.followed((visit.visitor.digest, id));
    let (Some(place), Some(told)) = (place, told) else {
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    };
    let (sender, receiver) = mpsc::channel(1);
    let (shutdown, tasks) = (visit.shared.shutdown.clone(), visit.shared.tasks.clone());
    let until = Instant::now() + visit.visitor.remaining;
    tasks.spawn(async move {
        let _place = place;
        tokio::select! {
            () = sender.closed() => {}
            () = sleep_until(until) => {}
            () = shutdown.cancelled() => {}
            () = tell(&visit, &told, &sender) => {}
        }
    });
    let alive = KeepAlive::new().interval(HEARTBEAT_INTERVAL);
    Sse::new(ReceiverStream::new(receiver)).keep_alive(alive).into_response()
}

/// Tells of each step that the reader has time for, and of the end always.
async fn tell(visit: &Visit, told: &Told, sender: &mpsc::Sender<Result<Event, Infallible>>) {
    let mut steps = told.subscribe();
    loop {
        let step = *steps.borrow_and_update();
        let event = Event::default().event("progress").data(words(visit, &step).to_string());
        if sender.send(Ok(event)).await.is_err() || step.ended.is_some() {
            return;
        }
        if steps.changed().await.is_err() {
            return;
        }
    }
}

/// A step for the page's script, with its words.
fn words(visit: &Visit, step: &Progress) -> serde_json::Value {
    let w = visit.w;
    let size = w.hundredths(i64::try_from(step.bytes / 10_000).unwrap_or(i64::MAX));
    let (leaves, of) = (step.leaves, step.of);
    let text = match step.ended {
        None if of == 0 => say!(w, "page-export-begins"),
        None => say!(w, "page-export-step", leaves = leaves, of = of, size = size),
        Some(Ended::Whole) => say!(w, "page-export-whole", of = of, size = size),
        Some(Ended::BrokenOff) => say!(w, "page-export-broken"),
    };
    serde_json::json!({
        "leaves": leaves, "of": of, "bytes": step.bytes, "text": text, "ended": step.ended.is_some(),
    })
}
