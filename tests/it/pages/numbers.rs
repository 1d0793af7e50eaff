//! The programme's page: who sees what of its numbers, and that it follows what is recorded and released.

use std::net::TcpListener;
use std::time::Duration;

use fantoccini::Locator;
use fantoccini::key::Key;
use fokus_proto::v1::execute_request::Command;
use fokus_proto::v1::*;

use super::stage::Stage;
use crate::harness::browser::Browser;
use crate::harness::place::{Place, Role};
use crate::harness::seeded::Seeded;
use crate::harness::server::Server;
use crate::harness::world::{instant, request};
use crate::outcomes::{families, release};

/// How soon what was recorded must be on an open page.
const SOON: Duration = Duration::from_secs(1);
/// How long anything else on a page may take.
const PATIENCE: Duration = Duration::from_secs(10);

pub(super) async fn live_numbers_are_for_named_roles(stage: &Stage) {
    for (role, named) in [
        ("PROGRAMME_MANAGER", true),
        ("TEAM_LEAD", true),
        ("AUDITOR", true),
        ("CASEWORKER", false),
        ("OPERATOR", false),
        ("DASHBOARD", false),
    ] {
        stage.sign_in(role).await;
        let address = stage.browser.client.current_url().await.expect("an address");
        let begins_here = matches!(role, "PROGRAMME_MANAGER" | "DASHBOARD");
        assert_eq!(address.path() == "/programme", begins_here, "{role} begins at {address}");
        stage.browser.click("nav a[href='/programme']").await;
        assert_eq!(stage.status().await, 200, "{role}");
        let text = stage.browser.text().await;
        for (word, seen) in [
            ("Families by how far they have come", true),
            ("There is no control group", true),
            ("From referral to closure", named),
            ("not to be passed on", named),
            ("As of another time", named),
            ("As of position", true),
        ] {
            assert_eq!(text.contains(word), seen, "{role}: {word}: {text}");
        }
        stage.open("/programme?quarter=2019-Q2").await;
        assert!(stage.browser.text().await.contains("2019-Q2, released 2019-07-28"), "{role}");
    }
}

pub(super) async fn whoever_sees_releases_only_can_choose_nothing_else(stage: &Stage) {
    for role in ["DASHBOARD", "CASEWORKER", "OPERATOR"] {
        stage.sign_in(role).await;
        for field in ["known", "was", "day", "min_position", "after", "family", "x%3Cy"] {
            for value in ["", "3", "2019-07-01"] {
                stage.open(&format!("/programme?{field}={value}")).await;
                assert_eq!(stage.status().await, 400, "{role} {field}={value}");
                let text = stage.browser.text().await;
                assert!(text.contains("FIELD_INVALID"), "{text}");
                assert!(text.contains("nothing else can be chosen"), "{text}");
            }
        }
        for (query, status, word) in [
            ("quarter=2019-Q5", 400, "FIELD_INVALID · quarter"),
            ("quarter=1999-Q1", 404, "UNKNOWN_ID · quarter"),
            ("programme=00000000-0000-4000-8000-000000000000", 404, "UNKNOWN_ID · programme_id"),
            ("programme=none", 404, "UNKNOWN_ID"),
        ] {
            stage.open(&format!("/programme?{query}")).await;
            assert_eq!(stage.status().await, status, "{role} {query}");
            let text = stage.browser.text().await;
            assert!(text.contains(word), "{query}: {text}");
        }
    }
    stage.sign_in("DASHBOARD").await;
    let others = ["/today", "/families", "/caseload", "/interventions", "/operations", "/metrics"];
    let of_family = ["", "/history", "/entry/1"].map(|it| stage.family_page() + it);
    for path in others.map(str::to_owned).iter().chain(&of_family) {
        stage.open(path).await;
        assert_eq!(stage.status().await, 403, "{path}");
    }
    // For those who may see live numbers the clocks turn them back, and no release.
    stage.sign_in("PROGRAMME_MANAGER").await;
    stage.open("/programme?was=2018-12-31").await;
    let text = stage.browser.text().await;
    assert!(text.contains("As it stands on 2018-12-31"), "{text}");
    assert!(
        text.contains("You are looking at the past.") && text.contains("released 20"),
        "{text}"
    );
    stage.open("/programme?x=1").await;
    assert_eq!(stage.status().await, 400);
}

/// The contacts of the newest month, over all programmes.
const CONTACTS: &str = "return [...document.querySelectorAll('#live [aria-labelledby^=months] tbody tr:first-child')]\
    .reduce((sum, it) => sum + Number(it.querySelectorAll('td')[1].textContent), 0)";

