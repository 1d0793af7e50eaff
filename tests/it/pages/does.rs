//! What pages do.

use std::time::Duration;

use fantoccini::Locator;
use fokus_proto::v1::execute_request::Command;
use fokus_proto::v1::*;

use super::stage::Stage;
use crate::harness::seeded::Seeded;
use crate::harness::world::request;

/// How soon what was recorded must be on an open page.
const SOON: Duration = Duration::from_secs(1);
/// How long anything else on a page may take.
const PATIENCE: Duration = Duration::from_secs(10);

pub(super) async fn the_first_page_says_what_this_is(stage: &Stage) {
    stage.open("/").await;
    let text = stage.browser.text().await;
    assert!(text.contains("fokus is a journal of work with families"), "{text}");
    assert!(text.contains("everybody in it is invented"), "{text}");
    for role in ["CASEWORKER", "TEAM_LEAD", "PROGRAMME_MANAGER", "AUDITOR", "OPERATOR"] {
        let button = format!("button[name=role][value={role}]");
        stage.browser.client.find(Locator::Css(&button)).await.expect("a role to choose");
    }
    // A page that needs somebody leads back to itself.
    stage.open("/families?sort=risk").await;
    assert_eq!(stage.status().await, 401);
    stage.browser.click("button[name=role][value=AUDITOR]").await;
    let address = stage.browser.client.current_url().await.expect("an address");
    assert!(address.as_str().ends_with("/families?sort=risk"), "{address}");
    // Whoever signs out is out.
    stage.browser.click("form[action='/sign-out'] button").await;
    stage.open("/families").await;
    assert_eq!(stage.status().await, 401);
    // A token that is none is refused, and one that is good is not.
    let field = stage.browser.client.find(Locator::Id("token")).await.expect("a field");
    field.send_keys("not.a.token").await.expect("it takes text");
    stage.browser.click("form.token button").await;
    let text = stage.browser.text().await;
    assert!(text.contains("The token is not accepted"), "{text}");
}

pub(super) async fn roles_see_what_they_may(stage: &Stage) {
    for (role, may) in [
        ("CASEWORKER", true),
        ("TEAM_LEAD", true),
        ("AUDITOR", true),
        ("PROGRAMME_MANAGER", false),
        ("OPERATOR", false),
    ] {
        stage.sign_in(role).await;
        let of_families = ["/today", "/interventions", "/caseload", "/families"].map(str::to_owned);
        let of_family = ["", "/entry/1", "/history"].map(|it| stage.family_page() + it);
        for path in of_families.iter().chain(&of_family) {
            stage.open(path).await;
            assert_eq!(stage.status().await, if may { 200 } else { 403 }, "{role} {path}");
            let whole = stage.browser.client.source().await.expect("a source");
            let surname = &stage.family.members[0].name.as_ref().expect("a name").family;
            let reference = &stage.family.reference;
            assert!(may || !whole.contains(surname) && !whole.contains(reference), "{role} {path}");
        }
        stage.open("/operations").await;
        let operates = role == "OPERATOR";
        assert_eq!(stage.status().await, if operates { 200 } else { 403 }, "{role}");
        let whole = stage.browser.client.source().await.expect("a source");
        assert_eq!(whole.contains("risk_trajectory"), operates, "{role}");
        // That a family exists is nobody's business either.
        stage.open("/family/00000000-0000-4000-8000-000000000000").await;
        assert_eq!(stage.status().await, if may { 404 } else { 403 }, "{role}");
    }
}

pub(super) async fn lists_are_sorted_and_shared_by_address(stage: &Stage) {
    stage.sign_in("CASEWORKER").await;
    stage.open("/families").await;
    let rows =
        "return [...document.querySelectorAll('tbody th')].map((it) => it.textContent.trim())";
    let listed = stage.browser.run(rows).await;
    let mut expected: Vec<&str> = stage.families.iter().map(|it| it.reference.as_str()).collect();
    expected.sort_unstable();
    assert_eq!(listed, serde_json::json!(expected));
    stage.browser.click("thead a[href*='sort=days']").await;
    let by_days = stage.browser.run(rows).await;
    let mut families: Vec<&FamilyStatus> = stage.families.iter().collect();
    families.sort_by(|one, other| one.reference.cmp(&other.reference));
    families.sort_by_key(|it| std::cmp::Reverse(it.days_open));
    let expected: Vec<&str> = families.iter().map(|it| it.reference.as_str()).collect();
    assert_eq!(by_days, serde_json::json!(expected));
    // One family, by a part of its reference; the address alone says so.
    let reference = &stage.family.reference;
    stage.open(&format!("/families?text={}", reference.to_lowercase())).await;
    assert_eq!(stage.browser.run(rows).await, serde_json::json!([reference]));
    stage.open("/families?text=nobody%20is%20called%20so").await;
    assert!(stage.browser.text().await.contains("No family is like that"));
}

