//! A demo of a few families that serves, and a browser.

use std::fs;
use std::time::Duration;

use fokus_proto::v1::{CaseState, FamilyStatus, ListFamiliesRequest, Purpose};
use tempfile::TempDir;

use crate::demo::Serving;
use crate::harness::browser::Browser;
use crate::harness::clients::Clients;

/// What every check stands on.
pub(super) struct Stage {
    pub(super) browser: Browser,
    /// Such as `http://127.0.0.1:41234`, without a slash at the end.
    pub(super) pages: String,
    /// A caseworker over gRPC.
    pub(super) caseworker: Clients,
    /// The programme manager over gRPC.
    pub(super) manager: Clients,
    /// The family of an open case with the longest history.
    pub(super) family: FamilyStatus,
    pub(super) families: Vec<FamilyStatus>,
    serving: Serving,
    folder: TempDir,
}

/// How many families the demo has.
const FAMILIES: &str = "8";

impl Stage {
    /// Makes the demo, serves it, opens a browser.
    pub(super) async fn set() -> Stage {
        let folder = TempDir::new().expect("a folder");
        let data = folder.path().join("demo");
        let made = data.clone();
        let serving = tokio::task::spawn_blocking(move || {
            Serving::start_with(&made, &["--families", FAMILIES])
        });
        let serving = serving.await.expect("a demo");
        let token = |of: &str| fs::read_to_string(data.join("tokens").join(of)).expect("a token");
        let url = serving.url();
        let caseworker = Clients::connect(&url, &token("caseworker.jwt"), Purpose::Casework).await;
        let manager = Clients::connect(&url, &token("programme_manager.jwt"), Purpose::Grant).await;
        let request = ListFamiliesRequest { purpose: caseworker.purpose, ..Default::default() };
        let listed = caseworker.clone().family.list_families(request).await.expect("families");
        let families = listed.into_inner().families;
        let open = families.iter().filter(|it| it.case_state() == CaseState::Open);
        let family = open.max_by_key(|it| it.revision).expect("an open case").clone();
        Stage {
            browser: Browser::start().await,
            pages: serving.pages(),
            caseworker,
            manager,
            family,
            families,
            serving,
            folder,
        }
    }

    /// The token of a role of the demo, such as `team_lead`.
    pub(super) fn token(&self, role: &str) -> String {
        let file = self.folder.path().join("demo/tokens").join(format!("{role}.jwt"));
        fs::read_to_string(file).expect("a token")
    }

    /// Another role over gRPC.
    pub(super) async fn clients(&self, role: &str, purpose: Purpose) -> Clients {
        Clients::connect(&self.serving.url(), &self.token(role), purpose).await
    }

    /// Opens a page of the journal's.
    pub(super) async fn open(&self, path: &str) {
        self.browser.open(&format!("{}{path}", self.pages)).await;
    }

    /// Opens a page that follows what happens, and waits until it has reached a position.
    pub(super) async fn open_at(&self, path: &str, position: i64) {
        self.open(path).await;
        let there =
            format!("return Number(document.getElementById('live').dataset.asOf) >= {position}");
        self.browser.wait("the page at its position", &there, Duration::from_secs(5)).await;
    }

    /// Signs in as a role of the demo, on the first page.
    pub(super) async fn sign_in(&self, role: &str) {
        self.browser.client.delete_all_cookies().await.expect("no cookies");
        self.open("/").await;
        self.browser.click(&format!("button[name=role][value={role}]")).await;
    }

    /// The page of the family with the longest history.
    pub(super) fn family_page(&self) -> String {
        format!("/family/{}", self.family.family_id)
    }

    /// Every page that a role may read, by a name for its picture.
    pub(super) fn pages_of(&self, role: &str) -> Vec<(&'static str, String)> {
        let mut pages = vec![("first", "/".to_owned())];
        pages.push(("programme", "/programme".to_owned()));
        pages.push(("quarter", "/programme?quarter=2019-Q1".to_owned()));
        if role == "OPERATOR" {
            pages.push(("operations", "/operations".to_owned()));
        }
        if role == "AUDITOR" {
            pages.push(("export", "/export".to_owned()));
        }
        if matches!(role, "CASEWORKER" | "TEAM_LEAD" | "AUDITOR") {
            pages.push(("today", "/today".to_owned()));
            pages.push(("caseload", "/caseload".to_owned()));
            pages.push(("interventions", "/interventions".to_owned()));
            pages.push(("history", self.family_page() + "/history"));
            pages.push(("families", "/families".to_owned()));
            pages.push(("family", self.family_page()));
            pages.push(("entry", format!("{}/entry/1", self.family_page())));
            pages.push(("problem", "/family/none".to_owned()));
        }
        pages
    }

    /// The status that the browser's last page was answered with.
    pub(super) async fn status(&self) -> i64 {
        let script = "return performance.getEntriesByType('navigation')[0].responseStatus";
        self.browser.run(script).await.as_i64().expect("a status")
    }
}
