//! Operations: where the log and the views stand, what halted and why; for people and for machines. Nothing
//! personal.

use std::fmt::Write as _;

use askama::Template;
use axum::response::{IntoResponse, Response};
use fokus_app::failure::Failure;
use fokus_app::query::{
    CheckpointQuery, StoreAnswer, StorePart, StoreQuery, ViewState, ViewsAnswer, ViewsQuery,
};
use fokus_words::labels::plain;
use fokus_words::{Words, capital, say};
use http::header::CONTENT_TYPE;

use super::{Frame, Visit};

#[derive(Template)]
#[template(path = "operations.html")]
struct OperationsPage {
    frame: Frame,
    tenant: String,
    head: u64,
    version: &'static str,
    views: Vec<ViewRow>,
    halted: bool,
    note: String,
    key: String,
    /// The log's name.
    log: String,
    /// Why the log is only read; empty = it is not.
    alarm: String,
    engine: String,
    parts: Vec<PartRow>,
    /// What the store takes in all.
    bytes: String,
}

/// A part of the store.
struct PartRow {
    name: &'static str,
    schema: u32,
    bytes: String,
}

struct ViewRow {
    name: String,
    revision: u16,
    build: u16,
    position: u64,
    behind: u64,
    state: String,
    halted: bool,
}

/// `GET /operations`
pub(crate) async fn page(visit: Visit) -> Response {
    let made = make(&visit).await;
    visit.answer(made)
}

async fn make(visit: &Visit) -> Result<OperationsPage, Failure> {
    let w = visit.w;
    let ViewsAnswer { views, head } = visit.read(ViewsQuery).await?;
    let checkpoint = visit.read(CheckpointQuery).await?;
    let StoreAnswer { about, alarm } = visit.read(StoreQuery).await?;
    let part =
        |it: &StorePart| PartRow { name: it.name, schema: it.schema, bytes: size(it.bytes, w) };
    let rows: Vec<ViewRow> = views
        .iter()
        .map(|it| ViewRow {
            name: it.name.clone(),
            revision: it.revision,
            build: it.build,
            position: it.position,
            behind: head.saturating_sub(it.position),
            state: match &it.halted {
                Some((at, code)) => {
                    say!(w, "view-halted", position = *at, code = code.clone())
                }
                None => capital(&say!(w, "view-runs")),
            },
            halted: it.halted.is_some(),
        })
        .collect();
    Ok(OperationsPage {
        frame: visit.live_frame(say!(w, "page-operations"), head, true),
        tenant: visit.visitor.access.session.tenant.to_string(),
        head,
        version: env!("CARGO_PKG_VERSION"),
        halted: rows.iter().any(|it| it.halted),
        views: rows,
        // C2SP tlog-checkpoint: the first line is the log's name.
        log: checkpoint.note.lines().next().unwrap_or_default().to_owned(),
        alarm: alarm.map(|it| plain(&it)).unwrap_or_default(),
        engine: about.engine.clone(),
        parts: about.parts.iter().map(part).collect(),
        bytes: size(about.parts.iter().map(|it| it.bytes).sum(), w),
        note: checkpoint.note,
        key: checkpoint.verifier_key,
    })
}

