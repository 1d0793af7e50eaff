//! Published notes, public signature vectors, and notes that must be refused.

use serde_json::Value;

use super::*;

const WYCHEPROOF: &str = include_str!("../../tests/vectors/wycheproof_ed25519.json");

/// Example of C2SP signed-note, "Verifier keys".
const C2SP_VKEY: &str = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k";
const C2SP_NOTE: &str = "This is an example message.\n\n\u{2014} example.com/foo \
    Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n";

/// Example of golang.org/x/mod/sumdb/note (BSD-3-Clause), with its published private key.
const GO_SEED: &str = "AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz";
const GO_VKEY: &str = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
const GO_TEXT: &str = "If you think cryptography is the answer to your problem,\n\
    then you don't know what your problem is.\n";
const GO_SIGNATURE: &str = "\u{2014} PeterNeumann \
    x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n";

const ORIGIN: &str = "vector.fokus.invalid/demo/journal";

/// The 32 bytes behind the type byte of an encoded key.
fn typed_key(encoded: &str) -> [u8; 32] {
    BASE64.decode(encoded).unwrap()[1..].try_into().unwrap()
}

fn signer() -> Ed25519Signer {
    Ed25519Signer::from_seed(&[7; 32])
}

fn checkpoint() -> Checkpoint {
    Checkpoint { origin: ORIGIN.to_owned(), size: 600, root: [0xab; 32] }
}

#[test]
fn the_example_of_the_specification_opens() {
    let key = typed_key(C2SP_VKEY.rsplit('+').next().unwrap());
    assert_eq!(vkey("example.com/foo", &key), C2SP_VKEY);
    let opened = open_note(C2SP_NOTE, "example.com/foo", &key);
    assert_eq!(opened, Ok("This is an example message.\n"));
}

#[test]
fn the_example_of_the_go_library_is_signed_to_the_same_bytes() {
    let signer = Ed25519Signer::from_seed(&typed_key(GO_SEED));
    assert_eq!(vkey("PeterNeumann", &signer.public_key()), GO_VKEY);
    let note = sign_note(GO_TEXT, "PeterNeumann", &signer).unwrap();
    assert_eq!(note, format!("{GO_TEXT}\n{GO_SIGNATURE}"));
    assert_eq!(open_note(&note, "PeterNeumann", &signer.public_key()), Ok(GO_TEXT));
}

#[test]
fn a_checkpoint_has_the_published_text() {
    // Example of C2SP tlog-checkpoint.
    let root = BASE64.decode("CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=").unwrap();
    let origin = "example.com/behind-the-sofa".to_owned();
    let checkpoint = Checkpoint { origin, size: 20_852_163, root: root.try_into().unwrap() };
    let text = "example.com/behind-the-sofa\n20852163\n\
        CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n";
    assert_eq!(checkpoint.text(), text);
    assert_eq!(Checkpoint::parse(text), Some(checkpoint));
}

#[test]
fn a_signed_checkpoint_opens_for_its_own_log_and_key_only() {
    let (key, other) = (signer().public_key(), Ed25519Signer::from_seed(&[8; 32]).public_key());
    let note = sign_checkpoint(&checkpoint(), &signer()).unwrap();
    assert_eq!(open_checkpoint(&note, ORIGIN, &key), Ok(checkpoint()));
    assert_eq!(open_checkpoint(&note, ORIGIN, &other), Err(NoteError::NotSigned));
    let other_log = "vector.fokus.invalid/other/journal";
    assert_eq!(open_checkpoint(&note, other_log, &key), Err(NoteError::NotSigned));
}

#[test]
fn every_changed_byte_of_a_checkpoint_is_refused() {
    let note = sign_checkpoint(&checkpoint(), &signer()).unwrap();
    for at in 0..note.len() {
        let mut altered = note.clone().into_bytes();
        altered[at] ^= 1;
        let Ok(altered) = String::from_utf8(altered) else { continue };
        assert!(open_checkpoint(&altered, ORIGIN, &signer().public_key()).is_err(), "{at}");
    }
}

#[test]
fn lines_of_other_keys_are_passed_over() {
    let note = sign_checkpoint(&checkpoint(), &signer()).unwrap();
    let witness = GO_SIGNATURE.repeat(16);
    let (text, own) = note.split_once("\n\n").unwrap();
    let both = format!("{text}\n\n{witness}{own}{witness}");
    assert_eq!(open_checkpoint(&both, ORIGIN, &signer().public_key()), Ok(checkpoint()));
}

