//! `fokus views list` and `fokus views rebuild`.

use fokus_proto::v1;

use crate::client::Client;
use crate::failure::Failure;
use crate::flags::{Purpose, Views, ViewsList, ViewsRebuild};
use crate::output::{Output, Unit};
use crate::render::operations;

/// Lists the views, or rebuilds one.
pub(crate) async fn run(flags: Views, output: &mut Output) -> Result<(), Failure> {
    match flags {
        Views::List(flags) => list(flags, output).await,
        Views::Rebuild(flags) => rebuild(flags, output).await,
    }
}

async fn list(flags: ViewsList, output: &mut Output) -> Result<(), Failure> {
    let client = Client::connect(&flags.connection, Purpose::Operations).await?;
    let request = v1::ListViewsRequest { purpose: client.purpose() };
    let answer = client
        .operations()
        .list_views(request)
        .await
        .map_err(|status| client.failure(&status))?
        .into_inner();
    if output.json {
        output.message(&answer)
    } else {
        output.data(&operations::views(&answer, output.screen))
    }
}

async fn rebuild(flags: ViewsRebuild, output: &mut Output) -> Result<(), Failure> {
    let client = Client::connect(&flags.connection, Purpose::Operations).await?;
    let request = v1::RebuildViewRequest { purpose: client.purpose(), name: flags.name.clone() };
    let mut answers = client
        .operations()
        .rebuild_view(request)
        .await
        .map_err(|status| client.failure(&status))?
        .into_inner();
    let mut began = false;
    while let Some(answer) = answers.message().await.map_err(|status| client.failure(&status))? {
        if output.json {
            output.message(&answer)?;
        } else if !began {
            output.progress_of(answer.head_position.try_into().unwrap_or(0), Unit::Events);
            began = true;
        }
        output.progress(answer.position.try_into().unwrap_or(0));
        if answer.done {
            output.progress_ended();
            if !output.json {
                output.data(&operations::rebuilt(&flags.name, &answer, output.words()))?;
            }
            return Ok(());
        }
    }
    Err(Failure::CouldNotRun(format!("{} ended the rebuild before it was done", client.server)))
}
