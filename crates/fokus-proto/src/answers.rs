//! Answers: from the domain onto the wire. Total: nothing here can fail. Families and history are here,
//! trajectories in [`trajectory`], what there is to do in [`work`].

pub(crate) mod programme;
pub(crate) mod trajectory;
pub(crate) mod work;

use fokus_core::command::PersonName;
use fokus_core::family::circle::PrimaryContact;
use fokus_core::ids::StreamRef;
use fokus_core::record::{HistoryEvent, HistoryField, Opened};
use fokus_core::time::Occurred;
use fokus_core::views::status::{
    ApprovalRow, EducationRow, EmploymentRow, FamilyStatus, FlagRow, HandoverRow, InterventionRow,
    LanguageNeed, MemberStatus, NetworkStatus, NoteDutyRow, RiskRow, SpecialCare,
};
use fokus_core::views::timeline::TimelineEntry;

use crate::enums::Code;
use crate::v1;

/// An instant, from Unix milliseconds.
pub fn timestamp(ms: impl Into<i128>) -> prost_types::Timestamp {
    let ms: i128 = ms.into();
    // A remainder of 1,000 in millionths is below 10⁹; seconds of any 64-bit instant fit.
    prost_types::Timestamp {
        seconds: i64::try_from(ms.div_euclid(1000)).unwrap_or(i64::MAX),
        nanos: i32::try_from(ms.rem_euclid(1000) * 1_000_000).unwrap_or_default(),
    }
}

/// When something happened.
pub(crate) fn occurred_at(occurred: &Occurred) -> v1::OccurredAt {
    v1::OccurredAt {
        time: Some(timestamp(occurred.at_ms)),
        utc_offset_minutes: i32::from(occurred.offset_min),
        precision: occurred.precision.to_wire(),
    }
}

/// A stream.
pub fn stream_ref(stream: StreamRef) -> v1::StreamRef {
    v1::StreamRef { kind: stream.kind.to_wire(), id: stream.id.to_string() }
}

/// How a family stands.
pub fn family_status(status: &FamilyStatus) -> v1::FamilyStatus {
    let row = &status.row;
    let case = row.case.as_ref();
    // A risk whose flag is missing is not shown as the present.
    let stale = status.stale.iter().copied().chain(std::iter::repeat(true));
    v1::FamilyStatus {
        family_id: row.family_id.to_string(),
        reference: row.reference.clone(),
        referral_state: status.referral_state.map_or(0, Code::to_wire),
        case_state: row.case_state().to_wire(),
        case_id: optional(case.map(|it| it.case_id)),
        phase: case.map_or(0, |it| it.phase.to_wire()),
        opened_on: optional(case.map(|it| it.opened_on)),
        days_open: status.days_open,
        lead_worker_id: optional(case.map(|it| it.lead_worker_id)),
        members: status.members.iter().map(member_status).collect(),
        children_under_18: number(status.children_under_18),
        youth_10_to_25: number(status.youth_10_to_25),
        age_unknown: number(status.age_unknown),
        family_plan_state: row.family_plan_state.to_wire(),
        goals: number(row.goals),
        interventions: row.interventions.iter().map(intervention_status).collect(),
        active_interventions: number(status.active_interventions),
        risks: row.risks.iter().zip(stale).map(|(it, stale)| risk_status(it, stale)).collect(),
        last_contact_at: row.last_contact_ms.map(timestamp),
        last_contact_with_child_at: row.last_contact_with_child_ms.map(timestamp),
        last_contact_at_home_at: row.last_contact_at_home_ms.map(timestamp),
        contacts: number(row.contacts),
        contact_minutes: number(row.contact_minutes),
        notes: number(row.notes),
        youth_with_track: row.youth_with_track.iter().map(ToString::to_string).collect(),
        corrected_recently: number(status.corrected_recently),
        revision: count(status.revision),
        last_position: count(status.last_position),
        primary_contact: row.primary_contact.as_ref().map(primary_contact),
        network: status.network.iter().map(network_person).collect(),
        registration_undone: row.undone,
        incidents: number(row.incidents),
        last_incident_on: optional(row.last_incident_on),
        education: row.education.iter().map(education_report).collect(),
        employment: row.employment.iter().map(employment_report).collect(),
        goals_worked_on: number(row.goals_worked_on),
        last_goal_contact_at: row.last_goal_contact_ms.map(timestamp),
        note_duty: Some(note_duty(&row.note_duty)),
        paused_from: optional(case.and_then(|it| it.paused).map(|it| it.from)),
        paused_until: optional(case.and_then(|it| it.paused).map(|it| it.expected_until)),
        closed_on: optional(case.and_then(|it| it.closed).map(|it| it.on)),
        outcome: case.and_then(|it| it.closed).map_or(0, |it| it.outcome.to_wire()),
        approvals: row.approvals.iter().map(awaited_approval).collect(),
        handover_unread: case.and_then(|it| it.handover_unread).map(unread_handover),
        flags: row.flags.iter().map(open_flag).collect(),
        offer_expires_on: optional(row.offer_expires_on),
        earlier_cases: number(row.earlier_cases),
        last_contact_after_closure_on: optional(row.last_contact_after_closure_on),
        family_plan_due_on: optional(row.family_plan_due_on),
    }
}