/// Records a note about the stage's family.
async fn note(stage: &Stage, name: &str, text: &str) -> ExecuteResponse {
    let mut seeded = Seeded::new(name);
    let note = RecordNote {
        family_id: stage.family.family_id.clone(),
        note_id: seeded.id(),
        nature: NoteNature::Fact.into(),
        grade: Grade::Certain.into(),
        source: String::new(),
        about: Vec::new(),
        text: text.to_owned(),
    };
    let request = request(&mut seeded, Command::RecordNote(note));
    let mut journal = stage.caseworker.clone().journal;
    journal.execute(request).await.expect("a note is recorded").into_inner()
}

pub(super) async fn a_command_appears_without_reload(stage: &Stage) {
    stage.sign_in("CASEWORKER").await;
    stage.open(&stage.family_page()).await;
    stage.browser.run("window.sameDocument = true").await;
    // The page's own stream of events is there.
    let streams = "return performance.getEntriesByType('resource').some((it) => it.name.includes('/assets/live.js'))";
    stage.browser.wait("the script", streams, PATIENCE).await;
    for (number, text) in ["Appears by itself.", "And so does this."].into_iter().enumerate() {
        let recorded = note(stage, &format!("live {number}"), text).await;
        let shows = format!(
            "return document.body.innerText.includes('{text}') && Number(document.getElementById('live').dataset.asOf) >= {}",
            recorded.position
        );
        stage.browser.wait("what was recorded, on the open page", &shows, SOON).await;
    }
    assert_eq!(stage.browser.run("return window.sameDocument === true").await, true);
}

pub(super) async fn the_date_control_shows_the_past(stage: &Stage) {
    let position = note(stage, "past", "Written after the past.").await.position;
    let before = position - 1;
    stage.open(&format!("{}?known={before}", stage.family_page())).await;
    let text = stage.browser.text().await;
    assert!(!text.contains("Written after the past."), "{text}");
    assert!(text.contains("You are looking at the past."), "{text}");
    stage.open_at(&stage.family_page(), position).await;
    assert!(stage.browser.text().await.contains("Written after the past."));
    // By hand, in the form: as it was before anything had happened to the case.
    let opened = &stage.family.opened_on;
    stage.open(&format!("{}?was={opened}", stage.family_page())).await;
    let text = stage.browser.text().await;
    assert!(text.contains(&format!("Case open since {opened}")), "{text}");
    assert!(text.contains("phase: "), "{text}");
    // The list of that day has the same families.
    stage.open(&format!("/families?was={opened}")).await;
    assert!(stage.browser.text().await.contains(&stage.family.reference));
}

pub(super) async fn what_people_write_is_never_markup(stage: &Stage) {
    let hostile = "<script>window.ran = 1</script><img src=x onerror=\"window.ran = 2\">\
        \u{202e}desrever\u{2066} \u{1f9d1}\u{200d}\u{1f9d2} {{ 7 * 7 }} ' \" & </li></main>";
    note(stage, "hostile", hostile).await;
    let long = format!("Meget langt: {}", "langtord".repeat(8_000));
    let recorded = note(stage, "long", &long[..60_000]).await;
    for path in [stage.family_page(), format!("{}?all=1", stage.family_page())] {
        stage.open_at(&path, recorded.position).await;
        assert_eq!(stage.browser.run("return window.ran === undefined").await, true);
        let text = stage.browser.text().await;
        assert!(text.contains("<script>window.ran = 1</script><img src=x"), "it is shown as text");
        assert!(text.contains("{{ 7 * 7 }} ' \" & </li></main>"), "it is shown as text");
        assert!(
            !text.contains('\u{202e}') && !text.contains('\u{2066}'),
            "nothing turns the writing"
        );
        let fits = "const it = document.scrollingElement; return it.scrollWidth <= it.clientWidth";
        assert_eq!(stage.browser.run(fits).await, true, "a long word does not widen the page");
    }
    let revision = recorded.streams.first().expect("a stream").revision;
    stage.open(&format!("{}/entry/{revision}", stage.family_page())).await;
    assert!(stage.browser.text().await.contains(&long[59_000..60_000]), "the entry has all of it");
}

