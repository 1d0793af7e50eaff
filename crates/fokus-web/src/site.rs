//! The addresses, and what stands in front of every page: under which name it was asked for, whether a
//! page of our own asks, how many pages are made at once, and what the browser is told about them.

use std::sync::Arc;

use axum::Router;
use axum::extract::{DefaultBodyLimit, MatchedPath, Path, Request, State};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodRouter, get, post};
use fokus_app::journal::Journal;
use fokus_app::session::Role;
use http::header::{CACHE_CONTROL, HOST, ORIGIN};
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use tokio::sync::Semaphore;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tracing::{Instrument as _, Span};

use crate::exports::Exports;
use crate::limits::{FORM_BYTES_MAX, PAGE_TIMEOUT, PAGES_AT_ONCE};
use crate::live::{Feeds, events};
use crate::pages;
use crate::{assets, problem};

pub use crate::visitor::Verifier;

/// A role that can be chosen without a token of one's own. A demo's only.
#[derive(Clone)]
pub struct DemoRole {
    /// What one then is.
    pub role: Role,
    /// Its token.
    pub token: String,
}

impl std::fmt::Debug for DemoRole {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "DemoRole({})", self.role.name())
    }
}

/// The pages of a journal.
#[derive(Clone)]
pub struct Site {
    /// What is shown.
    pub journal: Journal,
    /// Who may look.
    pub verifier: Arc<dyn Verifier>,
    /// Roles to choose from; none but in a demo.
    pub demo: Vec<DemoRole>,
}

impl std::fmt::Debug for Site {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Site").field("demo", &self.demo).finish_non_exhaustive()
    }
}

/// What every page needs.
pub(crate) struct Shared {
    pub(crate) journal: Journal,
    pub(crate) verifier: Arc<dyn Verifier>,
    pub(crate) demo: Vec<DemoRole>,
    pub(crate) feeds: Arc<Feeds>,
    pub(crate) exports: Exports,
    pub(crate) tasks: TaskTracker,
    pub(crate) shutdown: CancellationToken,
    places: Semaphore,
}

impl Site {
    /// The addresses.
    pub(crate) fn router(self, tasks: TaskTracker, shutdown: CancellationToken) -> Router {
        let shared = Arc::new(Shared {
            journal: self.journal,
            verifier: self.verifier,
            demo: self.demo,
            feeds: Arc::default(),
            exports: Exports::default(),
            tasks,
            shutdown,
            places: Semaphore::new(PAGES_AT_ONCE),
        });
        let mut router = Router::new();
        for (address, method) in READ {
            router = router.route(address, method());
        }
        router
            .route("/sign-in", post(pages::first::sign_in))
            .route("/sign-out", post(pages::first::sign_out))
            .route("/language", post(pages::first::language))
            .fallback(problem::no_such_page)
            .layer(DefaultBodyLimit::max(FORM_BYTES_MAX))
            .layer(from_fn_with_state(Arc::clone(&shared), guard))
            .with_state(shared)
    }
}

/// An address, and what answers there.
type Read = (&'static str, fn() -> MethodRouter<Arc<Shared>>);

/// What is read, each at its address.
const READ: &[Read] = &[
    ("/", || get(pages::first::page)),
    ("/today", || get(pages::today::page)),
    ("/families", || get(pages::families::page)),
    ("/family/{id}", || get(pages::family::page)),
    ("/family/{id}/entry/{revision}", || get(pages::entry::page)),
    ("/family/{id}/history", || get(pages::history::page)),
    ("/interventions", || get(pages::interventions::page)),
    ("/caseload", || get(pages::caseload::page)),
    ("/export", || get(pages::export::page).post(pages::export::bundle)),
    ("/export/progress", || get(pages::export::progress)),
    ("/programme", || get(pages::programme::page)),
    ("/operations", || get(pages::operations::page)),
    ("/metrics", || get(pages::operations::metrics)),
    ("/events", || get(events)),
    ("/assets/{name}", || get(asset)),
    ("/health", || get(health)),
];

/// The addresses that can be read, with `{…}` for what differs.
pub fn addresses() -> impl Iterator<Item = &'static str> {
    READ.iter().map(|(address, _)| *address)
}

async fn asset(Path(name): Path<String>) -> Response {
    assets::asset(&name).unwrap_or_else(|| StatusCode::NOT_FOUND.into_response())
}

/// For machines: that pages are served. Nothing is read.
async fn health() -> &'static str {
    "ok\n"
}

/// What the browser is told with every answer.
const HEADERS: [(&str, &str); 7] = [
    (
        "content-security-policy",
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; \
         form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    ),
    ("x-content-type-options", "nosniff"),
    ("x-frame-options", "DENY"),
    ("referrer-policy", "same-origin"),
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-resource-policy", "same-origin"),
    ("permissions-policy", "camera=(), geolocation=(), microphone=()"),
];