/// Something that waits for a second person.
fn awaited_approval(row: &ApprovalRow) -> v1::AwaitedApproval {
    v1::AwaitedApproval {
        kind: row.kind.to_wire(),
        proposed_by: row.proposed_by.clone(),
        since: Some(timestamp(row.since_ms)),
        revision: count(row.revision),
        person_id: optional(row.person_id),
    }
}

fn unread_handover(row: HandoverRow) -> v1::UnreadHandover {
    v1::UnreadHandover {
        from_worker_id: row.from_worker_id.to_string(),
        to_worker_id: row.to_worker_id.to_string(),
        since: row.since.to_string(),
        must_have_read: count(row.must_have_read),
    }
}

fn open_flag(row: &FlagRow) -> v1::OpenFlag {
    v1::OpenFlag {
        flag_id: row.flag_id.to_string(),
        kind: row.kind.to_wire(),
        raised_on: row.raised_on.to_string(),
        due: optional(row.due),
        revision: count(row.revision),
    }
}

fn education_report(row: &EducationRow) -> v1::EducationReport {
    v1::EducationReport {
        person_id: row.person_id.to_string(),
        status: row.status.to_wire(),
        from: row.from.to_string(),
    }
}

fn employment_report(row: &EmploymentRow) -> v1::EmploymentReport {
    v1::EmploymentReport {
        person_id: row.person_id.to_string(),
        status: row.status.to_wire(),
        from: row.from.to_string(),
    }
}

fn note_duty(row: &NoteDutyRow) -> v1::NoteDuty {
    v1::NoteDuty {
        in_time: number(row.in_time),
        late: number(row.late),
        unwritten: number(row.unwritten),
    }
}

fn primary_contact(it: &PrimaryContact) -> v1::PrimaryContact {
    v1::PrimaryContact {
        person_id: it.person_id.to_string(),
        channel: it.channel.to_wire(),
        interpreter: it.interpreter,
        chosen_on: it.chosen_on.to_string(),
    }
}

fn network_person(it: &NetworkStatus) -> v1::NetworkPersonStatus {
    v1::NetworkPersonStatus {
        person_id: it.person_id.to_string(),
        role: it.role.to_wire(),
        agreed_by_family: it.agreed_by_family,
        name: it.name.as_ref().map(person_name),
        erased: it.erased,
    }
}

fn person_name(it: &PersonName) -> v1::PersonName {
    v1::PersonName { given: it.given.clone(), family: it.family.clone() }
}

fn language_need(it: &LanguageNeed) -> v1::LanguageNeed {
    v1::LanguageNeed {
        language: it.language.clone().unwrap_or_default(),
        interpreter: it.interpreter,
        kinship_interpreter_refused: it.kinship_interpreter_refused,
    }
}

fn special_care(it: &SpecialCare) -> v1::SpecialCare {
    v1::SpecialCare { kind: it.kind.to_wire(), valid_to: optional(it.period.to) }
}

