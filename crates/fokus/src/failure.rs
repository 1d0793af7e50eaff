//! What ends a verb early, in words for the person at the terminal, and the exit code that says so.
//!
//! A server's answer that is not OK becomes a [`Refusal`]: reason, field and rule, as the server gave
//! them. Trouble on the way to the server is another thing, and another exit code.

use std::error::Error;
use std::fmt;
use std::io;
use std::process::ExitCode;

use fokus_proto::v1;
use tonic::{Code, Status};
use tonic_types::StatusExt;

/// Why a verb ended early.
#[derive(Debug)]
pub(crate) enum Failure {
    /// The server said no. Exit code 1.
    Refused(Refusal),
    /// What was named is not there. Exit code 1.
    NotFound(String),
    /// Something was refused or not understood, and has been reported already. Exit code 1.
    Reported,
    /// The verb could not run: no server, no file, no sense in the flags. Exit code 2.
    CouldNotRun(String),
    /// Nobody reads the output any more. Quiet; exit code 0.
    OutputClosed,
}

impl Failure {
    /// The exit code that says so.
    pub(crate) fn exit_code(&self) -> ExitCode {
        match self {
            Failure::OutputClosed => ExitCode::SUCCESS,
            Failure::Refused(_) | Failure::NotFound(_) | Failure::Reported => ExitCode::from(1),
            Failure::CouldNotRun(_) => ExitCode::from(2),
        }
    }

    /// The same as a reason for not going on at all.
    pub(crate) fn fatal(self) -> Failure {
        match self {
            Failure::Refused(refusal) => Failure::CouldNotRun(refusal.to_string()),
            Failure::NotFound(_)
            | Failure::Reported
            | Failure::CouldNotRun(_)
            | Failure::OutputClosed => self,
        }
    }

    /// A failure of a call, told apart: an answer of the server, or trouble on the way to it.
    pub(crate) fn of_call(status: &Status, server: &str) -> Failure {
        if is_transport_trouble(status) {
            Failure::CouldNotRun(no_answer(server, status.source()))
        } else {
            Failure::Refused(Refusal::of(status))
        }
    }

    /// A failure to write to standard output.
    pub(crate) fn of_output(error: &io::Error) -> Failure {
        if error.kind() == io::ErrorKind::BrokenPipe {
            Failure::OutputClosed
        } else {
            Failure::CouldNotRun(format!("cannot write the output: {error}"))
        }
    }
}

/// Whether the status was made on this side, because the connection failed.
fn is_transport_trouble(status: &Status) -> bool {
    // The server's own statuses carry a reason, and no error of this process behind them.
    status.get_details_error_info().is_none() && status.source().is_some()
}

/// The connection's trouble in words, with the innermost cause, which is the one that says something.
pub(crate) fn no_answer(server: &str, error: Option<&(dyn Error + 'static)>) -> String {
    let mut cause = error;
    while let Some(inner) = cause.and_then(Error::source) {
        cause = Some(inner);
    }
    match cause {
        Some(cause) => format!("no answer from {server}: {cause}"),
        None => format!("no answer from {server}"),
    }
}

/// The server's no.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Refusal {
    /// Such as `FAILED_PRECONDITION`.
    pub(crate) status: &'static str,
    /// Stable code, such as `FAMILY_FIRST`; empty when the transport refused.
    pub(crate) reason: String,
    /// Proto path of the field at fault, such as `record_contact.minutes`; empty when none is.
    pub(crate) field: String,
    /// The rule in words.
    pub(crate) rule: String,
    /// A warning: the same command with the reason in `confirmations` is accepted.
    pub(crate) confirmable: bool,
    /// More words of the server's, such as `expected` and `actual`; sorted.
    pub(crate) metadata: Vec<(String, String)>,
}

impl Refusal {
    /// Reads a status with its details.
    pub(crate) fn of(status: &Status) -> Refusal {
        let info = status.get_details_error_info();
        let violation = status
            .get_details_bad_request()
            .and_then(|request| request.field_violations.into_iter().next());
        let (field, described) = violation.map(|it| (it.field, it.description)).unwrap_or_default();
        let reason = info.as_ref().map(|it| it.reason.clone()).unwrap_or_default();
        let mut metadata: Vec<_> =
            info.map(|it| it.metadata.into_iter().collect()).unwrap_or_default();
        let confirmable =
            metadata.iter().any(|(key, value)| key == "confirmable" && value == "true");
        metadata.retain(|(key, _)| key != "confirmable");
        metadata.sort();
        let rule = if described.is_empty() {
            without_prefixes(status.message(), &[&reason, &field])
        } else {
            described
        };
        Refusal { status: status_name(status.code()), reason, field, rule, confirmable, metadata }
    }
}

