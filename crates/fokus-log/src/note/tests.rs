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

fn witness() -> Ed25519Signer {
    Ed25519Signer::from_seed(&[9; 32])
}

#[test]
fn a_cosignature_verifies_for_its_witness_only() {
    let note = sign_checkpoint(&checkpoint(), &signer()).unwrap();
    let name = "witness.example/w1";
    let line = cosignature::cosign(&note, name, &witness(), 1_679_315_147).unwrap();
    let cosigned = with_signatures_of(&note, &format!("{}\n{line}", checkpoint().text())).unwrap();
    assert_eq!(cosigned, format!("{note}{line}"));
    let key = witness().public_key();
    assert_eq!(cosignature::verify(&cosigned, name, &key), Ok(1_679_315_147));
    assert_eq!(
        cosignature::verify(&cosigned, "witness.example/w2", &key),
        Err(NoteError::NotSigned)
    );
    assert_eq!(cosignature::verify(&note, name, &key), Err(NoteError::NotSigned));
    let origin = checkpoint().origin;
    assert_eq!(open_checkpoint(&cosigned, &origin, &signer().public_key()), Ok(checkpoint()));
    // A later one counts; one of another time is none.
    let later = cosignature::cosign(&note, name, &witness(), 1_679_315_148).unwrap();
    let twice = format!("{cosigned}{later}");
    assert_eq!(cosignature::verify(&twice, name, &key), Ok(1_679_315_148));
    let other_log = Checkpoint { size: 7, ..checkpoint() };
    let moved = format!("{}\n{line}", other_log.text());
    assert_eq!(cosignature::verify(&moved, name, &key), Err(NoteError::BadSignature));
}

#[test]
fn signatures_are_taken_over_once_and_from_the_same_text_only() {
    let note = sign_checkpoint(&checkpoint(), &signer()).unwrap();
    let successor = sign_checkpoint(&checkpoint(), &witness()).unwrap();
    let both = with_signatures_of(&note, &successor).unwrap();
    let origin = checkpoint().origin;
    for key in [signer().public_key(), witness().public_key()] {
        assert_eq!(open_checkpoint(&both, &origin, &key), Ok(checkpoint()));
    }
    assert_eq!(with_signatures_of(&both, &successor), Ok(both.clone()));
    let other = sign_checkpoint(&Checkpoint { size: 7, ..checkpoint() }, &signer()).unwrap();
    assert_eq!(with_signatures_of(&note, &other), Err(NoteError::Text));
}

#[test]
fn a_verifier_key_is_read_back_and_no_other_line_is_one() {
    let key: VerifierKey = C2SP_VKEY.parse().unwrap();
    assert_eq!((key.name.as_str(), key.kind), ("example.com/foo", KeyKind::Log));
    assert_eq!(key.to_string(), C2SP_VKEY);
    let witness = VerifierKey { kind: KeyKind::Witness, ..key.clone() };
    assert_eq!(witness.to_string().parse(), Ok(witness.clone()));
    assert_ne!(witness.to_string(), C2SP_VKEY);
    for line in [
        String::new(),
        C2SP_VKEY.replace("530d903a", "530d903b"),
        C2SP_VKEY.replace("example.com", "example com"),
        C2SP_VKEY.replace('+', "-"),
        format!("{C2SP_VKEY}="),
        format!("{C2SP_VKEY}\n"),
    ] {
        assert_eq!(line.parse::<VerifierKey>(), Err(VerifierKeyError), "{line}");
    }
}
