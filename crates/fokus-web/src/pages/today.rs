//! Today: what there is to do, for everybody or for one worker; each line leads to where one acts.

use std::collections::{BTreeMap, BTreeSet};

use askama::Template;
use axum::response::Response;
use fokus_app::failure::Failure;
use fokus_app::query::{
    ApprovalListQuery, CaseloadQuery, ChangedFamiliesQuery, FamilyListQuery, InterventionListQuery,
    NamedLoad,
};
use fokus_app::read::moment::MomentQuery;
use fokus_core::codes::CaseState;
use fokus_core::effective::Clocks;
use fokus_core::ids::{FamilyId, WorkerId};
use fokus_core::time::{day_start_ms, local_date};
use fokus_core::views::status::FamilyStatus;
use fokus_words::labels::plain;
use fokus_words::{Words, capital, say};

use super::family::{address, approval, overdue_session};
use super::people::names_of;
use super::{Frame, Visit};
use crate::clocks::Chosen;
use crate::limits::READS_MAX;

#[derive(Template)]
#[template(path = "today.html")]
struct TodayPage {
    frame: Frame,
    workers: Vec<WorkerChoice>,
    sections: Vec<Section>,
    count: usize,
}

struct WorkerChoice {
    id: String,
    name: String,
    chosen: bool,
}

/// One kind of thing that there is to do.
struct Section {
    id: &'static str,
    head: String,
    lines: Vec<Line>,
    /// What is said when there is nothing.
    empty: String,
}

struct Line {
    href: String,
    family: String,
    text: String,
}

/// `GET /today?worker=…`
pub(crate) async fn page(visit: Visit) -> Response {
    let made = make(&visit).await;
    visit.answer(made)
}

/// What was read, of everybody.
struct Work {
    families: Vec<FamilyStatus>,
    loads: BTreeMap<WorkerId, NamedLoad>,
    as_of: u64,
}

async fn make(visit: &Visit) -> Result<TodayPage, Failure> {
    let w = visit.w;
    let work = read(visit).await?;
    let worker = visit.asked("worker").parse().ok().map(WorkerId);
    let of_worker = worker.map(|it| cases_of(&work, it));
    let wants = |id: FamilyId| of_worker.as_ref().is_none_or(|it| it.contains(&id));
    let families: Vec<&FamilyStatus> =
        work.families.iter().filter(|it| wants(it.row.family_id)).collect();
    let sections = vec![
        approvals(visit, &wants).await?,
        contacts(&work, worker, w),
        sessions(visit, &wants).await?,
        stale(&families, w),
        handovers(&families, w),
        flags(&families, w),
        changed(visit, &wants).await?,
        Section {
            id: "deadlines",
            head: say!(w, "page-deadlines"),
            lines: Vec::new(),
            empty: say!(w, "page-deadlines-later"),
        },
    ];
    let workers = work.loads.iter().map(|(id, it)| WorkerChoice {
        id: id.to_string(),
        name: it.name.as_deref().map_or_else(|| say!(w, "erased"), plain),
        chosen: worker == Some(*id),
    });
    let to_do = sections.iter().filter(|it| it.id != "changed");
    Ok(TodayPage {
        frame: visit.live_frame(say!(w, "page-today"), work.as_of, true),
        workers: workers.collect(),
        count: to_do.map(|it| it.lines.len()).sum(),
        sections,
    })
}

async fn read(visit: &Visit) -> Result<Work, Failure> {
    let mut query = FamilyListQuery {
        page_size: 200,
        page_token: String::new(),
        min_position: visit.min_position,
        clocks: Clocks::NOW,
        case_state: None,
        phase: None,
    };
    let (mut families, mut as_of) = (Vec::new(), None);
    for _ in 0..READS_MAX {
        let answer = visit.read(query.clone()).await?;
        families.extend(answer.families);
        as_of.get_or_insert(answer.as_of);
        query.page_token = answer.next_page_token;
        if query.page_token.is_empty() {
            break;
        }
    }
    let loads = loads(visit, Clocks::NOW).await?.0;
    Ok(Work { families, loads, as_of: as_of.unwrap_or_default() })
}

