//! What is shown when the page asked for cannot be: why, as a code and in words, and where to go on.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use fokus_app::failure::Failure;
use fokus_core::rejection::{Reason, Rejection, Status};
use fokus_words::{Words, say};
use http::{HeaderMap, StatusCode, Uri};

use crate::pages::{Frame, html};
use crate::site::Shared;
use crate::visitor::{Visitor, words};

#[derive(Template)]
#[template(path = "problem.html")]
struct ProblemPage {
    frame: Frame,
    what: String,
    help: String,
    /// Code, field and rule, for those who ask somebody for help.
    exactly: String,
}

/// The page of a failure.
pub(crate) fn page(mut frame: Frame, failure: &Failure) -> Response {
    if let Failure::Fault(fault) = failure {
        tracing::error!(%fault, "a page could not be made");
    }
    let rejection = failure.rejection();
    let (status, what, help) = told(&rejection, frame.w);
    frame.title = say!(frame.w, "page-problem");
    frame.live = false;
    let field = rejection.field.iter().map(String::as_str);
    let parts: Vec<&str> = [rejection.reason.code()]
        .into_iter()
        .chain(field)
        .chain([rejection.rule.as_str()])
        .collect();
    let exactly = parts.join(" · ");
    (status, html(&ProblemPage { frame, what, help, exactly })).into_response()
}

fn told(it: &Rejection, w: Words) -> (StatusCode, String, String) {
    match it.reason.status() {
        Status::NotFound => {
            let help = say!(w, "page-not-found-help");
            (StatusCode::NOT_FOUND, say!(w, "page-not-found"), help)
        }
        Status::PermissionDenied | Status::Unauthenticated => {
            let help = say!(w, "page-denied-help");
            (StatusCode::FORBIDDEN, say!(w, "page-denied"), help)
        }
        Status::Unavailable | Status::Aborted | Status::ResourceExhausted => {
            let help = say!(w, "page-unavailable-help");
            (StatusCode::SERVICE_UNAVAILABLE, say!(w, "page-unavailable"), help)
        }
        Status::DataLoss => {
            let help = say!(w, "page-corrupt-help");
            (StatusCode::INTERNAL_SERVER_ERROR, say!(w, "page-corrupt"), help)
        }
        Status::InvalidArgument
        | Status::OutOfRange
        | Status::FailedPrecondition
        | Status::AlreadyExists => {
            let help = say!(w, "page-invalid-help");
            (StatusCode::BAD_REQUEST, say!(w, "page-invalid"), help)
        }
    }
}

/// No page has this address.
pub(crate) async fn no_such_page(
    State(shared): State<Arc<Shared>>,
    uri: Uri,
    headers: HeaderMap,
) -> Response {
    let visitor = Visitor::of(&headers, shared.verifier.as_ref());
    let frame = Frame::new(&shared, visitor.as_ref(), words(&headers), &uri);
    page(frame, &Rejection::new(Reason::UnknownId, "no page has this address").into())
}
