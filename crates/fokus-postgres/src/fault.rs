//! What an error of the database means for the caller, and for the connection.
//!
//! Of an error only the server's sentence and its code are kept. Its detail names values of rows, and a
//! configuration error may name the URL.

use std::io;

use fokus_store::Fault;
use sqlx::postgres::{PgDatabaseError, PgSeverity};

/// What follows from an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// The connection is of no use any more. Whether the statement was carried out is not known.
    Lost,
    /// No space; nothing was written.
    Full,
    /// What is stored contradicts itself.
    Corrupt,
    /// Others were in the way; nothing was written, and the same may work at once.
    InTheWay,
    /// A row is there already, or a stream is not where it was left; nothing was written.
    Differs,
    /// Nothing was written; the same call may work later.
    Unavailable,
}

/// Judges a code (PostgreSQL, appendix A).
fn judge_code(code: &str) -> Verdict {
    match code {
        // Unique violation; raised by `journal.append`.
        "23505" | "FJ001" => Verdict::Differs,
        "53100" => Verdict::Full,
        "XX001" | "XX002" => Verdict::Corrupt,
        // Serialization failure, deadlock.
        "40001" | "40P01" => Verdict::InTheWay,
        // The server has become a standby: another connection may find the new primary.
        "25006" => Verdict::Lost,
        // Shutdown, crash, cannot connect now; killed while idle in a transaction, or idle.
        "57P01" | "57P02" | "57P03" | "57P05" | "25P03" => Verdict::Lost,
        _ if code.starts_with("08") => Verdict::Lost,
        _ => Verdict::Unavailable,
    }
}

/// Whether the server ends the connection with this error.
fn is_fatal(error: &dyn sqlx::error::DatabaseError) -> bool {
    let error = error.try_downcast_ref::<PgDatabaseError>();
    error.is_some_and(|it| matches!(it.severity(), PgSeverity::Fatal | PgSeverity::Panic))
}

/// Whether a statement that failed so may yet have been carried out, or still be. An error that leaves the
/// connection alive rolls back; one that ends it may have come after the commit.
pub(crate) fn is_in_doubt(error: &sqlx::Error) -> bool {
    error.as_database_error().is_none_or(is_fatal)
}

#[expect(clippy::wildcard_enum_match_arm, reason = "the enum is non-exhaustive")]
pub(crate) fn judge(error: &sqlx::Error) -> Verdict {
    match error {
        sqlx::Error::Database(error) => {
            let fatal = is_fatal(error.as_ref());
            let code = error.code();
            match judge_code(code.as_deref().unwrap_or_default()) {
                Verdict::Unavailable if fatal => Verdict::Lost,
                verdict => verdict,
            }
        }
        sqlx::Error::ColumnDecode { .. } | sqlx::Error::Decode(_) => Verdict::Corrupt,
        sqlx::Error::Encode(_) | sqlx::Error::RowNotFound => Verdict::Unavailable,
        _ => Verdict::Lost,
    }
}

/// The words of an error that may be shown.
pub(crate) fn words(error: &sqlx::Error) -> String {
    #[expect(clippy::wildcard_enum_match_arm, reason = "the enum is non-exhaustive")]
    match error {
        sqlx::Error::Database(error) => {
            format!("{} ({})", error.message(), error.code().unwrap_or_default())
        }
        sqlx::Error::Io(error) => error.to_string(),
        sqlx::Error::Tls(error) => format!("TLS: {error}"),
        sqlx::Error::Protocol(_) => "the answer is not PostgreSQL's".to_owned(),
        _ => "the connection cannot be used".to_owned(),
    }
}

/// The cause of a fault, as far as it may be shown.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
struct Cause(String);

/// The fault for an error after which nothing was written, or nothing was to be.
pub(crate) fn fault(error: sqlx::Error) -> Fault {
    let cause = || Box::new(Cause(words(&error)));
    match judge(&error) {
        Verdict::Full => Fault::Full(cause()),
        Verdict::Corrupt => corrupt("the database finds it damaged"),
        Verdict::Lost | Verdict::InTheWay | Verdict::Differs | Verdict::Unavailable => {
            Fault::Unavailable(cause())
        }
    }
}

pub(crate) fn unavailable(why: &str) -> Fault {
    Fault::Unavailable(Box::new(Cause(why.to_owned())))
}

/// The fault for a stored value that nobody wrote so.
pub(crate) fn corrupt(what: &str) -> Fault {
    Fault::Corrupt { what: what.to_owned() }
}

/// A call that took too long: as bad as a lost connection.
pub(crate) fn timed_out() -> sqlx::Error {
    sqlx::Error::Io(io::Error::new(io::ErrorKind::TimedOut, "the database does not answer"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_code_has_its_consequence() {
        let rows = [
            ("23505", Verdict::Differs),
            ("FJ001", Verdict::Differs),
            ("53100", Verdict::Full),
            ("XX001", Verdict::Corrupt),
            ("40001", Verdict::InTheWay),
            ("40P01", Verdict::InTheWay),
            ("25006", Verdict::Lost),
            ("57P01", Verdict::Lost),
            ("25P03", Verdict::Lost),
            ("08006", Verdict::Lost),
            ("57014", Verdict::Unavailable), // Cancelled, or took too long.
            ("55P03", Verdict::Unavailable), // Lock not available in time.
            ("53300", Verdict::Unavailable), // Too many connections.
            ("42501", Verdict::Unavailable), // Insufficient privilege.
        ];
        for (code, verdict) in rows {
            assert_eq!(judge_code(code), verdict, "{code}");
        }
    }

    #[test]
    fn words_never_tell_what_a_configuration_says() {
        let error = sqlx::Error::Configuration("postgres://u:secret@h/d".into());
        assert!(!words(&error).contains("secret"));
        assert!(!format!("{:?}", fault(error)).contains("secret"));
    }
}
