//! One family: how it stands at a glance, what happened, how its risks went, who it is and who works with
//! it; all of it as known at one time and as it was at another, as the address says.
//!
//! This module reads; the others in `family/` put what was read into words and charts.

mod around;
mod glance;
mod risks;
mod timeline;

use std::collections::BTreeSet;

use askama::Template;
use axum::extract::Path;
use axum::response::Response;
use fokus_app::failure::Failure;
use fokus_app::query::{
    FamilyNamesQuery, FamilyStatusQuery, InterventionListQuery, TimelineQuery, TrajectoryQuery,
};
use fokus_app::session::Action;
use fokus_core::codes::Purpose;
use fokus_core::effective::Clocks;
use fokus_core::ids::{FamilyId, WorkerId};
use fokus_core::views::interventions::ShownCard;
use fokus_core::views::status::FamilyStatus;
use fokus_core::views::timeline::TimelineEntry;
use fokus_core::views::trajectory::Trajectory;
use fokus_words::labels::plain;
use fokus_words::names::{Names, full_name};
use fokus_words::{Words, say, told};

use self::around::Around;
use self::glance::Glance;
pub(crate) use self::glance::{session as overdue_session, waiting as approval};
use self::risks::RisksOf;
use self::timeline::{Period, Timeline};
use super::people::names_of;
use super::{Frame, Visit, escaped, id, with_field};
use crate::clocks::Chosen;
use crate::limits::ENTRIES_MAX;

#[derive(Template)]
#[template(path = "family.html")]
struct FamilyPage {
    frame: Frame,
    chosen: Chosen,
    here: String,
    glance: Glance,
    timeline: Timeline,
    risks: Vec<RisksOf>,
    around: Around,
    may_read_history: bool,
}

/// Everything that the page tells of.
pub(super) struct Read {
    pub(super) status: FamilyStatus,
    pub(super) entries: Vec<TimelineEntry>,
    /// There are more entries than a page reads.
    pub(super) cut: bool,
    pub(super) trajectory: Trajectory,
    pub(super) overdue: Vec<ShownCard>,
    pub(super) names: Names,
    pub(super) as_of: u64,
    /// The base of the addresses of the family's entries.
    pub(super) base: String,
    /// The page's own address, with every entry in the list.
    pub(super) all: String,
    pub(super) w: Words,
}

/// The address of a family's page, as of the clocks chosen.
pub(crate) fn address(family: FamilyId, chosen: &Chosen) -> String {
    let mut fields = Vec::new();
    for (name, value) in [("known", chosen.known.trim()), ("was", chosen.was.trim())] {
        if !value.is_empty() {
            fields.push(format!("{name}={}", escaped(value)));
        }
    }
    let query = if fields.is_empty() { String::new() } else { format!("?{}", fields.join("&")) };
    format!("/family/{family}{query}")
}

/// `GET /family/{id}?known=…&was=…&from=…&to=…&all=1`
pub(crate) async fn page(visit: Visit, Path(family): Path<String>) -> Response {
    let made = make(&visit, &family).await;
    visit.answer(made)
}

async fn make(visit: &Visit, family: &str) -> Result<FamilyPage, Failure> {
    let family = FamilyId(id(family)?);
    let chosen = visit.chosen();
    let read = read(visit, family, chosen.clocks()?).await?;
    let period = Period::of(visit, &read)?;
    let title = say!(visit.w, "status-family", reference = plain(&read.status.row.reference));
    Ok(FamilyPage {
        frame: visit.live_frame(title, read.as_of, chosen.is_now()),
        here: visit.uri.path().to_owned(),
        glance: Glance::of(&read),
        timeline: Timeline::of(visit, &read, &period),
        risks: risks::of(&read, &period),
        around: Around::of(&read),
        may_read_history: visit.visitor.may(Action::ReadHistory),
        chosen,
    })
}

async fn read(visit: &Visit, family_id: FamilyId, clocks: Clocks) -> Result<Read, Failure> {
    let min_position = visit.min_position;
    let query = FamilyStatusQuery { family_id, min_position, clocks };
    let status = visit.read(query).await?;
    let (entries, cut, as_of) = entries(visit, family_id, clocks).await?;
    let trajectory = visit.read(TrajectoryQuery { family_id, min_position, clocks }).await?;
    let overdue = overdue(visit, family_id, clocks).await?;
    let names = names(visit, &status.status, &entries, clocks).await?;
    Ok(Read {
        as_of: status.as_of.min(as_of).min(trajectory.as_of),
        status: status.status,
        entries,
        cut,
        trajectory: trajectory.trajectory,
        overdue,
        names,
        base: format!("/family/{family_id}"),
        all: with_field(visit, "all", "1"),
        w: visit.w,
    })
}

/// The entries by time of happening, as many as a page reads, and where they stand.
async fn entries(
    visit: &Visit,
    family_id: FamilyId,
    clocks: Clocks,
) -> Result<(Vec<TimelineEntry>, bool, u64), Failure> {
    let mut query = TimelineQuery {
        family_id,
        page_size: 1_000,
        page_token: String::new(),
        min_position: visit.min_position,
        clocks,
        by_recorded: false,
        include_mistaken: visit.asked("mistaken") == "1",
        include_supervision: matches!(
            visit.visitor.access.purpose,
            Purpose::Supervision | Purpose::Audit
        ),
    };
    let (mut entries, mut as_of) = (Vec::new(), None);
    loop {
        let answer = visit.read(query.clone()).await?;
        entries.extend(answer.entries);
        let as_of = *as_of.get_or_insert(answer.as_of);
        if answer.next_page_token.is_empty() {
            return Ok((entries, false, as_of));
        }
        if entries.len() >= ENTRIES_MAX {
            return Ok((entries, true, as_of));
        }
        query.page_token = answer.next_page_token;
    }
}

/// Interventions that have been without a session for too long.
async fn overdue(
    visit: &Visit,
    family_id: FamilyId,
    clocks: Clocks,
) -> Result<Vec<ShownCard>, Failure> {
    if !visit.visitor.may(Action::ReadWork) {
        return Ok(Vec::new());
    }
    let query = InterventionListQuery {
        page_size: 0,
        page_token: String::new(),
        min_position: visit.min_position,
        clocks,
        family_id: Some(family_id),
        states: Vec::new(),
        types: Vec::new(),
        overdue_only: true,
    };
    Ok(visit.read(query).await?.interventions)
}

/// The names of everybody whom the entries name.
async fn names(
    visit: &Visit,
    status: &FamilyStatus,
    entries: &[TimelineEntry],
    clocks: Clocks,
) -> Result<Names, Failure> {
    let named = entries.iter().flat_map(|it| told::workers(&it.row.facts));
    let named = named.filter_map(|it| it.parse().ok()).map(WorkerId);
    let lead = status.row.case.as_ref().map(|it| it.lead_worker_id);
    let workers: BTreeSet<WorkerId> = named.chain(lead).collect();
    let query = FamilyNamesQuery { family_id: status.row.family_id, clocks, workers };
    let answer = visit.read(query).await?;
    let mut names = names_of(status, visit.w);
    for (id, card) in &answer.persons {
        let name = card.name.as_ref().map(|it| full_name(&it.given, &it.family));
        names.insert_person(&id.to_string(), name.unwrap_or_default(), card.erased, visit.w);
    }
    for (id, name) in answer.workers {
        names.insert(&id.to_string(), name);
    }
    Ok(names)
}