/// Who has how much, whole, and where the answer stands.
pub(super) async fn loads(
    visit: &Visit,
    clocks: Clocks,
) -> Result<(BTreeMap<WorkerId, NamedLoad>, u64), Failure> {
    let mut query = CaseloadQuery {
        page_token: String::new(),
        min_position: visit.min_position,
        clocks,
        worker_id: None,
    };
    let (mut loads, mut as_of) = (BTreeMap::<WorkerId, NamedLoad>::new(), None);
    for _ in 0..READS_MAX {
        let answer = visit.read(query.clone()).await?;
        as_of.get_or_insert(answer.as_of);
        for (worker, it) in answer.workers {
            let known = loads.entry(worker).or_default();
            known.load.join(it.load);
            known.name = it.name;
        }
        query.page_token = answer.next_page_token;
        if query.page_token.is_empty() {
            break;
        }
    }
    Ok((loads, as_of.unwrap_or_default()))
}

/// The families on whose cases somebody works.
fn cases_of(work: &Work, worker: WorkerId) -> BTreeSet<FamilyId> {
    let load = work.loads.get(&worker).map(|it| &it.load);
    load.into_iter().flat_map(|it| &it.cases).map(|it| it.family_id).collect()
}

fn line(family: FamilyId, reference: &str, anchor: &str, text: String) -> Line {
    Line {
        href: format!("{}{anchor}", address(family, &Chosen::default())),
        family: plain(reference),
        text,
    }
}

async fn approvals(visit: &Visit, wants: &impl Fn(FamilyId) -> bool) -> Result<Section, Failure> {
    let w = visit.w;
    let query = ApprovalListQuery {
        page_size: 500,
        page_token: String::new(),
        min_position: visit.min_position,
        clocks: Clocks::NOW,
        asking: visit.visitor.access.clone(),
        mine_to_answer: false,
    };
    let answer = visit.read(query).await?;
    let wanted = answer.approvals.iter().filter(|it| wants(it.family_id));
    let lines = wanted.map(|it| {
        let mut text = approval(it, w);
        if it.may_answer {
            text = format!("{text} — {}", say!(w, "page-you-may-answer"));
        }
        line(it.family_id, &it.reference, &format!("?all=1#entry-{}", it.row.revision), text)
    });
    Ok(Section {
        id: "approvals",
        head: say!(w, "head-waits"),
        lines: lines.collect(),
        empty: say!(w, "page-no-approvals"),
    })
}

/// Cases without a contact for more than 21 days, each once.
fn contacts(work: &Work, worker: Option<WorkerId>, w: Words) -> Section {
    let mut seen = BTreeSet::new();
    let loads = work.loads.iter().filter(|(id, _)| worker.is_none_or(|it| it == **id));
    let cases = loads.flat_map(|(_, it)| &it.load.cases).filter(|it| it.without_contact);
    let mut lines: Vec<Line> = cases
        .filter(|it| seen.insert(it.family_id))
        .map(|it| {
            let text = match it.last_contact_on {
                Some(on) => say!(w, "page-quiet-since", on = w.civil(on)),
                None => say!(w, "page-quiet-always"),
            };
            line(it.family_id, &it.reference, "#contacts", text)
        })
        .collect();
    lines.sort_by(|one, other| one.family.cmp(&other.family));
    let (head, empty) = (say!(w, "page-quiet"), say!(w, "page-no-quiet"));
    Section { id: "contacts", head, lines, empty }
}

async fn sessions(visit: &Visit, wants: &impl Fn(FamilyId) -> bool) -> Result<Section, Failure> {
    let w = visit.w;
    let query = InterventionListQuery {
        page_size: 500,
        page_token: String::new(),
        min_position: visit.min_position,
        clocks: Clocks::NOW,
        family_id: None,
        states: Vec::new(),
        types: Vec::new(),
        overdue_only: true,
    };
    let answer = visit.read(query).await?;
    let wanted = answer.interventions.iter().filter(|it| wants(it.family_id));
    let lines = wanted
        .map(|it| line(it.family_id, &it.reference, "#interventions", overdue_session(it, w)));
    Ok(Section {
        id: "sessions",
        head: say!(w, "page-sessions"),
        lines: lines.collect(),
        empty: say!(w, "page-no-sessions"),
    })
}

