//! An audit bundle from the page: made with keys alone, taken in by the browser, unpacked, verified.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use fantoccini::Locator;
use fokus_proto::v1::GetCheckpointRequest;
use fokus_verify::trust::Trust;
use fokus_verify::{Contents, verify};

use super::stage::Stage;
use crate::harness::browser::Key;
use crate::harness::http::ask_as;

/// How long a bundle may take.
const PATIENCE: Duration = Duration::from_secs(60);

/// Notes each step of the progress that the page shows.
const WATCH: &str = "
    window.steps = [];
    const note = () => {
        const [bar, text] = [document.getElementById('bar'), document.getElementById('progress-text')];
        window.steps.push([bar.value, bar.max, text.textContent]);
    };
    new MutationObserver(note).observe(document.getElementById('progress'), { subtree: true, childList: true, attributes: true });
";

async fn fill(stage: &Stage, name: &str, text: &str) {
    let field = stage.browser.client.find(Locator::Css(&format!("main input[name={name}]"))).await;
    let field = field.expect("a field");
    field.clear().await.expect("it can be empty");
    field.send_keys(text).await.expect("it takes text");
}

/// The file that was taken in, unpacked: the one folder in it.
async fn taken_in(downloads: &Path) -> PathBuf {
    let mut beat = tokio::time::interval(Duration::from_millis(50));
    let file = async {
        loop {
            let entries = fs::read_dir(downloads).expect("a folder").flatten();
            let mut names = entries.map(|it| it.path());
            // While it comes, it has another name.
            if let Some(it) = names.find(|it| it.extension().is_some_and(|it| it == "tar")) {
                return it;
            }
            beat.tick().await;
        }
    };
    let file = crate::harness::in_time("a bundle", file).await;
    let unpacked = Command::new("tar").arg("-xf").arg(&file).arg("-C").arg(downloads).output();
    let unpacked = unpacked.expect("tar runs");
    assert!(unpacked.status.success(), "{}", String::from_utf8_lossy(&unpacked.stderr));
    let folder = file.with_extension("");
    assert!(folder.is_dir(), "the folder has the file's name");
    fs::remove_file(file).expect("it is there");
    folder
}

async fn check(stage: &Stage, folder: &Path, auditor: &age::x25519::Identity, leaves: u64) {
    let request = GetCheckpointRequest { purpose: stage.caseworker.purpose };
    let answer = stage.caseworker.clone().audit.get_checkpoint(request).await;
    let key = answer.expect("a checkpoint").into_inner().verifier_key;
    let trust = Trust::from_text(&format!("log {key}\nquorum none\n")).expect("a policy");
    let report = verify(folder, &trust, &Contents::Opened(auditor), None, None, &|_, _| {});
    let report = report.expect("a report");
    assert_eq!(report.exit_code(), 0, "{}", report.to_text());
    assert!(report.to_text().contains("VERIFIED"), "{}", report.to_text());
    assert!(report.to_text().contains(&format!("{leaves} leaves")), "{}", report.to_text());
}

pub(super) async fn a_bundle_is_made_followed_taken_in_and_verified(stage: &Stage) {
    let downloads = tempfile::TempDir::new().expect("a folder");
    stage.browser.take_in(downloads.path()).await;
    let auditor = age::x25519::Identity::generate();
    let recipient = auditor.to_public().to_string();
    stage.sign_in("AUDITOR").await;

    // The whole log, by keyboard.
    stage.open("/export").await;
    let size = "return Number(document.getElementById('live').dataset.asOf)";
    let size = stage.browser.run(size).await.as_u64().expect("a size");
    stage.browser.run(WATCH).await;
    stage.browser.run("document.getElementById('recipient').focus()").await;
    stage.browser.write(&recipient).await;
    stage.browser.press(Key::ENTER).await;
    let whole = "return document.getElementById('progress-text').textContent.startsWith('The bundle is whole')";
    stage.browser.wait("a whole bundle", whole, PATIENCE).await;
    let steps = stage.browser.run("return window.steps").await;
    let steps = steps.as_array().expect("steps");
    let on_the_way = |it: &&serde_json::Value| {
        let (leaves, of) = (it[0].as_u64().unwrap_or(0), it[1].as_u64().unwrap_or(0));
        leaves > 0 && leaves < size && of == size
    };
    let seen: Vec<_> = steps.iter().filter(on_the_way).collect();
    assert!(!seen.is_empty(), "one sees that it moves: {steps:?}");
    let folder = taken_in(downloads.path()).await;
    check(stage, &folder, &auditor, size).await;

    // One family, from its history, without scripts.
    stage.open(&format!("{}/history", stage.family_page())).await;
    stage.browser.click("main a[href^='/export']").await;
    stage.browser.scripts(false).await;
    stage.browser.client.refresh().await.expect("the page again");
    let field = stage.browser.client.find(Locator::Css("#recipient")).await.expect("a field");
    field.send_keys(&recipient).await.expect("it takes text");
    let button = stage.browser.client.find(Locator::Css("main button")).await.expect("a button");
    button.click().await.expect("it can be clicked");
    let folder = taken_in(downloads.path()).await;
    stage.browser.scripts(true).await;
    assert!(folder.join("heads.json").is_file(), "it is a family's");
    let leaves = fs::read_to_string(folder.join("BUNDLE.json")).expect("a list");
    assert!(leaves.contains("\"covers\""), "{leaves}");
}

