//! Operations: where the log and the views stand, what halted and why; for people and for machines. Nothing
//! personal.

use std::fmt::Write as _;

use askama::Template;
use axum::response::{IntoResponse, Response};
use fokus_app::failure::Failure;
use fokus_app::query::{CheckpointQuery, ViewsAnswer, ViewsQuery};
use fokus_words::{capital, say};
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
        note: checkpoint.note,
        key: checkpoint.verifier_key,
    })
}

/// `GET /metrics`: the same for Prometheus, with an operator's token as `Authorization: Bearer` or in the
/// cookie. One municipality, that of the token.
pub(crate) async fn metrics(visit: Visit) -> Response {
    match visit.read(ViewsQuery).await {
        Ok(answer) => {
            let tenant = visit.visitor.access.session.tenant.to_string();
            let text = exposition(&tenant, &answer);
            ([(CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], text).into_response()
        }
        Err(failure) => crate::problem::page(visit.frame(String::new()), &failure),
    }
}

/// The text format of Prometheus. Names of tenants and views need no escaping: they have letters, digits,
/// `-` and `_` only.
fn exposition(tenant: &str, answer: &ViewsAnswer) -> String {
    let mut text = String::new();
    let mut metric = |name: &str, help: &str, values: Vec<(String, u64)>| {
        // Writing into a text does not fail.
        let _ = writeln!(text, "# HELP {name} {help}\n# TYPE {name} gauge");
        for (labels, value) in values {
            let _ = writeln!(text, "{name}{{tenant=\"{tenant}\"{labels}}} {value}");
        }
    };
    let views = |value: &dyn Fn(&fokus_app::query::ViewState) -> u64| {
        let one = |it: &fokus_app::query::ViewState| (format!(",view=\"{}\"", it.name), value(it));
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
    text
}

#[cfg(test)]
mod tests {
    use fokus_app::query::ViewState;

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
        let text = exposition("ishoj", &ViewsAnswer { views, head: 9 });
        for line in [
            "fokus_log_position{tenant=\"ishoj\"} 9",
            "fokus_view_position{tenant=\"ishoj\",view=\"timeline\"} 7",
            "fokus_view_lag{tenant=\"ishoj\",view=\"caseload\"} 6",
            "fokus_view_halted{tenant=\"ishoj\",view=\"caseload\"} 1",
            "# TYPE fokus_view_lag gauge",
        ] {
            assert!(text.lines().any(|it| it == line), "{line}\n{text}");
        }
    }
}
