//! What is kept in memory is what would be loaded anew, after whatever was accepted.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use fokus_core::codes::*;
use fokus_core::command::*;
use fokus_core::ids::*;
use fokus_store::TenantId;
use fokus_store::memory::MemoryStore;
use fokus_vault::key::SecretKey;
use fokus_vault::wrap::RootKey;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use uuid::Uuid;

use super::*;
use crate::clock::{Clock, Entropy};
use crate::journal::{ExecuteInput, Ports};
use crate::session::{Role, Session};

struct FixedClock;

impl Clock for FixedClock {
    fn now_ms(&self) -> u64 {
        1_592_222_400_000
    }
}

#[derive(Default)]
struct Counted(AtomicU64);

impl Entropy for Counted {
    fn fill(&self, bytes: &mut [u8]) {
        for chunk in bytes.chunks_mut(8) {
            let next = self.0.fetch_add(1, Ordering::Relaxed).wrapping_mul(0x9e37_79b9_7f4a_7c15);
            chunk.copy_from_slice(&next.to_be_bytes()[..chunk.len()]);
        }
    }
}

fn id(n: u64) -> Uuid {
    uuid::Builder::from_random_bytes(u128::from(n).to_be_bytes()).into_uuid()
}

fn start() -> Journal {
    let store = MemoryStore::new("test.invalid", true, SecretKey::from_bytes([9; 32]));
    let ports = Ports {
        events: Arc::new(store.clone()),
        keys: Arc::new(store.clone()),
        views: Arc::new(store.clone()),
        about: Arc::new(store),
        kms: Arc::new(RootKey::new(SecretKey::from_bytes([7; 32]))),
        clock: Arc::new(FixedClock),
        entropy: Arc::new(Counted::default()),
    };
    Journal::start(ports, &TaskTracker::new(), CancellationToken::new())
}

fn session() -> Session {
    let actor = Actor {
        sub: "worker-1".to_owned(),
        role: Role::TeamLead.name().to_owned(),
        unit: Some("north".to_owned()),
        on_behalf_of: None,
    };
    let purposes = vec![Purpose::Casework, Purpose::Supervision];
    Session { tenant: TenantId::parse("demo").unwrap(), actor, role: Role::TeamLead, purposes }
}

async fn send(journal: &Journal, n: u64, command: Command) -> bool {
    let request = Request {
        expected_revision: None,
        purpose: Purpose::Casework,
        occurred: None,
        basis: n.is_multiple_of(3).then(|| LegalBasis {
            code: "BARNETS_LOV_20".to_owned(),
            provision: Some("§ 20".to_owned()),
        }),
        late_reason: None,
        confirmations: Vec::new(),
        on_behalf_of: n.is_multiple_of(5).then(|| WorkerId(id(5))),
        command,
    };
    let input = ExecuteInput {
        command_id: id(n),
        request,
        canonical: n.to_be_bytes().to_vec(),
        want_receipt: false,
    };
    journal.execute(&session(), input).await.is_ok()
}

const FAMILY: u64 = 1_000_000;
const PERSON: u64 = 2_000_000;

fn family() -> StreamRef {
    FamilyId(id(FAMILY)).into()
}

fn contact(n: u64, minutes: u16) -> Command {
    Command::RecordContact(RecordContact {
        family_id: FamilyId(id(FAMILY)),
        contact_id: ContactId(id(n)),
        kind: ContactKind::Visit,
        minutes,
        present: vec![PersonId(id(PERSON))],
        risk_areas: Vec::new(),
        goal_ids: Vec::new(),
        text: n.is_multiple_of(2).then(|| Text("A visit.".to_owned())),
        about: Vec::new(),
        from_child: false,
    })
}

fn note(n: u64) -> Command {
    Command::RecordNote(RecordNote {
        family_id: FamilyId(id(FAMILY)),
        note_id: NoteId(id(n)),
        nature: NoteNature::Fact,
        grade: Grade::Probable,
        text: Text("A note.".to_owned()),
        source: None,
        about: Vec::new(),
    })
}

fn joins(n: u64) -> Command {
    Command::AddFamilyMember(AddFamilyMember {
        family_id: FamilyId(id(FAMILY)),
        person_id: PersonId(id(PERSON + n % 4)),
        role: FamilyRole::Sibling,
        household: Household::Core,
        valid_from: jiff::civil::date(2020, 6, 1),
    })
}

