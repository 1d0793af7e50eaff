//! The pages, a module each, with what they share: the frame around them, and the visit that asks.

pub(crate) mod caseload;
pub(crate) mod entry;
pub(crate) mod export;
pub(crate) mod families;
pub(crate) mod family;
pub(crate) mod first;
pub(crate) mod history;
pub(crate) mod interventions;
pub(crate) mod operations;
mod people;
pub(crate) mod programme;
pub(crate) mod today;

use std::sync::Arc;

use askama::Template;
use axum::extract::{FromRequestParts, Query};
use axum::response::{Html, IntoResponse, Response};
use fokus_app::failure::Failure;
use fokus_app::read::Query as Read;
use fokus_app::session::{Access, Action, Role};
use fokus_core::rejection::{Reason, Rejection};
use fokus_words::{Words, say};
use http::request::Parts;
use http::{StatusCode, Uri};
use uuid::Uuid;

use crate::clocks::Chosen;
use crate::problem;
use crate::site::Shared;
use crate::visitor::{Visitor, words};

/// The header by which the script asks for a page that has reached a position.
const MIN_POSITION: &str = "fokus-min-position";

/// A page as it is sent.
pub(crate) fn html(page: &impl Template) -> Response {
    match page.render() {
        Ok(text) => Html(text).into_response(),
        Err(error) => {
            tracing::error!(%error, "a template could not be filled");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

/// A way to another page.
#[derive(Debug, Clone)]
pub(crate) struct Link {
    pub(crate) href: String,
    pub(crate) label: String,
    /// Whether one is there.
    pub(crate) here: bool,
}

/// What stands around every page.
#[derive(Debug)]
pub(crate) struct Frame {
    pub(crate) w: Words,
    pub(crate) title: String,
    pub(crate) nav: Vec<Link>,
    /// The role of who is signed in, in words.
    pub(crate) role: Option<String>,
    /// The subject of who is signed in.
    pub(crate) subject: String,
    /// As of which position the page is.
    pub(crate) as_of: Option<u64>,
    /// Whether it follows what happens.
    pub(crate) live: bool,
    /// The page's own address.
    pub(crate) address: String,
    pub(crate) demo: bool,
}

impl Frame {
    /// The frame of a page, for whoever asks.
    pub(crate) fn new(shared: &Shared, visitor: Option<&Visitor>, w: Words, uri: &Uri) -> Frame {
        let here = uri.path();
        Frame {
            w,
            title: String::new(),
            nav: visitor.map(|it| nav(it, w, here)).unwrap_or_default(),
            role: visitor.map(|it| w.code("Role", it.role().name())),
            subject: visitor.map(|it| it.access.session.actor.sub.clone()).unwrap_or_default(),
            as_of: None,
            live: false,
            address: uri.path_and_query().map(|it| it.as_str().to_owned()).unwrap_or_default(),
            demo: !shared.demo.is_empty(),
        }
    }

    /// The tag of the page's language.
    pub(crate) fn lang(&self) -> &'static str {
        self.w.language().tag()
    }
}

/// The pages that the visitor's role may read.
fn nav(visitor: &Visitor, w: Words, here: &str) -> Vec<Link> {
    let mut nav = Vec::new();
    let mut add = |href: &str, label: String| {
        nav.push(Link { href: href.to_owned(), label, here: here == href });
    };
    if visitor.may(Action::ReadWork) {
        add("/today", say!(w, "page-today"));
    }
    if visitor.may(Action::ReadFamily) {
        add("/families", say!(w, "page-families"));
    }
    if visitor.may(Action::ReadWork) {
        add("/interventions", say!(w, "page-interventions"));
        add("/caseload", say!(w, "page-caseload"));
    }
    if visitor.access_for(Action::ReadOutcomes).is_some() {
        add("/programme", say!(w, "page-programme"));
    }
    if visitor.may(Action::ExportBundle) {
        add("/export", say!(w, "page-export"));
    }
    if visitor.may(Action::OperateViews) {
        add("/operations", say!(w, "page-operations"));
    }
    nav
}

/// Where a visitor begins.
pub(crate) fn home(visitor: &Visitor) -> &'static str {
    if visitor.may(Action::OperateViews) {
        "/operations"
    } else if visitor.may(Action::ReadWork) && visitor.role() != Role::Auditor {
        "/today"
    } else if visitor.may(Action::ReadFamily) {
        "/families"
    } else if visitor.access_for(Action::ReadOutcomes).is_some() {
        "/programme"
    } else {
        "/"
    }
}

/// Somebody who is signed in asks for a page.
pub(crate) struct Visit {
    pub(crate) shared: Arc<Shared>,
    pub(crate) visitor: Visitor,
    pub(crate) w: Words,
    pub(crate) uri: Uri,
    asked: Vec<(String, String)>,
    /// Views must have reached it.
    pub(crate) min_position: u64,
}

impl FromRequestParts<Arc<Shared>> for Visit {
    type Rejection = Response;

    async fn from_request_parts(
        parts: &mut Parts,
        shared: &Arc<Shared>,
    ) -> Result<Self, Self::Rejection> {
        let w = words(&parts.headers);
        let Some(visitor) = Visitor::of(&parts.headers, shared.verifier.as_ref()) else {
            return Err(first::sign_in_first(shared, w, &parts.uri, &parts.headers));
        };
        let tenant = &visitor.access.session.tenant;
        fokus_traces::tenant(&tracing::Span::current(), tenant.as_str());
        let asked = Query::<Vec<(String, String)>>::try_from_uri(&parts.uri);
        let min_position = parts.headers.get(MIN_POSITION).and_then(|it| it.to_str().ok());
        Ok(Visit {
            shared: Arc::clone(shared),
            visitor,
            w,
            uri: parts.uri.clone(),
            asked: asked.map(|Query(it)| it).unwrap_or_default(),
            min_position: min_position.and_then(|it| it.parse().ok()).unwrap_or_default(),
        })
    }
}

impl Visit {
    /// A field of the address; empty when it is not there.
    pub(crate) fn asked(&self, name: &str) -> &str {
        self.asked.iter().find(|(it, _)| it == name).map_or("", |(_, value)| value)
    }

    /// The fields of the address.
    pub(crate) fn fields(&self) -> impl Iterator<Item = &str> {
        self.asked.iter().map(|(name, _)| name.as_str())
    }

    /// The two clocks that the address chooses.
    pub(crate) fn chosen(&self) -> Chosen {
        Chosen { known: self.asked("known").to_owned(), was: self.asked("was").to_owned() }
    }

    /// Reads for the visitor.
    pub(crate) async fn read<Q: Read>(&self, query: Q) -> Result<Q::Answer, Failure> {
        self.shared.journal.read(&self.visitor.access, query).await
    }

    /// Reads for the visitor, for another purpose of the token's than that of most pages.
    pub(crate) async fn read_for<Q: Read>(
        &self,
        access: &Access,
        query: Q,
    ) -> Result<Q::Answer, Failure> {
        self.shared.journal.read(access, query).await
    }

    /// The frame of the page.
    pub(crate) fn frame(&self, title: String) -> Frame {
        let frame = Frame::new(&self.shared, Some(&self.visitor), self.w, &self.uri);
        Frame { title, ..frame }
    }

    /// The frame of a page that follows what happens.
    pub(crate) fn live_frame(&self, title: String, as_of: u64, live: bool) -> Frame {
        Frame { as_of: Some(as_of), live, ..self.frame(title) }
    }

    /// The page, or why there is none.
    pub(crate) fn answer(&self, made: Result<impl Template, Failure>) -> Response {
        match made {
            Ok(it) => html(&it),
            Err(failure) => problem::page(self.frame(String::new()), &failure),
        }
    }
}

/// An id of an address.
///
/// # Errors
///
/// UNKNOWN_ID: what is no id is nobody's.
pub(crate) fn id(text: &str) -> Result<Uuid, Failure> {
    let unknown = || Rejection::new(Reason::UnknownId, "an id is a UUID").at("id");
    text.parse().map_err(|_| unknown().into())
}

/// The same address with one field set; without it where the value is empty.
pub(crate) fn with_field(visit: &Visit, name: &str, value: &str) -> String {
    let kept = visit.asked.iter().filter(|(it, value)| it != name && !value.is_empty());
    let mut pairs: Vec<(&str, &str)> =
        kept.map(|(name, value)| (name.as_str(), value.as_str())).collect();
    if !value.is_empty() {
        pairs.push((name, value));
    }
    let query: Vec<String> =
        pairs.iter().map(|(name, value)| format!("{}={}", escaped(name), escaped(value))).collect();
    if query.is_empty() {
        return visit.uri.path().to_owned();
    }
    format!("{}?{}", visit.uri.path(), query.join("&"))
}

/// A text as part of an address.
pub(crate) fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => {
                escaped.push(char::from(byte));
            }
            _ => escaped.push_str(&format!("%{byte:02X}")),
        }
    }
    escaped
}
