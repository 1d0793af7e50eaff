//! `fokus checkpoint` and `fokus proof`: the signed note over the log, and the proof that an event is in
//! it, as files that any verifier of C2SP notes and proofs reads.
//!
//! Who keeps a checkpoint finds with `--since` that history was rewritten, even by somebody who has the
//! log's key: two states of one log are consistent, or one of them is a fork.

use std::path::Path;

use fokus_log::Hash;
use fokus_log::lineage::generation;
use fokus_log::note::{MAX_NOTE_BYTES, VerifierKey, unverified_checkpoint};
use fokus_log::proof::verify_consistency;
use fokus_proto::v1;

use super::log_key::{self, LogKeys};
use crate::client::Client;
use crate::failure::Failure;
use crate::flags::{Checkpoint, Proof, Purpose};
use crate::output::Output;

/// Prints the note; the verifier key goes to standard error, since it must be trusted from elsewhere.
/// With a note kept earlier, only what continues it is printed.
pub(crate) async fn run(flags: Checkpoint, output: &mut Output) -> Result<(), Failure> {
    let trusted = flags.log_key.as_deref().map(LogKeys::read).transpose()?;
    let kept = flags.since.as_deref().map(kept).transpose()?;
    let client = Client::connect(&flags.connection, Purpose::Audit).await?;
    let request = v1::GetCheckpointRequest { purpose: client.purpose() };
    let mut answer = client
        .audit()
        .get_checkpoint(request)
        .await
        .map_err(|status| client.failure(&status))?
        .into_inner();
    let checked = if let Some(kept) = kept {
        let keys = trusted.map_or_else(|| named(&answer), Ok)?;
        since(&client, &kept, &keys, &mut answer).await?
    } else {
        trusted.map_or(Ok(String::new()), |keys| {
            signed(&answer.checkpoint, &keys).map(|_| String::new())
        })
    };
    let continued = match checked {
        Ok(it) => it,
        Err(Fork(words)) => {
            output.note(&format!("fokus: {words}"));
            return Err(Failure::Reported);
        }
    };
    if output.json {
        return output.message(&answer);
    }
    output.data(&String::from_utf8_lossy(&answer.checkpoint))?;
    if !continued.is_empty() {
        output.note(&continued);
    }
    output.note(&format!("Verifier key (trust it only from elsewhere): {}", answer.verifier_key));
    Ok(())
}

/// What the log says contradicts what it said before, or what its key is.
#[derive(Debug, PartialEq, Eq)]
struct Fork(String);

fn kept(file: &Path) -> Result<String, Failure> {
    let refuse = |why: &str| Failure::CouldNotRun(format!("{}: {why}", file.display()));
    let note =
        log_key::text(file, MAX_NOTE_BYTES as u64).map_err(|error| refuse(&error.to_string()))?;
    match unverified_checkpoint(&note) {
        Ok(it) if it.size > 0 => Ok(note),
        Ok(_) => Err(refuse("is of an empty log: everything continues that, so it proves nothing")),
        Err(error) => Err(refuse(&error.to_string())),
    }
}

/// The key that the server names: no more than a name for who signed what was kept.
fn named(answer: &v1::GetCheckpointResponse) -> Result<LogKeys, Failure> {
    let malformed = |_| Failure::CouldNotRun("the server names no verifier key".to_owned());
    answer.verifier_key.parse::<VerifierKey>().map(LogKeys::from).map_err(malformed)
}

fn signed(note: &[u8], keys: &LogKeys) -> Result<fokus_log::note::Checkpoint, Fork> {
    let text = std::str::from_utf8(note).unwrap_or_default();
    keys.open(text).map_err(|error| {
        Fork(format!("the server's checkpoint, under the key of {}: {error}", keys.name()))
    })
}

/// Words for a checkpoint that was kept of a log which the server's log continues: the gap between them is
/// in the log, and a bundle shows it.
fn of_another_generation(kept: &str, now: &[u8]) -> Option<Fork> {
    let (kept, now) = (unverified_checkpoint(kept), std::str::from_utf8(now).ok()?);
    let (kept, now) = (kept.ok()?.origin, unverified_checkpoint(now).ok()?.origin);
    let continues = kept != now && generation(&kept).0 == generation(&now).0;
    continues.then(|| {
        Fork(format!(
            "the checkpoint kept is of {kept}, and the log is called {now} now: one continues the other after \
             a restore with loss. Whether what was kept is in it, `fokus-verify --since` says of a bundle"
        ))
    })
}

/// Whether the log continues the kept note; its newest checkpoint comes into `answer`.
async fn since(
    client: &Client,
    kept: &str,
    keys: &LogKeys,
    answer: &mut v1::GetCheckpointResponse,
) -> Result<Result<String, Fork>, Failure> {
    if let Some(other) = of_another_generation(kept, &answer.checkpoint) {
        return Ok(Err(other));
    }
    let earlier = match keys.open(kept) {
        Ok(it) => it,
        Err(error) => {
            let words =
                format!("the checkpoint kept earlier, under the key of {}: {error}", keys.name());
            return Ok(Err(Fork(words)));
        }
    };
    let now = match signed(&answer.checkpoint, keys) {
        Ok(it) => it,
        Err(fork) => return Ok(Err(fork)),
    };
    if now.size < earlier.size {
        let words = format!(
            "the log is shorter than it was: {} events when the checkpoint was kept, {} now",
            earlier.size, now.size
        );
        return Ok(Err(Fork(words)));
    }
    let request = v1::GetConsistencyProofRequest {
        purpose: client.purpose(),
        earlier_position: i64::try_from(earlier.size).unwrap_or(i64::MAX),
    };
    let proof = client
        .audit()
        .get_consistency_proof(request)
        .await
        .map_err(|status| client.failure(&status))?
        .into_inner();
    // The log may have grown meanwhile: what is proved is what is printed.
    answer.checkpoint.clone_from(&proof.checkpoint);
    let now = match signed(&answer.checkpoint, keys) {
        Ok(it) => it,
        Err(fork) => return Ok(Err(fork)),
    };
    let hashes: Option<Vec<Hash>> =
        proof.hashes.iter().map(|it| Hash::try_from(it.as_slice()).ok()).collect();
    let continues = hashes.is_some_and(|hashes| {
        verify_consistency(earlier.size, now.size, &hashes, &earlier.root, &now.root).is_ok()
    });
    Ok(if continues {
        Ok(format!("Continues the checkpoint kept: {} events then, {} now", earlier.size, now.size))
    } else {
        Err(Fork(format!(
            "the log was forked: its state of {} events does not continue the one of {} events that was \
             kept, both signed by its key",
            now.size, earlier.size
        )))
    })
}

/// Prints the proof.
pub(crate) async fn proof(flags: Proof, output: &mut Output) -> Result<(), Failure> {
    let client = Client::connect(&flags.connection, Purpose::Audit).await?;
    let request =
        v1::GetInclusionProofRequest { purpose: client.purpose(), position: flags.position };
    let answer = client
        .audit()
        .get_inclusion_proof(request)
        .await
        .map_err(|status| client.failure(&status))?
        .into_inner();
    if output.json { output.message(&answer) } else { output.data(&answer.tlog_proof) }
}
