//! Which tokens are accepted.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ed25519_dalek::{Signer as _, SigningKey};
use fokus_core::rejection::Reason;
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde_json::{Value, json};

use super::cache::CACHED_TOKENS_MAX;
use super::*;

const NOW_S: u64 = 1_700_000_000;
const HOUR_S: u64 = 60 * 60;

fn signing_key() -> SigningKey {
    SigningKey::from_bytes(&[7; 32])
}

fn verifier_at(now_s: Arc<AtomicU64>) -> TokenVerifier {
    let key = signing_key().verifying_key().to_bytes();
    TokenVerifier::new("issuer", "fokus", &[key], move || now_s.load(Ordering::Relaxed))
}

fn verifier() -> TokenVerifier {
    verifier_at(Arc::new(AtomicU64::new(NOW_S)))
}

fn header() -> Value {
    json!({"alg": "EdDSA", "typ": "at+jwt"})
}

fn claims() -> Value {
    json!({
        "iss": "issuer", "aud": "fokus", "sub": "worker-1",
        "exp": NOW_S + HOUR_S, "nbf": NOW_S - HOUR_S, "iat": NOW_S - HOUR_S,
        "tenant": "aarhus", "role": "CASEWORKER", "purposes": ["CASEWORK"],
    })
}

/// `claims()` with one member changed; `null` removes it.
fn with(key: &str, value: Value) -> Value {
    let mut claims = claims();
    claims[key] = value;
    claims.as_object_mut().unwrap().retain(|_, it| !it.is_null());
    claims
}

fn part(value: &Value) -> String {
    URL_SAFE_NO_PAD.encode(value.to_string())
}

fn signed(header: &Value, claims: &Value) -> String {
    let message = format!("{}.{}", part(header), part(claims));
    let signature = signing_key().sign(message.as_bytes());
    format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature.to_bytes()))
}

#[track_caller]
fn refused(why: &str, token: &str) {
    let rejection = verifier().verify(token).expect_err(why);
    assert_eq!(rejection, token_invalid(), "{why}: one answer for everything");
    assert_eq!(rejection.reason, Reason::TokenInvalid);
}

#[test]
fn a_good_token_gives_its_session() {
    let mut claims = with("unit", json!("north"));
    claims["purposes"] = json!(["SUPERVISION", "CASEWORK", "CASEWORK"]);
    let verified = verifier().verify(&signed(&header(), &claims)).unwrap();
    assert_eq!(verified.session.tenant.as_str(), "aarhus");
    assert_eq!(verified.session.role, Role::Caseworker);
    assert_eq!(verified.session.purposes, [Purpose::Casework, Purpose::Supervision]);
    assert_eq!(verified.session.actor.sub, "worker-1");
    assert_eq!(verified.session.actor.role, "CASEWORKER");
    assert_eq!(verified.session.actor.unit.as_deref(), Some("north"));
    assert_eq!(verified.remaining, Duration::from_secs(HOUR_S + LEEWAY_S));
}

#[test]
fn what_the_claims_type_writes_is_accepted() {
    let claims: Claims = serde_json::from_value(claims()).unwrap();
    let token = signed(&header(), &serde_json::to_value(&claims).unwrap());
    assert!(verifier().verify(&token).is_ok());
    assert!(!format!("{claims:?}").contains("worker-1"), "nobody is named in a log");
}

#[test]
fn both_spellings_of_the_type_are_accepted() {
    for typ in ["at+jwt", "AT+JWT", "application/at+jwt"] {
        let header = json!({"alg": "EdDSA", "typ": typ});
        assert!(verifier().verify(&signed(&header, &claims())).is_ok(), "{typ}");
    }
}