#[test]
#[rustfmt::skip] // One row, one note.
fn notes_that_are_no_notes_are_refused() {
    use NoteError::*;
    let note = sign_checkpoint(&checkpoint(), &signer()).unwrap();
    let (text, own) = note.split_once("\n\n").unwrap();
    let bad_own = own.replace('=', "A=").replace("AA=", "A=");
    check("",                                            Malformed);
    check(text,                                          Malformed);
    check(&format!("{text}\n\n"),                        Malformed);
    check(&format!("{text}\n\n{}", own.trim_end()),      Malformed);
    check(&format!("{text}\r\n\n{own}"),                 Malformed);
    check(&format!("{text}\n\n- x AAAAAAAA\n"),          Malformed);
    check(&format!("{text}\n\n\u{2014} x\n"),            Malformed);
    check(&format!("{text}\n\n\u{2014}  AAAAAAAA\n"),    Malformed);
    check(&format!("{text}\n\n\u{2014} x AAAAAA==\n"),   Malformed);
    check(&format!("{text}\n\n\u{2014} a+b AAAAAAAA\n"), Malformed);
    check(&format!("{text}\n\n{bad_own}"),               Malformed);
    check(&format!("{text}\n\n{GO_SIGNATURE}"),          NotSigned);
    check(&format!("{text} \n\n{own}"),                  BadSignature);
    check(&format!("{text}\n\n{own}{}", cut(own)),       BadSignature);
    check(&format!("{text}\n\n{}", GO_SIGNATURE.repeat(2_000)), TooLarge);
}

/// A signature line with name and id of its key, and too short a signature.
fn cut(line: &str) -> String {
    let (head, encoded) = line.trim_end().rsplit_once(' ').unwrap();
    format!("{head} {}\n", BASE64.encode(&BASE64.decode(encoded).unwrap()[..67]))
}

#[track_caller]
fn check(note: &str, expected: NoteError) {
    assert_eq!(open_checkpoint(note, ORIGIN, &signer().public_key()), Err(expected));
}

#[test]
fn signed_texts_that_are_no_checkpoint_of_the_log_are_refused() {
    let text = checkpoint().text();
    let root = text.lines().nth(2).unwrap();
    check_text(&format!("{text}extension\n"));
    check_text(&format!("{ORIGIN}\n0600\n{root}\n"));
    check_text(&format!("{ORIGIN}\n+600\n{root}\n"));
    check_text(&format!("{ORIGIN}\n600\n{}\n", root.trim_end_matches('=')));
    check_text(&format!("{ORIGIN}\n600\n{}\n", BASE64.encode([0; 31])));
    check_text(&format!("{ORIGIN}\n18446744073709551616\n{root}\n"));
    check_text(&format!("other.fokus.invalid/demo/journal\n600\n{root}\n"));
    check_text(&format!("{ORIGIN}\n600\n"));
}

#[track_caller]
fn check_text(text: &str) {
    check(&sign_note(text, ORIGIN, &signer()).unwrap(), NoteError::NotCheckpoint);
}

#[test]
fn names_and_texts_that_cannot_stand_in_a_note_are_not_signed() {
    for name in ["", "a b", "a+b", "a\nb", "a\u{a0}b", "a\u{7f}b"] {
        assert_eq!(sign_note("text\n", name, &signer()), Err(NoteError::Name), "{name:?}");
    }
    for text in ["", "no newline", "tab\t\n", "return\r\n"] {
        assert_eq!(sign_note(text, "name", &signer()), Err(NoteError::Text), "{text:?}");
    }
}

#[test]
fn debug_output_hides_the_key() {
    assert_eq!(format!("{:?}", signer()), "Ed25519Signer(redacted)");
}

#[test]
fn public_signature_vectors_are_answered_as_published() {
    let vectors: Value = serde_json::from_str(WYCHEPROOF).unwrap();
    let mut count = 0;
    for group in vectors["testGroups"].as_array().unwrap() {
        let public_key = bytes(&group["publicKey"]["pk"]).try_into().unwrap();
        for case in group["tests"].as_array().unwrap() {
            let (message, signature) = (bytes(&case["msg"]), bytes(&case["sig"]));
            let valid = verify_signature(&public_key, &message, &signature).is_ok();
            assert_eq!(valid, case["result"] == "valid", "case {}", case["tcId"]);
            count += 1;
        }
    }
    assert_eq!(count, 151);
}

fn bytes(value: &Value) -> Vec<u8> {
    hex::decode(value.as_str().unwrap()).unwrap()
}
