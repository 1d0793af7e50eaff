//! One request and its answer (C2SP tlog-tiles, C2SP tlog-checkpoint).

use fokus_app::failure::Failure;
use fokus_app::journal::Journal;
use fokus_log::tile::Resource;
use fokus_store::{Fault, TenantId};
use http::header::{ALLOW, CACHE_CONTROL, CONTENT_TYPE};
use http::{HeaderValue, Method, Request, Response, StatusCode};
use http_body_util::Full;
use hyper::body::Bytes;

/// The name of the one log of a tenant that is published.
const JOURNAL: &str = "journal";
/// What is published once never changes.
const FOR_EVER: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");
/// The checkpoint moves with each event.
const NEVER: HeaderValue = HeaderValue::from_static("no-cache");
const TEXT: HeaderValue = HeaderValue::from_static("text/plain; charset=utf-8");
const BYTES: HeaderValue = HeaderValue::from_static("application/octet-stream");
const METHODS: HeaderValue = HeaderValue::from_static("GET, HEAD");

/// The answer to a request, whose body is not looked at.
pub(crate) async fn answer<B>(journal: &Journal, request: &Request<B>) -> Response<Full<Bytes>> {
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        let mut refused = told(StatusCode::METHOD_NOT_ALLOWED, "GET and HEAD only\n");
        refused.headers_mut().insert(ALLOW, METHODS);
        return refused;
    }
    let Some((tenant, resource)) = named(request.uri().path()) else {
        return not_found();
    };
    match journal.published(&tenant, resource).await {
        Ok(Some(bytes)) => found(resource, bytes),
        Ok(None) => not_found(),
        Err(Failure::Fault(fault @ Fault::Corrupt { .. })) => {
            tracing::error!(%tenant, %fault, "a log cannot be published");
            told(StatusCode::INTERNAL_SERVER_ERROR, "what is stored contradicts itself\n")
        }
        Err(failure) => {
            tracing::warn!(%tenant, %failure, "a log cannot be published now");
            told(StatusCode::SERVICE_UNAVAILABLE, "not now\n")
        }
    }
}

/// The tenant and what of its journal a path names; `None` for what is not the one spelling of it.
fn named(path: &str) -> Option<(TenantId, Resource)> {
    let (tenant, rest) = path.strip_prefix('/')?.split_once('/')?;
    let resource = rest.strip_prefix(JOURNAL)?.strip_prefix('/')?.parse().ok()?;
    Some((TenantId::parse(tenant).ok()?, resource))
}

fn found(resource: Resource, bytes: Vec<u8>) -> Response<Full<Bytes>> {
    let (kind, kept) = match resource {
        Resource::Checkpoint => (TEXT, NEVER),
        Resource::Tile { .. } | Resource::Entries { .. } => (BYTES, FOR_EVER),
    };
    let mut response = Response::new(Full::new(Bytes::from(bytes)));
    response.headers_mut().insert(CONTENT_TYPE, kind);
    response.headers_mut().insert(CACHE_CONTROL, kept);
    response
}

fn not_found() -> Response<Full<Bytes>> {
    told(StatusCode::NOT_FOUND, "not published\n")
}

fn told(status: StatusCode, words: &'static str) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(Bytes::from_static(words.as_bytes())));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, TEXT);
    response.headers_mut().insert(CACHE_CONTROL, NEVER);
    response
}

#[cfg(test)]
mod tests {
    use fokus_log::tile::TileId;

    use super::*;

    #[test]
    fn a_path_names_a_tenant_and_a_resource_in_one_spelling() {
        #[track_caller]
        fn check(path: &str, resource: Option<Resource>) {
            let tenant = TenantId::parse("ishoj").unwrap();
            assert_eq!(named(path), resource.map(|it| (tenant, it)), "{path}");
        }
        let tile = |level, n, width| Resource::Tile { id: TileId { level, n }, width };
        check("/ishoj/journal/checkpoint", Some(Resource::Checkpoint));
        check("/ishoj/journal/tile/0/x001/067.p/3", Some(tile(0, 1067, 3)));
        check("/ishoj/journal/tile/1/000", Some(tile(1, 0, 256)));
        check("/ishoj/journal/tile/entries/002", Some(Resource::Entries { n: 2, width: 256 }));
        check("/ishoj/journal/tile/0/x000/067", None);
        check("/ishoj/journal/tile/0/67", None);
        check("/ishoj/journal//checkpoint", None);
        check("//ishoj/journal/checkpoint", None);
        check("/ishoj/journal/checkpoint/", None);
        check("/ishoj/journal/../ishoj/journal/checkpoint", None);
        check("/ISHOJ/journal/checkpoint", None);
        check("/ish%6Fj/journal/checkpoint", None);
        check("/ishoj/journalcheckpoint", None);
        check("/ishoj/access/checkpoint", None);
        check("/ishoj/checkpoint", None);
        check("/checkpoint", None);
        check("/", None);
        check("", None);
    }
}
