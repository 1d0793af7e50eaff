//! Rejections and faults as gRPC statuses. The only place where that happens.
//!
//! Every status of ours carries `google.rpc.ErrorInfo` (reason, domain `fokus`, metadata) and, where
//! a field is at fault, `google.rpc.BadRequest` with its path. Deliberately absent: any value of a
//! request, and the cause of a fault, which goes to the log and nowhere else.

use std::collections::HashMap;
use std::error::Error;
use std::fmt::Write as _;
use std::time::Duration;

use fokus_app::failure::Failure;
use fokus_core::rejection::{self, Reason, Rejection};
use fokus_proto::v1;
use tonic::{Code, Status};
use tonic_types::{ErrorDetails, StatusExt as _};

/// `ErrorInfo.domain` of every status of ours.
pub const ERROR_DOMAIN: &str = "fokus";

/// The metadata key that says that a rejection is a warning which the user may confirm.
pub const CONFIRMABLE: &str = "confirmable";

/// The gRPC code of a status of the domain. No `_` arm: a new one has to choose.
pub fn code(status: rejection::Status) -> Code {
    match status {
        rejection::Status::InvalidArgument => Code::InvalidArgument,
        rejection::Status::FailedPrecondition => Code::FailedPrecondition,
        rejection::Status::Aborted => Code::Aborted,
        rejection::Status::AlreadyExists => Code::AlreadyExists,
        rejection::Status::PermissionDenied => Code::PermissionDenied,
        rejection::Status::NotFound => Code::NotFound,
        rejection::Status::OutOfRange => Code::OutOfRange,
        rejection::Status::ResourceExhausted => Code::ResourceExhausted,
        rejection::Status::Unavailable => Code::Unavailable,
        rejection::Status::Unauthenticated => Code::Unauthenticated,
        rejection::Status::DataLoss => Code::DataLoss,
    }
}

/// A rejection as the client gets it.
pub(crate) fn rejected(rejection: &Rejection) -> Status {
    let mut metadata: HashMap<String, String> =
        rejection.metadata.iter().map(|(key, value)| ((*key).to_owned(), value.clone())).collect();
    if rejection.confirmable {
        metadata.insert(CONFIRMABLE.to_owned(), "true".to_owned());
    }
    let mut details =
        ErrorDetails::with_error_info(rejection.reason.code(), ERROR_DOMAIN, metadata);
    if let Some(field) = &rejection.field {
        details.add_bad_request_violation(field, &rejection.rule);
    }
    Status::with_error_details(code(rejection.reason.status()), rejection.to_string(), details)
}

/// A rejection as an answer in a stream: what the status would say.
pub(crate) fn refusal(rejection: &Rejection) -> v1::Refusal {
    let mut details: Vec<v1::RefusalDetail> = rejection
        .metadata
        .iter()
        .map(|(key, value)| v1::RefusalDetail { key: (*key).to_owned(), value: value.clone() })
        .collect();
    details.sort_by(|one, other| one.key.cmp(&other.key));
    v1::Refusal {
        code: code(rejection.reason.status()).into(),
        reason: rejection.reason.code().to_owned(),
        rule: rejection.rule.clone(),
        fields: rejection.field.iter().cloned().collect(),
        confirmable: rejection.confirmable,
        details,
    }
}

/// A failure as the client gets it. Logs the cause of a fault, once.
pub(crate) fn failed(failure: &Failure) -> Status {
    if let Failure::Fault(fault) = failure {
        tracing::error!(cause = %causes(fault), "a request met a fault");
    }
    rejected(&failure.rejection())
}

/// The token is not accepted; no more is said.
pub(crate) fn token_invalid() -> Rejection {
    Rejection::new(Reason::TokenInvalid, "the token is not accepted")
}

/// The server is shutting down.
pub(crate) fn shutting_down() -> Rejection {
    Rejection::new(Reason::ShuttingDown, "the server is shutting down; repeat elsewhere or later")
}

/// There is no answer yet. Work that was handed to the application goes on.
pub(crate) fn no_answer(limit: Duration) -> Rejection {
    let rule = format!("no answer within {} s; repeat safely", limit.as_secs());
    Rejection::new(Reason::StoreUnavailable, rule)
}

