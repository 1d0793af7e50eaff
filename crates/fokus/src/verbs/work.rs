//! `fokus caseload`, `fokus interventions`, `fokus approvals`: what there is to do, over all families.

use fokus_proto::v1;
use uuid::Uuid;

use crate::client::Client;
use crate::failure::Failure;
use crate::flags::work::{Approvals, Caseload, Interventions};
use crate::flags::{Purpose, WasAt};
use crate::output::Output;
use crate::render::work;
use crate::verbs::clocks::to_wire;
use crate::verbs::which_family;
use fokus_words::say;

/// Rows asked for at a time; the server's usual number.
const PAGE_SIZE: usize = 100;

/// Shows who has how much on a day.
pub(crate) async fn caseload(flags: Caseload, output: &mut Output) -> Result<(), Failure> {
    let client = Client::connect(&flags.connection, Purpose::Casework).await?;
    let mut clocks = flags.clocks;
    clocks.was_at = flags.date.map(WasAt::Date).or(clocks.was_at);
    let wanted = flags.worker.as_deref();
    let by_id = wanted.and_then(|it| it.parse::<Uuid>().ok());
    let mut request = v1::GetCaseloadRequest {
        purpose: client.purpose(),
        min_position: clocks.min_position,
        clocks: to_wire(&clocks),
        worker_id: by_id.map(|id| id.hyphenated().to_string()).unwrap_or_default(),
        page_token: String::new(),
    };
    let mut whole = v1::GetCaseloadResponse::default();
    loop {
        let page = client.work().get_caseload(request.clone()).await;
        let page = page.map_err(|status| client.failure(&status))?.into_inner();
        request.page_token = page.next_page_token.clone();
        work::join(&mut whole, page);
        if request.page_token.is_empty() {
            break;
        }
    }
    if let Some(name) = wanted.filter(|_| by_id.is_none()) {
        whole.workers.retain(|it| it.name == name);
        if whole.workers.is_empty() {
            let words = "no worker of that name has a case on that day".to_owned();
            return Err(Failure::NotFound(words));
        }
    }
    if output.json {
        return output.message(&whole);
    }
    output.data(&work::caseload(&whole, wanted.is_some(), output.screen))
}

/// Lists the interventions of all families, or of one.
pub(crate) async fn interventions(
    flags: Interventions,
    output: &mut Output,
) -> Result<(), Failure> {
    let client = Client::connect(&flags.connection, Purpose::Casework).await?;
    let family_id = match &flags.family {
        Some(family) => which_family::find(&client, family).await?,
        None => String::new(),
    };
    let mut request = v1::ListInterventionsRequest {
        purpose: client.purpose(),
        min_position: flags.clocks.min_position,
        clocks: to_wire(&flags.clocks),
        family_id,
        states: flags.state.iter().map(|it| i32::from(*it)).collect(),
        types: flags.types.iter().map(|it| i32::from(*it)).collect(),
        overdue_only: flags.overdue,
        ..Default::default()
    };
    let mut left = flags.limit.unwrap_or(usize::MAX);
    let (mut listed, mut as_of_position) = (Vec::new(), 0);
    while left > 0 {
        request.page_size = page_size(left);
        let page = client.work().list_interventions(request.clone()).await;
        let page = page.map_err(|status| client.failure(&status))?.into_inner();
        left = left.saturating_sub(page.interventions.len());
        as_of_position = page.as_of_position;
        for card in page.interventions {
            if output.json {
                output.message(&card)?;
            } else {
                listed.push(card);
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
    let as_of = say!(output.words(), "as-of", position = as_of_position);
    output.data(&format!("{}\n{as_of}", work::interventions(&listed, output.screen)))
}

/// Lists what waits for a second person.
pub(crate) async fn approvals(flags: Approvals, output: &mut Output) -> Result<(), Failure> {
    let client = Client::connect(&flags.connection, Purpose::Casework).await?;
    let mut request = v1::ListApprovalsRequest {
        purpose: client.purpose(),
        min_position: flags.clocks.min_position,
        clocks: to_wire(&flags.clocks),
        mine_to_answer: flags.mine,
        ..Default::default()
    };
    let mut left = flags.limit.unwrap_or(usize::MAX);
    let (mut listed, mut as_of_position) = (Vec::new(), 0);
    while left > 0 {
        request.page_size = page_size(left);
        let page = client.work().list_approvals(request.clone()).await;
        let page = page.map_err(|status| client.failure(&status))?.into_inner();
        left = left.saturating_sub(page.approvals.len());
        as_of_position = page.as_of_position;
        for approval in page.approvals {
            if output.json {
                output.message(&approval)?;
            } else {
                listed.push(approval);
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
    let words = output.words();
    let as_of = say!(words, "as-of", position = as_of_position);
    let list = if listed.is_empty() {
        say!(words, "attention-nothing")
    } else {
        work::approvals(&listed, output.screen)
    };
    output.data(&format!("{list}\n{as_of}"))
}

fn page_size(left: usize) -> i32 {
    left.min(PAGE_SIZE).try_into().unwrap_or(0)
}
