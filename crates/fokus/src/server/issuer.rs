//! A small issuer of bearer tokens, for places without an identity provider: the demo, tests, a first
//! try. Its key is a file of its own (64 hexadecimal digits, mode 0600); the server is given the public
//! half only.

use std::fs::{self, OpenOptions};
use std::io::Write as _;
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::Path;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use ed25519_dalek::SigningKey;
use fokus_core::codes::Purpose;
use fokus_grpc::token::{Claims, LIFETIME_MAX_S, TOKEN_TYPE};
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};

use super::flags::{Token, TokenKey, TokenMint, to_core};
use super::system::now_s;
use crate::failure::Failure;
use crate::output::Output;

/// What stands before the 32 bytes of an Ed25519 key in PKCS #8 (RFC 8410, 7).
const PKCS8_PREFIX: [u8; 16] =
    [0x30, 0x2e, 2, 1, 0, 0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 4, 0x22, 4, 0x20];
/// The same for the public half (RFC 8410, 4).
const SPKI_PREFIX: [u8; 12] = [0x30, 0x2a, 0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 3, 0x21, 0];

/// An issuer with its signing key.
pub(crate) struct Issuer {
    name: String,
    audience: String,
    seed: [u8; 32],
}

impl std::fmt::Debug for Issuer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Issuer(…)")
    }
}

/// Whom a token is for.
#[derive(Debug, Clone)]
pub(crate) struct Holder {
    pub(crate) tenant: String,
    pub(crate) subject: String,
    pub(crate) role: String,
    pub(crate) unit: Option<String>,
    pub(crate) purposes: Vec<Purpose>,
}

impl Issuer {
    /// An issuer whose key is made from these random bytes.
    pub(crate) fn new(name: &str, audience: &str, seed: [u8; 32]) -> Issuer {
        Issuer { name: name.to_owned(), audience: audience.to_owned(), seed }
    }

    /// The public key that verifies its tokens.
    pub(crate) fn public_key(&self) -> [u8; 32] {
        SigningKey::from_bytes(&self.seed).verifying_key().to_bytes()
    }

    /// The same as PEM, as servers read it.
    pub(crate) fn public_pem(&self) -> String {
        let der = [&SPKI_PREFIX[..], &self.public_key()].concat();
        let encoded = BASE64_STANDARD.encode(der);
        format!("-----BEGIN PUBLIC KEY-----\n{encoded}\n-----END PUBLIC KEY-----\n")
    }

    /// A token for the holder, good for so many seconds, at most twelve hours.
    ///
    /// # Errors
    ///
    /// [`Failure::CouldNotRun`] when it cannot be signed.
    pub(crate) fn token(&self, holder: &Holder, life_s: u64) -> Result<String, Failure> {
        let now = now_s();
        let claims = Claims {
            iss: self.name.clone(),
            sub: holder.subject.clone(),
            aud: self.audience.clone(),
            exp: now + life_s.min(LIFETIME_MAX_S),
            nbf: now,
            iat: now,
            tenant: holder.tenant.clone(),
            role: holder.role.clone(),
            unit: holder.unit.clone(),
            purposes: holder.purposes.clone(),
        };
        let mut header = Header::new(Algorithm::EdDSA);
        header.typ = Some(TOKEN_TYPE.to_owned());
        let key = EncodingKey::from_ed_der(&[&PKCS8_PREFIX[..], &self.seed].concat());
        encode(&header, &claims, &key)
            .map_err(|error| Failure::CouldNotRun(format!("cannot sign a token: {error}")))
    }
}

/// `fokus token …`
pub(crate) fn run(verb: Token, output: &mut Output) -> Result<(), Failure> {
    match verb {
        Token::Key(it) => key(&it, output),
        Token::Mint(it) => mint(it, output),
    }
}

/// Makes the issuer's key and prints the public half as PEM.
fn key(flags: &TokenKey, output: &mut Output) -> Result<(), Failure> {
    let seed = new_seed(&flags.key_file)?;
    output.data(&Issuer::new("", "", seed).public_pem())
}

/// Prints a token.
fn mint(flags: TokenMint, output: &mut Output) -> Result<(), Failure> {
    let seed = read_seed(&flags.key_file)?;
    let holder = Holder {
        tenant: flags.tenant,
        subject: flags.subject,
        role: flags.role.to_uppercase().replace('-', "_"),
        unit: flags.unit,
        purposes: flags.purpose.iter().map(|it| to_core(*it)).collect(),
    };
    let issuer = Issuer::new(&flags.issuer, &flags.audience, seed);
    output.data(&issuer.token(&holder, flags.minutes.saturating_mul(60))?)
}

/// Writes a new key to a file that is not there: 64 hexadecimal digits.
///
/// # Errors
///
/// [`Failure::CouldNotRun`] naming the file.
pub(crate) fn new_seed(path: &Path) -> Result<[u8; 32], Failure> {
    let mut seed = [0; 32];
    getrandom::fill(&mut seed)
        .map_err(|error| Failure::CouldNotRun(format!("no randomness: {error}")))?;
    write_secret(path, &format!("{}\n", hex::encode(seed)), true)?;
    Ok(seed)
}

/// Reads such a key.
///
/// # Errors
///
/// [`Failure::CouldNotRun`] naming the file, also where others may read it.
pub(crate) fn read_seed(path: &Path) -> Result<[u8; 32], Failure> {
    let failed = |what: &str| Failure::CouldNotRun(format!("{}: {what}", path.display()));
    let mode = fs::metadata(path).map_err(|it| failed(&it.to_string()))?.permissions().mode();
    if mode & 0o077 != 0 {
        return Err(failed("others may read this key; run chmod 600 on it"));
    }
    let text = fs::read_to_string(path).map_err(|it| failed(&it.to_string()))?;
    let mut seed = [0; 32];
    hex::decode_to_slice(text.trim(), &mut seed)
        .map_err(|_| failed("is not a key of 64 hexadecimal digits"))?;
    Ok(seed)
}

/// Writes a file that only its owner can read. `new`: it must not be there.
///
/// # Errors
///
/// [`Failure::CouldNotRun`] naming the file.
pub(crate) fn write_secret(path: &Path, text: &str, new: bool) -> Result<(), Failure> {
    let failed =
        |error: std::io::Error| Failure::CouldNotRun(format!("{}: {error}", path.display()));
    let mut options = OpenOptions::new();
    options.write(true).mode(0o600);
    match new {
        true => options.create_new(true),
        false => options.create(true).truncate(true),
    };
    let mut file = options.open(path).map_err(failed)?;
    file.set_permissions(fs::Permissions::from_mode(0o600)).map_err(failed)?;
    file.write_all(text.as_bytes()).map_err(failed)
}
