//! A browser without a screen, driven over WebDriver: its driver is started on a free port, in a folder of
//! its own, and both end with the test.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use fantoccini::wd::WebDriverCompatibleCommand;
use fantoccini::{Client, ClientBuilder, Locator};
use http::Method;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, Command};
use tokio::task::JoinSet;
use url::{ParseError, Url};

use super::in_time;
use crate::tidy::root;

/// What the driver prints before its port.
const ON_PORT: &str = "started successfully on port ";
/// How long a page may take to load.
const PATIENCE: Duration = Duration::from_secs(20);
/// How often the page is asked again while something is awaited on it.
const BEAT: Duration = Duration::from_millis(20);

/// A browser. Dropped, it ends.
pub(crate) struct Browser {
    pub(crate) client: Client,
    driver: Child,
    /// Reads on, so that the driver never waits for its reader.
    _said: JoinSet<()>,
    _folder: TempDir,
}

impl Drop for Browser {
    fn drop(&mut self) {
        if let Some(id) = self.driver.id() {
            // It is gone already, if nobody is there.
            let group = format!("-{id}");
            let _ = std::process::Command::new("kill").args(["-KILL", "--", &group]).status();
        }
    }
}

/// A key of the keyboard: its name, its number (`VK_…`), and what it writes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Key {
    name: &'static str,
    number: u32,
    text: &'static str,
}

impl Key {
    pub(crate) const TAB: Key = Key { name: "Tab", number: 9, text: "" };
    pub(crate) const ENTER: Key = Key { name: "Enter", number: 13, text: "\r" };
    pub(crate) const SPACE: Key = Key { name: " ", number: 32, text: " " };
    pub(crate) const BACKSPACE: Key = Key { name: "Backspace", number: 8, text: "" };
    pub(crate) const END: Key = Key { name: "End", number: 35, text: "" };
    pub(crate) const DOWN: Key = Key { name: "ArrowDown", number: 40, text: "" };
}

/// A command of the browser's own protocol, which the driver hands on.
#[derive(Debug)]
struct Direct {
    name: &'static str,
    parameters: Value,
}

impl WebDriverCompatibleCommand for Direct {
    fn endpoint(&self, base: &Url, session: Option<&str>) -> Result<Url, ParseError> {
        base.join(&format!("session/{}/goog/cdp/execute", session.unwrap_or_default()))
    }

    fn method_and_body(&self, _: &Url) -> (Method, Option<String>) {
        let body = json!({ "cmd": self.name, "params": self.parameters });
        (Method::POST, Some(body.to_string()))
    }
}

impl Browser {
    /// A new browser.
    pub(crate) async fn start() -> Browser {
        let folder = tempfile::Builder::new().prefix("fokus-browser-").tempdir().expect("a folder");
        let mut driver = Command::new("chromedriver")
            .arg("--port=0")
            .env("TMPDIR", folder.path())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            // The browser is in its driver's group, and would outlive a driver that is killed.
            .process_group(0)
            .kill_on_drop(true)
            .spawn()
            .expect("chromedriver runs; tests/run installs it");
        let mut lines = BufReader::new(driver.stdout.take().expect("a pipe")).lines();
        let port = loop {
            let line = in_time("the driver's port", lines.next_line()).await.expect("text");
            let line = line.expect("the driver says where it listens");
            if let Some((_, port)) = line.split_once(ON_PORT) {
                break port.trim().trim_end_matches('.').to_owned();
            }
        };
        let mut said = JoinSet::new();
        said.spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
        let data = folder.path().join("data");
        let arguments = [
            "--headless".to_owned(),
            "--no-sandbox".to_owned(),
            "--disable-gpu".to_owned(),
            "--disable-quic".to_owned(),
            "--disable-dev-shm-usage".to_owned(),
            "--no-first-run".to_owned(),
            "--disable-background-networking".to_owned(),
            "--disable-component-update".to_owned(),
            "--disable-sync".to_owned(),
            "--lang=en".to_owned(),
            format!("--user-data-dir={}", data.display()),
        ];
        let options = json!({ "args": arguments, "prefs": { "intl.accept_languages": "en" } });
        let capabilities = json!({ "goog:chromeOptions": options, "browserName": "chrome" });
        let Value::Object(capabilities) = capabilities else { unreachable!("an object") };
        let mut builder = ClientBuilder::new(hyper_util_connector());
        let connecting = builder.capabilities(capabilities);
        let address = format!("http://127.0.0.1:{port}");
        let client = in_time("a browser", connecting.connect(&address)).await.expect("a browser");
        Browser { client, driver, _said: said, _folder: folder }
    }

    /// Opens an address and waits until it is loaded.
    pub(crate) async fn open(&self, address: &str) {
        in_time(address, self.client.goto(address)).await.expect("the page opens");
    }

    /// What a script gives, which is the body of a function.
    pub(crate) async fn run(&self, script: &str) -> Value {
        in_time(script, self.client.execute(script, Vec::new())).await.expect("a script's value")
    }

    /// The page's text as it shows.
    pub(crate) async fn text(&self) -> String {
        let text = self.run("return document.body.innerText").await;
        text.as_str().expect("a text").to_owned()
    }