/// Whatever the dice say, of what a worker does to a family; some of it is refused. `contacts` are those
/// so far: revision and number.
fn command(n: u64, dice: u64, contacts: &[(u64, u64)]) -> Command {
    let chosen = usize::try_from(dice / 7).unwrap() % contacts.len().max(1);
    let (revision, number) = contacts.get(chosen).copied().unwrap_or((1, 1));
    let entry = EntryRef::Revision(revision);
    let explanation = Text("It was otherwise.".to_owned());
    match dice % 7 {
        0..3 => contact(n, u16::try_from(dice % 60).unwrap()),
        3 => note(n),
        4 => joins(dice / 7),
        5 => Command::CorrectEntry(Box::new(CorrectEntry {
            stream: family(),
            entry,
            reason: CorrectionReason::Typo,
            explanation,
            corrected: contact(number, u16::try_from(dice % 90).unwrap()),
            corrected_occurred: None,
        })),
        _ if dice.is_multiple_of(2) => Command::MarkMistaken(MarkMistaken {
            stream: family(),
            entry,
            reason: MistakeReason::Duplicate,
            explanation,
        }),
        _ => Command::WithdrawMistakenMark(WithdrawMistakenMark {
            stream: family(),
            entry,
            explanation,
        }),
    }
}

/// The stream in memory is the one in the store.
async fn check_kept(journal: &Journal, tenant: &Tenant, stream: StreamRef, after: &str) {
    let (tag, history) = history(journal, tenant, stream).await.unwrap();
    let kept = journal.shared.streams.get(tenant.number, stream).unwrap();
    assert_eq!(Some(kept.tag), tag, "{after}");
    assert!(kept.stream == Stream::new(stream.kind, history), "{after}");
}

#[tokio::test]
async fn what_is_kept_is_what_would_be_loaded_anew() {
    for seed in 0..8_u64 {
        let journal = start();
        for person in PERSON..PERSON + 4 {
            let command = Command::RegisterPerson(RegisterPerson {
                person_id: PersonId(id(person)),
                name: PersonName { given: "Anna".to_owned(), family: "Prøve".to_owned() },
                cpr: None,
                birth: None,
                sex: None,
                source: PersonSource::Manual,
                is_synthetic: true,
            });
            assert!(send(&journal, person, command).await);
        }
        let register = Command::RegisterFamily(RegisterFamily {
            family_id: FamilyId(id(FAMILY)),
            reference: "FF-2020-001".to_owned(),
            initial_members: vec![InitialMember {
                person_id: PersonId(id(PERSON)),
                role: FamilyRole::Child,
                household: Household::Core,
            }],
            source: FamilySource::Manual,
        });
        assert!(send(&journal, FAMILY, register).await);
        let tenant = journal.tenant(&session().tenant).await.unwrap();
        check_kept(&journal, &tenant, PersonId(id(PERSON)).into(), "a person").await;
        let (mut dice, mut accepted, mut contacts) = (seed, [0; 2], Vec::new());
        for n in 2..150 {
            dice = dice.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963);
            let command = command(n, dice >> 33, &contacts);
            let words = format!("seed {seed}, command {n}: {command:?}");
            let is_contact = matches!(&command, Command::RecordContact(_));
            let bears = matches!(
                &command,
                Command::CorrectEntry(_)
                    | Command::MarkMistaken(_)
                    | Command::WithdrawMistakenMark(_)
            );
            if send(&journal, n, command).await {
                accepted[usize::from(bears)] += 1;
                let kept = journal.shared.streams.get(tenant.number, family()).unwrap();
                contacts.extend(is_contact.then(|| (kept.stream.revision(), n)));
            }
            check_kept(&journal, &tenant, family(), &words).await;
        }
        assert!(accepted.iter().all(|it| *it > 20), "seed {seed}: {accepted:?} accepted");
    }
}

#[tokio::test]
async fn what_others_wrote_is_added_when_the_stream_is_refreshed() {
    let journal = start();
    let tenant = journal.tenant(&session().tenant).await.unwrap();
    let register = Command::RegisterPerson(RegisterPerson {
        person_id: PersonId(id(PERSON)),
        name: PersonName { given: "Anna".to_owned(), family: "Prøve".to_owned() },
        cpr: None,
        birth: None,
        sex: None,
        source: PersonSource::Manual,
        is_synthetic: true,
    });
    assert!(send(&journal, 1, register).await);
    let person: StreamRef = PersonId(id(PERSON)).into();
    assert!(!refresh(&journal, &tenant, &[(person, 1)]).await.unwrap());
    assert!(refresh(&journal, &tenant, &[(person, 0)]).await.unwrap());
    check_kept(&journal, &tenant, person, "refreshed").await;
    // What is not in the log is not further there.
    assert!(!refresh(&journal, &tenant, &[(family(), 0)]).await.unwrap());
}