/// An error with the errors behind it, in one line.
fn causes(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        // Writing to a string cannot fail.
        let _ = write!(text, ": {cause}");
        next = cause.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use fokus_store::Fault;

    use super::*;

    #[track_caller]
    fn check(rejection: &Rejection, expected: Code, metadata: &[(&str, &str)]) {
        let status = rejected(rejection);
        assert_eq!(status.code(), expected);
        let details = status.get_error_details();
        let info = details.error_info().expect("every status has ErrorInfo");
        assert_eq!(info.reason, rejection.reason.code());
        assert_eq!(info.domain, "fokus");
        let expected: HashMap<String, String> =
            metadata.iter().map(|(key, value)| ((*key).into(), (*value).into())).collect();
        assert_eq!(info.metadata, expected);
    }

    #[test]
    #[rustfmt::skip] // One row, one status.
    fn every_status_of_the_contract_has_its_code() {
        let rows = [
            (Reason::FieldInvalid,         Code::InvalidArgument),
            (Reason::PageTokenInvalid,     Code::InvalidArgument),
            (Reason::TooOldNeedsReason,    Code::InvalidArgument),
            (Reason::FamilyFirst,          Code::FailedPrecondition),
            (Reason::NoChange,             Code::FailedPrecondition),
            (Reason::RevisionConflict,     Code::Aborted),
            (Reason::Busy,                 Code::Aborted),
            (Reason::PageTokenStale,       Code::Aborted),
            (Reason::CommandIdReused,      Code::AlreadyExists),
            (Reason::IdTaken,              Code::AlreadyExists),
            (Reason::NotPermitted,         Code::PermissionDenied),
            (Reason::UnknownId,            Code::NotFound),
            (Reason::BeyondHead,           Code::OutOfRange),
            (Reason::RateLimited,          Code::ResourceExhausted),
            (Reason::StoreFull,            Code::ResourceExhausted),
            (Reason::SlowConsumer,         Code::ResourceExhausted),
            (Reason::StoreUnavailable,     Code::Unavailable),
            (Reason::StoreReadOnly,        Code::Unavailable),
            (Reason::ViewBehind,           Code::Unavailable),
            (Reason::AccessLogUnavailable, Code::Unavailable),
            (Reason::ShuttingDown,         Code::Unavailable),
            (Reason::UpgradeNeeded,        Code::Unavailable),
            (Reason::TokenInvalid,         Code::Unauthenticated),
            (Reason::UnreadableUncertified, Code::DataLoss),
            (Reason::Corrupt,              Code::DataLoss),
        ];
        for (reason, expected) in rows {
            check(&Rejection::new(reason, "words"), expected, &[]);
        }
    }

    #[test]
    fn no_reason_is_ever_internal_or_unknown() {
        for reason in Reason::ALL {
            let code = rejected(&Rejection::new(*reason, "words")).code();
            assert!(
                !matches!(code, Code::Ok | Code::Internal | Code::Unknown),
                "{}",
                reason.code()
            );
        }
    }

    #[test]
    fn metadata_and_the_warning_mark_travel() {
        let conflict = Rejection::new(Reason::RevisionConflict, "not there")
            .with("expected", "3")
            .with("actual", "4");
        check(&conflict, Code::Aborted, &[("expected", "3"), ("actual", "4")]);

        let warning = Rejection::new(Reason::Implausible, "over 8 hours").confirmable();
        check(&warning, Code::FailedPrecondition, &[("confirmable", "true")]);
    }

    #[test]
    fn a_field_at_fault_is_named_by_its_path() {
        let status = rejected(
            &Rejection::new(Reason::FieldInvalid, "1 to 1440").at("record_contact.minutes"),
        );
        let details = status.get_error_details();
        let violations = &details.bad_request().expect("a BadRequest").field_violations;
        assert_eq!(violations.len(), 1);
        assert_eq!(violations[0].field, "record_contact.minutes");
        assert_eq!(violations[0].description, "1 to 1440");
    }

    #[test]
    fn without_a_field_there_is_no_bad_request() {
        let status = rejected(&Rejection::new(Reason::Busy, "words"));
        assert!(status.get_error_details().bad_request().is_none());
    }

    #[test]
    fn the_cause_of_a_fault_stays_inside() {
        let faults = [
            (Fault::Unavailable("disk /dev/sda9".into()), Code::Unavailable, "STORE_UNAVAILABLE"),
            (Fault::Full("disk /dev/sda9".into()), Code::ResourceExhausted, "STORE_FULL"),
            (Fault::Conflict, Code::Aborted, "BUSY"),
            (Fault::Corrupt { what: "leaf 9 of /dev/sda9".into() }, Code::DataLoss, "CORRUPT"),
        ];
        for (fault, code, reason) in faults {
            let status = failed(&Failure::from(fault));
            assert_eq!(status.code(), code);
            assert_eq!(status.get_error_details().error_info().expect("ErrorInfo").reason, reason);
            assert!(!status.message().contains("sda9"), "{}", status.message());
            assert!(!String::from_utf8_lossy(status.details()).contains("sda9"));
        }
    }

    #[test]
    fn a_cause_is_logged_with_what_lies_behind_it() {
        let fault = Fault::Unavailable("no route".into());
        assert_eq!(causes(&fault), "the store is unavailable: no route");
    }
}
