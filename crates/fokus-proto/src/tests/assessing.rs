//! The rules of fields of the commands inside and around assessments, and on the course of interventions.

use fokus_core::command::Command;
use fokus_core::rejection::Reason::*;
use serde_json::{Value, json};

use super::samples::id;
use super::{accepted, refused, refused_at};

#[test]
fn needed_fields_cannot_be_left_out() {
    for field in [
        "describe_assessment_area.assessment_id",
        "describe_assessment_area.dimension",
        "state_factor.factor_code",
        "state_factor.side",
        "state_factor.answer",
        "administer_instrument.instrument",
        "administer_instrument.respondent",
        "administer_instrument.occasion",
        "administer_instrument.scores[0].scale",
        "administer_instrument.scores[0].value",
        "conclude_assessment_provisionally.reasons",
        "conclude_assessment_provisionally.expected_end",
        "abandon_assessment.reason",
        "receive_external_assessment.from",
        "receive_external_assessment.summary",
        "record_incident.person_id",
        "record_incident.kind",
        "record_incident.grade",
        "record_incident.source_agency",
        "report_absence.from",
        "report_absence.to",
        "report_education_status.status",
        "report_employment_status.status",
        "adjust_intervention.intervention_id",
        "adjust_intervention.reason",
        "decline_intervention.by",
        "pause_intervention.reason",
        "resume_intervention.intervention_id",
    ] {
        refused(field, Value::Null, FieldInvalid);
    }
}

#[test]
fn what_may_be_left_out_may_be() {
    for field in [
        "describe_assessment_area.resources",
        "describe_assessment_area.about",
        "state_factor.weight_band",
        "state_factor.risk_area",
        "state_factor.grounds",
        "administer_instrument.assessment_id",
        "administer_instrument.version",
        "administer_instrument.person_id",
        "administer_instrument.norm_set",
        "administer_instrument.scores",
        "administer_instrument.item_texts",
        "receive_external_assessment.dated",
        "record_incident.text",
        "report_absence.lawful_percent",
        "report_education_status.from",
        "report_employment_status.from",
        "adjust_intervention.on",
        "adjust_intervention.planned",
        "adjust_intervention.goal_ids",
        "decline_intervention.on",
        "decline_intervention.reason",
        "pause_intervention.on",
        "pause_intervention.expected_until",
        "resume_intervention.on",
    ] {
        accepted(field, Value::Null);
    }
}

#[test]
fn scores_are_decimals_and_each_scale_stands_once() {
    let field = "administer_instrument.scores[0].value";
    for bad in ["x", "1,5", "1.234", "10000.0", "1e3", ""] {
        refused(field, json!(bad), FieldInvalid);
    }
    let Command::AdministerInstrument(it) = accepted(field, json!("-6.50")).command else {
        panic!("another command");
    };
    assert_eq!(it.scores[0].value.to_string(), "-6.5");
    assert!(it.gives_item_texts, "that there were some, and no more");
    refused("administer_instrument.scores[1].missing_items", json!(-1), FieldInvalid);
    refused("administer_instrument.scores[1].missing_items", json!(101), FieldInvalid);
    let score = |n: usize| json!({"scale": format!("S{n}"), "value": "1"});
    let scores = "administer_instrument.scores";
    accepted(scores, (0..50).map(score).collect());
    refused(scores, (0..51).map(score).collect(), FieldInvalid);
    refused_at(scores, json!([score(1), score(1)]), FieldInvalid, &format!("{scores}[1]"));
}

#[test]
fn absence_is_in_per_cent_with_one_decimal() {
    let field = "report_absence.unlawful_percent";
    let per_mille = |value: &str| {
        let Command::ReportAbsence(it) = accepted(field, json!(value)).command else {
            panic!("another command");
        };
        it.unlawful_per_mille
    };
    assert_eq!(["0", "0.1", "15", "15.50", "100"].map(per_mille), [0, 1, 150, 155, 1000]);
    for bad in ["-0.1", "100.1", "15.55", "fifteen"] {
        refused(field, json!(bad), FieldInvalid);
    }
    accepted("report_absence.lawful_percent", json!("100"));
}

#[test]
fn codes_lists_and_versions_have_their_patterns() {
    refused("state_factor.factor_code", json!("drinks too much"), FieldInvalid);
    refused("administer_instrument.instrument", json!("YLS/CMI 2.0"), FieldInvalid);
    for field in ["administer_instrument.version", "administer_instrument.norm_set"] {
        refused(field, json!("a free text"), FieldInvalid);
    }
    let persons = |count: usize| (0..count).map(|n| json!(id(1000 + n))).collect::<Value>();
    accepted("decline_intervention.by", persons(14));
    refused("decline_intervention.by", persons(15), TooManySubjects);
    refused("adjust_intervention.planned.end", json!("2018-12-31"), FieldInvalid);
    let twice = json!([id(1), id(1)]);
    refused_at("state_factor.about", twice, FieldInvalid, "state_factor.about[1]");
}
