//! `fokus family …`: what the journal says of families.

use fokus_proto::v1;

use crate::client::Client;
use crate::failure::Failure;
use crate::flags::{
    Clocks, Family, FamilyHistory, FamilyList, FamilyStatus, FamilyTimeline, FamilyTrajectory,
    Purpose,
};
use fokus_words::names::Names;

use crate::names;
use crate::output::Output;
use crate::render::families::families;
use crate::render::history::history;
use crate::render::status::status;
use crate::render::timeline::{self, Manner, timeline};
use crate::render::trajectory::trajectory;
use crate::verbs::clocks::to_wire;
use crate::verbs::which_family;
use fokus_words::{Words, say};

/// Rows asked for at a time; the server's usual number.
const PAGE_SIZE: usize = 100;

/// Lists families, or reads one.
pub(crate) async fn run(flags: Family, output: &mut Output) -> Result<(), Failure> {
    match flags {
        Family::List(flags) => list(flags, output).await,
        Family::Status(flags) => show_status(flags, output).await,
        Family::Timeline(flags) => show_timeline(flags, output).await,
        Family::Trajectory(flags) => show_trajectory(flags, output).await,
        Family::History(flags) => show_history(flags, output).await,
    }
}

async fn list(flags: FamilyList, output: &mut Output) -> Result<(), Failure> {
    let client = Client::connect(&flags.connection, Purpose::Casework).await?;
    let mut left = flags.limit.unwrap_or(usize::MAX);
    let mut listed = Vec::new();
    let mut as_of_position = 0;
    let mut request = v1::ListFamiliesRequest {
        purpose: client.purpose(),
        min_position: flags.clocks.min_position,
        clocks: to_wire(&flags.clocks),
        ..Default::default()
    };
    while left > 0 {
        request.page_size = page_size(left);
        let page = client
            .families()
            .list_families(request.clone())
            .await
            .map_err(|status| client.failure(&status))?
            .into_inner();
        left = left.saturating_sub(page.families.len());
        as_of_position = page.as_of_position;
        for family in page.families {
            if output.json {
                output.message(&family)?;
            } else {
                listed.push(family);
            }
        }
        request.page_token = page.next_page_token;
        if request.page_token.is_empty() {
            break;
        }
    }
    if output.json {
        return Ok(());
    }
    let table = families(&listed, output.screen);
    let as_of = say!(output.words(), "as-of", position = as_of_position);
    output.data(&format!("{table}\n{as_of}"))
}

async fn read_status(
    client: &Client,
    family_id: &str,
    clocks: &Clocks,
) -> Result<v1::GetFamilyStatusResponse, Failure> {
    let request = v1::GetFamilyStatusRequest {
        family_id: family_id.to_owned(),
        purpose: client.purpose(),
        min_position: clocks.min_position,
        clocks: to_wire(clocks),
    };
    let answer = client.families().get_family_status(request).await;
    Ok(answer.map_err(|status| client.failure(&status))?.into_inner())
}

async fn show_status(flags: FamilyStatus, output: &mut Output) -> Result<(), Failure> {
    let client = Client::connect(&flags.connection, Purpose::Casework).await?;
    let family_id = which_family::find(&client, &flags.family).await?;
    let answer = read_status(&client, &family_id, &flags.clocks).await?;
    if output.json {
        return output.message(&answer);
    }
    let family = answer.status.unwrap_or_default();
    let overdue = overdue(&client, &family_id, &flags.clocks).await?;
    let mut names = names::of_family(&family, output.words());
    let lead = [family.lead_worker_id.clone()];
    names::look_up(&mut names, &client, v1::StreamKind::Worker, lead, output.words()).await;
    let others = family
        .risks
        .iter()
        .map(|risk| risk.person_id.clone())
        .chain(family.interventions.iter().map(|it| it.person_id.clone()))
        .chain(family.youth_with_track.iter().cloned())
        .chain(family.primary_contact.iter().map(|it| it.person_id.clone()))
        .chain(family.education.iter().map(|it| it.person_id.clone()))
        .chain(family.employment.iter().map(|it| it.person_id.clone()));
    names::look_up(&mut names, &client, v1::StreamKind::Person, others, output.words()).await;
    output.data(&status(&family, &overdue, answer.as_of_position, &names, output.screen))
}

/// The family's interventions that have been without a session for too long: one page of them.
async fn overdue(
    client: &Client,
    family_id: &str,
    clocks: &Clocks,
) -> Result<Vec<v1::InterventionCard>, Failure> {
    let request = v1::ListInterventionsRequest {
        purpose: client.purpose(),
        min_position: clocks.min_position,
        clocks: to_wire(clocks),
        family_id: family_id.to_owned(),
        overdue_only: true,
        ..Default::default()
    };
    let answer = client.work().list_interventions(request).await;
    Ok(answer.map_err(|status| client.failure(&status))?.into_inner().interventions)
}

