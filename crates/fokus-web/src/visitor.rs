//! Who asks for a page: the token in the cookie, the purpose that the role's pages are read for, and the
//! language.
//!
//! The cookie holds the bearer token itself: it ends when the token ends, and a server that was started
//! anew still knows it.

use std::sync::Arc;
use std::time::Duration;

use fokus_app::session::{Access, Action, Role, Session, permits};
use fokus_core::codes::Purpose;
use fokus_words::{Language, Words};
use http::HeaderMap;
use http::header::{ACCEPT_LANGUAGE, AUTHORIZATION, COOKIE};
use sha2::{Digest as _, Sha256};

use crate::limits::TOKEN_BYTES_MAX;

/// The cookie of the token.
pub(crate) const TOKEN: &str = "fokus-token";
/// The cookie of the language.
pub(crate) const LANGUAGE: &str = "fokus-language";

/// Accepts or refuses bearer tokens.
pub trait Verifier: Send + Sync + 'static {
    /// What the token says, and how long it is still accepted; `None` when it is not.
    fn verify(&self, token: &str) -> Option<(Arc<Session>, Duration)>;
}

/// Who asks.
#[derive(Debug, Clone)]
pub(crate) struct Visitor {
    pub(crate) access: Access,
    /// How long the token is still good.
    pub(crate) remaining: Duration,
    /// Names the token without being it.
    pub(crate) digest: [u8; 32],
}

impl Visitor {
    /// The visitor of a request; `None` when nobody is signed in.
    pub(crate) fn of(headers: &HeaderMap, verifier: &dyn Verifier) -> Option<Visitor> {
        let token = cookie(headers, TOKEN).or_else(|| bearer(headers))?;
        Self::with(token, verifier)
    }

    /// The visitor with this token; `None` when it is not accepted.
    pub(crate) fn with(token: &str, verifier: &dyn Verifier) -> Option<Visitor> {
        if token.len() > TOKEN_BYTES_MAX {
            return None;
        }
        let (session, remaining) = verifier.verify(token)?;
        let purpose = purpose(&session)?;
        let access = Access { session: Session::clone(&session), purpose };
        Some(Visitor { access, remaining, digest: Sha256::digest(token.as_bytes()).into() })
    }

    /// What they are.
    pub(crate) fn role(&self) -> Role {
        self.access.session.role
    }

    /// For which of the token's purposes they may do this; `None` where for none.
    pub(crate) fn access_for(&self, action: Action) -> Option<Access> {
        let session = &self.access.session;
        let purposes = session.purposes.iter().copied();
        let purpose = purposes.into_iter().find(|it| permits(session.role, action, *it))?;
        Some(Access { session: session.clone(), purpose })
    }

    /// Whether they may do this for the purpose of their pages.
    pub(crate) fn may(&self, action: Action) -> bool {
        permits(self.role(), action, self.access.purpose)
    }
}

/// The purpose that the pages are read for: the first of the token's that lets its holder read anything.
fn purpose(session: &Session) -> Option<Purpose> {
    const READS: [Action; 5] = [
        Action::ReadFamily,
        Action::OperateViews,
        Action::ReadProgramme,
        Action::ReadOutcomes,
        Action::ReadCheckpoint,
    ];
    let of = |action: Action| {
        let purposes = session.purposes.iter().copied();
        purposes.into_iter().find(|it| permits(session.role, action, *it))
    };
    READS.into_iter().find_map(of)
}

/// The token of a machine, which keeps no cookies.
fn bearer(headers: &HeaderMap) -> Option<&str> {
    headers.get(AUTHORIZATION)?.to_str().ok()?.strip_prefix("Bearer ")
}

/// A cookie's value.
pub(crate) fn cookie<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let lines = headers.get_all(COOKIE).iter().filter_map(|it| it.to_str().ok());
    let pairs = lines.flat_map(|it| it.split(';')).filter_map(|it| it.trim().split_once('='));
    let mut values = pairs.filter(|(it, _)| *it == name).map(|(_, value)| value);
    values.next()
}

/// The reader's words: those of the cookie, else those that the browser asks for, else English.
pub(crate) fn words(headers: &HeaderMap) -> Words {
    let chosen = cookie(headers, LANGUAGE).map(str::to_owned);
    let asked = || headers.get(ACCEPT_LANGUAGE)?.to_str().ok().map(str::to_owned);
    // The first that is asked for counts; the others come with lower weights.
    Words::new(Language::of_locale(
        &chosen.or_else(asked).unwrap_or_default().replace([',', ';'], "-"),
    ))
}

/// The line that sets a cookie; it is sent to this server only, and to no script.
pub(crate) fn set_cookie(name: &str, value: &str, seconds: u64) -> String {
    format!("{name}={value}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Strict")
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    fn headers(lines: &[(http::HeaderName, &str)]) -> HeaderMap {
        let line = |(name, value): &(http::HeaderName, &str)| {
            (name.clone(), HeaderValue::from_str(value).unwrap())
        };
        lines.iter().map(line).collect()
    }

    #[test]
    fn cookies_are_read_by_their_whole_name() {
        let headers = headers(&[(COOKIE, "a=1; fokus-token=x.y; fokus-token-2=z")]);
        assert_eq!(cookie(&headers, TOKEN), Some("x.y"));
        assert_eq!(cookie(&headers, "fokus"), None);
    }

    #[test]
    fn the_language_is_chosen_or_asked_for_or_english() {
        #[track_caller]
        fn check(lines: &[(http::HeaderName, &str)], expected: Words) {
            assert_eq!(words(&headers(lines)), expected, "{lines:?}");
        }
        check(&[], Words::ENGLISH);
        check(&[(ACCEPT_LANGUAGE, "da,en;q=0.8")], Words::DANISH);
        check(&[(ACCEPT_LANGUAGE, "da-DK")], Words::DANISH);
        check(&[(ACCEPT_LANGUAGE, "de,da;q=0.8")], Words::ENGLISH);
        check(&[(ACCEPT_LANGUAGE, "da"), (COOKIE, "fokus-language=en")], Words::ENGLISH);
    }
}
