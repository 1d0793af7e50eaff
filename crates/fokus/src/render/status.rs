//! How a family stands, on one screen.

mod circle;

use fokus_proto::v1;

use crate::labels::{count, day, duration, label, plain, time};
use crate::names::Names;
use crate::render::{glance, table, wrap};

/// The status of one family, as of a position of the log.
pub(crate) fn status(
    family: &v1::FamilyStatus,
    as_of_position: i64,
    names: &Names,
    width: Option<u16>,
) -> String {
    let mut parts = vec![format!("Family {}", plain(&family.reference))];
    parts.extend(headlines(family, names).iter().map(|line| wrap(line, width)));
    parts.push(members(family, names, width));
    let known = circle::before_meeting(family, names);
    if !known.is_empty() {
        let lines: Vec<String> = known.iter().map(|line| wrap(line, width)).collect();
        parts.push(format!("{}\n", lines.join("\n")));
    }
    parts.extend(risks(family, names, width));
    parts.extend(interventions(family, names, width));
    parts.push(contacts(family, width));
    parts.extend(glance::lines(family, names).iter().map(|line| wrap(line, width)));
    parts.push(wrap(
        &format!(
            "As of position {as_of_position}. Family {}, revision {}, last event at position {}.",
            plain(&family.family_id),
            family.revision,
            family.last_position
        ),
        width,
    ));
    parts.join("\n")
}

/// Case, lead worker, plan, youth tracks, corrections: a line each, as far as there is something to say.
fn headlines(family: &v1::FamilyStatus, names: &Names) -> Vec<String> {
    let mut lines = vec![case(family)];
    lines.extend(circle::headlines(family, names));
    if !family.lead_worker_id.is_empty() {
        lines.push(format!("Lead worker: {}", names.name(&family.lead_worker_id)));
    }
    lines.extend(attention(family, names));
    lines.push(format!(
        "Family plan: {}, {}{}",
        plan(family.family_plan_state()),
        count(family.goals.into(), "goal", "goals"),
        glance::goals(family)
    ));
    if !family.youth_with_track.is_empty() {
        let youths: Vec<String> = family.youth_with_track.iter().map(|id| names.name(id)).collect();
        lines.push(format!("Youth track: {}", youths.join(", ")));
    }
    if family.corrected_recently > 0 {
        let entries = count(family.corrected_recently.into(), "entry", "entries");
        lines.push(format!("{entries} corrected in the last 30 days"));
    }
    lines
}

/// What somebody should do something about: hand-overs, approvals, the family's plan, flags.
fn attention(family: &v1::FamilyStatus, names: &Names) -> Vec<String> {
    let mut lines = Vec::new();
    if let Some(it) = &family.handover_unread {
        lines.push(format!(
            "Hand-over to {} since {} is not completed: to be read up to rev. {}",
            names.name(&it.to_worker_id),
            plain(&it.since),
            it.must_have_read
        ));
    }
    for it in &family.approvals {
        let what = match it.kind() {
            v1::ApprovalKind::Closure => "the closure".to_owned(),
            v1::ApprovalKind::AcuteOverride => {
                format!("a youth track before the plan for {}", names.name(&it.person_id))
            }
            v1::ApprovalKind::Unspecified => "something".to_owned(),
        };
        let since = it.since.as_ref().map(day).unwrap_or_default();
        let by = plain(&it.proposed_by);
        lines.push(format!(
            "Waits for approval: {what}, proposed by {by} {since} (rev. {})",
            it.revision
        ));
    }
    if !family.family_plan_due_on.is_empty() {
        let due = plain(&family.family_plan_due_on);
        lines.push(format!("The family's plan is due {due}: a youth track was opened before it"));
    }
    for it in &family.flags {
        let due =
            if it.due.is_empty() { String::new() } else { format!(", due {}", plain(&it.due)) };
        let kind = label(it.kind().as_str_name(), "FLAG_KIND");
        lines.push(format!(
            "Flag: {kind}, since {}{due} (rev. {})",
            plain(&it.raised_on),
            it.revision
        ));
    }
    lines
}

