//! Asks the witnesses for each checkpoint, at a bounded rate. Commands never wait for them.

use std::sync::Arc;
use std::time::Duration;

use fokus_log::note::{NoteError, cosignature, with_signatures_of};
use fokus_store::{Fault, Head, TenantId};
use tokio::time::Instant;

use super::{Alarm, Answer, Witness};
use crate::journal::Journal;
use crate::read::proofs::consistency;
use crate::tenants::Tenant;

/// How often a checkpoint is submitted at most, unless a bundle waits for it.
const EVERY: Duration = Duration::from_secs(1);
/// How long a witness that does not answer is left alone; doubled each time, up to the longest.
const LEFT_ALONE_FIRST: Duration = Duration::from_secs(1);
const LEFT_ALONE_LONGEST: Duration = Duration::from_secs(60);
/// How often one submission is corrected: a witness says once at which size it knows the log, and again
/// when another server was faster.
const TRIES_MAX: u32 = 4;
/// The most signature lines that one witness adds: old and new key, and some to spare.
const LINES_MAX: usize = 8;

/// A witness, and what is known of it.
struct Asked {
    witness: Arc<dyn Witness>,
    /// The size at which it knows the log, as far as it has said.
    known: u64,
    /// The size that it cosigned last.
    cosigned: Option<u64>,
    left_alone: Duration,
    not_before: Option<Instant>,
}

/// Submits each checkpoint until the server ends.
pub(super) async fn follow(journal: Journal, tenant: Arc<Tenant>) {
    let guard = &journal.shared.guard;
    let mut asked: Vec<Asked> = guard.safeguards.witnesses.iter().map(asked_of).collect();
    loop {
        tokio::select! {
            () = journal.shared.shutdown.cancelled() => return,
            () = tokio::time::sleep(EVERY) => (),
            () = guard.wanted.notified() => (),
        }
        let round = round(&journal, &tenant, &mut asked);
        let ended = tokio::select! {
            () = journal.shared.shutdown.cancelled() => return,
            it = round => it,
        };
        if let Err(fault) = ended {
            tracing::warn!(tenant = %tenant.id, %fault, "witnesses cannot be asked; trying again");
        }
    }
}

fn asked_of(witness: &Arc<dyn Witness>) -> Asked {
    Asked {
        witness: Arc::clone(witness),
        known: 0,
        cosigned: None,
        left_alone: LEFT_ALONE_FIRST,
        not_before: None,
    }
}

/// Submits the checkpoint as it stands to all witnesses that have not cosigned it.
async fn round(journal: &Journal, tenant: &Tenant, asked: &mut [Asked]) -> Result<(), Fault> {
    let guard = &journal.shared.guard;
    if guard.alarm(&tenant.id).is_some() {
        return Ok(());
    }
    let head = journal.shared.ports.events.head(&tenant.id).await?;
    if head.position.0 == 0 {
        return Ok(());
    }
    let mut note = guard.with_cosignatures(&tenant.id, &head);
    let before = note.len();
    for it in asked.iter_mut() {
        let rests = it.not_before.is_some_and(|until| Instant::now() < until);
        if it.cosigned == Some(head.position.0) || rests {
            continue;
        }
        match submit(journal, &tenant.id, &head, it).await? {
            Outcome::Cosigned(with_lines) => {
                note = with_signatures_of(&note, &with_lines).unwrap_or(note);
                (it.known, it.cosigned) = (head.position.0, Some(head.position.0));
                (it.left_alone, it.not_before) = (LEFT_ALONE_FIRST, None);
            }
            Outcome::Alarm(alarm) => {
                guard.raise(&tenant.id, alarm);
                return Ok(());
            }
            Outcome::Trouble(words) => {
                let witness = &it.witness.key().name;
                tracing::warn!(tenant = %tenant.id, witness, words, "a witness did not cosign");
                it.not_before = Some(Instant::now() + it.left_alone);
                it.left_alone = it.left_alone.saturating_mul(2).min(LEFT_ALONE_LONGEST);
            }
        }
    }
    if note.len() > before {
        let whole = asked.iter().all(|it| it.cosigned == Some(head.position.0));
        guard.keep(&tenant.id, note, whole);
    }
    Ok(())
}

/// What became of a submission.
enum Outcome {
    /// The note with the witness's lines.
    Cosigned(String),
    Alarm(Alarm),
    Trouble(String),
}

async fn submit(
    journal: &Journal,
    tenant: &TenantId,
    head: &Head,
    asked: &mut Asked,
) -> Result<Outcome, Fault> {
    let events = journal.shared.ports.events.as_ref();
    let (size, key) = (head.position.0, asked.witness.key());
    let beside = |known| Alarm::Beside { by: key.name.clone(), known };
    for _ in 0..TRIES_MAX {
        let known = asked.known;
        let proof = match known {
            0 => Vec::new(),
            it => consistency(events, tenant, it, size).await?,
        };
        let answer = asked.witness.add_checkpoint(known, &proof, &head.checkpoint).await;
        match answer {
            Ok(Answer::Cosigned(lines)) => {
                return Ok(match believed(&head.checkpoint, &lines, key) {
                    Ok(note) => Outcome::Cosigned(note),
                    Err(error) => Outcome::Trouble(format!("its cosignature: {error}")),
                });
            }
            Ok(Answer::Inconsistent) => return Ok(Outcome::Alarm(beside(known))),
            // It knows the log at the very size that was submitted, with another root.
            Ok(Answer::Conflict(said)) if known == size && said.is_none_or(|it| it == size) => {
                return Ok(Outcome::Alarm(beside(size)));
            }
            Ok(Answer::Conflict(Some(said))) if said > size => {
                // Another server may have submitted a newer checkpoint meanwhile; if none is in the store,
                // nobody has.
                let now = events.head(tenant).await?.position.0;
                if said > now {
                    let by = key.name.clone();
                    return Ok(Outcome::Alarm(Alarm::Behind { by, known: said, size: now }));
                }
                let words = "it knows a newer checkpoint already".to_owned();
                return Ok(Outcome::Trouble(words));
            }
            Ok(Answer::Conflict(Some(said))) if said != known => asked.known = said,
            Ok(Answer::Conflict(_)) => {
                return Ok(Outcome::Trouble("it contradicts itself".to_owned()));
            }
            Err(unasked) => return Ok(Outcome::Trouble(unasked.to_string())),
        }
    }
    Ok(Outcome::Trouble("it names another size each time".to_owned()))
}

/// The note with the witness's own lines, if one of them verifies.
fn believed(
    note: &str,
    lines: &str,
    key: &fokus_log::note::VerifierKey,
) -> Result<String, NoteError> {
    let own = format!("\u{2014} {} ", key.name);
    let mut cosigned = note.to_owned();
    for line in lines.lines().filter(|it| it.starts_with(&own)).take(LINES_MAX) {
        cosigned.push_str(line);
        cosigned.push('\n');
    }
    cosignature::verify(&cosigned, &key.name, &key.public_key)?;
    Ok(cosigned)
}
