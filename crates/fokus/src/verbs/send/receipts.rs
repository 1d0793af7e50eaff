//! Receipts of the events that a command became: verified with the log's key when they come, and kept as
//! one C2SP tlog-proof file for each event, which any verifier of such proofs reads.

use std::fs;
use std::path::{Path, PathBuf};

use fokus_log::leaf::Leaf;
use fokus_log::proof::verify_inclusion;
use fokus_log::proof_file::ProofFile;
use fokus_log::{Hash, leaf_hash};
use fokus_proto::v1;
use uuid::Uuid;

use crate::failure::Failure;
use crate::verbs::log_key::{self, LogKeys};

/// A leaf is at most 60 kB; its proof and note are a few more.
const FILE_BYTES_MAX: u64 = 256 * 1024;

/// Where receipts are kept, and what they are verified with.
#[derive(Debug)]
pub(super) struct Receipts {
    folder: PathBuf,
    keys: LogKeys,
}

/// Why receipts do not prove what they should.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum Unproven {
    #[error("the answer does not hold one receipt for each event")]
    Count,
    #[error("the checkpoint is not signed by the log's key")]
    Checkpoint,
    #[error("a receipt is of another event than the answer names")]
    OtherEvent,
    #[error("a receipt does not lead to the root that the log's key signed")]
    Root,
    #[error("a receipt kept earlier has another event at this position: the log was forked")]
    Forked,
}

impl Receipts {
    /// Receipts in a folder, which is made when it is absent.
    ///
    /// # Errors
    ///
    /// [`Failure::CouldNotRun`] when the key cannot be read or the folder cannot be made.
    pub(super) fn open(folder: &Path, key: &Path) -> Result<Receipts, Failure> {
        let keys = LogKeys::read(key)?;
        fs::create_dir_all(folder).map_err(|error| not_kept(folder, &error))?;
        Ok(Receipts { folder: folder.to_owned(), keys })
    }

    /// Verifies the receipts of an answer and writes those that are not kept yet.
    ///
    /// # Errors
    ///
    /// [`Failure::CouldNotRun`] when they cannot be written.
    pub(super) fn keep(
        &self,
        answer: &v1::ExecuteResponse,
    ) -> Result<Result<(), Unproven>, Failure> {
        let proofs = match verified(answer, &self.keys) {
            Ok(it) => it,
            Err(unproven) => return Ok(Err(unproven)),
        };
        for proof in proofs {
            let position = proof.index.saturating_add(1);
            let file = self.folder.join(format!("{position}.tlog-proof"));
            if !file.exists() {
                fs::write(&file, proof.to_text()).map_err(|error| not_kept(&file, &error))?;
                continue;
            }
            // A command sent again is proved in a later tree; what is kept proves as much.
            let kept = log_key::text(&file, FILE_BYTES_MAX).map_err(|it| not_kept(&file, &it))?;
            let kept = ProofFile::from_text(&kept).map_err(|_| {
                Failure::CouldNotRun(format!("{}: is there, and no receipt", file.display()))
            })?;
            if kept.extra != proof.extra || kept.index != proof.index {
                return Ok(Err(Unproven::Forked));
            }
        }
        Ok(Ok(()))
    }
}

fn not_kept(path: &Path, error: &std::io::Error) -> Failure {
    Failure::CouldNotRun(format!("receipt {}: {}", path.display(), error.kind()))
}

/// The receipts of an answer as proof files, if they prove its events under one of these keys.
fn verified(answer: &v1::ExecuteResponse, keys: &LogKeys) -> Result<Vec<ProofFile>, Unproven> {
    let note = std::str::from_utf8(&answer.checkpoint).map_err(|_| Unproven::Checkpoint)?;
    let signed = keys.open(note).map_err(|_| Unproven::Checkpoint)?;
    let (events, receipts) = (&answer.event_ids, &answer.receipts);
    if events.is_empty() || events.len() != receipts.len() {
        return Err(Unproven::Count);
    }
    let first =
        u64::try_from(answer.position).ok().and_then(|it| it.checked_sub(events.len() as u64));
    let mut proofs = Vec::with_capacity(receipts.len());
    for (index, (event, receipt)) in
        (first.ok_or(Unproven::OtherEvent)?..).zip(events.iter().zip(receipts))
    {
        let leaf = Leaf::decode(&receipt.leaf).map_err(|_| Unproven::OtherEvent)?;
        let is_named = u64::try_from(receipt.leaf_index) == Ok(index)
            && leaf.position == index
            && Uuid::parse_str(event).is_ok_and(|it| *it.as_bytes() == leaf.event_id);
        if !is_named {
            return Err(Unproven::OtherEvent);
        }
        let hash = |it: &Vec<u8>| Hash::try_from(it.as_slice()).map_err(|_| Unproven::Root);
        let hashes = receipt.hashes.iter().map(hash).collect::<Result<Vec<Hash>, Unproven>>()?;
        verify_inclusion(&leaf_hash(&receipt.leaf), index, signed.size, &hashes, &signed.root)
            .map_err(|_| Unproven::Root)?;
        let (extra, checkpoint) = (Some(receipt.leaf.clone()), note.to_owned());
        proofs.push(ProofFile { extra, index, hashes, checkpoint });
    }
    Ok(proofs)
}

