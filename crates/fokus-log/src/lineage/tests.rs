use super::*;
use crate::note::{Ed25519Signer, open_checkpoint, sign_checkpoint};

const FIRST: &str = "a.test/ishoj/journal";

fn signer(seed: u8) -> Ed25519Signer {
    Ed25519Signer::from_seed(&[seed; 32])
}

/// A key that takes the place of another.
struct Overlap(Ed25519Signer, Ed25519Signer);

impl Signer for Overlap {
    fn sign(&self, message: &[u8]) -> [u8; 64] {
        self.0.sign(message)
    }

    fn public_key(&self) -> [u8; 32] {
        self.0.public_key()
    }

    fn retiring(&self) -> Option<&dyn Signer> {
        Some(&self.1)
    }
}

fn officer(name: &str, seed: u8) -> VerifierKey {
    let public_key = signer(seed).public_key();
    VerifierKey { name: name.to_owned(), kind: KeyKind::Log, public_key }
}

fn officers() -> [VerifierKey; 2] {
    [officer("officer-1", 11), officer("officer-2", 12)]
}

fn kept(size: u64) -> Checkpoint {
    Checkpoint { origin: FIRST.to_owned(), size, root: [3; 32] }
}

fn statement() -> Continuation {
    Continuation::draft(kept(5), (9, [4; 32]), officers(), "The disk failed.").unwrap()
}

/// A statement with these officers' signatures.
fn signed(seeds: &[u8]) -> String {
    let text = statement().text();
    seeds.iter().fold(text, |note, seed| Continuation::signed(&note, &signer(*seed)).unwrap())
}

#[test]
fn a_log_has_a_name_for_each_generation() {
    #[track_caller]
    fn check(origin: &str, first: &str, number: u64, next: &str) {
        assert_eq!(generation(origin), (first, number), "{origin}");
        assert_eq!(next_origin(origin), next, "{origin}");
    }
    check(FIRST, FIRST, 1, "a.test/ishoj/journal/2");
    check("a.test/ishoj/journal/2", FIRST, 2, "a.test/ishoj/journal/3");
    check("a.test/ishoj/journal/10", FIRST, 10, "a.test/ishoj/journal/11");
    // What is no such number is part of the name.
    for odd in ["/1", "/0", "/02", "/+2", "/x", "/", "/2/3", "/99999999999999999999"] {
        let origin = format!("{FIRST}{odd}");
        check(&origin, &origin, 1, &format!("{origin}/2"));
    }
    check("a.test/2", "a.test/2", 1, "a.test/2/2");
}

#[test]
fn while_keys_overlap_each_of_them_opens_a_note() {
    let (new, old) = (signer(2).public_key(), signer(1).public_key());
    let checkpoint = kept(7);
    let note = sign_checkpoint(&checkpoint, &Overlap(signer(2), signer(1))).unwrap();
    assert_eq!(open_checkpoint(&note, FIRST, &new), Ok(checkpoint.clone()));
    assert_eq!(open_checkpoint(&note, FIRST, &old), Ok(checkpoint));
    assert_eq!(note.lines().count(), 6, "{note}");
    let other = signer(3).public_key();
    assert_eq!(open_checkpoint(&note, FIRST, &other), Err(NoteError::NotSigned));
}

#[test]
fn a_rotation_is_signed_by_both_keys() {
    assert_eq!(Rotation::note(FIRST, &signer(2)), Ok(None));
    let note = Rotation::note(FIRST, &Overlap(signer(2), signer(1))).unwrap().unwrap();
    let (retired, new) = (signer(1).public_key(), signer(2).public_key());
    let said = Act::Rotation(Rotation { origin: FIRST.to_owned(), retired, new });
    assert_eq!(Act::of_leaf(LeafKind::Key, note.as_bytes()), Ok(Some(said)));
    // The same content in a leaf of another kind says nothing.
    assert_eq!(Act::of_leaf(LeafKind::Control, note.as_bytes()), Ok(None));

    let without = |line: usize| -> String {
        let kept = note.lines().enumerate().filter(|(at, _)| *at != line);
        kept.map(|(_, it)| format!("{it}\n")).collect()
    };
    let lines = note.lines().count();
    for line in [lines - 2, lines - 1] {
        let said = Act::of_leaf(LeafKind::Key, without(line).as_bytes());
        assert_eq!(said, Err(LineageError::Note(NoteError::NotSigned)), "line {line}");
    }
    for line in 1..4 {
        assert!(Act::of_leaf(LeafKind::Key, without(line).as_bytes()).is_err(), "line {line}");
    }
    let same = Rotation::note(FIRST, &Overlap(signer(1), signer(1))).unwrap().unwrap();
    let said = Act::of_leaf(LeafKind::Key, same.as_bytes());
    assert_eq!(said, Err(LineageError::KeyTwice));
}

