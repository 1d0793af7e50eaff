//! Why a store cannot be opened, in words that say what to do.

use std::path::PathBuf;

use crate::connect::Target;
use crate::fault::{Verdict, judge, words};

/// Why a store was not opened. Nothing in it was changed, unless the words say so. No text holds a URL
/// or a password.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
    /// The URL cannot be read.
    #[error(
        "the {what} URL is malformed; write postgres://USER@HOST/DATABASE, perhaps with ?sslmode= \
         &sslrootcert= &sslcert= &sslkey= &host= &port= &user= &password= &dbname=, and nothing else"
    )]
    UrlMalformed {
        /// Which URL.
        what: &'static str,
    },
    /// The connection could be read by others.
    #[error(
        "the {what} database {place} is not on this machine: add sslmode=verify-full to the URL, and \
         sslrootcert=FILE where its certificate is signed by an authority of your own"
    )]
    NotEncrypted {
        /// Which URL.
        what: &'static str,
        /// Database, host and port.
        place: String,
    },
    /// Nobody answers, or the answer is no.
    #[error("the {what} database {place} cannot be reached: {cause}")]
    Unreachable {
        /// Which URL.
        what: &'static str,
        /// Database, host and port.
        place: String,
        /// Why, as the server or the system says.
        cause: String,
    },
    /// The server is too old.
    #[error("PostgreSQL {found} is too old; 15 is the oldest that works")]
    TooOld {
        /// The server's version.
        found: String,
    },
    /// The server only follows another one.
    #[error("the {what} database is a standby, which takes no writes; name the primary")]
    Standby {
        /// Which URL.
        what: &'static str,
    },
    /// The tables are of a later version of the program.
    #[error(
        "schema {schema}: was written by a newer version of this program (migration {version}); use \
         that version or a later one"
    )]
    Newer {
        /// The schema.
        schema: &'static str,
        /// The newest migration there.
        version: i32,
    },
    /// The tables are of an earlier version, and this role may not change them.
    #[error(
        "schema {schema}: stands at migration {found}, this program needs {needed}, and this role may \
         not change it; run `fokus migrate` as its owner"
    )]
    Older {
        /// The schema.
        schema: &'static str,
        /// The newest migration there; 0 = none.
        found: i32,
        /// The newest migration of this program.
        needed: i32,
    },
    /// The tables are such that no version of the program made them.
    #[error(
        "schema {schema}: migration {version} was applied in another form than this program has"
    )]
    OtherSchema {
        /// The schema.
        schema: &'static str,
        /// The migration.
        version: i32,
    },
    /// The group roles are missing and cannot be made.
    #[error(
        "of the group roles fokus_app, fokus_eraser, fokus_keys and fokus_reader one or more are missing, \
         and this role may not make roles; run as an administrator what is missing of: create role \
         fokus_app nologin; create role fokus_eraser nologin; create role fokus_keys nologin; create \
         role fokus_reader nologin"
    )]
    NoRoles,
    /// A statement was refused or failed.
    #[error("the {what} database refused {doing}: {cause}")]
    Refused {
        /// Which URL.
        what: &'static str,
        /// What was tried.
        doing: &'static str,
        /// Why, as the server says.
        cause: String,
    },
    /// A key file cannot be used.
    #[error("{}: cannot {doing}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What failed.
        doing: &'static str,
        /// Why.
        #[source]
        error: std::io::Error,
    },
    /// A key of a store that is there is missing.
    #[error(
        "{}: is missing; restore it. It is not made anew: without it what is stored cannot be read or \
         proved",
        path.display()
    )]
    KeyMissing {
        /// The key file.
        path: PathBuf,
    },
    /// One key file is there and the other is not, for a new store.
    #[error(
        "{}: is missing, but {} is there; name two absent files for a new store, or restore the \
         missing one",
        missing.display(),
        present.display()
    )]
    KeyAlone {
        /// The file that is missing.
        missing: PathBuf,
        /// The file that is there.
        present: PathBuf,
    },
    /// A key file can be read by others.
    #[error("{}: others may read this key (mode {mode:03o}); run chmod 600 on it", path.display())]
    Exposed {
        /// The key file.
        path: PathBuf,
        /// Its permissions.
        mode: u32,
    },
    /// A key file does not hold a key.
    #[error("{}: is not a key of 64 hexadecimal digits; restore it", path.display())]
    NotKey {
        /// The key file.
        path: PathBuf,
    },
    /// A key file holds another key than the store's.
    #[error("{}: is another key than the store's; restore the right one", path.display())]
    OtherKey {
        /// The key file.
        path: PathBuf,
    },
    /// The authority cannot begin the name of a log.
    #[error("the authority must be 1 to 100 letters, digits, '.', '-' or '_'")]
    AuthorityMalformed,
    /// The store's logs are called otherwise.
    #[error("the store's authority is {stored} and never changes; leave --authority out")]
    AuthorityDiffers {
        /// The authority of the store.
        stored: String,
    },
    /// The store holds real people.
    #[error("the store was not made for invented people; name another database")]
    NotSynthetic,
    /// A copy to this store has not ended.
    #[error("a copy to this store has not ended; run it again, it goes on where it was")]
    Copying,
    /// A store that is in use is no place for a copy.
    #[error("the database holds a store already; a copy needs an empty one")]
    NotEmpty,
    /// Somebody changed the table that says what the store is.
    #[error(
        "journal.store has another row than the one that this program made. Keep this database for \
         investigation, and restore from the newest backup"
    )]
    TwoStores,
    /// What is stored contradicts itself.
    #[error(
        "the log of {tenant} contradicts itself: {what}. Keep this database for investigation, and \
         restore from the newest backup"
    )]
    Contradiction {
        /// The tenant.
        tenant: String,
        /// What contradicts what.
        what: String,
    },
}

impl OpenError {
    /// The error for a statement that failed while opening.
    pub(crate) fn of(target: &Target, doing: &'static str, error: &sqlx::Error) -> OpenError {
        let (what, cause) = (target.what, words(error));
        if judge(error) == Verdict::Lost {
            return OpenError::Unreachable { what, place: target.place(), cause };
        }
        OpenError::Refused { what, doing, cause }
    }

    /// Whether the same call may work later, without anybody changing anything.
    #[must_use]
    pub fn is_unreachable(&self) -> bool {
        matches!(self, OpenError::Unreachable { .. } | OpenError::Standby { .. })
    }
}