/// `GET /metrics`: the same for Prometheus, with an operator's token as `Authorization: Bearer` or in the
/// cookie. One municipality, that of the token.
pub(crate) async fn metrics(visit: Visit) -> Response {
    let read = async { Ok((visit.read(ViewsQuery).await?, visit.read(StoreQuery).await?)) };
    match read.await {
        Ok((views, store)) => {
            let tenant = visit.visitor.access.session.tenant.to_string();
            let text = exposition(&tenant, &views, &store);
            ([(CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], text).into_response()
        }
        Err(failure) => crate::problem::page(visit.frame(String::new()), &failure),
    }
}

/// Bytes as people read them.
fn size(bytes: u64, w: Words) -> String {
    let hundredths = i64::try_from(bytes / 10_000).unwrap_or(i64::MAX);
    say!(w, "page-megabytes", size = w.hundredths(hundredths))
}

/// The text format of Prometheus. Names of tenants and views need no escaping: they have letters, digits,
/// `-` and `_` only.
fn exposition(tenant: &str, answer: &ViewsAnswer, store: &StoreAnswer) -> String {
    let mut text = String::new();
    let mut metric = |name: &str, help: &str, values: Vec<(String, u64)>| {
        // Writing into a text does not fail.
        let _ = writeln!(text, "# HELP {name} {help}\n# TYPE {name} gauge");
        for (labels, value) in values {
            let _ = writeln!(text, "{name}{{tenant=\"{tenant}\"{labels}}} {value}");
        }
    };
    let views = |value: &dyn Fn(&ViewState) -> u64| {
        let one = |it: &ViewState| (format!(",view=\"{}\"", it.name), value(it));
        answer.views.iter().map(one).collect::<Vec<_>>()
    };
    let head = vec![(String::new(), answer.head)];
    metric("fokus_log_position", "Position of the log's head, in events.", head);
    metric("fokus_view_position", "Position that a view has reached.", views(&|it| it.position));
    metric(
        "fokus_view_lag",
        "Events that a view is behind the log.",
        views(&|it| answer.head.saturating_sub(it.position)),
    );
    metric(
        "fokus_view_halted",
        "1 where a view has halted.",
        views(&|it| u64::from(it.halted.is_some())),
    );
    let alarm = vec![(String::new(), u64::from(store.alarm.is_some()))];
    metric("fokus_log_read_only", "1 where an alarm lets the log only be read.", alarm);
    let parts = |value: &dyn Fn(&StorePart) -> u64| {
        let one = |it: &StorePart| (format!(",part=\"{}\"", it.name), value(it));
        store.about.parts.iter().map(one).collect::<Vec<_>>()
    };
    metric(
        "fokus_store_bytes",
        "Bytes that a part of the store takes, of all municipalities together.",
        parts(&|it| it.bytes),
    );
    metric(
        "fokus_store_schema",
        "Number of the newest migration of a part of the store.",
        parts(&|it| u64::from(it.schema)),
    );
    let engine = &store.about.engine;
    let version = env!("CARGO_PKG_VERSION");
    let versions = format!(",version=\"{version}\",store=\"{}\"", escaped(engine));
    metric("fokus_build_info", "Always 1; its labels say which versions run.", vec![(versions, 1)]);
    text
}

/// A label's value (Prometheus text format: backslash, quote and line end are escaped).
fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")
}

#[cfg(test)]
mod tests {
    use fokus_app::query::About;

    use super::*;

    #[test]
    fn machines_read_positions_lag_and_halts() {
        let view = |name: &str, position, halted| ViewState {
            name: name.to_owned(),
            revision: 1,
            build: 1,
            position,
            halted,
        };
        let views = vec![
            view("timeline", 7, None),
            view("caseload", 3, Some((4, "UNKNOWN_EVENT".to_owned()))),
        ];
        let part = |name, bytes| StorePart { name, schema: 1, bytes };
        let about = About {
            engine: "An \"engine\" 1".to_owned(),
            parts: vec![part("journal", 4096), part("keys", 512), part("views", 0)],
        };
        let store = StoreAnswer { about, alarm: Some("stands behind its anchor".to_owned()) };
        let text = exposition("ishoj", &ViewsAnswer { views, head: 9 }, &store);
        for line in [
            "fokus_log_position{tenant=\"ishoj\"} 9",
            "fokus_view_position{tenant=\"ishoj\",view=\"timeline\"} 7",
            "fokus_view_lag{tenant=\"ishoj\",view=\"caseload\"} 6",
            "fokus_view_halted{tenant=\"ishoj\",view=\"caseload\"} 1",
            "# TYPE fokus_view_lag gauge",
            "fokus_log_read_only{tenant=\"ishoj\"} 1",
            "fokus_store_bytes{tenant=\"ishoj\",part=\"journal\"} 4096",
            "fokus_store_schema{tenant=\"ishoj\",part=\"keys\"} 1",
            "fokus_build_info{tenant=\"ishoj\",version=\"0.0.0\",store=\"An \\\"engine\\\" 1\"} 1",
        ] {
            assert!(text.lines().any(|it| it == line), "{line}\n{text}");
        }
    }
}
