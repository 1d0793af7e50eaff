//! `fokus programme`, `fokus outcomes`: the programme's numbers, live and released.

use std::collections::BTreeSet;

use fokus_proto::v1;

use crate::client::Client;
use crate::failure::Failure;
use crate::flags::Purpose;
use crate::flags::programme::{Outcomes, Programme};
use crate::output::Output;
use crate::render::programme as render;
use crate::verbs::clocks::to_wire;

/// Shows the live numbers on a day.
pub(crate) async fn programme(flags: Programme, output: &mut Output) -> Result<(), Failure> {
    let client = Client::connect(&flags.connection, Purpose::Grant).await?;
    let request = v1::GetProgrammeRequest {
        purpose: client.purpose(),
        min_position: flags.clocks.min_position,
        clocks: to_wire(&flags.clocks),
        programme_id: flags.programme.unwrap_or_default(),
    };
    let answer = client.programme().get_programme(request).await;
    let answer = answer.map_err(|status| client.failure(&status))?.into_inner();
    if output.json {
        return output.message(&answer);
    }
    output.data(&render::programme(&answer, output.screen))
}

/// Shows a release.
pub(crate) async fn outcomes(flags: Outcomes, output: &mut Output) -> Result<(), Failure> {
    let client = Client::connect(&flags.connection, Purpose::Grant).await?;
    let programme_id = match flags.programme {
        Some(it) => it,
        None => the_one_programme(&client).await?,
    };
    let request = v1::GetOutcomesRequest {
        purpose: client.purpose(),
        programme_id,
        quarter: flags.quarter.unwrap_or_default(),
        min_position: 0,
        clocks: None,
    };
    let answer = client.programme().get_outcomes(request).await;
    let answer = answer.map_err(|status| client.failure(&status))?.into_inner();
    if output.json {
        return output.message(&answer);
    }
    output.data(&render::outcomes(&answer, output.screen))
}

/// The programme of the releases that there are; a heartbeat says that no more come.
async fn the_one_programme(client: &Client) -> Result<String, Failure> {
    let request =
        v1::WatchOutcomesRequest { purpose: client.purpose(), after_position: 0, clocks: None };
    let answers = client.programme().watch_outcomes(request).await;
    let mut answers = answers.map_err(|status| client.failure(&status))?.into_inner();
    let mut programmes = BTreeSet::new();
    // Those that are there come at once; then nothing does for a while.
    let pause = std::time::Duration::from_secs(2);
    while let Ok(answer) = tokio::time::timeout(pause, answers.message()).await {
        match answer.map_err(|status| client.failure(&status))? {
            Some(v1::WatchOutcomesResponse { release: Some(it), .. }) => {
                programmes.insert(it.programme_id);
            }
            Some(_) | None => break,
        }
        if programmes.len() > 1 {
            break;
        }
    }
    let mut programmes = programmes.into_iter();
    match (programmes.next(), programmes.next()) {
        (Some(it), None) => Ok(it),
        (None, _) => Err(Failure::NotFound("nothing was released yet".to_owned())),
        (Some(_), Some(_)) => {
            Err(Failure::NotFound("several programmes: say which with --programme".to_owned()))
        }
    }
}