fn member_status(member: &MemberStatus) -> v1::MemberStatus {
    v1::MemberStatus {
        person_id: member.person_id.to_string(),
        role: member.role.to_wire(),
        household: member.household.to_wire(),
        name: member.name.as_ref().map(person_name),
        erased: member.erased,
        age_years: member.age_years.map(i32::from),
        language: member.language.as_ref().map(language_need),
        special_care: member.special_care.iter().map(special_care).collect(),
        died_on: optional(member.died_on),
    }
}

fn intervention_status(row: &InterventionRow) -> v1::InterventionStatus {
    v1::InterventionStatus {
        intervention_id: row.intervention_id.to_string(),
        r#type: row.intervention_type.to_wire(),
        person_id: optional(row.person_id),
        state: row.state.to_wire(),
        sessions: number(row.sessions),
        minutes: number(row.minutes),
        started_on: optional(row.started_on),
        ended_on: optional(row.ended_on),
    }
}

fn risk_status(row: &RiskRow, stale: bool) -> v1::RiskStatus {
    v1::RiskStatus {
        person_id: row.person_id.to_string(),
        risk_area: row.risk_area.to_wire(),
        level: row.level.to_wire(),
        direction: row.direction.to_wire(),
        judged_on: row.judged_on.to_string(),
        valid_until: row.valid_until.to_string(),
        stale,
    }
}

/// One entry of a timeline.
pub fn timeline_entry(entry: &TimelineEntry) -> v1::TimelineEntry {
    let row = &entry.row;
    v1::TimelineEntry {
        event_id: row.event_id.to_string(),
        revision: count(row.revision),
        position: count(row.position),
        r#type: row.event_type.clone(),
        occurred_at: Some(occurred_at(&row.occurred)),
        recorded_at: Some(timestamp(row.recorded_ms)),
        actor: row.actor.clone(),
        actor_role: row.actor_role.clone(),
        facts_json: serde_json::Value::Object(row.facts.clone()).to_string(),
        personal: entry.personal.iter().filter_map(entry_field).collect(),
        corrected_by: count(row.corrected_by),
        mistaken_by: count(row.mistaken_by),
        recorded_late: row.recorded_late,
    }
}

/// A personal field; `None` = the event has no such field.
fn entry_field((name, opened): &(String, Opened)) -> Option<v1::EntryField> {
    let (json, erased) = match opened {
        Opened::Known(value) => (value.to_string(), false),
        Opened::Erased => (String::new(), true),
        Opened::Absent => return None,
    };
    Some(v1::EntryField { name: name.clone(), json, erased })
}

/// One event as recorded.
pub fn history_event(event: &HistoryEvent) -> v1::HistoryEvent {
    v1::HistoryEvent {
        position: count(event.position),
        stream: Some(stream_ref(event.stream)),
        revision: count(event.revision),
        event_id: event.event_id.to_string(),
        r#type: event.event_type.clone(),
        schema: number(event.schema),
        recorded_at: Some(timestamp(event.recorded_ms)),
        occurred_at: Some(occurred_at(&event.occurred)),
        actor: event.actor.sub.clone(),
        actor_role: event.actor.role.clone(),
        purpose: event.purpose.clone(),
        legal_basis: event.basis.as_ref().map(|it| v1::LegalBasis {
            code: it.code.clone(),
            provision: it.provision.clone().unwrap_or_default(),
        }),
        command_id: event.command_id.to_string(),
        fields: event.fields.iter().map(history_field).collect(),
        leaf: event.leaf.clone(),
        key_ids: event.key_ids.clone(),
        late_reason: event.late_reason.clone().unwrap_or_default(),
    }
}

fn history_field(field: &HistoryField) -> v1::HistoryField {
    v1::HistoryField {
        name: field.name.clone(),
        json: field.json.clone().unwrap_or_default(),
        erased: field.json.is_none(),
        personal: field.personal,
    }
}

/// An id or date, empty when there is none.
fn optional(value: Option<impl ToString>) -> String {
    value.map(|it| it.to_string()).unwrap_or_default()
}

/// A count of things; the wire's most when there are more.
fn number(value: u32) -> i32 {
    i32::try_from(value).unwrap_or(i32::MAX)
}

/// A position or revision; the wire's most when it is larger.
fn count(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}
