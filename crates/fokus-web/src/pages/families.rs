//! Families: all of them, filtered and sorted as the address says, so that a list can be shared.

use std::cmp::Reverse;

use askama::Template;
use axum::response::Response;
use fokus_app::failure::Failure;
use fokus_app::query::FamilyListQuery;
use fokus_core::codes::{CasePhase, CaseState};
use fokus_core::rejection::{Reason, Rejection};
use fokus_core::views::status::FamilyStatus;
use fokus_words::labels::plain;
use fokus_words::{Words, capital, say};
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::people::{highest_risk, level_class, phase};
use super::{Frame, Visit, with_field};
use crate::clocks::Chosen;
use crate::limits::READS_MAX;

#[derive(Template)]
#[template(path = "families.html")]
struct FamiliesPage {
    frame: Frame,
    chosen: Chosen,
    text: String,
    sort: String,
    states: Vec<Choice>,
    phases: Vec<Choice>,
    heads: Vec<Head>,
    rows: Vec<Row>,
    /// How many families there are in all that the filter let through.
    count: usize,
    /// There are more than a page reads.
    cut: bool,
    filtered: bool,
}

/// A value to filter by.
pub(super) struct Choice {
    pub(super) code: &'static str,
    pub(super) label: String,
    pub(super) chosen: bool,
}

/// A column's head.
struct Head {
    label: String,
    /// Where the list is sorted by it; empty = it cannot be.
    href: String,
    /// As `aria-sort` says; empty = it is not.
    sorted: &'static str,
    number: bool,
}

struct Row {
    href: String,
    reference: String,
    phase: String,
    days: String,
    members: String,
    plan: String,
    active: u32,
    risk: String,
    risk_class: &'static str,
    stale: String,
    last_contact: String,
    waits: usize,
}

const STATES: [&str; 6] =
    ["NONE", "OPEN", "PAUSED", "CLOSURE_PROPOSED", "CLOSURE_APPROVED", "CLOSED"];
const PHASES: [&str; 7] = [
    "ENGAGEMENT",
    "FAMILY_ASSESSMENT",
    "FAMILY_PLAN",
    "FAMILY_INTERVENTION",
    "YOUTH_TRACK",
    "TRANSITION",
    "EVALUATION",
];

/// `GET /families?state=…&phase=…&text=…&sort=…&known=…&was=…`
pub(crate) async fn page(visit: Visit) -> Response {
    let made = make(&visit).await;
    visit.answer(made)
}

async fn make(visit: &Visit) -> Result<FamiliesPage, Failure> {
    let w = visit.w;
    let chosen = visit.chosen();
    let query = FamilyListQuery {
        page_size: 100,
        page_token: String::new(),
        min_position: visit.min_position,
        clocks: chosen.clocks()?,
        case_state: code::<CaseState>(visit, "state")?,
        phase: code::<CasePhase>(visit, "phase")?,
    };
    let (mut families, as_of, cut) = read(visit, query).await?;
    let text = visit.asked("text").trim().to_owned();
    families.retain(|it| matches(it, &text));
    let sort = visit.asked("sort").to_owned();
    sort_by(&mut families, &sort);
    let rows: Vec<Row> = families.iter().map(|it| row(it, &chosen, w)).collect();
    let filter = |name: &str, of: &str, codes: &[&'static str]| -> Vec<Choice> {
        let choice = |code: &&'static str| Choice {
            code,
            label: capital(&w.code(of, code)),
            chosen: visit.asked(name) == *code,
        };
        codes.iter().map(choice).collect()
    };
    let filtered =
        !visit.asked("state").is_empty() || !visit.asked("phase").is_empty() || !text.is_empty();
    Ok(FamiliesPage {
        frame: visit.live_frame(say!(w, "page-families"), as_of, chosen.is_now()),
        states: filter("state", CASE_STATE, &STATES),
        phases: filter("phase", CASE_PHASE, &PHASES),
        heads: heads(visit, &sort),
        count: rows.len(),
        chosen,
        text,
        sort,
        rows,
        cut,
        filtered,
    })
}

const CASE_STATE: &str = "CaseState";
const CASE_PHASE: &str = "CasePhase";

