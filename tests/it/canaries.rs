//! Nothing personal lies in clear anywhere: not in a file of the store, not in what the server prints,
//! not in an error. Planted values are searched in every form that they could take.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fs;

use base64::Engine as _;
use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE};
use fokus_proto::v1::execute_request::Command;
use fokus_proto::v1::*;
use prost::Message as _;
use tonic::Status;

use crate::harness::clients::{Clients, next};
use crate::harness::place::{Place, Role};
use crate::harness::seeded::Seeded;
use crate::harness::server::Server;
use crate::harness::world::{Person, World, register, request};

/// Values that must never be seen, in every form that they could take.
struct Canaries {
    /// By what they begin with: form, whose it is, the rest.
    needles: HashMap<[u8; 4], Vec<(String, Vec<u8>)>>,
    names: BTreeSet<String>,
}

impl Canaries {
    fn new(values: &[(&str, &str)]) -> Canaries {
        let mut canaries = Canaries { needles: HashMap::new(), names: BTreeSet::new() };
        for (name, value) in values {
            canaries.names.insert((*name).to_owned());
            for (form, needle) in forms(value) {
                let head = *needle.first_chunk().expect("a canary is longer than four bytes");
                let named = (format!("{name} as {form}"), needle);
                canaries.needles.entry(head).or_default().push(named);
            }
        }
        canaries
    }

    /// What is found in the bytes: names with forms.
    fn found_in(&self, bytes: &[u8]) -> BTreeSet<String> {
        let mut found = BTreeSet::new();
        for (at, head) in bytes.windows(4).enumerate() {
            let Some(needles) = <[u8; 4]>::try_from(head).ok().and_then(|it| self.needles.get(&it))
            else {
                continue;
            };
            let fits = needles.iter().filter(|(_, needle)| bytes[at..].starts_with(needle));
            found.extend(fits.map(|(name, _)| name.clone()));
        }
        found
    }

    #[track_caller]
    fn check_absent(&self, place: &str, bytes: &[u8]) {
        let found = self.found_in(bytes);
        assert!(found.is_empty(), "{place}: {found:?}");
    }

    /// Searches every file of the store; gives the files' names.
    fn check_files(&self, place: &Place) -> BTreeSet<String> {
        let mut names = BTreeSet::new();
        for entry in fs::read_dir(place.store()).expect("the store's folder") {
            let path = entry.expect("an entry").path();
            let name = path.file_name().expect("a name").to_string_lossy().into_owned();
            self.check_absent(&name, &fs::read(&path).expect("a file"));
            names.insert(name);
        }
        names
    }
}

/// Every form in which a text could lie about.
fn forms(text: &str) -> Vec<(&'static str, Vec<u8>)> {
    let bytes = text.as_bytes();
    let utf16 = |unit: fn(u16) -> [u8; 2]| text.encode_utf16().flat_map(unit).collect::<Vec<u8>>();
    let escaped: String = text.chars().map(json_escaped).collect();
    let mut forms = vec![
        ("UTF-8", bytes.to_vec()),
        ("UTF-16LE", utf16(u16::to_le_bytes)),
        ("UTF-16BE", utf16(u16::to_be_bytes)),
        ("JSON escapes", escaped.into_bytes()),
        ("hex", hex::encode(bytes).into_bytes()),
        ("HEX", hex::encode_upper(bytes).into_bytes()),
    ];
    for engine in [BASE64_STANDARD, BASE64_URL_SAFE] {
        for before in 0..3 {
            let encoded = engine.encode([&vec![0; before], bytes].concat());
            // What also depends on neighbours is cut off: the first bits and the last.
            let (first, last) = ((before * 8).div_ceil(6), (before + bytes.len()) * 8 / 6);
            forms.push(("base64", encoded.as_bytes()[first..last].to_vec()));
        }
    }
    forms
}

fn json_escaped(letter: char) -> String {
    if letter.is_ascii() {
        return letter.to_string();
    }
    let mut units = [0; 2];
    letter.encode_utf16(&mut units).iter().map(|it| format!("\\u{it:04x}")).collect()
}

