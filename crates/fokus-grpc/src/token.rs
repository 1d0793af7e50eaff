//! Bearer tokens: EdDSA-signed JWTs (RFC 7519, RFC 8037, RFC 9068) of one issuer.
//!
//! Start at [`TokenVerifier::verify`]. The algorithm is ours, never the header's; every failure is
//! the same TOKEN_INVALID. Tokens run out in real time, also when the journal's clock stands still,
//! so the clock here is an argument of its own. Deliberately absent: making tokens, which is the
//! issuer's business, and deciding what a role may do, which is the application's.

mod cache;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use fokus_app::session::{Role, Session};
use fokus_core::codes::Purpose;
use fokus_core::command::Actor;
use fokus_core::rejection::Rejection;
use fokus_store::TenantId;
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use self::cache::{Accepted, Cache};
use crate::status::token_invalid;

/// The `typ` of an access token (RFC 9068, 2.1). The media type's full name is accepted as well.
pub const TOKEN_TYPE: &str = "at+jwt";
/// How far the issuer's clock and ours may lie apart, in seconds.
pub const LEEWAY_S: u64 = 30;
/// The longest life of a token, `exp` − `iat`, in seconds: a long working day.
pub const LIFETIME_MAX_S: u64 = 12 * 60 * 60;
/// The longest token, in bytes. Ours have about 500.
pub const TOKEN_BYTES_MAX: usize = 8 * 1024;
/// The longest `sub` and `unit`, in bytes; as long as a worker's `subject` may be.
pub const SUBJECT_BYTES_MAX: usize = 200;

/// What a token says. The issuer signs it; the verifier reads it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claims {
    /// Who made the token.
    pub iss: String,
    /// Who acts: a reference to a member of staff, never a name or CPR number.
    pub sub: String,
    /// Whom the token is for. One audience, not a list.
    pub aud: String,
    /// Unix seconds: not accepted from then on.
    pub exp: u64,
    /// Unix seconds: not accepted before.
    pub nbf: u64,
    /// Unix seconds: when it was made.
    pub iat: u64,
    /// The municipality: `^[a-z][a-z0-9-]{1,30}$`.
    pub tenant: String,
    /// One of [`Role`]'s names, such as `CASEWORKER`.
    pub role: String,
    /// The organisational unit.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub unit: Option<String>,
    /// What the token may be used for; at least one.
    pub purposes: Vec<Purpose>,
}

impl fmt::Debug for Claims {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Who acts is nobody's business in a log.
        f.debug_struct("Claims")
            .field("tenant", &self.tenant)
            .field("role", &self.role)
            .finish_non_exhaustive()
    }
}

/// What a token that is accepted gives.
#[derive(Debug, Clone)]
pub struct Verified {
    pub session: Arc<Session>,
    /// How long it is still accepted, leeway included. Streams end then.
    pub remaining: Duration,
}

/// Accepts or refuses tokens.
pub struct TokenVerifier {
    keys: Vec<DecodingKey>,
    validation: Validation,
    now_s: Box<dyn Fn() -> u64 + Send + Sync>,
    cache: Cache,
}

impl fmt::Debug for TokenVerifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TokenVerifier")
            .field("keys", &self.keys.len())
            .field("validation", &self.validation)
            .finish_non_exhaustive()
    }
}

impl TokenVerifier {
    /// A verifier of the tokens that `issuer` made for `audience` and signed with one of `keys`
    /// (raw Ed25519 public keys; several while keys are being changed; with none, no token is
    /// accepted). `now_s` gives real time as Unix seconds.
    pub fn new(
        issuer: &str,
        audience: &str,
        keys: &[[u8; 32]],
        now_s: impl Fn() -> u64 + Send + Sync + 'static,
    ) -> Self {
        let mut validation = Validation::new(Algorithm::EdDSA);
        validation.set_required_spec_claims(&["exp", "nbf", "iss", "aud", "sub"]);
        validation.set_issuer(&[issuer]);
        validation.set_audience(&[audience]);
        // The library asks the system for the time; `in_time` asks the clock that it was given.
        validation.validate_exp = false;
        validation.validate_nbf = false;
        TokenVerifier {
            keys: keys.iter().map(|it| DecodingKey::from_ed_der(it)).collect(),
            validation,
            now_s: Box::new(now_s),
            cache: Cache::default(),
        }
    }

