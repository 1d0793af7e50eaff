//! Why a store cannot be opened, in words that say what to do.

use std::fmt;
use std::path::PathBuf;

/// Why a store was not opened. Nothing in it was changed, and nothing was made anew.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
    /// The folder or a file in it cannot be used.
    #[error("{}: cannot {doing}", path.display())]
    File {
        /// The file or folder.
        path: PathBuf,
        /// What failed.
        doing: &'static str,
        /// Why.
        #[source]
        error: std::io::Error,
    },
    /// Another process has the store open.
    #[error("{}: another process has this store open; end it first", lock.display())]
    Locked {
        /// The lock file.
        lock: PathBuf,
    },
    /// The folder holds something, but no store.
    #[error(
        "{}: holds {found:?} but no store; name an empty folder, or restore journal.db, keys.db, \
         root.key and signing.key into it",
        folder.display()
    )]
    NotEmpty {
        /// The folder.
        folder: PathBuf,
        /// Something that lies in it.
        found: String,
    },
    /// Parts of the store are there, others are not.
    #[error(
        "the store is incomplete; restore from the same backup: {}. They are not made anew: without \
         them what is there cannot be read or proved",
        List(missing)
    )]
    Incomplete {
        /// What is missing.
        missing: Vec<PathBuf>,
    },
    /// The folder holds a copy that did not come to its end.
    #[error(
        "{}: holds a copy of a store that did not come to its end; go on with the copy, or empty the \
         folder",
        folder.display()
    )]
    Copying {
        /// The folder.
        folder: PathBuf,
    },
    /// A copy was to go on in a folder that holds something else.
    #[error("{}: holds a store, and no unfinished copy; name an empty folder", folder.display())]
    NotCopying {
        /// The folder.
        folder: PathBuf,
    },
    /// A copy was to go on with other keys.
    #[error("{}: was begun as the copy of another store; name an empty folder", folder.display())]
    OtherKeys {
        /// The folder.
        folder: PathBuf,
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
    /// The SQLite library is too old.
    #[error("SQLite {found} is older than {minimum}, the first that cannot corrupt its log")]
    LibraryTooOld {
        /// The library's version.
        found: String,
        /// The oldest that is accepted.
        minimum: &'static str,
    },
    /// A database has tables of a later version of the program.
    #[error(
        "{database}: was written by a newer version of this program (migration {version}); use that \
         version or a later one"
    )]
    Newer {
        /// The database's file.
        database: &'static str,
        /// The first migration that is not known.
        version: i64,
    },
    /// A database has tables that no version of the program made.
    #[error("{database}: migration {version} was applied in another form than this program has")]
    OtherSchema {
        /// The database's file.
        database: &'static str,
        /// The migration.
        version: i64,
    },
    /// A database cannot be opened or read.
    #[error("{database}: cannot be used (views.db may be deleted; restore any other from backup)")]
    Database {
        /// The database's file.
        database: &'static str,
        /// Why.
        #[source]
        error: rusqlite::Error,
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
    #[error("the store was not made for invented people; name another folder")]
    NotSynthetic,
    /// What is stored contradicts itself.
    #[error(
        "journal.db: the log of {tenant} contradicts itself: {what}. Keep this file for \
         investigation, and restore journal.db from the newest backup"
    )]
    Contradiction {
        /// The tenant.
        tenant: String,
        /// What contradicts what.
        what: String,
    },
}

/// Paths, one after the other.
struct List<'a>(&'a [PathBuf]);

impl fmt::Display for List<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, path) in self.0.iter().enumerate() {
            let comma = if index == 0 { "" } else { ", " };
            write!(f, "{comma}{}", path.display())?;
        }
        Ok(())
    }
}