#[cfg(test)]
mod tests {
    use fokus_log::leaf::{EnvelopeRef, LeafKind};
    use fokus_log::note::{
        Checkpoint, Ed25519Signer, KeyKind, Signer as _, VerifierKey, sign_checkpoint,
    };
    use fokus_log::{node_hash, tree_hash};

    use super::*;

    const ORIGIN: &str = "log.test/demo/journal";

    fn leaf(index: u64) -> Vec<u8> {
        let envelope = EnvelopeRef {
            key_ids: vec![[1; 16]],
            ct_hash: [2; 32],
            ct_len: 296,
            field_root: [3; 32],
        };
        let leaf = Leaf {
            kind: LeafKind::Event,
            position: index,
            recorded_ms: 1_767_225_600_000,
            event_id: *event(index).as_bytes(),
            stream_tag: [4; 16],
            stream_version: index,
            prev_in_stream: index.checked_sub(1),
            envelopes: vec![envelope],
            ext: Vec::new(),
        };
        leaf.encode().unwrap()
    }

    fn event(index: u64) -> Uuid {
        uuid::Builder::from_random_bytes([u8::try_from(index).unwrap(); 16]).into_uuid()
    }

    /// The answer to a command whose two events are the second and third of a log of three.
    fn answer() -> (v1::ExecuteResponse, VerifierKey) {
        let leaves = [leaf(0), leaf(1), leaf(2)];
        let hash = |at: usize| leaf_hash(&leaves[at]);
        let signer = Ed25519Signer::from_seed(&[9; 32]);
        let root = tree_hash(leaves.iter());
        let checkpoint = Checkpoint { origin: ORIGIN.to_owned(), size: 3, root };
        let receipt = |index: usize, hashes: Vec<Hash>| v1::Receipt {
            leaf: leaves[index].clone(),
            leaf_index: i64::try_from(index).unwrap(),
            hashes: hashes.iter().map(|it| it.to_vec()).collect(),
        };
        let answer = v1::ExecuteResponse {
            position: 3,
            event_ids: vec![event(1).to_string(), event(2).to_string()],
            checkpoint: sign_checkpoint(&checkpoint, &signer).unwrap().into_bytes(),
            receipts: vec![
                receipt(1, vec![hash(0), hash(2)]),
                receipt(2, vec![node_hash(&hash(0), &hash(1))]),
            ],
            ..Default::default()
        };
        let public_key = signer.public_key();
        (answer, VerifierKey { name: ORIGIN.to_owned(), kind: KeyKind::Log, public_key })
    }

    #[test]
    fn receipts_prove_the_events_of_the_answer_and_nothing_else() {
        #[track_caller]
        fn check(
            change: impl FnOnce(&mut v1::ExecuteResponse, &mut VerifierKey),
            proven: Result<usize, Unproven>,
        ) {
            let (mut answer, mut key) = answer();
            change(&mut answer, &mut key);
            assert_eq!(verified(&answer, &key.into()).map(|it| it.len()), proven);
        }
        check(|_, _| {}, Ok(2));
        check(
            |_, key| key.public_key = Ed25519Signer::from_seed(&[8; 32]).public_key(),
            Err(Unproven::Checkpoint),
        );
        check(|_, key| key.name = "log.test/other/journal".to_owned(), Err(Unproven::Checkpoint));
        check(|it, _| it.checkpoint.clear(), Err(Unproven::Checkpoint));
        check(|it, _| drop(it.receipts.pop()), Err(Unproven::Count));
        check(|it, _| it.receipts.clear(), Err(Unproven::Count));
        check(|it, _| it.receipts.swap(0, 1), Err(Unproven::OtherEvent));
        check(|it, _| it.event_ids.swap(0, 1), Err(Unproven::OtherEvent));
        check(|it, _| it.position = 2, Err(Unproven::OtherEvent));
        check(|it, _| it.position = 1, Err(Unproven::OtherEvent));
        check(|it, _| it.receipts[1].leaf[40] ^= 1, Err(Unproven::Root));
        check(|it, _| it.receipts[0].hashes[1][5] ^= 1, Err(Unproven::Root));
        check(|it, _| drop(it.receipts[0].hashes.pop()), Err(Unproven::Root));
        check(|it, _| it.receipts[0].hashes[0].clear(), Err(Unproven::Root));
    }

    #[test]
    fn a_receipt_that_is_kept_is_held_against_the_next() {
        let temp = tempfile::tempdir().unwrap();
        let (answer, key) = answer();
        let receipts = Receipts { folder: temp.path().to_owned(), keys: key.into() };
        assert_eq!(receipts.keep(&answer).unwrap(), Ok(()));
        let file = temp.path().join("2.tlog-proof");
        let kept = fs::read_to_string(&file).unwrap();
        assert_eq!(ProofFile::from_text(&kept).unwrap().index, 1);
        // The same command, answered again.
        assert_eq!(receipts.keep(&answer).unwrap(), Ok(()));
        assert_eq!(fs::read_to_string(&file).unwrap(), kept);
        // Another event stood there once.
        let mut other = ProofFile::from_text(&kept).unwrap();
        other.extra = Some(leaf(7));
        fs::write(&file, other.to_text()).unwrap();
        assert_eq!(receipts.keep(&answer).unwrap(), Err(Unproven::Forked));
        fs::write(&file, "something else").unwrap();
        assert!(receipts.keep(&answer).is_err());
    }
}