#[test]
#[rustfmt::skip] // One row, one fault.
fn bad_claims_are_refused() {
    let rows = [
        ("no exp",                 with("exp", Value::Null)),
        ("no nbf",                 with("nbf", Value::Null)),
        ("no iss",                 with("iss", Value::Null)),
        ("no aud",                 with("aud", Value::Null)),
        ("no sub",                 with("sub", Value::Null)),
        ("no iat",                 with("iat", Value::Null)),
        ("no tenant",              with("tenant", Value::Null)),
        ("no role",                with("role", Value::Null)),
        ("no purposes",            with("purposes", Value::Null)),
        ("expired",                with("exp", json!(NOW_S - LEEWAY_S))),
        ("not yet",                with("nbf", json!(NOW_S + LEEWAY_S + 1))),
        ("made in the future",     with("iat", json!(NOW_S + LEEWAY_S + 1))),
        ("too long a life",        with("exp", json!(NOW_S - HOUR_S + LIFETIME_MAX_S + LEEWAY_S + 1))),
        ("for ever",               with("exp", json!(u64::MAX))),
        ("exp as text",            with("exp", json!("1800000000"))),
        ("negative exp",           with("exp", json!(-1))),
        ("another issuer",         with("iss", json!("other"))),
        ("several issuers",        with("iss", json!(["other", "issuer"]))),
        ("another audience",       with("aud", json!("other"))),
        ("several audiences",      with("aud", json!(["other", "fokus"]))),
        ("empty sub",              with("sub", json!(""))),
        ("long sub",               with("sub", json!("x".repeat(SUBJECT_BYTES_MAX + 1)))),
        ("control character",      with("sub", json!("worker\n1"))),
        ("tenant in capitals",     with("tenant", json!("Aarhus"))),
        ("tenant with a path",     with("tenant", json!("../aarhus"))),
        ("empty tenant",           with("tenant", json!(""))),
        ("unknown role",           with("role", json!("ADMIN"))),
        ("role in small letters",  with("role", json!("caseworker"))),
        ("unknown purpose",        with("purposes", json!(["CASEWORK", "CURIOSITY"]))),
        ("empty purposes",         with("purposes", json!([]))),
        ("purposes not a list",    with("purposes", json!("CASEWORK"))),
        ("empty unit",             with("unit", json!(""))),
    ];
    for (why, claims) in rows {
        refused(why, &signed(&header(), &claims));
    }
}

#[test]
fn a_token_that_ends_before_it_was_made_is_refused() {
    let mut claims = with("iat", json!(NOW_S + 20));
    claims["exp"] = json!(NOW_S + 10);
    refused("a negative life", &signed(&header(), &claims));
}

#[test]
#[rustfmt::skip] // One row, one edge.
fn the_edges_are_accepted() {
    let rows = [
        ("just before the end",    with("exp", json!(NOW_S - LEEWAY_S + 1))),
        ("just begun",             with("nbf", json!(NOW_S + LEEWAY_S))),
        ("made just now",          with("iat", json!(NOW_S + LEEWAY_S))),
        ("the longest life",       with("exp", json!(NOW_S - HOUR_S + LIFETIME_MAX_S + LEEWAY_S))),
        ("the longest sub",        with("sub", json!("x".repeat(SUBJECT_BYTES_MAX)))),
        ("the longest tenant",     with("tenant", json!("a".repeat(31)))),
        ("claims that we do not know", with("jti", json!("1"))),
    ];
    for (why, claims) in rows {
        assert!(verifier().verify(&signed(&header(), &claims)).is_ok(), "{why}");
    }
}

#[test]
#[rustfmt::skip] // One row, one fault.
fn bad_headers_are_refused() {
    let rows = [
        ("no typ",               json!({"alg": "EdDSA"})),
        ("an id token",          json!({"alg": "EdDSA", "typ": "JWT"})),
        ("must be understood",   json!({"alg": "EdDSA", "typ": "at+jwt", "crit": ["b64"]})),
        ("no algorithm named",   json!({"typ": "at+jwt"})),
        ("another algorithm",    json!({"alg": "ES256", "typ": "at+jwt"})),
        ("no algorithm at all",  json!({"alg": "none", "typ": "at+jwt"})),
    ];
    for (why, header) in rows {
        refused(why, &signed(&header, &claims()));
    }
}

#[test]
fn unsigned_tokens_are_refused() {
    let none = json!({"alg": "none", "typ": "at+jwt"});
    refused("unsigned", &format!("{}.{}.", part(&none), part(&claims())));
    refused("signature left out", &format!("{}.{}.", part(&header()), part(&claims())));
    refused("two parts", &format!("{}.{}", part(&header()), part(&claims())));
    refused("empty", "");
    refused("too long", &"a".repeat(TOKEN_BYTES_MAX + 1));
}

