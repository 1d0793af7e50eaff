//! Caseload: who has how much on a day, and how that went over the last year. The weights that every figure
//! rests on stand beside them: they are proposed, not found.

use std::collections::{BTreeMap, BTreeSet};

use askama::Template;
use axum::response::Response;
use fokus_app::failure::Failure;
use fokus_core::effective::Clocks;
use fokus_core::ids::WorkerId;
use fokus_core::time::{day_end_ms, local_date};
use fokus_core::views::caseload::{CaseLoad, Weights};
use fokus_words::labels::plain;
use fokus_words::{Words, capital, say};
use jiff::ToSpan;
use jiff::civil::Date;

use super::family::address;
use super::today::loads;
use super::{Frame, Visit};
use crate::charts::Figure;
use crate::charts::columns::{Columns, Row as ChartRow};
use crate::clocks::{Chosen, day};

/// How many months the chart goes back.
const MONTHS: i32 = 12;

#[derive(Template)]
#[template(path = "caseload.html")]
struct CaseloadPage {
    frame: Frame,
    day: Date,
    workers: Vec<Worker>,
    figure: Figure,
    /// The days of the chart's table.
    days: Vec<String>,
    months: Vec<MonthRow>,
    weights: Vec<String>,
    weights_head: String,
    past: bool,
}

struct Worker {
    id: String,
    name: String,
    weighted: String,
    leads: u32,
    helps: u32,
    children: u32,
    contacts: u32,
    time: String,
    direct: String,
    quiet: u32,
    unread: u32,
    cases: Vec<Case>,
}

struct Case {
    href: String,
    reference: String,
    role: String,
    phase: String,
    risk: String,
    weight: String,
    last_contact: String,
    marks: String,
}

struct MonthRow {
    name: String,
    values: Vec<String>,
}

/// `GET /caseload?day=…`
pub(crate) async fn page(visit: Visit) -> Response {
    let made = make(&visit).await;
    visit.answer(made)
}

async fn make(visit: &Visit) -> Result<CaseloadPage, Failure> {
    let w = visit.w;
    let now = i64::try_from(visit.shared.journal.clock().now_ms()).unwrap_or(i64::MAX);
    let today = local_date(now);
    let asked = visit.asked("day").trim();
    let shown = if asked.is_empty() { today } else { day(asked, "day")? };
    let at =
        |day: Date| Clocks { was_at_ms: (day < today).then(|| day_end_ms(day)), ..Clocks::NOW };
    let (present, as_of) = loads(visit, at(shown)).await?;
    let chosen = Chosen {
        was: if shown < today { shown.to_string() } else { String::new() },
        ..Chosen::default()
    };
    let workers = present.iter().map(|(id, it)| {
        let load = &it.load;
        Worker {
            id: id.to_string(),
            name: it.name.as_deref().map_or_else(|| say!(w, "erased"), plain),
            weighted: w.hundredths(i64::try_from(load.weighted).unwrap_or(i64::MAX)),
            leads: load.lead_cases,
            helps: load.co_cases,
            children: load.children,
            contacts: load.contacts_14_days,
            time: w.duration(load.minutes_14_days.into()),
            direct: load
                .direct_time_percent()
                .map(|it| w.per_cent(i64::from(it) * 10))
                .unwrap_or_default(),
            quiet: load.without_contact_21_days,
            unread: load.handovers_unread,
            cases: load.cases.iter().map(|it| case(it, &chosen, w)).collect(),
        }
    });
    let workers = workers.collect();
    let (days, by_worker) = months(visit, shown, &at).await?;
    let chart = chart(&days, &by_worker, w);
    Ok(CaseloadPage {
        frame: visit.live_frame(say!(w, "page-caseload"), as_of, shown >= today),
        day: shown,
        workers,
        figure: Figure::of(|width| chart.draw(width)),
        days: days.iter().map(|it| it.strftime("%Y-%m").to_string()).collect(),
        months: by_worker
            .iter()
            .map(|(name, values)| MonthRow {
                name: name.clone(),
                values: values.iter().map(|it| weight(*it, w)).collect(),
            })
            .collect(),
        weights: weights(w),
        weights_head: say!(w, "weights-head"),
        past: shown < today,
    })
}