async fn guard(State(shared): State<Arc<Shared>>, request: Request, next: Next) -> Response {
    let span = span(&request);
    let headers = request.headers();
    let answer = if !is_loopback(headers) {
        let words = "these pages answer to 127.0.0.1 and localhost only\n";
        (StatusCode::MISDIRECTED_REQUEST, words).into_response()
    } else if request.method() == Method::POST && !is_of_ours(headers) {
        (StatusCode::FORBIDDEN, "only a page of this server may send this\n").into_response()
    } else {
        within(&shared, request, next).instrument(span.clone()).await
    };
    fokus_traces::page_outcome(&span, answer.status().as_u16());
    with_headers(answer)
}

/// The page's span, where anybody collects spans, named by its route.
fn span(request: &Request) -> Span {
    if !fokus_traces::are_collected() {
        return Span::none();
    }
    let route = request.extensions().get::<MatchedPath>().map_or("other", MatchedPath::as_str);
    // What machines ask again and again, and what comes with every page, says nothing.
    if ["/health", "/metrics", "/assets/{name}"].contains(&route) {
        return Span::none();
    }
    fokus_traces::of_page(request.headers(), request.method(), route)
}

/// Makes the page when there is a place, in time.
async fn within(shared: &Shared, request: Request, next: Next) -> Response {
    // An event stream begins at once and counts by itself.
    if request.uri().path() == "/events" {
        return next.run(request).await;
    }
    let made = timeout(PAGE_TIMEOUT, async {
        let _place = shared.places.acquire().await.ok()?;
        Some(next.run(request).await)
    });
    let busy = || (StatusCode::SERVICE_UNAVAILABLE, "too much to do; try again\n").into_response();
    made.await.ok().flatten().unwrap_or_else(busy)
}

fn with_headers(mut answer: Response) -> Response {
    let headers = answer.headers_mut();
    for (name, value) in HEADERS {
        headers.insert(HeaderName::from_static(name), HeaderValue::from_static(value));
    }
    // What a page shows stays in no cache.
    headers.entry(CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    answer
}

/// Whether this server was asked for by a name of loopback's: a page of elsewhere may let a name of its
/// own point here (DNS rebinding).
fn is_loopback(headers: &HeaderMap) -> bool {
    let Some(host) = headers.get(HOST).and_then(|it| it.to_str().ok()) else { return false };
    let name = match host.strip_prefix('[') {
        Some(rest) => rest.split(']').next(),
        None => host.split(':').next(),
    };
    matches!(name, Some("localhost" | "127.0.0.1" | "::1"))
}

/// Whether a page of this server sends the form, by what browsers say of it. A program that says nothing
/// of where it is has no visitor's cookies to misuse.
fn is_of_ours(headers: &HeaderMap) -> bool {
    let text = |name: HeaderName| headers.get(name).and_then(|it| it.to_str().ok());
    let same_site = match text(HeaderName::from_static("sec-fetch-site")) {
        Some(site) => matches!(site, "same-origin" | "none"),
        None => true,
    };
    let same_origin = match (text(ORIGIN), text(HOST)) {
        (Some(origin), Some(host)) => origin.strip_prefix("http://") == Some(host),
        (Some(_), None) => false,
        (None, _) => true,
    };
    same_site && same_origin
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(lines: &[(&'static str, &'static str)]) -> HeaderMap {
        let line = |(name, value): &(&'static str, &'static str)| {
            (HeaderName::from_static(name), HeaderValue::from_static(value))
        };
        lines.iter().map(line).collect()
    }

    #[test]
    fn only_names_of_loopback_are_answered() {
        #[track_caller]
        fn check(host: &'static str, expected: bool) {
            assert_eq!(is_loopback(&headers(&[("host", host)])), expected, "{host}");
        }
        check("127.0.0.1:7480", true);
        check("localhost", true);
        check("[::1]:7480", true);
        check("journal.example:7480", false);
        check("127.0.0.1.example", false);
        assert!(!is_loopback(&HeaderMap::new()));
    }

    #[test]
    fn forms_of_other_sites_are_refused() {
        #[track_caller]
        fn check(lines: &[(&'static str, &'static str)], expected: bool) {
            assert_eq!(is_of_ours(&headers(lines)), expected, "{lines:?}");
        }
        let host = ("host", "127.0.0.1:7480");
        check(&[host], true);
        check(&[host, ("origin", "http://127.0.0.1:7480")], true);
        check(&[host, ("origin", "http://127.0.0.1:9999")], false);
        check(&[host, ("origin", "null")], false);
        check(&[host, ("sec-fetch-site", "cross-site")], false);
        check(&[host, ("sec-fetch-site", "same-site")], false);
        check(&[host, ("sec-fetch-site", "same-origin")], true);
    }
}