#[test]
fn the_search_finds_every_form_wherever_it_stands() {
    let value = "Kanariegård 17";
    let canaries = Canaries::new(&[("it", value)]);
    for (form, needle) in forms(value) {
        let hidden = [b"before".as_slice(), &needle, b"after"].concat();
        assert!(canaries.found_in(&hidden).contains(&format!("it as {form}")), "{form}");
    }
    for before in 0..3 {
        let text = format!("{}{value} og mere", "x".repeat(before));
        assert!(!canaries.found_in(BASE64_STANDARD.encode(&text).as_bytes()).is_empty());
        assert!(!canaries.found_in(BASE64_URL_SAFE.encode(&text).as_bytes()).is_empty());
    }
    assert!(canaries.found_in("Kanariegaard 17".as_bytes()).is_empty());
}

const NOTE: &str = "Zebrafinken sang for Åse i køkkenet hele natten";
const ADDRESS: &str = "Kanarievænget 17, 4. tv., 9999 Prøvestrup";
const GROUNDS: &str = "Gulspurven kom ikke i skole efter Mortensaften";
const EXPLANATION: &str = "Dompappen blev forvekslet med en bogfinke";
const GIVEN: &str = "Kvækerfinke";
const FAMILY: &str = "Bomlærkesen";
const WORKER: &str = "Stillids Ternegård";
const SUBJECT: &str = "agent-irisk-4711";