/// Whether somebody works on the family's case.
fn is_open(family: &FamilyStatus) -> bool {
    !matches!(family.row.case_state(), CaseState::None | CaseState::Closed)
}

fn stale(families: &[&FamilyStatus], w: Words) -> Section {
    let mut lines = Vec::new();
    for family in families.iter().filter(|it| is_open(it)) {
        let names = names_of(family, w);
        let risks = family.row.risks.iter().zip(&family.stale).filter(|(_, stale)| **stale);
        lines.extend(risks.map(|(it, _)| {
            let id = it.person_id.to_string();
            let text = say!(
                w,
                "attention-stale",
                person = names.name(&id),
                area = w.of("RiskArea", &it.risk_area),
                level = w.of("RiskLevel", &it.level),
                until = w.civil(it.valid_until)
            );
            line(family.row.family_id, &family.row.reference, &format!("#risk-{id}"), text)
        }));
    }
    let (head, empty) = (say!(w, "page-stale-risks"), say!(w, "page-no-stale-risks"));
    Section { id: "stale", head, lines, empty }
}

fn handovers(families: &[&FamilyStatus], w: Words) -> Section {
    let unread = families.iter().filter_map(|family| {
        let it = family.row.case.as_ref()?.handover_unread?;
        let (since, revision) = (w.civil(it.since), it.must_have_read);
        let text = say!(w, "page-unread", since = since, revision = revision);
        Some(line(family.row.family_id, &family.row.reference, "#timeline", text))
    });
    Section {
        id: "handovers",
        head: say!(w, "head-unread"),
        lines: unread.collect(),
        empty: say!(w, "page-no-unread"),
    }
}

fn flags(families: &[&FamilyStatus], w: Words) -> Section {
    let flags = families.iter().flat_map(|family| {
        family.row.flags.iter().map(move |it| {
            let (kind, since) = (w.of("FlagKind", &it.kind), w.civil(it.raised_on));
            let revision = it.revision;
            let text = match it.due.map(|it| w.civil(it)) {
                Some(due) => say!(
                    w,
                    "attention-flag-due",
                    kind = kind,
                    since = since,
                    due = due,
                    revision = revision
                ),
                None => say!(w, "attention-flag", kind = kind, since = since, revision = revision),
            };
            let anchor = format!("?all=1#entry-{revision}");
            line(family.row.family_id, &family.row.reference, &anchor, text)
        })
    });
    let lines = flags.collect();
    Section { id: "flags", head: say!(w, "page-flags"), lines, empty: say!(w, "page-no-flags") }
}

/// Families of which something was recorded since the day before began.
async fn changed(visit: &Visit, wants: &impl Fn(FamilyId) -> bool) -> Result<Section, Failure> {
    let w = visit.w;
    let now = i64::try_from(visit.shared.journal.clock().now_ms()).unwrap_or(i64::MAX);
    let yesterday = local_date(now).yesterday().map_or(0, day_start_ms);
    let at_ms = u64::try_from(yesterday).unwrap_or_default().saturating_sub(1);
    let after = visit.read(MomentQuery { at_ms }).await?;
    let answer = visit.read(ChangedFamiliesQuery { after, limit: 200 }).await?;
    let lines = answer.families.iter().rev().filter(|it| wants(it.row.family_id)).map(|it| {
        let text = say!(w, "page-changed", revision = it.revision, position = it.last_position);
        line(it.row.family_id, &it.row.reference, "#timeline", capital(&text))
    });
    Ok(Section {
        id: "changed",
        head: say!(w, "page-changed-head"),
        lines: lines.collect(),
        empty: say!(w, "page-no-changed"),
    })
}