pub(super) async fn what_was_corrected_is_one_click_away(stage: &Stage) {
    let first = note(stage, "wrong", "Den forkerte ordlyd.").await;
    let revision = first.streams.first().expect("a stream").revision;
    let mut seeded = Seeded::new("right");
    let note = RecordNote {
        family_id: stage.family.family_id.clone(),
        note_id: Seeded::new("wrong").id(),
        nature: NoteNature::Fact.into(),
        grade: Grade::Certain.into(),
        source: String::new(),
        about: Vec::new(),
        text: "Den rigtige ordlyd.".to_owned(),
    };
    let correction = CorrectEntry {
        stream: Some(StreamRef {
            kind: StreamKind::Family.into(),
            id: stage.family.family_id.clone(),
        }),
        entry: Some(EntryRef { entry: Some(entry_ref::Entry::Revision(revision)) }),
        reason: CorrectionReason::Typo.into(),
        explanation: "Et forkert ord.".to_owned(),
        corrected: Some(CorrectedCommand {
            command: Some(corrected_command::Command::RecordNote(note)),
        }),
        corrected_occurred_at: None,
    };
    let request = request(&mut seeded, Command::CorrectEntry(correction));
    let corrected = stage.caseworker.clone().journal.execute(request).await;
    let position = corrected.expect("a correction").into_inner().position;
    stage.open_at(&stage.family_page(), position).await;
    let text = stage.browser.text().await;
    assert!(text.contains("Den rigtige ordlyd.") && !text.contains("Den forkerte ordlyd."));
    stage.browser.click(&format!("#entry-{revision} a.mark")).await;
    let text = stage.browser.text().await;
    assert!(
        text.contains("Den forkerte ordlyd.") && text.contains("Den rigtige ordlyd."),
        "{text}"
    );
}

pub(super) async fn bad_addresses_get_pages_that_help(stage: &Stage) {
    for (path, status, word) in [
        ("/family/none", 404, "There is nothing here"),
        ("/family/00000000-0000-4000-8000-000000000000", 404, "There is nothing here"),
        ("/nowhere", 404, "There is nothing here"),
        ("/families?was=yesterday", 400, "FIELD_INVALID · was"),
        ("/families?known=99999999", 400, "BEYOND_HEAD"),
        ("/families?state=UNHEARD_OF", 400, "FIELD_INVALID · state"),
        ("/families?state=&state=&x=%ff", 200, "Families"),
    ] {
        stage.open(path).await;
        assert_eq!(stage.status().await, status, "{path}");
        let text = stage.browser.text().await;
        assert!(text.contains(word), "{path}: {text}");
    }
}

pub(super) async fn pages_read_without_scripts(stage: &Stage) {
    stage.browser.scripts(false).await;
    // As everybody who has pages, with those of the others signed in before.
    let mut pages = Vec::new();
    for role in ["CASEWORKER", "AUDITOR", "OPERATOR"] {
        pages.extend(stage.pages_of(role).into_iter().map(|(name, path)| (role, name, path)));
    }
    let mut before = "";
    for (role, name, path) in pages {
        if role != before {
            stage.browser.scripts(true).await;
            stage.sign_in(role).await;
            stage.browser.scripts(false).await;
            before = role;
        }
        stage.open(&path).await;
        let source = stage.browser.client.source().await.expect("a source");
        let word = match name {
            "first" => "fokus is a journal",
            "operations" => "risk_trajectory",
            "families" | "family" => &stage.family.reference,
            "entry" => "As it was recorded first",
            "programme" => "Families by how far they have come",
            "quarter" => "released 2019-04-28",
            "today" => "Risks to be judged again",
            "caseload" => "Weighted load over a year",
            "interventions" => "Last session",
            "history" => "The events can be verified where scripts run.",
            "export" => "keys sealed to you alone",
            _ => "This page cannot be shown",
        };
        assert!(source.contains(word), "{name}");
    }
    stage.browser.scripts(true).await;
}

/// Addresses that are for machines and scripts.
const NO_PAGES: [&str; 5] =
    ["/metrics", "/events", "/health", "/assets/{name}", "/export/progress"];

