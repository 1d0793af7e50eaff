//! Signing keys of tenants, derived from the one seed of the store.
//!
//! Deliberately absent: signing itself (`fokus_log::note`), and where the seed is kept.

use crate::context::{ContextBytes, ContextTooLong};
use crate::key::SecretKey;
use crate::primitives;

/// Ed25519 seed of the tenant's logs: `HKDF-SHA256(seed, no salt, "fj/sign/v1" || len16(tenant))`.
///
/// One pair of keys signs the journal and all access logs of a tenant.
///
/// # Errors
///
/// [`ContextTooLong`] if the tenant's name is longer than 65,535 bytes.
pub fn derive_signing_seed(
    store_seed: &SecretKey,
    tenant: &str,
) -> Result<SecretKey, ContextTooLong> {
    let info = ContextBytes::new("fj/sign/v1").len16(tenant)?;
    Ok(primitives::derive_key([store_seed].into_iter(), &[], info.bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seeds_differ_by_tenant_and_by_store_and_stay_the_same() {
        let (one, other) = (SecretKey::from_bytes([1; 32]), SecretKey::from_bytes([2; 32]));
        let seed = |store, tenant| *derive_signing_seed(store, tenant).unwrap().as_bytes();
        assert_eq!(seed(&one, "vesterby"), seed(&one, "vesterby"));
        assert_ne!(seed(&one, "vesterby"), seed(&one, "osterby"));
        assert_ne!(seed(&one, "vesterby"), seed(&other, "vesterby"));
        // A store that is opened by a later version must still sign with the same key.
        let expected = "473deed2318d297ab0b1eaaab1897328c07715089de0dcdc35ff465d4352b1c1";
        assert_eq!(hex::encode(seed(&one, "vesterby")), expected);
    }
}