/// A sum of weights; nothing where there was no case.
fn weight(it: u64, w: Words) -> String {
    if it == 0 { String::new() } else { w.hundredths(i64::try_from(it).unwrap_or(i64::MAX)) }
}

fn case(it: &CaseLoad, chosen: &Chosen, w: Words) -> Case {
    let mut marks = Vec::new();
    if it.without_contact {
        marks.push(say!(w, "case-quiet"));
    }
    if it.handover_unread {
        marks.push(say!(w, "case-unread"));
    }
    let phase = w.of("CasePhase", &it.phase);
    Case {
        href: address(it.family_id, chosen),
        reference: plain(&it.reference),
        role: capital(&w.of("WorkerRole", &it.role)),
        phase: capital(&if it.paused { say!(w, "phase-paused", phase = phase) } else { phase }),
        risk: it.risk.map(|it| capital(&w.of("RiskLevel", &it))).unwrap_or_default(),
        weight: w.hundredths(it.weight.into()),
        last_contact: it.last_contact_on.map(|it| w.civil(it)).unwrap_or_default(),
        marks: marks.join(", "),
    }
}

type ByWorker = Vec<(String, Vec<u64>)>;

/// The weighted load of everybody on the day and on the same day of the months before.
async fn months(
    visit: &Visit,
    shown: Date,
    at: &impl Fn(Date) -> Clocks,
) -> Result<(Vec<Date>, ByWorker), Failure> {
    let days: Vec<Date> =
        (0..=MONTHS).rev().filter_map(|it| shown.checked_sub(it.months()).ok()).collect();
    let mut names: BTreeMap<WorkerId, String> = BTreeMap::new();
    let mut found: Vec<BTreeMap<WorkerId, u64>> = Vec::with_capacity(days.len());
    for day in &days {
        let (loads, _) = loads(visit, at(*day)).await?;
        for (id, it) in &loads {
            let name = it.name.as_deref().map_or_else(|| say!(visit.w, "erased"), plain);
            names.insert(*id, name);
        }
        found.push(loads.into_iter().map(|(id, it)| (id, it.load.weighted)).collect());
    }
    let mut workers: Vec<(String, WorkerId)> =
        names.into_iter().map(|(id, name)| (name, id)).collect();
    workers.sort();
    let unique: BTreeSet<_> = workers.into_iter().collect();
    let row = |(name, id): (String, WorkerId)| {
        let values = found.iter().map(|it| it.get(&id).copied().unwrap_or_default());
        (name, values.collect())
    };
    Ok((days, unique.into_iter().map(row).collect()))
}

fn chart(days: &[Date], by_worker: &ByWorker, w: Words) -> Columns {
    let row = |(name, values): &(String, Vec<u64>)| ChartRow {
        label: name.clone(),
        values: values.clone(),
        last: values.last().map(|it| weight(*it, w)).unwrap_or_default(),
    };
    Columns {
        name: say!(w, "page-caseload-chart"),
        heads: days.iter().map(|it| it.strftime("%Y-%m").to_string()).collect(),
        rows: by_worker.iter().map(row).collect(),
        own_scales: false,
    }
}

/// What a case weighs, by phase, risk and role.
fn weights(w: Words) -> Vec<String> {
    let it = Weights::default();
    let all = |pairs: Vec<(String, u32)>| {
        let one = |(name, weight): (String, u32)| format!("{name} {}", w.hundredths(weight.into()));
        pairs.into_iter().map(one).collect::<Vec<_>>().join(", ")
    };
    let phases = it.phases.iter().map(|(code, weight)| (w.of("CasePhase", code), *weight));
    let risks = it.risks.iter().map(|(code, weight)| (w.of("RiskLevel", code), *weight));
    let none = (say!(w, "weight-no-risk"), it.no_risk);
    let roles = it.roles.iter().map(|(code, weight)| (w.of("WorkerRole", code), *weight));
    vec![
        say!(w, "weights-phases", weights = all(phases.collect())),
        say!(w, "weights-risks", weights = all(risks.chain([none]).collect())),
        say!(w, "weights-roles", weights = all(roles.collect())),
        say!(w, "weight-paused", weight = w.hundredths(it.paused.into())),
    ]
}
