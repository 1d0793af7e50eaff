//! What a log says of its own key and name, and who does not believe it.

use fokus_bundle::manifest::Scope;
use fokus_log::Hash;
use fokus_log::leaf::LeafKind;
use fokus_log::lineage::{Continuation, Rotation};
use fokus_log::note::{
    Checkpoint, Ed25519Signer, KeyKind, Signer, VerifierKey, sign_checkpoint, vkey,
};
use fokus_verify::report::{Outcome, Report, Step};
use fokus_verify::trust::Trust;
use fokus_verify::{Contents, verify};

use crate::bundle::{Bundle, Made, ORIGIN, key_of};

const SECOND: &str = "log.example/town/journal/2";
/// Leaves that were kept.
const KEPT: u64 = 300;

/// The key of seed 1, taking the place of the one of seed 2.
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

/// The log's key takes the place of another.
fn rotated(_root: Hash) -> (LeafKind, String) {
    let note = Rotation::note(ORIGIN, &Overlap(key_of(1), key_of(2)));
    (LeafKind::Key, note.unwrap().unwrap())
}

/// The log's key gives way to another.
fn gave_way(_root: Hash) -> (LeafKind, String) {
    let note = Rotation::note(ORIGIN, &Overlap(key_of(2), key_of(1)));
    (LeafKind::Key, note.unwrap().unwrap())
}

/// A statement of two officers, or of one.
fn statement(kept: Checkpoint, seeds: &[u8]) -> (LeafKind, String) {
    let officers = [11, 12].map(|seed| VerifierKey {
        name: format!("officer-{seed}"),
        kind: KeyKind::Log,
        public_key: key_of(seed).public_key(),
    });
    let said = Continuation::draft(kept, (340, [4; 32]), officers, "The disk failed.").unwrap();
    let sign = |note: String, seed: &u8| Continuation::signed(&note, &key_of(*seed)).unwrap();
    (LeafKind::Control, seeds.iter().fold(said.text(), sign))
}

fn kept(size: u64, root: Hash) -> Checkpoint {
    Checkpoint { origin: ORIGIN.to_owned(), size, root }
}

fn continued(root: Hash) -> (LeafKind, String) {
    statement(kept(KEPT, root), &[11, 12])
}

fn second(says: crate::bundle::Says) -> Bundle {
    Bundle { origin: SECOND, act: Some((KEPT, says)), ..Bundle::of(KEPT + 20) }
}

/// Checks under a policy with both names of the log, beside a checkpoint that was kept.
fn checked(made: &Made, since: Option<&str>) -> Report {
    let key = key_of(1).public_key();
    let policy = format!("log {}\nlog {}\nquorum none\n", vkey(ORIGIN, &key), vkey(SECOND, &key));
    let trust = Trust::from_text(&policy).unwrap();
    let opened = Contents::Opened(&made.auditor);
    verify(made.folder.path(), &trust, &opened, since, None, &|_, _| {}).unwrap()
}

/// Says these words at the step, with this exit code.
#[track_caller]
fn check(report: &Report, step: Step, code: u8, words: &str) {
    let line = report.steps.iter().find(|it| it.step == step).unwrap();
    let (Outcome::Verified { what } | Outcome::Failed { what, .. } | Outcome::Incomplete { what }) =
        &line.outcome
    else {
        panic!("{}", report.to_text())
    };
    assert!(what.contains(words), "{words:?} in {what:?}");
    assert_eq!(report.exit_code(), code, "{}", report.to_text());
}

#[test]
fn a_log_that_says_nothing_has_one_key_and_one_name() {
    check(&checked(&Bundle::of(20).write(), None), Step::Lineage, 0, "one key and one name");
    let scope = Scope::Period { first: 3, last: 9 };
    let part = Bundle { scope, ..Bundle::of(20) }.write();
    check(&checked(&part, None), Step::Lineage, 0, "nothing is said");
}

#[test]
fn a_rotation_leads_to_the_key_that_signed() {
    let check_act = |says, code, words: &str| {
        let made = Bundle { act: Some((7, says)), ..Bundle::of(20) }.write();
        check(&checked(&made, None), Step::Lineage, code, words);
    };
    check_act(rotated, 0, "key rotated at leaf 7");
    check_act(gave_way, 1, "not signed by the key that the log says it has");
    check_act(|root| (LeafKind::Key, rotated(root).1.replace("town", "city")), 1, "not that of");
    check_act(|_| (LeafKind::Key, "another matter".to_owned()), 0, "one key and one name");
    // In a part of the log it is read by itself.
    let scope = Scope::Period { first: 3, last: 9 };
    let part = Bundle { scope, act: Some((7, gave_way)), ..Bundle::of(20) }.write();
    check(&checked(&part, None), Step::Lineage, 0, "key rotated at leaf 7");
}

#[test]
fn a_continuation_stands_where_it_says_and_under_the_name_that_it_gives() {
    let report = checked(&second(continued).write(), None);
    check(&report, Step::Lineage, 0, "leaf 300 continues log.example/town/journal, of which 300");
    check(&report, Step::Lineage, 0, "officer-11 and officer-12 signed: The disk failed.");

    let check_act = |says, words: &str| {
        check(&checked(&second(says).write(), None), Step::Lineage, 1, words);
    };
    check_act(|root| statement(kept(KEPT, root), &[11]), "not signed by the expected key");
    check_act(|root| statement(kept(KEPT - 1, root), &[11, 12]), "another number of leaves");
    check_act(|_| statement(kept(KEPT, [5; 32]), &[11, 12]), "another root");
    let elsewhere = |root| {
        let origin = "log.example/city/journal".to_owned();
        statement(Checkpoint { origin, ..kept(KEPT, root) }, &[11, 12])
    };
    check_act(elsewhere, "of a log of another name");
    // A name that no leaf gives, and a leaf whose name the log has not.
    let unnamed = Bundle { origin: SECOND, ..Bundle::of(20) }.write();
    check(&checked(&unnamed, None), Step::Lineage, 1, "another name than its leaves say");
    let old_name = Bundle { origin: ORIGIN, ..second(continued) }.write();
    check(&checked(&old_name, None), Step::Lineage, 1, "another name than its leaves say");
}

#[test]
fn what_was_kept_of_the_log_before_is_continued_or_lost() {
    let made = second(continued).write();
    let signed = |origin: &str, size, root| {
        let checkpoint = Checkpoint { origin: origin.to_owned(), size, root };
        sign_checkpoint(&checkpoint, &key_of(1)).unwrap()
    };
    // The same leaves, as the log before had them.
    let before = Bundle::of(200).write();
    let early = std::fs::read_to_string(before.path("journal/checkpoint")).unwrap();
    check(&checked(&made, Some(&early)), Step::Kept, 0, "320 leaves continue the 200");
    let forked = signed(ORIGIN, 200, [6; 32]);
    check(&checked(&made, Some(&forked)), Step::Kept, 1, "forked");
    let late = signed(ORIGIN, 330, [6; 32]);
    check(&checked(&made, Some(&late)), Step::Kept, 2, "from 300 on were lost, as leaf 300 says");
    // Whoever saw the log that continues it is not shown the one before again.
    let newer = signed(SECOND, 10, [6; 32]);
    check(&checked(&before, Some(&newer)), Step::Kept, 1, "given up");
}
