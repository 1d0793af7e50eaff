//! What a store is: its authority, whether it holds invented people, and its two secret keys, which are
//! not in the database.
//!
//! The first one who opens an empty database makes the store: the row that says so is written, then the
//! key files, and only then the row is committed. Whoever comes at the same time waits for that row, and
//! then needs the same key files. So there are never two pairs of keys for one store.
//!
//! Read [`settle`]. Deliberately absent: reading the logs.

use std::path::{Path, PathBuf};

use fokus_log::note::{Ed25519Signer, Signer as _};
use fokus_store::copy::CopyKeys;
use fokus_store::signing::SigningSeeds;
use fokus_vault::key::SecretKey;
use fokus_vault::signing::derive_signing_seed;
use sqlx::{Connection as _, PgConnection};

use crate::connect::Target;
use crate::error::OpenError;
use crate::keyfile;
use crate::store::PostgresOptions;

/// Most characters of an authority.
const AUTHORITY_MAX: usize = 100;
/// Random bytes of an authority that nobody chose.
const AUTHORITY_RANDOM_BYTES: usize = 8;
/// Whose public key the store's row holds. No tenant is called so.
const NOBODY: &str = "Store";

/// What a store is.
#[derive(Debug)]
pub(crate) struct Identity {
    pub(crate) authority: String,
    pub(crate) synthetic: bool,
    pub(crate) keys: CopyKeys,
    retiring_seed: Option<SecretKey>,
}

impl Identity {
    /// The seeds that the logs are signed with.
    pub(crate) fn seeds(&self) -> SigningSeeds {
        let retiring = self.retiring_seed.as_ref().map(SecretKey::duplicate);
        SigningSeeds { current: self.keys.signing_seed.duplicate(), retiring }
    }
}

/// What the store is opened for.
#[derive(Debug)]
pub(crate) enum Purpose {
    /// To be served.
    Serve,
    /// To become, or go on becoming, the copy of a store with these keys.
    Copy(CopyKeys),
}

/// The store's row: authority, synthetic, signer, copying; whether it is the only one.
type StoreRow = (String, bool, Vec<u8>, bool, bool);

const READ: &str = "select authority, synthetic, signer, copying, \
     one and (select count(*) from journal.store) = 1 from journal.store order by one desc";

/// Finds out what the store is, or makes it.
pub(crate) async fn settle(
    target: &Target,
    connection: &mut PgConnection,
    options: &PostgresOptions,
    purpose: Purpose,
) -> Result<Identity, OpenError> {
    let failed = |error| OpenError::of(target, "to say what store it holds", &error);
    if let Some(authority) = &options.authority {
        check_authority(authority)?;
    }
    let row: Option<StoreRow> =
        sqlx::query_as(READ).fetch_optional(&mut *connection).await.map_err(failed)?;
    if let Some(row) = row {
        let stored = row.2.clone();
        let identity = adopt(options, purpose, row)?;
        let signer = signer(&identity.keys.signing_seed)?;
        if stored != signer {
            // From now on servers that have the key before alone are not started.
            let sql = "update journal.store set signer = $1 where signer = $2";
            let update = sqlx::query(sql).bind(signer.as_slice()).bind(&stored);
            update.execute(connection).await.map_err(failed)?;
        }
        return Ok(identity);
    }
    // The row is written first: whoever comes at the same time waits here.
    let mut transaction = connection.begin().await.map_err(failed)?;
    let authority = options.authority.clone().map_or_else(|| random_authority(options), Ok)?;
    let copying = matches!(purpose, Purpose::Copy(_));
    let pending = prepare(options, &purpose)?;
    let made = sqlx::query(
        "insert into journal.store (authority, synthetic, signer, copying) \
         values ($1, $2, $3, $4) on conflict do nothing",
    )
    .bind(&authority)
    .bind(options.synthetic)
    .bind(signer(&pending.keys.signing_seed)?.as_slice())
    .bind(copying)
    .execute(&mut *transaction)
    .await
    .map_err(failed)?;
    if made.rows_affected() == 0 {
        let row = sqlx::query_as(READ).fetch_one(&mut *transaction).await.map_err(failed)?;
        transaction.rollback().await.map_err(failed)?;
        return adopt(options, purpose, row);
    }
    pending.write(options)?;
    transaction.commit().await.map_err(failed)?;
    let (keys, synthetic) = (pending.keys, options.synthetic);
    Ok(Identity { authority, synthetic, keys, retiring_seed: None })
}