fn case(family: &v1::FamilyStatus) -> String {
    let since = || {
        let mut line = format!("since {}", plain(&family.opened_on));
        if let Some(days) = family.days_open {
            line.push_str(&format!(" ({})", count(days.into(), "day", "days")));
        }
        let phase = phase(family);
        if !phase.is_empty() {
            line.push_str(&format!(", phase: {}", phase.to_lowercase()));
        }
        line
    };
    match family.case_state() {
        v1::CaseState::Open => format!("Case open {}", since()),
        v1::CaseState::Paused => {
            let (from, until) = (plain(&family.paused_from), plain(&family.paused_until));
            format!("Case open {}; paused from {from}, expected until {until}", since())
        }
        v1::CaseState::ClosureProposed => format!("Case open {}; closure proposed", since()),
        v1::CaseState::ClosureApproved => format!("Case open {}; closure approved", since()),
        v1::CaseState::Closed => closed(family),
        v1::CaseState::None | v1::CaseState::Unspecified => {
            format!("No open case, {}", referral(family))
        }
    }
}

/// A closed case, what came after it, and a referral that is newer.
fn closed(family: &v1::FamilyStatus) -> String {
    let outcome = label(family.outcome().as_str_name(), "CASE_OUTCOME").to_lowercase();
    let mut line = format!("Case closed {}: {outcome}", plain(&family.closed_on));
    if let Some(days) = family.days_open {
        line.push_str(&format!(", open for {}", count(days.into(), "day", "days")));
    }
    let after = plain(&family.last_contact_after_closure_on);
    if !after.is_empty() {
        line.push_str(&format!(", last contact afterwards {after}"));
    }
    match family.referral_state() {
        v1::ReferralState::Case | v1::ReferralState::Unspecified => line,
        v1::ReferralState::Submitted
        | v1::ReferralState::Triaged
        | v1::ReferralState::InfoRequested
        | v1::ReferralState::Offered
        | v1::ReferralState::Accepted
        | v1::ReferralState::Declined
        | v1::ReferralState::Withdrawn
        | v1::ReferralState::Refused
        | v1::ReferralState::Expired => format!("{line}; {}", referral(family)),
    }
}

/// Where the newest referral stands.
fn referral(family: &v1::FamilyStatus) -> String {
    let until = || plain(&family.offer_expires_on);
    match family.referral_state() {
        v1::ReferralState::Submitted => "referral submitted".to_owned(),
        v1::ReferralState::Triaged => "referral triaged".to_owned(),
        v1::ReferralState::InfoRequested => "more was asked of the referral".to_owned(),
        v1::ReferralState::Offered => format!("a place is offered until {}", until()),
        v1::ReferralState::Accepted => "the place offered is accepted".to_owned(),
        v1::ReferralState::Declined => "referral declined".to_owned(),
        v1::ReferralState::Withdrawn => "referral withdrawn".to_owned(),
        v1::ReferralState::Refused => "the family refused the place offered".to_owned(),
        v1::ReferralState::Expired => format!("the place offered expired {}", until()),
        v1::ReferralState::Case | v1::ReferralState::Unspecified => "no open referral".to_owned(),
    }
}

/// The case's phase in words; empty without one.
pub(crate) fn phase(family: &v1::FamilyStatus) -> String {
    label(family.phase().as_str_name(), "CASE_PHASE")
}

/// A plan's state in words.
pub(crate) fn plan(state: v1::PlanState) -> &'static str {
    match state {
        v1::PlanState::Unspecified | v1::PlanState::None => "none",
        v1::PlanState::Draft => "draft",
        v1::PlanState::Agreed => "agreed",
    }
}

