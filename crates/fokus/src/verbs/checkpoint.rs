//! `fokus checkpoint` and `fokus proof`: the signed note over the log, and the proof that an event is in
//! it, as files that any verifier of C2SP notes and proofs reads.

use fokus_proto::v1;

use crate::client::Client;
use crate::failure::Failure;
use crate::flags::{Checkpoint, Proof, Purpose};
use crate::output::Output;

/// Prints the note; the verifier key goes to standard error, since it must be trusted from elsewhere.
pub(crate) async fn run(flags: Checkpoint, output: &mut Output) -> Result<(), Failure> {
    let client = Client::connect(&flags.connection, Purpose::Audit).await?;
    let request = v1::GetCheckpointRequest { purpose: client.purpose() };
    let answer = client
        .audit()
        .get_checkpoint(request)
        .await
        .map_err(|status| client.failure(&status))?
        .into_inner();
    if output.json {
        return output.message(&answer);
    }
    output.data(&String::from_utf8_lossy(&answer.checkpoint))?;
    output.note(&format!("Verifier key (trust it only from elsewhere): {}", answer.verifier_key));
    Ok(())
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
