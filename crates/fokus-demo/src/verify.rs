//! Reads over gRPC what the journal says, and compares it with a tally. What goes over all families stands
//! in `work`.

mod work;

use std::collections::{BTreeMap, BTreeSet};

use fokus_proto::v1;
use fokus_proto::v1::audit_service_client::AuditServiceClient;
use fokus_proto::v1::family_service_client::FamilyServiceClient;
use serde_json::Value;
use thiserror::Error;
use tonic::metadata::{Ascii, MetadataValue};
use tonic::transport::Channel;

use crate::calendar::{local_day, milliseconds};
use crate::tally::{FamilyTruth, InterventionTruth, Truth};
use crate::wire;

use work::Work;

/// Families of one page.
const PAGE_SIZE: i32 = 100;

/// Entries of one page.
const TIMELINE_PAGE_SIZE: i32 = 1_000;

/// A token that reads, and what for: an auditor's with `AUDIT`, or a caseworker's with `CASEWORK`.
#[derive(Clone)]
pub struct Reader {
    pub token: String,
    pub purpose: v1::Purpose,
}

impl std::fmt::Debug for Reader {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Reader({})", self.purpose.as_str_name())
    }
}

/// Something that the journal says otherwise than the tally.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// Such as `event_counts.ContactRecorded` or `family_statuses.FF-2019-001.notes`.
    pub what: String,
    /// JSON; `null` = not there.
    pub expected: String,
    /// JSON; `null` = not there.
    pub got: String,
}

/// What was read and how it compares.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct VerifyReport {
    /// Events read.
    pub positions: u64,
    pub event_counts: BTreeMap<String, u64>,
    pub families: u64,
    /// Empty: all as it must be.
    pub differences: Vec<Difference>,
}

/// Why a comparison could not be made.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum VerifyError {
    /// The token cannot stand in a header.
    #[error("the token is not a token")]
    Token,
    /// A read was refused or failed.
    #[error("{rpc}: {reason}")]
    Read { rpc: &'static str, reason: String },
}

fn failed(rpc: &'static str) -> impl Fn(tonic::Status) -> VerifyError {
    move |status| VerifyError::Read { rpc, reason: wire::reason(&status) }
}

/// Reads the whole log, all families, their timelines and trajectories, and the work over all of them, and
/// compares all that with the tally. A log
/// that holds more than the plan differs, too.
///
/// # Errors
///
/// [`VerifyError`] when something cannot be read; differences are no errors.
pub async fn verify(
    channel: Channel,
    reader: &Reader,
    truth: &Truth,
) -> Result<VerifyReport, VerifyError> {
    let bearer = wire::bearer(&reader.token).ok_or(VerifyError::Token)?;
    let mut report = VerifyReport::default();
    read_log(channel.clone(), &bearer, reader.purpose, &mut report).await?;
    let statuses =
        read_families(channel.clone(), &bearer, reader.purpose, report.positions).await?;
    report.families = u64::try_from(statuses.len()).unwrap_or(u64::MAX);
    let mut compare = |what: &str, expected: Value, got: Value| {
        differences(what, &expected, &got, &mut report.differences);
    };
    compare("positions", Value::from(truth.positions), Value::from(report.positions));
    compare("event_counts", json(&truth.event_counts), json(&report.event_counts));
    compare("family_statuses", json(&truth.family_statuses), json(&statuses));
    let ids: Vec<(String, String)> =
        statuses.values().map(|it| (it.reference.clone(), it.family_id.clone())).collect();
    let work = Work {
        channel: channel.clone(),
        bearer: bearer.clone(),
        purpose: reader.purpose,
        min_position: i64::try_from(report.positions).unwrap_or(i64::MAX),
    };
    compare("trajectories", json(&truth.trajectories), json(&work.trajectories(&ids).await?));
    let days: Vec<&String> = truth.caseloads.keys().collect();
    compare("caseloads", json(&truth.caseloads), json(&work.caseloads(&days).await?));
    compare("board", json(&truth.board), json(&work.board().await?));
    let approvals = |it: &FamilyTruth| it.approvals.len();
    let waiting: usize = truth.family_statuses.values().map(approvals).sum();
    compare("approvals", Value::from(waiting), Value::from(work.approvals().await?));
    let timelines = read_timelines(channel, &bearer, reader.purpose, &ids).await?;
    compare("timelines", json(&truth.timelines), json(&timelines));
    Ok(report)
}

