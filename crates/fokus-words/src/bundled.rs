//! The words that come with an audit bundle, `labels.<language>.json`: of types, fields and codes, so that
//! whoever reads a history printed from the bundle needs no program of ours to know what a code means.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::json;

use crate::{Language, bundle, capital};

/// The words of the page itself.
pub const PAGE: [&str; 6] = ["by", "for", "recorded", "see", "yes", "no"];
/// Messages that are no codes.
const OTHERS: [&str; 5] = ["Event", "Field", "Page", "RoleSees", "Speech"];

/// The files, by language.
pub fn labels() -> Vec<(String, Vec<u8>)> {
    let of = |language: Language| {
        let (words, types) = (|name| words(language, name), words(language, "Event"));
        let mut page = words("Page");
        let labels = json!({
            "types": types.into_iter().map(|(key, it)| (key, capital(&it))).collect::<BTreeMap<_, _>>(),
            "fields": words("Field"),
            "codes": codes(language),
            "page": PAGE.iter().filter_map(|it| page.remove_entry(*it)).collect::<BTreeMap<_, _>>(),
        });
        let mut bytes = serde_json::to_vec_pretty(&labels).unwrap_or_default();
        bytes.push(b'\n');
        (language.tag().to_owned(), bytes)
    };
    vec![of(Language::Danish), of(Language::English)]
}

/// Every value of an enum, in words.
fn words(language: Language, of: &str) -> BTreeMap<String, String> {
    let bundle = bundle(language);
    let Some(message) = bundle.get_message(of) else { return BTreeMap::new() };
    let word = |value| bundle.format_pattern(value, None, &mut Vec::new()).into_owned();
    message.attributes().map(|it| (it.id().to_owned(), word(it.value()))).collect()
}

/// Codes of all enums. One that means different things in two of them is left as it is.
fn codes(language: Language) -> BTreeMap<String, String> {
    let mut all: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (_, text) in language.files() {
        let names = text.lines().filter_map(|line| line.strip_suffix(" ="));
        for name in names.filter(|it| !OTHERS.contains(it)) {
            for (code, word) in words(language, name) {
                all.entry(code).or_default().insert(word);
            }
        }
    }
    let page = words(language, "Page");
    let answers = [("true", "yes"), ("false", "no")];
    let answers = answers.iter().filter_map(|(code, word)| Some((code, page.get(*word)?)));
    for (code, word) in answers {
        all.entry((*code).to_owned()).or_default().insert(word.clone());
    }
    let single = |(code, words): (String, BTreeSet<String>)| match words.len() {
        1 => words.into_iter().next().map(|word| (code, word)),
        _ => None,
    };
    all.into_iter().filter_map(single).collect()
}

#[cfg(test)]
mod tests {
    #[test]
    fn both_languages_have_words_for_types_fields_codes_and_the_page() {
        let labels = super::labels();
        let read = |at: usize| {
            let (language, bytes): &(String, Vec<u8>) = &labels[at];
            let value: serde_json::Value = serde_json::from_slice(bytes).unwrap();
            (language.clone(), value)
        };
        let (danish, english) = (read(0), read(1));
        assert_eq!((danish.0.as_str(), english.0.as_str()), ("da", "en"));
        assert_eq!(danish.1["types"]["GoalSet"], "Mål sat");
        assert_eq!(english.1["fields"]["risk_areas"], "risk areas");
        assert_eq!(danish.1["codes"]["FAMILY_PLAN"], "familieplan");
        assert_eq!(english.1["page"]["by"], "by");
        assert_eq!(danish.1["codes"]["true"], "ja");
        assert!(english.1["codes"].get("OTHER").is_none(), "it means something else in each place");
    }
}
