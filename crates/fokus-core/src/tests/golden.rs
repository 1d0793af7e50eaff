//! Golden files: one for each (type, schema) that was ever written, read for ever.

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;

use serde_json::{Map, Value};

use crate::catalogue::{self, Kind};
use crate::effective::CORRECTED_PREFIX;
use crate::fact::{Fact, UnknownFact, schema_of};

struct Golden {
    event_type: String,
    schema: u32,
    facts: Map<String, Value>,
    personal: Map<String, Value>,
}

fn object(value: Option<&Value>) -> Map<String, Value> {
    value.and_then(Value::as_object).cloned().unwrap()
}

/// All golden files; a name is `<Type>.v<schema>.json`.
fn all() -> Vec<Golden> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("golden");
    let read = |entry: std::io::Result<fs::DirEntry>| {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap();
        let (event_type, schema) = name.strip_suffix(".json").unwrap().split_once(".v").unwrap();
        let json: Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
        Golden {
            event_type: event_type.to_owned(),
            schema: schema.parse().unwrap(),
            facts: object(json.get("facts")),
            personal: object(json.get("personal")),
        }
    };
    fs::read_dir(folder).unwrap().map(read).collect()
}

/// The catalogue's name of a personal field.
fn row_of(name: &str) -> &str {
    if name.starts_with(CORRECTED_PREFIX) { "corrected.*" } else { name }
}

/// The fact as it is read from its members, each a text of its own.
fn read(event_type: &str, schema: u32, facts: &Map<String, Value>) -> Result<Fact, UnknownFact> {
    let texts: Vec<_> = facts.iter().map(|(name, it)| (name.as_str(), it.to_string())).collect();
    let members: Vec<_> = texts.iter().map(|(name, it)| (*name, it.as_bytes())).collect();
    Fact::read(event_type, schema, &members)
}

#[test]
fn every_golden_event_is_read_and_written_the_same() {
    for golden in all() {
        let fact = Fact::decode(&golden.event_type, golden.schema, golden.facts.clone());
        let fact = fact.unwrap_or_else(|_| panic!("{} is not read", golden.event_type));
        assert_eq!(fact.type_name(), golden.event_type);
        assert_eq!(read(&golden.event_type, golden.schema, &golden.facts), Ok(fact.clone()));
        if fact.schema() == golden.schema {
            assert_eq!(fact.to_json(), golden.facts, "{}", golden.event_type);
            let written = fact.members().unwrap().into_iter().map(|(name, value)| {
                (name.to_owned(), serde_json::from_slice::<Value>(&value).unwrap())
            });
            assert_eq!(written.collect::<Map<_, _>>(), golden.facts, "{}", golden.event_type);
        }
    }
}

#[test]
fn every_type_has_a_golden_file_of_each_schema() {
    let files: BTreeSet<_> = all().into_iter().map(|it| (it.event_type, it.schema)).collect();
    for event_type in Fact::TYPES {
        for schema in 1..=schema_of(event_type) {
            assert!(files.contains(&((*event_type).to_owned(), schema)), "{event_type} {schema}");
        }
    }
    assert!(files.iter().all(|(it, _)| Fact::TYPES.contains(&it.as_str())));
}

#[test]
fn unknown_members_schemas_and_types_are_refused() {
    for golden in all() {
        let name = golden.event_type.as_str();
        let mut facts = golden.facts.clone();
        facts.insert("zzz".to_owned(), Value::Null);
        assert!(read(name, golden.schema, &facts).is_err(), "{name}: another member");
        assert!(Fact::decode(name, golden.schema, facts).is_err(), "{name}: another member");
        for missing in golden.facts.keys() {
            let mut facts = golden.facts.clone();
            facts.remove(missing);
            let whole = read(name, golden.schema, &facts);
            assert_eq!(whole, Fact::decode(name, golden.schema, facts), "{name}: no {missing}");
        }
        assert!(read(name, 99, &golden.facts).is_err(), "{name}: schema 99");
        assert!(Fact::decode(name, 0, golden.facts.clone()).is_err(), "{name}: schema 0");
        assert!(Fact::decode(name, 99, golden.facts.clone()).is_err(), "{name}: schema 99");
        assert!(Fact::decode("Zzz", golden.schema, golden.facts).is_err());
    }
}

#[test]
fn golden_members_are_the_catalogues_rows() {
    for golden in all() {
        let rows = catalogue::fields(&golden.event_type, golden.schema);
        let with = |personal: bool| -> BTreeSet<&str> {
            let of_kind = rows.iter().filter(|it| (it.kind != Kind::Coded) == personal);
            of_kind.map(|it| it.name).collect()
        };
        let facts: BTreeSet<&str> = golden.facts.keys().map(String::as_str).collect();
        let personal: BTreeSet<&str> = golden.personal.keys().map(|it| row_of(it)).collect();
        assert_eq!(facts, with(false), "{}", golden.event_type);
        assert_eq!(personal, with(true), "{}", golden.event_type);
        let names: BTreeSet<_> = rows.iter().map(|it| it.name).collect();
        assert_eq!(names.len(), rows.len(), "{}: a name stands twice", golden.event_type);
    }
}

#[test]
fn a_golden_correction_lists_the_personal_fields_that_it_holds() {
    let correction = all().into_iter().find(|it| it.event_type == "EntryCorrected").unwrap();
    let held: Vec<_> =
        correction.personal.keys().filter_map(|it| it.strip_prefix(CORRECTED_PREFIX)).collect();
    assert_eq!(correction.facts["corrected_personal"], serde_json::json!(held));
}

/// The ids at a path of the facts, through lists.
fn ids_at(value: &Value, path: &[&str]) -> Vec<Value> {
    match (value, path) {
        (Value::Array(items), path) => items.iter().flat_map(|it| ids_at(it, path)).collect(),
        (value, []) => vec![value.clone()],
        (value, [member, rest @ ..]) => {
            value.get(member).map(|it| ids_at(it, rest)).unwrap_or_default()
        }
    }
}

#[test]
fn a_personal_field_is_about_the_persons_that_its_row_names() {
    for golden in all() {
        let facts = Value::Object(golden.facts.clone());
        for (name, field) in &golden.personal {
            let row = catalogue::field(&golden.event_type, golden.schema, name).unwrap();
            let Kind::Personal { whose } = row.kind else { panic!("{name} is coded") };
            let path: Vec<_> = whose.split('.').collect();
            if whose != "target" {
                let persons = field["persons"].as_array().unwrap();
                assert_eq!(ids_at(&facts, &path), *persons, "{} {name}", golden.event_type);
            }
        }
    }
}

#[test]
fn what_the_catalogue_does_not_know_counts_as_personal() {
    assert!(catalogue::is_personal("NoteRecorded", 1, "text"));
    assert!(!catalogue::is_personal("NoteRecorded", 1, "grade"));
    assert!(catalogue::is_personal("NoteRecorded", 1, "zzz"));
    assert!(catalogue::is_personal("NoteRecorded", 2, "grade"));
    assert!(catalogue::is_personal("EntryCorrected", 1, "corrected.text"));
    let names = catalogue::personal_names("EntryCorrected", 1, &["text".to_owned()]);
    assert_eq!(names, ["explanation", "corrected.text"]);
    assert_eq!(catalogue::personal_names("NoteRecorded", 1, &[]), ["source", "text"]);
    let inherited = catalogue::field_of_target("NoteRecorded", 1, "corrected.source").unwrap();
    assert_eq!(inherited.name, "source");
}