/// Counts the events by type; positions that are not dense are a difference.
async fn read_log(
    channel: Channel,
    bearer: &MetadataValue<Ascii>,
    purpose: v1::Purpose,
    report: &mut VerifyReport,
) -> Result<(), VerifyError> {
    let message = v1::ReadHistoryRequest { purpose: purpose.into(), ..Default::default() };
    let mut answers = AuditServiceClient::new(channel)
        .read_history(wire::request(message, bearer))
        .await
        .map_err(failed("ReadHistory"))?
        .into_inner();
    let mut next = 1;
    while let Some(answer) = answers.message().await.map_err(failed("ReadHistory"))? {
        for event in answer.events {
            if event.position != next {
                report.differences.push(Difference {
                    what: "the next position".to_owned(),
                    expected: next.to_string(),
                    got: event.position.to_string(),
                });
            }
            next = event.position + 1;
            report.positions += 1;
            *report.event_counts.entry(event.r#type).or_insert(0) += 1;
        }
    }
    Ok(())
}

async fn read_families(
    channel: Channel,
    bearer: &MetadataValue<Ascii>,
    purpose: v1::Purpose,
    positions: u64,
) -> Result<BTreeMap<String, FamilyTruth>, VerifyError> {
    let mut client = FamilyServiceClient::new(channel);
    let mut statuses = BTreeMap::new();
    let mut seen_tokens = BTreeSet::new();
    let mut page_token = String::new();
    loop {
        let message = v1::ListFamiliesRequest {
            purpose: purpose.into(),
            page_size: PAGE_SIZE,
            page_token,
            min_position: i64::try_from(positions).unwrap_or(i64::MAX),
            ..Default::default()
        };
        let page = client
            .list_families(wire::request(message, bearer))
            .await
            .map_err(failed("ListFamilies"))?
            .into_inner();
        for status in page.families {
            statuses.insert(status.reference.clone(), read_status(&status));
        }
        page_token = page.next_page_token;
        // A server that gives a token twice would never end the list.
        if page_token.is_empty() || !seen_tokens.insert(page_token.clone()) {
            return Ok(statuses);
        }
    }
}

/// Entries of every family's timeline, by type.
async fn read_timelines(
    channel: Channel,
    bearer: &MetadataValue<Ascii>,
    purpose: v1::Purpose,
    families: &[(String, String)],
) -> Result<BTreeMap<String, BTreeMap<String, u64>>, VerifyError> {
    let mut client = FamilyServiceClient::new(channel);
    let mut timelines = BTreeMap::new();
    for (reference, family_id) in families {
        let mut counts: BTreeMap<String, u64> = BTreeMap::new();
        let mut page_token = String::new();
        let mut seen_tokens = BTreeSet::new();
        loop {
            let message = v1::GetTimelineRequest {
                family_id: family_id.clone(),
                purpose: purpose.into(),
                page_size: TIMELINE_PAGE_SIZE,
                page_token,
                include_supervision: true,
                ..Default::default()
            };
            let page = client
                .get_timeline(wire::request(message, bearer))
                .await
                .map_err(failed("GetTimeline"))?
                .into_inner();
            for entry in page.entries {
                *counts.entry(entry.r#type).or_insert(0) += 1;
            }
            page_token = page.next_page_token;
            if page_token.is_empty() || !seen_tokens.insert(page_token.clone()) {
                break;
            }
        }
        timelines.insert(reference.clone(), counts);
    }
    Ok(timelines)
}

/// An enum's name without its prefix; empty for the unspecified value.
fn code(name: &str, prefix: &str) -> String {
    let word = name.strip_prefix(prefix).unwrap_or(name);
    if word == "UNSPECIFIED" { String::new() } else { word.to_owned() }
}

/// The status of the wire in the tally's words.
#[expect(clippy::too_many_lines, reason = "one line for each field")]
fn read_status(it: &v1::FamilyStatus) -> FamilyTruth {
    let number = |it: i32| u32::try_from(it).unwrap_or(u32::MAX);
    let day = |it: &Option<prost_types::Timestamp>| {
        it.as_ref().map_or(String::new(), |it| local_day(milliseconds(it)).to_string())
    };
    let risk = |it: &v1::RiskStatus| {
        let area = code(it.risk_area().as_str_name(), "RISK_AREA_");
        (format!("{}/{area}", it.person_id), code(it.level().as_str_name(), "RISK_LEVEL_"))
    };
    let member = |it: &v1::MemberStatus| {
        (it.person_id.clone(), code(it.role().as_str_name(), "FAMILY_ROLE_"))
    };
    let intervention = |it: &v1::InterventionStatus| InterventionTruth {
        ended_on: it.ended_on.clone(),
        intervention_id: it.intervention_id.clone(),
        minutes: number(it.minutes),
        sessions: number(it.sessions),
        started_on: it.started_on.clone(),
        state: code(it.state().as_str_name(), "INTERVENTION_STATE_"),
        intervention_type: code(it.r#type().as_str_name(), "INTERVENTION_TYPE_"),
    };
    let person = |it: &v1::EducationReport| {
        (it.person_id.clone(), code(it.status().as_str_name(), "EDUCATION_STATUS_"))
    };
    let working = |it: &v1::EmploymentReport| {
        (it.person_id.clone(), code(it.status().as_str_name(), "EMPLOYMENT_STATUS_"))
    };
    let helper = |it: &v1::NetworkPersonStatus| {
        (it.person_id.clone(), code(it.role().as_str_name(), "NETWORK_ROLE_"))
    };
    let flag =
        |it: &v1::OpenFlag| (it.flag_id.clone(), code(it.kind().as_str_name(), "FLAG_KIND_"));
    let approval = |it: &v1::AwaitedApproval| code(it.kind().as_str_name(), "APPROVAL_KIND_");
    FamilyTruth {
        approvals: it.approvals.iter().map(approval).collect(),
        closed_on: it.closed_on.clone(),
        education: it.education.iter().map(person).collect(),
        employment: it.employment.iter().map(working).collect(),
        family_plan_due_on: it.family_plan_due_on.clone(),
        flags: it.flags.iter().map(flag).collect(),
        handover_unread: it.handover_unread.is_some(),
        incidents: number(it.incidents),
        last_contact_after_closure_on: it.last_contact_after_closure_on.clone(),
        network: it.network.iter().map(helper).collect(),
        offer_expires_on: it.offer_expires_on.clone(),
        outcome: code(it.outcome().as_str_name(), "CASE_OUTCOME_"),
        paused_from: it.paused_from.clone(),
        primary_contact: it
            .primary_contact
            .as_ref()
            .map_or_else(String::new, |it| it.person_id.clone()),
        case_id: it.case_id.clone(),
        case_state: code(it.case_state().as_str_name(), "CASE_STATE_"),
        contact_minutes: number(it.contact_minutes),
        contacts: number(it.contacts),
        family_id: it.family_id.clone(),
        family_plan_state: code(it.family_plan_state().as_str_name(), "PLAN_STATE_"),
        goals: number(it.goals),
        interventions: it.interventions.iter().map(intervention).collect(),
        last_contact_at_home_on: day(&it.last_contact_at_home_at),
        last_contact_on: day(&it.last_contact_at),
        last_contact_with_child_on: day(&it.last_contact_with_child_at),
        lead_worker_id: it.lead_worker_id.clone(),
        members: it.members.iter().map(member).collect(),
        notes: number(it.notes),
        opened_on: it.opened_on.clone(),
        phase: code(it.phase().as_str_name(), "CASE_PHASE_"),
        reference: it.reference.clone(),
        referral_state: code(it.referral_state().as_str_name(), "REFERRAL_STATE_"),
        revision: u64::try_from(it.revision).unwrap_or(0),
        risks: it.risks.iter().map(risk).collect(),
        youth_with_track: it.youth_with_track.clone(),
    }
}

/// JSON of something that always has one.
fn json(it: &impl serde::Serialize) -> Value {
    serde_json::to_value(it).unwrap_or(Value::Null)
}

/// Lists where two JSON values differ, objects member by member.
fn differences(what: &str, expected: &Value, got: &Value, found: &mut Vec<Difference>) {
    if let (Value::Object(left), Value::Object(right)) = (expected, got) {
        let members: BTreeSet<&String> = left.keys().chain(right.keys()).collect();
        for member in members {
            let of = |it: &serde_json::Map<String, Value>| {
                it.get(member).cloned().unwrap_or(Value::Null)
            };
            differences(&format!("{what}.{member}"), &of(left), &of(right), found);
        }
    } else if expected != got {
        found.push(Difference {
            what: what.to_owned(),
            expected: expected.to_string(),
            got: got.to_string(),
        });
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[track_caller]
    fn check(expected: Value, got: Value, places: &[&str]) {
        let mut found = Vec::new();
        differences("x", &expected, &got, &mut found);
        let what: Vec<&str> = found.iter().map(|it| it.what.as_str()).collect();
        assert_eq!(what, places);
    }

    #[test]
    fn equal_values_have_no_differences() {
        check(json!({"a": [1, {"b": 2}]}), json!({"a": [1, {"b": 2}]}), &[]);
    }

    #[test]
    fn differences_are_named_by_where_they_are() {
        check(json!({"a": 1, "b": {"c": 2}}), json!({"a": 1, "b": {"c": 3}}), &["x.b.c"]);
        check(json!({"a": 1}), json!({"b": 1}), &["x.a", "x.b"]);
        check(json!([1]), json!([1, 2]), &["x"]);
    }

    #[test]
    fn a_status_without_anything_reads_as_one_without_anything() {
        assert_eq!(read_status(&v1::FamilyStatus::default()), FamilyTruth::default());
    }
}
