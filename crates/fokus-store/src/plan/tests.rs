use fokus_log::note::open_checkpoint;
use fokus_vault::key::SecretKey;

use super::*;
use crate::conformance::make::*;
use crate::signing::{LogSigner, SigningSeeds};

fn signer() -> LogSigner {
    SigningSeeds::only(SecretKey::from_bytes([1; 32])).signer(&vesterby()).unwrap()
}

fn planned(head: PlanHead, appends: Vec<Append>) -> Plan {
    plan(head, Known::default(), appends, NOW_MS, &signer()).unwrap()
}

fn empty() -> PlanHead {
    PlanHead { origin: "a.invalid/vesterby/journal".to_owned(), edge: Edge::new(), last_ms: 0 }
}

#[test]
fn one_signature_stands_for_the_whole_batch() {
    let plan = planned(empty(), vec![simple(1, 1), simple(2, 2)]);
    let head = plan.planned.unwrap().head;
    let origin = empty().origin;
    let signed = open_checkpoint(&head.checkpoint, &origin, &signer().public_key()).unwrap();
    assert_eq!((signed.size, signed.root), (2, head.root));
    for answer in plan.answers {
        assert_eq!(answer.unwrap().checkpoint, head.checkpoint);
    }
}

#[test]
fn nothing_is_signed_when_everything_is_refused() {
    let refused = draft(1).on(1, Expectation::Exists, 1).done();
    let plan = planned(empty(), vec![refused]);
    assert!(plan.planned.is_none());
    assert!(plan.answers[0].is_err());
}

#[test]
fn tiles_leave_the_edge_when_they_are_full() {
    let many = |first: u64| (first..first + 4).map(|id| draft(id).on(1, Expectation::Any, 64));
    let plan = planned(empty(), many(1).map(Draft::done).collect());
    let planned_1 = plan.planned.unwrap();
    assert_eq!(planned_1.tiles.len(), 1);
    assert_eq!(planned_1.edge.size(), 256);
    assert_eq!(planned_1.edge.root(), planned_1.tiles[0].root());
}

#[test]
fn a_malformed_append_names_its_command_only() {
    let malformed = draft(1).on(1, Expectation::Any, 1).on(1, Expectation::Any, 0).claims("a");
    let named = Named::of(&[malformed.done(), simple(2, 2)]);
    assert_eq!(named.commands, BTreeSet::from([command(1), command(2)]));
    assert_eq!(named.streams, BTreeSet::from([family(2)]));
    assert_eq!(named.tags, BTreeSet::from([tag(2)]));
    assert!(named.claims.is_empty());
}

#[test]
fn an_origin_that_can_name_no_key_is_a_fault() {
    let head = PlanHead { origin: "not a name".to_owned(), ..empty() };
    let fault = plan(head, Known::default(), vec![simple(1, 1)], NOW_MS, &signer());
    assert!(matches!(fault, Err(Fault::Corrupt { .. })));
}