fn members(family: &v1::FamilyStatus, names: &Names, width: Option<u16>) -> String {
    let rows = family.members.iter().map(|member| {
        vec![
            names.name(&member.person_id),
            label(member.role().as_str_name(), "FAMILY_ROLE"),
            member.age_years.map_or_else(|| "?".to_owned(), |age| age.to_string()),
            label(member.household().as_str_name(), "HOUSEHOLD"),
        ]
    });
    let mut ages = vec![
        format!("{} under 18", family.children_under_18),
        format!("{} aged 10 to 25", family.youth_10_to_25),
    ];
    if family.age_unknown > 0 {
        ages.push(format!("{} of unknown age", family.age_unknown));
    }
    format!(
        "\nMembers ({})\n{}\n",
        ages.join(", "),
        table(&["Name", "Role", "Age", "Household"], rows.collect(), width)
    )
}

fn risks(family: &v1::FamilyStatus, names: &Names, width: Option<u16>) -> Option<String> {
    let rows: Vec<Vec<String>> = family
        .risks
        .iter()
        .map(|risk| {
            let level = label(risk.level().as_str_name(), "RISK_LEVEL");
            vec![
                names.name(&risk.person_id),
                label(risk.risk_area().as_str_name(), "RISK_AREA"),
                if risk.stale { format!("STALE (was {})", level.to_lowercase()) } else { level },
                label(risk.direction().as_str_name(), "RISK_DIRECTION"),
                plain(&risk.judged_on),
                plain(&risk.valid_until),
            ]
        })
        .collect();
    let head = ["Person", "Area", "Level", "Direction", "Judged on", "Valid until"];
    (!rows.is_empty()).then(|| format!("Risk, as judged\n{}\n", table(&head, rows, width)))
}

fn interventions(family: &v1::FamilyStatus, names: &Names, width: Option<u16>) -> Option<String> {
    let rows: Vec<Vec<String>> = family
        .interventions
        .iter()
        .map(|it| {
            let whom = if it.person_id.is_empty() {
                "the family".to_owned()
            } else {
                names.name(&it.person_id)
            };
            vec![
                label(it.r#type().as_str_name(), "INTERVENTION_TYPE"),
                whom,
                label(it.state().as_str_name(), "INTERVENTION_STATE"),
                plain(&it.started_on),
                plain(&it.ended_on),
                it.sessions.to_string(),
                duration(it.minutes.into()),
            ]
        })
        .collect();
    let head = ["Type", "For", "State", "Started", "Ended", "Sessions", "Time"];
    (!rows.is_empty()).then(|| {
        let title = format!("Interventions ({} active)", family.active_interventions);
        format!("{title}\n{}\n", table(&head, rows, width))
    })
}

fn contacts(family: &v1::FamilyStatus, width: Option<u16>) -> String {
    let at = |at: &Option<prost_types::Timestamp>| at.as_ref().map_or("never".to_owned(), time);
    let last = format!(
        "Last contact: {}. With a child or youth: {}. At home: {}.",
        at(&family.last_contact_at),
        at(&family.last_contact_with_child_at),
        at(&family.last_contact_at_home_at)
    );
    let all = format!(
        "{} ({}), {}.",
        count(family.contacts.into(), "contact", "contacts"),
        duration(family.contact_minutes.into()),
        count(family.notes.into(), "note", "notes")
    );
    format!("{}\n{all}", wrap(&last, width))
}

/// A changed family on one line.
pub(crate) fn changed(family: &v1::FamilyStatus, as_of_position: i64) -> String {
    let mut words = vec![
        format!("{as_of_position}"),
        plain(&family.reference),
        format!("revision {}", family.revision),
        case(family),
        format!("plan {}", plan(family.family_plan_state())),
        count(family.active_interventions.into(), "active intervention", "active interventions"),
    ];
    if family.registration_undone {
        words.push("registration undone".to_owned());
    }
    if let Some(at) = &family.last_contact_at {
        words.push(format!("last contact {}", day(at)));
    }
    words.join("  ")
}
