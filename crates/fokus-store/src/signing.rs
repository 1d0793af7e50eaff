//! Who signs a tenant's log: the key that comes from the store's seed, and, while the key is rotated, the
//! one that comes from the seed before.
//!
//! Deliberately absent: where seeds lie, and when a rotation is put into the log.

use fokus_log::lineage::Rotation;
use fokus_log::note::{Ed25519Signer, NoteError, Signer};
use fokus_vault::key::SecretKey;
use fokus_vault::signing::derive_signing_seed;

use crate::types::{Fault, LogInfo, TenantId};

/// The seeds from which the keys come that sign the checkpoints of all tenants of a store.
#[derive(Debug)]
pub struct SigningSeeds {
    /// The key's.
    pub current: SecretKey,
    /// That of the key before, as long as every note is signed by both.
    pub retiring: Option<SecretKey>,
}

impl SigningSeeds {
    /// One seed, and none that is retiring.
    #[must_use]
    pub fn only(current: SecretKey) -> SigningSeeds {
        SigningSeeds { current, retiring: None }
    }

    /// The signer of a tenant's log.
    ///
    /// # Errors
    ///
    /// [`Fault::Corrupt`] where the key that is retiring is the key itself: nothing would be rotated. Else never,
    /// for a tenant's name that was parsed.
    pub fn signer(&self, tenant: &TenantId) -> Result<LogSigner, Fault> {
        let key = |seed: &SecretKey| {
            let seed = derive_signing_seed(seed, tenant.as_str())
                .map_err(|error| Fault::Corrupt { what: format!("signing key: {error}") })?;
            Ok(Ed25519Signer::from_seed(seed.as_bytes()))
        };
        if self.retiring.as_ref().is_some_and(|it| it.as_bytes() == self.current.as_bytes()) {
            let what = "the retiring signing key is the signing key itself; name the one before";
            return Err(Fault::Corrupt { what: what.to_owned() });
        }
        let retiring = self.retiring.as_ref().map(key).transpose()?;
        Ok(LogSigner { current: key(&self.current)?, retiring })
    }
}

/// Signs for a tenant's log.
#[derive(Debug)]
pub struct LogSigner {
    current: Ed25519Signer,
    retiring: Option<Ed25519Signer>,
}

impl Signer for LogSigner {
    fn sign(&self, message: &[u8]) -> [u8; 64] {
        self.current.sign(message)
    }

    fn public_key(&self) -> [u8; 32] {
        self.current.public_key()
    }

    fn retiring(&self) -> Option<&dyn Signer> {
        self.retiring.as_ref().map(|it| it as &dyn Signer)
    }
}

impl LogSigner {
    /// What a log of this name that it signs is called.
    #[must_use]
    pub fn info(&self, origin: String, synthetic: bool) -> LogInfo {
        let retiring_key = self.retiring.as_ref().map(Signer::public_key);
        LogInfo { origin, synthetic, public_key: self.public_key(), retiring_key }
    }

    /// What [`crate::EventStore::rotation`] answers.
    ///
    /// # Errors
    ///
    /// [`Fault::Corrupt`] if the origin cannot name a key.
    pub fn rotation(&self, origin: &str) -> Result<Option<String>, Fault> {
        Rotation::note(origin, self).map_err(|error: NoteError| Fault::Corrupt {
            what: format!("origin of the log: {error}"),
        })
    }
}
