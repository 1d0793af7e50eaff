//! Lines of JSON: their form, and that errors name fields, never values.

use serde_json::{Value, json};

use super::{put, samples};
use crate::{JsonLineError, execute_request_from_json, to_json, v1};

/// A line is refused at this field, with a rule that has these words.
#[track_caller]
fn refused(line: &str, field: Option<&str>, words: &str) {
    let error = execute_request_from_json(line).expect_err("refused");
    assert_eq!(error.field.as_deref(), field, "{error}");
    assert!(error.rule.contains(words), "{error}");
}

/// A good request with one field changed is refused at that field.
#[track_caller]
fn refused_with(path: &str, value: Value, words: &str) {
    let mut request = samples::holding(path);
    put(&mut request, path, value);
    refused(&request.to_string(), Some(path), words);
}

#[test]
fn an_unknown_field_is_named() {
    refused_with("colour", json!(1), "not a field");
    refused_with("record_contact.colour", json!("blue"), "not a field");
    refused_with("record_contact.start_at", Value::Bool(true), "not a field");
    refused_with("register_family.initial_members[1].age", json!(7), "not a field");
    refused_with("correct_entry.corrected.enter_case_phase.colour", json!(1), "not a field");
    refused_with("correct_entry.corrected.mark_mistaken", json!({}), "not a field");
}

#[test]
fn an_unknown_command_is_named() {
    refused(r#"{"forget_family": {}}"#, Some("forget_family"), "not a field");
}

#[test]
fn what_cannot_be_a_name_is_not_repeated() {
    for name in ["0102030405", "Åse Prøve", "", &"a".repeat(65)] {
        let mut request = samples::request("record_contact");
        request["record_contact"][name] = json!(1);
        refused(&request.to_string(), Some("record_contact.?"), "not a field");
    }
}

#[test]
fn wrong_types_are_named_with_what_is_right() {
    refused_with("record_contact.minutes", json!("long"), "whole number of 32 bits");
    refused_with("record_contact.minutes", json!(1.5), "whole number of 32 bits");
    refused_with("record_contact.minutes", json!(3_000_000_000_u64), "whole number of 32 bits");
    refused_with("expected_revision", json!([]), "whole number of 64 bits");
    refused_with("record_contact.text", json!(5), "a text");
    refused_with("record_contact.from_child", json!("yes"), "true or false");
    refused_with("record_contact.present", json!("x"), "a list");
    refused_with("record_contact.present[1]", json!(7), "a text");
    refused_with("record_contact", json!([]), "an object");
    refused_with("register_family.initial_members[0]", json!(1), "an object");
    refused_with("occurred_at.time", json!("yesterday"), "RFC 3339");
    refused_with("occurred_at.time", json!(1_556_712_000), "RFC 3339");
}

#[test]
fn wrong_enum_names_are_told_with_the_enum() {
    refused_with("purpose", json!("CASEWORK"), "a value of Purpose");
    refused_with("record_contact.kind", json!("CONTACT_KIND_DREAM"), "a value of ContactKind");
    refused_with("record_contact.risk_areas[0]", json!("x"), "a value of RiskArea");
}

#[test]
fn two_commands_are_one_too_many() {
    let mut request = samples::request("record_contact");
    request["enter_case_phase"] = json!({});
    refused(&request.to_string(), Some("command"), "only one");
    let mut request = samples::request("mark_mistaken");
    request["mark_mistaken"]["entry"]["eventId"] = json!(samples::id(1));
    refused(&request.to_string(), Some("mark_mistaken.entry.entry"), "only one");
}

#[test]
fn a_field_given_twice_is_refused() {
    refused(r#"{"record_contact": {"text": "a", "text": "b"}}"#, None, "twice");
}

#[test]
fn what_is_no_json_is_told_with_its_place() {
    refused("", None, "not JSON at byte 0");
    refused("{\"purpose\": PURPOSE}", None, "not JSON at byte 13");
    refused("{} {}", None, "not JSON at byte 4");
    refused("[]", None, "an object");
    refused("7", None, "an object");
    refused(&"[".repeat(100_000), None, "not JSON");
    let error = JsonLineError { field: Some("a.b".to_owned()), rule: "is bad".to_owned() };
    assert_eq!(error.to_string(), "a.b: is bad");
}

#[test]
fn names_in_camel_case_nulls_and_numbers_as_text_are_understood() {
    let line = r#"{"commandId": "a", "expected_revision": "7", "purpose": 1,
        "recordContact": {"minutes": 45, "text": null}}"#;
    let request = execute_request_from_json(line).unwrap();
    assert_eq!(request.command_id, "a");
    assert_eq!((request.expected_revision, request.purpose), (Some(7), 1));
    let contact = v1::RecordContact { minutes: 45, ..Default::default() };
    assert_eq!(request.command, Some(v1::execute_request::Command::RecordContact(contact)));
}

#[test]
fn every_sample_comes_back_from_its_own_json() {
    for (name, _) in samples::all() {
        let line = samples::request(name).to_string();
        let request = execute_request_from_json(&line).unwrap();
        let again = execute_request_from_json(&to_json(&request).to_string()).unwrap();
        assert_eq!(again, request, "{name}");
    }
}

#[test]
fn an_answer_is_written_with_proto_names_and_plain_numbers() {
    let json = to_json(&v1::ExecuteResponse {
        position: 9_007_199_254_740_993,
        streams: vec![v1::StreamRevision { kind: 1, id: "a".to_owned(), revision: 2 }],
        recorded_at: Some(crate::timestamp(1_556_712_000_250_u64)),
        checkpoint: b"fokus".to_vec(),
        ..Default::default()
    });
    assert_eq!(
        json,
        json!({
            "position": 9_007_199_254_740_993_u64,
            "streams": [{"kind": "STREAM_KIND_FAMILY", "id": "a", "revision": 2}],
            "event_ids": [],
            "recorded_at": "2019-05-01T12:00:00.250Z",
            "checkpoint": "Zm9rdXM=",
            "replayed": false,
            "receipts": [],
        })
    );
    let seconds = i64::MAX;
    let beyond = Some(prost_types::Timestamp { seconds, nanos: 0 });
    let message = v1::ExecuteResponse { recorded_at: beyond, ..Default::default() };
    assert_eq!(to_json(&message), Value::Null);
}

#[test]
fn debug_shows_no_values() {
    for (name, _) in samples::all() {
        let request = execute_request_from_json(&samples::request(name).to_string()).unwrap();
        assert_eq!(format!("{request:?}"), "ExecuteRequest(…)");
        let command = format!("{:?}", request.command.unwrap());
        assert_eq!(command, "execute_request::Command(…)");
    }
}
