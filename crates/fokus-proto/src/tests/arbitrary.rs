//! Anything at all: nothing panics, and no error repeats what it was given.

use proptest::prelude::*;
use prost::Message as _;
use serde_json::{Value, json};

use super::samples;
use crate::v1;

/// Stands for a value that nobody may see again.
const PLANTED: &str = "Qanary";
const PLANTED_NUMBER: i64 = -1_987_654_321;

/// What comes of a line: the error's words, or nothing.
fn words(line: &str) -> Option<String> {
    match crate::execute_request_from_json(line) {
        Err(error) => Some(format!("{error} {error:?}")),
        Ok(wire) => crate::request(wire).err().map(|it| format!("{it} {it:?}")),
    }
}

/// The paths of everything inside a value, as JSON pointers.
fn pointers(value: &Value, at: &str, out: &mut Vec<String>) {
    let members: Vec<(String, &Value)> = match value {
        Value::Object(it) => it.iter().map(|(name, value)| (name.clone(), value)).collect(),
        Value::Array(it) => it.iter().enumerate().map(|(i, it)| (i.to_string(), it)).collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => Vec::new(),
    };
    for (name, value) in members {
        let path = format!("{at}/{name}");
        pointers(value, &path, out);
        out.push(path);
    }
}

#[test]
fn a_planted_value_in_any_field_of_any_command_is_never_repeated() {
    let planted = [
        json!(PLANTED),
        json!(format!("{PLANTED}\u{7}")),
        json!(PLANTED.repeat(20_000)),
        json!(PLANTED_NUMBER),
        json!([PLANTED]),
        json!([PLANTED_NUMBER, PLANTED]),
        json!({ "text": PLANTED }),
        json!({ "person_id": PLANTED_NUMBER }),
        json!({ format!("{PLANTED} 1"): PLANTED }),
    ];
    let mut refused = 0;
    for (name, _) in samples::all() {
        let request = samples::request(name);
        let mut paths = Vec::new();
        pointers(&request, "", &mut paths);
        for (path, value) in paths.iter().flat_map(|path| planted.iter().map(move |it| (path, it)))
        {
            let mut request = request.clone();
            *request.pointer_mut(path).unwrap() = value.clone();
            let Some(words) = words(&request.to_string()) else { continue };
            refused += 1;
            assert!(!words.contains(PLANTED), "{path}: {words}");
            assert!(!words.contains("987654321"), "{path}: {words}");
        }
    }
    assert!(refused > 3000, "only {refused} were refused: the samples have lost their fields");
}

/// A good request's bytes with some of them changed, cut or put in.
fn damaged() -> impl Strategy<Value = Vec<u8>> {
    let samples: Vec<Vec<u8>> = samples::all()
        .iter()
        .map(|(name, _)| {
            let line = samples::request(name).to_string();
            crate::execute_request_from_json(&line).unwrap().encode_to_vec()
        })
        .collect();
    let changes = prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..6);
    (prop::sample::select(samples), changes, any::<bool>()).prop_map(|(mut bytes, changes, cut)| {
        for (index, byte) in changes {
            let at = index.index(bytes.len());
            bytes[at] = byte;
        }
        if cut {
            bytes.truncate(bytes.len() / 2);
        }
        bytes
    })
}

proptest! {
    #[test]
    fn a_damaged_message_is_refused_or_understood(bytes in damaged()) {
        if let Ok(wire) = v1::ExecuteRequest::decode(bytes.as_slice()) {
            let canonical = crate::canonical(&wire);
            let again = v1::ExecuteRequest::decode(canonical.as_slice()).unwrap();
            prop_assert_eq!(crate::canonical(&again), canonical);
            if let Err(it) = crate::request(wire) {
                prop_assert!(it.field.is_some());
            }
        }
    }

    #[test]
    fn random_bytes_are_refused_or_understood(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        if let Ok(wire) = v1::ExecuteRequest::decode(bytes.as_slice()) {
            prop_assert!(crate::request(wire).is_err());
        }
    }

    #[test]
    fn any_line_is_refused_or_understood(line in ".{0,200}") {
        let _ = words(&line);
    }

    #[test]
    fn every_instant_comes_back(ms in -62_135_596_800_000_i64..=253_402_300_799_999) {
        let at = crate::path::Path::root("at");
        prop_assert_eq!(crate::parse::instant_ms(crate::timestamp(ms), at), Ok(ms));
    }
}