#[test]
fn the_public_key_is_no_secret_for_an_hmac() {
    let header = json!({"alg": "HS256", "typ": "at+jwt"});
    let message = format!("{}.{}", part(&header), part(&claims()));
    let key = signing_key().verifying_key().to_bytes();
    let mut mac = Hmac::<Sha256>::new_from_slice(&key).unwrap();
    mac.update(message.as_bytes());
    let tag = URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes());
    refused("HS256 under the public key", &format!("{message}.{tag}"));
}

#[test]
fn a_change_anywhere_is_refused() {
    let good = signed(&header(), &claims());
    let other = signed(&header(), &with("role", json!("AUDITOR")));
    let parts = |token: &str| token.split('.').map(str::to_owned).collect::<Vec<_>>();
    let (good_parts, other_parts) = (parts(&good), parts(&other));
    let swapped = format!("{}.{}.{}", good_parts[0], other_parts[1], good_parts[2]);
    refused("claims of another token", &swapped);

    let stranger = SigningKey::from_bytes(&[8; 32]);
    let message = format!("{}.{}", part(&header()), part(&claims()));
    let signature = URL_SAFE_NO_PAD.encode(stranger.sign(message.as_bytes()).to_bytes());
    refused("another key", &format!("{message}.{signature}"));
}

#[test]
fn any_of_several_keys_will_do() {
    let keys = [[9; 32], signing_key().verifying_key().to_bytes()];
    let token = signed(&header(), &claims());
    assert!(TokenVerifier::new("issuer", "fokus", &keys, || NOW_S).verify(&token).is_ok());
    assert!(TokenVerifier::new("issuer", "fokus", &[], || NOW_S).verify(&token).is_err());
}

#[test]
fn a_remembered_token_runs_out_to_the_second() {
    let now_s = Arc::new(AtomicU64::new(NOW_S));
    let verifier = verifier_at(Arc::clone(&now_s));
    let token = signed(&header(), &claims());
    assert!(verifier.verify(&token).is_ok());
    now_s.store(NOW_S + HOUR_S + LEEWAY_S - 1, Ordering::Relaxed);
    assert_eq!(verifier.verify(&token).unwrap().remaining, Duration::from_secs(1));
    now_s.store(NOW_S + HOUR_S + LEEWAY_S, Ordering::Relaxed);
    assert!(verifier.verify(&token).is_err());
}

#[test]
fn refused_tokens_are_not_remembered() {
    let verifier = verifier();
    assert!(verifier.verify(&signed(&header(), &with("aud", json!("other")))).is_err());
    assert_eq!(verifier.cache.len(), 0);
    assert!(verifier.verify(&signed(&header(), &claims())).is_ok());
    assert_eq!(verifier.cache.len(), 1);
}

#[test]
fn a_full_cache_forgets_what_runs_out_first() {
    let cache = Cache::default();
    let session = verifier().verify(&signed(&header(), &claims())).unwrap().session;
    let accepted = |until_s| Accepted { session: session.clone(), until_s };
    let digest = |number: usize| {
        let mut bytes = [0; 32];
        bytes[..8].copy_from_slice(&number.to_be_bytes());
        bytes
    };
    for number in 0..CACHED_TOKENS_MAX {
        cache.put(digest(number), accepted(1_000 + number as u64), 0);
    }
    assert_eq!(cache.len(), CACHED_TOKENS_MAX);
    cache.put(digest(CACHED_TOKENS_MAX), accepted(9_000), 0);
    assert_eq!(cache.len(), CACHED_TOKENS_MAX, "bounded");
    assert!(cache.get(&digest(0)).is_none() && cache.get(&digest(1)).is_some());

    cache.put(digest(CACHED_TOKENS_MAX + 1), accepted(9_000), 1_100);
    assert_eq!(cache.len(), CACHED_TOKENS_MAX - 100 + 1, "what had run out went at once");
}

#[test]
fn a_key_is_read_from_pem() {
    // The public key of RFC 8410, 10.1.
    let pem = "-----BEGIN PUBLIC KEY-----\n\
        MCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=\n\
        -----END PUBLIC KEY-----\n";
    let key = key_from_pem(pem.as_bytes()).unwrap();
    assert_eq!((key[0], key[31]), (0x19, 0xe1));
    assert_eq!(key_from_pem(b"no key"), Err(InvalidKey));
}
