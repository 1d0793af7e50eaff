//! The demo: the same seed makes the same history under other keys, what it prints is true, and the
//! commands that it prints work as printed.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use fokus_proto::v1::audit_service_client::AuditServiceClient;
use fokus_proto::v1::family_service_client::FamilyServiceClient;
use fokus_proto::v1::{
    FamilyStatus, GetTimelineRequest, ListFamiliesRequest, Purpose, ReadHistoryRequest,
    TimelineEntry,
};
use serde_json::Value;
use tempfile::TempDir;
use tonic::Request;
use tonic::metadata::MetadataValue;
use tonic::transport::Channel;

use crate::harness::binary;
use crate::harness::place::text;

fn make(folder: &Path, seed: &str) {
    make_with(folder, &["--seed", seed]);
}

fn make_with(folder: &Path, more: &[&str]) {
    let flags = [&["demo", "--no-serve", "--data", text(folder)], more].concat();
    let output = binary::run(&[&flags[..], &["--listen", "127.0.0.1:0"]].concat());
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let said = String::from_utf8(output.stdout).expect("text");
    assert!(said.contains("read back over gRPC and equal to"), "{said}");
}

fn digest(folder: &Path) -> String {
    binary::print(&["check", "--digest", "--store", &format!("sqlite:{}", text(folder))])
}

/// A demo that serves; ended when dropped.
pub(crate) struct Serving {
    child: Child,
    said: String,
}

impl Serving {
    /// Starts the demo over what stands in the folder and waits until it has said everything.
    pub(crate) fn start(folder: &Path) -> Serving {
        Serving::start_with(folder, &[])
    }

    /// The same with more flags.
    pub(crate) fn start_with(folder: &Path, more: &[&str]) -> Serving {
        let child = binary::command()
            .args([
                "demo",
                "--data",
                text(folder),
                "--listen",
                "127.0.0.1:0",
                "--web",
                "127.0.0.1:0",
            ])
            .args(more)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("the demo starts");
        let mut serving = Serving { child, said: String::new() };
        let output = serving.child.stdout.take().expect("its output");
        for line in BufReader::new(output).lines() {
            let line = line.expect("text");
            serving.said.push_str(&line);
            serving.said.push('\n');
            if line.starts_with("Ctrl-C") {
                return serving;
            }
        }
        panic!("the demo ended after: {}", serving.said);
    }

    pub(crate) fn url(&self) -> String {
        let at = self.said.find("http://").expect("an address");
        self.said[at..].split_whitespace().next().expect("an address").to_owned()
    }

    /// Where the pages are.
    pub(crate) fn pages(&self) -> String {
        let (_, rest) = self.said.split_once("pages, for a browser: ").expect("an address");
        rest.split_whitespace().next().expect("an address").to_owned()
    }