fn planted(seeded: &mut Seeded) -> (World, Vec<(&'static str, String)>) {
    let mut world = World::new(seeded, 1234);
    world.mother.given = GIVEN.to_owned();
    world.mother.family = FAMILY.to_owned();
    world.worker_name = WORKER.to_owned();
    world.grounds = GROUNDS.to_owned();
    let cpr = world.mother.cpr.clone();
    let hyphenated = format!("{}-{}", &cpr[..6], &cpr[6..]);
    let values = vec![
        ("note", NOTE.to_owned()),
        ("address", ADDRESS.to_owned()),
        ("grounds", GROUNDS.to_owned()),
        ("explanation", EXPLANATION.to_owned()),
        ("given name", GIVEN.to_owned()),
        ("family name", FAMILY.to_owned()),
        ("worker's name", WORKER.to_owned()),
        ("CPR", cpr),
        ("CPR with a hyphen", hyphenated),
        ("subject", SUBJECT.to_owned()),
    ];
    (world, values)
}

/// Writes all planted values into the journal.
async fn plant(clients: &Clients, world: &World, seeded: &mut Seeded) {
    clients.all_accepted(world.commands(seeded)).await;
    let visit = Command::RecordContact(world.visit(seeded, 45, ADDRESS));
    let visit = clients.accepted(request(seeded, visit)).await;
    clients.accepted(world.note(seeded, NOTE)).await;
    let mark = MarkMistaken {
        stream: Some(world.stream()),
        entry: Some(EntryRef {
            entry: Some(entry_ref::Entry::EventId(visit.event_ids[0].clone())),
        }),
        reason: MistakeReason::Duplicate.into(),
        explanation: EXPLANATION.to_owned(),
    };
    clients.accepted(request(seeded, Command::MarkMistaken(mark))).await;
}

/// Commands and questions that hold planted values and are refused.
async fn refusals(clients: &Clients, world: &World, seeded: &mut Seeded) -> Vec<Status> {
    let twin = Person {
        id: seeded.id(),
        given: GIVEN.to_owned(),
        family: FAMILY.to_owned(),
        cpr: world.mother.cpr.clone(),
    };
    let no_number = Person { cpr: WORKER.to_owned(), ..twin.clone() };
    let long = format!("{NOTE} {}", ADDRESS.repeat(2000));
    let mut nobodys = world.note(seeded, NOTE);
    if let Some(Command::RecordNote(it)) = &mut nobodys.command {
        it.family_id = seeded.id();
    }
    let mut misplaced = world.note(seeded, NOTE);
    if let Some(Command::RecordNote(it)) = &mut misplaced.command {
        it.family_id = FAMILY.to_owned();
        it.about = vec![world.mother.cpr.clone()];
    }
    let hyphenated = format!("{}-{}", &world.mother.cpr[..6], &world.mother.cpr[6..]);
    let expected = ExecuteRequest { expected_revision: Some(1), ..world.note(seeded, NOTE) };
    let commands = vec![
        request(seeded, register(&twin)),
        request(seeded, register(&no_number)),
        world.note(seeded, &long),
        world.note(seeded, &format!("{NOTE}\u{1}")),
        world.note(seeded, &format!("{NOTE} {hyphenated}")),
        ExecuteRequest { command_id: NOTE.to_owned(), ..world.note(seeded, NOTE) },
        ExecuteRequest { late_reason: format!("{ADDRESS}\u{2}"), ..world.note(seeded, NOTE) },
        nobodys,
        misplaced,
        expected,
    ];
    let mut refusals = Vec::new();
    for command in commands {
        refusals.push(clients.execute(command).await.expect_err("a refusal"));
    }
    let (family_id, page_token) = (world.family_id.clone(), NOTE.to_owned());
    let purpose = clients.purpose;
    let page = GetTimelineRequest { family_id, purpose, page_token, ..Default::default() };
    refusals.push(clients.family.clone().get_timeline(page).await.expect_err("a refusal"));
    refusals.push(clients.status(GIVEN, 0, None).await.expect_err("a refusal"));
    let name = GetCommandRequest { command_id: FAMILY.to_owned(), purpose };
    refusals.push(clients.journal.clone().get_command(name).await.expect_err("a refusal"));
    refusals
}

/// Reads everything that there is to read, rebuilds the views, and reads again.
async fn read_and_rebuild(clients: &Clients, operator: &Clients, world: &World) {
    let min_position = clients.head().await;
    for _ in 0..2 {
        clients.status(&world.family_id, min_position, None).await.expect("a status");
        let family_id = world.family_id.clone();
        let request = GetTimelineRequest {
            family_id,
            min_position,
            include_mistaken: true,
            ..Default::default()
        };
        clients.timeline(request).await;
        clients.list(ListFamiliesRequest { min_position, ..Default::default() }).await;
        let views = ["family_status", "timeline", "risk_trajectory", "interventions", "caseload"];
        for name in views.into_iter().chain(["programme", "outcomes"]) {
            let request = RebuildViewRequest { purpose: operator.purpose, name: name.to_owned() };
            let stream = operator.operations.clone().rebuild_view(request).await;
            let mut stream = stream.expect("a rebuild").into_inner();
            while next(&mut stream).await.is_some() {}
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn planted_values_are_in_no_file_no_output_and_no_error_but_in_answers() {
    let place = Place::new();
    let mut seeded = Seeded::new("canaries");
    let (world, values) = planted(&mut seeded);
    let token = place.token(Role::TeamLead, SUBJECT);
    let mut values: Vec<(&str, &str)> =
        values.iter().map(|(it, value)| (*it, value.as_str())).collect();
    let in_answers = Canaries::new(&values);
    // Whoever has a token is somebody: tokens are secrets, too.
    values.push(("token", &token));
    let canaries = Canaries::new(&values);

    let environment = [("RUST_LOG", "trace"), ("FOKUS_LOG", "trace")];
    let server = match Server::try_start(&place, &environment).await {
        Ok(it) => it,
        Err(ended) => panic!("{ended:?}"),
    };
    let clients = server.clients(&place, Role::TeamLead, SUBJECT).await;
    let operator = server.clients(&place, Role::Operator, "operator-1").await;
    plant(&clients, &world, &mut seeded).await;
    for status in refusals(&clients, &world, &mut seeded).await {
        canaries.check_absent("a status", status.message().as_bytes());
        canaries.check_absent("a status's details", status.details());
        canaries.check_absent("a status's headers", format!("{:?}", status.metadata()).as_bytes());
    }
    read_and_rebuild(&clients, &operator, &world).await;

    // While it runs, with what has not yet been copied into the databases.
    let files = canaries.check_files(&place);
    for name in
        ["journal.db", "journal.db-wal", "journal.db-shm", "keys.db", "views.db", "released.db"]
    {
        assert!(files.contains(name), "{name} in {files:?}");
    }
    // The same search finds them where they may be read.
    let mut bytes = Vec::new();
    let mut stream = clients.follow(ReadHistoryRequest::default()).await;
    while let Some(it) = next(&mut stream).await {
        it.encode(&mut bytes).expect("room");
    }
    let found = in_answers.found_in(&bytes);
    let mut expected: BTreeMap<&String, bool> =
        in_answers.names.iter().map(|it| (it, false)).collect();
    for (name, seen) in &mut expected {
        *seen = found.contains(&format!("{name} as UTF-8"));
    }
    expected.retain(|name, seen| !*seen && name.as_str() != "CPR with a hyphen");
    assert!(expected.is_empty(), "not found in the answers: {expected:?}");

    let ended = server.stop().await;
    assert!(ended.status.success(), "{ended:?}");
    canaries.check_files(&place);
    canaries.check_absent("standard output", ended.standard_output.as_bytes());
    canaries.check_absent("standard error", ended.standard_error.as_bytes());
    assert!(ended.standard_error.contains("TRACE"), "the server traces when it is asked to");
}
