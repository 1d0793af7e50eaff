//! What both clients need of the wire: bearer tokens and the reason of a refusal.

use tonic::metadata::{Ascii, MetadataValue};
use tonic_types::StatusExt;

/// The domain of the journal's own refusals.
const DOMAIN: &str = "fokus";

/// A token as it stands in a request's `authorization`; `None` when it cannot.
pub(crate) fn bearer(token: &str) -> Option<MetadataValue<Ascii>> {
    let mut value: MetadataValue<Ascii> = format!("Bearer {}", token.trim()).parse().ok()?;
    value.set_sensitive(true);
    Some(value)
}

/// A request with the token.
pub(crate) fn request<T>(message: T, bearer: &MetadataValue<Ascii>) -> tonic::Request<T> {
    let mut request = tonic::Request::new(message);
    request.metadata_mut().insert("authorization", bearer.clone());
    request
}

/// The stable reason of a refusal; the gRPC code's name where the journal gave none.
pub(crate) fn reason(status: &tonic::Status) -> String {
    match status.get_error_details().error_info() {
        Some(it) if it.domain == DOMAIN => it.reason.clone(),
        Some(_) | None => format!("{:?} without a reason", status.code()),
    }
}