pub(super) async fn a_contact_counts_on_the_open_page(stage: &Stage) {
    stage.sign_in("PROGRAMME_MANAGER").await;
    stage.browser.run("window.sameDocument = true").await;
    let before = stage.browser.run(CONTACTS).await.as_i64().expect("a number");
    let mut seeded = Seeded::new("a contact that counts");
    let contact = RecordContact {
        family_id: stage.family.family_id.clone(),
        contact_id: seeded.id(),
        kind: ContactKind::Visit.into(),
        minutes: 50,
        present: vec![stage.family.members[0].person_id.clone()],
        risk_areas: Vec::new(),
        goal_ids: Vec::new(),
        text: "Et besøg, der tæller.".to_owned(),
        about: Vec::new(),
        from_child: false,
    };
    let recorded = ExecuteRequest {
        occurred_at: Some(OccurredAt {
            time: Some(instant("2020-12-14T09:00:00Z")),
            utc_offset_minutes: 60,
            precision: Precision::Exact.into(),
        }),
        ..request(&mut seeded, Command::RecordContact(contact))
    };
    stage.caseworker.accepted(recorded).await;
    let shows = format!("{CONTACTS} === {} && window.sameDocument", before + 1);
    stage.browser.wait("the contact, counted on the open page", &shows, SOON).await;
}

pub(super) async fn a_quarter_is_withdrawn_and_released_on_the_open_page(stage: &Stage) {
    stage.sign_in("DASHBOARD").await;
    stage.open("/programme?quarter=2020-Q3").await;
    stage.browser.run("window.sameDocument = true").await;
    let address = "return document.querySelector('.tabs [aria-current]').getAttribute('href')";
    let href = stage.browser.run(address).await;
    let (_, rest) = href.as_str().expect("an address").split_once("programme=").expect("an id");
    let programme_id = rest.split('&').next().expect("an id").to_owned();
    let asked = GetOutcomesRequest {
        purpose: stage.manager.purpose,
        programme_id: programme_id.clone(),
        quarter: "2020-Q3".to_owned(),
        ..Default::default()
    };
    let stands = stage.manager.programme.clone().get_outcomes(asked).await.expect("a release");
    let stands = stands.into_inner().outcomes.expect("a release");
    let mut seeded = Seeded::new("withdrawn on the open page");
    let withdrawal = WithdrawStatistic {
        programme_id: programme_id.clone(),
        release_id: stands.release_id,
        reason: WithdrawalReason::Corrected.into(),
    };
    let by_manager = |it: ExecuteRequest| ExecuteRequest { purpose: Purpose::Grant.into(), ..it };
    let withdrawal = request(&mut seeded, Command::WithdrawStatistic(withdrawal));
    stage.manager.accepted(by_manager(withdrawal)).await;
    let shows = "return document.body.innerText.includes('This quarter was withdrawn') && \
        document.body.innerText.includes('2020-Q3 (withdrawn)') && \
        document.querySelectorAll('#live table').length === 0 && window.sameDocument";
    stage.browser.wait("the withdrawal, on the open page", shows, SOON).await;
    let release =
        ReleaseStatistic { programme_id, release_id: seeded.id(), quarter: "2020-Q3".to_owned() };
    let release = request(&mut seeded, Command::ReleaseStatistic(release));
    stage.manager.accepted(by_manager(release)).await;
    let shows = "return document.body.innerText.includes('An earlier release of this quarter was withdrawn') && \
        document.querySelectorAll('#live table').length === 3 && window.sameDocument";
    stage.browser.wait("the release, on the open page", shows, SOON).await;
}

/// Hidden cells say so to those who do not see the sign, and have no digit.
pub(super) async fn hidden_numbers_are_said_to_be_hidden(stage: &Stage) {
    stage.sign_in("DASHBOARD").await;
    let cells = "return [...document.querySelectorAll('#live td [role=img]')]\
        .map((it) => it.getAttribute('aria-label') + it.textContent)";
    let hidden = stage.browser.run(cells).await;
    let hidden = hidden.as_array().expect("a list").clone();
    assert!(!hidden.is_empty() && hidden.iter().all(|it| it == "hidden·"), "{hidden:?}");
    // In a chart the same places are empty frames: as many as are hidden among persons' risks, but for sums.
    let frames = "return [document.querySelectorAll('[aria-labelledby=table-RISK_CHANGE]')[0]\
        .previousElementSibling.querySelectorAll('.wide svg rect[fill=none]').length, \
        document.querySelectorAll('[aria-labelledby=table-RISK_CHANGE] td:not(:last-child) [role=img]').length]";
    let counted = stage.browser.run(frames).await;
    assert_eq!(counted[0], counted[1], "{counted:?}");
    assert_ne!(counted[0], 0, "some number is hidden beside one that is not");
}

