//! The folder of a store: its lock, its key files, and how it comes into being.
//!
//! A new store is made whole or not at all: its files are made in `new/`, which is then renamed to
//! `ready/`, from where they move up. A start that finds `new/` throws it away (nothing of it was
//! ever in use); one that finds `ready/` finishes moving. So a crash in between leaves no half store,
//! and no key is ever made anew beside a journal.
//!
//! Read [`Folder::enter`] first. Deliberately absent: what is in the databases.

mod error;
mod files;

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use fokus_store::copy::CopyKeys;
use fokus_store::signing::SigningSeeds;
use fokus_vault::key::SecretKey;
use zeroize::Zeroizing;

pub use error::OpenError;

use crate::schema::{Database, JOURNAL, KEYS};
use crate::store::{Entropy, SqliteOptions};

const LOCK: &str = "lock";
const NEW: &str = "new";
const READY: &str = "ready";
const ROOT_KEY: &str = "root.key";
const SIGNING_KEY: &str = "signing.key";
/// Lies in a folder as long as it holds a copy that has not ended.
const COPYING: &str = "copying";
/// What may lie in a folder that counts as empty.
const UNIMPORTANT: [&str; 4] = [LOCK, NEW, READY, "lost+found"];

/// A folder that this process alone has, with all that a store needs.
#[derive(Debug)]
pub(crate) struct Folder {
    pub(crate) path: PathBuf,
    pub(crate) keys: CopyKeys,
    retiring_seed: Option<SecretKey>,
    /// Locked as long as it is open.
    pub(crate) lock: Arc<File>,
}

/// What a folder is entered for.
pub(crate) enum Purpose {
    /// To serve the store. A new one gets random keys.
    Serve(Entropy),
    /// To copy another store's logs, which need its keys.
    Copy(CopyKeys),
}

/// Where a store's files are.
pub(crate) struct Places {
    folder: PathBuf,
    root_key: PathBuf,
    signing_key: PathBuf,
    retiring_signing_key: Option<PathBuf>,
}

impl Places {
    pub(crate) fn new(options: &SqliteOptions) -> Places {
        let folder = options.dir.clone();
        let root_key = options.root_key.clone().unwrap_or_else(|| folder.join(ROOT_KEY));
        let signing_key = options.signing_key.clone().unwrap_or_else(|| folder.join(SIGNING_KEY));
        let retiring_signing_key = options.retiring_signing_key.clone();
        Places { folder, root_key, signing_key, retiring_signing_key }
    }

    /// What a store cannot be without.
    fn essential(&self) -> [PathBuf; 4] {
        let database = |file: &str| self.folder.join(file);
        let (journal, keys) = (database(JOURNAL.file), database(KEYS.file));
        [journal, keys, self.root_key.clone(), self.signing_key.clone()]
    }

    /// Where a file of a new store belongs.
    fn target(&self, name: &str) -> PathBuf {
        match name {
            ROOT_KEY => self.root_key.clone(),
            SIGNING_KEY => self.signing_key.clone(),
            _ => self.folder.join(name),
        }
    }
}

impl Folder {
    /// Locks the folder, makes a store in it if it is empty, and reads the keys.
    pub(crate) fn enter(places: &Places, purpose: &Purpose) -> Result<Folder, OpenError> {
        files::make_folder(&places.folder)?;
        let lock = files::lock(&places.folder.join(LOCK))?;
        files::remove_folder(&places.folder.join(NEW))?;
        move_up(places)?;
        let missing = places.essential().into_iter().filter(|path| !path.exists());
        let missing: Vec<PathBuf> = missing.collect();
        match missing.len() {
            0 => (),
            4 => make(places, purpose)?,
            _ => return Err(OpenError::Incomplete { missing }),
        }
        let keys = CopyKeys {
            root_key: files::read_key(&places.root_key)?,
            signing_seed: files::read_key(&places.signing_key)?,
        };
        ensure_fits(places, purpose, &keys)?;
        let retiring = places.retiring_signing_key.as_deref();
        let retiring_seed = retiring.map(files::read_key).transpose()?;
        let path = places.folder.clone();
        Ok(Folder { path, keys, retiring_seed, lock: Arc::new(lock) })
    }

