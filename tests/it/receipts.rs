//! Receipts: whoever sends a command can prove later, offline, that its events were accepted.

use std::fs;

use fokus_log::leaf_hash;
use fokus_log::note::{VerifierKey, open_checkpoint};
use fokus_log::proof::verify_inclusion;
use fokus_log::proof_file::ProofFile;
use fokus_proto::v1::ExecuteRequest;

use crate::harness::audited::{Audited, said};
use crate::harness::every_store::on_every_store;
use crate::harness::place::{Place, text};
use crate::harness::world::World;

on_every_store!(
    a_receipt_proves_each_event_whatever_comes_later,
    send_keeps_receipts_that_verify_and_stops_at_one_that_does_not,
);

/// What a receipt of an answer proves: the index of the event, and the size of the tree.
#[track_caller]
fn proven(answer: &fokus_proto::v1::ExecuteResponse, at: usize, key: &VerifierKey) -> (u64, u64) {
    let note = String::from_utf8(answer.checkpoint.clone()).unwrap();
    let signed = open_checkpoint(&note, &key.name, &key.public_key).unwrap();
    let receipt = &answer.receipts[at];
    let hashes: Vec<[u8; 32]> =
        receipt.hashes.iter().map(|it| it.as_slice().try_into().unwrap()).collect();
    let index = u64::try_from(receipt.leaf_index).unwrap();
    let leaf = leaf_hash(&receipt.leaf);
    assert_eq!(verify_inclusion(&leaf, index, signed.size, &hashes, &signed.root), Ok(()));
    (index, signed.size)
}

async fn a_receipt_proves_each_event_whatever_comes_later(place: Place) {
    let mut audited = Audited::start(place, "receipts/answer").await;
    let key: VerifierKey = audited.verifier_key.parse().unwrap();
    // More than a tile, so that receipts need full ones and partial ones.
    while audited.add_family().await < 300 {}
    let world = World::new(&mut audited.seeded, 90);
    let mut last = None;
    for command in world.commands(&mut audited.seeded) {
        let wanted = ExecuteRequest { want_receipt: true, ..command };
        let answer = audited.worker.accepted(wanted.clone()).await;
        assert_eq!(answer.receipts.len(), answer.event_ids.len());
        for at in 0..answer.receipts.len() {
            let (index, size) = proven(&answer, at, &key);
            let position = answer.position - i64::try_from(answer.receipts.len() - at).unwrap();
            assert_eq!(i64::try_from(index), Ok(position));
            assert!(size > index);
        }
        last = Some((wanted, answer));
    }
    let (command, answer) = last.unwrap();

    // Asking for receipts is no part of the content: the same command without them, and again with them,
    // is the same command. Its proof is then in the tree as it stands.
    let size = audited.add_family().await;
    let without = ExecuteRequest { want_receipt: false, ..command.clone() };
    let without = audited.worker.accepted(without).await;
    assert!(without.replayed && without.receipts.is_empty());
    let again = audited.worker.accepted(command).await;
    assert!(again.replayed && again.event_ids == answer.event_ids);
    assert_eq!(again.receipts[0].leaf, answer.receipts[0].leaf);
    assert_eq!(i64::try_from(proven(&again, 0, &key).1), Ok(size));
}

async fn send_keeps_receipts_that_verify_and_stops_at_one_that_does_not(place: Place) {
    let mut audited = Audited::start(place, "receipts/send").await;
    let folder = audited.place.folder().join("receipts");
    let key_file = audited.key_file();
    let (lines, receipts) = (audited.place.folder().join("lines.jsonl"), text(&folder).to_owned());
    let flags = ["--receipts", &receipts, "--log-key", text(&key_file)];
    for (number, more, kept) in [(1, &[][..], 8), (2, &["--stream"], 16)] {
        let world = World::new(&mut audited.seeded, number);
        let commands = world.commands(&mut audited.seeded);
        let written: Vec<String> =
            commands.iter().map(|it| fokus_proto::to_json(it).to_string()).collect();
        fs::write(&lines, written.join("\n")).unwrap();
        for _ in 0..2 {
            let sent = audited.run_as_lead(&[&["send", text(&lines)], &flags[..], more].concat());
            assert!(sent.status.success(), "{}", said(&sent));
        }
        let files = fs::read_dir(&folder).unwrap().count();
        assert!(files >= kept, "{files} receipts");
    }
    let key: VerifierKey = audited.verifier_key.parse().unwrap();
    for entry in fs::read_dir(&folder).unwrap() {
        let path = entry.unwrap().path();
        let proof = ProofFile::from_text(&fs::read_to_string(&path).unwrap()).unwrap();
        let signed = open_checkpoint(&proof.checkpoint, &key.name, &key.public_key).unwrap();
        let leaf = leaf_hash(&proof.extra.unwrap());
        let (index, size) = (proof.index, signed.size);
        assert_eq!(verify_inclusion(&leaf, index, size, &proof.hashes, &signed.root), Ok(()));
        assert_eq!(path.file_stem().unwrap().to_str().unwrap(), (index + 1).to_string());
    }

    // Under another key nothing is believed, and nothing more is sent.
    let mut other = key;
    other.public_key[0] ^= 1;
    let other_file = audited.place.folder().join("other.key");
    fs::write(&other_file, other.to_string()).unwrap();
    let more = ["--receipts", &receipts, "--log-key", text(&other_file)];
    let sent = audited.run_as_lead(&[&["send", text(&lines)][..], &more].concat());
    assert_eq!(sent.status.code(), Some(1), "{}", said(&sent));
    assert!(said(&sent).contains("line 1") && said(&sent).contains("not signed by the log's key"));
    // Receipts without a key would prove nothing.
    let sent = audited.run_as_lead(&["send", text(&lines), "--receipts", &receipts]);
    assert_eq!(sent.status.code(), Some(2), "{}", said(&sent));
}
