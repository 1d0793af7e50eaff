//! What an error of the database means for the caller, and for the process.

use fokus_store::Fault;

/// What follows from an error of SQLite while writing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// What is on the disk is not known any more: the process must end and look again.
    Fatal,
    /// No space; nothing was written.
    Full,
    /// The file contradicts itself.
    Corrupt,
    /// The same call may work later.
    Unavailable,
}

/// Judges an extended result code of SQLite (<https://sqlite.org/rescode.html>).
///
/// An input or output error while writing is fatal, whatever it was: after a failed fsync the
/// operating system may have dropped what it could not write, and a second fsync would succeed.
fn judge_code(code: i32) -> Verdict {
    match code & 0xff {
        10 => Verdict::Fatal,
        11 | 26 => Verdict::Corrupt,
        13 => Verdict::Full,
        _ => Verdict::Unavailable,
    }
}

/// The extended result code, where the error comes from SQLite.
fn code(error: &rusqlite::Error) -> Option<i32> {
    error.sqlite_error().map(|error| error.extended_code)
}

pub(crate) fn judge(error: &rusqlite::Error) -> Verdict {
    code(error).map_or(Verdict::Unavailable, judge_code)
}

/// Whether a row was refused because its key is there already.
pub(crate) fn is_unique_violation(error: &rusqlite::Error) -> bool {
    // SQLITE_CONSTRAINT_UNIQUE, SQLITE_CONSTRAINT_PRIMARYKEY.
    matches!(code(error), Some(2067 | 1555))
}

/// The fault for an error in reading, or in writing once its verdict is not fatal.
pub(crate) fn fault(error: rusqlite::Error) -> Fault {
    use rusqlite::Error::{FromSqlConversionFailure, IntegralValueOutOfRange, InvalidColumnType};
    // The type only: the error may hold the value.
    if let FromSqlConversionFailure(..) | IntegralValueOutOfRange(..) | InvalidColumnType(..) =
        error
    {
        return corrupt("a value of another type than its column has");
    }
    match judge(&error) {
        Verdict::Corrupt => corrupt("a database file is damaged"),
        Verdict::Full => Fault::Full(Box::new(error)),
        Verdict::Fatal | Verdict::Unavailable => Fault::Unavailable(Box::new(error)),
    }
}

/// The fault for a stored value that nobody wrote so.
pub(crate) fn corrupt(what: &str) -> Fault {
    Fault::Corrupt { what: what.to_owned() }
}

/// What may stop a transaction.
pub(crate) enum Stop {
    Database(rusqlite::Error),
    Fault(Fault),
}

impl From<rusqlite::Error> for Stop {
    fn from(error: rusqlite::Error) -> Self {
        Stop::Database(error)
    }
}

impl From<Fault> for Stop {
    fn from(fault: Fault) -> Self {
        Stop::Fault(fault)
    }
}

/// What stopped a read.
impl From<Stop> for Fault {
    fn from(stop: Stop) -> Self {
        match stop {
            Stop::Database(error) => fault(error),
            Stop::Fault(fault) => fault,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn input_and_output_errors_end_the_process_and_others_do_not() {
        let rows = [
            (10, Verdict::Fatal),                  // SQLITE_IOERR
            (10 | (4 << 8), Verdict::Fatal),       // SQLITE_IOERR_FSYNC
            (10 | (5 << 8), Verdict::Fatal),       // SQLITE_IOERR_DIR_FSYNC
            (10 | (3 << 8), Verdict::Fatal),       // SQLITE_IOERR_WRITE
            (11, Verdict::Corrupt),                // SQLITE_CORRUPT
            (26, Verdict::Corrupt),                // SQLITE_NOTADB
            (13, Verdict::Full),                   // SQLITE_FULL
            (5, Verdict::Unavailable),             // SQLITE_BUSY
            (19 | (6 << 8), Verdict::Unavailable), // SQLITE_CONSTRAINT_PRIMARYKEY
        ];
        for (code, verdict) in rows {
            assert_eq!(judge_code(code), verdict, "result code {code}");
        }
    }
}