/// Page after page, up to a limit: the families, where the first answer stood, and whether there are more.
async fn read(
    visit: &Visit,
    mut query: FamilyListQuery,
) -> Result<(Vec<FamilyStatus>, u64, bool), Failure> {
    let (mut families, mut as_of) = (Vec::new(), None);
    for _ in 0..READS_MAX {
        let answer = visit.read(query.clone()).await?;
        families.extend(answer.families);
        let as_of = *as_of.get_or_insert(answer.as_of);
        if answer.next_page_token.is_empty() {
            return Ok((families, as_of, false));
        }
        query.page_token = answer.next_page_token;
    }
    Ok((families, as_of.unwrap_or_default(), true))
}

/// A code of the address; `None` when it is not there.
fn code<T: DeserializeOwned>(visit: &Visit, field: &'static str) -> Result<Option<T>, Rejection> {
    let text = visit.asked(field);
    if text.is_empty() {
        return Ok(None);
    }
    let unknown = |_| Rejection::new(Reason::FieldInvalid, "one of the codes offered").at(field);
    serde_json::from_value(Value::String(text.to_owned())).map(Some).map_err(unknown)
}

/// Whether the text stands in the reference or in a member's name.
fn matches(family: &FamilyStatus, text: &str) -> bool {
    let text = text.to_lowercase();
    let name = |it: &fokus_core::command::PersonName| format!("{} {}", it.given, it.family);
    let mut names = family.members.iter().filter_map(|it| it.name.as_ref()).map(name);
    family.row.reference.to_lowercase().contains(&text)
        || names.any(|it| it.to_lowercase().contains(&text))
}

fn sort_by(families: &mut [FamilyStatus], sort: &str) {
    families.sort_by(|one, other| one.row.reference.cmp(&other.row.reference));
    match sort {
        "case" => families.sort_by_key(|it| it.row.case.as_ref().map(|it| (it.state, it.phase))),
        "days" => families.sort_by_key(|it| Reverse(it.days_open)),
        "risk" => families.sort_by_key(|it| Reverse(highest_risk(it))),
        "contact" => families.sort_by_key(|it| it.row.last_contact_ms),
        "waits" => families.sort_by_key(|it| Reverse(waits(it))),
        _ => {}
    }
}

/// How much waits for somebody.
fn waits(family: &FamilyStatus) -> usize {
    let handover = family.row.case.as_ref().is_some_and(|it| it.handover_unread.is_some());
    family.row.approvals.len() + family.row.flags.len() + usize::from(handover)
}

fn heads(visit: &Visit, sort: &str) -> Vec<Head> {
    let w = visit.w;
    let number = |by: &str| matches!(by, "days" | "waits");
    let head = |label: String, by: &str, order: &'static str| Head {
        label,
        number: number(by),
        href: if by == "-" { String::new() } else { with_field(visit, "sort", by) },
        sorted: if sort == by { order } else { "" },
    };
    vec![
        head(say!(w, "head-family"), "", "ascending"),
        head(say!(w, "head-case"), "case", "ascending"),
        head(say!(w, "head-days"), "days", "descending"),
        head(say!(w, "head-members"), "-", ""),
        head(say!(w, "head-plan"), "-", ""),
        Head { number: true, ..head(say!(w, "head-active"), "-", "") },
        head(say!(w, "head-risk"), "risk", "descending"),
        head(say!(w, "head-last-contact"), "contact", "ascending"),
        head(say!(w, "page-waits"), "waits", "descending"),
    ]
}

fn row(family: &FamilyStatus, chosen: &Chosen, w: Words) -> Row {
    let (level, stale) = highest_risk(family);
    let under_18 = say!(w, "members-under-18", count = family.children_under_18);
    Row {
        href: super::family::address(family.row.family_id, chosen),
        reference: plain(&family.row.reference),
        phase: phase(family, w),
        days: family.days_open.map(|it| it.to_string()).unwrap_or_default(),
        members: format!("{} ({under_18})", family.members.len()),
        plan: capital(&w.of("PlanState", &family.row.family_plan_state)),
        active: family.active_interventions,
        risk: level.map(|it| capital(&w.of("RiskLevel", &it))).unwrap_or_default(),
        risk_class: level.map_or("none", level_class),
        stale: if stale == 0 { String::new() } else { say!(w, "page-stale", count = stale) },
        last_contact: family.row.last_contact_ms.map(|it| w.day_of(it)).unwrap_or_default(),
        waits: waits(family),
    }
}
