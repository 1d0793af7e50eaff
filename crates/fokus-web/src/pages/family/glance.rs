//! How a family stands, at a glance: what somebody should do first, then people, plan, interventions,
//! contacts.

use fokus_core::codes::CaseState;
use fokus_core::views::interventions::ShownCard;
use fokus_core::views::status::{
    ApprovalRow, FlagRow, InterventionRow, InterventionState, LanguageNeed, RiskRow,
    WaitingApproval,
};
use fokus_words::labels::plain;
use fokus_words::names::Names;
use fokus_words::{Words, capital, say};

use super::Read;
use crate::pages::people::{case, level_class, person};

/// What stands at the top of the page.
pub(crate) struct Glance {
    pub(crate) undone: bool,
    pub(crate) case: String,
    pub(crate) lead: String,
    pub(crate) attention: Vec<Todo>,
    pub(crate) members_head: String,
    pub(crate) members: Vec<Member>,
    /// Warnings, languages, the primary contact, network, education and work.
    pub(crate) about: Vec<String>,
    pub(crate) plan: Vec<String>,
    pub(crate) interventions_head: String,
    pub(crate) interventions: Vec<String>,
    pub(crate) contacts: Vec<String>,
    pub(crate) risks: Vec<RiskNow>,
}

/// Something that waits, and where on the page it is.
pub(crate) struct Todo {
    pub(crate) text: String,
    pub(crate) href: String,
}

/// A present member.
pub(crate) struct Member {
    pub(crate) name: String,
    pub(crate) role: String,
    pub(crate) age: String,
    pub(crate) lives: String,
}

/// The newest judgement of somebody's risk.
pub(crate) struct RiskNow {
    pub(crate) person: String,
    pub(crate) area: String,
    pub(crate) level: String,
    pub(crate) class: &'static str,
    pub(crate) stale: bool,
}

impl Glance {
    /// The glance of what was read.
    pub(super) fn of(read: &Read) -> Glance {
        let (status, w) = (&read.status, read.w);
        let lead = status.row.case.as_ref().map(|it| it.lead_worker_id.to_string());
        Glance {
            undone: status.row.undone,
            case: case(status, w),
            lead: lead
                .map(|it| say!(w, "status-lead", worker = read.names.name(&it)))
                .unwrap_or_default(),
            attention: attention(read),
            members_head: members_head(read),
            members: members(read),
            about: about(read),
            plan: plan(read),
            interventions_head: say!(
                w,
                "interventions-head",
                active = i64::from(status.active_interventions)
            ),
            interventions: interventions(read),
            contacts: contacts(read),
            risks: risks(read),
        }
    }
}

fn attention(read: &Read) -> Vec<Todo> {
    let (row, w, names) = (&read.status.row, read.w, &read.names);
    let entry = |revision: u64| format!("{}#entry-{revision}", read.all);
    let mut todo: Vec<Todo> = row
        .approvals
        .iter()
        .map(|it| Todo { text: approval(it, names, w), href: entry(it.revision) })
        .collect();
    if let Some(it) = row.case.as_ref().and_then(|it| it.handover_unread) {
        let worker = names.name(&it.to_worker_id.to_string());
        let (since, revision) = (w.civil(it.since), it.must_have_read);
        let text =
            say!(w, "attention-handover", worker = worker, since = since, revision = revision);
        todo.push(Todo { text, href: "#timeline".to_owned() });
    }
    if row.case_state() != CaseState::Closed {
        if let Some(due) = row.family_plan_due_on {
            let text = say!(w, "attention-plan-due", due = w.civil(due));
            todo.push(Todo { text, href: "#plan".to_owned() });
        }
        let stale = row.risks.iter().zip(&read.status.stale).filter(|(_, stale)| **stale);
        todo.extend(stale.map(|(it, _)| Todo {
            text: stale_risk(it, names, w),
            href: format!("#risk-{}", it.person_id),
        }));
    }
    todo.extend(row.flags.iter().map(|it| Todo { text: flag(it, w), href: entry(it.revision) }));
    todo.extend(
        read.overdue
            .iter()
            .map(|it| Todo { text: session(it, w), href: "#interventions".to_owned() }),
    );
    todo
}