impl Refusal {
    /// A refusal that stands in an answer of a stream.
    pub(crate) fn of_answer(answer: v1::Refusal) -> Refusal {
        Refusal {
            status: status_name(Code::from_i32(answer.code)),
            reason: answer.reason,
            field: answer.fields.into_iter().next().unwrap_or_default(),
            rule: answer.rule,
            confirmable: answer.confirmable,
            metadata: answer.details.into_iter().map(|it| (it.key, it.value)).collect(),
        }
    }
}

/// The server's message repeats reason and field; here each is said once.
fn without_prefixes(message: &str, prefixes: &[&str]) -> String {
    let mut rest = message;
    for prefix in prefixes {
        if !prefix.is_empty()
            && let Some(after) = rest.strip_prefix(prefix)
        {
            rest = after.trim_start_matches([':', ' ']);
        }
    }
    rest.to_owned()
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let head = if self.reason.is_empty() { self.status } else { &self.reason };
        let words = [head, &self.field, &self.rule];
        let words: Vec<&str> = words.into_iter().filter(|word| !word.is_empty()).collect();
        f.write_str(&words.join(": "))?;
        if !self.metadata.is_empty() {
            let pairs: Vec<String> =
                self.metadata.iter().map(|(k, v)| format!("{k}={v}")).collect();
            write!(f, " ({})", pairs.join(", "))?;
        }
        if self.confirmable {
            write!(f, " [a warning: send again with {head} in confirmations]")?;
        }
        Ok(())
    }
}

/// The status as the gRPC specification writes it.
fn status_name(code: Code) -> &'static str {
    match code {
        Code::Ok => "OK",
        Code::Cancelled => "CANCELLED",
        Code::Unknown => "UNKNOWN",
        Code::InvalidArgument => "INVALID_ARGUMENT",
        Code::DeadlineExceeded => "DEADLINE_EXCEEDED",
        Code::NotFound => "NOT_FOUND",
        Code::AlreadyExists => "ALREADY_EXISTS",
        Code::PermissionDenied => "PERMISSION_DENIED",
        Code::ResourceExhausted => "RESOURCE_EXHAUSTED",
        Code::FailedPrecondition => "FAILED_PRECONDITION",
        Code::Aborted => "ABORTED",
        Code::OutOfRange => "OUT_OF_RANGE",
        Code::Unimplemented => "UNIMPLEMENTED",
        Code::Internal => "INTERNAL",
        Code::Unavailable => "UNAVAILABLE",
        Code::DataLoss => "DATA_LOSS",
        Code::Unauthenticated => "UNAUTHENTICATED",
    }
}

#[cfg(test)]
mod tests {
    use tonic_types::{ErrorDetails, FieldViolation};

    use super::*;

    #[track_caller]
    fn check(status: &Status, said: &str) {
        assert_eq!(Refusal::of(status).to_string(), said);
    }

    #[test]
    fn a_refusal_says_reason_field_and_rule_once() {
        let mut details = ErrorDetails::with_error_info("FIELD_INVALID", "fokus", []);
        details.set_bad_request(vec![FieldViolation::new("record_contact.minutes", "0 to 1440")]);
        let message = "FIELD_INVALID: record_contact.minutes: 0 to 1440";
        let status = Status::with_error_details(Code::InvalidArgument, message, details);
        check(&status, "FIELD_INVALID: record_contact.minutes: 0 to 1440");
    }

    #[test]
    fn a_warning_says_how_to_confirm_it() {
        let metadata = [("confirmable".to_owned(), "true".to_owned())];
        let details = ErrorDetails::with_error_info("IMPLAUSIBLE", "fokus", metadata);
        let status =
            Status::with_error_details(Code::FailedPrecondition, "over 60 minutes", details);
        check(
            &status,
            "IMPLAUSIBLE: over 60 minutes [a warning: send again with IMPLAUSIBLE in confirmations]",
        );
    }

    #[test]
    fn a_conflict_says_what_was_expected() {
        let metadata =
            [("expected", "3"), ("actual", "5")].map(|(k, v)| (k.to_owned(), v.to_owned()));
        let details = ErrorDetails::with_error_info("REVISION_CONFLICT", "fokus", metadata);
        let status = Status::with_error_details(Code::Aborted, "read again", details);
        check(&status, "REVISION_CONFLICT: read again (actual=5, expected=3)");
    }

    #[test]
    fn a_bare_status_of_the_transport_gives_its_name() {
        check(&Status::out_of_range("message too large"), "OUT_OF_RANGE: message too large");
    }

    #[test]
    fn an_answer_of_the_server_is_a_refusal_and_a_lost_connection_is_not() {
        let answer = Failure::of_call(&Status::unavailable("SHUTTING_DOWN"), "http://[::1]:1");
        assert!(matches!(answer, Failure::Refused(_)));
        let lost = Status::from_error(Box::new(io::Error::other("connection reset")));
        let Failure::CouldNotRun(said) = Failure::of_call(&lost, "http://[::1]:1") else {
            panic!("a lost connection is no answer")
        };
        assert_eq!(said, "no answer from http://[::1]:1: connection reset");
    }
}
