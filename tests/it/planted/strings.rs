//! The strings that are searched: of every personal field of the catalogue, and of the coded ones by which
//! people are known, what the journal really has.

use std::collections::{BTreeMap, BTreeSet};

use aho_corasick::AhoCorasick;
use fokus_core::catalogue;
use fokus_proto::v1::execute_request::Command;
use fokus_proto::v1::{
    AssessmentKind, DescribeAssessmentArea, HistoryEvent, IcsDimension, Regime, StartAssessment,
};
use serde_json::Value;

use crate::harness::seeded::Seeded;
use crate::harness::world::World;

/// Municipality and field, such as `ContactRecorded.text`.
pub(super) type Found = BTreeSet<(String, String)>;

/// Coded fields that are searched, too: by them a family, or who works there, is known.
const CODED: [&str; 2] = ["FamilyRegistered.reference", "WorkerEmployed.subject"];

/// Personal fields that hold nothing which could be told from what stands everywhere, each with the reason.
const NOT_SEARCHED: &[(&str, &str)] = &[
    ("PersonRegistered.birth", "a date, as many others are"),
    ("PersonRegistered.sex", "a code of two letters or a common word"),
    ("LanguageNeedRecorded.language", "a tag of two letters"),
    ("InstrumentAdministered.scores", "small numbers"),
    ("InstrumentAdministered.bands", "codes that stand in the released tables' vocabulary"),
    ("FactorStated.answer", "one of YES, NO, PARTLY, UNKNOWN"),
    ("IncidentRecorded.source_agency", "a code that stands in every list of agencies"),
    ("FamilySatisfactionGiven.answers", "small numbers"),
];

/// Personal fields of codes, which are searched by the code: nothing else in an answer has it.
const BY_CODE: &[&str] =
    &["IncidentRecorded.kind", "SpecialCareMarkerSet.kind", "ConflictOfInterestDeclared.kind"];

/// The most strings of one field that are searched.
const OF_FIELD_MAX: usize = 40;
/// What a field may hold and every page may say: the name of a channel.
const COMMON: [&str; 1] = ["Digital Post"];
/// A shorter string could stand somewhere by chance.
const LETTERS_MIN: usize = 6;

/// What the journals have, and the search for it.
#[derive(Default)]
pub(super) struct Strings {
    /// By municipality and field.
    all: BTreeMap<(String, String), BTreeSet<String>>,
    search: Option<(AhoCorasick, Vec<(String, String)>)>,
}

