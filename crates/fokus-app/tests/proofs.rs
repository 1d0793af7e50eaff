//! Proofs of a running log lead to the root that its checkpoint signs, whatever its size.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "what is not there fails the test, also in its helpers"
)]

mod support;

use std::sync::Arc;

use fokus_app::journal::Journal;
use fokus_app::query::CheckpointQuery;
use fokus_app::read::proofs::{ConsistencyQuery, InclusionQuery};
use fokus_app::session::{Access, Role};
use fokus_core::codes::Purpose;
use fokus_core::rejection::Reason;
use fokus_log::leaf_hash;
use fokus_log::note::{Checkpoint, VerifierKey, open_checkpoint};
use fokus_log::proof::{verify_consistency, verify_inclusion};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use support::*;

#[tokio::test]
async fn events_are_proved_to_be_in_the_log_and_the_log_to_continue_itself() {
    let store = memory();
    let ports = ports(Arc::new(store.clone()), Arc::new(store.clone()), &store, 0);
    let journal = Journal::start(ports, &TaskTracker::new(), CancellationToken::new());
    let auditor = session(Role::Auditor, "auditor-1", "demo");
    let access = Access { session: auditor, purpose: Purpose::Audit };
    let checkpoint = async || {
        let answer = journal.read(&access, CheckpointQuery).await.unwrap();
        let key: VerifierKey = answer.verifier_key.parse().unwrap();
        open_checkpoint(&answer.note, &key.name, &key.public_key).unwrap()
    };
    let mut seen: Vec<Checkpoint> = Vec::new();
    let mut number = 0;
    for size in [1, 2, 255, 256, 257, 513] {
        while number < size {
            number += 1;
            // A person, then a family of that person.
            let input = if number % 2 == 1 {
                register(number, 1_000 + number, "Ane")
            } else {
                register_family(number, 100 + number, 1_000 + number - 1)
            };
            journal.execute(&worker(), input).await.unwrap();
        }
        let now = checkpoint().await;
        for earlier in &seen {
            let query = ConsistencyQuery { earlier: earlier.size };
            let proof = journal.read(&access, query).await.unwrap();
            let (from, to) = (earlier.size, now.size);
            let proved = verify_consistency(from, to, &proof.hashes, &earlier.root, &now.root);
            assert_eq!((proved, proof.tree_size), (Ok(()), to), "{from} to {to}");
        }
        for position in [1, now.size / 2 + 1, now.size] {
            let proof = journal.read(&access, InclusionQuery { position }).await.unwrap();
            let leaf = leaf_hash(&proof.leaf);
            let proved = verify_inclusion(&leaf, position - 1, now.size, &proof.hashes, &now.root);
            assert_eq!(proved, Ok(()), "{position} of {}", now.size);
        }
        seen.push(now);
    }
}

#[tokio::test]
async fn what_cannot_be_proved_is_refused_with_its_field() {
    let store = memory();
    let ports = ports(Arc::new(store.clone()), Arc::new(store.clone()), &store, 0);
    let journal = Journal::start(ports, &TaskTracker::new(), CancellationToken::new());
    journal.execute(&worker(), register(1, 100, "Ane")).await.unwrap();
    let auditor = session(Role::Auditor, "auditor-1", "demo");
    let access = Access { session: auditor, purpose: Purpose::Audit };
    let inclusion = async |position| {
        let answer = journal.read(&access, InclusionQuery { position }).await;
        answer.unwrap_err().rejection().reason
    };
    assert_eq!(inclusion(0).await, Reason::FieldInvalid);
    assert_eq!(inclusion(2).await, Reason::BeyondHead);
    let consistency = async |earlier| {
        let answer = journal.read(&access, ConsistencyQuery { earlier }).await;
        answer.unwrap_err().rejection().reason
    };
    assert_eq!(consistency(0).await, Reason::FieldInvalid);
    assert_eq!(consistency(2).await, Reason::BeyondHead);
    let operator = session(Role::Operator, "operator", "demo");
    let other = Access { session: operator, purpose: Purpose::Operations };
    let refused = journal.read(&other, InclusionQuery { position: 1 }).await.unwrap_err();
    assert_eq!(refused.rejection().reason, Reason::NotPermitted);
}
