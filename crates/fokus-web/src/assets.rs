//! What pages are made to look and move with: built into the program.

use axum::response::{IntoResponse, Response};
use http::header::{CACHE_CONTROL, CONTENT_TYPE};

/// An asset by its name in the address.
pub(crate) fn asset(name: &str) -> Option<Response> {
    let (kind, text) = match name {
        "style.css" => ("text/css; charset=utf-8", include_str!("../assets/style.css")),
        "live.js" => ("text/javascript; charset=utf-8", include_str!("../assets/live.js")),
        "verify.js" => ("text/javascript; charset=utf-8", include_str!("../assets/verify.js")),
        "export.js" => ("text/javascript; charset=utf-8", include_str!("../assets/export.js")),
        "icon.svg" => ("image/svg+xml", include_str!("../assets/icon.svg")),
        _ => return None,
    };
    Some(([(CONTENT_TYPE, kind), (CACHE_CONTROL, "no-cache")], text).into_response())
}
