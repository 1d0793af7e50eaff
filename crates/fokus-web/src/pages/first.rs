//! The first page: what this is, and who one is here. Signing in and out, and choosing a language.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Form, State};
use axum::response::{IntoResponse, Redirect, Response};
use fokus_words::{Language, Words, say};
use http::header::SET_COOKIE;
use http::{HeaderMap, StatusCode, Uri};
use serde::Deserialize;

use super::{Frame, home, html};
use crate::site::Shared;
use crate::visitor::{self, Visitor, set_cookie, words};

/// How long a language is remembered, in seconds: a year.
const LANGUAGE_S: u64 = 365 * 24 * 60 * 60;

#[derive(Template)]
#[template(path = "first.html")]
struct FirstPage {
    frame: Frame,
    roles: Vec<Choice>,
    /// Where to go after signing in.
    next: String,
    /// Why the token was refused, or that one must sign in.
    word: String,
    /// Where the signed-in visitor goes on; empty without one.
    home: String,
    /// The visitor's role has no page.
    nothing: bool,
}

/// A role of the demo.
struct Choice {
    /// As in tokens.
    name: &'static str,
    label: String,
    /// What it sees.
    sees: String,
}

#[derive(Template)]
#[template(path = "again.html")]
struct Again {
    frame: Frame,
}

/// `GET /`
pub(crate) async fn page(
    State(shared): State<Arc<Shared>>,
    uri: Uri,
    headers: HeaderMap,
) -> Response {
    let w = words(&headers);
    let visitor = Visitor::of(&headers, shared.verifier.as_ref());
    let mut page = first(&shared, visitor.as_ref(), w, &uri);
    page.nothing = visitor.as_ref().is_some_and(|it| home(it) == "/");
    page.home = visitor.as_ref().map(home).filter(|it| *it != "/").unwrap_or_default().to_owned();
    html(&page)
}

fn first(shared: &Shared, visitor: Option<&Visitor>, w: Words, uri: &Uri) -> FirstPage {
    let mut frame = Frame::new(shared, visitor, w, uri);
    frame.title = say!(w, "page-first");
    let choice = |it: &crate::site::DemoRole| Choice {
        name: it.role.name(),
        label: fokus_words::capital(&w.code("Role", it.role.name())),
        sees: w.code("RoleSees", it.role.name()),
    };
    FirstPage {
        frame,
        roles: shared.demo.iter().map(choice).collect(),
        next: String::new(),
        word: String::new(),
        home: String::new(),
        nothing: false,
    }
}

/// The page for whoever is not signed in and asked for another one.
pub(super) fn sign_in_first(shared: &Shared, w: Words, uri: &Uri, headers: &HeaderMap) -> Response {
    // A link from elsewhere comes without our cookie: the page asks once more, now from here.
    let from_elsewhere = headers.get("sec-fetch-site").is_some_and(|it| it == "cross-site");
    if from_elsewhere {
        let mut frame = Frame::new(shared, None, w, uri);
        frame.title = say!(w, "page-again");
        return html(&Again { frame });
    }
    let mut page = first(shared, None, w, uri);
    page.next = page.frame.address.clone();
    page.word = say!(w, "page-sign-in-first");
    (StatusCode::UNAUTHORIZED, html(&page)).into_response()
}

/// A form of the first page.
#[derive(Deserialize)]
pub(crate) struct SignIn {
    /// A bearer token.
    #[serde(default)]
    token: String,
    /// A role of the demo.
    #[serde(default)]
    role: String,
    /// Where to go then.
    #[serde(default)]
    next: String,
}

/// `POST /sign-in`
pub(crate) async fn sign_in(
    State(shared): State<Arc<Shared>>,
    headers: HeaderMap,
    uri: Uri,
    Form(form): Form<SignIn>,
) -> Response {
    let of_role = shared.demo.iter().find(|it| it.role.name() == form.role);
    let token = of_role.map_or(form.token.trim(), |it| &it.token);
    let Some(visitor) = Visitor::with(token, shared.verifier.as_ref()) else {
        let w = words(&headers);
        let mut page = first(&shared, None, w, &uri);
        page.frame.address = "/".to_owned();
        page.next = inside(&form.next).unwrap_or_default().to_owned();
        page.word = say!(w, "page-token-refused");
        return (StatusCode::UNAUTHORIZED, html(&page)).into_response();
    };
    let next = inside(&form.next).unwrap_or_else(|| home(&visitor));
    let cookie = set_cookie(visitor::TOKEN, token, visitor.remaining.as_secs());
    ([(SET_COOKIE, cookie)], Redirect::to(next)).into_response()
}

/// `POST /sign-out`
pub(crate) async fn sign_out() -> Response {
    ([(SET_COOKIE, set_cookie(visitor::TOKEN, "", 0))], Redirect::to("/")).into_response()
}

/// A choice of language.
#[derive(Deserialize)]
pub(crate) struct Choose {
    /// A tag.
    #[serde(default)]
    to: String,
    /// The page that it was chosen on.
    #[serde(default)]
    back: String,
}

/// `POST /language`
pub(crate) async fn language(Form(form): Form<Choose>) -> Response {
    let tag = Language::of_locale(&form.to).tag();
    let back = inside(&form.back).unwrap_or("/");
    let cookie = set_cookie(visitor::LANGUAGE, tag, LANGUAGE_S);
    ([(SET_COOKIE, cookie)], Redirect::to(back)).into_response()
}

/// An address of this server's; nobody is sent elsewhere.
fn inside(address: &str) -> Option<&str> {
    let is_path = address.starts_with('/') && !address.starts_with("//");
    let is_plain = address.bytes().all(|it| it.is_ascii_graphic() && it != b'\\');
    (is_path && is_plain).then_some(address)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_is_sent_elsewhere() {
        assert_eq!(inside("/families?sort=risk"), Some("/families?sort=risk"));
        for other in
            ["", "families", "//example.org", "/\\example.org", "https://example.org", "/a\nb"]
        {
            assert_eq!(inside(other), None, "{other}");
        }
    }
}