    /// The whole commands to try, one a line.
    fn printed_commands(&self) -> Vec<String> {
        let lines = self.said.lines().skip_while(|it| *it != "try:").skip(1);
        lines.take_while(|it| it.starts_with("  ")).map(|it| it.trim().to_owned()).collect()
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Event counts by type and all key ids, read over gRPC by a client that knows only the proto.
async fn read_back(folder: &Path, url: String) -> (BTreeMap<String, u64>, BTreeSet<String>) {
    let token = std::fs::read_to_string(folder.join("tokens/auditor.jwt")).expect("a token");
    let bearer: MetadataValue<_> = format!("Bearer {token}").parse().expect("a header");
    let channel = Channel::from_shared(url).expect("a url").connect().await.expect("a server");
    let mut audit = AuditServiceClient::new(channel).max_decoding_message_size(8 << 20);
    let mut request = Request::new(ReadHistoryRequest {
        purpose: Purpose::Audit.into(),
        ..ReadHistoryRequest::default()
    });
    request.metadata_mut().insert("authorization", bearer);
    let mut stream = audit.read_history(request).await.expect("a history").into_inner();
    let (mut counts, mut keys) = (BTreeMap::new(), BTreeSet::new());
    while let Some(answer) = stream.message().await.expect("an answer") {
        for event in answer.events {
            *counts.entry(event.r#type).or_default() += 1;
            keys.extend(event.key_ids);
        }
    }
    (counts, keys)
}

#[tokio::test]
async fn the_same_seed_makes_the_same_history_under_other_keys() {
    let temp = TempDir::new().expect("a folder");
    let [one, two, other] = ["one", "two", "other"].map(|it| temp.path().join(it));
    make(&one, "7");
    make(&two, "7");
    make(&other, "8");
    assert_eq!(digest(&one), digest(&two));
    assert_ne!(digest(&one), digest(&other));

    let mut keys = Vec::new();
    for folder in [&one, &two] {
        let serving = Serving::start(folder);
        let truth = std::fs::read_to_string(folder.join("truth.json")).expect("a tally");
        let truth: Value = serde_json::from_str(&truth).expect("JSON");
        let (counts, ids) = read_back(folder, serving.url()).await;
        assert_eq!(serde_json::to_value(counts).expect("JSON"), truth["event_counts"]);
        let refusals = truth["refusals"].as_array().expect("refusals");
        let codes: BTreeSet<_> = refusals.iter().map(|it| it["code"].to_string()).collect();
        assert!(codes.len() >= 80, "{} different refusals", codes.len());
        keys.push(ids);
    }
    assert!(keys[0].is_disjoint(&keys[1]), "keys are random");

    printed_commands_work(&one);
    first_steps_are_accepted(&one);
}

/// What is read of every family, without where it stands in the log and under which random ids.
async fn families_of(folder: &Path) -> Vec<(FamilyStatus, Vec<TimelineEntry>)> {
    let serving = Serving::start(folder);
    let token = std::fs::read_to_string(folder.join("tokens/auditor.jwt")).expect("a token");
    let bearer: MetadataValue<_> = format!("Bearer {token}").parse().expect("a header");
    let channel = Channel::from_shared(serving.url()).expect("a url");
    let channel = channel.connect().await.expect("a server");
    let mut client = FamilyServiceClient::new(channel).max_decoding_message_size(32 << 20);
    let purpose = Purpose::Audit.into();
    let mut request = Request::new(ListFamiliesRequest { purpose, ..Default::default() });
    request.metadata_mut().insert("authorization", bearer.clone());
    let page = client.list_families(request).await.expect("families").into_inner();
    let mut families = Vec::new();
    for status in page.families {
        let mut request = Request::new(GetTimelineRequest {
            family_id: status.family_id.clone(),
            purpose,
            page_size: 1_000,
            ..Default::default()
        });
        request.metadata_mut().insert("authorization", bearer.clone());
        let timeline = client.get_timeline(request).await.expect("a timeline").into_inner();
        let anywhere = |it| TimelineEntry { event_id: String::new(), position: 0, ..it };
        let entries = timeline.entries.into_iter().map(anywhere).collect();
        families.push((FamilyStatus { last_position: 0, ..status }, entries));
    }
    families.sort_by(|one, other| one.0.reference.cmp(&other.0.reference));
    families
}

#[tokio::test]
async fn another_order_of_the_families_commands_gives_the_same_views() {
    let temp = TempDir::new().expect("a folder");
    let [one, other] = ["one", "other"].map(|it| temp.path().join(it));
    for (folder, order) in [(&one, "1"), (&other, "2")] {
        let flags = ["--families", "3", "--order", order];
        make_with(folder, &flags);
    }
    assert_ne!(digest(&one), digest(&other), "the orders differ");
    let (one, other) = (families_of(&one).await, families_of(&other).await);
    assert!(one.len() == 3 && one.iter().all(|it| it.1.len() > 100), "whole lives");
    for (one, other) in one.iter().zip(&other) {
        assert_eq!(one.0, other.0);
        assert_eq!(one.1, other.1);
    }
}

/// Runs what the demo printed, from the printed text.
fn printed_commands_work(folder: &Path) {
    let serving = Serving::start(folder);
    let commands = serving.printed_commands();
    assert_eq!(commands.len(), 3, "{}", serving.said);
    for line in commands {
        let mut words = line.split_whitespace();
        let program = words.next().expect("a program");
        let output = Command::new(program).args(words).output().expect("it runs");
        assert!(output.status.success(), "{line}: {}", String::from_utf8_lossy(&output.stderr));
        let shown = String::from_utf8(output.stdout).expect("text");
        assert!(shown.contains("FF-") && shown.lines().count() > 5, "{line}: {shown}");
    }
}

/// Sends the twenty hand-written lines of the README to a served demo, twice.
fn first_steps_are_accepted(folder: &Path) {
    let serving = Serving::start(folder);
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../crates/fokus-demo/first-steps.jsonl");
    let (server, token) = (serving.url(), folder.join("tokens/team_lead.jwt"));
    let flags = ["send", file, "--server", &server, "--token-file", text(&token)];
    for expected in ["20 accepted", "20 replayed"] {
        let output = binary::run(&flags);
        let said = String::from_utf8_lossy(&output.stderr).into_owned()
            + &String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success(), "{said}");
        assert!(said.contains(expected), "{said}");
    }
}
