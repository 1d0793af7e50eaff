//! Who the family are, what one must know before meeting them, whom one turns to, and where they stand
//! in education and work.

use fokus_proto::v1;

use crate::render::{Page, Screen, table};
use fokus_words::names::Names;
use fokus_words::{Words, capital, heads, say};

/// The section.
pub(super) fn put(page: &mut Page, family: &v1::FamilyStatus, names: &Names, screen: Screen) {
    let words = screen.words;
    page.head(&ages(family, words));
    let rows = family.members.iter().map(|member| {
        vec![
            names.name(&member.person_id),
            capital(&words.label("FamilyRole", member.role().as_str_name())),
            member.age_years.map_or_else(|| "?".to_owned(), |age| age.to_string()),
            capital(&words.label("Household", member.household().as_str_name())),
        ]
    });
    let head = heads!(words, "head-name", "head-role", "head-age", "head-lives");
    for line in table(head, rows.collect(), screen.width.map(|it| it.saturating_sub(2))).lines() {
        page.text.push_str(&format!("  {line}\n"));
    }
    for line in before_meeting(family, names, words) {
        page.item(&line);
    }
    for line in around(family, names, words) {
        page.item(&line);
    }
}

fn ages(family: &v1::FamilyStatus, words: Words) -> String {
    let (under_18, youth) = (family.children_under_18, family.youth_10_to_25);
    let mut ages = vec![say!(words, "members-under-18", count = under_18)];
    ages.push(say!(words, "members-10-to-25", count = youth));
    if family.age_unknown > 0 {
        ages.push(say!(words, "members-age-unknown", count = family.age_unknown));
    }
    say!(words, "members-head", ages = ages.join(", "))
}

/// Warnings first.
fn before_meeting(family: &v1::FamilyStatus, names: &Names, words: Words) -> Vec<String> {
    let mut lines = Vec::new();
    for member in &family.members {
        for care in &member.special_care {
            let kind = words.label("SpecialCareKind", care.kind().as_str_name()).to_uppercase();
            let until = words.date(&care.valid_to);
            let person = names.name(&member.person_id);
            lines.push(say!(words, "special-care", person = person, kind = kind, until = until));
        }
    }
    for member in &family.members {
        let person = names.name(&member.person_id);
        if !member.died_on.is_empty() {
            let on = words.date(&member.died_on);
            lines.push(say!(words, "member-died", person = person.clone(), on = on));
        }
        if let Some(need) = &member.language {
            lines.push(say!(words, "member-speaks", person = person, speech = speech(need, words)));
        }
    }
    lines
}

fn speech(need: &v1::LanguageNeed, words: Words) -> String {
    let mut parts = vec![if need.language.is_empty() {
        say!(words, "erased")
    } else {
        words.speech(&need.language)
    }];
    if need.interpreter {
        parts.push(say!(words, "needs-interpreter"));
    }
    if need.kinship_interpreter_refused {
        parts.push(say!(words, "no-relative-interpreter"));
    }
    parts.join(", ")
}

/// The primary contact, the network, education and work.
fn around(family: &v1::FamilyStatus, names: &Names, words: Words) -> Vec<String> {
    let mut lines = Vec::new();
    if let Some(it) = &family.primary_contact {
        let person = names.name(&it.person_id);
        let channel = words.label("ContactChannel", it.channel().as_str_name());
        lines.push(if it.interpreter {
            say!(words, "primary-contact-interpreter", person = person, channel = channel)
        } else {
            say!(words, "primary-contact", person = person, channel = channel)
        });
    }
    if !family.network.is_empty() {
        let people = family.network.iter().map(|it| helper(it, names, words));
        let people = people.collect::<Vec<_>>().join(", ");
        lines.push(say!(words, "network", people = people));
    }
    let reports = reports(family, names, words);
    if !reports.is_empty() {
        lines.push(say!(words, "education-and-work", reports = reports.join("; ")));
    }
    lines
}

fn helper(it: &v1::NetworkPersonStatus, names: &Names, words: Words) -> String {
    let role = words.label("NetworkRole", it.role().as_str_name());
    let person = names.name(&it.person_id);
    if it.agreed_by_family {
        say!(words, "network-person", person = person, role = role)
    } else {
        say!(words, "network-person-not-agreed", person = person, role = role)
    }
}

fn reports(family: &v1::FamilyStatus, names: &Names, words: Words) -> Vec<String> {
    let since = |person: &str, status: String, from: &str| {
        let (person, from) = (names.name(person), words.date(from));
        say!(words, "report-since", person = person, status = status, from = from)
    };
    let education = family.education.iter().map(|it| {
        let status = words.label("EducationStatus", it.status().as_str_name());
        since(&it.person_id, status, &it.from)
    });
    let employment = family.employment.iter().map(|it| {
        let status = words.label("EmploymentStatus", it.status().as_str_name());
        since(&it.person_id, status, &it.from)
    });
    education.chain(employment).collect()
}
