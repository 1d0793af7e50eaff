//! What there is to do, and who does it.

use fokus_core::command::PlannedCourse;
use fokus_core::ids::WorkerId;
use fokus_core::record::Opened;
use fokus_core::views::caseload::{CaseLoad, Weights, WorkerLoad};
use fokus_core::views::interventions::ShownCard;
use fokus_core::views::status::{PersonCard, WaitingApproval};

use super::{count, number, optional, person_name, timestamp};
use crate::enums::Code;
use crate::v1;

/// One worker's load.
pub fn worker_caseload(
    worker: WorkerId,
    name: Option<&str>,
    load: &WorkerLoad,
) -> v1::WorkerCaseload {
    v1::WorkerCaseload {
        worker_id: worker.to_string(),
        name: optional(name),
        lead_cases: number(load.lead_cases),
        co_cases: number(load.co_cases),
        weighted: count(load.weighted),
        children: number(load.children),
        contacts_14_days: number(load.contacts_14_days),
        minutes_14_days: number(load.minutes_14_days),
        minutes_spent_14_days: number(load.minutes_spent_14_days),
        direct_time_percent: load.direct_time_percent().map(i32::from),
        without_contact_21_days: number(load.without_contact_21_days),
        handovers_unread: number(load.handovers_unread),
        cases: load.cases.iter().map(case_of_load).collect(),
    }
}

fn case_of_load(case: &CaseLoad) -> v1::CaseOfLoad {
    v1::CaseOfLoad {
        family_id: case.family_id.to_string(),
        reference: case.reference.clone(),
        case_id: case.case_id.to_string(),
        role: case.role.to_wire(),
        phase: case.phase.to_wire(),
        risk: case.risk.map_or(0, Code::to_wire),
        paused: case.paused,
        weight: number(case.weight),
        children: number(case.children),
        last_contact_on: optional(case.last_contact_on),
        without_contact: case.without_contact,
        handover_unread: case.handover_unread,
    }
}

/// What loads rest on.
pub fn caseload_weights(weights: &Weights) -> v1::CaseloadWeights {
    let phase = |(phase, weight): (&_, &u32)| v1::PhaseWeight {
        phase: Code::to_wire(*phase),
        weight: number(*weight),
    };
    let risk = |(level, weight): (&_, &u32)| v1::RiskWeight {
        level: Code::to_wire(*level),
        weight: number(*weight),
    };
    let role = |(role, weight): (&_, &u32)| v1::RoleWeight {
        role: Code::to_wire(*role),
        weight: number(*weight),
    };
    v1::CaseloadWeights {
        phases: weights.phases.iter().map(phase).collect(),
        risks: weights.risks.iter().map(risk).collect(),
        no_risk: number(weights.no_risk),
        roles: weights.roles.iter().map(role).collect(),
        paused: number(weights.paused),
    }
}

/// One intervention.
pub fn intervention_card(shown: &ShownCard) -> v1::InterventionCard {
    let (on, card) = (&shown.card, &shown.card.card);
    v1::InterventionCard {
        family_id: shown.family_id.to_string(),
        reference: shown.reference.clone(),
        intervention_id: card.intervention_id.to_string(),
        ordered_revision: count(card.ordered_revision),
        r#type: card.intervention_type.to_wire(),
        person_id: optional(card.person_id),
        person_name: name_of(shown.person.as_ref()),
        state: card.state.to_wire(),
        goal_ids: card.goal_ids.iter().map(ToString::to_string).collect(),
        planned: Some(planned_course(&card.planned)),
        method_version: card.method_version.clone().unwrap_or_default(),
        provider: match &shown.provider {
            Opened::Known(it) => it.as_str().unwrap_or_default().to_owned(),
            Opened::Erased | Opened::Absent => String::new(),
        },
        provider_erased: shown.provider == Opened::Erased,
        cost_estimate_ore: card.cost_estimate_ore,
        ordered_on: card.ordered_on.to_string(),
        started_on: optional(card.started_on),
        wait_days: on.wait_days,
        paused_on: optional(card.paused_on),
        paused_until: optional(card.paused_until),
        ended_on: optional(card.ended_on),
        end_reason: card.end_reason.map_or(0, Code::to_wire),
        declined_on: optional(card.declined_on),
        sessions: number(card.sessions),
        minutes: number(card.minutes),
        last_session_on: optional(card.last_session_on),
        days_since_last_session: on.days_since_last_session,
        came: number(card.came),
        awaited: number(card.awaited),
        attendance_percent: on.attendance_percent.map(i32::from),
        fidelity_rated: number(card.fidelity_rated),
        fidelity_median_percent: card.fidelity_median_percent.map(i32::from),
        overdue: on.is_overdue,
    }
}

fn planned_course(planned: &PlannedCourse) -> v1::PlannedCourse {
    v1::PlannedCourse {
        start: planned.start.to_string(),
        end: planned.end.to_string(),
        sessions: planned.sessions.map_or(0, i32::from),
        minutes_per_week: planned.minutes_per_week.map_or(0, i32::from),
    }
}

/// Something that waits for a second person.
pub fn waiting_approval(waiting: &WaitingApproval) -> v1::WaitingApproval {
    v1::WaitingApproval {
        family_id: waiting.family_id.to_string(),
        reference: waiting.reference.clone(),
        kind: waiting.row.kind.to_wire(),
        proposed_by: waiting.row.proposed_by.clone(),
        since: Some(timestamp(waiting.row.since_ms)),
        revision: count(waiting.row.revision),
        person_id: optional(waiting.row.person_id),
        person_name: name_of(waiting.person.as_ref()),
        may_answer: waiting.may_answer,
    }
}

fn name_of(card: Option<&PersonCard>) -> Option<v1::PersonName> {
    card.and_then(|it| it.name.as_ref()).map(person_name)
}
