//! The files of words against each other, the code, and the wire.

mod files;
mod uses;

use std::collections::BTreeSet;

use fluent_bundle::FluentResource;
use fluent_bundle::concurrent::FluentBundle;
use fokus_core::fact::Fact;
use fokus_core::instruments;
use fokus_proto::v1;
use prost::Message as _;
use prost_types::FileDescriptorSet;

use self::files::{Messages, read};
use super::*;
use fokus_words::{Language, prefix, say};

type Bundle = FluentBundle<FluentResource>;

const LANGUAGES: [Language; 2] = [Language::Danish, Language::English];

#[track_caller]
fn check_none(what: &str, found: Vec<String>) {
    assert!(found.is_empty(), "{what}:\n  {}", found.join("\n  "));
}

#[test]
fn every_file_can_be_read_and_no_key_stands_twice() {
    for language in LANGUAGES {
        let mut bundle = Bundle::new_concurrent(vec![language.tag().parse().unwrap()]);
        for (name, text) in language.files() {
            let file = FluentResource::try_new(text.to_owned());
            let file = file.unwrap_or_else(|(_, errors)| panic!("{language:?} {name}: {errors:?}"));
            bundle.add_resource(file).unwrap_or_else(|it| panic!("{language:?} {name}: {it:?}"));
        }
    }
}

#[test]
fn both_languages_have_the_same_keys() {
    let [danish, english] = LANGUAGES.map(read);
    let names = |of: &Messages| -> BTreeSet<String> {
        let one = |(key, it): (&String, &files::Message)| {
            let attributes = it.attributes.iter().map(|name| format!("{key}.{name}"));
            attributes.chain([key.clone()]).collect::<Vec<_>>()
        };
        of.iter().flat_map(one).collect()
    };
    // The months of Danish dates stand once for all.
    let only: Vec<String> =
        names(&danish).symmetric_difference(&names(&english)).cloned().collect();
    assert_eq!(only, ["month"]);
}

#[test]
fn every_key_that_is_said_exists_with_its_arguments_and_every_key_is_said() {
    let said = uses::of_messages();
    assert!(said.len() > 200, "the reader of the code finds what it looks for");
    for language in LANGUAGES {
        let messages = read(language);
        let mut missing = Vec::new();
        for it in &said {
            match messages.get(&it.key) {
                None => missing.push(format!("{}: {}", it.place, it.key)),
                Some(message) => missing.extend(
                    message
                        .variables
                        .iter()
                        .filter(|name| !it.arguments.contains(*name))
                        .map(|name| format!("{}: {} is not given ${name}", it.place, it.key)),
                ),
            }
        }
        check_none("said, and not there", missing);
        let referred: BTreeSet<&String> = messages.values().flat_map(|it| &it.references).collect();
        let unused = messages.iter().filter(|(key, it)| {
            it.attributes.is_empty()
                && !referred.contains(key)
                && !said.iter().any(|said| said.key == **key)
        });
        check_none("there, and never said", unused.map(|(key, _)| key.clone()).collect());
    }
}

/// Every enum of the wire with its values, and the codes that are none there.
fn codes() -> Vec<(String, BTreeSet<String>)> {
    let set = FileDescriptorSet::decode(fokus_proto::FILE_DESCRIPTOR_SET).unwrap();
    let enums = set.file.into_iter().filter(|it| it.package() == "fokus.v1");
    let mut codes: Vec<(String, BTreeSet<String>)> = enums
        .flat_map(|it| it.enum_type)
        .map(|it| {
            let prefix = prefix(it.name());
            let values = it.value.iter().map(|value| {
                let code = value.name().strip_prefix(&prefix);
                code.unwrap_or_else(|| panic!("{} has another prefix", value.name())).to_owned()
            });
            (it.name().to_owned(), values.filter(|code| code != "UNSPECIFIED").collect())
        })
        .collect();
    let scales = || instruments::all().iter().flat_map(|it| it.scales);
    let texts = |texts: Vec<&str>| texts.into_iter().map(str::to_owned).collect();
    codes.extend([
        ("Event".to_owned(), texts(Fact::TYPES.to_vec())),
        ("Field".to_owned(), texts(fokus_core::catalogue::names().collect())),
        ("Page".to_owned(), texts(fokus_words::bundled::PAGE.to_vec())),
        (
            "Role".to_owned(),
            texts(fokus_app::session::Role::ALL.iter().map(|it| it.name()).collect()),
        ),
        (
            "RoleSees".to_owned(),
            texts(fokus_app::session::Role::ALL.iter().map(|it| it.name()).collect()),
        ),
        ("Instrument".to_owned(), texts(instruments::all().iter().map(|it| it.code).collect())),
        ("Scale".to_owned(), texts(scales().map(|it| it.code).collect())),
        ("Band".to_owned(), texts(scales().flat_map(|it| it.bands).map(|it| it.name).collect())),
    ]);
    codes
}