async fn show_timeline(flags: FamilyTimeline, output: &mut Output) -> Result<(), Failure> {
    let client = Client::connect(&flags.connection, Purpose::Casework).await?;
    let family_id = which_family::find(&client, &flags.family).await?;
    let mut left = flags.limit.unwrap_or(usize::MAX);
    let mut entries = Vec::new();
    let (mut as_of_position, mut revision) = (0, 0);
    let mut request = v1::GetTimelineRequest {
        family_id: family_id.clone(),
        purpose: client.purpose(),
        min_position: flags.clocks.min_position,
        clocks: to_wire(&flags.clocks),
        by_recorded: flags.by_recorded,
        include_mistaken: flags.include_mistaken,
        include_supervision: flags.include_supervision,
        ..Default::default()
    };
    while left > 0 {
        request.page_size = page_size(left);
        let page = client
            .families()
            .get_timeline(request.clone())
            .await
            .map_err(|status| client.failure(&status))?
            .into_inner();
        left = left.saturating_sub(page.entries.len());
        (as_of_position, revision) = (page.as_of_position, page.revision);
        for entry in page.entries {
            if output.json {
                output.message(&entry)?;
            } else {
                entries.push(entry);
            }
        }
        request.page_token = page.next_page_token;
        if request.page_token.is_empty() {
            break;
        }
    }
    if output.json {
        return Ok(());
    }
    let names = names_for(&client, &family_id, &flags.clocks, &entries, output.words()).await?;
    let manner = Manner { full: flags.full, by_recorded: flags.by_recorded };
    let page = timeline(&entries, &names, manner, output.screen);
    let words = output.words();
    let as_of = say!(words, "timeline-as-of", position = as_of_position, revision = revision);
    output.data(&format!("{page}\n{as_of}"))
}

/// The names that a timeline needs: the members of the same moment, then whoever else is named in it.
async fn names_for(
    client: &Client,
    family_id: &str,
    clocks: &Clocks,
    entries: &[v1::TimelineEntry],
    words: Words,
) -> Result<Names, Failure> {
    let family = read_status(client, family_id, clocks).await?.status.unwrap_or_default();
    let mut names = names::of_family(&family, words);
    let persons = timeline::persons(entries);
    names::look_up(&mut names, client, v1::StreamKind::Person, persons, words).await;
    let workers = timeline::workers(entries);
    names::look_up(&mut names, client, v1::StreamKind::Worker, workers, words).await;
    Ok(names)
}

async fn show_trajectory(flags: FamilyTrajectory, output: &mut Output) -> Result<(), Failure> {
    let client = Client::connect(&flags.connection, Purpose::Casework).await?;
    let family_id = which_family::find(&client, &flags.family).await?;
    let request = v1::GetRiskTrajectoryRequest {
        family_id,
        purpose: client.purpose(),
        min_position: flags.clocks.min_position,
        clocks: to_wire(&flags.clocks),
    };
    let answer = client.families().get_risk_trajectory(request).await;
    let answer = answer.map_err(|status| client.failure(&status))?.into_inner();
    if output.json {
        output.message(&answer)
    } else {
        output.data(&trajectory(&answer, output.screen))
    }
}

async fn show_history(flags: FamilyHistory, output: &mut Output) -> Result<(), Failure> {
    let client = Client::connect(&flags.connection, Purpose::Audit).await?;
    let family_id = which_family::find(&client, &flags.family).await?;
    let request = v1::ReadHistoryRequest {
        purpose: client.purpose(),
        stream: Some(v1::StreamRef { kind: v1::StreamKind::Family.into(), id: family_id }),
        after_revision: flags.after_revision,
        limit: flags.limit.and_then(|limit| limit.try_into().ok()).unwrap_or(0),
        ..Default::default()
    };
    if flags.limit == Some(0) {
        return Ok(());
    }
    let mut answers = client
        .audit()
        .read_history(request)
        .await
        .map_err(|status| client.failure(&status))?
        .into_inner();
    let mut events = Vec::new();
    while let Some(answer) = answers.message().await.map_err(|status| client.failure(&status))? {
        for event in answer.events {
            if output.json {
                output.message(&event)?;
            } else {
                events.push(event);
            }
        }
    }
    if output.json { Ok(()) } else { output.data(&history(&events, output.screen)) }
}

fn page_size(left: usize) -> i32 {
    left.min(PAGE_SIZE).try_into().unwrap_or(0)
}
