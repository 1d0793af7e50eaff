use serde_json::json;

use super::*;

const RECORDED_MS: u64 = 1_556_870_400_000;

fn field(path: &str, value: &Value) -> Field {
    Field { path: path.to_owned(), value: value.to_string().into_bytes() }
}

fn header(event_type: &str, id: &str) -> Field {
    field(
        "h",
        &json!({"type": event_type, "schema": 1, "stream": {"kind": "family", "id": id},
            "actor": {"sub": "anna.k\u{9b}", "role": "CASEWORKER"},
            "occurred": {"at_ms": 1_556_866_800_000_i64, "offset_min": 120}}),
    )
}

#[test]
fn a_history_tells_who_when_what_and_by_what_it_was_corrected() {
    let mut history = History::of("f1");
    let contact = [
        header("ContactRecorded", "f1"),
        field("d/kind", &json!("VISIT")),
        field("d/minutes", &json!(45)),
        field("d/text", &json!("Talt med\u{1b}[31m moren.\n   9  x")),
    ];
    history.add(0, RECORDED_MS, &contact);
    history.add(1, RECORDED_MS, &[header("ContactRecorded", "f2")]);
    let correction = [
        header("EntryCorrected", "f1"),
        field("d/target_revision", &json!(1)),
        field("d/changes", &json!({"minutes": 50})),
    ];
    history.add(1, RECORDED_MS, &correction);
    let labels: Labels = serde_json::from_value(json!({
        "types": {"ContactRecorded": "Kontakt", "EntryCorrected": "Rettelse"},
        "fields": {"kind": "Art", "minutes": "Minutter", "text": "Tekst"},
        "codes": {"VISIT": "Besøg", "CASEWORKER": "sagsbehandler"},
        "page": {"by": "af", "recorded": "skrevet", "see": "se"},
    }))
    .unwrap();
    let expected = "   1  2019-05-03 09:00  Kontakt
      af anna.k  (sagsbehandler); skrevet 2019-05-03 10:00
      Art: Besøg
      Minutter: 45
      Tekst: Talt med [31m moren.    9  x
      → se 2: Rettelse

   2  2019-05-03 09:00  Rettelse
      af anna.k  (sagsbehandler); skrevet 2019-05-03 10:00
      target_revision: 1
      changes: (Minutter 50)

";
    assert_eq!(history.to_text(&labels), expected);
    assert!(!history.is_empty() && History::of("f3").is_empty());
}

#[test]
fn without_labels_codes_are_printed_as_they_are() {
    let mut history = History::of("f1");
    history.add(
        0,
        RECORDED_MS,
        &[header("ContactRecorded", "f1"), field("d/kind", &json!("VISIT"))],
    );
    let page = history.to_text(&Labels::default());
    assert!(page.contains("ContactRecorded") && page.contains("kind: VISIT"), "{page}");
}
