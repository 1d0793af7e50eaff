//! `fokus watch`: a line for each family that changes, until Ctrl-C.

use fokus_proto::v1;

use crate::client::Client;
use crate::failure::Failure;
use crate::flags::{Purpose, Watch};
use crate::output::Output;
use crate::render::status::changed;

/// Follows until Ctrl-C, which ends it well, or until the server ends it, which does not.
pub(crate) async fn run(flags: Watch, output: &mut Output) -> Result<(), Failure> {
    let client = Client::connect(&flags.connection, Purpose::Casework).await?;
    tokio::select! {
        ended = follow(&client, flags.after_position, output) => ended,
        interrupted = tokio::signal::ctrl_c() => match interrupted {
            Ok(()) => Ok(()),
            Err(error) => Err(Failure::CouldNotRun(format!("cannot wait for Ctrl-C: {error}"))),
        },
    }
}

async fn follow(client: &Client, after_position: i64, output: &mut Output) -> Result<(), Failure> {
    let request = v1::WatchFamiliesRequest { purpose: client.purpose(), after_position };
    let mut answers = client
        .families()
        .watch_families(request)
        .await
        .map_err(|status| client.failure(&status))?
        .into_inner();
    let mut position = after_position;
    loop {
        match answers.message().await {
            Ok(Some(answer)) => {
                position = answer.as_of_position;
                if output.json {
                    output.message(&answer)?;
                } else if let Some(family) = &answer.family {
                    output.data(&changed(family, answer.as_of_position, output.words()))?;
                }
            }
            Ok(None) => break,
            Err(status) => {
                output.note(&format!("fokus: seen up to position {position}"));
                return Err(client.failure(&status));
            }
        }
    }
    Err(Failure::CouldNotRun(format!("{} ended the watch at position {position}", client.server)))
}
