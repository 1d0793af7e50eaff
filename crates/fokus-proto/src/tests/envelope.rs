//! The words that go with every command.

use fokus_core::codes::Precision;
use fokus_core::command::{LegalBasis, Text};
use fokus_core::rejection::Reason::*;
use fokus_core::time::Occurred;
use serde_json::{Value, json};

use super::{accepted, parsed, refused, refused_at, samples};
use crate::v1;

#[test]
fn every_word_of_the_request_arrives() {
    let request = parsed(&samples::request("record_contact")).unwrap();
    assert_eq!(request.expected_revision, Some(3));
    assert_eq!(request.purpose, fokus_core::codes::Purpose::Casework);
    let occurred =
        Occurred { at_ms: 1_556_712_000_250, offset_min: 120, precision: Precision::Day };
    assert_eq!(request.occurred, Some(occurred));
    let provision = Some("§ 52(3)".to_owned());
    assert_eq!(request.basis, Some(LegalBasis { code: "SEL_49A".to_owned(), provision }));
    assert_eq!(request.late_reason, Some(Text("Ferie.".to_owned())));
    assert_eq!(request.confirmations, ["CPR_IN_TEXT"]);
    assert_eq!(request.on_behalf_of.unwrap().to_string(), samples::id(7));
}

#[test]
fn the_command_id_is_a_uuid_of_version_4() {
    refused("command_id", Value::Null, FieldInvalid);
    refused("command_id", json!("x"), FieldInvalid);
    refused("command_id", json!("00000063000040008000000000000000"), FieldInvalid);
    refused("command_id", json!("{00000063-0000-4000-8000-000000000000}"), FieldInvalid);
    refused("command_id", json!("00000063-0000-1000-8000-000000000000"), FieldInvalid);
    refused("command_id", json!("00000063-0000-7000-8000-000000000000"), FieldInvalid);
    refused("command_id", json!("00000063-0000-4000-c000-000000000000"), FieldInvalid);
    refused("command_id", json!("00000000-0000-0000-0000-000000000000"), FieldInvalid);
    accepted("command_id", json!("ABCDEF63-0000-4000-8000-000000000000"));
}

#[test]
fn the_expected_revision_is_left_out_or_0_or_more() {
    refused("expected_revision", json!(-1), FieldInvalid);
    assert_eq!(accepted("expected_revision", json!(0)).expected_revision, Some(0));
    assert_eq!(accepted("expected_revision", Value::Null).expected_revision, None);
}

#[test]
fn the_purpose_is_needed() {
    refused("purpose", Value::Null, FieldInvalid);
    refused("purpose", json!("PURPOSE_UNSPECIFIED"), FieldInvalid);
    refused("purpose", json!(9), FieldInvalid);
    refused("purpose", json!(-1), FieldInvalid);
}

#[test]
fn the_time_of_the_act_has_bounds() {
    assert_eq!(accepted("occurred_at", Value::Null).occurred, None);
    refused("occurred_at.time", Value::Null, FieldInvalid);
    refused("occurred_at.time", json!("1899-12-31T23:59:59.999Z"), FieldInvalid);
    accepted("occurred_at.time", json!("1900-01-01T00:00:00Z"));
    accepted("occurred_at.time", json!("9999-12-31T23:59:59Z"));
    refused("occurred_at.utc_offset_minutes", json!(1081), FieldInvalid);
    refused("occurred_at.utc_offset_minutes", json!(-1081), FieldInvalid);
    accepted("occurred_at.utc_offset_minutes", json!(-1080));
    refused("occurred_at.precision", json!(5), FieldInvalid);
    let unspecified = accepted("occurred_at.precision", Value::Null).occurred.unwrap();
    assert_eq!(unspecified.precision, Precision::Exact);
}

#[test]
fn a_timestamp_has_good_seconds_and_nanos() {
    for (seconds, nanos) in
        [(0, -1), (0, 1_000_000_000), (i64::MAX, 0), (i64::MIN, 0), (253_402_300_800, 0)]
    {
        let line = samples::request("record_contact").to_string();
        let mut wire = crate::execute_request_from_json(&line).unwrap();
        let time = Some(prost_types::Timestamp { seconds, nanos });
        wire.occurred_at = Some(v1::OccurredAt { time, ..Default::default() });
        let rejection = crate::request(wire).unwrap_err();
        assert_eq!(rejection.field.as_deref(), Some("occurred_at.time"), "{seconds} {nanos}");
    }
}

#[test]
fn a_legal_basis_has_a_code() {
    assert_eq!(accepted("legal_basis", Value::Null).basis, None);
    refused("legal_basis.code", Value::Null, FieldInvalid);
    refused("legal_basis.code", json!("sel_49a"), FieldInvalid);
    refused("legal_basis.code", json!("A".repeat(41)), FieldInvalid);
    accepted("legal_basis.code", json!("A".repeat(40)));
    refused("legal_basis.provision", json!("§".repeat(51)), FreeTextTooLong);
    accepted("legal_basis.provision", json!("§".repeat(50)));
}

#[test]
fn late_reason_confirmations_and_deputy_have_their_rules() {
    refused("late_reason", json!("bell\u{7}"), ControlChars);
    refused("late_reason", json!("a".repeat(65_537)), FreeTextTooLong);
    refused_at("confirmations", json!(vec!["A"; 21]), FieldInvalid, "confirmations");
    accepted("confirmations", json!(vec!["A"; 20]));
    refused("confirmations[0]", json!("cpr in text"), FieldInvalid);
    refused("on_behalf_of", json!("worker-1"), FieldInvalid);
    assert_eq!(accepted("on_behalf_of", Value::Null).on_behalf_of, None);
}

#[test]
fn a_command_is_needed() {
    refused_at("record_contact", Value::Null, FieldInvalid, "command");
    refused("correct_entry.corrected", Value::Null, FieldInvalid);
    refused_at(
        "correct_entry.corrected.enter_case_phase",
        Value::Null,
        FieldInvalid,
        "correct_entry.corrected.command",
    );
}

#[test]
fn what_counts_in_a_repetition_is_the_content_not_the_order_on_the_wire() {
    let request = samples::request("record_contact");
    let wire = crate::execute_request_from_json(&request.to_string()).unwrap();
    let mut other = request;
    other["record_contact"]["text"] = json!("Talte om skolen!");
    let other = crate::execute_request_from_json(&other.to_string()).unwrap();
    assert_ne!(crate::canonical(&wire), crate::canonical(&other));

    let bytes = crate::canonical(&wire);
    let mut reordered = Vec::new();
    let command = v1::ExecuteRequest { command: wire.command.clone(), ..Default::default() };
    reordered.extend(crate::canonical(&command));
    let rest = v1::ExecuteRequest { command: None, ..wire };
    reordered.extend(crate::canonical(&rest));
    let decoded: v1::ExecuteRequest = prost::Message::decode(reordered.as_slice()).unwrap();
    assert_ne!(reordered, bytes);
    assert_eq!(crate::canonical(&decoded), bytes);
}