impl Strings {
    /// Takes in an event as recorded.
    pub(super) fn take(&mut self, tenant: &str, event: &HistoryEvent) {
        for it in &event.fields {
            let name = match it.name.split_once('.') {
                Some((corrected, _)) => format!("{}.{corrected}.*", event.r#type),
                None => format!("{}.{}", event.r#type, it.name),
            };
            if !it.personal && !CODED.contains(&name.as_str()) || is_not_searched(&name) {
                continue;
            }
            let value: Value = serde_json::from_str(&it.json).expect("JSON");
            let mut strings = Vec::new();
            gather(&value, BY_CODE.contains(&name.as_str()), &mut strings);
            let of_field = self.all.entry((tenant.to_owned(), name)).or_default();
            let room = OF_FIELD_MAX.saturating_sub(of_field.len());
            of_field.extend(strings.into_iter().take(room));
        }
    }

    /// Fails unless each personal field of the catalogue is searched, or has a reason why not.
    pub(super) fn check_complete(&self) {
        let mut missing = Vec::new();
        let personal =
            catalogue::personal_fields().map(|(name, field)| format!("{name}.{}", field.name));
        let coded = CODED.iter().map(|it| (*it).to_owned());
        let all: BTreeSet<String> = personal.chain(coded).collect();
        for name in &all {
            let has = self.all.iter().any(|((_, it), strings)| it == name && !strings.is_empty());
            if has == is_not_searched(name) {
                missing.push(name.clone());
            }
        }
        assert!(
            missing.is_empty(),
            "personal fields that are not searched (record a string, or say why not): {missing:?}"
        );
        let listed = NOT_SEARCHED.iter().map(|(it, _)| *it).chain(BY_CODE.iter().copied());
        for name in listed {
            assert!(all.contains(name), "{name} is no personal field");
        }
    }

    /// Makes the search, once everything was taken in.
    pub(super) fn be_searched(&mut self) {
        let (mut texts, mut whose) = (Vec::new(), Vec::new());
        for (of, strings) in &self.all {
            let elsewhere = |text: &String| {
                self.all.iter().any(|((tenant, _), it)| *tenant != of.0 && it.contains(text))
            };
            // What two municipalities have tells of neither.
            for it in strings.iter().filter(|it| !elsewhere(it)) {
                texts.push(it.clone());
                whose.push(of.clone());
                // People write a CPR number with a hyphen.
                if let Some((day, number)) = is_cpr(it).then(|| it.split_at(6)) {
                    texts.push(format!("{day}-{number}"));
                    whose.push(of.clone());
                }
            }
        }
        let search = AhoCorasick::new(&texts).expect("a search");
        self.search = Some((search, whose));
    }

    /// Which fields of whom have a string that stands in the bytes.
    pub(super) fn found_in(&self, bytes: &[u8]) -> Found {
        let (search, whose) = self.search.as_ref().expect("it was made");
        let found = search.find_overlapping_iter(bytes);
        found.map(|it| whose[it.pattern().as_usize()].clone()).collect()
    }

    /// The fields of a municipality that are searched.
    pub(super) fn fields_of(&self, tenant: &str) -> BTreeSet<String> {
        let (_, whose) = self.search.as_ref().expect("it was made");
        whose.iter().filter(|(it, _)| it == tenant).map(|(_, field)| field.clone()).collect()
    }
}

/// Whether a field is searched by its codes.
pub(super) fn is_by_code(field: &str) -> bool {
    BY_CODE.contains(&field)
}

fn is_not_searched(name: &str) -> bool {
    NOT_SEARCHED.iter().any(|(it, _)| *it == name)
}

fn is_cpr(text: &str) -> bool {
    text.len() == 10 && text.bytes().all(|it| it.is_ascii_digit())
}

/// The strings of a value that can be told from others: of each text its longest part that is written the
/// same in JSON and in HTML.
fn gather(value: &Value, by_code: bool, into: &mut Vec<String>) {
    match value {
        Value::String(text) => {
            let parts = text.split(|it: char| it.is_control() || "\"'<>&\\".contains(it));
            let longest = parts.map(str::trim).max_by_key(|it| it.chars().count());
            let longest = longest.unwrap_or_default();
            let is_code = longest.bytes().all(|it| it.is_ascii_uppercase() || it == b'_');
            let is_common = COMMON.contains(&longest);
            if longest.chars().count() >= LETTERS_MIN && !is_common && (by_code || !is_code) {
                into.push(longest.to_owned());
            }
        }
        Value::Array(all) => all.iter().for_each(|it| gather(it, by_code, into)),
        Value::Object(all) => all.values().for_each(|it| gather(it, by_code, into)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// Commands that record what the demo's few families have not: why a child was not heard.
pub(super) fn lacking(seeded: &mut Seeded, world: &World) -> Vec<Command> {
    let (family_id, assessment_id) = (world.family_id.clone(), seeded.id());
    let start = StartAssessment {
        family_id: family_id.clone(),
        assessment_id: assessment_id.clone(),
        kind: AssessmentKind::ChildExamination.into(),
        person_id: world.child.id.clone(),
        regime: Regime::Sel.into(),
        ..Default::default()
    };
    let describe = DescribeAssessmentArea {
        family_id,
        assessment_id,
        dimension: IcsDimension::School.into(),
        child_not_heard_reason: "Barnet lå med høj feber og blev ikke hørt.".to_owned(),
        ..Default::default()
    };
    vec![Command::StartAssessment(start), Command::DescribeAssessmentArea(describe)]
}

#[test]
fn strings_are_cut_to_what_is_written_the_same_everywhere() {
    let gathered = |value: Value, by_code| {
        let mut into = Vec::new();
        gather(&value, by_code, &mut into);
        into
    };
    let name = serde_json::json!({ "given": "Yldriert", "family": "O'Kvistdalsen", "n": 3 });
    assert_eq!(gathered(name, false), ["Kvistdalsen", "Yldriert"]);
    assert!(gathered(serde_json::json!(["VIOLENCE", "kort"]), false).is_empty());
    assert_eq!(gathered(serde_json::json!("VIOLENCE"), true), ["VIOLENCE"]);
}