/// What waits for a second person.
fn approval(it: &ApprovalRow, names: &Names, w: Words) -> String {
    let what = w.of("ApprovalKind", &it.kind);
    let what = match it.person_id {
        Some(id) => say!(w, "attention-for", what = what, person = names.name(&id.to_string())),
        None => what,
    };
    say!(
        w,
        "attention-approval",
        what = what,
        by = plain(&it.proposed_by),
        since = w.day_of(it.since_ms),
        revision = it.revision
    )
}

/// The same, of one of many families.
pub(crate) fn waiting(it: &WaitingApproval, w: Words) -> String {
    let mut names = Names::new();
    if let (Some(id), Some(card)) = (it.row.person_id, &it.person) {
        let name = person(card.name.as_ref(), card.erased, id, w);
        names.insert(&id.to_string(), name);
    }
    approval(&it.row, &names, w)
}

fn stale_risk(it: &RiskRow, names: &Names, w: Words) -> String {
    say!(
        w,
        "attention-stale",
        person = names.name(&it.person_id.to_string()),
        area = w.of("RiskArea", &it.risk_area),
        level = w.of("RiskLevel", &it.level),
        until = w.civil(it.valid_until)
    )
}

fn flag(it: &FlagRow, w: Words) -> String {
    let (kind, since) = (w.of("FlagKind", &it.kind), w.civil(it.raised_on));
    let revision = it.revision;
    match it.due.map(|it| w.civil(it)) {
        Some(due) => {
            say!(
                w,
                "attention-flag-due",
                kind = kind,
                since = since,
                due = due,
                revision = revision
            )
        }
        None => say!(w, "attention-flag", kind = kind, since = since, revision = revision),
    }
}

/// An intervention that has been without a session for too long.
pub(crate) fn session(it: &ShownCard, w: Words) -> String {
    let card = &it.card.card;
    let whom = match (card.person_id, &it.person) {
        (Some(id), Some(card)) => person(card.name.as_ref(), card.erased, id, w),
        (Some(id), None) => person(None, false, id, w),
        (None, _) => say!(w, "the-family"),
    };
    let what = capital(&w.of("InterventionType", &card.intervention_type));
    let what = say!(w, "intervention-for", what = what, whom = whom);
    match it.card.days_since_last_session {
        Some(days) => say!(w, "attention-overdue", what = what, days = i64::from(days)),
        None => say!(w, "attention-no-session", what = what),
    }
}

fn members_head(read: &Read) -> String {
    let (status, w) = (&read.status, read.w);
    let mut ages = vec![
        say!(w, "members-under-18", count = status.children_under_18),
        say!(w, "members-10-to-25", count = status.youth_10_to_25),
    ];
    if status.age_unknown > 0 {
        ages.push(say!(w, "members-age-unknown", count = status.age_unknown));
    }
    say!(w, "members-head", ages = ages.join(", "))
}

fn members(read: &Read) -> Vec<Member> {
    let w = read.w;
    let member = |it: &fokus_core::views::status::MemberStatus| Member {
        name: read.names.name(&it.person_id.to_string()),
        role: capital(&w.of("FamilyRole", &it.role)),
        age: it.age_years.map_or_else(|| "?".to_owned(), |it| it.to_string()),
        lives: capital(&w.of("Household", &it.household)),
    };
    read.status.members.iter().map(member).collect()
}

