//! A journal over the in-memory store, and the commands that most tests begin with.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use fokus_app::clock::{Clock, Entropy};
use fokus_app::journal::{ExecuteInput, Ports};
use fokus_app::session::{Role, Session};
use fokus_core::codes::*;
use fokus_core::command::*;
use fokus_core::ids::*;
use fokus_store::memory::MemoryStore;
use fokus_store::{EventStore, TenantId, ViewStore};
use fokus_vault::key::SecretKey;
use fokus_vault::wrap::RootKey;
use jiff::civil::date;
use uuid::Uuid;

/// 2020-06-15 12:00 UTC.
const NOW_MS: u64 = 1_592_222_400_000;

struct FixedClock;

impl Clock for FixedClock {
    fn now_ms(&self) -> u64 {
        NOW_MS
    }
}

/// Counted bytes: distinct, not random, and the same in each run.
struct CountedEntropy(AtomicU64);

impl Entropy for CountedEntropy {
    fn fill(&self, bytes: &mut [u8]) {
        for chunk in bytes.chunks_mut(8) {
            let next = self.0.fetch_add(1, Ordering::SeqCst).wrapping_mul(0x9e37_79b9_7f4a_7c15);
            chunk.copy_from_slice(&next.to_be_bytes()[..chunk.len()]);
        }
    }
}

pub(crate) fn memory() -> MemoryStore {
    MemoryStore::new("test.invalid", false, SecretKey::from_bytes([9; 32]))
}

/// What a server stands on, its keys in `keys`. Servers that share a store have different numbers.
pub(crate) fn ports(
    events: Arc<dyn EventStore>,
    views: Arc<dyn ViewStore>,
    keys: &MemoryStore,
    server: u64,
) -> Ports {
    Ports {
        events,
        keys: Arc::new(keys.clone()),
        views,
        about: Arc::new(keys.clone()),
        kms: Arc::new(RootKey::new(SecretKey::from_bytes([7; 32]))),
        clock: Arc::new(FixedClock),
        entropy: Arc::new(CountedEntropy(AtomicU64::new(server << 40))),
    }
}

pub(crate) fn session(role: Role, sub: &str, tenant: &str) -> Session {
    let (role_name, unit, on_behalf_of) = (role.name().to_owned(), None, None);
    Session {
        tenant: TenantId::parse(tenant).unwrap(),
        actor: Actor { sub: sub.to_owned(), role: role_name, unit, on_behalf_of },
        role,
        purposes: vec![Purpose::Casework, Purpose::Audit, Purpose::Operations],
    }
}

pub(crate) fn worker() -> Session {
    session(Role::Caseworker, "worker-1", "demo")
}

pub(crate) fn id(n: u128) -> Uuid {
    uuid::Builder::from_random_bytes(n.to_be_bytes()).into_uuid()
}

pub(crate) fn person(person: u128, given: &str) -> Command {
    Command::RegisterPerson(RegisterPerson {
        person_id: PersonId(id(person)),
        name: PersonName { given: given.to_owned(), family: "Prøve".to_owned() },
        cpr: None,
        birth: Some(Birth {
            date: Some(date(2008, 5, 1)),
            year: None,
            precision: BirthPrecision::Exact,
        }),
        sex: None,
        source: PersonSource::Manual,
        is_synthetic: false,
    })
}

pub(crate) fn register(command_id: u128, of: u128, given: &str) -> ExecuteInput {
    input(command_id, person(of, given), given)
}

/// Registers a family of one child; its reference ends with its number.
pub(crate) fn register_family(command_id: u128, family: u128, person: u128) -> ExecuteInput {
    let command = Command::RegisterFamily(RegisterFamily {
        family_id: FamilyId(id(family)),
        reference: format!("FF-2020-{family:03}"),
        initial_members: vec![InitialMember {
            person_id: PersonId(id(person)),
            role: FamilyRole::Child,
            household: Household::Core,
        }],
        source: FamilySource::Manual,
    });
    input(command_id, command, "family")
}

pub(crate) fn input(command_id: u128, command: Command, canonical: &str) -> ExecuteInput {
    ExecuteInput {
        command_id: id(command_id),
        request: Request {
            expected_revision: None,
            purpose: Purpose::Casework,
            occurred: None,
            basis: None,
            late_reason: None,
            confirmations: Vec::new(),
            on_behalf_of: None,
            command,
        },
        canonical: canonical.as_bytes().to_vec(),
        want_receipt: false,
    }
}