#[test]
fn every_value_of_the_wire_has_a_word_in_both_languages_and_no_other_has() {
    for language in LANGUAGES {
        let messages = read(language);
        let codes = codes();
        for (of, values) in &codes {
            let known = messages.get(of).map(|it| it.attributes.clone()).unwrap_or_default();
            let differ: Vec<String> = known.symmetric_difference(values).cloned().collect();
            check_none(&format!("{language:?}: values of {of} in one place only"), differ);
        }
        // How many languages families speak is nobody's list.
        let known = |key: &String| key == "Speech" || codes.iter().any(|(of, _)| of == key);
        let more = messages.iter().filter(|(key, it)| !it.attributes.is_empty() && !known(key));
        check_none("words of an enum that is not there", more.map(|(it, _)| it.clone()).collect());
        let asked = uses::of_codes().into_iter().filter(|it| !known(it));
        check_none("codes asked for that are none", asked.collect());
    }
}

#[test]
fn a_locale_is_danish_or_answered_in_english() {
    #[track_caller]
    fn check(locale: &str, expected: Language) {
        assert_eq!(Language::of_locale(locale), expected, "{locale}");
    }
    check("da_DK.UTF-8", Language::Danish);
    check("da", Language::Danish);
    check("en_GB.UTF-8", Language::English);
    check("dav_KE", Language::English);
    check("C.UTF-8", Language::English);
    check("", Language::English);
}

#[track_caller]
fn check(say: impl Fn(Words) -> String, danish: &str, english: &str) {
    let [in_danish, in_english] = LANGUAGES.map(|it| say(Words::new(it)));
    assert_eq!((in_danish.as_str(), in_english.as_str()), (danish, english));
}

#[test]
fn codes_become_words() {
    check(|it| it.code("CasePhase", "FAMILY_PLAN"), "familieplan", "family plan");
    check(|it| it.code("CasePhase", "OF_LATER"), "of later", "of later");
    check(|it| it.label("CasePhase", "CASE_PHASE_EVALUATION"), "evaluering", "evaluation");
    check(|it| it.label("CasePhase", "CASE_PHASE_UNSPECIFIED"), "", "");
    check(|it| it.event("GoalSet"), "Mål sat", "Goal set");
    check(|it| it.event("OfLater"), "OfLater", "OfLater");
    check(|it| it.speech("ku-Arab"), "kurdisk", "Kurdish");
    check(|it| it.speech("tlh"), "tlh", "tlh");
}

#[test]
fn times_are_local_and_as_exact_as_they_are_known() {
    #[track_caller]
    fn check_at(seconds: i64, precision: v1::Precision, danish: &str, english: &str) {
        let time = Some(prost_types::Timestamp { seconds, nanos: 0 });
        let at = v1::OccurredAt { time, utc_offset_minutes: 60, precision: precision.into() };
        check(|it| it.occurred(&at), danish, english);
    }
    // 2019-03-04T22:30:00Z, winter; 2019-07-04T22:30:00Z, summer; local midnight.
    use v1::Precision as It;
    check_at(1_551_738_600, It::Exact, "4. marts 2019 kl. 23.30", "2019-03-04 23:30");
    check_at(1_562_279_400, It::Exact, "5. juli 2019 kl. 00.30", "2019-07-05 00:30");
    check_at(1_562_277_600, It::Exact, "5. juli 2019", "2019-07-05");
    check_at(1_562_279_400, It::Day, "5. juli 2019", "2019-07-05");
    check_at(1_562_279_400, It::Month, "juli 2019", "2019-07");
    check_at(1_562_279_400, It::UnknownEstimated, "omkring 5. juli 2019", "about 2019-07-05");
    let at = prost_types::Timestamp { seconds: 1_562_279_400, nanos: 0 };
    check(|it| it.month_head(&at), "Juli 2019", "July 2019");
    check(|it| it.date("2019-05-03"), "3. maj 2019", "2019-05-03");
    check(|it| it.date("soon"), "soon", "soon");
}

#[test]
fn amounts_read_as_people_say_them() {
    check(|it| it.duration(45), "45 min", "45 min");
    check(|it| it.duration(120), "2 t", "2 h");
    check(|it| it.duration(150), "2 t 30 min", "2 h 30 min");
    check(|it| it.per_cent(125), "12,5 %", "12.5 %");
    check(|it| it.per_cent(100), "10 %", "10 %");
    check(|it| it.hundredths(-150), "-1,5", "-1.5");
    check(|it| it.hundredths(-50), "-0,5", "-0.5");
    check(|it| it.hundredths(105), "1,05", "1.05");
    let names = |count: usize| ["A", "B", "C"].iter().take(count).map(ToString::to_string);
    check(|it| it.list(names(1).collect()), "A", "A");
    check(|it| it.list(names(3).collect()), "A, B og C", "A, B and C");
    check(|it| say!(it, "plan-goals", goals = 0), "ingen mål", "no goals");
    check(|it| say!(it, "plan-goals", goals = 1), "1 mål", "1 goal");
    check(
        |it| say!(it, "corrected", count = 1),
        "1 notat rettet inden for de seneste 30 dage",
        "1 entry corrected in the last 30 days",
    );
}