/// Warnings first.
fn about(read: &Read) -> Vec<String> {
    let (status, w, names) = (&read.status, read.w, &read.names);
    let mut lines = Vec::new();
    for member in &status.members {
        for care in &member.special_care {
            let until = care.period.to.map(|it| w.civil(it)).unwrap_or_default();
            lines.push(say!(
                w,
                "special-care",
                person = names.name(&member.person_id.to_string()),
                kind = w.of("SpecialCareKind", &care.kind).to_uppercase(),
                until = until
            ));
        }
    }
    for member in &status.members {
        let person = names.name(&member.person_id.to_string());
        if let Some(on) = member.died_on {
            lines.push(say!(w, "member-died", person = person.clone(), on = w.civil(on)));
        }
        if let Some(need) = &member.language {
            lines.push(say!(w, "member-speaks", person = person, speech = speech(need, w)));
        }
    }
    lines.extend(around(read));
    lines
}

fn speech(need: &LanguageNeed, w: Words) -> String {
    let mut parts = vec![match &need.language {
        Some(it) => w.speech(it),
        None => say!(w, "erased"),
    }];
    if need.interpreter {
        parts.push(say!(w, "needs-interpreter"));
    }
    if need.kinship_interpreter_refused {
        parts.push(say!(w, "no-relative-interpreter"));
    }
    parts.join(", ")
}

fn around(read: &Read) -> Vec<String> {
    let (status, w, names) = (&read.status, read.w, &read.names);
    let mut lines = Vec::new();
    if let Some(it) = &status.row.primary_contact {
        let person = names.name(&it.person_id.to_string());
        let channel = w.of("ContactChannel", &it.channel);
        lines.push(if it.interpreter {
            say!(w, "primary-contact-interpreter", person = person, channel = channel)
        } else {
            say!(w, "primary-contact", person = person, channel = channel)
        });
    }
    let helper = |it: &fokus_core::views::status::NetworkStatus| {
        let person = names.name(&it.person_id.to_string());
        let role = w.of("NetworkRole", &it.role);
        if it.agreed_by_family {
            say!(w, "network-person", person = person, role = role)
        } else {
            say!(w, "network-person-not-agreed", person = person, role = role)
        }
    };
    if !status.network.is_empty() {
        let people: Vec<String> = status.network.iter().map(helper).collect();
        lines.push(say!(w, "network", people = people.join(", ")));
    }
    let since = |person: String, status: String, from: String| {
        say!(w, "report-since", person = person, status = status, from = from)
    };
    let row = &status.row;
    let name = |id: fokus_core::ids::PersonId| names.name(&id.to_string());
    let education = row.education.iter();
    let education = education
        .map(|it| since(name(it.person_id), w.of("EducationStatus", &it.status), w.civil(it.from)));
    let employment = row.employment.iter();
    let employment = employment.map(|it| {
        since(name(it.person_id), w.of("EmploymentStatus", &it.status), w.civil(it.from))
    });
    let reports: Vec<String> = education.chain(employment).collect();
    if !reports.is_empty() {
        lines.push(say!(w, "education-and-work", reports = reports.join("; ")));
    }
    lines
}

fn plan(read: &Read) -> Vec<String> {
    let (row, w) = (&read.status.row, read.w);
    let state = w.of("PlanState", &row.family_plan_state);
    let mut parts = vec![
        say!(w, "plan-family", state = state),
        say!(w, "plan-goals", goals = i64::from(row.goals)),
    ];
    if row.goals_worked_on > 0 {
        let goals = i64::from(row.goals_worked_on);
        parts.push(match row.last_goal_contact_ms {
            Some(at) => say!(w, "plan-worked-on-last", goals = goals, last = w.day_of(at)),
            None => say!(w, "plan-worked-on", goals = goals),
        });
    }
    let mut lines = vec![parts.join(", ")];
    if !row.youth_with_track.is_empty() {
        let youths = row.youth_with_track.iter().map(|it| read.names.name(&it.to_string()));
        lines.push(say!(w, "plan-youth-track", youths = w.list(youths.collect())));
    }
    lines
}