/// Opens a store that is there.
fn adopt(
    options: &PostgresOptions,
    purpose: Purpose,
    (authority, synthetic, stored_signer, copying, only): StoreRow,
) -> Result<Identity, OpenError> {
    if !only {
        return Err(OpenError::TwoStores);
    }
    match (&purpose, copying) {
        (Purpose::Serve, true) => return Err(OpenError::Copying),
        (Purpose::Copy(_), false) => return Err(OpenError::NotEmpty),
        (Purpose::Serve, false) | (Purpose::Copy(_), true) => (),
    }
    if options.authority.as_ref().is_some_and(|wanted| *wanted != authority) {
        return Err(OpenError::AuthorityDiffers { stored: authority });
    }
    if options.synthetic && !synthetic {
        return Err(OpenError::NotSynthetic);
    }
    for path in [&options.root_key, &options.signing_key] {
        if !path.exists() {
            return Err(OpenError::KeyMissing { path: path.clone() });
        }
    }
    let keys = read(options)?;
    if let Purpose::Copy(wanted) = &purpose {
        same(&options.root_key, &keys.root_key, &wanted.root_key)?;
        same(&options.signing_key, &keys.signing_seed, &wanted.signing_seed)?;
    }
    let retiring_seed = options.retiring_signing_key.as_deref().map(keyfile::read).transpose()?;
    let is_signer =
        |seed: &SecretKey| signer(seed).map(|signer| signer.as_slice() == stored_signer);
    let retires = retiring_seed.as_ref().map_or(Ok(false), is_signer)?;
    if !is_signer(&keys.signing_seed)? && !retires {
        return Err(OpenError::OtherKey { path: options.signing_key.clone() });
    }
    Ok(Identity { authority, synthetic, keys, retiring_seed })
}

/// The keys of a new store, and whether they are yet to be written to their files.
struct Pending {
    keys: CopyKeys,
    absent: bool,
}

impl Pending {
    fn write(&self, options: &PostgresOptions) -> Result<(), OpenError> {
        if self.absent {
            keyfile::write(&options.root_key, &self.keys.root_key)?;
            keyfile::write(&options.signing_key, &self.keys.signing_seed)?;
        }
        Ok(())
    }
}

fn prepare(options: &PostgresOptions, purpose: &Purpose) -> Result<Pending, OpenError> {
    let (root, signing) = (&options.root_key, &options.signing_key);
    let alone = |missing: &PathBuf, present: &PathBuf| OpenError::KeyAlone {
        missing: missing.clone(),
        present: present.clone(),
    };
    match (root.exists(), signing.exists()) {
        (true, false) => return Err(alone(signing, root)),
        (false, true) => return Err(alone(root, signing)),
        (true, true) => {
            let keys = read(options)?;
            if let Purpose::Copy(wanted) = purpose {
                same(root, &keys.root_key, &wanted.root_key)?;
                same(signing, &keys.signing_seed, &wanted.signing_seed)?;
            }
            return Ok(Pending { keys, absent: false });
        }
        (false, false) => (),
    }
    let keys = match purpose {
        Purpose::Copy(keys) => keys.duplicate(),
        Purpose::Serve => CopyKeys {
            root_key: keyfile::random(root, &options.entropy)?,
            signing_seed: keyfile::random(signing, &options.entropy)?,
        },
    };
    Ok(Pending { keys, absent: true })
}

fn read(options: &PostgresOptions) -> Result<CopyKeys, OpenError> {
    let root_key = keyfile::read(&options.root_key)?;
    Ok(CopyKeys { root_key, signing_seed: keyfile::read(&options.signing_key)? })
}

fn same(path: &Path, found: &SecretKey, wanted: &SecretKey) -> Result<(), OpenError> {
    if found.as_bytes() == wanted.as_bytes() {
        return Ok(());
    }
    Err(OpenError::OtherKey { path: path.to_owned() })
}

/// The public key that the store's row holds, so that another signing key is found out before it signs.
fn signer(seed: &SecretKey) -> Result<[u8; 32], OpenError> {
    let seed = derive_signing_seed(seed, NOBODY).map_err(|error| OpenError::Contradiction {
        tenant: NOBODY.to_owned(),
        what: error.to_string(),
    })?;
    Ok(Ed25519Signer::from_seed(seed.as_bytes()).public_key())
}

fn check_authority(authority: &str) -> Result<(), OpenError> {
    let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
    if (1..=AUTHORITY_MAX).contains(&authority.len()) && authority.chars().all(fits) {
        return Ok(());
    }
    Err(OpenError::AuthorityMalformed)
}

fn random_authority(options: &PostgresOptions) -> Result<String, OpenError> {
    let mut bytes = [0_u8; AUTHORITY_RANDOM_BYTES];
    (options.entropy)(&mut bytes).map_err(|error| OpenError::File {
        path: options.root_key.clone(),
        doing: "get random bytes for the authority",
        error,
    })?;
    Ok(format!("{}.fokus.invalid", hex::encode(bytes)))
}