/// Whether a path is one of those that a pattern such as `/family/{id}` stands for.
fn is_of(pattern: &str, path: &str) -> bool {
    let path = path.split('?').next().unwrap_or_default();
    let (pattern, path): (Vec<&str>, Vec<&str>) =
        (pattern.split('/').collect(), path.split('/').collect());
    pattern.len() == path.len()
        && pattern.iter().zip(&path).all(|(one, other)| one.starts_with('{') || one == other)
}

pub(super) async fn every_page_that_is_offered_opens(stage: &Stage) {
    let all =
        ["CASEWORKER", "AUDITOR", "OPERATOR", "PROGRAMME_MANAGER"].map(|it| stage.pages_of(it));
    for address in fokus_web::site::addresses().filter(|it| !NO_PAGES.contains(it)) {
        let known = all.iter().flatten().any(|(_, path)| is_of(address, path));
        assert!(known, "{address} is among the pages that the tests open: see Stage::pages_of");
    }
    for role in ["CASEWORKER", "TEAM_LEAD", "AUDITOR", "OPERATOR", "PROGRAMME_MANAGER", "DASHBOARD"]
    {
        stage.sign_in(role).await;
        let offered = "return [...document.querySelectorAll('.top nav a')].map((it) => it.getAttribute('href'))";
        let offered = stage.browser.run(offered).await;
        for path in offered.as_array().expect("ways") {
            let path = path.as_str().expect("an address");
            stage.open(path).await;
            assert_eq!(stage.status().await, 200, "{role} {path}");
            let here = "return document.querySelector('.top nav [aria-current=page]').getAttribute('href')";
            assert_eq!(stage.browser.run(here).await, path, "{role}");
        }
        for (_, path) in stage.pages_of(role) {
            stage.open(&path).await;
            let expected = if path == "/family/none" { 404 } else { 200 };
            assert_eq!(stage.status().await, expected, "{role} {path}");
        }
    }
}

pub(super) async fn a_changed_leaf_shows_as_not_verified(stage: &Stage) {
    stage.sign_in("AUDITOR").await;
    stage.open(&format!("{}/history", stage.family_page())).await;
    let all = "return document.getElementById('verified').textContent.startsWith('All events')";
    stage.browser.wait("verified events", all, PATIENCE).await;
    let verdicts = stage
        .browser
        .run("return [...document.querySelectorAll('.verdict')].map((it) => it.textContent)")
        .await;
    let verdicts = verdicts.as_array().expect("a list");
    assert!(verdicts.len() > 20 && verdicts.iter().all(|it| it == "✓ verified"), "{verdicts:?}");
    // One bit of one leaf; then one hash of another's proof; then the place of a third.
    for (change, at) in [
        (
            "leaf = btoa(atob(it.dataset.leaf).replace(/.$/s, (last) => String.fromCharCode(last.charCodeAt(0) ^ 1)))",
            3,
        ),
        ("path = it.dataset.path.split(',').slice(1).join(',')", 5),
        ("index = Number(it.dataset.index) + 1", 7),
    ] {
        let script = format!(
            "const it = document.querySelectorAll('section.event')[{at}]; it.dataset.{change}; \
             document.dispatchEvent(new CustomEvent('fokus-verify'))"
        );
        stage.browser.run(&script).await;
        let shows = format!(
            "return document.querySelectorAll('.verdict')[{at}].textContent === '✗ not verified' && \
             document.querySelectorAll('.verdict')[{at} + 1].textContent === '✓ verified' && \
             document.getElementById('verified').textContent.startsWith('Not all events')"
        );
        stage.browser.wait("the changed event is not verified", &shows, PATIENCE).await;
    }
}

pub(super) async fn today_leads_to_where_one_acts(stage: &Stage) {
    stage.sign_in("TEAM_LEAD").await;
    let address = stage.browser.client.current_url().await.expect("an address");
    assert!(address.as_str().ends_with("/today"), "{address}");
    let lines = stage.browser.client.find_all(Locator::Css("#live .lines a")).await.expect("lines");
    assert!(!lines.is_empty(), "there is something to do");
    let href = lines[0].attr("href").await.expect("an attribute").expect("a way");
    stage.browser.click("#live .lines a").await;
    let address = stage.browser.client.current_url().await.expect("an address");
    assert!(address.as_str().ends_with(&href), "{address}");
    let anchor = "return document.getElementById(location.hash.slice(1)) !== null";
    assert_eq!(stage.browser.run(anchor).await, true, "{href}");
}