#[test]
fn a_continuation_is_signed_by_both_officers_in_either_order() {
    let said = Ok(Some(Act::Continuation(statement())));
    for seeds in [[11, 12], [12, 11]] {
        let note = signed(&seeds);
        assert_eq!(Act::of_leaf(LeafKind::Control, note.as_bytes()), said);
        assert_eq!(Act::of_leaf(LeafKind::Key, note.as_bytes()), Ok(None));
    }
    assert_eq!(signed(&[11, 11]), signed(&[11]));
    let half = Act::of_leaf(LeafKind::Control, signed(&[11]).as_bytes());
    assert_eq!(half, Err(LineageError::Note(NoteError::NotSigned)));
    let stranger = Continuation::signed(&statement().text(), &signer(13));
    assert_eq!(stranger, Err(LineageError::OtherKey));
    // What was signed cannot be changed.
    let changed = signed(&[11, 12]).replace("The disk failed.", "The disk burned.");
    let read = Act::of_leaf(LeafKind::Control, changed.as_bytes());
    assert_eq!(read, Err(LineageError::Note(NoteError::BadSignature)));
}

#[test]
fn a_statement_says_what_can_be_said() {
    #[track_caller]
    fn check(officers: [VerifierKey; 2], reason: &str, expected: LineageError) {
        let drafted = Continuation::draft(kept(5), (9, [4; 32]), officers, reason);
        assert_eq!(drafted, Err(expected), "{reason}");
    }
    check(officers(), "", LineageError::Reason);
    check(officers(), "two\nlines", LineageError::Reason);
    check(officers(), &"x".repeat(REASON_MAX + 1), LineageError::Reason);
    let [one, other] = officers();
    check([one.clone(), one.clone()], "x", LineageError::KeyTwice);
    let named = VerifierKey { name: one.name.clone(), ..other.clone() };
    check([one.clone(), named], "x", LineageError::KeyTwice);
    let witness = VerifierKey { kind: KeyKind::Witness, ..other };
    check([one, witness], "x", LineageError::Text);
    let longest = "å".repeat(REASON_MAX);
    assert!(Continuation::draft(kept(0), (1, [4; 32]), officers(), &longest).is_ok());

    let text = statement().text();
    assert_eq!(Continuation::parse(&text), Ok(statement()));
    let origin = "\na.test/ishoj/journal/2\n";
    for (of, with) in [
        (origin, "\na.test/ishoj/journal/3\n"),
        (origin, "\na.test/vesterby/journal/2\n"),
        ("\n5\n", "\n05\n"),
        ("\n9\n", "\n-9\n"),
        ("fokus-continuation/v1", "fokus-continuation/v2"),
        ("failed.\n", "failed.\nmore\n"),
        ("failed.\n", "failed."),
    ] {
        assert!(text.contains(of), "{of}");
        assert!(Continuation::parse(&text.replace(of, with)).is_err(), "{with}");
    }
}

#[test]
fn what_speaks_of_something_else_is_passed_over() {
    for (kind, ext) in [
        (LeafKind::Key, "key"),
        (LeafKind::Key, ""),
        (LeafKind::Control, "fokus-continuation/v2\n"),
        (LeafKind::Policy, CONTINUATION),
    ] {
        assert_eq!(Act::of_leaf(kind, ext.as_bytes()), Ok(None), "{ext}");
    }
    assert_eq!(Act::of_leaf(LeafKind::Key, &[0xff, 0xfe]), Ok(None));
    assert!(Act::of_leaf(LeafKind::Control, CONTINUATION.as_bytes()).is_err());
}

#[test]
fn acts_follow_from_each_other() {
    let rotation = |origin: &str, retired: u8, new: u8| {
        let (retired, new) = (signer(retired).public_key(), signer(new).public_key());
        Act::Rotation(Rotation { origin: origin.to_owned(), retired, new })
    };
    let second = next_origin(FIRST);
    let continuation = Act::Continuation(statement());

    let mut lineage = Lineage::of(&second);
    assert_eq!((lineage.origin(), lineage.key()), (FIRST, None));
    assert_eq!(lineage.follow(2, &rotation(FIRST, 1, 2)), Ok(()));
    assert_eq!(lineage.follow(3, &rotation(FIRST, 1, 3)), Err(LineageError::OtherKey));
    assert_eq!(lineage.follow(3, &rotation(&second, 2, 3)), Err(LineageError::OtherLog));
    assert_eq!(lineage.follow(4, &continuation), Err(LineageError::OtherSize));
    assert_eq!(lineage.follow(5, &continuation), Ok(()));
    assert_eq!(lineage.follow(5, &continuation), Err(LineageError::OtherLog));
    assert_eq!(lineage.follow(6, &rotation(&second, 2, 3)), Ok(()));
    assert_eq!(lineage.origin(), second);
    assert_eq!(lineage.key(), Some(signer(3).public_key()));
}