pub(super) async fn what_a_bundle_cannot_be_made_of_is_named(stage: &Stage) {
    stage.sign_in("AUDITOR").await;
    let recipient = age::x25519::Identity::generate().to_public().to_string();
    for (fields, wrong, rule) in [
        (&[("recipient", "age1none")][..], "recipient", "an age recipient of X25519"),
        (&[("recipient", "\"><script>window.ran = 1</script>")], "recipient", "an age recipient"),
        (&[("family", "FF-1999-001")], "family", "a family's reference"),
        (&[("family", "00000000-0000-4000-8000-000000000000")], "family", "no such family"),
        (&[("first_position", "7"), ("last_position", "3")], "last_position", "no events"),
        (&[("last_position", "99999999")], "last_position", "beyond the head"),
        (&[("first_position", "-1")], "first_position", "a position of the log"),
        (
            &[("family", stage.family.reference.as_str()), ("first_position", "3")],
            "first_position",
            "leave the period out",
        ),
    ] {
        stage.open("/export").await;
        fill(stage, "recipient", &recipient).await;
        for (name, value) in fields {
            fill(stage, name, value).await;
        }
        stage.browser.click("main button").await;
        assert_eq!(stage.status().await, 400, "{fields:?}");
        let text = stage.browser.text().await;
        assert!(text.contains(&format!("{wrong} · ")) && text.contains(rule), "{fields:?}: {text}");
        let marked = "return document.querySelector('[aria-invalid=true]').name";
        assert_eq!(stage.browser.run(marked).await, wrong, "{fields:?}");
        assert_eq!(stage.browser.run("return window.ran === undefined").await, true);
        // What was written is still there, to be mended.
        let kept =
            format!("return document.querySelector('main input[name={}]').value", fields[0].0);
        assert_eq!(stage.browser.run(&kept).await, fields[0].1);
    }
    // Nothing is no recipient either, whatever the browser lets through.
    let token = stage.token("auditor");
    let refused = ask_as("POST", &format!("{}/export", stage.pages), Some(&token)).await;
    assert!([400, 415].contains(&refused.status()), "{}", refused.first);
}

pub(super) async fn who_may_not_take_a_bundle_out_gets_none(stage: &Stage) {
    for role in ["CASEWORKER", "TEAM_LEAD", "PROGRAMME_MANAGER", "OPERATOR"] {
        stage.sign_in(role).await;
        stage.open("/export").await;
        assert_eq!(stage.status().await, 403, "{role}");
        let recipient = age::x25519::Identity::generate().to_public().to_string();
        let asked = format!(
            "const form = document.createElement('form'); form.method = 'post'; form.action = '/export'; \
             form.innerHTML = '<input name=recipient value={recipient}>'; document.body.append(form); \
             window.wasLeft = false; form.submit()"
        );
        stage.browser.run(&asked).await;
        let there = "return window.wasLeft === undefined && document.readyState === 'complete'";
        stage.browser.wait("an answer", there, PATIENCE).await;
        assert_eq!(stage.status().await, 403, "{role}");
        let progress =
            format!("{}/export/progress?id=00000000-0000-4000-8000-000000000001", stage.pages);
        let token = stage.token(&role.to_lowercase());
        assert_eq!(ask_as("GET", &progress, Some(&token)).await.status(), 403, "{role}");
    }
}
