//! The gate in front of every service: how many calls at once, whose call it is, how long it may
//! take.
//!
//! It runs before a byte of a request's message is read. Health is open to everybody; everything
//! else, reflection and unknown methods too, needs a token. What the token says goes with the
//! request as [`Caller`]. Deliberately absent: what a caller may do, which the application decides.

use std::collections::HashSet;
use std::future::{Future, ready};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use fokus_app::session::{Access, Session};
use fokus_core::codes::Purpose;
use fokus_core::rejection::{Reason, Rejection};
use http::header::AUTHORIZATION;
use http::{HeaderMap, Request, Response};
use tokio::sync::OwnedSemaphorePermit;
use tokio::time::{Instant, timeout};
use tonic::body::Body;
use tower::{Layer, Service};
use tracing::{Instrument as _, Span};

use crate::connection::Calls;
use crate::limits::{CALL_TIMEOUT, CALLS_PER_CONNECTION_MAX};
use crate::status::{no_answer, rejected, token_invalid};
use crate::token::TokenVerifier;

/// The paths that need no token: health, which load balancers ask.
const OPEN_PATHS: &str = "/grpc.health.v1.Health/";

/// Who calls, by a verified token.
#[derive(Debug, Clone)]
pub(crate) struct Caller {
    pub(crate) session: Arc<Session>,
    /// When the token runs out, leeway included.
    pub(crate) until: Instant,
}

impl Caller {
    /// The caller of a request that came through the gate.
    ///
    /// # Errors
    ///
    /// TOKEN_INVALID when the request did not come through the gate.
    pub(crate) fn of<T>(request: &tonic::Request<T>) -> Result<Self, Rejection> {
        request.extensions().get::<Caller>().cloned().ok_or_else(token_invalid)
    }

    /// The caller with the purpose of one request.
    pub(crate) fn access(&self, purpose: Purpose) -> Access {
        Access { session: Session::clone(&self.session), purpose }
    }
}

/// Puts the gate in front of services.
#[derive(Debug, Clone)]
pub(crate) struct GateLayer {
    verifier: Arc<TokenVerifier>,
    /// The methods that there are; whatever else is asked for is not named in traces.
    methods: Arc<HashSet<String>>,
}

impl GateLayer {
    /// A gate that lets tokens in which `verifier` accepts.
    pub(crate) fn new(verifier: impl Into<Arc<TokenVerifier>>) -> Self {
        let methods = fokus_proto::methods().into_iter().collect();
        GateLayer { verifier: verifier.into(), methods: Arc::new(methods) }
    }
}

impl<S> Layer<S> for GateLayer {
    type Service = Gate<S>;

    fn layer(&self, inner: S) -> Gate<S> {
        let (verifier, methods) = (Arc::clone(&self.verifier), Arc::clone(&self.methods));
        Gate { inner, verifier, methods }
    }
}

/// Services behind the gate.
#[derive(Debug, Clone)]
pub(crate) struct Gate<S> {
    inner: S,
    verifier: Arc<TokenVerifier>,
    methods: Arc<HashSet<String>>,
}

impl<S> Gate<S> {
    /// Lets the request in, or says why not. The permit counts the call while it is held.
    fn admit(
        &self,
        request: &mut Request<Body>,
        span: &Span,
    ) -> Result<OwnedSemaphorePermit, Rejection> {
        let calls = request.extensions().get::<Calls>().ok_or_else(rate_limited)?;
        let permit = calls.begin().ok_or_else(rate_limited)?;
        if !request.uri().path().starts_with(OPEN_PATHS) {
            let token = bearer(request.headers()).ok_or_else(token_invalid)?;
            let verified = self.verifier.verify(token)?;
            fokus_traces::tenant(span, verified.session.tenant.as_str());
            let until = Instant::now() + verified.remaining;
            request.extensions_mut().insert(Caller { session: verified.session, until });
        }
        Ok(permit)
    }

    /// The call's span, where anybody collects spans. Load balancers asking after health are not traced.
    fn span(&self, request: &Request<Body>) -> Span {
        let path = request.uri().path();
        if !fokus_traces::are_collected() || path.starts_with(OPEN_PATHS) {
            return Span::none();
        }
        let method = self.methods.get(path.trim_start_matches('/'));
        fokus_traces::of_grpc(request.headers(), method.map_or("other", String::as_str))
    }
}

impl<S> Service<Request<Body>> for Gate<S>
where
    S: Service<Request<Body>, Response = Response<Body>>,
    S::Future: Send + 'static,
    S::Error: Send + 'static,
{
    type Response = Response<Body>;
    type Error = S::Error;
    type Future = Pin<Box<dyn Future<Output = Result<Response<Body>, S::Error>> + Send>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, mut request: Request<Body>) -> Self::Future {
        let span = self.span(&request);
        match self.admit(&mut request, &span) {
            Ok(permit) => {
                let call = within(CALL_TIMEOUT, permit, self.inner.call(request));
                if span.is_disabled() { Box::pin(call) } else { Box::pin(traced(span, call)) }
            }
            Err(rejection) => {
                let answer = answer(&rejection);
                outcome(&span, answer.headers());
                Box::pin(ready(Ok(answer)))
            }
        }
    }
}

