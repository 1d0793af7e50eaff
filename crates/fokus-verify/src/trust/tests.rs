use fokus_log::note::{Ed25519Signer, Signer as _, sign_checkpoint, vkey, with_signatures_of};

use super::*;

const ORIGIN: &str = "log.example/town/journal";

fn signer(seed: u8) -> Ed25519Signer {
    Ed25519Signer::from_seed(&[seed; 32])
}

fn witness_key(seed: u8) -> String {
    let key = VerifierKey {
        name: format!("witness.example/{seed}"),
        kind: KeyKind::Witness,
        public_key: signer(seed).public_key(),
    };
    key.to_string()
}

fn log_key(seed: u8) -> String {
    vkey(ORIGIN, &signer(seed).public_key())
}

/// The checkpoint, signed by the log's key and cosigned by those witnesses.
fn note(log: u8, witnesses: &[u8]) -> String {
    let checkpoint = Checkpoint { origin: ORIGIN.to_owned(), size: 3, root: [5; 32] };
    let note = sign_checkpoint(&checkpoint, &signer(log)).unwrap();
    witnesses.iter().fold(note, |note, seed| {
        let name = format!("witness.example/{seed}");
        let line = cosignature::cosign(&note, &name, &signer(*seed), 1_700_000_000).unwrap();
        with_signatures_of(&note, &format!("{}\n{line}", checkpoint.text())).unwrap()
    })
}

fn policy(quorum: &str) -> String {
    let (log, w2, w3, w4) = (log_key(1), witness_key(2), witness_key(3), witness_key(4));
    format!(
        "# ours\nlog {log}\n\nwitness X {w2} https://x.example\n\twitness Y {w3}\nwitness Z {w4}\n\
         group two 2 X Y Z\ngroup all all two Z\nquorum {quorum}\n"
    )
}

#[track_caller]
fn check(quorum: &str, witnesses: &[u8], met: bool) {
    let trust = Trust::from_text(&policy(quorum)).unwrap();
    let opened = trust.open(&note(1, witnesses), ORIGIN).unwrap();
    assert_eq!(opened.quorum_met, met, "{quorum} {witnesses:?}");
    assert_eq!(opened.quorum_none, quorum == "none");
    assert_eq!(opened.witnesses.len(), witnesses.iter().filter(|it| **it != 9).count());
}

#[test]
fn a_quorum_counts_the_witnesses_that_the_policy_names() {
    check("none", &[], true);
    check("X", &[], false);
    check("X", &[2], true);
    check("X", &[3, 4], false);
    check("two", &[2], false);
    check("two", &[2, 9], false);
    check("two", &[2, 4], true);
    check("all", &[2, 3], false);
    check("all", &[2, 3, 4], true);
}

#[test]
fn only_logs_of_the_policy_are_believed() {
    let trust = Trust::from_text(&policy("none")).unwrap();
    assert_eq!(trust.open(&note(7, &[]), ORIGIN), Err(NoteError::NotSigned));
    assert_eq!(trust.open(&note(1, &[]), "log.example/other/journal"), Err(NoteError::NotSigned));
    let altered = note(1, &[]).replace("\n3\n", "\n4\n");
    assert_eq!(trust.open(&altered, ORIGIN), Err(NoteError::BadSignature));
}

#[test]
fn policies_that_break_the_format_are_refused_by_line() {
    #[track_caller]
    fn refused(text: &str, line: usize) {
        assert_eq!(Trust::from_text(text).unwrap_err().line, line, "{text}");
    }
    let (log, witness) = (log_key(1), witness_key(2));
    refused("", 0);
    refused("quorum none", 0);
    refused(&format!("log {log}"), 0);
    refused(&format!("log {witness}\nquorum none"), 1);
    refused(&format!("log {log}\nwitness X {log}\nquorum none"), 2);
    refused(&format!("log {log}\nquorum X"), 2);
    refused(&format!("log {log}\nquorum none\nquorum none"), 3);
    refused(&format!("log {log}\nwitness none {witness}\nquorum none"), 2);
    refused(&format!("log {log}\nwitness X {witness}\nwitness X {witness}\nquorum X"), 3);
    refused(&format!("log {log}\nwitness X {witness}\ngroup g 2 X\nquorum g"), 3);
    refused(&format!("log {log}\nwitness X {witness}\ngroup g 0 X\nquorum g"), 3);
    refused(&format!("log {log}\nwitness X {witness}\ngroup g 1 X X\nquorum g"), 3);
    refused(&format!("log {log}\ngroup g 1 g\nquorum g"), 2);
    refused("trust everybody", 1);
}