/// What runs first, what is over last.
fn interventions(read: &Read) -> Vec<String> {
    let over = |it: &&InterventionRow| {
        matches!(it.state, InterventionState::Ended | InterventionState::Declined)
    };
    let (past, present): (Vec<_>, Vec<_>) = read.status.row.interventions.iter().partition(over);
    present.into_iter().chain(past).map(|it| intervention(it, read)).collect()
}

fn intervention(it: &InterventionRow, read: &Read) -> String {
    let w = read.w;
    let whom = match it.person_id {
        Some(id) => read.names.name(&id.to_string()),
        None => say!(w, "the-family"),
    };
    let what = capital(&w.of("InterventionType", &it.intervention_type));
    let what = say!(w, "intervention-for", what = what, whom = whom);
    let day = |it: Option<jiff::civil::Date>| it.map(|it| w.civil(it)).unwrap_or_default();
    let (started, ended) = (day(it.started_on), day(it.ended_on));
    let line = match it.state {
        InterventionState::Started => {
            say!(w, "intervention-running", what = what, started = started)
        }
        InterventionState::Paused => say!(w, "intervention-paused", what = what, started = started),
        InterventionState::Ended => {
            say!(w, "intervention-ended", what = what, started = started, ended = ended)
        }
        InterventionState::Ordered => say!(w, "intervention-ordered", what = what),
        InterventionState::Declined => say!(w, "intervention-declined", what = what),
    };
    if it.sessions == 0 {
        return line;
    }
    let time = w.duration(it.minutes.into());
    format!("{line}; {}", say!(w, "sessions", sessions = i64::from(it.sessions), time = time))
}

fn contacts(read: &Read) -> Vec<String> {
    let (status, w) = (&read.status, read.w);
    let row = &status.row;
    let at = |at: Option<i64>| at.map_or_else(|| say!(w, "never"), |at| w.instant(at));
    let mut lines = vec![
        say!(w, "contact-last", at = at(row.last_contact_ms)),
        say!(w, "contact-child", at = at(row.last_contact_with_child_ms)),
        say!(w, "contact-home", at = at(row.last_contact_at_home_ms)),
        say!(
            w,
            "contacts-all",
            contacts = i64::from(row.contacts),
            time = w.duration(row.contact_minutes.into()),
            notes = i64::from(row.notes)
        ),
    ];
    let duty = row.note_duty;
    let mut parts = Vec::new();
    if duty.in_time + duty.late > 0 {
        parts.push(say!(w, "written", in_time = duty.in_time, late = duty.late));
    }
    if duty.unwritten > 0 {
        parts.push(say!(w, "unwritten", contacts = i64::from(duty.unwritten)));
    }
    if !parts.is_empty() {
        lines.push(say!(w, "written-down", parts = parts.join("; ")));
    }
    if row.incidents > 0 {
        let last = row.last_incident_on.map(|it| w.civil(it)).unwrap_or_default();
        lines.push(say!(w, "incidents", count = i64::from(row.incidents), last = last));
    }
    if status.corrected_recently > 0 {
        lines.push(say!(w, "corrected", count = i64::from(status.corrected_recently)));
    }
    lines
}

fn risks(read: &Read) -> Vec<RiskNow> {
    let w = read.w;
    let risks = read.status.row.risks.iter().zip(&read.status.stale);
    let mut risks: Vec<_> = risks.collect();
    risks.sort_by_key(|(it, stale)| (**stale, std::cmp::Reverse(it.level)));
    let now = |(it, stale): (&RiskRow, &bool)| RiskNow {
        person: read.names.name(&it.person_id.to_string()),
        area: capital(&w.of("RiskArea", &it.risk_area)),
        level: capital(&w.of("RiskLevel", &it.level)),
        class: if *stale { "none" } else { level_class(it.level) },
        stale: *stale,
    };
    risks.into_iter().map(now).collect()
}