/// The call in its span, which ends when the answer begins.
async fn traced<E>(
    span: Span,
    call: impl Future<Output = Result<Response<Body>, E>>,
) -> Result<Response<Body>, E> {
    let answered = call.instrument(span.clone()).await;
    if let Ok(it) = &answered {
        outcome(&span, it.headers());
    }
    answered
}

/// An answer that is a refusal says so at once; all others begin well.
fn outcome(span: &Span, headers: &HeaderMap) {
    let status = headers.get("grpc-status").and_then(|it| it.to_str().ok()?.parse().ok());
    fokus_traces::grpc_outcome(span, status.unwrap_or(0));
}

/// The call's answer, or, after `limit`, that there is none. Work that was handed to the application
/// goes on.
async fn within<E>(
    limit: Duration,
    _permit: OwnedSemaphorePermit,
    call: impl Future<Output = Result<Response<Body>, E>>,
) -> Result<Response<Body>, E> {
    match timeout(limit, call).await {
        Ok(answered) => answered,
        Err(_) => Ok(answer(&no_answer(limit))),
    }
}

fn answer(rejection: &Rejection) -> Response<Body> {
    rejected(rejection).into_http()
}

fn rate_limited() -> Rejection {
    Rejection::new(
        Reason::RateLimited,
        format!("more than {CALLS_PER_CONNECTION_MAX} calls at once on this connection"),
    )
}

/// The token of a request (RFC 6750, 2.1), if there is exactly one.
fn bearer(headers: &HeaderMap) -> Option<&str> {
    let mut values = headers.get_all(AUTHORIZATION).iter();
    let (value, another) = (values.next()?, values.next());
    let (scheme, token) = value.to_str().ok()?.split_once(' ')?;
    (another.is_none() && scheme.eq_ignore_ascii_case("bearer")).then_some(token)
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    #[track_caller]
    fn check(values: &[&'static str], expected: Option<&str>) {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(AUTHORIZATION, HeaderValue::from_static(value));
        }
        assert_eq!(bearer(&headers), expected, "{values:?}");
    }

    #[test]
    fn one_bearer_token_is_read() {
        check(&["Bearer abc.def.ghi"], Some("abc.def.ghi"));
        check(&["bearer abc"], Some("abc"));
        check(&[], None);
        check(&["abc"], None);
        check(&["Basic abc"], None);
        check(&["Bearer abc", "Bearer def"], None);
    }

    /// A service whose calls never end.
    #[derive(Clone)]
    struct Stuck;

    impl Service<Request<Body>> for Stuck {
        type Response = Response<Body>;
        type Error = tonic::Status;
        type Future = std::future::Pending<Result<Response<Body>, tonic::Status>>;

        fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), tonic::Status>> {
            Poll::Ready(Ok(()))
        }

        fn call(&mut self, _: Request<Body>) -> Self::Future {
            std::future::pending()
        }
    }

    #[tokio::test(start_paused = true)]
    async fn calls_above_the_limit_are_answered_at_once() {
        let verifier = TokenVerifier::new("issuer", "fokus", &[], || 0);
        let mut gate = GateLayer::new(verifier).layer(Stuck);
        let calls = Calls::new();
        let mut call = || {
            let mut request = Request::new(Body::empty());
            *request.uri_mut() = "/grpc.health.v1.Health/Check".parse().unwrap();
            request.extensions_mut().insert(calls.clone());
            gate.call(request)
        };
        let stuck: Vec<_> = (0..CALLS_PER_CONNECTION_MAX).map(|_| call()).collect();
        let before = Instant::now();
        let answered = call().await.unwrap();
        assert_eq!(before.elapsed(), Duration::ZERO);
        let status = tonic::Status::from_header_map(answered.headers()).unwrap();
        assert_eq!(status.code(), tonic::Code::ResourceExhausted);
        assert!(status.message().starts_with("RATE_LIMITED"), "{}", status.message());

        drop(stuck);
        let waited = timeout(Duration::from_secs(1), call()).await;
        assert!(waited.is_err(), "there is room again");
    }

    #[tokio::test(start_paused = true)]
    async fn a_call_without_an_answer_is_answered() {
        let calls = Calls::new();
        let permit = calls.begin().unwrap();
        let never = std::future::pending::<Result<Response<Body>, tonic::Status>>();
        let answered = within(CALL_TIMEOUT, permit, never).await.unwrap();
        let status = tonic::Status::from_header_map(answered.headers()).unwrap();
        assert_eq!(status.code(), tonic::Code::Unavailable);
    }
}