    /// Clicks what a selector finds, which leads to another page, and waits until that is loaded.
    pub(crate) async fn click(&self, selector: &str) {
        let found = self.client.find(Locator::Css(selector)).await;
        let found = found.unwrap_or_else(|_| panic!("{selector} is on the page"));
        self.run("window.wasLeft = false").await;
        in_time(selector, found.click()).await.expect("it can be clicked");
        let there = "return window.wasLeft === undefined && document.readyState === 'complete'";
        self.wait("the next page", there, PATIENCE).await;
    }

    /// Waits until a script gives true, or fails naming what was waited for.
    pub(crate) async fn wait(&self, what: &str, script: &str, limit: Duration) {
        let mut beat = tokio::time::interval(BEAT);
        let seen = async {
            while self.run(script).await != Value::Bool(true) {
                beat.tick().await;
            }
        };
        if tokio::time::timeout(limit, seen).await.is_err() {
            panic!("{what}: not within {limit:?}; the page says: {}", self.text().await);
        }
    }

    /// Presses a key and lets it go, as a keyboard does: where the focus is.
    pub(crate) async fn press(&self, key: Key) {
        let Key { name, number, text } = key;
        let down = json!({
            "type": if text.is_empty() { "rawKeyDown" } else { "keyDown" },
            "key": name, "code": if name == " " { "Space" } else { name }, "text": text,
            "windowsVirtualKeyCode": number, "nativeVirtualKeyCode": number,
        });
        self.direct("Input.dispatchKeyEvent", down).await;
        let up = json!({ "type": "keyUp", "key": name, "windowsVirtualKeyCode": number });
        self.direct("Input.dispatchKeyEvent", up).await;
    }

    /// Writes a text, letter by letter, where the focus is.
    pub(crate) async fn write(&self, text: &str) {
        for letter in text.chars() {
            let letter = letter.to_string();
            let event = json!({ "type": "keyDown", "key": letter, "text": letter });
            self.direct("Input.dispatchKeyEvent", event).await;
            let event = json!({ "type": "keyUp", "key": letter });
            self.direct("Input.dispatchKeyEvent", event).await;
        }
    }

    /// Lets the browser take in files, into this folder.
    pub(crate) async fn take_in(&self, folder: &Path) {
        let folder = folder.to_str().expect("a path in UTF-8");
        let behaviour = json!({ "behavior": "allow", "downloadPath": folder });
        self.direct("Browser.setDownloadBehavior", behaviour).await;
    }

    /// A command of the browser's own protocol.
    async fn direct(&self, name: &'static str, parameters: Value) -> Value {
        let command = Direct { name, parameters };
        in_time(name, self.client.issue_cmd(command)).await.expect("the browser obeys")
    }

    /// Makes the window so wide, light or dark.
    pub(crate) async fn look(&self, width: u32, dark: bool) {
        let metrics = json!({
            "width": width, "height": 900, "deviceScaleFactor": 1, "mobile": false,
        });
        self.direct("Emulation.setDeviceMetricsOverride", metrics).await;
        let scheme = if dark { "dark" } else { "light" };
        let features = json!([{ "name": "prefers-color-scheme", "value": scheme }]);
        self.direct("Emulation.setEmulatedMedia", json!({ "features": features })).await;
    }

    /// Lets pages run scripts, or not.
    pub(crate) async fn scripts(&self, run: bool) {
        self.direct("Emulation.setScriptExecutionDisabled", json!({ "value": !run })).await;
    }

    /// A picture of the whole page, kept beside what is built, for those who want to look.
    pub(crate) async fn picture(&self, name: &str) {
        let whole = json!({ "captureBeyondViewport": true, "format": "png" });
        let answer = self.direct("Page.captureScreenshot", whole).await;
        let data = answer["data"].as_str().expect("a picture");
        let bytes = base64::Engine::decode(&base64::prelude::BASE64_STANDARD, data);
        let folder = root().join("target/pages");
        fs::create_dir_all(&folder).expect("a folder for pictures");
        fs::write(folder.join(format!("{name}.png")), bytes.expect("base64")).expect("a picture");
    }

    /// What axe-core objects to on the page, a line for each thing.
    pub(crate) async fn objections(&self) -> Vec<String> {
        let axe = fs::read_to_string(axe_core()).expect("axe-core; tests/run installs it");
        self.run(&axe).await;
        let script = "const done = arguments[arguments.length - 1];\
            axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] })\
            .then((it) => done(it.violations.map((it) => it.id + ': ' + it.help + ': ' + \
            it.nodes.slice(0, 3).map((it) => it.html.slice(0, 200) + ' ' + (it.failureSummary || '').slice(0, 300)).join(' | '))), \
            (error) => done(['axe: ' + error]))";
        let found = self.client.execute_async(script, Vec::new());
        let found = in_time("axe-core", found).await.expect("axe-core answers");
        let lines: Vec<String> = serde_json::from_value(found).expect("texts");
        lines
    }
}

/// Where `tests/run` puts it.
fn axe_core() -> PathBuf {
    root().join("target/npm/node_modules/axe-core/axe.min.js")
}

/// Loopback needs no TLS.
fn hyper_util_connector() -> hyper_util::client::legacy::connect::HttpConnector {
    hyper_util::client::legacy::connect::HttpConnector::new()
}