    /// The seeds that the logs are signed with.
    pub(crate) fn seeds(&self) -> SigningSeeds {
        let retiring = self.retiring_seed.as_ref().map(SecretKey::duplicate);
        SigningSeeds { current: self.keys.signing_seed.duplicate(), retiring }
    }
}

/// A copy that has not ended may be gone on with, and nothing else; anything else is no copy.
fn ensure_fits(places: &Places, purpose: &Purpose, keys: &CopyKeys) -> Result<(), OpenError> {
    let folder = places.folder.clone();
    match (purpose, folder.join(COPYING).exists()) {
        (Purpose::Serve(_), false) => Ok(()),
        (Purpose::Serve(_), true) => Err(OpenError::Copying { folder }),
        (Purpose::Copy(_), false) => Err(OpenError::NotCopying { folder }),
        (Purpose::Copy(wanted), true) => {
            let same = |one: &SecretKey, other: &SecretKey| one.as_bytes() == other.as_bytes();
            let same = same(&wanted.root_key, &keys.root_key)
                && same(&wanted.signing_seed, &keys.signing_seed);
            if same { Ok(()) } else { Err(OpenError::OtherKeys { folder }) }
        }
    }
}

/// From now on the folder holds a store like any other.
pub(crate) fn end_copying(folder: &Path) -> Result<(), OpenError> {
    files::remove_file(&folder.join(COPYING))?;
    files::sync_folder(folder)
}

/// Makes a store in an empty folder.
fn make(places: &Places, purpose: &Purpose) -> Result<(), OpenError> {
    let names = files::names(&places.folder)?;
    if let Some(name) = names.into_iter().find(|name| !UNIMPORTANT.contains(&name.as_str())) {
        return Err(OpenError::NotEmpty { folder: places.folder.clone(), found: name });
    }
    let new = places.folder.join(NEW);
    files::make_folder(&new)?;
    for database in [JOURNAL, KEYS] {
        make_database(&database, &new)?;
    }
    let keys = match purpose {
        Purpose::Serve(entropy) => CopyKeys {
            root_key: random_key(&places.root_key, entropy)?,
            signing_seed: random_key(&places.signing_key, entropy)?,
        },
        Purpose::Copy(keys) => {
            files::make_private(&new.join(COPYING))?;
            keys.duplicate()
        }
    };
    files::write_key(&new.join(ROOT_KEY), &keys.root_key)?;
    files::write_key(&new.join(SIGNING_KEY), &keys.signing_seed)?;
    files::sync_folder(&new)?;
    files::rename(&new, &places.folder.join(READY))?;
    files::sync_folder(&places.folder)?;
    move_up(places)
}

fn random_key(path: &Path, entropy: &Entropy) -> Result<SecretKey, OpenError> {
    let mut key = Zeroizing::new([0_u8; 32]);
    let filled = entropy(key.as_mut_slice());
    filled.map_err(files::failed(path, "get random bytes for the key"))?;
    Ok(SecretKey::from_bytes(*key))
}

/// Makes an empty database with today's tables, readable by its owner only.
pub(crate) fn make_database(database: &Database, folder: &Path) -> Result<(), OpenError> {
    // SQLite gives its other files the permissions of the database, so they are set first.
    files::make_private(&folder.join(database.file))?;
    let connection = database.open(folder)?;
    connection.close().map_err(|(_, error)| database.failed(error))
}

/// Removes what SQLite keeps beside a database that is gone, so that the next one begins empty.
pub(crate) fn remove_beside(folder: &Path, database: Database) -> Result<(), OpenError> {
    for ending in ["-wal", "-shm"] {
        files::remove_file(&folder.join(format!("{}{ending}", database.file)))?;
    }
    Ok(())
}

/// Moves the files of a store that was made to where they belong.
fn move_up(places: &Places) -> Result<(), OpenError> {
    let ready = places.folder.join(READY);
    if !ready.exists() {
        return Ok(());
    }
    for name in files::names(&ready)? {
        files::place(&ready.join(&name), &places.target(&name))?;
    }
    files::sync_folder(&places.folder)?;
    files::remove_folder(&ready)?;
    files::sync_folder(&places.folder)
}
