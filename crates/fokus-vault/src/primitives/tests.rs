//! The public vectors, through the functions that production uses.

use serde_json::Value;

use super::*;

const XCHACHA20_POLY1305: &str =
    include_str!("../../tests/vectors/wycheproof_xchacha20_poly1305.json");
const HKDF_SHA256: &str = include_str!("../../tests/vectors/wycheproof_hkdf_sha256.json");
const HMAC_SHA256: &str = include_str!("../../tests/vectors/wycheproof_hmac_sha256.json");

/// Runs every case; `accepts` tells whether ours answers the case as a valid one.
#[track_caller]
fn check_vectors(file: &str, expected_count: usize, accepts: impl Fn(&Value, &Value) -> bool) {
    let vectors: Value = serde_json::from_str(file).unwrap();
    let mut count = 0;
    for group in vectors["testGroups"].as_array().unwrap() {
        for case in group["tests"].as_array().unwrap() {
            let valid = case["result"] == "valid";
            assert_eq!(accepts(group, case), valid, "case {}", case["tcId"]);
            count += 1;
        }
    }
    assert_eq!(count, expected_count);
}

fn bytes(value: &Value) -> Vec<u8> {
    hex::decode(value.as_str().unwrap()).unwrap()
}

#[test]
fn aead_vectors_are_answered_as_published() {
    check_vectors(XCHACHA20_POLY1305, 315, |_, case| {
        let key = SecretKey::from_bytes(bytes(&case["key"]).try_into().unwrap());
        let (aad, message) = (bytes(&case["aad"]), bytes(&case["msg"]));
        let stored = [bytes(&case["iv"]), bytes(&case["ct"]), bytes(&case["tag"])].concat();
        let opened = open(&key, &aad, &stored).is_ok_and(|text| *text == message);
        // A nonce of another length than ours cannot even be passed on.
        let Ok(nonce) = bytes(&case["iv"]).try_into() else { return opened };
        let sealed = seal(&key, nonce, &aad, &message) == stored;
        assert_eq!(sealed, opened, "case {}", case["tcId"]);
        opened
    });
}

#[test]
fn hkdf_vectors_are_answered_as_published() {
    check_vectors(HKDF_SHA256, 86, |_, case| {
        let (secret, salt, info) =
            (bytes(&case["ikm"]), bytes(&case["salt"]), bytes(&case["info"]));
        let mut output = vec![0; usize::try_from(case["size"].as_u64().unwrap()).unwrap()];
        // Secrets come in parts in production: the division must not matter.
        let (front, back) = secret.split_at(secret.len() / 2);
        hkdf([front, back].into_iter(), &salt, &info, &mut output).is_ok()
            && output == bytes(&case["okm"])
    });
}

#[test]
fn hmac_vectors_are_answered_as_published() {
    check_vectors(HMAC_SHA256, 174, |group, case| {
        let (key, message) = (bytes(&case["key"]), bytes(&case["msg"]));
        let (front, back) = message.split_at(message.len() / 2);
        let mac: [u8; 32] = hmac(&key, &[front, back]).finalize().into_bytes().into();
        let tag_bytes = usize::try_from(group["tagSize"].as_u64().unwrap()).unwrap() / 8;
        mac[..tag_bytes] == bytes(&case["tag"])
    });
}

#[test]
fn a_derived_key_is_the_first_32_bytes_of_hkdf() {
    // RFC 5869, appendix A.3: no salt, no info.
    let mut output = [0; 42];
    hkdf([[0x0b; 22].as_slice()].into_iter(), &[], &[], &mut output).unwrap();
    let published = "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d";
    assert_eq!(hex::encode(&output[..32]), published);

    let secret = SecretKey::from_bytes([0x0b; 32]);
    let mut output = [0; 32];
    hkdf([[0x0b; 32].as_slice()].into_iter(), b"salt", b"info", &mut output).unwrap();
    assert_eq!(derive_key([&secret].into_iter(), b"salt", b"info").as_bytes(), &output);
}
