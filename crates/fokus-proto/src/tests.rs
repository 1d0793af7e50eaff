//! Tests of the whole way from a line of JSON to the domain: [`samples`] has one good request per
//! command, [`commands`] and [`envelope`] break one field each, [`lines`] breaks the JSON, [`reads`] and
//! [`back`] are the rest of the wire, [`arbitrary`] throws anything at it.

mod arbitrary;
mod assessing;
mod back;
mod commands;
mod envelope;
mod lines;
mod reads;
mod samples;

use fokus_core::command::Request;
use fokus_core::rejection::{Reason, Rejection};
use serde_json::Value;

/// What becomes of a request given as JSON whose form is good.
fn parsed(request: &Value) -> Result<Request, Rejection> {
    let wire = crate::execute_request_from_json(&request.to_string()).expect("of good form");
    crate::request(wire).map(|(_, request)| request)
}

/// Puts `value` at `path`, such as `record_contact.present[0]`; `null` takes the field away.
#[track_caller]
fn put(request: &mut Value, path: &str, value: Value) {
    let pointer = format!("/{}", path.replace(['.', '['], "/").replace(']', ""));
    let (parent, name) = pointer.rsplit_once('/').unwrap();
    let parent = request.pointer_mut(parent).expect("the sample has the message that holds it");
    match parent {
        Value::Object(members) if value.is_null() => drop(members.remove(name)),
        Value::Object(members) => drop(members.insert(name.to_owned(), value)),
        Value::Array(list) => list[name.parse::<usize>().unwrap()] = value,
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {
            panic!("{path}: what should hold it has no fields")
        }
    }
}

/// A good request with one field changed is refused for `reason`, at that field.
#[track_caller]
fn refused(path: &str, value: Value, reason: Reason) {
    refused_at(path, value, reason, path);
}

/// The same, where the fault shows at another path.
#[track_caller]
fn refused_at(path: &str, value: Value, reason: Reason, at: &str) {
    let mut request = samples::holding(path);
    put(&mut request, path, value);
    let rejection = parsed(&request).expect_err("refused");
    assert_eq!((rejection.reason, rejection.field.as_deref()), (reason, Some(at)), "{rejection}");
}

/// A good request with one field changed is accepted.
#[track_caller]
fn accepted(path: &str, value: Value) -> Request {
    let mut request = samples::holding(path);
    put(&mut request, path, value);
    parsed(&request).unwrap_or_else(|it| panic!("{it}"))
}