/// From the top of the page to another quarter, by Tab and Enter alone.
pub(super) async fn a_quarter_is_chosen_by_keyboard(stage: &Stage) {
    stage.sign_in("DASHBOARD").await;
    let active = || async { stage.browser.client.active_element().await.expect("a focus") };
    let body = stage.browser.client.find(Locator::Css("body")).await.expect("a body");
    body.send_keys(&Key::Tab.to_string()).await.expect("a key");
    for _ in 0..30 {
        let href = active().await.attr("href").await.expect("an attribute").unwrap_or_default();
        if href.contains("quarter=2019-Q4") {
            let outline = "return getComputedStyle(document.activeElement).outlineStyle !== 'none'";
            assert_eq!(stage.browser.run(outline).await, true, "one sees where one is");
            active().await.send_keys(&Key::Enter.to_string()).await.expect("a key");
            let there = "return document.body.innerText.includes('2019-Q4, released')";
            stage.browser.wait("the quarter", there, PATIENCE).await;
            return;
        }
        active().await.send_keys(&Key::Tab.to_string()).await.expect("a key");
    }
    panic!("no quarter is reached by keyboard");
}

/// Before anything was released, and from then on without a reload: on a server of its own.
#[tokio::test]
async fn the_first_numbers_and_the_first_release_come_by_themselves() {
    let place = Place::new();
    let free = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = free.local_addr().expect("an address").to_string();
    drop(free);
    let environment = [("FOKUS_WEB", address.as_str())];
    let server = Server::try_start(&place, &environment).await.expect("a server");
    let lead = server.clients(&place, Role::TeamLead, "lead-1").await;
    let browser = Browser::start().await;
    for (role, empty) in [
        (Role::ProgrammeManager, "No family has been referred to a programme yet."),
        (Role::Dashboard, "Nothing has been released yet."),
    ] {
        browser.client.delete_all_cookies().await.expect("no cookies");
        browser.open(&format!("http://{address}/programme")).await;
        let field = browser.client.find(Locator::Id("token")).await.expect("a field");
        field.send_keys(&place.token(role, "reader-1")).await.expect("it takes text");
        browser.click("form.token button").await;
        let text = browser.text().await;
        assert!(text.contains(empty), "{role:?}: {text}");
        assert!(text.contains("Nothing has been released yet."), "{role:?}: {text}");
    }
    browser.run("window.sameDocument = true").await;
    let mut seeded = Seeded::new("the first release");
    let (worlds, commands) = families(&mut seeded);
    lead.all_accepted(commands).await;
    // What is recorded moves a dashboard's page not at all.
    let position = browser.run("return document.getElementById('live').dataset.asOf").await;
    let text = browser.text().await;
    assert!(text.contains("Nothing has been released yet."), "{text}");
    lead.accepted(release(&mut seeded, &worlds[0], "2019-Q1")).await;
    let shows =
        "return document.body.innerText.includes('2019-Q1, released') && window.sameDocument";
    browser.wait("the first release", shows, SOON).await;
    let moved = browser.run("return document.getElementById('live').dataset.asOf").await;
    assert_ne!(position, moved);
    let standing = browser
        .run("return [...document.querySelectorAll('[aria-labelledby=table-STANDING] tbody tr')].map((it) => it.innerText)")
        .await;
    let rows = standing.as_array().expect("rows").iter();
    let rows: Vec<&str> = rows.filter_map(|it| it.as_str()).collect();
    assert!(rows.contains(&"Case open\t12") && rows.contains(&"Total\t12"), "{rows:?}");
    // The live numbers of the same families, for those who may see them.
    browser.client.delete_all_cookies().await.expect("no cookies");
    browser.open(&format!("http://{address}/programme")).await;
    let field = browser.client.find(Locator::Id("token")).await.expect("a field");
    field.send_keys(&place.token(Role::ProgrammeManager, "reader-1")).await.expect("text");
    browser.click("form.token button").await;
    browser.wait("the funnel", "return document.querySelector('h4') !== null", PATIENCE).await;
    let text = browser.text().await;
    assert!(text.contains("12 families with an open case"), "{text}");
    server.stop().await;
}
