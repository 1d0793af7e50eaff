//! Pages by keyboard alone: on every page every stop is reached, in the order in which one reads, and seen;
//! and what a page is there for is done.

use std::time::Duration;

use super::stage::Stage;
use crate::harness::browser::Key;

/// How long anything may take.
const PATIENCE: Duration = Duration::from_secs(10);
/// A stop may stand so many pixels above the one before it and still be of the same line.
const LINE_PX: i64 = 40;

/// Notes each stop as it gets the focus: what it is, where it stands, whether one sees that it has it.
const WATCH: &str = r#"
    const stops = 'a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex="0"]';
    const all = [...document.querySelectorAll(stops)].filter((it) => it.checkVisibility() && !it.closest('[hidden]'));
    const name = (it) => it.tagName + ' ' + (it.getAttribute('href') || it.name || it.id || it.textContent.trim().slice(0, 40));
    window.stopsToReach = all.map(name);
    window.stopsReached = [];
    document.addEventListener('focusin', (event) => {
        const it = event.target;
        const style = getComputedStyle(it);
        const box = it.getBoundingClientRect();
        const at = all.indexOf(it);
        if (window.stopsReached.some((before) => before.at === at)) {
            // The parts of a date have the focus of their field; the first stop again is the way round.
            if (at === 0) window.cameRound = true;
            return;
        }
        const seen = style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2;
        const shown = box.bottom > 0 && box.right > 0 && box.top < innerHeight && box.left < innerWidth;
        window.stopsReached.push({
            at, name: name(it), seen: seen && shown,
            left: Math.round(box.left + scrollX), top: Math.round(box.top + scrollY),
        });
    });
    document.activeElement.blur();
    return all.length;
"#;

pub(super) async fn every_stop_of_every_page_is_reached_and_seen(stage: &Stage) {
    let mut wrong = Vec::new();
    for role in ["CASEWORKER", "AUDITOR", "OPERATOR", "PROGRAMME_MANAGER"] {
        stage.sign_in(role).await;
        for (name, path) in stage.pages_of(role) {
            stage.open(&path).await;
            let here = format!("{name} ({role})");
            wrong.extend(walked(stage).await.into_iter().map(|it| format!("{here}: {it}")));
        }
    }
    assert!(wrong.is_empty(), "by keyboard:\n  {}", wrong.join("\n  "));
}

/// Goes from stop to stop until the first one comes again; what is wrong.
async fn walked(stage: &Stage) -> Vec<String> {
    let stops = stage.browser.run(WATCH).await.as_u64().expect("a number");
    // A date has a stop for each of its parts.
    let most = stops * 2 + 40;
    for pressed in 0..most {
        stage.browser.press(Key::TAB).await;
        // After every stop once, it has come round, or it is asked whether it has.
        if pressed >= stops && stage.browser.run("return window.cameRound === true").await == true {
            break;
        }
    }
    let mut wrong = Vec::new();
    if stage.browser.run("return window.cameRound === true").await != true {
        let where_to = "return document.activeElement.outerHTML.slice(0, 200)";
        wrong.push(format!("the keyboard is trapped at {}", stage.browser.run(where_to).await));
    }
    let reached = stage.browser.run("return window.stopsReached").await;
    let to_reach = stage.browser.run("return window.stopsToReach").await;
    let reached: Vec<&serde_json::Value> = reached.as_array().expect("stops").iter().collect();
    for (at, name) in to_reach.as_array().expect("stops").iter().enumerate() {
        if !reached.iter().any(|it| it["at"] == at) {
            wrong.push(format!("{name} is never reached"));
        }
    }
    for it in &reached {
        if it["seen"] != true {
            wrong.push(format!("nobody sees that {} has the focus", it["name"]));
        }
    }
    // One reads from the top down and from left to right: no stop lies above and left of the one before.
    let place = |it: &serde_json::Value, name: &str| it[name].as_i64().expect("a number");
    for two in reached.windows(2) {
        // What leads past everything stands outside the page until it has the focus.
        if two[0]["at"] == 0 {
            continue;
        }
        let above = place(two[1], "top") + LINE_PX < place(two[0], "top");
        if above && place(two[1], "left") < place(two[0], "left") {
            wrong.push(format!("{} comes after {}", two[1]["name"], two[0]["name"]));
        }
    }
    wrong
}

/// Goes to the stop that a selector finds, key by key.
async fn reach(stage: &Stage, selector: &str) {
    let there = format!("return document.activeElement.matches({selector:?})");
    for _ in 0..400 {
        stage.browser.press(Key::TAB).await;
        if stage.browser.run(&there).await == true {
            return;
        }
    }
    panic!("{selector} is not reached; the page says: {}", stage.browser.text().await);
}

/// Goes to a stop that leads to another page, and there.
async fn follow(stage: &Stage, selector: &str) {
    reach(stage, selector).await;
    leave(stage).await;
}

/// Presses Enter where it leads to another page, and waits for that.
async fn leave(stage: &Stage) {
    stage.browser.run("window.wasLeft = false").await;
    stage.browser.press(Key::ENTER).await;
    let there = "return window.wasLeft === undefined && document.readyState === 'complete'";
    stage.browser.wait("the next page", there, PATIENCE).await;
}

