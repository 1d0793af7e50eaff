//! Every page, looked at as everybody.

use std::collections::BTreeSet;

use fokus_app::session::Role;
use fokus_core::codes::Purpose;

use super::strings::Found;
use super::{OTHER, PURPOSES, Stage, purpose_name, sees_families};
use crate::harness::http::{Message, ask_as};
use crate::harness::place::TENANT;

/// Fields that no page shows, each with the reason.
const ON_NO_PAGE: &[(&str, &str)] = &[
    ("PersonRegistered.cpr", "pages have names; the number is in the person's own stream"),
    ("PersonIdentityEstablished.cpr", "likewise"),
    ("PersonContactPointRecorded.value", "pages say through what, and not where"),
    ("SpecialCareMarkerSet.kind", "in words, not as a code"),
    ("SpecialCareMarkerSet.grounds", "in the person's own stream"),
    ("WorkerEmployed.subject", "pages have workers' names; it is in the worker's own stream"),
    ("ConflictOfInterestDeclared.kind", "in the worker's own stream"),
];

/// Whose looks must find what they may see, all of it: one who works with families, and one who audits.
const THOROUGH: [(Role, Purpose); 2] =
    [(Role::Caseworker, Purpose::Casework), (Role::Auditor, Purpose::Audit)];

/// The addresses that a pattern stands for.
fn paths(stage: &Stage, pattern: &str, thorough: bool) -> Vec<String> {
    let families = &stage.known.families;
    // One family here, one there; all of them for the thorough.
    let few: Vec<usize> =
        if thorough { (0..families.len()).collect() } else { vec![0, families.len() - 1] };
    let of_families = |rest: &[String]| {
        let each = few.iter().flat_map(|at| {
            let family = &families[*at];
            rest.iter().map(move |it| format!("/family/{family}{it}"))
        });
        each.collect::<Vec<String>>()
    };
    match pattern {
        "/" | "/today" | "/families" | "/interventions" | "/caseload" | "/operations"
        | "/metrics" | "/events" | "/health" | "/export" => vec![pattern.to_owned()],
        "/export/progress" => vec![format!("{pattern}?id=00000000-0000-4000-8000-000000000001")],
        "/programme" => vec![pattern.to_owned(), format!("{pattern}?quarter=2019-Q1")],
        "/family/{id}" => of_families(&[
            String::new(),
            "?all=1&mistaken=1".to_owned(),
            "?was=2020-03-01".to_owned(),
        ]),
        "/family/{id}/entry/{revision}" => of_families(&[1, 2, 9].map(|it| format!("/entry/{it}"))),
        "/family/{id}/history" if thorough => {
            let pages = |at: &usize| {
                let (family, revisions) = (&families[*at], stage.known.revisions[*at]);
                let after = (0..revisions).step_by(40);
                after.map(move |it| format!("/family/{family}/history?after={it}"))
            };
            few.iter().flat_map(pages).collect()
        }
        "/family/{id}/history" => of_families(&["/history".to_owned()]),
        "/assets/{name}" => vec!["/assets/live.js".to_owned()],
        other => panic!("say here how {other} is looked at"),
    }
}

/// Looks at everything as everybody, and as nobody.
pub(super) async fn at_everything(stage: &Stage, leaks: &mut Vec<String>) {
    for tenant in [TENANT, OTHER] {
        for role in Role::ALL {
            for purpose in PURPOSES {
                let thorough = tenant == TENANT && THOROUGH.contains(&(role, purpose));
                let token = stage.token(tenant, role.name(), &[purpose]);
                let found = looked(stage, Some(&token), thorough).await;
                let who = format!("{} of {tenant} for {}", role.name(), purpose_name(purpose));
                for (path, found) in &found {
                    let leaked = stage.leaks(tenant, role, found).into_iter();
                    leaks.extend(leaked.map(|it| format!("{who}, {path}: {it}")));
                }
                if thorough {
                    assert!(sees_families(role));
                    check_thorough(stage, &who, found);
                }
            }
        }
    }
    for (path, found) in looked(stage, None, false).await {
        leaks.extend(found.iter().map(|(of, it)| format!("nobody, {path}: {it} of {of}")));
    }
}

/// Fails unless everything was found that a page is there to show.
fn check_thorough(stage: &Stage, who: &str, found: Vec<(String, Found)>) {
    // Notes of supervisions are no part of what one sees of a family unless one looks for them.
    let supervision = (TENANT.to_owned(), "SupervisionNoteRecorded.text".to_owned());
    let is_page = |path: &str| !path.contains("/history") && !path.contains("/entry/");
    let seen = found.iter().any(|(path, found)| is_page(path) && found.contains(&supervision));
    assert_eq!(seen, who.starts_with("AUDITOR"), "notes of supervisions, seen by {who}");
    let found = found.into_iter().flat_map(|(_, it)| it);
    let seen: BTreeSet<String> = found.filter(|(of, _)| of == TENANT).map(|(_, it)| it).collect();
    let on_a_page = |it: &String| !ON_NO_PAGE.iter().any(|(name, _)| it == name);
    let expected: BTreeSet<String> =
        stage.strings.fields_of(TENANT).into_iter().filter(on_a_page).collect();
    assert_eq!(seen, expected, "what {who} sees on pages");
}

/// What is found at every address.
async fn looked(stage: &Stage, token: Option<&str>, thorough: bool) -> Vec<(String, Found)> {
    let mut found = Vec::new();
    let (mut shown, mut refused) = (0, 0);
    for pattern in fokus_web::site::addresses() {
        for path in paths(stage, pattern, thorough) {
            let Message { first, headers, body } =
                ask_as("GET", &format!("{}{path}", stage.pages), token).await;
            let mut bytes = [first.as_bytes(), headers.join("\n").as_bytes()].concat();
            bytes.extend_from_slice(&body);
            *(if first.contains(" 200 ") { &mut shown } else { &mut refused }) += 1;
            found.push((path, stage.strings.found_in(&bytes)));
        }
    }
    assert!(shown >= 2 && shown + refused > 10, "pages were shown: {shown}, refused: {refused}");
    found
}