    /// What the token says, if it is accepted. A token once accepted is not verified again until it
    /// runs out: it is known by its digest.
    ///
    /// # Errors
    ///
    /// TOKEN_INVALID, and no more is said.
    pub fn verify(&self, token: &str) -> Result<Verified, Rejection> {
        if token.len() > TOKEN_BYTES_MAX {
            return Err(token_invalid());
        }
        let now_s = (self.now_s)();
        let digest: [u8; 32] = Sha256::digest(token.as_bytes()).into();
        let accepted = match self.cache.get(&digest) {
            Some(it) => it,
            None => {
                let it = self.accept(token, now_s).ok_or_else(token_invalid)?;
                self.cache.put(digest, it.clone(), now_s);
                it
            }
        };
        match accepted.until_s.checked_sub(now_s) {
            None | Some(0) => Err(token_invalid()),
            Some(left_s) => {
                Ok(Verified { session: accepted.session, remaining: Duration::from_secs(left_s) })
            }
        }
    }

    /// Checks signature, header, time and claims.
    fn accept(&self, token: &str, now_s: u64) -> Option<Accepted> {
        let data = self
            .keys
            .iter()
            .find_map(|key| jsonwebtoken::decode::<Claims>(token, key, &self.validation).ok())?;
        let typ = data.header.typ.as_deref()?;
        let is_access_token =
            typ.eq_ignore_ascii_case(TOKEN_TYPE) || typ.eq_ignore_ascii_case("application/at+jwt");
        // An extension that must be understood is not (RFC 7515, 4.1.11).
        if !is_access_token || data.header.crit.is_some() {
            return None;
        }
        let until_s = in_time(&data.claims, now_s)?;
        Some(Accepted { session: Arc::new(session(data.claims)?), until_s })
    }
}

/// The second from which the token is refused, if it is accepted now.
fn in_time(claims: &Claims, now_s: u64) -> Option<u64> {
    let lifetime_s = claims.exp.checked_sub(claims.iat)?;
    let latest_s = now_s.checked_add(LEEWAY_S)?;
    let until_s = claims.exp.checked_add(LEEWAY_S)?;
    let fits = lifetime_s <= LIFETIME_MAX_S + LEEWAY_S
        && claims.iat <= latest_s
        && claims.nbf <= latest_s
        && now_s < until_s;
    fits.then_some(until_s)
}

/// The claims as a session; `None` where one of them is malformed or unknown.
fn session(claims: Claims) -> Option<Session> {
    let role = Role::from_name(&claims.role)?;
    let tenant = TenantId::parse(&claims.tenant).ok()?;
    if !is_name(&claims.sub) || !claims.unit.as_deref().is_none_or(is_name) {
        return None;
    }
    let mut purposes = claims.purposes;
    purposes.sort_unstable();
    purposes.dedup();
    if purposes.is_empty() {
        return None;
    }
    let actor = Actor {
        sub: claims.sub,
        role: role.name().to_owned(),
        unit: claims.unit,
        on_behalf_of: None,
    };
    Some(Session { tenant, actor, role, purposes })
}

/// Whether the text may stand in an event's header: not empty, short, printable.
fn is_name(text: &str) -> bool {
    !text.is_empty()
        && text.len() <= SUBJECT_BYTES_MAX
        && !text.chars().any(|it| it.is_control())
        && text.trim() == text
}

/// The raw key in a PEM file of an Ed25519 public key (RFC 8410).
///
/// # Errors
///
/// [`InvalidKey`] when it is not one.
pub fn key_from_pem(pem: &[u8]) -> Result<[u8; 32], InvalidKey> {
    let key = DecodingKey::from_ed_pem(pem).map_err(|_| InvalidKey)?;
    let bytes = key.try_get_as_bytes().map_err(|_| InvalidKey)?;
    <[u8; 32]>::try_from(bytes).map_err(|_| InvalidKey)
}

/// Not an Ed25519 public key in PEM.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not an Ed25519 public key in PEM")]
pub struct InvalidKey;

#[cfg(test)]
mod tests;