/// Writes into the field that has the focus, instead of what is there.
async fn write(stage: &Stage, text: &str) {
    stage.browser.press(Key::END).await;
    for _ in 0..stage
        .browser
        .run("return document.activeElement.value.length")
        .await
        .as_u64()
        .unwrap_or(0)
    {
        stage.browser.press(Key::BACKSPACE).await;
    }
    stage.browser.write(text).await;
}

async fn address(stage: &Stage) -> String {
    stage.browser.client.current_url().await.expect("an address").to_string()
}

pub(super) async fn a_role_is_chosen_a_family_found_and_its_past_read(stage: &Stage) {
    stage.browser.client.delete_all_cookies().await.expect("no cookies");
    stage.open("/").await;
    follow(stage, "button[name=role][value=CASEWORKER]").await;
    assert!(address(stage).await.ends_with("/today"));
    // What leads past everything that every page has.
    stage.browser.press(Key::TAB).await;
    let skip = "return document.activeElement.className === 'skip'";
    assert_eq!(stage.browser.run(skip).await, true, "it is the first stop");
    stage.browser.press(Key::ENTER).await;
    let inside = "return document.activeElement.id === 'main'";
    stage.browser.wait("the content", inside, PATIENCE).await;
    stage.browser.press(Key::TAB).await;
    let inside = "return document.activeElement.closest('main') !== null";
    assert_eq!(stage.browser.run(inside).await, true, "the next stop is of the content");

    follow(stage, ".top a[href='/families']").await;
    follow(stage, "thead a[href*='sort=days']").await;
    assert!(address(stage).await.ends_with("/families?sort=days"));
    reach(stage, "input[name=text]").await;
    write(stage, &stage.family.reference).await;
    leave(stage).await;
    let rows = "return document.querySelectorAll('tbody tr').length === 1";
    assert_eq!(stage.browser.run(rows).await, true, "one family is like that");
    follow(stage, "tbody th a").await;
    assert!(address(stage).await.ends_with(&stage.family_page()));

    // The date control: opened, set, read, cleared.
    reach(stage, "details.clocks summary").await;
    stage.browser.press(Key::ENTER).await;
    reach(stage, "input[name=known]").await;
    write(stage, &(stage.family.last_position - 1).to_string()).await;
    leave(stage).await;
    assert!(stage.browser.text().await.contains("You are looking at the past."));
    follow(stage, ".controls .buttons a").await;
    assert!(!stage.browser.text().await.contains("You are looking at the past."));

    // The timeline's period, an entry's original, and back.
    follow(stage, ".tabs li:nth-child(2) a").await;
    assert!(address(stage).await.contains("from="), "{}", address(stage).await);
    follow(stage, ".entries li a").await;
    assert!(stage.browser.text().await.contains("As it was recorded first"));
    follow(stage, "main a[href^='/family/']").await;
    assert!(address(stage).await.contains(&stage.family_page()));
}

pub(super) async fn work_is_chosen_and_one_signs_out(stage: &Stage) {
    stage.sign_in("TEAM_LEAD").await;
    reach(stage, "select[name=worker]").await;
    stage.browser.press(Key::DOWN).await;
    follow(stage, ".controls button").await;
    let chosen = "return document.querySelector('select[name=worker]').value !== ''";
    assert_eq!(stage.browser.run(chosen).await, true, "{}", address(stage).await);
    stage.open("/today").await;
    follow(stage, "#live .lines a").await;
    assert!(address(stage).await.contains("/family/"));
    stage.open("/interventions").await;
    reach(stage, "input[name=overdue]").await;
    stage.browser.press(Key::SPACE).await;
    follow(stage, ".controls button").await;
    assert!(address(stage).await.contains("overdue=1"));
    stage.open("/caseload").await;
    // A date as it is typed: month, day, year.
    reach(stage, "input[name=day]").await;
    stage.browser.write("06302020").await;
    follow(stage, ".controls button").await;
    assert!(address(stage).await.ends_with("/caseload?day=2020-06-30"), "{}", address(stage).await);
    follow(stage, "tbody a[href^='/family/']").await;
    // In another language, and out.
    follow(stage, "button[name=to][value=da]").await;
    assert!(stage.browser.text().await.contains("Log ud"));
    follow(stage, "button[name=to][value=en]").await;
    follow(stage, "form[action='/sign-out'] button").await;
    stage.open("/today").await;
    assert_eq!(stage.status().await, 401);
}

pub(super) async fn history_is_paged_through_and_verified(stage: &Stage) {
    stage.sign_in("AUDITOR").await;
    stage.open(&stage.family_page()).await;
    follow(stage, "main a[href$='/history']").await;
    for page in 0..2 {
        let all = "return document.getElementById('verified').textContent.startsWith('All events')";
        stage.browser.wait("verified events", all, PATIENCE).await;
        reach(stage, "main summary").await;
        stage.browser.press(Key::ENTER).await;
        let open = "return document.querySelector('main details').open";
        assert_eq!(stage.browser.run(open).await, true, "the checkpoint is shown");
        if page == 0 {
            follow(stage, "main a.go").await;
            assert!(address(stage).await.ends_with("/history?after=40"));
        }
    }
    follow(stage, "main .buttons a:not(.go)").await;
    assert!(address(stage).await.ends_with("/history"));
}
